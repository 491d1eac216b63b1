// Tuples in memory and the C functions that make and read them.

import CGila
import GilaCore

enum Tuple {
  /// A tuple of n empty places; the caller fills them before anyone else sees it.
  @inline(__always) static func make(_ n: Int) throws(PyError) -> Owned { try owned(PyTuple_New(n)) }

  /// A tuple of new references to `n` items.
  static func copying(_ items: UnsafePointer<Ref?>, _ n: Int) -> Ref? {
    guard let t = PyTuple_New(n) else { return nil }
    let target = t.tupleItems
    for i in 0..<n {
      incref(items[i].unsafelyUnwrapped)
      target[i] = items[i]
    }
    return t
  }

  static func slice(_ t: Ref, _ low: Int, _ high: Int) -> Ref? {
    let start = max(low, 0)
    let stop = max(min(high, t.size), start)
    if start == 0 && stop == t.size && t.isExactly(Types.tuple) { return newRef(t) }
    return Tuple.copying(t.tupleItems + start, stop - start)
  }

  static func concatenate(_ a: Ref, _ b: Ref) -> Ref? {
    if a.size == 0 && b.isExactly(Types.tuple) { return newRef(b) }
    if !b.isTuple {
      _ = typeError("can only concatenate tuple (not \"\(typeName(of: b))\") to tuple")
      return nil
    }
    if b.size == 0 && a.isExactly(Types.tuple) { return newRef(a) }
    let (na, nb) = (a.size, b.size)
    if na > Int.max - nb { return PyErr_NoMemory() }
    guard let t = PyTuple_New(na + nb) else { return nil }
    let target = t.tupleItems
    for i in 0..<na { target[i] = newRef(a.tupleItems[i]!) }
    for i in 0..<nb { target[na + i] = newRef(b.tupleItems[i]!) }
    return t
  }

  static func `repeat`(_ t: Ref, _ count: Int) -> Ref? {
    let n = t.size
    if (n == 0 || count == 1) && t.isExactly(Types.tuple) { return newRef(t) }
    if n == 0 || count <= 0 { return PyTuple_New(0) }
    let (total, overflow) = n.multipliedReportingOverflow(by: count)
    if overflow { return PyErr_NoMemory() }
    guard let r = PyTuple_New(total) else { return nil }
    let target = r.tupleItems
    var at = 0
    while at < total {
      for i in 0..<n { target[at + i] = newRef(t.tupleItems[i]!) }
      at += n
    }
    return r
  }

  /// The hash of a tuple: a variant of xxHash over the items' hashes.
  static func hash(_ t: Ref) throws(PyError) -> Int {
    var acc: UInt = 2_870_177_450_012_600_261
    let n = t.size
    for i in 0..<n {
      let h = PyObject_Hash(t.tupleItems[i])
      if h == -1 { throw PyError() }
      acc = acc &+ UInt(bitPattern: h) &* 14_029_467_366_897_019_727
      acc = acc &<< 31 | acc &>> 33
      acc = acc &* 11_400_714_785_074_694_791
    }
    acc = acc &+ (UInt(bitPattern: n) ^ (2_870_177_450_012_600_261 ^ 3_527_539))
    return acc == UInt.max ? 1_546_275_796 : Int(bitPattern: acc)
  }

  static func repr(_ t: Ref) throws(PyError) -> Owned {
    let n = t.size
    if n == 0 { return try string("()") }
    let entered = Py_ReprEnter(t)
    if entered != 0 {
      if entered < 0 { throw PyError() }
      return try string("(...)")
    }
    defer { Py_ReprLeave(t) }
    var w = TextWriter()
    try w.add("(")
    for i in 0..<n {
      if i > 0 { try w.add(", ") }
      try w.addRepr(t.tupleItems[i]!)
    }
    try w.add(n == 1 ? ",)" : ")")
    return try w.finish()
  }
}

// MARK: C API

@c @implementation public func PyTuple_New(_ n: Int) -> Ref? {
  if n == 0 { return gila_empty_tuple_object() }
  if n < 0 {
    PyErr_BadInternalCall()
    return nil
  }
  guard let o = _PyObject_GC_NewVar(Types.tuple, n) else { return nil }
  let t = UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyObject.self)
  t.tupleItems.update(repeating: nil, count: n)
  gila_gc_track(t)
  return t
}

@c @implementation public func PyTuple_Size(_ t: Ref!) -> Int {
  guard let t, t.isTuple else {
    PyErr_BadInternalCall()
    return -1
  }
  return t.size
}

@c @implementation public func PyTuple_GetItem(_ t: Ref!, _ i: Int) -> Ref? {
  guard let t, t.isTuple else {
    PyErr_BadInternalCall()
    return nil
  }
  if i < 0 || i >= t.size { return fail(Exc.IndexError, "tuple index out of range") }
  return t.tupleItems[i]
}

@c @implementation public func PyTuple_SetItem(_ t: Ref!, _ i: Int, _ item: Ref!) -> Int32 {
  guard let t, t.isTuple, t.refCount == 1 else {
    xdecref(item)
    PyErr_BadInternalCall()
    return -1
  }
  if i < 0 || i >= t.size {
    xdecref(item)
    _ = fail(Exc.IndexError, "tuple assignment index out of range")
    return -1
  }
  replace(t.tupleItems + i, with: item)
  return 0
}

@c @implementation public func PyTuple_GetSlice(_ t: Ref!, _ low: Int, _ high: Int) -> Ref? {
  guard let t, t.isTuple else {
    PyErr_BadInternalCall()
    return nil
  }
  return Tuple.slice(t, low, high)
}

@c @implementation public func _PyTuple_Resize(_ p: UnsafeMutablePointer<Ref?>!, _ n: Int) -> Int32 {
  guard let t = p.pointee, t.isExactly(Types.tuple), t.size == 0 || t.refCount == 1, n >= 0 else {
    if let t = p.pointee { decref(t) }
    p.pointee = nil
    PyErr_BadInternalCall()
    return -1
  }
  let old = t.size
  if old == n { return 0 }
  if old == 0 {
    p.pointee = PyTuple_New(n)
    return p.pointee == nil ? -1 : 0
  }
  if n == 0 {
    p.pointee = gila_empty_tuple_object()
    decref(t)
    return 0
  }
  if PyObject_GC_IsTracked(t) != 0 { PyObject_GC_UnTrack(t.raw) }
  var i = n
  while i < old {
    clear(t.tupleItems + i)
    i += 1
  }
  guard let moved = _PyObject_GC_Resize(t.cast(PyVarObject.self), n) else {
    // The old block is still there, short of the items that were dropped.
    t.size = min(n, old)
    decref(t)
    p.pointee = nil
    return -1
  }
  let r = UnsafeMutableRawPointer(moved).assumingMemoryBound(to: PyObject.self)
  i = old
  while i < n {
    r.tupleItems[i] = nil
    i += 1
  }
  p.pointee = r
  gila_gc_track(r)
  return 0
}
