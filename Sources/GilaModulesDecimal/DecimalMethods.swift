// Methods of Decimal.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport

enum DecimalMethods {
  private static let contextOnly = Signature("function", "(context=None)")
  private static let otherAndContext = Signature("function", "(other, context=None)")
  private static let roundingAndContext = Signature("function", "(rounding=None, context=None)")
  private static let quantizeSignature = Signature("function", "(exp, rounding=None, context=None)")
  private static let fmaSignature = Signature("function", "(other, third, context=None)")

  private static let unaryText: StaticString = "($self, /, context=None)"
  private static let binaryText: StaticString = "($self, /, other, context=None)"
  private static let roundingText: StaticString = "($self, /, rounding=None, context=None)"

  private static func unary(
    _ r: Ref, _ a: ArgumentVector?, _ n: Int, _ k: Ref?, _ f: DecimalType.Unary
  ) -> Ref? {
    bridge { () throws(PyError) in
      let b = try contextOnly.bind(a, n, k)
      return try DecimalType.general(r, try CurrentContext.argument(b[0]), f)
    }
  }
  private static func binary(
    _ r: Ref, _ a: ArgumentVector?, _ n: Int, _ k: Ref?, _ f: DecimalType.Binary
  ) -> Ref? {
    bridge { () throws(PyError) in
      let b = try otherAndContext.bind(a, n, k)
      let context = try CurrentContext.argument(b[1])
      let other = try DecimalConversion.required(b[0]!)
      return try DecimalType.general(r, other.ref, context, f)
    }
  }
  static func rounding(_ r: Ref) throws(PyError) -> Rounding {
    if r.isUnicode {
      for (i, name) in ContextType.roundingNames.enumerated() where PyUnicode_EqualToUTF8(r, name) != 0 {
        return Rounding(rawValue: UInt8(i)) ?? .halfEven
      }
    }
    throw typeError(
      "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]"
    )
  }
  private static func integral(
    _ r: Ref, _ a: ArgumentVector?, _ n: Int, _ k: Ref?, signals: Bool
  ) -> Ref? {
    bridge { () throws(PyError) in
      let b = try roundingAndContext.bind(a, n, k)
      let context = try CurrentContext.argument(b[1])
      var c = context.context.settings
      if let given = b[0], given != none { c.rounding = try rounding(given) }
      let d = Decimal.toIntegral(DecimalType.value(r), &c, signals: signals)
      try CurrentContext.note(c.status, context)
      return try DecimalType.make(d)
    }
  }
  private static func quantize(_ r: Ref, _ a: ArgumentVector?, _ n: Int, _ k: Ref?) throws(PyError) -> Owned {
    let b = n == 1 && k == nil ? nil : try quantizeSignature.bind(a, n, k)
    let context = try CurrentContext.argument(b?[2])
    var rounding = context.context.pointee.rounding
    if let given = b?[1], given != none { rounding = try DecimalMethods.rounding(given).rawValue }
    let other = try DecimalConversion.required(b?[0] ?? a.unsafelyUnwrapped[0].unsafelyUnwrapped)
    let v = DecimalView(other.ref)
    if v.isFinite {
      switch FastArithmetic.quantize(DecimalView(r), v.exponent, rounding, context) {
      case .made(let made): return Owned(taking: made)
      case .failed: throw PyError()
      case .general: break
      }
    }
    var c = context.context.settings
    c.rounding = Rounding(rawValue: rounding) ?? .halfEven
    let d = Decimal.quantize(DecimalType.value(r), DecimalType.value(other.ref), &c)
    try CurrentContext.note(c.status, context)
    return try DecimalType.make(d)
  }

  static func numberClass(_ d: Decimal, _ c: DecimalContext) -> String {
    switch d.kind {
    case .quiet: return "NaN"
    case .signaling: return "sNaN"
    case .infinite: return d.negative ? "-Infinity" : "+Infinity"
    case .finite: break
    }
    let sign = d.negative ? "-" : "+"
    if d.isZero { return sign + "Zero" }
    return sign + (d.adjusted < c.minimum ? "Subnormal" : "Normal")
  }
  static func isNormal(_ d: Decimal, _ c: DecimalContext) -> Bool {
    d.isFinite && !d.isZero && d.adjusted >= c.minimum
  }
  static func isSubnormal(_ d: Decimal, _ c: DecimalContext) -> Bool {
    d.isFinite && !d.isZero && d.adjusted < c.minimum
  }
  static func logical(_ name: Int, _ a: Decimal, _ b: Decimal, _ c: inout DecimalContext) -> Decimal {
    switch name {
    case 0: return Decimal.logical(a, b, &c) { $0 & $1 }
    case 1: return Decimal.logical(a, b, &c) { $0 | $1 }
    default: return Decimal.logical(a, b, &c) { $0 ^ $1 }
    }
  }

