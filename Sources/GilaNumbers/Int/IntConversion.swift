// Ints to C integers, doubles and bytes, and back: the PyLong_As* family.

import CGila
import GilaAlgorithms
import GilaCore

/// How a value relates to the 64-bit signed range.
private enum Word {
  case fits(Int)
  case tooLarge
  case tooSmall
}

private func word(_ r: Ref) -> Word {
  if let v = r.mediumValue { return .fits(v) }
  guard let m = Digits.toUInt64(r.digits, r.digitCount) else { return r.isNegativeInt ? .tooSmall : .tooLarge }
  if r.isNegativeInt { return m <= 1 << 63 ? .fits(Int(truncatingIfNeeded: 0 &- m)) : .tooSmall }
  return m < 1 << 63 ? .fits(Int(truncatingIfNeeded: m)) : .tooLarge
}

/// An int for anything with `__index__` (new reference).
private func indexed(_ r: Ref?) -> Ref? {
  guard let r else {
    PyErr_BadInternalCall()
    return nil
  }
  return r.isLong ? newRef(r) : _PyNumber_Index(r)
}

@c @implementation public func PyLong_AsLongAndOverflow(_ r: Ref!, _ overflow: UnsafeMutablePointer<Int32>!) -> Int {
  overflow.pointee = 0
  guard let r else {
    PyErr_BadInternalCall()
    return -1
  }
  if r.isLong && r.isCompactInt { return r.compactValue }
  guard let n = indexed(r) else { return -1 }
  defer { decref(n) }
  switch word(n) {
  case .fits(let v): return v
  case .tooLarge: overflow.pointee = 1
  case .tooSmall: overflow.pointee = -1
  }
  return -1
}

@c @implementation public func PyLong_AsLongLongAndOverflow(_ r: Ref!, _ overflow: UnsafeMutablePointer<Int32>!)
  -> Int64
{
  Int64(PyLong_AsLongAndOverflow(r, overflow))
}

@c @implementation public func PyLong_AsLong(_ r: Ref!) -> Int {
  var overflow: Int32 = 0
  let v = PyLong_AsLongAndOverflow(r, &overflow)
  if overflow != 0 { _ = fail(Exc.OverflowError, "Python int too large to convert to C long") }
  return v
}

@c @implementation public func PyLong_AsInt(_ r: Ref!) -> Int32 {
  var overflow: Int32 = 0
  let v = PyLong_AsLongAndOverflow(r, &overflow)
  if overflow != 0 || v > Int(Int32.max) || v < Int(Int32.min) {
    _ = fail(Exc.OverflowError, "Python int too large to convert to C int")
    return -1
  }
  return Int32(truncatingIfNeeded: v)
}

@c @implementation public func PyLong_AsSsize_t(_ r: Ref!) -> Int {
  guard let r else {
    PyErr_BadInternalCall()
    return -1
  }
  if !r.isLong {
    _ = fail(Exc.TypeError, "an integer is required")
    return -1
  }
  if case .fits(let v) = word(r) { return v }
  _ = fail(Exc.OverflowError, "Python int too large to convert to C ssize_t")
  return -1
}

@c @implementation public func PyLong_AsLongLong(_ r: Ref!) -> Int64 {
  if let r, r.isLong, r.isCompactInt { return Int64(r.compactValue) }
  guard let n = indexed(r) else { return -1 }
  defer { decref(n) }
  if case .fits(let v) = word(n) { return Int64(v) }
  _ = fail(Exc.OverflowError, "int too big to convert")
  return -1
}

/// An unsigned word, or all ones with an exception that uses the given texts.
private func unsigned(_ r: Ref?, _ negative: StaticString, _ large: StaticString) -> UInt64 {
  guard let r else {
    PyErr_BadInternalCall()
    return .max
  }
  if !r.isLong {
    _ = fail(Exc.TypeError, "an integer is required")
  } else if r.isNegativeInt {
    _ = fail(Exc.OverflowError, negative)
  } else if r.isZeroInt {
    return 0
  } else if let v = Digits.toUInt64(r.digits, r.digitCount) {
    return v
  } else {
    _ = fail(Exc.OverflowError, large)
  }
  return .max
}

