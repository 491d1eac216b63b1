import CGila
import GilaCore

/// Binary and unary operators on any objects.
enum NumberProtocol {
  private static func slot(_ o: Ref, _ offset: Int) -> UInt {
    guard let n = o.type.pointee.tp_as_number else { return 0 }
    return (UnsafeMutableRawPointer(n) + offset).load(as: UInt.self)
  }
  /// The result or NotImplemented (borrowed as an owned reference), or nil with an exception.
  static func binary1(_ a: Ref, _ b: Ref, _ offset: Int) -> Ref? {
    let f = slot(a, offset)
    var g = a.type == b.type ? 0 : slot(b, offset)
    if f == g { g = 0 }
    if f != 0 {
      if g != 0 && PyType_IsSubtype(b.type, a.type) != 0 {
        let r = unsafeBitCast(g, to: binaryfunc.self)(a, b)
        if r != notImplemented { return r }
        g = 0
      }
      let r = unsafeBitCast(f, to: binaryfunc.self)(a, b)
      if r != notImplemented { return r }
    }
    if g != 0 { return unsafeBitCast(g, to: binaryfunc.self)(a, b) }
    return newRef(notImplemented)
  }
  static func unsupported(_ a: Ref, _ b: Ref, _ sign: String) -> Ref? {
    var hint = ""
    // `print >>stream, …` of Python 2.
    if sign == ">>", a.isExactly(Types.cFunction), let f = PyObject_GetAttrString(a, "__name__") {
      if swiftString(f) == "print" { hint = ". Did you mean \"print(<message>, file=<output_stream>)\"?" }
      decref(f)
    }
    _ = typeError("unsupported operand type(s) for \(sign): '\(typeName(of: a))' and '\(typeName(of: b))'\(hint)")
    return nil
  }
  static func binary(_ a: Ref!, _ b: Ref!, _ offset: Int, _ sign: String) -> Ref? {
    let r = binary1(a!, b!, offset)
    return r == notImplemented ? unsupported(a, b, sign) : r
  }
  static func inPlace1(_ a: Ref, _ b: Ref, _ own: Int, _ offset: Int) -> Ref? {
    let f = slot(a, own)
    if f != 0 {
      let r = unsafeBitCast(f, to: binaryfunc.self)(a, b)
      if r != notImplemented { return r }
    }
    return binary1(a, b, offset)
  }
  static func inPlace(_ a: Ref!, _ b: Ref!, _ own: Int, _ offset: Int, _ sign: String) -> Ref? {
    let r = inPlace1(a!, b!, own, offset)
    return r == notImplemented ? unsupported(a, b, sign) : r
  }
  static func unary(_ a: Ref!, _ offset: Int, _ sign: String) -> Ref? {
    let f = slot(a!, offset)
    if f != 0 { return unsafeBitCast(f, to: unaryfunc.self)(a) }
    _ = typeError("bad operand type for \(sign): '\(typeName(of: a))'")
    return nil
  }
  static func repeatSequence(_ f: ssizeargfunc, _ s: Ref, _ n: Ref) -> Ref? {
    guard PyIndex_Check(n) != 0 else {
      _ = typeError("can't multiply sequence by non-int of type '\(typeName(of: n))'")
      return nil
    }
    let i = PyNumber_AsSsize_t(n, Exc.OverflowError.object)
    if i == -1 && errorIsSet { return nil }
    return f(s, i)
  }
  static func power(_ a: Ref, _ b: Ref, _ c: Ref, _ sign: String) -> Ref? {
    let f = slot(a, 40)
    var g = a.type == b.type ? 0 : slot(b, 40)
    if f == g { g = 0 }
    func ask(_ p: UInt) -> Ref? { unsafeBitCast(p, to: ternaryfunc.self)(a, b, c) }
    if f != 0 {
      if g != 0 && PyType_IsSubtype(b.type, a.type) != 0 {
        let r = ask(g)
        if r != notImplemented { return r }
        g = 0
      }
      let r = ask(f)
      if r != notImplemented { return r }
    }
    if g != 0 {
      let r = ask(g)
      if r != notImplemented { return r }
    }
    if c != none {
      let h = slot(c, 40); if h != 0 && h != f && h != g { let r = ask(h); if r != notImplemented { return r } }
    }
    if c == none { return unsupported(a, b, sign) }
    _ = typeError(
      "unsupported operand type(s) for \(sign): '\(typeName(of: a))', '\(typeName(of: b))', '\(typeName(of: c))'")
    return nil
  }
}
@c @implementation public func PyNumber_Add(_ a: Ref!, _ b: Ref!) -> Ref? {
  let r = NumberProtocol.binary1(a!, b!, 0)
  if r != notImplemented { return r }
  if let f = a.type.pointee.tp_as_sequence?.pointee.sq_concat { return f(a, b) }
  return NumberProtocol.unsupported(a, b, "+")
}
@c @implementation public func PyNumber_Multiply(_ a: Ref!, _ b: Ref!) -> Ref? {
  let r = NumberProtocol.binary1(a!, b!, 16)
  if r != notImplemented { return r }
  if let f = a.type.pointee.tp_as_sequence?.pointee.sq_repeat { return NumberProtocol.repeatSequence(f, a, b) }
  if let f = b.type.pointee.tp_as_sequence?.pointee.sq_repeat { return NumberProtocol.repeatSequence(f, b, a) }
  return NumberProtocol.unsupported(a, b, "*")
}
@c @implementation public func PyNumber_InPlaceAdd(_ a: Ref!, _ b: Ref!) -> Ref? {
  let r = NumberProtocol.inPlace1(a!, b!, 152, 0)
  if r != notImplemented { return r }
  if let s = a.type.pointee.tp_as_sequence {
    if let f = s.pointee.sq_inplace_concat ?? s.pointee.sq_concat { return f(a, b) }
  }
  return NumberProtocol.unsupported(a, b, "+=")
}
@c @implementation public func PyNumber_InPlaceMultiply(_ a: Ref!, _ b: Ref!) -> Ref? {
  let r = NumberProtocol.inPlace1(a!, b!, 168, 16)
  if r != notImplemented { return r }
  if let s = a.type.pointee.tp_as_sequence, let f = s.pointee.sq_inplace_repeat ?? s.pointee.sq_repeat {
    return NumberProtocol.repeatSequence(f, a, b)
  }
  if let f = b.type.pointee.tp_as_sequence?.pointee.sq_repeat { return NumberProtocol.repeatSequence(f, b, a) }
  return NumberProtocol.unsupported(a, b, "*=")
}
@c @implementation public func PyNumber_Subtract(_ a: Ref!, _ b: Ref!) -> Ref? { NumberProtocol.binary(a, b, 8, "-") }
@c @implementation public func PyNumber_Remainder(_ a: Ref!, _ b: Ref!) -> Ref? { NumberProtocol.binary(a, b, 24, "%") }
@c @implementation public func PyNumber_Divmod(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.binary(a, b, 32, "divmod()")
}
@c @implementation public func PyNumber_Lshift(_ a: Ref!, _ b: Ref!) -> Ref? { NumberProtocol.binary(a, b, 88, "<<") }
@c @implementation public func PyNumber_Rshift(_ a: Ref!, _ b: Ref!) -> Ref? { NumberProtocol.binary(a, b, 96, ">>") }
@c @implementation public func PyNumber_And(_ a: Ref!, _ b: Ref!) -> Ref? { NumberProtocol.binary(a, b, 104, "&") }
@c @implementation public func PyNumber_Xor(_ a: Ref!, _ b: Ref!) -> Ref? { NumberProtocol.binary(a, b, 112, "^") }
@c @implementation public func PyNumber_Or(_ a: Ref!, _ b: Ref!) -> Ref? { NumberProtocol.binary(a, b, 120, "|") }
@c @implementation public func PyNumber_FloorDivide(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.binary(a, b, 232, "//")
}
@c @implementation public func PyNumber_TrueDivide(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.binary(a, b, 240, "/")
}
@c @implementation public func PyNumber_MatrixMultiply(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.binary(a, b, 272, "@")
}
@c @implementation public func PyNumber_Power(_ a: Ref!, _ b: Ref!, _ c: Ref!) -> Ref? {
  NumberProtocol.power(a!, b!, c!, "** or pow()")
}
@c @implementation public func PyNumber_InPlaceSubtract(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 160, 8, "-=")
}
@c @implementation public func PyNumber_InPlaceRemainder(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 176, 24, "%=")
}
@c @implementation public func PyNumber_InPlacePower(_ a: Ref!, _ b: Ref!, _ c: Ref!) -> Ref? {
  if let f = a.type.pointee.tp_as_number?.pointee.nb_inplace_power {
    let r = f(a, b, c)
    if r != notImplemented { return r }
  }
  return NumberProtocol.power(a!, b!, c!, "**=")
}
@c @implementation public func PyNumber_InPlaceLshift(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 192, 88, "<<=")
}
@c @implementation public func PyNumber_InPlaceRshift(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 200, 96, ">>=")
}
@c @implementation public func PyNumber_InPlaceAnd(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 208, 104, "&=")
}
@c @implementation public func PyNumber_InPlaceXor(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 216, 112, "^=")
}
@c @implementation public func PyNumber_InPlaceOr(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 224, 120, "|=")
}
@c @implementation public func PyNumber_InPlaceFloorDivide(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 248, 232, "//=")
}
@c @implementation public func PyNumber_InPlaceTrueDivide(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 256, 240, "/=")
}
@c @implementation public func PyNumber_InPlaceMatrixMultiply(_ a: Ref!, _ b: Ref!) -> Ref? {
  NumberProtocol.inPlace(a, b, 280, 272, "@=")
}
@c @implementation public func PyNumber_Negative(_ a: Ref!) -> Ref? { NumberProtocol.unary(a, 48, "unary -") }
@c @implementation public func PyNumber_Positive(_ a: Ref!) -> Ref? { NumberProtocol.unary(a, 56, "unary +") }
@c @implementation public func PyNumber_Absolute(_ a: Ref!) -> Ref? { NumberProtocol.unary(a, 64, "abs()") }
@c @implementation public func PyNumber_Invert(_ a: Ref!) -> Ref? { NumberProtocol.unary(a, 80, "unary ~") }
@c @implementation public func PyIndex_Check(_ o: Ref!) -> Int32 {
  o.type.pointee.tp_as_number?.pointee.nb_index != nil ? 1 : 0
}
@c @implementation public func PyNumber_Check(_ o: Ref!) -> Int32 {
  guard let n = o.type.pointee.tp_as_number else { return 0 }
  return n.pointee.nb_index != nil || n.pointee.nb_int != nil || n.pointee.nb_float != nil || o.isExactly(Types.complex)
    ? 1 : 0
}
@c @implementation public func _PyNumber_Index(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if o.isLong { return Owned(retaining: o) }
    guard let f = o.type.pointee.tp_as_number?.pointee.nb_index else {
      throw typeError("'\(typeName(of: o))' object cannot be interpreted as an integer")
    }
    let r = try owned(f(o))
    if r.ref.isExactly(Types.long) { return r }
    guard r.ref.isLong else { throw typeError("__index__ returned non-int (type \(typeName(of: r.ref)))") }
    try warnOfSubclass("__index__ returned non-int (type \(typeName(of: r.ref)))", "int")
    return r
  }
}
@c @implementation public func PyNumber_Index(_ o: Ref!) -> Ref? {
  guard let r = _PyNumber_Index(o) else { return nil }
  if r.isExactly(Types.long) || !r.isLong { return r }
  defer { gila_decref(r) }
  return r.type == Types.bool ? PyLong_FromLong(r == pyTrue ? 1 : 0) : _PyLong_Copy(r.cast(PyLongObject.self))
}
@c @implementation public func PyNumber_AsSsize_t(_ o: Ref!, _ exception: Ref!) -> Int {
  guard let i = _PyNumber_Index(o) else { return -1 }
  defer { gila_decref(i) }
  let n = PyLong_AsSsize_t(i)
  if n != -1 || !errorIsSet { return n }
  if PyErr_ExceptionMatches(Exc.OverflowError.object) == 0 { return -1 }
  PyErr_Clear()
  guard let exception else {
    let negative = PyObject_RichCompareBool(i, pyFalse, Py_LT) > 0
    return negative ? Int.min : Int.max
  }
  _ = raise(exception.asType, "cannot fit '\(typeName(of: o))' into an index-sized integer")
  return -1
}
@c @implementation public func PyNumber_Long(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let o = o!
    if o.isExactly(Types.long) { return Owned(retaining: o) }
    if let f = o.type.pointee.tp_as_number?.pointee.nb_int {
      let r = try owned(f(o))
      guard r.ref.isLong else { throw typeError("__int__ returned non-int (type \(typeName(of: r.ref)))") }
      if r.ref.isExactly(Types.long) { return r }
      try warnOfSubclass("__int__ returned non-int (type \(typeName(of: r.ref)))", "int")
      return try owned(_PyLong_Copy(r.ref.cast(PyLongObject.self)))
    }
    if o.type.pointee.tp_as_number?.pointee.nb_index != nil { return try owned(PyNumber_Index(o)) }
    if let truncated = try truncation(o) { return truncated }
    if o.isUnicode { return try owned(PyLong_FromUnicodeObject(o, 10)) }
    if o.isBytes { return try decimalBytes(o) }
    if PyObject_CheckBuffer(o) != 0 {
      // Other memory is copied: its end need not be a null character.
      if let copy = PyBytes_FromObject(o) {
        let bytes = Owned(taking: copy)
        return try decimalBytes(bytes.ref)
      }
      PyErr_Clear()
    }
    throw typeError("int() argument must be a string, a bytes-like object or a real number, not '\(typeName(of: o))'")
  }
}
/// What a method may return but soon may not: an instance of a subclass.
private func warnOfSubclass(_ what: String, _ type: StaticString) throws(PyError) {
  let text =
    "\(what).  The ability to return an instance of a strict subclass of \(type) is deprecated, and may not be supported in a future version of Python."
  try check(PyErr_WarnEx(Exc.DeprecationWarning.object, text, 1))
}
/// What `__trunc__` of an object without `__int__` and `__index__` gives, nil without the method.
private func truncation(_ o: Ref) throws(PyError) -> Owned? {
  guard let f = _PyObject_LookupSpecial(o, Dunder.trunc.ref) else {
    if errorIsSet { throw PyError() }
    return nil
  }
  let method = Owned(taking: f)
  try check(
    PyErr_WarnEx(Exc.DeprecationWarning.object, "The delegation of int() to __trunc__ is deprecated.", 1))
  let r = try owned(PyObject_CallNoArgs(method.ref))
  if r.ref.isExactly(Types.long) { return r }
  if r.ref.isLong { return try owned(_PyLong_Copy(r.ref.cast(PyLongObject.self))) }
  guard r.ref.type.pointee.tp_as_number?.pointee.nb_index != nil else {
    throw typeError("__trunc__ returned non-Integral (type \(typeName(of: r.ref)))")
  }
  return try owned(PyNumber_Index(r.ref))
}
/// `int(bytes, 10)`, which looks at the whole length.
private func decimalBytes(_ o: Ref) throws(PyError) -> Owned {
  let arguments = try owned(PyTuple_New(2))
  gila_tuple_items(arguments.ref)[0] = newRef(o)
  gila_tuple_items(arguments.ref)[1] = newRef(gila_small_int(10))
  return try owned(PyObject_Call(Types.long.object, arguments.ref, nil))
}