  // MARK: conversions

  static func asTuple(_ r: Ref) throws(PyError) -> Owned {
    let d = DecimalType.value(r)
    let bytes: [UInt8] = d.isNaN && d.coefficient.isZero ? [] : d.isInfinite ? [48] : d.coefficient.text
    let digits = try owned(PyTuple_New(bytes.count))
    for (i, b) in bytes.enumerated() { gila_tuple_items(digits.ref)[i] = gila_small_int(Int(b) - 48) }
    let exponent: Owned
    switch d.kind {
    case .finite: exponent = try int(d.exponent)
    case .infinite: exponent = try string("F")
    case .quiet: exponent = try string("n")
    case .signaling: exponent = try string("N")
    }
    let sign = try int(d.negative ? 1 : 0)
    return try call(DecimalState[.decimalTuple], sign.ref, digits.ref, exponent.ref)
  }
  static func ratio(_ r: Ref) throws(PyError) -> Owned {
    let d = DecimalType.value(r)
    if d.isNaN { throw valueError("cannot convert NaN to integer ratio") }
    if d.isInfinite { throw overflowError("cannot convert Infinity to integer ratio") }
    if d.exponent > 1 << 31 || d.exponent < -(1 << 31) { throw memoryError() }
    if d.isZero {
      let zero = try int(0), one = try int(1)
      return try tuple(zero.ref, one.ref)
    }
    if d.exponent >= 0 {
      let n = try DecimalConversion.int(d.coefficient.shifted(left: d.exponent), negative: d.negative)
      let one = try int(1)
      return try tuple(n.ref, one.ref)
    }
    // Twos and fives in common.
    var n = d.coefficient
    var twos = -d.exponent, fives = -d.exponent
    let zeros = n.trailingZeros(-d.exponent)
    n = n.shifted(right: zeros).0
    twos -= zeros
    fives -= zeros
    while twos > 0, !n.isOdd {
      n = Natural.divide(n, Natural(UInt64(2))).quotient
      twos -= 1
    }
    while fives > 0, n.digit(0) % 5 == 0 {
      n = Natural.divide(n, Natural(UInt64(5))).quotient
      fives -= 1
    }
    let bottom = Natural(UInt64(2)).raised(to: twos) * Natural(UInt64(5)).raised(to: fives)
    let top = try DecimalConversion.int(n, negative: d.negative)
    let denominator = try DecimalConversion.int(bottom, negative: false)
    return try tuple(top.ref, denominator.ref)
  }
  private static func round(_ r: Ref, _ a: ArgumentVector?, _ n: Int) throws(PyError) -> Owned {
    try checkCount("__round__", n, 0, 1)
    if n == 0 { return try DecimalConversion.int(DecimalType.value(r), .halfEven) }
    guard a![0]!.isLong else { throw typeError("optional arg must be an integer") }
    let places = PyLong_AsSsize_t(a![0])
    if places == -1, errorIsSet { throw PyError() }
    let context = try CurrentContext.get()
    var c = context.context.settings
    let d: Decimal
    let v = DecimalType.value(r)
    if let nan = v.isNaN ? v : nil {
      d = Decimal.plus(nan, &c)
    } else if v.isInfinite {
      d = Decimal.invalid(&c)
    } else {
      d = Decimal.quantize(v, exponent: places == Int.min ? Int.max : -places, &c)
    }
    try CurrentContext.note(c.status, context)
    return try DecimalType.make(d)
  }

  // MARK: the tables

