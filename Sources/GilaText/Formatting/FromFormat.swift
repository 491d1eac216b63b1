// PyUnicode_FromFormat: printf-like text for C code, with conversions for Python objects.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// One conversion's flags.
private struct Conversion {
  var left = false
  var zero = false
  var alternate = false
  var width = -1
  var precision = -1
  /// 0, or one of l, L (for ll), z, j, t.
  var length: UInt8 = 0
}

private typealias Arguments = UnsafeMutablePointer<gila_va>

@c @implementation public func gila_unicode_from_format(
  _ format: UnsafePointer<CChar>!, _ arguments: UnsafeMutablePointer<gila_va>!
) -> Ref? {
  bridge { () throws(PyError) in
    var writer = StringWriter()
    try expand(bytePointer(format), arguments, &writer)
    return try writer.finish()
  }
}

private func expand(
  _ format: UnsafePointer<UInt8>, _ arguments: Arguments, _ writer: inout StringWriter
) throws(PyError) {
  var p = format
  while p.pointee != 0 {
    if p.pointee != UInt8(ascii: "%") {
      var n = 0
      while p[n] != 0, p[n] != UInt8(ascii: "%") {
        if p[n] > 127 {
          throw valueError(
            "PyUnicode_FromFormatV() expects an ASCII-encoded format string, got a non-ASCII byte: 0x\(String(p[n], radix: 16))"
          )
        }
        n &+= 1
      }
      try writer.append(CharacterData(bytes: p, count: n))
      p += n
      continue
    }
    let start = p
    p += 1
    var c = Conversion()
    flags: while true {
      switch p.pointee {
      case UInt8(ascii: "-"): c.left = true
      case UInt8(ascii: "0"): c.zero = true
      case UInt8(ascii: "#"): c.alternate = true
      default: break flags
      }
      p += 1
    }
    c.width = number(&p, arguments)
    if c.width < -1 {
      c.left = true
      c.width = -c.width
    }
    if p.pointee == UInt8(ascii: ".") {
      p += 1
      let isStar = p.pointee == UInt8(ascii: "*")
      c.precision = number(&p, arguments)
      // "%.s" is a precision of 0; a negative one from an argument is none.
      if c.precision < 0 { c.precision = isStar ? -1 : 0 }
    }
    switch p.pointee {
    case UInt8(ascii: "l"):
      c.length = UInt8(ascii: "l")
      p += 1
      if p.pointee == UInt8(ascii: "l") {
        c.length = UInt8(ascii: "L")
        p += 1
      }
    case UInt8(ascii: "z"), UInt8(ascii: "j"), UInt8(ascii: "t"):
      c.length = p.pointee
      p += 1
    default: break
    }
    let code = p.pointee
    let isKnown = code == 0 ? false : try convert(code, c, arguments, &writer)
    if !isKnown { throw systemError("invalid format string: \(String(cString: start))") }
    p += 1
  }
}

private func number(_ p: inout UnsafePointer<UInt8>, _ arguments: Arguments) -> Int {
  if p.pointee == UInt8(ascii: "*") {
    p += 1
    return Int(gila_va_int(arguments))
  }
  var value = -1
  while isASCIIDigit(p.pointee) {
    value = min(max(value, 0), 1 << 40) &* 10 &+ Int(p.pointee &- 48)
    p += 1
  }
  return value
}

/// Writes one argument; false for an unknown conversion.
private func convert(
  _ code: UInt8, _ c: Conversion, _ arguments: Arguments, _ writer: inout StringWriter
) throws(PyError) -> Bool {
  switch code {
  case UInt8(ascii: "%"): try writer.append(UInt32(code))
  case UInt8(ascii: "c"):
    let value = gila_va_int(arguments)
    guard let character = UInt32(exactly: value), character <= 0x10FFFF else {
      throw overflowError("character argument not in range(0x110000)")
    }
    try withUnsafePointerToCharacter(character) { data throws(PyError) in try pad(data, c, &writer) }
  case UInt8(ascii: "d"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "o"), UInt8(ascii: "x"),
    UInt8(ascii: "X"):
    try integer(code, c, arguments, &writer)
  case UInt8(ascii: "p"):
    let value = UInt(bitPattern: gila_va_pointer(arguments))
    try ascii("0x" + String(value, radix: 16), c, &writer)
  case UInt8(ascii: "s"):
    if c.length == UInt8(ascii: "l") {
      try wide(gila_va_pointer(arguments), c, &writer)
    } else {
      try utf8(gila_va_pointer(arguments), c, &writer)
    }
  case UInt8(ascii: "U"):
    if let s = object(arguments) { try pad(s.chars, c, &writer) }
  case UInt8(ascii: "V"):
    let s = object(arguments)
    let text = gila_va_pointer(arguments)
    if let s {
      try pad(s.chars, c, &writer)
    } else if c.length == UInt8(ascii: "l") {
      try wide(text, c, &writer)
    } else {
      try utf8(text, c, &writer)
    }
  case UInt8(ascii: "S"): try text(PyObject_Str(object(arguments)), c, &writer)
  case UInt8(ascii: "R"): try text(PyObject_Repr(object(arguments)), c, &writer)
  case UInt8(ascii: "A"): try text(PyObject_ASCII(object(arguments)), c, &writer)
  case UInt8(ascii: "T"):
    guard let o = object(arguments) else { return false }
    try qualifiedName(o.type, c, &writer)
  case UInt8(ascii: "N"):
    guard let o = object(arguments), o.isType else { throw typeError("%N argument must be a type") }
    try qualifiedName(o.asType, c, &writer)
  default: return false
  }
  return true
}

