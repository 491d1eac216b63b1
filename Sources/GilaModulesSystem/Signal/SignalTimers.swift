// Timers that send signals, and waiting for any signal.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SignalTimers {
  static func add(_ m: inout MethodTable) {
    m.one(
      "alarm", "($module, seconds, /)",
      "Have SIGALRM sent after some seconds; returns what was left of an earlier alarm."
    ) {
      _, r in
      bridge { () throws(PyError) in
        let seconds = try cInt(r!)
        return try int(Int(alarm(UInt32(bitPattern: seconds))))
      }
    }
    m.noArguments("pause", "($module, /)", "Wait until a signal arrives.") { _, _ in
      bridgeNone { () throws(PyError) in
        _ = releasingLock("pause") { pause() }
        try PendingSignals.run()
      }
    }
    m.positional(
      "setitimer", "($module, which, seconds, interval=0.0, /)",
      "Have a timer send a signal after some seconds and then at an interval.\n\nReturns what was left of the timer, and its interval."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("setitimer", n, 2, 3)
        let which = try cInt(a![0]!)
        var new = itimerval(), old = itimerval()
        new.it_value = try time(a![1]!)
        if n > 2 { new.it_interval = try time(a![2]!) }
        if setitimer(__itimer_which_t(which), &new, &old) != 0 { throw failure() }
        return try pairOfTimes(old)
      }
    }
    m.one("getitimer", "($module, which, /)", "What is left of a timer, and its interval.") { _, r in
      bridge { () throws(PyError) in
        let which = try cInt(r!)
        var t = itimerval()
        if getitimer(__itimer_which_t(which), &t) != 0 { throw failure() }
        return try pairOfTimes(t)
      }
    }
  }
}

/// itimer_error from `errno`.
private func failure() -> PyError {
  PyErr_SetFromErrno(SystemSlot.itimerError.object ?? Exc.OSError.object)
  return PyError()
}
private func time(_ r: Ref) throws(PyError) -> timeval {
  let t = timeSpec(try nanoseconds(r, .ceiling))
  var (seconds, micros) = (t.tv_sec, (t.tv_nsec + 999) / 1000)
  if micros == 1_000_000 { (seconds, micros) = (seconds &+ 1, 0) }
  return timeval(tv_sec: seconds, tv_usec: micros)
}
private func pairOfTimes(_ t: itimerval) throws(PyError) -> Owned {
  func seconds(_ v: timeval) -> Double { Double(v.tv_sec) + Double(v.tv_usec) / 1e6 }
  return try pair(try float(seconds(t.it_value)), try float(seconds(t.it_interval)))
}
