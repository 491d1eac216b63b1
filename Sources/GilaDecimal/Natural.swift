// Natural numbers of any size in base 10**18.

public struct Natural: Equatable, Sendable {
  /// Least significant first, no zero at the top.
  public var limbs: [UInt64]

  public init() { limbs = [] }
  public init(_ v: UInt64) {
    if v == 0 {
      limbs = []
    } else if v < limbRadix {
      limbs = [v]
    } else {
      limbs = [v % limbRadix, v / limbRadix]
    }
  }
  public init(_ v: Int) { self.init(UInt64(v.magnitude)) }
  public init(_ p: UnsafePointer<UInt64>, _ n: Int) { limbs = Array(UnsafeBufferPointer(start: p, count: n)) }
  /// Limbs that may have zeros at the top.
  init(trimming limbs: [UInt64]) {
    self.limbs = limbs
    while self.limbs.last == 0 { self.limbs.removeLast() }
  }
  public static func power(_ k: Int) -> Natural {
    var limbs = [UInt64](repeating: 0, count: max(k, 0) / 18)
    limbs.append(Limbs.power(max(k, 0) % 18))
    return Natural(trimming: limbs)
  }
  public static var one: Natural { Natural(UInt64(1)) }

  public var isZero: Bool { limbs.isEmpty }
  public var isOdd: Bool { (limbs.first ?? 0) & 1 != 0 }
  /// Decimal digits; 0 has one.
  public var digits: Int { limbs.isEmpty ? 1 : (limbs.count - 1) * 18 + Limbs.digits(limbs[limbs.count - 1]) }
  public func digit(_ i: Int) -> Int {
    i / 18 < limbs.count ? Int(limbs[i / 18] / Limbs.power(i % 18) % 10) : 0
  }
  /// The value if it fits.
  public var int: Int? {
    if limbs.isEmpty { return 0 }
    if limbs.count == 1 { return Int(limbs[0]) }
    if limbs.count == 2, limbs[1] < 9 { return Int(limbs[1] * limbRadix + limbs[0]) }
    return nil
  }
  /// About the value, as mantissa and power of ten.
  public var approximation: (value: Double, exponent: Int) {
    var v = 0.0
    let n = limbs.count
    for i in stride(from: n - 1, through: max(0, n - 3), by: -1) { v = v * 1e18 + Double(limbs[i]) }
    return (v, max(0, n - 3) * 18)
  }

  public static func compare(_ a: Natural, _ b: Natural) -> Int {
    Limbs.compare(a.limbs, a.limbs.count, b.limbs, b.limbs.count)
  }
  public static func < (a: Natural, b: Natural) -> Bool { compare(a, b) < 0 }

  public static func + (a: Natural, b: Natural) -> Natural {
    let (x, y) = a.limbs.count >= b.limbs.count ? (a, b) : (b, a)
    let n = x.limbs.count, m = y.limbs.count
    return Natural(
      limbs: [UInt64](unsafeUninitializedCapacity: n + 1) { r, count in
        count = Limbs.add(r.baseAddress!, x.limbs, n, y.limbs, m)
      })
  }
  private init(limbs: [UInt64]) { self.limbs = limbs }
  /// a - b for a >= b.
  public static func - (a: Natural, b: Natural) -> Natural {
    let n = a.limbs.count
    if n == 0 { return a }
    return Natural(
      limbs: [UInt64](unsafeUninitializedCapacity: n) { r, count in
        count = Limbs.subtract(r.baseAddress!, a.limbs, n, b.limbs, b.limbs.count)
      })
  }
  public static func * (a: Natural, b: Natural) -> Natural {
    if a.isZero || b.isZero { return Natural() }
    let n = a.limbs.count, m = b.limbs.count
    if min(n, m) >= Multiplication.threshold { return Natural(trimming: Multiplication.product(a.limbs, b.limbs)) }
    return Natural(
      limbs: [UInt64](unsafeUninitializedCapacity: n + m) { r, count in
        Limbs.multiply(r.baseAddress!, a.limbs, n, b.limbs, m)
        count = Limbs.trimmed(r.baseAddress!, n + m)
      })
  }
  public static func * (a: Natural, b: UInt64) -> Natural { a * Natural(b) }

