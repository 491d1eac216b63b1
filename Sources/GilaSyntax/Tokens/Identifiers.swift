/// Identifiers, and the prefixes of string literals, which look like the start of one.
extension Tokenizer {
  mutating func readIdentifierOrPrefix(_ first: Int32) -> Token {
    var c = first
    var sawB = false
    var sawR = false
    var sawU = false
    var sawF = false
    prefix: while true {
      switch c | 0x20 {
      case 98 where !(sawB || sawU || sawF): sawB = true
      case 117 where !(sawB || sawU || sawR || sawF): sawU = true
      case 114 where !(sawR || sawU): sawR = true
      case 102 where !(sawF || sawB || sawU): sawF = true
      default: break prefix
      }
      c = nextCharacter()
      if c == 34 || c == 39 {
        return sawF ? startFString(c) : readString(c)
      }
    }
    var nonASCII = c >= 128
    if Self.isIdentifierPart(c) {
      // An identifier cannot continue on the next line, so no line has to be fetched here.
      var place = position
      let end = lineEnd
      while place < end {
        let next = Int32(base[place])
        if !Self.isIdentifierPart(next) { break }
        if next >= 128 { nonASCII = true }
        place &+= 1
      }
      position = place
      if position == lineEnd {
        // Only at the end of a source that does not end with a line feed.
        back(nextCharacter())
      }
    } else {
      back(c)
    }
    if nonASCII, !verifyIdentifier() { return errorToken() }
    var result = token(.name)
    let text = UnsafeBufferPointer(start: base + tokenStart, count: position - tokenStart)
    let name: Name
    if nonASCII {
      name = names.intern(normalize.map { $0(Array(text)) } ?? Array(text))
    } else {
      name = names.intern(text)
      result.kind = TokenKind(name: name)
    }
    result.payload = name.id
    return result
  }

  /// Whether the identifier that was just read is one by PEP 3131; sets the error if not.
  private mutating func verifyIdentifier() -> Bool {
    if extraTokens { return true }
    let text = UnsafeBufferPointer(start: base + tokenStart, count: position - tokenStart)
    var place = 0
    var isFirst = true
    while place < text.count {
      guard let (scalar, width) = Self.decode(text, at: place) else {
        encodingMessage = UTF8Decoding.message(text, at: place)
        state = .badEncoding
        return false
      }
      let properties = scalar.properties
      let valid =
        isFirst ? scalar == "_" || properties.isXIDStart : properties.isXIDContinue
      if !valid {
        if place + width < text.count { position = tokenStart + place + width }
        let code = "U+" + Self.hex(scalar.value, width: 4)
        if Self.isPrintable(scalar) {
          fail("invalid character '\(scalar)' (\(code))")
        } else {
          fail("invalid non-printable character \(code)")
        }
        return false
      }
      isFirst = false
      place += width
    }
    return true
  }

  /// The scalar at `place` and how many bytes it takes; nil if the bytes are not UTF-8.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> (UnicodeScalar, Int)? {
    let first = text[place]
    if first < 0x80 { return (UnicodeScalar(first), 1) }
    let width = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
    if width == 0 || place + width > text.count { return nil }
    var value = UInt32(first) & (width == 2 ? 0x1F : width == 3 ? 0x0F : 0x07)
    for index in 1..<width {
      let byte = text[place + index]
      if byte & 0xC0 != 0x80 { return nil }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    if width == 3 && value < 0x800 || width == 4 && value < 0x10000 { return nil }
    guard let scalar = UnicodeScalar(value) else { return nil }
    return (scalar, width)
  }

  static func isPrintable(_ scalar: UnicodeScalar) -> Bool {
    if scalar == " " { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      return false
    default:
      return true
    }
  }
}
