// Magnitudes of Python ints as they lie in memory: 30-bit digits in 32-bit words, little end first, top digit not zero.
//
// Functions here know no signs and no objects. The caller gives the memory of the result, large enough for the worst
// case that each function names, and gets back the normalized number of digits. Small operands are worked on digit by
// digit; large ones are repacked into 64-bit limbs (`Limbs`), where a multiplication does four and a half times the work.

/// One 30-bit digit of an int's magnitude.
public typealias Digit = UInt32

/// Arithmetic on magnitudes in CPython's int digit format.
public enum Digits {
  /// Bits in a digit.
  public static let shift = 30
  /// The largest digit.
  public static let mask: UInt32 = 0x3FFF_FFFF

  /// The number of digits without leading zeros.
  @inlinable
  public static func normalized(_ a: UnsafePointer<Digit>, _ count: Int) -> Int {
    var n = count
    while n > 0 && a[n &- 1] == 0 { n &-= 1 }
    return n
  }

  /// Minus one, zero or one as a is less than, equal to or greater than b. Both are normalized.
  public static func compare(_ a: UnsafePointer<Digit>, _ na: Int, _ b: UnsafePointer<Digit>, _ nb: Int) -> Int {
    if na != nb { return na < nb ? -1 : 1 }
    var i = na
    while i > 0 {
      i &-= 1
      if a[i] != b[i] { return a[i] < b[i] ? -1 : 1 }
    }
    return 0
  }

  /// r = a + b. r has room for max(na, nb) + 1 digits and may be a or b.
  public static func add(
    _ r: UnsafeMutablePointer<Digit>, _ a0: UnsafePointer<Digit>, _ na0: Int, _ b0: UnsafePointer<Digit>, _ nb0: Int
  ) -> Int {
    var (a, na, b, nb) = (a0, na0, b0, nb0)
    if na < nb { (a, na, b, nb) = (b0, nb0, a0, na0) }
    var carry: UInt32 = 0
    var i = 0
    while i < nb {
      carry = carry &+ a[i] &+ b[i]
      r[i] = carry & mask
      carry >>= 30
      i &+= 1
    }
    while i < na {
      carry = carry &+ a[i]
      r[i] = carry & mask
      carry >>= 30
      i &+= 1
    }
    r[na] = carry
    return carry == 0 ? normalized(r, na) : na &+ 1
  }

