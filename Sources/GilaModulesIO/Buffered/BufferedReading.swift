// Reading through the buffer.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

/// read(n) when the buffer has not enough; nil in place of None.
func bufferedRead(_ r: Ref, _ n: Int) throws(PyError) -> Ref? {
  let b = r.buffered
  let current = b.readAhead
  if n <= current { return try takeBuffered(r, n).take() }
  var result: Ref? = try owned(allocateBytes(n)).take()
  var written = 0
  if current > 0 {
    memcpy(result!.bytesData, b.pointee.memory.unsafelyUnwrapped + b.pointee.position, current)
    written = current
    b.pointee.position &+= current
  }
  /// Ends with what there is: nil when nothing and the stream would block.
  func finish(blocked: Bool) throws(PyError) -> Ref? {
    if blocked, written == 0 {
      decref(result!)
      return nil
    }
    if _PyBytes_Resize(&result, written) < 0 { throw PyError() }
    return result
  }
  do throws(PyError) {
    if b.pointee.writable { try flushAndRewind(r) }
    b.resetRead()
    b.pointee.position = 0
    // Whole buffers go straight to the result.
    while n &- written >= b.pointee.capacity {
      let wanted = (n &- written) / b.pointee.capacity &* b.pointee.capacity
      guard let count = try rawRead(r, result!.bytesData + written, wanted) else { return try finish(blocked: true) }
      if count == 0 { return try finish(blocked: false) }
      written &+= count
    }
    b.pointee.rawPosition = 0
    b.pointee.readEnd = 0
    while written < n, b.pointee.readEnd < b.pointee.capacity {
      guard let count = try fillBuffer(r) else { return try finish(blocked: true) }
      if count == 0 { return try finish(blocked: false) }
      let part = min(count, n &- written)
      memcpy(result!.bytesData + written, b.pointee.memory.unsafelyUnwrapped + b.pointee.position, part)
      written &+= part
      b.pointee.position &+= part
    }
  } catch {
    xdecref(result)
    throw error
  }
  return try finish(blocked: false)
}

/// The next `n` bytes of the buffer, which has them.
func takeBuffered(_ r: Ref, _ n: Int) throws(PyError) -> Owned {
  let b = r.buffered
  if n == 0 { return try owned(allocateBytes(0)) }
  let part = try owned(newBytes(b.pointee.memory.unsafelyUnwrapped + b.pointee.position, n))
  b.pointee.position &+= n
  return part
}

/// read() to the end; nil in place of None.
func bufferedReadAll(_ r: Ref) throws(PyError) -> Ref? {
  let b = r.buffered
  var out = ByteBuffer()
  let current = b.readAhead
  if current > 0 {
    out.append(b.pointee.memory.unsafelyUnwrapped + b.pointee.position, current)
    b.pointee.position &+= current
  }
  if b.pointee.writable { try flushAndRewind(r) }
  b.resetRead()
  guard let raw = b.pointee.raw else { throw uninitialized(r) }
  if let all = try optionalAttribute(raw, "readall") {
    let method = Owned(taking: all)
    let rest = try owned(PyObject_CallNoArgs(method.ref))
    if !rest.ref.isNone, !rest.ref.isBytes { throw typeError("readall() should return bytes") }
    if current == 0 { return rest.ref.isNone ? nil : rest.take() }
    if rest.ref.isBytes { out.append(rest.ref.bytesData, rest.ref.size) }
    return try owned(newBytes(out)).take()
  }
  while true {
    let part = try callMethod(raw, "read")
    if !part.ref.isNone, !part.ref.isBytes { throw typeError("read() should return bytes") }
    if part.ref.isNone {
      if out.count == 0 { return nil }
      break
    }
    if part.ref.size == 0 { break }
    out.append(part.ref.bytesData, part.ref.size)
    if b.pointee.absolute != -1 { b.pointee.absolute &+= part.ref.size }
  }
  return try owned(newBytes(out)).take()
}

