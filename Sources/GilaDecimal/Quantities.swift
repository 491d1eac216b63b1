// Operations on exponent and digits: quantize, shift, logical, neighbours.

extension Decimal {
  /// The number with another exponent, rounded where digits fall off. No conditions.
  static func rescaled(_ a: Decimal, _ e: Int, _ rounding: Rounding) -> Decimal {
    if a.kind != .finite { return a }
    if a.coefficient.isZero { return zero(a.negative, e) }
    if a.exponent >= e {
      return Decimal(a.coefficient.shifted(left: a.exponent &- e), exponent: e, negative: a.negative)
    }
    let (n, _) = rounded(a.coefficient, e &- a.exponent, rounding, negative: a.negative)
    return Decimal(n, exponent: e, negative: a.negative)
  }
  /// The same for text: formats say themselves what they drop.
  public static func formatRescaled(_ a: Decimal, _ e: Int, _ rounding: Rounding) -> Decimal {
    rescaled(a, e, rounding)
  }
  public static func quantize(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    if a.isInfinite || b.isInfinite { return a.isInfinite && b.isInfinite ? a : invalid(&c) }
    return quantize(a, exponent: b.exponent, &c)
  }
  public static func quantize(_ a: Decimal, exponent e: Int, _ c: inout DecimalContext) -> Decimal {
    if e < c.tiny || e > c.maximum { return invalid(&c) }
    if a.isZero { return zero(a.negative, e).finalized(&c) }
    if a.adjusted > c.maximum || a.adjusted &- e &+ 1 > c.precision { return invalid(&c) }
    if a.exponent &- e > digitLimit { return invalid(&c, .memory) }
    let r = rescaled(a, e, c.rounding)
    if r.digits > c.precision || r.adjusted > c.maximum { return invalid(&c) }
    if !r.isZero, r.adjusted < c.minimum { c.raise(.subnormal) }
    if e > a.exponent {
      if order(r, a) != 0 { c.raise(.inexact) }
      c.raise(.rounded)
    }
    return r.finalized(&c)
  }
  /// `signals`: whether Inexact and Rounded are reported.
  public static func toIntegral(_ a: Decimal, _ c: inout DecimalContext, signals: Bool) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    if a.kind != .finite || a.exponent >= 0 { return a }
    if a.isZero { return zero(a.negative, 0) }
    let r = rescaled(a, 0, c.rounding)
    if signals {
      if order(r, a) != 0 { c.raise(.inexact) }
      c.raise(.rounded)
    }
    return r
  }
  public static func normalize(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    let d = a.finalized(&c)
    if d.isInfinite { return d }
    if d.isZero { return zero(d.negative, 0) }
    let most = c.clamp ? c.top : c.maximum
    let k = d.coefficient.trailingZeros(max(0, most &- d.exponent))
    return Decimal(d.coefficient.shifted(right: k).0, exponent: d.exponent &+ k, negative: d.negative)
  }
  public static func logb(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    if a.isInfinite { return infinity() }
    if a.isZero {
      c.raise(.divisionByZero)
      return infinity(true)
    }
    return Decimal(a.adjusted).finalized(&c)
  }
  public static func scale(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    if b.kind != .finite || b.exponent != 0 { return invalid(&c) }
    guard let k = b.int else { return invalid(&c) }
    let limit = 2 &* (c.maximum &+ c.precision)
    if k < -limit || k > limit { return invalid(&c) }
    if a.isInfinite { return a }
    var d = a
    d.exponent = a.exponent &+ k
    return d.finalized(&c)
  }
  /// The count of a shift or rotation, or nil after Invalid operation.
  private static func count(_ b: Decimal, _ c: inout DecimalContext) -> Int? {
    guard b.kind == .finite, b.exponent == 0, let k = b.int, k >= -c.precision, k <= c.precision else {
      c.raise(.invalidOperation)
      return nil
    }
    return k
  }
  public static func shift(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    guard let k = count(b, &c) else { return .nan }
    if a.isInfinite { return a }
    var d = a
    let n = a.coefficient.low(c.precision)
    if k >= 0 {
      if k > digitLimit { return invalid(&c, .memory) }
      d.coefficient = n.low(c.precision - k).shifted(left: k)
    } else {
      d.coefficient = n.shifted(right: -k).0
    }
    return d
  }
  public static func rotate(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    guard var k = count(b, &c) else { return .nan }
    if a.isInfinite { return a }
    if k < 0 { k += c.precision }
    let n = a.coefficient.low(c.precision)
    if c.precision > digitLimit { return invalid(&c, .memory) }
    var d = a
    d.coefficient = n.low(c.precision - k).shifted(left: k) + n.shifted(right: c.precision - k).0
    return d
  }

  // MARK: neighbours

  public static func next(_ a: Decimal, up: Bool, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    if a.isInfinite {
      if a.negative != up { return a }
      if c.precision > digitLimit { return invalid(&c, .memory) }
      return Decimal(Natural.power(c.precision) - Natural.one, exponent: c.top, negative: a.negative)
    }
    var own = c.fresh
    own.rounding = up ? .ceiling : .floor
    let r = a.finalized(&own)
    if r.isInfinite || order(r, a) != 0 { return r }
    return add(a, Decimal(Natural.one, exponent: own.tiny - 1, negative: !up), &own)
  }
  public static func nextToward(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    let o = order(a, b)
    if o == 0 { return a.withSign(b.negative) }
    let r = next(a, up: o < 0, &c)
    if r.isInfinite {
      c.raise([.overflow, .inexact, .rounded])
    } else if r.isFinite, r.adjusted < c.minimum {
      c.raise([.underflow, .subnormal, .inexact, .rounded])
      if r.isZero { c.raise(.clamped) }
    }
    return r
  }

  // MARK: logical

  private var isLogical: Bool {
    if kind != .finite || negative || exponent != 0 { return false }
    return coefficient.text.allSatisfy { $0 <= 49 }
  }
  public static func logical(
    _ a: Decimal, _ b: Decimal, _ c: inout DecimalContext, _ f: (UInt8, UInt8) -> UInt8
  ) -> Decimal {
    if !a.isLogical || !b.isLogical { return invalid(&c) }
    let x = a.coefficient.low(c.precision).text, y = b.coefficient.low(c.precision).text
    let n = max(x.count, y.count)
    func padded(_ t: [UInt8]) -> [UInt8] { [UInt8](repeating: 48, count: n - t.count) + t }
    return Decimal(Natural(digits: zip(padded(x), padded(y)).map { f($0 & 1, $1 & 1) | 48 }))
  }
  public static func invert(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if !a.isLogical { return invalid(&c) }
    if c.precision > digitLimit { return invalid(&c, .memory) }
    let x = a.coefficient.low(c.precision).text
    let all = [UInt8](repeating: 49, count: c.precision - min(x.count, c.precision)) + x.map { $0 ^ 1 }
    return Decimal(Natural(digits: all))
  }

  public static func squareRoot(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    if a.isZero { return zero(a.negative, a.exponent >> 1).finalized(&c) }
    if a.negative { return invalid(&c) }
    if a.isInfinite { return a }
    let odd = a.exponent & 1 != 0
    let ideal = a.exponent >> 1
    let n = odd ? a.coefficient.shifted(left: 1) : a.coefficient
    let shift = c.precision &+ 1 &- (n.digits + 1) / 2
    let rounding = c.rounding
    c.rounding = .halfEven
    defer { c.rounding = rounding }
    if shift > 60 {
      let (root, exact) = n.squareRoot
      if exact { return Decimal(root, exponent: ideal).finalized(&c) }
      if shift > digitLimit { return invalid(&c, .memory) }
    }
    var exact = true
    var m: Natural
    if shift >= 0 {
      m = n.shifted(left: 2 * shift)
    } else {
      let (q, dropped) = n.shifted(right: -2 * shift)
      m = q
      exact = dropped == 0
    }
    var (root, whole) = m.squareRoot
    var e = ideal &- shift
    if exact, whole {
      root = shift >= 0 ? root.shifted(right: shift).0 : root.shifted(left: -shift)
      e = ideal
    } else if root.digit(0) % 5 == 0 {
      root = root + Natural.one
    }
    return Decimal(root, exponent: e).finalized(&c)
  }
}
