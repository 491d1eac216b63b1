// Text between the system's bytes and C's wide characters, and the number and comparison functions of the C API that go
// by ASCII whatever the locale is. None needs an interpreter.

import CGila
import Glibc

/// UTF-8 as wide characters; a byte that belongs to no character becomes a lone surrogate (PEP 383). The memory is
/// PyMem_RawMalloc's. NULL without memory, with `size` -1.
@c @implementation public func Py_DecodeLocale(
  _ text: UnsafePointer<CChar>!, _ size: UnsafeMutablePointer<Int>!
) -> UnsafeMutablePointer<wchar_t>! {
  guard let text else { return nil }
  let n = strlen(text)
  guard let memory = PyMem_RawMalloc((n &+ 1) &* MemoryLayout<wchar_t>.size) else {
    size?.pointee = -1
    return nil
  }
  let bytes = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
  let wide = memory.assumingMemoryBound(to: wchar_t.self)
  var i = 0, count = 0
  while i < n {
    let (c, length) = character(bytes + i, n - i) ?? (0xDC00 + UInt32(bytes[i]), 1)
    wide[count] = wchar_t(c)
    count += 1
    i += length
  }
  wide[count] = 0
  size?.pointee = count
  return wide
}
/// A character of two to four bytes, or an ASCII byte; nil if the bytes are no valid UTF-8.
private func character(_ p: UnsafePointer<UInt8>, _ n: Int) -> (UInt32, Int)? {
  let first = UInt32(p[0])
  let length: Int, least: UInt32
  switch first {
  case 0..<0x80: return (first, 1)
  case 0xC2..<0xE0: (length, least) = (2, 0x80)
  case 0xE0..<0xF0: (length, least) = (3, 0x800)
  case 0xF0..<0xF5: (length, least) = (4, 0x10000)
  default: return nil
  }
  guard length <= n else { return nil }
  var c = first & (0xFF >> UInt32(length + 1))
  for i in 1..<length {
    guard p[i] & 0xC0 == 0x80 else { return nil }
    c = c << 6 | UInt32(p[i] & 0x3F)
  }
  guard c >= least, c < 0x110000, !(0xD800..<0xE000).contains(c) else { return nil }
  return (c, length)
}

/// The other way; the memory is PyMem_Malloc's. NULL with the place of a character that has no bytes.
@c @implementation public func Py_EncodeLocale(
  _ text: UnsafePointer<wchar_t>!, _ place: UnsafeMutablePointer<Int>!
) -> UnsafeMutablePointer<CChar>! {
  guard let text else { return nil }
  place?.pointee = -1
  let n = wcslen(text)
  guard let memory = PyMem_Malloc(n &* 4 &+ 1) else { return nil }
  let out = memory.assumingMemoryBound(to: UInt8.self)
  var count = 0
  func put(_ byte: UInt32) {
    out[count] = UInt8(truncatingIfNeeded: byte)
    count += 1
  }
  for i in 0..<n {
    let c = UInt32(bitPattern: Int32(text[i]))
    switch c {
    case 0..<0x80: put(c)
    case 0x80..<0x800:
      put(0xC0 | c >> 6)
      put(0x80 | c & 0x3F)
    case 0xDC80..<0xDD00: put(c - 0xDC00)
    case 0x800..<0xD800, 0xE000..<0x10000:
      put(0xE0 | c >> 12)
      put(0x80 | c >> 6 & 0x3F)
      put(0x80 | c & 0x3F)
    case 0x10000..<0x110000:
      put(0xF0 | c >> 18)
      put(0x80 | c >> 12 & 0x3F)
      put(0x80 | c >> 6 & 0x3F)
      put(0x80 | c & 0x3F)
    default:
      PyMem_Free(memory)
      place?.pointee = i
      return nil
    }
  }
  out[count] = 0
  return memory.assumingMemoryBound(to: CChar.self)
}

// MARK: numbers

private func digit(_ c: CChar) -> UInt? {
  switch UInt8(bitPattern: c) {
  case let c where c >= 48 && c <= 57: UInt(c - 48)
  case let c where c >= 65 && c <= 90: UInt(c - 55)
  case let c where c >= 97 && c <= 122: UInt(c - 87)
  default: nil
  }
}
private func isSpace(_ c: CChar) -> Bool { c == 32 || c >= 9 && c <= 13 }
private func lower(_ c: CChar) -> CChar { c >= 65 && c <= 90 ? c + 32 : c }

/// An unsigned number in a base, or by its prefix for base 0. ERANGE and the largest number if it is too large.
@c @implementation public func PyOS_strtoul(
  _ text: UnsafePointer<CChar>!, _ end: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!, _ base: Int32
) -> UInt {
  guard var p = text else { return 0 }
  func stop(_ at: UnsafePointer<CChar>, _ result: UInt) -> UInt {
    end?.pointee = UnsafeMutablePointer(mutating: at)
    return result
  }
  while isSpace(p.pointee) { p += 1 }
  var radix = UInt(truncatingIfNeeded: base)
  if p.pointee == 48, [0, 2, 8, 16].contains(base) {
    let prefix: UInt? = [120: 16, 111: 8, 98: 2][lower(p[1])]
    if let prefix, base == 0 || radix == prefix {
      guard let d = digit(p[2]), d < prefix else { return stop(p + 1, 0) }
      p += 2
      radix = prefix
    } else if base == 0 {
      // Zeros only: a number of another base would have to say so.
      while p.pointee == 48 { p += 1 }
      while isSpace(p.pointee) { p += 1 }
      return stop(p, 0)
    }
  } else if base == 0 {
    radix = 10
  }
  guard radix >= 2, radix <= 36 else { return stop(p, 0) }
  var result: UInt = 0
  var tooLarge = false
  while let d = digit(p.pointee), d < radix {
    let (product, a) = result.multipliedReportingOverflow(by: radix)
    let (sum, b) = product.addingReportingOverflow(d)
    tooLarge = tooLarge || a || b
    result = sum
    p += 1
  }
  if tooLarge {
    errno = ERANGE
    return stop(p, UInt.max)
  }
  return stop(p, result)
}
@c @implementation public func PyOS_strtol(
  _ text: UnsafePointer<CChar>!, _ end: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!, _ base: Int32
) -> Int {
  guard var p = text else { return 0 }
  while isSpace(p.pointee) { p += 1 }
  let negative = p.pointee == 45
  if negative || p.pointee == 43 { p += 1 }
  let size = PyOS_strtoul(p, end, base)
  if size <= UInt(Int.max) { return negative ? -Int(size) : Int(size) }
  if negative && size == UInt(Int.max) + 1 { return Int.min }
  errno = ERANGE
  return Int.max
}

// MARK: comparison

@c @implementation public func PyOS_mystricmp(_ a: UnsafePointer<CChar>!, _ b: UnsafePointer<CChar>!) -> Int32 {
  PyOS_mystrnicmp(a, b, Int.max)
}
@c @implementation public func PyOS_mystrnicmp(
  _ a: UnsafePointer<CChar>!, _ b: UnsafePointer<CChar>!, _ n: Int
) -> Int32 {
  guard let a, let b else { return 0 }
  var i = 0
  while i < n {
    let x = lower(a[i]), y = lower(b[i])
    if x != y { return Int32(UInt8(bitPattern: x)) - Int32(UInt8(bitPattern: y)) }
    if x == 0 { break }
    i += 1
  }
  return 0
}
