// Blocked signals, and waiting for signals without handlers.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SignalMasks {
  static func add(_ m: inout MethodTable) {
    m.positional(
      "pthread_sigmask", "($module, how, mask, /)",
      "Change the set of signals that this thread does not take; returns the old set."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("pthread_sigmask", n, 2, 2)
        let how = try cInt(a![0]!)
        var set = try SignalSet.make(a![1]!), old = sigset_t()
        try checkNumber(gila_sigmask(how, &set, &old))
        // Unblocked ones may have arrived.
        try PendingSignals.run()
        return try SignalSet.object(old)
      }
    }
    m.noArguments("sigpending", "($module, /)", "The set of signals that wait for this thread to unblock them.") {
      _, _ in
      bridge { () throws(PyError) in
        var set = sigset_t()
        try checkSystem(sigpending(&set))
        return try SignalSet.object(set)
      }
    }
    m.one("sigwait", "($module, sigset, /)", "Wait for one of a set of signals, take it and return its number.") {
      _, r in
      bridge { () throws(PyError) in
        var set = try SignalSet.make(r!)
        var number: Int32 = 0
        while true {
          let error = releasingLock("sigwait") { sigwait(&set, &number) }
          if error == 0 { return try int(number) }
          if error != EINTR { try checkNumber(error) }
          try PendingSignals.run()
        }
      }
    }
    m.one(
      "sigwaitinfo", "($module, sigset, /)", "Wait for one of a set of signals, take it and return a struct_siginfo."
    ) {
      _, r in
      bridge { () throws(PyError) in
        var set = try SignalSet.make(r!)
        var info = siginfo_t()
        try checkSystem(try retryingInterrupts("sigwaitinfo") { sigwaitinfo(&set, &info) })
        return try SignalModule.object(&info)
      }
    }
    m.positional("sigtimedwait", "($module, sigset, timeout, /)", "Like sigwaitinfo(), but returns None after a time.")
    {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("sigtimedwait", n, 2, 2)
        var set = try SignalSet.make(a![0]!)
        let timeout = try nanoseconds(a![1]!, .ceiling)
        if timeout < 0 { throw valueError("timeout must be non-negative") }
        let deadline = Deadline(timeout)
        var info = siginfo_t()
        while true {
          var left = timeSpec(deadline.remaining ?? 0)
          if releasingLock("sigtimedwait", { sigtimedwait(&set, &info, &left) }) != -1 {
            return try SignalModule.object(&info)
          }
          if errno == EAGAIN { return noneOwned() }
          if errno != EINTR { throw systemFailure() }
          try PendingSignals.run()
        }
      }
    }
    m.noArguments("valid_signals", "($module, /)", "The set of signals there are on this system.") { _, _ in
      bridge { () throws(PyError) in
        var set = sigset_t()
        sigfillset(&set)
        return try SignalSet.object(set)
      }
    }
  }
}
