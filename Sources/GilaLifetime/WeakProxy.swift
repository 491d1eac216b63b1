import CGila
import GilaCore

/// `weakref.proxy`: an object that acts for another which it does not keep alive.
enum WeakProxy {
  static func isProxy(_ r: Ref) -> Bool {
    r.isExactly(Types.weakrefProxyType) || r.isExactly(Types.weakrefCallableProxyType)
  }
  /// The object behind a proxy (or the argument itself, if it is none), kept alive.
  static func target(_ r: Ref) throws(PyError) -> Owned {
    guard isProxy(r) else { return Owned(retaining: r) }
    guard let o = WeakReferenceType.target(r) else {
      throw raise(Exc.ReferenceError, "weakly-referenced object no longer exists")
    }
    return Owned(retaining: o)
  }
  private static func unary(_ r: Ref?, _ f: (Ref?) -> Ref?) -> Ref? {
    bridge { () throws(PyError) in
      let o = try target(r!)
      return try owned(f(o.ref))
    }
  }
  private static func binary(_ a: Ref?, _ b: Ref?, _ f: (Ref?, Ref?) -> Ref?) -> Ref? {
    bridge { () throws(PyError) in
      let x = try target(a!)
      let y = try target(b!)
      return try owned(f(x.ref, y.ref))
    }
  }
  private static func ternary(_ a: Ref?, _ b: Ref?, _ c: Ref?, _ f: (Ref?, Ref?, Ref?) -> Ref?) -> Ref? {
    bridge { () throws(PyError) in
      let x = try target(a!)
      let y = try target(b!)
      let z = try target(c ?? none)
      return try owned(f(x.ref, y.ref, z.ref))
    }
  }
  private static func method(_ r: Ref?, _ name: Dunder) -> Ref? {
    bridge { () throws(PyError) in
      let o = try target(r!)
      let f = try owned(PyObject_GetAttr(o.ref, name.ref))
      return try owned(PyObject_CallNoArgs(f.ref))
    }
  }

  static func install() {
    common(Types.weakrefProxyType, "weakref.ProxyType")
    let c = Types.weakrefCallableProxyType
    common(c, "weakref.CallableProxyType")
    c.pointee.tp_call = { r, args, kwargs in WeakProxy.unary(r) { PyObject_Call($0, args, kwargs) } }
  }

