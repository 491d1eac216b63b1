// int to text and text to int, with the limit on decimal digits.

import CGila
import GilaAlgorithms
import GilaCore

/// Text of ints.
enum IntText {
  /// Up to this many digits no limit is looked at.
  private static let threshold = 640

  /// The most decimal digits that conversions may have; 0: no limit.
  private static var limit: Int { Int(currentInterpreter.pointee.int_max_str_digits) }

  @inline(never)
  private static func tooManyDigits() -> Ref? {
    _ = raise(
      Exc.ValueError,
      "Exceeds the limit (\(limit) digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit"
    )
    return nil
  }

  // MARK: to text

  /// The decimal text (new str).
  static func decimal(_ a: Ref) -> Ref? {
    if let v = a.mediumValue {
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
        let p = buffer.baseAddress!
        var n = 0
        if v < 0 {
          p[0] = 45
          n = 1
        }
        n &+= Digits.writeDecimal(UInt64(v.magnitude), to: p + n)
        return asciiString(p, n)
      }
    }
    return withDecimal(a) { text, n in
      let sign = a.isNegativeInt ? 1 : 0
      guard let s = PyUnicode_New(n &+ sign, 127) else { return nil }
      let out = unicodeData(s)
      if sign == 1 { out[0] = 45 }
      (out + sign).update(from: text, count: n)
      return s
    }
  }

  /// Calls the body with the decimal digits of the magnitude; nil with ValueError when they are too many.
  static func withDecimal(_ a: Ref, _ body: (UnsafePointer<UInt8>, Int) -> Ref?) -> Ref? {
    let (digits, n) = (a.digits, a.digitCount)
    if n <= 2 {
      // Less than 2 ** 60: up to 19 digits, written from the end.
      var value = n == 0 ? 0 : UInt64(digits[0]) | (n == 2 ? UInt64(digits[1]) << 30 : 0)
      var text = InlineArray<20, UInt8>(repeating: 0)
      var start = 20
      repeat {
        let (quotient, digit) = value.quotientAndRemainder(dividingBy: 10)
        start &-= 1
        text[unchecked: start] = UInt8(truncatingIfNeeded: digit) &+ 48
        value = quotient
      } while value != 0
      return withUnsafeBytes(of: &text) {
        body(($0.baseAddress.unsafelyUnwrapped + start).assumingMemoryBound(to: UInt8.self), 20 &- start)
      }
    }
    // Decide before the conversion when the number is far beyond the limit: it may take long.
    let most = limit
    if most > 0 && n > 75 && most / 90 <= (n &- 11) / 10 { return tooManyDigits() }
    let capacity = Digits.decimalCapacity(digits, n)
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    defer { text.deallocate() }
    let count = besideOthers(work(n, n), "int to text", a, a) { Digits.writeDecimal(digits, n, to: text) }
    if most > 0 && count > threshold && count > most { return tooManyDigits() }
    return body(text, count)
  }

  /// The text in base 2, 8, 10 or 16 with its prefix (new str).
  static func based(_ a: Ref, _ base: Int) -> Ref? {
    if base == 10 { return decimal(a) }
    let bits = base.trailingZeroBitCount
    let capacity = Digits.bitLength(a.digits, a.digitCount) / bits &+ 5
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    defer { text.deallocate() }
    var n = 0
    if a.isNegativeInt {
      text[0] = 45
      n = 1
    }
    text[n] = 48
    text[n &+ 1] = base == 2 ? 98 : base == 8 ? 111 : 120
    n &+= 2
    n &+= Digits.writePowerOfTwo(a.digits, a.digitCount, bits: bits, to: text + n)
    return asciiString(text, n)
  }

  // MARK: from text

  /// What a text says.
  enum Parsed {
    case number(Ref)
    /// No number: the caller says so in its own words.
    case malformed
    /// An exception is set.
    case failed
  }

  private static func isSpace(_ c: UInt8) -> Bool { c == 32 || (c >= 9 && c <= 13) }

  /// Reads a whole text as int() does: blanks, sign, prefix, digits with single underscores, blanks. `end` gets the
  /// position after what was read.
  static func parse(_ text: UnsafePointer<UInt8>, _ count: Int, base base0: Int, end: inout Int) -> Parsed {
    var base = base0
    var i = 0
    while i < count && isSpace(text[i]) { i &+= 1 }
    var negative = false
    if i < count && (text[i] == 43 || text[i] == 45) {
      negative = text[i] == 45
      i &+= 1
    }
    let next = i &+ 1 < count ? text[i &+ 1] | 0x20 : 0
    let zero = i < count && text[i] == 48
    var onlyZero = false
    if base == 0 {
      if !zero {
        base = 10
      } else if next == 120 {
        base = 16
      } else if next == 111 {
        base = 8
      } else if next == 98 {
        base = 2
      } else {
        // An octal literal of old is an error, unless it is zero.
        onlyZero = true
        base = 10
      }
    }
    if zero && ((base == 16 && next == 120) || (base == 8 && next == 111) || (base == 2 && next == 98)) {
      i &+= 2
      if i < count && text[i] == 95 { i &+= 1 }
    }
    // Digits with single underscores between them.
    let first = i
    var digits = 0
    var previousUnderscore = true
    while i < count {
      if text[i] == 95 {
        if previousUnderscore {
          end = i
          return .malformed
        }
        previousUnderscore = true
      } else {
        if Digits.digitValue(text[i]) >= base { break }
        digits &+= 1
        previousUnderscore = false
      }
      i &+= 1
    }
    end = i
    if digits == 0 || previousUnderscore { return .malformed }
    let stop = i
    while i < count && isSpace(text[i]) { i &+= 1 }
    if base & (base &- 1) != 0 && digits > threshold && limit > 0 && digits > limit {
      if i < count {
        end = i
        return .malformed
      }
      _ = raise(
        Exc.ValueError,
        "Exceeds the limit (\(limit) digits) for integer string conversion: value has \(digits) digits; use sys.set_int_max_str_digits() to increase the limit"
      )
      return .failed
    }
    guard let r = convert(text + first, stop &- first, digits, base, negative) else { return .failed }
    if onlyZero && !r.isZeroInt {
      decref(r)
      return .malformed
    }
    end = i
    return .number(r)
  }

  /// The value of digits among which there may be underscores.
  private static func convert(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ digits: Int, _ base: Int, _ negative: Bool
  ) -> Ref? {
    if digits <= 11 || (base <= 10 && digits <= 17) {
      var v = 0
      for i in 0..<count where text[i] != 95 { v = v &* base &+ Digits.digitValue(text[i]) }
      return newInt(negative ? 0 &- v : v)
    }
    guard let r = allocateInt(Digits.capacity(forCharacters: digits, base: base)) else { return nil }
    // A long text is copied: the lock is given up meanwhile, and it may be a bytearray's.
    if digits == count && count < 4000 {
      return finish(r, Digits.parse(text, count, base: base, into: r.digits), negative: negative)
    }
    let plain = UnsafeMutablePointer<UInt8>.allocate(capacity: digits)
    defer { plain.deallocate() }
    var n = 0
    for i in 0..<count where text[i] != 95 {
      plain[n] = text[i]
      n &+= 1
    }
    let size = besideOthers(work(n, n) / 81, "text to int", none, none) {
      Digits.parse(plain, n, base: base, into: r.digits)
    }
    return finish(r, size, negative: negative)
  }

  /// ValueError for a text (or bytes) that is no number, with at most 200 characters of its repr.
  static func invalidLiteral(_ source: Ref, _ base: Int) -> Ref? {
    guard let text = PyObject_Repr(source) else { return nil }
    defer { decref(text) }
    let shown: String
    if PyUnicode_GetLength(text) > 200, let head = PyUnicode_Substring(text, 0, 200) {
      shown = swiftString(head)
      decref(head)
    } else {
      shown = swiftString(text)
    }
    _ = raise(Exc.ValueError, "invalid literal for int() with base \(base): \(shown)")
    return nil
  }

  /// The int that bytes denote (new reference).
  static func fromBytes(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ base: Int) -> Ref? {
    var end = 0
    switch parse(bytes, count, base: base, end: &end) {
    case .number(let r):
      if end == count { return r }
      decref(r)
    case .failed: return nil
    case .malformed: break
    }
    guard let source = PyBytes_FromStringAndSize(UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self), count)
    else { return nil }
    defer { decref(source) }
    return invalidLiteral(source, base)
  }
}

