import CGila
import GilaCore

/// `builtin_function_or_method`, bound methods, `staticmethod`, `classmethod`.
enum Callables {
  static func install() {
    let t = Types.cFunction
    t.define(
      "builtin_function_or_method", basicSize: 56,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_vectorcall_offset = 48
    t.pointee.tp_weaklistoffset = 40
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_dealloc = { f in
      PyObject_GC_UnTrack(f!.raw)
      if f!.cast(PyCFunctionObject.self).pointee.m_weakreflist != nil { PyObject_ClearWeakRefs(f) }
      xdecref(f!.cast(PyCFunctionObject.self).pointee.m_self)
      xdecref(f!.cast(PyCFunctionObject.self).pointee.m_module)
      PyObject_GC_Del(f!.raw)
    }
    t.pointee.tp_traverse = { f, v, c in f!.cast(PyCFunctionObject.self).pointee.m_self.map { v!($0, c) } ?? 0 }
    t.pointee.tp_repr = { f in
      bridge { () throws(PyError) in
        let x = f!.cast(PyCFunctionObject.self)
        let name = String(cString: x.pointee.m_ml.pointee.ml_name)
        guard let o = x.pointee.m_self, !o.isExactly(Types.module) else {
          return try string("<built-in function \(name)>")
        }
        return try string(
          "<built-in method \(name) of \(typeName(of: o)) object at 0x\(String(UInt(bitPattern: o), radix: 16))>")
      }
    }
    t.pointee.tp_hash = { f in
      let x = f!.cast(PyCFunctionObject.self)
      return Int(bitPattern: (UInt(bitPattern: x.pointee.m_self) >> 4) ^ (UInt(bitPattern: x.pointee.m_ml) >> 4))
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, b!.type == a!.type else { return newRef(notImplemented) }
      let x = a!.cast(PyCFunctionObject.self), y = b!.cast(PyCFunctionObject.self)
      let same =
        x.pointee.m_self == y.pointee.m_self
        && address(x.pointee.m_ml.pointee.ml_meth) == address(y.pointee.m_ml.pointee.ml_meth)
      return newRef(pyBool(same == (op == Py_EQ)))
    }
    var m = MemberTable()
    m.add("__module__", _Py_T_OBJECT, offset: 32, flags: 0)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add(
      "__name__", get: { f, _ in PyUnicode_FromString(f!.cast(PyCFunctionObject.self).pointee.m_ml.pointee.ml_name) })
    g.add(
      "__qualname__",
      get: { f, _ in
        let x = f!.cast(PyCFunctionObject.self)
        let name = String(cString: x.pointee.m_ml.pointee.ml_name)
        guard let o = x.pointee.m_self, !o.isExactly(Types.module) else { return newString(name) }
        return newString(typeName(o.isType ? o.asType : o.type) + "." + name)
      })
    g.add("__self__", get: { f, _ in newRef(f!.cast(PyCFunctionObject.self).pointee.m_self ?? none) })
    g.add(
      "__doc__",
      get: { f, _ in
        let d = f!.cast(PyCFunctionObject.self).pointee.m_ml!
        guard let doc = d.pointee.ml_doc else { return newRef(none) }
        return PyUnicode_FromString(SignatureText.body(String(cString: d.pointee.ml_name), doc))
      })
    g.add(
      "__text_signature__",
      get: { f, _ in
        let d = f!.cast(PyCFunctionObject.self).pointee.m_ml!
        return SignatureText.signature(String(cString: d.pointee.ml_name), d.pointee.ml_doc)
      })
    t.pointee.tp_getset = g.build()
    let c = Types.cMethod
    c.define(
      "builtin_method", basicSize: 64,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION), base: t)
    boundMethod()
    wrapper(Types.staticMethod, "staticmethod") { f, _, _ in newRef(f!.cast(Held.self).pointee.callable ?? none) }
    wrapper(Types.classMethod, "classmethod") { f, o, t in
      PyMethod_New(f!.cast(Held.self).pointee.callable, t ?? o!.type.object)
    }
    Types.staticMethod.pointee.tp_call = { f, args, kwargs in
      PyObject_Call(f!.cast(Held.self).pointee.callable, args, kwargs)
    }
  }
  struct Held {
    var ob_base: PyObject
    var callable: Ref?
    var dict: Ref?
  }
  private static func wrapper(_ t: TypeRef, _ name: StaticString, _ get: @escaping descrgetfunc) {
    t.define(name, basicSize: 32, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE))
    t.pointee.tp_dictoffset = 24
    t.pointee.tp_descr_get = get
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_init = { f, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try checkCount("", args!.size, 1, 1)
        replace(&f!.cast(Held.self).pointee.callable, with: newRef(gila_tuple_items(args!)[0]!))
      }
    }
    t.pointee.tp_dealloc = { f in
      PyObject_GC_UnTrack(f!.raw)
      xdecref(f!.cast(Held.self).pointee.callable)
      xdecref(f!.cast(Held.self).pointee.dict)
      f!.type.pointee.tp_free(f!.raw)
    }
    t.pointee.tp_traverse = { f, v, c in f!.cast(Held.self).pointee.callable.map { v!($0, c) } ?? 0 }
    t.pointee.tp_repr = { f in
      bridge { () throws(PyError) in
        try string("<\(typeName(of: f!))(\(try reprText(f!.cast(Held.self).pointee.callable ?? none)))>")
      }
    }
    var m = MemberTable()
    m.add("__func__", _Py_T_OBJECT, offset: 16)
    m.add("__wrapped__", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add(
      "__isabstractmethod__",
      get: { f, _ in
        guard let c = f!.cast(Held.self).pointee.callable else { return newRef(pyFalse) }
        var v: Ref? = nil
        if PyObject_GetOptionalAttr(c, Dunder.isabstractmethod.ref, &v) < 0 { return nil }
        guard let v else { return newRef(pyFalse) }
        defer { gila_decref(v) }
        let r = PyObject_IsTrue(v)
        return r < 0 ? nil : newRef(pyBool(r != 0))
      })
    g.add(
      "__dict__", get: { o, c in PyObject_GenericGetDict(o, c) }, set: { o, v, c in PyObject_GenericSetDict(o, v, c) })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_getattro = PyObject_GenericGetAttr
  }
  private static func boundMethod() {
    let t = Types.method
    t.define("method", basicSize: 48, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL))
    t.pointee.tp_vectorcall_offset = 40
    t.pointee.tp_weaklistoffset = 32
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_dealloc = { f in
      PyObject_GC_UnTrack(f!.raw)
      let x = f!.cast(PyMethodObject.self)
      if x.pointee.im_weakreflist != nil { PyObject_ClearWeakRefs(f) }
      xdecref(x.pointee.im_func)
      xdecref(x.pointee.im_self)
      PyObject_GC_Del(f!.raw)
    }
    t.pointee.tp_traverse = { f, v, c in
      let x = f!.cast(PyMethodObject.self)
      let r = v!(x.pointee.im_func, c)
      return r != 0 ? r : v!(x.pointee.im_self, c)
    }
    t.pointee.tp_new = { _, args, _ in
      bridge { () throws(PyError) in
        try checkCount("method", args!.size, 2, 2)
        guard PyCallable_Check(gila_tuple_items(args!)[0]) != 0 else {
          throw typeError("first argument must be callable")
        }
        if gila_tuple_items(args!)[1] == none { throw typeError("instance must not be None") }
        return try owned(PyMethod_New(gila_tuple_items(args!)[0], gila_tuple_items(args!)[1]))
      }
    }
    t.pointee.tp_getattro = { f, name in
      if let d = TypeLookup.find(f!.type, name!) {
        if let get = d.type.pointee.tp_descr_get { return get(d, f, f!.type.object) }
        return newRef(d)
      }
      return PyObject_GetAttr(f!.cast(PyMethodObject.self).pointee.im_func, name)
    }
    t.pointee.tp_descr_get = { f, _, _ in newRef(f!) }
    t.pointee.tp_repr = { f in
      bridge { () throws(PyError) in
        let x = f!.cast(PyMethodObject.self)
        var q: Ref? = nil
        try check(PyObject_GetOptionalAttr(x.pointee.im_func, Dunder.qualname.ref, &q))
        let name = q.map { $0.isUnicode ? swiftString($0) : "?" } ?? "?"
        xdecref(q)
        return try string("<bound method \(name) of \(try reprText(x.pointee.im_self))>")
      }
    }
    t.pointee.tp_hash = { f in
      let x = f!.cast(PyMethodObject.self)
      let h = PyObject_Hash(x.pointee.im_func)
      if h == -1 { return -1 }
      let r = Int(bitPattern: UInt(bitPattern: x.pointee.im_self!) >> 4) ^ h
      return r == -1 ? -2 : r
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, a!.type == Types.method, b!.type == Types.method else {
        return newRef(notImplemented)
      }
      let x = a!.cast(PyMethodObject.self), y = b!.cast(PyMethodObject.self)
      let e = PyObject_RichCompareBool(x.pointee.im_func, y.pointee.im_func, Py_EQ)
      if e < 0 { return nil }
      return newRef(pyBool((e != 0 && x.pointee.im_self == y.pointee.im_self) == (op == Py_EQ)))
    }
    var m = MemberTable()
    m.add("__func__", _Py_T_OBJECT, offset: 16, "the function (or other callable) implementing a method")
    m.add("__self__", _Py_T_OBJECT, offset: 24, "the instance to which a method is bound")
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add("__doc__", get: { f, _ in PyObject_GetAttr(f!.cast(PyMethodObject.self).pointee.im_func, Dunder.doc.ref) })
    t.pointee.tp_getset = g.build()
  }
}

