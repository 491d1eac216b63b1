import CGila
import GilaCore

/// A node of a persistent hash array mapped trie: a map that is changed by making the few nodes on the way to the change
/// anew, so that every older version of the map stays valid and shares the rest.
///
/// Each level of the tree takes five bits of a key's 32-bit hash. Nodes are collected objects that never change once
/// others can see them. What the words of a node are depends on its kind:
/// - bitmap: up to 16 pairs, one for each set bit of `bits`: key and value, or nothing and the node below;
/// - array: 32 nodes below or nothing; `bits` counts them;
/// - collision: pairs of keys and values whose hash is `bits`.
struct MapNode {
  enum Kind: UInt32 { case bitmap, array, collision }
  private struct Head {
    var ob_base: PyVarObject
    var kind: Kind
    var bits: UInt32
  }
  /// Set by `install`; a constant at first, so that no use has to ask whether it was computed.
  nonisolated(unsafe) private static var type: TypeRef? = nil
  /// More children make an array node of a bitmap node, fewer a bitmap node of an array node.
  static let bitmapCapacity = 16

  let ref: Ref
  @inline(__always) init(_ ref: Ref) { self.ref = ref }

  @inline(__always) var kind: Kind { ref.cast(Head.self).pointee.kind }
  @inline(__always) var bits: UInt32 { ref.cast(Head.self).pointee.bits }
  /// The number of words.
  @inline(__always) var count: Int { ref.size }
  @inline(__always) var words: UnsafeMutablePointer<Ref?> {
    (ref.raw + MemoryLayout<Head>.size).assumingMemoryBound(to: Ref?.self)
  }
  @inline(__always) subscript(i: Int) -> Ref? { words[i] }
  /// The only pair, if the node is a bitmap node of one key and value.
  var onlyPair: (key: Ref, value: Ref)? {
    guard kind == .bitmap, count == 2, let key = self[0], let value = self[1] else { return nil }
    return (key, value)
  }

  // MARK: New nodes

  /// A node whose words are not set yet; it is not tracked before `finish`.
  private static func allocate(_ kind: Kind, _ bits: UInt32, _ count: Int) throws(PyError) -> MapNode {
    guard let made = _PyObject_GC_NewVar(type.unsafelyUnwrapped, count) else { throw PyError() }
    let node = MapNode(UnsafeMutableRawPointer(made).assumingMemoryBound(to: PyObject.self))
    let head = node.ref.cast(Head.self)
    head.pointee.kind = kind
    head.pointee.bits = bits
    return node
  }
  @inline(__always) private func finish() -> Owned {
    gila_gc_track(ref)
    return Owned(taking: ref)
  }
  /// Retains words of another node.
  @inline(__always) private func copyWords(_ from: MapNode, _ range: Range<Int>, to start: Int) {
    var to = start
    for i in range {
      words[to] = xnewRef(from[i])
      to &+= 1
    }
  }

  /// A bitmap node of one key and value.
  static func single(_ bit: UInt32, _ key: Ref, _ value: Ref) throws(PyError) -> Owned {
    let node = try allocate(.bitmap, bit, 2)
    node.words[0] = newRef(key)
    node.words[1] = newRef(value)
    return node.finish()
  }
  /// A bitmap node with one node below it.
  static func above(_ bit: UInt32, _ child: consuming Owned) throws(PyError) -> Owned {
    let node = try allocate(.bitmap, bit, 2)
    node.words[0] = nil
    node.words[1] = child.take()
    return node.finish()
  }
  /// A bitmap or collision node of two pairs.
  static func two(
    _ kind: Kind, _ bits: UInt32, _ key1: Ref, _ value1: Ref, _ key2: Ref, _ value2: Ref
  ) throws(PyError) -> Owned {
    let node = try allocate(kind, bits, 4)
    node.words[0] = newRef(key1)
    node.words[1] = newRef(value1)
    node.words[2] = newRef(key2)
    node.words[3] = newRef(value2)
    return node.finish()
  }
  /// An array node of owned children.
  static func array(_ children: consuming Children) throws(PyError) -> Owned {
    let node = try allocate(.array, UInt32(children.count), 32)
    children.move(to: node.words)
    return node.finish()
  }

