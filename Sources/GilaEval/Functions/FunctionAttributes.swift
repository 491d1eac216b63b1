import CGila
import GilaCore

/// The attributes of functions, and making functions from code objects.
extension Function {
  static func installAttributes(_ t: TypeRef) {
    var m = MemberTable()
    m.add("__closure__", _Py_T_OBJECT, offset: 72)
    m.add("__doc__", _Py_T_OBJECT, offset: 80, flags: 0)
    m.add("__globals__", _Py_T_OBJECT, offset: 16)
    m.add("__module__", _Py_T_OBJECT, offset: 104, flags: 0)
    m.add("__builtins__", _Py_T_OBJECT, offset: 24)
    t.pointee.tp_members = m.build()
    t.pointee.tp_getset = getsets()
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in try Function.new(args!, kwargs) }
    }
  }

  private static func getsets() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "__code__",
      get: { f, _ in
        bridge { () throws(PyError) in
          try auditRead(f!, "__code__")
          return try owned(xnewRef(Function.object(f!).pointee.func_code))
        }
      },
      set: { f, v, _ in bridgeStatus { () throws(PyError) in try Function.setCode(f!, v) } })
    g.add(
      "__defaults__", get: { f, _ in newRef(Function.object(f!).pointee.func_defaults ?? none) },
      set: { f, v, _ in
        bridgeStatus { () throws(PyError) in
          let value = v == none ? nil : v
          if let value, !value.isTuple { throw typeError("__defaults__ must be set to a tuple object") }
          try auditChange(f!, "__defaults__", value)
          Function.object(f!).pointee.func_version = 0
          replace(&Function.object(f!).pointee.func_defaults, with: xnewRef(value))
        }
      })
    g.add(
      "__kwdefaults__", get: { f, _ in newRef(Function.object(f!).pointee.func_kwdefaults ?? none) },
      set: { f, v, _ in
        bridgeStatus { () throws(PyError) in
          let value = v == none ? nil : v
          if let value, !value.isDict { throw typeError("__kwdefaults__ must be set to a dict object") }
          try auditChange(f!, "__kwdefaults__", value)
          Function.object(f!).pointee.func_version = 0
          replace(&Function.object(f!).pointee.func_kwdefaults, with: xnewRef(value))
        }
      })
    g.add(
      "__annotations__",
      get: { f, _ in bridge { () throws(PyError) in Owned(retaining: try Function.annotations(f!)) } },
      set: { f, v, _ in
        bridgeStatus { () throws(PyError) in
          let value = v == none ? nil : v
          if let value, !value.isDict { throw typeError("__annotations__ must be set to a dict object") }
          replace(&Function.object(f!).pointee.func_annotations, with: xnewRef(value))
        }
      })
    g.add(
      "__dict__", get: { o, c in PyObject_GenericGetDict(o, c) }, set: { o, v, c in PyObject_GenericSetDict(o, v, c) })
    g.add(
      "__name__", get: { f, _ in xnewRef(Function.object(f!).pointee.func_name) },
      set: { f, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v, v.isUnicode else { throw typeError("__name__ must be set to a string object") }
          replace(&Function.object(f!).pointee.func_name, with: newRef(v))
        }
      })
    g.add(
      "__qualname__", get: { f, _ in xnewRef(Function.object(f!).pointee.func_qualname) },
      set: { f, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v, v.isUnicode else { throw typeError("__qualname__ must be set to a string object") }
          replace(&Function.object(f!).pointee.func_qualname, with: newRef(v))
        }
      })
    g.add(
      "__type_params__",
      get: { f, _ in Function.object(f!).pointee.func_typeparams.map { newRef($0) } ?? PyTuple_New(0) },
      set: { f, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v, v.isTuple else { throw typeError("__type_params__ must be set to a tuple") }
          replace(&Function.object(f!).pointee.func_typeparams, with: newRef(v))
        }
      })
    return g.build()
  }

  /// The annotations as a dict (borrowed). The def statement leaves a tuple of names and values in turn.
  static func annotations(_ f: Ref) throws(PyError) -> Ref {
    let x = object(f)
    guard let a = x.pointee.func_annotations else {
      let d = try owned(PyDict_New())
      x.pointee.func_annotations = d.take()
      return x.pointee.func_annotations!
    }
    guard a.isTuple else { return a }
    let d = try owned(PyDict_New())
    for i in stride(from: 0, to: a.size - 1, by: 2) {
      try check(PyDict_SetItem(d.ref, gila_tuple_items(a)[i], gila_tuple_items(a)[i + 1]))
    }
    replace(&x.pointee.func_annotations, with: d.take())
    return x.pointee.func_annotations!
  }
  private static func freeCount(_ code: Ref) -> Int { Int(code.cast(PyCodeObject.self).pointee.co_nfreevars) }
  private static func setCode(_ f: Ref, _ v: Ref?) throws(PyError) {
    guard let v, v.isExactly(Types.code) else { throw typeError("__code__ must be set to a code object") }
    try auditChange(f, "__code__", v)
    let x = object(f)
    let closed = x.pointee.func_closure.map { $0.size } ?? 0
    if freeCount(v) != closed {
      throw valueError(
        "\(swiftString(x.pointee.func_name))() requires a code object with \(closed) free vars, not \(freeCount(v))")
    }
    // Generators, coroutines and asynchronous generators are called in ways of their own.
    let kinds: Int32 = 0x20 | 0x80 | 0x200
    if (code(f).pointee.co_flags ^ v.cast(PyCodeObject.self).pointee.co_flags) & kinds != 0 {
      try check(
        PyErr_WarnEx(
          Exc.DeprecationWarning.object,
          "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)", 1))
    }
    x.pointee.func_version = 0
    replace(&x.pointee.func_code, with: newRef(v))
  }

  /// `types.FunctionType(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)`.
  private static func new(_ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    let b = try Signature("function", "(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)")
      .bind(tuple: args, dict: kwargs)
    let code = b[0]!, globals = b[1]!
    guard code.isExactly(Types.code) else {
      throw typeError("function() argument 'code' must be code, not \(typeName(of: code))")
    }
    guard globals.isDict else {
      throw typeError("function() argument 'globals' must be dict, not \(typeName(of: globals))")
    }
    func given(_ r: Ref?) -> Ref? { r == none ? nil : r }
    let name = given(b[2]), defaults = given(b[3]), closure = given(b[4]), kwdefaults = given(b[5])
    if let name, !name.isUnicode { throw typeError("arg 3 (name) must be None or string") }
    if let defaults, !defaults.isTuple { throw typeError("arg 4 (defaults) must be None or tuple") }
    let free = freeCount(code)
    if closure.map({ $0.isTuple }) != true {
      if free > 0 && closure == nil { throw typeError("arg 5 (closure) must be tuple") }
      if closure != nil { throw typeError("arg 5 (closure) must be None or tuple") }
    }
    if let kwdefaults, !kwdefaults.isDict { throw typeError("arg 6 (kwdefaults) must be None or dict") }
    let closed = closure.map { $0.size } ?? 0
    if closed != free {
      throw valueError(
        "\(swiftString(code.cast(PyCodeObject.self).pointee.co_name)) requires closure of length \(free), not \(closed)"
      )
    }
    for i in 0..<closed where !gila_tuple_items(closure!)[i]!.isExactly(Types.cell) {
      throw typeError("arg 5 (closure) expected cell, found \(typeName(of: gila_tuple_items(closure!)[i]!))")
    }
    try audit("function.__new__", code)
    let f = try owned(make(code, globals))
    let x = object(f.ref)
    if let name { replace(&x.pointee.func_name, with: newRef(name)) }
    x.pointee.func_defaults = xnewRef(defaults)
    x.pointee.func_closure = xnewRef(closure)
    x.pointee.func_kwdefaults = xnewRef(kwdefaults)
    return f
  }
}

