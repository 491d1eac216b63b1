// Ints in memory: reading tag and digits, making new ones.
//
// An int is head, tag word (bits 0-1: 0 positive, 1 zero, 2 negative; bits 3 up: number of digits) and 30-bit digits.
// The ints from -5 to 256 are static and immortal; every path that makes an int returns those for small values.

import CGila
import GilaAlgorithms
import GilaCore

/// Offset of the first digit.
let digitOffset = 24
/// The most digits an int can have.
let maximumDigits = (Int.max - digitOffset) / 4

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The tag word of an int.
  @inline(__always) var longTag: UInt {
    get { raw.load(fromByteOffset: 16, as: UInt.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: UInt.self) }
  }
  /// The digits of an int.
  @inline(__always) var digits: UnsafeMutablePointer<Digit> {
    (raw + digitOffset).assumingMemoryBound(to: Digit.self)
  }
  /// The number of digits.
  @inline(__always) var digitCount: Int { Int(bitPattern: longTag &>> 3) }
  @inline(__always) var isNegativeInt: Bool { longTag & 2 != 0 }
  @inline(__always) var isZeroInt: Bool { longTag & 1 != 0 }
  /// At most one digit.
  @inline(__always) var isCompactInt: Bool { longTag < 16 }
  /// The value of an int of at most one digit.
  @inline(__always) var compactValue: Int { (1 &- Int(bitPattern: longTag & 3)) &* Int(digits[0]) }
  /// The value of an int of at most two digits; nil for larger ones.
  @inline(__always) var mediumValue: Int? {
    let tag = longTag
    if tag < 16 { return (1 &- Int(bitPattern: tag & 3)) &* Int(digits[0]) }
    if tag < 24 { return (1 &- Int(bitPattern: tag & 3)) &* (Int(digits[0]) | Int(digits[1]) &<< 30) }
    return nil
  }
  /// The sign: -1, 0 or 1.
  @inline(__always) var intSign: Int { 1 &- Int(bitPattern: longTag & 3) }
}

/// An int of the given value; NULL with MemoryError.
@inline(__always) func newInt(_ v: Int) -> Ref? {
  if v >= -5 && v <= 256 { return gila_small_int(v) }
  return newIntObject(v)
}

/// An int outside the range of the static ones.
@inline(__always) func newIntObject(_ v: Int) -> Ref? {
  let magnitude = v.magnitude
  let sign: UInt = v < 0 ? 2 : 0
  if magnitude < 1 &<< 60 {
    guard let r = allocateBlock(32) else { return nil }
    let high = magnitude &>> 30
    r.longTag = (high == 0 ? 8 : 16) | sign
    // Both digits in one store; for one digit the other is padding.
    r.raw.storeBytes(
      of: UInt64(magnitude & 0x3FFF_FFFF) | UInt64(high) &<< 32, toByteOffset: digitOffset, as: UInt64.self)
    return r
  }
  guard let r = allocateBlock(36) else { return nil }
  r.longTag = 24 | sign
  r.digits[0] = UInt32(truncatingIfNeeded: magnitude) & Digits.mask
  r.digits[1] = UInt32(truncatingIfNeeded: magnitude &>> 30) & Digits.mask
  r.digits[2] = UInt32(truncatingIfNeeded: magnitude &>> 60)
  return r
}

/// Memory of an int with its head; the tag is not set.
@inline(__always) func allocateBlock(_ size: Int) -> Ref? {
  guard let memory = SmallBlocks.allocate(size) else {
    PyErr_NoMemory()
    return nil
  }
  let r = memory.assumingMemoryBound(to: PyObject.self)
  r.pointee.ob_refcnt = 1
  r.pointee.ob_type = Types.long
  return r
}

/// An int with room for `count` digits, of no value yet: fill in the digits, then `finish`.
func allocateInt(_ count: Int) -> Ref? {
  if count > maximumDigits {
    PyErr_SetString(Exc.OverflowError.object, "too many digits in integer")
    return nil
  }
  return allocateBlock(digitOffset &+ 4 &* max(count, 2))
}

/// Gives a new int its value: `count` normalized digits are in place. Small values become the static ints.
func finish(_ r: Ref, _ count: Int, negative: Bool) -> Ref {
  if count <= 1 {
    let d = count == 0 ? 0 : Int(r.digits[0])
    let v = negative ? 0 &- d : d
    if v >= -5 && v <= 256 {
      SmallBlocks.free(r.raw)
      return gila_small_int(v)
    }
  }
  r.longTag = UInt(bitPattern: count) &<< 3 | (count == 0 ? 1 : negative ? 2 : 0)
  return r
}

