import CGila
import GilaCore
import Glibc

/// The order of an OrderedDict: a chain of nodes beside the dict, found through a small hash table of their own. The
/// nodes keep the key objects that the dict stores, so that looking one up compares addresses only.
struct OrderChain {
  struct Node {
    var key: Ref?
    var hash: Int
    var previous: Int32
    var next: Int32
  }
  static let none: Int32 = -1

  var nodes: UnsafeMutablePointer<Node>
  var slots: UnsafeMutablePointer<Int32>
  /// Nodes there is room for; the table has twice as many slots.
  var capacity: Int
  var shift: UInt
  var count = 0
  /// Nodes in use or on the free list.
  var touched = 0
  var free = OrderChain.none
  var first = OrderChain.none
  var last = OrderChain.none
  /// Changes whenever the chain does.
  var state = 0

  /// Room for `n` nodes, a power of two; nil without memory.
  init?(capacity n: Int) {
    guard n <= 1 << 29, let a = malloc(n &* MemoryLayout<Node>.stride), let b = malloc(n &* 8) else { return nil }
    nodes = a.assumingMemoryBound(to: Node.self)
    slots = b.assumingMemoryBound(to: Int32.self)
    slots.update(repeating: OrderChain.none, count: n &* 2)
    capacity = n
    shift = UInt(64 &- (n &* 2).trailingZeroBitCount)
  }
  func release() {
    Glibc.free(nodes)
    Glibc.free(slots)
  }

  private var mask: Int { capacity &* 2 &- 1 }
  /// Spreads hashes that differ in their high bits only.
  @inline(__always) private func home(_ hash: Int) -> Int {
    Int(bitPattern: (UInt(bitPattern: hash) &* 0x9e37_79b9_7f4a_7c15) &>> shift)
  }

  /// The node of a stored key object, or `none`.
  @inline(__always) func find(_ key: Ref, _ hash: Int) -> Int32 {
    var s = home(hash)
    while true {
      let i = slots[s]
      if i < 0 || nodes[Int(i)].key == key { return i }
      s = (s &+ 1) & mask
    }
  }
  private func occupy(_ i: Int32, _ hash: Int) {
    var s = home(hash)
    while slots[s] >= 0 { s = (s &+ 1) & mask }
    slots[s] = i
  }
  /// Twice the room; false without memory.
  private mutating func grow() -> Bool {
    guard var larger = OrderChain(capacity: capacity &* 2) else { return false }
    var i = first
    while i >= 0 {
      let node = nodes[Int(i)]
      larger.link(node.key.unsafelyUnwrapped, node.hash)
      i = node.next
    }
    larger.state = state
    release()
    self = larger
    return true
  }
  /// A new node at the end, where there is room.
  private mutating func link(_ key: Ref, _ hash: Int) {
    var i = free
    if i >= 0 {
      free = nodes[Int(i)].next
    } else {
      i = Int32(truncatingIfNeeded: touched)
      touched &+= 1
    }
    nodes[Int(i)] = Node(key: key, hash: hash, previous: last, next: OrderChain.none)
    if last >= 0 { nodes[Int(last)].next = i } else { first = i }
    last = i
    occupy(i, hash)
    count &+= 1
    state &+= 1
  }
  /// Adds a key at the end and takes over a reference to it; false without memory.
  mutating func append(_ key: Ref, _ hash: Int) -> Bool {
    if count == capacity && !grow() { return false }
    link(key, hash)
    return true
  }
  private mutating func unlink(_ i: Int32) {
    let node = nodes[Int(i)]
    if node.previous >= 0 { nodes[Int(node.previous)].next = node.next } else { first = node.next }
    if node.next >= 0 { nodes[Int(node.next)].previous = node.previous } else { last = node.previous }
  }
  /// Takes a node out; the caller owns its key.
  mutating func remove(_ i: Int32) -> Ref {
    let node = nodes[Int(i)]
    unlink(i)
    var hole = home(node.hash)
    while slots[hole] != i { hole = (hole &+ 1) & mask }
    // What follows without a gap moves up if it may stand nearer to its home.
    var s = hole
    while true {
      s = (s &+ 1) & mask
      let j = slots[s]
      if j < 0 { break }
      let distance = (s &- home(nodes[Int(j)].hash)) & mask
      if distance >= (s &- hole) & mask {
        slots[hole] = j
        hole = s
      }
    }
    slots[hole] = OrderChain.none
    nodes[Int(i)].key = nil
    nodes[Int(i)].next = free
    free = i
    count &-= 1
    state &+= 1
    return node.key.unsafelyUnwrapped
  }
  mutating func move(_ i: Int32, toEnd: Bool) {
    if (toEnd ? last : first) == i { return }
    unlink(i)
    if toEnd {
      nodes[Int(i)].previous = last
      nodes[Int(i)].next = OrderChain.none
      nodes[Int(last)].next = i
      last = i
    } else {
      nodes[Int(i)].next = first
      nodes[Int(i)].previous = OrderChain.none
      nodes[Int(first)].previous = i
      first = i
    }
    state &+= 1
  }
}

