// The % operator of str, bytes and bytearray. One walk through the template serves both kinds; a sink takes the text.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// Where formatted text goes.
protocol FormatSink: ~Copyable {
  mutating func append(_ data: CharacterData) throws(PyError)
  /// Characters none of which is above `most`.
  mutating func append(_ data: CharacterData, most: UInt32) throws(PyError)
  mutating func fill(_ c: UInt32, _ count: Int) throws(PyError)
}

extension StringWriter: FormatSink {}

/// Bytes under construction.
struct BytesSink: FormatSink, ~Copyable {
  var buffer: ByteBuffer
  init(capacity: Int) { buffer = ByteBuffer(capacity: capacity) }
  mutating func append(_ data: CharacterData) throws(PyError) {
    buffer.append(data.base, data.count)
    if buffer.isExhausted { throw memoryError() }
  }
  mutating func append(_ data: CharacterData, most: UInt32) throws(PyError) { try append(data) }
  mutating func fill(_ c: UInt32, _ count: Int) throws(PyError) {
    if count <= 0 { return }
    buffer.reserve(count)
    if buffer.isExhausted { throw memoryError() }
    for _ in 0..<count { buffer.append(UInt8(truncatingIfNeeded: c)) }
  }
}

/// The values of a % expression.
private struct Arguments: ~Copyable {
  /// The value as given.
  let value: Ref
  let isTuple: Bool
  /// The mapping, if the value can be one.
  let mapping: Ref?
  /// The item that %(key) picked, owned; the next conversion takes it.
  var item: Ref? = nil
  /// Whether some %(key) was used: from then on there are no more positional values.
  var usesKeys = false
  var index = 0

  init(_ value: Ref, isBytes: Bool) {
    self.value = value
    isTuple = value.isTuple
    let isText = isBytes ? value.isBytes || value.isUnicode || value.isInstance(of: Types.byteArray) : value.isUnicode
    mapping = !isTuple && !isText && PyMapping_Check(value) != 0 ? value : nil
  }
  deinit { xdecref(item) }

  mutating func pick(_ key: Ref) throws(PyError) {
    let found = try owned(PyObject_GetItem(mapping, key)).take()
    let old = item
    item = found
    usesKeys = true
    xdecref(old)
  }

  /// The next value.
  mutating func next() throws(PyError) -> Owned {
    if usesKeys {
      guard let picked = item else { throw typeError("not enough arguments for format string") }
      item = nil
      return Owned(taking: picked)
    }
    if index >= (isTuple ? value.size : 1) { throw typeError("not enough arguments for format string") }
    index &+= 1
    return Owned(retaining: isTuple ? gila_tuple_items(value)[index &- 1].unsafelyUnwrapped : value)
  }

  /// Whether all values were used.
  var isUsedUp: Bool { mapping != nil || index >= (isTuple ? value.size : 1) }
}

/// One conversion.
private struct Spec {
  var left = false
  var sign = false
  var blank = false
  var alternate = false
  var zero = false
  var width = -1
  var precision = -1
  var type: UInt32 = 0
}

@c @implementation public func PyUnicode_Format(_ template: Ref!, _ value: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if !template.isUnicode { throw typeError("must be str, not \(typeName(of: template))") }
    var writer = StringWriter(minimum: template.strLength &+ 100)
    try format(template.chars, value, isBytes: false, isASCII: template.strIsASCII, &writer)
    return try writer.finish()
  }
}

/// bytes % value
func formatBytes(_ template: CharacterData, _ value: Ref) throws(PyError) -> BytesSink {
  var sink = BytesSink(capacity: template.count &+ 64)
  try format(template, value, isBytes: true, isASCII: false, &sink)
  return sink
}

private func format<S: FormatSink & ~Copyable>(
  _ text: CharacterData, _ value: Ref, isBytes: Bool, isASCII: Bool, _ sink: inout S
) throws(PyError) {
  var arguments = Arguments(value, isBytes: isBytes)
  var i = 0
  while i < text.count {
    let next = text.slice(i, text.count).find(character: 0x25)
    let end = next < 0 ? text.count : i &+ next
    if end > i {
      let literal = text.slice(i, end)
      if isASCII { try sink.append(literal, most: 127) } else { try sink.append(literal) }
    }
    i = end &+ 1
    if next < 0 { break }
    if i < text.count, text[i] == 0x25 {
      try sink.fill(0x25, 1)
      i &+= 1
      continue
    }
    var spec = try parse(text, &i, &arguments, isBytes)
    // i is another name of d; in the messages of bytes it is d, in those of str it stays.
    if isBytes, spec.type == 0x69 { spec.type = 0x64 }
    let argument = try arguments.next()
    try write(spec, argument.ref, at: i &- 1, isBytes, &sink)
  }
  if !arguments.isUsedUp {
    throw typeError("not all arguments converted during \(isBytes ? "bytes" : "string") formatting")
  }
}

