// Lists in memory: growing and shrinking, slices, and the C functions.
//
// A list owns a vector of `listAllocated` places, the first `size` of which hold references. While a list is sorted its
// size is 0, its vector nil and `listAllocated` -1, so that code run by comparisons finds it empty and changes show.

import CGila
import GilaCore
import Glibc

enum List {
  /// An empty list.
  static func make() throws(PyError) -> Owned { try owned(PyList_New(0)) }

  /// Gives the list exactly or a little more than `n` places and the size n. New places hold garbage.
  static func resize(_ l: Ref, _ n: Int) throws(PyError) {
    let allocated = l.listAllocated
    if allocated >= n && n >= allocated >> 1 {
      l.size = n
      return
    }
    try reallocate(l, n)
  }

  @inline(never)
  private static func reallocate(_ l: Ref, _ n: Int) throws(PyError) {
    if n < 0 || n > Int.max / 16 { throw memoryError() }
    // Growth by an eighth keeps appending linear; multiples of four suit the allocator.
    var room = (n &+ (n >> 3) &+ 6) & ~3
    if n &- l.size > room &- n { room = (n &+ 3) & ~3 }
    if n == 0 { room = 0 }
    if room == 0 {
      let old = l.listItems
      l.listItems = nil
      l.size = 0
      l.listAllocated = 0
      if let old { PyMem_Free(old) }
      return
    }
    guard let memory = PyMem_Realloc(l.listItems, room &* 8) else { throw memoryError() }
    l.listItems = memory.assumingMemoryBound(to: Ref?.self)
    l.size = n
    l.listAllocated = room
  }

  /// Appends a reference that it takes over.
  @inline(__always) static func append(_ l: Ref, taking item: Ref) throws(PyError) {
    let n = l.size
    if n < l.listAllocated {
      l.listItems.unsafelyUnwrapped[n] = item
      l.size = n &+ 1
      return
    }
    do throws(PyError) {
      try resize(l, n &+ 1)
    } catch {
      decref(item)
      throw error
    }
    l.listItems.unsafelyUnwrapped[n] = item
  }

  static func insert(_ l: Ref, _ index: Int, _ item: Ref) throws(PyError) {
    let n = l.size
    var at = index
    if at < 0 { at = max(at &+ n, 0) }
    if at > n { at = n }
    try resize(l, n &+ 1)
    let items = l.listItems.unsafelyUnwrapped
    memmove(items + at + 1, items + at, (n - at) * 8)
    items[at] = newRef(item)
  }

  /// Drops everything; the vector is taken out first, since dropping items may run code that looks at the list.
  static func clear(_ l: Ref) {
    guard let items = l.listItems else { return }
    var i = l.size
    l.size = 0
    l.listItems = nil
    l.listAllocated = 0
    while i > 0 {
      i &-= 1
      xdecref(items[i])
    }
    PyMem_Free(items)
  }

  /// A list of new references to `n` items.
  static func copying(_ items: UnsafePointer<Ref?>?, _ n: Int) -> Ref? {
    guard let l = PyList_New(n) else { return nil }
    guard n > 0, let items, let target = l.listItems else { return l }
    for i in 0..<n { target[i] = newRef(items[i].unsafelyUnwrapped) }
    return l
  }

  static func slice(_ l: Ref, _ low: Int, _ high: Int) -> Ref? {
    let start = min(max(low, 0), l.size)
    let stop = max(min(high, l.size), start)
    return List.copying(l.listItems.map { UnsafePointer($0 + start) }, stop - start)
  }

  /// l[low:high] = items, where nil deletes.
  static func assignSlice(_ l: Ref, _ low0: Int, _ high0: Int, _ value: Ref?) throws(PyError) {
    // The new items as a vector that no one can change: a copy when the list is its own source.
    var source: Owned? = nil
    if let value {
      source =
        value == l
        ? try owned(List.slice(l, 0, l.size)) : try owned(PySequence_Fast(value, "can only assign an iterable"))
    }
    let count: Int
    let new: Items?
    if let held = source?.ref {
      count = held.size
      new = held.isList ? held.listItems : held.tupleItems
    } else {
      count = 0
      new = nil
    }
    let size = l.size
    let low = min(max(low0, 0), size)
    let high = min(max(high0, low), size)
    let removed = high - low
    let growth = count - removed
    if size + growth == 0 {
      List.clear(l)
      return
    }
    // Old references are dropped last.
    let recycled = Items.allocate(capacity: max(removed, 1))
    defer { recycled.deallocate() }
    if removed > 0 { recycled.update(from: l.listItems! + low, count: removed) }
    if growth < 0 {
      let items = l.listItems!
      memmove(items + high + growth, items + high, (size - high) * 8)
      try List.shrink(l, size + growth)
    } else if growth > 0 {
      try resize(l, size + growth)
      let items = l.listItems!
      memmove(items + high + growth, items + high, (size - high) * 8)
    }
    if count > 0, let items = l.listItems, let new {
      for i in 0..<count { items[low + i] = newRef(new[i].unsafelyUnwrapped) }
    }
    var i = removed
    while i > 0 {
      i &-= 1
      xdecref(recycled[i])
    }
    _ = consume source
  }

