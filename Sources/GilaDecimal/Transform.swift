// Products of very large numbers: number-theoretic transforms over three primes, put together by the Chinese remainder
// theorem. A coefficient of the product is below length * 10**36; the three primes allow more than 10**55.

/// Arithmetic modulo a prime p below 2**62 with a large power of two in p - 1.
private struct Field {
  let p: UInt64
  let generator: UInt64
  /// -1/p modulo 2**64.
  let negativeInverse: UInt64

  init(_ p: UInt64, generator: UInt64) {
    self.p = p
    self.generator = generator
    // Newton: each step doubles the number of right bits.
    var x: UInt64 = p
    for _ in 0..<5 { x &*= 2 &- p &* x }
    negativeInverse = 0 &- x
  }

  /// A constant factor with its quotient floor(w * 2**64 / p), for products without a division (Shoup).
  struct Factor {
    let w: UInt64
    let quotient: UInt64
  }
  @inline(__always) func factor(_ w: UInt64) -> Factor {
    Factor(w: w, quotient: p.dividingFullWidth((w, 0)).quotient)
  }
  /// x * f modulo p, below 2p, for any x.
  @inline(__always) func times(_ x: UInt64, _ f: Factor) -> UInt64 {
    x &* f.w &- x.multipliedFullWidth(by: f.quotient).high &* p
  }
  @inline(__always) func reduced(_ x: UInt64) -> UInt64 { x >= p ? x &- p : x }
  func product(_ x: UInt64, _ y: UInt64) -> UInt64 { p.dividingFullWidth(x.multipliedFullWidth(by: y)).remainder }
  func power(_ x: UInt64, _ e: UInt64) -> UInt64 {
    var (result, base, e): (UInt64, UInt64, UInt64) = (1, x, e)
    while e > 0 {
      if e & 1 != 0 { result = product(result, base) }
      base = product(base, base)
      e >>= 1
    }
    return result
  }
  func inverse(_ x: UInt64) -> UInt64 { power(x, p &- 2) }
  /// x * y / 2**64 modulo p, below 2p, for x and y below 2p (Montgomery).
  @inline(__always) func montgomery(_ x: UInt64, _ y: UInt64) -> UInt64 {
    let (high, low) = x.multipliedFullWidth(by: y)
    let m = low &* negativeInverse
    return high &+ m.multipliedFullWidth(by: p).high &+ (low != 0 ? 1 : 0)
  }
}

/// Transforms of one length, a power of two, over one prime. Values between stages stay below 2p or 4p (Harvey).
private struct Transform: ~Copyable {
  let field: Field
  let length: Int
  /// The powers of a root of order 2h, from index h on, for each half length h.
  let roots: UnsafeMutablePointer<Field.Factor>

  init(_ field: Field, _ length: Int) {
    self.field = field
    self.length = length
    roots = .allocate(capacity: max(length, 2))
    let half = length / 2
    let root = field.factor(field.power(field.generator, (field.p &- 1) / UInt64(length)))
    var w: UInt64 = 1
    for j in 0..<half {
      (roots + (half &+ j)).initialize(to: field.factor(w))
      w = field.reduced(field.times(w, root))
    }
    var h = half / 2
    while h >= 1 {
      for j in 0..<h { (roots + (h &+ j)).initialize(to: roots[2 &* h &+ 2 &* j]) }
      h /= 2
    }
  }
  deinit { roots.deallocate() }

  /// From values in order, below 2p, to their transform in bit-reversed order, below 2p.
  func forward(_ a: UnsafeMutablePointer<UInt64>, _ n: Int) {
    let h = n / 2
    let twice = field.p &* 2
    if h == 1 {
      let (x, y) = (a[0], a[1])
      let (sum, difference) = (x &+ y, x &+ twice &- y)
      a[0] = sum >= twice ? sum &- twice : sum
      a[1] = difference >= twice ? difference &- twice : difference
      return
    }
    let b = a + h, w = roots + h
    var j = 0
    while j < h {
      let (x, y) = (a[j], b[j])
      let sum = x &+ y
      a[j] = sum >= twice ? sum &- twice : sum
      b[j] = field.times(x &+ twice &- y, w[j])
      j &+= 1
    }
    // Halves one after the other: soon they fit into the cache.
    forward(a, h)
    forward(b, h)
  }
  /// The way back, without dividing by the length; values below 4p.
  func backward(_ a: UnsafeMutablePointer<UInt64>, _ n: Int) {
    let h = n / 2
    let twice = field.p &* 2
    if h == 1 {
      let (x, y) = (a[0], a[1])
      a[0] = x &+ y
      a[1] = x &+ twice &- y
      return
    }
    let b = a + h
    backward(a, h)
    backward(b, h)
    let x0 = a[0] >= twice ? a[0] &- twice : a[0], y0 = b[0] >= twice ? b[0] &- twice : b[0]
    a[0] = x0 &+ y0
    b[0] = x0 &+ twice &- y0
    // The inverse of the j-th power is minus the power h - j.
    let w = roots + (2 &* h)
    var j = 1
    while j < h {
      let x = a[j] >= twice ? a[j] &- twice : a[j]
      let t = field.times(b[j], w[0 &- j])
      a[j] = x &+ twice &- t
      b[j] = x &+ t
      j &+= 1
    }
  }

