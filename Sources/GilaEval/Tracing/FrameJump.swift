import CGila
import GilaCompiler
import GilaCore

/// Assignment to `f_lineno`: a trace function makes the frame go on at another line.
///
/// Allowed where the value stack of the new line is what the current one becomes when values are dropped from its top;
/// `StackShapes` tells the shape of the stack before each instruction.
enum FrameJump {
  static func setLine(_ r: Ref, _ v: Ref?) throws(PyError) {
    guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
    guard v.isExactly(Types.long) else { throw valueError("lineno must be an integer") }
    let o = FrameObject.object(r), ts = gila_ts()
    try checkEvent(ts, o)
    guard let f = o.pointee.f_frame, let code = f.pointee.code else {
      throw valueError("f_lineno can only be set in a trace function")
    }
    let wanted = try line(v, code)
    let shapes = StackShapes(code), unit = Int(Eval.unit(f))
    guard unit >= 0, unit < shapes.shapes.count else { throw valueError("can't jump from unreachable code") }
    let start = shapes.shapes[unit]
    let (target, best) = try destination(wanted, shapes, start)
    try fillUnbound(f, code)
    drop(f, ts, from: start, to: best)
    guard let at = Tracing.target(f, unit: target) else { throw PyError() }
    f.pointee.ip = at
    // The jump's own event has shown the line.
    f.pointee.traced_unit = Int64(target)
    o.pointee.f_lineno = 0
  }

  private static func checkEvent(_ ts: ThreadRef, _ o: UnsafeMutablePointer<PyFrameObject>) throws(PyError) {
    switch ts.pointee.what_event {
    case PyTrace_LINE: return
    case PyTrace_CALL:
      // A generator that goes on may jump.
      if let f = o.pointee.f_frame, let code = f.pointee.code, Tracing.argument(code, Int(Eval.unit(f))) & 3 != 0 {
        return
      }
      throw valueError("can't jump from the 'call' trace event of a new frame")
    case PyTrace_RETURN:
      if let f = o.pointee.f_frame, let code = f.pointee.code,
        Tracing.operation(code, Int(Eval.unit(f))) == Opcode.yieldValue
      {
        return
      }
      throw valueError("can only jump from a 'line' trace event")
    case PyTrace_C_CALL, PyTrace_C_RETURN: throw valueError("can't jump during a call")
    case PyTrace_EXCEPTION, PyTrace_C_EXCEPTION, PyTrace_OPCODE:
      throw valueError("can only jump from a 'line' trace event")
    default: throw valueError("f_lineno can only be set in a trace function")
    }
  }
  /// The first line with code that is not before the one asked for.
  private static func line(_ v: Ref, _ code: CodeRef) throws(PyError) -> Int {
    var overflow: Int32 = 0
    let asked = PyLong_AsLongAndOverflow(v, &overflow)
    if overflow != 0 { throw valueError("lineno out of range") }
    if asked == -1 && errorIsSet { throw PyError() }
    if asked < Int(code.pointee.co_firstlineno) {
      throw valueError("line \(asked) comes before the current code block")
    }
    var nearest: Int? = nil
    var table = CodeLocations(code)
    while let e = table.next() {
      if e.line >= asked, e.line < nearest ?? Int.max { nearest = e.line }
    }
    guard let nearest else { throw valueError("line \(asked) comes after the current code block") }
    return nearest
  }
  /// The instruction that begins the line with the deepest stack that fits, and that stack.
  private static func destination(
    _ line: Int, _ shapes: StackShapes, _ start: StackShape?
  ) throws(PyError) -> (unit: Int, shape: StackShape) {
    var best: (unit: Int, shape: StackShape)? = nil
    var problem = "cannot find bytecode for specified line"
    for unit in shapes.lineStarts(line) {
      guard let start else {
        problem = "can't jump from unreachable code"
        continue
      }
      let target = shapes.shapes[unit]
      if let target, start.canBecome(target) {
        if best.map({ target.kinds.count > $0.shape.kinds.count }) ?? true { best = (unit, target) }
      } else {
        problem = StackShape.refusal(target)
      }
    }
    guard let best else { throw valueError(problem) }
    return best
  }
  /// The compiler may have proven that a local is bound at the new place.
  private static func fillUnbound(_ f: FrameRef, _ code: CodeRef) throws(PyError) {
    let fast = Eval.locals(f)
    let n = Int(code.pointee.co_nlocalsplus)
    let unbound = (0..<n).count { fast[$0] == nil }
    if unbound == 0 { return }
    let text = "assigning None to \(unbound) unbound local\(unbound == 1 ? "" : "s")"
    if PyErr_WarnEx(Exc.RuntimeWarning.object, text, 0) < 0 { throw PyError() }
    for i in 0..<n where fast[i] == nil { fast[i] = newRef(none) }
  }
  private static func drop(_ f: FrameRef, _ ts: ThreadRef, from start: StackShape?, to best: StackShape) {
    guard let start else { return }
    for kind in start.kinds[best.kinds.count...].reversed() {
      f.pointee.sp -= 1
      let v = f.pointee.sp.pointee
      f.pointee.sp.pointee = nil
      if kind == .except, let item = ts.pointee.exc_info {
        // The exception that was handled before is handled again.
        let old = item.pointee.exc_value
        item.pointee.exc_value = v == none ? nil : v
        xdecref(old)
      } else {
        xdecref(v)
      }
    }
  }
}

