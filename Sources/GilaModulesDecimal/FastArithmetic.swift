// Ordinary numbers, of a few limbs and far from the exponent limits: sums, products, quotients and comparisons without
// taking the numbers apart. Everything else gets nil here and goes the general way.

import CGila
import GilaCore
import GilaDecimal
import Glibc

enum FastArithmetic {
  enum Answer {
    /// An owned reference.
    case made(Ref)
    /// An exception is set.
    case failed
    /// Not an ordinary case.
    case general
  }
  private static let most = 4

  /// Rounds a coefficient (in memory of its own) and makes the result.
  @inline(__always) private static func finish(
    _ r: UnsafeMutablePointer<UInt64>, _ count: Int, _ exponent: Int, _ negative: Bool, _ context: Ref
  ) -> Answer {
    let c = context.context
    if count == 0 { return .general }
    var n = count, e = exponent
    var digits = Limbs.digits(r, n)
    let precision = c.pointee.precision
    var status: Conditions = []
    if digits > precision {
      let drop = digits &- precision
      var dropped = 0
      n = Limbs.shiftRight(r, r, n, drop, &dropped)
      e &+= drop
      let last = Int(r[0] % 10)
      status = dropped == 0 ? .rounded : [.rounded, .inexact]
      let rounding = c.pointee.rounding
      let up =
        rounding == Rounding.halfEven.rawValue
        ? dropped == 3 || (dropped == 2 && last & 1 != 0)
        : Decimal.roundsAway(
          Rounding(rawValue: rounding) ?? .halfEven, negative: negative, odd: last & 1 != 0, last: last,
          dropped: dropped)
      digits = precision
      if up {
        var i = 0
        while i < n {
          r[i] &+= 1
          if r[i] < limbRadix { break }
          r[i] = 0
          i &+= 1
        }
        if i == n {
          r[n] = 1
          n &+= 1
        }
        if Limbs.digits(r, n) > precision {
          var nothing = 0
          n = Limbs.shiftRight(r, r, n, 1, &nothing)
          e &+= 1
        }
      }
    }
    let adjusted = e &+ digits &- 1
    if adjusted > c.pointee.maximum || adjusted < c.pointee.minimum || c.pointee.clamp { return .general }
    if status.rawValue != 0 {
      let bits = status.rawValue
      c.status.pointee |= bits
      if bits & c.trapped.pointee != 0 {
        _ = Signals.raise(bits & c.trapped.pointee)
        return .failed
      }
    }
    guard let made = DecimalType.make(r, n, exponent: e, negative: negative) else { return .failed }
    return .made(made)
  }

  @inline(__always) static func isOrdinary(_ v: DecimalView) -> Bool { v.isFinite && v.count <= most && v.count > 0 }

