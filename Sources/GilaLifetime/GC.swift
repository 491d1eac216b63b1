import CGila
import GilaCore

/// The cycle collector's view of an object: 16 bytes before it. `next` links the generation's ring (0: untracked) with
/// flag bits in its low bits while collecting; `prev` links back, and holds the computed count during a collection.
///
/// Bits of `prev`: 0 finalized, 1 collecting; the count or pointer is shifted by 2. Bit 0 of `next`: unreachable mark.
public enum GC {
  public typealias Head = UnsafeMutablePointer<gila_gc_head>
  static let finalized: UInt = 1
  static let collecting: UInt = 2
  static let shift: UInt = 2
  static let unreachableMark: UInt = 1

  @inline(__always) static func head(_ o: Ref) -> Head {
    UnsafeMutableRawPointer(o.raw - 16).assumingMemoryBound(to: gila_gc_head.self)
  }
  @inline(__always) static func object(_ h: Head) -> Ref {
    (UnsafeMutableRawPointer(h) + 16).assumingMemoryBound(to: PyObject.self)
  }
  @inline(__always) static func head(bits: UInt) -> Head { Head(bitPattern: bits).unsafelyUnwrapped }
  @inline(__always) static func next(_ h: Head) -> Head { head(bits: h.pointee.next) }
  @inline(__always) static func prev(_ h: Head) -> Head { head(bits: h.pointee.prev & ~3) }
  @inline(__always) static func setPrev(_ h: Head, _ p: Head) {
    h.pointee.prev = (h.pointee.prev & 3) | UInt(bitPattern: p)
  }
  @inline(__always) static func bits(_ h: Head) -> UInt { UInt(bitPattern: h) }

  @inline(__always) public static func isTracked(_ o: Ref) -> Bool { head(o).pointee.next != 0 }
  @inline(__always) static func isFinalized(_ o: Ref) -> Bool { head(o).pointee.prev & finalized != 0 }
  @inline(__always) static func setFinalized(_ o: Ref) { head(o).pointee.prev |= finalized }

  /// Whether the object takes part in collection at all.
  @inline(__always) static func isCollectable(_ o: Ref) -> Bool {
    guard o.type.pointee.tp_flags & UInt(Py_TPFLAGS_HAVE_GC) != 0 else { return false }
    if let isGC = o.type.pointee.tp_is_gc { return isGC(o) != 0 }
    return true
  }

  static func generation(_ i: Int) -> UnsafeMutablePointer<gila_gc_generation> {
    let offset = MemoryLayout<PyInterpreterState>.offset(of: \.generations).unsafelyUnwrapped
    return (UnsafeMutableRawPointer(currentInterpreter) + offset).assumingMemoryBound(to: gila_gc_generation.self) + i
  }
  @inline(__always) static func list(_ g: UnsafeMutablePointer<gila_gc_generation>) -> Head {
    UnsafeMutableRawPointer(g).assumingMemoryBound(to: gila_gc_head.self)
  }
  static func initialize(_ list: Head) {
    list.pointee.next = bits(list)
    list.pointee.prev = bits(list)
  }
  static func isEmpty(_ list: Head) -> Bool { list.pointee.next == bits(list) }
  static func append(_ h: Head, _ list: Head) {
    let last = prev(list)
    h.pointee.prev = (h.pointee.prev & 3) | bits(last)
    h.pointee.next = bits(list)
    last.pointee.next = bits(h)
    list.pointee.prev = bits(h)
  }
  static func remove(_ h: Head) {
    let p = prev(h)
    let n = next(h)
    p.pointee.next = bits(n)
    setPrev(n, p)
    h.pointee.next = 0
  }
  static func move(_ h: Head, _ list: Head) {
    let p = prev(h)
    let n = head(bits: h.pointee.next)
    p.pointee.next = bits(n)
    setPrev(n, p)
    append(h, list)
  }
  static func merge(_ from: Head, _ to: Head) {
    if !isEmpty(from) {
      let toLast = prev(to)
      let first = next(from)
      let last = prev(from)
      toLast.pointee.next = bits(first)
      setPrev(first, toLast)
      last.pointee.next = bits(to)
      setPrev(to, last)
    }
    initialize(from)
  }

  @inline(__always) public static func track(_ o: Ref) {
    let h = head(o)
    let young = list(generation(0))
    let last = prev(young)
    h.pointee.next = bits(young)
    h.pointee.prev = (h.pointee.prev & finalized) | bits(last)
    last.pointee.next = bits(h)
    young.pointee.prev = bits(h)
  }
  @inline(__always) public static func untrackIfTracked(_ o: Ref) {
    let h = head(o)
    if h.pointee.next == 0 { return }
    let p = prev(h)
    let n = next(h)
    p.pointee.next = bits(n)
    setPrev(n, p)
    h.pointee.next = 0
    h.pointee.prev &= finalized
  }

  /// Gives the objects of an interpreter that ends to another one.
  public static func handOver(_ from: InterpreterRef, to: InterpreterRef) {
    let oldest = list(generations(to) + 2)
    for i in 0..<3 { merge(list(generations(from) + i), oldest) }
    let offset = MemoryLayout<PyInterpreterState>.offset(of: \.permanent).unsafelyUnwrapped
    merge((UnsafeMutableRawPointer(from) + offset).assumingMemoryBound(to: gila_gc_head.self), oldest)
  }
  private static func generations(_ interp: InterpreterRef) -> UnsafeMutablePointer<gila_gc_generation> {
    let offset = MemoryLayout<PyInterpreterState>.offset(of: \.generations).unsafelyUnwrapped
    return (UnsafeMutableRawPointer(interp) + offset).assumingMemoryBound(to: gila_gc_generation.self)
  }

  /// Prepares the generations of a new interpreter.
  public static func initialize(_ interp: InterpreterRef) {
    let thresholds: [Int32] = [2000, 10, 10]
    for i in 0..<3 {
      let g = generations(interp) + i
      initialize(list(g))
      g.pointee.threshold = thresholds[i]
    }
    let offset = MemoryLayout<PyInterpreterState>.offset(of: \.permanent).unsafelyUnwrapped
    initialize((UnsafeMutableRawPointer(interp) + offset).assumingMemoryBound(to: gila_gc_head.self))
    interp.pointee.gc_enabled = 1
  }
}

@c @implementation public func PyObject_GC_Track(_ p: UnsafeMutableRawPointer!) {
  let o = p.assumingMemoryBound(to: PyObject.self)
  if GC.isTracked(o) { return }
  GC.track(o)
}
@c @implementation public func PyObject_GC_UnTrack(_ p: UnsafeMutableRawPointer!) {
  GC.untrackIfTracked(p.assumingMemoryBound(to: PyObject.self))
}
@c @implementation public func gila_gc_track(_ o: Ref!) { GC.track(o) }
@c @implementation public func PyObject_GC_IsTracked(_ o: Ref!) -> Int32 {
  GC.isCollectable(o) && GC.isTracked(o) ? 1 : 0
}
@c @implementation public func PyObject_GC_IsFinalized(_ o: Ref!) -> Int32 {
  GC.isCollectable(o) && GC.isFinalized(o) ? 1 : 0
}
@c @implementation public func PyObject_IS_GC(_ o: Ref!) -> Int32 { GC.isCollectable(o) ? 1 : 0 }
