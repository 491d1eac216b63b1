import CGila
import GilaCore

// The object protocol: text, truth, hash, comparison, attributes, items, iteration.

@c @implementation public func PyObject_Repr(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let o else { return try string("<NULL>") }
    try check(gila_enter_recursive_call(" while getting the repr of an object"))
    guard let f = o.type.pointee.tp_repr else {
      return try string("<\(typeName(of: o)) object at 0x\(String(UInt(bitPattern: o), radix: 16))>")
    }
    let r = try owned(f(o))
    guard r.ref.isUnicode else { throw typeError("__repr__ returned non-string (type \(typeName(of: r.ref)))") }
    return r
  }
}
@c @implementation public func PyObject_Str(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let o else { return try string("<NULL>") }
    if o.isExactly(Types.unicode) { return Owned(retaining: o) }
    guard let f = o.type.pointee.tp_str else { return try owned(PyObject_Repr(o)) }
    try check(gila_enter_recursive_call(" while getting the str of an object"))
    let r = try owned(f(o))
    guard r.ref.isUnicode else { throw typeError("__str__ returned non-string (type \(typeName(of: r.ref)))") }
    return r
  }
}
@c @implementation public func PyObject_ASCII(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let r = try owned(PyObject_Repr(o))
    if gila_unicode_state(r.ref) & 0x40 != 0 { return r }
    let b = try owned(PyUnicode_AsEncodedString(r.ref, "ascii", "backslashreplace"))
    return try owned(PyUnicode_DecodeASCII(PyBytes_AsString(b.ref), PyBytes_Size(b.ref), nil))
  }
}
@c @implementation public func PyObject_Format(_ o: Ref!, _ spec: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if let spec, !spec.isUnicode { throw systemError("Format specifier must be a string, not \(typeName(of: spec))") }
    if spec == nil || PyUnicode_GetLength(spec) == 0, o!.isExactly(Types.unicode) || o!.isExactly(Types.long) {
      return try owned(PyObject_Str(o))
    }
    guard let f = try Special.find(o!, Dunder.format.ref) else {
      throw typeError("Type \(typeName(of: o!)) doesn't define __format__")
    }
    let empty = try string("")
    let r = try owned(f(o!, spec ?? empty.ref))
    guard r.ref.isUnicode else { throw typeError("__format__ must return a str, not \(typeName(of: r.ref))") }
    return r
  }
}
@c @implementation public func PyObject_IsTrue(_ o: Ref!) -> Int32 {
  let o = o.unsafelyUnwrapped
  if o == pyTrue { return 1 }
  if o == pyFalse || o == none { return 0 }
  let t = o.type
  if let f = t.pointee.tp_as_number?.pointee.nb_bool { return f(o) }
  var n = 1
  if let f = t.pointee.tp_as_mapping?.pointee.mp_length {
    n = f(o)
  } else if let f = t.pointee.tp_as_sequence?.pointee.sq_length {
    n = f(o)
  }
  return n > 0 ? 1 : Int32(n)
}
@c @implementation public func PyObject_Not(_ o: Ref!) -> Int32 {
  let r = PyObject_IsTrue(o)
  return r < 0 ? r : r == 0 ? 1 : 0
}
@c @implementation public func PyObject_Hash(_ o: Ref!) -> Int {
  guard let f = o.type.pointee.tp_hash else { return PyObject_HashNotImplemented(o) }
  return f(o)
}
@c @implementation public func PyObject_HashNotImplemented(_ o: Ref!) -> Int {
  _ = typeError("unhashable type: '\(typeName(of: o))'")
  return -1
}
/// The hash of an address: its low four bits, which are zero, go to the top.
@c @implementation public func Py_HashPointer(_ p: UnsafeRawPointer!) -> Int {
  let n = UInt(bitPattern: p)
  let h = Int(bitPattern: n >> 4 | n << 60)
  return h == -1 ? -2 : h
}
@c @implementation public func PyObject_SelfIter(_ o: Ref!) -> Ref? { newRef(o!) }
@c @implementation public func PyObject_Type(_ o: Ref!) -> Ref? { newRef(o.type.object) }

