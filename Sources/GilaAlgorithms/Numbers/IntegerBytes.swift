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
    for i in 0..<count {
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
