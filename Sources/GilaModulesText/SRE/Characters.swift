// Classes and cases of characters for the matcher: ASCII, the C locale's, Unicode.

import GilaAlgorithms
import Glibc

@inline(__always) func isWordASCII(_ c: UInt32) -> Bool {
  c < 128 && (isASCIIAlpha(UInt8(c)) || isASCIIDigit(UInt8(c)) || c == 95)
}
@inline(__always) func isWordLocale(_ c: UInt32) -> Bool { c < 256 && (isalnum(Int32(c)) != 0 || c == 95) }
@inline(__always) func isWordUnicode(_ c: UInt32) -> Bool {
  if c < 128 { return isWordASCII(c) }
  return !UnicodeRecord(c).flags.isDisjoint(with: [.alpha, .decimal, .digit, .numeric])
}
@inline(__always) func isDigitUnicode(_ c: UInt32) -> Bool {
  if c < 128 { return isASCIIDigit(UInt8(c)) }
  return UnicodeRecord(c).flags.contains(.decimal)
}
@inline(__always) func isSpaceASCII(_ c: UInt32) -> Bool { isByteSpace(c) }

@inline(__always) func lowerASCII(_ c: UInt32) -> UInt32 { c < 128 ? UInt32(asciiLower(UInt8(c))) : c }
@inline(__always) func lowerLocale(_ c: UInt32) -> UInt32 { c < 256 ? UInt32(tolower(Int32(c))) : c }
@inline(__always) func upperLocale(_ c: UInt32) -> UInt32 { c < 256 ? UInt32(toupper(Int32(c))) : c }
@inline(__always) func lowerUnicode(_ c: UInt32) -> UInt32 { c < 128 ? lowerASCII(c) : UnicodeRecord(c).lower }
@inline(__always) func upperUnicode(_ c: UInt32) -> UInt32 {
  c < 128 ? UInt32(asciiUpper(UInt8(c))) : UnicodeRecord(c).upper
}

/// Whether a character is the pattern's in either case of the locale.
@inline(__always) func equalsLocale(_ pattern: UInt32, _ c: UInt32) -> Bool {
  c == pattern || lowerLocale(c) == pattern || upperLocale(c) == pattern
}

/// A category of re._constants.CHCODES.
func matchesCategory(_ category: UInt32, _ c: UInt32) -> Bool {
  switch category {
  case 0: return c < 128 && isASCIIDigit(UInt8(c))
  case 1: return !(c < 128 && isASCIIDigit(UInt8(c)))
  case 2: return isSpaceASCII(c)
  case 3: return !isSpaceASCII(c)
  case 4: return isWordASCII(c)
  case 5: return !isWordASCII(c)
  case 6: return c == 10
  case 7: return c != 10
  case 8: return isWordLocale(c)
  case 9: return !isWordLocale(c)
  case 10: return isDigitUnicode(c)
  case 11: return !isDigitUnicode(c)
  case 12: return isUnicodeSpace(c)
  case 13: return !isUnicodeSpace(c)
  case 14: return isWordUnicode(c)
  case 15: return !isWordUnicode(c)
  case 16: return isUnicodeLineBreak(c)
  case 17: return !isUnicodeLineBreak(c)
  default: return false
  }
}

/// `matchesSet`, with sets of one range or one category settled on the spot.
@inline(__always) func matchesShortSet(_ set: UnsafePointer<UInt32>, _ c: UInt32) -> Bool {
  if set[0] == SREOp.range {
    if set[1] <= c, c <= set[2] { return true }
    if set[3] == SREOp.failure { return false }
  } else if set[0] == SREOp.category, set[2] == SREOp.failure {
    return matchesCategory(set[1], c)
  }
  return matchesSet(set, c)
}
/// A set program: whether it has the character.
func matchesSet(_ set: UnsafePointer<UInt32>, _ c: UInt32) -> Bool {
  var p = set
  var wanted = true
  while true {
    let op = p[0]
    p += 1
    switch op {
    case SREOp.failure: return !wanted
    case SREOp.literal:
      if c == p[0] { return wanted }
      p += 1
    case SREOp.category:
      if matchesCategory(p[0], c) { return wanted }
      p += 1
    case SREOp.charset:
      if c < 256, p[Int(c >> 5)] & (1 &<< (c & 31)) != 0 { return wanted }
      p += 8
    case SREOp.range:
      if p[0] <= c, c <= p[1] { return wanted }
      p += 2
    case SREOp.rangeUniIgnore:
      if p[0] <= c, c <= p[1] { return wanted }
      let upper = upperUnicode(c)
      if p[0] <= upper, upper <= p[1] { return wanted }
      p += 2
    case SREOp.negate: wanted.toggle()
    case SREOp.bigCharset:
      // A table of 256 bytes leads to blocks of 256 bits.
      let blocks = Int(p[0])
      p += 1
      if c < 65536 {
        let table = UnsafeRawPointer(p)
        let block = Int(table.load(fromByteOffset: Int(c >> 8), as: UInt8.self))
        if p[64 &+ (block &* 256 &+ Int(c & 255)) / 32] & (1 &<< (c & 31)) != 0 { return wanted }
      }
      p += 64 &+ blocks &* 8
    default: return false
    }
  }
}
