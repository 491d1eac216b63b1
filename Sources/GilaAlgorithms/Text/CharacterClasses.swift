// The is...() tests of str and bytes, and which characters strip and split treat as blank.

/// str.isspace() of one character.
@inlinable @inline(__always) public func isUnicodeSpace(_ c: UInt32) -> Bool {
  if c < 128 { return c == 32 || (c >= 9 && c <= 13) || (c >= 28 && c <= 31) }
  return isWideSpace(c)
}

/// `isUnicodeSpace` above ASCII.
public func isWideSpace(_ c: UInt32) -> Bool {
  switch c {
  case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
  default: false
  }
}

/// What str.splitlines() breaks at.
@inlinable @inline(__always) public func isUnicodeLineBreak(_ c: UInt32) -> Bool {
  if c < 128 { return (c >= 10 && c <= 13) || (c >= 28 && c <= 30) }
  return c == 0x85 || c == 0x2028 || c == 0x2029
}

/// bytes.isspace() of one byte: the six of the C locale.
@inlinable @inline(__always) public func isByteSpace(_ c: UInt32) -> Bool { c == 32 || (c >= 9 && c <= 13) }

/// Upper case of a byte, ASCII only.
@inlinable @inline(__always) public func asciiUpper(_ c: UInt8) -> UInt8 { c >= 97 && c <= 122 ? c &- 32 : c }

/// Lower case of a byte, ASCII only.
@inlinable @inline(__always) public func asciiLower(_ c: UInt8) -> UInt8 { c >= 65 && c <= 90 ? c &+ 32 : c }

/// True for the ASCII letters.
@inlinable @inline(__always) public func isASCIIAlpha(_ c: UInt8) -> Bool { (c | 32) &- 97 < 26 }

/// True for the ASCII digits.
@inlinable @inline(__always) public func isASCIIDigit(_ c: UInt8) -> Bool { c &- 48 < 10 }

extension CharacterData {
  /// True when there is a character and all of them have one of `flags`.
  public func all(_ flags: UnicodeFlags) -> Bool {
    for i in 0..<count where UnicodeRecord(self[i]).flags.isDisjoint(with: flags) { return false }
    return count > 0
  }

  /// str.islower() (upper false) and str.isupper(): some character has that case and none has another.
  public func isAllCase(upper: Bool) -> Bool {
    var found = false
    let wanted: UnicodeFlags = upper ? .upper : .lower
    let unwanted: UnicodeFlags = upper ? [.lower, .title] : [.upper, .title]
    for i in 0..<count {
      let flags = UnicodeRecord(self[i]).flags
      if !flags.isDisjoint(with: unwanted) { return false }
      if flags.contains(wanted) { found = true }
    }
    return found
  }

  /// str.istitle()
  public var isTitle: Bool {
    var found = false
    var afterCased = false
    for i in 0..<count {
      let flags = UnicodeRecord(self[i]).flags
      if !flags.isDisjoint(with: [.upper, .title]) {
        if afterCased { return false }
        afterCased = true
        found = true
      } else if flags.contains(.lower) {
        if !afterCased { return false }
        found = true
      } else {
        afterCased = false
      }
    }
    return found
  }

  /// str.isidentifier()
  public var isIdentifier: Bool {
    guard count > 0 else { return false }
    let first = self[0]
    if first != 0x5F, !UnicodeRecord(first).flags.contains(.xidStart) { return false }
    for i in 1..<count where !UnicodeRecord(self[i]).flags.contains(.xidContinue) { return false }
    return true
  }

  /// str.isprintable(), true for the empty string.
  public var isPrintable: Bool {
    for i in 0..<count where !isPrintableCharacter(self[i]) { return false }
    return true
  }
}

/// True for what repr() shows as it is.
@inlinable @inline(__always) public func isPrintableCharacter(_ c: UInt32) -> Bool {
  if c < 127 { return c >= 32 }
  return UnicodeRecord(c).flags.contains(.printable)
}