@c @implementation public func PyObject_RichCompare(_ a: Ref!, _ b: Ref!, _ op: Int32) -> Ref? {
  bridge { () throws(PyError) in
    let a = a!, b = b!
    try check(gila_enter_recursive_call(" in comparison"))
    let swapped: Int32 = op == Py_LT ? Py_GT : op == Py_LE ? Py_GE : op == Py_GT ? Py_LT : op == Py_GE ? Py_LE : op
    var triedRight = false
    if a.type != b.type, PyType_IsSubtype(b.type, a.type) != 0, let f = b.type.pointee.tp_richcompare {
      triedRight = true
      let r = try owned(f(b, a, swapped))
      if r.ref != notImplemented { return r }
    }
    if let f = a.type.pointee.tp_richcompare {
      let r = try owned(f(a, b, op))
      if r.ref != notImplemented { return r }
    }
    if !triedRight, let f = b.type.pointee.tp_richcompare {
      let r = try owned(f(b, a, swapped))
      if r.ref != notImplemented { return r }
    }
    if op == Py_EQ { return Owned(retaining: pyBool(a == b)) }
    if op == Py_NE { return Owned(retaining: pyBool(a != b)) }
    let sign = ["<", "<=", "==", "!=", ">", ">="][Int(op)]
    throw typeError("'\(sign)' not supported between instances of '\(typeName(of: a))' and '\(typeName(of: b))'")
  }
}
@c @implementation public func PyObject_RichCompareBool(_ a: Ref!, _ b: Ref!, _ op: Int32) -> Int32 {
  if a == b {
    if op == Py_EQ { return 1 }
    if op == Py_NE { return 0 }
  }
  // Two exact objects of one simple builtin type compare without running code; no recursion to count.
  let t = a.unsafelyUnwrapped.type
  if t == b.unsafelyUnwrapped.type, t == Types.long || t == Types.unicode || t == Types.float,
    let f = t.pointee.tp_richcompare
  {
    guard let r = f(a, b, op) else { return -1 }
    defer { gila_decref(r) }
    return r == pyBool(true) ? 1 : 0
  }
  guard let r = PyObject_RichCompare(a, b, op) else { return -1 }
  defer { gila_decref(r) }
  return PyObject_IsTrue(r)
}

// MARK: Attributes

@c @implementation public func PyObject_GetAttr(_ o: Ref!, _ name: Ref!) -> Ref? {
  let o = o.unsafelyUnwrapped
  if !name.isUnicode {
    _ = typeError("attribute name must be string, not '\(typeName(of: name))'")
    return nil
  }
  if let f = o.type.pointee.tp_getattro {
    let r = f(o, name)
    if r == nil { AttributeErrorContext.set(o, name) }
    return r
  }
  if let f = o.type.pointee.tp_getattr { return f(o, UnsafeMutablePointer(mutating: PyUnicode_AsUTF8(name))) }
  _ = attributeError(o, name, "'\(typeName(of: o))' object has no attribute '\(swiftString(name))'")
  return nil
}
@c @implementation public func PyObject_GetOptionalAttr(_ o: Ref!, _ name: Ref!, _ out: UnsafeMutablePointer<Ref?>!)
  -> Int32
{
  let r: Ref?
  if address(o.type.pointee.tp_getattro) == address(PyObject_GenericGetAttr as getattrofunc) {
    r = GenericAttributes.get(o!, name!, quiet: true)
  } else if address(o.type.pointee.tp_getattro) == address(Types.type.pointee.tp_getattro) {
    r = TypeType.find(o!.asType, name!)
    if r == nil && errorIsSet && PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 { PyErr_Clear() }
  } else {
    r = PyObject_GetAttr(o, name)
    if r == nil && PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 { PyErr_Clear() }
  }
  out.pointee = r
  return r != nil ? 1 : errorIsSet ? -1 : 0
}
/// PyObject_GenericGetAttr without the error of a missing attribute.
@c @implementation public func gila_generic_optional_attribute(_ o: Ref, _ name: Ref) -> Ref? {
  GenericAttributes.get(o, name, quiet: true)
}
@c @implementation public func PyObject_GetAttrString(_ o: Ref!, _ name: UnsafePointer<CChar>!) -> Ref? {
  guard let n = PyUnicode_InternFromString(name) else { return nil }
  defer { gila_decref(n) }
  return PyObject_GetAttr(o, n)
}
@c @implementation public func PyObject_GetOptionalAttrString(
  _ o: Ref!, _ name: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<Ref?>!
) -> Int32 {
  out.pointee = nil
  guard let n = PyUnicode_InternFromString(name) else { return -1 }
  defer { gila_decref(n) }
  return PyObject_GetOptionalAttr(o, n, out)
}
@c @implementation public func PyObject_HasAttrWithError(_ o: Ref!, _ name: Ref!) -> Int32 {
  var r: Ref? = nil
  let s = PyObject_GetOptionalAttr(o, name, &r)
  xdecref(r)
  return s
}
@c @implementation public func PyObject_SetAttr(_ o: Ref!, _ name: Ref!, _ value: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard name.isUnicode else { throw typeError("attribute name must be string, not '\(typeName(of: name))'") }
    var key: Ref? = newRef(name!)
    if name.isExactly(Types.unicode) { PyUnicode_InternInPlace(&key) }
    let held = Owned(taking: key!)
    if o.type.pointee.tp_setattro == nil, let f = o.type.pointee.tp_setattr {
      try check(f(o, UnsafeMutablePointer(mutating: PyUnicode_AsUTF8(held.ref)), value))
      return
    }
    guard let f = o.type.pointee.tp_setattro else {
      throw typeError(
        "'\(typeName(of: o))' object has no attributes (\(value == nil ? "del" : "assign to") .\(swiftString(name)))")
    }
    try check(f(o, held.ref, value))
  }
}
@c @implementation public func PyObject_SetAttrString(_ o: Ref!, _ name: UnsafePointer<CChar>!, _ value: Ref!) -> Int32
{
  guard let n = PyUnicode_InternFromString(name) else { return -1 }
  defer { gila_decref(n) }
  return PyObject_SetAttr(o, n, value)
}
@c @implementation public func PyObject_DelAttr(_ o: Ref!, _ name: Ref!) -> Int32 { PyObject_SetAttr(o, name, nil) }

