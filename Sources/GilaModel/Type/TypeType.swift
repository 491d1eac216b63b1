import CGila
import GilaCore
import Glibc

/// The type `type`: calling, attributes and methods of classes.
enum TypeType {
  static func install() {
    let t = Types.type
    t.define(
      "type", basicSize: 928, itemSize: 40,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_ITEMS_AT_END)
        | UInt(Py_TPFLAGS_TYPE_SUBCLASS))
    t.pointee.tp_dictoffset = 264
    t.pointee.tp_weaklistoffset = 368
    t.pointee.tp_vectorcall_offset = MemoryLayout<PyTypeObject>.offset(of: \.tp_vectorcall)!
    t.pointee.tp_call = { TypeType.callType($0!.asType, $1!, $2) }
    t.pointee.tp_new = { meta, args, kwargs in
      bridge { () throws(PyError) in try HeapType.new(meta!, args!, kwargs) }
    }
    t.pointee.tp_init = { _, args, _ in
      bridgeStatus { () throws(PyError) in
        if args!.size != 1 && args!.size != 3 { throw typeError("type.__init__() takes 1 or 3 arguments") }
      }
    }
    t.pointee.tp_getattro = { TypeType.getAttribute($0!.asType, $1!) }
    t.pointee.tp_setattro = { type, name, value in
      bridgeStatus { () throws(PyError) in
        let t = type!.asType
        if t.hasFlag(UInt(Py_TPFLAGS_IMMUTABLETYPE)) {
          throw typeError(
            "cannot set \(try reprText(name!)) attribute of immutable type '\(String(cString: t.pointee.tp_name))'")
        }
        var key: Ref? = newRef(name!)
        if name!.isExactly(Types.unicode) { PyUnicode_InternInPlace(&key) }
        defer { gila_decref(key!) }
        try GenericAttributes.set(type!, key!, value, t.pointee.tp_dict)
        TypeLookup.invalidate(t)
        SlotUpdate.named(t, key!)
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let t = r!.asType
        let module = try owned(TypeType.moduleName(t)), name = try owned(PyType_GetQualName(t))
        if module.ref.isUnicode && swiftString(module.ref) != "builtins" {
          return try string("<class '\(swiftString(module.ref)).\(swiftString(name.ref))'>")
        }
        return try string("<class '\(typeName(t))'>")
      }
    }
    t.pointee.tp_dealloc = { r in TypeType.deallocate(r!) }
    t.pointee.tp_traverse = { r, visit, context in
      let t = r!.asType
      guard t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) else { return 0 }
      for v in [
        t.pointee.tp_dict, t.pointee.tp_cache, t.pointee.tp_mro, t.pointee.tp_bases,
        t.pointee.tp_base?.object, HeapType.heap(t).pointee.ht_module,
      ] {
        if let v {
          let r = visit!(v, context)
          if r != 0 { return r }
        }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      let t = r!.asType
      guard t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) else { return 0 }
      TypeLookup.invalidate(t)
      if let d = t.pointee.tp_dict { PyDict_Clear(d) }
      xdecref(HeapType.heap(t).pointee.ht_module)
      HeapType.heap(t).pointee.ht_module = nil
      if let mro = t.pointee.tp_mro {
        t.pointee.tp_mro = nil
        gila_decref(mro)
      }
      return 0
    }
    t.pointee.tp_is_gc = { $0!.asType.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) ? 1 : 0 }
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.number.pointee.nb_or = { a, b in gila_union(a, b) }
    t.pointee.tp_getset = getsets()
    t.pointee.tp_methods = methods()
  }

  private static func deallocate(_ r: Ref) {
    let t = r.asType
    PyObject_GC_UnTrack(r.raw)
    // A class whose making failed dies while that failure is pending.
    let pending = PyErr_GetRaisedException()
    defer { PyErr_SetRaisedException(pending) }
    if let bases = t.pointee.tp_bases {
      for i in 0..<bases.size { TypeLookup.removeSubclass(gila_tuple_items(bases)[i]!.asType, t) }
    }
    PyObject_ClearWeakRefs(r)
    let h = HeapType.heap(t)
    if let keys = h.pointee.ht_cached_keys { gila_shared_keys_free(keys) }
    xdecref(t.pointee.tp_base?.object)
    xdecref(t.pointee.tp_dict)
    xdecref(t.pointee.tp_bases)
    xdecref(t.pointee.tp_mro)
    xdecref(t.pointee.tp_cache)
    xdecref(t.pointee.tp_subclasses?.assumingMemoryBound(to: PyObject.self))
    xdecref(h.pointee.ht_name)
    xdecref(h.pointee.ht_qualname)
    xdecref(h.pointee.ht_slots)
    xdecref(h.pointee.ht_module)
    if let n = h.pointee._ht_tpname { PyMem_Free(n) }
    if let doc = t.pointee.tp_doc { PyMem_Free(UnsafeMutableRawPointer(mutating: doc)) }
    // The reference to a metaclass that is itself a class is Instance.deallocate's to give back.
    r.type.pointee.tp_free(r.raw)
  }

  /// `cls(*args, **kwargs)`: `__new__`, then `__init__` if the result is an instance.
  static func callType(_ t: TypeRef, _ args: Ref, _ kwargs: Ref?) -> Ref? {
    bridge { () throws(PyError) in
      if t == Types.type {
        if args.size == 1 && kwargs.map({ PyDict_Size($0) }) ?? 0 == 0 {
          return Owned(retaining: gila_tuple_items(args)[0]!.type.object)
        }
        if args.size != 3 { throw typeError("type() takes 1 or 3 arguments") }
      }
      guard let new = t.pointee.tp_new else {
        throw typeError("cannot create '\(String(cString: t.pointee.tp_name))' instances")
      }
      let o = try owned(new(t, args, kwargs))
      if PyType_IsSubtype(o.ref.type, t) == 0 { return o }
      if let initialize = o.ref.type.pointee.tp_init { try check(initialize(o.ref, args, kwargs)) }
      return o
    }
  }

  static func getAttribute(_ t: TypeRef, _ name: Ref) -> Ref? {
    let r = find(t, name)
    if r == nil && !errorIsSet {
      _ = attributeError(t.object, name, "type object '\(typeName(t))' has no attribute '\(swiftString(name))'")
    }
    return r
  }
  /// The attribute (owned); nil without an exception when there is none.
  static func find(_ t: TypeRef, _ name: Ref) -> Ref? {
    do throws(PyError) {
      guard name.isUnicode else {
        throw typeError("attribute name must be string, not '\(typeName(of: name))'")
      }
      let meta = t.object.type
      let metaAttribute = TypeLookup.find(meta, name)
      let held = metaAttribute.map { newRef($0) }
      defer { xdecref(held) }
      if let metaAttribute, metaAttribute.type.pointee.tp_descr_set != nil,
        let get = metaAttribute.type.pointee.tp_descr_get
      {
        return get(metaAttribute, t.object, meta.object)
      }
      if let attribute = TypeLookup.find(t, name) {
        gila_incref(attribute)
        guard let get = attribute.type.pointee.tp_descr_get else { return attribute }
        let own = Owned(taking: attribute)
        return get(own.ref, nil, t.object)
      }
      guard let metaAttribute else { return nil }
      if let get = metaAttribute.type.pointee.tp_descr_get { return get(metaAttribute, t.object, meta.object) }
      return newRef(metaAttribute)
    } catch {
      return nil
    }
  }

  static func moduleName(_ t: TypeRef) -> Ref? {
    if t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) {
      if let m = PyDict_GetItemWithError(t.pointee.tp_dict, Dunder.module.ref) { return newRef(m) }
      return attributeMissing(t.object, Dunder.module.ref)
    }
    let full = String(cString: t.pointee.tp_name)
    if let dot = full.lastIndex(of: ".") {
      // Interned, so that pickles name a module only once.
      var name = newString(String(full[..<dot]))
      PyUnicode_InternInPlace(&name)
      return name
    }
    return newRef(gila_intern("builtins"))
  }
  private static func attributeMissing(_ o: Ref, _ name: Ref) -> Ref? {
    PyErr_SetObject(Exc.AttributeError.object, name)
    return nil
  }
  /// Checks that an attribute of a class may change, and says that it is about to.
  private static func requireHeap(_ t: TypeRef, _ name: String, _ v: Ref?) throws(PyError) {
    if t.hasFlag(UInt(Py_TPFLAGS_IMMUTABLETYPE)) {
      throw typeError("cannot set '\(name)' attribute of immutable type '\(String(cString: t.pointee.tp_name))'")
    }
    if let v { try auditChange(t.object, name, v) }
  }

  private static func requireValue(_ t: TypeRef, _ v: Ref?, _ name: String) throws(PyError) {
    if v == nil {
      throw typeError("cannot delete '\(name)' attribute of immutable type '\(String(cString: t.pointee.tp_name))'")
    }
  }

  private static func getsets() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "__name__", get: { r, _ in PyType_GetName(r!.asType) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let t = r!.asType
          try TypeType.requireHeap(t, "__name__", v)
          guard let v, v.isUnicode else {
            throw typeError(
              "can only assign string to \(typeName(t)).__name__, not '\(v.map { typeName(of: $0) } ?? "NULL")'")
          }
          try HeapType.checkName(v)
          guard let text = PyUnicode_AsUTF8(v) else { throw PyError() }
          let h = HeapType.heap(t)
          let old = h.pointee.ht_name
          h.pointee.ht_name = newRef(v)
          t.pointee.tp_name = text
          xdecref(old)
          TypeLookup.invalidate(t)
        }
      })
    g.add(
      "__qualname__", get: { r, _ in PyType_GetQualName(r!.asType) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TypeType.requireHeap(r!.asType, "__qualname__", v)
          guard let v, v.isUnicode else {
            throw typeError("can only assign string to \(typeName(r!.asType)).__qualname__")
          }
          let h = HeapType.heap(r!.asType)
          let old = h.pointee.ht_qualname
          h.pointee.ht_qualname = newRef(v)
          xdecref(old)
        }
      })
    g.add(
      "__module__", get: { r, _ in TypeType.moduleName(r!.asType) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TypeType.requireHeap(r!.asType, "__module__", v)
          try TypeType.requireValue(r!.asType, v, "__module__")
          let d = r!.asType.pointee.tp_dict
          try check(PyDict_SetItem(d, Dunder.module.ref, v))
          // The line belongs to the module that the class was defined in.
          if try check(PyDict_ContainsString(d, "__firstlineno__")) != 0 {
            try check(PyDict_DelItemString(d, "__firstlineno__"))
          }
          TypeLookup.invalidate(r!.asType)
        }
      })
    g.add(
      "__bases__", get: { r, _ in newRef(r!.asType.pointee.tp_bases!) },
      set: { r, v, _ in bridgeStatus { () throws(PyError) in try BaseChange.assign(r!.asType, v) } })
    g.add("__mro__", get: { r, _ in newRef(r!.asType.pointee.tp_mro ?? none) })
    g.add("__base__", get: { r, _ in newRef(r!.asType.pointee.tp_base?.object ?? none) })
    g.add("__dict__", get: { r, _ in r!.asType.pointee.tp_dict.flatMap { PyDictProxy_New($0) } ?? newRef(none) })
    g.add("__basicsize__", get: { r, _ in PyLong_FromSsize_t(r!.asType.pointee.tp_basicsize) })
    g.add("__itemsize__", get: { r, _ in PyLong_FromSsize_t(r!.asType.pointee.tp_itemsize) })
    g.add("__flags__", get: { r, _ in PyLong_FromUnsignedLong(r!.asType.pointee.tp_flags) })
    g.add("__dictoffset__", get: { r, _ in PyLong_FromSsize_t(r!.asType.pointee.tp_dictoffset) })
    g.add("__weakrefoffset__", get: { r, _ in PyLong_FromSsize_t(r!.asType.pointee.tp_weaklistoffset) })
    g.add("__text_signature__", get: { r, _ in SignatureText.signature(typeName(r!.asType), r!.asType.pointee.tp_doc) })
    g.add(
      "__doc__",
      get: { r, _ in
        bridge { () throws(PyError) in
          let t = r!.asType
          guard let doc = PyDict_GetItemWithError(t.pointee.tp_dict, Dunder.doc.ref) else {
            return Owned(retaining: none)
          }
          if let get = doc.type.pointee.tp_descr_get { return try owned(get(doc, nil, r)) }
          return Owned(retaining: doc)
        }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TypeType.requireHeap(r!.asType, "__doc__", v)
          try TypeType.requireValue(r!.asType, v, "__doc__")
          try check(PyDict_SetItem(r!.asType.pointee.tp_dict, Dunder.doc.ref, v))
          TypeLookup.invalidate(r!.asType)
        }
      })
    g.add(
      "__abstractmethods__",
      get: { r, _ in
        if r != Types.type.object, let m = PyDict_GetItemString(r!.asType.pointee.tp_dict, "__abstractmethods__") {
          return newRef(m)
        }
        if let name = gila_intern("__abstractmethods__") { PyErr_SetObject(Exc.AttributeError.object, name) }
        return nil
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let t = r!.asType
          let abstract = UInt(Py_TPFLAGS_IS_ABSTRACT)
          if let v {
            let yes = try truth(v) || (v.isInstance(of: Types.set) && PyObject_Size(v) > 0)
            try check(PyDict_SetItemString(t.pointee.tp_dict, "__abstractmethods__", v))
            if yes { t.pointee.tp_flags |= abstract } else { t.pointee.tp_flags &= ~abstract }
          } else {
            if PyDict_DelItemString(t.pointee.tp_dict, "__abstractmethods__") < 0 {
              if PyErr_ExceptionMatches(Exc.KeyError.object) != 0, let name = gila_intern("__abstractmethods__") {
                PyErr_SetObject(Exc.AttributeError.object, name)
              }
              throw PyError()
            }
            t.pointee.tp_flags &= ~abstract
          }
          TypeLookup.invalidate(t)
        }
      })
    g.add(
      "__annotations__",
      get: { r, _ in
        bridge { () throws(PyError) in
          let t = r!.asType
          if t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)),
            let a = PyDict_GetItemWithError(t.pointee.tp_dict, Dunder.annotations.ref)
          {
            if let get = a.type.pointee.tp_descr_get { return try owned(get(a, nil, r)) }
            return Owned(retaining: a)
          }
          guard t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) else {
            throw attributeError(
              r!, Dunder.annotations.ref, "type object '\(typeName(t))' has no attribute '__annotations__'")
          }
          let d = try owned(PyDict_New())
          try check(PyDict_SetItem(t.pointee.tp_dict, Dunder.annotations.ref, d.ref))
          TypeLookup.invalidate(t)
          return d
        }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TypeType.requireHeap(r!.asType, "__annotations__", nil)
          if let v {
            try check(PyDict_SetItem(r!.asType.pointee.tp_dict, Dunder.annotations.ref, v))
          } else {
            if PyDict_DelItem(r!.asType.pointee.tp_dict, Dunder.annotations.ref) < 0 {
              if PyErr_ExceptionMatches(Exc.KeyError.object) != 0 {
                PyErr_SetObject(Exc.AttributeError.object, Dunder.annotations.ref)
              }
              throw PyError()
            }
          }
          TypeLookup.invalidate(r!.asType)
        }
      })
    g.add(
      "__type_params__",
      get: { r, _ in
        // In the dict of type itself there is this very descriptor.
        if r!.asType != Types.type,
          let p = PyDict_GetItemWithError(r!.asType.pointee.tp_dict, Dunder.type_params.ref)
        {
          return newRef(p)
        }
        return PyTuple_New(0)
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TypeType.requireHeap(r!.asType, "__type_params__", v)
          try TypeType.requireValue(r!.asType, v, "__type_params__")
          try check(PyDict_SetItem(r!.asType.pointee.tp_dict, Dunder.type_params.ref, v))
        }
      })
    return g.build()
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("mro", "($self, /)", "Return a type's method resolution order.") { r, _ in
      bridge { () throws(PyError) in
        let order = try MRO.linearize(r!.asType)
        return try owned(PySequence_List(order.ref))
      }
    }
    m.noArguments("__subclasses__", "($self, /)", "Return a list of immediate subclasses.") { r, _ in
      bridge { () throws(PyError) in
        let list = try owned(PyList_New(0))
        TypeLookup.forEachSubclass(r!.asType) { PyList_Append(list.ref, $0.object) }
        if errorIsSet { throw PyError() }
        return list
      }
    }
    m.keywords(
      "__prepare__", "($cls, name, bases, /, **kwds)", "Create the namespace for the class statement", flags: METH_CLASS
    ) { _, _, _, _ in PyDict_New() }
    m.one("__instancecheck__", "($self, instance, /)", "Check if an object is an instance.") { r, o in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try InstanceChecks.isInstance(o!, r!))) }
    }
    m.one("__subclasscheck__", "($self, subclass, /)", "Check if a class is a subclass.") { r, o in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try InstanceChecks.isSubclass(o!, r!))) }
    }
    m.noArguments("__dir__", "($self, /)", "Specialized __dir__ implementation for types.") { r, _ in
      bridge { () throws(PyError) in
        let d = try owned(PyDict_New())
        if let mro = r!.asType.pointee.tp_mro {
          for i in stride(from: mro.size - 1, through: 0, by: -1) {
            if let base = gila_tuple_items(mro)[i]!.asType.pointee.tp_dict { try check(PyDict_Update(d.ref, base)) }
          }
        }
        return try owned(PyDict_Keys(d.ref))
      }
    }
    m.noArguments("__sizeof__", "($self, /)", "Return memory consumption of the type object.") { r, _ in
      PyLong_FromSsize_t(r!.asType.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) ? 928 : 416)
    }
    return m.build()
  }
}

