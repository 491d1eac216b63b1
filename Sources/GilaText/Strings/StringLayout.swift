// Reading a str: where its characters are and how wide they are.

import CGila
import GilaAlgorithms
import GilaCore

/// The state word of a str: bits for interning, kind, compactness and ASCII.
enum StringState {
  static let internedMask: UInt32 = 3
  static let mortalInterned: UInt32 = 1
  static let immortalInterned: UInt32 = 2
  static let staticInterned: UInt32 = 3
  static let compact: UInt32 = 0x20
  static let ascii: UInt32 = 0x40

  @inline(__always) static func make(kind: Int, ascii: Bool, compact: Bool = true) -> UInt32 {
    UInt32(kind) << 2 | (compact ? Self.compact : 0) | (ascii ? Self.ascii : 0)
  }
}

extension UnsafeMutablePointer where Pointee == PyObject {
  /// Number of characters of a str.
  @inline(__always) var strLength: Int {
    get { raw.load(fromByteOffset: 16, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
  }
  @inline(__always) var strHash: Int {
    get { raw.load(fromByteOffset: 24, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 24, as: Int.self) }
  }
  @inline(__always) var strState: UInt32 {
    get { raw.load(fromByteOffset: 32, as: UInt32.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 32, as: UInt32.self) }
  }
  /// Bytes a character: 1, 2 or 4.
  @inline(__always) var strKind: Int { Int(strState >> 2 & 7) }
  @inline(__always) var strIsASCII: Bool { strState & StringState.ascii != 0 }
  @inline(__always) var strIsCompact: Bool { strState & StringState.compact != 0 }

  /// The characters of a str.
  @inline(__always) var strData: UnsafeMutableRawPointer {
    let state = strState
    if state & StringState.compact != 0 { return raw + (state & StringState.ascii != 0 ? 40 : 56) }
    return raw.load(fromByteOffset: 56, as: UnsafeMutableRawPointer.self)
  }
  /// The characters of a str, borrowed.
  @inline(__always) var chars: CharacterData { CharacterData(width: strKind, base: strData, count: strLength) }
  /// The largest character its storage class can hold.
  @inline(__always) var strMaxChar: UInt32 {
    if strIsASCII { return 127 }
    switch strKind {
    case 1: return 255
    case 2: return 0xFFFF
    default: return 0x10FFFF
    }
  }
  /// The cached UTF-8 form of a str that is not compact ASCII.
  @inline(__always) var strUTF8: UnsafeMutablePointer<CChar>? {
    get { raw.load(fromByteOffset: 48, as: UnsafeMutablePointer<CChar>?.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 48, as: UnsafeMutablePointer<CChar>?.self) }
  }
  @inline(__always) var strUTF8Length: Int {
    get { raw.load(fromByteOffset: 40, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 40, as: Int.self) }
  }
}

/// Stores a character in memory of `kind`, for which it must be small enough.
@inline(__always) func store(_ c: UInt32, _ data: UnsafeMutableRawPointer, _ kind: Int, _ index: Int) {
  switch kind {
  case 1: data.storeBytes(of: UInt8(truncatingIfNeeded: c), toByteOffset: index, as: UInt8.self)
  case 2: data.storeBytes(of: UInt16(truncatingIfNeeded: c), toByteOffset: index &* 2, as: UInt16.self)
  default: data.storeBytes(of: c, toByteOffset: index &* 4, as: UInt32.self)
  }
}

/// Bytes a character needed for `maxChar`.
@inline(__always) func kind(for maxChar: UInt32) -> Int { maxChar < 256 ? 1 : maxChar < 0x10000 ? 2 : 4 }

/// The characters of a literal.
@inline(__always) func literal(_ s: StaticString) -> CharacterData {
  CharacterData(bytes: s.utf8Start, count: s.utf8CodeUnitCount)
}

/// TypeError unless `r` is a str; `context` is CPython's text before "must be str".
@inline(__always) func requireString(_ r: Ref) throws(PyError) {
  if !r.isUnicode { throw typeError("must be str, not \(typeName(of: r))") }
}
