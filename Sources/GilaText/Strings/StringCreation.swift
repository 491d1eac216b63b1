// Making a str.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// Fills the static storage of the singletons; called once, before any str is made.
func prepareTextSingletons() {
  func make(_ r: Ref, _ type: TypeRef) {
    r.pointee.ob_refcnt = Int(_Py_IMMORTAL_REFCNT)
    r.pointee.ob_type = type
  }
  for c in 0..<UInt32(256) {
    let s = gila_latin1(c)
    make(s, Types.unicode)
    s.strLength = 1
    s.strHash = -1
    s.strState = StringState.make(kind: 1, ascii: c < 128) | StringState.staticInterned
    s.strData.storeBytes(of: UInt8(c), as: UInt8.self)
    let b = gila_byte(c)
    make(b, Types.bytes)
    b.size = 1
    b.bytesHash = -1
    b.bytesData[0] = UInt8(c)
  }
  let empty = gila_empty_str()
  make(empty, Types.unicode)
  empty.strHash = -1
  empty.strState = StringState.make(kind: 1, ascii: true) | StringState.staticInterned
  make(gila_empty_bytes(), Types.bytes)
  gila_empty_bytes().bytesHash = -1
}

/// A fresh str whose characters the caller stores; nil with an exception set. Never a singleton, except for length 0.
@inline(__always) public func allocateString(_ count: Int, _ maxChar: UInt32) -> Ref? {
  if count == 0 { return gila_empty_str() }
  let width = kind(for: maxChar)
  let head = maxChar < 128 ? 40 : 56
  if count > (Int.max &- 64) / width { return noMemory() }
  guard let memory = SmallBlocks.allocate(head &+ (count &+ 1) &* width) else { return noMemory() }
  let r = memory.assumingMemoryBound(to: PyObject.self)
  r.pointee.ob_refcnt = 1
  r.pointee.ob_type = Types.unicode
  r.strLength = count
  r.strHash = -1
  r.strState = StringState.make(kind: width, ascii: maxChar < 128)
  if maxChar >= 128 {
    r.strUTF8Length = 0
    r.strUTF8 = nil
  }
  store(0, memory + head, width, count)
  return r
}

@inline(never) public func noMemory() -> Ref? {
  PyErr_NoMemory()
  return nil
}

/// A str of these characters in its narrowest form; nil with an exception set.
public func newString(_ data: CharacterData) -> Ref? {
  if data.count == 0 { return gila_empty_str() }
  if data.count == 1, data[0] < 256 { return gila_latin1(data[0]) }
  guard let r = allocateString(data.count, data.maxCharacterClass) else { return nil }
  data.copy(to: r.strData, targetWidth: r.strKind)
  return r
}

/// A str of these characters, of which none is above `maxChar`, in storage for `maxChar`'s class.
public func newString(_ data: CharacterData, maxChar: UInt32) -> Ref? {
  if data.count == 0 { return gila_empty_str() }
  if data.count == 1, data[0] < 256 { return gila_latin1(data[0]) }
  guard let r = allocateString(data.count, maxChar) else { return nil }
  data.copy(to: r.strData, targetWidth: r.strKind)
  return r
}

/// A str of one character.
@inline(__always) public func newCharacter(_ c: UInt32) -> Ref? {
  if c < 256 { return gila_latin1(c) }
  guard let r = allocateString(1, c) else { return nil }
  store(c, r.strData, r.strKind, 0)
  return r
}

/// The str of a finished buffer.
public func newString(_ buffer: borrowing CodePointBuffer) -> Ref? {
  buffer.isExhausted ? noMemory() : newString(buffer.data)
}

/// The characters from `start` up to `end` (in range) of a str as a new str; the same str when that is all of it.
public func substring(_ s: Ref, _ start: Int, _ end: Int) -> Ref? {
  if start == 0, end == s.strLength { return unchanged(s) }
  let part = s.chars.slice(start, end)
  return s.strIsASCII ? newString(part, maxChar: 127) : newString(part)
}

/// The str itself, or an exact copy of an instance of a subclass.
public func unchanged(_ s: Ref) -> Ref? {
  if s.isExactly(Types.unicode) { return newRef(s) }
  return newString(s.chars, maxChar: s.strMaxChar)
}

