// Integer powers, plain and modular.

extension Digits {
  /// a ** exponent, both magnitudes. Nil when the result would not be representable in memory.
  ///
  /// Left-to-right binary: squarings do the work, and multiplications by a small base stay cheap. A power of two in the
  /// base is taken out first and shifted back at the end.
  public static func power(
    _ a: UnsafePointer<Digit>, _ na: Int, _ exponent: UnsafePointer<Digit>, _ ne: Int
  ) -> Magnitude? {
    if ne == 0 { return Magnitude(1) }
    if na == 0 { return Magnitude(0) }
    if na == 1 && a[0] == 1 { return Magnitude(1) }
    guard let e = toUInt64(exponent, ne), e < 1 &<< 40 else { return nil }
    let zeros = trailingZeroBits(a, na)
    // More than 2 GB of digits: no memory.
    if Double(bitLength(a, na)) * Double(e) > 17e9 { return nil }
    let odd = Magnitude(a, na).shiftedRight(zeros)
    let bits = Int(truncatingIfNeeded: e) &* zeros
    var result = odd.copy()
    if odd.count == 1 && odd.digits[0] == 1 { return result.shiftedLeft(bits) }
    var mask: UInt64 = (1 &<< 63) &>> UInt64(e.leadingZeroBitCount)
    mask >>= 1
    while mask != 0 {
      result = Magnitude.product(result, result)
      if e & mask != 0 { result = Magnitude.product(result, odd) }
      mask >>= 1
    }
    return bits == 0 ? result : result.shiftedLeft(bits)
  }

  /// a ** exponent mod m for magnitudes, a < m, m > 0.
  public static func modularPower(
    _ a: UnsafePointer<Digit>, _ na: Int, _ exponent: UnsafePointer<Digit>, _ ne: Int, _ m: UnsafePointer<Digit>,
    _ nm: Int
  ) -> Magnitude {
    if nm == 1 && m[0] == 1 { return Magnitude(0) }
    if ne == 0 { return Magnitude(1) }
    if let small = toUInt64(m, nm), small < 1 &<< 62 {
      return Magnitude(modularPower(lowUInt64(a, na), exponent, ne, small))
    }
    return Montgomery.power(a, na, exponent, ne, m, nm) ?? windowedPower(a, na, exponent, ne, m, nm)
  }

  /// Everything fits a machine word.
  private static func modularPower(
    _ a: UInt64, _ exponent: UnsafePointer<Digit>, _ ne: Int, _ m: UInt64
  ) -> UInt64 {
    var result: UInt64 = 1
    var i = bitLength(exponent, ne)
    while i > 0 {
      i &-= 1
      result = m.dividingFullWidth(result.multipliedFullWidth(by: result)).remainder
      if exponent[i / 30] &>> UInt32(i % 30) & 1 == 1 {
        result = m.dividingFullWidth(result.multipliedFullWidth(by: a)).remainder
      }
    }
    return result
  }

  /// Sliding window of up to five bits with plain division, for even moduli.
  private static func windowedPower(
    _ a: UnsafePointer<Digit>, _ na: Int, _ exponent: UnsafePointer<Digit>, _ ne: Int, _ m0: UnsafePointer<Digit>,
    _ nm: Int
  ) -> Magnitude {
    let m = Magnitude(m0, nm)
    let base = Magnitude(a, na)
    func reduced(_ x: borrowing Magnitude) -> Magnitude {
      var r = Magnitude(capacity: max(x.count, m.count) &+ 1)
      r.count = remainder(r.digits, x.digits, x.count, m.digits, m.count)
      return r
    }
    var result = Magnitude(1)
    var i = bitLength(exponent, ne)
    while i > 0 {
      i &-= 1
      result = reduced(Magnitude.product(result, result))
      if exponent[i / 30] &>> UInt32(i % 30) & 1 == 1 { result = reduced(Magnitude.product(result, base)) }
    }
    return result
  }
}

