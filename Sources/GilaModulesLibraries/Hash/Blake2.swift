// BLAKE2 (RFC 7693) with all of its parameters; OpenSSL has no salt, person and tree.

/// What differs between BLAKE2b (64-bit words) and BLAKE2s (32-bit words).
protocol Blake2Word: FixedWidthInteger, UnsignedInteger {
  static var rounds: Int { get }
  static var rotations: (Self, Self, Self, Self) { get }
  static var initial: [Self] { get }
}
extension UInt64: Blake2Word {
  static let rounds = 12
  static let rotations: (UInt64, UInt64, UInt64, UInt64) = (32, 24, 16, 63)
  static let initial: [UInt64] = [
    0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
  ]
}
extension UInt32: Blake2Word {
  static let rounds = 10
  static let rotations: (UInt32, UInt32, UInt32, UInt32) = (16, 12, 8, 7)
  static let initial: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
}

/// The order of message words in each round.
private let order: [UInt8] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
  7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
  9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
  2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
  12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
  13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
  6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
  10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
]

struct Blake2<W: Blake2Word> {
  private static var wordSize: Int { W.bitWidth / 8 }
  static var blockSize: Int { wordSize * 16 }

  let digestSize: Int
  private let isLastNode: Bool
  private var h: [W]
  /// Bytes compressed, low and high word.
  private var counter: (W, W) = (0, 0)
  private var block: [UInt8]
  private var filled = 0

  /// `parameters` is the parameter block: eight words.
  init(parameters: [UInt8], digestSize: Int, lastNode: Bool, key: [UInt8]) {
    self.digestSize = digestSize
    isLastNode = lastNode
    h = W.initial
    block = [UInt8](repeating: 0, count: Self.blockSize)
    for i in 0..<8 {
      var word: W = 0
      for j in 0..<Self.wordSize { word |= W(parameters[i * Self.wordSize + j]) << W(j * 8) }
      h[i] ^= word
    }
    if !key.isEmpty {
      for (i, byte) in key.enumerated() { block[i] = byte }
      filled = Self.blockSize
    }
  }

  mutating func update(_ input: UnsafePointer<UInt8>, _ count: Int) {
    var at = 0
    while at < count {
      // The last block waits: it is compressed as the last one or when more comes.
      if filled == Self.blockSize {
        compress(Self.blockSize, last: false)
        filled = 0
      }
      let n = min(Self.blockSize - filled, count - at)
      for i in 0..<n { block[filled + i] = input[at + i] }
      filled += n
      at += n
    }
  }

  /// The digest of what was added; the value itself stays as it is.
  func digest() -> [UInt8] {
    var copy = self
    for i in filled..<Self.blockSize { copy.block[i] = 0 }
    copy.compress(filled, last: true)
    var out = [UInt8]()
    for word in copy.h { for j in 0..<Self.wordSize { out.append(UInt8(truncatingIfNeeded: word >> W(j * 8))) } }
    return Array(out.prefix(digestSize))
  }

  private mutating func compress(_ bytes: Int, last: Bool) {
    let (low, carry) = counter.0.addingReportingOverflow(W(bytes))
    counter = (low, counter.1 &+ (carry ? 1 : 0))
    withUnsafeTemporaryAllocation(of: W.self, capacity: 32) { memory in
      let m = memory.baseAddress.unsafelyUnwrapped
      let v = m + 16
      for i in 0..<16 {
        var word: W = 0
        for j in 0..<Self.wordSize { word |= W(block[i &* Self.wordSize &+ j]) << W(j &* 8) }
        m[i] = word
      }
      for i in 0..<8 {
        v[i] = h[i]
        v[i + 8] = W.initial[i]
      }
      v[12] ^= counter.0
      v[13] ^= counter.1
      if last {
        v[14] = ~v[14]
        if isLastNode { v[15] = ~v[15] }
      }
      let r = W.rotations
      @inline(__always) func rotate(_ x: W, _ n: W) -> W { (x &>> n) | (x &<< (W(W.bitWidth) &- n)) }
      @inline(__always) func mix(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: W, _ y: W) {
        v[a] = v[a] &+ v[b] &+ x
        v[d] = rotate(v[d] ^ v[a], r.0)
        v[c] = v[c] &+ v[d]
        v[b] = rotate(v[b] ^ v[c], r.1)
        v[a] = v[a] &+ v[b] &+ y
        v[d] = rotate(v[d] ^ v[a], r.2)
        v[c] = v[c] &+ v[d]
        v[b] = rotate(v[b] ^ v[c], r.3)
      }
      order.withUnsafeBufferPointer { order in
        for round in 0..<W.rounds {
          let s = order.baseAddress.unsafelyUnwrapped + (round % 10) &* 16
          mix(0, 4, 8, 12, m[Int(s[0])], m[Int(s[1])])
          mix(1, 5, 9, 13, m[Int(s[2])], m[Int(s[3])])
          mix(2, 6, 10, 14, m[Int(s[4])], m[Int(s[5])])
          mix(3, 7, 11, 15, m[Int(s[6])], m[Int(s[7])])
          mix(0, 5, 10, 15, m[Int(s[8])], m[Int(s[9])])
          mix(1, 6, 11, 12, m[Int(s[10])], m[Int(s[11])])
          mix(2, 7, 8, 13, m[Int(s[12])], m[Int(s[13])])
          mix(3, 4, 9, 14, m[Int(s[14])], m[Int(s[15])])
        }
      }
      for i in 0..<8 { h[i] ^= v[i] ^ v[i + 8] }
    }
  }
}
