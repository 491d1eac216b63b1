import CGila
import GilaCore
import GilaExceptions
import Glibc

/// The module `builtins`.
enum Builtins {
  static func make() throws(PyError) -> Owned {
    let m = try owned(PyModule_New("builtins"))
    try check(PyModule_AddFunctions(m.ref, functions()))
    let types: [(StaticString, TypeRef)] = [
      ("object", Types.baseObject), ("type", Types.type), ("int", Types.long), ("bool", Types.bool),
      ("float", Types.float),
      ("complex", Types.complex), ("str", Types.unicode), ("bytes", Types.bytes), ("bytearray", Types.byteArray),
      ("memoryview", Types.memoryView), ("list", Types.list), ("tuple", Types.tuple), ("dict", Types.dict),
      ("set", Types.set),
      ("frozenset", Types.frozenSet), ("range", Types.range), ("slice", Types.slice), ("enumerate", Types.enumerate),
      ("zip", Types.zip), ("map", Types.map), ("filter", Types.filter), ("reversed", Types.reversed),
      ("staticmethod", Types.staticMethod), ("classmethod", Types.classMethod), ("super", Types.superType),
      ("property", Types.property),
    ]
    for (n, t) in types where t.pointee.tp_name != nil { try add(m.ref, n, t.object) }
    forEachException { t, n in _ = PyModule_AddObjectRef(m.ref, cString(n), t.object) }
    for n in ["EnvironmentError", "IOError"] { try check(PyModule_AddObjectRef(m.ref, n, Exc.OSError.object)) }
    try add(m.ref, "None", none)
    try add(m.ref, "True", pyTrue)
    try add(m.ref, "False", pyFalse)
    try add(m.ref, "Ellipsis", ellipsis)
    try add(m.ref, "NotImplemented", notImplemented)
    try add(m.ref, "__debug__", pyTrue)
    return m
  }

  /// Writes text to a file descriptor. Stands in for `sys.stdout` and `sys.stderr` until `_io` is registered.
  static func write(_ fd: Int32, _ s: Ref) throws(PyError) {
    let b = try owned(PyUnicode_AsEncodedString(s, "utf-8", fd == 2 ? "backslashreplace" : "surrogateescape"))
    var p = UnsafeRawPointer(PyBytes_AsString(b.ref)!)
    var n = PyBytes_Size(b.ref)
    while n > 0 {
      let done = Glibc.write(fd, p, n)
      if done < 0 {
        if errno == EINTR { continue }
        throw raise(errno == EPIPE ? Exc.BrokenPipeError : Exc.OSError, String(cString: strerror(errno)))
      }
      p += done
      n -= done
    }
  }

