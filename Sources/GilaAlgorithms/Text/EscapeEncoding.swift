// Writing backslash escapes.

/// The lower-case hexadecimal digit of the low four bits.
@inlinable @inline(__always) public func hexDigit(_ value: UInt32) -> UInt8 {
  let v = UInt8(truncatingIfNeeded: value & 15)
  return v < 10 ? v &+ 48 : v &+ 87
}

extension ByteBuffer {
  /// Adds \xNN, \uNNNN or \UNNNNNNNN, whichever is the shortest form.
  public mutating func appendEscape(_ c: UInt32) {
    append(UInt8(ascii: "\\"))
    let digits: UInt32
    if c < 0x100 {
      append(UInt8(ascii: "x"))
      digits = 2
    } else if c < 0x10000 {
      append(UInt8(ascii: "u"))
      digits = 4
    } else {
      append(UInt8(ascii: "U"))
      digits = 8
    }
    var shift = digits &* 4
    while shift > 0 {
      shift &-= 4
      append(hexDigit(c >> shift))
    }
  }

  /// Adds the short form of \t \n \r and the backslash; false when `c` is another character.
  mutating func appendShortEscape(_ c: UInt32) -> Bool {
    let letter: UInt8
    switch c {
    case 9: letter = UInt8(ascii: "t")
    case 10: letter = UInt8(ascii: "n")
    case 13: letter = UInt8(ascii: "r")
    case 0x5C: letter = UInt8(ascii: "\\")
    default: return false
    }
    append(UInt8(ascii: "\\"))
    append(letter)
    return true
  }
}

/// Encodes to unicode-escape, which can express every string.
public func encodeUnicodeEscape(_ text: CharacterData, _ output: inout ByteBuffer) {
  for i in 0..<text.count {
    let c = text[i]
    if c >= 32, c < 127, c != 0x5C {
      output.append(low: c)
    } else if !output.appendShortEscape(c) {
      output.appendEscape(c)
    }
  }
}

/// Encodes to raw-unicode-escape: Latin-1, and \u or \U for the rest.
public func encodeRawUnicodeEscape(_ text: CharacterData, _ output: inout ByteBuffer) {
  for i in 0..<text.count {
    let c = text[i]
    if c < 256 { output.append(low: c) } else { output.appendEscape(c) }
  }
}
