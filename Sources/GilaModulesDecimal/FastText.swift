// Text of ordinary numbers, written and read in memory on the stack. Everything else gets nil here and goes the
// general way.

import CGila
import GilaCore
import GilaDecimal

enum FastText {
  private typealias Bytes = UnsafeMutablePointer<UInt8>

  /// Writes the digits of n limbs (at least one digit); returns how many.
  private static func write(_ p: UnsafePointer<UInt64>, _ n: Int, _ to: Bytes) -> Int {
    if n == 0 {
      to[0] = 48
      return 1
    }
    let total = Limbs.digits(p, n)
    var at = total
    for i in 0..<n {
      var v = p[i]
      let end = at > 18 ? at &- 18 : 0
      while at > end {
        at &-= 1
        to[at] = 48 &+ UInt8(truncatingIfNeeded: v % 10)
        v /= 10
      }
    }
    return total
  }
  private static func make(_ p: Bytes, _ n: Int) -> Ref? {
    PyUnicode_FromStringAndSize(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n)
  }

  /// str(decimal) for up to 72 digits; nil without an exception if it is not such a number.
  static func text(_ r: Ref, capitals: Bool) -> Ref? {
    let v = DecimalView(r)
    guard v.isFinite, v.count <= 4 else { return nil }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 240) { room in
      let digits = room.baseAddress.unsafelyUnwrapped
      let out = digits + 80
      let n = write(v.limbs, v.count, digits)
      var k = 0
      if v.negative {
        out[0] = 45
        k = 1
      }
      let left = v.exponent &+ n
      if v.exponent <= 0 && left > -6 {
        if left <= 0 {
          out[k] = 48
          out[k &+ 1] = 46
          k &+= 2
          for _ in 0..<(0 &- left) {
            out[k] = 48
            k &+= 1
          }
          for i in 0..<n { out[k &+ i] = digits[i] }
          return make(out, k &+ n)
        }
        for i in 0..<left { out[k &+ i] = digits[i] }
        k &+= left
        if left < n {
          out[k] = 46
          k &+= 1
          for i in left..<n { out[k &+ i &- left] = digits[i] }
          k &+= n &- left
        }
        return make(out, k)
      }
      out[k] = digits[0]
      k &+= 1
      if n > 1 {
        out[k] = 46
        k &+= 1
        for i in 1..<n { out[k &+ i &- 1] = digits[i] }
        k &+= n &- 1
      }
      out[k] = capitals ? 69 : 101
      let e = left &- 1
      out[k &+ 1] = e < 0 ? 45 : 43
      k &+= 2
      var magnitude = UInt64(e.magnitude)
      k &+= write(&magnitude, magnitude == 0 ? 0 : 1, out + k)
      return make(out, k)
    }
  }

  /// A Decimal from text of up to 36 digits without blanks; nil without an exception if it is not so simple.
  static func parse(_ r: Ref) -> Ref? {
    var size = 0
    guard let text = PyUnicode_AsUTF8AndSize(r, &size) else {
      PyErr_Clear()
      return nil
    }
    guard size > 0, size <= 60 else { return nil }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { room in
      let digits = room.baseAddress.unsafelyUnwrapped
      var i = 0, n = 0, places = 0
      var negative = false, point = false, any = false
      var e = 0
      if text[0] == 45 || text[0] == 43 {
        negative = text[0] == 45
        i = 1
      }
      while i < size {
        let c = UInt8(bitPattern: text[i])
        if c >= 48 && c <= 57 {
          any = true
          if n > 0 || c != 48 {
            if n == 36 { return nil }
            digits[n] = c &- 48
            n &+= 1
          }
          if point { places &+= 1 }
        } else if c == 46 && !point {
          point = true
        } else if c | 0x20 == 0x65 && any {
          break
        } else {
          return nil
        }
        i &+= 1
      }
      guard any else { return nil }
      if i < size {
        i &+= 1
        var down = false
        if i < size, text[i] == 45 || text[i] == 43 {
          down = text[i] == 45
          i &+= 1
        }
        guard i < size, size &- i < 10 else { return nil }
        while i < size {
          let c = UInt8(bitPattern: text[i])
          guard c >= 48, c <= 57 else { return nil }
          e = e &* 10 &+ Int(c &- 48)
          i &+= 1
        }
        if down { e = 0 &- e }
      }
      var limbs: (UInt64, UInt64) = (0, 0)
      let low = n > 18 ? n &- 18 : 0
      for k in 0..<low { limbs.1 = limbs.1 &* 10 &+ UInt64(digits[k]) }
      for k in low..<n { limbs.0 = limbs.0 &* 10 &+ UInt64(digits[k]) }
      let count = n == 0 ? 0 : n > 18 ? 2 : 1
      return withUnsafePointer(to: &limbs) { p in
        DecimalType.make(
          UnsafeRawPointer(p).assumingMemoryBound(to: UInt64.self), count, exponent: e &- places, negative: negative)
      }
    }
  }

  /// format(decimal, '[,].Nf'); nil without an exception if the spec or the number is not so simple.
  static func fixed(_ r: Ref, _ spec: Ref, _ rounding: Rounding) -> Ref? {
    var size = 0
    guard let s = PyUnicode_AsUTF8AndSize(spec, &size) else {
      PyErr_Clear()
      return nil
    }
    guard size >= 3, size <= 5, s[size &- 1] == 0x66 else { return nil }
    var i = 0
    let commas = s[0] == 44
    if commas { i = 1 }
    guard s[i] == 46 else { return nil }
    i &+= 1
    var places = 0
    guard i < size &- 1 else { return nil }
    while i < size &- 1 {
      guard s[i] >= 48, s[i] <= 57 else { return nil }
      places = places &* 10 &+ Int(s[i] &- 48)
      i &+= 1
    }
    let v = DecimalView(r)
    guard v.isFinite, v.count <= 4, places <= 60 else { return nil }
    let gap = v.exponent &+ places
    if gap > 40 || gap < -72 { return nil }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 60) { room in
      let limbs = room.baseAddress.unsafelyUnwrapped
      let digits = UnsafeMutableRawPointer(limbs + 10).assumingMemoryBound(to: UInt8.self)
      let out = digits + 140
      var n: Int
      if gap >= 0 {
        n = Limbs.shiftLeft(limbs, v.limbs, v.count, gap)
        n = Limbs.trimmed(limbs, n)
      } else {
        var dropped = 0
        n = Limbs.shiftRight(limbs, v.limbs, v.count, 0 &- gap, &dropped)
        let last = n == 0 ? 0 : Int(limbs[0] % 10)
        if Decimal.roundsAway(
          rounding, negative: v.negative, odd: last & 1 != 0, last: last, dropped: dropped)
        {
          var k = 0
          while k < n {
            limbs[k] &+= 1
            if limbs[k] < limbRadix { break }
            limbs[k] = 0
            k &+= 1
          }
          if k == n {
            limbs[n] = 1
            n &+= 1
          }
        }
      }
      var count = write(limbs, n, digits)
      // Zeros in front, so that there is a digit before the point.
      if count <= places {
        let more = places &+ 1 &- count
        var k = count
        while k > 0 {
          k &-= 1
          digits[k &+ more] = digits[k]
        }
        for k in 0..<more { digits[k] = 48 }
        count &+= more
      }
      var k = 0
      if v.negative {
        out[0] = 45
        k = 1
      }
      let whole = count &- places
      for j in 0..<whole {
        if commas, j > 0, (whole &- j) % 3 == 0 {
          out[k] = 44
          k &+= 1
        }
        out[k] = digits[j]
        k &+= 1
      }
      if places > 0 {
        out[k] = 46
        k &+= 1
        for j in whole..<count {
          out[k] = digits[j]
          k &+= 1
        }
      }
      return make(out, k)
    }
  }
}
