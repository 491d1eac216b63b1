// functools.partial.

import CGila
import GilaCore

/// Words: 0 function, 1 arguments (tuple), 2 keywords (dict), 3 `__dict__`, 4 weak references, 5 the vectorcall.
enum Partial {
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "functools.partial", references: 4, words: 6,
      doc:
        "partial(func, /, *args, **keywords)\n--\n\nCreate a new function with partial application of the given arguments and keywords.",
      flags: UInt(Py_TPFLAGS_HAVE_VECTORCALL))
    t.pointee.tp_dictoffset = 40
    t.pointee.tp_weaklistoffset = 48
    t.pointee.tp_vectorcall_offset = 56
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_dealloc = { p in
      PyObject_GC_UnTrack(p!.raw)
      if p!.field(4).pointee != nil { PyObject_ClearWeakRefs(p) }
      Fields.deallocate(p!, 4)
    }
    t.pointee.tp_call = PyVectorcall_Call
    t.pointee.tp_new = { type, args, kwargs in bridge { () throws(PyError) in try Partial.new(type!, args!, kwargs) } }
    t.pointee.tp_repr = { p in bridge { () throws(PyError) in try Partial.repr(p!) } }
    t.pointee.tp_descr_get = { p, object, _ in
      if object == nil || object!.isNone { return newRef(p!) }
      let status = PyErr_WarnEx(
        Exc.FutureWarning.object,
        "functools.partial will be a method descriptor in future Python versions; wrap it in staticmethod() if you want to preserve the old behavior",
        1)
      return status < 0 ? nil : newRef(p!)
    }
    var members = MemberTable()
    members.add("func", _Py_T_OBJECT, offset: 16, "function object to use in future partial calls")
    members.add("args", _Py_T_OBJECT, offset: 24, "tuple of arguments to future partial calls")
    members.add("keywords", _Py_T_OBJECT, offset: 32, "dictionary of keyword arguments to future partial calls")
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add("__dict__", get: { PyObject_GenericGetDict($0, $1) }, set: { PyObject_GenericSetDict($0, $1, $2) })
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    m.noArguments("__reduce__", "") { p, _ in
      bridge { () throws(PyError) in
        let state = try owned(PyTuple_New(4))
        for i in 0..<4 { state.ref.tupleItems[i] = newRef(p!.field(i).pointee ?? none) }
        return try triple(classOf(p!), single(Owned(retaining: p!.field(0).pointee!)), state)
      }
    }
    m.one("__setstate__", "") { p, state in bridgeNone { () throws(PyError) in try Partial.setState(p!, state!) } }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    t.pointee.tp_methods = m.build()
    return t
  }()

  private static func new(_ type: TypeRef, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    if args.size < 1 { throw typeError("type 'partial' takes at least one argument") }
    var function = args.tupleItems[0]!
    if PyCallable_Check(function) == 0 { throw typeError("the first argument must be callable") }
    var inner: Ref? = nil
    // A partial of a plain partial is one partial.
    if function.isInstance(of: Partial.type), type == Partial.type, function.field(3).pointee == nil {
      inner = function
      function = function.field(0).pointee!
    }
    let given = try owned(PyTuple_GetSlice(args, 1, args.size))
    let all = inner == nil ? given : try owned(PySequence_Concat(inner!.field(1).pointee, given.ref))
    let keywords = try owned(inner == nil ? PyDict_New() : PyDict_Copy(inner!.field(2).pointee))
    if let kwargs { try check(PyDict_Merge(keywords.ref, kwargs, 1)) }
    let p = try Fields.make(type)
    p.ref.field(0).pointee = newRef(function)
    p.ref.field(1).pointee = all.take()
    p.ref.field(2).pointee = keywords.take()
    setVectorcall(p.ref, 5) { p, args, flags, names in Partial.call(p!, args, flags & Int.max, names) }
    return p
  }

  private static func call(_ p: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) -> Ref? {
    let fixed = p.field(1).pointee.unsafelyUnwrapped
    let keywords = p.field(2).pointee.unsafelyUnwrapped
    let function = p.field(0).pointee.unsafelyUnwrapped
    let k = fixed.size
    let named = names?.size ?? 0
    if PyDict_Size(keywords) == 0 {
      return withUnsafeTemporaryAllocation(of: Ref?.self, capacity: k &+ n &+ named &+ 1) { buffer in
        let all = buffer.baseAddress! + 1
        buffer[0] = nil
        for i in 0..<k { all[i] = fixed.tupleItems[i] }
        for i in 0..<(n &+ named) { all[k &+ i] = args.unsafelyUnwrapped[i] }
        return PyObject_Vectorcall(function, all, (k &+ n) | Int.min, names)
      }
    }
    return bridge { () throws(PyError) in
      let merged = try owned(PyDict_Copy(keywords))
      for i in 0..<named { try check(PyDict_SetItem(merged.ref, names!.tupleItems[i], args![n + i])) }
      let all = try owned(PyTuple_New(k + n))
      for i in 0..<k { all.ref.tupleItems[i] = newRef(fixed.tupleItems[i]!) }
      for i in 0..<n { all.ref.tupleItems[k + i] = newRef(args![i]!) }
      return try owned(PyObject_Call(function, all.ref, merged.ref))
    }
  }

  private static func repr(_ p: Ref) throws(PyError) -> Owned {
    let entered = Py_ReprEnter(p)
    if entered != 0 {
      if entered < 0 { throw PyError() }
      return try string("...")
    }
    defer { Py_ReprLeave(p) }
    let name = try owned(PyType_GetFullyQualifiedName(p.type))
    var text = swiftString(name.ref) + "(" + (try reprText(p.field(0).pointee!))
    let args = p.field(1).pointee!
    for i in 0..<args.size { text += ", " + (try reprText(args.tupleItems[i]!)) }
    var position = 0
    var key: Ref? = nil
    var value: Ref? = nil
    while PyDict_Next(p.field(2).pointee, &position, &key, &value) != 0 {
      let held = Owned(retaining: value!)
      let name = try owned(PyObject_Str(key))
      text += ", \(swiftString(name.ref))=" + (try reprText(held.ref))
    }
    return try string(text + ")")
  }

  private static func setState(_ p: Ref, _ state: Ref) throws(PyError) {
    guard state.isTuple, state.size == 4 else { throw typeError("invalid partial state") }
    let items = state.tupleItems
    guard PyCallable_Check(items[0]) != 0, items[1]!.isTuple, items[2]!.isNone || items[2]!.isDict else {
      throw typeError("invalid partial state")
    }
    let args = try owned(PySequence_Tuple(items[1]))
    let keywords = try owned(
      items[2]!.isNone
        ? PyDict_New() : items[2]!.isExactly(Types.dict) ? newRef(items[2]!) : PyDict_Copy(items[2]))
    replace(p.field(0), with: newRef(items[0]!))
    replace(p.field(1), with: args.take())
    replace(p.field(2), with: keywords.take())
    replace(p.field(3), with: items[3]!.isNone ? nil : newRef(items[3]!))
  }
}
