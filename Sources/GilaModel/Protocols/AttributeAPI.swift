import CGila
import GilaCore
import Glibc

// The rest of the attribute and mapping protocols: variants by C string, tests that swallow or report errors.

private func key(_ name: UnsafePointer<CChar>?) throws(PyError) -> Owned {
  guard let name else { throw badInternalCall() }
  return try owned(PyUnicode_FromString(name))
}

// MARK: Attributes

@c @implementation public func PyObject_HasAttrStringWithError(_ o: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  var v: Ref? = nil
  let found = PyObject_GetOptionalAttrString(o, name, &v)
  xdecref(v)
  return found
}
/// Errors other than a missing attribute are reported as unraisable: the caller cannot learn of them.
private func quietly(_ status: Int32, _ about: Ref?) -> Int32 {
  if status >= 0 { return status }
  PyErr_WriteUnraisable(about)
  return 0
}
@c @implementation public func PyObject_HasAttr(_ o: Ref!, _ name: Ref!) -> Int32 {
  quietly(PyObject_HasAttrWithError(o, name), o)
}
@c @implementation public func PyObject_HasAttrString(_ o: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  quietly(PyObject_HasAttrStringWithError(o, name), o)
}
@c @implementation public func PyObject_DelAttrString(_ o: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  PyObject_SetAttrString(o, name, nil)
}
@c @implementation public func PyObject_GenericHash(_ o: Ref!) -> Int { Py_HashPointer(o.raw) }

// MARK: Mappings

@c @implementation public func PyObject_DelItemString(_ o: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let k = try key(name)
    try check(PyObject_DelItem(o, k.ref))
  }
}
@c @implementation public func PyMapping_GetItemString(_ o: Ref!, _ name: UnsafePointer<CChar>!) -> Ref? {
  bridge { () throws(PyError) in
    let k = try key(name)
    return try owned(PyObject_GetItem(o, k.ref))
  }
}
@c @implementation public func PyMapping_SetItemString(_ o: Ref!, _ name: UnsafePointer<CChar>!, _ v: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let k = try key(name)
    try check(PyObject_SetItem(o, k.ref, v))
  }
}
@c @implementation public func PyMapping_GetOptionalItem(_ o: Ref!, _ k: Ref!, _ out: UnsafeMutablePointer<Ref?>!)
  -> Int32
{
  out.pointee = nil
  if o.isExactly(Types.dict) {
    let v = PyDict_GetItemWithError(o, k)
    out.pointee = xnewRef(v)
    return v != nil ? 1 : errorIsSet ? -1 : 0
  }
  if let v = PyObject_GetItem(o, k) {
    out.pointee = v
    return 1
  }
  guard PyErr_ExceptionMatches(Exc.KeyError.object) != 0 else { return -1 }
  PyErr_Clear()
  return 0
}
@c @implementation public func PyMapping_GetOptionalItemString(
  _ o: Ref!, _ name: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<Ref?>!
) -> Int32 {
  out.pointee = nil
  return bridgeInt { () throws(PyError) in
    let k = try key(name)
    return try check(PyMapping_GetOptionalItem(o, k.ref, out))
  }
}
@c @implementation public func PyMapping_HasKeyWithError(_ o: Ref!, _ k: Ref!) -> Int32 {
  var v: Ref? = nil
  let found = PyMapping_GetOptionalItem(o, k, &v)
  xdecref(v)
  return found
}
@c @implementation public func PyMapping_HasKeyStringWithError(_ o: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  var v: Ref? = nil
  let found = PyMapping_GetOptionalItemString(o, name, &v)
  xdecref(v)
  return found
}
@c @implementation public func PyMapping_HasKey(_ o: Ref!, _ k: Ref!) -> Int32 {
  quietly(PyMapping_HasKeyWithError(o, k), o)
}
@c @implementation public func PyMapping_HasKeyString(_ o: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  quietly(PyMapping_HasKeyStringWithError(o, name), o)
}

// MARK: Identity, constants, names

@c @implementation public func Py_Is(_ a: Ref!, _ b: Ref!) -> Int32 { a == b ? 1 : 0 }
@c @implementation public func Py_IsNone(_ o: Ref!) -> Int32 { o == none ? 1 : 0 }
@c @implementation public func _PyType_Name(_ t: TypeRef!) -> UnsafePointer<CChar>? {
  guard let full = t.pointee.tp_name else { return nil }
  return strrchr(full, 46).map { UnsafePointer($0) + 1 } ?? full
}
@c @implementation public func _PyType_LookupRef(_ t: TypeRef!, _ name: Ref!) -> Ref? {
  xnewRef(TypeLookup.find(t!, name!))
}
@c @implementation public func Py_GetConstantBorrowed(_ which: UInt32) -> Ref? {
  switch which {
  case 0: return none
  case 1: return pyFalse
  case 2: return pyTrue
  case 3: return ellipsis
  case 4: return notImplemented
  case 5: return gila_small_int(0)
  case 6: return gila_small_int(1)
  case 7: return gila_intern("")
  case 8:
    guard let r = PyBytes_FromStringAndSize(nil, 0) else { return nil }
    gila_set_immortal(r)
    return r
  case 9: return gila_empty_tuple_object()
  default:
    PyErr_BadInternalCall()
    return nil
  }
}
@c @implementation public func Py_GetConstant(_ which: UInt32) -> Ref? { xnewRef(Py_GetConstantBorrowed(which)) }
@c @implementation public func _Py_NewReference(_ o: Ref!) { o.pointee.ob_refcnt = 1 }
