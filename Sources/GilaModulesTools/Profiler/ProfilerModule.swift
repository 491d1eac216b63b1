// The module _lsprof: the profiler gets its events from sys.monitoring.

import CGila
import GilaCore
import GilaModuleSupport

enum ProfilerObject: Int { case entry, subentry, count }

enum ProfilerModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_lsprof", doc: "Counts and times calls.",
    exec: { module in bridgeStatus { () throws(PyError) in try ProfilerModule.fill(module!) } })
  private static let objects = ObjectTable<ProfilerObject>(slot: 244, count: ProfilerObject.count.rawValue)

  nonisolated(unsafe) private static var type: TypeRef! = nil
  private static let initSignature = Signature(
    "Profiler", "(timer=None, timeunit=0.0, subcalls=True, builtins=True)")
  private static let enableSignature = Signature("enable", "(subcalls=True, builtins=True)")
  private static func state(_ r: Ref) -> Profiler { Native.state(r) }

  /// Events of sys.monitoring and the methods that get them.
  private static let events: [(event: StaticString, method: StaticString)] = [
    ("PY_START", "_pystart_callback"), ("PY_RESUME", "_pystart_callback"), ("PY_THROW", "_pystart_callback"),
    ("PY_RETURN", "_pyreturn_callback"), ("PY_YIELD", "_pyreturn_callback"), ("PY_UNWIND", "_pyreturn_callback"),
    ("CALL", "_ccall_callback"), ("C_RETURN", "_creturn_callback"), ("C_RAISE", "_creturn_callback"),
  ]
  private static let tool = 2

  private static func structType(
    _ name: StaticString, _ key: ProfilerObject, _ fields: [(StaticString, StaticString)]
  ) throws(PyError) {
    if objects[key] != none { return }
    let places = UnsafeMutablePointer<PyStructSequence_Field>.allocate(capacity: fields.count + 1)
    for (i, f) in fields.enumerated() {
      (places + i).initialize(to: PyStructSequence_Field(name: cString(f.0), doc: cString(f.1)))
    }
    (places + fields.count).initialize(to: PyStructSequence_Field(name: nil, doc: nil))
    var description = PyStructSequence_Desc(
      name: cString(name), doc: nil, fields: places, n_in_sequence: Int32(fields.count))
    let type = newStaticType()
    try check(PyStructSequence_InitType2(type, &description))
    try objects.set(key, type.object)
  }
  private static func fill(_ module: Ref) throws(PyError) {
    try objects.prepare()
    let common: [(StaticString, StaticString)] = [
      ("code", "code object or name of a native function"), ("callcount", "how often it was called"),
      ("reccallcount", "how many of the calls were recursive"), ("totaltime", "time of the calls"),
      ("inlinetime", "time of the calls without what they called"),
    ]
    try structType("_lsprof.profiler_entry", .entry, common + [("calls", "what it called")])
    try structType("_lsprof.profiler_subentry", .subentry, common)
    install()
    try addType(module, "Profiler", type)
    try add(module, "profiler_entry", objects[.entry])
    try add(module, "profiler_subentry", objects[.subentry])
  }

  // MARK: sys.monitoring

  private static func monitoring() throws(PyError) -> Owned {
    guard let m = PySys_GetObject("monitoring") else { throw runtimeError("lost sys.monitoring") }
    return Owned(retaining: m)
  }
  private static func register(_ m: Ref, _ r: Ref?) throws(PyError) -> Int {
    let names = try owned(PyObject_GetAttrString(m, "events"))
    let function = try owned(PyObject_GetAttrString(m, "register_callback"))
    let id = try int(tool)
    var all = 0
    for (event, method) in events {
      let bit = try owned(PyObject_GetAttrString(names.ref, cString(event)))
      var callback: Ref? = nil
      if let r { callback = try owned(PyObject_GetAttrString(r, cString(method))).take() }
      defer { xdecref(callback) }
      let done = try call(function.ref, id.ref, bit.ref, callback ?? none)
      _ = done.ref
      all |= try cLong(bit.ref)
    }
    return all
  }
  private static func setEvents(_ m: Ref, _ events: Int) throws(PyError) {
    let function = try owned(PyObject_GetAttrString(m, "set_events"))
    let id = try int(tool), bits = try int(events)
    let done = try call(function.ref, id.ref, bits.ref)
    _ = done.ref
  }
  private static func enable(_ r: Ref, subcalls: Bool, builtins: Bool) throws(PyError) {
    let p = state(r)
    p.countsCallees = subcalls
    p.countsNative = builtins
    let m = try monitoring()
    let use = try owned(PyObject_GetAttrString(m.ref, "use_tool_id"))
    let id = try int(tool), name = try string("cProfile")
    do throws(PyError) {
      let done = try call(use.ref, id.ref, name.ref)
      _ = done.ref
    } catch {
      PyErr_Clear()
      throw valueError("Another profiling tool is already active")
    }
    let all = try register(m.ref, r)
    try setEvents(m.ref, all)
    p.isEnabled = true
  }
  static func disable(_ r: Ref) throws(PyError) {
    let p = state(r)
    if p.isInTimer { throw runtimeError("cannot disable profiler in external timer") }
    if !p.isEnabled { return }
    let m = try monitoring()
    try setEvents(m.ref, 0)
    _ = try register(m.ref, nil)
    let free = try owned(PyObject_GetAttrString(m.ref, "free_tool_id"))
    let id = try int(tool)
    let done = try call(free.ref, id.ref)
    _ = done.ref
    p.isEnabled = false
    p.finish()
  }

  // MARK: native functions

  /// The builtin function that a call of `callable` runs, if it is one.
  private static func native(_ callable: Ref, _ argument: Ref) throws(PyError) -> Owned? {
    if callable.isInstance(of: Types.cFunction) { return Owned(retaining: callable) }
    if callable.isExactly(Types.methodDescr) {
      let m = try monitoring()
      let missing = try owned(PyObject_GetAttrString(m.ref, "MISSING"))
      if argument == missing.ref { return nil }
      guard let get = callable.type.pointee.tp_descr_get else { return nil }
      let bound = try owned(get(callable, argument, argument.type.object))
      if !bound.ref.isInstance(of: Types.cFunction) { return nil }
      return bound
    }
    return nil
  }
  /// The definition tells native functions apart.
  private static func key(_ function: Ref) -> UInt {
    UInt(bitPattern: function.cast(PyCFunctionObject.self).pointee.m_ml)
  }
  /// What statistics show for a native function.
  private static func describe(_ function: Ref) throws(PyError) -> Owned {
    let f = function.cast(PyCFunctionObject.self)
    let name = f.pointee.m_ml.map { String(cString: $0.pointee.ml_name) } ?? "?"
    let owner = f.pointee.m_self
    if owner == nil || owner!.isInstance(of: Types.module) {
      if let module = f.pointee.m_module {
        let text: String
        if module.isUnicode {
          text = swiftString(module)
        } else if let n = PyModule_GetNameObject(module) {
          text = swiftString(n)
          decref(n)
        } else {
          PyErr_Clear()
          return try string("<built-in method \(name)>")
        }
        return try string("<built-in method \(text).\(name)>")
      }
      return try string("<built-in method \(name)>")
    }
    // A method as its class shows it.
    let attribute = try string(name)
    if let found = _PyType_Lookup(owner!.type, attribute.ref) {
      let held = Owned(retaining: found)
      if let text = PyObject_Repr(held.ref) { return Owned(taking: text) }
      PyErr_Clear()
    }
    return try owned(PyObject_Repr(function))
  }

  private static func install() {
    if type != nil { return }
    let t = Native.makeType(
      "_lsprof.Profiler", flags: Native.subclassable, collected: true,
      doc:
        "Profiler(timer=None, timeunit=None, subcalls=True, builtins=True)\n\nCounts and times calls. A timer of one's own returns floats, or ints in units of `timeunit` seconds."
    )
    t.pointee.tp_new = { type, _, _ in bridge { () throws(PyError) in try Native.make(type!, Profiler()) } }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let b = try ProfilerModule.initSignature.bind(tuple: args, dict: kwargs)
        let p = ProfilerModule.state(r!)
        let unit = b[1] == nil || b[1] == none ? 0 : try cDouble(b[1]!)
        p.countsCallees = try cFlag(b[2], true)
        p.countsNative = try cFlag(b[3], true)
        p.unit = unit
        let old = p.timer
        p.timer = b[0] == none ? nil : xnewRef(b[0])
        xdecref(old)
      }
    }
    t.pointee.tp_finalize = { r in
      if ProfilerModule.state(r!).isEnabled {
        let pending = PyErr_GetRaisedException()
        do throws(PyError) { try ProfilerModule.disable(r!) } catch { PyErr_WriteUnraisable(r) }
        PyErr_SetRaisedException(pending)
      }
    }
    var m = MethodTable()
    m.noArguments("getstats", "($self, /)", "A list of profiler_entry objects.") { r, _ in
      bridge { () throws(PyError) in
        try ProfilerModule.state(r!).statistics(ProfilerModule.objects[.entry], ProfilerModule.objects[.subentry])
      }
    }
    m.keywords("enable", "", "enable(subcalls=True, builtins=True)\n\nBegin to count.") { r, a, n, k in
      bridgeNone { () throws(PyError) in
        let b = try ProfilerModule.enableSignature.bind(a, n, k)
        try ProfilerModule.enable(r!, subcalls: try cFlag(b[0], true), builtins: try cFlag(b[1], true))
      }
    }
    m.noArguments("disable", "($self, /)", "Stop counting.") { r, _ in
      bridgeNone { () throws(PyError) in try ProfilerModule.disable(r!) }
    }
    m.noArguments("clear", "($self, /)", "Forget all counts.") { r, _ in
      bridgeNone { () throws(PyError) in
        let p = ProfilerModule.state(r!)
        if p.isInTimer { throw runtimeError("cannot clear profiler in external timer") }
        p.reset()
      }
    }
    m.positional("_pystart_callback") { r, a, n in
      if n < 1 { return none }
      let code = a![0]!
      ProfilerModule.state(r!).enter(UInt(bitPattern: code)) { () throws(PyError) in Owned(retaining: code) }
      return none
    }
    m.positional("_pyreturn_callback") { r, a, n in
      if n < 1 { return none }
      ProfilerModule.state(r!).leave(UInt(bitPattern: a![0]!))
      return none
    }
    m.positional("_ccall_callback") { r, a, n in
      bridgeNone { () throws(PyError) in
        let p = ProfilerModule.state(r!)
        if n < 4 || !p.countsNative { return }
        guard let f = try ProfilerModule.native(a![2]!, a![3]!) else { return }
        let function = f.ref
        p.enter(ProfilerModule.key(function)) { () throws(PyError) in try ProfilerModule.describe(function) }
      }
    }
    m.positional("_creturn_callback") { r, a, n in
      bridgeNone { () throws(PyError) in
        let p = ProfilerModule.state(r!)
        if n < 4 || !p.countsNative { return }
        guard let f = try ProfilerModule.native(a![2]!, a![3]!) else { return }
        p.leave(ProfilerModule.key(f.ref))
      }
    }
    t.pointee.tp_methods = m.build()
    type = t
  }
}
