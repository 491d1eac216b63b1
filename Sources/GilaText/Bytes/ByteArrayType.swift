// The bytearray type.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

private let signature = Signature("bytearray", "(source=b'', encoding='utf-8', errors='strict')")

private func initialize(_ r: Ref, _ tuple: Ref?, _ dict: Ref?) throws(PyError) {
  let b = try signature.bind(tuple: tuple, dict: dict)
  if r.size != 0 { try resize(r, 0) }
  switch try bytesSource("bytearray", b[0], b[1], b[2]) {
  case .object(let o): try assign(r, 0, r.size, o.ref.byteView)
  case .buffer(let buffer):
    if let base = buffer.base { try assign(r, 0, r.size, CharacterData(bytes: base, count: buffer.count)) }
  case .zeros(let n):
    if n > 0 {
      try resize(r, n)
      memset(r.byteArray.pointee.ob_start, 0, n)
    }
  }
}

/// The index that `key` is, from the end when negative.
private func index(_ r: Ref, _ key: Ref) throws(PyError) -> Int {
  var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
  if i == -1, errorIsSet { throw PyError() }
  if i < 0 { i &+= r.size }
  if i < 0 || i >= r.size { throw indexError("bytearray index out of range") }
  return i
}

/// r[key] = value, or del r[key] when there is none.
private func setItem(_ r: Ref, _ key: Ref, _ value: Ref?) throws(PyError) {
  if PyIndex_Check(key) != 0 {
    guard let value else {
      let i = try index(r, key)
      try assign(r, i, i &+ 1, literal(""))
      return
    }
    let byte = try byteValue(value)
    let i = try index(r, key)
    r.byteArray.pointee.ob_start[i] = CChar(bitPattern: byte)
    return
  }
  guard key.isExactly(Types.slice) else {
    throw typeError("bytearray indices must be integers or slices, not \(typeName(of: key))")
  }
  var copy = ByteBuffer()
  if let value, value != r, PyObject_CheckBuffer(value) == 0 {
    // Numbers and text would be something else to bytearray().
    if PyNumber_Check(value) != 0 || value.isUnicode {
      throw typeError("can assign only bytes, buffers, or iterables of ints in range(0, 256)")
    }
    copy = try bytesOf(value, kind: "bytearray")
  } else if let value {
    let lock = try BufferLock(value)
    copy.append(lock.data.base, lock.data.count)
  }
  if copy.isExhausted { throw memoryError() }
  var start = 0
  var stop = 0
  var step = 0
  try check(PySlice_Unpack(key, &start, &stop, &step))
  let n = PySlice_AdjustIndices(r.size, &start, &stop, step)
  let data = CharacterData(bytes: copy.base ?? mutableBytes(gila_empty_bytes()), count: copy.count)
  if step == 1 {
    try assign(r, start, max(stop, start), data)
    return
  }
  if value == nil || data.count == 0 {
    if n == 0 { return }
    try checkResizable(r)
    // Move what stays together, piece by piece.
    let first = step > 0 ? start : start &+ (n &- 1) &* step
    let stride = abs(step)
    let p = r.byteArray.pointee.ob_start!
    var to = first
    for k in 0..<n {
      let from = first &+ k &* stride &+ 1
      let end = k &+ 1 < n ? from &+ stride &- 1 : r.size
      memmove(p + to, p + from, end &- from)
      to &+= end &- from
    }
    try resize(r, r.size &- n)
    return
  }
  if n != data.count {
    throw valueError("attempt to assign bytes of size \(data.count) to extended slice of size \(n)")
  }
  for k in 0..<n { r.byteArray.pointee.ob_start[start &+ k &* step] = CChar(bitPattern: UInt8(data[k])) }
}

private func reduce(_ r: Ref, _ protocolNumber: Int) throws(PyError) -> Owned {
  let state = try owned(PyObject_GetState(r))
  let arguments: Owned
  if protocolNumber < 3 {
    let text = try owned(PyUnicode_DecodeLatin1(PyByteArray_AsString(r), r.size, nil))
    arguments = try owned(PyTuple_New(2))
    PyTuple_SetItem(arguments.ref, 0, r.size == 0 ? gila_empty_str() : newRef(text.ref))
    PyTuple_SetItem(arguments.ref, 1, newRef(gila_intern("latin-1")!))
  } else {
    arguments = try owned(PyTuple_New(r.size == 0 ? 0 : 1))
    if r.size > 0 { PyTuple_SetItem(arguments.ref, 0, try owned(newBytes(r.byteView.base, r.size)).take()) }
  }
  let tuple = try owned(PyTuple_New(3))
  PyTuple_SetItem(tuple.ref, 0, newRef(r.type.object))
  PyTuple_SetItem(tuple.ref, 1, arguments.take())
  PyTuple_SetItem(tuple.ref, 2, state.take())
  return tuple
}

