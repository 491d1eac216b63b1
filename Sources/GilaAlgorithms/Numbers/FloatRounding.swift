// Rounding a double to decimal places, as round(x, n) does: through its correctly rounded decimal digits.

/// Decimal rounding of doubles.
public enum FloatRounding {
  /// v rounded half to even at `places` digits after the point (before it, when negative); infinite on overflow.
  public static func round(_ v: Double, places: Int) -> Double {
    // What ordinary numbers need fits on the stack.
    let room = v.magnitude < 1e30 && places < 200 ? 512 : FloatDigits.bufferSize + 32
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
      let p = buffer.baseAddress!
      let r = FloatDigits.rounded(v, places: places, p)
      if r.count == 0 { return v.sign == .minus ? -0.0 : 0.0 }
      // digits, then an exponent that puts the point back.
      var n = r.count
      p[n] = UInt8(ascii: "e")
      n &+= 1
      let exponent = r.point &- r.count
      if exponent < 0 {
        p[n] = UInt8(ascii: "-")
        n &+= 1
      }
      n &+= Digits.writeDecimal(UInt64(exponent.magnitude), to: p + n)
      let x = FloatParse.parse(p, n).value
      return v.sign == .minus ? -x : x
    }
  }
}
