// Writing text: it is encoded at once, and waits as bytes until there is enough of them.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

/// One bytes object from one or a list of them.
private func joined(_ pending: consuming Owned) throws(PyError) -> Owned {
  if pending.ref.isBytes { return pending }
  if pending.ref.isUnicode { return try owned(newBytes(pending.ref.strData, pending.ref.strLength)) }
  // Bytes objects, and str objects in ASCII, which need no encoding.
  let n = pending.ref.size
  var total = 0
  for i in 0..<n {
    let r = PyList_GetItem(pending.ref, i).unsafelyUnwrapped
    total &+= r.isUnicode ? r.strLength : r.size
  }
  let result = try owned(allocateBytes(total))
  var out = result.ref.bytesData
  for i in 0..<n {
    let r = PyList_GetItem(pending.ref, i).unsafelyUnwrapped
    let count = r.isUnicode ? r.strLength : r.size
    if r.isUnicode { memcpy(out, r.strData, count) } else { memcpy(out, r.bytesData, count) }
    out += count
  }
  return result
}

/// Hands the waiting bytes to the buffer.
func flushPending(_ r: Ref) throws(PyError) {
  let t = r.textIO
  guard let pending = t.pointee.pending else { return }
  t.pointee.pending = nil
  t.pointee.pendingBytes = 0
  let bytes = try joined(Owned(taking: pending))
  guard let buffer = t.pointee.buffer else { return }
  let target = Owned(retaining: buffer)
  if target.ref.isExactly(IOTypes.bufferedWriter) || target.ref.isExactly(IOTypes.bufferedRandom) {
    try checkInitialized(target.ref)
    _ = try withStreamLock(target.ref) { () throws(PyError) in
      try checkBufferedOpen(target.ref, "write to closed file")
      return try bufferedWrite(target.ref, bytes.ref.bytesView)
    }
    return
  }
  while true {
    do throws(PyError) {
      _ = try callMethod(target.ref, "write", bytes.ref)
      return
    } catch {
      if try trapInterrupt() { continue }
      throw error
    }
  }
}

private func encode(_ r: Ref, _ text: Ref) throws(PyError) -> Owned {
  let t = r.textIO
  let errors = PyUnicode_AsUTF8(t.pointee.errors)
  if errors == nil { throw PyError() }
  func atStart(_ marked: Int32, _ plain: Int32) -> Int32 {
    // UTF-16 and UTF-32 put a mark at the start of the stream only.
    if !t.pointee.encodesStart { return plain }
    t.pointee.encodesStart = false
    return marked
  }
  switch t.pointee.shortcut {
  case ShortcutEncoding.utf8: return try owned(_PyUnicode_AsUTF8String(text, errors))
  case ShortcutEncoding.ascii: return try owned(_PyUnicode_AsASCIIString(text, errors))
  case ShortcutEncoding.latin1: return try owned(_PyUnicode_AsLatin1String(text, errors))
  case ShortcutEncoding.utf16: return try owned(_PyUnicode_EncodeUTF16(text, errors, atStart(0, -1)))
  case ShortcutEncoding.utf16LE: return try owned(_PyUnicode_EncodeUTF16(text, errors, -1))
  case ShortcutEncoding.utf16BE: return try owned(_PyUnicode_EncodeUTF16(text, errors, 1))
  case ShortcutEncoding.utf32: return try owned(_PyUnicode_EncodeUTF32(text, errors, atStart(0, -1)))
  case ShortcutEncoding.utf32LE: return try owned(_PyUnicode_EncodeUTF32(text, errors, -1))
  case ShortcutEncoding.utf32BE: return try owned(_PyUnicode_EncodeUTF32(text, errors, 1))
  default:
    let b = try callMethod(t.pointee.encoder.unsafelyUnwrapped, "encode", text)
    if !b.ref.isBytes {
      throw typeError("encoder should return a bytes object, not '\(typeName(of: b.ref))'")
    }
    return b
  }
}

/// Adds bytes to those that wait.
private func append(_ r: Ref, _ bytes: consuming Owned) throws(PyError) {
  let t = r.textIO
  let n = bytes.ref.isUnicode ? bytes.ref.strLength : bytes.ref.size
  // What Python code of the buffer writes meanwhile goes out first, too.
  while t.pointee.pendingBytes &+ n > t.pointee.chunkSize, t.pointee.pendingBytes > 0 { try flushPending(r) }
  if let pending = t.pointee.pending {
    if pending.isList {
      try check(PyList_Append(pending, bytes.ref))
    } else {
      let list = try owned(PyList_New(2))
      PyList_SetItem(list.ref, 0, pending)
      t.pointee.pending = nil
      PyList_SetItem(list.ref, 1, bytes.take())
      t.pointee.pending = list.take()
    }
  } else {
    t.pointee.pending = bytes.take()
  }
  t.pointee.pendingBytes &+= n
}

func writeText(_ r: Ref, _ text: Ref) throws(PyError) -> Int {
  let t = r.textIO
  try checkTextOpen(r)
  if t.pointee.encoder == nil { throw unsupported("not writable") }
  let length = text.strLength
  var output = Owned(retaining: text)
  let mayTranslate = t.pointee.writeTranslate && t.pointee.writeNewline != nil
  var hasNewline = false
  if mayTranslate || t.pointee.lineBuffering != 0 { hasNewline = text.chars.find(character: 10) >= 0 }
  if hasNewline, mayTranslate {
    let lf = try owned(newCharacter(10))
    output = try owned(PyUnicode_Replace(text, lf.ref, t.pointee.writeNewline, -1))
  }
  let needsFlush =
    t.pointee.lineBuffering != 0 && (hasNewline || text.chars.find(character: 13) >= 0)
  let keepsASCII =
    t.pointee.shortcut == ShortcutEncoding.utf8 || t.pointee.shortcut == ShortcutEncoding.ascii
    || t.pointee.shortcut == ShortcutEncoding.latin1
  if keepsASCII, output.ref.strIsASCII, output.ref.isExactly(Types.unicode) {
    try append(r, output)
  } else {
    let bytes = try encode(r, output.ref)
    try append(r, bytes)
  }
  if t.pointee.pendingBytes >= t.pointee.chunkSize || needsFlush || t.pointee.writeThrough != 0 {
    try flushPending(r)
  }
  if needsFlush, let buffer = t.pointee.buffer { _ = try callMethod(buffer, "flush") }
  if t.pointee.snapshot != nil {
    t.setDecoded(nil)
    t.setSnapshot(nil)
  }
  if let decoder = t.pointee.decoder { _ = try callMethod(decoder, "reset") }
  return length
}