/// object.__getstate__ of an object.
private func PyObject_GetState(_ r: Ref) -> Ref? { PyObject_CallMethodNoArgs_(r, "__getstate__") }

private func PyObject_CallMethodNoArgs_(_ r: Ref, _ name: StaticString) -> Ref? {
  guard let f = PyObject_GetAttrString(r, cString(name)) else { return nil }
  defer { decref(f) }
  return PyObject_CallNoArgs(f)
}

enum ByteArrayType {
  static func install() {
    let t = Types.byteArray
    t.define(
      "bytearray", basicSize: 56, flags: UInt(Py_TPFLAGS_BASETYPE) | UInt(_Py_TPFLAGS_MATCH_SELF),
      doc:
        "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> bytes array of size given by the parameter initialized with null bytes\nbytearray() -> empty bytes array\n\nConstruct a mutable bytearray object from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - a bytes or a buffer object\n  - any object implementing the buffer API.\n  - an integer"
    )
    t.pointee.tp_dealloc = { me in
      let r = me!
      if let p = r.byteArray.pointee.ob_bytes { PyMem_Free(p) }
      r.type.pointee.tp_free(r)
    }
    t.pointee.tp_new = { type, _, _ in
      // Zeroed memory is an empty bytearray.
      type!.pointee.tp_alloc(type, 0)
    }
    t.pointee.tp_init = { me, tuple, dict in
      bridgeStatus { () throws(PyError) in try initialize(me!, tuple, dict) }
    }
    t.pointee.tp_free = { PyObject_Free($0) }
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_repr = { me in
      bridge { () throws(PyError) in
        let name = typeName(me!.type)
        let inner = try bytesRepr(me!.byteView, smartQuotes: true, prefix: "b", suffix: "", escapesApostrophe: true)
        var writer = StringWriter()
        let nameText = try string(name)
        try writer.append(nameText.ref.chars)
        try writer.append("(")
        try writer.append(inner.ref)
        try writer.append(")")
        return try writer.finish()
      }
    }
    t.pointee.tp_str = { me in me!.type.pointee.tp_repr(me) }
    t.pointee.tp_richcompare = compareBytes
    t.pointee.tp_iter = { iterateBytes($0!) }
    t.sequence.pointee.sq_length = { $0!.size }
    t.sequence.pointee.sq_concat = { PyByteArray_Concat($0, $1) }
    t.sequence.pointee.sq_repeat = { repeatedBytes($0!, $1) }
    t.sequence.pointee.sq_item = { me, i in
      guard i >= 0, i < me!.size else {
        PyErr_SetString(Exc.IndexError.object, "bytearray index out of range")
        return nil
      }
      return PyLong_FromLong(Int(me!.byteView[i]))
    }
    t.sequence.pointee.sq_ass_item = { me, i, value in
      bridgeStatus { () throws(PyError) in
        if i < 0 || i >= me!.size { throw indexError("bytearray index out of range") }
        guard let value else {
          try assign(me!, i, i &+ 1, literal(""))
          return
        }
        let byte = try byteValue(value)
        if i < me!.size { me!.byteArray.pointee.ob_start[i] = CChar(bitPattern: byte) }
      }
    }
    t.sequence.pointee.sq_contains = { me, value in
      bridgeBool { () throws(PyError) in try containsBytes(me!, value!) }
    }
    t.sequence.pointee.sq_inplace_concat = { me, other in
      bridge { () throws(PyError) in
        if PyObject_CheckBuffer(other) == 0 {
          throw typeError("can't concat \(typeName(of: other!)) to \(typeName(of: me!))")
        }
        try extend(me!, other!)
        return Owned(retaining: me!)
      }
    }
    t.sequence.pointee.sq_inplace_repeat = { me, times in
      bridge { () throws(PyError) in
        let r = me!
        let n = r.size
        let (total, overflow) = n.multipliedReportingOverflow(by: max(times, 0))
        if overflow { throw memoryError() }
        try resize(r, total)
        if n > 0, times > 1 {
          let p = r.byteArray.pointee.ob_start!
          for k in 1..<times { memcpy(p + k &* n, p, n) }
        }
        return Owned(retaining: r)
      }
    }
    t.mapping.pointee.mp_length = { $0!.size }
    t.mapping.pointee.mp_subscript = { me, key in
      bridge { () throws(PyError) in try subscriptBytes(me!, key!) }
    }
    t.mapping.pointee.mp_ass_subscript = { me, key, value in
      bridgeStatus { () throws(PyError) in try setItem(me!, key!, value) }
    }
    t.number.pointee.nb_remainder = { a, b in
      guard a!.isByteArray else { return newRef(notImplemented) }
      return bridge { () throws(PyError) in
        let sink = try formatBytes(a!.byteView, b!)
        return try makeBytes(a!, sink.buffer)
      }
    }
    t.buffer.pointee.bf_getbuffer = { me, view, flags in
      let r = me!
      guard view != nil else {
        PyErr_SetString(Exc.BufferError.object, "bytearray_getbuffer: view==NULL argument is obsolete")
        return -1
      }
      if PyBuffer_FillInfo(view, r, PyByteArray_AsString(r), r.size, 0, flags) < 0 { return -1 }
      r.byteArray.pointee.ob_exports &+= 1
      return 0
    }
    t.buffer.pointee.bf_releasebuffer = { me, _ in me!.byteArray.pointee.ob_exports &-= 1 }
    var m = MethodTable()
    ByteMethods.add(&m)
    ByteCaseMethods.add(&m)
    addMutation(&m)
    t.pointee.tp_methods = m.build()
  }

