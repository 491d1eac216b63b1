// Backslash escapes: unicode-escape, raw-unicode-escape, and the escapes of bytes.

@inline(__always) func hexValue(_ c: UInt8) -> UInt32? {
  switch c {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(c &- 48)
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(c &- 87)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(c &- 55)
  default: nil
  }
}

/// Finds the character of a name in \N{...}; nil when there is none.
public typealias CharacterNameLookup = (_ name: UnsafePointer<UInt8>, _ count: Int) -> UInt32?

/// Decodes unicode-escape, or raw-unicode-escape, which knows only \u and \U.
public struct UnicodeEscapeDecoder {
  /// Next byte to read.
  public var position = 0
  /// Whether only \u and \U are escapes.
  public let isRaw: Bool
  /// Whether more input may follow, so that an incomplete end is no fault.
  public let isPartial: Bool
  /// Where the first unknown escape stands (the character after the backslash), or -1.
  public private(set) var firstInvalidEscape = -1

  /// Starts at the first byte.
  public init(isRaw: Bool, isPartial: Bool) {
    self.isRaw = isRaw
    self.isPartial = isPartial
  }

  /// Decodes up to the next fault or the end.
  public mutating func run(
    _ p: UnsafePointer<UInt8>, _ n: Int, _ output: inout CodePointBuffer, name: CharacterNameLookup
  ) -> CodecStop {
    while position < n {
      let c = p[position]
      if c != UInt8(ascii: "\\") {
        output.append(UInt32(c))
        position &+= 1
        continue
      }
      let start = position
      if start &+ 1 >= n {
        if isPartial { return .finished }
        if isRaw {
          output.append(UInt32(c))
          position &+= 1
          continue
        }
        return .fault(start: start, end: n, reason: "\\ at end of string")
      }
      let kind = p[start &+ 1]
      var i = start &+ 2
      if isRaw, kind != UInt8(ascii: "u"), kind != UInt8(ascii: "U") {
        output.append(UInt32(c))
        output.append(UInt32(kind))
        position = i
        continue
      }
      switch kind {
      case UInt8(ascii: "\n"): break
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): output.append(UInt32(kind))
      case UInt8(ascii: "b"): output.append(8)
      case UInt8(ascii: "f"): output.append(12)
      case UInt8(ascii: "t"): output.append(9)
      case UInt8(ascii: "n"): output.append(10)
      case UInt8(ascii: "r"): output.append(13)
      case UInt8(ascii: "v"): output.append(11)
      case UInt8(ascii: "a"): output.append(7)
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        var value = UInt32(kind &- 48)
        while i < min(n, start &+ 4), p[i] >= 48, p[i] < 56 {
          value = value << 3 | UInt32(p[i] &- 48)
          i &+= 1
        }
        if value > 0o377, firstInvalidEscape < 0 { firstInvalidEscape = start &+ 1 }
        output.append(value)
      case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
        let digits = kind == UInt8(ascii: "x") ? 2 : kind == UInt8(ascii: "u") ? 4 : 8
        var value: UInt32 = 0
        let end = i &+ digits
        while i < end, i < n, let digit = hexValue(p[i]) {
          value = value << 4 | digit
          i &+= 1
        }
        if i < end {
          if i == n, isPartial { return .finished }
          return .fault(
            start: start, end: i,
            reason: digits == 2
              ? "truncated \\xXX escape" : digits == 4 ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape")
        }
        if value > 0x10FFFF {
          return .fault(
            start: start, end: i, reason: isRaw ? "\\Uxxxxxxxx out of range" : "illegal Unicode character")
        }
        output.append(value)
      case UInt8(ascii: "N"):
        if i >= n, isPartial { return .finished }
        if i < n, p[i] == UInt8(ascii: "{") {
          i &+= 1
          let nameStart = i
          while i < n, p[i] != UInt8(ascii: "}") { i &+= 1 }
          if i >= n, isPartial { return .finished }
          if i < n, i > nameStart {
            guard let value = name(p + nameStart, i &- nameStart) else {
              return .fault(start: start, end: i &+ 1, reason: "unknown Unicode character name")
            }
            output.append(value)
            i &+= 1
            break
          }
        }
        return .fault(start: start, end: i, reason: "malformed \\N character escape")
      default:
        if firstInvalidEscape < 0 { firstInvalidEscape = start &+ 1 }
        output.append(UInt32(c))
        output.append(UInt32(kind))
      }
      position = i
    }
    return .finished
  }
}

/// What decoding the escapes of a bytes literal came to.
public enum BytesEscapeResult {
  /// All decoded.
  case finished
  /// A lone backslash ends the input.
  case trailingBackslash
  /// "\x" at this position without two hexadecimal digits; the handler decides. Decoding can go on at `resume`.
  case invalidHex(at: Int, resume: Int)
}

/// Decodes the escapes of bytes from `position` on; unknown escapes stay, the first is noted in `firstInvalidEscape`.
public func decodeBytesEscapes(
  _ p: UnsafePointer<UInt8>, _ n: Int, from position: Int, _ output: inout ByteBuffer, firstInvalidEscape: inout Int
) -> BytesEscapeResult {
  var i = position
  while i < n {
    let c = p[i]
    if c != UInt8(ascii: "\\") {
      output.append(c)
      i &+= 1
      continue
    }
    let start = i
    if start &+ 1 >= n { return .trailingBackslash }
    let kind = p[start &+ 1]
    i &+= 2
    switch kind {
    case UInt8(ascii: "\n"): break
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): output.append(kind)
    case UInt8(ascii: "b"): output.append(8)
    case UInt8(ascii: "f"): output.append(12)
    case UInt8(ascii: "t"): output.append(9)
    case UInt8(ascii: "n"): output.append(10)
    case UInt8(ascii: "r"): output.append(13)
    case UInt8(ascii: "v"): output.append(11)
    case UInt8(ascii: "a"): output.append(7)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      var value = UInt32(kind &- 48)
      while i < min(n, start &+ 4), p[i] >= 48, p[i] < 56 {
        value = value << 3 | UInt32(p[i] &- 48)
        i &+= 1
      }
      if value > 0o377, firstInvalidEscape < 0 { firstInvalidEscape = start &+ 1 }
      output.append(low: value)
    case UInt8(ascii: "x"):
      if i &+ 1 < n, let high = hexValue(p[i]), let low = hexValue(p[i &+ 1]) {
        output.append(low: high << 4 | low)
        i &+= 2
      } else {
        // One digit, if there is one, is skipped together with the escape.
        let resume = i < n && hexValue(p[i]) != nil ? i &+ 1 : i
        return .invalidHex(at: start, resume: resume)
      }
    default:
      if firstInvalidEscape < 0 { firstInvalidEscape = start &+ 1 }
      output.append(c)
      output.append(kind)
    }
  }
  return .finished
}
