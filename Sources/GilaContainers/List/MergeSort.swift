// A stable adaptive merge sort (timsort with powersort's merge order) over keys, moving values along.
//
// Natural runs are found, short ones extended by binary insertion, and merged pairwise; a merge gallops when one side
// wins many times in a row. Any comparison may raise: at every moment keys and values are a permutation of the input.

import CGila
import GilaCore
import Glibc

struct MergeSort: ~Copyable {
  let keys: Items
  /// Moved as the keys are; nil when the keys are the items.
  let values: Items?
  let order: Ordering
  /// Whether no other thread may run between two comparisons.
  let isAtomic: Bool

  private var minGallop = 7
  private var pending: [Run] = []
  private var scratchKeys: Items? = nil
  private var scratchValues: Items? = nil
  private var scratchSize = 0
  private var total = 0

  /// A sorted stretch, and the power of its boundary with the next one.
  private struct Run {
    var start: Int
    var count: Int
    var power = 0
  }

  init(keys: Items, values: Items?, order: Ordering, isAtomic: Bool) {
    self.keys = keys
    self.values = values
    self.order = order
    self.isAtomic = isAtomic
  }

  deinit {
    scratchKeys?.deallocate()
    scratchValues?.deallocate()
  }

  mutating func sort(_ n: Int, reverse: Bool) throws(PyError) {
    total = n
    pending.reserveCapacity(85)
    // Reversing before and after keeps equal items in their order.
    if reverse { reverseRange(0, n) }
    defer { if reverse { reverseRange(0, n) } }
    let minimum = MergeSort.minimumRun(n)
    var at = 0
    while at < n {
      var count = try countRun(at, n)
      if count < minimum {
        let wanted = min(minimum, n - at)
        try insertionSort(at, at + wanted, at + count)
        count = wanted
      }
      try pause()
      try foundRun(count)
      pending.append(Run(start: at, count: count))
      at += count
    }
    while pending.count > 1 {
      var i = pending.count - 2
      if i > 0 && pending[i - 1].count < pending[i + 1].count { i -= 1 }
      try mergeAt(i)
    }
  }

  /// A place where other threads may run, if any may.
  @inline(__always) private func pause() throws(PyError) {
    if !isAtomic { try safePoint() }
  }
  /// How many items are merged from one such place to the next, less one.
  private static var stretch: Int { 0xfff }

  // MARK: comparing and moving

  @inline(__always)
  private func less(_ a: Ref?, _ b: Ref?) throws(PyError) -> Bool {
    switch order {
    case .ints: return unsafeBitCast(a, to: Int.self) < unsafeBitCast(b, to: Int.self)
    case .floats: return unsafeBitCast(a, to: Double.self) < unsafeBitCast(b, to: Double.self)
    default: return try lessObject(a.unsafelyUnwrapped, b.unsafelyUnwrapped)
    }
  }
  @inline(__always)
  private func lessObject(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    switch order {
    case .latin: return MergeSort.latinOrder(a, b) < 0
    case .tuples(let first): return try MergeSort.tupleLess(a, b, first)
    case .sameType(let compare):
      guard let r = compare(a, b, Py_LT) else { throw PyError() }
      return try MergeSort.verdict(r, a, b)
    default:
      guard let r = PyObject_RichCompare(a, b, Py_LT) else { throw PyError() }
      return try MergeSort.verdict(r, a, b)
    }
  }

  @inline(__always)
  static func smallInt(_ r: Ref) -> Int {
    let tag = r.raw.load(fromByteOffset: 16, as: UInt.self)
    let low = Int(r.raw.load(fromByteOffset: 24, as: UInt32.self))
    let high = tag >= 16 ? Int(r.raw.load(fromByteOffset: 28, as: UInt32.self)) : 0
    return (1 &- Int(bitPattern: tag & 3)) &* (low | high &<< 30)
  }

  /// The first eight bytes of a text as a number of the same order, zeros where it is shorter.
  @inline(__always)
  static func prefix(_ s: Ref) -> Int {
    let text = UnsafeRawPointer(s.raw + (gila_unicode_state(s) & 0x40 != 0 ? 40 : 56))
    let n = s.cast(PyASCIIObject.self).pointee.length
    var word: UInt64 = 0
    if n >= 8 {
      word = text.loadUnaligned(as: UInt64.self).bigEndian
    } else {
      var i = 0
      while i < n {
        word |= UInt64(text.load(fromByteOffset: i, as: UInt8.self)) &<< UInt64(56 &- 8 &* i)
        i &+= 1
      }
    }
    return Int(truncatingIfNeeded: word ^ 0x8000_0000_0000_0000)
  }

