import CGila
import GilaCore

/// What `keys()`, `values()` and `items()` of a persistent map give: iterators that know the size of the map.
enum MapIterator {
  enum Kind: Int { case keys, values, items }
  private struct Object {
    var ob_base: PyObject
    var root: Ref?
    var size: Int
    var cursor: MapCursor
  }
  nonisolated(unsafe) private static var types = InlineArray<3, TypeRef?>(repeating: nil)

  static func make(_ kind: Kind, _ root: Ref?, _ size: Int) throws(PyError) -> Owned {
    guard let type = types[kind.rawValue] else { throw systemError("types of maps are not ready") }
    let r = try owned(PyType_GenericAlloc(type, 0))
    let o = r.ref.cast(Object.self)
    o.pointee.size = size
    o.pointee.cursor = MapCursor(root)
    o.pointee.root = xnewRef(root)
    return r
  }
  private static func next(_ r: Ref) throws(PyError) -> Owned? {
    guard let (key, value) = r.cast(Object.self).pointee.cursor.next() else { return nil }
    if r.type == types[Kind.keys.rawValue] { return Owned(retaining: key) }
    if r.type == types[Kind.values.rawValue] { return Owned(retaining: value) }
    return try tuple(key, value)
  }

  static func install() -> Int32 {
    for (i, name) in (["keys", "values", "items"] as [StaticString]).enumerated() {
      let t = newStaticType()
      t.define(
        name, basicSize: MemoryLayout<Object>.size,
        flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
      t.pointee.tp_alloc = PyType_GenericAlloc
      t.pointee.tp_free = PyObject_GC_Del
      t.pointee.tp_dealloc = { r in
        PyObject_GC_UnTrack(r!.raw)
        xdecref(r!.cast(Object.self).pointee.root)
        PyObject_GC_Del(r!.raw)
      }
      t.pointee.tp_traverse = { r, f, k in visit(r!.cast(Object.self).pointee.root, f, k) }
      t.mapping.pointee.mp_length = { $0!.cast(Object.self).pointee.size }
      t.pointee.tp_iter = { newRef($0!) }
      t.pointee.tp_iternext = { r in
        do throws(PyError) { return try MapIterator.next(r!)?.take() } catch { return nil }
      }
      types[i] = t
      if PyType_Ready(t) < 0 { return -1 }
    }
    return 0
  }
}
