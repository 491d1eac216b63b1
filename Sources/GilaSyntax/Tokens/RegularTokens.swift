/// Tokens outside the text parts of f-strings.
extension Tokenizer {
  @inline(__always)
  static func isDigit(_ c: Int32) -> Bool { UInt32(bitPattern: c &- 48) < 10 }

  @inline(__always)
  static func isIdentifierStart(_ c: Int32) -> Bool {
    UInt32(bitPattern: (c | 0x20) &- 97) < 26 || c == 95 || c >= 128
  }

  @inline(__always)
  static func isIdentifierPart(_ c: Int32) -> Bool { isIdentifierStart(c) || isDigit(c) }

  mutating func nextRegular() -> Token {
    nextLine: while true {
      tokenStart = -1
      var blankLine = false
      if atLineStart {
        switch readIndentation() {
        case .ok(let blank): blankLine = blank
        case .stopped(let token): return token
        }
      }
      tokenStart = position
      tokenColumn = column
      if pendingIndents != 0 { return indentToken() }
      // CPython looks at the next character here, which may bring in the next line.
      back(nextCharacter())

      again: while true {
        tokenStart = -1
        var c: Int32
        repeat { c = nextCharacter() } while c == 32 || c == 9 || c == 12
        tokenStart = c == Self.eof ? position &- 1 : position &- 1
        tokenColumn = column &- 1

        if c == 35 {
          if let token = readComment(&c, blankLine: blankLine) { return token }
        }
        if c == Self.eof {
          if !brackets.isEmpty { return errorToken() }
          return state == .endOfFile ? emptyToken(.endMarker) : errorToken()
        }
        if Self.isIdentifierStart(c) { return readIdentifierOrPrefix(c) }
        if c == 13 { c = nextCharacter() }
        if c == 10 {
          atLineStart = true
          if blankLine || !brackets.isEmpty {
            if extraTokens {
              commentNewline = false
              return token(.nl)
            }
            continue nextLine
          }
          if commentNewline && extraTokens {
            commentNewline = false
            return token(.nl)
          }
          var result = token(.newline)
          result.end &-= 1
          return result
        }
        if c == 46 {
          c = nextCharacter()
          if Self.isDigit(c) { return readFraction(c) }
          if c == 46 {
            c = nextCharacter()
            if c == 46 { return token(.ellipsis) }
            back(c)
            back(46)
          } else {
            back(c)
          }
          return token(.dot)
        }
        if Self.isDigit(c) { return readNumber(c) }
        if c == 39 || c == 34 { return readString(c) }
        if c == 92 {
          if !skipContinuation() { return errorToken() }
          continue again
        }
        return readOperator(c)
      }
    }
  }

  // MARK: Line starts

  private enum Indentation {
    case ok(blank: Bool)
    case stopped(Token)
  }

  private mutating func readIndentation() -> Indentation {
    var column: Int32 = 0
    var alternate: Int32 = 0
    var continuedColumn: Int32 = 0
    atLineStart = false
    var c: Int32
    measure: while true {
      c = nextCharacter()
      switch c {
      case 32:
        column &+= 1
        alternate &+= 1
      case 9:
        column = (column / 8 + 1) * 8
        alternate &+= 1
      case 12:
        column = 0
        alternate = 0
      case 92:
        // The indentation is what stands before the first backslash.
        continuedColumn = continuedColumn != 0 ? continuedColumn : column
        if !skipContinuation() { return .stopped(errorToken()) }
      default:
        break measure
      }
    }
    back(c)
    var blank = false
    if c == 35 || c == 10 || c == 13 {
      if column == 0, c == 10, isInteractive {
        blank = false
      } else if isInteractive, line == 1 {
        blank = false
        column = 0
        alternate = 0
      } else {
        blank = true
      }
    }
    if blank || !brackets.isEmpty { return .ok(blank: blank) }
    if continuedColumn != 0 {
      column = continuedColumn
      alternate = continuedColumn
    }
    var top = indents.count - 1
    if column == indents[top] {
      if alternate != alternateIndents[top] { return .stopped(stop(.mixedTabs)) }
    } else if column > indents[top] {
      if indents.count >= Self.maximumIndents { return .stopped(stop(.tooDeep)) }
      if alternate <= alternateIndents[top] { return .stopped(stop(.mixedTabs)) }
      pendingIndents += 1
      indents.append(column)
      alternateIndents.append(alternate)
    } else {
      while top > 0, column < indents[top] {
        pendingIndents -= 1
        indents.removeLast()
        alternateIndents.removeLast()
        top -= 1
      }
      if column != indents[top] { return .stopped(stop(.badDedent)) }
      if alternate != alternateIndents[top] { return .stopped(stop(.mixedTabs)) }
    }
    return .ok(blank: false)
  }

