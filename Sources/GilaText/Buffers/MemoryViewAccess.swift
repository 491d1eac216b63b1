// Items, slices and comparison of memoryviews.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// The item's native format, or NotImplementedError.
func requireNative(_ v: Py_buffer) throws(PyError) -> UInt8 {
  if let c = nativeFormat(v.format) { return c }
  throw raise(Exc.NotImplementedError, "memoryview: format \(v.format.map { String(cString: $0) } ?? "") not supported")
}

/// Moves to an index of one dimension.
private func step(
  _ v: Py_buffer, _ p: UnsafeMutableRawPointer, _ dimension: Int, _ index: Int
) throws(PyError) -> UnsafeMutableRawPointer {
  let n = v.shape[dimension]
  let i = index < 0 ? index &+ n : index
  if i < 0 || i >= n { throw indexError("index out of bounds on dimension \(dimension &+ 1)") }
  var at = p + v.strides[dimension] &* i
  if let sub = v.suboffsets, sub[dimension] >= 0 {
    at = at.load(as: UnsafeMutableRawPointer.self) + sub[dimension]
  }
  return at
}

/// Where the item of an index or a tuple of indices is.
private func itemPlace(_ v: Py_buffer, _ key: Ref) throws(PyError) -> UnsafeMutableRawPointer {
  var p = v.buf.unsafelyUnwrapped
  if !key.isTuple {
    let i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
    if i == -1, errorIsSet { throw PyError() }
    return try step(v, p, 0, i)
  }
  let n = key.size
  if n < Int(v.ndim) { throw raise(Exc.NotImplementedError, "sub-views are not implemented") }
  if n > Int(v.ndim) { throw typeError("cannot index \(v.ndim)-dimension view with \(n)-element tuple") }
  for d in 0..<n {
    let i = PyNumber_AsSsize_t(PyTuple_GetItem(key, d), Exc.IndexError.object)
    if i == -1, errorIsSet { throw PyError() }
    p = try step(v, p, d, i)
  }
  return p
}

private func isIndexTuple(_ key: Ref) -> Bool {
  guard key.isTuple else { return false }
  for i in 0..<key.size where PyIndex_Check(PyTuple_GetItem(key, i)) == 0 { return false }
  return true
}

private func isSliceTuple(_ key: Ref) -> Bool {
  guard key.isTuple, key.size > 0 else { return false }
  for i in 0..<key.size where !PyTuple_GetItem(key, i).unsafelyUnwrapped.isExactly(Types.slice) { return false }
  return true
}

/// Narrows the first dimension of a view to a slice.
private func applySlice(_ r: Ref, _ slice: Ref) throws(PyError) {
  var start = 0
  var stop = 0
  var step = 0
  try check(PySlice_Unpack(slice, &start, &stop, &step))
  let v = r.memoryView
  let n = PySlice_AdjustIndices(v.pointee.view.shape[0], &start, &stop, step)
  // The step of the first dimension comes before any pointer is followed.
  v.pointee.view.buf = v.pointee.view.buf + v.pointee.view.strides[0] &* start
  v.pointee.view.shape[0] = n
  v.pointee.view.strides[0] &*= step
  var length = v.pointee.view.itemsize
  for i in 0..<Int(v.pointee.view.ndim) { length &*= v.pointee.view.shape[i] }
  v.pointee.view.len = length
  updateFlags(r)
}

func subscriptView(_ r: Ref, _ key: Ref) throws(PyError) -> Owned {
  try checkReleased(r)
  let v = r.memoryView.pointee.view
  if v.ndim == 0 {
    if key.isTuple, key.size == 0 { return try unpack(v.buf, try requireNative(v)) }
    if key == ellipsis { return Owned(retaining: r) }
    throw typeError("invalid indexing of 0-dim memory")
  }
  if PyIndex_Check(key) != 0 {
    if v.ndim > 1 { throw raise(Exc.NotImplementedError, "multi-dimensional sub-views are not implemented") }
    let format = try requireNative(v)
    let p = try itemPlace(v, key)
    // Computing the index may have released the view.
    try checkReleased(r)
    return try unpack(p, format)
  }
  if key.isExactly(Types.slice) {
    let buffer = UnsafeMutableRawPointer(r.memoryView.pointee.mbuf).assumingMemoryBound(to: PyObject.self)
    let result = try makeView(buffer, v)
    try applySlice(result.ref, key)
    return result
  }
  if isIndexTuple(key) {
    let format = try requireNative(v)
    let p = try itemPlace(v, key)
    try checkReleased(r)
    return try unpack(p, format)
  }
  if isSliceTuple(key) {
    throw raise(Exc.NotImplementedError, "multi-dimensional slicing is not implemented")
  }
  throw typeError("memoryview: invalid slice key")
}

