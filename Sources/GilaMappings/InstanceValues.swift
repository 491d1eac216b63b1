import CGila
import GilaCore

// Attribute values kept in the instances of a class. The class holds a shared key table that maps names to indices, in
// the order of first assignment; an instance has one slot a name behind its own memory, and a dict pointer at -24.
// While the dict pointer is NULL the slots hold the attributes; asking for `__dict__`, deleting out of order, or
// assigning out of order moves them to a dict for good.

private func values(_ o: Ref) -> UnsafeMutablePointer<Ref?> {
  (o.raw + o.type.pointee.tp_basicsize).assumingMemoryBound(to: Ref?.self)
}
private func dictSlot(_ o: Ref) -> UnsafeMutablePointer<Ref?> { (o.raw - 24).assumingMemoryBound(to: Ref?.self) }
private func sharedKeys(_ o: Ref) -> DictKeys? {
  let t = o.type
  guard t.pointee.tp_flags & UInt(Py_TPFLAGS_INLINE_VALUES) != 0 else { return nil }
  let heap = UnsafeMutableRawPointer(t).assumingMemoryBound(to: PyHeapTypeObject.self)
  return heap.pointee.ht_cached_keys.map { DictKeys($0) }
}

@c @implementation public func gila_shared_keys_new(_ capacity: Int) -> UnsafeMutablePointer<_dictkeysobject>? {
  do throws(PyError) {
    let keys = try DictTable.make(DictTable.log2(holding: capacity), kind: 0)
    keys.head.pointee.usable = capacity
    keys.head.pointee.shared = 1
    return keys.head
  } catch { return nil }
}
@c @implementation public func gila_shared_keys_free(_ keys: UnsafeMutablePointer<_dictkeysobject>!) {
  guard let keys else { return }
  let table = DictKeys(keys)
  for i in 0..<table.count { if let k = table.key(i).pointee { gila_decref(k) } }
  DictTable.free(table)
}

/// Index of a name in a class's table, or -1.
@c @implementation public func gila_shared_keys_index(
  _ keys: UnsafeMutablePointer<_dictkeysobject>!, _ name: Ref!
) -> Int { DictKeys(keys).find(unicode: name!, unicodeHash(name!)) }
/// Where the value of a str key is stored, for inline caches; nil if it is absent or `failed`.
@c @implementation public func gila_dict_value_slot(
  _ dict: Ref!, _ name: Ref!, _ failed: UnsafeMutablePointer<Int32>!
) -> UnsafeMutablePointer<Ref?>? {
  do throws(PyError) {
    let i = try Dict.find(dict!, name!, try Dict.hash(name!))
    return i < 0 ? nil : Dict.keys(dict!).value(i)
  } catch {
    failed.pointee = -1
    return nil
  }
}

@c @implementation public func gila_instance_get(_ o: Ref!, _ name: Ref!) -> Ref? {
  let o = o.unsafelyUnwrapped
  if let dict = dictSlot(o).pointee {
    do throws(PyError) { return xnewRef(try Dict.get(dict, name!)) } catch { return nil }
  }
  guard let keys = sharedKeys(o) else { return nil }
  if !name.isExactly(Types.unicode) {
    // Its hash and its idea of equality may be its own.
    guard let dict = gila_instance_dict(o) else { return nil }
    do throws(PyError) { return xnewRef(try Dict.get(dict, name!)) } catch { return nil }
  }
  let i = keys.find(unicode: name, unicodeHash(name))
  return i < 0 ? nil : xnewRef(values(o)[i])
}