private func object(_ arguments: Arguments) -> Ref? {
  gila_va_pointer(arguments)?.assumingMemoryBound(to: PyObject.self)
}

private func text(_ r: Ref?, _ c: Conversion, _ writer: inout StringWriter) throws(PyError) {
  let s = try owned(r)
  try pad(s.ref.chars, c, &writer)
}

private func qualifiedName(_ type: TypeRef, _ c: Conversion, _ writer: inout StringWriter) throws(PyError) {
  if !c.alternate {
    try text(PyType_GetFullyQualifiedName(type), c, &writer)
    return
  }
  let name = try owned(PyType_GetQualName(type))
  let module = try owned(PyType_GetModuleName(type))
  if module.ref.isUnicode, _PyUnicode_EqualToASCIIString(module.ref, "builtins") == 0,
    _PyUnicode_EqualToASCIIString(module.ref, "__main__") == 0
  {
    try writer.append(module.ref)
    try writer.append(58)
  }
  try writer.append(name.ref)
}

/// Cuts to the precision and pads to the width.
private func pad(_ data: CharacterData, _ c: Conversion, _ writer: inout StringWriter) throws(PyError) {
  let part = c.precision >= 0 && c.precision < data.count ? data.slice(0, c.precision) : data
  let missing = c.width &- part.count
  if !c.left { try writer.fill(32, missing) }
  try writer.append(part)
  if c.left { try writer.fill(32, missing) }
}

private func ascii(_ s: String, _ c: Conversion, _ writer: inout StringWriter) throws(PyError) {
  let missing = c.width &- s.utf8.count
  if !c.left { try writer.fill(32, missing) }
  try writer.append(ascii: s)
  if c.left { try writer.fill(32, missing) }
}

private func utf8(
  _ pointer: UnsafeMutableRawPointer?, _ c: Conversion, _ writer: inout StringWriter
) throws(PyError) {
  guard let pointer else { throw systemError("NULL string for %s") }
  let p = pointer.assumingMemoryBound(to: CChar.self)
  // The precision counts bytes, and the text need not end within it.
  let n = c.precision >= 0 ? strnlen(p, c.precision) : strlen(p)
  var rest = c
  rest.precision = -1
  if asciiPrefix(p, n) == n {
    try pad(CharacterData(bytes: p, count: n), rest, &writer)
    return
  }
  if c.precision >= 0, n == c.precision {
    // A character that the precision cuts in two is left out.
    var consumed = 0
    try text(PyUnicode_DecodeUTF8Stateful(p, n, "replace", &consumed), rest, &writer)
  } else {
    try text(PyUnicode_DecodeUTF8Stateful(p, n, "replace", nil), rest, &writer)
  }
}

private func wide(
  _ pointer: UnsafeMutableRawPointer?, _ c: Conversion, _ writer: inout StringWriter
) throws(PyError) {
  guard let pointer else { throw systemError("NULL string for %ls") }
  let p = pointer.assumingMemoryBound(to: wchar_t.self)
  var n = 0
  while c.precision < 0 || n < c.precision, p[n] != 0 { n &+= 1 }
  var rest = c
  rest.precision = -1
  try pad(CharacterData(width: 4, base: pointer, count: n), rest, &writer)
}

private func integer(
  _ code: UInt8, _ c: Conversion, _ arguments: Arguments, _ writer: inout StringWriter
) throws(PyError) {
  let isSigned = code == UInt8(ascii: "d") || code == UInt8(ascii: "i")
  var digits: String
  var negative = false
  let radix = code == UInt8(ascii: "o") ? 8 : code == UInt8(ascii: "x") || code == UInt8(ascii: "X") ? 16 : 10
  if isSigned {
    let value = c.length == 0 ? Int(gila_va_int(arguments)) : gila_va_long(arguments)
    negative = value < 0
    digits = String(value.magnitude, radix: radix)
  } else {
    let value = c.length == 0 ? UInt(gila_va_uint(arguments)) : gila_va_ulong(arguments)
    digits = String(value, radix: radix, uppercase: code == UInt8(ascii: "X"))
  }
  let size = digits.utf8.count
  var zeros = max(0, c.precision &- size)
  if c.zero, !c.left, c.precision < 0 { zeros = max(0, c.width &- size &- (negative ? 1 : 0)) }
  let missing = c.width &- size &- zeros &- (negative ? 1 : 0)
  if !c.left { try writer.fill(32, missing) }
  if negative { try writer.append(45) }
  try writer.fill(48, zeros)
  try writer.append(ascii: digits)
  if c.left { try writer.fill(32, missing) }
}

func withUnsafePointerToCharacter(
  _ c: UInt32, _ body: (CharacterData) throws(PyError) -> Void
) throws(PyError) {
  var value = c
  var failed: PyError? = nil
  withUnsafePointer(to: &value) { p in
    do throws(PyError) { try body(CharacterData(width: 4, base: p, count: 1)) } catch { failed = error }
  }
  if let failed { throw failed }
}
