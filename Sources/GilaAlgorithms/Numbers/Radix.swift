// Digits to text and back: decimal by divide and conquer on limbs, powers of two by regrouping bits, other bases plainly.

extension Digits {
  /// 10 ** 19, the largest power of ten in a limb.
  private static let chunk: UInt64 = 10_000_000_000_000_000_000
  /// At most this many 19-digit groups are converted one after the other.
  private static let plainGroups = 16

  // MARK: to text

  /// An upper bound of the decimal digits of a magnitude.
  public static func decimalCapacity(_ a: UnsafePointer<Digit>, _ n: Int) -> Int {
    // log10(2) < 0.30103; big counts are scaled in a way that cannot overflow.
    let bits = bitLength(a, n)
    return bits / 100_000 &* 30103 &+ bits % 100_000 &* 30103 / 100_000 &+ 2
  }

  /// Writes the decimal digits of a magnitude, most significant first, and returns their number. `out` has room for
  /// `decimalCapacity` bytes.
  public static func writeDecimal(_ a: UnsafePointer<Digit>, _ n: Int, to out: UnsafeMutablePointer<UInt8>) -> Int {
    if let small = toUInt64(a, n) { return writeDecimal(small, to: out) }
    let limbs = Limbs.count(forDigits: n)
    let x = Limbs.Writer.allocate(capacity: limbs)
    defer { x.deallocate() }
    let nx = Limbs.pack(x, a, n)
    // The number of levels: groups of 19 digits, doubled until they cover everything.
    let groups = nx &* 64 / 63 &+ 1
    var levels = 0
    while plainGroups &<< levels < groups { levels &+= 1 }
    let width = 19 &* plainGroups &<< levels
    let powers = PowersOfTen(levels: levels, base: plainGroups)
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: width)
    defer { text.deallocate() }
    writePadded(x, nx, level: levels, width: width, to: text, powers)
    var zeros = 0
    while zeros < width &- 1 && text[zeros] == 48 { zeros &+= 1 }
    out.update(from: text + zeros, count: width &- zeros)
    return width &- zeros
  }

  /// Writes a word in decimal; returns the number of digits.
  public static func writeDecimal(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
    var n = 1
    var v = value
    while v >= 10 {
      v /= 10
      n &+= 1
    }
    v = value
    var i = n
    while i > 0 {
      i &-= 1
      out[i] = 48 &+ UInt8(truncatingIfNeeded: v % 10)
      v /= 10
    }
    return n
  }

  /// Writes exactly `width` digits of x, which is destroyed.
  private static func writePadded(
    _ x: Limbs.Writer, _ n0: Int, level: Int, width: Int, to out: UnsafeMutablePointer<UInt8>,
    _ powers: borrowing PowersOfTen
  ) {
    var n = Limbs.normalized(x, n0)
    if level == 0 || n <= 8 {
      var end = width
      while end > 0 {
        if n == 0 {
          for i in 0..<end { out[i] = 48 }
          return
        }
        var group = Limbs.divide(x, x, n, byLimb: chunk)
        n = Limbs.normalized(x, n)
        var k = 0
        while k < 19 && end > 0 {
          end &-= 1
          out[end] = 48 &+ UInt8(truncatingIfNeeded: group % 10)
          group /= 10
          k &+= 1
        }
      }
      return
    }
    let half = width / 2
    let divisor = powers[level &- 1]
    if n < divisor.count || (n == divisor.count && Limbs.compare(x, divisor.limbs, n) < 0) {
      for i in 0..<half { out[i] = 48 }
      writePadded(x, n, level: level &- 1, width: half, to: out + half, powers)
      return
    }
    let nq = n &- divisor.count &+ 1
    let q = Limbs.Writer.allocate(capacity: nq)
    defer { q.deallocate() }
    Limbs.divide(q, x, n, by: divisor.limbs, divisor.count)
    writePadded(q, nq, level: level &- 1, width: half, to: out, powers)
    writePadded(x, divisor.count, level: level &- 1, width: half, to: out + half, powers)
  }

  /// Writes a magnitude in base 2, 4, 8, 16 or 32 (bits per character 1 to 5); returns the number of characters.
  /// `out` has room for bitLength / bits + 1 bytes.
  public static func writePowerOfTwo(
    _ a: UnsafePointer<Digit>, _ n: Int, bits: Int, uppercase: Bool = false, to out: UnsafeMutablePointer<UInt8>
  ) -> Int {
    if n == 0 {
      out[0] = 48
      return 1
    }
    let letters: UInt8 = uppercase ? 65 &- 10 : 97 &- 10
    let count = (bitLength(a, n) &+ bits &- 1) / bits
    let low = UInt64(1) &<< UInt64(bits) &- 1
    var word: UInt64 = 0
    var filled = 0
    var next = 0
    var at = count
    while at > 0 {
      if filled < bits && next < n {
        word |= UInt64(a[next]) &<< UInt64(filled)
        filled &+= 30
        next &+= 1
      }
      let d = UInt8(truncatingIfNeeded: word & low)
      word &>>= UInt64(bits)
      filled &-= bits
      at &-= 1
      out[at] = d < 10 ? 48 &+ d : letters &+ d
    }
    return count
  }

  // MARK: from text

  /// Room for the digits of a number of `count` characters in a base up to 36.
  public static func capacity(forCharacters count: Int, base: Int) -> Int {
    // Bits per character times 100, rounded up.
    let bits = [
      0, 0, 100, 159, 200, 233, 259, 281, 300, 317, 333, 346, 359, 371, 381, 391, 400, 409, 417, 425, 433, 440, 446,
      453, 459, 465, 471, 476, 481, 486, 491, 496, 500, 505, 509, 513, 517,
    ]
    let per = base >= 2 && base <= 36 ? bits[base] : 600
    return count / 3000 &* per &+ count % 3000 &* per / 3000 &+ 3
  }

  /// The value of an ASCII digit or letter, 37 for others.
  @inlinable
  public static func digitValue(_ c: UInt8) -> Int {
    switch c {
    case 48...57: return Int(c) &- 48
    case 97...122: return Int(c) &- 87
    case 65...90: return Int(c) &- 55
    default: return 37
    }
  }

  /// r = the number that `count` characters denote; each must be a digit of the base (2 to 36). r has room for
  /// `capacity(forCharacters:base:)` digits.
  public static func parse(
    _ text: UnsafePointer<UInt8>, _ count: Int, base: Int, into r: UnsafeMutablePointer<Digit>
  ) -> Int {
    if base & (base &- 1) == 0 { return parsePowerOfTwo(text, count, bits: base.trailingZeroBitCount, into: r) }
    if base == 10 && count > 18 { return parseDecimal(text, count, into: r) }
    // As many characters at a time as fit a digit.
    var perDigit = 1
    var scale = UInt32(base)
    while scale &* UInt32(base) <= mask && scale < 1 << 26 {
      scale = scale &* UInt32(base)
      perDigit &+= 1
    }
    var n = 0
    var i = 0
    while i < count {
      let stop = min(count, i &+ perDigit)
      var value: UInt32 = 0
      var factor: UInt32 = 1
      while i < stop {
        value = value &* UInt32(base) &+ UInt32(digitValue(text[i]))
        factor = factor &* UInt32(base)
        i &+= 1
      }
      n = multiply(r, r, n, byDigit: factor, adding: value)
    }
    return n
  }

  private static func parsePowerOfTwo(
    _ text: UnsafePointer<UInt8>, _ count: Int, bits: Int, into r: UnsafeMutablePointer<Digit>
  ) -> Int {
    var word: UInt64 = 0
    var filled = 0
    var n = 0
    var i = count
    while i > 0 {
      i &-= 1
      word |= UInt64(digitValue(text[i])) &<< UInt64(filled)
      filled &+= bits
      if filled >= 30 {
        r[n] = UInt32(truncatingIfNeeded: word) & mask
        n &+= 1
        word >>= 30
        filled &-= 30
      }
    }
    if filled > 0 {
      r[n] = UInt32(truncatingIfNeeded: word)
      n &+= 1
    }
    return normalized(r, n)
  }

  private static func parseDecimal(
    _ text: UnsafePointer<UInt8>, _ count: Int, into r: UnsafeMutablePointer<Digit>
  ) -> Int {
    let groups = (count &+ 18) / 19
    var levels = 0
    while plainGroups &<< levels < groups { levels &+= 1 }
    let powers = PowersOfTen(levels: levels, base: plainGroups)
    let limbs = Limbs.Writer.allocate(capacity: groups &+ 1)
    defer { limbs.deallocate() }
    let n = parseGroups(text, count, groups, limbs, powers)
    return Limbs.unpack(r, capacity(forCharacters: count, base: 10), limbs, n)
  }

  /// r = the value of all groups of 19 characters (the first may be shorter); r has room for one limb a group.
  private static func parseGroups(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ groups: Int, _ r: Limbs.Writer, _ powers: borrowing PowersOfTen
  ) -> Int {
    if groups <= plainGroups {
      var n = 0
      var i = 0
      while i < count {
        let left = (count &- i) % 19
        let stop = i &+ (left == 0 ? 19 : left)
        var value: UInt64 = 0
        while i < stop {
          value = value &* 10 &+ UInt64(text[i] &- 48)
          i &+= 1
        }
        let carry = Limbs.multiply(r, r, n, byLimb: chunk, adding: value)
        if carry != 0 {
          r[n] = carry
          n &+= 1
        }
      }
      return n
    }
    var level = 0
    while plainGroups &<< (level &+ 1) < groups { level &+= 1 }
    let low = plainGroups &<< level
    let high = groups &- low
    let split = count &- low &* 19
    let a = Limbs.Writer.allocate(capacity: groups &+ 1)
    defer { a.deallocate() }
    let na = parseGroups(text, split, high, a, powers)
    let b = a + high
    let nb = parseGroups(text + split, low &* 19, low, b, powers)
    let power = powers[level]
    if na == 0 {
      r.update(from: b, count: nb)
      return nb
    }
    // The product is shorter than one limb a group, but multiplication writes all na + count limbs.
    let product = Limbs.Writer.allocate(capacity: na &+ power.count &+ 1)
    defer { product.deallocate() }
    Limbs.multiply(product, a, na, power.limbs, power.count)
    let carry = Limbs.add(product, product, b, nb)
    if na &+ power.count > nb { Limbs.increment(product + nb, na &+ power.count &- nb, carry) }
    let n = Limbs.normalized(product, na &+ power.count)
    r.update(from: product, count: n)
    return n
  }
}

