// The format specification mini-language: [[fill]align][sign][z][#][0][width][grouping][.precision][type].
//
// One parser for int, float, complex and str. It reads code points of any width and reports what is wrong; the object
// layer turns that into the exception's text.

/// A parsed format specification.
public struct FormatSpec: Sendable {
  /// How groups of digits are separated.
  public enum Grouping: Sendable {
    case none, comma, underscore
    /// Underscores every four digits, for the bases 2, 8 and 16.
    case underscoreByFour
    /// The locale's grouping (type n).
    case locale
  }

  /// What is wrong with a specification.
  public enum Failure: Error, Equatable {
    /// "Too many decimal digits in format string"
    case tooManyDigits
    /// "Format specifier missing precision"
    case missingPrecision
    /// "Cannot specify both ',' and '_'."
    case bothSeparators
    /// "Invalid format specifier '...' for object of type '...'"
    case invalid
    /// "Cannot specify ',' with 's'."
    case separatorWithType(separator: UInt8, type: UInt32)
  }

  /// The padding character.
  public var fill: UInt32 = 0x20
  /// Whether the padding character was given.
  public var fillGiven = false
  /// `<`, `>`, `=` or `^`.
  public var align: UInt8
  /// Whether the alignment was given.
  public var alignGiven = false
  /// `+`, `-`, a blank, or 0 when not given.
  public var sign: UInt8 = 0
  /// z: no minus sign before zero.
  public var noNegativeZero = false
  /// #: the alternate form.
  public var alternate = false
  /// The minimum width, -1 when not given.
  public var width = -1
  /// How digits are grouped.
  public var grouping = Grouping.none
  /// The precision, -1 when not given.
  public var precision = -1
  /// The presentation type.
  public var type: UInt32

  /// Code points of one, two or four bytes.
  struct Text {
    let base: UnsafeRawPointer
    let kind: Int
    let count: Int
    subscript(_ i: Int) -> UInt32 {
      switch kind {
      case 1: UInt32(base.load(fromByteOffset: i, as: UInt8.self))
      case 2: UInt32(base.load(fromByteOffset: i &* 2, as: UInt16.self))
      default: base.load(fromByteOffset: i &* 4, as: UInt32.self)
      }
    }
  }

  private static func isAlignment(_ c: UInt32) -> Bool { c == 0x3C || c == 0x3E || c == 0x3D || c == 0x5E }

  /// Parses `count` code points of `kind` bytes each.
  public init(
    parsing text: UnsafeRawPointer, kind: Int, count: Int, defaultType: UInt32, defaultAlign: UInt8
  ) throws(Failure) {
    let s = Text(base: text, kind: kind, count: count)
    align = defaultAlign
    type = defaultType
    var i = 0
    if count >= 2 && Self.isAlignment(s[1]) {
      align = UInt8(truncatingIfNeeded: s[1])
      fill = s[0]
      fillGiven = true
      alignGiven = true
      i = 2
    } else if count >= 1 && Self.isAlignment(s[0]) {
      align = UInt8(truncatingIfNeeded: s[0])
      alignGiven = true
      i = 1
    }
    if i < count && (s[i] == 0x20 || s[i] == 0x2B || s[i] == 0x2D) {
      sign = UInt8(truncatingIfNeeded: s[i])
      i &+= 1
    }
    if i < count && s[i] == 0x7A {
      noNegativeZero = true
      i &+= 1
    }
    if i < count && s[i] == 0x23 {
      alternate = true
      i &+= 1
    }
    if !fillGiven && i < count && s[i] == 0x30 {
      fill = 0x30
      if !alignGiven && defaultAlign == 0x3E { align = 0x3D }
      i &+= 1
    }
    width = try Self.integer(s, &i) ?? -1
    if i < count && s[i] == 0x2C {
      grouping = .comma
      i &+= 1
    }
    if i < count && s[i] == 0x5F {
      if grouping != .none { throw .bothSeparators }
      grouping = .underscore
      i &+= 1
    }
    if i < count && s[i] == 0x2C && grouping == .underscore { throw .bothSeparators }
    if i < count && s[i] == 0x2E {
      i &+= 1
      guard let p = try Self.integer(s, &i) else { throw .missingPrecision }
      precision = p
    }
    if count &- i > 1 { throw .invalid }
    if i < count { type = s[i] }
    if grouping != .none {
      switch type {
      case 0, 0x64, 0x65, 0x66, 0x67, 0x45, 0x47, 0x25, 0x46: break
      case 0x62, 0x6F, 0x78, 0x58:
        if grouping == .underscore { grouping = .underscoreByFour } else { fallthrough }
      default:
        throw .separatorWithType(separator: grouping == .comma ? 0x2C : 0x5F, type: type)
      }
    }
  }

  /// Decimal digits at a position; nil when there is none. Any Unicode decimal digit would do in CPython; the
  /// specifications in use are ASCII.
  private static func integer(_ s: Text, _ i: inout Int) throws(Failure) -> Int? {
    let first = i
    var value = 0
    while i < s.count {
      let c = s[i]
      if c < 0x30 || c > 0x39 { break }
      let (tens, o1) = value.multipliedReportingOverflow(by: 10)
      let (sum, o2) = tens.addingReportingOverflow(Int(c &- 0x30))
      if o1 || o2 { throw .tooManyDigits }
      value = sum
      i &+= 1
    }
    return i == first ? nil : value
  }
}
