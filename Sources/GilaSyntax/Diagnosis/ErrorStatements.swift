/// Rules for statements, in CPython's order.
extension ErrorParser {
  func parseRoot() -> Bool {
    switch options.mode {
    case .module:
      _ = test { statements() }
      return !failed && has(.endMarker)
    case .interactive:
      if test({ compoundStatement() && has(.newline) }) { return true }
      if test({ simpleStatements() }) { return true }
      if test({ has(.newline) }) { return true }
      _ = has(.endMarker)
      return false
    case .expression:
      guard expressions() != nil else { return false }
      _ = many { take(.newline) }
      return !failed && has(.endMarker)
    case .functionType:
      guard has(.leftParen) else { return false }
      _ = test { typeExpressions() }
      guard has(.rightParen), has(.arrow), expression() != nil else { return false }
      _ = many { take(.newline) }
      return !failed && has(.endMarker)
    }
  }

  private func typeExpressions() -> Bool {
    func list() -> Bool { gather(.comma) { expression() } != nil }
    func star() -> Bool { has(.star) && expression() != nil }
    func double() -> Bool { has(.doubleStar) && expression() != nil }
    return test { list() && has(.comma) && star() && has(.comma) && double() }
      || test { list() && has(.comma) && star() } || test { list() && has(.comma) && double() }
      || test { star() && has(.comma) && double() } || test { star() } || test { double() } || test { list() }
  }

  private func statements() -> Bool { some { statement() ? true : nil } != nil }

  private func statement() -> Bool { test { compoundStatement() } || test { simpleStatements() } }

  func simpleStatements() -> Bool {
    if test({ simpleStatement() != nil && notAhead(.semicolon) && has(.newline) }) { return true }
    return test {
      guard gather(.semicolon, { simpleStatement() }) != nil else { return false }
      _ = has(.semicolon)
      return has(.newline)
    }
  }

  private func simpleStatement() -> ErrorNode? {
    memo(.simpleStatement) {
      let start = mark
      let found =
        test { assignment() }
        || test { isSoftAhead(.type) && typeAlias() }
        || test { starExpressions() != nil }
        || test { has(.kwReturn) && optional { starExpressions() } }
        || test { ahead { takeAny(.kwImport, .kwFrom) != nil } && importStatement() }
        || test { isAhead(.kwRaise) && raiseStatement() }
        || test { has(.kwPass) }
        || test { isAhead(.kwDel) && deleteStatement() }
        || test { isAhead(.kwYield) && yieldExpression() != nil }
        || test { has(.kwAssert) && expression() != nil && optional { has(.comma) ? expression() : nil } }
        || test { has(.kwBreak) }
        || test { has(.kwContinue) }
        || test { has(.kwGlobal) && gather(.comma, { take(.name) }) != nil }
        || test { has(.kwNonlocal) && gather(.comma, { take(.name) }) != nil }
      return found ? ErrorNode(.other, range(start)) : nil
    }
  }

  func optional(_ body: () -> ErrorNode?) -> Bool {
    _ = alt(body)
    return !failed
  }

  private func isSoftAhead(_ word: WellKnownName) -> Bool { ahead { takeSoft(word) != nil } }

  // MARK: Simple statements

  private static let augmented: [TokenKind] = [
    .plusEqual, .minusEqual, .starEqual, .atEqual, .slashEqual, .percentEqual, .ampersandEqual, .barEqual,
    .circumflexEqual, .leftShiftEqual, .rightShiftEqual, .doubleStarEqual, .doubleSlashEqual,
  ]

  func augmentedOperator() -> Bool {
    guard let token = current(), Self.augmented.contains(token.kind) else { return false }
    if token.kind == .atEqual, !requireVersion(5, "The '@' operator is") { return false }
    mark += 1
    return true
  }

  private func optionalValue() -> Bool { optional { has(.equal) ? annotatedRightSide() : nil } }

  private func assignment() -> Bool {
    if test({
      has(.name) && has(.colon) && expression() != nil && optionalValue()
        && requireVersion(6, "Variable annotation syntax is")
    }) {
      return true
    }
    if test({ () -> Bool in
      let target = test { has(.leftParen) && singleTarget() != nil && has(.rightParen) }
      guard target || singleSubscriptAttributeTarget() != nil else { return false }
      return has(.colon) && expression() != nil && optionalValue()
        && requireVersion(6, "Variable annotations syntax is")
    }) {
      return true
    }
    if test({ () -> Bool in
      guard some({ starTargets() != nil && has(.equal) ? true : nil }) != nil,
        annotatedRightSide() != nil, notAhead(.equal)
      else { return false }
      _ = has(.typeComment)
      return true
    }) {
      return true
    }
    // Behind an augmented operator there is no other way to read it.
    var isCommitted = false
    if test({ () -> Bool in
      guard singleTarget() != nil, augmentedOperator() else { return false }
      isCommitted = true
      return annotatedRightSide() != nil
    }) {
      return true
    }
    if isCommitted || failed { return false }
    if callsInvalid { _ = test { invalidAssignment() } }
    return false
  }

