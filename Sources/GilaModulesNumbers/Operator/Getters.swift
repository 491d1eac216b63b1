// operator.itemgetter, attrgetter, methodcaller.

import CGila
import GilaCore

/// Exactly one positional argument of a getter's call.
private func onlyArgument(
  _ name: StaticString, _ args: ArgumentVector?, _ flags: Int, _ names: Ref?
) throws(PyError) -> Ref {
  if let names, names.size > 0 { throw typeError("\(name)() takes no keyword arguments") }
  try checkCount(name, flags & Int.max, 1, 1)
  return args![0]!
}

/// The repr of a getter: its name and arguments.
private func getterRepr(_ r: Ref, _ arguments: () throws(PyError) -> [String]) throws(PyError) -> Owned {
  let entered = Py_ReprEnter(r)
  let name = String(cString: r.type.pointee.tp_name)
  if entered != 0 {
    if entered < 0 { throw PyError() }
    return try string("\(name)(...)")
  }
  defer { Py_ReprLeave(r) }
  let parts = try arguments()
  return try string("\(name)(\(parts.joined(separator: ", ")))")
}

/// The tuple of arguments (one or many) that a getter was made with.
private func reprItems(_ items: Ref) throws(PyError) -> [String] {
  var parts: [String] = []
  for i in 0..<items.size { parts.append(try reprText(items.tupleItems[i]!)) }
  return parts
}

enum ItemGetter {
  // 0: tuple of keys; 1: the vectorcall.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "operator.itemgetter", references: 1, words: 2, subclassable: false,
      doc:
        "itemgetter(item, /, *items)\n--\n\nReturn a callable object that fetches the given item(s) from its operand.\nAfter f = itemgetter(2), the call f(r) returns r[2].\nAfter g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])",
      flags: UInt(Py_TPFLAGS_HAVE_VECTORCALL))
    t.pointee.tp_vectorcall_offset = 24
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("itemgetter", kwargs)
        let n = args!.size
        if n < 1 { throw typeError("itemgetter expected 1 argument, got 0") }
        let r = try Fields.make(type!)
        r.ref.field(0).pointee = newRef(args!)
        setVectorcall(r.ref, 1) { r, args, flags, names in
          bridge { () throws(PyError) in try ItemGetter.call(r!, onlyArgument("itemgetter", args, flags, names)) }
        }
        return r
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        try getterRepr(r!) { () throws(PyError) in try reprItems(r!.field(0).pointee!) }
      }
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling") { r, _ in
      bridge { () throws(PyError) in try pair(classOf(r!), Owned(retaining: r!.field(0).pointee!)) }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  static func call(_ r: Ref, _ object: Ref) throws(PyError) -> Owned {
    let keys = r.field(0).pointee!
    let n = keys.size
    if n == 1 {
      let key = keys.tupleItems[0].unsafelyUnwrapped
      if object.isExactly(Types.tuple), key.isExactly(Types.long), let i = StructFormat.smallValue(key), i >= 0,
        i < object.size
      {
        return Owned(retaining: object.tupleItems[i].unsafelyUnwrapped)
      }
      return try owned(PyObject_GetItem(object, key))
    }
    let result = try owned(PyTuple_New(n))
    for i in 0..<n { result.ref.tupleItems[i] = try owned(PyObject_GetItem(object, keys.tupleItems[i])).take() }
    return result
  }
}

/// Stores the vectorcall function of an instance in one of its words.
func setVectorcall(
  _ r: Ref, _ word: Int, _ f: @escaping @convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref?
) {
  (r.raw + (16 + word * 8)).storeBytes(of: f, as: (@convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref?).self)
}

enum AttributeGetter {
  // 0: tuple of paths, each a str or a tuple of strs; 1: the vectorcall.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "operator.attrgetter", references: 1, words: 2, subclassable: false,
      doc:
        "attrgetter(attr, /, *attrs)\n--\n\nReturn a callable object that fetches the given attribute(s) from its operand.\nAfter f = attrgetter('name'), the call f(r) returns r.name.\nAfter g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).\nAfter h = attrgetter('name.first', 'name.last'), the call h(r) returns\n(r.name.first, r.name.last).",
      flags: UInt(Py_TPFLAGS_HAVE_VECTORCALL))
    t.pointee.tp_vectorcall_offset = 24
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("attrgetter", kwargs)
        let n = args!.size
        if n < 1 { throw typeError("attrgetter expected 1 argument, got 0") }
        let paths = try owned(PyTuple_New(n))
        for i in 0..<n { paths.ref.tupleItems[i] = try AttributeGetter.path(args!.tupleItems[i]!).take() }
        let r = try Fields.make(type!)
        r.ref.field(0).pointee = paths.take()
        setVectorcall(r.ref, 1) { r, args, flags, names in
          bridge { () throws(PyError) in try AttributeGetter.call(r!, onlyArgument("attrgetter", args, flags, names)) }
        }
        return r
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        try getterRepr(r!) { () throws(PyError) in
          let names = try AttributeGetter.names(r!)
          return try reprItems(names.ref)
        }
      }
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling") { r, _ in
      bridge { () throws(PyError) in try pair(classOf(r!), AttributeGetter.names(r!)) }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  /// An interned name, or a tuple of them for a dotted one.
  static func path(_ name: Ref) throws(PyError) -> Owned {
    if !name.isUnicode { throw typeError("attribute name must be a string") }
    let dot = try string(".")
    let parts = try owned(PyUnicode_Split(name, dot.ref, -1))
    let n = parts.ref.size
    func interned(_ s: Ref) -> Ref {
      var r: Ref? = newRef(s)
      PyUnicode_InternInPlace(&r)
      return r!
    }
    if n == 1 { return Owned(taking: interned(name)) }
    let t = try owned(PyTuple_New(n))
    for i in 0..<n { t.ref.tupleItems[i] = interned(parts.ref.fastItems[i]!) }
    return t
  }

  /// The paths as they were given.
  static func names(_ r: Ref) throws(PyError) -> Owned {
    let paths = r.field(0).pointee!
    let t = try owned(PyTuple_New(paths.size))
    let dot = try string(".")
    for i in 0..<paths.size {
      let p = paths.tupleItems[i]!
      t.ref.tupleItems[i] = p.isTuple ? try owned(PyUnicode_Join(dot.ref, p)).take() : newRef(p)
    }
    return t
  }

  static func get(_ object: Ref, _ path: Ref) throws(PyError) -> Owned {
    if !path.isTuple { return try owned(PyObject_GetAttr(object, path)) }
    var r = Owned(retaining: object)
    for i in 0..<path.size { r = try owned(PyObject_GetAttr(r.ref, path.tupleItems[i])) }
    return r
  }

  static func call(_ r: Ref, _ object: Ref) throws(PyError) -> Owned {
    let paths = r.field(0).pointee!
    let n = paths.size
    if n == 1 { return try get(object, paths.tupleItems[0]!) }
    let result = try owned(PyTuple_New(n))
    for i in 0..<n { result.ref.tupleItems[i] = try get(object, paths.tupleItems[i]!).take() }
    return result
  }
}

