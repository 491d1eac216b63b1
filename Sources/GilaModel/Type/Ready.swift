import CGila
import GilaCore

/// `PyType_Ready`: completes a type from its base: bases, MRO, dict with descriptors, inherited slots.
enum Ready {
  static func ready(_ t: TypeRef) throws(PyError) {
    if t.hasFlag(UInt(Py_TPFLAGS_READY)) { return }
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_READYING) != 0 { return }
    t.pointee.tp_flags |= UInt(Py_TPFLAGS_READYING)
    defer { t.pointee.tp_flags &= ~UInt(Py_TPFLAGS_READYING) }
    SlotTable.prepare()
    if t.pointee.tp_base == nil && t != Types.baseObject { t.pointee.tp_base = Types.baseObject }
    if let base = t.pointee.tp_base, !base.hasFlag(UInt(Py_TPFLAGS_READY)) { try ready(base) }
    if t.pointee.ob_base.ob_base.ob_type == nil {
      t.pointee.ob_base.ob_base.ob_type = t.pointee.tp_base.map { $0.object.type } ?? Types.type
    }
    if t.pointee.tp_bases == nil {
      let bases = try owned(PyTuple_New(t.pointee.tp_base == nil ? 0 : 1))
      if let base = t.pointee.tp_base { gila_tuple_items(bases.ref)[0] = newRef(base.object) }
      t.pointee.tp_bases = bases.take()
    }
    if t.pointee.tp_dict == nil { t.pointee.tp_dict = try owned(PyDict_New()).take() }
    try fillDict(t)
    try MRO.set(t)
    if let base = t.pointee.tp_base {
      inheritSpecial(t, base)
      let mro = t.pointee.tp_mro!
      for i in 1..<max(mro.size, 1) {
        inheritSlots(t, gila_tuple_items(mro)[i]!.asType)
        inheritCollectionKind(t, gila_tuple_items(mro)[i]!.asType)
      }
      inheritSuites(t, base)
    }
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_HAVE_GC) == 0, t.pointee.tp_free == nil {
      t.pointee.tp_free = PyObject_Free
    }
    try documentation(t)
    if t.pointee.tp_hash == nil {
      // No `__hash__` although `__eq__` is defined: not hashable.
      if PyDict_Contains(t.pointee.tp_dict, Dunder.hash.ref) == 0 {
        try check(PyDict_SetItem(t.pointee.tp_dict, Dunder.hash.ref, none))
        t.pointee.tp_hash = PyObject_HashNotImplemented
      }
    }
    if let bases = t.pointee.tp_bases {
      for i in 0..<bases.size { try TypeLookup.addSubclass(gila_tuple_items(bases)[i]!.asType, t) }
    }
    if t.hasFlag(UInt(Py_TPFLAGS_HAVE_GC)), t.pointee.tp_traverse == nil {
      throw systemError("type \(typeName(t)) has the Py_TPFLAGS_HAVE_GC flag but has no traverse function")
    }
    t.pointee.tp_flags |= UInt(Py_TPFLAGS_READY)
  }

  private static func documentation(_ t: TypeRef) throws(PyError) {
    if PyDict_Contains(t.pointee.tp_dict, Dunder.doc.ref) != 0 { return }
    if let doc = t.pointee.tp_doc {
      // By `tp_name`: Cython marks its static types as heap types while they are made ready.
      let full = t.pointee.tp_name.map { String(cString: $0) } ?? "?"
      let name = full.lastIndex(of: ".").map { String(full[full.index(after: $0)...]) } ?? full
      let text = try owned(PyUnicode_FromString(SignatureText.body(name, doc)))
      try check(PyDict_SetItem(t.pointee.tp_dict, Dunder.doc.ref, text.ref))
    } else {
      try check(PyDict_SetItem(t.pointee.tp_dict, Dunder.doc.ref, none))
    }
  }

  // MARK: The type's own attributes

  private static func fillDict(_ t: TypeRef) throws(PyError) {
    let dict = t.pointee.tp_dict!
    for e in SlotTable.entries {
      guard let wrapper = e.wrapper, let slot = e.slot(t), slot.pointee != 0 else { continue }
      if try check(PyDict_Contains(dict, e.name)) != 0 { continue }
      // A type that leaves these two to `object` has no entry of its own, so that the next base gets its turn.
      if e.name == Dunder.`init`.ref, t != Types.baseObject,
        slot.pointee == address(Types.baseObject.pointee.tp_init)
      {
        continue
      }
      if slot.pointee == address(PyObject_HashNotImplemented as hashfunc) && e.name == Dunder.hash.ref {
        try check(PyDict_SetItem(dict, e.name, none))
        continue
      }
      let d = try owned(PyDescr_NewWrapper(t, wrapper, UnsafeMutableRawPointer(bitPattern: slot.pointee)))
      try check(PyDict_SetItem(dict, e.name, d.ref))
    }
    if t.pointee.tp_new != nil, t.pointee.tp_flags & UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION) == 0,
      PyDict_Contains(dict, Dunder.new.ref) == 0,
      t == Types.baseObject || address(t.pointee.tp_new) != address(Types.baseObject.pointee.tp_new)
    {
      let f = try owned(NewFunction.make(t))
      try check(PyDict_SetItem(dict, Dunder.new.ref, f.ref))
    }
    if var m = t.pointee.tp_methods {
      while m.pointee.ml_name != nil {
        try addMethod(t, m)
        m += 1
      }
    }
    if var m = t.pointee.tp_members {
      while m.pointee.name != nil {
        let d = try owned(PyDescr_NewMember(t, m))
        _ = try setDefault(dict, d.ref.cast(PyDescrObject.self).pointee.d_name, d.ref)
        m += 1
      }
    }
    if var g = t.pointee.tp_getset {
      while g.pointee.name != nil {
        let d = try owned(PyDescr_NewGetSet(t, g))
        _ = try setDefault(dict, d.ref.cast(PyDescrObject.self).pointee.d_name, d.ref)
        g += 1
      }
    }
  }
  private static func setDefault(_ d: Ref, _ key: Ref, _ value: Ref) throws(PyError) -> Ref {
    try borrowed(PyDict_SetDefault(d, key, value))
  }
  private static func addMethod(_ t: TypeRef, _ m: UnsafeMutablePointer<PyMethodDef>) throws(PyError) {
    let flags = m.pointee.ml_flags
    let d: Owned
    if flags & METH_CLASS != 0 {
      d = try owned(PyDescr_NewClassMethod(t, m))
    } else if flags & METH_STATIC != 0 {
      let f = try owned(PyCMethod_New(m, t.object, nil, nil))
      d = try owned(PyStaticMethod_New(f.ref))
    } else {
      d = try owned(PyDescr_NewMethod(t, m))
    }
    let name = try owned(PyUnicode_InternFromString(m.pointee.ml_name))
    if flags & METH_COEXIST != 0 {
      try check(PyDict_SetItem(t.pointee.tp_dict, name.ref, d.ref))
    } else {
      _ = try setDefault(t.pointee.tp_dict, name.ref, d.ref)
    }
  }

  // MARK: Inheritance

  private static func inheritSpecial(_ t: TypeRef, _ base: TypeRef) {
    let gc = UInt(Py_TPFLAGS_HAVE_GC)
    if t.pointee.tp_flags & gc == 0 && base.pointee.tp_flags & gc != 0 && t.pointee.tp_traverse == nil
      && t.pointee.tp_clear == nil
    {
      t.pointee.tp_flags |= gc
      t.pointee.tp_traverse = base.pointee.tp_traverse
      t.pointee.tp_clear = base.pointee.tp_clear
    }
    // A type that says itself that it is collected and adds no references is looked through as its base is.
    if t.pointee.tp_flags & gc != 0 && t.pointee.tp_traverse == nil && t.pointee.tp_clear == nil {
      t.pointee.tp_traverse = base.pointee.tp_traverse
      t.pointee.tp_clear = base.pointee.tp_clear
    }
    t.pointee.tp_flags |= base.pointee.tp_flags & UInt(Py_TPFLAGS_PREHEADER)
    if t.pointee.tp_new == nil,
      base != Types.baseObject || t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) || t == Types.baseObject,
      t.pointee.tp_flags & UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION) == 0
    {
      t.pointee.tp_new = base.pointee.tp_new
    }
    if t.pointee.tp_new == nil { t.pointee.tp_flags |= UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION) }
    if t.pointee.tp_basicsize == 0 { t.pointee.tp_basicsize = base.pointee.tp_basicsize }
    if t.pointee.tp_itemsize == 0 { t.pointee.tp_itemsize = base.pointee.tp_itemsize }
    if t.pointee.tp_weaklistoffset == 0 { t.pointee.tp_weaklistoffset = base.pointee.tp_weaklistoffset }
    if t.pointee.tp_dictoffset == 0 { t.pointee.tp_dictoffset = base.pointee.tp_dictoffset }
    let kinds =
      UInt(Py_TPFLAGS_BASE_EXC_SUBCLASS) | UInt(Py_TPFLAGS_TYPE_SUBCLASS) | UInt(Py_TPFLAGS_LONG_SUBCLASS)
      | UInt(Py_TPFLAGS_BYTES_SUBCLASS) | UInt(Py_TPFLAGS_UNICODE_SUBCLASS) | UInt(Py_TPFLAGS_TUPLE_SUBCLASS)
      | UInt(Py_TPFLAGS_LIST_SUBCLASS) | UInt(Py_TPFLAGS_DICT_SUBCLASS) | UInt(_Py_TPFLAGS_MATCH_SELF)
      | UInt(Py_TPFLAGS_ITEMS_AT_END)
    t.pointee.tp_flags |= base.pointee.tp_flags & kinds
  }
  /// Whether patterns take instances for a sequence or a mapping: the first class of the MRO that is one tells.
  private static func inheritCollectionKind(_ t: TypeRef, _ base: TypeRef) {
    let collection = UInt(Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)
    if t.pointee.tp_flags & collection == 0 { t.pointee.tp_flags |= base.pointee.tp_flags & collection }
  }
  /// A type without a suite of its own shares its base's.
  private static func inheritSuites(_ t: TypeRef, _ base: TypeRef) {
    if t.pointee.tp_as_async == nil { t.pointee.tp_as_async = base.pointee.tp_as_async }
    if t.pointee.tp_as_number == nil { t.pointee.tp_as_number = base.pointee.tp_as_number }
    if t.pointee.tp_as_sequence == nil { t.pointee.tp_as_sequence = base.pointee.tp_as_sequence }
    if t.pointee.tp_as_mapping == nil { t.pointee.tp_as_mapping = base.pointee.tp_as_mapping }
    if t.pointee.tp_as_buffer == nil { t.pointee.tp_as_buffer = base.pointee.tp_as_buffer }
  }
  private static func copySuite<T>(
    _ mine: UnsafeMutablePointer<T>?, _ theirs: UnsafeMutablePointer<T>?, _ grandparent: UnsafeMutablePointer<T>?
  ) {
    guard let mine, let theirs, mine != theirs else { return }
    let words = MemoryLayout<T>.size / 8
    let to = UnsafeMutableRawPointer(mine).assumingMemoryBound(to: UInt.self)
    let from = UnsafeMutableRawPointer(theirs).assumingMemoryBound(to: UInt.self)
    for i in 0..<words where to[i] == 0 { to[i] = from[i] }
  }
  private static func inheritSlots(_ t: TypeRef, _ base: TypeRef) {
    copySuite(t.pointee.tp_as_number, base.pointee.tp_as_number, nil)
    copySuite(t.pointee.tp_as_async, base.pointee.tp_as_async, nil)
    copySuite(t.pointee.tp_as_sequence, base.pointee.tp_as_sequence, nil)
    copySuite(t.pointee.tp_as_mapping, base.pointee.tp_as_mapping, nil)
    copySuite(t.pointee.tp_as_buffer, base.pointee.tp_as_buffer, nil)
    if t.pointee.tp_dealloc == nil { t.pointee.tp_dealloc = base.pointee.tp_dealloc }
    if t.pointee.tp_getattr == nil && t.pointee.tp_getattro == nil {
      t.pointee.tp_getattr = base.pointee.tp_getattr
      t.pointee.tp_getattro = base.pointee.tp_getattro
    }
    if t.pointee.tp_setattr == nil && t.pointee.tp_setattro == nil {
      t.pointee.tp_setattr = base.pointee.tp_setattr
      t.pointee.tp_setattro = base.pointee.tp_setattro
    }
    if t.pointee.tp_repr == nil { t.pointee.tp_repr = base.pointee.tp_repr }
    let callIsInherited = t.pointee.tp_call == nil
    if callIsInherited { t.pointee.tp_call = base.pointee.tp_call }
    if t.pointee.tp_vectorcall_offset == 0 {
      t.pointee.tp_vectorcall_offset = base.pointee.tp_vectorcall_offset
      if callIsInherited && base.hasFlag(UInt(Py_TPFLAGS_HAVE_VECTORCALL)) && !t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) {
        t.pointee.tp_flags |= UInt(Py_TPFLAGS_HAVE_VECTORCALL)
      }
    }
    if t.pointee.tp_str == nil { t.pointee.tp_str = base.pointee.tp_str }
    if t.pointee.tp_richcompare == nil && t.pointee.tp_hash == nil {
      let dict = t.pointee.tp_dict
      let overrides = PyDict_Contains(dict, Dunder.eq.ref) > 0 || PyDict_Contains(dict, Dunder.hash.ref) > 0
      if !overrides {
        t.pointee.tp_richcompare = base.pointee.tp_richcompare
        t.pointee.tp_hash = base.pointee.tp_hash
      }
    }
    if t.pointee.tp_iter == nil { t.pointee.tp_iter = base.pointee.tp_iter }
    if t.pointee.tp_iternext == nil { t.pointee.tp_iternext = base.pointee.tp_iternext }
    if t.pointee.tp_descr_get == nil {
      t.pointee.tp_descr_get = base.pointee.tp_descr_get
      if !t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) {
        t.pointee.tp_flags |= base.pointee.tp_flags & UInt(Py_TPFLAGS_METHOD_DESCRIPTOR)
      }
    }
    if t.pointee.tp_descr_set == nil { t.pointee.tp_descr_set = base.pointee.tp_descr_set }
    if t.pointee.tp_init == nil { t.pointee.tp_init = base.pointee.tp_init }
    if t.pointee.tp_alloc == nil { t.pointee.tp_alloc = base.pointee.tp_alloc }
    if t.pointee.tp_finalize == nil { t.pointee.tp_finalize = base.pointee.tp_finalize }
    if t.pointee.tp_free == nil {
      let gc = UInt(Py_TPFLAGS_HAVE_GC)
      if t.pointee.tp_flags & gc == base.pointee.tp_flags & gc {
        t.pointee.tp_free = base.pointee.tp_free
      } else if t.pointee.tp_flags & gc != 0 {
        t.pointee.tp_free = PyObject_GC_Del
      }
    }
    if t.pointee.tp_is_gc == nil { t.pointee.tp_is_gc = base.pointee.tp_is_gc }
  }
}

