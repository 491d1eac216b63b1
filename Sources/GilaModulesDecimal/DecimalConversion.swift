// Decimals from text, ints, floats and tuples, and back.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport
import Glibc

enum DecimalConversion {
  // MARK: ints

  /// The magnitude of an int.
  static func natural(_ r: Ref) -> (Natural, negative: Bool) {
    let tag = (r.raw + 16).load(as: UInt.self)
    let digits = UnsafeRawPointer(r.raw + 24).assumingMemoryBound(to: UInt32.self)
    let n = Int(tag >> 3)
    let negative = tag & 3 == 2
    if n <= 1 { return (Natural(tag & 3 == 1 ? 0 : UInt64(digits[0])), negative) }
    if n == 2 { return (Natural(UInt64(digits[0]) | UInt64(digits[1]) << 30), negative) }
    return (natural(digits, n), negative)
  }
  private static func natural(_ digits: UnsafePointer<UInt32>, _ n: Int) -> Natural {
    if n > 80 {
      let low = n / 2
      let scale = Natural(UInt64(1) << 60).raised(to: low / 2) * (low % 2 == 0 ? UInt64(1) : UInt64(1) << 30)
      return natural(digits + low, n - low) * scale + natural(digits, low)
    }
    var limbs: [UInt64] = []
    for i in stride(from: n - 1, through: 0, by: -1) {
      var carry = UInt64(digits[i])
      for k in limbs.indices { (carry, limbs[k]) = Limbs.multiply(limbs[k], 1 << 30, carry) }
      if carry != 0 { limbs.append(carry) }
    }
    return limbs.withUnsafeBufferPointer { b in b.baseAddress.map { Natural($0, b.count) } ?? Natural() }
  }
  static func decimal(int r: Ref) -> Decimal {
    let (n, negative) = natural(r)
    return Decimal(n, negative: negative)
  }
  /// An int of a natural number.
  static func int(_ n: Natural, negative: Bool) throws(PyError) -> Owned {
    let magnitude = try int(n.limbs[...])
    return negative ? try owned(PyNumber_Negative(magnitude.ref)) : magnitude
  }
  private static func int(_ limbs: ArraySlice<UInt64>) throws(PyError) -> Owned {
    if limbs.count <= 1 { return try owned(PyLong_FromUnsignedLongLong(limbs.first ?? 0)) }
    if limbs.count > 40 {
      let middle = limbs.startIndex + limbs.count / 2
      let low = try int(limbs[..<middle]), high = try int(limbs[middle...])
      let ten = try owned(PyLong_FromLong(10)), power = try owned(PyLong_FromSsize_t(18 * (limbs.count / 2)))
      let scale = try owned(PyNumber_Power(ten.ref, power.ref, none))
      let product = try owned(PyNumber_Multiply(high.ref, scale.ref))
      return try owned(PyNumber_Add(product.ref, low.ref))
    }
    var words: [UInt64] = []
    for limb in limbs.reversed() {
      var carry = limb
      for k in words.indices {
        let (high, low) = words[k].multipliedFullWidth(by: limbRadix)
        let (sum, over) = low.addingReportingOverflow(carry)
        words[k] = sum
        carry = high &+ (over ? 1 : 0)
      }
      if carry != 0 { words.append(carry) }
    }
    return try owned(
      words.withUnsafeBytes {
        _PyLong_FromByteArray($0.bindMemory(to: UInt8.self).baseAddress, $0.count, 1, 0)
      })
  }
  /// The int of a finite number after rounding to a whole one.
  static func int(_ d: Decimal, _ rounding: Rounding) throws(PyError) -> Owned {
    if d.isNaN { throw valueError("cannot convert NaN to integer") }
    if d.isInfinite { throw overflowError("cannot convert Infinity to integer") }
    var c = DecimalContext.widest
    c.rounding = rounding
    let whole = Decimal.toIntegral(d, &c, signals: false)
    if whole.exponent > 1 << 31, !whole.coefficient.isZero { throw memoryError() }
    return try int(
      whole.coefficient.isZero ? whole.coefficient : whole.coefficient.shifted(left: whole.exponent),
      negative: whole.negative)
  }

