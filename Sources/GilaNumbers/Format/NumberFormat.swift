// format(value, spec) of int, float and complex.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

enum NumberFormat {
  /// Parses a specification (a str) for an object of a type.
  static func parse(_ spec: Ref, _ value: Ref, type: UInt32) throws(PyError) -> FormatSpec {
    let (kind, data, count) = unicodeText(spec)
    do throws(FormatSpec.Failure) {
      return try FormatSpec(parsing: data, kind: kind, count: count, defaultType: type, defaultAlign: 0x3E)
    } catch {
      throw explain(error, spec, value)
    }
  }

  /// The exception for a bad specification.
  private static func explain(_ failure: FormatSpec.Failure, _ spec: Ref, _ value: Ref) -> PyError {
    switch failure {
    case .tooManyDigits: return valueError("Too many decimal digits in format string")
    case .missingPrecision: return valueError("Format specifier missing precision")
    case .bothSeparators: return valueError("Cannot specify both ',' and '_'.")
    case .invalid:
      return valueError(
        "Invalid format specifier '\(swiftString(spec))' for object of type '\(typeName(of: value))'")
    case .separatorWithType(let separator, let type):
      let s = Character(Unicode.Scalar(separator))
      return valueError("Cannot specify '\(s)' with '\(shown(type))'.")
    }
  }

  private static func shown(_ type: UInt32) -> String {
    if type > 32 && type < 128, let scalar = Unicode.Scalar(type) { return String(Character(scalar)) }
    return "\\x" + String(type, radix: 16)
  }

  static func unknownCode(_ type: UInt32, _ value: Ref) -> PyError {
    valueError("Unknown format code '\(shown(type))' for object of type '\(typeName(of: value))'")
  }

  /// Decimal point and grouping of a specification; type n takes the locale's.
  static func symbols(_ spec: FormatSpec, locale: Bool) -> NumberLayout.Symbols {
    if !locale { return NumberLayout.Symbols(spec.grouping) }
    var s = NumberLayout.Symbols()
    guard let conventions = localeconv() else { return s }
    func text(_ p: UnsafeMutablePointer<CChar>?) -> [UInt32] {
      guard let p else { return [] }
      return String(cString: p).unicodeScalars.map { $0.value }
    }
    let point = text(conventions.pointee.decimal_point)
    if !point.isEmpty { s.point = point }
    s.separator = text(conventions.pointee.thousands_sep)
    s.groups = []
    if let g = conventions.pointee.grouping {
      var i = 0
      while g[i] != 0 {
        s.groups.append(UInt8(bitPattern: g[i]))
        i += 1
      }
    }
    if s.groups.isEmpty { s.groups = [127] }
    return s
  }

  /// The str of a layout.
  static func string(_ layout: NumberLayout) throws(PyError) -> Owned {
    let s = try owned(PyUnicode_New(layout.total, layout.maximum))
    let (kind, data, _) = unicodeText(s.ref)
    layout.write(to: data, kind: kind)
    return s
  }

  /// Whether neither groups, nor a locale, nor characters beyond ASCII have a part in a number's text.
  private static func isPlain(_ spec: FormatSpec) -> Bool {
    spec.grouping == .none && spec.type != 0x6E && spec.fill < 128
  }
  /// A number's text without its sign, in a field.
  private static func field(
    _ text: UnsafePointer<UInt8>, _ n: Int, negative: Bool, _ spec: FormatSpec
  ) throws(PyError) -> Owned {
    let sign: UInt8 = negative ? 45 : spec.sign == 0x2B || spec.sign == 0x20 ? spec.sign : 0
    let size = n &+ (sign == 0 ? 0 : 1)
    let padding = max(0, spec.width &- size)
    let s = try owned(PyUnicode_New(size &+ padding, 127))
    var out = s.ref.raw + 40
    func pad(_ count: Int) {
      if count > 0 {
        memset(out, Int32(spec.fill), count)
        out += count
      }
    }
    let left: Int
    switch spec.align {
    case 0x3C, 0x3D: left = 0
    case 0x5E: left = padding / 2
    default: left = padding
    }
    pad(left)
    if sign != 0 {
      out.storeBytes(of: sign, as: UInt8.self)
      out += 1
    }
    if spec.align == 0x3D { pad(padding) }
    out.copyMemory(from: text, byteCount: n)
    out += n
    if spec.align != 0x3D { pad(padding &- left) }
    return s
  }

