// memory_iterator: the items of a one-dimensional memoryview.

import CGila
import GilaAlgorithms
import GilaCore

extension UnsafeMutablePointer where Pointee == PyObject {
  fileprivate var index: Int {
    get { raw.load(fromByteOffset: 16, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
  }
  fileprivate var length: Int {
    get { raw.load(fromByteOffset: 24, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 24, as: Int.self) }
  }
  fileprivate var source: UnsafeMutablePointer<Ref?> { (raw + 32).assumingMemoryBound(to: Ref?.self) }
}

enum MemoryIterator {
  static func make(_ r: Ref) throws(PyError) -> Owned {
    try checkReleased(r)
    let v = r.memoryView.pointee.view
    if v.ndim == 0 { throw typeError("invalid indexing of 0-dim memory") }
    if v.ndim != 1 { throw raise(Exc.NotImplementedError, "multi-dimensional sub-views are not implemented") }
    _ = try requireNative(v)
    let it = try owned(PyType_GenericAlloc(Types.memoryIter, 0))
    it.ref.length = v.shape[0]
    it.ref.source.pointee = newRef(r)
    return it
  }

  static func install() {
    let t = Types.memoryIter
    t.define("memory_iterator", basicSize: 40, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_dealloc = { it in
      PyObject_GC_UnTrack(it)
      clear(it!.source)
      PyObject_GC_Del(it)
    }
    t.pointee.tp_traverse = { it, visit, argument in
      if let r = it!.source.pointee { return visit!(r, argument) }
      return 0
    }
    t.pointee.tp_iter = { newRef($0!) }
    t.pointee.tp_iternext = { it in
      guard let r = it!.source.pointee else { return nil }
      if it!.index < it!.length {
        return bridge { () throws(PyError) in
          try checkReleased(r)
          let v = r.memoryView.pointee.view
          let i = it!.index
          it!.index = i &+ 1
          var p = v.buf + v.strides[0] &* i
          if let sub = v.suboffsets, sub[0] >= 0 { p = p.load(as: UnsafeMutableRawPointer.self) + sub[0] }
          return try unpack(p, try requireNative(v))
        }
      }
      clear(it!.source)
      return nil
    }
  }
}
