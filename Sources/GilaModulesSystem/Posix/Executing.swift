// Running other programs in place of this one, and ending this one.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Executing {
  private static let execveFunction = Function("execve", "($module, /, path, argv, env)")
  private static let exitFunction = Function("_exit", "($module, /, status)")
  private static let systemFunction = Function("system", "($module, /, command)")

  private static func checkAllowed() throws(PyError) {
    if !currentInterpreter.features.contains(.exec) {
      throw runtimeError("exec not supported for isolated subinterpreters")
    }
  }
  static func add(_ m: inout MethodTable) {
    m.positional("execv", "($module, path, argv, /)", "Run a program in place of this one, with arguments.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Executing.checkAllowed()
        try Files.exactly("execv", n, 2)
        let path = try Path("execv", "path", a![0])
        let list = a![1]!
        guard list.isTuple || list.isList else { throw typeError("execv() arg 2 must be a tuple or list") }
        if try checkSize(PySequence_Size(list)) < 1 { throw valueError("execv() arg 2 must not be empty") }
        var arguments = CStrings()
        try arguments.addArguments(list)
        if arguments.start[0]?.pointee == 0 { throw valueError("execv() arg 2 first element cannot be empty") }
        try audit("os.exec", path.object, list, none)
        execv(path.characters, arguments.start)
        throw systemFailure()
      }
    }
    m.add(execveFunction, "Run a program in place of this one, with arguments and environment.") { _, a, n, k in
      perform(Executing.execveFunction, a, n, k) { (b) throws(PyError) in
        try Executing.checkAllowed()
        let path = try b.path(0, descriptor: true)
        let list = b.object(1), environment = b.object(2)
        guard list.isTuple || list.isList else { throw typeError("execve: argv must be a tuple or list") }
        if try checkSize(PySequence_Size(list)) < 1 { throw valueError("execve: argv must not be empty") }
        if PyMapping_Check(environment) == 0 { throw typeError("execve: environment must be a mapping object") }
        var arguments = CStrings(), variables = CStrings()
        try arguments.addArguments(list)
        if arguments.start[0]?.pointee == 0 { throw valueError("execve: argv first element cannot be empty") }
        try variables.addEnvironment(environment)
        try audit("os.exec", path.object, list, environment)
        if path.descriptor != -1 {
          fexecve(path.descriptor, arguments.start, variables.start)
        } else {
          execve(path.characters, arguments.start, variables.start)
        }
        throw path.failure()
      }
    }
    m.add(exitFunction, "End the process at once, without cleaning up.") { _, a, n, k in
      perform(Executing.exitFunction, a, n, k) { (b) throws(PyError) in _exit(try b.int(0)) }
    }
    m.noArguments("abort", "($module, /)", "End the process at once, with a memory dump if the system makes one.") {
      _, _ in abort()
    }
    m.add(systemFunction, "Run a command in a shell and return its status.") { _, a, n, k in
      answer(Executing.systemFunction, a, n, k) { (b) throws(PyError) in
        let command = try fileSystemBytes(b.object(0))
        try audit("os.system", command.ref)
        let text = PyBytes_AsString(command.ref)
        return try int(releasingLock("system") { system(text) })
      }
    }
    m.positional("kill", "($module, pid, signal, /)", "Send a signal to a process.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("kill", n, 2)
        let pid = try intArgument(a![0]!), number = Int32(truncatingIfNeeded: try cSize(a![1]!))
        if isAudited { try audit("os.kill", a![0]!, a![1]!) }
        try checkSystem(kill(pid, number))
        // If it was for this process, its handler runs now.
        try check(PyErr_CheckSignals())
      }
    }
    m.positional("killpg", "($module, pgid, signal, /)", "Send a signal to a process group.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("killpg", n, 2)
        let group = try intArgument(a![0]!), number = try cInt(a![1]!)
        if isAudited { try audit("os.killpg", a![0]!, a![1]!) }
        try checkSystem(killpg(group, number))
        try check(PyErr_CheckSignals())
      }
    }
    m.noArguments("_inputhook", "($module, /)", "Call the hook that runs while the prompt waits.") { _, _ in
      PyLong_FromLong(Int(gila_call_input_hook()))
    }
    m.noArguments(
      "_is_inputhook_installed", "($module, /)", "Whether there is a hook that runs while the prompt waits."
    ) {
      _, _ in newRef(pyBool(gila_has_input_hook()))
    }
  }
}
