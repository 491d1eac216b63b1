// The properties of a code point, read from the generated tables: two table steps lead to a record of a few bytes.

/// General category, in the order of the generator.
@frozen public enum UnicodeCategory: UInt8 {
  case Cn, Lu, Ll, Lt, Mn, Mc, Me, Nd, Nl, No, Zs, Zl, Zp, Cc, Cf, Cs, Co, Lm, Lo, Pc, Pd, Ps, Pe, Pi, Pf, Po, Sm, Sc,
    Sk, So

  /// The two-letter name.
  public var name: StaticString {
    switch self {
    case .Cn: "Cn"
    case .Lu: "Lu"
    case .Ll: "Ll"
    case .Lt: "Lt"
    case .Mn: "Mn"
    case .Mc: "Mc"
    case .Me: "Me"
    case .Nd: "Nd"
    case .Nl: "Nl"
    case .No: "No"
    case .Zs: "Zs"
    case .Zl: "Zl"
    case .Zp: "Zp"
    case .Cc: "Cc"
    case .Cf: "Cf"
    case .Cs: "Cs"
    case .Co: "Co"
    case .Lm: "Lm"
    case .Lo: "Lo"
    case .Pc: "Pc"
    case .Pd: "Pd"
    case .Ps: "Ps"
    case .Pe: "Pe"
    case .Pi: "Pi"
    case .Pf: "Pf"
    case .Po: "Po"
    case .Sm: "Sm"
    case .Sc: "Sc"
    case .Sk: "Sk"
    case .So: "So"
    }
  }
}

/// The yes-or-no properties.
@frozen public struct UnicodeFlags: OptionSet, Sendable {
  public let rawValue: UInt32
  @inlinable @inline(__always) public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let alpha = UnicodeFlags(rawValue: 1 << 0)
  public static let decimal = UnicodeFlags(rawValue: 1 << 1)
  public static let digit = UnicodeFlags(rawValue: 1 << 2)
  public static let numeric = UnicodeFlags(rawValue: 1 << 3)
  public static let space = UnicodeFlags(rawValue: 1 << 4)
  public static let printable = UnicodeFlags(rawValue: 1 << 5)
  public static let upper = UnicodeFlags(rawValue: 1 << 6)
  public static let lower = UnicodeFlags(rawValue: 1 << 7)
  public static let title = UnicodeFlags(rawValue: 1 << 8)
  public static let cased = UnicodeFlags(rawValue: 1 << 9)
  public static let caseIgnorable = UnicodeFlags(rawValue: 1 << 10)
  public static let xidStart = UnicodeFlags(rawValue: 1 << 11)
  public static let xidContinue = UnicodeFlags(rawValue: 1 << 12)
  public static let lineBreak = UnicodeFlags(rawValue: 1 << 13)
  /// Some full case mapping differs from the simple one.
  public static let special = UnicodeFlags(rawValue: 1 << 14)
  public static let mirrored = UnicodeFlags(rawValue: 1 << 15)
}

@inline(__always) private func digits2(_ p: UnsafePointer<UInt8>) -> Int { Int(p[0]) | Int(p[1]) << 7 }

@inline(__always) private func digits3(_ p: UnsafePointer<UInt8>) -> UInt32 {
  UInt32(p[0]) | UInt32(p[1]) << 7 | UInt32(p[2]) << 14
}

/// A difference of code points, kept in 21 bits.
@inline(__always) private func shifted(_ c: UInt32, _ p: UnsafePointer<UInt8>) -> UInt32 {
  (c &+ digits3(p)) & 0x1FFFFF
}

/// Everything the tables know of one code point. Code points above U+10FFFF have the properties of an unassigned one.
public struct UnicodeRecord {
  let p: UnsafePointer<UInt8>
  let character: UInt32

  /// Looks `character` up.
  public init(_ character: UInt32) {
    self.character = character
    let c = Int(character <= 0x10FFFF ? character : 0x10FFFF)
    let block = digits2(UnicodeTables.stage1.utf8Start + (c >> 7) &* 2)
    let index = digits2(UnicodeTables.stage2.utf8Start + (block << 7 | c & 127) &* 2)
    p = UnicodeTables.records.utf8Start + index &* UnicodeTables.recordSize
  }

