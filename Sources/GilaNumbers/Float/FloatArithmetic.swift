// float: arithmetic and comparison.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// The operators of float.
enum FloatArithmetic {
  /// An operand as a double.
  enum Operand {
    case value(Double)
    case notNumber
    case failed
  }

  @inline(__always)
  static func operand(_ r: Ref) -> Operand {
    if r.isExactly(Types.float) { return .value(r.doubleField) }
    return otherOperand(r)
  }
  @inline(never)
  private static func otherOperand(_ r: Ref) -> Operand {
    if r.isFloat { return .value(r.doubleField) }
    guard r.isLong else { return .notNumber }
    guard let v = doubleValue(r) else { return .failed }
    return .value(v)
  }

  /// Applies a body to two operands; NotImplemented unless both are int or float.
  @inline(__always)
  static func apply(_ a: Ref, _ b: Ref, _ body: (Double, Double) -> Ref?) -> Ref? {
    let x: Double
    let y: Double
    switch operand(a) {
    case .value(let v): x = v
    case .notNumber: return notImplemented
    case .failed: return nil
    }
    switch operand(b) {
    case .value(let v): y = v
    case .notNumber: return notImplemented
    case .failed: return nil
    }
    return body(x, y)
  }

  static func trueDivide(_ x: Double, _ y: Double) -> Ref? {
    if y == 0 { return fail(Exc.ZeroDivisionError, "float division by zero") }
    return newFloat(x / y)
  }

  static func modulo(_ x: Double, _ y: Double) -> Ref? {
    if y == 0 { return fail(Exc.ZeroDivisionError, "float modulo by zero") }
    return newFloat(pythonModulo(x, y))
  }

  /// x - floor(x / y) * y with y's sign, computed without error.
  static func pythonModulo(_ x: Double, _ y: Double) -> Double {
    let m = fmod(x, y)
    if m == 0 { return copysign(0, y) }
    return (y < 0) != (m < 0) ? m + y : m
  }

  static func divideFloor(_ x: Double, _ y: Double) -> (quotient: Double, remainder: Double) {
    var m = fmod(x, y)
    var q = (x - m) / y
    if m != 0 {
      if (y < 0) != (m < 0) {
        m += y
        q -= 1
      }
    } else {
      m = copysign(0, y)
    }
    if q == 0 { return (copysign(0, x / y), m) }
    // q is within rounding of an integer.
    var whole = q.rounded(.down)
    if q - whole > 0.5 { whole += 1 }
    return (whole, m)
  }

  static func floorDivide(_ x: Double, _ y: Double) -> Ref? {
    if y == 0 { return fail(Exc.ZeroDivisionError, "float floor division by zero") }
    return newFloat(divideFloor(x, y).quotient)
  }

  static func divmod(_ x: Double, _ y: Double) -> Ref? {
    if y == 0 { return fail(Exc.ZeroDivisionError, "float divmod()") }
    let (q, m) = divideFloor(x, y)
    guard let a = newFloat(q) else { return nil }
    guard let b = newFloat(m) else {
      decref(a)
      return nil
    }
    return IntArithmetic.pair(a, b)
  }

  private static func isOddInteger(_ x: Double) -> Bool { fmod(x.magnitude, 2) == 1 }

  static func power(_ a: Ref, _ b: Ref, _ c: Ref?) -> Ref? {
    if let c, !c.isNone {
      return fail(Exc.TypeError, "pow() 3rd argument not allowed unless all arguments are integers")
    }
    return apply(a, b) { x, y in
      // The special cases of C99 are settled here, since C libraries differ in them.
      if y == 0 { return newFloat(1) }
      if x.isNaN { return newFloat(x) }
      if y.isNaN { return newFloat(x == 1 ? 1 : y) }
      if y.isInfinite {
        let m = x.magnitude
        if m == 1 { return newFloat(1) }
        return newFloat((y > 0) == (m > 1) ? .infinity : 0)
      }
      if x.isInfinite {
        let odd = isOddInteger(y)
        if y > 0 { return newFloat(odd ? x : x.magnitude) }
        return newFloat(odd ? copysign(0, x) : 0)
      }
      if x == 0 {
        if y < 0 { return fail(Exc.ZeroDivisionError, "0.0 cannot be raised to a negative power") }
        return newFloat(isOddInteger(y) ? x : 0)
      }
      var base = x
      var negative = false
      if x < 0 {
        if y != y.rounded(.down) { return Types.complex.number.pointee.nb_power!(a, b, none) }
        base = -x
        negative = isOddInteger(y)
      }
      if base == 1 { return newFloat(negative ? -1 : 1) }
      let p = pow(base, y)
      if p.isInfinite {
        gila_errno_location().pointee = ERANGE
        return PyErr_SetFromErrno(Exc.OverflowError.object)
      }
      return newFloat(negative ? -p : p)
    }
  }

  // MARK: comparison

  static func compare(_ a: Ref, _ b: Ref, _ op: Int32) -> Ref? {
    let x = a.doubleField
    if b.isExactly(Types.float) || b.isFloat { return result(x, b.doubleField, op) }
    guard b.isLong else { return notImplemented }
    if !x.isFinite { return result(x, 0, op) }
    if let v = b.mediumValue, v.magnitude < 1 << 53 { return result(x, Double(v), op) }
    // Exact: signs first, then magnitudes.
    let sign = x > 0 ? 1 : x < 0 ? -1 : 0
    if sign != b.intSign { return comparisonResult(sign < b.intSign ? -1 : 1, op) }
    if sign == 0 { return comparisonResult(0, op) }
    let order = Digits.compare(b.digits, b.digitCount, toDouble: x.magnitude)
    return comparisonResult(sign > 0 ? 0 &- order : order, op)
  }

  @inline(__always)
  private static func result(_ x: Double, _ y: Double, _ op: Int32) -> Ref {
    let b: Bool
    switch op {
    case Py_LT: b = x < y
    case Py_LE: b = x <= y
    case Py_EQ: b = x == y
    case Py_NE: b = x != y
    case Py_GT: b = x > y
    default: b = x >= y
    }
    return pyBool(b)
  }
}
