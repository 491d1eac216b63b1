import CGila
import GilaCore

// Exceptions and context managers.
extension Eval {
  /// A traceback entry for the frame's current instruction, put before the pending exception's traceback.
  @inline(never) static func addTraceback(_ f: FrameRef) {
    guard let e = gila_ts().pointee.current_exception, let o = FrameObject.of(f) else { return }
    // Making the entry may collect garbage and so run code: the exception is put aside.
    let b = e.cast(PyBaseExceptionObject.self)
    guard
      // The line is found when somebody asks for it.
      let tb = Traceback.make(b.pointee.traceback, o, Int32(Eval.unit(f) * 2), -1)
    else { return }
    replace(&b.pointee.traceback, with: tb)
  }
  /// The word after the first word of a unit's instruction, so that a frame shows that unit as its place.
  @inline(never) static func wordAfter(_ e: Executable.Pointer, _ unit: Int32) -> InstructionPointer? {
    var i = 0
    while i < e.pointee.wordCount {
      if e.pointee.unitOfWord[i] == unit { return e.pointee.words + i + 1 }
      i += 1
    }
    return nil
  }
  static func validCatch(_ t: Ref) -> Bool {
    func ok(_ r: Ref) -> Bool { r.isType && r.asType.hasFlag(UInt(Py_TPFLAGS_BASE_EXC_SUBCLASS)) }
    var good = true
    if t.isTuple { for i in 0..<t.size where !ok(gila_tuple_items(t)[i]!) { good = false } } else { good = ok(t) }
    if !good { _ = typeError("catching classes that do not inherit from BaseException is not allowed") }
    return good
  }
  /// `except*`: splits an exception (or None) into what the types match and the rest, new references.
  @inline(never) static func matchGroup(_ e: Ref, _ wanted: Ref, _ match: inout Ref?, _ rest: inout Ref?) -> Bool {
    if !validCatch(wanted) { return false }
    let group = Exc.BaseExceptionGroup
    func isGroup(_ r: Ref) -> Bool { r.isType && PyType_IsSubtype(r.asType, group) != 0 }
    var forbidden = false
    if wanted.isTuple {
      for i in 0..<wanted.size where isGroup(gila_tuple_items(wanted)[i]!) { forbidden = true }
    } else {
      forbidden = isGroup(wanted)
    }
    if forbidden {
      _ = typeError("catching ExceptionGroup with except* is not allowed. Use except instead.")
      return false
    }
    if e == none {
      match = newRef(none)
      rest = newRef(none)
      return true
    }
    if PyErr_GivenExceptionMatches(e, wanted) != 0 {
      if e.isInstance(of: group) {
        match = newRef(e)
      } else {
        guard let text = PyUnicode_FromString(""), let list = PyTuple_New(1) else { return false }
        gila_tuple_items(list)[0] = newRef(e)
        let made = call2(group.object, text, list)
        gila_decref(text)
        gila_decref(list)
        guard let made else { return false }
        if let f = gila_ts().pointee.current_frame, let o = FrameObject.of(f),
          let tb = Traceback.make(nil, o, Int32(Eval.unit(f) * 2), Code.line(f.pointee.code, Int(Eval.unit(f)) * 2))
        {
          replace(&made.cast(PyBaseExceptionObject.self).pointee.traceback, with: tb)
        }
        match = made
      }
      rest = newRef(none)
      return true
    }
    if e.isInstance(of: group) {
      guard let split = PyObject_GetAttrString(e, "split") else { return false }
      let pair = PyObject_CallOneArg(split, wanted)
      gila_decref(split)
      guard let pair else { return false }
      defer { gila_decref(pair) }
      guard pair.isTuple else {
        _ = typeError("\(typeName(of: e)).split must return a tuple, not \(typeName(of: pair))")
        return false
      }
      guard pair.size >= 2 else {
        _ = typeError("\(typeName(of: e)).split must return a 2-tuple, got tuple of size \(pair.size)")
        return false
      }
      match = newRef(gila_tuple_items(pair)[0]!)
      rest = newRef(gila_tuple_items(pair)[1]!)
      return true
    }
    match = newRef(none)
    rest = newRef(e)
    return true
  }
  /// `raise`, `raise e`, `raise e from cause`: takes both references over. True if the traceback stays as it is.
  @inline(never) static func raiseException(_ e: Ref?, _ cause: Ref?) -> Bool {
    defer { xdecref(cause) }
    guard let e else {
      if let current = PyErr_GetHandledException() {
        PyErr_SetRaisedException(current)
        return true
      }
      _ = runtimeError("No active exception to reraise")
      return false
    }
    defer { gila_decref(e) }
    let instance: Ref
    if e.isType && e.asType.hasFlag(UInt(Py_TPFLAGS_BASE_EXC_SUBCLASS)) {
      guard let made = PyObject_CallNoArgs(e) else { return false }
      guard made.isException else {
        _ = typeError(
          "calling \(quotedRepr(e)) should have returned an instance of BaseException, not \(quotedRepr(made.type.object))"
        )
        gila_decref(made)
        return false
      }
      instance = made
    } else if e.isException {
      instance = newRef(e)
    } else {
      _ = typeError("exceptions must derive from BaseException")
      return false
    }
    defer { gila_decref(instance) }
    if let cause {
      if cause == none {
        PyException_SetCause(instance, nil)
      } else if cause.isException {
        PyException_SetCause(instance, newRef(cause))
      } else if cause.isType && cause.asType.hasFlag(UInt(Py_TPFLAGS_BASE_EXC_SUBCLASS)) {
        guard let made = PyObject_CallNoArgs(cause) else { return false }
        guard made.isException else {
          _ = typeError(
            "calling \(quotedRepr(cause)) should have returned an instance of BaseException, not \(quotedRepr(made.type.object))"
          )
          gila_decref(made)
          return false
        }
        PyException_SetCause(instance, made)
      } else {
        _ = typeError("exception causes must derive from BaseException")
        return false
      }
    }
    PyErr_SetObject(instance.type.object, instance)
    return false
  }
  private static func quotedRepr(_ r: Ref) -> String {
    do throws(PyError) { return try reprText(r) } catch {
      PyErr_Clear()
      return typeName(of: r)
    }
  }
  @inline(never) private static func noContext(_ o: Ref, async: Bool, missed: StaticString?) -> Ref? {
    if errorIsSet { return nil }
    let kind = async ? "asynchronous context manager" : "context manager"
    let what = missed.map { " (missed \($0) method)" } ?? ""
    _ = typeError("'\(typeName(of: o))' object does not support the \(kind) protocol\(what)")
    return nil
  }
  /// The first half of `with` and `async with`: the bound exit method, and the result of entering.
  @inline(never) static func enterContext(_ m: Ref, async: Bool, _ exit: inout Ref?) -> Ref? {
    let t = m.type
    guard let enter = _PyType_Lookup(t, (async ? Dunder.aenter : .enter).ref) else {
      return noContext(m, async: async, missed: nil)
    }
    gila_incref(enter)
    guard let e = _PyObject_LookupSpecial(m, (async ? Dunder.aexit : .exit).ref) else {
      gila_decref(enter)
      return noContext(m, async: async, missed: async ? "__aexit__" : "__exit__")
    }
    let result: Ref?
    if enter.type.hasFlag(UInt(Py_TPFLAGS_METHOD_DESCRIPTOR)) {
      // A function or a native method is called with the object in front, unbound.
      var arguments: Ref? = m
      result = gila_call_vector(enter, &arguments, 1, nil)
    } else if let get = enter.type.pointee.tp_descr_get {
      if let bound = get(enter, m, t.object) {
        result = PyObject_CallNoArgs(bound)
        gila_decref(bound)
      } else {
        result = nil
      }
    } else {
      result = PyObject_CallNoArgs(enter)
    }
    gila_decref(enter)
    if result == nil { gila_decref(e) } else { exit = e }
    return result
  }
  @inline(never) static func callExit(_ exit: Ref, _ e: Ref) -> Ref? {
    let tb = PyException_GetTraceback(e) ?? newRef(none)
    let r = call3(exit, e.type.object, e, tb)
    gila_decref(tb)
    return r
  }
}

