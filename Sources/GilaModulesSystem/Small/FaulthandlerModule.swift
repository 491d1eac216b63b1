// The module faulthandler: tracebacks when the process dies of a fault, on a signal, after a time, on demand. What runs in
// signal handlers is in faults.c and in GilaEval's TracebackDump.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum FaulthandlerModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "faulthandler", doc: "Messages about fatal signals, and tracebacks on demand.", methods: methods())

  private static let enableFunction = Function("enable", "($module, /, file=sys.stderr, all_threads=True)")
  private static let dumpFunction = Function("dump_traceback", "($module, /, file=sys.stderr, all_threads=True)")
  private static let laterFunction = Function(
    "dump_traceback_later", "($module, /, timeout, repeat=False, file=sys.stderr, exit=False)")
  private static let registerFunction = Function(
    "register", "($module, /, signum, file=sys.stderr, all_threads=True, chain=False)")

  /// The descriptor of a file argument; without one that of sys.stderr.
  private static func descriptor(_ r: Ref?) throws(PyError) -> Int32 {
    var file = r.flatMap { $0.isNone ? nil : $0 }
    if file == nil {
      file = PySys_GetObject("stderr")
      if file == nil { throw runtimeError("unable to get sys.stderr") }
      if file == none { throw runtimeError("sys.stderr is None") }
    }
    guard let file else { return 2 }
    if file.isLong {
      let fd = try cInt(file)
      if fd < 0 { throw valueError("file is not a valid file descripter") }
      return fd
    }
    let method = try owned(PyObject_GetAttrString(file, "fileno"))
    let number = try owned(PyObject_CallNoArgs(method.ref))
    let fd = number.ref.isLong ? try cInt(number.ref) : -1
    if fd < 0 { throw runtimeError("file.fileno() is not a valid file descriptor") }
    if let flush = PyObject_GetAttrString(file, "flush") {
      let held = Owned(taking: flush)
      if let result = PyObject_CallNoArgs(held.ref) { decref(result) } else { PyErr_Clear() }
    } else {
      PyErr_Clear()
    }
    return fd
  }

  /// The files that are written to later, kept open.
  nonisolated(unsafe) private static var faultFile: Ref?
  nonisolated(unsafe) private static var laterFile: Ref?
  nonisolated(unsafe) private static var signalFiles = [Ref?](repeating: nil, count: 65)

  private static func keep(_ slot: inout Ref?, _ file: Ref?) {
    let old = slot
    slot = xnewRef(file ?? PySys_GetObject("stderr"))
    xdecref(old)
  }
  /// A signal that may be asked for: in range, and none that faults raise.
  private static func signal(_ r: Ref) throws(PyError) -> Int32 {
    let n = try cInt(r)
    if gila_is_fault_signal(n) {
      throw runtimeError("signal \(n) cannot be registered, use enable() instead")
    }
    if n < 1 || n > 64 { throw valueError("signal number out of range") }
    return n
  }
  /// Seconds as microseconds, rounded up.
  private static func microseconds(_ r: Ref) throws(PyError) -> Int64 {
    let s = PyFloat_AsDouble(r)
    if s == -1 && errorIsSet { throw PyError() }
    let us = (s * 1e6).rounded(.up)
    if us > 9e15 { throw overflowError("timeout value is too large") }
    if !(us > 0) { throw valueError("timeout must be greater than 0") }
    return Int64(us)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(enableFunction, "Have a message written when a fatal signal ends the process.") { _, a, n, k in
      perform(FaulthandlerModule.enableFunction, a, n, k) { (b) throws(PyError) in
        let fd = try FaulthandlerModule.descriptor(b[0])
        try checkSystem(gila_enable_fault_messages(fd, try b.flag(1, true)))
        FaulthandlerModule.keep(&FaulthandlerModule.faultFile, b[0])
      }
    }
    m.noArguments("disable", "($module, /)", "Leave fatal signals to the system; returns whether messages were on.") {
      _, _ in
      GilaCore.clear(&FaulthandlerModule.faultFile)
      return newRef(pyBool(gila_disable_fault_messages()))
    }
    m.noArguments("is_enabled", "($module, /)", "Whether messages are on.") { _, _ in
      newRef(pyBool(gila_has_fault_messages()))
    }
    m.add(dumpFunction, "Write this thread's traceback to a file.") { _, a, n, k in
      perform(FaulthandlerModule.dumpFunction, a, n, k) { (b) throws(PyError) in
        let fd = try FaulthandlerModule.descriptor(b[0])
        let thread = gila_ts()
        gila_dump_traceback(fd, thread.pointee.interp, thread, try b.flag(1, true))
      }
    }
    addLater(&m)
    addSignals(&m)
    addFaults(&m)
    return m.build()
  }

  private static func addLater(_ m: inout MethodTable) {
    m.add(laterFunction, "Write the tracebacks of all threads after a time, once or again and again.") { _, a, n, k in
      perform(FaulthandlerModule.laterFunction, a, n, k) { (b) throws(PyError) in
        let us = try FaulthandlerModule.microseconds(b.object(0))
        let fd = try FaulthandlerModule.descriptor(b[2])
        try checkSystem(gila_dump_later(fd, us, try b.flag(1, false), try b.flag(3, false)))
        FaulthandlerModule.keep(&FaulthandlerModule.laterFile, b[2])
      }
    }
    m.noArguments("cancel_dump_traceback_later", "($module, /)", "Cancel the last dump_traceback_later().") { _, _ in
      gila_cancel_dump_later()
      GilaCore.clear(&FaulthandlerModule.laterFile)
      return none
    }
  }
  private static func addSignals(_ m: inout MethodTable) {
    m.add(registerFunction, "Write tracebacks whenever a signal arrives.") { _, a, n, k in
      perform(FaulthandlerModule.registerFunction, a, n, k) { (b) throws(PyError) in
        let number = try FaulthandlerModule.signal(b.object(0))
        let fd = try FaulthandlerModule.descriptor(b[1])
        try checkSystem(gila_dump_on_signal(number, fd, try b.flag(2, true), try b.flag(3, false)))
        FaulthandlerModule.keep(&FaulthandlerModule.signalFiles[Int(number)], b[1])
      }
    }
    m.one("unregister", "($module, signum, /)", "Undo register(); returns whether the signal was registered.") { _, r in
      bridge { () throws(PyError) in
        let number = try FaulthandlerModule.signal(r!)
        GilaCore.clear(&FaulthandlerModule.signalFiles[Int(number)])
        return Owned(retaining: pyBool(gila_stop_dump_on_signal(number)))
      }
    }
  }
  private static func addFaults(_ m: inout MethodTable) {
    m.noArguments("_read_null", "($module, /)", "End the process by reading from nowhere.") { _, _ in
      gila_read_null()
      return none
    }
    m.noArguments("_stack_overflow", "($module, /)", "End the process by recursion without end.") { _, _ in
      gila_overflow_stack()
      return none
    }
    m.noArguments("_fatal_error_c_thread", "($module, /)", "End the process by a fatal error in a thread.") { _, _ in
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { _ in
          _Py_FatalErrorFunc("faulthandler_fatal_error_thread", "in new thread")
          return nil
        }, nil)
      _ = releasingLock("faulthandler") { pause() }
      return none
    }
    m.positional("_sigsegv", "($module, release_gil=False, /)", "End the process by a memory fault.") { _, _, _ in
      Glibc.raise(SIGSEGV)
      // A handler below ours may have returned.
      Glibc.signal(SIGSEGV, SIG_DFL)
      Glibc.raise(SIGSEGV)
      return none
    }
    m.noArguments("_sigabrt", "($module, /)", "End the process by abort().") { _, _ in abort() }
    m.noArguments("_sigfpe", "($module, /)", "End the process by an arithmetic fault.") { _, _ in
      Glibc.raise(SIGFPE)
      // A handler below ours may have returned.
      Glibc.signal(SIGFPE, SIG_DFL)
      Glibc.raise(SIGFPE)
      return none
    }
  }
}
