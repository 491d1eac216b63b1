import CGila

/// Gives the lock up while (once there is one: so far a process runs Python on one thread only, see below) `body` may block and takes it back afterwards. `reason` (a system call's name) is what the
/// lock's statistics show. `body` must not touch Python objects.
@inlinable public func releasingLock<T>(_ reason: StaticString, _ body: () -> T) -> T {
  let saved = lockRelease(cString(reason))
  let result = body()
  let e = gila_errno_location().pointee
  lockTake(saved)
  gila_errno_location().pointee = e
  return result
}
/// Gives the lock up, saying why; returns the thread state to take it back with. There is no lock yet, so nothing more.
@inlinable public func lockRelease(_ reason: UnsafePointer<CChar>) -> ThreadRef { gila_ts() }
/// Takes the lock back.
@inlinable public func lockTake(_ thread: ThreadRef) {}

/// Calls a system function again after EINTR, running Python signal handlers in between (PEP 475).
/// The body returns a negative value on failure with `errno` set.
public func retryingInterrupts<T: SignedInteger>(_ reason: StaticString, _ body: () -> T) throws(PyError) -> T {
  while true {
    let result = releasingLock(reason, body)
    if result >= 0 || gila_errno_location().pointee != 4 { return result }
    try check(PyErr_CheckSignals())
  }
}