/// Reads what follows a percent sign.
private func parse(
  _ text: CharacterData, _ i: inout Int, _ arguments: inout Arguments, _ isBytes: Bool
) throws(PyError) -> Spec {
  var spec = Spec()
  @inline(__always) func character() throws(PyError) -> UInt32 {
    if i >= text.count { throw valueError("incomplete format") }
    let c = text[i]
    i &+= 1
    return c
  }
  var c = try character()
  if c == 0x28 {
    if arguments.mapping == nil { throw typeError("format requires a mapping") }
    let start = i
    var depth = 1
    while depth > 0, i < text.count {
      if text[i] == 0x29 { depth &-= 1 } else if text[i] == 0x28 { depth &+= 1 }
      i &+= 1
    }
    if depth > 0 { throw valueError("incomplete format key") }
    let part = text.slice(start, i &- 1)
    let key = try owned(isBytes ? newBytes(part.base, part.count) : newString(part))
    try arguments.pick(key.ref)
    c = try character()
  }
  flags: while true {
    switch c {
    case 0x2D: spec.left = true
    case 0x2B: spec.sign = true
    case 0x20: spec.blank = true
    case 0x23: spec.alternate = true
    case 0x30: spec.zero = true
    default: break flags
    }
    c = try character()
  }
  if c == 0x2A {
    let n = try star(&arguments, "width", isInt: false)
    spec.width = n < 0 ? 0 &- n : n
    if n < 0 { spec.left = true }
    c = try character()
  } else if c >= 0x30, c <= 0x39 {
    spec.width = 0
    while c >= 0x30, c <= 0x39 {
      if spec.width > (Int.max &- 9) / 10 { throw valueError("width too big") }
      spec.width = spec.width &* 10 &+ Int(c &- 0x30)
      c = try character()
    }
  }
  if c == 0x2E {
    spec.precision = 0
    c = try character()
    if c == 0x2A {
      spec.precision = max(0, try star(&arguments, "precision", isInt: true))
      c = try character()
    } else {
      while c >= 0x30, c <= 0x39 {
        if spec.precision > (Int(Int32.max) &- 9) / 10 { throw valueError("precision too big") }
        spec.precision = spec.precision &* 10 &+ Int(c &- 0x30)
        c = try character()
      }
    }
  }
  if c == 0x68 || c == 0x6C || c == 0x4C { c = try character() }
  spec.type = c
  return spec
}

private func star(_ arguments: inout Arguments, _ what: StaticString, isInt: Bool) throws(PyError) -> Int {
  let value = try arguments.next()
  if !value.ref.isLong { throw typeError("* wants int") }
  let n = isInt ? Int(PyLong_AsInt(value.ref)) : PyLong_AsSsize_t(value.ref)
  if n == -1, errorIsSet { throw PyError() }
  return n
}

private func write<S: FormatSink & ~Copyable>(
  _ spec: Spec, _ value: Ref, at index: Int, _ isBytes: Bool, _ sink: inout S
) throws(PyError) {
  switch spec.type {
  case 0x73, 0x62:
    if spec.type == 0x62, !isBytes { throw unsupported(spec.type, index) }
    if isBytes {
      try writeBytesLike(spec, value, &sink)
    } else if value.isExactly(Types.unicode) {
      try pad(value.chars, spec, &sink, isASCII: value.strIsASCII)
    } else {
      let s = try owned(PyObject_Str(value))
      try pad(s.ref.chars, spec, &sink, isASCII: s.ref.strIsASCII)
    }
  case 0x72:
    let s = try owned(isBytes ? PyObject_ASCII(value) : PyObject_Repr(value))
    try pad(s.ref.chars, spec, &sink)
  case 0x61:
    let s = try owned(PyObject_ASCII(value))
    try pad(s.ref.chars, spec, &sink)
  case 0x64, 0x69, 0x75, 0x6F, 0x78, 0x58: try writeInteger(spec, value, &sink)
  case 0x65, 0x45, 0x66, 0x46, 0x67, 0x47: try writeFloat(spec, value, isBytes, &sink)
  case 0x63: try writeCharacter(spec, value, isBytes, &sink)
  default: throw unsupported(spec.type, index)
  }
}

private func unsupported(_ c: UInt32, _ index: Int) -> PyError {
  let shown = c > 31 && c < 128 ? String(Character(Unicode.Scalar(UInt8(c)))) : "?"
  return valueError("unsupported format character '\(shown)' (0x\(String(c, radix: 16))) at index \(index)")
}

