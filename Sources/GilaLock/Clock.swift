import CGilaLock
import Glibc

/// Ticks of the processor's clock and what they are in nanoseconds. Reading ticks costs a few nanoseconds; the rate is
/// measured once, at the first lock.
public enum Clock {
  /// Nanoseconds of the monotonic clock.
  public static func nanoseconds() -> UInt64 { gila_nanoseconds() }
  @inline(__always) public static func ticks() -> Int { Int(truncatingIfNeeded: gila_ticks()) }

  /// Ticks per microsecond, times 1024.
  static let rate: Int = {
    let t0 = gila_ticks(), n0 = nanoseconds()
    var n1 = n0
    // Two hundred microseconds give a rate that is good to a part in a thousand.
    repeat { n1 = nanoseconds() } while n1 &- n0 < 200_000
    let t1 = gila_ticks()
    return max(1, Int((t1 &- t0) &* 1024 &* 1000 / (n1 &- n0)))
  }()
  public static func ticks(nanoseconds n: Int) -> Int { n &* rate / 1_024_000 }
  public static func nanoseconds(ticks t: Int) -> Int { Int(Double(t) * 1_024_000 / Double(rate)) }
  /// The time on the monotonic clock so many nanoseconds from now.
  public static func deadline(after nanoseconds: Int) -> timespec {
    let end = Int(truncatingIfNeeded: gila_nanoseconds() / 1000)
    let microseconds = end &+ nanoseconds / 1000 &+ 1
    return timespec(tv_sec: microseconds / 1_000_000, tv_nsec: microseconds % 1_000_000 * 1000)
  }
}
