// Greatest common divisor (Lehmer), modular inverse, integer square root.

extension Digits {
  /// The greatest common divisor of two magnitudes.
  public static func gcd(
    _ a: UnsafePointer<Digit>, _ na: Int, _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> Magnitude {
    var x = Magnitude(a, na)
    var y = Magnitude(b, nb)
    if Magnitude.compare(x, y) < 0 { swap(&x, &y) }
    // Lehmer: simulate Euclid's steps on the top 60 bits, then apply them at once to the long numbers.
    while y.count > 2 {
      let bits = x.bitLength
      if !lehmerStep(&x, &y, dropping: bits &- 60) {
        var r = Magnitude(capacity: x.count &+ 1)
        r.count = remainder(r.digits, x.digits, x.count, y.digits, y.count)
        x = y
        y = r
      }
    }
    if y.isZero { return x }
    // The smaller one fits a word: one remainder, then words.
    var r = Magnitude(capacity: x.count &+ 1)
    r.count = remainder(r.digits, x.digits, x.count, y.digits, y.count)
    return Magnitude(gcd(y.lowWord, r.lowWord))
  }

  /// The greatest common divisor of two words.
  public static func gcd(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var (x, y) = (a, b)
    if x == 0 { return y }
    if y == 0 { return x }
    let common = UInt64((x | y).trailingZeroBitCount)
    x &>>= UInt64(x.trailingZeroBitCount)
    while y != 0 {
      y &>>= UInt64(y.trailingZeroBitCount)
      if x > y { swap(&x, &y) }
      y &-= x
    }
    return x &<< common
  }

  private static func lehmerStep(_ x: inout Magnitude, _ y: inout Magnitude, dropping bits: Int) -> Bool {
    var u = Int64(bitPattern: topBits(x, bits))
    var v = Int64(bitPattern: topBits(y, bits))
    // (x, y) -> (A x - B y, D y - C x), or with signs turned after an odd number of steps.
    var (A, B, C, D): (Int64, Int64, Int64, Int64) = (1, 0, 0, 1)
    var odd = false
    while true {
      if v &- C <= 0 { break }
      let q = (u &+ (A &- 1)) / (v &- C)
      let s = B &+ q &* D
      let t = u &- q &* v
      if s > t { break }
      (u, v) = (v, t)
      let w = A &+ q &* C
      (A, B, C, D) = (D, C, s, w)
      odd.toggle()
      if s >= 1 &<< 29 || w >= 1 &<< 29 { break }
    }
    if B == 0 && C == 0 { return false }
    if odd { (A, B, C, D) = (B, A, D, C) }
    // Now x' = ±(A x - B y), y' = ±(D y - C x), both not negative by construction, digit by digit in place.
    let sign: Int64 = odd ? -1 : 1
    let (p, q, r, t) = (sign &* A, sign &* B, sign &* D, sign &* C)
    let (px, py, shorter) = (x.digits, y.digits, y.count)
    var (carryX, carryY): (Int64, Int64) = (0, 0)
    var i = 0
    while i < shorter {
      let a = Int64(px[i])
      let b = Int64(py[i])
      carryX &+= p &* a &- q &* b
      carryY &+= r &* b &- t &* a
      px[i] = UInt32(truncatingIfNeeded: carryX) & mask
      py[i] = UInt32(truncatingIfNeeded: carryY) & mask
      carryX >>= 30
      carryY >>= 30
      i &+= 1
    }
    while i < x.count {
      carryX &+= p &* Int64(px[i])
      px[i] = UInt32(truncatingIfNeeded: carryX) & mask
      carryX >>= 30
      i &+= 1
    }
    x.count = normalized(px, x.count)
    y.count = normalized(py, shorter)
    if Magnitude.compare(x, y) < 0 { swap(&x, &y) }
    return true
  }

  private static func topBits(_ x: borrowing Magnitude, _ drop: Int) -> UInt64 {
    let word = drop / 30
    let small = UInt64(drop % 30)
    if word >= x.count { return 0 }
    var v = UInt64(x.digits[word]) &>> small
    var filled = 30 &- small
    var i = word &+ 1
    while i < x.count && filled < 64 {
      v |= UInt64(x.digits[i]) &<< filled
      filled &+= 30
      i &+= 1
    }
    return v
  }

  /// The x with a x = 1 mod m, 0 < a < m; nil when a and m have a common divisor.
  public static func modularInverse(
    _ a: UnsafePointer<Digit>, _ na: Int, _ m: UnsafePointer<Digit>, _ nm: Int
  ) -> Magnitude? {
    // Extended Euclid; the coefficients alternate in sign, so magnitudes and one flag suffice.
    var r0 = Magnitude(m, nm)
    var r1 = Magnitude(a, na)
    var t0 = Magnitude(0)
    var t1 = Magnitude(1)
    var negative = false
    while !r1.isZero {
      var r2 = Magnitude(0)
      let q = Magnitude.quotientAndRemainder(r0, r1, &r2)
      let t2 = Magnitude.sum(t0, Magnitude.product(q, t1))
      r0 = r1
      r1 = r2
      t0 = t1
      t1 = t2
      negative.toggle()
    }
    if r0.count != 1 || r0.digits[0] != 1 { return nil }
    // After the loop t0 belongs to r0 = gcd, with sign (-1)^(steps + 1).
    if negative { return t0 }
    return Magnitude.difference(Magnitude(m, nm), t0)
  }

  /// The integer square root, rounded down.
  public static func squareRoot(_ a0: UnsafePointer<Digit>, _ n: Int) -> Magnitude {
    if let small = toUInt64(a0, n) { return Magnitude(squareRoot(small)) }
    let number = Magnitude(a0, n)
    // Newton with growing precision: each round doubles the number of right bits.
    let c = (number.bitLength &- 1) / 2
    var d = 0
    var a = Magnitude(1)
    var round = Int.bitWidth &- c.leadingZeroBitCount
    while round > 0 {
      round &-= 1
      let e = d
      d = c >> round
      let left = a.shiftedLeft(d &- e &- 1)
      let scaled = number.shiftedRight(2 &* c &- e &- d &+ 1)
      var r = Magnitude(0)
      a = Magnitude.sum(left, Magnitude.quotientAndRemainder(scaled, a, &r))
    }
    if Magnitude.compare(Magnitude.product(a, a), number) > 0 { return Magnitude.difference(a, Magnitude(1)) }
    return a
  }

  /// The integer square root of a word, rounded down.
  public static func squareRoot(_ v: UInt64) -> UInt64 {
    var r = UInt64(Double(v).squareRoot())
    if r > 0xFFFF_FFFF { r = 0xFFFF_FFFF }
    while r &* r > v { r &-= 1 }
    while r < 0xFFFF_FFFF && (r &+ 1) &* (r &+ 1) <= v { r &+= 1 }
    return r
  }
}
