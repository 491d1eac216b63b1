import CGila
import GilaCore

/// The type `dict`.
enum DictType {
  static func install() {
    let t = Types.dict
    t.define(
      "dict", basicSize: 48,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DICT_SUBCLASS | _Py_TPFLAGS_MATCH_SELF)
        | UInt(Py_TPFLAGS_MAPPING),
      doc: """
        dict() -> new empty dictionary
        dict(mapping) -> new dictionary initialized from a mapping object's
            (key, value) pairs
        dict(iterable) -> new dictionary initialized as if via:
            d = {}
            for k, v in iterable:
                d[k] = v
        dict(**kwargs) -> new dictionary initialized with the name=value pairs
            in the keyword argument list.  For example:  dict(one=1, two=2)
        """)
    t.pointee.tp_dealloc = { d in
      let d = d!
      PyObject_GC_UnTrack(d.raw)
      let table = Dict.keys(d)
      Dict.object(d).pointee.ma_keys = gila_empty_keys_head()
      if table.head != gila_empty_keys_head() { Dict.release(table) }
      d.type.pointee.tp_free(d.raw)
    }
    t.pointee.tp_traverse = { d, visit, context in
      let table = Dict.keys(d!)
      let strings = table.isUnicode
      for i in 0..<table.count {
        let k = table.key(i)
        guard let key = k.pointee else { continue }
        if !strings {
          let r = visit!(key, context)
          if r != 0 { return r }
        }
        let r = visit!((k + 1).pointee, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_clear = { d in
      Dict.clear(d!)
      return 0
    }
    t.pointee.tp_new = { type, _, _ in
      guard let d = type!.pointee.tp_alloc(type, 0) else { return nil }
      Dict.reset(d)
      if type == Types.dict { PyObject_GC_UnTrack(d.raw) }
      return d
    }
    t.pointee.tp_init = { d, args, kwargs in
      bridgeStatus { () throws(PyError) in try DictType.update(d!, "dict", args!, kwargs) }
    }
    t.pointee.tp_vectorcall = { type, args, nargsf, names in
      bridge { () throws(PyError) in
        let n = nargsf & Int.max
        try checkCount("dict", n, 0, 1)
        let d = try Dict.make()
        if n == 1 { try Dict.update(d.ref, from: args![0]!) }
        if let names {
          for i in 0..<names.size { try Dict.set(d.ref, PyTuple_GetItem(names, i)!, args![n + i]!) }
        }
        return d
      }
    }
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_repr = { d in bridge { () throws(PyError) in try DictType.repr(d!) } }
    t.pointee.tp_iter = { d in DictIterator.make(d!, Types.dictIterKey) }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        guard a!.isDict, b!.isDict, op == Py_EQ || op == Py_NE else { return Owned(retaining: notImplemented) }
        return Owned(retaining: pyBool(try Dict.equal(a!, b!) == (op == Py_EQ)))
      }
    }
    t.sequence.pointee.sq_contains = PyDict_Contains
    t.mapping.pointee.mp_length = { Dict.used($0!) }
    t.mapping.pointee.mp_subscript = { d, key in bridge { () throws(PyError) in try DictType.subscript_(d!, key!) } }
    t.mapping.pointee.mp_ass_subscript = { d, key, value in
      if let value { return PyDict_SetItem(d, key, value) }
      return PyDict_DelItem(d, key)
    }
    t.number.pointee.nb_or = { a, b in
      bridge { () throws(PyError) in
        guard a!.isDict && b!.isDict else { return Owned(retaining: notImplemented) }
        let result = try owned(PyDict_Copy(a))
        try Dict.update(result.ref, from: b!)
        return result
      }
    }
    t.number.pointee.nb_inplace_or = { a, b in
      bridge { () throws(PyError) in
        try Dict.update(a!, from: b!)
        return Owned(retaining: a!)
      }
    }
    t.pointee.tp_methods = methods()
  }