func assignView(_ r: Ref, _ key: Ref, _ value: Ref?) throws(PyError) {
  try checkReleased(r)
  let v = r.memoryView.pointee.view
  let format = try requireNative(v)
  if v.readonly != 0 { throw typeError("cannot modify read-only memory") }
  guard let value else { throw typeError("cannot delete memory") }
  if v.ndim == 0 {
    if key == ellipsis || (key.isTuple && key.size == 0) {
      try withUnsafeItem { scratch throws(PyError) in
        try pack(value, scratch, format)
        try checkReleased(r)
        memcpy(v.buf, scratch, v.itemsize)
      }
      return
    }
    throw typeError("invalid indexing of 0-dim memory")
  }
  if PyIndex_Check(key) != 0 || isIndexTuple(key) {
    if !key.isTuple, v.ndim > 1 { throw raise(Exc.NotImplementedError, "sub-views are not implemented") }
    let p = try itemPlace(v, key)
    // Convert first: that may run Python code that releases the view.
    try withUnsafeItem { scratch throws(PyError) in
      try pack(value, scratch, format)
      try checkReleased(r)
      memcpy(p, scratch, v.itemsize)
    }
    return
  }
  if key.isExactly(Types.slice), v.ndim == 1 {
    var source = Py_buffer()
    if PyObject_GetBuffer(value, &source, PyBUF_FULL_RO) < 0 { throw PyError() }
    defer { PyBuffer_Release(&source) }
    let buffer = UnsafeMutableRawPointer(r.memoryView.pointee.mbuf).assumingMemoryBound(to: PyObject.self)
    let target = try makeView(buffer, v)
    try applySlice(target.ref, key)
    try checkReleased(r)
    try copyItems(target.ref.memoryView.pointee.view, source)
    return
  }
  if key.isExactly(Types.slice) || isSliceTuple(key) {
    throw raise(Exc.NotImplementedError, "memoryview slice assignments are currently restricted to ndim = 1")
  }
  throw typeError("memoryview: invalid slice key")
}

private func withUnsafeItem(_ body: (UnsafeMutableRawPointer) throws(PyError) -> Void) throws(PyError) {
  var storage: (UInt64, UInt64) = (0, 0)
  var failure: PyError? = nil
  withUnsafeMutableBytes(of: &storage) { p in
    do throws(PyError) { try body(p.baseAddress.unsafelyUnwrapped) } catch { failure = error }
  }
  if let failure { throw failure }
}

/// Copies one-dimensional memory of the same structure, which may overlap.
private func copyItems(_ target: Py_buffer, _ source: Py_buffer) throws(PyError) {
  let same =
    source.ndim == 1 && source.itemsize == target.itemsize
    && (source.shape?[0] ?? source.len / max(source.itemsize, 1)) == target.shape[0]
    && sameFormat(source.format, target.format)
  if !same { throw valueError("memoryview assignment: lvalue and rvalue have different structures") }
  let size = target.itemsize
  let n = target.shape[0]
  let scratch = ScratchBytes(n &* size)
  guard let memory = scratch.base else { throw memoryError() }
  var at = memory
  let stride = source.strides?[0] ?? source.itemsize
  for i in 0..<n {
    var p = source.buf + stride &* i
    if let sub = source.suboffsets, sub[0] >= 0 { p = p.load(as: UnsafeMutableRawPointer.self) + sub[0] }
    memcpy(at, p, size)
    at += size
  }
  at = memory
  for i in 0..<n {
    var p = target.buf + target.strides[0] &* i
    if let sub = target.suboffsets, sub[0] >= 0 { p = p.load(as: UnsafeMutableRawPointer.self) + sub[0] }
    memcpy(p, at, size)
    at += size
  }
}

private struct ScratchBytes: ~Copyable {
  let base: UnsafeMutableRawPointer?
  init(_ n: Int) { base = PyMem_Malloc(max(n, 1)) }
  deinit { PyMem_Free(base) }
}

private func sameFormat(_ a: UnsafePointer<CChar>?, _ b: UnsafePointer<CChar>?) -> Bool {
  var x = a ?? cString("B")
  var y = b ?? cString("B")
  if x.pointee == 0x40 { x += 1 }
  if y.pointee == 0x40 { y += 1 }
  return strcmp(x, y) == 0
}

/// Nested lists of the items.
func listOfItems(
  _ v: Py_buffer, _ unpacker: borrowing Unpacker, _ dimension: Int, _ p: UnsafeMutableRawPointer
) throws(PyError) -> Owned {
  if dimension == Int(v.ndim) { return try unpacker.value(p) }
  let n = v.shape[dimension]
  let list = try owned(PyList_New(n))
  for i in 0..<n {
    var at = p + v.strides[dimension] &* i
    if let sub = v.suboffsets, sub[dimension] >= 0 {
      at = at.load(as: UnsafeMutableRawPointer.self) + sub[dimension]
    }
    PyList_SetItem(list.ref, i, try listOfItems(v, unpacker, dimension &+ 1, at).take())
  }
  return list
}