/// peek: what is in the buffer, after at most one read.
func bufferedPeek(_ r: Ref) throws(PyError) -> Owned {
  let b = r.buffered
  let have = b.readAhead
  if have > 0 { return try owned(newBytes(b.pointee.memory.unsafelyUnwrapped + b.pointee.position, have)) }
  b.resetRead()
  b.pointee.position = 0
  let n = try fillBuffer(r) ?? 0
  b.pointee.position = 0
  if n == 0 { return try owned(allocateBytes(0)) }
  return try owned(newBytes(b.pointee.memory.unsafelyUnwrapped, n))
}

/// read1: at most one read of the raw stream.
func bufferedRead1(_ r: Ref, _ size: Int) throws(PyError) -> Owned {
  let b = r.buffered
  let n = size < 0 ? b.pointee.capacity : size
  if n == 0 { return try owned(allocateBytes(0)) }
  let have = b.readAhead
  if have > 0 { return try takeBuffered(r, min(have, n)) }
  return try withStreamLock(r) { () throws(PyError) in
    if b.pointee.writable { try flushAndRewind(r) }
    b.resetRead()
    var result: Ref? = try owned(allocateBytes(n)).take()
    var count = 0
    do throws(PyError) { count = try rawRead(r, result!.bytesData, n) ?? 0 } catch {
      decref(result!)
      throw error
    }
    if _PyBytes_Resize(&result, count) < 0 { throw PyError() }
    return try owned(result)
  }
}

/// readinto and readinto1; nil in place of None.
func bufferedReadInto(_ r: Ref, _ p: UnsafeMutableRawPointer, _ size: Int, once: Bool) throws(PyError) -> Int? {
  let b = r.buffered
  var written = 0
  let have = b.readAhead
  if have > 0 {
    let n = min(have, size)
    memcpy(p, b.pointee.memory.unsafelyUnwrapped + b.pointee.position, n)
    b.pointee.position &+= n
    if n == size { return n }
    written = n
  }
  return try withStreamLock(r) { () throws(PyError) in
    if b.pointee.writable { try flushAndRewind(r) }
    b.resetRead()
    b.pointee.position = 0
    while written < size {
      let remaining = size &- written
      let n: Int?
      if remaining > b.pointee.capacity {
        n = try rawRead(r, p + written, remaining)
      } else if !(once && written > 0) {
        n = try fillBuffer(r)
        if let n, n > 0 {
          let part = min(n, remaining)
          memcpy(p + written, b.pointee.memory.unsafelyUnwrapped + b.pointee.position, part)
          b.pointee.position &+= part
          written &+= part
          if once { break }
          continue
        }
      } else {
        n = 0
      }
      guard let n else { return written > 0 ? written : nil }
      if n == 0 { break }
      written &+= n
      if once { break }
    }
    return written
  }
}

/// readline; the limit counts bytes and is none when negative.
func bufferedReadLine(_ r: Ref, _ limit: Int) throws(PyError) -> Owned {
  let b = r.buffered
  // Without the lock first: the line may be in the buffer.
  var n = b.readAhead
  if limit >= 0, n > limit { n = limit }
  if n > 0 {
    let view = CharacterData(bytes: b.pointee.memory.unsafelyUnwrapped + b.pointee.position, count: n)
    let hit = view.find(character: 10)
    if hit >= 0 { return try takeBuffered(r, hit &+ 1) }
    if n == limit { return try takeBuffered(r, n) }
  }
  return try withStreamLock(r) { () throws(PyError) in
    var out = ByteBuffer()
    var left = limit
    if n > 0 {
      out.append(b.pointee.memory.unsafelyUnwrapped + b.pointee.position, n)
      b.pointee.position &+= n
      if left >= 0 { left &-= n }
    }
    if b.pointee.writable { try flushAndRewind(r) }
    while true {
      b.resetRead()
      guard let count = try fillBuffer(r), count > 0 else { break }
      let most = left >= 0 ? min(count, left) : count
      let view = CharacterData(bytes: b.pointee.memory.unsafelyUnwrapped, count: most)
      let hit = view.find(character: 10)
      let used = hit < 0 ? most : hit &+ 1
      out.append(view.base, used)
      b.pointee.position = used
      if hit >= 0 { break }
      if left >= 0 {
        left &-= used
        if left == 0 { break }
      }
    }
    return try owned(newBytes(out))
  }
}
