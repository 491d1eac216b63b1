import CGila
import GilaCore
import Glibc

/// Classes made at run time: `type(name, bases, dict)` and what their instances share.
enum HeapType {
  @inline(__always) static func heap(_ t: TypeRef) -> UnsafeMutablePointer<PyHeapTypeObject> {
    UnsafeMutableRawPointer(t).assumingMemoryBound(to: PyHeapTypeObject.self)
  }

  /// The metaclass that all bases accept.
  static func winner(_ meta: TypeRef, _ bases: Ref) throws(PyError) -> TypeRef {
    var winner = meta
    for i in 0..<bases.size {
      let candidate = gila_tuple_items(bases)[i]!.type
      if PyType_IsSubtype(winner, candidate) != 0 { continue }
      if PyType_IsSubtype(candidate, winner) != 0 {
        winner = candidate
        continue
      }
      throw typeError(
        "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
      )
    }
    return winner
  }

  static func new(_ meta: TypeRef, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    guard args.size == 3 else { throw typeError("type.__new__() takes exactly 3 arguments (\(args.size) given)") }
    let name = gila_tuple_items(args)[0]!, bases0 = gila_tuple_items(args)[1]!, namespace = gila_tuple_items(args)[2]!
    guard name.isUnicode else {
      throw typeError("type.__new__() argument 1 must be str, not \(typeName(of: name))")
    }
    guard bases0.isTuple else {
      throw typeError("type.__new__() argument 2 must be tuple, not \(typeName(of: bases0))")
    }
    guard namespace.isDict else {
      throw typeError("type.__new__() argument 3 must be dict, not \(typeName(of: namespace))")
    }
    for i in 0..<bases0.size where !gila_tuple_items(bases0)[i]!.isType {
      if TypeLookup.find(gila_tuple_items(bases0)[i]!.type, Dunder.mro_entries.ref) != nil {
        throw typeError("type() doesn't support MRO entry resolution; use types.new_class()")
      }
    }
    let bases: Owned
    if bases0.size == 0 {
      bases = try owned(PyTuple_New(1))
      gila_tuple_items(bases.ref)[0] = newRef(Types.baseObject.object)
    } else {
      bases = Owned(retaining: bases0)
      let winner = try winner(meta, bases0)
      if winner != meta {
        if address(winner.pointee.tp_new) != address(Types.type.pointee.tp_new) {
          return try owned(winner.pointee.tp_new(winner, args, kwargs))
        }
        return try build(winner, name, bases, namespace, kwargs)
      }
    }
    return try build(meta, name, bases, namespace, kwargs)
  }

