/// `match` statements and patterns.
extension Parser {
  /// A match statement, or nil if `match` is only a name here.
  mutating func matchStatement() throws(Stop) -> Stmt? {
    switch peek() {
    case .name, .number, .string, .fstringStart, .leftParen, .leftSquare, .leftBrace, .minus, .plus, .tilde, .star,
      .ellipsis, .kwNone, .kwTrue, .kwFalse, .kwNot, .kwLambda, .kwAwait:
      break
    default:
      return nil
    }
    let start = position
    let expressionMark = expressions.count
    let savedDepth = depth
    let warningCount = warnings.count
    let subject: Expr
    do throws(Stop) {
      advance()
      subject = try matchSubject()
      try expect(.colon)
      try expect(.newline)
      try expect(.indent)
      if !isName(.case) { throw Stop() }
    } catch {
      if ranOutOfStack { throw Stop() }
      expressions.removeLast(expressions.count - expressionMark)
      depth = savedDepth
      warnings.removeLast(warnings.count - warningCount)
      move(to: start)
      return nil
    }
    try require(10)
    try enter()
    defer { leave() }
    var cases: [MatchCase] = []
    while isName(.case) {
      advance()
      let pattern = try casePattern()
      let guardExpr = accept(.kwIf) ? try namedExpression() : nil
      try expect(.colon)
      let body = try block()
      cases.append(MatchCase(pattern: pattern, guardExpr: guardExpr, body: body))
    }
    try expect(.dedent)
    return arena.stmt(.match(subject: subject, cases: arena.list(cases)), range(from: start))
  }

  private mutating func matchSubject() throws(Stop) -> Expr {
    let start = position
    let isStarred = kind == .star
    let first = try starNamedExpression()
    if kind != .comma {
      if isStarred { throw Stop() }
      return first
    }
    let mark = expressions.count
    expressions.append(first)
    while accept(.comma) {
      if !startsExpression, kind != .star { break }
      expressions.append(try starNamedExpression())
    }
    return arena.expr(.tuple(takeExpressions(from: mark), .load), range(from: start))
  }

  // MARK: Patterns

  private mutating func casePattern() throws(Stop) -> Pattern {
    let start = position
    let isStar = kind == .star
    let first = try starOrPattern()
    if kind != .comma {
      if isStar { throw Stop() }
      return first
    }
    var patterns = [first]
    while accept(.comma) {
      if kind == .colon || kind == .kwIf { break }
      patterns.append(try starOrPattern())
    }
    return arena.pattern(.sequence(arena.list(patterns)), range(from: start))
  }

  private mutating func starOrPattern() throws(Stop) -> Pattern {
    if kind != .star { return try pattern() }
    let start = position
    advance()
    let name = try captureName(allowsWildcard: true)
    return arena.pattern(.star(name), range(from: start))
  }

  /// A name that a pattern binds; nil for `_`.
  private mutating func captureName(allowsWildcard: Bool) throws(Stop) -> Name? {
    if isName(.underscore) {
      if !allowsWildcard { throw Stop() }
      advance()
      return nil
    }
    let name = try expectName()
    if kind == .dot || kind == .leftParen || kind == .equal { throw Stop() }
    return name
  }

  private mutating func pattern() throws(Stop) -> Pattern {
    try enter()
    defer { leave() }
    let start = position
    let first = try closedPattern()
    var result = first
    if kind == .bar {
      var alternatives = [first]
      while accept(.bar) { alternatives.append(try closedPattern()) }
      result = arena.pattern(.or(arena.list(alternatives)), range(from: start))
    }
    if accept(.kwAs) {
      let name = try captureName(allowsWildcard: false)
      return arena.pattern(.as(result, name), range(from: start))
    }
    return result
  }

  private mutating func closedPattern() throws(Stop) -> Pattern {
    let start = position
    let token = current
    switch kind {
    case .number, .minus:
      let value = try signedOrComplexNumber()
      return arena.pattern(.value(value), range(from: start))
    case .string, .fstringStart:
      let value = try strings()
      return arena.pattern(.value(value), range(from: start))
    case .kwNone, .kwTrue, .kwFalse:
      advance()
      return arena.pattern(
        .singleton(token.kind == .kwNone ? .none : token.kind == .kwTrue ? .true : .false), token.range)
    case .leftParen, .leftSquare:
      return try groupOrSequence()
    case .leftBrace:
      return try mappingPattern()
    case .name:
      if peek() == .dot || peek() == .leftParen { return try valueOrClass() }
      if peek() == .equal { throw Stop() }
      advance()
      return arena.pattern(.as(nil, token.name == .underscore ? nil : token.name), token.range)
    default:
      throw Stop()
    }
  }

