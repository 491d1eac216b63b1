// The iterator of set and frozenset.

import CGila
import GilaCore

enum SetIterator {
  struct Object {
    var ob_base: PyObject
    var set: Ref?  // nil once exhausted
    var used: Int
    var position: Int
    var remaining: Int
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  static func make(_ s: Ref) -> Ref? {
    guard let r = _PyObject_GC_New(Types.setIter) else { return nil }
    let it = object(r)
    it.pointee.set = newRef(s)
    it.pointee.used = SetTable.object(s).pointee.used
    it.pointee.position = 0
    it.pointee.remaining = it.pointee.used
    gila_gc_track(r)
    return r
  }

  static func install() {
    let t = Types.setIter
    t.define(
      "set_iterator", basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(SetIterator.object(r!).pointee.set)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in visit(SetIterator.object(r!).pointee.set, f, context) }
    t.pointee.tp_iternext = { r in
      let it = SetIterator.object(r!)
      guard let s = it.pointee.set else { return nil }
      if it.pointee.used != SetTable.object(s).pointee.used {
        PyErr_SetString(Exc.RuntimeError.object, "Set changed size during iteration")
        it.pointee.used = -1
        return nil
      }
      if let e = SetTable.next(s, &it.pointee.position) {
        it.pointee.remaining &-= 1
        return newRef(e.pointee.key)
      }
      it.pointee.set = nil
      decref(s)
      return nil
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { r, _ in
      let it = SetIterator.object(r!)
      guard let s = it.pointee.set, it.pointee.used == SetTable.object(s).pointee.used else {
        return PyLong_FromSsize_t(0)
      }
      return PyLong_FromSsize_t(it.pointee.remaining)
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        // The rest as a list, by a copy of the iterator.
        let it = SetIterator.object(r!)
        let rest = try owned(PyList_New(0))
        if let s = it.pointee.set {
          let copy = try owned(SetIterator.make(s))
          SetIterator.object(copy.ref).pointee.used = it.pointee.used
          SetIterator.object(copy.ref).pointee.position = it.pointee.position
          SetIterator.object(copy.ref).pointee.remaining = it.pointee.remaining
          try List.extend(rest.ref, copy.ref)
        }
        return try pair(builtin("iter"), single(rest))
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
