import CGilaLock
import Glibc

/// The global interpreter lock. It knows threads, not Python.
///
/// # The protocol
///
/// One word says whether the lock is held and whether somebody waits. Giving up and taking back with nobody waiting is
/// one compare-and-swap each. All else happens under a small mutex of the lock's own, held for well under a microsecond;
/// sleepers are woken after it has been given back.
///
/// *Virtual time.* Each thread has the processor time that it spent holding the lock. A thread that comes to wait is
/// moved up to at most two switch intervals behind the holder, so that sleeping earns no more credit than that. The lock
/// goes to the waiting thread with the earliest virtual deadline, in order of arrival among equals: its virtual time for
/// one that comes back from a blocking call, a switch interval more for one that computes.
///
/// *Served at once.* A waiter that is behind the holder asks for the lock immediately: it sets the request bit in a word
/// that the holder reads at its safe points. A thread that mostly waits for I/O is always behind, so it gets the lock
/// within microseconds; one that only pretends, by many short sleeps, uses its credit up and then takes turns.
///
/// *Forced switch.* A waiter that is not behind asks when the holder has had the lock for a switch interval. One of the
/// waiting (the watcher) sleeps with a time limit and does the asking for all; whoever leaves with the duty passes it on.
/// The holder that finds the request hands the lock over and joins the queue: the switch always happens, the lock is
/// never up for grabs between the two.
///
/// *Interrupted turns.* A computing thread that makes way for a returning one stays awake for some microseconds. If the
/// other gives the lock up meanwhile, as one does that answers and waits again, the interrupted turn goes on without a
/// system call: the two share the time to the microsecond.
///
/// *Short absences.* A thread that gives the lock up for a reason that usually takes some tens of microseconds, less than
/// a sleeper needs to wake, leaves the lock free instead of handing it over. It, or whoever comes first, takes it; the
/// watcher finds it free at the latest after an interval, or soon if one waits that came back from a call. If a waiter is
/// behind, and each eighth time (each sixteenth before one that came back itself), it is handed over all the same.
///
/// *Sleepers.* A thread that gives the lock up does not give it to one that sleeps and came back from a call: to wake
/// takes microseconds, on a busy machine much longer, and the lock would be held meanwhile by somebody who does not run.
/// The sleeper is woken and takes the lock when it comes, or asks the holder at once if another has been faster.
///
/// *Short bursts.* Threads that have all just come back from calls (a hundred answers at once) do not interrupt each other
/// for a millisecond, unless one is that much behind: each would run for some microseconds between two switches.
///
/// *Brief holders.* A thread whose turns usually last less than 50 microseconds, an event loop say, is waited for awake by
/// the first two waiters, and a sleeper that it unparks is woken at once, so that it is awake when the turn ends.
///
/// *One processor for two.* The system may put a pair of threads that feed each other on one processor. Then neither waits
/// awake for the other, nor is a sleeper woken before its time (`sharesProcessor`).
///
/// *One processor for all who compute* (`Placement.swift`). They take turns, so a second one would only be missing to those
/// who serve.
///
/// *Parked threads* (`Parking.swift`). A thread that waits for another thread of the interpreter, not for the system,
/// gives the lock up for certain and sleeps. Whoever unparks it does not wake it: it puts it into the queue, and the
/// grant is its only awakening; a thread that is usually parked for some microseconds only waits for it awake. If nobody watches the time then, the holder looks after it at its safe points. Threads
/// that feed each other work in batches: one that was parked ends no turn shorter than 100 microseconds.
public struct InterpreterLock: @unchecked Sendable {
  public typealias Thread = UnsafeMutablePointer<Participant>

  static let held: UInt32 = 1
  static let contended: UInt32 = 2
  static let shortestTurn = 50_000
  /// After so many the first waiter gets the lock all the same. One that computes gets it soon, and the two fall into
  /// sharing it; threads that all make short calls would only change places.
  @inline(__always) static func shortAbsencesInARow(_ firstIsReturning: Bool) -> Int { firstIsReturning ? 16 : 8 }

