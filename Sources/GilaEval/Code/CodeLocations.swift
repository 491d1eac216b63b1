import CGila
import GilaCore

/// The location table of a code object (PEP 626 in the format of 3.11 and later): for each run of units a line range and
/// a column range.
struct CodeLocations {
  /// Units from `start` to `end`; -1 where there is none.
  struct Entry {
    var start = 0
    var end = 0
    var line = -1
    var endLine = -1
    var column = -1
    var endColumn = -1
  }
  private let table: Ref
  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private var at = 0
  private var unit = 0
  private var line: Int

  init(_ c: CodeRef) {
    table = c.pointee.co_linetable!
    bytes = UnsafeRawPointer(PyBytes_AsString(table)!).assumingMemoryBound(to: UInt8.self)
    count = table.size
    line = Int(c.pointee.co_firstlineno)
  }
  private mutating func byte() -> Int {
    if at >= count { return 0 }
    at += 1
    return Int(bytes[at - 1])
  }
  private mutating func number() -> Int {
    var v = 0, shift = 0
    while at < count {
      let b = byte()
      if shift < 60 { v |= (b & 63) << shift }
      shift += 6
      if b & 64 == 0 { break }
    }
    return v
  }
  private mutating func signed() -> Int {
    let v = number()
    return v & 1 != 0 ? -(v >> 1) : v >> 1
  }
  mutating func next() -> Entry? {
    if at >= count { return nil }
    let head = byte()
    var e = Entry()
    e.start = unit
    unit += (head & 7) + 1
    e.end = unit
    let kind = (head >> 3) & 15
    switch kind {
    case 15: return e
    case 14:
      line = line &+ signed()
      e.line = line
      e.endLine = line &+ number()
      e.column = number() - 1
      e.endColumn = number() - 1
    case 13:
      line = line &+ signed()
      e.line = line
      e.endLine = line
    case 10, 11, 12:
      line = line &+ (kind - 10)
      e.line = line
      e.endLine = line
      e.column = byte()
      e.endColumn = byte()
    default:
      let second = byte()
      e.line = line
      e.endLine = line
      e.column = kind << 3 | second >> 4
      e.endColumn = e.column + (second & 15)
    }
    return e
  }
  /// The entry of a unit.
  static func of(_ c: CodeRef, _ unit: Int) -> Entry? {
    var t = CodeLocations(c)
    while let e = t.next() { if unit < e.end { return e } }
    return nil
  }
}

/// The iterators of `co_lines()` and `co_positions()`.
enum CodeIterators {
  struct Object {
    var ob_base: PyObject
    var code: Ref?
    var index: Int
  }
  private static func define(_ t: TypeRef, _ name: StaticString, _ next: @escaping iternextfunc) {
    t.define(name, basicSize: MemoryLayout<Object>.stride, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = next
    t.pointee.tp_dealloc = { r in
      xdecref(r!.cast(Object.self).pointee.code)
      PyObject_Free(r!.raw)
    }
  }
  static func install() {
    define(Types.lineIterator, "line_iterator") { r in CodeIterators.nextLine(r!) }
    define(Types.positionsIterator, "positions_iterator") { r in CodeIterators.nextPosition(r!) }
  }
  static func make(_ t: TypeRef, _ code: Ref) -> Ref? {
    guard let r = PyType_GenericAlloc(t, 0) else { return nil }
    r.cast(Object.self).pointee.code = newRef(code)
    r.cast(Object.self).pointee.index = 0
    return r
  }
  private static func optional(_ n: Int) -> Ref? { n < 0 ? newRef(none) : PyLong_FromLong(n) }
  private static func tuple(_ items: [Ref?]) -> Ref? {
    guard let t = PyTuple_New(items.count) else { return nil }
    for (i, x) in items.enumerated() {
      guard let x else {
        gila_decref(t)
        return nil
      }
      gila_tuple_items(t)[i] = x
    }
    return t
  }
  /// Runs of the same line, joined.
  private static func nextLine(_ r: Ref) -> Ref? {
    let o = r.cast(Object.self)
    var t = CodeLocations(o.pointee.code!.cast(PyCodeObject.self))
    var run: CodeLocations.Entry? = nil
    while let e = t.next() {
      if e.end <= o.pointee.index { continue }
      if var x = run {
        if x.line != e.line { break }
        x.end = e.end
        run = x
      } else {
        run = e
      }
    }
    guard let run else { return nil }
    o.pointee.index = run.end
    return tuple([PyLong_FromLong(run.start * 2), PyLong_FromLong(run.end * 2), optional(run.line)])
  }
  private static func nextPosition(_ r: Ref) -> Ref? {
    let o = r.cast(Object.self)
    let code = o.pointee.code!.cast(PyCodeObject.self)
    if o.pointee.index >= o.pointee.code!.size { return nil }
    guard let e = CodeLocations.of(code, o.pointee.index) else { return nil }
    o.pointee.index += 1
    return tuple([optional(e.line), optional(e.endLine), optional(e.column), optional(e.endColumn)])
  }
}
