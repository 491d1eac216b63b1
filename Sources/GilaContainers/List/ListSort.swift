// list.sort: what is around the merge sort: keys, reverse, and guarding the list while Python code compares.

import CGila
import GilaCore

enum ListSort {
  /// `isAtomic`: comparisons apart, no other thread runs meanwhile, as Python promises for `list.sort`.
  static func sort(_ l: Ref, key: Ref?, reverse: Bool, isAtomic: Bool) throws(PyError) {
    // The list looks empty while it is sorted; the vector is ours.
    let n = l.size
    let items = l.listItems
    let allocated = l.listAllocated
    l.size = 0
    l.listItems = nil
    l.listAllocated = -1

    var failed = false
    if let items {
      do throws(PyError) {
        try sortVector(items, n, key, reverse, isAtomic)
      } catch {
        failed = true
      }
    }

    // Whatever was put into the list meanwhile is dropped after the old contents are back.
    let modified = l.listAllocated != -1
    let (strangeItems, strangeCount) = (l.listItems, l.size)
    l.listItems = items
    l.size = n
    l.listAllocated = allocated
    if modified && !failed {
      _ = valueError("list modified during sort")
      failed = true
    }
    if let strangeItems {
      // Dropping them may run code; the exception must survive it.
      let pending = PyErr_GetRaisedException()
      var i = strangeCount
      while i > 0 {
        i &-= 1
        xdecref(strangeItems[i])
      }
      PyMem_Free(strangeItems)
      PyErr_SetRaisedException(pending)
    }
    if failed { throw PyError() }
  }

  private static func sortVector(
    _ items: Items, _ n: Int, _ key: Ref?, _ reverse: Bool, _ isAtomic: Bool
  ) throws(PyError) {
    guard let key else {
      if n < 2 { return }
      let order = Ordering(of: items, n)
      if try sortNumbers(items, items, n, order, reverse, isAtomic) { return }
      if case .latin = order, n >= 32 { return try sortTexts(items, n, reverse, isAtomic) }
      var sorter = MergeSort(keys: items, values: nil, order: order, isAtomic: isAtomic)
      return try sorter.sort(n, reverse: reverse)
    }
    // Keys first, all of them: sorting compares keys and moves the items along.
    let keys = Items.allocate(capacity: max(n, 1))
    var made = 0
    defer {
      for i in 0..<made { xdecref(keys[i]) }
      keys.deallocate()
    }
    while made < n {
      guard let k = PyObject_CallOneArg(key, items[made]) else { throw PyError() }
      keys[made] = k
      made += 1
      if !isAtomic { try safePoint() }
    }
    if n < 2 { return }
    let order = Ordering(of: keys, n)
    if try sortNumbers(keys, items, n, order, reverse, isAtomic) { return }
    var sorter = MergeSort(keys: keys, values: items, order: order, isAtomic: isAtomic)
    try sorter.sort(n, reverse: reverse)
  }

  /// Sorts texts of one byte a character by their first eight bytes, which lie side by side in memory, then those whose
  /// first bytes are equal by all of them.
  private static func sortTexts(_ items: Items, _ n: Int, _ reverse: Bool, _ isAtomic: Bool) throws(PyError) {
    let prefixes = Items.allocate(capacity: n)
    defer { prefixes.deallocate() }
    let words = UnsafeMutableRawPointer(prefixes).assumingMemoryBound(to: Int.self)
    for i in 0..<n { words[i] = MergeSort.prefix(items[i].unsafelyUnwrapped) }
    var sorter = MergeSort(keys: prefixes, values: items, order: .ints, isAtomic: isAtomic)
    try sorter.sort(n, reverse: reverse)
    var start = 0
    while start < n {
      var end = start &+ 1
      while end < n && words[end] == words[start] { end &+= 1 }
      if end &- start > 1 {
        var rest = MergeSort(keys: items + start, values: nil, order: .latin, isAtomic: isAtomic)
        try rest.sort(end &- start, reverse: reverse)
      }
      start = end
    }
  }