@c @implementation public func PyUnicode_New(_ count: Int, _ maxChar: UInt32) -> Ref? {
  if maxChar > 0x10FFFF {
    PyErr_SetString(Exc.SystemError.object, "invalid maximum character passed to PyUnicode_New")
    return nil
  }
  if count < 0 {
    PyErr_SetString(Exc.SystemError.object, "Negative size passed to PyUnicode_New")
    return nil
  }
  return allocateString(count, maxChar)
}

/// Decodes strict UTF-8; nil without an exception when the text is not valid.
func newValidUTF8(_ p: UnsafePointer<UInt8>, _ n: Int) -> Ref? {
  if n == 0 { return gila_empty_str() }
  if n == 1, p[0] < 128 { return gila_latin1(UInt32(p[0])) }
  if asciiPrefix(p, n) == n {
    guard let r = allocateString(n, 127) else { return nil }
    memcpy(r.strData, p, n)
    return r
  }
  let scan = UTF8Scan(p, n)
  if scan.validBytes < n { return nil }
  if scan.characters == 1 {
    let c = UTF8Scan.single(p, n)
    return newCharacter(c)
  }
  guard let r = allocateString(scan.characters, scan.maxCharacter) else { return nil }
  decodeUTF8(p, n, to: r.strData, width: r.strKind)
  return r
}

@inline(__always) func bytePointer(_ p: UnsafePointer<CChar>) -> UnsafePointer<UInt8> {
  UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self)
}

@c @implementation public func PyUnicode_FromStringAndSize(_ p: UnsafePointer<CChar>!, _ n: Int) -> Ref? {
  if n < 0 {
    PyErr_SetString(Exc.SystemError.object, "Negative size passed to PyUnicode_FromStringAndSize")
    return nil
  }
  guard let p else {
    if n == 0 { return gila_empty_str() }
    PyErr_SetString(
      Exc.SystemError.object, "NULL string with positive size with NULL passed to PyUnicode_FromStringAndSize")
    return nil
  }
  return PyUnicode_DecodeUTF8Stateful(p, n, nil, nil)
}

@c @implementation public func PyUnicode_FromString(_ p: UnsafePointer<CChar>!) -> Ref? {
  PyUnicode_DecodeUTF8Stateful(p, strlen(p), nil, nil)
}

@c @implementation
public func PyUnicode_FromKindAndData(_ kind: Int32, _ p: UnsafeRawPointer!, _ n: Int) -> Ref? {
  if n < 0 {
    PyErr_SetString(Exc.ValueError.object, "size must be positive")
    return nil
  }
  guard kind == 1 || kind == 2 || kind == 4 else {
    PyErr_SetString(Exc.SystemError.object, "invalid kind")
    return nil
  }
  return newString(CharacterData(width: Int(kind), base: p ?? UnsafeRawPointer(gila_empty_str().raw), count: n))
}

@c @implementation public func PyUnicode_FromOrdinal(_ ordinal: Int32) -> Ref? {
  guard let c = UInt32(exactly: ordinal), c <= 0x10FFFF else {
    PyErr_SetString(Exc.ValueError.object, "chr() arg not in range(0x110000)")
    return nil
  }
  return newCharacter(c)
}

@c @implementation public func PyUnicode_FromObject(_ r: Ref!) -> Ref? {
  if r.isUnicode { return unchanged(r) }
  return bridge { () throws(PyError) in throw typeError("Can't convert '\(typeName(of: r))' object to str implicitly") }
}

@c @implementation public func PyUnicode_GetLength(_ r: Ref!) -> Int {
  if r.isUnicode { return r.strLength }
  PyErr_BadArgument()
  return -1
}

@c @implementation public func PyUnicode_ReadChar(_ r: Ref!, _ i: Int) -> UInt32 {
  guard r.isUnicode else {
    PyErr_BadArgument()
    return .max
  }
  guard i >= 0, i < r.strLength else {
    PyErr_SetString(Exc.IndexError.object, "string index out of range")
    return .max
  }
  return r.chars[i]
}

/// True when nobody else can have seen the str, so that it may be changed in place.
@inline(__always) func isModifiable(_ r: Ref) -> Bool {
  r.pointee.ob_refcnt == 1 && r.strHash == -1 && r.strState & StringState.internedMask == 0
    && r.isExactly(Types.unicode)
}

