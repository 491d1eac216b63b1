import CGila
import CGilaLock
import GilaCore
import GilaLock

/// The account of one thread with its interpreter's lock, in seconds. For Swift programs; Python has `gila.lock.stats()`.
public struct ThreadReport: Sendable {
  /// As `threading.get_ident()` and `threading.get_native_id()` give them.
  public var ident: UInt
  public var nativeID: UInt
  public var takes: Int
  public var held: Double
  public var waits: Int
  public var waited: Double
  public var longestWait: Double
  public var voluntaryReleases: Int
  public var forcedReleases: Int
  public var blocked: Double
  /// Why the lock was given up: how often, and how long the thread stayed away.
  public var reasons: [(reason: String, count: Int, blocked: Double)]
}

/// What an interpreter's lock has to say about its threads that are alive.
public struct LockReport: Sendable {
  public var switchInterval: Double
  /// How many threads wait for the lock now.
  public var waiting: Int
  public var threads: [ThreadReport]

  /// The report of the current thread's interpreter. The caller holds its lock.
  public static func current() -> LockReport {
    func seconds(_ ticks: Int) -> Double { Double(Clock.nanoseconds(ticks: ticks)) / 1e9 }
    let interp = currentInterpreter
    let lock = Threads.lock(interp)
    let threads = Threads.all(interp).map { ts -> ThreadReport in
      let f = Threads.participant(ts).pointee.figures
      var reasons: [(reason: String, count: Int, blocked: Double)] = []
      for i in 0..<24 where f.reasons[i].count > 0 {
        let name = f.reasons[i].reason.map { String(cString: $0) } ?? "other"
        reasons.append((name, f.reasons[i].count, seconds(f.reasons[i].blocked)))
      }
      return ThreadReport(
        ident: UInt(ts.pointee.thread_id), nativeID: UInt(ts.pointee.native_thread_id), takes: f.takes,
        held: seconds(f.held), waits: f.waits, waited: seconds(f.waited), longestWait: seconds(f.longestWait),
        voluntaryReleases: f.voluntaryReleases, forcedReleases: f.forcedReleases, blocked: seconds(f.blocked),
        reasons: reasons)
    }
    return LockReport(switchInterval: Double(lock.switchInterval) / 1e9, waiting: lock.waiters, threads: threads)
  }
}