  private func typeAlias() -> Bool {
    guard takeSoft(.type) != nil, has(.name) else { return false }
    _ = test { typeParams() }
    return has(.equal) && expression() != nil && requireVersion(12, "Type statement is")
  }

  private func raiseStatement() -> Bool {
    test { has(.kwRaise) && expression() != nil && optional { has(.kwFrom) ? expression() : nil } }
      || test { has(.kwRaise) }
  }

  private func deleteStatement() -> Bool {
    if test({ has(.kwDel) && deleteTargets() && ahead { takeAny(.semicolon, .newline) != nil } }) { return true }
    if callsInvalid {
      _ = test {
        guard has(.kwDel), let target = starExpressions() else { return false }
        raiseInvalidTarget(.del, target)
        return false
      }
    }
    return false
  }

  func dottedName() -> Bool { gather(.dot) { take(.name) } != nil }

  private func importStatement() -> Bool {
    if callsInvalid {
      if let token = alt({ () -> Token? in
        guard let token = take(.kwImport), gather(.comma, { dottedName() ? true : nil }) != nil, has(.kwFrom),
          dottedName()
        else { return nil }
        return token
      }) {
        raiseFrom(token.range, "Did you mean to use 'from ... import ...' instead?")
        return false
      }
      if let token = alt({ has(.kwImport) ? take(.newline) : nil }) {
        raiseFrom(token.range, "Expected one or more names after 'import'")
        return false
      }
    }
    if test({
      has(.kwImport)
        && gather(
          .comma,
          { () -> Bool? in
            guard dottedName() else { return nil }
            _ = test { has(.kwAs) && has(.name) }
            return true
          }) != nil
    }) {
      return true
    }
    func dots() -> [Token] { many { takeAny(.dot, .ellipsis) } }
    if test({ () -> Bool in
      guard has(.kwFrom) else { return false }
      _ = dots()
      return dottedName() && has(.kwImport) && importTargets()
    }) {
      return true
    }
    return test { has(.kwFrom) && !dots().isEmpty && has(.kwImport) && importTargets() }
  }

  private func importNames() -> Bool {
    gather(.comma) { () -> Bool? in
      guard has(.name) else { return nil }
      _ = test { has(.kwAs) && has(.name) }
      return true
    } != nil
  }

  private func importTargets() -> Bool {
    if test({ () -> Bool in
      guard has(.leftParen), importNames() else { return false }
      _ = has(.comma)
      return has(.rightParen)
    }) {
      return true
    }
    if test({ importNames() && notAhead(.comma) }) { return true }
    if test({ has(.star) }) { return true }
    if callsInvalid {
      if test({ importNames() && has(.comma) && has(.newline) }) {
        raise("trailing comma not allowed without surrounding parentheses")
      } else if let token = alt({ take(.newline) }) {
        raiseFrom(token.range, "Expected one or more names after 'import'")
      }
    }
    return false
  }

  // MARK: Blocks

  func block() -> Bool {
    memo(.block) {
      let start = mark
      let found = nested { () -> Bool? in
        if test({ has(.newline) && has(.indent) && statements() && has(.dedent) }) { return true }
        if test({ simpleStatements() }) { return true }
        if callsInvalid, test({ has(.newline) && notAhead(.indent) }) {
          raise("expected an indented block", kind: .indentationError)
        }
        return nil
      }
      return found != nil ? ErrorNode(.other, range(start)) : nil
    } != nil
  }

  /// A colon that must be there.
  private func forced(_ kind: TokenKind, _ text: String) -> Bool {
    guard let token = current() else { return false }
    if token.kind == kind {
      mark += 1
      return true
    }
    raiseAt(token.range, "expected '\(text)'")
    return false
  }

  /// Raises if the form is followed by a line end without an indented block.
  func missingBlock(_ what: String, _ form: () -> Token?) {
    if let token = alt({ () -> Token? in
      guard let token = form(), has(.colon), has(.newline), notAhead(.indent) else { return nil }
      return token
    }) {
      raise("expected an indented block after \(what) on line \(token.range.line)", kind: .indentationError)
    }
  }

