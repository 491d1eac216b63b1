import GilaSyntax

/// `match` statements.
///
/// Generating a pattern consumes the subject on top of the stack and jumps away if it does not match. What names capture
/// stays on the stack, below everything else, until the whole pattern has matched.
extension Generator {
  struct PatternState {
    /// Names captured so far, in the order of their values on the stack.
    var stores: [Name] = []
    /// Whether a pattern that always matches may stand here.
    var allowIrrefutable = false
    /// Where to go on failure, by how many values must be popped.
    var failPop: [Label] = []
    /// Values above the captured ones that must stay for now.
    var onTop = 0
  }

  private func isWildcard(_ pattern: Pattern) -> Bool {
    if case .as(_, nil) = pattern.kind { return true }
    return false
  }

  func visitMatch(_ subject: Expr, _ cases: ASTList<MatchCase>) throws(SyntaxFailure) {
    try visit(subject)
    let end = newLabel()
    let hasDefault = cases.count > 1 && isWildcard(cases[cases.count - 1].pattern)
    let checked = cases.count - (hasDefault ? 1 : 0)
    for index in 0..<checked {
      let item = cases[index]
      let range = item.pattern.range
      if index != checked - 1 { emit(Opcode.copy, 1, range) }
      var state = PatternState()
      state.allowIrrefutable = item.guardExpr != nil || index == cases.count - 1
      try visit(item.pattern, &state)
      for name in state.stores { try emitNameAccess(name, .store, range) }
      if let guardExpr = item.guardExpr {
        ensureFailPop(&state, 0)
        try jumpIf(guardExpr, state.failPop[0], when: false, range)
      }
      if index != checked - 1 { emit(Opcode.popTop, range) }
      try visit(item.body)
      emitJump(Opcode.jump, end, .none)
      emitFailPop(&state, range)
    }
    if hasDefault {
      let item = cases[cases.count - 1]
      emit(Opcode.nop, item.pattern.range)
      if let guardExpr = item.guardExpr { try jumpIf(guardExpr, end, when: false, item.pattern.range) }
      try visit(item.body)
    }
    place(end)
  }

  // MARK: Helpers

  private func ensureFailPop(_ state: inout PatternState, _ count: Int) {
    while state.failPop.count <= count { state.failPop.append(newLabel()) }
  }

  private func jumpToFailPop(_ op: UInt16, _ state: inout PatternState, _ range: SourceRange) {
    let count = state.onTop + state.stores.count
    ensureFailPop(&state, count)
    emitJump(op, state.failPop[count], range)
  }

  private func emitFailPop(_ state: inout PatternState, _ range: SourceRange) {
    while state.failPop.count > 1 {
      place(state.failPop.removeLast())
      emit(Opcode.popTop, range)
    }
    if let last = state.failPop.popLast() { place(last) }
  }

  private func rotate(_ count: Int, _ range: SourceRange) {
    var depth = count
    while depth > 1 {
      emit(Opcode.swap, depth, range)
      depth -= 1
    }
  }

  private func store(_ name: Name?, _ state: inout PatternState, _ range: SourceRange) throws(SyntaxFailure) {
    guard let name else {
      emit(Opcode.popTop, range)
      return
    }
    try checkForbidden(name, .store, range)
    if state.stores.contains(name) { throw duplicate(name, range) }
    rotate(state.onTop + state.stores.count + 1, range)
    state.stores.append(name)
  }

  private func duplicate(_ name: Name, _ range: SourceRange) -> SyntaxFailure {
    Failures.at(range, "multiple assignments to name \(Failures.quoted(name, names)) in pattern")
  }

  private func visitInner(_ pattern: Pattern, _ state: inout PatternState) throws(SyntaxFailure) {
    let allowed = state.allowIrrefutable
    state.allowIrrefutable = true
    try visit(pattern, &state)
    state.allowIrrefutable = allowed
  }

  // MARK: Kinds of patterns

