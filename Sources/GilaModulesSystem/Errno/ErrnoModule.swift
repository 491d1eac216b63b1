// The module errno: the numbers of system errors by name, and names by number.

import CGila
import CGilaSystem
import GilaCore

enum ErrnoModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "errno",
    doc:
      "The symbolic names of the system's error numbers.\n\nEach name is an int. The dict errorcode maps a number to its name,\nfor instance errno.errorcode[2] is 'ENOENT'. os.strerror() has the messages.",
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let names = try owned(PyDict_New())
        var p = gila_errno_table()
        while let name = p.pointee.name {
          let number = try int(Int(p.pointee.value))
          let text = try owned(PyUnicode_FromString(name))
          try check(PyModule_AddObjectRef(module, name, number.ref))
          // Of two names for one number the later one of the table wins.
          try check(PyDict_SetItem(names.ref, number.ref, text.ref))
          p += 1
        }
        try add(module!, "errorcode", names.ref)
      }
    })
}