  // MARK: int

  static func int(_ value: Ref, _ spec: FormatSpec) throws(PyError) -> Owned {
    if spec.precision != -1 { throw valueError("Precision not allowed in integer format specifier") }
    if spec.noNegativeZero {
      throw valueError("Negative zero coercion (z) not allowed in integer format specifier")
    }
    let type = spec.type
    if type == 0x63 { return try character(value, spec) }
    let bits = type == 0x62 ? 1 : type == 0x6F ? 3 : type == 0x78 || type == 0x58 ? 4 : 0
    let uppercase = type == 0x58
    let magnitude = value.digits
    let count = value.digitCount
    let negative = value.isNegativeInt
    func layout(_ text: UnsafePointer<UInt8>, _ n: Int) throws(PyError) -> Owned {
      if isPlain(spec), bits == 0 || !spec.alternate { return try field(text, n, negative: negative, spec) }
      var prefix: (UInt8, UInt8) = (48, 0)
      let alternate = spec.alternate && bits > 0
      if alternate { prefix.1 = bits == 1 ? 98 : bits == 3 ? 111 : uppercase ? 88 : 120 }
      let digits = UnsafeBufferPointer(start: text, count: n)
      let symbols = symbols(spec, locale: type == 0x6E)
      return try withUnsafeBytes(of: prefix) { raw throws(PyError) in
        let prefix = UnsafeBufferPointer(
          start: raw.baseAddress!.assumingMemoryBound(to: UInt8.self), count: alternate ? 2 : 0)
        return try string(
          NumberLayout(
            spec, negative: negative, prefix: prefix, digits: digits, hasPoint: false,
            remainder: UnsafeBufferPointer(start: text, count: 0), symbols: symbols))
      }
    }
    if bits > 0 {
      let text = UnsafeMutablePointer<UInt8>.allocate(capacity: Digits.bitLength(magnitude, count) / bits + 2)
      defer { text.deallocate() }
      let n = Digits.writePowerOfTwo(magnitude, count, bits: bits, uppercase: uppercase, to: text)
      return try layout(text, n)
    }
    var result: Ref? = nil
    let made = IntText.withDecimal(value) { text, n in
      result = bridge { () throws(PyError) in try layout(text, n) }
      return result
    }
    return try owned(made)
  }

  private static func character(_ value: Ref, _ spec: FormatSpec) throws(PyError) -> Owned {
    if spec.sign != 0 { throw valueError("Sign not allowed with integer format specifier 'c'") }
    if spec.alternate { throw valueError("Alternate form (#) not allowed with integer format specifier 'c'") }
    let c = PyLong_AsLong(value)
    if c == -1 && errorIsSet { throw PyError() }
    if c < 0 || c > 0x10FFFF { throw overflowError("%c arg not in range(0x110000)") }
    let width = max(spec.width, 1)
    let before: Int
    switch spec.align {
    case 0x3C: before = 0
    case 0x5E: before = (width - 1) / 2
    default: before = width - 1
    }
    let s = try owned(PyUnicode_New(width, width > 1 ? max(UInt32(c), spec.fill) : UInt32(c)))
    for i in 0..<width {
      try check(PyUnicode_WriteChar(s.ref, i, i == before ? UInt32(c) : spec.fill))
    }
    return s
  }

  // MARK: float