  static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add("real", get: { r, _ in newRef(r!) })
    g.add("imag", get: { _, _ in bridge { () throws(PyError) in try DecimalType.make(Decimal(0)) } })
    return g.build()
  }

  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    functions(&m)
    binaries(&m)
    predicates(&m)
    conversions(&m)
    return m.build()
  }
  private static func functions(_ m: inout MethodTable) {
    m.keywords("exp", unaryText, "e raised to the number.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.exp($0, &$1) }
    }
    m.keywords("ln", unaryText, "The natural logarithm.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.ln($0, &$1) }
    }
    m.keywords("log10", unaryText, "The logarithm to base ten.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.log10($0, &$1) }
    }
    m.keywords("next_minus", unaryText, "The largest number below that the context can represent.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.next($0, up: false, &$1) }
    }
    m.keywords("next_plus", unaryText, "The smallest number above that the context can represent.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.next($0, up: true, &$1) }
    }
    m.keywords("normalize", unaryText, "The number without zeros at its end.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.normalize($0, &$1) }
    }
    m.keywords("sqrt", unaryText, "The square root.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.squareRoot($0, &$1) }
    }
    m.keywords("logb", unaryText, "The exponent of the first digit.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.logb($0, &$1) }
    }
    m.keywords("logical_invert", unaryText, "Zeros for ones and ones for zeros.") { r, a, n, k in
      DecimalMethods.unary(r!, a, n, k) { Decimal.invert($0, &$1) }
    }
    m.keywords("to_integral", roundingText, "The nearest whole number, without signals.") { r, a, n, k in
      DecimalMethods.integral(r!, a, n, k, signals: false)
    }
    m.keywords("to_integral_value", roundingText, "The nearest whole number, without signals.") { r, a, n, k in
      DecimalMethods.integral(r!, a, n, k, signals: false)
    }
    m.keywords("to_integral_exact", roundingText, "The nearest whole number; signals Inexact and Rounded.") {
      r, a, n, k in DecimalMethods.integral(r!, a, n, k, signals: true)
    }
    m.keywords(
      "quantize", "($self, /, exp, rounding=None, context=None)",
      "The number with the exponent of another one.\n\n    >>> Decimal('2.718').quantize(Decimal('0.1'), rounding=ROUND_DOWN)\n    Decimal('2.7')"
    ) { r, a, n, k in bridge { () throws(PyError) in try DecimalMethods.quantize(r!, a, n, k) } }
    m.keywords(
      "fma", "($self, /, other, third, context=None)",
      "self * other + third, rounded once.\n\n    >>> Decimal(4).fma(6, 1)\n    Decimal('25')"
    ) { r, a, n, k in
      bridge { () throws(PyError) in
        let b = try DecimalMethods.fmaSignature.bind(a, n, k)
        let context = try CurrentContext.argument(b[2])
        let x = try DecimalConversion.required(b[0]!), y = try DecimalConversion.required(b[1]!)
        let third = DecimalType.value(y.ref)
        return try DecimalType.general(r!, x.ref, context) { Decimal.multiplyAdd($0, $1, third, &$2) }
      }
    }
  }
  private static func binaries(_ m: inout MethodTable) {
    m.keywords("compare", binaryText, "-1, 0, 1 or NaN.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.compare($0, $1, &$2) }
    }
    m.keywords("compare_signal", binaryText, "As compare(), but every NaN signals.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.compareSignal($0, $1, &$2) }
    }
    m.keywords(
      "compare_total", binaryText,
      "The order of representations: numbers that compare equal may differ.\n\n    >>> Decimal('2.50').compare_total(Decimal('2.5'))\n    Decimal('-1')"
    ) { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { a, b, _ in Decimal(Decimal.compareTotal(a, b)) }
    }
    m.keywords("compare_total_mag", binaryText, "The order of representations without their signs.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { a, b, _ in
        Decimal(Decimal.compareTotal(a.withSign(false), b.withSign(false)))
      }
    }
    m.keywords(
      "copy_sign", binaryText,
      "The number with the sign of another one.\n\n    >>> Decimal('1.25').copy_sign(Decimal(-8))\n    Decimal('-1.25')"
    ) { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { a, b, _ in a.withSign(b.negative) }
    }
    m.keywords("max", binaryText, "The greater one; a number rather than a quiet NaN.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.extreme($0, $1, &$2, greater: true, magnitude: false) }
    }
    m.keywords("max_mag", binaryText, "As max(), by absolute values.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.extreme($0, $1, &$2, greater: true, magnitude: true) }
    }
    m.keywords("min", binaryText, "The lesser one; a number rather than a quiet NaN.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.extreme($0, $1, &$2, greater: false, magnitude: false) }
    }
    m.keywords("min_mag", binaryText, "As min(), by absolute values.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.extreme($0, $1, &$2, greater: false, magnitude: true) }
    }
    m.keywords("next_toward", binaryText, "The neighbour in the direction of another number.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.nextToward($0, $1, &$2) }
    }
    m.keywords("remainder_near", binaryText, "The remainder to the nearest multiple.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.remainderNear($0, $1, &$2) }
    }
    m.keywords("rotate", binaryText, "The digits rotated.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.rotate($0, $1, &$2) }
    }
    m.keywords("scaleb", binaryText, "The number with another added to its exponent.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.scale($0, $1, &$2) }
    }
    m.keywords("shift", binaryText, "The digits shifted.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { Decimal.shift($0, $1, &$2) }
    }
    m.keywords("logical_and", binaryText, "Digit by digit and.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { DecimalMethods.logical(0, $0, $1, &$2) }
    }
    m.keywords("logical_or", binaryText, "Digit by digit or.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { DecimalMethods.logical(1, $0, $1, &$2) }
    }
    m.keywords("logical_xor", binaryText, "Digit by digit exclusive or.") { r, a, n, k in
      DecimalMethods.binary(r!, a, n, k) { DecimalMethods.logical(2, $0, $1, &$2) }
    }
    m.keywords("same_quantum", binaryText, "Whether both have the same exponent.") { r, a, n, k in
      bridge { () throws(PyError) in
        let b = try DecimalMethods.otherAndContext.bind(a, n, k)
        _ = try CurrentContext.argument(b[1])
        let other = try DecimalConversion.required(b[0]!)
        return bool(DecimalMethods.sameQuantum(DecimalType.value(r!), DecimalType.value(other.ref)))
      }
    }
  }
  static func sameQuantum(_ a: Decimal, _ b: Decimal) -> Bool {
    if a.kind != .finite || b.kind != .finite { return (a.isNaN && b.isNaN) || (a.isInfinite && b.isInfinite) }
    return a.exponent == b.exponent
  }
  private static func predicates(_ m: inout MethodTable) {
    let text: StaticString = "($self, /)"
    m.noArguments("is_canonical", text) { _, _ in newRef(pyTrue) }
    m.noArguments("is_finite", text) { r, _ in newRef(pyBool(DecimalType.value(r!).isFinite)) }
    m.noArguments("is_infinite", text) { r, _ in newRef(pyBool(DecimalType.value(r!).isInfinite)) }
    m.noArguments("is_nan", text) { r, _ in newRef(pyBool(DecimalType.value(r!).isNaN)) }
    m.noArguments("is_qnan", text) { r, _ in newRef(pyBool(DecimalType.value(r!).kind == .quiet)) }
    m.noArguments("is_snan", text) { r, _ in newRef(pyBool(DecimalType.value(r!).kind == .signaling)) }
    m.noArguments("is_signed", text) { r, _ in newRef(pyBool(DecimalType.value(r!).negative)) }
    m.noArguments("is_zero", text) { r, _ in newRef(pyBool(DecimalType.value(r!).isZero)) }
    m.keywords("is_normal", unaryText) { r, a, n, k in
      bridge { () throws(PyError) in
        let context = try CurrentContext.argument(try DecimalMethods.contextOnly.bind(a, n, k)[0])
        return bool(DecimalMethods.isNormal(DecimalType.value(r!), context.context.settings))
      }
    }
    m.keywords("is_subnormal", unaryText) { r, a, n, k in
      bridge { () throws(PyError) in
        let context = try CurrentContext.argument(try DecimalMethods.contextOnly.bind(a, n, k)[0])
        return bool(DecimalMethods.isSubnormal(DecimalType.value(r!), context.context.settings))
      }
    }
    m.keywords("number_class", unaryText) { r, a, n, k in
      bridge { () throws(PyError) in
        let context = try CurrentContext.argument(try DecimalMethods.contextOnly.bind(a, n, k)[0])
        return try string(DecimalMethods.numberClass(DecimalType.value(r!), context.context.settings))
      }
    }
  }
  private static func conversions(_ m: inout MethodTable) {
    let text: StaticString = "($self, /)"
    m.noArguments("adjusted", text) { r, _ in
      bridge { () throws(PyError) in
        let d = DecimalType.value(r!)
        return try int(d.isFinite ? d.adjusted : 0)
      }
    }
    m.noArguments("canonical", text) { r, _ in newRef(r!) }
    m.noArguments("conjugate", text) { r, _ in newRef(r!) }
    m.noArguments("radix", text) { _, _ in bridge { () throws(PyError) in try DecimalType.make(Decimal(10)) } }
    m.noArguments("copy_abs", text) { r, _ in
      bridge { () throws(PyError) in try DecimalType.make(DecimalType.value(r!).withSign(false)) }
    }
    m.noArguments("copy_negate", text) { r, _ in
      bridge { () throws(PyError) in
        let d = DecimalType.value(r!)
        return try DecimalType.make(d.withSign(!d.negative))
      }
    }
    m.keywords("to_eng_string", unaryText) { r, a, n, k in
      bridge { () throws(PyError) in
        let context = try CurrentContext.argument(try DecimalMethods.contextOnly.bind(a, n, k)[0])
        let d = DecimalType.value(r!)
        let capitals = context.context.pointee.capitals
        return try string(String(decoding: d.text(engineering: true, capitals: capitals), as: UTF8.self))
      }
    }
    m.one(
      "from_float", "($type, f, /)",
      "A Decimal with exactly the value of a float or int.\n\n    >>> Decimal.from_float(0.75)\n    Decimal('0.75')",
      flags: METH_CLASS
    ) {
      cls, f in
      bridge { () throws(PyError) in
        let d: Decimal
        if f!.isLong {
          d = DecimalConversion.decimal(int: f!)
        } else if f!.isInstance(of: Types.float) {
          d = DecimalConversion.decimal(float: PyFloat_AsDouble(f!))
        } else {
          throw typeError("argument must be int or float")
        }
        let made = try DecimalType.make(d)
        return cls!.asType == DecimalType.type ? made : try owned(PyObject_CallOneArg(cls, made.ref))
      }
    }
    m.noArguments("as_tuple", text) { r, _ in bridge { () throws(PyError) in try DecimalMethods.asTuple(r!) } }
    m.noArguments("as_integer_ratio", text) { r, _ in bridge { () throws(PyError) in try DecimalMethods.ratio(r!) } }
    m.noArguments("__copy__", text) { r, _ in newRef(r!) }
    m.one("__deepcopy__", "($self, object, /)") { r, _ in newRef(r!) }
    m.positional("__format__") { r, a, n in
      bridge { () throws(PyError) in
        if n < 1 || n > 2 {
          throw typeError("function takes \(n < 1 ? "at least 1 argument" : "at most 2 arguments") (\(n) given)")
        }
        return try DecimalFormat.format(r!, a![0]!, n > 1 ? a![1] : nil)
      }
    }
    m.noArguments("__reduce__", text) { r, _ in
      bridge { () throws(PyError) in
        let s = try owned(PyObject_Str(r))
        let args = try tuple(s.ref)
        return try tuple(r!.type.object, args.ref)
      }
    }
    m.positional("__round__") { r, a, n in bridge { () throws(PyError) in try DecimalMethods.round(r!, a, n) } }
    m.noArguments("__ceil__", text) { r, _ in
      bridge { () throws(PyError) in try DecimalConversion.int(DecimalType.value(r!), .ceiling) }
    }
    m.noArguments("__floor__", text) { r, _ in
      bridge { () throws(PyError) in try DecimalConversion.int(DecimalType.value(r!), .floor) }
    }
    m.noArguments("__trunc__", text) { r, _ in
      bridge { () throws(PyError) in try DecimalConversion.int(DecimalType.value(r!), .down) }
    }
    m.noArguments("__complex__", text) { r, _ in
      bridge { () throws(PyError) in
        let f = try DecimalType.float(r!)
        return try owned(PyComplex_FromDoubles(PyFloat_AsDouble(f.ref), 0))
      }
    }
    m.noArguments("__sizeof__", text) { r, _ in
      bridge { () throws(PyError) in
        let heap = r!.decimal.pointee.heap == nil ? 0 : Int(r!.decimal.pointee.count) * 8
        return try int(Int(r!.type.pointee.tp_basicsize) + heap)
      }
    }
  }
}
