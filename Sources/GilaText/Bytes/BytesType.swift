// The bytes type.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

private let signature = Signature("bytes", "(source=b'', encoding='utf-8', errors='strict')")

private func make(_ type: TypeRef, _ x: Ref?, _ encoding: Ref?, _ errors: Ref?) throws(PyError) -> Owned {
  let made = try makeBytes(try bytesSource("bytes", x, encoding, errors))
  if type == Types.bytes { return made }
  guard let alloc = type.pointee.tp_alloc else { throw systemError("no tp_alloc") }
  let r = try owned(alloc(type, made.ref.size))
  r.ref.bytesHash = -1
  memcpy(r.ref.bytesData, made.ref.bytesData, made.ref.size &+ 1)
  return r
}

/// An index or slice of bytes and bytearray.
func subscriptBytes(_ s: Ref, _ key: Ref) throws(PyError) -> Owned {
  if PyIndex_Check(key) != 0 {
    var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
    if i == -1, errorIsSet { throw PyError() }
    if i < 0 { i &+= s.size }
    if i < 0 || i >= s.size { throw indexError(s.isBytes ? "index out of range" : "bytearray index out of range") }
    return try owned(PyLong_FromLong(Int(s.byteView[i])))
  }
  guard key.isExactly(Types.slice) else {
    throw typeError("\(s.isBytes ? "byte" : "bytearray") indices must be integers or slices, not \(typeName(of: key))")
  }
  var start = 0
  var stop = 0
  var step = 0
  try check(PySlice_Unpack(key, &start, &stop, &step))
  let n = PySlice_AdjustIndices(s.size, &start, &stop, step)
  if n <= 0 { return try makeBytes(s, literal("")) }
  if step == 1 { return try subbytes(s, start, start &+ n) }
  let r = try makeUninitialized(s, n)
  let text = s.byteView
  let p = mutableBytes(r.ref)
  for k in 0..<n { p[k] = UInt8(truncatingIfNeeded: text[start &+ k &* step]) }
  return r
}

func containsBytes(_ s: Ref, _ value: Ref) throws(PyError) -> Bool {
  if PyIndex_Check(value) != 0 {
    let n = PyNumber_AsSsize_t(value, nil)
    if n == -1, errorIsSet {
      if PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw PyError() }
      PyErr_Clear()
    } else {
      if n < 0 || n > 255 { throw valueError("byte must be in range(0, 256)") }
      return s.byteView.find(character: UInt32(n)) >= 0
    }
  }
  let lock = try BufferLock(value)
  return s.byteView.find(lock.data) >= 0
}

enum BytesType {
  static func install() {
    let t = Types.bytes
    t.define(
      "bytes", basicSize: 33, itemSize: 1,
      flags: UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_BYTES_SUBCLASS) | UInt(_Py_TPFLAGS_MATCH_SELF),
      doc:
        "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\nbytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> empty bytes object\n\nConstruct an immutable array of bytes from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - any object implementing the buffer API.\n  - an integer"
    )
    t.pointee.tp_dealloc = { me in me!.type.pointee.tp_free(me) }
    t.pointee.tp_free = { PyObject_Free($0) }
    t.pointee.tp_repr = { PyBytes_Repr($0, 1) }
    t.pointee.tp_str = { me in
      if warnsAboutBytes, PyErr_WarnEx(Exc.BytesWarning.object, "str() on a bytes instance", 1) < 0 { return nil }
      return PyBytes_Repr(me, 1)
    }
    t.pointee.tp_hash = { me in
      let r = me!
      if r.bytesHash == -1 { r.bytesHash = hashBytes(r.bytesData, r.size) }
      return r.bytesHash
    }
    t.pointee.tp_richcompare = compareBytes
    t.pointee.tp_iter = { iterateBytes($0!) }
    t.pointee.tp_new = { type, tuple, dict in
      bridge { () throws(PyError) in
        let b = try signature.bind(tuple: tuple, dict: dict)
        return try make(type!, b[0], b[1], b[2])
      }
    }
    t.sequence.pointee.sq_length = { $0!.size }
    t.sequence.pointee.sq_concat = { concatenateBytes($0!, $1!) }
    t.sequence.pointee.sq_repeat = { repeatedBytes($0!, $1) }
    t.sequence.pointee.sq_item = { me, i in
      guard i >= 0, i < me!.size else {
        PyErr_SetString(Exc.IndexError.object, "index out of range")
        return nil
      }
      return PyLong_FromLong(Int(me!.bytesData[i]))
    }
    t.sequence.pointee.sq_contains = { me, value in
      bridgeBool { () throws(PyError) in try containsBytes(me!, value!) }
    }
    t.mapping.pointee.mp_length = { $0!.size }
    t.mapping.pointee.mp_subscript = { me, key in
      bridge { () throws(PyError) in try subscriptBytes(me!, key!) }
    }
    t.number.pointee.nb_remainder = { a, b in
      guard a!.isBytes else { return newRef(notImplemented) }
      return bridge { () throws(PyError) in
        let sink = try formatBytes(a!.bytesView, b!)
        return try owned(newBytes(sink.buffer))
      }
    }
    t.buffer.pointee.bf_getbuffer = { me, view, flags in
      PyBuffer_FillInfo(view, me, me!.raw + 32, me!.size, 1, flags)
    }
    var m = MethodTable()
    ByteMethods.add(&m)
    ByteCaseMethods.add(&m)
    m.one(
      "fromhex", "($type, string, /)",
      "Create a bytes object from a string of hexadecimal numbers.\n\nSpaces between two numbers are accepted.\nExample: bytes.fromhex('B9 01EF') -> b'\\\\xb9\\\\x01\\\\xef'.",
      flags: METH_CLASS
    ) { type, text in
      bridge { () throws(PyError) in
        let made = try owned(newBytes(try bytesFromHex(text!)))
        if type!.asType == Types.bytes { return made }
        return try owned(PyObject_CallOneArg(type, made.ref))
      }
    }
    m.noArguments("__bytes__", "($self, /)", "Convert this value to exact type bytes.") { me, _ in
      bridge { () throws(PyError) in try unchangedBytes(me!) }
    }
    m.noArguments("__getnewargs__") { me, _ in
      bridge { () throws(PyError) in
        let tuple = try owned(PyTuple_New(1))
        PyTuple_SetItem(tuple.ref, 0, try owned(newBytes(me!.bytesData, me!.size)).take())
        return tuple
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
