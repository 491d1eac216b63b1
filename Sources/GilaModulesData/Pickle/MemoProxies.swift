// What the attribute `memo` of picklers and unpicklers gives: a view with copy() and clear().

import CGila
import GilaCore

enum MemoProxies {
  nonisolated(unsafe) static let pickler: TypeRef = define(
    "_pickle.PicklerMemoProxy",
    clear: { r, _ in
      PicklerType.state(r!.slot(16).pointee).pointee.memo.removeAll()
      return none
    }, copy: { r, _ in bridge { () throws(PyError) in try MemoProxies.picklerMemo(r!.slot(16).pointee!) } },
    reduce: { r, _ in
      bridge { () throws(PyError) in
        try MemoProxies.reduced(MemoProxies.picklerMemo(r!.slot(16).pointee!))
      }
    })
  nonisolated(unsafe) static let unpickler: TypeRef = define(
    "_pickle.UnpicklerMemoProxy",
    clear: { r, _ in
      UnpicklerType.state(r!.slot(16).pointee).clearMemo()
      return none
    }, copy: { r, _ in bridge { () throws(PyError) in try MemoProxies.unpicklerMemo(r!.slot(16).pointee!) } },
    reduce: { r, _ in
      bridge { () throws(PyError) in
        try MemoProxies.reduced(MemoProxies.unpicklerMemo(r!.slot(16).pointee!))
      }
    })

  private static func define(
    _ name: StaticString, clear: PyCFunction, copy: PyCFunction, reduce: PyCFunction
  ) -> TypeRef {
    let t = newStaticType()
    t.define(name, basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      GilaCore.clear(r!.slot(16))
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in visit(r!.slot(16).pointee, f, context) }
    t.pointee.tp_flags |= UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION)
    var m = MethodTable()
    m.noArguments("clear", "($self, /)", "Remove all items from memo.", clear)
    m.noArguments("copy", "($self, /)", "Copy the memo to a new object.", copy)
    m.noArguments("__reduce__", "($self, /)", "Implement pickle support.", reduce)
    t.pointee.tp_methods = m.build()
    return t
  }
  static func make(_ type: TypeRef, _ owner: Ref) -> Ref? {
    guard let r = PyType_GenericAlloc(type, 0) else { return nil }
    r.slot(16).pointee = newRef(owner)
    return r
  }
  private static func reduced(_ contents: consuming Owned) throws(PyError) -> Owned {
    try tuple(Owned(retaining: Types.dict.object), tuple(contents))
  }
  private static func picklerMemo(_ r: Ref) throws(PyError) -> Owned {
    let memo = PicklerType.state(r).pointee.memo
    let d = try owned(PyDict_New())
    for i in 0..<memo.capacity {
      guard let k = memo.entries![i].key else { continue }
      let key = try owned(PyLong_FromVoidPtr(k.raw))
      let value = try tuple(int(memo.entries![i].value), Owned(retaining: k))
      try check(PyDict_SetItem(d.ref, key.ref, value.ref))
    }
    return d
  }
  private static func unpicklerMemo(_ r: Ref) throws(PyError) -> Owned {
    let u = UnpicklerType.state(r)
    let d = try owned(PyDict_New())
    for i in 0..<u.pointee.memoSize {
      guard let v = u.pointee.memo![i] else { continue }
      let key = try int(i)
      try check(PyDict_SetItem(d.ref, key.ref, v))
    }
    return d
  }
}
