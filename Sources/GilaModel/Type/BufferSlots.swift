import CGila
import GilaCore

/// `__buffer__` and `__release_buffer__` (PEP 688): of Python classes as slots, of native types as methods.
enum BufferSlots {
  /// The exporter of what a class's `__buffer__` returned: that view, and the object of the class. The object hears of
  /// the release before the view is let go.
  private struct Wrapper {
    var ob_base: PyObject
    var view: Ref?
    var object: Ref?
  }
  private static func wrapper(_ r: Ref) -> UnsafeMutablePointer<Wrapper> { r.cast(Wrapper.self) }
  /// The bit of a memoryview that forbids further views of it.
  private static let restricted: Int32 = 32

  static func get(_ o: Ref, _ buffer: UnsafeMutablePointer<Py_buffer>, _ flags: Int32) throws(PyError) {
    let f = try Special.require(o, .buffer)
    let argument = try owned(PyLong_FromLong(Int(flags)))
    let view = try owned(f(o, argument.ref))
    guard view.ref.isInstance(of: Types.memoryView) else {
      throw typeError("__buffer__ returned non-memoryview object")
    }
    let made = try owned(PyType_GenericAlloc(Types.bufferWrapper, 0))
    try check(PyObject_GetBuffer(view.ref, buffer, flags))
    xdecref(buffer.pointee.obj)
    wrapper(made.ref).pointee.view = view.take()
    wrapper(made.ref).pointee.object = newRef(o)
    buffer.pointee.obj = made.take()
  }
  /// Calls `__release_buffer__` with the view that `__buffer__` returned, or one that ends with the call. Nobody can
  /// be told of errors.
  static func release(_ o: Ref, _ buffer: UnsafeMutablePointer<Py_buffer>) {
    let pending = PyErr_GetRaisedException()
    do throws(PyError) {
      if let exporter = buffer.pointee.obj, exporter.isExactly(Types.bufferWrapper) {
        guard let view = wrapper(exporter).pointee.view else { return PyErr_SetRaisedException(pending) }
        let held = Owned(retaining: view)
        try tell(o, held.ref)
      } else {
        let view = try owned(PyMemoryView_FromBuffer(buffer))
        view.ref.cast(PyMemoryViewObject.self).pointee.flags |= restricted
        try tell(o, view.ref)
        let end = try owned(PyObject_GetAttrString(view.ref, "release"))
        _ = try owned(PyObject_CallNoArgs(end.ref))
      }
    } catch { PyErr_WriteUnraisable(o) }
    PyErr_SetRaisedException(pending)
  }
  private static func tell(_ o: Ref, _ view: Ref) throws(PyError) {
    guard let f = try Special.find(o, Dunder.release_buffer.ref) else { return }
    guard let r = f(o, view) else { return PyErr_WriteUnraisable(o) }
    decref(r)
  }
  private static func released(_ r: Ref, _ buffer: UnsafeMutablePointer<Py_buffer>) {
    let w = wrapper(r)
    guard let view = w.pointee.view, let o = w.pointee.object else { return }
    view.type.pointee.tp_as_buffer?.pointee.bf_releasebuffer?(view, buffer)
    // A native function for the release is called when the view ends.
    if view.cast(PyMemoryViewObject.self).pointee.view.obj != o,
      let own = o.type.pointee.tp_as_buffer?.pointee.bf_releasebuffer,
      address(own) == address(SlotFunctions.releaseBuffer)
    {
      release(o, buffer)
    }
    GilaCore.clear(&w.pointee.view)
    GilaCore.clear(&w.pointee.object)
  }

  /// A memoryview by one class's own slot, whatever a subclass made of it.
  static func view(of o: Ref, by slot: getbufferproc, _ flags: Int32) throws(PyError) -> Owned {
    var buffer = Py_buffer()
    try check(slot(o, &buffer, flags))
    guard let made = PyMemoryView_FromBuffer(&buffer) else {
      let error = PyErr_GetRaisedException()
      PyBuffer_Release(&buffer)
      PyErr_SetRaisedException(error)
      throw PyError()
    }
    // The view is the buffer's owner from now on.
    let v = made.cast(PyMemoryViewObject.self)
    v.pointee.mbuf.pointee.master.obj = buffer.obj
    v.pointee.view.obj = buffer.obj
    return Owned(taking: made)
  }

  static func install() {
    let t = Types.bufferWrapper
    t.define(
      "_buffer_wrapper", basicSize: MemoryLayout<Wrapper>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      GilaCore.clear(&BufferSlots.wrapper(r!).pointee.view)
      GilaCore.clear(&BufferSlots.wrapper(r!).pointee.object)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, visit, context in
      for held in [BufferSlots.wrapper(r!).pointee.view, BufferSlots.wrapper(r!).pointee.object] {
        if let held, let visit {
          let s = visit(held, context)
          if s != 0 { return s }
        }
      }
      return 0
    }
    t.buffer.pointee.bf_releasebuffer = { r, buffer in BufferSlots.released(r!, buffer!) }
  }
}
