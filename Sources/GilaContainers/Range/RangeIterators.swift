// The iterators of range: on machine words, and on ints of any size.

import CGila
import GilaCore

enum RangeIterator {
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<gila_range_iterator> {
    r.cast(gila_range_iterator.self)
  }

  /// An iterator on words; nil when the number of items or a value would not fit one.
  static func make(_ start: Int, _ stop: Int, _ step: Int) throws(PyError) -> Owned? {
    guard let n = RangeType.count(start, stop, step) else { return nil }
    // One step past the end must not wrap.
    let (_, overflow) = stop.addingReportingOverflow(step)
    if overflow { return nil }
    let r = try owned(_PyObject_New(Types.rangeIter))
    let it = object(r.ref)
    it.pointee.start = start
    it.pointee.step = step
    it.pointee.len = n
    return r
  }

  static func install() {
    let t = Types.rangeIter
    t.define(
      "range_iterator", basicSize: MemoryLayout<gila_range_iterator>.size,
      flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { PyObject_Free($0!.raw) }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in
      let it = RangeIterator.object(r!)
      if it.pointee.len <= 0 { return nil }
      let v = it.pointee.start
      it.pointee.start = v &+ it.pointee.step
      it.pointee.len &-= 1
      return PyLong_FromLong(v)
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { r, _ in
      PyLong_FromLong(RangeIterator.object(r!).pointee.len)
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let it = RangeIterator.object(r!)
        let (a, s, n) = (it.pointee.start, it.pointee.step, it.pointee.len)
        let range = try RangeType.make(
          owned(PyLong_FromLong(a)), owned(PyLong_FromLong(a &+ n &* s)), owned(PyLong_FromLong(s)))
        return try triple(builtin("iter"), single(range), Owned(retaining: none))
      }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { r, state in
      bridgeNone { () throws(PyError) in
        var i = PyLong_AsLong(state)
        if i == -1 && errorIsSet { throw PyError() }
        let it = RangeIterator.object(r!)
        i = min(max(i, 0), it.pointee.len)
        it.pointee.start &+= i &* it.pointee.step
        it.pointee.len &-= i
      }
    }
    t.pointee.tp_methods = m.build()
  }
}

enum LongRangeIterator {
  struct Object {
    var ob_base: PyObject
    var start: Ref
    var step: Ref
    var len: Ref
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  static func make(_ start: Ref, _ step: Ref, _ length: Ref) throws(PyError) -> Owned {
    let r = try owned(_PyObject_New(Types.longRangeIter))
    let it = object(r.ref)
    it.pointee.start = newRef(start)
    it.pointee.step = newRef(step)
    it.pointee.len = newRef(length)
    return r
  }

  static func install() {
    let t = Types.longRangeIter
    t.define(
      "longrange_iterator", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { r in
      let it = LongRangeIterator.object(r!)
      decref(it.pointee.start)
      decref(it.pointee.step)
      decref(it.pointee.len)
      PyObject_Free(r!.raw)
    }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in
      let it = LongRangeIterator.object(r!)
      if _PyLong_Sign(it.pointee.len) <= 0 { return nil }
      guard let next = PyNumber_Add(it.pointee.start, it.pointee.step) else { return nil }
      guard let left = PyNumber_Subtract(it.pointee.len, gila_small_int(1)) else {
        decref(next)
        return nil
      }
      let value = it.pointee.start
      it.pointee.start = next
      decref(it.pointee.len)
      it.pointee.len = left
      return value
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { r, _ in
      newRef(LongRangeIterator.object(r!).pointee.len)
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let it = LongRangeIterator.object(r!)
        let span = try owned(PyNumber_Multiply(it.pointee.len, it.pointee.step))
        let stop = try owned(PyNumber_Add(it.pointee.start, span.ref))
        let range = try RangeType.make(
          Owned(retaining: it.pointee.start), stop, Owned(retaining: it.pointee.step))
        return try triple(builtin("iter"), single(range), Owned(retaining: none))
      }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { r, state in
      bridgeNone { () throws(PyError) in
        guard state!.isLong else { throw typeError("state must be an int, not \(typeName(of: state!))") }
        let it = LongRangeIterator.object(r!)
        var moved = Owned(retaining: _PyLong_Sign(state!) < 0 ? gila_small_int(0) : state!)
        if try check(PyObject_RichCompareBool(moved.ref, it.pointee.len, Py_GT)) != 0 {
          moved = Owned(retaining: it.pointee.len)
        }
        let span = try owned(PyNumber_Multiply(moved.ref, it.pointee.step))
        let start = try owned(PyNumber_Add(it.pointee.start, span.ref))
        let left = try owned(PyNumber_Subtract(it.pointee.len, moved.ref))
        decref(it.pointee.start)
        it.pointee.start = start.take()
        decref(it.pointee.len)
        it.pointee.len = left.take()
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
