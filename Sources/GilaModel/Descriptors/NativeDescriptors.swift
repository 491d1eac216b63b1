import CGila
import GilaCore

/// Descriptors of types defined in C: methods, class methods, computed and stored attributes, wrapped slots.
enum NativeDescriptors {
  @inline(__always) static func common(_ d: Ref) -> UnsafeMutablePointer<PyDescrObject> { d.cast(PyDescrObject.self) }

  static func make(_ kind: TypeRef, _ t: TypeRef, _ name: UnsafePointer<CChar>) -> Ref? {
    guard let d = PyType_GenericAlloc(kind, 0) else { return nil }
    gila_incref(t.object)
    NativeDescriptors.common(d).pointee.d_type = t
    NativeDescriptors.common(d).pointee.d_name = PyUnicode_InternFromString(name)
    if NativeDescriptors.common(d).pointee.d_name == nil {
      gila_decref(d)
      return nil
    }
    return d
  }
  private static func nameText(_ d: Ref) -> String { swiftString(NativeDescriptors.common(d).pointee.d_name) }
  private static func requireInstance(_ d: Ref, _ o: Ref) throws(PyError) {
    if PyType_IsSubtype(o.type, NativeDescriptors.common(d).pointee.d_type) == 0 {
      throw typeError(
        "descriptor '\(NativeDescriptors.nameText(d))' for '\(String(cString: NativeDescriptors.common(d).pointee.d_type.pointee.tp_name))' objects doesn't apply to a '\(typeName(of: o))' object"
      )
    }
  }