// MARK: Items and iteration

@c @implementation public func PyObject_Size(_ o: Ref!) -> Int {
  if let f = o.type.pointee.tp_as_sequence?.pointee.sq_length { return f(o) }
  if let f = o.type.pointee.tp_as_mapping?.pointee.mp_length { return f(o) }
  _ = typeError("object of type '\(typeName(of: o))' has no len()")
  return -1
}
@c @implementation public func PyObject_GetItem(_ o: Ref!, _ key: Ref!) -> Ref? {
  if let f = o.type.pointee.tp_as_mapping?.pointee.mp_subscript { return f(o, key) }
  return bridge { () throws(PyError) in
    let o = o!
    if let f = o.type.pointee.tp_as_sequence?.pointee.sq_item {
      guard PyIndex_Check(key) != 0 else {
        throw typeError("sequence index must be integer, not '\(typeName(of: key))'")
      }
      var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
      if i == -1 && errorIsSet { throw PyError() }
      if i < 0, let length = o.type.pointee.tp_as_sequence?.pointee.sq_length { i += try checkSize(length(o)) }
      return try owned(f(o, i))
    }
    if o.isType {
      if o == Types.type.object { return try owned(Py_GenericAlias(o, key)) }
      var m: Ref? = nil
      if try check(PyObject_GetOptionalAttr(o, Dunder.class_getitem.ref, &m)) > 0 {
        let held = Owned(taking: m!)
        if !held.ref.isNone { return try owned(PyObject_CallOneArg(held.ref, key)) }
      }
      throw typeError("type '\(typeName(o.asType))' is not subscriptable")
    }
    throw typeError("'\(typeName(of: o))' object is not subscriptable")
  }
}
@c @implementation public func PyObject_SetItem(_ o: Ref!, _ key: Ref!, _ value: Ref!) -> Int32 {
  assign(o!, key!, value, "item assignment")
}
@c @implementation public func PyObject_DelItem(_ o: Ref!, _ key: Ref!) -> Int32 {
  assign(o!, key!, nil, "item deletion")
}
private func assign(_ o: Ref, _ key: Ref, _ value: Ref?, _ what: String) -> Int32 {
  if let f = o.type.pointee.tp_as_mapping?.pointee.mp_ass_subscript { return f(o, key, value) }
  return bridgeStatus { () throws(PyError) in
    if let f = o.type.pointee.tp_as_sequence?.pointee.sq_ass_item, PyIndex_Check(key) != 0 {
      var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
      if i == -1 && errorIsSet { throw PyError() }
      if i < 0, let length = o.type.pointee.tp_as_sequence?.pointee.sq_length { i += try checkSize(length(o)) }
      try check(f(o, i, value))
      return
    }
    throw typeError("'\(typeName(of: o))' object does\(value == nil ? "n't" : " not") support \(what)")
  }
}
@c @implementation public func PyObject_GetIter(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let o = o!
    guard let f = o.type.pointee.tp_iter else {
      if o.type.pointee.tp_as_sequence?.pointee.sq_item != nil && !o.isDict { return try owned(PySeqIter_New(o)) }
      throw typeError("'\(typeName(of: o))' object is not iterable")
    }
    let r = try owned(f(o))
    guard r.ref.type.pointee.tp_iternext != nil else {
      throw typeError("iter() returned non-iterator of type '\(typeName(of: r.ref))'")
    }
    return r
  }
}
@c @implementation public func PyIter_Check(_ o: Ref!) -> Int32 {
  guard let f = o.type.pointee.tp_iternext else { return 0 }
  return address(f) == address(SlotUpdate.noLongerIterator) ? 0 : 1
}
@c @implementation public func PyIter_Next(_ o: Ref!) -> Ref? {
  let r = o.type.pointee.tp_iternext(o)
  if r == nil && errorIsSet && PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 { PyErr_Clear() }
  return r
}
@c @implementation public func PyObject_LengthHint(_ o: Ref!, _ fallback: Int) -> Int {
  bridgeSize { () throws(PyError) in
    let o = o!
    if o.type.pointee.tp_as_sequence?.pointee.sq_length != nil || o.type.pointee.tp_as_mapping?.pointee.mp_length != nil
    {
      let n = PyObject_Size(o)
      if n >= 0 { return n }
      guard PyErr_ExceptionMatches(Exc.TypeError.object) != 0 else { throw PyError() }
      PyErr_Clear()
    }
    guard let f = try Special.find(o, Dunder.length_hint.ref) else { return fallback }
    guard let r = f(o) else {
      guard PyErr_ExceptionMatches(Exc.TypeError.object) != 0 else { throw PyError() }
      PyErr_Clear()
      return fallback
    }
    let held = Owned(taking: r)
    if held.ref == notImplemented { return fallback }
    let n = PyLong_AsSsize_t(held.ref)
    if n < 0 {
      if errorIsSet { throw PyError() }
      throw valueError("__length_hint__() should return >= 0")
    }
    return n
  }
}
@c @implementation public func PyObject_Dir(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let f = try Special.require(o!, .dir)
    let r = try owned(f(o!))
    let list = try owned(PySequence_List(r.ref))
    try check(PyList_Sort(list.ref))
    return list
  }
}
@c @implementation public func Py_ReprEnter(_ o: Ref!) -> Int32 {
  bridgeInt { () throws(PyError) in
    let ts = gila_ts()
    if ts.pointee.dict == nil { ts.pointee.dict = try owned(PyDict_New()).take() }
    let key = try string("Py_Repr")
    var list = PyDict_GetItemWithError(ts.pointee.dict, key.ref)
    if list == nil {
      let made = try owned(PyList_New(0))
      try check(PyDict_SetItem(ts.pointee.dict, key.ref, made.ref))
      list = PyDict_GetItemWithError(ts.pointee.dict, key.ref)
    }
    for i in 0..<list!.size where gila_list_items(list!)![i] == o { return 1 }
    try check(PyList_Append(list, o))
    return 0
  }
}
@c @implementation public func Py_ReprLeave(_ o: Ref!) {
  let saved = PyErr_GetRaisedException()
  if let d = gila_ts().pointee.dict, let list = PyDict_GetItemString(d, "Py_Repr") {
    for i in stride(from: list.size - 1, through: 0, by: -1) where gila_list_items(list)![i] == o {
      PyList_SetSlice(list, i, i + 1, nil)
      break
    }
  }
  if let saved { PyErr_SetRaisedException(saved) }
}