/// `traceback`: a list of frames from the one that caught an exception to the one that raised it.
enum Traceback {
  private typealias Object = UnsafeMutablePointer<PyTracebackObject>
  private static func object(_ r: Ref) -> Object { r.cast(PyTracebackObject.self) }
  /// A new entry before `next` (borrowed, as the frame is).
  static func make(_ next: Ref?, _ frame: Ref, _ lasti: Int32, _ line: Int) -> Ref? {
    let pending = PyErr_GetRaisedException()
    let made = PyType_GenericAlloc(Types.traceBack, 0)
    if let tb = made {
      let o = object(tb)
      o.pointee.tb_next = xnewRef(next).map { $0.cast(PyTracebackObject.self) }
      o.pointee.tb_frame = newRef(frame).cast(PyFrameObject.self)
      o.pointee.tb_lasti = lasti
      o.pointee.tb_lineno = Int32(truncatingIfNeeded: line)
    }
    PyErr_SetRaisedException(pending)
    return made
  }
  private static func next(_ r: Ref) -> Ref? {
    object(r).pointee.tb_next.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: PyObject.self) }
  }
  static func install() {
    let t = Types.traceBack
    t.define(
      "traceback", basicSize: 40, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc: "traceback(tb_next, tb_frame, tb_lasti, tb_lineno)\n--\n\nA traceback object.")
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        let names = ["tb_next", "tb_frame", "tb_lasti", "tb_lineno"]
        var values: [Ref?] = [nil, nil, nil, nil]
        let n = args!.size
        guard n <= 4 else { throw typeError("traceback expected at most 4 arguments, got \(n)") }
        for i in 0..<n { values[i] = gila_tuple_items(args!)[i] }
        if let kwargs {
          var position = 0
          var key: Ref? = nil, value: Ref? = nil
          while PyDict_Next(kwargs, &position, &key, &value) != 0 {
            guard let i = names.firstIndex(of: swiftString(key!)), i >= n else {
              throw typeError("traceback() got an unexpected keyword argument '\(swiftString(key!))'")
            }
            values[i] = value
          }
        }
        for i in 0..<4 where values[i] == nil {
          throw typeError("traceback() missing required argument '\(names[i])' (pos \(i + 1))")
        }
        let next = values[0]!, frame = values[1]!
        guard next == none || next.isExactly(Types.traceBack) else {
          throw typeError("expected traceback object or None, got '\(typeName(of: next))'")
        }
        guard frame.isExactly(Types.frame) else {
          throw typeError("traceback() argument 'tb_frame' must be frame, not \(typeName(of: frame))")
        }
        let lasti = try intArgument(values[2]!), line = try intArgument(values[3]!)
        return try owned(Traceback.make(next == none ? nil : next, frame, Int32(truncatingIfNeeded: lasti), Int(line)))
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      // A long chain is taken apart one by one, not by recursion.
      var at = Traceback.next(r!)
      Traceback.object(r!).pointee.tb_next = nil
      gila_decref(UnsafeMutableRawPointer(Traceback.object(r!).pointee.tb_frame).assumingMemoryBound(to: PyObject.self))
      PyObject_GC_Del(r!.raw)
      while let x = at {
        if x.refCount > 1 {
          gila_decref(x)
          break
        }
        at = Traceback.next(x)
        Traceback.object(x).pointee.tb_next = nil
        gila_decref(x)
      }
    }
    t.pointee.tp_traverse = { r, v, c in
      if let n = Traceback.next(r!) {
        let s = v!(n, c)
        if s != 0 { return s }
      }
      return v!(
        UnsafeMutableRawPointer(Traceback.object(r!).pointee.tb_frame).assumingMemoryBound(to: PyObject.self), c)
    }
    t.pointee.tp_clear = { r in
      let n = Traceback.next(r!)
      Traceback.object(r!).pointee.tb_next = nil
      xdecref(n)
      return 0
    }
    var m = MemberTable()
    m.add("tb_frame", _Py_T_OBJECT, offset: 24, flags: Py_READONLY | Py_AUDIT_READ)
    m.add("tb_lasti", Py_T_INT, offset: 32, flags: 1)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add(
      "tb_lineno",
      get: { r, _ in
        let o = Traceback.object(r!)
        if o.pointee.tb_lineno == -1, let f = o.pointee.tb_frame.pointee.f_frame {
          let line = Code.line(f.pointee.code, Int(o.pointee.tb_lasti))
          return line == -1 ? newRef(none) : PyLong_FromLong(line)
        }
        return PyLong_FromLong(Int(o.pointee.tb_lineno))
      })
    g.add(
      "tb_next", get: { r, _ in newRef(Traceback.next(r!) ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("can't delete tb_next attribute") }
          guard v == none || v.isExactly(Types.traceBack) else {
            throw typeError("expected traceback object, got '\(typeName(of: v))'")
          }
          var at: Ref? = v == none ? nil : v
          while let x = at {
            if x == r! { throw valueError("traceback loop detected") }
            at = Traceback.next(x)
          }
          let old = Traceback.next(r!)
          Traceback.object(r!).pointee.tb_next = v == none ? nil : newRef(v).cast(PyTracebackObject.self)
          xdecref(old)
        }
      })
    t.pointee.tp_getset = g.build()
    var d = MethodTable()
    d.noArguments("__dir__", "($self, /)", "") { _, _ in
      bridge { () throws(PyError) in
        let l = try owned(PyList_New(0))
        for name in ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"] {
          let s = try string(name)
          try check(PyList_Append(l.ref, s.ref))
        }
        return l
      }
    }
    t.pointee.tp_methods = d.build()
  }
}
@c @implementation public func PyTraceBack_Here(_ f: UnsafeMutablePointer<PyFrameObject>!) -> Int32 {
  guard let e = gila_ts().pointee.current_exception else { return -1 }
  let r = FrameObject.ref(f!)
  let b = e.cast(PyBaseExceptionObject.self)
  guard let tb = Traceback.make(b.pointee.traceback, r, PyFrame_GetLasti(f), FrameObject.line(r)) else { return -1 }
  replace(&b.pointee.traceback, with: tb)
  return 0
}
