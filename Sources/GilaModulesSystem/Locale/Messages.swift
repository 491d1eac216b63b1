// The message catalogues of the C library: gettext and its relatives.

import CGila
import CGilaSystem
import GilaCore

/// A str argument as C text, or nil for None where that is allowed.
private func text(_ a: ArgumentVector?, _ i: Int, _ function: StaticString, optional: Bool = false) throws(PyError)
  -> UnsafePointer<CChar>?
{
  let r = a.unsafelyUnwrapped[i].unsafelyUnwrapped
  if optional, r.isNone { return nil }
  guard r.isUnicode else {
    throw typeError(
      "\(function)() argument \(i + 1) must be str\(optional ? " or None" : ""), not \(typeName(of: r))")
  }
  guard let p = PyUnicode_AsUTF8(r) else { throw PyError() }
  return p
}

extension LocaleModule {
  static func messages(_ m: inout MethodTable) {
    m.positional("gettext", "($module, msg, /)", "The translation of a message.") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("gettext", n, 1, 1)
        return try localeText(gettext(try text(a, 0, "gettext")))
      }
    }
    m.positional("dgettext", "($module, domain, msg, /)", "The translation of a message in a domain.") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("dgettext", n, 2, 2)
        return try localeText(dgettext(try text(a, 0, "dgettext", optional: true), try text(a, 1, "dgettext")))
      }
    }
    m.positional(
      "dcgettext", "($module, domain, msg, category, /)", "The translation of a message in a domain, for a category."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("dcgettext", n, 3, 3)
        let domain = try text(a, 0, "dcgettext", optional: true)
        return try localeText(dcgettext(domain, try text(a, 1, "dcgettext"), try cInt(a![2]!)))
      }
    }
    m.positional("textdomain", "($module, domain, /)", "Set the C library's domain of messages and return it.") {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("textdomain", n, 1, 1)
        guard let name = textdomain(try text(a, 0, "textdomain", optional: true)) else { throw systemFailure() }
        return try localeText(name)
      }
    }
    m.positional(
      "bindtextdomain", "($module, domain, dir, /)", "Say in which directory the catalogues of a domain are."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("bindtextdomain", n, 2, 2)
        guard let domain = try text(a, 0, "bindtextdomain"), domain.pointee != 0 else {
          throw LocaleModule.failure("domain must be a non-empty string")
        }
        let r = a![1]!
        if r.isNone {
          guard let name = bindtextdomain(domain, nil) else { return try string("") }
          return try localeText(name)
        }
        let directory = try Path("bindtextdomain", "dir", r)
        guard let name = bindtextdomain(domain, directory.text) else { throw systemFailure() }
        return try localeText(name)
      }
    }
    m.positional(
      "bind_textdomain_codeset", "($module, domain, codeset, /)", "Say in which encoding messages of a domain come."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("bind_textdomain_codeset", n, 2, 2)
        let domain = try text(a, 0, "bind_textdomain_codeset")
        let codeset = try text(a, 1, "bind_textdomain_codeset", optional: true)
        guard let name = bind_textdomain_codeset(domain, codeset) else { return noneOwned() }
        return try localeText(name)
      }
    }
  }
}
