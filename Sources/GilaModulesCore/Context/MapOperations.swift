import CGila
import GilaCore

/// Look-up and change of persistent maps, given by their root nodes (nil: the empty map).
///
/// Hashes and comparisons of keys may run Python code. The caller holds the root, and with it every node on the way.
enum MapOperations {
  /// The bits of a level above the last: below it, keys differ in no bit of their hashes.
  private static let lastShift: UInt32 = 30

  /// A key's hash, folded to 32 bits.
  @inline(__always) static func hash(_ key: Ref) throws(PyError) -> UInt32 { fold(try hashValue(key)) }
  private static func hashValue(_ key: Ref) throws(PyError) -> Int {
    let h = PyObject_Hash(key)
    if h == -1 { throw PyError() }
    return h
  }
  @inline(__always) static func fold(_ hash: Int) -> UInt32 {
    let folded = UInt32(truncatingIfNeeded: hash) ^ UInt32(truncatingIfNeeded: hash >> 32)
    return folded == UInt32.max ? UInt32.max - 1 : folded
  }
  @inline(__always) private static func index(_ hash: UInt32, _ shift: UInt32) -> Int { Int(hash &>> shift & 31) }
  @inline(__always) private static func bit(_ hash: UInt32, _ shift: UInt32) -> UInt32 { 1 &<< (hash &>> shift & 31) }
  /// Where the words of a bit begin.
  @inline(__always) private static func place(_ bits: UInt32, _ bit: UInt32) -> Int {
    (bits & (bit &- 1)).nonzeroBitCount &* 2
  }
  @inline(__always) private static func same(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    if a == b { return true }
    // Variables are equal only to themselves.
    if a.isExactly(Types.contextVar) && b.isExactly(Types.contextVar) { return false }
    return try check(PyObject_RichCompareBool(a, b, Py_EQ)) != 0
  }
  /// Where the pair of a key is in a collision node.
  private static func pair(_ node: MapNode, _ key: Ref) throws(PyError) -> Int? {
    var at = 0
    while at < node.count {
      if let k = node[at], try same(k, key) { return at }
      at &+= 2
    }
    return nil
  }

  // MARK: Look-up

  /// The value of a key (borrowed), or nil.
  static func find(_ root: Ref?, _ hash: UInt32, _ key: Ref) throws(PyError) -> Ref? {
    var next = root
    var shift: UInt32 = 0
    while let ref = next {
      let node = MapNode(ref)
      switch node.kind {
      case .bitmap:
        let b = bit(hash, shift)
        if node.bits & b == 0 { return nil }
        let at = place(node.bits, b)
        if let k = node[at] { return try same(k, key) ? node[at &+ 1] : nil }
        next = node[at &+ 1]
      case .array: next = node[index(hash, shift)]
      case .collision:
        guard let at = try pair(node, key) else { return nil }
        return node[at &+ 1]
      }
      shift &+= 5
    }
    return nil
  }

  // MARK: Change

