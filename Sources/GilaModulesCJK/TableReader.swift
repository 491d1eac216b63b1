// The packed tables, unpacked: one per encoding, made when its codec is asked for.

import CLzma
import Synchronization

/// What one encoding maps. Codes of up to three bytes stand with their length in the top byte.
final class CJKTable: Sendable {
  static let none: UInt32 = 0xffff_ffff
  /// What a byte alone means, or `none`.
  let singles: [UInt32]
  /// Whether a byte waits for another one.
  let leads: [Bool]
  /// What two bytes mean, by 256 * first + second; 0: nothing. From 0x110000 on: a pair of characters.
  let doubles: [UInt32]
  /// The same for what follows a byte 8F, in encodings that have that.
  let triples: [UInt32]
  /// Runs of four-byte codes (GB 18030): position, first character, count.
  let runs: [(position: Int, character: Int, count: Int)]
  let pairs: [(first: UInt32, second: UInt32, code: UInt32)]
  /// Codes of the characters of the first plane; 0: none.
  private let codes: [UInt32]
  /// Codes of other characters, and longer ones.
  private let others: [UInt32: [UInt8]]

  /// The code of a character.
  func code(_ c: UInt32) -> UInt32 { c < 0x10000 ? codes[Int(c)] : 0 }
  func longCode(_ c: UInt32) -> [UInt8]? { others[c] }
  /// The code of two characters as one.
  func code(_ a: UInt32, _ b: UInt32) -> UInt32? { pairs.first { $0.first == a && $0.second == b }?.code }
  func beginsPair(_ c: UInt32) -> Bool { pairs.contains { $0.first == c } }
  /// Characters whose code has eight bytes, by these (EUC-KR).
  let eights: [[UInt8]: UInt32]

  static let names = [
    "gb2312", "gbk", "gb18030", "big5", "cp950", "big5hkscs", "euc_kr", "cp949", "johab", "shift_jis", "cp932",
    "euc_jp", "shift_jis_2004", "shift_jisx0213", "euc_jis_2004", "euc_jisx0213",
  ]
  private static let known = Mutex<(bytes: [UInt8], tables: [String: CJKTable])>(([], [:]))

  static func named(_ name: String) -> CJKTable? {
    guard let index = names.firstIndex(of: name) else { return nil }
    return known.withLock { known in
      if let t = known.tables[name] { return t }
      if known.bytes.isEmpty { known.bytes = unpack() }
      var reader = Reader(bytes: known.bytes, at: 0)
      for _ in 0..<index {
        let n = reader.number()
        reader.at += n
      }
      _ = reader.number()
      guard let t = CJKTable(&reader) else { return nil }
      known.tables[name] = t
      return t
    }
  }

