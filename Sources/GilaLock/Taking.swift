import CGilaLock
import Glibc

// Taking the lock, and waiting for it.
extension InterpreterLock {
  /// Takes the lock, waiting for it if need be. `blocked`: the thread comes from a call for which it gave the lock up.
  public func take(_ me: Thread, afterBlocking blocked: Bool) {
    let now = Clock.ticks()
    let alone = gila_load_word(&s.pointee.lastHolderAddress) == Int(bitPattern: me)
    let absence = blocked ? endAbsence(me, now, alone: alone) : 0
    limitCredit(me, isNew: !blocked)
    if gila_cas32(&s.pointee.word, 0, InterpreterLock.held) {
      gila_store_word(&me.pointee.since, now)
      setHolder(me)
      me.pointee.figures.takes &+= 1
      if isRecording { record(me, .take, now, me.pointee.reason) }
      return
    }
    wait(me, since: now, absence, alone: alone, isNew: !blocked)
  }
  @discardableResult func endAbsence(_ me: Thread, _ now: Int, alone: Bool) -> Int {
    let absence = now &- me.pointee.since
    me.pointee.figures.blocked &+= absence
    me.figuresInPlace.count(me.pointee.reason, absence, alone: alone, longest: s.pointee.longestAbsence)
    if absence >= s.pointee.shortAbsence { gila_store_word(&me.pointee.burst, 0) }
    return absence
  }
  private func wait(_ me: Thread, since start: Int, _ absence: Int, alone: Bool, isNew: Bool) {
    if isRecording { record(me, .wait, start, me.pointee.reason) }
    notePlace(me)
    lockMutex()
    if absence > 0 {
      s.pointee.absences.learn(me.pointee.reason, absence, alone: alone, longest: s.pointee.longestAbsence)
    }
    limitCredit(me, at: start, isNew: isNew)
    me.pointee.isReturning = true
    me.pointee.wasParked = false
    gila_store32(&me.pointee.signal, Participant.awake)
    let w = gila_or32(&s.pointee.word, InterpreterLock.contended)
    var wake: Thread?
    if w & InterpreterLock.held == 0 {
      // It lies free. It is ours unless a waiter is awake that is to be served before.
      let before = s.pointee.waiting.first.flatMap { isDue($0, before: me.pointee.virtualTime) ? $0 : nil }
      _ = gila_or32(&s.pointee.word, InterpreterLock.held)
      if let before, !before.pointee.isReturning || isAwake(before) {
        enqueue(me)
        wake = grantFirst()
      } else {
        if let before { wake = offer(before) }
        if s.pointee.waiting.count == 0 { _ = gila_and32(&s.pointee.word, ~InterpreterLock.contended) }
        became(me, at: start)
        if wake == nil && s.pointee.waiting.count > 0 { wake = appointLater(start) }
        unlockMutex(waking: wake)
        if isRecording { record(me, .take, start, me.pointee.reason) }
        return
      }
    } else {
      enqueue(me)
    }
    let awake = s.pointee.waiting.count <= 2 && holderIsBrief ? s.pointee.parkSpin : s.pointee.spin
    // Last, since the holder comes for the mutex at once.
    let watches = wake == nil && me.pointee.position >= 0 ? ask(me, at: start) : appointWatcher(me, at: start)
    unlockMutex(waking: wake)
    sleep(me, watches: watches, awake: awake)
    account(me, waitingSince: start)
  }
  func account(_ me: Thread, waitingSince start: Int) {
    let now = Clock.ticks()
    notePlace(me)
    let waited = now &- start
    me.pointee.figures.waits &+= 1
    me.pointee.figures.waited &+= waited
    if waited > me.pointee.figures.longestWait { me.pointee.figures.longestWait = waited }
    gila_store_word(&me.pointee.since, now)
    if isRecording { record(me, .take, now, me.pointee.reason) }
  }
  /// Asks the holder to make way if the thread is due. Whether the thread has to watch the time.
  ///
  /// Not if somebody does already: it would leave with the duty as soon as it has the lock, and another would have to be
  /// woken to take it, at each answer of a busy thread. A watcher that will look before half an interval has gone is
  /// replaced all the same: it would wake beside a thread that answers, and take a processor from it.
  private func ask(_ me: Thread, at now: Int) -> Bool {
    let isDue = isDue(me, at: now)
    let isWatchedForLong = s.pointee.watcher != nil && s.pointee.watchTime &- now > interval / 2
    if isDue && isWatchedForLong && request() { return s.pointee.watcher == me }
    let watches = appointWatcher(me, at: now) || s.pointee.watcher == me
    if isDue { request() }
    return watches
  }
  /// Waits until the lock is granted: some microseconds awake, then asleep.
  func sleep(_ me: Thread, watches: Bool, awake: Int) {
    var watches = watches
    if isGranted(me, within: awake) { return }
    // The holder may have changed without the mutex when the request was made.
    watches = watch(me, timeIsUp: false)
    while true {
      let signal = gila_load32(&me.pointee.signal)
      if signal == Participant.granted { return }
      if signal == Participant.watch {
        watches = true
        _ = gila_cas32(&me.pointee.signal, Participant.watch, Participant.awake)
        continue
      }
      if signal == Participant.offered {
        if takeOffer(me, &watches) || isGranted(me, within: s.pointee.spin) { return }
        continue
      }
      if signal == Participant.awake && !gila_cas32(&me.pointee.signal, Participant.awake, Participant.asleep) {
        continue
      }
      if watches {
        var limit = Clock.deadline(after: max(Clock.nanoseconds(ticks: timeToWatch()), 20_000))
        if gila_futex_wait(&me.pointee.signal, Participant.asleep, &limit) == ETIMEDOUT {
          // One that computes counts as asleep while it looks: it is to go on where the holder is (`Placement.swift`).
          if me.pointee.isReturning { _ = gila_cas32(&me.pointee.signal, Participant.asleep, Participant.awake) }
          watches = watch(me, timeIsUp: true)
          // Whom it has asked to switch comes to a safe point within microseconds.
          if me.pointee.isReturning && isGranted(me, within: awake) { return }
        }
      } else {
        _ = gila_futex_wait(&me.pointee.signal, Participant.asleep, nil)
      }
    }
  }
  /// Waits for the grant awake.
  func isGranted(_ me: Thread, within time: Int) -> Bool {
    let until = Clock.ticks() &+ time
    while Clock.ticks() < until {
      let signal = gila_load32(&me.pointee.signal)
      if signal == Participant.granted { return true }
      if signal == Participant.offered { return false }
      gila_cpu_relax()
    }
    return false
  }
  /// A thread that was woken for the lock takes it, or asks for it at once if another has come before. True if it has it.
  private func takeOffer(_ me: Thread, _ watches: inout Bool) -> Bool {
    lockMutex()
    _ = gila_cas32(&me.pointee.signal, Participant.offered, Participant.awake)
    guard me.pointee.position >= 0 else {
      unlockMutex()
      return true
    }
    let now = Clock.ticks()
    if gila_load32(&s.pointee.word) & InterpreterLock.held == 0 {
      _ = gila_or32(&s.pointee.word, InterpreterLock.held)
      _ = grant(me)
      unlockMutex()
      return true
    }
    watches = ask(me, at: now)
    unlockMutex()
    return false
  }
  private func timeToWatch() -> Int {
    lockMutex()
    defer { unlockMutex() }
    return s.pointee.watchTime &- Clock.ticks()
  }
  /// Asks the holder to switch if somebody's turn has come, takes the lock for the first if it lies free. Whether the
  /// thread still has the duty to look again.
  private func watch(_ me: Thread, timeIsUp: Bool) -> Bool {
    lockMutex()
    guard me.pointee.position >= 0 else {
      unlockMutex()
      return false
    }
    let now = Clock.ticks()
    if timeIsUp { me.pointee.lookedAt = now }
    let w = gila_load32(&s.pointee.word)
    var wake: Thread?
    if w & InterpreterLock.held == 0 {
      // Somebody's short absence has become long, if this is the watcher's time.
      if s.pointee.watcher == me && timeIsUp {
        wake = serveFirst()
      }
    } else if let first = s.pointee.waiting.first, let h = holder {
      if now &- gila_load_word(&h.pointee.since) >= interval || isDue(first, at: now) { request() }
    } else {
      _ = appointWatcher(me, at: now)
    }
    let watches = s.pointee.watcher == me
    // While it lies free, the time to look is that of who left it free (`lookSoon`): it must not be put off.
    if watches && (timeIsUp || w & InterpreterLock.held != 0) {
      s.pointee.watchTime = max(dueTime(at: now), now &+ s.pointee.margin)
    }
    unlockMutex(waking: wake == me ? nil : wake)
    return watches
  }
}
