import CGila
import GilaCompiler
import GilaCore

/// Low-impact monitoring of execution (PEP 669): up to six tools ask for events, of all code or of single code objects,
/// and get them by callbacks.
///
/// Frames run the instrumented form while any event is wanted anywhere; `Tracing.step` comes here before each
/// instruction. What a callback disabled is remembered per code object, place, event and tool.
public enum Monitoring {
  public enum Event: Int, CaseIterable, Sendable {
    case pyStart, pyResume, pyReturn, pyYield, call, line, instruction, jump, branch, stopIteration
    case raise, exceptionHandled, pyUnwind, pyThrow, reraise, cReturn, cRaise

    /// The name in `sys.monitoring.events`.
    public var name: StaticString {
      switch self {
      case .pyStart: "PY_START"
      case .pyResume: "PY_RESUME"
      case .pyReturn: "PY_RETURN"
      case .pyYield: "PY_YIELD"
      case .call: "CALL"
      case .line: "LINE"
      case .instruction: "INSTRUCTION"
      case .jump: "JUMP"
      case .branch: "BRANCH"
      case .stopIteration: "STOP_ITERATION"
      case .raise: "RAISE"
      case .exceptionHandled: "EXCEPTION_HANDLED"
      case .pyUnwind: "PY_UNWIND"
      case .pyThrow: "PY_THROW"
      case .reraise: "RERAISE"
      case .cReturn: "C_RETURN"
      case .cRaise: "C_RAISE"
      }
    }
    @inline(__always) public var bit: UInt32 { 1 << UInt32(rawValue) }
    /// Tied to a place in the code, where it can be disabled.
    public var isLocal: Bool { rawValue < Event.localCount }
    public static let localCount = 10
    /// The event whose bit asks for this one.
    @inline(__always) var askedBy: Event { self == .cReturn || self == .cRaise ? .call : self }
    /// What `f_lineno` goes by.
    fileprivate var traceEvent: Int32 {
      switch self {
      case .pyStart, .pyResume: PyTrace_CALL
      case .line, .jump, .branch: PyTrace_LINE
      case .pyYield, .pyReturn: PyTrace_RETURN
      case .call: PyTrace_C_CALL
      case .cReturn, .cRaise: PyTrace_C_RETURN
      default: PyTrace_EXCEPTION
      }
    }
  }
  public static let toolCount = 8

  /// A tool's registration. The references are owned.
  private struct Tool {
    var name: Ref?
    var callbacks = InlineArray<17, Ref?>(repeating: nil)
    var events: UInt32 = 0
  }
  private final class CodeState {
    var events = InlineArray<8, UInt32>(repeating: 0)
    var disabled: Set<Int> = []
  }
  private nonisolated(unsafe) static var tools = [Tool](repeating: Tool(), count: toolCount)
  private nonisolated(unsafe) static var codes: [CodeRef: CodeState] = [:]
  /// The events that any tool wants of any code.
  nonisolated(unsafe) static var active: UInt32 = 0
  /// Changes whenever a tool asks for something else.
  nonisolated(unsafe) static var version: UInt64 = 1
  /// `sys.monitoring.DISABLE` and `MISSING` (immortal).
  nonisolated(unsafe) public static var disable: Ref? = nil
  nonisolated(unsafe) public static var missing: Ref? = nil

  // MARK: What sys.monitoring does

  /// The name of a tool (borrowed), nil if the number is free.
  public static func name(_ tool: Int) -> Ref? { tools[tool].name }
  public static func use(_ tool: Int, _ name: Ref) { tools[tool].name = newRef(name) }
  public static func free(_ tool: Int) {
    let old = tools[tool]
    tools[tool] = Tool()
    for state in codes.values { state.events[tool] = 0 }
    update()
    xdecref(old.name)
    for i in 0..<17 { xdecref(old.callbacks[i]) }
  }
  /// Sets a callback (nil: none) and gives the one before (owned).
  public static func register(_ tool: Int, _ event: Event, _ callback: Ref?) -> Ref? {
    let old = tools[tool].callbacks[event.rawValue]
    tools[tool].callbacks[event.rawValue] = xnewRef(callback)
    return old
  }
  public static func events(_ tool: Int) -> UInt32 { tools[tool].events }
  public static func setEvents(_ tool: Int, _ events: UInt32) {
    tools[tool].events = events
    update()
  }
  public static func localEvents(_ tool: Int, _ code: Ref) -> UInt32 {
    codes[code.cast(PyCodeObject.self)]?.events[tool] ?? 0
  }
  public static func setLocalEvents(_ tool: Int, _ code: Ref, _ events: UInt32) {
    if events == 0 && codes[code.cast(PyCodeObject.self)] == nil { return }
    state(code.cast(PyCodeObject.self)).events[tool] = events
    update()
  }
  /// What callbacks disabled reports again.
  public static func restart() {
    version &+= 1
    for state in codes.values { state.disabled.removeAll() }
  }

