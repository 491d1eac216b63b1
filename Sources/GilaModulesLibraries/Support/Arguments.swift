// Functions with named parameters, numbers and buffers from arguments, results.

import CGila
import GilaCore
import Glibc

/// Name and parameters of a function or method: a constant beside the table that uses it.
final class Function: Sendable {
  let name: StaticString
  let text: StaticString
  let signature: Signature

  init(_ name: StaticString, _ text: StaticString) {
    self.name = name
    self.text = text
    signature = Signature(name.description, text)
  }
}

typealias Bound = Signature.Bound

extension MethodTable {
  mutating func add(
    _ f: Function, _ doc: StaticString, flags: Int32 = 0,
    _ body: @convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref?
  ) { keywords(f.name, f.text, doc, flags: flags, body) }
}

/// Binds a call's arguments and returns what `body` makes of them.
@inline(__always)
func answer(
  _ f: Function, _ a: ArgumentVector?, _ n: Int, _ names: Ref?, _ body: (Bound) throws(PyError) -> Owned
) -> Ref? {
  do throws(PyError) { return try body(f.signature.bind(a, n, names)).take() } catch { return nil }
}
/// The same for a function that returns None.
@inline(__always)
func perform(
  _ f: Function, _ a: ArgumentVector?, _ n: Int, _ names: Ref?, _ body: (Bound) throws(PyError) -> Void
) -> Ref? {
  do throws(PyError) {
    try body(f.signature.bind(a, n, names))
    return none
  } catch { return nil }
}

// MARK: numbers

@inline(__always) func int<T: FixedWidthInteger>(_ v: T) throws(PyError) -> Owned {
  T.isSigned
    ? try owned(PyLong_FromLongLong(Int64(truncatingIfNeeded: v)))
    : try owned(PyLong_FromUnsignedLongLong(UInt64(truncatingIfNeeded: v)))
}
@inline(__always) func bool(_ v: Bool) -> Owned { Owned(retaining: pyBool(v)) }
@inline(__always) func noneOwned() -> Owned { Owned(retaining: none) }

/// A C int.
func cInt(_ r: Ref) throws(PyError) -> Int32 {
  let n = PyLong_AsInt(r)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
func cInt(_ r: Ref?, _ missing: Int32) throws(PyError) -> Int32 {
  if let r { return try cInt(r) }
  return missing
}
/// A C long.
func cLong(_ r: Ref) throws(PyError) -> Int {
  let n = PyLong_AsLong(r)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
/// A C ssize_t.
func cSize(_ r: Ref) throws(PyError) -> Int {
  let index = try owned(PyNumber_Index(r))
  let n = PyLong_AsSsize_t(index.ref)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
/// A C double.
func cDouble(_ r: Ref) throws(PyError) -> Double {
  let v = PyFloat_AsDouble(r)
  if v == -1, errorIsSet { throw PyError() }
  return v
}
/// An unsigned number below 2**bits: ValueError for a negative one, OverflowError for a larger one.
func cUnsigned(_ r: Ref, bits: Int, _ type: StaticString) throws(PyError) -> UInt64 {
  guard r.isLong else { throw typeError("an integer is required") }
  if _PyLong_Sign(r) < 0 { throw valueError("value must be positive") }
  let n = PyLong_AsUnsignedLongLong(r)
  if n == UInt64.max, errorIsSet {
    if bits == 64 { throw PyError() }
    PyErr_Clear()
    throw overflowError("Python int too large for C \(type)")
  }
  if bits < 64, n >> UInt64(bits) != 0 { throw overflowError("Python int too large for C \(type)") }
  return n
}
func cFlag(_ r: Ref?, _ missing: Bool) throws(PyError) -> Bool {
  if let r { return try truth(r) }
  return missing
}

// MARK: memory

/// The memory of a bytes-like argument, given back at the end of the scope.
struct Buffer: ~Copyable {
  private var view = Py_buffer()

  init(_ r: Ref, flags: Int32 = PyBUF_SIMPLE) throws(PyError) { try check(PyObject_GetBuffer(r, &view, flags)) }
  deinit {
    var v = view
    PyBuffer_Release(&v)
  }
  var count: Int { view.len }
  var start: UnsafeMutableRawPointer? { view.buf }
  var bytes: UnsafeMutablePointer<UInt8>? { view.buf?.assumingMemoryBound(to: UInt8.self) }
  var dimensions: Int { Int(view.ndim) }
}

/// A bytes object of a copy of memory.
func bytesObject(_ p: UnsafeRawPointer?, _ n: Int) throws(PyError) -> Owned {
  try owned(PyBytes_FromStringAndSize(p?.assumingMemoryBound(to: CChar.self), n))
}
/// The text of a str argument without null characters, as UTF-8 (alive as long as the str).
func cText(_ r: Ref, _ function: StaticString, _ argument: StaticString) throws(PyError) -> UnsafePointer<CChar> {
  guard r.isUnicode else {
    throw typeError("\(function)() \(argument) must be str, not \(r.isNone ? "None" : typeName(of: r))")
  }
  var n = 0
  guard let p = PyUnicode_AsUTF8AndSize(r, &n) else { throw PyError() }
  if memchr(p, 0, n) != nil { throw valueError("embedded null character") }
  return p
}

// MARK: tuples, lists, modules

/// A tuple of the items, which are borrowed.
func tuple(_ items: Ref?...) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(items.count))
  for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r ?? none) }
  return t
}
func append(_ list: Ref, _ item: consuming Owned) throws(PyError) { try check(PyList_Append(list, item.ref)) }
func set(_ dict: Ref, _ name: StaticString, _ value: consuming Owned) throws(PyError) {
  try check(PyDict_SetItemString(dict, cString(name), value.ref))
}
/// Readies a type and adds it to a module.
func addType(_ module: Ref, _ name: StaticString, _ type: TypeRef) throws(PyError) {
  try check(PyType_Ready(type))
  try add(module, name, type.object)
}
func addText(_ module: Ref, _ name: StaticString, _ text: UnsafePointer<CChar>) throws(PyError) {
  try check(PyModule_AddStringConstant(module, cString(name), text))
}
/// Tells the audit hooks, if there are any, of an event.
func audit(_ event: StaticString, _ items: Ref?...) throws(PyError) {
  if gila_audit_active() == 0 { return }
  let t = try owned(PyTuple_New(items.count))
  for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r ?? none) }
  try check(PySys_AuditTuple(cString(event), t.ref))
}
/// Calls a method without arguments.
func callMethod(_ r: Ref, _ name: StaticString) throws(PyError) -> Owned {
  let f = try owned(PyObject_GetAttrString(r, cString(name)))
  return try owned(PyObject_CallNoArgs(f.ref))
}
/// Calls a function with arguments (borrowed).
func call(_ f: Ref, _ items: Ref?...) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(items.count))
  for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r ?? none) }
  return try owned(PyObject_Call(f, t.ref, nil))
}
