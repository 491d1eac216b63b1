import CGila
import GilaCore
import Glibc

/// Records who asked for the memory that is in use, for `tracemalloc`. Whoever calls holds the lock.
///
/// While it is off the allocator does not know of it; to turn it on, the pools of small blocks are put aside, so that
/// every call takes the allocator's slow way, which reports here (GilaCore/Memory/SmallBlocks.swift).
public enum Tracemalloc {
  public static let mostFrames = 65535

  nonisolated(unsafe) static var isTracing = false
  nonisolated(unsafe) static var limit = 1
  nonisolated(unsafe) static var tracebacks = Tracebacks()
  /// Domain 0, that of objects and `PyMem_*`, and those that extensions report.
  nonisolated(unsafe) static var blocks = TraceTable()
  nonisolated(unsafe) static var others: [UInt32: TraceTable] = [:]
  nonisolated(unsafe) static var size = 0
  nonisolated(unsafe) static var peak = 0
  /// What reads the traces is not recorded itself.
  nonisolated(unsafe) static var isPaused = false
  nonisolated(unsafe) private static let unknown = gila_intern("<unknown>") ?? none

  /// Begins to trace; false if there is no memory. Nothing changes if it goes on already.
  @discardableResult public static func start(frames: Int) -> Bool {
    if isTracing { return true }
    _ = unknown
    guard tracebacks.prepare(frames: frames) else { return false }
    limit = frames
    isTracing = true
    SmallBlocks.setTraced(true)
    return true
  }
  public static func stop() {
    if !isTracing { return }
    isTracing = false
    SmallBlocks.setTraced(false)
    clear()
    tracebacks.end()
  }
  static func clear() {
    blocks.removeAll()
    for domain in others.keys { others[domain]?.removeAll() }
    others = [:]
    size = 0
    peak = 0
    tracebacks.removeAll()
  }
  static var memory: Int { tracebacks.memory + blocks.memory + others.values.reduce(0) { $0 + $1.memory } }

  // MARK: Blocks

  static func record(_ domain: UInt32, _ address: UInt, _ n: Int) -> Bool {
    forget(domain, address)
    guard let t = tracebacks.current(unknown: unknown) else { return false }
    let entry = TraceTable.Entry(address: address, size: n, traceback: t)
    if !(domain == 0 ? blocks.add(entry) : others[domain, default: TraceTable()].add(entry)) { return false }
    size = size &+ n
    if size > peak { peak = size }
    return true
  }
  static func forget(_ domain: UInt32, _ address: UInt) {
    let old = domain == 0 ? blocks.remove(address) : others[domain]?.remove(address)
    if let old { size = size &- old.size }
  }
  static func traceback(_ domain: UInt32, _ address: UInt) -> TracebackRef? {
    (domain == 0 ? blocks.get(address) : others[domain]?.get(address))?.traceback
  }

  /// Calls `body` with the lock held, whether the calling thread has it or not.
  static func locked(_ body: () -> Void) {
    if gila_ts_or_null() != nil { return body() }
    let state = PyGILState_Ensure()
    body()
    PyGILState_Release(state)
  }
}

@c @implementation public func gila_trace_block(_ block: UnsafeMutableRawPointer!, _ size: Int) -> Int32 {
  var good = true
  Tracemalloc.locked {
    if !Tracemalloc.isTracing || Tracemalloc.isPaused { return }
    good = Tracemalloc.record(0, UInt(bitPattern: block), size)
  }
  return good ? 0 : -1
}
@c @implementation public func gila_trace_forget(_ block: UnsafeMutableRawPointer!) {
  Tracemalloc.locked {
    if Tracemalloc.isTracing { Tracemalloc.forget(0, UInt(bitPattern: block)) }
  }
}
@c @implementation public func PyTraceMalloc_Track(_ domain: UInt32, _ address: UInt, _ size: Int) -> Int32 {
  if !Tracemalloc.isTracing { return -2 }
  var result: Int32 = -2
  Tracemalloc.locked {
    if Tracemalloc.isTracing { result = Tracemalloc.record(domain, address, size) ? 0 : -1 }
  }
  return result
}
@c @implementation public func PyTraceMalloc_Untrack(_ domain: UInt32, _ address: UInt) -> Int32 {
  if !Tracemalloc.isTracing { return -2 }
  Tracemalloc.locked { Tracemalloc.forget(domain, address) }
  return 0
}
