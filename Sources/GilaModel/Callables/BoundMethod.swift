import CGila
import GilaCore

/// Functions bound to an object.
enum BoundMethod {
  static func install() {
    let t = Types.method
    t.define(
      "method", basicSize: 48, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL),
      doc: "method(function, instance, /)\n--\n\n")
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
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("method", kwargs)
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
        if q == nil { try check(PyObject_GetOptionalAttr(x.pointee.im_func, Dunder.name.ref, &q)) }
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
    var methods = MethodTable()
    methods.noArguments("__reduce__") { f, _ in
      bridge { () throws(PyError) in
        let x = f!.cast(PyMethodObject.self)
        let name = try owned(PyObject_GetAttr(x.pointee.im_func, Dunder.name.ref))
        return try getattrCall(x.pointee.im_self, name.ref)
      }
    }
    t.pointee.tp_methods = methods.build()
    unbound()
  }
  /// `instancemethod`: lets any callable act as a method; only C code makes them.
  private static func unbound() {
    let t = Types.instanceMethod
    t.define(
      "instancemethod", basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc: "instancemethod(function)\n\nBind a function to a class.")
    t.pointee.tp_dealloc = { m in
      PyObject_GC_UnTrack(m!.raw)
      gila_decref((m!.raw + 16).load(as: Ref.self))
      PyObject_GC_Del(m!.raw)
    }
    t.pointee.tp_traverse = { m, visit, context in visit!((m!.raw + 16).load(as: Ref.self), context) }
    t.pointee.tp_call = { m, args, kwargs in PyObject_Call((m!.raw + 16).load(as: Ref.self), args, kwargs) }
    t.pointee.tp_descr_get = { m, o, _ in
      let f = (m!.raw + 16).load(as: Ref.self)
      return o == nil ? newRef(f) : PyMethod_New(f, o)
    }
    t.pointee.tp_getattro = { m, name in
      if let d = TypeLookup.find(m!.type, name!) {
        if let get = d.type.pointee.tp_descr_get { return get(d, m, m!.type.object) }
        return newRef(d)
      }
      return PyObject_GetAttr((m!.raw + 16).load(as: Ref.self), name)
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, b!.type == a!.type else { return newRef(notImplemented) }
      return PyObject_RichCompare((a!.raw + 16).load(as: Ref.self), (b!.raw + 16).load(as: Ref.self), op)
    }
    t.pointee.tp_hash = { Py_HashPointer($0!.raw) }
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("instancemethod", kwargs)
        try checkCount("instancemethod", args!.size, 1, 1)
        guard PyCallable_Check(gila_tuple_items(args!)[0]) != 0 else {
          throw typeError("first argument must be callable")
        }
        return try owned(PyInstanceMethod_New(gila_tuple_items(args!)[0]))
      }
    }
    var m = MemberTable()
    m.add("__func__", _Py_T_OBJECT, offset: 16, "the function (or other callable) implementing a method")
    t.pointee.tp_members = m.build()
  }
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
@c @implementation public func PyInstanceMethod_New(_ f: Ref!) -> Ref? {
  guard let m = PyType_GenericAlloc(Types.instanceMethod, 0) else { return nil }
  (m.raw + 16).storeBytes(of: newRef(f!), as: Ref.self)
  return m
}
@c @implementation public func PyInstanceMethod_Function(_ m: Ref!) -> Ref? { (m.raw + 16).load(as: Ref?.self) }
