// The engine room for large ints: magnitudes in 64-bit limbs, little end first.
//
// Addition, schoolbook and Karatsuba multiplication. Only `Digits` calls it, after repacking 30-bit digits.

enum Limbs {
  /// Below this many limbs schoolbook multiplication wins over Karatsuba.
  static let karatsubaCutoff = 32

  typealias Reader = UnsafePointer<UInt64>
  typealias Writer = UnsafeMutablePointer<UInt64>

  @inline(__always)
  static func normalized(_ a: Reader, _ count: Int) -> Int {
    var n = count
    while n > 0 && a[n &- 1] == 0 { n &-= 1 }
    return n
  }

  static func compare(_ a: Reader, _ b: Reader, _ n: Int) -> Int {
    var i = n
    while i > 0 {
      i &-= 1
      if a[i] != b[i] { return a[i] < b[i] ? -1 : 1 }
    }
    return 0
  }

  // MARK: repacking

  /// The number of limbs that n digits need.
  @inline(__always)
  static func count(forDigits n: Int) -> Int { (n &* 30 &+ 63) / 64 }

  /// Packs n digits; r has room for count(forDigits: n). Returns the normalized count.
  static func pack(_ r: Writer, _ a: UnsafePointer<Digit>, _ n: Int) -> Int {
    var word: UInt64 = 0
    var filled: UInt64 = 0
    var out = 0
    var i = 0
    while i < n {
      let d = UInt64(a[i])
      word |= d &<< filled
      filled &+= 30
      if filled >= 64 {
        r[out] = word
        out &+= 1
        filled &-= 64
        word = filled == 0 ? 0 : d &>> (30 &- filled)
      }
      i &+= 1
    }
    if filled > 0 {
      r[out] = word
      out &+= 1
    }
    return normalized(r, out)
  }

  /// Unpacks n limbs into digits; r has room for `room` digits, which hold the value. Returns the normalized count.
  static func unpack(_ r: UnsafeMutablePointer<Digit>, _ room: Int, _ a: Reader, _ n: Int) -> Int {
    var word: UInt64 = 0
    var filled: UInt64 = 0
    var i = 0
    var out = 0
    while out < room {
      if filled < 30 {
        let next = i < n ? a[i] : 0
        i &+= 1
        r[out] = UInt32(truncatingIfNeeded: word | next &<< filled) & Digits.mask
        word = next &>> (30 &- filled)
        filled = filled &+ 64 &- 30
      } else {
        r[out] = UInt32(truncatingIfNeeded: word) & Digits.mask
        word &>>= 30
        filled &-= 30
      }
      out &+= 1
    }
    return Digits.normalized(r, out)
  }

  // MARK: linear operations

  /// r = a + b over n limbs; returns the carry.
  @inline(__always) @discardableResult
  static func add(_ r: Writer, _ a: Reader, _ b: Reader, _ n: Int) -> UInt64 {
    var carry: UInt64 = 0
    var i = 0
    while i < n {
      let (s, o1) = a[i].addingReportingOverflow(b[i])
      let (t, o2) = s.addingReportingOverflow(carry)
      r[i] = t
      carry = (o1 ? 1 : 0) &+ (o2 ? 1 : 0)
      i &+= 1
    }
    return carry
  }

  /// r = a - b over n limbs; returns the borrow.
  @inline(__always) @discardableResult
  static func subtract(_ r: Writer, _ a: Reader, _ b: Reader, _ n: Int) -> UInt64 {
    var borrow: UInt64 = 0
    var i = 0
    while i < n {
      let (s, o1) = a[i].subtractingReportingOverflow(b[i])
      let (t, o2) = s.subtractingReportingOverflow(borrow)
      r[i] = t
      borrow = (o1 ? 1 : 0) &+ (o2 ? 1 : 0)
      i &+= 1
    }
    return borrow
  }

