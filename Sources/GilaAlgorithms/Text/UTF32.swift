// UTF-32 in either byte order.

/// Decodes UTF-32.
public struct UTF32Decoder {
  /// Next byte to read.
  public var position = 0
  /// Byte order of the text.
  public let order: ByteOrder
  /// Whether more input may follow, so that an incomplete end is no fault.
  public let isPartial: Bool

  /// Starts at the first byte.
  public init(order: ByteOrder, isPartial: Bool) {
    self.order = order
    self.isPartial = isPartial
  }

  /// Decodes up to the next fault or the end.
  public mutating func run(_ p: UnsafePointer<UInt8>, _ n: Int, _ output: inout CodePointBuffer) -> CodecStop {
    var i = position
    defer { position = i }
    while i &+ 4 <= n {
      let value = UnsafeRawPointer(p).loadUnaligned(fromByteOffset: i, as: UInt32.self)
      let c = order == .little ? UInt32(littleEndian: value) : UInt32(bigEndian: value)
      if isSurrogate(c) {
        return .fault(
          start: i, end: i &+ 4, reason: "code point in surrogate code point range(0xd800, 0xe000)")
      }
      if c > 0x10FFFF { return .fault(start: i, end: i &+ 4, reason: "code point not in range(0x110000)") }
      output.append(c)
      i &+= 4
    }
    if i < n, !isPartial { return .fault(start: i, end: n, reason: "truncated data") }
    return .finished
  }
}

/// Encodes to UTF-32. Surrogates are faults, one at a time.
public struct UTF32Encoder {
  /// Next character to read.
  public var position = 0
  /// Byte order to write.
  public let order: ByteOrder

  /// Starts at the first character.
  public init(order: ByteOrder) { self.order = order }

  /// Writes one 32-bit unit.
  @inline(__always) public func put(_ unit: UInt32, _ output: inout ByteBuffer) {
    let ordered = order == .little ? unit : unit.byteSwapped
    output.append(low: ordered)
    output.append(low: ordered >> 8)
    output.append(low: ordered >> 16)
    output.append(low: ordered >> 24)
  }

  /// Encodes up to the next fault or the end.
  public mutating func run(_ text: CharacterData, _ output: inout ByteBuffer) -> CodecStop {
    var i = position
    defer { position = i }
    while i < text.count {
      let c = text[i]
      if isSurrogate(c) { return .fault(start: i, end: i &+ 1, reason: "surrogates not allowed") }
      put(c, &output)
      i &+= 1
    }
    return .finished
  }
}
