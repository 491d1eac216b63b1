// The type complex: slots, methods, constructor, C API.

import CGila
import GilaAlgorithms
import GilaCore

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The value of a complex object.
  @inline(__always) var complexField: Py_complex { raw.load(fromByteOffset: 16, as: Py_complex.self) }
  /// complex or a subclass.
  var isComplex: Bool { isInstance(of: Types.complex) }
}

func newComplex(_ v: Py_complex) -> Ref? {
  guard let memory = SmallBlocks.allocate(32) else {
    PyErr_NoMemory()
    return nil
  }
  let r = memory.assumingMemoryBound(to: PyObject.self)
  r.pointee.ob_refcnt = 1
  r.pointee.ob_type = Types.complex
  memory.storeBytes(of: v, toByteOffset: 16, as: Py_complex.self)
  return r
}

/// The builtin type complex.
enum ComplexType {
  static func install() {
    let t = Types.complex
    t.define(
      "complex", basicSize: 32, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc: """
        complex(real=0, imag=0)
        --

        Create a complex number from a string or numbers.

        If a string is given, parse it as a complex number.
        If a single number is given, convert it to a complex number.
        If the 'real' or 'imag' arguments are given, create a complex number
        with the specified real and imaginary components.
        """)
    t.pointee.tp_repr = { ComplexType.repr($0!.complexField) }
    t.pointee.tp_hash = { r in
      let v = r!.complexField
      let h = UInt(bitPattern: _Py_HashDouble(r, v.real))
      let i = UInt(bitPattern: _Py_HashDouble(r, v.imag))
      let both = Int(bitPattern: h &+ NumericHash.imaginaryMultiplier &* i)
      return both == -1 ? -2 : both
    }
    t.pointee.tp_dealloc = { r in r!.type.pointee.tp_free!(r!.raw) }
    t.pointee.tp_free = { PyObject_Free($0) }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_richcompare = { a, b, op in ComplexType.compare(a!, b!, op) }
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try ComplexConstruction.new(type!, args, kwargs) }
    }
    let n = t.number
    n.pointee.nb_add = { a, b in ComplexType.apply(a!, b!) { newComplex(_Py_c_sum($0, $1)) } }
    n.pointee.nb_subtract = { a, b in ComplexType.apply(a!, b!) { newComplex(_Py_c_diff($0, $1)) } }
    n.pointee.nb_multiply = { a, b in ComplexType.apply(a!, b!) { newComplex(ComplexArithmetic.product($0, $1)) } }
    n.pointee.nb_true_divide = { a, b in
      ComplexType.apply(a!, b!) { x, y in
        var fault = ComplexArithmetic.Fault.none
        let r = ComplexArithmetic.quotient(x, y, &fault)
        if fault == .domain { return fail(Exc.ZeroDivisionError, "complex division by zero") }
        return newComplex(r)
      }
    }
    n.pointee.nb_power = { a, b, c in
      ComplexType.apply(a!, b!) { x, y in
        if let c, !c.isNone { return fail(Exc.ValueError, "complex modulo") }
        return ComplexType.power(x, y)
      }
    }
    n.pointee.nb_negative = { newComplex(_Py_c_neg($0!.complexField)) }
    n.pointee.nb_positive = { r in r!.isExactly(Types.complex) ? newRef(r!) : newComplex(r!.complexField) }
    n.pointee.nb_absolute = { r in
      var fault = ComplexArithmetic.Fault.none
      let m = ComplexArithmetic.modulus(r!.complexField, &fault)
      if fault == .range { return fail(Exc.OverflowError, "absolute value too large") }
      return newFloat(m)
    }
    n.pointee.nb_bool = { r in
      let v = r!.complexField
      return v.real != 0 || v.imag != 0 ? 1 : 0
    }
    var members = MemberTable()
    members.add("real", Py_T_DOUBLE, offset: 16, "the real part of a complex number")
    members.add("imag", Py_T_DOUBLE, offset: 24, "the imaginary part of a complex number")
    t.pointee.tp_members = members.build()
    var m = MethodTable()
    m.noArguments(
      "conjugate", "($self, /)",
      "Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j."
    ) { r, _ in
      let v = r!.complexField
      return newComplex(Py_complex(real: v.real, imag: -v.imag))
    }
    m.noArguments("__complex__", "($self, /)", "Convert this value to exact type complex.") { r, _ in
      r!.isExactly(Types.complex) ? newRef(r!) : newComplex(r!.complexField)
    }
    m.noArguments("__getnewargs__", "($self, /)") { r, _ in
      let v = r!.complexField
      guard let a = newFloat(v.real) else { return nil }
      guard let b = newFloat(v.imag) else {
        decref(a)
        return nil
      }
      return IntArithmetic.pair(a, b)
    }
    m.one("__format__", "($self, format_spec, /)", "Convert to a string according to format_spec.") { r, spec in
      guard let spec, spec.isUnicode else { return IntMethods.badFormatArgument(spec!) }
      return gila_complex_format(r, spec)
    }
    t.pointee.tp_methods = m.build()
  }

  /// Applies a body to two operands; NotImplemented unless both are numbers.
  private static func apply(_ a: Ref, _ b: Ref, _ body: (Py_complex, Py_complex) -> Ref?) -> Ref? {
    func operand(_ r: Ref, _ v: inout Py_complex) -> Ref? {
      if r.isComplex {
        v = r.complexField
        return r
      }
      switch FloatArithmetic.operand(r) {
      case .value(let d):
        v = Py_complex(real: d, imag: 0)
        return r
      case .notNumber: return notImplemented
      case .failed: return nil
      }
    }
    var (x, y) = (Py_complex(), Py_complex())
    guard let ra = operand(a, &x) else { return nil }
    if ra == notImplemented { return ra }
    guard let rb = operand(b, &y) else { return nil }
    if rb == notImplemented { return rb }
    return body(x, y)
  }

  private static func power(_ x: Py_complex, _ y: Py_complex) -> Ref? {
    var fault = ComplexArithmetic.Fault.none
    let r: Py_complex
    if y.imag == 0 && y.real.magnitude <= 100 && y.real == y.real.rounded(.down) {
      r = ComplexArithmetic.power(x, integer: Int(y.real), &fault)
      if fault == .none && (r.real.isInfinite || r.imag.isInfinite) { fault = .range }
    } else {
      r = ComplexArithmetic.power(x, y, &fault)
    }
    switch fault {
    case .domain: return fail(Exc.ZeroDivisionError, "0.0 to a negative or complex power")
    case .range: return fail(Exc.OverflowError, "complex exponentiation")
    case .none: return newComplex(r)
    }
  }

  private static func compare(_ a: Ref, _ b: Ref, _ op: Int32) -> Ref? {
    if op != Py_EQ && op != Py_NE { return notImplemented }
    let v = a.complexField
    let equal: Bool
    if b.isComplex {
      let w = b.complexField
      equal = v.real == w.real && v.imag == w.imag
    } else if b.isLong {
      if v.imag == 0 {
        guard let real = newFloat(v.real) else { return nil }
        defer { decref(real) }
        return FloatArithmetic.compare(real, b, op)
      }
      equal = false
    } else if b.isFloat {
      equal = v.real == b.doubleField && v.imag == 0
    } else {
      return notImplemented
    }
    return pyBool(equal == (op == Py_EQ))
  }

  private static func repr(_ v: Py_complex) -> Ref? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
      let p = buffer.baseAddress!
      var n = 0
      let r = UInt8(ascii: "r")
      let imaginaryOnly = v.real == 0 && v.real.sign == .plus
      if !imaginaryOnly {
        p[0] = UInt8(ascii: "(")
        n = 1
        n &+= FloatText.format(v.real, code: r, precision: 0, flags: [], to: p + n).count
      }
      n &+= FloatText.format(v.imag, code: r, precision: 0, flags: imaginaryOnly ? [] : .sign, to: p + n).count
      p[n] = UInt8(ascii: "j")
      n &+= 1
      if !imaginaryOnly {
        p[n] = UInt8(ascii: ")")
        n &+= 1
      }
      return asciiString(p, n)
    }
  }
}

