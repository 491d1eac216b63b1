// The C functions with which native modules are made and filled (GilaModel has the type `module` itself).

import CGila
import GilaCore
import Synchronization

/// The words of a module object behind its head.
enum ModuleObject {
  static func definition(_ m: Ref) -> UnsafeMutablePointer<UnsafeMutablePointer<PyModuleDef>?> {
    (m.raw + 24).assumingMemoryBound(to: UnsafeMutablePointer<PyModuleDef>?.self)
  }
  static func state(_ m: Ref) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    (m.raw + 32).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
  static func isModule(_ r: Ref) -> Bool { r.isInstance(of: Types.module) }
  /// Definitions are numbered when they are first used; the numbers are for all interpreters.
  static let lastIndex = Atomic<Int>(0)

  static func install() {
    let t = Types.moduleDef
    t.define("moduledef", basicSize: MemoryLayout<PyModuleDef>.size)
    t.pointee.tp_dealloc = { _ in }
  }
  /// Memory for the module's state, once.
  static func prepareState(_ m: Ref, _ d: UnsafeMutablePointer<PyModuleDef>) throws(PyError) {
    guard d.pointee.m_size > 0, state(m).pointee == nil else { return }
    guard let p = PyMem_Calloc(1, d.pointee.m_size) else { throw memoryError() }
    state(m).pointee = p
  }
}

@c @implementation public func PyModuleDef_Init(_ d: UnsafeMutablePointer<PyModuleDef>!) -> Ref? {
  guard let d else { return nil }
  let r = UnsafeMutableRawPointer(d).assumingMemoryBound(to: PyObject.self)
  if d.pointee.m_base.m_index == 0 {
    r.pointee.ob_refcnt = Int(_Py_IMMORTAL_REFCNT)
    r.pointee.ob_type = Types.moduleDef
    d.pointee.m_base.m_index = ModuleObject.lastIndex.add(1, ordering: .relaxed).newValue
  }
  return r
}

@c @implementation public func PyModule_Create2(_ d: UnsafeMutablePointer<PyModuleDef>!, _ apiVersion: Int32) -> Ref? {
  bridge { () throws(PyError) in
    guard let d, PyModuleDef_Init(d) != nil else { throw badInternalCall() }
    let own = String(cString: d.pointee.m_name)
    if d.pointee.m_slots != nil {
      throw systemError("module \(own): PyModule_Create is incompatible with m_slots")
    }
    // An extension inside a package says only its own name; the loader knows the whole one.
    var name = try string(own)
    if let context = currentInterpreter.slot(RuntimeSlot.packageContext).pointee,
      swiftString(context).split(separator: ".").last.map(String.init) == own
    {
      name = Owned(retaining: context)
      clear(currentInterpreter.slot(RuntimeSlot.packageContext))
    }
    let m = try owned(PyModule_NewObject(name.ref))
    if d.pointee.m_size > 0 { try ModuleObject.prepareState(m.ref, d) }
    if let f = d.pointee.m_methods { try check(PyModule_AddFunctions(m.ref, f)) }
    if let doc = d.pointee.m_doc { try check(PyModule_SetDocString(m.ref, doc)) }
    ModuleObject.definition(m.ref).pointee = d
    return m
  }
}
private typealias CreateFunction = @convention(c) (Ref?, UnsafeMutablePointer<PyModuleDef>?) -> Ref?
private typealias ExecFunction = @convention(c) (Ref?) -> Int32

@c @implementation public func PyModule_FromDefAndSpec2(
  _ d: UnsafeMutablePointer<PyModuleDef>!, _ spec: Ref!, _ apiVersion: Int32
) -> Ref? {
  bridge { () throws(PyError) in
    guard let d, let spec else { throw badInternalCall() }
    _ = PyModuleDef_Init(d)
    let name = try attribute(spec, "name")
    guard name.ref.isUnicode else { throw typeError("bad argument type for built-in operation") }
    let shown = swiftString(name.ref)
    if d.pointee.m_size < 0 {
      throw systemError("module \(shown): m_size may not be negative for multi-phase initialization")
    }
    var create: CreateFunction? = nil
    var executes = false
    var slot = d.pointee.m_slots
    while let s = slot, s.pointee.slot != 0 {
      switch s.pointee.slot {
      case Py_mod_create:
        if create != nil { throw systemError("module \(shown) has multiple create slots") }
        create = unsafeBitCast(s.pointee.value, to: CreateFunction?.self)
      case Py_mod_exec: executes = true
      case Py_mod_multiple_interpreters, Py_mod_gil: break
      default: throw systemError("module \(shown) uses unknown slot ID \(s.pointee.slot)")
      }
      slot = s + 1
    }
    let m: Owned
    if let create {
      guard let made = create(spec, d) else {
        if !errorIsSet { _ = systemError("creation of module \(shown) failed without setting an exception") }
        throw PyError()
      }
      m = Owned(taking: made)
      if errorIsSet {
        throw causedSystemError("creation of module \(shown) raised unreported exception")
      }
    } else {
      m = try owned(PyModule_NewObject(name.ref))
    }
    if ModuleObject.isModule(m.ref) {
      ModuleObject.state(m.ref).pointee = nil
      ModuleObject.definition(m.ref).pointee = d
    } else {
      if d.pointee.m_size > 0 || d.pointee.m_traverse != nil || d.pointee.m_clear != nil || d.pointee.m_free != nil {
        throw systemError("module \(shown) is not a module object, but requests module state")
      }
      if executes {
        throw systemError("module \(shown) specifies execution slots, but did not create a ModuleType instance")
      }
    }
    if let f = d.pointee.m_methods { try addFunctions(m.ref, name.ref, f) }
    if let doc = d.pointee.m_doc { try check(PyModule_SetDocString(m.ref, doc)) }
    return m
  }
}
/// Functions as attributes of a module, or of another object that stands for one.
private func addFunctions(_ m: Ref, _ name: Ref, _ table: UnsafeMutablePointer<PyMethodDef>) throws(PyError) {
  if ModuleObject.isModule(m) {
    try check(PyModule_AddFunctions(m, table))
    return
  }
  var f = table
  while let n = f.pointee.ml_name {
    let made = try owned(PyCMethod_New(f, m, name, nil))
    try check(PyObject_SetAttrString(m, n, made.ref))
    f += 1
  }
}
/// SystemError whose cause is the pending exception.
func causedSystemError(_ message: String) -> PyError {
  let cause = PyErr_GetRaisedException()
  _ = systemError(message)
  if let cause, let e = PyErr_GetRaisedException() {
    PyException_SetContext(e, newRef(cause))
    PyException_SetCause(e, cause)
    PyErr_SetRaisedException(e)
  }
  return PyError()
}

