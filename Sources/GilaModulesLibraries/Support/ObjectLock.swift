// The lock of one object whose library calls run while the interpreter's lock is given up.

import CGila
import GilaCore
import Glibc

final class ObjectLock {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }
  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Waits, without the interpreter's lock, until no other thread is inside.
  func enter() {
    if pthread_mutex_trylock(mutex) == 0 { return }
    let mutex = self.mutex
    _ = releasingLock("object lock") { pthread_mutex_lock(mutex) }
  }
  func leave() { pthread_mutex_unlock(mutex) }

  /// Runs `body` alone.
  func alone(_ body: () throws(PyError) -> Owned) throws(PyError) -> Owned {
    enter()
    defer { leave() }
    return try body()
  }
}
