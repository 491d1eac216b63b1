#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Source text as the tokenizer wants it: UTF-8, lines that end with a single line feed, a zero byte after the end.
public final class SourceText {
  public let base: UnsafeMutablePointer<UInt8>
  public let count: Int

  /// Copies `bytes`, turning the other line ends into line feeds. With `endsWithNewline` a missing last one is added
  /// (a module is made of whole lines; an expression or an interactive statement may end without).
  public init(_ bytes: UnsafeBufferPointer<UInt8>, endsWithNewline: Bool, keepsCarriageReturns: Bool = false) {
    let capacity = bytes.count + 2
    base = .allocate(capacity: capacity)
    var length = bytes.count
    if let source = bytes.baseAddress, length > 0 {
      if keepsCarriageReturns || memchr(source, 13, length) == nil {
        base.update(from: source, count: length)
      } else {
        length = Self.translate(bytes, into: base)
      }
    }
    if endsWithNewline, length > 0, base[length - 1] != 10 {
      base[length] = 10
      length += 1
    }
    base[length] = 0
    count = length
  }

  deinit { base.deallocate() }

  public var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  var containsNullByte: Bool { memchr(base, 0, count) != nil }

  private static func translate(_ bytes: UnsafeBufferPointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) -> Int {
    var length = 0
    var index = 0
    while index < bytes.count {
      var byte = bytes[index]
      index += 1
      if byte == 13 {
        byte = 10
        if index < bytes.count, bytes[index] == 10 { index += 1 }
      }
      target[length] = byte
      length += 1
    }
    return length
  }

  /// The line with the given number (from 1), without its line feed; the last one if there are not so many.
  func line(_ number: Int) -> [UInt8] {
    var start = 0
    var left = number - 1
    while left > 0, let feed = memchr(base + start, 10, count - start) {
      let next = UnsafeRawPointer(feed) - UnsafeRawPointer(base) + 1
      if next > count { break }
      start = next
      left -= 1
    }
    return lineBytes(at: start)
  }

  /// The bytes from `start` to the next line feed.
  func lineBytes(at start: Int) -> [UInt8] {
    var end = start
    while end < count, base[end] != 10 { end += 1 }
    return Array(UnsafeBufferPointer(start: base + start, count: end - start))
  }
}
