// Decompositions and compositions of characters, and the normal forms made of them.

import GilaAlgorithms

struct Decompositions: Sendable {
  static let shared = Decompositions()

  /// Number of the first row for code points from `page << 8` on.
  private let pages: [UInt16]
  /// The composed character of two, first in the upper half of the key.
  private let composed: [UInt64: UInt32]

  private init() {
    var pages = [UInt16](repeating: 0, count: 0x1101 + 1)
    var composed: [UInt64: UInt32] = [:]
    var row = 0
    for page in 0..<pages.count {
      while row < DecompositionTables.count, Int(digits3(Self.row(row)) >> 8) < page { row += 1 }
      pages[page] = UInt16(row)
    }
    for i in 0..<DecompositionTables.count where Self.row(i)[3] & 64 != 0 {
      let p = Self.row(i)
      composed[Self.key(Self.target(p, 0), Self.target(p, 1))] = digits3(p)
    }
    self.pages = pages
    self.composed = composed
  }

  private static func key(_ a: UInt32, _ b: UInt32) -> UInt64 { UInt64(a) << 32 | UInt64(b) }
  private static func row(_ i: Int) -> UnsafePointer<UInt8> { DecompositionTables.rows.utf8Start + i * 8 }
  private static func target(_ row: UnsafePointer<UInt8>, _ i: Int) -> UInt32 {
    digits3(DecompositionTables.targets.utf8Start + (Int(digits3(row + 5)) + i) * 3)
  }

  /// How a character is decomposed: `subscript` gives the parts.
  struct Entry {
    let row: UnsafePointer<UInt8>
    var tag: Int { Int(row[3] & 63) }
    var count: Int { Int(row[4]) }
    subscript(i: Int) -> UInt32 { Decompositions.target(row, i) }
  }

  subscript(c: UInt32) -> Entry? {
    if c < 0xA0 || c > 0x10FFFF { return nil }
    var low = Int(pages[Int(c >> 8)])
    var high = Int(pages[Int(c >> 8) + 1])
    while low < high {
      let middle = (low + high) / 2
      let p = Self.row(middle)
      let key = digits3(p)
      if key == c { return Entry(row: p) }
      if key < c { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  func composition(_ a: UInt32, _ b: UInt32) -> UInt32? {
    let lead = a &- Hangul.leading
    let v = b &- Hangul.vowel
    if lead < 19 && v < Hangul.vowels { return Hangul.first + (lead * Hangul.vowels + v) * Hangul.trails }
    let t = b &- Hangul.trailing
    if Hangul.isSyllable(a) && (a - Hangul.first) % Hangul.trails == 0 && t > 0 && t < Hangul.trails { return a + t }
    return composed[Self.key(a, b)]
  }

  static func tag(_ i: Int) -> StaticString {
    switch i {
    case 1: "<noBreak>"
    case 2: "<compat>"
    case 3: "<super>"
    case 4: "<fraction>"
    case 5: "<sub>"
    case 6: "<font>"
    case 7: "<circle>"
    case 8: "<wide>"
    case 9: "<vertical>"
    case 10: "<square>"
    case 11: "<isolated>"
    case 12: "<final>"
    case 13: "<initial>"
    case 14: "<medial>"
    case 15: "<small>"
    case 16: "<narrow>"
    default: ""
    }
  }
}

/// One of the four normal forms.
struct NormalForm {
  let compatible: Bool
  let composes: Bool
  /// The database's version: nil for today's.
  let old: Bool

  func apply(_ data: CharacterData) -> [UInt32] {
    var characters = decomposed(data)
    if composes { compose(&characters) }
    return characters
  }

  private func decomposed(_ data: CharacterData) -> [UInt32] {
    let table = Decompositions.shared
    var output: [UInt32] = []
    output.reserveCapacity(data.count + 16)
    // Parts still to be decomposed, last first.
    var pending: [UInt32] = []
    for i in 0..<data.count {
      var c = data[i]
      while true {
        if c < 0xA0 {
          output.append(c)
        } else if Hangul.isSyllable(c) {
          let n = c - Hangul.first
          output.append(Hangul.leading + n / 588)
          output.append(Hangul.vowel + n % 588 / Hangul.trails)
          if n % Hangul.trails != 0 { output.append(Hangul.trailing + n % Hangul.trails) }
        } else if old, let was = OldDatabase.correction(c) {
          pending.append(was)
        } else if !(old && OldDatabase.isUnassigned(c)), let entry = table[c], entry.tag == 0 || compatible {
          for k in stride(from: entry.count - 1, through: 0, by: -1) { pending.append(entry[k]) }
        } else {
          output.append(c)
        }
        guard let next = pending.popLast() else { break }
        c = next
      }
    }
    sort(&output)
    return output
  }

  /// Puts combining characters into the order of their classes; equal ones stay as they are.
  private func sort(_ characters: inout [UInt32]) {
    var previous = 0
    for i in 0..<characters.count {
      let c = characters[i]
      let rank = c < 0x300 ? 0 : UnicodeRecord(c).combining
      if rank != 0 && rank < previous {
        var k = i
        while k > 0 {
          let before = UnicodeRecord(characters[k - 1]).combining
          if before <= rank { break }
          characters[k] = characters[k - 1]
          k -= 1
        }
        characters[k] = c
      } else {
        previous = rank
      }
    }
  }

  private func compose(_ characters: inout [UInt32]) {
    let table = Decompositions.shared
    var starter = -1
    var end = 0
    // Class of the last character kept behind the starter; -1 if none is.
    var last = -1
    for i in 0..<characters.count {
      let c = characters[i]
      let rank = c < 0x300 ? 0 : UnicodeRecord(c).combining
      if starter >= 0, last < rank, c >= 0x300, let both = table.composition(characters[starter], c) {
        characters[starter] = both
        continue
      }
      if rank == 0 {
        starter = end
        last = -1
      } else {
        last = rank
      }
      characters[end] = c
      end += 1
    }
    characters.removeLast(characters.count - end)
  }
}
