// The module _signal.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SignalModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_signal",
    doc:
      "Signals: what the system does when they arrive, handlers in Python, timers that send them.\n\nHandlers are called with the signal's number and the interrupted frame, in the main thread.",
    methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try SignalModule.execute(module!) } })

  static let useDefault = 0
  static let ignore = 1
  private static let siginfoDescription = StructDescription(
    name: "signal.struct_siginfo", doc: "What sigwaitinfo() and sigtimedwait() tell of a signal.", visible: 7,
    fields: [
      ("si_signo", "signal number"), ("si_code", "signal code"), ("si_errno", "errno associated with this signal"),
      ("si_pid", "sending process ID"), ("si_uid", "real user ID of sending process"),
      ("si_status", "exit value or signal"), ("si_band", "band event for SIGPOLL"),
    ])

  private static func execute(_ module: Ref) throws(PyError) {
    try addConstants(module, gila_signal_table())
    try add(module, "NSIG", int: Int(signalCount))
    try add(module, "SIGRTMIN", int: Int(gila_first_realtime_signal()))
    try add(module, "SIGRTMAX", int: Int(gila_last_realtime_signal()))
    try add(module, "SIG_DFL", int: useDefault)
    try add(module, "SIG_IGN", int: ignore)
    try siginfoDescription.add(to: module, SystemSlot.structSiginfo, as: "struct_siginfo")
    if SystemSlot.itimerError.object == nil {
      SystemSlot.itimerError.set(try exceptionClass("signal", "itimer_error", Exc.OSError))
    }
    if let error = SystemSlot.itimerError.object { try add(module, "ItimerError", error) }
    if SystemSlot.signalHandlers.object == nil { try takeOver(module) }
  }

  /// Looks at what the system does with each signal now, and lets Ctrl-C raise KeyboardInterrupt.
  private static func takeOver(_ module: Ref) throws(PyError) {
    let list = try owned(PyList_New(Int(signalCount)))
    for number in 0..<signalCount {
      let disposition = number == 0 ? Int32(GILA_SIGNAL_FOREIGN.rawValue) : gila_get_disposition(number)
      let value: Owned
      switch gila_disposition(UInt32(bitPattern: disposition)) {
      case GILA_SIGNAL_DEFAULT: value = try int(useDefault)
      case GILA_SIGNAL_IGNORED: value = try int(ignore)
      default: value = noneOwned()
      }
      PyList_SetItem(list.ref, Int(number), value.take())
    }
    SystemSlot.signalHandlers.set(list)
    guard currentInterpreter.pointee.id == 0, currentInterpreter.pointee.main_thread != nil else { return }
    PendingSignals.tellMainThread()
    if gila_get_disposition(SIGINT) == Int32(GILA_SIGNAL_DEFAULT.rawValue) {
      let handler = try owned(PyObject_GetAttrString(module, "default_int_handler"))
      PyList_SetItem(PendingSignals.handlers, Int(SIGINT), handler.take())
      try checkSystem(gila_set_disposition(SIGINT, Int32(GILA_SIGNAL_HANDLED.rawValue)))
    }
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    handling(&m)
    SignalTimers.add(&m)
    SignalMasks.add(&m)
    return m.build()
  }

  static func number(_ r: Ref) throws(PyError) -> Int32 {
    let n = try cInt(r)
    if n < 1 || n >= signalCount { throw valueError("signal number out of range") }
    return n
  }

  private static func set(_ numberObject: Ref, _ handler: Ref) throws(PyError) -> Owned {
    let requested = try cInt(numberObject)
    if !PendingSignals.isMainThread {
      throw valueError("signal only works in main thread of the main interpreter")
    }
    if requested < 1 || requested >= signalCount { throw valueError("signal number out of range") }
    let disposition: gila_disposition
    if handler.isLong, let value = exactly(handler), value == useDefault || value == ignore {
      disposition = value == useDefault ? GILA_SIGNAL_DEFAULT : GILA_SIGNAL_IGNORED
    } else if PyCallable_Check(handler) != 0 {
      disposition = GILA_SIGNAL_HANDLED
    } else {
      throw typeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
    }
    // What arrived so far is the old handler's.
    try PendingSignals.run()
    try checkSystem(gila_set_disposition(requested, Int32(disposition.rawValue)))
    let old = Owned(retaining: PendingSignals.handler(requested))
    if let list = PendingSignals.handlers { PyList_SetItem(list, Int(requested), newRef(handler)) }
    return old
  }
  private static func exactly(_ r: Ref) -> Int? {
    var overflow: Int32 = 0
    let n = PyLong_AsLongAndOverflow(r, &overflow)
    return overflow == 0 ? n : nil
  }

  private static let wakeupFunction = Function(
    "set_wakeup_fd", "($module, fd, /, *, warn_on_full_buffer=True)")

  private static func handling(_ m: inout MethodTable) {
    m.positional(
      "signal", "($module, signalnum, handler, /)",
      "Set what happens when a signal arrives: SIG_DFL, SIG_IGN or a function of its number and a frame.\n\nReturns what was set before."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("signal", n, 2, 2)
        return try SignalModule.set(a![0]!, a![1]!)
      }
    }
    m.one(
      "getsignal", "($module, signalnum, /)",
      "What is set to happen when a signal arrives; None when not Python set it."
    ) {
      _, r in bridge { () throws(PyError) in Owned(retaining: PendingSignals.handler(try SignalModule.number(r!))) }
    }
    m.positional(
      "default_int_handler", "($module, signalnum, frame, /)", "The handler of Ctrl-C: raises KeyboardInterrupt."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("default_int_handler", n, 2, 2)
        _ = try cInt(a![0]!)
        PyErr_SetNone(Exc.KeyboardInterrupt.object)
        throw PyError()
      }
    }
    m.one("raise_signal", "($module, signalnum, /)", "Send a signal to this process.") { _, r in
      bridgeNone { () throws(PyError) in
        let n = try cInt(r!)
        try checkSystem(releasingLock("raise") { raise(n) })
        try PendingSignals.run()
      }
    }
    m.one("strsignal", "($module, signalnum, /)", "What the system calls a signal; None when it does not know it.") {
      _, r in
      bridge { () throws(PyError) in
        let n = try SignalModule.number(r!)
        guard let text = strsignal(n), strstr(text, "Unknown signal") == nil else { return noneOwned() }
        return try localeText(text)
      }
    }
    m.positional("siginterrupt", "($module, signalnum, flag, /)", "Say whether a signal interrupts system calls.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("siginterrupt", n, 2, 2)
        let number = try SignalModule.number(a![0]!), flag = try cInt(a![1]!)
        try checkSystem(gila_siginterrupt(number, flag != 0))
      }
    }
    m.add(
      wakeupFunction,
      "Have the number of each signal written, as a byte, to a descriptor; -1 ends that.\n\nReturns the descriptor before. Event loops use it to wake from poll()."
    ) { _, a, n, k in
      answer(SignalModule.wakeupFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.int(0), warn = try b.flag(1, true)
        if !PendingSignals.isMainThread {
          throw valueError("set_wakeup_fd only works in main thread of the main interpreter")
        }
        if fd != -1 {
          var s = stat()
          try checkSystem(fstat(fd, &s))
          let flags = try checkSystem(fcntl(fd, F_GETFL))
          if flags & O_NONBLOCK == 0 { throw valueError("the fd \(fd) must be in non-blocking mode") }
        }
        return try int(gila_set_wakeup(fd, warn))
      }
    }
    m.positional("pthread_kill", "($module, thread_id, signalnum, /)", "Send a signal to a thread of this process.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("pthread_kill", n, 2, 2)
        let thread = PyLong_AsUnsignedLong(a![0]!)
        if thread == UInt.max, errorIsSet { throw PyError() }
        let number = try cInt(a![1]!)
        if isAudited { try audit("signal.pthread_kill", a![0]!, a![1]!) }
        try checkNumber(pthread_kill(pthread_t(thread), number))
        try PendingSignals.run()
      }
    }
    m.positional(
      "pidfd_send_signal", "($module, pidfd, signalnum, siginfo=None, flags=0, /)",
      "Send a signal to the process that a descriptor stands for."
    ) {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("pidfd_send_signal", n, 2, 4)
        let fd = try cInt(a![0]!), number = try cInt(a![1]!)
        if n > 2, !a![2]!.isNone { throw typeError("siginfo must be None") }
        let flags = n > 3 ? try cInt(a![3]!) : 0
        try checkSystem(gila_pidfd_send_signal(fd, number, UInt32(bitPattern: flags)))
      }
    }
  }

  /// A struct_siginfo.
  static func object(_ info: inout siginfo_t) throws(PyError) -> Owned {
    let i = gila_read_siginfo(&info)
    var v = try StructValue(SystemSlot.structSiginfo)
    v.add(try int(i.number))
    v.add(try int(i.code))
    v.add(try int(i.error))
    v.add(try int(i.pid))
    v.add(try identity(i.uid))
    v.add(try int(i.status))
    v.add(try int(i.band))
    return v.finish()
  }
}

/// The descriptor that signals are written to, without any check of it. The one before.
@c @implementation public func PySignal_SetWakeupFd(_ fd: Int32) -> Int32 { gila_set_wakeup(fd < 0 ? -1 : fd, true) }
