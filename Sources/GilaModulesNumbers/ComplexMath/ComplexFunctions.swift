// The elementary functions of complex numbers, with C99's (Annex G) results for infinities and NaNs.

import CGila
import GilaCore
import Glibc

/// What went wrong in a function that gave a result all the same.
enum ComplexFault {
  case none, domain, range
}

enum ComplexFunctions {
  typealias Complex = Py_complex
  private static let inf = Double.infinity
  private static let nan = Double.nan
  private static let largeDouble = Double.greatestFiniteMagnitude / 4
  private static let logLarge = log(Double.greatestFiniteMagnitude / 4)
  private static let sqrtLarge = (Double.greatestFiniteMagnitude / 4).squareRoot()
  private static let sqrtSmallest = Double.leastNormalMagnitude.squareRoot()

  private static func c(_ re: Double, _ im: Double) -> Complex { Complex(real: re, imag: im) }
  private static func isFinite(_ z: Complex) -> Bool { z.real.isFinite && z.imag.isFinite }
  /// i z
  private static func timesI(_ z: Complex) -> Complex { c(-z.imag, z.real) }

  // MARK: square root and logarithm

  static func sqrt(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let (x, y) = (z.real, z.imag)
    if !isFinite(z) {
      if y.isInfinite { return c(inf, y) }
      if x.isNaN { return c(nan, nan) }
      if x.isInfinite {
        if y.isNaN { return x > 0 ? c(x, y) : c(nan, inf) }
        return x > 0 ? c(x, copysign(0, y)) : c(0, copysign(inf, y))
      }
      return c(nan, nan)
    }
    if x == 0 && y == 0 { return c(0, y) }
    var (ax, ay) = (x.magnitude, y.magnitude)
    var s: Double
    if ax < Double.leastNormalMagnitude && ay < Double.leastNormalMagnitude && (ax > 0 || ay > 0) {
      // Scale up against loss in subnormals: by half of what -27 takes back, and the half that the formula wants.
      ax = scalbn(ax, 53)
      s = scalbn((ax + hypot(ax, scalbn(ay, 53))).squareRoot(), -27)
    } else {
      ax /= 8
      s = 2 * (ax + hypot(ax, ay / 8)).squareRoot()
    }
    ay = y.magnitude
    let d = ay / (2 * s)
    return x >= 0 ? c(s, copysign(d, y)) : c(d, copysign(s, y))
  }

  static func log(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    if !isFinite(z) {
      if z.real.isInfinite || z.imag.isInfinite { return c(inf, atan2(z.imag, z.real)) }
      return c(nan, nan)
    }
    let (ax, ay) = (z.real.magnitude, z.imag.magnitude)
    let re: Double
    if ax > largeDouble || ay > largeDouble {
      re = Glibc.log(hypot(ax / 2, ay / 2)) + 0.693147180559945309417232121458
    } else if ax < Double.leastNormalMagnitude && ay < Double.leastNormalMagnitude {
      if ax > 0 || ay > 0 {
        re = Glibc.log(hypot(scalbn(ax, 53), scalbn(ay, 53))) - 53 * 0.693147180559945309417232121458
      } else {
        fault = .domain
        return c(-inf, atan2(z.imag, z.real))
      }
    } else {
      let h = hypot(ax, ay)
      if h >= 0.71 && h <= 1.73 {
        let (big, small) = ax > ay ? (ax, ay) : (ay, ax)
        re = log1p((big - 1) * (big + 1) + small * small) / 2
      } else {
        re = Glibc.log(h)
      }
    }
    return c(re, atan2(z.imag, z.real))
  }

  // MARK: exponential and hyperbolic functions

  static func exp(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let (x, y) = (z.real, z.imag)
    if !isFinite(z) {
      if x.isInfinite && y.isFinite && y != 0 {
        if x > 0 { return c(copysign(inf, cos(y)), copysign(inf, sin(y))) }
        return c(copysign(0, cos(y)), copysign(0, sin(y)))
      }
      // An infinite angle of something that does not vanish has no value.
      if y.isInfinite && (x.isFinite || (x.isInfinite && x > 0)) { fault = .domain }
      if x.isInfinite {
        if y == 0 { return x > 0 ? c(inf, y) : c(0, y) }
        if x < 0 { return c(0, 0) }
        return c(inf, nan)
      }
      if x.isNaN { return y == 0 ? c(nan, y) : c(nan, nan) }
      return c(nan, nan)
    }
    let r: Complex
    if x > logLarge {
      let l = Glibc.exp(x - 1)
      r = c(l * cos(y) * 2.718281828459045, l * sin(y) * 2.718281828459045)
    } else {
      let l = Glibc.exp(x)
      r = c(l * cos(y), l * sin(y))
    }
    if r.real.isInfinite || r.imag.isInfinite { fault = .range }
    return r
  }

