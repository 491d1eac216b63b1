// The type struct.Struct and the iterator of iter_unpack.

import CGila
import GilaCore

/// Words of a Struct: 0 size, 1 items (-1: not initialised), 2 codes, 3 format (str), 4 weak references. As in CPython:
/// extension modules look at the number of items.
///
/// The memory of the codes begins with one that is no code; its count is how many follow.
enum StructType {
  private static let signature = Signature("Struct", "(format)")
  private static let unpackFrom = Signature("unpack_from", "(buffer, offset=0)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "_struct.Struct", references: 0, words: 5,
      doc: "Struct(fmt) --> compiled struct object")
    t.pointee.tp_weaklistoffset = 48
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_dealloc = { s in
      PyObject_GC_UnTrack(s!.raw)
      if s!.field(4).pointee != nil { PyObject_ClearWeakRefs(s) }
      StructType.dropCodes(s!)
      xdecref(s!.field(3).pointee)
      s!.type.pointee.tp_free(s!.raw)
    }
    t.pointee.tp_new = { type, _, _ in
      bridge { () throws(PyError) in
        let s = try Fields.make(type!)
        s.ref.word(1).pointee = -1
        return s
      }
    }
    t.pointee.tp_init = { s, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let bound = try StructType.signature.bind(tuple: args, dict: kwargs)
        try StructType.initialize(s!, bound[0]!)
      }
    }
    t.pointee.tp_repr = { s in
      bridge { () throws(PyError) in
        try StructType.ready(s!)
        return try string("\(typeName(s!.type))(\(try reprText(s!.field(3).pointee!)))")
      }
    }
    var g = GetSetTable()
    g.add(
      "format", "struct format string",
      get: { s, _ in
        bridge { () throws(PyError) in
          try StructType.ready(s!)
          return Owned(retaining: s!.field(3).pointee!)
        }
      })
    g.add(
      "size", "struct size in bytes",
      get: { s, _ in
        bridge { () throws(PyError) in
          try StructType.ready(s!)
          return try int(s!.word(0).pointee)
        }
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = methods()
    return t
  }()

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one(
      "iter_unpack", "($self, buffer, /)",
      "Return an iterator yielding tuples.\n\nTuples are unpacked from the given bytes source, like a repeated\ninvocation of unpack_from().\n\nRequires that the bytes length be a multiple of the struct size."
    ) { s, buffer in
      bridge { () throws(PyError) in try UnpackIterator.make(s!, buffer!) }
    }
    m.positional(
      "pack", "",
      "S.pack(v1, v2, ...) -> bytes\n\nReturn a bytes object containing values v1, v2, ... packed according\nto the format string S.format.  See help(struct) for more on format\nstrings."
    ) { s, args, n in
      bridge { () throws(PyError) in try StructType.pack(s!, args, n) }
    }
    m.positional(
      "pack_into", "",
      "S.pack_into(buffer, offset, v1, v2, ...)\n\nPack the values v1, v2, ... according to the format string S.format\nand write the packed bytes into the writable buffer buf starting at\noffset.  Note that the offset is a required argument.  See\nhelp(struct) for more on format strings."
    ) { s, args, n in
      bridgeNone { () throws(PyError) in try StructType.packInto(s!, args, n) }
    }
    m.one(
      "unpack", "($self, buffer, /)",
      "Return a tuple containing unpacked values.\n\nUnpack according to the format string Struct.format. The buffer's size\nin bytes must be Struct.size.\n\nSee help(struct) for more on format strings."
    ) { s, buffer in
      bridge { () throws(PyError) in try StructType.unpack(s!, buffer!) }
    }
    m.keywords(
      "unpack_from", "($self, /, buffer, offset=0)",
      "Return a tuple containing unpacked values.\n\nValues are unpacked according to the format string Struct.format.\n\nThe buffer's size in bytes, starting at position offset, must be\nat least Struct.size.\n\nSee help(struct) for more on format strings."
    ) { s, args, n, names in
      bridge { () throws(PyError) in
        // The usual call without the general way of reading arguments.
        if names == nil, n == 1 || n == 2 {
          return try StructType.unpackFrom(s!, args![0]!, n == 1 ? 0 : sizeValue(args![1]!))
        }
        let b = try StructType.unpackFrom.bind(args, n, names)
        return try StructType.unpackFrom(s!, b[0]!, b[1] == nil ? 0 : sizeValue(b[1]!))
      }
    }
    m.noArguments("__sizeof__", "") { s, _ in
      PyLong_FromSsize_t(
        s!.type.pointee.tp_basicsize + (StructType.codes(s!).count + 1) * MemoryLayout<StructCode>.stride)
    }
    return m.build()
  }

  // MARK: state

  static func codes(_ s: Ref) -> UnsafeBufferPointer<StructCode> {
    guard let first = UnsafePointer<StructCode>(bitPattern: s.word(2).pointee) else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    return UnsafeBufferPointer(start: first + 1, count: first.pointee.count)
  }
  private static func dropCodes(_ s: Ref) {
    UnsafeMutablePointer<StructCode>(bitPattern: s.word(2).pointee)?.deallocate()
    s.word(2).pointee = 0
  }
  static func ready(_ s: Ref) throws(PyError) {
    if s.word(1).pointee < 0 { throw runtimeError("Struct object is not initialized") }
  }

  static func initialize(_ s: Ref, _ format: Ref) throws(PyError) {
    // The format as ASCII bytes, and as the str to show.
    let text: Owned
    if format.isUnicode {
      text = try owned(PyUnicode_AsASCIIString(format))
    } else if format.isBytes {
      text = Owned(retaining: format)
    } else {
      throw typeError("Struct() argument 1 must be a str or bytes object, not \(typeName(of: format))")
    }
    let bytes = UnsafeBufferPointer(
      start: UnsafePointer((text.ref.raw + 32).assumingMemoryBound(to: UInt8.self)), count: text.ref.size)
    let layout = try StructFormat.parse(bytes)
    let shown = try owned(PyUnicode_DecodeLatin1(PyBytes_AsString(text.ref), text.ref.size, nil))
    // Codes of an earlier `__init__` are left alone: a pack that called it may still be reading them.
    let n = layout.codes.count
    let memory = UnsafeMutablePointer<StructCode>.allocate(capacity: n + 1)
    memory.initialize(to: StructCode(format: 0, order: .native, offset: 0, size: 0, count: n))
    (memory + 1).initialize(from: layout.codes, count: n)
    s.word(2).pointee = Int(bitPattern: memory)
    s.word(0).pointee = layout.size
    s.word(1).pointee = layout.items
    replace(s.field(3), with: shown.take())
  }

  // MARK: operations

  private static func write(_ s: Ref, _ args: UnsafePointer<Ref?>, _ out: UnsafeMutablePointer<UInt8>) throws(PyError) {
    var i = 0
    for code in codes(s) {
      for k in 0..<code.count {
        try StructFormat.pack(code, args[i]!, out + code.offset + k * code.size)
        i += 1
      }
    }
  }

  static func pack(_ s: Ref, _ args: ArgumentVector?, _ n: Int) throws(PyError) -> Owned {
    try ready(s)
    if n != s.word(1).pointee {
      throw StructFormat.error("pack expected \(s.word(1).pointee) items for packing (got \(n))")
    }
    let size = s.word(0).pointee
    let result = try owned(PyBytes_FromStringAndSize(nil, size))
    let out = (result.ref.raw + 32).assumingMemoryBound(to: UInt8.self)
    if size > 0 { out.update(repeating: 0, count: size) }
    if let args { try write(s, args, out) }
    return result
  }

  static func packInto(_ s: Ref, _ args: ArgumentVector?, _ n: Int) throws(PyError) {
    try ready(s)
    let items = s.word(1).pointee
    if n != items + 2 {
      if n == 0 { throw StructFormat.error("pack_into expected buffer argument") }
      if n == 1 { throw StructFormat.error("pack_into expected offset argument") }
      throw StructFormat.error("pack_into expected \(items) items for packing (got \(n - 2))")
    }
    let buffer: Buffer
    do throws(PyError) {
      buffer = try Buffer(args![0]!, writable: true)
    } catch {
      throw typeError("argument must be read-write bytes-like object, not \(typeName(of: args![0]!))")
    }
    var offset = try sizeValue(args![1]!)
    let size = s.word(0).pointee
    if offset < 0 {
      if offset + size > 0 { throw StructFormat.error("no space to pack \(size) bytes at offset \(offset)") }
      if offset + buffer.count < 0 {
        throw StructFormat.error("offset \(offset) out of range for \(buffer.count)-byte buffer")
      }
      offset += buffer.count
    }
    if buffer.count - offset < size {
      throw StructFormat.error(
        "pack_into requires a buffer of at least \(UInt(bitPattern: size &+ offset)) bytes for packing \(size) bytes at offset \(offset) (actual buffer size is \(buffer.count))"
      )
    }
    guard size > 0, let memory = buffer.view.buf else { return }
    let out = memory.assumingMemoryBound(to: UInt8.self) + offset
    out.update(repeating: 0, count: size)
    try write(s, args! + 2, out)
  }

  /// A tuple of the items at a place.
  static func read(_ s: Ref, _ p: UnsafePointer<UInt8>?) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(s.word(1).pointee))
    // An empty buffer may have no memory; then nothing is read from it.
    let p = p ?? UnsafePointer((t.ref.raw).assumingMemoryBound(to: UInt8.self))
    var out = t.ref.tupleItems
    for code in codes(s) {
      var at = p + code.offset
      for _ in 0..<code.count {
        guard let item = StructFormat.unpack(code, at) else { throw PyError() }
        out.pointee = item
        out += 1
        at += code.size
      }
    }
    return t
  }

  static func unpack(_ s: Ref, _ source: Ref) throws(PyError) -> Owned {
    try ready(s)
    let buffer = try Buffer(source)
    let size = s.word(0).pointee
    if buffer.count != size { throw StructFormat.error("unpack requires a buffer of \(size) bytes") }
    return try read(s, buffer.bytes.baseAddress)
  }

  static func unpackFrom(_ s: Ref, _ source: Ref, _ offset0: Int) throws(PyError) -> Owned {
    try ready(s)
    if source.isExactly(Types.bytes), offset0 >= 0, source.size &- offset0 >= s.word(0).pointee {
      return try read(s, UnsafePointer((source.raw + 32 + offset0).assumingMemoryBound(to: UInt8.self)))
    }
    let buffer = try Buffer(source)
    let size = s.word(0).pointee
    var offset = offset0
    if offset < 0 {
      if offset + size > 0 { throw StructFormat.error("not enough data to unpack \(size) bytes at offset \(offset)") }
      if offset + buffer.count < 0 {
        throw StructFormat.error("offset \(offset) out of range for \(buffer.count)-byte buffer")
      }
      offset += buffer.count
    }
    if buffer.count - offset < size {
      throw StructFormat.error(
        "unpack_from requires a buffer of at least \(UInt(bitPattern: size &+ offset)) bytes for unpacking \(size) bytes at offset \(offset) (actual buffer size is \(buffer.count))"
      )
    }
    return try read(s, buffer.bytes.baseAddress.map { $0 + offset })
  }
}

