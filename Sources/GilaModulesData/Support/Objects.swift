// What the modules' types share.

import CGila
import GilaCore

typealias Items = UnsafeMutablePointer<Ref?>

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The items of a tuple.
  @inline(__always) var tupleItems: Items { (raw + 24).assumingMemoryBound(to: Ref?.self) }
  /// The items of a list, or of a tuple: what PySequence_Fast gives.
  @inline(__always) var fastItems: Items {
    isList ? raw.load(fromByteOffset: 24, as: Items?.self) ?? tupleItems : tupleItems
  }
  /// The reference kept at a byte offset.
  @inline(__always) func slot(_ offset: Int) -> Items { (raw + offset).assumingMemoryBound(to: Ref?.self) }
}

/// Visits one reference of an object for the collector.
@inline(__always) func visit(_ r: Ref?, _ f: visitproc?, _ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let r, let f else { return 0 }
  return f(r, context)
}

/// Sets an exception with a constant message; nil, so that it can be returned.
@inline(never) func fail(_ type: TypeRef, _ message: StaticString) -> Ref? {
  PyErr_SetString(type.object, cString(message))
  return nil
}

func tuple(_ a: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(1))
  t.ref.tupleItems[0] = a.take()
  return t
}
func tuple(_ a: consuming Owned, _ b: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(2))
  t.ref.tupleItems[0] = a.take()
  t.ref.tupleItems[1] = b.take()
  return t
}
func tuple(_ a: consuming Owned, _ b: consuming Owned, _ c: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(3))
  t.ref.tupleItems[0] = a.take()
  t.ref.tupleItems[1] = b.take()
  t.ref.tupleItems[2] = c.take()
  return t
}

func int(_ v: Int) throws(PyError) -> Owned { try owned(PyLong_FromSsize_t(v)) }
func float(_ v: Double) throws(PyError) -> Owned { try owned(PyFloat_FromDouble(v)) }
/// A new str of a literal in ASCII.
func string(_ text: StaticString) throws(PyError) -> Owned {
  try owned(PyUnicode_FromStringAndSize(cString(text), text.utf8CodeUnitCount))
}
/// An attribute by name.
func attribute(_ r: Ref, _ name: StaticString) throws(PyError) -> Owned {
  try owned(PyObject_GetAttr(r, internedLiteral(name)))
}
/// An attribute by name, or nil where there is none.
func optionalAttribute(_ r: Ref, _ name: StaticString) throws(PyError) -> Owned? {
  var value: Ref? = nil
  try check(PyObject_GetOptionalAttr(r, internedLiteral(name), &value))
  return value.map { Owned(taking: $0) }
}
/// Calls a method without arguments.
func call(_ r: Ref, _ method: StaticString) throws(PyError) -> Owned {
  var arguments: Ref? = r
  return try owned(PyObject_VectorcallMethod(internedLiteral(method), &arguments, 1, nil))
}
/// Calls a method with one argument.
func call(_ r: Ref, _ method: StaticString, _ argument: Ref) throws(PyError) -> Owned {
  try withArguments(r, argument) { (p) throws(PyError) in
    try owned(PyObject_VectorcallMethod(internedLiteral(method), p, 2, nil))
  }
}
/// Calls a method with two arguments.
func call(_ r: Ref, _ method: StaticString, _ a: Ref, _ b: Ref) throws(PyError) -> Owned {
  var arguments: (Ref?, Ref?, Ref?) = (r, a, b)
  let result = withUnsafePointer(to: &arguments) {
    PyObject_VectorcallMethod(
      internedLiteral(method), UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 3, nil)
  }
  return try owned(result)
}
/// Calls a body with two arguments side by side in memory.
@inline(__always) func withArguments(
  _ a: Ref, _ b: Ref, _ body: (UnsafePointer<Ref?>) throws(PyError) -> Owned
) throws(PyError) -> Owned {
  var arguments: (Ref?, Ref?) = (a, b)
  return try withUnsafePointer(to: &arguments) { (p) throws(PyError) in
    try body(UnsafeRawPointer(p).assumingMemoryBound(to: Ref?.self))
  }
}
/// An attribute of a module that is imported if need be.
func imported(_ module: StaticString, _ name: StaticString) throws(PyError) -> Owned {
  if let loaded = PyImport_GetModule(internedLiteral(module)) {
    let m = Owned(taking: loaded)
    if !m.ref.isNone { return try attribute(m.ref, name) }
  } else if errorIsSet {
    throw PyError()
  }
  let m = try owned(PyImport_ImportModule(cString(module)))
  return try attribute(m.ref, name)
}

/// Adds a new object to a module.
func add(_ module: Ref, _ name: StaticString, made value: consuming Owned) throws(PyError) {
  try check(PyModule_Add(module, cString(name), value.take()))
}
/// Adds a static type to a module, readied on first use.
func addType(_ module: Ref, _ t: TypeRef) throws(PyError) {
  try check(PyModule_AddType(module, t))
}

/// The C border for `tp_iternext`: NULL at the end, and NULL with an exception set when the body throws.
@inline(__always) func bridgeNext(_ body: () throws(PyError) -> Owned?) -> Ref? {
  do throws(PyError) { return try body()?.take() } catch { return nil }
}
