// What arithmetic depends on: precision, exponent limits, rounding; and the conditions it reports.

/// How a number that has too many digits loses some.
public enum Rounding: UInt8, CaseIterable, Sendable {
  case up, down, ceiling, floor, halfUp, halfDown, halfEven, zeroFiveUp
}

/// Conditions of an operation, as bits.
public struct Conditions: OptionSet, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let clamped = Conditions(rawValue: 0x1)
  public static let conversionSyntax = Conditions(rawValue: 0x2)
  public static let divisionByZero = Conditions(rawValue: 0x4)
  public static let divisionImpossible = Conditions(rawValue: 0x8)
  public static let divisionUndefined = Conditions(rawValue: 0x10)
  public static let inexact = Conditions(rawValue: 0x40)
  public static let invalidContext = Conditions(rawValue: 0x80)
  public static let invalidOperation = Conditions(rawValue: 0x100)
  public static let memory = Conditions(rawValue: 0x200)
  public static let floatOperation = Conditions(rawValue: 0x400)
  public static let overflow = Conditions(rawValue: 0x800)
  public static let rounded = Conditions(rawValue: 0x1000)
  public static let subnormal = Conditions(rawValue: 0x2000)
  public static let underflow = Conditions(rawValue: 0x4000)
  /// Everything that is the signal InvalidOperation.
  public static let invalid: Conditions = [
    .conversionSyntax, .divisionImpossible, .divisionUndefined, .invalidContext, .invalidOperation, .memory,
  ]
}

public struct DecimalContext: Sendable {
  public static let maxPrecision = 999_999_999_999_999_999
  public static let maxExponent = 999_999_999_999_999_999
  public static let minExponent = -999_999_999_999_999_999
  public static let minTiny = minExponent - (maxPrecision - 1)

  public var precision = 28
  public var maximum = 999_999
  public var minimum = -999_999
  public var rounding = Rounding.halfEven
  public var clamp = false
  /// The conditions met so far.
  public var status: Conditions = []

  public init() {}
  /// The widest context: what conversions that must be exact use.
  public static var widest: DecimalContext {
    var c = DecimalContext()
    c.precision = maxPrecision
    c.maximum = maxExponent
    c.minimum = minExponent
    return c
  }
  public var tiny: Int { minimum - (precision - 1) }
  public var top: Int { maximum - (precision - 1) }

  @inlinable public mutating func raise(_ c: Conditions) { status.formUnion(c) }
  /// A copy without conditions.
  public var fresh: DecimalContext {
    var c = self
    c.status = []
    return c
  }
}
