import GilaSyntax

/// Python's `repr` of constants.
enum ConstantText {
  static func text(_ constant: Constant) -> [UInt8] {
    switch constant {
    case .none: Array("None".utf8)
    case .true: Array("True".utf8)
    case .false: Array("False".utf8)
    case .ellipsis: Array("...".utf8)
    case .int(let value): Array(String(value).utf8)
    case .bigInt: Array((BigInteger(constant)?.decimal ?? "").utf8)
    case .float(let value): Array(float(value).utf8)
    case .complex(let real, let imaginary): Array(complex(real, imaginary).utf8)
    case .string(let text): quoted(text.array)
    case .bytes(let text): Array("b".utf8) + quotedBytes(text.array)
    case .tuple, .frozenset: []
    }
  }

  private static func complex(_ real: Double, _ imaginary: Double) -> String {
    func short(_ value: Double) -> String {
      let text = float(value)
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
    if real == 0, real.sign == .plus { return short(imaginary) + "j" }
    let separator = imaginary.sign == .minus ? "" : "+"
    return "(" + short(real) + separator + short(imaginary) + "j)"
  }

  /// The shortest text that reads back as the same number; infinity as a literal that is too large.
  static func float(_ value: Double) -> String {
    if value.isInfinite { return value < 0 ? "-1e309" : "1e309" }
    if value.isNaN { return "nan" }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0.0" }
    // Digits and exponent from Swift's shortest form.
    var mantissa = value.magnitude.description
    var exponent = 0
    if let mark = mantissa.firstIndex(of: "e") {
      exponent = Int(mantissa[mantissa.index(after: mark)...]) ?? 0
      mantissa = String(mantissa[..<mark])
    }
    let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    var digits = String(parts[0]) + (parts.count > 1 ? String(parts[1]) : "")
    var point = parts[0].count + exponent
    while digits.hasPrefix("0"), digits.count > 1 {
      digits.removeFirst()
      point -= 1
    }
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    if point > -4, point <= 16 {
      if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
      if digits.count <= point {
        return sign + digits + String(repeating: "0", count: point - digits.count) + ".0"
      }
      let split = digits.index(digits.startIndex, offsetBy: point)
      return sign + digits[..<split] + "." + digits[split...]
    }
    let power = point - 1
    var text = String(digits.removeFirst())
    if !digits.isEmpty { text += "." + digits }
    let number = String(power.magnitude)
    return sign + text + "e" + (power < 0 ? "-" : "+") + (number.count < 2 ? "0" : "") + number
  }

  private static func quote(_ bytes: [UInt8]) -> UInt8 { bytes.contains(39) && !bytes.contains(34) ? 34 : 39 }

  private static func hex(_ value: UInt32, _ width: Int) -> [UInt8] {
    let digits = String(value, radix: 16)
    return Array((String(repeating: "0", count: max(0, width - digits.count)) + digits).utf8)
  }

  private static func escape(_ byte: UInt8, _ quote: UInt8) -> [UInt8]? {
    switch byte {
    case quote, 92: [92, byte]
    case 9: Array("\\t".utf8)
    case 10: Array("\\n".utf8)
    case 13: Array("\\r".utf8)
    case 0..<32, 127: Array("\\x".utf8) + hex(UInt32(byte), 2)
    default: nil
    }
  }

  private static func quotedBytes(_ bytes: [UInt8]) -> [UInt8] {
    let quote = quote(bytes)
    var result = [quote]
    for byte in bytes {
      if byte >= 128 {
        result += Array("\\x".utf8) + hex(UInt32(byte), 2)
      } else {
        result += escape(byte, quote) ?? [byte]
      }
    }
    return result + [quote]
  }

  /// `repr` of a str.
  static func quoted(_ text: [UInt8]) -> [UInt8] {
    let quote = quote(text)
    var result = [quote]
    var place = 0
    while place < text.count {
      let first = text[place]
      if first < 128 {
        result += escape(first, quote) ?? [first]
        place += 1
        continue
      }
      let width = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let end = min(place + width, text.count)
      var value = UInt32(first) & (width == 2 ? 0x1F : width == 3 ? 0x0F : 0x07)
      for byte in text[place + 1..<end] { value = value << 6 | UInt32(byte & 0x3F) }
      if isPrintable(value) {
        result += text[place..<end]
      } else if value < 0x100 {
        result += Array("\\x".utf8) + hex(value, 2)
      } else if value < 0x10000 {
        result += Array("\\u".utf8) + hex(value, 4)
      } else {
        result += Array("\\U".utf8) + hex(value, 8)
      }
      place = end
    }
    return result + [quote]
  }

  private static func isPrintable(_ value: UInt32) -> Bool {
    guard let scalar = UnicodeScalar(value) else { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      return false
    default:
      return true
    }
  }
}

extension BigInteger {
  var decimal: String {
    var parts: [String] = []
    var rest = BigInteger(isNegative: false, limbs: limbs)
    let billion = BigInteger(1_000_000_000)
    while let (quotient, remainder) = rest.flooredDivision(billion), !rest.isZero {
      let digits = String(remainder.small ?? 0)
      parts.append(quotient.isZero ? digits : String(repeating: "0", count: 9 - digits.count) + digits)
      rest = quotient
    }
    return parts.isEmpty ? "0" : (isNegative ? "-" : "") + parts.reversed().joined()
  }
}
