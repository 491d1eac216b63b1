/// Rules for expressions, in CPython's order.
extension ErrorParser {
  // MARK: Lists of expressions

  private func tupleOr(_ element: () -> ErrorNode?) -> ErrorNode? {
    let start = mark
    if let items = alt({ () -> [ErrorNode]? in
      guard let first = element(), let rest = some({ has(.comma) ? element() : nil }) else { return nil }
      _ = has(.comma)
      return [first] + rest
    }) {
      return ErrorNode(.tuple, range(start), items)
    }
    if let first = alt({ () -> ErrorNode? in
      guard let first = element(), has(.comma) else { return nil }
      return first
    }) {
      return ErrorNode(.tuple, range(start), [first])
    }
    return alt(element)
  }

  func expressions() -> ErrorNode? { tupleOr { expression() } }
  func starExpressions() -> ErrorNode? { tupleOr { starExpression() } }

  func starExpression() -> ErrorNode? {
    memo(.starExpression) {
      alt {
        let start = mark
        guard has(.star), let value = bitwiseOr() else { return nil }
        return ErrorNode(.starred, range(start), [value])
      } ?? alt { expression() }
    }
  }

  func starNamedExpressions() -> [ErrorNode]? {
    guard let items = gather(.comma, { starNamedExpression() }) else { return nil }
    _ = has(.comma)
    return items
  }

  func starNamedExpression() -> ErrorNode? {
    alt {
      let start = mark
      guard has(.star), let value = bitwiseOr() else { return nil }
      return ErrorNode(.starred, range(start), [value])
    } ?? alt { namedExpression() }
  }

  func assignmentExpression() -> ErrorNode? {
    alt {
      let start = mark
      guard has(.name), has(.colonEqual), let value = expression() else { return nil }
      if !requireVersion(8, "Assignment expressions are") { return nil }
      return ErrorNode(.namedExpression, range(start), [value])
    }
  }

  func namedExpression() -> ErrorNode? {
    if let value = assignmentExpression() { return value }
    if callsInvalid, let value = alt({ invalidNamedExpression() }) { return value }
    return alt {
      guard let value = expression(), notAhead(.colonEqual) else { return nil }
      return value
    }
  }

  func annotatedRightSide() -> ErrorNode? { alt { yieldExpression() } ?? alt { starExpressions() } }

  func yieldExpression() -> ErrorNode? {
    let start = mark
    if let node = alt({ () -> ErrorNode? in
      guard has(.kwYield), has(.kwFrom), expression() != nil else { return nil }
      return ErrorNode(.yield, range(start))
    }) {
      return node
    }
    return alt {
      guard has(.kwYield) else { return nil }
      _ = alt { starExpressions() }
      return ErrorNode(.yield, range(start))
    }
  }

  // MARK: Operators

  func expression() -> ErrorNode? {
    memo(.expression) {
      nested {
        if callsInvalid {
          if let node = alt({ invalidExpression() }) { return node }
          if let node = alt({ invalidLegacyExpression() }) { return node }
        }
        return plainExpression()
      }
    }
  }

  /// Without the rules for mistakes, also inside.
  func expressionWithoutInvalid() -> ErrorNode? {
    let saved = callsInvalid
    callsInvalid = false
    defer { callsInvalid = saved }
    return plainExpression()
  }

  private func plainExpression() -> ErrorNode? {
    let start = mark
    if let node = alt({ () -> ErrorNode? in
      guard disjunction() != nil, has(.kwIf), disjunction() != nil, has(.kwElse), expression() != nil
      else { return nil }
      return ErrorNode(.conditional, range(start))
    }) {
      return node
    }
    return alt { disjunction() } ?? alt { lambda() }
  }

  private func chain(_ keyword: TokenKind, _ operand: () -> ErrorNode?) -> ErrorNode? {
    let start = mark
    if let node = alt({ () -> ErrorNode? in
      guard operand() != nil, some({ has(keyword) ? operand() : nil }) != nil else { return nil }
      return ErrorNode(.operation, range(start))
    }) {
      return node
    }
    return alt(operand)
  }

