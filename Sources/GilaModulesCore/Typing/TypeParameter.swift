import CGila
import GilaCore

/// What TypeVar, ParamSpec and TypeVarTuple share: one layout, values that are computed when first asked for.
enum TypeParameter {
  struct Object {
    var ob_base: PyObject
    var dict: Ref?
    var weaklist: Ref?
    var name: Ref?
    var bound: Ref?
    var evaluateBound: Ref?
    var constraints: Ref?
    var evaluateConstraints: Ref?
    var defaultValue: Ref?
    var evaluateDefault: Ref?
    var covariant: Bool
    var contravariant: Bool
    var inferVariance: Bool
  }
  @inline(__always) static func object(_ p: Ref) -> UnsafeMutablePointer<Object> { p.cast(Object.self) }
  /// Offsets of the fields that own references.
  private static let owning = [16] + Array(stride(from: 32, to: 88, by: 8))

  static func isParameter(_ r: Ref) -> Bool {
    r.isExactly(Types.typeVar) || r.isExactly(Types.paramSpec) || r.isExactly(Types.typeVarTuple)
  }

  /// A new type parameter whose `__module__` is that of the running code.
  static func make(_ t: TypeRef, _ name: Ref) throws(PyError) -> Owned {
    try TypingTypes.ready()
    let p = try owned(PyType_GenericAlloc(t, 0))
    object(p.ref).pointee.name = newRef(name)
    try check(PyObject_SetAttr(p.ref, Dunder.module.ref, callingModule() ?? none))
    return p
  }
  /// `__name__` of the globals of the running Python code (borrowed).
  static func callingModule() -> Ref? {
    guard let globals = PyEval_GetGlobals(), let name = PyDict_GetItemWithError(globals, Dunder.name.ref) else {
      PyErr_Clear()
      return nil
    }
    return name
  }