  private func visit(_ pattern: Pattern, _ state: inout PatternState) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    let range = pattern.range
    switch pattern.kind {
    case .value(let value):
      switch value.kind {
      case .constant, .attribute: break
      default: throw Failures.at(range, "patterns may only match literals and attribute lookups")
      }
      try visit(value)
      emitComparison(.eq, range)
      emit(Opcode.toBool, range)
      jumpToFailPop(Opcode.popJumpIfFalse, &state, range)
    case .singleton(let constant):
      loadConst(constant, range)
      emitComparison(.is, range)
      jumpToFailPop(Opcode.popJumpIfFalse, &state, range)
    case .sequence(let patterns): try visitSequence(patterns, &state, range)
    case .mapping(let keys, let patterns, let rest): try visitMapping(keys, patterns, rest, &state, range)
    case .class(let value, let patterns, let keywords, let keywordPatterns):
      try visitClass(value, patterns, keywords, keywordPatterns, &state, range)
    case .star(let name): try store(name, &state, range)
    case .as(nil, let name):
      if !state.allowIrrefutable {
        throw Failures.at(
          range,
          name.map { "name capture \(Failures.quoted($0, names)) makes remaining patterns unreachable" }
            ?? "wildcard makes remaining patterns unreachable")
      }
      try store(name, &state, range)
    case .as(let inner?, let name):
      state.onTop += 1
      emit(Opcode.copy, 1, range)
      try visit(inner, &state)
      state.onTop -= 1
      try store(name, &state, range)
    case .or(let patterns): try visitOr(patterns, &state, range)
    }
  }

  private func visitSequence(
    _ patterns: ASTList<Pattern>, _ state: inout PatternState, _ range: SourceRange
  ) throws(SyntaxFailure) {
    var star = -1
    var onlyWildcards = true
    var starIsWildcard = false
    for (index, pattern) in patterns.enumerated() {
      if case .star(let name) = pattern.kind {
        if star >= 0 { throw Failures.at(range, "multiple starred names in sequence pattern") }
        starIsWildcard = name == nil
        if !starIsWildcard { onlyWildcards = false }
        star = index
      } else if !isWildcard(pattern) {
        onlyWildcards = false
      }
    }
    state.onTop += 1
    emit(Opcode.matchSequence, range)
    jumpToFailPop(Opcode.popJumpIfFalse, &state, range)
    if star < 0 || patterns.count > 1 {
      emit(Opcode.getLen, range)
      loadConst(pool.add(int: star < 0 ? patterns.count : patterns.count - 1), range)
      emitComparison(star < 0 ? .eq : .gtE, range)
      jumpToFailPop(Opcode.popJumpIfFalse, &state, range)
    }
    state.onTop -= 1
    if onlyWildcards {
      emit(Opcode.popTop, range)
    } else if starIsWildcard {
      try visitItems(patterns, star, &state, range)
    } else {
      try visitUnpacked(patterns, star, &state, range)
    }
  }

  /// With `*_` the items are taken by index.
  private func visitItems(
    _ patterns: ASTList<Pattern>, _ star: Int, _ state: inout PatternState, _ range: SourceRange
  ) throws(SyntaxFailure) {
    state.onTop += 1
    for (index, pattern) in patterns.enumerated() {
      if index == star || isWildcard(pattern) { continue }
      emit(Opcode.copy, 1, range)
      if index < star {
        loadConst(pool.add(int: index), range)
      } else {
        // Negative indexes need not work.
        emit(Opcode.getLen, range)
        loadConst(pool.add(int: patterns.count - index), range)
        emitBinary(.sub, inPlace: false, range)
      }
      emit(Opcode.binarySubscr, range)
      try visitInner(pattern, &state)
    }
    state.onTop -= 1
    emit(Opcode.popTop, range)
  }

  private func visitUnpacked(
    _ patterns: ASTList<Pattern>, _ star: Int, _ state: inout PatternState, _ range: SourceRange
  ) throws(SyntaxFailure) {
    if star >= 0 {
      let after = patterns.count - star - 1
      if star >= 1 << 8 || after >= Int(Int32.max) >> 8 {
        throw Failures.at(range, "too many expressions in star-unpacking sequence pattern")
      }
      emit(Opcode.unpackEx, star + after << 8, range)
    } else {
      emit(Opcode.unpackSequence, patterns.count, range)
    }
    state.onTop += patterns.count
    for pattern in patterns {
      state.onTop -= 1
      try visitInner(pattern, &state)
    }
  }

  private func visitClass(
    _ value: Expr, _ patterns: ASTList<Pattern>, _ keywords: ASTList<Name>, _ keywordPatterns: ASTList<Pattern>,
    _ state: inout PatternState, _ range: SourceRange
  ) throws(SyntaxFailure) {
    if keywords.count != keywordPatterns.count {
      throw Failures.at(
        range,
        "kwd_attrs (\(keywords.count)) / kwd_patterns (\(keywordPatterns.count)) length mismatch in class pattern")
    }
    for (index, name) in keywords.enumerated() {
      try checkForbidden(name, .store, keywordPatterns[index].range)
      for other in index + 1..<max(index + 1, keywords.count) where keywords[other] == name {
        throw Failures.at(
          keywordPatterns[other].range, "attribute name repeated in class pattern: \(names.string(name))")
      }
    }
    try visit(value)
    loadConst(pool.add(tuple: keywords.map { pool.add(string: $0) }), range)
    emit(Opcode.matchClass, patterns.count, range)
    emit(Opcode.copy, 1, range)
    loadNone(range)
    emit(Opcode.isOp, 1, range)
    state.onTop += 1
    jumpToFailPop(Opcode.popJumpIfFalse, &state, range)
    let count = patterns.count + keywords.count
    emit(Opcode.unpackSequence, count, range)
    state.onTop += count - 1
    for index in 0..<count {
      state.onTop -= 1
      let pattern = index < patterns.count ? patterns[index] : keywordPatterns[index - patterns.count]
      if isWildcard(pattern) { emit(Opcode.popTop, range) } else { try visitInner(pattern, &state) }
    }
  }

  private func visitMapping(
    _ keys: ASTList<Expr>, _ patterns: ASTList<Pattern>, _ rest: Name?, _ state: inout PatternState,
    _ range: SourceRange
  ) throws(SyntaxFailure) {
    if keys.count != patterns.count {
      throw Failures.at(
        range, "keys (\(keys.count)) / patterns (\(patterns.count)) length mismatch in mapping pattern")
    }
    let count = keys.count
    state.onTop += 1
    emit(Opcode.matchMapping, range)
    jumpToFailPop(Opcode.popJumpIfFalse, &state, range)
    if count == 0, rest == nil {
      state.onTop -= 1
      emit(Opcode.popTop, range)
      return
    }
    if count > 0 {
      emit(Opcode.getLen, range)
      loadConst(pool.add(int: count), range)
      emitComparison(.gtE, range)
      jumpToFailPop(Opcode.popJumpIfFalse, &state, range)
    }
    var seen: [UInt32] = []
    var numbers: [Constant] = []
    for key in keys {
      if case .constant(let constant, _) = key.kind {
        let id = pool.add(constant)
        if seen.contains(id) || numbers.contains(where: { $0.isSameNumber(as: constant) }) {
          throw Failures.at(
            range, "mapping pattern checks duplicate key (\(Unparser.text(key, names: names).asString))")
        }
        seen.append(id)
        numbers.append(constant)
      } else if case .attribute = key.kind {
      } else {
        throw Failures.at(range, "mapping pattern keys may only match literals and attribute lookups")
      }
      try visit(key)
    }
    emit(Opcode.buildTuple, count, range)
    emit(Opcode.matchKeys, range)
    state.onTop += 2
    emit(Opcode.copy, 1, range)
    loadNone(range)
    emit(Opcode.isOp, 1, range)
    jumpToFailPop(Opcode.popJumpIfFalse, &state, range)
    emit(Opcode.unpackSequence, count, range)
    state.onTop += count - 1
    for pattern in patterns {
      state.onTop -= 1
      try visitInner(pattern, &state)
    }
    state.onTop -= 2
    guard let rest else {
      emit(Opcode.popTop, range)
      emit(Opcode.popTop, range)
      return
    }
    // A copy of the subject without the keys.
    emit(Opcode.buildMap, 0, range)
    emit(Opcode.swap, 3, range)
    emit(Opcode.dictUpdate, 2, range)
    emit(Opcode.unpackSequence, count, range)
    for left in (1...max(count, 1)).reversed() where count > 0 {
      emit(Opcode.copy, 1 + left, range)
      emit(Opcode.swap, 2, range)
      emit(Opcode.deleteSubscr, range)
    }
    try store(rest, &state, range)
  }

  private func visitOr(
    _ patterns: ASTList<Pattern>, _ state: inout PatternState, _ range: SourceRange
  ) throws(SyntaxFailure) {
    let end = newLabel()
    // The names of the first alternative; the others must bind the same.
    var control: [Name] = []
    let failure = Failures.at(range, "alternative patterns bind different names")
    for (index, alternative) in patterns.enumerated() {
      let range = alternative.range
      var inner = PatternState()
      inner.allowIrrefutable = index == patterns.count - 1 && state.allowIrrefutable
      emit(Opcode.copy, 1, range)
      try visit(alternative, &inner)
      let count = inner.stores.count
      if index == 0 {
        control = inner.stores
      } else if count != control.count {
        throw failure
      } else {
        for place in (0..<count).reversed() {
          guard let found = inner.stores.firstIndex(of: control[place]) else { throw failure }
          if found == place { continue }
          // Bring the value to where the first alternative has it.
          let moved = Array(inner.stores[...found])
          inner.stores.removeFirst(found + 1)
          inner.stores.insert(contentsOf: moved, at: place - found)
          for _ in 0...found { rotate(place + 1, range) }
        }
      }
      emitJump(Opcode.jump, end, range)
      emitFailPop(&inner, range)
    }
    emit(Opcode.popTop, range)
    jumpToFailPop(Opcode.jump, &state, range)
    place(end)
    let rotations = control.count + 1 + state.onTop + state.stores.count
    for name in control {
      rotate(rotations, range)
      if state.stores.contains(name) { throw duplicate(name, range) }
      state.stores.append(name)
    }
    emit(Opcode.popTop, range)
  }
}

extension [UInt8] {
  var asString: String { String(decoding: self, as: UTF8.self) }
}

extension Constant {
  /// The value as a number, if it is one that fits: ints and bools, floats and complex numbers without imaginary part.
  private var number: (int: Int?, float: Double)? {
    switch self {
    case .true: (1, 1)
    case .false: (0, 0)
    case .int(let n): (n, Double(n))
    case .float(let x), .complex(let x, 0): (Int(exactly: x), x)
    default: nil
    }
  }
  /// Whether two constants are equal as keys of a mapping although they are of different types.
  fileprivate func isSameNumber(as other: Constant) -> Bool {
    if case .complex(let r, let i) = self, case .complex(let r2, let i2) = other { return r == r2 && i == i2 }
    guard let a = number, let b = other.number else { return false }
    if let x = a.int, let y = b.int { return x == y }
    return a.int == nil && b.int == nil && a.float == b.float
  }
}
