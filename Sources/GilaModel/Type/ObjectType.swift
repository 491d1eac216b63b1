import CGila
import GilaCore

/// The type `object`, attribute access on instances, and `super`.
enum ObjectType {
  static func install() {
    let t = Types.baseObject
    t.define(
      "object", basicSize: 16, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "object()\n--\n\nThe base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n"
    )
    t.pointee.tp_dealloc = { $0!.type.pointee.tp_free($0!.raw) }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_repr = { o in
      bridge { () throws(PyError) in
        let t = o!.type
        let module = TypeType.moduleName(t)
        if module == nil { PyErr_Clear() }
        defer { xdecref(module) }
        let name = try owned(PyType_GetQualName(t))
        let at = "0x" + String(UInt(bitPattern: o!), radix: 16)
        if let module, module.isUnicode, swiftString(module) != "builtins" {
          return try string("<\(swiftString(module)).\(swiftString(name.ref)) object at \(at)>")
        }
        return try string("<\(swiftString(name.ref)) object at \(at)>")
      }
    }
    t.pointee.tp_str = { o in
      // `__repr__ = __str__` would go round for ever.
      if gila_enter_recursive_call(" while getting the str of an object") < 0 { return nil }
      return o!.type.pointee.tp_repr.map { $0(o) } ?? PyObject_Repr(o)
    }
    t.pointee.tp_hash = { Py_HashPointer($0!.raw) }
    t.pointee.tp_richcompare = { a, b, op in
      if op == Py_EQ { return newRef(a == b ? pyTrue : notImplemented) }
      if op == Py_NE {
        guard let f = a!.type.pointee.tp_richcompare else { return newRef(notImplemented) }
        guard let r = f(a, b, Py_EQ) else { return nil }
        if r == notImplemented { return r }
        let ok = PyObject_IsTrue(r)
        gila_decref(r)
        return ok < 0 ? nil : newRef(pyBool(ok == 0))
      }
      return newRef(notImplemented)
    }
    t.pointee.tp_init = { o, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let t = o!.type
        guard args!.size > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 else { return }
        if address(t.pointee.tp_init) != address(Types.baseObject.pointee.tp_init) {
          throw typeError("object.__init__() takes exactly one argument (the instance to initialize)")
        }
        if address(t.pointee.tp_new) == address(Types.baseObject.pointee.tp_new) {
          throw typeError("\(typeName(t)).__init__() takes exactly one argument (the instance to initialize)")
        }
      }
    }
    t.pointee.tp_new = { t, args, kwargs in
      bridge { () throws(PyError) in
        let t = t!
        if args!.size > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 {
          if address(t.pointee.tp_new) != address(Types.baseObject.pointee.tp_new) {
            throw typeError("object.__new__() takes exactly one argument (the type to instantiate)")
          }
          if address(t.pointee.tp_init) == address(Types.baseObject.pointee.tp_init) {
            throw typeError("\(typeName(t))() takes no arguments")
          }
        }
        if t.hasFlag(UInt(Py_TPFLAGS_IS_ABSTRACT)) {
          let missing = try owned(PyObject_GetAttrString(t.object, "__abstractmethods__"))
          let sorted = try owned(PySequence_List(missing.ref))
          try check(PyList_Sort(sorted.ref))
          var names: [String] = []
          for i in 0..<sorted.ref.size { names.append("'" + swiftString(PyList_GetItem(sorted.ref, i)!) + "'") }
          throw typeError(
            "Can't instantiate abstract class \(typeName(t)) without an implementation for abstract method\(names.count > 1 ? "s" : "") \(names.joined(separator: ", "))"
          )
        }
        return try owned(t.pointee.tp_alloc(t, 0))
      }
    }
    var g = GetSetTable()
    g.add(
      "__class__", "the object's class", get: { o, _ in newRef(o!.type.object) },
      set: { o, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("can't delete __class__ attribute") }
          guard v.isType else { throw typeError("__class__ must be set to a class, not '\(typeName(of: v))' object") }
          try auditChange(o!, "__class__", v)
          try ObjectType.assignClass(o!, v.asType)
        }
      })
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    m.one(
      "__format__", "($self, format_spec, /)",
      "Default object formatter.\n\nReturn str(self) if format_spec is empty. Raise TypeError otherwise."
    ) { o, spec in
      bridge { () throws(PyError) in
        guard spec!.isUnicode else {
          throw typeError("__format__() argument must be str, not \(spec! == none ? "None" : typeName(of: spec!))")
        }
        if PyUnicode_GetLength(spec) > 0 {
          throw typeError("unsupported format string passed to \(typeName(of: o!)).__format__")
        }
        return try owned(PyObject_Str(o))
      }
    }
    m.noArguments("__dir__", "($self, /)", "Default dir() implementation.") { o, _ in
      bridge { () throws(PyError) in
        var d: Ref? = nil
        try check(PyObject_GetOptionalAttr(o, Dunder.dict.ref, &d))
        let names = try owned(d != nil && d!.isDict ? PyDict_Copy(d) : PyDict_New())
        xdecref(d)
        // The class that the object claims to have; one without a class has only its own names.
        var claimed: Ref? = nil
        try check(PyObject_GetOptionalAttr(o, Dunder.class.ref, &claimed))
        if let claimed {
          let c = Owned(taking: claimed)
          try ObjectType.mergeNames(names.ref, of: c.ref)
        }
        return try owned(PyDict_Keys(names.ref))
      }
    }
    m.noArguments("__sizeof__", "($self, /)", "Size of object in memory, in bytes.") { o, _ in
      let t = o!.type
      return PyLong_FromSsize_t(
        t.pointee.tp_basicsize + (t.pointee.tp_itemsize > 0 ? o!.size * t.pointee.tp_itemsize : 0))
    }
    m.noArguments(
      "__init_subclass__", "",
      "This method is called when a class is subclassed.\n\nThe default implementation does nothing. It may be\noverridden to extend subclasses.\n",
      flags: METH_CLASS
    ) { _, _ in none }
    m.one(
      "__subclasshook__", "",
      "Abstract classes can override this to customize issubclass().\n\nThis is invoked early on by abc.ABCMeta.__subclasscheck__().\nIt should return True, False or NotImplemented.  If it returns\nNotImplemented, the normal algorithm is used.  Otherwise, it\noverrides the normal algorithm (and the outcome is cached).\n",
      flags: METH_CLASS
    ) { _, _ in notImplemented }
    Reduce.add(to: &m)
    t.pointee.tp_methods = m.build()
  }
  /// Adds the names of a class and its bases, most of them from the type's own dict.
  private static func mergeNames(_ names: Ref, of c: Ref) throws(PyError) {
    if c.isType, let mro = c.asType.pointee.tp_mro {
      for i in stride(from: mro.size - 1, through: 0, by: -1) {
        if let base = gila_tuple_items(mro)[i]!.asType.pointee.tp_dict { try check(PyDict_Update(names, base)) }
      }
      return
    }
    var d: Ref? = nil
    try check(PyObject_GetOptionalAttr(c, Dunder.dict.ref, &d))
    if let d {
      let held = Owned(taking: d)
      if held.ref.isDict { try check(PyDict_Update(names, held.ref)) }
    }
  }
  /// Whether two solid bases are the same, or add the same slots to the same one.
  private static func sameLayout(_ a: TypeRef, _ b: TypeRef) throws(PyError) -> Bool {
    if a == b { return true }
    guard a.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)), b.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)), let x = a.pointee.tp_base,
      let y = b.pointee.tp_base, Layout.solidBase(x) == Layout.solidBase(y),
      a.pointee.tp_basicsize == b.pointee.tp_basicsize, a.pointee.tp_dictoffset == b.pointee.tp_dictoffset,
      a.pointee.tp_weaklistoffset == b.pointee.tp_weaklistoffset, let s = HeapType.heap(a).pointee.ht_slots,
      let t = HeapType.heap(b).pointee.ht_slots
    else { return false }
    return try check(PyObject_RichCompareBool(s, t, Py_EQ)) != 0
  }
  private static func assignClass(_ o: Ref, _ new: TypeRef) throws(PyError) {
    let old = o.type
    let heap = UInt(Py_TPFLAGS_HEAPTYPE)
    let modules = PyType_IsSubtype(old, Types.module) != 0 && PyType_IsSubtype(new, Types.module) != 0
    guard
      modules || (old.hasFlag(heap) && new.hasFlag(heap) && !new.hasFlag(UInt(Py_TPFLAGS_IMMUTABLETYPE)))
    else {
      throw typeError("__class__ assignment only supported for mutable types or ModuleType subclasses")
    }
    let layout = UInt(Py_TPFLAGS_PREHEADER | Py_TPFLAGS_HAVE_GC)
    guard modules || address(old.pointee.tp_dealloc) == address(new.pointee.tp_dealloc),
      old.pointee.tp_basicsize == new.pointee.tp_basicsize, old.pointee.tp_itemsize == new.pointee.tp_itemsize,
      old.pointee.tp_flags & layout == new.pointee.tp_flags & layout,
      try sameLayout(Layout.solidBase(old), Layout.solidBase(new))
    else { throw typeError("__class__ assignment: '\(typeName(new))' object layout differs from '\(typeName(old))'") }
    if old.hasFlag(UInt(Py_TPFLAGS_INLINE_VALUES)) || new.hasFlag(UInt(Py_TPFLAGS_INLINE_VALUES)) {
      // Attribute slots are the class's; a dict belongs to the instance alone.
      if gila_instance_dict(o) == nil { throw PyError() }
    }
    if new.hasFlag(heap) { gila_incref(new.object) }
    o.pointee.ob_type = new
    if old.hasFlag(heap) { gila_decref(old.object) }
  }
}