  func missingColon(_ form: () -> Bool) {
    if test({ form() && has(.newline) }) { raise("expected ':'") }
  }

  func compoundStatement() -> Bool {
    test { ahead { takeAny(.kwDef, .at, .kwAsync) != nil } && functionDef() }
      || test { isAhead(.kwIf) && ifStatement(.kwIf) }
      || test { ahead { takeAny(.kwClass, .at) != nil } && classDef() }
      || test { ahead { takeAny(.kwWith, .kwAsync) != nil } && withStatement() }
      || test { ahead { takeAny(.kwFor, .kwAsync) != nil } && forStatement() }
      || test { isAhead(.kwTry) && tryStatement() }
      || test { isAhead(.kwWhile) && whileStatement() }
      || test { matchStatement() }
  }

  private func decorators() -> Bool {
    some { has(.at) && namedExpression() != nil && has(.newline) ? true : nil } != nil
  }

  private func functionDef() -> Bool {
    test { decorators() && functionDefRaw() } || test { functionDefRaw() }
  }

  private func parametersRule() -> Bool {
    let rules = ParameterRules(self, isLambda: false)
    if callsInvalid { _ = test { rules.invalidParameters() } }
    return test { rules.parameters() }
  }

  private func functionDefRaw() -> Bool {
    if callsInvalid {
      func header(_ isForced: Bool) -> Token? {
        _ = has(.kwAsync)
        guard let token = take(.kwDef), has(.name) else { return nil }
        _ = test { typeParams() }
        if isForced {
          if !forced(.leftParen, "(") { return nil }
        } else if !has(.leftParen) {
          return nil
        }
        _ = test { parametersRule() }
        guard has(.rightParen) else { return nil }
        _ = test { has(.arrow) && expression() != nil }
        return failed ? nil : token
      }
      missingBlock("function definition") { header(false) }
      if test({ () -> Bool in
        guard header(true) != nil, forced(.colon, ":") else { return false }
        _ = test { functionTypeComment() }
        return block()
      }) {
        return true
      }
    }
    for isAsync in [false, true] {
      if test({ () -> Bool in
        if isAsync, !has(.kwAsync) { return false }
        guard has(.kwDef), has(.name) else { return false }
        _ = test { typeParams() }
        guard has(.leftParen) else { return false }
        _ = test { parametersRule() }
        guard has(.rightParen) else { return false }
        _ = test { has(.arrow) && expression() != nil }
        guard has(.colon) else { return false }
        _ = test { functionTypeComment() }
        return block() && (!isAsync || requireVersion(5, "Async functions are"))
      }) {
        return true
      }
    }
    return false
  }

  private func functionTypeComment() -> Bool {
    if test({ has(.newline) && has(.typeComment) && ahead { has(.newline) && has(.indent) } }) { return true }
    if callsInvalid,
      test({ has(.typeComment) && has(.newline) && has(.typeComment) && has(.newline) && has(.indent) })
    {
      raise("Cannot have two type comments on def")
      return false
    }
    return has(.typeComment)
  }

  private func classDef() -> Bool { test { decorators() && classDefRaw() } || test { classDefRaw() } }

  private func classDefRaw() -> Bool {
    func header() -> Token? {
      guard let token = take(.kwClass), has(.name) else { return nil }
      _ = test { typeParams() }
      _ = test {
        guard has(.leftParen) else { return false }
        _ = alt { arguments() }
        return has(.rightParen)
      }
      return failed ? nil : token
    }
    if callsInvalid {
      missingColon { header() != nil }
      missingBlock("class definition") { header() }
    }
    return test { header() != nil && has(.colon) && block() }
  }

  private func ifStatement(_ keyword: TokenKind) -> Bool {
    func header() -> Token? {
      guard let token = take(keyword), namedExpression() != nil else { return nil }
      return token
    }
    if callsInvalid {
      missingColon { header() != nil }
      missingBlock("'\(keyword == .kwIf ? "if" : "elif")' statement") { header() }
    }
    if test({ header() != nil && has(.colon) && block() && (nested { ifStatement(.kwElif) ? true : nil } != nil) }) {
      return true
    }
    return test {
      guard header() != nil, has(.colon), block() else { return false }
      return optionalElse()
    }
  }

  private func optionalElse() -> Bool {
    _ = test {
      if callsInvalid { missingBlock("'else' statement") { take(.kwElse) } }
      return has(.kwElse) && forced(.colon, ":") && block()
    }
    return !failed
  }

