/// Rules that recognize well-known mistakes in expressions and say what is wrong with them.
///
/// Such a rule raises an error or does not match; it never gives a value.
extension ErrorParser {
  private func isLegacyStatement(_ node: ErrorNode) -> Bool {
    node.kind == .name && (node.name == .print || node.name == .exec)
  }

  /// Words that are keywords only in some places; CPython compares the token's length only, so a prefix counts too.
  private func softKeyword() -> Bool {
    guard let token = current(), token.kind == .name else { return false }
    let text = Array(names[token.name])
    for word in ["_", "case", "match", "type"] where word.utf8.starts(with: text) {
      mark += 1
      return true
    }
    return false
  }

  func invalidExpression() -> ErrorNode? {
    let start = mark
    if let (first, second) = alt({ () -> (ErrorNode, ErrorNode)? in
      guard notAhead({ test { has(.name) && has(.string) } || softKeyword() }), let first = disjunction(),
        let second = expressionWithoutInvalid()
      else { return nil }
      return (first, second)
    }) {
      // Outside brackets a missing comma is not likely.
      let level = stream.tokens[mark - 1].level
      if !isLegacyStatement(first), level != 0 {
        raiseRange(first.range, second.range, "invalid syntax. Perhaps you forgot a comma?")
        return nil
      }
      mark = start
    }
    if let (first, second) = alt({ () -> (ErrorNode, ErrorNode)? in
      guard let first = disjunction(), has(.kwIf), let second = disjunction(),
        notAhead({ takeAny(.kwElse, .colon) != nil })
      else { return nil }
      return (first, second)
    }) {
      raiseRange(first.range, second.range, "expected 'else' after 'if' expression")
      return nil
    }
    if let (first, second) = alt({ () -> (Token, Token)? in
      guard let first = take(.kwLambda) else { return nil }
      _ = test { lambdaParameters() }
      guard let second = take(.colon), isAhead(.fstringMiddle) else { return nil }
      return (first, second)
    }) {
      raiseRange(
        first.range, second.range, "f-string: lambda expressions are not allowed without parentheses")
    }
    return nil
  }

  func invalidLegacyExpression() -> ErrorNode? {
    if let (name, end) = alt({ () -> (Token, ErrorNode)? in
      guard let name = take(.name), notAhead(.leftParen), let end = starExpressions() else { return nil }
      return name.name == .print || name.name == .exec ? (name, end) : nil
    }) {
      let text = names.string(name.name)
      raiseRange(
        name.range, end.range, "Missing parentheses in call to '\(text)'. Did you mean \(text)(...)?")
    }
    return nil
  }

