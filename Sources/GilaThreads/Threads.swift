import CGila
import CGilaLock
import GilaCore
import GilaLock
import Glibc

/// Thread states and their interpreter's lock.
enum Threads {
  static func lock(_ interp: InterpreterRef) -> InterpreterLock { InterpreterLock(at: interp.pointee.lock!) }
  static func participant(_ ts: ThreadRef) -> InterpreterLock.Thread {
    ts.gila.pointee.lock_record!.assumingMemoryBound(to: Participant.self)
  }
  /// The list of thread states changes also without the lock: a word of the interpreter guards it.
  static func withList<T>(_ interp: InterpreterRef, _ body: () -> T) -> T {
    let word = UnsafeMutableRawPointer(interp) + MemoryLayout<PyInterpreterState>.offset(of: \.spare)!
    let mutex = word.assumingMemoryBound(to: UInt32.self)
    while !gila_cas32(mutex, 0, 1) { sched_yield() }
    defer { gila_store32(mutex, 0) }
    return body()
  }

  /// A thread state of an interpreter, in its list. The caller need not hold the lock. Nil when memory is exhausted.
  static func make(_ interp: InterpreterRef) -> ThreadRef? {
    guard let memory = calloc(1, MemoryLayout<gila_thread>.size) else { return nil }
    let ts = memory.assumingMemoryBound(to: PyThreadState.self)
    ts.pointee.interp = interp
    ts.gila.pointee.heap = interp.heap
    ts.pointee.py_recursion_limit = interp.pointee.recursion_limit
    ts.pointee.py_recursion_remaining = interp.pointee.recursion_limit
    ts.pointee.c_recursion_remaining = 10000
    // Only a state that PyGILState_Ensure made goes with the last PyGILState_Release.
    ts.pointee.gilstate_counter = 1
    ts.pointee.exc_info = (memory + MemoryLayout<PyThreadState>.offset(of: \.exc_state)!)
      .assumingMemoryBound(to: _PyErr_StackItem.self)
    attach(ts)
    // One sequence for all interpreters of a lock: what is remembered for a thread state goes by its number.
    withList(interp.owner) {
      interp.owner.pointee.next_thread_id += 1
      ts.pointee.id = interp.owner.pointee.next_thread_id
    }
    withList(interp) {
      let head = interp.pointee.threads_head
      ts.pointee.next = head
      head?.pointee.prev = ts
      interp.pointee.threads_head = ts
    }
    return ts
  }
  /// Gives a thread state its account with the lock.
  static func attach(_ ts: ThreadRef) {
    let p = InterpreterLock.Thread.allocate(capacity: 1)
    p.initialize(to: Participant(requestWord: gila_eval_breaker(ts), requestBit: UInt(GILA_BREAK_LOCK)))
    ts.gila.pointee.lock_record = UnsafeMutableRawPointer(p)
  }
  /// Binds a thread state to the running thread: its identity and the bounds of its stack.
  static func bind(_ ts: ThreadRef) {
    ts.pointee.thread_id = UInt(bitPattern: Int(bitPattern: pthread_self()))
    ts.pointee.native_thread_id = UInt(gila_thread_id())
    participant(ts).pointee.identity = UInt(ts.pointee.thread_id)
    var low: UInt = 0, high: UInt = 0
    if gila_stack_bounds(&low, &high) {
      // The main thread's stack grows on demand: no more than 64 MB of an unlimited one are counted on.
      let usable = min(high &- low, 64 << 20)
      ts.gila.pointee.stack_limit = high &- usable &+ (usable / 8 &+ 65536)
    }
  }
  /// Makes a thread state the running thread's own, which may have been another's, and takes the lock for it.
  static func enter(_ ts: ThreadRef) {
    if ts.pointee.thread_id != UInt(bitPattern: Int(bitPattern: pthread_self())) { bind(ts) }
    gila_set_gilstate_ts(ts)
    take(ts, afterBlocking: false)
  }
  /// Waits for the lock and becomes the thread that runs Python.
  static func take(_ ts: ThreadRef, afterBlocking: Bool) {
    lock(ts.pointee.interp!).take(participant(ts), afterBlocking: afterBlocking)
    took(ts)
  }
  /// What follows when a thread has the lock.
  @inline(__always) static func took(_ ts: ThreadRef) {
    let interp = ts.pointee.interp!
    if interp.pointee.finalizing != 0 && ts != interp.pointee.main_thread { park(ts) }
    gila_set_ts(ts)
  }
  /// A daemon thread that wants to run Python after the end of the interpreter: it never does.
  private static func park(_ ts: ThreadRef) -> Never {
    lock(ts.pointee.interp!).release(participant(ts), cString("finalizing"))
    while true { pause() }
  }
  @inline(__always) static func release(_ ts: ThreadRef, _ reason: UnsafePointer<CChar>?) {
    gila_set_ts(nil)
    lock(ts.pointee.interp!).release(participant(ts), reason)
  }

