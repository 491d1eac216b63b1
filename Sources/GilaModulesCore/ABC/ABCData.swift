import CGila
import GilaCore

/// What an abstract base class remembers: registered classes, and the answers of `issubclass` so far.
enum ABCData {
  static let registry = 0, cache = 1, negative = 2

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_abc._abc_data", basicSize: 48, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc: "Internal state held by ABC machinery.")
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = { t, _, _ in PyType_GenericAlloc(t, 0) }
    t.pointee.tp_dealloc = { d in
      PyObject_GC_UnTrack(d!.raw)
      for i in 0..<3 { xdecref(d!.field(i).pointee) }
      d!.type.pointee.tp_free(d!.raw)
    }
    t.pointee.tp_traverse = { d, f, context in
      for i in 0..<3 {
        let r = visit(d!.field(i).pointee, f, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_clear = { d in
      for i in 0..<3 { GilaCore.clear(d!.field(i)) }
      return 0
    }
    return t
  }()
  /// The registration counter when the negative cache was last emptied.
  @inline(__always) static func version(_ d: Ref) -> UnsafeMutablePointer<Int> {
    (d.raw + 40).assumingMemoryBound(to: Int.self)
  }
  static func make(_ version: Int) throws(PyError) -> Owned {
    let d = try owned(PyType_GenericAlloc(type, 0))
    ABCData.version(d.ref).pointee = version
    return d
  }
  /// The data of an abstract base class.
  static func of(_ cls: Ref) throws(PyError) -> Owned {
    let d = try owned(PyObject_GetAttrString(cls, "_abc_impl"))
    guard d.ref.isExactly(type) else { throw typeError("_abc_impl is set to a wrong type") }
    return d
  }
}
