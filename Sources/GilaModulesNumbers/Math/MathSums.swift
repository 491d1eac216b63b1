// math: sums and products that lose nothing: fsum, sumprod, hypot, dist, prod.

import CGila
import GilaCore
import Glibc

/// A value and its rounding error.
private struct DoubleLength {
  var high: Double
  var low: Double

  static func sum(_ a: Double, _ b: Double) -> DoubleLength {
    let s = a + b
    let z = s - a
    return DoubleLength(high: s, low: (a - (s - z)) + (b - z))
  }
  static func product(_ a: Double, _ b: Double) -> DoubleLength {
    let p = a * b
    return DoubleLength(high: p, low: (-p).addingProduct(a, b))
  }
}

/// A sum of products in three times double's precision.
private struct TripleLength {
  var high = 0.0
  var low = 0.0
  var tiny = 0.0

  mutating func add(_ x: Double, times y: Double) {
    let p = DoubleLength.product(x, y)
    let s = DoubleLength.sum(high, p.high)
    let r1 = DoubleLength.sum(low, p.low)
    let r2 = DoubleLength.sum(r1.high, s.low)
    high = s.high
    low = r2.high
    tiny += r1.low + r2.low
  }
  var value: Double {
    let last = DoubleLength.sum(low, tiny)
    let total = DoubleLength.sum(high, last.high)
    return total.high + (total.low + last.low)
  }
}

extension MathModule {
  private static let product = Signature("prod", "(iterable, /, *, start=1)")

