// repr(str)

import CGila
import GilaAlgorithms
import GilaCore

/// How many characters `c` takes in a repr with this quote.
@inline(__always) private func reprWidth(_ c: UInt32, _ quote: UInt32) -> Int {
  if c == quote || c == 0x5C || c == 9 || c == 10 || c == 13 { return 2 }
  if isPrintableCharacter(c) { return 1 }
  return c < 256 ? 4 : c < 0x10000 ? 6 : 10
}

/// repr of ASCII without characters that need an escape; nil when there are some.
private func plainRepr(_ text: CharacterData) throws(PyError) -> Owned? {
  let p = text.base.assumingMemoryBound(to: UInt8.self)
  var special: UInt8 = 0
  for i in 0..<text.count {
    let c = p[i]
    special |= (c < 32 ? 1 : 0) | (c == 127 ? 1 : 0) | (c == 39 ? 1 : 0) | (c == 92 ? 1 : 0)
  }
  if special != 0 { return nil }
  let result = try owned(allocateString(text.count &+ 2, 127))
  let out = result.ref.strData
  out.storeBytes(of: 39, as: UInt8.self)
  (out + 1).copyMemory(from: p, byteCount: text.count)
  out.storeBytes(of: 39, toByteOffset: text.count &+ 1, as: UInt8.self)
  return result
}

func repr(_ s: Ref) throws(PyError) -> Owned {
  let text = s.chars
  if s.strIsASCII, let plain = try plainRepr(text) { return plain }
  var singles = false
  var doubles = false
  for i in 0..<text.count {
    let c = text[i]
    if c == 39 { singles = true } else if c == 34 { doubles = true }
  }
  let quote: UInt32 = singles && !doubles ? 34 : 39
  var total = 2
  var maxChar: UInt32 = 127
  for i in 0..<text.count {
    let c = text[i]
    let width = reprWidth(c, quote)
    if width == 1 { maxChar |= c }
    let (sum, overflow) = total.addingReportingOverflow(width)
    if overflow { throw overflowError("string is too long to generate repr") }
    total = sum
  }
  let result = try owned(allocateString(total, storageClass(of: maxChar)))
  let data = result.ref.strData
  let kind = result.ref.strKind
  store(quote, data, kind, 0)
  store(quote, data, kind, total &- 1)
  if total == text.count &+ 2 {
    text.copy(to: data + kind, targetWidth: kind)
    return result
  }
  var o = 1
  @inline(__always) func put(_ c: UInt32) {
    store(c, data, kind, o)
    o &+= 1
  }
  for i in 0..<text.count {
    let c = text[i]
    switch reprWidth(c, quote) {
    case 1: put(c)
    case 2:
      put(0x5C)
      put(c == 9 ? 116 : c == 10 ? 110 : c == 13 ? 114 : c)
    case let width:
      put(0x5C)
      put(width == 4 ? 120 : width == 6 ? 117 : 85)
      var shift = UInt32(width &- 2) &* 4
      while shift > 0 {
        shift &-= 4
        put(UInt32(hexDigit(c >> shift)))
      }
    }
  }
  return result
}
