import CGila
import GilaCore

/// `staticmethod` and `classmethod`: a callable that binds to nothing, or to the class.
enum MethodWrappers {
  struct Held {
    var ob_base: PyObject
    var callable: Ref?
    var dict: Ref?
  }
  @inline(__always) static func callable(_ f: Ref) -> Ref? { f.cast(Held.self).pointee.callable }

  static func install() {
    let s = Types.staticMethod
    common(
      s, "staticmethod",
      "staticmethod(function, /)\n--\n\nConvert a function to be a static method.\n\nA static method does not receive an implicit first argument.\nTo declare a static method, use this idiom:\n\n     class C:\n         @staticmethod\n         def f(arg1, arg2, argN):\n             ...\n\nIt can be called either on the class (e.g. C.f()) or on an instance\n(e.g. C().f()). Both the class and the instance are ignored, and\nneither is passed implicitly as the first argument to the method.\n\nStatic methods in Python are similar to those found in Java or C++.\nFor a more advanced concept, see the classmethod builtin."
    )
    s.pointee.tp_descr_get = { f, _, _ in MethodWrappers.bound(f!).map { newRef($0) } }
    s.pointee.tp_call = { f, args, kwargs in MethodWrappers.bound(f!).flatMap { PyObject_Call($0, args, kwargs) } }
    s.pointee.tp_init = { f, args, kwargs in MethodWrappers.initialize("staticmethod", f!, args!, kwargs) }
    s.pointee.tp_repr = { f in
      bridge { () throws(PyError) in try string("<staticmethod(\(try reprText(MethodWrappers.callable(f!) ?? none)))>")
      }
    }
    let c = Types.classMethod
    common(
      c, "classmethod",
      "classmethod(function, /)\n--\n\nConvert a function to be a class method.\n\nA class method receives the class as implicit first argument,\njust like an instance method receives the instance.\nTo declare a class method, use this idiom:\n\n  class C:\n      @classmethod\n      def f(cls, arg1, arg2, argN):\n          ...\n\nIt can be called either on the class (e.g. C.f()) or on an instance\n(e.g. C().f()).  The instance is ignored except for its class.\nIf a class method is called for a derived class, the derived class\nobject is passed as the implied first argument.\n\nClass methods are different than C++ or Java static methods.\nIf you want those, see the staticmethod builtin."
    )
    c.pointee.tp_descr_get = { f, o, t in
      MethodWrappers.bound(f!).flatMap { PyMethod_New($0, t ?? o!.type.object) }
    }
    c.pointee.tp_init = { f, args, kwargs in MethodWrappers.initialize("classmethod", f!, args!, kwargs) }
    c.pointee.tp_repr = { f in
      bridge { () throws(PyError) in try string("<classmethod(\(try reprText(MethodWrappers.callable(f!) ?? none)))>") }
    }
  }
  /// The callable; RuntimeError for an object whose `__init__` never ran.
  private static func bound(_ f: Ref) -> Ref? {
    if let c = callable(f) { return c }
    _ = runtimeError("uninitialized \(typeName(of: f)) object")
    return nil
  }
  private static func initialize(_ name: StaticString, _ f: Ref, _ args: Ref, _ kwargs: Ref?) -> Int32 {
    bridgeStatus { () throws(PyError) in
      try rejectKeywords(name, kwargs)
      try checkCount(name, args.size, 1, 1)
      let function = gila_tuple_items(args)[0]!
      replace(&f.cast(Held.self).pointee.callable, with: newRef(function))
      try copyAttributes(f, function)
    }
  }
  /// The wrapper looks like what it wraps.
  private static func copyAttributes(_ wrapper: Ref, _ wrapped: Ref) throws(PyError) {
    for name in [Dunder.module, .name, .qualname, .doc, .annotations] {
      var v: Ref? = nil
      try check(PyObject_GetOptionalAttr(wrapped, name.ref, &v))
      guard let v else { continue }
      let held = Owned(taking: v)
      try check(PyObject_SetAttr(wrapper, name.ref, held.ref))
    }
  }
  private static func common(_ t: TypeRef, _ name: StaticString, _ doc: StaticString) {
    t.define(name, basicSize: 32, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE), doc: doc)
    t.pointee.tp_dictoffset = 24
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_dealloc = { f in
      PyObject_GC_UnTrack(f!.raw)
      xdecref(f!.cast(Held.self).pointee.callable)
      xdecref(f!.cast(Held.self).pointee.dict)
      f!.type.pointee.tp_free(f!.raw)
    }
    t.pointee.tp_traverse = { f, visit, context in
      let x = f!.cast(Held.self)
      let r = x.pointee.callable.map { visit!($0, context) } ?? 0
      return r != 0 ? r : x.pointee.dict.map { visit!($0, context) } ?? 0
    }
    t.pointee.tp_clear = { f in
      GilaCore.clear(&f!.cast(Held.self).pointee.callable)
      GilaCore.clear(&f!.cast(Held.self).pointee.dict)
      return 0
    }
    var m = MemberTable()
    m.add("__func__", _Py_T_OBJECT, offset: 16)
    m.add("__wrapped__", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add(
      "__isabstractmethod__",
      get: { f, _ in
        bridge { () throws(PyError) in
          guard let c = MethodWrappers.callable(f!) else { return Owned(retaining: pyFalse) }
          return Owned(retaining: pyBool(try isAbstract(c)))
        }
      })
    g.add(
      "__dict__", get: { o, c in PyObject_GenericGetDict(o, c) }, set: { o, v, c in PyObject_GenericSetDict(o, v, c) })
    t.pointee.tp_getset = g.build()
  }
}

@c @implementation public func PyStaticMethod_New(_ f: Ref!) -> Ref? { made(Types.staticMethod, f!) }
@c @implementation public func PyClassMethod_New(_ f: Ref!) -> Ref? { made(Types.classMethod, f!) }
private func made(_ t: TypeRef, _ f: Ref) -> Ref? {
  guard let r = PyType_GenericAlloc(t, 0) else { return nil }
  r.cast(MethodWrappers.Held.self).pointee.callable = newRef(f)
  return r
}
