/// Statements that contain others.
extension Parser {
  /// What follows the colon: an indented block or simple statements on the same line.
  mutating func block() throws(Stop) -> ASTList<Stmt> {
    try enter()
    defer { leave() }
    let mark = statements.count
    if kind != .newline {
      try simpleStatements()
      return takeStatements(from: mark)
    }
    advance()
    try expect(.indent)
    repeat { try statement() } while kind != .dedent && kind != .endMarker
    try expect(.dedent)
    return takeStatements(from: mark)
  }

  mutating func ifStatement() throws(Stop) -> Stmt {
    // A chain of elif is read in a loop and nested afterwards, so that a long one does not use up the stack.
    struct Branch {
      var start: Int
      var test: Expr
      var body: ASTList<Stmt>
    }
    var branches: [Branch] = []
    repeat {
      let start = position
      advance()
      let test = try namedExpression()
      try expect(.colon)
      let body = try block()
      branches.append(Branch(start: start, test: test, body: body))
    } while kind == .kwElif
    var orElse = try optionalElse()
    while let branch = branches.popLast() {
      let node = arena.stmt(
        .if(test: branch.test, body: branch.body, orElse: orElse), range(from: branch.start))
      if branches.isEmpty { return node }
      orElse = arena.list(CollectionOfOne(node))
    }
    throw Stop()
  }

  private mutating func optionalElse() throws(Stop) -> ASTList<Stmt> {
    if kind != .kwElse { return ASTList() }
    advance()
    try expect(.colon)
    return try block()
  }

  mutating func whileStatement() throws(Stop) -> Stmt {
    let start = position
    advance()
    let test = try namedExpression()
    try expect(.colon)
    let body = try block()
    let orElse = try optionalElse()
    return arena.stmt(.while(test: test, body: body, orElse: orElse), range(from: start))
  }

  mutating func asyncStatement() throws(Stop) -> Stmt {
    try require(5)
    let start = position
    advance()
    switch kind {
    case .kwDef:
      return try functionDef(decorators: ASTList(), start: start)
    case .kwFor: return try forStatement(start: start, isAsync: true)
    case .kwWith: return try withStatement(start: start, isAsync: true)
    default: throw Stop()
    }
  }

  mutating func forStatement(start: Int, isAsync: Bool) throws(Stop) -> Stmt {
    advance()
    let target = try starTargets()
    try expect(.kwIn)
    let iter = try starExpressions()
    try expect(.colon)
    let comment = optionalTypeComment()
    let body = try block()
    let orElse = try optionalElse()
    return arena.stmt(
      .for(
        ForStmt(isAsync: isAsync, target: target, iter: iter, body: body, orElse: orElse, typeComment: comment)),
      range(from: start))
  }

  // MARK: with

  mutating func withStatement(start: Int, isAsync: Bool) throws(Stop) -> Stmt {
    advance()
    let mark = position
    let expressionMark = expressions.count
    let savedDepth = depth
    let warningCount = warnings.count
    var items: ASTList<WithItem>?
    if kind == .leftParen, closesBeforeColon() {
      // Both `with (a, b):` and `with (yield x):` look like this.
      do throws(Stop) {
        items = try parenthesizedItems()
      } catch {
        if ranOutOfStack { throw Stop() }
        expressions.removeLast(expressions.count - expressionMark)
        depth = savedDepth
        warnings.removeLast(warnings.count - warningCount)
        move(to: mark)
      }
    }
    if items == nil {
      var list: [WithItem] = []
      repeat { list.append(try withItem()) } while accept(.comma)
      items = arena.list(list)
    }
    try expect(.colon)
    let comment = optionalTypeComment()
    let body = try block()
    return arena.stmt(
      .with(WithStmt(isAsync: isAsync, items: items ?? ASTList(), body: body, typeComment: comment)),
      range(from: start))
  }

  /// Whether a colon follows the bracket that closes the current one.
  private mutating func closesBeforeColon() -> Bool {
    let level = current.level - 1
    var index = position + 1
    while true {
      let token = stream[index]
      if token.kind == .errorToken || token.kind == .endMarker { return false }
      if token.kind == .rightParen, token.level == level { return stream[index + 1].kind == .colon }
      index += 1
    }
  }

  private mutating func parenthesizedItems() throws(Stop) -> ASTList<WithItem> {
    advance()
    var list: [WithItem] = []
    repeat {
      if !list.isEmpty, kind == .rightParen { break }
      list.append(try withItem())
    } while accept(.comma)
    try expect(.rightParen)
    if kind != .colon { throw Stop() }
    return arena.list(list)
  }

  private mutating func withItem() throws(Stop) -> WithItem {
    let context = try expression()
    if kind != .kwAs { return WithItem(context: context, target: nil) }
    advance()
    let target = try starTarget()
    if kind != .comma, kind != .rightParen, kind != .colon { throw Stop() }
    return WithItem(context: context, target: target)
  }

