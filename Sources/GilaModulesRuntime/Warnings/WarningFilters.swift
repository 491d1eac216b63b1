// What to do with a warning: the filters, and the registries of what was shown before.

import CGila
import GilaCore

enum WarningFilters {
  /// An attribute of the module `warnings` if that is imported (a new reference).
  static func moduleAttribute(_ name: StaticString, importing: Bool = false) throws(PyError) -> Owned? {
    if currentInterpreter.pointee.finalizing != 0 { return nil }
    let module: Owned
    if importing {
      guard let m = PyImport_ImportModule("warnings") else {
        if PyErr_ExceptionMatches(Exc.ImportError.object) != 0 {
          PyErr_Clear()
          return nil
        }
        throw PyError()
      }
      module = Owned(taking: m)
    } else {
      guard currentInterpreter.pointee.modules != nil, let m = try Importing.loaded(text("warnings")) else {
        return nil
      }
      module = Owned(taking: m)
    }
    if module.ref == none { return nil }
    guard let r = try optionalAttribute(module.ref, name) else { return nil }
    return Owned(taking: r)
  }
  private static func state(_ s: InterpreterSlot) -> Ref? { currentInterpreter.slot(s).pointee }
  /// What the module `warnings` has now, which is remembered for when it has it no longer.
  private static func latest(_ name: StaticString, _ s: InterpreterSlot) throws(PyError) -> Owned {
    if let r = try moduleAttribute(name) { replace(currentInterpreter.slot(s), with: r.take()) }
    return Owned(retaining: state(s) ?? none)
  }

  /// The filters of a new interpreter.
  static func prepare() throws(PyError) {
    let interp = currentInterpreter
    if interp.slot(RuntimeSlot.warningFilters).pointee != nil { return }
    let rows: [(String, TypeRef, String?)] = [
      ("default", Exc.DeprecationWarning, "__main__"), ("ignore", Exc.DeprecationWarning, nil),
      ("ignore", Exc.PendingDeprecationWarning, nil), ("ignore", Exc.ImportWarning, nil),
      ("ignore", Exc.ResourceWarning, nil),
    ]
    let list = try owned(PyList_New(0))
    for (action, category, module) in rows {
      let t = try owned(PyTuple_New(5))
      gila_tuple_items(t.ref)[0] = try string(action).take()
      gila_tuple_items(t.ref)[1] = newRef(none)
      gila_tuple_items(t.ref)[2] = newRef(category.object)
      gila_tuple_items(t.ref)[3] = try module == nil ? newRef(none) : string(module!).take()
      gila_tuple_items(t.ref)[4] = try int(0).take()
      try check(PyList_Append(list.ref, t.ref))
    }
    interp.slot(RuntimeSlot.onceRegistry).pointee = try owned(PyDict_New()).take()
    interp.slot(RuntimeSlot.defaultAction).pointee = try string("default").take()
    interp.slot(RuntimeSlot.filtersVersion).pointee = try int(0).take()
    interp.slot(RuntimeSlot.warningFilters).pointee = list.take()
  }
  static func mutated() throws(PyError) {
    try prepare()
    let slot = currentInterpreter.slot(RuntimeSlot.filtersVersion)
    let n = slot.pointee.map { PyLong_AsLong($0) } ?? 0
    replace(slot, with: try int(n &+ 1).take())
  }

  /// The action for a warning, as a str.
  static func action(_ category: Ref, _ message: Ref, _ line: Int, _ module: Ref) throws(PyError) -> (
    action: String, item: Ref?
  ) {
    let filters = try latest("filters", RuntimeSlot.warningFilters)
    guard filters.ref.isList else { throw valueError("_warnings.filters must be a list") }
    var i = 0
    while i < filters.ref.size {
      let item = Owned(retaining: gila_list_items(filters.ref)![i]!)
      guard item.ref.isTuple, item.ref.size == 5 else {
        throw valueError("_warnings.filters item \(i) isn't a 5-tuple")
      }
      let parts = gila_tuple_items(item.ref)
      guard parts[0]!.isUnicode else {
        throw typeError("action must be a string, not '\(typeName(of: parts[0]!))'")
      }
      let goodMessage = try matches(parts[1]!, message)
      let goodModule = try matches(parts[3]!, module)
      let isCategory = try check(PyObject_IsSubclass(category, parts[2])) != 0
      let number = PyLong_AsSsize_t(parts[4])
      if number == -1 && errorIsSet { throw PyError() }
      if goodMessage && goodModule && isCategory && (number == 0 || number == line) {
        return (swiftString(parts[0]!), item.ref)
      }
      i += 1
    }
    let fallback = try latest("defaultaction", RuntimeSlot.defaultAction)
    guard fallback.ref.isUnicode else {
      throw typeError("_warnings.defaultaction must be a string, not '\(typeName(of: fallback.ref))'")
    }
    return (swiftString(fallback.ref), nil)
  }
  /// None matches everything, a str its equal, a pattern what it matches.
  private static func matches(_ pattern: Ref, _ value: Ref) throws(PyError) -> Bool {
    if pattern == none { return true }
    if pattern.isExactly(Types.unicode) { return try check(PyObject_RichCompareBool(pattern, value, Py_EQ)) != 0 }
    let r = try callMethod(pattern, "match", value)
    return try truth(r.ref)
  }

  // MARK: registries

  static func onceRegistry() throws(PyError) -> Owned {
    let r = try latest("onceregistry", RuntimeSlot.onceRegistry)
    guard r.ref.isDict else {
      throw typeError("_warnings.onceregistry must be a dict, not '\(typeName(of: r.ref))'")
    }
    return r
  }
  /// Whether a key is in a registry that was made for the filters of now; else the key is put in if asked.
  static func seen(_ registry: Ref, _ key: Ref, adding: Bool) throws(PyError) -> Bool {
    let version = state(RuntimeSlot.filtersVersion) ?? none
    let noted = try dictValue(registry, "version")
    var isCurrent = false
    if let noted, noted.isLong { isCurrent = try check(PyObject_RichCompareBool(noted, version, Py_EQ)) != 0 }
    if !isCurrent {
      PyDict_Clear(registry)
      try check(PyDict_SetItemString(registry, "version", version))
    } else if let known = PyDict_GetItemWithError(registry, key) {
      if try truth(known) { return true }
    } else if errorIsSet {
      throw PyError()
    }
    if adding { try check(PyDict_SetItem(registry, key, pyTrue)) }
    return false
  }
}
