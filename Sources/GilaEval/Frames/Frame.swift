import CGila
import GilaCore
import Glibc

typealias FrameRef = UnsafeMutablePointer<_PyInterpreterFrame>
typealias StackRef = UnsafeMutablePointer<Ref?>
typealias CodeRef = Executable.CodeRef
typealias InstructionPointer = UnsafeMutablePointer<UInt64>

/// Slots counted from the top of the value stack, through byte offsets (typed negative indexes are miscompiled).
@inline(__always) func peek(_ sp: StackRef, _ n: Int) -> Ref {
  UnsafeRawPointer(sp).load(fromByteOffset: -8 &* n, as: Ref.self)
}
@inline(__always) func peekOptional(_ sp: StackRef, _ n: Int) -> Ref? {
  UnsafeRawPointer(sp).load(fromByteOffset: -8 &* n, as: Ref?.self)
}
@inline(__always) func poke(_ sp: StackRef, _ n: Int, _ v: Ref?) {
  UnsafeMutableRawPointer(sp).storeBytes(of: v, toByteOffset: -8 &* n, as: Ref?.self)
}

/// Who owns a frame's memory.
enum FrameOwner {
  static let thread: UInt8 = 0
  static let generator: UInt8 = 1
  static let frameObject: UInt8 = 2
}
/// Bits of a frame's `flags`.
enum FrameFlag {
  /// `run` was entered with this frame: when it ends, the native function returns.
  static let entry: UInt16 = 1
  /// The frame of an `__init__` that the call of a class began: the caller's stack has the new object.
  static let initializer: UInt16 = 2
}

extension Eval {
  /// Bytes before the local variables.
  static var frameHead: Int {
    @inline(__always) get { MemoryLayout<_PyInterpreterFrame>.offset(of: \.localsplus).unsafelyUnwrapped }
  }
  @inline(__always) static func locals(_ f: FrameRef) -> StackRef {
    (UnsafeMutableRawPointer(f) + frameHead).assumingMemoryBound(to: Ref?.self)
  }
  /// The plain executable form of a frame's code.
  @inline(__always) static func executable(_ f: FrameRef) -> Executable.Pointer {
    f.pointee.executable.unsafelyUnwrapped.assumingMemoryBound(to: Executable.self)
  }
  /// The form that an instruction pointer of the frame is in: a frame changes between the plain and the instrumented
  /// form by its instruction pointer alone.
  @inline(__always) static func form(_ f: FrameRef, _ ip: UnsafePointer<UInt64>) -> Executable.Pointer {
    let plain = executable(f)
    let first = UnsafePointer(plain.pointee.words)
    if ip >= first && ip <= first + plain.pointee.wordCount { return plain }
    return plain.pointee.instrumented.unsafelyUnwrapped
  }
  @inline(__always) static func form(_ f: FrameRef, _ ip: InstructionPointer) -> Executable.Pointer {
    form(f, UnsafePointer(ip))
  }
  /// The unit of the instruction before the saved instruction pointer: the one that runs, or that called.
  static func unit(_ f: FrameRef) -> Int32 {
    let e = form(f, f.pointee.ip.unsafelyUnwrapped)
    let at = f.pointee.ip - UnsafePointer(e.pointee.words) - 1
    return at < 0 ? -1 : e.pointee.unitOfWord[at]
  }

  /// A frame for a function, its locals empty, its stack pointer at the bottom. Takes `function` (owned) over; nil with
  /// the exception set and the reference given back.
  @inline(__always) static func pushFrame(_ ts: ThreadRef, taking function: Ref, _ e: Executable.Pointer) -> FrameRef? {
    guard let memory = DataStack.push(ts, e.pointee.frameWords) else {
      gila_decref(function)
      return nil
    }
    let frame = memory.assumingMemoryBound(to: _PyInterpreterFrame.self)
    fill(frame, function, Function.code(function), e)
    return frame
  }
  /// Writes a frame's head. The function's reference is taken over.
  @inline(__always) static func fill(_ frame: FrameRef, _ function: Ref, _ code: CodeRef, _ e: Executable.Pointer) {
    let o = Function.object(function)
    gila_incref(UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyObject.self))
    frame.pointee.code = code
    frame.pointee.func = function
    frame.pointee.globals = o.pointee.func_globals
    frame.pointee.builtins = o.pointee.func_builtins
    frame.pointee.locals = nil
    frame.pointee.frame_obj = nil
    frame.pointee.executable = UnsafeMutableRawPointer(e)
    frame.pointee.traced_unit = -1
    frame.pointee.state = 0
    frame.pointee.ip = UnsafePointer(e.pointee.words)
    frame.pointee.owner = FrameOwner.thread
    frame.pointee.flags = 0
    frame.pointee.return_offset = 0
    frame.pointee.sp = locals(frame) + Int(code.pointee.co_nlocalsplus)
  }
  /// A frame with all locals unset, for calls that fill them one by one.
  static func newFrame(_ ts: ThreadRef, _ function: Ref) -> FrameRef? {
    guard let e = Executable.of(Function.code(function)), let f = pushFrame(ts, taking: newRef(function), e) else {
      return nil
    }
    let n = Int(f.pointee.code.pointee.co_nlocalsplus)
    memset(locals(f), 0, n * 8)
    // The code of a module or class as a function works on the names of its globals.
    if f.pointee.code.pointee.co_flags & 0x1 == 0 { f.pointee.locals = newRef(f.pointee.globals!) }
    return f
  }

  /// Lets go of a frame that has ended: its values go, or a frame object that somebody holds takes them.
  @inline(__always) static func clearFrame(_ f: FrameRef) {
    if f.pointee.frame_obj != nil {
      if FrameObject.takeOver(f) { return }
    }
    let base = locals(f)
    var p = base
    let end = f.pointee.sp.unsafelyUnwrapped
    while p < end {
      if let v = p.pointee { gila_decref(v) }
      p += 1
    }
    clearHead(f)
  }
  @inline(__always) static func clearHead(_ f: FrameRef) {
    if let l = f.pointee.locals {
      f.pointee.locals = nil
      gila_decref(l)
    }
    gila_decref(f.pointee.func.unsafelyUnwrapped)
    gila_decref(UnsafeMutableRawPointer(f.pointee.code.unsafelyUnwrapped).assumingMemoryBound(to: PyObject.self))
  }
  /// Clears a frame of the data stack and gives its memory back.
  @inline(__always) static func dropFrame(_ ts: ThreadRef, _ f: FrameRef) {
    clearFrame(f)
    DataStack.pop(ts, UnsafeMutableRawPointer(f))
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
    if let o = f.pointee.frame_obj {
      let r = visit!(UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyObject.self), context)
      if r != 0 { return r }
    }
    if let c = f.pointee.code {
      let r = visit!(UnsafeMutableRawPointer(c).assumingMemoryBound(to: PyObject.self), context)
      if r != 0 { return r }
    }
    if let function = f.pointee.func { return visit!(function, context) }
    return 0
  }
  /// The call of a Python function from native code.
  static func callFunction(_ f: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) -> Ref? {
    let ts = gila_ts()
    guard let frame = newFrame(ts, f) else { return nil }
    do throws(PyError) { try Function.bind(f, args, n, names, locals(frame)) } catch {
      dropFrame(ts, frame)
      return nil
    }
    return run(frame, throwing: false)
  }
}
