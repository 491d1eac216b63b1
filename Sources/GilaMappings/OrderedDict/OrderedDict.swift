import CGila
import GilaCore

/// The operations of `OrderedDict`. A dict keeps its entries in the order of insertion already; what this adds is a way
/// to put an entry at either end: the entries of the key table may begin with a gap, into which entries move.
enum OrderedDict {
  struct Object {
    var dict: PyDictObject
    /// Changes with the order of the keys, so that iterators notice.
    var state: Int
    /// No live entry is before this one, if the table is still the one it was said of (`isMarked`).
    var first: Int
    var attributes: Ref?
    var weakReferences: Ref?
    /// How many entries there were after the last change by a method of OrderedDict.
    var known: Int
  }
  @inline(__always) static func object(_ d: Ref) -> UnsafeMutablePointer<Object> { d.cast(Object.self) }
  @inline(__always) static func isOrdered(_ d: Ref) -> Bool { d.isInstance(of: Types.oDict) }
  @inline(__always) static func changed(_ d: Ref) {
    object(d).pointee.state &+= 1
    object(d).pointee.known = Dict.used(d)
  }
  /// Like CPython, whose order is a list of keys beside the dict, does not find keys that a method of dict took out behind
  /// the back of OrderedDict, or whose hash has changed: KeyError.
  static func requireKnownKeys(_ d: Ref) throws(PyError) {
    if Dict.used(d) < object(d).pointee.known { throw keyError(none) }
    if Dict.keys(d).isUnicode { return }
    let state = object(d).pointee.state
    var i = first(d)
    while i < Dict.keys(d).count && object(d).pointee.state == state {
      let table = Dict.keys(d)
      if let k = table.key(i).pointee, !k.isExactly(Types.unicode), !k.isExactly(Types.long) {
        let key = Owned(retaining: k), stored = table.hash(i)
        if try Dict.hash(key.ref) != stored { throw keyError(key.ref) }
      }
      i += 1
    }
  }

  // MARK: The first entry

  /// In a table's head: `Object.first` is about this table. A table that takes its place is made without it.
  private static let mark: UInt8 = 2

  /// The index of the first live entry, or the number of entries.
  static func first(_ d: Ref) -> Int {
    let table = Dict.keys(d), o = object(d)
    var i = table.head.pointee.shared == mark ? o.pointee.first : 0
    while i < table.count && table.key(i).pointee == nil { i += 1 }
    remember(d, i)
    return i
  }
  static func last(_ d: Ref) -> Int {
    let table = Dict.keys(d)
    var i = table.count - 1
    while i >= 0 && table.key(i).pointee == nil { i -= 1 }
    return i
  }
  private static func remember(_ d: Ref, _ first: Int) {
    let table = Dict.keys(d)
    if table.head == gila_empty_keys_head() { return }
    table.head.pointee.shared = mark
    object(d).pointee.first = first
  }

  // MARK: Change

