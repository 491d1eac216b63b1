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
  private static func seconds(_ s: Double) throws(PyError) -> Owned { try owned(PyFloat_FromDouble(s)) }
  private static func integer(_ n: Int) throws(PyError) -> Owned { try owned(PyLong_FromLong(n)) }
  /// One account as a dict; times in seconds.
  private static func account(_ t: ThreadReport) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    try set(d.ref, "takes", integer(t.takes))
    try set(d.ref, "held", seconds(t.held))
    try set(d.ref, "waits", integer(t.waits))
    try set(d.ref, "waited", seconds(t.waited))
    try set(d.ref, "longest_wait", seconds(t.longestWait))
    try set(d.ref, "voluntary_releases", integer(t.voluntaryReleases))
    try set(d.ref, "forced_releases", integer(t.forcedReleases))
    try set(d.ref, "blocked", seconds(t.blocked))
    let reasons = try owned(PyDict_New())
    for r in t.reasons {
      let pair = try owned(PyTuple_New(2))
      gila_tuple_items(pair.ref)[0] = try integer(r.count).take()
      gila_tuple_items(pair.ref)[1] = try seconds(r.blocked).take()
      let key = try string(r.reason)
      try check(PyDict_SetItem(reasons.ref, key.ref, pair.ref))
    }
    try check(PyDict_SetItemString(d.ref, "reasons", reasons.ref))
    try set(d.ref, "ident", owned(PyLong_FromUnsignedLong(t.ident)))
    try set(d.ref, "native_id", owned(PyLong_FromUnsignedLong(t.nativeID)))
    return d
  }
  static func stats() throws(PyError) -> Owned {
    let report = LockReport.current()
    let d = try owned(PyDict_New())
    try set(d.ref, "switch_interval", seconds(report.switchInterval))
    try set(d.ref, "waiting", integer(report.waiting))
    let list = try owned(PyList_New(0))
    for t in report.threads {
      let one = try account(t)
      try check(PyList_Append(list.ref, one.ref))
    }
    try check(PyDict_SetItemString(d.ref, "threads", list.ref))
    return d
  }
  private static let recordSignature = Signature("record", "(capacity=65536)")
  private static func lockMethods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments(
      "stats", "($module, /)",
      "A dict about the interpreter's lock: switch_interval, waiting (how many threads wait now) and threads, a list with one dict for each thread alive: takes, waits, voluntary and forced releases, the times held, waited, blocked and the longest wait in seconds, and reasons, which maps why the lock was given up to (count, seconds away)."
    ) { _, _ in bridge { () throws(PyError) in try LockModule.stats() } }
    m.keywords(
      "record", "($module, /, capacity=65536)",
      "Begin to record what happens to threads and the lock; each thread keeps its last `capacity` events. Events of an earlier recording are forgotten."
    ) { _, args, n, names in
      bridgeNone { () throws(PyError) in
        let b = try LockModule.recordSignature.bind(args, n, names)
        var capacity = 65536
        if let c = b[0] {
          capacity = PyLong_AsLong(c)
          if capacity == -1 && errorIsSet { throw PyError() }
        }
        guard capacity > 0 && capacity <= 1 << 24 else { throw valueError("capacity must be from 1 to 16777216") }
        try LockEvents.start(capacity)
      }
    }
    m.noArguments("stop", "($module, /)", "End the recording; its events stay.") { _, _ in
      LockEvents.stop()
      return none
    }
    m.noArguments(
      "events", "($module, /)",
      "The recorded events in order of time, as tuples: seconds (time.monotonic()), thread ident, kind (take, wait, release, switch), reason, file, line. File and line say where the lock was given up."
    ) { _, _ in bridge { () throws(PyError) in try LockEvents.all() } }
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
