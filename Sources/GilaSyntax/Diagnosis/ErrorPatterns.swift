/// Rules for `match` statements.
extension ErrorParser {
  func matchStatement() -> Bool {
    if test({
      takeSoft(.match) != nil && subject() && has(.colon) && has(.newline) && has(.indent)
        && some { caseBlock() ? true : nil } != nil && has(.dedent) && requireVersion(10, "Pattern matching is")
    }) {
      return true
    }
    if callsInvalid {
      if test({ takeSoft(.match) != nil && subject() && has(.newline) }) {
        raise("expected ':'")
        return false
      }
      missingBlock("'match' statement") {
        guard let token = takeSoft(.match), subject() else { return nil }
        return token
      }
    }
    return false
  }

  private func subject() -> Bool {
    test {
      guard starNamedExpression() != nil, has(.comma) else { return false }
      _ = alt { starNamedExpressions() }
      return true
    } || test { namedExpression() != nil }
  }

  private func caseBlock() -> Bool {
    func header() -> Token? {
      guard let token = takeSoft(.case), patterns() else { return nil }
      _ = test { has(.kwIf) && namedExpression() != nil }
      return failed ? nil : token
    }
    if callsInvalid {
      missingColon { header() != nil }
      missingBlock("'case' statement") { header() }
    }
    return test { header() != nil && has(.colon) && block() }
  }

  private func patterns() -> Bool { test { openSequence() } || test { pattern() != nil } }

  private func pattern() -> ErrorNode? {
    nested { alt { asPattern() } ?? alt { orPattern() } }
  }

  private func asPattern() -> ErrorNode? {
    let start = mark
    if test({ orPattern() != nil && has(.kwAs) && captureTarget() != nil }) {
      return ErrorNode(.other, range(start))
    }
    if callsInvalid {
      if let token = alt({ orPattern() != nil && has(.kwAs) ? takeSoft(.underscore) : nil }) {
        raiseAt(token.range, "cannot use '_' as a target")
        return nil
      }
      if let node = alt({
        orPattern() != nil && has(.kwAs) && notAhead(.name) ? expression() : nil
      }) {
        raiseAt(node.range, "invalid pattern target")
      }
    }
    return nil
  }

  private func orPattern() -> ErrorNode? {
    let start = mark
    guard gather(.bar, { closedPattern() }) != nil else { return nil }
    return ErrorNode(.other, range(start))
  }

  private func notFollowed() -> Bool { notAhead { takeAny(.dot, .leftParen, .equal) != nil } }

  private func captureTarget() -> ErrorNode? {
    alt {
      if takeSoftAhead(.underscore) { return nil }
      guard let token = take(.name), notFollowed() else { return nil }
      return ErrorNode(.name, token.range)
    }
  }

  private func takeSoftAhead(_ word: WellKnownName) -> Bool { ahead { takeSoft(word) != nil } }

  private func closedPattern() -> ErrorNode? {
    memo(.closedPattern) {
      let start = mark
      let found =
        test { literalPattern() } || test { captureTarget() != nil } || test { takeSoft(.underscore) != nil }
        || test { attribute() && notFollowed() }
        || test { has(.leftParen) && pattern() != nil && has(.rightParen) }
        || test { sequencePattern() } || test { mappingPattern() } || test { classPattern() }
      return found ? ErrorNode(.other, range(start)) : nil
    }
  }

  private func signedNumber() -> ErrorNode? {
    alt { number() } ?? alt { has(.minus) ? number() : nil }
  }

  private func complexNumber() -> Bool {
    func real() -> Bool {
      _ = has(.minus)
      guard let node = number() else { return false }
      if node.flag {
        raiseAt(node.range, "real number required in complex literal")
        return false
      }
      return true
    }
    func imaginary() -> Bool {
      guard let node = number() else { return false }
      if !node.flag {
        raiseAt(node.range, "imaginary number required in complex literal")
        return false
      }
      return true
    }
    return test { real() && has(.plus) && imaginary() } || test { real() && has(.minus) && imaginary() }
  }

