// The ISO 2022 encodings: character sets are designated by escape sequences.

/// A character set that an encoding may designate.
struct Designation {
  /// The final byte of its escape sequence, with the top bit if its codes have two bytes.
  let mark: UInt8
  /// G0 to G2.
  let plane: Int
  var width: Int { mark & 0x80 != 0 ? 2 : 1 }
  let kind: Kind
  enum Kind {
    /// A table's two-byte codes, or three-byte codes behind 8F; `rows`: only rows that are JIS X 0213's.
    case doubles(CJKTable), triples(CJKTable, rows: Bool)
    case roman, katakana
    /// Only read, from G2.
    case latin, greek
  }

  func code(_ c: UInt32) -> UInt32? {
    switch kind {
    case .doubles(let t):
      let v = t.code(c)
      // EUC has the wave dash of other systems beside its own; JIS X 0213 alone has not.
      if c == 0xff5e, !t.pairs.isEmpty { return nil }
      if v >> 24 == 2, v & 0x8080 == 0x8080, v >> 8 & 0xff != 0x8e { return v & 0x7f7f }
      if v == 0, c >= 0x10000, let long = t.longCode(c), long.count == 2 {
        return UInt32(long[0] & 0x7f) << 8 | UInt32(long[1] & 0x7f)
      }
      return nil
    case .triples(let t, let rows):
      var v = t.code(c)
      if v == 0, c >= 0x10000, let long = t.longCode(c), long.count == 3 {
        v = 3 << 24 | UInt32(long[1]) << 8 | UInt32(long[2])
      }
      guard v >> 24 == 3 else { return nil }
      let code = v & 0x7f7f
      return rows && !Designation.isPlaneTwo(code) ? nil : code
    case .roman: return c == 0xa5 ? 0x5c : c == 0x203e ? 0x7e : nil
    case .katakana: return c >= 0xff61 && c <= 0xff9f ? c - 0xff40 : nil
    case .latin, .greek: return nil
    }
  }
  func code(_ a: UInt32, _ b: UInt32) -> UInt32? {
    guard case .doubles(let t) = kind, let v = t.code(a, b) else { return nil }
    return v & 0x7f7f
  }
  func beginsPair(_ c: UInt32) -> Bool {
    if case .doubles(let t) = kind { return t.beginsPair(c) }
    return false
  }
  /// Rows of JIS X 0213's second plane; the others are JIS X 0212's.
  static func isPlaneTwo(_ code: UInt32) -> Bool {
    switch Int(code >> 8) - 0x20 {
    case 1, 3...5, 8, 12...15, 78...94: return true
    default: return false
    }
  }
  /// The characters of a code, or nothing.
  func characters(_ a: UInt8, _ b: UInt8) -> [UInt32] {
    switch kind {
    case .doubles(let t):
      let v = t.doubles[Int(a | 0x80) * 256 + Int(b | 0x80)]
      if v == 0 || b >= 0x80 { return [] }
      if v >= 0x110000 {
        let p = t.pairs[Int(v - 0x110000)]
        return [p.first, p.second]
      }
      return [v]
    case .triples(let t, let rows):
      let v = t.triples.isEmpty ? 0 : t.triples[Int(a | 0x80) * 256 + Int(b | 0x80)]
      if v == 0 || b >= 0x80 || v >= 0x110000 { return [] }
      return rows && !Designation.isPlaneTwo(UInt32(a) << 8) ? [] : [v]
    case .roman: return [a == 0x5c ? 0xa5 : a == 0x7e ? 0x203e : UInt32(a)]
    case .katakana: return a >= 0x21 && a <= 0x5f ? [UInt32(a) + 0xff40] : []
    case .latin, .greek: return []
    }
  }
}

final class ISO2022Codec: CJKCodec {
  private let sets: [Designation]
  /// Shift in and out, as the Korean encoding has them.
  private let shifts: Bool
  private let usesG2: Bool
  private static let ascii: UInt8 = 0x42
  private static let shifted: UInt8 = 1, escaping: UInt8 = 2