  func invalidNamedExpression() -> ErrorNode? {
    memo(.invalidNamedExpression) {
      if let node = alt({ () -> ErrorNode? in
        guard let node = expression(), has(.colonEqual), expression() != nil else { return nil }
        return node
      }) {
        raiseAt(node.range, "cannot use assignment expressions with \(node.title)")
        return nil
      }
      func noAssignmentAhead() -> Bool { notAhead { takeAny(.equal, .colonEqual) != nil } }
      if let (name, value) = alt({ () -> (Token, ErrorNode)? in
        guard let name = take(.name), has(.equal), let value = bitwiseOr(), noAssignmentAhead() else { return nil }
        return (name, value)
      }) {
        raiseRange(name.range, value.range, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
        return nil
      }
      if let node = alt({ () -> ErrorNode? in
        guard
          notAhead({
            alt { list() } != nil || alt { tuple() } != nil || alt { generatorExpression() } != nil
              || takeAny(.kwTrue, .kwNone, .kwFalse) != nil
          }), let node = bitwiseOr(), has(.equal), bitwiseOr() != nil, noAssignmentAhead()
        else { return nil }
        return node
      }) {
        raiseAt(node.range, "cannot assign to \(node.title) here. Maybe you meant '==' instead of '='?")
      }
      return nil
    }
  }

  // MARK: Assignments

  private func invalidAnnotationTarget() -> ErrorNode? {
    nested {
      alt { list() } ?? alt { tuple() }
        ?? alt {
          guard has(.leftParen), let node = invalidAnnotationTarget(), has(.rightParen) else { return nil }
          return node
        }
    }
  }

  func invalidAssignment() -> Bool {
    if let node = alt({ () -> ErrorNode? in
      guard let node = invalidAnnotationTarget(), has(.colon), expression() != nil else { return nil }
      return node
    }) {
      raiseAt(node.range, "only single target (not \(node.title)) can be annotated")
      return false
    }
    if let node = alt({ () -> ErrorNode? in
      guard let node = starNamedExpression(), has(.comma) else { return nil }
      _ = many { starNamedExpressions() }
      guard !failed, has(.colon), expression() != nil else { return nil }
      return node
    }) {
      raiseAt(node.range, "only single target (not tuple) can be annotated")
      return false
    }
    if let node = alt({ () -> ErrorNode? in
      guard let node = expression(), has(.colon), expression() != nil else { return nil }
      return node
    }) {
      raiseAt(node.range, "illegal target for annotation")
      return false
    }
    func targets() { _ = many { starTargets() != nil && has(.equal) ? true : nil } }
    if let node = alt({ () -> ErrorNode? in
      targets()
      guard !failed, let node = starExpressions(), has(.equal) else { return nil }
      return node
    }) {
      raiseInvalidTarget(.star, node)
      return false
    }
    if failed { return false }
    if let node = alt({ () -> ErrorNode? in
      targets()
      guard !failed, let node = yieldExpression(), has(.equal) else { return nil }
      return node
    }) {
      raiseAt(node.range, "assignment to yield expression not possible")
      return false
    }
    if let node = alt({ () -> ErrorNode? in
      guard let node = starExpressions(), augmentedOperator(), annotatedRightSide() != nil else { return nil }
      return node
    }) {
      raiseAt(node.range, "'\(node.title)' is an illegal expression for augmented assignment")
    }
    return false
  }

  func invalidForTarget() -> Bool {
    if let node = alt({ () -> ErrorNode? in
      _ = has(.kwAsync)
      guard has(.kwFor) else { return nil }
      return starExpressions()
    }) {
      raiseInvalidTarget(.for, node)
    }
    return false
  }

  // MARK: Displays and comprehensions

  func invalidGroup() -> ErrorNode? {
    if let node = alt({ () -> ErrorNode? in
      guard has(.leftParen), let node = starredExpression(), has(.rightParen) else { return nil }
      return node
    }) {
      raiseAt(node.range, "cannot use starred expression here")
      return nil
    }
    if let token = alt({ () -> Token? in
      guard has(.leftParen), let token = take(.doubleStar), expression() != nil, has(.rightParen) else { return nil }
      return token
    }) {
      raiseAt(token.range, "cannot use double starred expression here")
    }
    return nil
  }

  func invalidComprehension() -> Bool {
    if let node = alt({ () -> ErrorNode? in
      guard takeAny(.leftSquare, .leftParen, .leftBrace) != nil, let node = starredExpression(),
        forIfClauses() != nil
      else { return nil }
      return node
    }) {
      raiseAt(node.range, "iterable unpacking cannot be used in comprehension")
      return false
    }
    let message = "did you forget parentheses around the comprehension target?"
    if let (first, last) = alt({ () -> (ErrorNode, ErrorNode)? in
      guard takeAny(.leftSquare, .leftBrace) != nil, let first = starNamedExpression(), has(.comma),
        let rest = starNamedExpressions(), forIfClauses() != nil, let last = rest.last
      else { return nil }
      return (first, last)
    }) {
      raiseRange(first.range, last.range, message)
      return false
    }
    if let (first, comma) = alt({ () -> (ErrorNode, Token)? in
      guard takeAny(.leftSquare, .leftBrace) != nil, let first = starNamedExpression(),
        let comma = take(.comma), forIfClauses() != nil
      else { return nil }
      return (first, comma)
    }) {
      raiseRange(first.range, comma.range, message)
    }
    return false
  }

  func invalidDictComprehension() -> Bool {
    if let token = alt({ () -> Token? in
      guard has(.leftBrace), let token = take(.doubleStar), bitwiseOr() != nil, forIfClauses() != nil,
        has(.rightBrace)
      else { return nil }
      return token
    }) {
      raiseAt(token.range, "dict unpacking cannot be used in dict comprehension")
    }
    return false
  }

  func invalidDoubleStarredPairs() -> Bool {
    if test({ gather(.comma, { doubleStarredPair() }) != nil && has(.comma) && invalidPair() }) { return true }
    return wrongDictValue()
  }

  private func wrongDictValue() -> Bool {
    if let star = alt({ () -> Token? in
      guard expression() != nil, has(.colon), let star = take(.star), bitwiseOr() != nil else { return nil }
      return star
    }) {
      raiseFrom(star.range, "cannot use a starred expression in a dictionary value")
      return false
    }
    if let colon = alt({ () -> Token? in
      guard expression() != nil, let colon = take(.colon), ahead({ takeAny(.rightBrace, .comma) != nil })
      else { return nil }
      return colon
    }) {
      raiseAt(colon.range, "expression expected after dictionary key and ':'")
    }
    return false
  }

  private func invalidPair() -> Bool {
    if let node = alt({ () -> ErrorNode? in
      guard let node = expression(), notAhead(.colon) else { return nil }
      return node
    }) {
      let range = node.range
      raiseRange(
        SourceRange(line: range.line, column: range.endColumn - 1, endLine: 0, endColumn: 0),
        SourceRange(line: 0, column: 0, endLine: range.endLine, endColumn: -1), "':' expected after dictionary key")
      return false
    }
    return wrongDictValue()
  }

  // MARK: Operators

  private func notAfterOperator(_ operand: () -> ErrorNode?) -> Bool {
    guard let not = take(.kwNot), let value = operand() else { return false }
    raiseRange(not.range, value.range, "'not' after an operator must be parenthesized")
    return false
  }

  func invalidArithmetic() -> ErrorNode? {
    _ = test {
      sum() != nil && takeAny(.plus, .minus, .star, .slash, .percent, .doubleSlash, .at) != nil
        && notAfterOperator { inversion() }
    }
    return nil
  }

  func invalidFactor() -> ErrorNode? {
    _ = test { takeAny(.plus, .minus, .tilde) != nil && notAfterOperator { factor() } }
    return nil
  }

  // MARK: Calls

  func invalidStarredExpression() -> Bool {
    if let (star, value) = alt({ () -> (Token, ErrorNode)? in
      guard let star = take(.star), expression() != nil, has(.equal), let value = expression() else { return nil }
      return (star, value)
    }) {
      raiseRange(star.range, value.range, "cannot assign to iterable argument unpacking")
    }
    return false
  }

  private static let assignmentHint = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"

  func invalidArguments() -> Bool {
    if let comma = alt({ () -> Token? in
      let found =
        test { gather(.comma, { positional() }) != nil && has(.comma) && kwargs() != nil } || test { kwargs() != nil }
      guard found, let comma = take(.comma),
        gather(
          .comma,
          { () -> ErrorNode? in
            guard let node = starredExpression(), notAhead(.equal) else { return nil }
            return node
          }) != nil
      else { return nil }
      return comma
    }) {
      raiseFrom(comma.range, "iterable argument unpacking follows keyword argument unpacking")
      return false
    }
    let generatorMessage = "Generator expression must be parenthesized"
    if let (first, last) = alt({ () -> (ErrorNode, ErrorNode)? in
      guard let first = expression(), let last = forIfClauses(), has(.comma) else { return nil }
      _ = test { args() != nil } || test { expression() != nil && forIfClauses() != nil }
      return failed ? nil : (first, last)
    }) {
      raiseRange(first.range, last.range, generatorMessage)
      return false
    }
    if let (name, equal) = alt({ () -> (Token, Token)? in
      guard let name = take(.name), let equal = take(.equal), expression() != nil, forIfClauses() != nil
      else { return nil }
      return (name, equal)
    }) {
      raiseRange(name.range, equal.range, Self.assignmentHint)
      return false
    }
    if let (name, equal) = alt({ () -> (Token, Token)? in
      _ = test { args() != nil && has(.comma) }
      guard !failed, let name = take(.name), let equal = take(.equal),
        ahead({ takeAny(.comma, .rightParen) != nil })
      else { return nil }
      return (name, equal)
    }) {
      raiseRange(name.range, equal.range, "expected argument value expression")
      return false
    }
    let start = mark
    if let (call, last) = alt({ () -> (ErrorNode, ErrorNode)? in
      guard let call = args(), let last = forIfClauses() else { return nil }
      return (call, last)
    }) {
      mark = start
      if call.items.count > 1, let item = call.items.last { raiseRange(item.range, last.range, generatorMessage) }
      if failed { return false }
    }
    if let (first, last) = alt({ () -> (ErrorNode, ErrorNode)? in
      guard args() != nil, has(.comma), let first = expression(), let last = forIfClauses() else { return nil }
      return (first, last)
    }) {
      raiseRange(first.range, last.range, generatorMessage)
      return false
    }
    if let call = alt({ () -> ErrorNode? in
      guard let call = args(), has(.comma), args() != nil else { return nil }
      return call
    }) {
      raise("positional argument follows keyword argument" + (call.flag ? " unpacking" : ""))
    }
    return false
  }

  func invalidKeyword() -> Bool {
    if let (word, equal) = alt({ () -> (Token, Token)? in
      guard let word = takeAny(.kwTrue, .kwFalse, .kwNone), let equal = take(.equal) else { return nil }
      return (word, equal)
    }) {
      let text = word.kind == .kwTrue ? "True" : word.kind == .kwFalse ? "False" : "None"
      raiseRange(word.range, equal.range, "cannot assign to \(text)")
      return false
    }
    if let (name, equal) = alt({ () -> (Token, Token)? in
      guard let name = take(.name), let equal = take(.equal), expression() != nil, forIfClauses() != nil
      else { return nil }
      return (name, equal)
    }) {
      raiseRange(name.range, equal.range, Self.assignmentHint)
      return false
    }
    if let (node, equal) = alt({ () -> (ErrorNode, Token)? in
      guard notAhead({ has(.name) && has(.equal) }), let node = expression(), let equal = take(.equal)
      else { return nil }
      return (node, equal)
    }) {
      raiseRange(
        node.range, equal.range, "expression cannot contain assignment, perhaps you meant \"==\"?")
      return false
    }
    if let (stars, value) = alt({ () -> (Token, ErrorNode)? in
      guard let stars = take(.doubleStar), expression() != nil, has(.equal), let value = expression()
      else { return nil }
      return (stars, value)
    }) {
      raiseRange(stars.range, value.range, "cannot assign to keyword argument unpacking")
    }
    return false
  }
}
