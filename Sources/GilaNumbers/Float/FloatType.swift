// The type float: slots, methods, constructor.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// The builtin type float.
enum FloatType {
  static func install() {
    let t = Types.float
    t.define(
      "float", basicSize: 24, flags: UInt(Py_TPFLAGS_BASETYPE) | UInt(_Py_TPFLAGS_MATCH_SELF),
      doc: "float(x=0, /)\n--\n\nConvert a string or number to a floating-point number, if possible.")
    t.pointee.tp_dealloc = { r in
      if r!.isExactly(Types.float) { return SmallBlocks.free(r!.raw) }
      r!.type.pointee.tp_free!(r!.raw)
    }
    t.pointee.tp_repr = { floatRepr($0!.doubleField) }
    t.pointee.tp_hash = { _Py_HashDouble($0, $0!.doubleField) }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_richcompare = { a, b, op in FloatArithmetic.compare(a!, b!, op) }
    t.pointee.tp_new = { type, args, kwargs in bridge { () throws(PyError) in try FloatType.new(type!, args, kwargs) } }
    t.pointee.tp_vectorcall = { type, args, flags, names in FloatType.vectorcall(type!, args, flags, names) }
    let n = t.number
    n.pointee.nb_add = { a, b in FloatArithmetic.apply(a!, b!) { newFloat($0 + $1) } }
    n.pointee.nb_subtract = { a, b in FloatArithmetic.apply(a!, b!) { newFloat($0 - $1) } }
    n.pointee.nb_multiply = { a, b in FloatArithmetic.apply(a!, b!) { newFloat($0 * $1) } }
    n.pointee.nb_remainder = { a, b in FloatArithmetic.apply(a!, b!) { FloatArithmetic.modulo($0, $1) } }
    n.pointee.nb_divmod = { a, b in FloatArithmetic.apply(a!, b!) { FloatArithmetic.divmod($0, $1) } }
    n.pointee.nb_floor_divide = { a, b in FloatArithmetic.apply(a!, b!) { FloatArithmetic.floorDivide($0, $1) } }
    n.pointee.nb_true_divide = { a, b in FloatArithmetic.apply(a!, b!) { FloatArithmetic.trueDivide($0, $1) } }
    n.pointee.nb_power = { a, b, c in FloatArithmetic.power(a!, b!, c) }
    n.pointee.nb_negative = { newFloat(-$0!.doubleField) }
    n.pointee.nb_positive = { FloatType.exactFloat($0!) }
    n.pointee.nb_absolute = { newFloat($0!.doubleField.magnitude) }
    n.pointee.nb_bool = { $0!.doubleField != 0 ? 1 : 0 }
    n.pointee.nb_int = { PyLong_FromDouble($0!.doubleField) }
    n.pointee.nb_float = { FloatType.exactFloat($0!) }
    t.pointee.tp_methods = FloatMethods.table()
    var g = GetSetTable()
    g.add("real", "the real part of a complex number", get: { r, _ in FloatType.exactFloat(r!) })
    g.add("imag", "the imaginary part of a complex number", get: { _, _ in newFloat(0) })
    t.pointee.tp_getset = g.build()
  }

  /// The float itself if it is exactly a float, else an exact copy (new reference).
  static func exactFloat(_ r: Ref) -> Ref? { r.isExactly(Types.float) ? newRef(r) : newFloat(r.doubleField) }

