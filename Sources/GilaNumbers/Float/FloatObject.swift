// Floats in memory, and the C API for making and reading them.

import CGila
import GilaAlgorithms
import GilaCore

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The value of a float object.
  @inline(__always) var doubleField: Double { raw.load(fromByteOffset: 16, as: Double.self) }
  /// float or a subclass.
  @inline(__always) var isFloat: Bool { type == Types.float || (isInstance(of: Types.float)) }
}

/// A new float; NULL with MemoryError.
@inline(__always) func newFloat(_ v: Double) -> Ref? {
  guard let memory = SmallBlocks.allocate(24) else {
    PyErr_NoMemory()
    return nil
  }
  let r = memory.assumingMemoryBound(to: PyObject.self)
  r.pointee.ob_refcnt = 1
  r.pointee.ob_type = Types.float
  memory.storeBytes(of: v, toByteOffset: 16, as: Double.self)
  return r
}

@c @implementation public func PyFloat_FromDouble(_ v: Double) -> Ref? { newFloat(v) }

@c @implementation public func PyFloat_AsDouble(_ r: Ref!) -> Double {
  guard let r else {
    PyErr_BadArgument()
    return -1
  }
  if r.isExactly(Types.float) || r.isFloat { return r.doubleField }
  if r.isExactly(Types.long) { return doubleValue(r) ?? -1 }
  guard let slots = r.type.pointee.tp_as_number, let convert = slots.pointee.nb_float else {
    if let slots = r.type.pointee.tp_as_number, slots.pointee.nb_index != nil {
      guard let n = _PyNumber_Index(r) else { return -1 }
      defer { decref(n) }
      return doubleValue(n) ?? -1
    }
    _ = typeError("must be real number, not \(typeName(of: r))")
    return -1
  }
  guard let f = convert(r) else { return -1 }
  defer { decref(f) }
  if f.isExactly(Types.float) { return f.doubleField }
  if !f.isFloat {
    _ = typeError("\(typeName(of: r)).__float__ returned non-float (type \(typeName(of: f)))")
    return -1
  }
  let text =
    "\(typeName(of: r)).__float__ returned non-float (type \(typeName(of: f))).  The ability to return an instance of a strict subclass of float is deprecated, and may not be supported in a future version of Python."
  if PyErr_WarnEx(Exc.DeprecationWarning.object, text, 1) < 0 { return -1 }
  return f.doubleField
}

@c @implementation public func PyFloat_GetMax() -> Double { .greatestFiniteMagnitude }
@c @implementation public func PyFloat_GetMin() -> Double { .leastNormalMagnitude }

@c @implementation public func _Py_HashDouble(_ r: Ref!, _ v: Double) -> Int {
  NumericHash.hash(v) ?? Py_HashPointer(r)
}

// MARK: text

/// The float that a whole text denotes, underscores allowed between digits; nil when it is none. No exception is set.
func parseFloat(_ text: UnsafePointer<UInt8>, _ count: Int) -> Double? {
  var (i, end) = (0, count)
  func isSpace(_ c: UInt8) -> Bool { c == 32 || (c >= 9 && c <= 13) }
  while i < end && isSpace(text[i]) { i &+= 1 }
  while end > i && isSpace(text[end &- 1]) { end &-= 1 }
  let n = end &- i
  var underscores = false
  for k in i..<end where text[k] == 95 { underscores = true }
  if !underscores {
    let r = FloatParse.parse(text + i, n)
    return r.length == n && n > 0 ? r.value : nil
  }
  // Underscores only between digits.
  let plain = UnsafeMutablePointer<UInt8>.allocate(capacity: n)
  defer { plain.deallocate() }
  var m = 0
  func isDigit(_ k: Int) -> Bool { k >= i && k < end && text[k] >= 48 && text[k] <= 57 }
  for k in i..<end {
    if text[k] == 95 {
      if !isDigit(k &- 1) || !isDigit(k &+ 1) { return nil }
    } else {
      plain[m] = text[k]
      m &+= 1
    }
  }
  let r = FloatParse.parse(plain, m)
  return r.length == m ? r.value : nil
}

@c @implementation public func PyFloat_FromString(_ s: Ref!) -> Ref? {
  let s = s!
  let value: Double?
  if s.isUnicode {
    value = withASCIIDigits(s) { parseFloat($0, $1) }
  } else if s.isBytes {
    value = parseFloat((s.raw + 32).assumingMemoryBound(to: UInt8.self), s.size)
  } else if s.isInstance(of: Types.byteArray) {
    guard let p = PyByteArray_AsString(s) else { return nil }
    value = parseFloat(UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self), s.size)
  } else {
    var view = Py_buffer()
    if PyObject_CheckBuffer(s) == 0 || PyObject_GetBuffer(s, &view, 0) != 0 {
      PyErr_Clear()
      _ = typeError("float() argument must be a string or a real number, not '\(typeName(of: s))'")
      return nil
    }
    let none: UInt8 = 0
    if let p = view.buf {
      value = parseFloat(p.assumingMemoryBound(to: UInt8.self), view.len)
    } else {
      value = withUnsafePointer(to: none) { parseFloat($0, 0) }
    }
    PyBuffer_Release(&view)
  }
  if let value { return newFloat(value) }
  guard let text = PyObject_Repr(s) else { return nil }
  defer { decref(text) }
  _ = valueError("could not convert string to float: \(swiftString(text))")
  return nil
}