  /// Lets go of the objects of a thread that ends. The thread holds the lock.
  static func clear(_ ts: ThreadRef) {
    func drop(_ slot: UnsafeMutablePointer<Ref?>) { GilaCore.clear(slot) }
    drop(&ts.pointee.dict)
    drop(&ts.pointee.async_exc)
    drop(&ts.pointee.current_exception)
    drop(&ts.pointee.exc_state.exc_value)
    drop(&ts.pointee.async_gen_firstiter)
    drop(&ts.pointee.async_gen_finalizer)
    drop(&ts.pointee.context)
    ts.pointee.c_profilefunc = nil
    ts.pointee.c_tracefunc = nil
    drop(&ts.pointee.c_profileobj)
    drop(&ts.pointee.c_traceobj)
    drop(&ts.pointee.threading_local_key)
    drop(&ts.pointee.threading_local_sentinel)
    drop(&ts.gila.pointee.excepthook_args)
  }
  /// Takes a thread state out of its interpreter's list.
  static func unlink(_ ts: ThreadRef) {
    let interp = ts.pointee.interp!
    lock(interp).retire(participant(ts))
    withList(interp) {
      if let p = ts.pointee.prev {
        p.pointee.next = ts.pointee.next
      } else {
        interp.pointee.threads_head = ts.pointee.next
      }
      ts.pointee.next?.pointee.prev = ts.pointee.prev
      ts.pointee.prev = nil
      ts.pointee.next = nil
    }
  }
  static func free(_ ts: ThreadRef) {
    gila_thread_free_stack(ts)
    participant(ts).deallocate()
    if gila_gilstate_ts() == ts { gila_set_gilstate_ts(nil) }
    Glibc.free(UnsafeMutableRawPointer(ts))
  }
  /// All thread states of an interpreter. They stay valid while the caller holds the lock.
  static func all(_ interp: InterpreterRef) -> [ThreadRef] {
    withList(interp) {
      var result: [ThreadRef] = []
      var at = interp.pointee.threads_head
      while let ts = at {
        result.append(ts)
        at = ts.pointee.next
      }
      return result
    }
  }
}

// MARK: Gila's own functions

