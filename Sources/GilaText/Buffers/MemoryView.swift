// memoryview objects: making, releasing, and the C functions.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// The view's own array of shape, strides and suboffsets.
func viewArray(_ r: Ref) -> UnsafeMutablePointer<Int> {
  (r.raw + MemoryLayout<PyMemoryViewObject>.offset(of: \.ob_array)!).assumingMemoryBound(to: Int.self)
}

/// ValueError when the view, or the buffer behind it, has been released.
func checkReleased(_ r: Ref) throws(PyError) {
  let v = r.memoryView
  if v.pointee.flags & ViewFlag.released != 0 || v.pointee.mbuf.pointee.flags & ViewFlag.released != 0 {
    throw valueError("operation forbidden on released memoryview object")
  }
}

private func newView(_ buffer: Ref, _ ndim: Int) throws(PyError) -> Owned {
  let r = try owned(PyType_GenericAlloc(Types.memoryView, 3 &* ndim))
  let v = r.ref.memoryView
  v.pointee.mbuf = buffer.managedBuffer
  incref(buffer)
  buffer.managedBuffer.pointee.exports &+= 1
  v.pointee.hash = -1
  v.pointee.flags = 0
  v.pointee.exports = 0
  v.pointee.weakreflist = nil
  v.pointee.view.ndim = Int32(ndim)
  v.pointee.view.shape = viewArray(r.ref)
  v.pointee.view.strides = viewArray(r.ref) + ndim
  v.pointee.view.suboffsets = viewArray(r.ref) + 2 &* ndim
  return r
}

/// Recomputes the flags from shape and strides.
func updateFlags(_ r: Ref) {
  let v = r.memoryView
  var flags: Int32 = v.pointee.flags & ViewFlag.restricted
  if v.pointee.view.ndim == 0 {
    flags |= ViewFlag.scalar | ViewFlag.cContiguous | ViewFlag.fortranContiguous
  } else if v.pointee.view.ndim == 1, v.pointee.view.suboffsets == nil {
    let n = v.pointee.view.shape[0]
    if n == 1 || v.pointee.view.strides[0] == v.pointee.view.itemsize {
      flags |= ViewFlag.cContiguous | ViewFlag.fortranContiguous
    }
  } else {
    let saved = v.pointee.view.suboffsets
    if PyBuffer_IsContiguous(&v.pointee.view, 67) != 0 { flags |= ViewFlag.cContiguous }
    if PyBuffer_IsContiguous(&v.pointee.view, 70) != 0 { flags |= ViewFlag.fortranContiguous }
    if saved != nil {
      flags |= ViewFlag.indirect
      flags &= ~(ViewFlag.cContiguous | ViewFlag.fortranContiguous)
    }
  }
  v.pointee.flags = flags
}

/// A view with copies of shape, strides and suboffsets of `source`.
func makeView(_ buffer: Ref, _ source: Py_buffer) throws(PyError) -> Owned {
  let n = Int(source.ndim)
  if n > 64 || n < 0 { throw valueError("memoryview: number of dimensions must not exceed 64") }
  let r = try newView(buffer, n)
  let v = r.ref.memoryView
  v.pointee.view.buf = source.buf
  v.pointee.view.obj = source.obj
  v.pointee.view.len = source.len
  v.pointee.view.itemsize = source.itemsize
  v.pointee.view.readonly = source.readonly
  v.pointee.view.format = source.format ?? UnsafeMutablePointer(mutating: cString("B"))
  v.pointee.view.internal = source.internal
  if n == 1, source.shape == nil || source.strides == nil {
    v.pointee.view.shape[0] = source.shape?[0] ?? source.len / max(source.itemsize, 1)
    v.pointee.view.strides[0] = source.strides?[0] ?? source.itemsize
  } else {
    for i in 0..<n { v.pointee.view.shape[i] = source.shape[i] }
    if let strides = source.strides {
      for i in 0..<n { v.pointee.view.strides[i] = strides[i] }
    } else if n > 0 {
      PyBuffer_FillContiguousStrides(
        source.ndim, v.pointee.view.shape, v.pointee.view.strides, Int32(truncatingIfNeeded: source.itemsize), 67)
    }
  }
  if let sub = source.suboffsets, n > 0 {
    for i in 0..<n { v.pointee.view.suboffsets[i] = sub[i] }
  } else {
    v.pointee.view.suboffsets = nil
  }
  updateFlags(r.ref)
  return r
}

func viewOf(_ o: Ref, flags: Int32 = PyBUF_FULL_RO) throws(PyError) -> Owned {
  if o.isExactly(Types.memoryView) {
    try checkReleased(o)
    let view = o.memoryView
    let buffer = UnsafeMutableRawPointer(view.pointee.mbuf).assumingMemoryBound(to: PyObject.self)
    if view.pointee.flags & ViewFlag.restricted != 0 {
      throw valueError("cannot create new view on restricted memoryview")
    }
    return try makeView(buffer, view.pointee.view)
  }
  if PyObject_CheckBuffer(o) == 0 {
    throw typeError("memoryview: a bytes-like object is required, not '\(typeName(of: o))'")
  }
  let buffer = try newManagedBuffer()
  if PyObject_GetBuffer(o, &buffer.ref.managedBuffer.pointee.master, flags) < 0 {
    buffer.ref.managedBuffer.pointee.master.obj = nil
    throw PyError()
  }
  return try makeView(buffer.ref, buffer.ref.managedBuffer.pointee.master)
}

