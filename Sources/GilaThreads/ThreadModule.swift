import CGila
import CGilaLock
import GilaCore
import GilaLock
import Glibc

/// The native module `_thread`.
enum ThreadModule {
  /// What a new thread runs.
  private struct Start {
    var ts: ThreadRef
    var function: Ref
    var args: Ref
    var kwargs: Ref?
    var handle: JoinHandle.Pointer
  }
  private static func run(_ raw: UnsafeMutableRawPointer?) {
    let box = raw!.assumingMemoryBound(to: Start.self)
    let start = box.pointee
    box.deallocate()
    let ts = start.ts
    Threads.bind(ts)
    gila_set_gilstate_ts(ts)
    ts.pointee.gilstate_counter = 1
    Threads.take(ts, afterBlocking: false)
    start.handle.pointee.ident = ts.pointee.thread_id
    gila_store32(&start.handle.pointee.state, JoinHandle.running)
    let result = PyObject_Call(start.function, start.args, start.kwargs)
    if let result {
      decref(result)
    } else if PyErr_ExceptionMatches(Exc.SystemExit.object) != 0 {
      PyErr_Clear()
    } else {
      gila_unraisable(newString("Exception ignored in thread started by \(describe(start.function))"))
    }
    decref(start.function)
    decref(start.args)
    xdecref(start.kwargs)
    Threads.clear(ts)
    JoinHandle.unlist(start.handle)
    JoinHandle.markEnded(start.handle)
    JoinHandle.release(start.handle)
    count(-1)
    Threads.unlink(ts)
    gila_set_gilstate_ts(nil)
    Threads.release(ts, cString("thread end"))
    Threads.free(ts)
  }
  private static func describe(_ f: Ref) -> String {
    let pending = PyErr_GetRaisedException()
    defer { PyErr_SetRaisedException(pending) }
    do throws(PyError) { return try reprText(f) } catch {
      PyErr_Clear()
      return typeName(of: f)
    }
  }
  /// How many threads that `_thread` started are alive; kept in the interpreter, under its lock.
  private static func countSlot() -> UnsafeMutablePointer<Int> {
    let spare = UnsafeMutableRawPointer(currentInterpreter) + MemoryLayout<PyInterpreterState>.offset(of: \.spare)!
    return (spare + 16).assumingMemoryBound(to: Int.self)
  }
  private static func count(_ change: Int) { countSlot().pointee += change }

  private static func start(
    _ function: Ref, _ args: Ref, _ kwargs: Ref?, _ handle: JoinHandle.Pointer, daemon: Bool
  ) throws(PyError) {
    if currentInterpreter.pointee.finalizing != 0 {
      throw raise(Exc.PythonFinalizationError, "can't create new thread at interpreter shutdown")
    }
    let features = currentInterpreter.features
    if !features.contains(.threads) {
      throw runtimeError("thread is not supported for isolated subinterpreters")
    }
    if daemon && !features.contains(.daemonThreads) {
      throw runtimeError("daemon threads are not supported in this (sub)interpreter")
    }
    guard let ts = Threads.make(currentInterpreter) else { throw memoryError() }
    let box = UnsafeMutablePointer<Start>.allocate(capacity: 1)
    box.initialize(
      to: Start(ts: ts, function: newRef(function), args: newRef(args), kwargs: xnewRef(kwargs), handle: handle))
    handle.pointee.references += 1
    handle.pointee.isDaemon = daemon
    handle.pointee.state = JoinHandle.starting
    var thread = pthread_t()
    let r = startNative(&thread, { ThreadModule.run($0) }, UnsafeMutableRawPointer(box))
    if r != 0 {
      box.deallocate()
      decref(function)
      decref(args)
      xdecref(kwargs)
      handle.pointee.state = JoinHandle.notStarted
      JoinHandle.release(handle)
      Threads.unlink(ts)
      Threads.free(ts)
      throw runtimeError("can't start new thread")
    }
    handle.pointee.thread = thread
    handle.pointee.hasNativeThread = true
    handle.pointee.ident = UInt(thread)
    handle.pointee.state = JoinHandle.running
    if !daemon { JoinHandle.list(handle) }
    count(1)
  }

