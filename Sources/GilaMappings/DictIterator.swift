import CGila
import GilaCore

/// The six dict iterators: keys, values, items, forward and backward.
enum DictIterator {
  struct Object {
    var ob_base: PyObject
    var dict: Ref?  // nil once exhausted
    var used: Int
    var position: Int
    var remaining: Int
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  static func make(_ d: Ref, _ type: TypeRef) -> Ref? {
    guard let r = _PyObject_GC_New(type) else { return nil }
    let it = DictIterator.object(r)
    it.pointee.dict = newRef(d)
    it.pointee.used = Dict.used(d)
    it.pointee.remaining = Dict.used(d)
    let backward = type == Types.dictRevIterKey || type == Types.dictRevIterValue || type == Types.dictRevIterItem
    it.pointee.position = backward ? Dict.keys(d).count - 1 : 0
    gila_gc_track(r)
    return r
  }

  /// The next entry's index, or nil at the end or with an exception set.
  @inline(__always) private static func advance(_ r: Ref, backward: Bool) -> UnsafeMutablePointer<Ref?>? {
    let it = DictIterator.object(r)
    guard let d = it.pointee.dict else { return nil }
    if it.pointee.used != Dict.used(d) {
      _ = runtimeError("dictionary changed size during iteration")
      it.pointee.used = -1
      return nil
    }
    let table = Dict.keys(d)
    var i = it.pointee.position
    if backward {
      if i >= table.count { i = table.count - 1 }
      while i >= 0 && table.key(i).pointee == nil { i -= 1 }
      it.pointee.position = i - 1
    } else {
      while i < table.count && table.key(i).pointee == nil { i += 1 }
      it.pointee.position = i + 1
    }
    if i < 0 || i >= table.count {
      it.pointee.dict = nil
      gila_decref(d)
      return nil
    }
    if it.pointee.remaining == 0 {
      _ = runtimeError("dictionary keys changed during iteration")
      it.pointee.dict = nil
      gila_decref(d)
      return nil
    }
    it.pointee.remaining -= 1
    return table.key(i)
  }
  static func pair(_ k: UnsafeMutablePointer<Ref?>) -> Ref? {
    let key = newRef(k.pointee!), value = newRef((k + 1).pointee!)
    guard let t = PyTuple_New(2) else {
      gila_decref(key)
      gila_decref(value)
      return nil
    }
    gila_tuple_items(t)[0] = key
    gila_tuple_items(t)[1] = value
    return t
  }

  static func install() {
    define(Types.dictIterKey, "dict_keyiterator") {
      DictIterator.advance($0!, backward: false).map { newRef($0.pointee!) }
    }
    define(Types.dictIterValue, "dict_valueiterator") {
      DictIterator.advance($0!, backward: false).map { newRef(($0 + 1).pointee!) }
    }
    define(Types.dictIterItem, "dict_itemiterator") {
      DictIterator.advance($0!, backward: false).flatMap { DictIterator.pair($0) }
    }
    define(Types.dictRevIterKey, "dict_reversekeyiterator") {
      DictIterator.advance($0!, backward: true).map { newRef($0.pointee!) }
    }
    define(Types.dictRevIterValue, "dict_reversevalueiterator") {
      DictIterator.advance($0!, backward: true).map { newRef(($0 + 1).pointee!) }
    }
    define(Types.dictRevIterItem, "dict_reverseitemiterator") {
      DictIterator.advance($0!, backward: true).flatMap { DictIterator.pair($0) }
    }
  }
  private static func define(_ t: TypeRef, _ name: StaticString, _ next: @escaping iternextfunc) {
    t.define(name, basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_iternext = next
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(DictIterator.object(r!).pointee.dict)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, visit, context in
      if let d = DictIterator.object(r!).pointee.dict { return visit!(d, context) }
      return 0
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { r, _ in
      let it = DictIterator.object(r!)
      guard let d = it.pointee.dict, it.pointee.used == Dict.used(d) else { return PyLong_FromSsize_t(0) }
      return PyLong_FromSsize_t(it.pointee.remaining)
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        // The rest as a list; the iterator itself stays where it is.
        let it = DictIterator.object(r!)
        let position = it.pointee.position, remaining = it.pointee.remaining
        let held = xnewRef(it.pointee.dict)
        let rest = try owned(PyList_New(0))
        while let next = r!.type.pointee.tp_iternext(r) {
          let item = Owned(taking: next)
          try check(PyList_Append(rest.ref, item.ref))
        }
        if errorIsSet { throw PyError() }
        it.pointee.dict = held
        it.pointee.position = position
        it.pointee.remaining = remaining
        let iter = try owned(PyEval_GetBuiltins().flatMap { xnewRef(PyDict_GetItemString($0, "iter")) })
        let args = try owned(PyTuple_New(1))
        gila_tuple_items(args.ref)[0] = rest.take()
        let result = try owned(PyTuple_New(2))
        gila_tuple_items(result.ref)[0] = iter.take()
        gila_tuple_items(result.ref)[1] = args.take()
        return result
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
