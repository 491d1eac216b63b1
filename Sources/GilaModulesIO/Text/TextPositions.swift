// tell and seek of text. A position in text is where the bytes stand, plus what the decoder has to be fed from there:
// a "cookie", which is just the byte position whenever the decoder is in its first state.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

/// The parts of a position; packed into 21 bytes of an int, least significant first.
private struct Cookie {
  var position = 0
  var flags = 0
  var bytesToFeed = 0
  var charsToSkip = 0
  var needsEOF = false

  func packed() throws(PyError) -> Owned {
    var bytes: InlineArray<24, UInt8> = .init(repeating: 0)
    func put(_ value: Int, _ start: Int, _ count: Int) {
      for i in 0..<count { bytes[start &+ i] = UInt8(truncatingIfNeeded: value >> (8 &* i)) }
    }
    put(position, 0, 8)
    put(flags, 8, 4)
    put(bytesToFeed, 12, 4)
    put(charsToSkip, 16, 4)
    bytes[20] = needsEOF ? 1 : 0
    var result: Ref? = nil
    withUnsafePointer(to: &bytes) { p in
      p.withMemoryRebound(to: UInt8.self, capacity: 21) { result = _PyLong_FromByteArray($0, 21, 1, 0) }
    }
    return try owned(result)
  }

  init() {}

  init(_ value: Ref) throws(PyError) {
    let n = try owned(PyNumber_Long(value))
    var bytes: InlineArray<24, UInt8> = .init(repeating: 0)
    var status: Int32 = 0
    withUnsafeMutablePointer(to: &bytes) { p in
      p.withMemoryRebound(to: UInt8.self, capacity: 21) {
        status = _PyLong_AsByteArray(n.ref.cast(PyLongObject.self), $0, 21, 1, 0, 1)
      }
    }
    try check(status)
    func get(_ start: Int, _ count: Int) -> Int {
      var value = 0
      for i in 0..<count { value |= Int(bytes[start &+ i]) << (8 &* i) }
      return value
    }
    position = get(0, 8)
    flags = get(8, 4)
    bytesToFeed = get(12, 4)
    charsToSkip = get(16, 4)
    needsEOF = bytes[20] != 0
  }
}

private func setState(_ decoder: Ref, _ flags: Int) throws(PyError) {
  let tuple = try owned(PyTuple_New(2))
  PyTuple_SetItem(tuple.ref, 0, try owned(allocateBytes(0)).take())
  PyTuple_SetItem(tuple.ref, 1, try number(flags).take())
  _ = try callMethod(decoder, "setstate", tuple.ref)
}

/// Characters that some bytes decode to.
private func decodedCount(_ decoder: Ref, _ bytes: CharacterData, final: Bool = false) throws(PyError) -> Int {
  let input = try owned(newBytes(bytes.base, bytes.count))
  let text = try callMethod(decoder, "decode", input.ref, final ? pyTrue : pyFalse)
  if !text.ref.isUnicode {
    throw typeError("decoder should return a string result, not '\(typeName(of: text.ref))'")
  }
  return text.ref.strLength
}

func tellText(_ r: Ref) throws(PyError) -> Owned {
  let t = r.textIO
  try checkAttached(r)
  try checkTextOpen(r)
  if !t.pointee.seekable { throw unsupported("underlying stream is not seekable") }
  if !t.pointee.telling { throw raise(Exc.OSError, "telling position disabled by next() call") }
  try flushPending(r)
  _ = try callMethod(r, "flush")
  let place = try callMethod(t.pointee.buffer.unsafelyUnwrapped, "tell")
  guard let decoder = t.pointee.decoder, let snapshot = t.pointee.snapshot else { return place }
  var cookie = Cookie()
  cookie.position = PyLong_AsSsize_t(place.ref)
  if cookie.position == -1, errorIsSet { throw PyError() }
  let held = Owned(retaining: snapshot)
  cookie.flags = PyLong_AsSsize_t(PyTuple_GetItem(held.ref, 0))
  let input = PyTuple_GetItem(held.ref, 1).unsafelyUnwrapped.bytesView
  cookie.position &-= input.count
  if t.pointee.decodedUsed == 0 { return try cookie.packed() }
  let saved = try callMethod(decoder, "getstate")
  var failure: PyError? = nil
  do throws(PyError) {
    try findSafePoint(&cookie, decoder, input, t.pointee.decodedUsed, t.pointee.bytesPerCharacter)
  } catch { failure = error }
  let pendingError = failure == nil ? nil : PyErr_GetRaisedException()
  do throws(PyError) { _ = try callMethod(decoder, "setstate", saved.ref) } catch { failure = error }
  if failure != nil {
    chaining(pendingError)
    throw PyError()
  }
  return try cookie.packed()
}

