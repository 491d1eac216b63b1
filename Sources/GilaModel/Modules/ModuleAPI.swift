import CGila
import GilaCore

// The C functions on module objects.

/// Whether the argument is a module; otherwise a failed call of the C API.
private func requireModule(_ m: Ref?) throws(PyError) -> Ref {
  guard let m, ModuleType.isModule(m) else { throw badInternalCall() }
  return m
}
private func dict(of m: Ref?) throws(PyError) -> Ref {
  guard let m, ModuleType.isModule(m) else {
    throw typeError("PyModule_AddObjectRef() first argument must be a module")
  }
  guard let d = ModuleType.object(m).pointee.dict else { throw systemError("module has no __dict__") }
  return d
}

@c @implementation public func PyModule_NewObject(_ name: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let m = try owned(PyType_GenericAlloc(Types.module, 0))
    try ModuleType.initialize(m.ref, name!, none)
    return m
  }
}
@c @implementation public func PyModule_New(_ name: UnsafePointer<CChar>!) -> Ref? {
  bridge { () throws(PyError) in
    let text = try owned(PyUnicode_FromString(name))
    return try owned(PyModule_NewObject(text.ref))
  }
}
@c @implementation public func PyModule_GetDict(_ m: Ref!) -> Ref? {
  guard let m, ModuleType.isModule(m) else {
    PyErr_BadInternalCall()
    return nil
  }
  return ModuleType.object(m).pointee.dict
}
@c @implementation public func PyModule_GetNameObject(_ m: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let m, ModuleType.isModule(m) else {
      PyErr_BadArgument()
      throw PyError()
    }
    if let d = ModuleType.object(m).pointee.dict, let name = PyDict_GetItemWithError(d, Dunder.name.ref), name.isUnicode
    {
      return Owned(retaining: name)
    }
    if errorIsSet { throw PyError() }
    throw systemError("nameless module")
  }
}
@c @implementation public func PyModule_GetName(_ m: Ref!) -> UnsafePointer<CChar>? {
  guard let name = PyModule_GetNameObject(m) else { return nil }
  gila_decref(name)
  return PyUnicode_AsUTF8(name)
}
@c @implementation public func PyModule_GetFilenameObject(_ m: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let m, ModuleType.isModule(m) else {
      PyErr_BadArgument()
      throw PyError()
    }
    if let d = ModuleType.object(m).pointee.dict, let file = PyDict_GetItemWithError(d, Dunder.file.ref), file.isUnicode
    {
      return Owned(retaining: file)
    }
    if errorIsSet { throw PyError() }
    throw systemError("module filename missing")
  }
}
@c @implementation public func PyModule_GetFilename(_ m: Ref!) -> UnsafePointer<CChar>? {
  guard let file = PyModule_GetFilenameObject(m) else { return nil }
  gila_decref(file)
  return PyUnicode_AsUTF8(file)
}
@c @implementation public func PyModule_GetDef(_ m: Ref!) -> UnsafeMutablePointer<PyModuleDef>? {
  guard let m, ModuleType.isModule(m) else {
    PyErr_BadArgument()
    return nil
  }
  return ModuleType.object(m).pointee.definition
}
@c @implementation public func PyModule_GetState(_ m: Ref!) -> UnsafeMutableRawPointer? {
  guard let m, ModuleType.isModule(m) else {
    PyErr_BadArgument()
    return nil
  }
  return ModuleType.object(m).pointee.state
}
@c @implementation public func PyModule_SetDocString(_ m: Ref!, _ doc: UnsafePointer<CChar>!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let text = try owned(PyUnicode_FromString(doc))
    try check(PyObject_SetAttr(m, Dunder.doc.ref, text.ref))
  }
}

// MARK: Adding things

@c @implementation public func PyModule_AddFunctions(_ m: Ref!, _ functions: UnsafeMutablePointer<PyMethodDef>!)
  -> Int32
{
  bridgeStatus { () throws(PyError) in
    let m = try requireModule(m)
    let name = try owned(PyModule_GetNameObject(m))
    var f = functions!
    while let n = f.pointee.ml_name {
      if f.pointee.ml_flags & (METH_CLASS | METH_STATIC) != 0 {
        throw valueError("module functions cannot set METH_CLASS or METH_STATIC")
      }
      let made = try owned(PyCMethod_New(f, m, name.ref, nil))
      try check(PyObject_SetAttrString(m, n, made.ref))
      f += 1
    }
  }
}
@c @implementation public func PyModule_AddObjectRef(_ m: Ref!, _ name: UnsafePointer<CChar>!, _ v: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let d = try dict(of: m)
    guard let v else {
      if !errorIsSet {
        throw systemError("PyModule_AddObjectRef() must be called with an exception raised if value is NULL")
      }
      throw PyError()
    }
    try check(PyDict_SetItemString(d, name, v))
  }
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
@c @implementation public func PyModule_AddIntConstant(_ m: Ref!, _ name: UnsafePointer<CChar>!, _ v: Int) -> Int32 {
  PyModule_Add(m, name, PyLong_FromLong(v))
}
@c @implementation public func PyModule_AddStringConstant(
  _ m: Ref!, _ name: UnsafePointer<CChar>!, _ v: UnsafePointer<CChar>!
) -> Int32 {
  PyModule_Add(m, name, PyUnicode_FromString(v))
}
@c @implementation public func PyModule_AddType(_ m: Ref!, _ t: TypeRef!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    try check(PyType_Ready(t))
    let full = String(cString: t.pointee.tp_name)
    let short = full.split(separator: ".").last.map { String($0) } ?? full
    let status = short.withCString { PyModule_AddObjectRef(m, $0, t.object) }
    try check(status)
  }
}
