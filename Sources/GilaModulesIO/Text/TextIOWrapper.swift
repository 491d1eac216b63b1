// _io.TextIOWrapper: construction, attributes, and the table of methods.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

private let signature = Signature(
  "TextIOWrapper",
  "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)")
private let reconfigureSignature = Signature(
  "reconfigure", "(*, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)")

/// Checks a newline argument: None, "", "\n", "\r" or "\r\n".
func checkNewline(_ r: Ref?) throws(PyError) -> Ref? {
  guard let r, !r.isNone else { return nil }
  if !r.isUnicode { throw typeError("TextIOWrapper() argument 'newline' must be str or None, not \(typeName(of: r))") }
  if r.strLength > 0, !isNewline(r) { throw valueError("illegal newline value: \(swiftString(r))") }
  return r
}

private func setNewline(_ r: Ref, _ newline: Ref?) {
  let t = r.textIO
  replace(&t.pointee.readNewline, with: newline.map { newRef($0) })
  t.pointee.universal = newline == nil || newline!.strLength == 0
  t.pointee.readTranslate = newline == nil
  t.pointee.writeTranslate = newline == nil || newline!.strLength != 0
  let writes = newline != nil && newline!.strLength > 0 && newline!.chars[0] == 13
  replace(&t.pointee.writeNewline, with: writes ? newRef(newline!) : nil)
}

private func setDecoder(_ r: Ref, _ info: Ref, _ errors: UnsafePointer<CChar>) throws(PyError) {
  let t = r.textIO
  if try !askMethod(t.pointee.buffer.unsafelyUnwrapped, "readable") { return }
  var decoder = try owned(_PyCodecInfo_GetIncrementalDecoder(info, errors))
  if t.pointee.universal { decoder = try newNewlineDecoder(decoder.ref, translate: t.pointee.readTranslate) }
  replace(&t.pointee.decoder, with: decoder.take())
}

private func setEncoder(_ r: Ref, _ info: Ref, _ errors: UnsafePointer<CChar>) throws(PyError) {
  let t = r.textIO
  if try !askMethod(t.pointee.buffer.unsafelyUnwrapped, "writable") { return }
  t.pointee.shortcut = ShortcutEncoding.none
  replace(&t.pointee.encoder, with: try owned(_PyCodecInfo_GetIncrementalEncoder(info, errors)).take())
  if let name = try optionalAttribute(info, "name") {
    if name.isUnicode { t.pointee.shortcut = ShortcutEncoding.named(name) }
    decref(name)
  }
}

/// A stream that does not start at its beginning gets no mark.
private func fixEncoder(_ r: Ref) throws(PyError) {
  let t = r.textIO
  guard t.pointee.seekable, t.pointee.encoder != nil else { return }
  t.pointee.encodesStart = true
  let place = try callMethod(t.pointee.buffer.unsafelyUnwrapped, "tell")
  let zero = try number(0)
  if try check(PyObject_RichCompareBool(place.ref, zero.ref, Py_EQ)) == 0 { try resetEncoder(r, atStart: false) }
}

private func errorsName(_ r: Ref?) throws(PyError) -> Owned {
  guard let r, !r.isNone else { return try string("strict") }
  if !r.isUnicode { throw typeError("TextIOWrapper() argument 'errors' must be str or None, not \(typeName(of: r))") }
  return Owned(retaining: r)
}

