/// Rules for the parameters of functions and of lambdas, which differ in what ends them and in annotations.
struct ParameterRules {
  let parser: ErrorParser
  let isLambda: Bool
  private let end: TokenKind

  init(_ parser: ErrorParser, isLambda: Bool) {
    self.parser = parser
    self.isLambda = isLambda
    end = isLambda ? .colon : .rightParen
  }

  // MARK: One parameter

  private func param() -> ErrorNode? {
    let start = parser.mark
    return parser.alt {
      guard parser.has(.name) else { return nil }
      if !isLambda { _ = parser.test { parser.has(.colon) && parser.expression() != nil } }
      return ErrorNode(.other, parser.range(start))
    }
  }

  /// A comma, or the end without reading it.
  private func tail() -> Bool {
    if parser.test({ () -> Bool in
      guard parser.has(.comma) else { return false }
      if !isLambda { _ = parser.has(.typeComment) }
      return true
    }) {
      return true
    }
    return parser.test {
      if !isLambda { _ = parser.has(.typeComment) }
      return parser.isAhead(end)
    }
  }

  private func noDefault() -> ErrorNode? {
    parser.alt {
      guard let node = param(), tail() else { return nil }
      return node
    }
  }

  private func defaultValue() -> Bool {
    if parser.test({ parser.has(.equal) && parser.expression() != nil }) { return true }
    if parser.callsInvalid,
      let token = parser.alt({ () -> Token? in
        guard let token = parser.take(.equal), parser.ahead({ parser.takeAny(.rightParen, .comma) != nil })
        else { return nil }
        return token
      })
    {
      parser.raiseAt(token.range, "expected default value expression")
    }
    return false
  }

  private func withDefault() -> ErrorNode? {
    parser.alt {
      guard let node = param(), defaultValue(), tail() else { return nil }
      return node
    }
  }

  private func maybeDefault() -> ErrorNode? {
    parser.alt {
      guard let node = param() else { return nil }
      _ = parser.test { defaultValue() }
      return tail() ? node : nil
    }
  }

  private func slashTail() -> Bool {
    parser.test { parser.has(.slash) && parser.has(.comma) }
      || parser.test { parser.has(.slash) && parser.isAhead(end) }
  }

  private func slashNoDefault() -> Bool {
    parser.test { parser.some { noDefault() } != nil && slashTail() }
  }

  private func slashWithDefault() -> Bool {
    parser.test {
      _ = parser.many { noDefault() }
      return parser.some { withDefault() } != nil && slashTail()
    }
  }

  // MARK: All parameters

  func parameters() -> Bool {
    if parser.test({ () -> Bool in
      guard slashNoDefault() else { return false }
      _ = parser.many { noDefault() }
      _ = parser.many { withDefault() }
      _ = parser.test { starEtc() }
      return parser.requireVersion(8, "Positional-only parameters are")
    }) {
      return true
    }
    if parser.test({ () -> Bool in
      guard slashWithDefault() else { return false }
      _ = parser.many { withDefault() }
      _ = parser.test { starEtc() }
      return parser.requireVersion(8, "Positional-only parameters are")
    }) {
      return true
    }
    if parser.test({ () -> Bool in
      guard parser.some({ noDefault() }) != nil else { return false }
      _ = parser.many { withDefault() }
      _ = parser.test { starEtc() }
      return true
    }) {
      return true
    }
    if parser.test({ () -> Bool in
      guard parser.some({ withDefault() }) != nil else { return false }
      _ = parser.test { starEtc() }
      return true
    }) {
      return true
    }
    return parser.test { starEtc() }
  }

  private func starEtc() -> Bool {
    if parser.callsInvalid { _ = parser.test { invalidStarEtc() } }
    if parser.test({ () -> Bool in
      guard parser.has(.star), noDefault() != nil else { return false }
      _ = parser.many { maybeDefault() }
      _ = parser.test { kwds() }
      return true
    }) {
      return true
    }
    if !isLambda,
      parser.test({ () -> Bool in
        guard parser.has(.star), parser.has(.name), parser.has(.colon), parser.starExpression() != nil, tail()
        else { return false }
        _ = parser.many { maybeDefault() }
        _ = parser.test { kwds() }
        return true
      })
    {
      return true
    }
    if parser.test({ () -> Bool in
      guard parser.has(.star), parser.has(.comma), parser.some({ maybeDefault() }) != nil else { return false }
      _ = parser.test { kwds() }
      return true
    }) {
      return true
    }
    return parser.test { kwds() }
  }

