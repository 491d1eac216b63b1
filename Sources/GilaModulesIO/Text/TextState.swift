// What TextIOWrapper's parts share: checks, the decoded text that waits to be read, and the shortcut encodings.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

typealias TextRef = UnsafeMutablePointer<TextIOObject>

/// Encodings that are written without their encoder object.
enum ShortcutEncoding {
  static let none: UInt8 = 0
  static let utf8: UInt8 = 1
  static let ascii: UInt8 = 2
  static let latin1: UInt8 = 3
  static let utf16: UInt8 = 4
  static let utf16LE: UInt8 = 5
  static let utf16BE: UInt8 = 6
  static let utf32: UInt8 = 7
  static let utf32LE: UInt8 = 8
  static let utf32BE: UInt8 = 9

  /// From a codec's own name.
  static func named(_ name: Ref) -> UInt8 {
    let names: [(StaticString, UInt8)] = [
      ("utf-8", utf8), ("ascii", ascii), ("iso8859-1", latin1), ("utf-16", utf16), ("utf-16-le", utf16LE),
      ("utf-16-be", utf16BE), ("utf-32", utf32), ("utf-32-le", utf32LE), ("utf-32-be", utf32BE),
    ]
    for (text, value) in names where _PyUnicode_EqualToASCIIString(name, cString(text)) != 0 { return value }
    return none
  }
}

/// ValueError unless the wrapper has a buffer.
func checkAttached(_ r: Ref) throws(PyError) {
  if r.textIO.pointee.ok { return }
  throw valueError(
    r.textIO.pointee.detached ? "underlying buffer has been detached" : "I/O operation on uninitialized object")
}

/// Whether the underlying stream is closed.
func textIsClosed(_ r: Ref) throws(PyError) -> Bool {
  try checkAttached(r)
  let buffer = r.textIO.pointee.buffer.unsafelyUnwrapped
  if buffer.isExactly(IOTypes.bufferedReader) || buffer.isExactly(IOTypes.bufferedWriter)
    || buffer.isExactly(IOTypes.bufferedRandom)
  {
    if buffer.buffered.pointee.ok { return try bufferedIsClosed(buffer) }
  }
  let value = try attribute(buffer, "closed")
  return try truth(value.ref)
}

func checkTextOpen(_ r: Ref) throws(PyError) {
  if r.isExactly(IOTypes.textIOWrapper) {
    if try textIsClosed(r) { throw closedError() }
  } else {
    try checkAttached(r)
    try checkClosed(r)
  }
}

extension UnsafeMutablePointer where Pointee == TextIOObject {
  /// Replaces the decoded text that waits.
  func setDecoded(_ text: Ref?) {
    let old = pointee.decoded
    pointee.decoded = text
    pointee.decodedUsed = 0
    xdecref(old)
  }
  func setSnapshot(_ value: Ref?) {
    let old = pointee.snapshot
    pointee.snapshot = value
    xdecref(old)
  }
  /// Characters that wait.
  var decodedLeft: Int { pointee.decoded.map { $0.strLength &- pointee.decodedUsed } ?? 0 }
}

/// Takes up to `n` characters of the decoded text, all when negative.
func takeDecoded(_ r: Ref, _ n: Int) throws(PyError) -> Owned {
  let t = r.textIO
  guard let decoded = t.pointee.decoded else { return try string("") }
  let left = t.decodedLeft
  let count = n < 0 || n > left ? left : n
  let start = t.pointee.decodedUsed
  let part = try owned(substring(decoded, start, start &+ count))
  t.pointee.decodedUsed &+= count
  return part
}

/// Options of the interpreter that streams go by.
enum StreamOptions {
  private static func isSet(_ name: StaticString) -> Bool {
    guard let flags = PySys_GetObject("flags"), let value = PyObject_GetAttrString(flags, cString(name)) else {
      PyErr_Clear()
      return false
    }
    defer { decref(value) }
    return PyObject_IsTrue(value) > 0
  }
  /// -X warn_default_encoding (PEP 597).
  static let warnsOfDefaultEncoding = isSet("warn_default_encoding")
  /// -X dev: names of error handlers are checked before they are needed.
  static let checksErrorHandlers = isSet("dev_mode")
}
/// Text without an encoding of its own is worth a warning if the user asked for that.
func warnOfDefaultEncoding(_ level: Int) throws(PyError) {
  if !StreamOptions.warnsOfDefaultEncoding { return }
  try check(PyErr_WarnEx(Exc.EncodingWarning.object, "'encoding' argument not specified", level))
}

/// The encoding of the locale. Python's UTF-8 mode is on in the C locale.
func localeEncoding() throws(PyError) -> Owned {
  if let flags = PySys_GetObject("flags"), let mode = PyObject_GetAttrString(flags, "utf8_mode") {
    let value = Owned(taking: mode)
    return try string(try truth(value.ref) ? "utf-8" : "UTF-8")
  }
  PyErr_Clear()
  return try string("utf-8")
}