  public static func divide(_ a: Natural, _ b: Natural) -> (quotient: Natural, remainder: Natural) {
    if Natural.compare(a, b) < 0 { return (Natural(), a) }
    let n = a.limbs.count, m = b.limbs.count
    if m == 1 {
      var rest: UInt64 = 0
      let v = b.limbs[0]
      let q = [UInt64](unsafeUninitializedCapacity: n) { r, count in
        rest = Limbs.divide(r.baseAddress!, a.limbs, n, v)
        count = n
      }
      return (Natural(trimming: q), Natural(rest))
    }
    if m >= Division.threshold && n - m >= Division.threshold { return Division.divide(a, b) }
    var u = a.limbs
    u.append(0)
    var w = [UInt64](repeating: 0, count: m)
    let q = [UInt64](unsafeUninitializedCapacity: n - m + 1) { r, count in
      u.withUnsafeMutableBufferPointer { u in
        w.withUnsafeMutableBufferPointer { w in
          Limbs.divide(r.baseAddress!, u.baseAddress!, n, b.limbs, m, w.baseAddress!)
        }
      }
      count = n - m + 1
    }
    u.removeLast(n + 1 - m)
    return (Natural(trimming: q), Natural(trimming: u))
  }

  /// self * 10**k.
  public func shifted(left k: Int) -> Natural {
    if k <= 0 || isZero { return self }
    let n = limbs.count
    return Natural(
      limbs: [UInt64](unsafeUninitializedCapacity: n + k / 18 + 1) { r, count in
        count = Limbs.shiftLeft(r.baseAddress!, limbs, n, k)
      })
  }
  /// self / 10**k, and how what fell off compares with half (see `Limbs.shiftRight`).
  public func shifted(right k: Int) -> (Natural, dropped: Int) {
    if k <= 0 { return (self, 0) }
    let n = limbs.count
    if n == 0 { return (self, 0) }
    var dropped = 0
    let r = [UInt64](unsafeUninitializedCapacity: n) { r, count in
      count = Limbs.shiftRight(r.baseAddress!, limbs, n, k, &dropped)
    }
    return (Natural(limbs: r), dropped)
  }
  /// The last k digits.
  public func low(_ k: Int) -> Natural {
    if k >= limbs.count * 18 { return self }
    var r = Array(limbs[0..<(k / 18)])
    if k % 18 != 0 { r.append(limbs[k / 18] % Limbs.power(k % 18)) }
    return Natural(trimming: r)
  }
  /// Zeros at the end, at most `most`.
  public func trailingZeros(_ most: Int = Int.max) -> Int {
    var n = 0
    for v in limbs {
      if v == 0 {
        n += 18
        if n >= most { return most }
        continue
      }
      var x = v
      while x % 10 == 0 {
        x /= 10
        n += 1
      }
      break
    }
    return limbs.isEmpty ? 0 : min(n, most)
  }
  public var isPowerOfTen: Bool { !isZero && trailingZeros() == digits - 1 && digit(digits - 1) == 1 }

  public func raised(to k: Int) -> Natural {
    var result = Natural.one, base = self, k = k
    while k > 0 {
      if k & 1 != 0 { result = result * base }
      k >>= 1
      if k > 0 { base = base * base }
    }
    return result
  }
  /// The whole part of the square root, and whether it is exact.
  public var squareRoot: (root: Natural, exact: Bool) {
    let (r, square) = rootAndSquare
    return (r, square == self)
  }
  private var rootAndSquare: (Natural, Natural) {
    let n = limbs.count
    if n < 10 {
      let r = smallRoot
      return (r, r * r)
    }
    // The root of the upper half gives half of the digits; one step of Newton the rest. The step ends at the root or
    // just above it.
    let k = (n - 2) / 4
    let (a, _) = Natural(trimming: Array(limbs[(2 * k)...])).rootAndSquare
    let quotient = Natural.divide(Natural(trimming: Array(limbs[k...])), a).quotient
    let start = Natural(limbs: [UInt64](repeating: 0, count: k) + a.limbs)
    var r = Natural.divide(start + quotient, Natural(UInt64(2))).quotient
    var square = r * r
    while self < square {
      r = r - Natural.one
      square = r * r
    }
    return (r, square)
  }
  private var smallRoot: Natural {
    if isZero { return self }
    // Start above the root, then Newton's steps fall until they stop.
    let half = (digits + 1) / 2
    let (v, e) = approximation
    var x: Natural
    let odd = e % 2
    let estimate = (odd == 0 ? v : v * 10).squareRoot() * (1 + 1e-15)
    if estimate.isFinite, estimate < 1e17 {
      x = Natural(UInt64(estimate) + 1).shifted(left: e / 2)
    } else if estimate.isFinite {
      // Keep 17 digits of the estimate.
      var m = estimate
      var k = 0
      while m >= 1e17 {
        m /= 10
        k += 1
      }
      x = Natural(UInt64(m) + 2).shifted(left: e / 2 + k)
    } else {
      x = Natural.power(half)
    }
    while true {
      let next = Natural.divide(x + Natural.divide(self, x).quotient, Natural(UInt64(2))).quotient
      if !(next < x) { break }
      x = next
    }
    return x
  }

  // MARK: text