/// Finds the last place at which the decoder holds nothing, not after the characters used.
private func findSafePoint(
  _ cookie: inout Cookie, _ decoder: Ref, _ input: CharacterData, _ used: Int, _ ratio: Double
) throws(PyError) {
  var toSkip = used
  // First a guess from the average, going back as long as it is too far.
  var skip = Int(min(ratio * Double(toSkip), Double(input.count)))
  var back = 1
  var isSafe = false
  while skip > 0 {
    try setState(decoder, cookie.flags)
    let n = try decodedCount(decoder, input.slice(0, skip))
    if n <= toSkip {
      let state = try decoderState(decoder)
      let held = Owned(taking: state.bytes)
      if held.ref.size == 0 {
        cookie.flags = state.flags
        toSkip &-= n
        isSafe = true
        break
      }
      skip &-= held.ref.size
      back = 1
    } else {
      skip &-= back
      back = back > 1 << 40 ? back : back &* 2
    }
  }
  if !isSafe {
    skip = 0
    try setState(decoder, cookie.flags)
  }
  cookie.position &+= skip
  cookie.charsToSkip = toSkip
  if toSkip == 0 { return }
  // Then byte by byte.
  var decoded = 0
  var i = skip
  while i < input.count {
    decoded &+= try decodedCount(decoder, input.slice(i, i &+ 1))
    cookie.bytesToFeed &+= 1
    i &+= 1
    let state = try decoderState(decoder)
    let held = Owned(taking: state.bytes)
    if held.ref.size == 0, decoded <= cookie.charsToSkip {
      cookie.position &+= cookie.bytesToFeed
      cookie.charsToSkip &-= decoded
      cookie.flags = state.flags
      cookie.bytesToFeed = 0
      decoded = 0
    }
    if decoded >= cookie.charsToSkip { return }
  }
  decoded &+= try decodedCount(decoder, literalBytes(""), final: true)
  cookie.needsEOF = true
  if decoded < cookie.charsToSkip { throw raise(Exc.OSError, "can't reconstruct logical file position") }
}

private func literalBytes(_ s: StaticString) -> CharacterData {
  CharacterData(bytes: s.utf8Start, count: s.utf8CodeUnitCount)
}

/// Brings the encoder to the state it has at the start of the stream, or after it.
func resetEncoder(_ r: Ref, atStart: Bool) throws(PyError) {
  let t = r.textIO
  guard let encoder = t.pointee.encoder else { return }
  t.pointee.encodesStart = atStart
  if atStart {
    _ = try callMethod(encoder, "reset")
  } else {
    let zero = try number(0)
    _ = try callMethod(encoder, "setstate", zero.ref)
  }
}

func seekText(_ r: Ref, _ target: Ref, _ whence: Int) throws(PyError) -> Owned {
  let t = r.textIO
  try checkTextOpen(r)
  if !t.pointee.seekable { throw unsupported("underlying stream is not seekable") }
  let buffer = t.pointee.buffer.unsafelyUnwrapped
  var place = Owned(retaining: target)
  let zero = try number(0)
  switch whence {
  case 0: break
  case 1:
    if try check(PyObject_RichCompareBool(target, zero.ref, Py_EQ)) == 0 {
      throw unsupported("can't do nonzero cur-relative seeks")
    }
    place = try callMethod(r, "tell")
  case 2:
    if try check(PyObject_RichCompareBool(target, zero.ref, Py_EQ)) == 0 {
      throw unsupported("can't do nonzero end-relative seeks")
    }
    _ = try callMethod(r, "flush")
    t.setDecoded(nil)
    t.setSnapshot(nil)
    if let decoder = t.pointee.decoder { _ = try callMethod(decoder, "reset") }
    let two = try number(2)
    let end = try callMethod(buffer, "seek", zero.ref, two.ref)
    if t.pointee.encoder != nil {
      let atStart = try check(PyObject_RichCompareBool(end.ref, zero.ref, Py_EQ)) != 0
      try resetEncoder(r, atStart: atStart)
    }
    return end
  default: throw valueError("invalid whence (\(whence), should be 0, 1 or 2)")
  }
  if try check(PyObject_RichCompareBool(place.ref, zero.ref, Py_LT)) != 0 {
    throw valueError("negative seek position \(try reprText(place.ref))")
  }
  _ = try callMethod(r, "flush")
  let cookie = try Cookie(place.ref)
  let start = try number(cookie.position)
  _ = try callMethod(buffer, "seek", start.ref)
  t.setDecoded(nil)
  t.setSnapshot(nil)
  let isFirst = cookie.position == 0 && cookie.flags == 0
  if let decoder = t.pointee.decoder {
    if isFirst { _ = try callMethod(decoder, "reset") } else { try setState(decoder, cookie.flags) }
  }
  if cookie.charsToSkip > 0 {
    guard let decoder = t.pointee.decoder else { throw unsupported("not readable") }
    let size = try number(cookie.bytesToFeed)
    let chunk = try callMethod(buffer, "read", size.ref)
    if !chunk.ref.isBytes {
      throw typeError("underlying read() should have returned a bytes object, not '\(typeName(of: chunk.ref))'")
    }
    try setSnapshot(t, cookie.flags, chunk.ref)
    let text = try callMethod(decoder, "decode", chunk.ref, cookie.needsEOF ? pyTrue : pyFalse)
    if !text.ref.isUnicode {
      throw typeError("decoder should return a string result, not '\(typeName(of: text.ref))'")
    }
    let n = text.ref.strLength
    t.setDecoded(text.take())
    if n < cookie.charsToSkip { throw raise(Exc.OSError, "can't restore logical file position") }
    t.pointee.decodedUsed = cookie.charsToSkip
  } else {
    let empty = try owned(allocateBytes(0))
    try setSnapshot(t, cookie.flags, empty.ref)
  }
  if t.pointee.encoder != nil { try resetEncoder(r, atStart: isFirst) }
  return place
}

private func setSnapshot(_ t: TextRef, _ flags: Int, _ bytes: Ref) throws(PyError) {
  let tuple = try owned(PyTuple_New(2))
  PyTuple_SetItem(tuple.ref, 0, try number(flags).take())
  PyTuple_SetItem(tuple.ref, 1, newRef(bytes))
  t.setSnapshot(tuple.take())
}
