// The object behind memoryviews: one buffer of some exporter, shared by all views made from it.

import CGila
import GilaAlgorithms
import GilaCore

extension UnsafeMutablePointer where Pointee == PyObject {
  var managedBuffer: UnsafeMutablePointer<_PyManagedBufferObject> { cast(_PyManagedBufferObject.self) }
  var memoryView: UnsafeMutablePointer<PyMemoryViewObject> { cast(PyMemoryViewObject.self) }
}

/// Bits of a managed buffer's and a memoryview's flags.
enum ViewFlag {
  static let released: Int32 = 1
  static let cContiguous: Int32 = 2
  static let fortranContiguous: Int32 = 4
  static let scalar: Int32 = 8
  static let indirect: Int32 = 16
  static let restricted: Int32 = 32
}

func newManagedBuffer() throws(PyError) -> Owned {
  let r = try owned(PyType_GenericAlloc(Types.managedBuffer, 0))
  r.ref.managedBuffer.pointee.flags = 0
  r.ref.managedBuffer.pointee.exports = 0
  r.ref.managedBuffer.pointee.master.obj = nil
  return r
}

/// Gives the exporter's buffer back, once.
func releaseManaged(_ r: Ref) {
  let b = r.managedBuffer
  if b.pointee.flags & ViewFlag.released != 0 { return }
  b.pointee.flags |= ViewFlag.released
  PyObject_GC_UnTrack(r)
  PyBuffer_Release(&b.pointee.master)
}

enum ManagedBufferType {
  static func install() {
    let t = Types.managedBuffer
    t.define("managedbuffer", basicSize: MemoryLayout<_PyManagedBufferObject>.size, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_dealloc = { r in
      releaseManaged(r!)
      PyObject_GC_UnTrack(r)
      PyObject_GC_Del(r)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      if let owner = r!.managedBuffer.pointee.master.obj { return visit!(owner, argument) }
      return 0
    }
    t.pointee.tp_clear = { r in
      if r!.managedBuffer.pointee.exports == 0 { releaseManaged(r!) }
      return 0
    }
  }
}
