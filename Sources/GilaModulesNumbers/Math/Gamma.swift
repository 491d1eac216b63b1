// The gamma function by Lanczos' approximation (g = 6.0246..., 13 terms, the coefficients of Boost.Math), and sinpi.

import GilaCore
import Glibc

enum Gamma {
  private static let g = 6.024680040776729583740234375
  private static let numerator: [Double] = [
    23531376880.410759688572007674451636754734846804940, 42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843, 17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708, 1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801, 31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768, 186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024, 210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
  ]
  private static let denominator: [Double] = [
    0, 39916800, 120543840, 150917976, 105258076, 45995730, 13339535, 2637558, 357423, 32670, 1925, 66, 1,
  ]

  private static func sum(_ x: Double) -> Double {
    var (a, b) = (0.0, 0.0)
    // The rational function, from the end that keeps its terms small.
    if x < 5 {
      for i in stride(from: 12, through: 0, by: -1) {
        a = a * x + numerator[i]
        b = b * x + denominator[i]
      }
    } else {
      for i in 0..<13 {
        a = a / x + numerator[i]
        b = b / x + denominator[i]
      }
    }
    return a / b
  }

  /// sin(pi x), accurate near integers.
  private static func sinpi(_ x: Double) -> Double {
    let y = fmod(x.magnitude, 2)
    let r: Double
    switch Int((2 * y).rounded(.toNearestOrAwayFromZero)) {
    case 0: r = sin(Double.pi * y)
    case 1: r = cos(Double.pi * (y - 0.5))
    case 2: r = sin(Double.pi * (1 - y))
    case 3: r = -cos(Double.pi * (y - 1.5))
    default: r = sin(Double.pi * (y - 2))
    }
    return copysign(1, x) * r
  }

  static func gamma(_ x: Double) throws(PyError) -> Double {
    if !x.isFinite {
      if x.isNaN || x > 0 { return x }
      throw MathModule.domainError()
    }
    if x == 0 { throw MathModule.domainError() }
    if x == x.rounded(.down) {
      if x < 0 { throw MathModule.domainError() }
      if x <= 23 {
        var r = 1.0
        var k = 2.0
        while k < x {
          r *= k
          k += 1
        }
        return r
      }
    }
    let a = x.magnitude
    if a < 1e-20 {
      let r = 1 / x
      if r.isInfinite { throw MathModule.rangeError() }
      return r
    }
    if a > 200 {
      if x < 0 { return 0 / sinpi(x) }
      throw MathModule.rangeError()
    }
    let half = g - 0.5
    let y = a + half
    // The rounding error of that sum, made good to first order.
    var z: Double
    if a > half {
      let q = y - a
      z = q - half
    } else {
      let q = y - half
      z = q - a
    }
    z = z * g / y
    var r: Double
    if x < 0 {
      r = -Double.pi / sinpi(a) / a * exp(y) / sum(a)
      r -= z * r
      if a < 140 {
        r /= pow(y, a - 0.5)
      } else {
        let root = pow(y, a / 2 - 0.25)
        r /= root
        r /= root
      }
    } else {
      r = sum(a) / exp(y)
      r += z * r
      if a < 140 {
        r *= pow(y, a - 0.5)
      } else {
        let root = pow(y, a / 2 - 0.25)
        r *= root
        r *= root
      }
    }
    if r.isInfinite { throw MathModule.rangeError() }
    return r
  }

  static func logarithm(_ x: Double) throws(PyError) -> Double {
    if !x.isFinite { return x.isNaN ? x : .infinity }
    if x == x.rounded(.down) && x <= 2 {
      if x <= 0 { throw MathModule.domainError() }
      return 0
    }
    let a = x.magnitude
    if a < 1e-20 { return -log(a) }
    var r = log(sum(a)) - g
    r += (a - 0.5) * (log(a + g - 0.5) - 1)
    if x < 0 { r = 1.144729885849400174143427351353058711647 - log(sinpi(a).magnitude) - log(a) - r }
    if r.isInfinite { throw MathModule.rangeError() }
    return r
  }
}