  /// The yes-or-no properties.
  public var flags: UnicodeFlags { UnicodeFlags(rawValue: digits3(p)) }
  /// General category.
  public var category: UnicodeCategory { UnicodeCategory(rawValue: p[3]) ?? .Cn }
  /// Index in the list of bidirectional classes.
  public var bidirectional: Int { Int(p[4]) }
  /// Canonical combining class.
  public var combining: Int { digits2(p + 5) }
  /// Index in the list of East Asian widths.
  public var eastAsianWidth: Int { Int(p[7]) }
  /// Simple upper-case mapping.
  public var upper: UInt32 { shifted(character, p + 8) }
  /// Simple lower-case mapping.
  public var lower: UInt32 { shifted(character, p + 11) }
  /// Simple title-case mapping.
  public var title: UInt32 { shifted(character, p + 14) }
  /// Value as a decimal digit, or -1.
  public var decimal: Int { p[17] == 15 ? -1 : Int(p[17]) }
  /// Value as a digit, or -1.
  public var digit: Int { p[18] == 15 ? -1 : Int(p[18]) }
}

/// Names of the bidirectional classes, by `UnicodeRecord.bidirectional`.
public func bidirectionalName(_ index: Int) -> StaticString {
  switch index {
  case 1: "L"
  case 2: "LRE"
  case 3: "LRO"
  case 4: "LRI"
  case 5: "R"
  case 6: "AL"
  case 7: "RLE"
  case 8: "RLO"
  case 9: "RLI"
  case 10: "PDF"
  case 11: "PDI"
  case 12: "FSI"
  case 13: "EN"
  case 14: "ES"
  case 15: "ET"
  case 16: "AN"
  case 17: "CS"
  case 18: "NSM"
  case 19: "BN"
  case 20: "B"
  case 21: "S"
  case 22: "WS"
  case 23: "ON"
  default: ""
  }
}

/// Names of the East Asian widths, by `UnicodeRecord.eastAsianWidth`.
public func eastAsianWidthName(_ index: Int) -> StaticString {
  switch index {
  case 0: "F"
  case 1: "H"
  case 2: "W"
  case 3: "Na"
  case 4: "A"
  default: "N"
  }
}

/// The numeric value of a character, or nil.
public func numericValue(_ character: UInt32) -> Double? {
  let record = UnicodeRecord(character)
  guard record.flags.contains(.numeric) else { return nil }
  let size = UnicodeTables.numericSize
  let table = UnicodeTables.numeric.utf8Start
  if let p = entry(character, table, size, UnicodeTables.numericCount) {
    var numerator: UInt64 = 0
    for i in 0..<8 { numerator |= UInt64(p[4 &+ i]) << UInt64(7 &* i) }
    let value = Double(numerator) / Double(digits2(p + 12))
    return p[3] == 0 ? value : -value
  }
  return Double(record.digit)
}

/// Binary search for a code point in a table of `count` rows of `size` bytes.
private func entry(
  _ character: UInt32, _ table: UnsafePointer<UInt8>, _ size: Int, _ count: Int
) -> UnsafePointer<UInt8>? {
  var low = 0
  var high = count
  while low < high {
    let middle = (low &+ high) / 2
    let row = table + middle &* size
    let key = digits3(row)
    if key == character { return row }
    if key < character { low = middle &+ 1 } else { high = middle }
  }
  return nil
}

/// Which case a full mapping leads to.
@frozen public enum CaseMapping: Int {
  case lower, upper, title, fold
}

/// The full mapping of one character: one to three characters, unused ones are 0.
public func fullCaseMapping(_ character: UInt32, _ mapping: CaseMapping) -> (count: Int, UInt32, UInt32, UInt32) {
  let record = UnicodeRecord(character)
  if record.flags.contains(.special),
    let row = entry(character, UnicodeTables.special.utf8Start, UnicodeTables.specialSize, UnicodeTables.specialCount)
  {
    let p = row + (3 &+ mapping.rawValue &* 9)
    let b = digits3(p + 3)
    let c = digits3(p + 6)
    return (b == 0 ? 1 : c == 0 ? 2 : 3, digits3(p), b, c)
  }
  switch mapping {
  case .upper: return (1, record.upper, 0, 0)
  case .title: return (1, record.title, 0, 0)
  default: return (1, record.lower, 0, 0)
  }
}
