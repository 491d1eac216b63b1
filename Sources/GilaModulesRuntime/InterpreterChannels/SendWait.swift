// A sender that waits until its value is received.

import CGila
import GilaCore

final class SendWait {
  enum State { case waiting, received, refused }
  private(set) var state = State.waiting
  /// Held until the wait ends.
  private let lock: PyThread_type_lock

  init() throws(PyError) {
    guard let lock = PyThread_allocate_lock() else { throw memoryError() }
    PyThread_acquire_lock(lock, 0)
    self.lock = lock
  }
  deinit { PyThread_free_lock(lock) }

  func end(_ how: State) {
    if state != .waiting { return }
    state = how
    PyThread_release_lock(lock)
  }

  /// Waits for the end, without the interpreter's lock, up to a number of nanoseconds (negative: for ever). TimeoutError
  /// when they are over, and what a signal handler raises.
  func wait(_ limit: Int) throws(PyError) {
    let last = limit > 0 ? SendWait.now() &+ limit : 0
    while state == .waiting {
      let left = limit > 0 ? max(0, last &- SendWait.now()) : limit
      switch gila_acquire_lock(lock, Int64(left), 1) {
      case PY_LOCK_ACQUIRED: return
      case PY_LOCK_INTR: try check(PyErr_CheckSignals())
      default: throw raise(Exc.TimeoutError, "timed out")
      }
    }
  }
  private static func now() -> Int {
    var t: PyTime_t = 0
    return PyTime_Monotonic(&t) == 0 ? Int(t) : 0
  }
}
