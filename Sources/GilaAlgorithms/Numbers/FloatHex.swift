// float.hex and float.fromhex: doubles as hexadecimal text.

/// Hexadecimal text of doubles.
public enum FloatHex {
  /// Writes a finite double as float.hex does ("-0x1.8p+1"); `out` has room for 32 bytes. Returns the length.
  public static func write(_ v: Double, to out: UnsafeMutablePointer<UInt8>) -> Int {
    var at = 0
    func put(_ c: UInt8) {
      out[at] = c
      at &+= 1
    }
    if v.sign == .minus { put(45) }
    put(48)
    put(120)
    if v == 0 {
      put(48)
      put(46)
      put(48)
      put(112)
      put(43)
      put(48)
      return at
    }
    put(v.isNormal ? 49 : 48)
    put(46)
    for i in 0..<13 {
      let d = UInt8(truncatingIfNeeded: v.significandBitPattern &>> UInt64(48 &- 4 &* i) & 15)
      put(d < 10 ? 48 &+ d : 87 &+ d)
    }
    put(112)
    let e = v.isNormal ? Int(v.exponentBitPattern) &- 1023 : -1022
    put(e < 0 ? 45 : 43)
    at &+= Digits.writeDecimal(UInt64(e.magnitude), to: out + at)
    return at
  }

  /// Why a text is not a hexadecimal double.
  public enum Failure: Error {
    case invalid
    case tooLarge
  }

  /// Reads what float.fromhex accepts, the whole text, blanks around it allowed.
  public static func parse(_ text: UnsafePointer<UInt8>, _ count: Int) throws(Failure) -> Double {
    var i = 0
    var end = count
    while i < end && isSpace(text[i]) { i &+= 1 }
    while end > i && isSpace(text[end &- 1]) { end &-= 1 }
    // inf and nan, as in decimal text.
    let decimal = FloatParse.parse(text + i, end &- i)
    if decimal.length > 0 && !decimal.value.isFinite && !decimal.overflow {
      if decimal.length != end &- i { throw .invalid }
      return decimal.value
    }
    var negative = false
    if i < end && (text[i] == 43 || text[i] == 45) {
      negative = text[i] == 45
      i &+= 1
    }
    if i &+ 1 < end && text[i] == 48 && text[i &+ 1] | 0x20 == 120 { i &+= 2 }
    // Hexadecimal digits with at most one point; keep 64 bits and whether anything below was lost.
    var value: UInt64 = 0
    var sticky = false
    var digits = 0
    var seenPoint = false
    var scale = 0
    while i < end {
      let c = text[i]
      if c == 46 && !seenPoint {
        seenPoint = true
      } else {
        let d = Digits.digitValue(c)
        if d >= 16 { break }
        digits &+= 1
        if value >> 60 == 0 {
          value = value &<< 4 | UInt64(d)
          if seenPoint { scale &-= 4 }
        } else {
          if d != 0 { sticky = true }
          if !seenPoint { scale &+= 4 }
        }
      }
      i &+= 1
    }
    if digits == 0 { throw .invalid }
    var exponent = 0
    if i < end && text[i] | 0x20 == 112 {
      i &+= 1
      var down = false
      if i < end && (text[i] == 43 || text[i] == 45) {
        down = text[i] == 45
        i &+= 1
      }
      if i >= end || text[i] < 48 || text[i] > 57 { throw .invalid }
      while i < end && text[i] >= 48 && text[i] <= 57 {
        if exponent < 1 << 50 { exponent = exponent &* 10 &+ Int(text[i] &- 48) }
        i &+= 1
      }
      if down { exponent = 0 &- exponent }
    }
    if i != end { throw .invalid }
    if value == 0 { return negative ? -0.0 : 0.0 }
    let total = exponent &+ scale
    let bits = 64 &- value.leadingZeroBitCount
    if total &+ bits > 1024 { throw .tooLarge }
    let x = total &+ bits < -1080 ? 0 : Digits.scaled(value, exponent: total, sticky: sticky)
    if x.isInfinite { throw .tooLarge }
    return negative ? (x == 0 ? -0.0 : 0 - x) : x
  }

  private static func isSpace(_ c: UInt8) -> Bool { c == 32 || (c >= 9 && c <= 13) }
}