/// The operations of OrderedDict on a dict and its chain.
enum OrderedDict {
  static let chainOffset = 48, dictOffset = 96, weakOffset = 104, basicSize = 112

  /// The chain; nil while nothing was ever stored.
  @inline(__always) static func chain(_ d: Ref) -> UnsafeMutablePointer<OrderChain>? {
    (d.raw + chainOffset).load(as: UnsafeMutablePointer<OrderChain>?.self)
  }
  @inline(__always) static func isOrdered(_ r: Ref) -> Bool { r.isInstance(of: Types.oDict) }

  /// Notes a stored key at the end of the order if it is new.
  private static func note(_ d: Ref, _ key: Ref, _ hash: Int) throws(PyError) {
    if let c = chain(d) {
      if c.pointee.find(key, hash) >= 0 { return }
      guard c.pointee.append(newRef(key), hash) else {
        decref(key)
        throw memoryError()
      }
      return
    }
    guard let made = OrderChain(capacity: 8) else { throw memoryError() }
    let c = UnsafeMutablePointer<OrderChain>.allocate(capacity: 1)
    c.initialize(to: made)
    (d.raw + chainOffset).storeBytes(of: c, as: UnsafeMutablePointer<OrderChain>?.self)
    _ = c.pointee.append(newRef(key), hash)
  }

  static func set(_ d: Ref, _ key: Ref, _ value: Ref) throws(PyError) {
    let hash = try Dict.hash(key)
    let i = try Dict.find(d, key, hash)
    Dict.maintainTracking(d, key, value)
    if i < 0 {
      try Dict.insertNew(d, newRef(key), newRef(value), hash)
      do throws(PyError) {
        try note(d, key, hash)
      } catch {
        _ = try? Dict.remove(d, key, hash)
        throw error
      }
      return
    }
    let entry = Dict.keys(d).key(i)
    let old = (entry + 1).pointee
    (entry + 1).pointee = newRef(value)
    defer { xdecref(old) }
    try note(d, entry.pointee.unsafelyUnwrapped, hash)
  }
  /// Takes a key out of order and dict; nil if the dict does not have it.
  static func pop(_ d: Ref, _ key: Ref) throws(PyError) -> Owned? {
    let hash = try Dict.hash(key)
    let i = try Dict.find(d, key, hash)
    if i < 0 { return nil }
    var ordered: Ref? = nil
    if let c = chain(d) {
      let node = c.pointee.find(Dict.keys(d).key(i).pointee.unsafelyUnwrapped, hash)
      if node >= 0 { ordered = c.pointee.remove(node) }
    }
    let value = Owned(taking: Dict.removeEntry(d, i, hash))
    xdecref(ordered)
    return value
  }
  static func delete(_ d: Ref, _ key: Ref) throws(PyError) {
    if try pop(d, key) == nil { throw keyError(key) }
  }
  static func popItem(_ d: Ref, last: Bool) throws(PyError) -> Owned {
    guard let c = chain(d), c.pointee.count > 0 else { throw raise(Exc.KeyError, "dictionary is empty") }
    let node = last ? c.pointee.last : c.pointee.first
    let hash = c.pointee.nodes[Int(node)].hash
    let key = Owned(taking: c.pointee.remove(node))
    guard let value = try Dict.pop(d, key.ref, hash) else { throw keyError(key.ref) }
    return try pair(key, Owned(taking: value))
  }
  static func move(_ d: Ref, _ key: Ref, toEnd: Bool) throws(PyError) {
    let hash = try Dict.hash(key)
    let i = try Dict.find(d, key, hash)
    guard i >= 0, let c = chain(d) else { throw keyError(key) }
    let node = c.pointee.find(Dict.keys(d).key(i).pointee.unsafelyUnwrapped, hash)
    if node < 0 { throw keyError(key) }
    c.pointee.move(node, toEnd: toEnd)
  }
  static func clear(_ d: Ref) {
    Dict.clear(d)
    clearOrder(d)
  }
  /// Forgets all keys; the chain is taken out first, since giving a key back may run code.
  static func clearOrder(_ d: Ref) {
    guard let c = chain(d) else { return }
    let old = c.pointee
    guard let empty = OrderChain(capacity: 8) else { return }
    c.pointee = empty
    c.pointee.state = old.state &+ 1
    var i = old.first
    while i >= 0 {
      let node = old.nodes[Int(i)]
      xdecref(node.key)
      i = node.next
    }
    old.release()
  }
  static func free(_ d: Ref) {
    guard let c = chain(d) else { return }
    (d.raw + chainOffset).storeBytes(of: nil, as: UnsafeMutablePointer<OrderChain>?.self)
    var i = c.pointee.first
    while i >= 0 {
      let node = c.pointee.nodes[Int(i)]
      xdecref(node.key)
      i = node.next
    }
    c.pointee.release()
    c.deallocate()
  }

