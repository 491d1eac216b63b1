// Methods of Context: the arithmetic with this context instead of the current one.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport

enum ContextMethods {
  private static let powerSignature = Signature("function", "(a, b, modulo=None)")
  private static let one: StaticString = "($self, x, /)"
  private static let two: StaticString = "($self, x, y, /)"

  private static func unary(_ context: Ref, _ x: Ref, _ f: DecimalType.Unary) -> Ref? {
    bridge { () throws(PyError) in
      let a = try DecimalConversion.required(x)
      return try DecimalType.general(a.ref, context, f)
    }
  }
  private static func expect(_ n: Int, _ wanted: Int) throws(PyError) {
    if n != wanted { throw typeError("function takes exactly \(wanted) arguments (\(n) given)") }
  }
  private static func binary(_ context: Ref, _ a: ArgumentVector?, _ n: Int, _ f: DecimalType.Binary) -> Ref? {
    bridge { () throws(PyError) in
      try expect(n, 2)
      let x = try DecimalConversion.required(a![0]!), y = try DecimalConversion.required(a![1]!)
      return try DecimalType.general(x.ref, y.ref, context, f)
    }
  }
  private static func test(_ context: Ref, _ x: Ref, _ f: (Decimal, DecimalContext) -> Bool) -> Ref? {
    bridge { () throws(PyError) in
      let a = try DecimalConversion.required(x)
      return bool(f(DecimalType.value(a.ref), context.context.settings))
    }
  }
  private static func text(_ context: Ref, _ x: Ref, engineering: Bool) -> Ref? {
    bridge { () throws(PyError) in
      let a = try DecimalConversion.required(x)
      let bytes = DecimalType.value(a.ref).text(
        engineering: engineering, capitals: context.context.pointee.capitals)
      return try string(String(decoding: bytes, as: UTF8.self))
    }
  }

  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    unaries(&m)
    binaries(&m)
    tests(&m)
    management(&m)
    return m.build()
  }
  private static func unaries(_ m: inout MethodTable) {
    m.one("abs", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.abs($0, &$1) } }
    m.one("exp", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.exp($0, &$1) } }
    m.one("ln", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.ln($0, &$1) } }
    m.one("log10", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.log10($0, &$1) } }
    m.one("minus", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.minus($0, &$1) } }
    m.one("next_minus", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.next($0, up: false, &$1) } }
    m.one("next_plus", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.next($0, up: true, &$1) } }
    m.one("normalize", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.normalize($0, &$1) } }
    m.one("plus", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.plus($0, &$1) } }
    m.one("to_integral", one) { c, x in
      ContextMethods.unary(c!, x!) { Decimal.toIntegral($0, &$1, signals: false) }
    }
    m.one("to_integral_exact", one) { c, x in
      ContextMethods.unary(c!, x!) { Decimal.toIntegral($0, &$1, signals: true) }
    }
    m.one("to_integral_value", one) { c, x in
      ContextMethods.unary(c!, x!) { Decimal.toIntegral($0, &$1, signals: false) }
    }
    m.one("sqrt", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.squareRoot($0, &$1) } }
    m.one("logb", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.logb($0, &$1) } }
    m.one("logical_invert", one) { c, x in ContextMethods.unary(c!, x!) { Decimal.invert($0, &$1) } }
    m.one("copy_abs", one) { c, x in ContextMethods.unary(c!, x!) { a, _ in a.withSign(false) } }
    m.one("copy_negate", one) { c, x in ContextMethods.unary(c!, x!) { a, _ in a.withSign(!a.negative) } }
    m.one("copy_decimal", one) { _, x in
      bridge { () throws(PyError) in try DecimalConversion.required(x!) }
    }
    m.one("canonical", one) { _, x in
      bridge { () throws(PyError) in
        if !DecimalType.isDecimal(x!) { throw typeError("argument must be a Decimal") }
        return Owned(retaining: x!)
      }
    }
    m.one("_apply", "($self, object, /)") { c, x in
      ContextMethods.unary(c!, x!) { $0.finalized(&$1) }
    }
  }
  private static func binaries(_ m: inout MethodTable) {
    m.positional("add", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.add($0, $1, &$2) } }
    m.positional("subtract", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.subtract($0, $1, &$2) } }
    m.positional("multiply", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.multiply($0, $1, &$2) } }
    m.positional("divide", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.divide($0, $1, &$2) } }
    m.positional("divide_int", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { Decimal.divideInteger($0, $1, &$2) }
    }
    m.positional("remainder", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.remainder($0, $1, &$2) } }
    m.positional("remainder_near", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { Decimal.remainderNear($0, $1, &$2) }
    }
    m.positional("compare", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.compare($0, $1, &$2) } }
    m.positional("compare_signal", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { Decimal.compareSignal($0, $1, &$2) }
    }
    m.positional("compare_total", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { a, b, _ in Decimal(Decimal.compareTotal(a, b)) }
    }
    m.positional("compare_total_mag", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { a, b, _ in
        Decimal(Decimal.compareTotal(a.withSign(false), b.withSign(false)))
      }
    }
    m.positional("copy_sign", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { a, b, _ in a.withSign(b.negative) }
    }
    m.positional("max", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { Decimal.extreme($0, $1, &$2, greater: true, magnitude: false) }
    }
    m.positional("max_mag", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { Decimal.extreme($0, $1, &$2, greater: true, magnitude: true) }
    }
    m.positional("min", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { Decimal.extreme($0, $1, &$2, greater: false, magnitude: false) }
    }
    m.positional("min_mag", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { Decimal.extreme($0, $1, &$2, greater: false, magnitude: true) }
    }
    m.positional("next_toward", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { Decimal.nextToward($0, $1, &$2) }
    }
    m.positional("quantize", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.quantize($0, $1, &$2) } }
    m.positional("rotate", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.rotate($0, $1, &$2) } }
    m.positional("scaleb", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.scale($0, $1, &$2) } }
    m.positional("shift", two) { c, a, n in ContextMethods.binary(c!, a, n) { Decimal.shift($0, $1, &$2) } }
    m.positional("logical_and", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { DecimalMethods.logical(0, $0, $1, &$2) }
    }
    m.positional("logical_or", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { DecimalMethods.logical(1, $0, $1, &$2) }
    }
    m.positional("logical_xor", two) { c, a, n in
      ContextMethods.binary(c!, a, n) { DecimalMethods.logical(2, $0, $1, &$2) }
    }
    m.positional("divmod", two) { c, a, n in
      bridge { () throws(PyError) in
        try ContextMethods.expect(n, 2)
        let x = try DecimalConversion.required(a![0]!), y = try DecimalConversion.required(a![1]!)
        return try DecimalType.divmod(x.ref, y.ref, c!)
      }
    }
    m.positional("same_quantum", two) { _, a, n in
      bridge { () throws(PyError) in
        try ContextMethods.expect(n, 2)
        let x = try DecimalConversion.required(a![0]!), y = try DecimalConversion.required(a![1]!)
        return bool(DecimalMethods.sameQuantum(DecimalType.value(x.ref), DecimalType.value(y.ref)))
      }
    }
    m.keywords("power", "($self, /, a, b, modulo=None)") { c, a, n, k in
      bridge { () throws(PyError) in
        let b = try ContextMethods.powerSignature.bind(a, n, k)
        let x = try DecimalConversion.required(b[0]!), y = try DecimalConversion.required(b[1]!)
        guard let m = b[2], m != none else { return try DecimalType.power(x.ref, y.ref, nil, c!) }
        let z = try DecimalConversion.required(m)
        return try DecimalType.power(x.ref, y.ref, z.ref, c!)
      }
    }
    m.positional("fma", "($self, x, y, z, /)") { c, a, n in
      bridge { () throws(PyError) in
        try ContextMethods.expect(n, 3)
        let x = try DecimalConversion.required(a![0]!), y = try DecimalConversion.required(a![1]!)
        let z = try DecimalConversion.required(a![2]!)
        let third = DecimalType.value(z.ref)
        return try DecimalType.general(x.ref, y.ref, c!) { Decimal.multiplyAdd($0, $1, third, &$2) }
      }
    }
  }
  private static func tests(_ m: inout MethodTable) {
    m.one("is_canonical", one) { _, x in
      bridge { () throws(PyError) in
        if !DecimalType.isDecimal(x!) { throw typeError("argument must be a Decimal") }
        return bool(true)
      }
    }
    m.one("is_finite", one) { c, x in ContextMethods.test(c!, x!) { d, _ in d.isFinite } }
    m.one("is_infinite", one) { c, x in ContextMethods.test(c!, x!) { d, _ in d.isInfinite } }
    m.one("is_nan", one) { c, x in ContextMethods.test(c!, x!) { d, _ in d.isNaN } }
    m.one("is_qnan", one) { c, x in ContextMethods.test(c!, x!) { d, _ in d.kind == .quiet } }
    m.one("is_snan", one) { c, x in ContextMethods.test(c!, x!) { d, _ in d.kind == .signaling } }
    m.one("is_signed", one) { c, x in ContextMethods.test(c!, x!) { d, _ in d.negative } }
    m.one("is_zero", one) { c, x in ContextMethods.test(c!, x!) { d, _ in d.isZero } }
    m.one("is_normal", one) { c, x in ContextMethods.test(c!, x!) { DecimalMethods.isNormal($0, $1) } }
    m.one("is_subnormal", one) { c, x in ContextMethods.test(c!, x!) { DecimalMethods.isSubnormal($0, $1) } }
    m.one("number_class", one) { c, x in
      bridge { () throws(PyError) in
        let a = try DecimalConversion.required(x!)
        return try string(DecimalMethods.numberClass(DecimalType.value(a.ref), c!.context.settings))
      }
    }
    m.one("to_sci_string", one) { c, x in ContextMethods.text(c!, x!, engineering: false) }
    m.one("to_eng_string", one) { c, x in ContextMethods.text(c!, x!, engineering: true) }
  }
  private static func management(_ m: inout MethodTable) {
    let plain: StaticString = "($self, /)"
    m.noArguments("Etiny", plain) { c, _ in PyLong_FromSsize_t(c!.context.settings.tiny) }
    m.noArguments("Etop", plain) { c, _ in PyLong_FromSsize_t(c!.context.settings.top) }
    m.noArguments("radix", plain) { _, _ in bridge { () throws(PyError) in try DecimalType.make(Decimal(10)) } }
    m.noArguments("clear_flags", plain) { c, _ in
      c!.context.status.pointee = 0
      return none
    }
    m.noArguments("clear_traps", plain) { c, _ in
      c!.context.trapped.pointee = 0
      return none
    }
    m.noArguments("copy", plain) { c, _ in bridge { () throws(PyError) in try ContextType.copy(c!) } }
    m.noArguments("__copy__", plain) { c, _ in bridge { () throws(PyError) in try ContextType.copy(c!) } }
    m.noArguments("__reduce__", plain) { c, _ in bridge { () throws(PyError) in try ContextType.reduce(c!) } }
    m.positional("create_decimal", "($self, num=\"0\", /)") { c, a, n in
      bridge { () throws(PyError) in
        if n > 1 { throw typeError("function takes at most 1 argument (\(n) given)") }
        return try DecimalConversion.rounded(n > 0 ? a![0] : nil, c!)
      }
    }
    m.one("create_decimal_from_float", "($self, f, /)") { c, f in
      bridge { () throws(PyError) in
        let d: Decimal
        if f!.isLong {
          d = DecimalConversion.decimal(int: f!)
        } else if f!.isInstance(of: Types.float) {
          d = DecimalConversion.decimal(float: PyFloat_AsDouble(f!))
        } else {
          throw typeError("argument must be int or float")
        }
        var settings = c!.context.settings
        let r = d.finalized(&settings)
        try CurrentContext.note(settings.status, c!)
        return try DecimalType.make(r)
      }
    }
  }
}
