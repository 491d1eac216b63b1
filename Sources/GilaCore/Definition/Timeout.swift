import CGila

/// Timeouts in seconds as Python functions take them.
public enum Timeout {
  /// Nanoseconds of a float, or of an int or what has `__index__`. A timeout is never shorter than asked: rounded away
  /// from zero. OverflowError and ValueError as CPython's.
  public static func nanoseconds(_ r: Ref) throws(PyError) -> Int {
    if r.isInstance(of: Types.float) {
      let seconds = PyFloat_AsDouble(r)
      if seconds.isNaN { throw valueError("Invalid value NaN (not a number)") }
      guard let n = Int(exactly: (seconds * 1e9).rounded(.awayFromZero)) else {
        throw overflowError("timestamp out of range for platform time_t")
      }
      return n
    }
    let seconds = PyLong_AsLongLong(r)
    if seconds == -1 && errorIsSet {
      if PyErr_ExceptionMatches(Exc.OverflowError.object) == 0 { throw PyError() }
      PyErr_Clear()
      throw overflowError("timestamp too large to convert to C PyTime_t")
    }
    let (n, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { throw overflowError("timestamp too large to convert to C PyTime_t") }
    return n
  }

  /// The timeout of a wait, in nanoseconds: negative for ever, 0 not at all. `timeout` is nil or None for no limit.
  public static func ofWait(blocking: Bool, _ timeout: Ref?) throws(PyError) -> Int {
    guard let timeout, !timeout.isNone else { return blocking ? -1 : 0 }
    if !blocking { throw valueError("can't specify a timeout for a non-blocking call") }
    return try checked(nanoseconds(timeout))
  }
  /// Refuses a negative timeout, and one that no clock can count.
  public static func checked(_ nanoseconds: Int) throws(PyError) -> Int {
    if nanoseconds < 0 { throw valueError("timeout value must be a non-negative number") }
    if nanoseconds > 9_223_372_036 * 1_000_000_000 { throw overflowError("timeout value is too large") }
    return nanoseconds
  }
}
