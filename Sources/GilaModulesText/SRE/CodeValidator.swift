// Checks a code list before it runs, since anybody can call _sre.compile: every jump must stay inside and lead to an
// operation, so that the matcher can trust what it reads.

/// Walks through code words.
struct CodeValidator {
  let code: UnsafePointer<UInt32>
  let groups: Int
  private var depth = 0

  init(code: UnsafePointer<UInt32>, groups: Int) {
    self.code = code
    self.groups = groups
  }

  /// Whether all `count` words are a program that ends with SUCCESS.
  mutating func isValid(_ count: Int) -> Bool {
    guard count > 0, code[count &- 1] == SREOp.success else { return false }
    return check(0, count &- 1)
  }

  /// A set program from `p` on up to exactly `end`, FAILURE included.
  private func checkSet(_ start: Int, _ end: Int) -> Bool {
    var p = start
    guard p < end, code[end &- 1] == SREOp.failure else { return false }
    while p < end &- 1 {
      let op = code[p]
      p &+= 1
      switch op {
      case SREOp.negate: break
      case SREOp.literal, SREOp.category: p &+= 1
      case SREOp.range, SREOp.rangeUniIgnore: p &+= 2
      case SREOp.charset: p &+= 8
      case SREOp.bigCharset:
        guard p < end else { return false }
        let blocks = Int(code[p])
        guard blocks <= 256, p &+ 65 &+ blocks &* 8 <= end else { return false }
        let table = UnsafeRawPointer(code + (p &+ 1))
        for i in 0..<256 where Int(table.load(fromByteOffset: i, as: UInt8.self)) >= blocks { return false }
        p &+= 65 &+ blocks &* 8
      default: return false
      }
    }
    return p == end &- 1
  }

  /// The target of the skip word at `p`, when it is at most `end`.
  private func target(_ p: Int, _ end: Int) -> Int? {
    guard p < end else { return nil }
    let skip = Int(code[p])
    guard skip >= 1, skip <= end &- p else { return nil }
    return p &+ skip
  }

  /// Operations from `start` up to exactly `end`.
  private mutating func check(_ start: Int, _ end: Int) -> Bool {
    depth &+= 1
    defer { depth &-= 1 }
    // Nesting costs native stack, here and in the matcher.
    if depth > 2000 { return false }
    var p = start
    while p < end {
      let op = code[p]
      switch op {
      case SREOp.mark:
        guard p &+ 1 < end, code[p &+ 1] < UInt32(groups) &* 2 else { return false }
        p &+= 2
      case SREOp.literal, SREOp.notLiteral, SREOp.literalIgnore, SREOp.notLiteralIgnore, SREOp.literalLocIgnore,
        SREOp.notLiteralLocIgnore, SREOp.literalUniIgnore, SREOp.notLiteralUniIgnore, SREOp.at, SREOp.category:
        guard p &+ 1 < end else { return false }
        p &+= 2
      case SREOp.any, SREOp.anyAll, SREOp.success, SREOp.failure: p &+= 1
      case SREOp.in, SREOp.inIgnore, SREOp.inLocIgnore, SREOp.inUniIgnore:
        guard let next = target(p &+ 1, end), checkSet(p &+ 2, next) else { return false }
        p = next
      case SREOp.info:
        guard let next = target(p &+ 1, end), next >= p &+ 5, checkInfo(p, next) else { return false }
        p = next
      case SREOp.branch:
        guard let next = checkBranch(p &+ 1, end) else { return false }
        p = next
      case SREOp.repeatOne, SREOp.minRepeatOne, SREOp.possessiveRepeatOne:
        guard let next = target(p &+ 1, end), next >= p &+ 6, code[next &- 1] == SREOp.success,
          code[p &+ 2] <= code[p &+ 3], check(p &+ 4, next &- 1)
        else { return false }
        p = next
      case SREOp.repeat:
        guard let until = target(p &+ 1, end), until >= p &+ 4, until < end,
          code[until] == SREOp.maxUntil || code[until] == SREOp.minUntil, code[p &+ 2] <= code[p &+ 3],
          check(p &+ 4, until)
        else { return false }
        p = until &+ 1
      case SREOp.possessiveRepeat:
        guard let success = target(p &+ 1, end), success >= p &+ 4, success < end, code[success] == SREOp.success,
          code[p &+ 2] <= code[p &+ 3], check(p &+ 4, success)
        else { return false }
        p = success &+ 1
      case SREOp.atomicGroup:
        guard let next = target(p &+ 1, end), next >= p &+ 3, code[next &- 1] == SREOp.success,
          check(p &+ 2, next &- 1)
        else { return false }
        p = next
      case SREOp.assert, SREOp.assertNot:
        guard let next = target(p &+ 1, end), next >= p &+ 4, code[next &- 1] == SREOp.success,
          check(p &+ 3, next &- 1)
        else { return false }
        p = next
      case SREOp.groupRef, SREOp.groupRefIgnore, SREOp.groupRefLocIgnore, SREOp.groupRefUniIgnore:
        guard p &+ 1 < end, code[p &+ 1] < UInt32(groups) else { return false }
        p &+= 2
      case SREOp.groupRefExists:
        guard let next = checkConditional(p, end) else { return false }
        p = next
      default: return false
      }
    }
    return p == end
  }

  private func checkInfo(_ p: Int, _ next: Int) -> Bool {
    let flags = code[p &+ 2]
    if flags & SREInfo.prefix != 0 {
      guard next >= p &+ 7 else { return false }
      let n = Int(code[p &+ 5])
      return n > 0 && code[p &+ 6] <= code[p &+ 5] && next == p &+ 7 &+ 2 &* n
    }
    if flags & SREInfo.charset != 0 { return checkSet(p &+ 5, next) }
    return next == p &+ 5
  }

  /// The alternatives of a branch; each ends with a jump to the same place after all of them.
  private mutating func checkBranch(_ start: Int, _ end: Int) -> Int? {
    var q = start
    var out = -1
    while true {
      guard q < end else { return nil }
      if code[q] == 0 { break }
      guard let next = target(q, end), next >= q &+ 3, code[next &- 2] == SREOp.jump else { return nil }
      guard let jump = target(next &- 1, end), check(q &+ 1, next &- 2) else { return nil }
      if out < 0 { out = jump } else if out != jump { return nil }
      q = next
    }
    // After the zero comes what follows.
    return out == q &+ 1 || out < 0 ? q &+ 1 : nil
  }

  /// (?(group)yes|no)
  private mutating func checkConditional(_ p: Int, _ end: Int) -> Int? {
    guard p &+ 2 < end, code[p &+ 1] < UInt32(groups) else { return nil }
    let no = p &+ 1 &+ Int(code[p &+ 2])
    guard no >= p &+ 3, no <= end else { return nil }
    // With a second part the first one ends with a jump over it.
    if no >= p &+ 5, code[no &- 2] == SREOp.jump, let out = target(no &- 1, end), out >= no {
      if check(p &+ 3, no &- 2), check(no, out) { return out }
    }
    return check(p &+ 3, no) ? no : nil
  }
}