/// `object.__getattribute__` and `__setattr__`.
enum GenericAttributes {
  /// The attribute (owned), or nil: then an exception is set unless `quiet`.
  static func get(_ o: Ref, _ name: Ref, quiet: Bool) -> Ref? {
    guard name.isUnicode else {
      _ = typeError("attribute name must be string, not '\(typeName(of: name))'")
      return nil
    }
    let t = o.type
    let descriptor = TypeLookup.find(t, name)
    var getter: descrgetfunc? = nil
    if let descriptor {
      gila_incref(descriptor)
      getter = descriptor.type.pointee.tp_descr_get
      if let getter, descriptor.type.pointee.tp_descr_set != nil {
        if quiet && Members.isUnset(descriptor, o) {
          gila_decref(descriptor)
          return nil
        }
        let r = getter(descriptor, o, t.object)
        gila_decref(descriptor)
        if r == nil && quiet && PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 { PyErr_Clear() }
        return r
      }
    }
    var value: Ref? = nil
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 {
      value = gila_instance_get(o, name)
    } else if t.pointee.tp_dictoffset != 0, let d = dictSlot(o)?.pointee {
      gila_incref(d)
      value = xnewRef(PyDict_GetItemWithError(d, name))
      gila_decref(d)
    }
    if value == nil && errorIsSet {
      xdecref(descriptor)
      return nil
    }
    if let value {
      xdecref(descriptor)
      return value
    }
    if let descriptor {
      guard let getter else { return descriptor }
      let r = getter(descriptor, o, t.object)
      gila_decref(descriptor)
      if r == nil && quiet && PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 { PyErr_Clear() }
      return r
    }
    if !quiet { missingAttribute(o, name) }
    return nil
  }
  static func dictSlot(_ o: Ref) -> UnsafeMutablePointer<Ref?>? {
    var offset = o.type.pointee.tp_dictoffset
    if offset == 0 { return nil }
    if o.type.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 {
      return (o.raw - 24).assumingMemoryBound(to: Ref?.self)
    }
    if offset < 0 {
      // Behind the items of a variable-sized object.
      let size = (o.type.pointee.tp_basicsize + Swift.abs(o.size) * o.type.pointee.tp_itemsize + 7) & ~7
      offset += size
    }
    return (o.raw + offset).assumingMemoryBound(to: Ref?.self)
  }
  /// `dict`: the mapping to use instead of the instance's own (for types).
  static func set(_ o: Ref, _ name: Ref, _ value: Ref?, _ dict: Ref? = nil) throws(PyError) {
    guard name.isUnicode else {
      throw typeError("attribute name must be string, not '\(typeName(of: name))'")
    }
    let t = o.type
    let descriptor = TypeLookup.find(t, name)
    if let descriptor, let setter = descriptor.type.pointee.tp_descr_set {
      let held = Owned(retaining: descriptor)
      try check(setter(held.ref, o, value))
      return
    }
    var missing = false
    if let dict {
      if let value {
        try check(PyDict_SetItem(dict, name, value))
      } else if PyDict_DelItem(dict, name) < 0 {
        if PyErr_ExceptionMatches(Exc.KeyError.object) == 0 { throw PyError() }
        PyErr_Clear()
        throw attributeError(o, name, "type object '\(typeName(o.asType))' has no attribute '\(swiftString(name))'")
      }
      return
    }
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 {
      let r = gila_instance_set(o, name, value)
      if r == -1 { throw PyError() }
      missing = r == -2
    } else if let slot = dictSlot(o) {
      if slot.pointee == nil { slot.pointee = try owned(PyDict_New()).take() }
      let d = Owned(retaining: slot.pointee!)
      if let value {
        try check(PyDict_SetItem(d.ref, name, value))
      } else if PyDict_DelItem(d.ref, name) < 0 {
        if PyErr_ExceptionMatches(Exc.KeyError.object) == 0 { throw PyError() }
        PyErr_Clear()
        missing = true
      }
    } else {
      if descriptor == nil {
        throw attributeError(
          o, name,
          "'\(typeName(of: o))' object has no attribute '\(swiftString(name))'"
            + (address(t.pointee.tp_setattro) == address(PyObject_GenericSetAttr as setattrofunc) && value != nil
              ? " and no __dict__ for setting new attributes" : ""))
      }
      throw attributeError(o, name, "'\(typeName(of: o))' object attribute '\(swiftString(name))' is read-only")
    }
    if missing { throw attributeError(o, name, "'\(typeName(of: o))' object has no attribute '\(swiftString(name))'") }
  }
}

