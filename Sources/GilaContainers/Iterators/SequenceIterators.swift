// Iterators by index: over list, tuple, a list backwards, and anything with the sequence protocol.

import CGila
import GilaCore

enum SequenceIterators {
  typealias Object = gila_seq_iterator
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  /// A new iterator of one of the four types.
  static func make(_ sequence: Ref, _ type: TypeRef, at index: Int) -> Ref? {
    guard let r = _PyObject_GC_New(type) else { return nil }
    let it = object(r)
    it.pointee.index = index
    it.pointee.seq = newRef(sequence)
    gila_gc_track(r)
    return r
  }

  /// Ends an iteration: the iterator lets its sequence go.
  @inline(__always) static func exhaust(_ r: Ref) -> Ref? {
    let it = object(r)
    if let s = it.pointee.seq {
      it.pointee.seq = nil
      decref(s)
    }
    return nil
  }

  static func install() {
    define(Types.listIter, "list_iterator") { r in
      let it = SequenceIterators.object(r!)
      guard let s = it.pointee.seq else { return nil }
      let i = it.pointee.index
      if i < s.size && i >= 0 {
        it.pointee.index = i &+ 1
        return newRef(s.listItems.unsafelyUnwrapped[i].unsafelyUnwrapped)
      }
      it.pointee.index = -1
      return SequenceIterators.exhaust(r!)
    }
    define(Types.tupleIter, "tuple_iterator") { r in
      let it = SequenceIterators.object(r!)
      guard let s = it.pointee.seq else { return nil }
      let i = it.pointee.index
      if i < s.size {
        it.pointee.index = i &+ 1
        return newRef(s.tupleItems[i].unsafelyUnwrapped)
      }
      return SequenceIterators.exhaust(r!)
    }
    define(Types.listRevIter, "list_reverseiterator") { r in
      let it = SequenceIterators.object(r!)
      guard let s = it.pointee.seq else { return nil }
      let i = it.pointee.index
      if i >= 0 && i < s.size {
        it.pointee.index = i &- 1
        return newRef(s.listItems.unsafelyUnwrapped[i].unsafelyUnwrapped)
      }
      it.pointee.index = -1
      return SequenceIterators.exhaust(r!)
    }
    define(Types.seqIter, "iterator") { r in SequenceIterators.nextItem(r!) }
  }

  /// The next item by the sequence protocol: IndexError or StopIteration ends it.
  private static func nextItem(_ r: Ref) -> Ref? {
    let it = object(r)
    guard let s = it.pointee.seq else { return nil }
    if it.pointee.index == .max { return fail(Exc.OverflowError, "iter index too large") }
    if let item = PySequence_GetItem(s, it.pointee.index) {
      it.pointee.index &+= 1
      return item
    }
    if PyErr_ExceptionMatches(Exc.IndexError.object) != 0 || PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 {
      PyErr_Clear()
      return exhaust(r)
    }
    return nil
  }

  private static func define(_ t: TypeRef, _ name: StaticString, _ next: @escaping iternextfunc) {
    t.define(
      name, basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = next
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(SequenceIterators.object(r!).pointee.seq)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in visit(SequenceIterators.object(r!).pointee.seq, f, context) }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { r, _ in
      bridge { () throws(PyError) in try SequenceIterators.lengthHint(r!) }
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in try SequenceIterators.reduce(r!) }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { r, state in
      bridgeNone { () throws(PyError) in try SequenceIterators.setState(r!, state!) }
    }
    t.pointee.tp_methods = m.build()
  }

  private static func lengthHint(_ r: Ref) throws(PyError) -> Owned {
    let it = object(r)
    guard let s = it.pointee.seq else { return Owned(retaining: gila_small_int(0)) }
    if r.type == Types.listRevIter {
      let n = it.pointee.index &+ 1
      return try owned(PyLong_FromSsize_t(n > s.size ? 0 : n))
    }
    if r.type == Types.seqIter {
      guard let sequence = s.type.pointee.tp_as_sequence, sequence.pointee.sq_length != nil else {
        return Owned(retaining: notImplemented)
      }
      let n = try checkSize(PySequence_Size(s))
      return try owned(PyLong_FromSsize_t(max(n &- it.pointee.index, 0)))
    }
    return try owned(PyLong_FromSsize_t(max(s.size &- it.pointee.index, 0)))
  }

  private static func reduce(_ r: Ref) throws(PyError) -> Owned {
    let backward = r.type == Types.listRevIter
    let iter = try builtin(backward ? "reversed" : "iter")
    // The lookup may have run code: the iterator is read after it.
    let it = object(r)
    guard let s = it.pointee.seq else {
      let empty = try owned(r.type == Types.tupleIter || r.type == Types.seqIter ? PyTuple_New(0) : PyList_New(0))
      if backward {
        let plain = try builtin("iter")
        return try pair(plain, single(empty))
      }
      return try pair(iter, single(empty))
    }
    let index = try owned(PyLong_FromSsize_t(it.pointee.index))
    return try triple(iter, single(Owned(retaining: s)), index)
  }

  private static func setState(_ r: Ref, _ state: Ref) throws(PyError) {
    var i = PyLong_AsSsize_t(state)
    if i == -1 && errorIsSet { throw PyError() }
    let it = object(r)
    guard let s = it.pointee.seq else { return }
    if r.type == Types.listRevIter {
      i = min(max(i, -1), s.size &- 1)
    } else {
      i = max(i, 0)
      if r.type != Types.seqIter { i = min(i, s.size) }
    }
    it.pointee.index = i
  }
}

@c @implementation public func PySeqIter_New(_ s: Ref!) -> Ref? {
  guard let s, PySequence_Check(s) != 0 else {
    PyErr_BadInternalCall()
    return nil
  }
  return SequenceIterators.make(s, Types.seqIter, at: 0)
}