  /// r += c over n limbs, in place; returns the carry.
  @inline(__always) @discardableResult
  static func increment(_ r: Writer, _ n: Int, _ c: UInt64) -> UInt64 {
    var carry = c
    var i = 0
    while i < n && carry != 0 {
      let (s, o) = r[i].addingReportingOverflow(carry)
      r[i] = s
      carry = o ? 1 : 0
      i &+= 1
    }
    return carry
  }

  /// r -= c over n limbs, in place; returns the borrow.
  @inline(__always) @discardableResult
  static func decrement(_ r: Writer, _ n: Int, _ c: UInt64) -> UInt64 {
    var borrow = c
    var i = 0
    while i < n && borrow != 0 {
      let (s, o) = r[i].subtractingReportingOverflow(borrow)
      r[i] = s
      borrow = o ? 1 : 0
      i &+= 1
    }
    return borrow
  }

  /// r = a * d + c over n limbs; returns the carry limb. r may be a.
  @inline(__always)
  static func multiply(_ r: Writer, _ a: Reader, _ n: Int, byLimb d: UInt64, adding c: UInt64 = 0) -> UInt64 {
    var carry = c
    var i = 0
    while i < n {
      let p = UInt128(a[i]) &* UInt128(d) &+ UInt128(carry)
      r[i] = UInt64(truncatingIfNeeded: p)
      carry = UInt64(truncatingIfNeeded: p &>> 64)
      i &+= 1
    }
    return carry
  }

  /// r += a * d over n limbs; returns the carry limb.
  @inline(__always)
  static func addMultiple(_ r: Writer, _ a: Reader, _ n: Int, byLimb d: UInt64) -> UInt64 {
    var carry: UInt64 = 0
    var i = 0
    while i < n {
      let p = UInt128(a[i]) &* UInt128(d) &+ UInt128(r[i]) &+ UInt128(carry)
      r[i] = UInt64(truncatingIfNeeded: p)
      carry = UInt64(truncatingIfNeeded: p &>> 64)
      i &+= 1
    }
    return carry
  }

  /// r -= a * d over n limbs; returns the borrow limb.
  @inline(__always)
  static func subtractMultiple(_ r: Writer, _ a: Reader, _ n: Int, byLimb d: UInt64) -> UInt64 {
    var borrow: UInt64 = 0
    var i = 0
    while i < n {
      let p = UInt128(a[i]) &* UInt128(d) &+ UInt128(borrow)
      let low = UInt64(truncatingIfNeeded: p)
      let (s, o) = r[i].subtractingReportingOverflow(low)
      r[i] = s
      borrow = UInt64(truncatingIfNeeded: p &>> 64) &+ (o ? 1 : 0)
      i &+= 1
    }
    return borrow
  }

  /// r = a << bits, 0 <= bits < 64, over n limbs; returns the bits shifted out. r may be a.
  static func shiftLeft(_ r: Writer, _ a: Reader, _ n: Int, _ bits: Int) -> UInt64 {
    if bits == 0 {
      if UnsafePointer(r) != a { r.update(from: a, count: n) }
      return 0
    }
    let s = UInt64(bits)
    var carry: UInt64 = 0
    var i = 0
    while i < n {
      let v = a[i]
      r[i] = v &<< s | carry
      carry = v &>> (64 &- s)
      i &+= 1
    }
    return carry
  }

  /// r = a >> bits, 0 <= bits < 64, over n limbs. r may be a.
  static func shiftRight(_ r: Writer, _ a: Reader, _ n: Int, _ bits: Int) {
    if bits == 0 {
      if UnsafePointer(r) != a { r.update(from: a, count: n) }
      return
    }
    let s = UInt64(bits)
    var i = 0
    while i < n {
      let high = i &+ 1 < n ? a[i &+ 1] : 0
      r[i] = a[i] &>> s | high &<< (64 &- s)
      i &+= 1
    }
  }

  // MARK: multiplication