  static func define(_ t: TypeRef, _ name: StaticString, _ doc: StaticString) {
    t.define(name, basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC), doc: doc)
    t.pointee.tp_dictoffset = 16
    t.pointee.tp_weaklistoffset = 24
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_dealloc = { p in
      PyObject_GC_UnTrack(p!.raw)
      if TypeParameter.object(p!).pointee.weaklist != nil { PyObject_ClearWeakRefs(p) }
      for offset in TypeParameter.owning { GilaCore.clear((p!.raw + offset).assumingMemoryBound(to: Ref?.self)) }
      PyObject_GC_Del(p!.raw)
    }
    t.pointee.tp_traverse = { p, f, context in
      for offset in TypeParameter.owning {
        let r = visit((p!.raw + offset).load(as: Ref?.self), f, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_clear = { p in
      for offset in TypeParameter.owning where offset != 32 {
        GilaCore.clear((p!.raw + offset).assumingMemoryBound(to: Ref?.self))
      }
      return 0
    }
  }
  static func nameMember(_ m: inout MemberTable, variance: Bool) {
    m.add("__name__", _Py_T_OBJECT, offset: 32)
    guard variance else { return }
    m.add("__covariant__", Py_T_BOOL, offset: MemoryLayout<Object>.offset(of: \.covariant)!)
    m.add("__contravariant__", Py_T_BOOL, offset: MemoryLayout<Object>.offset(of: \.contravariant)!)
    m.add("__infer_variance__", Py_T_BOOL, offset: MemoryLayout<Object>.offset(of: \.inferVariance)!)
  }
  /// The repr of parameters that have a variance.
  static func markedName(_ p: Ref?) -> Ref? {
    let x = object(p!)
    if x.pointee.inferVariance { return xnewRef(x.pointee.name) }
    let mark = x.pointee.covariant ? "+" : x.pointee.contravariant ? "-" : "~"
    return newString(mark + swiftString(x.pointee.name!))
  }

  /// A field that is computed by calling `evaluate` the first time it is wanted.
  static func lazily(
    _ value: UnsafeMutablePointer<Ref?>, _ evaluate: Ref?, otherwise: Ref
  ) throws(PyError) -> Owned {
    if let v = value.pointee { return Owned(retaining: v) }
    guard let evaluate else { return Owned(retaining: otherwise) }
    let made = try owned(PyObject_CallNoArgs(evaluate))
    replace(value, with: newRef(made.ref))
    return made
  }
  static func defaultValue(_ p: Ref) throws(PyError) -> Owned {
    let x = object(p)
    return try lazily(&x.pointee.defaultValue, x.pointee.evaluateDefault, otherwise: NoDefault.value)
  }
  static func addDefault(_ g: inout GetSetTable) {
    g.add(
      "__default__", "The default value of this type parameter.",
      get: { p, _ in bridge { () throws(PyError) in try TypeParameter.defaultValue(p!) } })
  }
  /// `has_default`, pickling by name, and the refusal to be a base class.
  static func addMethods(_ m: inout MethodTable, _ refuse: @convention(c) (Ref?, Ref?) -> Ref?) {
    m.noArguments("has_default", "($self, /)", "") { p, _ in
      let x = TypeParameter.object(p!)
      return pyBool(
        x.pointee.evaluateDefault != nil || (x.pointee.defaultValue != nil && x.pointee.defaultValue != NoDefault.value)
      )
    }
    m.noArguments("__reduce__", "($self, /)", "") { p, _ in xnewRef(TypeParameter.object(p!).pointee.name) }
    m.one("__mro_entries__", "($self, object, /)", "", refuse)
  }
}

/// Functions of the module `typing` that the native types call.
enum TypingCall {
  static func call(_ name: StaticString, _ args: Ref...) throws(PyError) -> Owned {
    let module = try owned(PyImport_ImportModule("typing"))
    let f = try owned(PyObject_GetAttrString(module.ref, cString(name)))
    let t = try owned(PyTuple_New(args.count))
    for (i, a) in args.enumerated() { gila_tuple_items(t.ref)[i] = newRef(a) }
    return try owned(PyObject_Call(f.ref, t.ref, nil))
  }
  /// A type argument, checked; None stands for its type.
  static func check(_ r: Ref, _ message: StaticString) throws(PyError) -> Owned {
    if r == none { return Owned(retaining: Types.none.object) }
    let text = try owned(PyUnicode_FromString(cString(message)))
    return try call("_type_check", r, text.ref)
  }
  static func unpack(_ r: Ref) throws(PyError) -> Owned {
    let module = try owned(PyImport_ImportModule("typing"))
    let unpack = try owned(PyObject_GetAttrString(module.ref, "Unpack"))
    return try owned(PyObject_GetItem(unpack.ref, r))
  }
  /// An iterator over the one item `Unpack[r]`: what `*Ts` in a subscript gives.
  static func iterate(_ r: Ref) throws(PyError) -> Owned {
    let item = try unpack(r)
    let t = try tuple(item.ref)
    return try owned(PyObject_GetIter(t.ref))
  }
  static let union: binaryfunc = { a, b in
    bridge { () throws(PyError) in try TypingCall.call("_make_union", a!, b!) }
  }
}

/// `typing.NoDefault`, the value of a parameter's default when there is none.
enum NoDefault {
  nonisolated(unsafe) static let value: Ref = {
    let r = Ref.allocate(capacity: 1)
    r.initialize(to: PyObject())
    gila_set_immortal(r)
    r.pointee.ob_type = Types.noDefault
    return r
  }()
  static func install() {
    let t = Types.noDefault
    t.define("NoDefaultType", basicSize: 16, doc: "The type of the NoDefault singleton.")
    t.pointee.tp_repr = { _ in PyUnicode_FromString("typing.NoDefault") }
    t.pointee.tp_dealloc = { _ in }
    t.pointee.tp_new = { _, args, kwargs in
      if args!.size > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 {
        _ = typeError("NoDefaultType takes no arguments")
        return nil
      }
      return NoDefault.value
    }
    var m = MethodTable()
    m.noArguments("__reduce__") { _, _ in PyUnicode_FromString("NoDefault") }
    t.pointee.tp_methods = m.build()
  }
}

/// The types of this folder, made ready on first use: type parameters may be wanted before `_typing` is imported.
enum TypingTypes {
  private static let status: Int32 = {
    NoDefault.install()
    TypeVariable.install()
    ParameterSpec.install()
    TypeVariableTuple.install()
    TypeAlias.install()
    for t in [
      Types.noDefault, Types.typeVar, Types.paramSpec, Types.paramSpecArgs, Types.paramSpecKwargs, Types.typeVarTuple,
      Types.typeAlias,
    ] where PyType_Ready(t) < 0 { return -1 }
    return 0
  }()
  static func ready() throws(PyError) { if status < 0 { throw systemError("types of typing are not ready") } }
}