/// Turns items into Python values: native formats directly, others through the struct module.
struct Unpacker: ~Copyable {
  let native: UInt8?
  let function: Owned?
  let itemSize: Int

  init(_ v: Py_buffer, allowStruct: Bool) throws(PyError) {
    let native = allowStruct ? nativeFormat(v.format) : try requireNative(v)
    let made: Ref? = native == nil ? try Unpacker.structFunction(v).take() : nil
    self.init(native: native, made: made, itemSize: v.itemsize)
  }

  /// Takes over `made`.
  private init(native: UInt8?, made: Ref?, itemSize: Int) {
    self.native = native
    self.itemSize = itemSize
    if let made { function = Owned(taking: made) } else { function = nil }
  }

  private static func structFunction(_ v: Py_buffer) throws(PyError) -> Owned {
    let module = try owned(PyImport_ImportModule("struct"))
    let type = try owned(PyObject_GetAttrString(module.ref, "Struct"))
    let format = try owned(PyUnicode_FromString(v.format))
    let made = try owned(PyObject_CallOneArg(type.ref, format.ref))
    return try owned(PyObject_GetAttrString(made.ref, "unpack_from"))
  }

  func value(_ p: UnsafeRawPointer) throws(PyError) -> Owned {
    if let native { return try unpack(p, native) }
    let bytes = try owned(newBytes(p, itemSize))
    switch function {
    case .some(let f):
      let tuple = try owned(PyObject_CallOneArg(f.ref, bytes.ref))
      if tuple.ref.isTuple, tuple.ref.size == 1 {
        return Owned(retaining: PyTuple_GetItem(tuple.ref, 0).unsafelyUnwrapped)
      }
      return tuple
    case .none: throw systemError("no unpacker")
    }
  }
}

/// Equality of two views' structure and items.
func viewsEqual(_ a: Py_buffer, _ b: Py_buffer) throws(PyError) -> Bool {
  if a.ndim != b.ndim { return false }
  let n = Int(a.ndim)
  func size(_ v: Py_buffer, _ i: Int) -> Int { v.shape?[i] ?? v.len / max(v.itemsize, 1) }
  for i in 0..<n {
    if size(a, i) != size(b, i) { return false }
    if size(a, i) == 0 { return true }
  }
  let isByte = { (v: Py_buffer) in
    nativeFormat(v.format).map {
      $0 == UInt8(ascii: "B") || $0 == UInt8(ascii: "c") || $0 == UInt8(ascii: "b") || $0 == UInt8(ascii: "?")
    } ?? false
  }
  var p = a
  var q = b
  if isByte(a), sameFormat(a.format, b.format), PyBuffer_IsContiguous(&p, 67) != 0, PyBuffer_IsContiguous(&q, 67) != 0,
    nativeFormat(a.format) != UInt8(ascii: "?")
  {
    return memcmp(a.buf, b.buf, a.len) == 0
  }
  // A format that struct does not know compares unequal.
  guard let left = knownUnpacker(a), let right = knownUnpacker(b) else { return false }
  return try equal(a, b, left, right, 0, a.buf, b.buf)
}

private func knownUnpacker(_ v: Py_buffer) -> Unpacker? {
  do throws(PyError) { return try Unpacker(v, allowStruct: true) } catch {
    PyErr_Clear()
    return nil
  }
}

private func equal(
  _ a: Py_buffer, _ b: Py_buffer, _ left: borrowing Unpacker, _ right: borrowing Unpacker, _ d: Int,
  _ p: UnsafeMutableRawPointer, _ q: UnsafeMutableRawPointer
) throws(PyError) -> Bool {
  if d == Int(a.ndim) {
    let x = try left.value(p)
    let y = try right.value(q)
    return try check(PyObject_RichCompareBool(x.ref, y.ref, Py_EQ)) != 0
  }
  func at(_ v: Py_buffer, _ base: UnsafeMutableRawPointer, _ i: Int) -> UnsafeMutableRawPointer {
    let stride = v.strides?[d] ?? v.itemsize
    let r = base + stride &* i
    if let sub = v.suboffsets, sub[d] >= 0 { return r.load(as: UnsafeMutableRawPointer.self) + sub[d] }
    return r
  }
  let n = a.shape?[d] ?? a.len / max(a.itemsize, 1)
  for i in 0..<n where try !equal(a, b, left, right, d &+ 1, at(a, p, i), at(b, q, i)) { return false }
  return true
}
