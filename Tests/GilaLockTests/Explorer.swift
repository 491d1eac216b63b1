import CGilaFibers
import CGilaLock
import Glibc

@testable import GilaLock

/// Runs a few threads over the lock's real code in every order of their steps on shared memory, and says what goes wrong.
///
/// The threads are fibers; each atomic operation on the lock's state, each futex call and each look at the clock is a place
/// where another may go on. From every state that is reached each possible next step is taken; a state is what the memory,
/// the fibers' stacks and the clock hold, and is visited once. Steps take no time; the clock moves on when all threads sleep
/// or compute, to the next moment at which one of them wakes up or has computed enough.
///
/// A scenario of more threads has too many states for that; `wander` goes many random ways through it.
///
/// Searched for: two holders at once; nobody can go on although not all have ended (a lost wake-up); a wait that is longer
/// than the scenario allows (starvation).
enum Explorer {
  /// What a scenario's threads do, in the explorer's own terms.
  struct Scenario {
    var name: String
    var threads: [@convention(c) (Int32) -> Void]
    /// The longest wait for the lock that is allowed, in virtual nanoseconds.
    var bound: Int
    var interval = 100_000
    /// How long one that has come back is not interrupted by another such.
    var shortBurst = 0
    /// Whose turns are shorter wakes at once whom it unparks.
    var shortTurn = 0
    /// Calls for which the lock is given up are known as short ones.
    var callsAreShort = false
  }
  /// Faults that can be sown into the primitives.
  enum Fault: CaseIterable {
    case none, contendedBitIsForgotten, wakeIsForgotten, swapIsNotAtomic, requestIsForgotten
  }
  enum Verdict: Equatable {
    case correct, twoHolders, lostWakeUp, waitsTooLong, tooLarge
  }
  struct Result {
    var verdict: Verdict
    var states: Int
    /// Which thread went on at each step, up to the failure.
    var path: [Int]
  }

  /// All that changes, in raw memory that is saved and brought back as a whole.
  struct World {
    var clock = 1_000_000
    var inside = 0
    var longestWait = 0
    var twoHolders = false
    /// Per thread: the word it sleeps on, its time limit, and what the wait returned.
    var sleepsOn = InlineArray<4, UInt>(repeating: 0)
    var limit = InlineArray<4, Int>(repeating: -1)
    var result = InlineArray<4, Int32>(repeating: 0)
    var order = InlineArray<4, Int>(repeating: 0)
    var computed = InlineArray<4, Int>(repeating: 0)
    var words = InlineArray<4, UInt>(repeating: 0)
    var parking = ParkingLock()
  }
  nonisolated(unsafe) static let world = UnsafeMutablePointer<World>.allocate(capacity: 1)
  nonisolated(unsafe) static let participants = UnsafeMutablePointer<Participant>.allocate(capacity: 4)
  nonisolated(unsafe) static var lock = InterpreterLock()
  nonisolated(unsafe) static var fault = Fault.none
  nonisolated(unsafe) static var yields = false
  nonisolated(unsafe) static var lockRange: (UInt, UInt) = (0, 0)
  static let perMicrosecond = Clock.ticks(nanoseconds: 1_000_000)

  // MARK: What scenarios are made of

  static func me(_ i: Int32) -> InterpreterLock.Thread { participants + Int(i) }
  private static func enter(_ asked: Int) {
    world.pointee.longestWait = max(world.pointee.longestWait, world.pointee.clock - asked)
    world.pointee.inside += 1
    if world.pointee.inside > 1 { world.pointee.twoHolders = true }
  }
  static func take(_ i: Int32, afterBlocking: Bool = false) {
    let asked = world.pointee.clock
    lock.take(me(i), afterBlocking: afterBlocking)
    enter(asked)
  }
  static func release(_ i: Int32) {
    world.pointee.inside -= 1
    lock.release(me(i), nil)
  }
  /// Is away for that time, in a call.
  static func away(_ i: Int32, _ nanoseconds: Int) {
    world.pointee.sleepsOn[Int(i)] = 1
    world.pointee.limit[Int(i)] = world.pointee.clock + nanoseconds
    gila_fiber_yield()
  }
  /// Computes with the lock held, and comes to a safe point.
  static func compute(_ i: Int32, _ nanoseconds: Int) {
    // It goes on when that time has passed; time passes when nobody can do anything else.
    world.pointee.sleepsOn[Int(i)] = 1
    world.pointee.limit[Int(i)] = world.pointee.clock + nanoseconds
    gila_fiber_yield()
    if world.pointee.words[Int(i)] != 0 {
      let asked = world.pointee.clock
      world.pointee.inside -= 1
      _ = lock.switchIfRequested(me(i))
      enter(asked)
    }
  }
  static func acquire(_ i: Int32, until limit: Int? = nil) -> Int32 {
    world.pointee.inside -= 1
    var t = timespec()
    var r: Int32
    if let limit {
      t = timespec(tv_sec: 0, tv_nsec: world.pointee.clock + limit)
      r = ParkingLock.acquire(&world.pointee.parking, lock, me(i), nil, until: &t)
    } else {
      r = ParkingLock.acquire(&world.pointee.parking, lock, me(i), nil, until: nil)
    }
    enter(world.pointee.clock)
    return r
  }
  /// Has a bit in the thread's request word end its waits, as the main thread's for signals.
  static func expectSignal(_ i: Int32) { me(i).pointee.interruptingBits = 2 }
  /// What the handler of a signal does, in whatever thread it runs.
  static func signal(to i: Int32) {
    gila_or_word(me(i).pointee.requestWord, 2)
    InterpreterLock.rouse(me(i))
  }
  static func releaseParking() { ParkingLock.release(&world.pointee.parking) }
  static func step() { if yields { gila_fiber_yield() } }

