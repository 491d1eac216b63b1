// int: shifts and bitwise operators.

import CGila
import GilaAlgorithms
import GilaCore

/// The bitwise slots of int.
enum IntBits {
  @inline(__always)
  static func and(_ a: Ref, _ b: Ref) -> Ref? {
    if let x = a.mediumValue, let y = b.mediumValue { return newInt(x & y) }
    return large(.and, a, b)
  }
  @inline(__always)
  static func or(_ a: Ref, _ b: Ref) -> Ref? {
    if let x = a.mediumValue, let y = b.mediumValue { return newInt(x | y) }
    return large(.or, a, b)
  }
  @inline(__always)
  static func xor(_ a: Ref, _ b: Ref) -> Ref? {
    if let x = a.mediumValue, let y = b.mediumValue { return newInt(x ^ y) }
    return large(.xor, a, b)
  }

  @inline(never)
  private static func large(_ op: Digits.BitOperation, _ a: Ref, _ b: Ref) -> Ref? {
    guard let r = allocateInt(max(a.digitCount, b.digitCount) &+ 1) else { return nil }
    let (n, negative) = Digits.bitwise(
      op, r.digits, a.digits, a.digitCount, a.isNegativeInt, b.digits, b.digitCount, b.isNegativeInt)
    return finish(r, n, negative: negative)
  }

  // MARK: shifts

  /// A shift count; nil with ValueError for a negative one. Counts beyond a word become the largest word.
  private static func count(_ b: Ref) -> Int? {
    if b.isNegativeInt {
      _ = fail(Exc.ValueError, "negative shift count")
      return nil
    }
    if let v = b.mediumValue { return v }
    return Int(clamping: Digits.toUInt64(b.digits, b.digitCount) ?? .max)
  }

  static func shiftLeft(_ a: Ref, _ b: Ref) -> Ref? {
    guard let bits = count(b) else { return nil }
    if a.isZeroInt { return gila_small_int(0) }
    return shiftLeft(a, bits)
  }

  static func shiftLeft(_ a: Ref, _ bits: Int) -> Ref? {
    if bits < 30, a.isCompactInt { return newInt(a.compactValue << bits) }
    if a.isZeroInt { return gila_small_int(0) }
    if bits == .max { return fail(Exc.OverflowError, "too many digits in integer") }
    guard let r = allocateInt(a.digitCount &+ bits / 30 &+ 1) else { return nil }
    return finish(r, Digits.shiftLeft(r.digits, a.digits, a.digitCount, bits), negative: a.isNegativeInt)
  }

  static func shiftRight(_ a: Ref, _ b: Ref) -> Ref? {
    guard let bits = count(b) else { return nil }
    return shiftRight(a, bits)
  }

  static func shiftRight(_ a: Ref, _ bits: Int) -> Ref? {
    if let v = a.mediumValue { return newInt(v >> min(bits, 63)) }
    let n = a.digitCount
    guard let r = allocateInt(max(n &- bits / 30, 0) &+ 1) else { return nil }
    if a.isNegativeInt {
      return finish(r, Digits.shiftRightFloorNegative(r.digits, a.digits, n, bits), negative: true)
    }
    return finish(r, Digits.shiftRight(r.digits, a.digits, n, bits), negative: false)
  }
}

@c @implementation public func _PyLong_Lshift(_ a: Ref!, _ bits: Int) -> Ref? { IntBits.shiftLeft(a!, bits) }
@c @implementation public func _PyLong_Rshift(_ a: Ref!, _ bits: Int) -> Ref? { IntBits.shiftRight(a!, bits) }
