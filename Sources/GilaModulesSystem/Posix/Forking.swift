// fork, and what runs before and after it.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Forking {
  private static let registerFunction = Function(
    "register_at_fork",
    "($module, /, *, before=<unrepresentable>,\n                 after_in_child=<unrepresentable>,\n                 after_in_parent=<unrepresentable>)"
  )

  static func add(_ m: inout MethodTable) {
    m.noArguments(
      "fork", "($module, /)", "Split the process in two; returns 0 in the child and its number in the parent."
    ) {
      _, _ in
      bridge { () throws(PyError) in
        try Forking.prepare("os.fork")
        PyOS_BeforeFork()
        let pid = fork()
        let number = errno
        if pid == 0 { PyOS_AfterFork_Child() } else { PyOS_AfterFork_Parent() }
        if pid > 0 { warnOfThreads("fork") }
        errno = number
        return try int(try checkSystem(pid))
      }
    }
    m.noArguments(
      "forkpty", "($module, /)",
      "Fork with a new terminal that controls the child; returns the child's number and the descriptor of the terminal's\nmaster end."
    ) { _, _ in
      bridge { () throws(PyError) in
        try Forking.prepare("os.forkpty")
        PyOS_BeforeFork()
        var master: Int32 = -1
        let pid = forkpty(&master, nil, nil, nil)
        let number = errno
        if pid == 0 { PyOS_AfterFork_Child() } else { PyOS_AfterFork_Parent() }
        if pid > 0 { warnOfThreads("forkpty") }
        errno = number
        try checkSystem(pid)
        return try pair(try int(pid), try int(master))
      }
    }
    m.add(
      registerFunction,
      "Have functions called at every fork: before it, latest first, then after it in the child and in the parent."
    ) { _, a, n, k in
      perform(Forking.registerFunction, a, n, k) { (b) throws(PyError) in
        if b[0] == nil, b[1] == nil, b[2] == nil { throw typeError("At least one argument is required.") }
        for (i, name) in ["before", "after_in_child", "after_in_parent"].enumerated() {
          if let f = b[i], PyCallable_Check(f) == 0 {
            throw typeError("'\(name)' must be callable, not \(typeName(of: f))")
          }
        }
        let interpreter = currentInterpreter
        try Forking.append(&interpreter.pointee.before_forkers, b[0])
        try Forking.append(&interpreter.pointee.after_forkers_child, b[1])
        try Forking.append(&interpreter.pointee.after_forkers_parent, b[2])
      }
    }
  }

  private static func prepare(_ event: StaticString) throws(PyError) {
    if currentInterpreter.pointee.finalizing != 0 {
      throw raise(Exc.PythonFinalizationError, "can't fork at interpreter shutdown")
    }
    if !currentInterpreter.features.contains(.fork) {
      throw runtimeError("fork not supported for isolated subinterpreters")
    }
    try audit(event)
  }
  private static func append(_ list: inout Ref?, _ f: Ref?) throws(PyError) {
    guard let f else { return }
    if list == nil { list = try owned(PyList_New(0)).take() }
    try check(PyList_Append(list, f))
  }
}

/// Calls registered functions; an exception is reported and the next one runs.
private func run(_ list: Ref?, reversed: Bool) {
  guard let list else { return }
  // A function may register more, which count from the next fork on.
  guard let copy = PyList_GetSlice(list, 0, PyList_Size(list)) else { return PyErr_WriteUnraisable(list) }
  let n = PyList_Size(copy)
  for i in 0..<n {
    let f = PyList_GetItem(copy, reversed ? n - 1 - i : i)
    if let result = PyObject_CallNoArgs(f) { decref(result) } else { PyErr_WriteUnraisable(f) }
  }
  decref(copy)
}

/// The child of a process with other threads has only this one, and locks that those held stay held.
private func warnOfThreads(_ function: StaticString) {
  guard let threads = threadCount(), threads > 1 else { return }
  let message =
    "This process (pid=\(getpid())) is multi-threaded, use of \(function)() may lead to deadlocks in the child."
  if message.withCString({ PyErr_WarnEx(Exc.DeprecationWarning.object, $0, 1) }) < 0 { PyErr_WriteUnraisable(nil) }
}
/// How many threads the system counts in this process.
private func threadCount() -> Int? {
  let fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
  if fd < 0 { return nil }
  defer { close(fd) }
  var buffer = [UInt8](repeating: 0, count: 512)
  let n = read(fd, &buffer, buffer.count)
  // The program's name in parentheses may contain anything; after it the 18th word counts threads.
  guard n > 0, let end = buffer[..<n].lastIndex(of: UInt8(ascii: ")")) else { return nil }
  let words = buffer[(end + 1)..<n].split(separator: UInt8(ascii: " "))
  return words.count > 17 ? Int(String(decoding: words[17], as: UTF8.self)) : nil
}

// MARK: C API

@c @implementation public func PyOS_BeforeFork() {
  run(currentInterpreter.pointee.before_forkers, reversed: true)
  gila_before_fork()
}
@c @implementation public func PyOS_AfterFork_Parent() {
  gila_after_fork_parent()
  run(currentInterpreter.pointee.after_forkers_parent, reversed: false)
}
@c @implementation public func PyOS_AfterFork_Child() {
  gila_after_fork_child()
  if currentInterpreter.pointee.id == 0 && PendingSignals.handlers != nil { PendingSignals.tellMainThread() }
  // Signals that arrived before the fork are the parent's.
  gila_forget_signals()
  run(currentInterpreter.pointee.after_forkers_child, reversed: false)
  gila_after_fork_forget_threads()
}
@c @implementation public func PyOS_AfterFork() { PyOS_AfterFork_Child() }
