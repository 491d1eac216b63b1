// Local time of the machine, and time stamps.

import CGila
import GilaCore
import Glibc

enum LocalTime {
  /// A time stamp in seconds and microseconds.
  static func timestamp(_ r: Ref, floor: Bool = false) throws(PyError) -> (seconds: Int, microseconds: Int) {
    if r.isInstance(of: Types.float) {
      let value = PyFloat_AsDouble(r)
      if value.isNaN { throw valueError("Invalid value NaN (not a number)") }
      var whole = floor ? value.rounded(.down) : value.rounded(.towardZero)
      var us = floor ? 0 : ((value - whole) * 1e6).rounded(.toNearestOrEven)
      if us >= 1e6 {
        us -= 1e6
        whole += 1
      } else if us < 0 {
        us += 1e6
        whole -= 1
        // A fraction that small rounds to a whole second.
        if us >= 1e6 {
          us -= 1e6
          whole += 1
        }
      }
      guard let s = Int(exactly: whole) else { throw overflowError("timestamp out of range for platform time_t") }
      return (s, Int(us))
    }
    let s = PyLong_AsLongLong(r)
    if s == -1 && errorIsSet {
      if PyErr_ExceptionMatches(Exc.OverflowError.object) == 0 { throw PyError() }
      PyErr_Clear()
      throw overflowError("timestamp out of range for platform time_t")
    }
    return (Int(s), 0)
  }

  static func broken(_ seconds: Int, utc: Bool) throws(PyError) -> tm {
    var t = time_t(seconds)
    var result = tm()
    errno = 0
    if (utc ? gmtime_r(&t, &result) : localtime_r(&t, &result)) == nil {
      if errno == 0 { errno = EINVAL }
      PyErr_SetFromErrno(Exc.OSError.object)
      throw PyError()
    }
    return result
  }

  /// Local seconds since year 1 for seconds of UTC since then.
  static func local(_ u: Int) throws(PyError) -> Int {
    let t = try broken(u - Calendar.epoch, utc: false)
    return try seconds(t)
  }
  private static func seconds(_ t: tm) throws(PyError) -> Int {
    let year = Int(t.tm_year) + 1900
    if year < Calendar.minYear || year > Calendar.maxYear { throw valueError("year \(year) is out of range") }
    return Calendar.seconds(
      year, Int(t.tm_mon) + 1, Int(t.tm_mday), Int(t.tm_hour), Int(t.tm_min), Int(t.tm_sec))
  }
  static let longestFold = 24 * 3600

  /// Seconds of UTC since year 1 for local seconds since then; `fold` chooses among two.
  static func universal(_ t: Int, fold: Int) throws(PyError) -> Int {
    let a = try local(t) - t
    let u1 = t - a
    let t1 = try local(u1)
    let b: Int
    if t1 == t {
      // One solution; there may be another one.
      let u2 = fold != 0 ? u1 + longestFold : u1 - longestFold
      b = try local(u2) - u2
      if a == b { return u1 }
    } else {
      b = t1 - u1
    }
    let u2 = t - b
    if try local(u2) == t { return u2 }
    if t1 == t { return u1 }
    // Such a time does not exist.
    return fold != 0 ? min(u1, u2) : max(u1, u2)
  }

  /// A datetime of class `type` for a time stamp.
  static func datetime(
    _ type: Ref, _ stamp: (seconds: Int, microseconds: Int), utc: Bool, _ zone: Ref
  ) throws(PyError) -> Owned {
    let t = try broken(stamp.seconds, utc: utc)
    var fold = 0
    let clock = Clock(
      hour: Int(t.tm_hour), minute: Int(t.tm_min), second: min(59, Int(t.tm_sec)), microsecond: stamp.microseconds)
    if zone.isNone && !utc {
      let result = try seconds(t)
      let probe = try local(Calendar.epoch &+ stamp.seconds &- longestFold)
      let transition = result - probe - longestFold
      if transition < 0, try local(Calendar.epoch + stamp.seconds + transition) == result { fold = 1 }
    }
    return try Make.datetime(
      of: type, Int(t.tm_year) + 1900, Int(t.tm_mon) + 1, Int(t.tm_mday), clock, zone, fold: fold)
  }

  /// The machine's time zone at a time stamp.
  static func zone(_ seconds: Int) throws(PyError) -> Owned {
    let t = try broken(seconds, utc: false)
    let offset = try Make.delta(0, t.tm_gmtoff, 0)
    let name = try owned(PyUnicode_DecodeLocale(t.tm_zone, "surrogateescape"))
    return try Zone.make(offset.ref, name.ref)
  }

  static func now() throws(PyError) -> (seconds: Int, microseconds: Int) {
    var t: PyTime_t = 0
    try check(PyTime_Time(&t))
    let (s, ns) = floorDivide(Int(t), 1_000_000_000)
    return (s, ns / 1000)
  }
}