@c @implementation public func PyNumber_Float(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let o = o!
    if o.isExactly(Types.float) { return Owned(retaining: o) }
    if let f = o.type.pointee.tp_as_number?.pointee.nb_float {
      let r = try owned(f(o))
      guard r.ref.isInstance(of: Types.float) else {
        throw typeError("\(typeName(of: o)).__float__ returned non-float (type \(typeName(of: r.ref)))")
      }
      if r.ref.isExactly(Types.float) { return r }
      try warnOfSubclass("\(typeName(of: o)).__float__ returned non-float (type \(typeName(of: r.ref)))", "float")
      return try owned(PyFloat_FromDouble(PyFloat_AsDouble(r.ref)))
    }
    if o.type.pointee.tp_as_number?.pointee.nb_index != nil {
      let i = try owned(PyNumber_Index(o))
      let d = PyLong_AsDouble(i.ref)
      if d == -1 && errorIsSet { throw PyError() }
      return try owned(PyFloat_FromDouble(d))
    }
    return try owned(PyFloat_FromString(o))
  }
}
@c @implementation public func PyNumber_ToBase(_ o: Ref!, _ base: Int32) -> Ref? {
  guard let i = _PyNumber_Index(o) else { return nil }
  defer { gila_decref(i) }
  return _PyLong_Format(i, base)
}
