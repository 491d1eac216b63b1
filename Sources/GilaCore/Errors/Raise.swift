import CGila

/// Sets an exception of type `type` with a message and returns the error to throw: `throw raise(Exc.ValueError, "…")`.
@inline(never) public func raise(_ type: TypeRef, _ message: String) -> PyError {
  if let text = newString(message) {
    PyErr_SetObject(type.object, text)
    decref(text)
  }
  return PyError()
}
@inline(never) public func typeError(_ message: String) -> PyError { raise(Exc.TypeError, message) }
@inline(never) public func valueError(_ message: String) -> PyError { raise(Exc.ValueError, message) }
@inline(never) public func indexError(_ message: String) -> PyError { raise(Exc.IndexError, message) }
@inline(never) public func overflowError(_ message: String) -> PyError { raise(Exc.OverflowError, message) }
@inline(never) public func runtimeError(_ message: String) -> PyError { raise(Exc.RuntimeError, message) }
@inline(never) public func systemError(_ message: String) -> PyError { raise(Exc.SystemError, message) }
/// Sets MemoryError.
@inline(never) public func memoryError() -> PyError {
  PyErr_NoMemory()
  return PyError()
}
/// KeyError whose argument is the key itself.
@inline(never) public func keyError(_ key: Ref) -> PyError {
  _PyErr_SetKeyError(key)
  return PyError()
}
/// SystemError for a C API function called with an argument of the wrong type.
@inline(never) public func badInternalCall() -> PyError {
  PyErr_BadInternalCall()
  return PyError()
}

/// The type's `__name__`: what follows the last dot of a static type's name.
public func typeName(_ type: TypeRef) -> String {
  guard let name = type.pointee.tp_name else { return "?" }
  if type.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) != 0,
    let own = UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyHeapTypeObject.self).pointee.ht_name
  {
    return swiftString(own)
  }
  let full = String(cString: name)
  guard let dot = full.lastIndex(of: ".") else { return full }
  return String(full[full.index(after: dot)...])
}
/// The name that CPython prints for the object's type in most messages (`tp_name` as it is).
public func typeName(of r: Ref) -> String {
  guard let name = r.type.pointee.tp_name else { return "?" }
  return String(cString: name)
}

/// A new str from Swift text; NULL with MemoryError set when memory is exhausted.
public func newString(_ text: String) -> Ref? {
  var copy = text
  return copy.withUTF8 { buffer in
    buffer.withMemoryRebound(to: CChar.self) { PyUnicode_FromStringAndSize($0.baseAddress, $0.count) }
  }
}
/// A new str from Swift text.
public func string(_ text: String) throws(PyError) -> Owned { try owned(newString(text)) }
/// The text of a str as Swift text; surrogates become replacement characters. For messages.
public func swiftString(_ r: Ref) -> String {
  var n = 0
  guard r.isUnicode else { return "?" }
  if let p = PyUnicode_AsUTF8AndSize(r, &n) {
    return String(decoding: UnsafeRawBufferPointer(start: p, count: n), as: UTF8.self)
  }
  PyErr_Clear()
  guard let bytes = PyUnicode_AsEncodedString(r, "utf-8", "backslashreplace") else {
    PyErr_Clear()
    return "?"
  }
  defer { decref(bytes) }
  return String(
    decoding: UnsafeRawBufferPointer(start: PyBytes_AsString(bytes), count: PyBytes_Size(bytes)), as: UTF8.self)
}
/// `repr(r)` as Swift text for messages.
public func reprText(_ r: Ref) throws(PyError) -> String {
  let s = try owned(PyObject_Repr(r))
  return swiftString(s.ref)
}
