import CGila
import GilaCompiler
import GilaCore

/// Reporting what runs to `sys.settrace` and `sys.setprofile`, and to the tools of `sys.monitoring`.
///
/// While a thread is traced, the breaker's bit `GILA_BREAK_TRACE` stays set, so that each frame that passes a safe point
/// changes to the instrumented form of its code, which stops here before each step. Changing the form is changing the
/// instruction pointer: see `Eval.form`.
public enum Tracing {
  enum Outcome { case proceed, moved, failed }

  static func isActive(_ ts: ThreadRef) -> Bool {
    ts.pointee.c_tracefunc != nil || ts.pointee.c_profilefunc != nil || Monitoring.active != 0
  }
  @inline(__always) static func monitorsCalls(_ ts: ThreadRef) -> Bool { Monitoring.wants(.call) }

  /// The native trace function of `sys.settrace`, which wants nothing from a frame without `f_trace`.
  nonisolated(unsafe) public static var pythonFunction: UInt = 0

  // MARK: Changing the form

  /// The instrumented instruction of a unit, or nil with an exception.
  static func target(_ f: FrameRef, unit: Int) -> UnsafePointer<UInt64>? {
    guard let e = Executable.instrumentedForm(f.pointee.code) else { return nil }
    guard unit >= 0, unit < e.pointee.unitCount, e.pointee.wordOfUnit[unit] >= 0 else { return nil }
    return UnsafePointer(e.pointee.words + Int(e.pointee.wordOfUnit[unit]))
  }
  /// The unit at which the frame goes on: that of the instruction at its instruction pointer.
  private static func nextUnit(_ f: FrameRef) -> Int? {
    let e = Eval.form(f, f.pointee.ip.unsafelyUnwrapped)
    let at = Int32(truncatingIfNeeded: f.pointee.ip - UnsafePointer(e.pointee.words))
    var unit = 0
    while unit < e.pointee.unitCount {
      if e.pointee.wordOfUnit[unit] == at { return unit }
      unit += 1
    }
    return nil
  }
  /// Moves a frame at a safe point, or suspended in a call, to the instrumented form. `inner` is the frame it called.
  static func instrument(_ f: FrameRef, inner: FrameRef? = nil) {
    if Eval.form(f, f.pointee.ip.unsafelyUnwrapped).pointee.isInstrumented { return }
    // The rest of the line that is being executed begins none.
    f.pointee.traced_unit = Int64(Eval.unit(f))
    if let inner, inner.pointee.owner == FrameOwner.generator, inner.pointee.flags & FrameFlag.entry == 0 {
      // Suspended in FOR_ITER or SEND: it goes on behind that instruction, or at its target when the generator returns.
      let unit = Int(Eval.unit(f))
      guard let at = target(f, unit: unit) else { return PyErr_Clear() }
      let step = (at + 1).pointee
      if UInt8(truncatingIfNeeded: step) == Op.send.rawValue {
        f.pointee.ip = at + 2
        inner.pointee.return_offset = UInt32(truncatingIfNeeded: step >> 32)
      } else {
        f.pointee.ip = at + 3
        inner.pointee.return_offset = UInt32(truncatingIfNeeded: (at + 2).pointee)
        inner.pointee.state = 0
      }
      return
    }
    if let unit = nextUnit(f), let at = target(f, unit: unit) { f.pointee.ip = at } else { PyErr_Clear() }
  }
  /// At a RESUME of the plain form: the instrumented one does it again, and reports it.
  static func restart(_ f: FrameRef) -> UnsafePointer<UInt64>? {
    target(f, unit: Int(Eval.unit(f)))
  }
  /// All frames of a thread.
  private static func instrumentAll(_ ts: ThreadRef) {
    var inner: FrameRef? = nil
    var at = ts.pointee.current_frame
    while let f = at {
      instrument(f, inner: inner)
      inner = f
      at = f.pointee.previous
    }
  }
  static func changed(_ ts: ThreadRef) {
    if isActive(ts) {
      gila_atomic_or(gila_eval_breaker(ts), UInt(GILA_BREAK_TRACE))
      instrumentAll(ts)
    } else {
      gila_atomic_and(gila_eval_breaker(ts), ~UInt(GILA_BREAK_TRACE))
    }
  }
  /// A frame's `f_trace` was set.
  static func watch(_ f: FrameRef) {
    let ts = gila_ts()
    guard isActive(ts) else { return }
    var inner: FrameRef? = nil
    var at = ts.pointee.current_frame
    while let x = at {
      if x == f { return instrument(f, inner: inner) }
      inner = x
      at = x.pointee.previous
    }
  }

  // MARK: Events

