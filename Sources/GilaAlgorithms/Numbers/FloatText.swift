// Doubles as text: the format codes e, f, g, r with precision and flags, as PyOS_double_to_string defines them.

/// Text of doubles.
public enum FloatText {
  /// Details of the text, with the values of CPython's Py_DTSF_ constants.
  public struct Flags: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int32
    /// Flags from bits.
    public init(rawValue: Int32) { self.rawValue = rawValue }
    /// Always a sign.
    public static let sign = Flags(rawValue: 1)
    /// At least one digit after the point for finite values.
    public static let addDotZero = Flags(rawValue: 2)
    /// The alternate form: keep the point and trailing zeros.
    public static let alternate = Flags(rawValue: 4)
    /// No minus sign for a result that is zero.
    public static let noNegativeZero = Flags(rawValue: 8)
  }

  /// What kind of value was written.
  public enum Kind: Int32, Sendable {
    case finite = 0
    case infinite = 1
    case nan = 2
  }

  /// Room that `format` needs at most.
  public static func capacity(_ v: Double, code: UInt8, precision: Int) -> Int {
    let places = code == UInt8(ascii: "r") ? 17 : max(precision, 0)
    let whole =
      v.isFinite && (code | 0x20) == UInt8(ascii: "f") ? max(0, Int(v.exponent == .min ? 0 : v.exponent)) / 3 : 0
    return places &+ whole &+ 32
  }

  /// Writes v; `code` is one of e E f F g G r (r: shortest; precision ignored). `out` has room for `capacity` bytes.
  public static func format(
    _ v: Double, code: UInt8, precision: Int, flags: Flags, to out: UnsafeMutablePointer<UInt8>
  ) -> (count: Int, kind: Kind) {
    let uppercase = code >= 65 && code <= 90
    let lower = code | 0x20
    var at = 0
    func put(_ c: UInt8) {
      out[at] = c
      at &+= 1
    }
    if v.isNaN {
      if flags.contains(.sign) { put(43) }
      for c in [UInt8(ascii: "n"), UInt8(ascii: "a"), UInt8(ascii: "n")] { put(uppercase ? c &- 32 : c) }
      return (at, .nan)
    }
    if v.isInfinite {
      if v < 0 { put(45) } else if flags.contains(.sign) { put(43) }
      for c in [UInt8(ascii: "i"), UInt8(ascii: "n"), UInt8(ascii: "f")] { put(uppercase ? c &- 32 : c) }
      return (at, .infinite)
    }
    // What ordinary numbers need fits on the stack.
    let room = v.magnitude < 1e30 && precision < 200 ? 512 : FloatDigits.bufferSize
    let count = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
      write(v, lower, uppercase, precision, flags, buffer.baseAddress!, out)
    }
    return (count, .finite)
  }

  private static func write(
    _ v: Double, _ code: UInt8, _ uppercase: Bool, _ precision0: Int, _ flags: Flags,
    _ digits: UnsafeMutablePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var precision = precision0
    let result: FloatDigits.Result
    switch code {
    case UInt8(ascii: "e"):
      result = FloatDigits.rounded(v, significant: precision &+ 1, digits)
    case UInt8(ascii: "f"):
      result = FloatDigits.rounded(v, places: precision, digits)
    case UInt8(ascii: "g"):
      if precision == 0 { precision = 1 }
      result = FloatDigits.rounded(v, significant: precision, digits)
    default:
      result = FloatDigits.shortest(v, digits)
    }
    var negative = v.sign == .minus
    if flags.contains(.noNegativeZero) && negative
      && (result.count == 0 || (result.count == 1 && digits[0] == 48))
    {
      negative = false
    }
    var point = result.point
    var end = result.count
    var exponential = false
    switch code {
    case UInt8(ascii: "e"):
      exponential = true
      end = precision &+ 1
    case UInt8(ascii: "f"):
      end = point &+ precision
    case UInt8(ascii: "g"):
      exponential = point <= -4 || point > precision &- (flags.contains(.addDotZero) ? 1 : 0)
      if flags.contains(.alternate) { end = precision }
    default:
      exponential = point <= -4 || point > 16
    }
    let exponent = point &- 1
    if exponential { point = 1 }
    let start = point <= 0 ? point &- 1 : 0
    end = max(end, !exponential && flags.contains(.addDotZero) ? point &+ 1 : point)

    var at = 0
    if negative {
      out[at] = 45
      at &+= 1
    } else if flags.contains(.sign) {
      out[at] = 43
      at &+= 1
    }
    // Positions start ..< end count from the first digit; what lies outside the digits is zero.
    var i = start
    while i < end {
      if i == point {
        out[at] = 46
        at &+= 1
      }
      out[at] = i >= 0 && i < result.count ? digits[i] : 48
      at &+= 1
      i &+= 1
    }
    if end == point && flags.contains(.alternate) {
      out[at] = 46
      at &+= 1
    }
    if exponential {
      out[at] = uppercase ? 69 : 101
      out[at &+ 1] = exponent < 0 ? 45 : 43
      at &+= 2
      let e = exponent.magnitude
      if e < 10 {
        out[at] = 48
        at &+= 1
      }
      at &+= Digits.writeDecimal(UInt64(e), to: out + at)
    }
    return at
  }
}