  static func cosh(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let (x, y) = (z.real, z.imag)
    if !isFinite(z) {
      if x.isInfinite && y.isFinite && y != 0 {
        if x > 0 { return c(copysign(inf, cos(y)), copysign(inf, sin(y))) }
        return c(copysign(inf, cos(y)), -copysign(inf, sin(y)))
      }
      if y.isInfinite && !x.isNaN { fault = .domain }
      if x.isInfinite {
        if y == 0 { return c(inf, x > 0 ? y : -y) }
        return c(inf, nan)
      }
      if x.isNaN { return y == 0 ? c(nan, 0) : c(nan, nan) }
      return x == 0 ? c(nan, 0) : c(nan, nan)
    }
    let r: Complex
    if x.magnitude > logLarge {
      let m = x - copysign(1, x)
      r = c(cos(y) * Glibc.cosh(m) * 2.718281828459045, sin(y) * Glibc.sinh(m) * 2.718281828459045)
    } else {
      r = c(cos(y) * Glibc.cosh(x), sin(y) * Glibc.sinh(x))
    }
    if r.real.isInfinite || r.imag.isInfinite { fault = .range }
    return r
  }

  static func sinh(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let (x, y) = (z.real, z.imag)
    if !isFinite(z) {
      if x.isInfinite && y.isFinite && y != 0 {
        if x > 0 { return c(copysign(inf, cos(y)), copysign(inf, sin(y))) }
        return c(-copysign(inf, cos(y)), copysign(inf, sin(y)))
      }
      if y.isInfinite && !x.isNaN { fault = .domain }
      if x.isInfinite {
        if y == 0 { return c(x, y) }
        return c(inf, nan)
      }
      if x.isNaN { return y == 0 ? c(nan, y) : c(nan, nan) }
      return x == 0 ? c(0, nan) : c(nan, nan)
    }
    let r: Complex
    if x.magnitude > logLarge {
      let m = x - copysign(1, x)
      r = c(cos(y) * Glibc.sinh(m) * 2.718281828459045, sin(y) * Glibc.cosh(m) * 2.718281828459045)
    } else {
      r = c(cos(y) * Glibc.sinh(x), sin(y) * Glibc.cosh(x))
    }
    if r.real.isInfinite || r.imag.isInfinite { fault = .range }
    return r
  }

  static func tanh(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let (x, y) = (z.real, z.imag)
    if !isFinite(z) {
      if x.isInfinite && y.isFinite && y != 0 {
        return c(copysign(1, x), copysign(0, 2 * sin(y) * cos(y)))
      }
      if y.isInfinite && x.isFinite { fault = .domain }
      if x.isInfinite { return c(copysign(1, x), y == 0 ? y : 0) }
      return x.isNaN && y == 0 ? c(nan, y) : c(nan, nan)
    }
    if x.magnitude > logLarge {
      return c(copysign(1, x), 4 * sin(y) * cos(y) * Glibc.exp(-2 * x.magnitude))
    }
    let tx = Glibc.tanh(x)
    let ty = tan(y)
    let cx = 1 / Glibc.cosh(x)
    let txty = tx * ty
    let denominator = 1 + txty * txty
    return c(tx * (1 + ty * ty) / denominator, ((ty / denominator) * cx) * cx)
  }

  // MARK: inverse functions

  static func acos(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let (x, y) = (z.real, z.imag)
    if !isFinite(z) {
      if x.isNaN { return y.isInfinite ? c(nan, -y) : c(nan, nan) }
      if y.isNaN { return x.isInfinite ? c(nan, inf) : x == 0 ? c(Double.pi / 2, nan) : c(nan, nan) }
      return c(atan2(y.magnitude, x), -copysign(inf, y))
    }
    if x.magnitude > largeDouble || y.magnitude > largeDouble {
      let size = Glibc.log(hypot(x / 2, y / 2)) + 2 * 0.693147180559945309417232121458
      return c(atan2(y.magnitude, x), x < 0 ? -copysign(size, y) : copysign(size, -y))
    }
    let s1 = sqrt(c(1 - x, -y), &fault)
    let s2 = sqrt(c(1 + x, y), &fault)
    return c(2 * atan2(s1.real, s2.real), Glibc.asinh(s2.real * s1.imag - s2.imag * s1.real))
  }

  static func acosh(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let (x, y) = (z.real, z.imag)
    if !isFinite(z) {
      if x.isNaN { return y.isInfinite ? c(inf, nan) : c(nan, nan) }
      if y.isNaN { return x.isInfinite ? c(inf, nan) : c(nan, nan) }
      return c(inf, atan2(y, x))
    }
    if x.magnitude > largeDouble || y.magnitude > largeDouble {
      return c(Glibc.log(hypot(x / 2, y / 2)) + 2 * 0.693147180559945309417232121458, atan2(y, x))
    }
    let s1 = sqrt(c(x - 1, y), &fault)
    let s2 = sqrt(c(x + 1, y), &fault)
    return c(Glibc.asinh(s1.real * s2.real + s1.imag * s2.imag), 2 * atan2(s1.imag, s2.real))
  }

