import CGila
import CGilaLock
import GilaCore
import GilaLock
import Glibc

/// A Python thread as others know it: whether it has ended, and how to wait for that. Shared by the thread and by the
/// handle object, counted.
struct JoinHandle {
  typealias Pointer = UnsafeMutablePointer<JoinHandle>
  static let notStarted: UInt32 = 0
  static let starting: UInt32 = 1
  static let running: UInt32 = 2
  static let done: UInt32 = 3

  var references: Int = 1
  var state: UInt32 = JoinHandle.notStarted
  /// 1 once the thread has ended.
  var ended: UInt32 = 0
  /// Held until the thread has ended: what `join` waits for.
  var untilEnd = ParkingLock()
  var ident: UInt = 0
  var thread = pthread_t()
  /// The native thread still has to be joined.
  var hasNativeThread = false
  var isDaemon = true
  /// The interpreter that the thread belongs to.
  var interpreter: Int64 = 0
  /// In the list of all handles, which interpreters that share a lock have in common: a handle may outlive its own.
  var nextOfAll: Pointer?
  var previousOfAll: Pointer?
  /// In the list of those that `_shutdown` waits for.
  var next: Pointer?
  var previous: Pointer?
  var isListed = false

  static func make() -> Pointer {
    let p = Pointer.allocate(capacity: 1)
    p.initialize(to: JoinHandle())
    p.pointee.interpreter = currentInterpreter.pointee.id
    _ = ParkingLock.tryAcquire(&p.pointee.untilEnd)
    let first = all()
    p.pointee.nextOfAll = first.pointee
    first.pointee?.pointee.previousOfAll = p
    first.pointee = p
    return p
  }
  private static func all() -> UnsafeMutablePointer<Pointer?> {
    let spare =
      UnsafeMutableRawPointer(currentInterpreter.owner) + MemoryLayout<PyInterpreterState>.offset(of: \.spare)!
    return (spare + 24).assumingMemoryBound(to: Pointer?.self)
  }
  /// The caller holds the interpreter's lock, which guards counts and list.
  static func release(_ p: Pointer) {
    p.pointee.references -= 1
    if p.pointee.references > 0 { return }
    if p.pointee.hasNativeThread { pthread_detach(p.pointee.thread) }
    if let q = p.pointee.previousOfAll {
      q.pointee.nextOfAll = p.pointee.nextOfAll
    } else {
      all().pointee = p.pointee.nextOfAll
    }
    p.pointee.nextOfAll?.pointee.previousOfAll = p.pointee.previousOfAll
    p.deallocate()
  }
  private static func head() -> UnsafeMutablePointer<Pointer?> {
    let spare =
      UnsafeMutableRawPointer(currentInterpreter.owner) + MemoryLayout<PyInterpreterState>.offset(of: \.spare)!
    return (spare + 8).assumingMemoryBound(to: Pointer?.self)
  }
  static func list(_ p: Pointer) {
    let h = head()
    p.pointee.next = h.pointee
    h.pointee?.pointee.previous = p
    h.pointee = p
    p.pointee.isListed = true
  }
  static func unlist(_ p: Pointer) {
    guard p.pointee.isListed else { return }
    p.pointee.isListed = false
    if let q = p.pointee.previous {
      q.pointee.next = p.pointee.next
    } else {
      head().pointee = p.pointee.next
    }
    p.pointee.next?.pointee.previous = p.pointee.previous
    p.pointee.next = nil
    p.pointee.previous = nil
  }
  /// The next non-daemon thread that `_shutdown` has to wait for.
  static func listed(_ own: UInt) -> Pointer? {
    var at = head().pointee
    let interpreter = currentInterpreter.pointee.id
    while let p = at, p.pointee.ident == own || p.pointee.interpreter != interpreter { at = p.pointee.next }
    return at
  }
  static func markEnded(_ p: Pointer) {
    gila_store32(&p.pointee.state, done)
    if gila_exchange32(&p.pointee.ended, 1) == 0 { ParkingLock.release(&p.pointee.untilEnd) }
  }
  /// Waits for the end, at most so many nanoseconds (negative: for ever). False when the time is up.
  static func join(_ p: Pointer, _ nanoseconds: Int) throws(PyError) -> Bool {
    let state = gila_load32(&p.pointee.state)
    if state == notStarted || state == starting { throw runtimeError("thread not started") }
    if gila_load32(&p.pointee.ended) == 0 {
      if p.pointee.ident == PyThread_get_thread_ident() { throw runtimeError("Cannot join current thread") }
      if currentInterpreter.pointee.finalizing != 0 && p.pointee.isDaemon {
        throw raise(Exc.PythonFinalizationError, "cannot join daemon thread at interpreter shutdown")
      }
    }
    p.pointee.references += 1
    defer { release(p) }
    if gila_load32(&p.pointee.ended) == 0 {
      let limit = nanoseconds < 0 ? -1 : nanoseconds
      guard try ParkingLock.acquireHandlingSignals(&p.pointee.untilEnd, limit, "thread.join") else { return false }
      // The next one that waits.
      ParkingLock.release(&p.pointee.untilEnd)
    }
    if p.pointee.hasNativeThread {
      p.pointee.hasNativeThread = false
      let thread = p.pointee.thread
      _ = releasingLock("thread.join") { pthread_join(thread, nil) }
    }
    return true
  }
  /// In a forked child: the threads of the other handles are gone.
  static func afterFork() {
    var at = all().pointee
    while let p = at {
      at = p.pointee.nextOfAll
      if gila_load32(&p.pointee.state) == notStarted || p.pointee.ident == PyThread_get_thread_ident() { continue }
      unlist(p)
      p.pointee.hasNativeThread = false
      gila_store32(&p.pointee.state, done)
      gila_store32(&p.pointee.ended, 1)
    }
  }
}

