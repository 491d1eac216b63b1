/// Numeric literals: their extent and their errors. Their values are made by `NumberLiteral`.
extension Tokenizer {
  private static func isHexDigit(_ c: Int32) -> Bool {
    isDigit(c) || UInt32(bitPattern: (c | 0x20) &- 97) < 6
  }

  mutating func readNumber(_ first: Int32) -> Token {
    var c = first
    if c == 48 {
      c = nextCharacter()
      switch c {
      case 120, 88:
        return readRadixNumber("hexadecimal", digitLimit: 16)
      case 111, 79:
        return readRadixNumber("octal", digitLimit: 8)
      case 98, 66:
        return readRadixNumber("binary", digitLimit: 2)
      default:
        return readLeadingZero(c)
      }
    }
    guard let tail = readDecimalTail() else { return errorToken() }
    return finishDecimal(tail)
  }

  private mutating func readRadixNumber(_ kind: String, digitLimit: Int32) -> Token {
    func isValid(_ c: Int32) -> Bool {
      digitLimit == 16 ? Self.isHexDigit(c) : c >= 48 && c < 48 + digitLimit
    }
    var c = nextCharacter()
    repeat {
      if c == 95 { c = nextCharacter() }
      if !isValid(c) {
        if digitLimit < 16, Self.isDigit(c) {
          return failToken("invalid digit '\(UnicodeScalar(UInt8(c)))' in \(kind) literal")
        }
        back(c)
        return failToken("invalid \(kind) literal")
      }
      repeat { c = nextCharacter() } while isValid(c)
    } while c == 95
    if digitLimit < 16, Self.isDigit(c) {
      return failToken("invalid digit '\(UnicodeScalar(UInt8(c)))' in \(kind) literal")
    }
    return endNumber(c, kind)
  }

  private mutating func readLeadingZero(_ second: Int32) -> Token {
    var c = second
    var nonZero = false
    while true {
      if c == 95 {
        c = nextCharacter()
        if !Self.isDigit(c) {
          back(c)
          return failToken("invalid decimal literal")
        }
      }
      if c != 48 { break }
      c = nextCharacter()
    }
    let zerosEnd = position
    if Self.isDigit(c) {
      nonZero = true
      guard let tail = readDecimalTail() else { return errorToken() }
      c = tail
    }
    if c == 46 { return readFraction(nextCharacter()) }
    if c | 0x20 == 101 { return readExponent(c) }
    if c | 0x20 == 106 { return endNumber(nextCharacter(), "imaginary") }
    if nonZero, !extraTokens {
      back(c)
      fail(
        "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
        column: tokenStart + 1 - lineStart, endColumn: zerosEnd - lineStart)
      return errorToken()
    }
    return endNumber(c, "decimal")
  }

  /// The rest of a run of digits with single underscores; nil after an error, otherwise the character behind it.
  private mutating func readDecimalTail() -> Int32? {
    while true {
      var c: Int32
      repeat { c = nextCharacter() } while Self.isDigit(c)
      if c != 95 { return c }
      c = nextCharacter()
      if !Self.isDigit(c) {
        back(c)
        fail("invalid decimal literal")
        return nil
      }
    }
  }

  private mutating func finishDecimal(_ tail: Int32) -> Token {
    if tail == 46 { return readFraction(nextCharacter()) }
    return finishFraction(tail)
  }

  /// After the point.
  mutating func readFraction(_ first: Int32) -> Token {
    var c = first
    if Self.isDigit(c) {
      guard let tail = readDecimalTail() else { return errorToken() }
      c = tail
    }
    return finishFraction(c)
  }

  private mutating func finishFraction(_ c: Int32) -> Token {
    if c | 0x20 == 101 { return readExponent(c) }
    if c | 0x20 == 106 { return endNumber(nextCharacter(), "imaginary") }
    return endNumber(c, "decimal")
  }

  private mutating func readExponent(_ e: Int32) -> Token {
    var c = nextCharacter()
    if c == 43 || c == 45 {
      c = nextCharacter()
      if !Self.isDigit(c) {
        back(c)
        return failToken("invalid decimal literal")
      }
    } else if !Self.isDigit(c) {
      back(c)
      if !verifyNumberEnd(e, "decimal") { return errorToken() }
      back(e)
      return token(.number)
    }
    guard let tail = readDecimalTail() else { return errorToken() }
    if tail | 0x20 == 106 { return endNumber(nextCharacter(), "imaginary") }
    return endNumber(tail, "decimal")
  }

  private mutating func endNumber(_ c: Int32, _ kind: String) -> Token {
    if !verifyNumberEnd(c, kind) { return errorToken() }
    back(c)
    return token(.number)
  }

  /// A keyword may still follow a number directly (`1if x else 2`), with a warning; any other letter is an error.
  private mutating func verifyNumberEnd(_ c: Int32, _ kind: String) -> Bool {
    if extraTokens { return true }
    let allowed: Bool
    switch c {
    case 97: allowed = follows("nd")
    case 101: allowed = follows("lse")
    case 102: allowed = follows("or")
    case 105:
      let second = nextCharacter()
      allowed = second == 102 || second == 110 || second == 115
      back(second)
    case 111: allowed = follows("r")
    case 110: allowed = follows("ot")
    default: allowed = false
    }
    if allowed {
      back(c)
      warn("invalid \(kind) literal")
      _ = nextCharacter()
      return true
    }
    if c < 128, c >= 0, Self.isIdentifierPart(c) {
      back(c)
      fail("invalid \(kind) literal")
      return false
    }
    return true
  }

  /// Whether the rest of a keyword follows; nothing is consumed.
  private mutating func follows(_ rest: StaticString) -> Bool {
    let count = rest.utf8CodeUnitCount
    if position + count > lineEnd { return false }
    for index in 0..<count where base[position + index] != rest.utf8Start[index] { return false }
    return position + count >= lineEnd || !Self.isIdentifierPart(Int32(base[position + count]))
  }
}