  static func float(_ value: Double, _ spec: FormatSpec) throws(PyError) -> Owned {
    var flags: FloatText.Flags = []
    if spec.alternate { flags.insert(.alternate) }
    if spec.noNegativeZero { flags.insert(.noNegativeZero) }
    var v = value
    var code = UInt8(truncatingIfNeeded: spec.type)
    var precision = spec.precision
    var defaultPrecision = 6
    let percent = code == UInt8(ascii: "%")
    if code == 0 {
      flags.insert(.addDotZero)
      code = UInt8(ascii: "r")
      defaultPrecision = 0
    } else if code == UInt8(ascii: "n") {
      code = UInt8(ascii: "g")
    } else if percent {
      code = UInt8(ascii: "f")
      v *= 100
    }
    if precision < 0 {
      precision = defaultPrecision
    } else if code == UInt8(ascii: "r") {
      code = UInt8(ascii: "g")
    }
    return try withText(v, code, precision, flags) { text, n throws(PyError) in
      var n = n
      if percent {
        text[n] = UInt8(ascii: "%")
        n += 1
      }
      let locale = spec.type == 0x6E
      if spec.sign != 0x2B && spec.sign != 0x20 && spec.width == -1 && !locale && spec.grouping == .none {
        return try owned(asciiString(text, n))
      }
      if isPlain(spec) {
        let negative = n > 0 && text[0] == UInt8(ascii: "-")
        return try field(text + (negative ? 1 : 0), negative ? n - 1 : n, negative: negative, spec)
      }
      return try string(layout(text, n, spec, symbols(spec, locale: locale)))
    }
  }

  /// Calls the body with the text of a double, which has room for one more byte.
  static func withText<R: ~Copyable>(
    _ v: Double, _ code: UInt8, _ precision: Int, _ flags: FloatText.Flags,
    _ body: (UnsafeMutablePointer<UInt8>, Int) throws(PyError) -> R
  ) throws(PyError) -> R {
    if precision > Int(Int32.max) { throw valueError("precision too big") }
    let capacity = FloatText.capacity(v, code: code, precision: precision) + 1
    guard let memory = PyMem_Malloc(capacity) else { throw memoryError() }
    defer { PyMem_Free(memory) }
    let text = memory.assumingMemoryBound(to: UInt8.self)
    let n = FloatText.format(v, code: code, precision: precision, flags: flags, to: text).count
    return try body(text, n)
  }

  /// Splits a float's text in sign, digits, point and rest.
  static func layout(
    _ text: UnsafePointer<UInt8>, _ n: Int, _ spec: FormatSpec, _ symbols: NumberLayout.Symbols
  ) -> NumberLayout {
    var i = 0
    var negative = false
    if n > 0 && text[0] == UInt8(ascii: "-") {
      negative = true
      i = 1
    }
    let first = i
    while i < n && text[i] >= 48 && text[i] <= 57 { i += 1 }
    let digits = UnsafeBufferPointer(start: text + first, count: i - first)
    let point = i < n && text[i] == UInt8(ascii: ".")
    if point { i += 1 }
    return NumberLayout(
      spec, negative: negative, prefix: UnsafeBufferPointer(start: text, count: 0), digits: digits, hasPoint: point,
      remainder: UnsafeBufferPointer(start: text + i, count: n - i), symbols: symbols)
  }

  // MARK: complex

