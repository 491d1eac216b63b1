// Order and equality of character data, across storage widths.

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

@inline(__always) private func order<A: FixedWidthInteger, B: FixedWidthInteger>(
  _ a: UnsafePointer<A>, _ b: UnsafePointer<B>, _ n: Int
) -> Int {
  for i in 0..<n {
    let x = UInt32(truncatingIfNeeded: a[i])
    let y = UInt32(truncatingIfNeeded: b[i])
    if x != y { return x < y ? -1 : 1 }
  }
  return 0
}

extension CharacterData {
  /// -1, 0 or 1: lexicographic order by code point.
  public func compare(_ other: CharacterData) -> Int {
    let n = min(count, other.count)
    let result: Int
    switch (width, other.width) {
    case (1, 1): result = Int(memcmp(base, other.base, n))
    case (1, 2): result = order(bytes, other.pairs, n)
    case (1, _): result = order(bytes, other.quads, n)
    case (2, 1): result = order(pairs, other.bytes, n)
    case (2, 2): result = order(pairs, other.pairs, n)
    case (2, _): result = order(pairs, other.quads, n)
    case (_, 1): result = order(quads, other.bytes, n)
    case (_, 2): result = order(quads, other.pairs, n)
    default: result = order(quads, other.quads, n)
    }
    if result != 0 { return result < 0 ? -1 : 1 }
    return count < other.count ? -1 : count == other.count ? 0 : 1
  }

  /// Same characters. Strings in canonical form have the same width when they are equal, but this does not rely on it.
  public func equals(_ other: CharacterData) -> Bool {
    guard count == other.count else { return false }
    if width == other.width { return memcmp(base, other.base, count &* width) == 0 }
    return compare(other) == 0
  }

  /// True when `other` stands at `offset`, which may be out of range.
  public func matches(_ other: CharacterData, at offset: Int) -> Bool {
    guard offset >= 0, other.count <= count &- offset else { return false }
    return slice(offset, offset &+ other.count).equals(other)
  }
}
