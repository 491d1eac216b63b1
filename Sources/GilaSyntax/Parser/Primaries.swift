/// Atoms and what may follow them: attributes, calls, subscripts.
extension Parser {
  mutating func primary() throws(Stop) -> Expr {
    let start = position
    var value = try atom()
    while true {
      switch kind {
      case .dot:
        advance()
        let name = try expectName()
        value = arena.expr(.attribute(value, name, .load), range(from: start))
      case .leftParen:
        value = try call(value, start: start)
      case .leftSquare:
        advance()
        let index = try slices()
        try expect(.rightSquare)
        value = arena.expr(.subscript(value, index: index, .load), range(from: start))
      default:
        return value
      }
    }
  }

  private mutating func atom() throws(Stop) -> Expr {
    let token = current
    switch kind {
    case .name:
      advance()
      return arena.expr(.name(token.name, .load), token.range)
    case .number:
      return try number(token)
    case .string, .fstringStart:
      return try strings()
    case .leftParen:
      return try parenthesized()
    case .leftSquare:
      return try listDisplay()
    case .leftBrace:
      return try braceDisplay()
    case .kwTrue:
      advance()
      return arena.expr(.constant(.true, kind: nil), token.range)
    case .kwFalse:
      advance()
      return arena.expr(.constant(.false, kind: nil), token.range)
    case .kwNone:
      advance()
      return arena.expr(.constant(.none, kind: nil), token.range)
    case .ellipsis:
      advance()
      return arena.expr(.constant(.ellipsis, kind: nil), token.range)
    default:
      throw Stop()
    }
  }

  mutating func number(_ token: Token) throws(Stop) -> Expr {
    let text = self.text(token)
    if options.featureVersion < 6, text.contains(95) { throw Stop() }
    guard
      case .value(let value) = NumberLiteral.parse(text, arena: arena, maximumDigits: options.maximumIntDigits)
    else { throw Stop() }
    advance()
    return arena.expr(.constant(value, kind: nil), token.range)
  }

  // MARK: Displays and comprehensions

  private mutating func parenthesized() throws(Stop) -> Expr {
    let start = position
    advance()
    if accept(.rightParen) { return arena.expr(.tuple(ASTList(), .load), range(from: start)) }
    if kind == .kwYield {
      try enter()
      defer { leave() }
      let value = try yieldExpression()
      try expect(.rightParen)
      return value
    }
    let isStarred = kind == .star
    let first = try starNamedExpression()
    switch kind {
    case .rightParen where !isStarred:
      advance()
      return first
    case .comma:
      let elements = try restOfElements(first, end: .rightParen)
      return arena.expr(.tuple(elements, .load), range(from: start))
    case .kwFor, .kwAsync:
      if isStarred { throw Stop() }
      let generators = try comprehensionClauses()
      try expect(.rightParen)
      return arena.expr(.generatorExp(first, generators), range(from: start))
    default:
      throw Stop()
    }
  }

  /// The elements after the first, up to and with the closing bracket.
  private mutating func restOfElements(_ first: Expr, end: TokenKind) throws(Stop) -> ASTList<Expr> {
    let mark = expressions.count
    expressions.append(first)
    while accept(.comma) {
      if kind == end { break }
      expressions.append(try starNamedExpression())
    }
    try expect(end)
    return takeExpressions(from: mark)
  }

  private mutating func listDisplay() throws(Stop) -> Expr {
    let start = position
    advance()
    if accept(.rightSquare) { return arena.expr(.list(ASTList(), .load), range(from: start)) }
    let isStarred = kind == .star
    let first = try starNamedExpression()
    if kind == .kwFor || kind == .kwAsync {
      if isStarred { throw Stop() }
      let generators = try comprehensionClauses()
      try expect(.rightSquare)
      return arena.expr(.listComp(first, generators), range(from: start))
    }
    let elements = try restOfElements(first, end: .rightSquare)
    return arena.expr(.list(elements, .load), range(from: start))
  }

  private mutating func braceDisplay() throws(Stop) -> Expr {
    let start = position
    advance()
    if accept(.rightBrace) {
      return arena.expr(.dict(keys: ASTList(), values: ASTList()), range(from: start))
    }
    if kind == .doubleStar { return try dictDisplay(nil, start: start) }
    let isStarred = kind == .star
    let isNamed = kind == .name && peek() == .colonEqual
    let first = try starNamedExpression()
    if kind == .colon {
      if isStarred || isNamed { throw Stop() }
      return try dictDisplay(first, start: start)
    }
    if kind == .kwFor || kind == .kwAsync {
      if isStarred { throw Stop() }
      let generators = try comprehensionClauses()
      try expect(.rightBrace)
      return arena.expr(.setComp(first, generators), range(from: start))
    }
    let elements = try restOfElements(first, end: .rightBrace)
    return arena.expr(.set(elements), range(from: start))
  }