@c @implementation public func gila_thread_adopt(_ ts: ThreadRef!) {
  let interp = ts.pointee.interp!
  if interp.pointee.lock == nil { interp.pointee.lock = InterpreterLock().address }
  Threads.attach(ts!)
  Threads.bind(ts!)
  if ts.pointee.id == 0 {
    interp.pointee.next_thread_id += 1
    ts.pointee.id = interp.pointee.next_thread_id
  }
  if MainInterpreter.shared == nil { MainInterpreter.shared = interp }
  gila_set_gilstate_ts(ts)
  ts.pointee.gilstate_counter = 1
  Threads.take(ts!, afterBlocking: false)
}
@c @implementation public func gila_lock_release(_ reason: UnsafePointer<CChar>!) -> ThreadRef {
  let ts = gila_ts()
  Threads.release(ts, reason)
  return ts
}
@c @implementation public func gila_lock_take(_ ts: ThreadRef!) { Threads.take(ts!, afterBlocking: true) }
@c @implementation public func gila_lock_switch(_ ts: ThreadRef!) {
  let interp = ts.pointee.interp!
  if Threads.lock(interp).switchIfRequested(Threads.participant(ts!)) {
    if interp.pointee.finalizing != 0 && ts != interp.pointee.main_thread {
      Threads.release(ts!, cString("finalizing"))
      while true { pause() }
    }
  }
}
@c @implementation public func gila_current_frames() -> Ref? {
  bridge { () throws(PyError) in
    let d = try owned(PyDict_New())
    for ts in Threads.all(currentInterpreter) {
      guard let frame = PyThreadState_GetFrame(ts) else { continue }
      let f = Owned(taking: UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self))
      let id = try owned(PyLong_FromUnsignedLong(ts.pointee.thread_id))
      try check(PyDict_SetItem(d.ref, id.ref, f.ref))
    }
    return d
  }
}
@c @implementation public func gila_current_exceptions() -> Ref? {
  bridge { () throws(PyError) in
    let d = try owned(PyDict_New())
    for ts in Threads.all(currentInterpreter) {
      var item = ts.pointee.exc_info
      while let i = item, i.pointee.exc_value == nil, i.pointee.previous_item != nil { item = i.pointee.previous_item }
      let id = try owned(PyLong_FromUnsignedLong(ts.pointee.thread_id))
      try check(PyDict_SetItem(d.ref, id.ref, item?.pointee.exc_value ?? none))
    }
    return d
  }
}

@c @implementation public func gila_switch_interval() -> Double {
  Double(Threads.lock(currentInterpreter).switchInterval) / 1e9
}
@c @implementation public func gila_set_switch_interval(_ seconds: Double) {
  Threads.lock(currentInterpreter).switchInterval = Int(min(max(seconds, 1e-9), 1e6) * 1e9)
}

// MARK: Fork: the child has one thread, which holds the lock.

/// The import lock is held over the fork, so that the child sees no module half made and nobody holds it there.
private func callImportLock(_ method: StaticString) {
  let pending = PyErr_GetRaisedException()
  if let imp = PyImport_ImportModule("_imp") {
    if let f = PyObject_GetAttrString(imp, cString(method)) {
      xdecref(PyObject_CallNoArgs(f))
      decref(f)
    }
    decref(imp)
  }
  PyErr_Clear()
  PyErr_SetRaisedException(pending)
}
@c @implementation public func gila_before_fork() { callImportLock("acquire_lock") }
@c @implementation public func gila_after_fork_parent() { callImportLock("release_lock") }
/// A bit in the thread's request word ends its waits for other threads from now on.
@c @implementation public func gila_end_waits_at(_ thread: UnsafeMutableRawPointer, _ bit: UInt) {
  Threads.participant(thread.assumingMemoryBound(to: PyThreadState.self)).pointee.interruptingBits = bit
}
/// For a signal's handler, which has set that bit.
@c @implementation public func gila_rouse(_ thread: UnsafeMutableRawPointer) {
  InterpreterLock.rouse(Threads.participant(thread.assumingMemoryBound(to: PyThreadState.self)))
}
@c @implementation public func gila_after_fork_child() {
  let ts = gila_ts()
  let interp = ts.pointee.interp!
  // A thread that does not exist here may have been changing a list of any interpreter.
  var at = MainInterpreter.shared
  while let each = at {
    let word = UnsafeMutableRawPointer(each) + MemoryLayout<PyInterpreterState>.offset(of: \.spare)!
    gila_store32(word.assumingMemoryBound(to: UInt32.self), 0)
    at = each.pointee.next
  }
  Threads.lock(interp).resetAfterFork(Threads.participant(ts))
  ts.pointee.native_thread_id = UInt(gila_thread_id())
  interp.pointee.main_thread = ts
  JoinHandle.afterFork()
  callImportLock("release_lock")
}
/// The other threads do not exist in the child. Their states go after the hooks of Python have run, since dropping their
/// objects may run code that takes locks.
@c @implementation public func gila_after_fork_forget_threads() {
  let ts = gila_ts()
  let others = Threads.all(ts.pointee.interp!).filter { $0 != ts }
  for other in others { Threads.unlink(other) }
  for other in others { Threads.clear(other) }
}
