// _PyUnicodeWriter: building a str of unknown length and width. The struct is public, since extensions keep it on their
// stacks and store characters through it; `StringWriter` is the same thing for Swift code.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

typealias WriterRef = UnsafeMutablePointer<_PyUnicodeWriter>

private func refresh(_ w: WriterRef) {
  guard let buffer = w.pointee.buffer else { return }
  w.pointee.maxchar = buffer.strMaxChar
  w.pointee.data = buffer.strData
  if w.pointee.readonly == 0 {
    w.pointee.kind = Int32(buffer.strKind)
    w.pointee.size = buffer.strLength
  } else {
    // A shared str: kind 0 and size 0 make the next write copy it.
    w.pointee.kind = 0
    w.pointee.size = 0
  }
}

@c @implementation public func _PyUnicodeWriter_Init(_ w: UnsafeMutablePointer<_PyUnicodeWriter>!) {
  w.pointee = _PyUnicodeWriter()
  w.pointee.min_char = 127
}

@c @implementation public func _PyUnicodeWriter_PrepareInternal(
  _ w: UnsafeMutablePointer<_PyUnicodeWriter>!, _ length: Int, _ maxChar: UInt32
) -> Int32 {
  let (needed, overflow) = w.pointee.pos.addingReportingOverflow(length)
  if overflow || needed > Int.max / 8 {
    PyErr_NoMemory()
    return -1
  }
  let limit = max(maxChar, w.pointee.min_char)
  var size = max(needed, w.pointee.min_length)
  if w.pointee.overallocate != 0 { size &+= needed / 4 }
  guard let old = w.pointee.buffer else {
    guard let fresh = allocateString(max(size, 1), limit) else { return -1 }
    w.pointee.buffer = fresh
    refresh(w)
    return 0
  }
  let capacity = w.pointee.readonly != 0 ? 0 : w.pointee.size
  if w.pointee.readonly == 0, limit <= w.pointee.maxchar {
    if needed <= capacity { return 0 }
    guard let moved = resizeCompact(old, size) else { return -1 }
    w.pointee.buffer = moved
    refresh(w)
    return 0
  }
  if needed <= capacity { size = capacity }
  guard let wider = allocateString(max(size, 1), max(limit, w.pointee.maxchar)) else { return -1 }
  old.chars.slice(0, w.pointee.pos).copy(to: wider.strData, targetWidth: wider.strKind)
  w.pointee.buffer = wider
  w.pointee.readonly = 0
  decref(old)
  refresh(w)
  return 0
}

@inline(__always) private func prepare(_ w: WriterRef, _ length: Int, _ maxChar: UInt32) -> Bool {
  if maxChar <= w.pointee.maxchar, length <= w.pointee.size &- w.pointee.pos { return true }
  return length == 0 || _PyUnicodeWriter_PrepareInternal(w, length, maxChar) == 0
}

@c @implementation public func _PyUnicodeWriter_WriteChar(
  _ w: UnsafeMutablePointer<_PyUnicodeWriter>!, _ c: UInt32
) -> Int32 {
  guard prepare(w, 1, c) else { return -1 }
  store(c, w.pointee.data.unsafelyUnwrapped, Int(w.pointee.kind), w.pointee.pos)
  w.pointee.pos &+= 1
  return 0
}

/// Appends characters, none of which is above `maxChar`.
@inline(__always) func write(_ w: WriterRef, _ data: CharacterData, _ maxChar: UInt32) -> Bool {
  guard prepare(w, data.count, maxChar) else { return false }
  if data.count == 0 { return true }
  let width = Int(w.pointee.kind)
  data.copy(to: w.pointee.data.unsafelyUnwrapped + w.pointee.pos &* width, targetWidth: width)
  w.pointee.pos &+= data.count
  return true
}

@c @implementation public func _PyUnicodeWriter_WriteStr(
  _ w: UnsafeMutablePointer<_PyUnicodeWriter>!, _ s: Ref!
) -> Int32 {
  if s.strLength == 0 { return 0 }
  if w.pointee.buffer == nil, w.pointee.overallocate == 0, s.isExactly(Types.unicode) {
    w.pointee.readonly = 1
    w.pointee.buffer = newRef(s as Ref)
    refresh(w)
    w.pointee.pos = s.strLength
    return 0
  }
  return write(w, s.chars, s.strMaxChar) ? 0 : -1
}

