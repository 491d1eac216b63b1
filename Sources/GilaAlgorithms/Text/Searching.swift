// Substring search that is fast on ordinary text and never quadratic.
//
// Short needles and short texts use a scan for the needle's last character with a Bloom-like skip (Boyer-Moore-Horspool
// with Sunday's look-ahead, reduced to one 64-bit mask). That is quadratic in bad cases, so the scan counts its wasted
// comparisons, and when they exceed a budget it hands the rest to the two-way algorithm of Crochemore and Perrin,
// which is linear and needs constant space.

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Memory that lives to the end of a scope; `nil` stands for exhausted memory.
struct ScratchMemory: ~Copyable {
  let base: UnsafeMutableRawPointer?
  init(byteCount: Int) { base = malloc(max(byteCount, 1)) }
  deinit { free(base) }
}

extension CharacterData {
  /// Position of the first `needle` whose start is in `0...count - needle.count`, or -1. An empty needle is at 0.
  public func find(_ needle: CharacterData) -> Int {
    search(needle) { $0.first() }
  }

  /// Position of the last `needle`, or -1. An empty needle is at `count`.
  public func findLast(_ needle: CharacterData) -> Int {
    search(needle) { $0.last() }
  }

  /// Number of non-overlapping `needle`s, at most `limit`. An empty needle stands between all characters.
  public func count(of needle: CharacterData, limit: Int = .max) -> Int {
    if needle.count == 0 { return min(count &+ 1, limit) }
    return max(0, search(needle) { $0.count(limit) })
  }

  /// Brings the needle to this text's width and runs `body` on the pair; -1 when the needle cannot occur.
  @inline(__always) private func search(_ needle: CharacterData, _ body: (Pair) -> Int) -> Int {
    if needle.count > count { return -1 }
    if needle.width == width { return body(Pair(text: self, needle: needle)) }
    if needle.width > width {
      // Canonical strings: a wide needle has a wide character. Others may still fit.
      guard orOfAll(needle) < (1 << UInt32(8 &* width)) else { return -1 }
    }
    let scratch = ScratchMemory(byteCount: needle.count &* width)
    guard let memory = scratch.base else { return findSlowly(needle) }
    needle.copy(to: memory, targetWidth: width)
    return body(Pair(text: self, needle: CharacterData(width: width, base: memory, count: needle.count)))
  }

  private func orOfAll(_ data: CharacterData) -> UInt32 {
    var bits: UInt32 = 0
    for i in 0..<data.count { bits |= data[i] }
    return bits
  }

  /// Only for the case that there is no memory for a widened needle.
  private func findSlowly(_ needle: CharacterData) -> Int {
    var i = 0
    while i <= count &- needle.count {
      if matches(needle, at: i) { return i }
      i &+= 1
    }
    return -1
  }

  /// Position of the first `character`, or -1.
  public func find(character: UInt32) -> Int {
    switch width {
    case 1:
      guard character < 256, count > 0, let hit = memchr(base, Int32(character), count) else { return -1 }
      return UnsafeRawPointer(hit) - base
    case 2:
      guard character < 0x10000 else { return -1 }
      return firstIndex(pairs, count, UInt16(character))
    default:
      // Eight at once, as long as none of them is it.
      let wanted = SIMD8<UInt32>(repeating: character)
      var i = 0
      while i &+ 8 <= count {
        if any(base.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<UInt32>.self) .== wanted) { break }
        i &+= 8
      }
      let rest = firstIndex(quads + i, count &- i, character)
      return rest < 0 ? -1 : i &+ rest
    }
  }

  /// Position of the last `character`, or -1.
  public func findLast(character: UInt32) -> Int {
    switch width {
    case 1:
      guard character < 256 else { return -1 }
      return lastIndex(bytes, count, UInt8(character))
    case 2:
      guard character < 0x10000 else { return -1 }
      return lastIndex(pairs, count, UInt16(character))
    default: return lastIndex(quads, count, character)
    }
  }

  /// Number of places where `character` stands, at most `limit`.
  public func count(of character: UInt32, limit: Int = .max) -> Int {
    var total = 0
    switch width {
    case 1:
      guard character < 256 else { return 0 }
      let c = UInt8(character)
      for i in 0..<count where bytes[i] == c { total &+= 1 }
    case 2:
      guard character < 0x10000 else { return 0 }
      let c = UInt16(character)
      for i in 0..<count where pairs[i] == c { total &+= 1 }
    default:
      for i in 0..<count where quads[i] == character { total &+= 1 }
    }
    return min(total, limit)
  }
}