  /// A type's name is a C string, too.
  static func checkName(_ name: Ref) throws(PyError) {
    var n = 0
    guard let p = PyUnicode_AsUTF8AndSize(name, &n) else { throw PyError() }
    if strlen(p) != n { throw valueError("type name must not contain null characters") }
  }
  private static func build(
    _ meta: TypeRef, _ name: Ref, _ bases: borrowing Owned, _ namespace: Ref, _ kwargs: Ref?
  ) throws(PyError) -> Owned {
    let base = try Layout.bestBase(bases.ref)
    try checkName(name)
    let dict = try owned(PyDict_Copy(namespace))
    if let doc = PyDict_GetItemWithError(dict.ref, Dunder.doc.ref), doc.isUnicode, PyUnicode_AsUTF8(doc) == nil {
      throw PyError()
    }
    // Slots.
    let slots = PyDict_GetItemWithError(dict.ref, Dunder.slots.ref)
    if slots == nil && errorIsSet { throw PyError() }
    let variable = base.pointee.tp_itemsize != 0
    var addDict = false, addWeak = false
    let names = try owned(PyList_New(0))
    var slotTuple: Ref? = nil
    defer { xdecref(slotTuple) }
    if let slots {
      let list = slots.isUnicode ? try owned(PyTuple_Pack1(slots)) : try owned(PySequence_Tuple(slots))
      if list.ref.size > 0 && variable && base.pointee.tp_itemsize != 0 && !base.hasFlag(UInt(Py_TPFLAGS_ITEMS_AT_END))
      {
        for i in 0..<list.ref.size {
          let s = gila_tuple_items(list.ref)[i]!
          if s.isUnicode && (swiftString(s) == "__dict__" || swiftString(s) == "__weakref__") { continue }
          throw typeError("nonempty __slots__ not supported for subtype of '\(typeName(base))'")
        }
      }
      for i in 0..<list.ref.size {
        let s = gila_tuple_items(list.ref)[i]!
        guard s.isUnicode else { throw typeError("__slots__ items must be strings, not '\(typeName(of: s))'") }
        guard PyUnicode_IsIdentifier(s) != 0 else { throw typeError("__slots__ must be identifiers") }
        let text = swiftString(s)
        if text == "__dict__" {
          if addDict || base.pointee.tp_dictoffset != 0 {
            throw typeError("__dict__ slot disallowed: we already got one")
          }
          addDict = true
          continue
        }
        if text == "__weakref__" {
          if addWeak || base.pointee.tp_weaklistoffset != 0 {
            throw typeError("__weakref__ slot disallowed: we already got one")
          }
          addWeak = true
          continue
        }
        let mangled = try mangle(name, s)
        if text != "__qualname__" && text != "__classcell__" && text != "__classdictcell__" && text != "__module__",
          PyDict_Contains(dict.ref, mangled.ref) > 0
        {
          throw valueError("\(try reprText(s)) in __slots__ conflicts with class variable")
        }
        try check(PyList_Append(names.ref, mangled.ref))
      }
      try check(PyList_Sort(names.ref))
      slotTuple = try owned(PyList_AsTuple(names.ref)).take()
      // What the layout's base lacks, another base may give: instances of that base have it.
      for i in 0..<bases.ref.size {
        guard let other = gila_tuple_items(bases.ref)[i], other != base.object, other.isType else { continue }
        if base.pointee.tp_dictoffset == 0, other.asType.pointee.tp_dictoffset != 0 { addDict = true }
        if base.pointee.tp_weaklistoffset == 0, other.asType.pointee.tp_weaklistoffset != 0, !variable {
          addWeak = true
        }
      }
    } else {
      addDict = base.pointee.tp_dictoffset == 0
      addWeak = base.pointee.tp_weaklistoffset == 0 && !variable
    }
    // The object.
    let slotCount = slotTuple?.size ?? 0
    let made = try owned(meta.pointee.tp_alloc(meta, slotCount))
    let t = made.ref.asType
    let h = heap(t)
    // Instances without attributes can be part of a cycle, too: through their class.
    var flags = UInt(Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC)
    h.pointee.ht_name = newRef(name)
    h.pointee.ht_slots = xnewRef(slotTuple)
    guard let cname = PyUnicode_AsUTF8(name) else { throw PyError() }
    t.pointee.tp_name = cname
    t.pointee.tp_as_async = offset(h, 416, PyAsyncMethods.self)
    t.pointee.tp_as_number = offset(h, 448, PyNumberMethods.self)
    t.pointee.tp_as_mapping = offset(h, 736, PyMappingMethods.self)
    t.pointee.tp_as_sequence = offset(h, 760, PySequenceMethods.self)
    t.pointee.tp_as_buffer = offset(h, 840, PyBufferProcs.self)
    t.pointee.tp_bases = newRef(bases.ref)
    t.pointee.tp_base = base
    gila_incref(base.object)
    t.pointee.tp_dict = newRef(dict.ref)
    // Layout.
    var size = base.pointee.tp_basicsize
    t.pointee.tp_itemsize = base.pointee.tp_itemsize
    if let slotTuple, slotCount > 0 {
      let members = (UnsafeMutableRawPointer(t) + meta.pointee.tp_basicsize).assumingMemoryBound(to: PyMemberDef.self)
      for i in 0..<slotCount {
        let n = gila_tuple_items(slotTuple)[i]!
        members[i] = PyMemberDef(name: PyUnicode_AsUTF8(n), type: Py_T_OBJECT_EX, offset: size, flags: 0, doc: nil)
        size += 8
      }
      t.pointee.tp_members = members
    }
    t.pointee.tp_basicsize = size
    if addDict {
      flags |= UInt(Py_TPFLAGS_MANAGED_DICT)
      t.pointee.tp_dictoffset = -1
    }
    if addWeak {
      flags |= UInt(Py_TPFLAGS_MANAGED_WEAKREF)
      t.pointee.tp_weaklistoffset = -32
    }
    t.pointee.tp_flags = flags
    if (addDict || base.hasFlag(UInt(Py_TPFLAGS_MANAGED_DICT))) && t.pointee.tp_itemsize == 0 {
      var capacity = 6
      if let attributes = PyDict_GetItemWithError(dict.ref, Dunder.static_attributes.ref), attributes.isTuple {
        capacity = max(attributes.size + 1, 2)
      }
      if base.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)), let keys = heap(base).pointee.ht_cached_keys {
        capacity += keys.pointee.nentries
      }
      h.pointee.ht_cached_keys = gila_shared_keys_new(min(capacity, 30))
      t.pointee.tp_flags |= UInt(Py_TPFLAGS_INLINE_VALUES)
    }
    // Name, module, qualname, doc.
    if let q = PyDict_GetItemWithError(dict.ref, Dunder.qualname.ref) {
      guard q.isUnicode else { throw typeError("type __qualname__ must be a str, not \(typeName(of: q))") }
      h.pointee.ht_qualname = newRef(q)
      try check(PyDict_DelItem(dict.ref, Dunder.qualname.ref))
    } else {
      h.pointee.ht_qualname = newRef(name)
    }
    if PyDict_Contains(dict.ref, Dunder.module.ref) == 0, let globals = PyEval_GetGlobals(),
      let module = PyDict_GetItemWithError(globals, Dunder.name.ref)
    {
      try check(PyDict_SetItem(dict.ref, Dunder.module.ref, module))
    }
    for (special, isClass) in [(Dunder.new, false), (.init_subclass, true), (.class_getitem, true)] {
      guard let f = PyDict_GetItemWithError(dict.ref, special.ref), f.isExactly(Types.function) else { continue }
      let wrapped = try owned(isClass ? PyClassMethod_New(f) : PyStaticMethod_New(f))
      try check(PyDict_SetItem(dict.ref, special.ref, wrapped.ref))
    }
    var cell: Ref? = nil
    if let c = PyDict_GetItemWithError(dict.ref, Dunder.classcell.ref) {
      guard c.isExactly(Types.cell) else {
        throw typeError("__classcell__ must be a nonlocal cell, not \(try reprText(c.type.object))")
      }
      cell = newRef(c)
      try check(PyDict_DelItem(dict.ref, Dunder.classcell.ref))
    }
    defer { xdecref(cell) }
    if let c = PyDict_GetItemWithError(dict.ref, Dunder.classdictcell.ref) {
      if c.isExactly(Types.cell) { try check(PyCell_Set(c, dict.ref)) }
      try check(PyDict_DelItem(dict.ref, Dunder.classdictcell.ref))
    }
    // Slots of all instances.
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_dealloc = Instance.deallocator
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_traverse = { Instance.traverse($0!, $1, $2) }
    t.pointee.tp_clear = { Instance.clear($0!) }
    if base.hasFlag(UInt(Py_TPFLAGS_HAVE_VECTORCALL)) && PyDict_Contains(dict.ref, Dunder.call.ref) == 0 {
      t.pointee.tp_flags |= UInt(Py_TPFLAGS_HAVE_VECTORCALL)
    }
    if base.hasFlag(UInt(Py_TPFLAGS_METHOD_DESCRIPTOR)) && PyDict_Contains(dict.ref, Dunder.get.ref) == 0 {
      t.pointee.tp_flags |= UInt(Py_TPFLAGS_METHOD_DESCRIPTOR)
    }
    if addDict { try addGetSet(t, InstanceGetSets.dict) }
    if addWeak { try addGetSet(t, InstanceGetSets.weakref) }
    try Ready.ready(t)
    SlotUpdate.new(t)
    if let cell { try check(PyCell_Set(cell, t.object)) }
    try warnOfOtherKeys(t, dict.ref)
    try setNames(t, dict.ref)
    try initSubclass(t, kwargs)
    return made
  }
  private static func PyTuple_Pack1(_ a: Ref) -> Ref? {
    guard let t = PyTuple_New(1) else { return nil }
    gila_tuple_items(t)[0] = newRef(a)
    return t
  }
  private static func offset<T>(
    _ h: UnsafeMutablePointer<PyHeapTypeObject>, _ n: Int, _: T.Type
  ) -> UnsafeMutablePointer<T> { (UnsafeMutableRawPointer(h) + n).assumingMemoryBound(to: T.self) }
  private static func addGetSet(_ t: TypeRef, _ g: UnsafeMutablePointer<PyGetSetDef>) throws(PyError) {
    let d = try owned(PyDescr_NewGetSet(t, g))
    _ = try borrowed(PyDict_SetDefault(t.pointee.tp_dict, d.ref.cast(PyDescrObject.self).pointee.d_name, d.ref))
  }
  /// Private names in `__slots__` are mangled with the class's name.
  private static func mangle(_ cls: Ref, _ name: Ref) throws(PyError) -> Owned {
    let text = swiftString(name)
    guard text.hasPrefix("__"), !text.hasSuffix("__"), !text.contains(".") else {
      var r: Ref? = newRef(name)
      PyUnicode_InternInPlace(&r)
      return Owned(taking: r!)
    }
    let owner = swiftString(cls).drop { $0 == "_" }
    return try owned(PyUnicode_InternFromString(owner.isEmpty ? text : "_\(owner)\(text)"))
  }
  /// Names are strings: others are not found by attribute access.
  private static func warnOfOtherKeys(_ t: TypeRef, _ dict: Ref) throws(PyError) {
    if DictKeys(dict.cast(PyDictObject.self).pointee.ma_keys).isUnicode { return }
    var position = 0
    var key: Ref? = nil
    while PyDict_Next(dict, &position, &key, nil) != 0 {
      if key!.isUnicode { continue }
      let text = "non-string key in the __dict__ of class \(String(cString: t.pointee.tp_name))"
      try check(PyErr_WarnEx(Exc.RuntimeWarning.object, text, 1))
      return
    }
  }
  private static func setNames(_ t: TypeRef, _ dict: Ref) throws(PyError) {
    let copy = try owned(PyDict_Copy(dict))
    var position = 0
    var key: Ref? = nil, value: Ref? = nil
    while PyDict_Next(copy.ref, &position, &key, &value) != 0 {
      guard let f = try Special.find(value!, Dunder.set_name.ref) else { continue }
      if let r = f(value!, t.object, key) {
        gila_decref(r)
      } else {
        let saved = PyErr_GetRaisedException()
        let note = try string(
          "Error calling __set_name__ on '\(typeName(of: value!))' instance \(try reprText(key!)) in '\(typeName(t))'")
        if let saved, let add = PyObject_GetAttrString(saved, "add_note") {
          xdecref(PyObject_CallOneArg(add, note.ref))
          gila_decref(add)
        }
        PyErr_SetRaisedException(saved)
        throw PyError()
      }
    }
  }
  private static func initSubclass(_ t: TypeRef, _ kwargs: Ref?) throws(PyError) {
    let parent = try owned(Super.lookup(t, t.object, t, Dunder.init_subclass.ref))
    let empty = try owned(PyTuple_New(0))
    _ = try owned(PyObject_Call(parent.ref, empty.ref, kwargs))
  }
}

