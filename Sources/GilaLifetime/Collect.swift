import CGila
import GilaCore

/// One collection: finds the objects of a generation that only each other reference, tells weak references, runs
/// finalizers (PEP 442), and breaks the cycles of what is still unreachable.
enum Collection {
  typealias Head = GC.Head

  // MARK: Counting references from outside

  /// Each object's count is its reference count less the references from inside the list: above zero means that
  /// something outside holds it.
  private static func computeCounts(_ list: Head) {
    var h = GC.next(list)
    while h != list {
      let n = UInt(bitPattern: GC.object(h).pointee.ob_refcnt)
      h.pointee.prev = (h.pointee.prev & GC.finalized) | GC.collecting | (n << GC.shift)
      h = GC.next(h)
    }
    h = GC.next(list)
    while h != list {
      let o = GC.object(h)
      _ = o.type.pointee.tp_traverse?(
        o,
        { child, _ in
          guard let child else { return 0 }
          if GC.isCollectable(child) {
            let h = GC.head(child)
            if h.pointee.prev & GC.collecting != 0 { h.pointee.prev &-= 1 << GC.shift }
          }
          return 0
        }, nil)
      h = GC.next(h)
    }
  }

  /// Splits `young` by what can be reached from objects with a positive count; the rest goes to `unreachable`, whose
  /// members carry a mark in `next`. Restores the back links of both.
  private static func splitReachable(_ young: Head, _ unreachable: Head) {
    var last = young
    var h = GC.next(young)
    while h != young {
      let following: Head
      if h.pointee.prev >> GC.shift != 0 {
        let o = GC.object(h)
        h.pointee.prev &= GC.finalized | GC.collecting
        _ = o.type.pointee.tp_traverse?(
          o,
          { child, context in
            guard let child, GC.isCollectable(child) else { return 0 }
            let h = GC.head(child)
            if h.pointee.prev & GC.collecting == 0 { return 0 }
            if h.pointee.next & GC.unreachableMark != 0 {
              // Set aside too early: back to the end of the list that is being walked.
              let young = context!.assumingMemoryBound(to: gila_gc_head.self)
              let p = GC.head(bits: h.pointee.prev & ~3)
              let n = GC.head(bits: h.pointee.next & ~GC.unreachableMark)
              p.pointee.next = GC.bits(n) | (p.pointee.next & GC.unreachableMark)
              GC.setPrev(n, p)
              let tail = GC.prev(young)
              tail.pointee.next = GC.bits(h)
              h.pointee.next = GC.bits(young)
              young.pointee.prev = GC.bits(h)
              h.pointee.prev = (h.pointee.prev & 3) | (1 << GC.shift)
            } else if h.pointee.prev >> GC.shift == 0 {
              h.pointee.prev |= 1 << GC.shift
            }
            return 0
          }, young)
        h.pointee.prev = (h.pointee.prev & GC.finalized) | GC.bits(last)
        last = h
        following = GC.next(h)
      } else {
        following = GC.next(h)
        last.pointee.next = GC.bits(following)
        let tail = GC.head(bits: unreachable.pointee.prev & ~3)
        tail.pointee.next = GC.bits(h) | (tail == unreachable ? 0 : GC.unreachableMark)
        h.pointee.prev = (h.pointee.prev & 3) | GC.bits(tail)
        h.pointee.next = GC.bits(unreachable) | GC.unreachableMark
        unreachable.pointee.prev = GC.bits(h)
      }
      h = following
    }
    young.pointee.prev = GC.bits(last)
    // The last reachable object may still point at what was moved away.
    last.pointee.next = GC.bits(young)
  }
  private static func unmark(_ unreachable: Head) {
    unreachable.pointee.next &= ~GC.unreachableMark
    var h = GC.next(unreachable)
    while h != unreachable {
      h.pointee.next &= ~GC.unreachableMark
      h.pointee.prev &= ~GC.collecting
      h = GC.next(h)
    }
  }

  // MARK: Weak references and finalizers

