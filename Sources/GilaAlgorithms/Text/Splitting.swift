// The ends of fields: what strip removes and where split and splitlines cut.

/// Which characters count as blank.
@frozen public enum BlankSet {
  /// Those of str.
  case unicode
  /// Those of bytes.
  case bytes

  @inlinable @inline(__always) func contains(_ c: UInt32) -> Bool {
    switch self {
    case .unicode: isUnicodeSpace(c)
    case .bytes: isByteSpace(c)
    }
  }
}

extension CharacterData {
  /// Index of the first character from `start` on that is not blank, or `count`.
  public func skipBlanks(_ blanks: BlankSet, from start: Int = 0) -> Int {
    var i = start
    while i < count, blanks.contains(self[i]) { i &+= 1 }
    return i
  }

  /// Index of the first blank from `start` on, or `count`.
  public func findBlank(_ blanks: BlankSet, from start: Int) -> Int {
    var i = start
    while i < count, !blanks.contains(self[i]) { i &+= 1 }
    return i
  }

  /// End of the text up to `end` without the blanks at its end, not before `start`.
  public func skipBlanksBackwards(_ blanks: BlankSet, from end: Int, downTo start: Int = 0) -> Int {
    var i = end
    while i > start, blanks.contains(self[i &- 1]) { i &-= 1 }
    return i
  }

  /// Start of the field that ends at `end`.
  public func findBlankBackwards(_ blanks: BlankSet, from end: Int) -> Int {
    var i = end
    while i > 0, !blanks.contains(self[i &- 1]) { i &-= 1 }
    return i
  }

  /// End of the line that starts at `start`, without and with its line break.
  public func lineEnd(from start: Int, isBytes: Bool) -> (end: Int, next: Int) {
    var i = start
    if isBytes {
      while i < count, bytes[i] != 10, bytes[i] != 13 { i &+= 1 }
    } else {
      while i < count, !isUnicodeLineBreak(self[i]) { i &+= 1 }
    }
    if i == count { return (i, i) }
    if self[i] == 13, i &+ 1 < count, self[i &+ 1] == 10 { return (i, i &+ 2) }
    return (i, i &+ 1)
  }

  /// Start and end without the characters of `set` at the chosen sides.
  public func strip(_ set: CharacterData, left: Bool, right: Bool) -> (start: Int, end: Int) {
    // A 64-bit mask answers most questions without a search.
    var mask: UInt64 = 0
    for i in 0..<set.count { mask |= 1 &<< UInt64(set[i]) }
    @inline(__always) func isIn(_ c: UInt32) -> Bool {
      mask & (1 &<< UInt64(c)) != 0 && set.find(character: c) >= 0
    }
    var start = 0
    var end = count
    if left { while start < end, isIn(self[start]) { start &+= 1 } }
    if right { while end > start, isIn(self[end &- 1]) { end &-= 1 } }
    return (start, end)
  }
}
