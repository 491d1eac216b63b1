// The module _multiprocessing.

import CGila
import GilaCore
import Glibc

enum MultiprocessingModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_multiprocessing", doc: "Semaphores that processes share, for multiprocessing.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        _ = MultiprocessingModule.definesOnce
        try check(PyType_Ready(SemaphoreLockType.type))
        let dict = try borrowed(_PyType_GetDict(SemaphoreLockType.type))
        let most = try int(Int32.max)
        try check(PyDict_SetItemString(dict, "SEM_VALUE_MAX", most.ref))
        PyType_Modified(SemaphoreLockType.type)
        try add(module!, "SemLock", SemaphoreLockType.type.object)
        let flags = try owned(PyDict_New()), one = try int(1)
        for name in ["HAVE_SEM_OPEN", "HAVE_SEM_TIMEDWAIT"] {
          try check(PyDict_SetItemString(flags.ref, name, one.ref))
        }
        try add(module!, "flags", flags.ref)
      }
    })

  private static let definesOnce: Void = { SemaphoreLockType.define() }()

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("sem_unlink", "($module, name, /)", "Remove the name of a semaphore.") { _, r in
      bridgeNone { () throws(PyError) in
        guard r!.isUnicode else { throw typeError("sem_unlink() argument must be str, not \(typeName(of: r!))") }
        guard let name = PyUnicode_AsUTF8(r) else { throw PyError() }
        try checkSystem(sem_unlink(name))
      }
    }
    return m.build()
  }
}
