import CGila
import GilaCore

/// `builtin_function_or_method`.
enum Callables {
  static func install() {
    let t = Types.cFunction
    t.define(
      "builtin_function_or_method", basicSize: 56,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_vectorcall_offset = 48
    t.pointee.tp_weaklistoffset = 40
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_dealloc = { f in
      PyObject_GC_UnTrack(f!.raw)
      if f!.cast(PyCFunctionObject.self).pointee.m_weakreflist != nil { PyObject_ClearWeakRefs(f) }
      xdecref(f!.cast(PyCFunctionObject.self).pointee.m_self)
      xdecref(f!.cast(PyCFunctionObject.self).pointee.m_module)
      PyObject_GC_Del(f!.raw)
    }
    t.pointee.tp_traverse = { f, v, c in f!.cast(PyCFunctionObject.self).pointee.m_self.map { v!($0, c) } ?? 0 }
    t.pointee.tp_repr = { f in
      bridge { () throws(PyError) in
        let x = f!.cast(PyCFunctionObject.self)
        let name = String(cString: x.pointee.m_ml.pointee.ml_name)
        guard let o = x.pointee.m_self, !o.isExactly(Types.module) else {
          return try string("<built-in function \(name)>")
        }
        return try string(
          "<built-in method \(name) of \(typeName(of: o)) object at 0x\(String(UInt(bitPattern: o), radix: 16))>")
      }
    }
    t.pointee.tp_hash = { f in
      let x = f!.cast(PyCFunctionObject.self)
      return Int(bitPattern: (UInt(bitPattern: x.pointee.m_self) >> 4) ^ (UInt(bitPattern: x.pointee.m_ml) >> 4))
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, b!.type == a!.type else { return newRef(notImplemented) }
      let x = a!.cast(PyCFunctionObject.self), y = b!.cast(PyCFunctionObject.self)
      let same =
        x.pointee.m_self == y.pointee.m_self
        && address(x.pointee.m_ml.pointee.ml_meth) == address(y.pointee.m_ml.pointee.ml_meth)
      return newRef(pyBool(same == (op == Py_EQ)))
    }
    var m = MemberTable()
    m.add("__module__", _Py_T_OBJECT, offset: 32, flags: 0)
    t.pointee.tp_members = m.build()
    t.pointee.tp_clear = { f in
      let x = f!.cast(PyCFunctionObject.self)
      GilaCore.clear(&x.pointee.m_self)
      GilaCore.clear(&x.pointee.m_module)
      return 0
    }
    var g = GetSetTable()
    g.add(
      "__name__", get: { f, _ in PyUnicode_FromString(f!.cast(PyCFunctionObject.self).pointee.m_ml.pointee.ml_name) })
    g.add(
      "__qualname__",
      get: { f, _ in
        let x = f!.cast(PyCFunctionObject.self)
        let name = String(cString: x.pointee.m_ml.pointee.ml_name)
        guard let o = x.pointee.m_self, !ModuleType.isModule(o) else { return newString(name) }
        return bridge { () throws(PyError) in
          let owner = try owned(PyObject_GetAttr(o.isType ? o : o.type.object, Dunder.qualname.ref))
          return try string(swiftString(owner.ref) + "." + name)
        }
      })
    g.add("__self__", get: { f, _ in newRef(PyCFunction_GetSelf(f) ?? none) })
    g.add(
      "__doc__",
      get: { f, _ in
        let d = f!.cast(PyCFunctionObject.self).pointee.m_ml!
        guard let doc = d.pointee.ml_doc else { return newRef(none) }
        return PyUnicode_FromString(SignatureText.body(String(cString: d.pointee.ml_name), doc))
      })
    g.add(
      "__text_signature__",
      get: { f, _ in
        let d = f!.cast(PyCFunctionObject.self).pointee.m_ml!
        return SignatureText.signature(String(cString: d.pointee.ml_name), d.pointee.ml_doc, flags: d.pointee.ml_flags)
      })
    t.pointee.tp_getset = g.build()
    var methods = MethodTable()
    methods.noArguments("__reduce__") { f, _ in
      bridge { () throws(PyError) in
        let x = f!.cast(PyCFunctionObject.self)
        let name = try owned(PyUnicode_FromString(x.pointee.m_ml.pointee.ml_name))
        guard let o = x.pointee.m_self, !ModuleType.isModule(o) else { return name }
        return try getattrCall(o, name.ref)
      }
    }
    t.pointee.tp_methods = methods.build()
    let c = Types.cMethod
    c.define(
      "builtin_method", basicSize: 64,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION), base: t)
    BoundMethod.install()
    MethodWrappers.install()
  }
}

