import CGila
import GilaCore

/// The type `module`.
enum ModuleType {
  /// CPython's layout of module objects.
  struct Object {
    var ob_base: PyObject
    var dict: Ref?
    var definition: UnsafeMutablePointer<PyModuleDef>?
    var state: UnsafeMutableRawPointer?
    var weaklist: Ref?
    var name: Ref?
  }
  @inline(__always) static func object(_ m: Ref) -> UnsafeMutablePointer<Object> { m.cast(Object.self) }
  static func isModule(_ r: Ref) -> Bool { r.isInstance(of: Types.module) }

  /// Sets the five names every module has.
  static func initialize(_ m: Ref, _ name: Ref, _ doc: Ref) throws(PyError) {
    let o = object(m)
    if o.pointee.dict == nil { o.pointee.dict = try owned(PyDict_New()).take() }
    let d = Owned(retaining: o.pointee.dict!)
    try check(PyDict_SetItem(d.ref, Dunder.name.ref, name))
    try check(PyDict_SetItem(d.ref, Dunder.doc.ref, doc))
    for n in [Dunder.package, .loader, .spec] { try check(PyDict_SetItem(d.ref, n.ref, none)) }
    if name.isExactly(Types.unicode) { replace(&o.pointee.name, with: newRef(name)) }
  }

