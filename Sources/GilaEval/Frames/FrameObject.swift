import CGila
import GilaCompiler
import GilaCore
import Glibc

/// `frame`: what Python code sees of a frame. Made when asked for; while the frame runs it points to it, afterwards it
/// holds the frame itself.
enum FrameObject {
  typealias Object = UnsafeMutablePointer<PyFrameObject>
  @inline(__always) static func object(_ r: Ref) -> Object { r.cast(PyFrameObject.self) }
  @inline(__always) static func ref(_ o: Object) -> Ref {
    UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyObject.self)
  }
  private static var dataOffset: Int { MemoryLayout<PyFrameObject>.offset(of: \._f_frame_data)! }

  /// The frame's object (borrowed: the frame owns it), or nil with MemoryError.
  static func of(_ f: FrameRef) -> Ref? {
    if let o = f.pointee.frame_obj { return ref(o) }
    let words = Eval.executable(f).pointee.frameWords
    // Making it must not lose an exception that is on its way.
    let pending = PyErr_GetRaisedException()
    guard let r = _PyObject_GC_NewVar(Types.frame, words) else {
      xdecref(pending)
      return nil
    }
    PyErr_SetRaisedException(pending)
    let o = UnsafeMutableRawPointer(r).assumingMemoryBound(to: PyFrameObject.self)
    memset(UnsafeMutableRawPointer(o) + 16, 0, dataOffset - 16)
    o.pointee.f_frame = f
    o.pointee.f_trace_lines = 1
    f.pointee.frame_obj = o
    return ref(o)
  }

  /// A frame object with a frame of its own that never runs: a place for tracebacks of native code.
  static func make(_ code: Ref, _ globals: Ref, _ locals: Ref?) throws(PyError) -> Owned {
    let function = try owned(Function.make(code, globals))
    guard let e = Executable.of(code.cast(PyCodeObject.self)) else { throw PyError() }
    let made = _PyObject_GC_NewVar(Types.frame, e.pointee.frameWords)
    guard let made else { throw PyError() }
    let o = UnsafeMutableRawPointer(made).assumingMemoryBound(to: PyFrameObject.self)
    memset(UnsafeMutableRawPointer(o) + 16, 0, dataOffset - 16 + e.pointee.frameWords * 8)
    o.pointee.f_trace_lines = 1
    let f = (UnsafeMutableRawPointer(o) + dataOffset).assumingMemoryBound(to: _PyInterpreterFrame.self)
    Eval.fill(f, function.take(), code.cast(PyCodeObject.self), e)
    f.pointee.owner = FrameOwner.frameObject
    f.pointee.locals = xnewRef(locals)
    o.pointee.f_frame = f
    PyObject_GC_Track(UnsafeMutableRawPointer(o))
    return Owned(taking: ref(o))
  }

  /// At the end of a frame: true if its object lives on and took the frame's contents, in which case nothing of the frame
  /// may be released any more.
  static func takeOver(_ f: FrameRef) -> Bool {
    guard let o = f.pointee.frame_obj else { return false }
    let r = ref(o)
    f.pointee.frame_obj = nil
    if r.refCount == 1 {
      o.pointee.f_frame = nil
      gila_decref(r)
      return false
    }
    let copy = (UnsafeMutableRawPointer(o) + dataOffset).assumingMemoryBound(to: _PyInterpreterFrame.self)
    // Values above the locals are nobody's business any more.
    let base = Eval.locals(f)
    let count = Int(f.pointee.code.pointee.co_nlocalsplus)
    while f.pointee.sp > base + count {
      f.pointee.sp -= 1
      let v = f.pointee.sp.pointee
      f.pointee.sp.pointee = nil
      xdecref(v)
    }
    memcpy(copy, f, Eval.frameHead + count * 8)
    copy.pointee.sp = Eval.locals(copy) + count
    copy.pointee.owner = FrameOwner.frameObject
    copy.pointee.frame_obj = nil
    copy.pointee.previous = nil
    o.pointee.f_frame = copy
    if let caller = f.pointee.previous, o.pointee.f_back == nil {
      // The object of the caller keeps the chain for tracebacks.
      let pending = PyErr_GetRaisedException()
      if let back = of(caller) {
        o.pointee.f_back = object(newRef(back))
      } else {
        PyErr_Clear()
      }
      PyErr_SetRaisedException(pending)
    }
    if PyObject_GC_IsTracked(r) == 0 { PyObject_GC_Track(r.raw) }
    gila_decref(r)
    return true
  }
  static func back(_ r: Ref) -> Ref? {
    let o = object(r)
    if let b = o.pointee.f_back { return newRef(ref(b)) }
    guard let f = o.pointee.f_frame, f.pointee.owner != FrameOwner.frameObject else { return nil }
    guard let caller = f.pointee.previous else { return nil }
    return xnewRef(of(caller))
  }
  static func line(_ r: Ref) -> Int {
    let o = object(r)
    if o.pointee.f_lineno != 0 { return Int(o.pointee.f_lineno) }
    guard let f = o.pointee.f_frame else { return 0 }
    return Code.line(f.pointee.code, Int(Eval.unit(f)) * 2)
  }

  static func install() {
    let t = Types.frame
    t.define(
      "frame", basicSize: dataOffset, itemSize: 8, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_dealloc = { r in
      let o = FrameObject.object(r!)
      if PyObject_GC_IsTracked(r) != 0 { PyObject_GC_UnTrack(r!.raw) }
      if let f = o.pointee.f_frame, f.pointee.owner == FrameOwner.frameObject {
        o.pointee.f_frame = nil
        FrameObject.clearValues(f)
        Eval.clearHead(f)
      }
      xdecref(o.pointee.f_back.map { FrameObject.ref($0) })
      xdecref(o.pointee.f_trace)
      xdecref(o.pointee.f_extra_locals)
      xdecref(o.pointee.f_locals_cache)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, v, c in
      let o = FrameObject.object(r!)
      if let b = o.pointee.f_back, let s = Optional(v!(FrameObject.ref(b), c)), s != 0 { return s }
      for x in [o.pointee.f_trace, o.pointee.f_extra_locals, o.pointee.f_locals_cache] {
        if let x, let s = Optional(v!(x, c)), s != 0 { return s }
      }
      guard let f = o.pointee.f_frame, f.pointee.owner == FrameOwner.frameObject else { return 0 }
      return Eval.traverseFrame(f, v, c)
    }
    t.pointee.tp_clear = { r in
      let o = FrameObject.object(r!)
      GilaCore.clear(&o.pointee.f_trace)
      GilaCore.clear(&o.pointee.f_extra_locals)
      if let f = o.pointee.f_frame, f.pointee.owner == FrameOwner.frameObject { FrameObject.clearValues(f) }
      return 0
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        guard let f = FrameObject.object(r!).pointee.f_frame else {
          return try string("<frame at 0x\(String(UInt(bitPattern: r!), radix: 16)), file \"\", line 0, code >")
        }
        let c = f.pointee.code!
        let file = try reprText(c.pointee.co_filename)
        return try string(
          "<frame at 0x\(String(UInt(bitPattern: r!), radix: 16)), file \(file), line \(FrameObject.line(r!)), code \(swiftString(c.pointee.co_name))>"
        )
      }
    }
    var m = MemberTable()
    m.add("f_trace_lines", Py_T_BOOL, offset: MemoryLayout<PyFrameObject>.offset(of: \.f_trace_lines)!, flags: 0)
    t.pointee.tp_members = m.build()
    var g = GetSetTable()
    g.add("f_back", get: { r, _ in FrameObject.back(r!) ?? newRef(none) })
    g.add(
      "f_code",
      get: { r, _ in
        bridge { () throws(PyError) in
          try auditRead(r!, "f_code")
          return Owned(retaining: FrameObject.code(r!) ?? none)
        }
      })
    g.add("f_globals", get: { r, _ in newRef(FrameObject.object(r!).pointee.f_frame?.pointee.globals ?? none) })
    g.add("f_builtins", get: { r, _ in newRef(FrameObject.object(r!).pointee.f_frame?.pointee.builtins ?? none) })
    g.add("f_locals", get: { r, _ in PyFrame_GetLocals(FrameObject.object(r!)) })
    g.add("f_lasti", get: { r, _ in PyLong_FromLong(Int(PyFrame_GetLasti(FrameObject.object(r!)))) })
    g.add(
      "f_lineno",
      get: { r, _ in
        let n = FrameObject.line(r!)
        return n < 0 ? newRef(none) : PyLong_FromLong(n)
      },
      set: { r, v, _ in bridgeStatus { () throws(PyError) in try FrameJump.setLine(r!, v) } })
    g.add(
      "f_trace", get: { r, _ in newRef(FrameObject.object(r!).pointee.f_trace ?? none) },
      set: { r, v, _ in
        let o = FrameObject.object(r!)
        let new = v == none ? nil : v
        replace(&o.pointee.f_trace, with: xnewRef(new))
        if new != nil, let f = o.pointee.f_frame { Tracing.watch(f) }
        return 0
      })
    g.add(
      "f_trace_opcodes",
      get: { r, _ in newRef(pyBool(FrameObject.object(r!).pointee.f_trace_opcodes != 0)) },
      set: { r, v, _ in
        guard let v, v == pyTrue || v == pyFalse else {
          _ = typeError("attribute value type must be bool")
          return -1
        }
        FrameObject.object(r!).pointee.f_trace_opcodes = v == pyTrue ? 1 : 0
        return 0
      })
    t.pointee.tp_getset = g.build()
    var d = MethodTable()
    d.noArguments("clear", "($self, /)", "Clear references held by the frame.") { r, _ in
      bridgeNone { () throws(PyError) in try FrameObject.clear(r!) }
    }
    d.noArguments("__sizeof__", "($self, /)", "Return the size of the frame in memory, in bytes.") { r, _ in
      PyLong_FromLong(FrameObject.dataOffset + r!.size * 8)
    }
    t.pointee.tp_methods = d.build()
  }
  static func code(_ r: Ref) -> Ref? {
    object(r).pointee.f_frame.map { UnsafeMutableRawPointer($0.pointee.code).assumingMemoryBound(to: PyObject.self) }
  }
  static func clearValues(_ f: FrameRef) {
    var p = Eval.locals(f)
    let end = f.pointee.sp!
    while p < end {
      GilaCore.clear(p)
      p += 1
    }
    GilaCore.clear(&f.pointee.locals)
  }
  private static func clear(_ r: Ref) throws(PyError) {
    guard let f = object(r).pointee.f_frame else { return }
    switch f.pointee.owner {
    case FrameOwner.generator:
      let g = Generator.owner(f)
      if Generator.object(g).pointee.gi_frame_state == Generator.executing {
        throw runtimeError("cannot clear an executing frame")
      }
      if Generator.object(g).pointee.gi_frame_state == Generator.suspended
        || Generator.object(g).pointee.gi_frame_state == Generator.delegating
      {
        throw runtimeError("cannot clear a suspended frame")
      }
      Generator.finalize(g)
    case FrameOwner.thread: throw runtimeError("cannot clear an executing frame")
    default: break
    }
    guard let left = object(r).pointee.f_frame else { return }
    if left.pointee.owner == FrameOwner.frameObject {
      clearValues(left)
    }
  }
}

