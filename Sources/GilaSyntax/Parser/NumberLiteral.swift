/// The value of a numeric literal whose form the tokenizer has checked.
enum NumberLiteral {
  enum Result {
    case value(Constant)
    case tooManyDigits(Int)
  }

  static func parse(_ text: UnsafeBufferPointer<UInt8>, arena: ASTArena, maximumDigits: Int) -> Result {
    // Most numbers in programs are short and plain.
    if text.count < 19 {
      var value = 0
      var plain = text[0] != 48 || text.count == 1
      for byte in text {
        let digit = byte &- 48
        if digit > 9 {
          plain = false
          break
        }
        value = value &* 10 &+ Int(digit)
      }
      if plain { return .value(.int(value)) }
    }
    var digits: [UInt8] = []
    digits.reserveCapacity(text.count)
    for byte in text where byte != 95 { digits.append(byte | (byte > 64 ? 0x20 : 0)) }
    if digits.count > 2, digits[0] == 48 {
      switch digits[1] {
      case 120: return .value(integer(digits.dropFirst(2), bitsPerDigit: 4, arena: arena))
      case 111: return .value(integer(digits.dropFirst(2), bitsPerDigit: 3, arena: arena))
      case 98: return .value(integer(digits.dropFirst(2), bitsPerDigit: 1, arena: arena))
      default: break
      }
    }
    if digits.last == 106 {
      return .value(.complex(real: 0, imaginary: double(digits.dropLast())))
    }
    if digits.contains(where: { $0 == 46 || $0 == 101 }) {
      return .value(.float(double(digits[...])))
    }
    if maximumDigits > 0, digits.count > maximumDigits { return .tooManyDigits(digits.count) }
    return .value(decimal(digits, arena: arena))
  }

  private static func double(_ digits: ArraySlice<UInt8>) -> Double {
    var text = String(decoding: digits, as: UTF8.self)
    // Swift wants digits on both sides of the point.
    if text.hasPrefix(".") { text = "0" + text }
    if let point = text.firstIndex(of: ".") {
      let after = text.index(after: point)
      if after == text.endIndex || text[after] == "e" { text.insert("0", at: after) }
    }
    return Double(text) ?? .infinity
  }

  private static func integer(_ digits: ArraySlice<UInt8>, bitsPerDigit: Int, arena: ASTArena) -> Constant {
    var limbs: [UInt32] = []
    var accumulator: UInt64 = 0
    var bits = 0
    for byte in digits.reversed() {
      let digit = UInt64(byte < 58 ? byte - 48 : byte - 87)
      accumulator |= digit << UInt64(bits)
      bits += bitsPerDigit
      if bits >= 32 {
        limbs.append(UInt32(truncatingIfNeeded: accumulator))
        accumulator >>= 32
        bits -= 32
      }
    }
    if bits > 0 { limbs.append(UInt32(truncatingIfNeeded: accumulator)) }
    return constant(limbs, isNegative: false, arena: arena)
  }

  private static func decimal(_ digits: [UInt8], arena: ASTArena) -> Constant {
    var limbs: [UInt32] = []
    var index = 0
    while index < digits.count {
      // Nine digits at a time.
      let end = min(index + 9, digits.count)
      var chunk: UInt64 = 0
      var scale: UInt64 = 1
      while index < end {
        chunk = chunk * 10 + UInt64(digits[index] - 48)
        scale *= 10
        index += 1
      }
      var carry = chunk
      for position in limbs.indices {
        let product = UInt64(limbs[position]) * scale + carry
        limbs[position] = UInt32(truncatingIfNeeded: product)
        carry = product >> 32
      }
      if carry > 0 { limbs.append(UInt32(truncatingIfNeeded: carry)) }
    }
    return constant(limbs, isNegative: false, arena: arena)
  }

  /// The constant for a magnitude in 32-bit limbs, small if it can be.
  static func constant(_ magnitude: [UInt32], isNegative: Bool, arena: ASTArena) -> Constant {
    var limbs = magnitude
    while limbs.last == 0 { limbs.removeLast() }
    if limbs.count <= 2 {
      let low = UInt64(limbs.first ?? 0)
      let high = limbs.count > 1 ? UInt64(limbs[1]) : 0
      let value = high << 32 | low
      if !isNegative, value <= UInt64(Int.max) { return .int(Int(value)) }
      if isNegative, value <= UInt64(Int.max) + 1 { return .int(Int(truncatingIfNeeded: 0 &- value)) }
    }
    return .bigInt(BigIntText(isNegative: isNegative, limbs: arena.list(limbs)))
  }
}
