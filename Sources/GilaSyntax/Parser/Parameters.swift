/// Parameters of functions and lambdas.
extension Parser {
  /// Parameters up to, not with, the token `end`: `)` for a function, `:` for a lambda, which has no annotations.
  mutating func parameters(end: TokenKind) throws(Stop) -> Arguments {
    if kind == end { return arena.arguments(ArgumentsNode()) }
    let annotated = end == .rightParen
    var node = ArgumentsNode()
    var args: [Arg] = []
    var defaults: [Expr] = []
    var sawSlash = false

    // Positional ones.
    while kind == .name {
      var arg = try parameter(annotated: annotated, starred: false)
      if accept(.equal) {
        defaults.append(try expression())
      } else if !defaults.isEmpty {
        throw Stop()
      }
      let more = try endParameter(&arg, end: end)
      args.append(arg)
      if !more { break }
      if kind == .slash {
        if sawSlash { throw Stop() }
        sawSlash = true
        try require(8)
        advance()
        node.posOnly = arena.list(args)
        args.removeAll()
        if kind == end { break }
        try expect(.comma)
        if kind == end { break }
      }
    }
    node.args = arena.list(args)
    node.defaults = arena.list(defaults)
    if kind == .star { try starParameters(&node, annotated: annotated, end: end) }
    if kind == .doubleStar {
      advance()
      var arg = try parameter(annotated: annotated, starred: false)
      if kind == .equal { throw Stop() }
      _ = try endParameter(&arg, end: end)
      node.kwArg = arg
    }
    if kind != end { throw Stop() }
    return arena.arguments(node)
  }

  private mutating func starParameters(
    _ node: inout ArgumentsNode, annotated: Bool, end: TokenKind
  ) throws(Stop) {
    advance()
    let isBare = kind == .comma
    if isBare {
      advance()
      if kind == .typeComment { throw Stop() }
    } else {
      var arg = try parameter(annotated: annotated, starred: true)
      if kind == .equal { throw Stop() }
      _ = try endParameter(&arg, end: end)
      node.varArg = arg
    }
    var args: [Arg] = []
    var defaults: [Expr?] = []
    while kind == .name {
      var arg = try parameter(annotated: annotated, starred: false)
      defaults.append(accept(.equal) ? try expression() : nil)
      let more = try endParameter(&arg, end: end)
      args.append(arg)
      if !more { break }
    }
    if isBare, args.isEmpty { throw Stop() }
    node.kwOnly = arena.list(args)
    node.kwDefaults = arena.list(defaults)
  }

  private mutating func parameter(annotated: Bool, starred: Bool) throws(Stop) -> Arg {
    let start = position
    let name = try expectName()
    var annotation: Expr?
    if annotated, accept(.colon) {
      annotation = starred ? try starExpression() : try expression()
    }
    return Arg(name: name, annotation: annotation, typeComment: nil, range: range(from: start))
  }

  /// The comma, or the end, after a parameter, and its type comment. False at the end.
  private mutating func endParameter(_ arg: inout Arg, end: TokenKind) throws(Stop) -> Bool {
    let hadComma = accept(.comma)
    if hasTypeComments, end == .rightParen, kind == .typeComment {
      arg.typeComment = typeComment()
    }
    if hadComma { return kind != end }
    if kind != end { throw Stop() }
    return false
  }

  /// The text of the current type comment token, which is used up.
  mutating func typeComment() -> Text {
    let result = arena.text(text(current))
    advance()
    return result
  }

  mutating func optionalTypeComment() -> Text? {
    kind == .typeComment ? typeComment() : nil
  }
}
