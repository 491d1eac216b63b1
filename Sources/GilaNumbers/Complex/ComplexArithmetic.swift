// Complex arithmetic on pairs of doubles, and the C functions that do it.

import CGila
import GilaCore
import Glibc

/// Operators on Py_complex.
enum ComplexArithmetic {
  /// What went wrong in an operation that gave a result all the same.
  enum Fault {
    case none, domain, range
  }

  static func product(_ a: Py_complex, _ b: Py_complex) -> Py_complex {
    Py_complex(real: a.real * b.real - a.imag * b.imag, imag: a.real * b.imag + a.imag * b.real)
  }

  /// a / b; a domain fault for b = 0. Scaled by the larger part of b against overflow.
  static func quotient(_ a: Py_complex, _ b: Py_complex, _ fault: inout Fault) -> Py_complex {
    let (x, y) = (b.real.magnitude, b.imag.magnitude)
    if x >= y {
      if x == 0 {
        fault = .domain
        return Py_complex(real: 0, imag: 0)
      }
      let ratio = b.imag / b.real
      let denominator = b.real + b.imag * ratio
      return Py_complex(real: (a.real + a.imag * ratio) / denominator, imag: (a.imag - a.real * ratio) / denominator)
    }
    if y >= x {
      let ratio = b.real / b.imag
      let denominator = b.real * ratio + b.imag
      return Py_complex(real: (a.real * ratio + a.imag) / denominator, imag: (a.imag * ratio - a.real) / denominator)
    }
    return Py_complex(real: .nan, imag: .nan)
  }

  static func power(_ a: Py_complex, _ b: Py_complex, _ fault: inout Fault) -> Py_complex {
    if b.real == 0 && b.imag == 0 { return Py_complex(real: 1, imag: 0) }
    if a.real == 0 && a.imag == 0 {
      if b.imag != 0 || b.real < 0 { fault = .domain }
      return Py_complex(real: 0, imag: 0)
    }
    let modulus = hypot(a.real, a.imag)
    var length = pow(modulus, b.real)
    let angle = atan2(a.imag, a.real)
    var phase = angle * b.real
    if b.imag != 0 {
      length *= exp(-angle * b.imag)
      phase += b.imag * log(modulus)
    }
    let r = Py_complex(real: length * cos(phase), imag: length * sin(phase))
    if r.real.isInfinite || r.imag.isInfinite { fault = .range }
    return r
  }

  /// a to an integer power of at most 100 in magnitude, by squaring.
  static func power(_ a: Py_complex, integer n: Int, _ fault: inout Fault) -> Py_complex {
    if n < 0 { return quotient(Py_complex(real: 1, imag: 0), power(a, unsigned: 0 - n), &fault) }
    return power(a, unsigned: n)
  }
  private static func power(_ a: Py_complex, unsigned n: Int) -> Py_complex {
    var r = Py_complex(real: 1, imag: 0)
    var p = a
    var mask = 1
    while mask > 0 && n >= mask {
      if n & mask != 0 { r = product(r, p) }
      mask <<= 1
      p = product(p, p)
    }
    return r
  }

  /// The modulus; a range fault when it overflows.
  static func modulus(_ a: Py_complex, _ fault: inout Fault) -> Double {
    if !a.real.isFinite || !a.imag.isFinite {
      if a.real.isInfinite || a.imag.isInfinite { return .infinity }
      return .nan
    }
    let r = hypot(a.real, a.imag)
    if !r.isFinite { fault = .range }
    return r
  }
}

/// Reports a fault in errno, where C callers look for it.
private func report(_ fault: ComplexArithmetic.Fault) {
  switch fault {
  case .none: break
  case .domain: gila_errno_location().pointee = EDOM
  case .range: gila_errno_location().pointee = ERANGE
  }
}

@c @implementation public func _Py_c_diff(_ a: Py_complex, _ b: Py_complex) -> Py_complex {
  Py_complex(real: a.real - b.real, imag: a.imag - b.imag)
}
@c @implementation public func _Py_c_neg(_ a: Py_complex) -> Py_complex { Py_complex(real: -a.real, imag: -a.imag) }
@c @implementation public func _Py_c_quot(_ a: Py_complex, _ b: Py_complex) -> Py_complex {
  var fault = ComplexArithmetic.Fault.none
  let r = ComplexArithmetic.quotient(a, b, &fault)
  report(fault)
  return r
}
@c @implementation public func _Py_c_abs(_ a: Py_complex) -> Double {
  var fault = ComplexArithmetic.Fault.none
  gila_errno_location().pointee = 0
  let r = ComplexArithmetic.modulus(a, &fault)
  report(fault)
  return r
}
/// a + b.
@c public func _Py_c_sum(_ a: Py_complex, _ b: Py_complex) -> Py_complex {
  Py_complex(real: a.real + b.real, imag: a.imag + b.imag)
}
/// a * b.
@c public func _Py_c_prod(_ a: Py_complex, _ b: Py_complex) -> Py_complex { ComplexArithmetic.product(a, b) }
/// a ** b; errno tells of faults.
@c public func _Py_c_pow(_ a: Py_complex, _ b: Py_complex) -> Py_complex {
  var fault = ComplexArithmetic.Fault.none
  let r = ComplexArithmetic.power(a, b, &fault)
  report(fault)
  return r
}