  static func add(_ a: DecimalView, _ b: DecimalView, negated: Bool, _ context: Ref) -> Answer {
    guard a.isFinite, b.isFinite else { return .general }
    let bNegative = b.negative != negated
    if a.count > most || b.count > most { return addLong(a, b, bNegative, context) }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 20) { room in
      let r = room.baseAddress.unsafelyUnwrapped
      if a.count == 0 || b.count == 0 {
        let (x, z) = a.count == 0 ? (b, a) : (a, b)
        if x.count == 0 || x.exponent > z.exponent { return .general }
        for i in 0..<x.count { r[i] = x.limbs[i] }
        return finish(r, x.count, x.exponent, a.count == 0 ? bNegative : a.negative, context)
      }
      let gap = a.exponent &- b.exponent
      var x = a.limbs, n = a.count, y = b.limbs, m = b.count
      let shifted = r + 10
      if gap > 0 {
        if gap > 72 { return .general }
        n = Limbs.shiftLeft(shifted, a.limbs, n, gap)
        x = UnsafePointer(shifted)
      } else if gap < 0 {
        if gap < -72 { return .general }
        m = Limbs.shiftLeft(shifted, b.limbs, m, 0 &- gap)
        y = UnsafePointer(shifted)
      }
      let e = gap > 0 ? b.exponent : a.exponent
      if a.negative == bNegative {
        let count = n >= m ? Limbs.add(r, x, n, y, m) : Limbs.add(r, y, m, x, n)
        return finish(r, count, e, a.negative, context)
      }
      switch Limbs.compare(x, n, y, m) {
      case 0: return .general
      case 1: return finish(r, Limbs.subtract(r, x, n, y, m), e, a.negative, context)
      default: return finish(r, Limbs.subtract(r, y, m, x, n), e, bNegative, context)
      }
    }
  }

  /// Long numbers whose sum needs no rounding: straight into the memory of the result.
  private static func addLong(_ a: DecimalView, _ b: DecimalView, _ bNegative: Bool, _ context: Ref) -> Answer {
    if a.count == 0 || b.count == 0 { return .general }
    let c = context.context
    let (high, low, lowNegative) = a.exponent >= b.exponent ? (a, b, bNegative) : (b, a, a.negative)
    let highNegative = a.exponent >= b.exponent ? a.negative : bNegative
    let gap = high.exponent &- low.exponent
    let precision = c.pointee.precision
    if c.pointee.clamp || gap > precision { return .general }
    if Limbs.digits(high.limbs, high.count) &+ gap > precision || Limbs.digits(low.limbs, low.count) > precision {
      return .general
    }
    let room = max(high.count &+ gap / 18 &+ 1, low.count) &+ 1
    guard room <= Int(Int32.max), let memory = malloc(room &* 8) else { return .general }
    let r = memory.assumingMemoryBound(to: UInt64.self)
    var x = high.limbs, n = high.count
    if gap > 0 {
      n = Limbs.shiftLeft(r, high.limbs, high.count, gap)
      x = UnsafePointer(r)
    }
    let (y, m) = (low.limbs, low.count)
    var negative = highNegative
    var count: Int
    if highNegative == lowNegative {
      count = n >= m ? Limbs.add(r, x, n, y, m) : Limbs.add(r, y, m, x, n)
    } else {
      let order = Limbs.compare(x, n, y, m)
      if order >= 0 {
        count = Limbs.subtract(r, x, n, y, m)
      } else {
        negative = lowNegative
        count = Limbs.subtract(r, y, m, x, n)
      }
    }
    let digits = Limbs.digits(r, count)
    let adjusted = low.exponent &+ digits &- 1
    if count <= most || digits > precision || adjusted > c.pointee.maximum || adjusted < c.pointee.minimum {
      free(memory)
      return .general
    }
    guard let made = DecimalType.make(taking: r, count, exponent: low.exponent, negative: negative) else {
      return .failed
    }
    return .made(made)
  }

  static func negate(_ a: DecimalView, _ context: Ref) -> Answer {
    guard isOrdinary(a) else { return .general }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 6) { room in
      let r = room.baseAddress.unsafelyUnwrapped
      for i in 0..<a.count { r[i] = a.limbs[i] }
      return finish(r, a.count, a.exponent, !a.negative, context)
    }
  }
  static func multiply(_ a: DecimalView, _ b: DecimalView, _ context: Ref) -> Answer {
    guard isOrdinary(a), isOrdinary(b) else { return .general }
    let e = a.exponent &+ b.exponent
    let negative = a.negative != b.negative
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 10) { room in
      let r = room.baseAddress.unsafelyUnwrapped
      if a.count == 1 && b.count == 1 {
        let (high, low) = Limbs.multiply(a.limbs[0], b.limbs[0], 0)
        r[0] = low
        r[1] = high
        return finish(r, high == 0 ? 1 : 2, e, negative, context)
      }
      Limbs.multiply(r, a.limbs, a.count, b.limbs, b.count)
      return finish(r, Limbs.trimmed(r, a.count &+ b.count), e, negative, context)
    }
  }

  static func divide(_ a: DecimalView, _ b: DecimalView, _ context: Ref) -> Answer {
    guard isOrdinary(a), isOrdinary(b) else { return .general }
    let precision = context.context.pointee.precision
    if precision > 90 { return .general }
    let shift =
      Limbs.digits(b.limbs, b.count) &- Limbs.digits(a.limbs, a.count) &+ precision &+ 1
    let ideal = a.exponent &- b.exponent
    let negative = a.negative != b.negative
    if shift < 0 { return .general }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 48) { room in
      let u = room.baseAddress.unsafelyUnwrapped
      let q = u + 20, w = u + 40
      let n = Limbs.shiftLeft(u, a.limbs, a.count, shift)
      var count: Int
      var exact: Bool
      if b.count == 1 {
        exact = Limbs.divide(q, u, n, b.limbs[0]) == 0
        count = Limbs.trimmed(q, n)
      } else {
        if n < b.count { return .general }
        u[n] = 0
        Limbs.divide(q, u, n, b.limbs, b.count, w)
        exact = Limbs.trimmed(u, b.count) == 0
        count = Limbs.trimmed(q, n &- b.count &+ 1)
      }
      var e = ideal &- shift
      if !exact {
        if q[0] % 5 == 0 { q[0] &+= 1 }
      } else {
        // Zeros at the end go as far as the exponent's ideal.
        var zeros = 0
        var dropped = 0
        while count > 0 && q[0] == 0 && ideal &- e >= 18 {
          count = Limbs.shiftRight(q, q, count, 18, &dropped)
          e &+= 18
        }
        var v = q[0]
        while zeros < 17 && v % 10 == 0 && zeros < ideal &- e {
          v /= 10
          zeros &+= 1
        }
        if zeros > 0 { count = Limbs.shiftRight(q, q, count, zeros, &dropped) }
        e &+= zeros
      }
      return finish(q, count, e, negative, context)
    }
  }

  static func quantize(_ a: DecimalView, _ exponent: Int, _ rounding: UInt8, _ context: Ref) -> Answer {
    guard isOrdinary(a) else { return .general }
    let c = context.context
    if exponent < c.pointee.minimum || exponent > c.pointee.maximum || c.pointee.clamp { return .general }
    let gap = a.exponent &- exponent
    if gap > 72 || gap < -72 { return .general }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 10) { room in
      let r = room.baseAddress.unsafelyUnwrapped
      var n: Int
      var status: Conditions = []
      if gap >= 0 {
        n = Limbs.shiftLeft(r, a.limbs, a.count, gap)
      } else {
        var dropped = 0
        n = Limbs.shiftRight(r, a.limbs, a.count, 0 &- gap, &dropped)
        let last = n == 0 ? 0 : Int(r[0] % 10)
        status = dropped == 0 ? .rounded : [.rounded, .inexact]
        if Decimal.roundsAway(
          Rounding(rawValue: rounding) ?? .halfEven, negative: a.negative, odd: last & 1 != 0, last: last,
          dropped: dropped)
        {
          var i = 0
          while i < n {
            r[i] &+= 1
            if r[i] < limbRadix { break }
            r[i] = 0
            i &+= 1
          }
          if i == n {
            r[n] = 1
            n &+= 1
          }
        }
      }
      if n == 0 { return .general }
      let digits = Limbs.digits(r, n)
      let adjusted = exponent &+ digits &- 1
      if digits > c.pointee.precision || adjusted < c.pointee.minimum || adjusted > c.pointee.maximum {
        return .general
      }
      let bits = status.rawValue
      c.status.pointee |= bits
      if bits & c.trapped.pointee != 0 {
        _ = Signals.raise(bits & c.trapped.pointee)
        return .failed
      }
      guard let made = DecimalType.make(r, n, exponent: exponent, negative: a.negative) else { return .failed }
      return .made(made)
    }
  }

  /// -1, 0, 1; nil if it is not an ordinary case.
  static func compare(_ a: DecimalView, _ b: DecimalView) -> Int? {
    guard a.isFinite, b.isFinite, a.count <= most, b.count <= most else { return nil }
    if a.count == 0 || b.count == 0 {
      if a.count == b.count { return 0 }
      return a.count == 0 ? (b.negative ? 1 : -1) : (a.negative ? -1 : 1)
    }
    if a.negative != b.negative { return a.negative ? -1 : 1 }
    let sign = a.negative ? -1 : 1
    if a.exponent == b.exponent { return sign &* Limbs.compare(a.limbs, a.count, b.limbs, b.count) }
    let x = a.exponent &+ Limbs.digits(a.limbs, a.count), y = b.exponent &+ Limbs.digits(b.limbs, b.count)
    if x != y { return x < y ? 0 &- sign : sign }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 10) { room in
      let r = room.baseAddress.unsafelyUnwrapped
      let gap = a.exponent &- b.exponent
      if gap > 0 {
        let n = Limbs.shiftLeft(r, a.limbs, a.count, gap)
        return sign &* Limbs.compare(r, n, b.limbs, b.count)
      }
      let n = Limbs.shiftLeft(r, b.limbs, b.count, 0 &- gap)
      return sign &* Limbs.compare(a.limbs, a.count, r, n)
    }
  }
}
