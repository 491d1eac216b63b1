import CGila
import GilaCore

/// `types.MappingProxyType`: a read-only view of any mapping.
enum MappingProxy {
  struct Object {
    var ob_base: PyObject
    var mapping: Ref?
  }
  @inline(__always) static func mapping(_ r: Ref) -> Ref { r.cast(Object.self).pointee.mapping! }

  static func make(_ mapping: Ref) throws(PyError) -> Owned {
    guard PyMapping_Check(mapping) != 0, !mapping.isList, !mapping.isTuple else {
      throw typeError("mappingproxy() argument must be a mapping, not \(typeName(of: mapping))")
    }
    let r = try owned(_PyObject_GC_New(Types.dictProxy))
    r.ref.cast(Object.self).pointee.mapping = newRef(mapping)
    gila_gc_track(r.ref)
    return r
  }
  private static func call(_ r: Ref?, _ name: StaticString, _ args: ArgumentVector? = nil, _ n: Int = 0) -> Ref? {
    guard let method = PyObject_GetAttrString(MappingProxy.mapping(r!), cString(name)) else { return nil }
    defer { gila_decref(method) }
    return PyObject_Vectorcall(method, args, n, nil)
  }

  static func install() {
    let t = Types.dictProxy
    t.define(
      "mappingproxy", basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING),
      doc: "mappingproxy(mapping)\n--\n\nRead-only proxy of a mapping.")
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(r!.cast(Object.self).pointee.mapping)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, visit, context in visit!(MappingProxy.mapping(r!), context) }
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let bound = try Signature("mappingproxy", "(mapping)").bind(tuple: args, dict: kwargs)
        return try MappingProxy.make(bound[0]!)
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let text = try owned(PyObject_Repr(MappingProxy.mapping(r!)))
        return try string("mappingproxy(\(swiftString(text.ref)))")
      }
    }
    t.pointee.tp_str = { PyObject_Str(MappingProxy.mapping($0!)) }
    t.pointee.tp_hash = { PyObject_Hash(MappingProxy.mapping($0!)) }
    t.pointee.tp_iter = { PyObject_GetIter(MappingProxy.mapping($0!)) }
    t.pointee.tp_richcompare = { a, b, op in PyObject_RichCompare(MappingProxy.mapping(a!), b, op) }
    t.sequence.pointee.sq_contains = { r, key in
      let m = MappingProxy.mapping(r!)
      return m.isExactly(Types.dict) ? PyDict_Contains(m, key) : PySequence_Contains(m, key)
    }
    t.mapping.pointee.mp_length = { PyObject_Size(MappingProxy.mapping($0!)) }
    t.mapping.pointee.mp_subscript = { r, key in PyObject_GetItem(MappingProxy.mapping(r!), key) }
    t.number.pointee.nb_or = { a, b in
      PyNumber_Or(
        a!.isExactly(Types.dictProxy) ? MappingProxy.mapping(a!) : a,
        b!.isExactly(Types.dictProxy) ? MappingProxy.mapping(b!) : b)
    }
    t.number.pointee.nb_inplace_or = { a, b in
      _ = typeError("'|=' is not supported by mappingproxy; use '|' instead")
      return nil
    }
    var m = MethodTable()
    m.positional(
      "get", "",
      "get($self, key, default=None, /)\n--\n\nReturn the value for key if key is in the mapping, else default."
    ) { r, args, n in
      bridge { () throws(PyError) in
        try checkCount("get", n, 1, 2)
        var pair: (Ref?, Ref?) = (args![0], n > 1 ? args![1] : none)
        return try owned(
          withUnsafePointer(to: &pair) {
            MappingProxy.call(r, "get", UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 2)
          })
      }
    }
    m.noArguments("keys", "", "D.keys() -> a set-like object providing a view on D's keys") { r, _ in
      MappingProxy.call(r, "keys")
    }
    m.noArguments("values", "", "D.values() -> an object providing a view on D's values") { r, _ in
      MappingProxy.call(r, "values")
    }
    m.noArguments("items", "", "D.items() -> a set-like object providing a view on D's items") { r, _ in
      MappingProxy.call(r, "items")
    }
    m.noArguments("copy", "", "D.copy() -> a shallow copy of D") { r, _ in MappingProxy.call(r, "copy") }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    m.noArguments("__reversed__", "", "D.__reversed__() -> reverse iterator") { r, _ in
      MappingProxy.call(r, "__reversed__")
    }
    t.pointee.tp_methods = m.build()
  }
}

@c @implementation public func PyDictProxy_New(_ mapping: Ref!) -> Ref? {
  bridge { () throws(PyError) in try MappingProxy.make(mapping!) }
}