@c @implementation public func PyObject_GenericGetAttr(_ o: Ref!, _ name: Ref!) -> Ref? {
  GenericAttributes.get(o!, name!, quiet: false)
}
@c @implementation public func PyObject_GenericSetAttr(_ o: Ref!, _ name: Ref!, _ value: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in try GenericAttributes.set(o!, name!, value) }
}
@c @implementation public func _PyObject_GetDictPtr(_ o: Ref!) -> UnsafeMutablePointer<Ref?>? {
  if o.type.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 { _ = gila_instance_dict(o) }
  return GenericAttributes.dictSlot(o!)
}
@c @implementation public func PyObject_GenericGetDict(_ o: Ref!, _ context: UnsafeMutableRawPointer!) -> Ref? {
  if o.type.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 { return xnewRef(gila_instance_dict(o)) }
  guard let slot = GenericAttributes.dictSlot(o!) else {
    _ = raise(Exc.AttributeError, "This object has no __dict__")
    return nil
  }
  if slot.pointee == nil { slot.pointee = PyDict_New() }
  return xnewRef(slot.pointee)
}
@c @implementation public func PyObject_GenericSetDict(_ o: Ref!, _ value: Ref!, _ context: UnsafeMutableRawPointer!)
  -> Int32
{
  bridgeStatus { () throws(PyError) in
    let isManaged = o.type.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0
    if value == nil {
      guard isManaged else { throw typeError("cannot delete __dict__") }
      // An instance goes on with an empty one.
      _ = try borrowed(gila_instance_dict(o))
      if let slot = GenericAttributes.dictSlot(o!) { replace(slot, with: try owned(PyDict_New()).take()) }
      return
    }
    guard let value, value.isDict else {
      throw typeError("__dict__ must be set to a dictionary, not a '\(typeName(of: value!))'")
    }
    if isManaged { _ = try borrowed(gila_instance_dict(o)) }
    guard let slot = GenericAttributes.dictSlot(o!) else {
      throw raise(Exc.AttributeError, "This object has no __dict__")
    }
    replace(slot, with: newRef(value))
  }
}

