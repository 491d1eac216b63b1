import CGila
import GilaCore

/// Calling a C function by the convention its method definition names.
enum NativeCall {
  static func invoke(
    _ m: UnsafeMutablePointer<PyMethodDef>, _ o: Ref?, _ cls: TypeRef?, _ args: ArgumentVector?, _ n: Int, _ names: Ref?
  ) -> Ref? {
    let flags = m.pointee.ml_flags & ~(METH_CLASS | METH_STATIC | METH_COEXIST)
    let f = m.pointee.ml_meth
    let nk = names.map { $0.size } ?? 0
    func name() -> String { String(cString: m.pointee.ml_name) }
    switch flags {
    case METH_FASTCALL:
      if nk == 0 { return unsafeBitCast(f, to: PyCFunctionFast.self)(o, args, n) }
    case METH_FASTCALL | METH_KEYWORDS:
      return unsafeBitCast(f, to: PyCFunctionFastWithKeywords.self)(o, args, n, names)
    case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
      return unsafeBitCast(f, to: PyCMethod.self)(o, cls, args, n, names)
    case METH_NOARGS:
      if nk == 0 {
        if n == 0 { return f!(o, nil) }
        _ = typeError("\(qualified(o, name()))() takes no arguments (\(n) given)")
        return nil
      }
    case METH_O:
      if nk == 0 {
        if n == 1 { return f!(o, args![0]) }
        _ = typeError("\(qualified(o, name()))() takes exactly one argument (\(n) given)")
        return nil
      }
    default:
      guard flags & METH_VARARGS != 0 else {
        _ = systemError("\(name())() method: bad call flags")
        return nil
      }
      if flags & METH_KEYWORDS == 0 && nk > 0 { break }
      guard let tuple = PyTuple_New(n) else { return nil }
      defer { gila_decref(tuple) }
      for i in 0..<n { gila_tuple_items(tuple)[i] = newRef(args![i]!) }
      if flags & METH_KEYWORDS == 0 { return f!(o, tuple) }
      var dict: Ref? = nil
      if nk > 0 {
        dict = PyDict_New()
        for i in 0..<nk { if PyDict_SetItem(dict, gila_tuple_items(names!)[i], args![n + i]) < 0 { return nil } }
      }
      defer { xdecref(dict) }
      return unsafeBitCast(f, to: PyCFunctionWithKeywords.self)(o, tuple, dict)
    }
    // Functions that take a tuple name themselves without their module here.
    let called = flags == METH_VARARGS && o.map { ModuleType.isModule($0) } ?? true ? name() : qualified(o, name())
    _ = typeError("\(called)() takes no keyword arguments")
    return nil
  }
  private static func qualified(_ o: Ref?, _ name: String) -> String {
    guard let o else { return name }
    if ModuleType.isModule(o) {
      guard let d = ModuleType.object(o).pointee.dict, let m = PyDict_GetItemWithError(d, Dunder.name.ref), m.isUnicode
      else { return name }
      let module = swiftString(m)
      return module == "builtins" ? name : "\(module).\(name)"
    }
    return typeName(o.isType ? o.asType : o.type) + "." + name
  }
}

