// Magnitudes to and from binary floating point, each result correctly rounded (half to even).

extension Digits {
  /// The value as fraction * 2 ** exponent with 0.5 <= fraction < 1; zero gives (0, 0).
  public static func frexp(_ a: UnsafePointer<Digit>, _ n: Int) -> (fraction: Double, exponent: Int) {
    let bits = bitLength(a, n)
    if bits == 0 { return (0, 0) }
    // The top 55 bits, the lowest of which also stands for all bits below.
    var x: UInt64
    if bits <= 64 {
      x = lowUInt64(a, n)
      if bits <= 55 {
        x = x &<< UInt64(55 &- bits)
      } else {
        let drop = UInt64(bits &- 55)
        x = x &>> drop | (x & (1 &<< drop &- 1) != 0 ? 1 : 0)
      }
    } else {
      let drop = bits &- 55
      x = bitsAt(a, n, drop, 55)
      if anyBitBelow(a, n, drop) { x |= 1 }
    }
    // Round 55 bits to 53.
    let low = x & 7
    x = x & ~3
    if low & 3 == 3 || low == 6 { x &+= 4 }
    let fraction = Double(x) / 36028797018963968.0
    if fraction == 1 { return (0.5, bits &+ 1) }
    return (fraction, bits)
  }

  /// The nearest double; infinity when too large.
  public static func toDouble(_ a: UnsafePointer<Digit>, _ n: Int) -> Double {
    if n <= 1 { return n == 0 ? 0 : Double(a[0]) }
    if n == 2 { return Double(UInt64(a[0]) | UInt64(a[1]) &<< 30) }
    let (fraction, exponent) = frexp(a, n)
    if exponent > 1024 { return .infinity }
    return Double(sign: .plus, exponent: exponent, significand: fraction)
  }

  /// `width` (at most 60) bits starting at a bit position.
  static func bitsAt(_ a: UnsafePointer<Digit>, _ n: Int, _ position: Int, _ width: Int) -> UInt64 {
    var word = position / 30
    let small = UInt64(position % 30)
    if word >= n { return 0 }
    var v = UInt64(a[word]) &>> small
    var filled = 30 &- small
    while filled < width {
      word &+= 1
      if word >= n { break }
      v |= UInt64(a[word]) &<< filled
      filled &+= 30
    }
    return v & (1 &<< UInt64(width) &- 1)
  }

  /// a / b, correctly rounded; infinity when too large. b is not zero.
  public static func trueDivide(
    _ a: UnsafePointer<Digit>, _ na: Int, _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> Double {
    if na == 0 { return 0 }
    let bitsA = bitLength(a, na)
    let bitsB = bitLength(b, nb)
    if bitsA <= 53 && bitsB <= 53 { return Double(lowUInt64(a, na)) / Double(lowUInt64(b, nb)) }
    let difference = bitsA &- bitsB
    if difference > 1025 { return .infinity }
    if difference < -1080 { return 0 }
    // quotient = a * 2 ** -shift / b has 55 or 56 bits; fewer when the result is subnormal.
    let shift = max(difference, -1021) &- 55
    let top: Magnitude
    var sticky = false
    if shift <= 0 {
      top = Magnitude(a, na).shiftedLeft(0 &- shift)
    } else {
      sticky = anyBitBelow(a, na, shift)
      top = Magnitude(a, na).shiftedRight(shift)
    }
    var rest = Magnitude(0)
    let q = Magnitude.quotientAndRemainder(top, Magnitude(b, nb), &rest)
    if !rest.isZero { sticky = true }
    return scaled(q.lowWord, exponent: shift, sticky: sticky)
  }

  /// x * 2 ** exponent (plus a bit below, if sticky), rounded half to even, also into the subnormal range.
  static func scaled(_ x0: UInt64, exponent: Int, sticky: Bool) -> Double {
    if x0 == 0 { return 0 }
    var x = x0
    let bits = 64 &- x.leadingZeroBitCount
    // Bits to drop so that 53 remain, or that the lowest is worth 2 ** -1074.
    let drop = max(bits &- 53, -1074 &- exponent)
    if drop <= 0 { return Double(sign: .plus, exponent: exponent, significand: Double(x)) }
    if drop > 64 { return 0 }
    let half: UInt64
    let low: UInt64
    if drop == 64 {
      low = x
      x = 0
      half = 1 &<< 63
    } else {
      low = x & (1 &<< UInt64(drop) &- 1)
      x &>>= UInt64(drop)
      half = 1 &<< UInt64(drop &- 1)
    }
    if low > half || (low == half && (sticky || x & 1 == 1)) { x &+= 1 }
    return Double(sign: .plus, exponent: exponent &+ drop, significand: Double(x))
  }

  /// r = the integer part of |v|, which is finite. r has room for 36 digits.
  public static func fromDouble(_ r: UnsafeMutablePointer<Digit>, _ v: Double) -> Int {
    let x = v.magnitude
    if x < 1 { return 0 }
    let exponent = Int(x.exponent) &- 52
    let significand = x.significandBitPattern | 1 &<< 52
    if exponent <= 0 { return fromUInt64(r, significand &>> UInt64(0 &- exponent)) }
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 3) { buffer in
      let n = fromUInt64(buffer.baseAddress!, significand)
      return normalized(r, shiftLeft(r, buffer.baseAddress!, n, exponent))
    }
  }

  /// Minus one, zero or one as the magnitude is below, equal to or above a finite double that is not negative.
  public static func compare(_ a: UnsafePointer<Digit>, _ n: Int, toDouble v: Double) -> Int {
    if n > 35 { return 1 }
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 36) { buffer in
      let whole = buffer.baseAddress!
      let order = compare(a, n, whole, fromDouble(whole, v))
      if order != 0 { return order }
      return v.rounded(.towardZero) == v ? 0 : -1
    }
  }
}
