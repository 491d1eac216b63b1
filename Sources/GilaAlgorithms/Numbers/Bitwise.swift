// and, or, xor with the meaning they have on endless two's complement, for sign-and-magnitude operands.

extension Digits {
  /// A bitwise operation of two operands.
  public enum BitOperation {
    case and, or, xor
  }

  /// r = a op b. Signs are given apart from the magnitudes. r has room for max(na, nb) + 1 digits and overlaps neither.
  public static func bitwise(
    _ op: BitOperation, _ r: UnsafeMutablePointer<Digit>, _ a0: UnsafePointer<Digit>, _ na0: Int, _ aNegative0: Bool,
    _ b0: UnsafePointer<Digit>, _ nb0: Int, _ bNegative0: Bool
  ) -> (count: Int, negative: Bool) {
    var (a, na, aNegative) = (a0, na0, aNegative0)
    var (b, nb, bNegative) = (b0, nb0, bNegative0)
    if na < nb { (a, na, aNegative, b, nb, bNegative) = (b0, nb0, bNegative0, a0, na0, aNegative0) }
    let negative =
      switch op {
      case .and: aNegative && bNegative
      case .or: aNegative || bNegative
      case .xor: aNegative != bNegative
      }
    // A negative number's two's complement is ~(magnitude - 1); invert digit by digit with a running borrow.
    var (aBorrow, bBorrow): (UInt32, UInt32) = (1, 1)
    let aFlip: UInt32 = aNegative ? mask : 0
    let bFlip: UInt32 = bNegative ? mask : 0
    var carry: UInt32 = 1
    var i = 0
    while i < na {
      var x = a[i]
      if aNegative {
        x = x &- aBorrow
        aBorrow = (x >> 30) & 1
        x = (x & mask) ^ aFlip
      }
      var y: UInt32 = i < nb ? b[i] : 0
      if bNegative {
        y = y &- bBorrow
        bBorrow = (y >> 30) & 1
        y = (y & mask) ^ bFlip
      }
      var z =
        switch op {
        case .and: x & y
        case .or: x | y
        case .xor: x ^ y
        }
      if negative {
        z = (z ^ mask) &+ carry
        carry = z >> 30
        z &= mask
      }
      r[i] = z
      i &+= 1
    }
    if negative && carry != 0 {
      // All result digits were zero before negation: the magnitude is a power of the base.
      r[na] = 1
      return (na &+ 1, true)
    }
    let n = normalized(r, na)
    return (n, negative && n > 0)
  }

  /// r = a >> bits rounded towards minus infinity, for negative a; the result is negative with the magnitude in r.
  /// r has room for max(na - bits / 30, 0) + 1 digits.
  public static func shiftRightFloorNegative(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ bits: Int
  ) -> Int {
    let lost = anyBitBelow(a, na, bits)
    let n = shiftRight(r, a, na, bits)
    if !lost { return n }
    var i = 0
    while i < n {
      if r[i] != mask {
        r[i] &+= 1
        return n
      }
      r[i] = 0
      i &+= 1
    }
    r[n] = 1
    return n &+ 1
  }
}
