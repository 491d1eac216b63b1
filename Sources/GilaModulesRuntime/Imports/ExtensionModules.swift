// Builtin and extension modules: finding the init function, making the module in one or two phases.

import CGila
import GilaCore
import Glibc

enum BuiltinModules {
  /// The module for a spec whose name is that of a builtin one; None if there is none of that name.
  static func create(_ spec: Ref) throws(PyError) -> Owned {
    let name = try attribute(spec, "name")
    guard name.ref.isUnicode else {
      throw typeError("name must be string, not \(typeName(of: name.ref))")
    }
    if let known = try ExtensionModules.again(name.ref, name.ref) { return known }
    let text = swiftString(name.ref)
    if text == "sys", let m = currentInterpreter.slot(RuntimeSlot.sys).pointee { return Owned(retaining: m) }
    guard let initialize = ModuleRegistry.find(text) else { return Owned(retaining: none) }
    return try ExtensionModules.initialize(initialize, spec, name.ref, path: nil)
  }
}

enum ExtensionModules {
  typealias Initializer = @convention(c) () -> Ref?
  /// `sys.setdlopenflags`.
  nonisolated(unsafe) static var openFlags: Int32 = RTLD_NOW

  /// Opens the extension module that a spec names.
  static func create(_ spec: Ref) throws(PyError) -> Owned {
    let name = try attribute(spec, "name"), path = try attribute(spec, "origin")
    guard name.ref.isUnicode, path.ref.isUnicode else {
      throw typeError("name and origin of a spec must be strings")
    }
    if let known = try again(path.ref, name.ref) { return known }
    if gila_audit_active() != 0 {
      let t = try owned(PyTuple_New(5))
      let items = [
        name.ref, path.ref, sysObject("path") ?? none, sysObject("meta_path") ?? none, sysObject("path_hooks") ?? none,
      ]
      for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r) }
      try check(PySys_AuditTuple("import", t.ref))
    }
    let symbol = try initName(name.ref)
    let fileName = try owned(PyUnicode_EncodeFSDefault(path.ref))
    guard let file = PyBytes_AsString(fileName.ref) else { throw PyError() }
    guard strlen(file) == PyBytes_Size(fileName.ref) else { throw valueError("embedded null byte") }
    guard let handle = dlopen(file, openFlags) else {
      throw try importError(dlerror().map { String(cString: $0) } ?? "unknown dlopen() error", name.ref, path.ref)
    }
    guard let address = dlsym(handle, symbol) else {
      throw try importError(
        "dynamic module does not define module export function (\(symbol))", name.ref, path.ref)
    }
    return try initialize(unsafeBitCast(address, to: Initializer.self), spec, name.ref, path: path.ref)
  }
  static func importError(_ message: String, _ name: Ref?, _ path: Ref?) throws(PyError) -> PyError {
    let m = try string(message)
    PyErr_SetImportError(m.ref, name, path)
    return PyError()
  }
  /// `PyInit_name`, or `PyInitU_` and Punycode for a name that is not ASCII.
  private static func initName(_ name: Ref) throws(PyError) -> String {
    let last = swiftString(name).split(separator: ".", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    if last.utf8.allSatisfy({ $0 < 128 }) { return "PyInit_" + last }
    let text = try string(last)
    let encoded = try owned(PyUnicode_AsEncodedString(text.ref, "punycode", nil))
    let ascii = PyBytes_AsString(encoded.ref).map { String(cString: $0) } ?? ""
    return "PyInitU_" + ascii.map { $0 == "-" ? "_" : String($0) }.joined()
  }

  /// Calls an init function. What it returns is a definition (the module is made from it and executed later) or the
  /// finished module of an extension with one phase.
  static func initialize(_ f: Initializer, _ spec: Ref, _ name: Ref, path: Ref?) throws(PyError) -> Owned {
    let short = swiftString(name).split(separator: ".").last.map(String.init) ?? ""
    gila_set_package_context(name)
    let result = f()
    gila_set_package_context(nil)
    guard let result else {
      if !errorIsSet { _ = systemError("initialization of \(short) failed without raising an exception") }
      throw PyError()
    }
    if errorIsSet {
      throw causedSystemError("initialization of \(short) raised unreported exception")
    }
    guard result.pointee.ob_type != nil else {
      throw systemError("init function of \(short) returned uninitialized object")
    }
    if result.isExactly(Types.moduleDef) {
      // Borrowed: definitions live as long as their library.
      return try owned(PyModule_FromDefAndSpec2(result.cast(PyModuleDef.self), spec, 1013))
    }
    let m = Owned(taking: result)
    try check(gila_check_interpreter_support(name))
    guard ModuleObject.isModule(m.ref), let definition = PyModule_GetDef(m.ref) else {
      PyErr_Clear()
      throw systemError("initialization of \(short) did not return an extension module")
    }
    definition.pointee.m_base.m_init = f
    if let path { try check(PyModule_AddObjectRef(m.ref, "__file__", path)) }
    try remember(m.ref, definition, path ?? name, name)
    return m
  }

  // MARK: extensions that were already initialised in one phase

  private static func remember(
    _ m: Ref, _ d: UnsafeMutablePointer<PyModuleDef>, _ path: Ref, _ name: Ref
  ) throws(PyError) {
    try check(PyDict_SetItem(currentInterpreter.pointee.modules, name, m))
    try check(PyState_AddModule(m, d))
    if d.pointee.m_size == -1 {
      let copy = try owned(PyDict_Copy(PyModule_GetDict(m)))
      replace(&d.pointee.m_base.m_copy, with: copy.take())
    }
    // A process initialises such a module once, for all its interpreters.
    let slot = currentInterpreter.owner.slot(RuntimeSlot.extensions)
    if slot.pointee == nil { slot.pointee = try owned(PyDict_New()).take() }
    let key = try tuple(path, name)
    let address = try owned(PyLong_FromVoidPtr(UnsafeMutableRawPointer(d)))
    try check(PyDict_SetItem(slot.pointee, key.ref, address.ref))
  }
  /// Forgets an extension of one phase.
  static func forget(_ path: Ref, _ name: Ref) throws(PyError) {
    guard let table = currentInterpreter.owner.slot(RuntimeSlot.extensions).pointee else { return }
    let key = try tuple(path, name)
    guard let address = PyDict_GetItemWithError(table, key.ref) else {
      if errorIsSet { throw PyError() }
      return
    }
    let d = PyLong_AsVoidPtr(address)?.assumingMemoryBound(to: PyModuleDef.self)
    try check(PyDict_DelItem(table, key.ref))
    guard let d else { return }
    if PyState_FindModule(d) != nil { try check(PyState_RemoveModule(d)) }
    replace(&d.pointee.m_base.m_copy, with: nil)
  }
  /// The module of an extension that cannot be initialised a second time, made again from what was kept of it.
  static func again(_ path: Ref, _ name: Ref) throws(PyError) -> Owned? {
    guard let table = currentInterpreter.owner.slot(RuntimeSlot.extensions).pointee else { return nil }
    let key = try tuple(path, name)
    guard let address = PyDict_GetItemWithError(table, key.ref) else {
      if errorIsSet { throw PyError() }
      return nil
    }
    guard let p = PyLong_AsVoidPtr(address) else { return nil }
    try check(gila_check_interpreter_support(name))
    let d = p.assumingMemoryBound(to: PyModuleDef.self)
    if d.pointee.m_size == -1 {
      guard let copy = d.pointee.m_base.m_copy else { return nil }
      let m = try owned(PyImport_AddModuleObject(name).map { newRef($0) })
      try check(PyDict_Update(PyModule_GetDict(m.ref), copy))
      try check(PyState_AddModule(m.ref, d))
      return m
    }
    guard let f = d.pointee.m_base.m_init, let made = f() else {
      if !errorIsSet { return nil }
      throw PyError()
    }
    let m = Owned(taking: made)
    try check(PyDict_SetItem(currentInterpreter.pointee.modules, name, m.ref))
    try check(PyState_AddModule(m.ref, d))
    return m
  }

  /// The second phase of a module, unless it has had it.
  static func execute(_ m: Ref) throws(PyError) {
    guard ModuleObject.isModule(m), let d = PyModule_GetDef(m) else {
      if errorIsSet { throw PyError() }
      return
    }
    if PyModule_GetState(m) != nil { return }
    if errorIsSet { throw PyError() }
    try check(PyModule_ExecDef(m, d))
  }
}
