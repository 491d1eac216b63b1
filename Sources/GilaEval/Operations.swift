import CGila
import GilaCore

// What instructions do beyond moving values: operators, names, unpacking, raising.
extension Eval {
  @inline(__always) static func binary(_ a: Ref, _ b: Ref, _ op: Int) -> Ref? {
    switch op {
    case 0: return PyNumber_Add(a, b)
    case 1: return PyNumber_And(a, b)
    case 2: return PyNumber_FloorDivide(a, b)
    case 3: return PyNumber_Lshift(a, b)
    case 4: return PyNumber_MatrixMultiply(a, b)
    case 5: return PyNumber_Multiply(a, b)
    case 6: return PyNumber_Remainder(a, b)
    case 7: return PyNumber_Or(a, b)
    case 8: return PyNumber_Power(a, b, none)
    case 9: return PyNumber_Rshift(a, b)
    case 10: return PyNumber_Subtract(a, b)
    case 11: return PyNumber_TrueDivide(a, b)
    case 12: return PyNumber_Xor(a, b)
    case 13: return PyNumber_InPlaceAdd(a, b)
    case 14: return PyNumber_InPlaceAnd(a, b)
    case 15: return PyNumber_InPlaceFloorDivide(a, b)
    case 16: return PyNumber_InPlaceLshift(a, b)
    case 17: return PyNumber_InPlaceMatrixMultiply(a, b)
    case 18: return PyNumber_InPlaceMultiply(a, b)
    case 19: return PyNumber_InPlaceRemainder(a, b)
    case 20: return PyNumber_InPlaceOr(a, b)
    case 21: return PyNumber_InPlacePower(a, b, none)
    case 22: return PyNumber_InPlaceRshift(a, b)
    case 23: return PyNumber_InPlaceSubtract(a, b)
    case 24: return PyNumber_InPlaceTrueDivide(a, b)
    default: return PyNumber_InPlaceXor(a, b)
    }
  }
  @inline(__always) static func compare(_ a: Ref, _ b: Ref, _ op: Int32) -> Ref? {
    if a.isExactly(Types.long) && b.isExactly(Types.long) {
      let x = a.cast(PyLongObject.self).pointee.long_value, y = b.cast(PyLongObject.self).pointee.long_value
      if x.lv_tag < 16 && y.lv_tag < 16 {
        let m = (1 &- Int(x.lv_tag & 3)) &* Int(x.ob_digit), n = (1 &- Int(y.lv_tag & 3)) &* Int(y.ob_digit)
        switch op {
        case Py_LT: return pyBool(m < n)
        case Py_LE: return pyBool(m <= n)
        case Py_EQ: return pyBool(m == n)
        case Py_NE: return pyBool(m != n)
        case Py_GT: return pyBool(m > n)
        default: return pyBool(m >= n)
        }
      }
    }
    return PyObject_RichCompare(a, b, op)
  }
  @inline(__always) static func global(_ f: FrameRef, _ name: Ref) -> Ref? {
    if let v = PyDict_GetItemWithError(f.pointee.globals, name) { return newRef(v) }
    if errorIsSet { return nil }
    return xnewRef(PyDict_GetItemWithError(f.pointee.builtins, name))
  }
  @inline(never) static func nameError(_ name: Ref) {
    _ = raise(Exc.NameError, "name '\(swiftString(name))' is not defined")
    if let e = gila_ts().pointee.current_exception {
      replace((e.raw + 72).assumingMemoryBound(to: Ref?.self), with: newRef(name))
    }
  }
  @inline(never) static func unboundLocal(_ c: UnsafeMutablePointer<PyCodeObject>, _ i: Int) {
    let name = swiftString(gila_tuple_items(c.pointee.co_localsplusnames)[i]!)
    _ = raise(Exc.UnboundLocalError, "cannot access local variable '\(name)' where it is not associated with a value")
  }
  @inline(never) static func unboundFree(_ c: UnsafeMutablePointer<PyCodeObject>, _ i: Int) {
    if i < Int(c.pointee.co_nlocalsplus - c.pointee.co_nfreevars) { return unboundLocal(c, i) }
    let name = swiftString(gila_tuple_items(c.pointee.co_localsplusnames)[i]!)
    _ = raise(
      Exc.NameError, "cannot access free variable '\(name)' where it is not associated with a value in enclosing scope")
  }
  static func PyMapping_GetOptionalItem_(_ d: Ref, _ key: Ref, _ out: inout Ref?) -> Int32 {
    if d.isExactly(Types.dict) { return PyDict_GetItemRef(d, key, &out) }
    out = PyObject_GetItem(d, key)
    if out != nil { return 1 }
    if PyErr_ExceptionMatches(Exc.KeyError.object) == 0 { return -1 }
    PyErr_Clear()
    return 0
  }
  /// For a call `o.name(...)`: true and the bound attribute, or false and the unbound method (to be called with `o`).
  static func loadMethod(_ o: Ref, _ name: Ref, _ out: inout Ref?) -> Bool {
    let t = o.type
    if address(t.pointee.tp_getattro) == address(PyObject_GenericGetAttr as getattrofunc),
      let d = _PyType_Lookup(t, name),
      d.has(UInt(Py_TPFLAGS_METHOD_DESCRIPTOR))
    {
      if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 {
        if let own = gila_instance_get(o, name) {
          out = own
          return true
        }
        if errorIsSet { return true }
      } else if t.pointee.tp_dictoffset != 0 {
        out = PyObject_GetAttr(o, name)
        return true
      }
      out = newRef(d)
      return false
    }
    out = PyObject_GetAttr(o, name)
    return true
  }
  static func call2(_ f: Ref, _ a: Ref, _ b: Ref) -> Ref? {
    var v: (Ref?, Ref?) = (a, b)
    return withUnsafePointer(to: &v) {
      gila_call_vector(f, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 2, nil)
    }
  }
  static func call3(_ f: Ref, _ a: Ref, _ b: Ref, _ c: Ref) -> Ref? {
    var v: (Ref?, Ref?, Ref?) = (a, b, c)
    return withUnsafePointer(to: &v) {
      gila_call_vector(f, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 3, nil)
    }
  }
  static func special(_ o: Ref, _ name: Dunder, _ message: String) -> Ref? {
    let r = _PyObject_LookupSpecial(o, name.ref)
    if r == nil && !errorIsSet { _ = typeError("'\(typeName(of: o))' \(message)") }
    return r
  }
  static func unpack(_ s: Ref, _ n: Int, _ sp: inout StackRef) -> Bool {
    if s.isExactly(Types.tuple) && s.size == n {
      for i in stride(from: n - 1, through: 0, by: -1) {
        sp.pointee = newRef(gila_tuple_items(s)[i]!)
        sp += 1
      }
      return true
    }
    guard let it = PyObject_GetIter(s) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 && s.type.pointee.tp_iter == nil {
        PyErr_Clear()
        _ = typeError("cannot unpack non-iterable \(typeName(of: s)) object")
      }
      return false
    }
    defer { gila_decref(it) }
    var items: [Ref] = []
    while items.count <= n, let v = PyIter_Next(it) { items.append(v) }
    if errorIsSet || items.count != n {
      for v in items { gila_decref(v) }
      if !errorIsSet {
        _ =
          items.count > n
          ? valueError("too many values to unpack (expected \(n))")
          : valueError("not enough values to unpack (expected \(n), got \(items.count))")
      }
      return false
    }
    for v in items.reversed() {
      sp.pointee = v
      sp += 1
    }
    return true
  }
  static func unpackStarred(_ s: Ref, _ before: Int, _ after: Int, _ sp: inout StackRef) -> Bool {
    guard let list = PySequence_List(s) else { return false }
    defer { gila_decref(list) }
    let n = list.size
    if n < before + after {
      _ = valueError("not enough values to unpack (expected at least \(before + after), got \(n))")
      return false
    }
    guard let middle = PyList_GetSlice(list, before, n - after) else { return false }
    for i in stride(from: n - 1, through: n - after, by: -1) {
      sp.pointee = newRef(PyList_GetItem(list, i)!)
      sp += 1
    }
    sp.pointee = middle
    sp += 1
    for i in stride(from: before - 1, through: 0, by: -1) {
      sp.pointee = newRef(PyList_GetItem(list, i)!)
      sp += 1
    }
    return true
  }
  static func spreadArguments(_ f: Ref, _ args: Ref) -> Ref? {
    if args.type.pointee.tp_iter == nil && PySequence_Check(args) == 0 {
      _ = typeError("Value after * must be an iterable, not \(typeName(of: args))")
      return nil
    }
    return PySequence_Tuple(args)
  }
  static func intrinsic1(_ n: Int, _ v: Ref, _ frame: FrameRef) -> Ref? {
    switch n {
    case 5: return PyNumber_Positive(v)
    case 6: return PyList_AsTuple(v)
    case 3:  // StopIteration out of a generator becomes RuntimeError
      if v.isInstance(of: Exc.StopIteration) {
        _ = runtimeError("generator raised StopIteration")
        let e = PyErr_GetRaisedException()!
        PyException_SetCause(e, newRef(v))
        PyException_SetContext(e, newRef(v))
        return e
      }
      return newRef(v)
    default:
      _ = systemError("intrinsic \(n) is not implemented in Gila yet")
      return nil
    }
  }
  /// The value of the pending StopIteration (owned), which is cleared; None if there is none.
  static func stopValue() -> Ref {
    guard let e = PyErr_GetRaisedException() else { return none }
    defer { gila_decref(e) }
    return newRef((e.raw + 72).load(as: Ref?.self) ?? none)
  }
  static func validCatch(_ t: Ref) -> Bool {
    func ok(_ r: Ref) -> Bool { r.isType && PyType_IsSubtype(r.asType, Exc.BaseException) != 0 }
    var good = true
    if t.isTuple { for i in 0..<t.size where !ok(gila_tuple_items(t)[i]!) { good = false } } else { good = ok(t) }
    if !good { _ = typeError("catching classes that do not inherit from BaseException is not allowed") }
    return good
  }
  /// Takes both references over.
  static func raiseException(_ e: Ref?, _ cause: Ref?) {
    defer { xdecref(cause) }
    guard let e else {
      if let current = PyErr_GetHandledException() {
        PyErr_SetRaisedException(current)
      } else {
        _ = runtimeError("No active exception to reraise")
      }
      return
    }
    defer { gila_decref(e) }
    if e.isType && PyType_IsSubtype(e.asType, Exc.BaseException) != 0 {
      PyErr_SetObject(e, nil)
    } else if e.isException {
      PyErr_SetObject(e.type.object, e)
    } else {
      _ = typeError("exceptions must derive from BaseException")
      return
    }
    guard let cause, let made = gila_ts().pointee.current_exception else { return }
    if cause == none {
      PyException_SetCause(made, nil)
    } else if cause.isException {
      PyException_SetCause(made, newRef(cause))
    } else if cause.isType && PyType_IsSubtype(cause.asType, Exc.BaseException) != 0 {
      let pending = PyErr_GetRaisedException()!
      if let c = PyObject_CallNoArgs(cause) { PyException_SetCause(pending, c) }
      PyErr_SetRaisedException(pending)
    } else {
      _ = typeError("exception causes must derive from BaseException")
    }
  }
  static func importName(_ frame: FrameRef, _ name: Ref, _ from: Ref, _ level: Ref) -> Ref? {
    guard let f = PyDict_GetItemWithError(frame.pointee.builtins, Dunder.import.ref) else {
      _ = raise(Exc.ImportError, "__import__ not found")
      return nil
    }
    var v: (Ref?, Ref?, Ref?, Ref?, Ref?) = (name, frame.pointee.globals, frame.pointee.locals ?? none, from, level)
    return withUnsafePointer(to: &v) {
      gila_call_vector(f, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 5, nil)
    }
  }
  /// What the breaker's bits ask for. False with an exception set.
  @inline(never) static func handleBreaker(_ ts: ThreadRef) -> Bool {
    let bits = gila_atomic_load(gila_eval_breaker(ts))
    if bits & UInt(GILA_BREAK_GC) != 0 {
      gila_atomic_and(gila_eval_breaker(ts), ~UInt(GILA_BREAK_GC))
      gila_collect_if_due()
    }
    return true
  }
}

