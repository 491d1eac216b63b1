import CGila
import GilaCore

/// The iterator of an OrderedDict and of its views, either way.
enum OrderedDictIterator {
  struct Object {
    var ob_base: PyObject
    var dict: Ref?  // nil once exhausted
    var state: Int
    var used: Int
    var position: Int
    var kind: Int
    /// The last pair, which is made the next one if nobody else has it.
    var pair: Ref?
  }
  // Bits of `kind`.
  static let keys = 1, values = 2, items = 3, backward = 4

  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  static func make(_ d: Ref, _ kind: Int) -> Ref? {
    if kind & values != 0 {
      // Values are found by their keys.
      do throws(PyError) { try OrderedDict.requireKnownKeys(d) } catch { return nil }
    }
    guard let r = _PyObject_GC_New(Types.oDictIter) else { return nil }
    let it = object(r)
    it.pointee.dict = newRef(d)
    it.pointee.state = OrderedDict.object(d).pointee.state
    it.pointee.used = Dict.used(d)
    it.pointee.position = kind & backward != 0 ? Dict.keys(d).count - 1 : OrderedDict.first(d)
    it.pointee.kind = kind
    it.pointee.pair = nil
    gila_gc_track(r)
    return r
  }

  private static func next(_ r: Ref) -> Ref? {
    let it = object(r)
    guard let d = it.pointee.dict else { return nil }
    guard let k = advance(it, d) else {
      it.pointee.dict = nil
      gila_decref(d)
      return nil
    }
    switch it.pointee.kind & 3 {
    case keys: return newRef(k.pointee.unsafelyUnwrapped)
    case values: return newRef((k + 1).pointee.unsafelyUnwrapped)
    default: return nextPair(it, k)
    }
  }
  private static func nextPair(_ it: UnsafeMutablePointer<Object>, _ k: UnsafeMutablePointer<Ref?>) -> Ref? {
    guard let t = it.pointee.pair, t.pointee.ob_refcnt == 1 else {
      guard let made = DictIterator.pair(k) else { return nil }
      let old = it.pointee.pair
      it.pointee.pair = newRef(made)
      xdecref(old)
      return made
    }
    gila_incref(t)
    let items = gila_tuple_items(t)
    let key = items[0], value = items[1]
    items[0] = newRef(k.pointee.unsafelyUnwrapped)
    items[1] = newRef((k + 1).pointee.unsafelyUnwrapped)
    // A collection may have found the old pair too simple to watch.
    if (t.raw - 16).load(as: UInt.self) == 0 { gila_gc_track(t) }
    xdecref(key)
    xdecref(value)
    return t
  }
  /// The next live entry; nil at the end or with an exception set.
  @inline(__always) private static func advance(
    _ it: UnsafeMutablePointer<Object>, _ d: Ref
  ) -> UnsafeMutablePointer<Ref?>? {
    if it.pointee.state != OrderedDict.object(d).pointee.state {
      _ = runtimeError("OrderedDict mutated during iteration")
      return nil
    }
    if it.pointee.used != Dict.used(d) {
      _ = runtimeError("OrderedDict changed size during iteration")
      return nil
    }
    let table = Dict.keys(d)
    var i = it.pointee.position
    if it.pointee.kind & backward != 0 {
      if i >= table.count { i = table.count - 1 }
      while i >= 0 && table.key(i).pointee == nil { i -= 1 }
      it.pointee.position = i - 1
    } else {
      while i < table.count && table.key(i).pointee == nil { i += 1 }
      it.pointee.position = i + 1
    }
    return i >= 0 && i < table.count ? table.key(i) : nil
  }

  static func install() {
    let t = Types.oDictIter
    t.define("odict_iterator", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_iternext = { OrderedDictIterator.next($0!) }
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(OrderedDictIterator.object(r!).pointee.dict)
      xdecref(OrderedDictIterator.object(r!).pointee.pair)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, visit, context in
      if let t = OrderedDictIterator.object(r!).pointee.pair {
        let v = visit!(t, context)
        if v != 0 { return v }
      }
      if let d = OrderedDictIterator.object(r!).pointee.dict { return visit!(d, context) }
      return 0
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling") { r, _ in
      bridge { () throws(PyError) in
        // What a copy has left, as a list.
        let it = OrderedDictIterator.object(r!)
        let list: Owned
        if let d = it.pointee.dict {
          let copy = try owned(OrderedDictIterator.make(d, it.pointee.kind))
          OrderedDictIterator.object(copy.ref).pointee.state = it.pointee.state
          OrderedDictIterator.object(copy.ref).pointee.used = it.pointee.used
          OrderedDictIterator.object(copy.ref).pointee.position = it.pointee.position
          list = try owned(PySequence_List(copy.ref))
        } else {
          list = try owned(PyList_New(0))
        }
        let iter = try owned(PyEval_GetBuiltins().flatMap { xnewRef(PyDict_GetItemString($0, "iter")) })
        let args = try owned(PyTuple_New(1)), result = try owned(PyTuple_New(2))
        gila_tuple_items(args.ref)[0] = list.take()
        gila_tuple_items(result.ref)[0] = iter.take()
        gila_tuple_items(result.ref)[1] = args.take()
        return result
      }
    }
    t.pointee.tp_methods = m.build()
    view(
      Types.oDictKeys, "odict_keys", Types.dictKeys,
      iter: { OrderedDictIterator.make(DictView.dict($0!), OrderedDictIterator.keys) },
      reversed: { r, _ in
        OrderedDictIterator.make(DictView.dict(r!), OrderedDictIterator.keys | OrderedDictIterator.backward)
      })
    view(
      Types.oDictValues, "odict_values", Types.dictValues,
      iter: { OrderedDictIterator.make(DictView.dict($0!), OrderedDictIterator.values) },
      reversed: { r, _ in
        OrderedDictIterator.make(DictView.dict(r!), OrderedDictIterator.values | OrderedDictIterator.backward)
      })
    view(
      Types.oDictItems, "odict_items", Types.dictItems,
      iter: { OrderedDictIterator.make(DictView.dict($0!), OrderedDictIterator.items) },
      reversed: { r, _ in
        OrderedDictIterator.make(DictView.dict(r!), OrderedDictIterator.items | OrderedDictIterator.backward)
      })
  }
  private static func view(
    _ t: TypeRef, _ name: StaticString, _ base: TypeRef, iter: @escaping getiterfunc,
    reversed: @convention(c) (Ref?, Ref?) -> Ref?
  ) {
    t.define(name, basicSize: base.pointee.tp_basicsize, flags: UInt(Py_TPFLAGS_HAVE_GC), base: base)
    t.pointee.tp_iter = iter
    var m = MethodTable()
    m.noArguments("__reversed__", "", "Return a reverse iterator over the OrderedDict.", reversed)
    t.pointee.tp_methods = m.build()
  }
}
