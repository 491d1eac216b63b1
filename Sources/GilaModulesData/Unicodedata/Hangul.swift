// Hangul syllables are arranged by rule: their names, decompositions and compositions are computed.

enum Hangul {
  static let first: UInt32 = 0xAC00
  static let leading: UInt32 = 0x1100
  static let vowel: UInt32 = 0x1161
  static let trailing: UInt32 = 0x11A7
  static let vowels: UInt32 = 21
  static let trails: UInt32 = 28

  @inline(__always) static func isSyllable(_ c: UInt32) -> Bool { c &- first < 11172 }

  private static let leadNames: [StaticString] = [
    "G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H",
  ]
  private static let vowelNames: [StaticString] = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU",
    "YI", "I",
  ]
  private static let trailNames: [StaticString] = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS",
    "NG", "J", "C", "K", "T", "P", "H",
  ]
  private static let prefix: StaticString = "HANGUL SYLLABLE "

  static func name(_ c: UInt32) -> NameBuffer {
    let i = Int(c - first)
    var name = NameBuffer()
    name.append(prefix)
    name.append(leadNames[i / 588])
    name.append(vowelNames[i % 588 / 28])
    name.append(trailNames[i % 28])
    return name
  }

  /// The syllable that a name spells, or nil.
  static func character(_ text: UnsafePointer<UInt8>, _ count: Int) -> UInt32? {
    guard count > prefix.utf8CodeUnitCount, starts(text, count, prefix) else { return nil }
    var place = prefix.utf8CodeUnitCount
    guard let l = longest(leadNames, text, count, &place), let v = longest(vowelNames, text, count, &place),
      let t = longest(trailNames, text, count, &place), place == count
    else { return nil }
    return first + UInt32((l * 21 + v) * 28 + t)
  }

  private static func starts(_ text: UnsafePointer<UInt8>, _ count: Int, _ part: StaticString) -> Bool {
    guard count >= part.utf8CodeUnitCount else { return false }
    for i in 0..<part.utf8CodeUnitCount where text[i] != part.utf8Start[i] { return false }
    return true
  }

  private static func longest(
    _ parts: [StaticString], _ text: UnsafePointer<UInt8>, _ count: Int, _ place: inout Int
  ) -> Int? {
    var best: Int? = nil
    var length = -1
    for (i, part) in parts.enumerated()
    where part.utf8CodeUnitCount > length && starts(text + place, count - place, part) {
      best = i
      length = part.utf8CodeUnitCount
    }
    if best != nil { place += length }
    return best
  }
}