  static func set(_ d: Ref, _ key: Ref, _ value: Ref) throws(PyError) {
    let before = Dict.used(d)
    try Dict.set(d, key, value)
    if Dict.used(d) != before { changed(d) }
  }
  static func remove(_ d: Ref, _ key: Ref) throws(PyError) {
    let held = Owned(retaining: key)
    guard try Dict.remove(d, held.ref, try Dict.hash(held.ref)) else { throw keyError(held.ref) }
    changed(d)
  }
  /// Removes a key and returns its value (owned), or nil.
  static func pop(_ d: Ref, _ key: Ref) throws(PyError) -> Ref? {
    let value = try Dict.pop(d, key, try Dict.hash(key))
    if value != nil { changed(d) }
    return value
  }
  static func popItem(_ d: Ref, last fromEnd: Bool) throws(PyError) -> Owned {
    if Dict.used(d) == 0 { throw raise(Exc.KeyError, "dictionary is empty") }
    let pair = try owned(PyTuple_New(2))
    let table = Dict.keys(d)
    let i = fromEnd ? last(d) : first(d)
    let key = Owned(retaining: table.key(i).pointee.unsafelyUnwrapped)
    let value = Dict.removeEntry(d, i, table.hash(i))
    if fromEnd { table.head.pointee.nentries = i } else { remember(d, i + 1) }
    changed(d)
    gila_tuple_items(pair.ref)[0] = key.take()
    gila_tuple_items(pair.ref)[1] = value
    return pair
  }
  static func clear(_ d: Ref) {
    Dict.clear(d)
    changed(d)
  }
  static func moveToEnd(_ d: Ref, _ key: Ref, last toEnd: Bool) throws(PyError) {
    if Dict.used(d) == 0 { throw keyError(key) }
    let h = try Dict.hash(key)
    var i = try Dict.find(d, key, h)
    if i < 0 { throw keyError(key) }
    if i == (toEnd ? last(d) : first(d)) { return }
    let target: Int
    if toEnd {
      if Dict.keys(d).head.pointee.usable <= 0 { i = try makeRoom(d, i, inFront: false) }
      target = Dict.keys(d).count
    } else {
      // Behind `makeRoom` entry i may be another one.
      if first(d) == 0 { i = try makeRoom(d, i, inFront: true) }
      target = first(d) - 1
    }
    move(d, i, target, h)
    if toEnd {
      Dict.keys(d).head.pointee.nentries += 1
      Dict.keys(d).head.pointee.usable -= 1
    } else {
      remember(d, target)
    }
    changed(d)
  }
  /// Entry `i` becomes entry `target`, which is free.
  private static func move(_ d: Ref, _ i: Int, _ target: Int, _ hash: Int) {
    let table = Dict.keys(d)
    let mask = table.mask
    var perturb = UInt(bitPattern: hash)
    var slot = perturb & mask
    while table.index(at: slot) != i {
      perturb &>>= 5
      slot = (slot &* 5 &+ perturb &+ 1) & mask
    }
    table.setIndex(at: slot, target)
    let from = table.key(i), to = table.key(target)
    to.pointee = from.pointee
    (to + 1).pointee = (from + 1).pointee
    from.pointee = nil
    (from + 1).pointee = nil
    if table.head.pointee.kind != 0 { (table.entries + target &* 24).storeBytes(of: hash, as: Int.self) }
    table.head.pointee.version = 0
  }
  /// A new table with room at one end; where entry `i` is in it.
  private static func makeRoom(_ d: Ref, _ i: Int, inFront: Bool) throws(PyError) -> Int {
    let used = Dict.used(d), old = Dict.keys(d)
    var live = 0
    for k in 0..<i where old.key(k).pointee != nil { live += 1 }
    try DictTable.resize(d, DictTable.log2(holding: used * 2 + 8), kind: old.head.pointee.kind)
    if !inFront { return live }
    // Half of what is free goes to the front.
    let table = Dict.keys(d), gap = table.head.pointee.usable / 2
    let size = table.entrySize
    (table.entries + gap * size).copyMemory(from: table.entries, byteCount: used * size)
    for k in 0..<gap {
      table.key(k).pointee = nil
      table.value(k).pointee = nil
    }
    for slot in 0...table.mask {
      let at = table.index(at: slot)
      if at >= 0 { table.setIndex(at: slot, at + gap) }
    }
    table.head.pointee.nentries += gap
    table.head.pointee.usable -= gap
    remember(d, gap)
    return live + gap
  }

  // MARK: Whole dicts

  /// Whether the keys are equal one by one, in order.
  static func sameOrder(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    let stateA = object(a).pointee.state, stateB = object(b).pointee.state
    var i = first(a), j = first(b)
    while true {
      let left = Dict.keys(a), right = Dict.keys(b)
      while i < left.count && left.key(i).pointee == nil { i += 1 }
      while j < right.count && right.key(j).pointee == nil { j += 1 }
      guard i < left.count, j < right.count, let x = left.key(i).pointee, let y = right.key(j).pointee else {
        return i >= left.count && j >= right.count
      }
      let heldX = Owned(retaining: x), heldY = Owned(retaining: y)
      let equal = try check(PyObject_RichCompareBool(heldX.ref, heldY.ref, Py_EQ))
      if object(a).pointee.state != stateA || object(b).pointee.state != stateB {
        throw runtimeError("OrderedDict mutated during iteration")
      }
      if equal == 0 { return false }
      i += 1
      j += 1
    }
  }
  static func copy(_ d: Ref) throws(PyError) -> Owned {
    try requireKnownKeys(d)
    let result = try owned(PyObject_CallNoArgs(d.type.object))
    if d.isExactly(Types.oDict) {
      try merge(result.ref, d)
      return result
    }
    let iterator = try owned(OrderedDictIterator.make(d, OrderedDictIterator.keys))
    while let next = PyIter_Next(iterator.ref) {
      let key = Owned(taking: next)
      let value = try owned(PyObject_GetItem(d, key.ref))
      try check(PyObject_SetItem(result.ref, key.ref, value.ref))
    }
    if errorIsSet { throw PyError() }
    return result
  }
  /// Adds the entries of a dict to an exact OrderedDict.
  private static func merge(_ d: Ref, _ other: Ref) throws(PyError) {
    let before = Dict.used(d)
    do throws(PyError) { try Dict.mergeDict(d, other, override: 1) } catch {
      changed(d)
      throw error
    }
    if Dict.used(d) != before { changed(d) }
  }

