/// Writes code objects in Python 3.13's marshal format (version 4), the body of a `.pyc` file.
///
/// Nothing is shared by reference in the output. That is valid, and equal strings become one again when they are
/// interned on loading.
public struct MarshalWriter {
  public private(set) var output: [UInt8] = []

  public init() {}

  public static func marshal(_ code: CodeUnit) -> [UInt8] {
    var writer = MarshalWriter()
    writer.write(code)
    return writer.output
  }

  private mutating func put(_ letter: UnicodeScalar) { output.append(UInt8(letter.value)) }

  private mutating func put16(_ value: Int) {
    output.append(UInt8(truncatingIfNeeded: value))
    output.append(UInt8(truncatingIfNeeded: value >> 8))
  }

  private mutating func put32(_ value: Int) {
    put16(value)
    put16(value >> 16)
  }

  private mutating func put(_ value: Double) {
    var bits = value.bitPattern
    for _ in 0..<8 {
      output.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
    }
  }

  private mutating func writeBytes(_ bytes: [UInt8]) {
    put("s")
    put32(bytes.count)
    output.append(contentsOf: bytes)
  }

  private mutating func writeString(_ text: [UInt8], isName: Bool = false) {
    if text.allSatisfy({ $0 < 0x80 }) {
      if text.count < 256 {
        put(isName ? "Z" : "z")
        output.append(UInt8(text.count))
      } else {
        put(isName ? "A" : "a")
        put32(text.count)
      }
    } else {
      put(isName ? "t" : "u")
      put32(text.count)
    }
    output.append(contentsOf: text)
  }

  private mutating func writeCount(_ count: Int) {
    if count < 256 {
      put(")")
      output.append(UInt8(count))
    } else {
      put("(")
      put32(count)
    }
  }

  private mutating func writeNames(_ names: [[UInt8]]) {
    writeCount(names.count)
    for name in names { writeString(name, isName: true) }
  }

  private mutating func writeInt(_ value: Int) {
    if let small = Int32(exactly: value) {
      put("i")
      put32(Int(small))
      return
    }
    let magnitude = value.magnitude
    writeBig(
      isNegative: value < 0,
      limbs: [UInt32(truncatingIfNeeded: magnitude), UInt32(truncatingIfNeeded: magnitude >> 32)])
  }

  /// Digits of 15 bits, the count negative for a negative number.
  private mutating func writeBig(isNegative: Bool, limbs: [UInt32]) {
    var digits: [Int] = []
    var accumulator: UInt64 = 0
    var bits: UInt64 = 0
    for limb in limbs {
      accumulator |= UInt64(limb) << bits
      bits += 32
      while bits >= 15 {
        digits.append(Int(accumulator & 0x7FFF))
        accumulator >>= 15
        bits -= 15
      }
    }
    if bits > 0 { digits.append(Int(accumulator & 0x7FFF)) }
    while digits.last == 0 { digits.removeLast() }
    put("l")
    put32(isNegative ? -digits.count : digits.count)
    for digit in digits { put16(digit) }
  }

  public mutating func write(_ value: CodeConstant) {
    switch value {
    case .none: put("N")
    case .true: put("T")
    case .false: put("F")
    case .ellipsis: put(".")
    case .int(let value): writeInt(value)
    case .bigInt(let isNegative, let limbs): writeBig(isNegative: isNegative, limbs: limbs)
    case .float(let value):
      put("g")
      put(value)
    case .complex(let real, let imaginary):
      put("y")
      put(real)
      put(imaginary)
    case .string(let text): writeString(text)
    case .bytes(let bytes): writeBytes(bytes)
    case .tuple(let elements):
      writeCount(elements.count)
      for element in elements { write(element) }
    case .frozenset(let elements):
      put(">")
      put32(elements.count)
      for element in elements { write(element) }
    case .code(let code): write(code)
    }
  }

  public mutating func write(_ code: CodeUnit) {
    put("c")
    put32(code.argCount)
    put32(code.posOnlyArgCount)
    put32(code.kwOnlyArgCount)
    put32(code.stackSize)
    put32(Int(code.flags))
    writeBytes(code.code)
    writeCount(code.consts.count)
    for value in code.consts { write(value) }
    writeNames(code.names)
    writeNames(code.localsPlusNames)
    writeBytes(code.localsPlusKinds)
    writeString(code.fileName)
    writeString(code.name, isName: true)
    writeString(code.qualifiedName)
    put32(code.firstLine)
    writeBytes(code.lineTable)
    writeBytes(code.exceptionTable)
  }
}
