// reversed: backwards by `__reversed__` or by index.

import CGila
import GilaCore

enum ReversedType {
  typealias Object = gila_seq_iterator
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  private static func make(_ type: TypeRef, _ sequence: Ref) throws(PyError) -> Owned {
    if let method = _PyObject_LookupSpecial(sequence, gila_intern("__reversed__")) {
      let held = Owned(taking: method)
      if held.ref.isNone { throw typeError("'\(typeName(of: sequence))' object is not reversible") }
      return try owned(PyObject_CallNoArgs(held.ref))
    }
    if errorIsSet { throw PyError() }
    if PySequence_Check(sequence) == 0 { throw typeError("'\(typeName(of: sequence))' object is not reversible") }
    let n = try checkSize(PySequence_Size(sequence))
    let r = try owned(type.pointee.tp_alloc(type, 0))
    object(r.ref).pointee.index = n &- 1
    object(r.ref).pointee.seq = newRef(sequence)
    return r
  }

  static func install() {
    let t = Types.reversed
    t.define(
      "reversed", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc: "reversed(sequence, /)\n--\n\nReturn a reverse iterator over the values of the given sequence.")
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        if type == Types.reversed || address(type!.pointee.tp_init) == address(Types.reversed.pointee.tp_init) {
          try rejectKeywords("reversed", kwargs)
        }
        try checkCount("reversed", args!.size, 1, 1)
        return try ReversedType.make(type!, args!.tupleItems[0]!)
      }
    }
    t.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        try checkConstructor("reversed", flags & Int.max, names, 1, 1)
        return try ReversedType.make(type!.asType, args![0]!)
      }
    }
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in
      let it = ReversedType.object(r!)
      let i = it.pointee.index
      if i >= 0, let s = it.pointee.seq {
        if let item = PySequence_GetItem(s, i) {
          it.pointee.index = i &- 1
          return item
        }
        if PyErr_ExceptionMatches(Exc.IndexError.object) != 0 || PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 {
          PyErr_Clear()
        }
      }
      it.pointee.index = -1
      return SequenceIterators.exhaust(r!)
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(ReversedType.object(r!).pointee.seq)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in visit(ReversedType.object(r!).pointee.seq, f, context) }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { r, _ in
      bridge { () throws(PyError) in
        let it = ReversedType.object(r!)
        guard let s = it.pointee.seq else { return Owned(retaining: gila_small_int(0)) }
        let n = try checkSize(PySequence_Size(s))
        let position = it.pointee.index &+ 1
        return try owned(PyLong_FromSsize_t(n < position ? 0 : position))
      }
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let it = ReversedType.object(r!)
        guard let s = it.pointee.seq else {
          return try pair(Owned(retaining: r!.type.object), single(owned(PyTuple_New(0))))
        }
        return try triple(
          Owned(retaining: r!.type.object), single(Owned(retaining: s)), owned(PyLong_FromSsize_t(it.pointee.index)))
      }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { r, state in
      bridgeNone { () throws(PyError) in
        let i = PyLong_AsSsize_t(state)
        if i == -1 && errorIsSet { throw PyError() }
        let it = ReversedType.object(r!)
        guard let s = it.pointee.seq else { return }
        let n = try checkSize(PySequence_Size(s))
        it.pointee.index = min(max(i, -1), n &- 1)
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
