// UnicodeEncodeError, UnicodeDecodeError and UnicodeTranslateError: what is in them, and the C functions that read and
// write it. The classes themselves are made in GilaExceptions.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

private enum Kind { case encode, decode, translate }

/// The object at fault, of the right type.
private func object(_ e: Ref, _ kind: Kind) throws(PyError) -> Ref {
  guard let o = e.unicodeError.pointee.object else { throw typeError("object attribute not set") }
  if kind == .decode {
    if !o.isBytes { throw typeError("object attribute must be bytes") }
  } else if !o.isUnicode {
    throw typeError("object attribute must be unicode")
  }
  return o
}

private func size(_ e: Ref, _ kind: Kind) throws(PyError) -> Int {
  let o = try object(e, kind)
  return kind == .decode ? o.size : o.strLength
}

/// A text attribute, new.
private func text(_ field: Ref?, _ name: StaticString) throws(PyError) -> Owned {
  guard let field else { throw typeError("\(name) attribute not set") }
  if !field.isUnicode { throw typeError("\(name) attribute must be unicode") }
  return Owned(retaining: field)
}

private func getStart(_ e: Ref, _ kind: Kind, _ place: UnsafeMutablePointer<Int>) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let n = try size(e, kind)
    var start = max(e.unicodeError.pointee.start, 0)
    if start >= n { start = n &- 1 }
    place.pointee = max(start, 0)
  }
}

private func getEnd(_ e: Ref, _ kind: Kind, _ place: UnsafeMutablePointer<Int>) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let n = try size(e, kind)
    place.pointee = min(max(e.unicodeError.pointee.end, 1), n)
  }
}

private func setReason(_ e: Ref, _ reason: UnsafePointer<CChar>) -> Int32 {
  guard let text = PyUnicode_FromString(reason) else { return -1 }
  replace(&e.unicodeError.pointee.reason, with: text)
  return 0
}

@c @implementation public func PyUnicodeEncodeError_GetObject(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in Owned(retaining: try object(e, .encode)) }
}
@c @implementation public func PyUnicodeDecodeError_GetObject(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in Owned(retaining: try object(e, .decode)) }
}
@c @implementation public func PyUnicodeTranslateError_GetObject(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in Owned(retaining: try object(e, .translate)) }
}
@c @implementation public func PyUnicodeEncodeError_GetEncoding(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in try text(e.unicodeError.pointee.encoding, "encoding") }
}
@c @implementation public func PyUnicodeDecodeError_GetEncoding(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in try text(e.unicodeError.pointee.encoding, "encoding") }
}
@c @implementation public func PyUnicodeEncodeError_GetReason(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in try text(e.unicodeError.pointee.reason, "reason") }
}
@c @implementation public func PyUnicodeDecodeError_GetReason(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in try text(e.unicodeError.pointee.reason, "reason") }
}
@c @implementation public func PyUnicodeTranslateError_GetReason(_ e: Ref!) -> Ref? {
  bridge { () throws(PyError) in try text(e.unicodeError.pointee.reason, "reason") }
}
@c @implementation
public func PyUnicodeEncodeError_GetStart(_ e: Ref!, _ place: UnsafeMutablePointer<Int>!) -> Int32 {
  getStart(e, .encode, place)
}
@c @implementation
public func PyUnicodeDecodeError_GetStart(_ e: Ref!, _ place: UnsafeMutablePointer<Int>!) -> Int32 {
  getStart(e, .decode, place)
}
@c @implementation
public func PyUnicodeTranslateError_GetStart(_ e: Ref!, _ place: UnsafeMutablePointer<Int>!) -> Int32 {
  getStart(e, .translate, place)
}
@c @implementation
public func PyUnicodeEncodeError_GetEnd(_ e: Ref!, _ place: UnsafeMutablePointer<Int>!) -> Int32 {
  getEnd(e, .encode, place)
}
@c @implementation
public func PyUnicodeDecodeError_GetEnd(_ e: Ref!, _ place: UnsafeMutablePointer<Int>!) -> Int32 {
  getEnd(e, .decode, place)
}
@c @implementation
public func PyUnicodeTranslateError_GetEnd(_ e: Ref!, _ place: UnsafeMutablePointer<Int>!) -> Int32 {
  getEnd(e, .translate, place)
}