  private static func common(_ t: TypeRef, _ name: StaticString) {
    t.define(
      name, basicSize: MemoryLayout<PyWeakReference>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { WeakReferenceType.deallocate($0!) }
    t.pointee.tp_traverse = Types.weakrefRefType.pointee.tp_traverse
    t.pointee.tp_clear = Types.weakrefRefType.pointee.tp_clear
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_repr = { r in
      let at = "0x" + String(UInt(bitPattern: r!), radix: 16)
      guard let o = WeakReferenceType.target(r!) else { return newString("<weakproxy at \(at); dead>") }
      let there = "0x" + String(UInt(bitPattern: o), radix: 16)
      return newString("<weakproxy at \(at); to '\(fullName(of: o))' at \(there)>")
    }
    t.pointee.tp_str = { r in WeakProxy.unary(r) { PyObject_Str($0) } }
    t.pointee.tp_getattro = { r, name in WeakProxy.unary(r) { PyObject_GetAttr($0, name) } }
    t.pointee.tp_setattro = { r, name, value in
      bridgeStatus { () throws(PyError) in
        let o = try WeakProxy.target(r!)
        try check(PyObject_SetAttr(o.ref, name, value))
      }
    }
    t.pointee.tp_richcompare = { a, b, op in WeakProxy.binary(a, b) { PyObject_RichCompare($0, $1, op) } }
    t.pointee.tp_iter = { r in WeakProxy.unary(r) { PyObject_GetIter($0) } }
    t.pointee.tp_iternext = { r in
      do throws(PyError) {
        let o = try WeakProxy.target(r!)
        guard PyIter_Check(o.ref) != 0 else {
          throw typeError("Weakref proxy referenced a non-iterator '\(typeName(of: o.ref))' object")
        }
        return PyIter_Next(o.ref)
      } catch { return nil }
    }
    containers(t)
    numbers(t)
    var m = MethodTable()
    m.noArguments("__bytes__") { r, _ in WeakProxy.method(r, .bytes) }
    m.noArguments("__reversed__") { r, _ in WeakProxy.method(r, .reversed) }
    t.pointee.tp_methods = m.build()
  }

  private static func containers(_ t: TypeRef) {
    t.sequence.pointee.sq_length = { r in WeakProxy.size(r) }
    t.sequence.pointee.sq_contains = { r, item in
      bridgeInt { () throws(PyError) in
        let o = try WeakProxy.target(r!)
        return try check(PySequence_Contains(o.ref, item))
      }
    }
    t.mapping.pointee.mp_length = { r in WeakProxy.size(r) }
    t.mapping.pointee.mp_subscript = { a, b in WeakProxy.binary(a, b) { PyObject_GetItem($0, $1) } }
    t.mapping.pointee.mp_ass_subscript = { r, key, value in
      bridgeStatus { () throws(PyError) in
        let o = try WeakProxy.target(r!)
        try check(value == nil ? PyObject_DelItem(o.ref, key) : PyObject_SetItem(o.ref, key, value))
      }
    }
  }
  private static func size(_ r: Ref?) -> Int {
    bridgeSize { () throws(PyError) in
      let o = try target(r!)
      let n = PyObject_Size(o.ref)
      if n < 0 { throw PyError() }
      return n
    }
  }

  private static func numbers(_ t: TypeRef) {
    let n = t.number
    n.pointee.nb_bool = { r in
      bridgeInt { () throws(PyError) in
        let o = try WeakProxy.target(r!)
        return try check(PyObject_IsTrue(o.ref))
      }
    }
    n.pointee.nb_add = { a, b in WeakProxy.binary(a, b) { PyNumber_Add($0, $1) } }
    n.pointee.nb_subtract = { a, b in WeakProxy.binary(a, b) { PyNumber_Subtract($0, $1) } }
    n.pointee.nb_multiply = { a, b in WeakProxy.binary(a, b) { PyNumber_Multiply($0, $1) } }
    n.pointee.nb_remainder = { a, b in WeakProxy.binary(a, b) { PyNumber_Remainder($0, $1) } }
    n.pointee.nb_divmod = { a, b in WeakProxy.binary(a, b) { PyNumber_Divmod($0, $1) } }
    n.pointee.nb_power = { a, b, c in WeakProxy.ternary(a, b, c) { PyNumber_Power($0, $1, $2) } }
    n.pointee.nb_negative = { a in WeakProxy.unary(a) { PyNumber_Negative($0) } }
    n.pointee.nb_positive = { a in WeakProxy.unary(a) { PyNumber_Positive($0) } }
    n.pointee.nb_absolute = { a in WeakProxy.unary(a) { PyNumber_Absolute($0) } }
    n.pointee.nb_invert = { a in WeakProxy.unary(a) { PyNumber_Invert($0) } }
    n.pointee.nb_lshift = { a, b in WeakProxy.binary(a, b) { PyNumber_Lshift($0, $1) } }
    n.pointee.nb_rshift = { a, b in WeakProxy.binary(a, b) { PyNumber_Rshift($0, $1) } }
    n.pointee.nb_and = { a, b in WeakProxy.binary(a, b) { PyNumber_And($0, $1) } }
    n.pointee.nb_xor = { a, b in WeakProxy.binary(a, b) { PyNumber_Xor($0, $1) } }
    n.pointee.nb_or = { a, b in WeakProxy.binary(a, b) { PyNumber_Or($0, $1) } }
    n.pointee.nb_int = { a in WeakProxy.unary(a) { PyNumber_Long($0) } }
    n.pointee.nb_float = { a in WeakProxy.unary(a) { PyNumber_Float($0) } }
    n.pointee.nb_index = { a in WeakProxy.unary(a) { PyNumber_Index($0) } }
    n.pointee.nb_floor_divide = { a, b in WeakProxy.binary(a, b) { PyNumber_FloorDivide($0, $1) } }
    n.pointee.nb_true_divide = { a, b in WeakProxy.binary(a, b) { PyNumber_TrueDivide($0, $1) } }
    n.pointee.nb_matrix_multiply = { a, b in WeakProxy.binary(a, b) { PyNumber_MatrixMultiply($0, $1) } }
    n.pointee.nb_inplace_add = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceAdd($0, $1) } }
    n.pointee.nb_inplace_subtract = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceSubtract($0, $1) } }
    n.pointee.nb_inplace_multiply = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceMultiply($0, $1) } }
    n.pointee.nb_inplace_remainder = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceRemainder($0, $1) } }
    n.pointee.nb_inplace_power = { a, b, c in WeakProxy.ternary(a, b, c) { PyNumber_InPlacePower($0, $1, $2) } }
    n.pointee.nb_inplace_lshift = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceLshift($0, $1) } }
    n.pointee.nb_inplace_rshift = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceRshift($0, $1) } }
    n.pointee.nb_inplace_and = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceAnd($0, $1) } }
    n.pointee.nb_inplace_xor = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceXor($0, $1) } }
    n.pointee.nb_inplace_or = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceOr($0, $1) } }
    n.pointee.nb_inplace_floor_divide = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceFloorDivide($0, $1) } }
    n.pointee.nb_inplace_true_divide = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceTrueDivide($0, $1) } }
    n.pointee.nb_inplace_matrix_multiply = { a, b in WeakProxy.binary(a, b) { PyNumber_InPlaceMatrixMultiply($0, $1) } }
  }
}
