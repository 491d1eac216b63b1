// Strict UTF-8 (no surrogates, no overlong forms, nothing above U+10FFFF).
//
// Decoding is two passes: `UTF8Scan` validates and learns length and width, then `decodeUTF8` fills a string of exactly
// the right size. Text with faults goes through `UTF8Decoder`, one fault at a time.

/// What a strict look at UTF-8 text shows.
public struct UTF8Scan {
  /// Bytes of the valid part; the whole input when there is no fault.
  public private(set) var validBytes = 0
  /// Characters of the valid part.
  public private(set) var characters = 0
  /// Storage class of the valid part: 127, 255, 65535 or 0x10FFFF.
  public private(set) var maxCharacter: UInt32 = 127

  /// Scans up to the first fault.
  public init(_ p: UnsafePointer<UInt8>, _ n: Int) {
    var i = asciiPrefix(p, n)
    characters = i
    var bits: UInt32 = 0
    while i < n {
      if p[i] < 128 {
        let run = asciiPrefix(p + i, n &- i)
        i &+= run
        characters &+= run
        continue
      }
      let (length, c) = decodeSequence(p + i, n &- i)
      if length <= 0 { break }
      bits |= c
      i &+= length
      characters &+= 1
    }
    validBytes = i
    maxCharacter = storageClass(of: bits)
  }
}

