import CGilaLock
import Glibc

/// The global interpreter lock. It knows threads, not Python.
///
/// # The protocol
///
/// One word says whether the lock is held and whether somebody waits. Giving up and taking back with nobody waiting is
/// one compare-and-swap each. All else happens under a small mutex of the lock's own, held for well under a microsecond.
///
/// *Virtual time.* Each thread has the processor time that it spent holding the lock. A thread that comes to wait is
/// moved up to at most one switch interval behind the holder, so that sleeping earns no more credit than that. The lock
/// goes to the waiting thread with the earliest virtual deadline, in order of arrival among equals: its virtual time for
/// one that comes back from a blocking call, a switch interval more for one that computes.
///
/// *Served at once.* A waiter that is behind the holder asks for the lock immediately: it sets the request bit in a word
/// that the holder reads at its safe points. A thread that mostly waits for I/O is always behind, so it gets the lock
/// within microseconds; one that only pretends, by many short sleeps, uses its credit up and then takes turns.
///
/// *Forced switch.* A waiter that is not behind asks when the holder has had the lock for a switch interval. One of the
/// waiting (who has the duty) sleeps with a time limit and does the asking for all; whoever leaves with the duty passes
/// it on. The holder that finds the request hands the lock over and joins the queue: the switch always happens, the lock
/// is never up for grabs between the two.
///
/// *Interrupted turns.* A computing thread that makes way for a returning one stays awake for some microseconds. If the
/// other gives the lock up meanwhile, as one does that answers and waits again, the interrupted turn goes on without a
/// system call: the two share the time to the microsecond.
///
/// *Short absences.* A thread that gives the lock up and usually comes back within some tens of microseconds, sooner
/// than a sleeper could wake, leaves the lock free instead of handing it over. It, or whoever comes first, takes it; the
/// waiter with the duty finds it free at the latest after an interval. If a waiter is behind, and each sixteenth time, it
/// is handed over all the same.
public struct InterpreterLock: @unchecked Sendable {
  public typealias Thread = UnsafeMutablePointer<Participant>

  private static let held: UInt32 = 1
  private static let contended: UInt32 = 2
  /// After so many a computing waiter gets the lock all the same, and the two may fall into sharing it.
  private static let shortAbsencesInARow = 16

  private struct State {
    /// Bits `held` and `contended`.
    var word: UInt32 = 0
    /// The lock's own mutex: 0 free, 1 held, 2 held with sleepers.
    var mutex: UInt32 = 0
    /// The thread that holds the lock, as an address; 0 for a moment while it changes without the mutex.
    var holderAddress = 0
    var waiting = WaitQueue()
    /// The waiting thread that watches the time, and when it will look.
    var watcher: Thread?
    var watchTime = 0
    /// The computing thread that made way for a returning one before its interval was over, and is perhaps still awake.
    var interrupted: Thread?
    var intervalNanoseconds = 0
    var interval = 0
    let shortAbsence = Clock.ticks(nanoseconds: 40_000)
    let spin = Clock.ticks(nanoseconds: 8_000)
    let margin = Clock.ticks(nanoseconds: 10_000)
    /// The furthest virtual time of a holder: where newcomers begin.
    var frontier = 0
  }
  private let s: UnsafeMutablePointer<State>

  /// A lock with the given switch interval. It lives until `destroy`.
  public init(switchIntervalNanoseconds n: Int = 5_000_000) {
    s = .allocate(capacity: 1)
    s.initialize(to: State())
    switchInterval = n
  }
  /// The lock at an address that `address` gave.
  public init(at address: UnsafeMutableRawPointer) { s = address.assumingMemoryBound(to: State.self) }
  /// Where the lock's state is, to be kept in a C struct.
  public var address: UnsafeMutableRawPointer { UnsafeMutableRawPointer(s) }
  /// Frees a lock that nobody uses any more.
  public func destroy() { s.deallocate() }

  /// How long a thread may compute while another waits, in nanoseconds.
  public var switchInterval: Int {
    get { s.pointee.intervalNanoseconds }
    nonmutating set {
      s.pointee.intervalNanoseconds = max(newValue, 1)
      s.pointee.interval = max(Clock.ticks(nanoseconds: max(newValue, 1)), 1)
    }
  }

  // MARK: Mutex