  /// r = a - b for a >= b. r has room for na digits and may be a or b.
  public static func subtract(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> Int {
    var borrow: UInt32 = 0
    var i = 0
    while i < nb {
      borrow = a[i] &- b[i] &- borrow
      r[i] = borrow & mask
      borrow = (borrow >> 30) & 1
      i &+= 1
    }
    while i < na {
      borrow = a[i] &- borrow
      r[i] = borrow & mask
      borrow = (borrow >> 30) & 1
      i &+= 1
    }
    return normalized(r, na)
  }

  /// r = |a - b|; the flag says that a < b. r has room for max(na, nb) digits.
  public static func subtractAbsolute(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> (count: Int, negative: Bool) {
    let order = compare(a, na, b, nb)
    if order == 0 { return (0, false) }
    if order > 0 { return (subtract(r, a, na, b, nb), false) }
    return (subtract(r, b, nb, a, na), true)
  }

  // MARK: bits

  /// The number of bits of the magnitude; 0 for 0.
  public static func bitLength(_ a: UnsafePointer<Digit>, _ n: Int) -> Int {
    if n == 0 { return 0 }
    return (n &- 1) &* 30 &+ (32 &- a[n &- 1].leadingZeroBitCount)
  }

  /// The number of one bits of the magnitude.
  public static func bitCount(_ a: UnsafePointer<Digit>, _ n: Int) -> Int {
    var total = 0
    for i in 0..<n { total &+= a[i].nonzeroBitCount }
    return total
  }

  /// The number of zero bits below the lowest one bit; a is not zero.
  public static func trailingZeroBits(_ a: UnsafePointer<Digit>, _ n: Int) -> Int {
    var i = 0
    while i < n && a[i] == 0 { i &+= 1 }
    return i == n ? 0 : i &* 30 &+ a[i].trailingZeroBitCount
  }

  /// Whether any bit below the given position is one.
  public static func anyBitBelow(_ a: UnsafePointer<Digit>, _ n: Int, _ bit: Int) -> Bool {
    let whole = bit / 30
    var i = 0
    while i < whole && i < n {
      if a[i] != 0 { return true }
      i &+= 1
    }
    return whole < n && a[whole] & ((1 &<< UInt32(bit % 30)) &- 1) != 0
  }

  /// r = a << bits. r has room for na + bits / 30 + 1 digits; may not overlap a.
  public static func shiftLeft(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ bits: Int
  ) -> Int {
    if na == 0 { return 0 }
    let words = bits / 30
    let small = UInt64(bits % 30)
    for i in 0..<words { r[i] = 0 }
    var carry: UInt64 = 0
    var i = 0
    while i < na {
      carry |= UInt64(a[i]) &<< small
      r[words &+ i] = UInt32(truncatingIfNeeded: carry) & mask
      carry >>= 30
      i &+= 1
    }
    r[words &+ na] = UInt32(truncatingIfNeeded: carry)
    return words &+ na &+ (carry == 0 ? 0 : 1)
  }

  /// r = a >> bits, rounded towards zero. r has room for max(na - bits / 30, 0) digits and may be a.
  public static func shiftRight(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ bits: Int
  ) -> Int {
    let words = bits / 30
    if words >= na { return 0 }
    let small = UInt32(bits % 30)
    let n = na &- words
    var i = 0
    while i < n &- 1 {
      let pair = UInt64(a[words &+ i]) | UInt64(a[words &+ i &+ 1]) &<< 30
      r[i] = UInt32(truncatingIfNeeded: pair &>> UInt64(small)) & mask
      i &+= 1
    }
    r[i] = a[words &+ i] &>> small
    return normalized(r, n)
  }

  // MARK: one digit

  /// r = a * d + c. r has room for na + 1 digits and may be a.
  public static func multiply(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, byDigit d: Digit, adding c: Digit = 0
  ) -> Int {
    var carry = UInt64(c)
    var i = 0
    while i < na {
      carry = carry &+ UInt64(a[i]) &* UInt64(d)
      r[i] = UInt32(truncatingIfNeeded: carry) & mask
      carry >>= 30
      i &+= 1
    }
    if carry != 0 {
      r[na] = UInt32(truncatingIfNeeded: carry)
      return na &+ 1
    }
    return normalized(r, na)
  }

  /// q = a / d; the remainder is returned. q has room for na digits and may be a.
  public static func divide(
    _ q: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, byDigit d: Digit
  ) -> (count: Int, remainder: Digit) {
    var rest: UInt64 = 0
    let divisor = UInt64(d)
    var i = na
    while i > 0 {
      i &-= 1
      rest = rest &<< 30 | UInt64(a[i])
      let digit = rest / divisor
      q[i] = UInt32(truncatingIfNeeded: digit)
      rest = rest &- digit &* divisor
    }
    return (normalized(q, na), UInt32(truncatingIfNeeded: rest))
  }

  /// a % d.
  public static func remainder(_ a: UnsafePointer<Digit>, _ na: Int, byDigit d: Digit) -> Digit {
    var rest: UInt64 = 0
    var i = na
    while i > 0 {
      i &-= 1
      rest = (rest &<< 30 | UInt64(a[i])) % UInt64(d)
    }
    return UInt32(truncatingIfNeeded: rest)
  }

  // MARK: machine words

  /// The digits of a machine word; r has room for three.
  @inlinable
  public static func fromUInt64(_ r: UnsafeMutablePointer<Digit>, _ value: UInt64) -> Int {
    var n = 0
    var v = value
    while v != 0 {
      r[n] = UInt32(truncatingIfNeeded: v) & 0x3FFF_FFFF
      v >>= 30
      n &+= 1
    }
    return n
  }

  /// The value, if it fits a machine word.
  @inlinable
  public static func toUInt64(_ a: UnsafePointer<Digit>, _ n: Int) -> UInt64? {
    if n > 3 { return nil }
    var v: UInt64 = 0
    if n > 0 { v = UInt64(a[0]) }
    if n > 1 { v |= UInt64(a[1]) &<< 30 }
    if n > 2 {
      if a[2] >= 16 { return nil }
      v |= UInt64(a[2]) &<< 60
    }
    return v
  }

  /// The value modulo 2^64.
  public static func lowUInt64(_ a: UnsafePointer<Digit>, _ n: Int) -> UInt64 {
    var v: UInt64 = 0
    if n > 0 { v = UInt64(a[0]) }
    if n > 1 { v |= UInt64(a[1]) &<< 30 }
    if n > 2 { v |= UInt64(a[2]) &<< 60 }
    return v
  }
}