  /// Makes the list shorter; that its memory cannot shrink does no harm.
  static func shrink(_ l: Ref, _ n: Int) throws(PyError) {
    do throws(PyError) {
      try resize(l, n)
    } catch {
      PyErr_Clear()
      l.size = n
    }
  }

  static func concatenate(_ a: Ref, _ b: Ref) -> Ref? {
    if !b.isList {
      _ = typeError("can only concatenate list (not \"\(typeName(of: b))\") to list")
      return nil
    }
    let (na, nb) = (a.size, b.size)
    if na > Int.max - nb { return PyErr_NoMemory() }
    guard let l = PyList_New(na + nb) else { return nil }
    guard let target = l.listItems else { return l }
    if let items = a.listItems { for i in 0..<na { target[i] = newRef(items[i]!) } }
    if let items = b.listItems { for i in 0..<nb { target[na + i] = newRef(items[i]!) } }
    return l
  }

  static func `repeat`(_ l: Ref, _ count: Int) -> Ref? {
    let n = l.size
    if n == 0 || count <= 0 { return PyList_New(0) }
    let (total, overflow) = n.multipliedReportingOverflow(by: count)
    if overflow { return PyErr_NoMemory() }
    guard let r = PyList_New(total), let target = r.listItems, let items = l.listItems else { return nil }
    var at = 0
    while at < total {
      for i in 0..<n { target[at &+ i] = newRef(items[i].unsafelyUnwrapped) }
      at &+= n
    }
    return r
  }

  static func repeatInPlace(_ l: Ref, _ count: Int) throws(PyError) {
    let n = l.size
    if n == 0 || count == 1 { return }
    if count <= 0 { return List.clear(l) }
    let (total, overflow) = n.multipliedReportingOverflow(by: count)
    if overflow { throw memoryError() }
    try resize(l, total)
    let items = l.listItems!
    for i in n..<total { items[i] = newRef(items[i &- n].unsafelyUnwrapped) }
  }

  // MARK: extension

  static func extend(_ l: Ref, _ iterable: Ref) throws(PyError) {
    if iterable.isExactly(Types.list) || iterable.isExactly(Types.tuple) { return try extendVector(l, iterable) }
    let iterator = try owned(PyObject_GetIter(iterable))
    guard let next = iterator.ref.type.pointee.tp_iternext else { throw typeError("iter() returned non-iterator") }
    let guess = PyObject_LengthHint(iterable, 8)
    if guess < 0 { throw PyError() }
    // Room for what is promised; nothing is lost when the promise is wrong.
    let before = l.size
    if guess <= Int.max - before && l.listItems == nil && guess > 0 && guess < 1 << 40 {
      try reserve(l, guess)
    }
    while let item = next(iterator.ref) {
      try append(l, taking: item)
      try safePoint(iterating: iterator.ref)
    }
    if errorIsSet {
      if PyErr_ExceptionMatches(Exc.StopIteration.object) == 0 { throw PyError() }
      PyErr_Clear()
    }
    if l.size < l.listAllocated { try shrink(l, l.size) }
  }

  /// Room in a list without a vector.
  private static func reserve(_ l: Ref, _ n: Int) throws(PyError) {
    let room = (n &+ 1) & ~1
    guard let memory = PyMem_Malloc(room &* 8) else { throw memoryError() }
    l.listItems = memory.assumingMemoryBound(to: Ref?.self)
    l.listAllocated = room
  }

  private static func extendVector(_ l: Ref, _ source: Ref) throws(PyError) {
    // The source may be the list itself: its size is read before, its vector after the list has grown.
    let n = source.size
    if n == 0 { return }
    let m = l.size
    if l.listItems == nil {
      try reserve(l, n)
      l.size = n
    } else {
      try resize(l, m &+ n)
    }
    let items = l.listItems!
    let from = source.isList ? source.listItems! : source.tupleItems
    for i in 0..<n { items[m &+ i] = newRef(from[i].unsafelyUnwrapped) }
  }

  // MARK: search

  static func index(_ l: Ref, _ value: Ref, from start: Int, to stop: Int) throws(PyError) -> Int? {
    var i = start
    while i < l.size && i < stop {
      if try equal(l.listItems.unsafelyUnwrapped[i].unsafelyUnwrapped, value) { return i }
      i &+= 1
    }
    return nil
  }

  /// Takes an item out of a list.
  static func pop(_ l: Ref, _ i: Int) throws(PyError) -> Owned {
    let n = l.size
    let items = l.listItems.unsafelyUnwrapped
    let item = items[i].unsafelyUnwrapped
    if i < n &- 1 { memmove(items + i, items + i + 1, (n &- 1 &- i) &* 8) }
    // The item's reference goes to the caller; its place is gone.
    try shrink(l, n &- 1)
    return Owned(taking: item)
  }