  private func whileStatement() -> Bool {
    func header() -> Token? {
      guard let token = take(.kwWhile), namedExpression() != nil else { return nil }
      return token
    }
    if callsInvalid {
      missingColon { header() != nil }
      missingBlock("'while' statement") { header() }
    }
    return test { header() != nil && has(.colon) && block() && optionalElse() }
  }

  private func forStatement() -> Bool {
    if callsInvalid {
      func header() -> Token? {
        _ = has(.kwAsync)
        guard let token = take(.kwFor), starTargets() != nil, has(.kwIn), starExpressions() != nil else { return nil }
        return token
      }
      missingColon { header() != nil }
      missingBlock("'for' statement") { header() }
    }
    for isAsync in [false, true] {
      var isCommitted = false
      if test({ () -> Bool in
        if isAsync, !has(.kwAsync) { return false }
        guard has(.kwFor), starTargets() != nil, has(.kwIn) else { return false }
        isCommitted = true
        guard starExpressions() != nil, has(.colon) else { return false }
        _ = has(.typeComment)
        return block() && optionalElse() && (!isAsync || requireVersion(5, "Async for loops are"))
      }) {
        return true
      }
      if isCommitted { return false }
    }
    if callsInvalid { _ = test { invalidForTarget() } }
    return false
  }

  // MARK: with

  private func withItem() -> ErrorNode? {
    let start = mark
    if test({
      expression() != nil && has(.kwAs) && starTarget() != nil
        && ahead { takeAny(.comma, .rightParen, .colon) != nil }
    }) {
      return ErrorNode(.other, range(start))
    }
    if callsInvalid {
      _ = test {
        guard expression() != nil, has(.kwAs), let target = expression(),
          ahead({ takeAny(.comma, .rightParen, .colon) != nil })
        else { return false }
        raiseInvalidTarget(.star, target)
        return false
      }
    }
    return alt { expression() }
  }

  private func withStatement() -> Bool {
    func plainHeader() -> Token? {
      _ = has(.kwAsync)
      guard let token = take(.kwWith),
        gather(
          .comma,
          { () -> Bool? in
            guard expression() != nil else { return nil }
            _ = test { has(.kwAs) && starTarget() != nil }
            return true
          }) != nil
      else { return nil }
      return token
    }
    func parenthesizedHeader() -> Token? {
      _ = has(.kwAsync)
      guard let token = take(.kwWith), has(.leftParen),
        gather(
          .comma,
          { () -> Bool? in
            guard expressions() != nil else { return nil }
            _ = test { has(.kwAs) && starTarget() != nil }
            return true
          }) != nil
      else { return nil }
      _ = has(.comma)
      return has(.rightParen) ? token : nil
    }
    if callsInvalid {
      missingBlock("'with' statement") { plainHeader() }
      missingBlock("'with' statement") { parenthesizedHeader() }
    }
    for isAsync in [false, true] {
      if test({ () -> Bool in
        if isAsync, !has(.kwAsync) { return false }
        guard has(.kwWith), has(.leftParen), gather(.comma, { withItem() }) != nil else { return false }
        _ = has(.comma)
        guard has(.rightParen), has(.colon) else { return false }
        if !isAsync { _ = has(.typeComment) }
        return block() && (!isAsync || requireVersion(5, "Async with statements are"))
      }) {
        return true
      }
      if test({ () -> Bool in
        if isAsync, !has(.kwAsync) { return false }
        guard has(.kwWith), gather(.comma, { withItem() }) != nil, has(.colon) else { return false }
        _ = has(.typeComment)
        return block() && (!isAsync || requireVersion(5, "Async with statements are"))
      }) {
        return true
      }
    }
    if callsInvalid {
      missingColon { plainHeader() != nil }
      missingColon { parenthesizedHeader() != nil }
    }
    return false
  }

  // MARK: try

  private func finallyBlock() -> Bool {
    if callsInvalid { missingBlock("'finally' statement") { take(.kwFinally) } }
    return test { has(.kwFinally) && forced(.colon, ":") && block() }
  }

  private func optionalName() -> Bool {
    _ = test { has(.kwAs) && has(.name) }
    return !failed
  }

  private func exceptBlock(isStar: Bool) -> Bool {
    if callsInvalid {
      missingBlock("'\(isStar ? "except*" : "except")' statement") {
        guard let token = take(.kwExcept), !isStar || has(.star), expression() != nil, optionalName()
        else { return nil }
        return token
      }
      if !isStar { missingBlock("'except' statement") { take(.kwExcept) } }
    }
    if test({
      has(.kwExcept) && (!isStar || has(.star)) && expression() != nil && optionalName() && has(.colon) && block()
    }
    ) {
      return true
    }
    if !isStar, test({ has(.kwExcept) && has(.colon) && block() }) { return true }
    if callsInvalid { _ = test { invalidExcept() } }
    return false
  }

