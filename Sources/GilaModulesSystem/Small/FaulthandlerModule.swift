// The module faulthandler: a message when the process dies of a fault. The Python frames are shown by dump_traceback()
// only; a handler of a fatal signal must not touch them.

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

  private static func missing(_ name: StaticString) -> PyError {
    raise(Exc.NotImplementedError, "faulthandler.\(name)() is not implemented in Gila")
  }

  private static func dump(_ fd: Int32) throws(PyError) {
    var text = "Current thread 0x" + hexadecimal(UInt(pthread_self()), 16) + " (most recent call first):\n"
    var depth = 0
    var frame: Ref? = PyEval_GetFrame().map {
      newRef(UnsafeMutableRawPointer($0).assumingMemoryBound(to: PyObject.self))
    }
    defer { xdecref(frame) }
    if frame == nil { text += "  <no Python frame>\n" }
    while let f = frame, !f.isNone {
      if depth >= 100 {
        text += "  ...\n"
        break
      }
      let code = try owned(PyObject_GetAttrString(f, "f_code"))
      let file = try owned(PyObject_GetAttrString(code.ref, "co_filename"))
      let name = try owned(PyObject_GetAttrString(code.ref, "co_name"))
      let line = try owned(PyObject_GetAttrString(f, "f_lineno"))
      let number = line.ref.isLong ? "\(PyLong_AsLong(line.ref))" : "???"
      text += "  File \"\(swiftString(file.ref))\", line \(number) in \(swiftString(name.ref))\n"
      frame = try owned(PyObject_GetAttrString(f, "f_back")).take()
      decref(f)
      depth += 1
    }
    let bytes = Array(text.utf8)
    _ = write(fd, bytes, bytes.count)
  }
  private static func hexadecimal(_ n: UInt, _ width: Int) -> String {
    let digits = String(n, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(enableFunction, "Have a message written when a fatal signal ends the process.") { _, a, n, k in
      perform(FaulthandlerModule.enableFunction, a, n, k) { (b) throws(PyError) in
        let fd = try FaulthandlerModule.descriptor(b[0])
        _ = try b.flag(1, true)
        try checkSystem(gila_enable_fault_messages(fd))
      }
    }
    m.noArguments("disable", "($module, /)", "Leave fatal signals to the system; returns whether messages were on.") {
      _, _ in
      newRef(pyBool(gila_disable_fault_messages()))
    }
    m.noArguments("is_enabled", "($module, /)", "Whether messages are on.") { _, _ in
      newRef(pyBool(gila_has_fault_messages()))
    }
    m.add(dumpFunction, "Write this thread's traceback to a file.") { _, a, n, k in
      perform(FaulthandlerModule.dumpFunction, a, n, k) { (b) throws(PyError) in
        let fd = try FaulthandlerModule.descriptor(b[0])
        _ = try b.flag(1, true)
        try FaulthandlerModule.dump(fd)
      }
    }
    m.add(laterFunction, "Raises NotImplementedError.") { _, a, n, k in
      perform(FaulthandlerModule.laterFunction, a, n, k) { (_) throws(PyError) in
        throw FaulthandlerModule.missing("dump_traceback_later")
      }
    }
    m.noArguments("cancel_dump_traceback_later", "($module, /)", "Nothing to cancel.") { _, _ in none }
    m.add(registerFunction, "Raises NotImplementedError.") { _, a, n, k in
      perform(FaulthandlerModule.registerFunction, a, n, k) { (_) throws(PyError) in
        throw FaulthandlerModule.missing("register")
      }
    }
    m.one("unregister", "($module, signum, /)", "False: nothing is registered.") { _, r in
      bridge { () throws(PyError) in
        _ = try SignalModule.number(r!)
        return Owned(retaining: pyFalse)
      }
    }
    m.positional("_sigsegv", "($module, release_gil=False, /)", "End the process by a memory fault.") { _, _, _ in
      kill(getpid(), SIGSEGV)
      return none
    }
    m.noArguments("_sigabrt", "($module, /)", "End the process by abort().") { _, _ in abort() }
    m.noArguments("_sigfpe", "($module, /)", "End the process by an arithmetic fault.") { _, _ in
      kill(getpid(), SIGFPE)
      return none
    }
    return m.build()
  }
}
