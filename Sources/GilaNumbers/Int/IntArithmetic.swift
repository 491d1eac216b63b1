// int: + - * // % divmod / ** and unary operators.
//
// Operands of at most two digits (below 2 ** 60) are worked on as machine words; others go to GilaAlgorithms.

import CGila
import GilaAlgorithms
import GilaCore

/// The arithmetic slots of int. All take borrowed ints and return a new reference or nil with an exception set.
enum IntArithmetic {
  // MARK: addition and subtraction

  @inline(__always)
  static func add(_ a: Ref, _ b: Ref) -> Ref? {
    if let x = a.mediumValue, let y = b.mediumValue { return newInt(x &+ y) }
    return addLarge(a, b, negateB: false)
  }

  @inline(__always)
  static func subtract(_ a: Ref, _ b: Ref) -> Ref? {
    if let x = a.mediumValue, let y = b.mediumValue { return newInt(x &- y) }
    return addLarge(a, b, negateB: true)
  }

  @inline(never)
  private static func addLarge(_ a: Ref, _ b: Ref, negateB: Bool) -> Ref? {
    let (na, nb) = (a.digitCount, b.digitCount)
    guard let r = allocateInt(max(na, nb) &+ 1) else { return nil }
    let bNegative = b.isNegativeInt != negateB
    if a.isNegativeInt == bNegative {
      let n = Digits.add(r.digits, a.digits, na, b.digits, nb)
      return finish(r, n, negative: bNegative)
    }
    let (n, swapped) = Digits.subtractAbsolute(r.digits, a.digits, na, b.digits, nb)
    return finish(r, n, negative: a.isNegativeInt != swapped)
  }

  // MARK: multiplication

  @inline(__always)
  static func multiply(_ a: Ref, _ b: Ref) -> Ref? {
    if let x = a.mediumValue, let y = b.mediumValue {
      let (p, overflow) = x.multipliedReportingOverflow(by: y)
      if !overflow { return newInt(p) }
    }
    return multiplyLarge(a, b)
  }

  @inline(never)
  private static func multiplyLarge(_ a: Ref, _ b: Ref) -> Ref? {
    let (na, nb) = (a.digitCount, b.digitCount)
    guard let r = allocateInt(na &+ nb) else { return nil }
    let n = besideOthers(work(na, nb), "int multiplication", a, b) {
      Digits.multiply(r.digits, a.digits, na, b.digits, nb)
    }
    return finish(r, n, negative: a.isNegativeInt != b.isNegativeInt)
  }

  // MARK: division

  /// Floor division of large operands, b not zero; either result may be left out.
  private static func divideLarge(
    _ a: Ref, _ b: Ref, quotient: UnsafeMutablePointer<Ref?>?, remainder: UnsafeMutablePointer<Ref?>?
  ) -> Bool {
    let (na, nb) = (a.digitCount, b.digitCount)
    guard let q = allocateInt(max(na &- nb, 0) &+ 2) else { return false }
    guard let r = allocateInt(max(na, nb) &+ 1) else {
      SmallBlocks.free(q.raw)
      return false
    }
    var (nq, nr) = besideOthers(work(nb, max(na &- nb, 0)), "int division", a, b) {
      Digits.divide(q.digits, r.digits, a.digits, na, b.digits, nb)
    }
    let differ = a.isNegativeInt != b.isNegativeInt
    if differ && nr > 0 {
      // Floor: one more in the quotient's magnitude, and the remainder takes the divisor's sign.
      var one: Digit = 1
      nq = Digits.add(q.digits, q.digits, nq, &one, 1)
      nr = Digits.subtract(r.digits, b.digits, nb, r.digits, nr)
    }
    if let quotient {
      quotient.pointee = finish(q, nq, negative: differ)
    } else {
      SmallBlocks.free(q.raw)
    }
    if let remainder {
      remainder.pointee = finish(r, nr, negative: b.isNegativeInt)
    } else {
      SmallBlocks.free(r.raw)
    }
    return true
  }

  static func floorDivide(_ a: Ref, _ b: Ref) -> Ref? {
    if b.isZeroInt { return fail(Exc.ZeroDivisionError, "integer division or modulo by zero") }
    if let x = a.mediumValue, let y = b.mediumValue {
      let q = x / y
      return newInt((x ^ y) < 0 && q &* y != x ? q &- 1 : q)
    }
    var q: Ref?
    return divideLarge(a, b, quotient: &q, remainder: nil) ? q : nil
  }

  static func modulo(_ a: Ref, _ b: Ref) -> Ref? {
    if b.isZeroInt { return fail(Exc.ZeroDivisionError, "integer modulo by zero") }
    if let x = a.mediumValue, let y = b.mediumValue {
      let r = x % y
      return newInt(r != 0 && (r ^ y) < 0 ? r &+ y : r)
    }
    var r: Ref?
    return divideLarge(a, b, quotient: nil, remainder: &r) ? r : nil
  }