  func disjunction() -> ErrorNode? { memo(.disjunction) { chain(.kwOr) { conjunction() } } }
  func conjunction() -> ErrorNode? { memo(.conjunction) { chain(.kwAnd) { inversion() } } }

  func inversion() -> ErrorNode? {
    memo(.inversion) {
      let start = mark
      return nested {
        alt {
          guard has(.kwNot), inversion() != nil else { return nil }
          return ErrorNode(.operation, range(start))
        } ?? alt { comparison() }
      }
    }
  }

  private func comparison() -> ErrorNode? {
    let start = mark
    if let node = alt({ () -> ErrorNode? in
      guard let left = bitwiseOr(), let pairs = some({ comparePair() }) else { return nil }
      let node = ErrorNode(.comparison, range(start), [left])
      node.flag = pairs[0]
      return node
    }) {
      return node
    }
    return alt { bitwiseOr() }
  }

  /// True for `in`.
  private func comparePair() -> Bool? {
    for kind in [TokenKind.equalEqual, .notEqual, .lessEqual, .less, .greaterEqual, .greater] {
      if alt({ () -> Bool? in
        guard let token = take(kind) else { return nil }
        if kind == .notEqual {
          let isOld = base[Int(token.start)] == 60
          let isBarry = options.flags.contains(.futureBarryAsBDFL)
          if isBarry, !isOld {
            raise("with Barry as BDFL, use '<>' instead of '!='")
            return nil
          }
          if isOld != isBarry { return nil }
        }
        return bitwiseOr() != nil ? true : nil
      }) != nil {
        return false
      }
    }
    if test({ has(.kwNot) && has(.kwIn) && bitwiseOr() != nil }) { return false }
    if test({ has(.kwIn) && bitwiseOr() != nil }) { return true }
    if test({ has(.kwIs) && has(.kwNot) && bitwiseOr() != nil }) { return false }
    if test({ has(.kwIs) && bitwiseOr() != nil }) { return false }
    return nil
  }

  private func leftBinary(
    _ rule: Rule, _ kinds: [TokenKind], invalid: (() -> ErrorNode?)? = nil, _ operand: () -> ErrorNode?
  ) -> ErrorNode? {
    memo(rule) {
      let start = mark
      if callsInvalid, let invalid, let node = alt(invalid) { return node }
      guard var left = alt(operand) else { return nil }
      while !failed {
        guard
          alt({ () -> Bool? in
            guard let token = current(), kinds.contains(token.kind) else { return nil }
            mark += 1
            guard operand() != nil else { return nil }
            return token.kind != .at || requireVersion(5, "The '@' operator is") ? true : nil
          }) != nil
        else { break }
        left = ErrorNode(.operation, range(start))
      }
      return failed ? nil : left
    }
  }

  func bitwiseOr() -> ErrorNode? { leftBinary(.bitOr, [.bar]) { bitwiseXor() } }
  private func bitwiseXor() -> ErrorNode? { leftBinary(.bitXor, [.circumflex]) { bitwiseAnd() } }
  private func bitwiseAnd() -> ErrorNode? { leftBinary(.bitAnd, [.ampersand]) { shift() } }
  private func shift() -> ErrorNode? {
    leftBinary(.shift, [.leftShift, .rightShift], invalid: { self.invalidArithmetic() }) { sum() }
  }
  func sum() -> ErrorNode? { leftBinary(.sum, [.plus, .minus]) { term() } }
  private func term() -> ErrorNode? {
    leftBinary(.term, [.star, .slash, .doubleSlash, .percent, .at], invalid: { self.invalidFactor() }) { factor() }
  }

  func factor() -> ErrorNode? {
    memo(.factor) {
      let start = mark
      return nested {
        alt {
          guard takeAny(.plus, .minus, .tilde) != nil, factor() != nil else { return nil }
          return ErrorNode(.operation, range(start))
        } ?? alt { power() }
      }
    }
  }

  private func power() -> ErrorNode? {
    let start = mark
    return alt {
      guard awaitPrimary() != nil, has(.doubleStar), factor() != nil else { return nil }
      return ErrorNode(.operation, range(start))
    } ?? alt { awaitPrimary() }
  }

