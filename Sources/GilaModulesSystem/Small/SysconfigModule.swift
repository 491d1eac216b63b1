// The module _sysconfig.

import CGila
import GilaCore

enum SysconfigModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_sysconfig", doc: "Facts of the build that no Makefile holds, for sysconfig.", methods: methods())

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("config_vars", "($module, /)", "A dict of configuration variables.") { _, _ in
      bridge { () throws(PyError) in
        let d = try owned(PyDict_New()), zero = try int(0)
        try check(PyDict_SetItemString(d.ref, "Py_GIL_DISABLED", zero.ref))
        return d
      }
    }
    return m.build()
  }
}