  /// r = a * b; r has na + nb limbs, all written, and overlaps neither.
  static func multiply(_ r: Writer, _ a: Reader, _ na: Int, _ b: Reader, _ nb: Int) {
    if na < nb { return multiply(r, b, nb, a, na) }
    if nb == 0 { return r.update(repeating: 0, count: na) }
    if nb < karatsubaCutoff { return schoolbook(r, a, na, b, nb) }
    let scratch = Writer.allocate(capacity: 4 &* nb &+ 256)
    defer { scratch.deallocate() }
    if na == nb { return karatsuba(r, a, b, na, scratch) }
    // Unequal lengths: slices of the longer one as long as the shorter one.
    let product = Writer.allocate(capacity: 2 &* nb)
    defer { product.deallocate() }
    r.update(repeating: 0, count: na &+ nb)
    var at = 0
    while at < na {
      let n = min(nb, na &- at)
      if n == nb {
        karatsuba(product, a + at, b, nb, scratch)
      } else {
        multiply(product, b, nb, a + at, n)
      }
      let carry = add(r + at, r + at, product, nb &+ n)
      increment(r + at + nb + n, na &- at &- n, carry)
      at &+= n
    }
  }

  /// r = a * b, na >= nb > 0, one row at a time.
  static func schoolbook(_ r: Writer, _ a: Reader, _ na: Int, _ b: Reader, _ nb: Int) {
    r[na] = multiply(r, a, na, byLimb: b[0])
    var j = 1
    while j < nb {
      r[na &+ j] = addMultiple(r + j, a, na, byLimb: b[j])
      j &+= 1
    }
  }

  /// r = a * b, both n limbs; scratch has 4n + 256 limbs.
  ///
  /// With a = a1 B + a0 and b likewise: a1 b1 B² + (a1 b1 + a0 b0 - (a1 - a0)(b1 - b0)) B + a0 b0.
  private static func karatsuba(_ r: Writer, _ a: Reader, _ b: Reader, _ n: Int, _ scratch: Writer) {
    if n < karatsubaCutoff { return schoolbook(r, a, n, b, n) }
    let low = (n &+ 1) / 2
    let high = n &- low
    let (a1, b1) = (a + low, b + low)
    karatsuba(r, a, b, low, scratch)
    karatsuba(r + 2 &* low, a1, b1, high, scratch)
    // The differences live in scratch[0 ..< 2 low], their product in scratch[2 low ..< 4 low].
    let aNegative = difference(scratch, a, low, a1, high)
    let bNegative = difference(scratch + low, b, low, b1, high)
    let middle = scratch + 2 &* low
    karatsuba(middle, scratch, scratch + low, low, scratch + 4 &* low)
    // sum = a0 b0 + a1 b1 -/+ middle, 2 low + 1 limbs; collect it over the differences, which are no longer needed.
    let sum = scratch
    sum.update(from: r, count: 2 &* low)
    var top = add(sum, sum, r + 2 &* low, 2 &* high)
    top = increment(sum + 2 &* high, 2 &* (low &- high), top)
    if aNegative == bNegative {
      top = top &- subtract(sum, sum, middle, 2 &* low)
    } else {
      top = top &+ add(sum, sum, middle, 2 &* low)
    }
    top = top &+ add(r + low, r + low, sum, 2 &* low)
    increment(r + 3 &* low, 2 &* n &- 3 &* low, top)
  }

  /// r = |a - b| over na limbs, na >= nb; whether a < b.
  private static func difference(_ r: Writer, _ a: Reader, _ na: Int, _ b: Reader, _ nb: Int) -> Bool {
    if normalized(a + nb, na &- nb) == 0 && compare(a, b, nb) < 0 {
      subtract(r, b, a, nb)
      for i in nb..<na { r[i] = 0 }
      return true
    }
    let borrow = subtract(r, a, b, nb)
    for i in nb..<na { r[i] = a[i] }
    decrement(r + nb, na &- nb, borrow)
    return false
  }
}