/// Modular powers for odd moduli in Montgomery's representation: no division in the loop.
enum Montgomery {
  /// Nil for an even modulus, and for one so large that subquadratic division is better.
  static func power(
    _ a: UnsafePointer<Digit>, _ na: Int, _ exponent: UnsafePointer<Digit>, _ ne: Int, _ m: UnsafePointer<Digit>,
    _ nm: Int
  ) -> Magnitude? {
    if m[0] & 1 == 0 || nm > 1000 { return nil }
    let room = Limbs.count(forDigits: nm)
    let window = 4
    // modulus, work (2n + 2), R² mod m or base (2n + 2), the table of 16 powers.
    let memory = Limbs.Writer.allocate(capacity: room &* 24 &+ 64)
    defer { memory.deallocate() }
    let modulus = memory
    let n = Limbs.pack(modulus, m, nm)
    let work = modulus + room
    let wide = work + (2 &* room &+ 8)
    let quotient = wide + (2 &* room &+ 8)
    let table = quotient + (room &+ 8)
    // -1 / m mod 2^64 by Newton's iteration, five steps from three right bits.
    var inverse = modulus[0]
    for _ in 0..<5 { inverse = inverse &* (2 &- modulus[0] &* inverse) }
    let factor = 0 &- inverse

    // table[0] = R mod m, table[1] = a R mod m.
    func toMontgomery(_ r: Limbs.Writer) {
      // wide holds x in its upper half already.
      Limbs.divide(quotient, wide, 2 &* n, by: modulus, n)
      r.update(from: wide, count: n)
    }
    wide.update(repeating: 0, count: 2 &* n)
    wide[n] = 1
    toMontgomery(table)
    wide.update(repeating: 0, count: 2 &* n)
    _ = Limbs.pack(wide + n, a, na)
    toMontgomery(table + n)

    func product(_ r: Limbs.Writer, _ x: Limbs.Reader, _ y: Limbs.Reader) {
      work.update(repeating: 0, count: 2 &* n &+ 2)
      Limbs.multiply(work, x, n, y, n)
      reduce(into: r)
    }
    func reduce(into r: Limbs.Writer) {
      var top: UInt64 = 0
      var i = 0
      while i < n {
        let q = work[i] &* factor
        let carry = Limbs.addMultiple(work + i, modulus, n, byLimb: q)
        let (s, o1) = work[i &+ n].addingReportingOverflow(carry)
        let (t, o2) = s.addingReportingOverflow(top)
        work[i &+ n] = t
        top = (o1 ? 1 : 0) &+ (o2 ? 1 : 0)
        i &+= 1
      }
      if top != 0 || Limbs.compare(work + n, modulus, n) >= 0 {
        Limbs.subtract(r, work + n, modulus, n)
      } else {
        r.update(from: work + n, count: n)
      }
    }
    for i in 2..<16 { product(table + i &* n, table + (i &- 1) &* n, table + n) }

    let result = wide
    result.update(from: table, count: n)
    let bits = Digits.bitLength(exponent, ne)
    var at = (bits &+ window &- 1) / window
    while at > 0 {
      at &-= 1
      var index = 0
      for k in stride(from: window &- 1, through: 0, by: -1) {
        let bit = at &* window &+ k
        let digit = bit / 30
        let value = digit < ne ? exponent[digit] &>> UInt32(bit % 30) & 1 : 0
        index = index &<< 1 | Int(value)
        product(result, result, result)
      }
      if index != 0 { product(result, result, table + index &* n) }
    }
    // Out of the representation: multiply by one.
    work.update(repeating: 0, count: 2 &* n &+ 2)
    work.update(from: result, count: n)
    reduce(into: result)
    var out = Magnitude(capacity: nm &+ 3)
    out.count = Limbs.unpack(out.digits, nm, result, n)
    return out
  }
}