/// memoryview.release(): false with BufferError while somebody has a buffer of this view.
func releaseView(_ r: Ref) throws(PyError) {
  let v = r.memoryView
  if v.pointee.flags & ViewFlag.released != 0 { return }
  if v.pointee.exports > 0 {
    let n = v.pointee.exports
    throw raise(Exc.BufferError, "memoryview has \(n) exported buffer\(n == 1 ? "" : "s")")
  }
  v.pointee.flags |= ViewFlag.released
  dropBuffer(v)
}

private func dropBuffer(_ v: UnsafeMutablePointer<PyMemoryViewObject>) {
  guard let buffer = v.pointee.mbuf else { return }
  buffer.pointee.exports &-= 1
  if buffer.pointee.exports == 0 {
    releaseManaged(UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: PyObject.self))
  }
}

/// Frees a view: its share in the managed buffer, its weak references, its memory.
func deallocateView(_ r: Ref) {
  let v = r.memoryView
  PyObject_GC_UnTrack(r)
  if v.pointee.flags & ViewFlag.released == 0 {
    v.pointee.flags |= ViewFlag.released
    dropBuffer(v)
  }
  if let buffer = v.pointee.mbuf {
    v.pointee.mbuf = nil
    decref(UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: PyObject.self))
  }
  if v.pointee.weakreflist != nil { PyObject_ClearWeakRefs(r) }
  PyObject_GC_Del(r)
}

@c @implementation public func PyMemoryView_FromObject(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in try viewOf(o) }
}

@c @implementation public func PyMemoryView_FromMemory(
  _ p: UnsafeMutablePointer<CChar>!, _ n: Int, _ flags: Int32
) -> Ref? {
  bridge { () throws(PyError) in
    let buffer = try newManagedBuffer()
    try check(
      PyBuffer_FillInfo(
        &buffer.ref.managedBuffer.pointee.master, nil, p, n, flags == PyBUF_WRITE ? 0 : 1, PyBUF_FULL_RO))
    return try makeView(buffer.ref, buffer.ref.managedBuffer.pointee.master)
  }
}

@c @implementation public func PyMemoryView_FromBuffer(_ info: UnsafePointer<Py_buffer>!) -> Ref? {
  bridge { () throws(PyError) in
    if info.pointee.buf == nil {
      throw valueError("PyMemoryView_FromBuffer(): info->buf must not be NULL")
    }
    let buffer = try newManagedBuffer()
    // Borrowed: the caller keeps the exporter.
    buffer.ref.managedBuffer.pointee.master = info.pointee
    buffer.ref.managedBuffer.pointee.master.obj = nil
    return try makeView(buffer.ref, info.pointee).withoutObject()
  }
}

extension Owned {
  /// A view that does not name its exporter.
  fileprivate consuming func withoutObject() -> Owned {
    ref.memoryView.pointee.view.obj = nil
    return Owned(taking: take())
  }
}

@c @implementation public func PyMemoryView_GetContiguous(
  _ o: Ref!, _ kind: Int32, _ order: CChar
) -> Ref? {
  bridge { () throws(PyError) in
    let view = try viewOf(o)
    let v = view.ref.memoryView
    if kind == PyBUF_WRITE, v.pointee.view.readonly != 0 {
      throw raise(Exc.BufferError, "underlying buffer is not writable")
    }
    if PyBuffer_IsContiguous(&v.pointee.view, order) != 0 { return view }
    if kind == PyBUF_WRITE {
      throw raise(Exc.BufferError, "writable contiguous buffer requested for a non-contiguous object.")
    }
    let bytes = try owned(allocateBytes(v.pointee.view.len))
    try check(PyBuffer_ToContiguous(bytes.ref.bytesData, &v.pointee.view, v.pointee.view.len, order))
    let copy = try viewOf(bytes.ref)
    let result = try newView(
      UnsafeMutableRawPointer(copy.ref.memoryView.pointee.mbuf).assumingMemoryBound(to: PyObject.self),
      Int(v.pointee.view.ndim))
    let target = result.ref.memoryView
    target.pointee.view.buf = UnsafeMutableRawPointer(bytes.ref.bytesData)
    target.pointee.view.obj = bytes.ref
    target.pointee.view.len = v.pointee.view.len
    target.pointee.view.itemsize = v.pointee.view.itemsize
    target.pointee.view.readonly = 1
    target.pointee.view.format = v.pointee.view.format
    for i in 0..<Int(v.pointee.view.ndim) { target.pointee.view.shape[i] = v.pointee.view.shape[i] }
    PyBuffer_FillContiguousStrides(
      v.pointee.view.ndim, target.pointee.view.shape, target.pointee.view.strides,
      Int32(truncatingIfNeeded: v.pointee.view.itemsize), order)
    target.pointee.view.suboffsets = nil
    updateFlags(result.ref)
    return result
  }
}
