import CGila

/// Gives the interpreter's lock up while `body` may block and takes it back afterwards. `reason` (a system call's
/// name) is what the lock's statistics show. `body` must not touch Python objects.
@inlinable public func releasingLock<T>(_ reason: StaticString, _ body: () -> T) -> T {
  let saved = lockRelease(cString(reason))
  let result = body()
  let e = gila_errno_location().pointee
  lockTake(saved)
  gila_errno_location().pointee = e
  return result
}
/// Gives the lock up, saying why (a static C string); returns the thread state to take it back with.
@inlinable public func lockRelease(_ reason: UnsafePointer<CChar>) -> ThreadRef { gila_lock_release(reason) }
/// Takes the lock back.
@inlinable public func lockTake(_ thread: ThreadRef) { gila_lock_take(thread) }

/// Calls a system function again after EINTR, running Python signal handlers in between (PEP 475).
/// The body returns a negative value on failure with `errno` set.
public func retryingInterrupts<T: SignedInteger>(_ reason: StaticString, _ body: () -> T) throws(PyError) -> T {
  while true {
    let result = releasingLock(reason, body)
    if result >= 0 || gila_errno_location().pointee != 4 { return result }
    try check(PyErr_CheckSignals())
  }
}
