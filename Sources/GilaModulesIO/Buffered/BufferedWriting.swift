// Writing through the buffer, and moving in the stream.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

/// write: the number of bytes taken. The caller holds the stream's lock.
func bufferedWrite(_ r: Ref, _ data: CharacterData) throws(PyError) -> Int {
  let b = r.buffered
  let memory = b.pointee.memory.unsafelyUnwrapped
  if !b.hasRead, !b.hasWritten {
    b.pointee.position = 0
    b.pointee.rawPosition = 0
  }
  let available = b.pointee.capacity &- b.pointee.position
  if data.count <= available, data.count < b.pointee.capacity {
    memcpy(memory + b.pointee.position, data.base, data.count)
    if !b.hasWritten || b.pointee.writePosition > b.pointee.position { b.pointee.writePosition = b.pointee.position }
    b.moveTo(b.pointee.position &+ data.count)
    if b.pointee.writeEnd < b.pointee.position { b.pointee.writeEnd = b.pointee.position }
    return data.count
  }
  do throws(PyError) { try flushWrites(r) } catch {
    if PyErr_ExceptionMatches(Exc.BlockingIOError.object) == 0 { throw error }
    return try keepWhatFits(r, data)
  }
  // The raw stream may be ahead of where this writes.
  let offset = b.rawOffset
  if offset != 0 {
    _ = try rawSeek(r, 0 &- offset, 1)
    b.pointee.rawPosition &-= offset
  }
  var written = 0
  let source = UnsafeMutableRawPointer(mutating: data.base)
  while data.count &- written >= b.pointee.capacity {
    guard let n = try rawWrite(r, source + written, data.count &- written) else {
      // It would block: fill the buffer and say how much was taken.
      if data.count &- written > b.pointee.capacity {
        memcpy(memory, source + written, b.pointee.capacity)
        b.pointee.rawPosition = 0
        b.moveTo(b.pointee.capacity)
        b.pointee.writeEnd = b.pointee.capacity
        b.pointee.writePosition = 0
        throw blocked(written &+ b.pointee.capacity)
      }
      break
    }
    written &+= n
    try check(PyErr_CheckSignals())
  }
  if b.pointee.readable { b.resetRead() }
  let rest = data.count &- written
  if rest > 0 { memcpy(memory, source + written, rest) }
  b.pointee.writePosition = 0
  b.pointee.writeEnd = rest
  b.moveTo(rest)
  b.pointee.rawPosition = 0
  return data.count
}

/// A write to a stream that would block: the buffer takes what has room.
private func keepWhatFits(_ r: Ref, _ data: CharacterData) throws(PyError) -> Int {
  let b = r.buffered
  let memory = b.pointee.memory.unsafelyUnwrapped
  PyErr_Clear()
  if b.pointee.readable { b.resetRead() }
  let shift = b.pointee.writePosition
  memmove(memory, memory + shift, b.pointee.writeEnd &- shift)
  b.pointee.writeEnd &-= shift
  b.pointee.rawPosition &-= shift
  b.pointee.position &-= shift
  b.pointee.writePosition = 0
  let room = b.pointee.capacity &- b.pointee.writeEnd
  let n = min(room, data.count)
  memcpy(memory + b.pointee.writeEnd, data.base, n)
  b.pointee.writeEnd &+= n
  b.pointee.position &+= n
  if n < data.count { throw blocked(n) }
  return n
}

/// seek
func bufferedSeek(_ r: Ref, _ targetObject: Ref, _ whence: Int) throws(PyError) -> Owned {
  let b = r.buffered
  guard let raw = b.pointee.raw else { throw uninitialized(r) }
  if whence < 0 || whence > 2 {
    // Linux knows SEEK_DATA and SEEK_HOLE as well.
    if whence != 3, whence != 4 { throw valueError("whence value \(whence) unsupported") }
  }
  try checkBufferedOpen(r, "seek of closed file")
  try checkSeekable(raw)
  var target = try fileOffset(targetObject)
  if whence != 2, whence < 2, b.pointee.readable {
    // Perhaps the place is in the buffer.
    let current = b.pointee.absolute != -1 ? b.pointee.absolute : try rawTell(r)
    let ahead = b.readAhead
    if ahead > 0 {
      let offset = whence == 0 ? target &- (current &- b.rawOffset) : target
      if offset >= 0 &- b.pointee.position, offset <= ahead {
        b.pointee.position &+= offset
        // In the middle of unwritten data nothing may be lost: the position alone changes.
        return try number(max(current &- ahead &+ offset, 0))
      }
    }
  }
  return try withStreamLock(r) { () throws(PyError) in
    if b.pointee.writable { try flushWrites(r) }
    if whence == 1 { target &-= b.rawOffset }
    let n = try rawSeek(r, target, whence)
    b.pointee.rawPosition = -1
    if b.pointee.readable { b.resetRead() }
    return try number(n)
  }
}