/// An int from digits in other memory.
func newInt(_ digits: UnsafePointer<Digit>, _ count: Int, negative: Bool) -> Ref? {
  guard let r = allocateInt(count) else { return nil }
  r.digits.update(from: digits, count: count)
  return finish(r, count, negative: negative)
}

/// An int from a magnitude.
func newInt(_ m: borrowing Magnitude, negative: Bool) -> Ref? { newInt(m.digits, m.count, negative: negative) }

/// An int from an unsigned word.
func newInt(unsigned v: UInt64) -> Ref? {
  if v <= UInt64(Int.max) { return newInt(Int(v)) }
  guard let r = allocateInt(3) else { return nil }
  return finish(r, Digits.fromUInt64(r.digits, v), negative: false)
}

/// The int itself if it is exactly an int, else an exact copy (new reference).
func exactInt(_ r: Ref) -> Ref? {
  if r.isExactly(Types.long) { return newRef(r) }
  if let v = r.mediumValue { return newInt(v) }
  return newInt(r.digits, r.digitCount, negative: r.isNegativeInt)
}

/// Sets an exception with a constant message; nil, so that it can be returned.
@inline(never) func fail(_ type: TypeRef, _ message: StaticString) -> Ref? {
  PyErr_SetString(type.object, cString(message))
  return nil
}

// MARK: C API

@c @implementation public func PyLong_FromLong(_ v: Int) -> Ref? { newInt(v) }
@c @implementation public func PyLong_FromLongLong(_ v: Int64) -> Ref? { newInt(Int(v)) }
@c @implementation public func PyLong_FromSsize_t(_ v: Int) -> Ref? { newInt(v) }
@c @implementation public func PyLong_FromSize_t(_ v: Int) -> Ref? { newInt(unsigned: UInt64(bitPattern: Int64(v))) }
@c @implementation public func PyLong_FromUnsignedLong(_ v: UInt) -> Ref? { newInt(unsigned: UInt64(v)) }
@c @implementation public func PyLong_FromUnsignedLongLong(_ v: UInt64) -> Ref? { newInt(unsigned: v) }
@c @implementation public func PyLong_FromVoidPtr(_ p: UnsafeMutableRawPointer!) -> Ref? {
  newInt(unsigned: UInt64(UInt(bitPattern: p)))
}

@c @implementation public func PyLong_FromDouble(_ v: Double) -> Ref? {
  if v > -9e18 && v < 9e18 { return newInt(Int(v)) }
  if v.isInfinite { return fail(Exc.OverflowError, "cannot convert float infinity to integer") }
  if v.isNaN { return fail(Exc.ValueError, "cannot convert float NaN to integer") }
  guard let r = allocateInt(36) else { return nil }
  return finish(r, Digits.fromDouble(r.digits, v), negative: v < 0)
}

@c @implementation public func _PyLong_Copy(_ r: UnsafeMutablePointer<PyLongObject>!) -> Ref? {
  let source = UnsafeMutableRawPointer(r!).assumingMemoryBound(to: PyObject.self)
  if let v = source.mediumValue { return newInt(v) }
  return newInt(source.digits, source.digitCount, negative: source.isNegativeInt)
}

@c @implementation public func _PyLong_FromDigits(
  _ negative: Int32, _ count: Int, _ digits: UnsafeMutablePointer<Digit>!
) -> UnsafeMutablePointer<PyLongObject>? {
  newInt(digits, count, negative: negative != 0)?.cast(PyLongObject.self)
}

@c @implementation public func PyUnstable_Long_IsCompact(_ r: UnsafePointer<PyLongObject>!) -> Int32 {
  r.pointee.long_value.lv_tag < 16 ? 1 : 0
}
@c @implementation public func PyUnstable_Long_CompactValue(_ r: UnsafePointer<PyLongObject>!) -> Int {
  (1 &- Int(bitPattern: r.pointee.long_value.lv_tag & 3)) &* Int(r.pointee.long_value.ob_digit)
}
@c @implementation public func _PyLong_Sign(_ r: Ref!) -> Int32 { Int32(r!.intSign) }
