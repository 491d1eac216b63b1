import CGila
import GilaCore

/// `contextvars.Context`: the values of context variables.
///
/// The values are a persistent map, so a copy of a context costs nothing, however many variables have values, and a
/// change after it a few small nodes.
enum Context {
  struct Object {
    var ob_base: PyObject
    var previous: Ref?
    /// The root of the map (nil: no variable has a value).
    var root: Ref?
    var weaklist: Ref?
    var count: Int
    var entered: Int32
  }
  @inline(__always) static func object(_ c: Ref) -> UnsafeMutablePointer<Object> { c.cast(Object.self) }

  /// A new context with the values of another.
  static func make(_ from: Ref?) throws(PyError) -> Owned {
    try ContextTypes.ready()
    let c = try owned(PyType_GenericAlloc(Types.context, 0))
    if let from {
      object(c.ref).pointee.root = xnewRef(object(from).pointee.root)
      object(c.ref).pointee.count = object(from).pointee.count
    }
    return c
  }
  /// The running thread's context (borrowed), made on first use.
  static func current() throws(PyError) -> Ref {
    let ts = currentThread
    if let c = ts.pointee.context { return c }
    let c = try make(nil)
    let made = c.take()
    ts.pointee.context = made
    return made
  }
  /// The value of a variable (borrowed), or nil.
  @inline(__always) static func find(_ c: Ref, _ variable: Ref) throws(PyError) -> Ref? {
    try MapOperations.find(object(c).pointee.root, ContextVariable.hash(variable), variable)
  }
  static func set(_ c: Ref, _ variable: Ref, _ value: Ref) throws(PyError) {
    let x = object(c)
    let hash = ContextVariable.hash(variable)
    // Where nobody else can see the nodes they need not be made anew.
    if MapOperations.store(x.pointee.root, hash, variable, value) { return }
    var added = false
    let root = try MapOperations.setting(x.pointee.root, hash, variable, value, &added)
    if added { x.pointee.count &+= 1 }
    replaceRoot(x, root.take())
  }
  static func remove(_ c: Ref, _ variable: Ref) throws(PyError) {
    let x = object(c)
    let root = try MapOperations.removing(x.pointee.root, ContextVariable.hash(variable), variable)?.take()
    if root == x.pointee.root {
      xdecref(root)
      throw keyError(variable)
    }
    x.pointee.count &-= 1
    replaceRoot(x, root)
  }
  @inline(__always) private static func replaceRoot(_ x: UnsafeMutablePointer<Object>, _ root: Ref?) {
    let old = x.pointee.root
    x.pointee.root = root
    xdecref(old)
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
      xdecref(x.pointee.root)
      PyObject_GC_Del(c!.raw)
    }
    t.pointee.tp_traverse = { c, f, k in
      let r = visit(Context.object(c!).pointee.previous, f, k)
      return r != 0 ? r : visit(Context.object(c!).pointee.root, f, k)
    }
    t.pointee.tp_clear = { c in
      let x = Context.object(c!)
      GilaCore.clear(&x.pointee.previous)
      x.pointee.count = 0
      GilaCore.clear(&x.pointee.root)
      return 0
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, a!.isExactly(Types.context), b!.isExactly(Types.context) else {
        return newRef(notImplemented)
      }
      return bridge { () throws(PyError) in
        let (x, y) = (Context.object(a!), Context.object(b!))
        var same = x.pointee.count == y.pointee.count
        if same { same = try MapOperations.equal(x.pointee.root, y.pointee.root) }
        return Owned(retaining: pyBool(same == (op == Py_EQ)))
      }
    }
    t.pointee.tp_iter = { c in Context.iterate(c!, .keys) }
    t.sequence.pointee.sq_contains = { c, key in
      bridgeInt { () throws(PyError) in
        try Context.requireVariable(key!)
        return try Context.find(c!, key!) == nil ? 0 : 1
      }
    }
    t.mapping.pointee.mp_length = { Context.object($0!).pointee.count }
    t.mapping.pointee.mp_subscript = { c, key in
      bridge { () throws(PyError) in
        try Context.requireVariable(key!)
        if let v = try Context.find(c!, key!) { return Owned(retaining: v) }
        throw keyError(key!)
      }
    }
    t.pointee.tp_methods = methods()
  }
  private static func requireVariable(_ key: Ref) throws(PyError) {
    guard key.isExactly(Types.contextVar) else {
      throw typeError("a ContextVar key was expected, got \(try reprText(key))")
    }
  }
  private static func iterate(_ c: Ref, _ kind: MapIterator.Kind) -> Ref? {
    bridge { () throws(PyError) in
      try MapIterator.make(kind, object(c).pointee.root, object(c).pointee.count)
    }
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments(
      "copy", "($self, /)", "Return a shallow copy of the context object."
    ) { c, _ in bridge { () throws(PyError) in try Context.make(c) } }
    m.positional(
      "get", "($self, key, default=None, /)",
      "Return the value for `key` if `key` has the value in the context object.\n\nIf `key` does not exist, return `default`. If `default` is not given,\nreturn None."
    ) { c, args, n in
      bridge { () throws(PyError) in
        try checkCount("get", n, 1, 2)
        try Context.requireVariable(args![0]!)
        if let v = try Context.find(c!, args![0]!) { return Owned(retaining: v) }
        return Owned(retaining: n > 1 ? args![1]! : none)
      }
    }
    m.noArguments("keys", "($self, /)", "Return a list of all variables in the context object.") { c, _ in
      Context.iterate(c!, .keys)
    }
    m.noArguments("values", "($self, /)", "Return a list of all variables' values in the context object.") { c, _ in
      Context.iterate(c!, .values)
    }
    m.noArguments(
      "items", "($self, /)",
      "Return all variables and their values in the context object.\n\nThe result is returned as a list of 2-tuples (variable, value)."
    ) { c, _ in Context.iterate(c!, .items) }
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
    return try Context.make(c)
  }
}
@c @implementation public func PyContext_CopyCurrent() -> Ref? {
  bridge { () throws(PyError) in try Context.make(try Context.current()) }
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
