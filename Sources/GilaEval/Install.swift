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
    replace(&frame.pointee.locals, with: newRef(locals!))
  }
  return Eval.run(frame, throwing: false)
}
/// Runs code with arguments, keyword arguments (names and values by turns), defaults and a closure, as a function would.
@c @implementation public func PyEval_EvalCodeEx(
  _ code: Ref!, _ globals: Ref!, _ locals: Ref!, _ args: UnsafePointer<Ref?>!, _ n: Int32,
  _ words: UnsafePointer<Ref?>!, _ wordCount: Int32, _ defaults: UnsafePointer<Ref?>!, _ defaultCount: Int32,
  _ kwDefaults: Ref!, _ closure: Ref!
) -> Ref? {
  bridge { () throws(PyError) in
    let f = try owned(Function.make(code!, globals!))
    let o = Function.object(f.ref)
    if defaultCount > 0, let defaults {
      let t = try owned(PyTuple_New(Int(defaultCount)))
      for i in 0..<Int(defaultCount) { gila_tuple_items(t.ref)[i] = xnewRef(defaults[i]) }
      o.pointee.func_defaults = t.take()
    }
    o.pointee.func_kwdefaults = xnewRef(kwDefaults)
    o.pointee.func_closure = xnewRef(closure)
    let given = max(Int(n), 0), k = max(Int(wordCount), 0)
    let names = try owned(PyTuple_New(k))
    let all = UnsafeMutablePointer<Ref?>.allocate(capacity: given + k + 1)
    defer { all.deallocate() }
    for i in 0..<given { all[i] = args[i] }
    for i in 0..<k {
      gila_tuple_items(names.ref)[i] = xnewRef(words[2 * i])
      all[given + i] = words[2 * i + 1]
    }
    let ts = gila_ts()
    guard let frame = Eval.newFrame(ts, f.ref) else { throw PyError() }
    do throws(PyError) {
      try Function.bind(f.ref, UnsafePointer(all), given, k > 0 ? names.ref : nil, Eval.locals(frame))
    } catch {
      Eval.dropFrame(ts, frame)
      throw error
    }
    if let locals, Function.code(f.ref).pointee.co_flags & 0x1 == 0 {
      replace(&frame.pointee.locals, with: newRef(locals))
    }
    return try owned(Eval.run(frame, throwing: false))
  }
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
