import CGilaLock

/// What happened to a thread and the lock.
public enum LockEventKind: UInt8, Sendable {
  /// It has the lock.
  case take
  /// It began to wait for the lock.
  case wait
  /// It gave the lock up around a call.
  case release
  /// It made way at a safe point, and waits.
  case switched
}

/// One entry of a thread's ring. Times are ticks of `Clock`.
public struct LockEvent {
  public var time: Int
  public var kind: LockEventKind
  /// Why the lock was given up; nil at a safe point.
  public var reason: UnsafePointer<CChar>?
  /// Where in the program, as whoever installed `InterpreterLock.locate` tells it: two words.
  public var place: UnsafeRawPointer?
  public var offset: Int32
}

/// The last events of one thread. Written by that thread alone; read by others while it cannot run, or when it has
/// ended.
public struct EventRing {
  public let thread: UInt
  public let capacity: Int
  let storage: UnsafeMutablePointer<LockEvent>
  /// How many events there were in all.
  var count = 0
  var next: UnsafeMutablePointer<EventRing>?

  init(thread: UInt, capacity: Int) {
    self.thread = thread
    self.capacity = capacity
    storage = .allocate(capacity: capacity)
  }
  mutating func append(_ e: LockEvent) {
    (storage + count % capacity).initialize(to: e)
    gila_store_word(&count, count &+ 1)
  }
}

extension InterpreterLock {
  /// Tells where the thread is in its program, when events are recorded. Set once, by the floor that knows frames.
  nonisolated(unsafe) public static var locate: (@convention(c) (UnsafeMutablePointer<Int32>) -> UnsafeRawPointer?)?

  /// Begins to record: each thread keeps its last `capacity` events. The caller holds the lock.
  public func record(capacity: Int) { gila_store_word(&s.pointee.recording, max(capacity, 1)) }
  /// Ends the recording; what was recorded stays until `forgetEvents`.
  public func stopRecording() { gila_store_word(&s.pointee.recording, 0) }
  @inline(__always) public var isRecording: Bool { gila_load_word(&s.pointee.recording) != 0 }

  @inline(never) func record(_ me: Thread, _ kind: LockEventKind, _ now: Int, _ reason: UnsafePointer<CChar>?) {
    let capacity = gila_load_word(&s.pointee.recording)
    guard capacity > 0 && me.pointee.identity != UInt.max else { return }
    let ring: UnsafeMutablePointer<EventRing>
    if let r = me.pointee.ring {
      ring = r
    } else {
      ring = .allocate(capacity: 1)
      ring.initialize(to: EventRing(thread: me.pointee.identity, capacity: capacity))
      me.pointee.ring = ring
    }
    var offset: Int32 = 0
    // A thread without the lock may not look at frames.
    let place = kind == .release ? InterpreterLock.locate.flatMap { $0(&offset) } : nil
    ring.pointee.append(LockEvent(time: now, kind: kind, reason: reason, place: place, offset: offset))
  }
  /// The events of one thread in order, and how many older ones are lost. The caller holds the lock; an event that the
  /// thread writes meanwhile (that it waits) may be missing.
  public func forEachEvent(of ring: UnsafeMutablePointer<EventRing>, _ body: (LockEvent) -> Void) -> Int {
    let n = gila_load_word(&ring.pointee.count)
    let first = max(0, n &- ring.pointee.capacity)
    for i in first..<n { body(ring.pointee.storage[i % ring.pointee.capacity]) }
    return first
  }
  /// Keeps the ring of a thread that ends; what it still does is not recorded. The caller holds the lock.
  public func retire(_ t: Thread) {
    t.pointee.identity = UInt.max
    guard let ring = t.pointee.ring else { return }
    t.pointee.ring = nil
    ring.pointee.next = s.pointee.endedRings
    s.pointee.endedRings = ring
  }
  /// The rings of threads that have ended.
  public func forEachEndedRing(_ body: (UnsafeMutablePointer<EventRing>) -> Void) {
    var at = s.pointee.endedRings
    while let r = at {
      body(r)
      at = r.pointee.next
    }
  }
  /// Frees the rings of ended threads and empties one that lives. The caller holds the lock.
  public func forgetEvents(of threads: [Thread]) {
    while let r = s.pointee.endedRings {
      s.pointee.endedRings = r.pointee.next
      r.pointee.storage.deallocate()
      r.deallocate()
    }
    for t in threads { t.pointee.ring.map { gila_store_word(&$0.pointee.count, 0) } }
  }
}
