import CGila
import GilaCore

/// Attribute lookup on types, through the MRO, with a cache keyed by type version and name.
enum TypeLookup {
  struct Entry {
    var version: UInt32
    var name: Ref?  // borrowed: interned names in the cache are kept alive by `value`'s dict or the entry itself
    var value: Ref?
  }
  static let cacheSize = 4096

  @inline(__always) private static func cache() -> UnsafeMutablePointer<Entry> {
    // Interpreters that share a lock share the cache, since versions are one sequence for all of them.
    let interp = currentInterpreter
    if let c = interp.pointee.type_cache { return c.assumingMemoryBound(to: Entry.self) }
    return makeCache(interp)
  }
  @inline(never) private static func makeCache(_ interp: InterpreterRef) -> UnsafeMutablePointer<Entry> {
    let c = UnsafeMutablePointer<Entry>.allocate(capacity: cacheSize)
    c.initialize(repeating: Entry(version: 0, name: nil, value: nil), count: cacheSize)
    interp.pointee.type_cache = UnsafeMutableRawPointer(c)
    return c
  }

  /// The attribute as found in the dicts of the MRO (borrowed), or nil without an error.
  @inline(__always) static func find(_ type: TypeRef, _ name: Ref) -> Ref? {
    let version = type.pointee.tp_version_tag
    if version != 0 {
      let h = (UInt(bitPattern: name) >> 3) ^ UInt(version)
      let entry = cache() + Int(h & UInt(cacheSize - 1))
      if entry.pointee.version == version && entry.pointee.name == name { return entry.pointee.value }
    }
    return findSlowly(type, name)
  }
  @inline(never) private static func findSlowly(_ type: TypeRef, _ name: Ref) -> Ref? {
    let (value, failed) = walk(type, name)
    if failed {
      PyErr_Clear()
      return nil
    }
    if assignVersion(type), name.isExactly(Types.unicode),
      gila_unicode_state(name) & 3 != 0
    {
      let version = type.pointee.tp_version_tag
      let h = (UInt(bitPattern: name) >> 3) ^ UInt(version)
      let entry = cache() + Int(h & UInt(cacheSize - 1))
      gila_incref(name)
      let old = entry.pointee.name
      entry.pointee = Entry(version: version, name: name, value: value)
      xdecref(old)
    }
    return value
  }
  private static func walk(_ type: TypeRef, _ name: Ref) -> (Ref?, Bool) {
    guard let mro = type.pointee.tp_mro else {
      if PyType_Ready(type) < 0 || type.pointee.tp_mro == nil { return (nil, errorIsSet) }
      return walk(type, name)
    }
    let hash = name.isExactly(Types.unicode) ? unicodeHash(name) : PyObject_Hash(name)
    if hash == -1 { return (nil, true) }
    gila_incref(mro)
    defer { gila_decref(mro) }
    let items = gila_tuple_items(mro)
    for i in 0..<mro.size {
      guard let dict = items[i].unsafelyUnwrapped.asType.pointee.tp_dict else { continue }
      var failed: Int32 = 0
      if let value = gila_dict_lookup(dict, name, hash, &failed) { return (value, false) }
      if failed != 0 { return (nil, true) }
    }
    return (nil, false)
  }

  /// Gives the type a version if it may have one; bases first.
  static func assignVersion(_ type: TypeRef) -> Bool {
    if type.pointee.tp_version_tag != 0 { return true }
    guard type.hasFlag(UInt(Py_TPFLAGS_READY)) else { return false }
    let interp = currentInterpreter.owner
    if interp.pointee.next_type_version == UInt32.max { return false }
    if let bases = type.pointee.tp_bases {
      for i in 0..<bases.size where !assignVersion(gila_tuple_items(bases)[i]!.asType) { return false }
    }
    interp.pointee.next_type_version += 1
    type.pointee.tp_version_tag = interp.pointee.next_type_version
    type.pointee.tp_flags |= UInt(Py_TPFLAGS_VALID_VERSION_TAG)
    return true
  }
  /// Attributes of the type changed: its version and its subclasses' become invalid.
  static func invalidate(_ type: TypeRef) {
    if type.pointee.tp_version_tag == 0 { return }
    forEachSubclass(type) { invalidate($0) }
    type.pointee.tp_version_tag = 0
    type.pointee.tp_flags &= ~UInt(Py_TPFLAGS_VALID_VERSION_TAG)
  }

  // MARK: Subclasses: a dict from address to weak reference

  static func forEachSubclass(_ type: TypeRef, _ body: (TypeRef) -> Void) {
    guard let subclasses = type.pointee.tp_subclasses?.assumingMemoryBound(to: PyObject.self) else { return }
    var position = 0
    var weak: Ref? = nil
    while PyDict_Next(subclasses, &position, nil, &weak) != 0 {
      let target = weak!.cast(PyWeakReference.self).pointee.wr_object
      if let target, target != none { body(target.asType) }
    }
  }
  static func addSubclass(_ base: TypeRef, _ type: TypeRef) throws(PyError) {
    if base.pointee.tp_subclasses == nil {
      let d = try owned(PyDict_New())
      base.pointee.tp_subclasses = UnsafeMutableRawPointer(d.take())
    }
    let key = try owned(PyLong_FromVoidPtr(UnsafeMutableRawPointer(type)))
    let weak = try owned(PyWeakref_NewRef(type.object, nil))
    try check(PyDict_SetItem(base.pointee.tp_subclasses!.assumingMemoryBound(to: PyObject.self), key.ref, weak.ref))
  }
  static func removeSubclass(_ base: TypeRef, _ type: TypeRef) {
    guard let subclasses = base.pointee.tp_subclasses?.assumingMemoryBound(to: PyObject.self) else { return }
    guard let key = PyLong_FromVoidPtr(UnsafeMutableRawPointer(type)) else {
      PyErr_Clear()
      return
    }
    if PyDict_DelItem(subclasses, key) < 0 { PyErr_Clear() }
    gila_decref(key)
  }
}

@c @implementation public func _PyType_Lookup(_ type: TypeRef!, _ name: Ref!) -> Ref? {
  TypeLookup.find(type!, name!)
}
@c @implementation public func PyType_Modified(_ type: TypeRef!) { TypeLookup.invalidate(type!) }
@c @implementation public func PyUnstable_Type_AssignVersionTag(_ type: TypeRef!) -> Int32 {
  TypeLookup.assignVersion(type!) ? 1 : 0
}
@c @implementation public func PyType_ClearCache() -> UInt32 {
  currentInterpreter.owner.pointee.next_type_version
}

@c @implementation public func PyType_IsSubtype(_ a: TypeRef!, _ b: TypeRef!) -> Int32 {
  let a = a.unsafelyUnwrapped
  if let mro = a.pointee.tp_mro {
    let items = gila_tuple_items(mro)
    for i in 0..<mro.size where items[i].unsafelyUnwrapped.asType == b { return 1 }
    return 0
  }
  var t: TypeRef? = a
  while let at = t {
    if at == b { return 1 }
    t = at.pointee.tp_base
  }
  return b == Types.baseObject ? 1 : 0
}
@c @implementation public func PyType_GetFlags(_ type: TypeRef!) -> UInt { type.pointee.tp_flags }
@c @implementation public func _PyType_GetDict(_ type: TypeRef!) -> Ref? { type.pointee.tp_dict }
@c @implementation public func PyType_GetDict(_ type: TypeRef!) -> Ref? { xnewRef(type.pointee.tp_dict) }