  static func call(_ d: Ref, _ method: StaticString) throws(PyError) -> Owned {
    var argument: Ref? = d
    return try owned(PyObject_VectorcallMethod(gila_intern(cString(method)), &argument, 1, nil))
  }

  // MARK: Update

  /// What `update` and `__init__` do with their arguments. A subclass's `__setitem__` is asked for each.
  static func update(_ d: Ref, _ argument: Ref?, _ keywords: Ref?) throws(PyError) {
    if let argument { try update(d, from: argument) }
    if let keywords, Dict.used(keywords) > 0 {
      if PyArg_ValidateKeywordArguments(keywords) == 0 { throw PyError() }
      try add(d, dict: keywords)
    }
  }
  static func update(_ d: Ref, from argument: Ref) throws(PyError) {
    if argument.isExactly(Types.dict) { return try add(d, dict: argument) }
    if argument.isExactly(Types.oDict) && d.isExactly(Types.oDict) { return try merge(d, argument) }
    if let keys = try optional(argument, "keys") {
      defer { gila_decref(keys) }
      let names = try owned(PyObject_CallNoArgs(keys))
      let iterator = try owned(PyObject_GetIter(names.ref))
      while let next = PyIter_Next(iterator.ref) {
        let key = Owned(taking: next)
        let value = try owned(PyObject_GetItem(argument, key.ref))
        try check(PyObject_SetItem(d, key.ref, value.ref))
      }
      if errorIsSet { throw PyError() }
      return
    }
    if let items = try optional(argument, "items") {
      defer { gila_decref(items) }
      let pairs = try owned(PyObject_CallNoArgs(items))
      return try add(d, pairs: pairs.ref)
    }
    try add(d, pairs: argument)
  }
  private static func optional(_ o: Ref, _ name: StaticString) throws(PyError) -> Ref? {
    var result: Ref? = nil
    try check(PyObject_GetOptionalAttr(o, gila_intern(cString(name)), &result))
    return result
  }
  private static func add(_ d: Ref, dict: Ref) throws(PyError) {
    if d.isExactly(Types.oDict) { return try merge(d, dict) }
    let items = try owned(PyDict_Items(dict))
    try add(d, pairs: items.ref)
  }
  private static func add(_ d: Ref, pairs: Ref) throws(PyError) {
    let iterator = try owned(PyObject_GetIter(pairs))
    while let next = PyIter_Next(iterator.ref) {
      let pair = Owned(taking: next)
      if pair.ref.isExactly(Types.tuple), pair.ref.size == 2, let key = PyTuple_GetItem(pair.ref, 0),
        let value = PyTuple_GetItem(pair.ref, 1)
      {
        try check(PyObject_SetItem(d, key, value))
        continue
      }
      let parts = try owned(PyObject_GetIter(pair.ref))
      guard let k = PyIter_Next(parts.ref) else {
        throw errorIsSet ? PyError() : valueError("need more than 0 values to unpack")
      }
      let key = Owned(taking: k)
      guard let v = PyIter_Next(parts.ref) else {
        throw errorIsSet ? PyError() : valueError("need more than 1 value to unpack")
      }
      let value = Owned(taking: v)
      if let more = PyIter_Next(parts.ref) {
        gila_decref(more)
        throw valueError("too many values to unpack (expected 2)")
      }
      if errorIsSet { throw PyError() }
      try check(PyObject_SetItem(d, key.ref, value.ref))
    }
    if errorIsSet { throw PyError() }
  }
}

@c @implementation public func PyODict_New() -> Ref? { PyObject_CallNoArgs(Types.oDict.object) }
@c @implementation public func PyODict_SetItem(_ d: Ref!, _ key: Ref!, _ value: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in try OrderedDict.set(d!, key!, value!) }
}
@c @implementation public func PyODict_DelItem(_ d: Ref!, _ key: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in try OrderedDict.remove(d!, key!) }
}