  @inline(__always) private func lockMutex() {
    if !gila_cas32(&s.pointee.mutex, 0, 1) { lockMutexSlowly() }
  }
  private func lockMutexSlowly() {
    for _ in 0..<100 {
      if gila_cas32(&s.pointee.mutex, 0, 1) { return }
      gila_cpu_relax()
    }
    while gila_exchange32(&s.pointee.mutex, 2) != 0 { _ = gila_futex_wait(&s.pointee.mutex, 2, nil) }
  }
  @inline(__always) private func unlockMutex() {
    if gila_exchange32(&s.pointee.mutex, 0) == 2 { gila_futex_wake(&s.pointee.mutex, 1) }
  }

  // MARK: Taking

  private var holder: Thread? { Thread(bitPattern: gila_load_word(&s.pointee.holderAddress)) }
  private func setHolder(_ t: Thread?) { gila_store_word(&s.pointee.holderAddress, Int(bitPattern: t)) }

  /// Takes the lock, waiting for it if need be. `blocked`: the thread comes from a call for which it gave the lock up.
  public func take(_ me: Thread, afterBlocking blocked: Bool) {
    let now = Clock.ticks()
    if blocked {
      let absence = now &- me.pointee.since
      me.pointee.figures.blocked &+= absence
      me.pointee.figures.count(me.pointee.reason, absence)
      me.pointee.usualAbsence &+= (absence &- me.pointee.usualAbsence) >> 2
    }
    // Absence, or being new, earns no more credit than an interval.
    let least = gila_load_word(&s.pointee.frontier) &- s.pointee.interval
    if me.pointee.virtualTime < least { gila_store_word(&me.pointee.virtualTime, least) }
    if gila_cas32(&s.pointee.word, 0, InterpreterLock.held) {
      gila_store_word(&me.pointee.since, now)
      setHolder(me)
      me.pointee.figures.takes &+= 1
      return
    }
    wait(me, since: now)
  }
  private func wait(_ me: Thread, since start: Int) {
    lockMutex()
    if let h = holderTime(at: start), h > s.pointee.frontier {
      gila_store_word(&s.pointee.frontier, h)
      let least = h &- s.pointee.interval
      if me.pointee.virtualTime < least { gila_store_word(&me.pointee.virtualTime, least) }
    }
    me.pointee.isReturning = true
    gila_store32(&me.pointee.signal, 0)
    let w = gila_or32(&s.pointee.word, InterpreterLock.contended)
    if w & InterpreterLock.held == 0 {
      // It lies free. It is ours unless a waiter is to be served before.
      _ = gila_or32(&s.pointee.word, InterpreterLock.held)
      if let first = s.pointee.waiting.first, isDue(first, before: me.pointee.virtualTime) {
        enqueue(me)
        grantFirst()
      } else {
        if s.pointee.waiting.count == 0 { _ = gila_and32(&s.pointee.word, ~InterpreterLock.contended) }
        became(me, at: start)
        unlockMutex()
        return
      }
    } else {
      enqueue(me)
      if isDue(me, at: start) { request() }
    }
    let watches = appointWatcher(me, at: start)
    unlockMutex()
    sleep(me, watches: watches)
    account(me, waitingSince: start)
  }
  private func account(_ me: Thread, waitingSince start: Int) {
    let now = Clock.ticks()
    let waited = now &- start
    me.pointee.figures.waits &+= 1
    me.pointee.figures.waited &+= waited
    if waited > me.pointee.figures.longestWait { me.pointee.figures.longestWait = waited }
    gila_store_word(&me.pointee.since, now)
  }
  /// Puts a thread into the queue with the deadline of its class: the virtual time at which a holder has to make way for
  /// it. One that comes back from a blocking call need be only a margin behind (which keeps equals from changing at each
  /// step), one that computes an interval.
  private func enqueue(_ me: Thread) {
    me.pointee.deadline = me.pointee.virtualTime &+ (me.pointee.isReturning ? s.pointee.margin : s.pointee.interval)
    s.pointee.waiting.insert(me)
  }
  /// Whether a waiter is to be served before a thread with the given virtual time.
  private func isDue(_ waiter: Thread, before time: Int) -> Bool { waiter.pointee.deadline < time }
  private func holderTime(at now: Int) -> Int? {
    guard let h = holder else { return nil }
    return gila_load_word(&h.pointee.virtualTime) &+ (now &- gila_load_word(&h.pointee.since))
  }
  private func isDue(_ waiter: Thread, at now: Int) -> Bool {
    holderTime(at: now).map { isDue(waiter, before: $0) } ?? true
  }
  private func request() {
    if let h = holder { gila_or_word(h.pointee.requestWord, h.pointee.requestBit) }
  }
  private func became(_ me: Thread, at now: Int) {
    gila_store_word(&me.pointee.since, now)
    setHolder(me)
    me.pointee.figures.takes &+= 1
    if me.pointee.virtualTime > s.pointee.frontier { gila_store_word(&s.pointee.frontier, me.pointee.virtualTime) }
  }
  /// When the first waiter is due if the holder goes on.
  private func dueTime(at now: Int) -> Int {
    guard let first = s.pointee.waiting.first, let h = holder else { return now &+ s.pointee.interval }
    let slice = gila_load_word(&h.pointee.since) &+ s.pointee.interval
    let behind =
      first.pointee.deadline &- gila_load_word(&h.pointee.virtualTime) &+ gila_load_word(&h.pointee.since)
    return max(min(slice, behind), now &+ s.pointee.margin)
  }
  /// Gives the duty to watch the time to a thread about to sleep, if nobody has it or looks too late.
  private func appointWatcher(_ me: Thread, at now: Int) -> Bool {
    guard me.pointee.position >= 0 else { return false }
    let due = dueTime(at: now)
    if s.pointee.watcher != nil && due >= s.pointee.watchTime &- s.pointee.margin { return false }
    s.pointee.watcher = me
    s.pointee.watchTime = due
    return true
  }
  /// Hands the held lock to the first waiter, under the mutex.
  private func grantFirst() {
    if let next = s.pointee.waiting.first { grant(next) }
  }
  private func grant(_ next: Thread) {
    s.pointee.waiting.remove(next)
    if s.pointee.interrupted == next { s.pointee.interrupted = nil }
    if s.pointee.waiting.count == 0 { _ = gila_and32(&s.pointee.word, ~InterpreterLock.contended) }
    let now = Clock.ticks()
    became(next, at: now)
    // A request that was meant for the thread before.
    gila_and_word(next.pointee.requestWord, ~next.pointee.requestBit)
    if let first = s.pointee.waiting.first {
      if s.pointee.watcher == next {
        s.pointee.watcher = first
        s.pointee.watchTime = dueTime(at: now)
        if gila_exchange32(&first.pointee.signal, 3) == 2 { gila_futex_wake(&first.pointee.signal, 1) }
      }
      if isDue(first, at: now) { request() }
    } else {
      s.pointee.watcher = nil
    }
    if gila_exchange32(&next.pointee.signal, 1) == 2 { gila_futex_wake(&next.pointee.signal, 1) }
  }
  /// Waits until the lock is granted: some microseconds awake, then asleep.
  private func sleep(_ me: Thread, watches: Bool) {
    var watches = watches
    let until = Clock.ticks() &+ s.pointee.spin
    while Clock.ticks() < until {
      if gila_load32(&me.pointee.signal) == 1 { return }
      gila_cpu_relax()
    }
    // The holder may have changed without the mutex when the request was made.
    watch(me, timeIsUp: false)
    while true {
      let s = gila_load32(&me.pointee.signal)
      if s == 1 { return }
      if s == 3 {
        watches = true
        _ = gila_cas32(&me.pointee.signal, 3, 0)
        continue
      }
      if s == 0 && !gila_cas32(&me.pointee.signal, 0, 2) { continue }
      if watches {
        var limit = Clock.deadline(after: max(Clock.nanoseconds(ticks: timeToWatch()), 20_000))
        if gila_futex_wait(&me.pointee.signal, 2, &limit) == ETIMEDOUT { watches = watch(me, timeIsUp: true) }
      } else {
        _ = gila_futex_wait(&me.pointee.signal, 2, nil)
      }
    }
  }
  private func timeToWatch() -> Int {
    lockMutex()
    defer { unlockMutex() }
    return s.pointee.watchTime &- Clock.ticks()
  }
  /// Asks the holder to switch if somebody's turn has come, takes the lock for the first if it lies free. Whether the
  /// thread still has the duty to look again.
  @discardableResult private func watch(_ me: Thread, timeIsUp: Bool) -> Bool {
    lockMutex()
    defer { unlockMutex() }
    guard me.pointee.position >= 0 else { return false }
    let now = Clock.ticks()
    let w = gila_load32(&s.pointee.word)
    if w & InterpreterLock.held == 0 {
      // Somebody's short absence has become long, if this is the watcher's time.
      if s.pointee.watcher == me && timeIsUp {
        if gila_cas32(&s.pointee.word, w, w | InterpreterLock.held) { grantFirst() }
      }
    } else if let first = s.pointee.waiting.first, let h = holder {
      if now &- gila_load_word(&h.pointee.since) >= s.pointee.interval || isDue(first, at: now) { request() }
    }
    if s.pointee.watcher == me { s.pointee.watchTime = max(dueTime(at: now), now &+ s.pointee.margin) }
    return s.pointee.watcher == me
  }

