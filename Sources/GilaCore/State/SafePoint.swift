import CGila

/// A place inside a long native loop where other threads may run, and where the main thread runs its signal handlers.
/// Costs a load and a branch. Objects that other threads can reach must be in order here, as at a call of Python code;
/// what Python promises to be atomic (`list.sort`, `dict[k] = v`, `list.extend(list)`, …) has none inside.
@inlinable @inline(__always) public func safePoint() throws(PyError) {
  if gila_relaxed_load(gila_eval_breaker(gila_ts())) & UInt(GILA_BREAK_LOCK | GILA_BREAK_SIGNALS) != 0 {
    try safePointSlowly()
  }
}
/// A safe point in a loop over an iterator. Only numbers of a range pass: of everything else programs expect that no other
/// thread comes in between (`list(d.items())`, `sum(d.values())`).
@inlinable @inline(__always) public func safePoint(iterating it: Ref) throws(PyError) {
  if it.type == Types.rangeIter || it.type == Types.longRangeIter { try safePoint() }
}
@inline(never) public func safePointSlowly() throws(PyError) {
  let ts = gila_ts()
  let bits = gila_atomic_load(gila_eval_breaker(ts))
  if bits & UInt(GILA_BREAK_LOCK) != 0 { gila_lock_switch(ts) }
  if bits & UInt(GILA_BREAK_SIGNALS) != 0 {
    gila_atomic_and(gila_eval_breaker(ts), ~UInt(GILA_BREAK_SIGNALS))
    try check(PyErr_CheckSignals())
  }
}
