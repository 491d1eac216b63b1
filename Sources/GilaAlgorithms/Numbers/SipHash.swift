// SipHash-1-3, the keyed hash of str and bytes.

/// SipHash with one compression round and three finalization rounds.
public enum SipHash {
  /// The 64-bit hash of bytes under a 128-bit key.
  public static func hash13(_ bytes: UnsafeRawPointer, _ count: Int, _ k0: UInt64, _ k1: UInt64) -> UInt64 {
    var v0 = k0 ^ 0x736f_6d65_7073_6575
    var v1 = k1 ^ 0x646f_7261_6e64_6f6d
    var v2 = k0 ^ 0x6c79_6765_6e65_7261
    var v3 = k1 ^ 0x7465_6462_7974_6573
    var at = 0
    while at &+ 8 <= count {
      let m = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      v3 ^= m
      round(&v0, &v1, &v2, &v3)
      v0 ^= m
      at &+= 8
    }
    var last = UInt64(truncatingIfNeeded: count) &<< 56
    var shift: UInt64 = 0
    while at < count {
      last |= UInt64(bytes.load(fromByteOffset: at, as: UInt8.self)) &<< shift
      shift &+= 8
      at &+= 1
    }
    v3 ^= last
    round(&v0, &v1, &v2, &v3)
    v0 ^= last
    v2 ^= 0xff
    round(&v0, &v1, &v2, &v3)
    round(&v0, &v1, &v2, &v3)
    round(&v0, &v1, &v2, &v3)
    return (v0 ^ v1) ^ (v2 ^ v3)
  }

  @inline(__always)
  private static func round(_ v0: inout UInt64, _ v1: inout UInt64, _ v2: inout UInt64, _ v3: inout UInt64) {
    v0 = v0 &+ v1
    v1 = rotate(v1, 13) ^ v0
    v0 = rotate(v0, 32)
    v2 = v2 &+ v3
    v3 = rotate(v3, 16) ^ v2
    v0 = v0 &+ v3
    v3 = rotate(v3, 21) ^ v0
    v2 = v2 &+ v1
    v1 = rotate(v1, 17) ^ v2
    v2 = rotate(v2, 32)
  }

  @inline(__always)
  private static func rotate(_ x: UInt64, _ n: UInt64) -> UInt64 { x &<< n | x &>> (64 &- n) }

  /// The hash as an object hash: never -1, and 0 for no bytes.
  public static func objectHash(_ bytes: UnsafeRawPointer, _ count: Int, _ k0: UInt64, _ k1: UInt64) -> Int {
    if count == 0 { return 0 }
    let h = Int(bitPattern: UInt(hash13(bytes, count, k0, k1)))
    return h == -1 ? -2 : h
  }

  /// The key that PYTHONHASHSEED=seed stands for: a linear congruential generator's bytes; 0 disables randomization.
  public static func key(seed: UInt32) -> (k0: UInt64, k1: UInt64) {
    if seed == 0 { return (0, 0) }
    var x = seed
    var words: (UInt64, UInt64) = (0, 0)
    for i in 0..<16 {
      x = x &* 214013 &+ 2_531_011
      let byte = UInt64((x >> 16) & 0xff) &<< UInt64(i % 8 &* 8)
      if i < 8 { words.0 |= byte } else { words.1 |= byte }
    }
    return (words.0, words.1)
  }
}
