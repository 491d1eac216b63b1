// bytes(...) and bytearray(...): making them from text, a count, a buffer or integers.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// What the constructor's arguments stand for, as a bytes object or a finished buffer.
enum BytesSource: ~Copyable {
  case object(Owned)
  case buffer(ByteBuffer)
  case zeros(Int)
}

private func textArgument(_ name: StaticString, _ r: Ref?, _ parameter: StaticString) throws(PyError)
  -> UnsafePointer<CChar>?
{ try codecArgument(name, parameter, r) }

/// The arguments (source, encoding, errors).
func bytesSource(
  _ name: StaticString, _ x: Ref?, _ encoding: Ref?, _ errors: Ref?
) throws(PyError) -> BytesSource {
  let codec = try textArgument(name, encoding, "encoding")
  let handler = try textArgument(name, errors, "errors")
  guard let x else {
    if codec != nil || handler != nil {
      throw typeError("\(codec != nil ? "encoding" : "errors") without a string argument")
    }
    return .zeros(0)
  }
  if codec != nil || handler != nil, !x.isUnicode {
    throw typeError("\(codec != nil ? "encoding" : "errors") without a string argument")
  }
  if codec != nil { return .object(try owned(PyUnicode_AsEncodedString(x, codec, handler))) }
  if x.isUnicode, x.isExactly(Types.unicode) || name.utf8CodeUnitCount != 5 {
    throw typeError("string argument without an encoding")
  }
  if name.utf8CodeUnitCount == 5 {
    // bytes() asks __bytes__ first; bytearray() does not.
    if x.isExactly(Types.bytes) { return .object(Owned(retaining: x)) }
    if let method = _PyObject_LookupSpecial(x, gila_intern("__bytes__")) {
      let bound = Owned(taking: method)
      let result = try owned(PyObject_CallNoArgs(bound.ref))
      if !result.ref.isBytes {
        throw typeError("__bytes__ returned non-bytes (type \(typeName(of: result.ref)))")
      }
      return .object(result)
    }
    if errorIsSet { throw PyError() }
    if x.isUnicode { throw typeError("string argument without an encoding") }
  }
  if PyIndex_Check(x) != 0 {
    let n = PyNumber_AsSsize_t(x, Exc.OverflowError.object)
    if n == -1, errorIsSet {
      // Not an integer after all: another kind of source.
      if PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw PyError() }
      PyErr_Clear()
    } else {
      if n < 0 { throw valueError("negative count") }
      return .zeros(n)
    }
  }
  return .buffer(try bytesOf(x, kind: name))
}

/// The bytes of a buffer or of an iterable of ints.
func bytesOf(_ x: Ref, kind: StaticString) throws(PyError) -> ByteBuffer {
  if PyObject_CheckBuffer(x) != 0 {
    var view = Py_buffer()
    if PyObject_GetBuffer(x, &view, PyBUF_FULL_RO) < 0 { throw PyError() }
    defer { PyBuffer_Release(&view) }
    var out = ByteBuffer(capacity: view.len)
    if out.isExhausted { throw memoryError() }
    if PyBuffer_IsContiguous(&view, 67) != 0 {
      out.append(view.buf ?? UnsafeMutableRawPointer(gila_bytearray_empty()), view.len)
    } else {
      forEachItem(view, fortran: false) { out.append($0, view.itemsize) }
    }
    return out
  }
  guard let iterator = PyObject_GetIter(x) else {
    if PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw PyError() }
    PyErr_Clear()
    throw typeError("cannot convert '\(typeName(of: x))' object to \(kind)")
  }
  let it = Owned(taking: iterator)
  let hint = try checkSize(PyObject_LengthHint(x, 64))
  var out = ByteBuffer(capacity: min(hint, 1 << 24))
  let message = kind.utf8CodeUnitCount == 5 ? "bytes must be in range(0, 256)" : "byte must be in range(0, 256)"
  while let item = PyIter_Next(it.ref) {
    let value = Owned(taking: item)
    out.append(try byteValue(value.ref, message))
    if out.isExhausted { throw memoryError() }
  }
  if errorIsSet { throw PyError() }
  return out
}

