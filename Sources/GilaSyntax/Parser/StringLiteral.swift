/// The value of a string or bytes literal whose extent the tokenizer has found.
struct StringLiteral {
  struct Failure: Error {
    var message: String
  }

  let arena: ASTArena
  let characterNamed: (@Sendable (String) -> UInt32?)?
  /// The first unknown escape: its message, for a warning.
  var invalidEscape: String?

  init(arena: ASTArena, characterNamed: (@Sendable (String) -> UInt32?)?) {
    self.arena = arena
    self.characterNamed = characterNamed
  }

  /// Prefix, quotes and flags of a whole literal.
  struct Parts {
    var body: UnsafeBufferPointer<UInt8>
    var isBytes = false
    var isRaw = false
  }

  static func split(_ token: UnsafeBufferPointer<UInt8>) -> Parts {
    var start = 0
    var isBytes = false
    var isRaw = false
    while start < token.count {
      let letter = token[start] | 0x20
      if letter == 98 {
        isBytes = true
      } else if letter == 114 {
        isRaw = true
      } else if letter != 117 {
        break
      }
      start += 1
    }
    var end = token.count - 1
    let quote = token[start]
    start += 1
    if end - start >= 4, token[start] == quote, token[start + 1] == quote {
      start += 2
      end -= 2
    }
    return Parts(body: UnsafeBufferPointer(rebasing: token[start..<max(start, end)]), isBytes: isBytes, isRaw: isRaw)
  }

  static func containsBackslash(_ body: UnsafeBufferPointer<UInt8>) -> Bool { body.contains(92) }

  /// A text without escapes: only its encoding is checked.
  func plain(_ body: UnsafeBufferPointer<UInt8>) throws(Failure) -> Text {
    var ascii: UInt8 = 0
    for byte in body { ascii |= byte }
    if ascii >= 0x80, let message = UTF8Decoding.firstError(body) { throw Failure(message: message) }
    return arena.text(body)
  }

  // MARK: Text with escapes

  mutating func text(_ body: UnsafeBufferPointer<UInt8>) throws(Failure) -> Text {
    var output: [UInt8] = []
    output.reserveCapacity(body.count)
    // CPython first writes other characters as ten-byte escapes; its positions in errors count those.
    var shift = 0
    var place = 0
    while place < body.count {
      let byte = body[place]
      if byte >= 0x80 {
        let start = place
        while place < body.count, body[place] >= 0x80 { place += 1 }
        let run = UnsafeBufferPointer(rebasing: body[start..<place])
        if let message = UTF8Decoding.firstError(run) { throw Failure(message: message) }
        let characters = run.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        shift += characters * 10 - run.count
        output.append(contentsOf: run)
        continue
      }
      if byte != 92 {
        output.append(byte)
        place += 1
        continue
      }
      let escapeStart = place
      place += 1
      guard place < body.count, body[place] < 0x80 else {
        output.append(92)
        shift += 5
        // The character behind the backslash stays as it is, but the escape is not a known one; CPython does not warn.
        continue
      }
      let letter = body[place]
      place += 1
      if let simple = Self.simpleEscape(letter) {
        output.append(simple)
        continue
      }
      switch letter {
      case 10:
        break
      case 48...55:
        let value = octal(body, &place, first: letter)
        if value > 0o377, invalidEscape == nil {
          invalidEscape = "invalid octal escape sequence '\\" + String(value, radix: 8) + "'"
        }
        Self.append(UInt32(value), to: &output)
      case 120:
        try hexEscape(body, &place, digits: 2, name: "\\xXX", start: escapeStart + shift, &output)
      case 117:
        try hexEscape(body, &place, digits: 4, name: "\\uXXXX", start: escapeStart + shift, &output)
      case 85:
        try hexEscape(body, &place, digits: 8, name: "\\UXXXXXXXX", start: escapeStart + shift, &output)
      case 78:
        try namedEscape(body, &place, start: escapeStart, shift: shift, &output)
      default:
        if invalidEscape == nil { invalidEscape = "invalid escape sequence '\\\(UnicodeScalar(letter))'" }
        output.append(92)
        output.append(letter)
      }
    }
    return arena.text(output)
  }

  private static func simpleEscape(_ letter: UInt8) -> UInt8? {
    switch letter {
    case 92, 39, 34: letter
    case 97: 7
    case 98: 8
    case 102: 12
    case 110: 10
    case 114: 13
    case 116: 9
    case 118: 11
    default: nil
    }
  }

