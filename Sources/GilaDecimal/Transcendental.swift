// exp, ln, log10 and powers, correctly rounded: computed with some digits more than wanted, and with more again while
// the digits behind the last one leave the rounding open (Ziv's way).

import Glibc
import Synchronization

/// A signed number in units of 10**-q.
struct FixedPoint {
  var negative: Bool
  var magnitude: Natural

  init(_ magnitude: Natural, negative: Bool = false) {
    self.magnitude = magnitude
    self.negative = negative && !magnitude.isZero
  }
  static func + (a: FixedPoint, b: FixedPoint) -> FixedPoint {
    if a.negative == b.negative { return FixedPoint(a.magnitude + b.magnitude, negative: a.negative) }
    return a.magnitude < b.magnitude
      ? FixedPoint(b.magnitude - a.magnitude, negative: b.negative)
      : FixedPoint(a.magnitude - b.magnitude, negative: a.negative)
  }
  var negated: FixedPoint { FixedPoint(magnitude, negative: !negative) }
  /// 10**k times as much, cut off.
  func scaled(_ k: Int) -> FixedPoint {
    FixedPoint(k >= 0 ? magnitude.shifted(left: k) : magnitude.shifted(right: -k).0, negative: negative)
  }
}

enum Transcendental {
  // MARK: constants

  private static let cache = Mutex<(digits: Int, value: Natural)>((0, Natural()))
  /// ln(10) in units of 10**-q, off by less than one.
  static func ln10(_ q: Int) -> Natural {
    let (digits, value) = cache.withLock { $0 }
    if digits >= q { return value.shifted(right: digits - q).0 }
    let p = q + q / 4 + 20
    // 46 artanh(1/31) + 34 artanh(1/49) + 20 artanh(1/161)
    let g = p + 8
    var sum = Natural()
    for (factor, n) in [(46, 31), (34, 49), (20, 161)] as [(UInt64, UInt64)] {
      let square = Natural(n * n)
      var term = Natural.divide(Natural.power(g), Natural(n)).quotient
      var total = term
      var k: UInt64 = 3
      while !term.isZero {
        term = Natural.divide(term, square).quotient
        total = total + Natural.divide(term, Natural(k)).quotient
        k += 2
      }
      sum = sum + total * factor
    }
    let made = sum.shifted(right: 8).0
    cache.withLock { if $0.digits < p { $0 = (p, made) } }
    return made.shifted(right: p - q).0
  }

  // MARK: e**r and ln(m) in fixed point

  /// e**r for 0 <= r < 3; off by less than `expError(q)`.
  private static func exp(_ r: Natural, _ q: Int) -> Natural {
    let halvings = self.halvings(q)
    let one = Natural.power(q)
    let small = Natural.divide(r, Natural(UInt64(1) << UInt64(halvings))).quotient
    var term = one, sum = one
    var k: UInt64 = 1
    while true {
      term = Natural.divide((term * small).shifted(right: q).0, Natural(k)).quotient
      if term.isZero { break }
      sum = sum + term
      k += 1
    }
    for _ in 0..<halvings { sum = (sum * sum).shifted(right: q).0 }
    return sum
  }
  private static func halvings(_ q: Int) -> Int { min(6 + Int(Double(q).squareRoot() / 2), 50) }
  /// Digits at the end of a result of `exp` that may be wrong.
  static func lost(_ q: Int) -> Int { (halvings(q) * 302) / 1000 + 3 + Limbs.digits(UInt64(q)) }

