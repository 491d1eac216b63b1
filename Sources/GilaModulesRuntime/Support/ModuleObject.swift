import CGila
import GilaCore

/// Module objects (the type is GilaModel's).
enum ModuleObject {
  static func isModule(_ r: Ref) -> Bool { r.isInstance(of: Types.module) }
  /// The definition's place in a module object.
  static func definition(_ m: Ref) -> UnsafeMutablePointer<UnsafeMutablePointer<PyModuleDef>?> {
    (m.raw + 24).assumingMemoryBound(to: UnsafeMutablePointer<PyModuleDef>?.self)
  }
}

/// SystemError whose cause is the pending exception.
func causedSystemError(_ message: String) -> PyError {
  let cause = PyErr_GetRaisedException()
  _ = systemError(message)
  if let cause, let e = PyErr_GetRaisedException() {
    PyException_SetContext(e, newRef(cause))
    PyException_SetCause(e, cause)
    PyErr_SetRaisedException(e)
  }
  return PyError()
}
