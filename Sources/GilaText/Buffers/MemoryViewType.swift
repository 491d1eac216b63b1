// The memoryview type.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

private let newSignature = Signature("memoryview", "(object)")
private let castSignature = Signature("cast", "(format, shape=None)")
private let orderSignature = Signature("tobytes", "(order='C')")
private let flagsSignature = Signature("_from_flags", "(object, flags)")

private func sizes(_ p: UnsafePointer<Int>?, _ n: Int32) throws(PyError) -> Owned {
  guard let p else { return try owned(PyTuple_New(0)) }
  let tuple = try owned(PyTuple_New(Int(n)))
  for i in 0..<Int(n) { PyTuple_SetItem(tuple.ref, i, try owned(PyLong_FromSsize_t(p[i])).take()) }
  return tuple
}

/// The content as one run of bytes.
private func bytes(_ r: Ref, _ order: CChar) throws(PyError) -> Owned {
  let view = r.memoryView
  let result = try owned(allocateBytes(view.pointee.view.len))
  if view.pointee.view.len > 0 {
    // Fortran order asked for by "A" only when the memory is Fortran contiguous.
    var chosen = order
    if order == 65 { chosen = PyBuffer_IsContiguous(&view.pointee.view, 70) != 0 ? 70 : 67 }
    try check(
      PyBuffer_ToContiguous(result.ref.bytesData, &view.pointee.view, view.pointee.view.len, chosen))
  }
  return result
}

private func cast(_ r: Ref, _ formatText: Ref, _ shape: Ref?) throws(PyError) -> Owned {
  try checkReleased(r)
  let view = r.memoryView.pointee.view
  if r.memoryView.pointee.flags & ViewFlag.cContiguous == 0 {
    throw typeError("memoryview: casts are restricted to C-contiguous views")
  }
  if !formatText.isUnicode { throw badArgument("cast", 0, "str", formatText) }
  if let shape, !shape.isList, !shape.isTuple { throw typeError("shape must be a list or a tuple") }
  var dimensions = 1
  if let shape {
    dimensions = shape.size
    if dimensions > 64 { throw valueError("memoryview: number of dimensions must not exceed 64") }
    if view.ndim != 1, dimensions != 1 { throw typeError("memoryview: cast must be 1D -> ND or ND -> 1D") }
  } else if view.ndim != 1 {
    for i in 0..<Int(view.ndim) where view.shape[i] == 0 {
      throw typeError("memoryview: cannot cast view with zeros in shape or strides")
    }
  }
  guard let text = PyUnicode_AsUTF8(formatText) else { throw PyError() }
  guard let target = nativeFormat(text) else {
    throw valueError(
      "memoryview: destination format must be a native single character format prefixed with an optional '@'")
  }
  func isByte(_ c: UInt8) -> Bool { c == UInt8(ascii: "B") || c == UInt8(ascii: "b") || c == UInt8(ascii: "c") }
  // Whatever a view is of can be seen as bytes.
  let source = nativeFormat(view.format)
  if !isByte(target), source.map(isByte) != true {
    throw typeError("memoryview: cannot cast between two non-byte formats")
  }
  let size = itemSize(target)
  if view.len % size != 0 { throw typeError("memoryview: length is not a multiple of itemsize") }
  var plan = view
  plan.itemsize = size
  plan.format = permanentFormat(text)
  plan.suboffsets = nil
  var lengths: InlineArray<64, Int> = .init(repeating: 0)
  lengths[0] = view.len / size
  if let shape {
    var product = size
    for i in 0..<dimensions {
      let item = (shape.isList ? PyList_GetItem(shape, i) : PyTuple_GetItem(shape, i)).unsafelyUnwrapped
      if !item.isLong { throw typeError("memoryview.cast(): elements of shape must be integers") }
      let n = PyLong_AsSsize_t(item)
      if n == -1, errorIsSet { throw PyError() }
      if n <= 0 { throw valueError("memoryview.cast(): elements of shape must be integers > 0") }
      let (next, overflow) = product.multipliedReportingOverflow(by: n)
      if overflow { throw valueError("memoryview.cast(): product(shape) > SSIZE_MAX") }
      product = next
      lengths[i] = n
    }
    if product != view.len { throw typeError("memoryview: product(shape) * itemsize != buffer size") }
  }
  plan.ndim = Int32(dimensions)
  plan.strides = nil
  let buffer = UnsafeMutableRawPointer(r.memoryView.pointee.mbuf).assumingMemoryBound(to: PyObject.self)
  return try withUnsafeTemporary(&lengths) { p throws(PyError) in
    plan.shape = p
    return try makeView(buffer, plan)
  }
}