@c @implementation public func PyLong_AsUnsignedLong(_ r: Ref!) -> UInt {
  UInt(
    unsigned(
      r, "can't convert negative value to unsigned int", "Python int too large to convert to C unsigned long"))
}
@c @implementation public func PyLong_AsSize_t(_ r: Ref!) -> Int {
  Int(
    truncatingIfNeeded: unsigned(
      r, "can't convert negative value to size_t", "Python int too large to convert to C size_t"))
}
@c @implementation public func PyLong_AsUnsignedLongLong(_ r: Ref!) -> UInt64 {
  unsigned(r, "can't convert negative int to unsigned", "int too big to convert")
}
@c @implementation public func PyLong_AsUnsignedLongLongMask(_ r: Ref!) -> UInt64 {
  guard let n = indexed(r) else { return .max }
  defer { decref(n) }
  if n.isZeroInt { return 0 }
  let low = Digits.lowUInt64(n.digits, n.digitCount)
  return n.isNegativeInt ? 0 &- low : low
}
@c @implementation public func PyLong_AsUnsignedLongMask(_ r: Ref!) -> UInt { UInt(PyLong_AsUnsignedLongLongMask(r)) }

@c @implementation public func PyLong_AsVoidPtr(_ r: Ref!) -> UnsafeMutableRawPointer? {
  guard let r, r.isLong else {
    _ = fail(Exc.TypeError, "an integer is required")
    return nil
  }
  let bits =
    r.isNegativeInt ? UInt(bitPattern: PyLong_AsLong(r)) : UInt(PyLong_AsUnsignedLong(r))
  if bits == .max && errorIsSet { return nil }
  return UnsafeMutableRawPointer(bitPattern: bits)
}

/// The double of an int; nil with OverflowError set.
@inline(__always) func doubleValue(_ r: Ref) -> Double? {
  if let v = r.mediumValue { return Double(v) }
  return largeDoubleValue(r)
}
@inline(never) private func largeDoubleValue(_ r: Ref) -> Double? {
  let x = Digits.toDouble(r.digits, r.digitCount)
  if x.isInfinite {
    _ = fail(Exc.OverflowError, "int too large to convert to float")
    return nil
  }
  return r.isNegativeInt ? -x : x
}

@c @implementation public func PyLong_AsDouble(_ r: Ref!) -> Double {
  guard let r else {
    PyErr_BadInternalCall()
    return -1
  }
  if !r.isLong {
    _ = fail(Exc.TypeError, "an integer is required")
    return -1
  }
  return doubleValue(r) ?? -1
}

/// The value as fraction * 2 ** exponent, 0.5 <= |fraction| < 1; -1.0 with OverflowError when the exponent is too large.
@c public func _PyLong_Frexp(_ r: Ref!, _ exponent: UnsafeMutablePointer<Int>!) -> Double {
  let (fraction, e) = Digits.frexp(r!.digits, r!.isZeroInt ? 0 : r!.digitCount)
  exponent.pointee = e
  return r!.isNegativeInt ? -fraction : fraction
}

@c @implementation public func _PyLong_NumBits(_ r: Ref!) -> Int { Digits.bitLength(r!.digits, r!.digitCount) }

// MARK: bytes

@c @implementation public func _PyLong_FromByteArray(
  _ bytes: UnsafePointer<UInt8>!, _ n: Int, _ littleEndian: Int32, _ signed: Int32
) -> Ref? {
  if n == 0 { return gila_small_int(0) }
  guard n >= 0, let r = allocateInt(Digits.capacity(forBytes: n)) else { return nil }
  let (count, negative) = Digits.parseBytes(
    bytes, n, littleEndian: littleEndian != 0, signed: signed != 0, into: r.digits)
  return finish(r, count, negative: negative)
}

@c @implementation public func _PyLong_AsByteArray(
  _ number: UnsafeMutablePointer<PyLongObject>!, _ bytes: UnsafeMutablePointer<UInt8>!, _ n: Int, _ littleEndian: Int32,
  _ signed: Int32, _ withExceptions: Int32
) -> Int32 {
  let r = UnsafeMutableRawPointer(number!).assumingMemoryBound(to: PyObject.self)
  if r.isNegativeInt && signed == 0 {
    if withExceptions != 0 { _ = fail(Exc.OverflowError, "can't convert negative int to unsigned") }
    return -1
  }
  let result = Digits.writeBytes(
    r.digits, r.digitCount, negative: r.isNegativeInt, to: bytes, n, littleEndian: littleEndian != 0,
    signed: signed != 0)
  if result == .exact { return 0 }
  if withExceptions != 0 { _ = fail(Exc.OverflowError, "int too big to convert") }
  return -1
}

// Flags of PyLong_AsNativeBytes and PyLong_FromNativeBytes.
private let littleEndianFlag: Int32 = 1
private let unsignedFlag: Int32 = 4
private let rejectNegativeFlag: Int32 = 8
private let allowIndexFlag: Int32 = 16