  static func install() {
    base(
      Types.methodDescr, "method_descriptor", 56, UInt(Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR),
      "method")
    base(Types.classMethodDescr, "classmethod_descriptor", 48, 0, "method")
    base(Types.getSetDescr, "getset_descriptor", 48, 0, "attribute")
    base(Types.memberDescr, "member_descriptor", 48, 0, "member")
    base(Types.wrapperDescr, "wrapper_descriptor", 56, UInt(Py_TPFLAGS_METHOD_DESCRIPTOR), "slot wrapper")
    // Methods.
    let m = Types.methodDescr
    m.pointee.tp_vectorcall_offset = 48
    m.pointee.tp_call = PyVectorcall_Call
    m.pointee.tp_descr_get = { d, o, t in
      guard let o else { return newRef(d!) }
      return bridge { () throws(PyError) in
        try NativeDescriptors.requireInstance(d!, o)
        return try owned(
          PyCMethod_New(
            d!.cast(PyMethodDescrObject.self).pointee.d_method, o, nil, NativeDescriptors.common(d!).pointee.d_type))
      }
    }
    let c = Types.classMethodDescr
    c.pointee.tp_descr_get = { d, o, t in
      bridge { () throws(PyError) in
        let owner = NativeDescriptors.common(d!).pointee.d_type!
        let name = NativeDescriptors.nameText(d!)
        guard let cls = t ?? o?.type.object else {
          throw typeError("descriptor '\(name)' for type '\(typeName(owner))' needs either an object or a type")
        }
        guard cls.isType else {
          throw typeError(
            "descriptor '\(name)' for type '\(typeName(owner))' needs a type, not a '\(typeName(of: cls))' as arg 2")
        }
        if PyType_IsSubtype(cls.asType, owner) == 0 {
          throw typeError(
            "descriptor '\(name)' requires a subtype of '\(typeName(owner))' but received '\(typeName(cls.asType))'")
        }
        return try owned(
          PyCMethod_New(
            d!.cast(PyMethodDescrObject.self).pointee.d_method, cls, nil, NativeDescriptors.common(d!).pointee.d_type))
      }
    }
    c.pointee.tp_call = { d, args, kwargs in
      bridge { () throws(PyError) in
        guard args!.size > 0 else {
          throw typeError(
            "descriptor '\(NativeDescriptors.nameText(d!))' of '\(typeName(NativeDescriptors.common(d!).pointee.d_type))' object needs an argument"
          )
        }
        let f = try owned(NativeDescriptors.c_bind(d!, gila_tuple_items(args!)[0]!))
        let rest = try owned(PyTuple_GetSlice(args, 1, args!.size))
        return try owned(PyObject_Call(f.ref, rest.ref, kwargs))
      }
    }
    let g = Types.getSetDescr
    g.pointee.tp_descr_get = { d, o, _ in
      guard let o else { return newRef(d!) }
      return bridge { () throws(PyError) in
        try NativeDescriptors.requireInstance(d!, o)
        let def = d!.cast(PyGetSetDescrObject.self).pointee.d_getset!
        guard let get = def.pointee.get else {
          throw raise(
            Exc.AttributeError,
            "attribute '\(NativeDescriptors.nameText(d!))' of '\(typeName(NativeDescriptors.common(d!).pointee.d_type))' objects is not readable"
          )
        }
        return try owned(get(o, def.pointee.closure))
      }
    }
    g.pointee.tp_descr_set = { d, o, v in
      bridgeStatus { () throws(PyError) in
        try NativeDescriptors.requireInstance(d!, o!)
        let def = d!.cast(PyGetSetDescrObject.self).pointee.d_getset!
        guard let set = def.pointee.set else {
          throw raise(
            Exc.AttributeError,
            "attribute '\(NativeDescriptors.nameText(d!))' of '\(String(cString: NativeDescriptors.common(d!).pointee.d_type.pointee.tp_name))' objects is not writable"
          )
        }
        if set(o, v, def.pointee.closure) < 0 { throw PyError() }
      }
    }
    let s = Types.memberDescr
    s.pointee.tp_descr_get = { d, o, _ in
      guard let o else { return newRef(d!) }
      return bridge { () throws(PyError) in
        try NativeDescriptors.requireInstance(d!, o)
        return try owned(Members.get(o, d!.cast(PyMemberDescrObject.self).pointee.d_member))
      }
    }
    s.pointee.tp_descr_set = { d, o, v in
      bridgeStatus { () throws(PyError) in
        try NativeDescriptors.requireInstance(d!, o!)
        if Members.set(o!, d!.cast(PyMemberDescrObject.self).pointee.d_member, v) < 0 { throw PyError() }
      }
    }
    let w = Types.wrapperDescr
    w.pointee.tp_descr_get = { d, o, _ in
      guard let o else { return newRef(d!) }
      return bridge { () throws(PyError) in
        try NativeDescriptors.requireInstance(d!, o)
        return try owned(MethodWrapper.make(d!, o))
      }
    }
    w.pointee.tp_call = { d, args, kwargs in
      bridge { () throws(PyError) in
        guard args!.size > 0 else {
          throw typeError(
            "descriptor '\(NativeDescriptors.nameText(d!))' of '\(typeName(NativeDescriptors.common(d!).pointee.d_type))' object needs an argument"
          )
        }
        let o = gila_tuple_items(args!)[0]!
        if PyType_IsSubtype(o.type, NativeDescriptors.common(d!).pointee.d_type) == 0 {
          throw typeError(
            "descriptor '\(NativeDescriptors.nameText(d!))' requires a '\(typeName(NativeDescriptors.common(d!).pointee.d_type))' object but received a '\(typeName(of: o))'"
          )
        }
        let rest = try owned(PyTuple_GetSlice(args, 1, args!.size))
        return try owned(MethodWrapper.invoke(d!, o, rest.ref, kwargs))
      }
    }
    MethodWrapper.install()
  }
  private static func c_bind(_ d: Ref, _ cls: Ref) -> Ref? {
    PyCMethod_New(d.cast(PyMethodDescrObject.self).pointee.d_method, cls, nil, nil)
  }
  private static func base(_ t: TypeRef, _ name: StaticString, _ size: Int, _ flags: UInt, _ kind: StaticString) {
    t.define(name, basicSize: size, flags: flags | UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { d in
      PyObject_GC_UnTrack(d!.raw)
      xdecref(NativeDescriptors.common(d!).pointee.d_type?.object)
      xdecref(NativeDescriptors.common(d!).pointee.d_name)
      xdecref(NativeDescriptors.common(d!).pointee.d_qualname)
      PyObject_GC_Del(d!.raw)
    }
    t.pointee.tp_traverse = { d, visit, c in
      NativeDescriptors.common(d!).pointee.d_type.map { visit!($0.object, c) } ?? 0
    }
    t.pointee.tp_repr = { d in
      bridge { () throws(PyError) in
        let k =
          d!.type == Types.getSetDescr
          ? "attribute"
          : d!.type == Types.memberDescr ? "member" : d!.type == Types.wrapperDescr ? "slot wrapper" : "method"
        return try string(
          "<\(k) '\(NativeDescriptors.nameText(d!))' of '\(String(cString: NativeDescriptors.common(d!).pointee.d_type.pointee.tp_name))' objects>"
        )
      }
    }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    var m = MemberTable()
    m.add("__objclass__", _Py_T_OBJECT, offset: 16)
    m.add("__name__", _Py_T_OBJECT, offset: 24)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add(
      "__doc__",
      get: { d, _ in
        guard let doc = NativeDescriptors.documentation(d!) else { return newRef(none) }
        return PyUnicode_FromString(SignatureText.body(NativeDescriptors.nameText(d!), doc))
      })
    if t != Types.getSetDescr && t != Types.memberDescr {
      g.add(
        "__text_signature__",
        get: { d, _ in
          let isMethod = d!.type == Types.methodDescr || d!.type == Types.classMethodDescr
          return SignatureText.signature(
            NativeDescriptors.nameText(d!), NativeDescriptors.documentation(d!),
            flags: isMethod ? d!.cast(PyMethodDescrObject.self).pointee.d_method.pointee.ml_flags : 0)
        })
    }
    g.add(
      "__qualname__",
      get: { d, _ in
        bridge { () throws(PyError) in
          let owner = try owned(PyType_GetQualName(NativeDescriptors.common(d!).pointee.d_type))
          return try string(swiftString(owner.ref) + "." + NativeDescriptors.nameText(d!))
        }
      })
    t.pointee.tp_getset = g.build()
    if t != Types.getSetDescr && t != Types.classMethodDescr {
      var methods = MethodTable()
      methods.noArguments("__reduce__") { d, _ in
        bridge { () throws(PyError) in
          let x = NativeDescriptors.common(d!)
          return try getattrCall(x.pointee.d_type.object, x.pointee.d_name)
        }
      }
      t.pointee.tp_methods = methods.build()
    }
  }
  private static func documentation(_ d: Ref) -> UnsafePointer<CChar>? {
    if d.type == Types.getSetDescr { return d.cast(PyGetSetDescrObject.self).pointee.d_getset.pointee.doc }
    if d.type == Types.memberDescr { return d.cast(PyMemberDescrObject.self).pointee.d_member.pointee.doc }
    if d.type == Types.wrapperDescr { return d.cast(PyWrapperDescrObject.self).pointee.d_base.pointee.doc }
    return d.cast(PyMethodDescrObject.self).pointee.d_method.pointee.ml_doc
  }
}

@c @implementation public func PyDescr_NewMethod(_ t: TypeRef!, _ m: UnsafeMutablePointer<PyMethodDef>!) -> Ref? {
  guard let d = NativeDescriptors.make(Types.methodDescr, t!, m.pointee.ml_name) else { return nil }
  d.cast(PyMethodDescrObject.self).pointee.d_method = m
  d.cast(PyMethodDescrObject.self).pointee.vectorcall = { f, args, nargsf, names in
    bridge { () throws(PyError) in
      let n = Int(nargsf & Int.max)
      let d = f!.cast(PyMethodDescrObject.self)
      let owner = d.pointee.d_common.d_type!
      guard n > 0 else {
        throw typeError(
          "unbound method \(typeName(owner)).\(swiftString(d.pointee.d_common.d_name))() needs an argument")
      }
      let o = args![0]!
      if o.type != owner && PyType_IsSubtype(o.type, owner) == 0 {
        throw typeError(
          "descriptor '\(swiftString(d.pointee.d_common.d_name))' for '\(String(cString: owner.pointee.tp_name))' objects doesn't apply to a '\(typeName(of: o))' object"
        )
      }
      return try owned(NativeCall.invoke(d.pointee.d_method, o, owner, args! + 1, n - 1, names))
    }
  }
  return d
}
@c @implementation public func PyDescr_NewClassMethod(_ t: TypeRef!, _ m: UnsafeMutablePointer<PyMethodDef>!) -> Ref? {
  guard let d = NativeDescriptors.make(Types.classMethodDescr, t!, m.pointee.ml_name) else { return nil }
  d.cast(PyMethodDescrObject.self).pointee.d_method = m
  return d
}
@c @implementation public func PyDescr_NewGetSet(_ t: TypeRef!, _ g: UnsafeMutablePointer<PyGetSetDef>!) -> Ref? {
  guard let d = NativeDescriptors.make(Types.getSetDescr, t!, g.pointee.name) else { return nil }
  d.cast(PyGetSetDescrObject.self).pointee.d_getset = g
  return d
}
@c @implementation public func PyDescr_NewMember(_ t: TypeRef!, _ m: UnsafeMutablePointer<PyMemberDef>!) -> Ref? {
  guard let d = NativeDescriptors.make(Types.memberDescr, t!, m.pointee.name) else { return nil }
  d.cast(PyMemberDescrObject.self).pointee.d_member = m
  return d
}
@c @implementation public func PyDescr_NewWrapper(
  _ t: TypeRef!, _ w: UnsafeMutablePointer<wrapperbase>!, _ wrapped: UnsafeMutableRawPointer!
) -> Ref? {
  guard let d = NativeDescriptors.make(Types.wrapperDescr, t!, w.pointee.name) else { return nil }
  d.cast(PyWrapperDescrObject.self).pointee.d_base = w
  d.cast(PyWrapperDescrObject.self).pointee.d_wrapped = wrapped
  return d
}

/// A slot wrapper bound to an object (`(1).__add__`).
enum MethodWrapper {
  struct Object {
    var ob_base: PyObject
    var descriptor: Ref?
    var object: Ref?
  }
  static func make(_ d: Ref, _ o: Ref) -> Ref? {
    guard let w = PyType_GenericAlloc(Types.methodWrapper, 0) else { return nil }
    w.cast(Object.self).pointee.descriptor = newRef(d)
    w.cast(Object.self).pointee.object = newRef(o)
    return w
  }
  static func invoke(_ d: Ref, _ o: Ref, _ args: Ref, _ kwargs: Ref?) -> Ref? {
    bridge { () throws(PyError) in
      let w = d.cast(PyWrapperDescrObject.self)
      let base = w.pointee.d_base!
      if base.pointee.flags & 1 != 0 {
        return try owned(Wrappers.callWithKeywords(o, args, kwargs, base, w.pointee.d_wrapped))
      }
      if let kwargs, PyDict_Size(kwargs) > 0 {
        throw typeError("wrapper \(String(cString: base.pointee.name))() takes no keyword arguments")
      }
      return try owned(base.pointee.wrapper(o, args, w.pointee.d_wrapped))
    }
  }
  static func install() {
    let t = Types.methodWrapper
    t.define("method-wrapper", basicSize: 32, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(r!.cast(Object.self).pointee.descriptor)
      xdecref(r!.cast(Object.self).pointee.object)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, v, c in r!.cast(Object.self).pointee.object.map { v!($0, c) } ?? 0 }
    t.pointee.tp_call = { r, args, kwargs in
      let w = r!.cast(Object.self)
      return MethodWrapper.invoke(w.pointee.descriptor!, w.pointee.object!, args!, kwargs)
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let w = r!.cast(Object.self)
        let name = swiftString(w.pointee.descriptor!.cast(PyDescrObject.self).pointee.d_name)
        return try string(
          "<method-wrapper '\(name)' of \(typeName(of: w.pointee.object!)) object at 0x\(String(UInt(bitPattern: w.pointee.object!), radix: 16))>"
        )
      }
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, b!.type == Types.methodWrapper else { return newRef(notImplemented) }
      let x = a!.cast(Object.self), y = b!.cast(Object.self)
      let same = x.pointee.descriptor == y.pointee.descriptor && x.pointee.object == y.pointee.object
      return newRef(pyBool(same == (op == Py_EQ)))
    }
    t.pointee.tp_hash = { r in
      let w = r!.cast(Object.self)
      return Int(
        bitPattern: (UInt(bitPattern: w.pointee.object!) >> 4) ^ (UInt(bitPattern: w.pointee.descriptor!) >> 4))
    }
    var m = MemberTable()
    m.add("__self__", _Py_T_OBJECT, offset: 24)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add(
      "__name__",
      get: { r, _ in xnewRef(r!.cast(Object.self).pointee.descriptor!.cast(PyDescrObject.self).pointee.d_name) })
    g.add(
      "__objclass__",
      get: { r, _ in newRef(r!.cast(Object.self).pointee.descriptor!.cast(PyDescrObject.self).pointee.d_type.object) })
    g.add("__doc__", get: { r, _ in PyObject_GetAttr(r!.cast(Object.self).pointee.descriptor, Dunder.doc.ref) })
    g.add(
      "__qualname__", get: { r, _ in PyObject_GetAttr(r!.cast(Object.self).pointee.descriptor, Dunder.qualname.ref) })
    g.add(
      "__text_signature__",
      get: { r, _ in PyObject_GetAttrString(r!.cast(Object.self).pointee.descriptor, "__text_signature__") })
    t.pointee.tp_getset = g.build()
    var methods = MethodTable()
    methods.noArguments("__reduce__") { r, _ in
      bridge { () throws(PyError) in
        let w = r!.cast(Object.self)
        return try getattrCall(w.pointee.object!, w.pointee.descriptor!.cast(PyDescrObject.self).pointee.d_name)
      }
    }
    t.pointee.tp_methods = methods.build()
  }
}

