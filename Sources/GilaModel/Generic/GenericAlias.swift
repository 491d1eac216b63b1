import CGila
import GilaCore

/// `types.GenericAlias`: a class with type arguments, such as `list[int]`.
enum GenericAliasType {
  struct Object {
    var ob_base: PyObject
    var origin: Ref?
    var args: Ref?
    var parameters: Ref?
    var weaklist: Ref?
    var starred: Bool
    var vectorcall: vectorcallfunc?
  }
  @inline(__always) static func object(_ a: Ref) -> UnsafeMutablePointer<Object> { a.cast(Object.self) }
  static func isAlias(_ r: Ref) -> Bool { r.isInstance(of: Types.genericAliasType) }

  static func make(_ type: TypeRef, _ origin: Ref, _ args: Ref, starred: Bool = false) throws(PyError) -> Owned {
    let tuple: Owned
    if args.isTuple {
      tuple = Owned(retaining: args)
    } else {
      tuple = try owned(PyTuple_New(1))
      gila_tuple_items(tuple.ref)[0] = newRef(args)
    }
    let a = try owned(type.pointee.tp_alloc(type, 0))
    let x = object(a.ref)
    x.pointee.origin = newRef(origin)
    x.pointee.args = tuple.take()
    x.pointee.starred = starred
    x.pointee.vectorcall = { a, args, nargsf, names in
      guard let r = PyObject_Vectorcall(GenericAliasType.object(a!).pointee.origin, args, nargsf & Int.max, names)
      else {
        return nil
      }
      return GenericAliasType.remember(r, a!)
    }
    return a
  }
  /// Tells a new instance which alias it was made through, if it lets itself be told.
  private static func remember(_ r: Ref, _ a: Ref) -> Ref? {
    if PyObject_SetAttr(r, Dunder.orig_class.ref, a) < 0 {
      guard
        PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 || PyErr_ExceptionMatches(Exc.TypeError.object) != 0
      else {
        gila_decref(r)
        return nil
      }
      PyErr_Clear()
    }
    return r
  }
  /// The type variables of the arguments, found on first use.
  static func parameters(_ a: Ref) throws(PyError) -> Ref {
    let x = object(a)
    if let p = x.pointee.parameters { return p }
    let found = try TypeParameters.find(x.pointee.args!)
    x.pointee.parameters = found.take()
    return x.pointee.parameters!
  }

