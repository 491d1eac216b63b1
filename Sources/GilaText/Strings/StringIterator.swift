// str_iterator and its variant for ASCII text.

import CGila
import GilaAlgorithms
import GilaCore

/// Layout of the iterator: object head, index at 16, the str (NULL when exhausted) at 24.
private enum Field {
  static let index = 16
  static let text = 24
}

extension UnsafeMutablePointer where Pointee == PyObject {
  @inline(__always) fileprivate var index: Int {
    get { raw.load(fromByteOffset: Field.index, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: Field.index, as: Int.self) }
  }
  @inline(__always) fileprivate var text: UnsafeMutablePointer<Ref?> {
    (raw + Field.text).assumingMemoryBound(to: Ref?.self)
  }
}

func iterate(_ s: Ref) -> Ref? {
  let type = s.strIsASCII ? Types.unicodeASCIIIter : Types.unicodeIter
  guard let it = PyType_GenericAlloc(type, 0) else { return nil }
  it.index = 0
  it.text.pointee = newRef(s)
  return it
}

enum StringIteratorType {
  static func install() {
    install(Types.unicodeIter, "str_iterator")
    install(Types.unicodeASCIIIter, "str_ascii_iterator")
  }

  private static func install(_ t: TypeRef, _ name: StaticString) {
    t.define(
      name, basicSize: 32,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { me in
      PyObject_GC_UnTrack(me)
      clear(me!.text)
      PyObject_GC_Del(me)
    }
    t.pointee.tp_traverse = { me, visit, argument in
      if let s = me!.text.pointee { return visit!(s, argument) }
      return 0
    }
    t.pointee.tp_iter = { me in newRef(me!) }
    t.pointee.tp_iternext = { me in
      let it = me!
      guard let s = it.text.pointee else { return nil }
      let i = it.index
      if i < s.strLength {
        it.index = i &+ 1
        return newCharacter(s.chars[i])
      }
      clear(it.text)
      return nil
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { me, _ in
      PyLong_FromSsize_t(me!.text.pointee.map { max(0, $0.strLength &- me!.index) } ?? 0)
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { me, _ in
      bridge { () throws(PyError) in
        let builtin = try owned(PyEval_GetBuiltins().flatMap { PyMapping_GetItemString($0, "iter") })
        let tuple = try owned(PyTuple_New(me!.text.pointee == nil ? 2 : 3))
        PyTuple_SetItem(tuple.ref, 0, newRef(builtin.ref))
        let inner = try owned(PyTuple_New(1))
        PyTuple_SetItem(inner.ref, 0, newRef(me!.text.pointee ?? gila_empty_str()))
        PyTuple_SetItem(tuple.ref, 1, inner.take())
        if me!.text.pointee != nil {
          PyTuple_SetItem(tuple.ref, 2, try owned(PyLong_FromSsize_t(me!.index)).take())
        }
        return tuple
      }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { me, state in
      bridgeNone { () throws(PyError) in
        let n = PyLong_AsSsize_t(state)
        if n == -1, errorIsSet { throw PyError() }
        if let s = me!.text.pointee { me!.index = max(0, min(n, s.strLength)) }
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
