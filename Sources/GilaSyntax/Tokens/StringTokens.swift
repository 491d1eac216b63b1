/// String literals and f-strings (PEP 701).
extension Tokenizer {
  /// `quote` was just read.
  mutating func readString(_ quote: Int32) -> Token {
    firstLine = line
    multiLineStart = lineStart
    var quoteSize = 1
    var endQuotes = 0
    var sawEscapedQuote = false
    var c = nextCharacter()
    if c == quote {
      c = nextCharacter()
      if c == quote {
        quoteSize = 3
      } else {
        endQuotes = 1
      }
    }
    if c != quote { back(c) }

    while endQuotes != quoteSize {
      if endQuotes == 0 { skipPlainCharacters(quote) }
      c = nextCharacter()
      if state == .failed { return errorToken() }
      if c == Self.eof || (quoteSize == 1 && c == 10) {
        return unterminatedString(quote, c, quoteSize: quoteSize, sawEscapedQuote: sawEscapedQuote)
      }
      if c == quote {
        endQuotes += 1
        continue
      }
      endQuotes = 0
      if c == 92 {
        c = nextCharacter()
        if c == quote { sawEscapedQuote = true }
        if c == 13 { c = nextCharacter() }
      }
    }
    return stringToken(.string)
  }

  /// Skips what neither ends a literal nor is special in one, within the line.
  @inline(__always)
  private mutating func skipPlainCharacters(_ quote: Int32) {
    var place = position
    let end = lineEnd
    let quote = UInt8(truncatingIfNeeded: quote)
    while place < end {
      let byte = base[place]
      if byte == quote || byte == 92 || byte == 10 { break }
      place &+= 1
    }
    position = place
  }

  private mutating func unterminatedString(
    _ quote: Int32, _ c: Int32, quoteSize: Int, sawEscapedQuote: Bool
  ) -> Token {
    // The error is reported at the opening quote.
    position = tokenStart + 1
    lineStart = multiLineStart
    let detected = line
    line = firstLine
    if state == .endOfFile { state = .running }
    if modes.count > 1, let mode = modes.last, Int32(mode.quote) == quote, mode.quoteSize == quoteSize {
      return failToken("f-string: expecting '}'")
    }
    if quoteSize == 3 {
      fail("unterminated triple-quoted string literal (detected at line \(detected))")
    } else {
      fail(
        "unterminated string literal (detected at line \(detected))"
          + (sawEscapedQuote ? "; perhaps you escaped the end quote?" : ""))
    }
    if c != 10 { state = .endInString }
    return errorToken()
  }

  // MARK: f-strings

  /// The prefix and `quote` were just read.
  mutating func startFString(_ quote: Int32) -> Token {
    firstLine = line
    multiLineStart = lineStart
    var quoteSize = 1
    let second = nextCharacter()
    if second == quote {
      let third = nextCharacter()
      if third == quote {
        quoteSize = 3
      } else {
        back(third)
        back(second)
      }
    } else {
      back(second)
    }
    let result = stringToken(.fstringStart)
    if modes.count >= Self.maximumModes { return failToken("too many nested f-strings") }
    let prefix = base[tokenStart] | 0x20
    var mode = Mode()
    mode.inText = true
    mode.quote = UInt8(quote)
    mode.quoteSize = quoteSize
    mode.isRaw = prefix == 114 || base[tokenStart + 1] | 0x20 == 114
    mode.start = tokenStart
    mode.lineStart = lineStart
    mode.line = line
    modes.append(mode)
    return result
  }

  /// Remembers where the expression of a replacement field starts.
  mutating func startField() {
    modes[modes.count - 1].fieldStart = position
    modes[modes.count - 1].fieldEnd = -1
  }

  mutating func nextInFString() -> Token {
    let top = modes.count - 1
    let quote = Int32(modes[top].quote)
    let quoteSize = modes[top].quoteSize
    tokenStart = position
    firstLine = line
    tokenColumn = column

    let first = nextCharacter()
    if first == 123 {
      let peek = nextCharacter()
      back(peek)
      back(first)
      if peek != 123 {
        modes[top].expressionDepth += 1
        if modes[top].expressionDepth >= 3 { return failToken("f-string: expressions nested too deeply") }
        modes[top].inText = false
        return nextRegular()
      }
    } else {
      back(first)
    }

    var atEnd = true
    for _ in 0..<quoteSize {
      let c = nextCharacter()
      if c != quote {
        back(c)
        atEnd = false
        break
      }
    }
    if atEnd {
      modes.removeLast()
      return stringToken(.fstringEnd)
    }

    multiLineStart = lineStart
    var endQuotes = 0
    var inNamedEscape = false
    // A quote that was read while looking for the end has been consumed, as in CPython.
    while endQuotes != quoteSize {
      let c = nextCharacter()
      if state == .failed { return errorToken() }
      let inFormatSpec = modes[top].inFormatSpec && modes[top].expressionDepth >= 0
      if c == Self.eof || (quoteSize == 1 && c == 10) {
        if inFormatSpec, c == 10 {
          back(c)
          modes[top].inText = false
          modes[top].inFormatSpec = false
          return stringToken(.fstringMiddle)
        }
        return unterminatedFString(c, top: top)
      }
      if c == quote {
        endQuotes += 1
        continue
      }
      endQuotes = 0
      switch c {
      case 123:
        startField()
        let peek = nextCharacter()
        var result: Token
        if peek != 123 || inFormatSpec {
          back(peek)
          back(c)
          modes[top].expressionDepth += 1
          if modes[top].expressionDepth >= 3 { return failToken("f-string: expressions nested too deeply") }
          modes[top].inText = false
          modes[top].inFormatSpec = false
          result = stringToken(.fstringMiddle)
        } else {
          result = stringToken(.fstringMiddle)
          result.end -= 1
        }
        return result
      case 125:
        if inNamedEscape { return stringToken(.fstringMiddle) }
        let peek = nextCharacter()
        var result: Token
        if peek == 125, !inFormatSpec, modes[top].depth == 0 {
          result = stringToken(.fstringMiddle)
          result.end -= 1
        } else {
          back(peek)
          back(c)
          modes[top].inText = false
          modes[top].inFormatSpec = false
          result = stringToken(.fstringMiddle)
        }
        return result
      case 92:
        var peek = nextCharacter()
        if peek == 13 { peek = nextCharacter() }
        if peek == 123 || peek == 125 {
          if !modes[top].isRaw {
            warn("invalid escape sequence '\\\(UnicodeScalar(UInt8(peek)))'")
          }
          back(peek)
          continue
        }
        if !modes[top].isRaw, peek == 78 {
          peek = nextCharacter()
          if peek == 123 {
            inNamedEscape = true
          } else {
            back(peek)
          }
        }
      default:
        break
      }
    }
    position -= quoteSize
    return stringToken(.fstringMiddle)
  }

  private mutating func unterminatedFString(_ c: Int32, top: Int) -> Token {
    let detected = line
    position = modes[top].start + 1
    lineStart = modes[top].lineStart
    line = modes[top].line
    if state == .endOfFile { state = .running }
    if modes[top].quoteSize == 3 {
      fail("unterminated triple-quoted f-string literal (detected at line \(detected))")
      if c != 10 { state = .endInString }
      return errorToken()
    }
    return failToken("unterminated f-string literal (detected at line \(detected))")
  }
}
