import CGila
import GilaCore

/// `weakref.ref`: calls give the object or None; equality and hash are the object's while it lives.
enum WeakReferenceType {
  typealias Weak = WeakList.Weak
  @inline(__always) static func weak(_ r: Ref) -> Weak { r.cast(PyWeakReference.self) }

  /// The live object, or nil. An object whose count is 0 is being destroyed.
  static func target(_ r: Ref) -> Ref? {
    guard let o = weak(r).pointee.wr_object, o != none, o.pointee.ob_refcnt > 0 else { return nil }
    return o
  }

  static func make(_ type: TypeRef, _ target: Ref, _ callback: Ref?) throws(PyError) -> Owned {
    guard let list = WeakList.slot(target) else {
      throw typeError("cannot create weak reference to '\(typeName(of: target))' object")
    }
    // One plain reference and one plain proxy are shared by all who ask.
    if callback == nil, let shared = shared(list, type) { return Owned(retaining: shared) }
    let made = try owned(type.pointee.tp_alloc(type, 0))
    let w = weak(made.ref)
    w.pointee.hash = -1
    w.pointee.wr_object = target
    w.pointee.wr_callback = xnewRef(callback)
    w.pointee.vectorcall = { r, args, nargsf, names in
      bridge { () throws(PyError) in
        if let names, names.size > 0 { throw typeError("ref() takes no keyword arguments") }
        let n = Int(bitPattern: UInt(bitPattern: nargsf) & ~(1 << 63))
        if n != 0 { throw typeError("weakref expected 0 arguments, got \(n)") }
        return Owned(retaining: WeakReferenceType.target(r!) ?? none)
      }
    }
    // Shared ones stand at the front: the plain reference, then the plain proxy.
    if callback == nil && isShareable(type) {
      if type == Types.weakrefRefType || plainRef(list) == nil {
        WeakList.insertHead(w, list)
      } else {
        WeakList.insert(w, after: plainRef(list)!)
      }
    } else {
      var last: Weak? = plainRef(list)
      if let proxy = plainProxy(list) { last = proxy }
      if let last { WeakList.insert(w, after: last) } else { WeakList.insertHead(w, list) }
    }
    return made
  }
  private static func isShareable(_ t: TypeRef) -> Bool {
    t == Types.weakrefRefType || t == Types.weakrefProxyType || t == Types.weakrefCallableProxyType
  }
  private static func plainRef(_ list: UnsafeMutablePointer<Weak?>) -> Weak? {
    guard let first = list.pointee, first.pointee.wr_callback == nil,
      WeakList.object(first).type == Types.weakrefRefType
    else { return nil }
    return first
  }
  private static func plainProxy(_ list: UnsafeMutablePointer<Weak?>) -> Weak? {
    let candidate = plainRef(list).map { $0.pointee.wr_next } ?? list.pointee
    guard let candidate, candidate.pointee.wr_callback == nil else { return nil }
    let t = WeakList.object(candidate).type
    return t == Types.weakrefProxyType || t == Types.weakrefCallableProxyType ? candidate : nil
  }
  private static func shared(_ list: UnsafeMutablePointer<Weak?>, _ type: TypeRef) -> Ref? {
    let found: Weak?
    if type == Types.weakrefRefType {
      found = plainRef(list)
    } else if type == Types.weakrefProxyType || type == Types.weakrefCallableProxyType {
      found = plainProxy(list)
    } else {
      found = nil
    }
    guard let found else { return nil }
    let r = WeakList.object(found)
    return r.pointee.ob_refcnt > 0 ? r : nil
  }

  static func deallocate(_ r: Ref) {
    PyObject_GC_UnTrack(r.raw)
    let w = weak(r)
    WeakList.detach(w)
    if let callback = w.pointee.wr_callback {
      w.pointee.wr_callback = nil
      gila_decref(callback)
    }
    r.type.pointee.tp_free(r.raw)
  }