  private mutating func indentToken() -> Token {
    if pendingIndents < 0 {
      pendingIndents += 1
      return extraTokens ? token(.dedent) : emptyToken(.dedent)
    }
    pendingIndents -= 1
    if !extraTokens { return emptyToken(.indent) }
    var result = token(.indent)
    result.start = Int32(truncatingIfNeeded: bufferStart)
    return result
  }

  /// After a backslash: the line feed must follow, and something after it.
  mutating func skipContinuation() -> Bool {
    var c = nextCharacter()
    if c == 13 { c = nextCharacter() }
    if c != 10 {
      state = .badContinuation
      return false
    }
    c = nextCharacter()
    if c == Self.eof {
      state = .endOfFile
      position = lineEnd
      return false
    }
    back(c)
    return true
  }

  // MARK: Comments

  private mutating func readComment(_ c: inout Int32, blankLine: Bool) -> Token? {
    let end = source.count
    // The line feed belongs to the comment's line, so the line's end is the limit.
    while position < lineEnd, position < end {
      let next = base[position]
      if next == 10 || next == 13 { break }
      position &+= 1
    }
    c = nextCharacter()
    if typeComments, let token = readTypeComment(c, blankLine: blankLine) { return token }
    if extraTokens {
      back(c)
      commentNewline = blankLine
      return token(.comment)
    }
    return nil
  }

  private mutating func readTypeComment(_ c: Int32, blankLine: Bool) -> Token? {
    var place = tokenStart
    let limit = c == Self.eof ? position : position - 1
    func skipSpaces() {
      while place < limit, base[place] == 32 || base[place] == 9 { place += 1 }
    }
    func skip(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      if limit - place < count { return false }
      for index in 0..<count where base[place + index] != text.utf8Start[index] { return false }
      place += count
      return true
    }
    guard skip("#") else { return nil }
    skipSpaces()
    guard skip("type:") else { return nil }
    skipSpaces()
    back(c)
    let start = place
    let startColumn = Int32(truncatingIfNeeded: start - lineStart)
    if skip("ignore") {
      let follower = place < limit ? Int32(base[place]) : 0
      let isWord = place < limit && (Self.isIdentifierPart(follower) && follower != 95)
      if !isWord {
        var result = token(.typeIgnore)
        result.start = Int32(truncatingIfNeeded: place)
        result.range.column = Int32(truncatingIfNeeded: place - lineStart)
        if blankLine {
          _ = nextCharacter()
          atLineStart = true
        }
        return result
      }
    }
    var result = token(.typeComment)
    result.start = Int32(truncatingIfNeeded: start)
    result.range.column = startColumn
    return result
  }

  // MARK: Operators

  private mutating func readOperator(_ c: Int32) -> Token {
    let top = modes.count - 1
    let inFString = top > 0
    var fieldText: UInt32 = 0
    if inFString, c == 58 || c == 125 || c == 33 || c == 123, modes[top].expressionDepth >= 0 {
      // Before the brackets are counted, so that `{` stands on the level of the text.
      let cursor = modes[top].depth - (c != 123 ? 1 : 0)
      let valid = cursor == 0 || (cursor == 1 && (modes[top].wantsText || modes[top].inFormatSpec))
      if valid {
        if c == 123 {
          startField()
        } else {
          if modes[top].fieldEnd == -1 { modes[top].fieldEnd = tokenStart }
          if modes[top].wantsText {
            fieldTexts.append(
              Text16(
                start: Int32(truncatingIfNeeded: modes[top].fieldStart),
                end: Int32(truncatingIfNeeded: modes[top].fieldEnd)))
            fieldText = UInt32(fieldTexts.count)
          }
        }
      }
      if c == 58, cursor == modes[top].expressionDepth {
        modes[top].inText = true
        modes[top].inFormatSpec = true
        var result = token(.colon)
        result.payload = fieldText
        return result
      }
    }

    let second = nextCharacter()
    let pair = Self.twoCharacterKind(c, second)
    if let pair {
      let third = nextCharacter()
      if let triple = Self.threeCharacterKind(c, second, third) {
        return token(triple)
      }
      back(third)
      return token(pair)
    }
    back(second)

    switch c {
    case 40, 91, 123:
      if brackets.count >= Self.maximumBrackets { return failToken("too many nested parentheses") }
      brackets.append(Bracket(character: UInt8(c), line: line, column: Int32(tokenStart - lineStart)))
      if inFString { modes[top].depth += 1 }
    case 41, 93, 125:
      if let error = closeBracket(c, top: top) { return error }
    default:
      break
    }
    guard let kind = Self.oneCharacterKind(c) else {
      if c < 32 || c == 127 {
        return failToken("invalid non-printable character U+" + Self.hex(UInt32(c), width: 4))
      }
      return token(.op)
    }
    if c == 61, modes[top].expressionDepth >= 0 { modes[top].wantsText = true }
    var result = token(kind)
    result.payload = fieldText
    return result
  }

