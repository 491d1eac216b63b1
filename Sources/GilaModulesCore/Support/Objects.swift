import CGila
import GilaCore

// What the modules of this target share.

/// Visits one reference of an object for the collector.
@inline(__always) func visit(_ r: Ref?, _ f: visitproc?, _ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let r else { return 0 }
  return f.unsafelyUnwrapped(r, context)
}
extension UnsafeMutablePointer where Pointee == PyObject {
  /// The i-th word behind the object's head as an owned reference.
  @inline(__always) func field(_ i: Int) -> UnsafeMutablePointer<Ref?> {
    (raw + (16 &+ i &* 8)).assumingMemoryBound(to: Ref?.self)
  }
}

/// The attribute, or nil if there is none.
func optionalAttribute(_ o: Ref, _ name: Ref) throws(PyError) -> Owned? {
  var v: Ref? = nil
  try check(PyObject_GetOptionalAttr(o, name, &v))
  return v.map { Owned(taking: $0) }
}
/// Calls a method with one argument.
func callMethod(_ o: Ref, _ name: Ref, _ argument: Ref) throws(PyError) -> Owned {
  let f = try owned(PyObject_GetAttr(o, name))
  return try owned(PyObject_CallOneArg(f.ref, argument))
}
/// New tuples of borrowed items.
func tuple(_ items: Ref...) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(items.count))
  for (i, item) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(item) }
  return t
}
