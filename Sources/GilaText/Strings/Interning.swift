// The interned strings of an interpreter: a set of borrowed references with open addressing. A mortal interned str
// takes itself out when it dies, so the table keeps nothing alive.

import CGila
import GilaAlgorithms
import GilaCore

/// Head of the table; `PyInterpreterState.interned` points to it. Capacity is a power of two.
private struct InternTable {
  var slots: UnsafeMutablePointer<Entry>
  var capacity: Int
  /// Entries and deleted entries.
  var filled: Int
  var live: Int
}

/// A str's address, and in the 16 bits that addresses leave free the top of its hash: another str is told by the entry
/// alone, without a look at its memory. 0 is a free entry.
private struct Entry: Equatable {
  private let bits: UInt
  private static var address: UInt { (1 << 48) - 1 }
  init(_ s: Ref, _ hash: Int) { bits = UInt(bitPattern: s) | Entry.tag(hash) }
  private init(bits: UInt) { self.bits = bits }
  static var free: Entry { Entry(bits: 0) }
  /// Never an object, since it is not aligned.
  static var deleted: Entry { Entry(bits: 1) }
  static func tag(_ hash: Int) -> UInt { UInt(bitPattern: hash) & ~address }
  var tag: UInt { bits & ~Entry.address }
  /// The str of an entry that is neither free nor deleted.
  var str: Ref { Ref(bitPattern: bits & Entry.address).unsafelyUnwrapped }
}

private func table() -> UnsafeMutablePointer<InternTable>? {
  let interpreter = currentInterpreter.owner
  if let p = interpreter.pointee.interned {
    return UnsafeMutableRawPointer(p).assumingMemoryBound(to: InternTable.self)
  }
  let capacity = 4096
  guard let head = PyMem_RawMalloc(MemoryLayout<InternTable>.size),
    let memory = PyMem_RawCalloc(capacity, 8)
  else { return nil }
  let t = head.assumingMemoryBound(to: InternTable.self)
  t.initialize(
    to: InternTable(slots: memory.assumingMemoryBound(to: Entry.self), capacity: capacity, filled: 0, live: 0))
  interpreter.pointee.interned = head.assumingMemoryBound(to: PyObject.self)
  return t
}

/// The slot of an equal str, or the free slot where it belongs.
private func find(_ t: UnsafeMutablePointer<InternTable>, _ s: Ref, _ hash: Int) -> UnsafeMutablePointer<Entry> {
  let mask = t.pointee.capacity &- 1
  let tag = Entry.tag(hash)
  var i = hash & mask
  var free: UnsafeMutablePointer<Entry>? = nil
  while t.pointee.slots[i] != .free {
    let entry = t.pointee.slots[i]
    if entry == .deleted {
      if free == nil { free = t.pointee.slots + i }
    } else if entry.tag == tag {
      let known = entry.str
      if known == s || (known.strHash == hash && known.chars.equals(s.chars)) { return t.pointee.slots + i }
    }
    i = (i &+ 1) & mask
  }
  return free ?? t.pointee.slots + i
}

private func grow(_ t: UnsafeMutablePointer<InternTable>) -> Bool {
  let capacity = t.pointee.live &* 4 > t.pointee.capacity ? t.pointee.capacity &* 2 : t.pointee.capacity
  guard let memory = PyMem_RawCalloc(capacity, 8) else { return false }
  let old = t.pointee
  t.pointee.slots = memory.assumingMemoryBound(to: Entry.self)
  t.pointee.capacity = capacity
  t.pointee.filled = old.live
  for i in 0..<old.capacity {
    let entry = old.slots[i]
    if entry == .free || entry == .deleted { continue }
    var j = entry.str.strHash & (capacity &- 1)
    while t.pointee.slots[j] != .free { j = (j &+ 1) & (capacity &- 1) }
    t.pointee.slots[j] = entry
  }
  PyMem_RawFree(old.slots)
  return true
}

private func intern(_ place: UnsafeMutablePointer<Ref?>, immortal: Bool) {
  guard let s = place.pointee, s.isExactly(Types.unicode) else { return }
  let state = s.strState & StringState.internedMask
  if state != 0 {
    if immortal, state == StringState.mortalInterned { makeImmortal(s) }
    return
  }
  if s.strLength <= 1 {
    // Short ones have a singleton.
    let single: Ref? = s.strLength == 0 ? gila_empty_str() : s.chars[0] < 256 ? gila_latin1(s.chars[0]) : nil
    if let single {
      place.pointee = single
      decref(s)
      return
    }
  }
  guard let t = table() else { return }
  let hash = stringHash(s)
  let slot = find(t, s, hash)
  if slot.pointee != .free && slot.pointee != .deleted {
    let known = slot.pointee.str
    place.pointee = newRef(known)
    decref(s)
    if immortal { makeImmortal(known) }
    return
  }
  if slot.pointee == .free { t.pointee.filled &+= 1 }
  t.pointee.live &+= 1
  slot.pointee = Entry(s, hash)
  s.strState |= StringState.mortalInterned
  if immortal { makeImmortal(s) }
  if t.pointee.filled &* 3 > t.pointee.capacity &* 2, !grow(t), t.pointee.filled &+ 1 >= t.pointee.capacity {
    // No memory to grow: give the last place back, since a search needs a free slot to end.
    s.strState &= ~StringState.internedMask
    slot.pointee = .deleted
  }
}

private func makeImmortal(_ s: Ref) {
  if s.strState & StringState.internedMask == StringState.mortalInterned {
    s.strState = s.strState & ~StringState.internedMask | StringState.immortalInterned
    gila_set_immortal(s)
  }
}

/// Takes a dying str out of the table.
func forgetInterned(_ s: Ref) {
  guard let t = table() else { return }
  let mask = t.pointee.capacity &- 1
  let entry = Entry(s, s.strHash)
  var i = s.strHash & mask
  while t.pointee.slots[i] != .free {
    if t.pointee.slots[i] == entry {
      t.pointee.slots[i] = .deleted
      t.pointee.live &-= 1
      return
    }
    i = (i &+ 1) & mask
  }
}

@c @implementation public func PyUnicode_InternInPlace(_ place: UnsafeMutablePointer<Ref?>!) {
  intern(place, immortal: false)
}

@c @implementation public func PyUnicode_InternFromString(_ text: UnsafePointer<CChar>!) -> Ref? {
  var s = PyUnicode_FromString(text)
  if s != nil { intern(&s, immortal: false) }
  return s
}

@c @implementation public func gila_intern(_ text: UnsafePointer<CChar>!) -> Ref? {
  var s = PyUnicode_FromString(text)
  if s != nil { intern(&s, immortal: true) }
  return s
}

@c @implementation public func gila_interned_count() -> Int { table()?.pointee.live ?? 0 }
