// Codecs: they read characters or bytes from a position on and say why they stopped.

/// The shift state of a codec: eight bytes, as getstate() shows them.
struct ShiftState {
  var word: UInt64 = 0
  subscript(_ i: Int) -> UInt8 {
    get { UInt8(truncatingIfNeeded: word >> UInt64(8 * i)) }
    set { word = word & ~(255 << UInt64(8 * i)) | UInt64(newValue) << UInt64(8 * i) }
  }
}

enum Stop: Equatable {
  case end
  /// So many units at the position mean nothing.
  case illegal(Int)
  /// The rest is the beginning of something.
  case incomplete
  case broken
}

class CJKCodec {
  let name: String
  init(_ name: String) { self.name = name }

  func initialState(encoding: Bool) -> ShiftState { ShiftState() }
  /// `flush`: no more characters follow.
  func encode(
    _ input: [UInt32], _ at: inout Int, flush: Bool, _ state: inout ShiftState, _ out: inout [UInt8]
  ) -> Stop { .broken }
  /// Bytes that end a text in the present state.
  func encodeReset(_ state: inout ShiftState, _ out: inout [UInt8]) {}
  func decode(
    _ input: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ state: inout ShiftState, _ out: inout [UInt32]
  ) -> Stop { .broken }
  func decodeReset(_ state: inout ShiftState) {}
}

/// Appends a code with its length in the top byte.
@inline(__always) func append(_ code: UInt32, _ out: inout [UInt8]) {
  let n = code >> 24
  if n > 2 { out.append(UInt8(truncatingIfNeeded: code >> 16)) }
  if n > 1 { out.append(UInt8(truncatingIfNeeded: code >> 8)) }
  out.append(UInt8(truncatingIfNeeded: code))
}

/// Codecs without state, driven by a table.
final class TableCodec: CJKCodec {
  private let table: CJKTable
  private let isKorean: Bool
  init(_ name: String, _ table: CJKTable) {
    self.table = table
    isKorean = !table.eights.isEmpty
    super.init(name)
  }

  override func encode(
    _ input: [UInt32], _ at: inout Int, flush: Bool, _ state: inout ShiftState, _ out: inout [UInt8]
  ) -> Stop {
    while at < input.count {
      let c = input[at]
      if c < 128, table.singles[Int(c)] == c {
        out.append(UInt8(c))
        at += 1
        continue
      }
      if !table.pairs.isEmpty, table.beginsPair(c) {
        if at + 1 < input.count {
          if let code = table.code(c, input[at + 1]) {
            append(code, &out)
            at += 2
            continue
          }
        } else if !flush {
          return .incomplete
        }
      }
      let code = table.code(c)
      if code != 0 {
        append(code, &out)
      } else if let long = table.longCode(c) {
        out += long
      } else if !table.runs.isEmpty, let four = fourBytes(c) {
        out += four
      } else {
        return .illegal(1)
      }
      at += 1
    }
    return .end
  }
  /// The code of a character that GB 18030 numbers.
  private func fourBytes(_ c: UInt32) -> [UInt8]? {
    func code(_ n: Int, _ lead: Int) -> [UInt8] {
      [
        UInt8(lead + n / 12600), UInt8(0x30 + n / 1260 % 10), UInt8(0x81 + n / 10 % 126), UInt8(0x30 + n % 10),
      ]
    }
    if c >= 0x10000 { return code(Int(c) - 0x10000, 0x90) }
    for r in table.runs where Int(c) >= r.character && Int(c) < r.character + r.count {
      return code(r.position + Int(c) - r.character, 0x81)
    }
    return nil
  }