@c @implementation public func PyUnicode_WriteChar(_ r: Ref!, _ i: Int, _ c: UInt32) -> Int32 {
  guard r.isUnicode, r.strIsCompact else {
    PyErr_BadArgument()
    return -1
  }
  guard i >= 0, i < r.strLength else {
    PyErr_SetString(Exc.IndexError.object, "string index out of range")
    return -1
  }
  guard isModifiable(r) else {
    PyErr_SetString(Exc.SystemError.object, "Cannot modify a string currently used")
    return -1
  }
  guard c <= r.strMaxChar else {
    PyErr_SetString(Exc.ValueError.object, "character out of range")
    return -1
  }
  store(c, r.strData, r.strKind, i)
  return 0
}

/// Changes the length of a compact str that nobody else holds. Gives the str's new place; nil with MemoryError set, and
/// then the old str still exists.
func resizeCompact(_ r: Ref, _ count: Int) -> Ref? {
  let width = r.strKind
  let head = r.strIsASCII ? 40 : 56
  if count > (Int.max &- 64) / width { return noMemory() }
  if !r.strIsASCII, let cache = r.strUTF8 {
    PyMem_Free(cache)
    r.strUTF8 = nil
    r.strUTF8Length = 0
  }
  guard let memory = SmallBlocks.reallocate(r.raw, head &+ (count &+ 1) &* width) else { return noMemory() }
  let moved = memory.assumingMemoryBound(to: PyObject.self)
  moved.strLength = count
  moved.strHash = -1
  store(0, memory + head, width, count)
  return moved
}

@c @implementation
public func PyUnicode_Resize(_ place: UnsafeMutablePointer<Ref?>!, _ count: Int) -> Int32 {
  guard let r = place?.pointee, r.isUnicode, count >= 0 else {
    PyErr_BadInternalCall()
    return -1
  }
  if r.strLength == count { return 0 }
  if count == 0 {
    place.pointee = gila_empty_str()
    decref(r)
    return 0
  }
  if isModifiable(r), r.strIsCompact {
    guard let moved = resizeCompact(r, count) else { return -1 }
    place.pointee = moved
    return 0
  }
  guard let copy = allocateString(count, r.strMaxChar) else { return -1 }
  r.chars.slice(0, min(count, r.strLength)).copy(to: copy.strData, targetWidth: copy.strKind)
  place.pointee = copy
  decref(r)
  return 0
}

@c @implementation public func PyUnicode_CopyCharacters(
  _ to: Ref!, _ toStart: Int, _ from: Ref!, _ fromStart: Int, _ count: Int
) -> Int {
  guard to.isUnicode, from.isUnicode else {
    PyErr_BadInternalCall()
    return -1
  }
  guard fromStart >= 0, fromStart <= from.strLength, toStart >= 0, toStart <= to.strLength else {
    PyErr_SetString(Exc.IndexError.object, "string index out of range")
    return -1
  }
  guard count >= 0 else {
    PyErr_SetString(Exc.SystemError.object, "how_many cannot be negative")
    return -1
  }
  let n = min(from.strLength &- fromStart, count)
  guard toStart &+ n <= to.strLength else {
    return Int(
      bridgeInt { () throws(PyError) in
        throw systemError("Cannot write \(n) characters at \(toStart) in a string of \(to.strLength) characters")
      })
  }
  if n == 0 { return 0 }
  guard isModifiable(to) else {
    PyErr_SetString(Exc.SystemError.object, "Cannot modify a string currently used")
    return -1
  }
  let part = from.chars.slice(fromStart, fromStart &+ n)
  if from.strMaxChar > to.strMaxChar, part.maxCharacterClass > to.strMaxChar {
    PyErr_SetString(Exc.SystemError.object, "Cannot copy characters into a string of a narrower kind")
    return -1
  }
  part.copy(to: to.strData + toStart &* to.strKind, targetWidth: to.strKind)
  return n
}

@c @implementation
public func PyUnicode_Fill(_ r: Ref!, _ start: Int, _ length: Int, _ c: UInt32) -> Int {
  guard r.isUnicode else {
    PyErr_BadInternalCall()
    return -1
  }
  guard isModifiable(r) else {
    PyErr_SetString(Exc.SystemError.object, "Cannot modify a string currently used")
    return -1
  }
  guard start >= 0 else {
    PyErr_SetString(Exc.IndexError.object, "string index out of range")
    return -1
  }
  guard c <= r.strMaxChar else {
    PyErr_SetString(Exc.ValueError.object, "fill character is bigger than the string maximum character")
    return -1
  }
  let n = min(r.strLength &- start, length)
  if n <= 0 { return 0 }
  fillCharacters(r.strData, r.strKind, start, n, c)
  return n
}