  static func addSums(_ m: inout MethodTable) {
    m.one(
      "fsum", "($module, seq, /)",
      "Return an accurate floating-point sum of values in the iterable seq.\n\nAssumes IEEE-754 floating-point arithmetic."
    ) { _, seq in
      bridge { () throws(PyError) in try float(MathModule.exactSum(seq!)) }
    }
    m.positional(
      "hypot", "",
      "hypot(*coordinates) -> value\n\nMultidimensional Euclidean distance from the origin to a point.\n\nRoughly equivalent to:\n    sqrt(sum(x**2 for x in coordinates))\n\nFor a two dimensional point (x, y), gives the hypotenuse\nusing the Pythagorean theorem:  sqrt(x*x + y*y).\n\nFor example, the hypotenuse of a 3/4/5 right triangle is:\n\n    >>> hypot(3.0, 4.0)\n    5.0\n"
    ) { _, args, n in
      bridge { () throws(PyError) in
        if n <= 4 {
          var few = InlineArray<4, Double>(repeating: 0)
          for i in 0..<n { few[unchecked: i] = try doubleValue(args.unsafelyUnwrapped[i].unsafelyUnwrapped).magnitude }
          return try float(MathModule.norm(few, n))
        }
        var v: [Double] = []
        v.reserveCapacity(n)
        for i in 0..<n { v.append(try doubleValue(args![i]!).magnitude) }
        return try float(v.withUnsafeBufferPointer { MathModule.norm($0) })
      }
    }
    m.positional(
      "dist", "($module, p, q, /)",
      "Return the Euclidean distance between two points p and q.\n\nThe points should be specified as sequences (or iterables) of\ncoordinates.  Both inputs must have the same dimension.\n\nRoughly equivalent to:\n    sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))"
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("dist", n, 2, 2)
        let p = try owned(PySequence_Tuple(args![0]))
        let q = try owned(PySequence_Tuple(args![1]))
        if p.ref.size != q.ref.size { throw valueError("both points must have the same number of dimensions") }
        if p.ref.size <= 4 {
          var few = InlineArray<4, Double>(repeating: 0)
          for i in 0..<p.ref.size {
            let a = try doubleValue(p.ref.tupleItems[i].unsafelyUnwrapped)
            let b = try doubleValue(q.ref.tupleItems[i].unsafelyUnwrapped)
            few[unchecked: i] = (a - b).magnitude
          }
          return try float(MathModule.norm(few, p.ref.size))
        }
        var v: [Double] = []
        for i in 0..<p.ref.size {
          let a = try doubleValue(p.ref.tupleItems[i]!)
          let b = try doubleValue(q.ref.tupleItems[i]!)
          v.append((a - b).magnitude)
        }
        return try float(v.withUnsafeBufferPointer { MathModule.norm($0) })
      }
    }
    m.positional(
      "sumprod", "($module, p, q, /)",
      "Return the sum of products of values from two iterables p and q.\n\nRoughly equivalent to:\n\n    sum(itertools.starmap(operator.mul, zip(p, q, strict=True)))\n\nFor float and mixed int/float inputs, the intermediate products\nand sums are computed with extended precision."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("sumprod", n, 2, 2)
        return try MathModule.sumOfProducts(args![0]!, args![1]!)
      }
    }
    m.keywords(
      "prod", "($module, iterable, /, *, start=1)",
      "Calculate the product of all the elements in the input iterable.\n\nThe default start value for the product is 1.\n\nWhen the iterable is empty, return the start value.  This function is\nintended specifically for use with numeric values and may reject\nnon-numeric types."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try MathModule.product.bind(args, n, names)
        var result = Owned(retaining: b[1] ?? gila_small_int(1))
        let iterator = try owned(PyObject_GetIter(b[0]))
        let step = iterator.ref.type.pointee.tp_iternext.unsafelyUnwrapped
        while let item = step(iterator.ref) {
          let held = Owned(taking: item)
          if item.isExactly(Types.float), result.ref.isExactly(Types.float) {
            // Floats go on as doubles until something else comes.
            var x = result.ref.raw.load(fromByteOffset: 16, as: Double.self)
            x *= item.raw.load(fromByteOffset: 16, as: Double.self)
            var other: Ref? = nil
            while let more = step(iterator.ref) {
              if !more.isExactly(Types.float) {
                other = more
                break
              }
              x *= more.raw.load(fromByteOffset: 16, as: Double.self)
              gila_decref(more)
            }
            guard let other else {
              result = try owned(PyFloat_FromDouble(x))
              break
            }
            let rest = Owned(taking: other)
            result = try owned(PyFloat_FromDouble(x))
            result = try owned(PyNumber_Multiply(result.ref, rest.ref))
            continue
          }
          result = try owned(PyNumber_Multiply(result.ref, held.ref))
        }
        if !atEnd() { throw PyError() }
        return result
      }
    }
  }

  /// Shewchuk's algorithm: the sum as a list of doubles that do not overlap, rounded once.
  private static func exactSum(_ iterable: Ref) throws(PyError) -> Double {
    var room = 32
    var partials = UnsafeMutablePointer<Double>.allocate(capacity: room)
    defer { partials.deallocate() }
    var count = 0
    var special = 0.0
    var infinities = 0.0
    let iterator = try owned(PyObject_GetIter(iterable))
    let step = iterator.ref.type.pointee.tp_iternext.unsafelyUnwrapped
    while let item = step(iterator.ref) {
      let held = Owned(taking: item)
      let original = try doubleValue(held.ref)
      var x = original
      var kept = 0
      var j = 0
      while j < count {
        var y = partials[j]
        if x.magnitude < y.magnitude { swap(&x, &y) }
        let high = x + y
        let low = y - (high - x)
        if low != 0 {
          partials[kept] = low
          kept &+= 1
        }
        x = high
        j &+= 1
      }
      count = kept
      if x != 0 {
        if !x.isFinite {
          // An infinity or NaN among the items, or an overflow on the way.
          if original.isFinite { throw overflowError("intermediate overflow in fsum") }
          if original.isInfinite { infinities += original }
          special += original
          count = 0
        } else {
          if count == room {
            let more = UnsafeMutablePointer<Double>.allocate(capacity: room &* 2)
            more.update(from: partials, count: count)
            partials.deallocate()
            partials = more
            room &*= 2
          }
          partials[count] = x
          count &+= 1
        }
      }
      try safePoint(iterating: iterator.ref)
    }
    if !atEnd() { throw PyError() }
    if special != 0 {
      if infinities.isNaN { throw valueError("-inf + inf in fsum") }
      return special
    }
    if count == 0 { return 0 }
    count &-= 1
    var high = partials[count]
    var low = 0.0
    while count > 0 {
      count &-= 1
      let y = partials[count]
      let x = high
      high = x + y
      low = y - (high - x)
      if low != 0 { break }
    }
    // Half-way cases look one partial further.
    if count > 0, (low < 0 && partials[count &- 1] < 0) || (low > 0 && partials[count &- 1] > 0) {
      let y = low * 2
      let x = high + y
      if y == x - high { high = x }
    }
    return high
  }

  /// The square root of a sum of squares of numbers that are not negative, nearly correctly rounded.
  private static func norm(_ few: InlineArray<4, Double>, _ n: Int) -> Double {
    var few = few
    return withUnsafeBytes(of: &few) {
      norm(UnsafeBufferPointer(start: $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Double.self), count: n))
    }
  }
  private static func norm(_ v: UnsafeBufferPointer<Double>) -> Double {
    var largest = 0.0
    var sawNaN = false
    for x in v {
      if x.isInfinite { return .infinity }
      if x.isNaN { sawNaN = true } else if x > largest { largest = x }
    }
    if sawNaN { return .nan }
    if largest == 0 || v.count <= 1 { return largest }
    // Scale by a power of two, so that squares neither overflow nor vanish.
    let biased = Int(bitPattern: UInt(largest.bitPattern >> 52))
    let scale: Double
    if biased > 2, biased < 2000 {
      // 2 to the power of minus (its exponent plus 1), from its bits.
      scale = Double(bitPattern: UInt64(bitPattern: Int64(2045 &- biased)) << 52)
    } else {
      let exponent = Int(largest.exponent) + 1
      if exponent < -1023 {
        let scaled = v.map { $0 / Double.leastNormalMagnitude }
        return Double.leastNormalMagnitude * scaled.withUnsafeBufferPointer { norm($0) }
      }
      scale = Double(sign: .plus, exponent: -exponent, significand: 1)
    }
    var sum = 1.0
    var (first, second) = (0.0, 0.0)
    for x in v {
      let y = x * scale
      let p = DoubleLength.product(y, y)
      let s = DoubleLength.sum(sum, p.high)
      sum = s.high
      first += s.low
      second += p.low
    }
    // One Newton step with the exact residual.
    var h = (sum - 1 + (first + second)).squareRoot()
    let p = DoubleLength.product(-h, h)
    let s = DoubleLength.sum(sum, p.high)
    sum = s.high
    first += s.low
    second += p.low
    let residual = sum - 1 + (first + second)
    h += residual / (2 * h)
    return h / scale
  }

  private static func sumOfProducts(_ p: Ref, _ q: Ref) throws(PyError) -> Owned {
    let first = try owned(PyObject_GetIter(p))
    let second = try owned(PyObject_GetIter(q))
    var total = Owned(retaining: gila_small_int(0))
    var ints = 0
    var intsInUse = false
    var floats = TripleLength()
    var floatsInUse = false
    /// Adds the words and doubles collected so far to the total.
    func flush() throws(PyError) {
      if intsInUse {
        let part = try int(ints)
        total = try owned(PyNumber_Add(total.ref, part.ref))
        (ints, intsInUse) = (0, false)
      }
      if floatsInUse {
        let part = try float(floats.value)
        total = try owned(PyNumber_Add(total.ref, part.ref))
        (floats, floatsInUse) = (TripleLength(), false)
      }
    }
    while true {
      let a = next(first.ref)
      if a == nil && !atEnd() { throw PyError() }
      let b = next(second.ref)
      if b == nil && !atEnd() {
        xdecref(a)
        throw PyError()
      }
      if (a == nil) != (b == nil) {
        xdecref(a)
        xdecref(b)
        throw valueError("Inputs are not the same length")
      }
      guard let a, let b else {
        try flush()
        return Owned(retaining: total.ref)
      }
      let x = Owned(taking: a)
      let y = Owned(taking: b)
      if x.ref.isExactly(Types.long) && y.ref.isExactly(Types.long) && !floatsInUse {
        var overflow: Int32 = 0
        let i = PyLong_AsLongAndOverflow(x.ref, &overflow)
        if overflow == 0 {
          let j = PyLong_AsLongAndOverflow(y.ref, &overflow)
          if overflow == 0 {
            let (product, o1) = i.multipliedReportingOverflow(by: j)
            let (sum, o2) = ints.addingReportingOverflow(product)
            if !o1 && !o2 {
              ints = sum
              intsInUse = true
              continue
            }
          }
        }
      } else if x.ref.isExactly(Types.float) || y.ref.isExactly(Types.float) {
        if let u = plainDouble(x.ref), let v = plainDouble(y.ref) {
          var sum = floats
          sum.add(u, times: v)
          if sum.high.isFinite {
            if intsInUse { try flush() }
            floats = sum
            floatsInUse = true
            continue
          }
        }
      }
      try flush()
      let product = try owned(PyNumber_Multiply(x.ref, y.ref))
      total = try owned(PyNumber_Add(total.ref, product.ref))
    }
  }

  /// The double of an exact float, or of an int or bool that has one.
  private static func plainDouble(_ r: Ref) -> Double? {
    if r.isExactly(Types.float) { return r.raw.load(fromByteOffset: 16, as: Double.self) }
    if r.isExactly(Types.long) || r.isExactly(Types.bool) {
      let v = PyLong_AsDouble(r)
      if v == -1 && errorIsSet {
        PyErr_Clear()
        return nil
      }
      return v
    }
    return nil
  }
}
