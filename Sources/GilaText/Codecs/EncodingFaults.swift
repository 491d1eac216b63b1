// Encoding with error handlers: the loop around an encoder, and what happens at a fault.

import CGila
import GilaAlgorithms
import GilaCore

/// What stands for the characters that cannot be encoded.
enum Replacement: ~Copyable {
  case nothing
  /// A str, of ASCII or what the encoding can express.
  case text(Owned)
  case bytes(Owned)
}

/// The state of one encoding call.
struct EncodingFaults: ~Copyable {
  let encoding: UnsafePointer<CChar>
  let errors: UnsafePointer<CChar>?
  let mode: ErrorMode
  /// The str to encode, borrowed.
  let text: Ref
  private var handler: Ref? = nil
  private var exception: Ref? = nil

  init(_ encoding: UnsafePointer<CChar>, _ errors: UnsafePointer<CChar>?, _ text: Ref) {
    self.encoding = encoding
    self.errors = errors
    self.mode = ErrorMode(errors)
    self.text = text
  }
  deinit {
    xdecref(handler)
    xdecref(exception)
  }

  /// Deals with a fault: what to write, and where to go on.
  mutating func handle(
    _ start: Int, _ end: Int, _ reason: UnsafePointer<CChar>, _ position: inout Int
  ) throws(PyError) -> Replacement {
    position = end
    let chars = text.chars
    switch mode {
    case .ignore: return .nothing
    case .replace:
      return .text(try owned(repeated(gila_latin1(63), end &- start)))
    case .backslashReplace:
      var buffer = ByteBuffer()
      for i in start..<end { buffer.appendEscape(chars[i]) }
      return .text(try asciiText(buffer))
    case .xmlCharRefReplace:
      var buffer = ByteBuffer()
      for i in start..<end { appendCharacterReference(chars[i], &buffer) }
      return .text(try asciiText(buffer))
    case .surrogateEscape:
      var buffer = ByteBuffer()
      var i = start
      while i < end, chars[i] >= 0xDC80, chars[i] <= 0xDCFF {
        buffer.append(UInt8(truncatingIfNeeded: chars[i]))
        i &+= 1
      }
      if i > start {
        position = i
        return .bytes(try owned(newBytes(buffer)))
      }
    case .strict, .other: break
    }
    if mode != .other { throw raiseFault(start, end, reason) }
    try prepareException(start, end, reason)
    if handler == nil { handler = try owned(PyCodec_LookupError(errors)).take() }
    let result = try owned(PyObject_CallOneArg(handler, exception))
    guard result.ref.isTuple, result.ref.size == 2, let value = PyTuple_GetItem(result.ref, 0),
      value.isUnicode || value.isBytes, let place = PyTuple_GetItem(result.ref, 1), place.isLong
    else { throw typeError("encoding error handler must return (str/bytes, int) tuple") }
    var next = PyLong_AsSsize_t(place)
    if next == -1, errorIsSet { throw PyError() }
    if next < 0 { next &+= text.strLength }
    if next < 0 || next > text.strLength {
      throw indexError("position \(next) from error handler out of bounds")
    }
    position = next
    return value.isUnicode ? .text(Owned(retaining: value)) : .bytes(Owned(retaining: value))
  }

  /// Sets the UnicodeEncodeError of a fault.
  mutating func raiseFault(_ start: Int, _ end: Int, _ reason: UnsafePointer<CChar>) -> PyError {
    do throws(PyError) {
      try prepareException(start, end, reason)
      let e = exception.unsafelyUnwrapped
      PyErr_SetObject(e.type.object, e)
    } catch {}
    return PyError()
  }

  private mutating func prepareException(_ start: Int, _ end: Int, _ reason: UnsafePointer<CChar>) throws(PyError) {
    if let e = exception {
      e.unicodeError.pointee.start = start
      e.unicodeError.pointee.end = end
      let why = try owned(PyUnicode_FromString(reason))
      let old = e.unicodeError.pointee.reason
      e.unicodeError.pointee.reason = why.take()
      xdecref(old)
      return
    }
    exception = try newEncodeError(encoding, text, start, end, reason).take()
  }
}

/// A UnicodeEncodeError object.
func newEncodeError(
  _ encoding: UnsafePointer<CChar>, _ text: Ref, _ start: Int, _ end: Int, _ reason: UnsafePointer<CChar>
) throws(PyError) -> Owned {
  let name = try owned(PyUnicode_FromString(encoding))
  let why = try owned(PyUnicode_FromString(reason))
  let from = try owned(PyLong_FromSsize_t(start))
  let to = try owned(PyLong_FromSsize_t(end))
  return try call(Exc.UnicodeEncodeError.object, name.ref, text, from.ref, to.ref, why.ref)
}

/// Adds &#N; for a character.
func appendCharacterReference(_ c: UInt32, _ buffer: inout ByteBuffer) {
  buffer.append("&#")
  var divisor: UInt32 = 1
  while c / divisor >= 10 { divisor &*= 10 }
  while divisor > 0 {
    buffer.append(UInt8(truncatingIfNeeded: 48 &+ c / divisor % 10))
    divisor /= 10
  }
  buffer.append(UInt8(ascii: ";"))
}

/// The str of an ASCII buffer.
func asciiText(_ buffer: borrowing ByteBuffer) throws(PyError) -> Owned {
  if buffer.isExhausted { throw memoryError() }
  guard let base = buffer.base else { return Owned(taking: gila_empty_str()) }
  return try owned(newString(CharacterData(bytes: base, count: buffer.count), maxChar: 127))
}

/// Runs an encoder over a whole str.
func encode(
  _ encoder: inout some CharacterEncoder, _ encoding: StaticString, _ text: Ref, _ errors: UnsafePointer<CChar>?,
  _ output: inout ByteBuffer
) throws(PyError) -> Owned {
  var faults = EncodingFaults(encoding.cText, errors, text)
  while case .fault(let start, let end, let reason) = encoder.run(text.chars, &output) {
    if output.isExhausted { throw memoryError() }
    var position = end
    switch try faults.handle(start, end, reason.cText, &position) {
    case .nothing: break
    case .text(let replacement):
      let chars = replacement.ref.chars
      for i in 0..<chars.count where chars[i] >= encoder.replacementLimit {
        throw faults.raiseFault(start, end, reason.cText)
      }
      for i in 0..<chars.count { encoder.put(chars[i], &output) }
    case .bytes(let replacement):
      if replacement.ref.size % encoder.unitSize != 0 { throw faults.raiseFault(start, end, reason.cText) }
      output.append(replacement.ref.bytesData, replacement.ref.size)
    }
    encoder.position = position
  }
  return try owned(newBytes(output))
}