@c @implementation public func gila_super_arguments(
  _ type: UnsafeMutablePointer<Ref?>!, _ object: UnsafeMutablePointer<Ref?>!
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let f = gila_ts().pointee.current_frame else { throw runtimeError("super(): no current frame") }
    let c = f.pointee.code!
    guard c.pointee.co_argcount > 0 else { throw runtimeError("super(): no arguments") }
    guard var first = Eval.locals(f)[0] else { throw runtimeError("super(): arg[0] deleted") }
    if first.isExactly(Types.cell) { first = first.cast(PyCellObject.self).pointee.ob_ref ?? none }
    let n = Int(c.pointee.co_nlocalsplus), free = Int(c.pointee.co_nfreevars)
    for i in (n - free)..<n where sameText(gila_tuple_items(c.pointee.co_localsplusnames)[i]!, Dunder.class.ref) {
      guard let cls = Eval.locals(f)[i]?.cast(PyCellObject.self).pointee.ob_ref else {
        throw runtimeError("super(): empty __class__ cell")
      }
      type.pointee = cls
      object.pointee = first
      return
    }
    throw runtimeError("super(): __class__ cell not found")
  }
}
@c @implementation public func PyEval_GetGlobals() -> Ref? { gila_ts().pointee.current_frame?.pointee.globals }
@c @implementation public func PyEval_GetBuiltins() -> Ref? {
  gila_ts().pointee.current_frame?.pointee.builtins ?? currentInterpreter.pointee.builtins
}
@c @implementation public func gila_eval_code(_ code: Ref!, _ globals: Ref!, _ locals: Ref!) -> Ref? {
  guard let f = Function.make(code!, globals!) else { return nil }
  defer { gila_decref(f) }
  guard let frame = Eval.newFrame(f) else { return nil }
  frame.pointee.locals = newRef(locals ?? globals!)
  frame.pointee.owner = UInt8(GILA_FRAME_ENTRY.rawValue)
  return Eval.run(frame, throwing: false)
}
@c @implementation public func PyEval_EvalCode(_ code: Ref!, _ globals: Ref!, _ locals: Ref!) -> Ref? {
  gila_eval_code(code, globals, locals)
}

/// Fills in functions, code, generators and tracebacks.
public func installEvalTypes() {
  Function.install()
  Code.install()
  Generator.install()
  Eval.installTraceback()
}
@c @implementation public func gila_eval_body(_ f: Ref!, _ globals: Ref!, _ locals: Ref!) -> Ref? {
  guard let frame = Eval.newFrame(f!) else { return nil }
  frame.pointee.locals = newRef(locals!)
  frame.pointee.owner = UInt8(GILA_FRAME_ENTRY.rawValue)
  return Eval.run(frame, throwing: false)
}
