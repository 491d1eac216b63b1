// iter(callable, sentinel).

import CGila
import GilaCore

enum CallIterator {
  struct Object {
    var ob_base: PyObject
    var callable: Ref?  // nil once exhausted
    var sentinel: Ref?
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  static func make(_ callable: Ref, _ sentinel: Ref) -> Ref? {
    guard let r = _PyObject_GC_New(Types.callIter) else { return nil }
    object(r).pointee.callable = newRef(callable)
    object(r).pointee.sentinel = newRef(sentinel)
    gila_gc_track(r)
    return r
  }

  private static func exhaust(_ r: Ref) {
    let (c, s) = (object(r).pointee.callable, object(r).pointee.sentinel)
    object(r).pointee.callable = nil
    object(r).pointee.sentinel = nil
    xdecref(c)
    xdecref(s)
  }

  static func install() {
    let t = Types.callIter
    t.define(
      "callable_iterator", basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in CallIterator.next(r!) }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(CallIterator.object(r!).pointee.callable)
      xdecref(CallIterator.object(r!).pointee.sentinel)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let v = visit(CallIterator.object(r!).pointee.callable, f, context)
      return v != 0 ? v : visit(CallIterator.object(r!).pointee.sentinel, f, context)
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let iter = try builtin("iter")
        let it = CallIterator.object(r!)
        guard let c = it.pointee.callable, let s = it.pointee.sentinel else {
          return try pair(iter, single(owned(PyTuple_New(0))))
        }
        return try pair(iter, pair(Owned(retaining: c), Owned(retaining: s)))
      }
    }
    t.pointee.tp_methods = m.build()
  }

  private static func next(_ r: Ref) -> Ref? {
    guard let callable = object(r).pointee.callable else { return nil }
    incref(callable)
    let result = PyObject_CallNoArgs(callable)
    decref(callable)
    guard let result else {
      if PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 {
        PyErr_Clear()
        exhaust(r)
      }
      return nil
    }
    // The call may have exhausted the iterator.
    guard let sentinel = object(r).pointee.sentinel else {
      decref(result)
      return nil
    }
    incref(sentinel)
    let same = PyObject_RichCompareBool(sentinel, result, Py_EQ)
    decref(sentinel)
    if same == 0 { return result }
    decref(result)
    if same > 0 { exhaust(r) }
    return nil
  }
}

@c @implementation public func PyCallIter_New(_ callable: Ref!, _ sentinel: Ref!) -> Ref? {
  CallIterator.make(callable!, sentinel!)
}
