import CGila
import CGilaLock
import GilaCore
import GilaLock
import Glibc

// The C API of threads, thread states and the lock (Python/C API manual, "Initialization, Finalization, and Threads").

@c @implementation public func PyEval_SaveThread() -> ThreadRef? { gila_lock_release(cString("PyEval_SaveThread")) }
@c @implementation public func PyEval_RestoreThread(_ ts: ThreadRef!) { gila_lock_take(ts) }
@c @implementation public func PyEval_InitThreads() {}
@c @implementation public func PyEval_AcquireThread(_ ts: ThreadRef!) { Threads.enter(ts!) }
@c @implementation public func PyEval_ReleaseThread(_ ts: ThreadRef!) {
  Threads.release(ts!, cString("PyEval_ReleaseThread"))
}

@c @implementation public func PyThreadState_New(_ interp: InterpreterRef!) -> ThreadRef? { Threads.make(interp!) }
@c @implementation public func PyThreadState_Clear(_ ts: ThreadRef!) { Threads.clear(ts!) }
@c @implementation public func PyThreadState_Delete(_ ts: ThreadRef!) {
  Threads.unlink(ts!)
  Threads.free(ts!)
}
@c @implementation public func PyThreadState_DeleteCurrent() {
  let ts = gila_ts()
  Threads.unlink(ts)
  Threads.release(ts, cString("thread end"))
  Threads.free(ts)
}
@c @implementation public func PyThreadState_Get() -> ThreadRef? { gila_ts_or_null() }
@c @implementation public func PyThreadState_GetUnchecked() -> ThreadRef? { gila_ts_or_null() }
@c @implementation public func PyThreadState_Swap(_ new: ThreadRef!) -> ThreadRef? {
  let old = gila_ts_or_null()
  if let old { Threads.release(old, cString("PyThreadState_Swap")) }
  if let new { Threads.enter(new) }
  return old
}
@c @implementation public func PyThreadState_GetDict() -> Ref? {
  guard let ts = gila_ts_or_null() else { return nil }
  if ts.pointee.dict == nil {
    ts.pointee.dict = PyDict_New()
    if ts.pointee.dict == nil { PyErr_Clear() }
  }
  return ts.pointee.dict
}
@c @implementation public func PyThreadState_GetInterpreter(_ ts: ThreadRef!) -> InterpreterRef? { ts.pointee.interp }
@c @implementation public func PyThreadState_GetID(_ ts: ThreadRef!) -> UInt64 { ts.pointee.id }
@c @implementation public func PyThreadState_Next(_ ts: ThreadRef!) -> ThreadRef? { ts.pointee.next }
@c @implementation public func PyInterpreterState_ThreadHead(_ interp: InterpreterRef!) -> ThreadRef? {
  interp.pointee.threads_head
}
@c @implementation public func PyInterpreterState_Get() -> InterpreterRef? { currentInterpreter }
@c @implementation public func PyInterpreterState_Main() -> InterpreterRef? { MainInterpreter.shared }
@c @implementation public func PyInterpreterState_Head() -> InterpreterRef? { MainInterpreter.shared }
@c @implementation public func PyInterpreterState_Next(_ interp: InterpreterRef!) -> InterpreterRef? {
  interp.pointee.next
}
@c @implementation public func PyInterpreterState_GetID(_ interp: InterpreterRef!) -> Int64 { interp.pointee.id }
@c @implementation public func PyInterpreterState_GetDict(_ interp: InterpreterRef!) -> Ref? {
  if interp.pointee.dict == nil { interp.pointee.dict = PyDict_New() }
  return interp.pointee.dict
}
/// Sets an exception to be raised in another thread at its next safe point: how many threads were changed.
@c @implementation public func PyThreadState_SetAsyncExc(_ id: UInt, _ exception: Ref!) -> Int32 {
  for ts in Threads.all(currentInterpreter) where ts.pointee.thread_id == id {
    let old = ts.pointee.async_exc
    ts.pointee.async_exc = xnewRef(exception)
    xdecref(old)
    if exception != nil { gila_atomic_or(gila_eval_breaker(ts), UInt(GILA_BREAK_ASYNC_EXCEPTION)) }
    return 1
  }
  return 0
}

