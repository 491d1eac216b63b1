// Memory that several interpreters see: what a memoryview becomes on the way.

import CGila
import GilaCore

/// The memory that an object of one interpreter exports. It is given back in that interpreter.
final class SharedBuffer: SharedForm {
  private let owner: Int64
  private let view: UnsafeMutablePointer<Py_buffer>

  static func take(_ r: Ref) throws(PyError) -> SharedBuffer {
    let view = UnsafeMutablePointer<Py_buffer>.allocate(capacity: 1)
    view.initialize(to: Py_buffer())
    if PyObject_GetBuffer(r, view, PyBUF_FULL_RO) == 0 { return SharedBuffer(view) }
    view.deallocate()
    throw PyError()
  }
  private init(_ view: UnsafeMutablePointer<Py_buffer>) {
    self.view = view
    owner = currentInterpreter.pointee.id
  }
  deinit {
    let view = view
    InterpreterRun.within(owner) { PyBuffer_Release(view) }
    view.deallocate()
  }

  func make() throws(PyError) -> Owned {
    let exporter = try BufferViewType.make(self)
    return try owned(PyMemoryView_FromObject(exporter.ref))
  }

  /// Fills a view of the memory in; `exporter` is what the view holds on to. 0, or -1 with an exception set.
  fileprivate func export(_ exporter: Ref, _ result: UnsafeMutablePointer<Py_buffer>, _ flags: Int32) -> Int32 {
    // What the object itself would answer; it keeps its memory for this form, so that nothing else need be kept.
    if PyObject_GetBuffer(view.pointee.obj, result, flags) < 0 { return -1 }
    var own = result.pointee
    PyBuffer_Release(&own)
    result.pointee.obj = newRef(exporter)
    result.pointee.internal = nil
    return 0
  }
}

/// `_interpreters.CrossInterpreterBufferView`: the object behind a memoryview of another interpreter's memory.
enum BufferViewType {
  private struct Object {
    var base: PyObject
    var buffer: Unmanaged<SharedBuffer>?
  }
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_interpreters.CrossInterpreterBufferView", basicSize: MemoryLayout<Object>.stride,
      flags: UInt(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_dealloc = { r in
      let buffer = r!.cast(Object.self).pointee.buffer
      r!.type.pointee.tp_free(r!.raw)
      buffer?.release()
    }
    t.buffer.pointee.bf_getbuffer = { r, view, flags in
      guard let view, let buffer = r!.cast(Object.self).pointee.buffer else {
        PyErr_SetString(Exc.BufferError.object, "the memory is not there")
        return -1
      }
      return buffer.takeUnretainedValue().export(r!, view, flags)
    }
    _ = PyType_Ready(t)
    return t
  }()

  static func make(_ buffer: SharedBuffer) throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    r.ref.cast(Object.self).pointee.buffer = Unmanaged.passRetained(buffer)
    return r
  }
}
