// The type array.array: construction and slots.

import CGila
import GilaCore
import Glibc

enum ArrayType {
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "array.array", references: 0, words: 6,
      doc:
        "array(typecode [, initializer]) -> array\n\nReturn a new array whose items are restricted by typecode, and\ninitialized from the optional initializer value, which must be a list,\nstring or iterable over elements of the appropriate type.\n\nArrays represent basic values and behave very much like lists, except\nthe type of objects stored in them is constrained. The type is specified\nat object creation time by using a type code, which is a single character.\n",
      flags: UInt(Py_TPFLAGS_SEQUENCE))
    t.pointee.tp_weaklistoffset = 48
    t.pointee.tp_dealloc = { a in
      PyObject_GC_UnTrack(a!.raw)
      if a!.field(4).pointee != nil { PyObject_ClearWeakRefs(a) }
      PyMem_Free(Arrays.memory(a!))
      a!.type.pointee.tp_free(a!.raw)
    }
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_new = { type, args, kwargs in bridge { () throws(PyError) in try ArrayType.new(type!, args!, kwargs) }
    }
    t.pointee.tp_repr = { a in
      bridge { () throws(PyError) in
        let name = typeName(a!.type)
        let kind = Arrays.kind(a!)
        if Arrays.count(a!) == 0 { return try string("\(name)('\(kind.character)')") }
        let value = kind.isText ? try Arrays.text(a!) : try Arrays.list(a!)
        return try string("\(name)('\(kind.character)', \(try reprText(value.ref)))")
      }
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard a!.isInstance(of: ArrayType.type), b!.isInstance(of: ArrayType.type) else { return notImplemented }
      return bridge { () throws(PyError) in try ArrayType.compare(a!, b!, op) }
    }
    t.pointee.tp_iter = { a in
      bridge { () throws(PyError) in
        let r = try Fields.make(ArrayIterator.type)
        r.ref.field(0).pointee = newRef(a!)
        return r
      }
    }
    installSequence(t)
    t.buffer.pointee.bf_getbuffer = { a, view, flags in ArrayType.export(a!, view, flags) }
    t.buffer.pointee.bf_releasebuffer = { a, _ in a!.word(5).pointee -= 1 }
    var g = GetSetTable()
    g.add(
      "typecode", "the typecode character used to create the array",
      get: { a, _ in
        PyUnicode_FromOrdinal(Int32(truncatingIfNeeded: a!.word(3).pointee))
      })
    g.add(
      "itemsize", "the size, in bytes, of one array item",
      get: { a, _ in
        PyLong_FromSsize_t(Arrays.kind(a!).size)
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = ArrayMethods.table()
    return t
  }()

  private static func new(_ type: TypeRef, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    if type == ArrayType.type { try rejectKeywords("array.array", kwargs) }
    let n = args.size
    if n < 1 { throw typeError("array() takes at least 1 argument (0 given)") }
    if n > 2 { throw typeError("array() takes at most 2 arguments (\(n) given)") }
    let code = args.tupleItems[0]!
    guard code.isUnicode, PyUnicode_GetLength(code) == 1 else {
      throw typeError("array() argument 1 must be a unicode character, not \(typeName(of: code))")
    }
    let c = PyUnicode_ReadChar(code, 0)
    let initial = n > 1 ? args.tupleItems[1]! : nil
    try audit("array.__new__", code, initial)
    if c == 0x75,
      PyErr_WarnEx(
        Exc.DeprecationWarning.object,
        "The 'u' type code is deprecated and will be removed in Python 3.16", 1) < 0
    {
      throw PyError()
    }
    guard c < 128, let kind = ArrayKind(UInt8(c)) else {
      throw valueError("bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)")
    }
    let sameKind = initial.map { $0.isInstance(of: ArrayType.type) && $0.word(3).pointee == Int(c) } ?? false
    if let initial, !kind.isText {
      if initial.isUnicode {
        throw typeError("cannot use a str to initialize an array with typecode '\(kind.character)'")
      }
      if initial.isInstance(of: ArrayType.type), Arrays.kind(initial).isText {
        throw typeError("cannot use a unicode array to initialize an array with typecode '\(kind.character)'")
      }
    }
    let a = try Arrays.make(type, kind, 0)
    guard let initial else { return a }
    if sameKind {
      try Arrays.extend(a.ref, initial)
    } else if initial.isBytes || initial.isInstance(of: Types.byteArray) {
      let buffer = try Buffer(initial)
      try Arrays.appendBytes(a.ref, buffer.view.buf, buffer.count)
    } else if initial.isUnicode {
      try Arrays.appendText(a.ref, initial)
    } else {
      try forEach(initial) { item throws(PyError) in try Arrays.insert(a.ref, Arrays.count(a.ref), item) }
    }
    Arrays.trim(a.ref)
    return a
  }

  // MARK: comparison

  private static func compare(_ a: Ref, _ b: Ref, _ op: Int32) throws(PyError) -> Owned {
    let (na, nb) = (Arrays.count(a), Arrays.count(b))
    if na != nb && (op == Py_EQ || op == Py_NE) { return Owned(retaining: pyBool(op == Py_NE)) }
    var i = 0
    while i < Arrays.count(a) && i < Arrays.count(b) {
      let x = try Arrays.get(a, i)
      let y = try Arrays.get(b, i)
      if try !equal(x.ref, y.ref) {
        if op == Py_EQ { return Owned(retaining: pyFalse) }
        if op == Py_NE { return Owned(retaining: pyTrue) }
        return try owned(PyObject_RichCompare(x.ref, y.ref, op))
      }
      i += 1
    }
    let order = Arrays.count(a) - Arrays.count(b)
    let result: Bool
    switch op {
    case Py_LT: result = order < 0
    case Py_LE: result = order <= 0
    case Py_EQ: result = order == 0
    case Py_NE: result = order != 0
    case Py_GT: result = order > 0
    default: result = order >= 0
    }
    return Owned(retaining: pyBool(result))
  }

  // MARK: sequence

  private static func installSequence(_ t: TypeRef) {
    let s = t.sequence
    s.pointee.sq_length = { Arrays.count($0!) }
    s.pointee.sq_item = { a, i in
      if i < 0 || i >= Arrays.count(a!) { return fail(Exc.IndexError, "array index out of range") }
      return Arrays.kind(a!).get(Arrays.place(a!, i))
    }
    s.pointee.sq_ass_item = { a, i, v in
      bridgeStatus { () throws(PyError) in
        if i < 0 || i >= Arrays.count(a!) { throw indexError("array assignment index out of range") }
        if let v { try Arrays.set(a!, i, v) } else { try Arrays.remove(a!, i, i + 1) }
      }
    }
    s.pointee.sq_concat = { a, b in
      bridge { () throws(PyError) in
        if !b!.isInstance(of: ArrayType.type) {
          throw typeError("can only append array (not \"\(typeName(of: b!))\") to array")
        }
        if a!.word(3).pointee != b!.word(3).pointee { throw typeError("bad argument type for built-in operation") }
        let (na, nb) = (Arrays.count(a!), Arrays.count(b!))
        if na > Int.max - nb { throw memoryError() }
        let r = try Arrays.make(ArrayType.type, Arrays.kind(a!), na + nb)
        let size = Arrays.kind(a!).size
        if na > 0 { memcpy(Arrays.place(r.ref, 0), Arrays.place(a!, 0), na * size) }
        if nb > 0 { memcpy(Arrays.place(r.ref, na), Arrays.place(b!, 0), nb * size) }
        return r
      }
    }
    s.pointee.sq_repeat = { a, n in
      bridge { () throws(PyError) in
        let size = Arrays.count(a!)
        let (total, overflow) = size.multipliedReportingOverflow(by: max(n, 0))
        if overflow { throw memoryError() }
        let r = try Arrays.make(ArrayType.type, Arrays.kind(a!), total)
        if total > 0 { ArrayType.fill(r.ref, 0, from: a!, size, times: n) }
        return r
      }
    }
    s.pointee.sq_inplace_concat = { a, b in
      bridge { () throws(PyError) in
        if !b!.isInstance(of: ArrayType.type) {
          throw typeError("can only extend array with array (not \"\(typeName(of: b!))\")")
        }
        try Arrays.extend(a!, b!)
        return Owned(retaining: a!)
      }
    }
    s.pointee.sq_inplace_repeat = { a, n in
      bridge { () throws(PyError) in
        let size = Arrays.count(a!)
        let (total, overflow) = size.multipliedReportingOverflow(by: max(n, 0))
        if overflow { throw memoryError() }
        try Arrays.resize(a!, total)
        if total > size && size > 0 { ArrayType.fill(a!, size, from: a!, size, times: n - 1) }
        return Owned(retaining: a!)
      }
    }
    s.pointee.sq_contains = { a, v in
      bridgeBool { () throws(PyError) in try ArrayMethods.find(a!, v!, 0, .max) != nil }
    }
    t.mapping.pointee.mp_length = s.pointee.sq_length
    t.mapping.pointee.mp_subscript = { a, index in
      bridge { () throws(PyError) in try ArrayType.subscript_(a!, index!) }
    }
    t.mapping.pointee.mp_ass_subscript = { a, index, v in
      bridgeStatus { () throws(PyError) in try ArrayType.assign(a!, index!, v) }
    }
  }

  private static func fill(_ r: Ref, _ at: Int, from a: Ref, _ n: Int, times: Int) {
    let size = Arrays.kind(a).size
    for k in 0..<max(times, 0) { memmove(Arrays.place(r, at + k * n), Arrays.place(a, 0), n * size) }
  }

  private static func isIndex(_ r: Ref) -> Bool {
    r.isLong || r.type.pointee.tp_as_number?.pointee.nb_index != nil
  }
  private static func resolve(
    _ slice: Ref, _ n: Int
  ) throws(PyError) -> (start: Int, stop: Int, step: Int, count: Int) {
    var (start, stop, step) = (0, 0, 0)
    try check(PySlice_Unpack(slice, &start, &stop, &step))
    let count = PySlice_AdjustIndices(n, &start, &stop, step)
    return (start, stop, step, count)
  }
  private static func index(_ r: Ref, _ n: Int) throws(PyError) -> Int {
    let i = PyNumber_AsSsize_t(r, Exc.IndexError.object)
    if i == -1 && errorIsSet { throw PyError() }
    return i < 0 ? i + n : i
  }

  private static func subscript_(_ a: Ref, _ r: Ref) throws(PyError) -> Owned {
    if isIndex(r) {
      let i = try index(r, Arrays.count(a))
      if i < 0 || i >= Arrays.count(a) { throw indexError("array index out of range") }
      return try Arrays.get(a, i)
    }
    if !r.isExactly(Types.slice) { throw typeError("array indices must be integers") }
    let (start, _, step, count) = try resolve(r, Arrays.count(a))
    let result = try Arrays.make(ArrayType.type, Arrays.kind(a), max(count, 0))
    let size = Arrays.kind(a).size
    for i in 0..<max(count, 0) { memcpy(Arrays.place(result.ref, i), Arrays.place(a, start + i * step), size) }
    return result
  }

  private static func assign(_ a: Ref, _ r: Ref, _ v: Ref?) throws(PyError) {
    if isIndex(r) {
      let i = try index(r, Arrays.count(a))
      if i < 0 || i >= Arrays.count(a) { throw indexError("array assignment index out of range") }
      if let v { return try Arrays.set(a, i, v) }
      return try Arrays.remove(a, i, i + 1)
    }
    if !r.isExactly(Types.slice) { throw typeError("array indices must be integers") }
    var (start, stop, step, count) = try resolve(r, Arrays.count(a))
    var source: Owned? = nil
    if let v {
      if !v.isInstance(of: type) {
        throw typeError("can only assign array (not \"\(typeName(of: v))\") to array slice")
      }
      if v.word(3).pointee != a.word(3).pointee { throw typeError("bad argument type for built-in operation") }
      if v == a {
        let copy = try Arrays.make(type, Arrays.kind(a), 0)
        try Arrays.extend(copy.ref, a)
        source = consume copy
      } else {
        source = Owned(retaining: v)
      }
    }
    let new = source?.ref
    let needed = new.map { Arrays.count($0) } ?? 0
    if step > 0 && stop < start || step < 0 && stop > start { stop = start }
    let size = Arrays.kind(a).size
    if step == 1 {
      let n = Arrays.count(a)
      if needed != count { try Arrays.checkResizable(a) }
      if needed < count {
        try Arrays.remove(a, start + needed, start + count)
      } else if needed > count {
        try Arrays.resize(a, n + needed - count)
        memmove(Arrays.place(a, start + needed), Arrays.place(a, start + count), (n - start - count) * size)
      }
      if let new, needed > 0 { memcpy(Arrays.place(a, start), Arrays.place(new, 0), needed * size) }
      return
    }
    guard let new else {
      if count <= 0 { return }
      try Arrays.checkResizable(a)
      if step < 0 {
        start += step * (count - 1)
        step = -step
      }
      // Close the gaps.
      var target = start
      var taken = 0
      for i in start..<Arrays.count(a) {
        if taken < count && i == start + taken * step {
          taken += 1
        } else {
          memmove(Arrays.place(a, target), Arrays.place(a, i), size)
          target += 1
        }
      }
      return try Arrays.resize(a, Arrays.count(a) - count)
    }
    if needed != count {
      throw valueError("attempt to assign array of size \(needed) to extended slice of size \(count)")
    }
    for i in 0..<max(count, 0) { memcpy(Arrays.place(a, start + i * step), Arrays.place(new, i), size) }
  }

  // MARK: buffer

  private static func export(_ a: Ref, _ view: UnsafeMutablePointer<Py_buffer>?, _ flags: Int32) -> Int32 {
    guard let view else {
      _ = fail(Exc.BufferError, "array_buffer_getbuf: view==NULL argument is obsolete")
      return -1
    }
    let kind = Arrays.kind(a)
    view.pointee.buf = Arrays.memory(a) ?? a.raw
    view.pointee.obj = newRef(a)
    view.pointee.len = Arrays.count(a) * kind.size
    view.pointee.readonly = 0
    view.pointee.ndim = 1
    view.pointee.itemsize = kind.size
    view.pointee.suboffsets = nil
    view.pointee.shape = nil
    view.pointee.strides = nil
    // The count is the shape; it does not change while the buffer is out.
    if flags & PyBUF_ND == PyBUF_ND { view.pointee.shape = a.word(0) }
    if flags & PyBUF_STRIDES == PyBUF_STRIDES {
      let offset = MemoryLayout<Py_buffer>.offset(of: \.itemsize).unsafelyUnwrapped
      view.pointee.strides = (UnsafeMutableRawPointer(view) + offset).assumingMemoryBound(to: Int.self)
    }
    view.pointee.format = nil
    view.pointee.internal = nil
    if flags & PyBUF_FORMAT == PyBUF_FORMAT {
      let code = kind.code == UInt8(ascii: "u") ? UInt8(ascii: "w") : kind.code
      view.pointee.format = formats(code)
    }
    a.word(5).pointee += 1
    return 0
  }

  /// A one-character C string that lives for ever.
  private static func formats(_ code: UInt8) -> UnsafeMutablePointer<CChar>? {
    let all: StaticString = "b\0B\0u\0w\0h\0H\0i\0I\0l\0L\0q\0Q\0f\0d\0"
    var i = 0
    while i < all.utf8CodeUnitCount {
      if all.utf8Start[i] == code {
        return UnsafeMutablePointer(
          mutating: UnsafeRawPointer(all.utf8Start + i).assumingMemoryBound(to: CChar.self))
      }
      i += 2
    }
    return nil
  }
}

/// The iterator of arrays. Words: 0 the array or nil, 1 the index.
enum ArrayIterator {
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "array.arrayiterator", references: 1, words: 2, subclassable: false,
      flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in
      guard let a = r!.field(0).pointee else { return nil }
      let i = r!.word(1).pointee
      if i < Arrays.count(a) {
        r!.word(1).pointee = i + 1
        return Arrays.kind(a).get(Arrays.place(a, i))
      }
      clear(r!.field(0))
      return nil
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "($self, /)", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let builtins = try borrowed(PyEval_GetBuiltins())
        let iter = Owned(retaining: try borrowed(PyDict_GetItemString(builtins, "iter")))
        guard let a = r!.field(0).pointee else { return try pair(iter, single(owned(PyTuple_New(0)))) }
        return try triple(iter, single(Owned(retaining: a)), int(r!.word(1).pointee))
      }
    }
    m.one("__setstate__", "($self, state, /)", "Set state information for unpickling.") { r, state in
      bridgeNone { () throws(PyError) in
        let i = try sizeValue(state!)
        guard let a = r!.field(0).pointee else { return }
        r!.word(1).pointee = min(max(i, 0), Arrays.count(a))
      }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()
}
