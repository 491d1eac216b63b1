// The standard error handlers, as functions of an exception that return a replacement and where to go on.

import CGila
import GilaAlgorithms
import GilaCore

/// What a UnicodeError says: the object at fault, and the range, clipped to it.
private struct Fault: ~Copyable {
  enum Kind { case encode, decode, translate }
  let kind: Kind
  let object: Owned
  let start: Int
  let end: Int

  init(_ e: Ref) throws(PyError) {
    let kind: Kind
    if e.isInstance(of: Exc.UnicodeEncodeError) {
      kind = .encode
    } else if e.isInstance(of: Exc.UnicodeDecodeError) {
      kind = .decode
    } else if e.isInstance(of: Exc.UnicodeTranslateError) {
      kind = .translate
    } else {
      throw wrongException(e)
    }
    var start = 0
    var end = 0
    let object = try Fault.object(e, kind)
    // The getters clip to the object.
    switch kind {
    case .encode:
      try check(PyUnicodeEncodeError_GetStart(e, &start))
      try check(PyUnicodeEncodeError_GetEnd(e, &end))
    case .decode:
      try check(PyUnicodeDecodeError_GetStart(e, &start))
      try check(PyUnicodeDecodeError_GetEnd(e, &end))
    case .translate:
      try check(PyUnicodeTranslateError_GetStart(e, &start))
      try check(PyUnicodeTranslateError_GetEnd(e, &end))
    }
    let size = kind == .decode ? object.ref.size : object.ref.strLength
    end = min(end, size)
    start = min(max(start, 0), max(end, 0))
    self.init(kind: kind, object: object, start: start, end: end)
  }

  private init(kind: Kind, object: consuming Owned, start: Int, end: Int) {
    self.kind = kind
    self.object = object
    self.start = start
    self.end = end
  }

  private static func object(_ e: Ref, _ kind: Kind) throws(PyError) -> Owned {
    switch kind {
    case .encode: try owned(PyUnicodeEncodeError_GetObject(e))
    case .decode: try owned(PyUnicodeDecodeError_GetObject(e))
    case .translate: try owned(PyUnicodeTranslateError_GetObject(e))
    }
  }
}

private func wrongException(_ e: Ref) -> PyError {
  typeError("don't know how to handle \(typeName(of: e)) in error callback")
}

private func result(_ replacement: Ref, _ position: Int) throws(PyError) -> Owned {
  let tuple = try owned(PyTuple_New(2))
  PyTuple_SetItem(tuple.ref, 0, newRef(replacement))
  PyTuple_SetItem(tuple.ref, 1, try owned(PyLong_FromSsize_t(position)).take())
  return tuple
}

/// Raises the exception it got.
private func reraise(_ e: Ref) -> PyError {
  if e.isException {
    PyErr_SetObject(e.type.object, e)
  } else {
    return typeError("codec must pass exception instance")
  }
  return PyError()
}

@c @implementation public func PyCodec_StrictErrors(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in throw reraise(e) }
}

@c @implementation public func PyCodec_IgnoreErrors(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let fault = try Fault(e)
    return try result(gila_empty_str(), fault.end)
  }
}

@c @implementation public func PyCodec_ReplaceErrors(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let fault = try Fault(e)
    switch fault.kind {
    case .encode:
      let text = try owned(repeated(gila_latin1(63), fault.end &- fault.start))
      return try result(text.ref, fault.end)
    case .decode:
      let text = try owned(newCharacter(0xFFFD))
      return try result(text.ref, fault.end)
    case .translate:
      let one = try owned(newCharacter(0xFFFD))
      let text = try owned(repeated(one.ref, fault.end &- fault.start))
      return try result(text.ref, fault.end)
    }
  }
}

@c @implementation public func PyCodec_XMLCharRefReplaceErrors(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if !e.isInstance(of: Exc.UnicodeEncodeError) { throw wrongException(e) }
    let fault = try Fault(e)
    var out = ByteBuffer()
    let chars = fault.object.ref.chars
    for i in fault.start..<max(fault.start, fault.end) { appendCharacterReference(chars[i], &out) }
    let text = try asciiText(out)
    return try result(text.ref, fault.end)
  }
}

@c @implementation public func PyCodec_BackslashReplaceErrors(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let fault = try Fault(e)
    var out = ByteBuffer()
    let data = fault.kind == .decode ? fault.object.ref.bytesView : fault.object.ref.chars
    for i in fault.start..<max(fault.start, fault.end) { out.appendEscape(data[i]) }
    let text = try asciiText(out)
    return try result(text.ref, fault.end)
  }
}

@c @implementation public func PyCodec_NameReplaceErrors(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if !e.isInstance(of: Exc.UnicodeEncodeError) { throw wrongException(e) }
    let fault = try Fault(e)
    var out = ByteBuffer()
    let chars = fault.object.ref.chars
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { name in
      for i in fault.start..<max(fault.start, fault.end) {
        let n = gila_unicode_name(chars[i], name.baseAddress, 256)
        if n > 0 {
          out.append("\\N{")
          out.append(name.baseAddress!, n)
          out.append(UInt8(ascii: "}"))
        } else {
          out.appendEscape(chars[i])
        }
      }
    }
    let text = try asciiText(out)
    return try result(text.ref, fault.end)
  }
}

