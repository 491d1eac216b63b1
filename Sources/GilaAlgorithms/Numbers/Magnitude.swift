// A magnitude that owns its digits, for algorithms with many temporaries (pow, gcd, inverse, isqrt, exact conversions).

/// A natural number with its own memory, given back when it goes out of scope.
public struct Magnitude: ~Copyable {
  /// The digits; `count` of them are valid, the top one not zero.
  public private(set) var digits: UnsafeMutablePointer<Digit>
  /// The number of digits.
  public internal(set) var count: Int
  let capacity: Int

  /// Zero, with room for a number of digits.
  public init(capacity: Int) {
    self.capacity = max(capacity, 1)
    digits = .allocate(capacity: self.capacity)
    count = 0
  }

  /// A copy of digits.
  public init(_ source: UnsafePointer<Digit>, _ n: Int) {
    self.init(capacity: n)
    digits.update(from: source, count: n)
    count = Digits.normalized(digits, n)
  }

  /// A machine word.
  public init(_ value: UInt64) {
    self.init(capacity: 3)
    count = Digits.fromUInt64(digits, value)
  }

  deinit { digits.deallocate() }

  /// Sets the number of digits after `digits` was written from outside.
  public mutating func setCount(_ n: Int) { count = n }

  var isZero: Bool { count == 0 }
  var bitLength: Int { Digits.bitLength(digits, count) }
  var isOdd: Bool { count > 0 && digits[0] & 1 == 1 }

  func copy() -> Magnitude { Magnitude(digits, count) }

  /// The value of the low 64 bits.
  var lowWord: UInt64 { Digits.lowUInt64(digits, count) }

  static func compare(_ a: borrowing Magnitude, _ b: borrowing Magnitude) -> Int {
    Digits.compare(a.digits, a.count, b.digits, b.count)
  }

  static func sum(_ a: borrowing Magnitude, _ b: borrowing Magnitude) -> Magnitude {
    var r = Magnitude(capacity: max(a.count, b.count) &+ 1)
    r.count = Digits.add(r.digits, a.digits, a.count, b.digits, b.count)
    return r
  }

  /// |a - b|.
  static func difference(_ a: borrowing Magnitude, _ b: borrowing Magnitude) -> Magnitude {
    var r = Magnitude(capacity: max(a.count, b.count))
    r.count = Digits.subtractAbsolute(r.digits, a.digits, a.count, b.digits, b.count).count
    return r
  }

  static func product(_ a: borrowing Magnitude, _ b: borrowing Magnitude) -> Magnitude {
    var r = Magnitude(capacity: a.count &+ b.count)
    r.count = Digits.multiply(r.digits, a.digits, a.count, b.digits, b.count)
    return r
  }

  static func quotientAndRemainder(
    _ a: borrowing Magnitude, _ b: borrowing Magnitude, _ remainder: inout Magnitude
  ) -> Magnitude {
    var q = Magnitude(capacity: max(a.count &- b.count, 0) &+ 1)
    var r = Magnitude(capacity: max(a.count, b.count) &+ 1)
    let counts = Digits.divide(q.digits, r.digits, a.digits, a.count, b.digits, b.count)
    q.count = counts.quotient
    r.count = counts.remainder
    remainder = r
    return q
  }

  func shiftedLeft(_ bits: Int) -> Magnitude {
    var r = Magnitude(capacity: count &+ bits / 30 &+ 1)
    r.count = Digits.shiftLeft(r.digits, digits, count, bits)
    return r
  }

  func shiftedRight(_ bits: Int) -> Magnitude {
    var r = Magnitude(capacity: max(count &- bits / 30, 0))
    r.count = Digits.shiftRight(r.digits, digits, count, bits)
    return r
  }
}