  // MARK: In the kernel's place

  private static func install() {
    gila_explorer_hooks().pointee = gila_explorer(
      step: { kind, address in Explorer.onStep(kind, address) },
      wait: { word, expected, limit in Explorer.onWait(word, expected, Int(limit)) },
      wake: { word, count in Explorer.onWake(word, count) },
      clock: { what in
        // A thread that spins lets time pass: eight microseconds a turn, so that it spins once or twice.
        if what == 1 {
          Explorer.world.pointee.clock += 8_000
          Explorer.step()
        }
        let now = Explorer.world.pointee.clock
        return Int64(what == 2 ? Clock.ticks(nanoseconds: now) : now)
      })
  }
  private static func onStep(_ kind: Int32, _ address: UnsafeRawPointer) -> Int32 {
    let a = UInt(bitPattern: address)
    let isLock = a >= lockRange.0 && a < lockRange.1
    // Times and shares are written by one thread and read by others under the mutex or as hints; what matters in what
    // order it happens is the word, the mutex, who holds, the signals, the requests and the Python lock.
    let record = a >= UInt(bitPattern: participants) && a < UInt(bitPattern: participants + 4)
    let isSignal = record && (a - UInt(bitPattern: participants)) % UInt(MemoryLayout<Participant>.stride) == 0
    if isLock ? a < lockRange.0 + 16 : record ? isSignal : true { step() }
    if fault == .none { return 0 }
    let isWord = a == lockRange.0
    switch fault {
    case .contendedBitIsForgotten: return isWord && kind == GILA_STEP_OR.rawValue ? 1 : 0
    case .swapIsNotAtomic:
      // Between looking and storing another may come.
      if isWord, kind == GILA_STEP_CAS.rawValue, address.load(as: UInt32.self) == 0 {
        step()
        UnsafeMutableRawPointer(mutating: address).storeBytes(of: InterpreterLock.held, as: UInt32.self)
        return 1
      }
      return 0
    case .requestIsForgotten:
      let words = UInt(bitPattern: world) + UInt(MemoryLayout<World>.offset(of: \World.words)!)
      return kind == GILA_STEP_OR.rawValue && a >= words && a < words + 32 ? 1 : 0
    default: return 0
    }
  }
  private static func onWait(_ word: UnsafeMutablePointer<UInt32>, _ expected: UInt32, _ limit: Int) -> Int32 {
    step()
    if word.pointee != expected { return EAGAIN }
    let i = Int(gila_fiber_current())
    world.pointee.sleepsOn[i] = UInt(bitPattern: word)
    world.pointee.limit[i] = limit
    world.pointee.order[i] = 1 + (0..<4).reduce(0) { max($0, world.pointee.order[$1]) }
    gila_fiber_yield()
    world.pointee.order[i] = 0
    return world.pointee.result[i]
  }
  private static func onWake(_ word: UnsafeMutablePointer<UInt32>, _ count: Int32) {
    step()
    let isSignal = (0..<4).contains { word == signal($0) }
    if fault == .wakeIsForgotten && isSignal { return }
    var left = count
    while left > 0 {
      // In order of arrival.
      var next = -1
      for i in 0..<4 where world.pointee.sleepsOn[i] == UInt(bitPattern: word) {
        if next < 0 || world.pointee.order[i] < world.pointee.order[next] { next = i }
      }
      if next < 0 { return }
      world.pointee.sleepsOn[next] = 0
      world.pointee.result[next] = 0
      left -= 1
    }
  }
  private static func signal(_ i: Int) -> UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(participants + i).assumingMemoryBound(to: UInt32.self)
  }

  // MARK: States

  /// What of a participant decides about the future: all but its figures.
  private static let participantPrefix = MemoryLayout<Participant>.offset(of: \Participant.figures)!
  private struct Saved {
    var memory: UnsafeMutableRawPointer
    var choices: [Int]
  }
  private static func save(_ n: Int) -> UnsafeMutableRawPointer {
    var size = MemoryLayout<World>.size + MemoryLayout<InterpreterLock.State>.size + 128
    size += n * MemoryLayout<Participant>.stride
    for i in 0..<n { size += gila_fiber_save(Int32(i), nil) }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    var p = memory
    p.copyMemory(from: world, byteCount: MemoryLayout<World>.size)
    p += MemoryLayout<World>.size
    p.copyMemory(from: lock.s, byteCount: MemoryLayout<InterpreterLock.State>.size)
    p += MemoryLayout<InterpreterLock.State>.size
    p.copyMemory(from: lock.s.pointee.waiting.memory, byteCount: 128)
    p += 128
    p.copyMemory(from: participants, byteCount: n * MemoryLayout<Participant>.stride)
    p += n * MemoryLayout<Participant>.stride
    for i in 0..<n { p += gila_fiber_save(Int32(i), p) }
    return memory
  }
  private static func restore(_ memory: UnsafeMutableRawPointer, _ n: Int) {
    var p = memory
    UnsafeMutableRawPointer(world).copyMemory(from: p, byteCount: MemoryLayout<World>.size)
    p += MemoryLayout<World>.size
    UnsafeMutableRawPointer(lock.s).copyMemory(from: p, byteCount: MemoryLayout<InterpreterLock.State>.size)
    p += MemoryLayout<InterpreterLock.State>.size
    UnsafeMutableRawPointer(lock.s.pointee.waiting.memory).copyMemory(from: p, byteCount: 128)
    p += 128
    UnsafeMutableRawPointer(participants).copyMemory(from: p, byteCount: n * MemoryLayout<Participant>.stride)
    p += n * MemoryLayout<Participant>.stride
    for i in 0..<n { p += gila_fiber_restore(Int32(i), p) }
  }
  private static func hash(_ n: Int) -> UInt64 {
    // Without what has no influence any more, and with ranks for numbers that only grow.
    var w = world.pointee
    w.longestWait = 0
    var s = lock.s.pointee
    if s.watcher == nil { s.watchTime = 0 }
    s.waiting.forgetArrivals()
    var h = gila_hash(&w, MemoryLayout<World>.size, 1)
    h = gila_hash(&s, MemoryLayout<InterpreterLock.State>.size, h)
    h = gila_hash(s.waiting.memory, 8 * s.waiting.count, h)
    for i in 0..<n {
      var p = participants[i]
      let waits = p.position >= 0
      p.arrival =
        waits ? UInt64((0..<n).count { participants[$0].position >= 0 && participants[$0].arrival < p.arrival }) : 0
      if !waits { p.deadline = 0 }
      if p.parking != .parked { p.nextParked = nil }
      h = gila_hash(&p, participantPrefix, h)
    }
    for i in 0..<n { h = gila_fiber_hash(Int32(i), h) }
    return h
  }
  /// The threads that can go on: awake ones, and sleepers whose time is up. When there is none, time passes.
  private static func choices(_ n: Int) -> [Int] {
    func now() -> [Int] {
      (0..<n).filter { i in
        if gila_fiber_ended(Int32(i)) != 0 { return false }
        let limit = world.pointee.limit[i]
        return world.pointee.sleepsOn[i] == 0 || (limit >= 0 && limit <= world.pointee.clock)
      }
    }
    let ready = now()
    if !ready.isEmpty { return ready }
    let limits = (0..<n).filter { gila_fiber_ended(Int32($0)) == 0 }.map { world.pointee.limit[$0] }.filter { $0 >= 0 }
    guard let next = limits.min() else { return [] }
    world.pointee.clock = next
    return now()
  }
  private static func goOn(_ i: Int) {
    if world.pointee.sleepsOn[i] != 0 {
      world.pointee.sleepsOn[i] = 0
      world.pointee.result[i] = ETIMEDOUT
    }
    gila_fiber_run(Int32(i))
  }

  /// Goes random ways through a scenario that has too many states to visit, until one fails.
  static func wander(_ scenario: Scenario, ways: Int, seed: UInt64 = 1) -> Result {
    let n = scenario.threads.count
    begin(scenario, .none)
    defer { end() }
    let start = save(n)
    defer { start.deallocate() }
    var random = seed, steps = 0
    for _ in 0..<ways {
      restore(start, n)
      // Some ways change threads at each step, some seldom: faults hide in both.
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let stays = Int(random >> 40) % 8
      var last = -1, path: [Int] = []
      while true {
        let next = choices(n)
        if next.isEmpty {
          if (0..<n).contains(where: { gila_fiber_ended(Int32($0)) == 0 }) {
            return Result(verdict: .lostWakeUp, states: steps, path: path)
          }
          break
        }
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let r = Int(random >> 33)
        let i = next.contains(last) && r % 8 < stays ? last : next[(r >> 3) % next.count]
        last = i
        goOn(i)
        path.append(i)
        steps += 1
        if world.pointee.twoHolders { return Result(verdict: .twoHolders, states: steps, path: path) }
        if world.pointee.longestWait > scenario.bound {
          return Result(verdict: .waitsTooLong, states: steps, path: path)
        }
        if path.count > 20_000 { return Result(verdict: .tooLarge, states: steps, path: path) }
      }
    }
    return Result(verdict: .correct, states: steps, path: [])
  }

  /// Makes the world of a scenario, with its threads at their beginnings.
  private static func begin(_ scenario: Scenario, _ sown: Fault) {
    let n = scenario.threads.count
    _ = perMicrosecond
    world.initialize(to: World())
    lock = InterpreterLock(switchIntervalNanoseconds: scenario.interval)
    // Who spins only sees later what it sees asleep.
    lock.s.pointee.spin = 0
    lock.s.pointee.parkSpin = 0
    lock.s.pointee.shortTurn = Clock.ticks(nanoseconds: scenario.shortTurn)
    lock.s.pointee.shortBurst = Clock.ticks(nanoseconds: scenario.shortBurst)
    if scenario.callsAreShort {
      for alone in [false, true] {
        lock.s.pointee.absences.learn(
          nil, Clock.ticks(nanoseconds: 10_000), alone: alone, longest: lock.s.pointee.longestAbsence)
      }
    }
    let start = UInt(bitPattern: lock.s)
    lockRange = (start, start + UInt(MemoryLayout<InterpreterLock.State>.size))
    for i in 0..<n {
      let word = (UnsafeMutableRawPointer(world) + MemoryLayout<World>.offset(of: \World.words)!)
        .assumingMemoryBound(to: UInt.self)
      (participants + i).initialize(to: Participant(requestWord: word + i, requestBit: 1))
    }
    fault = sown
    install()
    yields = true
    for i in 0..<n { gila_fiber_make(Int32(i), scenario.threads[i]) }
  }
  private static func end() {
    yields = false
    gila_explorer_hooks().pointee = gila_explorer()
    lock.destroy()
  }

  /// Explores a scenario to the end, or to the first failure.
  static func explore(_ scenario: Scenario, _ sown: Fault = .none, most: Int = 6_000_000) -> Result {
    let n = scenario.threads.count
    begin(scenario, sown)
    defer { end() }
    var seen: Set<UInt64> = []
    var stack: [Saved] = [Saved(memory: save(n), choices: choices(n))]
    var path: [Int] = []
    defer { for s in stack { s.memory.deallocate() } }
    while var top = stack.popLast() {
      guard let i = top.choices.popLast() else {
        top.memory.deallocate()
        _ = path.popLast()
        continue
      }
      restore(top.memory, n)
      stack.append(top)
      _ = choices(n)
      goOn(i)
      path.append(i)
      if world.pointee.twoHolders { return Result(verdict: .twoHolders, states: seen.count, path: path) }
      if world.pointee.longestWait > scenario.bound {
        return Result(verdict: .waitsTooLong, states: seen.count, path: path)
      }
      if !seen.insert(hash(n)).inserted {
        path.removeLast()
        continue
      }
      if seen.count > most { return Result(verdict: .tooLarge, states: seen.count, path: path) }
      let next = choices(n)
      if next.isEmpty {
        if (0..<n).contains(where: { gila_fiber_ended(Int32($0)) == 0 }) {
          return Result(verdict: .lostWakeUp, states: seen.count, path: path)
        }
        path.removeLast()
        continue
      }
      stack.append(Saved(memory: save(n), choices: next))
    }
    return Result(verdict: .correct, states: seen.count, path: path)
  }
}
