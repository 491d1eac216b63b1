// posix_spawn: a new process with another program, without a copy of this one in between.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Spawning {
  private static let parameters: StaticString =
    "($module, path, argv, env, /, *, file_actions=(),\n            setpgroup=<unrepresentable>, resetids=False, setsid=False,\n            setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)"
  private static let plain = Function("posix_spawn", parameters)
  private static let searching = Function("posix_spawnp", parameters)

  static func add(_ m: inout MethodTable) {
    m.add(plain, "Run a program in a new process and return its number.") { _, a, n, k in
      answer(Spawning.plain, a, n, k) { (b) throws(PyError) in try Spawning.spawn(b, search: false) }
    }
    m.add(searching, "Run a program, looked for along PATH, in a new process and return its number.") { _, a, n, k in
      answer(Spawning.searching, a, n, k) { (b) throws(PyError) in try Spawning.spawn(b, search: true) }
    }
  }

  private static func spawn(_ b: Arguments, search: Bool) throws(PyError) -> Owned {
    let name = b.function.name
    let path = try b.path(0)
    let list = b.object(1), environment = b.object(2)
    guard list.isTuple || list.isList else { throw typeError("\(name): argv must be a tuple or list") }
    if try checkSize(PySequence_Size(list)) < 1 { throw valueError("\(name): argv must not be empty") }
    if PyMapping_Check(environment) == 0, !environment.isNone {
      throw typeError("\(name): environment must be a mapping object or None")
    }
    var arguments = CStrings(), variables = CStrings()
    try arguments.addArguments(list)
    if arguments.start[0]?.pointee == 0 { throw valueError("\(name): argv first element cannot be empty") }
    if !environment.isNone { try variables.addEnvironment(environment) }

    var actions = posix_spawn_file_actions_t()
    try checkNumber(posix_spawn_file_actions_init(&actions))
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Paths of "open" actions must outlive the call.
    let kept = try owned(PyList_New(0))
    if let r = b[3], !r.isNone { try addActions(r, &actions, kept.ref) }
    var attributes = posix_spawnattr_t()
    try checkNumber(posix_spawnattr_init(&attributes))
    defer { posix_spawnattr_destroy(&attributes) }
    try setAttributes(b, &attributes)

    try audit("os.posix_spawn", path.object, list, environment)
    var pid: pid_t = 0
    let block = environment.isNone ? gila_environ() : variables.start
    let number =
      search
      ? posix_spawnp(&pid, path.characters, &actions, &attributes, arguments.start, block)
      : posix_spawn(&pid, path.characters, &actions, &attributes, arguments.start, block)
    if number != 0 {
      errno = number
      throw path.failure()
    }
    return try int(pid)
  }

  private static func setAttributes(_ b: Arguments, _ attributes: inout posix_spawnattr_t) throws(PyError) {
    if let group = b[4] { try checkNumber(posix_spawnattr_setpgroup(&attributes, try cInt(group))) }
    let reset = try b.flag(5, false), session = try b.flag(6, false)
    // An empty tuple is the default of both: the child keeps what this process has.
    let mask = b[7], defaults = b[8]
    if let mask {
      var set = try SignalSet.make(mask)
      try checkNumber(posix_spawnattr_setsigmask(&attributes, &set))
    }
    if let defaults {
      var set = try SignalSet.make(defaults)
      try checkNumber(posix_spawnattr_setsigdefault(&attributes, &set))
    }
    var policyGiven = false
    if let scheduler = b[9] {
      guard scheduler.isTuple else { throw systemError("new style getargs format but argument is not a tuple") }
      guard scheduler.size == 2 else { throw typeError("A scheduler tuple must have two elements") }
      let items = gila_tuple_items(scheduler)
      if let policy = items[0], !policy.isNone {
        try checkNumber(posix_spawnattr_setschedpolicy(&attributes, try cInt(policy)))
        policyGiven = true
      }
      var parameter = try Scheduling.parameter(items[1].unsafelyUnwrapped)
      try checkNumber(posix_spawnattr_setschedparam(&attributes, &parameter))
    }
    let number = gila_set_spawn_flags(
      &attributes, b[4] != nil, reset, session, mask != nil, defaults != nil, policyGiven, b[9] != nil)
    try checkNumber(number)
  }

  private static func addActions(_ r: Ref, _ actions: inout posix_spawn_file_actions_t, _ kept: Ref) throws(PyError) {
    let all = try owned(PySequence_Fast(r, "file_actions must be a sequence or None"))
    let n = try checkSize(PySequence_Size(all.ref))
    for i in 0..<n {
      let action = try owned(PySequence_GetItem(all.ref, i))
      guard action.ref.isTuple, action.ref.size > 0 else {
        throw typeError("Each file_actions element must be a non-empty tuple")
      }
      let items = gila_tuple_items(action.ref)
      func item(_ i: Int) -> Ref { items[i].unsafelyUnwrapped }
      func need(_ count: Int, _ kind: String) throws(PyError) {
        if action.ref.size != count { throw typeError("A \(kind) file_action tuple must have \(count) elements") }
      }
      switch try cLong(item(0)) {
      case 0:
        try need(5, "open")
        let fd = try intArgument(item(1))
        let path = try fileSystemBytes(item(2))
        let flags = try intArgument(item(3)), mode = try cUnsigned(item(4))
        try check(PyList_Append(kept, path.ref))
        try checkNumber(posix_spawn_file_actions_addopen(&actions, fd, PyBytes_AsString(path.ref), flags, mode))
      case 1:
        try need(2, "close")
        try checkNumber(posix_spawn_file_actions_addclose(&actions, try intArgument(item(1))))
      case 2:
        try need(3, "dup2")
        let from = try intArgument(item(1)), to = try intArgument(item(2))
        try checkNumber(posix_spawn_file_actions_adddup2(&actions, from, to))
      case 3:
        try need(2, "closefrom")
        try checkNumber(posix_spawn_file_actions_addclosefrom_np(&actions, try intArgument(item(1))))
      default: throw typeError("Unknown file_actions identifier")
      }
    }
  }
}
