import CGila
import GilaCore

/// `function`: a code object with its globals, defaults and closure. Calling one pushes a frame.
enum Function {
  typealias Object = UnsafeMutablePointer<PyFunctionObject>
  @inline(__always) static func object(_ f: Ref) -> Object { f.cast(PyFunctionObject.self) }
  @inline(__always) static func code(_ f: Ref) -> UnsafeMutablePointer<PyCodeObject> {
    object(f).pointee.func_code.unsafelyUnwrapped.cast(PyCodeObject.self)
  }

  static func make(_ code: Ref, _ globals: Ref) -> Ref? {
    guard let f = PyType_GenericAlloc(Types.function, 0) else { return nil }
    let o = object(f)
    let c = code.cast(PyCodeObject.self)
    o.pointee.func_code = newRef(code)
    o.pointee.func_globals = newRef(globals)
    let own = PyDict_GetItemWithError(globals, Dunder.builtins.ref)
    let builtins =
      own.flatMap { $0.isExactly(Types.module) ? PyModule_GetDict($0) : $0 } ?? currentInterpreter.pointee.builtins!
    o.pointee.func_builtins = newRef(builtins)
    o.pointee.func_name = newRef(c.pointee.co_name)
    o.pointee.func_qualname = newRef(c.pointee.co_qualname)
    let consts = c.pointee.co_consts!
    let doc = consts.size > 0 && c.pointee.co_flags & 0x1 != 0 ? gila_tuple_items(consts)[0]! : none
    o.pointee.func_doc = newRef(doc.isUnicode ? doc : none)
    o.pointee.func_module = xnewRef(PyDict_GetItemWithError(globals, Dunder.name.ref))
    o.pointee.vectorcall = { f, args, nargsf, names in
      Eval.callFunction(f!, args, Int(nargsf & Int.max), names)
    }
    return f
  }

