// The module cmath.

import CGila
import GilaCore
import Glibc

enum ComplexMathModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "cmath",
    doc: "This module provides access to mathematical functions for complex\nnumbers.",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try add(module!, "pi", made: float(Double.pi))
        try add(module!, "e", made: float(2.718281828459045))
        try add(module!, "tau", made: float(6.283185307179586))
        try add(module!, "inf", made: float(.infinity))
        try add(module!, "nan", made: float(.nan))
        try add(module!, "infj", made: owned(PyComplex_FromDoubles(0, .infinity)))
        try add(module!, "nanj", made: owned(PyComplex_FromDoubles(0, .nan)))
      }
    })

  private static func complexValue(_ r: Ref) throws(PyError) -> Py_complex {
    let v = PyComplex_AsCComplex(r)
    if v.real == -1 && errorIsSet { throw PyError() }
    return v
  }

  private static func check(_ fault: ComplexFault) throws(PyError) {
    switch fault {
    case .none: break
    case .domain: throw valueError("math domain error")
    case .range: throw overflowError("math range error")
    }
  }

  @inline(__always)
  static func apply(_ z: Ref, _ f: (Py_complex, inout ComplexFault) -> Py_complex) -> Ref? {
    bridge { () throws(PyError) in
      var fault = ComplexFault.none
      let r = f(try complexValue(z), &fault)
      try check(fault)
      return try owned(PyComplex_FromCComplex(r))
    }
  }

  private static let isClose = Signature("isclose", "(a, b, *, rel_tol=1e-09, abs_tol=0.0)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("acos", "($module, z, /)", "Return the arc cosine of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.acos($0, &$1) }
    }
    m.one("acosh", "($module, z, /)", "Return the inverse hyperbolic cosine of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.acosh($0, &$1) }
    }
    m.one("asin", "($module, z, /)", "Return the arc sine of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.asin($0, &$1) }
    }
    m.one("asinh", "($module, z, /)", "Return the inverse hyperbolic sine of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.asinh($0, &$1) }
    }
    m.one("atan", "($module, z, /)", "Return the arc tangent of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.atan($0, &$1) }
    }
    m.one("atanh", "($module, z, /)", "Return the inverse hyperbolic tangent of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.atanh($0, &$1) }
    }
    m.one("cos", "($module, z, /)", "Return the cosine of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.cos($0, &$1) }
    }
    m.one("cosh", "($module, z, /)", "Return the hyperbolic cosine of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.cosh($0, &$1) }
    }
    m.one("exp", "($module, z, /)", "Return the exponential value e**z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.exp($0, &$1) }
    }
    m.one("sin", "($module, z, /)", "Return the sine of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.sin($0, &$1) }
    }
    m.one("sinh", "($module, z, /)", "Return the hyperbolic sine of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.sinh($0, &$1) }
    }
    m.one("sqrt", "($module, z, /)", "Return the square root of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.sqrt($0, &$1) }
    }
    m.one("tan", "($module, z, /)", "Return the tangent of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.tan($0, &$1) }
    }
    m.one("tanh", "($module, z, /)", "Return the hyperbolic tangent of z.") { _, z in
      ComplexMathModule.apply(z!) { ComplexFunctions.tanh($0, &$1) }
    }
    m.one("log10", "($module, z, /)", "Return the base-10 logarithm of z.") { _, z in
      ComplexMathModule.apply(z!) { z, fault in
        let r = ComplexFunctions.log(z, &fault)
        return Py_complex(real: r.real / 2.302585092994045684, imag: r.imag / 2.302585092994045684)
      }
    }
    m.positional(
      "log", "($module, z, base=<unrepresentable>, /)",
      "log(z[, base]) -> the logarithm of z to the given base.\n\nIf the base is not specified, returns the natural logarithm (base e) of z."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("log", n, 1, 2)
        var fault = ComplexFault.none
        var r = ComplexFunctions.log(try ComplexMathModule.complexValue(args![0]!), &fault)
        if n == 2 {
          let base = ComplexFunctions.log(try ComplexMathModule.complexValue(args![1]!), &fault)
          if base.real == 0 && base.imag == 0 { fault = .domain }
          r = _Py_c_quot(r, base)
        }
        try ComplexMathModule.check(fault)
        return try owned(PyComplex_FromCComplex(r))
      }
    }
    m.one("phase", "($module, z, /)", "Return argument, also known as the phase angle, of a complex.") { _, z in
      bridge { () throws(PyError) in
        let v = try ComplexMathModule.complexValue(z!)
        return try float(atan2(v.imag, v.real))
      }
    }
    m.one(
      "polar", "($module, z, /)",
      "Convert a complex from rectangular coordinates to polar coordinates.\n\nr is the distance from 0 and phi the phase angle."
    ) { _, z in
      bridge { () throws(PyError) in
        let v = try ComplexMathModule.complexValue(z!)
        gila_errno_location().pointee = 0
        let r = _Py_c_abs(v)
        if r.isInfinite && v.real.isFinite && v.imag.isFinite { throw overflowError("math range error") }
        return try pair(float(r), float(atan2(v.imag, v.real)))
      }
    }
    m.positional("rect", "($module, r, phi, /)", "Convert from polar coordinates to rectangular coordinates.") {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("rect", n, 2, 2)
        var fault = ComplexFault.none
        let r = ComplexFunctions.rect(try doubleValue(args![0]!), try doubleValue(args![1]!), &fault)
        try ComplexMathModule.check(fault)
        return try owned(PyComplex_FromCComplex(r))
      }
    }
    m.one(
      "isfinite", "($module, z, /)", "Return True if both the real and imaginary parts of z are finite, else False."
    ) { _, z in
      bridge { () throws(PyError) in
        let v = try ComplexMathModule.complexValue(z!)
        return Owned(retaining: pyBool(v.real.isFinite && v.imag.isFinite))
      }
    }
    m.one("isnan", "($module, z, /)", "Checks if the real or imaginary part of z not a number (NaN).") { _, z in
      bridge { () throws(PyError) in
        let v = try ComplexMathModule.complexValue(z!)
        return Owned(retaining: pyBool(v.real.isNaN || v.imag.isNaN))
      }
    }
    m.one("isinf", "($module, z, /)", "Checks if the real or imaginary part of z is infinite.") { _, z in
      bridge { () throws(PyError) in
        let v = try ComplexMathModule.complexValue(z!)
        return Owned(retaining: pyBool(v.real.isInfinite || v.imag.isInfinite))
      }
    }
    m.keywords(
      "isclose", "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
      "Determine whether two complex numbers are close in value.\n\n  rel_tol\n    maximum difference for being considered \"close\", relative to the\n    magnitude of the input values\n  abs_tol\n    maximum difference for being considered \"close\", regardless of the\n    magnitude of the input values\n\nReturn True if a is close in value to b, and False otherwise.\n\nFor the values to be considered close, the difference between them must be\nsmaller than at least one of the tolerances.\n\n-inf, inf and NaN behave similarly to the IEEE 754 Standard. That is, NaN is\nnot close to anything, even itself. inf and -inf are only close to themselves."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let v = try ComplexMathModule.isClose.bind(args, n, names)
        let a = try ComplexMathModule.complexValue(v[0]!)
        let b = try ComplexMathModule.complexValue(v[1]!)
        let relative = v[2] == nil ? 1e-9 : try doubleValue(v[2]!)
        let absolute = v[3] == nil ? 0 : try doubleValue(v[3]!)
        if relative < 0 || absolute < 0 { throw valueError("tolerances must be non-negative") }
        if a.real == b.real && a.imag == b.imag { return Owned(retaining: pyTrue) }
        if a.real.isInfinite || a.imag.isInfinite || b.real.isInfinite || b.imag.isInfinite {
          return Owned(retaining: pyFalse)
        }
        let difference = _Py_c_abs(_Py_c_diff(a, b))
        let close =
          difference <= relative * _Py_c_abs(b) || difference <= relative * _Py_c_abs(a) || difference <= absolute
        return Owned(retaining: pyBool(close))
      }
    }
    return m.build()
  }
}
