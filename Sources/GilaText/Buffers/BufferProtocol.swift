// The buffer protocol's functions (PEP 3118).

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

typealias BufferRef = UnsafeMutablePointer<Py_buffer>

/// A contiguous buffer of some object, held as long as the scope lives.
public struct BufferLock: ~Copyable {
  public private(set) var view = Py_buffer()

  /// Asks `r` for its bytes; TypeError when it has none.
  public init(_ r: Ref) throws(PyError) {
    if PyObject_GetBuffer(r, &view, PyBUF_SIMPLE) < 0 { throw PyError() }
  }
  /// Asks `r` for its bytes to write to.
  public init(writable r: Ref) throws(PyError) {
    if PyObject_GetBuffer(r, &view, PyBUF_WRITABLE) < 0 { throw PyError() }
  }
  deinit {
    var v = view
    PyBuffer_Release(&v)
  }
  /// The bytes, borrowed.
  @inline(__always) public var data: CharacterData {
    CharacterData(bytes: view.buf ?? UnsafeMutableRawPointer(gila_bytearray_empty()), count: view.len)
  }
}

@c @implementation public func PyObject_CheckBuffer(_ r: Ref!) -> Int32 {
  r.type.pointee.tp_as_buffer?.pointee.bf_getbuffer != nil ? 1 : 0
}

@c @implementation
public func PyObject_GetBuffer(_ r: Ref!, _ view: UnsafeMutablePointer<Py_buffer>!, _ flags: Int32) -> Int32 {
  if flags != PyBUF_SIMPLE, flags == PyBUF_READ || flags == PyBUF_WRITE {
    PyErr_BadInternalCall()
    return -1
  }
  guard let get = r.type.pointee.tp_as_buffer?.pointee.bf_getbuffer else {
    return bridgeInt { () throws(PyError) in
      throw typeError("a bytes-like object is required, not '\(typeName(of: r))'")
    }
  }
  return get(r, view, flags)
}

@c @implementation public func PyBuffer_Release(_ view: UnsafeMutablePointer<Py_buffer>!) {
  guard let owner = view.pointee.obj else { return }
  if let release = owner.type.pointee.tp_as_buffer?.pointee.bf_releasebuffer { release(owner, view) }
  view.pointee.obj = nil
  decref(owner)
}

@c @implementation public func PyBuffer_FillInfo(
  _ view: UnsafeMutablePointer<Py_buffer>!, _ owner: Ref!, _ memory: UnsafeMutableRawPointer!, _ length: Int,
  _ readOnly: Int32, _ flags: Int32
) -> Int32 {
  guard let view else {
    PyErr_SetString(Exc.BufferError.object, "PyBuffer_FillInfo: view==NULL argument is obsolete")
    return -1
  }
  if flags != PyBUF_SIMPLE {
    if flags == PyBUF_READ || flags == PyBUF_WRITE {
      PyErr_BadInternalCall()
      return -1
    }
    if flags & PyBUF_WRITABLE == PyBUF_WRITABLE, readOnly == 1 {
      PyErr_SetString(Exc.BufferError.object, "Object is not writable.")
      return -1
    }
  }
  if let owner { incref(owner) }
  view.pointee.obj = owner
  view.pointee.buf = memory
  view.pointee.len = length
  view.pointee.readonly = readOnly
  view.pointee.itemsize = 1
  view.pointee.format = flags & PyBUF_FORMAT != 0 ? UnsafeMutablePointer(mutating: cString("B")) : nil
  view.pointee.ndim = 1
  // The struct itself holds shape and strides of one dimension.
  let base = UnsafeMutableRawPointer(view)
  view.pointee.shape =
    flags & PyBUF_ND == PyBUF_ND
    ? (base + MemoryLayout<Py_buffer>.offset(of: \.len)!).assumingMemoryBound(to: Int.self) : nil
  view.pointee.strides =
    flags & PyBUF_STRIDES == PyBUF_STRIDES
    ? (base + MemoryLayout<Py_buffer>.offset(of: \.itemsize)!).assumingMemoryBound(to: Int.self) : nil
  view.pointee.suboffsets = nil
  view.pointee.internal = nil
  return 0
}

