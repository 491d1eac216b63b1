import GilaSyntax

/// Turns `'…%s…' % (a, b)` into the pieces of an f-string, if only simple conversions occur.
struct PercentFormat {
  let arena: ASTArena

  func pieces(_ format: Text, _ values: ASTList<Expr>) -> [Expr]? {
    let text = format.buffer
    var result: [Expr] = []
    var place = 0
    var used = 0
    while true {
      if let literal = literal(text, &place) { result.append(literal) }
      if place >= text.count { break }
      if used >= values.count { return nil }
      place += 1
      guard let piece = conversion(text, &place, values[used]) else { return nil }
      used += 1
      result.append(piece)
    }
    return used == values.count ? result : nil
  }

  private func literal(_ text: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Expr? {
    var bytes: [UInt8] = []
    while place < text.count {
      if text[place] == 37 {
        guard place + 1 < text.count, text[place + 1] == 37 else { break }
        place += 1
      }
      bytes.append(text[place])
      place += 1
    }
    return bytes.isEmpty ? nil : arena.expr(.constant(.string(arena.text(bytes)), kind: nil), .none)
  }

  private func conversion(_ text: UnsafeBufferPointer<UInt8>, _ place: inout Int, _ value: Expr) -> Expr? {
    func next() -> UInt8? {
      guard place < text.count else { return nil }
      place += 1
      return text[place - 1]
    }
    guard var letter = next() else { return nil }
    var leftAligned = false
    flags: while true {
      switch letter {
      case 45: leftAligned = true
      case 43, 32, 35, 48: break
      default: break flags
      }
      guard let following = next() else { return nil }
      letter = following
    }
    // At most two digits, as in CPython.
    func number() -> (Int, Bool)? {
      var value = 0
      var digits = 0
      while letter >= 48, letter <= 57 {
        value = value * 10 + Int(letter - 48)
        guard let following = next() else { return nil }
        letter = following
        digits += 1
        if digits >= 3 { return nil }
      }
      return (value, digits > 0)
    }
    guard let (width, hasWidth) = number() else { return nil }
    var precision: Int?
    if letter == 46 {
      guard let following = next() else { return nil }
      letter = following
      guard let (value, _) = number() else { return nil }
      precision = value
    }
    guard letter == 115 || letter == 114 || letter == 97 else { return nil }
    var spec = ""
    if !leftAligned, hasWidth, width > 0 { spec += ">" }
    if hasWidth { spec += String(width) }
    if let precision { spec += "." + String(precision) }
    let format =
      spec.isEmpty ? nil : arena.expr(.constant(.string(arena.text(Array(spec.utf8))), kind: nil), .none)
    return arena.expr(.formattedValue(value, conversion: Int32(letter), format: format), value.range)
  }
}
