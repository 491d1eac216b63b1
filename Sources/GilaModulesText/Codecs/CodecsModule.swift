// _codecs: the registry and the native codecs as functions (text, errors) -> (result, length used).

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

typealias CText = UnsafePointer<CChar>

/// The pair that every codec function returns.
func codecResult(_ value: Ref?, _ length: Int) throws(PyError) -> Owned {
  let first = try owned(value)
  let tuple = try owned(PyTuple_New(2))
  PyTuple_SetItem(tuple.ref, 0, first.take())
  PyTuple_SetItem(tuple.ref, 1, try owned(PyLong_FromSsize_t(length)).take())
  return tuple
}

/// The errors argument: a str, None or missing.
func errorsArgument(_ name: StaticString, _ number: Int, _ r: Ref?) throws(PyError) -> CText? {
  guard let r, !r.isNone else { return nil }
  if !r.isUnicode { throw badArgument(name, number, "str or None", r) }
  var n = 0
  guard let p = PyUnicode_AsUTF8AndSize(r, &n) else { throw PyError() }
  if strlen(p) != n { throw valueError("embedded null character") }
  return p
}

/// The arguments (data, errors=None, final=...) of a decoder.
private struct DecodeArguments: ~Copyable {
  let lock: BufferLock?
  let text: Ref?
  let errors: CText?

  init(
    _ name: StaticString, _ a: ArgumentVector?, _ n: Int, most: Int, acceptsText: Bool = false
  ) throws(PyError) {
    try checkCount(name, n, 1, most)
    let data = a.unsafelyUnwrapped[0].unsafelyUnwrapped
    let errors = n > 1 ? try errorsArgument(name, 2, a.unsafelyUnwrapped[1]) : nil
    if acceptsText, data.isUnicode {
      var size = 0
      if PyUnicode_AsUTF8AndSize(data, &size) == nil { throw PyError() }
      self.init(lock: nil, text: data, errors: errors)
    } else {
      self.init(lock: try BufferLock(data), text: nil, errors: errors)
    }
  }
  private init(lock: consuming BufferLock?, text: Ref?, errors: CText?) {
    self.lock = lock
    self.text = text
    self.errors = errors
  }
  var data: CharacterData {
    switch lock {
    case .some(let b): return b.data
    case .none:
      var size = 0
      let p = PyUnicode_AsUTF8AndSize(text, &size)!
      return CharacterData(bytes: p, count: size)
    }
  }
  var start: CText { data.base.assumingMemoryBound(to: CChar.self) }
}

private func flag(_ a: ArgumentVector?, _ n: Int, _ i: Int, _ missing: Bool) throws(PyError) -> Bool {
  n > i ? try truth(a.unsafelyUnwrapped[i].unsafelyUnwrapped) : missing
}

private typealias Stateful = (CText?, Int, CText?, UnsafeMutablePointer<Int>?) -> Ref?

/// A decoder that can leave an incomplete end for later.
private func decode(
  _ name: StaticString, _ a: ArgumentVector?, _ n: Int, final: Bool = false, acceptsText: Bool = false, _ f: Stateful
) -> Ref? {
  bridge { () throws(PyError) in
    let arguments = try DecodeArguments(name, a, n, most: 3, acceptsText: acceptsText)
    let isFinal = try flag(a, n, 2, final)
    var consumed = arguments.data.count
    let text = withUnsafeMutablePointer(to: &consumed) { place in
      f(arguments.start, arguments.data.count, arguments.errors, isFinal ? nil : place)
    }
    return try codecResult(text, consumed)
  }
}

/// A decoder that always uses everything.
private func decodeAll(
  _ name: StaticString, _ a: ArgumentVector?, _ n: Int, _ f: (CText?, Int, CText?) -> Ref?
) -> Ref? {
  bridge { () throws(PyError) in
    let arguments = try DecodeArguments(name, a, n, most: 2)
    return try codecResult(f(arguments.start, arguments.data.count, arguments.errors), arguments.data.count)
  }
}

