// What native modules share: functions with named parameters, numbers and buffers from arguments, results.

import CGila
import GilaCore
import Glibc

/// Name and parameters of a function or method: a constant beside the table that uses it.
public final class Function: Sendable {
  public let name: StaticString
  public let text: StaticString
  public let signature: Signature

  public init(_ name: StaticString, _ text: StaticString) {
    self.name = name
    self.text = text
    signature = Signature(name.description, text)
  }
}

public typealias Bound = Signature.Bound

extension MethodTable {
  public mutating func add(
    _ f: Function, _ doc: StaticString, flags: Int32 = 0,
    _ body: @convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref?
  ) { keywords(f.name, f.text, doc, flags: flags, body) }
}

/// Binds a call's arguments and returns what `body` makes of them.
@inlinable @inline(__always)
public func answer(
  _ f: Function, _ a: ArgumentVector?, _ n: Int, _ names: Ref?, _ body: (Bound) throws(PyError) -> Owned
) -> Ref? {
  do throws(PyError) { return try body(f.signature.bind(a, n, names)).take() } catch { return nil }
}
/// The same for a function that returns None.
@inlinable @inline(__always)
public func perform(
  _ f: Function, _ a: ArgumentVector?, _ n: Int, _ names: Ref?, _ body: (Bound) throws(PyError) -> Void
) -> Ref? {
  do throws(PyError) {
    try body(f.signature.bind(a, n, names))
    return none
  } catch { return nil }
}

// MARK: numbers

@inlinable @inline(__always) public func int<T: FixedWidthInteger>(_ v: T) throws(PyError) -> Owned {
  T.isSigned
    ? try owned(PyLong_FromLongLong(Int64(truncatingIfNeeded: v)))
    : try owned(PyLong_FromUnsignedLongLong(UInt64(truncatingIfNeeded: v)))
}
@inlinable @inline(__always) public func bool(_ v: Bool) -> Owned { Owned(retaining: pyBool(v)) }
@inlinable @inline(__always) public func noneOwned() -> Owned { Owned(retaining: none) }

/// A C int.
public func cInt(_ r: Ref) throws(PyError) -> Int32 {
  let n = PyLong_AsInt(r)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
public func cInt(_ r: Ref?, _ missing: Int32) throws(PyError) -> Int32 {
  if let r { return try cInt(r) }
  return missing
}
/// A C long.
public func cLong(_ r: Ref) throws(PyError) -> Int {
  let n = PyLong_AsLong(r)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
/// A C ssize_t.
public func cSize(_ r: Ref) throws(PyError) -> Int {
  let index = try owned(PyNumber_Index(r))
  let n = PyLong_AsSsize_t(index.ref)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
/// A C double.
public func cDouble(_ r: Ref) throws(PyError) -> Double {
  let v = PyFloat_AsDouble(r)
  if v == -1, errorIsSet { throw PyError() }
  return v
}
/// An unsigned number below 2**bits: ValueError for a negative one, OverflowError for a larger one.
public func cUnsigned(_ r: Ref, bits: Int, _ type: StaticString) throws(PyError) -> UInt64 {
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
public func cFlag(_ r: Ref?, _ missing: Bool) throws(PyError) -> Bool {
  if let r { return try truth(r) }
  return missing
}

// MARK: memory

/// The memory of a bytes-like argument, given back at the end of the scope.
public struct Buffer: ~Copyable {
  private var view = Py_buffer()

  public init(_ r: Ref, flags: Int32 = PyBUF_SIMPLE) throws(PyError) { try check(PyObject_GetBuffer(r, &view, flags)) }
  deinit {
    var v = view
    PyBuffer_Release(&v)
  }
  public var count: Int { view.len }
  public var start: UnsafeMutableRawPointer? { view.buf }
  public var bytes: UnsafeMutablePointer<UInt8>? { view.buf?.assumingMemoryBound(to: UInt8.self) }
  public var dimensions: Int { Int(view.ndim) }
}

/// A bytes object of a copy of memory.
public func bytesObject(_ p: UnsafeRawPointer?, _ n: Int) throws(PyError) -> Owned {
  try owned(PyBytes_FromStringAndSize(p?.assumingMemoryBound(to: CChar.self), n))
}
/// The text of a str argument without null characters, as UTF-8 (alive as long as the str).
public func cText(_ r: Ref, _ function: StaticString, _ argument: StaticString) throws(PyError) -> UnsafePointer<CChar>
{
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
public func tuple(_ items: Ref?...) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(items.count))
  for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r ?? none) }
  return t
}
public func append(_ list: Ref, _ item: consuming Owned) throws(PyError) { try check(PyList_Append(list, item.ref)) }
public func set(_ dict: Ref, _ name: StaticString, _ value: consuming Owned) throws(PyError) {
  try check(PyDict_SetItemString(dict, cString(name), value.ref))
}
/// Readies a type and adds it to a module.
public func addType(_ module: Ref, _ name: StaticString, _ type: TypeRef) throws(PyError) {
  try check(PyType_Ready(type))
  try add(module, name, type.object)
}
public func addText(_ module: Ref, _ name: StaticString, _ text: UnsafePointer<CChar>) throws(PyError) {
  try check(PyModule_AddStringConstant(module, cString(name), text))
}
/// Calls a method without arguments.
public func callMethod(_ r: Ref, _ name: StaticString) throws(PyError) -> Owned {
  let f = try owned(PyObject_GetAttrString(r, cString(name)))
  return try owned(PyObject_CallNoArgs(f.ref))
}
/// Calls a function with arguments (borrowed).
public func call(_ f: Ref, _ items: Ref?...) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(items.count))
  for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r ?? none) }
  return try owned(PyObject_Call(f, t.ref, nil))
}

/// Calls a method (an interned name) with up to three arguments behind the receiver, the last of them by keyword where
/// `names` (a tuple) says so. A new reference, or NULL.
@inlinable @inline(__always)
public func callMethod(
  _ receiver: Ref, _ name: Ref, _ a: Ref? = nil, _ b: Ref? = nil, _ c: Ref? = nil, names: Ref? = nil
) -> Ref? {
  var words: (Ref?, Ref?, Ref?, Ref?, Ref?) = (nil, receiver, a, b, c)
  let n = (a == nil ? 1 : b == nil ? 2 : c == nil ? 3 : 4) &- (names.map { $0.size } ?? 0)
  return withUnsafeMutablePointer(to: &words) { p in
    let arguments = UnsafeRawPointer(p).assumingMemoryBound(to: Ref?.self) + 1
    return PyObject_VectorcallMethod(name, arguments, n | Int.min, names)
  }
}
