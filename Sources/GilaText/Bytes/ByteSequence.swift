// What bytes and bytearray have in common.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

extension UnsafeMutablePointer where Pointee == PyObject {
  public var byteArray: UnsafeMutablePointer<PyByteArrayObject> { cast(PyByteArrayObject.self) }

  /// The content of a bytes or bytearray object, borrowed.
  public var byteView: CharacterData {
    if isBytes { return bytesView }
    return CharacterData(bytes: byteArray.pointee.ob_start ?? gila_bytearray_empty(), count: size)
  }
  public var isByteArray: Bool { isInstance(of: Types.byteArray) }
}

/// A new object of the kind of `like` (bytes or bytearray, never a subclass) with these bytes.
func makeBytes(_ like: Ref, _ data: CharacterData) throws(PyError) -> Owned {
  try owned(like.isBytes ? newBytes(data.base, data.count) : newByteArray(data.base, data.count))
}

/// A new object of the kind of `like` from a finished buffer.
func makeBytes(_ like: Ref, _ buffer: borrowing ByteBuffer) throws(PyError) -> Owned {
  if buffer.isExhausted { throw memoryError() }
  let base = buffer.base.map { UnsafeRawPointer($0) } ?? UnsafeRawPointer(gila_bytearray_empty())
  return try makeBytes(like, CharacterData(bytes: base, count: buffer.count))
}

/// A new object of the kind of `like` with `count` bytes that the caller stores; for 0 a shared one.
func makeUninitialized(_ like: Ref, _ count: Int) throws(PyError) -> Owned {
  try owned(like.isBytes ? allocateBytes(count) : newByteArray(nil, count))
}

/// Where the bytes of an object that `makeUninitialized` made are.
func mutableBytes(_ r: Ref) -> UnsafeMutablePointer<UInt8> {
  UnsafeMutableRawPointer(mutating: r.byteView.base).assumingMemoryBound(to: UInt8.self)
}

/// The object itself if it is exactly bytes; else a copy, also for every bytearray.
func unchangedBytes(_ r: Ref) throws(PyError) -> Owned {
  r.isExactly(Types.bytes) ? Owned(retaining: r) : try makeBytes(r, r.byteView)
}

/// A part as a new object.
func subbytes(_ r: Ref, _ start: Int, _ end: Int) throws(PyError) -> Owned {
  if start == 0, end == r.size { return try unchangedBytes(r) }
  return try makeBytes(r, r.byteView.slice(start, end))
}

/// a + b for bytes-like objects; the result has the kind of `a`.
func concatenateBytes(_ a: Ref, _ b: Ref) -> Ref? {
  bridge { () throws(PyError) in
    if a.isExactly(Types.bytes), a.size == 0, b.isExactly(Types.bytes) { return Owned(retaining: b) }
    if a.isExactly(Types.bytes), b.isExactly(Types.bytes), b.size == 0 { return Owned(retaining: a) }
    if PyObject_CheckBuffer(a) == 0 || PyObject_CheckBuffer(b) == 0 {
      throw typeError("can't concat \(typeName(of: b)) to \(typeName(of: a))")
    }
    let left = try BufferLock(a)
    let right = try BufferLock(b)
    let x = left.data
    let y = right.data
    let (n, overflow) = x.count.addingReportingOverflow(y.count)
    if overflow { throw memoryError() }
    let r = try owned(a.isByteArray ? newByteArray(nil, n) : allocateBytes(n))
    if n > 0 {
      let p = mutableBytes(r.ref)
      memcpy(p, x.base, x.count)
      memcpy(p + x.count, y.base, y.count)
    }
    return r
  }
}

/// bytes * n
func repeatedBytes(_ r: Ref, _ times: Int) -> Ref? {
  bridge { () throws(PyError) in
    let count = max(times, 0)
    let (n, overflow) = r.size.multipliedReportingOverflow(by: count)
    if overflow {
      if r.isBytes { throw overflowError("repeated bytes are too long") }
      throw memoryError()
    }
    if count == 1, r.isExactly(Types.bytes) { return Owned(retaining: r) }
    let result = try makeUninitialized(r, n)
    if n > 0 {
      repeatMemory(r.byteView.base, r.size, mutableBytes(result.ref), count)
    }
    return result
  }
}

