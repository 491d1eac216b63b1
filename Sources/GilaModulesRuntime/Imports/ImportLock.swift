import CGila
import GilaCore
import Glibc

/// The lock around importlib's table of module locks: owned by a thread, re-entrant. The system's mutex waits without
/// the interpreter's lock.
final class ImportLock {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var owner: ThreadRef? = nil
  private var depth = 0

  init() { pthread_mutex_init(mutex, nil) }
  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }
  var isHeld: Bool { owner != nil }

  func acquire() {
    let me = currentThread
    if owner == me {
      depth += 1
      return
    }
    if pthread_mutex_trylock(mutex) != 0 {
      let m = mutex
      releasingLock("import lock") { _ = pthread_mutex_lock(m) }
    }
    owner = me
    depth = 1
  }
  /// False if another thread or none holds the lock.
  func release() -> Bool {
    guard owner == currentThread, depth > 0 else { return false }
    depth -= 1
    if depth == 0 {
      owner = nil
      pthread_mutex_unlock(mutex)
    }
    return true
  }
  /// In the child after fork: nobody else holds it any more.
  func reset() {
    pthread_mutex_init(mutex, nil)
    owner = nil
    depth = 0
  }
}