@c @implementation public func PyLong_FromUnicodeObject(_ s: Ref!, _ base: Int32) -> Ref? {
  let s = s!
  return withASCIIDigits(s) { text, count in
    var end = 0
    switch IntText.parse(text, count, base: Int(base), end: &end) {
    case .number(let r):
      if end == count { return r }
      decref(r)
    case .failed: return nil
    case .malformed: break
    }
    return IntText.invalidLiteral(s, Int(base))
  }
}

@c @implementation public func PyLong_FromString(
  _ text: UnsafePointer<CChar>!, _ end: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!, _ base: Int32
) -> Ref? {
  if (base != 0 && base < 2) || base > 36 {
    return fail(Exc.ValueError, "int() arg 2 must be >= 2 and <= 36")
  }
  var count = 0
  while text[count] != 0 { count &+= 1 }
  let bytes = UnsafeRawPointer(text!).assumingMemoryBound(to: UInt8.self)
  var stop = 0
  switch IntText.parse(bytes, count, base: Int(base), end: &stop) {
  case .number(let r):
    if let end { end.pointee = UnsafeMutablePointer(mutating: text + stop) }
    if stop == count { return r }
    decref(r)
  case .failed:
    if let end { end.pointee = UnsafeMutablePointer(mutating: text + stop) }
    return nil
  case .malformed:
    if let end { end.pointee = UnsafeMutablePointer(mutating: text + stop) }
  }
  guard let source = PyUnicode_FromString(text) else { return nil }
  defer { decref(source) }
  return IntText.invalidLiteral(source, Int(base))
}

/// The text of a number with the prefix of its base: `bin`, `oct`, `hex`.
@c @implementation public func _PyLong_Format(_ number: Ref!, _ base: Int32) -> Ref? {
  guard let number, number.isLong else {
    PyErr_BadInternalCall()
    return nil
  }
  if base != 2 && base != 8 && base != 10 && base != 16 {
    return fail(Exc.SystemError, "PyNumber_ToBase: base must be 2, 8, 10 or 16")
  }
  return IntText.based(number, Int(base))
}
