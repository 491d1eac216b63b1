// A bytes-like argument's memory, given back at the end of the scope.

import CGila
import GilaCore

struct Buffer: ~Copyable {
  var view = Py_buffer()

  /// The contiguous memory of a bytes-like object; TypeError for others.
  init(_ r: Ref, writable: Bool = false) throws(PyError) {
    try check(PyObject_GetBuffer(r, &view, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE))
  }
  deinit {
    var v = view
    PyBuffer_Release(&v)
  }

  var count: Int { view.len }
  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: view.buf?.assumingMemoryBound(to: UInt8.self), count: view.buf == nil ? 0 : view.len)
  }
}

/// A new bytes object that a body fills.
func bytes(_ n: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) throws(PyError) -> Owned {
  let b = try owned(PyBytes_FromStringAndSize(nil, n))
  fill((b.ref.raw + 32).assumingMemoryBound(to: UInt8.self))
  return b
}