// MARK: The C functions

private func function(_ f: Ref?) -> Function.Object? {
  guard let f, f.isExactly(Types.function) else {
    PyErr_BadInternalCall()
    return nil
  }
  return Function.object(f)
}
@c @implementation public func PyFunction_NewWithQualName(_ code: Ref!, _ globals: Ref!, _ name: Ref!) -> Ref? {
  guard let f = Function.make(code!, globals!) else { return nil }
  if let name { replace(&Function.object(f).pointee.func_qualname, with: newRef(name)) }
  return f
}
@c @implementation public func PyFunction_GetCode(_ f: Ref!) -> Ref? { function(f)?.pointee.func_code }
@c @implementation public func PyFunction_GetGlobals(_ f: Ref!) -> Ref? { function(f)?.pointee.func_globals }
@c @implementation public func PyFunction_GetModule(_ f: Ref!) -> Ref? { function(f)?.pointee.func_module }
@c @implementation public func PyFunction_GetDefaults(_ f: Ref!) -> Ref? { function(f)?.pointee.func_defaults }
@c @implementation public func PyFunction_GetKwDefaults(_ f: Ref!) -> Ref? { function(f)?.pointee.func_kwdefaults }
@c @implementation public func PyFunction_GetClosure(_ f: Ref!) -> Ref? { function(f)?.pointee.func_closure }
@c @implementation public func PyFunction_GetAnnotations(_ f: Ref!) -> Ref? {
  guard let f, function(f) != nil else { return nil }
  do throws(PyError) { return try Function.annotations(f) } catch { return nil }
}
@c @implementation public func PyFunction_SetDefaults(_ f: Ref!, _ v: Ref!) -> Int32 {
  set(f, v, "non-tuple default args", { $0.isTuple }) {
    $0.pointee.func_version = 0; replace(&$0.pointee.func_defaults, with: $1)
  }
}
@c @implementation public func PyFunction_SetKwDefaults(_ f: Ref!, _ v: Ref!) -> Int32 {
  set(f, v, "non-dict keyword only default args", { $0.isDict }) {
    $0.pointee.func_version = 0
    replace(&$0.pointee.func_kwdefaults, with: $1)
  }
}
@c @implementation public func PyFunction_SetClosure(_ f: Ref!, _ v: Ref!) -> Int32 {
  set(f, v, "expected tuple for closure, got '\(v.map { typeName(of: $0) } ?? "NULL")'", { $0.isTuple }) {
    replace(&$0.pointee.func_closure, with: $1)
  }
}
@c @implementation public func PyFunction_SetAnnotations(_ f: Ref!, _ v: Ref!) -> Int32 {
  set(f, v, "non-dict annotations", { $0.isDict }) { replace(&$0.pointee.func_annotations, with: $1) }
}
/// Stores a value of the right kind, or None as nothing.
private func set(
  _ f: Ref?, _ v: Ref?, _ message: String, _ isRight: (Ref) -> Bool, _ store: (Function.Object, Ref?) -> Void
) -> Int32 {
  guard let x = function(f), let v else { return -1 }
  if v != none && !isRight(v) {
    _ = systemError(message)
    return -1
  }
  store(x, v == none ? nil : newRef(v))
  return 0
}