/// C order: the last index moves fastest.
private func isC(_ v: Py_buffer) -> Bool {
  guard v.len != 0, let strides = v.strides else { return true }
  var expected = v.itemsize
  var i = Int(v.ndim) &- 1
  while i >= 0 {
    let n = v.shape?[i] ?? v.len / max(v.itemsize, 1)
    if n > 1, strides[i] != expected { return false }
    expected &*= n
    i &-= 1
  }
  return true
}

/// Fortran order: the first index moves fastest.
private func isFortran(_ v: Py_buffer) -> Bool {
  if v.len == 0 { return true }
  guard let strides = v.strides else {
    if v.ndim <= 1 { return true }
    // Without strides it is C order; that is Fortran order as well if at most one dimension is above 1.
    guard let shape = v.shape else { return false }
    var above = 0
    for i in 0..<Int(v.ndim) where shape[i] > 1 { above &+= 1 }
    return above <= 1
  }
  var expected = v.itemsize
  for i in 0..<Int(v.ndim) {
    let n = v.shape?[i] ?? v.len / max(v.itemsize, 1)
    if n > 1, strides[i] != expected { return false }
    expected &*= n
  }
  return true
}

@c @implementation public func PyBuffer_IsContiguous(_ view: UnsafePointer<Py_buffer>!, _ order: CChar) -> Int32 {
  let v = view.pointee
  if v.suboffsets != nil { return 0 }
  switch UInt8(bitPattern: order) {
  case UInt8(ascii: "C"): return isC(v) ? 1 : 0
  case UInt8(ascii: "F"): return isFortran(v) ? 1 : 0
  case UInt8(ascii: "A"): return isC(v) || isFortran(v) ? 1 : 0
  default: return 0
  }
}

/// The item at an index in each dimension.
func itemPointer(_ v: Py_buffer, _ indices: UnsafePointer<Int>) -> UnsafeMutableRawPointer {
  var p = v.buf.unsafelyUnwrapped
  guard let strides = v.strides else { return p }
  for i in 0..<Int(v.ndim) {
    p += strides[i] &* indices[i]
    if let sub = v.suboffsets, sub[i] >= 0 { p = p.load(as: UnsafeMutableRawPointer.self) + sub[i] }
  }
  return p
}

@c @implementation public func PyBuffer_GetPointer(
  _ view: UnsafePointer<Py_buffer>!, _ indices: UnsafePointer<Int>!
) -> UnsafeMutableRawPointer? { itemPointer(view.pointee, indices) }

@c @implementation public func PyBuffer_SizeFromFormat(_ format: UnsafePointer<CChar>!) -> Int {
  bridgeSize { () throws(PyError) in
    let module = try owned(PyImport_ImportModule("struct"))
    let f = try owned(PyObject_GetAttrString(module.ref, "calcsize"))
    let text = try owned(PyUnicode_FromString(format))
    let n = try owned(PyObject_CallOneArg(f.ref, text.ref))
    return try checkSize(PyLong_AsSsize_t(n.ref))
  }
}

@c @implementation public func PyBuffer_FillContiguousStrides(
  _ ndim: Int32, _ shape: UnsafeMutablePointer<Int>!, _ strides: UnsafeMutablePointer<Int>!, _ itemSize: Int32,
  _ order: CChar
) {
  var size = Int(itemSize)
  let n = Int(ndim)
  for k in 0..<n {
    let i = UInt8(bitPattern: order) == UInt8(ascii: "F") ? k : n &- 1 &- k
    strides[i] = size
    size &*= shape[i]
  }
}

