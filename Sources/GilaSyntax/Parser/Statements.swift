/// Simple statements, and telling the kinds of statements apart.
extension Parser {
  /// Parses one line of simple statements or one compound statement and appends what it found. True for a compound one.
  @discardableResult
  mutating func statement() throws(Stop) -> Bool {
    let start = position
    let compound: Stmt?
    switch kind {
    case .kwDef: compound = try functionDef(decorators: ASTList(), start: start)
    case .at: compound = try decorated()
    case .kwClass: compound = try classDef(decorators: ASTList())
    case .kwIf: compound = try ifStatement()
    case .kwFor: compound = try forStatement(start: start, isAsync: false)
    case .kwWhile: compound = try whileStatement()
    case .kwTry: compound = try tryStatement()
    case .kwWith: compound = try withStatement(start: start, isAsync: false)
    case .kwAsync: compound = try asyncStatement()
    case .name where current.payload == WellKnownName.match.rawValue: compound = try matchStatement()
    default: compound = nil
    }
    if let compound {
      statements.append(compound)
      return true
    }
    try simpleStatements()
    return false
  }

  /// `a; b` and the line's end.
  mutating func simpleStatements() throws(Stop) {
    while true {
      statements.append(try simpleStatement())
      if kind == .semicolon {
        advance()
        if kind != .newline { continue }
      }
      if kind != .newline { throw Stop() }
      // In interactive mode the next line must not be read before it is wanted.
      if options.mode == .interactive, depth == 0 {
        position += 1
        kind = .newline
      } else {
        advance()
      }
      return
    }
  }

  private mutating func simpleStatement() throws(Stop) -> Stmt {
    let start = position
    let statement: StmtKind
    switch kind {
    case .kwReturn:
      advance()
      statement = .return(startsExpression || kind == .star ? try starExpressions() : nil)
    case .kwImport:
      advance()
      statement = .import(try importedModules())
    case .kwFrom:
      statement = try importFrom()
    case .kwRaise:
      advance()
      var exception: Expr?
      var cause: Expr?
      if startsExpression {
        exception = try expression()
        if accept(.kwFrom) { cause = try expression() }
      }
      statement = .raise(exception, cause: cause)
    case .kwPass:
      advance()
      statement = .pass
    case .kwBreak:
      advance()
      statement = .break
    case .kwContinue:
      advance()
      statement = .continue
    case .kwDel:
      statement = .delete(try deleteTargets())
    case .kwAssert:
      advance()
      let test = try expression()
      statement = .assert(test, message: accept(.comma) ? try expression() : nil)
    case .kwGlobal:
      advance()
      statement = .global(try nameList())
    case .kwNonlocal:
      advance()
      statement = .nonlocal(try nameList())
    case .kwYield:
      return try assignmentOrExpression(start)
    default:
      if isName(.type), peek() == .name { return try typeAlias() }
      return try assignmentOrExpression(start)
    }
    return arena.stmt(statement, range(from: start))
  }

  private mutating func nameList() throws(Stop) -> ASTList<Name> {
    var names: [Name] = []
    repeat { names.append(try expectName()) } while accept(.comma)
    return arena.list(names)
  }

  private mutating func deleteTargets() throws(Stop) -> ASTList<Expr> {
    advance()
    let mark = expressions.count
    repeat {
      if !startsExpression { break }
      let target = try binary(1)
      try makeDeleteTarget(target)
      expressions.append(target)
    } while accept(.comma)
    if expressions.count == mark || (kind != .semicolon && kind != .newline) { throw Stop() }
    return takeExpressions(from: mark)
  }

  // MARK: Assignments

  private static func augmentedOperator(_ kind: TokenKind) -> BinaryOperator? {
    switch kind {
    case .plusEqual: .add
    case .minusEqual: .sub
    case .starEqual: .mult
    case .atEqual: .matMult
    case .slashEqual: .div
    case .percentEqual: .mod
    case .ampersandEqual: .bitAnd
    case .barEqual: .bitOr
    case .circumflexEqual: .bitXor
    case .leftShiftEqual: .lShift
    case .rightShiftEqual: .rShift
    case .doubleStarEqual: .pow
    case .doubleSlashEqual: .floorDiv
    default: nil
    }
  }

