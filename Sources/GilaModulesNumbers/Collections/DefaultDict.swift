// collections.defaultdict, and _tuplegetter, the attribute of named tuples.

import CGila
import GilaCore

enum DefaultDict {
  /// Where the factory stands, behind the dict.
  private static let factoryOffset = 48
  @inline(__always) static func factory(_ d: Ref) -> Items {
    (d.raw + factoryOffset).assumingMemoryBound(to: Ref?.self)
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "collections.defaultdict", basicSize: factoryOffset + 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_DICT_SUBCLASS)
        | UInt(_Py_TPFLAGS_MATCH_SELF) | UInt(Py_TPFLAGS_MAPPING), base: Types.dict,
      doc:
        "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\nThe default factory is called without arguments to produce\na new value when a key is not present, in __getitem__ only.\nA defaultdict compares equal to a dict with the same items.\nAll remaining arguments are treated the same as if they were\npassed to the dict constructor, including keyword arguments."
    )
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { d in
      PyObject_GC_UnTrack(d!.raw)
      clear(DefaultDict.factory(d!))
      Types.dict.pointee.tp_dealloc(d)
    }
    t.pointee.tp_traverse = { d, f, context in
      let v = visit(DefaultDict.factory(d!).pointee, f, context)
      return v != 0 ? v : Types.dict.pointee.tp_traverse(d, f, context)
    }
    t.pointee.tp_clear = { d in
      clear(DefaultDict.factory(d!))
      return Types.dict.pointee.tp_clear(d)
    }
    t.pointee.tp_init = { d, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let n = args?.size ?? 0
        var given: Ref? = nil
        if n > 0 {
          let f = args!.tupleItems[0]!
          if !f.isNone && PyCallable_Check(f) == 0 { throw typeError("first argument must be callable or None") }
          given = f.isNone ? nil : f
        }
        let rest = try owned(n > 1 ? PyTuple_GetSlice(args, 1, n) : PyTuple_New(0))
        replace(DefaultDict.factory(d!), with: xnewRef(given))
        try check(Types.dict.pointee.tp_init(d, rest.ref, kwargs))
      }
    }
    t.pointee.tp_repr = { d in bridge { () throws(PyError) in try DefaultDict.repr(d!) } }
    t.number.pointee.nb_or = { a, b in
      let own = a!.isInstance(of: DefaultDict.type) ? a! : b!
      let other = own == a ? b! : a!
      if !other.isDict { return notImplemented }
      return bridge { () throws(PyError) in
        let r = try DefaultDict.make(like: own, from: a!)
        try check(PyDict_Update(r.ref, b))
        return r
      }
    }
    var members = MemberTable()
    members.add(
      "default_factory", _Py_T_OBJECT, offset: factoryOffset, flags: 0,
      "Factory for default value called by __missing__().")
    t.pointee.tp_members = members.build()
    t.pointee.tp_methods = methods()
    return t
  }()

  /// A defaultdict of the same class and factory with the items of a mapping.
  private static func make(like d: Ref, from mapping: Ref) throws(PyError) -> Owned {
    let args = try pair(Owned(retaining: factory(d).pointee ?? none), Owned(retaining: mapping))
    return try owned(PyObject_CallObject(d.type.object, args.ref))
  }

  private static func repr(_ d: Ref) throws(PyError) -> Owned {
    let body = try owned(Types.dict.pointee.tp_repr(d))
    var factoryText = "None"
    if let f = factory(d).pointee {
      let entered = Py_ReprEnter(d)
      if entered < 0 { throw PyError() }
      if entered > 0 {
        factoryText = "..."
      } else {
        defer { Py_ReprLeave(d) }
        factoryText = try reprText(f)
      }
    }
    let head = try string("\(typeName(d.type))(\(factoryText), ")
    let left = try owned(PyUnicode_Concat(head.ref, body.ref))
    let close = try string(")")
    return try owned(PyUnicode_Concat(left.ref, close.ref))
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one(
      "__missing__", "",
      "__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n  if self.default_factory is None: raise KeyError((key,))\n  self[key] = value = self.default_factory()\n  return value"
    ) { d, key in
      bridge { () throws(PyError) in
        guard let f = DefaultDict.factory(d!).pointee, !f.isNone else { throw keyError(key!) }
        let held = Owned(retaining: f)
        let value = try owned(PyObject_CallNoArgs(held.ref))
        try check(PyObject_SetItem(d, key, value.ref))
        return value
      }
    }
    m.noArguments("copy", "", "D.copy() -> a shallow copy of D.") { d, _ in
      bridge { () throws(PyError) in try DefaultDict.make(like: d!, from: d!) }
    }
    m.noArguments("__copy__", "", "D.copy() -> a shallow copy of D.") { d, _ in
      bridge { () throws(PyError) in try DefaultDict.make(like: d!, from: d!) }
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { d, _ in
      bridge { () throws(PyError) in
        let f = DefaultDict.factory(d!).pointee
        let args =
          f == nil || f!.isNone ? try owned(PyTuple_New(0)) : try single(Owned(retaining: f!))
        let method = try owned(PyObject_GetAttrString(d, "items"))
        let items = try owned(PyObject_CallNoArgs(method.ref))
        let iterator = try owned(PyObject_GetIter(items.ref))
        let t = try owned(PyTuple_New(5))
        t.ref.tupleItems[0] = newRef(d!.type.object)
        t.ref.tupleItems[1] = args.take()
        t.ref.tupleItems[2] = none
        t.ref.tupleItems[3] = none
        t.ref.tupleItems[4] = iterator.take()
        return t
      }
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    return m.build()
  }
}

/// A descriptor that reads a tuple's item. Words: 0 the doc, 1 the index.
enum TupleGetter {
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(t, "collections._tuplegetter", references: 1, words: 2, subclassable: false)
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let (items, _) = try positional("_tuplegetter", args, kwargs, 2, 2)
        let index = try sizeValue(items[0]!)
        let r = try Fields.make(type!)
        r.ref.field(0).pointee = newRef(items[1]!)
        r.ref.word(1).pointee = index
        return r
      }
    }
    t.pointee.tp_descr_get = { r, object, type in
      guard let object else {
        if type == nil { return fail(Exc.TypeError, "__get__(None, None) is invalid") }
        return newRef(r!)
      }
      let i = r!.word(1).pointee
      if !object.isTuple {
        if object.isNone { return newRef(r!) }
        _ = typeError(
          "descriptor for index '\(i)' for tuple subclasses doesn't apply to '\(typeName(of: object))' object")
        return nil
      }
      if i < 0 || i >= object.size { return fail(Exc.IndexError, "tuple index out of range") }
      return newRef(object.tupleItems[i].unsafelyUnwrapped)
    }
    t.pointee.tp_descr_set = { _, _, value in
      _ = fail(Exc.AttributeError, value == nil ? "can't delete attribute" : "can't set attribute")
      return -1
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        try string("\(typeName(r!.type))(\(r!.word(1).pointee), \(try reprText(r!.field(0).pointee!)))")
      }
    }
    var members = MemberTable()
    members.add("__doc__", _Py_T_OBJECT, offset: 16, flags: 0)
    t.pointee.tp_members = members.build()
    var m = MethodTable()
    m.noArguments("__reduce__", "") { r, _ in
      bridge { () throws(PyError) in
        try pair(classOf(r!), pair(int(r!.word(1).pointee), Owned(retaining: r!.field(0).pointee!)))
      }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()
}
