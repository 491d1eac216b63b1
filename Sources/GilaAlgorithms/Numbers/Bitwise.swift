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
    // Above the lowest digits that are zero there is nothing to borrow or carry, and the digits are independent.
    var aBorrow: UInt32 = aNegative ? 1 : 0
    var bBorrow: UInt32 = bNegative ? 1 : 0
    var carry: UInt32 = negative ? 1 : 0
    let aFlip: UInt32 = aNegative ? mask : 0
    let bFlip: UInt32 = bNegative ? mask : 0
    let flip: UInt32 = negative ? mask : 0
    var i = 0
    while i < na && (aBorrow | bBorrow | carry) != 0 {
      let x = a[i] &- aBorrow
      aBorrow = (x >> 30) & 1
      let y = (i < nb ? b[i] : 0) &- bBorrow
      bBorrow = (y >> 30) & 1
      let z = (combined(op, (x & mask) ^ aFlip, (y & mask) ^ bFlip) ^ flip) &+ carry
      carry = z >> 30
      r[i] = z & mask
      i &+= 1
    }
    switch op {
    case .and: independent(.and, r, a, na, aFlip, b, nb, bFlip, flip, i)
    case .or: independent(.or, r, a, na, aFlip, b, nb, bFlip, flip, i)
    case .xor: independent(.xor, r, a, na, aFlip, b, nb, bFlip, flip, i)
    }
    if negative && carry != 0 {
      // All result digits were zero before negation: the magnitude is a power of the base.
      r[na] = 1
      return (na &+ 1, true)
    }
    let n = normalized(r, na)
    return (n, negative && n > 0)
  }

  @inline(__always)
  private static func combined(_ op: BitOperation, _ x: UInt32, _ y: UInt32) -> UInt32 {
    switch op {
    case .and: x & y
    case .or: x | y
    case .xor: x ^ y
    }
  }

  /// The digits from `start` on, where no digit depends on another: loops for the vector unit.
  @inline(__always)
  private static func independent(
    _ op: BitOperation, _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ aFlip: UInt32,
    _ b: UnsafePointer<Digit>, _ nb: Int, _ bFlip: UInt32, _ flip: UInt32, _ start: Int
  ) {
    var i = start
    while i < nb {
      r[i] = combined(op, a[i] ^ aFlip, b[i] ^ bFlip) ^ flip
      i &+= 1
    }
    while i < na {
      r[i] = combined(op, a[i] ^ aFlip, bFlip) ^ flip
      i &+= 1
    }
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
