// The matcher: a backtracking machine that keeps its alternatives on a stack of its own, so that the native stack does
// not depend on the text. Only assertions, atomic groups and possessive repeats nest natively, as deeply as the pattern.
//
// State that alternatives must not see changed (group marks, repeat counts) is logged on a trail before it changes;
// taking an alternative undoes the trail down to where it stood.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// A place to go on when what follows fails.
private struct Alternative {
  enum Kind: UInt8 { case branch, maxTail, minBody, repeatOne, minRepeatOne }
  var kind: Kind
  var pc: Int32
  /// Position in the text.
  var position: Int
  /// Least position (repeatOne) or count so far (minRepeatOne).
  var extra: Int
  var trail: Int
  var loop: Int32
  var loops: Int32
}

private struct TrailEntry {
  /// Mark number; -1 lastIndex; below: fields of loops.
  var place: Int
  var old: Int
}

/// A repeat whose body is more than one character.
private struct Loop {
  var pc: Int32
  var previous: Int32
  var count: Int
  var lastPosition: Int
}

/// A growing stack in raw memory.
private struct RawStack<Element> {
  var base: UnsafeMutablePointer<Element>? = nil
  var count = 0
  var capacity = 0

  @inline(__always) mutating func push(_ e: Element) -> Bool {
    if count == capacity, !grow() { return false }
    base.unsafelyUnwrapped[count] = e
    count &+= 1
    return true
  }
  private mutating func grow() -> Bool {
    // The first one is a small block, which is quickly had and given back.
    let wanted = capacity == 0 ? 512 / MemoryLayout<Element>.stride : capacity &* 4
    let size = wanted &* MemoryLayout<Element>.stride
    guard let p = base.map({ SmallBlocks.reallocate($0, size) }) ?? SmallBlocks.allocate(size) else { return false }
    base = p.assumingMemoryBound(to: Element.self)
    capacity = wanted
    return true
  }
}

/// Why matching ended without an answer.
enum MatchFailure { case none, memory, interrupted, badCode }

/// Matches one text of characters of type T.
struct Matcher<T: FixedWidthInteger & UnsignedInteger>: ~Copyable {
  let text: UnsafePointer<T>
  /// One past the last character to look at.
  let end: Int
  let code: UnsafePointer<UInt32>
  let markCount: Int
  /// Positions of the starts and ends of groups, -1 when not set.
  let marks: UnsafeMutablePointer<Int>
  var lastIndex = -1
  /// Only a match up to `end` counts.
  var matchAll = false
  /// A match must not end here (-1: may end anywhere).
  var mustAdvanceFrom = -1
  /// End of the match found.
  var matchEnd = 0
  var failure = MatchFailure.none
  private var isDirty = false
  private var alternatives = RawStack<Alternative>()
  private var trail = RawStack<TrailEntry>()
  private var loops = RawStack<Loop>()
  private var loop: Int32 = -1
  /// Above 0 the trail is kept even without alternatives.
  private var logging = 0
  private var steps: UInt32 = 0

  init(text: UnsafePointer<T>, end: Int, code: UnsafePointer<UInt32>, marks: UnsafeMutablePointer<Int>, markCount: Int)
  {
    self.text = text
    self.end = end
    self.code = code
    self.marks = marks
    self.markCount = markCount
    for i in 0..<markCount { marks[i] = -1 }
  }
  deinit {
    if let p = alternatives.base { SmallBlocks.free(p) }
    if let p = trail.base { SmallBlocks.free(p) }
    if let p = loops.base { SmallBlocks.free(p) }
  }

  /// Forgets what the last attempt left.
  mutating func reset() {
    alternatives.count = 0
    trail.count = 0
    loops.count = 0
    loop = -1
    logging = 0
    lastIndex = -1
    if isDirty {
      for i in 0..<markCount { marks[i] = -1 }
      isDirty = false
    }
  }

  /// Matches the whole pattern at a position.
  mutating func match(at position: Int) -> Bool {
    reset()
    var pc = 0
    if code[0] == SREOp.info {
      if end &- position < Int(code[3]) { return false }
      pc = 1 &+ Int(code[1])
    }
    return run(pc, position, isTop: true)
  }

