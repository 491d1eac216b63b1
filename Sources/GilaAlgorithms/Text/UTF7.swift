// UTF-7 (RFC 2152): ASCII with shifted sections of base-64 that hold UTF-16.

@inline(__always) private func base64Value(_ c: UInt8) -> UInt32? {
  switch c {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(c &- 65)
  case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(c &- 71)
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(c &+ 4)
  case UInt8(ascii: "+"): 62
  case UInt8(ascii: "/"): 63
  default: nil
  }
}

private func base64Digit(_ value: UInt32) -> UInt8 {
  let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  return digits.utf8Start[Int(value & 63)]
}

/// Decodes UTF-7.
public struct UTF7Decoder {
  /// Next byte to read.
  public var position = 0
  /// Whether more input may follow, so that an open section at the end is left for later.
  public let isPartial: Bool
  /// Bytes used, known at the end: an open section counts only when there is nothing to follow.
  public private(set) var consumed = 0
  private var inShift = false
  private var start = 0
  private var outputStart = 0
  private var bits = 0
  private var buffer: UInt32 = 0
  private var surrogate: UInt32 = 0

  /// Starts at the first byte.
  public init(isPartial: Bool) { self.isPartial = isPartial }

  /// Decodes up to the next fault or the end.
  public mutating func run(_ p: UnsafePointer<UInt8>, _ n: Int, _ output: inout CodePointBuffer) -> CodecStop {
    while position < n {
      let c = p[position]
      if inShift {
        if let value = base64Value(c) {
          position &+= 1
          take(value, &output)
        } else {
          inShift = false
          if let reason = leave() {
            position &+= 1
            return .fault(start: start, end: position, reason: reason)
          }
          if surrogate != 0, c <= 127, c != UInt8(ascii: "+") { output.append(surrogate) }
          surrogate = 0
          if c == UInt8(ascii: "-") { position &+= 1 }
        }
      } else if c == UInt8(ascii: "+") {
        start = position
        position &+= 1
        if position < n, p[position] == UInt8(ascii: "-") {
          position &+= 1
          output.append(UInt32(UInt8(ascii: "+")))
        } else if position < n, base64Value(p[position]) == nil {
          position &+= 1
          return .fault(start: start, end: position, reason: "ill-formed sequence")
        } else {
          inShift = true
          surrogate = 0
          outputStart = output.count
          bits = 0
          buffer = 0
        }
      } else if c <= 127 {
        position &+= 1
        output.append(UInt32(c))
      } else {
        start = position
        position &+= 1
        return .fault(start: start, end: position, reason: "unexpected special character")
      }
    }
    if inShift, isPartial {
      consumed = start
      output.truncate(outputStart)
      return .finished
    }
    consumed = position
    if inShift {
      inShift = false
      if surrogate != 0 || bits >= 6 || (bits > 0 && buffer != 0) {
        return .fault(start: start, end: n, reason: "unterminated shift sequence")
      }
    }
    return .finished
  }

  private mutating func take(_ value: UInt32, _ output: inout CodePointBuffer) {
    buffer = buffer << 6 | value
    bits &+= 6
    guard bits >= 16 else { return }
    let unit = (buffer >> UInt32(bits &- 16)) & 0xFFFF
    bits &-= 16
    buffer &= (1 << UInt32(bits)) &- 1
    if surrogate != 0 {
      if unit & 0xFC00 == 0xDC00 {
        output.append(0x10000 &+ (surrogate & 0x3FF) << 10 | unit & 0x3FF)
        surrogate = 0
        return
      }
      output.append(surrogate)
      surrogate = 0
    }
    if unit & 0xFC00 == 0xD800 { surrogate = unit } else { output.append(unit) }
  }

  private func leave() -> StaticString? {
    if bits >= 6 { return "partial character in shift sequence" }
    if bits > 0, buffer != 0 { return "non-zero padding bits in shift sequence" }
    return nil
  }
}

/// True for what stands for itself outside a shifted section.
private func isDirect(_ c: UInt32) -> Bool {
  switch c {
  case 9, 10, 13: true
  case 0x2B, 0x5C, 0x7E: false
  default: c >= 32 && c < 127
  }
}

/// Encodes to UTF-7, which can express every string.
public func encodeUTF7(_ text: CharacterData, _ output: inout ByteBuffer) {
  var inShift = false
  var bits: UInt32 = 0
  var buffer: UInt32 = 0
  func put(_ unit: UInt32, _ output: inout ByteBuffer) {
    buffer = buffer << 16 | unit
    bits &+= 16
    while bits >= 6 {
      output.append(base64Digit(buffer >> (bits &- 6)))
      bits &-= 6
    }
    buffer &= (1 << bits) &- 1
  }
  func flush(_ output: inout ByteBuffer) {
    if bits > 0 { output.append(base64Digit(buffer << (6 &- bits))) }
    bits = 0
    buffer = 0
  }
  for i in 0..<text.count {
    let c = text[i]
    if isDirect(c) {
      if inShift {
        flush(&output)
        inShift = false
        let byte = UInt8(truncatingIfNeeded: c)
        if base64Value(byte) != nil || byte == UInt8(ascii: "-") { output.append(UInt8(ascii: "-")) }
      }
      output.append(low: c)
      continue
    }
    if !inShift {
      output.append(UInt8(ascii: "+"))
      if c == 0x2B {
        output.append(UInt8(ascii: "-"))
        continue
      }
      inShift = true
    }
    if c >= 0x10000 {
      put(0xD800 | (c &- 0x10000) >> 10, &output)
      put(0xDC00 | c & 0x3FF, &output)
    } else {
      put(c, &output)
    }
  }
  flush(&output)
  if inShift { output.append(UInt8(ascii: "-")) }
}
