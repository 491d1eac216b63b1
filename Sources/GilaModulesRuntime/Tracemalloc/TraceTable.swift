import CGila
import Glibc

/// The traces of one domain by address: open addressing in raw memory of libc, because the allocator that it watches
/// calls it.
struct TraceTable {
  struct Entry {
    var address: UInt
    var size: Int
    var traceback: TracebackRef
  }
  private var slots: UnsafeMutablePointer<Entry?>? = nil
  private var mask = 0
  private(set) var count = 0

  /// Bytes that the table takes.
  var memory: Int { slots == nil ? 0 : (mask + 1) * MemoryLayout<Entry?>.stride }

  private func home(_ address: UInt) -> Int {
    Int(truncatingIfNeeded: ((address >> 4) &* 0x9e37_79b9_7f4a_7c15) >> 20) & mask
  }
  private func find(_ address: UInt) -> Int? {
    guard let slots else { return nil }
    var i = home(address)
    while let e = slots[i] {
      if e.address == address { return i }
      i = (i + 1) & mask
    }
    return nil
  }
  func get(_ address: UInt) -> Entry? { find(address).flatMap { slots?[$0] } }

  /// Records an entry; false if there is no memory for it. The address must not be there yet.
  mutating func add(_ entry: Entry) -> Bool {
    if slots == nil || count * 5 > mask * 3, !grow() { return false }
    guard let slots else { return false }
    var i = home(entry.address)
    while slots[i] != nil { i = (i + 1) & mask }
    slots[i] = entry
    count += 1
    return true
  }
  mutating func remove(_ address: UInt) -> Entry? {
    guard var hole = find(address), let slots else { return nil }
    let old = slots[hole]
    // Entries behind move up unless that would put them before their home.
    var i = (hole + 1) & mask
    while let e = slots[i] {
      if (i &- home(e.address)) & mask >= (i &- hole) & mask {
        slots[hole] = e
        hole = i
      }
      i = (i + 1) & mask
    }
    slots[hole] = nil
    count -= 1
    return old
  }
  private mutating func grow() -> Bool {
    let old = slots, oldCount = old == nil ? 0 : mask + 1
    let size = max(1024, oldCount * 2)
    guard let raw = malloc(size * MemoryLayout<Entry?>.stride) else { return false }
    let new = raw.bindMemory(to: Entry?.self, capacity: size)
    new.initialize(repeating: nil, count: size)
    slots = new
    mask = size - 1
    count = 0
    for i in 0..<oldCount { if let e = old?[i] { _ = add(e) } }
    free(old)
    return true
  }
  /// A copy of the entries in memory of libc, which the caller frees.
  func copy() -> UnsafeMutableBufferPointer<Entry>? {
    guard let raw = malloc(max(count, 1) * MemoryLayout<Entry>.stride) else { return nil }
    let out = raw.bindMemory(to: Entry.self, capacity: max(count, 1))
    var n = 0
    if let slots {
      for i in 0...mask {
        if let e = slots[i] {
          (out + n).initialize(to: e)
          n += 1
        }
      }
    }
    return UnsafeMutableBufferPointer(start: out, count: n)
  }
  mutating func removeAll() {
    free(slots)
    slots = nil
    mask = 0
    count = 0
  }
}
