// map and filter.

import CGila
import GilaCore

enum MapType {
  struct Object {
    var ob_base: PyObject
    var iterators: Ref?
    var function: Ref?
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  private static func make(_ type: TypeRef, _ args: UnsafePointer<Ref?>?, _ n: Int) throws(PyError) -> Owned {
    if n < 2 { throw typeError("map() must have at least two arguments.") }
    let iterators = try owned(PyTuple_New(n - 1))
    for i in 1..<n { iterators.ref.tupleItems[i - 1] = try owned(PyObject_GetIter(args![i])).take() }
    let r = try owned(type.pointee.tp_alloc(type, 0))
    object(r.ref).pointee.iterators = iterators.take()
    object(r.ref).pointee.function = newRef(args![0]!)
    return r
  }

  static func install() {
    let t = Types.map
    t.define(
      "map", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "map(function, iterable, /, *iterables)\n--\n\nMake an iterator that computes the function using arguments from\neach of the iterables.  Stops when the shortest iterable is exhausted."
    )
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        if type == Types.map || address(type!.pointee.tp_init) == address(Types.map.pointee.tp_init) {
          try rejectKeywords("map", kwargs)
        }
        return try MapType.make(type!, args!.tupleItems, args!.size)
      }
    }
    t.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        if let names, names.size > 0 { throw typeError("map() takes no keyword arguments") }
        return try MapType.make(type!.asType, args, flags & Int.max)
      }
    }
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { MapType.next($0!) }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(MapType.object(r!).pointee.iterators)
      xdecref(MapType.object(r!).pointee.function)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let v = visit(MapType.object(r!).pointee.iterators, f, context)
      return v != 0 ? v : visit(MapType.object(r!).pointee.function, f, context)
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let o = MapType.object(r!)
        let iterators = o.pointee.iterators!
        let args = try owned(PyTuple_New(iterators.size + 1))
        args.ref.tupleItems[0] = newRef(o.pointee.function!)
        for i in 0..<iterators.size { args.ref.tupleItems[i + 1] = newRef(iterators.tupleItems[i]!) }
        return try pair(Owned(retaining: r!.type.object), args)
      }
    }
    t.pointee.tp_methods = m.build()
  }

  private static func next(_ r: Ref) -> Ref? {
    let o = object(r)
    let iterators = o.pointee.iterators.unsafelyUnwrapped
    let function = o.pointee.function.unsafelyUnwrapped
    let n = iterators.size
    // One place before the arguments, which bound methods use for self.
    return withUnsafeTemporaryAllocation(of: Ref?.self, capacity: n &+ 1) { buffer in
      let args = buffer.baseAddress! + 1
      var got = 0
      defer {
        for i in 0..<got { xdecref(args[i]) }
      }
      buffer.baseAddress![0] = nil
      while got < n {
        let it = iterators.tupleItems[got].unsafelyUnwrapped
        guard let item = it.type.pointee.tp_iternext(it) else { return nil }
        args[got] = item
        got &+= 1
      }
      return PyObject_Vectorcall(function, args, n | Int.min, nil)
    }
  }
}

enum FilterType {
  struct Object {
    var ob_base: PyObject
    var function: Ref?
    var iterator: Ref?
  }
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }

  private static func make(_ type: TypeRef, _ function: Ref, _ iterable: Ref) throws(PyError) -> Owned {
    let iterator = try owned(PyObject_GetIter(iterable))
    let r = try owned(type.pointee.tp_alloc(type, 0))
    object(r.ref).pointee.function = newRef(function)
    object(r.ref).pointee.iterator = iterator.take()
    return r
  }

  static func install() {
    let t = Types.filter
    t.define(
      "filter", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "filter(function, iterable, /)\n--\n\nReturn an iterator yielding those items of iterable for which function(item)\nis true. If function is None, return the items that are true."
    )
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        if type == Types.filter || address(type!.pointee.tp_init) == address(Types.filter.pointee.tp_init) {
          try rejectKeywords("filter", kwargs)
        }
        try checkCount("filter", args!.size, 2, 2)
        return try FilterType.make(type!, args!.tupleItems[0]!, args!.tupleItems[1]!)
      }
    }
    t.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        try checkConstructor("filter", flags & Int.max, names, 2, 2)
        return try FilterType.make(type!.asType, args![0]!, args![1]!)
      }
    }
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in
      let o = FilterType.object(r!)
      let iterator = o.pointee.iterator.unsafelyUnwrapped
      let function = o.pointee.function.unsafelyUnwrapped
      let plain = function.isNone || function == Types.bool.object
      while let item = iterator.type.pointee.tp_iternext(iterator) {
        let verdict: Int32
        if plain {
          verdict = PyObject_IsTrue(item)
        } else {
          guard let answer = PyObject_CallOneArg(function, item) else {
            decref(item)
            return nil
          }
          verdict = PyObject_IsTrue(answer)
          decref(answer)
        }
        if verdict > 0 { return item }
        decref(item)
        if verdict < 0 { return nil }
      }
      return nil
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(FilterType.object(r!).pointee.function)
      xdecref(FilterType.object(r!).pointee.iterator)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let v = visit(FilterType.object(r!).pointee.function, f, context)
      return v != 0 ? v : visit(FilterType.object(r!).pointee.iterator, f, context)
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let o = FilterType.object(r!)
        return try pair(
          Owned(retaining: r!.type.object),
          pair(Owned(retaining: o.pointee.function!), Owned(retaining: o.pointee.iterator!)))
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
