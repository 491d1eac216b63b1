// The state of an mmap object, and what can be done with its memory.

import CGila
import CGilaSystem
import GilaCore
import Glibc

/// What a map may be used for.
enum MapAccess: Int { case standard, read, write, copy }

/// The words of an mmap object behind its head.
struct MemoryMap {
  let r: Ref
  /// nil when closed.
  var start: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?> { r.word(0, UnsafeMutablePointer<UInt8>?.self) }
  var size: UnsafeMutablePointer<Int> { r.word(1, Int.self) }
  var position: UnsafeMutablePointer<Int> { r.word(2, Int.self) }
  var offset: UnsafeMutablePointer<Int> { r.word(3, Int.self) }
  /// How many buffers of others refer to the memory.
  var exports: UnsafeMutablePointer<Int> { r.word(4, Int.self) }
  var descriptor: UnsafeMutablePointer<Int> { r.word(5, Int.self) }
  var accessWord: UnsafeMutablePointer<Int> { r.word(6, Int.self) }
  var weakReferences: UnsafeMutablePointer<Ref?> { r.word(7, Ref?.self) }
  /// Whether the map keeps a descriptor of its own of the file.
  var tracks: UnsafeMutablePointer<Int> { r.word(8, Int.self) }
  static let words = 9
  static let weakOffset = 16 + 7 * 8

  var access: MapAccess { MapAccess(rawValue: accessWord.pointee) ?? .standard }

  /// The memory; ValueError when closed.
  func memory() throws(PyError) -> UnsafeMutablePointer<UInt8> {
    guard let p = start.pointee else { throw valueError("mmap closed or invalid") }
    return p
  }
  func checkWritable() throws(PyError) {
    if access == .read { throw typeError("mmap can't modify a readonly memory map.") }
  }
  func checkResizable() throws(PyError) {
    if exports.pointee > 0 { throw raise(Exc.BufferError, "mmap can't resize with extant buffers exported.") }
    if tracks.pointee == 0 { throw valueError("mmap can't resize with trackfd=False.") }
    if access != .write, access != .standard {
      throw typeError("mmap can't resize a readonly or copy-on-write memory map.")
    }
  }

  func release() {
    let fd = Int32(truncatingIfNeeded: descriptor.pointee)
    descriptor.pointee = -1
    let (p, n) = (start.pointee, size.pointee)
    start.pointee = nil
    if fd < 0, p == nil { return }
    releasingLock("munmap") {
      if fd >= 0 { _ = close(fd) }
      if let p { munmap(p, n) }
    }
  }

  // MARK: reading and writing

  func read(_ count: Int?) throws(PyError) -> Owned {
    let p = try memory()
    let rest = max(0, size.pointee - position.pointee)
    let n = min(rest, count.map { $0 < 0 ? rest : $0 } ?? rest)
    let result = try bytes(p + position.pointee, n)
    position.pointee += n
    return result
  }
  func bytes(_ p: UnsafeMutablePointer<UInt8>, _ n: Int) throws(PyError) -> Owned {
    try owned(PyBytes_FromStringAndSize(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n))
  }
  func readLine() throws(PyError) -> Owned {
    let p = try memory()
    let rest = size.pointee - position.pointee
    if rest <= 0 { return try owned(PyBytes_FromStringAndSize("", 0)) }
    var n = rest
    if let end = memchr(p + position.pointee, 10, rest) {
      n = (end - UnsafeMutableRawPointer(p + position.pointee)) + 1
    }
    return try read(n)
  }
  func write(_ data: Ref) throws(PyError) -> Owned {
    _ = try memory()
    let buffer = try Buffer(data)
    try checkWritable()
    let p = try memory()
    if position.pointee > size.pointee || size.pointee - position.pointee < buffer.count {
      throw valueError("data out of range")
    }
    if let source = buffer.start { memmove(p + position.pointee, source, buffer.count) }
    position.pointee += buffer.count
    return try int(buffer.count)
  }

  func find(_ data: Ref, _ from: Ref?, _ to: Ref?, backwards: Bool) throws(PyError) -> Owned {
    _ = try memory()
    let buffer = try Buffer(data)
    var low = from == nil ? position.pointee : try cSize(from!)
    var high = to == nil ? size.pointee : try cSize(to!)
    let p = try memory()
    let n = size.pointee
    func clamp(_ i: Int) -> Int { i < 0 ? max(0, i &+ n) : min(i, n) }
    low = clamp(low)
    high = clamp(high)
    let count = buffer.count
    if low > high || high - low < count { return try int(-1) }
    guard let wanted = buffer.start, count > 0 else { return try int(backwards ? high : low) }
    var i = backwards ? high - count : low
    while i >= low, i <= high - count {
      if memcmp(p + i, wanted, count) == 0 { return try int(i) }
      i += backwards ? -1 : 1
    }
    return try int(-1)
  }

  func seek(_ distance: Int, _ whence: Int32) throws(PyError) -> Owned {
    _ = try memory()
    let base: Int
    switch whence {
    case 0: base = 0
    case 1: base = position.pointee
    case 2: base = size.pointee
    default: throw valueError("unknown seek type")
    }
    let (target, overflow) = base.addingReportingOverflow(distance)
    if overflow || target < 0 || target > size.pointee { throw valueError("seek out of range") }
    position.pointee = target
    return try int(target)
  }

  func move(_ target: Int, _ source: Int, _ count: Int) throws(PyError) {
    let p = try memory()
    try checkWritable()
    let n = size.pointee
    if target < 0 || source < 0 || count < 0 || n < target || n - target < count || n < source || n - source < count {
      throw valueError("source, destination, or count out of range")
    }
    memmove(p + target, p + source, count)
  }

  func flush(_ from: Int, _ count: Int) throws(PyError) {
    let p = try memory()
    if from < 0 || count < 0 || size.pointee - from < count { throw valueError("flush values out of range") }
    if access == .read || access == .copy { return }
    try checkSystem(releasingLock("msync") { msync(p + from, count, Int32(MS_SYNC)) })
  }

  func advise(_ option: Int32, _ from: Int, _ count: Int?) throws(PyError) {
    let p = try memory()
    var length = count ?? size.pointee
    if from < 0 || from >= size.pointee { throw valueError("madvise start out of bounds") }
    if length < 0 { throw valueError("madvise length invalid") }
    if Int.max - from < length { throw overflowError("madvise length too large") }
    length = min(length, size.pointee - from)
    try checkSystem(madvise(p + from, length, option))
  }

  func resize(_ newSize: Int) throws(PyError) {
    let p = try memory()
    try checkResizable()
    if newSize < 0 || Int.max - newSize < offset.pointee { throw valueError("new size out of range") }
    let fd = Int32(truncatingIfNeeded: descriptor.pointee)
    if fd != -1 { try checkSystem(ftruncate(fd, off_t(offset.pointee + newSize))) }
    guard let moved = gila_mremap(p, size.pointee, newSize) else { throw systemFailure() }
    start.pointee = moved.assumingMemoryBound(to: UInt8.self)
    size.pointee = newSize
  }

  /// The size of the file; OSError when there is none.
  func fileSize() throws(PyError) -> Owned {
    _ = try memory()
    var s = stat()
    let fd = Int32(truncatingIfNeeded: descriptor.pointee)
    try checkSystem(releasingLock("fstat") { fstat(fd, &s) })
    return try int(s.st_size)
  }
}
