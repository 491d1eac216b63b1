// The module _bisect: binary search in sorted sequences.

import CGila
import GilaCore

enum BisectModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_bisect",
    doc:
      "Bisection algorithms.\n\nThis module provides support for maintaining a list in sorted order without\nhaving to sort the list after each insertion. For long lists of items with\nexpensive comparison operations, this can be an improvement over the more\ncommon approach.\n",
    methods: methods())

  private static let parameters: StaticString = "(a, x, lo=0, hi=None, *, key=None)"
  private static let bisectRight = Signature("bisect_right", parameters)
  private static let bisectLeft = Signature("bisect_left", parameters)
  private static let insortRight = Signature("insort_right", parameters)
  private static let insortLeft = Signature("insort_left", parameters)

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "bisect_right", "($module, /, a, x, lo=0, hi=None, *, key=None)",
      "Return the index where to insert item x in list a, assuming a is sorted.\n\nThe return value i is such that all e in a[:i] have e <= x, and all e in\na[i:] have e > x.  So if x already appears in the list, a.insert(i, x) will\ninsert just after the rightmost x already there.\n\nOptional args lo (default 0) and hi (default len(a)) bound the\nslice of a to be searched.\n\nA custom key function can be supplied to customize the sort order."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BisectModule.bisectRight.bind(args, n, names)
        return try int(BisectModule.search(b[0]!, b[1]!, b[2], b[3], b[4], right: true))
      }
    }
    m.keywords(
      "bisect_left", "($module, /, a, x, lo=0, hi=None, *, key=None)",
      "Return the index where to insert item x in list a, assuming a is sorted.\n\nThe return value i is such that all e in a[:i] have e < x, and all e in\na[i:] have e >= x.  So if x already appears in the list, a.insert(i, x) will\ninsert just before the leftmost x already there.\n\nOptional args lo (default 0) and hi (default len(a)) bound the\nslice of a to be searched.\n\nA custom key function can be supplied to customize the sort order."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BisectModule.bisectLeft.bind(args, n, names)
        return try int(BisectModule.search(b[0]!, b[1]!, b[2], b[3], b[4], right: false))
      }
    }
    m.keywords(
      "insort_right", "($module, /, a, x, lo=0, hi=None, *, key=None)",
      "Insert item x in list a, and keep it sorted assuming a is sorted.\n\nIf x is already in a, insert it to the right of the rightmost x.\n\nOptional args lo (default 0) and hi (default len(a)) bound the\nslice of a to be searched.\n\nA custom key function can be supplied to customize the sort order."
    ) { _, args, n, names in
      bridgeNone { () throws(PyError) in
        let b = try BisectModule.insortRight.bind(args, n, names)
        try BisectModule.insert(b[0]!, b[1]!, b[2], b[3], b[4], right: true)
      }
    }
    m.keywords(
      "insort_left", "($module, /, a, x, lo=0, hi=None, *, key=None)",
      "Insert item x in list a, and keep it sorted assuming a is sorted.\n\nIf x is already in a, insert it to the left of the leftmost x.\n\nOptional args lo (default 0) and hi (default len(a)) bound the\nslice of a to be searched.\n\nA custom key function can be supplied to customize the sort order."
    ) { _, args, n, names in
      bridgeNone { () throws(PyError) in
        let b = try BisectModule.insortLeft.bind(args, n, names)
        try BisectModule.insert(b[0]!, b[1]!, b[2], b[3], b[4], right: false)
      }
    }
    return m.build()
  }

  /// An int of up to two digits.
  @inline(__always) private static func word(_ r: Ref) -> Int? {
    let tag = r.raw.load(fromByteOffset: 16, as: UInt.self)
    guard tag < 3 << 3 else { return nil }
    let first = Int(r.raw.load(fromByteOffset: 24, as: UInt32.self))
    let second = tag >> 3 == 2 ? Int(r.raw.load(fromByteOffset: 28, as: UInt32.self)) << 30 : 0
    return tag & 3 == 1 ? 0 : tag & 2 != 0 ? 0 &- (first | second) : first | second
  }
  /// A new reference to an item, IndexError beyond the end.
  @inline(__always) private static func listItem(_ a: Ref, _ i: Int) -> Ref? {
    i < a.size ? newRef(a.raw.load(fromByteOffset: 24, as: Items.self)[i].unsafelyUnwrapped) : PySequence_GetItem(a, i)
  }

  private static func search(
    _ a: Ref, _ x: Ref, _ low0: Ref?, _ high0: Ref?, _ key0: Ref?, right: Bool
  ) throws(PyError) -> Int {
    var low = low0 == nil ? 0 : try sizeValue(low0!)
    if low < 0 { throw valueError("lo must be non-negative") }
    var high = -1
    if let h = high0, !h.isNone { high = try sizeValue(h) }
    if high == -1 { high = try checkSize(PySequence_Size(a)) }
    let key = key0.flatMap { $0.isNone ? nil : $0 }
    if key == nil, a.isExactly(Types.list), x.isExactly(Types.long), let value = word(x) {
      // Ints of a word are compared without calls; the first other item ends that.
      while low < high, high <= a.size {
        let middle = Int((UInt(low) &+ UInt(high)) / 2)
        let item = a.raw.load(fromByteOffset: 24, as: Items.self)[middle].unsafelyUnwrapped
        guard item.isExactly(Types.long), let other = word(item) else { break }
        if right ? value < other : value <= other { high = middle } else { low = middle + 1 }
      }
    }
    while low < high {
      let middle = Int((UInt(low) + UInt(high)) / 2)
      var item = try owned(a.isExactly(Types.list) ? listItem(a, middle) : PySequence_GetItem(a, middle))
      if let key { item = try owned(PyObject_CallOneArg(key, item.ref)) }
      if right {
        if try check(PyObject_RichCompareBool(x, item.ref, Py_LT)) != 0 { high = middle } else { low = middle + 1 }
      } else {
        if try check(PyObject_RichCompareBool(item.ref, x, Py_LT)) != 0 { low = middle + 1 } else { high = middle }
      }
    }
    return low
  }

  private static func insert(
    _ a: Ref, _ x: Ref, _ low: Ref?, _ high: Ref?, _ key: Ref?, right: Bool
  ) throws(PyError) {
    // The new item is compared by its key too.
    let probe =
      key == nil || key!.isNone ? Owned(retaining: x) : try owned(PyObject_CallOneArg(key, x))
    let i = try search(a, probe.ref, low, high, key, right: right)
    if a.isExactly(Types.list) { return try _ = check(PyList_Insert(a, i, x)) }
    let method = try owned(PyObject_GetAttrString(a, "insert"))
    let args = try pair(int(i), Owned(retaining: x))
    _ = try owned(PyObject_CallObject(method.ref, args.ref))
  }
}
