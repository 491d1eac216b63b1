import CGila
import GilaCore

/// `property`: an attribute computed by functions.
enum PropertyType {
  struct Object {
    var ob_base: PyObject
    var get: Ref?
    var set: Ref?
    var delete: Ref?
    var doc: Ref?
    var name: Ref?
    /// The doc string came from the getter, so a copy with another getter takes that one's.
    var docFromGetter: Int32
  }
  @inline(__always) static func object(_ p: Ref) -> UnsafeMutablePointer<Object> { p.cast(Object.self) }
  private static func given(_ r: Ref?) -> Ref? { r == none ? nil : r }

  static func install() {
    let t = Types.property
    t.define(
      "property", basicSize: 64, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE),
      doc:
        "property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nProperty attribute.\n\n  fget\n    function to be used for getting an attribute value\n  fset\n    function to be used for setting an attribute value\n  fdel\n    function to be used for del'ing an attribute\n  doc\n    docstring\n\nTypical use is to define a managed attribute x:\n\nclass C(object):\n    def getx(self): return self._x\n    def setx(self, value): self._x = value\n    def delx(self): del self._x\n    x = property(getx, setx, delx, \"I'm the 'x' property.\")\n\nDecorators make defining new properties or modifying existing ones easy:\n\nclass C(object):\n    @property\n    def x(self):\n        \"I am the 'x' property.\"\n        return self._x\n    @x.setter\n    def x(self, value):\n        self._x = value\n    @x.deleter\n    def x(self):\n        del self._x"
    )
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_init = { p, args, kwargs in
      bridgeStatus { () throws(PyError) in try PropertyType.initialize(p!, args!, kwargs) }
    }
    t.pointee.tp_dealloc = { p in
      PyObject_GC_UnTrack(p!.raw)
      for offset in stride(from: 16, to: 56, by: 8) { xdecref((p!.raw + offset).load(as: Ref?.self)) }
      p!.type.pointee.tp_free(p!.raw)
    }
    t.pointee.tp_traverse = { p, visit, context in
      for offset in stride(from: 16, to: 56, by: 8) {
        guard let v = (p!.raw + offset).load(as: Ref?.self) else { continue }
        let r = visit!(v, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_clear = { p in
      GilaCore.clear(&PropertyType.object(p!).pointee.doc)
      return 0
    }
    t.pointee.tp_descr_get = { p, o, _ in
      guard let o, o != none else { return newRef(p!) }
      if let get = PropertyType.object(p!).pointee.get { return call(get, o) }
      PropertyType.refuse(p!, o, "getter")
      return nil
    }
    t.pointee.tp_descr_set = { p, o, v in
      let x = PropertyType.object(p!)
      guard let f = v == nil ? x.pointee.delete : x.pointee.set else {
        PropertyType.refuse(p!, o!, v == nil ? "deleter" : "setter")
        return -1
      }
      guard let r = v == nil ? call(f, o) : call(f, o, v) else { return -1 }
      gila_decref(r)
      return 0
    }
    var m = MemberTable()
    m.add("fget", _Py_T_OBJECT, offset: 16)
    m.add("fset", _Py_T_OBJECT, offset: 24)
    m.add("fdel", _Py_T_OBJECT, offset: 32)
    m.add("__doc__", _Py_T_OBJECT, offset: 40, flags: 0)
    t.pointee.tp_members = m.build()
    t.pointee.tp_getset = getsets()
    t.pointee.tp_methods = methods()
  }

  private static func initialize(_ p: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) {
    let b = try Signature("property", "(fget=None, fset=None, fdel=None, doc=None)").bind(tuple: args, dict: kwargs)
    let x = object(p)
    replace(&x.pointee.get, with: xnewRef(given(b[0])))
    replace(&x.pointee.set, with: xnewRef(given(b[1])))
    replace(&x.pointee.delete, with: xnewRef(given(b[2])))
    replace(&x.pointee.doc, with: nil)
    replace(&x.pointee.name, with: nil)
    x.pointee.docFromGetter = 0
    var doc = xnewRef(given(b[3]))
    if doc == nil, let get = x.pointee.get {
      try check(PyObject_GetOptionalAttr(get, Dunder.doc.ref, &doc))
      if doc == none { doc = nil }
      if doc != nil { x.pointee.docFromGetter = 1 }
    }
    if p.isExactly(Types.property) {
      replace(&x.pointee.doc, with: doc)
      return
    }
    // The doc string of a subclass would hide the member, so an instance of one keeps its own as an attribute.
    let text = doc.map { Owned(taking: $0) } ?? Owned(retaining: none)
    if PyObject_SetAttr(p, Dunder.doc.ref, text.ref) < 0 {
      if x.pointee.docFromGetter == 0, PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 {
        PyErr_Clear()
        return
      }
      throw PyError()
    }
  }

  /// The property's name: as told by the class it stands in, or the getter's.
  private static func name(_ p: Ref) throws(PyError) -> Owned? {
    if let n = object(p).pointee.name { return Owned(retaining: n) }
    guard let get = object(p).pointee.get else { return nil }
    var n: Ref? = nil
    try check(PyObject_GetOptionalAttr(get, Dunder.name.ref, &n))
    return n.map { Owned(taking: $0) }
  }
  @inline(never) private static func refuse(_ p: Ref, _ o: Ref, _ what: String) {
    _ = bridgeStatus { () throws(PyError) in
      let quoted: String
      if let n = try name(p) { quoted = " " + (try reprText(n.ref)) } else { quoted = "" }
      let owner = try owned(PyType_GetQualName(o.type))
      throw raise(Exc.AttributeError, "property\(quoted) of \(try reprText(owner.ref)) object has no \(what)")
    }
  }

  private static func getsets() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "__name__",
      get: { p, _ in
        bridge { () throws(PyError) in
          if let n = try PropertyType.name(p!) { return n }
          throw attributeError(p!, Dunder.name.ref, "'\(typeName(of: p!))' object has no attribute '__name__'")
        }
      },
      set: { p, v, _ in
        replace(&PropertyType.object(p!).pointee.name, with: xnewRef(v))
        return 0
      })
    g.add(
      "__isabstractmethod__",
      get: { p, _ in
        bridge { () throws(PyError) in
          let x = PropertyType.object(p!)
          for f in [x.pointee.get, x.pointee.set, x.pointee.delete] {
            if let f, try isAbstract(f) { return Owned(retaining: pyTrue) }
          }
          return Owned(retaining: pyFalse)
        }
      })
    return g.build()
  }