  static func install() {
    let t = Types.genericAliasType
    t.define(
      "types.GenericAlias", basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_VECTORCALL),
      doc:
        "GenericAlias(origin, args, /)\n--\n\nRepresent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,)."
    )
    t.pointee.tp_weaklistoffset = MemoryLayout<Object>.offset(of: \.weaklist)!
    t.pointee.tp_vectorcall_offset = MemoryLayout<Object>.offset(of: \.vectorcall)!
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = { t, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("GenericAlias", kwargs)
        try checkCount("GenericAlias", args!.size, 2, 2)
        return try GenericAliasType.make(t!, gila_tuple_items(args!)[0]!, gila_tuple_items(args!)[1]!)
      }
    }
    t.pointee.tp_dealloc = { a in
      PyObject_GC_UnTrack(a!.raw)
      let x = GenericAliasType.object(a!)
      if x.pointee.weaklist != nil { PyObject_ClearWeakRefs(a) }
      xdecref(x.pointee.origin)
      xdecref(x.pointee.args)
      xdecref(x.pointee.parameters)
      a!.type.pointee.tp_free(a!.raw)
    }
    t.pointee.tp_traverse = { a, visit, context in
      for offset in [16, 24, 32] {
        guard let v = (a!.raw + offset).load(as: Ref?.self) else { continue }
        let r = visit!(v, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_repr = { a in
      bridge { () throws(PyError) in
        let x = GenericAliasType.object(a!)
        let origin = try GenericText.item(x.pointee.origin!)
        let n = x.pointee.args!.size
        var parts: [String] = []
        for i in 0..<n { parts.append(try GenericText.argument(gila_tuple_items(x.pointee.args!)[i]!)) }
        let inside = n == 0 ? "()" : parts.joined(separator: ", ")
        return try string("\(x.pointee.starred ? "*" : "")\(origin)[\(inside)]")
      }
    }
    t.pointee.tp_hash = { a in
      let x = GenericAliasType.object(a!)
      let h = PyObject_Hash(x.pointee.origin)
      if h == -1 { return -1 }
      let g = PyObject_Hash(x.pointee.args)
      if g == -1 { return -1 }
      return h ^ g == -1 ? -2 : h ^ g
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, GenericAliasType.isAlias(a!), GenericAliasType.isAlias(b!) else {
        return newRef(notImplemented)
      }
      let x = GenericAliasType.object(a!), y = GenericAliasType.object(b!)
      var same: Int32 = x.pointee.starred == y.pointee.starred ? 1 : 0
      if same > 0 { same = PyObject_RichCompareBool(x.pointee.origin, y.pointee.origin, Py_EQ) }
      if same > 0 { same = PyObject_RichCompareBool(x.pointee.args, y.pointee.args, Py_EQ) }
      if same < 0 { return nil }
      return newRef(pyBool((same != 0) == (op == Py_EQ)))
    }
    t.pointee.tp_getattro = { a, name in GenericAliasType.getAttribute(a!, name!) }
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_iter = { a in
      bridge { () throws(PyError) in
        let i = try owned(PyType_GenericAlloc(Types.genericAliasIter, 0))
        (i.ref.raw + 16).storeBytes(of: newRef(a!), as: Ref?.self)
        return i
      }
    }
    t.number.pointee.nb_or = { a, b in gila_union(a, b) }
    t.mapping.pointee.mp_subscript = { a, item in
      bridge { () throws(PyError) in
        let x = GenericAliasType.object(a!)
        let parameters = try GenericAliasType.parameters(a!)
        let args = try TypeParameters.substitute(a!, x.pointee.args!, parameters, item!)
        return try GenericAliasType.make(
          Types.genericAliasType, x.pointee.origin!, args.ref, starred: x.pointee.starred)
      }
    }
    var m = MemberTable()
    m.add("__origin__", _Py_T_OBJECT, offset: 16)
    m.add("__args__", _Py_T_OBJECT, offset: 24)
    m.add("__unpacked__", Py_T_BOOL, offset: MemoryLayout<Object>.offset(of: \.starred)!)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add(
      "__parameters__", "Type variables in the GenericAlias.",
      get: { a, _ in
        bridge { () throws(PyError) in Owned(retaining: try GenericAliasType.parameters(a!)) }
      })
    g.add(
      "__typing_unpacked_tuple_args__",
      get: { a, _ in
        let x = GenericAliasType.object(a!)
        return newRef(x.pointee.starred && x.pointee.origin == Types.tuple.object ? x.pointee.args! : none)
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = methods()
    iterator()
  }

  // MARK: Attributes

  /// Names that an alias answers itself; all others its class answers.
  private static let own: Set<String> = [
    "__class__", "__origin__", "__args__", "__unpacked__", "__parameters__", "__typing_unpacked_tuple_args__",
    "__mro_entries__", "__reduce_ex__", "__reduce__",
  ]
  private static let refused: Set<String> = ["__bases__", "__copy__", "__deepcopy__"]
  private static func getAttribute(_ a: Ref, _ name: Ref) -> Ref? {
    if name.isExactly(Types.unicode) {
      let text = swiftString(name)
      if !own.contains(text) && !refused.contains(text) { return PyObject_GetAttr(object(a).pointee.origin, name) }
    }
    return PyObject_GenericGetAttr(a, name)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("__mro_entries__") { a, _ in
      bridge { () throws(PyError) in
        let t = try owned(PyTuple_New(1))
        gila_tuple_items(t.ref)[0] = newRef(GenericAliasType.object(a!).pointee.origin!)
        return t
      }
    }
    m.one("__instancecheck__") { _, _ in
      _ = typeError("isinstance() argument 2 cannot be a parameterized generic")
      return nil
    }
    m.one("__subclasscheck__") { _, _ in
      _ = typeError("issubclass() argument 2 cannot be a parameterized generic")
      return nil
    }
    m.noArguments("__reduce__") { a, _ in
      bridge { () throws(PyError) in try GenericAliasType.reduce(a!) }
    }
    m.noArguments("__dir__") { a, _ in
      bridge { () throws(PyError) in try GenericAliasType.directory(a!) }
    }
    return m.build()
  }
  private static func reduce(_ a: Ref) throws(PyError) -> Owned {
    let x = object(a)
    if x.pointee.starred {
      let plain = try make(Types.genericAliasType, x.pointee.origin!, x.pointee.args!)
      let iterator = try owned(PyObject_GetIter(plain.ref))
      let next = try owned(builtin("next"))
      let args = try tuple(iterator.ref)
      return try tuple(next.ref, args.ref)
    }
    let args = try tuple(x.pointee.origin!, x.pointee.args!)
    return try tuple(a.type.object, args.ref)
  }
  private static func directory(_ a: Ref) throws(PyError) -> Owned {
    let names = try owned(PyObject_Dir(object(a).pointee.origin))
    for text in own.union(refused).sorted() {
      let name = try string(text)
      if try check(PySequence_Contains(names.ref, name.ref)) == 0 { try check(PyList_Append(names.ref, name.ref)) }
    }
    return names
  }

  /// What `*list[int]` iterates over: the starred alias, once. It keeps the alias itself, which is what it is copied from.
  private static func iterator() {
    let t = Types.genericAliasIter
    t.define(
      "generic_alias_iterator", basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { i in
      PyObject_GC_UnTrack(i!.raw)
      xdecref((i!.raw + 16).load(as: Ref?.self))
      PyObject_GC_Del(i!.raw)
    }
    t.pointee.tp_traverse = { i, visit, context in (i!.raw + 16).load(as: Ref?.self).map { visit!($0, context) } ?? 0 }
    t.pointee.tp_clear = { i in
      GilaCore.clear((i!.raw + 16).assumingMemoryBound(to: Ref?.self))
      return 0
    }
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { i in
      let slot = (i!.raw + 16).assumingMemoryBound(to: Ref?.self)
      guard let a = slot.pointee else { return nil }
      slot.pointee = nil
      let alias = Owned(taking: a)
      return bridge { () throws(PyError) in
        let x = GenericAliasType.object(alias.ref)
        return try GenericAliasType.make(Types.genericAliasType, x.pointee.origin!, x.pointee.args!, starred: true)
      }
    }
    var m = MethodTable()
    m.noArguments("__reduce__") { i, _ in
      bridge { () throws(PyError) in
        let iter = try owned(builtin("iter"))
        if let alias = (i!.raw + 16).load(as: Ref?.self) {
          let args = try tuple(alias)
          return try tuple(iter.ref, args.ref)
        }
        let empty = try owned(PyTuple_New(0))
        let args = try tuple(empty.ref)
        return try tuple(iter.ref, args.ref)
      }
    }
    t.pointee.tp_methods = m.build()
  }
}

@c @implementation public func Py_GenericAlias(_ origin: Ref!, _ args: Ref!) -> Ref? {
  bridge { () throws(PyError) in try GenericAliasType.make(Types.genericAliasType, origin!, args!) }
}

/// A builtin function by name (new reference).
func builtin(_ name: StaticString) -> Ref? {
  guard let d = currentInterpreter.pointee.builtins, let f = PyDict_GetItemString(d, cString(name)) else {
    _ = raise(Exc.AttributeError, "\(name)")
    return nil
  }
  return newRef(f)
}
/// New tuples of borrowed items.
func tuple(_ a: Ref) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(1))
  gila_tuple_items(t.ref)[0] = newRef(a)
  return t
}
func tuple(_ a: Ref, _ b: Ref) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(2))
  gila_tuple_items(t.ref)[0] = newRef(a)
  gila_tuple_items(t.ref)[1] = newRef(b)
  return t
}
func tuple(_ a: Ref, _ b: Ref, _ c: Ref) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(3))
  gila_tuple_items(t.ref)[0] = newRef(a)
  gila_tuple_items(t.ref)[1] = newRef(b)
  gila_tuple_items(t.ref)[2] = newRef(c)
  return t
}
