import CGila
import GilaCore

extension Eval {
  /// What the eval breaker's bits ask for, at a safe point. False with an exception set.
  @inline(never) static func handleBreaker(_ ts: ThreadRef) -> Bool {
    let bits = gila_atomic_load(gila_eval_breaker(ts))
    if bits & UInt(GILA_BREAK_TRACE) != 0, let f = ts.pointee.current_frame { Tracing.instrument(f) }
    if bits & UInt(GILA_BREAK_SIGNALS) != 0 {
      gila_atomic_and(gila_eval_breaker(ts), ~UInt(GILA_BREAK_SIGNALS))
      if PyErr_CheckSignals() < 0 { return false }
    }
    if bits & UInt(GILA_BREAK_PENDING) != 0 {
      if Py_MakePendingCalls() < 0 { return false }
    }
    if bits & UInt(GILA_BREAK_GC) != 0 {
      gila_atomic_and(gila_eval_breaker(ts), ~UInt(GILA_BREAK_GC))
      gila_collect_if_due()
    }
    if bits & UInt(GILA_BREAK_LOCK) != 0 { gila_lock_switch(ts) }
    if bits & UInt(GILA_BREAK_ASYNC_EXCEPTION) != 0 {
      gila_atomic_and(gila_eval_breaker(ts), ~UInt(GILA_BREAK_ASYNC_EXCEPTION))
      if let e = ts.pointee.async_exc {
        ts.pointee.async_exc = nil
        PyErr_SetNone(e)
        gila_decref(e)
        return false
      }
    }
    return true
  }
}