  private func octal(_ body: UnsafeBufferPointer<UInt8>, _ place: inout Int, first: UInt8) -> Int {
    var value = Int(first - 48)
    for _ in 0..<2 where place < body.count && body[place] >= 48 && body[place] <= 55 {
      value = value * 8 + Int(body[place] - 48)
      place += 1
    }
    return value
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32? {
    if byte >= 48, byte <= 57 { return UInt32(byte - 48) }
    let letter = byte | 0x20
    return letter >= 97 && letter <= 102 ? UInt32(letter - 87) : nil
  }

  private func hexEscape(
    _ body: UnsafeBufferPointer<UInt8>, _ place: inout Int, digits: Int, name: String, start: Int,
    _ output: inout [UInt8]
  ) throws(Failure) {
    var value: UInt32 = 0
    for index in 0..<digits {
      guard place < body.count, let digit = Self.hexDigit(body[place]) else {
        throw Self.failure("truncated \(name) escape", start, start + 2 + index)
      }
      value = value << 4 | digit
      place += 1
    }
    if value > 0x10FFFF { throw Self.failure("illegal Unicode character", start, start + 2 + digits) }
    Self.append(value, to: &output)
  }

  private func namedEscape(
    _ body: UnsafeBufferPointer<UInt8>, _ place: inout Int, start: Int, shift: Int, _ output: inout [UInt8]
  ) throws(Failure) {
    if place < body.count, body[place] == 123 {
      var close = place + 1
      var extra = 0
      while close < body.count, body[close] != 125 {
        // A character outside ASCII counts ten, see above.
        if body[close] >= 0x80 { extra += body[close] & 0xC0 == 0x80 ? -1 : 9 }
        close += 1
      }
      if close >= body.count {
        throw Self.failure("malformed \\N character escape", start + shift, close + extra + shift)
      }
      if close > place + 1 {
        let name = String(decoding: body[place + 1..<close], as: UTF8.self)
        guard let value = characterNamed.map({ $0(name) }) ?? Self.search(name) else {
          throw Self.failure("unknown Unicode character name", start + shift, close + 1 + extra + shift)
        }
        place = close + 1
        Self.append(value, to: &output)
        return
      }
      throw Self.failure("malformed \\N character escape", start + shift, close + shift)
    }
    throw Self.failure("malformed \\N character escape", start + shift, start + shift + 2)
  }

  private static func failure(_ reason: String, _ start: Int, _ end: Int) -> Failure {
    Failure(
      message: end - start == 1
        ? "(unicode error) 'unicodeescape' codec can't decode byte 0x5c in position \(start): \(reason)"
        : "(unicode error) 'unicodeescape' codec can't decode bytes in position \(start)-\(end - 1): \(reason)")
  }

  /// Goes through all characters; slow, for programs without the runtime's table.
  private static func search(_ name: String) -> UInt32? {
    let wanted = name.uppercased()
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = UnicodeScalar(value) else { continue }
      if scalar.properties.name == wanted || scalar.properties.nameAlias == wanted { return value }
    }
    return nil
  }

  /// Appends a code point as WTF-8: surrogates in three bytes like any other.
  static func append(_ value: UInt32, to output: inout [UInt8]) {
    if value < 0x80 {
      output.append(UInt8(value))
    } else if value < 0x800 {
      output.append(UInt8(0xC0 | value >> 6))
      output.append(UInt8(0x80 | value & 0x3F))
    } else if value < 0x10000 {
      output.append(UInt8(0xE0 | value >> 12))
      output.append(UInt8(0x80 | value >> 6 & 0x3F))
      output.append(UInt8(0x80 | value & 0x3F))
    } else {
      output.append(UInt8(0xF0 | value >> 18))
      output.append(UInt8(0x80 | value >> 12 & 0x3F))
      output.append(UInt8(0x80 | value >> 6 & 0x3F))
      output.append(UInt8(0x80 | value & 0x3F))
    }
  }

  // MARK: Bytes with escapes

  mutating func bytes(_ body: UnsafeBufferPointer<UInt8>) throws(Failure) -> Text {
    var output: [UInt8] = []
    output.reserveCapacity(body.count)
    var place = 0
    while place < body.count {
      let byte = body[place]
      place += 1
      if byte != 92 || place >= body.count {
        output.append(byte)
        continue
      }
      let letter = body[place]
      place += 1
      if let simple = Self.simpleEscape(letter) {
        output.append(simple)
        continue
      }
      switch letter {
      case 10:
        break
      case 48...55:
        let value = octal(body, &place, first: letter)
        if value > 0o377, invalidEscape == nil {
          invalidEscape = "invalid octal escape sequence '\\" + String(value, radix: 8) + "'"
        }
        output.append(UInt8(truncatingIfNeeded: value))
      case 120:
        guard place + 1 < body.count, let high = Self.hexDigit(body[place]),
          let low = Self.hexDigit(body[place + 1])
        else { throw Failure(message: "(value error) invalid \\x escape at position \(place - 2)") }
        output.append(UInt8(high << 4 | low))
        place += 2
      default:
        if invalidEscape == nil { invalidEscape = "invalid escape sequence '\\\(UnicodeScalar(letter))'" }
        output.append(92)
        output.append(letter)
      }
    }
    return arena.text(output)
  }
}