  /// ln(m) for m between 0.3 and 3.2.
  private static func ln(_ m: Natural, _ q: Int) -> FixedPoint {
    let n = m.digits
    let head = n > 17 ? m.shifted(right: n - 17).0 : m
    let value = Double(head.int ?? 1) * pow(10, Double(max(n - 17, 0) - q))
    let first = log(value)
    let units = Natural(UInt64((Swift.abs(first) * 1e15).rounded()))
    var y = FixedPoint(units, negative: first < 0).scaled(q - 15)
    let one2 = 2 * q
    var known = 14
    while known < q + 2 {
      let e = exp(y.magnitude, q)
      let power = y.negative ? Natural.divide(Natural.power(one2), e).quotient : e
      let difference = FixedPoint(m) + FixedPoint(power, negative: true)
      let step = Natural.divide((difference.magnitude * 2).shifted(left: q), m + power).quotient
      y = y + FixedPoint(step, negative: difference.negative)
      known = known * 3 - 2
    }
    return y
  }
  /// ln(a) for a positive number, in units of 10**-q; wrong by less than 10**lost(q + ...) units.
  static func ln(_ a: Decimal, _ q: Int) -> FixedPoint {
    let n = a.digits
    // m between 0.316 and 3.16: the logarithm of the power of ten never nearly cancels ln(m).
    let leading = a.coefficient.shifted(right: max(0, n - 3)).0.int ?? 0
    let head = n >= 3 ? leading : leading * (n == 1 ? 100 : 10)
    var k = a.adjusted
    var places = n - 1
    if head >= 316 {
      k += 1
      places += 1
    }
    let m = FixedPoint(a.coefficient).scaled(q - places).magnitude
    let own = ln(m, q)
    if k == 0 { return own }
    let guardDigits = Limbs.digits(UInt64(k.magnitude)) + 1
    let tens = (ln10(q + guardDigits) * Natural(k)).shifted(right: guardDigits).0
    return own + FixedPoint(tens, negative: k < 0)
  }

  /// e**x for x in units of 10**-q as coefficient (of about q digits) and exponent; the last `lost` digits may be wrong.
  static func exp(_ x: FixedPoint, _ q: Int) -> (Natural, Int) {
    let n = max(1, x.magnitude.digits - q)
    // k = floor(x / ln 10); more digits where x is large.
    let wide = q + n + 2
    let ten = ln10(wide)
    let scaled = x.scaled(n + 2)
    var (k, r) = Natural.divide(scaled.magnitude, ten)
    if x.negative, !r.isZero {
      k = k + Natural.one
      r = ten - r
    }
    let e = exp(r.shifted(right: n + 2).0, q)
    let exponent = k.int ?? Int.max / 4
    return (e, (x.negative ? -exponent : exponent) &- q)
  }

  /// The number rounded to p digits, if digits that may be wrong (the last `lost` ones) cannot change that.
  static func settled(_ n: Natural, _ p: Int, lost: Int) -> Bool {
    let drop = n.digits - p
    if drop <= lost + 1 { return false }
    let low = n.low(drop)
    let error = Natural.power(lost)
    let whole = Natural.power(drop), half = Natural(UInt64(5)).shifted(left: drop - 1)
    if low < error || whole - low < error { return false }
    let gap = low < half ? half - low : low - half
    return !(gap < error)
  }
}

extension Decimal {
  /// 1 with a trace more or less: what e**x is for a tiny x.
  static func nearOne(above: Bool, _ p: Int) -> Decimal {
    above
      ? Decimal(Natural.power(p + 1) + Natural.one, exponent: -(p + 1))
      : Decimal(Natural.power(p + 2) - Natural.one, exponent: -(p + 2))
  }
  private static func tooLarge(_ c: DecimalContext) -> Decimal { Decimal(Natural.one, exponent: c.maximum + 1) }
  private static func tooSmall(_ c: DecimalContext) -> Decimal { Decimal(Natural.one, exponent: c.tiny - 1) }
  /// The longest precision that is worth trying.
  private static let functionLimit = 1 << 26