  /// The cyclic product of two sequences of limbs into `r`, each value below p. `s` is room for a second transform.
  func multiply(
    _ r: UnsafeMutablePointer<UInt64>, _ s: UnsafeMutablePointer<UInt64>, _ a: UnsafePointer<UInt64>, _ n: Int,
    _ b: UnsafePointer<UInt64>, _ m: Int, isSquare: Bool
  ) {
    load(r, a, n)
    forward(r, length)
    if !isSquare {
      load(s, b, m)
      forward(s, length)
    }
    let p = field.p
    // Montgomery's 2**-64 and the division by the length, in one.
    let scale = field.factor(
      field.product(p.dividingFullWidth((1, 0)).remainder, field.inverse(UInt64(length))))
    let other = isSquare ? r : s
    var i = 0
    while i < length {
      r[i] = field.times(field.montgomery(r[i], other[i]), scale)
      i &+= 1
    }
    backward(r, length)
    i = 0
    while i < length {
      var x = r[i]
      if x >= 2 &* p { x &-= 2 &* p }
      r[i] = field.reduced(x)
      i &+= 1
    }
  }
  private func load(_ r: UnsafeMutablePointer<UInt64>, _ a: UnsafePointer<UInt64>, _ n: Int) {
    // A limb is below every prime.
    r.update(from: a, count: n)
    (r + n).update(repeating: 0, count: length &- n)
  }
}

enum LargeProduct {
  /// Limbs of the shorter factor below which transforms never pay.
  static let threshold = 300

  /// Whether transforms are faster than Karatsuba's way for n >= m limbs: measured for both, in the same unit. Lengths
  /// just above a power of two waste half of a transform.
  static func pays(_ n: Int, _ m: Int) -> Bool {
    if m < threshold || n > 4 &* m { return false }
    let length = 1 &<< (Int.bitWidth &- (n &+ m &- 1).leadingZeroBitCount)
    let x = Double(m) / 200
    // x ** 1.585 is about x * sqrt(x) * 1.1 here.
    return Double((n &+ m &- 1) / m) * 46 * x * x.squareRoot() > 0.17 * Double(length)
  }

  /// r[0..<n+m] = a * b.
  static func multiply(
    _ r: UnsafeMutablePointer<UInt64>, _ a: UnsafePointer<UInt64>, _ n: Int, _ b: UnsafePointer<UInt64>, _ m: Int
  ) {
    let total = n &+ m
    var length = 2
    while length < total { length *= 2 }
    let isSquare = n == m && (0..<n).allSatisfy { a[$0] == b[$0] }
    let room = UnsafeMutablePointer<UInt64>.allocate(capacity: 4 * length)
    defer { room.deallocate() }
    let (x, y, z, spare) = (room, room + length, room + 2 * length, room + 3 * length)
    let first = Field(1_945_555_039_024_054_273, generator: 5)
    let second = Field(2_485_986_994_308_513_793, generator: 5)
    let third = Field(4_179_340_454_199_820_289, generator: 3)
    do { Transform(first, length).multiply(x, spare, a, n, b, m, isSquare: isSquare) }
    do { Transform(second, length).multiply(y, spare, a, n, b, m, isSquare: isSquare) }
    do { Transform(third, length).multiply(z, spare, a, n, b, m, isSquare: isSquare) }
    // Garner: value = u + first * (v + second * w), with u, v, w below the primes; then carries in base 10**18.
    let firstInSecond = second.factor(second.inverse(first.p))
    let firstInThird = third.factor(third.inverse(first.p))
    let secondInThird = third.factor(third.inverse(second.p))
    var (carry0, carry1): (UInt64, UInt64) = (0, 0)
    for i in 0..<total {
      let u = x[i]
      let v = second.reduced(second.times(y[i] &+ second.p &- u, firstInSecond))
      let t = third.reduced(third.times(z[i] &+ third.p &- u, firstInThird))
      let w = third.reduced(third.times(t &+ third.p &- v, secondInThird))
      var (high, low) = second.p.multipliedFullWidth(by: w)
      add(&low, &high, v)
      let (p1, p0) = first.p.multipliedFullWidth(by: low)
      let (q1, q0) = first.p.multipliedFullWidth(by: high)
      // (v2, v1, v0) = value + carry.
      var (v0, v1, v2) = (p0, p1, q1)
      add(&v1, &v2, q0)
      var over: UInt64 = 0
      add(&v0, &over, u)
      add(&v0, &over, carry0)
      add(&v1, &v2, over)
      add(&v1, &v2, carry1)
      let (c1, rest) = Limbs.split(v2, v1)
      (carry0, r[i]) = Limbs.split(rest, v0)
      carry1 = c1
    }
  }
  @inline(__always) private static func add(_ low: inout UInt64, _ high: inout UInt64, _ x: UInt64) {
    let (sum, carry) = low.addingReportingOverflow(x)
    low = sum
    high &+= carry ? 1 : 0
  }
}
