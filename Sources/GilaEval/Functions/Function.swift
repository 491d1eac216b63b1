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
      own.flatMap { $0.isExactly(Types.module) ? PyModule_GetDict($0) : $0 } ?? PyEval_GetBuiltins()
      ?? currentInterpreter.pointee.builtins!
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
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR),
      doc: "function(code, globals, name=None, argdefs=None, closure=None,\n         kwdefaults=None)\n--\n\n")
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
      for o in [24, 56, 64, 72, 80, 88, 104, 112, 120] {
        GilaCore.clear((f!.raw + o).assumingMemoryBound(to: Ref?.self))
      }
      // Who still sees the function finds names of the right type; a str of a subclass may be part of the cycle.
      if let empty = newString("") {
        replace(&Function.object(f!).pointee.func_name, with: newRef(empty))
        replace(&Function.object(f!).pointee.func_qualname, with: empty)
      }
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
}
@c @implementation public func PyFunction_New(_ code: Ref!, _ globals: Ref!) -> Ref? { Function.make(code!, globals!) }
