import Testing

@testable import GilaAlgorithms

/// Owns character memory for a test.
private func withText<R>(_ s: [UInt32], width: Int, _ body: (CharacterData) -> R) -> R {
  let memory = UnsafeMutableRawPointer.allocate(byteCount: s.count * 4 + 4, alignment: 8)
  defer { memory.deallocate() }
  return s.withUnsafeBytes {
    CharacterData(width: 4, base: $0.baseAddress ?? UnsafeRawPointer(memory), count: s.count)
      .copy(to: memory, targetWidth: width)
    return body(CharacterData(width: width, base: memory, count: s.count))
  }
}

private func scalars(_ s: String) -> [UInt32] { s.unicodeScalars.map { $0.value } }

private func naiveFind(_ t: [UInt32], _ n: [UInt32], last: Bool) -> Int {
  guard n.count <= t.count else { return -1 }
  let range = Array(0...(t.count - n.count))
  for i in last ? range.reversed() : range where Array(t[i..<(i + n.count)]) == n { return i }
  return -1
}

private struct Generator: RandomNumberGenerator {
  var state: UInt64 = 42
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

@Test func textSearchAgreesWithNaiveSearch() {
  var g = Generator()
  for _ in 0..<20000 {
    let alphabet = UInt32.random(in: 1...4, using: &g)
    let t = (0..<Int.random(in: 0...40, using: &g)).map { _ in 97 + UInt32.random(in: 0..<alphabet, using: &g) }
    let n = (0..<Int.random(in: 0...6, using: &g)).map { _ in 97 + UInt32.random(in: 0..<alphabet, using: &g) }
    for (a, b) in [(1, 1), (2, 2), (4, 4), (1, 4), (4, 1), (2, 1)] {
      withText(t, width: a) { text in
        withText(n, width: b) { needle in
          #expect(text.find(needle) == naiveFind(t, n, last: false))
          #expect(text.findLast(needle) == naiveFind(t, n, last: true))
        }
      }
    }
  }
}

@Test func textSearchIsLinearInBadCases() {
  let n = 200_000
  let t = [UInt32](repeating: 97, count: n)
  let m = 20_000
  var needle = [UInt32](repeating: 97, count: m)
  needle[m / 2] = 98
  withText(t, width: 1) { text in
    withText(needle, width: 1) { #expect(text.find($0) == -1 && text.findLast($0) == -1) }
    var front = needle
    front[m / 2] = 97
    front[0] = 98
    withText(front, width: 1) { #expect(text.find($0) == -1 && text.findLast($0) == -1) }
    front[0] = 97
    front[m - 1] = 98
    withText(front, width: 1) { #expect(text.find($0) == -1 && text.findLast($0) == -1) }
  }
  var hit = t
  for i in 0..<m { hit[n / 2 + i] = needle[i] }
  withText(hit, width: 1) { text in
    withText(needle, width: 1) {
      #expect(text.find($0) == naiveFind(hit, needle, last: false))
      #expect(text.findLast($0) == naiveFind(hit, needle, last: true))
    }
  }
}

@Test func utf8RoundTripOfEveryCharacter() {
  for c in UInt32(0)..<0x110000 where !(0xD800..<0xE000).contains(c) {
    withText([c, 65], width: 4) { text in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8) { buffer in
        let p = buffer.baseAddress!
        let n = text.encodeUTF8(to: p) - p
        let scan = UTF8Scan(p, n)
        if n != text.utf8Count || scan.validBytes != n || scan.characters != 2 || scan.maxCharacter < c {
          Issue.record("character \(c)")
        }
        let target = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
        defer { target.deallocate() }
        decodeUTF8(p, n, to: target, width: 4)
        if target.load(as: UInt32.self) != c { Issue.record("decoded \(c)") }
      }
    }
  }
}

private func faults(_ bytes: [UInt8]) -> [String] {
  var decoder = UTF8Decoder()
  var output = CodePointBuffer()
  var list: [String] = []
  while case .fault(let start, let end, let reason) = decoder.run(bytes, bytes.count, &output) {
    list.append("\(start)-\(end) \(reason)")
    decoder.position = end
  }
  return list
}

@Test func utf8Faults() {
  #expect(faults([0x80]) == ["0-1 invalid start byte"])
  #expect(faults([0xE2, 0x82]) == ["0-2 unexpected end of data"])
  #expect(faults([0xE2, 0x82, 0x41]) == ["0-2 invalid continuation byte"])
  #expect(
    faults([0xED, 0xA0, 0x80]) == ["0-1 invalid continuation byte", "1-2 invalid start byte", "2-3 invalid start byte"])
  #expect(faults([0xF0, 0x9F, 0x98, 0x41]) == ["0-3 invalid continuation byte"])
  #expect(faults([0xF5]) == ["0-1 invalid start byte"])
}

@Test func unicodeProperties() {
  #expect(UnicodeRecord(0x41).lower == 0x61 && UnicodeRecord(0x61).upper == 0x41)
  #expect(UnicodeRecord(0x661).decimal == 1 && UnicodeRecord(0xB2).digit == 2 && UnicodeRecord(0xB2).decimal == -1)
  #expect(numericValue(0xBD) == 0.5 && numericValue(0xF33) == -0.5 && numericValue(0x41) == nil)
  #expect(fullCaseMapping(0xDF, .upper).count == 2 && fullCaseMapping(0xDF, .fold).1 == 0x73)
  #expect(UnicodeRecord(0x110000).category == .Cn)
  #expect(UnicodeRecord(0x300).combining == 230)
  var output = CodePointBuffer()
  withText(scalars("ΑΣ ΑΣΑ"), width: 2) { $0.lowercased(&output) }
  #expect((0..<output.count).map { output.data[$0] } == scalars("ας ασα"))
}
