// Digits in groups of 18: arithmetic on raw memory. The least significant group comes first.

/// The value of one more place: a limb is below it.
@inlinable @inline(__always) public var limbRadix: UInt64 { 1_000_000_000_000_000_000 }
/// Decimal digits in a limb.
@inlinable @inline(__always) public var limbDigits: Int { 18 }

/// Division of limbs by one power of ten from 10 to 10**17, by a product.
@frozen public struct Reciprocal {
  @usableFromInline let divisor: UInt64
  @usableFromInline let factor: UInt64
  @usableFromInline let shift: UInt64

  @inlinable @inline(__always) init(_ d: UInt64) {
    divisor = d
    shift = UInt64(63 &- d.leadingZeroBitCount)
    // Rounded up; exact for dividends below 2**60, since the divisor is no power of two.
    factor = d.dividingFullWidth((1 &<< shift, 0)).quotient &+ 1
  }
  @inlinable @inline(__always) func divide(_ x: UInt64) -> (UInt64, UInt64) {
    let q = x.multipliedFullWidth(by: factor).high &>> shift
    return (q, x &- q &* divisor)
  }
}

public enum Limbs {
  public typealias Pointer = UnsafeMutablePointer<UInt64>
  public typealias Source = UnsafePointer<UInt64>

  /// 10**k for k below 20.
  @inlinable @inline(__always) public static func power(_ k: Int) -> UInt64 { powers[k] }
  @usableFromInline static let powers: InlineArray<20, UInt64> = [
    1, 10, 100, 1000, 10000, 100000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
    100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]