  @inline(__always) private func character(_ p: Int) -> UInt32 { UInt32(truncatingIfNeeded: text[p]) }

  @inline(__always) private mutating func log(_ place: Int, _ old: Int) {
    if alternatives.count > 0 || logging > 0 {
      if !trail.push(TrailEntry(place: place, old: old)) { failure = .memory }
    }
  }

  private mutating func undo(to height: Int) {
    while trail.count > height {
      trail.count &-= 1
      let e = trail.base.unsafelyUnwrapped[trail.count]
      if e.place >= 0 {
        marks[e.place] = e.old
      } else if e.place == -1 {
        lastIndex = e.old
      } else {
        let k = -2 &- e.place
        let l = loops.base.unsafelyUnwrapped + k / 2
        if k & 1 == 0 { l.pointee.count = e.old } else { l.pointee.lastPosition = e.old }
      }
    }
  }

  @inline(__always) private mutating func setLoop(_ l: Int32, count: Int) {
    let p = loops.base.unsafelyUnwrapped + Int(l)
    log(-2 &- Int(l) &* 2, p.pointee.count)
    p.pointee.count = count
  }
  @inline(__always) private mutating func setLoop(_ l: Int32, lastPosition: Int) {
    let p = loops.base.unsafelyUnwrapped + Int(l)
    log(-3 &- Int(l) &* 2, p.pointee.lastPosition)
    p.pointee.lastPosition = lastPosition
  }

  @inline(__always) private mutating func push(_ kind: Alternative.Kind, _ pc: Int, _ position: Int, _ extra: Int = 0) {
    if !alternatives.push(
      Alternative(
        kind: kind, pc: Int32(truncatingIfNeeded: pc), position: position, extra: extra, trail: trail.count, loop: loop,
        loops: Int32(truncatingIfNeeded: loops.count)))
    {
      failure = .memory
    }
  }