@c @implementation public func PyGILState_Ensure() -> PyGILState_STATE {
  if let ts = gila_gilstate_ts() {
    let had = gila_ts_or_null() == ts
    if !had { Threads.take(ts, afterBlocking: true) }
    ts.pointee.gilstate_counter += 1
    return had ? PyGILState_LOCKED : PyGILState_UNLOCKED
  }
  guard let interp = MainInterpreter.shared, let ts = Threads.make(interp) else {
    fatal("Couldn't create thread-state for new thread")
  }
  Threads.bind(ts)
  gila_set_gilstate_ts(ts)
  Threads.take(ts, afterBlocking: false)
  ts.pointee.gilstate_counter = 1
  return PyGILState_UNLOCKED
}
@c @implementation public func PyGILState_Release(_ old: PyGILState_STATE) {
  guard let ts = gila_gilstate_ts() else { fatal("auto-releasing thread-state, but no thread-state for this thread") }
  ts.pointee.gilstate_counter -= 1
  if ts.pointee.gilstate_counter == 0 {
    Threads.clear(ts)
    PyThreadState_DeleteCurrent()
    gila_set_gilstate_ts(nil)
  } else if old == PyGILState_UNLOCKED {
    Threads.release(ts, cString("PyGILState_Release"))
  }
}
@c @implementation public func PyGILState_GetThisThreadState() -> ThreadRef? { gila_gilstate_ts() }
@c @implementation public func PyGILState_Check() -> Int32 { gila_ts_or_null() != nil ? 1 : 0 }

func fatal(_ message: String) -> Never {
  let line = Array("Fatal Python error: \(message)\n".utf8)
  _ = write(2, line, line.count)
  abort()
}

/// The interpreter that threads not made by Python belong to. Set once, by the first thread.
enum MainInterpreter {
  nonisolated(unsafe) static var shared: InterpreterRef?
}

// MARK: Native threads

@c @implementation public func PyThread_init_thread() {}
@c @implementation public func PyThread_get_thread_ident() -> UInt { UInt(bitPattern: Int(bitPattern: pthread_self())) }
@c @implementation public func PyThread_get_thread_native_id() -> UInt { UInt(gila_thread_id()) }
@c @implementation public func PyThread_exit_thread() { pthread_exit(nil) }
@c @implementation public func PyThread_get_stacksize() -> Int { StackSize.value }
@c @implementation public func PyThread_set_stacksize(_ n: Int) -> Int32 {
  if n != 0 && n < 32768 { return -1 }
  StackSize.value = n
  return 0
}
enum StackSize {
  /// Of new threads, in bytes; 0 for the system's default.
  nonisolated(unsafe) static var value = 0
  /// What a thread gets beside the room that was asked for: Python code never comes into the last part of its stack, so
  /// that an exception can still be made there (`Threads.bind`).
  static let reserve = 256 << 10
}
private struct NativeStart {
  var function: @convention(c) (UnsafeMutableRawPointer?) -> Void
  var argument: UnsafeMutableRawPointer?
}
@c @implementation public func PyThread_start_new_thread(
  _ f: (@convention(c) (UnsafeMutableRawPointer?) -> Void)!, _ argument: UnsafeMutableRawPointer!
) -> UInt {
  var thread = pthread_t()
  guard startNative(&thread, f, argument) == 0 else { return UInt.max }
  pthread_detach(thread)
  return UInt(thread)
}
func startNative(
  _ thread: inout pthread_t, _ f: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void,
  _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  let box = UnsafeMutablePointer<NativeStart>.allocate(capacity: 1)
  box.initialize(to: NativeStart(function: f, argument: argument))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  if StackSize.value != 0 { pthread_attr_setstacksize(&attributes, StackSize.value &+ StackSize.reserve) }
  let r = pthread_create(
    &thread, &attributes,
    { raw in
      let box = raw!.assumingMemoryBound(to: NativeStart.self)
      let start = box.pointee
      box.deallocate()
      start.function(start.argument)
      return nil
    }, UnsafeMutableRawPointer(box))
  if r != 0 { box.deallocate() }
  return r
}

// MARK: Locks of the C API

private func parkingLock(_ l: PyThread_type_lock!) -> ParkingLock.Pointer {
  l!.assumingMemoryBound(to: ParkingLock.self)
}
@c @implementation public func PyThread_allocate_lock() -> PyThread_type_lock? {
  let p = ParkingLock.Pointer.allocate(capacity: 1)
  p.initialize(to: ParkingLock())
  return UnsafeMutableRawPointer(p)
}
@c @implementation public func PyThread_free_lock(_ l: PyThread_type_lock!) { l?.deallocate() }
@c @implementation public func PyThread_acquire_lock(_ l: PyThread_type_lock!, _ wait: Int32) -> Int32 {
  if ParkingLock.tryAcquire(parkingLock(l)) { return 1 }
  if wait == 0 { return 0 }
  ParkingLock.acquireNatively(parkingLock(l))
  return 1
}
@c @implementation public func PyThread_release_lock(_ l: PyThread_type_lock!) { ParkingLock.release(parkingLock(l)) }
@c @implementation public func gila_acquire_lock(
  _ l: PyThread_type_lock!, _ nanoseconds: Int64, _ interruptible: Int32
) -> Int32 {
  ParkingLock.acquire(parkingLock(l), Int(nanoseconds), interruptible != 0)
}