@c @implementation public func PyVectorcall_NARGS(_ n: Int) -> Int { n & Int.max }
@c @implementation public func PyVectorcall_Function(_ f: Ref!) -> vectorcallfunc? { vector(f!) }
@inline(__always) func vector(_ f: Ref) -> vectorcallfunc? {
  let t = f.type
  guard t.pointee.tp_flags & UInt(Py_TPFLAGS_HAVE_VECTORCALL) != 0 else { return nil }
  return (f.raw + t.pointee.tp_vectorcall_offset).load(as: vectorcallfunc?.self)
}
@c @implementation public func gila_call_vector(_ f: Ref!, _ args: ArgumentVector!, _ nargsf: Int, _ names: Ref!)
  -> Ref?
{
  let f = f.unsafelyUnwrapped
  if let v = vector(f) { return v(f, args, nargsf, names) }
  return _PyObject_MakeTpCall(gila_ts(), f, args, nargsf & Int.max, names)
}
@c @implementation public func PyObject_Vectorcall(_ f: Ref!, _ args: ArgumentVector!, _ nargsf: Int, _ names: Ref!)
  -> Ref?
{
  gila_call_vector(f, args, nargsf, names)
}
/// Who calls a module may have meant what has its name in it.
@inline(never) private func notCallable(_ f: Ref) {
  let message = "'\(typeName(of: f))' object is not callable"
  if f.isInstance(of: Types.module), let name = PyModule_GetNameObject(f) {
    let held = Owned(taking: name)
    var inner: Ref? = nil
    if PyObject_GetOptionalAttr(f, held.ref, &inner) < 0 { return }
    if let inner {
      let callable = PyCallable_Check(inner) != 0
      decref(inner)
      if callable {
        let text = swiftString(held.ref)
        _ = typeError("\(message). Did you mean: '\(text).\(text)(...)'?")
        return
      }
    }
  }
  PyErr_Clear()
  _ = typeError(message)
}
@c @implementation public func _PyObject_MakeTpCall(
  _ ts: ThreadRef!, _ f: Ref!, _ args: ArgumentVector!, _ n: Int, _ names: Ref!
) -> Ref? {
  guard let call = f.type.pointee.tp_call else {
    notCallable(f)
    return nil
  }
  guard let tuple = PyTuple_New(n) else { return nil }
  defer { gila_decref(tuple) }
  for i in 0..<n { gila_tuple_items(tuple)[i] = newRef(args![i]!) }
  var dict: Ref? = nil
  defer { xdecref(dict) }
  if let names, names.size > 0 {
    dict = PyDict_New()
    if dict == nil { return nil }
    for i in 0..<names.size { if PyDict_SetItem(dict, gila_tuple_items(names)[i], args![n + i]) < 0 { return nil } }
  }
  if gila_enter_recursive_call(" while calling a Python object") < 0 { return nil }
  return call(f, tuple, dict)
}
@c @implementation public func PyObject_Call(_ f: Ref!, _ args: Ref!, _ kwargs: Ref!) -> Ref? {
  let f = f.unsafelyUnwrapped
  if let v = vector(f) { return spread(v, f, args!, kwargs) }
  guard let call = f.type.pointee.tp_call else {
    notCallable(f)
    return nil
  }
  if gila_enter_recursive_call(" while calling a Python object") < 0 { return nil }
  return call(f, args, kwargs)
}
private func spread(_ v: vectorcallfunc, _ f: Ref, _ args: Ref, _ kwargs: Ref?) -> Ref? {
  let n = args.size
  let k = kwargs.map { PyDict_Size($0) } ?? 0
  if k == 0 { return v(f, UnsafePointer(gila_tuple_items(args)), n, nil) }
  guard let names = PyTuple_New(k) else { return nil }
  let all = UnsafeMutablePointer<Ref?>.allocate(capacity: n + k)
  for i in 0..<n { all[i] = gila_tuple_items(args)[i] }
  var position = 0, i = 0
  var key: Ref? = nil, value: Ref? = nil
  var ok = true
  while PyDict_Next(kwargs, &position, &key, &value) != 0 {
    if !key!.isUnicode { ok = false }
    gila_tuple_items(names)[i] = newRef(key!)
    all[n + i] = newRef(value!)
    i += 1
  }
  var r: Ref? = nil
  if ok { r = v(f, all, n, names) } else { _ = typeError("keywords must be strings") }
  for j in 0..<i { gila_decref(all[n + j]!) }
  all.deallocate()
  gila_decref(names)
  return r
}
@c @implementation public func PyVectorcall_Call(_ f: Ref!, _ args: Ref!, _ kwargs: Ref!) -> Ref? {
  // A class that overrides `__call__` loses the flag but keeps the function, which `super().__call__()` reaches.
  let offset = f.type.pointee.tp_vectorcall_offset
  guard offset > 0, let v = (f.raw + offset).load(as: vectorcallfunc?.self) else {
    _ = typeError("'\(typeName(of: f))' object does not support vectorcall")
    return nil
  }
  return spread(v, f!, args!, kwargs)
}
@c @implementation public func PyObject_VectorcallDict(
  _ f: Ref!, _ args: ArgumentVector!, _ nargsf: Int, _ kwargs: Ref!
) -> Ref? {
  guard let kwargs, PyDict_Size(kwargs) > 0 else { return gila_call_vector(f, args, nargsf, nil) }
  let n = nargsf & Int.max
  guard let t = PyTuple_New(n) else { return nil }
  for i in 0..<n { gila_tuple_items(t)[i] = newRef(args![i]!) }
  defer { gila_decref(t) }
  return PyObject_Call(f, t, kwargs)
}
@c @implementation public func PyObject_VectorcallMethod(
  _ name: Ref!, _ args: ArgumentVector!, _ nargsf: Int, _ names: Ref!
) -> Ref? {
  let o = args![0]!
  // A plain method is called with the object in front, without the bound method that an attribute access makes.
  let t = o.type
  let isManaged = t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0
  if isManaged || t.pointee.tp_dictoffset >= 0,
    address(t.pointee.tp_getattro) == address(PyObject_GenericGetAttr as getattrofunc),
    let d = _PyType_Lookup(t, name), d.has(UInt(Py_TPFLAGS_METHOD_DESCRIPTOR))
  {
    gila_incref(d)
    defer { gila_decref(d) }
    var own: Ref? = nil
    if isManaged {
      own = gila_instance_get(o, name)
    } else if t.pointee.tp_dictoffset > 0, let dict = (o.raw + t.pointee.tp_dictoffset).load(as: Ref?.self) {
      own = PyDict_GetItemWithError(dict, name).map { newRef($0) }
    }
    if let own {
      defer { gila_decref(own) }
      return gila_call_vector(own, args! + 1, (nargsf & Int.max) - 1, names)
    }
    if errorIsSet { return nil }
    return gila_call_vector(d, args, nargsf & Int.max, names)
  }
  guard let m = PyObject_GetAttr(o, name) else { return nil }
  defer { gila_decref(m) }
  return gila_call_vector(m, args! + 1, (nargsf & Int.max) - 1, names)
}
@c @implementation public func PyObject_CallNoArgs(_ f: Ref!) -> Ref? { gila_call_vector(f, nil, 0, nil) }
@c @implementation public func PyObject_CallOneArg(_ f: Ref!, _ a: Ref!) -> Ref? { call(f!, a) }
@c @implementation public func PyObject_CallObject(_ f: Ref!, _ args: Ref!) -> Ref? {
  guard let args else { return PyObject_CallNoArgs(f) }
  guard args.isTuple else {
    _ = typeError("argument list must be a tuple")
    return nil
  }
  return PyObject_Call(f, args, nil)
}
@c @implementation public func PyCallable_Check(_ o: Ref!) -> Int32 {
  o != nil && o.type.pointee.tp_call != nil ? 1 : 0
}
@c @implementation public func PyArg_ValidateKeywordArguments(_ d: Ref!) -> Int32 {
  var position = 0
  var key: Ref? = nil
  while PyDict_Next(d, &position, &key, nil) != 0 {
    if !key!.isUnicode {
      _ = typeError("keywords must be strings")
      return 0
    }
  }
  return 1
}
@c @implementation public func gila_enter_recursive_call(_ place: UnsafePointer<CChar>!) -> Int32 {
  let ts = gila_ts()
  if gila_stack_pointer() < ts.gila.pointee.stack_limit {
    // Making the exception calls too; that much room is kept below the limit.
    if ts.pointee.recursion_headroom > 0 { return 0 }
    ts.pointee.recursion_headroom += 1
    _ = raise(Exc.RecursionError, "maximum recursion depth exceeded\(place.map { String(cString: $0) } ?? "")")
    ts.pointee.recursion_headroom -= 1
    return -1
  }
  return 0
}
@c @implementation public func Py_EnterRecursiveCall(_ place: UnsafePointer<CChar>!) -> Int32 {
  gila_enter_recursive_call(place)
}
@c @implementation public func Py_LeaveRecursiveCall() {}
