import CGila
import CGilaLock
import GilaCore
import GilaLock
import Glibc

// Python's waits for the lock of `_thread` and of the C API.
extension ParkingLock {
  /// Acquires with the interpreter's lock held, giving it up meanwhile. `nanoseconds` negative: no limit.
  static func acquire(
    _ p: Pointer, _ nanoseconds: Int, _ interruptible: Bool, _ reason: StaticString = "lock.acquire"
  ) -> Int32 {
    if tryAcquire(p) { return PY_LOCK_ACQUIRED }
    if nanoseconds == 0 { return PY_LOCK_FAILURE }
    var deadline = nanoseconds > 0 ? Clock.deadline(after: nanoseconds) : timespec()
    let ts = gila_ts()
    let lock = Threads.lock(ts.pointee.interp!), me = Threads.participant(ts)
    // Who does not handle signals would meet the same one again at once.
    let bits = me.pointee.interruptingBits
    if !interruptible { me.pointee.interruptingBits = 0 }
    defer { me.pointee.interruptingBits = bits }
    while true {
      gila_set_ts(nil)
      let r =
        nanoseconds > 0
        ? acquire(p, lock, me, cString(reason), until: &deadline) : acquire(p, lock, me, cString(reason), until: nil)
      Threads.took(ts)
      if r == 0 { return PY_LOCK_ACQUIRED }
      if r == ETIMEDOUT { return PY_LOCK_FAILURE }
      if interruptible { return PY_LOCK_INTR }
    }
  }
  /// Acquires, running signal handlers in between. False when the time is up.
  static func acquireHandlingSignals(
    _ p: Pointer, _ nanoseconds: Int, _ reason: StaticString = "lock.acquire"
  ) throws(PyError) -> Bool {
    if tryAcquire(p) { return true }
    if nanoseconds == 0 { return false }
    let end = nanoseconds > 0 ? Int(Clock.nanoseconds()) &+ nanoseconds : 0
    var left = nanoseconds
    while true {
      switch acquire(p, left, true, reason) {
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
}
