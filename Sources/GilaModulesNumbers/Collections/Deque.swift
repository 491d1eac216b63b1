// collections.deque in memory: a ring of references.
//
// Words behind the head: 0 the ring, 1 its capacity (a power of two, or 0), 2 the place of the first item, 3 how many,
// 4 the most allowed (-1: no limit), 5 a number that changes with every mutation, 6 weak references.

import CGila
import GilaCore

enum Deque {
  @inline(__always) static func ring(_ d: Ref) -> Items? { Items(bitPattern: d.word(0).pointee) }
  @inline(__always) static func count(_ d: Ref) -> Int { d.word(3).pointee }
  @inline(__always) static func limit(_ d: Ref) -> Int { d.word(4).pointee }
  @inline(__always) static func state(_ d: Ref) -> Int { d.word(5).pointee }
  @inline(__always) static func touch(_ d: Ref) { d.word(5).pointee &+= 1 }

  /// The place of the i-th item.
  @inline(__always) static func place(_ d: Ref, _ i: Int) -> Items {
    ring(d).unsafelyUnwrapped + ((d.word(2).pointee &+ i) & (d.word(1).pointee &- 1))
  }
  @inline(__always) static func item(_ d: Ref, _ i: Int) -> Ref { place(d, i).pointee.unsafelyUnwrapped }

  /// Room for one more.
  @inline(__always) private static func grow(_ d: Ref) throws(PyError) {
    let capacity = d.word(1).pointee
    if count(d) < capacity { return }
    try resize(d, max(capacity &* 2, 8))
  }
  /// A ring of `new` places, a power of two above the number of items.
  @inline(never) private static func resize(_ d: Ref, _ new: Int) throws(PyError) {
    guard new < 1 << 58, let memory = PyMem_Malloc(new &* 8) else { throw memoryError() }
    let items = memory.assumingMemoryBound(to: Ref?.self)
    let n = count(d)
    for i in 0..<n { items[i] = item(d, i) }
    PyMem_Free(ring(d))
    d.word(0).pointee = Int(bitPattern: items)
    d.word(1).pointee = new
    d.word(2).pointee = 0
  }

  /// Appends an item that it takes over; beyond the limit, the first one falls out.
  static func append(_ d: Ref, taking item: Ref) throws(PyError) {
    if limit(d) == 0 {
      decref(item)
      return
    }
    do throws(PyError) {
      try grow(d)
    } catch {
      decref(item)
      throw error
    }
    place(d, count(d)).pointee = item
    d.word(3).pointee &+= 1
    touch(d)
    if limit(d) >= 0 && count(d) > limit(d) { decref(popFirst(d)) }
  }
  static func prepend(_ d: Ref, taking item: Ref) throws(PyError) {
    if limit(d) == 0 {
      decref(item)
      return
    }
    do throws(PyError) {
      try grow(d)
    } catch {
      decref(item)
      throw error
    }
    d.word(2).pointee = (d.word(2).pointee &- 1) & (d.word(1).pointee &- 1)
    place(d, 0).pointee = item
    d.word(3).pointee &+= 1
    touch(d)
    if limit(d) >= 0 && count(d) > limit(d) { decref(popLast(d)) }
  }

  /// Takes the first item out (the deque is not empty); the caller owns it.
  static func popFirst(_ d: Ref) -> Ref {
    let r = item(d, 0)
    d.word(2).pointee = (d.word(2).pointee &+ 1) & (d.word(1).pointee &- 1)
    d.word(3).pointee &-= 1
    touch(d)
    return r
  }
  static func popLast(_ d: Ref) -> Ref {
    d.word(3).pointee &-= 1
    touch(d)
    return item(d, count(d))
  }

  /// Drops everything; the ring is taken out first, since dropping may run code.
  static func clear(_ d: Ref) {
    guard let items = ring(d) else { return }
    let (capacity, first, n) = (d.word(1).pointee, d.word(2).pointee, count(d))
    d.word(0).pointee = 0
    d.word(1).pointee = 0
    d.word(2).pointee = 0
    d.word(3).pointee = 0
    touch(d)
    for i in 0..<n { xdecref(items[(first &+ i) & (capacity &- 1)]) }
    PyMem_Free(items)
  }

