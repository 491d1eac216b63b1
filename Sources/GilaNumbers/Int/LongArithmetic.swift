import CGila
import GilaCore

/// Arithmetic on the digits of large ints: they do not change and the result is not yet known to anybody, so the lock is
/// not needed. What takes longer than some 50 microseconds lets other threads run meanwhile. `work` is the rough number of
/// digit products; the body must not touch objects or the small-block heap.
@inline(__always) func besideOthers<T: ~Copyable>(
  _ work: Int, _ reason: StaticString, _ a: Ref, _ b: Ref, _ body: () -> T
) -> T {
  if work < 50_000 { return body() }
  // Another thread may drop the reference that the caller borrowed.
  incref(a)
  incref(b)
  let saved = lockRelease(cString(reason))
  let result = body()
  lockTake(saved)
  decref(a)
  decref(b)
  return result
}
/// A product that does not overflow.
@inline(__always) func work(_ a: Int, _ b: Int) -> Int {
  let (p, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? Int.max : p
}