private func initialize(_ r: Ref, _ tuple: Ref?, _ dict: Ref?) throws(PyError) {
  let b = try signature.bind(tuple: tuple, dict: dict)
  let buffer = b[0].unsafelyUnwrapped
  let t = r.textIO
  t.pointee.ok = false
  t.pointee.detached = false
  if let e = b[1], !e.isNone, !e.isUnicode {
    throw typeError("TextIOWrapper() argument 'encoding' must be str or None, not \(typeName(of: e))")
  }
  let errors = try errorsName(b[2])
  let newline = try checkNewline(b[3])
  clear(&t.pointee.buffer)
  clear(&t.pointee.encoder)
  clear(&t.pointee.decoder)
  clear(&t.pointee.pending)
  t.setDecoded(nil)
  t.setSnapshot(nil)
  t.pointee.pendingBytes = 0
  t.pointee.bytesPerCharacter = 0
  if b[1] == nil || b[1] == none { try warnOfDefaultEncoding(1) }
  let encoding: Owned
  if let e = b[1], !e.isNone, _PyUnicode_EqualToASCIIString(e, "locale") == 0 {
    encoding = Owned(retaining: e)
  } else {
    encoding = try localeEncoding()
  }
  guard let name = PyUnicode_AsUTF8(encoding.ref), let handler = PyUnicode_AsUTF8(errors.ref) else { throw PyError() }
  if strlen(name) != encoding.ref.strLength, encoding.ref.strIsASCII { throw valueError("embedded null character") }
  if strlen(handler) != errors.ref.strLength, errors.ref.strIsASCII { throw valueError("embedded null character") }
  if StreamOptions.checksErrorHandlers { decref(try borrowed(PyCodec_LookupError(handler))) }
  let info = try owned(_PyCodec_LookupTextEncoding(name, "codecs.open()"))
  replace(&t.pointee.encoding, with: encoding.take())
  replace(&t.pointee.errors, with: errors.take())
  t.pointee.chunkSize = 8192
  t.pointee.lineBuffering = b[4] == nil ? 0 : try truth(b[4].unsafelyUnwrapped) ? 1 : 0
  t.pointee.writeThrough = b[5] == nil ? 0 : try truth(b[5].unsafelyUnwrapped) ? 1 : 0
  setNewline(r, newline)
  t.pointee.buffer = newRef(buffer)
  try setDecoder(r, info.ref, handler)
  try setEncoder(r, info.ref, handler)
  let seekable = try askMethod(buffer, "seekable")
  t.pointee.seekable = seekable
  t.pointee.telling = seekable
  let read1 = try optionalAttribute(buffer, "read1")
  t.pointee.hasRead1 = read1 != nil
  xdecref(read1)
  t.pointee.encodesStart = false
  try fixEncoder(r)
  t.pointee.ok = true
}

private func reconfigure(_ r: Ref, _ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) {
  let b = try reconfigureSignature.bind(a, n, names)
  let t = r.textIO
  try checkAttached(r)
  let encoding = b[0].flatMap { $0.isNone ? nil : $0 }
  let errors = b[1].flatMap { $0.isNone ? nil : $0 }
  let changesCodec = encoding != nil || errors != nil || b[2] != nil
  if t.pointee.decoder != nil, t.pointee.snapshot != nil || t.decodedLeft > 0, changesCodec {
    throw unsupported("It is not possible to set the encoding or newline of stream after the first read")
  }
  if let encoding, !encoding.isUnicode {
    throw typeError("reconfigure() argument 'encoding' must be str or None, not \(typeName(of: encoding))")
  }
  if let errors, !errors.isUnicode {
    throw typeError("reconfigure() argument 'errors' must be str or None, not \(typeName(of: errors))")
  }
  let newline = b[2] == nil ? nil : try checkNewline(b[2])
  var lineBuffering = t.pointee.lineBuffering
  if let v = b[3], !v.isNone { lineBuffering = try intArgument(v) != 0 ? 1 : 0 }
  var writeThrough = t.pointee.writeThrough
  if let v = b[4], !v.isNone { writeThrough = try intArgument(v) != 0 ? 1 : 0 }
  _ = try callMethod(r, "flush")
  t.pointee.bytesPerCharacter = 0
  if b[2] != nil { setNewline(r, newline) }
  if changesCodec {
    // A new encoding starts with strict errors unless told otherwise.
    let handler =
      errors != nil
      ? Owned(retaining: errors!) : encoding != nil ? try string("strict") : Owned(retaining: t.pointee.errors!)
    let name: Owned
    if let encoding {
      name = _PyUnicode_EqualToASCIIString(encoding, "locale") != 0 ? try localeEncoding() : Owned(retaining: encoding)
    } else {
      name = Owned(retaining: t.pointee.encoding!)
    }
    guard let text = PyUnicode_AsUTF8(name.ref), let handlerText = PyUnicode_AsUTF8(handler.ref) else {
      throw PyError()
    }
    let info = try owned(_PyCodec_LookupTextEncoding(text, "codecs.open()"))
    try setDecoder(r, info.ref, handlerText)
    try setEncoder(r, info.ref, handlerText)
    replace(&t.pointee.encoding, with: name.take())
    replace(&t.pointee.errors, with: handler.take())
    try fixEncoder(r)
  }
  t.pointee.lineBuffering = lineBuffering
  t.pointee.writeThrough = writeThrough
}