/// A bytes object from a source.
func makeBytes(_ source: consuming BytesSource) throws(PyError) -> Owned {
  switch consume source {
  case .object(let r): return r
  case .buffer(let b): return try owned(newBytes(b))
  case .zeros(let n):
    let r = try owned(allocateBytes(n))
    if n > 0 { memset(r.ref.bytesData, 0, n) }
    return r
  }
}

@c @implementation public func PyBytes_FromObject(_ x: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if x.isExactly(Types.bytes) { return Owned(retaining: x) }
    if x.isUnicode { throw typeError("cannot convert 'str' object to bytes") }
    return try owned(newBytes(try bytesOf(x, kind: "bytes")))
  }
}

@c @implementation public func PyObject_Bytes(_ x: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let x else { return try owned(PyBytes_FromString("<NULL>")) }
    if x.isExactly(Types.bytes) { return Owned(retaining: x) }
    if let method = _PyObject_LookupSpecial(x, gila_intern("__bytes__")) {
      let bound = Owned(taking: method)
      let result = try owned(PyObject_CallNoArgs(bound.ref))
      if !result.ref.isBytes {
        throw typeError("__bytes__ returned non-bytes (type \(typeName(of: result.ref)))")
      }
      return result
    }
    if errorIsSet { throw PyError() }
    return try owned(PyBytes_FromObject(x))
  }
}

@c @implementation public func PyBytes_Repr(_ r: Ref!, _ smartQuotes: Int32) -> Ref? {
  bridge { () throws(PyError) in
    try bytesRepr(r.bytesView, smartQuotes: smartQuotes != 0, prefix: "b", suffix: "")
  }
}

/// PyBytes_FromFormat: %c %d %u %ld %lu %zd %zu %i %x %s %p.
@c @implementation public func gila_bytes_from_format(
  _ format: UnsafePointer<CChar>!, _ arguments: UnsafeMutablePointer<gila_va>!
) -> Ref? {
  bridge { () throws(PyError) in
    var out = ByteBuffer()
    var p = bytePointer(format)
    while p.pointee != 0 {
      if p.pointee != UInt8(ascii: "%") {
        out.append(p.pointee)
        p += 1
        continue
      }
      let start = p
      p += 1
      while isASCIIDigit(p.pointee) { p += 1 }
      var precision = -1
      if p.pointee == UInt8(ascii: ".") {
        p += 1
        precision = 0
        while isASCIIDigit(p.pointee) {
          precision = min(precision, 1 << 40) &* 10 &+ Int(p.pointee &- 48)
          p += 1
        }
      }
      var long = false
      while p.pointee == UInt8(ascii: "l") || p.pointee == UInt8(ascii: "z") {
        long = true
        p += 1
      }
      switch p.pointee {
      case UInt8(ascii: "c"):
        let c = gila_va_int(arguments)
        if c < 0 || c > 255 {
          throw overflowError("PyBytes_FromFormatV(): %c format expects an integer in range [0; 255]")
        }
        out.append(UInt8(c))
      case UInt8(ascii: "d"), UInt8(ascii: "i"):
        appendASCII(String(long ? gila_va_long(arguments) : Int(gila_va_int(arguments))), &out)
      case UInt8(ascii: "u"):
        appendASCII(String(long ? gila_va_ulong(arguments) : UInt(gila_va_uint(arguments))), &out)
      case UInt8(ascii: "x"):
        appendASCII(String(long ? gila_va_ulong(arguments) : UInt(gila_va_uint(arguments)), radix: 16), &out)
      case UInt8(ascii: "p"):
        appendASCII("0x" + String(UInt(bitPattern: gila_va_pointer(arguments)), radix: 16), &out)
      case UInt8(ascii: "s"):
        guard let s = gila_va_pointer(arguments) else { break }
        let text = s.assumingMemoryBound(to: CChar.self)
        out.append(text, precision >= 0 ? strnlen(text, precision) : strlen(text))
      case UInt8(ascii: "%"): out.append(UInt8(ascii: "%"))
      default:
        // Unknown: the rest is copied as it is.
        out.append(start, strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)))
        return try owned(newBytes(out))
      }
      p += 1
    }
    return try owned(newBytes(out))
  }
}

private func appendASCII(_ text: String, _ out: inout ByteBuffer) { for byte in text.utf8 { out.append(byte) } }
