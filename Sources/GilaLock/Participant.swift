import CGilaLock

/// A thread as the lock knows it: its place in the queue, its share, its figures. Owned by whoever made it; one
/// participant belongs to one lock and is used by one thread at a time.
public struct Participant {
  /// Values of `signal`.
  static let awake: UInt32 = 0
  static let granted: UInt32 = 1
  static let asleep: UInt32 = 2
  /// Asked to watch the time.
  static let watch: UInt32 = 3
  /// Woken because the lock lies free.
  static let offered: UInt32 = 4
  /// What the waiting thread is told, and what it sleeps on. `awake` and `asleep` are written by the thread itself.
  var signal: UInt32 = 0
  /// Processor time under the lock, in ticks, moved up to the others' when it wakes: who is behind is served first.
  /// Written by its thread only, read by others under the lock's mutex.
  var virtualTime = 0
  /// The holder's virtual time from which on it is to make way for this thread, while it waits.
  var deadline = 0
  /// When it took the lock, or gave it up.
  var since = 0
  /// Whether it waits because it comes back from a blocking call, not because it was made to switch.
  var isReturning = false
  /// Whether it waits because it was unparked.
  var wasParked = false
  /// Time it held the lock since it last came back from a long absence (ticks).
  var burst = 0
  /// How long it usually holds the lock (moving average, ticks). Long, until more is known.
  var usualTurn = 1 << 40
  /// How long it is usually parked (moving average, ticks).
  var usualParking = 0
  /// The processor it was seen on when it last began or ended a wait. Written by its thread, read under the mutex.
  var processor = UInt32.max
  /// Which thread it is to the system, while it waits for its next turn.
  var nativeThread: Int32 = 0
  /// The processor it was bound to for its awakening (`Placement.swift`), and what it was allowed before.
  var boundTo = UInt32.max
  var allowed = gila_processors_allowed()
  /// How often that was done.
  var wakingsPlaced = 0
  /// When it last looked, as the watcher, whether a turn was over.
  var lookedAt = 0
  /// How often in a row it left the lock free for a short absence.
  var shortAbsences = 0
  /// Its number in the order of arrival among the waiting.
  var arrival: UInt64 = 0
  /// Position in the heap of the waiting, -1 when it is not there.
  var position = -1
  enum Parking: UInt8 { case preparing, parked, unparked }
  /// Under the lock's mutex.
  var parking = Parking.unparked
  var parkEpoch: UInt32 = 0
  /// The lock that it parked at, and the next thread parked for the same reason.
  var home: UnsafeMutableRawPointer?
  var nextParked: UnsafeMutablePointer<Participant>?
  /// Under the mutex of the Python lock it waits for: it was unparked once for nothing; it was given that lock.
  var cameTooLate = false
  var isHandedOver = false
  /// When it was unparked.
  var admitted = 0
  /// The word in which a request to switch is set, and the bit. The holder looks at it at its safe points.
  var requestWord: UnsafeMutablePointer<UInt>
  var requestBit: UInt
  /// Bits in that word that end the thread's waits for other threads; who sets one calls `InterpreterLock.rouse`.
  public var interruptingBits: UInt = 0

  /// Its last events, while they are recorded, and the name it goes by in them.
  public var ring: UnsafeMutablePointer<EventRing>?
  public var identity: UInt = 0
  /// What the thread did, for the lock's statistics. Times in ticks.
  public var figures = Figures()
  /// Why the lock was last given up (a static C string).
  var reason: UnsafePointer<CChar>?

  public init(requestWord: UnsafeMutablePointer<UInt>, requestBit: UInt) {
    self.requestWord = requestWord
    self.requestBit = requestBit
  }
}

extension UnsafeMutablePointer where Pointee == Participant {
  /// The thread's account, in place.
  @inline(__always) var figuresInPlace: UnsafeMutablePointer<Figures> {
    let offset = MemoryLayout<Participant>.offset(of: \.figures).unsafelyUnwrapped
    return (UnsafeMutableRawPointer(self) + offset).assumingMemoryBound(to: Figures.self)
  }
}

/// A thread's account with the lock. Times are ticks of `Clock`.
public struct Figures {
  public var takes = 0
  public var held = 0
  public var waits = 0
  public var waited = 0
  public var longestWait = 0
  public var voluntaryReleases = 0
  public var forcedReleases = 0
  /// Time away from the lock in blocking calls.
  public var blocked = 0
  /// Count and blocked time by reason; a reason is known by the address of its text. The last entry takes the rest.
  public var reasons = InlineArray<24, ReasonFigures>(repeating: ReasonFigures())

