import CGila
import GilaCore

/// `BaseExceptionGroup` and `ExceptionGroup`: several exceptions raised as one (PEP 654).
enum ExceptionGroups {
  typealias Group = UnsafeMutablePointer<PyBaseExceptionGroupObject>
  @inline(__always) static func group(_ r: Ref) -> Group { r.cast(PyBaseExceptionGroupObject.self) }
  static func isGroup(_ r: Ref) -> Bool { r.isInstance(of: Exc.BaseExceptionGroup) }

  /// `ExceptionGroup`, a class with two bases, which no static type can be: made when first wanted.
  private static let classSlot = InterpreterSlot(3)
  static func exceptionGroup() throws(PyError) -> TypeRef {
    let slot = currentInterpreter.slot(classSlot)
    if let t = slot.pointee { return t.asType }
    let bases = try owned(PyTuple_New(2))
    gila_tuple_items(bases.ref)[0] = newRef(Exc.BaseExceptionGroup.object)
    gila_tuple_items(bases.ref)[1] = newRef(Exc.Exception.object)
    let name = try string("ExceptionGroup"), namespace = try owned(PyDict_New()), module = try string("builtins")
    try check(PyDict_SetItem(namespace.ref, Dunder.module.ref, module.ref))
    let args = try owned(PyTuple_New(3))
    gila_tuple_items(args.ref)[0] = newRef(name.ref)
    gila_tuple_items(args.ref)[1] = newRef(bases.ref)
    gila_tuple_items(args.ref)[2] = newRef(namespace.ref)
    let t = try owned(PyObject_Call(Types.type.object, args.ref, nil))
    t.ref.asType.pointee.tp_flags |= UInt(Py_TPFLAGS_IMMUTABLETYPE)
    slot.pointee = t.take()
    return slot.pointee!.asType
  }

  static func install() {
    let t = Exc.BaseExceptionGroup
    t.pointee.tp_doc = cString("A combination of multiple unrelated exceptions.")
    t.pointee.tp_new = { t, args, kwargs in bridge { () throws(PyError) in try ExceptionGroups.new(t!, args!) } }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        if let kwargs, PyDict_Size(kwargs) > 0 { throw typeError("\(typeName(of: r!)) takes no keyword arguments") }
        try check(Exc.BaseException.pointee.tp_init(r, args, nil))
      }
    }
    t.pointee.tp_str = { r in
      bridge { () throws(PyError) in
        let text = try owned(PyObject_Str(ExceptionGroups.group(r!).pointee.msg))
        let n = ExceptionGroups.group(r!).pointee.excs.size
        return try string("\(swiftString(text.ref)) (\(n) sub-exception\(n == 1 ? "" : "s"))")
      }
    }
    var members = MemberTable()
    members.add("message", _Py_T_OBJECT, offset: 72, "exception message")
    members.add("exceptions", _Py_T_OBJECT, offset: 80, "nested exceptions")
    t.pointee.tp_members = members.build()
    var m = MethodTable()
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    m.one("derive", "($self, excs, /)", "") { r, exceptions in
      bridge { () throws(PyError) in try ExceptionGroups.make(ExceptionGroups.group(r!).pointee.msg, exceptions!) }
    }
    m.one("split", "($self, matcher_value, /)", "") { r, matcher in
      bridge { () throws(PyError) in
        let parts = try ExceptionSplit.split(r!, try ExceptionSplit.Matcher(matcher!), wantsRest: true)
        let t = try owned(PyTuple_New(2))
        gila_tuple_items(t.ref)[0] = parts.match ?? none
        gila_tuple_items(t.ref)[1] = parts.rest ?? none
        return t
      }
    }
    m.one("subgroup", "($self, matcher_value, /)", "") { r, matcher in
      bridge { () throws(PyError) in
        let parts = try ExceptionSplit.split(r!, try ExceptionSplit.Matcher(matcher!), wantsRest: false)
        return Owned(taking: parts.match ?? none)
      }
    }
    t.pointee.tp_methods = m.build()
  }

  /// A group of the class that fits: `BaseExceptionGroup(message, exceptions)`.
  static func make(_ message: Ref, _ exceptions: Ref) throws(PyError) -> Owned {
    let args = try owned(PyTuple_New(2))
    gila_tuple_items(args.ref)[0] = newRef(message)
    gila_tuple_items(args.ref)[1] = newRef(exceptions)
    return try owned(PyObject_Call(Exc.BaseExceptionGroup.object, args.ref, nil))
  }

  private static func new(_ cls: TypeRef, _ args: Ref) throws(PyError) -> Owned {
    if args.size != 2 {
      throw typeError("BaseExceptionGroup.__new__() takes exactly 2 arguments (\(args.size) given)")
    }
    let message = gila_tuple_items(args)[0]!, given = gila_tuple_items(args)[1]!
    guard message.isUnicode else {
      throw typeError("BaseExceptionGroup.__new__() argument 1 must be str, not \(typeName(of: message))")
    }
    guard PySequence_Check(given) != 0 else { throw typeError("second argument (exceptions) must be a sequence") }
    let exceptions = try owned(PySequence_Tuple(given))
    if exceptions.ref.size == 0 { throw valueError("second argument (exceptions) must be a non-empty sequence") }
    var hasBase = false
    for i in 0..<exceptions.ref.size {
      let e = gila_tuple_items(exceptions.ref)[i]!
      guard e.isException else {
        throw valueError("Item \(i) of second argument (exceptions) is not an exception")
      }
      if !e.isInstance(of: Exc.Exception) { hasBase = true }
    }
    let plain = try exceptionGroup()
    var type = cls
    if cls == Exc.BaseExceptionGroup {
      if !hasBase { type = plain }
    } else if cls == plain {
      if hasBase { throw typeError("Cannot nest BaseExceptions in an ExceptionGroup") }
    } else if hasBase && PyType_IsSubtype(cls, Exc.Exception) != 0 {
      throw typeError("Cannot nest BaseExceptions in '\(typeName(cls))'")
    }
    let r = try owned(Exc.BaseException.pointee.tp_new(type, args, nil))
    group(r.ref).pointee.msg = newRef(message)
    group(r.ref).pointee.excs = exceptions.take()
    return r
  }
}

/// The class ExceptionGroup (borrowed), for `builtins`.
public func exceptionGroupClass() throws(PyError) -> Ref { try ExceptionGroups.exceptionGroup().object }