  private func awaitPrimary() -> ErrorNode? {
    memo(.awaitPrimary) {
      let start = mark
      return alt {
        guard has(.kwAwait), primary() != nil, requireVersion(5, "Await expressions are") else { return nil }
        return ErrorNode(.await, range(start))
      } ?? alt { primary() }
    }
  }

  // MARK: Primaries

  private func primary() -> ErrorNode? {
    memo(.primary) {
      let start = mark
      guard var value = alt({ atom() }) else { return nil }
      while let next = alt({ trailer(start) }) { value = next }
      return failed ? nil : value
    }
  }

  /// `.name`, a call or a subscript.
  private func trailer(_ start: Int) -> ErrorNode? {
    if test({ has(.dot) && has(.name) }) { return ErrorNode(.attribute, range(start)) }
    if alt({ generatorExpression() }) != nil { return ErrorNode(.call, range(start)) }
    if test({ () -> Bool in
      guard has(.leftParen) else { return false }
      _ = alt { arguments() }
      return has(.rightParen)
    }) {
      return ErrorNode(.call, range(start))
    }
    if test({ has(.leftSquare) && slices() && has(.rightSquare) }) { return ErrorNode(.subscript, range(start)) }
    return nil
  }

  private func targetAhead() -> Bool {
    ahead { takeAny(.leftParen, .leftSquare, .dot) != nil }
  }

  /// A primary that another attribute, call or subscript follows.
  func targetPrimary() -> ErrorNode? {
    memo(.tPrimary) {
      let start = mark
      guard
        var value = alt({ () -> ErrorNode? in
          guard let value = atom(), targetAhead() else { return nil }
          return value
        })
      else { return nil }
      while let next = alt({ () -> ErrorNode? in
        guard let next = trailer(start), targetAhead() else { return nil }
        return next
      }) { value = next }
      return failed ? nil : value
    }
  }

  func slices() -> Bool {
    test { slice() && notAhead(.comma) }
      || test {
        guard gather(.comma, { () -> Bool? in test { slice() } || starredExpression() != nil ? true : nil }) != nil
        else { return false }
        _ = has(.comma)
        return true
      }
  }

  private func slice() -> Bool {
    test {
      _ = alt { expression() }
      guard has(.colon) else { return false }
      _ = alt { expression() }
      _ = test {
        guard has(.colon) else { return false }
        _ = alt { expression() }
        return true
      }
      return true
    } || test { namedExpression() != nil }
  }

  func atom() -> ErrorNode? {
    if let token = take(.name) {
      let node = ErrorNode(.name, token.range)
      node.name = token.name
      return node
    }
    if let token = take(.kwTrue) { return ErrorNode(.true, token.range) }
    if let token = take(.kwFalse) { return ErrorNode(.false, token.range) }
    if let token = take(.kwNone) { return ErrorNode(.none, token.range) }
    if kindIs(.string) || kindIs(.fstringStart) { return strings() }
    if let node = alt({ number() }) { return node }
    if kindIs(.leftParen) { return alt { tuple() } ?? alt { group() } ?? alt { generatorExpression() } }
    if kindIs(.leftSquare) { return alt { list() } ?? alt { listComprehension() } }
    if kindIs(.leftBrace) {
      return alt { dict() } ?? alt { set() } ?? alt { dictComprehension() } ?? alt { setComprehension() }
    }
    if let token = take(.ellipsis) { return ErrorNode(.ellipsis, token.range) }
    return nil
  }

  func number() -> ErrorNode? {
    guard let token = take(.number) else { return nil }
    let text = UnsafeBufferPointer(start: base + Int(token.start), count: Int(token.end - token.start))
    if options.featureVersion < 6, text.contains(95) {
      raise("Underscores in numeric literals are only supported in Python 3.6 and greater")
      return nil
    }
    if case .tooManyDigits(let count) = NumberLiteral.parse(
      text, arena: arena, maximumDigits: options.maximumIntDigits)
    {
      raiseRange(
        SourceRange(line: token.range.line, column: -1, endLine: 0, endColumn: 0),
        SourceRange(line: 0, column: 0, endLine: token.range.endLine, endColumn: -1),
        "Exceeds the limit (\(options.maximumIntDigits) digits) for integer string conversion: value has \(count) "
          + "digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer "
          + "literals to avoid decimal conversion limits.")
      return nil
    }
    let node = ErrorNode(.literal, token.range)
    node.flag = text.last.map { $0 | 0x20 == 106 } ?? false
    return node
  }

