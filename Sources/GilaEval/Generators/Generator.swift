import CGila
import GilaCore
import Glibc

/// What generators, coroutines and asynchronous generators share: an object with a frame inside that is resumed with a
/// value or an exception. The layout is CPython's `PyGenObject`; the frame begins at `gi_iframe`.
enum Generator {
  typealias Object = UnsafeMutablePointer<PyGenObject>
  // Values of gi_frame_state.
  static let created: Int8 = -3
  static let suspended: Int8 = -2
  /// Suspended in `yield from` or `await`: the inner iterator is on top of the stack.
  static let delegating: Int8 = -1
  static let executing: Int8 = 0
  static let cleared: Int8 = 4

  @inline(__always) static func object(_ r: Ref) -> Object { r.cast(PyGenObject.self) }
  @inline(__always) static var frameOffset: Int { MemoryLayout<PyGenObject>.offset(of: \.gi_iframe).unsafelyUnwrapped }
  @inline(__always) private static var handledOffset: Int {
    MemoryLayout<PyGenObject>.offset(of: \.gi_exc_state).unsafelyUnwrapped
  }
  @inline(__always) static func frame(_ g: Ref) -> FrameRef {
    (g.raw + frameOffset).assumingMemoryBound(to: _PyInterpreterFrame.self)
  }
  /// The generator a frame is inside of.
  @inline(__always) static func owner(_ f: FrameRef) -> Ref {
    (UnsafeMutableRawPointer(f) - frameOffset).assumingMemoryBound(to: PyObject.self)
  }
  @inline(__always) private static func handled(_ g: Ref) -> UnsafeMutablePointer<_PyErr_StackItem> {
    (g.raw + handledOffset).assumingMemoryBound(to: _PyErr_StackItem.self)
  }
  @inline(__always) static func canEnter(_ g: Ref) -> Bool { object(g).pointee.gi_frame_state < executing }
  static func isFinished(_ g: Ref) -> Bool { object(g).pointee.gi_frame_state > executing }
  static func code(_ g: Ref) -> CodeRef { frame(g).pointee.code! }

  // MARK: The loop's side