/// Stores `c` `count` times from `start` on.
public func fillCharacters(_ data: UnsafeMutableRawPointer, _ kind: Int, _ start: Int, _ count: Int, _ c: UInt32) {
  if kind == 1 {
    memset(data + start, Int32(c), count)
    return
  }
  var i = start
  while i < start &+ count {
    store(c, data, kind, i)
    i &+= 1
  }
}

@c @implementation
public func PyUnicode_Substring(_ r: Ref!, _ start: Int, _ end: Int) -> Ref? {
  let stop = min(end, r.strLength)
  if start == 0, stop == r.strLength { return unchanged(r) }
  if start < 0 || stop < 0 {
    PyErr_SetString(Exc.IndexError.object, "string index out of range")
    return nil
  }
  if start >= r.strLength || stop < start { return gila_empty_str() }
  return substring(r, start, stop)
}

@c @implementation public func PyUnicode_AsUCS4(
  _ r: Ref!, _ target: UnsafeMutablePointer<UInt32>!, _ size: Int, _ copyNull: Int32
) -> UnsafeMutablePointer<UInt32>? {
  guard let target, size >= 0 else {
    PyErr_BadInternalCall()
    return nil
  }
  let n = r.strLength
  if size < n &+ (copyNull != 0 ? 1 : 0) {
    PyErr_SetString(Exc.SystemError.object, "string is longer than the buffer")
    if copyNull != 0, size > 0 { target[0] = 0 }
    return nil
  }
  r.chars.copy(to: target, targetWidth: 4)
  if copyNull != 0 { target[n] = 0 }
  return target
}

@c @implementation public func PyUnicode_AsUCS4Copy(_ r: Ref!) -> UnsafeMutablePointer<UInt32>? {
  let n = r.strLength
  guard n < Int.max / 8, let memory = PyMem_Malloc((n &+ 1) &* 4) else {
    PyErr_NoMemory()
    return nil
  }
  r.chars.copy(to: memory, targetWidth: 4)
  let p = memory.assumingMemoryBound(to: UInt32.self)
  p[n] = 0
  return p
}

@c @implementation
public func PyUnicode_FromWideChar(_ p: UnsafePointer<wchar_t>!, _ n: Int) -> Ref? {
  guard let p else {
    if n == 0 { return gila_empty_str() }
    PyErr_BadInternalCall()
    return nil
  }
  let count = n == -1 ? wcslen(p) : n
  let data = CharacterData(width: 4, base: UnsafeRawPointer(p), count: count)
  for i in 0..<max(0, count) where data[i] > 0x10FFFF {
    return bridge { () throws(PyError) in
      throw valueError("character U+\(String(data[i], radix: 16)) is not in range [U+0000; U+10ffff]")
    }
  }
  return newString(data)
}

@c @implementation
public func PyUnicode_AsWideChar(_ r: Ref!, _ target: UnsafeMutablePointer<wchar_t>!, _ size: Int) -> Int {
  guard let r, r.isUnicode else {
    PyErr_BadInternalCall()
    return -1
  }
  let n = r.strLength
  guard let target else { return n &+ 1 }
  let count = min(n, size)
  r.chars.slice(0, count).copy(to: target, targetWidth: 4)
  if size > n { target[n] = 0 }
  return count
}

@c @implementation
public func PyUnicode_AsWideCharString(_ r: Ref!, _ size: UnsafeMutablePointer<Int>!) -> UnsafeMutablePointer<wchar_t>?
{
  guard let r, r.isUnicode else {
    PyErr_BadInternalCall()
    return nil
  }
  guard let p = PyUnicode_AsUCS4Copy(r) else { return nil }
  if let size {
    size.pointee = r.strLength
  } else if r.chars.find(character: 0) >= 0 {
    PyMem_Free(p)
    PyErr_SetString(Exc.ValueError.object, "embedded null character")
    return nil
  }
  return UnsafeMutableRawPointer(p).assumingMemoryBound(to: wchar_t.self)
}