  /// Below zero, zero or above.
  private static func latinOrder(_ a: Ref, _ b: Ref) -> Int {
    func text(_ s: Ref) -> UnsafeRawPointer { UnsafeRawPointer(s.raw + (gila_unicode_state(s) & 0x40 != 0 ? 40 : 56)) }
    let na = a.cast(PyASCIIObject.self).pointee.length
    let nb = b.cast(PyASCIIObject.self).pointee.length
    let r = memcmp(text(a), text(b), min(na, nb))
    return r != 0 ? Int(r) : na &- nb
  }

  /// Tuples are ordered by the first items that differ.
  private static func tupleLess(_ a: Ref, _ b: Ref, _ first: Ordering.First) throws(PyError) -> Bool {
    let (p, q) = (a.tupleItems, b.tupleItems)
    let (x, y) = (p[0].unsafelyUnwrapped, q[0].unsafelyUnwrapped)
    if x != y {
      switch first {
      case .ints:
        let (v, w) = (smallInt(x), smallInt(y))
        if v != w { return v < w }
      case .floats:
        let v = x.raw.load(fromByteOffset: 16, as: Double.self)
        let w = y.raw.load(fromByteOffset: 16, as: Double.self)
        if v != w { return v < w }
      case .latin:
        let r = latinOrder(x, y)
        if r != 0 { return r < 0 }
      }
    }
    let n = min(a.size, b.size)
    var i = 1
    while i < n {
      let (x, y) = (p[i].unsafelyUnwrapped, q[i].unsafelyUnwrapped)
      if x != y, !(try equal(x, y)) {
        guard let r = PyObject_RichCompare(x, y, Py_LT) else { throw PyError() }
        defer { decref(r) }
        return try truth(r)
      }
      i &+= 1
    }
    return a.size < b.size
  }

  private static func verdict(_ r: Ref, _ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    if r == pyTrue { return true }
    if r == pyFalse { return false }
    if r == notImplemented {
      // The type's own comparison declined; ask the long way, which also words the error.
      guard let again = PyObject_RichCompare(a, b, Py_LT) else { throw PyError() }
      defer { decref(again) }
      return try truth(again)
    }
    defer { decref(r) }
    return try truth(r)
  }

  @inline(__always)
  private func move(_ from: Int, _ to: Int, _ n: Int) {
    memmove(keys + to, keys + from, n &* 8)
    if let values { memmove(values + to, values + from, n &* 8) }
  }
  @inline(__always)
  private func copy(_ from: Int, _ to: Int) {
    keys[to] = keys[from]
    if let values { values[to] = values[from] }
  }
  private func reverseRange(_ low: Int, _ high: Int) {
    var (i, j) = (low, high &- 1)
    while i < j {
      (keys[i], keys[j]) = (keys[j], keys[i])
      if let values { (values[i], values[j]) = (values[j], values[i]) }
      i &+= 1
      j &-= 1
    }
  }

  // MARK: runs

  private static func minimumRun(_ n0: Int) -> Int {
    var (n, r) = (n0, 0)
    while n >= 64 {
      r |= n & 1
      n >>= 1
    }
    return n + r
  }

  /// The length of the run at `low`; a strictly falling one is turned round.
  private func countRun(_ low: Int, _ high: Int) throws(PyError) -> Int {
    if low + 1 == high { return 1 }
    var i = low + 2
    if try less(keys[low + 1], keys[low]) {
      while i < high, try less(keys[i], keys[i - 1]) { i += 1 }
      reverseRange(low, i)
    } else {
      while i < high, !(try less(keys[i], keys[i - 1])) { i += 1 }
    }
    return i - low
  }

  /// Sorts [low, high) of which [low, start) is sorted already.
  private func insertionSort(_ low: Int, _ high: Int, _ start: Int) throws(PyError) {
    var at = start
    while at < high {
      var (l, r) = (low, at)
      let pivot = keys[at]
      while l < r {
        let middle = (l &+ r) >> 1
        if try less(pivot, keys[middle]) { r = middle } else { l = middle &+ 1 }
      }
      let value = values?[at]
      move(l, l + 1, at - l)
      keys[l] = pivot
      if let values { values[l] = value.unsafelyUnwrapped }
      at += 1
    }
  }

  /// Before a new run of a length is pushed: merge runs whose boundary lies deeper in the tree of an ideal merge order.
  private mutating func foundRun(_ count: Int) throws(PyError) {
    guard let last = pending.last else { return }
    let power = MergeSort.power(last.start, last.count, count, total)
    while pending.count > 1 && pending[pending.count - 2].power > power { try mergeAt(pending.count - 2) }
    pending[pending.count - 1].power = power
  }