  private static func convert(_ x: Ref) -> Ref? {
    x.isExactly(Types.unicode) ? PyFloat_FromString(x) : PyNumber_Float(x)
  }

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    if type == Types.float || address(type.pointee.tp_init) == address(Types.float.pointee.tp_init) {
      try rejectKeywords("float", kwargs)
    }
    let n = args?.size ?? 0
    try checkCount("float", n, 0, 1)
    let value = n == 0 ? try owned(newFloat(0)) : try owned(convert(PyTuple_GetItem(args, 0)!))
    if type == Types.float { return value }
    let r = try owned(type.pointee.tp_alloc!(type, 0))
    r.ref.raw.storeBytes(of: value.ref.doubleField, toByteOffset: 16, as: Double.self)
    return r
  }

  private static func vectorcall(_ type: Ref, _ args: ArgumentVector?, _ flags: Int, _ names: Ref?) -> Ref? {
    if let names, names.size > 0 { return fail(Exc.TypeError, "float() takes no keyword arguments") }
    switch flags & Int.max {
    case 0: return newFloat(0)
    case 1: return convert(args![0]!)
    default:
      _ = typeError("float expected at most 1 argument, got \(flags & Int.max)")
      return nil
    }
  }
}

/// Methods of float.
enum FloatMethods {
  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one(
      "fromhex", "($type, string, /)",
      "Create a floating-point number from a hexadecimal string.\n\n>>> float.fromhex('0x1.ffffp10')\n2047.984375\n>>> float.fromhex('-0x1p-1074')\n-5e-324",
      flags: METH_CLASS
    ) { type, text in bridge { () throws(PyError) in try FloatMethods.fromHex(type!, text!) } }
    m.noArguments(
      "hex", "($self, /)",
      "Return a hexadecimal representation of a floating-point number.\n\n>>> (-0.1).hex()\n'-0x1.999999999999ap-4'\n>>> 3.14159.hex()\n'0x1.921f9f01b866ep+1'"
    ) { r, _ in
      let v = r!.doubleField
      if !v.isFinite { return floatRepr(v) }
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
        asciiString(buffer.baseAddress!, FloatHex.write(v, to: buffer.baseAddress!))
      }
    }
    m.noArguments("conjugate", "($self, /)", "Return self, the complex conjugate of any float.") { r, _ in
      FloatType.exactFloat(r!)
    }
    m.noArguments("__trunc__", "($self, /)", "Return the Integral closest to x between 0 and x.") { r, _ in
      PyLong_FromDouble(r!.doubleField)
    }
    m.noArguments("__floor__", "($self, /)", "Return the floor as an Integral.") { r, _ in
      PyLong_FromDouble(r!.doubleField.rounded(.down))
    }
    m.noArguments("__ceil__", "($self, /)", "Return the ceiling as an Integral.") { r, _ in
      PyLong_FromDouble(r!.doubleField.rounded(.up))
    }
    m.positional(
      "__round__", "($self, ndigits=None, /)",
      "Return the Integral closest to x, rounding half toward even.\n\nWhen an argument is passed, work like built-in round(x, ndigits)."
    ) { r, args, n in bridge { () throws(PyError) in try FloatMethods.round(r!, args, n) } }
    m.noArguments(
      "as_integer_ratio", "($self, /)",
      "Return a pair of integers, whose ratio is exactly equal to the original float.\n\nThe ratio is in lowest terms and has a positive denominator.  Raise\nOverflowError on infinities and a ValueError on NaNs.\n\n>>> (10.0).as_integer_ratio()\n(10, 1)\n>>> (0.0).as_integer_ratio()\n(0, 1)\n>>> (-.25).as_integer_ratio()\n(-1, 4)"
    ) { r, _ in FloatMethods.integerRatio(r!.doubleField) }
    m.noArguments("is_integer", "($self, /)", "Return True if the float is an integer.") { r, _ in
      let v = r!.doubleField
      return pyBool(v.isFinite && v.rounded(.down) == v)
    }
    m.noArguments("__getnewargs__", "($self, /)") { r, _ in
      guard let v = newFloat(r!.doubleField) else { return nil }
      guard let t = PyTuple_New(1) else {
        decref(v)
        return nil
      }
      (t.raw + 24).storeBytes(of: v, as: Ref.self)
      return t
    }
    m.one(
      "__getformat__", "($type, typestr, /)",
      """
      You probably don't want to use this function.

        typestr
          Must be 'double' or 'float'.

      It exists mainly to be used in Python's test suite.

      This function returns whichever of 'unknown', 'IEEE, big-endian' or 'IEEE,
      little-endian' best describes the format of floating-point numbers used by the
      C type named by typestr.
      """, flags: METH_CLASS
    ) { _, kind in
      guard kind!.isUnicode else {
        _ = typeError("__getformat__() argument must be str, not \(typeName(of: kind!))")
        return nil
      }
      if PyUnicode_EqualToUTF8(kind, "double") != 0 || PyUnicode_EqualToUTF8(kind, "float") != 0 {
        return PyUnicode_FromString("IEEE, little-endian")
      }
      return fail(Exc.ValueError, "__getformat__() argument 1 must be 'double' or 'float'")
    }
    m.one("__format__", "($self, format_spec, /)", "Formats the float according to format_spec.") { r, spec in
      guard let spec, spec.isUnicode else { return IntMethods.badFormatArgument(spec!) }
      return gila_float_format(r, spec)
    }
    return m.build()
  }

  private static func fromHex(_ type: Ref, _ text: Ref) throws(PyError) -> Owned {
    var n = 0
    guard let p = PyUnicode_AsUTF8AndSize(text, &n) else { throw PyError() }
    let bytes = UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self)
    let v: Double
    do throws(FloatHex.Failure) {
      v = try FloatHex.parse(bytes, n)
    } catch .invalid {
      throw valueError("invalid hexadecimal floating-point string")
    } catch {
      throw overflowError("hexadecimal value too large to represent as a float")
    }
    let value = try owned(newFloat(v))
    if type.asType == Types.float { return value }
    return try owned(PyObject_CallOneArg(type, value.ref))
  }

  private static func round(_ r: Ref, _ args: ArgumentVector?, _ n: Int) throws(PyError) -> Owned {
    try checkCount("__round__", n, 0, 1)
    let v = r.doubleField
    if n == 0 || args![0]!.isNone { return try owned(PyLong_FromDouble(v.rounded(.toNearestOrEven))) }
    // A huge count saturates: it rounds nothing, or everything away.
    let places = PyNumber_AsSsize_t(args![0], nil)
    if places == -1 && errorIsSet { throw PyError() }
    if !v.isFinite { return try owned(newFloat(v)) }
    if places > 323 { return try owned(newFloat(v)) }
    if places < -308 { return try owned(newFloat(0 * v)) }
    let rounded = FloatRounding.round(v, places: places)
    if rounded.isInfinite { throw overflowError("rounded value too large to represent") }
    return try owned(newFloat(rounded))
  }

  private static func integerRatio(_ v: Double) -> Ref? {
    if v.isInfinite { return fail(Exc.OverflowError, "cannot convert Infinity to integer ratio") }
    if v.isNaN { return fail(Exc.ValueError, "cannot convert NaN to integer ratio") }
    if v == 0 { return IntArithmetic.pair(gila_small_int(0), gila_small_int(1)) }
    // An odd integer times a power of two.
    let x = v.magnitude
    var significand = x.isNormal ? x.significandBitPattern | 1 << 52 : x.significandBitPattern
    var exponent = x.isNormal ? Int(x.exponentBitPattern) - 1075 : -1074
    let zeros = significand.trailingZeroBitCount
    significand >>= UInt64(zeros)
    exponent += zeros
    let signed = Int(significand)
    guard let numerator = newInt(v < 0 ? -signed : signed) else { return nil }
    if exponent == 0 { return IntArithmetic.pair(numerator, gila_small_int(1)) }
    if exponent > 0 {
      let shifted = IntBits.shiftLeft(numerator, exponent)
      decref(numerator)
      guard let shifted else { return nil }
      return IntArithmetic.pair(shifted, gila_small_int(1))
    }
    guard let denominator = IntBits.shiftLeft(gila_small_int(1), -exponent) else {
      decref(numerator)
      return nil
    }
    return IntArithmetic.pair(numerator, denominator)
  }
}
