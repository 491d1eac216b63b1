import CGila
import GilaCore

/// `contextvars.Context`: the values of context variables.
///
/// The values are a dict that copies share: whoever changes a dict that others hold too takes a copy first. So a copy
/// costs nothing, and a change after it costs one pass over the (few) variables.
enum Context {
  struct Object {
    var ob_base: PyObject
    var previous: Ref?
    var values: Ref?
    var weaklist: Ref?
    var entered: Int32
  }
  @inline(__always) static func object(_ c: Ref) -> UnsafeMutablePointer<Object> { c.cast(Object.self) }
  @inline(__always) static func values(_ c: Ref) -> Ref { object(c).pointee.values! }

  static func make(_ values: Ref?) throws(PyError) -> Owned {
    try ContextTypes.ready()
    let c = try owned(PyType_GenericAlloc(Types.context, 0))
    let own = try owned(values.map { newRef($0) } ?? PyDict_New())
    object(c.ref).pointee.values = own.take()
    return c
  }
  /// The running thread's context (borrowed), made on first use.
  static func current() throws(PyError) -> Ref {
    let ts = currentThread
    if let c = ts.pointee.context { return c }
    let c = try make(nil)
    ts.pointee.context = c.take()
    return ts.pointee.context!
  }
  /// The values, not shared with another context.
  private static func ownValues(_ c: Ref) throws(PyError) -> Ref {
    let x = object(c)
    if x.pointee.values!.refCount > 1 {
      let copy = try owned(PyDict_Copy(x.pointee.values))
      replace(&x.pointee.values, with: copy.take())
    }
    return x.pointee.values!
  }
  static func set(_ variable: Ref, _ value: Ref) throws(PyError) {
    let d = try ownValues(try current())
    try check(PyDict_SetItem(d, variable, value))
    currentThread.pointee.context_ver &+= 1
  }
  static func remove(_ variable: Ref) throws(PyError) {
    let d = try ownValues(try current())
    try check(PyDict_DelItem(d, variable))
    currentThread.pointee.context_ver &+= 1
  }

  static func enter(_ c: Ref) throws(PyError) {
    let x = object(c)
    if x.pointee.entered != 0 { throw runtimeError("cannot enter context: \(try reprText(c)) is already entered") }
    let ts = currentThread
    x.pointee.previous = ts.pointee.context
    x.pointee.entered = 1
    ts.pointee.context = newRef(c)
    ts.pointee.context_ver &+= 1
  }
  static func exit(_ c: Ref) throws(PyError) {
    let x = object(c)
    if x.pointee.entered == 0 {
      throw runtimeError("cannot exit context: \(try reprText(c)) has not been entered")
    }
    let ts = currentThread
    guard ts.pointee.context == c else {
      throw runtimeError("cannot exit context: thread state references a different context object")
    }
    ts.pointee.context = x.pointee.previous
    x.pointee.previous = nil
    x.pointee.entered = 0
    ts.pointee.context_ver &+= 1
    gila_decref(c)
  }

  // MARK: The type

