import CGila
import GilaCore
import Synchronization

// Making modules from their C definitions, in one phase or two (PEP 489).

/// Interpreter slots of this target.
enum ModelSlot {
  /// The full name of the extension module that is being loaded, for one-phase modules inside packages.
  static let packageContext = InterpreterSlot(0)
  /// The modules of this interpreter by the index of their definition.
  static let modulesByIndex = InterpreterSlot(1)
}

private let lastIndex = Atomic<Int>(0)

@c @implementation public func PyModuleDef_Init(_ d: UnsafeMutablePointer<PyModuleDef>!) -> Ref? {
  let d = d.unsafelyUnwrapped
  if d.pointee.m_base.m_index == 0 {
    d.pointee.m_base.ob_base.ob_refcnt = Int(_Py_IMMORTAL_REFCNT)
    d.pointee.m_base.ob_base.ob_type = Types.moduleDef
    d.pointee.m_base.m_index = lastIndex.add(1, ordering: .relaxed).newValue
  }
  return UnsafeMutableRawPointer(d).assumingMemoryBound(to: PyObject.self)
}
@c @implementation public func gila_set_package_context(_ name: Ref!) {
  replace(currentInterpreter.slot(ModelSlot.packageContext), with: xnewRef(name))
}

enum ModuleCreation {
  typealias Definition = UnsafeMutablePointer<PyModuleDef>

  static func addParts(_ m: Ref, _ d: Definition) throws(PyError) {
    if let methods = d.pointee.m_methods { try check(PyModule_AddFunctions(m, methods)) }
    if let doc = d.pointee.m_doc { try check(PyModule_SetDocString(m, doc)) }
  }

  /// A one-phase module: complete but for what its init function adds.
  static func inOnePhase(_ d: Definition) throws(PyError) -> Owned {
    _ = try borrowed(PyModuleDef_Init(d))
    let plain = d.pointee.m_name.map { String(cString: $0) } ?? "?"
    if d.pointee.m_slots != nil {
      throw systemError("module \(plain): PyModule_Create is incompatible with m_slots")
    }
    var name = plain
    if let context = currentInterpreter.slot(ModelSlot.packageContext).pointee {
      let full = swiftString(context)
      if full.hasSuffix("." + plain) {
        name = full
        replace(currentInterpreter.slot(ModelSlot.packageContext), with: nil)
      }
    }
    let text = try string(name)
    let m = try owned(PyModule_NewObject(text.ref))
    if d.pointee.m_size > 0 { ModuleType.object(m.ref).pointee.state = try state(d.pointee.m_size) }
    try addParts(m.ref, d)
    ModuleType.object(m.ref).pointee.definition = d
    return m
  }
  /// Whether a module that keeps its state for the whole process may be used in the current interpreter.
  static func checkSupport(_ name: Ref) throws(PyError) {
    let interp = currentInterpreter
    if interp.isMain || interp.pointee.extension_check_override < 0 { return }
    if interp.pointee.extension_check_override == 0 && !interp.features.contains(.checksExtensions) { return }
    throw raise(Exc.ImportError, "module \(swiftString(name)) does not support loading in subinterpreters")
  }
  private static func state(_ size: Int) throws(PyError) -> UnsafeMutableRawPointer {
    guard let s = PyMem_Calloc(1, size) else { throw memoryError() }
    return s
  }

  /// The first phase: an empty module, or what the create slot gives.
  static func fromSpec(_ d: Definition, _ spec: Ref) throws(PyError) -> Owned {
    _ = try borrowed(PyModuleDef_Init(d))
    let nameObject = try owned(PyObject_GetAttrString(spec, "name"))
    let name = swiftString(nameObject.ref)
    if d.pointee.m_size < 0 {
      throw systemError("module \(name): m_size may not be negative for multi-phase initialization")
    }
    typealias Create = @convention(c) (Ref?, Definition?) -> Ref?
    var create: Create? = nil
    var hasExec = false
    var support = 1
    if var s = d.pointee.m_slots {
      while s.pointee.slot != 0 {
        switch s.pointee.slot {
        case Py_mod_create:
          if create != nil { throw systemError("module \(name) has multiple create slots") }
          create = unsafeBitCast(s.pointee.value, to: Create?.self)
        case Py_mod_exec: hasExec = true
        case Py_mod_multiple_interpreters: support = Int(bitPattern: s.pointee.value)
        case Py_mod_gil: break
        default: throw systemError("module \(name) uses unknown slot ID \(s.pointee.slot)")
        }
        s += 1
      }
    }
    let interp = currentInterpreter
    if support == 0 || (support == 1 && interp.features.contains(.ownLock)), !interp.isMain {
      try check(gila_check_interpreter_support(nameObject.ref))
    }
    let m: Owned
    if let create {
      guard let made = create(spec, d) else {
        if !errorIsSet { throw systemError("creation of module \(name) failed without setting an exception") }
        throw PyError()
      }
      m = Owned(taking: made)
      if errorIsSet { throw systemError("creation of module \(name) raised unreported exception") }
    } else {
      m = try owned(PyModule_NewObject(nameObject.ref))
    }
    if ModuleType.isModule(m.ref) {
      ModuleType.object(m.ref).pointee.definition = d
    } else {
      if d.pointee.m_size > 0 || d.pointee.m_traverse != nil || d.pointee.m_clear != nil || d.pointee.m_free != nil {
        throw systemError("module \(name) is not a module object, but requests module state")
      }
      if hasExec {
        throw systemError("module \(name) specifies execution slots, but did not create a ModuleType instance")
      }
    }
    if var f = d.pointee.m_methods {
      while f.pointee.ml_name != nil {
        let made = try owned(PyCMethod_New(f, m.ref, nameObject.ref, nil))
        try check(PyObject_SetAttrString(m.ref, f.pointee.ml_name, made.ref))
        f += 1
      }
    }
    if let doc = d.pointee.m_doc { try check(PyModule_SetDocString(m.ref, doc)) }
    return m
  }

