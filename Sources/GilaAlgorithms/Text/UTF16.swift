// UTF-16 in either byte order.

@inline(__always) private func unit(_ p: UnsafePointer<UInt8>, _ i: Int, _ order: ByteOrder) -> UInt32 {
  let value = UnsafeRawPointer(p).loadUnaligned(fromByteOffset: i, as: UInt16.self)
  return UInt32(order == .little ? UInt16(littleEndian: value) : UInt16(bigEndian: value))
}

extension CharacterData {
  /// Stores the characters, none of them a surrogate or above U+FFFF, as units of 16 bits.
  public func encodeUTF16(to out: UnsafeMutableRawPointer, big: Bool) {
    func store<T: FixedWidthInteger>(_ p: UnsafePointer<T>) {
      if big {
        for i in 0..<count {
          out.storeBytes(of: UInt16(truncatingIfNeeded: p[i]).bigEndian, toByteOffset: i &* 2, as: UInt16.self)
        }
      } else {
        for i in 0..<count {
          out.storeBytes(of: UInt16(truncatingIfNeeded: p[i]).littleEndian, toByteOffset: i &* 2, as: UInt16.self)
        }
      }
    }
    if width == 1 { store(bytes) } else { store(pairs) }
  }
}

/// Decodes UTF-16.
public struct UTF16Decoder {
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
    output.write(room: (n &- i) / 2) { target in
      var o = 0
      while i &+ 2 <= n {
        let c = unit(p, i, order)
        if isSurrogate(c) { break }
        target[o] = c
        o &+= 1
        i &+= 2
      }
      return o
    }
    while i &+ 2 <= n {
      let c = unit(p, i, order)
      if !isSurrogate(c) {
        output.append(c)
        i &+= 2
        continue
      }
      if c >= 0xDC00 { return .fault(start: i, end: i &+ 2, reason: "illegal encoding") }
      if i &+ 4 > n {
        return isPartial ? .finished : .fault(start: i, end: n, reason: "unexpected end of data")
      }
      let low = unit(p, i &+ 2, order)
      if low & 0xFC00 != 0xDC00 { return .fault(start: i, end: i &+ 2, reason: "illegal UTF-16 surrogate") }
      output.append(0x10000 &+ (c & 0x3FF) << 10 | low & 0x3FF)
      i &+= 4
    }
    if i < n, !isPartial { return .fault(start: i, end: n, reason: "truncated data") }
    return .finished
  }
}

/// Encodes to UTF-16. Surrogates are faults, one at a time.
public struct UTF16Encoder {
  /// Next character to read.
  public var position = 0
  /// Byte order to write.
  public let order: ByteOrder

  /// Starts at the first character.
  public init(order: ByteOrder) { self.order = order }

  /// Writes one 16-bit unit.
  @inline(__always) public func put(_ unit: UInt32, _ output: inout ByteBuffer) {
    output.append(low: order == .little ? unit : unit >> 8)
    output.append(low: order == .little ? unit >> 8 : unit)
  }

  /// Writes characters that are one unit each, up to the first that is not; returns where it stopped.
  @inline(__always) private func units<T: FixedWidthInteger & UnsignedInteger>(
    _ p: UnsafePointer<T>, _ start: Int, _ end: Int, _ output: inout ByteBuffer
  ) -> Int {
    var i = start
    let swap = order != .little
    output.write(room: (end &- start) &* 2) { target in
      let out = UnsafeMutableRawPointer(target)
      while i < end {
        let c = UInt32(truncatingIfNeeded: p[i])
        if T.bitWidth > 8, isSurrogate(c) || c >= 0x10000 { break }
        let u = UInt16(truncatingIfNeeded: c)
        out.storeBytes(of: swap ? u.byteSwapped : u, toByteOffset: (i &- start) &* 2, as: UInt16.self)
        i &+= 1
      }
      return (i &- start) &* 2
    }
    return i
  }

  /// Encodes up to the next fault or the end.
  public mutating func run(_ text: CharacterData, _ output: inout ByteBuffer) -> CodecStop {
    var i = position
    defer { position = i }
    switch text.width {
    case 1: i = units(text.bytes, i, text.count, &output)
    case 2: i = units(text.pairs, i, text.count, &output)
    default: i = units(text.quads, i, text.count, &output)
    }
    while i < text.count {
      let c = text[i]
      if isSurrogate(c) { return .fault(start: i, end: i &+ 1, reason: "surrogates not allowed") }
      if c < 0x10000 {
        put(c, &output)
      } else {
        put(0xD800 | (c &- 0x10000) >> 10, &output)
        put(0xDC00 | c & 0x3FF, &output)
      }
      i &+= 1
    }
    return .finished
  }
}