private func repr(_ r: Ref) throws(PyError) -> Owned {
  if !r.textIO.pointee.detached { try checkAttached(r) }
  let status = Py_ReprEnter(r)
  if status != 0 {
    if status > 0 { throw runtimeError("reentrant call inside \(typeName(of: r)).__repr__") }
    throw PyError()
  }
  defer { Py_ReprLeave(r) }
  var writer = StringWriter()
  try writer.append(ascii: r.isExactly(IOTypes.textIOWrapper) ? "<_io.TextIOWrapper" : "<\(typeName(of: r))")
  for key in ["name", "mode"] as [StaticString] {
    var value: Ref? = nil
    do throws(PyError) { value = try optionalAttribute(r, key) } catch {
      if PyErr_ExceptionMatches(Exc.ValueError.object) == 0 { throw error }
      PyErr_Clear()
    }
    guard let value else { continue }
    let held = Owned(taking: value)
    let shown = try owned(PyObject_Repr(held.ref))
    try writer.append(ascii: " \(key)=")
    try writer.append(shown.ref)
  }
  try writer.append(" encoding=")
  let encoding = try owned(PyObject_Repr(r.textIO.pointee.encoding))
  try writer.append(encoding.ref)
  try writer.append(">")
  return try writer.finish()
}

private func close(_ r: Ref) throws(PyError) -> Owned {
  try checkAttached(r)
  let t = r.textIO
  let closed = try attribute(r, "closed")
  if try truth(closed.ref) { return Owned(taking: none) }
  let buffer = Owned(retaining: t.pointee.buffer.unsafelyUnwrapped)
  if t.pointee.finalizing != 0 {
    do throws(PyError) { _ = try callMethod(buffer.ref, "_dealloc_warn", r) } catch { PyErr_Clear() }
  }
  do throws(PyError) { _ = try callMethod(r, "flush") } catch {}
  let first = PyErr_GetRaisedException()
  var result: Ref? = nil
  do throws(PyError) { result = try callMethod(buffer.ref, "close").take() } catch {}
  if first != nil {
    xdecref(result)
    result = nil
  }
  chaining(first)
  return try owned(result)
}

private func forward(_ r: Ref?, _ name: StaticString) -> Ref? {
  bridge { () throws(PyError) in
    try checkAttached(r!)
    return try callMethod(r!.textIO.pointee.buffer.unsafelyUnwrapped, name)
  }
}

