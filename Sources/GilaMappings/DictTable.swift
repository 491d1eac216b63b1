import CGila
import GilaCore
import Glibc

/// Making, growing and freeing key tables.
enum DictTable {
  static let maxLog2: UInt8 = 40

  @inline(__always) static func usable(_ log2: UInt8) -> Int { ((1 << Int(log2)) << 1) / 3 }
  private static func indexBytesLog2(_ log2: UInt8) -> UInt8 {
    if log2 < 8 { return max(log2, 3) }
    if log2 < 16 { return log2 + 1 }
    return log2 + 2
  }
  /// The smallest table that holds `n` entries.
  static func log2(holding n: Int) -> UInt8 {
    var log2: UInt8 = 3
    while usable(log2) < n && log2 < maxLog2 { log2 += 1 }
    return log2
  }

  static func make(_ log2: UInt8, kind: UInt8) throws(PyError) -> DictKeys {
    if log2 >= 31 { throw memoryError() }
    let indexLog2 = indexBytesLog2(log2)
    let room = usable(log2)
    let size = DictKeys.headSize + (1 << Int(indexLog2)) + room * (kind == 0 ? 16 : 24)
    guard let memory = SmallBlocks.allocate(size) else { throw memoryError() }
    let head = memory.assumingMemoryBound(to: _dictkeysobject.self)
    head.initialize(
      to: _dictkeysobject(
        log2_size: log2, log2_index_bytes: indexLog2, kind: kind, shared: 0, version: 0, usable: room, nentries: 0))
    memset(memory + DictKeys.headSize, 0xff, 1 << Int(indexLog2))
    return DictKeys(head)
  }
  @inline(__always) static func free(_ keys: DictKeys) {
    if keys.head != gila_empty_keys_head() { SmallBlocks.free(UnsafeMutableRawPointer(keys.head)) }
  }

  /// A free slot of the index table for a hash that is not in it.
  @inline(__always) static func freeSlot(_ keys: DictKeys, _ hash: Int) -> UInt {
    let mask = keys.mask
    var perturb = UInt(bitPattern: hash)
    var slot = perturb & mask
    while keys.index(at: slot) >= 0 {
      perturb &>>= 5
      slot = (slot &* 5 &+ perturb &+ 1) & mask
    }
    return slot
  }

  /// Moves the live entries of `d` to a new table.
  static func resize(_ d: Ref, _ log2: UInt8, kind: UInt8) throws(PyError) {
    let object = d.cast(PyDictObject.self)
    let old = DictKeys(object.pointee.ma_keys)
    let new = try make(log2, kind: kind)
    var n = 0
    let oldSize = old.entrySize, newSize = new.entrySize
    var from = old.entries, to = new.entries
    for i in 0..<old.count {
      let k = old.key(i)
      if k.pointee != nil {
        let h = old.hash(i)
        if kind == 0 {
          to.copyMemory(from: UnsafeRawPointer(k), byteCount: 16)
        } else {
          to.storeBytes(of: h, as: Int.self)
          (to + 8).copyMemory(from: UnsafeRawPointer(k), byteCount: 16)
        }
        new.setIndex(at: freeSlot(new, h), n)
        n += 1
        to += newSize
      }
      from += oldSize
    }
    new.head.pointee.nentries = n
    new.head.pointee.usable -= n
    object.pointee.ma_keys = new.head
    free(old)
  }
}