@c @implementation public func PyCMethod_New(
  _ m: UnsafeMutablePointer<PyMethodDef>!, _ o: Ref!, _ module: Ref!, _ cls: TypeRef!
) -> Ref? {
  let method = m.pointee.ml_flags & METH_METHOD != 0
  guard let f = _PyObject_GC_New(method ? Types.cMethod : Types.cFunction) else { return nil }
  let x = f.cast(PyCFunctionObject.self)
  x.pointee.m_ml = m
  x.pointee.m_self = xnewRef(o)
  x.pointee.m_module = xnewRef(module)
  x.pointee.m_weakreflist = nil
  if method { f.cast(PyCMethodObject.self).pointee.mm_class = cls }
  x.pointee.vectorcall = { f, args, nargsf, names in
    let x = f!.cast(PyCFunctionObject.self)
    let m = x.pointee.m_ml.unsafelyUnwrapped
    let cls: TypeRef? = m.pointee.ml_flags & METH_METHOD != 0 ? f!.cast(PyCMethodObject.self).pointee.mm_class : nil
    let o = m.pointee.ml_flags & METH_STATIC != 0 ? nil : x.pointee.m_self
    return NativeCall.invoke(m, o, cls, args, Int(nargsf & Int.max), names)
  }
  gila_gc_track(f)
  return f
}
@c @implementation public func PyCFunction_NewEx(_ m: UnsafeMutablePointer<PyMethodDef>!, _ o: Ref!, _ module: Ref!)
  -> Ref?
{ PyCMethod_New(m, o, module, nil) }
@c @implementation public func PyCFunction_New(_ m: UnsafeMutablePointer<PyMethodDef>!, _ o: Ref!) -> Ref? {
  PyCMethod_New(m, o, nil, nil)
}
@c @implementation public func PyMethod_New(_ f: Ref!, _ o: Ref!) -> Ref? {
  guard let m = _PyObject_GC_New(Types.method) else { return nil }
  let x = m.cast(PyMethodObject.self)
  x.pointee.im_func = newRef(f!)
  x.pointee.im_self = newRef(o!)
  x.pointee.im_weakreflist = nil
  x.pointee.vectorcall = { f, args, nargsf, names in
    let x = f!.cast(PyMethodObject.self)
    let n = Int(nargsf & Int.max)
    let total = n + (names.map { $0.size } ?? 0)
    return withUnsafeTemporaryAllocation(of: Ref?.self, capacity: total + 2) { b in
      b[0] = nil
      b[1] = x.pointee.im_self
      for i in 0..<total { b[i + 2] = args![i] }
      return gila_call_vector(x.pointee.im_func, UnsafePointer(b.baseAddress! + 1), (n + 1) | Int.min, names)
    }
  }
  gila_gc_track(m)
  return m
}
@c @implementation public func PyMethod_Function(_ m: Ref!) -> Ref? { m.cast(PyMethodObject.self).pointee.im_func }
@c @implementation public func PyMethod_Self(_ m: Ref!) -> Ref? { m.cast(PyMethodObject.self).pointee.im_self }
@c @implementation public func PyStaticMethod_New(_ f: Ref!) -> Ref? { held(Types.staticMethod, f!) }
@c @implementation public func PyClassMethod_New(_ f: Ref!) -> Ref? { held(Types.classMethod, f!) }
private func held(_ t: TypeRef, _ f: Ref) -> Ref? {
  guard let r = PyType_GenericAlloc(t, 0) else { return nil }
  r.cast(Callables.Held.self).pointee.callable = newRef(f)
  return r
}