  static func install() {
    let t = Types.module
    t.define(
      "module", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE),
      doc:
        "module(name, doc=None)\n--\n\nCreate a module object.\n\nThe name must be a string; the optional doc argument can have any type."
    )
    t.pointee.tp_dictoffset = 16
    t.pointee.tp_weaklistoffset = 40
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = { t, _, _ in
      bridge { () throws(PyError) in
        let m = try owned(t!.pointee.tp_alloc(t, 0))
        ModuleType.object(m.ref).pointee.dict = try owned(PyDict_New()).take()
        return m
      }
    }
    t.pointee.tp_init = { m, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let b = try Signature("module", "(name, doc=None)").bind(tuple: args, dict: kwargs)
        guard b[0]!.isUnicode else {
          throw typeError("module() argument 'name' must be str, not \(typeName(of: b[0]!))")
        }
        try ModuleType.initialize(m!, b[0]!, b[1] ?? none)
      }
    }
    t.pointee.tp_dealloc = { m in ModuleType.deallocate(m!) }
    t.pointee.tp_traverse = { m, visit, context in
      let o = ModuleType.object(m!)
      if let d = o.pointee.definition, let f = d.pointee.m_traverse, d.pointee.m_size <= 0 || o.pointee.state != nil {
        let r = f(m, visit, context)
        if r != 0 { return r }
      }
      return o.pointee.dict.map { visit!($0, context) } ?? 0
    }
    t.pointee.tp_clear = { m in
      let o = ModuleType.object(m!)
      if let d = o.pointee.definition, let f = d.pointee.m_clear, d.pointee.m_size <= 0 || o.pointee.state != nil {
        _ = f(m)
      }
      GilaCore.clear(&o.pointee.dict)
      return 0
    }
    t.pointee.tp_getattro = { m, name in ModuleType.getAttribute(m!, name!) }
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_repr = { m in ModuleType.repr(m!) }
    var members = MemberTable()
    members.add("__dict__", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = members.build()
    t.pointee.tp_getset = annotations()
    var methods = MethodTable()
    methods.noArguments("__dir__", "", "__dir__() -> list\nspecialized dir() implementation") { m, _ in
      bridge { () throws(PyError) in
        let d = try owned(PyObject_GetAttr(m, Dunder.dict.ref))
        guard d.ref.isDict else { throw typeError("<module>.__dict__ is not a dictionary") }
        if let f = PyDict_GetItemWithError(d.ref, Dunder.dir.ref) { return try owned(PyObject_CallNoArgs(f)) }
        if errorIsSet { throw PyError() }
        return try owned(PyDict_Keys(d.ref))
      }
    }
    t.pointee.tp_methods = methods.build()
    let definition = Types.moduleDef
    definition.define("moduledef", basicSize: MemoryLayout<PyModuleDef>.size)
  }

  private static func deallocate(_ m: Ref) {
    PyObject_GC_UnTrack(m.raw)
    let o = object(m)
    if o.pointee.weaklist != nil { PyObject_ClearWeakRefs(m) }
    if let d = o.pointee.definition, let free = d.pointee.m_free, d.pointee.m_size <= 0 || o.pointee.state != nil {
      free(m.raw)
    }
    xdecref(o.pointee.dict)
    xdecref(o.pointee.name)
    if let s = o.pointee.state { PyMem_Free(s) }
    m.type.pointee.tp_free(m.raw)
  }

  // MARK: Attributes

  /// Attributes of the module, then its own `__getattr__` (PEP 562), then an error that says what may be the reason.
  private static func getAttribute(_ m: Ref, _ name: Ref) -> Ref? {
    if let r = GenericAttributes.get(m, name, quiet: true) { return r }
    if errorIsSet { return nil }
    return bridge { () throws(PyError) in
      guard let d = object(m).pointee.dict else { throw missing(m, name, nil) }
      let dict = Owned(retaining: d)
      if let f = PyDict_GetItemWithError(dict.ref, Dunder.getattr.ref) {
        let held = Owned(retaining: f)
        return try owned(PyObject_CallOneArg(held.ref, name))
      }
      if errorIsSet { throw PyError() }
      throw missing(m, name, dict.ref)
    }
  }
  private static func missing(_ m: Ref, _ name: Ref, _ dict: Ref?) -> PyError {
    let attribute = swiftString(name)
    guard let dict, let own = PyDict_GetItemWithError(dict, Dunder.name.ref), own.isUnicode else {
      if errorIsSet { return PyError() }
      return attributeError(m, name, "module has no attribute '\(attribute)'")
    }
    let module = swiftString(own)
    let spec = xnewRef(PyDict_GetItemWithError(dict, Dunder.spec.ref))
    defer { xdecref(spec) }
    if let spec, spec != none {
      let origin = file(of: spec)
      defer { xdecref(origin) }
      let shadows = origin.map { gila_shadows($0, own) } ?? 0
      if shadows == 2, let origin {
        let shown = PyObject_Repr(origin), path = shown.map { swiftString($0) } ?? "?"
        xdecref(shown)
        return attributeError(
          m, name,
          "module '\(module)' has no attribute '\(attribute)' (consider renaming \(path) since it has the same name as the standard library module named '\(module)' and the import system gives it precedence)"
        )
      }
      if flag(spec, "_initializing") {
        if shadows == 1, let origin {
          let shown = PyObject_Repr(origin), path = shown.map { swiftString($0) } ?? "?"
          xdecref(shown)
          return attributeError(
            m, name,
            "module '\(module)' has no attribute '\(attribute)' (consider renaming \(path) if it has the same name as a third-party module you intended to import)"
          )
        }
        let place = origin.map { " from '\(swiftString($0))'" } ?? ""
        return attributeError(
          m, name,
          "partially initialized module '\(module)'\(place) has no attribute '\(attribute)' (most likely due to a circular import)"
        )
      }
      if isInitializing(submodule: name, of: spec) {
        return attributeError(
          m, name,
          "cannot access submodule '\(attribute)' of module '\(module)' (most likely due to a circular import)")
      }
    }
    return attributeError(m, name, "module '\(module)' has no attribute '\(attribute)'")
  }
  /// The file that a spec names as its module's place (a new reference).
  private static func file(of spec: Ref) -> Ref? {
    if !flag(spec, "has_location") { return nil }
    var v: Ref? = nil
    if PyObject_GetOptionalAttrString(spec, "origin", &v) < 0 { PyErr_Clear() }
    guard let v else { return nil }
    if v.isUnicode { return v }
    gila_decref(v)
    return nil
  }
  private static func flag(_ o: Ref, _ name: StaticString) -> Bool {
    var v: Ref? = nil
    if PyObject_GetOptionalAttrString(o, cString(name), &v) < 0 { PyErr_Clear() }
    guard let v else { return false }
    defer { gila_decref(v) }
    let yes = PyObject_IsTrue(v)
    if yes < 0 { PyErr_Clear() }
    return yes > 0
  }
  /// Whether a spec's list of submodules that are being imported has the name.
  private static func isInitializing(submodule name: Ref, of spec: Ref) -> Bool {
    var list: Ref? = nil
    if PyObject_GetOptionalAttrString(spec, "_uninitialized_submodules", &list) < 0 { PyErr_Clear() }
    guard let list else { return false }
    defer { gila_decref(list) }
    let found = PySequence_Contains(list, name)
    if found < 0 { PyErr_Clear() }
    return found > 0
  }

  /// importlib knows what a module's repr is; before it is there, the name has to do.
  private static func repr(_ m: Ref) -> Ref? {
    bridge { () throws(PyError) in
      if let importlib = currentInterpreter.pointee.importlib {
        let f = try owned(PyObject_GetAttrString(importlib, "_module_repr"))
        return try owned(PyObject_CallOneArg(f.ref, m))
      }
      let d = object(m).pointee.dict
      let name = d.flatMap { PyDict_GetItemString($0, "__name__") }.map { swiftString($0) } ?? "?"
      if let file = d.flatMap({ PyDict_GetItemString($0, "__file__") }) {
        return try string("<module '\(name)' from \(try reprText(file))>")
      }
      return try string("<module '\(name)' (built-in)>")
    }
  }

  /// `__annotations__`: made on first use, kept in the module's dict.
  private static func annotations() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "__annotations__",
      get: { m, _ in
        bridge { () throws(PyError) in
          let d = try owned(PyObject_GetAttr(m, Dunder.dict.ref))
          guard d.ref.isDict else { throw typeError("<module>.__dict__ is not a dictionary") }
          if let a = PyDict_GetItemWithError(d.ref, Dunder.annotations.ref) { return Owned(retaining: a) }
          if errorIsSet { throw PyError() }
          let made = try owned(PyDict_New())
          try check(PyDict_SetItem(d.ref, Dunder.annotations.ref, made.ref))
          return made
        }
      },
      set: { m, v, _ in
        bridgeStatus { () throws(PyError) in
          let d = try owned(PyObject_GetAttr(m, Dunder.dict.ref))
          guard d.ref.isDict else { throw typeError("<module>.__dict__ is not a dictionary") }
          if let v {
            try check(PyDict_SetItem(d.ref, Dunder.annotations.ref, v))
            return
          }
          let there = try check(PyDict_Contains(d.ref, Dunder.annotations.ref))
          guard there > 0 else {
            PyErr_SetObject(Exc.AttributeError.object, Dunder.annotations.ref)
            throw PyError()
          }
          try check(PyDict_DelItem(d.ref, Dunder.annotations.ref))
        }
      })
    return g.build()
  }
}