/// Cuts to the precision, pads with blanks to the width.
private func pad<S: FormatSink & ~Copyable>(
  _ data: CharacterData, _ spec: Spec, _ sink: inout S, isASCII: Bool = false
) throws(PyError) {
  let part = spec.precision >= 0 && spec.precision < data.count ? data.slice(0, spec.precision) : data
  let missing = spec.width &- part.count
  if missing > Int.max / 8 { throw memoryError() }
  if !spec.left { try sink.fill(32, missing) }
  if isASCII { try sink.append(part, most: 127) } else { try sink.append(part) }
  if spec.left { try sink.fill(32, missing) }
}

/// Writes a number given as ASCII text with perhaps a sign: sign, prefix, zeros, digits.
private func writeNumber<S: FormatSink & ~Copyable>(
  _ text: CharacterData, _ spec: Spec, prefixCount: Int, zeros: Int, _ sink: inout S
) throws(PyError) {
  var start = 0
  var sign: UInt32 = 0
  if text.count > 0, text[0] == 0x2D || text[0] == 0x2B {
    sign = text[0]
    start = 1
  } else if spec.sign {
    sign = 0x2B
  } else if spec.blank {
    sign = 0x20
  }
  if zeros > Int.max / 8 || spec.width > Int.max / 8 { throw memoryError() }
  let size = text.count &- start &+ zeros &+ (sign == 0 ? 0 : 1)
  let missing = max(0, spec.width &- size)
  let zeroFill = spec.zero && !spec.left
  if !spec.left, !zeroFill { try sink.fill(32, missing) }
  if sign != 0 { try sink.fill(sign, 1) }
  if prefixCount > 0 { try sink.append(text.slice(start, start &+ prefixCount), most: 127) }
  try sink.fill(48, zeros &+ (zeroFill ? missing : 0))
  try sink.append(text.slice(start &+ prefixCount, text.count), most: 127)
  if spec.left { try sink.fill(32, missing) }
}

/// The value of an int of up to two digits.
private func word(_ r: Ref) -> Int? {
  let tag = r.raw.load(fromByteOffset: 16, as: UInt.self)
  guard tag < 3 << 3 else { return nil }
  if tag & 3 == 1 { return 0 }
  let first = Int(r.raw.load(fromByteOffset: 24, as: UInt32.self))
  let second = tag >> 3 == 2 ? Int(r.raw.load(fromByteOffset: 28, as: UInt32.self)) << 30 : 0
  return tag & 2 != 0 ? 0 &- (first | second) : first | second
}

private func writeInteger<S: FormatSink & ~Copyable>(
  _ spec: Spec, _ value: Ref, _ sink: inout S
) throws(PyError) {
  let isDecimal = spec.type == 0x64 || spec.type == 0x69 || spec.type == 0x75
  if isDecimal, spec.precision < 0, value.isExactly(Types.long), let n = word(value) {
    guard let memory = SmallBlocks.allocate(32) else { throw memoryError() }
    defer { SmallBlocks.free(memory) }
    var at = 32
    var rest = n.magnitude
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      at &-= 1
      memory.storeBytes(of: UInt8(truncatingIfNeeded: digit) &+ 48, toByteOffset: at, as: UInt8.self)
      rest = quotient
    } while rest != 0
    if n < 0 {
      at &-= 1
      memory.storeBytes(of: 0x2D, toByteOffset: at, as: UInt8.self)
    }
    return try writeNumber(CharacterData(bytes: memory + at, count: 32 &- at), spec, prefixCount: 0, zeros: 0, &sink)
  }
  let number = try integerValue(value, spec.type, isDecimal)
  let base: Int32 = isDecimal ? 10 : spec.type == 0x6F ? 8 : 16
  // With a prefix of two characters, except in base 10.
  let digits = try owned(_PyLong_Format(number.ref, base))
  let text = digits.ref.chars
  if isDecimal, spec.precision < 0 { return try writeNumber(text, spec, prefixCount: 0, zeros: 0, &sink) }
  let negative = text.count > 0 && text[0] == 0x2D
  let signCount = negative ? 1 : 0
  let prefix = isDecimal ? 0 : 2
  let count = text.count &- signCount &- prefix
  let zeros = max(0, spec.precision &- count)
  var buffer = ByteBuffer(capacity: text.count)
  if negative { buffer.append(0x2D) }
  let keepsPrefix = spec.alternate && prefix > 0
  if keepsPrefix {
    buffer.append(0x30)
    buffer.append(UInt8(truncatingIfNeeded: spec.type))
  }
  for i in (signCount &+ prefix)..<text.count {
    let c = UInt8(truncatingIfNeeded: text[i])
    buffer.append(spec.type == 0x58 ? asciiUpper(c) : c)
  }
  if buffer.isExhausted { throw memoryError() }
  let all = CharacterData(bytes: buffer.base.unsafelyUnwrapped, count: buffer.count)
  try writeNumber(all, spec, prefixCount: keepsPrefix ? 2 : 0, zeros: zeros, &sink)
}

