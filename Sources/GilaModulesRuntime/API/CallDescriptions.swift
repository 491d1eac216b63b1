// Names and kinds of callables for error messages of extension modules, and a traceback printed by them.

import CGila
import GilaCore

@c @implementation public func PyEval_GetFuncName(_ f: Ref!) -> UnsafePointer<CChar>! {
  let f = f.unsafelyUnwrapped
  if f.isExactly(Types.method) { return PyEval_GetFuncName(PyMethod_Function(f)) }
  if f.isExactly(Types.function) {
    return f.cast(PyFunctionObject.self).pointee.func_name.flatMap { PyUnicode_AsUTF8($0) }
  }
  if f.isInstance(of: Types.cFunction) { return f.cast(PyCFunctionObject.self).pointee.m_ml?.pointee.ml_name }
  return f.type.pointee.tp_name
}
@c @implementation public func PyEval_GetFuncDesc(_ f: Ref!) -> UnsafePointer<CChar>! {
  let f = f.unsafelyUnwrapped
  let isCallable = f.isExactly(Types.method) || f.isExactly(Types.function) || f.isInstance(of: Types.cFunction)
  return isCallable ? cString("()") : cString(" object")
}
/// The traceback, as `traceback.print_tb` shows it, to a file object.
@c @implementation public func PyTraceBack_Print(_ traceback: Ref!, _ file: Ref!) -> Int32 {
  guard let traceback, traceback.isExactly(Types.traceBack), let file else {
    PyErr_BadInternalCall()
    return -1
  }
  return bridgeStatus { () throws(PyError) in
    if PyFile_WriteString("Traceback (most recent call last):\n", file) < 0 { throw PyError() }
    let m = try owned(PyImport_ImportModule("traceback"))
    let f = try owned(PyObject_GetAttrString(m.ref, "print_tb"))
    let t = try owned(PyTuple_New(3))
    for (i, r) in [traceback, none, file].enumerated() { gila_tuple_items(t.ref)[i] = newRef(r) }
    let r = try owned(PyObject_Call(f.ref, t.ref, nil))
    _ = r.ref
  }
}
