// Runs a codec over a text and deals with what it cannot convert, as the error handlers say.

import CGila
import GilaCore
import GilaModuleSupport

/// What happens to errors: one of the usual ways without a call, or a handler's name.
enum ErrorPolicy {
  case strict, ignore, replace
  case handler(String)

  init(_ r: Ref?) throws(PyError) {
    guard let r, r != none else {
      self = .strict
      return
    }
    guard r.isUnicode else { throw typeError("errors must be a string") }
    var n = 0
    if PyUnicode_AsUTF8AndSize(r, &n) == nil { throw PyError() }
    switch swiftString(r) {
    case "strict": self = .strict
    case "ignore": self = .ignore
    case "replace": self = .replace
    case let name: self = .handler(name)
    }
  }
  var name: String {
    switch self {
    case .strict: return "strict"
    case .ignore: return "ignore"
    case .replace: return "replace"
    case .handler(let n): return n
    }
  }
}

enum MultibyteDriver {
  static func characters(_ r: Ref) -> [UInt32] {
    let n = PyUnicode_GetLength(r)
    return [UInt32](unsafeUninitializedCapacity: max(n, 0)) { buffer, count in
      for i in 0..<max(n, 0) { buffer[i] = PyUnicode_ReadChar(r, i) }
      count = max(n, 0)
    }
  }
  static func text(_ characters: [UInt32]) throws(PyError) -> Owned {
    try owned(characters.withUnsafeBytes { PyUnicode_FromKindAndData(4, $0.baseAddress, characters.count) })
  }
  static func bytes(_ b: [UInt8]) throws(PyError) -> Owned {
    try owned(
      b.withUnsafeBytes { PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) })
  }

  /// Encodes `text` (a str) from the position on; stops early only before what may still be completed.
  static func encode(
    _ codec: CJKCodec, _ state: inout ShiftState, _ text: Ref, _ at: inout Int, _ policy: ErrorPolicy, flush: Bool,
    reset: Bool
  ) throws(PyError) -> [UInt8] {
    let input = characters(text)
    var out: [UInt8] = []
    if input.isEmpty, !reset { return out }
    loop: while at < input.count {
      let stop = codec.encode(input, &at, flush: flush, &state, &out)
      switch stop {
      case .end: break loop
      case .incomplete where !flush: break loop
      default: try encodeError(codec, &state, text, input.count, &at, policy, stop, &out)
      }
      if stop == .incomplete { break }
    }
    if reset { codec.encodeReset(&state, &out) }
    return out
  }
  private static func encodeError(
    _ codec: CJKCodec, _ state: inout ShiftState, _ text: Ref, _ count: Int, _ at: inout Int, _ policy: ErrorPolicy,
    _ stop: Stop, _ out: inout [UInt8]
  ) throws(PyError) {
    let size: Int
    let reason: String
    switch stop {
    case .illegal(let n): (size, reason) = (n, "illegal multibyte sequence")
    case .incomplete: (size, reason) = (count - at, "incomplete multibyte sequence")
    default: throw runtimeError("internal codec error")
    }
    if case .replace = policy {
      var i = 0
      if codec.encode([0x3f], &i, flush: true, &state, &out) != .end { out.append(0x3f) }
      at += size
      return
    }
    if case .ignore = policy {
      at += size
      return
    }
    let encoding = try string(codec.name), why = try string(reason)
    let start = try int(at), end = try int(at + size)
    let e = try call(Exc.UnicodeEncodeError.object, encoding.ref, text, start.ref, end.ref, why.ref)
    guard case .handler(let name) = policy else {
      PyErr_SetObject(e.ref.type.object, e.ref)
      throw PyError()
    }
    let handler = try owned(PyCodec_LookupError(name))
    let answer = try owned(PyObject_CallOneArg(handler.ref, e.ref))
    guard answer.ref.isTuple, answer.ref.size == 2 else {
      throw typeError("encoding error handler must return (str, int) tuple")
    }
    let replacement = gila_tuple_items(answer.ref)[0]!, position = gila_tuple_items(answer.ref)[1]!
    guard replacement.isUnicode || replacement.isBytes, position.isLong else {
      throw typeError("encoding error handler must return (str, int) tuple")
    }
    if replacement.isUnicode {
      var i = 0
      out += try encode(codec, &state, replacement, &i, .strict, flush: true, reset: false)
    } else {
      let n = replacement.size
      let p = UnsafeRawPointer(PyBytes_AsString(replacement)!).assumingMemoryBound(to: UInt8.self)
      out += UnsafeBufferPointer(start: p, count: n)
    }
    at = try self.position(position, count)
  }
  private static func position(_ r: Ref, _ count: Int) throws(PyError) -> Int {
    var n = PyLong_AsSsize_t(r)
    if n == -1, errorIsSet {
      PyErr_Clear()
      throw indexError("position \(n) from error handler out of bounds")
    }
    if n < 0 { n += count }
    if n < 0 || n > count { throw indexError("position \(n) from error handler out of bounds") }
    return n
  }

  /// Decodes from the position on; stops early only before what may still be completed.
  static func decode(
    _ codec: CJKCodec, _ state: inout ShiftState, _ input: [UInt8], _ at: inout Int, _ policy: ErrorPolicy,
    final: Bool, _ out: inout [UInt32]
  ) throws(PyError) {
    while at < input.count {
      let stop = input.withUnsafeBufferPointer { codec.decode($0, &at, &state, &out) }
      if stop == .end { return }
      if stop == .incomplete, !final { return }
      try decodeError(codec, input, &at, policy, stop, &out)
    }
  }
  private static func decodeError(
    _ codec: CJKCodec, _ input: [UInt8], _ at: inout Int, _ policy: ErrorPolicy, _ stop: Stop, _ out: inout [UInt32]
  ) throws(PyError) {
    let size: Int
    let reason: String
    switch stop {
    case .illegal(let n): (size, reason) = (n, "illegal multibyte sequence")
    case .incomplete: (size, reason) = (input.count - at, "incomplete multibyte sequence")
    default: throw runtimeError("internal codec error")
    }
    switch policy {
    case .replace:
      out.append(0xfffd)
      at += size
      return
    case .ignore:
      at += size
      return
    default: break
    }
    let encoding = try string(codec.name), why = try string(reason)
    let data = try bytes(input), start = try int(at), end = try int(at + size)
    let e = try call(Exc.UnicodeDecodeError.object, encoding.ref, data.ref, start.ref, end.ref, why.ref)
    guard case .handler(let name) = policy else {
      PyErr_SetObject(e.ref.type.object, e.ref)
      throw PyError()
    }
    let handler = try owned(PyCodec_LookupError(name))
    let answer = try owned(PyObject_CallOneArg(handler.ref, e.ref))
    guard answer.ref.isTuple, answer.ref.size == 2, gila_tuple_items(answer.ref)[0]!.isUnicode,
      gila_tuple_items(answer.ref)[1]!.isLong
    else { throw typeError("decoding error handler must return (str, int) tuple") }
    out += characters(gila_tuple_items(answer.ref)[0]!)
    at = try position(gila_tuple_items(answer.ref)[1]!, input.count)
  }
}
