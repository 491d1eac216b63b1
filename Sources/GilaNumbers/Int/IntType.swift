// The type int: slots, methods, constructor.

import CGila
import GilaAlgorithms
import GilaCore

/// The builtin type int.
enum IntType {
  static func install() {
    let t = Types.long
    t.define(
      "int", basicSize: digitOffset, itemSize: 4,
      flags: UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_LONG_SUBCLASS) | UInt(_Py_TPFLAGS_MATCH_SELF),
      doc: """
        int([x]) -> integer
        int(x, base=10) -> integer

        Convert a number or string to an integer, or return 0 if no arguments
        are given.  If x is a number, return x.__int__().  For floating-point
        numbers, this truncates towards zero.

        If x is not a number or if base is given, then x must be a string,
        bytes, or bytearray instance representing an integer literal in the
        given base.  The literal can be preceded by '+' or '-' and be surrounded
        by whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.
        Base 0 means to interpret the base from the string as an integer literal.
        >>> int('0b100', base=0)
        4
        """)
    t.pointee.tp_dealloc = { IntType.deallocate($0!) }
    t.pointee.tp_repr = { IntText.decimal($0!) }
    t.pointee.tp_hash = { IntType.hash($0!) }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_richcompare = { a, b, op in
      guard a!.isLong && b!.isLong else { return notImplemented }
      if a == b { return comparisonResult(0, op) }
      return comparisonResult(IntArithmetic.compare(a!, b!), op)
    }
    t.pointee.tp_new = { type, args, kwargs in bridge { () throws(PyError) in try IntType.new(type!, args, kwargs) } }
    t.pointee.tp_free = { PyObject_Free($0) }
    t.pointee.tp_vectorcall = { type, args, flags, names in IntType.vectorcall(type!, args, flags, names) }
    installNumber(t.number)
    t.pointee.tp_methods = IntMethods.table()
    var g = GetSetTable()
    g.add("real", "the real part of a complex number", get: { r, _ in exactInt(r!) })
    g.add("imag", "the imaginary part of a complex number", get: { _, _ in gila_small_int(0) })
    g.add("numerator", "the numerator of a rational number in lowest terms", get: { r, _ in exactInt(r!) })
    g.add("denominator", "the denominator of a rational number in lowest terms", get: { _, _ in gila_small_int(1) })
    t.pointee.tp_getset = g.build()
  }

  private static func installNumber(_ n: UnsafeMutablePointer<PyNumberMethods>) {
    n.pointee.nb_add = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntArithmetic.add(a!, b!)
    }
    n.pointee.nb_subtract = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntArithmetic.subtract(a!, b!)
    }
    n.pointee.nb_multiply = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntArithmetic.multiply(a!, b!)
    }
    n.pointee.nb_remainder = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntArithmetic.modulo(a!, b!)
    }
    n.pointee.nb_divmod = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntArithmetic.divmod(a!, b!)
    }
    n.pointee.nb_floor_divide = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntArithmetic.floorDivide(a!, b!)
    }
    n.pointee.nb_true_divide = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntArithmetic.trueDivide(a!, b!)
    }
    n.pointee.nb_power = { a, b, c in
      guard a!.isLong && b!.isLong else { return notImplemented }
      if c == nil || c!.isNone { return IntArithmetic.power(a!, b!, nil) }
      guard c!.isLong else { return notImplemented }
      return IntArithmetic.power(a!, b!, c)
    }
    n.pointee.nb_negative = { IntArithmetic.negate($0!) }
    n.pointee.nb_positive = { exactInt($0!) }
    n.pointee.nb_absolute = { IntArithmetic.absolute($0!) }
    n.pointee.nb_bool = { $0!.isZeroInt ? 0 : 1 }
    n.pointee.nb_invert = { IntArithmetic.invert($0!) }
    n.pointee.nb_lshift = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntBits.shiftLeft(a!, b!)
    }
    n.pointee.nb_rshift = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntBits.shiftRight(a!, b!)
    }
    n.pointee.nb_and = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntBits.and(a!, b!)
    }
    n.pointee.nb_xor = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntBits.xor(a!, b!)
    }
    n.pointee.nb_or = { a, b in
      guard a!.isLong && b!.isLong else { return notImplemented }
      return IntBits.or(a!, b!)
    }
    n.pointee.nb_int = { exactInt($0!) }
    n.pointee.nb_index = { exactInt($0!) }
    n.pointee.nb_float = { r in
      guard let v = doubleValue(r!) else { return nil }
      return PyFloat_FromDouble(v)
    }
  }

  private static func deallocate(_ r: Ref) {
    if r.isExactly(Types.long) { return SmallBlocks.free(r.raw) }
    r.type.pointee.tp_free!(r.raw)
  }

  static func hash(_ r: Ref) -> Int {
    if let v = r.mediumValue { return v == -1 ? -2 : v }
    return NumericHash.hash(r.digits, r.digitCount, negative: r.isNegativeInt)
  }

  // MARK: construction

  private static let signature = Signature("int", "(x=0, /, base=10)")

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let bound = try signature.bind(tuple: args, dict: kwargs)
    let value = try owned(construct(bound[0], bound[1]))
    return type == Types.long ? value : try subtype(type, value.ref)
  }

  private static func vectorcall(_ type: Ref, _ args: ArgumentVector?, _ flags: Int, _ names: Ref?) -> Ref? {
    let n = flags & Int.max
    if let names {
      return _PyObject_MakeTpCall(currentThread, type, args, n, names)
    }
    switch n {
    case 0: return gila_small_int(0)
    case 1: return PyNumber_Long(args![0])
    case 2: return construct(args![0], args![1])
    default:
      _ = typeError("int expected at most 2 arguments, got \(n)")
      return nil
    }
  }

  /// int(x, base): either may be missing.
  private static func construct(_ x: Ref?, _ base: Ref?) -> Ref? {
    guard let x else {
      if base != nil { return fail(Exc.TypeError, "int() missing string argument") }
      return gila_small_int(0)
    }
    guard let base else { return PyNumber_Long(x) }
    let b = PyNumber_AsSsize_t(base, nil)
    if b == -1 && errorIsSet { return nil }
    if (b != 0 && b < 2) || b > 36 { return fail(Exc.ValueError, "int() base must be >= 2 and <= 36, or 0") }
    if x.isUnicode { return PyLong_FromUnicodeObject(x, Int32(b)) }
    if x.isBytes { return textOfBytes(PyBytes_AsString(x), x.size, b) }
    if x.isInstance(of: Types.byteArray) { return textOfBytes(PyByteArray_AsString(x), x.size, b) }
    return fail(Exc.TypeError, "int() can't convert non-string with explicit base")
  }

  private static func textOfBytes(_ p: UnsafePointer<CChar>?, _ count: Int, _ base: Int) -> Ref? {
    guard let p else { return nil }
    return IntText.fromBytes(UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self), count, base)
  }

  /// An instance of a subclass with the value of an int.
  private static func subtype(_ type: TypeRef, _ value: Ref) throws(PyError) -> Owned {
    let n = max(value.digitCount, 1)
    let r = try owned(type.pointee.tp_alloc!(type, n))
    r.ref.longTag = value.longTag
    r.ref.digits.update(from: value.digits, count: value.digitCount)
    if value.digitCount == 0 { r.ref.digits[0] = 0 }
    return r
  }
}
