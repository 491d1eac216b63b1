// Running Python's signal handlers: in the main thread, at a point where Python code may run.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum PendingSignals {
  /// Whether this is the thread that runs signal handlers.
  static var isMainThread: Bool {
    let thread = currentThread
    return currentInterpreter.pointee.main_thread == thread && currentInterpreter.pointee.id == 0
  }

  /// Has signals make the main thread look. It is another one in the child of a thread's fork.
  static func tellMainThread() {
    guard let main = currentInterpreter.pointee.main_thread else { return }
    gila_set_signal_breaker(main, gila_eval_breaker(main), UInt(GILA_BREAK_SIGNALS))
  }

  /// The handlers as Python set them, by number: an int for the system's doing, None for foreign handlers.
  static var handlers: Ref? { SystemSlot.signalHandlers.object }
  static func handler(_ number: Int32) -> Ref {
    guard let list = handlers, Int(number) < PyList_Size(list) else { return none }
    return PyList_GetItem(list, Int(number)) ?? none
  }

  /// Calls the handlers of the signals that arrived. When one raises, the rest waits for the next check.
  static func run() throws(PyError) {
    guard isMainThread else { return }
    // First, so that the bit is never left behind without a signal: it ends waits.
    let word = gila_eval_breaker(currentThread)
    if gila_relaxed_load(word) & UInt(GILA_BREAK_SIGNALS) != 0 { gila_atomic_and(word, ~UInt(GILA_BREAK_SIGNALS)) }
    guard gila_take_any_signal() else { return }
    reportWakeupError()
    var frame: Owned? = nil
    for number in 1..<signalCount where gila_take_signal(number) {
      let f = Owned(retaining: handler(number))
      if f.ref.isNone || f.ref.isLong {
        reportRace(number)
        continue
      }
      do throws(PyError) {
        if frame == nil { frame = currentFrame() }
        let n = try int(number)
        var arguments: (Ref?, Ref?) = (n.ref, none)
        switch frame {
        case .some(let r): arguments.1 = r.ref
        case .none: break
        }
        let result = withUnsafePointer(to: &arguments) { p in
          p.withMemoryRebound(to: Ref?.self, capacity: 2) { PyObject_Vectorcall(f.ref, $0, 2, nil) }
        }
        _ = try owned(result)
      } catch {
        // Whatever else arrived is looked for again.
        gila_look_again()
        throw error
      }
    }
  }
  private static func currentFrame() -> Owned {
    guard let frame = PyEval_GetFrame() else {
      PyErr_Clear()
      return noneOwned()
    }
    return Owned(retaining: UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self))
  }

  /// The handler was taken away between the signal's arrival and now.
  private static func reportRace(_ number: Int32) {
    _ = raise(Exc.OSError, "Signal \(number) ignored due to race condition")
    PyErr_WriteUnraisable(none)
  }
  private static func reportWakeupError() {
    let number = gila_take_wakeup_error()
    if number == 0 { return }
    errno = number
    PyErr_SetFromErrno(Exc.OSError.object)
    gila_unraisable(PyUnicode_FromString("Exception ignored when trying to write to the signal wakeup fd"))
  }
}

// MARK: C API

@c @implementation public func PyErr_CheckSignals() -> Int32 {
  bridgeStatus { () throws(PyError) in try PendingSignals.run() }
}
/// Acts as if a signal had arrived; unlike most of the C API, without the lock. -1 when there is no such signal.
@c @implementation public func PyErr_SetInterruptEx(_ number: Int32) -> Int32 {
  guard number >= 1, number < signalCount else { return -1 }
  if !PendingSignals.handler(number).isLong, gila_get_disposition(number) == Int32(GILA_SIGNAL_HANDLED.rawValue) {
    gila_note_signal(number)
  }
  return 0
}
@c @implementation public func PyErr_SetInterrupt() { _ = PyErr_SetInterruptEx(SIGINT) }
/// Whether SIGINT arrived; it counts as handled.
@c @implementation public func PyOS_InterruptOccurred() -> Int32 {
  PendingSignals.isMainThread && gila_take_signal(SIGINT) ? 1 : 0
}