  /// Clears the weak references to doomed objects first, then calls the callbacks of those that live on.
  private static func clearWeakReferences(_ unreachable: Head) {
    // Which weak references are doomed themselves is told by the collecting bit, set again for this walk.
    var h = GC.next(unreachable)
    while h != unreachable {
      h.pointee.prev |= GC.collecting
      h = GC.next(h)
    }
    guard let calls = PyList_New(0) else {
      PyErr_Clear()
      return
    }
    h = GC.next(unreachable)
    while h != unreachable {
      let o = GC.object(h)
      h = GC.next(h)
      // A doomed weak reference must not call back while its cycle is being broken, even for an object the collector
      // cannot see.
      if WeakList.isReference(o) { WeakList.detach(o.cast(PyWeakReference.self)) }
      guard let list = WeakList.slot(o) else { continue }
      while let w = list.pointee {
        let r = UnsafeMutableRawPointer(w).assumingMemoryBound(to: PyObject.self)
        let callback = w.pointee.wr_callback
        WeakList.detach(w)
        if let callback {
          w.pointee.wr_callback = nil
          let doomed = GC.isCollectable(r) && GC.head(r).pointee.prev & GC.collecting != 0
          if !doomed, let pair = PyTuple_New(2) {
            gila_incref(r)
            PyTuple_SetItem(pair, 0, r)
            PyTuple_SetItem(pair, 1, callback)
            PyList_Append(calls, pair)
            gila_decref(pair)
          } else {
            // Dropping the callback may run code; it must not see half-dead objects, so it is kept until the end.
            if let holder = PyTuple_New(1) {
              PyTuple_SetItem(holder, 0, callback)
              PyList_Append(calls, holder)
              gila_decref(holder)
            }
          }
        }
      }
    }
    h = GC.next(unreachable)
    while h != unreachable {
      h.pointee.prev &= ~GC.collecting
      h = GC.next(h)
    }
    for i in 0..<calls.size {
      let entry = PyList_GetItem(calls, i)!
      if entry.size != 2 { continue }
      let weak = PyTuple_GetItem(entry, 0)!
      if let result = PyObject_CallOneArg(PyTuple_GetItem(entry, 1), weak) {
        gila_decref(result)
      } else {
        PyErr_WriteUnraisable(PyTuple_GetItem(entry, 1))
      }
    }
    gila_decref(calls)
  }

  private static func finalize(_ list: Head) {
    var seen = gila_gc_head()
    withUnsafeMutablePointer(to: &seen) { seen in
      GC.initialize(seen)
      while !GC.isEmpty(list) {
        let h = GC.next(list)
        let o = GC.object(h)
        GC.move(h, seen)
        if let finalize = o.type.pointee.tp_finalize, h.pointee.prev & GC.finalized == 0 {
          h.pointee.prev |= GC.finalized
          gila_incref(o)
          finalize(o)
          gila_decref(o)
        }
      }
      GC.merge(seen, list)
    }
  }

  // MARK: Tuples of atoms

  /// Takes the tuples out that can never be part of a cycle: those of objects that are not tracked themselves.
  private static func untrackTuples(_ young: Head) {
    var h = GC.next(young)
    while h != young {
      let following = GC.next(h)
      let o = GC.object(h)
      if o.type == Types.tuple, isAtomic(o) { GC.remove(h) }
      h = following
    }
  }
  private static func isAtomic(_ tuple: Ref) -> Bool {
    let items = gila_tuple_items(tuple)
    for i in 0..<tuple.size {
      // NULL: still being filled.
      guard let x = items[i] else { return false }
      if GC.isCollectable(x) && (x.type != Types.tuple || GC.isTracked(x)) { return false }
    }
    return true
  }

  /// Breaks the cycles. Objects that survive (resurrected by a `tp_clear`) go to `old`.
  private static func breakCycles(_ garbage: Head, _ old: Head, _ ts: ThreadRef) {
    let interp = currentInterpreter
    while !GC.isEmpty(garbage) {
      let h = GC.next(garbage)
      let o = GC.object(h)
      if interp.pointee.gc_debug & GarbageReport.saveAll != 0 {
        GarbageList.add(o)
      } else if let clear = o.type.pointee.tp_clear {
        gila_incref(o)
        _ = clear(o)
        if errorIsSet { PyErr_WriteUnraisable(o.type.object) }
        gila_decref(o)
      }
      if GC.next(garbage) == h { GC.move(h, old) }
    }
  }

  // MARK: The whole

  /// What a collection found unreachable.
  struct Outcome {
    var collected = 0
    var uncollectable = 0
  }

  /// Collects generation `index` and those younger.
  @discardableResult static func run(_ index: Int) -> Outcome {
    let interp = currentInterpreter
    let ts = currentThread
    if interp.pointee.gc_collecting != 0 { return Outcome() }
    interp.pointee.gc_collecting = 1
    defer { interp.pointee.gc_collecting = 0 }
    let saved = PyErr_GetRaisedException()
    let report = GarbageReport.begin(index)
    if index + 1 < 3 { GC.generation(index + 1).pointee.count += 1 }
    for i in 0...index { GC.generation(i).pointee.count = 0 }
    let young = GC.list(GC.generation(index))
    for i in 0..<index { GC.merge(GC.list(GC.generation(i)), young) }
    let old = index < 2 ? GC.list(GC.generation(index + 1)) : young

    var lists = (unreachable: gila_gc_head(), still: gila_gc_head(), legacy: gila_gc_head())
    var outcome = Outcome()
    withUnsafeMutablePointer(to: &lists) { lists in
      let unreachable = UnsafeMutableRawPointer(lists).assumingMemoryBound(to: gila_gc_head.self)
      let still = unreachable + 1, legacy = unreachable + 2
      GC.initialize(unreachable)
      GC.initialize(still)
      GC.initialize(legacy)
      computeCounts(young)
      splitReachable(young, unreachable)
      unmark(unreachable)
      untrackTuples(young)
      if young != old {
        if index == 1 { interp.pointee.long_lived_pending += count(young) }
        GC.merge(young, old)
      } else {
        interp.pointee.long_lived_pending = 0
        interp.pointee.long_lived_total = count(young)
      }
      if GC.isEmpty(unreachable) { return }
      LegacyFinalizers.set(aside: legacy, of: unreachable)
      GarbageReport.list(unreachable, "collectable", GarbageReport.collectable)
      clearWeakReferences(unreachable)
      finalize(unreachable)
      // Finalizers may have made some reachable again.
      computeCounts(unreachable)
      splitReachable(unreachable, still)
      unmark(still)
      GC.merge(unreachable, old)
      outcome.collected = count(still)
      breakCycles(still, old, ts)
      outcome.uncollectable = count(legacy)
      GarbageReport.list(legacy, "uncollectable", GarbageReport.uncollectable)
      LegacyFinalizers.hand(over: legacy, to: old)
    }
    let g = GC.generation(index)
    g.pointee.collections += 1
    g.pointee.collected += outcome.collected
    g.pointee.uncollectable += outcome.uncollectable
    report?.end(outcome)
    PyErr_SetRaisedException(saved)
    return outcome
  }
  static func count(_ list: Head) -> Int {
    var n = 0
    var h = GC.next(list)
    while h != list {
      n += 1
      h = GC.next(h)
    }
    return n
  }

