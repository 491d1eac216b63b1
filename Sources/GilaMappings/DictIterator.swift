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
    /// The pair given last, given again with other items if nobody kept it.
    var pair: Ref?
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  static func make(_ d: Ref, _ type: TypeRef) -> Ref? {
    guard let r = _PyObject_GC_New(type) else { return nil }
    let it = DictIterator.object(r)
    it.pointee.dict = newRef(d)
    it.pointee.used = Dict.used(d)
    it.pointee.remaining = Dict.used(d)
    let backward = type == Types.dictRevIterKey || type == Types.dictRevIterValue || type == Types.dictRevIterItem
    it.pointee.pair = nil
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
  /// The pair of an entry, in the tuple of the pair before if nobody else has that.
  private static func pair(_ r: Ref, _ k: UnsafeMutablePointer<Ref?>) -> Ref? {
    let it = DictIterator.object(r)
    if let t = it.pointee.pair {
      if t.pointee.ob_refcnt == 1 {
        let key = newRef(k.pointee!), value = newRef((k + 1).pointee!)
        gila_incref(t)
        let items = gila_tuple_items(t)
        let oldKey = items[0].unsafelyUnwrapped, oldValue = items[1].unsafelyUnwrapped
        items[0] = key
        items[1] = value
        // The collector may have taken it for a tuple that needs no watching.
        if PyObject_GC_IsTracked(t) == 0 { gila_gc_track(t) }
        gila_decref(oldKey)
        gila_decref(oldValue)
        return t
      }
      it.pointee.pair = nil
      gila_decref(t)
    }
    guard let t = pair(k) else { return nil }
    it.pointee.pair = newRef(t)
    return t
  }
  /// The pair of an entry, in a new tuple.
  static func pair(_ k: UnsafeMutablePointer<Ref?>) -> Ref? {
    guard let t = PyTuple_New(2) else { return nil }
    gila_tuple_items(t)[0] = newRef(k.pointee!)
    gila_tuple_items(t)[1] = newRef((k + 1).pointee!)
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
      guard let k = DictIterator.advance($0!, backward: false) else { return nil }
      return DictIterator.pair($0!, k)
    }
    define(Types.dictRevIterKey, "dict_reversekeyiterator") {
      DictIterator.advance($0!, backward: true).map { newRef($0.pointee!) }
    }
    define(Types.dictRevIterValue, "dict_reversevalueiterator") {
      DictIterator.advance($0!, backward: true).map { newRef(($0 + 1).pointee!) }
    }
    define(Types.dictRevIterItem, "dict_reverseitemiterator") {
      guard let k = DictIterator.advance($0!, backward: true) else { return nil }
      return DictIterator.pair($0!, k)
    }
  }
  private static func define(_ t: TypeRef, _ name: StaticString, _ next: @escaping iternextfunc) {
    t.define(name, basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_iternext = next
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(DictIterator.object(r!).pointee.dict)
      xdecref(DictIterator.object(r!).pointee.pair)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, visit, context in
      let it = DictIterator.object(r!)
      if let d = it.pointee.dict {
        let s = visit!(d, context)
        if s != 0 { return s }
      }
      return it.pointee.pair.map { visit!($0, context) } ?? 0
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