/// surrogateescape: bytes above 127 are kept as lone surrogates.
private func surrogateEscape(_ e: Ref) throws(PyError) -> Owned {
  if !e.isInstance(of: Exc.UnicodeEncodeError), !e.isInstance(of: Exc.UnicodeDecodeError) { throw wrongException(e) }
  let fault = try Fault(e)
  if fault.kind == .encode {
    let chars = fault.object.ref.chars
    var out = ByteBuffer()
    for i in fault.start..<max(fault.start, fault.end) {
      if chars[i] < 0xDC80 || chars[i] > 0xDCFF { throw reraise(e) }
      out.append(UInt8(truncatingIfNeeded: chars[i]))
    }
    let bytes = try owned(newBytes(out))
    return try result(bytes.ref, fault.end)
  }
  let bytes = fault.object.ref.bytesView
  var out = CodePointBuffer()
  var i = fault.start
  while i < fault.end, out.count < 4, bytes[i] >= 128 {
    out.append(0xDC00 | bytes[i])
    i &+= 1
  }
  if out.count == 0 { throw reraise(e) }
  let text = try owned(newString(out))
  return try result(text.ref, i)
}

/// The encodings of which surrogatepass knows how they write a character.
private enum SurrogateForm {
  case utf8
  case wide(bytes: Int, ByteOrder)

  /// From the encoding's name; nil when it is another one.
  init?(_ name: CharacterData) {
    var letters: [UInt8] = []
    for i in 0..<name.count {
      let c = asciiLower(UInt8(truncatingIfNeeded: name[i]))
      if c != UInt8(ascii: "-"), c != UInt8(ascii: "_"), name[i] < 128 { letters.append(c) }
    }
    switch String(decoding: letters, as: UTF8.self) {
    case "utf8", "cp65001": self = .utf8
    case "utf16", "utf16le": self = .wide(bytes: 2, .little)
    case "utf16be": self = .wide(bytes: 2, .big)
    case "utf32", "utf32le": self = .wide(bytes: 4, .little)
    case "utf32be": self = .wide(bytes: 4, .big)
    default: return nil
    }
  }
}

/// surrogatepass: lone surrogates are written and read as other characters.
private func surrogatePass(_ e: Ref) throws(PyError) -> Owned {
  let isEncode = e.isInstance(of: Exc.UnicodeEncodeError)
  if !isEncode, !e.isInstance(of: Exc.UnicodeDecodeError) { throw wrongException(e) }
  let fault = try Fault(e)
  let name = try owned(isEncode ? PyUnicodeEncodeError_GetEncoding(e) : PyUnicodeDecodeError_GetEncoding(e))
  guard let form = SurrogateForm(name.ref.chars) else { throw reraise(e) }
  if isEncode {
    let chars = fault.object.ref.chars
    var out = ByteBuffer()
    for i in fault.start..<max(fault.start, fault.end) {
      let c = chars[i]
      if c < 0xD800 || c > 0xDFFF { throw reraise(e) }
      switch form {
      case .utf8:
        out.append(UInt8(truncatingIfNeeded: 0xE0 | c >> 12))
        out.append(UInt8(truncatingIfNeeded: 0x80 | (c >> 6) & 0x3F))
        out.append(UInt8(truncatingIfNeeded: 0x80 | c & 0x3F))
      case .wide(2, let order): UTF16Encoder(order: order).put(c, &out)
      case .wide(_, let order): UTF32Encoder(order: order).put(c, &out)
      }
    }
    let bytes = try owned(newBytes(out))
    return try result(bytes.ref, fault.end)
  }
  let bytes = fault.object.ref.bytesView.slice(fault.start, fault.object.ref.size)
  var c: UInt32 = 0
  var size = 0
  switch form {
  case .utf8:
    size = 3
    if bytes.count >= 3, bytes[0] & 0xF0 == 0xE0, bytes[1] & 0xC0 == 0x80, bytes[2] & 0xC0 == 0x80 {
      c = (bytes[0] & 0x0F) << 12 | (bytes[1] & 0x3F) << 6 | bytes[2] & 0x3F
    }
  case .wide(let count, let order):
    size = count
    if bytes.count >= count {
      for k in 0..<count { c = c << 8 | bytes[order == .big ? k : count &- 1 &- k] }
    }
  }
  if c < 0xD800 || c > 0xDFFF { throw reraise(e) }
  let text = try owned(newCharacter(c))
  return try result(text.ref, fault.start &+ size)
}

/// Fills the registry of error handlers.
func addStandardHandlers(_ registry: Ref) throws(PyError) {
  var m = MethodTable()
  m.one("strict_errors", "", "Implements the 'strict' error handling, which raises a UnicodeError on coding errors.") {
    PyCodec_StrictErrors($1)
  }
  m.one("ignore_errors", "", "Implements the 'ignore' error handling, which ignores malformed data and continues.") {
    PyCodec_IgnoreErrors($1)
  }
  m.one(
    "replace_errors", "",
    "Implements the 'replace' error handling, which replaces malformed data with a replacement marker."
  ) { PyCodec_ReplaceErrors($1) }
  m.one(
    "xmlcharrefreplace_errors", "",
    "Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with the appropriate XML character reference."
  ) { PyCodec_XMLCharRefReplaceErrors($1) }
  m.one(
    "backslashreplace_errors", "",
    "Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape sequence."
  ) { PyCodec_BackslashReplaceErrors($1) }
  m.one(
    "namereplace_errors", "",
    "Implements the 'namereplace' error handling, which replaces an unencodable character with a \\N{...} escape sequence."
  ) { PyCodec_NameReplaceErrors($1) }
  m.one("surrogatepass") { _, e in bridge { () throws(PyError) in try surrogatePass(e!) } }
  m.one("surrogateescape") { _, e in bridge { () throws(PyError) in try surrogateEscape(e!) } }
  let names: [StaticString] = [
    "strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace", "surrogatepass",
    "surrogateescape",
  ]
  let table = m.build()
  for (i, name) in names.enumerated() {
    let f = try owned(PyCFunction_NewEx(table + i, nil, nil))
    try check(PyDict_SetItemString(registry, cString(name), f.ref))
  }
}
