import CGila
import GilaCore

/// `contextvars.ContextVar` and `Token` (words: 0 context, 1 variable, 2 old value, 3 used).
enum ContextVariable {
  /// A variable remembers the value that it had last, and in which state of which thread: as long as the thread neither
  /// enters nor leaves a context and nobody sets the variable, that is its value still. The reference is the context's.
  struct Object {
    var ob_base: PyObject
    var name: Ref?
    var fallback: Ref?
    var hash: Int
    var known: Ref?
    var thread: UInt64
    var version: UInt64
  }
  @inline(__always) static func object(_ v: Ref) -> UnsafeMutablePointer<Object> { v.cast(Object.self) }
  private static let signature = Signature("ContextVar", "(name, /, *, default=None)")

  static func make(_ name: Ref, _ value: Ref?) throws(PyError) -> Owned {
    try ContextTypes.ready()
    guard name.isUnicode else { throw typeError("context variable name must be a str") }
    let nameHash = PyObject_Hash(name)
    if nameHash == -1 { throw PyError() }
    let v = try owned(PyType_GenericAlloc(Types.contextVar, 0))
    let x = object(v.ref)
    x.pointee.name = newRef(name)
    x.pointee.fallback = xnewRef(value)
    // Addresses alone differ too little where maps look first.
    let hash = Py_HashPointer(v.ref.raw) ^ nameHash
    x.pointee.hash = hash == -1 ? -2 : hash
    return v
  }
  /// The hash of a variable as maps use it.
  @inline(__always) static func hash(_ v: Ref) -> UInt32 { MapOperations.fold(object(v).pointee.hash) }

  /// The value (owned): the context's, else `fallback`, else the variable's default, else nil.
  @inline(__always) static func get(_ v: Ref, _ fallback: Ref?) throws(PyError) -> Owned? {
    let x = object(v)
    let ts = currentThread
    if let known = x.pointee.known, x.pointee.thread == ts.pointee.id, x.pointee.version == ts.pointee.context_ver {
      return Owned(retaining: known)
    }
    return try lookUp(v, fallback)
  }
  @inline(never) private static func lookUp(_ v: Ref, _ fallback: Ref?) throws(PyError) -> Owned? {
    if let c = currentThread.pointee.context, let value = try Context.find(c, v) {
      remember(v, value)
      return Owned(retaining: value)
    }
    if let fallback { return Owned(retaining: fallback) }
    if let value = object(v).pointee.fallback { return Owned(retaining: value) }
    return nil
  }
  @inline(__always) private static func remember(_ v: Ref, _ value: Ref) {
    let (x, ts) = (object(v), currentThread)
    x.pointee.known = value
    x.pointee.thread = ts.pointee.id
    x.pointee.version = ts.pointee.context_ver
  }
  static func set(_ v: Ref, _ value: Ref) throws(PyError) -> Owned {
    let context = try Context.current()
    let old = xnewRef(try Context.find(context, v))
    let token: Owned
    do throws(PyError) { token = try owned(PyType_GenericAlloc(Types.contextToken, 0)) } catch {
      xdecref(old)
      throw error
    }
    token.ref.field(0).pointee = newRef(context)
    token.ref.field(1).pointee = newRef(v)
    token.ref.field(2).pointee = old
    // The token has the old value, so nothing ends here that could run code.
    try Context.set(context, v, value)
    remember(v, value)
    return token
  }
  static func reset(_ v: Ref, _ token: Ref) throws(PyError) {
    guard token.isExactly(Types.contextToken) else {
      throw typeError("expected an instance of Token, got \(try reprText(token))")
    }
    if token.field(3).pointee != nil { throw runtimeError("\(try reprText(token)) has already been used once") }
    if token.field(1).pointee != v {
      throw valueError("\(try reprText(token)) was created by a different ContextVar")
    }
    if token.field(0).pointee != (try Context.current()) {
      throw valueError("\(try reprText(token)) was created in a different Context")
    }
    token.field(3).pointee = pyTrue
    object(v).pointee.known = nil
    let context = try Context.current()
    if let old = token.field(2).pointee {
      try Context.set(context, v, old)
    } else {
      try Context.remove(context, v)
    }
  }