private func setStart(_ e: Ref, _ n: Int) -> Int32 {
  e.unicodeError.pointee.start = n
  return 0
}
private func setEnd(_ e: Ref, _ n: Int) -> Int32 {
  e.unicodeError.pointee.end = n
  return 0
}
@c @implementation public func PyUnicodeEncodeError_SetStart(_ e: Ref!, _ n: Int) -> Int32 { setStart(e, n) }
@c @implementation public func PyUnicodeDecodeError_SetStart(_ e: Ref!, _ n: Int) -> Int32 { setStart(e, n) }
@c @implementation public func PyUnicodeTranslateError_SetStart(_ e: Ref!, _ n: Int) -> Int32 { setStart(e, n) }
@c @implementation public func PyUnicodeEncodeError_SetEnd(_ e: Ref!, _ n: Int) -> Int32 { setEnd(e, n) }
@c @implementation public func PyUnicodeDecodeError_SetEnd(_ e: Ref!, _ n: Int) -> Int32 { setEnd(e, n) }
@c @implementation public func PyUnicodeTranslateError_SetEnd(_ e: Ref!, _ n: Int) -> Int32 { setEnd(e, n) }
@c @implementation
public func PyUnicodeEncodeError_SetReason(_ e: Ref!, _ reason: UnsafePointer<CChar>!) -> Int32 { setReason(e, reason) }
@c @implementation
public func PyUnicodeDecodeError_SetReason(_ e: Ref!, _ reason: UnsafePointer<CChar>!) -> Int32 { setReason(e, reason) }
@c @implementation
public func PyUnicodeTranslateError_SetReason(_ e: Ref!, _ reason: UnsafePointer<CChar>!) -> Int32 {
  setReason(e, reason)
}

@c @implementation public func PyUnicodeDecodeError_Create(
  _ encoding: UnsafePointer<CChar>!, _ p: UnsafePointer<CChar>!, _ n: Int, _ start: Int, _ end: Int,
  _ reason: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let name = try owned(PyUnicode_FromString(encoding))
    let input = try owned(PyBytes_FromStringAndSize(p, n))
    let from = try owned(PyLong_FromSsize_t(start))
    let to = try owned(PyLong_FromSsize_t(end))
    let why = try owned(PyUnicode_FromString(reason))
    return try call(Exc.UnicodeDecodeError.object, name.ref, input.ref, from.ref, to.ref, why.ref)
  }
}

/// __init__: the base keeps the arguments, the fields get them one by one.
private func initialize(_ e: Ref, _ tuple: Ref?, _ dict: Ref?, _ kind: Kind) throws(PyError) {
  try check(Exc.BaseException.pointee.tp_init(e, tuple, dict))
  let arguments = tuple.unsafelyUnwrapped
  let first = kind == .translate ? 0 : 1
  let count = first &+ 4
  if arguments.size != count {
    throw typeError("function takes exactly \(count) arguments (\(arguments.size) given)")
  }
  func at(_ i: Int) -> Ref { PyTuple_GetItem(arguments, i).unsafelyUnwrapped }
  func requireText(_ i: Int) throws(PyError) -> Ref {
    if !at(i).isUnicode { throw typeError("argument \(i &+ 1) must be str, not \(argumentTypeName(at(i)))") }
    return at(i)
  }
  let encoding: Ref? = kind == .translate ? nil : try requireText(0)
  var source: Owned
  if kind == .decode {
    // Any buffer will do; it is kept as bytes.
    if at(first).isBytes {
      source = Owned(retaining: at(first))
    } else {
      let lock = try BufferLock(at(first))
      source = try owned(newBytes(lock.data.base, lock.data.count))
    }
  } else {
    source = Owned(retaining: try requireText(first))
  }
  func index(_ i: Int) throws(PyError) -> Int {
    let n = try owned(PyNumber_Index(at(i)))
    let value = PyLong_AsSsize_t(n.ref)
    if value == -1, errorIsSet { throw PyError() }
    return value
  }
  let start = try index(first &+ 1)
  let end = try index(first &+ 2)
  let reason = try requireText(first &+ 3)
  let fields = e.unicodeError
  replace(&fields.pointee.encoding, with: encoding.map { newRef($0) })
  replace(&fields.pointee.object, with: source.take())
  fields.pointee.start = start
  fields.pointee.end = end
  replace(&fields.pointee.reason, with: newRef(reason))
}

