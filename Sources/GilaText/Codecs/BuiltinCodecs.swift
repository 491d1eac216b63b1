// The codecs in native code, as C functions.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

private typealias Text = UnsafePointer<CChar>

// UTF-8

@c @implementation public func PyUnicode_DecodeUTF8(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!
)
  -> Ref?
{ PyUnicode_DecodeUTF8Stateful(p, n, errors, nil) }

@c @implementation public func PyUnicode_DecodeUTF8Stateful(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ consumed: UnsafeMutablePointer<Int>!
) -> Ref? {
  if n <= 0 {
    if let consumed { consumed.pointee = 0 }
    return gila_empty_str()
  }
  let bytes = bytePointer(p)
  if let r = newValidUTF8(bytes, n) {
    if let consumed { consumed.pointee = n }
    return r
  }
  if errorIsSet { return nil }
  return bridge { () throws(PyError) in
    var decoder = UTF8Decoder(isPartial: consumed != nil)
    let r = try decode(&decoder, "utf-8", bytes, n, errors)
    if let consumed { consumed.pointee = decoder.position }
    return r
  }
}

@c @implementation public func _PyUnicode_AsUTF8String(_ s: Ref!, _ errors: UnsafePointer<CChar>!) -> Ref? {
  guard s.isUnicode else {
    PyErr_BadArgument()
    return nil
  }
  if s.strIsASCII { return newBytes(s.strData, s.strLength) }
  if let cache = s.strUTF8 { return newBytes(cache, s.strUTF8Length) }
  let text = s.chars
  if text.firstSurrogate() < 0 {
    guard let r = allocateBytes(text.utf8Count) else { return nil }
    text.encodeUTF8(to: r.bytesData)
    return r
  }
  return bridge { () throws(PyError) in
    var encoder = UTF8Encoder()
    var output = ByteBuffer(capacity: text.count &* 2)
    return try encode(&encoder, "utf-8", s, errors, &output)
  }
}

@c @implementation public func PyUnicode_AsUTF8String(_ s: Ref!) -> Ref? { _PyUnicode_AsUTF8String(s, nil) }

// UTF-7

@c @implementation public func PyUnicode_DecodeUTF7(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!
)
  -> Ref?
{ PyUnicode_DecodeUTF7Stateful(p, n, errors, nil) }

@c @implementation public func PyUnicode_DecodeUTF7Stateful(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ consumed: UnsafeMutablePointer<Int>!
) -> Ref? {
  bridge { () throws(PyError) in
    var decoder = UTF7Decoder(isPartial: consumed != nil)
    let r = try decode(&decoder, "utf7", bytePointer(p), n, errors)
    if let consumed { consumed.pointee = decoder.consumed }
    return r
  }
}

@c @implementation public func _PyUnicode_EncodeUTF7(_ s: Ref!, _ errors: UnsafePointer<CChar>!) -> Ref? {
  var output = ByteBuffer(capacity: s.strLength)
  encodeUTF7(s.chars, &output)
  return newBytes(output)
}

// UTF-16 and UTF-32

/// Byte order of 0 (find out from a mark, else this machine's), -1 little, 1 big.
private func order(_ byteOrder: Int32) -> ByteOrder { byteOrder > 0 ? .big : .little }

@c @implementation public func PyUnicode_DecodeUTF16(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ byteOrder: UnsafeMutablePointer<Int32>!
) -> Ref? { PyUnicode_DecodeUTF16Stateful(p, n, errors, byteOrder, nil) }

@c @implementation public func PyUnicode_DecodeUTF16Stateful(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ byteOrder: UnsafeMutablePointer<Int32>!,
  _ consumed: UnsafeMutablePointer<Int>!
) -> Ref? {
  let bytes = bytePointer(p)
  var chosen = byteOrder?.pointee ?? 0
  var start = 0
  if chosen == 0, n >= 2 {
    if bytes[0] == 0xFF, bytes[1] == 0xFE {
      chosen = -1
      start = 2
    } else if bytes[0] == 0xFE, bytes[1] == 0xFF {
      chosen = 1
      start = 2
    }
  }
  if n == 0 {
    if let consumed { consumed.pointee = 0 }
    return gila_empty_str()
  }
  let name: StaticString = chosen <= 0 ? "utf-16-le" : "utf-16-be"
  return bridge { () throws(PyError) in
    var decoder = UTF16Decoder(order: order(chosen), isPartial: consumed != nil)
    decoder.position = start
    let r = try decode(&decoder, name, bytes, n, errors)
    if let byteOrder { byteOrder.pointee = chosen }
    if let consumed { consumed.pointee = decoder.position }
    return r
  }
}

@c @implementation public func PyUnicode_DecodeUTF32(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ byteOrder: UnsafeMutablePointer<Int32>!
) -> Ref? { PyUnicode_DecodeUTF32Stateful(p, n, errors, byteOrder, nil) }

