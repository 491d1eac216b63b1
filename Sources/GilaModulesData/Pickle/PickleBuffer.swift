// The type PickleBuffer: a view of an object's memory that may travel beside the pickled bytes.

import CGila
import GilaCore
import Glibc

private struct Holder {
  var base: PyObject
  var view: Py_buffer
  var weakReferences: Ref?
}

enum PickleBufferType {
  @inline(__always) private static func holder(_ r: Ref?) -> UnsafeMutablePointer<Holder> {
    r.unsafelyUnwrapped.cast(Holder.self)
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = gila_type_PyPickleBuffer_Type()
    t.define(
      "pickle.PickleBuffer", basicSize: MemoryLayout<Holder>.size, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc: "A view of memory that may be pickled out of band.")
    t.pointee.tp_weaklistoffset = MemoryLayout<Holder>.offset(of: \Holder.weakReferences)!
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("PickleBuffer", kwargs)
        try checkCount("PickleBuffer", args!.size, 1, 1)
        return try PickleBufferType.make(args!.tupleItems[0]!)
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      if PickleBufferType.holder(r).pointee.weakReferences != nil { PyObject_ClearWeakRefs(r) }
      PyBuffer_Release(&PickleBufferType.holder(r).pointee.view)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in visit(PickleBufferType.holder(r).pointee.view.obj, f, context) }
    t.pointee.tp_clear = { r in
      PyBuffer_Release(&PickleBufferType.holder(r).pointee.view)
      return 0
    }
    t.buffer.pointee.bf_getbuffer = { r, view, flags in
      bridgeStatus { () throws(PyError) in
        try check(PyObject_GetBuffer(try PickleBufferType.object(r!), view, flags))
      }
    }
    // The view belongs to the object underneath, which releases it itself.
    t.buffer.pointee.bf_releasebuffer = { _, _ in }
    var m = MethodTable()
    m.noArguments("raw", "($self, /)", "A memoryview of the bytes in their order in memory.") { r, _ in
      bridge { () throws(PyError) in try PickleBufferType.raw(r!) }
    }
    m.noArguments("release", "($self, /)", "Gives the memory back.") { r, _ in
      PyBuffer_Release(&PickleBufferType.holder(r).pointee.view)
      return none
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  static func make(_ r: Ref) throws(PyError) -> Owned {
    let b = try owned(PyType_GenericAlloc(type, 0))
    try check(PyObject_GetBuffer(r, &holder(b.ref).pointee.view, PyBUF_FULL_RO))
    return b
  }
  // Bits of a memoryview's flags: contiguous in C's and in Fortran's order; one item without axes.
  private static let contiguous: Int32 = 4 | 8
  private static let scalar: Int32 = 16
  nonisolated(unsafe) private static let bytesFormat = strdup("B")

  /// The object whose memory it is; ValueError after release.
  private static func object(_ r: Ref) throws(PyError) -> Ref {
    guard let o = holder(r).pointee.view.obj else {
      throw valueError("operation forbidden on released PickleBuffer object")
    }
    return o
  }
  static func view(_ r: Ref) throws(PyError) -> UnsafeMutablePointer<Py_buffer> {
    _ = try object(r)
    return UnsafeMutableRawPointer(r).advanced(by: MemoryLayout<Holder>.offset(of: \Holder.view)!)
      .assumingMemoryBound(to: Py_buffer.self)
  }
  private static func raw(_ r: Ref) throws(PyError) -> Owned {
    let v = try view(r)
    if PyBuffer_IsContiguous(v, CChar(UInt8(ascii: "A"))) == 0 {
      throw raise(Exc.BufferError, "cannot extract raw buffer from non-contiguous buffer")
    }
    let whole = try owned(PyMemoryView_FromObject(r))
    // Whatever its items and axes are: bytes in one row, in the order of memory.
    let m = UnsafeMutableRawPointer(whole.ref).assumingMemoryBound(to: PyMemoryViewObject.self)
    let view = (UnsafeMutableRawPointer(m) + MemoryLayout<PyMemoryViewObject>.offset(of: \.view)!)
      .assumingMemoryBound(to: Py_buffer.self)
    let numbers = UnsafeMutableRawPointer(view)
    m.pointee.flags = (m.pointee.flags & ~PickleBufferType.scalar) | PickleBufferType.contiguous
    view.pointee.itemsize = 1
    view.pointee.format = PickleBufferType.bytesFormat
    view.pointee.ndim = 1
    view.pointee.shape = (numbers + MemoryLayout<Py_buffer>.offset(of: \.len)!).assumingMemoryBound(to: Int.self)
    view.pointee.strides = (numbers + MemoryLayout<Py_buffer>.offset(of: \.itemsize)!).assumingMemoryBound(to: Int.self)
    view.pointee.suboffsets = nil
    return whole
  }
}

@c @implementation public func PyPickleBuffer_FromObject(_ r: Ref!) -> Ref? {
  bridge { () throws(PyError) in try PickleBufferType.make(r) }
}
@c @implementation public func PyPickleBuffer_GetBuffer(_ r: Ref!) -> UnsafePointer<Py_buffer>? {
  guard r.isExactly(PickleBufferType.type) else {
    _ = typeError("expected PickleBuffer, \(typeName(of: r)) found")
    return nil
  }
  do throws(PyError) { return UnsafePointer(try PickleBufferType.view(r)) } catch { return nil }
}
@c @implementation public func PyPickleBuffer_Release(_ r: Ref!) -> Int32 {
  guard r.isExactly(PickleBufferType.type) else {
    _ = typeError("expected PickleBuffer, \(typeName(of: r)) found")
    return -1
  }
  return bridgeStatus { () throws(PyError) in _ = try call(r, "release") }
}