  override func decode(
    _ input: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ state: inout ShiftState, _ out: inout [UInt32]
  ) -> Stop {
    let n = input.count
    while at < n {
      let b = input[at]
      let single = table.singles[Int(b)]
      if single != CJKTable.none {
        out.append(single)
        at += 1
        continue
      }
      if !table.leads[Int(b)] { return .illegal(1) }
      if at + 1 >= n { return .incomplete }
      let second = input[at + 1]
      if b == 0x8f, !table.triples.isEmpty {
        if at + 2 >= n { return .incomplete }
        let v = table.triples[Int(second) * 256 + Int(input[at + 2])]
        if v == 0 { return .illegal(1) }
        emit(v, &out)
        at += 3
        continue
      }
      if isKorean, b == 0xa4, second == 0xd4 {
        if at + 7 >= n { return .incomplete }
        guard let c = table.eights[Array(input[at..<(at + 8)])] else { return .illegal(1) }
        out.append(c)
        at += 8
        continue
      }
      if !table.runs.isEmpty, second >= 0x30, second <= 0x39 {
        if at + 3 >= n { return .incomplete }
        let c = input[at + 2], d = input[at + 3]
        if b < 0x81 || c < 0x81 || c > 0xfe || d < 0x30 || d > 0x39 { return .illegal(1) }
        guard let v = character(Int(b), Int(second), Int(c), Int(d)) else { return .illegal(1) }
        out.append(v)
        at += 4
        continue
      }
      let v = table.doubles[Int(b) * 256 + Int(second)]
      if v == 0 { return .illegal(1) }
      emit(v, &out)
      at += 2
    }
    return .end
  }
  @inline(__always) private func emit(_ v: UInt32, _ out: inout [UInt32]) {
    if v < 0x110000 {
      out.append(v)
    } else if Int(v - 0x110000) < table.pairs.count {
      let p = table.pairs[Int(v - 0x110000)]
      out.append(p.first)
      out.append(p.second)
    }
  }
  private func character(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> UInt32? {
    let n = (((a - 0x81) * 10 + b - 0x30) * 126 + c - 0x81) * 10 + d - 0x30
    if a < 0x85 {
      for r in table.runs where n >= r.position && n < r.position + r.count {
        return UInt32(r.character + n - r.position)
      }
      return nil
    }
    let v = n - 15 * 12600 + 0x10000
    return a >= 0x90 && v <= 0x10ffff ? UInt32(v) : nil
  }
}

/// HZ: GB 2312 between ~{ and ~} in seven bits.
final class HZCodec: CJKCodec {
  private let table: CJKTable
  init(_ table: CJKTable) {
    self.table = table
    super.init("hz")
  }
  override func encode(
    _ input: [UInt32], _ at: inout Int, flush: Bool, _ state: inout ShiftState, _ out: inout [UInt8]
  ) -> Stop {
    while at < input.count {
      let c = input[at]
      if c < 128 {
        if state[0] != 0 {
          out += [0x7e, 0x7d]
          state[0] = 0
        }
        out.append(UInt8(c))
        if c == 0x7e { out.append(0x7e) }
      } else {
        let code = table.code(c)
        if code >> 24 != 2 { return .illegal(1) }
        if state[0] == 0 {
          out += [0x7e, 0x7b]
          state[0] = 1
        }
        out += [UInt8(code >> 8 & 0x7f), UInt8(code & 0x7f)]
      }
      at += 1
    }
    return .end
  }
  override func encodeReset(_ state: inout ShiftState, _ out: inout [UInt8]) {
    if state[0] != 0 {
      out += [0x7e, 0x7d]
      state[0] = 0
    }
  }
  override func decode(
    _ input: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ state: inout ShiftState, _ out: inout [UInt32]
  ) -> Stop {
    while at < input.count {
      let b = input[at]
      if b == 0x7e {
        if at + 1 >= input.count { return .incomplete }
        switch (input[at + 1], state[0]) {
        case (0x7e, 0): out.append(0x7e)
        case (0x7b, 0): state[0] = 1
        case (0x0a, 0): break
        case (0x7d, 1): state[0] = 0
        default: return .illegal(1)
        }
        at += 2
        continue
      }
      if b >= 128 { return .illegal(1) }
      if state[0] == 0 {
        out.append(UInt32(b))
        at += 1
        continue
      }
      if at + 1 >= input.count { return .incomplete }
      let v = table.doubles[Int(b | 0x80) * 256 + Int(input[at + 1] | 0x80)]
      if v == 0 || input[at + 1] >= 128 { return .illegal(1) }
      out.append(v)
      at += 2
    }
    return .end
  }
  override func decodeReset(_ state: inout ShiftState) { state[0] = 0 }
}
