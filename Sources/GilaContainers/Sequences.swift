// What tuple and list share: text, comparison, index arguments, vectors of references.

import CGila
import GilaCore

/// A vector of references.
typealias Items = UnsafeMutablePointer<Ref?>

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The items of a tuple.
  @inline(__always) var tupleItems: Items { (raw + 24).assumingMemoryBound(to: Ref?.self) }
  /// The items of a list; the list may be empty, then there are none.
  @inline(__always) var listItems: Items? {
    get { raw.load(fromByteOffset: 24, as: Items?.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 24, as: Items?.self) }
  }
  /// The room of a list; -1 while it is sorted.
  @inline(__always) var listAllocated: Int {
    get { raw.load(fromByteOffset: 32, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 32, as: Int.self) }
  }
}

/// Sets an exception with a constant message; nil, so that it can be returned.
@inline(never) func fail(_ type: TypeRef, _ message: StaticString) -> Ref? {
  PyErr_SetString(type.object, cString(message))
  return nil
}

/// Whether two objects are equal, identity first. Both are held during the comparison.
@inline(__always) func equal(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
  if a == b { return true }
  incref(a)
  incref(b)
  let r = PyObject_RichCompareBool(a, b, Py_EQ)
  decref(b)
  decref(a)
  if r < 0 { throw PyError() }
  return r != 0
}

/// Appends text and objects' texts to a str under construction.
struct TextWriter: ~Copyable {
  private var writer = _PyUnicodeWriter()
  private var finished = false

  init() {
    _PyUnicodeWriter_Init(&writer)
    writer.overallocate = 1
  }
  deinit {
    if !finished {
      var w = writer
      _PyUnicodeWriter_Dealloc(&w)
    }
  }
  mutating func add(_ text: StaticString) throws(PyError) {
    try check(_PyUnicodeWriter_WriteASCIIString(&writer, cString(text), text.utf8CodeUnitCount))
  }
  mutating func add(_ s: Ref) throws(PyError) { try check(_PyUnicodeWriter_WriteStr(&writer, s)) }
  mutating func addRepr(_ r: Ref) throws(PyError) {
    let text = try owned(PyObject_Repr(r))
    try add(text.ref)
  }
  mutating func finish() throws(PyError) -> Owned {
    finished = true
    return try owned(_PyUnicodeWriter_Finish(&writer))
  }
}

/// Three-way results of rich comparison by operator.
func comparison(_ order: Int, _ op: Int32) -> Bool {
  switch op {
  case Py_LT: order < 0
  case Py_LE: order <= 0
  case Py_EQ: order == 0
  case Py_NE: order != 0
  case Py_GT: order > 0
  default: order >= 0
  }
}

/// Compares two sequences item by item; sizes and items are read again at each step, since comparing may change them.
func compareItems(
  _ a: Ref, _ b: Ref, _ op: Int32, _ items: (Ref) -> Items?
) throws(PyError) -> Owned {
  if a.size != b.size && (op == Py_EQ || op == Py_NE) { return Owned(retaining: pyBool(op == Py_NE)) }
  var i = 0
  while i < a.size && i < b.size {
    guard let x = items(a)?[i], let y = items(b)?[i] else { break }
    let same = try equal(x, y)
    if same {
      i += 1
      continue
    }
    break
  }
  if i >= a.size || i >= b.size {
    return Owned(retaining: pyBool(comparison(a.size < b.size ? -1 : a.size > b.size ? 1 : 0, op)))
  }
  if op == Py_EQ { return Owned(retaining: pyFalse) }
  if op == Py_NE { return Owned(retaining: pyTrue) }
  let x = Owned(retaining: items(a)![i]!)
  let y = Owned(retaining: items(b)![i]!)
  return try owned(PyObject_RichCompare(x.ref, y.ref, op))
}

/// Whether an object can be an index.
@inline(__always) func isIndex(_ r: Ref) -> Bool {
  if r.isLong { return true }
  guard let n = r.type.pointee.tp_as_number else { return false }
  return n.pointee.nb_index != nil
}

/// An index argument that saturates and raises IndexError when it is no C size.
@inline(__always) func indexValue(_ r: Ref) throws(PyError) -> Int {
  let i = PyNumber_AsSsize_t(r, Exc.IndexError.object)
  if i == -1 && errorIsSet { throw PyError() }
  return i
}

/// An index argument as methods take it: OverflowError when too large.
func methodIndex(_ r: Ref) throws(PyError) -> Int {
  let n = try owned(_PyNumber_Index(r))
  let i = PyLong_AsSsize_t(n.ref)
  if i == -1 && errorIsSet { throw PyError() }
  return i
}

/// Start and stop of `index(value, start, stop)`: saturated, negative from the end.
func searchBounds(
  _ args: ArgumentVector, _ n: Int, _ size: Int
) throws(PyError) -> (start: Int, stop: Int) {
  var start = 0
  var stop = Int.max
  if n > 1 && _PyEval_SliceIndexNotNone(args[1], &start) == 0 { throw PyError() }
  if n > 2 && _PyEval_SliceIndexNotNone(args[2], &stop) == 0 { throw PyError() }
  if start < 0 { start = max(start &+ size, 0) }
  if stop < 0 { stop = max(stop &+ size, 0) }
  return (start, stop)
}

/// A tuple of owned references.
func pair(_ a: consuming Owned, _ b: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(2))
  t.ref.tupleItems[0] = a.take()
  t.ref.tupleItems[1] = b.take()
  return t
}
/// A tuple of owned references.
func triple(_ a: consuming Owned, _ b: consuming Owned, _ c: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(3))
  t.ref.tupleItems[0] = a.take()
  t.ref.tupleItems[1] = b.take()
  t.ref.tupleItems[2] = c.take()
  return t
}
/// A tuple of one owned reference.
func single(_ a: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(1))
  t.ref.tupleItems[0] = a.take()
  return t
}
/// A builtin function by name, for `__reduce__`.
func builtin(_ name: StaticString) throws(PyError) -> Owned {
  let builtins = try borrowed(PyEval_GetBuiltins())
  if builtins.isDict, let f = PyDict_GetItemString(builtins, cString(name)) { return Owned(retaining: f) }
  let key = gila_intern(cString(name))
  var found: Ref? = nil
  if !builtins.isDict { try check(PyMapping_GetOptionalItem(builtins, key, &found)) }
  if let found { return Owned(taking: found) }
  PyErr_SetObject(Exc.AttributeError.object, key)
  throw PyError()
}

/// Visits one reference of an object for the collector.
@inline(__always) func visit(_ r: Ref?, _ f: visitproc?, _ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let r else { return 0 }
  return f.unsafelyUnwrapped(r, context)
}

/// TypeError unless `n` arguments lie between bounds and there are no keywords: for constructors called as vectors.
func checkConstructor(_ name: StaticString, _ n: Int, _ names: Ref?, _ least: Int, _ most: Int) throws(PyError) {
  if let names, names.size > 0 { throw typeError("\(name)() takes no keyword arguments") }
  try checkCount(name, n, least, most)
}