enum MethodCaller {
  // 0: name; 1: positional arguments; 2: keyword arguments or nil; 3: the vectorcall.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "operator.methodcaller", references: 3, words: 4, subclassable: false,
      doc:
        "methodcaller(name, /, *args, **kwargs)\n--\n\nReturn a callable object that calls the given method on its operand.\nAfter f = methodcaller('name'), the call f(r) returns r.name().\nAfter g = methodcaller('name', 'date', foo=1), the call g(r) returns\nr.name('date', foo=1).",
      flags: UInt(Py_TPFLAGS_HAVE_VECTORCALL))
    t.pointee.tp_vectorcall_offset = 40
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let n = args!.size
        if n < 1 { throw typeError("methodcaller needs at least one argument, the method name") }
        let name = args!.tupleItems[0]!
        if !name.isUnicode { throw typeError("method name must be a string") }
        let r = try Fields.make(type!)
        var interned: Ref? = newRef(name)
        PyUnicode_InternInPlace(&interned)
        r.ref.field(0).pointee = interned
        r.ref.field(1).pointee = try owned(PyTuple_GetSlice(args, 1, n)).take()
        if let kwargs, PyDict_Size(kwargs) > 0 { r.ref.field(2).pointee = try owned(PyDict_Copy(kwargs)).take() }
        setVectorcall(r.ref, 3) { r, args, flags, names in
          bridge { () throws(PyError) in try MethodCaller.call(r!, onlyArgument("methodcaller", args, flags, names)) }
        }
        return r
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        try getterRepr(r!) { () throws(PyError) in
          var parts = [try reprText(r!.field(0).pointee!)]
          parts += try reprItems(r!.field(1).pointee!)
          if let keywords = r!.field(2).pointee {
            var position = 0
            var key: Ref? = nil
            var value: Ref? = nil
            while PyDict_Next(keywords, &position, &key, &value) != 0 {
              parts.append("\(swiftString(key!))=\(try reprText(value!))")
            }
          }
          return parts
        }
      }
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling") { r, _ in
      bridge { () throws(PyError) in try MethodCaller.reduce(r!) }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  static func call(_ r: Ref, _ object: Ref) throws(PyError) -> Owned {
    let name = r.field(0).pointee!
    let args = r.field(1).pointee!
    let n = args.size
    guard let keywords = r.field(2).pointee else {
      return try owned(
        withUnsafeTemporaryAllocation(of: Ref?.self, capacity: n + 1) { buffer in
          buffer[0] = object
          for i in 0..<n { buffer[i + 1] = args.tupleItems[i] }
          return PyObject_VectorcallMethod(name, buffer.baseAddress!, n + 1, nil)
        })
    }
    let method = try owned(PyObject_GetAttr(object, name))
    return try owned(PyObject_Call(method.ref, args, keywords))
  }

  static func reduce(_ r: Ref) throws(PyError) -> Owned {
    let name = r.field(0).pointee!
    let args = r.field(1).pointee!
    guard let keywords = r.field(2).pointee else {
      let all = try owned(PyTuple_New(args.size + 1))
      all.ref.tupleItems[0] = newRef(name)
      for i in 0..<args.size { all.ref.tupleItems[i + 1] = newRef(args.tupleItems[i]!) }
      return try pair(classOf(r), all)
    }
    let functools = try owned(PyImport_ImportModule("functools"))
    let partial = try owned(PyObject_GetAttrString(functools.ref, "partial"))
    let head = try pair(classOf(r), Owned(retaining: name))
    let constructor = try owned(PyObject_Call(partial.ref, head.ref, keywords))
    return try pair(constructor, Owned(retaining: args))
  }
}