/// PyMutex: one byte.
@c @implementation public func PyMutex_Lock(_ m: UnsafeMutablePointer<PyMutex>!) {
  let byte = UnsafeMutableRawPointer(m!).assumingMemoryBound(to: UInt8.self)
  if gila_atomic_cas_u8(byte, 0, 1) { return }
  let ts = gila_ts_or_null()
  if let ts { Threads.release(ts, cString("PyMutex_Lock")) }
  var pause: UInt32 = 1
  while !gila_atomic_cas_u8(byte, 0, 1) {
    usleep(pause)
    pause = min(pause * 2, 1000)
  }
  if let ts { Threads.take(ts, afterBlocking: true) }
}
@c @implementation public func PyMutex_Unlock(_ m: UnsafeMutablePointer<PyMutex>!) {
  let byte = UnsafeMutableRawPointer(m!).assumingMemoryBound(to: UInt8.self)
  if !gila_atomic_cas_u8(byte, 1, 0) { fatal("unlocking mutex that is not locked") }
}
// Under an interpreter lock a critical section is entered by holding it.
@c @implementation public func PyCriticalSection_Begin(_ c: OpaquePointer!, _ o: Ref!) {}
@c @implementation public func PyCriticalSection_End(_ c: OpaquePointer!) {}
@c @implementation public func PyCriticalSection2_Begin(
  _ c: OpaquePointer!, _ a: Ref!, _ b: Ref!
) {}
@c @implementation public func PyCriticalSection2_End(_ c: OpaquePointer!) {}

// MARK: Thread-specific storage

@c @implementation public func PyThread_create_key() -> Int32 {
  var key = pthread_key_t()
  return pthread_key_create(&key, nil) == 0 ? Int32(bitPattern: key) : -1
}
@c @implementation public func PyThread_delete_key(_ key: Int32) { pthread_key_delete(pthread_key_t(bitPattern: key)) }
@c @implementation public func PyThread_set_key_value(_ key: Int32, _ v: UnsafeMutableRawPointer!) -> Int32 {
  pthread_setspecific(pthread_key_t(bitPattern: key), v) == 0 ? 0 : -1
}
@c @implementation public func PyThread_get_key_value(_ key: Int32) -> UnsafeMutableRawPointer? {
  pthread_getspecific(pthread_key_t(bitPattern: key))
}
@c @implementation public func PyThread_delete_key_value(_ key: Int32) {
  pthread_setspecific(pthread_key_t(bitPattern: key), nil)
}
@c @implementation public func PyThread_ReInitTLS() {}
@c @implementation public func PyThread_tss_alloc() -> UnsafeMutablePointer<Py_tss_t>? {
  let k = UnsafeMutablePointer<Py_tss_t>.allocate(capacity: 1)
  k.initialize(to: Py_tss_t())
  return k
}
@c @implementation public func PyThread_tss_free(_ k: UnsafeMutablePointer<Py_tss_t>!) {
  guard let k else { return }
  PyThread_tss_delete(k)
  k.deallocate()
}
@c @implementation public func PyThread_tss_is_created(_ k: UnsafeMutablePointer<Py_tss_t>!) -> Int32 {
  Int32(k.pointee._is_initialized)
}
@c @implementation public func PyThread_tss_create(_ k: UnsafeMutablePointer<Py_tss_t>!) -> Int32 {
  if k.pointee._is_initialized != 0 { return 0 }
  if pthread_key_create(&k.pointee._key, nil) != 0 { return -1 }
  k.pointee._is_initialized = 1
  return 0
}
@c @implementation public func PyThread_tss_delete(_ k: UnsafeMutablePointer<Py_tss_t>!) {
  if k.pointee._is_initialized == 0 { return }
  pthread_key_delete(k.pointee._key)
  k.pointee._is_initialized = 0
}
@c @implementation public func PyThread_tss_set(_ k: UnsafeMutablePointer<Py_tss_t>!, _ v: UnsafeMutableRawPointer!)
  -> Int32
{ pthread_setspecific(k.pointee._key, v) == 0 ? 0 : -1 }
@c @implementation public func PyThread_tss_get(_ k: UnsafeMutablePointer<Py_tss_t>!) -> UnsafeMutableRawPointer? {
  pthread_getspecific(k.pointee._key)
}
