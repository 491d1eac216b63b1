import GilaSyntax

/// Integers of any size, just enough for folding constants: schoolbook algorithms on 32-bit limbs.
struct BigInteger: Equatable {
  var isNegative: Bool
  /// Least significant first, no zero on top; empty for 0.
  var limbs: [UInt32]

  init(isNegative: Bool, limbs: [UInt32]) {
    var limbs = limbs
    while limbs.last == 0 { limbs.removeLast() }
    self.limbs = limbs
    self.isNegative = isNegative && !limbs.isEmpty
  }

  init(_ value: Int) {
    let magnitude = value.magnitude
    self.init(
      isNegative: value < 0,
      limbs: [UInt32(truncatingIfNeeded: magnitude), UInt32(truncatingIfNeeded: magnitude >> 32)])
  }

  /// The value of an int or bool constant.
  init?(_ constant: Constant) {
    switch constant {
    case .int(let value): self.init(value)
    case .bigInt(let value): self.init(isNegative: value.isNegative, limbs: Array(value.limbs))
    case .true: self.init(1)
    case .false: self.init(0)
    default: return nil
    }
  }

  func constant(_ arena: ASTArena) -> Constant {
    if limbs.count <= 2 {
      let magnitude = UInt(low64)
      if !isNegative, magnitude <= UInt(Int.max) { return .int(Int(magnitude)) }
      if isNegative, magnitude <= UInt(Int.max) + 1 { return .int(Int(truncatingIfNeeded: 0 &- magnitude)) }
    }
    return .bigInt(BigIntText(isNegative: isNegative, limbs: arena.list(limbs)))
  }

  private var low64: UInt64 {
    UInt64(limbs.first ?? 0) | (limbs.count > 1 ? UInt64(limbs[1]) << 32 : 0)
  }

  var isZero: Bool { limbs.isEmpty }

  var bitCount: Int {
    guard let top = limbs.last else { return 0 }
    return limbs.count * 32 - top.leadingZeroBitCount
  }