@c @implementation public func PyOS_string_to_double(
  _ text: UnsafePointer<CChar>!, _ end: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!, _ overflow: Ref!
) -> Double {
  var count = 0
  while text[count] != 0 { count &+= 1 }
  let bytes = UnsafeRawPointer(text!).assumingMemoryBound(to: UInt8.self)
  let r = FloatParse.parse(bytes, count)
  if let end { end.pointee = UnsafeMutablePointer(mutating: text + r.length) }
  if r.length == 0 || (end == nil && r.length != count) {
    _ = valueError("could not convert string to float: '\(String(cString: text))'")
    return -1
  }
  if r.overflow, let overflow {
    PyErr_SetObject(overflow, newString("value too large to convert to float: '\(String(cString: text))'"))
    return -1
  }
  return r.value
}

@c @implementation public func PyOS_double_to_string(
  _ v: Double, _ code0: CChar, _ precision0: Int32, _ flags: Int32, _ kind: UnsafeMutablePointer<Int32>!
) -> UnsafeMutablePointer<CChar>? {
  var code = UInt8(bitPattern: code0)
  var precision = Int(precision0)
  switch code {
  case UInt8(ascii: "e"), UInt8(ascii: "f"), UInt8(ascii: "g"), UInt8(ascii: "E"), UInt8(ascii: "F"), UInt8(ascii: "G"):
    break
  case UInt8(ascii: "r"):
    if precision != 0 {
      PyErr_BadInternalCall()
      return nil
    }
  default:
    PyErr_BadInternalCall()
    return nil
  }
  if precision < 0 { precision = 6 }
  if code == UInt8(ascii: "r") { code = UInt8(ascii: "r") }
  let capacity = FloatText.capacity(v, code: code, precision: precision)
  guard let memory = PyMem_Malloc(capacity &+ 1) else {
    PyErr_NoMemory()
    return nil
  }
  let out = memory.assumingMemoryBound(to: UInt8.self)
  let result = FloatText.format(v, code: code, precision: precision, flags: .init(rawValue: flags), to: out)
  out[result.count] = 0
  if let kind { kind.pointee = result.kind.rawValue }
  return memory.assumingMemoryBound(to: CChar.self)
}

/// The shortest text of a double with ".0" when it looks like an int, as repr() gives.
func floatRepr(_ v: Double) -> Ref? {
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
    let n = FloatText.format(v, code: UInt8(ascii: "r"), precision: 0, flags: .addDotZero, to: buffer.baseAddress!)
      .count
    return asciiString(buffer.baseAddress!, n)
  }
}

// MARK: packing

@c @implementation public func PyFloat_Pack8(_ v: Double, _ p: UnsafeMutablePointer<CChar>!, _ little: Int32) -> Int32 {
  store(little != 0 ? v.bitPattern.littleEndian : v.bitPattern.bigEndian, p)
  return 0
}
@c @implementation public func PyFloat_Pack4(_ v: Double, _ p: UnsafeMutablePointer<CChar>!, _ little: Int32) -> Int32 {
  let f = Float(v)
  if f.isInfinite && !v.isInfinite {
    _ = fail(Exc.OverflowError, "float too large to pack with f format")
    return -1
  }
  store(little != 0 ? f.bitPattern.littleEndian : f.bitPattern.bigEndian, p)
  return 0
}
@c @implementation public func PyFloat_Pack2(_ v: Double, _ p: UnsafeMutablePointer<CChar>!, _ little: Int32) -> Int32 {
  var bits: UInt16
  if v.isNaN {
    bits = (v.sign == .minus ? 0x8000 : 0) | 0x7E00
  } else {
    guard let h = HalfFloat.bits(v) else {
      _ = fail(Exc.OverflowError, "float too large to pack with e format")
      return -1
    }
    bits = h
  }
  bits = little != 0 ? bits.littleEndian : bits.bigEndian
  store(bits, p)
  return 0
}
@c @implementation public func PyFloat_Unpack8(_ p: UnsafePointer<CChar>!, _ little: Int32) -> Double {
  let bits = UnsafeRawPointer(p!).loadUnaligned(as: UInt64.self)
  return Double(bitPattern: little != 0 ? UInt64(littleEndian: bits) : UInt64(bigEndian: bits))
}
@c @implementation public func PyFloat_Unpack4(_ p: UnsafePointer<CChar>!, _ little: Int32) -> Double {
  let bits = UnsafeRawPointer(p!).loadUnaligned(as: UInt32.self)
  return Double(Float(bitPattern: little != 0 ? UInt32(littleEndian: bits) : UInt32(bigEndian: bits)))
}
@c @implementation public func PyFloat_Unpack2(_ p: UnsafePointer<CChar>!, _ little: Int32) -> Double {
  let bits = UnsafeRawPointer(p!).loadUnaligned(as: UInt16.self)
  return HalfFloat.value(little != 0 ? UInt16(littleEndian: bits) : UInt16(bigEndian: bits))
}

private func store<T: FixedWidthInteger>(_ bits: T, _ p: UnsafeMutablePointer<CChar>) {
  UnsafeMutableRawPointer(p).storeBytes(of: bits, as: T.self)
}
