// The module _symtable: the compiler's symbol tables as objects.

import CGila
import GilaCompiler
import GilaCore
import GilaModulesRuntime
import GilaSyntax

enum SymbolTableModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_symtable", doc: "The symbol tables of the compiler, for the module symtable.", methods: methods(),
    exec: { m in bridgeStatus { () throws(PyError) in try SymbolTableModule.fill(m!) } })

  private static func fill(_ module: Ref) throws(PyError) {
    try check(PyType_Ready(SymbolTableEntry.type))
    let constants: [(StaticString, Int)] = [
      ("USE", SymbolFlags.use), ("DEF_GLOBAL", SymbolFlags.global), ("DEF_NONLOCAL", SymbolFlags.nonlocal),
      ("DEF_LOCAL", SymbolFlags.local), ("DEF_PARAM", SymbolFlags.param), ("DEF_FREE", SymbolFlags.free),
      ("DEF_FREE_CLASS", SymbolFlags.freeClass), ("DEF_IMPORT", SymbolFlags.imported),
      ("DEF_BOUND", SymbolFlags.bound), ("DEF_ANNOT", SymbolFlags.annotated),
      ("SCOPE_OFF", SymbolFlags.scopeShift), ("SCOPE_MASK", SymbolFlags.scopeMask),
      ("LOCAL", NameScope.local.rawValue), ("GLOBAL_EXPLICIT", NameScope.globalExplicit.rawValue),
      ("GLOBAL_IMPLICIT", NameScope.globalImplicit.rawValue), ("FREE", NameScope.free.rawValue),
      ("CELL", NameScope.cell.rawValue), ("TYPE_FUNCTION", Scope.Kind.function.rawValue),
      ("TYPE_CLASS", Scope.Kind.class.rawValue), ("TYPE_MODULE", Scope.Kind.module.rawValue),
      ("TYPE_ANNOTATION", Scope.Kind.annotation.rawValue), ("TYPE_TYPE_ALIAS", Scope.Kind.typeAlias.rawValue),
      ("TYPE_TYPE_PARAMETERS", Scope.Kind.typeParameters.rawValue),
      ("TYPE_TYPE_VARIABLE", Scope.Kind.typeVariable.rawValue),
    ]
    for (name, value) in constants { try check(PyModule_AddIntConstant(module, cString(name), value)) }
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "symtable", "($module, source, filename, startstr, /)",
      "Return symbol and scope dictionaries used internally by compiler."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("symtable", n, 3, 3)
        var fileName: Ref? = nil
        if PyUnicode_FSDecoder(args![1], &fileName) == 0 { throw PyError() }
        let held = Owned(taking: fileName!)
        guard let start = args![2], start.isUnicode else { throw typeError("symtable() argument 3 must be str") }
        return try SymbolTableModule.table(args![0]!, held.ref, swiftString(start))
      }
    }
    return m.build()
  }

  private static func table(_ source: Ref, _ fileName: Ref, _ start: String) throws(PyError) -> Owned {
    var options = ParseOptions()
    switch start {
    case "exec": options.mode = .module
    case "eval": options.mode = .expression
    case "single": options.mode = .interactive
    default: throw valueError("symtable() arg 3 must be 'exec' or 'eval' or 'single'")
    }
    let text = try SourceArgument.bytes(source, "symtable", "string or bytes")
    if text.isUnicode { options.flags.insert([.sourceIsUTF8, .ignoreCookie]) }
    let built = try Compiling.symbols(text.bytes, fileName, options)
    return try SymbolTableEntry.make(built.top, built.names)
  }
}

/// What `symtable()` gives: a scope with its names and the scopes inside it.
enum SymbolTableEntry {
  private struct Object {
    var ob_base: PyObject
    var id: Ref?
    var name: Ref?
    var symbols: Ref?
    var varnames: Ref?
    var children: Ref?
    var nested: Int32
    var type: Int32
    var line: Int32
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "symtable entry", basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_DEFAULT) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_dealloc = { r in
      let o = r!.cast(Object.self)
      for part in [o.pointee.id, o.pointee.name, o.pointee.symbols, o.pointee.varnames, o.pointee.children] {
        xdecref(part)
      }
      PyObject_Free(r!.raw)
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let o = r!.cast(Object.self)
        return try string(
          "<symtable entry \(swiftString(o.pointee.name!))(\(try reprText(o.pointee.id!))), line \(o.pointee.line)>")
      }
    }
    var m = MemberTable()
    m.add("id", _Py_T_OBJECT, offset: 16)
    m.add("name", _Py_T_OBJECT, offset: 24)
    m.add("symbols", _Py_T_OBJECT, offset: 32)
    m.add("varnames", _Py_T_OBJECT, offset: 40)
    m.add("children", _Py_T_OBJECT, offset: 48)
    m.add("nested", Py_T_INT, offset: 56)
    m.add("type", Py_T_INT, offset: 60)
    m.add("lineno", Py_T_INT, offset: 64)
    t.pointee.tp_members = m.build()
    return t
  }()

  static func make(_ scope: Scope, _ names: NameTable) throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    let o = r.ref.cast(Object.self)
    o.pointee.id = try owned(PyLong_FromSize_t(Int(bitPattern: Unmanaged.passUnretained(scope).toOpaque()))).take()
    o.pointee.name = try string(names.string(scope.name)).take()
    let symbols = try owned(PyDict_New())
    for (name, flags) in zip(scope.symbols.keys, scope.symbols.values) {
      let key = try string(names.string(name)), value = try owned(PyLong_FromLong(flags))
      try check(PyDict_SetItem(symbols.ref, key.ref, value.ref))
    }
    o.pointee.symbols = symbols.take()
    let parameters = try owned(PyList_New(0))
    for name in scope.parameters {
      let text = try string(names.string(name))
      try check(PyList_Append(parameters.ref, text.ref))
    }
    o.pointee.varnames = parameters.take()
    let children = try owned(PyList_New(0))
    for child in scope.children {
      let made = try make(child, names)
      try check(PyList_Append(children.ref, made.ref))
    }
    o.pointee.children = children.take()
    o.pointee.nested = scope.isNested ? 1 : 0
    o.pointee.type = Int32(scope.kind.rawValue)
    o.pointee.line = Int32(truncatingIfNeeded: scope.range.line)
    return r
  }
}
