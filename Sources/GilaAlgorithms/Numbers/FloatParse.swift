// Text to double, correctly rounded and independent of locale.

/// Reading doubles.
public enum FloatParse {
  /// Reads the longest prefix that is a decimal number, "inf", "infinity" or "nan" (any case) with an optional sign.
  /// Returns the value and how many bytes were read, 0 when nothing fits. An overflow gives an infinity and the flag.
  public static func parse(
    _ text: UnsafePointer<UInt8>, _ count: Int
  ) -> (value: Double, length: Int, overflow: Bool) {
    var i = 0
    var negative = false
    if i < count && (text[i] == 43 || text[i] == 45) {
      negative = text[i] == 45
      i &+= 1
    }
    let first = i
    // Digits before and after the point; leading zeros do not count.
    var digits = 0
    var mantissa: UInt64 = 0
    var significant = 0
    var exponent = 0
    var seenPoint = false
    var firstSignificant = -1
    var last = i
    while i < count {
      let c = text[i]
      if c >= 48 && c <= 57 {
        digits &+= 1
        if significant > 0 || c != 48 {
          if significant == 0 { firstSignificant = i }
          significant &+= 1
          if significant <= 19 { mantissa = mantissa &* 10 &+ UInt64(c &- 48) }
        }
        if seenPoint { exponent &-= 1 }
      } else if c == 46 && !seenPoint {
        seenPoint = true
      } else {
        break
      }
      i &+= 1
    }
    last = i
    if digits == 0 { return special(text, count, first, negative) }
    if i < count && text[i] | 0x20 == 101 {
      var j = i &+ 1
      var down = false
      if j < count && (text[j] == 43 || text[j] == 45) {
        down = text[j] == 45
        j &+= 1
      }
      if j < count && text[j] >= 48 && text[j] <= 57 {
        var e = 0
        while j < count && text[j] >= 48 && text[j] <= 57 {
          if e < 1 << 50 { e = e &* 10 &+ Int(text[j] &- 48) }
          j &+= 1
        }
        exponent = exponent &+ (down ? 0 &- e : e)
        i = j
      }
    }
    var value: Double
    if significant == 0 {
      value = 0
    } else if significant <= 19 {
      value = scale(mantissa, exponent)
    } else {
      value = exact(text, firstSignificant, last, significant, exponent)
    }
    let overflow = value.isInfinite
    if negative { value = 0 - value == 0 ? -0.0 : 0 - value }
    return (value, i, overflow)
  }

  private static func special(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ at: Int, _ negative: Bool
  ) -> (value: Double, length: Int, overflow: Bool) {
    func matches(_ word: StaticString, _ from: Int) -> Bool {
      let n = word.utf8CodeUnitCount
      if from &+ n > count { return false }
      for k in 0..<n where text[from &+ k] | 0x20 != word.utf8Start[k] { return false }
      return true
    }
    if matches("inf", at) {
      let length = matches("inity", at &+ 3) ? 8 : 3
      return (negative ? -Double.infinity : Double.infinity, at &+ length, false)
    }
    if matches("nan", at) {
      let nan = Double.nan
      return (negative ? Double(sign: .minus, exponent: 0, significand: nan) : nan, at &+ 3, false)
    }
    return (0, 0, false)
  }

  /// mantissa * 10 ** exponent, correctly rounded.
  static func scale(_ mantissa: UInt64, _ exponent: Int) -> Double {
    if mantissa == 0 { return 0 }
    if exponent > 310 { return .infinity }
    if exponent < -345 { return 0 }
    if exponent == 0 { return Double(mantissa) }
    // Both factors exact in a double: one correctly rounded operation.
    if mantissa <= 1 << 53 && exponent >= -22 && exponent <= 22 {
      let power = Double(FloatDigits.powerOfTen(min(19, abs(exponent))))
      let rest = Double(FloatDigits.powerOfTen(max(0, abs(exponent) &- 19)))
      return exponent > 0 ? Double(mantissa) * (power * rest) : Double(mantissa) / (power * rest)
    }
    if exponent < 0 && exponent >= -19 {
      // 128 by 64 bits: the quotient has at least 64 significant bits before rounding.
      let power = FloatDigits.powerOfTen(0 &- exponent)
      let shift = mantissa.leadingZeroBitCount
      let (q1, r1) = (mantissa &<< UInt64(shift)).quotientAndRemainder(dividingBy: power)
      let (q0, r0) = power.dividingFullWidth((r1, 0))
      // quotient = q1 * 2^64 + q0, worth 2 ** -(64 + shift).
      if q1 == 0 { return Digits.scaled(q0, exponent: -64 &- shift, sticky: r0 != 0) }
      let up = UInt64(64 &- q1.leadingZeroBitCount)
      let merged = up == 64 ? q1 : q1 &<< (64 &- up) | q0 &>> up
      let lost = up == 64 ? q0 != 0 : q0 & (1 &<< up &- 1) != 0
      return Digits.scaled(merged, exponent: Int(up) &- 64 &- shift, sticky: lost || r0 != 0)
    }
    let m = Magnitude(mantissa)
    return scale(m, exponent)
  }

  private static func scale(_ m: borrowing Magnitude, _ exponent: Int) -> Double {
    if exponent >= 0 {
      let product = Magnitude.product(m, FloatDigits.powerOfTenMagnitude(exponent))
      return Digits.toDouble(product.digits, product.count)
    }
    let power = FloatDigits.powerOfTenMagnitude(0 &- exponent)
    return Digits.trueDivide(m.digits, m.count, power.digits, power.count)
  }

  /// More than 19 significant digits. Beyond 800, a digit can only matter by not being zero.
  private static func exact(
    _ text: UnsafePointer<UInt8>, _ from: Int, _ to: Int, _ significant: Int, _ exponent0: Int
  ) -> Double {
    let exponent = exponent0
    if exponent > 400 || significant &+ exponent > 310 { return .infinity }
    if significant &+ exponent < -330 { return 0 }
    let kept = min(significant, 800)
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: kept &+ 1) { buffer in
      var n = 0
      var sticky = false
      for i in from..<to where text[i] != 46 {
        if n < kept {
          buffer[n] = text[i]
          n &+= 1
        } else if text[i] != 48 {
          sticky = true
        }
      }
      var dropped = significant &- n
      if sticky {
        // One more digit stands for the rest.
        buffer[n] = 49
        n &+= 1
        dropped &-= 1
      }
      var m = Magnitude(capacity: Digits.capacity(forCharacters: n, base: 10))
      m.setCount(Digits.parse(buffer.baseAddress!, n, base: 10, into: m.digits))
      return scale(m, exponent &+ dropped)
    }
  }
}