  static func startNew(_ args: ArgumentVector?, _ n: Int, _ name: StaticString) -> Ref? {
    bridge { () throws(PyError) in
      try checkCount(name, n, 2, 3)
      let f = args![0]!, tuple = args![1]!
      guard PyCallable_Check(f) != 0 else { throw typeError("first arg must be callable") }
      guard tuple.isTuple else { throw typeError("2nd arg must be a tuple") }
      if n > 2, !args![2]!.isDict { throw typeError("optional 3rd arg must be a dictionary") }
      try audit("_thread.start_new_thread", f, tuple, n > 2 ? args![2] : nil)
      let h = JoinHandle.make()
      defer { JoinHandle.release(h) }
      try start(f, tuple, n > 2 ? args![2] : nil, h, daemon: true)
      // Nobody joins it.
      h.pointee.hasNativeThread = false
      pthread_detach(h.pointee.thread)
      return try owned(PyLong_FromUnsignedLong(h.pointee.ident))
    }
  }
  private static let joinable = Signature("start_joinable_thread", "(function, handle=None, daemon=True)")

  /// Waits for all threads that are not daemons.
  private static func joinAll() {
    while let h = JoinHandle.listed(PyThread_get_thread_ident()) {
      h.pointee.references += 1
      var ok = true
      do throws(PyError) { _ = try JoinHandle.join(h, -1) } catch { ok = false }
      if ok { JoinHandle.unlist(h) }
      JoinHandle.release(h)
      if !ok { return PyErr_WriteUnraisable(nil) }
    }
  }
  private static func startJoinable(_ args: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
    let b = try joinable.bind(args, n, names)
    guard PyCallable_Check(b[0]) != 0 else { throw typeError("thread function must be callable") }
    var daemon = true
    if let d = b[2] {
      let t = PyObject_IsTrue(d)
      if t < 0 { throw PyError() }
      daemon = t != 0
    }
    if isAudited {
      let number = try owned(PyLong_FromLong(daemon ? 1 : 0))
      try audit("_thread.start_joinable_thread", b[0], number.ref, b[1])
    }
    let object: Ref
    if let given = b[1], given != none {
      guard given.isExactly(ThreadHandle.type) else { throw typeError("'handle' must be a _ThreadHandle") }
      object = newRef(given)
    } else {
      object = try ThreadHandle.make().take()
    }
    let handle = Owned(taking: object)
    let h = ThreadHandle.handle(handle.ref)
    if h.pointee.state != JoinHandle.notStarted { throw runtimeError("thread already started") }
    let empty = try owned(PyTuple_New(0))
    try start(b[0]!, empty.ref, nil, h, daemon: daemon)
    return handle
  }