  /// The depth of the boundary between two neighbouring runs: the first bit in which their midpoints (as fractions of
  /// n) differ.
  private static func power(_ start: Int, _ n1: Int, _ n2: Int, _ n: Int) -> Int {
    var a = 2 &* start &+ n1
    var b = a &+ n1 &+ n2
    var result = 0
    while true {
      result &+= 1
      if a >= n {
        a &-= n
        b &-= n
      } else if b >= n {
        return result
      }
      a &<<= 1
      b &<<= 1
    }
  }

  // MARK: merging

  private mutating func mergeAt(_ i: Int) throws(PyError) {
    var (startA, countA) = (pending[i].start, pending[i].count)
    let startB = pending[i + 1].start
    var countB = pending[i + 1].count
    pending[i].count = countA + countB
    pending.remove(at: i + 1)
    // What is already in place at both ends need not move.
    let skip = try gallopRight(keys[startB], keys + startA, countA, 0)
    startA += skip
    countA -= skip
    if countA == 0 { return }
    countB = try gallopLeft(keys[startA + countA - 1], keys + startB, countB, countB - 1)
    if countB == 0 { return }
    if countA <= countB {
      try mergeLow(startA, countA, startB, countB)
    } else {
      try mergeHigh(startA, countA, startB, countB)
    }
  }

  private mutating func reserve(_ n: Int) {
    if n <= scratchSize { return }
    scratchKeys?.deallocate()
    scratchValues?.deallocate()
    scratchKeys = .allocate(capacity: n)
    scratchValues = values == nil ? nil : .allocate(capacity: n)
    scratchSize = n
  }

  /// The leftmost place for a key in a sorted vector, starting the search at `hint`.
  private func gallopLeft(_ key: Ref?, _ a: Items, _ n: Int, _ hint: Int) throws(PyError) -> Int {
    var last = 0
    var offset = 1
    if try less(a[hint], key) {
      let most = n - hint
      while offset < most, try less(a[hint + offset], key) {
        last = offset
        offset = (offset &<< 1) &+ 1
      }
      offset = min(offset, most)
      last += hint
      offset += hint
    } else {
      let most = hint + 1
      while offset < most, !(try less(a[hint - offset], key)) {
        last = offset
        offset = (offset &<< 1) &+ 1
      }
      offset = min(offset, most)
      (last, offset) = (hint - offset, hint - last)
    }
    last += 1
    while last < offset {
      let middle = last + ((offset - last) >> 1)
      if try less(a[middle], key) { last = middle + 1 } else { offset = middle }
    }
    return offset
  }

  /// The rightmost place for a key in a sorted vector, starting the search at `hint`.
  private func gallopRight(_ key: Ref?, _ a: Items, _ n: Int, _ hint: Int) throws(PyError) -> Int {
    var last = 0
    var offset = 1
    if try less(key, a[hint]) {
      let most = hint + 1
      while offset < most, try less(key, a[hint - offset]) {
        last = offset
        offset = (offset &<< 1) &+ 1
      }
      offset = min(offset, most)
      (last, offset) = (hint - offset, hint - last)
    } else {
      let most = n - hint
      while offset < most, !(try less(key, a[hint + offset])) {
        last = offset
        offset = (offset &<< 1) &+ 1
      }
      offset = min(offset, most)
      last += hint
      offset += hint
    }
    last += 1
    while last < offset {
      let middle = last + ((offset - last) >> 1)
      if try less(key, a[middle]) { offset = middle } else { last = middle + 1 }
    }
    return offset
  }

