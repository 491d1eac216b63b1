// Reading text: chunks of bytes are decoded, and the text waits until it is asked for.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

/// Decodes with the wrapper's decoder, directly when it is the newline decoder.
private func decode(_ decoder: Ref, _ bytes: Ref, final: Bool) throws(PyError) -> Owned {
  let text: Owned
  if decoder.isExactly(IOTypes.newlineDecoder) {
    text = try decodeNewlines(decoder, bytes, final: final)
  } else {
    text = try callMethod(decoder, "decode", bytes, final ? pyTrue : pyFalse)
  }
  if !text.ref.isUnicode {
    throw typeError("decoder should return a string result, not '\(typeName(of: text.ref))'")
  }
  return text
}

/// The decoder's state: bytes it holds, and flags.
func decoderState(_ decoder: Ref) throws(PyError) -> (bytes: Ref, flags: Int) {
  let state = try callMethod(decoder, "getstate")
  guard state.ref.isTuple else { throw typeError("illegal decoder state") }
  guard state.ref.size == 2 else { throw typeError("illegal decoder state") }
  let bytes = PyTuple_GetItem(state.ref, 0).unsafelyUnwrapped
  if !bytes.isBytes {
    throw typeError("illegal decoder state: the first item should be a bytes object, not '\(typeName(of: bytes))'")
  }
  let flags = PyLong_AsSsize_t(PyTuple_GetItem(state.ref, 1))
  if flags == -1, errorIsSet { throw PyError() }
  return (newRef(bytes), flags)
}

/// Reads and decodes a chunk; false at the end of the stream.
func readChunk(_ r: Ref, _ hint: Int) throws(PyError) -> Bool {
  let t = r.textIO
  guard let decoder = t.pointee.decoder else { throw unsupported("not readable") }
  guard let buffer = t.pointee.buffer else { throw closedError() }
  var held: Ref? = nil
  var flags = 0
  if t.pointee.telling {
    let state = try decoderState(decoder)
    held = state.bytes
    flags = state.flags
  }
  defer { xdecref(held) }
  var wanted = t.pointee.chunkSize
  if hint > 0 { wanted = max(wanted, Int(min(t.pointee.bytesPerCharacter * Double(hint), 1e15))) }
  let size = try number(wanted)
  let method: StaticString = t.pointee.hasRead1 ? "read1" : "read"
  let chunk: Owned
  if buffer.isExactly(IOTypes.bufferedReader) {
    try checkInitialized(buffer)
    try checkBufferedOpen(buffer, "read of closed file")
    chunk = try bufferedRead1(buffer, wanted)
  } else {
    chunk = try callMethod(buffer, method, size.ref)
  }
  if PyObject_CheckBuffer(chunk.ref) == 0 {
    throw typeError("underlying \(method)() should have returned a bytes-like object, not '\(typeName(of: chunk.ref))'")
  }
  let n: Int
  if chunk.ref.isBytes {
    n = chunk.ref.size
  } else {
    let lock = try BufferLock(chunk.ref)
    n = lock.data.count
  }
  let text = try decode(decoder, chunk.ref, final: n == 0)
  let characters = text.ref.strLength
  t.pointee.bytesPerCharacter = characters > 0 ? Double(n) / Double(characters) : 0
  t.setDecoded(text.take())
  if t.pointee.telling {
    // What would have to be decoded again to come back here.
    let tuple = try owned(PyTuple_New(2))
    PyTuple_SetItem(tuple.ref, 0, try number(flags).take())
    var input: Ref? = newRef(held.unsafelyUnwrapped)
    PyBytes_Concat(&input, chunk.ref)
    PyTuple_SetItem(tuple.ref, 1, try owned(input).take())
    t.setSnapshot(tuple.take())
  }
  return n > 0 || characters > 0
}

/// `readChunk` again after an interrupted call.
private func readChunkRetrying(_ r: Ref, _ hint: Int) throws(PyError) -> Bool {
  while true {
    do throws(PyError) { return try readChunk(r, hint) } catch {
      if try trapInterrupt() { continue }
      throw error
    }
  }
}

func readText(_ r: Ref, _ n: Int) throws(PyError) -> Owned {
  let t = r.textIO
  try checkTextOpen(r)
  guard let decoder = t.pointee.decoder else { throw unsupported("not readable") }
  try flushPending(r)
  if n < 0 {
    let bytes = try callMethod(t.pointee.buffer.unsafelyUnwrapped, "read")
    if bytes.ref.isNone { throw raise(Exc.BlockingIOError, "Read returned None.") }
    let rest = try decode(decoder, bytes.ref, final: true)
    let first = try takeDecoded(r, -1)
    let all = first.ref.strLength == 0 ? rest : try owned(PyUnicode_Concat(first.ref, rest.ref))
    if t.pointee.snapshot != nil {
      t.setDecoded(nil)
      t.setSnapshot(nil)
    }
    return all
  }
  let first = try takeDecoded(r, n)
  var left = n &- first.ref.strLength
  if left <= 0 { return first }
  var writer = StringWriter()
  try writer.append(first.ref.chars)
  while left > 0 {
    if try !readChunkRetrying(r, left) { break }
    let part = try takeDecoded(r, left)
    left &-= part.ref.strLength
    try writer.append(part.ref.chars)
  }
  return try writer.finish()
}

/// readline; a negative limit is none.
func readTextLine(_ r: Ref, _ limit: Int) throws(PyError) -> Owned {
  let t = r.textIO
  try checkTextOpen(r)
  try flushPending(r)
  if t.pointee.decoder == nil { throw unsupported("not readable") }
  // Most lines are whole in the decoded text.
  if let decoded = t.pointee.decoded, limit < 0 {
    let chars = decoded.chars.slice(t.pointee.decodedUsed, decoded.strLength)
    let end = lineEnd(t, chars)
    if end >= 0 { return try takeDecoded(r, end) }
  }
  var writer = StringWriter()
  var last: UInt32 = 0
  while limit < 0 || writer.count < limit {
    if t.decodedLeft == 0 {
      if try !readChunkRetrying(r, 0) {
        t.setDecoded(nil)
        t.setSnapshot(nil)
        break
      }
      if t.decodedLeft == 0 { continue }
    }
    let decoded = t.pointee.decoded.unsafelyUnwrapped
    let chars = decoded.chars.slice(t.pointee.decodedUsed, decoded.strLength)
    let room = limit < 0 ? Int.max : limit &- writer.count
    // A newline of two characters that two chunks share.
    if let newline = t.pointee.readNewline, newline.strLength == 2, last == newline.chars[0],
      chars[0] == newline.chars[1]
    {
      try writer.append(chars.slice(0, 1))
      t.pointee.decodedUsed &+= 1
      break
    }
    let end = lineEnd(t, chars)
    let count = min(end < 0 ? chars.count : end, room)
    try writer.append(chars.slice(0, count))
    last = chars[count &- 1]
    t.pointee.decodedUsed &+= count
    if end >= 0, count == end { break }
  }
  return try writer.finish()
}

private func lineEnd(_ t: TextRef, _ chars: CharacterData) -> Int {
  findLineEnd(
    chars, universal: t.pointee.universal, translated: t.pointee.readTranslate, newline: t.pointee.readNewline)
}
