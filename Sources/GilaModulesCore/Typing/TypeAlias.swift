import CGila
import GilaCore

/// `typing.TypeAliasType`: what the `type` statement makes. Words: 0 name, 1 type parameters, 2 evaluator, 3 value,
/// 4 module.
enum TypeAlias {
  private static let signature = Signature("typealias", "(name, value, *, type_params=())")

  static func make(_ name: Ref, _ parameters: Ref?, _ evaluate: Ref?, _ value: Ref?, _ module: Ref?) throws(PyError)
    -> Owned
  {
    try TypingTypes.ready()
    let a = try owned(PyType_GenericAlloc(Types.typeAlias, 0))
    a.ref.field(0).pointee = newRef(name)
    if let parameters, parameters.size > 0 { a.ref.field(1).pointee = newRef(parameters) }
    a.ref.field(2).pointee = xnewRef(evaluate)
    a.ref.field(3).pointee = xnewRef(value)
    a.ref.field(4).pointee = xnewRef(module)
    return a
  }

  static func install() {
    let t = Types.typeAlias
    t.define(
      "typing.TypeAliasType", basicSize: 56, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc:
        "Type alias.\n\nType aliases are created through the type statement::\n\n    type Alias = int\n\nIn this example, Alias and int will be treated equivalently by static\ntype checkers.\n\nAt runtime, Alias is an instance of TypeAliasType. The __name__\nattribute holds the name of the type alias. The value of the type alias\nis stored in the __value__ attribute. It is evaluated lazily, so the\nvalue is computed only if the attribute is accessed."
    )
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { a in
      PyObject_GC_UnTrack(a!.raw)
      for i in 0..<5 { xdecref(a!.field(i).pointee) }
      PyObject_GC_Del(a!.raw)
    }
    t.pointee.tp_traverse = { a, f, context in
      for i in 0..<5 {
        let r = visit(a!.field(i).pointee, f, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_clear = { a in
      for i in 1..<5 { GilaCore.clear(a!.field(i)) }
      return 0
    }
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        let b = try TypeAlias.signature.bind(tuple: args, dict: kwargs)
        guard b[0]!.isUnicode else {
          throw typeError("typealias() argument 'name' must be str, not \(typeName(of: b[0]!))")
        }
        if let p = b[2], !p.isTuple { throw typeError("type_params must be a tuple") }
        return try TypeAlias.make(b[0]!, b[2], nil, b[1]!, TypeParameter.callingModule())
      }
    }
    t.pointee.tp_repr = { xnewRef($0!.field(0).pointee) }
    t.pointee.tp_iter = { a in bridge { () throws(PyError) in try TypingCall.iterate(a!) } }
    t.number.pointee.nb_or = { a, b in gila_union(a, b) }
    t.mapping.pointee.mp_subscript = { a, item in
      guard a!.field(1).pointee != nil else {
        _ = typeError("Only generic type aliases are subscriptable")
        return nil
      }
      return Py_GenericAlias(a, item)
    }
    var members = MemberTable()
    members.add("__name__", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = members.build()
    t.pointee.tp_getset = getsets()
    var m = MethodTable()
    m.noArguments("__reduce__", "($self, /)", "") { a, _ in xnewRef(a!.field(0).pointee) }
    t.pointee.tp_methods = m.build()
  }
  private static func getsets() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "__value__",
      get: { a, _ in
        bridge { () throws(PyError) in
          if let v = a!.field(3).pointee { return Owned(retaining: v) }
          guard let evaluate = a!.field(2).pointee else { return Owned(retaining: none) }
          let v = try owned(PyObject_CallNoArgs(evaluate))
          replace(a!.field(3), with: newRef(v.ref))
          return v
        }
      })
    g.add(
      "__parameters__",
      get: { a, _ in
        bridge { () throws(PyError) in
          guard let p = a!.field(1).pointee else { return Owned(retaining: gila_empty_tuple_object()) }
          return try unpackTuples(p)
        }
      })
    g.add("__type_params__", get: { a, _ in newRef(a!.field(1).pointee ?? gila_empty_tuple_object()) })
    g.add(
      "__module__",
      get: { a, _ in
        if let module = a!.field(4).pointee { return newRef(module) }
        guard let f = a!.field(2).pointee, let module = PyFunction_GetModule(f) else {
          PyErr_Clear()
          return newRef(none)
        }
        return newRef(module)
      })
    return g.build()
  }
}

/// Type parameters with every TypeVarTuple unpacked: the same tuple if there is none.
func unpackTuples(_ parameters: Ref) throws(PyError) -> Owned {
  var found = false
  for i in 0..<parameters.size where gila_tuple_items(parameters)[i]!.isExactly(Types.typeVarTuple) { found = true }
  if !found { return Owned(retaining: parameters) }
  let result = try owned(PyTuple_New(parameters.size))
  for i in 0..<parameters.size {
    let p = gila_tuple_items(parameters)[i]!
    let item = p.isExactly(Types.typeVarTuple) ? try TypingCall.unpack(p) : Owned(retaining: p)
    gila_tuple_items(result.ref)[i] = item.take()
  }
  return result
}
@c @implementation public func gila_make_typealias(_ args: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let args, args.isTuple, args.size == 3 else { throw badInternalCall() }
    let items = gila_tuple_items(args)
    return try TypeAlias.make(items[0]!, items[1] == none ? nil : items[1], items[2], nil, nil)
  }
}
