import CGila
import GilaCore

/// `typing.TypeVar`.
enum TypeVariable {
  static func install() {
    let t = Types.typeVar
    TypeParameter.define(
      t, "typing.TypeVar",
      "Type variable.\n\nThe preferred way to construct a type variable is via the dedicated\nsyntax for generic functions, classes, and type aliases::\n\n    class Sequence[T]:  # T is a TypeVar\n        ...\n\nA type variable has a name, and may have a bound, constraints and a default."
    )
    t.pointee.tp_new = { _, args, kwargs in bridge { () throws(PyError) in try TypeVariable.new(args!, kwargs) } }
    t.pointee.tp_repr = { TypeParameter.markedName($0) }
    t.number.pointee.nb_or = TypingCall.union
    var members = MemberTable()
    TypeParameter.nameMember(&members, variance: true)
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add(
      "__bound__",
      get: { p, _ in
        bridge { () throws(PyError) in
          let x = TypeParameter.object(p!)
          return try TypeParameter.lazily(&x.pointee.bound, x.pointee.evaluateBound, otherwise: none)
        }
      })
    g.add(
      "__constraints__",
      get: { p, _ in
        bridge { () throws(PyError) in
          let x = TypeParameter.object(p!)
          return try TypeParameter.lazily(
            &x.pointee.constraints, x.pointee.evaluateConstraints, otherwise: gila_empty_tuple_object())
        }
      })
    TypeParameter.addDefault(&g)
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    TypeParameter.addMethods(&m) { _, _ in
      _ = typeError("Cannot subclass an instance of TypeVar")
      return nil
    }
    m.one("__typing_subst__", "($self, arg, /)", "") { p, arg in
      bridge { () throws(PyError) in try TypingCall.call("_typevar_subst", p!, arg!) }
    }
    m.positional("__typing_prepare_subst__", "($self, alias, args, /)", "") { p, args, n in
      bridge { () throws(PyError) in
        try checkCount("__typing_prepare_subst__", n, 2, 2)
        return try TypeVariable.prepare(p!, args![0]!, args![1]!)
      }
    }
    t.pointee.tp_methods = m.build()
  }

  /// The arguments of an alias; the default steps in for a missing last one.
  private static func prepare(_ p: Ref, _ alias: Ref, _ args: Ref) throws(PyError) -> Owned {
    let parameters = try owned(PyObject_GetAttr(alias, Dunder.parameters.ref))
    let count = try checkSize(PySequence_Size(args))
    let index = try checkSize(PySequence_Index(parameters.ref, p))
    if index < count { return Owned(retaining: args) }
    let value = try TypeParameter.defaultValue(p)
    if index > count || value.ref == NoDefault.value {
      let text = try owned(PyObject_Str(alias))
      throw typeError(
        "Too few arguments for \(swiftString(text.ref)); actual \(count), expected at least \(index + 1)")
    }
    let last = try tuple(value.ref)
    return try owned(PySequence_Concat(args, last.ref))
  }

  private static func new(_ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    var named: (name: Ref?, bound: Ref?, value: Ref?) = (args.size > 0 ? gila_tuple_items(args)[0] : nil, nil, nil)
    var covariant = false, contravariant = false, infer = false
    var position = 0
    var key: Ref? = nil, value: Ref? = nil
    if let kwargs {
      while PyDict_Next(kwargs, &position, &key, &value) != 0 {
        guard let key, let value, key.isUnicode else { throw typeError("keywords must be strings") }
        switch swiftString(key) {
        case "name" where args.size == 0: named.name = value
        case "name": throw typeError("argument for typevar() given by name ('name') and position (1)")
        case "bound": named.bound = value
        case "default": named.value = value
        case "covariant": covariant = try truth(value)
        case "contravariant": contravariant = try truth(value)
        case "infer_variance": infer = try truth(value)
        default: throw typeError("typevar() got an unexpected keyword argument '\(swiftString(key))'")
        }
      }
    }
    guard let name = named.name else { throw typeError("typevar() missing required argument 'name' (pos 1)") }
    guard name.isUnicode else { throw typeError("typevar() argument 'name' must be str, not \(typeName(of: name))") }
    if covariant && contravariant { throw valueError("Bivariant types are not supported.") }
    if infer && (covariant || contravariant) { throw valueError("Variance cannot be specified with infer_variance.") }
    let count = max(args.size - 1, 0)
    let hasBound = named.bound != nil && named.bound != none
    var checked: Ref? = nil
    defer { xdecref(checked) }
    if hasBound { checked = try TypingCall.check(named.bound!, "Bound must be a type.").take() }
    if count == 1 { throw typeError("A single constraint is not allowed") }
    if count > 0 && hasBound { throw typeError("Constraints cannot be combined with bound=...") }
    let p = try TypeParameter.make(Types.typeVar, name)
    let x = TypeParameter.object(p.ref)
    x.pointee.bound = xnewRef(checked)
    if count > 0 { x.pointee.constraints = try owned(PyTuple_GetSlice(args, 1, args.size)).take() }
    x.pointee.defaultValue = newRef(named.value ?? NoDefault.value)
    x.pointee.covariant = covariant
    x.pointee.contravariant = contravariant
    x.pointee.inferVariance = infer
    return p
  }
}

@c @implementation public func gila_make_typevar(_ name: Ref!, _ bound: Ref!, _ constraints: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let p = try TypeParameter.make(Types.typeVar, name!)
    let x = TypeParameter.object(p.ref)
    x.pointee.evaluateBound = xnewRef(bound)
    x.pointee.evaluateConstraints = xnewRef(constraints)
    x.pointee.inferVariance = true
    return p
  }
}
@c @implementation public func gila_set_typeparam_default(_ p: Ref!, _ evaluate: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard TypeParameter.isParameter(p!) else { throw typeError("Expected a type param, got \(try reprText(p!))") }
    replace(&TypeParameter.object(p!).pointee.evaluateDefault, with: xnewRef(evaluate))
    return Owned(retaining: p!)
  }
}