  /// The generation that is due, collected; called by the eval loop when the breaker's GC bit is set.
  static func runIfDue() {
    let interp = currentInterpreter
    guard interp.pointee.gc_enabled != 0 else { return }
    for i in stride(from: 2, through: 0, by: -1) {
      let g = GC.generation(i)
      if g.pointee.count > g.pointee.threshold && (i > 0 || g.pointee.threshold != 0) {
        // A full collection only once a quarter more objects survived than the last one left.
        if i == 2 && interp.pointee.long_lived_pending < interp.pointee.long_lived_total / 4 { continue }
        withCallbacks(i)
        return
      }
    }
  }
  /// A collection between the calls of `gc.callbacks`.
  @discardableResult static func withCallbacks(_ index: Int) -> Int {
    let interp = currentInterpreter
    if interp.pointee.gc_collecting != 0 { return 0 }
    notify("start", index, Outcome())
    let outcome = run(index)
    notify("stop", index, outcome)
    return outcome.collected + outcome.uncollectable
  }
  private static func notify(_ phase: String, _ index: Int, _ outcome: Outcome) {
    guard let callbacks = currentInterpreter.pointee.gc_callbacks, callbacks.size > 0 else { return }
    guard let info = PyDict_New() else {
      PyErr_Clear()
      return
    }
    for (name, value) in [
      ("generation", index), ("collected", outcome.collected), ("uncollectable", outcome.uncollectable),
    ] {
      if let v = PyLong_FromLong(value) {
        PyDict_SetItemString(info, name, v)
        gila_decref(v)
      }
    }
    let text = PyUnicode_FromString(phase)
    var i = 0
    while i < callbacks.size {
      let callback = newRef(PyList_GetItem(callbacks, i)!)
      var arguments: (Ref?, Ref?) = (text, info)
      let result = withUnsafePointer(to: &arguments) {
        PyObject_Vectorcall(callback, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 2, nil)
      }
      if let result { gila_decref(result) } else { PyErr_WriteUnraisable(callback) }
      gila_decref(callback)
      i += 1
    }
    xdecref(text)
    gila_decref(info)
  }
}

@c @implementation public func PyGC_Collect() -> Int {
  guard currentInterpreter.pointee.gc_enabled != 0 else { return 0 }
  return Collection.withCallbacks(2)
}
@c @implementation public func PyGC_Enable() -> Int32 {
  let old = currentInterpreter.pointee.gc_enabled
  currentInterpreter.pointee.gc_enabled = 1
  return old
}
@c @implementation public func PyGC_Disable() -> Int32 {
  let old = currentInterpreter.pointee.gc_enabled
  currentInterpreter.pointee.gc_enabled = 0
  return old
}
@c @implementation public func PyGC_IsEnabled() -> Int32 { currentInterpreter.pointee.gc_enabled }
@c @implementation public func gila_collect_if_due() { Collection.runIfDue() }

// MARK: Finalizers

@c @implementation public func PyObject_CallFinalizer(_ o: Ref!) {
  guard let finalize = o.type.pointee.tp_finalize else { return }
  let gc = GC.isCollectable(o)
  if gc && GC.isFinalized(o) { return }
  finalize(o)
  if gc { GC.setFinalized(o) }
}
@c @implementation public func PyObject_CallFinalizerFromDealloc(_ o: Ref!) -> Int32 {
  let o = o.unsafelyUnwrapped
  o.pointee.ob_refcnt = 1
  PyObject_CallFinalizer(o)
  o.pointee.ob_refcnt -= 1
  if o.pointee.ob_refcnt == 0 { return 0 }
  return -1  // resurrected
}