  // MARK: Giving up

  /// Gives the lock up around an operation that may block. `reason` is a static C string.
  public func release(_ me: Thread, _ reason: UnsafePointer<CChar>?) {
    let now = Clock.ticks()
    let used = now &- me.pointee.since
    gila_store_word(&me.pointee.since, now)
    gila_store_word(&me.pointee.virtualTime, me.pointee.virtualTime &+ used)
    me.pointee.reason = reason
    me.pointee.figures.held &+= used
    me.pointee.figures.voluntaryReleases &+= 1
    setHolder(nil)
    if gila_cas32(&s.pointee.word, InterpreterLock.held, 0) { return }
    releaseContended(me)
  }
  private func releaseContended(_ me: Thread) {
    lockMutex()
    if me.pointee.virtualTime > s.pointee.frontier { gila_store_word(&s.pointee.frontier, me.pointee.virtualTime) }
    gila_and_word(me.pointee.requestWord, ~me.pointee.requestBit)
    if let first = s.pointee.waiting.first {
      if let back = s.pointee.interrupted, back.pointee.position >= 0, gila_load32(&back.pointee.signal) == 0,
        !first.pointee.isReturning, !isDue(first, before: gila_load_word(&back.pointee.virtualTime))
      {
        grant(back)
        me.pointee.shortAbsences = 0
      } else if me.pointee.usualAbsence < s.pointee.shortAbsence && !first.pointee.isReturning
        && !isDue(first, before: me.pointee.virtualTime)
        && me.pointee.shortAbsences < InterpreterLock.shortAbsencesInARow
      {
        me.pointee.shortAbsences += 1
        gila_store32(&s.pointee.word, InterpreterLock.contended)
      } else {
        me.pointee.shortAbsences = 0
        grantFirst()
      }
    } else {
      gila_store32(&s.pointee.word, 0)
    }
    unlockMutex()
  }
  /// At a safe point whose request bit is set: hands over if a waiter's turn has come, and waits for the next turn.
  /// True if another thread ran meanwhile.
  public func switchIfRequested(_ me: Thread) -> Bool {
    gila_and_word(me.pointee.requestWord, ~me.pointee.requestBit)
    lockMutex()
    let now = Clock.ticks()
    let used = now &- me.pointee.since
    guard let first = s.pointee.waiting.first, used >= s.pointee.interval || isDue(first, at: now) else {
      unlockMutex()
      return false
    }
    gila_store_word(&me.pointee.virtualTime, me.pointee.virtualTime &+ used)
    gila_store_word(&me.pointee.since, now)
    me.pointee.figures.held &+= used
    me.pointee.figures.forcedReleases &+= 1
    me.pointee.isReturning = false
    if me.pointee.virtualTime > s.pointee.frontier { gila_store_word(&s.pointee.frontier, me.pointee.virtualTime) }
    gila_store32(&me.pointee.signal, 0)
    s.pointee.interrupted = first.pointee.isReturning && used < s.pointee.interval ? me : nil
    // The first waiter leaves the queue before this thread enters it: a forced switch really switches.
    grantFirst()
    enqueue(me)
    _ = gila_or32(&s.pointee.word, InterpreterLock.contended)
    let watches = appointWatcher(me, at: now)
    unlockMutex()
    sleep(me, watches: watches)
    account(me, waitingSince: now)
    return true
  }

  /// In a forked child: the forking thread holds the lock, no other exists.
  public func resetAfterFork(_ me: Thread) {
    gila_store32(&s.pointee.mutex, 0)
    s.pointee.waiting.removeAll()
    s.pointee.watcher = nil
    s.pointee.interrupted = nil
    setHolder(me)
    me.pointee.position = -1
    gila_store32(&s.pointee.word, InterpreterLock.held)
  }
  /// Whether a thread holds the lock.
  public func isHeld(by me: Thread) -> Bool {
    gila_load32(&s.pointee.word) & InterpreterLock.held != 0 && holder == me
  }
  /// How many threads wait for the lock now.
  public var waiters: Int {
    lockMutex()
    defer { unlockMutex() }
    return s.pointee.waiting.count
  }
}