@c @implementation public func PyLong_AsNativeBytes(
  _ r: Ref!, _ buffer: UnsafeMutableRawPointer!, _ n: Int, _ flags: Int32
) -> Int {
  guard let r, n >= 0 else {
    PyErr_BadInternalCall()
    return -1
  }
  let number: Ref
  if r.isLong {
    number = newRef(r)
  } else if flags != -1 && flags & allowIndexFlag != 0 {
    guard let index = _PyNumber_Index(r) else { return -1 }
    number = index
  } else {
    PyErr_SetObject(Exc.TypeError.object, newString("expect int, got \(typeName(of: r))"))
    return -1
  }
  defer { decref(number) }
  if flags != -1 && flags & rejectNegativeFlag != 0 && number.isNegativeInt {
    _ = fail(Exc.ValueError, "Cannot convert negative int")
    return -1
  }
  let little = flags == -1 || flags & littleEndianFlag != 0
  let (digits, count) = (number.digits, number.digitCount)
  if n > 0 {
    _ = Digits.writeBytes(
      digits, count, negative: number.isNegativeInt, to: buffer.assumingMemoryBound(to: UInt8.self), n,
      littleEndian: little, signed: true)
  }
  let bits = Digits.bitLength(digits, count)
  var needed = bits / 8 &+ 1
  if bits % 8 == 0 && bits > 0 {
    if number.isNegativeInt {
      if !Digits.anyBitBelow(digits, count, bits &- 1) { needed = bits / 8 }
    } else if flags != -1 && flags & unsignedFlag != 0 {
      needed = bits / 8
    }
  }
  return needed
}

@c @implementation public func PyLong_FromNativeBytes(_ buffer: UnsafeRawPointer!, _ n: Int, _ flags: Int32) -> Ref? {
  guard let buffer else {
    PyErr_BadInternalCall()
    return nil
  }
  let little: Int32 = flags == -1 || flags & littleEndianFlag != 0 ? 1 : 0
  let signed: Int32 = flags == -1 || flags & unsignedFlag == 0 ? 1 : 0
  return _PyLong_FromByteArray(buffer.assumingMemoryBound(to: UInt8.self), n, little, signed)
}

@c @implementation public func PyLong_FromUnsignedNativeBytes(
  _ buffer: UnsafeRawPointer!, _ n: Int, _ flags: Int32
) -> Ref? {
  guard let buffer else {
    PyErr_BadInternalCall()
    return nil
  }
  let little: Int32 = flags == -1 || flags & littleEndianFlag != 0 ? 1 : 0
  return _PyLong_FromByteArray(buffer.assumingMemoryBound(to: UInt8.self), n, little, 0)
}

// MARK: converters for argument parsing, used by extensions of the standard library

/// Stores an unsigned value for "O&"; 1, or 0 with an exception set.
private func converted(_ r: Ref?, _ limit: UInt64, _ name: StaticString, _ store: (UInt64) -> Void) -> Int32 {
  guard let r else { return 0 }
  if r.isLong && r.isNegativeInt {
    _ = fail(Exc.ValueError, "value must be positive")
    return 0
  }
  let v = UInt64(PyLong_AsUnsignedLong(r))
  if v == .max && errorIsSet { return 0 }
  if v > limit {
    PyErr_SetString(Exc.OverflowError.object, cString(name))
    return 0
  }
  store(v)
  return 1
}

/// Converter to C unsigned short.
@c public func _PyLong_UnsignedShort_Converter(_ r: Ref?, _ out: UnsafeMutableRawPointer) -> Int32 {
  converted(r, UInt64(UInt16.max), "Python int too large for C unsigned short") {
    out.storeBytes(of: UInt16(truncatingIfNeeded: $0), as: UInt16.self)
  }
}
/// Converter to C unsigned int.
@c public func _PyLong_UnsignedInt_Converter(_ r: Ref?, _ out: UnsafeMutableRawPointer) -> Int32 {
  converted(r, UInt64(UInt32.max), "Python int too large for C unsigned int") {
    out.storeBytes(of: UInt32(truncatingIfNeeded: $0), as: UInt32.self)
  }
}
/// Converter to C unsigned long.
@c public func _PyLong_UnsignedLong_Converter(_ r: Ref?, _ out: UnsafeMutableRawPointer) -> Int32 {
  converted(r, .max, "") { out.storeBytes(of: $0, as: UInt64.self) }
}
/// Converter to C unsigned long long.
@c public func _PyLong_UnsignedLongLong_Converter(_ r: Ref?, _ out: UnsafeMutableRawPointer) -> Int32 {
  converted(r, .max, "") { out.storeBytes(of: $0, as: UInt64.self) }
}
/// Converter to C size_t.
@c public func _PyLong_Size_t_Converter(_ r: Ref?, _ out: UnsafeMutableRawPointer) -> Int32 {
  converted(r, .max, "") { out.storeBytes(of: $0, as: UInt64.self) }
}
