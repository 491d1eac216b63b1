// math: functions of ints: gcd, lcm, isqrt, factorial, comb, perm.

import CGila
import GilaAlgorithms
import GilaCore

extension MathModule {
  static func addIntegers(_ m: inout MethodTable) {
    m.positional("gcd", "($module, /, *integers)", "Greatest Common Divisor.") { _, args, n in
      bridge { () throws(PyError) in
        if n == 0 { return Owned(retaining: gila_small_int(0)) }
        var result = try owned(_PyNumber_Index(args![0]))
        if n == 1 { return try owned(PyNumber_Absolute(result.ref)) }
        for i in 1..<n {
          let x = try owned(_PyNumber_Index(args![i]))
          result = try owned(_PyLong_GCD(result.ref, x.ref))
        }
        return result
      }
    }
    m.positional("lcm", "($module, /, *integers)", "Least Common Multiple.") { _, args, n in
      bridge { () throws(PyError) in
        var result = Owned(retaining: gila_small_int(1))
        for i in 0..<n {
          let x = try owned(_PyNumber_Index(args![i]))
          if _PyLong_Sign(result.ref) == 0 { continue }
          if _PyLong_Sign(x.ref) == 0 {
            result = Owned(retaining: gila_small_int(0))
            continue
          }
          let divisor = try owned(_PyLong_GCD(result.ref, x.ref))
          let part = try owned(PyNumber_FloorDivide(result.ref, divisor.ref))
          let product = try owned(PyNumber_Multiply(part.ref, x.ref))
          result = try owned(PyNumber_Absolute(product.ref))
        }
        return result
      }
    }
    m.one("isqrt", "($module, n, /)", "Return the integer part of the square root of the input.") { _, n in
      bridge { () throws(PyError) in
        let x = try owned(_PyNumber_Index(n))
        if _PyLong_Sign(x.ref) < 0 { throw valueError("isqrt() argument must be nonnegative") }
        let digits = (x.ref.raw + 24).assumingMemoryBound(to: Digit.self)
        let root = Digits.squareRoot(digits, x.ref.raw.load(fromByteOffset: 16, as: Int.self) >> 3)
        return try owned(PyInt.make(root.digits, root.count))
      }
    }
    m.one("factorial", "($module, n, /)", "Find n!.\n\nRaise a ValueError if x is negative or non-integral.") { _, n in
      bridge { () throws(PyError) in try MathModule.factorial(n!) }
    }
    m.positional(
      "comb", "($module, n, k, /)",
      "Number of ways to choose k items from n items without repetition and without order.\n\nEvaluates to n! / (k! * (n - k)!) when k <= n and evaluates\nto zero when k > n.\n\nAlso called the binomial coefficient because it is equivalent\nto the coefficient of k-th term in polynomial expansion of the\nexpression (1 + x)**n.\n\nRaises TypeError if either of the arguments are not integers.\nRaises ValueError if either of the arguments are negative."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("comb", n, 2, 2)
        return try MathModule.choose(args![0]!, args![1]!, ordered: false)
      }
    }
    m.positional(
      "perm", "($module, n, k=None, /)",
      "Number of ways to choose k items from n items without repetition and with order.\n\nEvaluates to n! / (n - k)! when k <= n and evaluates\nto zero when k > n.\n\nIf k is not specified or is None, then k defaults to n\nand the function returns n!.\n\nRaises TypeError if either of the arguments are not integers.\nRaises ValueError if either of the arguments are negative."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("perm", n, 1, 2)
        if n == 1 || args![1]!.isNone { return try MathModule.factorial(args![0]!) }
        return try MathModule.choose(args![0]!, args![1]!, ordered: true)
      }
    }
  }

  private static func factorial(_ n: Ref) throws(PyError) -> Owned {
    let index = try owned(_PyNumber_Index(n))
    var overflow: Int32 = 0
    let x = PyLong_AsLongAndOverflow(index.ref, &overflow)
    if overflow > 0 { throw overflowError("factorial() argument should not exceed \(Int.max)") }
    if overflow < 0 || x < 0 { throw valueError("factorial() not defined for negative values") }
    if x < 2 { return Owned(retaining: gila_small_int(1)) }
    // Odd parts by halving ranges, the twos as one shift.
    var twos = 0
    var result = Owned(retaining: gila_small_int(1))
    var inner = Owned(retaining: gila_small_int(1))
    var level = UInt.bitWidth - UInt(x).leadingZeroBitCount
    while level > 0 {
      level -= 1
      let high = UInt(x) >> UInt(level)
      let low = UInt(x) >> UInt(level + 1)
      // Odd numbers in (low, high].
      let first = (low + 1) | 1
      let last = (high - 1) | 1
      if first <= last && high >= 3 {
        let part = try oddProduct(first, last)
        inner = try owned(PyNumber_Multiply(inner.ref, part.ref))
      }
      result = try owned(PyNumber_Multiply(result.ref, inner.ref))
    }
    twos = x - x.nonzeroBitCount
    return try owned(_PyLong_Lshift(result.ref, twos))
  }

  /// The product of the odd numbers from first to last.
  private static func oddProduct(_ first: UInt, _ last: UInt) throws(PyError) -> Owned {
    let count = (last - first) / 2 + 1
    if count <= 16 {
      var result = Owned(retaining: gila_small_int(1))
      var word: UInt = 1
      var i = first
      while i <= last {
        let (p, overflow) = word.multipliedReportingOverflow(by: i)
        if overflow {
          let part = try owned(PyLong_FromUnsignedLong(word))
          result = try owned(PyNumber_Multiply(result.ref, part.ref))
          word = i
        } else {
          word = p
        }
        i += 2
      }
      let part = try owned(PyLong_FromUnsignedLong(word))
      return try owned(PyNumber_Multiply(result.ref, part.ref))
    }
    let middle = first + count / 2 * 2
    let a = try oddProduct(first, middle - 2)
    let b = try oddProduct(middle, last)
    return try owned(PyNumber_Multiply(a.ref, b.ref))
  }

  private static func choose(_ n0: Ref, _ k0: Ref, ordered: Bool) throws(PyError) -> Owned {
    let n = try owned(PyNumber_Index(n0))
    let k = try owned(PyNumber_Index(k0))
    if _PyLong_Sign(n.ref) < 0 { throw valueError("n must be a non-negative integer") }
    if _PyLong_Sign(k.ref) < 0 { throw valueError("k must be a non-negative integer") }
    let rest = try owned(PyNumber_Subtract(n.ref, k.ref))
    if _PyLong_Sign(rest.ref) < 0 { return Owned(retaining: gila_small_int(0)) }
    var smaller = Owned(retaining: k.ref)
    if !ordered, try check(PyObject_RichCompareBool(rest.ref, k.ref, Py_LT)) != 0 {
      smaller = Owned(retaining: rest.ref)
    }
    var overflow: Int32 = 0
    let count = PyLong_AsLongAndOverflow(smaller.ref, &overflow)
    if overflow != 0 {
      throw overflowError(
        ordered ? "k must not exceed \(Int.max)" : "min(n - k, k) must not exceed \(Int.max)")
    }
    if count == 0 { return Owned(retaining: gila_small_int(1)) }
    return try fallingProduct(n.ref, count, divide: !ordered)
  }

  /// n (n - 1) ... (n - k + 1), divided by k! if asked; C(n, k) = C(n, j) C(n - j, k - j) / C(k, j).
  private static func fallingProduct(_ n: Ref, _ k: Int, divide: Bool) throws(PyError) -> Owned {
    if k == 1 { return Owned(retaining: n) }
    if k <= 64, let word = fallingWord(n, UInt64(k), divide: divide) {
      return try owned(PyLong_FromUnsignedLongLong(word))
    }
    if k <= 8 {
      var result = Owned(retaining: n)
      for i in 1..<k {
        let step = try int(i)
        let factor = try owned(PyNumber_Subtract(n, step.ref))
        result = try owned(PyNumber_Multiply(result.ref, factor.ref))
        if divide {
          let divisor = try int(i + 1)
          result = try owned(PyNumber_FloorDivide(result.ref, divisor.ref))
        }
      }
      return result
    }
    let j = k / 2
    let offset = try int(j)
    let below = try owned(PyNumber_Subtract(n, offset.ref))
    let a = try fallingProduct(n, j, divide: divide)
    let b = try fallingProduct(below.ref, k - j, divide: divide)
    let product = try owned(PyNumber_Multiply(a.ref, b.ref))
    if !divide { return product }
    let whole = try int(k)
    let divisor = try fallingProduct(whole.ref, j, divide: true)
    return try owned(PyNumber_FloorDivide(product.ref, divisor.ref))
  }
}

/// The same in machine words; nil when a result does not fit.
private func fallingWord(_ n: Ref, _ k: UInt64, divide: Bool) -> UInt64? {
  var overflow: Int32 = 0
  let start = PyLong_AsLongAndOverflow(n, &overflow)
  guard overflow == 0, start > 0, let first = UInt64(exactly: start), first >= k else { return nil }
  var result = first
  var i: UInt64 = 1
  while i < k {
    let (high, low) = result.multipliedFullWidth(by: first &- i)
    if divide {
      if high > i { return nil }
      result = (i &+ 1).dividingFullWidth((high, low)).quotient
    } else {
      if high != 0 { return nil }
      result = low
    }
    i &+= 1
  }
  return result
}

/// Making ints from digits.
enum PyInt {
  static func make(_ digits: UnsafeMutablePointer<Digit>, _ count: Int, negative: Bool = false) -> Ref? {
    guard let r = _PyLong_FromDigits(negative ? 1 : 0, count, digits) else { return nil }
    return UnsafeMutableRawPointer(r).assumingMemoryBound(to: PyObject.self)
  }
}
