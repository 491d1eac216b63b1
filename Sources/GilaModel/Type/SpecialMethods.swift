import CGila
import GilaCore

// Looking up and calling special methods on an object's type, as the slots of classes defined in Python do.

/// Calls with arguments kept on the native stack.
@inline(__always) func call(_ f: Ref, _ a: Ref?) -> Ref? {
  var args: (Ref?, Ref?) = (nil, a)
  return withUnsafeMutablePointer(to: &args) {
    let p = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Ref?.self)
    return gila_call_vector(f, p + 1, 1 | 1 << 63, nil)
  }
}
@inline(__always) func call(_ f: Ref, _ a: Ref?, _ b: Ref?) -> Ref? {
  var args: (Ref?, Ref?, Ref?) = (nil, a, b)
  return withUnsafeMutablePointer(to: &args) {
    let p = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Ref?.self)
    return gila_call_vector(f, p + 1, 2 | 1 << 63, nil)
  }
}
@inline(__always) func call(_ f: Ref, _ a: Ref?, _ b: Ref?, _ c: Ref?) -> Ref? {
  var args: (Ref?, Ref?, Ref?, Ref?) = (nil, a, b, c)
  return withUnsafeMutablePointer(to: &args) {
    let p = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Ref?.self)
    return gila_call_vector(f, p + 1, 3 | 1 << 63, nil)
  }
}
@inline(__always) func call(_ f: Ref, _ a: Ref?, _ b: Ref?, _ c: Ref?, _ d: Ref?) -> Ref? {
  var args: (Ref?, Ref?, Ref?, Ref?, Ref?) = (nil, a, b, c, d)
  return withUnsafeMutablePointer(to: &args) {
    let p = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Ref?.self)
    return gila_call_vector(f, p + 1, 4 | 1 << 63, nil)
  }
}

/// A special method found on the type of `o`: either unbound (call it with `o` in front) or bound.
struct Special: ~Copyable {
  let function: Owned
  let unbound: Bool

  /// nil without an error when the type has none.
  static func find(_ o: Ref, _ name: Ref) throws(PyError) -> Special? {
    guard let f = TypeLookup.find(o.type, name) else { return nil }
    if f.has(UInt(Py_TPFLAGS_METHOD_DESCRIPTOR)) { return Special(function: Owned(retaining: f), unbound: true) }
    guard let get = f.type.pointee.tp_descr_get else { return Special(function: Owned(retaining: f), unbound: false) }
    let held = Owned(retaining: f)
    return Special(function: try owned(get(held.ref, o, o.type.object)), unbound: false)
  }
  static func require(_ o: Ref, _ name: Dunder) throws(PyError) -> Special {
    if let s = try find(o, name.ref) { return s }
    PyErr_SetObject(Exc.AttributeError.object, name.ref)
    throw PyError()
  }
  func callAsFunction(_ o: Ref) -> Ref? {
    unbound ? call(function.ref, o) : gila_call_vector(function.ref, nil, 0, nil)
  }
  func callAsFunction(_ o: Ref, _ a: Ref?) -> Ref? { unbound ? call(function.ref, o, a) : call(function.ref, a) }
  func callAsFunction(_ o: Ref, _ a: Ref?, _ b: Ref?) -> Ref? {
    unbound ? call(function.ref, o, a, b) : call(function.ref, a, b)
  }
  func callAsFunction(_ o: Ref, _ a: Ref?, _ b: Ref?, _ c: Ref?) -> Ref? {
    unbound ? call(function.ref, o, a, b, c) : call(function.ref, a, b, c)
  }
}

@c @implementation public func _PyObject_LookupSpecial(_ o: Ref!, _ name: Ref!) -> Ref? {
  let o = o.unsafelyUnwrapped
  guard let f = TypeLookup.find(o.type, name) else { return nil }
  guard let get = f.type.pointee.tp_descr_get else { return newRef(f) }
  gila_incref(f)
  defer { gila_decref(f) }
  return get(f, o, o.type.object)
}