/// The int that an integer conversion formats.
private func integerValue(_ value: Ref, _ type: UInt32, _ isDecimal: Bool) throws(PyError) -> Owned {
  if value.isLong { return Owned(retaining: value) }
  if PyNumber_Check(value) != 0 {
    if let n = isDecimal ? PyNumber_Long(value) : PyNumber_Index(value) { return Owned(taking: n) }
    if PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw PyError() }
    PyErr_Clear()
  }
  let letter = String(Character(Unicode.Scalar(UInt8(type))))
  throw typeError(
    "%\(letter) format: \(isDecimal ? "a real number" : "an integer") is required, not \(typeName(of: value))")
}

private func writeFloat<S: FormatSink & ~Copyable>(
  _ spec: Spec, _ value: Ref, _ isBytes: Bool, _ sink: inout S
) throws(PyError) {
  let x = PyFloat_AsDouble(value)
  if x == -1, errorIsSet {
    if isBytes, PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
      PyErr_Clear()
      throw typeError("float argument required, not \(typeName(of: value))")
    }
    throw PyError()
  }
  let precision = spec.precision < 0 ? 6 : spec.precision
  guard
    let text = PyOS_double_to_string(
      x, CChar(truncatingIfNeeded: spec.type), Int32(truncatingIfNeeded: precision), spec.alternate ? 4 : 0, nil)
  else { throw PyError() }
  defer { PyMem_Free(text) }
  try writeNumber(CharacterData(bytes: text, count: strlen(text)), spec, prefixCount: 0, zeros: 0, &sink)
}

private func writeCharacter<S: FormatSink & ~Copyable>(
  _ spec: Spec, _ value: Ref, _ isBytes: Bool, _ sink: inout S
) throws(PyError) {
  var character: UInt32? = nil
  if isBytes {
    if value.isBytes, value.size == 1 {
      character = UInt32(value.bytesData[0])
    } else if value.isInstance(of: Types.byteArray), value.size == 1 {
      character = value.byteView[0]
    }
  } else if value.isUnicode, value.strLength == 1 {
    character = value.chars[0]
  }
  if character == nil {
    let wrong = isBytes ? "%c requires an integer in range(256) or a single byte" : "%c requires int or char"
    let isText = isBytes ? value.isBytes || value.isInstance(of: Types.byteArray) : value.isUnicode
    if isText || PyIndex_Check(value) == 0 { throw typeError(wrong) }
    var overflow: Int32 = 0
    let index = try owned(PyNumber_Index(value))
    let n = PyLong_AsLongAndOverflow(index.ref, &overflow)
    if n == -1, errorIsSet { throw PyError() }
    if overflow != 0 || n < 0 || n > (isBytes ? 255 : 0x10FFFF) {
      throw overflowError(isBytes ? "%c arg not in range(256)" : "%c arg not in range(0x110000)")
    }
    character = UInt32(n)
  }
  let missing = spec.width &- 1
  if missing > Int.max / 8 { throw memoryError() }
  if !spec.left { try sink.fill(32, missing) }
  try sink.fill(character.unsafelyUnwrapped, 1)
  if spec.left { try sink.fill(32, missing) }
}

/// %s and %b of bytes: a buffer, or what __bytes__ gives.
private func writeBytesLike<S: FormatSink & ~Copyable>(
  _ spec: Spec, _ value: Ref, _ sink: inout S
) throws(PyError) {
  if value.isBytes {
    try pad(value.bytesView, spec, &sink)
    return
  }
  if value.isInstance(of: Types.byteArray) {
    try pad(value.byteView, spec, &sink)
    return
  }
  if let method = _PyObject_LookupSpecial(value, gila_intern("__bytes__")) {
    let bound = Owned(taking: method)
    let result = try owned(PyObject_CallNoArgs(bound.ref))
    if !result.ref.isBytes {
      throw typeError("__bytes__ returned non-bytes (type \(typeName(of: result.ref)))")
    }
    try pad(result.ref.bytesView, spec, &sink)
    return
  }
  if errorIsSet { throw PyError() }
  if PyObject_CheckBuffer(value) != 0 {
    let buffer = try BufferLock(value)
    try pad(buffer.data, spec, &sink)
    return
  }
  throw typeError(
    "%b requires a bytes-like object, or an object that implements __bytes__, not '\(typeName(of: value))'")
}
