// The module _locale: the C library's locale.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum LocaleModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_locale", doc: "The C library's locale: language, formats, collation.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try addConstants(module!, gila_locale_table())
        if SystemSlot.localeError.object == nil {
          SystemSlot.localeError.set(try exceptionClass("locale", "Error", Exc.Exception))
        }
        if let error = SystemSlot.localeError.object { try add(module!, "Error", error) }
      }
    })

  static func failure(_ message: String) -> PyError {
    guard let type = SystemSlot.localeError.object else { return valueError(message) }
    return raise(type.asType, message)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "setlocale", "($module, category, locale=<unrepresentable>, /)", "Set the locale of a category, or ask for it."
    ) { _, a, n in bridge { () throws(PyError) in try LocaleModule.set(a, n) } }
    m.noArguments("localeconv", "($module, /)", "How the locale writes numbers and money, as a dict.") { _, _ in
      bridge { () throws(PyError) in try LocaleModule.conventions() }
    }
    m.positional(
      "strcoll", "($module, os1, os2, /)", "Compare two strings in the order of the locale: negative, 0 or positive."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("strcoll", n, 2, 2)
        let x = try WideText(a![0]!, "strcoll", 1), y = try WideText(a![1]!, "strcoll", 2)
        for r in [a![0]!, a![1]!] where PyUnicode_FindChar(r, 0, 0, PyUnicode_GetLength(r), 1) >= 0 {
          throw valueError("embedded null character")
        }
        return try int(wcscoll(x.start, y.start))
      }
    }
    m.one("strxfrm", "($module, string, /)", "A string that sorts as the argument does in the locale.") {
      _, r in bridge { () throws(PyError) in try LocaleModule.transform(r!) }
    }
    m.one("nl_langinfo", "($module, key, /)", "One item of the locale's texts.") {
      _, r in bridge { () throws(PyError) in try LocaleModule.information(try cInt(r!)) }
    }
    m.noArguments("getencoding", "($module, /)", "The name of the locale's encoding.") { _, _ in
      bridge { () throws(PyError) in
        // Gila's file names and standard streams are UTF-8 in the C locale too (PEP 538, PEP 540).
        guard let name = nl_langinfo(nl_item(CODESET)), name.pointee != 0, strcmp(name, "ANSI_X3.4-1968") != 0 else {
          return try string("UTF-8")
        }
        return try localeText(name)
      }
    }
    messages(&m)
    return m.build()
  }

  private static func set(_ a: ArgumentVector?, _ n: Int) throws(PyError) -> Owned {
    try checkCount("setlocale", n, 1, 2)
    let category = try cInt(a![0]!)
    guard (Int32(LC_CTYPE)...12).contains(category) else { throw failure("invalid locale category") }
    var name: UnsafePointer<CChar>? = nil
    if n == 2, let r = a![1], !r.isNone {
      guard r.isUnicode else { throw typeError("setlocale() argument 2 must be str or None, not \(typeName(of: r))") }
      guard let p = PyUnicode_AsUTF8(r) else { throw PyError() }
      name = p
    }
    guard let result = setlocale(category, name) else {
      throw failure(name == nil ? "locale query failed" : "unsupported locale setting")
    }
    return try localeText(result)
  }

  private static func conventions() throws(PyError) -> Owned {
    guard let c = localeconv() else { throw failure("locale query failed") }
    let d = try owned(PyDict_New())
    let into = d.ref
    func text(_ key: StaticString, _ value: UnsafePointer<CChar>?) throws(PyError) {
      let r = try localeText(value ?? cString(""))
      try check(PyDict_SetItemString(into, cString(key), r.ref))
    }
    func number(_ key: StaticString, _ value: CChar) throws(PyError) {
      let r = try int(Int(value))
      try check(PyDict_SetItemString(into, cString(key), r.ref))
    }
    // Sizes of the groups of digits; the end mark (0: repeat the last, CHAR_MAX: no more groups) belongs to the list.
    func grouping(_ key: StaticString, _ value: UnsafePointer<CChar>?) throws(PyError) {
      let list = try owned(PyList_New(0))
      if var p = value, p.pointee != 0 {
        while true {
          try append(list.ref, try int(Int(p.pointee)))
          if p.pointee == 0 || p.pointee == CChar.max { break }
          p += 1
        }
      }
      try check(PyDict_SetItemString(into, cString(key), list.ref))
    }
    let v = c.pointee
    try text("decimal_point", v.decimal_point)
    try text("thousands_sep", v.thousands_sep)
    try grouping("grouping", v.grouping)
    try text("int_curr_symbol", v.int_curr_symbol)
    try text("currency_symbol", v.currency_symbol)
    try text("mon_decimal_point", v.mon_decimal_point)
    try text("mon_thousands_sep", v.mon_thousands_sep)
    try grouping("mon_grouping", v.mon_grouping)
    try text("positive_sign", v.positive_sign)
    try text("negative_sign", v.negative_sign)
    try number("int_frac_digits", v.int_frac_digits)
    try number("frac_digits", v.frac_digits)
    try number("p_cs_precedes", v.p_cs_precedes)
    try number("p_sep_by_space", v.p_sep_by_space)
    try number("n_cs_precedes", v.n_cs_precedes)
    try number("n_sep_by_space", v.n_sep_by_space)
    try number("p_sign_posn", v.p_sign_posn)
    try number("n_sign_posn", v.n_sign_posn)
    return d
  }

  private static func transform(_ r: Ref) throws(PyError) -> Owned {
    let text = try WideText(r, "strxfrm", 1)
    if wcslen(text.start) != PyUnicode_GetLength(r) { throw valueError("embedded null character") }
    var size = 128
    while true {
      let buffer = UnsafeMutablePointer<wchar_t>.allocate(capacity: size)
      defer { buffer.deallocate() }
      errno = 0
      let n = wcsxfrm(buffer, text.start, size)
      if errno != 0 && errno != ERANGE { throw systemFailure() }
      if n < size { return try owned(PyUnicode_FromWideChar(buffer, n)) }
      size = n + 1
    }
  }

  private static func information(_ key: Int32) throws(PyError) -> Owned {
    var p = gila_locale_table()
    // Only the items, whose names are not those of categories, are keys.
    while let name = p.pointee.name {
      if p.pointee.value == Int(key), strncmp(name, "LC_", 3) != 0, strcmp(name, "CHAR_MAX") != 0 {
        guard let result = nl_langinfo(key) else { return try string("") }
        return try localeText(result)
      }
      p += 1
    }
    throw valueError("unsupported langinfo constant")
  }
}

/// A str as wide characters, for the C library's collation.
private struct WideText: ~Copyable {
  let start: UnsafeMutablePointer<wchar_t>

  init(_ r: Ref, _ function: StaticString, _ position: Int) throws(PyError) {
    guard r.isUnicode else {
      throw typeError(
        position == 1 && function.description == "strxfrm"
          ? "strxfrm() argument must be str, not \(typeName(of: r))"
          : "\(function)() argument \(position) must be str, not \(typeName(of: r))")
    }
    var n = 0
    guard let p = PyUnicode_AsWideCharString(r, &n) else { throw PyError() }
    start = p
  }
  deinit { PyMem_Free(start) }
}