@c @implementation public func PyCMethod_New(
  _ m: UnsafeMutablePointer<PyMethodDef>!, _ o: Ref!, _ module: Ref!, _ cls: TypeRef!
) -> Ref? {
  let method = m.pointee.ml_flags & METH_METHOD != 0
  guard let f = _PyObject_GC_New(method ? Types.cMethod : Types.cFunction) else { return nil }
  let x = f.cast(PyCFunctionObject.self)
  x.pointee.m_ml = m
  x.pointee.m_self = xnewRef(o)
  x.pointee.m_module = xnewRef(module)
  x.pointee.m_weakreflist = nil
  if method { f.cast(PyCMethodObject.self).pointee.mm_class = cls }
  x.pointee.vectorcall = { f, args, nargsf, names in
    let x = f!.cast(PyCFunctionObject.self)
    let m = x.pointee.m_ml.unsafelyUnwrapped
    let cls: TypeRef? = m.pointee.ml_flags & METH_METHOD != 0 ? f!.cast(PyCMethodObject.self).pointee.mm_class : nil
    let o = m.pointee.ml_flags & METH_STATIC != 0 ? nil : x.pointee.m_self
    return NativeCall.invoke(m, o, cls, args, Int(nargsf & Int.max), names)
  }
  gila_gc_track(f)
  return f
}
@c @implementation public func PyCFunction_NewEx(_ m: UnsafeMutablePointer<PyMethodDef>!, _ o: Ref!, _ module: Ref!)
  -> Ref?
{ PyCMethod_New(m, o, module, nil) }
@c @implementation public func PyCFunction_New(_ m: UnsafeMutablePointer<PyMethodDef>!, _ o: Ref!) -> Ref? {
  PyCMethod_New(m, o, nil, nil)
}

/// What pickle makes of a method: `getattr(owner, name)`.
func getattrCall(_ owner: Ref, _ name: Ref) throws(PyError) -> Owned {
  let f = try owned(builtin("getattr"))
  let args = try tuple(owner, name)
  return try tuple(f.ref, args.ref)
}
@c @implementation public func PyCFunction_GetFunction(_ f: Ref!) -> PyCFunction? {
  guard let f, f.isInstance(of: Types.cFunction) else {
    PyErr_BadInternalCall()
    return nil
  }
  return f.cast(PyCFunctionObject.self).pointee.m_ml.pointee.ml_meth
}
@c @implementation public func PyCFunction_GetSelf(_ f: Ref!) -> Ref? {
  guard let f, f.isInstance(of: Types.cFunction) else {
    PyErr_BadInternalCall()
    return nil
  }
  let x = f.cast(PyCFunctionObject.self)
  return x.pointee.m_ml.pointee.ml_flags & METH_STATIC != 0 ? nil : x.pointee.m_self
}
@c @implementation public func PyCFunction_GetFlags(_ f: Ref!) -> Int32 {
  guard let f, f.isInstance(of: Types.cFunction) else {
    PyErr_BadInternalCall()
    return -1
  }
  return f.cast(PyCFunctionObject.self).pointee.m_ml.pointee.ml_flags
}
