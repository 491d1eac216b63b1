import CGila
import Glibc

/// The key table of a dict, seen through its head: an open-addressed index table over entries in insertion order.
/// Shared by the dict type and by the eval loop's caches; layout in `gila/state.h`.
@frozen public struct DictKeys: Equatable {
  public typealias Head = UnsafeMutablePointer<_dictkeysobject>
  public let head: Head
  @inlinable @inline(__always) public init(_ h: Head) { head = h }

  public static var headSize: Int { @inlinable @inline(__always) get { 24 } }
  public static var emptySlot: Int { @inlinable @inline(__always) get { -1 } }
  public static var deletedSlot: Int { @inlinable @inline(__always) get { -2 } }

  @inlinable @inline(__always) public var mask: UInt { (1 &<< UInt(head.pointee.log2_size)) &- 1 }
  @inlinable @inline(__always) public var isUnicode: Bool { head.pointee.kind == 0 }
  @inlinable @inline(__always) public var count: Int { head.pointee.nentries }
  @inlinable @inline(__always) var indices: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(head) + DictKeys.headSize
  }
  /// The first entry.
  @inlinable @inline(__always) public var entries: UnsafeMutableRawPointer {
    indices + (1 &<< Int(head.pointee.log2_index_bytes))
  }
  @inlinable @inline(__always) public var entrySize: Int { head.pointee.kind == 0 ? 16 : 24 }
  /// Key slot of entry `i`; the value follows it.
  @inlinable @inline(__always) public func key(_ i: Int) -> UnsafeMutablePointer<Ref?> {
    let at = head.pointee.kind == 0 ? entries + i &* 16 : entries + i &* 24 + 8
    return at.assumingMemoryBound(to: Ref?.self)
  }
  @inlinable @inline(__always) public func value(_ i: Int) -> UnsafeMutablePointer<Ref?> { key(i) + 1 }
  /// The hash stored with entry `i`.
  @inlinable @inline(__always) public func hash(_ i: Int) -> Int {
    if head.pointee.kind == 0 {
      return key(i).pointee.unsafelyUnwrapped.cast(PyASCIIObject.self).pointee.hash
    }
    return (entries + i &* 24).load(as: Int.self)
  }

  @inlinable @inline(__always) public func index(at slot: UInt) -> Int {
    let n = head.pointee.log2_size
    let i = Int(bitPattern: slot)
    if n < 8 { return Int(indices.load(fromByteOffset: i, as: Int8.self)) }
    if n < 16 { return Int(indices.load(fromByteOffset: i &* 2, as: Int16.self)) }
    return Int(indices.load(fromByteOffset: i &* 4, as: Int32.self))
  }
  @inlinable @inline(__always) public func setIndex(at slot: UInt, _ value: Int) {
    let n = head.pointee.log2_size
    let i = Int(bitPattern: slot)
    if n < 8 {
      indices.storeBytes(of: Int8(truncatingIfNeeded: value), toByteOffset: i, as: Int8.self)
    } else if n < 16 {
      indices.storeBytes(of: Int16(truncatingIfNeeded: value), toByteOffset: i &* 2, as: Int16.self)
    } else {
      indices.storeBytes(of: Int32(truncatingIfNeeded: value), toByteOffset: i &* 4, as: Int32.self)
    }
  }

  /// The entry with an exact-str key, in a table of such keys; -1 if there is none. Cannot fail.
  @inlinable public func find(unicode name: Ref, _ hash: Int) -> Int {
    let m = mask
    var perturb = UInt(bitPattern: hash)
    var slot = perturb & m
    while true {
      let i = index(at: slot)
      if i >= 0 {
        let k = key(i).pointee.unsafelyUnwrapped
        if k == name { return i }
        if k.cast(PyASCIIObject.self).pointee.hash == hash && sameText(k, name) { return i }
      } else if i == DictKeys.emptySlot {
        return -1
      }
      perturb &>>= 5
      slot = (slot &* 5 &+ perturb &+ 1) & m
    }
  }
}

/// Whether two str objects hold the same characters. Canonical form makes kinds comparable.
@inlinable public func sameText(_ a: Ref, _ b: Ref) -> Bool {
  let x = a.cast(PyASCIIObject.self), y = b.cast(PyASCIIObject.self)
  let n = x.pointee.length
  if n != y.pointee.length { return false }
  let kindMask: UInt32 = 0x7C & ~0x20  // kind and ascii bits
  let s = gila_unicode_state(a), t = gila_unicode_state(b)
  if (s ^ t) & kindMask != 0 { return false }
  return memcmp(unicodeData(a, s), unicodeData(b, t), n &* Int((s &>> 2) & 7)) == 0
}
/// The characters of a str.
@inlinable @inline(__always) public func unicodeData(_ r: Ref, _ state: UInt32) -> UnsafeMutableRawPointer {
  if state & 0x20 == 0 { return (r.raw + 56).load(as: UnsafeMutableRawPointer.self) }
  return state & 0x40 != 0 ? r.raw + 40 : r.raw + 56
}
/// The hash of an exact str, computed once.
@inlinable @inline(__always) public func unicodeHash(_ r: Ref) -> Int {
  let h = r.cast(PyASCIIObject.self).pointee.hash
  return h != -1 ? h : PyObject_Hash(r)
}