  static func install() {
    let t = Types.contextVar
    t.define("_contextvars.ContextVar", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC))
    shared(t, 2)
    t.pointee.tp_hash = { ContextVariable.object($0!).pointee.hash }
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        let b = try ContextVariable.signature.bind(tuple: args, dict: kwargs)
        return try ContextVariable.make(b[0]!, b[1])
      }
    }
    t.pointee.tp_repr = { v in
      bridge { () throws(PyError) in
        let fallback = try v!.field(1).pointee.map { r throws(PyError) in " default=\(try reprText(r))" } ?? ""
        let name = try reprText(v!.field(0).pointee!)
        return try string("<ContextVar name=\(name)\(fallback) at 0x\(String(UInt(bitPattern: v!), radix: 16))>")
      }
    }
    var members = MemberTable()
    members.add("name", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = members.build()
    var m = MethodTable()
    m.positional(
      "get", "",
      "get($self, default=<unrepresentable>, /)\n--\n\nReturn a value for the context variable for the current context.\n\nIf there is no value for the variable in the current context, the method will:\n * return the value of the default argument of the method, if provided; or\n * return the default value for the context variable, if it was created\n   with one; or\n * raise a LookupError."
    ) { v, args, n in
      bridge { () throws(PyError) in
        try checkCount("get", n, 0, 1)
        if let value = try ContextVariable.get(v!, n > 0 ? args![0] : nil) { return value }
        PyErr_SetObject(Exc.LookupError.object, v)
        throw PyError()
      }
    }
    m.one(
      "set", "($self, value, /)",
      "Call to set a new value for the context variable in the current context.\n\nThe required *value* argument is the new value for the context variable.\n\nReturns a Token object that can be used to restore the variable to its previous\nvalue via the `ContextVar.reset()` method."
    ) { v, value in bridge { () throws(PyError) in try ContextVariable.set(v!, value!) } }
    m.one(
      "reset", "($self, token, /)",
      "Reset the context variable.\n\nThe variable is reset to the value it had before the `ContextVar.set()` that\ncreated the token was used."
    ) { v, token in bridgeNone { () throws(PyError) in try ContextVariable.reset(v!, token!) } }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    t.pointee.tp_methods = m.build()
    token()
  }
  private static func shared(_ t: TypeRef, _ words: Int) {
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      for i in 0..<(r!.isExactly(Types.contextVar) ? 2 : 3) { xdecref(r!.field(i).pointee) }
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, k in
      for i in 0..<(r!.isExactly(Types.contextVar) ? 2 : 3) {
        let s = visit(r!.field(i).pointee, f, k)
        if s != 0 { return s }
      }
      return 0
    }
  }

  private static func token() {
    let t = Types.contextToken
    t.define("_contextvars.Token", basicSize: 48, flags: UInt(Py_TPFLAGS_HAVE_GC))
    shared(t, 3)
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_new = { _, _, _ in
      _ = runtimeError("Tokens can only be created by ContextVars")
      return nil
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let used = r!.field(3).pointee == nil ? "" : " used"
        let variable = try reprText(r!.field(1).pointee!)
        return try string("<Token\(used) var=\(variable) at 0x\(String(UInt(bitPattern: r!), radix: 16))>")
      }
    }
    var g = GetSetTable()
    g.add("var", get: { r, _ in newRef(r!.field(1).pointee ?? none) })
    g.add("old_value", get: { r, _ in newRef(r!.field(2).pointee ?? ContextTypes.missing) })
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    t.pointee.tp_methods = m.build()
  }
}

/// The types of this folder, made ready on first use.
enum ContextTypes {
  nonisolated(unsafe) static let missing: Ref = {
    let r = Ref.allocate(capacity: 1)
    r.initialize(to: PyObject())
    gila_set_immortal(r)
    r.pointee.ob_type = Types.tokenMissing
    return r
  }()
  private static let status: Int32 = {
    let t = Types.tokenMissing
    t.define("Token.MISSING", basicSize: 16, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_repr = { _ in PyUnicode_FromString("<Token.MISSING>") }
    t.pointee.tp_dealloc = { _ in }
    if MapNode.install() < 0 || MapIterator.install() < 0 || PersistentMap.install() < 0 { return -1 }
    Context.install()
    ContextVariable.install()
    for t in [Types.tokenMissing, Types.context, Types.contextVar, Types.contextToken] where PyType_Ready(t) < 0 {
      return -1
    }
    return PyDict_SetItemString(Types.contextToken.pointee.tp_dict, "MISSING", missing)
  }()
  static func ready() throws(PyError) { if status < 0 { throw systemError("types of contextvars are not ready") } }
}

@c @implementation public func PyContextVar_New(_ name: UnsafePointer<CChar>!, _ value: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let text = try owned(PyUnicode_FromString(name))
    return try ContextVariable.make(text.ref, value)
  }
}
private func require(_ v: Ref?) throws(PyError) -> Ref {
  guard let v, v.isExactly(Types.contextVar) else { throw typeError("an instance of ContextVar was expected") }
  return v
}
@c @implementation public func PyContextVar_Get(_ v: Ref!, _ fallback: Ref!, _ out: UnsafeMutablePointer<Ref?>!)
  -> Int32
{
  out.pointee = nil
  return bridgeStatus { () throws(PyError) in
    if let value = try ContextVariable.get(try require(v), fallback) { out.pointee = value.take() }
  }
}
@c @implementation public func PyContextVar_Set(_ v: Ref!, _ value: Ref!) -> Ref? {
  bridge { () throws(PyError) in try ContextVariable.set(try require(v), value!) }
}
@c @implementation public func PyContextVar_Reset(_ v: Ref!, _ token: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in try ContextVariable.reset(try require(v), token!) }
}
