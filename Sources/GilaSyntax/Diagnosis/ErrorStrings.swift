/// Rules for string literals.
extension ErrorParser {
  func strings() -> ErrorNode? {
    memo(.strings) {
      let start = mark
      var hasBytes = false
      var hasText = false
      var hasFString = false
      let parts: [Bool]? = some {
        if let token = take(.string) {
          guard let isBytes = checkLiteral(token) else { return nil }
          if isBytes { hasBytes = true } else { hasText = true }
          return true
        }
        hasFString = hasFString || kindIs(.fstringStart)
        return fstring() ? true : nil
      }
      guard parts != nil else { return nil }
      if hasBytes, hasText || hasFString {
        raise("cannot mix bytes and nonbytes literals")
        return nil
      }
      return ErrorNode(hasFString ? .fstring : .literal, range(start))
    }
  }

  /// Checks the contents of a literal; true for bytes.
  private func checkLiteral(_ token: Token) -> Bool? {
    let text = UnsafeBufferPointer(start: base + Int(token.start), count: Int(token.end - token.start))
    let parts = StringLiteral.split(text)
    if parts.isBytes, parts.body.contains(where: { $0 >= 0x80 }) {
      raiseAt(token.range, "bytes can only contain ASCII literal characters")
      return nil
    }
    return checkBody(parts.body, isRaw: parts.isRaw, isBytes: parts.isBytes) ? parts.isBytes : nil
  }

  private func checkBody(_ body: UnsafeBufferPointer<UInt8>, isRaw: Bool, isBytes: Bool) -> Bool {
    var literal = StringLiteral(arena: arena, characterNamed: options.characterNamed)
    do throws(StringLiteral.Failure) {
      if isRaw || !StringLiteral.containsBackslash(body) {
        if !isBytes { _ = try literal.plain(body) }
      } else if isBytes {
        _ = try literal.bytes(body)
      } else {
        _ = try literal.text(body)
      }
      return true
    } catch {
      raise(error.message)
      return false
    }
  }

  private func body(_ token: Token) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + Int(token.start), count: Int(token.end - token.start))
  }

  private func fstring() -> Bool {
    guard let start = take(.fstringStart) else { return false }
    let isRaw = body(start).contains { $0 | 0x20 == 114 }
    var middles: [Token] = []
    _ = many { () -> Bool? in
      if alt({ replacementField() }) != nil { return true }
      guard let token = take(.fstringMiddle) else { return nil }
      middles.append(token)
      return true
    }
    guard !failed, has(.fstringEnd) else { return false }
    for token in middles where !checkBody(body(token), isRaw: isRaw, isBytes: false) { return false }
    return true
  }

  private func replacementField() -> Bool? {
    if alt({ () -> Bool? in
      guard has(.leftBrace), annotatedRightSide() != nil else { return nil }
      _ = has(.equal)
      guard let conversion = conversion() else { return nil }
      _ = test { formatSpec() }
      guard has(.rightBrace) else { return nil }
      if let conversion, !checkConversion(conversion) { return nil }
      return true
    }) != nil {
      return true
    }
    if callsInvalid { _ = test { invalidReplacementField() } }
    return nil
  }

  /// The name after `!`, or nothing; nil after an error.
  private func conversion() -> Token?? {
    let start = mark
    guard let exclamation = take(.exclamation), let name = take(.name) else {
      mark = start
      return failed ? nil : .some(nil)
    }
    if exclamation.range.line != name.range.line || exclamation.range.endColumn != name.range.column {
      raiseRange(
        exclamation.range, name.range,
        "f-string: conversion type must come right after the exclamanation mark")
      return nil
    }
    return name
  }

  private func checkConversion(_ token: Token) -> Bool {
    let text = names.string(token.name)
    if text == "s" || text == "r" || text == "a" { return true }
    raiseAt(token.range, "f-string: invalid conversion character '\(text)': expected 's', 'r', or 'a'")
    return false
  }

  private func formatSpec() -> Bool {
    guard has(.colon) else { return false }
    formatPieces()
    return !failed
  }

  func formatPieces() {
    _ = many { () -> Bool? in
      if let token = take(.fstringMiddle) {
        return checkBody(body(token), isRaw: false, isBytes: false) ? true : nil
      }
      return replacementField()
    }
  }

  // MARK: Mistakes in replacement fields

  private func invalidReplacementField() -> Bool {
    for (kind, text) in [(TokenKind.equal, "="), (.exclamation, "!"), (.colon, ":"), (.rightBrace, "}")] {
      if let token = alt({ has(.leftBrace) ? take(kind) : nil }) {
        raiseAt(token.range, "f-string: valid expression required before '\(text)'")
        return false
      }
    }
    if test({ has(.leftBrace) && notAhead { annotatedRightSide() != nil } && raiseNextAfterBrace() }) { return false }
    let ends: [TokenKind] = [.equal, .exclamation, .colon, .rightBrace]
    func missing(_ allowed: ArraySlice<TokenKind>) -> Bool {
      notAhead {
        guard let token = current(), allowed.contains(token.kind) else { return false }
        mark += 1
        return true
      }
    }
    func value() -> Bool { has(.leftBrace) && annotatedRightSide() != nil }
    func optionalConversion() { _ = test { has(.exclamation) && has(.name) } }

    if raising("expecting '=', or '!', or ':', or '}'", { value() && missing(ends[0...]) }) { return false }
    if raising("expecting '!', or ':', or '}'", { value() && has(.equal) && missing(ends[1...]) }) { return false }
    if test({ () -> Bool in
      guard value() else { return false }
      _ = has(.equal)
      return invalidConversion()
    }) {
      return false
    }
    if failed { return false }
    if raising(
      "expecting ':' or '}'",
      {
        guard value() else { return false }
        _ = has(.equal)
        optionalConversion()
        return missing(ends[2...])
      })
    {
      return false
    }
    if raising(
      "expecting '}', or format specs",
      {
        guard value() else { return false }
        _ = has(.equal)
        optionalConversion()
        guard has(.colon) else { return false }
        formatPieces()
        return missing(ends[3...])
      })
    {
      return false
    }
    _ = raising(
      "expecting '}'",
      {
        guard value() else { return false }
        _ = has(.equal)
        optionalConversion()
        return missing(ends[3...])
      })
    return false
  }

  private func raiseNextAfterBrace() -> Bool {
    raise("f-string: expecting a valid expression after '{'", atNext: true)
    return false
  }

  /// Raises the message at the next token if the form is met.
  private func raising(_ message: String, _ form: () -> Bool) -> Bool {
    if failed { return true }
    let start = mark
    if form(), !failed {
      raise("f-string: " + message, atNext: true)
      return true
    }
    mark = start
    return failed
  }

  private func invalidConversion() -> Bool {
    if test({ has(.exclamation) && ahead { takeAny(.colon, .rightBrace) != nil } && raiseConversion("missing") }) {
      return true
    }
    return test { has(.exclamation) && notAhead(.name) && raiseConversion("invalid") }
  }

  private func raiseConversion(_ what: String) -> Bool {
    raise("f-string: \(what) conversion character", atNext: true)
    return false
  }
}