@c @implementation public func PyUnicode_DecodeUTF32Stateful(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ byteOrder: UnsafeMutablePointer<Int32>!,
  _ consumed: UnsafeMutablePointer<Int>!
) -> Ref? {
  let bytes = bytePointer(p)
  var chosen = byteOrder?.pointee ?? 0
  var start = 0
  if chosen == 0, n >= 4 {
    if bytes[0] == 0xFF, bytes[1] == 0xFE, bytes[2] == 0, bytes[3] == 0 {
      chosen = -1
      start = 4
    } else if bytes[0] == 0, bytes[1] == 0, bytes[2] == 0xFE, bytes[3] == 0xFF {
      chosen = 1
      start = 4
    }
  }
  if n == 0 {
    if let consumed { consumed.pointee = 0 }
    return gila_empty_str()
  }
  let name: StaticString = chosen <= 0 ? "utf-32-le" : "utf-32-be"
  return bridge { () throws(PyError) in
    var decoder = UTF32Decoder(order: order(chosen), isPartial: consumed != nil)
    decoder.position = start
    let r = try decode(&decoder, name, bytes, n, errors)
    if let byteOrder { byteOrder.pointee = chosen }
    if let consumed { consumed.pointee = decoder.position }
    return r
  }
}

@c @implementation
public func _PyUnicode_EncodeUTF16(_ s: Ref!, _ errors: UnsafePointer<CChar>!, _ byteOrder: Int32) -> Ref? {
  bridge { () throws(PyError) in
    if !s.isUnicode { throw badInternalCall() }
    let text = s.chars
    if text.width <= 2, text.firstSurrogate() < 0 {
      // A unit for each character, straight into the result.
      let mark = byteOrder == 0 ? 1 : 0
      let result = try owned(allocateBytes((text.count &+ mark) &* 2))
      let out = UnsafeMutableRawPointer(result.ref.bytesData)
      if mark == 1 { out.storeBytes(of: 0xFEFF, as: UInt16.self) }
      text.encodeUTF16(to: out + mark &* 2, big: byteOrder > 0)
      return result
    }
    var encoder = UTF16Encoder(order: order(byteOrder))
    var output = ByteBuffer(capacity: s.strLength &* 2 &+ 2)
    if byteOrder == 0 { encoder.put(0xFEFF, &output) }
    return try encode(
      &encoder, byteOrder == 0 ? "utf-16" : byteOrder < 0 ? "utf-16-le" : "utf-16-be", s, errors, &output)
  }
}

@c @implementation
public func _PyUnicode_EncodeUTF32(_ s: Ref!, _ errors: UnsafePointer<CChar>!, _ byteOrder: Int32) -> Ref? {
  bridge { () throws(PyError) in
    if !s.isUnicode { throw badInternalCall() }
    var encoder = UTF32Encoder(order: order(byteOrder))
    var output = ByteBuffer(capacity: s.strLength &* 4 &+ 4)
    if byteOrder == 0 { encoder.put(0xFEFF, &output) }
    return try encode(
      &encoder, byteOrder == 0 ? "utf-32" : byteOrder < 0 ? "utf-32-le" : "utf-32-be", s, errors, &output)
  }
}

@c @implementation public func PyUnicode_AsUTF16String(_ s: Ref!) -> Ref? { _PyUnicode_EncodeUTF16(s, nil, 0) }
@c @implementation public func PyUnicode_AsUTF32String(_ s: Ref!) -> Ref? { _PyUnicode_EncodeUTF32(s, nil, 0) }

// ASCII and Latin-1

@c @implementation public func PyUnicode_DecodeASCII(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  if n == 0 { return gila_empty_str() }
  let bytes = bytePointer(p)
  if asciiPrefix(bytes, n) == n { return newString(CharacterData(bytes: bytes, count: n), maxChar: 127) }
  return bridge { () throws(PyError) in
    var decoder = ASCIIDecoder()
    return try decode(&decoder, "ascii", bytes, n, errors)
  }
}

@c @implementation public func PyUnicode_DecodeLatin1(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!
) -> Ref? { n == 0 ? gila_empty_str() : newString(CharacterData(bytes: p, count: n)) }

private func narrow(_ s: Ref, _ errors: UnsafePointer<CChar>?, _ limit: UInt32, _ name: StaticString) -> Ref? {
  guard s.isUnicode else {
    PyErr_BadArgument()
    return nil
  }
  if s.strMaxChar < limit { return newBytes(s.strData, s.strLength) }
  return bridge { () throws(PyError) in
    var encoder = NarrowEncoder(limit: limit)
    var output = ByteBuffer(capacity: s.strLength)
    return try encode(&encoder, name, s, errors, &output)
  }
}

@c @implementation public func _PyUnicode_AsLatin1String(_ s: Ref!, _ errors: UnsafePointer<CChar>!) -> Ref? {
  narrow(s, errors, 256, "latin-1")
}
@c @implementation public func PyUnicode_AsLatin1String(_ s: Ref!) -> Ref? { narrow(s, nil, 256, "latin-1") }
@c @implementation public func _PyUnicode_AsASCIIString(_ s: Ref!, _ errors: UnsafePointer<CChar>!) -> Ref? {
  narrow(s, errors, 128, "ascii")
}
@c @implementation public func PyUnicode_AsASCIIString(_ s: Ref!) -> Ref? { narrow(s, nil, 128, "ascii") }