  static func update(_ d: Ref, _ name: StaticString, _ args: Ref, _ kwargs: Ref?) throws(PyError) {
    try checkCount(name, args.size, 0, 1)
    if args.size == 1 { try Dict.update(d, from: PyTuple_GetItem(args, 0)!) }
    if let kwargs {
      if PyArg_ValidateKeywordArguments(kwargs) == 0 { throw PyError() }
      try Dict.mergeDict(d, kwargs, override: 1)
    }
  }
  static func subscript_(_ d: Ref, _ key: Ref) throws(PyError) -> Owned {
    if let value = try Dict.get(d, key, try Dict.hash(key)) { return Owned(retaining: value) }
    if !d.isExactly(Types.dict) {
      if let missing = _PyObject_LookupSpecial(d, gila_intern("__missing__")) {
        defer { gila_decref(missing) }
        return try owned(PyObject_CallOneArg(missing, key))
      }
      if errorIsSet { throw PyError() }
    }
    throw keyError(key)
  }
  static func repr(_ d: Ref) throws(PyError) -> Owned {
    if Dict.used(d) == 0 { return try string("{}") }
    let entered = Py_ReprEnter(d)
    if entered != 0 {
      if entered < 0 { throw PyError() }
      return try string("{...}")
    }
    defer { Py_ReprLeave(d) }
    let parts = try owned(PyList_New(0))
    var position = 0
    var key: Ref? = nil, value: Ref? = nil
    let colon = try string(": ")
    while PyDict_Next(d, &position, &key, &value) != 0 {
      let k = Owned(retaining: key!), v = Owned(retaining: value!)
      let left = try owned(PyObject_Repr(k.ref))
      let right = try owned(PyObject_Repr(v.ref))
      let start = try owned(PyUnicode_Concat(left.ref, colon.ref))
      let pair = try owned(PyUnicode_Concat(start.ref, right.ref))
      try check(PyList_Append(parts.ref, pair.ref))
    }
    let comma = try string(", ")
    let body = try owned(PyUnicode_Join(comma.ref, parts.ref))
    let open = try string("{"), close = try string("}")
    let left = try owned(PyUnicode_Concat(open.ref, body.ref))
    return try owned(PyUnicode_Concat(left.ref, close.ref))
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(
      "__contains__", METH_O | METH_COEXIST, "($self, key, /)",
      "True if the dictionary has the specified key, else False."
    ) { d, key in
      let r = PyDict_Contains(d, key)
      return r < 0 ? nil : pyBool(r != 0)
    }
    m.add("__getitem__", METH_O | METH_COEXIST, "($self, key, /)", "Return self[key].") { d, key in
      bridge { () throws(PyError) in try DictType.subscript_(d!, key!) }
    }
    m.noArguments("__sizeof__", "($self, /)", "Return the size of the dict in memory.") { d, _ in
      PyLong_FromSsize_t(DictType.memorySize(d!))
    }
    m.positional(
      "get", "($self, key, default=None, /)", "Return the value for key if key is in the dictionary, else default."
    ) { d, args, n in
      bridge { () throws(PyError) in
        try checkCount("get", n, 1, 2)
        if let value = try Dict.get(d!, args![0]!) { return Owned(retaining: value) }
        return Owned(retaining: n > 1 ? args![1]! : none)
      }
    }
    m.positional(
      "setdefault", "($self, key, default=None, /)",
      "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default."
    ) { d, args, n in
      bridge { () throws(PyError) in
        try checkCount("setdefault", n, 1, 2)
        return Owned(retaining: try borrowed(PyDict_SetDefault(d, args![0], n > 1 ? args![1]! : none)))
      }
    }
    m.positional(
      "pop", "($self, key, default=<unrepresentable>, /)",
      "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError."
    ) { d, args, n in
      bridge { () throws(PyError) in
        try checkCount("pop", n, 1, 2)
        if Dict.used(d!) > 0, let value = try Dict.pop(d!, args![0]!, try Dict.hash(args![0]!)) {
          return Owned(taking: value)
        }
        if n > 1 { return Owned(retaining: args![1]!) }
        throw keyError(args![0]!)
      }
    }
    m.noArguments(
      "popitem", "($self, /)",
      "Remove and return a (key, value) pair as a 2-tuple.\n\nPairs are returned in LIFO (last-in, first-out) order.\nRaises KeyError if the dict is empty."
    ) { d, _ in
      bridge { () throws(PyError) in
        let d = d!
        if Dict.used(d) == 0 { throw raise(Exc.KeyError, "popitem(): dictionary is empty") }
        let pair = try owned(PyTuple_New(2))
        let table = Dict.keys(d)
        var i = table.count - 1
        while i >= 0 && table.key(i).pointee == nil { i -= 1 }
        if i < 0 { throw raise(Exc.KeyError, "popitem(): dictionary is empty") }
        let key = Owned(retaining: table.key(i).pointee!)
        let value = Dict.removeEntry(d, i, table.hash(i))
        // The entries behind the last live one are free again.
        table.head.pointee.nentries = i
        gila_tuple_items(pair.ref)[0] = key.take()
        gila_tuple_items(pair.ref)[1] = value
        return pair
      }
    }
    m.noArguments("keys", "", "D.keys() -> a set-like object providing a view on D's keys") { d, _ in
      DictView.make(d!, Types.dictKeys)
    }
    m.noArguments("items", "", "D.items() -> a set-like object providing a view on D's items") { d, _ in
      DictView.make(d!, Types.dictItems)
    }
    m.noArguments("values", "", "D.values() -> an object providing a view on D's values") { d, _ in
      DictView.make(d!, Types.dictValues)
    }
    m.tupleAndDict(
      "update", "",
      "D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.\nIf E is present and has a .keys() method, then does:  for k in E.keys(): D[k] = E[k]\nIf E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v\nIn either case, this is followed by: for k in F:  D[k] = F[k]"
    ) { d, args, kwargs in bridgeNone { () throws(PyError) in try DictType.update(d!, "update", args!, kwargs) } }
    m.positional(
      "fromkeys", "($type, iterable, value=None, /)",
      "Create a new dictionary with keys from iterable and values set to value.", flags: METH_CLASS
    ) { cls, args, n in
      bridge { () throws(PyError) in
        try checkCount("fromkeys", n, 1, 2)
        return try DictType.fromKeys(cls!, args![0]!, n > 1 ? args![1]! : none)
      }
    }
    m.noArguments("clear", "", "D.clear() -> None.  Remove all items from D.") { d, _ in
      Dict.clear(d!)
      return none
    }
    m.noArguments("copy", "", "D.copy() -> a shallow copy of D") { d, _ in PyDict_Copy(d) }
    m.noArguments("__reversed__", "($self, /)", "Return a reverse iterator over the dict keys.") { d, _ in
      DictIterator.make(d!, Types.dictRevIterKey)
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    return m.build()
  }
  static func memorySize(_ d: Ref) -> Int {
    var n = d.type.pointee.tp_basicsize
    let table = Dict.keys(d)
    if table.head != gila_empty_keys_head() {
      n +=
        32 + (1 << Int(table.head.pointee.log2_index_bytes))
        + DictTable.usable(table.head.pointee.log2_size) * table.entrySize
    }
    return n
  }
  static func fromKeys(_ cls: Ref, _ iterable: Ref, _ value: Ref) throws(PyError) -> Owned {
    let result = try owned(PyObject_CallNoArgs(cls))
    if result.ref.isExactly(Types.dict) && iterable.isExactly(Types.dict) && Dict.used(result.ref) == 0 {
      var position = 0
      var key: Ref? = nil
      while PyDict_Next(iterable, &position, &key, nil) != 0 {
        // A comparison may empty the dict that is being read.
        let held = Owned(retaining: key!)
        try Dict.set(result.ref, held.ref, value)
      }
      return result
    }
    if result.ref.isExactly(Types.dict), iterable.isExactly(Types.set) || iterable.isExactly(Types.frozenSet) {
      // A set knows the hashes.
      var position = 0
      var key: Ref? = nil
      var hash = 0
      while _PySet_NextEntry(iterable, &position, &key, &hash) != 0 {
        let held = Owned(retaining: key!)
        try Dict.set(result.ref, held.ref, value, hash)
      }
      return result
    }
    let iterator = try owned(PyObject_GetIter(iterable))
    while let next = PyIter_Next(iterator.ref) {
      let key = Owned(taking: next)
      if result.ref.isExactly(Types.dict) {
        try Dict.set(result.ref, key.ref, value)
      } else {
        try check(PyObject_SetItem(result.ref, key.ref, value))
      }
    }
    if errorIsSet { throw PyError() }
    return result
  }
}

@c @implementation public func gila_dict_from_keys(_ type: Ref!, _ iterable: Ref!, _ value: Ref!) -> Ref? {
  bridge { () throws(PyError) in try DictType.fromKeys(type!, iterable!, value!) }
}
