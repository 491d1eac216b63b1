// A decimal number: sign, kind, coefficient, exponent.

public struct Decimal: Sendable {
  public enum Kind: UInt8, Sendable { case finite, infinite, quiet, signaling }
  public var negative: Bool
  public var kind: Kind
  public var exponent: Int
  /// The payload of a NaN.
  public var coefficient: Natural

  public init(_ coefficient: Natural, exponent: Int = 0, negative: Bool = false) {
    self.coefficient = coefficient
    self.exponent = exponent
    self.negative = negative
    kind = .finite
  }
  public init(_ v: Int, exponent: Int = 0) { self.init(Natural(v), exponent: exponent, negative: v < 0) }
  public init(kind: Kind, negative: Bool = false, payload: Natural = Natural()) {
    self.kind = kind
    self.negative = negative
    exponent = 0
    coefficient = payload
  }
  public static func infinity(_ negative: Bool = false) -> Decimal { Decimal(kind: .infinite, negative: negative) }
  public static var nan: Decimal { Decimal(kind: .quiet) }
  public static func zero(_ negative: Bool, _ exponent: Int) -> Decimal {
    Decimal(Natural(), exponent: exponent, negative: negative)
  }

  public var isFinite: Bool { kind == .finite }
  public var isInfinite: Bool { kind == .infinite }
  public var isNaN: Bool { kind == .quiet || kind == .signaling }
  public var isZero: Bool { kind == .finite && coefficient.isZero }
  public var digits: Int { coefficient.digits }
  /// The exponent of the first digit.
  public var adjusted: Int { exponent &+ coefficient.digits &- 1 }
  public var isInteger: Bool {
    if kind != .finite { return false }
    if exponent >= 0 || coefficient.isZero { return true }
    return coefficient.trailingZeros(-exponent) >= -exponent
  }
  /// Whether an integer is odd.
  public var isOddInteger: Bool {
    if kind != .finite || exponent > 0 || coefficient.isZero { return false }
    return coefficient.digit(-exponent) & 1 != 0
  }
  /// The value if it is an integer of few digits.
  public var int: Int? {
    guard isInteger else { return nil }
    if coefficient.isZero { return 0 }
    if adjusted > 18 { return nil }
    let c = exponent >= 0 ? coefficient.shifted(left: exponent) : coefficient.shifted(right: -exponent).0
    guard let v = c.int else { return nil }
    return negative ? -v : v
  }
  public func withSign(_ negative: Bool) -> Decimal {
    var d = self
    d.negative = negative
    return d
  }

  /// Sets Invalid operation and gives NaN.
  public static func invalid(_ c: inout DecimalContext, _ condition: Conditions = .invalidOperation) -> Decimal {
    c.raise(condition)
    return .nan
  }
  /// More digits than any memory holds.
  static let digitLimit = 1 << 29

  // MARK: NaN

  /// A NaN's payload has at most `precision - clamp` digits.
  func fixedNaN(_ c: DecimalContext) -> Decimal {
    var d = self
    let most = c.precision - (c.clamp ? 1 : 0)
    if d.coefficient.digits > most { d.coefficient = d.coefficient.low(most) }
    return d
  }
  /// The NaN that an operation with NaN operands gives; nil if there is none.
  static func nan(_ a: Decimal, _ b: Decimal?, _ c: inout DecimalContext) -> Decimal? {
    if !a.isNaN, b?.isNaN != true { return nil }
    var chosen = a
    if a.kind == .signaling {
      c.raise(.invalidOperation)
    } else if let b, b.kind == .signaling {
      c.raise(.invalidOperation)
      chosen = b
    } else if !a.isNaN, let b {
      chosen = b
    }
    if chosen.kind == .signaling { chosen.kind = .quiet }
    return chosen.fixedNaN(c)
  }

  // MARK: rounding

  /// Whether the magnitude grows by one in the last place when what fell off was `dropped`.
  public static func roundsAway(
    _ rounding: Rounding, negative: Bool, odd: Bool, last: Int, dropped: Int
  ) -> Bool {
    if dropped == 0 { return false }
    switch rounding {
    case .down: return false
    case .up: return true
    case .ceiling: return !negative
    case .floor: return negative
    case .halfUp: return dropped >= 2
    case .halfDown: return dropped == 3
    case .halfEven: return dropped == 3 || (dropped == 2 && odd)
    case .zeroFiveUp: return last == 0 || last == 5
    }
  }
  /// Drops k digits of a coefficient with rounding; says whether anything but zeros fell off.
  static func rounded(_ n: Natural, _ k: Int, _ rounding: Rounding, negative: Bool) -> (Natural, inexact: Bool) {
    let (q, dropped) = n.shifted(right: k)
    let last = q.digit(0)
    if roundsAway(rounding, negative: negative, odd: last & 1 != 0, last: last, dropped: dropped) {
      return (q + Natural.one, true)
    }
    return (q, dropped != 0)
  }

  static func overflowed(_ negative: Bool, _ c: inout DecimalContext) -> Decimal {
    c.raise([.overflow, .inexact, .rounded])
    switch c.rounding {
    case .halfUp, .halfDown, .halfEven, .up: return .infinity(negative)
    case .ceiling where !negative: return .infinity(false)
    case .floor where negative: return .infinity(true)
    default:
      if c.precision > Decimal.digitLimit { return invalid(&c, .memory) }
      let most = Natural.power(c.precision) - Natural.one
      return Decimal(most, exponent: c.top, negative: negative)
    }
  }

  /// The number as the context allows it: rounded, within the exponent limits.
  public func finalized(_ c: inout DecimalContext) -> Decimal {
    if kind != .finite { return isNaN ? fixedNaN(c) : self }
    let tiny = c.tiny, top = c.top
    if coefficient.isZero {
      let most = c.clamp ? top : c.maximum
      let e = min(max(exponent, tiny), most)
      if e == exponent { return self }
      c.raise(.clamped)
      return .zero(negative, e)
    }
    let n = coefficient.digits
    var least = n &+ exponent &- c.precision
    if least > top { return Decimal.overflowed(negative, &c) }
    let isSubnormal = least < tiny
    if isSubnormal { least = tiny }
    if exponent < least {
      let drop = least &- exponent
      var (q, inexact) = Decimal.rounded(coefficient, drop, c.rounding, negative: negative)
      if q.digits > c.precision {
        q = q.shifted(right: 1).0
        least += 1
      }
      if least > top { return Decimal.overflowed(negative, &c) }
      let result = Decimal(q, exponent: least, negative: negative)
      if inexact, isSubnormal { c.raise(.underflow) }
      if isSubnormal { c.raise(.subnormal) }
      if inexact { c.raise(.inexact) }
      c.raise(.rounded)
      if q.isZero { c.raise(.clamped) }
      return result
    }
    if isSubnormal { c.raise(.subnormal) }
    if c.clamp, exponent > top {
      c.raise(.clamped)
      return Decimal(coefficient.shifted(left: exponent - top), exponent: top, negative: negative)
    }
    return self
  }
}
