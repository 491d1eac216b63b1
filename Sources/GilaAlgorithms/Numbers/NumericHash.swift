// The hash of numbers: the value modulo the prime 2^61 - 1, equal for equal numbers of every type.

/// Hashing of numeric values as CPython's.
public enum NumericHash {
  /// 2^61 - 1.
  public static let modulus: UInt64 = (1 << 61) - 1
  /// The hash of infinity.
  public static let infinity = 314159
  /// The factor of the imaginary part in a complex number's hash.
  public static let imaginaryMultiplier: UInt = 1_000_003

  /// The hash of an int; -1 is replaced by -2.
  public static func hash(_ a: UnsafePointer<Digit>, _ n: Int, negative: Bool) -> Int {
    var x: UInt64 = 0
    var i = n
    while i > 0 {
      i &-= 1
      x = ((x &<< 30) & modulus) | (x &>> 31)
      x &+= UInt64(a[i])
      if x >= modulus { x &-= modulus }
    }
    let h = negative ? 0 &- Int(bitPattern: UInt(x)) : Int(bitPattern: UInt(x))
    return h == -1 ? -2 : h
  }

  /// The hash of a double; nil for a NaN, whose hash is that of its identity.
  public static func hash(_ v: Double) -> Int? {
    if !v.isFinite { return v.isNaN ? nil : (v > 0 ? infinity : -infinity) }
    if v == 0 { return 0 }
    // The significand as an integer below 2^53; the power of two turns into a rotation of 61 bits.
    let scale = v.isNormal ? Int(v.exponentBitPattern) &- 1075 : -1074
    let x = v.isNormal ? v.significandBitPattern | 1 &<< 52 : v.significandBitPattern
    var e = scale % 61
    if e < 0 { e &+= 61 }
    let rotated = e == 0 ? x : ((x &<< UInt64(e)) & modulus) | (x &>> UInt64(61 &- e))
    let h = v < 0 ? 0 &- Int(bitPattern: UInt(rotated)) : Int(bitPattern: UInt(rotated))
    return h == -1 ? -2 : h
  }
}
