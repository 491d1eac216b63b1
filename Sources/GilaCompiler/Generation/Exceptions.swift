import GilaSyntax

/// `try` and `with`.
extension Generator {
  func visitTry(_ statement: TryStmt, _ range: SourceRange) throws(SyntaxFailure) {
    if statement.finalBody.isEmpty {
      try visitHandlers(statement, range)
    } else {
      try visitFinally(statement, range)
    }
  }

  private func visitHandlers(_ statement: TryStmt, _ range: SourceRange) throws(SyntaxFailure) {
    if statement.isStar { try visitExceptStar(statement, range) } else { try visitExcept(statement, range) }
  }

  /// The final body is generated twice: for the normal end and for an exception.
  private func visitFinally(_ statement: TryStmt, _ range: SourceRange) throws(SyntaxFailure) {
    let body = newLabel()
    let end = newLabel()
    let exit = newLabel()
    let cleanup = newLabel()
    emitJump(Opcode.setupFinally, end, range)
    place(body)
    try push(.finallyTry, range, block: body, exit: end, finalBody: statement.finalBody)
    if statement.handlers.isEmpty { try visit(statement.body) } else { try visitHandlers(statement, range) }
    emit(Opcode.popBlock, .none)
    popFrameBlock()
    try visit(statement.finalBody)
    emitJump(Opcode.jumpNoInterrupt, exit, .none)

    place(end)
    emitJump(Opcode.setupCleanup, cleanup, .none)
    emit(Opcode.pushExcInfo, .none)
    try push(.finallyEnd, .none, block: end)
    try visit(statement.finalBody)
    popFrameBlock()
    emit(Opcode.reraise, 0, .none)
    place(cleanup)
    popExceptAndReraise(.none)
    place(exit)
  }

  private func visitExcept(_ statement: TryStmt, _ range: SourceRange) throws(SyntaxFailure) {
    let body = newLabel()
    var except = newLabel()
    let end = newLabel()
    let cleanup = newLabel()
    emitJump(Opcode.setupFinally, except, range)
    place(body)
    try push(.tryExcept, range, block: body)
    try visit(statement.body)
    popFrameBlock()
    emit(Opcode.popBlock, .none)
    try visit(statement.orElse)
    emitJump(Opcode.jumpNoInterrupt, end, .none)

    place(except)
    emitJump(Opcode.setupCleanup, cleanup, .none)
    emit(Opcode.pushExcInfo, .none)
    try push(.exceptionHandler, range)
    for (index, handler) in statement.handlers.enumerated() {
      let range = handler.range
      if handler.type == nil, index < statement.handlers.count - 1 {
        throw Failures.at(range, "default 'except:' must be last")
      }
      except = newLabel()
      if let type = handler.type {
        try visit(type)
        emit(Opcode.checkExcMatch, range)
        emitJump(Opcode.popJumpIfFalse, except, range)
      }
      if let name = handler.name {
        try visitNamedHandler(handler, name, end: end)
      } else {
        let handlerBody = newLabel()
        emit(Opcode.popTop, range)
        place(handlerBody)
        try push(.handlerCleanup, range, block: handlerBody)
        try visit(handler.body)
        popFrameBlock()
        emit(Opcode.popBlock, .none)
        emit(Opcode.popExcept, .none)
        emitJump(Opcode.jumpNoInterrupt, end, .none)
      }
      place(except)
    }
    popFrameBlock()
    emit(Opcode.reraise, 0, .none)
    place(cleanup)
    popExceptAndReraise(.none)
    place(end)
  }

  /// The name is cleared however the handler ends.
  private func visitNamedHandler(_ handler: ExceptHandler, _ name: Name, end: Label) throws(SyntaxFailure) {
    let range = handler.range
    let cleanupEnd = newLabel()
    let handlerBody = newLabel()
    try emitNameAccess(name, .store, range)
    emitJump(Opcode.setupCleanup, cleanupEnd, range)
    place(handlerBody)
    try push(.handlerCleanup, range, block: handlerBody, name: name)
    try visit(handler.body)
    popFrameBlock()
    emit(Opcode.popBlock, .none)
    emit(Opcode.popBlock, .none)
    emit(Opcode.popExcept, .none)
    try clear(name, .none)
    emitJump(Opcode.jumpNoInterrupt, end, .none)
    place(cleanupEnd)
    try clear(name, .none)
    emit(Opcode.reraise, 1, .none)
  }

