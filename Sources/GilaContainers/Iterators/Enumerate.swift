// enumerate.

import CGila
import GilaCore

enum EnumerateType {
  struct Object {
    var ob_base: PyObject
    var index: Int
    var iterator: Ref?
    /// The last pair given out; used again when nobody kept it.
    var result: Ref?
    /// The count once it is larger than a word.
    var longIndex: Ref?
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  private static func make(_ type: TypeRef, _ iterable: Ref, _ start: Ref?) throws(PyError) -> Owned {
    let r = try owned(type.pointee.tp_alloc(type, 0))
    let it = object(r.ref)
    if let start {
      let n = try owned(PyNumber_Index(start))
      var overflow: Int32 = 0
      let v = PyLong_AsLongAndOverflow(n.ref, &overflow)
      if v == -1 && overflow == 0 && errorIsSet { throw PyError() }
      if overflow != 0 {
        it.pointee.longIndex = n.take()
        it.pointee.index = .max
      } else {
        it.pointee.index = v
      }
    }
    it.pointee.iterator = try owned(PyObject_GetIter(iterable)).take()
    it.pointee.result = try owned(PyTuple_Pack2(none, none)).take()
    return r
  }

  private static func PyTuple_Pack2(_ a: Ref, _ b: Ref) -> Ref? {
    guard let t = PyTuple_New(2) else { return nil }
    t.tupleItems[0] = newRef(a)
    t.tupleItems[1] = newRef(b)
    return t
  }

  /// Arguments by position or as `iterable` and `start`.
  private static func bind(
    _ positional: UnsafePointer<Ref?>?, _ n: Int, _ keywords: [(Ref, Ref)]
  ) throws(PyError) -> (Ref, Ref?) {
    if n + keywords.count > 2 {
      throw typeError("enumerate() takes at most 2 arguments (\(n + keywords.count) given)")
    }
    var iterable = n > 0 ? positional![0] : nil
    var start = n > 1 ? positional![1] : nil
    for (name, value) in keywords {
      if iterable == nil && PyUnicode_EqualToUTF8(name, "iterable") != 0 {
        iterable = value
      } else if start == nil && PyUnicode_EqualToUTF8(name, "start") != 0 {
        start = value
      } else {
        throw typeError("'\(swiftString(name))' is an invalid keyword argument for enumerate()")
      }
    }
    guard let iterable else { throw typeError("enumerate() missing required argument 'iterable'") }
    return (iterable, start)
  }

  static func install() {
    let t = Types.enumerate
    t.define(
      "enumerate", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc: """
        enumerate(iterable, start=0)
        --

        Return an enumerate object.

          iterable
            an object supporting iteration

        The enumerate object yields pairs containing a count (from start, which
        defaults to zero) and a value yielded by the iterable argument.

        enumerate is useful for obtaining an indexed list:
            (0, seq[0]), (1, seq[1]), (2, seq[2]), ...
        """)
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        var keywords: [(Ref, Ref)] = []
        if let kwargs {
          var position = 0
          var key: Ref? = nil
          var value: Ref? = nil
          while PyDict_Next(kwargs, &position, &key, &value) != 0 { keywords.append((key!, value!)) }
        }
        let (iterable, start) = try EnumerateType.bind(args!.tupleItems, args!.size, keywords)
        return try EnumerateType.make(type!, iterable, start)
      }
    }
    t.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        let n = flags & Int.max
        var keywords: [(Ref, Ref)] = []
        if let names {
          for i in 0..<names.size { keywords.append((names.tupleItems[i]!, args![n + i]!)) }
        }
        let (iterable, start) = try EnumerateType.bind(args, n, keywords)
        return try EnumerateType.make(type!.asType, iterable, start)
      }
    }
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { EnumerateType.next($0!) }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let it = EnumerateType.object(r!)
      xdecref(it.pointee.iterator)
      xdecref(it.pointee.result)
      xdecref(it.pointee.longIndex)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let it = EnumerateType.object(r!)
      var v = visit(it.pointee.iterator, f, context)
      if v == 0 { v = visit(it.pointee.result, f, context) }
      if v == 0 { v = visit(it.pointee.longIndex, f, context) }
      return v
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let it = EnumerateType.object(r!)
        let index =
          it.pointee.longIndex != nil
          ? Owned(retaining: it.pointee.longIndex!) : try owned(PyLong_FromSsize_t(it.pointee.index))
        return try pair(Owned(retaining: r!.type.object), pair(Owned(retaining: it.pointee.iterator!), index))
      }
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    t.pointee.tp_methods = m.build()
  }

  /// The present count, and steps it.
  private static func count(_ it: UnsafeMutablePointer<Object>) -> Ref? {
    if it.pointee.index != .max {
      guard let n = PyLong_FromSsize_t(it.pointee.index) else { return nil }
      it.pointee.index &+= 1
      return n
    }
    if it.pointee.longIndex == nil {
      guard let n = PyLong_FromSsize_t(.max) else { return nil }
      it.pointee.longIndex = n
    }
    guard let next = PyNumber_Add(it.pointee.longIndex, gila_small_int(1)) else { return nil }
    let now = it.pointee.longIndex
    it.pointee.longIndex = next
    return now
  }

  private static func next(_ r: Ref) -> Ref? {
    let it = object(r)
    let iterator = it.pointee.iterator.unsafelyUnwrapped
    guard let item = iterator.type.pointee.tp_iternext(iterator) else { return nil }
    guard let index = count(it) else {
      decref(item)
      return nil
    }
    return reusablePair(it.pointee.result, index, item)
  }
}

/// A pair of two references that it takes over, in a tuple that is used again when only its iterator holds it.
func reusablePair(_ result: Ref?, _ a: Ref, _ b: Ref) -> Ref? {
  if let t = result, t.refCount == 1 {
    let items = t.tupleItems
    let (oldA, oldB) = (items[0], items[1])
    incref(t)
    items[0] = a
    items[1] = b
    xdecref(oldA)
    xdecref(oldB)
    // The collector may have stopped tracking a pair of atoms.
    PyObject_GC_Track(t.raw)
    return t
  }
  guard let t = PyTuple_New(2) else {
    decref(a)
    decref(b)
    return nil
  }
  t.tupleItems[0] = a
  t.tupleItems[1] = b
  return t
}