  // MARK: Displays

  func tuple() -> ErrorNode? {
    let start = mark
    guard has(.leftParen) else { return nil }
    var items: [ErrorNode] = []
    if let found = alt({ () -> [ErrorNode]? in
      guard let first = starNamedExpression(), has(.comma) else { return nil }
      return [first] + (alt { starNamedExpressions() } ?? [])
    }) {
      items = found
    }
    guard has(.rightParen) else { return nil }
    return ErrorNode(.tuple, range(start), items)
  }

  private func group() -> ErrorNode? {
    if let node = alt({ () -> ErrorNode? in
      guard has(.leftParen), let value = alt({ yieldExpression() }) ?? alt({ namedExpression() }), has(.rightParen)
      else { return nil }
      return value
    }) {
      return node
    }
    if callsInvalid { return alt { invalidGroup() } }
    return nil
  }

  func list() -> ErrorNode? {
    let start = mark
    guard has(.leftSquare) else { return nil }
    let items = alt { starNamedExpressions() } ?? []
    guard has(.rightSquare) else { return nil }
    return ErrorNode(.list, range(start), items)
  }

  private func set() -> ErrorNode? {
    let start = mark
    guard has(.leftBrace), starNamedExpressions() != nil, has(.rightBrace) else { return nil }
    return ErrorNode(.set, range(start))
  }

  private func dict() -> ErrorNode? {
    let start = mark
    if let node = alt({ () -> ErrorNode? in
      guard has(.leftBrace) else { return nil }
      if gather(.comma, { doubleStarredPair() }) != nil { _ = has(.comma) }
      guard !failed, has(.rightBrace) else { return nil }
      return ErrorNode(.dict, range(start))
    }) {
      return node
    }
    // This rule for mistakes is not an alternative of its own, so CPython always tries it.
    return alt {
      guard has(.leftBrace), invalidDoubleStarredPairs(), has(.rightBrace) else { return nil }
      return ErrorNode(.dict, range(start))
    }
  }

  func doubleStarredPair() -> Bool? {
    if test({ has(.doubleStar) && bitwiseOr() != nil }) { return true }
    return test { pair() } ? true : nil
  }

  private func pair() -> Bool { expression() != nil && has(.colon) && expression() != nil }

  // MARK: Comprehensions

  /// The last expression of the clauses, where an error about them ends.
  func forIfClauses() -> ErrorNode? { some { forIfClause() }?.last }

  private func forIfClause() -> ErrorNode? {
    for isAsync in [true, false] {
      // Behind `in` there is no other way to read it.
      var isCommitted = false
      if let node = alt({ () -> ErrorNode? in
        if isAsync, !has(.kwAsync) { return nil }
        guard has(.kwFor), starTargets() != nil, has(.kwIn) else { return nil }
        isCommitted = true
        guard var item = disjunction() else { return nil }
        let conditions = many { has(.kwIf) ? disjunction() : nil }
        if failed { return nil }
        if let condition = conditions.last { item = condition }
        if isAsync, !requireVersion(6, "Async comprehensions are") { return nil }
        return item
      }) {
        return node
      }
      if isCommitted { return nil }
    }
    if test({ () -> Bool in
      _ = has(.kwAsync)
      guard has(.kwFor), bitwiseOr() != nil else { return false }
      _ = many { has(.comma) ? bitwiseOr() : nil }
      _ = has(.comma)
      return notAhead(.kwIn)
    }) {
      raise("'in' expected after for-loop variables")
      return nil
    }
    if callsInvalid { _ = test { invalidForTarget() } }
    return nil
  }

  private func comprehension(
    _ kind: ErrorNode.Kind, _ open: TokenKind, _ close: TokenKind, _ element: () -> ErrorNode?
  ) -> ErrorNode? {
    let start = mark
    if let node = alt({ () -> ErrorNode? in
      guard has(open), element() != nil, forIfClauses() != nil, has(close) else { return nil }
      return ErrorNode(kind, range(start))
    }) {
      return node
    }
    if callsInvalid { _ = test { kind == .dictComprehension ? invalidDictComprehension() : invalidComprehension() } }
    return nil
  }

