// str.encode and bytes.decode: shortcuts for the common encodings, the registry for the others.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// The encodings in native code.
private enum Shortcut {
  case utf8, utf16, utf32, ascii, latin1

  /// From a name in any spelling that CPython's shortcut knows.
  init?(_ encoding: UnsafePointer<CChar>) {
    let c = bytePointer(encoding)
    if c[0] == 0x75, c[1] == 0x74, c[2] == 0x66, c[3] == 0x2D, c[4] == 0x38, c[5] == 0 {
      self = .utf8
      return
    }
    // Letters and digits in lower case, other characters as one underscore.
    var buffer: InlineArray<12, UInt8> = .init(repeating: 0)
    var n = 0
    var p = bytePointer(encoding)
    var gap = false
    while p.pointee != 0 {
      let c = p.pointee
      p += 1
      if isASCIIAlpha(c) || isASCIIDigit(c) || c == UInt8(ascii: ".") {
        if gap, n > 0 {
          if n >= 11 { return nil }
          buffer[n] = UInt8(ascii: "_")
          n &+= 1
        }
        gap = false
        if n >= 11 { return nil }
        buffer[n] = asciiLower(c)
        n &+= 1
      } else {
        gap = true
      }
    }
    func matches(_ name: StaticString) -> Bool {
      if name.utf8CodeUnitCount != n { return false }
      for i in 0..<n where buffer[i] != name.utf8Start[i] { return false }
      return true
    }
    if matches("utf_8") || matches("utf8") {
      self = .utf8
    } else if matches("latin_1") || matches("latin1") || matches("iso_8859_1") || matches("iso8859_1") || matches("l1")
    {
      self = .latin1
    } else if matches("ascii") || matches("us_ascii") {
      self = .ascii
    } else if matches("utf_16") || matches("utf16") {
      self = .utf16
    } else if matches("utf_32") || matches("utf32") {
      self = .utf32
    } else {
      return nil
    }
  }
}

/// With -X dev the names of encodings and error handlers are looked up although the text may not need them.
nonisolated(unsafe) private var checksNames = false
@c @implementation public func gila_check_codec_names(_ on: Bool) { checksNames = on }
private func checkNames(_ encoding: UnsafePointer<CChar>?, _ errors: UnsafePointer<CChar>?) throws(PyError) {
  // At the end of an interpreter the registry may be gone.
  if currentInterpreter.pointee.finalizing != 0 { return }
  if let encoding, Shortcut(encoding) == nil { _ = try owned(_PyCodec_Lookup(encoding)) }
  if let errors, errors.pointee != 0 { _ = try owned(PyCodec_LookupError(errors)) }
}
private func namesAreGood(_ encoding: UnsafePointer<CChar>?, _ errors: UnsafePointer<CChar>?) -> Bool {
  if !checksNames { return true }
  return bridgeStatus { () throws(PyError) in try checkNames(encoding, errors) } == 0
}

@c @implementation public func PyUnicode_Decode(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  if !namesAreGood(encoding, errors) { return nil }
  guard let encoding else { return PyUnicode_DecodeUTF8Stateful(p, n, errors, nil) }
  if let shortcut = Shortcut(encoding) {
    switch shortcut {
    case .utf8: return PyUnicode_DecodeUTF8Stateful(p, n, errors, nil)
    case .latin1: return PyUnicode_DecodeLatin1(p, n, errors)
    case .ascii: return PyUnicode_DecodeASCII(p, n, errors)
    case .utf16: return PyUnicode_DecodeUTF16(p, n, errors, nil)
    case .utf32: return PyUnicode_DecodeUTF32(p, n, errors, nil)
    }
  }
  return bridge { () throws(PyError) in
    var view = Py_buffer()
    try check(PyBuffer_FillInfo(&view, nil, UnsafeMutableRawPointer(mutating: p), n, 1, PyBUF_FULL_RO))
    let memory = try owned(PyMemoryView_FromBuffer(&view))
    let text = try owned(_PyCodec_DecodeText(memory.ref, encoding, errors))
    if !text.ref.isUnicode {
      throw typeError(
        "'\(String(cString: encoding))' decoder returned '\(typeName(of: text.ref))' instead of 'str'; use codecs.decode() to decode to arbitrary types"
      )
    }
    return text
  }
}

@c @implementation public func PyUnicode_FromEncodedObject(
  _ o: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    guard let o else { throw badInternalCall() }
    if checksNames { try checkNames(encoding, errors) }
    if o.isBytes {
      if o.size == 0 { return Owned(taking: gila_empty_str()) }
      return try owned(PyUnicode_Decode(PyBytes_AsString(o), o.size, encoding, errors))
    }
    if o.isUnicode { throw typeError("decoding str is not supported") }
    if PyObject_CheckBuffer(o) == 0 {
      throw typeError("decoding to str: need a bytes-like object, \(typeName(of: o)) found")
    }
    let lock = try BufferLock(o)
    if lock.data.count == 0 { return Owned(taking: gila_empty_str()) }
    return try owned(
      PyUnicode_Decode(lock.data.base.assumingMemoryBound(to: CChar.self), lock.data.count, encoding, errors))
  }
}

@c @implementation public func PyUnicode_AsEncodedString(
  _ s: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  guard s.isUnicode else {
    PyErr_BadArgument()
    return nil
  }
  if !namesAreGood(encoding, errors) { return nil }
  guard let encoding else { return _PyUnicode_AsUTF8String(s, errors) }
  if let shortcut = Shortcut(encoding) {
    switch shortcut {
    case .utf8: return _PyUnicode_AsUTF8String(s, errors)
    case .latin1: return _PyUnicode_AsLatin1String(s, errors)
    case .ascii: return _PyUnicode_AsASCIIString(s, errors)
    case .utf16: return _PyUnicode_EncodeUTF16(s, errors, 0)
    case .utf32: return _PyUnicode_EncodeUTF32(s, errors, 0)
    }
  }
  return bridge { () throws(PyError) in
    let v = try owned(_PyCodec_EncodeText(s, encoding, errors))
    if v.ref.isBytes { return v }
    if v.ref.isByteArray {
      let message =
        "encoder \(String(cString: encoding)) returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types"
      try check(PyErr_WarnEx(Exc.RuntimeWarning.object, message, 1))
      return try owned(newBytes(v.ref.byteView.base, v.ref.size))
    }
    throw typeError(
      "'\(String(cString: encoding))' encoder returned '\(typeName(of: v.ref))' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
    )
  }
}

@c @implementation public func PyUnicode_AsEncodedObject(
  _ s: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? { PyCodec_Encode(s, encoding ?? cString("utf-8"), errors) }
@c @implementation public func PyUnicode_AsDecodedObject(
  _ s: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? { PyCodec_Decode(s, encoding ?? cString("utf-8"), errors) }

private func requireText(_ r: Ref?, _ encoding: UnsafePointer<CChar>?, _ what: StaticString) -> Ref? {
  bridge { () throws(PyError) in
    let v = try owned(r)
    if v.ref.isUnicode { return v }
    throw typeError(
      "'\(encoding.map { String(cString: $0) } ?? "utf-8")' \(what) returned '\(typeName(of: v.ref))' instead of 'str'")
  }
}
@c @implementation public func PyUnicode_AsEncodedUnicode(
  _ s: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? { requireText(PyUnicode_AsEncodedObject(s, encoding, errors), encoding, "encoder") }
@c @implementation public func PyUnicode_AsDecodedUnicode(
  _ s: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? { requireText(PyUnicode_AsDecodedObject(s, encoding, errors), encoding, "decoder") }