  /// After `{`, or after the first key.
  private mutating func dictDisplay(_ firstKey: Expr?, start: Int) throws(Stop) -> Expr {
    var keys: [Expr?] = []
    let mark = expressions.count
    var key = firstKey
    while true {
      if key == nil, accept(.doubleStar) {
        keys.append(nil)
        expressions.append(try binary(1))
      } else {
        let thisKey: Expr
        if let key { thisKey = key } else { thisKey = try expression() }
        try expect(.colon)
        let value = try expression()
        if keys.isEmpty, kind == .kwFor || kind == .kwAsync {
          let generators = try comprehensionClauses()
          try expect(.rightBrace)
          return arena.expr(.dictComp(key: thisKey, value: value, generators), range(from: start))
        }
        keys.append(thisKey)
        expressions.append(value)
      }
      key = nil
      if !accept(.comma) || kind == .rightBrace { break }
    }
    try expect(.rightBrace)
    return arena.expr(
      .dict(keys: arena.list(keys), values: takeExpressions(from: mark)), range(from: start))
  }

  private mutating func comprehensionClauses() throws(Stop) -> ASTList<Comprehension> {
    var clauses: [Comprehension] = []
    while kind == .kwFor || kind == .kwAsync {
      let isAsync = accept(.kwAsync)
      if isAsync { try require(6) }
      try expect(.kwFor)
      let target = try starTargets()
      try expect(.kwIn)
      let iter = try disjunction()
      let mark = expressions.count
      while accept(.kwIf) { expressions.append(try disjunction()) }
      clauses.append(
        Comprehension(target: target, iter: iter, ifs: takeExpressions(from: mark), isAsync: isAsync))
    }
    return arena.list(clauses)
  }

  // MARK: Calls

  private mutating func call(_ function: Expr, start: Int) throws(Stop) -> Expr {
    let open = position
    advance()
    if accept(.rightParen) {
      return arena.expr(.call(function, ASTList(), ASTList()), range(from: start))
    }
    let mark = expressions.count
    var keywords: [Keyword] = []
    var sawDoubleStar = false
    repeat {
      if kind == .rightParen { break }
      let argStart = position
      if kind == .star {
        if sawDoubleStar { throw Stop() }
        advance()
        let value = try expression()
        expressions.append(arena.expr(.starred(value, .load), range(from: argStart)))
      } else if kind == .doubleStar {
        sawDoubleStar = true
        advance()
        let value = try expression()
        keywords.append(Keyword(name: nil, value: value, range: range(from: argStart)))
      } else if kind == .name, peek() == .equal {
        let name = current.name
        advance()
        advance()
        let value = try expression()
        keywords.append(Keyword(name: name, value: value, range: range(from: argStart)))
      } else {
        if !keywords.isEmpty { throw Stop() }
        let value = try namedExpression()
        if kind == .kwFor || kind == .kwAsync {
          // A lone generator needs no parentheses of its own.
          if argStart != open + 1 { throw Stop() }
          let generators = try comprehensionClauses()
          try expect(.rightParen)
          let generator = arena.expr(.generatorExp(value, generators), range(from: open))
          return arena.expr(
            .call(function, arena.list(CollectionOfOne(generator)), ASTList()), range(from: start))
        }
        expressions.append(value)
      }
    } while accept(.comma)
    try expect(.rightParen)
    let args = takeExpressions(from: mark)
    return arena.expr(.call(function, args, arena.list(keywords)), range(from: start))
  }

  /// Call arguments of a class statement, after the opening parenthesis and up to the closing one.
  mutating func classArguments() throws(Stop) -> (ASTList<Expr>, ASTList<Keyword>) {
    // A class statement has the syntax of a call, so the call is parsed and taken apart.
    let dummy = arena.expr(.constant(.none, kind: nil), .none)
    guard case .call(_, let args, let keywords) = try call(dummy, start: position).kind else { throw Stop() }
    if args.count == 1, keywords.isEmpty, case .generatorExp = args[0].kind,
      args[0].range.endColumn == stream.tokens[position - 1].range.endColumn,
      args[0].range.endLine == stream.tokens[position - 1].range.endLine
    {
      // But a class takes no bare generator.
      throw Stop()
    }
    return (args, keywords)
  }

  // MARK: Subscripts

  private mutating func slices() throws(Stop) -> Expr {
    let start = position
    let isStarred = kind == .star
    let first = try slice()
    if kind != .comma, !isStarred { return first }
    let mark = expressions.count
    expressions.append(first)
    while accept(.comma) {
      if kind == .rightSquare { break }
      expressions.append(try slice())
    }
    return arena.expr(.tuple(takeExpressions(from: mark), .load), range(from: start))
  }

  private mutating func slice() throws(Stop) -> Expr {
    let start = position
    if kind == .star {
      advance()
      let value = try expression()
      return arena.expr(.starred(value, .load), range(from: start))
    }
    var lower: Expr?
    if kind != .colon {
      let isNamed = kind == .name && peek() == .colonEqual
      let value = try namedExpression()
      if kind != .colon || isNamed { return value }
      lower = value
    }
    try expect(.colon)
    let upper = startsExpression ? try expression() : nil
    var step: Expr?
    if accept(.colon), startsExpression { step = try expression() }
    return arena.expr(.slice(lower: lower, upper: upper, step: step), range(from: start))
  }
}