  private func listComprehension() -> ErrorNode? {
    comprehension(.listComprehension, .leftSquare, .rightSquare) { namedExpression() }
  }
  private func setComprehension() -> ErrorNode? {
    comprehension(.setComprehension, .leftBrace, .rightBrace) { namedExpression() }
  }
  private func dictComprehension() -> ErrorNode? {
    comprehension(.dictComprehension, .leftBrace, .rightBrace) { pair() ? ErrorNode(.other, .none) : nil }
  }
  func generatorExpression() -> ErrorNode? {
    comprehension(.generatorExpression, .leftParen, .rightParen) { plainArgument() }
  }

  /// An assignment expression, or an expression that none follows.
  func plainArgument() -> ErrorNode? {
    assignmentExpression()
      ?? alt {
        guard let value = expression(), notAhead(.colonEqual) else { return nil }
        return value
      }
  }

  // MARK: Lambda

  private func lambda() -> ErrorNode? {
    let start = mark
    guard has(.kwLambda) else { return nil }
    _ = test { lambdaParameters() }
    guard has(.colon), expression() != nil else { return nil }
    return ErrorNode(.lambda, range(start))
  }

  func lambdaParameters() -> Bool {
    let rules = ParameterRules(self, isLambda: true)
    if callsInvalid, test({ rules.invalidParameters() }) { return true }
    return test { rules.parameters() }
  }

  // MARK: Arguments

  func arguments() -> ErrorNode? {
    memo(.arguments) {
      if let node = alt({ () -> ErrorNode? in
        guard let node = args() else { return nil }
        _ = has(.comma)
        return isAhead(.rightParen) ? node : nil
      }) {
        return node
      }
      if callsInvalid { _ = test { invalidArguments() } }
      return nil
    }
  }

  /// A positional argument.
  func positional() -> ErrorNode? {
    alt { starredExpression() }
      ?? alt {
        guard let value = plainArgument(), notAhead(.equal) else { return nil }
        return value
      }
  }

  func args() -> ErrorNode? {
    let start = mark
    if let node = alt({ () -> ErrorNode? in
      guard let items = gather(.comma, { positional() }) else { return nil }
      var keywords: [ErrorNode] = []
      if let found = alt({ has(.comma) ? kwargs() : nil }) { keywords = found }
      if failed { return nil }
      let starred = keywords.filter { $0.kind == .starred }
      let node = ErrorNode(.call, range(start), items + starred)
      node.flag = keywords.contains { $0.flag }
      return node
    }) {
      return node
    }
    return alt {
      guard let keywords = kwargs() else { return nil }
      let node = ErrorNode(.call, range(start), keywords.filter { $0.kind == .starred })
      node.flag = keywords.contains { $0.flag }
      return node
    }
  }

  func kwargs() -> [ErrorNode]? {
    if let both = alt({ () -> [ErrorNode]? in
      guard let first = gather(.comma, { keywordOrStarred() }), has(.comma),
        let second = gather(.comma, { keywordOrDoubleStarred() })
      else { return nil }
      return first + second
    }) {
      return both
    }
    return alt { gather(.comma) { keywordOrStarred() } } ?? alt { gather(.comma) { keywordOrDoubleStarred() } }
  }

  func starredExpression() -> ErrorNode? {
    let start = mark
    if callsInvalid, test({ invalidStarredExpression() }) { return nil }
    if let node = alt({ () -> ErrorNode? in
      guard has(.star), let value = expression() else { return nil }
      return ErrorNode(.starred, range(start), [value])
    }) {
      return node
    }
    if test({ has(.star) }) { raise("Invalid star expression") }
    return nil
  }

  private func keyword() -> ErrorNode? {
    let start = mark
    return alt {
      guard has(.name), has(.equal), expression() != nil else { return nil }
      return ErrorNode(.other, range(start))
    }
  }

  private func keywordOrStarred() -> ErrorNode? {
    if callsInvalid { _ = test { invalidKeyword() } }
    return keyword() ?? alt { starredExpression() }
  }