  /// The object for a frame that has just begun (RETURN_GENERATOR): the frame moves into it.
  static func make(_ f: FrameRef) -> Ref? {
    let code = f.pointee.code!
    let flags = code.pointee.co_flags
    let type = flags & 0x80 != 0 ? Types.coro : flags & 0x200 != 0 ? Types.asyncGen : Types.gen
    let slots = Int(code.pointee.co_nlocalsplus) + Int(code.pointee.co_stacksize) + 1
    guard let made = _PyObject_GC_NewVar(type, slots) else { return nil }
    let g = UnsafeMutableRawPointer(made).assumingMemoryBound(to: PyObject.self)
    let o = object(g)
    let used = UnsafeRawPointer(f.pointee.sp) - UnsafeRawPointer(f)
    memset(g.raw + 16, 0, frameOffset - 16)
    memcpy(frame(g), f, used)
    let inner = frame(g)
    inner.pointee.sp = (UnsafeMutableRawPointer(inner) + used).assumingMemoryBound(to: Ref?.self)
    inner.pointee.owner = FrameOwner.generator
    inner.pointee.previous = nil
    inner.pointee.flags = 0
    if let object = inner.pointee.frame_obj { object.pointee.f_frame = inner }
    let function = Function.object(f.pointee.func.unsafelyUnwrapped)
    o.pointee.gi_name = newRef(function.pointee.func_name)
    o.pointee.gi_qualname = newRef(function.pointee.func_qualname)
    o.pointee.gi_frame_state = created
    if type == Types.coro {
      let depth = gila_ts().pointee.coroutine_origin_tracking_depth
      if depth > 0 { o.pointee.gi_origin_or_finalizer = origin(f.pointee.previous, Int(depth)) }
    }
    PyObject_GC_Track(g.raw)
    return g
  }
  /// Where a coroutine was made: up to `depth` of (file, line, function).
  private static func origin(_ f: FrameRef?, _ depth: Int) -> Ref? {
    var at = f
    guard let list = PyList_New(0) else { return nil }
    defer { gila_decref(list) }
    var n = 0
    while let x = at, n < depth {
      let c = x.pointee.code!
      guard let line = PyLong_FromLong(Code.line(c, Int(Eval.unit(x)) * 2)) else { return nil }
      guard let t = PyTuple_New(3) else { return nil }
      gila_tuple_items(t)[0] = newRef(c.pointee.co_filename)
      gila_tuple_items(t)[1] = line
      gila_tuple_items(t)[2] = newRef(c.pointee.co_name)
      PyList_Append(list, t)
      gila_decref(t)
      at = x.pointee.previous
      n += 1
    }
    return PyList_AsTuple(list)
  }
  /// The generator's frame is about to run: its handled exception becomes the thread's.
  @inline(__always) static func begin(_ g: Ref, _ ts: ThreadRef) {
    object(g).pointee.gi_frame_state = executing
    let item = handled(g)
    item.pointee.previous_item = ts.pointee.exc_info
    ts.pointee.exc_info = item
  }
  @inline(__always) static func suspend(_ f: FrameRef, _ ts: ThreadRef, delegating d: Bool) {
    let g = owner(f)
    object(g).pointee.gi_frame_state = d ? delegating : suspended
    let item = handled(g)
    ts.pointee.exc_info = item.pointee.previous_item
    item.pointee.previous_item = nil
  }
  /// The running generator's frame has ended: its contents go.
  static func finish(_ f: FrameRef) {
    let g = owner(f)
    let ts = gila_ts()
    let item = handled(g)
    ts.pointee.exc_info = item.pointee.previous_item
    item.pointee.previous_item = nil
    clearFrame(g)
  }
  /// Lets go of everything in the frame but the code object, which `gi_code` shows to the end.
  static func clearFrame(_ g: Ref) {
    let f = frame(g)
    object(g).pointee.gi_frame_state = cleared
    f.pointee.previous = nil
    if f.pointee.frame_obj != nil {
      let code = UnsafeMutableRawPointer(f.pointee.code!).assumingMemoryBound(to: PyObject.self)
      gila_incref(code)
      if FrameObject.takeOver(f) {
        f.pointee.sp = Eval.locals(f)
        f.pointee.func = nil
        f.pointee.locals = nil
        return
      }
      gila_decref(code)
    }
    var p = Eval.locals(f)
    let end = f.pointee.sp!
    f.pointee.sp = p
    while p < end {
      if let v = p.pointee {
        p.pointee = nil
        gila_decref(v)
      }
      p += 1
    }
    GilaCore.clear(&f.pointee.locals)
    GilaCore.clear(&f.pointee.func)
  }

  // MARK: Resuming from native code

