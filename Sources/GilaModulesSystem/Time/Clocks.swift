// The clocks of the module time, and sleep.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Clocks {
  static func read(_ clock: clockid_t) throws(PyError) -> timespec {
    var t = timespec()
    try checkSystem(clock_gettime(clock, &t))
    return t
  }
  /// A clock's time as float or, with `ns`, as int.
  static func time(_ clock: clockid_t, ns: Bool) throws(PyError) -> Owned {
    let t = nanoseconds(try read(clock))
    return ns ? try int(t) : try float(seconds(t))
  }

  /// A clock's number.
  static func identifier(_ r: Ref) throws(PyError) -> clockid_t {
    guard r.isLong else { throw typeError("clk_id should be integer, not \(typeName(of: r))") }
    var overflow: Int32 = 0
    let n = PyLong_AsLongAndOverflow(r, &overflow)
    guard overflow == 0, let id = clockid_t(exactly: n) else {
      throw typeError("clk_id should be integer, not \(typeName(of: r))")
    }
    return id
  }

  static func set(_ clock: Ref, _ value: Ref, ns: Bool) throws(PyError) {
    let id = try identifier(clock)
    var t = timeSpec(ns ? Int(try cLong(value)) : try nanoseconds(value, .floor))
    try checkSystem(clock_settime(id, &t))
  }

  static func resolution(_ clock: clockid_t) throws(PyError) -> Double {
    var t = timespec()
    try checkSystem(clock_getres(clock, &t))
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }

  private static let known: [(name: String, clock: clockid_t, label: String, monotonic: Bool)] = [
    ("time", CLOCK_REALTIME, "CLOCK_REALTIME", false),
    ("monotonic", CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true),
    ("perf_counter", CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true),
    ("process_time", CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID", true),
    ("thread_time", CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID", true),
  ]
  static func information(_ name: Ref) throws(PyError) -> Owned {
    guard name.isUnicode else { throw typeError("get_clock_info() argument 1 must be str, not \(typeName(of: name))") }
    let text = swiftString(name)
    guard let c = known.first(where: { $0.name == text }) else { throw valueError("unknown clock") }
    let d = try owned(PyDict_New())
    let label = try string("clock_gettime(\(c.label))")
    let precision = try float(try resolution(c.clock))
    try check(PyDict_SetItemString(d.ref, "implementation", label.ref))
    try check(PyDict_SetItemString(d.ref, "monotonic", pyBool(c.monotonic)))
    try check(PyDict_SetItemString(d.ref, "adjustable", pyBool(!c.monotonic)))
    try check(PyDict_SetItemString(d.ref, "resolution", precision.ref))
    return try owned(_PyNamespace_New(d.ref))
  }

  /// Waits until a point of the even clock, so that signal handlers in between do not lengthen the wait (PEP 475).
  static func sleep(_ duration: Ref) throws(PyError) {
    try GilaCore.audit("time.sleep", duration)
    let span = try nanoseconds(duration, .up)
    if span < 0 { throw valueError("sleep length must be non-negative") }
    let (end, overflow) = monotonicTime().addingReportingOverflow(span)
    var until = timeSpec(overflow ? Int.max : end)
    while true {
      let number = releasingLock("sleep") { clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nil) }
      if number == 0 { return }
      if number != EINTR {
        errno = number
        throw systemFailure()
      }
      try check(PyErr_CheckSignals())
    }
  }
}
