import CGila
import GilaCore

/// `object.__reduce_ex__`, `__reduce__` and `__getstate__`: how pickle and copy take objects apart.
enum Reduce {
  static func add(to m: inout MethodTable) {
    m.noArguments("__getstate__", "($self, /)", "Helper for pickle.") { o, _ in
      bridge { () throws(PyError) in try Reduce.defaultState(o!, required: false) }
    }
    m.noArguments("__reduce__", "($self, /)", "Helper for pickle.") { o, _ in
      bridge { () throws(PyError) in try Reduce.common(o!, 0) }
    }
    m.one("__reduce_ex__", "($self, protocol, /)", "Helper for pickle.") { o, version in
      bridge { () throws(PyError) in
        let p = try intArgument(version!)
        if let known = _PyType_Lookup(o!.type, Dunder.reduce.ref),
          known == PyDict_GetItemWithError(Types.baseObject.pointee.tp_dict, Dunder.reduce.ref)
        {
          return try Reduce.common(o!, p)
        }
        var own: Ref? = nil
        try check(PyObject_GetOptionalAttr(o, Dunder.reduce.ref, &own))
        if let own {
          let reduce = Owned(taking: own)
          let of = try owned(PyObject_GetAttr(o!.type.object, Dunder.reduce.ref))
          // A class that defines `__reduce__` wants that.
          if of.ref != PyDict_GetItemWithError(Types.baseObject.pointee.tp_dict, Dunder.reduce.ref) {
            return try owned(PyObject_CallNoArgs(reduce.ref))
          }
        }
        return try Reduce.common(o!, p)
      }
    }
  }

  // Interned names, made at first use.
  nonisolated(unsafe) private static let copyregName = gila_intern("copyreg")!
  nonisolated(unsafe) private static let newName = gila_intern("__newobj__")!
  nonisolated(unsafe) private static let newWithKeywordsName = gila_intern("__newobj_ex__")!
  nonisolated(unsafe) private static let reduceName = gila_intern("_reduce_ex")!
  nonisolated(unsafe) private static let slotNamesName = gila_intern("_slotnames")!

  private static func copyreg(_ name: Ref) throws(PyError) -> Owned {
    // From `sys.modules` without the way through the import system, as a rule.
    guard let known = PyImport_GetModuleDict().flatMap({ PyDict_GetItemWithError($0, copyregName) }) else {
      if errorIsSet { throw PyError() }
      let made = try owned(PyImport_ImportModule("copyreg"))
      return try owned(PyObject_GetAttr(made.ref, name))
    }
    let module = Owned(retaining: known)
    return try owned(PyObject_GetAttr(module.ref, name))
  }
  private static func common(_ o: Ref, _ version: Int32) throws(PyError) -> Owned {
    if version >= 2 { return try newObject(o) }
    let f = try copyreg(reduceName)
    let n = try owned(PyLong_FromLong(Int(version)))
    return try owned(call(f.ref, o, n.ref))
  }

  // MARK: Protocol 2 and later

  private static func optional(_ o: Ref, _ name: Ref) throws(PyError) -> Owned? {
    var v: Ref? = nil
    try check(PyObject_GetOptionalAttr(o, name, &v))
    return v.map { Owned(taking: $0) }
  }
  /// A method looked up on the type.
  private static func special(_ o: Ref, _ name: Ref) throws(PyError) -> Owned? {
    if let f = _PyObject_LookupSpecial(o, name) { return Owned(taking: f) }
    if errorIsSet { throw PyError() }
    return nil
  }
  /// What `__new__` wants to be called with, if the class says so.
  private static func newArguments(_ o: Ref) throws(PyError) -> (args: Ref?, kwargs: Ref?) {
    if let f = try special(o, Dunder.getnewargs_ex.ref) {
      let pair = try owned(PyObject_CallNoArgs(f.ref))
      guard pair.ref.isTuple else {
        throw typeError("__getnewargs_ex__ should return a tuple, not '\(typeName(of: pair.ref))'")
      }
      guard pair.ref.size == 2 else {
        throw valueError("__getnewargs_ex__ should return a tuple of length 2, not \(pair.ref.size)")
      }
      let args = gila_tuple_items(pair.ref)[0]!, kwargs = gila_tuple_items(pair.ref)[1]!
      guard args.isTuple else {
        throw typeError(
          "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '\(typeName(of: args))'")
      }
      guard kwargs.isDict else {
        throw typeError(
          "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '\(typeName(of: kwargs))'")
      }
      return (newRef(args), newRef(kwargs))
    }
    if let f = try special(o, Dunder.getnewargs.ref) {
      let args = try owned(PyObject_CallNoArgs(f.ref))
      guard args.ref.isTuple else {
        throw typeError("__getnewargs__ should return a tuple, not '\(typeName(of: args.ref))'")
      }
      return (args.take(), nil)
    }
    return (nil, nil)
  }
  private static func newObject(_ o: Ref) throws(PyError) -> Owned {
    if o.type.pointee.tp_new == nil { throw typeError("cannot pickle '\(typeName(of: o))' object") }
    let (args, kwargs) = try newArguments(o)
    defer {
      xdecref(args)
      xdecref(kwargs)
    }
    let function: Owned, arguments: Owned
    if let kwargs, let args, PyDict_Size(kwargs) > 0 {
      function = try copyreg(newWithKeywordsName)
      arguments = try tuple(o.type.object, args, kwargs)
    } else {
      function = try copyreg(newName)
      let n = args?.size ?? 0
      arguments = try owned(PyTuple_New(n + 1))
      gila_tuple_items(arguments.ref)[0] = newRef(o.type.object)
      for i in 0..<n { gila_tuple_items(arguments.ref)[i + 1] = newRef(gila_tuple_items(args!)[i]!) }
    }
    let state = try state(o, required: args == nil && !o.isList && !o.isDict)
    let items = o.isList ? try owned(PyObject_GetIter(o)) : Owned(retaining: none)
    var pairs = Owned(retaining: none)
    if o.isDict {
      let method = try owned(PyObject_GetAttrString(o, "items"))
      let view = try owned(PyObject_CallNoArgs(method.ref))
      pairs = try owned(PyObject_GetIter(view.ref))
    }
    let result = try owned(PyTuple_New(5))
    gila_tuple_items(result.ref)[0] = function.take()
    gila_tuple_items(result.ref)[1] = arguments.take()
    gila_tuple_items(result.ref)[2] = state.take()
    gila_tuple_items(result.ref)[3] = items.take()
    gila_tuple_items(result.ref)[4] = pairs.take()
    return result
  }