  /// The node with another word.
  func replacing(_ at: Int, _ word: consuming Owned) throws(PyError) -> Owned {
    let node = try MapNode.allocate(kind, bits, count)
    node.copyWords(self, 0..<at, to: 0)
    node.words[at] = word.take()
    node.copyWords(self, at &+ 1..<count, to: at &+ 1)
    return node.finish()
  }
  /// The node with another pair: a key and a value, or nothing and a node below.
  func replacingPair(_ at: Int, _ key: Ref?, _ value: consuming Owned) throws(PyError) -> Owned {
    let node = try MapNode.allocate(kind, bits, count)
    node.copyWords(self, 0..<at, to: 0)
    node.words[at] = xnewRef(key)
    node.words[at &+ 1] = value.take()
    node.copyWords(self, at &+ 2..<count, to: at &+ 2)
    return node.finish()
  }
  /// The node with one more pair.
  func inserting(_ at: Int, _ bits: UInt32, _ key: Ref, _ value: Ref) throws(PyError) -> Owned {
    let node = try MapNode.allocate(kind, bits, count &+ 2)
    node.copyWords(self, 0..<at, to: 0)
    node.words[at] = newRef(key)
    node.words[at &+ 1] = newRef(value)
    node.copyWords(self, at..<count, to: at &+ 2)
    return node.finish()
  }
  /// The node with one pair less.
  func removingPair(_ at: Int, _ bits: UInt32) throws(PyError) -> Owned {
    let node = try MapNode.allocate(kind, bits, count &- 2)
    node.copyWords(self, 0..<at, to: 0)
    node.copyWords(self, at &+ 2..<count, to: at)
    return node.finish()
  }
  /// The array node with another child, or none, at an index.
  func replacingChild(_ index: Int, _ child: Ref?) throws(PyError) -> Owned {
    let node = try MapNode.allocate(.array, bits &+ (self[index] == nil ? 1 : 0) &- (child == nil ? 1 : 0), 32)
    node.copyWords(self, 0..<32, to: 0)
    replace(node.words + index, with: xnewRef(child))
    return node.finish()
  }
  /// The array node as a bitmap node, without the child at an index. A child of one key and value comes up itself.
  func asBitmap(without index: Int) throws(PyError) -> Owned {
    let left = (0..<32).count { $0 != index && self[$0] != nil }
    let node = try MapNode.allocate(.bitmap, 0, left &* 2)
    var bits: UInt32 = 0
    var at = 0
    for i in 0..<32 where i != index {
      guard let child = self[i] else { continue }
      let pair = MapNode(child).onlyPair
      node.words[at] = xnewRef(pair?.key)
      node.words[at &+ 1] = newRef(pair?.value ?? child)
      at &+= 2
      bits |= 1 &<< UInt32(i)
    }
    node.ref.cast(Head.self).pointee.bits = bits
    return node.finish()
  }

  // MARK: The type

  static func install() -> Int32 {
    let t = newStaticType()
    t.define(
      "gila.maps.node", basicSize: MemoryLayout<Head>.size, itemSize: 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let node = MapNode(r!)
      for i in 0..<node.count { xdecref(node[i]) }
      PyObject_GC_Del(r!.raw)
    }
    // Whoever holds a map can let go of it; so nodes, as tuples, need no way to clear them.
    t.pointee.tp_traverse = { r, f, k in
      let node = MapNode(r!)
      for i in 0..<node.count {
        let s = visit(node[i], f, k)
        if s != 0 { return s }
      }
      return 0
    }
    type = t
    return PyType_Ready(t)
  }

  /// Children of an array node in the making: given back if the making fails.
  struct Children: ~Copyable {
    private var nodes = InlineArray<32, Ref?>(repeating: nil)
    private(set) var count = 0
    mutating func set(_ i: Int, _ node: consuming Owned) {
      nodes[i] = node.take()
      count &+= 1
    }
    consuming func move(to words: UnsafeMutablePointer<Ref?>) {
      for i in 0..<32 {
        words[i] = nodes[i]
        nodes[i] = nil
      }
    }
    deinit { for i in 0..<32 { xdecref(nodes[i]) } }
  }
}