  /// Merges with the left run in scratch memory, from the left.
  private mutating func mergeLow(_ startA: Int, _ countA: Int, _ startB: Int, _ countB: Int) throws(PyError) {
    reserve(countA)
    let (tk, tv) = (scratchKeys!, scratchValues)
    memcpy(tk, keys + startA, countA * 8)
    if let tv { memcpy(tv, values! + startA, countA * 8) }
    var (a, b, target) = (0, startB, startA)
    var (na, nb) = (countA, countB)
    var gallop = minGallop
    func takeA(_ target: Int, _ a: Int, _ n: Int) {
      memcpy(keys + target, tk + a, n &* 8)
      if let tv { memcpy(values! + target, tv + a, n &* 8) }
    }
    // On every way out the rest of the left run goes where it belongs.
    defer { if na > 0 { takeA(target, a, na) } }
    copy(b, target)
    target += 1
    b += 1
    nb -= 1
    if nb == 0 { return }
    if na == 1 {
      move(b, target, nb)
      target += nb
      return
    }
    while true {
      var winsA = 0
      var winsB = 0
      // One at a time, until one side wins often.
      while true {
        if target & MergeSort.stretch == 0 { try pause() }
        if try less(keys[b], tk[a]) {
          copy(b, target)
          target &+= 1
          b &+= 1
          nb &-= 1
          if nb == 0 { return }
          winsB &+= 1
          winsA = 0
          if winsB >= gallop { break }
        } else {
          keys[target] = tk[a]
          if let tv { values![target] = tv[a] }
          target &+= 1
          a &+= 1
          na &-= 1
          if na == 1 {
            move(b, target, nb)
            target += nb
            return
          }
          winsA &+= 1
          winsB = 0
          if winsA >= gallop { break }
        }
      }
      gallop += 1
      repeat {
        gallop -= gallop > 1 ? 1 : 0
        minGallop = gallop
        winsA = try gallopRight(keys[b], tk + a, na, 0)
        if winsA > 0 {
          takeA(target, a, winsA)
          target += winsA
          a += winsA
          na -= winsA
          if na == 1 {
            move(b, target, nb)
            target += nb
            return
          }
          if na == 0 { return }
        }
        copy(b, target)
        target += 1
        b += 1
        nb -= 1
        if nb == 0 { return }
        winsB = try gallopLeft(tk[a], keys + b, nb, 0)
        if winsB > 0 {
          move(b, target, winsB)
          target += winsB
          b += winsB
          nb -= winsB
          if nb == 0 { return }
        }
        keys[target] = tk[a]
        if let tv { values![target] = tv[a] }
        target += 1
        a += 1
        na -= 1
        if na == 1 {
          move(b, target, nb)
          target += nb
          return
        }
      } while winsA >= 7 || winsB >= 7
      gallop += 1
      minGallop = gallop
    }
  }

  /// Merges with the right run in scratch memory, from the right.
  private mutating func mergeHigh(_ startA: Int, _ countA: Int, _ startB: Int, _ countB: Int) throws(PyError) {
    reserve(countB)
    let (tk, tv) = (scratchKeys!, scratchValues)
    memcpy(tk, keys + startB, countB * 8)
    if let tv { memcpy(tv, values! + startB, countB * 8) }
    var (na, nb) = (countA, countB)
    var (a, b, target) = (startA + countA - 1, countB - 1, startB + countB - 1)
    var gallop = minGallop
    func takeB(_ target: Int, _ b: Int, _ n: Int) {
      memcpy(keys + target, tk + b, n &* 8)
      if let tv { memcpy(values! + target, tv + b, n &* 8) }
    }
    defer { if nb > 0 { takeB(target - (nb - 1), 0, nb) } }
    copy(a, target)
    target -= 1
    a -= 1
    na -= 1
    if na == 0 { return }
    if nb == 1 {
      target -= na
      a -= na
      move(a + 1, target + 1, na)
      return
    }
    while true {
      var winsA = 0
      var winsB = 0
      while true {
        if target & MergeSort.stretch == 0 { try pause() }
        if try less(tk[b], keys[a]) {
          copy(a, target)
          target &-= 1
          a &-= 1
          na &-= 1
          if na == 0 { return }
          winsA &+= 1
          winsB = 0
          if winsA >= gallop { break }
        } else {
          keys[target] = tk[b]
          if let tv { values![target] = tv[b] }
          target &-= 1
          b &-= 1
          nb &-= 1
          if nb == 1 {
            target -= na
            a -= na
            move(a + 1, target + 1, na)
            return
          }
          winsB &+= 1
          winsA = 0
          if winsB >= gallop { break }
        }
      }
      gallop += 1
      repeat {
        gallop -= gallop > 1 ? 1 : 0
        minGallop = gallop
        winsA = na - (try gallopRight(tk[b], keys + startA, na, na - 1))
        if winsA > 0 {
          target -= winsA
          a -= winsA
          move(a + 1, target + 1, winsA)
          na -= winsA
          if na == 0 { return }
        }
        keys[target] = tk[b]
        if let tv { values![target] = tv[b] }
        target -= 1
        b -= 1
        nb -= 1
        if nb == 1 {
          target -= na
          a -= na
          move(a + 1, target + 1, na)
          return
        }
        winsB = nb - (try gallopLeft(keys[a], tk, nb, nb - 1))
        if winsB > 0 {
          target -= winsB
          b -= winsB
          takeB(target + 1, b + 1, winsB)
          nb -= winsB
          if nb == 1 {
            target -= na
            a -= na
            move(a + 1, target + 1, na)
            return
          }
          if nb == 0 { return }
        }
        copy(a, target)
        target -= 1
        a -= 1
        na -= 1
        if na == 0 { return }
      } while winsA >= 7 || winsB >= 7
      gallop += 1
      minGallop = gallop
    }
  }
}
