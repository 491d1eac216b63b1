// The buffer of BufferedReader, BufferedWriter and BufferedRandom: one piece of memory that mirrors a piece of the raw
// stream. `position` is the stream's logical position in it, `rawPosition` where the raw stream stands. Bytes before
// `readEnd` have been read; bytes from `writePosition` up to `writeEnd` wait to be written.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

typealias BufferedRef = UnsafeMutablePointer<BufferedObject>

extension UnsafeMutablePointer where Pointee == BufferedObject {
  var hasRead: Bool { pointee.readable && pointee.readEnd != -1 }
  var hasWritten: Bool { pointee.writable && pointee.writeEnd != -1 }
  /// Bytes read and not yet used.
  var readAhead: Int { hasRead ? pointee.readEnd &- pointee.position : 0 }
  /// How far the raw stream is ahead of the logical position.
  var rawOffset: Int {
    (hasRead || hasWritten) && pointee.rawPosition >= 0 ? pointee.rawPosition &- pointee.position : 0
  }
  /// Moves the logical position, which may extend what counts as read.
  func moveTo(_ position: Int) {
    pointee.position = position
    if hasRead, pointee.readEnd < position { pointee.readEnd = position }
  }
  func resetRead() { pointee.readEnd = -1 }
  func resetWrite() {
    pointee.writePosition = 0
    pointee.writeEnd = -1
  }
}

func checkInitialized(_ r: Ref) throws(PyError) {
  if !r.buffered.pointee.ok { throw uninitialized(r) }
}

/// Whether the stream is closed, quickly when the raw stream is an ordinary file.
func bufferedIsClosed(_ r: Ref) throws(PyError) -> Bool {
  try checkInitialized(r)
  guard let raw = r.buffered.pointee.raw else { throw uninitialized(r) }
  if r.buffered.pointee.fastClosedChecks { return raw.fileIO.pointee.fd < 0 }
  let value = try attribute(raw, "closed")
  return try truth(value.ref)
}

func checkBufferedOpen(_ r: Ref, _ message: String) throws(PyError) {
  if try bufferedIsClosed(r) { throw closedError(message) }
}

/// The raw stream's position, remembered.
func rawTell(_ r: Ref) throws(PyError) -> Int {
  let b = r.buffered
  guard let raw = b.pointee.raw else { throw uninitialized(r) }
  let result = try callMethod(raw, "tell")
  let n = try fileOffset(result.ref)
  if n < 0 {
    if errorIsSet { throw PyError() }
    throw raise(Exc.OSError, "Raw stream returned invalid position \(n)")
  }
  b.pointee.absolute = n
  return n
}

func rawSeek(_ r: Ref, _ offset: Int, _ whence: Int) throws(PyError) -> Int {
  let b = r.buffered
  guard let raw = b.pointee.raw else { throw uninitialized(r) }
  let n: Int
  if b.pointee.fastClosedChecks {
    if raw.fileIO.pointee.fd < 0 { throw closedError() }
    n = try seekRaw(raw, offset, Int32(whence))
  } else {
    let a = try number(offset)
    let w = try number(whence)
    let result = try callMethod(raw, "seek", a.ref, w.ref)
    n = try fileOffset(result.ref)
  }
  if n < 0 { throw raise(Exc.OSError, "Raw stream returned invalid position \(n)") }
  b.pointee.absolute = n
  return n
}

/// Reads once from the raw stream into memory; nil when it would block.
func rawRead(_ r: Ref, _ p: UnsafeMutableRawPointer, _ n: Int) throws(PyError) -> Int? {
  let b = r.buffered
  guard let raw = b.pointee.raw else { throw uninitialized(r) }
  let count: Int?
  if b.pointee.fastClosedChecks {
    if raw.fileIO.pointee.fd < 0 { throw closedError() }
    if !raw.fileIO.pointee.readable { throw unsupported("File not open for reading") }
    count = try readRaw(raw, p, n)
  } else {
    count = try rawTransfer(raw, p, n, "readinto")
  }
  if let count, count > 0, b.pointee.absolute != -1 { b.pointee.absolute &+= count }
  return count
}

/// Writes once to the raw stream; nil when it would block.
func rawWrite(_ r: Ref, _ p: UnsafeMutableRawPointer, _ n: Int) throws(PyError) -> Int? {
  let b = r.buffered
  guard let raw = b.pointee.raw else { throw uninitialized(r) }
  let count: Int?
  if b.pointee.fastClosedChecks {
    if raw.fileIO.pointee.fd < 0 { throw closedError() }
    if !raw.fileIO.pointee.writable { throw unsupported("File not open for writing") }
    count = try writeRaw(raw, p, n)
  } else {
    count = try rawTransfer(raw, p, n, "write")
  }
  if let count, count > 0, b.pointee.absolute != -1 { b.pointee.absolute &+= count }
  return count
}

