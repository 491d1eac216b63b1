import CGila
import GilaCore
import GilaLock

/// The module `gila`: what Gila has to say about itself. `gila.lock` tells who held the interpreter's lock, who waited
/// and why it was given up.
enum LockModule {
  private static func set(_ d: Ref, _ key: StaticString, _ value: consuming Owned) throws(PyError) {
    let v = value
    try check(PyDict_SetItemString(d, cString(key), v.ref))
  }
  private static func seconds(_ ticks: Int) throws(PyError) -> Owned {
    try owned(PyFloat_FromDouble(Double(Clock.nanoseconds(ticks: ticks)) / 1e9))
  }
  /// One account as a dict; times in seconds.
  private static func account(_ f: borrowing Figures) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    try set(d.ref, "takes", owned(PyLong_FromLong(f.takes)))
    try set(d.ref, "held", seconds(f.held))
    try set(d.ref, "waits", owned(PyLong_FromLong(f.waits)))
    try set(d.ref, "waited", seconds(f.waited))
    try set(d.ref, "longest_wait", seconds(f.longestWait))
    try set(d.ref, "voluntary_releases", owned(PyLong_FromLong(f.voluntaryReleases)))
    try set(d.ref, "forced_releases", owned(PyLong_FromLong(f.forcedReleases)))
    try set(d.ref, "blocked", seconds(f.blocked))
    let reasons = try owned(PyDict_New())
    for i in 0..<24 where f.reasons[i].count > 0 {
      let name = f.reasons[i].reason.map { String(cString: $0) } ?? "other"
      let pair = try owned(PyTuple_New(2))
      gila_tuple_items(pair.ref)[0] = try owned(PyLong_FromLong(f.reasons[i].count)).take()
      gila_tuple_items(pair.ref)[1] = try seconds(f.reasons[i].blocked).take()
      let key = try string(name)
      try check(PyDict_SetItem(reasons.ref, key.ref, pair.ref))
    }
    try check(PyDict_SetItemString(d.ref, "reasons", reasons.ref))
    return d
  }
  static func stats() throws(PyError) -> Owned {
    let interp = currentInterpreter
    let d = try owned(PyDict_New())
    let lock = Threads.lock(interp)
    try set(d.ref, "switch_interval", owned(PyFloat_FromDouble(Double(lock.switchInterval) / 1e9)))
    try set(d.ref, "waiting", owned(PyLong_FromLong(lock.waiters)))
    let list = try owned(PyList_New(0))
    for ts in Threads.all(interp) {
      let p = Threads.participant(ts)
      let one = try account(p.pointee.figures)
      try set(one.ref, "ident", owned(PyLong_FromUnsignedLong(ts.pointee.thread_id)))
      try set(one.ref, "native_id", owned(PyLong_FromUnsignedLong(ts.pointee.native_thread_id)))
      try check(PyList_Append(list.ref, one.ref))
    }
    try check(PyDict_SetItemString(d.ref, "threads", list.ref))
    return d
  }
  private static func lockMethods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments(
      "stats", "($module, /)",
      "A dict about the interpreter's lock: switch_interval, waiting (how many threads wait now) and threads, a list with one dict for each thread alive: takes, waits, voluntary and forced releases, the times held, waited, blocked and the longest wait in seconds, and reasons, which maps why the lock was given up to (count, seconds away)."
    ) { _, _ in bridge { () throws(PyError) in try LockModule.stats() } }
    return m.build()
  }
  nonisolated(unsafe) private static let lockDefinition = moduleDefinition(
    "gila.lock", doc: "The interpreter's lock: who held it, who waited, and why it was given up.",
    methods: lockMethods())
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one(
      "has_inline_values", "($module, object, /)",
      "Whether the attributes of an instance are kept in the instance, not in a dict of its own."
    ) { _, o in
      let inline = o!.type.pointee.tp_flags & UInt(Py_TPFLAGS_INLINE_VALUES) != 0
      return pyBool(inline && (o!.raw - 24).load(as: Ref?.self) == nil)
    }
    return m.build()
  }
  nonisolated(unsafe) static let definition = moduleDefinition(
    "gila", doc: "What the Gila runtime says about itself.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let name = try string("gila.lock")
        let spec = try owned(gila_module_spec(name.ref))
        let lock = try owned(PyModule_FromDefAndSpec2(LockModule.lockDefinition, spec.ref, PYTHON_API_VERSION))
        try check(PyModule_ExecDef(lock.ref, LockModule.lockDefinition))
        try add(module!, "lock", lock.ref)
        try check(PyDict_SetItem(PyImport_GetModuleDict(), name.ref, lock.ref))
        let path = try owned(PyList_New(0))
        try add(module!, "__path__", path.ref)
      }
    })
  /// A spec with only a name, which is all that making a native module needs.
  private static func gila_module_spec(_ name: Ref) -> Ref? {
    guard let d = PyDict_New() else { return nil }
    defer { decref(d) }
    if PyDict_SetItemString(d, "name", name) < 0 { return nil }
    return _PyNamespace_New(d)
  }
}
