// Builtin functions that compile, run and import code.

import CGila
import GilaCore
import GilaModulesRuntime
import GilaSyntax

enum CodeFunctions {
  private static let importSignature = Signature(
    "__import__", "(name, globals=None, locals=None, fromlist=(), level=0)")
  private static let evalSignature = Signature("eval", "(source, /, globals=None, locals=None)")
  private static let execSignature = Signature("exec", "(source, /, globals=None, locals=None, *, closure=None)")
  private static let compileSignature = Signature(
    "compile", "(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)")

  static func add(_ m: inout MethodTable) {
    m.noArguments("globals", "($module, /)", "Returns the dict of the current module's names.") { _, _ in
      bridge { () throws(PyError) in try CurrentFrame.globals() }
    }
    m.noArguments("locals", "($module, /)", "Returns the names of the current scope.") { _, _ in
      bridge { () throws(PyError) in try CurrentFrame.locals() }
    }
    m.keywords(
      "__import__", "($module, /, name, globals=None, locals=None, fromlist=(),\n           level=0)",
      "What the import statement calls; importlib.import_module() is for programs."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try CodeFunctions.importSignature.bind(args, n, names)
        let level = b[4] == nil ? 0 : try intArgument(b[4]!)
        return try owned(PyImport_ImportModuleLevelObject(b[0], b[1], b[2], b[3], level))
      }
    }
    m.keywords(
      "eval", "($module, source, /, globals=None, locals=None)", "Returns the value of an expression or code object."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try CodeFunctions.evalSignature.bind(args, n, names)
        return try CodeFunctions.evaluate(b[0]!, b[1], b[2])
      }
    }
    m.keywords(
      "exec", "($module, source, /, globals=None, locals=None, *, closure=None)", "Runs statements or a code object."
    ) { _, args, n, names in
      bridgeNone { () throws(PyError) in
        let b = try CodeFunctions.execSignature.bind(args, n, names)
        try CodeFunctions.execute(b[0]!, b[1], b[2], b[3])
      }
    }
    m.keywords(
      "compile",
      "($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)",
      "Compiles source text to a code object that exec() and eval() run."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try CodeFunctions.compileSignature.bind(args, n, names)
        return try CodeFunctions.compile(b)
      }
    }
    m.keywords("breakpoint", "($module, /, *args, **kws)", "Calls sys.breakpointhook(*args, **kws).") {
      _, args, n, names in
      bridge { () throws(PyError) in
        guard let hook = PySys_GetObject("breakpointhook") else { throw runtimeError("lost sys.breakpointhook") }
        let held = Owned(retaining: hook)
        if gila_audit_active() != 0 {
          let t = try owned(PyTuple_New(1))
          gila_tuple_items(t.ref)[0] = newRef(held.ref)
          try check(PySys_AuditTuple("builtins.breakpoint", t.ref))
        }
        return try owned(gila_call_vector(held.ref, args, n, names))
      }
    }
  }

  // MARK: scopes

  private struct Scope: ~Copyable {
    let globals: Owned
    let locals: Owned
  }
  private static func scope(_ function: String, _ globals: Ref?, _ locals: Ref?) throws(PyError) -> Scope {
    let globals = globals == none ? nil : globals
    let locals = locals == none ? nil : locals
    if let locals, PyMapping_Check(locals) == 0 {
      if function == "eval" { throw typeError("locals must be a mapping") }
      throw typeError("locals must be a mapping or None, not \(typeName(of: locals))")
    }
    if let globals, !globals.isDict {
      if function == "eval" {
        throw typeError(
          PyMapping_Check(globals) != 0
            ? "globals must be a real dict; try eval(code, {}, mapping)" : "globals must be a dict")
      }
      throw typeError("exec() globals must be a dict, not \(typeName(of: globals))")
    }
    let g = try globals == nil ? CurrentFrame.globals() : Owned(retaining: globals!)
    let l: Owned
    if let locals {
      l = Owned(retaining: locals)
    } else if globals == nil {
      l = try CurrentFrame.locals()
    } else {
      l = Owned(retaining: g.ref)
    }
    if try check(PyDict_Contains(g.ref, Dunder.builtins.ref)) == 0 {
      guard let builtins = PyEval_GetBuiltins() else { throw systemError("lost builtins module") }
      try check(PyDict_SetItem(g.ref, Dunder.builtins.ref, builtins))
    }
    return Scope(globals: g, locals: l)
  }

  // MARK: eval, exec

  private static func freeVariables(_ code: Ref) -> Int { Int(code.cast(PyCodeObject.self).pointee.co_nfreevars) }
  private static func audit(_ code: Ref) throws(PyError) {
    try GilaCore.audit("exec", code)
  }
  private static func evaluate(_ source: Ref, _ globals: Ref?, _ locals: Ref?) throws(PyError) -> Owned {
    let scope = try scope("eval", globals, locals)
    if source.isExactly(Types.code) {
      try audit(source)
      if freeVariables(source) > 0 { throw typeError("code object passed to eval() may not contain free variables") }
      return try owned(PyEval_EvalCode(source, scope.globals.ref, scope.locals.ref))
    }
    var text = try SourceArgument.bytes(source, "eval", "string, bytes or code")
    var start = 0
    while start < text.bytes.count, text.bytes[start] == 32 || text.bytes[start] == 9 { start += 1 }
    text.bytes.removeFirst(start)
    var options = Compiling.inheritedOptions()
    options.mode = .expression
    if text.isUnicode { options.flags.insert([.sourceIsUTF8, .ignoreCookie]) }
    let file = try string("<string>")
    let code = try Compiling.compile(text.bytes, file.ref, options)
    try audit(code.ref)
    return try owned(PyEval_EvalCode(code.ref, scope.globals.ref, scope.locals.ref))
  }
  private static func execute(_ source: Ref, _ globals: Ref?, _ locals: Ref?, _ closure: Ref?) throws(PyError) {
    let scope = try scope("exec", globals, locals)
    let closure = closure == none ? nil : closure
    let result: Owned
    if source.isExactly(Types.code) {
      try audit(source)
      let n = freeVariables(source)
      if n == 0 {
        if closure != nil { throw typeError("cannot use a closure with this code object") }
        result = try owned(PyEval_EvalCode(source, scope.globals.ref, scope.locals.ref))
      } else {
        var fits = closure != nil && closure!.isExactly(Types.tuple) && closure!.size == n
        if fits, let closure {
          for i in 0..<n where !gila_tuple_items(closure)[i]!.isExactly(Types.cell) { fits = false }
        }
        if !fits {
          throw typeError("code object requires a closure of exactly length \(n)")
        }
        result = try owned(
          PyEval_EvalCodeEx(source, scope.globals.ref, scope.locals.ref, nil, 0, nil, 0, nil, 0, nil, closure))
      }
    } else {
      if closure != nil { throw typeError("closure can only be used when source is a code object") }
      let text = try SourceArgument.bytes(source, "exec", "string, bytes or code")
      var options = Compiling.inheritedOptions()
      if text.isUnicode { options.flags.insert([.sourceIsUTF8, .ignoreCookie]) }
      let file = try string("<string>")
      let code = try Compiling.compile(text.bytes, file.ref, options)
      try audit(code.ref)
      result = try owned(PyEval_EvalCode(code.ref, scope.globals.ref, scope.locals.ref))
    }
    _ = result.ref
  }

  // MARK: compile

  /// CO_FUTURE_* and PyCF_* bits that compile() knows.
  private static let knownFlags: Int32 = 0x1FE_0000 | 0x10 | 0x0400 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x0200

  private static func compile(_ b: Signature.Bound) throws(PyError) -> Owned {
    var slot: Ref? = nil
    if PyUnicode_FSDecoder(b[1], &slot) == 0 { throw PyError() }
    let file = Owned(taking: slot!)
    guard b[2]!.isUnicode else {
      throw typeError("compile() argument 'mode' must be str, not \(b[2]! == none ? "None" : typeName(of: b[2]!))")
    }
    let flags = b[3] == nil ? 0 : try intArgument(b[3]!)
    let dontInherit = b[4] == nil ? false : try truth(b[4]!)
    var optimize = b[5] == nil ? -1 : try intArgument(b[5]!)
    let version = b[6] == nil ? -1 : try intArgument(b[6]!)
    if flags & ~knownFlags != 0 { throw valueError("compile(): unrecognised flags") }
    if optimize < -1 || optimize > 2 { throw valueError("compile(): invalid optimize value") }
    if optimize < 0 { optimize = Int32(Configuration.current.optimize) }
    var options = dontInherit ? ParseOptions() : Compiling.inheritedOptions()
    options.flags.formUnion(CompilerFlags(rawValue: UInt32(bitPattern: flags)))
    options.maximumIntDigits = Int(currentInterpreter.pointee.int_max_str_digits)
    let onlyTree = flags & 0x0400 != 0
    if onlyTree && version >= 0 { options.featureVersion = Int(version) }
    switch swiftString(b[2]!) {
    case "exec": options.mode = .module
    case "eval": options.mode = .expression
    case "single": options.mode = .interactive
    case "func_type":
      guard onlyTree else { throw valueError("compile() mode 'func_type' requires flag PyCF_ONLY_AST") }
      options.mode = .functionType
    default:
      throw valueError(
        onlyTree
          ? "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"
          : "compile() mode must be 'exec', 'eval' or 'single'")
    }
    let node = try NodeClasses.names()
    if let base = PyDict_GetItemString(node, "AST"), try check(PyObject_IsInstance(b[0], base)) != 0 {
      if onlyTree && !options.flags.isSuperset(of: .optimizedAST) { return Owned(retaining: b[0]!) }
      return try Compiling.tree(b[0]!, file.ref, options, optimize: Int(optimize), onlyTree: onlyTree)
    }
    let text = try SourceArgument.bytes(b[0]!, "compile", "string, bytes or AST")
    if text.isUnicode { options.flags.insert([.sourceIsUTF8, .ignoreCookie]) }
    if onlyTree { return try Compiling.parse(text.bytes, file.ref, options, optimize: Int(optimize)) }
    return try Compiling.compile(text.bytes, file.ref, options, optimize: Int(optimize))
  }
}
