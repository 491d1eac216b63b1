// A timeout argument in seconds.

import CGila
import GilaCore

enum Timeout {
  /// Nanoseconds of an int or float, rounded up.
  static func nanoseconds(_ r: Ref) throws(PyError) -> Int {
    if r.isInstance(of: Types.float) {
      let seconds = PyFloat_AsDouble(r)
      if seconds.isNaN { throw valueError("Invalid value NaN (not a number)") }
      guard let n = Int(exactly: (seconds * 1e9).rounded(.up)) else {
        throw overflowError("timestamp out of range for platform time_t")
      }
      return n
    }
    let s = PyLong_AsLongLong(r)
    if s == -1 && errorIsSet {
      if PyErr_ExceptionMatches(Exc.OverflowError.object) == 0 { throw PyError() }
      PyErr_Clear()
      throw overflowError("timestamp too large to convert to C PyTime_t")
    }
    let (n, overflow) = Int(s).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { throw overflowError("timestamp too large to convert to C PyTime_t") }
    return n
  }
}