/// Visits all items in C or Fortran order.
func forEachItem(
  _ v: Py_buffer, fortran: Bool, _ body: (UnsafeMutableRawPointer) -> Void
) {
  let n = Int(v.ndim)
  if n == 0 {
    body(v.buf.unsafelyUnwrapped)
    return
  }
  if let shape = v.shape, v.strides == nil, n > 1 {
    // Without strides the items are in C order.
    withUnsafeTemporaryAllocation(of: Int.self, capacity: n) { strides in
      var w = v
      w.strides = strides.baseAddress
      PyBuffer_FillContiguousStrides(
        v.ndim, shape, w.strides, Int32(truncatingIfNeeded: v.itemsize), CChar(UInt8(ascii: "C")))
      forEachItem(w, fortran: fortran, body)
    }
    return
  }
  guard let shape = v.shape, v.strides != nil else {
    var p = v.buf.unsafelyUnwrapped
    for _ in 0..<(v.len / max(v.itemsize, 1)) {
      body(p)
      p += v.itemsize
    }
    return
  }
  for i in 0..<n where shape[i] <= 0 { return }
  withUnsafeTemporaryAllocation(of: Int.self, capacity: n) { index in
    for i in 0..<n { index[i] = 0 }
    while true {
      body(itemPointer(v, index.baseAddress!))
      // Count up, the fastest index first.
      var k = 0
      while k < n {
        let i = fortran ? k : n &- 1 &- k
        index[i] &+= 1
        if index[i] < shape[i] { break }
        index[i] = 0
        k &+= 1
      }
      if k == n { return }
    }
  }
}

@c @implementation public func PyBuffer_ToContiguous(
  _ target: UnsafeMutableRawPointer!, _ view: UnsafePointer<Py_buffer>!, _ length: Int, _ order: CChar
) -> Int32 {
  let v = view.pointee
  if length != v.len {
    PyErr_SetString(Exc.ValueError.object, "PyBuffer_ToContiguous: len != view->len")
    return -1
  }
  if PyBuffer_IsContiguous(view, order) != 0 {
    memcpy(target, v.buf, v.len)
    return 0
  }
  let fortran = UInt8(bitPattern: order) == UInt8(ascii: "F")
  var at: UnsafeMutableRawPointer = target
  forEachItem(v, fortran: fortran) { p in
    memcpy(at, p, v.itemsize)
    at += v.itemsize
  }
  return 0
}

@c @implementation public func PyBuffer_FromContiguous(
  _ view: UnsafePointer<Py_buffer>!, _ source: UnsafeRawPointer!, _ length: Int, _ order: CChar
) -> Int32 {
  let v = view.pointee
  let n = min(length, v.len)
  if PyBuffer_IsContiguous(view, order) != 0 {
    memcpy(v.buf, source, n)
    return 0
  }
  let fortran = UInt8(bitPattern: order) == UInt8(ascii: "F")
  var at: UnsafeRawPointer = source
  var left = n
  forEachItem(v, fortran: fortran) { p in
    if left < v.itemsize { return }
    memcpy(p, at, v.itemsize)
    at += v.itemsize
    left &-= v.itemsize
  }
  return 0
}

@c @implementation public func PyObject_CopyData(_ target: Ref!, _ source: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    if PyObject_CheckBuffer(target) == 0 || PyObject_CheckBuffer(source) == 0 {
      throw typeError("both destination and source must be bytes-like objects")
    }
    var to = Py_buffer()
    var from = Py_buffer()
    try check(PyObject_GetBuffer(target, &to, PyBUF_FULL))
    defer { PyBuffer_Release(&to) }
    try check(PyObject_GetBuffer(source, &from, PyBUF_FULL_RO))
    defer { PyBuffer_Release(&from) }
    if to.len < from.len { throw raise(Exc.BufferError, "destination is too small to receive data from source") }
    let bytes = try owned(allocateBytes(from.len))
    try check(PyBuffer_ToContiguous(bytes.ref.bytesData, &from, from.len, 67))
    try check(PyBuffer_FromContiguous(&to, bytes.ref.bytesData, from.len, 67))
  }
}