  public init(digits bytes: some Collection<UInt8>) {
    let limbs = bytes.withContiguousStorageIfAvailable { Natural.limbs($0) }
    self.init(trimming: limbs ?? Array(bytes).withUnsafeBufferPointer { Natural.limbs($0) })
  }
  private static func limbs(_ text: UnsafeBufferPointer<UInt8>) -> [UInt64] {
    let total = (text.count + 17) / 18
    return [UInt64](unsafeUninitializedCapacity: total) { r, count in
      var end = text.count
      for i in 0..<total {
        let start = max(0, end - 18)
        var limb: UInt64 = 0
        for k in start..<end { limb = limb &* 10 &+ UInt64(text[k] &- 48) }
        r[i] = limb
        end = start
      }
      count = total
    }
  }
  /// The digits as ASCII; 0 is "0".
  public var text: [UInt8] { Natural.text(limbs, limbs.count) }
  public static func text(_ p: UnsafePointer<UInt64>, _ n: Int) -> [UInt8] {
    if n == 0 { return [48] }
    let total = Limbs.digits(p, n)
    return [UInt8](unsafeUninitializedCapacity: total) { r, count in
      var at = total
      for i in 0..<n {
        var v = p[i]
        let end = max(0, at - 18)
        while at > end {
          at &-= 1
          r[at] = UInt8(truncatingIfNeeded: v % 10) &+ 48
          v /= 10
        }
      }
      count = total
    }
  }
}

/// Products of large numbers: Karatsuba's three for four.
enum Multiplication {
  static let threshold = 48

  static func product(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
    let (x, y) = a.count >= b.count ? (a, b) : (b, a)
    let n = x.count, m = y.count
    if LargeProduct.pays(n, m) {
      return [UInt64](unsafeUninitializedCapacity: n + m) { r, count in
        LargeProduct.multiply(r.baseAddress!, x, n, y, m)
        count = n + m
      }
    }
    var r = [UInt64](repeating: 0, count: n + m)
    r.withUnsafeMutableBufferPointer { r in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          if n == m {
            square(r.baseAddress!, x.baseAddress!, y.baseAddress!, n)
            return
          }
          // Pieces of the longer one as long as the shorter.
          let piece = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * m)
          defer { piece.deallocate() }
          var at = 0
          while at < n {
            let k = min(m, n - at)
            if k == m && LargeProduct.pays(m, m) {
              LargeProduct.multiply(piece, x.baseAddress! + at, m, y.baseAddress!, m)
            } else if k == m {
              square(piece, x.baseAddress! + at, y.baseAddress!, m)
            } else if k >= threshold {
              let part = product(Array(UnsafeBufferPointer(start: x.baseAddress! + at, count: k)), Array(y))
              for i in 0..<part.count { piece[i] = part[i] }
            } else {
              Limbs.multiply(piece, x.baseAddress! + at, k, y.baseAddress!, m)
            }
            addInto(r.baseAddress! + at, n + m - at, piece, k + m)
            at += k
          }
        }
      }
    }
    return r
  }
  /// r += a, within n limbs.
  private static func addInto(_ r: Limbs.Pointer, _ n: Int, _ a: Limbs.Source, _ m: Int) {
    var carry: UInt64 = 0
    var i = 0
    while i < n && (i < m || carry != 0) {
      let s = r[i] &+ (i < m ? a[i] : 0) &+ carry
      carry = s >= limbRadix ? 1 : 0
      r[i] = s >= limbRadix ? s &- limbRadix : s
      i &+= 1
    }
  }
  private static func subtractFrom(_ r: Limbs.Pointer, _ n: Int, _ a: Limbs.Source, _ m: Int) {
    var borrow: UInt64 = 0
    var i = 0
    while i < n && (i < m || borrow != 0) {
      let s = (i < m ? a[i] : 0) &+ borrow
      let short = r[i] < s
      r[i] = short ? r[i] &+ limbRadix &- s : r[i] &- s
      borrow = short ? 1 : 0
      i &+= 1
    }
  }
  /// r[0..<2n] = a * b for two numbers of n limbs.
  private static func square(_ r: Limbs.Pointer, _ a: Limbs.Source, _ b: Limbs.Source, _ n: Int) {
    if n < threshold {
      Limbs.multiply(r, a, n, b, n)
      return
    }
    let h = n / 2, k = n - h
    // Low halves of h limbs, high ones of k >= h.
    let room = UnsafeMutablePointer<UInt64>.allocate(capacity: 4 * (k + 1))
    defer { room.deallocate() }
    let sa = room, sb = room + (k + 1), middle = room + 2 * (k + 1)
    square(r, a, b, h)
    square(r + 2 * h, a + h, b + h, k)
    let na = Limbs.add(sa, a + h, k, a, h), nb = Limbs.add(sb, b + h, k, b, h)
    for i in na..<(k + 1) { sa[i] = 0 }
    for i in nb..<(k + 1) { sb[i] = 0 }
    square(middle, sa, sb, k + 1)
    subtractFrom(middle, 2 * (k + 1), r, 2 * h)
    subtractFrom(middle, 2 * (k + 1), r + 2 * h, 2 * k)
    addInto(r + h, 2 * n - h, middle, Limbs.trimmed(middle, 2 * (k + 1)))
  }
}

