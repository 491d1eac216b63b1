import CGila
import GilaCore
import Glibc

/// The per-thread stack of frames: chunks of raw memory, each linked to the one before. A frame is pushed by moving
/// `datastack_top`; Python calls never recurse on the native stack.
enum DataStack {
  static let chunkBytes = 16 * 1024
  static let chunkHead = 24

  /// Room for `words` pointers, or nil with MemoryError.
  @inline(__always) static func push(_ ts: ThreadRef, _ words: Int) -> UnsafeMutableRawPointer? {
    if let top = ts.pointee.datastack_top {
      let room = UnsafeMutableRawPointer(ts.pointee.datastack_limit) - UnsafeMutableRawPointer(top)
      if room > words &* 8 {
        ts.pointee.datastack_top = top + words
        return UnsafeMutableRawPointer(top)
      }
    }
    return grow(ts, words)
  }
  @inline(never) private static func grow(_ ts: ThreadRef, _ words: Int) -> UnsafeMutableRawPointer? {
    var bytes = chunkBytes
    while bytes < words * 8 + 1024 { bytes *= 2 }
    guard let memory = malloc(bytes) else {
      _ = memoryError()
      return nil
    }
    let chunk = memory.assumingMemoryBound(to: _PyStackChunk.self)
    let old = ts.pointee.datastack_chunk
    if let old, let top = ts.pointee.datastack_top {
      old.pointee.top = (UnsafeRawPointer(top) - UnsafeRawPointer(old)) / 8
    }
    chunk.pointee.previous = old
    chunk.pointee.size = bytes
    chunk.pointee.top = 0
    ts.pointee.datastack_chunk = chunk
    let data = (memory + chunkHead).assumingMemoryBound(to: Ref?.self)
    ts.pointee.datastack_limit = (memory + bytes).assumingMemoryBound(to: Ref?.self)
    ts.pointee.datastack_top = data + words
    return UnsafeMutableRawPointer(data)
  }
  /// Gives back what was pushed at `at` and everything above it.
  @inline(__always) static func pop(_ ts: ThreadRef, _ at: UnsafeMutableRawPointer) {
    if at == UnsafeMutableRawPointer(ts.pointee.datastack_chunk) + chunkHead {
      shrink(ts, at)
    } else {
      ts.pointee.datastack_top = at.assumingMemoryBound(to: Ref?.self)
    }
  }
  @inline(never) private static func shrink(_ ts: ThreadRef, _ at: UnsafeMutableRawPointer) {
    let chunk = ts.pointee.datastack_chunk!
    guard let previous = chunk.pointee.previous else {
      ts.pointee.datastack_top = at.assumingMemoryBound(to: Ref?.self)
      return
    }
    ts.pointee.datastack_chunk = previous
    let base = UnsafeMutableRawPointer(previous)
    ts.pointee.datastack_top = base.assumingMemoryBound(to: Ref?.self) + previous.pointee.top
    ts.pointee.datastack_limit = (base + previous.pointee.size).assumingMemoryBound(to: Ref?.self)
    free(chunk)
  }
  /// Frees all chunks of a thread that has ended.
  static func free(_ ts: ThreadRef) {
    var chunk = ts.pointee.datastack_chunk
    ts.pointee.datastack_chunk = nil
    ts.pointee.datastack_top = nil
    ts.pointee.datastack_limit = nil
    while let c = chunk {
      chunk = c.pointee.previous
      Glibc.free(c)
    }
  }
  private static func free(_ c: UnsafeMutablePointer<_PyStackChunk>) { Glibc.free(c) }
}
@c @implementation public func gila_thread_free_stack(_ ts: ThreadRef!) { DataStack.free(ts) }
