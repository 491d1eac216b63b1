import CGila
import GilaCore

// Ints of up to two digits (below 2^60), which the loop adds and compares without calls.
// Layout: `lv_tag` at 16 (digits << 3 | sign: 0 positive, 1 zero, 2 negative), 30-bit digits from 24.

@inline(__always) func intTag(_ r: Ref) -> UInt { r.raw.load(fromByteOffset: 16, as: UInt.self) }
/// Whether the object is exactly an int of at most two digits.
@inline(__always) func isShortInt(_ r: Ref) -> Bool { r.isExactly(Types.long) && intTag(r) < 24 }
/// The value of an int of at most two digits.
@inline(__always) func shortIntValue(_ r: Ref) -> Int {
  let tag = intTag(r)
  let low = Int(r.raw.load(fromByteOffset: 24, as: UInt32.self))
  let sign = 1 &- Int(bitPattern: tag & 3)
  if tag < 16 { return sign &* low }
  return sign &* (low | Int(r.raw.load(fromByteOffset: 28, as: UInt32.self)) << 30)
}
extension Eval {
  /// A new int; nil with MemoryError.
  @inline(__always) static func newInt(_ v: Int) -> Ref? {
    if UInt(bitPattern: v &+ 5) < 262 { return gila_small_int(v) }
    let magnitude = v < 0 ? 0 &- v : v
    if UInt(bitPattern: magnitude) >= 1 << 60 { return PyLong_FromLong(v) }
    guard let m = SmallBlocks.allocate(32) else { return PyErr_NoMemory() }
    m.storeBytes(of: 1, as: Int.self)
    m.storeBytes(of: Types.long, toByteOffset: 8, as: TypeRef.self)
    let digits: UInt = magnitude >= 1 << 30 ? 16 : 8
    m.storeBytes(of: digits | (v < 0 ? 2 : 0), toByteOffset: 16, as: UInt.self)
    m.storeBytes(
      of: UInt64(UInt(bitPattern: magnitude & 0x3fff_ffff)) | UInt64(UInt(bitPattern: magnitude >> 30)) << 32,
      toByteOffset: 24, as: UInt64.self)
    return m.assumingMemoryBound(to: PyObject.self)
  }
  @inline(__always) static func newFloat(_ v: Double) -> Ref? {
    guard let m = SmallBlocks.allocate(24) else { return PyErr_NoMemory() }
    m.storeBytes(of: 1, as: Int.self)
    m.storeBytes(of: Types.float, toByteOffset: 8, as: TypeRef.self)
    m.storeBytes(of: v, toByteOffset: 16, as: Double.self)
    return m.assumingMemoryBound(to: PyObject.self)
  }
  @inline(__always) static func floatValue(_ r: Ref) -> Double { r.raw.load(fromByteOffset: 16, as: Double.self) }
  /// Gives an int's or a float's reference back without a call of its type's slot.
  @inline(__always) static func releaseNumber(_ r: Ref) {
    if Int32(truncatingIfNeeded: r.pointee.ob_refcnt) < 0 { return }
    r.pointee.ob_refcnt &-= 1
    if r.pointee.ob_refcnt == 0 { SmallBlocks.free(r.raw) }
  }
}

/// The three arithmetic operations that have forms of their own.
protocol FastArithmetic {
  static func ints(_ a: Int, _ b: Int) -> Int?
  static func floats(_ a: Double, _ b: Double) -> Double
  static func objects(_ a: Ref, _ b: Ref, _ inPlace: Bool) -> Ref?
}
enum Addition: FastArithmetic {
  @inline(__always) static func ints(_ a: Int, _ b: Int) -> Int? { a &+ b }
  @inline(__always) static func floats(_ a: Double, _ b: Double) -> Double { a + b }
  @inline(never) static func objects(_ a: Ref, _ b: Ref, _ inPlace: Bool) -> Ref? {
    inPlace ? PyNumber_InPlaceAdd(a, b) : PyNumber_Add(a, b)
  }
}
enum Subtraction: FastArithmetic {
  @inline(__always) static func ints(_ a: Int, _ b: Int) -> Int? { a &- b }
  @inline(__always) static func floats(_ a: Double, _ b: Double) -> Double { a - b }
  @inline(never) static func objects(_ a: Ref, _ b: Ref, _ inPlace: Bool) -> Ref? {
    inPlace ? PyNumber_InPlaceSubtract(a, b) : PyNumber_Subtract(a, b)
  }
}
enum Multiplication: FastArithmetic {
  @inline(__always) static func ints(_ a: Int, _ b: Int) -> Int? {
    let (v, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : v
  }
  @inline(__always) static func floats(_ a: Double, _ b: Double) -> Double { a * b }
  @inline(never) static func objects(_ a: Ref, _ b: Ref, _ inPlace: Bool) -> Ref? {
    inPlace ? PyNumber_InPlaceMultiply(a, b) : PyNumber_Multiply(a, b)
  }
}
extension Eval {
  /// `a op b` of numbers, a new reference; nil without an exception when the operands are something else (`handled`
  /// false), nil with one otherwise. Neither operand is consumed.
  @inline(__always) static func numbers<A: FastArithmetic>(_: A.Type, _ a: Ref, _ b: Ref) -> (Ref?, handled: Bool) {
    if a.isExactly(Types.long) {
      if b.isExactly(Types.long), intTag(a) < 24, intTag(b) < 24,
        let v = A.ints(shortIntValue(a), shortIntValue(b))
      {
        return (newInt(v), true)
      }
    } else if a.isExactly(Types.float) && b.isExactly(Types.float) {
      return (newFloat(A.floats(floatValue(a), floatValue(b))), true)
    }
    return (nil, false)
  }
}
