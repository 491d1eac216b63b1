import CGila
import GilaCompiler
import GilaCore
import Glibc

/// Turns a code object's bytecode into its executable form in one pass: wide arguments are put together, cache entries
/// become inline words, constants and names become pointers, and common pairs become one instruction. Nothing is fused
/// across a jump's target, so that every jump finds the beginning of an instruction.
///
/// Every function of a program comes by here once, most of them at its start: the tables are raw memory of a size that
/// cannot be exceeded.
struct Translator: ~Copyable {
  struct Step {
    var first: Int  // unit of its first EXTENDED_ARG, or of itself
    var unit: Int
    var op: UInt16
    var arg: Int
    var next: Int
  }
  private struct Jump {
    var word: Int
    var end: Int
    var unit: Int
    var inCache: Bool
  }
  /// The most words that one step becomes: an inline cache, and a word of tracing before it.
  private static let mostWords = 5
  private let code: Executable.CodeRef
  private let instrumented: Bool
  private let unitCount: Int
  private let handlers: [Executable.Handler]
  private var steps: UnsafeMutablePointer<Step>
  private var stepCount = 0
  private var isTarget: UnsafeMutablePointer<Bool>
  private var wordOfUnit: UnsafeMutablePointer<Int32>
  private var words: UnsafeMutablePointer<UInt64>
  private var unitOfWord: UnsafeMutablePointer<Int32>
  private var wordCount = 0
  private var jumps: UnsafeMutablePointer<Jump>
  private var jumpCount = 0