/// `__dict__` and `__weakref__` of classes' instances.
enum InstanceGetSets {
  nonisolated(unsafe) static let dict: UnsafeMutablePointer<PyGetSetDef> = {
    var g = GetSetTable()
    g.add(
      "__dict__", "dictionary for instance variables",
      get: { o, c in
        guard let base = builtinWithDict(o!.type) else { return PyObject_GenericGetDict(o, c) }
        return bridge { () throws(PyError) in
          let d = try descriptor(base)
          guard let get = d.ref.type.pointee.tp_descr_get else { throw hasNone() }
          return try owned(get(d.ref, o, o!.type.object))
        }
      },
      set: { o, v, c in
        guard let base = builtinWithDict(o!.type) else { return PyObject_GenericSetDict(o, v, c) }
        return bridgeStatus { () throws(PyError) in
          let d = try descriptor(base)
          guard let set = d.ref.type.pointee.tp_descr_set else { throw hasNone() }
          try check(set(d.ref, o, v))
        }
      })
    return g.build()
  }()
  /// The built-in base whose instances have a dict of their own, if there is one: a class's or a module's is not replaced.
  private static func builtinWithDict(_ t: TypeRef) -> TypeRef? {
    var at: TypeRef? = t
    while let x = at, let base = x.pointee.tp_base {
      if x.pointee.tp_dictoffset != 0 && !x.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) { return x }
      at = base
    }
    return nil
  }
  private static func descriptor(_ base: TypeRef) throws(PyError) -> Owned {
    guard let d = TypeLookup.find(base, Dunder.dict.ref) else { throw hasNone() }
    return Owned(retaining: d)
  }
  private static func hasNone() -> PyError { raise(Exc.AttributeError, "This object has no __dict__") }
  nonisolated(unsafe) static let weakref: UnsafeMutablePointer<PyGetSetDef> = {
    var g = GetSetTable()
    g.add(
      "__weakref__", "list of weak references to the object",
      get: { o, _ in
        let first = (o!.raw + o!.type.pointee.tp_weaklistoffset).load(as: Ref?.self)
        return newRef(first ?? none)
      })
    return g.build()
  }()
}

