import GilaSyntax

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Operators on constants, with Python's semantics and CPython's limits on the size of results.
/// A nil result means that the operation fails or would make too much; then it is left for run time.
struct ConstantOperators {
  let arena: ASTArena

  static let maximumBits = 128
  static let maximumCollection = 256
  static let maximumText = 4096
  static let maximumItems = 1024

  private struct Complex {
    var real: Double
    var imaginary: Double
  }

  // MARK: Unary

  static func isTrue(_ value: Constant) -> Bool {
    switch value {
    case .none, .false: false
    case .true, .ellipsis, .bigInt: true
    case .int(let value): value != 0
    case .float(let value): value != 0
    case .complex(let real, let imaginary): real != 0 || imaginary != 0
    case .string(let text), .bytes(let text): !text.isEmpty
    case .tuple(let elements), .frozenset(let elements): !elements.isEmpty
    }
  }

  func unary(_ op: UnaryOperator, _ value: Constant) -> Constant? {
    switch op {
    case .not: return Self.isTrue(value) ? .false : .true
    case .uAdd:
      switch value {
      case .float, .complex: return value
      default: return BigInteger(value)?.constant(arena)
      }
    case .uSub:
      switch value {
      case .float(let value): return .float(-value)
      case .complex(let real, let imaginary): return .complex(real: -real, imaginary: -imaginary)
      default: return BigInteger(value)?.negated.constant(arena)
      }
    case .invert:
      guard let integer = BigInteger(value) else { return nil }
      return (integer.negated - BigInteger(1)).constant(arena)
    }
  }

  // MARK: Binary

  func binary(_ left: Constant, _ op: BinaryOperator, _ right: Constant) -> Constant? {
    if case .int(let a) = left, case .int(let b) = right, let value = Self.smallBinary(a, op, b) {
      return .int(value)
    }
    switch op {
    case .matMult: return nil
    case .bitOr, .bitXor, .bitAnd: return bitwise(left, op, right)
    case .lShift, .rShift: return shift(left, op, right)
    case .add: if let joined = concatenate(left, right) { return joined }
    case .mult: if let repeated = repetition(left, right) { return repeated.value }
    case .mod:
      switch left {
      case .string, .bytes: return nil
      default: break
      }
    default: break
    }
    if let a = BigInteger(left), let b = BigInteger(right) { return integer(a, op, b) }
    if let a = real(left), let b = real(right) { return float(a, op, b) }
    if let a = complex(left), let b = complex(right) { return complex(a, op, b) }
    return nil
  }

  private static func smallBinary(_ a: Int, _ op: BinaryOperator, _ b: Int) -> Int? {
    switch op {
    case .add:
      let (value, overflow) = a.addingReportingOverflow(b)
      return overflow ? nil : value
    case .sub:
      let (value, overflow) = a.subtractingReportingOverflow(b)
      return overflow ? nil : value
    case .mult:
      let (value, overflow) = a.multipliedReportingOverflow(by: b)
      return overflow ? nil : value
    case .bitOr: return a | b
    case .bitAnd: return a & b
    case .bitXor: return a ^ b
    default: return nil
    }
  }

  private func real(_ value: Constant) -> Double? {
    if case .float(let value) = value { return value }
    return BigInteger(value)?.double
  }

  private func complex(_ value: Constant) -> Complex? {
    if case .complex(let real, let imaginary) = value { return Complex(real: real, imaginary: imaginary) }
    return real(value).map { Complex(real: $0, imaginary: 0) }
  }

  private func integer(_ a: BigInteger, _ op: BinaryOperator, _ b: BigInteger) -> Constant? {
    switch op {
    case .add: return (a + b).constant(arena)
    case .sub: return (a - b).constant(arena)
    case .mult:
      if !a.isZero, !b.isZero, a.bitCount + b.bitCount > Self.maximumBits { return nil }
      return (a * b).constant(arena)
    case .div: return BigInteger.trueDivide(a, b).map { .float($0) }
    case .floorDiv: return a.flooredDivision(b)?.quotient.constant(arena)
    case .mod: return a.flooredDivision(b)?.remainder.constant(arena)
    case .pow:
      if b.isNegative {
        guard let x = a.double, let y = b.double else { return nil }
        return float(x, .pow, y)
      }
      if !a.isZero, !b.isZero {
        guard let exponent = b.small, a.bitCount <= Self.maximumBits / exponent else { return nil }
        return a.power(exponent).constant(arena)
      }
      return b.isZero ? .int(1) : .int(0)
    default: return nil
    }
  }