  private static func report(
    _ ts: ThreadRef, _ f: FrameRef, _ function: Py_tracefunc?, _ object: Ref?, _ event: Int32, _ argument: Ref?
  ) -> Bool {
    guard let function, ts.pointee.tracing == 0 else { return true }
    guard let frame = FrameObject.of(f) else { return false }
    let saved = PyErr_GetRaisedException()
    gila_incref(frame)
    ts.pointee.tracing += 1
    ts.pointee.what_event = event
    let r = function(object, FrameObject.object(frame), event, argument)
    ts.pointee.what_event = -1
    ts.pointee.tracing -= 1
    gila_decref(frame)
    if r != 0 {
      // The function's own exception goes on instead.
      xdecref(saved)
      return false
    }
    PyErr_SetRaisedException(saved)
    return true
  }
  private static func trace(_ ts: ThreadRef, _ f: FrameRef, _ event: Int32, _ argument: Ref?) -> Bool {
    report(ts, f, ts.pointee.c_tracefunc, ts.pointee.c_traceobj, event, argument)
  }
  private static func profile(_ ts: ThreadRef, _ f: FrameRef, _ event: Int32, _ argument: Ref?) -> Bool {
    report(ts, f, ts.pointee.c_profilefunc, ts.pointee.c_profileobj, event, argument)
  }
  /// Both, as for calls and returns.
  private static func both(_ ts: ThreadRef, _ f: FrameRef, _ event: Int32, _ argument: Ref?) -> Bool {
    trace(ts, f, event, argument) && profile(ts, f, event, argument)
  }