  static func kind(_ g: Ref) -> String {
    g.isExactly(Types.coro) ? "coroutine" : g.isExactly(Types.asyncGen) ? "async generator" : "generator"
  }
  /// Resumes with a value (borrowed), or with the pending exception. PYGEN_NEXT_ with the value yielded, PYGEN_RETURN_ with
  /// the value returned, PYGEN_ERROR_ (with an exception, except for `next` on a finished generator).
  static func resume(_ g: Ref, _ value: Ref?, throwing: Bool = false, closing: Bool = false, _ result: inout Ref?)
    -> PySendResult
  {
    let o = object(g)
    let state = o.pointee.gi_frame_state
    result = nil
    if state == created, !throwing, let value, value != none {
      _ = typeError("can't send non-None value to a just-started \(kind(g))")
      return PYGEN_ERROR_
    }
    if state == executing {
      _ = valueError("\(kind(g)) already executing")
      return PYGEN_ERROR_
    }
    if state > executing {
      if g.isExactly(Types.coro) && !closing {
        _ = runtimeError("cannot reuse already awaited coroutine")
      } else if value != nil && !throwing {
        result = newRef(none)
        return PYGEN_RETURN_
      }
      return PYGEN_ERROR_
    }
    let ts = gila_ts()
    let f = frame(g)
    gila_incref(g)
    f.pointee.sp.pointee = newRef(value ?? none)
    f.pointee.sp += 1
    begin(g, ts)
    if throwing, let own = ts.pointee.exc_info.pointee.exc_value, own != none, let e = PyErr_GetRaisedException() {
      // What the generator was handling becomes the context. What its caller handles does not.
      PyErr_SetObject(e.type.object, e)
      gila_decref(e)
    }
    let r = Eval.run(f, throwing: throwing)
    let now = o.pointee.gi_frame_state
    gila_decref(g)
    result = r
    if now < executing { return r == nil ? PYGEN_ERROR_ : PYGEN_NEXT_ }
    if r != nil { return PYGEN_RETURN_ }
    return PYGEN_ERROR_
  }
  /// The end of a generator as an exception; the value is taken over.
  static func setStop(_ g: Ref, _ value: Ref, always: Bool) {
    defer { gila_decref(value) }
    if g.isExactly(Types.asyncGen) {
      PyErr_SetNone(Exc.StopAsyncIteration.object)
    } else if value == none {
      if always { PyErr_SetNone(Exc.StopIteration.object) }
    } else {
      setStopValue(value)
    }
  }
  /// StopIteration(value), also when the value is a tuple or an exception.
  static func setStopValue(_ value: Ref) {
    if let e = PyObject_CallOneArg(Exc.StopIteration.object, value) {
      PyErr_SetObject(Exc.StopIteration.object, e)
      gila_decref(e)
    }
  }
  static func next(_ g: Ref) -> Ref? {
    var r: Ref? = nil
    let status = resume(g, nil, &r)
    if status == PYGEN_RETURN_ {
      setStop(g, r!, always: false)
      return nil
    }
    return r
  }
  static func send(_ g: Ref, _ value: Ref) -> Ref? {
    var r: Ref? = nil
    let status = resume(g, value, &r)
    if status == PYGEN_RETURN_ {
      setStop(g, r!, always: true)
      return nil
    }
    return r
  }
  private static func resumeThrowing(_ g: Ref, closing: Bool = false) -> Ref? {
    var r: Ref? = nil
    let status = resume(g, none, throwing: true, closing: closing, &r)
    if status == PYGEN_RETURN_ {
      setStop(g, r!, always: true)
      return nil
    }
    return r
  }
  /// The iterator that a suspended generator delegates to (borrowed).
  static func delegate(_ g: Ref) -> Ref? {
    guard object(g).pointee.gi_frame_state == delegating else { return nil }
    return peekOptional(frame(g).pointee.sp, 1)
  }
  /// Closes the iterator a generator delegates to. False with an exception.
  private static func closeDelegate(_ y: Ref) -> Bool {
    if y.isExactly(Types.gen) || y.isExactly(Types.coro) {
      guard let r = close(y) else { return false }
      gila_decref(r)
      return true
    }
    var m: Ref? = nil
    if PyObject_GetOptionalAttrString(y, "close", &m) < 0 { PyErr_WriteUnraisable(y) }
    guard let m else { return true }
    let r = PyObject_CallNoArgs(m)
    gila_decref(m)
    guard let r else { return false }
    gila_decref(r)
    return true
  }
  static func close(_ g: Ref) -> Ref? {
    let o = object(g)
    if o.pointee.gi_frame_state == created {
      clearFrame(g)
      return newRef(none)
    }
    if isFinished(g) { return newRef(none) }
    var ok = true
    if let y = delegate(g) {
      gila_incref(y)
      let state = o.pointee.gi_frame_state
      o.pointee.gi_frame_state = executing
      ok = closeDelegate(y)
      o.pointee.gi_frame_state = state
      gila_decref(y)
    }
    if ok { PyErr_SetNone(Exc.GeneratorExit.object) }
    if let v = resumeThrowing(g, closing: true) {
      gila_decref(v)
      _ = runtimeError("\(kind(g)) ignored GeneratorExit")
      return nil
    }
    if PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 {
      let e = PyErr_GetRaisedException()!
      let value = newRef((e.raw + 72).load(as: Ref?.self) ?? none)
      gila_decref(e)
      return value
    }
    if PyErr_ExceptionMatches(Exc.GeneratorExit.object) != 0 {
      PyErr_Clear()
      return newRef(none)
    }
    return errorIsSet ? nil : newRef(none)
  }
  /// `throw`: the exception goes to the innermost iterator first. `closesOnExit`: GeneratorExit closes it instead.
  static func throwInto(_ g: Ref, _ type: Ref, _ value: Ref?, _ tb: Ref?, closesOnExit: Bool) -> Ref? {
    if let y = delegate(g) {
      let o = object(g)
      gila_incref(y)
      defer { gila_decref(y) }
      let state = o.pointee.gi_frame_state
      if closesOnExit && PyErr_GivenExceptionMatches(type, Exc.GeneratorExit.object) != 0 {
        o.pointee.gi_frame_state = executing
        let ok = closeDelegate(y)
        o.pointee.gi_frame_state = state
        if !ok { return resumeThrowing(g) }
      } else if y.isExactly(Types.gen) || y.isExactly(Types.coro) || hasThrow(y) {
        // The frame is in the chain of callers meanwhile, for tracebacks.
        let ts = gila_ts()
        let f = frame(g)
        let outer = ts.pointee.current_frame
        f.pointee.previous = outer
        ts.pointee.current_frame = f
        o.pointee.gi_frame_state = executing
        let r: Ref?
        if y.isExactly(Types.gen) || y.isExactly(Types.coro) {
          r = throwInto(y, type, value, tb, closesOnExit: closesOnExit)
        } else if let m = PyObject_GetAttrString(y, "throw") {
          r =
            value == nil
            ? PyObject_CallOneArg(m, type)
            : tb == nil ? Eval.call2(m, type, value!) : Eval.call3(m, type, value!, tb!)
          gila_decref(m)
        } else {
          r = nil
        }
        ts.pointee.current_frame = outer
        f.pointee.previous = nil
        o.pointee.gi_frame_state = state
        return r ?? resumeThrowing(g)
      }
    }
    var value = value == none ? nil : value
    if let tb, tb != none, !tb.isExactly(Types.traceBack) {
      _ = typeError("throw() third argument must be a traceback object")
      return nil
    }
    if type.isType && type.asType.hasFlag(UInt(Py_TPFLAGS_BASE_EXC_SUBCLASS)) {
      guard let e = instance(type, value) else { return nil }
      if let tb, tb != none { PyException_SetTraceback(e, tb) }
      PyErr_SetRaisedException(e)
    } else if type.isException {
      if value != nil {
        _ = typeError("instance exception may not have a separate value")
        return nil
      }
      value = type
      if let tb, tb != none { PyException_SetTraceback(type, tb) }
      PyErr_SetRaisedException(newRef(type))
    } else {
      _ = typeError("exceptions must be classes or instances deriving from BaseException, not \(typeName(of: type))")
      return nil
    }
    return resumeThrowing(g)
  }
  /// An exception of a class from what `throw` got as value; nil with the exception that making it raised.
  private static func instance(_ type: Ref, _ value: Ref?) -> Ref? {
    let made: Ref?
    if let value {
      if PyObject_IsInstance(value, type) > 0 { return newRef(value) }
      made = value.isTuple ? PyObject_Call(type, value, nil) : PyObject_CallOneArg(type, value)
    } else {
      made = PyObject_CallNoArgs(type)
    }
    guard let made else { return resultOfFailing() }
    if made.isException { return made }
    _ = typeError(
      "calling \(typeName(type.asType)) should have returned an instance of BaseException, not \(typeName(of: made))")
    gila_decref(made)
    return resultOfFailing()
  }
  /// The exception of a failed constructor is thrown in its place.
  private static func resultOfFailing() -> Ref? { PyErr_GetRaisedException() }
  private static func hasThrow(_ y: Ref) -> Bool {
    var m: Ref? = nil
    if PyObject_GetOptionalAttrString(y, "throw", &m) < 0 { return true }
    guard let m else { return false }
    gila_decref(m)
    return true
  }
  static func throwMethod(_ g: Ref, _ args: ArgumentVector?, _ n: Int, closesOnExit: Bool = true) -> Ref? {
    if n < 1 || n > 3 {
      _ = typeError("throw expected at \(n < 1 ? "least 1 argument, got 0" : "most 3 arguments, got \(n)")")
      return nil
    }
    if n > 1
      && PyErr_WarnEx(
        Exc.DeprecationWarning.object,
        "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.", 1) < 0
    {
      return nil
    }
    return throwInto(
      g, args![0]!, n > 1 ? args![1] : nil, n > 2 ? args![2] : nil, closesOnExit: closesOnExit)
  }
  /// The last reference to an unfinished generator is going.
  static func finalize(_ g: Ref) {
    if isFinished(g) || object(g).pointee.gi_frame_state == executing { return }
    let saved = PyErr_GetRaisedException()
    defer { PyErr_SetRaisedException(saved) }
    let o = object(g)
    if g.isExactly(Types.asyncGen), let hook = o.pointee.gi_origin_or_finalizer, o.pointee.gi_closed == 0 {
      if let r = PyObject_CallOneArg(hook, g) { gila_decref(r) } else { PyErr_WriteUnraisable(g) }
      return
    }
    if g.isExactly(Types.coro) && o.pointee.gi_frame_state == created {
      Coroutine.warnNeverAwaited(g)
      clearFrame(g)
      return
    }
    if let r = close(g) { gila_decref(r) } else if errorIsSet { PyErr_WriteUnraisable(g) }
  }