  private mutating func signedNumber() throws(Stop) -> Expr {
    let start = position
    if accept(.minus) {
      if kind != .number { throw Stop() }
      let value = try number(current)
      return arena.expr(.unaryOp(.uSub, value), range(from: start))
    }
    if kind != .number { throw Stop() }
    return try number(current)
  }

  /// `-1`, or `1 + 2j`, which needs a real and an imaginary part.
  private mutating func signedOrComplexNumber() throws(Stop) -> Expr {
    let start = position
    let first = try signedNumber()
    guard kind == .plus || kind == .minus else { return first }
    let op: BinaryOperator = kind == .plus ? .add : .sub
    advance()
    if kind != .number { throw Stop() }
    let second = try number(current)
    if Self.isImaginary(first) || !Self.isImaginary(second) { throw Stop() }
    return arena.expr(.binOp(first, op, second), range(from: start))
  }

  private static func isImaginary(_ value: Expr) -> Bool {
    switch value.kind {
    case .constant(.complex, _): true
    case .unaryOp(_, let operand): isImaginary(operand)
    default: false
    }
  }

  private mutating func groupOrSequence() throws(Stop) -> Pattern {
    let start = position
    let end: TokenKind = kind == .leftParen ? .rightParen : .rightSquare
    advance()
    if accept(end) { return arena.pattern(.sequence(ASTList()), range(from: start)) }
    let isStar = kind == .star
    var patterns = [try starOrPattern()]
    if end == .rightParen, kind == .rightParen {
      if isStar { throw Stop() }
      advance()
      return patterns[0]
    }
    while accept(.comma) {
      if kind == end { break }
      patterns.append(try starOrPattern())
    }
    try expect(end)
    return arena.pattern(.sequence(arena.list(patterns)), range(from: start))
  }

  /// `a.b` and so on; the tokens of a class or value pattern's name.
  private mutating func dottedExpression() throws(Stop) -> Expr {
    let start = position
    var result = arena.expr(.name(try expectName(), .load), range(from: start))
    while accept(.dot) {
      let name = try expectName()
      result = arena.expr(.attribute(result, name, .load), range(from: start))
    }
    return result
  }

  private mutating func valueOrClass() throws(Stop) -> Pattern {
    let start = position
    let value = try dottedExpression()
    if kind == .equal { throw Stop() }
    if kind != .leftParen { return arena.pattern(.value(value), range(from: start)) }
    advance()
    var patterns: [Pattern] = []
    var names: [Name] = []
    var keywordPatterns: [Pattern] = []
    while kind != .rightParen {
      if kind == .name, peek() == .equal {
        names.append(current.name)
        advance()
        advance()
        keywordPatterns.append(try pattern())
      } else {
        if !names.isEmpty { throw Stop() }
        patterns.append(try pattern())
      }
      if !accept(.comma) { break }
    }
    try expect(.rightParen)
    return arena.pattern(
      .class(
        value, patterns: arena.list(patterns), keywords: arena.list(names),
        keywordPatterns: arena.list(keywordPatterns)),
      range(from: start))
  }

  private mutating func mappingPattern() throws(Stop) -> Pattern {
    let start = position
    advance()
    var keys: [Expr] = []
    var patterns: [Pattern] = []
    var rest: Name?
    while kind != .rightBrace {
      if rest != nil { throw Stop() }
      if accept(.doubleStar) {
        rest = try captureName(allowsWildcard: false)
      } else {
        keys.append(try mappingKey())
        try expect(.colon)
        patterns.append(try pattern())
      }
      if !accept(.comma) { break }
    }
    try expect(.rightBrace)
    return arena.pattern(
      .mapping(keys: arena.list(keys), patterns: arena.list(patterns), rest: rest), range(from: start))
  }

  private mutating func mappingKey() throws(Stop) -> Expr {
    let token = current
    switch kind {
    case .number, .minus: return try signedOrComplexNumber()
    case .string, .fstringStart: return try strings()
    case .kwNone, .kwTrue, .kwFalse:
      advance()
      return arena.expr(
        .constant(token.kind == .kwNone ? .none : token.kind == .kwTrue ? .true : .false, kind: nil), token.range)
    case .name:
      if peek() != .dot { throw Stop() }
      return try dottedExpression()
    default: throw Stop()
    }
  }
}