  /// Digits of a number below 10**19; 0 has one.
  @inlinable @inline(__always) public static func digits(_ v: UInt64) -> Int {
    // log10(2) is about 1233 / 4096.
    let bits = 64 &- (v | 1).leadingZeroBitCount
    let guess = (bits &* 1233) &>> 12
    return guess &+ (v >= power(guess) ? 1 : 0) | (v == 0 ? 1 : 0)
  }
  /// Digits of n limbs whose top is not zero.
  @inlinable @inline(__always) public static func digits(_ p: Source, _ n: Int) -> Int {
    n == 0 ? 1 : (n &- 1) &* 18 &+ digits(p[n &- 1])
  }
  /// The number of limbs without zeros at the top.
  @inlinable @inline(__always) public static func trimmed(_ p: Source, _ n: Int) -> Int {
    var n = n
    while n > 0 && p[n &- 1] == 0 { n &-= 1 }
    return n
  }
  /// (high, low) = a * b + c, both in base 10**18.
  @inlinable @inline(__always) public static func multiply(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> (UInt64, UInt64) {
    var (high, low) = a.multipliedFullWidth(by: b)
    let (sum, carry) = low.addingReportingOverflow(c)
    low = sum
    high &+= carry ? 1 : 0
    if high == 0 && low < limbRadix { return (0, low) }
    return split(high, low)
  }
  /// Quotient and remainder of high * 2**64 + low by 10**18, for high below 10**18: two products by a reciprocal
  /// instead of a division (Möller and Granlund).
  @inlinable @inline(__always) public static func split(_ high: UInt64, _ low: UInt64) -> (UInt64, UInt64) {
    let d: UInt64 = 0xde0b_6b3a_7640_0000  // 10**18 * 2**4
    let v: UInt64 = 0x2725_dd1d_243a_ba0e  // (2**128 - 1) / d - 2**64
    let u1 = high &<< 4 | low &>> 60, u0 = low &<< 4
    var (q1, q0) = v.multipliedFullWidth(by: u1)
    let (sum, carry) = q0.addingReportingOverflow(u0)
    q0 = sum
    q1 = q1 &+ u1 &+ (carry ? 2 : 1)
    var r = u0 &- q1 &* d
    if r > q0 {
      q1 &-= 1
      r &+= d
    }
    if r >= d {
      q1 &+= 1
      r &-= d
    }
    return (q1, r &>> 4)
  }

  @inlinable public static func compare(_ a: Source, _ n: Int, _ b: Source, _ m: Int) -> Int {
    if n != m { return n < m ? -1 : 1 }
    var i = n
    while i > 0 {
      i &-= 1
      if a[i] != b[i] { return a[i] < b[i] ? -1 : 1 }
    }
    return 0
  }
  /// r[0...n] = a + b with n >= m; returns the number of limbs.
  @inlinable public static func add(_ r: Pointer, _ a: Source, _ n: Int, _ b: Source, _ m: Int) -> Int {
    var carry: UInt64 = 0
    var i = 0
    while i < m {
      let s = a[i] &+ b[i] &+ carry
      carry = s >= limbRadix ? 1 : 0
      r[i] = s &- (limbRadix & (0 &- carry))
      i &+= 1
    }
    while i < n && carry != 0 {
      let s = a[i] &+ 1
      carry = s >= limbRadix ? 1 : 0
      r[i] = carry != 0 ? 0 : s
      i &+= 1
    }
    if i < n && r != a { (r + i).update(from: a + i, count: n &- i) }
    if carry == 0 { return n }
    r[n] = 1
    return n &+ 1
  }
  /// r[0..<n] = a - b with a >= b; returns the number of limbs.
  @inlinable public static func subtract(_ r: Pointer, _ a: Source, _ n: Int, _ b: Source, _ m: Int) -> Int {
    var borrow: UInt64 = 0
    var i = 0
    while i < m {
      let d = a[i] &- b[i] &- borrow
      borrow = d &>> 63
      r[i] = d &+ (limbRadix & (0 &- borrow))
      i &+= 1
    }
    while i < n && borrow != 0 {
      borrow = a[i] == 0 ? 1 : 0
      r[i] = borrow != 0 ? limbRadix &- 1 : a[i] &- 1
      i &+= 1
    }
    if i < n && r != a { (r + i).update(from: a + i, count: n &- i) }
    return trimmed(r, n)
  }
  /// r[0..<n+m] = a * b. Columns of up to 300 products add up in two words, so that each needs one reduction.
  @inlinable public static func multiply(_ r: Pointer, _ a: Source, _ n: Int, _ b: Source, _ m: Int) {
    if n > 0 && m > 0 && min(n, m) <= 300 {
      var (low, high): (UInt64, UInt64) = (0, 0)
      var k = 0
      while k < n &+ m &- 1 {
        var i = max(0, k &- m &+ 1)
        let end = min(k, n &- 1)
        while i <= end {
          let (ph, pl) = a[i].multipliedFullWidth(by: b[k &- i])
          let (sum, carry) = low.addingReportingOverflow(pl)
          low = sum
          high = high &+ ph &+ (carry ? 1 : 0)
          i &+= 1
        }
        let more = high / limbRadix
        (low, r[k]) = split(high &- more &* limbRadix, low)
        high = more
        k &+= 1
      }
      r[k] = low
      return
    }
    for i in 0..<(n &+ m) { r[i] = 0 }
    for i in 0..<n {
      let x = a[i]
      if x == 0 { continue }
      var carry: UInt64 = 0
      for j in 0..<m {
        let (high, low) = multiply(x, b[j], r[i &+ j] &+ carry)
        r[i &+ j] = low
        carry = high
      }
      r[i &+ m] = carry
    }
  }
  /// r = a * 10**k; there is room for n + k/18 + 1 limbs; returns their number. r may be a only for k < 18.
  @inlinable public static func shiftLeft(_ r: Pointer, _ a: Source, _ n: Int, _ k: Int) -> Int {
    let words = k / 18
    let small = k &- words &* 18
    var top: UInt64 = 0
    if small == 0 {
      var i = n
      while i > 0 {
        i &-= 1
        r[i &+ words] = a[i]
      }
    } else {
      let scale = power(small), cut = power(18 &- small)
      var i = n
      if n > 4 {
        let reciprocal = Reciprocal(cut)
        var rest: UInt64
        (top, rest) = reciprocal.divide(a[n &- 1])
        while i > 1 {
          i &-= 1
          let (q, next) = reciprocal.divide(a[i &- 1])
          r[i &+ words] = rest &* scale &+ q
          rest = next
        }
        r[words] = rest &* scale
      } else {
        top = n > 0 ? a[n &- 1] / cut : 0
        while i > 0 {
          i &-= 1
          let kept = a[i] % cut
          r[i &+ words] = kept &* scale &+ (i > 0 ? a[i &- 1] / cut : 0)
        }
      }
    }
    for i in 0..<words { r[i] = 0 }
    if top == 0 { return n &+ words }
    r[n &+ words] = top
    return n &+ words &+ 1
  }
  /// r = a / 10**k (r may be a); returns the number of limbs. `dropped` says how what falls off compares with half of
  /// the last place: 0 nothing, 1 less, 2 exactly half, 3 more.
  @inlinable public static func shiftRight(
    _ r: Pointer, _ a: Source, _ n: Int, _ k: Int, _ dropped: inout Int
  ) -> Int {
    let words = k / 18
    let small = k &- words &* 18
    if words > n || (words == n && small > 0) {
      dropped = n == 0 ? 0 : 1
      return 0
    }
    // The digit below the cut, and whether anything is below that.
    var half = 0
    var rest = false
    if small == 0 {
      if words == 0 {
        dropped = 0
        if r != a { for i in 0..<n { r[i] = a[i] } }
        return n
      }
      let below = a[words &- 1]
      let middle = limbRadix / 2
      half = below < middle ? 0 : 1
      rest = below != (half == 1 ? middle : 0)
      for i in 0..<(words &- 1) where a[i] != 0 { rest = true }
    } else {
      let below = words < n ? a[words] % power(small) : 0
      let middle = power(small) / 2
      half = below < middle ? 0 : 1
      rest = below != (half == 1 ? middle : 0)
      for i in 0..<words where a[i] != 0 { rest = true }
    }
    dropped = half == 0 ? (rest ? 1 : 0) : (rest ? 3 : 2)
    let m = n &- words
    if small == 0 {
      for i in 0..<m { r[i] = a[i &+ words] }
      return trimmed(r, m)
    }
    let scale = power(small), lift = power(18 &- small)
    if m > 4 {
      let reciprocal = Reciprocal(scale)
      var (q, _) = reciprocal.divide(a[words])
      var i = 1
      while i < m {
        let (next, rest) = reciprocal.divide(a[words &+ i])
        r[i &- 1] = q &+ rest &* lift
        q = next
        i &+= 1
      }
      r[m &- 1] = q
      return trimmed(r, m)
    }
    for i in 0..<m {
      let high = i &+ 1 < m ? (a[i &+ words &+ 1] % scale) &* lift : 0
      r[i] = a[i &+ words] / scale &+ high
    }
    return trimmed(r, m)
  }
  /// q = a / v with remainder, for one limb (q may be a).
  @inlinable public static func divide(_ q: Pointer, _ a: Source, _ n: Int, _ v: UInt64) -> UInt64 {
    var rest: UInt64 = 0
    var i = n
    while i > 0 {
      i &-= 1
      let (high, low0) = rest.multipliedFullWidth(by: limbRadix)
      let (low, carry) = low0.addingReportingOverflow(a[i])
      (q[i], rest) = v.dividingFullWidth((high &+ (carry ? 1 : 0), low))
    }
    return rest
  }
  /// Long division: u has n + 1 limbs of room (the last one free) and becomes the remainder; v has m >= 2 limbs, n >= m;
  /// q gets n - m + 1 limbs. `w` is room for m limbs.
  @inlinable public static func divide(_ q: Pointer, _ u: Pointer, _ n: Int, _ v: Source, _ m: Int, _ w: Pointer) {
    // Scale so that the divisor's top limb is at least half the radix.
    let scale = limbRadix / (v[m &- 1] &+ 1)
    var carry: UInt64 = 0
    for i in 0..<m { (carry, w[i]) = multiply(v[i], scale, carry) }
    carry = 0
    for i in 0..<n { (carry, u[i]) = multiply(u[i], scale, carry) }
    u[n] = carry
    let top = w[m &- 1], second = w[m &- 2]
    var j = n &- m &+ 1
    while j > 0 {
      j &-= 1
      var guess: UInt64, rest: UInt64
      if u[j &+ m] >= top {
        guess = limbRadix &- 1
        // rest = u[j+m]*radix + u[j+m-1] - guess*top
        rest = u[j &+ m &- 1] &+ top
        if u[j &+ m] > top { rest = limbRadix }
      } else {
        let (high, low0) = u[j &+ m].multipliedFullWidth(by: limbRadix)
        let (low, c) = low0.addingReportingOverflow(u[j &+ m &- 1])
        (guess, rest) = top.dividingFullWidth((high &+ (c ? 1 : 0), low))
      }
      while rest < limbRadix {
        let left = guess.multipliedFullWidth(by: second)
        let right0 = rest.multipliedFullWidth(by: limbRadix)
        let (rl, c) = right0.low.addingReportingOverflow(u[j &+ m &- 2])
        let rh = right0.high &+ (c ? 1 : 0)
        if left.high < rh || (left.high == rh && left.low <= rl) { break }
        guess &-= 1
        rest &+= top
      }
      var product: UInt64 = 0
      var borrow: UInt64 = 0
      for i in 0..<m {
        let (high, low) = multiply(guess, w[i], product)
        product = high
        let s = low &+ borrow
        let short = u[i &+ j] < s
        u[i &+ j] = short ? u[i &+ j] &+ limbRadix &- s : u[i &+ j] &- s
        borrow = short ? 1 : 0
      }
      let s = product &+ borrow
      let short = u[j &+ m] < s
      u[j &+ m] = short ? u[j &+ m] &+ limbRadix &- s : u[j &+ m] &- s
      if short {
        guess &-= 1
        var c: UInt64 = 0
        for i in 0..<m {
          let t = u[i &+ j] &+ w[i] &+ c
          c = t >= limbRadix ? 1 : 0
          u[i &+ j] = t >= limbRadix ? t &- limbRadix : t
        }
        let t = u[j &+ m] &+ c
        u[j &+ m] = t >= limbRadix ? t &- limbRadix : t
      }
      q[j] = guess
    }
    if scale > 1 { _ = divide(u, u, m, scale) }
  }
}
