// Points and spans of time in nanoseconds, from and to Python numbers.

import CGila
import GilaCore
import Glibc

enum Rounding {
  case floor, ceiling, halfEven
  /// Away from zero: a timeout is never shorter than asked.
  case up

  func callAsFunction(_ v: Double) -> Double {
    switch self {
    case .floor: v.rounded(.down)
    case .ceiling: v.rounded(.up)
    case .halfEven: v.rounded(.toNearestOrEven)
    case .up: v.rounded(.awayFromZero)
    }
  }
}

let nanosecondsPerSecond = 1_000_000_000

/// Nanoseconds from an int or float of seconds.
func nanoseconds(_ r: Ref, _ rounding: Rounding) throws(PyError) -> Int {
  if r.isInstance(of: Types.float) {
    let seconds = PyFloat_AsDouble(r)
    if seconds.isNaN { throw valueError("Invalid value NaN (not a number)") }
    guard let ns = Int(exactly: rounding(seconds * 1e9)) else { throw outOfRange() }
    return ns
  }
  let seconds = PyLong_AsLongLong(r)
  if seconds == -1, errorIsSet {
    if PyErr_ExceptionMatches(Exc.OverflowError.object) != 0 {
      PyErr_Clear()
      throw tooLarge()
    }
    throw PyError()
  }
  let (ns, overflow) = Int(seconds).multipliedReportingOverflow(by: nanosecondsPerSecond)
  if overflow { throw tooLarge() }
  return ns
}
@inline(never) private func tooLarge() -> PyError { overflowError("timestamp too large to convert to C PyTime_t") }

/// A C time_t from a Python number, and the nanoseconds that a float has beyond whole seconds.
func systemTime(_ r: Ref, _ rounding: Rounding) throws(PyError) -> (seconds: Int, nanoseconds: Int) {
  if r.isInstance(of: Types.float) {
    let value = PyFloat_AsDouble(r)
    if value.isNaN { throw valueError("Invalid value NaN (not a number)") }
    var whole = value.rounded(.towardZero)
    var rest = rounding((value - whole) * 1e9)
    if rest >= 1e9 {
      rest -= 1e9
      whole += 1
    } else if rest < 0 {
      rest += 1e9
      whole -= 1
    }
    guard let seconds = Int(exactly: whole), let ns = Int(exactly: rest) else { throw outOfRange() }
    return (seconds, ns)
  }
  let seconds = PyLong_AsLongLong(r)
  if seconds == -1, errorIsSet {
    if PyErr_ExceptionMatches(Exc.OverflowError.object) != 0 {
      PyErr_Clear()
      throw outOfRange()
    }
    throw PyError()
  }
  return (Int(seconds), 0)
}
/// The same in whole seconds.
func wholeSeconds(_ r: Ref, _ rounding: Rounding) throws(PyError) -> Int {
  if r.isInstance(of: Types.float) {
    let value = PyFloat_AsDouble(r)
    if value.isNaN { throw valueError("Invalid value NaN (not a number)") }
    guard let seconds = Int(exactly: rounding(value)) else { throw outOfRange() }
    return seconds
  }
  return try systemTime(r, rounding).seconds
}
@inline(never) private func outOfRange() -> PyError { overflowError("timestamp out of range for platform time_t") }

/// Nanoseconds as Python seconds.
func seconds(_ ns: Int) -> Double {
  ns % nanosecondsPerSecond == 0 ? Double(ns / nanosecondsPerSecond) : Double(ns) / 1e9
}
func nanoseconds(_ t: timespec) -> Int { t.tv_sec &* nanosecondsPerSecond &+ t.tv_nsec }
func timeSpec(_ ns: Int) -> timespec {
  var s = ns / nanosecondsPerSecond
  var rest = ns % nanosecondsPerSecond
  if rest < 0 {
    rest += nanosecondsPerSecond
    s -= 1
  }
  return timespec(tv_sec: s, tv_nsec: rest)
}
func timeVal(_ ns: Int) -> timeval {
  let t = timeSpec(ns)
  return timeval(tv_sec: t.tv_sec, tv_usec: (t.tv_nsec + 999) / 1000)
}

/// The clock that runs evenly.
func monotonicTime() -> Int {
  var t = timespec()
  clock_gettime(CLOCK_MONOTONIC, &t)
  return nanoseconds(t)
}

/// When a wait ends. Milliseconds for poll: rounded up, -1 for ever.
struct Deadline {
  private let end: Int?
  /// `timeout` in nanoseconds; nil or negative waits for ever.
  init(_ timeout: Int?) {
    if let timeout, timeout >= 0 {
      let (end, overflow) = monotonicTime().addingReportingOverflow(timeout)
      self.end = overflow ? Int.max : end
    } else {
      end = nil
    }
  }
  var isForever: Bool { end == nil }
  /// What is left, never negative; nil for ever.
  var remaining: Int? { end.map { max(0, $0 - monotonicTime()) } }
  var hasPassed: Bool { end.map { $0 <= monotonicTime() } ?? false }
  var milliseconds: Int32 {
    guard let left = remaining else { return -1 }
    return Int32(clamping: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
  }
}

// MARK: C API

@c @implementation public func PyTime_AsSecondsDouble(_ t: PyTime_t) -> Double { seconds(Int(t)) }
@c @implementation public func PyTime_Monotonic(_ t: UnsafeMutablePointer<PyTime_t>!) -> Int32 {
  t.pointee = PyTime_t(monotonicTime())
  return 0
}
@c @implementation public func PyTime_PerfCounterRaw(_ t: UnsafeMutablePointer<PyTime_t>!) -> Int32 {
  PyTime_Monotonic(t)
}
@c @implementation public func PyTime_Time(_ t: UnsafeMutablePointer<PyTime_t>!) -> Int32 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  t.pointee = PyTime_t(nanoseconds(now))
  return 0
}
@c @implementation public func PyTime_PerfCounter(_ t: UnsafeMutablePointer<PyTime_t>!) -> Int32 {
  PyTime_Monotonic(t)
}
@c @implementation public func PyTime_MonotonicRaw(_ t: UnsafeMutablePointer<PyTime_t>!) -> Int32 {
  PyTime_Monotonic(t)
}
@c @implementation public func PyTime_TimeRaw(_ t: UnsafeMutablePointer<PyTime_t>!) -> Int32 { PyTime_Time(t) }
@c @implementation public func _Py_IsValidFD(_ fd: Int32) -> Int32 { fd >= 0 && fcntl(fd, F_GETFD) >= 0 ? 1 : 0 }