  // MARK: Types

  /// What the three types have in common. `prefix`: of the attribute names.
  static func fill(_ t: TypeRef) {
    t.pointee.tp_weaklistoffset = 16
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_finalize = { Generator.finalize($0!) }
    t.pointee.tp_dealloc = { g in
      let g = g!
      let o = Generator.object(g)
      if o.pointee.gi_weakreflist != nil { PyObject_ClearWeakRefs(g) }
      if !Generator.isFinished(g) {
        if PyObject_CallFinalizerFromDealloc(g) < 0 { return }
      }
      PyObject_GC_UnTrack(g.raw)
      if g.isExactly(Types.asyncGen) || g.isExactly(Types.coro) { GilaCore.clear(&o.pointee.gi_origin_or_finalizer) }
      if !Generator.isFinished(g) { Generator.clearFrame(g) }
      gila_decref(UnsafeMutableRawPointer(Generator.frame(g).pointee.code!).assumingMemoryBound(to: PyObject.self))
      xdecref(o.pointee.gi_name)
      xdecref(o.pointee.gi_qualname)
      xdecref(o.pointee.gi_exc_state.exc_value)
      PyObject_GC_Del(g.raw)
    }
    t.pointee.tp_traverse = { g, v, c in
      let o = Generator.object(g!)
      for x in [
        o.pointee.gi_name, o.pointee.gi_qualname, o.pointee.gi_origin_or_finalizer, o.pointee.gi_exc_state.exc_value,
      ] {
        if let x {
          let s = v!(x, c)
          if s != 0 { return s }
        }
      }
      let f = Generator.frame(g!)
      if Generator.isFinished(g!) {
        return v!(UnsafeMutableRawPointer(f.pointee.code!).assumingMemoryBound(to: PyObject.self), c)
      }
      // While it runs, its references are on a stack: the collector must see them as held from outside.
      if o.pointee.gi_frame_state == Generator.executing { return 0 }
      return Eval.traverseFrame(f, v, c)
    }
    t.pointee.tp_clear = { g in
      if Generator.object(g!).pointee.gi_frame_state == Generator.executing { return 0 }
      if !Generator.isFinished(g!) { Generator.clearFrame(g!) }
      return 0
    }
    t.pointee.tp_repr = { g in
      let kind = g!.isExactly(Types.asyncGen) ? "async_generator" : Generator.kind(g!)
      return newString(
        "<\(kind) object \(swiftString(Generator.object(g!).pointee.gi_qualname!)) at 0x\(String(UInt(bitPattern: g!), radix: 16))>"
      )
    }
  }
  static func frameObject(_ g: Ref, auditedAs name: String) -> Ref? {
    bridge { () throws(PyError) in
      try auditRead(g, name)
      if isFinished(g) { return Owned(retaining: none) }
      return try owned(xnewRef(FrameObject.of(frame(g))))
    }
  }
  /// Getters by the names that each type gives them.
  static func addNames(_ g: inout GetSetTable) {
    g.add(
      "__name__", "The name of the object.",
      get: { g, _ in newRef(Generator.object(g!).pointee.gi_name!) },
      set: { g, v, _ in Generator.setName(&Generator.object(g!).pointee.gi_name, v, "__name__") })
    g.add(
      "__qualname__", "The qualified name of the object.",
      get: { g, _ in newRef(Generator.object(g!).pointee.gi_qualname!) },
      set: { g, v, _ in Generator.setName(&Generator.object(g!).pointee.gi_qualname, v, "__qualname__") })
  }
  private static func setName(_ slot: UnsafeMutablePointer<Ref?>, _ v: Ref?, _ name: String) -> Int32 {
    guard let v, v.isUnicode else {
      _ = typeError("\(name) must be set to a string object")
      return -1
    }
    replace(slot, with: newRef(v))
    return 0
  }
  static func addSizeof(_ m: inout MethodTable) {
    m.noArguments("__sizeof__", "($self, /)", "The size of the object in memory, in bytes.") { g, _ in
      let c = Generator.code(g!)
      return PyLong_FromLong(
        Generator.frameOffset + Eval.frameHead + (Int(c.pointee.co_nlocalsplus) + Int(c.pointee.co_stacksize)) * 8)
    }
  }
  static func install() {
    let t = Types.gen
    t.define(
      "generator", basicSize: frameOffset + Eval.frameHead, itemSize: 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    fill(t)
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { Generator.next($0!) }
    t.async.pointee.am_send = { g, v, r in
      Generator.resume(g!, v, &r!.pointee)
    }
    var m = MethodTable()
    m.one(
      "send", "", "send(value) -> send 'value' into generator,\nreturn next yielded value or raise StopIteration."
    ) { g, v in Generator.send(g!, v!) }
    m.positional(
      "throw", "", "throw(value)\n\nRaise an exception in the generator and return the next value it yields."
    ) { g, args, n in Generator.throwMethod(g!, args, n) }
    m.noArguments("close", "", "close() -> raise GeneratorExit inside generator.") { g, _ in Generator.close(g!) }
    addSizeof(&m)
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { c, a in Py_GenericAlias(c, a) }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    addNames(&g)
    g.add(
      "gi_yieldfrom", "The iterator that the generator delegates to, or None.",
      get: { g, _ in newRef(Generator.delegate(g!) ?? none) })
    g.add(
      "gi_running", get: { g, _ in newRef(pyBool(Generator.object(g!).pointee.gi_frame_state == Generator.executing)) })
    g.add("gi_frame", get: { g, _ in Generator.frameObject(g!, auditedAs: "gi_frame") })
    g.add(
      "gi_suspended",
      get: { g, _ in
        let s = Generator.object(g!).pointee.gi_frame_state
        return newRef(pyBool(s == Generator.suspended || s == Generator.delegating))
      })
    g.add(
      "gi_code",
      get: { g, _ in
        bridge { () throws(PyError) in
          try auditRead(g!, "gi_code")
          return Owned(
            retaining: UnsafeMutableRawPointer(Generator.code(g!)).assumingMemoryBound(to: PyObject.self))
        }
      })
    t.pointee.tp_getset = g.build()
  }
}
@c @implementation public func PyGen_GetCode(_ g: UnsafeMutablePointer<PyGenObject>!) -> UnsafeMutablePointer<
  PyCodeObject
>? {
  let r = UnsafeMutableRawPointer(g!).assumingMemoryBound(to: PyObject.self)
  let c = Generator.code(r)
  gila_incref(UnsafeMutableRawPointer(c).assumingMemoryBound(to: PyObject.self))
  return c
}
/// Sends a value into an iterator (PEP 380's protocol in one call).
@c @implementation public func PyIter_Send(
  _ it: Ref!, _ value: Ref!, _ result: UnsafeMutablePointer<Ref?>!
) -> PySendResult {
  let it = it.unsafelyUnwrapped
  if let send = it.type.pointee.tp_as_async?.pointee.am_send { return send(it, value, result) }
  if value == none, let next = it.type.pointee.tp_iternext, PyIter_Check(it) != 0 {
    result.pointee = next(it)
  } else if let m = PyObject_GetAttrString(it, "send") {
    result.pointee = PyObject_CallOneArg(m, value)
    gila_decref(m)
  } else {
    result.pointee = nil
  }
  if result.pointee != nil { return PYGEN_NEXT_ }
  if !errorIsSet {
    result.pointee = newRef(none)
    return PYGEN_RETURN_
  }
  if PyErr_ExceptionMatches(Exc.StopIteration.object) == 0 { return PYGEN_ERROR_ }
  let e = PyErr_GetRaisedException().unsafelyUnwrapped
  result.pointee = newRef((e.raw + 72).load(as: Ref?.self) ?? none)
  gila_decref(e)
  return PYGEN_RETURN_
}
