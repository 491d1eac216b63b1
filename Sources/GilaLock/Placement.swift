import CGilaLock

// Where computing threads run. One processor is enough for all that take turns with the lock, and the others are then free
// for whatever serves: a request, its answer, the client. Left to the system, the next of two computing threads is woken
// on a free processor, the one that made way leaves its own, and after some turns a thread that answers is put on the
// processor that a computing one has just begun to use. There it waits for the system's tick (4 ms at 250 Hz).
//
// So a computing thread is bound to a processor for the moment of its awakening: to that of the thread that makes way for
// it, or, when a thread that answered passes the lock on, to the one it last ran on. As soon as it runs it gives itself
// back what it was allowed before; until then nobody runs Python.
extension InterpreterLock {
  /// Where there are more processors than this, a free one is found for everybody.
  private static let fewProcessors: Int32 = 4

  /// Has a waiting thread wake on a processor, if it computes and sleeps. It is about to be granted the lock. Under the
  /// mutex.
  func place(_ t: Thread, on processor: UInt32) {
    guard !t.pointee.isReturning, gila_load32(&t.pointee.signal) == Participant.asleep else { return }
    // A watcher that has just asked for the switch needs a moment to fall asleep; to move it before costs more.
    while Clock.ticks() < t.pointee.lookedAt &+ s.pointee.fallingAsleep { gila_cpu_relax() }
    guard gila_bind_thread(t.pointee.nativeThread, processor, InterpreterLock.fewProcessors, &t.pointee.allowed) else {
      return
    }
    gila_store32(&t.pointee.boundTo, processor)
  }
  /// Lets a thread that was granted the lock run where it could before.
  func releasePlace(_ me: Thread) {
    let processor = gila_load32(&me.pointee.boundTo)
    if processor == UInt32.max { return }
    gila_store32(&me.pointee.boundTo, UInt32.max)
    me.pointee.wakingsPlaced &+= 1
    gila_unbind_thread(processor, &me.pointee.allowed)
  }
}
