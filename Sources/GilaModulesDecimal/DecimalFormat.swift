// format(decimal, spec).

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport
import Glibc

struct DecimalFormat {
  private var fill: [UInt32] = [32]
  private var align: UInt8 = UInt8(ascii: ">")
  private var sign: UInt8 = UInt8(ascii: "-")
  private var dropsNegativeZero = false
  private var zeroPad = false
  private var width = 0
  private var precision: Int? = nil
  private var type: UInt8? = nil
  private var separator = ""
  private var point = "."
  private var grouping: [Int] = []

  static func format(_ r: Ref, _ spec: Ref, _ override: Ref?) throws(PyError) -> Owned {
    guard spec.isUnicode else { throw typeError("format arg must be str") }
    let context = try CurrentContext.get()
    let rounding = Rounding(rawValue: context.context.pointee.rounding) ?? .halfEven
    if override == nil, let made = FastText.fixed(r, spec, rounding) { return Owned(taking: made) }
    if errorIsSet { throw PyError() }
    let text = Array(swiftString(spec).unicodeScalars.map { $0.value })
    // The alternate form is the Python module's business.
    if text.contains(35) { return try fallBack(r, spec, context) }
    guard var f = DecimalFormat(text) else { throw valueError("invalid format string") }
    if f.type == UInt8(ascii: "N") {
      try check(PyErr_WarnEx(Exc.DeprecationWarning.object, "Format specifier 'N' is deprecated", 1))
    }
    if let override {
      try f.override(override)
    } else if f.isLocal {
      try f.localize()
    }
    return try f.formatted(DecimalType.value(r), context.context)
  }
  private static func fallBack(_ r: Ref, _ spec: Ref, _ context: Ref) throws(PyError) -> Owned {
    let module = try owned(PyImport_ImportModule("_pydecimal"))
    let type = try owned(PyObject_GetAttrString(module.ref, "Decimal"))
    let text = try owned(PyObject_Str(r))
    let twin = try owned(PyObject_CallOneArg(type.ref, text.ref))
    let contextType = try owned(PyObject_GetAttrString(module.ref, "Context"))
    let c = context.context
    let named = try owned(PyDict_New())
    try set(named.ref, "prec", try int(c.pointee.precision))
    try set(named.ref, "rounding", try string(ContextType.roundingNames[Int(c.pointee.rounding)]))
    try set(named.ref, "capitals", try int(c.pointee.capitals ? 1 : 0))
    let empty = try owned(PyTuple_New(0))
    let twinContext = try owned(PyObject_Call(contextType.ref, empty.ref, named.ref))
    let method = try owned(PyObject_GetAttrString(twin.ref, "__format__"))
    let args = try tuple(spec)
    let keywords = try owned(PyDict_New())
    try check(PyDict_SetItemString(keywords.ref, "context", twinContext.ref))
    return try owned(PyObject_Call(method.ref, args.ref, keywords.ref))
  }