  init(_ name: String, _ sets: [Designation], shifts: Bool = false, usesG2: Bool = false) {
    self.sets = sets
    self.shifts = shifts
    self.usesG2 = usesG2
    super.init(name)
  }
  override func initialState(encoding: Bool) -> ShiftState {
    var s = ShiftState()
    s[0] = ISO2022Codec.ascii
    s[1] = ISO2022Codec.ascii
    if !encoding { s[2] = ISO2022Codec.ascii }
    return s
  }

  override func encode(
    _ input: [UInt32], _ at: inout Int, flush: Bool, _ state: inout ShiftState, _ out: inout [UInt8]
  ) -> Stop {
    next: while at < input.count {
      let c = input[at]
      if c < 128 {
        toASCII(&state, &out)
        out.append(UInt8(c))
        at += 1
        continue
      }
      // Two characters as one come before either of them alone.
      if let paired = sets.first(where: { $0.beginsPair(c) }) {
        if at + 1 < input.count {
          if let code = paired.code(c, input[at + 1]) {
            designate(paired, &state, &out)
            out += [UInt8(code >> 8 & 0xff), UInt8(code & 0xff)]
            at += 2
            continue
          }
        } else if !flush {
          return .incomplete
        }
      }
      for set in sets {
        guard let code = set.code(c) else { continue }
        designate(set, &state, &out)
        if set.width == 2 { out.append(UInt8(code >> 8)) }
        out.append(UInt8(code & 0xff))
        at += 1
        continue next
      }
      return .illegal(1)
    }
    return .end
  }
  private func toASCII(_ state: inout ShiftState, _ out: inout [UInt8]) {
    if state[0] != ISO2022Codec.ascii {
      out += [0x1b, 0x28, 0x42]
      state[0] = ISO2022Codec.ascii
    }
    if state[4] & ISO2022Codec.shifted != 0 {
      out.append(0x0f)
      state[4] &= ~ISO2022Codec.shifted
    }
  }
  private func designate(_ set: Designation, _ state: inout ShiftState, _ out: inout [UInt8]) {
    let final = set.mark & 0x7f
    if set.plane == 0 {
      if state[4] & ISO2022Codec.shifted != 0 {
        out.append(0x0f)
        state[4] &= ~ISO2022Codec.shifted
      }
      if state[0] != set.mark {
        out +=
          set.width == 1 ? [0x1b, 0x28, final] : set.mark == 0xc2 ? [0x1b, 0x24, final] : [0x1b, 0x24, 0x28, final]
        state[0] = set.mark
      }
    } else {
      if state[1] != set.mark {
        out += set.width == 1 ? [0x1b, 0x29, final] : [0x1b, 0x24, 0x29, final]
        state[1] = set.mark
      }
      if state[4] & ISO2022Codec.shifted == 0 {
        out.append(0x0e)
        state[4] |= ISO2022Codec.shifted
      }
    }
  }
  override func encodeReset(_ state: inout ShiftState, _ out: inout [UInt8]) {
    if state[4] & ISO2022Codec.shifted != 0 {
      out.append(0x0f)
      state[4] &= ~ISO2022Codec.shifted
    }
    if state[0] != ISO2022Codec.ascii {
      out += [0x1b, 0x28, 0x42]
      state[0] = ISO2022Codec.ascii
    }
  }