  /// On the stack during the handlers: the original group, the list of what they raised, what is not handled yet.
  private func visitExceptStar(_ statement: TryStmt, _ range: SourceRange) throws(SyntaxFailure) {
    let body = newLabel()
    var except = newLabel()
    let orElse = newLabel()
    let end = newLabel()
    let cleanup = newLabel()
    let reraiseStar = newLabel()
    emitJump(Opcode.setupFinally, except, range)
    place(body)
    try push(.tryExcept, range, block: body)
    try visit(statement.body)
    popFrameBlock()
    emit(Opcode.popBlock, .none)
    emitJump(Opcode.jumpNoInterrupt, orElse, .none)

    place(except)
    emitJump(Opcode.setupCleanup, cleanup, .none)
    emit(Opcode.pushExcInfo, .none)
    try push(.exceptionGroupHandler, range)
    for (index, handler) in statement.handlers.enumerated() {
      let range = handler.range
      except = newLabel()
      let withError = newLabel()
      let noMatch = newLabel()
      if index == 0 {
        emit(Opcode.buildList, 0, range)
        emit(Opcode.copy, 2, range)
      }
      if let type = handler.type {
        try visit(type)
        emit(Opcode.checkEgMatch, range)
        emit(Opcode.copy, 1, range)
        emitJump(Opcode.popJumpIfNone, noMatch, range)
      }
      let cleanupEnd = newLabel()
      let handlerBody = newLabel()
      if let name = handler.name {
        try emitNameAccess(name, .store, range)
      } else {
        emit(Opcode.popTop, range)
      }
      emitJump(Opcode.setupCleanup, cleanupEnd, range)
      place(handlerBody)
      try push(.handlerCleanup, range, block: handlerBody, name: handler.name)
      try visit(handler.body)
      popFrameBlock()
      emit(Opcode.popBlock, .none)
      if let name = handler.name { try clear(name, .none) }
      emitJump(Opcode.jumpNoInterrupt, except, .none)
      place(cleanupEnd)
      if let name = handler.name { try clear(name, .none) }
      emit(Opcode.listAppend, 3, .none)
      emit(Opcode.popTop, .none)
      emitJump(Opcode.jumpNoInterrupt, withError, .none)
      place(except)
      emit(Opcode.nop, .none)
      emitJump(Opcode.jumpNoInterrupt, withError, .none)
      place(noMatch)
      emit(Opcode.popTop, range)
      place(withError)
      if index == statement.handlers.count - 1 {
        emit(Opcode.listAppend, 1, .none)
        emitJump(Opcode.jumpNoInterrupt, reraiseStar, .none)
      }
    }
    popFrameBlock()
    let reraise = newLabel()
    place(reraiseStar)
    emit(Opcode.callIntrinsic2, Intrinsic2.prepReraiseStar, .none)
    emit(Opcode.copy, 1, .none)
    emitJump(Opcode.popJumpIfNotNone, reraise, .none)
    emit(Opcode.popTop, .none)
    emit(Opcode.popBlock, .none)
    emit(Opcode.popExcept, .none)
    emitJump(Opcode.jumpNoInterrupt, end, .none)
    place(reraise)
    emit(Opcode.popBlock, .none)
    emit(Opcode.swap, 2, .none)
    emit(Opcode.popExcept, .none)
    emit(Opcode.reraise, 0, .none)
    place(cleanup)
    popExceptAndReraise(.none)
    place(orElse)
    try visit(statement.orElse)
    place(end)
  }

  // MARK: with

  private func finishWith(cleanup: Label) {
    let suppress = newLabel()
    emit(Opcode.toBool, .none)
    emitJump(Opcode.popJumpIfTrue, suppress, .none)
    emit(Opcode.reraise, 2, .none)
    place(suppress)
    emit(Opcode.popTop, .none)
    emit(Opcode.popBlock, .none)
    emit(Opcode.popExcept, .none)
    emit(Opcode.popTop, .none)
    emit(Opcode.popTop, .none)
    let exit = newLabel()
    emitJump(Opcode.jumpNoInterrupt, exit, .none)
    place(cleanup)
    popExceptAndReraise(.none)
    place(exit)
  }

  func visitWith(_ with: WithStmt, _ index: Int) throws(SyntaxFailure) {
    let item = with.items[index]
    let block = newLabel()
    let final = newLabel()
    let exit = newLabel()
    let cleanup = newLabel()
    try visit(item.context)
    let range = item.context.range
    emit(Opcode.beforeWith, range)
    emitJump(Opcode.setupWith, final, range)
    place(block)
    try push(.with, range, block: block, exit: final)
    if let target = item.target { try visit(target) } else { emit(Opcode.popTop, range) }
    if index + 1 == with.items.count {
      try visit(with.body)
    } else {
      try visitWith(with, index + 1)
    }
    emit(Opcode.popBlock, .none)
    popFrameBlock()
    callExitWithNones(range)
    emit(Opcode.popTop, range)
    emitJump(Opcode.jump, exit, range)
    place(final)
    emitJump(Opcode.setupCleanup, cleanup, range)
    emit(Opcode.pushExcInfo, range)
    emit(Opcode.withExceptStart, range)
    finishWith(cleanup: cleanup)
    place(exit)
  }

  func visitAsyncWith(_ with: WithStmt, _ index: Int, _ statementRange: SourceRange) throws(SyntaxFailure) {
    if isTopLevelAwait {
      unit.scope.isCoroutine = true
    } else if unit.kind != .asyncFunction {
      throw Failures.at(statementRange, "'async with' outside async function")
    }
    let item = with.items[index]
    let block = newLabel()
    let final = newLabel()
    let exit = newLabel()
    let cleanup = newLabel()
    try visit(item.context)
    let range = item.context.range
    emit(Opcode.beforeAsyncWith, range)
    emit(Opcode.getAwaitable, 1, range)
    loadNone(range)
    emitYieldFrom(range, isAwait: true)
    emitJump(Opcode.setupWith, final, range)
    place(block)
    try push(.asyncWith, range, block: block, exit: final)
    if let target = item.target { try visit(target) } else { emit(Opcode.popTop, range) }
    if index + 1 == with.items.count {
      try visit(with.body)
    } else {
      try visitAsyncWith(with, index + 1, statementRange)
    }
    popFrameBlock()
    emit(Opcode.popBlock, range)
    callExitWithNones(range)
    emit(Opcode.getAwaitable, 2, range)
    loadNone(range)
    emitYieldFrom(range, isAwait: true)
    emit(Opcode.popTop, range)
    emitJump(Opcode.jump, exit, range)
    place(final)
    emitJump(Opcode.setupCleanup, cleanup, range)
    emit(Opcode.pushExcInfo, range)
    emit(Opcode.withExceptStart, range)
    emit(Opcode.getAwaitable, 2, range)
    loadNone(range)
    emitYieldFrom(range, isAwait: true)
    finishWith(cleanup: cleanup)
    place(exit)
  }
}