/// `super()`: attributes of the classes behind one in an MRO.
enum Super {
  struct Object {
    var ob_base: PyObject
    var type: Ref?
    var object: Ref?
    var objectType: Ref?
  }
  /// The attribute found behind `after` in the MRO of `start`, bound to `o` (unless `o` is `start` itself).
  static func lookup(_ start: TypeRef, _ o: Ref, _ after: TypeRef, _ name: Ref) -> Ref? {
    bridge { () throws(PyError) in
      if let found = try find(start, o, after, name) { return found }
      // In an order without `object`, what every object has is still an attribute of the `super` object.
      if let own = PyDict_GetItemWithError(Types.baseObject.pointee.tp_dict, name) {
        let held = Owned(retaining: own)
        if let get = own.type.pointee.tp_descr_get { return try owned(get(held.ref, o, Types.superType.object)) }
        return held
      }
      throw raise(Exc.AttributeError, "'super' object has no attribute '\(swiftString(name))'")
    }
  }
  static func find(_ start: TypeRef, _ o: Ref, _ after: TypeRef, _ name: Ref) throws(PyError) -> Owned? {
    guard let mro = start.pointee.tp_mro else { return nil }
    let held = Owned(retaining: mro)
    var i = 0
    while i < mro.size && gila_tuple_items(mro)[i] != after.object { i += 1 }
    i += 1
    while i < mro.size {
      if let d = gila_tuple_items(held.ref)[i]!.asType.pointee.tp_dict, let f = PyDict_GetItemWithError(d, name) {
        let own = Owned(retaining: f)
        if let get = f.type.pointee.tp_descr_get {
          return try owned(get(own.ref, o == start.object ? nil : o, start.object))
        }
        return own
      }
      i += 1
    }
    return nil
  }
  static func check(_ t: TypeRef, _ o: Ref) throws(PyError) -> TypeRef {
    if o.isType, PyType_IsSubtype(o.asType, t) != 0 { return o.asType }
    if PyType_IsSubtype(o.type, t) != 0 { return o.type }
    if let c = PyObject_GetAttr(o, Dunder.class.ref) {
      defer { gila_decref(c) }
      if c.isType, c.asType != o.type, PyType_IsSubtype(c.asType, t) != 0 { return c.asType }
    } else {
      PyErr_Clear()
    }
    throw typeError(
      "super(type, obj): obj (\(o.isType ? "type" : "instance of") \(typeName(o.isType ? o.asType : o.type))) is not an instance or subtype of type (\(typeName(t)))."
    )
  }
  static func install() {
    let t = Types.superType
    t.define("super", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let s = r!.cast(Object.self)
      xdecref(s.pointee.type)
      xdecref(s.pointee.object)
      xdecref(s.pointee.objectType)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, visit, c in
      let s = r!.cast(Object.self)
      for v in [s.pointee.type, s.pointee.object, s.pointee.objectType] {
        if let v {
          let x = visit!(v, c)
          if x != 0 { return x }
        }
      }
      return 0
    }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try rejectKeywords("super", kwargs)
        try checkCount("super", args!.size, 0, 2)
        let s = r!.cast(Object.self)
        var type: Ref? = args!.size > 0 ? gila_tuple_items(args!)[0] : nil
        var object: Ref? = args!.size > 1 ? gila_tuple_items(args!)[1] : nil
        if type == nil {
          var a: Ref? = nil, b: Ref? = nil
          try Super.CGila_check(gila_super_arguments(&a, &b))
          type = a
          object = b
        }
        guard type!.isType else { throw typeError("super() argument 1 must be a type, not \(typeName(of: type!))") }
        if object == none { object = nil }
        if let object { replace(&s.pointee.objectType, with: newRef(try Super.check(type!.asType, object).object)) }
        replace(&s.pointee.type, with: newRef(type!))
        replace(&s.pointee.object, with: xnewRef(object))
      }
    }
    t.pointee.tp_getattro = { r, name in
      bridge { () throws(PyError) in
        let s = r!.cast(Object.self)
        if let start = s.pointee.objectType, let o = s.pointee.object, name != Dunder.class.ref {
          if let found = try Super.find(start.asType, o, s.pointee.type!.asType, name!) { return found }
          if errorIsSet { throw PyError() }
        }
        guard let g = GenericAttributes.get(r!, name!, quiet: true) else {
          if errorIsSet { throw PyError() }
          throw attributeError(r!, name!, "'super' object has no attribute '\(swiftString(name!))'")
        }
        return Owned(taking: g)
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let s = r!.cast(Object.self)
        let cls = s.pointee.type.map { typeName($0.asType) } ?? "NULL"
        if let o = s.pointee.objectType {
          return try string("<super: <class '\(cls)'>, <\(typeName(o.asType)) object>>")
        }
        return try string("<super: <class '\(cls)'>, NULL>")
      }
    }
    t.pointee.tp_descr_get = { r, o, _ in
      bridge { () throws(PyError) in
        let s = r!.cast(Object.self)
        guard let o, o != none, s.pointee.object == nil else { return Owned(retaining: r!) }
        let made = try owned(PyType_GenericAlloc(r!.type, 0))
        let n = made.ref.cast(Object.self)
        n.pointee.objectType = newRef(try Super.check(s.pointee.type!.asType, o).object)
        n.pointee.type = xnewRef(s.pointee.type)
        n.pointee.object = newRef(o)
        return made
      }
    }
    var m = MemberTable()
    m.add("__thisclass__", _Py_T_OBJECT, offset: 16)
    m.add("__self__", _Py_T_OBJECT, offset: 24)
    m.add("__self_class__", _Py_T_OBJECT, offset: 32)
    t.pointee.tp_members = m.build()
  }
  private static func CGila_check(_ s: Int32) throws(PyError) { if s < 0 { throw PyError() } }
}