  /// The value as a word, if it fits.
  var small: Int? {
    if limbs.count > 2 { return nil }
    let magnitude = low64
    if isNegative { return magnitude <= 1 << 63 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
    return magnitude < 1 << 63 ? Int(magnitude) : nil
  }

  var negated: BigInteger { BigInteger(isNegative: !isNegative, limbs: limbs) }

  // MARK: Magnitudes

  private static func compare(_ a: [UInt32], _ b: [UInt32]) -> Int {
    if a.count != b.count { return a.count < b.count ? -1 : 1 }
    for index in a.indices.reversed() where a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
    return 0
  }

  private static func add(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(a.count, b.count) {
      let sum = UInt64(index < a.count ? a[index] : 0) + UInt64(index < b.count ? b[index] : 0) + carry
      result.append(UInt32(truncatingIfNeeded: sum))
      carry = sum >> 32
    }
    if carry > 0 { result.append(UInt32(carry)) }
    return result
  }

  /// `a - b` for `a >= b`.
  private static func subtract(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var borrow: Int64 = 0
    for index in a.indices {
      var difference = Int64(a[index]) - Int64(index < b.count ? b[index] : 0) - borrow
      borrow = difference < 0 ? 1 : 0
      if difference < 0 { difference += 1 << 32 }
      result.append(UInt32(truncatingIfNeeded: difference))
    }
    return result
  }

  static func + (a: BigInteger, b: BigInteger) -> BigInteger {
    if a.isNegative == b.isNegative {
      return BigInteger(isNegative: a.isNegative, limbs: add(a.limbs, b.limbs))
    }
    switch compare(a.limbs, b.limbs) {
    case 0: return BigInteger(0)
    case 1: return BigInteger(isNegative: a.isNegative, limbs: subtract(a.limbs, b.limbs))
    default: return BigInteger(isNegative: b.isNegative, limbs: subtract(b.limbs, a.limbs))
    }
  }

  static func - (a: BigInteger, b: BigInteger) -> BigInteger { a + b.negated }

  static func * (a: BigInteger, b: BigInteger) -> BigInteger {
    var result = [UInt32](repeating: 0, count: a.limbs.count + b.limbs.count)
    for (i, x) in a.limbs.enumerated() {
      var carry: UInt64 = 0
      for (j, y) in b.limbs.enumerated() {
        let sum = UInt64(x) * UInt64(y) + UInt64(result[i + j]) + carry
        result[i + j] = UInt32(truncatingIfNeeded: sum)
        carry = sum >> 32
      }
      result[i + b.limbs.count] = UInt32(carry)
    }
    return BigInteger(isNegative: a.isNegative != b.isNegative, limbs: result)
  }

  /// Quotient and remainder of the magnitudes, bit by bit.
  private static func divide(_ a: BigInteger, _ b: BigInteger) -> (BigInteger, BigInteger) {
    if b.limbs.count == 1 {
      var quotient = a.limbs
      var rest: UInt64 = 0
      for index in quotient.indices.reversed() {
        let value = rest << 32 | UInt64(quotient[index])
        quotient[index] = UInt32(value / UInt64(b.limbs[0]))
        rest = value % UInt64(b.limbs[0])
      }
      return (
        BigInteger(isNegative: false, limbs: quotient), BigInteger(isNegative: false, limbs: [UInt32(rest)])
      )
    }
    var quotient = [UInt32](repeating: 0, count: a.limbs.count)
    var rest = BigInteger(0)
    let divisor = BigInteger(isNegative: false, limbs: b.limbs)
    for bit in (0..<a.bitCount).reversed() {
      rest = rest.shiftedLeft(1)
      if a.limbs[bit / 32] >> UInt32(bit % 32) & 1 != 0 { rest = rest + BigInteger(1) }
      if compare(rest.limbs, divisor.limbs) >= 0 {
        rest = rest - divisor
        quotient[bit / 32] |= 1 << UInt32(bit % 32)
      }
    }
    return (BigInteger(isNegative: false, limbs: quotient), rest)
  }

  /// Python's `divmod`; nil for a zero divisor.
  func flooredDivision(_ divisor: BigInteger) -> (quotient: BigInteger, remainder: BigInteger)? {
    if divisor.isZero { return nil }
    var (quotient, remainder) = Self.divide(self, divisor)
    if isNegative != divisor.isNegative { quotient = quotient.negated }
    if isNegative { remainder = remainder.negated }
    if !remainder.isZero, remainder.isNegative != divisor.isNegative {
      quotient = quotient - BigInteger(1)
      remainder = remainder + divisor
    }
    return (quotient, remainder)
  }

  func power(_ exponent: Int) -> BigInteger {
    var result = BigInteger(1)
    var base = self
    var rest = exponent
    while rest > 0 {
      if rest & 1 != 0 { result = result * base }
      rest >>= 1
      if rest > 0 { base = base * base }
    }
    return result
  }

  func shiftedLeft(_ count: Int) -> BigInteger {
    var result = [UInt32](repeating: 0, count: count / 32)
    let bits = UInt64(count % 32)
    var carry: UInt64 = 0
    for limb in limbs {
      let value = UInt64(limb) << bits | carry
      result.append(UInt32(truncatingIfNeeded: value))
      carry = value >> 32
    }
    result.append(UInt32(carry))
    return BigInteger(isNegative: isNegative, limbs: result)
  }

  /// Rounds down, as Python does.
  func shiftedRight(_ count: Int) -> BigInteger {
    if count >= bitCount { return BigInteger(isNegative ? -1 : 0) }
    var lost = false
    for index in 0..<count / 32 where limbs[index] != 0 { lost = true }
    let bits = UInt64(count % 32)
    var result: [UInt32] = []
    for index in count / 32..<limbs.count {
      let high = index + 1 < limbs.count ? UInt64(limbs[index + 1]) << 32 : 0
      result.append(UInt32(truncatingIfNeeded: (high | UInt64(limbs[index])) >> bits))
    }
    if limbs[count / 32] & ((1 << UInt32(bits)) - 1) != 0 { lost = true }
    let shifted = BigInteger(isNegative: isNegative, limbs: result)
    return isNegative && lost ? shifted - BigInteger(1) : shifted
  }

  /// Bitwise operation on infinite two's complement.
  static func bitwise(_ a: BigInteger, _ b: BigInteger, _ op: (UInt32, UInt32) -> UInt32) -> BigInteger {
    let count = max(a.limbs.count, b.limbs.count) + 1
    let x = a.twosComplement(count)
    let y = b.twosComplement(count)
    var result = zip(x, y).map { op($0, $1) }
    if result[count - 1] >> 31 == 0 { return BigInteger(isNegative: false, limbs: result) }
    negate(&result)
    return BigInteger(isNegative: true, limbs: result)
  }

  private func twosComplement(_ count: Int) -> [UInt32] {
    var result = limbs + [UInt32](repeating: 0, count: count - limbs.count)
    if isNegative { Self.negate(&result) }
    return result
  }

  private static func negate(_ limbs: inout [UInt32]) {
    var carry: UInt64 = 1
    for index in limbs.indices {
      let value = UInt64(~limbs[index]) + carry
      limbs[index] = UInt32(truncatingIfNeeded: value)
      carry = value >> 32
    }
  }

  // MARK: Floats

  /// The nearest double; nil if too large.
  var double: Double? {
    if let small { return Double(small) }
    let shift = bitCount - 64
    if bitCount > 1024 { return nil }
    // The top 64 bits, the lowest one also set if anything below is lost: rounds like the whole number.
    let magnitude = BigInteger(isNegative: false, limbs: limbs)
    let top = magnitude.shiftedRight(max(shift, 0))
    var bits = top.low64
    if shift > 0, top.shiftedLeft(shift) != magnitude { bits |= 1 }
    let value = Double(sign: .plus, exponent: max(shift, 0), significand: Double(bits))
    if value.isInfinite { return nil }
    return isNegative ? -value : value
  }

  /// True division, correctly rounded; nil for a zero divisor or overflow.
  static func trueDivide(_ a: BigInteger, _ b: BigInteger) -> Double? {
    if b.isZero { return nil }
    if a.isZero { return b.isNegative ? -0.0 : 0.0 }
    if a.bitCount <= 53, b.bitCount <= 53, let x = a.double, let y = b.double { return x / y }
    let shift = a.bitCount - b.bitCount - 66
    let x = BigInteger(isNegative: false, limbs: a.limbs)
    let y = BigInteger(isNegative: false, limbs: b.limbs)
    let (quotient, rest) = shift >= 0 ? divide(x, y.shiftedLeft(shift)) : divide(x.shiftedLeft(-shift), y)
    // 66 or 67 bits; keep 64 with a sticky bit, so that the conversion rounds once.
    let extra = quotient.bitCount - 64
    let top = quotient.shiftedRight(extra)
    var bits = top.low64
    if !rest.isZero || top.shiftedLeft(extra) != quotient { bits |= 1 }
    let exponent = shift + extra
    if exponent + 64 < -1000 { return nil }
    let value = Double(sign: .plus, exponent: exponent, significand: Double(bits))
    if value.isInfinite { return nil }
    return a.isNegative != b.isNegative ? -value : value
  }
}
