import CGila
import GilaCore

/// Called when the last reference goes. Containers nested so deeply that their destruction would exhaust the native
/// stack are put on a list of the thread and destroyed by the outermost call (the trashcan).
@c @implementation public func _Py_Dealloc(_ object: Ref!) {
  let object = object.unsafelyUnwrapped
  let type = object.type
  let ts = gila_ts()
  if gila_stack_pointer() < ts.gila.pointee.stack_limit, type.pointee.tp_flags & UInt(Py_TPFLAGS_HAVE_GC) != 0 {
    GC.untrackIfTracked(object)
    // The link goes where the GC head has its first word.
    (object.raw - 16).storeBytes(of: ts.pointee.delete_later, as: Ref?.self)
    ts.pointee.delete_later = object
    return
  }
  type.pointee.tp_dealloc.unsafelyUnwrapped(object)
  if ts.pointee.delete_later != nil && gila_stack_pointer() > ts.gila.pointee.stack_limit &+ 65536 {
    destroyDeferred(ts)
  }
}

@inline(never) private func destroyDeferred(_ ts: ThreadRef) {
  if ts.gila.pointee.dealloc_depth > 0 { return }
  ts.gila.pointee.dealloc_depth += 1
  while let object = ts.pointee.delete_later {
    ts.pointee.delete_later = (object.raw - 16).load(as: Ref?.self)
    (object.raw - 16).storeBytes(of: 0, as: UInt.self)
    object.type.pointee.tp_dealloc.unsafelyUnwrapped(object)
  }
  ts.gila.pointee.dealloc_depth -= 1
}

@c @implementation public func Py_IncRef(_ o: Ref!) { if let o { gila_incref(o) } }
@c @implementation public func Py_DecRef(_ o: Ref!) { if let o { gila_decref(o) } }
@c @implementation public func _Py_IncRef(_ o: Ref!) { gila_incref(o) }
@c @implementation public func _Py_DecRef(_ o: Ref!) { gila_decref(o) }
@c @implementation public func Py_NewRef(_ o: Ref!) -> Ref? { newRef(o!) }
@c @implementation public func Py_XNewRef(_ o: Ref!) -> Ref? { xnewRef(o) }

// Cython's and others' inlined trashcan macros call these when their own counter runs low.
@c @implementation public func _PyTrash_thread_deposit_object(_ ts: ThreadRef!, _ object: Ref!) {
  (object.raw - 16).storeBytes(of: ts.pointee.delete_later, as: Ref?.self)
  ts.pointee.delete_later = object
}
@c @implementation public func _PyTrash_thread_destroy_chain(_ ts: ThreadRef!) {
  let remaining = ts.pointee.c_recursion_remaining
  ts.pointee.c_recursion_remaining = remaining - 1
  destroyDeferred(ts)
  ts.pointee.c_recursion_remaining = remaining
}
