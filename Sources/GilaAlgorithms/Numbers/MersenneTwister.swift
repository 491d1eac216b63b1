// MT19937, the generator behind the random module.

/// The Mersenne Twister on memory of the caller: 624 state words followed by the index word.
public struct MersenneTwister {
  /// Words of state.
  public static let stateSize = 624
  /// 624 words of state and the index.
  public let words: UnsafeMutablePointer<UInt32>

  /// A generator over 625 words.
  public init(words: UnsafeMutablePointer<UInt32>) { self.words = words }

  /// The position in the state; 624 when the next number needs a new block.
  public var index: Int {
    get { Int(words[Self.stateSize]) }
    nonmutating set { words[Self.stateSize] = UInt32(truncatingIfNeeded: newValue) }
  }

  /// Seeds with one word.
  public func seed(_ s: UInt32) {
    words[0] = s
    for i in 1..<Self.stateSize {
      let previous = words[i &- 1]
      words[i] = 1_812_433_253 &* (previous ^ (previous >> 30)) &+ UInt32(truncatingIfNeeded: i)
    }
    index = Self.stateSize
  }

  /// Seeds with an array of words.
  public func seed(_ key: UnsafePointer<UInt32>, _ count: Int) {
    seed(19_650_218)
    let n = Self.stateSize
    var (i, j) = (1, 0)
    for _ in 0..<max(n, count) {
      let previous = words[i &- 1]
      words[i] =
        (words[i] ^ ((previous ^ (previous >> 30)) &* 1_664_525)) &+ key[j] &+ UInt32(truncatingIfNeeded: j)
      i &+= 1
      j &+= 1
      if i >= n {
        words[0] = words[n &- 1]
        i = 1
      }
      if j >= count { j = 0 }
    }
    for _ in 1..<n {
      let previous = words[i &- 1]
      words[i] = (words[i] ^ ((previous ^ (previous >> 30)) &* 1_566_083_941)) &- UInt32(truncatingIfNeeded: i)
      i &+= 1
      if i >= n {
        words[0] = words[n &- 1]
        i = 1
      }
    }
    words[0] = 0x8000_0000
  }

  /// The next 32 random bits.
  public func next() -> UInt32 {
    if index >= Self.stateSize { generate() }
    var y = words[index]
    index = index &+ 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9d2c_5680
    y ^= (y << 15) & 0xefc6_0000
    y ^= y >> 18
    return y
  }

  /// A double in [0, 1) with 53 random bits.
  public func nextDouble() -> Double {
    let a = next() >> 5
    let b = next() >> 6
    return (Double(a) * 67_108_864.0 + Double(b)) * (1.0 / 9_007_199_254_740_992.0)
  }

  private func generate() {
    let (n, m) = (Self.stateSize, 397)
    func mixed(_ high: UInt32, _ low: UInt32) -> UInt32 {
      let y = (high & 0x8000_0000) | (low & 0x7fff_ffff)
      return (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_b0df)
    }
    for k in 0..<(n &- m) { words[k] = words[k &+ m] ^ mixed(words[k], words[k &+ 1]) }
    for k in (n &- m)..<(n &- 1) { words[k] = words[k &+ m &- n] ^ mixed(words[k], words[k &+ 1]) }
    words[n &- 1] = words[m &- 1] ^ mixed(words[n &- 1], words[0])
    index = 0
  }
}
