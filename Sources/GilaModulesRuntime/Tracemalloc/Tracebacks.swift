import CGila
import GilaCore
import Glibc

/// The frames that a block was asked for in, innermost first. Equal ones are one object, which lives until the traces
/// are cleared. `frames` follows it in memory.
struct RecordedTraceback {
  struct Frame: Equatable {
    var file: Ref
    var line: Int
  }
  var next: TracebackRef?
  var hash: UInt
  var count: Int
  /// How many frames there were, of which `count` are kept.
  var total: Int
}
typealias TracebackRef = UnsafeMutablePointer<RecordedTraceback>

extension UnsafeMutablePointer where Pointee == RecordedTraceback {
  var frames: UnsafeMutablePointer<RecordedTraceback.Frame> {
    (UnsafeMutableRawPointer(self) + MemoryLayout<RecordedTraceback>.stride)
      .assumingMemoryBound(to: RecordedTraceback.Frame.self)
  }
}

/// All tracebacks in use: chains in a table of libc's memory.
struct Tracebacks {
  private var chains: UnsafeMutablePointer<TracebackRef?>? = nil
  private var mask = 0
  private var count = 0
  private var blocks = 0
  /// Frames of the allocation that is being recorded.
  private var scratch: UnsafeMutablePointer<RecordedTraceback.Frame>? = nil
  private var limit = 0

  var memory: Int {
    (chains == nil ? 0 : (mask + 1) * 8) + blocks + limit * MemoryLayout<RecordedTraceback.Frame>.stride
  }

  mutating func prepare(frames: Int) -> Bool {
    free(scratch)
    scratch = malloc(frames * MemoryLayout<RecordedTraceback.Frame>.stride)?
      .bindMemory(to: RecordedTraceback.Frame.self, capacity: frames)
    limit = scratch == nil ? 0 : frames
    return scratch != nil
  }

  /// Where the calling thread is now. A frame that has not begun yet is no place in the program.
  mutating func current(unknown: Ref) -> TracebackRef? {
    guard let scratch else { return nil }
    var n = 0, total = 0
    var at = gila_ts_or_null()?.pointee.current_frame
    while let f = at {
      at = f.pointee.previous
      guard let code = f.pointee.code, f.pointee.ip != nil,
        PyUnstable_InterpreterFrame_GetLasti(f) >= code.pointee._co_firsttraceable &* 2
      else { continue }
      if n < limit {
        let file = code.pointee.co_filename
        scratch[n] = RecordedTraceback.Frame(
          file: file.flatMap { $0.isUnicode ? $0 : nil } ?? unknown,
          line: max(0, Int(PyUnstable_InterpreterFrame_GetLine(f))))
        n += 1
      }
      total += 1
    }
    if n == 0 {
      scratch[0] = RecordedTraceback.Frame(file: unknown, line: 0)
      n = 1
      total = 1
    }
    return interned(scratch, n, min(total, Tracemalloc.mostFrames))
  }
  private mutating func interned(
    _ frames: UnsafeMutablePointer<RecordedTraceback.Frame>, _ n: Int, _ total: Int
  ) -> TracebackRef? {
    var hash = UInt(bitPattern: total)
    for i in 0..<n {
      hash = (hash ^ UInt(bitPattern: frames[i].file)) &* 0x9e37_79b9_7f4a_7c15
      hash = (hash ^ UInt(bitPattern: frames[i].line) ^ hash >> 29) &* 0xbf58_476d_1ce4_e5b9
    }
    if count >= mask, !grow() { return nil }
    guard let chains else { return nil }
    let slot = Int(truncatingIfNeeded: hash >> 12) & mask
    var at = chains[slot]
    while let t = at {
      if t.pointee.hash == hash && t.pointee.count == n && t.pointee.total == total {
        var i = 0
        while i < n && t.frames[i] == frames[i] { i += 1 }
        if i == n { return t }
      }
      at = t.pointee.next
    }
    let size = MemoryLayout<RecordedTraceback>.stride + n * MemoryLayout<RecordedTraceback.Frame>.stride
    guard let raw = malloc(size) else { return nil }
    let t = raw.bindMemory(to: RecordedTraceback.self, capacity: 1)
    t.initialize(to: RecordedTraceback(next: chains[slot], hash: hash, count: n, total: total))
    t.frames.update(from: frames, count: n)
    for i in 0..<n { gila_incref(frames[i].file) }
    chains[slot] = t
    count += 1
    blocks += size
    return t
  }
  private mutating func grow() -> Bool {
    let old = chains, oldSize = old == nil ? 0 : mask + 1
    let size = max(1024, oldSize * 2)
    guard let raw = malloc(size * 8) else { return false }
    let new = raw.bindMemory(to: TracebackRef?.self, capacity: size)
    new.initialize(repeating: nil, count: size)
    mask = size - 1
    for i in 0..<oldSize {
      var at = old?[i]
      while let t = at {
        at = t.pointee.next
        let slot = Int(truncatingIfNeeded: t.pointee.hash >> 12) & mask
        t.pointee.next = new[slot]
        new[slot] = t
      }
    }
    free(old)
    chains = new
    return true
  }
  /// Forgets them all. The file names go last: that may call back into the allocator.
  mutating func removeAll() {
    let old = chains, oldSize = old == nil ? 0 : mask + 1
    chains = nil
    mask = 0
    count = 0
    blocks = 0
    for i in 0..<oldSize {
      var at = old?[i]
      while let t = at {
        at = t.pointee.next
        for k in 0..<t.pointee.count { gila_decref(t.frames[k].file) }
        free(t)
      }
    }
    free(old)
  }
  mutating func end() {
    removeAll()
    free(scratch)
    scratch = nil
    limit = 0
  }
}
