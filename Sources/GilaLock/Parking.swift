import CGilaLock
import Glibc

// Parked threads: they gave the lock up to wait for another thread of the interpreter.
extension InterpreterLock {
  /// To be called, with the lock held, before the thread makes itself known to those who will unpark it.
  func prepareToPark(_ me: Thread) {
    gila_store32(&me.pointee.signal, Participant.awake)
    me.pointee.parking = Participant.Parking.preparing
    me.pointee.parkEpoch = s.pointee.epoch
    me.pointee.home = address
  }
  /// Gives the lock up and sleeps until the thread is unparked (0), the time is up (ETIMEDOUT) or a signal comes (EINTR).
  /// The thread holds the lock again when this returns. `cancel` makes it unknown to those who unpark; false if somebody
  /// has already decided to unpark it.
  func park(
    _ me: Thread, _ reason: UnsafePointer<CChar>?, until deadline: UnsafePointer<timespec>?, cancel: () -> Bool
  ) -> Int32 {
    lockMutex()
    if me.pointee.parking == Participant.Parking.unparked {
      unlockMutex()
      return 0
    }
    me.pointee.parking = Participant.Parking.parked
    notePlace(me)
    let start = Clock.ticks()
    endTurn(me, reason, at: start)
    setHolder(nil)
    let wake = passOn(me, mayReturnSoon: false)
    let awake = timeAwake(me, me.pointee.usualParking < s.pointee.parkSpin ? s.pointee.parkSpin : 0)
    unlockMutex(waking: wake)
    defer {
      // A long wait counts as one that was just too long: it says no more about the next.
      let length = min(Clock.ticks() &- start, 4 &* s.pointee.parkSpin)
      me.pointee.usualParking &+= (length &- me.pointee.usualParking) >> 2
    }
    waitAwake(me, awake)
    var limit = deadline, mayCancel = true
    while true {
      let signal = gila_load32(&me.pointee.signal)
      if signal == Participant.granted { break }
      if signal == Participant.watch || signal == Participant.offered {
        sleep(me, watches: signal == Participant.watch, awake: 0)
        break
      }
      if signal == Participant.awake && !gila_cas32(&me.pointee.signal, Participant.awake, Participant.asleep) {
        continue
      }
      let r = mayCancel && isInterrupted(me) ? EINTR : gila_futex_wait(&me.pointee.signal, Participant.asleep, limit)
      if r == 0 && isGranted(me, within: s.pointee.parkSpin) { break }
      if mayCancel && (r == ETIMEDOUT || r == EINTR) {
        if cancel() {
          take(me, afterBlocking: true)
          return r
        }
        // It is about to be admitted to the queue; the grant will come.
        mayCancel = false
        limit = nil
      }
    }
    account(me, waitingSince: me.pointee.admitted)
    return 0
  }
  /// Whether something has come for a thread that has just said that it sleeps. Who sets the bit later, rouses it.
  private func isInterrupted(_ me: Thread) -> Bool {
    if me.pointee.interruptingBits == 0 { return false }
    gila_fence()
    let request = UnsafeRawPointer(me.pointee.requestWord).assumingMemoryBound(to: Int.self)
    return UInt(bitPattern: gila_load_word(request)) & me.pointee.interruptingBits != 0
  }
  /// Makes a sleeping thread look at its request word. May be called in a signal's handler: it is two atomic operations and
  /// a system call.
  public static func rouse(_ t: Thread) {
    if gila_cas32(&t.pointee.signal, Participant.asleep, Participant.awake) { gila_futex_wake(&t.pointee.signal, 1) }
  }
  /// Puts a parked thread into the queue. Any thread may do this, with the lock or without it.
  func unpark(_ t: Thread) {
    lockMutex()
    if t.pointee.parking == Participant.Parking.preparing {
      // It has not yet given the lock up, and need not.
      t.pointee.parking = Participant.Parking.unparked
      unlockMutex()
      return
    }
    t.pointee.parking = Participant.Parking.unparked
    let now = Clock.ticks()
    endAbsence(t, now, alone: false)
    limitCredit(t, at: now)
    t.pointee.isReturning = true
    t.pointee.wasParked = true
    t.pointee.admitted = now
    let w = gila_or32(&s.pointee.word, InterpreterLock.contended)
    enqueue(t)
    var wake: Thread?
    if w & InterpreterLock.held == 0 {
      wake = serveFirst()
    } else if !isDue(t, at: now) || !request() {
      wake = appointLater(now)
    }
    if wake == nil, holderIsBrief, let h = holder, !sharesProcessor(t, h),
      gila_cas32(&t.pointee.signal, Participant.asleep, Participant.awake)
    {
      wake = t
    }
    unlockMutex(waking: wake)
  }
  /// Waits awake for the grant.
  private func waitAwake(_ me: Thread, _ time: Int) {
    if time == 0 { return }
    let until = Clock.ticks() &+ time
    repeat {
      if gila_load32(&me.pointee.signal) != Participant.awake { return }
      gila_cpu_relax()
    } while Clock.ticks() < until
  }
}

/// A lock between threads of one interpreter, as `_thread.lock` and the C API have them: any thread may release it.
/// It is three words that start as zero. Threads without the interpreter's lock may wait for it too.
public struct ParkingLock {
  public typealias Pointer = UnsafeMutablePointer<ParkingLock>
  private static let held: UInt32 = 1
  /// The list of parked threads is not empty.
  private static let parked: UInt32 = 2
  /// A thread without the interpreter's lock sleeps on the word.
  private static let native: UInt32 = 4

