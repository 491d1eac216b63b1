// The type bool: ints of which there are two.

import CGila
import GilaCore

/// The builtin type bool.
enum BoolType {
  static func install() {
    let t = Types.bool
    t.define(
      "bool", basicSize: digitOffset, itemSize: 4,
      flags: UInt(Py_TPFLAGS_LONG_SUBCLASS) | UInt(_Py_TPFLAGS_MATCH_SELF), base: Types.long,
      doc: """
        bool(object=False, /)
        --

        Returns True when the argument is true, False otherwise.

        The builtins True and False are the only two instances of the class bool.
        The class bool is a subclass of the class int, and cannot be subclassed.
        """)
    t.pointee.tp_dealloc = { r in gila_set_immortal(r!) }
    t.pointee.tp_repr = { r in newRef(r == gila_true() ? gila_intern("True")! : gila_intern("False")!) }
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("bool", kwargs)
        let n = args?.size ?? 0
        try checkCount("bool", n, 0, 1)
        return Owned(retaining: pyBool(n == 0 ? false : try truth(PyTuple_GetItem(args, 0)!)))
      }
    }
    t.pointee.tp_vectorcall = { type, args, flags, names in
      let n = flags & Int.max
      if names != nil && names!.size > 0 { return fail(Exc.TypeError, "bool() takes no keyword arguments") }
      if n == 1 {
        let b = PyObject_IsTrue(args![0])
        return b < 0 ? nil : pyBool(b != 0)
      }
      if n == 0 { return pyFalse }
      _ = typeError("bool expected at most 1 argument, got \(n)")
      return nil
    }
    let n = t.number
    n.pointee.nb_and = { a, b in
      if BoolType.bothBools(a!, b!) { return pyBool(a == gila_true() && b == gila_true()) }
      return Types.long.number.pointee.nb_and!(a, b)
    }
    n.pointee.nb_or = { a, b in
      if BoolType.bothBools(a!, b!) { return pyBool(a == gila_true() || b == gila_true()) }
      return Types.long.number.pointee.nb_or!(a, b)
    }
    n.pointee.nb_xor = { a, b in
      if BoolType.bothBools(a!, b!) { return pyBool(a != b) }
      return Types.long.number.pointee.nb_xor!(a, b)
    }
    n.pointee.nb_invert = { r in
      let status = PyErr_WarnEx(
        Exc.DeprecationWarning.object,
        "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise inversion of the underlying int object and is usually not what you expect from negating a bool. Use the 'not' operator for boolean negation or ~int(x) if you really want the bitwise inversion of the underlying int.",
        1)
      return status < 0 ? nil : IntArithmetic.invert(r!)
    }
  }

  private static func bothBools(_ a: Ref, _ b: Ref) -> Bool { a.isExactly(Types.bool) && b.isExactly(Types.bool) }
}

@c @implementation public func PyBool_FromLong(_ v: Int) -> Ref? { pyBool(v != 0) }
@c @implementation public func Py_IsTrue(_ r: Ref!) -> Int32 { r == gila_true() ? 1 : 0 }
@c @implementation public func Py_IsFalse(_ r: Ref!) -> Int32 { r == gila_false() ? 1 : 0 }