  /// Runs from a place in the code until SUCCESS; the alternatives made meanwhile are dropped.
  private mutating func run(_ startPC: Int, _ start: Int, isTop: Bool) -> Bool {
    let base = alternatives.count
    var pc = startPC
    var p = start
    execute: while true {
      if failure != .none { return false }
      attempt: switch code[pc] {
      case SREOp.mark:
        let i = Int(code[pc &+ 1])
        if i < markCount {
          log(i, marks[i])
          marks[i] = p
          isDirty = true
          if i & 1 == 1 {
            log(-1, lastIndex)
            lastIndex = i / 2 &+ 1
          }
        }
        pc &+= 2
        continue execute
      case SREOp.literal:
        if p < end, character(p) == code[pc &+ 1] {
          p &+= 1
          pc &+= 2
          continue execute
        }
      case SREOp.success:
        if isTop, (matchAll && p != end) || p == mustAdvanceFrom { break attempt }
        matchEnd = p
        alternatives.count = base
        return true
      case SREOp.at:
        if matchesPlace(code[pc &+ 1], p) {
          pc &+= 2
          continue execute
        }
      case SREOp.any:
        if p < end, character(p) != 10 {
          p &+= 1
          pc &+= 1
          continue execute
        }
      case SREOp.anyAll:
        if p < end {
          p &+= 1
          pc &+= 1
          continue execute
        }
      case SREOp.in, SREOp.inIgnore, SREOp.inLocIgnore, SREOp.inUniIgnore, SREOp.notLiteral, SREOp.literalIgnore,
        SREOp.notLiteralIgnore, SREOp.literalLocIgnore, SREOp.notLiteralLocIgnore, SREOp.literalUniIgnore,
        SREOp.notLiteralUniIgnore, SREOp.category:
        if p < end, matchesUnit(pc, character(p)) {
          p &+= 1
          pc = afterUnit(pc)
          continue execute
        }
      case SREOp.jump:
        pc = pc &+ 1 &+ Int(code[pc &+ 1])
        continue execute
      case SREOp.branch:
        if let body = chooseBranch(pc &+ 1, p) {
          pc = body
          continue execute
        }
      case SREOp.repeatOne:
        if startRepeatOne(pc, &p) {
          pc = pc &+ 1 &+ Int(code[pc &+ 1])
          continue execute
        }
      case SREOp.minRepeatOne:
        let least = Int(code[pc &+ 2])
        if count(pc &+ 4, p, least) == least {
          p &+= least
          push(.minRepeatOne, pc, p, least)
          pc = pc &+ 1 &+ Int(code[pc &+ 1])
          continue execute
        }
      case SREOp.possessiveRepeatOne:
        let least = Int(code[pc &+ 2])
        let n = count(pc &+ 4, p, code[pc &+ 3] == sreMaxRepeat ? Int.max : Int(code[pc &+ 3]))
        if n >= least {
          p &+= n
          pc = pc &+ 1 &+ Int(code[pc &+ 1])
          continue execute
        }
      case SREOp.repeat:
        if !loops.push(Loop(pc: Int32(truncatingIfNeeded: pc), previous: loop, count: -1, lastPosition: -1)) {
          failure = .memory
          return false
        }
        loop = Int32(truncatingIfNeeded: loops.count &- 1)
        pc = pc &+ 1 &+ Int(code[pc &+ 1])
        continue execute
      case SREOp.maxUntil:
        guard loop >= 0 else {
          failure = .badCode
          return false
        }
        pc = maxUntil(pc, p)
        continue execute
      case SREOp.minUntil:
        guard loop >= 0 else {
          failure = .badCode
          return false
        }
        pc = minUntil(pc, p)
        continue execute
      case SREOp.groupRef, SREOp.groupRefIgnore, SREOp.groupRefLocIgnore, SREOp.groupRefUniIgnore:
        if matchesGroup(code[pc], Int(code[pc &+ 1]), &p) {
          pc &+= 2
          continue execute
        }
      case SREOp.groupRefExists:
        let g = Int(code[pc &+ 1])
        let isSet = g &* 2 &+ 1 < markCount && marks[g &* 2] >= 0 && marks[g &* 2 &+ 1] >= marks[g &* 2]
        pc = isSet ? pc &+ 3 : pc &+ 1 &+ Int(code[pc &+ 2])
        continue execute
      case SREOp.assert:
        let back = Int(code[pc &+ 2])
        if p >= back {
          let saved = loop
          if run(pc &+ 3, p &- back, isTop: false) {
            loop = saved
            pc = pc &+ 1 &+ Int(code[pc &+ 1])
            continue execute
          }
        }
      case SREOp.assertNot:
        let back = Int(code[pc &+ 2])
        if p >= back {
          let saved = loop
          let height = trail.count
          logging &+= 1
          let matched = run(pc &+ 3, p &- back, isTop: false)
          logging &-= 1
          undo(to: height)
          loop = saved
          if matched || failure != .none { break attempt }
        }
        pc = pc &+ 1 &+ Int(code[pc &+ 1])
        continue execute
      case SREOp.atomicGroup:
        let saved = loop
        if run(pc &+ 2, p, isTop: false) {
          loop = saved
          p = matchEnd
          pc = pc &+ 1 &+ Int(code[pc &+ 1])
          continue execute
        }
      case SREOp.possessiveRepeat:
        if repeatPossessively(pc, &p) {
          pc = pc &+ 2 &+ Int(code[pc &+ 1])
          continue execute
        }
      case SREOp.info:
        pc = pc &+ 1 &+ Int(code[pc &+ 1])
        continue execute
      case SREOp.failure: break attempt
      default:
        failure = .badCode
        return false
      }
      // What was tried failed: take the newest alternative.
      guard resume(base, &pc, &p) else { return false }
    }
  }

