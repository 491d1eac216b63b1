// bytearray: its memory. `ob_start` may stand behind `ob_bytes`, so that deleting at the front moves nothing; while a
// buffer is exported, the size cannot change.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// A bytearray with a copy of memory (nil: left to the caller).
func newByteArray(_ p: UnsafeRawPointer?, _ n: Int) -> Ref? {
  guard let r = SmallBlocks.allocate(MemoryLayout<PyByteArrayObject>.size) else { return noMemory() }
  let o = r.assumingMemoryBound(to: PyObject.self)
  o.pointee.ob_refcnt = 1
  o.pointee.ob_type = Types.byteArray
  o.size = n
  o.byteArray.pointee.ob_exports = 0
  o.byteArray.pointee.ob_bytes = nil
  o.byteArray.pointee.ob_start = nil
  o.byteArray.pointee.ob_alloc = 0
  if n > 0 {
    guard n < Int.max, let memory = PyMem_Malloc(n &+ 1) else {
      o.size = 0
      decref(o)
      return noMemory()
    }
    o.byteArray.pointee.ob_alloc = n &+ 1
    o.byteArray.pointee.ob_bytes = memory.assumingMemoryBound(to: CChar.self)
    o.byteArray.pointee.ob_start = o.byteArray.pointee.ob_bytes
    if let p { memcpy(memory, p, n) }
    o.byteArray.pointee.ob_start[n] = 0
  }
  return o
}

/// BufferError while a buffer is exported.
func checkResizable(_ r: Ref) throws(PyError) {
  if r.byteArray.pointee.ob_exports > 0 {
    throw raise(Exc.BufferError, "Existing exports of data: object cannot be re-sized")
  }
}

/// Changes the size; new bytes are not set.
func resize(_ r: Ref, _ count: Int) throws(PyError) {
  let b = r.byteArray
  if count == r.size { return }
  try checkResizable(r)
  let capacity = b.pointee.ob_alloc
  let offset = b.pointee.ob_bytes == nil ? 0 : b.pointee.ob_start - b.pointee.ob_bytes
  if count >= Int.max / 2 { throw memoryError() }
  if count &+ offset &+ 1 <= capacity, count >= capacity / 2 {
    r.size = count
    b.pointee.ob_start[count] = 0
    return
  }
  var wanted: Int
  if count &+ offset &+ 1 <= capacity, count < capacity / 2 {
    wanted = count &+ 1
  } else if count <= capacity &+ capacity / 8 {
    wanted = count &+ count >> 3 &+ (count < 9 ? 3 : 6)
  } else {
    wanted = count &+ 1
  }
  if wanted <= count { wanted = count &+ 1 }
  let old = b.pointee.ob_bytes
  let memory: UnsafeMutableRawPointer?
  if offset > 0 {
    memory = PyMem_Malloc(wanted)
    if let memory { memcpy(memory, b.pointee.ob_start, min(count, r.size)) }
  } else {
    memory = PyMem_Realloc(old, wanted)
  }
  guard let memory else { throw memoryError() }
  if offset > 0 { PyMem_Free(old) }
  b.pointee.ob_bytes = memory.assumingMemoryBound(to: CChar.self)
  b.pointee.ob_start = b.pointee.ob_bytes
  b.pointee.ob_alloc = wanted
  r.size = count
  b.pointee.ob_start[count] = 0
}

/// Replaces the bytes from `low` up to `high` with others, which must not be the bytearray's own memory.
func assign(_ r: Ref, _ low: Int, _ high: Int, _ data: CharacterData) throws(PyError) {
  let growth = data.count &- (high &- low)
  let n = r.size
  if growth != 0 { try checkResizable(r) }
  if growth < 0 {
    let p = r.byteArray.pointee.ob_start!
    if low == 0 {
      // Shrinking at the front: only the start moves.
      r.byteArray.pointee.ob_start = p - growth
      r.size = n &+ growth
    } else {
      memmove(p + (high &+ growth), p + high, n &- high)
      try resize(r, n &+ growth)
    }
    if r.size == 0 { try resizeToNothing(r) }
  } else if growth > 0 {
    try resize(r, n &+ growth)
    let p = r.byteArray.pointee.ob_start!
    memmove(p + (high &+ growth), p + high, n &- high)
  }
  if data.count > 0 { memcpy(r.byteArray.pointee.ob_start + low, data.base, data.count) }
}

/// An empty bytearray gives its memory back.
private func resizeToNothing(_ r: Ref) throws(PyError) {
  let b = r.byteArray
  if let p = b.pointee.ob_bytes { PyMem_Free(p) }
  b.pointee.ob_bytes = nil
  b.pointee.ob_start = nil
  b.pointee.ob_alloc = 0
  r.size = 0
}

@c @implementation public func PyByteArray_FromStringAndSize(_ p: UnsafePointer<CChar>!, _ n: Int) -> Ref? {
  if n < 0 {
    PyErr_SetString(Exc.SystemError.object, "Negative size passed to PyByteArray_FromStringAndSize")
    return nil
  }
  return newByteArray(p, n)
}
@c @implementation public func PyByteArray_FromObject(_ x: Ref!) -> Ref? {
  PyObject_CallOneArg(Types.byteArray.object, x)
}
@c @implementation public func PyByteArray_Size(_ r: Ref!) -> Int { r.size }
@c @implementation public func PyByteArray_AsString(_ r: Ref!) -> UnsafeMutablePointer<CChar>? {
  r.size > 0 ? r.byteArray.pointee.ob_start : gila_bytearray_empty()
}
@c @implementation public func PyByteArray_Resize(_ r: Ref!, _ n: Int) -> Int32 {
  bridgeStatus { () throws(PyError) in try resize(r, n) }
}
@c @implementation public func PyByteArray_Concat(_ a: Ref!, _ b: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if PyObject_CheckBuffer(a) == 0 || PyObject_CheckBuffer(b) == 0 {
      throw typeError("can't concat \(typeName(of: b)) to \(typeName(of: a))")
    }
    let left = try BufferLock(a)
    let right = try BufferLock(b)
    let (n, overflow) = left.data.count.addingReportingOverflow(right.data.count)
    if overflow { throw memoryError() }
    let r = try owned(newByteArray(nil, n))
    if n > 0 {
      memcpy(r.ref.byteArray.pointee.ob_start, left.data.base, left.data.count)
      memcpy(r.ref.byteArray.pointee.ob_start + left.data.count, right.data.base, right.data.count)
    }
    return r
  }
}