/// readinto or write of a raw stream in Python, through a memoryview that is released afterwards.
private func rawTransfer(
  _ raw: Ref, _ p: UnsafeMutableRawPointer, _ n: Int, _ method: StaticString
) throws(PyError) -> Int? {
  let isRead = method.utf8CodeUnitCount == 8
  let view = try owned(
    PyMemoryView_FromMemory(p.assumingMemoryBound(to: CChar.self), n, isRead ? PyBUF_WRITE : PyBUF_READ))
  var answer: Ref? = nil
  while answer == nil {
    do throws(PyError) { answer = try callMethod(raw, method, view.ref).take() } catch {
      if try trapInterrupt() { continue }
      throw error
    }
  }
  let result = try owned(answer)
  if result.ref.isNone { return nil }
  let count = PyNumber_AsSsize_t(result.ref, Exc.ValueError.object)
  if count == -1, errorIsSet {
    // The type of the result was wrong.
    let cause = PyErr_GetRaisedException()
    let e = raise(Exc.OSError, isRead ? "raw readinto() failed" : "raw write() failed")
    if let cause, let current = PyErr_GetRaisedException() {
      PyException_SetCause(current, newRef(cause))
      PyException_SetContext(current, cause)
      PyErr_SetRaisedException(current)
    }
    throw e
  }
  if count < 0 || count > n {
    throw raise(
      Exc.OSError,
      "raw \(method)() returned invalid length \(count) (should have been between 0 and \(n))")
  }
  return count
}

/// Reads once into what is free of the buffer; nil when it would block.
func fillBuffer(_ r: Ref) throws(PyError) -> Int? {
  let b = r.buffered
  let start = b.hasRead ? b.pointee.readEnd : 0
  guard let n = try rawRead(r, b.pointee.memory.unsafelyUnwrapped + start, b.pointee.capacity &- start) else {
    return nil
  }
  if n > 0 {
    b.pointee.readEnd = start &+ n
    b.pointee.rawPosition = start &+ n
  }
  return n
}

/// BlockingIOError with the number of bytes that were taken.
@inline(never) func blocked(_ written: Int) -> PyError {
  do throws(PyError) {
    let code = try number(Int(EAGAIN))
    let text = try string("write could not complete without blocking")
    let count = try number(written)
    let e = try call(Exc.BlockingIOError.object, code.ref, text.ref, count.ref)
    PyErr_SetObject(Exc.BlockingIOError.object, e.ref)
  } catch {}
  return PyError()
}

/// Writes out what waits to be written.
func flushWrites(_ r: Ref) throws(PyError) {
  let b = r.buffered
  if b.hasWritten, b.pointee.writePosition != b.pointee.writeEnd {
    let rewind = b.rawOffset &+ (b.pointee.position &- b.pointee.writePosition)
    if rewind != 0 {
      _ = try rawSeek(r, 0 &- rewind, 1)
      b.pointee.rawPosition &-= rewind
    }
    while b.pointee.writePosition < b.pointee.writeEnd {
      guard
        let n = try rawWrite(
          r, b.pointee.memory.unsafelyUnwrapped + b.pointee.writePosition,
          b.pointee.writeEnd &- b.pointee.writePosition)
      else { throw blocked(0) }
      b.pointee.writePosition &+= n
      b.pointee.rawPosition = b.pointee.writePosition
      // A partial write may mean that a signal came.
      try check(PyErr_CheckSignals())
    }
  }
  b.resetWrite()
}

/// Writes out, and brings the raw stream to the logical position.
func flushAndRewind(_ r: Ref) throws(PyError) {
  let b = r.buffered
  try flushWrites(r)
  if b.pointee.readable {
    let offset = b.rawOffset
    if offset != 0 { _ = try rawSeek(r, 0 &- offset, 1) }
    b.resetRead()
  }
}

/// Prepares the buffer of a stream that has just been connected.
func initializeBuffer(_ r: Ref, _ size: Int) throws(PyError) {
  let b = r.buffered
  if size <= 0 { throw valueError("buffer size must be strictly positive") }
  if let memory = b.pointee.memory { PyMem_Free(memory) }
  b.pointee.memory = nil
  guard let memory = PyMem_Malloc(size) else { throw memoryError() }
  b.pointee.memory = memory.assumingMemoryBound(to: UInt8.self)
  b.pointee.capacity = size
  if b.pointee.lock == nil { try makeStreamLock(r) }
  // Not every raw stream can tell its position.
  do throws(PyError) { _ = try rawTell(r) } catch {
    b.pointee.absolute = -1
    PyErr_Clear()
  }
}