/// Attributes stored at fixed offsets.
enum Members {
  /// Whether reading the attribute would only say that the object has none.
  static func isUnset(_ descriptor: Ref, _ o: Ref) -> Bool {
    guard descriptor.isExactly(Types.memberDescr),
      PyType_IsSubtype(o.type, NativeDescriptors.common(descriptor).pointee.d_type) != 0
    else { return false }
    let m = descriptor.cast(PyMemberDescrObject.self).pointee.d_member!
    return m.pointee.type == Py_T_OBJECT_EX && m.pointee.flags & Py_AUDIT_READ == 0
      && (o.raw + m.pointee.offset).load(as: Ref?.self) == nil
  }
  static func get(_ o: Ref, _ m: UnsafeMutablePointer<PyMemberDef>) -> Ref? {
    if m.pointee.flags & Py_AUDIT_READ != 0, isAudited {
      do throws(PyError) { try auditRead(o, String(cString: m.pointee.name)) } catch { return nil }
    }
    let p = o.raw + m.pointee.offset
    switch m.pointee.type {
    case Py_T_BOOL: return newRef(pyBool(p.load(as: UInt8.self) != 0))
    case Py_T_BYTE: return PyLong_FromLong(Int(p.load(as: Int8.self)))
    case Py_T_UBYTE: return PyLong_FromLong(Int(p.load(as: UInt8.self)))
    case Py_T_SHORT: return PyLong_FromLong(Int(p.load(as: Int16.self)))
    case Py_T_USHORT: return PyLong_FromLong(Int(p.load(as: UInt16.self)))
    case Py_T_INT: return PyLong_FromLong(Int(p.load(as: Int32.self)))
    case Py_T_UINT: return PyLong_FromLong(Int(p.load(as: UInt32.self)))
    case Py_T_LONG, Py_T_LONGLONG, Py_T_PYSSIZET: return PyLong_FromSsize_t(p.load(as: Int.self))
    case Py_T_ULONG, Py_T_ULONGLONG: return PyLong_FromUnsignedLongLong(p.load(as: UInt64.self))
    case Py_T_FLOAT: return PyFloat_FromDouble(Double(p.load(as: Float.self)))
    case Py_T_DOUBLE: return PyFloat_FromDouble(p.load(as: Double.self))
    case Py_T_STRING:
      guard let s = p.load(as: UnsafePointer<CChar>?.self) else { return newRef(none) }
      return PyUnicode_FromString(s)
    case Py_T_STRING_INPLACE: return PyUnicode_FromString(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self))
    case Py_T_CHAR: return PyUnicode_FromStringAndSize(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), 1)
    case _Py_T_OBJECT: return newRef(p.load(as: Ref?.self) ?? none)
    case Py_T_OBJECT_EX:
      guard let v = p.load(as: Ref?.self) else {
        let name = String(cString: m.pointee.name)
        if let key = newString(name) {
          let owner = PyType_GetFullyQualifiedName(o.type)
          _ = attributeError(o, key, "'\(owner.map { swiftString($0) } ?? "?")' object has no attribute '\(name)'")
          xdecref(owner)
          gila_decref(key)
        }
        return nil
      }
      return newRef(v)
    default: return newRef(none)
    }
  }
  static func set(_ o: Ref, _ m: UnsafeMutablePointer<PyMemberDef>, _ v: Ref?) -> Int32 {
    bridgeStatus { () throws(PyError) in
      if m.pointee.flags & Py_READONLY != 0 { throw raise(Exc.AttributeError, "readonly attribute") }
      let p = o.raw + m.pointee.offset
      let kind = m.pointee.type
      guard let v else {
        if kind == Py_T_OBJECT_EX && p.load(as: Ref?.self) == nil {
          throw raise(Exc.AttributeError, String(cString: m.pointee.name))
        }
        guard kind == _Py_T_OBJECT || kind == Py_T_OBJECT_EX else {
          throw typeError("can't delete numeric/char attribute")
        }
        GilaCore.clear(p.assumingMemoryBound(to: Ref?.self))
        return
      }
      switch kind {
      case _Py_T_OBJECT, Py_T_OBJECT_EX: replace(p.assumingMemoryBound(to: Ref?.self), with: newRef(v))
      case Py_T_BOOL:
        guard v.isExactly(Types.bool) else { throw typeError("attribute value type must be bool") }
        p.storeBytes(of: v == pyTrue ? 1 : 0, as: UInt8.self)
      case Py_T_DOUBLE, Py_T_FLOAT:
        let d = PyFloat_AsDouble(v)
        if d == -1 && errorIsSet { throw PyError() }
        if kind == Py_T_DOUBLE {
          p.storeBytes(of: d, as: Double.self)
        } else {
          p.storeBytes(of: Float(d), as: Float.self)
        }
      case Py_T_CHAR:
        var n = 0
        guard let s = PyUnicode_AsUTF8AndSize(v, &n), n == 1 else {
          throw typeError("attribute value type must be a 1-character string")
        }
        p.storeBytes(of: s[0], as: CChar.self)
      case Py_T_STRING, Py_T_STRING_INPLACE: throw typeError("readonly attribute")
      case Py_T_ULONG, Py_T_ULONGLONG:
        let n = PyLong_AsUnsignedLongLong(v)
        if n == UInt64.max && errorIsSet { throw PyError() }
        p.storeBytes(of: n, as: UInt64.self)
      default:
        let n = PyLong_AsLong(v)
        if n == -1 && errorIsSet { throw PyError() }
        switch kind {
        case Py_T_BYTE, Py_T_UBYTE: p.storeBytes(of: UInt8(truncatingIfNeeded: n), as: UInt8.self)
        case Py_T_SHORT, Py_T_USHORT: p.storeBytes(of: UInt16(truncatingIfNeeded: n), as: UInt16.self)
        case Py_T_INT, Py_T_UINT: p.storeBytes(of: UInt32(truncatingIfNeeded: n), as: UInt32.self)
        default: p.storeBytes(of: n, as: Int.self)
        }
      }
    }
  }
}
@c @implementation public func PyMember_GetOne(_ o: UnsafePointer<CChar>!, _ m: UnsafeMutablePointer<PyMemberDef>!)
  -> Ref?
{
  Members.get(UnsafeMutableRawPointer(mutating: o).assumingMemoryBound(to: PyObject.self), m)
}
@c @implementation public func PyMember_SetOne(
  _ o: UnsafeMutablePointer<CChar>!, _ m: UnsafeMutablePointer<PyMemberDef>!, _ v: Ref!
) -> Int32 {
  Members.set(UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyObject.self), m, v)
}
@c @implementation public func PyDescr_IsData(_ d: Ref!) -> Int32 { d.type.pointee.tp_descr_set != nil ? 1 : 0 }
@c @implementation public func PyWrapper_New(_ d: Ref!, _ o: Ref!) -> Ref? { MethodWrapper.make(d!, o!) }