  private static func functions() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "print", "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)",
      "Prints the values to a stream, or to sys.stdout by default."
    ) { _, args, n, names in
      bridgeNone { () throws(PyError) in
        var sep: Ref? = nil
        var end: Ref? = nil
        if let names {
          for i in 0..<names.size {
            let v = args![n + i]!
            let key = swiftString(gila_tuple_items(names)[i]!)
            switch key {
            case "sep", "end":
              guard v == none || v.isUnicode else {
                throw typeError("\(key) must be None or a string, not \(typeName(of: v))")
              }
              if v != none { if key == "sep" { sep = v } else { end = v } }
            case "flush": break
            case "file":
              if v != none { throw systemError("print(file=...) needs the io module, which Gila does not have yet") }
            default: throw typeError("print() got an unexpected keyword argument '\(key)'")
            }
          }
        }
        let parts = try owned(PyList_New(0))
        for i in 0..<n {
          let s = try owned(PyObject_Str(args![i]))
          try check(PyList_Append(parts.ref, s.ref))
        }
        let separator = sep == nil ? try string(" ") : Owned(retaining: sep!)
        let tail = end == nil ? try string("\n") : Owned(retaining: end!)
        let body = try owned(PyUnicode_Join(separator.ref, parts.ref))
        let line = try owned(PyUnicode_Concat(body.ref, tail.ref))
        try Builtins.write(1, line.ref)
      }
    }
    m.one("len", "($module, obj, /)", "Return the number of items in a container.") { _, o in
      bridge { () throws(PyError) in try owned(PyLong_FromSsize_t(try checkSize(PyObject_Size(o)))) }
    }
    m.one("repr", "($module, obj, /)", "Return the canonical string representation of the object.") { _, o in
      PyObject_Repr(o)
    }
    m.one("ascii", "($module, obj, /)", "") { _, o in PyObject_ASCII(o) }
    m.one("hash", "($module, obj, /)", "Return the hash value for the given object.") { _, o in
      let h = PyObject_Hash(o)
      return h == -1 && errorIsSet ? nil : PyLong_FromSsize_t(h)
    }
    m.one("id", "($module, obj, /)", "Return the identity of an object.") { _, o in PyLong_FromVoidPtr(o!.raw) }
    m.one("callable", "($module, obj, /)", "Return whether the object is callable.") { _, o in
      newRef(pyBool(PyCallable_Check(o) != 0))
    }
    m.one("abs", "($module, x, /)", "Return the absolute value of the argument.") { _, o in PyNumber_Absolute(o) }
    m.one("bin", "($module, number, /)", "") { _, o in PyNumber_ToBase(o, 2) }
    m.one("oct", "($module, number, /)", "") { _, o in PyNumber_ToBase(o, 8) }
    m.one("hex", "($module, number, /)", "") { _, o in PyNumber_ToBase(o, 16) }
    m.one("chr", "($module, i, /)", "Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.") {
      _, o in
      bridge { () throws(PyError) in
        let n = try sizeArgument(o!)
        guard n >= 0 && n <= 0x10ffff else { throw valueError("chr() arg not in range(0x110000)") }
        return try owned(PyUnicode_FromOrdinal(Int32(n)))
      }
    }
    m.one("ord", "($module, c, /)", "Return the Unicode code point for a one-character string.") { _, o in
      bridge { () throws(PyError) in
        let o = o!
        if o.isBytes && PyBytes_Size(o) == 1 {
          return try owned(PyLong_FromLong(Int(UInt8(bitPattern: PyBytes_AsString(o)[0]))))
        }
        guard o.isUnicode else { throw typeError("ord() expected string of length 1, but \(typeName(of: o)) found") }
        guard PyUnicode_GetLength(o) == 1 else {
          throw typeError("ord() expected a character, but string of length \(PyUnicode_GetLength(o)) found")
        }
        return try owned(PyLong_FromLong(Int(PyUnicode_ReadChar(o, 0))))
      }
    }
    m.positional("iter", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("iter", n, 1, 2)
        if n == 1 { return try owned(PyObject_GetIter(args![0])) }
        guard PyCallable_Check(args![0]) != 0 else { throw typeError("iter(v, w): v must be callable") }
        return try owned(PyCallIter_New(args![0], args![1]))
      }
    }
    m.positional("next", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("next", n, 1, 2)
        guard let f = args![0]!.type.pointee.tp_iternext else {
          throw typeError("'\(typeName(of: args![0]!))' object is not an iterator")
        }
        if let r = f(args![0]) { return Owned(taking: r) }
        if n > 1 {
          if errorIsSet {
            guard PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 else { throw PyError() }
            PyErr_Clear()
          }
          return Owned(retaining: args![1]!)
        }
        if !errorIsSet { PyErr_SetNone(Exc.StopIteration.object) }
        throw PyError()
      }
    }
    m.positional("isinstance", "($module, obj, class_or_tuple, /)", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("isinstance", n, 2, 2)
        return Owned(retaining: pyBool(try check(PyObject_IsInstance(args![0], args![1])) != 0))
      }
    }
    m.positional("issubclass", "($module, cls, class_or_tuple, /)", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("issubclass", n, 2, 2)
        return Owned(retaining: pyBool(try check(PyObject_IsSubclass(args![0], args![1])) != 0))
      }
    }
    m.positional("getattr", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("getattr", n, 2, 3)
        if n == 2 { return try owned(PyObject_GetAttr(args![0], args![1])) }
        var r: Ref? = nil
        if try check(PyObject_GetOptionalAttr(args![0], args![1], &r)) == 0 { return Owned(retaining: args![2]!) }
        return Owned(taking: r!)
      }
    }
    m.positional("setattr", "", "") { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("setattr", n, 3, 3)
        try check(PyObject_SetAttr(args![0], args![1], args![2]))
      }
    }
    m.positional("delattr", "", "") { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("delattr", n, 2, 2)
        try check(PyObject_DelAttr(args![0], args![1]))
      }
    }
    m.positional("hasattr", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("hasattr", n, 2, 2)
        return Owned(retaining: pyBool(try check(PyObject_HasAttrWithError(args![0], args![1])) != 0))
      }
    }
    m.positional("format", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("format", n, 1, 2)
        if n > 1, !args![1]!.isUnicode {
          throw typeError("format() argument 2 must be str, not \(typeName(of: args![1]!))")
        }
        return try owned(PyObject_Format(args![0], n > 1 ? args![1] : nil))
      }
    }
    m.positional("divmod", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("divmod", n, 2, 2)
        return try owned(PyNumber_Divmod(args![0], args![1]))
      }
    }
    m.positional("pow", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("pow", n, 2, 3)
        return try owned(PyNumber_Power(args![0], args![1], n > 2 ? args![2] : none))
      }
    }
    m.positional("round", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("round", n, 1, 2)
        guard let f = _PyObject_LookupSpecial(args![0], Dunder.round.ref) else {
          if errorIsSet { throw PyError() }
          throw typeError("type \(typeName(of: args![0]!)) doesn't define __round__ method")
        }
        let held = Owned(taking: f)
        return try owned(
          n == 1 || args![1] == none ? PyObject_CallNoArgs(held.ref) : PyObject_CallOneArg(held.ref, args![1]))
      }
    }
    m.positional("sum", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("sum", n, 1, 2)
        let it = try owned(PyObject_GetIter(args![0]))
        var total = n > 1 ? newRef(args![1]!) : try owned(PyLong_FromLong(0)).take()
        while let v = PyIter_Next(it.ref) {
          let r = PyNumber_Add(total, v)
          decref(total)
          decref(v)
          total = try owned(r).take()
        }
        if errorIsSet {
          decref(total)
          throw PyError()
        }
        return Owned(taking: total)
      }
    }
    m.one("any", "", "") { _, o in Builtins.search(o!, true) }
    m.one("all", "", "") { _, o in Builtins.search(o!, false) }
    m.keywords("min", "", "") { _, args, n, names in Builtins.extreme("min", Py_LT, args, n, names) }
    m.keywords("max", "", "") { _, args, n, names in Builtins.extreme("max", Py_GT, args, n, names) }
    m.keywords("sorted", "", "") { _, args, n, names in
      bridge { () throws(PyError) in
        try checkCount("sorted", n, 1, 1)
        let list = try owned(PySequence_List(args![0]))
        let sort = try owned(PyObject_GetAttrString(list.ref, "sort"))
        let r = try owned(gila_call_vector(sort.ref, args! + 1, 0, names))
        _ = r.ref
        return list
      }
    }
    m.positional("dir", "", "") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("dir", n, 1, 1)
        return try owned(PyObject_Dir(args![0]))
      }
    }
    m.noArguments("globals", "", "") { _, _ in xnewRef(PyEval_GetGlobals()) }
    m.keywords("__build_class__", "", "") { _, args, n, names in
      bridge { () throws(PyError) in try BuildClass.build(args!, n, names) }
    }
    m.positional("__import__", "", "") { _, args, n in
      bridge { () throws(PyError) in
        throw raise(
          Exc.ModuleNotFoundError, "No module named '\(swiftString(args![0]!))' (Gila has no import system yet)")
      }
    }
    return m.build()
  }
  static func search(_ o: Ref, _ wanted: Bool) -> Ref? {
    bridge { () throws(PyError) in
      let it = try owned(PyObject_GetIter(o))
      while let v = PyIter_Next(it.ref) {
        let held = Owned(taking: v)
        if try truth(held.ref) == wanted { return Owned(retaining: pyBool(wanted)) }
      }
      if errorIsSet { throw PyError() }
      return Owned(retaining: pyBool(!wanted))
    }
  }
  static func extreme(_ name: String, _ op: Int32, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) -> Ref? {
    bridge { () throws(PyError) in
      if n == 0 { throw typeError("\(name) expected at least 1 argument, got 0") }
      var key: Ref? = nil, fallback: Ref? = nil
      if let names {
        for i in 0..<names.size {
          let word = swiftString(gila_tuple_items(names)[i]!)
          if word == "key" {
            key = args![n + i] == none ? nil : args![n + i]
          } else if word == "default" {
            fallback = args![n + i]
          } else {
            throw typeError("\(name)() got an unexpected keyword argument '\(word)'")
          }
        }
      }
      let source: Owned
      if n == 1 {
        source = Owned(retaining: args![0]!)
      } else {
        source = try owned(PyTuple_New(n))
        for i in 0..<n { gila_tuple_items(source.ref)[i] = newRef(args![i]!) }
      }
      let it = try owned(PyObject_GetIter(source.ref))
      var best: Ref? = nil, bestKey: Ref? = nil
      defer {
        xdecref(best)
        xdecref(bestKey)
      }
      while let v = PyIter_Next(it.ref) {
        let held = Owned(taking: v)
        let k = key == nil ? Owned(retaining: held.ref) : try owned(PyObject_CallOneArg(key, held.ref))
        var take = bestKey == nil
        if let b = bestKey { take = try check(PyObject_RichCompareBool(k.ref, b, op)) != 0 }
        if take {
          xdecref(best)
          xdecref(bestKey)
          best = newRef(held.ref)
          bestKey = newRef(k.ref)
        }
      }
      if errorIsSet { throw PyError() }
      if let best { return Owned(retaining: best) }
      if let fallback { return Owned(retaining: fallback) }
      throw valueError("\(name)() iterable argument is empty")
    }
  }
}