  static func asinh(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let (x, y) = (z.real, z.imag)
    if !isFinite(z) {
      if x.isNaN { return y == 0 ? c(nan, y) : y.isInfinite ? c(inf, nan) : c(nan, nan) }
      if y.isNaN { return x.isInfinite ? c(x, nan) : c(nan, nan) }
      return c(copysign(inf, x), atan2(y, x.magnitude))
    }
    if x.magnitude > largeDouble || y.magnitude > largeDouble {
      let size = Glibc.log(hypot(x / 2, y / 2)) + 2 * 0.693147180559945309417232121458
      return c(y.sign == .plus ? copysign(size, x) : -copysign(size, -x), atan2(y, x.magnitude))
    }
    let s1 = sqrt(c(1 + y, -x), &fault)
    let s2 = sqrt(c(1 - y, x), &fault)
    return c(
      Glibc.asinh(s1.real * s2.imag - s2.real * s1.imag), atan2(y, s1.real * s2.real - s1.imag * s2.imag))
  }

  static func asin(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    // asin(z) = -i asinh(i z)
    let s = asinh(timesI(z), &fault)
    return c(s.imag, -s.real)
  }

  static func atanh(_ z0: Complex, _ fault: inout ComplexFault) -> Complex {
    var z = z0
    if !isFinite(z) {
      let (x, y) = (z.real, z.imag)
      if y.isInfinite { return c(x.isNaN ? 0 : copysign(0, x), copysign(Double.pi / 2, y)) }
      if x.isInfinite { return c(copysign(0, x), y.isNaN ? nan : copysign(Double.pi / 2, y)) }
      if x.isNaN { return c(nan, nan) }
      return x == 0 ? c(x, nan) : c(nan, nan)
    }
    // Odd: work on the right half plane.
    let negated = z.real < 0 || (z.real == 0 && z.real.sign == .minus)
    if negated { z = c(-z.real, -z.imag) }
    let ay = z.imag.magnitude
    let r: Complex
    if z.real > sqrtLarge || ay > sqrtLarge {
      let h = hypot(z.real / 2, z.imag / 2)
      r = c(z.real / 4 / h / h, -copysign(Double.pi / 2, -z.imag))
    } else if z.real == 1 && ay < sqrtSmallest {
      if ay == 0 {
        fault = .domain
        r = c(inf, z.imag)
      } else {
        r = c(
          -Glibc.log(ay.squareRoot() / hypot(ay, 2).squareRoot()), copysign(atan2(2, -ay) / 2, z.imag))
      }
    } else {
      r = c(
        log1p(4 * z.real / ((1 - z.real) * (1 - z.real) + ay * ay)) / 4,
        -atan2(-2 * z.imag, (1 - z.real) * (1 + z.real) - ay * ay) / 2)
    }
    return negated ? c(-r.real, -r.imag) : r
  }

  static func atan(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let s = atanh(timesI(z), &fault)
    return c(s.imag, -s.real)
  }

  // MARK: circular functions by the hyperbolic ones

  static func cos(_ z: Complex, _ fault: inout ComplexFault) -> Complex { cosh(timesI(z), &fault) }
  static func sin(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let s = sinh(timesI(z), &fault)
    return c(s.imag, -s.real)
  }
  static func tan(_ z: Complex, _ fault: inout ComplexFault) -> Complex {
    let s = tanh(timesI(z), &fault)
    return c(s.imag, -s.real)
  }

  static func rect(_ r: Double, _ phi: Double, _ fault: inout ComplexFault) -> Complex {
    if !r.isFinite || !phi.isFinite {
      if r.isInfinite && phi.isFinite && phi != 0 {
        if r > 0 { return c(copysign(inf, Glibc.cos(phi)), copysign(inf, Glibc.sin(phi))) }
        return c(-copysign(inf, Glibc.cos(phi)), -copysign(inf, Glibc.sin(phi)))
      }
      if r != 0 && !r.isNaN && phi.isInfinite { fault = .domain }
      if r == 0 { return c(0, 0) }
      if r.isInfinite && phi == 0 { return c(r, r > 0 ? phi : -phi) }
      if r.isInfinite { return c(inf, nan) }
      if r.isNaN && phi == 0 { return c(nan, 0) }
      return c(nan, nan)
    }
    if phi == 0 { return c(r, r * phi) }
    return c(r * Glibc.cos(phi), r * Glibc.sin(phi))
  }

  private static func cos(_ x: Double) -> Double { Glibc.cos(x) }
  private static func sin(_ x: Double) -> Double { Glibc.sin(x) }
  private static func tan(_ x: Double) -> Double { Glibc.tan(x) }
  private static func log(_ x: Double) -> Double { Glibc.log(x) }
}
