// Reading a str: where its characters are and how wide they are.

import CGila
import GilaAlgorithms
import GilaCore

/// The state word of a str: bits for interning, kind, compactness and ASCII.
public enum StringState {
  public static let internedMask: UInt32 = 3
  public static let mortalInterned: UInt32 = 1
  public static let immortalInterned: UInt32 = 2
  public static let staticInterned: UInt32 = 3
  public static let compact: UInt32 = 0x20
  public static let ascii: UInt32 = 0x40

  @inlinable @inline(__always) public static func make(kind: Int, ascii: Bool, compact: Bool = true) -> UInt32 {
    UInt32(kind) << 2 | (compact ? Self.compact : 0) | (ascii ? Self.ascii : 0)
  }
}

extension UnsafeMutablePointer where Pointee == PyObject {
  /// Number of characters of a str.
  @inlinable @inline(__always) public var strLength: Int {
    get { raw.load(fromByteOffset: 16, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
  }
  @inlinable @inline(__always) public var strHash: Int {
    get { raw.load(fromByteOffset: 24, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 24, as: Int.self) }
  }
  @inlinable @inline(__always) public var strState: UInt32 {
    get { raw.load(fromByteOffset: 32, as: UInt32.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 32, as: UInt32.self) }
  }
  /// Bytes a character: 1, 2 or 4.
  @inlinable @inline(__always) public var strKind: Int { Int(strState >> 2 & 7) }
  @inlinable @inline(__always) public var strIsASCII: Bool { strState & StringState.ascii != 0 }
  @inlinable @inline(__always) public var strIsCompact: Bool { strState & StringState.compact != 0 }

  /// The characters of a str.
  @inlinable @inline(__always) public var strData: UnsafeMutableRawPointer {
    let state = strState
    if state & StringState.compact != 0 { return raw + (state & StringState.ascii != 0 ? 40 : 56) }
    return raw.load(fromByteOffset: 56, as: UnsafeMutableRawPointer.self)
  }
  /// The characters of a str, borrowed.
  @inlinable @inline(__always) public var chars: CharacterData {
    CharacterData(width: strKind, base: strData, count: strLength)
  }
  /// The largest character its storage class can hold.
  @inlinable @inline(__always) public var strMaxChar: UInt32 {
    if strIsASCII { return 127 }
    switch strKind {
    case 1: return 255
    case 2: return 0xFFFF
    default: return 0x10FFFF
    }
  }
  /// The cached UTF-8 form of a str that is not compact ASCII.
  @inlinable @inline(__always) public var strUTF8: UnsafeMutablePointer<CChar>? {
    get { raw.load(fromByteOffset: 48, as: UnsafeMutablePointer<CChar>?.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 48, as: UnsafeMutablePointer<CChar>?.self) }
  }
  @inlinable @inline(__always) public var strUTF8Length: Int {
    get { raw.load(fromByteOffset: 40, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 40, as: Int.self) }
  }
}

/// Stores a character in memory of `kind`, for which it must be small enough.
@inlinable @inline(__always) public func store(_ c: UInt32, _ data: UnsafeMutableRawPointer, _ kind: Int, _ index: Int)
{
  switch kind {
  case 1: data.storeBytes(of: UInt8(truncatingIfNeeded: c), toByteOffset: index, as: UInt8.self)
  case 2: data.storeBytes(of: UInt16(truncatingIfNeeded: c), toByteOffset: index &* 2, as: UInt16.self)
  default: data.storeBytes(of: c, toByteOffset: index &* 4, as: UInt32.self)
  }
}

/// Bytes a character needed for `maxChar`.
@inlinable @inline(__always) public func kind(for maxChar: UInt32) -> Int {
  maxChar < 256 ? 1 : maxChar < 0x10000 ? 2 : 4
}

/// The characters of a literal.
@inlinable @inline(__always) public func literal(_ s: StaticString) -> CharacterData {
  CharacterData(bytes: s.utf8Start, count: s.utf8CodeUnitCount)
}

/// TypeError unless `r` is a str; `context` is CPython's text before "must be str".
@inlinable @inline(__always) public func requireString(_ r: Ref) throws(PyError) {
  if !r.isUnicode { throw typeError("must be str, not \(typeName(of: r))") }
}