/// 10 ** (19 * base * 2 ** level) for the levels of one conversion.
private struct PowersOfTen: ~Copyable {
  private let entries: UnsafeMutablePointer<(limbs: Limbs.Writer, count: Int)>
  private let levels: Int

  init(levels: Int, base: Int) {
    self.levels = levels
    entries = .allocate(capacity: max(levels, 1))
    var level = 0
    while level < levels {
      if level == 0 {
        let p = Limbs.Writer.allocate(capacity: base &+ 1)
        p[0] = 1
        var n = 1
        for _ in 0..<base {
          let carry = Limbs.multiply(p, p, n, byLimb: 10_000_000_000_000_000_000)
          if carry != 0 {
            p[n] = carry
            n &+= 1
          }
        }
        entries[0] = (p, n)
      } else {
        let (p, n) = entries[level &- 1]
        let q = Limbs.Writer.allocate(capacity: 2 &* n)
        Limbs.multiply(q, p, n, p, n)
        entries[level] = (q, Limbs.normalized(q, 2 &* n))
      }
      level &+= 1
    }
  }

  deinit {
    for i in 0..<levels { entries[i].limbs.deallocate() }
    entries.deallocate()
  }

  subscript(_ level: Int) -> (limbs: Limbs.Writer, count: Int) { entries[level] }
}
