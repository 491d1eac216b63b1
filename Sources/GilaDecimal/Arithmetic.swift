// Sums, products, quotients, comparisons.

extension Decimal {
  // MARK: sums

  public static func add(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext, negated: Bool = false) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    let bNegative = b.negative != negated
    if a.isInfinite {
      if b.isInfinite, a.negative != bNegative { return invalid(&c) }
      return a
    }
    if b.isInfinite { return infinity(bNegative) }
    return sum(a, b.withSign(bNegative), &c).finalized(&c)
  }
  public static func subtract(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    add(a, b, &c, negated: true)
  }
  /// The sum before the last rounding.
  static func sum(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    let e = min(a.exponent, b.exponent)
    let zeroSign = a.negative == b.negative ? a.negative : c.rounding == .floor
    if a.coefficient.isZero, b.coefficient.isZero { return zero(zeroSign, e) }
    if a.coefficient.isZero || b.coefficient.isZero {
      let (z, x) = a.coefficient.isZero ? (a, b) : (b, a)
      // As if zeros were appended, but no more than the precision can show.
      if x.exponent <= z.exponent { return x }
      let shift = min(x.exponent &- z.exponent, max(0, c.precision &- x.digits &+ 1))
      if shift > digitLimit { return invalid(&c, .memory) }
      let padded = Decimal(x.coefficient.shifted(left: shift), exponent: x.exponent - shift, negative: x.negative)
      return padded
    }
    var (high, low) = a.exponent >= b.exponent ? (a, b) : (b, a)
    var gap = high.exponent &- low.exponent
    if gap > 0 {
      // A number far below the other only matters as not being nothing.
      let reach = high.exponent &+ min(-1, high.digits &- c.precision &- 2)
      if low.digits &+ low.exponent &- 1 < reach {
        low.coefficient = Natural.one
        low.exponent = reach
        gap = high.exponent &- low.exponent
      }
      if gap > digitLimit { return invalid(&c, .memory) }
      high.coefficient = high.coefficient.shifted(left: gap)
      high.exponent = low.exponent
    }
    if high.negative == low.negative {
      return Decimal(high.coefficient + low.coefficient, exponent: low.exponent, negative: high.negative)
    }
    switch Natural.compare(high.coefficient, low.coefficient) {
    case 0: return zero(c.rounding == .floor, e)
    case 1: return Decimal(high.coefficient - low.coefficient, exponent: low.exponent, negative: high.negative)
    default: return Decimal(low.coefficient - high.coefficient, exponent: low.exponent, negative: low.negative)
    }
  }

  public static func plus(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    // -0 becomes 0 except when rounding down.
    let r = a.isZero && c.rounding != .floor ? a.withSign(false) : a
    return r.finalized(&c)
  }
  public static func minus(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, nil, &c) { return n }
    let r = a.isZero && c.rounding != .floor ? a.withSign(false) : a.withSign(!a.negative)
    return r.finalized(&c)
  }
  public static func abs(_ a: Decimal, _ c: inout DecimalContext) -> Decimal {
    a.negative ? minus(a, &c) : plus(a, &c)
  }

  // MARK: products

  public static func multiply(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    let negative = a.negative != b.negative
    if a.isInfinite || b.isInfinite {
      if a.isZero || b.isZero { return invalid(&c) }
      return infinity(negative)
    }
    return Decimal(a.coefficient * b.coefficient, exponent: a.exponent &+ b.exponent, negative: negative)
      .finalized(&c)
  }
  public static func multiplyAdd(_ a: Decimal, _ b: Decimal, _ d: Decimal, _ c: inout DecimalContext) -> Decimal {
    if a.kind == .signaling || b.kind == .signaling {
      return nan(a, b, &c) ?? .nan
    }
    if a.isNaN || b.isNaN {
      if d.kind == .signaling { return nan(d, nil, &c) ?? .nan }
      return nan(a, b, &c) ?? .nan
    }
    let negative = a.negative != b.negative
    if a.isInfinite || b.isInfinite {
      if a.isZero || b.isZero {
        // The product is invalid before the sum is looked at; a NaN in the sum does not hide it.
        return invalid(&c)
      }
      return add(infinity(negative), d, &c)
    }
    let product = Decimal(a.coefficient * b.coefficient, exponent: a.exponent &+ b.exponent, negative: negative)
    return add(product, d, &c)
  }

  // MARK: quotients

  public static func divide(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    let negative = a.negative != b.negative
    if a.isInfinite { return b.isInfinite ? invalid(&c) : infinity(negative) }
    if b.isInfinite {
      c.raise(.clamped)
      return zero(negative, c.tiny)
    }
    if b.isZero {
      if a.isZero { return invalid(&c, .divisionUndefined) }
      c.raise(.divisionByZero)
      return infinity(negative)
    }
    let ideal = a.exponent &- b.exponent
    if a.isZero { return zero(negative, ideal).finalized(&c) }
    var shift = b.digits &- a.digits &+ c.precision &+ 1
    // A quotient that ends does so within about four digits for each of the divisor's.
    let enough = 4 * b.digits + 2
    if shift > enough {
      let (q, r) = Natural.divide(a.coefficient.shifted(left: enough), b.coefficient)
      if r.isZero { return reduced(q, ideal &- enough, ideal, negative).finalized(&c) }
    }
    if shift > digitLimit { return invalid(&c, .memory) }
    var u = a.coefficient, v = b.coefficient
    if shift >= 0 { u = u.shifted(left: shift) } else { v = v.shifted(left: -shift) }
    var (q, r) = Natural.divide(u, v)
    let e = ideal &- shift
    shift = 0
    if !r.isZero {
      // A last digit that is neither 0 nor 5 keeps the rounding honest.
      if q.digit(0) % 5 == 0 { q = q + Natural.one }
      return Decimal(q, exponent: e, negative: negative).finalized(&c)
    }
    return reduced(q, e, ideal, negative).finalized(&c)
  }
  /// Takes zeros off the end while the exponent is below the ideal one.
  static func reduced(_ n: Natural, _ e: Int, _ ideal: Int, _ negative: Bool) -> Decimal {
    let k = e < ideal ? n.trailingZeros(ideal &- e) : 0
    return Decimal(n.shifted(right: k).0, exponent: e &+ k, negative: negative)
  }

  /// Whole quotient and remainder; nil when the quotient has more digits than the precision.
  private static func whole(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> (Decimal, Decimal)? {
    let negative = a.negative != b.negative
    let ideal = b.isInfinite ? a.exponent : min(a.exponent, b.exponent)
    let gap = a.adjusted &- b.adjusted
    if a.isZero || b.isInfinite || gap <= -2 {
      return (zero(negative, 0), rescaled(a, ideal, c.rounding))
    }
    if gap <= c.precision {
      var u = a.coefficient, v = b.coefficient
      if a.exponent >= b.exponent {
        u = u.shifted(left: a.exponent &- b.exponent)
      } else {
        v = v.shifted(left: b.exponent &- a.exponent)
      }
      let (q, r) = Natural.divide(u, v)
      if q.digits <= c.precision {
        return (Decimal(q, negative: negative), Decimal(r, exponent: ideal, negative: a.negative))
      }
    }
    c.raise(.divisionImpossible)
    return nil
  }
  public static func divideInteger(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    let negative = a.negative != b.negative
    if a.isInfinite { return b.isInfinite ? invalid(&c) : infinity(negative) }
    if b.isZero {
      if a.isZero { return invalid(&c, .divisionUndefined) }
      c.raise(.divisionByZero)
      return infinity(negative)
    }
    if b.isInfinite { return zero(negative, 0) }
    guard let (q, _) = whole(a, b, &c) else { return .nan }
    return q.finalized(&c)
  }
  public static func remainder(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    if a.isInfinite { return invalid(&c) }
    if b.isZero { return invalid(&c, a.isZero ? .divisionUndefined : .invalidOperation) }
    guard let (_, r) = whole(a, b, &c) else { return .nan }
    return r.finalized(&c)
  }
  public static func divideWithRemainder(
    _ a: Decimal, _ b: Decimal, _ c: inout DecimalContext
  ) -> (Decimal, Decimal) {
    if let n = nan(a, b, &c) { return (n, n) }
    let negative = a.negative != b.negative
    if a.isInfinite {
      if b.isInfinite {
        let n = invalid(&c)
        return (n, n)
      }
      return (infinity(negative), invalid(&c))
    }
    if b.isZero {
      if a.isZero {
        let n = invalid(&c, .divisionUndefined)
        return (n, n)
      }
      c.raise(.divisionByZero)
      return (infinity(negative), invalid(&c))
    }
    guard let (q, r) = whole(a, b, &c) else { return (.nan, .nan) }
    return (b.isInfinite ? q : q.finalized(&c), r.finalized(&c))
  }
  public static func remainderNear(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    if a.isInfinite { return invalid(&c) }
    if b.isZero { return invalid(&c, a.isZero ? .divisionUndefined : .invalidOperation) }
    if b.isInfinite { return a.finalized(&c) }
    let ideal = min(a.exponent, b.exponent)
    if a.isZero { return zero(a.negative, ideal).finalized(&c) }
    let gap = a.adjusted &- b.adjusted
    if gap >= c.precision &+ 1 { return invalid(&c, .divisionImpossible) }
    if gap <= -2 { return rescaled(a, ideal, c.rounding).finalized(&c) }
    var u = a.coefficient, v = b.coefficient
    if a.exponent >= b.exponent {
      u = u.shifted(left: a.exponent &- b.exponent)
    } else {
      v = v.shifted(left: b.exponent &- a.exponent)
    }
    var (q, r) = Natural.divide(u, v)
    var negative = a.negative
    // The nearer multiple, the even one of two.
    let order = Natural.compare(r + r, v)
    if order > 0 || (order == 0 && q.isOdd) {
      r = v - r
      q = q + Natural.one
      negative.toggle()
    }
    if q.digits > c.precision { return invalid(&c, .divisionImpossible) }
    return Decimal(r, exponent: ideal, negative: negative).finalized(&c)
  }

  // MARK: order

  /// The order of two numbers that are no NaN: -1, 0, 1.
  public static func order(_ a: Decimal, _ b: Decimal) -> Int {
    if a.isInfinite || b.isInfinite {
      let x = a.isInfinite ? (a.negative ? -1 : 1) : 0, y = b.isInfinite ? (b.negative ? -1 : 1) : 0
      return x == y ? 0 : x < y ? -1 : 1
    }
    if a.isZero { return b.isZero ? 0 : b.negative ? 1 : -1 }
    if b.isZero { return a.negative ? -1 : 1 }
    if a.negative != b.negative { return a.negative ? -1 : 1 }
    return a.negative ? -magnitudeOrder(a, b) : magnitudeOrder(a, b)
  }
  static func magnitudeOrder(_ a: Decimal, _ b: Decimal) -> Int {
    let x = a.adjusted, y = b.adjusted
    if x != y { return x < y ? -1 : 1 }
    // Equal first places: one shift of at most the difference of the lengths.
    let gap = a.exponent &- b.exponent
    if gap == 0 { return Natural.compare(a.coefficient, b.coefficient) }
    return gap > 0
      ? Natural.compare(a.coefficient.shifted(left: gap), b.coefficient)
      : Natural.compare(a.coefficient, b.coefficient.shifted(left: -gap))
  }
  public static func compare(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if let n = nan(a, b, &c) { return n }
    return Decimal(order(a, b))
  }
  public static func compareSignal(_ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    if a.isNaN || b.isNaN {
      c.raise(.invalidOperation)
      return nan(a, b, &c) ?? .nan
    }
    return Decimal(order(a, b))
  }
  public static func compareTotal(_ a: Decimal, _ b: Decimal) -> Int {
    if a.negative != b.negative { return a.negative ? -1 : 1 }
    let sign = a.negative ? -1 : 1
    if a.isNaN || b.isNaN {
      func rank(_ d: Decimal) -> Int { d.kind == .quiet ? 2 : d.kind == .signaling ? 1 : 0 }
      let x = rank(a), y = rank(b)
      if x != y { return x < y ? -sign : sign }
      return sign * Natural.compare(a.coefficient, b.coefficient)
    }
    let o = order(a, b)
    if o != 0 { return o }
    if a.isInfinite || a.exponent == b.exponent { return 0 }
    return a.exponent < b.exponent ? -sign : sign
  }
  public static func extreme(
    _ a: Decimal, _ b: Decimal, _ c: inout DecimalContext, greater: Bool, magnitude: Bool
  ) -> Decimal {
    if a.isNaN || b.isNaN {
      // One quiet NaN gives way to a number.
      if a.kind == .quiet, !b.isNaN { return b.finalized(&c) }
      if b.kind == .quiet, !a.isNaN { return a.finalized(&c) }
      return nan(a, b, &c) ?? .nan
    }
    var o = magnitude ? order(a.withSign(false), b.withSign(false)) : order(a, b)
    if o == 0 { o = compareTotal(a, b) }
    return ((o < 0) == greater ? b : a).finalized(&c)
  }
}
