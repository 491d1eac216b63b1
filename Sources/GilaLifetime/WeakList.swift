import CGila
import GilaCore

/// The doubly linked list of weak references that hangs off an object. References without a callback come first, so
/// that they can be shared.
public enum WeakList {
  public typealias Weak = UnsafeMutablePointer<PyWeakReference>

  /// Where the object keeps its list, or nil if its type has none.
  @inline(__always) public static func slot(_ o: Ref) -> UnsafeMutablePointer<Weak?>? {
    let offset = o.type.pointee.tp_weaklistoffset
    if offset == 0 { return nil }
    return (o.raw + offset).assumingMemoryBound(to: Weak?.self)
  }
  @inline(__always) static func object(_ w: Weak) -> Ref {
    UnsafeMutableRawPointer(w).assumingMemoryBound(to: PyObject.self)
  }

  static func insertHead(_ w: Weak, _ list: UnsafeMutablePointer<Weak?>) {
    let first = list.pointee
    w.pointee.wr_prev = nil
    w.pointee.wr_next = first
    first?.pointee.wr_prev = w
    list.pointee = w
  }
  static func insert(_ w: Weak, after p: Weak) {
    w.pointee.wr_prev = p
    w.pointee.wr_next = p.pointee.wr_next
    p.pointee.wr_next?.pointee.wr_prev = w
    p.pointee.wr_next = w
  }
  static func isReference(_ o: Ref) -> Bool {
    o.type == Types.weakrefProxyType || o.type == Types.weakrefCallableProxyType
      || o.isInstance(of: Types.weakrefRefType)
  }
  /// Makes the reference dead and takes it off its object's list; the callback stays.
  static func detach(_ w: Weak) {
    guard let target = w.pointee.wr_object, target != none else { return }
    if let list = slot(target) {
      if list.pointee == w { list.pointee = w.pointee.wr_next }
      w.pointee.wr_object = none
      w.pointee.wr_prev?.pointee.wr_next = w.pointee.wr_next
      w.pointee.wr_next?.pointee.wr_prev = w.pointee.wr_prev
      w.pointee.wr_prev = nil
      w.pointee.wr_next = nil
    }
  }
}

/// The object dies: its weak references become dead, then their callbacks are called.
@c @implementation public func PyObject_ClearWeakRefs(_ o: Ref!) {
  guard let o, let list = WeakList.slot(o), list.pointee != nil else { return }
  // References without callbacks need no more than detaching.
  while let w = list.pointee, w.pointee.wr_callback == nil { WeakList.detach(w) }
  guard list.pointee != nil else { return }
  let saved = PyErr_GetRaisedException()
  while let w = list.pointee {
    let r = WeakList.object(w)
    let callback = w.pointee.wr_callback
    WeakList.detach(w)
    w.pointee.wr_callback = nil
    guard let callback else { continue }
    if r.pointee.ob_refcnt > 0 {
      gila_incref(r)
      if let result = PyObject_CallOneArg(callback, r) { gila_decref(result) } else { PyErr_WriteUnraisable(callback) }
      gila_decref(r)
    }
    gila_decref(callback)
  }
  if let saved { PyErr_SetRaisedException(saved) }
}

/// The weak references become dead; their callbacks are not called.
@c @implementation public func PyUnstable_Object_ClearWeakRefsNoCallbacks(_ o: Ref!) {
  guard let o, let list = WeakList.slot(o) else { return }
  while let w = list.pointee { WeakList.detach(w) }
}
@c @implementation public func PyType_SUPPORTS_WEAKREFS(_ type: TypeRef!) -> Int32 {
  guard let type else { return 0 }
  return type.pointee.tp_weaklistoffset != 0 ? 1 : 0
}
@c @implementation public func PyObject_GET_WEAKREFS_LISTPTR(_ o: Ref!) -> UnsafeMutablePointer<Ref?>! {
  guard let o, let list = WeakList.slot(o) else { return nil }
  return UnsafeMutableRawPointer(list).assumingMemoryBound(to: Ref?.self)
}