  /// Lets other threads run whose turn has come, and signal handlers. The subject cannot change its size meanwhile.
  private mutating func pause() -> Bool {
    do throws(PyError) { try safePoint() } catch {
      failure = .interrupted
      return false
    }
    return true
  }
  /// Goes back to the newest alternative above `base`; false when there is none.
  private mutating func resume(_ base: Int, _ pc: inout Int, _ p: inout Int) -> Bool {
    steps &+= 1
    if steps & 0xFF == 0 && !pause() { return false }
    while alternatives.count > base {
      let top = alternatives.base.unsafelyUnwrapped + (alternatives.count &- 1)
      let a = top.pointee
      undo(to: a.trail)
      loop = a.loop
      loops.count = Int(a.loops)
      let opcode = Int(a.pc)
      switch a.kind {
      case .branch:
        alternatives.count &-= 1
        if let body = chooseBranch(opcode, a.position) {
          pc = body
          p = a.position
          return true
        }
      case .maxTail:
        alternatives.count &-= 1
        loop = loops.base.unsafelyUnwrapped[Int(loop)].previous
        pc = opcode &+ 1
        p = a.position
        return true
      case .minBody:
        alternatives.count &-= 1
        let l = loops.base.unsafelyUnwrapped[Int(loop)]
        let most = code[Int(l.pc) &+ 3]
        let next = l.count &+ 1
        if (most == sreMaxRepeat || next < Int(most)) && a.position != l.lastPosition {
          setLoop(loop, count: next)
          setLoop(loop, lastPosition: a.position)
          pc = Int(l.pc) &+ 4
          p = a.position
          return true
        }
      case .repeatOne:
        // One character less, as far back as what follows can begin.
        let tail = opcode &+ 1 &+ Int(code[opcode &+ 1])
        var position = a.position &- 1
        if let wanted = firstLiteral(tail) {
          while position >= a.extra, position >= end || character(position) != wanted { position &-= 1 }
          if position < a.extra {
            alternatives.count &-= 1
            continue
          }
        }
        if position <= a.extra { alternatives.count &-= 1 } else { top.pointee.position = position }
        pc = tail
        p = position
        return true
      case .minRepeatOne:
        // One character more, as far on as what follows can begin.
        let most = code[opcode &+ 3] == sreMaxRepeat ? Int.max : Int(code[opcode &+ 3])
        let tail = opcode &+ 1 &+ Int(code[opcode &+ 1])
        let wanted = firstLiteral(tail)
        var position = a.position
        var n = a.extra
        var goesOn = false
        while n < most, position < end, matchesUnit(opcode &+ 4, character(position)) {
          position &+= 1
          n &+= 1
          if wanted == nil || (position < end && character(position) == wanted) {
            goesOn = true
            break
          }
        }
        if goesOn {
          top.pointee.position = position
          top.pointee.extra = n
          pc = tail
          p = position
          return true
        }
        alternatives.count &-= 1
      }
    }
    return false
  }

  /// The character with which what is at `pc` must begin, if it is known at a glance.
  @inline(__always) private func firstLiteral(_ pc: Int) -> UInt32? {
    var pc = pc
    while code[pc] == SREOp.mark { pc &+= 2 }
    if code[pc] == SREOp.assert, code[pc &+ 2] == 0 { pc &+= 3 }
    return code[pc] == SREOp.literal ? code[pc &+ 1] : nil
  }

  /// Whether an operation stands for exactly one character.
  @inline(__always) private func isUnit(_ op: UInt32) -> Bool {
    switch op {
    case SREOp.literal, SREOp.in, SREOp.any, SREOp.anyAll, SREOp.notLiteral, SREOp.category, SREOp.inIgnore,
      SREOp.inLocIgnore, SREOp.inUniIgnore, SREOp.literalIgnore, SREOp.notLiteralIgnore, SREOp.literalLocIgnore,
      SREOp.notLiteralLocIgnore, SREOp.literalUniIgnore, SREOp.notLiteralUniIgnore:
      true
    default: false
    }
  }

