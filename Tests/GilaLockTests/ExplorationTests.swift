import Testing

@testable import GilaLock

/// The lock's code in every interleaving of two threads (see `Explorer`). Three, with one take and release each, have more
/// than six million states: those go many random ways.
@Suite(.serialized) struct ExplorationTests {
  typealias X = Explorer
  /// Steps of a computing thread, between safe points.
  static let slice = 60_000

  static let blocking: @convention(c) (Int32) -> Void = { i in
    X.take(i)
    X.release(i)
    X.take(i, afterBlocking: true)
    X.release(i)
  }
  static let computing: @convention(c) (Int32) -> Void = { i in
    X.take(i)
    X.compute(i, ExplorationTests.slice)
    X.compute(i, ExplorationTests.slice)
    X.compute(i, ExplorationTests.slice)
    X.release(i)
  }
  static let returning: @convention(c) (Int32) -> Void = { i in
    X.take(i)
    X.compute(i, 1000)
    X.release(i)
  }
  /// Gives the lock up for a call that takes a hundred times as long as such calls usually do.
  static let deceiving: @convention(c) (Int32) -> Void = { i in
    X.take(i)
    X.compute(i, 1000)
    X.release(i)
    X.away(i, 4_000_000)
    X.take(i, afterBlocking: true)
    X.release(i)
  }
  static let waiting: @convention(c) (Int32) -> Void = { i in
    X.take(i)
    if X.acquire(i) == 0 {
      X.compute(i, 20_000)
      X.releaseParking()
    }
    X.release(i)
  }
  static let waitingNotLong: @convention(c) (Int32) -> Void = { i in
    X.take(i)
    if X.acquire(i, until: 10_000) == 0 {
      X.compute(i, 20_000)
      X.releaseParking()
    }
    X.release(i)
  }

  /// Waits for a Python lock that may never be free again, until a signal comes.
  static let waitingForSignal: @convention(c) (Int32) -> Void = { i in
    X.expectSignal(i)
    X.take(i)
    if X.acquire(i) == 0 { X.releaseParking() }
    X.release(i)
  }
  /// Keeps the Python lock, and sends the first thread a signal.
  static let signalling: @convention(c) (Int32) -> Void = { i in
    X.take(i)
    _ = X.acquire(i)
    X.release(i)
    X.signal(to: 0)
  }

  /// Takes the Python lock again and again, past whoever waits for it, and computes while it has it.
  static let greedy: @convention(c) (Int32) -> Void = { i in
    X.take(i)
    for _ in 0..<3 {
      if X.acquire(i) == 0 {
        X.compute(i, 120_000)
        X.releaseParking()
      }
    }
    X.release(i)
  }
  static let scenarios: [X.Scenario] = [
    X.Scenario(name: "one blocks, one comes once", threads: [blocking, returning], bound: 150_000),
    X.Scenario(name: "two that compute", threads: [computing, computing], bound: 300_000),
    X.Scenario(name: "one computes, one returns", threads: [computing, returning], bound: 150_000),
    X.Scenario(name: "one computes, one blocks", threads: [computing, blocking], bound: 150_000),
    X.Scenario(name: "two share a Python lock", threads: [waiting, waiting], bound: 200_000),
    X.Scenario(name: "two share a Python lock, one not for long", threads: [waiting, waitingNotLong], bound: 200_000),
    X.Scenario(name: "one computes, one waits for a Python lock", threads: [computing, waiting], bound: 200_000),
    X.Scenario(name: "one is greedy", threads: [greedy, waiting], bound: 400_000),
    X.Scenario(
      name: "one computes, one returns, in short bursts", threads: [computing, returning], bound: 200_000,
      shortBurst: 50_000),
    X.Scenario(
      name: "two share a Python lock, in short bursts", threads: [waiting, waiting], bound: 200_000, shortBurst: 10_000),
    X.Scenario(
      name: "two share a Python lock, in short turns", threads: [waiting, waiting], bound: 200_000, shortTurn: 1_000_000
    ),
    X.Scenario(
      name: "two share a Python lock in short turns, one not for long", threads: [waiting, waitingNotLong],
      bound: 200_000,
      shortTurn: 1_000_000),
    X.Scenario(name: "a signal comes to one that waits", threads: [waitingForSignal, signalling], bound: 200_000),
    X.Scenario(name: "one is greedy, one not patient", threads: [greedy, waitingNotLong], bound: 400_000),
  ]

  @Test(arguments: scenarios.indices) func everyOrderIsCorrect(_ i: Int) {
    let s = ExplorationTests.scenarios[i]
    let r = X.explore(s)
    print("explored: \(s.name): \(r.states) states, \(r.verdict)")
    #expect(r.verdict == .correct, "\(s.name): \(r.path.suffix(40))")
  }

  /// Three and four threads, in many random orders.
  static let larger: [X.Scenario] = [
    X.Scenario(name: "three share a Python lock", threads: [waiting, waiting, waiting], bound: 500_000),
    X.Scenario(
      name: "three share a Python lock, one not for long, one computes",
      threads: [waiting, waiting, waitingNotLong, computing], bound: 800_000),
    X.Scenario(
      name: "a greedy one, one that waits, one that is not patient", threads: [greedy, waiting, waitingNotLong],
      bound: 800_000),
    X.Scenario(
      name: "two compute, two block, in short bursts", threads: [computing, blocking, computing, blocking],
      bound: 800_000,
      shortBurst: 50_000),
    X.Scenario(
      name: "one computes, three return", threads: [computing, returning, returning, blocking], bound: 500_000),
    X.Scenario(
      name: "a signal comes to one that waits, another computes", threads: [waitingForSignal, signalling, computing],
      bound: 500_000),
    X.Scenario(
      name: "three whose short calls become long", threads: [deceiving, deceiving, deceiving], bound: 300_000,
      interval: 5_000_000, callsAreShort: true),
  ]
  @Test(arguments: larger.indices) func manyOrdersAreCorrect(_ i: Int) {
    let s = ExplorationTests.larger[i]
    let r = X.wander(s, ways: 30_000)
    print("wandered: \(s.name): \(r.states) steps, \(r.verdict)")
    #expect(r.verdict == .correct, "\(s.name): \(r.path.suffix(40))")
  }

  /// The search is worth something only if it finds what is wrong.
  @Test(arguments: [
    (X.Fault.contendedBitIsForgotten, 4, X.Verdict.lostWakeUp),
    (.swapIsNotAtomic, 0, .twoHolders), (.requestIsForgotten, 2, .waitsTooLong), (.wakeIsForgotten, 4, .lostWakeUp),
  ]) func sownFaultsAreFound(_ fault: X.Fault, _ i: Int, _ expected: X.Verdict) {
    let r = X.explore(ExplorationTests.scenarios[i], fault)
    print("sown: \(fault): \(r.states) states, \(r.verdict)")
    #expect(r.verdict == expected)
  }
}
