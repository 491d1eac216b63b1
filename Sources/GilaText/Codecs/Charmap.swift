// Encodings given by a mapping: a str of 256 characters or a dict for decoding, a dict for encoding. An EncodingMap is
// a decoding str turned round, for speed.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// One step of decoding: what a byte stands for.
private func decodeByte(_ byte: UInt32, _ mapping: Ref, _ output: inout CodePointBuffer) throws(PyError) -> Bool {
  let key = try owned(PyLong_FromLong(Int(byte)))
  guard let found = PyObject_GetItem(mapping, key.ref) else {
    if PyErr_ExceptionMatches(Exc.LookupError.object) == 0 { throw PyError() }
    PyErr_Clear()
    return false
  }
  let value = Owned(taking: found)
  if value.ref.isNone { return false }
  if value.ref.isLong {
    let n = PyLong_AsLong(value.ref)
    if n == -1, errorIsSet { throw PyError() }
    if n == 0xFFFE { return false }
    if n < 0 || n > 0x10FFFF { throw typeError("character mapping must be in range(0x110000)") }
    output.append(UInt32(n))
    return true
  }
  if value.ref.isUnicode {
    if value.ref.strLength == 1, value.ref.chars[0] == 0xFFFE { return false }
    output.append(value.ref.chars)
    return true
  }
  throw typeError("character mapping must return integer, None or str")
}

@c @implementation public func PyUnicode_DecodeCharmap(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ mapping: Ref!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  guard let mapping else { return PyUnicode_DecodeLatin1(p, n, errors) }
  if n == 0 { return gila_empty_str() }
  return bridge { () throws(PyError) in
    var output = CodePointBuffer(capacity: n)
    var faults = DecodingFaults(cString("charmap"), errors, bytePointer(p), n)
    let table: CharacterData? = mapping.isExactly(Types.unicode) ? mapping.chars : nil
    var i = 0
    while i < faults.count {
      let byte = UInt32(faults.input[i])
      let isMapped: Bool
      if let table {
        isMapped = Int(byte) < table.count && table[Int(byte)] != 0xFFFE
        if isMapped { output.append(table[Int(byte)]) }
      } else {
        isMapped = try decodeByte(byte, mapping, &output)
      }
      if isMapped {
        i &+= 1
      } else {
        i = try faults.handle(i, i &+ 1, cString("character maps to <undefined>"), &output)
      }
    }
    return try owned(newString(output))
  }
}

/// Looks a character up for encoding; false when it has no bytes.
private func encodeCharacter(_ c: UInt32, _ mapping: Ref, _ output: inout ByteBuffer) throws(PyError) -> Bool {
  if mapping.isExactly(Types.encodingMap) {
    let byte = EncodingMap.lookup(mapping, c)
    if byte < 0 { return false }
    output.append(UInt8(truncatingIfNeeded: byte))
    return true
  }
  let key = try owned(PyLong_FromLong(Int(c)))
  guard let found = PyObject_GetItem(mapping, key.ref) else {
    if PyErr_ExceptionMatches(Exc.LookupError.object) == 0 { throw PyError() }
    PyErr_Clear()
    return false
  }
  let value = Owned(taking: found)
  if value.ref.isNone { return false }
  if value.ref.isLong {
    let n = PyLong_AsLong(value.ref)
    if n == -1, errorIsSet { PyErr_Clear() }
    if n < 0 || n > 255 { throw typeError("character mapping must be in range(256)") }
    output.append(UInt8(n))
    return true
  }
  if value.ref.isBytes {
    output.append(value.ref.bytesData, value.ref.size)
    return true
  }
  throw typeError("character mapping must return integer, bytes or None, not \(typeName(of: value.ref))")
}

