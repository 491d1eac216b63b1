// zip.

import CGila
import GilaCore

enum ZipType {
  struct Object {
    var ob_base: PyObject
    var count: Int
    var iterators: Ref?
    /// The last tuple given out; used again when nobody kept it.
    var result: Ref?
    var strict: Int32
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  private static func make(_ type: TypeRef, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    var strict = false
    if let kwargs, PyDict_Size(kwargs) > 0 {
      var position = 0
      var key: Ref? = nil
      var value: Ref? = nil
      while PyDict_Next(kwargs, &position, &key, &value) != 0 {
        if PyUnicode_EqualToUTF8(key, "strict") == 0 {
          throw typeError("zip() got an unexpected keyword argument '\(swiftString(key!))'")
        }
        strict = try truth(value!)
      }
    }
    let n = args.size
    let iterators = try owned(PyTuple_New(n))
    for i in 0..<n { iterators.ref.tupleItems[i] = try owned(PyObject_GetIter(args.tupleItems[i])).take() }
    let result = try owned(PyTuple_New(n))
    for i in 0..<n { result.ref.tupleItems[i] = none }
    let r = try owned(type.pointee.tp_alloc(type, 0))
    let z = object(r.ref)
    z.pointee.count = n
    z.pointee.iterators = iterators.take()
    z.pointee.result = result.take()
    z.pointee.strict = strict ? 1 : 0
    return r
  }

  static func install() {
    let t = Types.zip
    t.define(
      "zip", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc: """
        zip(*iterables, strict=False)
        --

        The zip object yields n-length tuples, where n is the number of iterables
        passed as positional arguments to zip().  The i-th element in every tuple
        comes from the i-th iterable argument to zip().  This continues until the
        shortest argument is exhausted.

        If strict is true and one of the arguments is exhausted before the others,
        raise a ValueError.

           >>> list(zip('abcdefg', range(3), range(4)))
           [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]
        """)
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try ZipType.make(type!, args!, kwargs) }
    }
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { ZipType.next($0!) }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(ZipType.object(r!).pointee.iterators)
      xdecref(ZipType.object(r!).pointee.result)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let v = visit(ZipType.object(r!).pointee.iterators, f, context)
      return v != 0 ? v : visit(ZipType.object(r!).pointee.result, f, context)
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let z = ZipType.object(r!)
        let args = z.pointee.iterators.map { Owned(retaining: $0) } ?? Owned(retaining: gila_empty_tuple_object())
        if z.pointee.strict != 0 {
          return try triple(Owned(retaining: r!.type.object), args, Owned(retaining: pyTrue))
        }
        return try pair(Owned(retaining: r!.type.object), args)
      }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { r, state in
      bridgeNone { () throws(PyError) in ZipType.object(r!).pointee.strict = try truth(state!) ? 1 : 0 }
    }
    t.pointee.tp_methods = m.build()
  }

  private static func next(_ r: Ref) -> Ref? {
    let z = object(r)
    let n = z.pointee.count
    if n == 0 { return nil }
    let iterators = z.pointee.iterators.unsafelyUnwrapped
    if let t = z.pointee.result, t.refCount == 1 {
      incref(t)
      for i in 0..<n {
        let it = iterators.tupleItems[i].unsafelyUnwrapped
        guard let item = it.type.pointee.tp_iternext(it) else {
          decref(t)
          return exhausted(z, i)
        }
        let old = t.tupleItems[i]
        t.tupleItems[i] = item
        xdecref(old)
      }
      PyObject_GC_Track(t.raw)
      return t
    }
    guard let t = PyTuple_New(n) else { return nil }
    for i in 0..<n {
      let it = iterators.tupleItems[i].unsafelyUnwrapped
      guard let item = it.type.pointee.tp_iternext(it) else {
        decref(t)
        return exhausted(z, i)
      }
      t.tupleItems[i] = item
    }
    return t
  }

  /// Iterator i has ended or failed: in strict mode all must end together.
  private static func exhausted(_ z: UnsafeMutablePointer<Object>, _ i: Int) -> Ref? {
    if z.pointee.strict == 0 { return nil }
    if errorIsSet {
      if PyErr_ExceptionMatches(Exc.StopIteration.object) == 0 { return nil }
      PyErr_Clear()
    }
    if i > 0 {
      let plural = i == 1 ? " " : "s 1-"
      _ = valueError("zip() argument \(i + 1) is shorter than argument\(plural)\(i)")
      return nil
    }
    let iterators = z.pointee.iterators.unsafelyUnwrapped
    for k in 1..<max(z.pointee.count, 1) {
      let it = iterators.tupleItems[k].unsafelyUnwrapped
      if let item = it.type.pointee.tp_iternext(it) {
        decref(item)
        let plural = k == 1 ? " " : "s 1-"
        _ = valueError("zip() argument \(k + 1) is longer than argument\(plural)\(k)")
        return nil
      }
      if errorIsSet {
        if PyErr_ExceptionMatches(Exc.StopIteration.object) == 0 { return nil }
        PyErr_Clear()
      }
    }
    return nil
  }
}
