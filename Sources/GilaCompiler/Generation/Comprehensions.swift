import GilaSyntax

/// Comprehensions and generator expressions. Most comprehensions are generated in place (PEP 709): their variables become
/// locals of the code around, whose own values are kept on the stack meanwhile.
extension Generator {
  private struct Inlined {
    var pushedLocals: [Name] = []
    var savedSymbols: [(name: Name, flags: Int)] = []
    var hidden: [Name] = []
    var cleanup = Label.none
    var end = Label.none
  }

  private struct Body {
    var kind: Scope.ComprehensionKind
    var generators: ASTList<Comprehension>
    var element: Expr
    var dictValue: Expr?
    var range: SourceRange
  }

  func visitComprehension(
    _ value: Expr, _ kind: Scope.ComprehensionKind, _ name: StaticString,
    _ generators: ASTList<Comprehension>, _ element: Expr, _ dictValue: Expr?
  ) throws(SyntaxFailure) {
    guard let scope = symbols.scope(for: value.identity) else {
      throw SyntaxFailure(.systemError, "unknown symbol table entry")
    }
    let outerKind = unit.kind
    let topLevelAwait = isTopLevelAwait
    let isAsync = scope.isCoroutine
    let range = value.range
    let outermost = generators[0]
    let body = Body(kind: kind, generators: generators, element: element, dictValue: dictValue, range: range)
    var inlined = Inlined()
    if scope.isInlined {
      try visitOutermostIterable(outermost)
      try pushInlined(scope, range, &inlined)
    } else {
      try enterUnit(.comprehension, names.intern(name), key: value.identity, line: range.line)
    }
    if isAsync, kind != .generator, outerKind != .asyncFunction, outerKind != .comprehension, !topLevelAwait {
      throw Failures.at(range, "asynchronous comprehension outside of an asynchronous function")
    }
    switch kind {
    case .list: emit(Opcode.buildList, 0, range)
    case .set: emit(Opcode.buildSet, 0, range)
    case .dict: emit(Opcode.buildMap, 0, range)
    case .generator, .none: break
    }
    if kind != .generator, scope.isInlined { emit(Opcode.swap, 2, range) }
    try visitGenerator(body, 0, depth: 0, iterOnStack: scope.isInlined)
    if scope.isInlined {
      popInlined(range, inlined)
      return
    }
    if kind == .generator {
      wrapInStopIterationHandler()
    } else {
      emit(Opcode.returnValue, range)
    }
    let free = unit.freeVars.keys
    let code = assemble(addsNone: true)
    leaveUnit()
    if topLevelAwait, isAsync { unit.scope.isCoroutine = true }
    makeClosure(code, freeNames: free, flags: 0, range)
    try visitOutermostIterable(outermost)
    emit(Opcode.call, 0, range)
    if isAsync, kind != .generator {
      emit(Opcode.getAwaitable, 0, range)
      loadNone(range)
      emitYieldFrom(range, isAwait: true)
    }
  }

  private func visitOutermostIterable(_ generator: Comprehension) throws(SyntaxFailure) {
    try visit(generator.iter)
    emit(generator.isAsync ? Opcode.getAiter : Opcode.getIter, generator.iter.range)
  }

  private func visitGenerator(
    _ body: Body, _ index: Int, depth: Int, iterOnStack: Bool
  ) throws(SyntaxFailure) {
    // Clauses nest in the generated code.
    if stack.isExhausted { throw Failures.tooDeep }
    if body.generators[index].isAsync {
      try visitAsyncGenerator(body, index, depth: depth, iterOnStack: iterOnStack)
    } else {
      try visitSyncGenerator(body, index, depth: depth, iterOnStack: iterOnStack)
    }
  }

  /// The one element of `for x in [value]`, which needs no loop.
  private func onlyElement(_ iter: Expr) -> Expr? {
    switch iter.kind {
    case .list(let elements, _), .tuple(let elements, _):
      return elements.count == 1 && !elements[0].isStarred ? elements[0] : nil
    default: return nil
    }
  }

  private func visitSyncGenerator(
    _ body: Body, _ index: Int, depth outerDepth: Int, iterOnStack: Bool
  ) throws(SyntaxFailure) {
    let generator = body.generators[index]
    var depth = outerDepth
    let start = newLabel()
    let ifCleanup = newLabel()
    let anchor = newLabel()
    var loops = true
    if !iterOnStack {
      if index == 0 {
        unit.argCount = 1
        emit(Opcode.loadFast, 0, body.range)
      } else if let element = onlyElement(generator.iter) {
        try visit(element)
        loops = false
      } else {
        try visit(generator.iter)
        emit(Opcode.getIter, generator.iter.range)
      }
    }
    if loops {
      depth += 1
      place(start)
      emitJump(Opcode.forIter, anchor, generator.iter.range)
    }
    try visit(generator.target)
    for condition in generator.ifs { try jumpIf(condition, ifCleanup, when: false, body.range) }
    var range = body.element.range
    if index + 1 < body.generators.count {
      try visitGenerator(body, index + 1, depth: depth, iterOnStack: false)
    } else {
      range = try visitElement(body, depth: depth)
    }
    place(ifCleanup)
    if loops {
      emitJump(Opcode.jump, start, range)
      place(anchor)
      emit(Opcode.endFor, .none)
      emit(Opcode.popTop, .none)
    }
  }

