import CGila
import GilaCore

/// Fills in functions, code, frames, generators, coroutines and tracebacks.
public func installEvalTypes() {
  Function.install()
  Code.install()
  CodeIterators.install()
  FrameObject.install()
  FrameLocals.install()
  Generator.install()
  Coroutine.install()
  AsyncGenerator.install()
  Traceback.install()
}

// MARK: Running code

/// Runs code with namespaces; `locals` nil for the globals.
@c @implementation public func gila_eval_code(_ code: Ref!, _ globals: Ref!, _ locals: Ref!) -> Ref? {
  guard let f = Function.make(code!, globals!) else { return nil }
  defer { gila_decref(f) }
  return gila_eval_body(f, globals, locals ?? globals)
}
@c @implementation public func PyEval_EvalCode(_ code: Ref!, _ globals: Ref!, _ locals: Ref!) -> Ref? {
  gila_eval_code(code, globals, locals)
}
@c @implementation public func gila_eval_body(_ f: Ref!, _ globals: Ref!, _ locals: Ref!) -> Ref? {
  let ts = gila_ts()
  guard let frame = Eval.newFrame(ts, f!) else { return nil }
  if Function.code(f!).pointee.co_flags & 0x2 == 0 || Function.code(f!).pointee.co_flags & 0x1 == 0 {
    frame.pointee.locals = newRef(locals!)
  }
  return Eval.run(frame, throwing: false)
}
@c @implementation public func PyEval_GetGlobals() -> Ref? { gila_ts().pointee.current_frame?.pointee.globals }
@c @implementation public func PyEval_GetBuiltins() -> Ref? {
  gila_ts().pointee.current_frame?.pointee.builtins ?? currentInterpreter.pointee.builtins
}
/// Type and object of `super()` without arguments, from the calling frame (borrowed).
@c @implementation public func gila_super_arguments(
  _ type: UnsafeMutablePointer<Ref?>!, _ object: UnsafeMutablePointer<Ref?>!
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let f = gila_ts().pointee.current_frame else { throw runtimeError("super(): no current frame") }
    let c = f.pointee.code!
    guard c.pointee.co_argcount > 0 else { throw runtimeError("super(): no arguments") }
    guard var first = Eval.locals(f)[0] else { throw runtimeError("super(): arg[0] deleted") }
    if first.isExactly(Types.cell), FrameLocals.kind(c, 0) & 0x40 != 0 {
      guard let inside = first.cast(PyCellObject.self).pointee.ob_ref else {
        throw runtimeError("super(): arg[0] deleted")
      }
      first = inside
    }
    let n = Int(c.pointee.co_nlocalsplus), free = Int(c.pointee.co_nfreevars)
    for i in (n - free)..<n where sameText(gila_tuple_items(c.pointee.co_localsplusnames)[i]!, Dunder.class.ref) {
      guard let cell = Eval.locals(f)[i], cell.isExactly(Types.cell) else {
        throw runtimeError("super(): bad __class__ cell")
      }
      guard let cls = cell.cast(PyCellObject.self).pointee.ob_ref else {
        throw runtimeError("super(): empty __class__ cell")
      }
      guard cls.isType else { throw runtimeError("super(): __class__ is not a type (\(typeName(of: cls)))") }
      type.pointee = cls
      object.pointee = first
      return
    }
    throw runtimeError("super(): __class__ cell not found")
  }
}
/// The displayed value of an expression statement in interactive mode.
func gila_print_expression(_ v: Ref) -> Ref? {
  guard let hook = PySys_GetObject("displayhook") else {
    _ = runtimeError("lost sys.displayhook")
    return nil
  }
  return PyObject_CallOneArg(hook, v)
}