  static func reverse(_ l: Ref) {
    guard let items = l.listItems else { return }
    var (i, j) = (0, l.size &- 1)
    while i < j {
      (items[i], items[j]) = (items[j], items[i])
      i &+= 1
      j &-= 1
    }
  }
}

// MARK: C API

/// A list, or nil with SystemError set.
private func checked(_ l: Ref?) -> Ref? {
  if let l, l.isList { return l }
  PyErr_BadInternalCall()
  return nil
}

@c @implementation public func PyList_New(_ n: Int) -> Ref? {
  if n < 0 {
    PyErr_BadInternalCall()
    return nil
  }
  guard let l = _PyObject_GC_New(Types.list) else { return nil }
  l.listItems = nil
  l.size = 0
  l.listAllocated = 0
  if n > 0 {
    guard n <= Int.max / 8, let memory = PyMem_Calloc(n, 8) else {
      decref(l)
      PyErr_NoMemory()
      return nil
    }
    l.listItems = memory.assumingMemoryBound(to: Ref?.self)
    l.size = n
    l.listAllocated = n
  }
  gila_gc_track(l)
  return l
}

@c @implementation public func PyList_Size(_ l: Ref!) -> Int { checked(l)?.size ?? -1 }

@c @implementation public func PyList_GetItem(_ l: Ref!, _ i: Int) -> Ref? {
  guard let l = checked(l) else { return nil }
  if i < 0 || i >= l.size { return fail(Exc.IndexError, "list index out of range") }
  return l.listItems![i]
}

@c @implementation public func PyList_GetItemRef(_ l: Ref!, _ i: Int) -> Ref? {
  guard let l, l.isList else {
    PyErr_SetString(Exc.TypeError.object, "expected a list")
    return nil
  }
  if i < 0 || i >= l.size { return fail(Exc.IndexError, "list index out of range") }
  return newRef(l.listItems![i]!)
}

@c @implementation public func PyList_SetItem(_ l: Ref!, _ i: Int, _ item: Ref!) -> Int32 {
  guard let l = checked(l) else {
    xdecref(item)
    return -1
  }
  if i < 0 || i >= l.size {
    xdecref(item)
    _ = fail(Exc.IndexError, "list assignment index out of range")
    return -1
  }
  replace(l.listItems! + i, with: item)
  return 0
}

@c @implementation public func PyList_Insert(_ l: Ref!, _ i: Int, _ item: Ref!) -> Int32 {
  guard let l = checked(l), let item else { return -1 }
  return bridgeStatus { () throws(PyError) in try List.insert(l, i, item) }
}

@c @implementation public func PyList_Append(_ l: Ref!, _ item: Ref!) -> Int32 {
  guard let l = checked(l) else { return -1 }
  guard let item else {
    PyErr_BadInternalCall()
    return -1
  }
  return bridgeStatus { () throws(PyError) in try List.append(l, taking: newRef(item)) }
}

@c @implementation public func PyList_GetSlice(_ l: Ref!, _ low: Int, _ high: Int) -> Ref? {
  guard let l = checked(l) else { return nil }
  return List.slice(l, low, high)
}

@c @implementation public func PyList_SetSlice(_ l: Ref!, _ low: Int, _ high: Int, _ value: Ref!) -> Int32 {
  guard let l = checked(l) else { return -1 }
  return bridgeStatus { () throws(PyError) in try List.assignSlice(l, low, high, value) }
}

@c @implementation public func PyList_Reverse(_ l: Ref!) -> Int32 {
  guard let l = checked(l) else { return -1 }
  List.reverse(l)
  return 0
}

@c @implementation public func PyList_AsTuple(_ l: Ref!) -> Ref? {
  guard let l = checked(l) else { return nil }
  if l.size == 0 { return PyTuple_New(0) }
  return Tuple.copying(l.listItems!, l.size)
}

@c @implementation public func PyList_Extend(_ l: Ref!, _ iterable: Ref!) -> Int32 {
  guard let l = checked(l) else { return -1 }
  return bridgeStatus { () throws(PyError) in try List.extend(l, iterable) }
}

@c @implementation public func PyList_Clear(_ l: Ref!) -> Int32 {
  guard let l = checked(l) else { return -1 }
  List.clear(l)
  return 0
}

@c @implementation public func PyList_Sort(_ l: Ref!) -> Int32 {
  guard let l = checked(l) else { return -1 }
  return bridgeStatus { () throws(PyError) in try ListSort.sort(l, key: nil, reverse: false, isAtomic: true) }
}

@c @implementation public func gila_list_extend(_ l: Ref!, _ iterable: Ref!) -> Ref? {
  bridgeNone { () throws(PyError) in try List.extend(l, iterable) }
}