  // MARK: State

  /// The object's own `__getstate__`, or the default one told whether all of the object must be in the state.
  private static func state(_ o: Ref, required: Bool) throws(PyError) -> Owned {
    let f = try owned(PyObject_GetAttr(o, Dunder.getstate.ref))
    if f.ref.isExactly(Types.cFunction), f.ref.cast(PyCFunctionObject.self).pointee.m_self == o,
      let original = PyDict_GetItemWithError(Types.baseObject.pointee.tp_dict, Dunder.getstate.ref),
      original.isExactly(Types.methodDescr),
      original.cast(PyMethodDescrObject.self).pointee.d_method == f.ref.cast(PyCFunctionObject.self).pointee.m_ml
    {
      return try defaultState(o, required: required)
    }
    return try owned(PyObject_CallNoArgs(f.ref))
  }
  private static func slotNames(_ t: TypeRef) throws(PyError) -> Owned {
    if let names = PyDict_GetItemWithError(t.pointee.tp_dict, Dunder.slotnames.ref) {
      guard names == none || names.isList else {
        throw typeError("\(typeName(t)).__slotnames__ should be a list or None, not \(typeName(of: names))")
      }
      return Owned(retaining: names)
    }
    if errorIsSet { throw PyError() }
    let f = try copyreg(slotNamesName)
    let names = try owned(call(f.ref, t.object))
    guard names.ref == none || names.ref.isList else {
      throw typeError("copyreg._slotnames didn't return a list or None")
    }
    return names
  }
  static func defaultState(_ o: Ref, required: Bool) throws(PyError) -> Owned {
    let t = o.type
    if required && t.pointee.tp_itemsize != 0 { throw typeError("cannot pickle \(typeName(of: o)) objects") }
    var state: Owned
    if _PyObject_IsInstanceDictEmpty(o) != 0 {
      state = Owned(retaining: none)
    } else {
      state = try owned(PyObject_GenericGetDict(o, nil))
    }
    let names = try slotNames(t)
    let count = names.ref == none ? 0 : names.ref.size
    if required {
      var size = Types.baseObject.pointee.tp_basicsize
      if t.pointee.tp_dictoffset != 0 && t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) == 0 { size += 8 }
      if t.pointee.tp_weaklistoffset > 0 { size += 8 }
      size += 8 * count
      if t.pointee.tp_basicsize > size { throw typeError("cannot pickle '\(typeName(of: o))' object") }
    }
    if count > 0 {
      let slots = try owned(PyDict_New())
      for i in 0..<count {
        guard i < names.ref.size else { throw runtimeError("__slotsname__ changed size during iteration") }
        let name = Owned(retaining: gila_list_items(names.ref)![i]!)
        if let v = try optional(o, name.ref) { try check(PyDict_SetItem(slots.ref, name.ref, v.ref)) }
      }
      if PyDict_Size(slots.ref) > 0 { state = try tuple(state.ref, slots.ref) }
    }
    return state
  }
}
@c @implementation public func _PyObject_IsInstanceDictEmpty(_ o: Ref!) -> Int32 {
  let t = o.type
  if t.pointee.tp_dictoffset == 0 { return 1 }
  if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 {
    guard let d = gila_instance_dict(o) else {
      PyErr_Clear()
      return 1
    }
    return PyDict_Size(d) == 0 ? 1 : 0
  }
  guard let d = GenericAttributes.dictSlot(o!)?.pointee else { return 1 }
  return PyDict_Size(d) == 0 ? 1 : 0
}