  private func bitwise(_ left: Constant, _ op: BinaryOperator, _ right: Constant) -> Constant? {
    guard let a = BigInteger(left), let b = BigInteger(right) else { return nil }
    let result =
      switch op {
      case .bitOr: BigInteger.bitwise(a, b, |)
      case .bitXor: BigInteger.bitwise(a, b, ^)
      default: BigInteger.bitwise(a, b, &)
      }
    if Self.isBool(left), Self.isBool(right) { return result.isZero ? .false : .true }
    return result.constant(arena)
  }

  private static func isBool(_ value: Constant) -> Bool {
    switch value {
    case .true, .false: true
    default: false
    }
  }

  private func shift(_ left: Constant, _ op: BinaryOperator, _ right: Constant) -> Constant? {
    guard let a = BigInteger(left), let b = BigInteger(right), !b.isNegative else { return nil }
    if a.isZero { return .int(0) }
    if op == .rShift {
      guard let count = b.small else { return .int(a.isNegative ? -1 : 0) }
      return a.shiftedRight(count).constant(arena)
    }
    guard let count = b.small else { return nil }
    if count > 0, count > Self.maximumBits || a.bitCount > Self.maximumBits - count { return nil }
    return a.shiftedLeft(count).constant(arena)
  }

  private func float(_ a: Double, _ op: BinaryOperator, _ b: Double) -> Constant? {
    switch op {
    case .add: return .float(a + b)
    case .sub: return .float(a - b)
    case .mult: return .float(a * b)
    case .div: return b == 0 ? nil : .float(a / b)
    case .floorDiv, .mod:
      if b == 0 { return nil }
      var remainder = fmod(a, b)
      var quotient = (a - remainder) / b
      if remainder != 0 {
        if (b < 0) != (remainder < 0) {
          remainder += b
          quotient -= 1
        }
      } else {
        remainder = copysign(0, b)
      }
      if op == .mod { return .float(remainder) }
      if quotient != 0 {
        var floored = floor(quotient)
        if quotient - floored > 0.5 { floored += 1 }
        return .float(floored)
      }
      return .float(copysign(0, a / b))
    case .pow:
      if a == 0, b < 0 { return nil }
      if a < 0, a.isFinite, b.isFinite, b != floor(b) {
        // The result is complex.
        return complex(Complex(real: a, imaginary: 0), .pow, Complex(real: b, imaginary: 0))
      }
      let value = pow(a, b)
      if value.isInfinite, a.isFinite, b.isFinite { return nil }
      return .float(value)
    default: return nil
    }
  }