  private static func addMutation(_ m: inout MethodTable) {
    m.one(
      "append", "($self, item, /)",
      "Append a single item to the end of the bytearray.\n\n  item\n    The item to be appended."
    ) { me, item in
      bridgeNone { () throws(PyError) in
        let byte = try byteValue(item!)
        let n = me!.size
        let b = me!.byteArray
        if b.pointee.ob_exports == 0, n > 0,
          b.pointee.ob_start - b.pointee.ob_bytes &+ n &+ 2 <= b.pointee.ob_alloc, n >= b.pointee.ob_alloc / 2
        {
          // There is room.
          let end = b.pointee.ob_start + n
          end[0] = CChar(bitPattern: byte)
          end[1] = 0
          me!.size = n &+ 1
          return
        }
        try resize(me!, n &+ 1)
        me!.byteArray.pointee.ob_start[n] = CChar(bitPattern: byte)
      }
    }
    m.noArguments("clear", "($self, /)", "Remove all items from the bytearray.") { me, _ in
      bridgeNone { () throws(PyError) in if me!.size > 0 { try assign(me!, 0, me!.size, literal("")) } }
    }
    m.noArguments("copy", "($self, /)", "Return a copy of B.") { me, _ in newByteArray(me!.byteView.base, me!.size) }
    m.one(
      "extend", "($self, iterable_of_ints, /)",
      "Append all the items from the iterator or sequence to the end of the bytearray.\n\n  iterable_of_ints\n    The iterable of items to append."
    ) { me, iterable in
      bridgeNone { () throws(PyError) in try extend(me!, iterable!) }
    }
    m.positional(
      "insert", "($self, index, item, /)",
      "Insert a single item into the bytearray before the given index.\n\n  index\n    The index where the value is to be inserted.\n  item\n    The item to be inserted."
    ) { me, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("insert", n, 2, 2)
        var i = try integerArgument(a.unsafelyUnwrapped[0].unsafelyUnwrapped)
        let byte = try byteValue(a.unsafelyUnwrapped[1].unsafelyUnwrapped)
        let size = me!.size
        if i < 0 { i = max(0, i &+ size) }
        i = min(i, size)
        try assign(me!, i, i, gila_byte(UInt32(byte)).bytesView)
      }
    }
    m.positional(
      "pop", "($self, index=-1, /)",
      "Remove and return a single item from B.\n\n  index\n    The index from where to remove the item.\n    -1 (the default value) means remove the last item.\n\nIf no index argument is given, will pop the last item."
    ) { me, a, n in
      bridge { () throws(PyError) in
        try checkCount("pop", n, 0, 1)
        var i = n > 0 ? try integerArgument(a.unsafelyUnwrapped[0].unsafelyUnwrapped) : -1
        let r = me!
        if r.size == 0 { throw indexError("pop from empty bytearray") }
        if i < 0 { i &+= r.size }
        if i < 0 || i >= r.size { throw indexError("pop index out of range") }
        try checkResizable(r)
        let value = try owned(PyLong_FromLong(Int(r.byteView[i])))
        try assign(r, i, i &+ 1, literal(""))
        return value
      }
    }
    m.one(
      "remove", "($self, value, /)",
      "Remove the first occurrence of a value in the bytearray.\n\n  value\n    The value to remove."
    ) { me, value in
      bridgeNone { () throws(PyError) in
        let byte = try byteValue(value!)
        let i = me!.byteView.find(character: UInt32(byte))
        if i < 0 { throw valueError("value not found in bytearray") }
        try assign(me!, i, i &+ 1, literal(""))
      }
    }
    m.noArguments("reverse", "($self, /)", "Reverse the order of the values in B in place.") { me, _ in
      if me!.size > 1 {
        let p = me!.byteArray.pointee.ob_start!
        var i = 0
        var j = me!.size &- 1
        while i < j {
          let c = p[i]
          p[i] = p[j]
          p[j] = c
          i &+= 1
          j &-= 1
        }
      }
      return none
    }
    m.one(
      "fromhex", "($type, string, /)",
      "Create a bytearray object from a string of hexadecimal numbers.\n\nSpaces between two numbers are accepted.\nExample: bytearray.fromhex('B9 01EF') -> bytearray(b'\\\\xb9\\\\x01\\\\xef')",
      flags: METH_CLASS
    ) { type, text in
      bridge { () throws(PyError) in
        let buffer = try bytesFromHex(text!)
        let made = try owned(newBytes(buffer))
        if type!.asType == Types.byteArray { return try owned(newByteArray(made.ref.bytesData, made.ref.size)) }
        return try owned(PyObject_CallOneArg(type, made.ref))
      }
    }
    m.noArguments("__alloc__", "", "B.__alloc__() -> int\n\nReturn the number of bytes actually allocated.") { me, _ in
      PyLong_FromSsize_t(me!.byteArray.pointee.ob_alloc)
    }
    m.noArguments("__sizeof__", "($self, /)", "Returns the size of the bytearray object in memory, in bytes.") {
      me, _ in
      PyLong_FromSsize_t(me!.type.pointee.tp_basicsize &+ me!.byteArray.pointee.ob_alloc)
    }
    m.noArguments("__reduce__", "($self, /)", "Return state information for pickling.") { me, _ in
      bridge { () throws(PyError) in try reduce(me!, 2) }
    }
    m.positional("__reduce_ex__", "($self, proto=0, /)", "Return state information for pickling.") { me, a, n in
      bridge { () throws(PyError) in
        try checkCount("__reduce_ex__", n, 0, 1)
        return try reduce(me!, n > 0 ? Int(try intArgument(a.unsafelyUnwrapped[0].unsafelyUnwrapped)) : 0)
      }
    }
  }
}

/// Appends a buffer or ints.
private func extend(_ r: Ref, _ other: Ref) throws(PyError) {
  if other.isExactly(Types.bytes) { return try assign(r, r.size, r.size, other.bytesView) }
  if PyObject_CheckBuffer(other) != 0 {
    if other == r {
      // Its own memory moves: double it by hand.
      let n = r.size
      try resize(r, n &* 2)
      if n > 0 { memcpy(r.byteArray.pointee.ob_start + n, r.byteArray.pointee.ob_start, n) }
      return
    }
    let lock = try BufferLock(other)
    try assign(r, r.size, r.size, lock.data)
    return
  }
  if other.isUnicode { throw typeError("expected iterable of integers; got: 'str'") }
  guard let iterator = PyObject_GetIter(other) else {
    if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
      PyErr_Clear()
      throw typeError("can't extend bytearray with \(typeName(of: other))")
    }
    throw PyError()
  }
  decref(iterator)
  let buffer = try bytesOf(other, kind: "bytearray")
  if buffer.isExhausted { throw memoryError() }
  if let base = buffer.base { try assign(r, r.size, r.size, CharacterData(bytes: base, count: buffer.count)) }
}
