// The environment's variables.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Environment {
  /// A dict of bytes; of several definitions of a name the first counts, as for getenv.
  static func dictionary() throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    guard var entry = gila_environ() else { return d }
    while let text = entry.pointee {
      if let equals = strchr(text, Int32(UInt8(ascii: "="))) {
        let name = try owned(PyBytes_FromStringAndSize(text, equals - text))
        let value = try owned(PyBytes_FromString(equals + 1))
        try check(PyDict_SetDefaultRef(d.ref, name.ref, value.ref, nil))
      }
      entry += 1
    }
    return d
  }

  static func add(_ m: inout MethodTable) {
    m.positional("putenv", "($module, name, value, /)", "Set a variable of the environment.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("putenv", n, 2, 2)
        let name = try fileSystemBytes(a![0]!), value = try fileSystemBytes(a![1]!)
        let text = PyBytes_AsString(name.ref)!
        if strchr(text, Int32(UInt8(ascii: "="))) != nil { throw valueError("illegal environment variable name") }
        try audit("os.putenv", name.ref, value.ref)
        try checkSystem(setenv(text, PyBytes_AsString(value.ref), 1))
      }
    }
    m.one("unsetenv", "($module, name, /)", "Remove a variable from the environment.") { _, r in
      bridgeNone { () throws(PyError) in
        let name = try fileSystemBytes(r!)
        try audit("os.unsetenv", name.ref)
        try checkSystem(unsetenv(PyBytes_AsString(name.ref)))
      }
    }
  }
}

/// A path, or other text for the system, as bytes without null bytes.
func fileSystemBytes(_ r: Ref) throws(PyError) -> Owned {
  var result: Ref? = nil
  if PyUnicode_FSConverter(r, &result) == 0 { throw PyError() }
  return try owned(result)
}
