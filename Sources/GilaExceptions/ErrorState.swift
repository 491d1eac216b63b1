import CGila
import GilaCore

// Raising, fetching and matching exceptions: the thread state's `current_exception` is the whole of it.

private func setCurrent(_ new: Ref?) {
  let ts = gila_ts()
  let old = ts.pointee.current_exception
  ts.pointee.current_exception = new
  xdecref(old)
}
/// Makes an instance of `type` from a value as `raise type, value` would.
private func instantiate(_ type: Ref, _ value: Ref?) -> Ref? {
  if let value, value.isException, value.isInstance(of: type.asType) { return newRef(value) }
  guard let value, value != none else { return PyObject_CallNoArgs(type) }
  if value.isTuple { return PyObject_Call(type, value, nil) }
  return PyObject_CallOneArg(type, value)
}
@c @implementation public func PyErr_SetObject(_ type: Ref!, _ value: Ref!) {
  let ts = gila_ts()
  guard let type, type.isType, PyType_IsSubtype(type.asType, Exc.BaseException) != 0 else {
    _ = systemError("_PyErr_SetObject: exception is not a BaseException subclass")
    return
  }
  let handled = topHandled(ts)
  setCurrent(nil)
  guard let made = instantiate(type, value) else { return }
  guard made.isException else {
    let text = PyObject_Repr(type).map { swiftString($0) } ?? "?"
    _ = typeError(
      "calling \(text) should have returned an instance of BaseException, not \(typeName(of: made))")
    decref(made)
    return
  }
  if let handled, handled != made {
    breakContextCycle(handled, made)
    replace(&made.cast(PyBaseExceptionObject.self).pointee.context, with: newRef(handled))
  }
  setCurrent(made)
}
/// The innermost exception being handled (borrowed).
private func topHandled(_ ts: ThreadRef) -> Ref? {
  var item = ts.pointee.exc_info
  while let i = item {
    if let v = i.pointee.exc_value, v != none { return v }
    item = i.pointee.previous_item
  }
  return nil
}
/// `new` must not be found again in the chain of contexts that begins with `start`.
private func breakContextCycle(_ start: Ref, _ new: Ref) {
  var at = start
  var steps = 0
  while let next = at.cast(PyBaseExceptionObject.self).pointee.context {
    if next == new {
      at.cast(PyBaseExceptionObject.self).pointee.context = nil
      gila_decref(next)
      return
    }
    at = next
    steps += 1
    if steps > 100_000 { return }
  }
}
@c @implementation public func PyErr_SetString(_ type: Ref!, _ text: UnsafePointer<CChar>!) {
  guard let s = PyUnicode_FromString(text) else { return }
  PyErr_SetObject(type, s)
  gila_decref(s)
}
@c @implementation public func gila_err_format(
  _ type: Ref!, _ format: UnsafePointer<CChar>!, _ v: UnsafeMutablePointer<gila_va>!
) -> Ref? {
  setCurrent(nil)
  guard let s = gila_unicode_from_format(format, v) else { return nil }
  PyErr_SetObject(type, s)
  gila_decref(s)
  return nil
}
@c @implementation public func PyErr_SetNone(_ type: Ref!) { PyErr_SetObject(type, nil) }
@c @implementation public func _PyErr_SetKeyError(_ key: Ref!) {
  guard let t = PyTuple_New(1) else { return }
  gila_tuple_items(t)[0] = newRef(key!)
  PyErr_SetObject(Exc.KeyError.object, t)
  gila_decref(t)
}
@c @implementation public func PyErr_NoMemory() -> Ref? {
  PyErr_SetNone(Exc.MemoryError.object)
  return nil
}
@c @implementation public func PyErr_BadInternalCall() {
  PyErr_SetString(Exc.SystemError.object, "bad argument to internal function")
}
@c @implementation public func PyErr_BadArgument() -> Int32 {
  PyErr_SetString(Exc.TypeError.object, "bad argument type for built-in operation")
  return 0
}
@c @implementation public func PyErr_Occurred() -> Ref? { gila_ts().pointee.current_exception?.type.object }
@c @implementation public func PyErr_Clear() { setCurrent(nil) }
@c @implementation public func PyErr_GetRaisedException() -> Ref? {
  let ts = gila_ts()
  let r = ts.pointee.current_exception
  ts.pointee.current_exception = nil
  return r
}
@c @implementation public func PyErr_SetRaisedException(_ e: Ref!) { setCurrent(e) }
@c @implementation public func PyErr_Fetch(
  _ type: UnsafeMutablePointer<Ref?>!, _ value: UnsafeMutablePointer<Ref?>!, _ tb: UnsafeMutablePointer<Ref?>!
) {
  let e = PyErr_GetRaisedException()
  type.pointee = e.map { newRef($0.type.object) }
  value.pointee = e
  tb.pointee = e.flatMap { PyException_GetTraceback($0) }
}
@c @implementation public func PyErr_Restore(_ type: Ref!, _ value: Ref!, _ tb: Ref!) {
  guard let type else {
    setCurrent(nil)
    return
  }
  if let made = instantiate(type, value) {
    if let tb, tb != none { PyException_SetTraceback(made, tb) }
    setCurrent(made)
  }
  gila_decref(type)
  xdecref(value)
  xdecref(tb)
}
@c @implementation public func PyErr_NormalizeException(
  _ type: UnsafeMutablePointer<Ref?>!, _ value: UnsafeMutablePointer<Ref?>!, _ tb: UnsafeMutablePointer<Ref?>!
) {}
@c @implementation public func PyErr_GivenExceptionMatches(_ given: Ref!, _ wanted: Ref!) -> Int32 {
  guard let given, let wanted else { return 0 }
  if wanted.isTuple {
    for i in 0..<wanted.size where PyErr_GivenExceptionMatches(given, gila_tuple_items(wanted)[i]) != 0 { return 1 }
    return 0
  }
  let t = given.isException ? given.type.object : given
  if t.isType && wanted.isType { return PyType_IsSubtype(t.asType, wanted.asType) }
  return t == wanted ? 1 : 0
}
@c @implementation public func PyErr_ExceptionMatches(_ wanted: Ref!) -> Int32 {
  PyErr_GivenExceptionMatches(gila_ts().pointee.current_exception, wanted)
}
@c @implementation public func PyErr_GetHandledException() -> Ref? { xnewRef(topHandled(gila_ts())) }
@c @implementation public func PyErr_SetHandledException(_ e: Ref!) {
  let item = gila_ts().pointee.exc_info!
  let old = item.pointee.exc_value
  item.pointee.exc_value = xnewRef(e)
  xdecref(old)
}
@c @implementation public func PyException_GetTraceback(_ e: Ref!) -> Ref? {
  xnewRef(e.cast(PyBaseExceptionObject.self).pointee.traceback)
}
@c @implementation public func PyException_SetTraceback(_ e: Ref!, _ tb: Ref!) -> Int32 {
  replace(&e.cast(PyBaseExceptionObject.self).pointee.traceback, with: tb == none ? nil : xnewRef(tb))
  return 0
}
@c @implementation public func PyException_GetContext(_ e: Ref!) -> Ref? {
  xnewRef(e.cast(PyBaseExceptionObject.self).pointee.context)
}
@c @implementation public func PyException_SetContext(_ e: Ref!, _ c: Ref!) {
  replace(&e.cast(PyBaseExceptionObject.self).pointee.context, with: c)
}
@c @implementation public func PyException_GetCause(_ e: Ref!) -> Ref? {
  xnewRef(e.cast(PyBaseExceptionObject.self).pointee.cause)
}
@c @implementation public func PyException_SetCause(_ e: Ref!, _ c: Ref!) {
  e.cast(PyBaseExceptionObject.self).pointee.suppress_context = 1
  replace(&e.cast(PyBaseExceptionObject.self).pointee.cause, with: c)
}
