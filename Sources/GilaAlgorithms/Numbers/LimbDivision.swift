// Division of large magnitudes in limbs: Knuth's algorithm D below, recursive (divide and conquer) division above.

extension Limbs {
  /// Below this many limbs of divisor or quotient, algorithm D wins over recursion.
  static let recursiveDivisionCutoff = 64

  /// q = a / d with one limb of divisor; returns the remainder. q may be a.
  static func divide(_ q: Writer, _ a: Reader, _ n: Int, byLimb d: UInt64) -> UInt64 {
    var rest: UInt64 = 0
    var i = n
    while i > 0 {
      i &-= 1
      (q[i], rest) = d.dividingFullWidth((rest, a[i]))
    }
    return rest
  }

  /// q = a / d, a = a % d. The divisor has n >= 1 limbs, normalized (not by bits); a has na >= n limbs; q has
  /// na - n + 1 limbs, all written. The remainder is left in a's low n limbs; the limbs above become zero.
  static func divide(_ q: Writer, _ a: Writer, _ na: Int, by d0: Reader, _ n: Int) {
    if n == 1 {
      let rest = divide(q, a, na, byLimb: d0[0])
      a.update(repeating: 0, count: na)
      a[0] = rest
      return
    }
    // Shift so that the divisor's top bit is one.
    let bits = d0[n &- 1].leadingZeroBitCount
    let d = Writer.allocate(capacity: n)
    let u = Writer.allocate(capacity: na &+ 1)
    defer {
      d.deallocate()
      u.deallocate()
    }
    _ = shiftLeft(d, d0, n, bits)
    u[na] = shiftLeft(u, a, na, bits)
    divideNormalized(q, u, na &+ 1, by: d, n)
    shiftRight(a, u, n, bits)
    for i in n..<max(na, n) { a[i] = 0 }
  }

  /// q = u / d, u = u % d. The divisor's top bit is one and u's top n limbs are less than the divisor; u has nu > n limbs, q gets
  /// nu - n limbs.
  private static func divideNormalized(_ q: Writer, _ u: Writer, _ nu: Int, by d: Reader, _ n: Int) {
    let nq = nu &- n
    if n < recursiveDivisionCutoff || nq < recursiveDivisionCutoff {
      schoolbookDivide(q, u, nu, by: d, n)
      return
    }
    let scratch = Writer.allocate(capacity: n &+ nq)
    defer { scratch.deallocate() }
    // Blocks of n quotient limbs from the top; the first one takes what does not fill a block.
    var at = nq
    let first = nq % n
    if first > 0 {
      at = nq &- first
      divideShort(q + at, u + at, first, by: d, n, scratch)
    }
    while at > 0 {
      at &-= n
      _ = divideSquare(q + at, u + at, by: d, n, scratch)
    }
  }

  /// nq < n quotient limbs: divide by the divisor's top nq limbs, then correct for the others.
  private static func divideShort(
    _ q: Writer, _ u: Writer, _ nq: Int, by d: Reader, _ n: Int, _ scratch: Writer
  ) {
    if nq < recursiveDivisionCutoff {
      schoolbookDivide(q, u, nq &+ n, by: d, n)
      return
    }
    let rest = n &- nq
    let high = divideSquare(q, u + rest, by: d + rest, nq, scratch)
    multiply(scratch, q, nq, d, rest)
    var borrow = subtract(u, u, scratch, n)
    if high != 0 {
      borrow = borrow &+ subtract(u + nq, u + nq, d, rest)
    }
    var top = high
    while borrow != 0 {
      top = top &- decrement(q, nq, 1)
      borrow = borrow &- add(u, u, d, n)
    }
  }

  /// 2n limbs by n limbs; q gets n limbs and the returned top (0 or 1), the remainder is left in u's low n limbs.
  private static func divideSquare(
    _ q: Writer, _ u: Writer, by d: Reader, _ n: Int, _ scratch: Writer
  ) -> UInt64 {
    let low = n / 2
    let high = n &- low
    var top = divideSquareOrSchoolbook(q + low, u + 2 &* low, by: d + low, high, scratch)
    multiply(scratch, q + low, high, d, low)
    var borrow = subtract(u + low, u + low, scratch, n)
    if top != 0 { borrow = borrow &+ subtract(u + n, u + n, d, low) }
    while borrow != 0 {
      top = top &- decrement(q + low, high, 1)
      borrow = borrow &- add(u + low, u + low, d, n)
    }
    let middle = divideSquareOrSchoolbook(q, u + high, by: d + high, low, scratch)
    multiply(scratch, d, high, q, low)
    borrow = subtract(u, u, scratch, n)
    if middle != 0 { borrow = borrow &+ subtract(u + low, u + low, d, high) }
    var carried = middle
    while borrow != 0 {
      carried = carried &- decrement(q, low, 1)
      borrow = borrow &- add(u, u, d, n)
    }
    return top
  }

  private static func divideSquareOrSchoolbook(
    _ q: Writer, _ u: Writer, by d: Reader, _ n: Int, _ scratch: Writer
  ) -> UInt64 {
    if n >= recursiveDivisionCutoff { return divideSquare(q, u, by: d, n, scratch) }
    // Algorithm D wants the top below the divisor; one subtraction sees to that.
    var top: UInt64 = 0
    if compare(u + n, d, n) >= 0 {
      subtract(u + n, u + n, d, n)
      top = 1
    }
    schoolbookDivide(q, u, 2 &* n, by: d, n)
    return top
  }

  /// Algorithm D, with the divisor's top bit one and u's top n limbs less than the divisor.
  private static func schoolbookDivide(_ q: Writer, _ u: Writer, _ nu: Int, by d: Reader, _ n: Int) {
    let d1 = d[n &- 1]
    if n == 1 {
      var rest = u[nu &- 1]
      var i = nu &- 1
      while i > 0 {
        i &-= 1
        (q[i], rest) = d1.dividingFullWidth((rest, u[i]))
        u[i &+ 1] = 0
      }
      u[0] = rest
      return
    }
    let d2 = d[n &- 2]
    var j = nu &- n
    while j > 0 {
      j &-= 1
      let u0 = u[j &+ n]
      var guess: UInt64
      if u0 >= d1 {
        guess = UInt64.max
      } else {
        var rest: UInt64
        (guess, rest) = d1.dividingFullWidth((u0, u[j &+ n &- 1]))
        // Correct the guess by the second limb; at most two steps.
        while UInt128(guess) &* UInt128(d2) > (UInt128(rest) &<< 64 | UInt128(u[j &+ n &- 2])) {
          guess &-= 1
          let (sum, over) = rest.addingReportingOverflow(d1)
          if over { break }
          rest = sum
        }
      }
      let borrow = subtractMultiple(u + j, d, n, byLimb: guess)
      let (left, under) = u0.subtractingReportingOverflow(borrow)
      u[j &+ n] = left
      if under {
        // Too large by one (rarely by two where the guess was capped).
        repeat {
          guess &-= 1
          let carry = add(u + j, u + j, d, n)
          let (sum, over) = u[j &+ n].addingReportingOverflow(carry)
          u[j &+ n] = sum
          if over { break }
        } while true
      }
      q[j] = guess
    }
  }
}