// MARK: C API

@c @implementation public func PyFrame_New(
  _ ts: ThreadRef!, _ code: UnsafeMutablePointer<PyCodeObject>!, _ globals: Ref!, _ locals: Ref!
) -> UnsafeMutablePointer<PyFrameObject>? {
  do throws(PyError) {
    let c = UnsafeMutableRawPointer(code!).assumingMemoryBound(to: PyObject.self)
    return FrameObject.object(try FrameObject.make(c, globals!, locals).take())
  } catch { return nil }
}
@c @implementation public func PyEval_GetFrame() -> UnsafeMutablePointer<PyFrameObject>? {
  PyThreadState_GetFrameBorrowed(gila_ts())
}
private func PyThreadState_GetFrameBorrowed(_ ts: ThreadRef) -> UnsafeMutablePointer<PyFrameObject>? {
  guard let f = ts.pointee.current_frame else { return nil }
  return FrameObject.of(f).map { FrameObject.object($0) }
}
@c @implementation public func PyThreadState_GetFrame(_ ts: ThreadRef!) -> UnsafeMutablePointer<PyFrameObject>? {
  guard let o = PyThreadState_GetFrameBorrowed(ts!) else {
    PyErr_Clear()
    return nil
  }
  gila_incref(FrameObject.ref(o))
  return o
}
@c @implementation public func PyFrame_GetLineNumber(_ f: UnsafeMutablePointer<PyFrameObject>!) -> Int32 {
  Int32(truncatingIfNeeded: FrameObject.line(FrameObject.ref(f!)))
}
@c @implementation public func PyFrame_GetCode(
  _ f: UnsafeMutablePointer<PyFrameObject>!
) -> UnsafeMutablePointer<PyCodeObject>? {
  FrameObject.code(FrameObject.ref(f!)).map { newRef($0).cast(PyCodeObject.self) }
}
@c @implementation public func PyFrame_GetBack(
  _ f: UnsafeMutablePointer<PyFrameObject>!
) -> UnsafeMutablePointer<PyFrameObject>? {
  FrameObject.back(FrameObject.ref(f!)).map { FrameObject.object($0) }
}
@c @implementation public func PyFrame_GetGlobals(_ f: UnsafeMutablePointer<PyFrameObject>!) -> Ref? {
  newRef(f.pointee.f_frame?.pointee.globals ?? none)
}
@c @implementation public func PyFrame_GetBuiltins(_ f: UnsafeMutablePointer<PyFrameObject>!) -> Ref? {
  newRef(f.pointee.f_frame?.pointee.builtins ?? none)
}
@c @implementation public func PyFrame_GetLasti(_ f: UnsafeMutablePointer<PyFrameObject>!) -> Int32 {
  guard let frame = f.pointee.f_frame else { return -1 }
  let u = Eval.unit(frame)
  return u < 0 ? -1 : u * 2
}
@c @implementation public func PyFrame_GetGenerator(_ f: UnsafeMutablePointer<PyFrameObject>!) -> Ref? {
  guard let frame = f.pointee.f_frame, frame.pointee.owner == FrameOwner.generator else { return nil }
  return newRef(Generator.owner(frame))
}
@c @implementation public func PyFrame_GetVar(_ f: UnsafeMutablePointer<PyFrameObject>!, _ name: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard name.isUnicode else { throw typeError("name must be str, not \(typeName(of: name!))") }
    let all = try owned(PyFrame_GetLocals(f))
    var v: Ref? = nil
    try check(PyMapping_GetOptionalItem(all.ref, name, &v))
    guard let v else { throw raise(Exc.NameError, "variable \(try reprText(name!)) does not exist") }
    return Owned(taking: v)
  }
}
@c @implementation public func PyFrame_GetVarString(
  _ f: UnsafeMutablePointer<PyFrameObject>!, _ name: UnsafePointer<CChar>!
) -> Ref? {
  guard let n = PyUnicode_FromString(name) else { return nil }
  defer { gila_decref(n) }
  return PyFrame_GetVar(f, n)
}
@c @implementation public func PyUnstable_InterpreterFrame_GetCode(_ f: UnsafeMutablePointer<_PyInterpreterFrame>!)
  -> Ref?
{
  newRef(UnsafeMutableRawPointer(f.pointee.code).assumingMemoryBound(to: PyObject.self))
}
@c @implementation public func PyUnstable_InterpreterFrame_GetLasti(_ f: UnsafeMutablePointer<_PyInterpreterFrame>!)
  -> Int32
{
  Eval.unit(f) * 2
}
@c @implementation public func PyUnstable_InterpreterFrame_GetLine(_ f: UnsafeMutablePointer<_PyInterpreterFrame>!)
  -> Int32
{
  Int32(truncatingIfNeeded: Code.line(f.pointee.code, Int(Eval.unit(f)) * 2))
}
@c @implementation public func PyFrame_LocalsToFast(_ f: UnsafeMutablePointer<PyFrameObject>!, _ clear: Int32) {}
@c @implementation public func PyFrame_FastToLocals(_ f: UnsafeMutablePointer<PyFrameObject>!) {}
@c @implementation public func PyFrame_FastToLocalsWithError(_ f: UnsafeMutablePointer<PyFrameObject>!) -> Int32 { 0 }