  private static func state(_ code: CodeRef) -> CodeState {
    if let s = codes[code] { return s }
    let s = CodeState()
    codes[code] = s
    return s
  }
  /// A code object dies.
  static func forget(_ code: CodeRef) {
    if !codes.isEmpty { codes[code] = nil }
  }
  private static func update() {
    version &+= 1
    var all: UInt32 = 0
    for t in tools { all |= t.events }
    for s in codes.values { for i in 0..<toolCount { all |= s.events[i] } }
    if all == active { return }
    active = all
    var at = currentInterpreter.pointee.threads_head
    while let ts = at {
      Tracing.changed(ts)
      at = ts.pointee.next
    }
  }

  // MARK: Events

  @inline(__always) static func wants(_ e: Event) -> Bool { active & e.askedBy.bit != 0 }

  /// Tells the tools. False with the exception that a callback raised; one that was pending is kept otherwise.
  private static func fire(
    _ e: Event, _ ts: ThreadRef, _ code: CodeRef, _ unit: Int, _ first: Ref?, _ second: Ref? = nil
  )
    -> Bool
  {
    guard wants(e), ts.pointee.tracing == 0 else { return true }
    let saved = PyErr_GetRaisedException()
    let place = e == .line ? CodeLocations.of(code, unit)?.line ?? -1 : unit * 2
    for tool in 0..<toolCount {
      let local = codes[code]
      guard (tools[tool].events | (local?.events[tool] ?? 0)) & e.askedBy.bit != 0,
        let callback = tools[tool].callbacks[e.rawValue],
        local?.disabled.contains(key(e, tool, unit)) != true
      else { continue }
      guard call(callback, e, ts, code, place, first, second, tool, unit) else {
        xdecref(saved)
        return false
      }
    }
    PyErr_SetRaisedException(saved)
    return true
  }
  /// The tools that want an event of all code, as bits.
  static func toolsThatWant(_ e: Event) -> UInt8 {
    var set: UInt8 = 0
    for tool in 0..<toolCount where tools[tool].events & e.askedBy.bit != 0 { set |= 1 << UInt8(tool) }
    return set
  }
  /// Tells the tools of an event in foreign code, which says who wants it. False with an exception.
  static func fire(
    _ e: Event, _ active: inout UInt8, _ code: Ref, _ place: Ref, _ first: Ref?, _ second: Ref?
  ) -> Bool {
    let ts = currentThread
    for tool in 0..<toolCount where active & 1 << UInt8(tool) != 0 && ts.pointee.tracing == 0 {
      guard let callback = tools[tool].callbacks[e.rawValue] else { continue }
      guard let r = call(callback, e, ts, code, place, first, second) else { return false }
      let result = Owned(taking: r)
      if result.ref != disable { continue }
      if !e.isLocal { return refuseDisabling(e, tool) }
      active &= ~(1 << UInt8(tool))
    }
    return true
  }
  private static func key(_ e: Event, _ tool: Int, _ unit: Int) -> Int { unit << 8 | tool << 5 | e.rawValue }
  private static func call(
    _ callback: Ref, _ e: Event, _ ts: ThreadRef, _ code: CodeRef, _ place: Int, _ first: Ref?, _ second: Ref?,
    _ tool: Int, _ unit: Int
  ) -> Bool {
    guard let where_ = PyLong_FromLong(place) else { return false }
    let place = Owned(taking: where_)
    let object = UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyObject.self)
    guard let r = call(callback, e, ts, object, place.ref, first, second) else { return false }
    let result = Owned(taking: r)
    if result.ref != disable { return true }
    if !e.isLocal { return refuseDisabling(e, tool) }
    state(code).disabled.insert(key(e, tool, unit))
    return true
  }
  private static func refuseDisabling(_ e: Event, _ tool: Int) -> Bool {
    xdecref(register(tool, e, nil))
    _ = valueError("Cannot disable \(e.name) events. Callback removed.")
    return false
  }
  /// What a callback returns.
  private static func call(
    _ callback: Ref, _ e: Event, _ ts: ThreadRef, _ code: Ref, _ place: Ref, _ first: Ref?, _ second: Ref?
  ) -> Ref? {
    let f = Owned(retaining: callback)
    var arguments = InlineArray<4, Ref?>(repeating: nil)
    arguments[0] = code
    arguments[1] = place
    arguments[2] = first
    arguments[3] = second
    let count = second != nil ? 4 : first != nil ? 3 : 2
    ts.pointee.tracing += 1
    ts.pointee.what_event = e.traceEvent
    let r = withUnsafePointer(to: &arguments) {
      PyObject_Vectorcall(f.ref, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), count, nil)
    }
    ts.pointee.what_event = -1
    ts.pointee.tracing -= 1
    return r
  }

  /// Before the instruction at a unit. False with an exception.
  static func step(_ ts: ThreadRef, _ f: FrameRef, _ code: CodeRef, _ unit: Int, _ op: UInt16) -> Bool {
    if op == Opcode.resume {
      let starts = Tracing.argument(code, unit) & 3 == 0
      return fire(starts ? .pyStart : .pyResume, ts, code, unit, nil)
    }
    if !jumped(ts, f, code, unit) { return false }
    if wants(.line), Tracing.beginsLine(f, code, unit), !fire(.line, ts, code, unit, nil) { return false }
    if wants(.instruction), !fire(.instruction, ts, code, unit, nil) { return false }
    switch op {
    case Opcode.call, Opcode.callKw, Opcode.callFunctionEx, Opcode.loadSuperAttr:
      return !wants(.call) || called(ts, f, code, unit, op)
    case Opcode.returnValue: return fire(.pyReturn, ts, code, unit, peekOptional(f.pointee.sp, 1))
    case Opcode.returnConst:
      return fire(.pyReturn, ts, code, unit, gila_tuple_items(code.pointee.co_consts!)[Tracing.argument(code, unit)])
    case Opcode.yieldValue: return fire(.pyYield, ts, code, unit, peekOptional(f.pointee.sp, 1))
    default: return true
    }
  }
  /// The instruction before was a jump that led here.
  private static func jumped(_ ts: ThreadRef, _ f: FrameRef, _ code: CodeRef, _ unit: Int) -> Bool {
    let last = Int(f.pointee.traced_unit)
    guard last >= 0, active & (Event.jump.bit | Event.branch.bit) != 0 else { return true }
    let op = Tracing.operation(code, last), arg = Tracing.argument(code, last)
    let next = last + 1 + Opcode.cacheCount(op)
    let event: Event
    switch op {
    case Opcode.jumpForward where unit == next + arg: event = .jump
    case Opcode.jumpBackward where unit <= next - arg: event = .jump
    case Opcode.popJumpIfFalse, Opcode.popJumpIfTrue, Opcode.popJumpIfNone, Opcode.popJumpIfNotNone, Opcode.forIter:
      guard unit >= next, unit <= next + 1 || unit >= next + arg && unit <= next + arg + 2 else { return true }
      event = .branch
    default: return true
    }
    // A loop that ends goes on behind the instructions that put its iterator away.
    let destination = op == Opcode.forIter && unit >= next + arg ? next + arg + 2 : unit
    guard wants(event), let target = PyLong_FromLong(destination * 2) else { return !errorIsSet }
    let held = Owned(taking: target)
    return fire(event, ts, code, last, held.ref)
  }
  private static func called(_ ts: ThreadRef, _ f: FrameRef, _ code: CodeRef, _ unit: Int, _ op: UInt16) -> Bool {
    let sp = f.pointee.sp!, arg = Tracing.argument(code, unit)
    let callable: Ref?, first: Ref?
    switch op {
    case Opcode.call, Opcode.callKw:
      let names = op == Opcode.callKw ? 1 : 0
      let receiver = peekOptional(sp, arg + 1 + names)
      callable = peekOptional(sp, arg + 2 + names)
      first = receiver ?? (arg > 0 ? peekOptional(sp, arg + names) : nil)
    case Opcode.callFunctionEx:
      callable = peekOptional(sp, 3 + (arg & 1))
      let arguments = peekOptional(sp, 1 + (arg & 1))
      first = arguments.flatMap { $0.isTuple && $0.size > 0 ? gila_tuple_items($0)[0] : nil }
    default:
      callable = peekOptional(sp, 3)
      first = arg & 2 != 0 ? peekOptional(sp, 2) : nil
    }
    guard let callable else { return true }
    return fire(.call, ts, code, unit, callable, first ?? missing)
  }
  /// A callable that is no Python function returned, or raised: then `result` is nil. False with an exception.
  static func returned(_ ts: ThreadRef, _ f: FrameRef, _ callable: Ref, _ first: Ref?, raised: Bool) -> Bool {
    fire(raised ? .cRaise : .cReturn, ts, f.pointee.code!, Int(Eval.unit(f)), callable, first ?? missing)
  }
  /// An event about the pending exception, which stays pending, or gives way to a callback's.
  static func exception(_ e: Event, _ ts: ThreadRef, _ f: FrameRef) {
    guard wants(e), ts.pointee.tracing == 0, let x = PyErr_GetRaisedException() else { return }
    if fire(e, ts, f.pointee.code!, Int(Eval.unit(f)), x) {
      PyErr_SetRaisedException(x)
    } else {
      gila_decref(x)
    }
  }
}
