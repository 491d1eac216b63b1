import CGilaLock
import Glibc
import Testing

@testable import GilaLock

/// A thread of the tests: a participant with a request word of its own.
private final class Worker: @unchecked Sendable {
  let word = UnsafeMutablePointer<UInt>.allocate(capacity: 1)
  let me = InterpreterLock.Thread.allocate(capacity: 1)
  var thread = pthread_t()
  private let body: @Sendable (Worker) -> Void

  init(_ body: @escaping @Sendable (Worker) -> Void) {
    word.initialize(to: 0)
    me.initialize(to: Participant(requestWord: word, requestBit: 1))
    self.body = body
  }
  func start() {
    pthread_create(
      &thread, nil,
      { raw in
        let worker = Unmanaged<Worker>.fromOpaque(raw!).takeRetainedValue()
        worker.body(worker)
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
  }
  func join() { pthread_join(thread, nil) }
  /// What the instruction loop does at its safe points.
  func safePoint(_ lock: InterpreterLock) {
    let request = UnsafeRawPointer(word).assumingMemoryBound(to: Int.self)
    if gila_load_word(request) != 0 { _ = lock.switchIfRequested(me) }
  }
}

/// State that only the holder of the lock touches.
private final class Shared: @unchecked Sendable {
  var counter = 0
  var holders = 0
  var overlaps = 0
  var stop = false
  func enter() {
    holders += 1
    if holders != 1 { overlaps += 1 }
  }
  func leave() { holders -= 1 }
}

nonisolated(unsafe) private let reason: UnsafePointer<CChar> = {
  let s: StaticString = "test"
  return UnsafeRawPointer(s.utf8Start).assumingMemoryBound(to: CChar.self)
}()

/// The processors that a thread may run on.
private struct Allowed: Equatable {
  var processors: [Int]
  /// Of the running thread.
  static var here: Allowed {
    var set = gila_processors_allowed()
    let size = withUnsafeMutableBytes(of: &set) {
      sched_getaffinity(0, $0.count, $0.baseAddress!.assumingMemoryBound(to: cpu_set_t.self))
    }
    return withUnsafeBytes(of: &set) { bytes in
      Allowed(processors: size < 0 ? [] : (0..<8 * bytes.count).filter { bytes[$0 / 8] >> ($0 % 8) & 1 != 0 })
    }
  }
  /// Makes them the running thread's.
  func apply() {
    var set = gila_processors_allowed()
    withUnsafeMutableBytes(of: &set) { bytes in
      for p in processors { bytes[p / 8] |= 1 << (p % 8) }
      _ = sched_setaffinity(0, bytes.count, bytes.baseAddress!.assumingMemoryBound(to: cpu_set_t.self))
    }
  }
}

@Suite(.serialized) struct InterpreterLockTests {
  /// Threads that compute are bound to a processor while they are woken. They find themselves allowed what they were.
  /// Where there are more processors, or one, nobody is placed.
  @Test(.enabled(if: (2...4).contains(Allowed.here.processors.count)))
  func placedThreadsKeepTheirProcessors() {
    let before = Allowed.here
    let lock = InterpreterLock(switchIntervalNanoseconds: 100_000)
    let shared = Shared()
    let workers = (0..<3).map { i in
      Worker { w in
        var expected = Allowed.here
        lock.take(w.me, afterBlocking: false)
        while w.me.pointee.figures.forcedReleases < 400 {
          if i == 0 && w.me.pointee.figures.forcedReleases == 100 {
            expected = Allowed(processors: [before.processors[0]])
            expected.apply()
          }
          if i == 0 && w.me.pointee.figures.forcedReleases == 200 {
            expected = before
            expected.apply()
          }
          let switches = w.me.pointee.figures.forcedReleases
          w.safePoint(lock)
          if w.me.pointee.figures.forcedReleases != switches {
            shared.counter += 1
            if Allowed.here != expected { shared.overlaps += 1 }
          }
          if shared.counter > 0 && lock.waiters == 0 { break }
        }
        lock.release(w.me, reason)
      }
    }
    for w in workers { w.start() }
    for w in workers { w.join() }
    #expect(shared.counter > 600)
    #expect(shared.overlaps == 0)
    #expect(workers.contains { $0.me.pointee.wakingsPlaced > 0 })
    lock.destroy()
  }
  @Test func manyThreadsExcludeEachOther() {
    let lock = InterpreterLock(switchIntervalNanoseconds: 100_000)
    let shared = Shared()
    let workers = (0..<8).map { i in
      Worker { w in
        var random = UInt64(i &+ 1) &* 0x9E37_79B9_7F4A_7C15
        lock.take(w.me, afterBlocking: false)
        for _ in 0..<20_000 {
          shared.enter()
          shared.counter += 1
          shared.leave()
          random = random &* 6_364_136_223_846_793_005 &+ 1
          switch random >> 60 {
          case 0:
            lock.release(w.me, reason)
            usleep(UInt32(random >> 40 & 63))
            lock.take(w.me, afterBlocking: true)
          case 1, 2, 3:
            lock.release(w.me, reason)
            lock.take(w.me, afterBlocking: true)
          default: w.safePoint(lock)
          }
        }
        lock.release(w.me, reason)
      }
    }
    for w in workers { w.start() }
    for w in workers { w.join() }
    #expect(shared.counter == 160_000)
    #expect(shared.overlaps == 0)
    #expect(lock.waiters == 0)
  }

  @Test func parkedThreadsExcludeEachOtherAndAllEnd() {
    let lock = InterpreterLock(switchIntervalNanoseconds: 50_000)
    let shared = Shared()
    nonisolated(unsafe) let python = ParkingLock.Pointer.allocate(capacity: 1)
    python.initialize(to: ParkingLock())
    nonisolated(unsafe) let missed = UnsafeMutablePointer<Int>.allocate(capacity: 6)
    let workers = (0..<6).map { i in
      Worker { w in
        var random = UInt64(i &+ 1) &* 0x9E37_79B9_7F4A_7C15
        missed[i] = 0
        lock.take(w.me, afterBlocking: false)
        for _ in 0..<3_000 {
          random = random &* 6_364_136_223_846_793_005 &+ 1
          var limit = Clock.deadline(after: Int(random >> 50))
          let r =
            random >> 62 == 0
            ? ParkingLock.acquire(python, lock, w.me, reason, until: &limit)
            : ParkingLock.acquire(python, lock, w.me, reason, until: nil)
          if r != 0 {
            missed[i] += 1
            continue
          }
          shared.enter()
          w.safePoint(lock)
          if random >> 59 & 7 == 0 {
            lock.release(w.me, reason)
            lock.take(w.me, afterBlocking: true)
          }
          shared.counter += 1
          shared.leave()
          ParkingLock.release(python)
          w.safePoint(lock)
        }
        lock.release(w.me, reason)
      }
    }
    for w in workers { w.start() }
    for w in workers { w.join() }
    #expect(shared.counter + (0..<6).reduce(0) { $0 + missed[$1] } == 18_000)
    #expect(shared.overlaps == 0)
    #expect(!ParkingLock.isHeld(python))
  }

  /// Runs computing threads for a while and returns how long each held the lock, in ticks.
  private func compute(_ count: Int, seconds: Double, interval: Int) -> [Int] {
    let lock = InterpreterLock(switchIntervalNanoseconds: interval)
    let shared = Shared()
    let workers = (0..<count).map { _ in
      Worker { w in
        lock.take(w.me, afterBlocking: false)
        while !shared.stop { w.safePoint(lock) }
        lock.release(w.me, reason)
      }
    }
    for w in workers { w.start() }
    usleep(UInt32(seconds * 1e6))
    let stopper = Worker { w in
      lock.take(w.me, afterBlocking: false)
      shared.stop = true
      lock.release(w.me, reason)
    }
    stopper.start()
    for w in workers + [stopper] { w.join() }
    return workers.map { $0.me.pointee.figures.held }
  }
  @Test func computingThreadsGetEqualShares() {
    let held = compute(6, seconds: 0.6, interval: 2_000_000)
    let mean = held.reduce(0, +) / held.count
    for h in held {
      #expect(h > mean / 2)
      #expect(h < mean * 2)
    }
  }

  @Test func aReturningThreadIsServedAtOnce() {
    let lock = InterpreterLock()
    let shared = Shared()
    let burner = Worker { w in
      lock.take(w.me, afterBlocking: false)
      while !shared.stop { w.safePoint(lock) }
      lock.release(w.me, reason)
    }
    burner.start()
    let answers = Worker { w in
      lock.take(w.me, afterBlocking: false)
      for _ in 0..<200 {
        lock.release(w.me, reason)
        usleep(1000)
        lock.take(w.me, afterBlocking: true)
      }
      shared.stop = true
      lock.release(w.me, reason)
    }
    answers.start()
    answers.join()
    burner.join()
    let f = answers.me.pointee.figures
    // Two hundred waits of an interval each would be a second; busy test machines make single waits long.
    #expect(Clock.nanoseconds(ticks: f.waited) < 300_000_000)
    #expect(f.reasons[23].count == 0)
  }

  @Test func releaseAndTakeBackAloneIsCheap() {
    let lock = InterpreterLock()
    let w = Worker { _ in }
    lock.take(w.me, afterBlocking: false)
    let start = Clock.nanoseconds()
    for _ in 0..<1_000_000 {
      lock.release(w.me, reason)
      lock.take(w.me, afterBlocking: true)
    }
    let each = Double(Clock.nanoseconds() - start) / 1_000_000
    lock.release(w.me, reason)
    #expect(each < 500)
    #expect(w.me.pointee.figures.voluntaryReleases == 1_000_001)
  }

  @Test func theQueueOrdersByDeadlineThenArrival() {
    var queue = WaitQueue()
    let threads = (0..<50).map { i -> InterpreterLock.Thread in
      let w = Worker { _ in }
      w.me.pointee.deadline = (i * 7919) % 13
      return w.me
    }
    for t in threads { queue.insert(t) }
    queue.remove(threads[10])
    var last: (Int, UInt64) = (-1, 0)
    var n = 0
    while let t = queue.removeFirst() {
      let now = (t.pointee.deadline, t.pointee.arrival)
      #expect(last < now)
      last = now
      n += 1
    }
    #expect(n == 49)
  }
}
