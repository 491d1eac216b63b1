// Codecs whose faults are runs of characters that do not fit: ASCII, Latin-1, and UTF-8 as an encoder.

/// Decodes ASCII; every byte above 127 is a fault of its own.
public struct ASCIIDecoder {
  /// Next byte to read.
  public var position = 0

  /// Starts at the first byte.
  public init() {}

  /// Decodes up to the next fault or the end.
  public mutating func run(_ p: UnsafePointer<UInt8>, _ n: Int, _ output: inout CodePointBuffer) -> CodecStop {
    let good = asciiPrefix(p + position, n &- position)
    output.append(CharacterData(bytes: p + position, count: good))
    position &+= good
    if position < n { return .fault(start: position, end: position &+ 1, reason: "ordinal not in range(128)") }
    return .finished
  }
}

/// Encodes to ASCII (limit 128) or Latin-1 (limit 256).
public struct NarrowEncoder {
  /// Next character to read.
  public var position = 0
  /// Characters below this have a byte.
  public let limit: UInt32

  /// Starts at the first character.
  public init(limit: UInt32) { self.limit = limit }

  /// Encodes up to the next fault or the end.
  public mutating func run(_ text: CharacterData, _ output: inout ByteBuffer) -> CodecStop {
    var i = position
    defer { position = i }
    while i < text.count {
      let c = text[i]
      if c < limit {
        output.append(low: c)
        i &+= 1
        continue
      }
      var end = i &+ 1
      while end < text.count, text[end] >= limit { end &+= 1 }
      return .fault(
        start: i, end: end, reason: limit == 128 ? "ordinal not in range(128)" : "ordinal not in range(256)")
    }
    return .finished
  }
}

/// Encodes to UTF-8; a run of surrogates is one fault.
public struct UTF8Encoder {
  /// Next character to read.
  public var position = 0

  /// Starts at the first character.
  public init() {}

  /// Encodes up to the next fault or the end.
  public mutating func run(_ text: CharacterData, _ output: inout ByteBuffer) -> CodecStop {
    let stop = text.firstSurrogate(from: position)
    let part = text.slice(position, stop < 0 ? text.count : stop)
    for i in 0..<part.count {
      let c = part[i]
      if c < 0x80 {
        output.append(low: c)
        continue
      }
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { four in
        let start = four.baseAddress.unsafelyUnwrapped
        output.append(start, putUTF8(c, start) - start)
      }
    }
    position &+= part.count
    if stop < 0 { return .finished }
    var end = stop &+ 1
    while end < text.count, isSurrogate(text[end]) { end &+= 1 }
    return .fault(start: stop, end: end, reason: "surrogates not allowed")
  }
}
