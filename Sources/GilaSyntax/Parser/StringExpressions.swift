/// String literals, f-strings and their concatenation.
extension Parser {
  /// One or more adjacent literals.
  mutating func strings() throws(Stop) -> Expr {
    let start = position
    if kind == .string {
      let token = current
      let first = try stringLiteral(token)
      if kind != .string, kind != .fstringStart { return first }
      var parts = [first]
      try moreStrings(&parts)
      return try concatenate(parts, range(from: start))
    }
    var parts: [Expr] = []
    try moreStrings(&parts)
    return try concatenate(parts, range(from: start))
  }

  private mutating func moreStrings(_ parts: inout [Expr]) throws(Stop) {
    while true {
      if kind == .string {
        parts.append(try stringLiteral(current))
      } else if kind == .fstringStart {
        parts.append(try fstring())
      } else {
        return
      }
    }
  }

  private mutating func stringLiteral(_ token: Token) throws(Stop) -> Expr {
    let whole = text(token)
    let parts = StringLiteral.split(whole)
    let hasEscapes = !parts.isRaw && StringLiteral.containsBackslash(parts.body)
    let value: Constant
    if parts.isBytes {
      if parts.body.contains(where: { $0 >= 0x80 }) { throw Stop() }
      value = .bytes(
        hasEscapes ? try decode(parts.body, token, isBytes: true) : arena.text(parts.body))
    } else {
      value = .string(try decodeText(parts.body, token, hasEscapes: hasEscapes))
    }
    advance()
    return arena.expr(.constant(value, kind: whole[0] == 117 ? Name(.u) : nil), token.range)
  }

  private mutating func decodeText(
    _ body: UnsafeBufferPointer<UInt8>, _ token: Token, hasEscapes: Bool
  ) throws(Stop) -> Text {
    if hasEscapes { return try decode(body, token, isBytes: false) }
    let literal = StringLiteral(arena: arena, characterNamed: options.characterNamed)
    do throws(StringLiteral.Failure) { return try literal.plain(body) } catch { throw Stop() }
  }

  private mutating func decode(
    _ body: UnsafeBufferPointer<UInt8>, _ token: Token, isBytes: Bool
  ) throws(Stop) -> Text {
    var literal = StringLiteral(arena: arena, characterNamed: options.characterNamed)
    let result: Text
    do throws(StringLiteral.Failure) {
      result = isBytes ? try literal.bytes(body) : try literal.text(body)
    } catch {
      throw Stop()
    }
    if let message = literal.invalidEscape { warnEscape(message, token) }
    return result
  }

  private mutating func warnEscape(_ message: String, _ token: Token) {
    if token.kind == .fstringMiddle || token.kind == .fstringEnd, message.hasSuffix("\\{'") || message.hasSuffix("\\}'")
    {
      // The tokenizer has warned of this one.
      return
    }
    warnings.append(SyntaxWarning(message, range: token.range, isDeprecation: options.featureVersion < 12))
  }

  // MARK: f-strings

  private mutating func fstring() throws(Stop) -> Expr {
    try enter()
    defer { leave() }
    let startToken = current
    let prefix = text(startToken)
    let isRaw = prefix.contains { $0 | 0x20 == 114 }
    advance()
    var pieces: [Expr] = []
    var middles: [(index: Int, token: Token)] = []
    while kind != .fstringEnd {
      if kind == .fstringMiddle {
        // Decoded below: a warning is reported where the string ends.
        middles.append((pieces.count, current))
        pieces.append(arena.expr(.constant(.none, kind: nil), current.range))
        advance()
      } else if kind == .leftBrace {
        try replacementField(&pieces)
      } else {
        throw Stop()
      }
    }
    let endToken = current
    advance()
    var dropped = 0
    for (index, token) in middles {
      let body = text(token)
      // `{{` and `}}` reach the parser as one brace, with the rest of the text.
      let hasEscapes = !isRaw && StringLiteral.containsBackslash(body)
      let value = try decodeText(body, endToken, hasEscapes: hasEscapes)
      if value.isEmpty {
        pieces.remove(at: index - dropped)
        dropped += 1
      } else {
        pieces[index - dropped].kind = .constant(.string(value), kind: nil)
      }
    }
    return arena.expr(
      .joinedStr(arena.list(pieces)), SourceRange(from: startToken.range, to: endToken.range))
  }

