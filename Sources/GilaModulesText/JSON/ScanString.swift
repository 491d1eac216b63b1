// JSON strings: reading one out of text, and writing one.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

/// json.decoder.JSONDecodeError
@inline(never) func decodeError(_ message: String, _ text: Ref, _ position: Int) -> PyError {
  do throws(PyError) {
    let module = try owned(PyImport_ImportModule("json.decoder"))
    let type = try owned(PyObject_GetAttrString(module.ref, "JSONDecodeError"))
    let m = try string(message)
    let p = try owned(PyLong_FromSsize_t(position))
    let e = try call(type.ref, m.ref, text, p.ref)
    PyErr_SetObject(type.ref, e.ref)
  } catch {}
  return PyError()
}

private func hexDigit(_ c: UInt32) -> UInt32? {
  switch c {
  case 0x30...0x39: c &- 0x30
  case 0x61...0x66: c &- 0x57
  case 0x41...0x46: c &- 0x37
  default: nil
  }
}

/// Reads the string whose opening quote is before `start`; moves to the place after its end.
func scanString(_ text: Ref, _ start: Int, strict: Bool, _ next: inout Int) throws(PyError) -> Owned {
  let chars = text.chars
  let count = chars.count
  if start < 0 || start > count { throw valueError("end is out of bounds") }
  let begin = start &- 1
  // Without escapes the string is a part of the text.
  var i = start
  while i < count {
    let c = chars[i]
    if c == 0x22 {
      next = i &+ 1
      return try owned(substring(text, start, i))
    }
    if c == 0x5C { break }
    if c < 32, strict { throw decodeError("Invalid control character at", text, i) }
    i &+= 1
  }
  var writer = StringWriter(minimum: i &- start &+ 16)
  try writer.append(chars.slice(start, i))
  while true {
    let from = i
    while i < count, chars[i] != 0x22, chars[i] != 0x5C {
      if chars[i] < 32, strict { throw decodeError("Invalid control character at", text, i) }
      i &+= 1
    }
    if i >= count { throw decodeError("Unterminated string starting at", text, begin) }
    try writer.append(chars.slice(from, i))
    if chars[i] == 0x22 {
      next = i &+ 1
      return try writer.finish()
    }
    i &+= 1
    if i >= count { throw decodeError("Unterminated string starting at", text, begin) }
    let c = chars[i]
    i &+= 1
    if c != 0x75 {
      switch c {
      case 0x22, 0x5C, 0x2F: try writer.append(c)
      case 0x62: try writer.append(8)
      case 0x66: try writer.append(12)
      case 0x6E: try writer.append(10)
      case 0x72: try writer.append(13)
      case 0x74: try writer.append(9)
      default: throw decodeError("Invalid \\escape", text, i &- 2)
      }
      continue
    }
    var value = try unicodeEscape(text, chars, &i)
    if value & 0xFC00 == 0xD800, i &+ 6 < count, chars[i] == 0x5C, chars[i &+ 1] == 0x75 {
      // Perhaps the second half of a pair; any other escape stays for the next round.
      var low: UInt32? = 0
      for k in 2..<6 {
        guard let l = low, let digit = hexDigit(chars[i &+ k]) else {
          low = nil
          break
        }
        low = l << 4 | digit
      }
      if let low, low & 0xFC00 == 0xDC00 {
        value = 0x10000 &+ (value & 0x3FF) << 10 | low & 0x3FF
        i &+= 6
      }
    }
    try writer.append(value)
  }
}

/// The four digits after \u, from `i` on.
private func unicodeEscape(_ text: Ref, _ chars: CharacterData, _ i: inout Int) throws(PyError) -> UInt32 {
  let start = i
  var value: UInt32 = 0
  if start &+ 4 >= chars.count { throw decodeError("Invalid \\uXXXX escape", text, start &- 1) }
  for k in 0..<4 {
    guard let digit = hexDigit(chars[start &+ k]) else {
      throw decodeError("Invalid \\uXXXX escape", text, start &- 1)
    }
    value = value << 4 | digit
  }
  i = start &+ 4
  return value
}

/// Appends a string literal; with `ascii` only of ASCII characters.
func writeString(_ s: Ref, ascii: Bool, _ writer: inout StringWriter) throws(PyError) {
  let chars = s.chars
  try writer.append(0x22)
  var from = 0
  for i in 0..<chars.count {
    let c = chars[i]
    if c >= 32, c != 0x22, c != 0x5C, !ascii || c < 127 { continue }
    if from < i { try writer.append(chars.slice(from, i)) }
    from = i &+ 1
    switch c {
    case 0x22, 0x5C:
      try writer.append(0x5C)
      try writer.append(c)
    case 8: try writer.append("\\b")
    case 9: try writer.append("\\t")
    case 10: try writer.append("\\n")
    case 12: try writer.append("\\f")
    case 13: try writer.append("\\r")
    default:
      if c >= 0x10000 {
        try writeEscape(0xD800 | (c &- 0x10000) >> 10, &writer)
        try writeEscape(0xDC00 | c & 0x3FF, &writer)
      } else {
        try writeEscape(c, &writer)
      }
    }
  }
  if from < chars.count { try writer.append(chars.slice(from, chars.count)) }
  try writer.append(0x22)
}

private func writeEscape(_ unit: UInt32, _ writer: inout StringWriter) throws(PyError) {
  try writer.append("\\u")
  var shift: UInt32 = 16
  while shift > 0 {
    shift &-= 4
    try writer.append(UInt32(GilaAlgorithms.hexDigit(unit >> shift)))
  }
}
