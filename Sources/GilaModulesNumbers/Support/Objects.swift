// What the modules' types share: objects whose first words are references, tuples, iteration.

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
  /// The i-th word behind the object's head as an owned reference.
  @inline(__always) func field(_ i: Int) -> Items { (raw + (16 &+ i &* 8)).assumingMemoryBound(to: Ref?.self) }
  /// The i-th word behind the object's head as a number.
  @inline(__always) func word(_ i: Int) -> UnsafeMutablePointer<Int> {
    (raw + (16 &+ i &* 8)).assumingMemoryBound(to: Int.self)
  }
}

/// Objects of a fixed number of words, the first of which are references: their life cycle.
enum Fields {
  /// Defines a static type of `words` words behind the head, `references` of them references, collected and with a
  /// weak list at a word if given.
  static func define(
    _ t: TypeRef, _ name: StaticString, references: Int, words: Int, subclassable: Bool = true, doc: StaticString = "",
    flags: UInt = 0
  ) {
    var all = UInt(Py_TPFLAGS_HAVE_GC) | flags
    if subclassable { all |= UInt(Py_TPFLAGS_BASETYPE) }
    t.define(name, basicSize: 16 + words * 8, flags: all, doc: doc)
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    switch references {
    case 0:
      t.pointee.tp_dealloc = { Fields.deallocate($0!, 0) }
      t.pointee.tp_traverse = { _, _, _ in 0 }
    case 1:
      t.pointee.tp_dealloc = { Fields.deallocate($0!, 1) }
      t.pointee.tp_traverse = { Fields.traverse($0!, 1, $1, $2) }
      t.pointee.tp_clear = { Fields.clear($0!, 1) }
    case 2:
      t.pointee.tp_dealloc = { Fields.deallocate($0!, 2) }
      t.pointee.tp_traverse = { Fields.traverse($0!, 2, $1, $2) }
      t.pointee.tp_clear = { Fields.clear($0!, 2) }
    case 3:
      t.pointee.tp_dealloc = { Fields.deallocate($0!, 3) }
      t.pointee.tp_traverse = { Fields.traverse($0!, 3, $1, $2) }
      t.pointee.tp_clear = { Fields.clear($0!, 3) }
    case 4:
      t.pointee.tp_dealloc = { Fields.deallocate($0!, 4) }
      t.pointee.tp_traverse = { Fields.traverse($0!, 4, $1, $2) }
      t.pointee.tp_clear = { Fields.clear($0!, 4) }
    case 6:
      t.pointee.tp_dealloc = { Fields.deallocate($0!, 6) }
      t.pointee.tp_traverse = { Fields.traverse($0!, 6, $1, $2) }
      t.pointee.tp_clear = { Fields.clear($0!, 6) }
    default:
      t.pointee.tp_dealloc = { Fields.deallocate($0!, 5) }
      t.pointee.tp_traverse = { Fields.traverse($0!, 5, $1, $2) }
      t.pointee.tp_clear = { Fields.clear($0!, 5) }
    }
  }

  static func deallocate(_ r: Ref, _ n: Int) {
    PyObject_GC_UnTrack(r.raw)
    for i in 0..<n { xdecref(r.field(i).pointee) }
    r.type.pointee.tp_free(r.raw)
  }
  static func traverse(_ r: Ref, _ n: Int, _ f: visitproc?, _ context: UnsafeMutableRawPointer?) -> Int32 {
    for i in 0..<n {
      let v = visit(r.field(i).pointee, f, context)
      if v != 0 { return v }
    }
    return 0
  }
  static func clear(_ r: Ref, _ n: Int) -> Int32 {
    for i in 0..<n { GilaCore.clear(r.field(i)) }
    return 0
  }

  /// A new instance, its words zero.
  static func make(_ type: TypeRef) throws(PyError) -> Owned { try owned(type.pointee.tp_alloc(type, 0)) }
}

/// Visits one reference of an object for the collector.
@inline(__always) func visit(_ r: Ref?, _ f: visitproc?, _ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let r else { return 0 }
  return f.unsafelyUnwrapped(r, context)
}

/// Sets an exception with a constant message; nil, so that it can be returned.
@inline(never) func fail(_ type: TypeRef, _ message: StaticString) -> Ref? {
  PyErr_SetString(type.object, cString(message))
  return nil
}