  /// [[fill]align][sign][z][0][width][,][.precision][type]
  private init?(_ s: [UInt32]) {
    var i = 0
    func isAlign(_ k: Int) -> Bool { k < s.count && [60, 62, 61, 94].contains(s[k]) }
    var hasAlign = false
    if isAlign(1) {
      fill = [s[0]]
      align = UInt8(s[1])
      i = 2
      hasAlign = true
    } else if isAlign(0) {
      align = UInt8(s[0])
      i = 1
      hasAlign = true
    }
    if i < s.count, [43, 45, 32].contains(s[i]) {
      sign = UInt8(s[i])
      i += 1
    }
    if i < s.count, s[i] == 122 {
      dropsNegativeZero = true
      i += 1
    }
    if i < s.count, s[i] == 48 {
      if hasAlign { return nil }
      zeroPad = true
      align = UInt8(ascii: "=")
      fill = [48]
      i += 1
    }
    func number() -> Int? {
      var v = 0
      var any = false
      while i < s.count, s[i] >= 48, s[i] <= 57 {
        if v > 1 << 50 { return nil }
        v = v * 10 + Int(s[i] - 48)
        any = true
        i += 1
      }
      return any ? v : nil
    }
    if i < s.count, s[i] >= 48, s[i] <= 57 {
      guard let w = number(), w < 1 << 40 else { return nil }
      width = w
    }
    if i < s.count, s[i] == 44 {
      separator = ","
      grouping = [3]
      i += 1
    }
    if i < s.count, s[i] == 46 {
      i += 1
      guard let p = number(), p < 1 << 40 else { return nil }
      precision = p
    }
    if i < s.count {
      guard s[i] < 128, "eEfFgGnN%".utf8.contains(UInt8(s[i])) else { return nil }
      type = UInt8(s[i])
      i += 1
      if isLocal, !separator.isEmpty { return nil }
    }
    if i != s.count { return nil }
  }
  /// Whether point and separators are the locale's.
  private var isLocal: Bool { type == UInt8(ascii: "n") || type == UInt8(ascii: "N") }
  private mutating func localize() throws(PyError) {
    guard let l = localeconv() else { return }
    func text(_ p: UnsafeMutablePointer<CChar>?) throws(PyError) -> String {
      guard let p else { return "" }
      let s = try owned(PyUnicode_DecodeLocale(p, nil))
      return swiftString(s.ref)
    }
    point = try text(l.pointee.decimal_point)
    separator = try text(l.pointee.thousands_sep)
    grouping = []
    if let g = l.pointee.grouping {
      var k = 0
      while g[k] != 0 {
        grouping.append(g[k] == CChar.max || g[k] < 0 ? -1 : Int(g[k]))
        if grouping.last == -1 { break }
        k += 1
      }
    }
    if grouping.isEmpty { separator = "" }
  }
  /// A dict with decimal_point, thousands_sep and grouping in place of the locale's.
  private mutating func override(_ d: Ref) throws(PyError) {
    guard d.isDict else { throw typeError("optional argument must be a dict") }
    func text(_ key: StaticString) throws(PyError) -> String? {
      guard let v = PyDict_GetItemString(d, cString(key)) else { return nil }
      guard v.isUnicode else { throw typeError("\(key) must be str") }
      return swiftString(v)
    }
    if let p = try text("decimal_point") { point = p }
    if let s = try text("thousands_sep") { separator = s }
    if let v = PyDict_GetItemString(d, "grouping") {
      guard v.isUnicode else { throw typeError("grouping must be str") }
      grouping = []
      for c in swiftString(v).unicodeScalars {
        if c.value == 0 { break }
        if c.value == 127 {
          grouping.append(-1)
          break
        }
        if c.value > 127 { throw valueError("invalid override dict") }
        grouping.append(Int(c.value))
      }
    }
    if point.unicodeScalars.count != 1 || separator.unicodeScalars.count > 1 {
      throw valueError("invalid override dict")
    }
    if grouping.isEmpty { separator = "" }
  }

