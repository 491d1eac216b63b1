import CGila
import GilaCore

/// `typing.ParamSpec`, and its `args` and `kwargs`.
enum ParameterSpec {
  private static let signature = Signature(
    "paramspec", "(name, *, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False)")

  static func install() {
    let t = Types.paramSpec
    TypeParameter.define(
      t, "typing.ParamSpec",
      "Parameter specification variable.\n\nThe preferred way to construct a parameter specification is via the\ndedicated syntax for generic functions, classes, and type aliases,\nwhere the use of '**' creates a parameter specification::\n\n    type IntFunc[**P] = Callable[P, int]"
    )
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        let b = try ParameterSpec.signature.bind(tuple: args, dict: kwargs)
        guard b[0]!.isUnicode else {
          throw typeError("paramspec() argument 'name' must be str, not \(typeName(of: b[0]!))")
        }
        let covariant = try b[3].map { r throws(PyError) in try truth(r) } ?? false
        let contravariant = try b[4].map { r throws(PyError) in try truth(r) } ?? false
        let infer = try b[5].map { r throws(PyError) in try truth(r) } ?? false
        if covariant && contravariant { throw valueError("Bivariant types are not supported.") }
        if infer && (covariant || contravariant) {
          throw valueError("Variance cannot be specified with infer_variance.")
        }
        var bound: Ref? = nil
        defer { xdecref(bound) }
        if let given = b[1], given != none { bound = try TypingCall.check(given, "Bound must be a type.").take() }
        let p = try TypeParameter.make(Types.paramSpec, b[0]!)
        let x = TypeParameter.object(p.ref)
        x.pointee.bound = xnewRef(bound)
        x.pointee.defaultValue = newRef(b[2] ?? NoDefault.value)
        x.pointee.covariant = covariant
        x.pointee.contravariant = contravariant
        x.pointee.inferVariance = infer
        return p
      }
    }
    t.pointee.tp_repr = { TypeParameter.markedName($0) }
    t.number.pointee.nb_or = TypingCall.union
    var members = MemberTable()
    TypeParameter.nameMember(&members, variance: true)
    members.add("__bound__", _Py_T_OBJECT, offset: MemoryLayout<TypeParameter.Object>.offset(of: \.bound)!)
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add(
      "args", "Represents positional arguments.",
      get: { p, _ in bridge { () throws(PyError) in try ParameterSpec.part(Types.paramSpecArgs, p!) } })
    g.add(
      "kwargs", "Represents keyword arguments.",
      get: { p, _ in bridge { () throws(PyError) in try ParameterSpec.part(Types.paramSpecKwargs, p!) } })
    TypeParameter.addDefault(&g)
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    TypeParameter.addMethods(&m) { _, _ in
      _ = typeError("Cannot subclass an instance of ParamSpec")
      return nil
    }
    m.one("__typing_subst__", "($self, arg, /)", "") { p, arg in
      bridge { () throws(PyError) in try TypingCall.call("_paramspec_subst", p!, arg!) }
    }
    m.positional("__typing_prepare_subst__", "($self, alias, args, /)", "") { p, args, n in
      bridge { () throws(PyError) in
        try checkCount("__typing_prepare_subst__", n, 2, 2)
        return try TypingCall.call("_paramspec_prepare_subst", p!, args![0]!, args![1]!)
      }
    }
    t.pointee.tp_methods = m.build()
    installPart(Types.paramSpecArgs, "typing.ParamSpecArgs", "The args for a ParamSpec object.") { t, args, kwargs in
      ParameterSpec.newPart(t!, "paramspecargs", args, kwargs)
    } repr: {
      ParameterSpec.partText($0!, "args")
    } refuse: { _, _ in
      _ = typeError("Cannot subclass an instance of ParamSpecArgs")
      return nil
    }
    installPart(Types.paramSpecKwargs, "typing.ParamSpecKwargs", "The kwargs for a ParamSpec object.") {
      t, args, kwargs in
      ParameterSpec.newPart(t!, "paramspeckwargs", args, kwargs)
    } repr: {
      ParameterSpec.partText($0!, "kwargs")
    } refuse: { _, _ in
      _ = typeError("Cannot subclass an instance of ParamSpecKwargs")
      return nil
    }
  }

  // MARK: P.args and P.kwargs: words 0 the ParamSpec, 1 weak references

  private static func part(_ t: TypeRef, _ origin: Ref) throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(t, 0))
    r.ref.field(0).pointee = newRef(origin)
    return r
  }
  private static func newPart(_ t: TypeRef, _ name: String, _ args: Ref?, _ kwargs: Ref?) -> Ref? {
    bridge { () throws(PyError) in
      let b = try Signature(name, "(origin)").bind(tuple: args, dict: kwargs)
      return try part(t, b[0]!)
    }
  }
  private static func partText(_ r: Ref, _ suffix: String) -> Ref? {
    bridge { () throws(PyError) in
      let origin = r.field(0).pointee!
      if origin.isExactly(Types.paramSpec) {
        return try string("\(swiftString(TypeParameter.object(origin).pointee.name!)).\(suffix)")
      }
      return try string("\(try reprText(origin)).\(suffix)")
    }
  }
  private static func installPart(
    _ t: TypeRef, _ name: StaticString, _ doc: StaticString, new: @escaping newfunc, repr: @escaping reprfunc,
    refuse: @convention(c) (Ref?, Ref?) -> Ref?
  ) {
    t.define(name, basicSize: 32, flags: UInt(Py_TPFLAGS_HAVE_GC), doc: doc)
    t.pointee.tp_weaklistoffset = 24
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = new
    t.pointee.tp_repr = repr
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      if r!.field(1).pointee != nil { PyObject_ClearWeakRefs(r) }
      xdecref(r!.field(0).pointee)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in visit(r!.field(0).pointee, f, context) }
    t.pointee.tp_clear = { r in
      GilaCore.clear(r!.field(0))
      return 0
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, a!.type == b!.type else { return newRef(notImplemented) }
      return PyObject_RichCompare(a!.field(0).pointee, b!.field(0).pointee, op)
    }
    var members = MemberTable()
    members.add("__origin__", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = members.build()
    var m = MethodTable()
    m.one("__mro_entries__", "($self, object, /)", "", refuse)
    t.pointee.tp_methods = m.build()
  }
}
@c @implementation public func gila_make_paramspec(_ name: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let p = try TypeParameter.make(Types.paramSpec, name!)
    TypeParameter.object(p.ref).pointee.inferVariance = true
    return p
  }
}
