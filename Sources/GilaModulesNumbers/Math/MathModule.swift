// The module math.

import CGila
import GilaCore
import Glibc

enum MathModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "math",
    doc: "This module provides access to the mathematical functions\ndefined by the C standard.",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try add(module!, "pi", made: float(Double.pi))
        try add(module!, "e", made: float(2.718281828459045))
        try add(module!, "tau", made: float(6.283185307179586))
        try add(module!, "inf", made: float(.infinity))
        try add(module!, "nan", made: float(.nan))
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addElementary(&m)
    addLogarithms(&m)
    addParts(&m)
    addSums(&m)
    addIntegers(&m)
    addRounding(&m)
    return m.build()
  }

  static func domainError() -> PyError { valueError("math domain error") }
  static func rangeError() -> PyError { overflowError("math range error") }

  /// A function of one double: NaN from a number is a domain error; infinity from a finite one overflow or a pole.
  @inline(__always)
  static func apply(_ x: Ref, overflows: Bool = false, _ f: (Double) -> Double) -> Ref? {
    bridge { () throws(PyError) in
      let v = try doubleValue(x)
      let r = f(v)
      if r.isNaN && !v.isNaN { throw MathModule.domainError() }
      if r.isInfinite && v.isFinite { throw overflows ? MathModule.rangeError() : MathModule.domainError() }
      return try float(r)
    }
  }

  // MARK: elementary functions

  private static func addElementary(_ m: inout MethodTable) {
    m.one(
      "acos", "($module, x, /)", "Return the arc cosine (measured in radians) of x.\n\nThe result is between 0 and pi."
    ) { _, x in MathModule.apply(x!) { acos($0) } }
    m.one("acosh", "($module, x, /)", "Return the inverse hyperbolic cosine of x.") { _, x in
      MathModule.apply(x!) { acosh($0) }
    }
    m.one(
      "asin", "($module, x, /)",
      "Return the arc sine (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2."
    ) { _, x in MathModule.apply(x!) { asin($0) } }
    m.one("asinh", "($module, x, /)", "Return the inverse hyperbolic sine of x.") { _, x in
      MathModule.apply(x!) { asinh($0) }
    }
    m.one(
      "atan", "($module, x, /)",
      "Return the arc tangent (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2."
    ) { _, x in MathModule.apply(x!) { atan($0) } }
    m.one("atanh", "($module, x, /)", "Return the inverse hyperbolic tangent of x.") { _, x in
      MathModule.apply(x!) { atanh($0) }
    }
    m.one("cbrt", "($module, x, /)", "Return the cube root of x.") { _, x in MathModule.apply(x!) { cbrt($0) } }
    m.one("cos", "($module, x, /)", "Return the cosine of x (measured in radians).") { _, x in
      MathModule.apply(x!) { cos($0) }
    }
    m.one("cosh", "($module, x, /)", "Return the hyperbolic cosine of x.") { _, x in
      MathModule.apply(x!, overflows: true) { cosh($0) }
    }
    m.one("erf", "($module, x, /)", "Error function at x.") { _, x in MathModule.apply(x!) { erf($0) } }
    m.one("erfc", "($module, x, /)", "Complementary error function at x.") { _, x in MathModule.apply(x!) { erfc($0) } }
    m.one("exp", "($module, x, /)", "Return e raised to the power of x.") { _, x in
      MathModule.apply(x!, overflows: true) { exp($0) }
    }
    m.one("exp2", "($module, x, /)", "Return 2 raised to the power of x.") { _, x in
      MathModule.apply(x!, overflows: true) { exp2($0) }
    }
    m.one(
      "expm1", "($module, x, /)",
      "Return exp(x)-1.\n\nThis function avoids the loss of precision involved in the direct evaluation of exp(x)-1 for small x."
    ) { _, x in MathModule.apply(x!, overflows: true) { expm1($0) } }
    m.one("fabs", "($module, x, /)", "Return the absolute value of the float x.") { _, x in
      MathModule.apply(x!) { $0.magnitude }
    }
    m.one(
      "log1p", "($module, x, /)",
      "Return the natural logarithm of 1+x (base e).\n\nThe result is computed in a way which is accurate for x near zero."
    ) { _, x in MathModule.apply(x!) { $0 == 0 ? $0 : log1p($0) } }
    m.one("sin", "($module, x, /)", "Return the sine of x (measured in radians).") { _, x in
      MathModule.apply(x!) { sin($0) }
    }
    m.one("sinh", "($module, x, /)", "Return the hyperbolic sine of x.") { _, x in
      MathModule.apply(x!, overflows: true) { sinh($0) }
    }
    m.one("sqrt", "($module, x, /)", "Return the square root of x.") { _, x in MathModule.apply(x!) { $0.squareRoot() }
    }
    m.one("tan", "($module, x, /)", "Return the tangent of x (measured in radians).") { _, x in
      MathModule.apply(x!) { tan($0) }
    }
    m.one("tanh", "($module, x, /)", "Return the hyperbolic tangent of x.") { _, x in MathModule.apply(x!) { tanh($0) }
    }
    m.one("gamma", "($module, x, /)", "Gamma function at x.") { _, x in
      bridge { () throws(PyError) in try float(Gamma.gamma(doubleValue(x!))) }
    }
    m.one("lgamma", "($module, x, /)", "Natural logarithm of absolute value of Gamma function at x.") { _, x in
      bridge { () throws(PyError) in try float(Gamma.logarithm(doubleValue(x!))) }
    }
    m.positional(
      "atan2", "($module, y, x, /)",
      "Return the arc tangent (measured in radians) of y/x.\n\nUnlike atan(y/x), the signs of both x and y are considered."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("atan2", n, 2, 2)
        return try float(atan2(doubleValue(args![0]!), doubleValue(args![1]!)))
      }
    }
    m.positional("pow", "($module, x, y, /)", "Return x**y (x to the power of y).") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("pow", n, 2, 2)
        let x = try doubleValue(args![0]!)
        let y = try doubleValue(args![1]!)
        let r = pow(x, y)
        if x.isFinite && y.isFinite {
          if r.isNaN { throw MathModule.domainError() }
          if r.isInfinite { throw x == 0 ? MathModule.domainError() : MathModule.rangeError() }
        }
        return try float(r)
      }
    }
    m.positional("fmod", "($module, x, y, /)", "Return fmod(x, y), according to platform C.\n\nx % y may differ.") {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("fmod", n, 2, 2)
        let x = try doubleValue(args![0]!)
        let y = try doubleValue(args![1]!)
        let r = fmod(x, y)
        if r.isNaN && !x.isNaN && !y.isNaN { throw MathModule.domainError() }
        return try float(r)
      }
    }
    m.positional(
      "remainder", "($module, x, y, /)",
      "Difference between x and the closest integer multiple of y.\n\nReturn x - n*y where n*y is the closest integer multiple of y.\nIn the case where x is exactly halfway between two multiples of\ny, the nearest even value of n is used. The result is always exact."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("remainder", n, 2, 2)
        let x = try doubleValue(args![0]!)
        let y = try doubleValue(args![1]!)
        let r = remainder(x, y)
        if r.isNaN && !x.isNaN && !y.isNaN { throw MathModule.domainError() }
        return try float(r)
      }
    }
    m.positional(
      "copysign", "($module, x, y, /)",
      "Return a float with the magnitude (absolute value) of x but the sign of y.\n\nOn platforms that support signed zeros, copysign(1.0, -0.0)\nreturns -1.0.\n"
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("copysign", n, 2, 2)
        return try float(copysign(doubleValue(args![0]!), doubleValue(args![1]!)))
      }
    }
    m.positional(
      "fma", "($module, x, y, z, /)", "Fused multiply-add operation.\n\nCompute (x * y) + z with a single round."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("fma", n, 3, 3)
        let x = try doubleValue(args![0]!)
        let y = try doubleValue(args![1]!)
        let z = try doubleValue(args![2]!)
        let r = z.addingProduct(x, y)
        if r.isFinite { return try float(r) }
        if r.isNaN {
          if !x.isNaN && !y.isNaN && !z.isNaN { throw valueError("invalid operation in fma") }
        } else if x.isFinite && y.isFinite && z.isFinite {
          throw overflowError("overflow in fma")
        }
        return try float(r)
      }
    }
    m.one("degrees", "($module, x, /)", "Convert angle x from radians to degrees.") { _, x in
      bridge { () throws(PyError) in try float(doubleValue(x!) * (180.0 / Double.pi)) }
    }
    m.one("radians", "($module, x, /)", "Convert angle x from degrees to radians.") { _, x in
      bridge { () throws(PyError) in try float(doubleValue(x!) * (Double.pi / 180.0)) }
    }
    m.one("isfinite", "($module, x, /)", "Return True if x is neither an infinity nor a NaN, and False otherwise.") {
      _, x in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try doubleValue(x!).isFinite)) }
    }
    m.one("isnan", "($module, x, /)", "Return True if x is a NaN (not a number), and False otherwise.") { _, x in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try doubleValue(x!).isNaN)) }
    }
    m.one("isinf", "($module, x, /)", "Return True if x is a positive or negative infinity, and False otherwise.") {
      _, x in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try doubleValue(x!).isInfinite)) }
    }
  }

  // MARK: logarithms, of ints of any size too

  /// f(x) for a float; for an int beyond double's range through its fraction and exponent.
  private static func logarithm(_ x: Ref, _ f: (Double) -> Double) throws(PyError) -> Double {
    if x.isLong {
      if _PyLong_Sign(x) <= 0 { throw MathModule.domainError() }
      let v = PyLong_AsDouble(x)
      if v != -1 || !errorIsSet { return f(v) }
      if PyErr_ExceptionMatches(Exc.OverflowError.object) == 0 { throw PyError() }
      PyErr_Clear()
      // x = fraction * 2 ** exponent.
      let bits = _PyLong_NumBits(x)
      let shifted = try owned(_PyLong_Rshift(x, bits - 64))
      let fraction = PyLong_AsDouble(shifted.ref) / 18446744073709551616.0
      return f(fraction) + f(2) * Double(bits)
    }
    let v = try doubleValue(x)
    if v <= 0 { throw MathModule.domainError() }
    return f(v)
  }

  private static func addLogarithms(_ m: inout MethodTable) {
    m.positional(
      "log", "",
      "log(x, [base=math.e])\nReturn the logarithm of x to the given base.\n\nIf the base is not specified, returns the natural logarithm (base e) of x."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("log", n, 1, 2)
        let x = try MathModule.logarithm(args![0]!) { log($0) }
        if n == 1 { return try float(x) }
        let base = try MathModule.logarithm(args![1]!) { log($0) }
        if base == 0 { throw raise(Exc.ZeroDivisionError, "float division by zero") }
        return try float(x / base)
      }
    }
    m.one("log2", "($module, x, /)", "Return the base 2 logarithm of x.") { _, x in
      bridge { () throws(PyError) in try float(MathModule.logarithm(x!) { log2($0) }) }
    }
    m.one("log10", "($module, x, /)", "Return the base 10 logarithm of x.") { _, x in
      bridge { () throws(PyError) in try float(MathModule.logarithm(x!) { log10($0) }) }
    }
  }

  // MARK: parts of a double

  private static let nextAfter = Signature("nextafter", "(x, y, /, *, steps=None)")
  private static let isClose = Signature("isclose", "(a, b, *, rel_tol=1e-09, abs_tol=0.0)")

  private static func addParts(_ m: inout MethodTable) {
    m.one(
      "frexp", "($module, x, /)",
      "Return the mantissa and exponent of x, as pair (m, e).\n\nm is a float and e is an int, such that x = m * 2.**e.\nIf x is 0, m and e are both 0.  Else 0.5 <= abs(m) < 1.0."
    ) { _, x in
      bridge { () throws(PyError) in
        let v = try doubleValue(x!)
        if !v.isFinite || v == 0 { return try pair(float(v), int(0)) }
        let e = Int(v.exponent) + 1
        return try pair(float(Double(sign: v.sign, exponent: -1, significand: v.significand)), int(e))
      }
    }
    m.one(
      "modf", "($module, x, /)",
      "Return the fractional and integer parts of x.\n\nBoth results carry the sign of x and are floats."
    ) { _, x in
      bridge { () throws(PyError) in
        let v = try doubleValue(x!)
        if v.isInfinite { return try pair(float(copysign(0, v)), float(v)) }
        if v.isNaN { return try pair(float(v), float(v)) }
        let whole = v.rounded(.towardZero)
        return try pair(float(copysign(v - whole, v)), float(copysign(whole, v)))
      }
    }
    m.positional("ldexp", "($module, x, i, /)", "Return x * (2**i).\n\nThis is essentially the inverse of frexp().") {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("ldexp", n, 2, 2)
        let x = try doubleValue(args![0]!)
        if !args![1]!.isLong { throw typeError("Expected an int as second argument to ldexp.") }
        var overflow: Int32 = 0
        var e = PyLong_AsLongAndOverflow(args![1], &overflow)
        if overflow != 0 { e = overflow > 0 ? 1 << 40 : -(1 << 40) }
        if x == 0 || !x.isFinite { return try float(x) }
        if e > Int(Int32.max) { throw MathModule.rangeError() }
        if e < Int(Int32.min) { return try float(copysign(0, x)) }
        let r = scalbn(x, Int(e))
        if r.isInfinite { throw MathModule.rangeError() }
        return try float(r)
      }
    }
    m.keywords(
      "nextafter", "($module, x, y, /, *, steps=None)",
      "Return the floating-point value the given number of steps after x towards y.\n\nIf steps is not specified or is None, it defaults to 1.\n\nRaises a TypeError, if x or y is not a double, or if steps is not an integer.\nRaises ValueError if steps is negative."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try MathModule.nextAfter.bind(args, n, names)
        return try MathModule.after(doubleValue(b[0]!), doubleValue(b[1]!), b[2])
      }
    }
    m.one("ulp", "($module, x, /)", "Return the value of the least significant bit of the float x.") { _, x in
      bridge { () throws(PyError) in
        let v = try doubleValue(x!).magnitude
        if v.isNaN || v.isInfinite { return try float(v) }
        if v == .greatestFiniteMagnitude { return try float(v - v.nextDown) }
        return try float(v.nextUp - v)
      }
    }
    m.keywords(
      "isclose", "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
      "Determine whether two floating-point numbers are close in value.\n\n  rel_tol\n    maximum difference for being considered \"close\", relative to the\n    magnitude of the input values\n  abs_tol\n    maximum difference for being considered \"close\", regardless of the\n    magnitude of the input values\n\nReturn True if a is close in value to b, and False otherwise.\n\nFor the values to be considered close, the difference between them\nmust be smaller than at least one of the tolerances.\n\n-inf, inf and NaN behave similarly to the IEEE 754 Standard.  That\nis, NaN is not close to anything, even itself.  inf and -inf are\nonly close to themselves."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let v = try MathModule.isClose.bind(args, n, names)
        let a = try doubleValue(v[0]!)
        let b = try doubleValue(v[1]!)
        let relative = v[2] == nil ? 1e-9 : try doubleValue(v[2]!)
        let absolute = v[3] == nil ? 0 : try doubleValue(v[3]!)
        if relative < 0 || absolute < 0 { throw valueError("tolerances must be non-negative") }
        if a == b { return Owned(retaining: pyTrue) }
        if a.isInfinite || b.isInfinite { return Owned(retaining: pyFalse) }
        let difference = (b - a).magnitude
        let close =
          difference <= (relative * b).magnitude || difference <= (relative * a).magnitude || difference <= absolute
        return Owned(retaining: pyBool(close))
      }
    }
  }

  /// The double a number of steps after x towards y.
  private static func after(_ x: Double, _ y: Double, _ steps: Ref?) throws(PyError) -> Owned {
    guard let steps, !steps.isNone else {
      if x.isNaN || y.isNaN { return try float(x.isNaN ? x : y) }
      return try float(x == y ? y : x < y ? x.nextUp : x.nextDown)
    }
    let n = try owned(_PyNumber_Index(steps))
    if _PyLong_Sign(n.ref) < 0 { throw valueError("steps must be a non-negative integer") }
    let count = UInt64(PyLong_AsUnsignedLongLong(n.ref))
    if count == .max && errorIsSet {
      PyErr_Clear()
    }
    if count == 0 || x.isNaN { return try float(x) }
    if y.isNaN { return try float(y) }
    if x == y { return try float(y) }
    // Doubles in order are integers in order: positive ones by their bits, negative ones below zero.
    func order(_ v: Double) -> Int64 {
      let bits = Int64(bitPattern: v.magnitude.bitPattern)
      return v.sign == .minus ? -bits : bits
    }
    let (from, to) = (order(x), order(y))
    let distance = UInt64(bitPattern: from < to ? to &- from : from &- to)
    if count >= distance { return try float(y) }
    let at = from < to ? from &+ Int64(bitPattern: count) : from &- Int64(bitPattern: count)
    if at == 0 { return try float(x.sign == .minus ? -0.0 : 0.0) }
    let v = Double(bitPattern: UInt64(at.magnitude))
    return try float(at < 0 ? -v : v)
  }

  // MARK: rounding to ints

  /// A special method of an object, called; nil when it has none.
  private static func special(_ x: Ref, _ name: UnsafePointer<CChar>) throws(PyError) -> Ref? {
    guard let method = _PyObject_LookupSpecial(x, gila_intern(name)) else {
      if errorIsSet { throw PyError() }
      return nil
    }
    defer { decref(method) }
    guard let r = PyObject_CallNoArgs(method) else { throw PyError() }
    return r
  }

  private static func addRounding(_ m: inout MethodTable) {
    m.one("ceil", "($module, x, /)", "Return the ceiling of x as an Integral.\n\nThis is the smallest integer >= x.") {
      _, x in
      bridge { () throws(PyError) in
        if !x!.isExactly(Types.float), let r = try MathModule.special(x!, "__ceil__") { return Owned(taking: r) }
        return try owned(PyLong_FromDouble(doubleValue(x!).rounded(.up)))
      }
    }
    m.one("floor", "($module, x, /)", "Return the floor of x as an Integral.\n\nThis is the largest integer <= x.") {
      _, x in
      bridge { () throws(PyError) in
        if !x!.isExactly(Types.float), let r = try MathModule.special(x!, "__floor__") { return Owned(taking: r) }
        return try owned(PyLong_FromDouble(doubleValue(x!).rounded(.down)))
      }
    }
    m.one(
      "trunc", "($module, x, /)",
      "Truncates the Real x to the nearest Integral toward 0.\n\nUses the __trunc__ magic method."
    ) { _, x in
      bridge { () throws(PyError) in
        if x!.isExactly(Types.float) { return try owned(PyLong_FromDouble(doubleValue(x!))) }
        if let r = try MathModule.special(x!, "__trunc__") { return Owned(taking: r) }
        throw typeError("type \(typeName(of: x!)) doesn't define __trunc__ method")
      }
    }
  }
}