/// str(): the message with the character or byte at fault.
private func describe(_ e: Ref, _ kind: Kind) throws(PyError) -> Owned {
  let fields = e.unicodeError
  guard let o = fields.pointee.object, let reasonField = fields.pointee.reason else { return try string("") }
  let reason = try owned(PyObject_Str(reasonField))
  let encoding: Owned
  if let name = fields.pointee.encoding { encoding = try owned(PyObject_Str(name)) } else { encoding = try string("") }
  let start = fields.pointee.start
  let end = fields.pointee.end
  let n = kind == .decode ? (o.isBytes ? o.size : 0) : (o.isUnicode ? o.strLength : 0)
  var writer = StringWriter()
  if kind != .translate {
    try writer.append("'")
    try writer.append(encoding.ref)
    try writer.append(kind == .encode ? "' codec can't encode " : "' codec can't decode ")
  } else {
    try writer.append("can't translate ")
  }
  if start < n, start >= 0, end == start &+ 1 {
    if kind == .decode {
      try writer.append(ascii: "byte 0x\(o.bytesData[start] < 16 ? "0" : "")\(String(o.bytesData[start], radix: 16))")
    } else {
      let c = o.chars[start]
      let digits = String(c, radix: 16)
      let (letter, width) = c < 256 ? ("x", 2) : c < 65536 ? ("u", 4) : ("U", 8)
      try writer.append(
        ascii: "character '\\\(letter)\(String(repeating: "0", count: max(0, width - digits.utf8.count)))\(digits)'")
    }
    try writer.append(ascii: " in position \(start): ")
  } else {
    try writer.append(
      ascii: "\(kind == .decode ? "bytes" : "characters") in position \(start)-\(end &- 1): ")
  }
  try writer.append(reason.ref)
  return try writer.finish()
}

/// Fills in what the three exception classes have beyond the others. Called at start after their classes are defined.
func installUnicodeErrors() {
  var withEncoding = MemberTable()
  addMembers(&withEncoding, encoding: true)
  let all = withEncoding.build()
  var without = MemberTable()
  addMembers(&without, encoding: false)
  Exc.UnicodeEncodeError.pointee.tp_members = all
  Exc.UnicodeDecodeError.pointee.tp_members = all
  Exc.UnicodeTranslateError.pointee.tp_members = without.build()
  Exc.UnicodeEncodeError.pointee.tp_init = { e, tuple, dict in
    bridgeStatus { () throws(PyError) in try initialize(e!, tuple, dict, .encode) }
  }
  Exc.UnicodeDecodeError.pointee.tp_init = { e, tuple, dict in
    bridgeStatus { () throws(PyError) in try initialize(e!, tuple, dict, .decode) }
  }
  Exc.UnicodeTranslateError.pointee.tp_init = { e, tuple, dict in
    bridgeStatus { () throws(PyError) in try initialize(e!, tuple, dict, .translate) }
  }
  Exc.UnicodeEncodeError.pointee.tp_str = { e in bridge { () throws(PyError) in try describe(e!, .encode) } }
  Exc.UnicodeDecodeError.pointee.tp_str = { e in bridge { () throws(PyError) in try describe(e!, .decode) } }
  Exc.UnicodeTranslateError.pointee.tp_str = { e in bridge { () throws(PyError) in try describe(e!, .translate) } }
}

private func addMembers(_ m: inout MemberTable, encoding: Bool) {
  if encoding {
    m.add(
      "encoding", _Py_T_OBJECT, offset: MemoryLayout<PyUnicodeErrorObject>.offset(of: \.encoding)!, flags: 0,
      "exception encoding")
  }
  m.add(
    "object", _Py_T_OBJECT, offset: MemoryLayout<PyUnicodeErrorObject>.offset(of: \.object)!, flags: 0,
    "exception object")
  m.add(
    "start", Py_T_PYSSIZET, offset: MemoryLayout<PyUnicodeErrorObject>.offset(of: \.start)!, flags: 0,
    "exception start")
  m.add("end", Py_T_PYSSIZET, offset: MemoryLayout<PyUnicodeErrorObject>.offset(of: \.end)!, flags: 0, "exception end")
  m.add(
    "reason", _Py_T_OBJECT, offset: MemoryLayout<PyUnicodeErrorObject>.offset(of: \.reason)!, flags: 0,
    "exception reason")
}
