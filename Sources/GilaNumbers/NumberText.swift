// What all numbers share when they meet text: making ASCII strs, and reading strs as ASCII digits.

import CGila
import GilaAlgorithms
import GilaCore

/// A new str of ASCII characters.
func asciiString(_ text: UnsafePointer<UInt8>, _ count: Int) -> Ref? {
  guard let s = PyUnicode_New(count, 127) else { return nil }
  unicodeData(s).update(from: text, count: count)
  return s
}

/// The bytes of a compact ASCII str.
@inline(__always)
func unicodeData(_ s: Ref) -> UnsafeMutablePointer<UInt8> { (s.raw + 40).assumingMemoryBound(to: UInt8.self) }

/// Code points of a str: kind (bytes each), data and count.
func unicodeText(_ s: Ref) -> (kind: Int, data: UnsafeMutableRawPointer, count: Int) {
  let state = gila_unicode_state(s)
  let kind = Int(state >> 2 & 7)
  let count = s.cast(PyASCIIObject.self).pointee.length
  let data: UnsafeMutableRawPointer
  if state & 0x20 != 0 {
    data = s.raw + (state & 0x40 != 0 ? 40 : 56)
  } else {
    data = (s.raw + 56).load(as: UnsafeMutableRawPointer?.self) ?? s.raw
  }
  return (kind, data, count)
}

/// One code point.
@inline(__always)
func codePoint(_ kind: Int, _ data: UnsafeMutableRawPointer, _ i: Int) -> UInt32 {
  switch kind {
  case 1: UInt32(data.load(fromByteOffset: i, as: UInt8.self))
  case 2: UInt32(data.load(fromByteOffset: i &* 2, as: UInt16.self))
  default: data.load(fromByteOffset: i &* 4, as: UInt32.self)
  }
}

/// Calls the body with a str's characters as ASCII: decimal digits of any script become 0 to 9, blanks of any kind a
/// blank, other characters a question mark.
func withASCIIDigits<R>(_ s: Ref, _ body: (UnsafePointer<UInt8>, Int) -> R) -> R {
  let (kind, data, count) = unicodeText(s)
  if gila_unicode_state(s) & 0x40 != 0 { return body(data.assumingMemoryBound(to: UInt8.self), count) }
  let text = UnsafeMutablePointer<UInt8>.allocate(capacity: count &+ 1)
  defer { text.deallocate() }
  for i in 0..<count {
    let c = codePoint(kind, data, i)
    if c < 128 {
      text[i] = UInt8(truncatingIfNeeded: c)
    } else if _PyUnicode_IsWhitespace(c) != 0 {
      text[i] = 32
    } else {
      let d = _PyUnicode_ToDecimalDigit(c)
      text[i] = d >= 0 && d <= 9 ? 48 &+ UInt8(truncatingIfNeeded: d) : 63
    }
  }
  return body(text, count)
}