  /// Where from `p` on the pattern at `pc` may begin to match: one past the last character if nowhere before.
  func skip(_ p: Int, to pc: Int) -> Int {
    var pc = pc
    while code[pc] == SREOp.mark { pc &+= 2 }
    var i = p
    switch code[pc] {
    case SREOp.at:
      // The character behind the place is looked at first: most are wrong.
      let place = code[pc &+ 1]
      var next = pc &+ 2
      while code[next] == SREOp.mark { next &+= 2 }
      let hasUnit = isUnit(code[next])
      while i < end {
        if !hasUnit || matchesUnit(next, character(i)), matchesPlace(place, i) { return i }
        i &+= 1
      }
      return end
    case SREOp.repeatOne, SREOp.minRepeatOne, SREOp.possessiveRepeatOne:
      return code[pc &+ 2] > 0 ? skipUnits(p, pc &+ 4) : p
    case SREOp.branch:
      // Something must be able to begin here.
      while i < end {
        var q = pc &+ 1
        while code[q] != 0 {
          if !isUnit(code[q &+ 1]) || matchesUnit(q &+ 1, character(i)) { return i }
          q &+= Int(code[q])
        }
        i &+= 1
      }
      return end
    case let op where isUnit(op): return skipUnits(p, pc)
    default: return p
    }
  }
  private func skipUnits(_ p: Int, _ pc: Int) -> Int {
    var i = p
    if code[pc] == SREOp.in { return skipSet(p, code + (pc &+ 2)) }
    while i < end, !matchesUnit(pc, character(i)) { i &+= 1 }
    return i
  }
  func skipSet(_ p: Int, _ set: UnsafePointer<UInt32>) -> Int {
    var i = p
    if set[0] == SREOp.charset, set[9] == SREOp.failure {
      while i < end {
        let c = character(i)
        if c < 256, set[1 &+ Int(c >> 5)] & (1 &<< (c & 31)) != 0 { break }
        i &+= 1
      }
    } else {
      while i < end, !matchesSet(set, character(i)) { i &+= 1 }
    }
    return i
  }

  /// Whether a branch may match: its first unit decides, if it begins with one.
  @inline(never) private func mayMatch(_ body: Int, _ c: UInt32, _ isInside: Bool) -> Bool {
    isUnit(code[body]) ? isInside && matchesUnit(body, c) : true
  }
  /// The first alternative of a branch from `at` on that can begin at `p`, by its first two characters if those are given;
  /// the branch's end if there is none.
  @inline(__always) private func possible(_ at: Int, _ p: Int) -> Int {
    let isInside = p < end
    let c = isInside ? character(p) : 0
    // No character: two literals never match at the end.
    let d = p &+ 1 < end ? character(p &+ 1) : UInt32.max
    var q = at
    while code[q] != 0 {
      let body = q &+ 1
      if code[body] == SREOp.literal {
        if isInside && c == code[body &+ 1] && (code[body &+ 2] != SREOp.literal || code[body &+ 3] == d) { break }
      } else if mayMatch(body, c, isInside) {
        break
      }
      q &+= Int(code[q])
    }
    return q
  }
  /// The first alternative of a branch from `at` on that can begin here; the next such one is kept for later.
  private mutating func chooseBranch(_ at: Int, _ p: Int) -> Int? {
    let chosen = possible(at, p)
    if code[chosen] == 0 { return nil }
    let next = possible(chosen &+ Int(code[chosen]), p)
    if code[next] != 0 { push(.branch, next, p) }
    return chosen &+ 1
  }

  /// As many of one character as there are; shorter runs are kept as an alternative.
  private mutating func startRepeatOne(_ pc: Int, _ p: inout Int) -> Bool {
    let least = Int(code[pc &+ 2])
    if least > end &- p { return false }
    let n = count(pc &+ 4, p, code[pc &+ 3] == sreMaxRepeat ? Int.max : Int(code[pc &+ 3]))
    if n < least { return false }
    if n > least { push(.repeatOne, pc, p &+ n, p &+ least) }
    p &+= n
    return true
  }

  private mutating func maxUntil(_ pc: Int, _ p: Int) -> Int {
    let l = loops.base.unsafelyUnwrapped[Int(loop)]
    let body = Int(l.pc) &+ 4
    let count = l.count &+ 1
    if count < Int(code[Int(l.pc) &+ 2]) {
      setLoop(loop, count: count)
      return body
    }
    let most = code[Int(l.pc) &+ 3]
    if (most == sreMaxRepeat || count < Int(most)) && p != l.lastPosition {
      push(.maxTail, pc, p)
      setLoop(loop, count: count)
      setLoop(loop, lastPosition: p)
      return body
    }
    loop = l.previous
    return pc &+ 1
  }

  private mutating func minUntil(_ pc: Int, _ p: Int) -> Int {
    let l = loops.base.unsafelyUnwrapped[Int(loop)]
    let count = l.count &+ 1
    if count < Int(code[Int(l.pc) &+ 2]) {
      setLoop(loop, count: count)
      return Int(l.pc) &+ 4
    }
    push(.minBody, pc, p)
    loop = l.previous
    return pc &+ 1
  }

