// The module `sys.monitoring` (PEP 669).

import CGila
import GilaCore
import GilaEval

enum MonitoringModule {
  nonisolated(unsafe) private static let definition = moduleDefinition(
    "sys.monitoring", doc: "Events of the execution of code, for debuggers, coverage tools and profilers.",
    methods: methods())

  /// Makes the module with its constants.
  static func make() throws(PyError) -> Owned {
    let m = try owned(PyModule_NewObject(text("sys.monitoring")))
    ModuleObject.definition(m.ref).pointee = definition
    _ = PyModuleDef_Init(definition)
    guard let d = PyModule_GetDict(m.ref) else { throw PyError() }
    try check(PyModule_AddFunctions(m.ref, definition.pointee.m_methods))
    try check(PyModule_SetDocString(m.ref, definition.pointee.m_doc))
    if Monitoring.disable == nil {
      Monitoring.disable = try owned(PyObject_CallNoArgs(Types.baseObject.object)).take()
      Monitoring.missing = try owned(PyObject_CallNoArgs(Types.baseObject.object)).take()
    }
    try SysValues.put(d, "DISABLE", Owned(retaining: Monitoring.disable!))
    try SysValues.put(d, "MISSING", Owned(retaining: Monitoring.missing!))
    try SysValues.put(d, "DEBUGGER_ID", int(0))
    try SysValues.put(d, "COVERAGE_ID", int(1))
    try SysValues.put(d, "PROFILER_ID", int(2))
    try SysValues.put(d, "OPTIMIZER_ID", int(5))
    let events = try owned(PyDict_New())
    for e in Monitoring.Event.allCases { try SysValues.put(events.ref, e.name, int(Int(e.bit))) }
    try SysValues.put(events.ref, "NO_EVENTS", int(0))
    try SysValues.put(d, "events", owned(_PyNamespace_New(events.ref)))
    return m
  }

  // MARK: Arguments

  private static func tool(_ r: Ref?) throws(PyError) -> Int {
    let n = Int(try intArgument(r!))
    if n < 0 || n > 5 { throw valueError("invalid tool \(n) (must be between 0 and 5)") }
    return n
  }
  private static func usedTool(_ r: Ref?) throws(PyError) -> Int {
    let n = try tool(r)
    if Monitoring.name(n) == nil { throw valueError("tool \(n) is not in use") }
    return n
  }
  /// A set of events that may be asked for; C_RETURN and C_RAISE come with CALL.
  private static func events(_ r: Ref?, limit: Int, _ what: StaticString) throws(PyError) -> UInt32 {
    let n = Int(try intArgument(r!))
    let calls = Int(Monitoring.Event.call.bit)
    let results = Int(Monitoring.Event.cReturn.bit | Monitoring.Event.cRaise.bit)
    if n < 0 || n >= 1 << 17 { throw invalid(n, what) }
    if n & results != 0 && n & (results | calls) != results | calls {
      throw valueError("cannot set C_RETURN or C_RAISE events independently")
    }
    let set = n & ~results
    if set >= 1 << limit { throw invalid(set, what) }
    return UInt32(set)
  }
  private static func invalid(_ n: Int, _ what: StaticString) -> PyError {
    valueError("invalid \(what) 0x\(String(UInt32(truncatingIfNeeded: n), radix: 16))")
  }
  private static func code(_ r: Ref?) throws(PyError) -> Ref {
    guard let r, r.isExactly(Types.code) else { throw typeError("code must be a code object") }
    return r
  }

  // MARK: Functions

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addTools(&m)
    addEvents(&m)
    return m.build()
  }
  private static func addTools(_ m: inout MethodTable) {
    m.positional("use_tool_id", "($module, tool_id, name, /)", "Takes a tool number for a tool of that name.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("use_tool_id", n, 2, 2)
        let id = try MonitoringModule.tool(a![0])
        guard let name = a![1], name.isUnicode else { throw valueError("tool name must be a str") }
        if Monitoring.name(id) != nil { throw valueError("tool \(id) is already in use") }
        Monitoring.use(id, name)
      }
    }
    m.one("free_tool_id", "($module, tool_id, /)", "Gives a tool number back, with its callbacks and events.") { _, a in
      bridgeNone { () throws(PyError) in Monitoring.free(try MonitoringModule.tool(a)) }
    }
    m.one("get_tool", "($module, tool_id, /)", "The name of the tool that uses the number, or None.") { _, a in
      bridge { () throws(PyError) in Owned(retaining: Monitoring.name(try MonitoringModule.tool(a)) ?? none) }
    }
    m.positional(
      "register_callback", "($module, tool_id, event, func, /)",
      "Sets the callback for one event, None for none. Returns the one before."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("register_callback", n, 3, 3)
        let id = try MonitoringModule.tool(a![0])
        let bit = Int(try intArgument(a![1]!))
        if bit <= 0 || bit & (bit - 1) != 0 {
          throw valueError("The callback can only be set for one event at a time")
        }
        guard let event = Monitoring.Event(rawValue: bit.trailingZeroBitCount) else {
          throw valueError("invalid event \(bit)")
        }
        let callback = a![2]!
        try audit("sys.monitoring.register_callback", callback)
        guard let old = Monitoring.register(id, event, callback == none ? nil : callback) else {
          return Owned(retaining: none)
        }
        return Owned(taking: old)
      }
    }
  }
  private static func addEvents(_ m: inout MethodTable) {
    m.one("get_events", "($module, tool_id, /)", "The events that the tool wants of all code.") { _, a in
      bridge { () throws(PyError) in try int(Int(Monitoring.events(try MonitoringModule.tool(a)))) }
    }
    m.positional("set_events", "($module, tool_id, event_set, /)", "Asks for events of all code.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("set_events", n, 2, 2)
        _ = try MonitoringModule.tool(a![0])
        let set = try MonitoringModule.events(a![1], limit: 17, "event set")
        Monitoring.setEvents(try MonitoringModule.usedTool(a![0]), set)
      }
    }
    m.positional("get_local_events", "($module, tool_id, code, /)", "The events that the tool wants of a code object.")
    {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("get_local_events", n, 2, 2)
        let code = try MonitoringModule.code(a![1])
        return try int(Int(Monitoring.localEvents(try MonitoringModule.tool(a![0]), code)))
      }
    }
    m.positional("set_local_events", "($module, tool_id, code, event_set, /)", "Asks for events of a code object.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("set_local_events", n, 3, 3)
        let code = try MonitoringModule.code(a![1])
        let id = try MonitoringModule.usedTool(a![0])
        let set = try MonitoringModule.events(a![2], limit: Monitoring.Event.localCount, "local event set")
        Monitoring.setLocalEvents(id, code, set)
      }
    }
    m.noArguments("restart_events", "($module, /)", "Events that callbacks disabled are reported again.") { _, _ in
      Monitoring.restart()
      return none
    }
    m.noArguments("_all_events", "($module, /)", "Names of events with the tools that want them of all code.") { _, _ in
      bridge { () throws(PyError) in
        let d = try owned(PyDict_New())
        for e in Monitoring.Event.allCases where e.rawValue < 15 {
          var users = 0
          for id in 0..<Monitoring.toolCount where Monitoring.events(id) & e.bit != 0 { users |= 1 << id }
          if users != 0 { try SysValues.put(d.ref, e.name, int(users)) }
        }
        return d
      }
    }
  }
}
