// The class statement: bases, metaclass, namespace, body, class.

import CGila
import GilaCore

enum ClassStatement {
  static func add(_ m: inout MethodTable) {
    m.keywords(
      "__build_class__", "",
      "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nWhat the class statement calls."
    ) { _, args, n, names in
      bridge { () throws(PyError) in try build(args!, n, names) }
    }
  }

  private static func build(_ args: ArgumentVector, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
    if n < 2 { throw typeError("__build_class__: not enough arguments") }
    let body = args[0]!, name = args[1]!
    guard body.isExactly(Types.function) else { throw typeError("__build_class__: func must be a function") }
    guard name.isUnicode else { throw typeError("__build_class__: name is not a string") }
    let original = try owned(PyTuple_New(n - 2))
    for i in 2..<max(n, 2) { gila_tuple_items(original.ref)[i - 2] = newRef(args[i]!) }
    let bases = try resolved(original.ref)
    var keywords: Owned? = nil
    var meta: Owned? = nil
    if let names {
      let d = try owned(PyDict_New())
      for i in 0..<names.size {
        let word = gila_tuple_items(names)[i]!
        if PyUnicode_EqualToUTF8(word, "metaclass") != 0 {
          meta = Owned(retaining: args[n + i]!)
        } else {
          try check(PyDict_SetItem(d.ref, word, args[n + i]))
        }
      }
      if PyDict_Size(d.ref) > 0 { keywords = consume d }
    }
    let metaclass = try mostDerived(meta?.ref, bases.ref)
    let namespace = try prepare(metaclass.ref, name, bases.ref, keywords?.ref)
    let f = body.cast(PyFunctionObject.self)
    let cell = try owned(gila_eval_body(body, f.pointee.func_globals ?? none, namespace.ref))
    if bases.ref != original.ref {
      try check(PyObject_SetItem(namespace.ref, Dunder.orig_bases.ref, original.ref))
    }
    let arguments = try owned(PyTuple_New(3))
    for (i, r) in [name, bases.ref, namespace.ref].enumerated() { gila_tuple_items(arguments.ref)[i] = newRef(r) }
    let cls = try owned(PyObject_Call(metaclass.ref, arguments.ref, keywords?.ref))
    if cls.ref.isType, cell.ref.isExactly(Types.cell) { try checkCell(cls.ref, cell.ref, name) }
    return cls
  }

  /// The bases with `__mro_entries__` of those that are no classes; the same tuple if there are none.
  private static func resolved(_ bases: Ref) throws(PyError) -> Owned {
    var replaced: Owned? = nil
    for i in 0..<bases.size {
      let base = gila_tuple_items(bases)[i]!
      var f: Ref? = nil
      if !base.isType { try check(PyObject_GetOptionalAttr(base, Dunder.mro_entries.ref, &f)) }
      guard let f else {
        if let list = replaced?.ref { try check(PyList_Append(list, base)) }
        continue
      }
      let method = Owned(taking: f)
      let entries = try owned(PyObject_CallOneArg(method.ref, bases))
      guard entries.ref.isTuple else { throw typeError("__mro_entries__ must return a tuple") }
      if replaced == nil {
        let list = try owned(PyList_New(0))
        for k in 0..<i { try check(PyList_Append(list.ref, gila_tuple_items(bases)[k])) }
        replaced = consume list
      }
      if let list = replaced?.ref { try check(PyList_Extend(list, entries.ref)) }
    }
    guard let list = replaced?.ref else { return Owned(retaining: bases) }
    return try owned(PyList_AsTuple(list))
  }
  private static func mostDerived(_ given: Ref?, _ bases: Ref) throws(PyError) -> Owned {
    var winner: Ref
    if let given {
      winner = given
      if !given.isType { return Owned(retaining: given) }
    } else {
      winner = bases.size == 0 ? Types.type.object : gila_tuple_items(bases)[0]!.type.object
    }
    for i in 0..<bases.size {
      let t = gila_tuple_items(bases)[i]!.type
      if PyType_IsSubtype(winner.asType, t) != 0 { continue }
      if PyType_IsSubtype(t, winner.asType) != 0 {
        winner = t.object
        continue
      }
      throw typeError(
        "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
      )
    }
    return Owned(retaining: winner)
  }
  private static func prepare(_ meta: Ref, _ name: Ref, _ bases: Ref, _ keywords: Ref?) throws(PyError) -> Owned {
    var f: Ref? = nil
    if try check(PyObject_GetOptionalAttr(meta, Dunder.prepare.ref, &f)) == 0 { return try owned(PyDict_New()) }
    let method = Owned(taking: f!)
    let arguments = try owned(PyTuple_New(2))
    gila_tuple_items(arguments.ref)[0] = newRef(name)
    gila_tuple_items(arguments.ref)[1] = newRef(bases)
    let namespace = try owned(PyObject_Call(method.ref, arguments.ref, keywords))
    guard PyMapping_Check(namespace.ref) != 0 else {
      let metaName = meta.isType ? typeName(meta.asType) : "<metaclass>"
      throw typeError("\(metaName).__prepare__() must return a mapping, not \(typeName(of: namespace.ref))")
    }
    return namespace
  }
  /// `__class__` inside the methods must be the class that was made.
  private static func checkCell(_ cls: Ref, _ cell: Ref, _ name: Ref) throws(PyError) {
    let inside = cell.cast(PyCellObject.self).pointee.ob_ref
    if inside == cls { return }
    if let inside {
      throw typeError(
        "__class__ set to \(try reprText(inside)) defining \(try reprText(name)) as \(try reprText(cls))")
    }
    throw runtimeError(
      "__class__ not set defining \(try reprText(name)) as \(try reprText(cls)). Was __classcell__ propagated to type.__new__?"
    )
  }
}