@c @implementation public func gila_instance_set(_ o: Ref!, _ name: Ref!, _ value: Ref!) -> Int32 {
  let o = o.unsafelyUnwrapped
  if dictSlot(o).pointee == nil, let keys = sharedKeys(o), name.isExactly(Types.unicode) {
    let h = unicodeHash(name)
    var i = keys.find(unicode: name, h)
    let slots = values(o)
    if let value {
      if i < 0 && keys.head.pointee.usable > 0 {
        // A new name for the class.
        let n = keys.count
        keys.setIndex(at: DictTable.freeSlot(keys, h), n)
        keys.key(n).pointee = newRef(name)
        keys.value(n).pointee = nil
        keys.head.pointee.nentries = n + 1
        keys.head.pointee.usable -= 1
        keys.head.pointee.version = 0
        i = n
      }
      if i >= 0 {
        if let old = slots[i] {
          slots[i] = newRef(value)
          gila_decref(old)
          return 0
        }
        var inOrder = true
        for j in (i + 1)..<max(keys.count, i + 1) where slots[j] != nil { inOrder = false }
        if inOrder {
          slots[i] = newRef(value)
          return 0
        }
      }
    } else {
      guard i >= 0, let old = slots[i] else { return -2 }
      // A hole is in order as long as the attribute is not set again after later ones, which the test above sees.
      slots[i] = nil
      gila_decref(old)
      return 0
    }
  }
  guard let dict = gila_instance_dict(o) else { return -1 }
  return bridgeInt { () throws(PyError) in
    if let value {
      try Dict.set(dict, name!, value)
      return 0
    }
    return try Dict.remove(dict, name!, try Dict.hash(name!)) ? 0 : -2
  }
}

@c @implementation public func gila_instance_dict(_ o: Ref!) -> Ref? {
  let o = o.unsafelyUnwrapped
  let slot = dictSlot(o)
  if let dict = slot.pointee { return dict }
  do throws(PyError) {
    let dict = try Dict.make()
    if let keys = sharedKeys(o) {
      let slots = values(o)
      var n = 0
      for i in 0..<keys.count where slots[i] != nil { n += 1 }
      try Dict.presize(dict.ref, n, unicode: true)
      for i in 0..<keys.count {
        guard let value = slots[i] else { continue }
        let key = keys.key(i).pointee!
        Dict.maintainTracking(dict.ref, key, value)
        try Dict.insertNew(dict.ref, newRef(key), newRef(value), key.cast(PyASCIIObject.self).pointee.hash)
      }
      slot.pointee = dict.ref
      let held = dict.take()
      for i in 0..<keys.count { clear(slots + i) }
      return held
    }
    slot.pointee = dict.ref
    return dict.take()
  } catch { return nil }
}

@c @implementation public func gila_instance_traverse(
  _ o: Ref!, _ visit: visitproc!, _ context: UnsafeMutableRawPointer!
) -> Int32 {
  if let dict = dictSlot(o).pointee { return visit(dict, context) }
  if let keys = sharedKeys(o) {
    let slots = values(o)
    for i in 0..<keys.count {
      if let value = slots[i] {
        let r = visit(value, context)
        if r != 0 { return r }
      }
    }
  }
  return 0
}
@c @implementation public func gila_instance_clear(_ o: Ref!) {
  // With a dict the slots are empty, and after an assignment to `__class__` there may be fewer than the class has names.
  if dictSlot(o).pointee != nil { return clear(dictSlot(o)) }
  if let keys = sharedKeys(o) {
    let slots = values(o)
    for i in 0..<keys.count { clear(slots + i) }
  }
}
/// For the cycle collector: like clear, but an instance that had a dict keeps having one, since its slots may not fit
/// its class any more.
@c @implementation public func gila_instance_break(_ o: Ref!) {
  guard dictSlot(o).pointee != nil else { return gila_instance_clear(o) }
  guard let empty = PyDict_New() else { return PyErr_Clear() }
  replace(dictSlot(o), with: empty)
}
@c @implementation public func PyObject_VisitManagedDict(
  _ o: Ref!, _ visit: visitproc!, _ context: UnsafeMutableRawPointer!
) -> Int32 {
  if o.type.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) == 0 { return 0 }
  return gila_instance_traverse(o, visit, context)
}
@c @implementation public func PyObject_ClearManagedDict(_ o: Ref!) {
  if o.type.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 { gila_instance_break(o) }
}