  /// Before the instruction at a unit of the bytecode.
  @inline(never) static func step(_ ts: ThreadRef, _ f: FrameRef, _ unit: Int) -> Outcome {
    if !isActive(ts) {
      f.pointee.traced_unit = Int64(unit)
      return .proceed
    }
    let code = f.pointee.code!
    let bytes = UnsafeRawPointer(code).advanced(by: 200).assumingMemoryBound(to: UInt8.self)
    let op = UInt16(bytes[2 * unit])
    let before = f.pointee.ip
    if op == Opcode.resume { f.pointee.traced_unit = -1 }
    if Monitoring.active != 0 {
      if !Monitoring.step(ts, f, code, unit, op) { return .failed }
      if f.pointee.ip != before { return .moved }
    }
    if op == Opcode.resume {
      if !both(ts, f, PyTrace_CALL, none) { return .failed }
    } else if let function = ts.pointee.c_tracefunc,
      f.pointee.frame_obj?.pointee.f_trace != nil || unsafeBitCast(function, to: UInt.self) != pythonFunction
    {
      if !line(ts, f, code, unit) { return .failed }
      if f.pointee.ip != before { return .moved }
      if f.pointee.frame_obj?.pointee.f_trace_opcodes ?? 0 != 0, !trace(ts, f, PyTrace_OPCODE, none) { return .failed }
    }
    f.pointee.traced_unit = Int64(unit)
    switch op {
    case Opcode.returnValue, Opcode.yieldValue:
      if !both(ts, f, PyTrace_RETURN, peekOptional(f.pointee.sp, 1)) { return .failed }
    case Opcode.returnConst:
      let constant = gila_tuple_items(code.pointee.co_consts!)[wideArgument(bytes, unit)]
      if !both(ts, f, PyTrace_RETURN, constant) { return .failed }
    default: break
    }
    return f.pointee.ip != before ? .moved : .proceed
  }
  static func operation(_ code: CodeRef, _ unit: Int) -> UInt16 {
    unit < 0 ? 0 : UInt16((UnsafeRawPointer(code) + 200 + 2 * unit).load(as: UInt8.self))
  }
  static func argument(_ code: CodeRef, _ unit: Int) -> Int {
    unit < 0 ? 0 : wideArgument((UnsafeRawPointer(code) + 200).assumingMemoryBound(to: UInt8.self), unit)
  }
  private static func wideArgument(_ bytes: UnsafePointer<UInt8>, _ unit: Int) -> Int {
    var arg = Int(bytes[2 * unit + 1]), shift = 8, at = unit - 1
    while at >= 0, UInt16(bytes[2 * at]) == Opcode.extendedArg, shift < 32 {
      arg |= Int(bytes[2 * at + 1]) << shift
      shift += 8
      at -= 1
    }
    return arg
  }
  private static func line(_ ts: ThreadRef, _ f: FrameRef, _ code: CodeRef, _ unit: Int) -> Bool {
    if f.pointee.frame_obj?.pointee.f_trace_lines ?? 1 == 0 || !beginsLine(f, code, unit) { return true }
    return trace(ts, f, PyTrace_LINE, none)
  }
  /// Whether the instruction begins a line: its entry of the line table begins here with another line than the
  /// instruction executed before, or that one jumped back.
  static func beginsLine(_ f: FrameRef, _ code: CodeRef, _ unit: Int) -> Bool {
    guard let e = CodeLocations.of(code, unit), e.line >= 0 else { return false }
    let last = Int(f.pointee.traced_unit)
    let op = operation(code, last)
    if last < 0 || op == Opcode.resume && argument(code, last) & 3 == 0 { return true }
    // The way back to a suspended `await` or `yield from` is none that the program took.
    return CodeLocations.of(code, last)?.line != e.line || (op == Opcode.jumpBackward && unit <= last)
  }
  /// An exception was raised in, or came into, the frame.
  @inline(__always) static func raised(_ ts: ThreadRef, _ f: FrameRef) {
    if Monitoring.active != 0 { Monitoring.exception(.raise, ts, f) }
    if ts.pointee.c_tracefunc != nil { reportException(ts, f) }
  }
  /// An exception goes on that a handler did not want.
  @inline(__always) static func reraised(_ ts: ThreadRef, _ f: FrameRef) {
    if Monitoring.active != 0 { Monitoring.exception(.reraise, ts, f) }
  }
  /// A handler was found.
  @inline(__always) static func handled(_ ts: ThreadRef, _ f: FrameRef) {
    if Monitoring.active != 0 { Monitoring.exception(.exceptionHandled, ts, f) }
  }
  /// A suspended frame goes on with an exception.
  static func thrown(_ ts: ThreadRef, _ f: FrameRef) {
    if !isActive(ts) { return }
    instrument(f)
    f.pointee.traced_unit = -1
    Monitoring.exception(.pyThrow, ts, f)
    guard ts.pointee.c_tracefunc != nil || ts.pointee.c_profilefunc != nil else { return }
    let pending = PyErr_GetRaisedException()
    if both(ts, f, PyTrace_CALL, none) { PyErr_SetRaisedException(pending) } else { xdecref(pending) }
  }
  @inline(never) private static func reportException(_ ts: ThreadRef, _ f: FrameRef) {
    guard ts.pointee.tracing == 0, let e = PyErr_GetRaisedException() else { return }
    let tb = PyException_GetTraceback(e) ?? newRef(none)
    guard let t = PyTuple_New(3) else {
      gila_decref(tb)
      gila_decref(e)
      return
    }
    gila_tuple_items(t)[0] = newRef(e.type.object)
    gila_tuple_items(t)[1] = newRef(e)
    gila_tuple_items(t)[2] = tb
    let ok = trace(ts, f, PyTrace_EXCEPTION, t)
    gila_decref(t)
    if ok { PyErr_SetRaisedException(e) } else { gila_decref(e) }
  }
  /// A frame is left by an exception.
  @inline(__always) static func unwound(_ ts: ThreadRef, _ f: FrameRef) {
    if Monitoring.active != 0 { Monitoring.exception(.pyUnwind, ts, f) }
    if ts.pointee.c_tracefunc != nil || ts.pointee.c_profilefunc != nil { reportUnwinding(ts, f) }
  }
  @inline(never) private static func reportUnwinding(_ ts: ThreadRef, _ f: FrameRef) {
    _ = both(ts, f, PyTrace_RETURN, none)
  }
  /// An iterator ended with StopIteration, which a `for` or `yield from` is about to swallow.
  @inline(__always) static func stopIteration(_ ts: ThreadRef, _ f: FrameRef) {
    if ts.pointee.current_exception == nil { return }
    if Monitoring.active != 0 { Monitoring.exception(.raise, ts, f) }
    if ts.pointee.c_tracefunc != nil { reportException(ts, f) }
  }
  /// What a `for`, `yield from` or `await` in the frame ran on has returned: what would be a StopIteration. A `for` sees
  /// none if the value is None. False with an exception.
  @inline(never) static func iteratorEnded(_ ts: ThreadRef, _ f: FrameRef, _ value: Ref, inlined: Bool = false) -> Bool
  {
    let isLoop = inlined && operation(f.pointee.code!, Int(Eval.unit(f))) == Opcode.forIter
    let event: Monitoring.Event = inlined && !isLoop ? .stopIteration : .raise
    if isLoop && value == none { return true }
    guard ts.pointee.c_tracefunc != nil || Monitoring.wants(event), ts.pointee.tracing == 0 else { return true }
    guard let e = PyObject_CallOneArg(Exc.StopIteration.object, value) else { return false }
    PyErr_SetRaisedException(e)
    Monitoring.exception(event, ts, f)
    if ts.pointee.c_tracefunc != nil { reportException(ts, f) }
    guard PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 else { return false }
    PyErr_Clear()
    return true
  }

