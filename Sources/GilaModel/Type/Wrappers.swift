import CGila
import GilaCore

/// How `int.__add__(1, 2)` reaches the C slot: each checks the argument tuple and calls the wrapped function.
enum Wrappers {
  @inline(__always) static func function<F>(_ p: UnsafeMutableRawPointer?, _: F.Type) -> F {
    unsafeBitCast(p, to: F.self)
  }
  static func expect(_ args: Ref?, _ n: Int) throws(PyError) {
    guard let args, args.isTuple else { throw systemError("wrapper called with wrong arguments") }
    if args.size != n {
      throw typeError("expected \(n) argument\(n == 1 ? "" : "s"), got \(args.size)")
    }
  }
  @inline(__always) static func argument(_ args: Ref?, _ i: Int) -> Ref { gila_tuple_items(args!)[i].unsafelyUnwrapped }

  static let unary: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 0)
      return try owned(function(f, unaryfunc.self)(o))
    }
  }
  static let binary: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 1)
      return try owned(function(f, binaryfunc.self)(o, argument(args, 0)))
    }
  }
  static let binaryLeft = binary
  static let binaryRight: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 1)
      return try owned(function(f, binaryfunc.self)(argument(args, 0), o))
    }
  }
  static let ternaryLeft: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try checkCount("", args!.size, 1, 2)
      return try owned(function(f, ternaryfunc.self)(o, argument(args, 0), args!.size > 1 ? argument(args, 1) : none))
    }
  }
  static let ternaryRight: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try checkCount("", args!.size, 1, 2)
      return try owned(function(f, ternaryfunc.self)(argument(args, 0), o, args!.size > 1 ? argument(args, 1) : none))
    }
  }
  static let inquiry: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 0)
      return Owned(retaining: pyBool(try check(function(f, CGila.inquiry.self)(o)) != 0))
    }
  }
  static let length: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 0)
      return try owned(PyLong_FromSsize_t(try checkSize(function(f, lenfunc.self)(o))))
    }
  }
  static let hash: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 0)
      let h = function(f, hashfunc.self)(o)
      if h == -1 && errorIsSet { throw PyError() }
      return try owned(PyLong_FromSsize_t(h))
    }
  }
  static let call: wrapperfunc = { o, args, f in nil }  // replaced by the keyword form in WrapperDescriptor
  static let initialize: wrapperfunc = { o, args, f in nil }
  static func callWithKeywords(
    _ o: Ref, _ args: Ref, _ kwargs: Ref?, _ base: UnsafeMutablePointer<wrapperbase>, _ f: UnsafeMutableRawPointer?
  )
    -> Ref?
  {
    if base.pointee.name_strobj == Dunder.`init`.ref {
      return function(f, initproc.self)(o, args, kwargs) < 0 ? nil : newRef(none)
    }
    return function(f, ternaryfunc.self)(o, args, kwargs)
  }
  static let next: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 0)
      if let r = function(f, unaryfunc.self)(o) { return Owned(taking: r) }
      if !errorIsSet { PyErr_SetNone(Exc.StopIteration.object) }
      throw PyError()
    }
  }
  static let setattr: wrapperfunc = { o, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 2)
      try hackcheck(o!, f, "__setattr__")
      try check(function(f, setattrofunc.self)(o, argument(args, 0), argument(args, 1)))
    }
  }
  static let delattr: wrapperfunc = { o, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 1)
      try hackcheck(o!, f, "__delattr__")
      try check(function(f, setattrofunc.self)(o, argument(args, 0), nil))
    }
  }
  /// `object.__setattr__` must not get around the checks of a type defined in C.
  private static func hackcheck(_ o: Ref, _ f: UnsafeMutableRawPointer?, _ what: String) throws(PyError) {
    var t: TypeRef? = o.type
    while let at = t, at.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) { t = at.pointee.tp_base }
    if let at = t, address(at.pointee.tp_setattro) != UInt(bitPattern: f), at.pointee.tp_setattro != nil {
      throw typeError("can't apply this \(what) to \(typeName(of: o)) object")
    }
  }
  private static func compare(_ o: Ref?, _ args: Ref?, _ f: UnsafeMutableRawPointer?, _ op: Int32) -> Ref? {
    bridge { () throws(PyError) in
      try expect(args, 1)
      return try owned(function(f, richcmpfunc.self)(o, argument(args, 0), op))
    }
  }
  static let lt: wrapperfunc = { Wrappers.compare($0, $1, $2, Py_LT) }
  static let le: wrapperfunc = { Wrappers.compare($0, $1, $2, Py_LE) }
  static let eq: wrapperfunc = { Wrappers.compare($0, $1, $2, Py_EQ) }
  static let ne: wrapperfunc = { Wrappers.compare($0, $1, $2, Py_NE) }
  static let gt: wrapperfunc = { Wrappers.compare($0, $1, $2, Py_GT) }
  static let ge: wrapperfunc = { Wrappers.compare($0, $1, $2, Py_GE) }
  static let descrGet: wrapperfunc = { d, args, f in
    bridge { () throws(PyError) in
      try checkCount("", args!.size, 1, 2)
      let o: Ref? = argument(args, 0) == none ? nil : argument(args, 0)
      let t: Ref? = args!.size < 2 || argument(args, 1) == none ? nil : argument(args, 1)
      if o == nil && t == nil { throw typeError("__get__(None, None) is invalid") }
      return try owned(function(f, descrgetfunc.self)(d, o, t))
    }
  }
  static let descrSet: wrapperfunc = { d, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 2)
      try check(function(f, descrsetfunc.self)(d, argument(args, 0), argument(args, 1)))
    }
  }
  static let descrDelete: wrapperfunc = { d, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 1)
      try check(function(f, descrsetfunc.self)(d, argument(args, 0), nil))
    }
  }
  static let del: wrapperfunc = { o, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 0)
      function(f, destructor.self)(o)
    }
  }
  static let setitem: wrapperfunc = { o, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 2)
      try check(function(f, objobjargproc.self)(o, argument(args, 0), argument(args, 1)))
    }
  }
  static let delitem: wrapperfunc = { o, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 1)
      try check(function(f, objobjargproc.self)(o, argument(args, 0), nil))
    }
  }
  static let contains: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 1)
      return Owned(retaining: pyBool(try check(function(f, objobjproc.self)(o, argument(args, 0))) != 0))
    }
  }
  static let repeatIt: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 1)
      return try owned(function(f, ssizeargfunc.self)(o, try sizeArgument(argument(args, 0))))
    }
  }
  private static func index(_ o: Ref, _ r: Ref) throws(PyError) -> Int {
    var i = try sizeArgument(r)
    if i < 0, let length = o.type.pointee.tp_as_sequence?.pointee.sq_length { i += try checkSize(length(o)) }
    return i
  }
  static let item: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 1)
      return try owned(function(f, ssizeargfunc.self)(o, try index(o!, argument(args, 0))))
    }
  }
  static let assignItem: wrapperfunc = { o, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 2)
      try check(function(f, ssizeobjargproc.self)(o, try index(o!, argument(args, 0)), argument(args, 1)))
    }
  }
  static let deleteItem: wrapperfunc = { o, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 1)
      try check(function(f, ssizeobjargproc.self)(o, try index(o!, argument(args, 0)), nil))
    }
  }
  static let buffer: wrapperfunc = { o, args, f in
    bridge { () throws(PyError) in
      try expect(args, 1)
      let flags = try intArgument(argument(args, 0))
      return try BufferSlots.view(of: o!, by: function(f, getbufferproc.self), flags)
    }
  }
  static let releaseBuffer: wrapperfunc = { o, args, f in
    bridgeNone { () throws(PyError) in
      try expect(args, 1)
      let view = argument(args, 0)
      guard view.isInstance(of: Types.memoryView) else { throw typeError("expected a memoryview object") }
      guard let exporter = view.cast(PyMemoryViewObject.self).pointee.view.obj else { return }
      if exporter != o { throw valueError("memoryview's buffer is not this object") }
      if view.cast(PyMemoryViewObject.self).pointee.flags & 1 != 0 {
        throw valueError("memoryview's buffer has already been released")
      }
      let name = try string("release")
      _ = try owned(PyObject_CallMethodNoArgs_(argument(args, 0), name.ref))
    }
  }
  private static func PyObject_CallMethodNoArgs_(_ o: Ref, _ name: Ref) -> Ref? {
    guard let m = PyObject_GetAttr(o, name) else { return nil }
    defer { gila_decref(m) }
    return PyObject_CallNoArgs(m)
  }
}
