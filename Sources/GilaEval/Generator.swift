import CGila
import GilaCore

/// Generators: a suspended frame that `next` and `send` resume.
enum Generator {
  struct Object {
    var ob_base: PyObject
    var weaklist: Ref?
    var name: Ref?
    var qualname: Ref?
    var handled: _PyErr_StackItem
    var frame: UnsafeMutablePointer<_PyInterpreterFrame>?  // owned; nil when finished
    var running: Bool
  }
  static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  static func make(_ frame: UnsafeMutablePointer<_PyInterpreterFrame>) -> Ref? {
    guard let g = PyType_GenericAlloc(Types.gen, 0) else { return nil }
    object(g).pointee.frame = frame
    object(g).pointee.name = newRef(frame.pointee.code.pointee.co_name)
    object(g).pointee.qualname = newRef(frame.pointee.code.pointee.co_qualname)
    return g
  }
  /// Resumes with a value (taken over), or with the pending exception when nil. The next value (owned); nil at the end,
  /// with StopIteration set if it carries a value or `stop` asks for it.
  static func resume(_ g: Ref, _ value: Ref?, stop: Bool) -> Ref? {
    let o = object(g)
    if o.pointee.running {
      xdecref(value)
      _ = valueError("generator already executing")
      return nil
    }
    guard let frame = o.pointee.frame else {
      xdecref(value)
      if value != nil && stop { PyErr_SetNone(Exc.StopIteration.object) }
      return nil
    }
    if frame.pointee.state == 0, let v = value, v != none {
      gila_decref(v)
      _ = typeError("can't send non-None value to a just-started generator")
      return nil
    }
    let ts = gila_ts()
    gila_incref(g)
    o.pointee.running = true
    o.pointee.handled.previous_item = ts.pointee.exc_info
    let handled = (UnsafeMutableRawPointer(o) + 40).assumingMemoryBound(to: _PyErr_StackItem.self)
    ts.pointee.exc_info = handled
    if let value {
      // A just-started frame expects the value too: RETURN_GENERATOR is followed by POP_TOP.
      frame.pointee.sp.pointee = value
      frame.pointee.sp += 1
    }
    frame.pointee.state = 1
    let result = Eval.run(frame, throwing: value == nil)
    ts.pointee.exc_info = handled.pointee.previous_item
    handled.pointee.previous_item = nil
    o.pointee.running = false
    if frame.pointee.state == 2 {
      // Finished: by return (result is the value) or by an exception.
      o.pointee.frame = nil
      Eval.freeFrame(frame)
      if let result {
        if result != none || stop {
          if result == none {
            PyErr_SetNone(Exc.StopIteration.object)
          } else if let e = PyObject_CallOneArg(Exc.StopIteration.object, result) {
            PyErr_SetRaisedException(e)
          }
        }
        gila_decref(result)
      } else if PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 {
        let cause = PyErr_GetRaisedException()!
        _ = runtimeError("generator raised StopIteration")
        if let e = gila_ts().pointee.current_exception {
          PyException_SetCause(e, newRef(cause))
          PyException_SetContext(e, cause)
        }
      }
      gila_decref(g)
      return nil
    }
    gila_decref(g)
    return result
  }
  static func close(_ g: Ref) -> Ref? {
    let o = object(g)
    guard let frame = o.pointee.frame else { return newRef(none) }
    if frame.pointee.state == 0 {
      o.pointee.frame = nil
      Eval.freeFrame(frame)
      return newRef(none)
    }
    PyErr_SetNone(Exc.GeneratorExit.object)
    if let v = resume(g, nil, stop: true) {
      gila_decref(v)
      _ = runtimeError("generator ignored GeneratorExit")
      return nil
    }
    if PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 || PyErr_ExceptionMatches(Exc.GeneratorExit.object) != 0 {
      PyErr_Clear()
      return newRef(none)
    }
    return errorIsSet ? nil : newRef(none)
  }
  static func install() {
    let t = Types.gen
    t.define(
      "generator", basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_weaklistoffset = 16
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { Generator.resume($0!, newRef(none), stop: false) }
    t.pointee.tp_finalize = { g in
      guard Generator.object(g!).pointee.frame != nil else { return }
      let saved = PyErr_GetRaisedException()
      if let r = Generator.close(g!) { gila_decref(r) } else { PyErr_WriteUnraisable(g) }
      PyErr_SetRaisedException(saved)
    }
    t.pointee.tp_dealloc = { g in
      if PyObject_CallFinalizerFromDealloc(g) < 0 { return }
      PyObject_GC_UnTrack(g!.raw)
      let o = Generator.object(g!)
      if o.pointee.weaklist != nil { PyObject_ClearWeakRefs(g) }
      if let f = o.pointee.frame { Eval.freeFrame(f) }
      xdecref(o.pointee.name)
      xdecref(o.pointee.qualname)
      xdecref(o.pointee.handled.exc_value)
      PyObject_GC_Del(g!.raw)
    }
    t.pointee.tp_traverse = { g, v, c in
      guard let f = Generator.object(g!).pointee.frame, !Generator.object(g!).pointee.running else { return 0 }
      return Eval.traverseFrame(f, v, c)
    }
    t.pointee.tp_clear = { g in
      let o = Generator.object(g!)
      guard let frame = o.pointee.frame, !o.pointee.running else { return 0 }
      o.pointee.frame = nil
      Eval.freeFrame(frame)
      return 0
    }
    t.pointee.tp_repr = { g in
      newString(
        "<generator object \(swiftString(Generator.object(g!).pointee.qualname!)) at 0x\(String(UInt(bitPattern: g!), radix: 16))>"
      )
    }
    var m = MethodTable()
    m.one("send", "", "send(value) -> send 'value' into generator,\nreturn next yielded value or raise StopIteration.")
    { g, v in
      Generator.resume(g!, newRef(v!), stop: true)
    }
    m.positional(
      "throw", "", "throw(value)\n\nRaise exception in generator, return next yielded value or raise StopIteration."
    ) { g, args, n in
      bridge { () throws(PyError) in
        try checkCount("throw", n, 1, 3)
        let e = args![0]!
        if e.isException {
          PyErr_SetRaisedException(newRef(e))
        } else if e.isType && PyType_IsSubtype(e.asType, Exc.BaseException) != 0 {
          PyErr_SetObject(e, n > 1 ? args![1] : nil)
        } else {
          throw typeError("exceptions must be classes or instances deriving from BaseException, not \(typeName(of: e))")
        }
        if Generator.object(g!).pointee.frame == nil { throw PyError() }
        return try owned(Generator.resume(g!, nil, stop: true))
      }
    }
    m.noArguments("close", "", "close() -> raise GeneratorExit inside generator.") { g, _ in Generator.close(g!) }
    t.pointee.tp_methods = m.build()
    var d = MemberTable()
    d.add("__name__", _Py_T_OBJECT, offset: 24, flags: 0)
    d.add("__qualname__", _Py_T_OBJECT, offset: 32, flags: 0)
    t.pointee.tp_members = d.build()
  }
}
