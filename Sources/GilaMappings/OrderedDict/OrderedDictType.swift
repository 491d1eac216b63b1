import CGila
import GilaCore

/// The type `collections.OrderedDict`.
enum OrderedDictType {
  static func install() {
    let t = Types.oDict
    t.define(
      "collections.OrderedDict", basicSize: MemoryLayout<OrderedDict.Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DICT_SUBCLASS | _Py_TPFLAGS_MATCH_SELF)
        | UInt(Py_TPFLAGS_MAPPING),
      base: Types.dict, doc: "Dictionary that remembers insertion order")
    t.pointee.tp_dictoffset = MemoryLayout<OrderedDict.Object>.offset(of: \.attributes).unsafelyUnwrapped
    t.pointee.tp_weaklistoffset = MemoryLayout<OrderedDict.Object>.offset(of: \.weakReferences).unsafelyUnwrapped
    t.pointee.tp_dealloc = { d in
      let d = d!
      PyObject_GC_UnTrack(d.raw)
      let o = OrderedDict.object(d)
      if o.pointee.weakReferences != nil { PyObject_ClearWeakRefs(d) }
      clear(&o.pointee.attributes)
      let table = Dict.keys(d)
      Dict.object(d).pointee.ma_keys = gila_empty_keys_head()
      if table.head != gila_empty_keys_head() { Dict.release(table) }
      d.type.pointee.tp_free(d.raw)
    }
    t.pointee.tp_traverse = { d, visit, context in
      if let attributes = OrderedDict.object(d!).pointee.attributes {
        let r = visit!(attributes, context)
        if r != 0 { return r }
      }
      return Types.dict.pointee.tp_traverse(d, visit, context)
    }
    t.pointee.tp_clear = { d in
      clear(&OrderedDict.object(d!).pointee.attributes)
      OrderedDict.clear(d!)
      return 0
    }
    t.pointee.tp_init = { d, args, kwargs in
      bridgeStatus { () throws(PyError) in
        if args!.size > 1 { throw typeError("expected at most 1 arguments, got \(args!.size)") }
        try OrderedDict.update(d!, args!.size == 1 ? PyTuple_GetItem(args, 0) : nil, kwargs)
      }
    }
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_repr = { d in bridge { () throws(PyError) in try OrderedDictType.repr(d!) } }
    t.pointee.tp_iter = { OrderedDictIterator.make($0!, OrderedDictIterator.keys) }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        let a = a!, b = b!
        guard OrderedDict.isOrdered(a), b.isDict, op == Py_EQ || op == Py_NE else {
          return Owned(retaining: notImplemented)
        }
        var equal = try Dict.equal(a, b)
        if equal && OrderedDict.isOrdered(b) { equal = try OrderedDict.sameOrder(a, b) }
        return Owned(retaining: pyBool(equal == (op == Py_EQ)))
      }
    }
    t.mapping.pointee.mp_length = Types.dict.mapping.pointee.mp_length
    t.mapping.pointee.mp_subscript = Types.dict.mapping.pointee.mp_subscript
    t.mapping.pointee.mp_ass_subscript = { d, key, value in
      bridgeStatus { () throws(PyError) in
        if let value { try OrderedDict.set(d!, key!, value) } else { try OrderedDict.remove(d!, key!) }
      }
    }
    t.number.pointee.nb_or = { a, b in
      bridge { () throws(PyError) in
        let left = a!, right = b!
        let ordered = OrderedDict.isOrdered(left) ? left : right
        guard left.isDict, right.isDict, OrderedDict.isOrdered(ordered) else { return Owned(retaining: notImplemented) }
        let result = try owned(PyObject_CallOneArg(ordered.type.object, left))
        try OrderedDict.update(result.ref, from: right)
        return result
      }
    }
    t.number.pointee.nb_inplace_or = { a, b in
      bridge { () throws(PyError) in
        try OrderedDict.update(a!, from: b!)
        return Owned(retaining: a!)
      }
    }
    t.pointee.tp_methods = methods()
    var attributes = GetSetTable()
    attributes.add("__dict__", get: PyObject_GenericGetDict, set: PyObject_GenericSetDict)
    t.pointee.tp_getset = attributes.build()
  }

  private static func repr(_ d: Ref) throws(PyError) -> Owned {
    let name = typeName(d.type)
    if Dict.used(d) == 0 { return try string("\(name)()") }
    try OrderedDict.requireKnownKeys(d)
    let entered = Py_ReprEnter(d)
    if entered != 0 {
      if entered < 0 { throw PyError() }
      return try string("...")
    }
    defer { Py_ReprLeave(d) }
    let plain: Owned
    if d.isExactly(Types.oDict) {
      plain = try Dict.copy(d)
    } else {
      let items = try OrderedDict.call(d, "items")
      plain = try owned(PyObject_CallOneArg(Types.dict.object, items.ref))
    }
    let text = try owned(PyObject_Repr(plain.ref))
    let open = try string(name + "("), close = try string(")")
    let left = try owned(PyUnicode_Concat(open.ref, text.ref))
    return try owned(PyUnicode_Concat(left.ref, close.ref))
  }

  private static let setdefault = Signature("setdefault", "(key, default=None)")
  private static let pop = Signature("pop", "(key, default=<unrepresentable>)")
  private static let popitem = Signature("popitem", "(last=True)")
  private static let moveToEnd = Signature("move_to_end", "(key, last=True)")

  /// The argument `last` behind some others, without the cost of binding; nil if the arguments are of another shape.
  private static func lastFlag(
    _ args: ArgumentVector?, _ n: Int, _ names: Ref?, behind others: Int
  ) throws(PyError) -> Bool? {
    guard let names else {
      if n == others { return true }
      guard n == others + 1, let flag = args?[others] else { return nil }
      return try truth(flag)
    }
    guard n == others, names.size == 1, let name = gila_tuple_items(names)[0], let flag = args?[n],
      _PyUnicode_EqualToASCIIString(name, "last") != 0
    else { return nil }
    return try truth(flag)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "fromkeys", "($type, /, iterable, value=None)",
      "Create a new ordered dictionary with keys from iterable and values set to value.", flags: METH_CLASS
    ) { cls, args, n, names in
      bridge { () throws(PyError) in
        let a = try Signature("fromkeys", "(iterable, value=None)").bind(args, n, names)
        return try DictType.fromKeys(cls!, a[0]!, a[1] ?? none)
      }
    }
    m.keywords(
      "setdefault", "($self, /, key, default=None)",
      "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default."
    ) { d, args, n, names in
      bridge { () throws(PyError) in
        let d = d!
        let a = try OrderedDictType.setdefault.bind(args, n, names)
        let key = a[0]!, value = a[1] ?? none
        if d.isExactly(Types.oDict) {
          if let old = try Dict.get(d, key) { return Owned(retaining: old) }
          try OrderedDict.set(d, key, value)
          return Owned(retaining: value)
        }
        if try check(PySequence_Contains(d, key)) != 0 { return try owned(PyObject_GetItem(d, key)) }
        try check(PyObject_SetItem(d, key, value))
        return Owned(retaining: value)
      }
    }
    m.keywords(
      "pop", "($self, /, key, default=<unrepresentable>)",
      "od.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError."
    ) { d, args, n, names in
      bridge { () throws(PyError) in
        let a = try OrderedDictType.pop.bind(args, n, names)
        let held = Owned(retaining: a[0]!)
        if let value = try OrderedDict.pop(d!, held.ref) { return Owned(taking: value) }
        if let value = a[1] { return Owned(retaining: value) }
        throw keyError(held.ref)
      }
    }
    m.keywords(
      "popitem", "($self, /, last=True)",
      "Remove and return a (key, value) pair from the dictionary.\n\nPairs are returned in LIFO order if last is true or FIFO order if false."
    ) { d, args, n, names in
      bridge { () throws(PyError) in
        var last = true
        if let flag = try OrderedDictType.lastFlag(args, n & Int.max, names, behind: 0) {
          last = flag
        } else {
          let a = try OrderedDictType.popitem.bind(args, n, names)
          if let given = a[0] { last = try truth(given) }
        }
        return try OrderedDict.popItem(d!, last: last)
      }
    }
    m.keywords(
      "move_to_end", "($self, /, key, last=True)",
      "Move an existing element to the end (or beginning if last is false).\n\nRaise KeyError if the element does not exist."
    ) { d, args, n, names in
      bridgeNone { () throws(PyError) in
        if let last = try OrderedDictType.lastFlag(args, n & Int.max, names, behind: 1) {
          let held = Owned(retaining: args![0]!)
          return try OrderedDict.moveToEnd(d!, held.ref, last: last)
        }
        let a = try OrderedDictType.moveToEnd.bind(args, n, names)
        let held = Owned(retaining: a[0]!)
        var last = true
        if let given = a[1] { last = try truth(given) }
        try OrderedDict.moveToEnd(d!, held.ref, last: last)
      }
    }
    m.tupleAndDict("update", "", "D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.") {
      d, args, kwargs in
      bridgeNone { () throws(PyError) in
        let n = args!.size
        if n > 1 { throw typeError("update() takes at most 1 positional argument (\(n) given)") }
        try OrderedDict.update(d!, n == 1 ? PyTuple_GetItem(args, 0) : nil, kwargs)
      }
    }
    m.noArguments("keys", "", "D.keys() -> a set-like object providing a view on D's keys") { d, _ in
      DictView.make(d!, Types.oDictKeys)
    }
    m.noArguments("items", "", "D.items() -> a set-like object providing a view on D's items") { d, _ in
      DictView.make(d!, Types.oDictItems)
    }
    m.noArguments("values", "", "D.values() -> an object providing a view on D's values") { d, _ in
      DictView.make(d!, Types.oDictValues)
    }
    m.noArguments("clear", "", "od.clear() -> None.  Remove all items from od.") { d, _ in
      OrderedDict.clear(d!)
      return none
    }
    m.noArguments("copy", "", "od.copy() -> a shallow copy of od") { d, _ in
      bridge { () throws(PyError) in try OrderedDict.copy(d!) }
    }
    m.noArguments("__reversed__", "", "od.__reversed__() <==> reversed(od)") { d, _ in
      OrderedDictIterator.make(d!, OrderedDictIterator.keys | OrderedDictIterator.backward)
    }
    m.noArguments("__sizeof__", "", "The size of the dict and its order in memory.") { d, _ in
      PyLong_FromSsize_t(DictType.memorySize(d!))
    }
    m.noArguments("__reduce__", "", "Return state information for pickling") { d, _ in
      bridge { () throws(PyError) in
        let state = try OrderedDict.call(d!, "__getstate__")
        let items = try OrderedDict.call(d!, "items")
        let iterator = try owned(PyObject_GetIter(items.ref))
        let result = try owned(PyTuple_New(5)), empty = try owned(PyTuple_New(0))
        let parts = gila_tuple_items(result.ref)
        parts[0] = newRef(d!.type.object)
        parts[1] = empty.take()
        parts[2] = state.take()
        parts[3] = none
        parts[4] = iterator.take()
        return result
      }
    }
    return m.build()
  }
}