  static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "start_new_thread", "", "start_new_thread($module, function, args, kwargs={}, /)\n--\n\nStart a thread."
    ) {
      _, args, n in ThreadModule.startNew(args, n, "start_new_thread")
    }
    m.positional(
      "start_new", "", "start_new($module, function, args, kwargs={}, /)\n--\n\nThe old name of start_new_thread."
    ) {
      _, args, n in ThreadModule.startNew(args, n, "start_new_thread")
    }
    m.keywords(
      "start_joinable_thread", "($module, /, function, handle=None, daemon=True)", "Start a thread that can be joined."
    ) { _, args, n, names in
      bridge { () throws(PyError) in try ThreadModule.startJoinable(args, n, names) }
    }
    for name in ["allocate_lock", "allocate"] as [StaticString] {
      m.noArguments(name, "($module, /)", "A new lock.") { _, _ in PyType_GenericAlloc(LockType.type, 0) }
    }
    for name in ["exit", "exit_thread"] as [StaticString] {
      m.noArguments(name, "($module, /)", "End the thread: raises SystemExit.") { _, _ in
        PyErr_SetNone(Exc.SystemExit.object)
        return nil
      }
    }
    m.noArguments("get_ident", "($module, /)", "A number that no other thread alive has.") { _, _ in
      PyLong_FromUnsignedLong(gila_ts().pointee.thread_id)
    }
    m.noArguments("get_native_id", "($module, /)", "The number by which the operating system knows the thread.") {
      _, _ in
      PyLong_FromLong(Int(gila_thread_id()))
    }
    m.noArguments("_get_main_thread_ident", "($module, /)", "The main thread's number.") { _, _ in
      PyLong_FromUnsignedLong(MainInterpreter.shared?.pointee.main_thread?.pointee.thread_id ?? 0)
    }
    m.noArguments("_count", "($module, /)", "How many threads started by this module are alive.") { _, _ in
      PyLong_FromLong(ThreadModule.countSlot().pointee)
    }
    m.noArguments("_is_main_interpreter", "($module, /)", "Whether this is the main interpreter.") { _, _ in
      pyBool(currentInterpreter == MainInterpreter.shared)
    }
    m.noArguments("daemon_threads_allowed", "($module, /)", "Whether threads may be daemons here.") { _, _ in
      pyBool(currentInterpreter.features.contains(.daemonThreads))
    }
    m.positional(
      "stack_size", "",
      "stack_size($module, size=0, /)\n--\n\nThe stack size of new threads in bytes; 0 for the system's."
    ) {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("stack_size", n, 0, 1)
        var size = 0
        if n > 0 { size = try sizeArgument(args![0]!) }
        if size < 0 { throw valueError("size must be 0 or a positive value") }
        let old = PyThread_get_stacksize()
        if n > 0 && PyThread_set_stacksize(size) != 0 { throw valueError("size not valid: \(size) bytes") }
        return try owned(PyLong_FromLong(old))
      }
    }
    m.positional(
      "interrupt_main", "",
      "interrupt_main($module, signum=signal.SIGINT, /)\n--\n\nSimulate a signal in the main thread."
    ) {
      _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("interrupt_main", n, 0, 1)
        let number = n > 0 ? try intArgument(args![0]!) : SIGINT
        if PyErr_SetInterruptEx(number) != 0 { throw valueError("signal number out of range") }
      }
    }
    m.noArguments("_shutdown", "($module, /)", "Wait for all threads that are not daemons.") { _, _ in
      ThreadModule.joinAll()
      return none
    }
    m.one("_make_thread_handle", "($module, ident, /)", "A handle for a thread that was not started here.") { _, a in
      bridge { () throws(PyError) in
        guard a!.isLong else { throw typeError("ident must be an integer") }
        let ident = PyLong_AsUnsignedLong(a)
        if errorIsSet { throw PyError() }
        let r = try ThreadHandle.make()
        let h = ThreadHandle.handle(r.ref)
        h.pointee.ident = ident
        h.pointee.state = JoinHandle.running
        return r
      }
    }
    m.one(
      "_excepthook", "($module, (exc_type, exc_value, exc_traceback, thread), /)",
      "Show an exception that ended a thread."
    ) {
      _, args in ExceptHook.show(args!)
    }
    return m.build()
  }
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_thread", doc: "Threads and locks on which higher level modules are built.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let m = module!
        try add(m, "error", Exc.RuntimeError.object)
        try add(m, "LockType", LockType.type.object)
        try add(m, "lock", LockType.type.object)
        try add(m, "RLock", RLockType.type.object)
        try add(m, "_local", LocalType.type.object)
        try add(m, "_ThreadHandle", ThreadHandle.type.object)
        try add(m, "_ExceptHookArgs", ExceptHook.argumentsType.object)
        let limit = try owned(PyFloat_FromDouble(9_223_372_036.0))
        try add(m, "TIMEOUT_MAX", limit.ref)
      }
    })
}

/// Gives out the native modules about threads: name and init function.
public func registerThreadModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("gila") { PyModuleDef_Init(LockModule.definition) }
  add("_thread") { PyModuleDef_Init(ThreadModule.definition) }
}