  init(_ code: Executable.CodeRef, instrumented: Bool) {
    self.code = code
    self.instrumented = instrumented
    let n = (UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyVarObject.self)).pointee.ob_size
    unitCount = n + 1
    handlers = Executable.decodeHandlers(code)
    steps = .allocate(capacity: n)
    isTarget = .allocate(capacity: unitCount)
    isTarget.initialize(repeating: false, count: unitCount)
    wordOfUnit = .allocate(capacity: unitCount)
    wordOfUnit.initialize(repeating: -1, count: unitCount)
    Translator.decode(code, n, steps, &stepCount, isTarget)
    for h in handlers where h.target >= 0 && Int(h.target) < unitCount { isTarget[Int(h.target)] = true }
    let most = stepCount * Translator.mostWords + 1
    words = .allocate(capacity: most)
    unitOfWord = .allocate(capacity: most)
    jumps = .allocate(capacity: stepCount * 2)
  }
  deinit {
    steps.deallocate()
    isTarget.deallocate()
    wordOfUnit.deallocate()
    words.deallocate()
    unitOfWord.deallocate()
    jumps.deallocate()
  }

  private static func decode(
    _ code: Executable.CodeRef, _ n: Int, _ steps: UnsafeMutablePointer<Step>, _ count: inout Int,
    _ isTarget: UnsafeMutablePointer<Bool>
  ) {
    let bytes = UnsafeRawPointer(code).advanced(by: 200).assumingMemoryBound(to: UInt8.self)
    var i = 0
    while i < n {
      let first = i
      var arg = 0
      var op = UInt16(bytes[2 * i])
      arg = Int(bytes[2 * i + 1])
      while op == Opcode.extendedArg && i + 1 < n {
        i += 1
        op = UInt16(bytes[2 * i])
        arg = (arg & 0xff_ffff) << 8 | Int(bytes[2 * i + 1])
      }
      let next = i + 1 + Opcode.cacheCount(op)
      let step = Step(first: first, unit: i, op: op, arg: arg, next: next)
      (steps + count).initialize(to: step)
      count += 1
      if let t = Translator.target(step), t >= 0, t <= n { isTarget[t] = true }
      i = next
    }
  }
  /// The unit a jump goes to.
  static func target(_ s: Step) -> Int? {
    switch s.op {
    case Opcode.jumpForward, Opcode.forIter, Opcode.send, Opcode.popJumpIfFalse, Opcode.popJumpIfTrue,
      Opcode.popJumpIfNone, Opcode.popJumpIfNotNone:
      return s.next + s.arg
    case Opcode.jumpBackward, Opcode.jumpBackwardNoInterrupt: return s.next - s.arg
    default: return nil
    }
  }

  private mutating func emit(_ unit: Int, _ word: UInt64) {
    words[wordCount] = word
    unitOfWord[wordCount] = Int32(truncatingIfNeeded: unit)
    wordCount &+= 1
  }
  private mutating func emit(_ unit: Int, pointer: Ref?) { emit(unit, UInt64(UInt(bitPattern: pointer))) }
  private func constant(_ i: Int) -> Ref? {
    let t = code.pointee.co_consts.unsafelyUnwrapped
    return i < t.size ? gila_tuple_items(t)[i] : nil
  }
  private func name(_ i: Int) -> Ref? {
    let t = code.pointee.co_names.unsafelyUnwrapped
    return i < t.size ? gila_tuple_items(t)[i] : nil
  }
  /// A jump of the instruction at `word`, whose own words end before `end`.
  private mutating func jump(_ word: Int, _ unit: Int, inCache: Bool = false) {
    (jumps + jumpCount).initialize(to: Jump(word: word, end: wordCount, unit: unit, inCache: inCache))
    jumpCount &+= 1
  }
  /// Whether step `i` exists, has operation `op` and can only be reached from the step before.
  private func follows(_ i: Int, _ op: UInt16) -> Bool {
    i < stepCount && steps[i].op == op && !isTarget[steps[i].first]
  }

  private enum Operand {
    case stack
    case fast(Int)
    case const(Ref)
  }
  private static func arithmetic(_ arg: Int) -> Int? {
    switch arg {
    case 0, 13: return 0
    case 10, 23: return 1
    case 5, 18: return 2
    default: return nil
    }
  }
  /// The five forms of an arithmetic instruction.
  private static let forms: [[Op]] = [
    [.addStack, .addStackFast, .addFastFast, .addStackConst, .addFastConst],
    [.subtractStack, .subtractStackFast, .subtractFastFast, .subtractStackConst, .subtractFastConst],
    [.multiplyStack, .multiplyStackFast, .multiplyFastFast, .multiplyStackConst, .multiplyFastConst],
  ]

  /// Emits the operation of step `i` with operands that earlier steps would have pushed. False if there is no such form.
  private mutating func fuse(_ i: Int, _ left: Operand, _ right: Operand) -> Int? {
    let s = steps[i]
    if s.op == Opcode.binaryOp, let kind = Translator.arithmetic(s.arg) {
      let f = Translator.forms[kind]
      // `a` tells the in-place operator, for objects that are not numbers.
      let inPlace = s.arg >= 13 ? 1 : 0
      switch (left, right) {
      case (.stack, .fast(let r)): emit(s.unit, Op.word(f[1], a: inPlace, c: r))
      case (.fast(let l), .fast(let r)) where l < 65536: emit(s.unit, Op.word(f[2], a: inPlace, b: l, c: r))
      case (.stack, .const(let r)):
        emit(s.unit, Op.word(f[3], a: inPlace))
        emit(s.unit, pointer: r)
      case (.fast(let l), .const(let r)):
        emit(s.unit, Op.word(f[4], a: inPlace, c: l))
        emit(s.unit, pointer: r)
      default: return nil
      }
      return i + 1
    }
    if s.op == Opcode.binarySubscr {
      switch (left, right) {
      case (.stack, .fast(let r)): emit(s.unit, Op.word(.itemStackFast, c: r))
      case (.fast(let l), .fast(let r)) where l < 65536: emit(s.unit, Op.word(.itemFastFast, b: l, c: r))
      default: return nil
      }
      return i + 1
    }
    if s.op == Opcode.compareOp {
      guard i + 1 < stepCount, !isTarget[steps[i + 1].first] else { return nil }
      let j = steps[i + 1]
      guard j.op == Opcode.popJumpIfFalse || j.op == Opcode.popJumpIfTrue, let target = Translator.target(j) else {
        return nil
      }
      let a = s.arg >> 5 | (j.op == Opcode.popJumpIfTrue ? 8 : 0)
      let at = wordCount
      switch (left, right) {
      case (.stack, .stack): emit(s.unit, Op.word(.compareStackJump, a: a))
      case (.fast(let l), .fast(let r)) where l < 65536:
        emit(s.unit, Op.word(.compareFastFastJump, a: a, b: l))
        emit(s.unit, UInt64(r))
      case (.fast(let l), .const(let r)) where l < 65536:
        emit(s.unit, Op.word(.compareFastConstJump, a: a, b: l))
        emit(s.unit, pointer: r)
      case (.stack, .const(let r)):
        emit(s.unit, Op.word(.compareStackConstJump, a: a))
        emit(s.unit, pointer: r)
      default: return nil
      }
      jump(at, target)
      return i + 2
    }
    return nil
  }
  /// Tries to make one instruction of what begins at step `i`; the step after it.
  private mutating func fused(_ i: Int) -> Int? {
    if instrumented { return nil }
    let s = steps[i]
    let after = i + 1 < stepCount && !isTarget[steps[i + 1].first]
    switch s.op {
    case Opcode.loadFastLoadFast:
      return after ? fuse(i + 1, .fast(s.arg >> 4), .fast(s.arg & 15)) : nil
    case Opcode.loadFast:
      guard after else { return nil }
      let n = steps[i + 1]
      if n.op == Opcode.loadConst, let k = constant(n.arg), i + 2 < stepCount, !isTarget[steps[i + 2].first],
        let next = fuse(i + 2, .fast(s.arg), .const(k))
      {
        return next
      }
      if n.op == Opcode.loadAttr {
        attribute(.loadAttr, n, a: (n.arg & 1) | 2, c: s.arg, name: n.arg >> 1)
        return i + 2
      }
      if n.op == Opcode.storeAttr {
        attribute(.storeAttr, n, a: 2, c: s.arg, name: n.arg)
        return i + 2
      }
      return fuse(i + 1, .stack, .fast(s.arg))
    case Opcode.loadConst:
      guard after, let k = constant(s.arg) else { return nil }
      return fuse(i + 1, .stack, .const(k))
    case Opcode.compareOp: return fuse(i, .stack, .stack)
    case Opcode.binaryOp:
      guard let kind = Translator.arithmetic(s.arg) else { return nil }
      emit(s.unit, Op.word(Translator.forms[kind][0], a: s.arg >= 13 ? 1 : 0))
      return i + 1
    case Opcode.forIter:
      guard follows(i + 1, Opcode.storeFast), steps[i + 1].arg < 65536 else { return nil }
      iteration(i, .forIterStore, b: steps[i + 1].arg)
      return i + 2
    default: return nil
    }
  }
  private mutating func attribute(_ op: Op, _ s: Step, a: Int, c: Int, name n: Int) {
    emit(s.unit, Op.word(op, a: a, b: Eval.warmUp, c: c))
    emit(s.unit, pointer: name(n))
    emit(s.unit, 0)
    emit(s.unit, 0)
  }
  private mutating func iteration(_ i: Int, _ op: Op, b: Int) {
    let s = steps[i]
    let at = wordCount
    emit(s.unit, Op.word(op, b: b))
    emit(s.unit, 0)
    let end = s.next + s.arg
    // Past END_FOR and POP_TOP.
    jump(at, instrumented ? end : end + 2)
    jump(at + 1, end, inCache: true)
  }

  private mutating func plain(_ i: Int) {
    let s = steps[i]
    let u = s.unit
    func simple(_ op: Op) -> UInt64 { Op.word(op, c: s.arg) }
    switch s.op {
    case Opcode.cache, Opcode.nop: emit(u, simple(.nop))
    case Opcode.resume: emit(u, simple(.resume))
    case Opcode.loadFast: emit(u, simple(.loadFast))
    case Opcode.loadFastCheck: emit(u, simple(.loadFastCheck))
    case Opcode.loadFastAndClear: emit(u, simple(.loadFastAndClear))
    case Opcode.loadFastLoadFast: emit(u, Op.word(.loadFastPair, b: s.arg >> 4, c: s.arg & 15))
    case Opcode.loadConst:
      emit(u, simple(.loadConst))
      emit(u, pointer: constant(s.arg))
    case Opcode.storeFast: emit(u, simple(.storeFast))
    case Opcode.storeFastLoadFast: emit(u, Op.word(.storeFastLoadFast, b: s.arg >> 4, c: s.arg & 15))
    case Opcode.storeFastStoreFast: emit(u, Op.word(.storeFastPair, b: s.arg >> 4, c: s.arg & 15))
    case Opcode.deleteFast: emit(u, simple(.deleteFast))
    case Opcode.popTop, Opcode.endFor: emit(u, simple(.popTop))
    case Opcode.endSend: emit(u, simple(.endSend))
    case Opcode.pushNull: emit(u, simple(.pushNull))
    case Opcode.copy: emit(u, simple(.copy))
    case Opcode.swap: emit(u, simple(.swap))
    case Opcode.unaryNot: emit(u, simple(.unaryNot))
    case Opcode.unaryNegative: emit(u, simple(.unaryNegative))
    case Opcode.unaryInvert: emit(u, simple(.unaryInvert))
    case Opcode.toBool: emit(u, simple(.toBool))
    case Opcode.binaryOp: emit(u, simple(.binary))
    case Opcode.binarySubscr: emit(u, simple(.item))
    case Opcode.binarySlice: emit(u, simple(.slice))
    case Opcode.storeSlice: emit(u, simple(.storeSlice))
    case Opcode.storeSubscr: emit(u, simple(.storeSubscript))
    case Opcode.deleteSubscr: emit(u, simple(.deleteSubscript))
    case Opcode.compareOp: emit(u, Op.word(.compare, a: s.arg >> 5, b: s.arg & 16 != 0 ? 1 : 0))
    case Opcode.isOp: emit(u, simple(.isOp))
    case Opcode.containsOp: emit(u, simple(.contains))
    case Opcode.jumpForward, Opcode.jumpBackwardNoInterrupt: jumping(.jump, s)
    case Opcode.jumpBackward: jumping(.jumpBackward, s)
    case Opcode.popJumpIfFalse: jumping(.popJumpIfFalse, s)
    case Opcode.popJumpIfTrue: jumping(.popJumpIfTrue, s)
    case Opcode.popJumpIfNone: jumping(.popJumpIfNone, s)
    case Opcode.popJumpIfNotNone: jumping(.popJumpIfNotNone, s)
    case Opcode.getIter: emit(u, simple(.getIter))
    case Opcode.getYieldFromIter: emit(u, simple(.getYieldFromIter))
    case Opcode.forIter: iteration(i, .forIter, b: 0)
    case Opcode.loadGlobal:
      emit(u, Op.word(.loadGlobal, a: s.arg & 1, b: Eval.warmUp))
      emit(u, pointer: name(s.arg >> 1))
      emit(u, 0)
      emit(u, 0)
    case Opcode.loadName: named(.loadName, s, s.arg)
    case Opcode.loadFromDictOrGlobals: named(.loadFromDictOrGlobals, s, s.arg)
    case Opcode.loadFromDictOrDeref: emit(u, simple(.loadFromDictOrDeref))
    case Opcode.storeName: named(.storeName, s, s.arg)
    case Opcode.deleteName: named(.deleteName, s, s.arg)
    case Opcode.storeGlobal: named(.storeGlobal, s, s.arg)
    case Opcode.deleteGlobal: named(.deleteGlobal, s, s.arg)
    case Opcode.loadAttr: attribute(.loadAttr, s, a: s.arg & 1, c: 0, name: s.arg >> 1)
    case Opcode.storeAttr: attribute(.storeAttr, s, a: 0, c: 0, name: s.arg)
    case Opcode.deleteAttr: named(.deleteAttr, s, s.arg)
    case Opcode.loadSuperAttr: named(.loadSuperAttr, s, s.arg >> 2, a: s.arg & 3)
    case Opcode.makeCell: emit(u, simple(.makeCell))
    case Opcode.copyFreeVars: emit(u, simple(.copyFreeVars))
    case Opcode.loadDeref: emit(u, simple(.loadDeref))
    case Opcode.storeDeref: emit(u, simple(.storeDeref))
    case Opcode.deleteDeref: emit(u, simple(.deleteDeref))
    case Opcode.loadLocals: emit(u, simple(.loadLocals))
    case Opcode.loadAssertionError: emit(u, simple(.loadAssertionError))
    case Opcode.loadBuildClass: emit(u, simple(.loadBuildClass))
    case Opcode.makeFunction: emit(u, simple(.makeFunction))
    case Opcode.setFunctionAttribute: emit(u, simple(.setFunctionAttribute))
    case Opcode.buildList: emit(u, simple(.buildList))
    case Opcode.buildTuple: emit(u, simple(.buildTuple))
    case Opcode.buildSet: emit(u, simple(.buildSet))
    case Opcode.buildMap: emit(u, simple(.buildMap))
    case Opcode.buildConstKeyMap: emit(u, simple(.buildConstKeyMap))
    case Opcode.buildSlice: emit(u, simple(.buildSlice))
    case Opcode.buildString: emit(u, simple(.buildString))
    case Opcode.listAppend: emit(u, simple(.listAppend))
    case Opcode.setAdd: emit(u, simple(.setAdd))
    case Opcode.mapAdd: emit(u, simple(.mapAdd))
    case Opcode.listExtend: emit(u, simple(.listExtend))
    case Opcode.setUpdate: emit(u, simple(.setUpdate))
    case Opcode.dictUpdate: emit(u, simple(.dictUpdate))
    case Opcode.dictMerge: emit(u, simple(.dictMerge))
    case Opcode.unpackSequence: emit(u, simple(.unpackSequence))
    case Opcode.unpackEx: emit(u, simple(.unpackEx))
    case Opcode.convertValue: emit(u, simple(.convertValue))
    case Opcode.formatSimple: emit(u, simple(.formatSimple))
    case Opcode.formatWithSpec: emit(u, simple(.formatWithSpec))
    case Opcode.call: emit(u, simple(.call))
    case Opcode.callKw: emit(u, simple(.callKeywords))
    case Opcode.callFunctionEx: emit(u, simple(.callSpread))
    case Opcode.callIntrinsic1: emit(u, simple(.intrinsic1))
    case Opcode.callIntrinsic2: emit(u, simple(.intrinsic2))
    case Opcode.returnValue: emit(u, simple(.returnValue))
    case Opcode.returnConst:
      emit(u, simple(.returnConst))
      emit(u, pointer: constant(s.arg))
    case Opcode.returnGenerator: emit(u, simple(.returnGenerator))
    case Opcode.yieldValue: emit(u, simple(.yieldValue))
    case Opcode.send: jumping(.send, s)
    case Opcode.cleanupThrow: emit(u, simple(.cleanupThrow))
    case Opcode.pushExcInfo: emit(u, simple(.pushExcInfo))
    case Opcode.popExcept: emit(u, simple(.popExcept))
    case Opcode.checkExcMatch: emit(u, simple(.checkExcMatch))
    case Opcode.checkEgMatch: emit(u, simple(.checkEgMatch))
    case Opcode.raiseVarargs: emit(u, simple(.raiseVarargs))
    case Opcode.reraise: emit(u, simple(.reraise))
    case Opcode.beforeWith: emit(u, simple(.beforeWith))
    case Opcode.withExceptStart: emit(u, simple(.withExceptStart))
    case Opcode.getLen: emit(u, simple(.getLen))
    case Opcode.matchMapping: emit(u, simple(.matchMapping))
    case Opcode.matchSequence: emit(u, simple(.matchSequence))
    case Opcode.matchKeys: emit(u, simple(.matchKeys))
    case Opcode.matchClass: emit(u, simple(.matchClass))
    case Opcode.getAwaitable: emit(u, simple(.getAwaitable))
    case Opcode.getAiter: emit(u, simple(.getAiter))
    case Opcode.getAnext: emit(u, simple(.getAnext))
    case Opcode.beforeAsyncWith: emit(u, simple(.beforeAsyncWith))
    case Opcode.endAsyncFor: emit(u, simple(.endAsyncFor))
    case Opcode.setupAnnotations: emit(u, simple(.setupAnnotations))
    case Opcode.importName: named(.importName, s, s.arg)
    case Opcode.importFrom: named(.importFrom, s, s.arg)
    default: emit(u, Op.word(.unknown, c: Int(s.op)))
    }
  }
  private mutating func named(_ op: Op, _ s: Step, _ n: Int, a: Int = 0) {
    emit(s.unit, Op.word(op, a: a, c: s.arg))
    emit(s.unit, pointer: name(n))
  }
  private mutating func jumping(_ op: Op, _ s: Step) {
    let at = wordCount
    emit(s.unit, Op.word(op))
    jump(at, Translator.target(s) ?? 0)
  }

  /// Translates; nil with SystemError for bytecode that jumps out of itself, or MemoryError.
  mutating func translate() -> Executable.Pointer? {
    var i = 0
    while i < stepCount {
      wordOfUnit[steps[i].first] = Int32(truncatingIfNeeded: wordCount)
      wordOfUnit[steps[i].unit] = Int32(truncatingIfNeeded: wordCount)
      if instrumented { emit(steps[i].unit, Op.word(.trace, c: steps[i].unit)) }
      if let next = fused(i) {
        i = next
      } else {
        plain(i)
        i += 1
      }
    }
    // Falling off the end of malformed code is an error, not a crash.
    emit(stepCount > 0 ? steps[stepCount - 1].unit : 0, Op.word(.unknown))
    for n in 0..<jumpCount {
      let j = jumps[n]
      guard j.unit >= 0, j.unit < unitCount, wordOfUnit[j.unit] >= 0 else {
        _ = systemError("jump out of the code")
        return nil
      }
      let distance = Int(wordOfUnit[j.unit]) - j.end
      if j.inCache {
        words[j.word] = UInt64(bitPattern: Int64(distance))
      } else {
        words[j.word] |= UInt64(UInt32(truncatingIfNeeded: distance)) << 32
      }
    }
    return store()
  }
  private func store() -> Executable.Pointer? {
    let units = unitCount, begins = wordOfUnit
    let handlers = self.handlers.filter { $0.target >= 0 && Int($0.target) < units && begins[Int($0.target)] >= 0 }
    let head = (MemoryLayout<Executable>.size + 15) & ~15
    let handlerBytes = handlers.count * MemoryLayout<Executable.Handler>.stride
    let total = head + wordCount * 8 + wordCount * 4 + unitCount * 4 + handlerBytes
    guard let memory = malloc(total) else {
      _ = memoryError()
      return nil
    }
    let w = (memory + head).assumingMemoryBound(to: UInt64.self)
    let u = (memory + head + wordCount * 8).assumingMemoryBound(to: Int32.self)
    let o = u + wordCount
    let h = UnsafeMutableRawPointer(o + unitCount).assumingMemoryBound(to: Executable.Handler.self)
    w.update(from: words, count: wordCount)
    u.update(from: unitOfWord, count: wordCount)
    o.update(from: wordOfUnit, count: unitCount)
    for (i, x) in handlers.enumerated() { h[i] = x }
    let e = memory.assumingMemoryBound(to: Executable.self)
    e.initialize(
      to: Executable(
        words: w, wordCount: wordCount, unitCount: unitCount, unitOfWord: u, wordOfUnit: o, handlers: h,
        handlerCount: handlers.count,
        frameWords: Eval.frameHead / 8 + Int(code.pointee.co_nlocalsplus) + Int(code.pointee.co_stacksize) + 1,
        instrumented: nil, isInstrumented: instrumented))
    return e
  }
}