  struct State {
    /// Bits `held` and `contended`.
    var word: UInt32 = 0
    /// The lock's own mutex: 0 free, 1 held, 2 held with sleepers.
    var mutex: UInt32 = 0
    /// The thread that holds the lock, as an address; 0 for a moment while it changes without the mutex.
    var holderAddress = 0
    /// The thread that took the lock last.
    var lastHolderAddress = 0
    /// The furthest virtual time of a holder: where newcomers begin.
    var frontier = 0
    var interval = 0
    /// Not 0 while events are recorded: how many each thread keeps (see `Events.swift`).
    var recording = 0
    var waiting = WaitQueue()
    /// The waiting thread that watches the time, and when it will look.
    var watcher: Thread?
    var watchTime = 0
    /// Since when somebody waits and nobody watches the time, 0 if this is not so. The holder then has a request and
    /// appoints a watcher if it keeps the lock long enough for that to matter.
    var unwatchedSince = 0
    /// The computing thread that made way for a returning one before its interval was over, and is perhaps still awake.
    var interrupted: Thread?
    /// Another number in a forked child: threads that parked before do not exist there.
    var epoch: UInt32 = 0
    var intervalNanoseconds = 0
    let shortAbsence = Clock.ticks(nanoseconds: 40_000)
    /// Longer absences count as this for what is usual.
    let longestAbsence = Clock.ticks(nanoseconds: 400_000)
    /// How long a thread that came back from a call may go on before another such.
    var shortBurst = Clock.ticks(nanoseconds: 1_000_000)
    var absences = UsualAbsences()
    /// How long a waiter stays awake, and how long a queue may go without a watcher.
    var spin = Clock.ticks(nanoseconds: 8_000)
    let leastShare = Clock.ticks(nanoseconds: 200_000)
    /// What a turn costs at most, however long it was: the clock goes on while the whole process is stopped.
    let longestCharge = Clock.ticks(nanoseconds: 100_000_000)
    let patience = Clock.ticks(nanoseconds: 8_000)
    let margin = Clock.ticks(nanoseconds: 10_000)
    /// How long a thread needs to fall asleep.
    let fallingAsleep = Clock.ticks(nanoseconds: 5_000)
    /// How long a thread that parks stays awake at most, if it is usually not parked for longer.
    var parkSpin = Clock.ticks(nanoseconds: gila_processors() > 1 ? 25_000 : 0)
    /// Turns shorter than this are worth waiting for awake.
    var shortTurn = Clock.ticks(nanoseconds: gila_processors() > 1 ? 50_000 : 0)
    /// How long a turn lasts at least before a thread that was parked may end it.
    let batch = Clock.ticks(nanoseconds: 100_000)
    /// Rings of threads that ended while events were recorded.
    var endedRings: UnsafeMutablePointer<EventRing>?
  }
  let s: UnsafeMutablePointer<State>

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
  public func destroy() {
    s.pointee.waiting.free()
    s.deallocate()
  }

