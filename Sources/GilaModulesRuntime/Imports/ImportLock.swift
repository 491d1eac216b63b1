import CGila
import GilaCore
import Glibc

/// The lock around importlib's table of module locks: owned by a thread, re-entrant. The system's mutex waits without
/// the interpreter's lock.
final class ImportLock {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var owner: ThreadRef? = nil
  private var depth = 0

  private init() { pthread_mutex_init(mutex, nil) }
  /// The current interpreter's.
  static var current: ImportLock {
    let interp = currentInterpreter
    if let p = interp.pointee.import_lock { return Unmanaged<ImportLock>.fromOpaque(p).takeUnretainedValue() }
    let lock = ImportLock()
    interp.pointee.import_lock = Unmanaged.passRetained(lock).toOpaque()
    return lock
  }
  /// Takes the lock from an interpreter that ends.
  static func remove(from interpreter: InterpreterRef) {
    guard let p = interpreter.pointee.import_lock else { return }
    interpreter.pointee.import_lock = nil
    Unmanaged<ImportLock>.fromOpaque(p).release()
  }
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