@c @implementation public func PyModule_ExecDef(_ m: Ref!, _ d: UnsafeMutablePointer<PyModuleDef>!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let m, let d else { throw badInternalCall() }
    let name = try owned(PyModule_GetNameObject(m))
    try ModuleObject.prepareState(m, d)
    var slot = d.pointee.m_slots
    while let s = slot, s.pointee.slot != 0 {
      if s.pointee.slot == Py_mod_exec, let f = unsafeBitCast(s.pointee.value, to: ExecFunction?.self) {
        let status = f(m)
        let shown = swiftString(name.ref)
        if status != 0 {
          if !errorIsSet {
            _ = systemError("execution of module \(shown) failed without setting an exception")
          }
          throw PyError()
        }
        if errorIsSet { throw causedSystemError("execution of module \(shown) raised unreported exception") }
      }
      slot = s + 1
    }
  }
}

@c @implementation public func PyModule_GetDef(_ m: Ref!) -> UnsafeMutablePointer<PyModuleDef>? {
  guard let m, ModuleObject.isModule(m) else {
    _ = PyErr_BadArgument()
    return nil
  }
  return ModuleObject.definition(m).pointee
}
@c @implementation public func PyModule_GetState(_ m: Ref!) -> UnsafeMutableRawPointer? {
  guard let m, ModuleObject.isModule(m) else {
    _ = PyErr_BadArgument()
    return nil
  }
  return ModuleObject.state(m).pointee
}
@c @implementation public func PyModule_GetNameObject(_ m: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let m, ModuleObject.isModule(m) else {
      _ = PyErr_BadArgument()
      throw PyError()
    }
    guard let dict = PyModule_GetDict(m), let name = try dictValue(dict, "__name__"), name.isUnicode else {
      throw systemError("nameless module")
    }
    return Owned(retaining: name)
  }
}
@c @implementation public func PyModule_GetName(_ m: Ref!) -> UnsafePointer<CChar>? {
  guard let name = PyModule_GetNameObject(m) else { return nil }
  decref(name)  // the module's dict still holds it
  return PyUnicode_AsUTF8(name)
}
@c @implementation public func PyModule_GetFilenameObject(_ m: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let m, ModuleObject.isModule(m) else {
      _ = PyErr_BadArgument()
      throw PyError()
    }
    guard let dict = PyModule_GetDict(m), let name = try dictValue(dict, "__file__"), name.isUnicode else {
      throw systemError("module filename missing")
    }
    return Owned(retaining: name)
  }
}
@c @implementation public func PyModule_GetFilename(_ m: Ref!) -> UnsafePointer<CChar>? {
  guard let name = PyModule_GetFilenameObject(m) else { return nil }
  decref(name)
  return PyUnicode_AsUTF8(name)
}
@c @implementation public func PyModule_Add(_ m: Ref!, _ name: UnsafePointer<CChar>!, _ v: Ref!) -> Int32 {
  let status = PyModule_AddObjectRef(m, name, v)
  xdecref(v)
  return status
}
@c @implementation public func PyModule_AddObject(_ m: Ref!, _ name: UnsafePointer<CChar>!, _ v: Ref!) -> Int32 {
  let status = PyModule_AddObjectRef(m, name, v)
  if status == 0 { xdecref(v) }
  return status
}
@c @implementation public func PyModule_AddStringConstant(
  _ m: Ref!, _ name: UnsafePointer<CChar>!, _ value: UnsafePointer<CChar>!
) -> Int32 { PyModule_Add(m, name, PyUnicode_FromString(value)) }
@c @implementation public func PyModule_AddType(_ m: Ref!, _ t: TypeRef!) -> Int32 {
  guard PyType_Ready(t) >= 0, let full = t.pointee.tp_name else { return -1 }
  var name = full
  var p = full
  while p.pointee != 0 {
    if p.pointee == 46 { name = p + 1 }
    p += 1
  }
  return PyModule_AddObjectRef(m, name, t.object)
}
@c @implementation public func PyModule_SetDocString(_ m: Ref!, _ doc: UnsafePointer<CChar>!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let d = try owned(PyUnicode_FromString(doc))
    try check(PyObject_SetAttr(m, Dunder.doc.ref, d.ref))
  }
}
