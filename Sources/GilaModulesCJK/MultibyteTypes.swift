// The types of _multibytecodec: the codec, incremental coders, stream reader and writer.

import CGila
import GilaCore
import GilaModuleSupport

final class CodecObject: NativeState {
  let codec: CJKCodec
  init(_ codec: CJKCodec) { self.codec = codec }
}

/// What incremental coders and streams have in common.
final class CoderObject: NativeState {
  let codec: CJKCodec
  var policy: ErrorPolicy
  var state: ShiftState
  /// Characters, or bytes, that wait for what follows.
  var characters: [UInt32] = []
  var bytes: [UInt8] = []
  let stream: Ref?

  init(_ codec: CJKCodec, _ policy: ErrorPolicy, encoding: Bool, stream: Ref? = nil) {
    self.codec = codec
    self.policy = policy
    state = codec.initialState(encoding: encoding)
    self.stream = xnewRef(stream)
  }
  deinit { xdecref(stream) }
  override func traverse(_ visit: visitproc, _ context: UnsafeMutableRawPointer?) -> Int32 {
    visiting(stream, visit, context)
  }

  func encode(_ given: Ref, final: Bool) throws(PyError) -> Owned {
    guard given.isUnicode else { throw typeError("couldn't convert the object to str.") }
    let text = characters.isEmpty ? Owned(retaining: given) : try joined(given)
    var at = 0
    // After an error the waiting characters are as before.
    let out = try MultibyteDriver.encode(codec, &state, text.ref, &at, policy, flush: final, reset: final)
    let all = MultibyteDriver.characters(text.ref)
    if all.count - at > 2 {
      throw raise(Exc.UnicodeError, "pending buffer overflow")
    }
    characters = Array(all[at...])
    return try MultibyteDriver.bytes(out)
  }
  private func joined(_ given: Ref) throws(PyError) -> Owned {
    try MultibyteDriver.text(characters + MultibyteDriver.characters(given))
  }
  func decode(_ given: [UInt8], final: Bool) throws(PyError) -> Owned {
    let before = bytes
    let input = bytes + given
    bytes = []
    var at = 0
    var out: [UInt32] = []
    try MultibyteDriver.decode(codec, &state, input, &at, policy, final: false, &out)
    if final, at < input.count {
      do throws(PyError) {
        try MultibyteDriver.decode(codec, &state, input, &at, policy, final: true, &out)
      } catch {
        bytes = before
        throw error
      }
    }
    if input.count - at > 8 { throw raise(Exc.UnicodeError, "pending buffer overflow") }
    bytes = Array(input[at...])
    return try MultibyteDriver.text(out)
  }
  func reset(encoding: Bool) {
    if encoding {
      var out: [UInt8] = []
      codec.encodeReset(&state, &out)
    } else {
      codec.decodeReset(&state)
    }
    characters = []
    bytes = []
  }
  /// Reads from the stream with one of its methods.
  func read(_ method: StaticString, _ size: Int) throws(PyError) -> Owned {
    if size == 0 { return try string("") }
    let f = try owned(PyObject_GetAttrString(stream ?? none, cString(method)))
    var size = size
    var out: [UInt32] = []
    while true {
      let piece: Owned
      if size < 0 {
        piece = try owned(PyObject_CallNoArgs(f.ref))
      } else {
        let n = try int(size)
        piece = try owned(PyObject_CallOneArg(f.ref, n.ref))
      }
      guard piece.ref.isBytes else {
        throw typeError("stream function returned a non-bytes object (\(typeName(of: piece.ref)))")
      }
      let given = MultibyteTypes.bytes(piece.ref)
      let atEnd = given.isEmpty
      let input = bytes + given
      bytes = []
      var at = 0
      try MultibyteDriver.decode(codec, &state, input, &at, policy, final: atEnd || size < 0, &out)
      if input.count - at > 8 { throw raise(Exc.UnicodeError, "pending buffer overflow") }
      bytes = Array(input[at...])
      if size < 0 || !out.isEmpty || input.isEmpty { break }
      size = 1
    }
    return try MultibyteDriver.text(out)
  }
}

enum MultibyteTypes {
  nonisolated(unsafe) static var codec: TypeRef! = nil
  nonisolated(unsafe) static var encoder: TypeRef! = nil
  nonisolated(unsafe) static var decoder: TypeRef! = nil
  nonisolated(unsafe) static var reader: TypeRef! = nil
  nonisolated(unsafe) static var writer: TypeRef! = nil