/// utf_16_ex_decode and utf_32_ex_decode: also give the byte order found.
private func decodeWithOrder(
  _ name: StaticString, _ a: ArgumentVector?, _ n: Int,
  _ f: (CText?, Int, CText?, UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int>?) -> Ref?
) -> Ref? {
  bridge { () throws(PyError) in
    let arguments = try DecodeArguments(name, a, n, most: 4)
    var order: Int32 = n > 2 ? try intArgument(a.unsafelyUnwrapped[2].unsafelyUnwrapped) : 0
    let isFinal = try flag(a, n, 3, false)
    var consumed = arguments.data.count
    let decoded = withUnsafeMutablePointer(to: &consumed) { place in
      f(arguments.start, arguments.data.count, arguments.errors, &order, isFinal ? nil : place)
    }
    let text = try owned(decoded)
    let tuple = try owned(PyTuple_New(3))
    PyTuple_SetItem(tuple.ref, 0, text.take())
    PyTuple_SetItem(tuple.ref, 1, try owned(PyLong_FromSsize_t(consumed)).take())
    PyTuple_SetItem(tuple.ref, 2, try owned(PyLong_FromLong(Int(order))).take())
    return tuple
  }
}

private func encode(
  _ name: StaticString, _ a: ArgumentVector?, _ n: Int, _ f: (Ref, CText?) -> Ref?
) -> Ref? {
  bridge { () throws(PyError) in
    try checkCount(name, n, 1, 2)
    let s = try stringArgument(name, 1, a.unsafelyUnwrapped[0])
    let errors = n > 1 ? try errorsArgument(name, 2, a.unsafelyUnwrapped[1]) : nil
    return try codecResult(f(s, errors), s.strLength)
  }
}

private func encodeWithOrder(
  _ name: StaticString, _ a: ArgumentVector?, _ n: Int, _ f: (Ref, CText?, Int32) -> Ref?
) -> Ref? {
  bridge { () throws(PyError) in
    try checkCount(name, n, 1, 3)
    let s = try stringArgument(name, 1, a.unsafelyUnwrapped[0])
    let errors = n > 1 ? try errorsArgument(name, 2, a.unsafelyUnwrapped[1]) : nil
    let order: Int32 = n > 2 ? try intArgument(a.unsafelyUnwrapped[2].unsafelyUnwrapped) : 0
    return try codecResult(f(s, errors, order), s.strLength)
  }
}

/// UTF-16 and UTF-32 in a given order.
private func fixed16(_ p: CText?, _ n: Int, _ errors: CText?, _ order: Int32, _ consumed: UnsafeMutablePointer<Int>?)
  -> Ref?
{
  var order = order
  return PyUnicode_DecodeUTF16Stateful(p, n, errors, &order, consumed)
}
private func fixed32(_ p: CText?, _ n: Int, _ errors: CText?, _ order: Int32, _ consumed: UnsafeMutablePointer<Int>?)
  -> Ref?
{
  var order = order
  return PyUnicode_DecodeUTF32Stateful(p, n, errors, &order, consumed)
}

private let codecSignature = Signature("encode", "(obj, encoding='utf-8', errors='strict')")
private let decodeSignature = Signature("decode", "(obj, encoding='utf-8', errors='strict')")