  private static func unpack() -> [UInt8] {
    var packed: [UInt8] = []
    packed.reserveCapacity(CJKTables.packed.utf8CodeUnitCount * 3 / 4)
    var bits: UInt32 = 0, count = 0
    for i in 0..<CJKTables.packed.utf8CodeUnitCount {
      let c = CJKTables.packed.utf8Start[i]
      let v: UInt8
      switch c {
      case 65...90: v = c - 65
      case 97...122: v = c - 71
      case 48...57: v = c + 4
      case 43: v = 62
      case 47: v = 63
      default: continue
      }
      bits = bits << 6 | UInt32(v)
      count += 6
      if count >= 8 {
        count -= 8
        packed.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    var stream = gila_lzma_stream()
    guard lzma_alone_decoder(&stream, UInt64.max) == LZMA_OK else { return [] }
    defer { lzma_end(&stream) }
    return [UInt8](unsafeUninitializedCapacity: CJKTables.size) { out, made in
      packed.withUnsafeBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = input.count
        stream.next_out = out.baseAddress
        stream.avail_out = CJKTables.size
        _ = lzma_code(&stream, LZMA_FINISH)
      }
      made = CJKTables.size - stream.avail_out
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var at: Int
    mutating func byte() -> UInt8 {
      guard at < bytes.count else { return 0 }
      at += 1
      return bytes[at - 1]
    }
    mutating func number() -> Int {
      var v = 0, shift = 0
      while true {
        let b = byte()
        v |= Int(b & 127) << shift
        if b < 128 || shift > 50 { return v }
        shift += 7
      }
    }
    mutating func code() -> [UInt8] {
      let n = number()
      return (0..<n).map { _ in byte() }
    }
    /// Rows of two-byte codes.
    mutating func rows() -> [UInt32] {
      let leads = number()
      if leads == 0 { return [] }
      var table = [UInt32](repeating: 0, count: 65536)
      var last = 0
      for _ in 0..<leads {
        let lead = Int(byte()), first = Int(byte()), end = Int(byte())
        if end < first { return table }
        for trail in first...end {
          let v = number()
          if v == 0 { continue }
          let d = (v - 1) & 1 == 0 ? (v - 1) / 2 : -v / 2
          last += d
          table[lead * 256 + trail] = UInt32(truncatingIfNeeded: last)
        }
      }
      return table
    }
  }
  private static func packed(_ code: [UInt8]) -> UInt32 {
    var v = UInt32(code.count) << 24
    for (i, b) in code.enumerated() { v |= UInt32(b) << UInt32(8 * (code.count - 1 - i)) }
    return v
  }

  private init?(_ r: inout Reader) {
    var singles = [UInt32](repeating: CJKTable.none, count: 256)
    for _ in 0..<r.number() {
      let first = r.number(), n = r.number(), c = r.number()
      for i in 0..<n where first + i < 256 { singles[first + i] = UInt32(c + i) }
    }
    var leads = [Bool](repeating: false, count: 256)
    for i in 0..<32 {
      let bits = r.byte()
      for k in 0..<8 { leads[i * 8 + k] = bits >> UInt8(k) & 1 != 0 }
    }
    let doubles = r.rows(), triples = r.rows()
    var runs: [(position: Int, character: Int, count: Int)] = []
    for _ in 0..<r.number() {
      let p = r.number(), c = r.number(), n = r.number()
      runs.append((p, c, n))
    }
    var pairs: [(first: UInt32, second: UInt32, code: UInt32)] = []
    for _ in 0..<r.number() {
      let a = r.number(), b = r.number(), code = r.code()
      pairs.append((UInt32(a), UInt32(b), CJKTable.packed(code)))
    }
    var codes = [UInt32](repeating: 0, count: 65536)
    var others: [UInt32: [UInt8]] = [:]
    func note(_ c: UInt32, _ code: [UInt8]) {
      if c < 0x10000, code.count < 4 {
        codes[Int(c)] = CJKTable.packed(code)
      } else {
        others[c] = code
      }
    }
    // The first sequence that means a character is its code, unless said otherwise.
    for b in 0..<256 where singles[b] != CJKTable.none && codes[Int(singles[b] & 0xffff)] == 0 {
      note(singles[b], [UInt8(b)])
    }
    for (prefix, table) in [([], doubles), ([0x8f], triples)] as [([UInt8], [UInt32])] {
      for (i, c) in table.enumerated() where c != 0 && c < 0x110000 {
        if c < 0x10000 ? codes[Int(c)] != 0 : others[c] != nil { continue }
        note(c, prefix + [UInt8(i >> 8), UInt8(i & 255)])
      }
    }
    var eights: [[UInt8]: UInt32] = [:]
    var at = 0
    for _ in 0..<r.number() {
      at += r.number()
      let code = r.code()
      let c = UInt32(at)
      if code.isEmpty {
        if c < 0x10000 { codes[at] = 0 }
        others[c] = nil
      } else {
        if c < 0x10000, code.count >= 4 { codes[at] = 0 }
        note(c, code)
        if code.count == 8 { eights[code] = c }
      }
    }
    self.singles = singles
    self.leads = leads
    self.doubles = doubles
    self.triples = triples
    self.runs = runs
    self.pairs = pairs
    self.codes = codes
    self.others = others
    self.eights = eights
  }
}