@inline(__always) private func firstIndex<T: FixedWidthInteger>(_ p: UnsafePointer<T>, _ n: Int, _ c: T) -> Int {
  var i = 0
  while i < n {
    if p[i] == c { return i }
    i &+= 1
  }
  return -1
}

@inline(__always) private func lastIndex<T: FixedWidthInteger>(_ p: UnsafePointer<T>, _ n: Int, _ c: T) -> Int {
  var i = n
  while i > 0 {
    i &-= 1
    if p[i] == c { return i }
  }
  return -1
}

/// Text and needle of the same width, needle not longer than text.
private struct Pair {
  let text: CharacterData
  let needle: CharacterData

  func first() -> Int {
    if needle.count == 0 { return 0 }
    if needle.count == 1 { return text.find(character: needle[0]) }
    switch text.width {
    case 1: return Finder(text.bytes, text.count, needle.bytes, needle.count).first(from: 0)
    case 2: return Finder(text.pairs, text.count, needle.pairs, needle.count).first(from: 0)
    default: return Finder(text.quads, text.count, needle.quads, needle.count).first(from: 0)
    }
  }

  func last() -> Int {
    if needle.count == 0 { return text.count }
    if needle.count == 1 { return text.findLast(character: needle[0]) }
    switch text.width {
    case 1: return Finder(text.bytes, text.count, needle.bytes, needle.count).last()
    case 2: return Finder(text.pairs, text.count, needle.pairs, needle.count).last()
    default: return Finder(text.quads, text.count, needle.quads, needle.count).last()
    }
  }

  func count(_ limit: Int) -> Int {
    if needle.count == 1 { return text.count(of: needle[0], limit: limit) }
    switch text.width {
    case 1: return Finder(text.bytes, text.count, needle.bytes, needle.count).count(limit)
    case 2: return Finder(text.pairs, text.count, needle.pairs, needle.count).count(limit)
    default: return Finder(text.quads, text.count, needle.quads, needle.count).count(limit)
    }
  }
}

/// The searcher for a needle of at least two characters.
private struct Finder<T: FixedWidthInteger & UnsignedInteger> {
  let text: UnsafePointer<T>
  let n: Int
  let needle: UnsafePointer<T>
  let m: Int
  var mask: UInt64 = 0
  /// How far the needle may move when its last character matched but the rest did not.
  var gap: Int

  @inline(__always) init(_ text: UnsafePointer<T>, _ n: Int, _ needle: UnsafePointer<T>, _ m: Int) {
    self.text = text
    self.n = n
    self.needle = needle
    self.m = m
    gap = m &- 1
    let lastCharacter = needle[m &- 1]
    for i in 0..<(m &- 1) {
      mask |= Self.bit(needle[i])
      if needle[i] == lastCharacter { gap = m &- 2 &- i }
    }
    mask |= Self.bit(lastCharacter)
  }

