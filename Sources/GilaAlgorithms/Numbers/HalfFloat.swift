// IEEE 754 half precision, converted from and to double with one correct rounding.

/// 16-bit floating point.
public enum HalfFloat {
  /// The bits of the nearest half (ties to even) of a value that is not a NaN; nil when it overflows.
  public static func bits(_ v: Double) -> UInt16? {
    let sign: UInt16 = v.sign == .minus ? 0x8000 : 0
    let x = v.magnitude
    if x.isInfinite { return sign | 0x7C00 }
    if x == 0 { return sign }
    // Units in the last place of the result: 2 ** (exponent - 10), at least 2 ** -24.
    let exponent = max(Int(x.exponent), -14)
    if exponent > 15 { return nil }
    let scaled = Double(sign: .plus, exponent: 10 &- exponent, significand: x)
    let rounded = scaled.rounded(.toNearestOrEven)
    let m = UInt32(rounded)
    // m is below 2048 + 1; a carry moves into the exponent by itself.
    let biased = UInt32(exponent &+ 14) &<< 10
    let result = biased &+ m
    if result >= 0x7C00 { return nil }
    return sign | UInt16(truncatingIfNeeded: result)
  }

  /// The value of a half.
  public static func value(_ bits: UInt16) -> Double {
    let negative = bits & 0x8000 != 0
    let exponent = Int(bits >> 10 & 31)
    let fraction = Double(bits & 0x3FF)
    let x: Double
    if exponent == 31 {
      x = fraction == 0 ? .infinity : .nan
    } else if exponent == 0 {
      x = fraction / 16_777_216
    } else {
      x = Double(sign: .plus, exponent: exponent &- 25, significand: fraction + 1024)
    }
    return negative ? -x : x
  }
}