/// What iter_unpack gives. Words: 0 the Struct, 1 the position; then the buffer.
enum UnpackIterator {
  private static let viewOffset = 32

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "_struct.unpack_iterator", references: 1, words: 2 + MemoryLayout<Py_buffer>.size / 8, subclassable: false,
      flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      UnpackIterator.release(r!)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let v = visit(r!.field(0).pointee, f, context)
      return v != 0 ? v : visit(UnpackIterator.view(r!).pointee.obj, f, context)
    }
    t.pointee.tp_iternext = { r in
      guard let s = r!.field(0).pointee else { return nil }
      let view = UnpackIterator.view(r!)
      let position = r!.word(1).pointee
      let size = s.word(0).pointee
      // The size may have changed, by another `__init__`.
      if size <= 0 || view.pointee.len - position < size {
        UnpackIterator.release(r!)
        return nil
      }
      let p = view.pointee.buf.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) + position }
      let result = bridge { () throws(PyError) in try StructType.read(s, p) }
      r!.word(1).pointee = position + size
      return result
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "") { r, _ in
      guard let s = r!.field(0).pointee else { return PyLong_FromLong(0) }
      return PyLong_FromSsize_t((UnpackIterator.view(r!).pointee.len - r!.word(1).pointee) / max(s.word(0).pointee, 1))
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  private static func view(_ r: Ref) -> UnsafeMutablePointer<Py_buffer> {
    (r.raw + viewOffset).assumingMemoryBound(to: Py_buffer.self)
  }
  private static func release(_ r: Ref) {
    if r.field(0).pointee == nil { return }
    clear(r.field(0))
    PyBuffer_Release(view(r))
  }

  static func make(_ s: Ref, _ source: Ref) throws(PyError) -> Owned {
    try StructType.ready(s)
    let size = s.word(0).pointee
    if size == 0 { throw StructFormat.error("cannot iteratively unpack with a struct of length 0") }
    let r = try Fields.make(type)
    try check(PyObject_GetBuffer(source, view(r.ref), PyBUF_SIMPLE))
    r.ref.field(0).pointee = newRef(s)
    if view(r.ref).pointee.len % size != 0 {
      throw StructFormat.error("iterative unpacking requires a buffer of a multiple of \(size) bytes")
    }
    return r
  }
}
