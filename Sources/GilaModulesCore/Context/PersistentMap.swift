import CGila
import GilaCore

/// `gila.maps.PersistentMap`: the map of context variables as an object of its own, for any hashable keys.
enum PersistentMap {
  private struct Object {
    var ob_base: PyObject
    var root: Ref?
    var count: Int
    var weaklist: Ref?
  }
  @inline(__always) private static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }
  nonisolated(unsafe) private static var type: TypeRef? = nil

  private static func make(_ root: Ref?, _ count: Int) throws(PyError) -> Owned {
    guard let type else { throw systemError("types of maps are not ready") }
    let r = try owned(PyType_GenericAlloc(type, 0))
    object(r.ref).pointee.root = xnewRef(root)
    object(r.ref).pointee.count = count
    return r
  }
  private static func value(_ r: Ref, _ key: Ref) throws(PyError) -> Owned? {
    let root = object(r).pointee.root
    return try MapOperations.find(root, try MapOperations.hash(key), key).map { Owned(retaining: $0) }
  }
  private static func setting(_ r: Ref, _ key: Ref, _ value: Ref) throws(PyError) -> Owned {
    let map = object(r)
    var added = false
    let root = try MapOperations.setting(
      map.pointee.root, try MapOperations.hash(key), key, value, &added)
    if root.ref == map.pointee.root { return Owned(retaining: r) }
    return try make(root.ref, map.pointee.count &+ (added ? 1 : 0))
  }
  private static func removing(_ r: Ref, _ key: Ref) throws(PyError) -> Owned {
    let map = object(r)
    let hash = try MapOperations.hash(key)
    guard let root = try MapOperations.removing(map.pointee.root, hash, key) else {
      return map.pointee.root == nil ? Owned(retaining: r) : try make(nil, 0)
    }
    if root.ref == map.pointee.root { return Owned(retaining: r) }
    return try make(root.ref, map.pointee.count &- 1)
  }
  private static func iterator(_ r: Ref, _ kind: MapIterator.Kind) throws(PyError) -> Owned {
    try MapIterator.make(kind, object(r).pointee.root, object(r).pointee.count)
  }

  static func install() -> Int32 {
    let t = newStaticType()
    t.define(
      "gila.maps.PersistentMap", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc:
        "A map that never changes: set() and delete() return new maps, which share with the old ones what is the same.")
    t.pointee.tp_weaklistoffset = 32
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        if args!.size > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 {
          throw typeError("PersistentMap() takes no arguments")
        }
        return try PersistentMap.make(nil, 0)
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      if PersistentMap.object(r!).pointee.weaklist != nil { PyObject_ClearWeakRefs(r) }
      xdecref(PersistentMap.object(r!).pointee.root)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, k in visit(PersistentMap.object(r!).pointee.root, f, k) }
    t.pointee.tp_clear = { r in
      PersistentMap.object(r!).pointee.count = 0
      let root = PersistentMap.object(r!).pointee.root
      PersistentMap.object(r!).pointee.root = nil
      xdecref(root)
      return 0
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, a!.type == b!.type else { return newRef(notImplemented) }
      return bridge { () throws(PyError) in
        let (x, y) = (PersistentMap.object(a!), PersistentMap.object(b!))
        var same = x.pointee.count == y.pointee.count
        if same { same = try MapOperations.equal(x.pointee.root, y.pointee.root) }
        return Owned(retaining: pyBool(same == (op == Py_EQ)))
      }
    }
    t.pointee.tp_iter = { r in bridge { () throws(PyError) in try PersistentMap.iterator(r!, .keys) } }
    t.sequence.pointee.sq_contains = { r, key in
      bridgeBool { () throws(PyError) in
        let root = PersistentMap.object(r!).pointee.root
        return try MapOperations.find(root, try MapOperations.hash(key!), key!) != nil
      }
    }
    t.mapping.pointee.mp_length = { PersistentMap.object($0!).pointee.count }
    t.mapping.pointee.mp_subscript = { r, key in
      bridge { () throws(PyError) in
        if let value = try PersistentMap.value(r!, key!) { return value }
        throw keyError(key!)
      }
    }
    t.pointee.tp_methods = methods()
    type = t
    return PyType_Ready(t)
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional("set", "($self, key, value, /)", "The map with another value for `key`.") { r, args, n in
      bridge { () throws(PyError) in
        try checkCount("set", n, 2, 2)
        return try PersistentMap.setting(r!, args![0]!, args![1]!)
      }
    }
    m.positional(
      "get", "($self, key, default=None, /)", "The value of `key`, or `default` if the map does not have it."
    ) { r, args, n in
      bridge { () throws(PyError) in
        try checkCount("get", n, 1, 2)
        if let value = try PersistentMap.value(r!, args![0]!) { return value }
        return Owned(retaining: n > 1 ? args![1]! : none)
      }
    }
    m.one("delete", "($self, key, /)", "The map without `key`: the same map if it does not have it.") { r, key in
      bridge { () throws(PyError) in try PersistentMap.removing(r!, key!) }
    }
    m.noArguments("keys", "($self, /)", "An iterator over the keys.") { r, _ in
      bridge { () throws(PyError) in try PersistentMap.iterator(r!, .keys) }
    }
    m.noArguments("values", "($self, /)", "An iterator over the values.") { r, _ in
      bridge { () throws(PyError) in try PersistentMap.iterator(r!, .values) }
    }
    m.noArguments("items", "($self, /)", "An iterator over pairs of keys and values.") { r, _ in
      bridge { () throws(PyError) in try PersistentMap.iterator(r!, .items) }
    }
    m.noArguments("__dump__", "($self, /)", "The tree of the map as text.") { r, _ in
      bridge { () throws(PyError) in
        let map = PersistentMap.object(r!)
        var text = "HAMT(len=\(map.pointee.count)):\n"
        if let root = map.pointee.root {
          let held = Owned(retaining: root)
          try PersistentMap.dump(MapNode(held.ref), 0, &text)
        }
        return try string(text)
      }
    }
    return m.build()
  }
  private static func dump(_ node: MapNode, _ level: Int, _ text: inout String) throws(PyError) {
    let margin = String(repeating: "    ", count: level)
    let id = "id=0x\(String(UInt(bitPattern: node.ref), radix: 16))"
    switch node.kind {
    case .array:
      text += "\(margin)ArrayNode(\(id)):\n"
      for i in 0..<node.count {
        guard let child = node[i] else { continue }
        text += "\(margin)    \(i)::\n"
        try dump(MapNode(child), level + 1, &text)
        text += "\n"
      }
      return
    case .bitmap:
      let bits = String(node.bits, radix: 2)
      text += "\(margin)BitmapNode(size=\(node.count) count=\(node.count / 2) bitmap=0b\(bits) \(id)):\n"
    case .collision: text += "\(margin)CollisionNode(size=\(node.count) \(id)):\n"
    }
    for at in stride(from: 0, to: node.count, by: 2) {
      guard let below = node[at + 1] else { continue }
      if let key = node[at] {
        text += "\(margin)    \(try reprText(key)): \(try reprText(below))\n"
      } else {
        text += "\(margin)    NULL:\n"
        try dump(MapNode(below), level + 2, &text)
      }
    }
  }

  /// The module `gila.maps`.
  nonisolated(unsafe) static let module = moduleDefinition(
    "gila.maps", doc: "Maps of the runtime as objects: see PersistentMap.",
    exec: { m in
      bridgeStatus { () throws(PyError) in
        try ContextTypes.ready()
        if let type = PersistentMap.type { try check(PyModule_AddType(m, type)) }
      }
    })
}