  private var word: UInt32 = 0
  /// Guards the list and all changes of the word but the first step of an acquisition.
  private var mutex: UInt32 = 0
  private var first: InterpreterLock.Thread?
  private var last: InterpreterLock.Thread?

  public init() {}

  @inline(__always) public static func isHeld(_ p: Pointer) -> Bool { gila_load32(&p.pointee.word) & held != 0 }
  @inline(__always) public static func tryAcquire(_ p: Pointer) -> Bool {
    var w = gila_load32(&p.pointee.word)
    while w & held == 0 {
      if gila_cas32(&p.pointee.word, w, w | held) { return true }
      w = gila_load32(&p.pointee.word)
    }
    return false
  }
  @inline(__always) public static func release(_ p: Pointer) {
    if !gila_cas32(&p.pointee.word, held, 0) { releaseContended(p) }
  }
  private static func releaseContended(_ p: Pointer) {
    lockMutex(p)
    let next = removeFirst(p)
    let bits = p.pointee.first == nil ? 0 : parked
    // Who was unparked before and found the lock taken again gets it now, without a moment at which it is free.
    let isHandedOver = next?.pointee.cameTooLate ?? false
    next?.pointee.isHandedOver = isHandedOver
    let old = gila_exchange32(&p.pointee.word, isHandedOver ? bits | held : bits)
    unlockMutex(p)
    if old & native != 0 { gila_futex_wake(&p.pointee.word, Int32.max) }
    if let next, let home = next.pointee.home { InterpreterLock(at: home).unpark(next) }
  }
  /// Acquires with the interpreter's lock held, giving it up meanwhile: 0, ETIMEDOUT or EINTR.
  public static func acquire(
    _ p: Pointer, _ lock: InterpreterLock, _ me: InterpreterLock.Thread, _ reason: UnsafePointer<CChar>?,
    until deadline: UnsafePointer<timespec>?
  ) -> Int32 {
    var again = false
    while true {
      if tryAcquire(p) { return 0 }
      lockMutex(p)
      let w = gila_or32(&p.pointee.word, parked)
      if w & held == 0 {
        // Released meanwhile: try again.
        if p.pointee.first == nil { _ = gila_and32(&p.pointee.word, ~parked) }
        unlockMutex(p)
        continue
      }
      lock.prepareToPark(me)
      // Who was unparked and came too late keeps its place in front.
      me.pointee.cameTooLate = again
      me.pointee.isHandedOver = false
      insert(p, me, inFront: again)
      unlockMutex(p)
      let r = lock.park(me, reason, until: deadline) { remove(p, me) }
      if r != 0 || me.pointee.isHandedOver { return r }
      again = true
    }
  }
  /// Acquires without the interpreter's lock.
  public static func acquireNatively(_ p: Pointer) {
    while !tryAcquire(p) {
      lockMutex(p)
      let w = gila_or32(&p.pointee.word, native) | native
      if w & held == 0 { _ = gila_and32(&p.pointee.word, ~native) }
      unlockMutex(p)
      if w & held != 0 { _ = gila_futex_wait(&p.pointee.word, w, nil) }
    }
  }

  // MARK: The list, under its mutex

  private static func lockMutex(_ p: Pointer) {
    if gila_cas32(&p.pointee.mutex, 0, 1) { return }
    while gila_exchange32(&p.pointee.mutex, 2) != 0 { _ = gila_futex_wait(&p.pointee.mutex, 2, nil) }
  }
  private static func unlockMutex(_ p: Pointer) {
    if gila_exchange32(&p.pointee.mutex, 0) == 2 { gila_futex_wake(&p.pointee.mutex, 1) }
  }
  private static func insert(_ p: Pointer, _ t: InterpreterLock.Thread, inFront: Bool) {
    t.pointee.nextParked = nil
    if inFront {
      t.pointee.nextParked = p.pointee.first
      p.pointee.first = t
      if p.pointee.last == nil { p.pointee.last = t }
    } else {
      if let l = p.pointee.last { l.pointee.nextParked = t } else { p.pointee.first = t }
      p.pointee.last = t
    }
  }
  private static func removeFirst(_ p: Pointer) -> InterpreterLock.Thread? {
    while let t = p.pointee.first {
      p.pointee.first = t.pointee.nextParked
      if p.pointee.first == nil { p.pointee.last = nil }
      // In a forked child the threads of the parent do not exist.
      if let home = t.pointee.home, InterpreterLock(at: home).s.pointee.epoch == t.pointee.parkEpoch { return t }
    }
    return nil
  }
  private static func remove(_ p: Pointer, _ t: InterpreterLock.Thread) -> Bool {
    lockMutex(p)
    defer { unlockMutex(p) }
    var before: InterpreterLock.Thread?
    var at = p.pointee.first
    while let x = at, x != t {
      before = x
      at = x.pointee.nextParked
    }
    guard at != nil else { return false }
    if let before { before.pointee.nextParked = t.pointee.nextParked } else { p.pointee.first = t.pointee.nextParked }
    if p.pointee.last == t { p.pointee.last = before }
    if p.pointee.first == nil { _ = gila_and32(&p.pointee.word, ~parked) }
    return true
  }
}
