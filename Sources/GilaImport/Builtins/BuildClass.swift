import CGila
import GilaCore

/// The class statement: bases, metaclass, namespace, body, class.
enum BuildClass {
  static func build(_ args: ArgumentVector, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
    if n < 2 { throw typeError("__build_class__: not enough arguments") }
    let body = args[0]!, name = args[1]!
    guard body.isExactly(Types.function) else { throw typeError("__build_class__: func must be a function") }
    guard name.isUnicode else { throw typeError("__build_class__: name is not a string") }
    let written = try owned(PyTuple_New(n - 2))
    for i in 2..<max(n, 2) { gila_tuple_items(written.ref)[i - 2] = newRef(args[i]!) }
    let bases = try resolve(written.ref)
    let kwargs = try owned(PyDict_New())
    var explicit: Ref? = nil
    if let names {
      for i in 0..<names.size {
        let word = gila_tuple_items(names)[i]!
        if PyUnicode_EqualToUTF8(word, "metaclass") != 0 {
          explicit = args[n + i]!
        } else {
          try check(PyDict_SetItem(kwargs.ref, word, args[n + i]))
        }
      }
    }
    let meta = Owned(retaining: try metaclass(explicit, bases.ref))
    let namespace = try prepare(meta.ref, name, bases.ref, kwargs.ref)
    let f = body.cast(PyFunctionObject.self)
    let cell = try owned(gila_eval_body(body, f.pointee.func_globals!, namespace.ref))
    if bases.ref != written.ref {
      let key = Dunder.orig_bases.ref
      try check(PyObject_SetItem(namespace.ref, key, written.ref))
    }
    let triple = try owned(PyTuple_New(3))
    gila_tuple_items(triple.ref)[0] = newRef(name)
    gila_tuple_items(triple.ref)[1] = newRef(bases.ref)
    gila_tuple_items(triple.ref)[2] = newRef(namespace.ref)
    let cls = try owned(PyObject_Call(meta.ref, triple.ref, kwargs.ref))
    if cls.ref.isType && cell.ref.isExactly(Types.cell) { try checkCell(cell.ref, cls.ref, name) }
    return cls
  }

  /// Bases that are not classes say what to inherit from instead (PEP 560). The same tuple if all are classes.
  private static func resolve(_ bases: Ref) throws(PyError) -> Owned {
    var list: Ref? = nil
    defer { xdecref(list) }
    for i in 0..<bases.size {
      let base = gila_tuple_items(bases)[i]!
      if !base.isType {
        var method: Ref? = nil
        try check(PyObject_GetOptionalAttr(base, Dunder.mro_entries.ref, &method))
        if let method {
          let held = Owned(taking: method)
          let entries = try owned(PyObject_CallOneArg(held.ref, bases))
          guard entries.ref.isTuple else { throw typeError("__mro_entries__ must return a tuple") }
          if list == nil {
            list = try owned(PyList_New(0)).take()
            for j in 0..<i { try check(PyList_Append(list, gila_tuple_items(bases)[j])) }
          }
          for j in 0..<entries.ref.size { try check(PyList_Append(list, gila_tuple_items(entries.ref)[j])) }
          continue
        }
      }
      if let list { try check(PyList_Append(list, base)) }
    }
    guard let list else { return Owned(retaining: bases) }
    return try owned(PyList_AsTuple(list))
  }

  /// The most derived metaclass of the one given and those of the bases.
  private static func metaclass(_ explicit: Ref?, _ bases: Ref) throws(PyError) -> Ref {
    var winner = explicit ?? (bases.size > 0 ? gila_tuple_items(bases)[0]!.type.object : Types.type.object)
    guard winner.isType else { return winner }
    for i in 0..<bases.size {
      let t = gila_tuple_items(bases)[i]!.type
      if PyType_IsSubtype(winner.asType, t) != 0 { continue }
      guard PyType_IsSubtype(t, winner.asType) != 0 else {
        throw typeError(
          "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
        )
      }
      winner = t.object
    }
    return winner
  }

  private static func prepare(_ meta: Ref, _ name: Ref, _ bases: Ref, _ kwargs: Ref) throws(PyError) -> Owned {
    var prepare: Ref? = nil
    try check(PyObject_GetOptionalAttr(meta, Dunder.prepare.ref, &prepare))
    guard let prepare else { return try owned(PyDict_New()) }
    let held = Owned(taking: prepare)
    let pair = try owned(PyTuple_New(2))
    gila_tuple_items(pair.ref)[0] = newRef(name)
    gila_tuple_items(pair.ref)[1] = newRef(bases)
    let namespace = try owned(PyObject_Call(held.ref, pair.ref, kwargs))
    guard PyMapping_Check(namespace.ref) != 0 else {
      let owner = meta.isType ? typeName(meta.asType) : "<metaclass>"
      throw typeError("\(owner).__prepare__() must return a mapping, not \(typeName(of: namespace.ref))")
    }
    return namespace
  }

  /// A metaclass must have handed `__classcell__` on to `type.__new__`.
  private static func checkCell(_ cell: Ref, _ cls: Ref, _ name: Ref) throws(PyError) {
    let content = cell.cast(PyCellObject.self).pointee.ob_ref
    if content == cls { return }
    guard let content else {
      throw runtimeError(
        "__class__ not set defining \(try reprText(name)) as \(try reprText(cls)). Was __classcell__ propagated to type.__new__?"
      )
    }
    throw typeError(
      "__class__ set to \(try reprText(content)) defining \(try reprText(name)) as \(try reprText(cls))")
  }
}
