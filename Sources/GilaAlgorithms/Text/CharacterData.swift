// A run of code points in one of the three storage widths that a str can have.
//
// The characters are borrowed: whoever makes a CharacterData keeps the memory alive. Bytes are character data of
// width 1, so that bytes, bytearray and str share every algorithm.

/// Borrowed character memory: `count` code points of `width` 1, 2 or 4 bytes each.
@frozen public struct CharacterData {
  /// Bytes a character: 1, 2 or 4.
  public let width: Int
  /// Number of characters.
  public let count: Int
  /// The first character.
  public let base: UnsafeRawPointer

  /// Borrows `count` characters of `width` bytes at `base`.
  @inlinable @inline(__always) public init(width: Int, base: UnsafeRawPointer, count: Int) {
    self.width = width
    self.count = count
    self.base = base
  }

  /// Borrows bytes.
  @inlinable @inline(__always) public init(bytes base: UnsafeRawPointer, count: Int) {
    self.init(width: 1, base: base, count: count)
  }

  /// The code point at `index`, which must be in range.
  @inlinable @inline(__always) public subscript(index: Int) -> UInt32 {
    switch width {
    case 1: return UInt32(base.load(fromByteOffset: index, as: UInt8.self))
    case 2: return UInt32(base.load(fromByteOffset: index &* 2, as: UInt16.self))
    default: return base.load(fromByteOffset: index &* 4, as: UInt32.self)
    }
  }

  /// The part from `start` up to `end`, which must be in range.
  @inlinable @inline(__always) public func slice(_ start: Int, _ end: Int) -> CharacterData {
    CharacterData(width: width, base: base + start &* width, count: end &- start)
  }

  @inline(__always) var bytes: UnsafePointer<UInt8> { base.assumingMemoryBound(to: UInt8.self) }
  @inline(__always) var pairs: UnsafePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }
  @inline(__always) var quads: UnsafePointer<UInt32> { base.assumingMemoryBound(to: UInt32.self) }

  /// True when every character is below 128. Eight bytes are looked at at a time.
  public var isASCII: Bool {
    switch width {
    case 1: return asciiPrefix(base, count) == count
    default:
      for i in 0..<count where self[i] > 127 { return false }
      return true
    }
  }

  /// An upper bound of the characters that is exact about the storage class: 127, 255, 65535 or 0x10FFFF.
  public var maxCharacterClass: UInt32 {
    switch width {
    case 1: return isASCII ? 127 : 255
    case 2: return storageClass(of: orOfAll(pairs, count))
    default: return storageClass(of: orOfAll(quads, count))
    }
  }
}

/// Every bit that is set in some character; vectorises well.
@inline(__always) func orOfAll<T: FixedWidthInteger & UnsignedInteger>(_ p: UnsafePointer<T>, _ n: Int) -> UInt32 {
  var bits: T = 0
  for i in 0..<n { bits |= p[i] }
  return UInt32(truncatingIfNeeded: bits)
}

/// The largest character of the narrowest storage class that can hold `character`.
@inlinable @inline(__always) public func storageClass(of character: UInt32) -> UInt32 {
  character < 128 ? 127 : character < 256 ? 255 : character < 0x10000 ? 0xFFFF : 0x10FFFF
}

/// Length of the run of bytes below 128 at the start of `p`.
public func asciiPrefix(_ p: UnsafeRawPointer, _ n: Int) -> Int {
  let high: UInt64 = 0x8080_8080_8080_8080
  var i = 0
  while i &+ 64 <= n {
    var all = p.loadUnaligned(fromByteOffset: i, as: SIMD8<UInt64>.self)
    all &= SIMD8(repeating: high)
    if all != SIMD8(repeating: 0) { break }
    i &+= 64
  }
  while i &+ 8 <= n {
    let word = p.loadUnaligned(fromByteOffset: i, as: UInt64.self) & high
    if word != 0 { return i &+ word.trailingZeroBitCount >> 3 }
    i &+= 8
  }
  if i == n { return n }
  // What is left, together with bytes that may have been looked at already.
  if n >= 8 {
    if p.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self) & high == 0 { return n }
  } else if n >= 4 {
    let ends =
      p.loadUnaligned(as: UInt32.self) | p.loadUnaligned(fromByteOffset: n &- 4, as: UInt32.self)
    if ends & 0x8080_8080 == 0 { return n }
  }
  while i < n, p.load(fromByteOffset: i, as: UInt8.self) < 128 { i &+= 1 }
  return i
}

@inline(__always) private func convert<A: FixedWidthInteger, B: FixedWidthInteger>(
  _ from: UnsafePointer<A>, _ to: UnsafeMutablePointer<B>, _ n: Int
) {
  for i in 0..<n { to[i] = B(truncatingIfNeeded: from[i]) }
}

extension CharacterData {
  /// Stores the characters at `target` in storage of `targetWidth`, which must be wide enough for them.
  public func copy(to target: UnsafeMutableRawPointer, targetWidth: Int) {
    if width == targetWidth {
      target.copyMemory(from: base, byteCount: count &* width)
      return
    }
    switch (width, targetWidth) {
    case (1, 2): convert(bytes, target.assumingMemoryBound(to: UInt16.self), count)
    case (1, 4):
      var i = 0
      while i &+ 8 <= count {
        let eight = base.loadUnaligned(fromByteOffset: i, as: SIMD8<UInt8>.self)
        target.storeBytes(of: SIMD8<UInt32>(truncatingIfNeeded: eight), toByteOffset: i &* 4, as: SIMD8<UInt32>.self)
        i &+= 8
      }
      convert(bytes + i, target.assumingMemoryBound(to: UInt32.self) + i, count &- i)
    case (2, 1): convert(pairs, target.assumingMemoryBound(to: UInt8.self), count)
    case (2, 4): convert(pairs, target.assumingMemoryBound(to: UInt32.self), count)
    case (4, 1):
      var i = 0
      while i &+ 8 <= count {
        let eight = base.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<UInt32>.self)
        target.storeBytes(of: SIMD8<UInt8>(truncatingIfNeeded: eight), toByteOffset: i, as: SIMD8<UInt8>.self)
        i &+= 8
      }
      convert(quads + i, target.assumingMemoryBound(to: UInt8.self) + i, count &- i)
    default: convert(quads, target.assumingMemoryBound(to: UInt16.self), count)
    }
  }
}