/// Quotients of large numbers: by halves, so that they cost about as much as products.
enum Division {
  static let threshold = 60

  static func divide(_ a: Natural, _ b: Natural) -> (quotient: Natural, remainder: Natural) {
    // Pieces of as many limbs as the divisor has, from the top.
    let size = b.limbs.count
    // Zeros below both, so that the divisor can be halved until it is small.
    var m = size, halvings = 0
    while m >= threshold {
      m = (m + 1) / 2
      halvings += 1
    }
    m <<= halvings
    let padding = [UInt64](repeating: 0, count: m - size)
    // Scale so that the divisor's top digit group is large: estimates are then close.
    let scale = limbRadix / (b.limbs[size - 1] + 1)
    let v = Natural(trimming: padding + (b * scale).limbs)
    let u = Natural(trimming: padding + (a * scale).limbs)
    var quotient = [UInt64](repeating: 0, count: (u.limbs.count / m + 1) * m)
    var rest = Natural()
    var i = u.limbs.count / m
    while i >= 0 {
      let from = i * m, to = min(u.limbs.count, from + m)
      let piece = from < to ? Array(u.limbs[from..<to]) : []
      let (q, r) = twoByOne(join(rest, piece, m), v, m)
      for (k, limb) in q.limbs.enumerated() { quotient[from + k] = limb }
      rest = r
      i -= 1
    }
    let unpadded = part(rest, m - size, rest.limbs.count)
    return (Natural(trimming: quotient), Natural.divide(unpadded, Natural(scale)).quotient)
  }
  /// high * radix**m + low.
  private static func join(_ high: Natural, _ low: [UInt64], _ m: Int) -> Natural {
    if high.isZero { return Natural(trimming: low) }
    var l = low
    while l.count < m { l.append(0) }
    return Natural(trimming: l + high.limbs)
  }
  private static func part(_ a: Natural, _ from: Int, _ to: Int) -> Natural {
    from >= a.limbs.count ? Natural() : Natural(trimming: Array(a.limbs[from..<min(to, a.limbs.count)]))
  }
  /// a / b for b of n limbs, scaled, and a below b * radix**n.
  private static func twoByOne(_ a: Natural, _ b: Natural, _ n: Int) -> (Natural, Natural) {
    if a < b { return (Natural(), a) }
    if n < threshold || n % 2 != 0 { return plain(a, b) }
    let h = n / 2
    let (q1, r1) = threeByTwo(part(a, h, a.limbs.count), b, h)
    let (q0, r0) = threeByTwo(join(r1, part(a, 0, h).limbs, h), b, h)
    return (join(q1, q0.limbs, h), r0)
  }
  /// a / b for b of 2h limbs and a below b * radix**h.
  private static func threeByTwo(_ a: Natural, _ b: Natural, _ h: Int) -> (Natural, Natural) {
    if a < b { return (Natural(), a) }
    let b1 = part(b, h, b.limbs.count), b0 = part(b, 0, h)
    let top = part(a, h, a.limbs.count)
    var q: Natural, c: Natural
    if Natural.compare(part(a, 2 * h, a.limbs.count), b1) < 0 {
      (q, c) = twoByOne(top, b1, h)
    } else {
      q = Natural(trimming: [UInt64](repeating: limbRadix - 1, count: h))
      c = (top + b1) - join(b1, [], h)
    }
    let d = q * b0
    var r = join(c, part(a, 0, h).limbs, h)
    while r < d {
      q = q - Natural.one
      r = r + b
    }
    return (q, r - d)
  }
  private static func plain(_ a: Natural, _ b: Natural) -> (Natural, Natural) {
    let n = a.limbs.count, m = b.limbs.count
    if m < 2 { return Natural.divide(a, b) }
    var u = a.limbs
    u.append(0)
    var w = [UInt64](repeating: 0, count: m)
    var q = [UInt64](repeating: 0, count: n - m + 1)
    u.withUnsafeMutableBufferPointer { u in
      w.withUnsafeMutableBufferPointer { w in
        q.withUnsafeMutableBufferPointer { q in
          Limbs.divide(q.baseAddress!, u.baseAddress!, n, b.limbs, m, w.baseAddress!)
        }
      }
    }
    u.removeLast(n + 1 - m)
    return (Natural(trimming: q), Natural(trimming: u))
  }
}