  private mutating func repeatPossessively(_ pc: Int, _ p: inout Int) -> Bool {
    let least = Int(code[pc &+ 2])
    let most = code[pc &+ 3] == sreMaxRepeat ? Int.max : Int(code[pc &+ 3])
    let saved = loop
    var n = 0
    while n < least {
      if !run(pc &+ 4, p, isTop: false) { return false }
      loop = saved
      p = matchEnd
      n &+= 1
    }
    while n < most {
      let height = trail.count
      logging &+= 1
      let matched = run(pc &+ 4, p, isTop: false)
      logging &-= 1
      loop = saved
      if failure != .none { return false }
      if !matched {
        undo(to: height)
        break
      }
      n &+= 1
      if matchEnd == p { break }
      p = matchEnd
    }
    return true
  }

  /// Matches again what a group matched.
  private func matchesGroup(_ opcode: UInt32, _ group: Int, _ p: inout Int) -> Bool {
    guard group &* 2 &+ 1 < markCount else { return false }
    let start = marks[group &* 2]
    let stop = marks[group &* 2 &+ 1]
    guard start >= 0, stop >= start, stop &- start <= end &- p else { return false }
    for k in 0..<(stop &- start) {
      let a = character(start &+ k)
      let b = character(p &+ k)
      let same: Bool
      switch opcode {
      case SREOp.groupRef: same = a == b
      case SREOp.groupRefIgnore: same = lowerASCII(a) == lowerASCII(b)
      case SREOp.groupRefLocIgnore: same = lowerLocale(a) == lowerLocale(b)
      default: same = lowerUnicode(a) == lowerUnicode(b)
      }
      if !same { return false }
    }
    p &+= stop &- start
    return true
  }

  /// Whether one character matches an operation that stands for one.
  @inline(__always) private func matchesUnit(_ pc: Int, _ c: UInt32) -> Bool {
    switch code[pc] {
    case SREOp.in: matchesShortSet(code + (pc &+ 2), c)
    case SREOp.any: c != 10
    case SREOp.anyAll: true
    case SREOp.literal: c == code[pc &+ 1]
    case SREOp.notLiteral: c != code[pc &+ 1]
    case SREOp.category: matchesCategory(code[pc &+ 1], c)
    case SREOp.inIgnore: matchesSet(code + (pc &+ 2), lowerASCII(c))
    case SREOp.inLocIgnore:
      matchesSet(code + (pc &+ 2), c) || matchesSet(code + (pc &+ 2), lowerLocale(c))
        || matchesSet(code + (pc &+ 2), upperLocale(c))
    case SREOp.inUniIgnore: matchesSet(code + (pc &+ 2), lowerUnicode(c))
    case SREOp.literalIgnore: lowerASCII(c) == code[pc &+ 1]
    case SREOp.notLiteralIgnore: lowerASCII(c) != code[pc &+ 1]
    case SREOp.literalLocIgnore: equalsLocale(code[pc &+ 1], c)
    case SREOp.notLiteralLocIgnore: !equalsLocale(code[pc &+ 1], c)
    case SREOp.literalUniIgnore: lowerUnicode(c) == code[pc &+ 1]
    case SREOp.notLiteralUniIgnore: lowerUnicode(c) != code[pc &+ 1]
    default: false
    }
  }

  @inline(__always) private func afterUnit(_ pc: Int) -> Int {
    switch code[pc] {
    case SREOp.in, SREOp.inIgnore, SREOp.inLocIgnore, SREOp.inUniIgnore: pc &+ 1 &+ Int(code[pc &+ 1])
    case SREOp.any, SREOp.anyAll: pc &+ 1
    default: pc &+ 2
    }
  }