  /// The root of the map with `key` set to `value`: the same root if nothing changes.
  static func setting(
    _ root: Ref?, _ hash: UInt32, _ key: Ref, _ value: Ref, _ added: inout Bool
  ) throws(PyError) -> Owned {
    guard let root else {
      added = true
      return try MapNode.single(bit(hash, 0), key, value)
    }
    return try setting(MapNode(root), 0, hash, key, value, &added)
  }
  private static func setting(
    _ node: MapNode, _ shift: UInt32, _ hash: UInt32, _ key: Ref, _ value: Ref, _ added: inout Bool
  ) throws(PyError) -> Owned {
    switch node.kind {
    case .bitmap:
      let b = bit(hash, shift)
      let at = place(node.bits, b)
      if node.bits & b == 0 {
        added = true
        if node.count < MapNode.bitmapCapacity * 2 { return try node.inserting(at, node.bits | b, key, value) }
        return try grown(node, shift, hash, key, value)
      }
      guard let below = node[at &+ 1] else { return Owned(retaining: node.ref) }
      guard let k = node[at] else {
        let new = try setting(MapNode(below), shift &+ 5, hash, key, value, &added)
        if new.ref == below { return Owned(retaining: node.ref) }
        return try node.replacing(at &+ 1, new)
      }
      if try same(k, key) {
        if below == value { return Owned(retaining: node.ref) }
        return try node.replacing(at &+ 1, Owned(retaining: value))
      }
      let other = try MapOperations.hash(k)
      let new = try apart(shift &+ 5, other, k, below, hash, key, value)
      added = true
      return try node.replacingPair(at, nil, new)
    case .array:
      let i = index(hash, shift)
      guard let below = node[i] else {
        added = true
        let new = try MapNode.single(bit(hash, shift &+ 5), key, value)
        return try node.replacingChild(i, new.ref)
      }
      let new = try setting(MapNode(below), shift &+ 5, hash, key, value, &added)
      if new.ref == below { return Owned(retaining: node.ref) }
      return try node.replacingChild(i, new.ref)
    case .collision:
      if hash != node.bits && shift <= lastShift {
        let above = try MapNode.above(bit(node.bits, shift), Owned(retaining: node.ref))
        return try setting(MapNode(above.ref), shift, hash, key, value, &added)
      }
      guard let at = try pair(node, key) else {
        added = true
        return try node.inserting(node.count, node.bits, key, value)
      }
      if node[at &+ 1] == value { return Owned(retaining: node.ref) }
      return try node.replacing(at &+ 1, Owned(retaining: value))
    }
  }
  /// The array node that follows a full bitmap node.
  private static func grown(
    _ node: MapNode, _ shift: UInt32, _ hash: UInt32, _ key: Ref, _ value: Ref
  ) throws(PyError) -> Owned {
    var children = MapNode.Children()
    children.set(index(hash, shift), try MapNode.single(bit(hash, shift &+ 5), key, value))
    var at = 0
    for i in 0..<32 where node.bits & 1 &<< UInt32(i) != 0 {
      if let below = node[at &+ 1] {
        if let k = node[at] {
          let h = try MapOperations.hash(k)
          children.set(i, try MapNode.single(bit(h, shift &+ 5), k, below))
        } else {
          children.set(i, Owned(retaining: below))
        }
      }
      at &+= 2
    }
    return try MapNode.array(children)
  }
  /// The node, at a level, of two keys that differ. Hashes that a key reported differently before may agree in all
  /// levels that are left: such keys collide too.
  private static func apart(
    _ shift: UInt32, _ hash1: UInt32, _ key1: Ref, _ value1: Ref, _ hash2: UInt32, _ key2: Ref, _ value2: Ref
  ) throws(PyError) -> Owned {
    if hash1 == hash2 || shift > lastShift {
      return try MapNode.two(.collision, hash2, key1, value1, key2, value2)
    }
    let b1 = bit(hash1, shift)
    let b2 = bit(hash2, shift)
    if b1 < b2 { return try MapNode.two(.bitmap, b1 | b2, key1, value1, key2, value2) }
    if b1 > b2 { return try MapNode.two(.bitmap, b1 | b2, key2, value2, key1, value1) }
    return try MapNode.above(b1, try apart(shift &+ 5, hash1, key1, value1, hash2, key2, value2))
  }

