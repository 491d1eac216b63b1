// What the runtime's modules share: calls of methods, tuples, attributes, arguments.

import CGila
import GilaCore

typealias Items = UnsafeMutablePointer<Ref?>

/// The objects that this target keeps for each interpreter.
public enum RuntimeSlot {
  /// Modules of extensions by their definition's index (a list).
  static let modulesByIndex = InterpreterSlot(97)
  /// The full name of the extension that is being loaded (a str).
  static let packageContext = InterpreterSlot(98)
  /// Extension modules that were initialised in one phase: (path, name) to the module's definition or a copy of its dict.
  static let extensions = InterpreterSlot(99)
  /// `_warnings.filters`, `_onceregistry`, `_defaultaction`.
  static let warningFilters = InterpreterSlot(100)
  static let onceRegistry = InterpreterSlot(101)
  static let defaultAction = InterpreterSlot(102)
  /// The module `sys`.
  public static let sys = InterpreterSlot(103)
  /// The type of the argument of `sys.unraisablehook`.
  static let unraisableArguments = InterpreterSlot(104)
  /// A counter (int) that `_warnings._filters_mutated` raises.
  static let filtersVersion = InterpreterSlot(105)
  /// Functions registered with `sys.addaudithook` are in `PyInterpreterState.audit_hooks`.
  /// The asynchronous generator hooks live in the thread state.
  /// `builtins.__import__` as start-up made it.
  public static let importFunction = InterpreterSlot(106)
}

/// Calls a method with up to three positional arguments.
func callMethod(_ o: Ref, _ name: StaticString, _ a: Ref? = nil, _ b: Ref? = nil, _ c: Ref? = nil) throws(PyError)
  -> Owned
{
  var arguments: (Ref?, Ref?, Ref?, Ref?) = (o, a, b, c)
  let count = a == nil ? 1 : b == nil ? 2 : c == nil ? 3 : 4
  var result: Ref? = nil
  withUnsafePointer(to: &arguments) { p in
    result = PyObject_VectorcallMethod(
      gila_intern(cString(name)), UnsafeRawPointer(p).assumingMemoryBound(to: Ref?.self), count, nil)
  }
  return try owned(result)
}
/// Calls an object with up to three positional arguments.
func call(_ f: Ref, _ a: Ref? = nil, _ b: Ref? = nil, _ c: Ref? = nil) throws(PyError) -> Owned {
  var arguments: (Ref?, Ref?, Ref?) = (a, b, c)
  let count = a == nil ? 0 : b == nil ? 1 : c == nil ? 2 : 3
  var result: Ref? = nil
  withUnsafePointer(to: &arguments) { p in
    result = PyObject_Vectorcall(f, UnsafeRawPointer(p).assumingMemoryBound(to: Ref?.self), count, nil)
  }
  return try owned(result)
}
/// An attribute.
func attribute(_ o: Ref, _ name: StaticString) throws(PyError) -> Owned {
  try owned(PyObject_GetAttr(o, gila_intern(cString(name))))
}
/// An attribute that need not be there (a new reference).
func optionalAttribute(_ o: Ref, _ name: StaticString) throws(PyError) -> Ref? {
  var r: Ref? = nil
  try check(PyObject_GetOptionalAttr(o, gila_intern(cString(name)), &r))
  return r
}
/// A value of a dict (borrowed); nil if it is not there.
func dictValue(_ dict: Ref, _ name: StaticString) throws(PyError) -> Ref? {
  let r = PyDict_GetItemWithError(dict, gila_intern(cString(name)))
  if r == nil && errorIsSet { throw PyError() }
  return r
}
func tuple(_ a: Ref) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(1))
  gila_tuple_items(t.ref)[0] = newRef(a)
  return t
}
func tuple(_ a: Ref, _ b: Ref) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(2))
  gila_tuple_items(t.ref)[0] = newRef(a)
  gila_tuple_items(t.ref)[1] = newRef(b)
  return t
}
func tuple(_ a: Ref, _ b: Ref, _ c: Ref) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(3))
  gila_tuple_items(t.ref)[0] = newRef(a)
  gila_tuple_items(t.ref)[1] = newRef(b)
  gila_tuple_items(t.ref)[2] = newRef(c)
  return t
}
func int(_ n: Int) throws(PyError) -> Owned { try owned(PyLong_FromSsize_t(n)) }
/// Interned text of a literal (borrowed, immortal).
func text(_ s: StaticString) -> Ref { gila_intern(cString(s)).unsafelyUnwrapped }

/// An object of `sys` by name (borrowed); nil if it is not there.
public func sysObject(_ name: StaticString) -> Ref? {
  guard let dict = currentInterpreter.pointee.sysdict else { return nil }
  let saved = PyErr_GetRaisedException()
  let r = PyDict_GetItemWithError(dict, gila_intern(cString(name)))
  if saved != nil || errorIsSet { PyErr_SetRaisedException(saved) }
  return r
}
/// Keeps the pending exception while `body` runs; what `body` raises is dropped.
func preservingError(_ body: () throws(PyError) -> Void) {
  let saved = PyErr_GetRaisedException()
  do throws(PyError) { try body() } catch { PyErr_Clear() }
  PyErr_SetRaisedException(saved)
}
/// A str argument.
func textArgument(_ function: StaticString, _ place: String, _ r: Ref?) throws(PyError) -> Ref {
  let r = r ?? none
  guard r.isUnicode else {
    throw typeError("\(function)() argument \(place) must be str, not \(r == none ? "None" : typeName(of: r))")
  }
  return r
}