  public static func exp(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    if a.isInfinite { return a.negative ? zero(false, 0) : a }
    if a.isZero { return Decimal(1) }
    let rounding = c.rounding
    c.rounding = .halfEven
    defer { c.rounding = rounding }
    let p = c.precision, adjusted = a.adjusted
    if adjusted > 19 || (adjusted >= 0 && exceeds(a, c)) {
      return (a.negative ? tooSmall(c) : tooLarge(c)).finalized(&c)
    }
    if p > functionLimit { return invalid(&c, .memory) }
    if adjusted < -(p + 1) { return nearOne(above: !a.negative, p).finalized(&c) }
    var extra = 6
    while true {
      let q = p + extra + Transcendental.lost(p + extra)
      let x = FixedPoint(a.coefficient, negative: a.negative).scaled(q + a.exponent)
      let (n, e) = Transcendental.exp(x, q)
      if Transcendental.settled(n, p, lost: Transcendental.lost(q) + 1) {
        return Decimal(n, exponent: e).finalized(&c)
      }
      extra *= 2
    }
  }
  /// Whether e**a is beyond all exponents, judged by the logarithm.
  private static func exceeds(_ a: Decimal, _ c: DecimalContext) -> Bool {
    let limit = a.negative ? -(c.tiny &- 1) : c.maximum &+ 1
    // |a| > 3 * limit > ln(10) * limit
    return magnitudeOrder(a.withSign(false), Decimal(Natural(UInt64(limit)) * 3)) > 0
  }

  public static func ln(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    if a.isZero { return infinity(true) }
    if a.negative { return invalid(&c) }
    if a.isInfinite { return a }
    if order(a, Decimal(1)) == 0 { return zero(false, 0) }
    return logarithm(a, &c) { x, q in x }
  }
  public static func log10(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    if a.isZero { return infinity(true) }
    if a.negative { return invalid(&c) }
    if a.isInfinite { return a }
    if a.coefficient.isPowerOfTen { return Decimal(a.adjusted).finalized(&c) }
    return logarithm(a, &c) { x, q in
      FixedPoint(
        Natural.divide(x.magnitude.shifted(left: q), Transcendental.ln10(q)).quotient, negative: x.negative)
    }
  }
  private static func logarithm(
    _ a: Decimal, _ c: inout DecimalContext, _ convert: (FixedPoint, Int) -> FixedPoint
  ) -> Decimal {
    let rounding = c.rounding
    c.rounding = .halfEven
    defer { c.rounding = rounding }
    let p = c.precision
    if p > functionLimit { return invalid(&c, .memory) }
    // Near 1 the result has zeros in front.
    var wide = DecimalContext.widest
    let distance = sum(a, Decimal(-1), &wide)
    let zeros = a.adjusted == 0 || a.adjusted == -1 ? max(0, -distance.adjusted) : 0
    var extra = 6
    while true {
      let q = p + zeros + extra + Transcendental.lost(p + zeros + extra)
      let x = convert(Transcendental.ln(a, q), q)
      if Transcendental.settled(x.magnitude, p, lost: Transcendental.lost(q) + 1) {
        return Decimal(x.magnitude, exponent: -q, negative: x.negative).finalized(&c)
      }
      extra *= 2
    }
  }

  // MARK: powers