/// Life and death of instances of classes.
enum Instance {
  /// The nearest base whose `tp_dealloc` is its own, and the slots of classes up to it.
  @inline(__always) private static func nativeBase(_ t: TypeRef) -> TypeRef {
    var base = t
    while base.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)), let next = base.pointee.tp_base,
      address(base.pointee.tp_dealloc) == address(t.pointee.tp_dealloc)
    {
      base = next
    }
    return base
  }
  private static func eachSlot(_ o: Ref, _ body: (UnsafeMutablePointer<Ref?>) -> Void) {
    var t: TypeRef? = o.type
    while let at = t, at.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) {
      if let slots = HeapType.heap(at).pointee.ht_slots, slots.isTuple, let members = at.pointee.tp_members {
        for i in 0..<slots.size where members[i].type == Py_T_OBJECT_EX {
          body((o.raw + members[i].offset).assumingMemoryBound(to: Ref?.self))
        }
      }
      t = at.pointee.tp_base
    }
  }
  /// The one slot function of all classes: it is recognized by its address.
  static let deallocator: destructor = { Instance.deallocate($0!) }
  static func deallocate(_ o: Ref) {
    var t = o.type
    let gc = t.pointee.tp_flags & UInt(Py_TPFLAGS_HAVE_GC) != 0
    if t.pointee.tp_finalize != nil {
      if gc { PyObject_GC_Track(o.raw) }
      if PyObject_CallFinalizerFromDealloc(o) < 0 { return }
      // It may have given the object another class.
      t = o.type
    }
    if gc { PyObject_GC_UnTrack(o.raw) }
    let base = nativeBase(t)
    if t.pointee.tp_weaklistoffset != 0 && base.pointee.tp_weaklistoffset == 0 { PyObject_ClearWeakRefs(o) }
    if let finalize = t.pointee.tp_del {
      if gc { PyObject_GC_Track(o.raw) }
      finalize(o)
      if o.pointee.ob_refcnt > 0 { return }
      if gc { PyObject_GC_UnTrack(o.raw) }
      t = o.type
    }
    eachSlot(o) { clearSlot($0) }
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 { gila_instance_clear(o) }
    if address(base.pointee.tp_dealloc) == address(Types.baseObject.pointee.tp_dealloc) {
      t.pointee.tp_free(o.raw)
    } else {
      if gc && base.pointee.tp_flags & UInt(Py_TPFLAGS_HAVE_GC) != 0 { PyObject_GC_Track(o.raw) }
      base.pointee.tp_dealloc(o)
    }
    // A heap type defined in C has given the instance's reference to its type back itself.
    if !base.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) { gila_decref(t.object) }
  }
  @inline(__always) private static func clearSlot(_ s: UnsafeMutablePointer<Ref?>) { GilaCore.clear(s) }
  static func traverse(_ o: Ref, _ visit: visitproc?, _ context: UnsafeMutableRawPointer?) -> Int32 {
    var failed: Int32 = 0
    eachSlot(o) { s in if failed == 0, let v = s.pointee { failed = visit!(v, context) } }
    if failed != 0 { return failed }
    if o.type.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 {
      let r = gila_instance_traverse(o, visit, context)
      if r != 0 { return r }
    }
    var base = o.type
    while let next = base.pointee.tp_base, base.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)),
      address(base.pointee.tp_traverse) == address(o.type.pointee.tp_traverse)
    { base = next }
    // A heap type defined in C visits the type of its instances itself.
    if !base.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) {
      let r = visit!(o.type.object, context)
      if r != 0 { return r }
    }
    if let f = base.pointee.tp_traverse, address(f) != address(o.type.pointee.tp_traverse) {
      return f(o, visit, context)
    }
    return 0
  }
  static func clear(_ o: Ref) -> Int32 {
    eachSlot(o) { clearSlot($0) }
    if o.type.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 { gila_instance_break(o) }
    var base = o.type
    while let next = base.pointee.tp_base, base.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)),
      address(base.pointee.tp_clear) == address(o.type.pointee.tp_clear)
    { base = next }
    if let f = base.pointee.tp_clear, address(f) != address(o.type.pointee.tp_clear) { return f(o) }
    return 0
  }
}