  // MARK: floats

  static func decimal(float v: Double) -> Decimal {
    if v.isNaN { return Decimal(kind: .quiet, negative: v.sign == .minus) }
    if v.isInfinite { return .infinity(v < 0) }
    if v == 0 { return .zero(v.sign == .minus, 0) }
    var m = v.magnitude.significandBitPattern | (v.isNormal ? 1 << 52 : 0)
    var e = (v.isNormal ? Int(v.exponent) : -1022) - 52
    let shift = min(m.trailingZeroBitCount, max(0, -e))
    m >>= UInt64(shift)
    e += shift
    if e >= 0 { return Decimal(Natural(m) * Natural(UInt64(2)).raised(to: e), negative: v < 0) }
    return Decimal(Natural(m) * Natural(UInt64(5)).raised(to: -e), exponent: e, negative: v < 0)
  }

  /// A Decimal of an int below 10**18 or a finite float, without the general arithmetic; nil for other values.
  private static func direct(_ value: Ref) -> Ref? {
    if value.isExactly(Types.long) {
      var overflow: Int32 = 0
      let x = PyLong_AsLongAndOverflow(value, &overflow)
      guard overflow == 0, x.magnitude < UInt(limbRadix) else { return nil }
      return withUnsafePointer(to: UInt64(x.magnitude)) {
        DecimalType.make($0, x == 0 ? 0 : 1, exponent: 0, negative: x < 0)
      }
    }
    guard value.isExactly(Types.float) else { return nil }
    let v = value.raw.load(fromByteOffset: 16, as: Double.self)
    guard v.isFinite, v != 0 else { return nil }
    var m = v.magnitude.significandBitPattern | (v.isNormal ? 1 << 52 : 0)
    var e = (v.isNormal ? Int(v.exponent) : -1022) - 52
    let shift = min(m.trailingZeroBitCount, max(0, -e))
    m >>= UInt64(shift)
    e += shift
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { room in
      // m * 2**e, or m * 5**-e * 10**e: at most 767 digits.
      let r = room.baseAddress.unsafelyUnwrapped
      r[0] = m
      var n = 1
      var left = e.magnitude
      let most: UInt = e >= 0 ? 59 : 25
      while left > 0 {
        let k = min(left, most)
        left -= k
        var factor: UInt64 = 1
        for _ in 0..<k { factor &*= e >= 0 ? 2 : 5 }
        var carry: UInt64 = 0
        for i in 0..<n { (carry, r[i]) = Limbs.multiply(r[i], factor, carry) }
        if carry != 0 {
          r[n] = carry
          n += 1
        }
      }
      return DecimalType.make(r, n, exponent: min(e, 0), negative: v < 0)
    }
  }

  // MARK: text

