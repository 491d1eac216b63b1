import CGila
import Glibc

/// Blocks of libc while allocations are traced: each is recorded with the place in the program that asked for it.
enum MemoryTracing {
  static func allocate(_ size: Int) -> UnsafeMutableRawPointer? { recorded(malloc(max(size, 1)), size) }
  static func allocateZeroed(_ n: Int, _ size: Int) -> UnsafeMutableRawPointer? {
    recorded(calloc(max(n, 1), max(size, 1)), n &* size)
  }
  static func reallocate(_ block: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer? {
    guard let new = realloc(block, max(size, 1)) else { return nil }
    // The block is no longer the caller's to keep: a trace that finds no room is left out.
    if new != block { gila_trace_forget(block) }
    _ = gila_trace_block(new, size)
    return new
  }
  private static func recorded(_ block: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer? {
    guard let block else { return nil }
    if gila_trace_block(block, size) == 0 { return block }
    free(block)
    return nil
  }
}