@c @implementation public func PyType_Ready(_ t: TypeRef!) -> Int32 {
  bridgeStatus { () throws(PyError) in try Ready.ready(t!) }
}

/// Splitting a doc string into text signature and text.
enum SignatureText {
  static func find(_ name: String, _ doc: UnsafePointer<CChar>) -> (signature: Range<Int>, body: Int)? {
    let n = name.utf8.count
    for (i, c) in name.utf8.enumerated() where UInt8(bitPattern: doc[i]) != c { return nil }
    guard doc[n] == 40 else { return nil }
    var i = n
    while doc[i] != 0 {
      if doc[i] == 41, doc[i + 1] == 10, doc[i + 2] == 45, doc[i + 3] == 45, doc[i + 4] == 10, doc[i + 5] == 10 {
        return (n..<(i + 1), i + 6)
      }
      i += 1
    }
    return nil
  }
  static func body(_ name: String, _ doc: UnsafePointer<CChar>) -> UnsafePointer<CChar> {
    find(name, doc).map { doc + $0.body } ?? doc
  }
  /// The signature that a doc string gives, or else what the calling convention says by itself.
  static func signature(_ name: String, _ doc: UnsafePointer<CChar>?, flags: Int32 = 0) -> Ref? {
    guard let doc, let found = find(name, doc) else {
      let first = flags & METH_CLASS != 0 ? "$type, " : flags & METH_STATIC != 0 ? "" : "$self, "
      if flags & METH_NOARGS != 0 { return newString(first.isEmpty ? "()" : "(\(first)/)") }
      if flags & METH_O != 0 { return newString("(\(first)object, /)") }
      return newRef(none)
    }
    return PyUnicode_FromStringAndSize(doc + found.signature.lowerBound, found.signature.count)
  }
}

