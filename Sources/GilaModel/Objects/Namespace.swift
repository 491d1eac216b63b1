import CGila
import GilaCore

/// `types.SimpleNamespace`: an object that is nothing but its attributes.
enum NamespaceType {
  @inline(__always) static func dict(_ n: Ref) -> UnsafeMutablePointer<Ref?> {
    (n.raw + 16).assumingMemoryBound(to: Ref?.self)
  }

  static func install() {
    let t = Types.namespace
    t.define(
      "types.SimpleNamespace", basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE),
      doc: "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\nA simple attribute-based namespace.")
    t.pointee.tp_dictoffset = 16
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_new = { t, _, _ in
      bridge { () throws(PyError) in
        let n = try owned(t!.pointee.tp_alloc(t, 0))
        let d = try owned(PyDict_New())
        NamespaceType.dict(n.ref).pointee = d.take()
        return n
      }
    }
    t.pointee.tp_init = { n, args, kwargs in
      bridgeStatus { () throws(PyError) in try NamespaceType.initialize(n!, args!, kwargs) }
    }
    t.pointee.tp_dealloc = { n in
      PyObject_GC_UnTrack(n!.raw)
      xdecref(NamespaceType.dict(n!).pointee)
      n!.type.pointee.tp_free(n!.raw)
    }
    t.pointee.tp_traverse = { n, visit, context in NamespaceType.dict(n!).pointee.map { visit!($0, context) } ?? 0 }
    t.pointee.tp_clear = { n in
      GilaCore.clear(NamespaceType.dict(n!))
      return 0
    }
    t.pointee.tp_repr = { n in bridge { () throws(PyError) in try NamespaceType.repr(n!) } }
    t.pointee.tp_richcompare = { a, b, op in
      guard a!.isInstance(of: Types.namespace), b!.isInstance(of: Types.namespace),
        let x = NamespaceType.dict(a!).pointee, let y = NamespaceType.dict(b!).pointee
      else { return newRef(notImplemented) }
      return PyObject_RichCompare(x, y, op)
    }
    var members = MemberTable()
    members.add("__dict__", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = members.build()
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling") { n, _ in
      bridge { () throws(PyError) in
        let empty = try owned(PyTuple_New(0))
        return try tuple(n!.type.object, empty.ref, NamespaceType.dict(n!).pointee ?? none)
      }
    }
    m.tupleAndDict(
      "__replace__", "($self, /, **changes)",
      "Return a copy of the namespace object with new values for the specified attributes."
    ) {
      n, args, kwargs in
      bridge { () throws(PyError) in
        if args!.size != 0 { throw typeError("__replace__() takes no positional arguments") }
        let empty = try owned(PyTuple_New(0))
        let copy = try owned(PyObject_Call(n!.type.object, empty.ref, nil))
        let target = NamespaceType.dict(copy.ref).pointee
        if let own = NamespaceType.dict(n!).pointee { try check(PyDict_Update(target, own)) }
        if let kwargs { try check(PyDict_Update(target, kwargs)) }
        return copy
      }
    }
    t.pointee.tp_methods = m.build()
  }

  private static func initialize(_ n: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) {
    try checkCount("SimpleNamespace", args.size, 0, 1)
    if dict(n).pointee == nil { dict(n).pointee = try owned(PyDict_New()).take() }
    let own = Owned(retaining: dict(n).pointee!)
    if args.size == 1 {
      let first = gila_tuple_items(args)[0]!
      let given = first.isDict ? Owned(retaining: first) : try owned(call(Types.dict.object, first))
      if PyArg_ValidateKeywordArguments(given.ref) == 0 { throw PyError() }
      try check(PyDict_Update(own.ref, given.ref))
    }
    guard let kwargs else { return }
    if PyArg_ValidateKeywordArguments(kwargs) == 0 { throw PyError() }
    try check(PyDict_Update(own.ref, kwargs))
  }
  private static func repr(_ n: Ref) throws(PyError) -> Owned {
    let name = n.isExactly(Types.namespace) ? "namespace" : typeName(n.type)
    let entered = try check(Py_ReprEnter(n))
    if entered > 0 { return try string("\(name)(...)") }
    defer { Py_ReprLeave(n) }
    guard let d = dict(n).pointee else { return try string("\(name)()") }
    let held = Owned(retaining: d)
    let keys = try owned(PyDict_Keys(held.ref))
    var parts: [String] = []
    for i in 0..<keys.ref.size {
      let key = gila_list_items(keys.ref)![i]!
      guard key.isUnicode, PyUnicode_GetLength(key) > 0 else { continue }
      guard let v = PyDict_GetItemWithError(held.ref, key) else {
        if errorIsSet { throw PyError() }
        continue
      }
      let value = Owned(retaining: v)
      parts.append("\(swiftString(key))=\(try reprText(value.ref))")
    }
    return try string("\(name)(\(parts.joined(separator: ", ")))")
  }
}

@c @implementation public func _PyNamespace_New(_ values: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let n = try owned(Types.namespace.pointee.tp_new(Types.namespace, nil, nil))
    if let values { try check(PyDict_Update(NamespaceType.dict(n.ref).pointee, values)) }
    return n
  }
}
