// The C API of monitoring: code that is not Python's own (of Cython, say) tells the tools what it does. A caller keeps
// a byte of state per event, whose bits are the tools that want it, and calls in here only if one does.

import CGila
import GilaCore

/// A caller's state of one event.
struct MonitoringState {
  /// The tools that want the event; a callback that answers DISABLE takes its tool out.
  var active: UInt8
  var opaque: UInt8
}

/// Fills in who wants the events, unless nothing has changed since the version the caller saw last.
@c(PyMonitoring_EnterScope) public func enterMonitoringScope(
  _ states: UnsafeMutableRawPointer?, _ version: UnsafeMutablePointer<UInt64>?, _ events: UnsafePointer<UInt8>?,
  _ count: Int
) -> Int32 {
  guard let states = states?.assumingMemoryBound(to: MonitoringState.self), let version, let events else { return 0 }
  if version.pointee == Monitoring.version { return 0 }
  for i in 0..<max(count, 0) {
    states[i].active = Monitoring.Event(rawValue: Int(events[i])).map(Monitoring.toolsThatWant) ?? 0
  }
  version.pointee = Monitoring.version
  return 0
}
@c(PyMonitoring_ExitScope) public func exitMonitoringScope() -> Int32 { 0 }

private typealias State = UnsafeMutableRawPointer

/// Calls the callbacks of an event with the code, a place, and up to two objects.
private func fire(
  _ e: Monitoring.Event, _ state: State?, _ code: Ref?, _ offset: Int32, line: Int32? = nil, _ first: Ref? = nil,
  _ second: Ref? = nil
) -> Int32 {
  guard let state = state?.assumingMemoryBound(to: MonitoringState.self), let code else { return 0 }
  if offset < 0 {
    _ = valueError("offset must be non-negative")
    return -1
  }
  guard let place = PyLong_FromLong(Int(line ?? offset)) else { return -1 }
  let held = Owned(taking: place)
  return Monitoring.fire(e, &state.pointee.active, code, held.ref, first, second) ? 0 : -1
}
/// An event about the pending exception, which stays pending unless a callback raises.
private func fireException(_ e: Monitoring.Event, _ state: State?, _ code: Ref?, _ offset: Int32) -> Int32 {
  guard let x = PyErr_GetRaisedException() else {
    _ = valueError("Firing event \(e.rawValue) with no exception set")
    return -1
  }
  if fire(e, state, code, offset, x) < 0 {
    decref(x)
    return -1
  }
  PyErr_SetRaisedException(x)
  return 0
}

@c(_PyMonitoring_FirePyStartEvent) public func firePyStart(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32
) -> Int32 { fire(.pyStart, s, code, offset) }
@c(_PyMonitoring_FirePyResumeEvent) public func firePyResume(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32
) -> Int32 { fire(.pyResume, s, code, offset) }
@c(_PyMonitoring_FirePyReturnEvent) public func firePyReturn(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32, _ value: Ref?
) -> Int32 { fire(.pyReturn, s, code, offset, value) }
@c(_PyMonitoring_FirePyYieldEvent) public func firePyYield(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32, _ value: Ref?
) -> Int32 { fire(.pyYield, s, code, offset, value) }
@c(_PyMonitoring_FireCallEvent) public func fireCall(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32, _ callable: Ref?, _ argument: Ref?
) -> Int32 { fire(.call, s, code, offset, callable, argument) }
@c(_PyMonitoring_FireLineEvent) public func fireLine(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32, _ line: Int32
) -> Int32 { fire(.line, s, code, offset, line: line) }
@c(_PyMonitoring_FireJumpEvent) public func fireJump(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32, _ target: Ref?
) -> Int32 { fire(.jump, s, code, offset, target) }
@c(_PyMonitoring_FireBranchEvent) public func fireBranch(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32, _ target: Ref?
) -> Int32 { fire(.branch, s, code, offset, target) }
@c(_PyMonitoring_FireCReturnEvent) public func fireCReturn(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32, _ value: Ref?
) -> Int32 { fire(.cReturn, s, code, offset, value) }
@c(_PyMonitoring_FirePyThrowEvent) public func firePyThrow(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32
) -> Int32 { fireException(.pyThrow, s, code, offset) }
@c(_PyMonitoring_FireRaiseEvent) public func fireRaise(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32
) -> Int32 { fireException(.raise, s, code, offset) }
@c(_PyMonitoring_FireReraiseEvent) public func fireReraise(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32
) -> Int32 { fireException(.reraise, s, code, offset) }
@c(_PyMonitoring_FireExceptionHandledEvent) public func fireExceptionHandled(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32
) -> Int32 { fireException(.exceptionHandled, s, code, offset) }
@c(_PyMonitoring_FireCRaiseEvent) public func fireCRaise(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32
) -> Int32 { fireException(.cRaise, s, code, offset) }
@c(_PyMonitoring_FirePyUnwindEvent) public func firePyUnwind(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32
) -> Int32 { fireException(.pyUnwind, s, code, offset) }
/// The exception that an iterator ends with is made for the callbacks only.
@c(_PyMonitoring_FireStopIterationEvent) public func fireStopIteration(
  _ s: UnsafeMutableRawPointer?, _ code: Ref?, _ offset: Int32, _ value: Ref?
) -> Int32 {
  guard let x = PyObject_CallOneArg(Exc.StopIteration.object, value ?? none) else { return -1 }
  let held = Owned(taking: x)
  return fire(.stopIteration, s, code, offset, held.ref)
}
