import CGila
import GilaCore

/// `odict_iterator`, and the views of an OrderedDict, which only differ from a dict's in their iterators.
enum OrderedDictIterator {
  static let keys = 1, values = 2, items = 3, backward = 4

  struct Object {
    var ob_base: PyObject
    var dict: Ref?  // nil once exhausted
    var kind: Int
    var state: Int
    var used: Int
    var current: Int32
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  static func make(_ d: Ref, _ kind: Int) -> Ref? {
    guard let r = _PyObject_GC_New(Types.oDictIter) else { return nil }
    let it = object(r)
    let chain = OrderedDict.chain(d)
    it.pointee.dict = newRef(d)
    it.pointee.kind = kind
    it.pointee.state = chain?.pointee.state ?? 0
    it.pointee.used = Dict.used(d)
    it.pointee.current = (kind & backward != 0 ? chain?.pointee.last : chain?.pointee.first) ?? OrderChain.none
    gila_gc_track(r)
    return r
  }
  private static func end(_ r: Ref) {
    clear((r.raw + 16).assumingMemoryBound(to: Ref?.self))
  }

  static func next(_ r: Ref) throws(PyError) -> Owned? {
    let it = object(r)
    guard let d = it.pointee.dict else { return nil }
    if it.pointee.current < 0 {
      end(r)
      return nil
    }
    let c = OrderedDict.chain(d)
    if c?.pointee.state ?? 0 != it.pointee.state {
      end(r)
      throw runtimeError("OrderedDict mutated during iteration")
    }
    if Dict.used(d) != it.pointee.used {
      end(r)
      throw runtimeError("OrderedDict changed size during iteration")
    }
    guard let c else { return nil }
    let node = c.pointee.nodes[Int(it.pointee.current)]
    let key = Owned(retaining: node.key.unsafelyUnwrapped)
    let kind = it.pointee.kind
    // The dict is asked for keys too: somebody may have changed it behind the chain's back.
    guard let found = try Dict.get(d, key.ref) else {
      it.pointee.current = OrderChain.none
      throw keyError(key.ref)
    }
    let value = Owned(retaining: found)
    if c.pointee.state == it.pointee.state {
      it.pointee.current = kind & backward != 0 ? node.previous : node.next
    }
    if kind & items == keys { return key }
    if kind & items == values { return value }
    return try OrderedDict.pair(key, value)
  }

  static func install() {
    let t = Types.oDictIter
    t.define("odict_iterator", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in
      do throws(PyError) {
        guard let item = try OrderedDictIterator.next(r!) else { return nil }
        return item.take()
      } catch {
        return nil
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(OrderedDictIterator.object(r!).pointee.dict)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, visit, context in
      if let d = OrderedDictIterator.object(r!).pointee.dict { return visit!(d, context) }
      return 0
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling") { r, _ in
      bridge { () throws(PyError) in
        // The rest as a list; the iterator itself stays where it is.
        let it = OrderedDictIterator.object(r!)
        let (held, current) = (xnewRef(it.pointee.dict), it.pointee.current)
        let rest = try owned(PyList_New(0))
        while let item = try OrderedDictIterator.next(r!) { try check(PyList_Append(rest.ref, item.ref)) }
        if it.pointee.dict == nil { it.pointee.dict = held } else { xdecref(held) }
        it.pointee.current = current
        let iter = try owned(PyEval_GetBuiltins().flatMap { xnewRef(PyDict_GetItemString($0, "iter")) })
        let args = try owned(PyTuple_New(1))
        gila_tuple_items(args.ref)[0] = rest.take()
        return try OrderedDict.pair(iter, args)
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
    t.define(name, basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC), base: base)
    t.pointee.tp_iter = iter
    t.pointee.tp_dealloc = base.pointee.tp_dealloc
    t.pointee.tp_traverse = base.pointee.tp_traverse
    var m = MethodTable()
    m.noArguments("__reversed__", "", "", reversed)
    t.pointee.tp_methods = m.build()
  }
}