  /// Calls `body` with every key in order, which may run code; RuntimeError if that changes the order.
  static func forEachKey(_ d: Ref, _ body: (Ref) throws(PyError) -> Void) throws(PyError) {
    guard let c = chain(d) else { return }
    let state = c.pointee.state
    var i = c.pointee.first
    while i >= 0 {
      let key = Owned(retaining: c.pointee.nodes[Int(i)].key.unsafelyUnwrapped)
      try body(key.ref)
      if c.pointee.state != state { throw runtimeError("OrderedDict mutated during iteration") }
      i = c.pointee.nodes[Int(i)].next
    }
  }
  /// Whether two have equal keys in the same order.
  static func sameOrder(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    guard let x = chain(a), let y = chain(b) else { return Dict.used(a) == Dict.used(b) }
    let (stateA, stateB) = (x.pointee.state, y.pointee.state)
    var (i, j) = (x.pointee.first, y.pointee.first)
    while i >= 0 && j >= 0 {
      let k = Owned(retaining: x.pointee.nodes[Int(i)].key.unsafelyUnwrapped)
      let l = Owned(retaining: y.pointee.nodes[Int(j)].key.unsafelyUnwrapped)
      let same = try check(PyObject_RichCompareBool(k.ref, l.ref, Py_EQ))
      if x.pointee.state != stateA || y.pointee.state != stateB {
        throw runtimeError("OrderedDict mutated during iteration")
      }
      if same == 0 { return false }
      (i, j) = (x.pointee.nodes[Int(i)].next, y.pointee.nodes[Int(j)].next)
    }
    return i < 0 && j < 0
  }

  /// `update` with one argument: every item goes through `__setitem__`.
  static func update(_ d: Ref, from other: Ref) throws(PyError) {
    if other.isExactly(Types.dict) {
      let items = try owned(PyDict_Items(other))
      return try addPairs(d, items.ref)
    }
    var method: Ref? = nil
    if try check(PyObject_GetOptionalAttr(other, gila_intern("keys"), &method)) > 0 {
      let held = Owned(taking: method.unsafelyUnwrapped)
      let keys = try owned(PyObject_CallNoArgs(held.ref))
      let iterator = try owned(PyObject_GetIter(keys.ref))
      while let next = PyIter_Next(iterator.ref) {
        let key = Owned(taking: next)
        let value = try owned(PyObject_GetItem(other, key.ref))
        try check(PyObject_SetItem(d, key.ref, value.ref))
      }
      if errorIsSet { throw PyError() }
      return
    }
    if try check(PyObject_GetOptionalAttr(other, gila_intern("items"), &method)) > 0 {
      let held = Owned(taking: method.unsafelyUnwrapped)
      let items = try owned(PyObject_CallNoArgs(held.ref))
      return try addPairs(d, items.ref)
    }
    try addPairs(d, other)
  }
  static func addPairs(_ d: Ref, _ pairs: Ref) throws(PyError) {
    let iterator = try owned(PyObject_GetIter(pairs))
    while let next = PyIter_Next(iterator.ref) {
      let item = Owned(taking: next)
      if item.ref.isExactly(Types.tuple), item.ref.size == 2 {
        try check(PyObject_SetItem(d, gila_tuple_items(item.ref)[0], gila_tuple_items(item.ref)[1]))
        continue
      }
      let parts = try owned(PyObject_GetIter(item.ref))
      guard let first = PyIter_Next(parts.ref) else {
        if errorIsSet { throw PyError() }
        throw valueError("need more than 0 values to unpack")
      }
      let key = Owned(taking: first)
      guard let second = PyIter_Next(parts.ref) else {
        if errorIsSet { throw PyError() }
        throw valueError("need more than 1 value to unpack")
      }
      let value = Owned(taking: second)
      if let third = PyIter_Next(parts.ref) {
        decref(third)
        throw valueError("too many values to unpack (expected 2)")
      }
      if errorIsSet { throw PyError() }
      try check(PyObject_SetItem(d, key.ref, value.ref))
    }
    if errorIsSet { throw PyError() }
  }
  static func pair(_ a: consuming Owned, _ b: consuming Owned) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(2))
    gila_tuple_items(t.ref)[0] = a.take()
    gila_tuple_items(t.ref)[1] = b.take()
    return t
  }
}
