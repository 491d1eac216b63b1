// The hooks of sys: display, exceptions, unraisable exceptions, breakpoints, auditing.

import CGila
import GilaCore
import Glibc

enum SysHooks {
  static func add(_ m: inout MethodTable) {
    m.one("displayhook", "($module, object, /)", "Prints an object to sys.stdout and keeps it in builtins._") { _, o in
      bridgeNone { () throws(PyError) in try SysHooks.display(o!) }
    }
    m.positional("excepthook", "($module, exctype, value, traceback, /)", "Shows an exception on sys.stderr.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("excepthook", n, 3, 3)
        PyErr_Display(nil, a![1], a![2])
      }
    }
    m.one("unraisablehook", "($module, unraisable, /)", "Shows an exception that could not be raised.") { _, o in
      bridgeNone { () throws(PyError) in
        guard o!.isExactly(SysValues.unraisable.type) else {
          throw typeError("sys.unraisablehook argument type must be UnraisableHookArgs")
        }
        try Unraisable.show(o!)
      }
    }
    m.keywords(
      "breakpointhook", "($module, /, *args, **kwargs)",
      "Starts the debugger that PYTHONBREAKPOINT names, pdb by default."
    ) {
      _, a, n, names in
      bridge { () throws(PyError) in try SysHooks.breakpoint(a, n, names) }
    }
    m.one("addaudithook", "($module, /, hook)", "Adds a function that is told about every audit event.") { _, f in
      bridgeNone { () throws(PyError) in try SysHooks.addAuditHook(f!) }
    }
    m.positional("audit", "($module, event, /, *args)", "Passes an event to the audit hooks.") { _, a, n in
      bridgeNone { () throws(PyError) in
        if n == 0 { throw typeError("audit() missing 1 required positional argument: 'event'") }
        guard a![0]!.isUnicode else {
          throw typeError("expected str for argument 'event', not \(typeName(of: a![0]!))")
        }
        if gila_audit_active() == 0 { return }
        let t = try owned(PyTuple_New(n - 1))
        for i in 1..<n { gila_tuple_items(t.ref)[i - 1] = newRef(a![i]!) }
        try SysHooks.audit(a![0]!, t.ref)
      }
    }
  }

  // MARK: display

  private static func display(_ o: Ref) throws(PyError) {
    if o == none { return }
    guard let builtins = currentInterpreter.pointee.builtins else { throw runtimeError("lost builtins module") }
    try check(PyDict_SetItemString(builtins, "_", none))
    guard let out = sysObject("stdout"), out != none else { throw runtimeError("lost sys.stdout") }
    let held = Owned(retaining: out)
    if PyFile_WriteObject(o, held.ref, 0) < 0 {
      guard PyErr_ExceptionMatches(Exc.UnicodeEncodeError.object) != 0 else { throw PyError() }
      PyErr_Clear()
      try displayEscaped(o, held.ref)
    }
    try check(PyFile_WriteString("\n", held.ref))
    try check(PyDict_SetItemString(builtins, "_", o))
  }
  /// Text that the stream's encoding does not have is written with escapes.
  private static func displayEscaped(_ o: Ref, _ out: Ref) throws(PyError) {
    let encoding = try attribute(out, "encoding")
    let shown = try owned(PyObject_Repr(o))
    let name = swiftString(encoding.ref)
    let bytes = try owned(PyUnicode_AsEncodedString(shown.ref, name, "backslashreplace"))
    if let buffer = try optionalAttribute(out, "buffer") {
      let held = Owned(taking: buffer)
      _ = try callMethod(held.ref, "write", bytes.ref)
    } else {
      let again = try owned(PyUnicode_FromEncodedObject(bytes.ref, name, "strict"))
      try check(PyFile_WriteObject(again.ref, out, Py_PRINT_RAW))
    }
  }

  // MARK: breakpoint

  private static func breakpoint(_ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
    var place = "pdb.set_trace"
    if Configuration.current.useEnvironment, let p = getenv("PYTHONBREAKPOINT"), p.pointee != 0 {
      place = String(cString: p)
    }
    if place == "0" { return Owned(retaining: none) }
    let module: String, name: String
    if let dot = place.lastIndex(of: ".") {
      module = String(place[..<dot])
      name = String(place[place.index(after: dot)...])
    } else {
      module = "builtins"
      name = place
    }
    let unimportable = "Ignoring unimportable $PYTHONBREAKPOINT: \"\(place)\""
    let importable = !module.isEmpty && !name.isEmpty
    guard importable, let imported = PyImport_ImportModule(module) else {
      guard !importable || PyErr_ExceptionMatches(Exc.ImportError.object) != 0 else { throw PyError() }
      PyErr_Clear()
      try check(PyErr_WarnEx(Exc.RuntimeWarning.object, unimportable, 0))
      return Owned(retaining: none)
    }
    let held = Owned(taking: imported)
    guard let hook = PyObject_GetAttrString(held.ref, name) else {
      guard PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 else { throw PyError() }
      PyErr_Clear()
      try check(PyErr_WarnEx(Exc.RuntimeWarning.object, unimportable, 0))
      return Owned(retaining: none)
    }
    let function = Owned(taking: hook)
    return try owned(gila_call_vector(function.ref, a, n, names))
  }

  // MARK: audit

  private static func addAuditHook(_ f: Ref) throws(PyError) {
    if gila_audit_active() != 0 {
      let nothing = try owned(PyTuple_New(0))
      do throws(PyError) { try audit(text("sys.addaudithook"), nothing.ref) } catch {
        // A hook may refuse another one; then it is left out silently.
        if PyErr_ExceptionMatches(Exc.Exception.object) != 0 {
          PyErr_Clear()
          return
        }
        throw error
      }
    }
    let interp = currentInterpreter
    if interp.pointee.audit_hooks == nil {
      let hooks = try owned(PyList_New(0))
      // Who asks the collector for objects must not get at the hooks.
      PyObject_GC_UnTrack(hooks.ref.raw)
      interp.pointee.audit_hooks = hooks.take()
    }
    try check(PyList_Append(interp.pointee.audit_hooks, f))
  }
  /// Calls a hook, untraced unless it says itself that it can be traced.
  private static func tell(_ hook: Ref, _ event: Ref, _ arguments: Ref) throws(PyError) {
    var isTraced = false
    if let wish = try optionalAttribute(hook, "__cantrace__") {
      let held = Owned(taking: wish)
      isTraced = try truth(held.ref)
    }
    let ts = currentThread
    if !isTraced { ts.pointee.tracing &+= 1 }
    defer { if !isTraced { ts.pointee.tracing &-= 1 } }
    _ = try call(hook, event, arguments)
  }
  static func audit(_ event: Ref, _ arguments: Ref) throws(PyError) {
    guard let hooks = currentInterpreter.pointee.audit_hooks else { return }
    let pending = PyErr_GetRaisedException()
    var i = 0
    while i < hooks.size {
      let hook = Owned(retaining: gila_list_items(hooks)![i]!)
      do throws(PyError) { try tell(hook.ref, event, arguments) } catch {
        xdecref(pending)
        throw error
      }
      i += 1
    }
    if pending != nil { PyErr_SetRaisedException(pending) }
  }
}

@c @implementation public func gila_audit_active() -> Int32 {
  guard let ts = gila_ts_or_null(), let interp = ts.pointee.interp else { return 0 }
  return interp.pointee.audit_hooks == nil ? 0 : 1
}
/// `built` is stolen: the arguments as a tuple, one object for a single argument, or NULL for none.
@c @implementation public func gila_audit(_ event: UnsafePointer<CChar>!, _ built: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let arguments: Owned
    if let built {
      let held = Owned(taking: built)
      arguments = held.ref.isTuple ? held : try tuple(held.ref)
    } else {
      arguments = try owned(PyTuple_New(0))
    }
    let name = try owned(PyUnicode_FromString(event))
    try SysHooks.audit(name.ref, arguments.ref)
  }
}
@c @implementation public func PySys_AuditTuple(_ event: UnsafePointer<CChar>!, _ arguments: Ref!) -> Int32 {
  if let arguments, !arguments.isTuple {
    _ = typeError("expected tuple, got \(typeName(of: arguments))")
    return -1
  }
  if gila_audit_active() == 0 { return 0 }
  return gila_audit(event, xnewRef(arguments))
}
