/// Removes the common indentation of a docstring's lines, as `inspect.cleandoc` does, but keeps all lines.
enum CleanDocstring {
  static func clean(_ text: [UInt8]) -> [UInt8] {
    let text = expandTabs(text)
    var margin = Int.max
    var place = text.firstIndex(of: 10).map { $0 + 1 } ?? text.count
    while place < text.count {
      let start = place
      while place < text.count, text[place] == 32 { place += 1 }
      if place < text.count, text[place] != 10 { margin = min(margin, place - start) }
      while place < text.count, text[place] != 10 { place += 1 }
      place += 1
    }
    if margin == Int.max { margin = 0 }

    place = 0
    while place < text.count, text[place] == 32 { place += 1 }
    if place == 0, margin == 0 { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    func copyLine() {
      while place < text.count {
        result.append(text[place])
        place += 1
        if result[result.count - 1] == 10 { return }
      }
    }
    copyLine()
    while place < text.count {
      var skipped = 0
      while skipped < margin, place < text.count, text[place] == 32 {
        skipped += 1
        place += 1
      }
      copyLine()
    }
    return result
  }

  private static func expandTabs(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(9) else { return text }
    var result: [UInt8] = []
    var column = 0
    for byte in text {
      if byte == 9 {
        let count = 8 - column % 8
        result.append(contentsOf: repeatElement(32, count: count))
        column += count
      } else {
        result.append(byte)
        if byte == 10 || byte == 13 {
          column = 0
        } else if byte & 0xC0 != 0x80 {
          column += 1
        }
      }
    }
    return result
  }
}