  private func visitAsyncGenerator(
    _ body: Body, _ index: Int, depth: Int, iterOnStack: Bool
  ) throws(SyntaxFailure) {
    let generator = body.generators[index]
    let start = newLabel()
    let except = newLabel()
    let ifCleanup = newLabel()
    if !iterOnStack {
      if index == 0 {
        unit.argCount = 1
        emit(Opcode.loadFast, 0, body.range)
      } else {
        try visit(generator.iter)
        emit(Opcode.getAiter, generator.iter.range)
      }
    }
    place(start)
    try push(.asyncComprehension, body.range, block: start)
    emitJump(Opcode.setupFinally, except, body.range)
    emit(Opcode.getAnext, body.range)
    loadNone(body.range)
    emitYieldFrom(body.range, isAwait: true)
    emit(Opcode.popBlock, body.range)
    try visit(generator.target)
    for condition in generator.ifs { try jumpIf(condition, ifCleanup, when: false, body.range) }
    var range = body.element.range
    if index + 1 < body.generators.count {
      try visitGenerator(body, index + 1, depth: depth + 1, iterOnStack: false)
    } else {
      range = try visitElement(body, depth: depth + 1)
    }
    place(ifCleanup)
    emitJump(Opcode.jump, start, range)
    popFrameBlock()
    place(except)
    emit(Opcode.endAsyncFor, body.range)
  }

  /// The element, and what happens with it.
  private func visitElement(_ body: Body, depth: Int) throws(SyntaxFailure) -> SourceRange {
    var range = body.element.range
    try visit(body.element)
    switch body.kind {
    case .generator:
      emitYield(range)
      emit(Opcode.popTop, range)
    case .list: emit(Opcode.listAppend, depth + 1, range)
    case .set: emit(Opcode.setAdd, depth + 1, range)
    case .dict:
      if let dictValue = body.dictValue {
        try visit(dictValue)
        range = SourceRange(from: range, to: dictValue.range)
      }
      emit(Opcode.mapAdd, depth + 1, range)
    case .none: break
    }
    return range
  }

  // MARK: Inlining

  private func pushInlined(
    _ comprehension: Scope, _ range: SourceRange, _ state: inout Inlined
  ) throws(SyntaxFailure) {
    let scope = unit.scope
    let inClass = scope.kind == .class && unit.inlinedComprehensions == 0
    unit.inlinedComprehensions += 1
    for index in comprehension.symbols.keys.indices {
      let name = comprehension.symbols.keys[index]
      let flags = comprehension.symbols.values[index]
      let inner = Scope.scope(inFlags: flags)
      let outerFlags = scope.flags(name)
      let outer = Scope.scope(inFlags: outerFlags)
      if (inner != outer && inner != .free && !(inner == .cell && outer == .free)) || inClass {
        // While the comprehension is generated the name means what it means there.
        state.savedSymbols.append((name, outerFlags))
        scope.symbols[name] = flags
      }
      if flags & SymbolFlags.local != 0 && flags & SymbolFlags.nonlocal == 0 || inClass {
        if !scope.isFunctionLike, unit.fastHidden[name] != 1 {
          unit.fastHidden[name] = 1
          state.hidden.append(name)
        }
        // The outer value, or a marker that there is none, waits on the stack.
        emit(Opcode.loadFastAndClear, unit.varNames.add(mangle(name)), range)
        if inner == .cell {
          let cell = outer == .free ? unit.freeVars[mangle(name)] ?? 0 : unit.cellVars.add(mangle(name))
          emit(Opcode.makeCell, cell, range)
        }
        state.pushedLocals.append(name)
      }
    }
    if !state.pushedLocals.isEmpty {
      emit(Opcode.swap, state.pushedLocals.count + 1, range)
      state.cleanup = newLabel()
      state.end = newLabel()
      emitJump(Opcode.setupFinally, state.cleanup, range)
    }
  }

  private func restoreLocals(_ range: SourceRange, _ state: Inlined) {
    emit(Opcode.swap, state.pushedLocals.count + 1, range)
    for name in state.pushedLocals.reversed() {
      emit(Opcode.storeFastMaybeNull, unit.varNames.add(mangle(name)), range)
    }
  }

  private func popInlined(_ range: SourceRange, _ state: Inlined) {
    unit.inlinedComprehensions -= 1
    for saved in state.savedSymbols { unit.scope.symbols[saved.name] = saved.flags }
    if !state.pushedLocals.isEmpty {
      emit(Opcode.popBlock, .none)
      emitJump(Opcode.jumpNoInterrupt, state.end, .none)
      place(state.cleanup)
      emit(Opcode.swap, 2, .none)
      emit(Opcode.popTop, .none)
      restoreLocals(range, state)
      emit(Opcode.reraise, 0, .none)
      place(state.end)
      restoreLocals(range, state)
    }
    for name in state.hidden { unit.fastHidden[name] = 0 }
  }
}
