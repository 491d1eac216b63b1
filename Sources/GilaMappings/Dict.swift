import CGila
import GilaCore

/// The operations on dict objects that the type, its views and the C API share. All keep the dict valid when `__eq__`
/// or `__hash__` of a key changes it meanwhile.
enum Dict {
  typealias Object = UnsafeMutablePointer<PyDictObject>
  @inline(__always) static func object(_ d: Ref) -> Object { d.cast(PyDictObject.self) }
  @inline(__always) static func keys(_ d: Ref) -> DictKeys { DictKeys(d.cast(PyDictObject.self).pointee.ma_keys) }
  @inline(__always) static func used(_ d: Ref) -> Int { d.cast(PyDictObject.self).pointee.ma_used }

  static func make() throws(PyError) -> Owned {
    let d = try owned(_PyObject_GC_New(Types.dict))
    reset(d.ref)
    return d
  }
  @inline(__always) static func reset(_ d: Ref) {
    let o = object(d)
    o.pointee.ma_used = 0
    o.pointee.ma_version_tag = 0
    o.pointee.ma_keys = gila_empty_keys_head()
    o.pointee.ma_values = nil
  }

  @inline(__always) static func hash(_ key: Ref) throws(PyError) -> Int {
    if key.isExactly(Types.unicode) {
      let h = key.cast(PyASCIIObject.self).pointee.hash
      if h != -1 { return h }
    }
    let h = PyObject_Hash(key)
    if h == -1 { throw PyError() }
    return h
  }

  // MARK: Lookup

  /// Index of the entry with the key, or -1.
  @inline(__always) static func find(_ d: Ref, _ key: Ref, _ hash: Int) throws(PyError) -> Int {
    let k = keys(d)
    if k.isUnicode && key.isExactly(Types.unicode) { return k.find(unicode: key, hash) }
    return try findGeneral(d, key, hash)
  }
  @inline(never) private static func findGeneral(_ d: Ref, _ key: Ref, _ hash: Int) throws(PyError) -> Int {
    restart: while true {
      let table = keys(d)
      let mask = table.mask
      var perturb = UInt(bitPattern: hash)
      var slot = perturb & mask
      while true {
        let i = table.index(at: slot)
        if i >= 0 {
          let candidate = table.key(i).pointee.unsafelyUnwrapped
          if candidate == key { return i }
          if table.hash(i) == hash {
            if candidate.isExactly(Types.unicode) && key.isExactly(Types.unicode) {
              if sameText(candidate, key) { return i }
            } else {
              gila_incref(candidate)
              let equal = PyObject_RichCompareBool(candidate, key, Py_EQ)
              let unchanged = keys(d) == table && i < table.count && table.key(i).pointee == candidate
              gila_decref(candidate)
              if equal < 0 { throw PyError() }
              if !unchanged { continue restart }
              if equal > 0 { return i }
            }
          }
        } else if i == DictKeys.emptySlot {
          return -1
        }
        perturb &>>= 5
        slot = (slot &* 5 &+ perturb &+ 1) & mask
      }
    }
  }
  /// The value (borrowed) or nil.
  @inline(__always) static func get(_ d: Ref, _ key: Ref, _ hash: Int) throws(PyError) -> Ref? {
    let i = try find(d, key, hash)
    return i < 0 ? nil : keys(d).value(i).pointee
  }
  @inline(__always) static func get(_ d: Ref, _ key: Ref) throws(PyError) -> Ref? {
    try get(d, key, try hash(key))
  }

  // MARK: Change

  @inline(__always) static func mayNeedTracking(_ o: Ref) -> Bool {
    o.type.pointee.tp_flags & UInt(Py_TPFLAGS_HAVE_GC) != 0
      && (!o.isExactly(Types.tuple) || PyObject_GC_IsTracked(o) != 0)
  }
  @inline(__always) static func maintainTracking(_ d: Ref, _ key: Ref, _ value: Ref) {
    if (d.raw - 16).load(as: UInt.self) == 0 && (mayNeedTracking(value) || mayNeedTracking(key)) {
      gila_gc_track(d)
    }
  }

