// Growing memory that decoders and encoders write to. Exhausted memory does not trap: the buffer notes it and drops
// what follows, and the caller looks at `isExhausted` once, at the end.

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A growing run of code points, four bytes each.
public struct CodePointBuffer: ~Copyable {
  /// The code points; nil while there are none.
  public private(set) var base: UnsafeMutablePointer<UInt32>?
  /// How many there are.
  public private(set) var count = 0
  private var capacity = 0
  /// True when memory ran out; the content is then incomplete.
  public private(set) var isExhausted = false

  /// An empty buffer with room for `capacity` code points.
  public init(capacity: Int = 0) { if capacity > 0 { grow(capacity) } }

  deinit { free(base) }

  private mutating func grow(_ needed: Int) {
    let (doubled, over) = max(needed, 16).addingReportingOverflow(capacity / 2)
    let (size, over2) = doubled.multipliedReportingOverflow(by: 4)
    guard !over, !over2, let p = realloc(base, size) else {
      isExhausted = true
      return
    }
    base = p.assumingMemoryBound(to: UInt32.self)
    capacity = doubled
  }

  /// Makes room for `extra` more code points.
  public mutating func reserve(_ extra: Int) {
    if extra > capacity &- count { grow(count &+ extra) }
  }

  /// Adds what `body` writes to memory with room for `room` code points; it says how many. Writes nothing without memory.
  @inline(__always) mutating func write(room: Int, _ body: (UnsafeMutablePointer<UInt32>) -> Int) {
    reserve(room)
    guard room > 0, !isExhausted, let base else { return }
    count &+= body(base + count)
  }

  /// Adds a code point.
  @inline(__always) public mutating func append(_ c: UInt32) {
    if count == capacity {
      grow(count &+ 1)
      if isExhausted { return }
    }
    base.unsafelyUnwrapped[count] = c
    count &+= 1
  }

  /// Adds characters.
  public mutating func append(_ data: CharacterData) {
    reserve(data.count)
    if isExhausted || data.count == 0 { return }
    data.copy(to: UnsafeMutableRawPointer(base.unsafelyUnwrapped + count), targetWidth: 4)
    count &+= data.count
  }

  /// Drops all code points after the first `length`.
  public mutating func truncate(_ length: Int) { count = min(count, length) }

  /// The content, borrowed.
  public var data: CharacterData {
    CharacterData(width: 4, base: base.map { UnsafeRawPointer($0) } ?? UnsafeRawPointer(bitPattern: 8)!, count: count)
  }
}

/// A growing run of bytes.
public struct ByteBuffer: ~Copyable {
  /// The bytes; nil while there are none.
  public private(set) var base: UnsafeMutablePointer<UInt8>?
  /// How many there are.
  public private(set) var count = 0
  private var capacity = 0
  /// True when memory ran out; the content is then incomplete.
  public private(set) var isExhausted = false

  /// An empty buffer with room for `capacity` bytes.
  public init(capacity: Int = 0) { if capacity > 0 { grow(capacity) } }

  deinit { free(base) }

  private mutating func grow(_ needed: Int) {
    let (size, over) = max(needed, 32).addingReportingOverflow(capacity / 2)
    guard !over, let p = realloc(base, size) else {
      isExhausted = true
      return
    }
    base = p.assumingMemoryBound(to: UInt8.self)
    capacity = size
  }

  /// Makes room for `extra` more bytes.
  public mutating func reserve(_ extra: Int) {
    if extra > capacity &- count { grow(count &+ extra) }
  }

  /// Adds what `body` writes to memory with room for `room` bytes; it says how many. Writes nothing without memory.
  @inline(__always) mutating func write(room: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
    reserve(room)
    guard room > 0, !isExhausted, let base else { return }
    count &+= body(base + count)
  }

  /// Adds a byte.
  @inline(__always) public mutating func append(_ byte: UInt8) {
    if count == capacity {
      grow(count &+ 1)
      if isExhausted { return }
    }
    base.unsafelyUnwrapped[count] = byte
    count &+= 1
  }

  /// Adds the low 8 bits of `value`.
  @inline(__always) mutating func append(low value: UInt32) { append(UInt8(truncatingIfNeeded: value)) }

  /// Adds bytes.
  public mutating func append(_ p: UnsafeRawPointer, _ n: Int) {
    reserve(n)
    if isExhausted || n == 0 { return }
    UnsafeMutableRawPointer(base.unsafelyUnwrapped + count).copyMemory(from: p, byteCount: n)
    count &+= n
  }

  /// Adds the text of a literal.
  public mutating func append(_ text: StaticString) { append(text.utf8Start, text.utf8CodeUnitCount) }

  /// Drops all bytes after the first `length`.
  public mutating func truncate(_ length: Int) { count = min(count, length) }
}
