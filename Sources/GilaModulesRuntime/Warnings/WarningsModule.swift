// The module _warnings, and the C functions PyErr_Warn*.

import CGila
import GilaCore

enum WarningsModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_warnings", doc: "The part of the warning system that is not written in Python.", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in
        try WarningFilters.prepare()
        let interp = currentInterpreter
        try add(m!, "filters", interp.slot(RuntimeSlot.warningFilters).pointee ?? none)
        try add(m!, "_onceregistry", interp.slot(RuntimeSlot.onceRegistry).pointee ?? none)
        try add(m!, "_defaultaction", interp.slot(RuntimeSlot.defaultAction).pointee ?? none)
      }
    })
  private static let warnSignature = Signature(
    "warn", "(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())")
  private static let explicitSignature = Signature(
    "warn_explicit",
    "(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "warn",
      "($module, /, message, category=None, stacklevel=1, source=None, *,\n     skip_file_prefixes=<unrepresentable>)",
      "Issues a warning, or raises it as an exception."
    ) { _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try WarningsModule.warnSignature.bind(a, n, names)
        var level = 1
        if let l = b[2] { level = try sizeArgument(l) }
        if let p = b[4] {
          guard p.isTuple else {
            throw typeError("warn() argument 'skip_file_prefixes' must be tuple, not \(typeName(of: p))")
          }
          for i in 0..<p.size where !gila_tuple_items(p)[i]!.isUnicode {
            throw typeError("Found non-str '\(typeName(of: gila_tuple_items(p)[i]!))' in skip_file_prefixes.")
          }
          if p.size > 0 && level < 2 { level = 2 }
        }
        let category = try Warn.category(b[0]!, b[1])
        let source = b[3] == none ? nil : b[3]
        try Warn.issue(category, b[0]!, level: level, source: source, skipping: b[4])
      }
    }
    m.keywords(
      "warn_explicit",
      "($module, /, message, category, filename, lineno,\n              module=<unrepresentable>, registry=None,\n              module_globals=None, source=None)",
      "Issues a warning for a given place."
    ) { _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try WarningsModule.explicitSignature.bind(a, n, names)
        guard b[2]!.isUnicode else {
          throw typeError("warn_explicit() argument 'filename' must be str, not \(typeName(of: b[2]!))")
        }
        let line = Int(try intArgument(b[3]!))
        var sourceLine: Ref? = nil
        if let g = b[6], g != none {
          guard g.isDict else { throw typeError("module_globals must be a dict, not '\(typeName(of: g))'") }
          sourceLine = try WarningsModule.sourceLine(g, line)
        }
        defer { xdecref(sourceLine) }
        try Warn.explicit(
          b[1]!, b[0]!, fileName: b[2]!, line: line, module: b[4], registry: b[5], sourceLine: sourceLine,
          source: b[7] == none ? nil : b[7])
      }
    }
    m.noArguments("_filters_mutated", "($module, /)", "Says that the filters have changed.") { _, _ in
      bridgeNone { () throws(PyError) in try WarningFilters.mutated() }
    }
    return m.build()
  }
  /// A line of a module's source, through its loader.
  private static func sourceLine(_ globals: Ref, _ line: Int) throws(PyError) -> Ref? {
    guard let importlib = currentInterpreter.pointee.importlib else { return nil }
    let external = try attribute(importlib, "_bootstrap_external")
    let blessed = try callMethod(external.ref, "_bless_my_loader", globals)
    let loader = blessed.ref
    if loader == none { return nil }
    guard let name = try dictValue(globals, "__name__") else { return nil }
    guard let f = try optionalAttribute(loader, "get_source") else { return nil }
    let get = Owned(taking: f)
    let source = try call(get.ref, name)
    guard source.ref.isUnicode else { return nil }
    let lines = try owned(PyUnicode_Splitlines(source.ref, 0))
    guard line >= 1, line <= lines.ref.size else { throw indexError("list index out of range") }
    return newRef(gila_list_items(lines.ref)![line - 1]!)
  }
}

@c @implementation public func PyErr_WarnEx(_ category: Ref!, _ message: UnsafePointer<CChar>!, _ level: Int) -> Int32 {
  guard let s = PyUnicode_FromString(message) else { return -1 }
  return gila_warn(category, s, level, nil)
}
/// `message` is stolen.
@c @implementation public func gila_warn(_ category: Ref!, _ message: Ref!, _ level: Int, _ source: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let held = Owned(taking: message!)
    try Warn.issue(category ?? Exc.RuntimeWarning.object, held.ref, level: level, source: source)
  }
}
@c @implementation public func PyErr_WarnExplicitObject(
  _ category: Ref!, _ message: Ref!, _ fileName: Ref!, _ line: Int32, _ module: Ref!, _ registry: Ref!
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    try Warn.explicit(
      category ?? Exc.RuntimeWarning.object, message!, fileName: fileName!, line: Int(line), module: module,
      registry: registry)
  }
}
@c @implementation public func PyErr_WarnExplicit(
  _ category: Ref!, _ message: UnsafePointer<CChar>!, _ fileName: UnsafePointer<CChar>!, _ line: Int32,
  _ module: UnsafePointer<CChar>!, _ registry: Ref!
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let m = try owned(PyUnicode_FromString(message)), f = try owned(PyUnicode_DecodeFSDefault(fileName))
    let name = module == nil ? nil : PyUnicode_FromString(module)
    defer { xdecref(name) }
    if errorIsSet { throw PyError() }
    try check(PyErr_WarnExplicitObject(category, m.ref, f.ref, line, name, registry))
  }
}
