import CGila
import GilaCore

/// `types.UnionType`: `int | None`.
enum UnionType {
  struct Object {
    var ob_base: PyObject
    var args: Ref?
    var parameters: Ref?
  }
  @inline(__always) static func object(_ u: Ref) -> UnsafeMutablePointer<Object> { u.cast(Object.self) }

  private static func canUnite(_ r: Ref) -> Bool {
    r == none || r.isType || GenericAliasType.isAlias(r) || r.isExactly(Types.typeAlias) || r.isExactly(Types.union)
  }
  /// Aliases are the same when equal, other types when identical.
  private static func same(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    if GenericAliasType.isAlias(a) && GenericAliasType.isAlias(b) {
      return try check(PyObject_RichCompareBool(a, b, Py_EQ)) != 0
    }
    return a == b
  }
  private static func add(_ list: Ref, _ r: Ref) throws(PyError) {
    if r.isExactly(Types.union) {
      let args = object(r).pointee.args!
      for i in 0..<args.size { try add(list, gila_tuple_items(args)[i]!) }
      return
    }
    let t = r == none ? Types.none.object : r
    var i = 0
    while i < list.size {
      let other = Owned(retaining: gila_list_items(list)![i]!)
      if try same(other.ref, t) { return }
      i += 1
    }
    try check(PyList_Append(list, t))
  }
  static func unite(_ a: Ref, _ b: Ref) throws(PyError) -> Owned {
    guard canUnite(a), canUnite(b) else { return Owned(retaining: notImplemented) }
    let list = try owned(PyList_New(0))
    try add(list.ref, a)
    try add(list.ref, b)
    if list.ref.size == 1 { return Owned(retaining: gila_list_items(list.ref)![0]!) }
    let args = try owned(PyList_AsTuple(list.ref))
    let u = try owned(PyType_GenericAlloc(Types.union, 0))
    object(u.ref).pointee.args = args.take()
    return u
  }

  static func install() {
    let t = Types.union
    t.define(
      "types.UnionType", basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc: "Represent a PEP 604 union type\n\nE.g. for int | str")
    t.pointee.tp_dealloc = { u in
      PyObject_GC_UnTrack(u!.raw)
      xdecref(UnionType.object(u!).pointee.args)
      xdecref(UnionType.object(u!).pointee.parameters)
      PyObject_GC_Del(u!.raw)
    }
    t.pointee.tp_traverse = { u, visit, context in
      let x = UnionType.object(u!)
      let r = x.pointee.args.map { visit!($0, context) } ?? 0
      return r != 0 ? r : x.pointee.parameters.map { visit!($0, context) } ?? 0
    }
    t.pointee.tp_hash = { u in
      guard let set = PyFrozenSet_New(UnionType.object(u!).pointee.args) else { return -1 }
      defer { gila_decref(set) }
      return PyObject_Hash(set)
    }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        guard op == Py_EQ || op == Py_NE, a!.isExactly(Types.union), b!.isExactly(Types.union) else {
          return Owned(retaining: notImplemented)
        }
        let x = try owned(PySet_New(UnionType.object(a!).pointee.args))
        let y = try owned(PySet_New(UnionType.object(b!).pointee.args))
        return try owned(PyObject_RichCompare(x.ref, y.ref, op))
      }
    }
    t.pointee.tp_repr = { u in
      bridge { () throws(PyError) in
        let args = UnionType.object(u!).pointee.args!
        var parts: [String] = []
        for i in 0..<args.size {
          let t = gila_tuple_items(args)[i]!
          parts.append(t == Types.none.object ? "None" : try GenericText.item(t))
        }
        return try string(parts.joined(separator: " | "))
      }
    }
    t.pointee.tp_getattro = { u, name in
      if name!.isUnicode, PyUnicode_EqualToUTF8(name, "__module__") != 0 {
        return PyObject_GetAttr(u!.type.object, name)
      }
      return PyObject_GenericGetAttr(u, name)
    }
    t.number.pointee.nb_or = { a, b in gila_union(a, b) }
    t.mapping.pointee.mp_subscript = { u, item in
      bridge { () throws(PyError) in
        let x = UnionType.object(u!)
        let parameters = try UnionType.parameters(u!)
        let args = try TypeParameters.substitute(u!, x.pointee.args!, parameters, item!)
        if args.ref.size == 0 { return args }
        var result = Owned(retaining: gila_tuple_items(args.ref)[0]!)
        for i in 1..<max(args.ref.size, 1) {
          result = try owned(PyNumber_Or(result.ref, gila_tuple_items(args.ref)[i]))
        }
        return result
      }
    }
    var m = MemberTable()
    m.add("__args__", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add(
      "__parameters__", "Type variables in the types.UnionType.",
      get: { u, _ in bridge { () throws(PyError) in Owned(retaining: try UnionType.parameters(u!)) } })
    t.pointee.tp_getset = g.build()
  }
  private static func parameters(_ u: Ref) throws(PyError) -> Ref {
    let x = object(u)
    if let p = x.pointee.parameters { return p }
    let found = try TypeParameters.find(x.pointee.args!)
    x.pointee.parameters = found.take()
    return x.pointee.parameters!
  }
}

@c @implementation public func gila_union(_ a: Ref!, _ b: Ref!) -> Ref? {
  bridge { () throws(PyError) in try UnionType.unite(a!, b!) }
}
