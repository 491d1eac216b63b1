// The lock of a buffered stream. While one thread waits in a system call, another one may come to the same stream; it
// has to wait until the buffer is in order again.

import CGila
import GilaCore
import Glibc

/// Takes the stream's lock for a scope.
func withStreamLock<R: ~Copyable>(_ r: Ref, _ body: () throws(PyError) -> R) throws(PyError) -> R {
  try enterStream(r)
  defer { leaveStream(r) }
  return try body()
}

private func mutex(_ r: Ref) -> UnsafeMutablePointer<pthread_mutex_t>? {
  r.buffered.pointee.lock?.assumingMemoryBound(to: pthread_mutex_t.self)
}

func makeStreamLock(_ r: Ref) throws(PyError) {
  guard let memory = PyMem_RawMalloc(MemoryLayout<pthread_mutex_t>.size) else { throw memoryError() }
  let m = memory.assumingMemoryBound(to: pthread_mutex_t.self)
  pthread_mutex_init(m, nil)
  r.buffered.pointee.lock = memory
  r.buffered.pointee.owner = 0
}

func freeStreamLock(_ r: Ref) {
  guard let m = mutex(r) else { return }
  pthread_mutex_destroy(m)
  PyMem_RawFree(m)
  r.buffered.pointee.lock = nil
}

private func enterStream(_ r: Ref) throws(PyError) {
  guard let m = mutex(r) else { throw uninitialized(r) }
  let me = UInt(pthread_self())
  if pthread_mutex_trylock(m) != 0 {
    if r.buffered.pointee.owner == me {
      throw runtimeError("reentrant call inside \(try reprText(r))")
    }
    releasingLock("buffered stream") { _ = pthread_mutex_lock(m) }
  }
  r.buffered.pointee.owner = me
}

private func leaveStream(_ r: Ref) {
  r.buffered.pointee.owner = 0
  if let m = mutex(r) { pthread_mutex_unlock(m) }
}

/// ValueError for a stream that was detached or never initialised.
@inline(never) func uninitialized(_ r: Ref) -> PyError {
  valueError(r.buffered.pointee.detached ? "raw stream has been detached" : "I/O operation on uninitialized object")
}
