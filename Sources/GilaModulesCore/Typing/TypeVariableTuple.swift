import CGila
import GilaCore

/// `typing.TypeVarTuple`.
enum TypeVariableTuple {
  private static let signature = Signature("typevartuple", "(name, *, default=NoDefault)")

  static func install() {
    let t = Types.typeVarTuple
    TypeParameter.define(
      t, "typing.TypeVarTuple",
      "Type variable tuple. A specialized form of type variable that enables\nvariadic generics.\n\nThe preferred way to construct a type variable tuple is via the\ndedicated syntax for generic functions, classes, and type aliases,\nwhere a single '*' indicates a type variable tuple::\n\n    def move_first_element_to_last[T, *Ts](tup: tuple[T, *Ts]) -> tuple[*Ts, T]:\n        return (*tup[1:], tup[0])"
    )
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        let b = try TypeVariableTuple.signature.bind(tuple: args, dict: kwargs)
        guard b[0]!.isUnicode else {
          throw typeError("typevartuple() argument 'name' must be str, not \(typeName(of: b[0]!))")
        }
        let p = try TypeParameter.make(Types.typeVarTuple, b[0]!)
        TypeParameter.object(p.ref).pointee.defaultValue = newRef(b[1] ?? NoDefault.value)
        return p
      }
    }
    t.pointee.tp_repr = { xnewRef(TypeParameter.object($0!).pointee.name) }
    t.pointee.tp_iter = { p in bridge { () throws(PyError) in try TypingCall.iterate(p!) } }
    var members = MemberTable()
    TypeParameter.nameMember(&members, variance: false)
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    TypeParameter.addDefault(&g)
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    TypeParameter.addMethods(&m) { _, _ in
      _ = typeError("Cannot subclass an instance of TypeVarTuple")
      return nil
    }
    m.one("__typing_subst__", "($self, arg, /)", "") { _, _ in
      _ = typeError("Substitution of bare TypeVarTuple is not supported")
      return nil
    }
    m.positional("__typing_prepare_subst__", "($self, alias, args, /)", "") { p, args, n in
      bridge { () throws(PyError) in
        try checkCount("__typing_prepare_subst__", n, 2, 2)
        return try TypingCall.call("_typevartuple_prepare_subst", p!, args![0]!, args![1]!)
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
@c @implementation public func gila_make_typevartuple(_ name: Ref!) -> Ref? {
  bridge { () throws(PyError) in try TypeParameter.make(Types.typeVarTuple, name!) }
}