  /// Stores a value; the dict takes references of its own.
  static func set(_ d: Ref, _ key: Ref, _ value: Ref, _ hash: Int) throws(PyError) {
    let i = try find(d, key, hash)
    maintainTracking(d, key, value)
    if i >= 0 {
      let slot = keys(d).value(i)
      let old = slot.pointee
      slot.pointee = newRef(value)
      if let old { gila_decref(old) }
      return
    }
    try insertNew(d, newRef(key), newRef(value), hash)
  }
  @inline(__always) static func set(_ d: Ref, _ key: Ref, _ value: Ref) throws(PyError) {
    try set(d, key, value, try hash(key))
  }
  /// Appends an entry for a key that is not there. Takes over both references, also when it fails.
  static func insertNew(_ d: Ref, _ key: Ref, _ value: Ref, _ hash: Int) throws(PyError) {
    let o = object(d)
    var table = keys(d)
    let wantKind: UInt8 = key.isExactly(Types.unicode) ? table.head.pointee.kind : 1
    if table.head.pointee.usable <= 0 || wantKind != table.head.pointee.kind {
      do throws(PyError) {
        if table.head == gila_empty_keys_head() {
          o.pointee.ma_keys = try DictTable.make(3, kind: key.isExactly(Types.unicode) ? 0 : 1).head
        } else if table.head.pointee.usable <= 0 {
          try DictTable.resize(d, growth(o.pointee.ma_used), kind: wantKind)
        } else {
          try DictTable.resize(d, table.head.pointee.log2_size, kind: wantKind)
        }
      } catch {
        gila_decref(key)
        gila_decref(value)
        throw PyError()
      }
      table = keys(d)
    }
    let n = table.head.pointee.nentries
    table.setIndex(at: DictTable.freeSlot(table, hash), n)
    let k = table.key(n)
    k.pointee = key
    (k + 1).pointee = value
    if table.head.pointee.kind != 0 { (table.entries + n &* 24).storeBytes(of: hash, as: Int.self) }
    table.head.pointee.nentries = n &+ 1
    table.head.pointee.usable &-= 1
    table.head.pointee.version = 0
    o.pointee.ma_used &+= 1
  }
  private static func growth(_ used: Int) -> UInt8 {
    var log2: UInt8 = 3
    while 1 << Int(log2) < used * 3 { log2 += 1 }
    return log2
  }

  /// Takes entry `i` out; returns its value (owned). The key's reference goes back.
  static func removeEntry(_ d: Ref, _ i: Int, _ hash: Int) -> Ref {
    let table = keys(d)
    let mask = table.mask
    var perturb = UInt(bitPattern: hash)
    var slot = perturb & mask
    while table.index(at: slot) != i {
      perturb &>>= 5
      slot = (slot &* 5 &+ perturb &+ 1) & mask
    }
    table.setIndex(at: slot, DictKeys.deletedSlot)
    let k = table.key(i)
    let key = k.pointee.unsafelyUnwrapped
    let value = (k + 1).pointee.unsafelyUnwrapped
    k.pointee = nil
    (k + 1).pointee = nil
    table.head.pointee.version = 0
    object(d).pointee.ma_used &-= 1
    gila_decref(key)
    return value
  }
  /// Removes a key; false if it was not there.
  static func remove(_ d: Ref, _ key: Ref, _ hash: Int) throws(PyError) -> Bool {
    let i = try find(d, key, hash)
    if i < 0 { return false }
    gila_decref(removeEntry(d, i, hash))
    return true
  }
  /// Removes a key and returns its value, or nil.
  static func pop(_ d: Ref, _ key: Ref, _ hash: Int) throws(PyError) -> Ref? {
    let i = try find(d, key, hash)
    return i < 0 ? nil : removeEntry(d, i, hash)
  }
  static func clear(_ d: Ref) {
    let o = object(d)
    let old = keys(d)
    if old.head == gila_empty_keys_head() { return }
    o.pointee.ma_keys = gila_empty_keys_head()
    o.pointee.ma_used = 0
    release(old)
  }
  /// Gives all references of a table back and frees it.
  static func release(_ table: DictKeys) {
    for i in 0..<table.count {
      let k = table.key(i)
      if let key = k.pointee {
        gila_decref(key)
        if let value = (k + 1).pointee { gila_decref(value) }
      }
    }
    DictTable.free(table)
  }
  /// Makes room for `n` entries in an empty dict.
  static func presize(_ d: Ref, _ n: Int, unicode: Bool) throws(PyError) {
    let o = object(d)
    guard o.pointee.ma_keys == gila_empty_keys_head(), n > 5 else { return }
    o.pointee.ma_keys = try DictTable.make(DictTable.log2(holding: n), kind: unicode ? 0 : 1).head
  }

  // MARK: Whole dicts

