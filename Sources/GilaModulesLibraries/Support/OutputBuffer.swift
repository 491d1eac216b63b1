// Memory that grows while a library writes into it, up to a limit; in the end a bytes object.

import CGila
import GilaCore
import Glibc

struct OutputBuffer: ~Copyable {
  private var memory: UnsafeMutablePointer<UInt8>?
  private var capacity = 0
  private(set) var count = 0
  /// The most that may be written.
  let limit: Int
  private var next: Int

  /// `limit` below 0 stands for none.
  init(_ initial: Int = 32768, limit: Int = -1) {
    self.limit = limit < 0 ? Int.max : limit
    next = max(initial, 1)
  }
  deinit { free(memory) }

  var isFull: Bool { count >= limit }

  /// Free memory, at least one byte unless the limit is reached.
  mutating func room() throws(PyError) -> UnsafeMutableBufferPointer<UInt8> {
    if memory == nil || (count == capacity && capacity < limit) {
      let (doubled, overflow) = capacity == 0 ? (next, false) : capacity.multipliedReportingOverflow(by: 2)
      if overflow { throw memoryError() }
      let wanted = min(doubled, limit)
      guard let grown = realloc(memory, max(wanted, 1)) else { throw memoryError() }
      memory = grown.assumingMemoryBound(to: UInt8.self)
      capacity = wanted
    }
    return UnsafeMutableBufferPointer(start: memory.map { $0 + count }, count: min(capacity - count, 1 << 30))
  }
  /// The library wrote that many bytes of `room()`.
  mutating func advance(_ n: Int) { count += n }

  func bytes() throws(PyError) -> Owned { try bytesObject(memory, count) }
}