/// Comparison with any object that has a buffer.
func compareBytes(_ a: Ref?, _ b: Ref?, _ op: Int32) -> Ref? {
  let x = a!
  let y = b!
  if x.isBytes, y.isBytes {
    if op == Py_EQ || op == Py_NE {
      return pyBool((x == y || x.bytesView.equals(y.bytesView)) == (op == Py_EQ))
    }
    return pyBool(answer(x.bytesView.compare(y.bytesView), op))
  }
  if x.isBytes || y.isUnicode || PyObject_CheckBuffer(y) == 0 || PyObject_CheckBuffer(x) == 0 {
    // A bytes object leaves comparisons with other kinds to them.
    if op == Py_EQ || op == Py_NE, warnsAboutBytes, x.isUnicode || y.isUnicode {
      if PyErr_WarnEx(Exc.BytesWarning.object, "Comparison between bytearray and string", 1) < 0 { return nil }
    }
    return notImplemented
  }
  return bridge { () throws(PyError) in
    let left = try BufferLock(x)
    let right = try BufferLock(y)
    return Owned(taking: pyBool(answer(left.data.compare(right.data), op)))
  }
}

/// Whether the -b option is on.
var warnsAboutBytes: Bool { false }

/// A byte argument: an int in range(256).
func byteValue(_ r: Ref, _ message: String = "byte must be in range(0, 256)") throws(PyError) -> UInt8 {
  if r.isExactly(Types.long) {
    // One digit or none, not negative.
    let tag = r.raw.load(fromByteOffset: 16, as: UInt.self)
    let digit = r.raw.load(fromByteOffset: 24, as: UInt32.self)
    if tag & 3 == 1 { return 0 }
    if tag < 2 << 3, tag & 3 == 0, digit < 256 { return UInt8(truncatingIfNeeded: digit) }
  }
  let index = try owned(PyNumber_Index(r))
  var overflow: Int32 = 0
  let n = PyLong_AsLongAndOverflow(index.ref, &overflow)
  if n == -1, errorIsSet { throw PyError() }
  if overflow != 0 || n < 0 || n > 255 { throw valueError(message) }
  return UInt8(n)
}

/// repr of bytes, with the prefix and suffix of the kind.
func bytesRepr(
  _ data: CharacterData, smartQuotes: Bool, prefix: StaticString, suffix: StaticString, escapesApostrophe: Bool = false
) throws(PyError) -> Owned {
  var quote: UInt32 = 39
  if smartQuotes, data.find(character: 39) >= 0, data.find(character: 34) < 0 { quote = 34 }
  var out = ByteBuffer(capacity: data.count &+ 3)
  out.append(prefix)
  out.append(UInt8(quote))
  for i in 0..<data.count {
    let c = data[i]
    switch c {
    case quote, 0x5C:
      out.append(0x5C)
      out.append(UInt8(c))
    case 39 where escapesApostrophe: out.append("\\'")
    case 9: out.append("\\t")
    case 10: out.append("\\n")
    case 13: out.append("\\r")
    case 32..<127: out.append(UInt8(c))
    default: out.appendEscape(c)
    }
  }
  out.append(UInt8(quote))
  out.append(suffix)
  return try asciiText(out)
}

/// Text of two hexadecimal digits a byte, with separators between groups counted from the right (or left if negative).
func hexText(_ data: CharacterData, _ separator: Ref?, _ group: Int) throws(PyError) -> Owned {
  var mark: UInt8? = nil
  if let separator {
    let n = try checkSize(PyObject_Size(separator))
    if n != 1 { throw valueError("sep must be length 1.") }
    if separator.isUnicode {
      if !separator.strIsASCII { throw valueError("sep must be ASCII.") }
      mark = UInt8(truncatingIfNeeded: separator.chars[0])
    } else if separator.isBytes {
      mark = separator.bytesData[0]
    } else {
      throw typeError("sep must be str or bytes.")
    }
    if mark.unsafelyUnwrapped > 127 { throw valueError("sep must be ASCII.") }
  }
  let size = Int(min(group.magnitude, UInt(Int.max)))
  if mark == nil || size == 0, data.count > 0 {
    let made = try owned(PyUnicode_New(data.count &* 2, 127))
    let out = made.ref.strData.assumingMemoryBound(to: UInt8.self)
    let source = data.base.assumingMemoryBound(to: UInt8.self)
    var i = 0
    while i < data.count {
      let byte = UInt32(source[i])
      out[i &* 2] = hexDigit(byte >> 4)
      out[i &* 2 &+ 1] = hexDigit(byte)
      i &+= 1
    }
    return made
  }
  var out = ByteBuffer(capacity: data.count &* 2)
  for i in 0..<data.count {
    if let mark, size > 0, i > 0 {
      let place = group > 0 ? data.count &- i : i
      if place % size == 0 { out.append(mark) }
    }
    let byte = data[i]
    out.append(hexDigit(byte >> 4))
    out.append(hexDigit(byte))
  }
  return try asciiText(out)
}