  /// How long a thread may compute while another waits, in nanoseconds.
  public var switchInterval: Int {
    get { s.pointee.intervalNanoseconds }
    nonmutating set {
      s.pointee.intervalNanoseconds = max(newValue, 1)
      // Shorter turns than this would be spent on switching; CPython's timed waits do not get below it either.
      gila_store_word(&s.pointee.interval, Clock.ticks(nanoseconds: max(newValue, InterpreterLock.shortestTurn)))
    }
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
  /// In a forked child: the forking thread holds the lock, no other exists.
  public func resetAfterFork(_ me: Thread) {
    gila_store32(&s.pointee.mutex, 0)
    s.pointee.waiting.removeAll()
    s.pointee.watcher = nil
    s.pointee.unwatchedSince = 0
    s.pointee.interrupted = nil
    s.pointee.epoch &+= 1
    setHolder(me)
    me.pointee.position = -1
    gila_store32(&s.pointee.word, InterpreterLock.held)
  }

  // MARK: The mutex, and whom to wake behind it

  @inline(__always) func lockMutex() {
    if !gila_cas32(&s.pointee.mutex, 0, 1) { lockMutexSlowly() }
  }
  private func lockMutexSlowly() {
    for _ in 0..<gila_spins(500) {
      if gila_cas32(&s.pointee.mutex, 0, 1) { return }
      gila_cpu_relax()
    }
    while gila_exchange32(&s.pointee.mutex, 2) != 0 { _ = gila_futex_wait(&s.pointee.mutex, 2, nil) }
  }
  @inline(__always) func unlockMutex() {
    if gila_exchange32(&s.pointee.mutex, 0) == 2 { gila_futex_wake(&s.pointee.mutex, 1) }
  }
  func unlockMutex(waking t: Thread?) {
    unlockMutex()
    if let t { gila_futex_wake(&t.pointee.signal, 1) }
  }
  /// Leaves a word to a waiting thread; the thread itself if it has to be woken for it.
  func tell(_ t: Thread, _ signal: UInt32) -> Thread? {
    gila_exchange32(&t.pointee.signal, signal) == Participant.asleep ? t : nil
  }

  // MARK: Who is whose turn. All under the mutex.

  var holder: Thread? { Thread(bitPattern: gila_load_word(&s.pointee.holderAddress)) }
  @inline(__always) func setHolder(_ t: Thread?) {
    gila_store_word(&s.pointee.holderAddress, Int(bitPattern: t))
    if let t { gila_store_word(&s.pointee.lastHolderAddress, Int(bitPattern: t)) }
  }
  @inline(__always) var interval: Int { gila_load_word(&s.pointee.interval) }
  /// By how much threads may differ in virtual time: the interval, but not so little that a computing thread would come
  /// before one that returns.
  @inline(__always) var share: Int { max(interval, s.pointee.leastShare) }

  /// Puts a thread into the queue with the deadline of its class: the virtual time at which a holder has to make way for
  /// it. One that comes back from a blocking call need be only a margin behind (which keeps equals from changing at each
  /// step), one that computes an interval.
  func enqueue(_ me: Thread) {
    me.pointee.deadline = me.pointee.virtualTime &+ (me.pointee.isReturning ? s.pointee.margin : share)
    s.pointee.waiting.insert(me)
  }
  /// Whether a waiter is to be served before a thread with the given virtual time.
  func isDue(_ waiter: Thread, before time: Int) -> Bool { waiter.pointee.deadline < time }
  func isDue(_ waiter: Thread, at now: Int) -> Bool {
    guard let h = holder else { return true }
    let used = now &- gila_load_word(&h.pointee.since)
    if waiter.pointee.wasParked && used < s.pointee.batch { return false }
    return isDue(
      waiter, before: gila_load_word(&h.pointee.virtualTime) &+ charge(used),
      burst: gila_load_word(&h.pointee.burst) &+ used)
  }
  /// The same for a thread that held the lock for `burst` since it last came back from a call: one that has just come
  /// back is not interrupted by another such at once, or they all would change places all the time.
  func isDue(_ waiter: Thread, before time: Int, burst: Int) -> Bool {
    let ahead = time &- waiter.pointee.deadline
    if waiter.pointee.isReturning && burst < s.pointee.shortBurst { return ahead > s.pointee.shortBurst }
    return ahead > 0
  }
  /// What a turn of that length adds to a thread's virtual time.
  @inline(__always) func charge(_ used: Int) -> Int { min(used, s.pointee.longestCharge) }
  /// The holder's virtual time with what it has used of its turn.
  private func holderTime(at now: Int) -> Int? {
    guard let h = holder else { return nil }
    return gila_load_word(&h.pointee.virtualTime) &+ charge(now &- gila_load_word(&h.pointee.since))
  }
  /// Whether the holder usually gives the lock up again soon.
  var holderIsBrief: Bool {
    guard let h = holder else { return false }
    return gila_load_word(&h.pointee.usualTurn) < s.pointee.shortTurn
  }
  /// Notes where a thread is that is about to wait, or has waited.
  @inline(__always) func notePlace(_ me: Thread) { gila_store32(&me.pointee.processor, gila_processor()) }
  /// Whether two threads were last seen on one processor: there, one that stays awake keeps the other from going on.
  func sharesProcessor(_ a: Thread, _ b: Thread) -> Bool {
    let place = gila_load32(&a.pointee.processor)
    return place != UInt32.max && place == gila_load32(&b.pointee.processor)
  }
  /// How long to wait awake for the holder: not at all where it could not go on meanwhile.
  func timeAwake(_ me: Thread, _ time: Int) -> Int {
    if let h = holder, sharesProcessor(me, h) { return 0 }
    return time
  }
  /// Asks the holder to come to the switch at its next safe point. False if it has not yet said that it holds the lock.
  @discardableResult func request() -> Bool {
    guard let h = holder else { return false }
    gila_or_word(h.pointee.requestWord, h.pointee.requestBit)
    return true
  }
  @inline(__always) func advanceFrontier(_ time: Int) {
    if time > gila_load_word(&s.pointee.frontier) { gila_store_word(&s.pointee.frontier, time) }
  }
  /// Being new earns no more credit than an interval, absence no more than two: that is as far as threads that compute
  /// can be apart, and who answers must not wait until one that lags has caught up.
  @inline(__always) func limitCredit(_ me: Thread, isNew: Bool = false) {
    let least = gila_load_word(&s.pointee.frontier) &- (isNew ? share : 2 &* share)
    if me.pointee.virtualTime < least { gila_store_word(&me.pointee.virtualTime, least) }
  }
  func limitCredit(_ me: Thread, at now: Int, isNew: Bool = false) {
    if let time = holderTime(at: now) { advanceFrontier(time) }
    limitCredit(me, isNew: isNew)
  }
  func became(_ me: Thread, at now: Int) {
    gila_store_word(&me.pointee.since, now)
    setHolder(me)
    me.pointee.figures.takes &+= 1
    advanceFrontier(me.pointee.virtualTime)
  }

  /// When the first waiter is due if the holder goes on.
  func dueTime(at now: Int) -> Int {
    guard let first = s.pointee.waiting.first else { return now &+ interval }
    guard let h = holder else {
      // Held, but its holder has not yet said so: look again soon. Free: see "Short absences".
      let isHeld = gila_load32(&s.pointee.word) & InterpreterLock.held != 0
      return now &+ (isHeld ? s.pointee.margin : interval)
    }
    let since = gila_load_word(&h.pointee.since)
    var behind = first.pointee.deadline &- gila_load_word(&h.pointee.virtualTime) &+ since
    if first.pointee.isReturning {
      let endOfBurst = since &+ s.pointee.shortBurst &- gila_load_word(&h.pointee.burst)
      behind = max(behind, min(endOfBurst, behind &+ s.pointee.shortBurst))
    }
    if first.pointee.wasParked { behind = max(behind, since &+ s.pointee.batch) }
    return max(min(since &+ interval, behind), now &+ s.pointee.margin)
  }
  /// Gives the duty to watch the time to a thread about to sleep, if nobody has it or looks too late.
  func appointWatcher(_ me: Thread, at now: Int) -> Bool {
    guard me.pointee.position >= 0 else { return false }
    let due = dueTime(at: now)
    if s.pointee.watcher != nil && due >= s.pointee.watchTime &- s.pointee.margin { return false }
    s.pointee.watcher = me
    s.pointee.watchTime = due
    s.pointee.unwatchedSince = 0
    return true
  }
  /// For a queue that nobody watches: the holder has a request, and appoints the first waiter if it runs on for more
  /// than a few microseconds. The thread to wake.
  func appointLater(_ now: Int) -> Thread? {
    guard s.pointee.watcher == nil, let first = s.pointee.waiting.first else {
      s.pointee.unwatchedSince = 0
      return nil
    }
    if gila_load32(&first.pointee.signal) == Participant.offered { return nil }
    if s.pointee.unwatchedSince == 0 { s.pointee.unwatchedSince = now }
    if now &- s.pointee.unwatchedSince < s.pointee.patience && request() { return nil }
    s.pointee.watcher = first
    s.pointee.watchTime = dueTime(at: now)
    s.pointee.unwatchedSince = 0
    return tell(first, Participant.watch)
  }
  /// Hands the held lock to a waiter. The thread to wake.
  func grant(_ next: Thread) -> Thread? {
    s.pointee.waiting.remove(next)
    if s.pointee.interrupted == next { s.pointee.interrupted = nil }
    if s.pointee.waiting.count == 0 { _ = gila_and32(&s.pointee.word, ~InterpreterLock.contended) }
    let now = Clock.ticks()
    became(next, at: now)
    // A request that was meant for the thread before.
    gila_and_word(next.pointee.requestWord, ~next.pointee.requestBit)
    if s.pointee.watcher == next { s.pointee.watcher = nil }
    s.pointee.unwatchedSince = 0
    if let first = s.pointee.waiting.first {
      if isDue(first, at: now) { request() }
      _ = appointLater(now)
    } else {
      s.pointee.watcher = nil
    }
    return tell(next, Participant.granted)
  }
  func grantFirst() -> Thread? {
    guard let next = s.pointee.waiting.first else { return nil }
    return grant(next)
  }
  /// Serves the first waiter while the lock lies free: one that is awake gets it, one that sleeps is woken and takes it
  /// when it runs, unless somebody who runs already has come before it. The thread to wake.
  func serveFirst() -> Thread? {
    guard let first = s.pointee.waiting.first else { return nil }
    if first.pointee.isReturning && !isAwake(first) { return offer(first) }
    _ = gila_or32(&s.pointee.word, InterpreterLock.held)
    return grant(first)
  }
  func isAwake(_ t: Thread) -> Bool {
    let signal = gila_load32(&t.pointee.signal)
    return signal != Participant.asleep && signal != Participant.offered
  }
  /// Makes a sleeping waiter come for the lock. The thread to wake; nil if it is already on its way.
  func offer(_ t: Thread) -> Thread? {
    gila_load32(&t.pointee.signal) == Participant.offered ? nil : tell(t, Participant.offered)
  }
}
