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
    let size = Self.blockSize
    var at = 0
    // The last block waits: it is compressed as the last one or when more comes.
    if count > size - filled {
      let room = size - filled
      fill(input, room)
      compressBlock(size, last: false)
      filled = 0
      at = room
      while count - at > size {
        compress(UnsafeRawPointer(input + at), size, last: false)
        at += size
      }
    }
    fill(input + at, count - at)
  }
  private mutating func fill(_ input: UnsafePointer<UInt8>, _ n: Int) {
    let start = filled
    block.withUnsafeMutableBytes { b in
      if n > 0, let to = b.baseAddress { (to + start).copyMemory(from: input, byteCount: n) }
    }
    filled += n
  }

  /// The digest of what was added; the value itself stays as it is.
  func digest() -> [UInt8] {
    var copy = self
    for i in filled..<Self.blockSize { copy.block[i] = 0 }
    copy.compressBlock(filled, last: true)
    var out = [UInt8]()
    for word in copy.h { for j in 0..<Self.wordSize { out.append(UInt8(truncatingIfNeeded: word >> W(j * 8))) } }
    return Array(out.prefix(digestSize))
  }

  private mutating func compressBlock(_ bytes: Int, last: Bool) {
    let held = block
    held.withUnsafeBytes { compress($0.baseAddress.unsafelyUnwrapped, bytes, last: last) }
  }

  /// Takes one block of memory in; `bytes` of it count.
  private mutating func compress(_ m: UnsafeRawPointer, _ bytes: Int, last: Bool) {
    let (low, carry) = counter.0.addingReportingOverflow(W(truncatingIfNeeded: bytes))
    counter = (low, counter.1 &+ (carry ? 1 : 0))
    let (low0, high0) = counter
    let isLastNode = isLastNode
    h.withUnsafeMutableBufferPointer { h in
      let h = h.baseAddress.unsafelyUnwrapped
      let r = W.rotations
      @inline(__always) func word(_ i: UInt8) -> W {
        W(littleEndian: m.loadUnaligned(fromByteOffset: Int(i) &* (W.bitWidth / 8), as: W.self))
      }
      @inline(__always) func rotate(_ x: W, _ n: W) -> W {
        (x &>> n) | (x &<< (W(truncatingIfNeeded: W.bitWidth) &- n))
      }
      @inline(__always) func mix(_ a: inout W, _ b: inout W, _ c: inout W, _ d: inout W, _ x: W, _ y: W) {
        a = a &+ b &+ x
        d = rotate(d ^ a, r.0)
        c = c &+ d
        b = rotate(b ^ c, r.1)
        a = a &+ b &+ y
        d = rotate(d ^ a, r.2)
        c = c &+ d
        b = rotate(b ^ c, r.3)
      }
      var (v0, v1, v2, v3) = (h[0], h[1], h[2], h[3])
      var (v4, v5, v6, v7) = (h[4], h[5], h[6], h[7])
      let initial = W.initial
      var (v8, v9, v10, v11) = (initial[0], initial[1], initial[2], initial[3])
      var (v12, v13, v14, v15) = (initial[4] ^ low0, initial[5] ^ high0, initial[6], initial[7])
      if last {
        v14 = ~v14
        if isLastNode { v15 = ~v15 }
      }
      @inline(__always) func round(
        _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, _ f: UInt8, _ g: UInt8, _ h: UInt8,
        _ i: UInt8, _ j: UInt8, _ k: UInt8, _ l: UInt8, _ m: UInt8, _ n: UInt8, _ o: UInt8, _ p: UInt8
      ) {
        mix(&v0, &v4, &v8, &v12, word(a), word(b))
        mix(&v1, &v5, &v9, &v13, word(c), word(d))
        mix(&v2, &v6, &v10, &v14, word(e), word(f))
        mix(&v3, &v7, &v11, &v15, word(g), word(h))
        mix(&v0, &v5, &v10, &v15, word(i), word(j))
        mix(&v1, &v6, &v11, &v12, word(k), word(l))
        mix(&v2, &v7, &v8, &v13, word(m), word(n))
        mix(&v3, &v4, &v9, &v14, word(o), word(p))
      }
      // The order of message words in each round, written out so that every address is known.
      round(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
      round(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
      round(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4)
      round(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8)
      round(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13)
      round(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9)
      round(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11)
      round(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10)
      round(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5)
      round(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0)
      if W.rounds > 10 {
        round(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        round(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
      }
      h[0] ^= v0 ^ v8
      h[1] ^= v1 ^ v9
      h[2] ^= v2 ^ v10
      h[3] ^= v3 ^ v11
      h[4] ^= v4 ^ v12
      h[5] ^= v5 ^ v13
      h[6] ^= v6 ^ v14
      h[7] ^= v7 ^ v15
    }
  }
}