/// `isinstance` and `issubclass` without the hooks.
enum InstanceChecks {
  static func isInstance(_ o: Ref, _ cls: Ref) throws(PyError) -> Bool {
    guard cls.isType else {
      _ = try bases(of: cls, "isinstance() arg 2 must be a type, a tuple of types, or a union")
      let c = try owned(PyObject_GetAttr(o, Dunder.class.ref))
      return try abstractSubclass(c.ref, cls)
    }
    if PyType_IsSubtype(o.type, cls.asType) != 0 { return true }
    var c: Ref? = nil
    if try check(PyObject_GetOptionalAttr(o, Dunder.class.ref, &c)) == 0 { return false }
    let held = Owned(taking: c!)
    return held.ref != o.type.object && held.ref.isType && PyType_IsSubtype(held.ref.asType, cls.asType) != 0
  }
  static func isSubclass(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    if a.isType && b.isType { return PyType_IsSubtype(a.asType, b.asType) != 0 }
    if !a.isType { _ = try bases(of: a, "issubclass() arg 1 must be a class") }
    if !b.isType { _ = try bases(of: b, "issubclass() arg 2 must be a class, a tuple of classes, or a union") }
    return try abstractSubclass(a, b)
  }
  private static func bases(of o: Ref, _ message: String) throws(PyError) -> Owned {
    var b: Ref? = nil
    try check(PyObject_GetOptionalAttr(o, Dunder.bases.ref, &b))
    guard let b else { throw typeError(message) }
    let held = Owned(taking: b)
    guard b.isTuple else { throw typeError(message) }
    return held
  }
  private static func abstractSubclass(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    if a == b { return true }
    try check(gila_enter_recursive_call(" in __subclasscheck__"))
    var list: Ref? = nil
    try check(PyObject_GetOptionalAttr(a, Dunder.bases.ref, &list))
    guard let list else { return false }
    let held = Owned(taking: list)
    guard held.ref.isTuple else { return false }
    for i in 0..<held.ref.size { if try abstractSubclass(gila_tuple_items(held.ref)[i]!, b) { return true } }
    return false
  }
}
@discardableResult private func check(_ r: Int32) throws(PyError) -> Int32 {
  if r < 0 { throw PyError() }
  return r
}
@c @implementation public func PyObject_IsInstance(_ o: Ref!, _ cls: Ref!) -> Int32 {
  bridgeBool { () throws(PyError) in
    let o = o!, cls = cls!
    if o.type == cls.asType && cls.isType { return true }
    if cls.isExactly(Types.type) { return try InstanceChecks.isInstance(o, cls) }
    if cls.isExactly(Types.union) {
      let args = try owned(PyObject_GetAttrString(cls, "__args__"))
      return try check(PyObject_IsInstance(o, args.ref)) != 0
    }
    if cls.isTuple {
      try check(gila_enter_recursive_call(" in __instancecheck__"))
      for i in 0..<cls.size { if try check(PyObject_IsInstance(o, gila_tuple_items(cls)[i])) != 0 { return true } }
      return false
    }
    if let f = try Special.find(cls, Dunder.instancecheck.ref) {
      let r = try owned(f(cls, o))
      return try truth(r.ref)
    }
    return try InstanceChecks.isInstance(o, cls)
  }
}
@c @implementation public func PyObject_IsSubclass(_ a: Ref!, _ cls: Ref!) -> Int32 {
  bridgeBool { () throws(PyError) in
    let a = a!, cls = cls!
    if cls.isExactly(Types.type) {
      if a == cls { return true }
      return try InstanceChecks.isSubclass(a, cls)
    }
    if cls.isExactly(Types.union) {
      let args = try owned(PyObject_GetAttrString(cls, "__args__"))
      return try check(PyObject_IsSubclass(a, args.ref)) != 0
    }
    if cls.isTuple {
      try check(gila_enter_recursive_call(" in __instancecheck__"))
      for i in 0..<cls.size { if try check(PyObject_IsSubclass(a, gila_tuple_items(cls)[i])) != 0 { return true } }
      return false
    }
    if let f = try Special.find(cls, Dunder.subclasscheck.ref) {
      let r = try owned(f(cls, a))
      return try truth(r.ref)
    }
    return try InstanceChecks.isSubclass(a, cls)
  }
}