  /// A property like `p` but for one function.
  private static func copy(_ p: Ref, get: Ref? = nil, set: Ref? = nil, delete: Ref? = nil) -> Ref? {
    bridge { () throws(PyError) in
      let x = object(p)
      let getter = given(get) ?? x.pointee.get ?? none
      let setter = given(set) ?? x.pointee.set ?? none
      let deleter = given(delete) ?? x.pointee.delete ?? none
      let doc = x.pointee.docFromGetter != 0 && getter != none ? none : x.pointee.doc ?? none
      let kind = Owned(retaining: p.type.object)
      let made = try owned(call(kind.ref, getter, setter, deleter, doc))
      if made.ref.isInstance(of: Types.property) {
        replace(&object(made.ref).pointee.name, with: xnewRef(x.pointee.name))
      }
      return made
    }
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("getter", "", "Descriptor to obtain a copy of the property with a different getter.") { p, f in
      PropertyType.copy(p!, get: f)
    }
    m.one("setter", "", "Descriptor to obtain a copy of the property with a different setter.") { p, f in
      PropertyType.copy(p!, set: f)
    }
    m.one("deleter", "", "Descriptor to obtain a copy of the property with a different deleter.") { p, f in
      PropertyType.copy(p!, delete: f)
    }
    m.positional("__set_name__", "($self, owner, name, /)", "Method to set name of a property.") { p, args, n in
      bridgeNone { () throws(PyError) in
        if n != 2 { throw typeError("__set_name__() takes 2 positional arguments but \(n) were given") }
        replace(&PropertyType.object(p!).pointee.name, with: xnewRef(args![1]))
      }
    }
    return m.build()
  }
}

/// Whether a function is marked as abstract.
func isAbstract(_ f: Ref) throws(PyError) -> Bool {
  var v: Ref? = nil
  try check(PyObject_GetOptionalAttr(f, Dunder.isabstractmethod.ref, &v))
  guard let v else { return false }
  let held = Owned(taking: v)
  return try truth(held.ref)
}