  override func decode(
    _ input: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ state: inout ShiftState, _ out: inout [UInt32]
  ) -> Stop {
    let n = input.count
    while at < n {
      let b = input[at]
      if state[4] & ISO2022Codec.escaping != 0 {
        out.append(UInt32(b))
        at += 1
        if isFinal(b) { state[4] &= ~ISO2022Codec.escaping }
        continue
      }
      switch b {
      case 0x1b:
        if at + 1 >= n { return .incomplete }
        let second = input[at + 1]
        if [0x28, 0x29, 0x24, 0x2e, 0x26].contains(second) {
          let stop = escape(input, &at, &state)
          if stop != .end { return stop }
        } else if usesG2, second == 0x4e {
          if at + 2 >= n { return .incomplete }
          let stop = single(input[at + 2], state[2], &out)
          if stop != .end { return stop }
          at += 3
        } else {
          out.append(0x1b)
          state[4] |= ISO2022Codec.escaping
          at += 1
        }
        continue
      case 0x0f where shifts:
        state[4] &= ~ISO2022Codec.shifted
        at += 1
        continue
      case 0x0e where shifts:
        state[4] |= ISO2022Codec.shifted
        at += 1
        continue
      case 0x0a:
        state[4] &= ~ISO2022Codec.shifted
        out.append(0x0a)
        at += 1
        continue
      default: break
      }
      if b >= 0x80 { return .illegal(1) }
      let mark = state[4] & ISO2022Codec.shifted != 0 ? state[1] : state[0]
      if b < 0x20 || mark == ISO2022Codec.ascii {
        out.append(UInt32(b))
        at += 1
        continue
      }
      let marked = sets.filter { $0.mark == mark }
      guard let width = marked.first?.width else { return .broken }
      if at + width > n { return .incomplete }
      let second = width == 2 ? input[at + 1] : 0
      var characters: [UInt32] = []
      for set in marked where characters.isEmpty { characters = set.characters(b, second) }
      if characters.isEmpty { return .illegal(width) }
      out += characters
      at += width
    }
    return .end
  }
  private func isFinal(_ b: UInt8) -> Bool { b >= 0x40 && b <= 0x5a }
  /// A designation at the position.
  private func escape(
    _ input: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ state: inout ShiftState
  ) -> Stop {
    let left = input.count - at
    var length = 0
    var i = 1
    while i < 16 {
      if i >= left { return .incomplete }
      if isFinal(input[at + i]) {
        length = i + 1
        break
      }
      // ESC & @ announces a revision; the designation follows.
      if !shifts, i + 1 < left, input[at + i] == 0x26, input[at + i + 1] == 0x40 { i += 2 }
      i += 1
    }
    let b2 = length > 1 ? input[at + 1] : 0
    let mark: UInt8
    let plane: Int
    switch length {
    case 0: return .illegal(1)
    case 3:
      if b2 == 0x24 {
        mark = input[at + 2] | 0x80
        plane = 0
      } else {
        mark = input[at + 2]
        guard b2 == 0x28 || b2 == 0x29 || (usesG2 && b2 == 0x2e) else { return .illegal(3) }
        plane = b2 == 0x28 ? 0 : b2 == 0x29 ? 1 : 2
      }
    case 4:
      guard b2 == 0x24, input[at + 2] == 0x28 || input[at + 2] == 0x29 else { return .illegal(4) }
      mark = input[at + 3] | 0x80
      plane = input[at + 2] == 0x28 ? 0 : 1
    case 6:
      guard !shifts, input[at + 3] == 0x1b, input[at + 4] == 0x24, input[at + 5] == 0x42 else { return .illegal(6) }
      mark = 0xc2
      plane = 0
    default: return .illegal(length)
    }
    if mark != ISO2022Codec.ascii, !sets.contains(where: { $0.mark == mark }) { return .illegal(length) }
    state[plane] = mark
    at += length
    return .end
  }
  /// One character of G2.
  private func single(_ b: UInt8, _ mark: UInt8, _ out: inout [UInt32]) -> Stop {
    if mark == ISO2022Codec.ascii {
      if b >= 0x80 { return .illegal(3) }
      out.append(UInt32(b))
      return .end
    }
    if mark == 0x41 {
      if b >= 0x80 { return .illegal(3) }
      out.append(UInt32(b) + 0x80)
      return .end
    }
    if mark == 0x46 {
      // ISO 8859-7.
      let c = UInt32(b ^ 0x80)
      if c < 0xa0 {
        if b < 0x80 && c >= 0x80 || c < 0x80 { out.append(c) } else { return .illegal(3) }
        return .end
      }
      if c == 0xa1 {
        out.append(0x2018)
      } else if c == 0xa2 {
        out.append(0x2019)
      } else if c == 0xaf {
        out.append(0x2015)
      } else if c < 0xb4 || c == 0xb7 || c == 0xbb || c == 0xbd {
        if [0xa4, 0xa5, 0xaa, 0xae].contains(c) { return .illegal(3) }
        out.append(c)
      } else if c <= 0xfe, c != 0xd2 {
        out.append(c + 0x2d0)
      } else {
        return .illegal(3)
      }
      return .end
    }
    return .broken
  }
  override func decodeReset(_ state: inout ShiftState) {
    state[0] = ISO2022Codec.ascii
    state[4] &= ~ISO2022Codec.shifted
  }
}