  private func literalPattern() -> Bool {
    test { signedNumber() != nil && notAhead { takeAny(.plus, .minus) != nil } }
      || test { complexNumber() }
      || test { strings() != nil }
      || test { takeAny(.kwNone, .kwTrue, .kwFalse) != nil }
  }

  /// At least one dot.
  private func attribute() -> Bool {
    guard has(.name) else { return false }
    return some { has(.dot) && has(.name) ? true : nil } != nil
  }

  private func nameOrAttribute() -> Bool { test { attribute() } || test { has(.name) } }

  private func starPattern() -> ErrorNode? {
    memo(.starPattern) {
      let start = mark
      let found =
        test { has(.star) && captureTarget() != nil } || test { has(.star) && takeSoft(.underscore) != nil }
      return found ? ErrorNode(.other, range(start)) : nil
    }
  }

  private func maybeStarPattern() -> ErrorNode? { alt { starPattern() } ?? alt { pattern() } }

  private func maybeSequence() -> Bool {
    guard gather(.comma, { maybeStarPattern() }) != nil else { return false }
    _ = has(.comma)
    return true
  }

  private func openSequence() -> Bool {
    guard maybeStarPattern() != nil, has(.comma) else { return false }
    _ = test { maybeSequence() }
    return !failed
  }

  private func sequencePattern() -> Bool {
    test {
      guard has(.leftSquare) else { return false }
      _ = test { maybeSequence() }
      return has(.rightSquare)
    }
      || test {
        guard has(.leftParen) else { return false }
        _ = test { openSequence() }
        return has(.rightParen)
      }
  }

  private func mappingPattern() -> Bool {
    func rest() -> Bool { has(.doubleStar) && captureTarget() != nil }
    func items() -> Bool {
      gather(.comma) { () -> Bool? in
        let key =
          test { signedNumber() != nil && notAhead { takeAny(.plus, .minus) != nil } } || test { complexNumber() }
          || test { strings() != nil } || test { takeAny(.kwNone, .kwTrue, .kwFalse) != nil } || test { attribute() }
        return key && has(.colon) && pattern() != nil ? true : nil
      } != nil
    }
    func optionalComma() -> Bool {
      _ = has(.comma)
      return !failed
    }
    return test { has(.leftBrace) && has(.rightBrace) }
      || test { has(.leftBrace) && rest() && optionalComma() && has(.rightBrace) }
      || test { has(.leftBrace) && items() && has(.comma) && rest() && optionalComma() && has(.rightBrace) }
      || test { has(.leftBrace) && items() && optionalComma() && has(.rightBrace) }
  }

  private func positionalPatterns() -> [ErrorNode]? { gather(.comma) { pattern() } }

  private func keywordPatterns() -> Bool {
    gather(.comma) { has(.name) && has(.equal) ? pattern() : nil } != nil
  }

  private func classPattern() -> Bool {
    func open() -> Bool { nameOrAttribute() && has(.leftParen) }
    func close() -> Bool {
      _ = has(.comma)
      return has(.rightParen)
    }
    if test({ open() && has(.rightParen) }) { return true }
    if test({ open() && positionalPatterns() != nil && close() }) { return true }
    if test({ open() && keywordPatterns() && close() }) { return true }
    if test({ open() && positionalPatterns() != nil && has(.comma) && keywordPatterns() && close() }) { return true }
    if callsInvalid,
      let wrong = alt({ () -> [ErrorNode]? in
        guard open() else { return nil }
        _ = test { positionalPatterns() != nil && has(.comma) }
        guard keywordPatterns(), has(.comma) else { return nil }
        return positionalPatterns()
      }), let first = wrong.first, let last = wrong.last
    {
      raiseRange(first.range, last.range, "positional patterns follow keyword patterns")
    }
    return false
  }
}
