import CGila
import Glibc

// PyMem_* and PyObject_* share the small-block heap; PyMem_Raw* is libc and needs no lock.

@c @implementation public func PyObject_Malloc(_ n: Int) -> UnsafeMutableRawPointer? { SmallBlocks.allocate(n) }
@c @implementation public func PyObject_Calloc(_ n: Int, _ size: Int) -> UnsafeMutableRawPointer? {
  let (total, overflow) = n.multipliedReportingOverflow(by: size)
  guard !overflow, total >= 0, let p = SmallBlocks.allocate(total) else { return nil }
  memset(p, 0, total)
  return p
}
@c @implementation public func PyObject_Realloc(_ p: UnsafeMutableRawPointer!, _ n: Int) -> UnsafeMutableRawPointer? {
  guard let p else { return SmallBlocks.allocate(n) }
  return SmallBlocks.reallocate(p, n)
}
@c @implementation public func PyObject_Free(_ p: UnsafeMutableRawPointer!) { if let p { SmallBlocks.free(p) } }

@c @implementation public func PyMem_Malloc(_ n: Int) -> UnsafeMutableRawPointer? {
  n < 0 ? nil : SmallBlocks.allocate(n)
}
@c @implementation public func PyMem_Calloc(_ n: Int, _ size: Int) -> UnsafeMutableRawPointer? {
  PyObject_Calloc(n, size)
}
@c @implementation public func PyMem_Realloc(_ p: UnsafeMutableRawPointer!, _ n: Int) -> UnsafeMutableRawPointer? {
  PyObject_Realloc(p, n)
}
@c @implementation public func PyMem_Free(_ p: UnsafeMutableRawPointer!) { if let p { SmallBlocks.free(p) } }

@c @implementation public func PyMem_RawMalloc(_ n: Int) -> UnsafeMutableRawPointer? {
  if n < 0 { return nil }
  return gila_memory_is_traced() == 0 ? malloc(max(n, 1)) : MemoryTracing.allocate(n)
}
@c @implementation public func PyMem_RawCalloc(_ n: Int, _ size: Int) -> UnsafeMutableRawPointer? {
  gila_memory_is_traced() == 0 ? calloc(max(n, 1), max(size, 1)) : MemoryTracing.allocateZeroed(n, size)
}
@c @implementation public func PyMem_RawRealloc(_ p: UnsafeMutableRawPointer!, _ n: Int) -> UnsafeMutableRawPointer? {
  if gila_memory_is_traced() == 0 { return realloc(p, max(n, 1)) }
  guard let p else { return MemoryTracing.allocate(n) }
  return MemoryTracing.reallocate(p, n)
}
@c @implementation public func PyMem_RawFree(_ p: UnsafeMutableRawPointer!) {
  if gila_memory_is_traced() != 0, let p { gila_trace_forget(p) }
  free(p)
}