extension CJKCodec {
  /// The codec of a name within the module that has it; nil if the module has none such.
  static func named(_ name: String, _ module: String) -> CJKCodec? {
    func table(_ n: String) -> CJKTable? { CJKTable.named(n) }
    switch (module, name) {
    case ("cn", "gb2312"), ("cn", "gbk"), ("cn", "gb18030"), ("hk", "big5hkscs"), ("jp", "shift_jis"), ("jp", "cp932"),
      ("jp", "euc_jp"), ("jp", "shift_jis_2004"), ("jp", "shift_jisx0213"), ("jp", "euc_jis_2004"),
      ("jp", "euc_jisx0213"), ("kr", "euc_kr"), ("kr", "cp949"), ("kr", "johab"), ("tw", "big5"), ("tw", "cp950"):
      return table(name).map { TableCodec(name, $0) }
    case ("cn", "hz"): return table("gb2312").map { HZCodec($0) }
    case ("iso2022", _): return iso2022(name)
    default: return nil
    }
  }
  private static func iso2022(_ name: String) -> CJKCodec? {
    guard let jp = CJKTable.named("euc_jp") else { return nil }
    let jis208 = Designation(mark: 0xc2, plane: 0, kind: .doubles(jp))
    let jis208Old = Designation(mark: 0xc0, plane: 0, kind: .doubles(jp))
    let jis212 = Designation(mark: 0xc4, plane: 0, kind: .triples(jp, rows: false))
    let roman = Designation(mark: 0x4a, plane: 0, kind: .roman)
    let katakana = Designation(mark: 0x49, plane: 0, kind: .katakana)
    switch name {
    case "iso2022_kr":
      guard let kr = CJKTable.named("euc_kr") else { return nil }
      return ISO2022Codec(name, [Designation(mark: 0xc3, plane: 1, kind: .doubles(kr))], shifts: true)
    case "iso2022_jp": return ISO2022Codec(name, [jis208, roman, jis208Old])
    case "iso2022_jp_1": return ISO2022Codec(name, [jis208, jis212, roman, jis208Old])
    case "iso2022_jp_2":
      guard let kr = CJKTable.named("euc_kr"), let cn = CJKTable.named("gb2312") else { return nil }
      return ISO2022Codec(
        name,
        [
          jis208, jis212, Designation(mark: 0xc3, plane: 0, kind: .doubles(kr)),
          Designation(mark: 0xc1, plane: 0, kind: .doubles(cn)), roman, jis208Old,
          Designation(mark: 0x41, plane: 2, kind: .latin), Designation(mark: 0x46, plane: 2, kind: .greek),
        ], usesG2: true)
    case "iso2022_jp_ext": return ISO2022Codec(name, [jis208, jis212, roman, katakana, jis208Old])
    case "iso2022_jp_2004", "iso2022_jp_3":
      let new = name == "iso2022_jp_2004"
      guard let t = CJKTable.named(new ? "euc_jis_2004" : "euc_jisx0213") else { return nil }
      return ISO2022Codec(
        name,
        [
          jis208, Designation(mark: new ? 0xd1 : 0xcf, plane: 0, kind: .doubles(t)),
          Designation(mark: 0xd0, plane: 0, kind: .triples(t, rows: true)),
        ])
    default: return nil
    }
  }
}