  /// The ASCII form of a str; nil if it cannot be a number. `lenient`: blanks around and underscores are dropped.
  static func ascii(_ r: Ref, lenient: Bool) throws(PyError) -> [UInt8]? {
    let n = PyUnicode_GetLength(r)
    var from = 0, to = n
    // The bits of a compact ASCII str, whose characters stand behind its head.
    if r.raw.load(fromByteOffset: 32, as: UInt32.self) & 0x60 == 0x60 {
      let p = UnsafePointer((r.raw + 40).assumingMemoryBound(to: UInt8.self))
      if lenient {
        while from < to, _PyUnicode_IsWhitespace(UInt32(p[from])) != 0 { from += 1 }
        while to > from, _PyUnicode_IsWhitespace(UInt32(p[to - 1])) != 0 { to -= 1 }
      }
      let part = UnsafeBufferPointer(start: p + from, count: to - from)
      if memchr(p + from, 0, part.count) != nil { return nil }
      return lenient && memchr(p + from, 0x5f, part.count) != nil ? part.filter { $0 != 0x5f } : Array(part)
    }
    if lenient {
      while from < to, _PyUnicode_IsWhitespace(PyUnicode_ReadChar(r, from)) != 0 { from += 1 }
      while to > from, _PyUnicode_IsWhitespace(PyUnicode_ReadChar(r, to - 1)) != 0 { to -= 1 }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(to - from)
    for i in from..<to {
      let c = PyUnicode_ReadChar(r, i)
      if lenient, c == 0x5f { continue }
      if c > 0, c < 128 {
        bytes.append(UInt8(c))
        continue
      }
      let d = c == 0 ? -1 : _PyUnicode_ToDecimalDigit(c)
      if d < 0 { return nil }
      bytes.append(48 + UInt8(d))
    }
    return bytes
  }
  static func decimal(ascii bytes: [UInt8]?) -> Decimal? {
    guard let bytes else { return nil }
    return bytes.withUnsafeBufferPointer { Decimal($0) }
  }

  // MARK: tuples

  static func decimal(sequence r: Ref) throws(PyError) -> Decimal {
    let t = try owned(PySequence_Tuple(r))
    if t.ref.size != 3 { throw valueError("argument must be a sequence of length 3") }
    let items = gila_tuple_items(t.ref)
    guard items[0]!.isLong else { throw valueError("sign must be an integer with the value 0 or 1") }
    let sign = PyLong_AsLong(items[0])
    if sign == -1, errorIsSet { throw PyError() }
    guard sign == 0 || sign == 1 else { throw valueError("sign must be an integer with the value 0 or 1") }
    var kind = Decimal.Kind.finite
    var exponent = 0
    if items[2]!.isUnicode {
      switch swiftString(items[2]!) {
      case "F": kind = .infinite
      case "n": kind = .quiet
      case "N": kind = .signaling
      default: throw valueError("string argument in the third position must be 'F', 'n' or 'N'")
      }
    } else {
      guard items[2]!.isLong else {
        throw valueError("string argument in the third position must be 'F', 'n' or 'N'")
      }
      exponent = PyLong_AsSsize_t(items[2])
      if exponent == -1, errorIsSet { throw PyError() }
    }
    guard items[1]!.isTuple || items[1]!.isList else { throw valueError("coefficient must be a tuple of digits") }
    if kind == .infinite { return .infinity(sign == 1) }
    let digits = try owned(PySequence_Tuple(items[1]))
    var bytes: [UInt8] = []
    for i in 0..<digits.ref.size {
      let item = gila_tuple_items(digits.ref)[i]!
      guard item.isLong else { throw valueError("coefficient must be a tuple of digits") }
      let v = PyLong_AsLong(item)
      if v == -1, errorIsSet { throw PyError() }
      guard v >= 0, v <= 9 else { throw valueError("coefficient must be a tuple of digits") }
      bytes.append(48 + UInt8(v))
    }
    var d = Decimal(Natural(digits: bytes), exponent: max(-3 << 60, min(3 << 60, exponent)), negative: sign == 1)
    d.kind = kind
    if kind != .finite { d.exponent = 0 }
    return d
  }

  // MARK: any object

  /// Whether a number is one that no context has to change.
  private static func isRepresentable(_ d: Decimal) -> Bool {
    if d.kind != .finite { return true }
    var c = DecimalContext.widest
    let r = d.finalized(&c)
    return c.status.isDisjoint(with: [.inexact, .rounded, .clamped]) && r.isFinite
  }
  static func unsupported(_ r: Ref) -> PyError {
    typeError("conversion from \(typeName(of: r)) to Decimal is not supported")
  }

  /// `Decimal(value)`: exact; `context` only hears of errors.
  static func exact(_ type: TypeRef, _ value: Ref?, _ context: Ref) throws(PyError) -> Owned {
    guard let value else { return try DecimalType.make(Decimal(0), type) }
    if DecimalType.isDecimal(value) {
      if type == DecimalType.type, value.type == DecimalType.type { return Owned(retaining: value) }
      return try DecimalType.make(DecimalType.value(value), type)
    }
    let d: Decimal
    if type == DecimalType.type, value.isExactly(Types.long) || value.isExactly(Types.float) {
      if value.isExactly(Types.float) { try CurrentContext.note(.floatOperation, context) }
      if let made = direct(value) { return Owned(taking: made) }
      if errorIsSet { throw PyError() }
    }
    if value.isUnicode {
      if type == DecimalType.type, let made = FastText.parse(value) { return Owned(taking: made) }
      if errorIsSet { throw PyError() }
      guard let parsed = decimal(ascii: try ascii(value, lenient: true)) else {
        try CurrentContext.note(.conversionSyntax, context)
        return try DecimalType.make(.nan, type)
      }
      d = parsed
    } else if value.isLong {
      d = decimal(int: value)
    } else if value.isTuple || value.isList {
      d = try decimal(sequence: value)
    } else if value.isInstance(of: Types.float) {
      if !(type == DecimalType.type && value.isExactly(Types.float)) {
        try CurrentContext.note(.floatOperation, context)
      }
      d = decimal(float: PyFloat_AsDouble(value))
    } else {
      throw unsupported(value)
    }
    if !isRepresentable(d) {
      try CurrentContext.note(.invalidOperation, context)
      return try DecimalType.make(.nan, type)
    }
    return try DecimalType.make(d, type)
  }
  /// `Context.create_decimal(value)`: rounded to the context.
  static func rounded(_ value: Ref?, _ context: Ref) throws(PyError) -> Owned {
    var c = context.context.settings
    var d: Decimal
    if let value {
      if DecimalType.isDecimal(value) {
        d = DecimalType.value(value)
      } else if value.isUnicode {
        guard let parsed = decimal(ascii: try ascii(value, lenient: false)) else {
          try CurrentContext.note(.conversionSyntax, context)
          return try DecimalType.make(.nan)
        }
        d = parsed
      } else if value.isLong {
        d = decimal(int: value)
      } else if value.isTuple || value.isList {
        d = try decimal(sequence: value)
      } else if value.isInstance(of: Types.float) {
        try CurrentContext.note(.floatOperation, context)
        d = decimal(float: PyFloat_AsDouble(value))
      } else {
        throw unsupported(value)
      }
    } else {
      d = Decimal(0)
    }
    if d.isNaN, !d.coefficient.isZero, d.digits > c.precision - (c.clamp ? 1 : 0) {
      try CurrentContext.note(.conversionSyntax, context)
      return try DecimalType.make(.nan)
    }
    d = d.finalized(&c)
    try CurrentContext.note(c.status, context)
    return try DecimalType.make(d)
  }

  /// An operand: a Decimal or an int; nil for anything else.
  @inline(__always) static func operand(_ r: Ref) throws(PyError) -> Owned? {
    if DecimalType.isDecimal(r) { return Owned(retaining: r) }
    if r.isLong { return try operand(int: r) }
    return nil
  }
  private static func operand(int r: Ref) throws(PyError) -> Owned {
    let tag = (r.raw + 16).load(as: UInt.self)
    if tag >> 3 <= 1 {
      var v = tag & 3 == 1 ? 0 : UInt64((r.raw + 24).load(as: UInt32.self))
      let n = v == 0 ? 0 : 1
      return try owned(
        withUnsafePointer(to: &v) { DecimalType.make($0, n, exponent: 0, negative: tag & 3 == 2) })
    }
    return try DecimalType.make(decimal(int: r))
  }
  static func required(_ r: Ref) throws(PyError) -> Owned {
    guard let o = try operand(r) else { throw unsupported(r) }
    return o
  }
}