/// `T.__new__` of types defined in C.
enum NewFunction {
  nonisolated(unsafe) static var definition: UnsafeMutablePointer<PyMethodDef> = {
    var m = MethodTable()
    m.tupleAndDict(
      "__new__", "($type, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature."
    ) { owner, args, kwargs in
      bridge { () throws(PyError) in
        let type = owner!.asType
        guard args!.size >= 1 else { throw typeError("\(typeName(type)).__new__(): not enough arguments") }
        let first = gila_tuple_items(args!)[0]!
        guard first.isType else {
          throw typeError("\(typeName(type)).__new__(X): X is not a type object (\(typeName(of: first)))")
        }
        let wanted = first.asType
        guard PyType_IsSubtype(wanted, type) != 0 else {
          throw typeError(
            "\(typeName(type)).__new__(\(typeName(wanted))): \(typeName(wanted)) is not a subtype of \(typeName(type))")
        }
        // The most derived type defined in C decides; else its memory would be made by the wrong function.
        var solid: TypeRef? = wanted
        while let s = solid, address(s.pointee.tp_new) == address(SlotFunctions.new) { solid = s.pointee.tp_base }
        if let s = solid, address(s.pointee.tp_new) != address(type.pointee.tp_new) {
          throw typeError("\(typeName(type)).__new__(\(typeName(wanted))) is not safe, use \(typeName(s)).__new__()")
        }
        let rest = try owned(PyTuple_GetSlice(args, 1, args!.size))
        return try owned(type.pointee.tp_new(wanted, rest.ref, kwargs))
      }
    }
    return m.build()
  }()
  static func make(_ t: TypeRef) -> Ref? { PyCMethod_New(definition, t.object, nil, nil) }
}

/// The `__new__` of a type whose tp_new is a C function.
@c @implementation public func gila_new_function(_ type: Ref!) -> Ref? { NewFunction.make(type.asType) }

/// Completes every builtin type that has been filled in, the base types first.
public func readyBuiltinTypes() -> Bool {
  for t in BuiltinTypeList.all where t.pointee.tp_name != nil { if PyType_Ready(t) < 0 { return false } }
  return true
}
