// Case conversion of whole strings, with the mappings that change the length and the rule for the final sigma.

@inline(__always) private func put(_ m: (count: Int, UInt32, UInt32, UInt32), _ output: inout CodePointBuffer) {
  output.append(m.1)
  if m.count > 1 { output.append(m.2) }
  if m.count > 2 { output.append(m.3) }
}

/// U+03A3 at `index` in lower case: the final form after a cased letter and not before one, skipping ignorable marks.
private func lowerSigma(_ text: CharacterData, _ index: Int) -> UInt32 {
  var j = index &- 1
  var before = false
  while j >= 0 {
    let flags = UnicodeRecord(text[j]).flags
    if !flags.contains(.caseIgnorable) {
      before = flags.contains(.cased)
      break
    }
    j &-= 1
  }
  guard before else { return 0x3C3 }
  j = index &+ 1
  while j < text.count {
    let flags = UnicodeRecord(text[j]).flags
    if !flags.contains(.caseIgnorable) { return flags.contains(.cased) ? 0x3C3 : 0x3C2 }
    j &+= 1
  }
  return 0x3C2
}

@inline(__always) private func putLower(_ text: CharacterData, _ i: Int, _ output: inout CodePointBuffer) {
  let c = text[i]
  if c == 0x3A3 { output.append(lowerSigma(text, i)) } else { put(fullCaseMapping(c, .lower), &output) }
}

extension CharacterData {
  /// str.lower()
  public func lowercased(_ output: inout CodePointBuffer) {
    output.reserve(count)
    for i in 0..<count { putLower(self, i, &output) }
  }

  /// str.upper()
  public func uppercased(_ output: inout CodePointBuffer) {
    output.reserve(count)
    for i in 0..<count { put(fullCaseMapping(self[i], .upper), &output) }
  }

  /// str.casefold()
  public func caseFolded(_ output: inout CodePointBuffer) {
    output.reserve(count)
    for i in 0..<count { put(fullCaseMapping(self[i], .fold), &output) }
  }

  /// str.swapcase()
  public func caseSwapped(_ output: inout CodePointBuffer) {
    output.reserve(count)
    for i in 0..<count {
      let flags = UnicodeRecord(self[i]).flags
      if flags.contains(.upper) {
        putLower(self, i, &output)
      } else if flags.contains(.lower) {
        put(fullCaseMapping(self[i], .upper), &output)
      } else {
        output.append(self[i])
      }
    }
  }

  /// str.capitalize()
  public func capitalized(_ output: inout CodePointBuffer) {
    output.reserve(count)
    for i in 0..<count {
      if i == 0 { put(fullCaseMapping(self[0], .title), &output) } else { putLower(self, i, &output) }
    }
  }

  /// str.title()
  public func titlecased(_ output: inout CodePointBuffer) {
    output.reserve(count)
    var afterCased = false
    for i in 0..<count {
      if afterCased { putLower(self, i, &output) } else { put(fullCaseMapping(self[i], .title), &output) }
      afterCased = UnicodeRecord(self[i]).flags.contains(.cased)
    }
  }
}
