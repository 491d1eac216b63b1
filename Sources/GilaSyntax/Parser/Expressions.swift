/// Expressions with operators.
extension Parser {
  /// `a` or `a, b`: expressions without stars.
  mutating func expressionList() throws(Stop) -> Expr {
    let start = position
    let first = try expression()
    if kind != .comma { return first }
    return try restOfTuple(first, start: start) { (parser) throws(Stop) in
      parser.startsExpression ? try parser.expression() : nil
    }
  }

  /// `a`, `*a, b` and so on: the right side of an assignment, an expression statement.
  mutating func starExpressions() throws(Stop) -> Expr {
    let start = position
    let first = try starExpression()
    if kind != .comma { return first }
    return try restOfTuple(first, start: start) { (parser) throws(Stop) in
      parser.startsExpression || parser.kind == .star ? try parser.starExpression() : nil
    }
  }

  @inline(__always)
  private mutating func restOfTuple(
    _ first: Expr, start: Int, next: (inout Parser) throws(Stop) -> Expr?
  ) throws(Stop) -> Expr {
    let mark = expressions.count
    expressions.append(first)
    while accept(.comma) {
      guard let element = try next(&self) else { break }
      expressions.append(element)
    }
    return arena.expr(.tuple(takeExpressions(from: mark), .load), range(from: start))
  }

  mutating func starExpression() throws(Stop) -> Expr {
    kind == .star ? try starred() : try expression()
  }

  /// An element of a list, tuple or set display.
  mutating func starNamedExpression() throws(Stop) -> Expr {
    kind == .star ? try starred() : try namedExpression()
  }

  private mutating func starred() throws(Stop) -> Expr {
    let start = position
    advance()
    let value = try binary(1)
    return arena.expr(.starred(value, .load), range(from: start))
  }

  mutating func namedExpression() throws(Stop) -> Expr {
    if kind == .name, peek() == .colonEqual {
      try require(8)
      let start = position
      let name = current.name
      advance()
      let target = arena.expr(.name(name, .store), range(from: start))
      advance()
      let value = try expression()
      return arena.expr(.namedExpr(target: target, value: value), range(from: start))
    }
    let value = try expression()
    if kind == .colonEqual { throw Stop() }
    return value
  }

  /// Whether the current token can start an expression; tells a trailing comma from an inner one.
  var startsExpression: Bool {
    switch kind {
    case .name, .number, .string, .fstringStart, .leftParen, .leftSquare, .leftBrace, .minus, .plus, .tilde,
      .ellipsis, .kwNone, .kwTrue, .kwFalse, .kwNot, .kwLambda, .kwAwait:
      true
    default:
      false
    }
  }

  mutating func expression() throws(Stop) -> Expr {
    try enter()
    defer { leave() }
    if kind == .kwLambda { return try lambda() }
    let start = position
    let body = try disjunction()
    if kind != .kwIf { return body }
    advance()
    let test = try disjunction()
    try expect(.kwElse)
    let orElse = try expression()
    return arena.expr(.ifExp(test: test, body: body, orElse: orElse), range(from: start))
  }

  mutating func yieldExpression() throws(Stop) -> Expr {
    let start = position
    advance()
    if accept(.kwFrom) {
      let value = try expression()
      return arena.expr(.yieldFrom(value), range(from: start))
    }
    let value = startsExpression || kind == .star ? try starExpressions() : nil
    return arena.expr(.yield(value), range(from: start))
  }

  mutating func disjunction() throws(Stop) -> Expr {
    let start = position
    let first = try conjunction()
    if kind != .kwOr { return first }
    let mark = expressions.count
    expressions.append(first)
    while accept(.kwOr) { expressions.append(try conjunction()) }
    return arena.expr(.boolOp(.or, takeExpressions(from: mark)), range(from: start))
  }

  private mutating func conjunction() throws(Stop) -> Expr {
    let start = position
    let first = try inversion()
    if kind != .kwAnd { return first }
    let mark = expressions.count
    expressions.append(first)
    while accept(.kwAnd) { expressions.append(try inversion()) }
    return arena.expr(.boolOp(.and, takeExpressions(from: mark)), range(from: start))
  }