@c @implementation public func _PyUnicode_EncodeCharmap(
  _ s: Ref!, _ mapping: Ref!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  guard let mapping else { return _PyUnicode_AsLatin1String(s, errors) }
  return bridge { () throws(PyError) in
    let text = s.chars
    var output = ByteBuffer(capacity: text.count)
    var faults = EncodingFaults(cString("charmap"), errors, s)
    let reason = cString("character maps to <undefined>")
    var i = 0
    while i < text.count {
      if try encodeCharacter(text[i], mapping, &output) {
        i &+= 1
        continue
      }
      // All that follows and cannot be encoded either is one fault.
      var end = i &+ 1
      var probe = ByteBuffer()
      while end < text.count {
        if try encodeCharacter(text[end], mapping, &probe) { break }
        end &+= 1
      }
      var position = end
      switch try faults.handle(i, end, reason, &position) {
      case .nothing: break
      case .bytes(let bytes): output.append(bytes.ref.bytesData, bytes.ref.size)
      case .text(let replacement):
        let chars = replacement.ref.chars
        for k in 0..<chars.count {
          if try !encodeCharacter(chars[k], mapping, &output) { throw faults.raiseFault(i, end, reason) }
        }
      }
      i = position
    }
    return try owned(newBytes(output))
  }
}

@c @implementation public func PyUnicode_AsCharmapString(_ s: Ref!, _ mapping: Ref!) -> Ref? {
  guard s.isUnicode, mapping != nil else {
    PyErr_BadArgument()
    return nil
  }
  return _PyUnicode_EncodeCharmap(s, mapping, nil)
}

/// The EncodingMap object: a table from character to byte. 256 code points from 16 on, sorted by an open hash of 512.
enum EncodingMap {
  private static let slots = 1024
  static let size = 16 + slots * 8

  private static func slot(_ r: Ref, _ i: Int) -> UnsafeMutablePointer<UInt64> {
    (r.raw + 16).assumingMemoryBound(to: UInt64.self) + i
  }

  private static func place(_ c: UInt32) -> Int { Int((c &* 0x9E37_79B1) >> 22) }

  /// The byte of a character, or -1.
  static func lookup(_ r: Ref, _ c: UInt32) -> Int {
    var i = place(c)
    while true {
      let entry = slot(r, i).pointee
      if entry == 0 { return -1 }
      if UInt32(truncatingIfNeeded: entry >> 9) == c { return Int(entry & 255) }
      i = (i &+ 1) & (slots &- 1)
    }
  }

  static func make(_ table: CharacterData) -> Ref? {
    guard let r = PyType_GenericAlloc(Types.encodingMap, 0) else { return nil }
    for k in 0..<min(table.count, 256) {
      let c = table[k]
      if c == 0xFFFE { continue }
      var i = place(c)
      while slot(r, i).pointee != 0 {
        if UInt32(truncatingIfNeeded: slot(r, i).pointee >> 9) == c { break }
        i = (i &+ 1) & (slots &- 1)
      }
      slot(r, i).pointee = UInt64(c) << 9 | 256 | UInt64(k)
    }
    return r
  }

  static func install() {
    let t = Types.encodingMap
    t.define("EncodingMap", basicSize: size)
    t.pointee.tp_dealloc = { PyObject_Free($0) }
    var m = MethodTable()
    m.noArguments("size", "", "Return the size (in bytes) of this object.") { _, _ in PyLong_FromLong(EncodingMap.size)
    }
    t.pointee.tp_methods = m.build()
  }
}

@c @implementation public func PyUnicode_BuildEncodingMap(_ table: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard table.isUnicode, table.strLength > 0 else { throw badInternalCall() }
    let n = min(table.strLength, 256)
    let chars = table.chars
    if chars[0] == 0 {
      // The usual case; otherwise an ordinary dict does.
      return try owned(EncodingMap.make(chars.slice(0, n)))
    }
    let dict = try owned(PyDict_New())
    for i in 0..<n {
      let key = try owned(PyLong_FromLong(Int(chars[i])))
      let value = try owned(PyLong_FromLong(i))
      try check(PyDict_SetItem(dict.ref, key.ref, value.ref))
    }
    return dict
  }
}