  public static func power(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    if b.isZero {
      if a.isZero { return invalid(&c) }
      return Decimal(1)
    }
    var negative = false
    var base = a
    if a.negative {
      if b.isInteger {
        negative = b.isOddInteger
      } else if !a.isZero {
        return invalid(&c)
      }
      base.negative = false
    }
    if base.isZero { return b.negative ? infinity(negative) : zero(negative, 0).finalized(&c) }
    if base.isInfinite { return b.negative ? zero(negative, 0).finalized(&c) : infinity(negative) }
    if b.isInfinite {
      let o = order(base, Decimal(1))
      if o == 0 {
        c.raise([.inexact, .rounded])
        return padded(negative, c)
      }
      return (o < 0) == b.negative ? infinity() : zero(false, 0).finalized(&c)
    }
    if order(base, Decimal(1)) == 0 { return powerOfOne(base, b, negative, &c) }
    if let exact = exactPower(base, b, c.precision + 1) {
      return exact.withSign(negative).finalized(&c)
    }
    if let n = b.int, let whole = moderatePower(base, n, c.precision) {
      if n > 0 { return whole.withSign(negative).finalized(&c) }
      return divide(Decimal(1), whole, &c).withSign(negative)
    }
    return realPower(base, b, negative, &c)
  }
  /// base**|n| with all its digits, if they are not many times those wanted: then rounding it is cheapest.
  private static func moderatePower(_ a: Decimal, _ n: Int, _ p: Int) -> Decimal? {
    let zeros = a.coefficient.trailingZeros()
    let m = a.coefficient.shifted(right: zeros).0
    let k = Int(clamping: n.magnitude)
    let (digits, o) = m.digits.multipliedReportingOverflow(by: k)
    if o || digits > 6 * Swift.min(p, 100_000) + 200 { return nil }
    let (e, overflow) = (a.exponent &+ zeros).multipliedReportingOverflow(by: k)
    if overflow || Swift.abs(e) > DecimalContext.maxExponent { return nil }
    return Decimal(m.raised(to: k), exponent: e)
  }
  /// 1.000… to the precision.
  private static func padded(_ negative: Bool, _ c: DecimalContext) -> Decimal {
    let zeros = min(c.precision - 1, functionLimit)
    return Decimal(Natural.power(zeros), exponent: -zeros, negative: negative)
  }
  private static func powerOfOne(
    _ a: Decimal, _ b: Decimal, _ negative: Bool, _ c: inout DecimalContext
  ) -> Decimal {
    if !b.isInteger {
      c.raise([.inexact, .rounded])
      return padded(negative, c)
    }
    let times = b.negative ? 0 : min(b.int ?? c.precision, c.precision)
    let (wanted, overflow) = a.exponent.multipliedReportingOverflow(by: times)
    var e = overflow ? 1 - c.precision : wanted
    if e < 1 - c.precision {
      e = 1 - c.precision
      c.raise(.rounded)
    }
    e = min(e, 0)
    return Decimal(Natural.power(-e), exponent: e, negative: negative)
  }
  /// base**b for an integer b if it has at most p digits (zeros at the end aside).
  private static func exactPower(_ a: Decimal, _ b: Decimal, _ p: Int) -> Decimal? {
    guard let n = b.int else { return nil }
    let zeros = a.coefficient.trailingZeros()
    let m = a.coefficient.shifted(right: zeros).0
    let (e, overflow) = (a.exponent &+ zeros).multipliedReportingOverflow(by: n)
    if overflow || Swift.abs(e) > 4 &* DecimalContext.maxExponent { return nil }
    if n > 0 {
      // Digits of m**n: at least (digits - 1) * n.
      if m != Natural.one {
        let (least, o) = (m.digits - 1).multipliedReportingOverflow(by: n)
        if o || least > p || n > 4 * p + 8 { return nil }
        let (v, k) = m.approximation
        let log = Glibc.log10(v) + Double(k)
        if log * Double(n) > Double(p) + 2 { return nil }
      }
      let value = m == Natural.one ? m : m.raised(to: n)
      if value.digits > p { return nil }
      let (ideal, o) = a.exponent.multipliedReportingOverflow(by: n)
      let pad = o ? 0 : max(0, min(e &- ideal, p - value.digits))
      if pad > digitLimit { return nil }
      return Decimal(value.shifted(left: pad), exponent: e &- pad)
    }
    // 1 / m**-n ends only for powers of 2 and of 5.
    var k = 0
    var rest = m
    let prime = m.isOdd ? UInt64(5) : UInt64(2)
    while rest != Natural.one {
      let (q, r) = Natural.divide(rest, Natural(prime))
      if !r.isZero { return nil }
      rest = q
      k += 1
      if k > 5 * p + 5 { return nil }
    }
    let (times, o) = k.multipliedReportingOverflow(by: -n)
    if o || times > 5 * p + 5 { return nil }
    let value = Natural(prime == 2 ? UInt64(5) : UInt64(2)).raised(to: times)
    if value.digits > p { return nil }
    return Decimal(value, exponent: e &- times)
  }
  private static func realPower(
    _ a: Decimal, _ b: Decimal, _ negative: Bool, _ c: inout DecimalContext
  ) -> Decimal {
    let p = c.precision
    if p > functionLimit { return invalid(&c, .memory) }
    // How large is b * ln(a)?
    var wide = DecimalContext.widest
    let distance = sum(a, Decimal(-1), &wide)
    let zeros = a.adjusted == 0 || a.adjusted == -1 ? max(0, -distance.adjusted) : 0
    let rough = Transcendental.ln(a, zeros + 20)
    let size = rough.magnitude.digits - (zeros + 20) + b.digits + b.exponent
    let grows = rough.negative == b.negative
    if size > 21 {
      return (grows ? tooLarge(c) : tooSmall(c)).withSign(negative).finalized(&c)
    }
    if size < -(p + 2) { return nearOne(above: grows, p).withSign(negative).finalized(&c) }
    var extra = 6
    while true {
      // ln(a) so exactly that the error times b stays below the digits wanted.
      let q = p + extra + Transcendental.lost(p + extra)
      let more = zeros + max(0, b.digits + b.exponent) + 2
      let lost = Transcendental.lost(q + more)
      let l = Transcendental.ln(a, q + more + lost)
      let product = FixedPoint(l.magnitude * b.coefficient, negative: l.negative != b.negative)
      let x = product.scaled(b.exponent - more - lost)
      let (n, e) = Transcendental.exp(x, q)
      let doubt = Transcendental.lost(q) + 2
      var value = n
      if !Transcendental.settled(n, p, lost: doubt) {
        if extra < 4 * p + 40 {
          extra *= 2
          continue
        }
        // So near to a boundary only an exact power is (of a root).
        let drop = n.digits - p
        let unit = Natural.power(drop - 1)
        value = Natural.divide(n + unit * 5, unit * 10).quotient.shifted(left: drop)
        let low = n.low(drop), half = unit * 5
        let gap = low < half ? half - low : low - half
        if gap < Natural.power(doubt) { value = n.shifted(right: drop).0.shifted(left: drop) + half }
      }
      let r = Decimal(value, exponent: e, negative: negative).finalized(&c)
      c.raise([.inexact, .rounded])
      if c.status.contains(.subnormal) { c.raise(.underflow) }
      return r
    }
  }