  static func extend(_ d: Ref, _ iterable: Ref, left: Bool = false) throws(PyError) {
    if iterable == d {
      let copy = try owned(PySequence_List(iterable))
      return try extend(d, copy.ref, left: left)
    }
    if iterable.isExactly(Types.list) || iterable.isExactly(Types.tuple), limit(d) < 0 {
      // Nothing can run in between: all the room, then all the items.
      let n = iterable.size
      let wanted = count(d) &+ n
      if wanted > d.word(1).pointee {
        try resize(d, max(8, 1 &<< (Int.bitWidth &- (wanted &- 1).leadingZeroBitCount)))
      }
      if n == 0 { return }
      let items = iterable.fastItems
      for i in 0..<n {
        let item = newRef(items[i].unsafelyUnwrapped)
        if left {
          d.word(2).pointee = (d.word(2).pointee &- 1) & (d.word(1).pointee &- 1)
          place(d, 0).pointee = item
        } else {
          place(d, count(d)).pointee = item
        }
        d.word(3).pointee &+= 1
      }
      touch(d)
      return
    }
    try forEach(iterable) { item throws(PyError) in
      if left { try prepend(d, taking: newRef(item)) } else { try append(d, taking: newRef(item)) }
    }
  }

  /// Turns right by n.
  static func rotate(_ d: Ref, _ n0: Int) {
    let size = count(d)
    if size <= 1 { return }
    var n = n0 % size
    if n < 0 { n &+= size }
    if n == 0 { return }
    touch(d)
    let mask = d.word(1).pointee &- 1
    if size == d.word(1).pointee {
      d.word(2).pointee = (d.word(2).pointee &- n) & mask
      return
    }
    // The shorter way round, one item at a time.
    if n <= size / 2 {
      for _ in 0..<n {
        let last = item(d, size &- 1)
        d.word(2).pointee = (d.word(2).pointee &- 1) & mask
        place(d, 0).pointee = last
      }
    } else {
      for _ in 0..<(size &- n) {
        let first = item(d, 0)
        d.word(2).pointee = (d.word(2).pointee &+ 1) & mask
        place(d, size &- 1).pointee = first
      }
    }
  }

  /// Takes the i-th item out (it exists); the caller owns it.
  static func remove(_ d: Ref, _ i: Int) -> Ref {
    let r = item(d, i)
    let n = count(d)
    if i < n / 2 {
      var k = i
      while k > 0 {
        place(d, k).pointee = item(d, k &- 1)
        k &-= 1
      }
      d.word(2).pointee = (d.word(2).pointee &+ 1) & (d.word(1).pointee &- 1)
    } else {
      var k = i
      while k < n &- 1 {
        place(d, k).pointee = item(d, k &+ 1)
        k &+= 1
      }
    }
    d.word(3).pointee = n &- 1
    touch(d)
    return r
  }

  static func insert(_ d: Ref, _ index: Int, _ value: Ref) throws(PyError) {
    let n = count(d)
    if limit(d) == n { throw indexError("deque already at its maximum size") }
    if index >= n { return try append(d, taking: newRef(value)) }
    if index <= -n || index == 0 { return try prepend(d, taking: newRef(value)) }
    let at = index < 0 ? index &+ n : index
    try append(d, taking: newRef(value))
    var k = count(d) &- 1
    while k > at {
      place(d, k).pointee = item(d, k &- 1)
      k &-= 1
    }
    place(d, at).pointee = value
  }

  /// The first place of an equal item from `start` to `stop`; RuntimeError when comparing changes the deque.
  static func find(
    _ d: Ref, _ value: Ref, from start: Int, to stop: Int, _ error: (StaticString, TypeRef)
  ) throws(PyError) -> Int? {
    let before = state(d)
    var i = start
    while i < stop && i < count(d) {
      let held = Owned(retaining: item(d, i))
      let same = try equal(held.ref, value)
      if state(d) != before { throw raise(error.1, error.0.description) }
      if same { return i }
      i &+= 1
    }
    return nil
  }
}
