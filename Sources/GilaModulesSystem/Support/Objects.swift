// Tuples, lists, buffers, named constants: what the modules build.

import CGila
import CGilaSystem
import GilaCore

/// A tuple of two, three or four items, which it takes over.
func pair(_ a: consuming Owned, _ b: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(2))
  let items = gila_tuple_items(t.ref)
  items[0] = a.take()
  items[1] = b.take()
  return t
}
func triple(_ a: consuming Owned, _ b: consuming Owned, _ c: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(3))
  let items = gila_tuple_items(t.ref)
  items[0] = a.take()
  items[1] = b.take()
  items[2] = c.take()
  return t
}

/// Appends an item that the list takes over.
func append(_ list: Ref, _ item: consuming Owned) throws(PyError) { try check(PyList_Append(list, item.ref)) }

/// Adds a value that the module takes over. (A temporary's `.ref` would be dead by the time of the call.)
func add(_ module: Ref, _ name: StaticString, taking value: consuming Owned) throws(PyError) {
  try GilaCore.add(module, name, value.ref)
}

/// An object that a module keeps for each interpreter.
extension InterpreterSlot {
  var object: Ref? { currentInterpreter.slot(self).pointee }
  func set(_ r: consuming Owned) { replace(currentInterpreter.slot(self), with: r.take()) }
}

/// The memory of a bytes-like argument, given back at the end of the scope.
struct Buffer: ~Copyable {
  private var view = Py_buffer()

  init(_ r: Ref, writable: Bool = false) throws(PyError) {
    try check(PyObject_GetBuffer(r, &view, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE))
  }
  deinit {
    var v = view
    PyBuffer_Release(&v)
  }
  var count: Int { view.len }
  var start: UnsafeMutableRawPointer? { view.buf }
}

/// A bytes object of at most `n` bytes; `fill` writes them and says how many there are, or -1 with an exception set.
func bytes(_ n: Int, _ fill: (UnsafeMutableRawPointer) throws(PyError) -> Int) throws(PyError) -> Owned {
  let b = try owned(PyBytes_FromStringAndSize(nil, n))
  let count = try fill(UnsafeMutableRawPointer(PyBytes_AsString(b.ref)))
  if count == n { return b }
  var shorter: Ref? = b.take()
  if _PyBytes_Resize(&shorter, count) < 0 { throw PyError() }
  return try owned(shorter)
}

/// Adds every constant of a table to a module.
func addConstants(_ module: Ref, _ table: UnsafePointer<gila_named_int>) throws(PyError) {
  var p = table
  while let name = p.pointee.name {
    try check(PyModule_AddIntConstant(module, name, Int(p.pointee.value)))
    p += 1
  }
}
/// A dict of a table's names and numbers.
func dictionary(_ table: UnsafePointer<gila_named_int>) throws(PyError) -> Owned {
  let d = try owned(PyDict_New())
  var p = table
  while let name = p.pointee.name {
    let value = try int(Int(p.pointee.value))
    try check(PyDict_SetItemString(d.ref, name, value.ref))
    p += 1
  }
  return d
}

/// A str of the file system's encoding from C text.
func fileName(_ p: UnsafePointer<CChar>) throws(PyError) -> Owned { try owned(PyUnicode_DecodeFSDefault(p)) }
/// A str of the locale's encoding from C text.
func localeText(_ p: UnsafePointer<CChar>) throws(PyError) -> Owned {
  try owned(PyUnicode_DecodeLocale(p, "surrogateescape"))
}

/// Storage of a type object that lives as long as the process.
func newStaticType() -> TypeRef {
  let t = TypeRef.allocate(capacity: 1)
  t.initialize(to: PyTypeObject())
  gila_set_immortal(t.object)
  return t
}

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The i-th word behind an object's head, as storage of a value.
  @inline(__always) func word<T>(_ i: Int, _: T.Type) -> UnsafeMutablePointer<T> {
    (raw + (16 &+ i &* 8)).assumingMemoryBound(to: T.self)
  }
}

/// A new exception class that a module shows as `module.name`.
func exceptionClass(_ module: StaticString, _ name: StaticString, _ base: TypeRef) throws(PyError) -> Owned {
  let text = try owned(PyUnicode_FromString(cString(name)))
  let bases = try owned(PyTuple_New(1))
  gila_tuple_items(bases.ref)[0] = newRef(base.object)
  let names = try owned(PyDict_New())
  let home = try owned(PyUnicode_FromString(cString(module)))
  try check(PyDict_SetItemString(names.ref, "__module__", home.ref))
  let arguments = try triple(text, bases, names)
  return try owned(PyObject_Call(Types.type.object, arguments.ref, nil))
}