  private func formatted(_ given: Decimal, _ c: ContextRef) throws(PyError) -> Owned {
    let rounding = Rounding(rawValue: c.pointee.rounding) ?? .halfEven
    var d = given
    if d.kind != .finite {
      var body = String(decoding: d.withSign(false).text(), as: UTF8.self)
      if type == UInt8(ascii: "%") { body += "%" }
      var f = self
      if f.zeroPad {
        f.fill = [32]
        f.align = UInt8(ascii: ">")
      }
      return try f.aligned(f.signText(d.negative), body)
    }
    var kind = type ?? UInt8(ascii: c.pointee.capitals ? "G" : "g")
    if kind == UInt8(ascii: "n") { kind = UInt8(ascii: "g") }
    if kind == UInt8(ascii: "N") { kind = UInt8(ascii: "G") }
    if kind == UInt8(ascii: "%") { d.exponent += 2 }
    let isFixed = kind == UInt8(ascii: "f") || kind == UInt8(ascii: "F") || kind == UInt8(ascii: "%")
    let isScientific = kind == UInt8(ascii: "e") || kind == UInt8(ascii: "E")
    if let p = precision {
      if p > 1 << 31 { throw memoryError() }
      if isScientific {
        d = DecimalFormat.rounded(d, p + 1, rounding)
      } else if isFixed {
        d = Decimal.formatRescaled(d, -p, rounding)
      } else if d.digits > max(p, 1) {
        d = DecimalFormat.rounded(d, max(p, 1), rounding)
      }
    }
    if d.isZero, d.exponent > 0, isFixed { d = Decimal.formatRescaled(d, 0, rounding) }
    let digits = d.coefficient.text
    let left = d.exponent + digits.count
    let place: Int
    if isScientific {
      place = d.isZero && precision != nil ? 1 - precision! : 1
    } else if isFixed {
      place = left
    } else {
      place = d.exponent <= 0 && left > -6 ? left : 1
    }
    if place > 1 << 31 || place < -(1 << 31) { throw memoryError() }
    var whole: [UInt8], fraction: [UInt8]
    if place < 0 {
      whole = [48]
      fraction = [UInt8](repeating: 48, count: -place) + digits
    } else if place > digits.count {
      whole = digits + [UInt8](repeating: 48, count: place - digits.count)
      fraction = []
    } else {
      whole = place == 0 ? [48] : Array(digits[..<place])
      fraction = Array(digits[place...])
    }
    let e = left - place
    let negative = d.negative && !(dropsNegativeZero && d.isZero)
    var tail = fraction.isEmpty ? "" : point + String(decoding: fraction, as: UTF8.self)
    if e != 0 || isScientific {
      let upper = kind == UInt8(ascii: "E") || kind == UInt8(ascii: "G")
      tail += (upper ? "E" : "e") + (e < 0 ? "-" : "+") + String(e.magnitude)
    }
    if kind == UInt8(ascii: "%") { tail += "%" }
    let signText = self.signText(negative)
    let least = zeroPad ? width - tail.unicodeScalars.count - signText.utf8.count : 0
    return try aligned(signText, grouped(whole, least) + tail)
  }
  private static func rounded(_ d: Decimal, _ places: Int, _ rounding: Rounding) -> Decimal {
    if d.isZero { return d }
    let r = Decimal.formatRescaled(d, d.adjusted + 1 - places, rounding)
    // 9.99 became 10.0: one digit fewer.
    if r.adjusted != d.adjusted { return Decimal.formatRescaled(r, r.adjusted + 1 - places, rounding) }
    return r
  }
  private func signText(_ negative: Bool) -> String {
    negative ? "-" : sign == UInt8(ascii: "-") ? "" : String(UnicodeScalar(sign))
  }
  /// Digits with separators, filled up with zeros to at least `least` characters.
  private func grouped(_ digits: [UInt8], _ least: Int) -> String {
    if separator.isEmpty {
      let zeros = max(0, least - digits.count)
      return String(repeating: "0", count: zeros) + String(decoding: digits, as: UTF8.self)
    }
    var groups: [String] = []
    var rest = digits[...]
    var width = least
    var k = 0
    var size = grouping.first ?? -1
    while true {
      let take = size <= 0 ? max(rest.count, width, 1) : min(max(rest.count, width, 1), size)
      let have = min(take, rest.count)
      groups.append(
        String(repeating: "0", count: take - have) + String(decoding: rest.suffix(have), as: UTF8.self))
      rest = rest.dropLast(have)
      width -= take
      if rest.isEmpty, width <= 0 { break }
      width -= 1
      if k + 1 < grouping.count {
        k += 1
        size = grouping[k]
      }
    }
    return groups.reversed().joined(separator: separator)
  }
  private func aligned(_ sign: String, _ body: String) throws(PyError) -> Owned {
    let length = sign.utf8.count + body.unicodeScalars.count
    let gap = max(0, width - length)
    if gap > 1 << 31 { throw memoryError() }
    let unit = UnicodeScalar(fill[0]).map(String.init) ?? " "
    func pad(_ n: Int) -> String { String(repeating: unit, count: n) }
    switch align {
    case UInt8(ascii: "<"): return try string(sign + body + pad(gap))
    case UInt8(ascii: "="): return try string(sign + pad(gap) + body)
    case UInt8(ascii: "^"): return try string(pad(gap / 2) + sign + body + pad(gap - gap / 2))
    default: return try string(pad(gap) + sign + body)
    }
  }
}
