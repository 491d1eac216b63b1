// Waiting for children, and what their status says.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Waiting {
  private static let waitidDescription = StructDescription(
    name: "posix.waitid_result", doc: "What waitid() tells of a child.", visible: 5,
    fields: [("si_pid", ""), ("si_uid", ""), ("si_signo", ""), ("si_status", ""), ("si_code", "")])
  static func addTypes(_ module: Ref) throws(PyError) {
    try waitidDescription.add(to: module, SystemSlot.waitidResult, as: "waitid_result")
  }

  private static let wait3Function = Function("wait3", "($module, /, options)")
  private static let wait4Function = Function("wait4", "($module, /, pid, options)")
  private static let exitCodeFunction = Function("waitstatus_to_exitcode", "($module, /, status)")
  private static let exitedFunction = Function("WIFEXITED", "($module, /, status)")
  private static let exitStatusFunction = Function("WEXITSTATUS", "($module, /, status)")
  private static let signaledFunction = Function("WIFSIGNALED", "($module, /, status)")
  private static let termSignalFunction = Function("WTERMSIG", "($module, /, status)")
  private static let stoppedFunction = Function("WIFSTOPPED", "($module, /, status)")
  private static let stopSignalFunction = Function("WSTOPSIG", "($module, /, status)")
  private static let continuedFunction = Function("WIFCONTINUED", "($module, /, status)")

  static func add(_ m: inout MethodTable) {
    children(&m)
    statuses(&m)
  }

  /// wait4 with or without the resources used: (pid, status[, rusage]).
  private static func wait(_ pid: Int32, _ options: Int32, usage wanted: Bool) throws(PyError) -> Owned {
    var status: Int32 = 0
    var usage = rusage()
    let child = try checkSystem(try retryingInterrupts("wait") { wait4(pid, &status, options, &usage) })
    if !wanted { return try pair(try int(child), try int(status)) }
    // Without a child the system leaves the structure as it was.
    if child == 0 { usage = rusage() }
    return try triple(try int(child), try int(status), try ResourceUsage.object(usage))
  }

  private static func children(_ m: inout MethodTable) {
    m.noArguments("wait", "($module, /)", "Wait for a child to end; returns its number and status.") { _, _ in
      bridge { () throws(PyError) in try Waiting.wait(-1, 0, usage: false) }
    }
    m.positional(
      "waitpid", "($module, pid, options, /)", "Wait for a child or one of several; returns its number and status."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("waitpid", n, 2)
        return try Waiting.wait(try intArgument(a![0]!), try cInt(a![1]!), usage: false)
      }
    }
    m.add(wait3Function, "Wait for a child; returns its number, status and the resources it used.") { _, a, n, k in
      answer(Waiting.wait3Function, a, n, k) { (b) throws(PyError) in
        try Waiting.wait(-1, try b.int(0), usage: true)
      }
    }
    m.add(wait4Function, "Wait for a child or one of several; returns its number, status and the resources it used.") {
      _, a, n, k in
      answer(Waiting.wait4Function, a, n, k) { (b) throws(PyError) in
        try Waiting.wait(try intArgument(b.object(0)), try b.int(1), usage: true)
      }
    }
    m.positional(
      "waitid", "($module, idtype, id, options, /)",
      "Wait for a change of one or several children; returns a waitid_result, or None when WNOHANG was given and\nnothing changed."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("waitid", n, 3)
        let kind = idtype_t(UInt32(bitPattern: try intArgument(a![0]!)))
        let id = id_t(bitPattern: try intArgument(a![1]!)), options = try cInt(a![2]!)
        var info = siginfo_t()
        try checkSystem(try retryingInterrupts("waitid") { waitid(kind, id, &info, options) })
        let found = gila_read_siginfo(&info)
        if found.pid == 0 { return noneOwned() }
        var v = try StructValue(SystemSlot.waitidResult)
        v.add(try int(found.pid))
        v.add(try identity(found.uid))
        v.add(try int(found.number))
        v.add(try int(found.status))
        v.add(try int(found.code))
        return v.finish()
      }
    }
    m.add(
      exitCodeFunction, "The exit code that a status stands for; minus the number of a signal that killed the child."
    ) {
      _, a, n, k in
      answer(Waiting.exitCodeFunction, a, n, k) { (b) throws(PyError) in
        let status = try b.int(0)
        if gila_exited(status) { return try int(gila_exit_status(status)) }
        if gila_signaled(status) { return try int(-gila_term_signal(status)) }
        if gila_stopped(status) {
          throw valueError("process stopped by delivery of signal \(gila_stop_signal(status))")
        }
        throw valueError("invalid wait status: \(status)")
      }
    }
  }

  private static func statuses(_ m: inout MethodTable) {
    m.one("WCOREDUMP", "($module, status, /)", "Whether the child left a memory dump.") { _, r in
      bridge { () throws(PyError) in Owned(retaining: pyBool(gila_dumped(try cInt(r!)))) }
    }
    m.add(exitedFunction, "Whether the child ended by itself.") { _, a, n, k in
      answer(Waiting.exitedFunction, a, n, k) { (b) throws(PyError) in
        Owned(retaining: pyBool(gila_exited(try b.int(0))))
      }
    }
    m.add(exitStatusFunction, "The exit code of a child that ended by itself.") { _, a, n, k in
      answer(Waiting.exitStatusFunction, a, n, k) { (b) throws(PyError) in try int(gila_exit_status(try b.int(0))) }
    }
    m.add(signaledFunction, "Whether a signal killed the child.") { _, a, n, k in
      answer(Waiting.signaledFunction, a, n, k) { (b) throws(PyError) in
        Owned(retaining: pyBool(gila_signaled(try b.int(0))))
      }
    }
    m.add(termSignalFunction, "The signal that killed the child.") { _, a, n, k in
      answer(Waiting.termSignalFunction, a, n, k) { (b) throws(PyError) in try int(gila_term_signal(try b.int(0))) }
    }
    m.add(stoppedFunction, "Whether the child is stopped.") { _, a, n, k in
      answer(Waiting.stoppedFunction, a, n, k) { (b) throws(PyError) in
        Owned(retaining: pyBool(gila_stopped(try b.int(0))))
      }
    }
    m.add(stopSignalFunction, "The signal that stopped the child.") { _, a, n, k in
      answer(Waiting.stopSignalFunction, a, n, k) { (b) throws(PyError) in try int(gila_stop_signal(try b.int(0))) }
    }
    m.add(continuedFunction, "Whether the child was continued.") { _, a, n, k in
      answer(Waiting.continuedFunction, a, n, k) { (b) throws(PyError) in
        Owned(retaining: pyBool(gila_continued(try b.int(0))))
      }
    }
  }
}