enum CodecsModule {
  nonisolated(unsafe) static let definition = moduleDefinition("_codecs", methods: methods())

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addRegistry(&m)
    addDecoders(&m)
    addEncoders(&m)
    addCharmap(&m)
    return m.build()
  }

  private static func addRegistry(_ m: inout MethodTable) {
    m.one(
      "register", "($module, search_function, /)",
      "Register a codec search function.\n\nSearch functions are expected to take one argument, the encoding name in\nall lower case letters, and either return None, or a tuple of functions\n(encoder, decoder, stream_reader, stream_writer) (or a CodecInfo object)."
    ) { _, f in
      PyCodec_Register(f) < 0 ? nil : none
    }
    m.one(
      "unregister", "($module, search_function, /)",
      "Unregister a codec search function and clear the registry's cache.\n\nIf the search function is not registered, do nothing."
    ) { _, f in
      PyCodec_Unregister(f) < 0 ? nil : none
    }
    m.one(
      "lookup", "($module, encoding, /)",
      "Looks up a codec tuple in the Python codec registry and returns a CodecInfo object."
    ) { _, name in
      bridge { () throws(PyError) in
        guard let text = try errorsArgument("lookup", 0, try stringArgument("lookup", 0, name)) else { throw PyError() }
        return try owned(_PyCodec_Lookup(text))
      }
    }
    m.keywords(
      "encode", "($module, /, obj, encoding='utf-8', errors='strict')",
      "Encodes obj using the codec registered for encoding.\n\nThe default encoding is 'utf-8'.  errors may be given to set a\ndifferent error handling scheme.  Default is 'strict' meaning that encoding\nerrors raise a ValueError.  Other possible values are 'ignore', 'replace'\nand 'backslashreplace' as well as any other name registered with\ncodecs.register_error that can handle ValueErrors."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try codecSignature.bind(a, n, names)
        let encoding = try codecArgument("encode", "encoding", b[1])
        let errors = try codecArgument("encode", "errors", b[2])
        return try owned(PyCodec_Encode(b[0], encoding ?? cString("utf-8"), errors))
      }
    }
    m.keywords(
      "decode", "($module, /, obj, encoding='utf-8', errors='strict')",
      "Decodes obj using the codec registered for encoding.\n\nDefault encoding is 'utf-8'.  errors may be given to set a\ndifferent error handling scheme.  Default is 'strict' meaning that encoding\nerrors raise a ValueError.  Other possible values are 'ignore', 'replace'\nand 'backslashreplace' as well as any other name registered with\ncodecs.register_error that can handle ValueErrors."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try decodeSignature.bind(a, n, names)
        let encoding = try codecArgument("decode", "encoding", b[1])
        let errors = try codecArgument("decode", "errors", b[2])
        return try owned(PyCodec_Decode(b[0], encoding ?? cString("utf-8"), errors))
      }
    }
    m.positional(
      "register_error", "($module, errors, handler, /)",
      "Register the specified error handler under the name errors.\n\nhandler must be a callable object, that\nwill be called with an exception instance containing\ninformation about the location of the encoding/decoding\nerror and must return a (replacement, new position) tuple."
    ) { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("register_error", n, 2, 2)
        let name = try stringArgument("register_error", 1, a.unsafelyUnwrapped[0])
        guard let text = PyUnicode_AsUTF8(name) else { throw PyError() }
        try check(PyCodec_RegisterError(text, a.unsafelyUnwrapped[1]))
      }
    }
    m.one(
      "lookup_error", "($module, name, /)",
      "lookup_error(errors) -> handler\n\nReturn the error handler for the specified error handling name or raise a\nLookupError, if no handler exists under this name."
    ) { _, name in
      bridge { () throws(PyError) in
        let s = try stringArgument("lookup_error", 0, name)
        guard let text = PyUnicode_AsUTF8(s) else { throw PyError() }
        return try owned(PyCodec_LookupError(text))
      }
    }
  }

  private static func addDecoders(_ m: inout MethodTable) {
    m.positional("utf_8_decode", "($module, data, errors=None, final=False, /)") { _, a, n in
      decode("utf_8_decode", a, n) { PyUnicode_DecodeUTF8Stateful($0, $1, $2, $3) }
    }
    m.positional("utf_7_decode", "($module, data, errors=None, final=False, /)") { _, a, n in
      decode("utf_7_decode", a, n) { PyUnicode_DecodeUTF7Stateful($0, $1, $2, $3) }
    }
    m.positional("utf_16_decode", "($module, data, errors=None, final=False, /)") { _, a, n in
      decode("utf_16_decode", a, n) { fixed16($0, $1, $2, 0, $3) }
    }
    m.positional("utf_16_le_decode", "($module, data, errors=None, final=False, /)") { _, a, n in
      decode("utf_16_le_decode", a, n) { fixed16($0, $1, $2, -1, $3) }
    }
    m.positional("utf_16_be_decode", "($module, data, errors=None, final=False, /)") { _, a, n in
      decode("utf_16_be_decode", a, n) { fixed16($0, $1, $2, 1, $3) }
    }
    m.positional("utf_32_decode", "($module, data, errors=None, final=False, /)") { _, a, n in
      decode("utf_32_decode", a, n) { fixed32($0, $1, $2, 0, $3) }
    }
    m.positional("utf_32_le_decode", "($module, data, errors=None, final=False, /)") { _, a, n in
      decode("utf_32_le_decode", a, n) { fixed32($0, $1, $2, -1, $3) }
    }
    m.positional("utf_32_be_decode", "($module, data, errors=None, final=False, /)") { _, a, n in
      decode("utf_32_be_decode", a, n) { fixed32($0, $1, $2, 1, $3) }
    }
    m.positional("utf_16_ex_decode", "($module, data, errors=None, byteorder=0, final=False, /)") { _, a, n in
      decodeWithOrder("utf_16_ex_decode", a, n) { PyUnicode_DecodeUTF16Stateful($0, $1, $2, $3, $4) }
    }
    m.positional("utf_32_ex_decode", "($module, data, errors=None, byteorder=0, final=False, /)") { _, a, n in
      decodeWithOrder("utf_32_ex_decode", a, n) { PyUnicode_DecodeUTF32Stateful($0, $1, $2, $3, $4) }
    }
    m.positional("unicode_escape_decode", "($module, data, errors=None, final=True, /)") { _, a, n in
      decode("unicode_escape_decode", a, n, final: true, acceptsText: true) {
        _PyUnicode_DecodeUnicodeEscapeStateful($0, $1, $2, $3)
      }
    }
    m.positional("raw_unicode_escape_decode", "($module, data, errors=None, final=True, /)") { _, a, n in
      decode("raw_unicode_escape_decode", a, n, final: true, acceptsText: true) {
        _PyUnicode_DecodeRawUnicodeEscapeStateful($0, $1, $2, $3)
      }
    }
    m.positional("latin_1_decode", "($module, data, errors=None, /)") { _, a, n in
      decodeAll("latin_1_decode", a, n) { PyUnicode_DecodeLatin1($0, $1, $2) }
    }
    m.positional("ascii_decode", "($module, data, errors=None, /)") { _, a, n in
      decodeAll("ascii_decode", a, n) { PyUnicode_DecodeASCII($0, $1, $2) }
    }
    m.positional("escape_decode", "($module, data, errors=None, /)") { _, a, n in
      bridge { () throws(PyError) in
        let arguments = try DecodeArguments("escape_decode", a, n, most: 2, acceptsText: true)
        return try codecResult(
          PyBytes_DecodeEscape(arguments.start, arguments.data.count, arguments.errors, 0, nil), arguments.data.count)
      }
    }
  }

  private static func addEncoders(_ m: inout MethodTable) {
    m.positional("utf_8_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("utf_8_encode", a, n) { _PyUnicode_AsUTF8String($0, $1) }
    }
    m.positional("utf_7_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("utf_7_encode", a, n) { _PyUnicode_EncodeUTF7($0, $1) }
    }
    m.positional("utf_16_encode", "($module, str, errors=None, byteorder=0, /)") { _, a, n in
      encodeWithOrder("utf_16_encode", a, n) { _PyUnicode_EncodeUTF16($0, $1, $2) }
    }
    m.positional("utf_16_le_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("utf_16_le_encode", a, n) { _PyUnicode_EncodeUTF16($0, $1, -1) }
    }
    m.positional("utf_16_be_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("utf_16_be_encode", a, n) { _PyUnicode_EncodeUTF16($0, $1, 1) }
    }
    m.positional("utf_32_encode", "($module, str, errors=None, byteorder=0, /)") { _, a, n in
      encodeWithOrder("utf_32_encode", a, n) { _PyUnicode_EncodeUTF32($0, $1, $2) }
    }
    m.positional("utf_32_le_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("utf_32_le_encode", a, n) { _PyUnicode_EncodeUTF32($0, $1, -1) }
    }
    m.positional("utf_32_be_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("utf_32_be_encode", a, n) { _PyUnicode_EncodeUTF32($0, $1, 1) }
    }
    m.positional("unicode_escape_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("unicode_escape_encode", a, n) { s, _ in PyUnicode_AsUnicodeEscapeString(s) }
    }
    m.positional("raw_unicode_escape_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("raw_unicode_escape_encode", a, n) { s, _ in PyUnicode_AsRawUnicodeEscapeString(s) }
    }
    m.positional("latin_1_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("latin_1_encode", a, n) { _PyUnicode_AsLatin1String($0, $1) }
    }
    m.positional("ascii_encode", "($module, str, errors=None, /)") { _, a, n in
      encode("ascii_encode", a, n) { _PyUnicode_AsASCIIString($0, $1) }
    }
    m.positional("readbuffer_encode", "($module, data, errors=None, /)") { _, a, n in
      bridge { () throws(PyError) in
        let arguments = try DecodeArguments("readbuffer_encode", a, n, most: 2, acceptsText: true)
        return try codecResult(newBytes(arguments.start, arguments.data.count), arguments.data.count)
      }
    }
    m.positional("escape_encode", "($module, data, errors=None, /)") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("escape_encode", n, 1, 2)
        let data = a.unsafelyUnwrapped[0].unsafelyUnwrapped
        if !data.isBytes { throw badArgument("escape_encode", 1, "bytes", data) }
        let view = data.bytesView
        var out = ByteBuffer(capacity: view.count)
        for i in 0..<view.count {
          switch view[i] {
          case 39, 0x5C:
            out.append(0x5C)
            out.append(UInt8(truncatingIfNeeded: view[i]))
          case 9: out.append("\\t")
          case 10: out.append("\\n")
          case 13: out.append("\\r")
          case 32..<127: out.append(UInt8(truncatingIfNeeded: view[i]))
          default: out.appendEscape(view[i])
          }
        }
        return try codecResult(newBytes(out), view.count)
      }
    }
  }

  private static func addCharmap(_ m: inout MethodTable) {
    m.positional("charmap_decode", "($module, data, errors=None, mapping=None, /)") { _, a, n in
      bridge { () throws(PyError) in
        let arguments = try DecodeArguments("charmap_decode", a, n, most: 3)
        var mapping = n > 2 ? a.unsafelyUnwrapped[2] : nil
        if let m = mapping, m.isNone { mapping = nil }
        return try codecResult(
          PyUnicode_DecodeCharmap(arguments.start, arguments.data.count, mapping, arguments.errors),
          arguments.data.count)
      }
    }
    m.positional("charmap_encode", "($module, str, errors=None, mapping=None, /)") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("charmap_encode", n, 1, 3)
        let s = try stringArgument("charmap_encode", 1, a.unsafelyUnwrapped[0])
        let errors = n > 1 ? try errorsArgument("charmap_encode", 2, a.unsafelyUnwrapped[1]) : nil
        var mapping = n > 2 ? a.unsafelyUnwrapped[2] : nil
        if let m = mapping, m.isNone { mapping = nil }
        return try codecResult(_PyUnicode_EncodeCharmap(s, mapping, errors), s.strLength)
      }
    }
    m.one("charmap_build", "($module, map, /)") { _, map in
      bridge { () throws(PyError) in
        let table = try stringArgument("charmap_build", 0, map)
        return try owned(PyUnicode_BuildEncodingMap(table))
      }
    }
  }
}
