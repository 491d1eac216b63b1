import CGila
import GilaCore

// PyDict_*: the dict functions of the C API.

@c @implementation public func PyDict_New() -> Ref? { bridge { () throws(PyError) in try Dict.make() } }
@c @implementation public func _PyDict_NewPresized(_ n: Int) -> Ref? {
  bridge { () throws(PyError) in
    let d = try Dict.make()
    try Dict.presize(d.ref, n, unicode: true)
    return d
  }
}
@inline(__always) private func requireDict(_ d: Ref?) throws(PyError) -> Ref {
  guard let d, d.isDict else { throw badInternalCall() }
  return d
}

@c @implementation public func PyDict_GetItemWithError(_ d: Ref!, _ key: Ref!) -> Ref? {
  do throws(PyError) { return try Dict.get(try requireDict(d), key!) } catch { return nil }
}
@c @implementation public func PyDict_GetItem(_ d: Ref!, _ key: Ref!) -> Ref? {
  guard let d, d.isDict else { return nil }
  let saved = PyErr_GetRaisedException()
  var result: Ref? = nil
  do throws(PyError) { result = try Dict.get(d, key!) } catch { PyErr_Clear() }
  if let saved { PyErr_SetRaisedException(saved) }
  return result
}
@c @implementation public func _PyDict_GetItem_KnownHash(_ d: Ref!, _ key: Ref!, _ hash: Int) -> Ref? {
  do throws(PyError) { return try Dict.get(try requireDict(d), key!, hash) } catch { return nil }
}
@c @implementation public func gila_dict_lookup(
  _ d: Ref!, _ key: Ref!, _ hash: Int, _ failed: UnsafeMutablePointer<Int32>!
) -> Ref? {
  do throws(PyError) {
    failed.pointee = 0
    return try Dict.get(d!, key!, hash)
  } catch {
    failed.pointee = 1
    return nil
  }
}
@c @implementation public func PyDict_GetItemRef(_ d: Ref!, _ key: Ref!, _ out: UnsafeMutablePointer<Ref?>!) -> Int32 {
  out.pointee = nil
  return bridgeInt { () throws(PyError) in
    guard let value = try Dict.get(try requireDict(d), key!) else { return 0 }
    out.pointee = newRef(value)
    return 1
  }
}
@c @implementation public func PyDict_GetItemString(_ d: Ref!, _ name: UnsafePointer<CChar>!) -> Ref? {
  guard let key = PyUnicode_FromString(name) else {
    PyErr_Clear()
    return nil
  }
  defer { gila_decref(key) }
  return PyDict_GetItem(d, key)
}
@c @implementation public func PyDict_GetItemStringRef(
  _ d: Ref!, _ name: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<Ref?>!
) -> Int32 {
  out.pointee = nil
  guard let key = PyUnicode_FromString(name) else { return -1 }
  defer { gila_decref(key) }
  return PyDict_GetItemRef(d, key, out)
}
@c @implementation public func PyDict_SetItem(_ d: Ref!, _ key: Ref!, _ value: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in try Dict.set(try requireDict(d), key!, value!) }
}
@c @implementation public func PyDict_SetItemString(_ d: Ref!, _ name: UnsafePointer<CChar>!, _ value: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    var key = PyUnicode_FromString(name)
    if key == nil { throw PyError() }
    PyUnicode_InternInPlace(&key)
    let held = Owned(taking: key!)
    try Dict.set(try requireDict(d), held.ref, value!)
  }
}
@c @implementation public func PyDict_DelItem(_ d: Ref!, _ key: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let held = Owned(retaining: key!)
    if !(try Dict.remove(try requireDict(d), held.ref, try Dict.hash(key!))) { throw keyError(held.ref) }
  }
}
@c @implementation public func PyDict_DelItemString(_ d: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  guard let key = PyUnicode_FromString(name) else { return -1 }
  defer { gila_decref(key) }
  return PyDict_DelItem(d, key)
}
@c @implementation public func _PyDict_DelItemIf(
  _ d: Ref!, _ key: Ref!, _ predicate: (@convention(c) (Ref?, UnsafeMutableRawPointer?) -> Int32)!,
  _ argument: UnsafeMutableRawPointer!
) -> Int32 {
  bridgeInt { () throws(PyError) in
    let h = try Dict.hash(key!)
    let i = try Dict.find(d!, key!, h)
    if i < 0 { return 0 }
    if try check(predicate(Dict.keys(d!).value(i).pointee, argument)) == 0 { return 0 }
    gila_decref(Dict.removeEntry(d!, i, h))
    return 1
  }
}
@c @implementation public func PyDict_Clear(_ d: Ref!) { if let d, d.isDict { Dict.clear(d) } }
@c @implementation public func PyDict_Size(_ d: Ref!) -> Int {
  guard let d, d.isDict else {
    PyErr_BadInternalCall()
    return -1
  }
  return Dict.used(d)
}
@c @implementation public func PyDict_Contains(_ d: Ref!, _ key: Ref!) -> Int32 {
  bridgeBool { () throws(PyError) in try Dict.find(d!, key!, try Dict.hash(key!)) >= 0 }
}
@c @implementation public func PyDict_ContainsString(_ d: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  guard let key = PyUnicode_FromString(name) else { return -1 }
  defer { gila_decref(key) }
  return PyDict_Contains(d, key)
}
@c @implementation public func PyDict_Next(
  _ d: Ref!, _ position: UnsafeMutablePointer<Int>!, _ key: UnsafeMutablePointer<Ref?>!,
  _ value: UnsafeMutablePointer<Ref?>!
) -> Int32 {
  guard let d, d.isDict else { return 0 }
  let table = Dict.keys(d)
  var i = position.pointee
  if i < 0 { return 0 }
  while i < table.count {
    let k = table.key(i)
    i += 1
    if k.pointee != nil {
      if let key { key.pointee = k.pointee }
      if let value { value.pointee = (k + 1).pointee }
      position.pointee = i
      return 1
    }
  }
  position.pointee = i
  return 0
}
/// A new list made from each live entry.
private func list(_ d: Ref, _ element: (UnsafeMutablePointer<Ref?>) throws(PyError) -> Owned) throws(PyError) -> Owned {
  while true {
    let n = Dict.used(d)
    let result = try owned(PyList_New(n))
    if n != Dict.used(d) { continue }  // a collection ran and changed the dict
    let table = Dict.keys(d)
    var j = 0
    for i in 0..<table.count {
      let k = table.key(i)
      if k.pointee != nil {
        try check(PyList_SetItem(result.ref, j, try element(k).take()))
        j += 1
      }
    }
    return result
  }
}
@c @implementation public func PyDict_Keys(_ d: Ref!) -> Ref? {
  bridge { () throws(PyError) in try list(try requireDict(d)) { k throws(PyError) in Owned(retaining: k.pointee!) } }
}
@c @implementation public func PyDict_Values(_ d: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    try list(try requireDict(d)) { k throws(PyError) in Owned(retaining: (k + 1).pointee!) }
  }
}
@c @implementation public func PyDict_Items(_ d: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let d = try requireDict(d)
    // Pairs first: making tuples may collect garbage, which may change the dict.
    while true {
      let n = Dict.used(d)
      let result = try owned(PyList_New(n))
      for i in 0..<n { try check(PyList_SetItem(result.ref, i, PyTuple_New(2))) }
      if n != Dict.used(d) { continue }
      let table = Dict.keys(d)
      var j = 0
      for i in 0..<table.count {
        let k = table.key(i)
        guard let key = k.pointee else { continue }
        let pair = PyList_GetItem(result.ref, j)!
        let items = gila_tuple_items(pair)
        items[0] = newRef(key)
        items[1] = newRef((k + 1).pointee!)
        j += 1
      }
      return result
    }
  }
}
@c @implementation public func PyDict_Copy(_ d: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let d = try requireDict(d)
    // A subclass that iterates in an order of its own keeps it.
    if unsafeBitCast(d.type.pointee.tp_iter, to: UInt.self) == unsafeBitCast(Types.dict.pointee.tp_iter, to: UInt.self)
    {
      return try Dict.copy(d)
    }
    let copy = try owned(PyDict_New())
    try Dict.merge(copy.ref, d, override: 1)
    return copy
  }
}
@c @implementation public func PyDict_Update(_ a: Ref!, _ b: Ref!) -> Int32 { PyDict_Merge(a, b, 1) }
@c @implementation public func PyDict_Merge(_ a: Ref!, _ b: Ref!, _ override: Int32) -> Int32 {
  bridgeStatus { () throws(PyError) in try Dict.merge(try requireDict(a), b!, override: override) }
}
@c @implementation public func PyDict_MergeFromSeq2(_ d: Ref!, _ pairs: Ref!, _ override: Int32) -> Int32 {
  bridgeStatus { () throws(PyError) in try Dict.mergePairs(d!, pairs!, override: override != 0) }
}
@c @implementation public func PyDict_SetDefault(_ d: Ref!, _ key: Ref!, _ value: Ref!) -> Ref? {
  do throws(PyError) {
    let d = try requireDict(d)
    let h = try Dict.hash(key!)
    if let existing = try Dict.get(d, key!, h) { return existing }
    Dict.maintainTracking(d, key!, value!)
    try Dict.insertNew(d, newRef(key!), newRef(value!), h)
    return value
  } catch { return nil }
}
@c @implementation public func PyDict_SetDefaultRef(
  _ d: Ref!, _ key: Ref!, _ value: Ref!, _ out: UnsafeMutablePointer<Ref?>!
) -> Int32 {
  out?.pointee = nil
  return bridgeInt { () throws(PyError) in
    let d = try requireDict(d)
    let h = try Dict.hash(key!)
    if let existing = try Dict.get(d, key!, h) {
      out?.pointee = newRef(existing)
      return 1
    }
    Dict.maintainTracking(d, key!, value!)
    try Dict.insertNew(d, newRef(key!), newRef(value!), h)
    out?.pointee = newRef(value!)
    return 0
  }
}
@c @implementation public func PyDict_Pop(_ d: Ref!, _ key: Ref!, _ out: UnsafeMutablePointer<Ref?>!) -> Int32 {
  out?.pointee = nil
  return bridgeInt { () throws(PyError) in
    let d = try requireDict(d)
    if Dict.used(d) == 0 { return 0 }
    guard let value = try Dict.pop(d, key!, try Dict.hash(key!)) else { return 0 }
    if let out { out.pointee = value } else { gila_decref(value) }
    return 1
  }
}
@c @implementation public func PyDict_PopString(
  _ d: Ref!, _ name: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<Ref?>!
) -> Int32 {
  guard let key = PyUnicode_FromString(name) else { return -1 }
  defer { gila_decref(key) }
  return PyDict_Pop(d, key, out)
}