enum TextIOWrapperType {
  static func define() {
    let t = IOTypes.textIOWrapper
    t.define(
      "_io.TextIOWrapper", basicSize: MemoryLayout<TextIOObject>.size, flags: streamFlags, base: IOTypes.textIOBase,
      doc:
        "TextIOWrapper(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)\n--\n\nCharacter and line based layer over a BufferedIOBase object, buffer.\n\nencoding gives the name of the encoding that the stream will be\ndecoded or encoded with. It defaults to locale.getencoding().\n\nerrors determines the strictness of encoding and decoding (see\nhelp(codecs.Codec) or the documentation for codecs.register) and\ndefaults to \"strict\".\n\nnewline controls how line endings are handled. It can be None, '',\n'\\n', '\\r', and '\\r\\n'.  It works as follows:\n\n* On input, if newline is None, universal newlines mode is\n  enabled. Lines in the input can end in '\\n', '\\r', or '\\r\\n', and\n  these are translated into '\\n' before being returned to the\n  caller. If it is '', universal newline mode is enabled, but line\n  endings are returned to the caller untranslated. If it has any of\n  the other legal values, input lines are only terminated by the given\n  string, and the line ending is returned to the caller untranslated.\n\n* On output, if newline is None, any '\\n' characters written are\n  translated to the system default line separator, os.linesep. If\n  newline is '' or '\\n', no translation takes place. If newline is any\n  of the other legal values, any '\\n' characters written are translated\n  to the given string.\n\nIf line_buffering is True, a call to flush is implied when a call to\nwrite contains a newline character."
    )
    t.pointee.tp_new = { PyType_GenericNew($0, $1, $2) }
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in try initialize(r!, tuple, dict) }
    }
    t.pointee.tp_dealloc = { r in
      let o = r!
      guard beginDealloc(o) else { return }
      o.textIO.pointee.ok = false
      TextIOWrapperType.clearFields(o)
      endDealloc(o)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      let p = r!.textIO.pointee
      for object in [p.io.dict, p.buffer, p.encoder, p.decoder, p.pending, p.snapshot] {
        if let object {
          let status = visit!(object, argument)
          if status != 0 { return status }
        }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      r!.textIO.pointee.ok = false
      TextIOWrapperType.clearFields(r!)
      clear(&r!.ioBase.pointee.dict)
      return 0
    }
    t.pointee.tp_repr = { r in bridge { () throws(PyError) in try repr(r!) } }
    t.pointee.tp_iternext = { r in nextLine(r!) }
    var members = MemberTable()
    members.add("encoding", _Py_T_OBJECT, offset: MemoryLayout<TextIOObject>.offset(of: \.encoding)!)
    members.add("buffer", _Py_T_OBJECT, offset: MemoryLayout<TextIOObject>.offset(of: \.buffer)!)
    members.add("line_buffering", Py_T_BOOL, offset: MemoryLayout<TextIOObject>.offset(of: \.lineBuffering)!)
    members.add("write_through", Py_T_BOOL, offset: MemoryLayout<TextIOObject>.offset(of: \.writeThrough)!)
    members.add("_finalizing", Py_T_BOOL, offset: MemoryLayout<TextIOObject>.offset(of: \.finalizing)!, flags: 0)
    t.pointee.tp_members = members.build()
    t.pointee.tp_getset = attributes()
    var m = MethodTable()
    addContent(&m)
    addState(&m)
    t.pointee.tp_methods = m.build()
  }

  private static func clearFields(_ r: Ref) {
    let t = r.textIO
    clear(&t.pointee.buffer)
    clear(&t.pointee.encoding)
    clear(&t.pointee.encoder)
    clear(&t.pointee.decoder)
    clear(&t.pointee.readNewline)
    clear(&t.pointee.writeNewline)
    clear(&t.pointee.errors)
    clear(&t.pointee.decoded)
    clear(&t.pointee.pending)
    clear(&t.pointee.snapshot)
  }

  private static func addContent(_ m: inout MethodTable) {
    m.one("write", "($self, text, /)") { r, text in
      bridge { () throws(PyError) in
        try checkAttached(r!)
        if !text!.isUnicode { throw typeError("write() argument must be str, not \(argumentTypeName(text!))") }
        return try number(try writeText(r!, text!))
      }
    }
    m.positional("read", "($self, size=-1, /)") { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("read", a, n))
        try checkAttached(r!)
        return try readText(r!, size)
      }
    }
    m.positional("readline", "($self, size=-1, /)") { r, a, n in
      bridge { () throws(PyError) in
        let given = try optionalArgument("readline", a, n)
        let size = given == nil ? -1 : try integerArgument(given.unsafelyUnwrapped)
        try checkAttached(r!)
        return try readTextLine(r!, size)
      }
    }
    m.noArguments("tell", "($self, /)") { r, _ in bridge { () throws(PyError) in try tellText(r!) } }
    m.positional("seek", "($self, cookie, whence=os.SEEK_SET, /)") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("seek", n, 1, 2)
        let whence = n > 1 ? Int(try intArgument(a.unsafelyUnwrapped[1].unsafelyUnwrapped)) : 0
        try checkAttached(r!)
        return try seekText(r!, a.unsafelyUnwrapped[0].unsafelyUnwrapped, whence)
      }
    }
    m.positional("truncate", "($self, pos=None, /)") { r, a, n in
      bridge { () throws(PyError) in
        let position = try optionalArgument("truncate", a, n) ?? none
        try checkAttached(r!)
        _ = try callMethod(r!, "flush")
        return try callMethod(r!.textIO.pointee.buffer.unsafelyUnwrapped, "truncate", position)
      }
    }
  }

  private static func addState(_ m: inout MethodTable) {
    m.noArguments("flush", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        try checkAttached(r!)
        try checkTextOpen(r!)
        r!.textIO.pointee.telling = r!.textIO.pointee.seekable
        try flushPending(r!)
        return try callMethod(r!.textIO.pointee.buffer.unsafelyUnwrapped, "flush")
      }
    }
    m.noArguments("close", "($self, /)") { r, _ in bridge { () throws(PyError) in try close(r!) } }
    m.noArguments("detach", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        try checkAttached(r!)
        _ = try callMethod(r!, "flush")
        let t = r!.textIO
        guard let buffer = t.pointee.buffer else { throw closedError() }
        t.pointee.buffer = nil
        t.pointee.detached = true
        t.pointee.ok = false
        return Owned(taking: buffer)
      }
    }
    m.keywords(
      "reconfigure",
      "($self, /, *, encoding=None, errors=None, newline=None,\n            line_buffering=None, write_through=None)",
      "Reconfigure the text stream with new parameters.\n\nThis also does an implicit stream flush."
    ) { r, a, n, names in
      bridgeNone { () throws(PyError) in try reconfigure(r!, a, n, names) }
    }
    m.noArguments("fileno", "($self, /)") { r, _ in forward(r, "fileno") }
    m.noArguments("seekable", "($self, /)") { r, _ in forward(r, "seekable") }
    m.noArguments("readable", "($self, /)") { r, _ in forward(r, "readable") }
    m.noArguments("writable", "($self, /)") { r, _ in forward(r, "writable") }
    m.noArguments("isatty", "($self, /)") { r, _ in forward(r, "isatty") }
    m.noArguments("__reduce__") { r, _ in
      bridge { () throws(PyError) in throw typeError("cannot pickle '\(typeName(of: r!))' instances") }
    }
    m.one("__reduce_ex__") { r, _ in
      bridge { () throws(PyError) in throw typeError("cannot pickle '\(typeName(of: r!))' instances") }
    }
  }

  private static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "name",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkAttached(r!)
          return try attribute(r!.textIO.pointee.buffer.unsafelyUnwrapped, "name")
        }
      })
    g.add(
      "closed",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkAttached(r!)
          return try attribute(r!.textIO.pointee.buffer.unsafelyUnwrapped, "closed")
        }
      })
    g.add(
      "newlines",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkAttached(r!)
          guard let decoder = r!.textIO.pointee.decoder else { return Owned(taking: none) }
          return Owned(taking: try optionalAttribute(decoder, "newlines") ?? none)
        }
      })
    g.add(
      "errors",
      get: { r, _ in
        bridge { () throws(PyError) in
          if !r!.textIO.pointee.ok, !r!.textIO.pointee.detached {
            throw valueError("I/O operation on uninitialized object")
          }
          return Owned(retaining: r!.textIO.pointee.errors ?? none)
        }
      })
    g.add(
      "_CHUNK_SIZE",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkAttached(r!)
          return try number(r!.textIO.pointee.chunkSize)
        }
      },
      set: { r, value, _ in
        bridgeStatus { () throws(PyError) in
          try checkAttached(r!)
          guard let value else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          let n = PyNumber_AsSsize_t(value, Exc.ValueError.object)
          if n == -1, errorIsSet { throw PyError() }
          if n <= 0 { throw valueError("a strictly positive integer is required") }
          r!.textIO.pointee.chunkSize = n
        }
      })
    return g.build()
  }
}

/// The next line of iteration, which gives up telling until the end.
private func nextLine(_ r: Ref) -> Ref? {
  let t = r.textIO
  let line: Ref? = bridge { () throws(PyError) in
    try checkAttached(r)
    t.pointee.telling = false
    if r.isExactly(IOTypes.textIOWrapper) { return try readTextLine(r, -1) }
    let line = try callMethod(r, "readline")
    if !line.ref.isUnicode {
      throw raise(Exc.OSError, "readline() should have returned a str object, not '\(typeName(of: line.ref))'")
    }
    return line
  }
  guard let line else { return nil }
  if line.strLength == 0 {
    decref(line)
    t.setSnapshot(nil)
    t.pointee.telling = t.pointee.seekable
    return nil
  }
  return line
}
