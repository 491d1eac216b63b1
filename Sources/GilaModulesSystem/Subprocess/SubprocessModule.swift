// The module _posixsubprocess: fork and exec in one go, for subprocess.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SubprocessModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_posixsubprocess", doc: "Starting other programs, for the module subprocess.", methods: methods())

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "fork_exec",
      "($module, args, executable_list, close_fds, pass_fds, cwd, env,\n          p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite,\n          errpipe_read, errpipe_write, restore_signals, call_setsid,\n          pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn,\n          allow_vfork, /)",
      "Fork a child and have it run the first of several programs that exists.\n\nA failure in the child is written to errpipe_write. Returns the child's number."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("fork_exec", n, 23, 23)
        return try SubprocessModule.start(a!)
      }
    }
    return m.build()
  }

  private static func start(_ a: ArgumentVector) throws(PyError) -> Owned {
    func argument(_ i: Int) -> Ref { a[i].unsafelyUnwrapped }
    var child = SubprocessChild()
    let closes = try truth(argument(2))
    guard argument(3).isTuple else {
      throw typeError("fork_exec() argument 4 must be tuple, not \(typeName(of: argument(3)))")
    }
    let kept = argument(3)
    child.closesOthers = closes
    child.input = (try cInt(argument(6)), try cInt(argument(7)))
    child.output = (try cInt(argument(8)), try cInt(argument(9)))
    child.errors = (try cInt(argument(10)), try cInt(argument(11)))
    child.report = (try cInt(argument(12)), try cInt(argument(13)))
    child.restoresSignals = try truth(argument(14))
    child.newSession = try truth(argument(15))
    child.group = try cInt(argument(16))
    child.umask = try cInt(argument(20))
    let hook = argument(21)
    if closes, child.report.write < 3 { throw valueError("errpipe_write must be >= 3") }
    let descriptors = try sortedDescriptors(kept)
    if !hook.isNone, currentInterpreter.pointee.finalizing != 0 {
      throw raise(Exc.PythonFinalizationError, "preexec_fn not supported at interpreter shutdown")
    }
    if !hook.isNone, currentInterpreter.pointee.id != 0 {
      throw runtimeError("preexec_fn not supported within subinterpreters")
    }

    var programs = CStrings(), arguments = CStrings(), variables = CStrings()
    try addPaths(argument(1), &programs)
    if !argument(0).isNone {
      if PySequence_Check(argument(0)) == 0 { throw typeError("argv must be a tuple") }
      try arguments.addArguments(argument(0))
    }
    if !argument(5).isNone { try addPaths(argument(5), &variables) }
    let directory = argument(4).isNone ? nil : try fileSystemBytes(argument(4)).take()
    defer { xdecref(directory) }

    if !argument(17).isNone { child.setGroup = try identity(argument(17), "gid") }
    if !argument(19).isNone { child.setUser = try identity(argument(19), "uid") }
    let groups = try extraGroups(argument(18))

    let runsHook = !hook.isNone
    if runsHook { PyOS_BeforeFork() }
    let pid = descriptors.withUnsafeBufferPointer { kept in
      groups.values.withUnsafeBufferPointer { groups in
        let pid = fork()
        if pid != 0 { return pid }
        // The child. Other threads are gone, so nothing here waits for a lock or allocates memory.
        if runsHook { PyOS_AfterFork_Child() }
        child.run(
          programs: programs.start, arguments: arguments.start,
          environment: argument(5).isNone ? nil : variables.start,
          directory: directory.map { UnsafePointer(PyBytes_AsString($0)) }, kept: kept,
          groups: argument(18).isNone ? nil : groups, hook: runsHook ? hook : nil)
      }
    }
    let number = errno
    if runsHook { PyOS_AfterFork_Parent() }
    errno = number
    return try int(try checkSystem(pid))
  }

  /// The descriptors that stay open: ascending, without repetition.
  private static func sortedDescriptors(_ r: Ref) throws(PyError) -> [Int32] {
    var result: [Int32] = []
    for i in 0..<r.size {
      let item = gila_tuple_items(r)[i].unsafelyUnwrapped
      var overflow: Int32 = 0
      guard item.isLong else { throw valueError("bad value(s) in fds_to_keep") }
      let n = PyLong_AsLongAndOverflow(item, &overflow)
      guard overflow == 0, let fd = Int32(exactly: n), fd >= 0, fd > result.last ?? -1 else {
        throw valueError("bad value(s) in fds_to_keep")
      }
      result.append(fd)
    }
    return result
  }
  /// Bytes objects of a sequence.
  private static func addPaths(_ r: Ref, _ strings: inout CStrings) throws(PyError) {
    let n = try checkSize(PySequence_Size(r))
    for i in 0..<n {
      let item = try owned(PySequence_GetItem(r, i))
      let bytes = try fileSystemBytes(item.ref)
      try strings.append(bytes.ref)
    }
  }
  private struct Groups { var values: [gid_t] = [] }
  private static func extraGroups(_ r: Ref) throws(PyError) -> Groups {
    var groups = Groups()
    if r.isNone { return groups }
    guard r.isList else { throw typeError("setgroups argument must be a list") }
    if PyList_Size(r) > 65536 { throw valueError("too many extra_groups") }
    for i in 0..<PyList_Size(r) {
      let item = Owned(retaining: PyList_GetItem(r, i))
      guard item.ref.isLong else { throw typeError("extra_groups must be integers") }
      do throws(PyError) { groups.values.append(try identity(item.ref, "gid")) } catch {
        throw valueError("invalid group id")
      }
    }
    return groups
  }
}