  static func install() {
    let t = Types.context
    t.define("_contextvars.Context", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_weaklistoffset = 32
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        if args!.size > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 {
          throw typeError("Context() does not accept any arguments")
        }
        return try Context.make(nil)
      }
    }
    t.pointee.tp_dealloc = { c in
      PyObject_GC_UnTrack(c!.raw)
      let x = Context.object(c!)
      if x.pointee.weaklist != nil { PyObject_ClearWeakRefs(c) }
      xdecref(x.pointee.previous)
      xdecref(x.pointee.values)
      PyObject_GC_Del(c!.raw)
    }
    t.pointee.tp_traverse = { c, f, k in
      let r = visit(Context.object(c!).pointee.previous, f, k)
      return r != 0 ? r : visit(Context.object(c!).pointee.values, f, k)
    }
    t.pointee.tp_clear = { c in
      GilaCore.clear(&Context.object(c!).pointee.previous)
      if let empty = PyDict_New() { replace(&Context.object(c!).pointee.values, with: empty) }
      return 0
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, a!.isExactly(Types.context), b!.isExactly(Types.context) else {
        return newRef(notImplemented)
      }
      return PyObject_RichCompare(Context.values(a!), Context.values(b!), op)
    }
    t.pointee.tp_iter = { c in Context.iterate(c!) { PyDict_Keys($0) } }
    t.sequence.pointee.sq_contains = { c, key in
      bridgeInt { () throws(PyError) in
        try Context.requireVariable(key!)
        return try check(PyDict_Contains(Context.values(c!), key))
      }
    }
    t.mapping.pointee.mp_length = { PyDict_Size(Context.values($0!)) }
    t.mapping.pointee.mp_subscript = { c, key in
      bridge { () throws(PyError) in
        try Context.requireVariable(key!)
        if let v = PyDict_GetItemWithError(Context.values(c!), key) { return Owned(retaining: v) }
        if !errorIsSet { PyErr_SetObject(Exc.KeyError.object, key) }
        throw PyError()
      }
    }
    t.pointee.tp_methods = methods()
  }
  private static func requireVariable(_ key: Ref) throws(PyError) {
    guard key.isExactly(Types.contextVar) else {
      throw typeError("a ContextVar key was expected, got \(try reprText(key))")
    }
  }
  private static func iterate(_ c: Ref, _ list: (Ref) -> Ref?) -> Ref? {
    bridge { () throws(PyError) in
      let items = try owned(list(values(c)))
      return try owned(PyObject_GetIter(items.ref))
    }
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments(
      "copy", "($self, /)", "Return a shallow copy of the context object."
    ) { c, _ in bridge { () throws(PyError) in try Context.make(Context.values(c!)) } }
    m.positional(
      "get", "($self, key, default=None, /)",
      "Return the value for `key` if `key` has the value in the context object.\n\nIf `key` does not exist, return `default`. If `default` is not given,\nreturn None."
    ) { c, args, n in
      bridge { () throws(PyError) in
        try checkCount("get", n, 1, 2)
        try Context.requireVariable(args![0]!)
        if let v = PyDict_GetItemWithError(Context.values(c!), args![0]) { return Owned(retaining: v) }
        if errorIsSet { throw PyError() }
        return Owned(retaining: n > 1 ? args![1]! : none)
      }
    }
    m.noArguments("keys", "($self, /)", "Return a list of all variables in the context object.") { c, _ in
      Context.iterate(c!) { PyDict_Keys($0) }
    }
    m.noArguments("values", "($self, /)", "Return a list of all variables' values in the context object.") { c, _ in
      Context.iterate(c!) { PyDict_Values($0) }
    }
    m.noArguments(
      "items", "($self, /)",
      "Return all variables and their values in the context object.\n\nThe result is returned as a list of 2-tuples (variable, value)."
    ) { c, _ in Context.iterate(c!) { PyDict_Items($0) } }
    m.keywords("run", "", "") { c, args, n, names in
      bridge { () throws(PyError) in
        if n < 1 { throw typeError("run() missing 1 required positional argument") }
        try Context.enter(c!)
        let result = PyObject_Vectorcall(args![0], args! + 1, n - 1, names)
        do throws(PyError) { try Context.exit(c!) } catch {
          xdecref(result)
          throw error
        }
        return try owned(result)
      }
    }
    return m.build()
  }
}

@c @implementation public func PyContext_New() -> Ref? { bridge { () throws(PyError) in try Context.make(nil) } }
@c @implementation public func PyContext_Copy(_ c: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let c, c.isExactly(Types.context) else { throw typeError("an instance of Context was expected") }
    return try Context.make(Context.values(c))
  }
}
@c @implementation public func PyContext_CopyCurrent() -> Ref? {
  bridge { () throws(PyError) in try Context.make(Context.values(try Context.current())) }
}
@c @implementation public func PyContext_Enter(_ c: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let c, c.isExactly(Types.context) else { throw typeError("an instance of Context was expected") }
    try Context.enter(c)
  }
}
@c @implementation public func PyContext_Exit(_ c: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let c, c.isExactly(Types.context) else { throw typeError("an instance of Context was expected") }
    try Context.exit(c)
  }
}