private func withUnsafeTemporary(
  _ lengths: inout InlineArray<64, Int>, _ body: (UnsafeMutablePointer<Int>) throws(PyError) -> Owned
) throws(PyError) -> Owned {
  var made: Ref? = nil
  withUnsafeMutablePointer(to: &lengths) { p in
    do throws(PyError) {
      made = try body(UnsafeMutableRawPointer(p).assumingMemoryBound(to: Int.self)).take()
    } catch {}
  }
  return try owned(made)
}

/// A format text that lives as long as the program.
private func permanentFormat(_ text: UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar> {
  let p = text.pointee == 0x40 ? text + 1 : text
  let known: StaticString =
    "?\0c\0b\0B\0h\0H\0i\0I\0l\0L\0q\0Q\0n\0N\0f\0d\0e\0P\0@?\0@c\0@b\0@B\0@h\0@H\0@i\0@I\0@l\0@L\0@q\0@Q\0@n\0@N\0@f\0@d\0@e\0@P\0"
  var i = 0
  let base = cString(known)
  while i < known.utf8CodeUnitCount {
    if strcmp(base + i, text) == 0 { return UnsafeMutablePointer(mutating: base + i) }
    i &+= strlen(base + i) &+ 1
  }
  return UnsafeMutablePointer(mutating: p)
}

private func compare(_ a: Ref?, _ b: Ref?, _ op: Int32) -> Ref? {
  let r = a!
  let other = b!
  guard op == Py_EQ || op == Py_NE else { return notImplemented }
  let v = r.memoryView
  if v.pointee.flags & ViewFlag.released != 0 || v.pointee.mbuf.pointee.flags & ViewFlag.released != 0 {
    return pyBool((r == other) == (op == Py_EQ))
  }
  if other.isExactly(Types.memoryView) {
    let w = other.memoryView
    if w.pointee.flags & ViewFlag.released != 0 || w.pointee.mbuf.pointee.flags & ViewFlag.released != 0 {
      return pyBool((r == other) == (op == Py_EQ))
    }
    return bridge { () throws(PyError) in
      Owned(taking: pyBool(try viewsEqual(v.pointee.view, w.pointee.view) == (op == Py_EQ)))
    }
  }
  return bridge { () throws(PyError) in
    var buffer = Py_buffer()
    if PyObject_GetBuffer(other, &buffer, PyBUF_FULL_RO) < 0 {
      PyErr_Clear()
      return Owned(taking: notImplemented)
    }
    defer { PyBuffer_Release(&buffer) }
    return Owned(taking: pyBool(try viewsEqual(v.pointee.view, buffer) == (op == Py_EQ)))
  }
}

private func hash(_ r: Ref) throws(PyError) -> Int {
  let v = r.memoryView
  if v.pointee.hash != -1 { return v.pointee.hash }
  try checkReleased(r)
  if v.pointee.view.readonly == 0 { throw valueError("cannot hash writable memoryview object") }
  let format = nativeFormat(v.pointee.view.format)
  guard format == UInt8(ascii: "B") || format == UInt8(ascii: "b") || format == UInt8(ascii: "c") else {
    throw valueError("memoryview: hashing is restricted to formats 'B', 'b' or 'c'")
  }
  if let owner = v.pointee.view.obj, PyObject_Hash(owner) == -1 { throw PyError() }
  let content = try bytes(r, 67)
  v.pointee.hash = hashBytes(content.ref.bytesData, content.ref.size)
  return v.pointee.hash
}

private func getBuffer(_ r: Ref, _ view: BufferRef, _ flags: Int32) throws(PyError) {
  let v = r.memoryView
  try checkReleased(r)
  let base = v.pointee.flags
  view.pointee = v.pointee.view
  view.pointee.obj = nil
  func refuse(_ text: String) -> PyError { raise(Exc.BufferError, text) }
  if flags & PyBUF_WRITABLE != 0, v.pointee.view.readonly != 0 {
    throw refuse("memoryview: underlying buffer is not writable")
  }
  if flags & PyBUF_FORMAT == 0 { view.pointee.format = nil }
  let isC = base & ViewFlag.cContiguous != 0
  let isF = base & ViewFlag.fortranContiguous != 0
  if flags & PyBUF_C_CONTIGUOUS == PyBUF_C_CONTIGUOUS, !isC {
    throw refuse("memoryview: underlying buffer is not C-contiguous")
  }
  if flags & PyBUF_F_CONTIGUOUS == PyBUF_F_CONTIGUOUS, !isF {
    throw refuse("memoryview: underlying buffer is not Fortran contiguous")
  }
  if flags & PyBUF_ANY_CONTIGUOUS == PyBUF_ANY_CONTIGUOUS, !isC, !isF {
    throw refuse("memoryview: underlying buffer is not contiguous")
  }
  if flags & PyBUF_INDIRECT != PyBUF_INDIRECT, base & ViewFlag.indirect != 0 {
    throw refuse("memoryview: underlying buffer requires suboffsets")
  }
  if flags & PyBUF_STRIDES != PyBUF_STRIDES {
    if !isC { throw refuse("memoryview: underlying buffer is not C-contiguous") }
    view.pointee.strides = nil
  }
  if flags & PyBUF_ND != PyBUF_ND {
    if view.pointee.format != nil {
      throw refuse("memoryview: cannot cast to unsigned bytes if the format flag is present")
    }
    view.pointee.ndim = 1
    view.pointee.shape = nil
  }
  view.pointee.obj = newRef(r)
  v.pointee.exports &+= 1
}

enum MemoryViewType {
  static func install() {
    let t = Types.memoryView
    t.define(
      "memoryview", basicSize: MemoryLayout<PyMemoryViewObject>.offset(of: \.ob_array)!, itemSize: 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_SEQUENCE),
      doc: "memoryview(object)\n--\n\nCreate a new memoryview object which references the given object.")
    t.pointee.tp_weaklistoffset = MemoryLayout<PyMemoryViewObject>.offset(of: \.weakreflist)!
    t.pointee.tp_dealloc = { deallocateView($0!) }
    t.pointee.tp_traverse = { r, visit, argument in
      if let buffer = r!.memoryView.pointee.mbuf {
        return visit!(UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: PyObject.self), argument)
      }
      return 0
    }
    t.pointee.tp_new = { _, tuple, dict in
      bridge { () throws(PyError) in
        let b = try newSignature.bind(tuple: tuple, dict: dict)
        return try viewOf(b[0].unsafelyUnwrapped)
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let released = r!.memoryView.pointee.flags & ViewFlag.released != 0
        return try string(
          "<\(released ? "released memory" : "memory") at 0x\(String(UInt(bitPattern: r!.raw), radix: 16))>")
      }
    }
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try hash(r!) } }
    t.pointee.tp_richcompare = compare
    t.pointee.tp_iter = { r in
      bridge { () throws(PyError) in try MemoryIterator.make(r!) }
    }
    t.mapping.pointee.mp_length = { r in
      bridgeSize { () throws(PyError) in
        try checkReleased(r!)
        let v = r!.memoryView.pointee.view
        if v.ndim == 0 { throw typeError("0-dim memory has no length") }
        return v.shape[0]
      }
    }
    t.mapping.pointee.mp_subscript = { r, key in bridge { () throws(PyError) in try subscriptView(r!, key!) } }
    t.mapping.pointee.mp_ass_subscript = { r, key, value in
      bridgeStatus { () throws(PyError) in try assignView(r!, key!, value) }
    }
    t.sequence.pointee.sq_length = t.mapping.pointee.mp_length
    t.sequence.pointee.sq_item = { r, i in
      bridge { () throws(PyError) in
        let key = try owned(PyLong_FromSsize_t(i))
        return try subscriptView(r!, key.ref)
      }
    }
    t.buffer.pointee.bf_getbuffer = { r, view, flags in
      bridgeStatus { () throws(PyError) in try getBuffer(r!, view!, flags) }
    }
    t.buffer.pointee.bf_releasebuffer = { r, _ in r!.memoryView.pointee.exports &-= 1 }
    t.pointee.tp_methods = methods()
    t.pointee.tp_getset = attributes()
    MemoryIterator.install()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("release", "($self, /)", "Release the underlying buffer exposed by the memoryview object.") { r, _ in
      bridgeNone { () throws(PyError) in try releaseView(r!) }
    }
    m.keywords(
      "tobytes", "($self, /, order='C')",
      "Return the data in the buffer as a byte string.\n\nOrder can be {'C', 'F', 'A'}. When order is 'C' or 'F', the data of the\noriginal array is converted to C or Fortran order. For contiguous views,\n'A' returns an exact copy of the physical memory. In particular, in-memory\nFortran order is preserved. For non-contiguous views, the data is converted\nto C first. order=None is the same as order='C'."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let b = try orderSignature.bind(a, n, names)
        try checkReleased(r!)
        var order: CChar = 67
        if let text = b[0], !text.isNone {
          if !text.isUnicode { throw badArgument("tobytes", 0, "str or None", text) }
          let c = text.strLength == 1 ? text.chars[0] : 0
          if c != 67, c != 70, c != 65 { throw valueError("order must be 'C', 'F' or 'A'") }
          order = CChar(c)
        }
        return try bytes(r!, order)
      }
    }
    m.keywords(
      "hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)",
      "Return the data in the buffer as a str of hexadecimal numbers.\n\n  sep\n    An optional single character or byte to separate hex bytes.\n  bytes_per_sep\n    How many bytes between separators.  Positive values count from the\n    right, negative values count from the left."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let (separator, group) = try hexArguments(a, n, names)
        try checkReleased(r!)
        let content = try bytes(r!, 67)
        return try hexText(content.ref.bytesView, separator, group)
      }
    }
    m.noArguments("tolist", "($self, /)", "Return the data in the buffer as a list of elements.") { r, _ in
      bridge { () throws(PyError) in
        try checkReleased(r!)
        let v = r!.memoryView.pointee.view
        let unpacker = try Unpacker(v, allowStruct: false)
        return try listOfItems(v, unpacker, 0, v.buf)
      }
    }
    m.keywords("cast", "($self, /, format, shape=<unrepresentable>)", "Cast a memoryview to a new format or shape.") {
      r, a, n, names in
      bridge { () throws(PyError) in
        let b = try castSignature.bind(a, n, names)
        return try cast(r!, b[0].unsafelyUnwrapped, b[1])
      }
    }
    m.noArguments("toreadonly", "($self, /)", "Return a readonly version of the memoryview.") { r, _ in
      bridge { () throws(PyError) in
        try checkReleased(r!)
        let view = try viewOf(r!)
        view.ref.memoryView.pointee.view.readonly = 1
        return view
      }
    }
    m.keywords(
      "_from_flags", "($type, /, object, flags)", "Create a new memoryview object which references the given object.",
      flags: METH_CLASS
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try flagsSignature.bind(a, n, names)
        return try viewOf(b[0].unsafelyUnwrapped, flags: try intArgument(b[1].unsafelyUnwrapped))
      }
    }
    m.noArguments("__enter__") { r, _ in
      bridge { () throws(PyError) in
        try checkReleased(r!)
        return Owned(retaining: r!)
      }
    }
    m.positional("__exit__", "($self, /, *exc_info)") { r, _, _ in
      bridgeNone { () throws(PyError) in try releaseView(r!) }
    }
    return m.build()
  }

  private static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "obj", "The underlying object of the memoryview.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return Owned(retaining: r!.memoryView.pointee.view.obj ?? none)
        }
      })
    g.add(
      "nbytes", "The amount of space in bytes that the array would use in\n a contiguous representation.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return try owned(PyLong_FromSsize_t(r!.memoryView.pointee.view.len))
        }
      })
    g.add(
      "readonly", "A bool indicating whether the memory is read only.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return Owned(taking: pyBool(r!.memoryView.pointee.view.readonly != 0))
        }
      })
    g.add(
      "itemsize", "The size in bytes of each element of the memoryview.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return try owned(PyLong_FromSsize_t(r!.memoryView.pointee.view.itemsize))
        }
      })
    g.add(
      "format", "A string containing the format (in struct module style)\n for each element in the view.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return try owned(PyUnicode_FromString(r!.memoryView.pointee.view.format))
        }
      })
    g.add(
      "ndim", "An integer indicating how many dimensions of a multi-dimensional\n array the memory represents.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return try owned(PyLong_FromLong(Int(r!.memoryView.pointee.view.ndim)))
        }
      })
    g.add(
      "shape", "A tuple of ndim integers giving the shape of the memory\n as an N-dimensional array.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return try sizes(r!.memoryView.pointee.view.shape, r!.memoryView.pointee.view.ndim)
        }
      })
    g.add(
      "strides",
      "A tuple of ndim integers giving the size in bytes to access\n each element for each dimension of the array.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return try sizes(r!.memoryView.pointee.view.strides, r!.memoryView.pointee.view.ndim)
        }
      })
    g.add(
      "suboffsets", "A tuple of integers used internally for PIL-style arrays.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return try sizes(r!.memoryView.pointee.view.suboffsets, r!.memoryView.pointee.view.ndim)
        }
      })
    g.add(
      "c_contiguous", "A bool indicating whether the memory is C contiguous.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return Owned(taking: pyBool(r!.memoryView.pointee.flags & ViewFlag.cContiguous != 0))
        }
      })
    g.add(
      "f_contiguous", "A bool indicating whether the memory is Fortran contiguous.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return Owned(taking: pyBool(r!.memoryView.pointee.flags & ViewFlag.fortranContiguous != 0))
        }
      })
    g.add(
      "contiguous", "A bool indicating whether the memory is contiguous.",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkReleased(r!)
          return Owned(
            taking: pyBool(r!.memoryView.pointee.flags & (ViewFlag.cContiguous | ViewFlag.fortranContiguous) != 0))
        }
      })
    return g.build()
  }
}
