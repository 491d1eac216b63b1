// Decimal digits of a double: the shortest that read back the same, or correctly rounded to a place.
//
// Every result is digits d1 d2 ... and the position of the decimal point: value = 0.d1d2... * 10 ** point. Trailing
// zeros are left out; zero is the single digit 0 with point 1. Rounding is exact, half to even, independent of locale.

/// Decimal digits of doubles.
public enum FloatDigits {
  /// No double has more significant decimal digits than this.
  public static let maximum = 770
  /// The size of the buffers that `rounded` functions want.
  public static let bufferSize = 1120

  /// The digits and the place of the decimal point.
  public struct Result {
    /// How many digits were written, without trailing zeros.
    public var count: Int
    /// value = 0.d1d2... * 10 ** point.
    public var point: Int
  }

  /// The shortest digits that read back as |v|; the one closest to it among those. `buffer` has room for 24 bytes.
  public static func shortest(_ v: Double, _ buffer: UnsafeMutablePointer<UInt8>) -> Result {
    let x = v.magnitude
    if x < 9_007_199_254_740_992 {
      let whole = UInt64(x)
      if Double(whole) == x {
        let n = Digits.writeDecimal(whole, to: buffer)
        return Result(count: strip(buffer, n), point: n)
      }
    }
    // The standard library's description has exactly these digits, in one of two layouts.
    var text = x.description
    return text.withUTF8 { bytes in
      var count = 0
      var point = 0
      var seenPoint = false
      var exponent = 0
      var i = 0
      while i < bytes.count {
        let c = bytes[i]
        i &+= 1
        if c == 46 {
          seenPoint = true
        } else if c == 101 || c == 69 {
          var negative = false
          while i < bytes.count {
            if bytes[i] == 45 {
              negative = true
            } else if bytes[i] != 43 {
              exponent = exponent &* 10 &+ Int(bytes[i] &- 48)
            }
            i &+= 1
          }
          if negative { exponent = 0 &- exponent }
        } else if c == 48 && count == 0 {
          if seenPoint { point &-= 1 }
        } else {
          if count < 24 { buffer[count] = c }
          count &+= 1
          if !seenPoint { point &+= 1 }
        }
      }
      return Result(count: strip(buffer, min(count, 24)), point: point &+ exponent)
    }
  }

  /// |v| rounded to `places` digits after the decimal point. When everything rounds away, no digits with
  /// point = -places. `buffer` has room for `bufferSize` bytes.
  public static func rounded(_ v: Double, places: Int, _ buffer: UnsafeMutablePointer<UInt8>) -> Result {
    let x = v.magnitude
    if x == 0 { return zero(buffer) }
    let p = min(places, 1080)
    let n = scaledDigits(x, power: p, buffer)
    if n == 0 { return Result(count: 0, point: 0 &- places) }
    return Result(count: strip(buffer, n), point: n &- p)
  }

  /// |v| rounded to a number of significant digits, at least one. `buffer` has room for `bufferSize` bytes.
  public static func rounded(_ v: Double, significant: Int, _ buffer: UnsafeMutablePointer<UInt8>) -> Result {
    let x = v.magnitude
    if x == 0 { return zero(buffer) }
    let wanted = max(1, min(significant, maximum))
    // Estimate the decimal exponent from the binary one (log10(2) = 0.30103), then correct by the digits that come out.
    var exponent = Int((Double(x.exponent) * 0.3010299956639812).rounded(.down))
    for _ in 0..<4 {
      let n = scaledDigits(x, power: wanted &- 1 &- exponent, buffer)
      if n == wanted { return Result(count: strip(buffer, n), point: exponent &+ 1) }
      exponent &+= n > wanted ? 1 : -1
    }
    return zero(buffer)
  }

  private static func zero(_ buffer: UnsafeMutablePointer<UInt8>) -> Result {
    buffer[0] = 48
    return Result(count: 1, point: 1)
  }

  /// Drops trailing zeros, but keeps one digit.
  private static func strip(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    var n = count
    while n > 1 && buffer[n &- 1] == 48 { n &-= 1 }
    return n
  }

  /// Writes the integer nearest to x * 10 ** power (half to even); returns its number of digits, 0 for zero.
  private static func scaledDigits(_ x: Double, power: Int, _ buffer: UnsafeMutablePointer<UInt8>) -> Int {
    let normal = x.isNormal
    let significand = normal ? x.significandBitPattern | 1 &<< 52 : x.significandBitPattern
    let exponent = normal ? Int(x.exponentBitPattern) &- 1075 : -1074
    if power >= 0 && power <= 19 && exponent <= 0 {
      // significand * 10 ** power stays below 2 ** 117.
      let product = UInt128(significand) &* UInt128(powerOfTen(power))
      let drop = 0 &- exponent
      if drop >= 120 { return 0 }
      var q = product &>> UInt128(drop)
      if drop > 0 {
        let low = product & (UInt128(1) &<< UInt128(drop) &- 1)
        let half = UInt128(1) &<< UInt128(drop &- 1)
        if low > half || (low == half && q & 1 == 1) { q &+= 1 }
      }
      if q == 0 { return 0 }
      return writeDecimal(q, buffer)
    }
    // Exact: numerator / denominator in big ints.
    var numerator = Magnitude(significand)
    var denominator = Magnitude(1)
    if power > 0 {
      numerator = Magnitude.product(numerator, powerOfTenMagnitude(power))
    } else if power < 0 {
      denominator = powerOfTenMagnitude(0 &- power)
    }
    if exponent > 0 {
      numerator = numerator.shiftedLeft(exponent)
    } else if exponent < 0 {
      denominator = denominator.shiftedLeft(0 &- exponent)
    }
    var rest = Magnitude(0)
    var q = Magnitude.quotientAndRemainder(numerator, denominator, &rest)
    let order = Magnitude.compare(rest.shiftedLeft(1), denominator)
    if order > 0 || (order == 0 && q.isOdd) { q = Magnitude.sum(q, Magnitude(1)) }
    if q.isZero { return 0 }
    return Digits.writeDecimal(q.digits, q.count, to: buffer)
  }

  private static func writeDecimal(_ v: UInt128, _ out: UnsafeMutablePointer<UInt8>) -> Int {
    if v <= UInt128(UInt64.max) { return Digits.writeDecimal(UInt64(truncatingIfNeeded: v), to: out) }
    let (q, r) = v.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
    let n = writeDecimal(q, out)
    var low = UInt64(truncatingIfNeeded: r)
    var i = n &+ 19
    while i > n {
      i &-= 1
      out[i] = 48 &+ UInt8(truncatingIfNeeded: low % 10)
      low /= 10
    }
    return n &+ 19
  }

  /// 10 ** power for 0 <= power <= 19.
  static func powerOfTen(_ power: Int) -> UInt64 {
    var r: UInt64 = 1
    var i = 0
    while i < power {
      r = r &* 10
      i &+= 1
    }
    return r
  }

  /// 10 ** power.
  static func powerOfTenMagnitude(_ power: Int) -> Magnitude {
    if power <= 19 { return Magnitude(powerOfTen(power)) }
    let ten = Magnitude(10)
    let exponent = Magnitude(UInt64(power))
    return Digits.power(ten.digits, ten.count, exponent.digits, exponent.count) ?? Magnitude(0)
  }
}