  private mutating func closeBracket(_ c: Int32, top: Int) -> Token? {
    let inFString = top > 0
    let shown = String(UnicodeScalar(UInt8(c)))
    if inFString, modes[top].depth == 0, c == 125 { return failToken("f-string: single '}' is not allowed") }
    if !extraTokens, brackets.isEmpty { return failToken("unmatched '\(shown)'") }
    if let opening = brackets.popLast() {
      let matches =
        (opening.character == 40 && c == 41) || (opening.character == 91 && c == 93)
        || (opening.character == 123 && c == 125)
      if !extraTokens, !matches {
        if inFString, opening.character == 123, modes[top].depth - 1 == modes[top].expressionDepth {
          return failToken("f-string: unmatched '\(shown)'")
        }
        let open = String(UnicodeScalar(opening.character))
        var message = "closing parenthesis '\(shown)' does not match opening parenthesis '\(open)'"
        if opening.line != line { message += " on line \(opening.line)" }
        return failToken(message)
      }
    }
    if inFString {
      modes[top].depth -= 1
      if modes[top].depth < 0 { return failToken("f-string: unmatched '\(shown)'") }
      if c == 125, modes[top].depth == modes[top].expressionDepth {
        modes[top].expressionDepth -= 1
        modes[top].inText = true
        modes[top].inFormatSpec = false
        modes[top].wantsText = false
      }
    }
    return nil
  }

  static func hex(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  @inline(__always)
  private static func oneCharacterKind(_ c: Int32) -> TokenKind? {
    switch c {
    case 33: .exclamation
    case 37: .percent
    case 38: .ampersand
    case 40: .leftParen
    case 41: .rightParen
    case 42: .star
    case 43: .plus
    case 44: .comma
    case 45: .minus
    case 46: .dot
    case 47: .slash
    case 58: .colon
    case 59: .semicolon
    case 60: .less
    case 61: .equal
    case 62: .greater
    case 64: .at
    case 91: .leftSquare
    case 93: .rightSquare
    case 94: .circumflex
    case 123: .leftBrace
    case 124: .bar
    case 125: .rightBrace
    case 126: .tilde
    default: nil
    }
  }

  @inline(__always)
  private static func twoCharacterKind(_ c: Int32, _ second: Int32) -> TokenKind? {
    if second == 61 {
      switch c {
      case 33: return .notEqual
      case 37: return .percentEqual
      case 38: return .ampersandEqual
      case 42: return .starEqual
      case 43: return .plusEqual
      case 45: return .minusEqual
      case 47: return .slashEqual
      case 58: return .colonEqual
      case 60: return .lessEqual
      case 61: return .equalEqual
      case 62: return .greaterEqual
      case 64: return .atEqual
      case 94: return .circumflexEqual
      case 124: return .barEqual
      default: return nil
      }
    }
    switch (c, second) {
    case (42, 42): return .doubleStar
    case (47, 47): return .doubleSlash
    case (60, 60): return .leftShift
    case (62, 62): return .rightShift
    case (60, 62): return .notEqual
    case (45, 62): return .arrow
    default: return nil
    }
  }

  @inline(__always)
  private static func threeCharacterKind(_ c: Int32, _ second: Int32, _ third: Int32) -> TokenKind? {
    guard third == 61, c == second else { return nil }
    switch c {
    case 42: return .doubleStarEqual
    case 47: return .doubleSlashEqual
    case 60: return .leftShiftEqual
    case 62: return .rightShiftEqual
    default: return nil
    }
  }
}
