// Items of memory in the single-character formats of the struct module, native size and alignment.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// The format's character when it is one native item, perhaps after "@".
func nativeFormat(_ format: UnsafePointer<CChar>?) -> UInt8? {
  guard var p = format else { return UInt8(ascii: "B") }
  if p.pointee == 0x40 { p += 1 }
  let c = UInt8(bitPattern: p.pointee)
  return c != 0 && p[1] == 0 && itemSize(c) > 0 ? c : nil
}

/// Bytes of a native item; 0 for an unknown format.
func itemSize(_ format: UInt8) -> Int {
  switch format {
  case UInt8(ascii: "c"), UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "?"): 1
  case UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "e"): 2
  case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "f"): 4
  case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "q"), UInt8(ascii: "Q"), UInt8(ascii: "n"),
    UInt8(ascii: "N"), UInt8(ascii: "d"), UInt8(ascii: "P"):
    8
  default: 0
  }
}

/// The Python value of an item.
func unpack(_ p: UnsafeRawPointer, _ format: UInt8) throws(PyError) -> Owned {
  switch format {
  case UInt8(ascii: "B"): try owned(PyLong_FromLong(Int(p.load(as: UInt8.self))))
  case UInt8(ascii: "b"): try owned(PyLong_FromLong(Int(p.load(as: Int8.self))))
  case UInt8(ascii: "c"): try owned(newBytes(p, 1))
  case UInt8(ascii: "?"): Owned(taking: pyBool(p.load(as: UInt8.self) != 0))
  case UInt8(ascii: "h"): try owned(PyLong_FromLong(Int(p.loadUnaligned(as: Int16.self))))
  case UInt8(ascii: "H"): try owned(PyLong_FromLong(Int(p.loadUnaligned(as: UInt16.self))))
  case UInt8(ascii: "i"): try owned(PyLong_FromLong(Int(p.loadUnaligned(as: Int32.self))))
  case UInt8(ascii: "I"): try owned(PyLong_FromLong(Int(p.loadUnaligned(as: UInt32.self))))
  case UInt8(ascii: "l"), UInt8(ascii: "q"), UInt8(ascii: "n"):
    try owned(PyLong_FromLong(p.loadUnaligned(as: Int.self)))
  case UInt8(ascii: "L"), UInt8(ascii: "Q"), UInt8(ascii: "N"):
    try owned(PyLong_FromUnsignedLong(p.loadUnaligned(as: UInt.self)))
  case UInt8(ascii: "P"):
    try owned(PyLong_FromVoidPtr(UnsafeMutableRawPointer(bitPattern: p.loadUnaligned(as: UInt.self))))
  case UInt8(ascii: "f"): try owned(PyFloat_FromDouble(Double(p.loadUnaligned(as: Float.self))))
  case UInt8(ascii: "d"): try owned(PyFloat_FromDouble(p.loadUnaligned(as: Double.self)))
  default: try owned(PyFloat_FromDouble(halfValue(p.loadUnaligned(as: UInt16.self))))
  }
}

/// The value of a half-precision number.
func halfValue(_ bits: UInt16) -> Double {
  let exponent = Int(bits >> 10 & 31)
  let fraction = Double(bits & 1023)
  let magnitude: Double
  if exponent == 31 {
    magnitude = fraction == 0 ? .infinity : .nan
  } else if exponent == 0 {
    magnitude = scalbn(fraction, -24)
  } else {
    magnitude = scalbn(fraction + 1024, Int32(exponent &- 25))
  }
  return bits & 0x8000 != 0 ? -magnitude : magnitude
}

private func formatName(_ c: UInt8) -> String { String(Character(Unicode.Scalar(c))) }
private func badType(_ c: UInt8) -> PyError { typeError("memoryview: invalid type for format '\(formatName(c))'") }
private func badValue(_ c: UInt8) -> PyError { valueError("memoryview: invalid value for format '\(formatName(c))'") }

/// An int in a range, from an object with __index__.
private func integer(_ value: Ref, _ format: UInt8, _ low: Int, _ high: Int) throws(PyError) -> Int {
  guard PyIndex_Check(value) != 0 else { throw badType(format) }
  let index = try owned(PyNumber_Index(value))
  var overflow: Int32 = 0
  let n = PyLong_AsLongAndOverflow(index.ref, &overflow)
  if n == -1, errorIsSet { throw PyError() }
  if overflow != 0 || n < low || n > high { throw badValue(format) }
  return n
}

/// Stores a Python value as an item.
func pack(_ value: Ref, _ p: UnsafeMutableRawPointer, _ format: UInt8) throws(PyError) {
  switch format {
  case UInt8(ascii: "B"): p.storeBytes(of: UInt8(try integer(value, format, 0, 255)), as: UInt8.self)
  case UInt8(ascii: "b"): p.storeBytes(of: Int8(try integer(value, format, -128, 127)), as: Int8.self)
  case UInt8(ascii: "h"): p.storeBytes(of: Int16(try integer(value, format, -32768, 32767)), as: Int16.self)
  case UInt8(ascii: "H"): p.storeBytes(of: UInt16(try integer(value, format, 0, 65535)), as: UInt16.self)
  case UInt8(ascii: "i"):
    p.storeBytes(of: Int32(try integer(value, format, Int(Int32.min), Int(Int32.max))), as: Int32.self)
  case UInt8(ascii: "I"): p.storeBytes(of: UInt32(try integer(value, format, 0, Int(UInt32.max))), as: UInt32.self)
  case UInt8(ascii: "l"), UInt8(ascii: "q"), UInt8(ascii: "n"):
    p.storeBytes(of: try integer(value, format, Int.min, Int.max), as: Int.self)
  case UInt8(ascii: "L"), UInt8(ascii: "Q"), UInt8(ascii: "N"), UInt8(ascii: "P"):
    guard PyIndex_Check(value) != 0 else { throw badType(format) }
    let index = try owned(PyNumber_Index(value))
    let n = PyLong_AsUnsignedLong(index.ref)
    if n == UInt.max, errorIsSet {
      if PyErr_ExceptionMatches(Exc.OverflowError.object) == 0 { throw PyError() }
      PyErr_Clear()
      throw badValue(format)
    }
    p.storeBytes(of: n, as: UInt.self)
  case UInt8(ascii: "?"): p.storeBytes(of: try truth(value) ? 1 : 0, as: UInt8.self)
  case UInt8(ascii: "c"):
    guard value.isBytes else { throw badType(format) }
    guard value.size == 1 else { throw badValue(format) }
    p.storeBytes(of: value.bytesData[0], as: UInt8.self)
  default:
    let x = PyFloat_AsDouble(value)
    if x == -1, errorIsSet {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
        PyErr_Clear()
        throw badType(format)
      }
      throw PyError()
    }
    if format == UInt8(ascii: "d") {
      p.storeBytes(of: x, as: Double.self)
    } else if format == UInt8(ascii: "f") {
      p.storeBytes(of: Float(x), as: Float.self)
    } else if PyFloat_Pack2(x, p.assumingMemoryBound(to: CChar.self), 1) < 0 {
      PyErr_Clear()
      throw badValue(format)
    }
  }
}
