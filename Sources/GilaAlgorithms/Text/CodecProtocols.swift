// What all decoders and encoders have in common, for the one loop that deals with their faults.

/// A decoder that stops at faults.
public protocol ByteDecoder {
  /// Next byte to read; may be set after a fault.
  var position: Int { get set }
  /// Decodes up to the next fault or the end.
  mutating func run(_ p: UnsafePointer<UInt8>, _ n: Int, _ output: inout CodePointBuffer) -> CodecStop
}

/// An encoder that stops at faults.
public protocol CharacterEncoder {
  /// Next character to read; may be set after a fault.
  var position: Int { get set }
  /// Encodes up to the next fault or the end.
  mutating func run(_ text: CharacterData, _ output: inout ByteBuffer) -> CodecStop
  /// Replacement characters below this can be written with `put`.
  var replacementLimit: UInt32 { get }
  /// Bytes a unit; replacement bytes must be a multiple.
  var unitSize: Int { get }
  /// Writes a replacement character.
  func put(_ c: UInt32, _ output: inout ByteBuffer)
}

extension UTF8Decoder: ByteDecoder {}
extension UTF16Decoder: ByteDecoder {}
extension UTF32Decoder: ByteDecoder {}
extension UTF7Decoder: ByteDecoder {}
extension ASCIIDecoder: ByteDecoder {}

extension UTF8Encoder: CharacterEncoder {
  public var replacementLimit: UInt32 { 128 }
  public var unitSize: Int { 1 }
  public func put(_ c: UInt32, _ output: inout ByteBuffer) { output.append(low: c) }
}
extension NarrowEncoder: CharacterEncoder {
  public var replacementLimit: UInt32 { limit }
  public var unitSize: Int { 1 }
  public func put(_ c: UInt32, _ output: inout ByteBuffer) { output.append(low: c) }
}
extension UTF16Encoder: CharacterEncoder {
  public var replacementLimit: UInt32 { 128 }
  public var unitSize: Int { 2 }
}
extension UTF32Encoder: CharacterEncoder {
  public var replacementLimit: UInt32 { 128 }
  public var unitSize: Int { 4 }
}