/// `_thread._ThreadHandle`.
enum ThreadHandle {
  struct Object {
    var ob_base: PyObject
    var handle: JoinHandle.Pointer?
  }
  static let slot = InterpreterSlot(200)
  static func handle(_ r: Ref) -> JoinHandle.Pointer { r.cast(Object.self).pointee.handle! }
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define("_thread._ThreadHandle", basicSize: 24, flags: UInt(Py_TPFLAGS_IMMUTABLETYPE))
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        if args!.size > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 {
          throw typeError("_ThreadHandle() takes no arguments")
        }
        return try ThreadHandle.make()
      }
    }
    t.pointee.tp_dealloc = { r in
      if let h = r!.cast(Object.self).pointee.handle { JoinHandle.release(h) }
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_repr = { r in
      newString("<_ThreadHandle object: ident=\(ThreadHandle.handle(r!).pointee.ident)>")
    }
    var m = MethodTable()
    m.positional("join", "", "join(timeout=None)\n--\n\nWait for the thread to end.") { r, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("join", n, 0, 1)
        var limit = -1
        if n > 0, args![0]! != none {
          limit = try Timeout.nanoseconds(args![0]!)
          if limit < 0 { limit = -1 }
        }
        _ = try JoinHandle.join(ThreadHandle.handle(r!), limit)
      }
    }
    m.noArguments("is_done", "($self, /)", "Whether the thread has ended.") { r, _ in
      newRef(pyBool(gila_load32(&ThreadHandle.handle(r!).pointee.ended) != 0))
    }
    m.noArguments("_set_done", "($self, /)", "Mark the thread as ended.") { r, _ in
      let h = ThreadHandle.handle(r!)
      let state = gila_load32(&h.pointee.state)
      if state == JoinHandle.notStarted || state == JoinHandle.starting {
        _ = runtimeError("thread not started")
        return nil
      }
      JoinHandle.unlist(h)
      JoinHandle.markEnded(h)
      return newRef(none)
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add("ident", get: { r, _ in PyLong_FromUnsignedLong(ThreadHandle.handle(r!).pointee.ident) })
    t.pointee.tp_getset = g.build()
    _ = PyType_Ready(t)
    return t
  }()
  static func make() throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    r.ref.cast(Object.self).pointee.handle = JoinHandle.make()
    return r
  }
}

extension Timeout {
  /// The arguments of `acquire`: nanoseconds to wait, negative for ever, 0 not at all. -1 second is for ever, too.
  static func ofAcquire(_ blocking: Ref?, _ timeout: Ref?) throws(PyError) -> Int {
    let blocks = try blocking.map { (r) throws(PyError) in try truth(r) } ?? true
    guard let timeout else { return blocks ? -1 : 0 }
    let n = try nanoseconds(timeout)
    if n == -1_000_000_000 { return blocks ? -1 : 0 }
    if !blocks { throw valueError("can't specify a timeout for a non-blocking call") }
    return try checked(n)
  }
}