  static func install() {
    let t = Types.weakrefRefType
    t.define(
      "weakref.ReferenceType", basicSize: MemoryLayout<PyWeakReference>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_BASETYPE))
    t.pointee.tp_vectorcall_offset = MemoryLayout<PyWeakReference>.offset(of: \.vectorcall)!
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_dealloc = { WeakReferenceType.deallocate($0!) }
    t.pointee.tp_traverse = { r, visit, context in
      if let callback = WeakReferenceType.weak(r!).pointee.wr_callback { return visit!(callback, context) }
      return 0
    }
    t.pointee.tp_clear = { r in
      let w = WeakReferenceType.weak(r!)
      WeakList.detach(w)
      if let callback = w.pointee.wr_callback {
        w.pointee.wr_callback = nil
        gila_decref(callback)
      }
      return 0
    }
    t.pointee.tp_hash = { r in
      bridgeSize { () throws(PyError) in
        let w = WeakReferenceType.weak(r!)
        if w.pointee.hash != -1 { return w.pointee.hash }
        guard let target = WeakReferenceType.target(r!) else { throw typeError("weak object has gone away") }
        let held = Owned(retaining: target)
        let h = PyObject_Hash(held.ref)
        if h == -1 { throw PyError() }
        w.pointee.hash = h
        return h
      }
    }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        let a = a!, b = b!
        guard op == Py_EQ || op == Py_NE, b.isInstance(of: Types.weakrefRefType), a.isInstance(of: Types.weakrefRefType)
        else { return Owned(retaining: notImplemented) }
        guard let x = WeakReferenceType.target(a), let y = WeakReferenceType.target(b) else {
          return Owned(retaining: pyBool((a == b) == (op == Py_EQ)))
        }
        let hx = Owned(retaining: x), hy = Owned(retaining: y)
        return try owned(PyObject_RichCompare(hx.ref, hy.ref, op))
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let address = "0x" + String(UInt(bitPattern: r!), radix: 16)
        guard let target = WeakReferenceType.target(r!) else {
          return try string("<weakref at \(address); dead>")
        }
        let at = "0x" + String(UInt(bitPattern: target), radix: 16)
        var name = ""
        if let n = PyObject_GetAttrString(target, "__name__") {
          if n.isUnicode { name = " (\(swiftString(n)))" }
          gila_decref(n)
        } else {
          PyErr_Clear()
        }
        return try string("<weakref at \(address); to '\(fullName(of: target))' at \(at)\(name)>")
      }
    }
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let n = args!.size
        try checkCount("__new__", n, 1, 2)
        let callback = n > 1 ? PyTuple_GetItem(args, 1)! : none
        return try WeakReferenceType.make(type!, PyTuple_GetItem(args, 0)!, callback == none ? nil : callback)
      }
    }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try rejectKeywords("ref", kwargs)
        try checkCount("__init__", args!.size, 1, 2)
      }
    }
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    var g = GetSetTable()
    g.add(
      "__callback__",
      get: { r, _ in newRef(WeakReferenceType.weak(r!).pointee.wr_callback ?? none) })
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    t.pointee.tp_methods = m.build()
  }
}

/// Module and qualified name of an object's type.
func fullName(of o: Ref) -> String {
  guard let name = PyType_GetFullyQualifiedName(o.type) else {
    PyErr_Clear()
    return typeName(of: o)
  }
  defer { decref(name) }
  return swiftString(name)
}
@c @implementation public func PyWeakref_NewRef(_ o: Ref!, _ callback: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    try WeakReferenceType.make(Types.weakrefRefType, o!, callback == none ? nil : callback)
  }
}
@c @implementation public func PyWeakref_NewProxy(_ o: Ref!, _ callback: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let type = PyCallable_Check(o) != 0 ? Types.weakrefCallableProxyType : Types.weakrefProxyType
    return try WeakReferenceType.make(type, o!, callback == none ? nil : callback)
  }
}
@c @implementation public func PyWeakref_GetRef(_ r: Ref!, _ out: UnsafeMutablePointer<Ref?>!) -> Int32 {
  guard let r,
    r.isInstance(of: Types.weakrefRefType) || r.type == Types.weakrefProxyType
      || r.type == Types.weakrefCallableProxyType
  else {
    out.pointee = nil
    _ = typeError("expected a weakref")
    return -1
  }
  out.pointee = xnewRef(WeakReferenceType.target(r))
  return out.pointee == nil ? 0 : 1
}
@c @implementation public func PyWeakref_GetObject(_ r: Ref!) -> Ref? { WeakReferenceType.target(r) ?? none }
/// The weak references to an object, counted.
public func weakReferenceCount(_ o: Ref) -> Int {
  guard let list = WeakList.slot(o) else { return 0 }
  var n = 0
  var w = list.pointee
  while let at = w {
    n += 1
    w = at.pointee.wr_next
  }
  return n
}
/// A new list of the weak references to an object.
public func weakReferences(_ o: Ref) throws(PyError) -> Owned {
  let result = try owned(PyList_New(0))
  guard let list = WeakList.slot(o) else { return result }
  var w = list.pointee
  while let at = w {
    try check(PyList_Append(result.ref, WeakList.object(at)))
    w = at.pointee.wr_next
  }
  return result
}

/// Fills in the types of weak references and proxies.
public func installLifetimeTypes() {
  WeakReferenceType.install()
  WeakProxy.install()
}