  /// `{value = !r:format}`; with `=` it gives two pieces.
  private mutating func replacementField(_ pieces: inout [Expr]) throws(Stop) {
    try enter()
    defer { leave() }
    let start = position
    let open = current.range
    advance()
    let value = kind == .kwYield ? try yieldExpression() : try starExpressions()
    let isDebug = accept(.equal)
    var conversion: Int32 = -1
    var format: Expr?
    var textEnd: SourceRange?
    var textToken: Token?
    if kind == .exclamation {
      let mark = current
      advance()
      // No space may stand between `!` and the letter.
      if kind != .name || current.start != mark.end || current.end != current.start + 1 { throw Stop() }
      let letter = base[Int(current.start)]
      if letter != 115, letter != 114, letter != 97 { throw Stop() }
      conversion = Int32(letter)
      textEnd = SourceRange(
        line: 0, column: 0, endLine: current.range.line, endColumn: current.range.column - 1)
      textToken = mark
      advance()
    }
    if kind == .colon {
      let colon = current
      let colonPosition = position
      advance()
      format = try formatSpec(from: colonPosition)
      if textEnd == nil {
        textEnd = SourceRange(line: 0, column: 0, endLine: colon.range.line, endColumn: colon.range.column)
        textToken = colon
      }
    }
    if kind != .rightBrace { throw Stop() }
    let close = current
    advance()
    if isDebug, conversion == -1, format == nil { conversion = 114 }
    let field = arena.expr(
      .formattedValue(value, conversion: conversion, format: format), range(from: start))
    if isDebug {
      if textEnd == nil {
        textEnd = SourceRange(
          line: 0, column: 0, endLine: close.range.endLine, endColumn: close.range.endColumn - 1)
        textToken = close
      }
      if let textToken, let textEnd {
        let range = SourceRange(
          line: open.line, column: open.column + 1, endLine: textEnd.endLine, endColumn: textEnd.endColumn)
        pieces.append(arena.expr(.constant(.string(fieldText(textToken)), kind: nil), range))
      }
    }
    pieces.append(field)
  }

  /// The source of a replacement field, as `=` shows it: without comments.
  func fieldText(_ token: Token) -> Text {
    let index = Int(token.payload) - 1
    guard index >= 0, index < stream.tokenizer.fieldTexts.count else { return Text() }
    let place = stream.tokenizer.fieldTexts[index]
    let source = UnsafeBufferPointer(start: base + Int(place.start), count: Int(place.end - place.start))
    guard source.contains(35) else { return arena.text(source) }
    var result: [UInt8] = []
    var inComment = false
    for byte in source {
      if byte == 35 { inComment = true }
      if byte == 10 { inComment = false }
      if !inComment { result.append(byte) }
    }
    return arena.text(result)
  }

  private mutating func formatSpec(from colon: Int) throws(Stop) -> Expr {
    var pieces: [Expr] = []
    while true {
      if kind == .fstringMiddle {
        let token = current
        let body = text(token)
        // Escapes count here even in a raw f-string, as in CPython.
        let value = try decodeText(body, token, hasEscapes: StringLiteral.containsBackslash(body))
        advance()
        if !value.isEmpty {
          pieces.append(arena.expr(.constant(.string(value), kind: nil), token.range))
        }
      } else if kind == .leftBrace {
        var field: [Expr] = []
        let start = position
        try replacementField(&field)
        // A field with `=` counts as one piece here, a string of its own.
        pieces.append(
          field.count == 1 ? field[0] : arena.expr(.joinedStr(arena.list(field)), range(from: start)))
      } else {
        break
      }
    }
    let whole = range(from: colon)
    if pieces.isEmpty { return arena.expr(.joinedStr(ASTList()), whole) }
    if pieces.count == 1, case .constant = pieces[0].kind {
      return arena.expr(.joinedStr(arena.list(pieces)), whole)
    }
    return try concatenate(pieces, whole)
  }

  // MARK: Concatenation

  private func concatenate(_ parts: [Expr], _ range: SourceRange) throws(Stop) -> Expr {
    var hasFString = false
    var hasText = false
    var hasBytes = false
    for part in parts {
      switch part.kind {
      case .constant(.bytes, _): hasBytes = true
      case .constant: hasText = true
      default: hasFString = true
      }
    }
    if hasBytes {
      if hasText || hasFString { throw Stop() }
      return concatenateBytes(parts, range)
    }
    if !hasFString, parts.count == 1 { return parts[0] }

    var flat: [Expr] = []
    for part in parts {
      if case .joinedStr(let pieces) = part.kind {
        flat.append(contentsOf: pieces)
      } else {
        flat.append(part)
      }
    }
    var result: [Expr] = []
    var index = 0
    while index < flat.count {
      guard case .constant(.string(let first), let kind) = flat[index].kind else {
        result.append(flat[index])
        index += 1
        continue
      }
      var end = index + 1
      var value = first
      var bytes: [UInt8]?
      while end < flat.count, case .constant(.string(let next), _) = flat[end].kind {
        if bytes == nil { bytes = first.array }
        bytes?.append(contentsOf: next.buffer)
        end += 1
      }
      if let bytes { value = arena.text(bytes) }
      if !(hasFString && value.isEmpty) {
        result.append(
          end == index + 1
            ? flat[index]
            : arena.expr(
              .constant(.string(value), kind: kind),
              SourceRange(from: flat[index].range, to: flat[end - 1].range)))
      }
      index = end
    }
    if !hasFString { return result[0] }
    return arena.expr(.joinedStr(arena.list(result)), range)
  }

  private func concatenateBytes(_ parts: [Expr], _ range: SourceRange) -> Expr {
    if parts.count == 1 { return parts[0] }
    var bytes: [UInt8] = []
    for part in parts {
      if case .constant(.bytes(let text), _) = part.kind { bytes.append(contentsOf: text.buffer) }
    }
    return arena.expr(.constant(.bytes(arena.text(bytes)), kind: nil), range)
  }
}