@c @implementation public func _PyUnicodeWriter_WriteSubstring(
  _ w: UnsafeMutablePointer<_PyUnicodeWriter>!, _ s: Ref!, _ start: Int, _ end: Int
) -> Int32 {
  if end == 0 || end <= start { return 0 }
  if start == 0, end == s.strLength { return _PyUnicodeWriter_WriteStr(w, s) }
  let part = s.chars.slice(start, end)
  let maxChar = s.strMaxChar <= w.pointee.maxchar ? s.strMaxChar : part.maxCharacterClass
  return write(w, part, maxChar) ? 0 : -1
}

@c @implementation public func _PyUnicodeWriter_WriteASCIIString(
  _ w: UnsafeMutablePointer<_PyUnicodeWriter>!, _ p: UnsafePointer<CChar>!, _ n: Int
) -> Int32 {
  write(w, CharacterData(bytes: p, count: n == -1 ? strlen(p) : n), 127) ? 0 : -1
}

@c @implementation public func _PyUnicodeWriter_Finish(_ w: UnsafeMutablePointer<_PyUnicodeWriter>!) -> Ref? {
  guard let buffer = w.pointee.buffer else { return gila_empty_str() }
  w.pointee.buffer = nil
  let n = w.pointee.pos
  if n == 0 {
    decref(buffer)
    return gila_empty_str()
  }
  if w.pointee.readonly != 0 { return buffer }
  if n == 1, buffer.chars[0] < 256 {
    let c = buffer.chars[0]
    decref(buffer)
    return gila_latin1(c)
  }
  if buffer.strLength != n {
    guard let cut = resizeCompact(buffer, n) else {
      decref(buffer)
      return nil
    }
    return cut
  }
  return buffer
}

@c @implementation public func _PyUnicodeWriter_Dealloc(_ w: UnsafeMutablePointer<_PyUnicodeWriter>!) {
  if let buffer = w.pointee.buffer {
    w.pointee.buffer = nil
    decref(buffer)
  }
}

/// A str under construction. The result has the narrowest width as long as `maxChar` bounds given are exact.
public struct StringWriter: ~Copyable {
  var raw = _PyUnicodeWriter()

  /// An empty writer; growing leaves room for more.
  public init(minimum: Int = 0) {
    raw.min_char = 127
    raw.min_length = minimum
    raw.overallocate = 1
  }
  deinit { if let buffer = raw.buffer { decref(buffer) } }

  @inline(__always) public mutating func append(_ c: UInt32) throws(PyError) {
    if _PyUnicodeWriter_WriteChar(&raw, c) < 0 { throw PyError() }
  }
  public mutating func append(_ s: Ref) throws(PyError) {
    if _PyUnicodeWriter_WriteStr(&raw, s) < 0 { throw PyError() }
  }
  public mutating func append(_ data: CharacterData) throws(PyError) {
    if data.count > 0, !write(&raw, data, data.maxCharacterClass) { throw PyError() }
  }
  /// Characters none of which is above `most`, as a narrowest str that holds them would say.
  @inline(__always) mutating func append(_ data: CharacterData, most: UInt32) throws(PyError) {
    if data.count > 0, !write(&raw, data, most) { throw PyError() }
  }
  public mutating func append(_ text: StaticString) throws(PyError) {
    if !write(&raw, CharacterData(bytes: text.utf8Start, count: text.utf8CodeUnitCount), 127) { throw PyError() }
  }
  /// ASCII text made at run time.
  public mutating func append(ascii text: String) throws(PyError) {
    for byte in text.utf8 { try append(UInt32(byte)) }
  }
  public mutating func fill(_ c: UInt32, _ count: Int) throws(PyError) {
    if count <= 0 { return }
    if !prepare(&raw, count, c) { throw PyError() }
    fillCharacters(raw.data.unsafelyUnwrapped, Int(raw.kind), raw.pos, count, c)
    raw.pos &+= count
  }
  /// Characters so far.
  public var count: Int { raw.pos }
  /// The str; the writer is empty afterwards.
  public mutating func finish() throws(PyError) -> Owned { try owned(_PyUnicodeWriter_Finish(&raw)) }
}