/// AttributeError with `name` and `obj` set.
@inline(never) func attributeError(_ o: Ref, _ name: Ref, _ message: String) -> PyError {
  let e = raise(Exc.AttributeError, message)
  AttributeErrorContext.set(o, name)
  return e
}
/// That an object has no such attribute. The text is put together in memory: much code asks and catches the error.
@inline(never) func missingAttribute(_ o: Ref, _ name: Ref) {
  let middle: StaticString = "' object has no attribute '"
  if let type = o.type.pointee.tp_name, name.raw.load(fromByteOffset: 32, as: UInt32.self) & 0x60 == 0x60 {
    let (n, m, k) = (strlen(type), middle.utf8CodeUnitCount, name.raw.load(fromByteOffset: 16, as: Int.self))
    var isASCII = true
    for i in 0..<n where type[i] < 0 { isASCII = false }
    if isASCII {
      guard let text = PyUnicode_New(n &+ m &+ k &+ 2, 127) else { return }
      let out = text.raw + 40
      out.storeBytes(of: 39, as: UInt8.self)
      (out + 1).copyMemory(from: type, byteCount: n)
      (out + 1 + n).copyMemory(from: middle.utf8Start, byteCount: m)
      (out + 1 + n + m).copyMemory(from: name.raw + 40, byteCount: k)
      out.storeBytes(of: 39, toByteOffset: n &+ m &+ k &+ 1, as: UInt8.self)
      PyErr_SetObject(Exc.AttributeError.object, text)
      decref(text)
      AttributeErrorContext.set(o, name)
      return
    }
  }
  _ = attributeError(o, name, "'\(typeName(of: o))' object has no attribute '\(swiftString(name))'")
}
enum AttributeErrorContext {
  static func set(_ o: Ref, _ name: Ref) {
    guard let current = gila_ts().pointee.current_exception, current.isInstance(of: Exc.AttributeError) else { return }
    let x = current.cast(PyAttributeErrorObject.self)
    if x.pointee.obj == nil && x.pointee.name == nil {
      x.pointee.obj = newRef(o)
      x.pointee.name = newRef(name)
    }
  }
}

@c @implementation public func PyType_GetName(_ t: TypeRef!) -> Ref? {
  if t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)), let n = HeapType.heap(t).pointee.ht_name { return newRef(n) }
  return newString(typeName(t))
}
@c @implementation public func PyType_GetQualName(_ t: TypeRef!) -> Ref? {
  if t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)), let n = HeapType.heap(t).pointee.ht_qualname { return newRef(n) }
  return newString(typeName(t))
}
@c @implementation public func PyType_GetModuleName(_ t: TypeRef!) -> Ref? { TypeType.moduleName(t) }