  @inline(__always) static func bit(_ c: T) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: c) }

  @inline(__always) func first(from start: Int) -> Int {
    var i = start
    let w = n &- m
    let tail = m &- 1
    let lastCharacter = needle[tail]
    var waste = 0
    let budget = 2000 &+ (n &- start) &* 2
    while i <= w {
      if text[i &+ tail] == lastCharacter {
        var j = 0
        while j < tail, text[i &+ j] == needle[j] { j &+= 1 }
        if j == tail { return i }
        waste &+= j
        if waste > budget { return TwoWay(Run(base: needle, step: 1), m).first(Run(base: text, step: 1), n, from: i) }
        if i < w, mask & Self.bit(text[i &+ m]) == 0 { i &+= m } else { i &+= gap }
      } else if i < w, mask & Self.bit(text[i &+ m]) == 0 {
        i &+= m
      }
      i &+= 1
    }
    return -1
  }

  func count(_ limit: Int) -> Int {
    var total = 0
    var i = 0
    while total < limit {
      let hit = first(from: i)
      if hit < 0 { break }
      total &+= 1
      i = hit &+ m
    }
    return total
  }

  func last() -> Int {
    var i = n &- m
    let head = needle[0]
    var waste = 0
    let budget = 2000 &+ n &* 2
    while i >= 0 {
      if text[i] == head {
        var j = m &- 1
        while j > 0, text[i &+ j] == needle[j] { j &-= 1 }
        if j == 0 { return i }
        waste &+= m &- j
        if waste > budget { return lastLinear(upTo: i &+ m) }
      }
      if i > 0, mask & Self.bit(text[i &- 1]) == 0 { i &-= m }
      i &-= 1
    }
    return -1
  }

  /// The same search on text and needle read backwards.
  private func lastLinear(upTo end: Int) -> Int {
    let searcher = TwoWay(Run(base: needle + (m &- 1), step: -1), m)
    let hit = searcher.first(Run(base: text + (end &- 1), step: -1), end, from: 0)
    return hit < 0 ? -1 : end &- m &- hit
  }
}

/// Characters read forwards (step 1) or backwards (step -1).
private struct Run<T: FixedWidthInteger & UnsignedInteger> {
  let base: UnsafePointer<T>
  let step: Int
  @inline(__always) subscript(i: Int) -> T { base[i &* step] }
}

/// Two-way string matching: linear time, constant space.
private struct TwoWay<T: FixedWidthInteger & UnsignedInteger> {
  let needle: Run<T>
  let m: Int
  let cut: Int
  let period: Int
  let isPeriodic: Bool

  init(_ needle: Run<T>, _ m: Int) {
    self.needle = needle
    self.m = m
    let (a, p) = TwoWay.maximalSuffix(needle, m, reversed: false)
    let (b, q) = TwoWay.maximalSuffix(needle, m, reversed: true)
    let (cut, period) = a > b ? (a, p) : (b, q)
    var periodic = true
    var i = 0
    while i < cut {
      // The left part must repeat with the period for the fast, memorising variant.
      if i &+ period >= m || needle[i] != needle[i &+ period] {
        periodic = false
        break
      }
      i &+= 1
    }
    self.cut = cut
    self.isPeriodic = periodic
    self.period = periodic ? period : max(cut, m &- cut) &+ 1
  }

  /// Start of the maximal suffix in the usual (or reversed) order, and its period.
  private static func maximalSuffix(_ x: Run<T>, _ m: Int, reversed: Bool) -> (Int, Int) {
    var suffix = 0
    var candidate = 1
    var k = 0
    var period = 1
    while candidate &+ k < m {
      let a = x[candidate &+ k]
      let b = x[suffix &+ k]
      if reversed ? a > b : a < b {
        candidate &+= k &+ 1
        k = 0
        period = candidate &- suffix
      } else if a == b {
        if k &+ 1 == period {
          candidate &+= period
          k = 0
        } else {
          k &+= 1
        }
      } else {
        suffix = candidate
        candidate &+= 1
        k = 0
        period = 1
      }
    }
    return (suffix, period)
  }

  func first(_ text: Run<T>, _ n: Int, from start: Int) -> Int {
    var i = start
    var memory = 0
    while i &+ m <= n {
      var j = max(cut, memory)
      while j < m, needle[j] == text[i &+ j] { j &+= 1 }
      if j < m {
        i &+= j &- cut &+ 1
        memory = 0
        continue
      }
      j = cut
      while j > memory, needle[j &- 1] == text[i &+ j &- 1] { j &-= 1 }
      if j <= memory { return i }
      i &+= period
      memory = isPeriodic ? m &- period : 0
    }
    return -1
  }
}
