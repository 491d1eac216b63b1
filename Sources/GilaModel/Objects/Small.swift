import CGila
import GilaCore

/// None, Ellipsis, NotImplemented, cells, modules.
enum SmallObjects {
  struct Module {
    var ob_base: PyObject
    var dict: Ref?
    var definition: UnsafeMutablePointer<PyModuleDef>?
    var state: UnsafeMutableRawPointer?
    var weaklist: Ref?
    var name: Ref?
  }
  static func install() {
    let n = Types.none
    n.define("NoneType", basicSize: 16, doc: "The type of the None singleton.")
    n.pointee.tp_repr = { _ in PyUnicode_FromString("None") }
    n.pointee.tp_hash = { _ in 0xFCA8_6420 }
    n.number.pointee.nb_bool = { _ in 0 }
    n.pointee.tp_new = { _, _, _ in none }
    n.pointee.tp_dealloc = { _ in }
    let e = Types.ellipsis
    e.define("ellipsis", basicSize: 16, doc: "The type of the Ellipsis singleton.")
    e.pointee.tp_repr = { _ in PyUnicode_FromString("Ellipsis") }
    e.pointee.tp_new = { _, _, _ in ellipsis }
    e.pointee.tp_dealloc = { _ in }
    let x = Types.notImplemented
    x.define("NotImplementedType", basicSize: 16, doc: "The type of the NotImplemented singleton.")
    x.pointee.tp_repr = { _ in PyUnicode_FromString("NotImplemented") }
    x.pointee.tp_new = { _, _, _ in notImplemented }
    x.pointee.tp_dealloc = { _ in }
    let c = Types.cell
    c.define("cell", basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC))
    c.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(r!.cast(PyCellObject.self).pointee.ob_ref)
      PyObject_GC_Del(r!.raw)
    }
    c.pointee.tp_traverse = { r, v, k in r!.cast(PyCellObject.self).pointee.ob_ref.map { v!($0, k) } ?? 0 }
    c.pointee.tp_clear = { r in
      GilaCore.clear(&r!.cast(PyCellObject.self).pointee.ob_ref)
      return 0
    }
    c.pointee.tp_new = { _, args, _ in PyCell_New(args!.size > 0 ? gila_tuple_items(args!)[0] : nil) }
    var g = GetSetTable()
    g.add(
      "cell_contents",
      get: { r, _ in
        if let v = r!.cast(PyCellObject.self).pointee.ob_ref { return newRef(v) }
        _ = valueError("Cell is empty")
        return nil
      }, set: { r, v, _ in PyCell_Set(r, v) })
    c.pointee.tp_getset = g.build()
    module()
  }
  private static func module() {
    let t = Types.module
    t.define(
      "module", basicSize: 56, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE), doc: "Create a module object.")
    t.pointee.tp_dictoffset = 16
    t.pointee.tp_weaklistoffset = 40
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = { t, _, _ in
      guard let m = PyType_GenericAlloc(t, 0) else { return nil }
      m.cast(Module.self).pointee.dict = PyDict_New()
      return m
    }
    t.pointee.tp_init = { m, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let b = try Signature("module", "(name, doc=None)").bind(tuple: args, dict: kwargs)
        guard b[0]!.isUnicode else {
          throw typeError("module() argument 'name' must be str, not \(typeName(of: b[0]!))")
        }
        try SmallObjects.initialize(m!, b[0]!, b[1] ?? none)
      }
    }
    t.pointee.tp_dealloc = { m in
      PyObject_GC_UnTrack(m!.raw)
      let x = m!.cast(Module.self)
      if x.pointee.weaklist != nil { PyObject_ClearWeakRefs(m) }
      if let free = x.pointee.definition?.pointee.m_free { free(m!.raw) }
      xdecref(x.pointee.dict)
      xdecref(x.pointee.name)
      if let s = x.pointee.state { PyMem_Free(s) }
      m!.type.pointee.tp_free(m!.raw)
    }
    t.pointee.tp_traverse = { m, v, c in
      let x = m!.cast(Module.self)
      if let f = x.pointee.definition?.pointee.m_traverse, x.pointee.state != nil {
        let r = f(m, v, c)
        if r != 0 { return r }
      }
      return x.pointee.dict.map { v!($0, c) } ?? 0
    }
    t.pointee.tp_getattro = { m, name in
      if let r = GenericAttributes.get(m!, name!, quiet: true) { return r }
      if errorIsSet { return nil }
      let dict = m!.cast(Module.self).pointee.dict
      if let dict, let f = PyDict_GetItemWithError(dict, Dunder.getattr.ref) { return PyObject_CallOneArg(f, name) }
      let n = dict.flatMap { PyDict_GetItemWithError($0, Dunder.name.ref) }
      _ = attributeError(
        m!, name!,
        n != nil && n!.isUnicode
          ? "module '\(swiftString(n!))' has no attribute '\(swiftString(name!))'"
          : "module has no attribute '\(swiftString(name!))'")
      return nil
    }
    t.pointee.tp_repr = { m in
      bridge { () throws(PyError) in
        let d = m!.cast(Module.self).pointee.dict
        let n = d.flatMap { PyDict_GetItemString($0, "__name__") }.map { swiftString($0) } ?? "?"
        if let f = d.flatMap({ PyDict_GetItemString($0, "__file__") }) {
          return try string("<module '\(n)' from \(try reprText(f))>")
        }
        return try string("<module '\(n)' (built-in)>")
      }
    }
    var g = GetSetTable()
    g.add("__dict__", get: { m, _ in newRef(m!.cast(Module.self).pointee.dict ?? none) })
    t.pointee.tp_getset = g.build()
  }
  static func initialize(_ m: Ref, _ name: Ref, _ doc: Ref) throws(PyError) {
    let d = m.cast(Module.self).pointee.dict!
    try check(PyDict_SetItem(d, Dunder.name.ref, name))
    try check(PyDict_SetItem(d, Dunder.doc.ref, doc))
    for n in [Dunder.package, .loader, .spec] { try check(PyDict_SetItem(d, n.ref, none)) }
  }
}
@c @implementation public func PyCell_New(_ v: Ref!) -> Ref? {
  guard let c = _PyObject_GC_New(Types.cell) else { return nil }
  c.cast(PyCellObject.self).pointee.ob_ref = xnewRef(v)
  gila_gc_track(c)
  return c
}
@c @implementation public func PyCell_Set(_ c: Ref!, _ v: Ref!) -> Int32 {
  replace(&c.cast(PyCellObject.self).pointee.ob_ref, with: xnewRef(v))
  return 0
}
@c @implementation public func PyCell_Get(_ c: Ref!) -> Ref? { xnewRef(c.cast(PyCellObject.self).pointee.ob_ref) }
@c @implementation public func PyModule_NewObject(_ name: Ref!) -> Ref? {
  guard let m = Types.module.pointee.tp_new(Types.module, nil, nil) else { return nil }
  return bridge { () throws(PyError) in
    let held = Owned(taking: m)
    try SmallObjects.initialize(m, name!, none)
    return held
  }
}
@c @implementation public func PyModule_New(_ name: UnsafePointer<CChar>!) -> Ref? {
  guard let n = PyUnicode_FromString(name) else { return nil }
  defer { gila_decref(n) }
  return PyModule_NewObject(n)
}
@c @implementation public func PyModule_GetDict(_ m: Ref!) -> Ref? { m.cast(SmallObjects.Module.self).pointee.dict }
@c @implementation public func PyModule_AddFunctions(_ m: Ref!, _ functions: UnsafeMutablePointer<PyMethodDef>!)
  -> Int32
{
  bridgeStatus { () throws(PyError) in
    let name = xnewRef(PyDict_GetItemString(PyModule_GetDict(m), "__name__"))
    defer { xdecref(name) }
    var f = functions!
    while let n = f.pointee.ml_name {
      let made = try owned(PyCMethod_New(f, m, name, nil))
      try check(PyDict_SetItemString(PyModule_GetDict(m), n, made.ref))
      f += 1
    }
  }
}
@c @implementation public func PyModule_AddObjectRef(_ m: Ref!, _ name: UnsafePointer<CChar>!, _ v: Ref!) -> Int32 {
  v == nil ? -1 : PyDict_SetItemString(PyModule_GetDict(m), name, v)
}
@c @implementation public func PyModule_AddIntConstant(_ m: Ref!, _ name: UnsafePointer<CChar>!, _ v: Int) -> Int32 {
  guard let n = PyLong_FromLong(v) else { return -1 }
  defer { gila_decref(n) }
  return PyModule_AddObjectRef(m, name, n)
}

/// Fills in the types of this target, then completes every static type that is filled in.
public func installModelTypes() {
  ObjectType.install()
  TypeType.install()
  NativeDescriptors.install()
  Callables.install()
  SmallObjects.install()
  Super.install()
}