  /// The root of the map without `key`: the same root if the key is not there, nil if nothing else is.
  static func removing(_ root: Ref?, _ hash: UInt32, _ key: Ref) throws(PyError) -> Owned? {
    guard let root else { return nil }
    return try removing(MapNode(root), 0, hash, key)
  }
  private static func removing(
    _ node: MapNode, _ shift: UInt32, _ hash: UInt32, _ key: Ref
  ) throws(PyError) -> Owned? {
    switch node.kind {
    case .bitmap:
      let b = bit(hash, shift)
      let at = place(node.bits, b)
      guard node.bits & b != 0, let below = node[at &+ 1] else { return Owned(retaining: node.ref) }
      if let k = node[at] {
        if try !same(k, key) { return Owned(retaining: node.ref) }
      } else if let new = try removing(MapNode(below), shift &+ 5, hash, key) {
        if new.ref == below { return Owned(retaining: node.ref) }
        // A pair that is left alone comes up.
        if let pair = MapNode(new.ref).onlyPair {
          return try node.replacingPair(at, pair.key, Owned(retaining: pair.value))
        }
        return try node.replacing(at &+ 1, new)
      }
      return node.count == 2 ? nil : try node.removingPair(at, node.bits & ~b)
    case .array:
      let i = index(hash, shift)
      guard let below = node[i] else { return Owned(retaining: node.ref) }
      if let new = try removing(MapNode(below), shift &+ 5, hash, key) {
        if new.ref == below { return Owned(retaining: node.ref) }
        return try node.replacingChild(i, new.ref)
      }
      if node.bits > MapNode.bitmapCapacity { return try node.replacingChild(i, nil) }
      return try node.asBitmap(without: i)
    case .collision:
      if hash != node.bits && shift <= lastShift { return Owned(retaining: node.ref) }
      guard let at = try pair(node, key) else { return Owned(retaining: node.ref) }
      if node.count == 2 { return nil }
      if node.count == 4, let k = node[2 &- at], let v = node[3 &- at] {
        return try MapNode.single(bit(hash, shift), k, v)
      }
      return try node.removingPair(at, node.bits)
    }
  }

  /// Stores a value in place if the key is there and nobody else holds a node on the way: true if that was done.
  /// Only for keys that are compared by identity.
  static func store(_ root: Ref?, _ hash: UInt32, _ key: Ref, _ value: Ref) -> Bool {
    var next = root
    var shift: UInt32 = 0
    while let ref = next, ref.refCount == 1 {
      let node = MapNode(ref)
      switch node.kind {
      case .bitmap:
        let b = bit(hash, shift)
        if node.bits & b == 0 { return false }
        let at = place(node.bits, b)
        if let k = node[at] {
          if k != key { return false }
          replace(node.words + (at &+ 1), with: newRef(value))
          return true
        }
        next = node[at &+ 1]
      case .array: next = node[index(hash, shift)]
      case .collision: return false
      }
      shift &+= 5
    }
    return false
  }

  // MARK: All pairs

  /// Whether two maps of equal size have the same keys with equal values. Holds both while it compares.
  static func equal(_ a: Ref?, _ b: Ref?) throws(PyError) -> Bool {
    if a == b { return true }
    guard let a, let b else { return false }
    let heldA = Owned(retaining: a)
    let heldB = Owned(retaining: b)
    var cursor = MapCursor(heldA.ref)
    while let (key, value) = cursor.next() {
      guard let other = try find(heldB.ref, try hash(key), key) else { return false }
      let held = Owned(retaining: other)
      if value != held.ref, try check(PyObject_RichCompareBool(value, held.ref, Py_EQ)) == 0 { return false }
    }
    return true
  }
}

/// A way through all pairs of a map, whose root the user holds.
struct MapCursor {
  /// Levels of 32 bits of hash, and one of collisions.
  private static let depth = 8
  private var nodes = InlineArray<8, Ref?>(repeating: nil)
  private var places = InlineArray<8, Int>(repeating: 0)
  private var level = -1

  init(_ root: Ref?) { if let root { enter(root) } }
  private mutating func enter(_ node: Ref) {
    if level &+ 1 >= MapCursor.depth { return }
    level &+= 1
    nodes[level] = node
    places[level] = 0
  }
  /// The next key and value (borrowed).
  mutating func next() -> (key: Ref, value: Ref)? {
    while level >= 0 {
      guard let ref = nodes[level] else { return nil }
      let node = MapNode(ref)
      let at = places[level]
      if at >= node.count {
        level &-= 1
        continue
      }
      if node.kind == .array {
        places[level] = at &+ 1
        if let child = node[at] { enter(child) }
        continue
      }
      places[level] = at &+ 2
      guard let below = node[at &+ 1] else { continue }
      if let key = node[at] { return (key, below) }
      enter(below)
    }
    return nil
  }
}
