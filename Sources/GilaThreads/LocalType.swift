import CGila
import GilaCore

/// `threading.local`: a dict per thread.
///
/// A thread's dict maps the local's key to a dummy; the local maps a weak reference to the dummy to the dict of values. So
/// the values live in the local, where the collector sees them, and go when either the local or the thread goes.
enum LocalType {
  struct Object {
    var ob_base: PyObject
    var key: Ref?
    var args: Ref?
    var kwargs: Ref?
    var weakrefs: Ref?
    var dummies: Ref?
    var callback: Ref?
  }
  struct Dummy {
    var ob_base: PyObject
    var values: Ref?  // borrowed: the local holds it
    var weakrefs: Ref?
  }
  private static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  nonisolated(unsafe) static let dummyType: TypeRef = {
    let t = newStaticType()
    t.define(
      "_thread._localdummy", basicSize: 32, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE),
      doc: "Thread-local dummy")
    t.pointee.tp_weaklistoffset = 24
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_dealloc = { r in
      if r!.cast(Dummy.self).pointee.weakrefs != nil { PyObject_ClearWeakRefs(r) }
      r!.type.pointee.tp_free(r!.raw)
    }
    _ = PyType_Ready(t)
    return t
  }()
  /// Called when a thread's dummy goes: `self` is a weak reference to the local.
  nonisolated(unsafe) private static let destroyed: UnsafeMutablePointer<PyMethodDef> = {
    var m = MethodTable()
    m.one("_localdummy_destroyed") { selfRef, dummyRef in
      guard let local = selfRef!.cast(PyWeakReference.self).pointee.wr_object, local != none else { return none }
      gila_incref(local)
      defer { gila_decref(local) }
      if let dummies = LocalType.object(local).pointee.dummies {
        let had = PyDict_Contains(dummies, dummyRef)
        if had < 0 || (had > 0 && PyDict_DelItem(dummies, dummyRef) < 0) { PyErr_WriteUnraisable(local) }
      }
      return none
    }
    return m.build()
  }()

  /// The values of this thread (borrowed), made at its first use.
  private static func values(_ r: Ref) throws(PyError) -> Ref {
    let o = object(r)
    guard let dict = PyThreadState_GetDict() else { throw systemError("Couldn't get thread-state dictionary") }
    if let dummy = PyDict_GetItemWithError(dict, o.pointee.key) {
      return dummy.cast(Dummy.self).pointee.values!
    }
    if errorIsSet { throw PyError() }
    let made = try create(r, dict)
    if address(r.type.pointee.tp_init) != address(Types.baseObject.pointee.tp_init), let f = r.type.pointee.tp_init,
      f(r, o.pointee.args, o.pointee.kwargs) < 0
    {
      // The thread is as if it had not used the local.
      let pending = PyErr_GetRaisedException()
      if PyDict_DelItem(dict, o.pointee.key) < 0 { PyErr_Clear() }
      PyErr_SetRaisedException(pending)
      throw PyError()
    }
    return made
  }
  private static func create(_ r: Ref, _ dict: Ref) throws(PyError) -> Ref {
    let o = object(r)
    let values = try owned(PyDict_New())
    let dummy = try owned(PyType_GenericAlloc(dummyType, 0))
    dummy.ref.cast(Dummy.self).pointee.values = values.ref
    let weak = try owned(PyWeakref_NewRef(dummy.ref, o.pointee.callback))
    try check(PyDict_SetItem(o.pointee.dummies, weak.ref, values.ref))
    try check(PyDict_SetItem(dict, o.pointee.key, dummy.ref))
    return values.ref
  }
  private static func clearAll(_ r: Ref) {
    let o = object(r)
    GilaCore.clear(&o.pointee.args)
    GilaCore.clear(&o.pointee.kwargs)
    GilaCore.clear(&o.pointee.callback)
    GilaCore.clear(&o.pointee.dummies)
    guard let key = o.pointee.key, gila_ts_or_null() != nil else { return }
    for ts in Threads.all(currentInterpreter) {
      if let d = ts.pointee.dict, PyDict_Contains(d, key) > 0 { PyDict_DelItem(d, key) }
    }
    PyErr_Clear()
  }
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_thread._local", basicSize: MemoryLayout<Object>.stride,
      flags: UInt(Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE),
      doc: "_local()\n--\n\nThread-local data")
    t.pointee.tp_weaklistoffset = MemoryLayout<Object>.offset(of: \.weakrefs)!
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let type = type!
        if address(type.pointee.tp_init) == address(Types.baseObject.pointee.tp_init) {
          if (args.map { $0.size } ?? 0) > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 {
            throw typeError("Initialization arguments are not supported")
          }
        }
        let r = try owned(PyType_GenericAlloc(type, 0))
        let o = LocalType.object(r.ref)
        o.pointee.args = xnewRef(args)
        o.pointee.kwargs = xnewRef(kwargs)
        o.pointee.key = try string("thread.local.\(UInt(bitPattern: r.ref))").take()
        o.pointee.dummies = try owned(PyDict_New()).take()
        let weak = try owned(PyWeakref_NewRef(r.ref, nil))
        o.pointee.callback = try owned(PyCFunction_NewEx(LocalType.destroyed, weak.ref, nil)).take()
        guard let dict = PyThreadState_GetDict() else { throw systemError("Couldn't get thread-state dictionary") }
        _ = try LocalType.create(r.ref, dict)
        return r
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let o = LocalType.object(r!)
      if o.pointee.weakrefs != nil { PyObject_ClearWeakRefs(r) }
      LocalType.clearAll(r!)
      GilaCore.clear(&o.pointee.key)
      // An instance of a subclass gives the reference to its class back behind this.
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, v, c in
      let o = LocalType.object(r!)
      for x in [o.pointee.args, o.pointee.kwargs, o.pointee.dummies] {
        if let x, let s = Optional(v!(x, c)), s != 0 { return s }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      LocalType.clearAll(r!)
      return 0
    }
    t.pointee.tp_getattro = { r, name in
      bridge { () throws(PyError) in
        let values = try LocalType.values(r!)
        if sameText(name!, Dunder.dict.ref) { return Owned(retaining: values) }
        let d = _PyType_Lookup(r!.type, name!)
        if d == nil || d!.type.pointee.tp_descr_set == nil {
          var v: Ref? = nil
          try check(PyDict_GetItemRef(values, name, &v))
          if let v { return Owned(taking: v) }
        }
        return try owned(PyObject_GenericGetAttr(r, name))
      }
    }
    t.pointee.tp_setattro = { r, name, value in
      bridgeStatus { () throws(PyError) in
        let values = try LocalType.values(r!)
        if sameText(name!, Dunder.dict.ref) {
          throw raise(Exc.AttributeError, "'\(typeName(of: r!))' object attribute '__dict__' is read-only")
        }
        if let d = _PyType_Lookup(r!.type, name!), let set = d.type.pointee.tp_descr_set {
          if set(d, r, value) < 0 { throw PyError() }
          return
        }
        if let value {
          try check(PyDict_SetItem(values, name, value))
        } else if PyDict_DelItem(values, name) < 0 {
          if PyErr_ExceptionMatches(Exc.KeyError.object) != 0 {
            PyErr_Clear()
            throw raise(
              Exc.AttributeError, "'\(typeName(of: r!))' object has no attribute '\(swiftString(name!))'")
          }
          throw PyError()
        }
      }
    }
    _ = PyType_Ready(t)
    return t
  }()
}
