import CGila
import GilaCore

/// The type `collections.OrderedDict`.
enum OrderedDictType {
  private static let popItemSignature = Signature("popitem", "(last=True)")
  private static let moveSignature = Signature("move_to_end", "(key, last=True)")
  private static let popSignature = Signature("pop", "(key, default=None)")
  private static let setDefaultSignature = Signature("setdefault", "(key, default=None)")
  private static let fromKeysSignature = Signature("fromkeys", "(iterable, value=None)")

  static func install() {
    let t = Types.oDict
    t.define(
      "collections.OrderedDict", basicSize: OrderedDict.basicSize,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DICT_SUBCLASS | _Py_TPFLAGS_MATCH_SELF)
        | UInt(Py_TPFLAGS_MAPPING), base: Types.dict, doc: "Dictionary that remembers insertion order")
    t.pointee.tp_dictoffset = OrderedDict.dictOffset
    t.pointee.tp_weaklistoffset = OrderedDict.weakOffset
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_dealloc = { d in
      let d = d!
      PyObject_GC_UnTrack(d.raw)
      if OrderedDictType.slot(d, OrderedDict.weakOffset).pointee != nil { PyObject_ClearWeakRefs(d) }
      clear(OrderedDictType.slot(d, OrderedDict.dictOffset))
      OrderedDict.free(d)
      Types.dict.pointee.tp_dealloc(d)
    }
    t.pointee.tp_traverse = { d, visit, context in
      let d = d!
      if let own = OrderedDictType.slot(d, OrderedDict.dictOffset).pointee {
        let r = visit!(own, context)
        if r != 0 { return r }
      }
      if let c = OrderedDict.chain(d) {
        var i = c.pointee.first
        while i >= 0 {
          let node = c.pointee.nodes[Int(i)]
          let r = visit!(node.key, context)
          if r != 0 { return r }
          i = node.next
        }
      }
      return Types.dict.pointee.tp_traverse(d, visit, context)
    }
    t.pointee.tp_clear = { d in
      clear(OrderedDictType.slot(d!, OrderedDict.dictOffset))
      OrderedDict.clear(d!)
      return 0
    }
    t.pointee.tp_init = { d, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let n = args?.size ?? 0
        if n > 1 { throw typeError("expected at most 1 arguments, got \(n)") }
        try OrderedDictType.update(d!, args, kwargs)
      }
    }
    t.pointee.tp_iter = { OrderedDictIterator.make($0!, OrderedDictIterator.keys) }
    t.pointee.tp_repr = { d in bridge { () throws(PyError) in try OrderedDictType.repr(d!) } }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        guard b!.isDict, op == Py_EQ || op == Py_NE else { return Owned(retaining: notImplemented) }
        var same = try Dict.equal(a!, b!)
        if same && OrderedDict.isOrdered(b!) { same = try OrderedDict.sameOrder(a!, b!) }
        return Owned(retaining: pyBool(same == (op == Py_EQ)))
      }
    }
    t.mapping.pointee.mp_ass_subscript = { d, key, value in
      bridgeStatus { () throws(PyError) in
        if let value { try OrderedDict.set(d!, key!, value) } else { try OrderedDict.delete(d!, key!) }
      }
    }
    t.number.pointee.nb_or = { a, b in
      bridge { () throws(PyError) in
        guard a!.isDict, b!.isDict else { return Owned(retaining: notImplemented) }
        let type = OrderedDict.isOrdered(a!) ? a!.type : b!.type
        let result = try owned(PyObject_CallOneArg(type.object, a))
        try OrderedDict.update(result.ref, from: b!)
        return result
      }
    }
    t.number.pointee.nb_inplace_or = { a, b in
      bridge { () throws(PyError) in
        try OrderedDict.update(a!, from: b!)
        return Owned(retaining: a!)
      }
    }
    var g = GetSetTable()
    g.add("__dict__", get: { PyObject_GenericGetDict($0, $1) }, set: { PyObject_GenericSetDict($0, $1, $2) })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = methods()
    OrderedDictIterator.install()
  }

  static func slot(_ d: Ref, _ offset: Int) -> UnsafeMutablePointer<Ref?> {
    (d.raw + offset).assumingMemoryBound(to: Ref?.self)
  }
  static func update(_ d: Ref, _ args: Ref?, _ kwargs: Ref?) throws(PyError) {
    if let args, args.size > 0 { try OrderedDict.update(d, from: gila_tuple_items(args)[0]!) }
    if let kwargs {
      if PyArg_ValidateKeywordArguments(kwargs) == 0 { throw PyError() }
      let items = try owned(PyDict_Items(kwargs))
      try OrderedDict.addPairs(d, items.ref)
    }
  }
  static func repr(_ d: Ref) throws(PyError) -> Owned {
    let name = try owned(PyType_GetName(d.type))
    if Dict.used(d) == 0 { return try owned(PyUnicode_Concat(name.ref, string("()").ref)) }
    let entered = Py_ReprEnter(d)
    if entered != 0 {
      if entered < 0 { throw PyError() }
      return try string("...")
    }
    defer { Py_ReprLeave(d) }
    let plain = try owned(PyObject_CallOneArg(Types.dict.object, d))
    let text = try owned(PyObject_Repr(plain.ref))
    let open = try string("("), close = try string(")")
    let head = try owned(PyUnicode_Concat(name.ref, open.ref))
    let body = try owned(PyUnicode_Concat(head.ref, text.ref))
    return try owned(PyUnicode_Concat(body.ref, close.ref))
  }
  static func copy(_ d: Ref) throws(PyError) -> Owned {
    let result = try owned(PyObject_CallNoArgs(d.type.object))
    if d.isExactly(Types.oDict) {
      try OrderedDict.forEachKey(d) { (key) throws(PyError) in
        guard let value = try Dict.get(d, key) else { throw keyError(key) }
        let held = Owned(retaining: value)
        try OrderedDict.set(result.ref, key, held.ref)
      }
    } else {
      try OrderedDict.forEachKey(d) { (key) throws(PyError) in
        let value = try owned(PyObject_GetItem(d, key))
        try check(PyObject_SetItem(result.ref, key, value.ref))
      }
    }
    return result
  }
  static func setDefault(_ d: Ref, _ key: Ref, _ value: Ref) throws(PyError) -> Owned {
    if d.isExactly(Types.oDict) {
      if let old = try Dict.get(d, key) { return Owned(retaining: old) }
      try OrderedDict.set(d, key, value)
      return Owned(retaining: value)
    }
    if try check(PySequence_Contains(d, key)) != 0 { return try owned(PyObject_GetItem(d, key)) }
    try check(PyObject_SetItem(d, key, value))
    return Owned(retaining: value)
  }
  static func reduce(_ d: Ref) throws(PyError) -> Owned {
    let getState = try owned(PyObject_GetAttr(d, gila_intern("__getstate__")))
    let state = try owned(PyObject_CallNoArgs(getState.ref))
    let itemsMethod = try owned(PyObject_GetAttr(d, gila_intern("items")))
    let items = try owned(PyObject_CallNoArgs(itemsMethod.ref))
    let iterator = try owned(PyObject_GetIter(items.ref))
    let result = try owned(PyTuple_New(5))
    let parts = gila_tuple_items(result.ref)
    parts[0] = newRef(d.type.object)
    parts[1] = try owned(PyTuple_New(0)).take()
    parts[2] = newRef(state.ref)
    parts[3] = newRef(none)
    parts[4] = newRef(iterator.ref)
    return result
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "fromkeys", "($type, /, iterable, value=None)",
      "Create a new ordered dictionary with keys from iterable and values set to value.", flags: METH_CLASS
    ) { cls, args, n, names in
      bridge { () throws(PyError) in
        let b = try OrderedDictType.fromKeysSignature.bind(args, n, names)
        return try DictType.fromKeys(cls!, b[0]!, b[1] ?? none)
      }
    }
    m.noArguments("__sizeof__", "($self, /)", "") { d, _ in
      var size = DictType.memorySize(d!)
      if let c = OrderedDict.chain(d!), c.pointee.count > 0 {
        size += 8 << Int(Dict.keys(d!).head.pointee.log2_size)
        size += c.pointee.count * 32
      }
      return PyLong_FromSsize_t(size)
    }
    m.noArguments("__reduce__", "($self, /)", "Return state information for pickling") { d, _ in
      bridge { () throws(PyError) in try OrderedDictType.reduce(d!) }
    }
    m.keywords(
      "setdefault", "($self, /, key, default=None)",
      "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default."
    ) { d, args, n, names in
      bridge { () throws(PyError) in
        let b = try OrderedDictType.setDefaultSignature.bind(args, n, names)
        return try OrderedDictType.setDefault(d!, b[0]!, b[1] ?? none)
      }
    }
    m.keywords(
      "pop", "($self, /, key, default=<unrepresentable>)",
      "od.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError."
    ) { d, args, n, names in
      bridge { () throws(PyError) in
        let b = try OrderedDictType.popSignature.bind(args, n, names)
        if let value = try OrderedDict.pop(d!, b[0]!) { return value }
        guard let fallback = b[1] else { throw keyError(b[0]!) }
        return Owned(retaining: fallback)
      }
    }
    m.keywords(
      "popitem", "($self, /, last=True)",
      "Remove and return a (key, value) pair from the dictionary.\n\nPairs are returned in LIFO order if last is true or FIFO order if false."
    ) { d, args, n, names in
      bridge { () throws(PyError) in
        let b = try OrderedDictType.popItemSignature.bind(args, n, names)
        let last = try truth(b[0] ?? pyTrue)
        return try OrderedDict.popItem(d!, last: last)
      }
    }
    m.keywords(
      "move_to_end", "($self, /, key, last=True)",
      "Move an existing element to the end (or beginning if last is false).\n\nRaise KeyError if the element does not exist."
    ) { d, args, n, names in
      bridgeNone { () throws(PyError) in
        let b = try OrderedDictType.moveSignature.bind(args, n, names)
        let toEnd = try truth(b[1] ?? pyTrue)
        try OrderedDict.move(d!, b[0]!, toEnd: toEnd)
      }
    }
    m.tupleAndDict("update", "", "") { d, args, kwargs in
      bridgeNone { () throws(PyError) in
        let n = args?.size ?? 0
        if n > 1 { throw typeError("update() takes at most 1 positional argument (\(n) given)") }
        try OrderedDictType.update(d!, args, kwargs)
      }
    }
    m.noArguments("clear", "($self, /)", "od.clear() -> None.  Remove all items from od.") { d, _ in
      OrderedDict.clear(d!)
      return none
    }
    m.noArguments("copy", "($self, /)", "od.copy() -> a shallow copy of od") { d, _ in
      bridge { () throws(PyError) in try OrderedDictType.copy(d!) }
    }
    m.noArguments("__reversed__", "($self, /)", "od.__reversed__() <==> reversed(od)") { d, _ in
      OrderedDictIterator.make(d!, OrderedDictIterator.keys | OrderedDictIterator.backward)
    }
    m.noArguments("keys", "($self, /)", "") { d, _ in DictView.make(d!, Types.oDictKeys) }
    m.noArguments("values", "($self, /)", "") { d, _ in DictView.make(d!, Types.oDictValues) }
    m.noArguments("items", "($self, /)", "") { d, _ in DictView.make(d!, Types.oDictItems) }
    return m.build()
  }
}
