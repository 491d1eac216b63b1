import CGila
import GilaCore

/// `dict_keys`, `dict_values` and `dict_items`: live views, set-like where members can be hashed.
enum DictView {
  struct Object {
    var ob_base: PyObject
    var dict: Ref?
  }
  @inline(__always) static func dict(_ r: Ref) -> Ref { r.cast(Object.self).pointee.dict! }

  static func make(_ d: Ref, _ type: TypeRef) -> Ref? {
    guard let r = _PyObject_GC_New(type) else { return nil }
    r.cast(Object.self).pointee.dict = newRef(d)
    gila_gc_track(r)
    return r
  }

  static func install() {
    DictView.define(
      Types.dictKeys, "dict_keys",
      iter: { DictIterator.make(DictView.dict($0!), Types.dictIterKey) },
      reversed: { r, _ in DictIterator.make(DictView.dict(r!), Types.dictRevIterKey) })
    DictView.define(
      Types.dictValues, "dict_values",
      iter: { DictIterator.make(DictView.dict($0!), Types.dictIterValue) },
      reversed: { r, _ in DictIterator.make(DictView.dict(r!), Types.dictRevIterValue) })
    DictView.define(
      Types.dictItems, "dict_items",
      iter: { DictIterator.make(DictView.dict($0!), Types.dictIterItem) },
      reversed: { r, _ in DictIterator.make(DictView.dict(r!), Types.dictRevIterItem) })
    Types.dictKeys.sequence.pointee.sq_contains = { r, key in PyDict_Contains(DictView.dict(r!), key) }
    Types.dictItems.sequence.pointee.sq_contains = { r, item in
      bridgeBool { () throws(PyError) in
        guard item!.isTuple, item!.size == 2 else { return false }
        guard let found = try Dict.get(DictView.dict(r!), PyTuple_GetItem(item, 0)!) else { return false }
        let held = Owned(retaining: found)
        return try check(PyObject_RichCompareBool(held.ref, PyTuple_GetItem(item, 1), Py_EQ)) != 0
      }
    }
    DictView.setLike(Types.dictKeys)
    DictView.setLike(Types.dictItems)
  }

  private static func define(
    _ t: TypeRef, _ name: StaticString, iter: @escaping getiterfunc,
    reversed: @convention(c) (Ref?, Ref?) -> Ref?
  ) {
    t.define(name, basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_iter = iter
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(r!.cast(Object.self).pointee.dict)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, visit, context in visit!(DictView.dict(r!), context) }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let entered = Py_ReprEnter(r)
        if entered != 0 {
          if entered < 0 { throw PyError() }
          return try string("...")
        }
        defer { Py_ReprLeave(r) }
        let list = try owned(PySequence_List(r))
        let text = try owned(PyObject_Repr(list.ref))
        let open = try string(typeName(r!.type) + "("), close = try string(")")
        let left = try owned(PyUnicode_Concat(open.ref, text.ref))
        return try owned(PyUnicode_Concat(left.ref, close.ref))
      }
    }
    t.sequence.pointee.sq_length = { Dict.used(DictView.dict($0!)) }
    var m = MethodTable()
    m.noArguments("__reversed__", "", "Return a reverse iterator over the dict.", reversed)
    if t != Types.dictValues {
      m.one("isdisjoint", "", "Return True if the view and the given iterable have a null intersection.") { r, other in
        bridge { () throws(PyError) in
          var a = r!, b = other!
          if a == b { return Owned(retaining: pyBool(Dict.used(DictView.dict(a)) == 0)) }
          // Walk the shorter of the two when both have a length.
          if b.isInstance(of: Types.set) || b.isInstance(of: Types.frozenSet) || DictView.isView(b) {
            if PyObject_Size(b) > PyObject_Size(a) { swap(&a, &b) }
          }
          let iterator = try owned(PyObject_GetIter(b))
          while let next = PyIter_Next(iterator.ref) {
            let item = Owned(taking: next)
            if try check(PySequence_Contains(a, item.ref)) != 0 { return Owned(retaining: pyFalse) }
          }
          if errorIsSet { throw PyError() }
          return Owned(retaining: pyTrue)
        }
      }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add("mapping", "dictionary that this view refers to", get: { r, _ in PyDictProxy_New(DictView.dict(r!)) })
    t.pointee.tp_getset = g.build()
  }
  static func isView(_ r: Ref) -> Bool { r.isInstance(of: Types.dictKeys) || r.isInstance(of: Types.dictItems) }

  private static func setLike(_ t: TypeRef) {
    t.number.pointee.nb_subtract = { a, b in
      bridge { () throws(PyError) in
        let result = try owned(PySet_New(a))
        try DictView.discard(result.ref, b!, "difference_update")
        return result
      }
    }
    t.number.pointee.nb_and = { a, b in
      bridge { () throws(PyError) in
        var view = a!, other = b!
        if !DictView.isView(view) { swap(&view, &other) }
        if DictView.isView(other), Dict.used(DictView.dict(other)) > Dict.used(DictView.dict(view)) {
          swap(&view, &other)
        }
        let result = try owned(PySet_New(nil))
        let iterator = try owned(PyObject_GetIter(other))
        while let next = PyIter_Next(iterator.ref) {
          let item = Owned(taking: next)
          if try check(PySequence_Contains(view, item.ref)) != 0 { try check(PySet_Add(result.ref, item.ref)) }
        }
        if errorIsSet { throw PyError() }
        return result
      }
    }
    t.number.pointee.nb_or = { a, b in
      bridge { () throws(PyError) in
        let result = try owned(PySet_New(a))
        try check(_PySet_Update(result.ref, b))
        return result
      }
    }
    t.number.pointee.nb_xor = { a, b in
      bridge { () throws(PyError) in
        let result = try owned(PySet_New(a))
        try DictView.discard(result.ref, b!, "symmetric_difference_update")
        return result
      }
    }
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        let a = a!, b = b!
        guard b.isInstance(of: Types.set) || b.isInstance(of: Types.frozenSet) || DictView.isView(b) else {
          return Owned(retaining: notImplemented)
        }
        let n = try checkSize(PyObject_Size(a)), m = try checkSize(PyObject_Size(b))
        // Each order asks for a relation of the sizes first, then for inclusion of one in the other.
        let sizesFit: Bool
        switch op {
        case Py_EQ, Py_NE: sizesFit = n == m
        case Py_LT: sizesFit = n < m
        case Py_LE: sizesFit = n <= m
        case Py_GT: sizesFit = n > m
        default: sizesFit = n >= m
        }
        var answer = sizesFit
        if sizesFit { answer = op == Py_GT || op == Py_GE ? try DictView.all(b, in: a) : try DictView.all(a, in: b) }
        if op == Py_NE { answer.toggle() }
        return Owned(retaining: pyBool(answer))
      }
    }
  }
  private static func discard(_ set: Ref, _ other: Ref, _ method: String) throws(PyError) {
    let name = try string(method)
    let bound = try owned(PyObject_GetAttr(set, name.ref))
    _ = try owned(PyObject_CallOneArg(bound.ref, other))
  }
  private static func all(_ a: Ref, in b: Ref) throws(PyError) -> Bool {
    let iterator = try owned(PyObject_GetIter(a))
    while let next = PyIter_Next(iterator.ref) {
      let item = Owned(taking: next)
      if try check(PySequence_Contains(b, item.ref)) == 0 { return false }
    }
    if errorIsSet { throw PyError() }
    return true
  }
}