  /// The pair of floor quotient and remainder as new references.
  static func divideFloor(_ a: Ref, _ b: Ref) -> (quotient: Ref, remainder: Ref)? {
    if b.isZeroInt {
      _ = fail(Exc.ZeroDivisionError, "integer division or modulo by zero")
      return nil
    }
    if let x = a.mediumValue, let y = b.mediumValue {
      var q = x / y
      var r = x &- q &* y
      if r != 0 && (r ^ y) < 0 {
        q &-= 1
        r &+= y
      }
      guard let quotient = newInt(q) else { return nil }
      guard let remainder = newInt(r) else {
        decref(quotient)
        return nil
      }
      return (quotient, remainder)
    }
    var (q, r): (Ref?, Ref?)
    guard divideLarge(a, b, quotient: &q, remainder: &r), let q, let r else { return nil }
    return (q, r)
  }

  static func divmod(_ a: Ref, _ b: Ref) -> Ref? {
    guard let (q, r) = divideFloor(a, b) else { return nil }
    return pair(q, r)
  }

  /// A tuple of two references that it takes over.
  static func pair(_ a: Ref, _ b: Ref) -> Ref? {
    guard let t = PyTuple_New(2) else {
      decref(a)
      decref(b)
      return nil
    }
    let items = (t.raw + 24).assumingMemoryBound(to: Ref?.self)
    items[0] = a
    items[1] = b
    return t
  }

  static func trueDivide(_ a: Ref, _ b: Ref) -> Ref? {
    if b.isZeroInt { return fail(Exc.ZeroDivisionError, "division by zero") }
    if let x = a.mediumValue, let y = b.mediumValue, x.magnitude <= 1 << 53, y.magnitude <= 1 << 53 {
      return PyFloat_FromDouble(Double(x) / Double(y))
    }
    let q = Digits.trueDivide(a.digits, a.digitCount, b.digits, b.digitCount)
    if q.isInfinite { return fail(Exc.OverflowError, "integer division result too large for a float") }
    return PyFloat_FromDouble(a.isNegativeInt != b.isNegativeInt ? -q : q)
  }

  // MARK: power

  static func power(_ a: Ref, _ b: Ref, _ c: Ref?) -> Ref? {
    guard let modulus = c else {
      if b.isNegativeInt {
        // A negative exponent leaves the integers.
        guard let x = doubleValue(a), let y = doubleValue(b) else { return nil }
        guard let fx = PyFloat_FromDouble(x) else { return nil }
        defer { decref(fx) }
        guard let fy = PyFloat_FromDouble(y) else { return nil }
        defer { decref(fy) }
        return FloatArithmetic.power(fx, fy, nil)
      }
      if let x = a.mediumValue, let e = b.mediumValue, let p = smallPower(x, e) { return newInt(p) }
      let exponent = b.mediumValue ?? Int.max
      let size = work(a.digitCount, exponent)
      let power = besideOthers(work(size, size), "int power", a, b) {
        Digits.power(a.digits, a.digitCount, b.digits, b.digitCount)
      }
      guard let m = power else {
        PyErr_NoMemory()
        return nil
      }
      return newInt(m, negative: a.isNegativeInt && b.digits[0] & 1 == 1 && !b.isZeroInt)
    }
    return modularPower(a, b, modulus)
  }

  /// x ** e when it stays in a machine word.
  private static func smallPower(_ x: Int, _ e: Int) -> Int? {
    if e == 0 { return 1 }
    if e >= 64 { return x == 0 || x == 1 ? x : x == -1 ? (e & 1 == 1 ? -1 : 1) : nil }
    var (result, base, left) = (1, x, e)
    while true {
      if left & 1 == 1 {
        let (p, overflow) = result.multipliedReportingOverflow(by: base)
        if overflow { return nil }
        result = p
      }
      left >>= 1
      if left == 0 { return result == .min ? nil : result }
      let (s, overflow) = base.multipliedReportingOverflow(by: base)
      if overflow { return nil }
      base = s
    }
  }

