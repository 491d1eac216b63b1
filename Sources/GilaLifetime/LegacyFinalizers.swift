import CGila
import GilaCore

/// Objects with a `tp_del`, the finalizer before PEP 442, which may run only once nothing refers to them: a cycle with
/// one in it is never broken. It goes to `gc.garbage`, where the program finds it.
enum LegacyFinalizers {
  /// Moves to `legacy` the objects of `unreachable` that have one, and all that they reach there.
  static func set(aside legacy: GC.Head, of unreachable: GC.Head) {
    var h = GC.next(unreachable)
    while h != unreachable {
      let following = GC.next(h)
      if GC.object(h).type.pointee.tp_del != nil { GC.move(h, legacy) }
      h = following
    }
    if GC.isEmpty(legacy) { return }
    // The collecting bit tells what is still in `unreachable`.
    mark(unreachable, true)
    h = GC.next(legacy)
    while h != legacy {
      let o = GC.object(h)
      _ = o.type.pointee.tp_traverse?(
        o,
        { child, legacy in
          guard let child, let legacy, GC.isCollectable(child) else { return 0 }
          let h = GC.head(child)
          if h.pointee.prev & GC.collecting != 0 {
            h.pointee.prev &= ~GC.collecting
            GC.move(h, legacy.assumingMemoryBound(to: gila_gc_head.self))
          }
          return 0
        }, legacy)
      h = GC.next(h)
    }
    mark(unreachable, false)
  }
  private static func mark(_ list: GC.Head, _ on: Bool) {
    var h = GC.next(list)
    while h != list {
      h.pointee.prev = on ? h.pointee.prev | GC.collecting : h.pointee.prev & ~GC.collecting
      h = GC.next(h)
    }
  }
  /// Puts those with a finalizer (all, if garbage is to be saved) into `gc.garbage`; everything lives on in `old`.
  static func hand(over legacy: GC.Head, to old: GC.Head) {
    let all = currentInterpreter.pointee.gc_debug & GarbageReport.saveAll != 0
    var h = GC.next(legacy)
    while h != legacy {
      let o = GC.object(h)
      if all || o.type.pointee.tp_del != nil { GarbageList.add(o) }
      h = GC.next(h)
    }
    GC.merge(legacy, old)
  }
}

/// `gc.garbage`.
enum GarbageList {
  static func add(_ o: Ref) {
    let interp = currentInterpreter
    if interp.pointee.gc_garbage == nil { interp.pointee.gc_garbage = PyList_New(0) }
    guard let list = interp.pointee.gc_garbage, PyList_Append(list, o) == 0 else { return PyErr_Clear() }
  }
}
