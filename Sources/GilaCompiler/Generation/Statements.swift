import GilaSyntax

/// Statements without blocks, and loops and conditionals.
extension Generator {
  func visit(_ statement: Stmt) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    let range = statement.range
    switch statement.kind {
    case .expr(let value): try visitExpressionStatement(value, range)
    case .assign(let targets, let value, _):
      try visit(value)
      for index in 0..<targets.count {
        if index < targets.count - 1 { emit(Opcode.copy, 1, range) }
        try visit(targets[index])
      }
    case .return(let value): try visitReturn(value, range)
    case .if(let test, let body, let orElse): try visitIf(test, body, orElse, range)
    case .functionDef(let def): try visitFunction(def, statement)
    case .classDef(let def): try visitClass(def, statement)
    case .typeAlias(let name, let params, let value): try visitTypeAlias(name, params, value, statement)
    case .delete(let targets): for target in targets { try visit(target) }
    case .augAssign(let target, let op, let value): try visitAugAssign(target, op, value, range)
    case .annAssign(let target, let annotation, let value, let simple):
      try visitAnnAssign(target, annotation, value, simple, range)
    case .for(let loop):
      if loop.isAsync { try visitAsyncFor(loop, range) } else { try visitFor(loop, range) }
    case .while(let test, let body, let orElse): try visitWhile(test, body, orElse, range)
    case .match(let subject, let cases): try visitMatch(subject, cases)
    case .raise(let exception, let cause):
      var count = 0
      if let exception {
        try visit(exception)
        count += 1
        if let cause {
          try visit(cause)
          count += 1
        }
      }
      emit(Opcode.raiseVarargs, count, range)
    case .try(let tryStatement): try visitTry(tryStatement, range)
    case .assert(let test, let message): try visitAssert(test, message, range)
    case .import(let aliases): try visitImport(aliases, range)
    case .importFrom(let module, let aliases, let level): try visitImportFrom(module, aliases, level, range)
    case .global, .nonlocal: break
    case .pass: emit(Opcode.nop, range)
    case .break: try visitBreak(range)
    case .continue: try visitContinue(range)
    case .with(let with):
      if with.isAsync { try visitAsyncWith(with, 0, range) } else { try visitWith(with, 0) }
    }
  }

  private func visitExpressionStatement(_ value: Expr, _ range: SourceRange) throws(SyntaxFailure) {
    if isInteractive, outerUnits.isEmpty {
      try visit(value)
      emit(Opcode.callIntrinsic1, Intrinsic1.print, range)
      emit(Opcode.popTop, .none)
      return
    }
    if case .constant = value.kind {
      emit(Opcode.nop, range)
      return
    }
    try visit(value)
    emit(Opcode.popTop, .none)
  }

  private func visitReturn(_ value: Expr?, _ statementRange: SourceRange) throws(SyntaxFailure) {
    var range = statementRange
    var constant: Constant?
    if let value, case .constant(let found, _) = value.kind { constant = found }
    let preserveTop = value != nil && constant == nil
    if !unit.scope.isFunctionLike { throw Failures.at(range, "'return' outside function") }
    if value != nil, unit.scope.isCoroutine, unit.scope.isGenerator {
      throw Failures.at(range, "'return' with value in async generator")
    }
    if let value {
      if preserveTop {
        try visit(value)
      } else {
        range = value.range
        emit(Opcode.nop, range)
      }
    }
    if value == nil || value?.range.line != statementRange.line {
      range = statementRange
      emit(Opcode.nop, range)
    }
    _ = try unwindAll(&range, preserveTop: preserveTop, untilLoop: false)
    if value == nil {
      loadNone(range)
    } else if let constant {
      loadConst(constant, range)
    }
    emit(Opcode.returnValue, range)
  }

  private func visitBreak(_ origin: SourceRange) throws(SyntaxFailure) {
    var range = origin
    emit(Opcode.nop, range)
    guard let loop = try unwindAll(&range, preserveTop: false, untilLoop: true) else {
      throw Failures.at(origin, "'break' outside loop")
    }
    try unwind(loop, &range, preserveTop: false)
    emitJump(Opcode.jump, loop.exit, range)
  }

  private func visitContinue(_ origin: SourceRange) throws(SyntaxFailure) {
    var range = origin
    emit(Opcode.nop, range)
    guard let loop = try unwindAll(&range, preserveTop: false, untilLoop: true) else {
      throw Failures.at(origin, "'continue' not properly in loop")
    }
    emitJump(Opcode.jump, loop.block, range)
  }

  private func visitIf(
    _ test: Expr, _ body: ASTList<Stmt>, _ orElse: ASTList<Stmt>, _ range: SourceRange
  ) throws(SyntaxFailure) {
    let end = newLabel()
    let next = orElse.isEmpty ? end : newLabel()
    try jumpIf(test, next, when: false, range)
    try visit(body)
    if !orElse.isEmpty {
      emitJump(Opcode.jumpNoInterrupt, end, .none)
      place(next)
      try visit(orElse)
    }
    place(end)
  }

  private func visitFor(_ loop: ForStmt, _ range: SourceRange) throws(SyntaxFailure) {
    let start = newLabel()
    let cleanup = newLabel()
    let end = newLabel()
    try push(.forLoop, range, block: start, exit: end)
    try visit(loop.iter)
    emit(Opcode.getIter, loop.iter.range)
    place(start)
    emitJump(Opcode.forIter, cleanup, loop.iter.range)
    // Keeps the line of the target visible to tracing when the header spans lines.
    emit(Opcode.nop, loop.target.range)
    try visit(loop.target)
    try visit(loop.body)
    emitJump(Opcode.jump, start, .none)
    place(cleanup)
    emit(Opcode.endFor, .none)
    emit(Opcode.popTop, .none)
    popFrameBlock()
    try visit(loop.orElse)
    place(end)
  }

  private func visitAsyncFor(_ loop: ForStmt, _ range: SourceRange) throws(SyntaxFailure) {
    if isTopLevelAwait {
      unit.scope.isCoroutine = true
    } else if unit.kind != .asyncFunction {
      throw Failures.at(range, "'async for' outside async function")
    }
    let start = newLabel()
    let except = newLabel()
    let end = newLabel()
    try visit(loop.iter)
    emit(Opcode.getAiter, loop.iter.range)
    place(start)
    try push(.forLoop, range, block: start, exit: end)
    emitJump(Opcode.setupFinally, except, range)
    emit(Opcode.getAnext, range)
    loadNone(range)
    emitYieldFrom(range, isAwait: true)
    emit(Opcode.popBlock, range)
    try visit(loop.target)
    try visit(loop.body)
    emitJump(Opcode.jump, start, .none)
    popFrameBlock()
    place(except)
    emit(Opcode.endAsyncFor, loop.iter.range)
    try visit(loop.orElse)
    place(end)
  }

  private func visitWhile(
    _ test: Expr, _ body: ASTList<Stmt>, _ orElse: ASTList<Stmt>, _ range: SourceRange
  ) throws(SyntaxFailure) {
    let loop = newLabel()
    let bodyLabel = newLabel()
    let end = newLabel()
    let anchor = newLabel()
    place(loop)
    try push(.whileLoop, range, block: loop, exit: end)
    try jumpIf(test, anchor, when: false, range)
    place(bodyLabel)
    try visit(body)
    try jumpIf(test, bodyLabel, when: true, range)
    popFrameBlock()
    place(anchor)
    try visit(orElse)
    place(end)
  }

  private func visitAssert(_ test: Expr, _ message: Expr?, _ range: SourceRange) throws(SyntaxFailure) {
    var isTuple = false
    switch test.kind {
    case .tuple(let elements, _): isTuple = !elements.isEmpty
    case .constant(.tuple(let elements), _): isTuple = !elements.isEmpty
    default: break
    }
    if isTuple { warn(range, "assertion is always true, perhaps remove parentheses?") }
    if optimize > 0 { return }
    let end = newLabel()
    try jumpIf(test, end, when: true, range)
    emit(Opcode.loadAssertionError, range)
    if let message {
      try visit(message)
      emit(Opcode.call, 0, range)
    }
    emit(Opcode.raiseVarargs, 1, test.range)
    place(end)
  }

  // MARK: Imports

  private func parts(_ name: Name) -> [Name] {
    names.array(name).split(separator: 46, omittingEmptySubsequences: false).map { names.intern(Array($0)) }
  }

  private func visitImport(_ aliases: ASTList<Alias>, _ range: SourceRange) throws(SyntaxFailure) {
    for alias in aliases {
      loadConst(pool.add(int: 0), range)
      loadNone(range)
      emitName(Opcode.importName, alias.name, range)
      let parts = parts(alias.name)
      guard let asName = alias.asName else {
        try emitNameAccess(parts[0], .store, range)
        continue
      }
      // `import a.b.c as d` walks from the package to the module.
      for (index, part) in parts.enumerated().dropFirst() {
        emit(Opcode.importFrom, unit.names.add(part), range)
        if index < parts.count - 1 {
          emit(Opcode.swap, 2, range)
          emit(Opcode.popTop, range)
        }
      }
      try emitNameAccess(asName, .store, range)
      if parts.count > 1 { emit(Opcode.popTop, range) }
    }
  }

  private func visitImportFrom(
    _ module: Name?, _ aliases: ASTList<Alias>, _ level: Int32, _ range: SourceRange
  ) throws(SyntaxFailure) {
    loadConst(pool.add(int: Int(level)), range)
    if let module, level == 0, module == .dunderFuture, isLateFuture(range) {
      throw Failures.at(range, "from __future__ imports must occur at the beginning of the file")
    }
    loadConst(pool.add(tuple: aliases.map { pool.add(string: $0.name) }), range)
    emitName(Opcode.importName, module ?? Name(.empty), range)
    for (index, alias) in aliases.enumerated() {
      if index == 0, names[alias.name].first == 42 {
        emit(Opcode.callIntrinsic1, Intrinsic1.importStar, range)
        emit(Opcode.popTop, .none)
        return
      }
      emitName(Opcode.importFrom, alias.name, range)
      try emitNameAccess(alias.asName ?? alias.name, .store, range)
    }
    emit(Opcode.popTop, range)
  }

  private func isLateFuture(_ range: SourceRange) -> Bool {
    guard let last = futures.lastRange else { return true }
    return range.line > last.line || (range.line == last.line && range.column > last.column)
  }

  // MARK: Assignments

  private func visitAugAssign(
    _ target: Expr, _ op: BinaryOperator, _ value: Expr, _ statementRange: SourceRange
  ) throws(SyntaxFailure) {
    let range = target.range
    switch target.kind {
    case .attribute(let object, let name, _):
      try visit(object)
      emit(Opcode.copy, 1, range)
      emitName(Opcode.loadAttr, name, attributeRange(range, target))
    case .subscript(let object, let index, _):
      try visit(object)
      if let slice = twoElementSlice(index) {
        try visitSliceBounds(slice, index.range)
        for _ in 0..<3 { emit(Opcode.copy, 3, range) }
        emit(Opcode.binarySlice, range)
      } else {
        try visit(index)
        emit(Opcode.copy, 2, range)
        emit(Opcode.copy, 2, range)
        emit(Opcode.binarySubscr, range)
      }
    case .name(let name, _): try emitNameAccess(name, .load, range)
    default: throw SyntaxFailure(.systemError, "invalid node type for augmented assignment")
    }
    try visit(value)
    emitBinary(op, inPlace: true, statementRange)
    switch target.kind {
    case .attribute(_, let name, _):
      let range = attributeRange(range, target)
      emit(Opcode.swap, 2, range)
      emitName(Opcode.storeAttr, name, range)
    case .subscript(_, let index, _):
      if twoElementSlice(index) != nil {
        for depth in [4, 3, 2] { emit(Opcode.swap, depth, range) }
        emit(Opcode.storeSlice, range)
      } else {
        emit(Opcode.swap, 3, range)
        emit(Opcode.swap, 2, range)
        emit(Opcode.storeSubscr, range)
      }
    case .name(let name, _): try emitNameAccess(name, .store, range)
    default: break
    }
  }

  func visitAnnotation(_ annotation: Expr) throws(SyntaxFailure) {
    if futureAnnotations {
      loadConst(pool.add(string: Unparser.text(annotation, names: names)), annotation.range)
    } else {
      try visit(annotation)
    }
  }

  private func visitAnnAssign(
    _ target: Expr, _ annotation: Expr, _ value: Expr?, _ simple: Bool, _ range: SourceRange
  ) throws(SyntaxFailure) {
    if let value {
      try visit(value)
      try visit(target)
    }
    let evaluates = unit.kind == .module || unit.kind == .class
    switch target.kind {
    case .name(let name, _):
      try checkForbidden(name, .store, range)
      if simple, evaluates {
        try visitAnnotation(annotation)
        emitName(Opcode.loadName, Name(.dunderAnnotations), range)
        loadConst(pool.add(string: mangle(name)), range)
        emit(Opcode.storeSubscr, range)
      }
    case .attribute(let object, let name, _):
      try checkForbidden(name, .store, range)
      if value == nil { try evaluateAndDrop(object) }
    case .subscript(let object, let index, _):
      if value == nil {
        try evaluateAndDrop(object)
        try evaluateIndexAndDrop(index)
      }
    default: throw SyntaxFailure(.systemError, "invalid node type for annotated assignment")
    }
    if !simple, !futureAnnotations, evaluates { try evaluateAndDrop(annotation) }
  }

  private func evaluateAndDrop(_ value: Expr) throws(SyntaxFailure) {
    try visit(value)
    emit(Opcode.popTop, value.range)
  }

  private func evaluateIndexAndDrop(_ index: Expr) throws(SyntaxFailure) {
    switch index.kind {
    case .slice(let lower, let upper, let step):
      if let lower { try evaluateAndDrop(lower) }
      if let upper { try evaluateAndDrop(upper) }
      if let step { try evaluateAndDrop(step) }
    case .tuple(let elements, _): for element in elements { try evaluateIndexAndDrop(element) }
    default: try evaluateAndDrop(index)
    }
  }
}