  static func complex(_ value: Py_complex, _ spec: FormatSpec) throws(PyError) -> Owned {
    if spec.fill == 0x30 { throw valueError("Zero padding is not allowed in complex format specifier") }
    if spec.align == 0x3D { throw valueError("'=' alignment flag is not allowed in complex format specifier") }
    var flags: FloatText.Flags = []
    if spec.alternate { flags.insert(.alternate) }
    if spec.noNegativeZero { flags.insert(.noNegativeZero) }
    var code = UInt8(truncatingIfNeeded: spec.type)
    var precision = spec.precision
    var defaultPrecision = 6
    var parentheses = false
    var skipReal = false
    if code == 0 {
      code = UInt8(ascii: "r")
      defaultPrecision = 0
      if value.real == 0 && value.real.sign == .plus { skipReal = true } else { parentheses = true }
    } else if code == UInt8(ascii: "n") {
      code = UInt8(ascii: "g")
    }
    if precision < 0 {
      precision = defaultPrecision
    } else if code == UInt8(ascii: "r") {
      code = UInt8(ascii: "g")
    }
    let symbols = symbols(spec, locale: spec.type == 0x6E)
    // The parts are not padded; the whole is.
    var part = spec
    part.fill = 0
    part.align = 0x3C
    part.width = -1
    var imaginaryPart = part
    if !skipReal { imaginaryPart.sign = 0x2B }
    return try withText(value.real, code, precision, flags) { realText, realCount throws(PyError) in
      try withText(value.imag, code, precision, flags) { imagText, imagCount throws(PyError) in
        let real = layout(realText, skipReal ? 0 : realCount, part, symbols)
        let imag = layout(imagText, imagCount, imaginaryPart, symbols)
        let realTotal = skipReal ? 0 : real.total
        let inner = realTotal + imag.total + 1 + (parentheses ? 2 : 0)
        let total = max(inner, spec.width)
        let padding = total - inner
        let before: Int
        switch spec.align {
        case 0x3C: before = 0
        case 0x5E: before = padding / 2
        default: before = padding
        }
        var maximum = max(imag.maximum, skipReal ? 127 : real.maximum)
        if padding > 0 { maximum = max(maximum, spec.fill) }
        let s = try owned(PyUnicode_New(total, maximum))
        let (kind, data, _) = unicodeText(s.ref)
        var at = 0
        func put(_ c: UInt32) {
          switch kind {
          case 1: data.storeBytes(of: UInt8(truncatingIfNeeded: c), toByteOffset: at, as: UInt8.self)
          case 2: data.storeBytes(of: UInt16(truncatingIfNeeded: c), toByteOffset: at * 2, as: UInt16.self)
          default: data.storeBytes(of: c, toByteOffset: at * 4, as: UInt32.self)
          }
          at += 1
        }
        for _ in 0..<before { put(spec.fill) }
        if parentheses { put(40) }
        if !skipReal {
          real.write(to: data + at * kind, kind: kind)
          at += realTotal
        }
        imag.write(to: data + at * kind, kind: kind)
        at += imag.total
        put(106)
        if parentheses { put(41) }
        while at < total { put(spec.fill) }
        return s
      }
    }
  }
}

// MARK: the functions by which other targets format numbers

@c @implementation public func gila_long_format(_ value: Ref!, _ spec: Ref!) -> Ref? {
  let (value, spec) = (value!, spec!)
  if PyUnicode_GetLength(spec) == 0 {
    return value.isExactly(Types.long) ? IntText.decimal(value) : PyObject_Str(value)
  }
  return bridge { () throws(PyError) in
    let s = try NumberFormat.parse(spec, value, type: 0x64)
    switch s.type {
    case 0x62, 0x63, 0x64, 0x6F, 0x78, 0x58, 0x6E: return try NumberFormat.int(value, s)
    case 0x65, 0x45, 0x66, 0x46, 0x67, 0x47, 0x25:
      guard let v = doubleValue(value) else { throw PyError() }
      return try NumberFormat.float(v, s)
    default: throw NumberFormat.unknownCode(s.type, value)
    }
  }
}

@c @implementation public func gila_float_format(_ value: Ref!, _ spec: Ref!) -> Ref? {
  let (value, spec) = (value!, spec!)
  if PyUnicode_GetLength(spec) == 0 {
    return value.isExactly(Types.float) ? floatRepr(value.doubleField) : PyObject_Str(value)
  }
  return bridge { () throws(PyError) in
    let s = try NumberFormat.parse(spec, value, type: 0)
    switch s.type {
    case 0, 0x65, 0x45, 0x66, 0x46, 0x67, 0x47, 0x6E, 0x25: return try NumberFormat.float(value.doubleField, s)
    default: throw NumberFormat.unknownCode(s.type, value)
    }
  }
}

@c @implementation public func gila_complex_format(_ value: Ref!, _ spec: Ref!) -> Ref? {
  let (value, spec) = (value!, spec!)
  if PyUnicode_GetLength(spec) == 0 { return PyObject_Str(value) }
  return bridge { () throws(PyError) in
    let s = try NumberFormat.parse(spec, value, type: 0)
    switch s.type {
    case 0, 0x65, 0x45, 0x66, 0x46, 0x67, 0x47, 0x6E: return try NumberFormat.complex(value.complexField, s)
    default: throw NumberFormat.unknownCode(s.type, value)
    }
  }
}