  private func invalidExcept() -> Bool {
    if let node = alt({ () -> ErrorNode? in
      guard has(.kwExcept) else { return nil }
      _ = has(.star)
      guard let node = expression(), has(.comma), expressions() != nil, optionalName(), has(.colon) else { return nil }
      return node
    }) {
      raiseFrom(node.range, "multiple exception types must be parenthesized")
      return false
    }
    if test({ () -> Bool in
      guard has(.kwExcept) else { return false }
      _ = has(.star)
      return expression() != nil && optionalName() && has(.newline)
    }) {
      raise("expected ':'")
      return false
    }
    if test({ has(.kwExcept) && has(.newline) }) {
      raise("expected ':'")
      return false
    }
    if test({ has(.kwExcept) && has(.star) && takeAny(.newline, .colon) != nil }) {
      raise("expected one or more exception types")
    }
    return false
  }

  private func tryStatement() -> Bool {
    if callsInvalid { _ = test { invalidTry() } }
    if test({ has(.kwTry) && forced(.colon, ":") && block() && finallyBlock() }) { return true }
    for isStar in [false, true] {
      if test({ () -> Bool in
        guard has(.kwTry), forced(.colon, ":"), block(),
          some({ exceptBlock(isStar: isStar) ? true : nil }) != nil, optionalElse()
        else { return false }
        _ = test { finallyBlock() }
        return !isStar || requireVersion(11, "Exception groups are")
      }) {
        return true
      }
    }
    return false
  }

  private func invalidTry() -> Bool {
    missingBlock("'try' statement") { take(.kwTry) }
    if test({ has(.kwTry) && has(.colon) && block() && notAhead { takeAny(.kwExcept, .kwFinally) != nil } }) {
      raise("expected 'except' or 'finally' block")
      return false
    }
    func start(_ isStar: Bool) -> Bool {
      guard has(.kwTry), has(.colon) else { return false }
      _ = many { block() ? true : nil }
      return some { exceptBlock(isStar: isStar) ? true : nil } != nil
    }
    let message = "cannot have both 'except' and 'except*' on the same 'try'"
    if let (first, second) = alt({ () -> (Token, Token)? in
      guard start(false), let first = take(.kwExcept), let second = take(.star), expression() != nil, optionalName(),
        has(.colon)
      else { return nil }
      return (first, second)
    }) {
      raiseRange(first.range, second.range, message)
      return false
    }
    if let token = alt({ () -> Token? in
      guard start(true), let token = take(.kwExcept) else { return nil }
      _ = test { expression() != nil && optionalName() }
      return has(.colon) ? token : nil
    }) {
      raiseAt(token.range, message)
    }
    return false
  }

  // MARK: Type parameters

  func typeParams() -> Bool {
    if callsInvalid, let token = alt({ has(.leftSquare) ? take(.rightSquare) : nil }) {
      raiseFrom(token.range, "Type parameter list cannot be empty")
      return false
    }
    return test {
      guard has(.leftSquare), gather(.comma, { typeParam() }) != nil else { return false }
      _ = has(.comma)
      return has(.rightSquare) && requireVersion(12, "Type parameter lists are")
    }
  }

  private func typeParam() -> ErrorNode? {
    memo(.typeParam) {
      let start = mark
      func defaultValue(_ value: () -> ErrorNode?) {
        _ = test { has(.equal) && value() != nil && requireVersion(13, "Type parameter defaults are") }
      }
      if test({ () -> Bool in
        guard has(.name) else { return false }
        _ = test { has(.colon) && expression() != nil }
        defaultValue { expression() }
        return !failed
      }) {
        return ErrorNode(.other, range(start))
      }
      for (kind, what) in [(TokenKind.star, "TypeVarTuple"), (.doubleStar, "ParamSpec")] {
        if let (colon, node) = alt({ () -> (Token, ErrorNode)? in
          guard has(kind), has(.name), let colon = take(.colon), let node = expression() else { return nil }
          return (colon, node)
        }) {
          raiseFrom(
            colon.range, "cannot use \(node.kind == .tuple ? "constraints" : "bound") with \(what)")
          return nil
        }
        if test({ () -> Bool in
          guard has(kind), has(.name) else { return false }
          if kind == .star { defaultValue { starExpression() } } else { defaultValue { expression() } }
          return !failed
        }) {
          return ErrorNode(.other, range(start))
        }
      }
      return nil
    }
  }
}