/// The class statement: metaclass, namespace, body, class.
enum BuildClass {
  static func build(_ args: ArgumentVector, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
    if n < 2 { throw typeError("__build_class__: not enough arguments") }
    let body = args[0]!, name = args[1]!
    guard body.isExactly(Types.function) else { throw typeError("__build_class__: func must be a function") }
    let bases = try owned(PyTuple_New(n - 2))
    for i in 2..<max(n, 2) { gila_tuple_items(bases.ref)[i - 2] = newRef(args[i]!) }
    let kwargs = try owned(PyDict_New())
    var meta: Ref = n > 2 ? args[2]!.type.object : Types.type.object
    if let names {
      for i in 0..<names.size {
        let word = gila_tuple_items(names)[i]!
        if PyUnicode_EqualToUTF8(word, "metaclass") != 0 {
          meta = args[n + i]!
        } else {
          try check(PyDict_SetItem(kwargs.ref, word, args[n + i]))
        }
      }
    }
    if meta.isType {
      for i in 0..<bases.ref.size {
        let t = gila_tuple_items(bases.ref)[i]!.type
        if PyType_IsSubtype(meta.asType, t) == 0 && PyType_IsSubtype(t, meta.asType) != 0 { meta = t.object }
      }
    }
    var prepare: Ref? = nil
    try check(PyObject_GetOptionalAttr(meta, Dunder.prepare.ref, &prepare))
    let namespace: Owned
    let pair = try owned(PyTuple_New(2))
    gila_tuple_items(pair.ref)[0] = newRef(name)
    gila_tuple_items(pair.ref)[1] = newRef(bases.ref)
    if let prepare {
      let held = Owned(taking: prepare)
      namespace = try owned(PyObject_Call(held.ref, pair.ref, kwargs.ref))
    } else {
      namespace = try owned(PyDict_New())
    }
    let f = body.cast(PyFunctionObject.self)
    let cell = try owned(gila_eval_body(body, f.pointee.func_globals!, namespace.ref))
    let triple = try owned(PyTuple_New(3))
    gila_tuple_items(triple.ref)[0] = newRef(name)
    gila_tuple_items(triple.ref)[1] = newRef(bases.ref)
    gila_tuple_items(triple.ref)[2] = newRef(namespace.ref)
    let cls = try owned(PyObject_Call(meta, triple.ref, kwargs.ref))
    _ = cell.ref
    return cls
  }
}