  /// Where the last reason is.
  var lastPlace = 0
}
extension UnsafeMutablePointer where Pointee == Figures {
  /// The table, in place: its elements are used thousands of times a second and must not be copied as a whole.
  @inline(__always) private var table: UnsafeMutablePointer<ReasonFigures> {
    let offset = MemoryLayout<Figures>.offset(of: \.reasons).unsafelyUnwrapped
    return (UnsafeMutableRawPointer(self) + offset).assumingMemoryBound(to: ReasonFigures.self)
  }
  /// Where a reason's figures are, or where there is room for them; 23 if the table is full.
  @inline(__always) private func place(_ reason: UnsafePointer<CChar>?) -> Int {
    let last = pointee.lastPlace
    if table[last].reason == reason && last < 23 { return last }
    return search(reason)
  }
  @inline(never) private func search(_ reason: UnsafePointer<CChar>?) -> Int {
    var i = Int(bitPattern: UInt(bitPattern: reason) >> 3) % 23
    for _ in 0..<23 {
      if table[i].reason == reason || table[i].count == 0 {
        pointee.lastPlace = i
        return i
      }
      i = (i + 1) % 23
    }
    return 23
  }
  /// Counts an absence; `alone` if no other thread had the lock meanwhile.
  @inline(__always) func count(_ reason: UnsafePointer<CChar>?, _ time: Int, alone: Bool, longest: Int) {
    let i = place(reason)
    if i < 23 { table[i].reason = reason }
    table[i].count &+= 1
    table[i].blocked &+= time
    table[i].usual.learn(time, alone: alone, longest: longest)
  }
  /// How long the thread is usually away for a reason; nil if it does not know.
  func usualAbsence(_ reason: UnsafePointer<CChar>?) -> UsualAbsence? {
    let i = place(reason)
    return table[i].count < 8 || i == 23 ? nil : table[i].usual
  }
}
/// How often a thread gave the lock up for a reason, and how long it stayed away in all.
public struct ReasonFigures {
  public var reason: UnsafePointer<CChar>?
  public var count = 0
  public var blocked = 0
  var usual = UsualAbsence()
}
/// Moving averages of the time away for a reason, in ticks.
struct UsualAbsence {
  /// Of all absences; -1 before the first.
  private(set) var length = -1
  /// Of those in which no other thread had the lock: such a call does not wait for what another thread is to do.
  private(set) var alone = -1

  /// Absences longer than `longest` count as that: one says no more about the next.
  mutating func learn(_ time: Int, alone isAlone: Bool, longest: Int) {
    let time = min(time, longest)
    length = length < 0 ? time : length &+ (time &- length) >> 2
    // A long one is a long one, whoever ran.
    if isAlone || time == longest { alone = alone < 0 ? time : alone &+ (time &- alone) >> 2 }
  }
  /// Whether the next absence will be shorter than `limit`, even if nobody else runs meanwhile.
  func isShort(_ limit: Int, alone isAlone: Bool) -> Bool {
    let usual = isAlone ? alone : length
    return usual >= 0 && usual < limit
  }
}
/// How long threads are usually away for a reason, for those that do not know it of their own.
struct UsualAbsences {
  private var entries = InlineArray<64, (reason: UnsafePointer<CChar>?, usual: UsualAbsence)>(
    repeating: (nil, UsualAbsence()))
  private static func place(_ reason: UnsafePointer<CChar>?) -> Int {
    Int(bitPattern: UInt(bitPattern: reason) >> 3) & 63
  }
  /// Two reasons in one place drive each other out.
  mutating func learn(_ reason: UnsafePointer<CChar>?, _ time: Int, alone: Bool, longest: Int) {
    let i = UsualAbsences.place(reason)
    if entries[i].reason != reason { entries[i] = (reason, UsualAbsence()) }
    entries[i].usual.learn(time, alone: alone, longest: longest)
  }
  subscript(_ reason: UnsafePointer<CChar>?) -> UsualAbsence? {
    let e = entries[UsualAbsences.place(reason)]
    return e.reason == reason ? e.usual : nil
  }
}
