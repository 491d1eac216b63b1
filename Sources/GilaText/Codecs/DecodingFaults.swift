// Decoding with error handlers: the loop around a decoder, and what happens at a fault.

import CGila
import GilaAlgorithms
import GilaCore

/// The state of one decoding call: the input, which a handler may exchange, and handler and exception once needed.
struct DecodingFaults: ~Copyable {
  let encoding: UnsafePointer<CChar>
  let errors: UnsafePointer<CChar>?
  let mode: ErrorMode
  var input: UnsafePointer<UInt8>
  var count: Int
  private var handler: Ref? = nil
  private var exception: Ref? = nil
  /// Keeps exchanged input alive.
  private var inputOwner: Ref? = nil

  init(
    _ encoding: UnsafePointer<CChar>, _ errors: UnsafePointer<CChar>?, _ input: UnsafePointer<UInt8>, _ count: Int
  ) {
    self.encoding = encoding
    self.errors = errors
    self.mode = ErrorMode(errors)
    self.input = input
    self.count = count
  }
  deinit {
    xdecref(handler)
    xdecref(exception)
    xdecref(inputOwner)
  }

  /// Deals with a fault: writes the replacement and returns where to go on.
  mutating func handle(
    _ start: Int, _ end: Int, _ reason: UnsafePointer<CChar>, _ output: inout CodePointBuffer
  ) throws(PyError) -> Int {
    switch mode {
    case .ignore: return end
    case .replace:
      output.append(0xFFFD)
      return end
    case .backslashReplace:
      for i in start..<end {
        let byte = UInt32(input[i])
        output.append(0x5C)
        output.append(0x78)
        output.append(UInt32(hexDigit(byte >> 4)))
        output.append(UInt32(hexDigit(byte)))
      }
      return end
    case .surrogateEscape:
      // As the handler does: up to four bytes, none of them ASCII.
      var i = start
      while i < end, i < start &+ 4, input[i] >= 128 {
        output.append(0xDC00 | UInt32(input[i]))
        i &+= 1
      }
      if i > start { return i }
    case .strict, .other, .xmlCharRefReplace: break
    }
    try prepareException(start, end, reason)
    let e = exception.unsafelyUnwrapped
    if mode == .strict || mode == .surrogateEscape {
      PyErr_SetObject(e.type.object, e)
      throw PyError()
    }
    if handler == nil { handler = try owned(PyCodec_LookupError(errors)).take() }
    let result = try owned(PyObject_CallOneArg(handler, e))
    guard result.ref.isTuple, result.ref.size == 2, let text = PyTuple_GetItem(result.ref, 0), text.isUnicode,
      let place = PyTuple_GetItem(result.ref, 1), place.isLong
    else { throw typeError("decoding error handler must return (str, int) tuple") }
    var position = PyLong_AsSsize_t(place)
    if position == -1, errorIsSet { throw PyError() }
    // The handler may have put other input into the exception.
    guard let object = e.unicodeError.pointee.object, object.isBytes else {
      throw typeError("exception attribute object must be bytes")
    }
    replaceInput(object)
    if position < 0 { position &+= count }
    if position < 0 || position > count {
      throw indexError("position \(position) from error handler out of bounds")
    }
    output.append(text.chars)
    return position
  }

  private mutating func replaceInput(_ object: Ref) {
    let old = inputOwner
    inputOwner = newRef(object)
    input = UnsafePointer(object.bytesData)
    count = object.size
    xdecref(old)
  }

  private mutating func prepareException(_ start: Int, _ end: Int, _ reason: UnsafePointer<CChar>) throws(PyError) {
    if let e = exception {
      e.unicodeError.pointee.start = start
      e.unicodeError.pointee.end = end
      let text = try owned(PyUnicode_FromString(reason))
      let old = e.unicodeError.pointee.reason
      e.unicodeError.pointee.reason = text.take()
      xdecref(old)
      return
    }
    let p = UnsafeRawPointer(input).assumingMemoryBound(to: CChar.self)
    exception = try owned(PyUnicodeDecodeError_Create(encoding, p, count, start, end, reason)).take()
  }
}

/// Runs a decoder over all input.
func decode(
  _ decoder: inout some ByteDecoder, _ encoding: StaticString, _ p: UnsafePointer<UInt8>, _ n: Int,
  _ errors: UnsafePointer<CChar>?
) throws(PyError) -> Owned {
  var output = CodePointBuffer(capacity: n)
  var faults = DecodingFaults(encoding.cText, errors, p, n)
  while case .fault(let start, let end, let reason) = decoder.run(faults.input, faults.count, &output) {
    if output.isExhausted { throw memoryError() }
    decoder.position = try faults.handle(start, end, reason.cText, &output)
  }
  return try owned(newString(output))
}