// MARK: C API

@c @implementation public func PyComplex_FromCComplex(_ v: Py_complex) -> Ref? { newComplex(v) }
@c @implementation public func PyComplex_FromDoubles(_ real: Double, _ imag: Double) -> Ref? {
  newComplex(Py_complex(real: real, imag: imag))
}
@c @implementation public func PyComplex_RealAsDouble(_ r: Ref!) -> Double {
  if r!.isComplex { return r!.complexField.real }
  if let converted = ComplexConstruction.special(r!) {
    defer { decref(converted) }
    return converted.complexField.real
  }
  return errorIsSet ? -1 : PyFloat_AsDouble(r)
}
@c @implementation public func PyComplex_ImagAsDouble(_ r: Ref!) -> Double {
  if r!.isComplex { return r!.complexField.imag }
  if let converted = ComplexConstruction.special(r!) {
    defer { decref(converted) }
    return converted.complexField.imag
  }
  return errorIsSet ? -1 : 0
}
@c @implementation public func PyComplex_AsCComplex(_ r: Ref!) -> Py_complex {
  if r!.isComplex { return r!.complexField }
  if let converted = ComplexConstruction.special(r!) {
    defer { decref(converted) }
    return converted.complexField
  }
  if errorIsSet { return Py_complex(real: -1, imag: 0) }
  return Py_complex(real: PyFloat_AsDouble(r), imag: 0)
}
