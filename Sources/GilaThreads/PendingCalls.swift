import CGila
import CGilaLock
import GilaCore
import Glibc

/// Functions that other threads, or signal handlers of C code, want the main thread to call at its next safe point.
private struct PendingCalls {
  static let capacity = 300
  var mutex: UInt32 = 0
  var first = 0
  var count = 0
  var isCalling = false
  var functions = UnsafeMutablePointer<(@convention(c) (UnsafeMutableRawPointer?) -> Int32)?>.allocate(capacity: 300)
  var arguments = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 300)

  static func of(_ interp: InterpreterRef) -> UnsafeMutablePointer<PendingCalls> {
    if let p = interp.pointee.pending { return p.assumingMemoryBound(to: PendingCalls.self) }
    let p = UnsafeMutablePointer<PendingCalls>.allocate(capacity: 1)
    p.initialize(to: PendingCalls())
    interp.pointee.pending = UnsafeMutableRawPointer(p)
    return p
  }
}
@c @implementation public func Py_AddPendingCall(
  _ f: (@convention(c) (UnsafeMutableRawPointer?) -> Int32)!, _ argument: UnsafeMutableRawPointer!
) -> Int32 {
  guard let interp = MainInterpreter.shared else { return -1 }
  let p = PendingCalls.of(interp)
  while !gila_cas32(&p.pointee.mutex, 0, 1) { sched_yield() }
  defer { gila_store32(&p.pointee.mutex, 0) }
  if p.pointee.count == PendingCalls.capacity { return -1 }
  let i = (p.pointee.first + p.pointee.count) % PendingCalls.capacity
  (p.pointee.functions + i).initialize(to: f)
  (p.pointee.arguments + i).initialize(to: argument)
  p.pointee.count += 1
  if let main = interp.pointee.main_thread { gila_atomic_or(gila_eval_breaker(main), UInt(GILA_BREAK_PENDING)) }
  return 0
}
@c @implementation public func Py_MakePendingCalls() -> Int32 {
  let ts = gila_ts()
  let interp = ts.pointee.interp!
  // As CPython's: extensions call this when a wait was interrupted.
  if PyErr_CheckSignals() < 0 { return -1 }
  gila_atomic_and(gila_eval_breaker(ts), ~UInt(GILA_BREAK_PENDING))
  guard ts == interp.pointee.main_thread, interp.pointee.pending != nil else { return 0 }
  let p = PendingCalls.of(interp)
  if p.pointee.isCalling { return 0 }
  p.pointee.isCalling = true
  defer { p.pointee.isCalling = false }
  // Those added meanwhile wait for the next time.
  var left = p.pointee.count
  while left > 0 {
    left -= 1
    while !gila_cas32(&p.pointee.mutex, 0, 1) { sched_yield() }
    if p.pointee.count == 0 {
      gila_store32(&p.pointee.mutex, 0)
      return 0
    }
    let f = p.pointee.functions[p.pointee.first], argument = p.pointee.arguments[p.pointee.first]
    p.pointee.first = (p.pointee.first + 1) % PendingCalls.capacity
    p.pointee.count -= 1
    gila_store32(&p.pointee.mutex, 0)
    if let f, f(argument) < 0 {
      if p.pointee.count > 0 { gila_atomic_or(gila_eval_breaker(ts), UInt(GILA_BREAK_PENDING)) }
      return -1
    }
  }
  if p.pointee.count > 0 { gila_atomic_or(gila_eval_breaker(ts), UInt(GILA_BREAK_PENDING)) }
  return 0
}