  // MARK: Native calls

  private static func isNative(_ callable: Ref) -> Bool {
    callable.isInstance(of: Types.cFunction) || callable.isExactly(Types.methodDescr)
  }
  /// What a profile function gets as the called: a bound builtin for a method descriptor.
  private static func shown(_ callable: Ref, _ first: Ref?) -> Ref? {
    if callable.isExactly(Types.methodDescr), let first, let get = callable.type.pointee.tp_descr_get {
      if let bound = get(callable, first, first.type.object) { return bound }
      PyErr_Clear()
    }
    return newRef(callable)
  }
  private static func reportingCall(
    _ ts: ThreadRef, _ f: FrameRef, _ callable: Ref, _ first: Ref?, _ call: () -> Ref?
  ) -> Ref? {
    guard ts.pointee.tracing == 0 else { return call() }
    if Monitoring.wants(.call), !callable.isExactly(Types.function) {
      let held = Owned(retaining: callable), argument = Owned(retaining: first ?? none)
      let r = profilingCall(ts, f, callable, first, call)
      if !Monitoring.returned(ts, f, held.ref, first == nil ? nil : argument.ref, raised: r == nil) {
        xdecref(r)
        return nil
      }
      return r
    }
    return profilingCall(ts, f, callable, first, call)
  }
  private static func profilingCall(
    _ ts: ThreadRef, _ f: FrameRef, _ callable: Ref, _ first: Ref?, _ call: () -> Ref?
  ) -> Ref? {
    guard isNative(callable), ts.pointee.c_profilefunc != nil else { return call() }
    guard let about = shown(callable, first) else { return nil }
    defer { gila_decref(about) }
    if !profile(ts, f, PyTrace_C_CALL, about) { return nil }
    guard let r = call() else {
      if !profile(ts, f, PyTrace_C_EXCEPTION, about) { return nil }
      return nil
    }
    // The call may have ended the profiling.
    if !profile(ts, f, PyTrace_C_RETURN, about) {
      gila_decref(r)
      return nil
    }
    return r
  }
  static func callReporting(
    _ ts: ThreadRef, _ f: FrameRef, _ callable: Ref, _ args: StackRef, _ n: Int, _ names: Ref?
  ) -> Ref? {
    reportingCall(ts, f, callable, n > 0 ? args.pointee : nil) {
      Eval.checked(gila_call_vector(callable, UnsafePointer(args), n, names), ts, callable)
    }
  }
  static func callSpreadReporting(_ ts: ThreadRef, _ f: FrameRef, _ callable: Ref, _ args: Ref, _ kwargs: Ref?) -> Ref?
  {
    reportingCall(ts, f, callable, args.size > 0 ? gila_tuple_items(args)[0] : nil) {
      Eval.checked(PyObject_Call(callable, args, kwargs), ts, callable)
    }
  }
}

@c @implementation public func PyEval_SetTrace(_ f: Py_tracefunc!, _ object: Ref!) { setTrace(gila_ts(), f, object) }
@c @implementation public func PyEval_SetProfile(_ f: Py_tracefunc!, _ object: Ref!) {
  setProfile(gila_ts(), f, object)
}
private func setTrace(_ ts: ThreadRef, _ f: Py_tracefunc?, _ object: Ref?) {
  let old = ts.pointee.c_traceobj
  ts.pointee.c_tracefunc = f
  ts.pointee.c_traceobj = xnewRef(object)
  Tracing.changed(ts)
  xdecref(old)
}
private func setProfile(_ ts: ThreadRef, _ f: Py_tracefunc?, _ object: Ref?) {
  let old = ts.pointee.c_profileobj
  ts.pointee.c_profilefunc = f
  ts.pointee.c_profileobj = xnewRef(object)
  Tracing.changed(ts)
  xdecref(old)
}
private func forAllThreads(_ body: (ThreadRef) -> Void) {
  var at = currentInterpreter.pointee.threads_head
  while let ts = at {
    body(ts)
    at = ts.pointee.next
  }
}
@c @implementation public func PyEval_SetTraceAllThreads(_ f: Py_tracefunc!, _ object: Ref!) {
  forAllThreads { setTrace($0, f, object) }
}
@c @implementation public func PyEval_SetProfileAllThreads(_ f: Py_tracefunc!, _ object: Ref!) {
  forAllThreads { setProfile($0, f, object) }
}
@c @implementation public func PyThreadState_EnterTracing(_ ts: ThreadRef!) { ts.pointee.tracing += 1 }
@c @implementation public func PyThreadState_LeaveTracing(_ ts: ThreadRef!) { ts.pointee.tracing -= 1 }