/// What lies on the value stack, from the bottom.
struct StackShape: Equatable {
  enum Kind { case iterator, except, object, null, offset }
  var kinds: [Kind] = []

  mutating func push(_ k: Kind) { kinds.append(k) }
  mutating func pop(_ n: Int = 1) { kinds.removeLast(min(n, kinds.count)) }

  /// Whether dropping values from the top makes it `other`.
  func canBecome(_ other: StackShape) -> Bool {
    guard kinds.count >= other.kinds.count else { return false }
    return zip(kinds, other.kinds).allSatisfy { from, to in
      switch to {
      case .object: from != .null
      case .null: true
      default: from == to
      }
    }
  }
  static func refusal(_ target: StackShape?) -> String {
    guard let target else { return "can't jump into an exception handler, or code may be unreachable" }
    switch target.kinds.last {
    case .except: return "can't jump into an 'except' block as there's no exception"
    case .offset: return "can't jump into a re-raising block as there's no location"
    case .iterator: return "can't jump into the body of a for loop"
    case .object, .null, nil: return "incompatible stacks"
    }
  }
}

/// The shape of the stack before each instruction of a code object, nil where no path leads.
struct StackShapes {
  private(set) var shapes: [StackShape?]
  private let code: CodeRef
  private var changed = true

  init(_ code: CodeRef) {
    self.code = code
    let n = UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyVarObject.self).pointee.ob_size
    shapes = Array(repeating: nil, count: n + 1)
    shapes[0] = StackShape()
    let handlers = Executable.decodeHandlers(code)
    while changed {
      changed = false
      followInstructions(n)
      for h in handlers where Int(h.start) < n && Int(h.target) < n {
        guard var s = shapes[Int(h.start)] else { continue }
        s.pop(max(s.kinds.count - Int(h.depth), 0))
        if h.pushesOffset { s.push(.offset) }
        s.push(.except)
        reach(Int(h.target), s)
      }
    }
  }
  private mutating func reach(_ unit: Int, _ s: StackShape) {
    guard unit >= 0, unit < shapes.count, shapes[unit] == nil else { return }
    shapes[unit] = s
    changed = true
  }
  private mutating func followInstructions(_ n: Int) {
    var i = 0
    while i < n {
      let first = i
      while i + 1 < n, Tracing.operation(code, i) == Opcode.extendedArg { i += 1 }
      let op = Tracing.operation(code, i), arg = Tracing.argument(code, i)
      let next = i + 1 + Opcode.cacheCount(op)
      // A jump may lead to an instruction with a wide argument: all its units have one shape.
      if let s = shapes[first] {
        if first != i { reach(i, s) }
        follow(op, arg, s, next)
      }
      i = next
    }
  }
  private mutating func follow(_ op: UInt16, _ arg: Int, _ before: StackShape, _ next: Int) {
    var s = before
    switch op {
    case Opcode.returnValue, Opcode.returnConst, Opcode.raiseVarargs, Opcode.reraise: return
    case Opcode.jumpForward: return reach(next + arg, s)
    case Opcode.jumpBackward, Opcode.jumpBackwardNoInterrupt: return reach(next - arg, s)
    case Opcode.popJumpIfFalse, Opcode.popJumpIfTrue, Opcode.popJumpIfNone, Opcode.popJumpIfNotNone:
      s.pop()
      reach(next + arg, s)
    case Opcode.send: reach(next + arg, s)
    case Opcode.forIter:
      s.push(.object)
      reach(next + arg, s)
    case Opcode.getIter, Opcode.getAiter:
      s.pop()
      s.push(.iterator)
    case Opcode.endAsyncFor: s.pop(2)
    case Opcode.pushExcInfo: s.push(.except)
    case Opcode.popExcept: s.pop()
    case Opcode.pushNull: s.push(.null)
    case Opcode.loadGlobal:
      s.push(.object)
      if arg & 1 != 0 { s.push(.null) }
    case Opcode.loadAttr:
      s.pop()
      s.push(.object)
      if arg & 1 != 0 { s.push(.null) }
    case Opcode.call:
      s.pop(arg + 2)
      s.push(.object)
    case Opcode.swap:
      let top = s.kinds.count - 1
      if arg > 0, top - arg + 1 >= 0 { s.kinds.swapAt(top, top - arg + 1) }
    case Opcode.copy:
      if arg > 0, arg <= s.kinds.count { s.push(s.kinds[s.kinds.count - arg]) }
    case Opcode.returnGenerator: s.push(.object)
    default:
      let effect = Opcode.stackEffect(op, arg, jumping: false)
      if effect < 0 { s.pop(-effect) }
      for _ in 0..<max(effect, 0) { s.push(.object) }
    }
    reach(next, s)
  }
  /// Where an entry of the line table with this line begins.
  func lineStarts(_ line: Int) -> [Int] {
    var result: [Int] = []
    var table = CodeLocations(code)
    var last = -1
    while let e = table.next() {
      if e.line == line && last != line && e.start < shapes.count { result.append(e.start) }
      last = e.line
    }
    return result
  }
}