  /// The second phase: state, then the exec slots in order.
  static func execute(_ m: Ref, _ d: Definition) throws(PyError) {
    let nameObject = try owned(PyModule_GetNameObject(m))
    if ModuleType.isModule(m), d.pointee.m_size >= 0, ModuleType.object(m).pointee.state == nil {
      ModuleType.object(m).pointee.state = try state(max(d.pointee.m_size, 1))
    }
    guard var s = d.pointee.m_slots else { return }
    while s.pointee.slot != 0 {
      if s.pointee.slot == Py_mod_exec {
        let f = unsafeBitCast(s.pointee.value, to: (@convention(c) (Ref?) -> Int32).self)
        let name = swiftString(nameObject.ref)
        if f(m) != 0 {
          if !errorIsSet { throw systemError("execution of module \(name) failed without setting an exception") }
          throw PyError()
        }
        if errorIsSet { throw systemError("execution of module \(name) raised unreported exception") }
      }
      s += 1
    }
  }
}

@c @implementation public func PyModule_Create2(_ d: UnsafeMutablePointer<PyModuleDef>!, _ version: Int32) -> Ref? {
  bridge { () throws(PyError) in try ModuleCreation.inOnePhase(d!) }
}
@c @implementation public func PyModule_FromDefAndSpec2(
  _ d: UnsafeMutablePointer<PyModuleDef>!, _ spec: Ref!, _ version: Int32
) -> Ref? {
  bridge { () throws(PyError) in try ModuleCreation.fromSpec(d!, spec!) }
}
@c @implementation public func PyModule_ExecDef(_ m: Ref!, _ d: UnsafeMutablePointer<PyModuleDef>!) -> Int32 {
  bridgeStatus { () throws(PyError) in try ModuleCreation.execute(m!, d!) }
}

@c @implementation public func gila_check_interpreter_support(_ name: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in try ModuleCreation.checkSupport(name!) }
}

// MARK: Modules found by their definition

@c @implementation public func PyState_FindModule(_ d: UnsafeMutablePointer<PyModuleDef>!) -> Ref? {
  let index = d.pointee.m_base.m_index
  guard d.pointee.m_slots == nil, index > 0,
    let list = currentInterpreter.slot(ModelSlot.modulesByIndex).pointee, index < list.size
  else { return nil }
  let m = gila_list_items(list)![index]!
  return m == none ? nil : m
}
@c @implementation public func PyState_AddModule(_ m: Ref!, _ d: UnsafeMutablePointer<PyModuleDef>!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let d = d!
    if d.pointee.m_slots != nil { throw systemError("PyState_AddModule called on module with slots") }
    _ = try borrowed(PyModuleDef_Init(d))
    let slot = currentInterpreter.slot(ModelSlot.modulesByIndex)
    if slot.pointee == nil { slot.pointee = try owned(PyList_New(0)).take() }
    let list = slot.pointee!
    while list.size <= d.pointee.m_base.m_index { try check(PyList_Append(list, none)) }
    try check(PyList_SetItem(list, d.pointee.m_base.m_index, newRef(m!)))
  }
}
@c @implementation public func PyState_RemoveModule(_ d: UnsafeMutablePointer<PyModuleDef>!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    if d.pointee.m_slots != nil { throw systemError("PyState_RemoveModule called on module with slots") }
    let index = d.pointee.m_base.m_index
    guard let list = currentInterpreter.slot(ModelSlot.modulesByIndex).pointee, index > 0, index < list.size else {
      throw systemError("Module index invalid.")
    }
    try check(PyList_SetItem(list, index, newRef(none)))
  }
}
