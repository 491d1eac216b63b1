// Multiplication, squaring and division of magnitudes: small operands by digits, large ones by limbs.

extension Digits {
  /// From this many digits in the shorter operand on, repacking into limbs pays.
  private static let limbCutoff = 10

  /// r = a * b. r has room for na + nb digits and overlaps neither operand. a and b may be the same.
  public static func multiply(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> Int {
    if na < nb { return multiply(r, b, nb, a, na) }
    if nb == 0 { return 0 }
    if nb == 1 {
      r[na] = 0
      return multiply(r, a, na, byDigit: b[0])
    }
    if nb >= limbCutoff { return multiplyByLimbs(r, a, na, b, nb) }
    r.update(repeating: 0, count: na &+ nb)
    var j = 0
    while j < nb {
      let f = UInt64(b[j])
      var carry: UInt64 = 0
      let row = r + j
      var i = 0
      while i < na {
        carry = carry &+ UInt64(row[i]) &+ UInt64(a[i]) &* f
        row[i] = UInt32(truncatingIfNeeded: carry) & mask
        carry >>= 30
        i &+= 1
      }
      row[na] = UInt32(truncatingIfNeeded: carry)
      j &+= 1
    }
    return normalized(r, na &+ nb)
  }

  private static func multiplyByLimbs(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> Int {
    let la = Limbs.count(forDigits: na)
    let lb = Limbs.count(forDigits: nb)
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 &* (la &+ lb)) { buffer in
      let x = buffer.baseAddress!
      let y = x + la
      let product = y + lb
      let nx = Limbs.pack(x, a, na)
      let ny = Limbs.pack(y, b, nb)
      Limbs.multiply(product, x, nx, y, ny)
      return Limbs.unpack(r, na &+ nb, product, nx &+ ny)
    }
  }

  /// q = a / b, r = a % b for magnitudes, b not zero. q has room for max(na - nb + 1, 1) digits, r for
  /// max(nb, na) + 1; neither overlaps an operand.
  public static func divide(
    _ q: UnsafeMutablePointer<Digit>, _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int,
    _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> (quotient: Int, remainder: Int) {
    if na < nb || compare(a, na, b, nb) < 0 {
      r.update(from: a, count: na)
      return (0, na)
    }
    if nb == 1 {
      let (n, rest) = divide(q, a, na, byDigit: b[0])
      r[0] = rest
      return (n, rest == 0 ? 0 : 1)
    }
    if nb >= limbCutoff && na &- nb >= limbCutoff { return divideByLimbs(q, r, a, na, b, nb) }
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: nb &+ 1) { buffer in
      let d = buffer.baseAddress!
      let bits = b[nb &- 1].leadingZeroBitCount &- 2
      _ = shiftLeft(d, b, nb, bits)
      // The dividend, one digit longer, is worked on in r's memory.
      let u = r
      u[na] = 0
      _ = shiftLeft(u, a, na, bits)
      let nq = na &- nb &+ 1
      algorithmD(q, u, nq, d, nb)
      _ = shiftRight(r, r, nb, bits)
      return (normalized(q, nq), normalized(r, nb))
    }
  }

  /// Knuth's algorithm D: nq quotient digits; u has nq + nb digits, d's top bit (of 30) is one.
  private static func algorithmD(
    _ q: UnsafeMutablePointer<Digit>, _ u: UnsafeMutablePointer<Digit>, _ nq: Int, _ d: UnsafePointer<Digit>,
    _ nb: Int
  ) {
    let d1 = UInt64(d[nb &- 1])
    let d2 = UInt64(d[nb &- 2])
    var j = nq
    while j > 0 {
      j &-= 1
      let top = UInt64(u[j &+ nb])
      let two = top &<< 30 | UInt64(u[j &+ nb &- 1])
      var guess = two / d1
      var rest = two &- guess &* d1
      while guess > UInt64(mask) || d2 &* guess > (rest &<< 30 | UInt64(u[j &+ nb &- 2])) {
        guess &-= 1
        rest &+= d1
        if rest > UInt64(mask) { break }
      }
      var borrow: Int64 = 0
      var i = 0
      while i < nb {
        let z = Int64(u[i &+ j]) &- Int64(bitPattern: guess &* UInt64(d[i])) &+ borrow
        u[i &+ j] = UInt32(truncatingIfNeeded: z) & mask
        borrow = z >> 30
        i &+= 1
      }
      let z = Int64(bitPattern: top) &+ borrow
      u[j &+ nb] = UInt32(truncatingIfNeeded: z) & mask
      if z < 0 {
        guess &-= 1
        var carry: UInt32 = 0
        for i in 0..<nb {
          carry = carry &+ u[i &+ j] &+ d[i]
          u[i &+ j] = carry & mask
          carry >>= 30
        }
        u[j &+ nb] = (u[j &+ nb] &+ carry) & mask
      }
      q[j] = UInt32(truncatingIfNeeded: guess)
    }
  }

  private static func divideByLimbs(
    _ q: UnsafeMutablePointer<Digit>, _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int,
    _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> (quotient: Int, remainder: Int) {
    let la = Limbs.count(forDigits: na)
    let lb = Limbs.count(forDigits: nb)
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 &* la &+ lb &+ 2) { buffer in
      let x = buffer.baseAddress!
      let y = x + la
      let quotient = y + lb
      let nx = Limbs.pack(x, a, na)
      let ny = Limbs.pack(y, b, nb)
      Limbs.divide(quotient, x, nx, by: y, ny)
      return (
        Limbs.unpack(q, na &- nb &+ 1, quotient, nx &- ny &+ 1), Limbs.unpack(r, nb, x, ny)
      )
    }
  }

  /// r = a % b; r has room for max(na, nb) + 1 digits.
  public static func remainder(
    _ r: UnsafeMutablePointer<Digit>, _ a: UnsafePointer<Digit>, _ na: Int, _ b: UnsafePointer<Digit>, _ nb: Int
  ) -> Int {
    if na < nb {
      r.update(from: a, count: na)
      return na
    }
    let q = UnsafeMutablePointer<Digit>.allocate(capacity: na &- nb &+ 1)
    defer { q.deallocate() }
    return divide(q, r, a, na, b, nb).remainder
  }
}
