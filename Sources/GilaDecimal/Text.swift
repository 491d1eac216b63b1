// Numbers from text and to text.

extension Decimal {
  /// Reads sign, digits, point, exponent, or the name of infinity or NaN; nil if it is something else.
  public init?(_ text: UnsafeBufferPointer<UInt8>) {
    var i = 0
    let n = text.count
    var negative = false
    if i < n, text[i] == 43 || text[i] == 45 {
      negative = text[i] == 45
      i += 1
    }
    func isDigit(_ k: Int) -> Bool { k < n && text[k] >= 48 && text[k] <= 57 }
    func rest(is word: StaticString, _ from: Int) -> Bool {
      if n - from != word.utf8CodeUnitCount { return false }
      for k in 0..<word.utf8CodeUnitCount where text[from + k] | 0x20 != word.utf8Start[k] { return false }
      return true
    }
    if i < n, !isDigit(i), text[i] != 46 {
      if rest(is: "inf", i) || rest(is: "infinity", i) {
        self.init(kind: .infinite, negative: negative)
        return
      }
      let signaling = text[i] | 0x20 == 0x73
      if signaling { i += 1 }
      guard i + 3 <= n, text[i] | 0x20 == 0x6e, text[i + 1] | 0x20 == 0x61, text[i + 2] | 0x20 == 0x6e else {
        return nil
      }
      i += 3
      for k in i..<n where !isDigit(k) { return nil }
      self.init(
        kind: signaling ? .signaling : .quiet, negative: negative, payload: Natural(digits: text[i..<n]))
      return
    }
    let first = i
    while isDigit(i) { i += 1 }
    let whole = i - first
    var places = 0
    var fraction = i
    if i < n, text[i] == 46 {
      i += 1
      fraction = i
      while isDigit(i) { i += 1 }
      places = i - fraction
    }
    if whole + places == 0 { return nil }
    let end = i
    var exponent = 0
    if i < n {
      guard text[i] | 0x20 == 0x65 else { return nil }
      i += 1
      var down = false
      if i < n, text[i] == 43 || text[i] == 45 {
        down = text[i] == 45
        i += 1
      }
      guard isDigit(i) else { return nil }
      while isDigit(i) {
        // Saturates far outside of what any context allows.
        if exponent < 3_000_000_000_000_000_000 / 10 {
          exponent = exponent * 10 + Int(text[i] - 48)
        } else {
          exponent = 3_000_000_000_000_000_000
        }
        i += 1
      }
      guard i == n else { return nil }
      if down { exponent = -exponent }
    }
    let c: Natural
    if places == 0 {
      c = Natural(digits: text[first..<(first + whole)])
    } else if whole == 0 {
      c = Natural(digits: text[fraction..<end])
    } else {
      c = Natural(digits: Array(text[first..<(first + whole)]) + Array(text[fraction..<end]))
    }
    self.init(c, exponent: exponent &- places, negative: negative)
  }

  /// Scientific notation, or engineering notation, in which exponents are multiples of three.
  public func text(engineering: Bool = false, capitals: Bool = true) -> [UInt8] {
    var r: [UInt8] = negative ? [45] : []
    switch kind {
    case .infinite: return r + Array("Infinity".utf8)
    case .quiet, .signaling:
      r += Array((kind == .quiet ? "NaN" : "sNaN").utf8)
      return coefficient.isZero ? r : r + coefficient.text
    case .finite: break
    }
    let digits = coefficient.text
    let left = exponent &+ digits.count
    let point: Int
    if exponent <= 0 && left > -6 {
      point = left
    } else if !engineering {
      point = 1
    } else if coefficient.isZero {
      point = floorModulo(left &+ 1, 3) &- 1
    } else {
      point = floorModulo(left &- 1, 3) &+ 1
    }
    if point <= 0 {
      r += [48, 46] + [UInt8](repeating: 48, count: -point) + digits
    } else if point >= digits.count {
      r += digits + [UInt8](repeating: 48, count: point - digits.count)
    } else {
      r += digits[..<point] + [46] + digits[point...]
    }
    if left != point {
      r.append(capitals ? 69 : 101)
      let e = left &- point
      r.append(e < 0 ? 45 : 43)
      r += Array(String(e.magnitude).utf8)
    }
    return r
  }
  private func floorModulo(_ a: Int, _ b: Int) -> Int {
    let r = a % b
    return r < 0 ? r + b : r
  }
}