// Escapes

private struct Escapes: ByteDecoder {
  var base: UnicodeEscapeDecoder
  var position: Int {
    get { base.position }
    set { base.position = newValue }
  }
  mutating func run(_ p: UnsafePointer<UInt8>, _ n: Int, _ output: inout CodePointBuffer) -> CodecStop {
    base.run(p, n, &output) { name, count in
      var c: UInt32 = 0
      let text = UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self)
      return gila_unicode_character_named(text, count, &c, 0) != 0 ? c : nil
    }
  }
}

private func decodeEscapes(
  _ p: UnsafePointer<CChar>?, _ n: Int, _ errors: UnsafePointer<CChar>?, _ consumed: UnsafeMutablePointer<Int>?,
  isRaw: Bool
) -> Ref? {
  bridge { () throws(PyError) in
    guard let p, n > 0 else {
      if let consumed { consumed.pointee = 0 }
      return Owned(taking: gila_empty_str())
    }
    var decoder = Escapes(base: UnicodeEscapeDecoder(isRaw: isRaw, isPartial: consumed != nil))
    let r = try decode(&decoder, isRaw ? "rawunicodeescape" : "unicodeescape", bytePointer(p), n, errors)
    let invalid = decoder.base.firstInvalidEscape
    if invalid >= 0 { try warnInvalidEscape(bytePointer(p), n, invalid) }
    if let consumed { consumed.pointee = decoder.position }
    return r
  }
}

/// DeprecationWarning for an unknown escape sequence.
func warnInvalidEscape(_ p: UnsafePointer<UInt8>, _ n: Int, _ at: Int) throws(PyError) {
  let c = p[at]
  let message: String
  if c >= UInt8(ascii: "4"), c <= UInt8(ascii: "7") {
    var digits = ""
    for i in at..<min(at &+ 3, n) { digits.unicodeScalars.append(Unicode.Scalar(p[i])) }
    message = "invalid octal escape sequence '\\\(digits)'"
  } else {
    message = "invalid escape sequence '\\\(Character(Unicode.Scalar(c)))'"
  }
  try check(PyErr_WarnEx(Exc.DeprecationWarning.object, message, 1))
}

@c @implementation public func _PyUnicode_DecodeUnicodeEscapeStateful(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ consumed: UnsafeMutablePointer<Int>!
) -> Ref? { decodeEscapes(p, n, errors, consumed, isRaw: false) }

@c @implementation public func _PyUnicode_DecodeRawUnicodeEscapeStateful(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ consumed: UnsafeMutablePointer<Int>!
) -> Ref? { decodeEscapes(p, n, errors, consumed, isRaw: true) }

@c @implementation public func PyUnicode_DecodeUnicodeEscape(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!
) -> Ref? { decodeEscapes(p, n, errors, nil, isRaw: false) }

@c @implementation public func PyUnicode_DecodeRawUnicodeEscape(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!
) -> Ref? { decodeEscapes(p, n, errors, nil, isRaw: true) }

@c @implementation public func PyUnicode_AsUnicodeEscapeString(_ s: Ref!) -> Ref? {
  guard s.isUnicode else {
    PyErr_BadArgument()
    return nil
  }
  var output = ByteBuffer(capacity: s.strLength)
  encodeUnicodeEscape(s.chars, &output)
  return newBytes(output)
}

@c @implementation public func PyUnicode_AsRawUnicodeEscapeString(_ s: Ref!) -> Ref? {
  guard s.isUnicode else {
    PyErr_BadArgument()
    return nil
  }
  var output = ByteBuffer(capacity: s.strLength)
  encodeRawUnicodeEscape(s.chars, &output)
  return newBytes(output)
}

@c @implementation public func PyBytes_DecodeEscape(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!, _ unused: Int,
  _ unusedEncoding: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let bytes = bytePointer(p)
    var output = ByteBuffer(capacity: n)
    var invalid = -1
    var position = 0
    let mode = ErrorMode(errors)
    loop: while true {
      switch decodeBytesEscapes(bytes, n, from: position, &output, firstInvalidEscape: &invalid) {
      case .finished: break loop
      case .trailingBackslash: throw valueError("Trailing \\ in string")
      case .invalidHex(let at, let resume):
        switch mode {
        case .strict: throw valueError("invalid \\x escape at position \(at)")
        case .replace: output.append(UInt8(ascii: "?"))
        case .ignore: break
        default:
          throw valueError("decoding error; unknown error handling code: \(String(cString: errors))")
        }
        position = resume
      }
    }
    if invalid >= 0 { try warnInvalidEscape(bytes, n, invalid) }
    return try owned(newBytes(output))
  }
}