  private func kwds() -> Bool {
    if parser.callsInvalid { _ = parser.test { invalidKwds() } }
    return parser.test { parser.has(.doubleStar) && noDefault() != nil }
  }

  // MARK: Mistakes

  private func invalidStarEtc() -> Bool {
    if let star = parser.alt({ () -> Token? in
      guard let star = parser.take(.star) else { return nil }
      if parser.has(end) { return star }
      if parser.has(.comma), parser.takeAny(end, .doubleStar) != nil { return star }
      return nil
    }) {
      if isLambda {
        parser.raise("named arguments must follow bare *")
      } else {
        parser.raiseAt(star.range, "named arguments must follow bare *")
      }
      return false
    }
    if !isLambda, parser.test({ parser.has(.star) && parser.has(.comma) && parser.has(.typeComment) }) {
      parser.raise("bare * has associated type comment")
      return false
    }
    if let token = parser.alt({ parser.has(.star) && param() != nil ? parser.take(.equal) : nil }) {
      parser.raiseAt(token.range, "var-positional argument cannot have default value")
      return false
    }
    if let token = parser.alt({ () -> Token? in
      guard parser.has(.star), noDefault() != nil || parser.has(.comma) else { return nil }
      _ = parser.many { maybeDefault() }
      guard let token = parser.take(.star), noDefault() != nil || parser.has(.comma) else { return nil }
      return token
    }) {
      parser.raiseAt(token.range, "* argument may appear only once")
    }
    return false
  }

  private func invalidKwds() -> Bool {
    if let token = parser.alt({ parser.has(.doubleStar) && param() != nil ? parser.take(.equal) : nil }) {
      parser.raiseAt(token.range, "var-keyword argument cannot have default value")
      return false
    }
    if let node = parser.alt({
      parser.has(.doubleStar) && param() != nil && parser.has(.comma) ? param() : nil
    }) {
      parser.raiseAt(node.range, "arguments cannot follow var-keyword argument")
      return false
    }
    if let token = parser.alt({
      parser.has(.doubleStar) && param() != nil && parser.has(.comma)
        ? parser.takeAny(.star, .doubleStar, .slash) : nil
    }) {
      parser.raiseAt(token.range, "arguments cannot follow var-keyword argument")
    }
    return false
  }

  func invalidParameters() -> Bool {
    if let token = parser.alt({ () -> Token? in
      guard let token = parser.take(.slash), parser.has(.comma) else { return nil }
      return token
    }) {
      parser.raiseAt(token.range, "at least one argument must precede /")
      return false
    }
    if let token = parser.alt({ () -> Token? in
      guard slashNoDefault() || slashWithDefault() else { return nil }
      _ = parser.many { maybeDefault() }
      return parser.take(.slash)
    }) {
      parser.raiseAt(token.range, "/ may appear only once")
      return false
    }
    if let node = parser.alt({ () -> ErrorNode? in
      _ = slashNoDefault()
      _ = parser.many { noDefault() }
      guard slashWithDefault() || parser.some({ withDefault() }) != nil else { return nil }
      return noDefault()
    }) {
      parser.raiseAt(node.range, "parameter without a default follows parameter with a default")
      return false
    }
    if let (open, close) = parser.alt({ () -> (Token, Token)? in
      _ = parser.many { noDefault() }
      guard let open = parser.take(.leftParen) else { return nil }
      if isLambda {
        guard parser.gather(.comma, { param() }) != nil else { return nil }
      } else {
        guard parser.some({ noDefault() }) != nil else { return nil }
      }
      _ = parser.has(.comma)
      guard let close = parser.take(.rightParen) else { return nil }
      return (open, close)
    }) {
      parser.raiseRange(
        open.range, close.range,
        (isLambda ? "Lambda expression" : "Function") + " parameters cannot be parenthesized")
      return false
    }
    if let token = parser.alt({ () -> Token? in
      _ = slashNoDefault() || slashWithDefault()
      _ = parser.many { maybeDefault() }
      guard parser.has(.star), parser.has(.comma) || noDefault() != nil else { return nil }
      _ = parser.many { maybeDefault() }
      return parser.take(.slash)
    }) {
      parser.raiseAt(token.range, "/ must be ahead of *")
      return false
    }
    if let token = parser.alt({
      parser.some { maybeDefault() } != nil && parser.has(.slash) ? parser.take(.star) : nil
    }) {
      parser.raiseAt(token.range, "expected comma between / and *")
    }
    return false
  }
}
