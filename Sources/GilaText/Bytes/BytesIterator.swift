// bytes_iterator and bytearray_iterator.

import CGila
import GilaAlgorithms
import GilaCore

extension UnsafeMutablePointer where Pointee == PyObject {
  @inline(__always) fileprivate var index: Int {
    get { raw.load(fromByteOffset: 16, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
  }
  @inline(__always) fileprivate var sequence: UnsafeMutablePointer<Ref?> {
    (raw + 24).assumingMemoryBound(to: Ref?.self)
  }
}

func iterateBytes(_ r: Ref) -> Ref? {
  guard let it = PyType_GenericAlloc(r.isBytes ? Types.bytesIter : Types.byteArrayIter, 0) else { return nil }
  it.index = 0
  it.sequence.pointee = newRef(r)
  return it
}

enum BytesIteratorType {
  static func install() {
    define(Types.bytesIter, "bytes_iterator")
    define(Types.byteArrayIter, "bytearray_iterator")
  }

  private static func define(_ t: TypeRef, _ name: StaticString) {
    t.define(name, basicSize: 32, flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { me in
      PyObject_GC_UnTrack(me)
      clear(me!.sequence)
      PyObject_GC_Del(me)
    }
    t.pointee.tp_traverse = { me, visit, argument in
      if let s = me!.sequence.pointee { return visit!(s, argument) }
      return 0
    }
    t.pointee.tp_iter = { newRef($0!) }
    t.pointee.tp_iternext = { me in
      let it = me!
      guard let s = it.sequence.pointee else { return nil }
      let i = it.index
      if i < s.size {
        it.index = i &+ 1
        if s.isBytes { return newRef(gila_small_int(Int(s.bytesData[i]))) }
        return PyLong_FromLong(Int(s.byteView[i]))
      }
      clear(it.sequence)
      return nil
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { me, _ in
      PyLong_FromSsize_t(me!.sequence.pointee.map { max(0, $0.size &- me!.index) } ?? 0)
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { me, _ in
      bridge { () throws(PyError) in
        let builtin = try owned(PyEval_GetBuiltins().flatMap { PyMapping_GetItemString($0, "iter") })
        let live = me!.sequence.pointee
        let tuple = try owned(PyTuple_New(live == nil ? 2 : 3))
        PyTuple_SetItem(tuple.ref, 0, newRef(builtin.ref))
        let inner = try owned(PyTuple_New(1))
        PyTuple_SetItem(inner.ref, 0, live == nil ? try owned(PyTuple_New(0)).take() : newRef(live.unsafelyUnwrapped))
        PyTuple_SetItem(tuple.ref, 1, inner.take())
        if live != nil { PyTuple_SetItem(tuple.ref, 2, try owned(PyLong_FromSsize_t(me!.index)).take()) }
        return tuple
      }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { me, state in
      bridgeNone { () throws(PyError) in
        let n = PyLong_AsSsize_t(state)
        if n == -1, errorIsSet { throw PyError() }
        if let s = me!.sequence.pointee { me!.index = max(0, min(n, s.size)) }
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
