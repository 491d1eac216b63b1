import CGila
import GilaCore
import Glibc

// Exceptions made from `errno`, and what else C code asks of exceptions.

private func raiseErrno(_ type: Ref, _ first: Ref?, _ second: Ref?) -> Ref? {
  let code = gila_errno_location().pointee
  if code == EINTR && PyErr_CheckSignals() != 0 { return nil }
  do throws(PyError) {
    let message = code == 0 ? "Error" : String(cString: strerror(code))
    let number = try owned(PyLong_FromLong(Int(code)))
    let text = try string(message)
    // errno, message, file name, Windows' error code, second file name.
    let count = first == nil ? 2 : second == nil ? 3 : 5
    let args = try owned(PyTuple_New(count))
    let items = gila_tuple_items(args.ref)
    items[0] = newRef(number.ref)
    items[1] = newRef(text.ref)
    if count > 2 { items[2] = newRef(first!) }
    if count > 3 {
      items[3] = newRef(gila_small_int(0))
      items[4] = newRef(second!)
    }
    let made = try owned(PyObject_Call(type, args.ref, nil))
    PyErr_SetObject(made.ref.type.object, made.ref)
  } catch {}
  return nil
}
@c @implementation public func PyErr_SetFromErrno(_ type: Ref!) -> Ref? { raiseErrno(type!, nil, nil) }
@c @implementation public func PyErr_SetFromErrnoWithFilenameObject(_ type: Ref!, _ name: Ref!) -> Ref? {
  raiseErrno(type!, name, nil)
}
@c @implementation public func PyErr_SetFromErrnoWithFilenameObjects(_ type: Ref!, _ a: Ref!, _ b: Ref!) -> Ref? {
  raiseErrno(type!, a, b)
}
@c @implementation public func PyErr_SetFromErrnoWithFilename(_ type: Ref!, _ name: UnsafePointer<CChar>!) -> Ref? {
  // Decoding the name may change errno.
  let code = gila_errno_location().pointee
  var text: Ref? = nil
  if let name {
    text = PyUnicode_DecodeFSDefault(name)
    if text == nil { return nil }
  }
  gila_errno_location().pointee = code
  defer { xdecref(text) }
  return raiseErrno(type!, text, nil)
}

@c @implementation public func _PyErr_BadInternalCall(_ file: UnsafePointer<CChar>!, _ line: Int32) {
  _ = systemError("\(file.map { String(cString: $0) } ?? "?"):\(line): bad argument to internal function")
}
/// The pending exception gets `e` as its context; without a pending one `e` becomes pending. Takes `e` over.
@c @implementation public func _PyErr_ChainExceptions1(_ e: Ref!) {
  guard let e else { return }
  guard let pending = PyErr_GetRaisedException() else {
    PyErr_SetRaisedException(e)
    return
  }
  PyException_SetContext(pending, e)
  PyErr_SetRaisedException(pending)
}
@c @implementation public func PyException_GetArgs(_ e: Ref!) -> Ref? {
  xnewRef(e.cast(PyBaseExceptionObject.self).pointee.args)
}
@c @implementation public func PyException_SetArgs(_ e: Ref!, _ args: Ref!) {
  replace(&e.cast(PyBaseExceptionObject.self).pointee.args, with: xnewRef(args))
}
@c @implementation public func PyExceptionClass_Name(_ cls: Ref!) -> UnsafePointer<CChar>? {
  cls.asType.pointee.tp_name
}