  private func keywordOrDoubleStarred() -> ErrorNode? {
    if callsInvalid { _ = test { invalidKeyword() } }
    let start = mark
    return keyword()
      ?? alt {
        guard has(.doubleStar), expression() != nil else { return nil }
        let node = ErrorNode(.other, range(start))
        node.flag = true
        return node
      }
  }

  // MARK: Targets

  func starTargets() -> ErrorNode? {
    let start = mark
    return alt {
      guard let target = starTarget(), notAhead(.comma) else { return nil }
      return target
    }
      ?? alt {
        guard let first = starTarget() else { return nil }
        let rest = many { has(.comma) ? starTarget() : nil }
        _ = has(.comma)
        return ErrorNode(.tuple, range(start), [first] + rest)
      }
  }

  func starTarget() -> ErrorNode? {
    memo(.starTarget) {
      let start = mark
      return alt {
        guard has(.star), notAhead(.star), let value = starTarget() else { return nil }
        return ErrorNode(.starred, range(start), [value])
      } ?? alt { targetWithStarAtom() }
    }
  }

  private func attributeOrSubscript() -> ErrorNode? {
    let start = mark
    return alt {
      guard targetPrimary() != nil, has(.dot), has(.name), notAhead({ takeAny(.leftParen, .leftSquare, .dot) != nil })
      else { return nil }
      return ErrorNode(.attribute, range(start))
    }
      ?? alt {
        guard targetPrimary() != nil, has(.leftSquare), slices(), has(.rightSquare),
          notAhead({ takeAny(.leftParen, .leftSquare, .dot) != nil })
        else { return nil }
        return ErrorNode(.subscript, range(start))
      }
  }

  private func targetWithStarAtom() -> ErrorNode? {
    memo(.targetWithStarAtom) { attributeOrSubscript() ?? alt { starAtom() } }
  }

  private func starAtom() -> ErrorNode? {
    let start = mark
    if let token = take(.name) { return ErrorNode(.name, token.range) }
    return nested {
      alt {
        guard has(.leftParen), let value = targetWithStarAtom(), has(.rightParen) else { return nil }
        return value
      }
        ?? alt {
          guard has(.leftParen) else { return nil }
          _ = alt { () -> Bool? in
            guard starTarget() != nil, has(.comma) else { return nil }
            if gather(.comma, { starTarget() }) != nil { _ = has(.comma) }
            return true
          }
          guard has(.rightParen) else { return nil }
          return ErrorNode(.tuple, range(start))
        }
        ?? alt {
          guard has(.leftSquare) else { return nil }
          if gather(.comma, { starTarget() }) != nil { _ = has(.comma) }
          guard has(.rightSquare) else { return nil }
          return ErrorNode(.list, range(start))
        }
    }
  }

  func singleTarget() -> ErrorNode? {
    if let node = attributeOrSubscript() { return node }
    if let token = take(.name) { return ErrorNode(.name, token.range) }
    return nested {
      alt {
        guard has(.leftParen), let value = singleTarget(), has(.rightParen) else { return nil }
        return value
      }
    }
  }

  func singleSubscriptAttributeTarget() -> ErrorNode? { attributeOrSubscript() }

  func deleteTargets() -> Bool {
    guard gather(.comma, { deleteTarget() }) != nil else { return false }
    _ = has(.comma)
    return true
  }

  private func deleteTarget() -> ErrorNode? {
    memo(.delTarget) {
      if let node = attributeOrSubscript() { return node }
      let start = mark
      if let token = take(.name) { return ErrorNode(.name, token.range) }
      return nested {
        alt {
          guard has(.leftParen), let value = deleteTarget(), has(.rightParen) else { return nil }
          return value
        }
          ?? alt {
            guard has(.leftParen) else { return nil }
            _ = test { deleteTargets() }
            return has(.rightParen) ? ErrorNode(.tuple, range(start)) : nil
          }
          ?? alt {
            guard has(.leftSquare) else { return nil }
            _ = test { deleteTargets() }
            return has(.rightSquare) ? ErrorNode(.list, range(start)) : nil
          }
      }
    }
  }
}
