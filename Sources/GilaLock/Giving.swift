import CGilaLock
import Glibc

// Giving the lock up: around a call that may block, and when another thread's turn has come.
extension InterpreterLock {
  /// Gives the lock up around an operation that may block. `reason` is a static C string.
  public func release(_ me: Thread, _ reason: UnsafePointer<CChar>?) {
    endTurn(me, reason, at: Clock.ticks())
    setHolder(nil)
    if gila_cas32(&s.pointee.word, InterpreterLock.held, 0) { return }
    lockMutex()
    unlockMutex(waking: passOn(me, mayReturnSoon: true))
  }
  @inline(__always) func endTurn(_ me: Thread, _ reason: UnsafePointer<CChar>?, at now: Int) {
    let used = now &- me.pointee.since
    gila_store_word(&me.pointee.since, now)
    gila_store_word(&me.pointee.virtualTime, me.pointee.virtualTime &+ charge(used))
    // Now, not when somebody comes to wait: a thread that finds the lock free must not start far behind.
    advanceFrontier(me.pointee.virtualTime)
    gila_store_word(&me.pointee.burst, me.pointee.burst &+ used)
    learnTurn(me, used)
    me.pointee.reason = reason
    me.pointee.figures.held &+= used
    me.pointee.figures.voluntaryReleases &+= 1
    if isRecording { record(me, .release, now, reason) }
  }
  private func learnTurn(_ me: Thread, _ used: Int) {
    let usual = min(me.pointee.usualTurn, 4 &* s.pointee.shortTurn)
    gila_store_word(&me.pointee.usualTurn, usual &+ (min(used, 4 &* s.pointee.shortTurn) &- usual) >> 2)
  }
  /// The lock of a thread that blocks goes to whose turn it is, or is left free. Under the mutex; the thread to wake.
  func passOn(_ me: Thread, mayReturnSoon: Bool) -> Thread? {
    gila_and_word(me.pointee.requestWord, ~me.pointee.requestBit)
    guard let first = s.pointee.waiting.first else {
      gila_store32(&s.pointee.word, 0)
      return nil
    }
    if let back = s.pointee.interrupted, back.pointee.position >= 0,
      gila_load32(&back.pointee.signal) == Participant.awake,
      !first.pointee.isReturning, !isDue(first, before: gila_load_word(&back.pointee.virtualTime))
    {
      me.pointee.shortAbsences = 0
      return grant(back)
    }
    if mayReturnSoon && s.pointee.watcher != nil
      && me.pointee.shortAbsences < InterpreterLock.shortAbsencesInARow(first.pointee.isReturning)
      && !isDue(first, before: me.pointee.virtualTime, burst: me.pointee.burst)
    {
      // What it knows of its own calls is a better guide than what others met.
      let own = me.figuresInPlace.usualAbsence(me.pointee.reason)
      let usual = own ?? s.pointee.absences[me.pointee.reason]
      // The call of one that waits for what the first is to do would end only after an idle time.
      if usual?.isShort(s.pointee.shortAbsence, alone: first.pointee.isReturning) ?? false {
        me.pointee.shortAbsences += 1
        gila_store32(&s.pointee.word, InterpreterLock.contended)
        return own == nil || first.pointee.isReturning ? lookSoon(first) : nil
      }
    }
    me.pointee.shortAbsences = 0
    // This thread, or whom it has answered, goes on here.
    let last = gila_load32(&first.pointee.processor)
    if last != gila_processor() { place(first, on: last) }
    // One that parks does not come back, and wakes the one that it waits for.
    if !mayReturnSoon { return grantFirst() }
    gila_store32(&s.pointee.word, InterpreterLock.contended)
    return serveFirst()
  }
  /// Makes a thread look soon whether the lock was left free for longer than was meant. It is to be woken for that.
  private func lookSoon(_ first: Thread) -> Thread? {
    let soon = Clock.ticks() &+ 2 &* s.pointee.shortAbsence
    if s.pointee.watchTime <= soon || gila_load32(&first.pointee.signal) == Participant.offered { return nil }
    s.pointee.watcher = first
    s.pointee.watchTime = soon
    return tell(first, Participant.watch)
  }
  /// At a safe point whose request bit is set: hands over if a waiter's turn has come, and waits for the next turn.
  /// True if another thread ran meanwhile.
  public func switchIfRequested(_ me: Thread) -> Bool {
    gila_and_word(me.pointee.requestWord, ~me.pointee.requestBit)
    notePlace(me)
    lockMutex()
    let now = Clock.ticks()
    let used = now &- me.pointee.since
    guard let first = s.pointee.waiting.first, used >= interval || isDue(first, at: now) else {
      unlockMutex(waking: appointLater(now))
      return false
    }
    gila_store_word(&me.pointee.virtualTime, me.pointee.virtualTime &+ charge(used))
    gila_store_word(&me.pointee.since, now)
    gila_store_word(&me.pointee.burst, me.pointee.burst &+ used)
    learnTurn(me, interval)
    me.pointee.figures.held &+= used
    me.pointee.figures.forcedReleases &+= 1
    me.pointee.isReturning = false
    me.pointee.wasParked = false
    me.pointee.reason = nil
    advanceFrontier(me.pointee.virtualTime)
    gila_store32(&me.pointee.signal, Participant.awake)
    s.pointee.interrupted = first.pointee.isReturning && used < interval ? me : nil
    me.pointee.nativeThread = gila_thread_id()
    // The turn of one that computes lasts longer than a thread stays awake for.
    let awake = first.pointee.isReturning ? s.pointee.spin : 0
    place(first, on: gila_load32(&me.pointee.processor))
    // The first waiter leaves the queue before this thread enters it: a forced switch really switches.
    let wake = grantFirst()
    enqueue(me)
    _ = gila_or32(&s.pointee.word, InterpreterLock.contended)
    let watches = appointWatcher(me, at: now)
    unlockMutex(waking: wake)
    if isRecording { record(me, .switched, now, nil) }
    sleep(me, watches: watches, awake: awake)
    releasePlace(me)
    account(me, waitingSince: now)
    return true
  }
}
