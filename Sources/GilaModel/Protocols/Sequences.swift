import CGila
import GilaCore

enum PySequenceSearch {
  static func contains(_ s: Ref, _ item: Ref) throws(PyError) -> Int {
    guard let iterator = PyObject_GetIter(s) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
        PyErr_Clear()
        throw typeError("argument of type '\(typeName(of: s))' is not iterable")
      }
      throw PyError()
    }
    let held = Owned(taking: iterator)
    while let next = PyIter_Next(held.ref) {
      let value = Owned(taking: next)
      if try check(PyObject_RichCompareBool(value.ref, item, Py_EQ)) != 0 { return 1 }
    }
    if errorIsSet { throw PyError() }
    return 0
  }
}
@c @implementation public func PySequence_Check(_ o: Ref!) -> Int32 {
  !o.isDict && o.type.pointee.tp_as_sequence?.pointee.sq_item != nil ? 1 : 0
}
@c @implementation public func PyMapping_Check(_ o: Ref!) -> Int32 {
  o.type.pointee.tp_as_mapping?.pointee.mp_subscript != nil ? 1 : 0
}
@c @implementation public func PySequence_Size(_ o: Ref!) -> Int { PyObject_Size(o) }
@c @implementation public func PyMapping_Size(_ o: Ref!) -> Int { PyObject_Size(o) }
@c @implementation public func PySequence_Contains(_ s: Ref!, _ item: Ref!) -> Int32 {
  if let f = s.type.pointee.tp_as_sequence?.pointee.sq_contains { return f(s, item) }
  return bridgeInt { () throws(PyError) in Int32(try PySequenceSearch.contains(s!, item!)) }
}
@c @implementation public func PySequence_GetItem(_ s: Ref!, _ i: Int) -> Ref? {
  bridge { () throws(PyError) in
    guard let q = s.type.pointee.tp_as_sequence, let f = q.pointee.sq_item else {
      throw typeError("'\(typeName(of: s))' object does not support indexing")
    }
    var i = i
    if i < 0, let length = q.pointee.sq_length { i += try checkSize(length(s)) }
    return try owned(f(s, i))
  }
}
@c @implementation public func PySequence_SetItem(_ s: Ref!, _ i: Int, _ v: Ref!) -> Int32 {
  guard let n = PyLong_FromSsize_t(i) else { return -1 }
  defer { gila_decref(n) }
  return v == nil ? PyObject_DelItem(s, n) : PyObject_SetItem(s, n, v)
}
@c @implementation public func PySequence_Tuple(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if o.isExactly(Types.tuple) { return Owned(retaining: o) }
    if o.isExactly(Types.list) { return try owned(PyList_AsTuple(o)) }
    let list = try owned(PySequence_List(o))
    return try owned(PyList_AsTuple(list.ref))
  }
}
@c @implementation public func PySequence_List(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let list = try owned(PyList_New(0))
    let r = try owned(gila_list_extend(list.ref, o))
    _ = r.ref
    return list
  }
}
@c @implementation public func PySequence_Fast(_ o: Ref!, _ message: UnsafePointer<CChar>!) -> Ref? {
  if o.isExactly(Types.list) || o.isExactly(Types.tuple) { return newRef(o!) }
  guard let it = PyObject_GetIter(o) else {
    if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 { PyErr_SetString(Exc.TypeError.object, message) }
    return nil
  }
  defer { gila_decref(it) }
  return PySequence_List(it)
}
@c @implementation public func PyMapping_Keys(_ o: Ref!) -> Ref? { viewList(o!, "keys") { PyDict_Keys($0) } }
@c @implementation public func PyMapping_Values(_ o: Ref!) -> Ref? { viewList(o!, "values") { PyDict_Values($0) } }
@c @implementation public func PyMapping_Items(_ o: Ref!) -> Ref? { viewList(o!, "items") { PyDict_Items($0) } }
private func viewList(_ o: Ref, _ name: StaticString, _ direct: (Ref) -> Ref?) -> Ref? {
  if o.isExactly(Types.dict) { return direct(o) }
  guard let m = PyObject_GetAttrString(o, cString(name)) else { return nil }
  defer { gila_decref(m) }
  guard let v = PyObject_CallNoArgs(m) else { return nil }
  defer { gila_decref(v) }
  return PySequence_List(v)
}