  /// The right side of an assignment.
  private mutating func annotatedRightSide() throws(Stop) -> Expr {
    kind == .kwYield ? try yieldExpression() : try starExpressions()
  }

  private mutating func assignmentOrExpression(_ start: Int) throws(Stop) -> Stmt {
    let firstKind = kind
    let first = try annotatedRightSide()
    switch kind {
    case .equal:
      if firstKind == .kwYield { throw Stop() }
      return try assignment(first, start: start)
    case .colon:
      try require(6)
      if firstKind == .kwYield { throw Stop() }
      try makeSingleTarget(first)
      var isSimple = false
      if case .name = first.kind { isSimple = firstKind == .name }
      advance()
      let annotation = try expression()
      let value = accept(.equal) ? try annotatedRightSide() : nil
      return arena.stmt(
        .annAssign(target: first, annotation: annotation, value: value, simple: isSimple), range(from: start))
    case .newline, .semicolon:
      return arena.stmt(.expr(first), range(from: start))
    default:
      guard let op = Self.augmentedOperator(kind) else {
        return arena.stmt(.expr(first), range(from: start))
      }
      if op == .matMult { try require(5) }
      if firstKind == .kwYield { throw Stop() }
      try makeSingleTarget(first)
      advance()
      let value = try annotatedRightSide()
      return arena.stmt(.augAssign(target: first, op, value: value), range(from: start))
    }
  }

  private mutating func assignment(_ first: Expr, start: Int) throws(Stop) -> Stmt {
    let mark = expressions.count
    try makeTarget(first, allowsStar: true)
    expressions.append(first)
    var value = first
    while accept(.equal) {
      let isYield = kind == .kwYield
      value = try annotatedRightSide()
      if kind == .equal {
        if isYield { throw Stop() }
        try makeTarget(value, allowsStar: true)
        expressions.append(value)
      }
    }
    let comment = optionalTypeComment()
    let targets = takeExpressions(from: mark)
    return arena.stmt(.assign(targets: targets, value: value, typeComment: comment), range(from: start))
  }

  private mutating func typeAlias() throws(Stop) -> Stmt {
    try require(12)
    let start = position
    advance()
    let nameStart = position
    let name = try expectName()
    let target = arena.expr(.name(name, .store), range(from: nameStart))
    let typeParams = try optionalTypeParams()
    try expect(.equal)
    let value = try expression()
    return arena.stmt(.typeAlias(name: target, typeParams: typeParams, value: value), range(from: start))
  }

  // MARK: Imports

  private mutating func dottedName() throws(Stop) -> Name {
    let first = try expectName()
    if kind != .dot { return first }
    var text = arena.names.array(first)
    while accept(.dot) {
      let next = try expectName()
      text.append(46)
      text.append(contentsOf: arena.names[next])
    }
    return arena.names.intern(text)
  }

  private mutating func importedModules() throws(Stop) -> ASTList<Alias> {
    var aliases: [Alias] = []
    repeat {
      let start = position
      let name = try dottedName()
      let asName = accept(.kwAs) ? try expectName() : nil
      aliases.append(Alias(name: name, asName: asName, range: range(from: start)))
    } while accept(.comma)
    return arena.list(aliases)
  }

  private mutating func importFrom() throws(Stop) -> StmtKind {
    advance()
    var level: Int32 = 0
    while kind == .dot || kind == .ellipsis {
      level += kind == .dot ? 1 : 3
      advance()
    }
    var module: Name?
    if level == 0 || kind != .kwImport { module = try dottedName() }
    try expect(.kwImport)
    if kind == .star {
      let start = position
      advance()
      let alias = Alias(name: Name(.star), asName: nil, range: range(from: start))
      return .importFrom(module: module, names: arena.list(CollectionOfOne(alias)), level: level)
    }
    let isParenthesized = accept(.leftParen)
    var aliases: [Alias] = []
    repeat {
      if isParenthesized, !aliases.isEmpty, kind == .rightParen { break }
      let start = position
      let name = try expectName()
      let asName = accept(.kwAs) ? try expectName() : nil
      aliases.append(Alias(name: name, asName: asName, range: range(from: start)))
    } while accept(.comma)
    if isParenthesized { try expect(.rightParen) }
    return .importFrom(module: module, names: arena.list(aliases), level: level)
  }
}