/// The character at `p` and its length in bytes; a length of 0: the input ends too early; below 0: minus the number of
/// bytes that are at fault.
@inline(__always) func decodeSequence(_ p: UnsafePointer<UInt8>, _ n: Int) -> (length: Int, character: UInt32) {
  let lead = UInt32(p[0])
  if lead < 0x80 { return (1, lead) }
  if lead < 0xC2 { return (-1, 0) }
  if n < 2 { return (lead > 0xF4 ? -1 : 0, 0) }
  let second = UInt32(p[1])
  if lead < 0xE0 {
    if second & 0xC0 != 0x80 { return (-1, 0) }
    return (2, (lead & 0x1F) << 6 | second & 0x3F)
  }
  if lead < 0xF0 {
    if second & 0xC0 != 0x80 || (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) { return (-1, 0) }
    if n < 3 { return (0, 0) }
    let third = UInt32(p[2])
    if third & 0xC0 != 0x80 { return (-2, 0) }
    return (3, (lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F)
  }
  if lead > 0xF4 { return (-1, 0) }
  if second & 0xC0 != 0x80 || (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F) { return (-1, 0) }
  if n < 3 { return (0, 0) }
  let third = UInt32(p[2])
  if third & 0xC0 != 0x80 { return (-2, 0) }
  if n < 4 { return (0, 0) }
  let fourth = UInt32(p[3])
  if fourth & 0xC0 != 0x80 { return (-3, 0) }
  let high = (lead & 0x07) << 18 | (second & 0x3F) << 12
  return (4, high | (third & 0x3F) << 6 | fourth & 0x3F)
}

@inline(__always) private func fill<T: FixedWidthInteger>(
  _ p: UnsafePointer<UInt8>, _ n: Int, _ target: UnsafeMutablePointer<T>
) {
  var i = 0
  var o = 0
  while i < n {
    let byte = p[i]
    if byte < 128 {
      target[o] = T(truncatingIfNeeded: byte)
      i &+= 1
      o &+= 1
      continue
    }
    let (length, c) = decodeSequence(p + i, n &- i)
    target[o] = T(truncatingIfNeeded: c)
    i &+= max(length, 1)
    o &+= 1
  }
}

/// Decodes text that a `UTF8Scan` found valid into storage of `width` bytes a character.
public func decodeUTF8(_ p: UnsafePointer<UInt8>, _ n: Int, to target: UnsafeMutableRawPointer, width: Int) {
  switch width {
  case 1: fill(p, n, target.assumingMemoryBound(to: UInt8.self))
  case 2: fill(p, n, target.assumingMemoryBound(to: UInt16.self))
  default: fill(p, n, target.assumingMemoryBound(to: UInt32.self))
  }
}

/// Decodes UTF-8 that may have faults.
public struct UTF8Decoder {
  /// Next byte to read.
  public var position: Int
  /// Whether more input may follow, so that an incomplete end is no fault.
  public let isPartial: Bool

  /// Starts at `position`.
  public init(position: Int = 0, isPartial: Bool = false) {
    self.position = position
    self.isPartial = isPartial
  }

  /// Decodes up to the next fault or the end.
  public mutating func run(_ p: UnsafePointer<UInt8>, _ n: Int, _ output: inout CodePointBuffer) -> CodecStop {
    var i = position
    defer { position = i }
    while i < n {
      let (length, c) = decodeSequence(p + i, n &- i)
      if length > 0 {
        output.append(c)
        i &+= length
      } else if length == 0 {
        if isPartial { return .finished }
        return .fault(start: i, end: n, reason: "unexpected end of data")
      } else if isPartial && n &- i == 2 && p[i] == 0xED && p[i &+ 1] & 0xE0 == 0xA0 {
        // Half of a surrogate: a fault that an error handler must see as a whole.
        return .finished
      } else {
        let badStart = p[i] < 0xC2 || p[i] > 0xF4
        return .fault(
          start: i, end: i &- length, reason: badStart ? "invalid start byte" : "invalid continuation byte")
      }
    }
    return .finished
  }
}

extension CharacterData {
  /// Bytes of the UTF-8 form; surrogates count as three.
  public var utf8Count: Int {
    var total = count
    switch width {
    case 1:
      for i in 0..<count { total &+= Int(bytes[i] >> 7) }
    case 2:
      for i in 0..<count {
        let c = pairs[i]
        total &+= (c > 0x7F ? 1 : 0) &+ (c > 0x7FF ? 1 : 0)
      }
    default:
      for i in 0..<count {
        let c = quads[i]
        total &+= (c > 0x7F ? 1 : 0) &+ (c > 0x7FF ? 1 : 0) &+ (c > 0xFFFF ? 1 : 0)
      }
    }
    return total
  }

  /// Index of the first surrogate from `start` on, or -1.
  public func firstSurrogate(from start: Int = 0) -> Int {
    switch width {
    case 1: return -1
    case 2: return firstSurrogateUnit(pairs, start, count)
    default: return firstSurrogateUnit(quads, start, count)
    }
  }

  /// Writes the UTF-8 form (surrogates as three bytes) and returns the end. There must be room for `utf8Count` bytes.
  @discardableResult
  public func encodeUTF8(to target: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    switch width {
    case 1: return writeUTF8(bytes, count, target)
    case 2: return writeUTF8(pairs, count, target)
    default: return writeUTF8(quads, count, target)
    }
  }
}

@inline(__always) private func firstSurrogateUnit<T: FixedWidthInteger>(
  _ p: UnsafePointer<T>, _ start: Int, _ n: Int
) -> Int {
  var i = start
  // Sixteen at a time without leaving the loop, so that it is a few vector instructions.
  while i &+ 16 <= n {
    var found = false
    for k in 0..<16 { found = found || isSurrogate(UInt32(truncatingIfNeeded: p[i &+ k])) }
    if found { break }
    i &+= 16
  }
  while i < n {
    if isSurrogate(UInt32(truncatingIfNeeded: p[i])) { return i }
    i &+= 1
  }
  return -1
}

@inline(__always) private func writeUTF8<T: FixedWidthInteger>(
  _ p: UnsafePointer<T>, _ n: Int, _ target: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  var o = target
  for i in 0..<n { o = putUTF8(UInt32(truncatingIfNeeded: p[i]), o) }
  return o
}

@inline(__always) func putUTF8(_ c: UInt32, _ target: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
  if c < 0x80 {
    target[0] = UInt8(truncatingIfNeeded: c)
    return target + 1
  }
  let last = UInt8(truncatingIfNeeded: 0x80 | c & 0x3F)
  if c < 0x800 {
    target[0] = UInt8(truncatingIfNeeded: 0xC0 | c >> 6)
    target[1] = last
    return target + 2
  }
  let middle = UInt8(truncatingIfNeeded: 0x80 | (c >> 6) & 0x3F)
  if c < 0x10000 {
    target[0] = UInt8(truncatingIfNeeded: 0xE0 | c >> 12)
    target[1] = middle
    target[2] = last
    return target + 3
  }
  target[0] = UInt8(truncatingIfNeeded: 0xF0 | c >> 18)
  target[1] = UInt8(truncatingIfNeeded: 0x80 | (c >> 12) & 0x3F)
  target[2] = middle
  target[3] = last
  return target + 4
}

extension UTF8Scan {
  /// The character of text that is exactly one valid sequence.
  public static func single(_ p: UnsafePointer<UInt8>, _ n: Int) -> UInt32 { decodeSequence(p, n).character }
}