  /// Sorts items by keys that are all numbers, which are read once and lie side by side in memory.
  private static func sortNumbers(
    _ keys: Items, _ items: Items, _ n: Int, _ order: Ordering, _ reverse: Bool, _ isAtomic: Bool
  ) throws(PyError) -> Bool {
    switch order {
    case .ints, .floats: break
    default: return false
    }
    if isOneRun(keys, items, n, order, reverse) { return true }
    let numbers = Items.allocate(capacity: n)
    defer { numbers.deallocate() }
    let words = UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Int.self)
    if case .ints = order {
      var least = Int.max, most = Int.min
      for i in 0..<n {
        let word = MergeSort.smallInt(keys[i].unsafelyUnwrapped)
        words[i] = word
        least = min(least, word)
        most = max(most, word)
      }
      // Keys of one compact int are far from overflow.
      let span = most &- least
      if n >= 64 && span < min(n / 4, 1 << 14) {
        countingSort(words, items, n, least, span, reverse)
        return true
      }
    } else {
      for i in 0..<n { words[i] = keys[i].unsafelyUnwrapped.raw.load(fromByteOffset: 16, as: Int.self) }
    }
    var sorter = MergeSort(keys: numbers, values: items, order: order, isAtomic: isAtomic)
    try sorter.sort(n, reverse: reverse)
    return true
  }
  /// Whether the keys are in order as they are, or in the opposite order without equals: then the items are turned round.
  private static func isOneRun(_ keys: Items, _ items: Items, _ n: Int, _ order: Ordering, _ reverse: Bool) -> Bool {
    @inline(__always) func look<T: Comparable>(_ number: (Ref) -> T) -> Bool {
      var before = number(keys[0].unsafelyUnwrapped)
      var turns: Bool?
      for i in 1..<n {
        let number = number(keys[i].unsafelyUnwrapped)
        let isWrong = reverse ? before < number : number < before
        if turns == nil { turns = isWrong }
        if isWrong != turns { return false }
        before = number
      }
      if turns == true {
        var all = UnsafeMutableBufferPointer(start: items, count: n)
        all.reverse()
      }
      return true
    }
    if case .ints = order { return look(MergeSort.smallInt) }
    return look { $0.raw.load(fromByteOffset: 16, as: Double.self) }
  }
  /// Sorts items by whole numbers that lie close together: places are counted, nothing is compared. Equal ones keep their
  /// order, also in reverse.
  private static func countingSort(
    _ words: UnsafeMutablePointer<Int>, _ items: Items, _ n: Int, _ least: Int, _ span: Int, _ reverse: Bool
  ) {
    let places = UnsafeMutablePointer<Int>.allocate(capacity: span &+ 1)
    let sorted = Items.allocate(capacity: n)
    defer {
      places.deallocate()
      sorted.deallocate()
    }
    places.initialize(repeating: 0, count: span &+ 1)
    for i in 0..<n { places[words[i] &- least] &+= 1 }
    var start = 0
    for i in 0...span {
      let value = reverse ? span &- i : i
      let count = places[value]
      places[value] = start
      start &+= count
    }
    for i in 0..<n {
      let value = words[i] &- least
      sorted[places[value]] = items[i]
      places[value] &+= 1
    }
    items.update(from: sorted, count: n)
  }
}

/// How keys are compared: lists of one builtin type need no general rich comparison.
enum Ordering {
  /// Ints of at most two digits; the sorter gets their values in place of the objects.
  case ints
  /// Floats, in the same way.
  case floats
  /// Tuples whose first items are of one kind.
  case tuples(First)
  /// Strs of one byte a character.
  case latin
  /// All of one type with a rich comparison.
  case sameType(richcmpfunc)
  case general

  /// What all tuples begin with.
  enum First { case ints, floats, latin }

  private static func first(of keys: Items, _ n: Int) -> First? {
    var (ints, floats, latin) = (true, true, true)
    for i in 0..<n {
      let t = keys[i].unsafelyUnwrapped
      if t.size == 0 { return nil }
      let k = t.tupleItems[0].unsafelyUnwrapped
      if ints, k.type != Types.long || k.raw.load(fromByteOffset: 16, as: UInt.self) >= 24 { ints = false }
      if floats, k.type != Types.float { floats = false }
      if latin, k.type != Types.unicode || gila_unicode_state(k) >> 2 & 7 != 1 { latin = false }
      if !ints && !floats && !latin { return nil }
    }
    return ints ? .ints : floats ? .floats : .latin
  }

  init(of keys: Items, _ n: Int) {
    let type = keys[0]!.type
    var sameType = true
    var smallInts = type == Types.long
    var latin = type == Types.unicode
    for i in 0..<n {
      let k = keys[i].unsafelyUnwrapped
      if k.type != type {
        sameType = false
        break
      }
      if smallInts && k.raw.load(fromByteOffset: 16, as: UInt.self) >= 24 { smallInts = false }
      if latin && gila_unicode_state(k) >> 2 & 7 != 1 { latin = false }
    }
    if !sameType {
      self = .general
    } else if smallInts {
      self = .ints
    } else if type == Types.float {
      self = .floats
    } else if latin {
      self = .latin
    } else if type == Types.tuple, let first = Ordering.first(of: keys, n) {
      self = .tuples(first)
    } else if let compare = type.pointee.tp_richcompare, type.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) == 0 {
      self = .sameType(compare)
    } else {
      self = .general
    }
  }
}
