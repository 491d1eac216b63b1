// Names of characters: number of a spelled name to text, and back through a hash table that is made on first use.

/// A number of three 7-bit digits.
@inline(__always) func digits3(_ p: UnsafePointer<UInt8>) -> UInt32 {
  UInt32(p[0]) | UInt32(p[1]) << 7 | UInt32(p[2]) << 14
}

/// Text of a name under construction; no name has more than 255 bytes.
struct NameBuffer {
  var count = 0
  var bytes = InlineArray<256, UInt8>(repeating: 0)

  @inline(__always) mutating func append(_ byte: UInt8) {
    if count < 256 {
      bytes[count] = byte
      count &+= 1
    }
  }
  mutating func append(_ text: StaticString) {
    for i in 0..<text.utf8CodeUnitCount { append(text.utf8Start[i]) }
  }
}

struct CharacterNames: Sendable {
  static let shared = CharacterNames()

  /// Where each word starts, and the end of the last.
  private let wordStarts: [UInt32]
  /// Open addressing: number of the name + 1, or 0.
  private let table: [UInt32]
  private static let tableMask = 0xFFFF

  private init() {
    var starts: [UInt32] = [0]
    starts.reserveCapacity(NameTables.wordCount + 1)
    let words = NameTables.words
    for i in 0..<words.utf8CodeUnitCount where words.utf8Start[i] == 10 { starts.append(UInt32(i + 1)) }
    wordStarts = starts
    var table = [UInt32](repeating: 0, count: Self.tableMask + 1)
    var place = 0
    for n in 0..<NameTables.spelledCount {
      var name = NameBuffer()
      Self.spell(&place, &name, starts)
      var i = Self.hash(name)
      while table[i] != 0 { i = (i + 1) & Self.tableMask }
      table[i] = UInt32(n + 1)
    }
    self.table = table
  }

  private static func hash(_ name: NameBuffer) -> Int {
    var h: UInt32 = 2_166_136_261
    for i in 0..<name.count { h = (h ^ UInt32(name.bytes[i])) &* 16_777_619 }
    return Int((h ^ h >> 15) & UInt32(tableMask))
  }

  @inline(__always) private static func digit(_ p: UnsafePointer<UInt8>) -> Int {
    let b = Int(p.pointee)
    return b - 33 - (b > 34 ? 1 : 0) - (b > 92 ? 1 : 0)
  }

  /// Writes the name that starts at `place` in the table's text and moves behind it.
  private static func spell(_ place: inout Int, _ name: inout NameBuffer, _ wordStarts: [UInt32]) {
    let text = NameTables.text.utf8Start
    while text[place] != 32 {
      var word = digit(text + place)
      if word < 44 {
        place += 1
      } else if word < 90 {
        word = 44 + (word - 44) * 92 + digit(text + place + 1)
        place += 2
      } else {
        word = 44 + 46 * 92 + (word - 90) * 8464 + digit(text + place + 1) * 92 + digit(text + place + 2)
        place += 3
      }
      if name.count > 0 { name.append(32) }
      for i in Int(wordStarts[word])..<Int(wordStarts[word + 1]) - 1 { name.append(NameTables.words.utf8Start[i]) }
    }
    place += 1
  }

  private func spell(_ number: Int) -> NameBuffer {
    var place = Int(digits3(NameTables.starts.utf8Start + number / NameTables.group * 3))
    for _ in 0..<number % NameTables.group {
      while NameTables.text.utf8Start[place] != 32 { place += 1 }
      place += 1
    }
    var name = NameBuffer()
    Self.spell(&place, &name, wordStarts)
    return name
  }

  private static func isIdeograph(_ c: UInt32) -> Bool {
    for i in 0..<NameTables.ideographRunCount {
      let p = NameTables.ideographs.utf8Start + i * 6
      if c >= digits3(p) && c <= digits3(p + 3) { return true }
    }
    return false
  }

  /// The name of a character, or nil.
  func name(_ c: UInt32) -> NameBuffer? {
    if Hangul.isSyllable(c) { return Hangul.name(c) }
    if Self.isIdeograph(c) {
      var name = NameBuffer()
      name.append("CJK UNIFIED IDEOGRAPH-")
      let digits = String(c, radix: 16, uppercase: true)
      for byte in digits.utf8 { name.append(byte) }
      return name
    }
    var low = 0
    var high = NameTables.runCount
    while low < high {
      let middle = (low + high) / 2
      let p = NameTables.runs.utf8Start + middle * 9
      let first = digits3(p)
      if c < first {
        high = middle
      } else if c - first >= digits3(p + 3) {
        low = middle + 1
      } else {
        return spell(Int(digits3(p + 6) + c - first))
      }
    }
    return nil
  }

  /// What a name stands for.
  enum Meaning {
    case character(UInt32)
    case alias(UInt32)
    case sequence(count: Int, InlineArray<4, UInt32>)
  }

  /// The meaning of a name in whatever case; only what is computed must be in upper case.
  func meaning(_ text: UnsafePointer<UInt8>, _ count: Int) -> Meaning? {
    if let c = Hangul.character(text, count) { return .character(c) }
    if let c = Self.ideograph(text, count) { return .character(c) }
    if count > 255 { return nil }
    var name = NameBuffer()
    for i in 0..<count {
      let b = text[i]
      name.append(b >= 97 && b <= 122 ? b - 32 : b)
    }
    var i = Self.hash(name)
    while table[i] != 0 {
      let number = Int(table[i] - 1)
      let candidate = spell(number)
      if candidate.count == name.count {
        var same = true
        for k in 0..<count where candidate.bytes[k] != name.bytes[k] { same = false }
        if same { return Self.meaning(number) }
      }
      i = (i + 1) & Self.tableMask
    }
    return nil
  }

  private static func meaning(_ number: Int) -> Meaning {
    if number >= NameTables.nameCount {
      let extra = number - NameTables.nameCount
      let p = NameTables.extra.utf8Start + extra * 13
      if extra < NameTables.aliasCount { return .alias(digits3(p + 1)) }
      var all = InlineArray<4, UInt32>(repeating: 0)
      for i in 0..<4 { all[i] = digits3(p + 1 + i * 3) }
      return .sequence(count: Int(p[0]), all)
    }
    var low = 0
    var high = NameTables.runCount - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if Int(digits3(NameTables.runs.utf8Start + middle * 9 + 6)) <= number { low = middle } else { high = middle - 1 }
    }
    let p = NameTables.runs.utf8Start + low * 9
    return .character(digits3(p) + UInt32(number) - digits3(p + 6))
  }

  private static func ideograph(_ text: UnsafePointer<UInt8>, _ count: Int) -> UInt32? {
    let prefix: StaticString = "CJK UNIFIED IDEOGRAPH-"
    let n = prefix.utf8CodeUnitCount
    guard count == n + 4 || count == n + 5 else { return nil }
    for i in 0..<n where text[i] != prefix.utf8Start[i] { return nil }
    var c: UInt32 = 0
    for i in n..<count {
      switch text[i] {
      case 48...57: c = c << 4 | UInt32(text[i] - 48)
      case 65...70: c = c << 4 | UInt32(text[i] - 55)
      default: return nil
      }
    }
    return isIdeograph(c) ? c : nil
  }
}
