// What one interpreter may hand to another: values that nobody can change.

import CGila
import GilaCore

enum SharedValues {
  /// Raises NotShareableError, or what a value has in it, for one that cannot be shared.
  static func check(_ r: Ref) throws(PyError) {
    if r == none || r == pyTrue || r == pyFalse || r.isExactly(Types.unicode) || r.isExactly(Types.bytes)
      || r.isExactly(Types.float)
    {
      return
    }
    if r.isExactly(Types.long) {
      var overflow: Int32 = 0
      _ = PyLong_AsLongAndOverflow(r, &overflow)
      if overflow != 0 { throw raise(Exc.OverflowError, "try sending as bytes") }
      return
    }
    if r.isExactly(Types.tuple) {
      try GilaCore.check(gila_enter_recursive_call(" while sharing a tuple"))
      defer { Py_LeaveRecursiveCall() }
      for i in 0..<r.size { try check(gila_tuple_items(r)[i]!) }
      return
    }
    throw raise(InterpreterErrors.notShareable, "\(try strText(r)) does not support cross-interpreter data")
  }
  /// Whether a value is of a type that can be shared, whatever the items of a tuple are.
  static func isShareable(_ r: Ref) -> Bool {
    if r == none || r == pyTrue || r == pyFalse { return true }
    return [Types.unicode, Types.bytes, Types.float, Types.long, Types.tuple].contains { r.isExactly($0) }
  }

  /// The value for the current interpreter. Interpreters that share a lock have one memory: what cannot change is
  /// handed over as it is, and a tuple, which the cycle collector of its interpreter follows, is made again.
  static func copy(_ r: Ref) throws(PyError) -> Owned {
    guard r.isExactly(Types.tuple), r.size > 0 else { return Owned(retaining: r) }
    let t = try owned(PyTuple_New(r.size))
    for i in 0..<r.size { gila_tuple_items(t.ref)[i] = try copy(gila_tuple_items(r)[i]!).take() }
    return t
  }
  private static func strText(_ r: Ref) throws(PyError) -> String {
    let s = try owned(PyObject_Str(r))
    return swiftString(s.ref)
  }
}