  private static func modularPower(_ a: Ref, _ b: Ref, _ c: Ref) -> Ref? {
    if c.isZeroInt { return fail(Exc.ValueError, "pow() 3rd argument cannot be 0") }
    // Everything modulo |c|; the result's sign is adjusted at the end.
    guard let m = absolute(c) else { return nil }
    defer { decref(m) }
    guard let base = modulo(a, m) else { return nil }
    defer { decref(base) }
    if m.digitCount == 1 && m.digits[0] == 1 { return gila_small_int(0) }
    var result: Magnitude
    if b.isNegativeInt {
      guard let inverse = Digits.modularInverse(base.digits, base.digitCount, m.digits, m.digitCount) else {
        return fail(Exc.ValueError, "base is not invertible for the given modulus")
      }
      result = Digits.modularPower(
        inverse.digits, inverse.count, b.digits, b.digitCount, m.digits, m.digitCount)
    } else {
      let products = work(m.digitCount, m.digitCount)
      result = besideOthers(work(products, b.digitCount &* 30), "int power", a, b) {
        Digits.modularPower(base.digits, base.digitCount, b.digits, b.digitCount, m.digits, m.digitCount)
      }
    }
    if c.isNegativeInt && result.count > 0 {
      guard let r = allocateInt(m.digitCount) else { return nil }
      let n = Digits.subtract(r.digits, m.digits, m.digitCount, result.digits, result.count)
      return finish(r, n, negative: true)
    }
    return newInt(result, negative: false)
  }

  // MARK: unary

  static func negate(_ a: Ref) -> Ref? {
    if let v = a.mediumValue { return newInt(0 &- v) }
    return newInt(a.digits, a.digitCount, negative: !a.isNegativeInt)
  }
  static func absolute(_ a: Ref) -> Ref? {
    if a.isNegativeInt { return negate(a) }
    return exactInt(a)
  }
  static func invert(_ a: Ref) -> Ref? {
    if let v = a.mediumValue { return newInt(~v) }
    return negated(of: addLarge(a, gila_small_int(1), negateB: false))
  }
  /// Changes the sign of a fresh int that nobody else has.
  private static func negated(of r: Ref?) -> Ref? {
    guard let r else { return nil }
    defer { decref(r) }
    return negate(r)
  }

  // MARK: comparison

  /// Minus one, zero or one.
  @inline(__always)
  static func compare(_ a: Ref, _ b: Ref) -> Int {
    if let x = a.mediumValue, let y = b.mediumValue { return x < y ? -1 : x > y ? 1 : 0 }
    return compareLarge(a, b)
  }
  @inline(never)
  private static func compareLarge(_ a: Ref, _ b: Ref) -> Int {
    let (sa, sb) = (a.intSign, b.intSign)
    if sa != sb { return sa < sb ? -1 : 1 }
    let order = Digits.compare(a.digits, a.digitCount, b.digits, b.digitCount)
    return sa < 0 ? 0 &- order : order
  }
}

/// The bool (new reference; they are immortal) for a three-way comparison and a rich comparison's operator.
@inline(__always)
func comparisonResult(_ order: Int, _ op: Int32) -> Ref {
  let b: Bool
  switch op {
  case Py_LT: b = order < 0
  case Py_LE: b = order <= 0
  case Py_EQ: b = order == 0
  case Py_NE: b = order != 0
  case Py_GT: b = order > 0
  default: b = order >= 0
  }
  return pyBool(b)
}

/// The pair (a // b, a % b) rounded to the nearest quotient, ties to even.
@c @implementation public func _PyLong_DivmodNear(_ a: Ref!, _ b: Ref!) -> Ref? {
  guard let (q, r) = divideNear(a!, b!) else { return nil }
  return IntArithmetic.pair(q, r)
}

/// Quotient and remainder with the quotient rounded to nearest, ties to even (new references).
func divideNear(_ a: Ref, _ b: Ref) -> (quotient: Ref, remainder: Ref)? {
  if !a.isLong || !b.isLong {
    _ = fail(Exc.TypeError, "non-integer arguments in division")
    return nil
  }
  guard let (q, r) = IntArithmetic.divideFloor(a, b) else { return nil }
  // Floor gives 0 <= |r| < |b| with b's sign: go up when 2 |r| > |b|, or at a tie when q is odd.
  guard let twice = IntArithmetic.add(r, r), let divisor = IntArithmetic.absolute(b) else {
    decref(q)
    decref(r)
    return nil
  }
  defer {
    decref(twice)
    decref(divisor)
  }
  let order = Digits.compare(twice.digits, twice.digitCount, divisor.digits, divisor.digitCount)
  let odd = !q.isZeroInt && q.digits[0] & 1 == 1
  if order < 0 || (order == 0 && !odd) { return (q, r) }
  let up = IntArithmetic.add(q, gila_small_int(1))
  let rest = IntArithmetic.subtract(r, b)
  decref(q)
  decref(r)
  guard let up else {
    xdecref(rest)
    return nil
  }
  guard let rest else {
    decref(up)
    return nil
  }
  return (up, rest)
}

@c @implementation public func _PyLong_GCD(_ a: Ref!, _ b: Ref!) -> Ref? {
  if let x = a!.mediumValue, let y = b!.mediumValue {
    return newInt(unsigned: Digits.gcd(UInt64(x.magnitude), UInt64(y.magnitude)))
  }
  return newInt(Digits.gcd(a!.digits, a!.digitCount, b!.digits, b!.digitCount), negative: false)
}