  /// How many characters from `p` on match the unit at `pc`, at most `most`.
  private func count(_ pc: Int, _ p: Int, _ most: Int) -> Int {
    let stop = most < end &- p ? p &+ most : end
    var i = p
    switch code[pc] {
    case SREOp.anyAll: return stop &- p
    case SREOp.any: while i < stop, character(i) != 10 { i &+= 1 }
    case SREOp.literal:
      let wanted = code[pc &+ 1]
      while i < stop, character(i) == wanted { i &+= 1 }
    case SREOp.notLiteral:
      let unwanted = code[pc &+ 1]
      while i < stop, character(i) != unwanted { i &+= 1 }
    case SREOp.in:
      let set = code + (pc &+ 2)
      // The usual set is a bitmap.
      if set[0] == SREOp.charset, set[9] == SREOp.failure {
        while i < stop {
          let c = character(i)
          if c > 255 || set[1 &+ Int(c >> 5)] & (1 &<< (c & 31)) == 0 { break }
          i &+= 1
        }
      } else {
        while i < stop, matchesSet(set, character(i)) { i &+= 1 }
      }
    default: while i < stop, matchesUnit(pc, character(i)) { i &+= 1 }
    }
    return i &- p
  }

  /// Whether a position is of a kind of re._constants.ATCODES.
  private func matchesPlace(_ place: UInt32, _ p: Int) -> Bool {
    switch place {
    case 0, 2: return p == 0
    case 1: return p == 0 || character(p &- 1) == 10
    case 3: return isBoundary(p, isWordASCII)
    case 4: return end > 0 && !isBoundary(p, isWordASCII)
    case 5: return p == end || (end &- p == 1 && character(p) == 10)
    case 6: return p == end || character(p) == 10
    case 7: return p == end
    case 8: return isBoundary(p, isWordLocale)
    case 9: return end > 0 && !isBoundary(p, isWordLocale)
    case 10: return isBoundary(p, isWordUnicode)
    case 11: return end > 0 && !isBoundary(p, isWordUnicode)
    default: return false
    }
  }

  @inline(__always) private func isBoundary(_ p: Int, _ isWord: (UInt32) -> Bool) -> Bool {
    if end == 0 { return false }
    let before = p > 0 && isWord(character(p &- 1))
    let after = p < end && isWord(character(p))
    return before != after
  }
}

extension Matcher {
  /// Finds the first match from `start` on; its start, or nil.
  mutating func search(from start: Int) -> Int? {
    if start > end { return nil }
    var p = start
    var last = end
    var set: UnsafePointer<UInt32>? = nil
    var prefix: UnsafePointer<UInt32>? = nil
    var prefixCount = 0
    var isLiteral = false
    let first = code[0] == SREOp.info ? 1 &+ Int(code[1]) : 0
    if code[0] == SREOp.info {
      let flags = code[2]
      let least = Int(code[3])
      if least > 1 { last = end &- (least &- 1) }
      if flags & SREInfo.prefix != 0 {
        prefixCount = Int(code[5])
        prefix = code + 7
        isLiteral = flags & SREInfo.literal != 0 && code[6] == code[5]
      } else if flags & SREInfo.charset != 0 {
        set = code + 5
      }
      if end &- p < least { return nil }
    }
    let forbidden = mustAdvanceFrom
    while p <= last {
      if let prefix, prefixCount > 0 {
        // Only where the pattern's literal beginning is.
        let letter = prefix[0]
        var found = false
        while p <= end &- prefixCount {
          if UInt32(truncatingIfNeeded: text[p]) == letter {
            var k = 1
            while k < prefixCount, UInt32(truncatingIfNeeded: text[p &+ k]) == prefix[k] { k &+= 1 }
            if k == prefixCount {
              found = true
              break
            }
          }
          p &+= 1
        }
        if !found { return nil }
        if isLiteral, !matchAll, p &+ prefixCount != forbidden {
          reset()
          matchEnd = p &+ prefixCount
          return p
        }
      } else if let set {
        p = skipSet(p, set)
        if p >= end { return nil }
      } else {
        p = skip(p, to: first)
        if p > last { return nil }
      }
      steps &+= 1
      if steps & 0xFF == 0 && !pause() { return nil }
      // Most places fail by an alternative's second character.
      if code[first] == SREOp.branch, code[possible(first &+ 1, p)] == 0 {
        p &+= 1
        continue
      }
      // An empty match is only forbidden where the last one ended.
      mustAdvanceFrom = p == start ? forbidden : -1
      if match(at: p) { return p }
      if failure != .none { return nil }
      p &+= 1
    }
    return nil
  }
}
