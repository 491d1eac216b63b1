import CGila
import GilaCore
import Glibc

/// What `gc.set_debug` makes the collector say on sys.stderr, and what is said of garbage at the end of the program.
struct GarbageReport {
  static let stats: Int32 = 1
  static let collectable: Int32 = 2
  static let uncollectable: Int32 = 4
  static let saveAll: Int32 = 32

  private let start: Double

  static func begin(_ generation: Int) -> GarbageReport? {
    guard currentInterpreter.pointee.gc_debug & stats != 0 else { return nil }
    write("gc: collecting generation \(generation)...\n")
    let counts = (0..<3).map { " \(Collection.count(GC.list(GC.generation($0))))" }.joined()
    write("gc: objects in each generation:\(counts)\n")
    write("gc: objects in permanent generation: \(CollectorQueries.frozenCount())\n")
    return GarbageReport(start: now())
  }
  func end(_ outcome: Collection.Outcome) {
    let micro = Int((Self.now() - start) * 10000)
    let fraction = String(10000 + micro % 10000).dropFirst()
    Self.write(
      "gc: done, \(outcome.collected + outcome.uncollectable) unreachable, \(outcome.uncollectable) uncollectable, \(micro / 10000).\(fraction)s elapsed\n"
    )
  }
  static func list(_ objects: GC.Head, _ word: String, _ flag: Int32) {
    guard currentInterpreter.pointee.gc_debug & flag != 0 else { return }
    var h = GC.next(objects)
    while h != objects {
      let o = GC.object(h)
      write("gc: \(word) <\(typeName(of: o)) 0x\(String(UInt(bitPattern: o), radix: 16))>\n")
      h = GC.next(h)
    }
  }
  /// ResourceWarning for what is left in `gc.garbage`; with DEBUG_UNCOLLECTABLE the objects as well.
  static func atShutdown() {
    let interp = currentInterpreter
    guard interp.pointee.gc_debug & saveAll == 0, let garbage = interp.pointee.gc_garbage, garbage.size > 0 else {
      return
    }
    let lists = interp.pointee.gc_debug & uncollectable != 0
    let advice = lists ? "" : "; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them"
    let text = "gc: \(garbage.size) uncollectable objects at shutdown\(advice)"
    if PyErr_WarnExplicit(Exc.ResourceWarning.object, text, "gc", 0, "gc", nil) != 0 { PyErr_WriteUnraisable(nil) }
    guard lists else { return }
    guard let shown = PyObject_Repr(garbage) else { return PyErr_WriteUnraisable(garbage) }
    write("      \(swiftString(shown))\n")
    gila_decref(shown)
  }

  private static func now() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) / 1e9
  }
  private static func write(_ text: String) {
    guard let stream = PySys_GetObject("stderr"), stream != none else { return }
    if PyFile_WriteString(text, stream) < 0 { PyErr_Clear() }
  }
}
