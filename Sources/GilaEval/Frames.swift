import CGila
import GilaCore
import Glibc

typealias FrameRef = UnsafeMutablePointer<_PyInterpreterFrame>
typealias StackRef = UnsafeMutablePointer<Ref?>

/// Slots counted from the top of the value stack, through byte offsets (see fast-swift 0.1).
@inline(__always) func peek(_ sp: StackRef, _ n: Int) -> Ref {
  UnsafeRawPointer(sp).load(fromByteOffset: -8 &* n, as: Ref.self)
}
@inline(__always) func peekOptional(_ sp: StackRef, _ n: Int) -> Ref? {
  UnsafeRawPointer(sp).load(fromByteOffset: -8 &* n, as: Ref?.self)
}
@inline(__always) func poke(_ sp: StackRef, _ n: Int, _ v: Ref?) {
  UnsafeMutableRawPointer(sp).storeBytes(of: v, toByteOffset: -8 &* n, as: Ref?.self)
}

extension Eval {
  @inline(__always) static func locals(_ f: FrameRef) -> StackRef {
    (UnsafeMutableRawPointer(f) + MemoryLayout<_PyInterpreterFrame>.offset(of: \.localsplus).unsafelyUnwrapped)
      .assumingMemoryBound(to: Ref?.self)
  }
  @inline(__always) static func instructions(_ c: UnsafeMutablePointer<PyCodeObject>) -> UnsafePointer<UInt8> {
    UnsafePointer((UnsafeMutableRawPointer(c) + 200).assumingMemoryBound(to: UInt8.self))
  }
  /// A frame for a function's call: empty locals, stack pointer at the bottom. Takes references of its own.
  static func newFrame(_ f: Ref) -> FrameRef? {
    let code = Function.code(f)
    let n = Int(code.pointee.co_nlocalsplus)
    let head = MemoryLayout<_PyInterpreterFrame>.offset(of: \.localsplus).unsafelyUnwrapped
    guard let memory = SmallBlocks.allocate(head + (n + Int(code.pointee.co_stacksize) + 1) * 8) else {
      _ = memoryError()
      return nil
    }
    memset(memory, 0, head + n * 8)
    let frame = memory.assumingMemoryBound(to: _PyInterpreterFrame.self)
    let o = Function.object(f)
    gila_incref(UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyObject.self))
    frame.pointee.code = code
    frame.pointee.func = newRef(f)
    frame.pointee.globals = o.pointee.func_globals
    frame.pointee.builtins = o.pointee.func_builtins
    frame.pointee.sp = locals(frame) + n
    frame.pointee.ip = UnsafeRawPointer(instructions(code)).assumingMemoryBound(to: UInt64.self)
    return frame
  }
  /// Gives everything a frame holds back and frees it.
  static func freeFrame(_ f: FrameRef) {
    let base = locals(f)
    var p = f.pointee.sp!
    while p > base {
      p -= 1
      if let v = p.pointee {
        p.pointee = nil
        gila_decref(v)
      }
    }
    xdecref(f.pointee.locals)
    gila_decref(f.pointee.func)
    gila_decref(UnsafeMutableRawPointer(f.pointee.code).assumingMemoryBound(to: PyObject.self))
    SmallBlocks.free(UnsafeMutableRawPointer(f))
  }
  static func traverseFrame(_ f: FrameRef, _ visit: visitproc?, _ context: UnsafeMutableRawPointer?) -> Int32 {
    var p = locals(f)
    while p < f.pointee.sp {
      if let v = p.pointee {
        let r = visit!(v, context)
        if r != 0 { return r }
      }
      p += 1
    }
    if let l = f.pointee.locals {
      let r = visit!(l, context)
      if r != 0 { return r }
    }
    return visit!(f.pointee.func, context)
  }
  /// The call of a Python function from native code.
  static func callFunction(_ f: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) -> Ref? {
    guard let frame = newFrame(f) else { return nil }
    do throws(PyError) { try Function.bind(f, args, n, names, locals(frame)) } catch {
      freeFrame(frame)
      return nil
    }
    frame.pointee.owner = UInt8(GILA_FRAME_ENTRY.rawValue)
    return run(frame, throwing: false)
  }
  /// A traceback entry for the frame's current instruction, put before the exception's traceback.
  static func addTraceback(_ f: FrameRef, _ at: Int) {
    guard let e = gila_ts().pointee.current_exception else { return }
    guard let tb = PyType_GenericAlloc(Types.traceBack, 0) else { return }
    let t = tb.cast(PyTracebackObject.self)
    let b = e.cast(PyBaseExceptionObject.self)
    t.pointee.tb_next = b.pointee.traceback.map { $0.cast(PyTracebackObject.self) }
    // The frame object is not made yet: the entry holds the code, which is what printing needs.
    t.pointee.tb_frame = UnsafeMutableRawPointer(
      newRef(UnsafeMutableRawPointer(f.pointee.code).assumingMemoryBound(to: PyObject.self))
    ).assumingMemoryBound(to: PyFrameObject.self)
    t.pointee.tb_lasti = Int32(at)
    t.pointee.tb_lineno = Int32(truncatingIfNeeded: Code.line(f.pointee.code, at))
    b.pointee.traceback = tb
  }
  static func installTraceback() {
    let t = Types.traceBack
    t.define("traceback", basicSize: 40, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref((r!.raw + 16).load(as: Ref?.self))
      xdecref((r!.raw + 24).load(as: Ref?.self))
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, v, c in
      if let n = (r!.raw + 16).load(as: Ref?.self) { return v!(n, c) }
      return 0
    }
    var m = MemberTable()
    m.add("tb_next", _Py_T_OBJECT, offset: 16)
    m.add("tb_lasti", Py_T_INT, offset: 32)
    m.add("tb_lineno", Py_T_INT, offset: 36)
    t.pointee.tp_members = m.build()
  }

  /// The handler for the instruction at byte offset `at`: target, stack depth, whether to push the offset.
  static func handler(_ c: UnsafeMutablePointer<PyCodeObject>, _ at: Int) -> (target: Int, depth: Int, lasti: Bool)? {
    let table = c.pointee.co_exceptiontable!
    let n = table.size
    let p = UnsafeRawPointer(PyBytes_AsString(table)).assumingMemoryBound(to: UInt8.self)
    var i = 0
    func varint() -> Int {
      var v = 0
      while i < n {
        let b = Int(p[i])
        i += 1
        v = v << 6 | (b & 63)
        if b & 64 == 0 { break }
      }
      return v
    }
    let unit = at / 2
    while i < n {
      let start = varint(), length = varint(), target = varint(), depth = varint()
      if unit < start { return nil }
      if unit < start + length { return (target, depth >> 1, depth & 1 != 0) }
    }
    return nil
  }
}