  private static let encodeFunction = Function("encode", "($self, /, input, errors=None)")
  private static let decodeFunction = Function("decode", "($self, /, input, errors=None)")
  private static let stepFunction = Function("encode", "($self, /, input, final=False)")
  private static let unstepFunction = Function("decode", "($self, /, input, final=False)")
  private static let incrementalSignature = Signature("function", "(errors='strict')")
  private static let streamSignature = Signature("function", "(stream, errors='strict')")

  static func bytes(_ r: Ref) -> [UInt8] {
    guard r.size > 0, let p = PyBytes_AsString(r) else { return [] }
    return Array(UnsafeBufferPointer(start: UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self), count: r.size))
  }
  private static func bytes(buffer r: Ref) throws(PyError) -> [UInt8] {
    let b = try Buffer(r)
    return Array(UnsafeBufferPointer(start: b.bytes, count: b.count))
  }
  private static func coder(_ r: Ref) -> CoderObject { Native.state(r) }

  /// The codec that a class names in its attribute `codec`.
  private static func codec(of type: TypeRef) throws(PyError) -> CJKCodec {
    let r = try owned(PyObject_GetAttrString(type.object, "codec"))
    guard r.ref.type == codec else { throw typeError("codec is unexpected type") }
    return Native.state(r.ref, CodecObject.self).codec
  }

  static func install() {
    if codec != nil { return }
    codecType()
    encoder = coderType("MultibyteIncrementalEncoder", stream: false, encoding: true, encoderMethods())
    decoder = coderType("MultibyteIncrementalDecoder", stream: false, encoding: false, decoderMethods())
    reader = coderType("MultibyteStreamReader", stream: true, encoding: false, readerMethods())
    writer = coderType("MultibyteStreamWriter", stream: true, encoding: true, writerMethods())
  }
  private static func codecType() {
    let t = Native.makeType("_multibytecodec.MultibyteCodec", flags: Native.noInstantiation, weak: false)
    var m = MethodTable()
    m.add(encodeFunction, "Return an encoded string version of `input'.") { r, a, n, k in
      answer(MultibyteTypes.encodeFunction, a, n, k) { (b) throws(PyError) in
        let policy = try ErrorPolicy(b[1])
        let text = b[0]!.isUnicode ? Owned(retaining: b[0]!) : try owned(PyObject_Str(b[0]))
        let codec = Native.state(r!, CodecObject.self).codec
        var state = codec.initialState(encoding: true)
        var at = 0
        let out = try MultibyteDriver.encode(codec, &state, text.ref, &at, policy, flush: true, reset: true)
        let made = try MultibyteDriver.bytes(out), count = try int(PyUnicode_GetLength(text.ref))
        return try tuple(made.ref, count.ref)
      }
    }
    m.add(decodeFunction, "Decodes 'input'.") { r, a, n, k in
      answer(MultibyteTypes.decodeFunction, a, n, k) { (b) throws(PyError) in
        let input = try MultibyteTypes.bytes(buffer: b[0]!)
        let policy = try ErrorPolicy(b[1])
        let codec = Native.state(r!, CodecObject.self).codec
        var state = codec.initialState(encoding: false)
        var at = 0
        var out: [UInt32] = []
        try MultibyteDriver.decode(codec, &state, input, &at, policy, final: true, &out)
        let made = try MultibyteDriver.text(out), count = try int(input.count)
        return try tuple(made.ref, count.ref)
      }
    }
    t.pointee.tp_methods = m.build()
    codec = t
  }

  private static func coderType(
    _ name: StaticString, stream: Bool, encoding: Bool, _ methods: UnsafeMutablePointer<PyMethodDef>
  ) -> TypeRef {
    let t = Native.makeType(name, flags: Native.subclassable, collected: true, weak: false)
    switch (stream, encoding) {
    case (false, true):
      t.pointee.tp_name = cString("_multibytecodec.MultibyteIncrementalEncoder")
      t.pointee.tp_new = { type, args, kwargs in MultibyteTypes.new(type!, args, kwargs, stream: false, encoding: true)
      }
    case (false, false):
      t.pointee.tp_name = cString("_multibytecodec.MultibyteIncrementalDecoder")
      t.pointee.tp_new = { type, args, kwargs in
        MultibyteTypes.new(type!, args, kwargs, stream: false, encoding: false)
      }
    case (true, false):
      t.pointee.tp_name = cString("_multibytecodec.MultibyteStreamReader")
      t.pointee.tp_new = { type, args, kwargs in MultibyteTypes.new(type!, args, kwargs, stream: true, encoding: false)
      }
    default:
      t.pointee.tp_name = cString("_multibytecodec.MultibyteStreamWriter")
      t.pointee.tp_new = { type, args, kwargs in MultibyteTypes.new(type!, args, kwargs, stream: true, encoding: true) }
    }
    // The state is made by __new__; the arguments are its.
    t.pointee.tp_init = { _, _, _ in 0 }
    t.pointee.tp_methods = methods
    var g = GetSetTable()
    g.add(
      "errors", "how to treat errors", get: { r, _ in newString(MultibyteTypes.coder(r!).policy.name) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          guard v.isUnicode else { throw typeError("errors must be a string") }
          MultibyteTypes.coder(r!).policy = try ErrorPolicy(v)
        }
      })
    if stream { g.add("stream", get: { r, _ in newRef(MultibyteTypes.coder(r!).stream ?? none) }) }
    t.pointee.tp_getset = g.build()
    return t
  }
  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?, stream: Bool, encoding: Bool) -> Ref? {
    bridge { () throws(PyError) in
      let b = try (stream ? streamSignature : incrementalSignature).bind(tuple: args, dict: kwargs)
      let policy = try ErrorPolicy(stream ? b[1] : b[0])
      let state = CoderObject(
        try codec(of: type), policy, encoding: encoding, stream: stream ? b[0] : nil)
      return try Native.make(type, state)
    }
  }

  // MARK: incremental coders

  private static func integer(_ bytes: [UInt8]) throws(PyError) -> Owned {
    try owned(bytes.withUnsafeBufferPointer { _PyLong_FromByteArray($0.baseAddress, bytes.count, 1, 0) })
  }
  private static func stateBytes(_ word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
  }
  private static func number(_ r: Ref, _ count: Int) throws(PyError) -> [UInt8] {
    guard r.isLong else { throw typeError("state must be an int, not \(typeName(of: r))") }
    let size = try int(count)
    let little = try string("little")
    let method = try owned(PyObject_GetAttrString(r, "to_bytes"))
    let b = try call(method.ref, size.ref, little.ref)
    return bytes(b.ref)
  }
  private static func encoderMethods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(stepFunction, "") { r, a, n, k in
      answer(MultibyteTypes.stepFunction, a, n, k) { (b) throws(PyError) in
        try MultibyteTypes.coder(r!).encode(b[0]!, final: try cFlag(b[1], false))
      }
    }
    m.noArguments("reset", "($self, /)") { r, _ in
      MultibyteTypes.coder(r!).reset(encoding: true)
      return none
    }
    m.noArguments("getstate", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        let c = MultibyteTypes.coder(r!)
        let text = try MultibyteDriver.text(c.characters)
        var n = 0
        guard let p = PyUnicode_AsUTF8AndSize(text.ref, &n) else { throw PyError() }
        if n > 8 { throw raise(Exc.UnicodeError, "pending buffer too large") }
        let utf8 = UnsafeBufferPointer(start: UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self), count: n)
        return try MultibyteTypes.integer([UInt8(n)] + Array(utf8) + MultibyteTypes.stateBytes(c.state.word))
      }
    }
    m.one("setstate", "($self, state, /)") { r, v in
      bridgeNone { () throws(PyError) in
        let b = try MultibyteTypes.number(v!, 17)
        let n = Int(b[0])
        if n > 8 { throw raise(Exc.UnicodeError, "pending buffer too large") }
        let pending = b[1..<(1 + n)].map { CChar(bitPattern: $0) }
        let text = try owned(PyUnicode_DecodeUTF8(pending, n, "strict"))
        let c = MultibyteTypes.coder(r!)
        c.characters = MultibyteDriver.characters(text.ref)
        var word: UInt64 = 0
        for i in 0..<8 { word |= UInt64(b[1 + n + i]) << UInt64(8 * i) }
        c.state.word = word
      }
    }
    return m.build()
  }
  private static func decoderMethods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(unstepFunction, "") { r, a, n, k in
      answer(MultibyteTypes.unstepFunction, a, n, k) { (b) throws(PyError) in
        let input = try MultibyteTypes.bytes(buffer: b[0]!)
        return try MultibyteTypes.coder(r!).decode(input, final: try cFlag(b[1], false))
      }
    }
    m.noArguments("reset", "($self, /)") { r, _ in
      MultibyteTypes.coder(r!).reset(encoding: false)
      return none
    }
    m.noArguments("getstate", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        let c = MultibyteTypes.coder(r!)
        let pending = try MultibyteDriver.bytes(c.bytes)
        let state = try MultibyteTypes.integer(MultibyteTypes.stateBytes(c.state.word))
        return try tuple(pending.ref, state.ref)
      }
    }
    m.one("setstate", "($self, state, /)") { r, v in
      bridgeNone { () throws(PyError) in
        guard v!.isTuple else { throw typeError("setstate() argument must be tuple, not \(typeName(of: v!))") }
        guard v!.size == 2, gila_tuple_items(v!)[0]!.isBytes, gila_tuple_items(v!)[1]!.isLong else {
          throw typeError("setstate(): illegal state argument")
        }
        let state = try MultibyteTypes.number(gila_tuple_items(v!)[1]!, 8)
        let pending = gila_tuple_items(v!)[0]!
        let c = MultibyteTypes.coder(r!)
        if pending.size > 8 {
          let encoding = try string(c.codec.name), why = try string("pending buffer too large")
          let start = try int(0), end = try int(pending.size)
          let e = try call(Exc.UnicodeDecodeError.object, encoding.ref, pending, start.ref, end.ref, why.ref)
          PyErr_SetObject(e.ref.type.object, e.ref)
          throw PyError()
        }
        c.bytes = MultibyteTypes.bytes(pending)
        var word: UInt64 = 0
        for i in 0..<8 { word |= UInt64(state[i]) << UInt64(8 * i) }
        c.state.word = word
      }
    }
    return m.build()
  }

  // MARK: streams

  private static func size(_ a: ArgumentVector?, _ n: Int, _ name: StaticString) throws(PyError) -> Int {
    try checkCount(name, n, 0, 1)
    guard n == 1, a![0]! != none else { return -1 }
    guard a![0]!.isLong else { throw typeError("arg 1 must be an integer") }
    let v = PyLong_AsSsize_t(a![0])
    if v == -1, errorIsSet { throw PyError() }
    return v
  }
  private static func readerMethods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional("read", "($self, sizeobj=None, /)") { r, a, n in
      bridge { () throws(PyError) in try MultibyteTypes.coder(r!).read("read", try MultibyteTypes.size(a, n, "read")) }
    }
    m.positional("readline", "($self, sizeobj=None, /)") { r, a, n in
      bridge { () throws(PyError) in
        try MultibyteTypes.coder(r!).read("readline", try MultibyteTypes.size(a, n, "readline"))
      }
    }
    m.positional("readlines", "($self, sizehintobj=None, /)") { r, a, n in
      bridge { () throws(PyError) in
        let text = try MultibyteTypes.coder(r!).read("read", try MultibyteTypes.size(a, n, "readlines"))
        return try owned(PyUnicode_Splitlines(text.ref, 1))
      }
    }
    m.noArguments("reset", "($self, /)") { r, _ in
      MultibyteTypes.coder(r!).reset(encoding: false)
      return none
    }
    return m.build()
  }
  private static func write(_ r: Ref, _ bytes: Ref) throws(PyError) {
    let method = try owned(PyObject_GetAttrString(coder(r).stream ?? none, "write"))
    let done = try owned(PyObject_CallOneArg(method.ref, bytes))
    _ = done.ref
  }
  private static func writerMethods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("write", "($self, strobj, /)") { r, text in
      bridgeNone { () throws(PyError) in
        let b = try MultibyteTypes.coder(r!).encode(text!, final: false)
        try MultibyteTypes.write(r!, b.ref)
      }
    }
    m.one("writelines", "($self, lines, /)") { r, lines in
      bridgeNone { () throws(PyError) in
        if PySequence_Check(lines) == 0 { throw typeError("arg must be a sequence object") }
        var i = 0
        while i < PySequence_Size(lines) {
          let line = try owned(PySequence_GetItem(lines, i))
          let b = try MultibyteTypes.coder(r!).encode(line.ref, final: false)
          try MultibyteTypes.write(r!, b.ref)
          i += 1
        }
        if errorIsSet { throw PyError() }
      }
    }
    m.noArguments("reset", "($self, /)") { r, _ in
      bridgeNone { () throws(PyError) in
        let c = MultibyteTypes.coder(r!)
        if c.characters.isEmpty { return }
        let empty = try string("")
        let b = try c.encode(empty.ref, final: true)
        if b.ref.size > 0 { try MultibyteTypes.write(r!, b.ref) }
      }
    }
    return m.build()
  }
}
