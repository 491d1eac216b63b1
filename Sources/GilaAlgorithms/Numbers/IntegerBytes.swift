// Magnitudes to and from byte strings in two's complement.

extension Digits {
  /// How a conversion to bytes went.
  public enum BytesResult {
    case exact
    /// The value needs more bytes than there are; the low ones are written.
    case tooBig
  }

  /// Writes a signed value as `count` bytes of two's complement. With `signed`, the sign must fit too.
  public static func writeBytes(
    _ a: UnsafePointer<Digit>, _ n: Int, negative: Bool, to out: UnsafeMutablePointer<UInt8>, _ count: Int,
    littleEndian: Bool, signed: Bool
  ) -> BytesResult {
    var word: UInt64 = 0
    var filled = 0
    var next = 0
    var carry: UInt64 = negative ? 1 : 0
    var i = 0
    if !negative {
      // Four digits are fifteen bytes; the sixteenth written is written again.
      let raw = UnsafeMutableRawPointer(out)
      while i &+ 16 <= count, next &+ 4 <= n {
        let (d0, d1) = (UInt64(a[next]), UInt64(a[next &+ 1]))
        let (d2, d3) = (UInt64(a[next &+ 2]), UInt64(a[next &+ 3]))
        let low = d0 | d1 << 30 | d2 << 60
        let high = d2 >> 4 | d3 << 26
        if littleEndian {
          raw.storeBytes(of: low.littleEndian, toByteOffset: i, as: UInt64.self)
          raw.storeBytes(of: high.littleEndian, toByteOffset: i &+ 8, as: UInt64.self)
        } else {
          raw.storeBytes(of: low.bigEndian, toByteOffset: count &- 8 &- i, as: UInt64.self)
          raw.storeBytes(of: high.bigEndian, toByteOffset: count &- 16 &- i, as: UInt64.self)
        }
        i &+= 15
        next &+= 4
      }
    }
    while i < count {
      if filled < 8 {
        var d: UInt64 = next < n ? UInt64(a[next]) : 0
        next &+= 1
        if negative {
          d = (d ^ UInt64(mask)) &+ carry
          carry = d >> 30
          d &= UInt64(mask)
        }
        word |= d &<< UInt64(filled)
        filled &+= 30
      }
      out[littleEndian ? i : count &- 1 &- i] = UInt8(truncatingIfNeeded: word)
      word >>= 8
      filled &-= 8
      i &+= 1
    }
    let bits = bitLength(a, n)
    let (room, over) = count.multipliedReportingOverflow(by: 8)
    if over { return .exact }
    if !signed { return bits <= room ? .exact : .tooBig }
    if bits < room || bits == 0 { return .exact }
    // No bytes at all are 0 or, as nothing but sign, -1.
    if count == 0 && negative && bits == 1 { return .exact }
    // -2 ** (room - 1) has room bits and fits.
    if negative && bits == room && room > 0 && !anyBitBelow(a, n, room &- 1) { return .exact }
    return .tooBig
  }

  /// The digits that bytes need.
  public static func capacity(forBytes count: Int) -> Int { count / 15 &* 4 &+ (count % 15 &* 8 &+ 29) / 30 &+ 1 }

  /// r = the value of bytes. r has room for `capacity(forBytes:)` digits.
  public static func parseBytes(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, littleEndian: Bool, signed: Bool,
    into r: UnsafeMutablePointer<Digit>
  ) -> (count: Int, negative: Bool) {
    if count == 0 { return (0, false) }
    let negative = signed && bytes[littleEndian ? count &- 1 : 0] & 0x80 != 0
    var word: UInt64 = 0
    var filled = 0
    var n = 0
    var carry: UInt64 = 1
    var first = 0
    if !negative {
      // Fifteen bytes are four digits.
      let raw = UnsafeRawPointer(bytes)
      while first &+ 16 <= count {
        let low: UInt64, high: UInt64
        if littleEndian {
          low = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: first, as: UInt64.self))
          high = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: first &+ 8, as: UInt64.self))
        } else {
          low = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: count &- 8 &- first, as: UInt64.self))
          high = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: count &- 16 &- first, as: UInt64.self))
        }
        r[n] = UInt32(truncatingIfNeeded: low) & mask
        r[n &+ 1] = UInt32(truncatingIfNeeded: low >> 30) & mask
        r[n &+ 2] = UInt32(truncatingIfNeeded: low >> 60 | high << 4) & mask
        r[n &+ 3] = UInt32(truncatingIfNeeded: high >> 26) & mask
        n &+= 4
        first &+= 15
      }
    }
    for i in first..<count {
      var byte = UInt64(bytes[littleEndian ? i : count &- 1 &- i])
      if negative {
        byte = (byte ^ 0xFF) &+ carry
        carry = byte >> 8
        byte &= 0xFF
      }
      word |= byte &<< UInt64(filled)
      filled &+= 8
      if filled >= 30 {
        r[n] = UInt32(truncatingIfNeeded: word) & mask
        n &+= 1
        word >>= 30
        filled &-= 30
      }
    }
    if negative && carry != 0 { word |= 1 &<< UInt64(filled) }
    while word != 0 {
      r[n] = UInt32(truncatingIfNeeded: word) & mask
      n &+= 1
      word >>= 30
    }
    return (normalized(r, n), negative)
  }
}