/// The next item of an iterator: nil at the end or with an exception set.
@inline(__always) func next(_ iterator: Ref) -> Ref? {
  iterator.type.pointee.tp_iternext.unsafelyUnwrapped(iterator)
}

/// After `next` gave nil: true at the end (a StopIteration is cleared), false with another exception set.
func atEnd() -> Bool {
  if !errorIsSet { return true }
  if PyErr_ExceptionMatches(Exc.StopIteration.object) == 0 { return false }
  PyErr_Clear()
  return true
}

/// Every item of an iterable, to a body that borrows it.
func forEach(_ iterable: Ref, _ body: (Ref) throws(PyError) -> Void) throws(PyError) {
  let iterator = try owned(PyObject_GetIter(iterable))
  // What runs over a list or a tuple is expected to be atomic.
  while let item = next(iterator.ref) {
    let held = Owned(taking: item)
    try body(held.ref)
    try safePoint(iterating: iterator.ref)
  }
  if !atEnd() { throw PyError() }
}

func pair(_ a: consuming Owned, _ b: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(2))
  t.ref.tupleItems[0] = a.take()
  t.ref.tupleItems[1] = b.take()
  return t
}
func triple(_ a: consuming Owned, _ b: consuming Owned, _ c: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(3))
  t.ref.tupleItems[0] = a.take()
  t.ref.tupleItems[1] = b.take()
  t.ref.tupleItems[2] = c.take()
  return t
}
func single(_ a: consuming Owned) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(1))
  t.ref.tupleItems[0] = a.take()
  return t
}
/// A tuple of new references to `n` items.
func tuple(_ items: UnsafePointer<Ref?>, _ n: Int) throws(PyError) -> Owned {
  let t = try owned(PyTuple_New(n))
  for i in 0..<n { t.ref.tupleItems[i] = newRef(items[i]!) }
  return t
}

func int(_ v: Int) throws(PyError) -> Owned { try owned(PyLong_FromSsize_t(v)) }
func float(_ v: Double) throws(PyError) -> Owned { try owned(PyFloat_FromDouble(v)) }
func classOf(_ r: Ref) -> Owned { Owned(retaining: r.type.object) }

/// Whether two objects are equal, identity first.
func equal(_ a: Ref, _ b: Ref) throws(PyError) -> Bool { try check(PyObject_RichCompareBool(a, b, Py_EQ)) != 0 }

/// A C size argument.
func sizeValue(_ r: Ref) throws(PyError) -> Int {
  let index = try owned(_PyNumber_Index(r))
  let n = PyLong_AsSsize_t(index.ref)
  if n == -1 && errorIsSet { throw PyError() }
  return n
}
/// A double argument.
@inline(__always) func doubleValue(_ r: Ref) throws(PyError) -> Double {
  if r.isExactly(Types.float) { return r.raw.load(fromByteOffset: 16, as: Double.self) }
  let v = PyFloat_AsDouble(r)
  if v == -1 && errorIsSet { throw PyError() }
  return v
}

/// Adds a new object to a module.
func add(_ module: Ref, _ name: StaticString, made value: consuming Owned) throws(PyError) {
  try check(PyModule_Add(module, cString(name), value.take()))
}
/// Adds a static type to a module, readied on first use.
func addType(_ module: Ref, _ t: TypeRef) throws(PyError) {
  try check(PyModule_AddType(module, t))
}

/// Whether a class is `own` or has no `__init__` of its own that could take keywords.
func keepsInit(_ type: TypeRef, _ own: TypeRef) -> Bool {
  type == own || unsafeBitCast(type.pointee.tp_init, to: Int.self) == unsafeBitCast(own.pointee.tp_init, to: Int.self)
}

/// The positional arguments of a `tp_new` without keywords, checked.
func positional(
  _ name: StaticString, _ args: Ref?, _ kwargs: Ref?, _ least: Int, _ most: Int, exact: Bool = true
) throws(PyError) -> (items: UnsafePointer<Ref?>, count: Int) {
  if exact { try rejectKeywords(name, kwargs) }
  let n = args?.size ?? 0
  try checkCount(name, n, least, most)
  return (UnsafePointer(args!.tupleItems), n)
}