  /// a**b % m for integers.
  public static func power(_ a: Decimal, _ b: Decimal, modulo m: Decimal, _ c: inout DecimalContext) -> Decimal {
    if a.isNaN || b.isNaN || m.isNaN {
      for d in [a, b, m] where d.kind == .signaling { return nan(d, nil, &c) ?? .nan }
      for d in [a, b, m] where d.isNaN { return d.fixedNaN(c) }
    }
    guard a.isInteger, b.isInteger, m.isInteger, !b.negative || b.isZero, !m.isZero, m.adjusted < c.precision,
      !(a.isZero && b.isZero)
    else { return invalid(&c) }
    let negative = b.isOddInteger && a.negative
    let modulus = wholeNumber(m)
    func times(_ x: Natural, _ y: Natural) -> Natural { Natural.divide(x * y, modulus).remainder }
    func power(_ x: Natural, _ k: Natural) -> Natural {
      var result = Natural.divide(Natural.one, modulus).remainder, base = x, k = k
      while !k.isZero {
        if k.isOdd { result = times(result, base) }
        k = Natural.divide(k, Natural(UInt64(2))).quotient
        if !k.isZero { base = times(base, base) }
      }
      return result
    }
    // Large exponents of ten by powers of powers.
    var base: Natural
    if a.exponent > 0 {
      let ten = power(Natural.divide(Natural(UInt64(10)), modulus).remainder, Natural(a.exponent))
      base = times(Natural.divide(a.coefficient, modulus).remainder, ten)
    } else {
      base = Natural.divide(wholeNumber(a), modulus).remainder
    }
    if b.exponent > 0 {
      base = power(base, b.coefficient)
      for _ in 0..<min(b.exponent, 1 << 20) { base = power(base, Natural(UInt64(10))) }
    } else {
      base = power(base, wholeNumber(b))
    }
    return Decimal(base, negative: negative)
  }
  private static func wholeNumber(_ a: Decimal) -> Natural {
    a.exponent >= 0
      ? a.coefficient.shifted(left: min(a.exponent, 1 << 24)) : a.coefficient.shifted(right: -a.exponent).0
  }
}