  private mutating func inversion() throws(Stop) -> Expr {
    if kind != .kwNot { return try comparison() }
    try enter()
    defer { leave() }
    let start = position
    advance()
    let operand = try inversion()
    return arena.expr(.unaryOp(.not, operand), range(from: start))
  }

  private mutating func comparison() throws(Stop) -> Expr {
    let start = position
    let left = try binary(1)
    guard let first = try compareOperator() else { return left }
    let mark = expressions.count
    expressions.append(try binary(1))
    // One comparison is the usual case and needs no array.
    guard let second = try compareOperator() else {
      return arena.expr(
        .compare(left, arena.list(CollectionOfOne(first)), takeExpressions(from: mark)), range(from: start))
    }
    var operators = [first, second]
    expressions.append(try binary(1))
    while let next = try compareOperator() {
      operators.append(next)
      expressions.append(try binary(1))
    }
    return arena.expr(.compare(left, arena.list(operators), takeExpressions(from: mark)), range(from: start))
  }

  private mutating func compareOperator() throws(Stop) -> CompareOperator? {
    let result: CompareOperator
    switch kind {
    case .equalEqual: result = .eq
    case .notEqual:
      // `<>` and `!=` are one kind; which one is right depends on a joke of PEP 401.
      let isOld = base[Int(current.start)] == 60
      if isOld != options.flags.contains(.futureBarryAsBDFL) { throw Stop() }
      result = .notEq
    case .less: result = .lt
    case .lessEqual: result = .ltE
    case .greater: result = .gt
    case .greaterEqual: result = .gtE
    case .kwIn: result = .in
    case .kwIs:
      advance()
      return accept(.kwNot) ? .isNot : .is
    case .kwNot:
      if peek() != .kwIn { return nil }
      advance()
      result = .notIn
    default:
      return nil
    }
    advance()
    return result
  }

  // MARK: Arithmetic

  @inline(__always)
  private static func binaryOperator(_ kind: TokenKind) -> (BinaryOperator, Int)? {
    switch kind {
    case .bar: (.bitOr, 1)
    case .circumflex: (.bitXor, 2)
    case .ampersand: (.bitAnd, 3)
    case .leftShift: (.lShift, 4)
    case .rightShift: (.rShift, 4)
    case .plus: (.add, 5)
    case .minus: (.sub, 5)
    case .star: (.mult, 6)
    case .slash: (.div, 6)
    case .doubleSlash: (.floorDiv, 6)
    case .percent: (.mod, 6)
    case .at: (.matMult, 6)
    default: nil
    }
  }

  /// Operators from `|` (1) to `*` (6) that bind at least as strongly as `minimum`.
  mutating func binary(_ minimum: Int) throws(Stop) -> Expr {
    let start = position
    var left = try unary()
    while let (op, strength) = Self.binaryOperator(kind), strength >= minimum {
      if op == .matMult { try require(5) }
      advance()
      let right = try binary(strength + 1)
      left = arena.expr(.binOp(left, op, right), range(from: start))
    }
    return left
  }

  private mutating func unary() throws(Stop) -> Expr {
    let op: UnaryOperator
    switch kind {
    case .minus: op = .uSub
    case .plus: op = .uAdd
    case .tilde: op = .invert
    default: return try power()
    }
    try enter()
    defer { leave() }
    let start = position
    advance()
    let operand = try unary()
    return arena.expr(.unaryOp(op, operand), range(from: start))
  }

  private mutating func power() throws(Stop) -> Expr {
    let start = position
    let left = try awaitPrimary()
    if kind != .doubleStar { return left }
    try enter()
    defer { leave() }
    advance()
    let right = try unary()
    return arena.expr(.binOp(left, .pow, right), range(from: start))
  }

  private mutating func awaitPrimary() throws(Stop) -> Expr {
    if kind != .kwAwait { return try primary() }
    try require(5)
    let start = position
    advance()
    let value = try primary()
    return arena.expr(.await(value), range(from: start))
  }

  // MARK: Lambda

  private mutating func lambda() throws(Stop) -> Expr {
    let start = position
    advance()
    let args = try parameters(end: .colon)
    try expect(.colon)
    let body = try expression()
    return arena.expr(.lambda(args, body: body), range(from: start))
  }
}
