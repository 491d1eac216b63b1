import CGila
import CGilaLock
import GilaCore
import GilaLock

/// Recording of what happens to threads and the lock, for `gila.lock.record()` and `gila.lock.events()`.
enum LockEvents {
  /// The code objects that recorded events name, by address; they stay alive until the events are forgotten.
  private static let codes = InterpreterSlot(238)
  /// Ticks and nanoseconds of the same moment, to make times of the monotonic clock.
  nonisolated(unsafe) private static var moment: (ticks: Int, nanoseconds: UInt64) = (0, 0)

  static func start(_ capacity: Int) throws(PyError) {
    let interp = currentInterpreter
    forget()
    if interp.slot(codes).pointee == nil { interp.slot(codes).pointee = try owned(PyDict_New()).take() }
    moment = (Clock.ticks(), Clock.nanoseconds())
    InterpreterLock.locate = { offset in LockEvents.place(offset) }
    Threads.lock(interp).record(capacity: capacity)
  }
  static func stop() { Threads.lock(currentInterpreter).stopRecording() }
  static func forget() {
    let interp = currentInterpreter
    Threads.lock(interp).forgetEvents(of: Threads.all(interp).map { Threads.participant($0) })
    if let d = interp.slot(codes).pointee { PyDict_Clear(d) }
  }
  /// The code object that the thread runs, and the offset of its instruction. The thread holds the lock.
  private static func place(_ offset: UnsafeMutablePointer<Int32>) -> UnsafeRawPointer? {
    guard let ts = gila_gilstate_ts(), let frame = ts.pointee.current_frame, let code = frame.pointee.code,
      let known = ts.pointee.interp?.slot(codes).pointee
    else { return nil }
    offset.pointee = PyUnstable_InterpreterFrame_GetLasti(frame)
    // The thread gives the lock up and has no current state any more; memory of objects belongs to the current thread.
    let current = gila_ts_or_null()
    gila_set_ts(ts)
    defer { gila_set_ts(current) }
    let pending = PyErr_GetRaisedException()
    defer { PyErr_SetRaisedException(pending) }
    guard let key = PyLong_FromVoidPtr(UnsafeMutableRawPointer(code)) else { return none(after: ()) }
    defer { decref(key) }
    let object = UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyObject.self)
    if PyDict_SetItem(known, key, object) < 0 { return none(after: ()) }
    return UnsafeRawPointer(code)
  }
  private static func none(after _: Void) -> UnsafeRawPointer? {
    PyErr_Clear()
    return nil
  }

  /// All events in order of time, as tuples: seconds of the monotonic clock, thread, kind, reason, file, line.
  static func all() throws(PyError) -> Owned {
    let interp = currentInterpreter
    let lock = Threads.lock(interp)
    var events: [(LockEvent, UInt)] = []
    func collect(_ ring: UnsafeMutablePointer<EventRing>) {
      let thread = ring.pointee.thread
      _ = lock.forEachEvent(of: ring) { events.append(($0, thread)) }
    }
    for ts in Threads.all(interp) { Threads.participant(ts).pointee.ring.map { collect($0) } }
    lock.forEachEndedRing { collect($0) }
    events.sort { $0.0.time < $1.0.time }
    let list = try owned(PyList_New(0))
    for (e, thread) in events {
      let t = try tuple(e, thread)
      try check(PyList_Append(list.ref, t.ref))
    }
    return list
  }
  private static func tuple(_ e: LockEvent, _ thread: UInt) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(6))
    let items = gila_tuple_items(t.ref)
    let ns = Int(truncatingIfNeeded: moment.nanoseconds) &+ Clock.nanoseconds(ticks: e.time &- moment.ticks)
    items[0] = try owned(PyFloat_FromDouble(Double(ns) / 1e9)).take()
    items[1] = try owned(PyLong_FromUnsignedLong(thread)).take()
    let kind: String
    switch e.kind {
    case .take: kind = "take"
    case .wait: kind = "wait"
    case .release: kind = "release"
    case .switched: kind = "switch"
    }
    items[2] = try string(kind).take()
    if let reason = e.reason { items[3] = try string(String(cString: reason)).take() } else { items[3] = pyNone() }
    if let place = e.place {
      let code = UnsafeMutableRawPointer(mutating: place).assumingMemoryBound(to: PyCodeObject.self)
      items[4] = code.pointee.co_filename.map { newRef($0) } ?? pyNone()
      items[5] = try owned(PyLong_FromLong(Int(PyCode_Addr2Line(code, e.offset)))).take()
    } else {
      items[4] = pyNone()
      items[5] = pyNone()
    }
    return t
  }
  private static func pyNone() -> Ref { newRef(GilaCore.none) }
}