  private static func multiply(_ a: Complex, _ b: Complex) -> Complex {
    Complex(
      real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
  }

  private static func divide(_ a: Complex, _ b: Complex) -> Complex? {
    if b.real.magnitude >= b.imaginary.magnitude {
      if b.real == 0 { return nil }
      let ratio = b.imaginary / b.real
      let denominator = b.real + b.imaginary * ratio
      return Complex(
        real: (a.real + a.imaginary * ratio) / denominator, imaginary: (a.imaginary - a.real * ratio) / denominator)
    }
    if b.imaginary.magnitude >= b.real.magnitude {
      let ratio = b.real / b.imaginary
      let denominator = b.real * ratio + b.imaginary
      return Complex(
        real: (a.real * ratio + a.imaginary) / denominator, imaginary: (a.imaginary * ratio - a.real) / denominator)
    }
    return Complex(real: .nan, imaginary: .nan)
  }

  private func complex(_ a: Complex, _ op: BinaryOperator, _ b: Complex) -> Constant? {
    let result: Complex?
    switch op {
    case .add: result = Complex(real: a.real + b.real, imaginary: a.imaginary + b.imaginary)
    case .sub: result = Complex(real: a.real - b.real, imaginary: a.imaginary - b.imaginary)
    case .mult: result = Self.multiply(a, b)
    case .div: result = Self.divide(a, b)
    case .pow: result = Self.power(a, b)
    default: result = nil
    }
    return result.map { .complex(real: $0.real, imaginary: $0.imaginary) }
  }

  private static func power(_ a: Complex, _ b: Complex) -> Complex? {
    if b.imaginary == 0, b.real == floor(b.real), b.real.magnitude <= 100 {
      var rest = Int(b.real.magnitude)
      var result = Complex(real: 1, imaginary: 0)
      var base = a
      while rest > 0 {
        if rest & 1 != 0 { result = multiply(result, base) }
        rest >>= 1
        base = multiply(base, base)
      }
      let value = b.real < 0 ? divide(Complex(real: 1, imaginary: 0), result) : result
      guard let value, value.real.isFinite, value.imaginary.isFinite else { return nil }
      return value
    }
    if a.real == 0, a.imaginary == 0 {
      return b.imaginary != 0 || b.real < 0 ? nil : Complex(real: 0, imaginary: 0)
    }
    let size = hypot(a.real, a.imaginary)
    var length = pow(size, b.real)
    let angle = atan2(a.imaginary, a.real)
    var phase = angle * b.real
    if b.imaginary != 0 {
      length *= exp(-angle * b.imaginary)
      phase += b.imaginary * log(size)
    }
    let value = Complex(real: length * cos(phase), imaginary: length * sin(phase))
    return value.real.isFinite && value.imaginary.isFinite ? value : nil
  }

  // MARK: Sequences

  private func concatenate(_ left: Constant, _ right: Constant) -> Constant? {
    switch (left, right) {
    case (.string(let a), .string(let b)): return .string(arena.text(a.array + b.array))
    case (.bytes(let a), .bytes(let b)): return .bytes(arena.text(a.array + b.array))
    case (.tuple(let a), .tuple(let b)): return .tuple(arena.list(Array(a) + Array(b)))
    default: return nil
    }
  }

  /// Result of `sequence * int`; nil if the operands are not of these kinds.
  private func repetition(_ left: Constant, _ right: Constant) -> (value: Constant?, Void)? {
    if let count = BigInteger(left), Self.isSequence(right) { return (repeated(right, count), ()) }
    if let count = BigInteger(right), Self.isSequence(left) { return (repeated(left, count), ()) }
    return nil
  }

  private static func isSequence(_ value: Constant) -> Bool {
    switch value {
    case .string, .bytes, .tuple: true
    default: false
    }
  }

  private func repeated(_ value: Constant, _ count: BigInteger) -> Constant? {
    switch value {
    case .tuple(let elements):
      if elements.isEmpty { return value }
      guard let times = count.small, times >= 0, times <= Self.maximumCollection / elements.count else { return nil }
      if times > 0, Self.complexity(value, Self.maximumItems / times) < 0 { return nil }
      var result: [Constant] = []
      for _ in 0..<times { result.append(contentsOf: elements) }
      return .tuple(arena.list(result))
    case .string(let text), .bytes(let text):
      var isString = false
      if case .string = value { isString = true }
      let size = isString ? Self.characterCount(text) : text.count
      if size == 0 { return value }
      guard let times = count.small, times >= 0, times <= Self.maximumText / size else { return nil }
      var result: [UInt8] = []
      for _ in 0..<times { result.append(contentsOf: text.buffer) }
      return isString ? .string(arena.text(result)) : .bytes(arena.text(result))
    default: return nil
    }
  }

  private static func complexity(_ value: Constant, _ limit: Int) -> Int {
    guard case .tuple(let elements) = value else { return limit }
    var rest = limit - elements.count
    for element in elements {
      if rest < 0 { break }
      rest = complexity(element, rest)
    }
    return rest
  }

  static func characterCount(_ text: Text) -> Int {
    text.buffer.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  func item(_ value: Constant, _ index: Constant) -> Constant? {
    guard var place = BigInteger(index)?.small else { return nil }
    switch value {
    case .tuple(let elements):
      if place < 0 { place += elements.count }
      return place >= 0 && place < elements.count ? elements[place] : nil
    case .bytes(let text):
      if place < 0 { place += text.count }
      return place >= 0 && place < text.count ? .int(Int(text.buffer[place])) : nil
    case .string(let text):
      let count = Self.characterCount(text)
      if place < 0 { place += count }
      guard place >= 0, place < count else { return nil }
      let bytes = text.buffer
      var start = 0
      for _ in 0..<place {
        start += 1
        while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
      }
      var end = start + 1
      while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
      return .string(arena.text(Array(bytes[start..<end])))
    default: return nil
    }
  }
}