/// Fits the C slots of a class to the special methods it defines or inherits.
enum SlotUpdate {
  /// `tp_iternext` of a class whose `__next__` was deleted.
  static let noLongerIterator: iternextfunc = { o in
    _ = typeError("'\(typeName(of: o!))' object is not iterable")
    return nil
  }
  static func all(_ t: TypeRef) {
    for group in SlotTable.groups { one(t, group) }
  }
  /// A new class. With one base it has inherited the slots, and only those that its own names are for can differ.
  static func new(_ t: TypeRef) {
    guard let dict = t.pointee.tp_dict, onlyExtends(t) else { return all(t) }
    // Comparison and hash go together: a class with one of its own has inherited neither.
    let compares = [Dunder.eq, .hash].contains { PyDict_GetItemWithError(dict, $0.ref) != nil }
    for group in SlotTable.groups
    where (compares && SlotTable.isComparison(group))
      || group.contains(where: { PyDict_GetItemWithError(dict, SlotTable.entries[$0].name) != nil })
    {
      one(t, group)
    }
  }
  /// Whether the MRO is the class and then the one base's.
  private static func onlyExtends(_ t: TypeRef) -> Bool {
    guard let bases = t.pointee.tp_bases, bases.size == 1, let mro = t.pointee.tp_mro,
      let rest = gila_tuple_items(bases)[0]?.asType.pointee.tp_mro, mro.size == rest.size + 1
    else { return false }
    for i in 0..<rest.size where gila_tuple_items(mro)[i + 1] != gila_tuple_items(rest)[i] { return false }
    return true
  }
  private static func one(_ t: TypeRef, _ range: Range<Int>) {
    guard let slot = SlotTable.entries[range.lowerBound].slot(t) else { return }
    var specific: UInt = 0, generic: UInt = 0
    var useGeneric = false
    for k in range {
      let e = SlotTable.entries[k]
      guard let d = TypeLookup.find(t, e.name) else { continue }
      if d.isExactly(Types.wrapperDescr), let w = e.wrapper,
        d.cast(PyWrapperDescrObject.self).pointee.d_base.pointee.name_strobj == e.name
      {
        let wd = d.cast(PyWrapperDescrObject.self)
        // The name of two slots, and the type fills the other one (`__add__` of numbers is no concatenation).
        if wd.pointee.d_base != w && (e.function == 0 || e.suite == .number),
          PyType_IsSubtype(t, wd.pointee.d_common.d_type) != 0
        {
          continue
        }
        generic = generic == 0 ? e.function : generic
        let same = address(wd.pointee.d_base.pointee.wrapper) == address(w.pointee.wrapper)
        let wrapped = UInt(bitPattern: wd.pointee.d_wrapped)
        if same, PyType_IsSubtype(t, wd.pointee.d_common.d_type) != 0, specific == 0 || specific == wrapped {
          specific = wrapped
        } else {
          useGeneric = true
        }
      } else if d.isExactly(Types.cFunction), e.name == Dunder.new.ref {
        specific = address(t.pointee.tp_base!.pointee.tp_new)
        generic = specific
      } else if d == none, e.name == Dunder.hash.ref {
        specific = address(PyObject_HashNotImplemented as hashfunc)
        generic = specific
      } else {
        useGeneric = true
        generic = e.function
      }
    }
    if specific != 0 && !useGeneric {
      slot.pointee = specific
    } else if useGeneric || generic != 0 {
      slot.pointee = generic
    } else {
      slot.pointee = 0
    }
  }
  /// After `cls.__x__ = …`: the class and its subclasses that do not override the name.
  static func named(_ t: TypeRef, _ name: Ref) {
    let text = swiftString(name)
    guard text.hasPrefix("__"), text.hasSuffix("__") else { return }
    for group in SlotTable.groups where group.contains(where: { sameText(SlotTable.entries[$0].name, name) }) {
      recurse(t, group, name)
    }
  }
  private static func recurse(_ t: TypeRef, _ range: Range<Int>, _ name: Ref) {
    if t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) {
      one(t, range)
      // Whoever iterates right now goes on to call the slot.
      if name == Dunder.next.ref && t.pointee.tp_iternext == nil { t.pointee.tp_iternext = noLongerIterator }
    }
    TypeLookup.forEachSubclass(t) { sub in
      if PyDict_Contains(sub.pointee.tp_dict, name) == 0 { recurse(sub, range, name) }
    }
  }
}