  static func install() {
    let t = Types.function
    t.define(
      "function", basicSize: 144,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR))
    t.pointee.tp_vectorcall_offset = 128
    t.pointee.tp_dictoffset = 88
    t.pointee.tp_weaklistoffset = 96
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_dealloc = { f in
      PyObject_GC_UnTrack(f!.raw)
      if Function.object(f!).pointee.func_weakreflist != nil { PyObject_ClearWeakRefs(f) }
      for o in stride(from: 16, through: 120, by: 8) where o != 96 {
        GilaCore.clear((f!.raw + o).assumingMemoryBound(to: Ref?.self))
      }
      PyObject_GC_Del(f!.raw)
    }
    t.pointee.tp_traverse = { f, v, c in
      for o in stride(from: 16, through: 120, by: 8) where o != 96 {
        if let x = (f!.raw + o).load(as: Ref?.self) {
          let r = v!(x, c)
          if r != 0 { return r }
        }
      }
      return 0
    }
    t.pointee.tp_clear = { f in
      for o in [24, 56, 64, 72, 80, 88, 112, 120] { GilaCore.clear((f!.raw + o).assumingMemoryBound(to: Ref?.self)) }
      return 0
    }
    t.pointee.tp_descr_get = { f, o, _ in o == nil || o == none ? newRef(f!) : PyMethod_New(f, o) }
    t.pointee.tp_repr = { f in
      bridge { () throws(PyError) in
        try string(
          "<function \(swiftString(Function.object(f!).pointee.func_qualname)) at 0x\(String(UInt(bitPattern: f!), radix: 16))>"
        )
      }
    }
    installAttributes(t)
  }

  // MARK: Binding arguments to a frame's locals

  /// Stores arguments (borrowed) as owned locals. `locals` has room for all of them and starts empty.
  static func bind(
    _ f: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?, _ locals: UnsafeMutablePointer<Ref?>
  ) throws(PyError) {
    let c = code(f)
    let argCount = Int(c.pointee.co_argcount), kwOnly = Int(c.pointee.co_kwonlyargcount)
    let posOnly = Int(c.pointee.co_posonlyargcount)
    let flags = c.pointee.co_flags
    let total = argCount + kwOnly
    let direct = min(n, argCount)
    for i in 0..<direct { locals[i] = newRef(args.unsafelyUnwrapped[i].unsafelyUnwrapped) }
    if flags & 0x4 != 0 {
      let rest = try owned(PyTuple_New(max(n - argCount, 0)))
      for i in 0..<max(n - argCount, 0) { gila_tuple_items(rest.ref)[i] = newRef(args![argCount + i]!) }
      locals[total] = rest.take()
    }
    let kwSlot = total + (flags & 0x4 != 0 ? 1 : 0)
    if flags & 0x8 != 0 { locals[kwSlot] = try owned(PyDict_New()).take() }
    let localNames = c.pointee.co_localsplusnames!
    if let names {
      keywords: for k in 0..<names.size {
        let name = gila_tuple_items(names)[k]!, value = args![n + k]!
        for i in posOnly..<max(total, posOnly) {
          let candidate = gila_tuple_items(localNames)[i]!
          if candidate == name || sameText(candidate, name) {
            if locals[i] != nil {
              throw typeError("\(qualname(f))() got multiple values for argument '\(swiftString(name))'")
            }
            locals[i] = newRef(value)
            continue keywords
          }
        }
        if flags & 0x8 == 0 {
          throw typeError("\(qualname(f))() got an unexpected keyword argument '\(swiftString(name))'")
        }
        try check(PyDict_SetItem(locals[kwSlot], name, value))
      }
    }
    if n > argCount && flags & 0x4 == 0 { throw tooMany(f, n) }
    if n < argCount {
      let defaults = object(f).pointee.func_defaults
      let m = argCount - (defaults?.size ?? 0)
      var missing: [String] = []
      for i in n..<max(m, n) where locals[i] == nil { missing.append(swiftString(gila_tuple_items(localNames)[i]!)) }
      if !missing.isEmpty { throw tooFew(f, missing, "positional") }
      if let defaults {
        for i in max(n, m)..<argCount where locals[i] == nil { locals[i] = newRef(gila_tuple_items(defaults)[i - m]!) }
      }
    }
    if kwOnly > 0 {
      var missing: [String] = []
      for i in argCount..<total where locals[i] == nil {
        let name = gila_tuple_items(localNames)[i]!
        if let d = object(f).pointee.func_kwdefaults, let v = PyDict_GetItemWithError(d, name) {
          locals[i] = newRef(v)
        } else {
          missing.append(swiftString(name))
        }
      }
      if !missing.isEmpty { throw tooFew(f, missing, "keyword-only") }
    }
  }
  private static func qualname(_ f: Ref) -> String { swiftString(object(f).pointee.func_qualname) }
  @inline(never) private static func tooFew(_ f: Ref, _ missing: [String], _ kind: String) -> PyError {
    let quoted = missing.map { "'\($0)'" }
    let list =
      quoted.count == 1
      ? quoted[0]
      : quoted.count == 2
        ? "\(quoted[0]) and \(quoted[1])" : quoted.dropLast().joined(separator: ", ") + ", and " + quoted.last!
    return typeError(
      "\(qualname(f))() missing \(missing.count) required \(kind) argument\(missing.count == 1 ? "" : "s"): \(list)")
  }
  @inline(never) private static func tooMany(_ f: Ref, _ n: Int) -> PyError {
    let argCount = Int(code(f).pointee.co_argcount)
    let defaults = object(f).pointee.func_defaults?.size ?? 0
    let takes = defaults > 0 ? "from \(argCount - defaults) to \(argCount)" : "\(argCount)"
    let plural = defaults > 0 || argCount != 1 ? "s" : ""
    return typeError(
      "\(qualname(f))() takes \(takes) positional argument\(plural) but \(n) \(n == 1 ? "was" : "were") given")
  }
}
@c @implementation public func PyFunction_New(_ code: Ref!, _ globals: Ref!) -> Ref? { Function.make(code!, globals!) }