  static func copy(_ d: Ref) throws(PyError) -> Owned {
    let result = try make()
    try mergeDict(result.ref, d, override: 1)
    return result
  }
  /// Adds the entries of dict `b`. `override`: 0 keeps existing keys, 1 replaces, 2 raises KeyError.
  static func mergeDict(_ a: Ref, _ b: Ref, override: Int32) throws(PyError) {
    if a == b || used(b) == 0 { return }
    var source = keys(b)
    if used(a) == 0 {
      let o = object(a)
      if source.count == used(b) && o.pointee.ma_keys == gila_empty_keys_head()
        && source.head.pointee.usable * 2 <= source.count * 3 + 8
      {
        // A compact table is copied as it is.
        let bytes =
          DictKeys.headSize + (1 << Int(source.head.pointee.log2_index_bytes))
          + DictTable.usable(source.head.pointee.log2_size) * source.entrySize
        guard let memory = SmallBlocks.allocate(bytes) else { throw memoryError() }
        let live = bytes - source.head.pointee.usable * source.entrySize
        memory.copyMemory(from: UnsafeRawPointer(source.head), byteCount: live)
        let table = DictKeys(memory.assumingMemoryBound(to: _dictkeysobject.self))
        table.head.pointee.version = 0
        table.head.pointee.shared = 0
        for i in 0..<table.count {
          let k = table.key(i)
          gila_incref(k.pointee.unsafelyUnwrapped)
          gila_incref((k + 1).pointee.unsafelyUnwrapped)
        }
        o.pointee.ma_keys = table.head
        o.pointee.ma_used = used(b)
        if PyObject_GC_IsTracked(b) != 0 && PyObject_GC_IsTracked(a) == 0 { gila_gc_track(a) }
        return
      }
      try presize(a, used(b), unicode: source.isUnicode)
    }
    var i = 0
    while i < source.count {
      let k = source.key(i)
      if let key = k.pointee {
        let h = source.hash(i)
        let value = Owned(retaining: (k + 1).pointee.unsafelyUnwrapped)
        let held = Owned(retaining: key)
        if override == 1 {
          try set(a, key, value.ref, h)
        } else {
          let found = try find(a, key, h)
          if found < 0 {
            maintainTracking(a, key, value.ref)
            try insertNew(a, newRef(key), newRef(value.ref), h)
          } else if override == 2 {
            throw keyError(held.ref)
          }
        }
        if keys(b) != source || source.count <= i {
          throw runtimeError("dict mutated during update")
        }
        _ = held.ref
      }
      i += 1
      source = keys(b)
    }
  }
  /// Adds the entries of any mapping.
  static func merge(_ a: Ref, _ b: Ref, override: Int32) throws(PyError) {
    if b.isExactly(Types.oDict) || (b.isDict && address(b.type.pointee.tp_iter) == address(Types.dict.pointee.tp_iter))
    {
      return try mergeDict(a, b, override: override)
    }
    let names = try owned(PyMapping_Keys(b))
    let iterator = try owned(PyObject_GetIter(names.ref))
    while let next = PyIter_Next(iterator.ref) {
      let key = Owned(taking: next)
      if override != 1 {
        let status = try check(PyDict_Contains(a, key.ref))
        if status != 0 {
          if override == 0 { continue }
          throw keyError(key.ref)
        }
      }
      let value = try owned(PyObject_GetItem(b, key.ref))
      try set(a, key.ref, value.ref)
    }
    if errorIsSet { throw PyError() }
  }
  /// Adds pairs from an iterable of two-element iterables.
  static func mergePairs(_ d: Ref, _ pairs: Ref, override: Bool) throws(PyError) {
    let iterator = try owned(PyObject_GetIter(pairs))
    var i = 0
    while let next = PyIter_Next(iterator.ref) {
      let item = Owned(taking: next)
      guard let list = PySequence_Fast(item.ref, "") else {
        if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
          PyErr_Clear()
          throw typeError("cannot convert dictionary update sequence element #\(i) to a sequence")
        }
        throw PyError()
      }
      let fast = Owned(taking: list)
      let n = PySequence_Size(fast.ref)
      if n != 2 { throw valueError("dictionary update sequence element #\(i) has length \(n); 2 is required") }
      let key = try owned(PySequence_GetItem(fast.ref, 0))
      let value = try owned(PySequence_GetItem(fast.ref, 1))
      if !override, try get(d, key.ref) != nil {
        i += 1
        continue
      }
      try set(d, key.ref, value.ref)
      i += 1
    }
    if errorIsSet { throw PyError() }
  }
  /// `dict.update(arg)`: a mapping if it has `keys`, else pairs.
  static func update(_ d: Ref, from argument: Ref) throws(PyError) {
    if argument.isExactly(Types.dict) { return try mergeDict(d, argument, override: 1) }
    var method: Ref? = nil
    if try check(PyObject_GetOptionalAttrString(argument, "keys", &method)) > 0 {
      gila_decref(method!)
      try merge(d, argument, override: 1)
    } else {
      try mergePairs(d, argument, override: true)
    }
  }
  static func equal(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    if used(a) != used(b) { return false }
    var i = 0
    while i < keys(a).count {
      let table = keys(a)
      let k = table.key(i)
      if let key = k.pointee, let value = (k + 1).pointee {
        let h = table.hash(i)
        let heldKey = Owned(retaining: key), held = Owned(retaining: value)
        guard let other = try get(b, heldKey.ref, h) else { return false }
        let heldOther = Owned(retaining: other)
        if try check(PyObject_RichCompareBool(held.ref, heldOther.ref, Py_EQ)) == 0 { return false }
      }
      i += 1
    }
    return true
  }
}
