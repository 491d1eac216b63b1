import CGila

/// Says that a Python exception is set in the thread state. It carries nothing itself, so throwing costs no allocation.
@frozen public struct PyError: Error {
  @inlinable @inline(__always) public init() {}
}

/// A new reference from a C API function: NULL means that an exception is set.
@inlinable @inline(__always) public func owned(_ r: Ref?) throws(PyError) -> Owned {
  guard let r else { throw PyError() }
  return Owned(taking: r)
}
/// A borrowed reference from a C API function: NULL means that an exception is set.
@inlinable @inline(__always) public func borrowed(_ r: Ref?) throws(PyError) -> Ref {
  guard let r else { throw PyError() }
  return r
}
/// A status from a C API function: negative means that an exception is set. Returns the status.
@inlinable @inline(__always) @discardableResult public func check(_ status: Int32) throws(PyError) -> Int32 {
  if status < 0 { throw PyError() }
  return status
}
/// A size from a C API function: negative means that an exception is set.
@inlinable @inline(__always) public func checkSize(_ n: Int) throws(PyError) -> Int {
  if n < 0 { throw PyError() }
  return n
}
/// Whether an exception is set in the current thread.
@inlinable @inline(__always) public var errorIsSet: Bool { gila_ts().pointee.current_exception != nil }

/// The C border for functions that return a new reference: NULL when the body throws.
@inlinable @inline(__always) public func bridge(_ body: () throws(PyError) -> Owned) -> Ref? {
  do throws(PyError) { return try body().take() } catch { return nil }
}
/// The C border for slots that return a status: the body's value, or -1.
@inlinable @inline(__always) public func bridgeInt(_ body: () throws(PyError) -> Int32) -> Int32 {
  do throws(PyError) { return try body() } catch { return -1 }
}
/// The C border for slots that answer yes or no: 1, 0, or -1.
@inlinable @inline(__always) public func bridgeBool(_ body: () throws(PyError) -> Bool) -> Int32 {
  do throws(PyError) { return try body() ? 1 : 0 } catch { return -1 }
}
/// The C border for slots that succeed or fail: 0, or -1.
@inlinable @inline(__always) public func bridgeStatus(_ body: () throws(PyError) -> Void) -> Int32 {
  do throws(PyError) {
    try body()
    return 0
  } catch { return -1 }
}
/// The C border for slots that return a size or hash: the body's value, or -1.
@inlinable @inline(__always) public func bridgeSize(_ body: () throws(PyError) -> Int) -> Int {
  do throws(PyError) { return try body() } catch { return -1 }
}
/// A method that returns None.
@inlinable @inline(__always) public func bridgeNone(_ body: () throws(PyError) -> Void) -> Ref? {
  do throws(PyError) {
    try body()
    return none
  } catch { return nil }
}
