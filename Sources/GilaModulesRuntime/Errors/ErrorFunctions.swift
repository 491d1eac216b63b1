// PyErr_* functions that make exception classes, ImportErrors and chains.

import CGila
import GilaCore

@c @implementation public func PyErr_NewException(_ name: UnsafePointer<CChar>!, _ base: Ref!, _ dict: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let full = String(cString: name)
    guard let dot = full.lastIndex(of: ".") else {
      throw systemError("PyErr_NewException: name must be module.class")
    }
    let d = dict == nil ? try owned(PyDict_New()) : Owned(retaining: dict)
    if PyDict_Contains(d.ref, Dunder.module.ref) == 0 {
      let module = try string(String(full[..<dot]))
      try check(PyDict_SetItem(d.ref, Dunder.module.ref, module.ref))
    }
    let base: Ref = base ?? Exc.Exception.object
    let bases = base.isTuple ? Owned(retaining: base) : try tuple(base)
    let short = try string(String(full[full.index(after: dot)...]))
    return try call(Types.type.object, short.ref, bases.ref, d.ref)
  }
}
@c @implementation public func PyErr_NewExceptionWithDoc(
  _ name: UnsafePointer<CChar>!, _ doc: UnsafePointer<CChar>!, _ base: Ref!, _ dict: Ref!
) -> Ref? {
  bridge { () throws(PyError) in
    let d = dict == nil ? try owned(PyDict_New()) : Owned(retaining: dict)
    if let doc {
      let s = try owned(PyUnicode_FromString(doc))
      try check(PyDict_SetItem(d.ref, Dunder.doc.ref, s.ref))
    }
    return try owned(PyErr_NewException(name, base, d.ref))
  }
}
@c @implementation public func PyErr_SetImportErrorSubclass(_ type: Ref!, _ message: Ref!, _ name: Ref!, _ path: Ref!)
  -> Ref?
{
  bridge { () throws(PyError) in
    guard let type, type.isType, PyType_IsSubtype(type.asType, Exc.ImportError) != 0 else {
      throw typeError("expected a subclass of ImportError")
    }
    guard let message else { throw typeError("expected a message argument") }
    let arguments = try tuple(message)
    let keywords = try owned(PyDict_New())
    try check(PyDict_SetItemString(keywords.ref, "name", name ?? none))
    try check(PyDict_SetItemString(keywords.ref, "path", path ?? none))
    let e = try owned(PyObject_Call(type, arguments.ref, keywords.ref))
    PyErr_SetObject(e.ref.type.object, e.ref)
    throw PyError()
  }
}
@c @implementation public func PyErr_SetImportError(_ message: Ref!, _ name: Ref!, _ path: Ref!) -> Ref? {
  PyErr_SetImportErrorSubclass(Exc.ImportError.object, message, name, path)
}
/// Makes an exception (stolen) the context of the pending one, or the pending one if there is none.
@c @implementation public func _PyErr_ChainExceptions1(_ e: Ref!) {
  guard let e else { return }
  guard let pending = PyErr_GetRaisedException() else { return PyErr_SetRaisedException(e) }
  PyException_SetContext(pending, e)
  PyErr_SetRaisedException(pending)
}
/// Raises an exception with a message (stolen), whose cause and context is the pending one.
@c @implementation public func _PyErr_FormatFromCause(_ type: Ref!, _ message: Ref!) -> Ref? {
  let cause = PyErr_GetRaisedException()
  if let message {
    PyErr_SetObject(type, message)
    decref(message)
  }
  if let cause, let e = PyErr_GetRaisedException() {
    PyException_SetCause(e, newRef(cause))
    PyException_SetContext(e, cause)
    PyErr_SetRaisedException(e)
  }
  return nil
}
@c @implementation public func PyErr_GetExcInfo(
  _ type: UnsafeMutablePointer<Ref?>!, _ value: UnsafeMutablePointer<Ref?>!, _ tb: UnsafeMutablePointer<Ref?>!
) {
  let e = PyErr_GetHandledException()
  type.pointee = newRef(e.map { $0.type.object } ?? none)
  tb.pointee = e.flatMap { PyException_GetTraceback($0) } ?? newRef(none)
  value.pointee = e ?? newRef(none)
}
/// All three are stolen; only the value counts.
@c @implementation public func PyErr_SetExcInfo(_ type: Ref!, _ value: Ref!, _ tb: Ref!) {
  PyErr_SetHandledException(value)
  xdecref(value)
  xdecref(type)
  xdecref(tb)
}
