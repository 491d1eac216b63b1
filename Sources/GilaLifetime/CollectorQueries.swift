import CGila
import GilaCore

/// What the module `gc` asks of the collector.
public enum CollectorQueries {
  /// Collects a generation and those younger, whether or not automatic collection is on.
  @discardableResult public static func collect(_ generation: Int) -> Int { Collection.withCallbacks(generation) }

  /// The end of the program: says what is left in `gc.garbage`.
  public static func reportGarbage() { GarbageReport.atShutdown() }

  private static func permanent() -> GC.Head {
    let offset = MemoryLayout<PyInterpreterState>.offset(of: \.permanent).unsafelyUnwrapped
    return (UnsafeMutableRawPointer(currentInterpreter) + offset).assumingMemoryBound(to: gila_gc_head.self)
  }
  public static func generation(_ i: Int) -> UnsafeMutablePointer<gila_gc_generation> { GC.generation(i) }

  /// Takes all tracked objects out of the collector's sight.
  public static func freeze() {
    for i in 0..<3 {
      GC.merge(GC.list(GC.generation(i)), permanent())
      GC.generation(i).pointee.count = 0
    }
  }
  public static func unfreeze() { GC.merge(permanent(), GC.list(GC.generation(2))) }
  public static func frozenCount() -> Int { Collection.count(permanent()) }

  /// A new list of the tracked objects of one generation, or of all.
  public static func objects(_ generation: Int?) throws(PyError) -> Owned {
    let result = try owned(PyList_New(0))
    for i in 0..<3 where generation == nil || generation == i {
      try eachObject(GC.generation(i)) { o throws(PyError) in
        if o != result.ref { try check(PyList_Append(result.ref, o)) }
      }
    }
    return result
  }
  /// The objects are found first: what `body` does may change the generations.
  private static func eachObject(
    _ g: UnsafeMutablePointer<gila_gc_generation>, _ body: (Ref) throws(PyError) -> Void
  ) throws(PyError) {
    let list = GC.list(g)
    var found: [Ref] = []
    var h = GC.next(list)
    while h != list {
      found.append(GC.object(h))
      h = GC.next(h)
    }
    for o in found { gila_incref(o) }
    var failed = false
    for o in found where !failed {
      do throws(PyError) { try body(o) } catch { failed = true }
    }
    for o in found { gila_decref(o) }
    if failed { throw PyError() }
  }

  /// Calls a C function with every tracked object until it answers 0. Nothing is collected meanwhile.
  static func visit(_ body: (Ref) -> Bool) {
    let interp = currentInterpreter
    let wasOn = interp.pointee.gc_enabled
    interp.pointee.gc_enabled = 0
    defer { interp.pointee.gc_enabled = wasOn }
    for list in [GC.list(GC.generation(0)), GC.list(GC.generation(1)), GC.list(GC.generation(2)), permanent()] {
      var h = GC.next(list)
      while h != list {
        let o = Owned(retaining: GC.object(h))
        let goesOn = body(o.ref)
        h = GC.next(h)
        if !goesOn { return }
      }
    }
  }

  /// A new list of what the objects refer to directly.
  public static func referents(_ objects: UnsafeBufferPointer<Ref?>) throws(PyError) -> Owned {
    let result = try owned(PyList_New(0))
    for case let o? in objects where GC.isCollectable(o) {
      guard let traverse = o.type.pointee.tp_traverse else { continue }
      let status = traverse(
        o, { child, list in child == nil ? 0 : PyList_Append(list?.assumingMemoryBound(to: PyObject.self), child) },
        result.ref.raw)
      if status != 0 { throw PyError() }
    }
    return result
  }
  /// A new list of the tracked objects that refer directly to one of `wanted` (a tuple).
  public static func referrers(_ wanted: Ref) throws(PyError) -> Owned {
    let result = try owned(PyList_New(0))
    for i in 0..<3 {
      try eachObject(GC.generation(i)) { o throws(PyError) in
        guard o != result.ref, o != wanted, let traverse = o.type.pointee.tp_traverse else { return }
        let found = traverse(
          o,
          { child, tuple in
            guard let child, let tuple = tuple?.assumingMemoryBound(to: PyObject.self) else { return 0 }
            for i in 0..<tuple.size where gila_tuple_items(tuple)[i] == child { return 1 }
            return 0
          }, wanted.raw)
        if found != 0 { try check(PyList_Append(result.ref, o)) }
      }
    }
    return result
  }
}

@c @implementation public func PyUnstable_GC_VisitObjects(
  _ body: (@convention(c) (Ref?, UnsafeMutableRawPointer?) -> Int32)!, _ argument: UnsafeMutableRawPointer!
) {
  guard let body else { return }
  CollectorQueries.visit { body($0, argument) != 0 }
}
