/// A compiled block of code: what a Python code object holds, as plain values.
public final class CodeUnit: @unchecked Sendable {
  // Never changed after `init`, hence safe to share.
  public let argCount: Int
  public let posOnlyArgCount: Int
  public let kwOnlyArgCount: Int
  public let stackSize: Int
  public let flags: UInt32
  /// Instructions with their inline caches, two bytes a unit.
  public let code: [UInt8]
  public let consts: [CodeConstant]
  public let names: [[UInt8]]
  public let localsPlusNames: [[UInt8]]
  /// A `LocalKind` for each of `localsPlusNames`.
  public let localsPlusKinds: [UInt8]
  public let fileName: [UInt8]
  public let name: [UInt8]
  public let qualifiedName: [UInt8]
  public let firstLine: Int
  public let lineTable: [UInt8]
  public let exceptionTable: [UInt8]

  public init(
    argCount: Int, posOnlyArgCount: Int, kwOnlyArgCount: Int, stackSize: Int, flags: UInt32, code: [UInt8],
    consts: [CodeConstant], names: [[UInt8]], localsPlusNames: [[UInt8]], localsPlusKinds: [UInt8],
    fileName: [UInt8], name: [UInt8], qualifiedName: [UInt8], firstLine: Int, lineTable: [UInt8],
    exceptionTable: [UInt8]
  ) {
    self.argCount = argCount
    self.posOnlyArgCount = posOnlyArgCount
    self.kwOnlyArgCount = kwOnlyArgCount
    self.stackSize = stackSize
    self.flags = flags
    self.code = code
    self.consts = consts
    self.names = names
    self.localsPlusNames = localsPlusNames
    self.localsPlusKinds = localsPlusKinds
    self.fileName = fileName
    self.name = name
    self.qualifiedName = qualifiedName
    self.firstLine = firstLine
    self.lineTable = lineTable
    self.exceptionTable = exceptionTable
  }
}

/// Bits of `CodeUnit.flags`.
public enum CodeFlags {
  public static let optimized: UInt32 = 0x1
  public static let newLocals: UInt32 = 0x2
  public static let varArgs: UInt32 = 0x4
  public static let varKeywords: UInt32 = 0x8
  public static let nested: UInt32 = 0x10
  public static let generator: UInt32 = 0x20
  public static let coroutine: UInt32 = 0x80
  public static let iterableCoroutine: UInt32 = 0x100
  public static let asyncGenerator: UInt32 = 0x200
}

/// Bits of `CodeUnit.localsPlusKinds`.
public enum LocalKind {
  public static let hidden: UInt8 = 0x10
  public static let local: UInt8 = 0x20
  public static let cell: UInt8 = 0x40
  public static let free: UInt8 = 0x80
}

/// A constant of a code object.
public indirect enum CodeConstant: Sendable {
  case none
  case `true`
  case `false`
  case ellipsis
  case int(Int)
  /// Magnitude in 32-bit limbs, least significant first.
  case bigInt(isNegative: Bool, limbs: [UInt32])
  case float(Double)
  case complex(real: Double, imaginary: Double)
  /// WTF-8.
  case string([UInt8])
  case bytes([UInt8])
  case tuple([CodeConstant])
  case frozenset([CodeConstant])
  case code(CodeUnit)
}

extension CodeConstant: Equatable {
  /// Equal as constants: same type, same bits.
  public static func == (left: CodeConstant, right: CodeConstant) -> Bool {
    switch (left, right) {
    case (.none, .none), (.true, .true), (.false, .false), (.ellipsis, .ellipsis): true
    case (.int(let a), .int(let b)): a == b
    case (.bigInt(let a, let c), .bigInt(let b, let d)): a == b && c == d
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.complex(let a, let c), .complex(let b, let d)):
      a.bitPattern == b.bitPattern && c.bitPattern == d.bitPattern
    case (.string(let a), .string(let b)), (.bytes(let a), .bytes(let b)): a == b
    case (.tuple(let a), .tuple(let b)), (.frozenset(let a), .frozenset(let b)): a == b
    case (.code(let a), .code(let b)): a === b || a.isSame(as: b)
    default: false
    }
  }
}

extension CodeUnit {
  /// Python's equality of code objects.
  func isSame(as other: CodeUnit) -> Bool {
    name == other.name && argCount == other.argCount && posOnlyArgCount == other.posOnlyArgCount
      && kwOnlyArgCount == other.kwOnlyArgCount && flags == other.flags && firstLine == other.firstLine
      && code == other.code && consts == other.consts && names == other.names
      && localsPlusNames == other.localsPlusNames && lineTable == other.lineTable
      && exceptionTable == other.exceptionTable
  }
}
