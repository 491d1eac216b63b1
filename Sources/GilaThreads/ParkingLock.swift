import CGila
import CGilaLock
import GilaCore
import GilaLock
import Glibc

/// The lock of `_thread` and of the C API: one word, 0 free, 1 held, 2 held and somebody sleeps. Waiting gives the
/// interpreter's lock up.
enum ParkingLock {
  typealias Word = UnsafeMutablePointer<UInt32>

  @inline(__always) static func tryAcquire(_ w: Word) -> Bool { gila_cas32(w, 0, 1) }
  @inline(__always) static func isHeld(_ w: Word) -> Bool { gila_load32(w) != 0 }
  @inline(__always) static func release(_ w: Word) {
    if gila_exchange32(w, 0) == 2 { gila_futex_wake(w, 1) }
  }
  /// Sleeps until the lock is had (0), a signal comes (EINTR) or the time is up (ETIMEDOUT).
  static func wait(_ w: Word, _ deadline: UnsafePointer<timespec>?) -> Int32 {
    while gila_exchange32(w, 2) != 0 {
      let r = gila_futex_wait(w, 2, deadline)
      if r == EINTR || r == ETIMEDOUT { return r }
    }
    return 0
  }
  /// Acquires with the interpreter's lock held, giving it up meanwhile. `nanoseconds` negative: no limit.
  static func acquire(_ w: Word, _ nanoseconds: Int, _ interruptible: Bool) -> Int32 {
    if tryAcquire(w) { return PY_LOCK_ACQUIRED }
    if nanoseconds == 0 { return PY_LOCK_FAILURE }
    var deadline = nanoseconds > 0 ? Clock_deadline(nanoseconds) : timespec()
    while true {
      let r: Int32
      if nanoseconds > 0 {
        r = releasingLock("lock.acquire") { wait(w, &deadline) }
      } else {
        r = releasingLock("lock.acquire") { wait(w, nil) }
      }
      if r == 0 { return PY_LOCK_ACQUIRED }
      if r == ETIMEDOUT { return PY_LOCK_FAILURE }
      if interruptible { return PY_LOCK_INTR }
    }
  }
  /// Acquires, running signal handlers in between. False with an exception, or when the time is up.
  static func acquireHandlingSignals(_ w: Word, _ nanoseconds: Int) throws(PyError) -> Bool {
    if tryAcquire(w) { return true }
    if nanoseconds == 0 { return false }
    let end = nanoseconds > 0 ? Int(Clock.nanoseconds()) &+ nanoseconds : 0
    var left = nanoseconds
    while true {
      switch acquire(w, left, true) {
      case PY_LOCK_ACQUIRED: return true
      case PY_LOCK_FAILURE: return false
      default:
        try check(PyErr_CheckSignals())
        if nanoseconds > 0 {
          left = end &- Int(Clock.nanoseconds())
          if left <= 0 { return false }
        }
      }
    }
  }
  private static func Clock_deadline(_ n: Int) -> timespec {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    let total = t.tv_nsec + n % 1_000_000_000
    t.tv_sec = t.tv_sec &+ n / 1_000_000_000 &+ total / 1_000_000_000
    t.tv_nsec = total % 1_000_000_000
    return t
  }
}