  // MARK: try

  mutating func tryStatement() throws(Stop) -> Stmt {
    let start = position
    advance()
    try expect(.colon)
    let body = try block()
    var handlers: [ExceptHandler] = []
    var isStar = false
    while kind == .kwExcept {
      let handlerStart = position
      advance()
      let thisStar = accept(.star)
      if handlers.isEmpty {
        isStar = thisStar
        if isStar { try require(11) }
      } else if isStar != thisStar {
        throw Stop()
      }
      var type: Expr?
      var name: Name?
      if kind != .colon {
        type = try expression()
        if accept(.kwAs) { name = try expectName() }
      } else if isStar {
        throw Stop()
      }
      try expect(.colon)
      let handlerBody = try block()
      handlers.append(
        ExceptHandler(type: type, name: name, body: handlerBody, range: range(from: handlerStart)))
    }
    let orElse = handlers.isEmpty ? ASTList<Stmt>() : try optionalElse()
    var finalBody = ASTList<Stmt>()
    if accept(.kwFinally) {
      try expect(.colon)
      finalBody = try block()
    } else if handlers.isEmpty {
      throw Stop()
    }
    return arena.stmt(
      .try(
        TryStmt(
          isStar: isStar, body: body, handlers: arena.list(handlers), orElse: orElse, finalBody: finalBody)),
      range(from: start))
  }

  // MARK: Functions and classes

  mutating func decorated() throws(Stop) -> Stmt {
    let mark = expressions.count
    while accept(.at) {
      expressions.append(try namedExpression())
      try expect(.newline)
    }
    let decorators = takeExpressions(from: mark)
    switch kind {
    case .kwDef: return try functionDef(decorators: decorators, start: position)
    case .kwClass: return try classDef(decorators: decorators)
    case .kwAsync:
      try require(5)
      let start = position
      advance()
      if kind != .kwDef { throw Stop() }
      return try functionDef(decorators: decorators, start: start)
    default: throw Stop()
    }
  }

  /// At `def`; `start` is where the statement began, perhaps with `async`.
  mutating func functionDef(decorators: ASTList<Expr>, start: Int) throws(Stop) -> Stmt {
    let isAsync = start != position
    advance()
    let name = try expectName()
    let typeParams = try optionalTypeParams()
    try expect(.leftParen)
    let args = try parameters(end: .rightParen)
    try expect(.rightParen)
    let returns = accept(.arrow) ? try expression() : nil
    try expect(.colon)
    let comment = try functionTypeComment()
    let body = try block()
    return arena.stmt(
      .functionDef(
        FunctionDef(
          name: name, isAsync: isAsync, args: args, body: body, decorators: decorators, returns: returns,
          typeComment: comment, typeParams: typeParams)),
      range(from: start))
  }

  /// A type comment behind the colon or alone on the next line.
  private mutating func functionTypeComment() throws(Stop) -> Text? {
    if !hasTypeComments { return nil }
    if kind == .typeComment {
      return typeComment()
    }
    if kind == .newline, peek() == .typeComment, peek(2) == .newline, peek(3) == .indent {
      advance()
      return typeComment()
    }
    return nil
  }

  mutating func classDef(decorators: ASTList<Expr>) throws(Stop) -> Stmt {
    let start = position
    advance()
    let name = try expectName()
    let typeParams = try optionalTypeParams()
    var bases = ASTList<Expr>()
    var keywords = ASTList<Keyword>()
    if kind == .leftParen { (bases, keywords) = try classArguments() }
    try expect(.colon)
    let body = try block()
    return arena.stmt(
      .classDef(
        ClassDef(
          name: name, bases: bases, keywords: keywords, body: body, decorators: decorators,
          typeParams: typeParams)),
      range(from: start))
  }

  mutating func optionalTypeParams() throws(Stop) -> ASTList<TypeParam> {
    if kind != .leftSquare { return ASTList() }
    try require(12)
    advance()
    var params: [TypeParam] = []
    repeat {
      if !params.isEmpty, kind == .rightSquare { break }
      let start = position
      var typeKind = TypeParam.Kind.typeVar
      if accept(.star) {
        typeKind = .typeVarTuple
      } else if accept(.doubleStar) {
        typeKind = .paramSpec
      }
      let name = try expectName()
      var bound: Expr?
      if typeKind == .typeVar, accept(.colon) { bound = try expression() }
      var defaultValue: Expr?
      if kind == .equal {
        try require(13)
        advance()
        defaultValue = typeKind == .typeVarTuple ? try starExpression() : try expression()
      }
      params.append(
        TypeParam(kind: typeKind, name: name, bound: bound, defaultValue: defaultValue, range: range(from: start)))
    } while accept(.comma)
    try expect(.rightSquare)
    return arena.list(params)
  }
}
