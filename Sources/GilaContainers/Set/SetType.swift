// The types set and frozenset: construction, slots, C API.

import CGila
import GilaCore

enum SetType {
  /// set or frozenset, or a subclass of either.
  @inline(__always) static func isAnySet(_ r: Ref) -> Bool {
    let t = r.type
    return t == Types.set || t == Types.frozenSet || PyType_IsSubtype(t, Types.set) != 0
      || PyType_IsSubtype(t, Types.frozenSet) != 0
  }

  /// A new set of a type, with the items of an iterable if given.
  static func make(_ type: TypeRef, from iterable: Ref?) throws(PyError) -> Owned {
    let s = try owned(type.pointee.tp_alloc(type, 0))
    SetTable.initialize(s.ref)
    SetTable.object(s.ref).pointee.weakreflist = nil
    if let iterable { try SetTable.update(s.ref, iterable) }
    return s
  }

  /// frozenset(iterable): an exact frozenset is its own copy.
  private static func makeFrozen(_ type: TypeRef, _ iterable: Ref?) throws(PyError) -> Owned {
    if type == Types.frozenSet, let iterable, iterable.isExactly(Types.frozenSet) { return Owned(retaining: iterable) }
    return try make(type, from: iterable)
  }

  static func install() {
    let base =
      UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE) | UInt(_Py_TPFLAGS_MATCH_SELF)
    let s = Types.set
    s.define(
      "set", basicSize: 200, flags: base,
      doc: "set(iterable=(), /)\n--\n\nBuild an unordered collection of unique elements.")
    let f = Types.frozenSet
    f.define(
      "frozenset", basicSize: 200, flags: base,
      doc: "frozenset(iterable=(), /)\n--\n\nBuild an immutable unordered collection of unique elements.")
    installCommon(s)
    installCommon(f)
    s.pointee.tp_hash = PyObject_HashNotImplemented
    s.pointee.tp_init = { s, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try rejectKeywords("set", kwargs)
        let n = args?.size ?? 0
        try checkCount("set", n, 0, 1)
        if SetTable.object(s!).pointee.fill != 0 { SetTable.clear(s!) }
        SetTable.object(s!).pointee.hash = -1
        if n == 1 { try SetTable.update(s!, args!.tupleItems[0]!) }
      }
    }
    s.pointee.tp_new = { type, _, _ in bridge { () throws(PyError) in try SetType.make(type!, from: nil) } }
    s.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        let n = flags & Int.max
        try checkConstructor("set", n, names, 0, 1)
        return try SetType.make(type!.asType, from: n == 1 ? args![0] : nil)
      }
    }
    f.pointee.tp_hash = { s in
      let o = SetTable.object(s!)
      if o.pointee.hash == -1 { o.pointee.hash = SetTable.frozenHash(s!) }
      return o.pointee.hash
    }
    f.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        if type == Types.frozenSet || address(type!.pointee.tp_init) == address(Types.frozenSet.pointee.tp_init) {
          try rejectKeywords("frozenset", kwargs)
        }
        let n = args?.size ?? 0
        try checkCount("frozenset", n, 0, 1)
        return try SetType.makeFrozen(type!, n == 1 ? args!.tupleItems[0] : nil)
      }
    }
    f.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        let n = flags & Int.max
        try checkConstructor("frozenset", n, names, 0, 1)
        return try SetType.makeFrozen(type!.asType, n == 1 ? args![0] : nil)
      }
    }
    installInPlace(s.number)
    s.pointee.tp_methods = SetMethods.table(frozen: false)
    f.pointee.tp_methods = SetMethods.table(frozen: true)
  }

  private static func installCommon(_ t: TypeRef) {
    t.pointee.tp_weaklistoffset = 192
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_dealloc = { s in
      let s = s!
      PyObject_GC_UnTrack(s.raw)
      if SetTable.object(s).pointee.weakreflist != nil { PyObject_ClearWeakRefs(s) }
      SetTable.clear(s)
      s.type.pointee.tp_free(s.raw)
    }
    t.pointee.tp_traverse = { s, f, context in
      var position = 0
      while let e = SetTable.next(s!, &position) {
        let r = visit(e.pointee.key, f, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_clear = { s in
      SetTable.clear(s!)
      return 0
    }
    t.pointee.tp_repr = { s in bridge { () throws(PyError) in try SetType.repr(s!) } }
    t.pointee.tp_richcompare = { a, b, op in
      guard SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in Owned(retaining: pyBool(try SetOperations.compare(a!, b!, op))) }
    }
    t.pointee.tp_iter = { SetIterator.make($0!) }
    t.sequence.pointee.sq_length = { SetTable.object($0!).pointee.used }
    t.sequence.pointee.sq_contains = { s, key in
      bridgeBool { () throws(PyError) in
        try SetOperations.withKey(key!) { k throws(PyError) in try SetOperations.contains(s!, k) }
      }
    }
    let n = t.number
    n.pointee.nb_subtract = { a, b in
      guard SetType.isAnySet(a!) && SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in try SetOperations.difference(a!, b!) }
    }
    n.pointee.nb_and = { a, b in
      guard SetType.isAnySet(a!) && SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in try SetOperations.intersection(a!, b!) }
    }
    n.pointee.nb_xor = { a, b in
      guard SetType.isAnySet(a!) && SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in
        let result = try SetOperations.copy(a!, as: SetOperations.base(of: a!))
        try SetOperations.symmetricDifferenceUpdate(result.ref, b!)
        return result
      }
    }
    n.pointee.nb_or = { a, b in
      guard SetType.isAnySet(a!) && SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in
        let result = try SetOperations.copy(a!, as: SetOperations.base(of: a!))
        try SetTable.update(result.ref, b!)
        return result
      }
    }
  }

  private static func installInPlace(_ n: UnsafeMutablePointer<PyNumberMethods>) {
    n.pointee.nb_inplace_subtract = { a, b in
      guard SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in
        try SetOperations.differenceUpdate(a!, b!)
        return Owned(retaining: a!)
      }
    }
    n.pointee.nb_inplace_and = { a, b in
      guard SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in
        let result = try SetOperations.intersection(a!, b!)
        SetOperations.swapContents(a!, result.ref)
        return Owned(retaining: a!)
      }
    }
    n.pointee.nb_inplace_xor = { a, b in
      guard SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in
        try SetOperations.symmetricDifferenceUpdate(a!, b!)
        return Owned(retaining: a!)
      }
    }
    n.pointee.nb_inplace_or = { a, b in
      guard SetType.isAnySet(b!) else { return notImplemented }
      return bridge { () throws(PyError) in
        try SetTable.update(a!, b!)
        return Owned(retaining: a!)
      }
    }
  }

  /// "{1, 2}" for exact sets; other types are named.
  private static func repr(_ s: Ref) throws(PyError) -> Owned {
    let entered = Py_ReprEnter(s)
    if entered != 0 {
      if entered < 0 { throw PyError() }
      return try string("\(typeName(s.type))(...)")
    }
    defer { Py_ReprLeave(s) }
    if SetTable.object(s).pointee.used == 0 { return try string("\(typeName(s.type))()") }
    let items = try owned(PySequence_List(s))
    let text = try owned(PyObject_Repr(items.ref))
    let inner = try owned(PyUnicode_Substring(text.ref, 1, PyUnicode_GetLength(text.ref) - 1))
    var w = TextWriter()
    let named = !s.isExactly(Types.set)
    if named {
      let name = try string(typeName(s.type))
      try w.add(name.ref)
      try w.add("(")
    }
    try w.add("{")
    try w.add(inner.ref)
    try w.add("}")
    if named { try w.add(")") }
    return try w.finish()
  }
}

// MARK: C API

@c @implementation public func PySet_New(_ iterable: Ref!) -> Ref? {
  bridge { () throws(PyError) in try SetType.make(Types.set, from: iterable) }
}
@c @implementation public func PyFrozenSet_New(_ iterable: Ref!) -> Ref? {
  bridge { () throws(PyError) in try SetType.make(Types.frozenSet, from: iterable) }
}
@c @implementation public func PySet_Size(_ s: Ref!) -> Int {
  guard let s, SetType.isAnySet(s) else {
    PyErr_BadInternalCall()
    return -1
  }
  return SetTable.object(s).pointee.used
}
@c @implementation public func PySet_Contains(_ s: Ref!, _ key: Ref!) -> Int32 {
  guard let s, SetType.isAnySet(s) else {
    PyErr_BadInternalCall()
    return -1
  }
  return bridgeBool { () throws(PyError) in try SetOperations.contains(s, key) }
}
@c @implementation public func PySet_Add(_ s: Ref!, _ key: Ref!) -> Int32 {
  // A frozenset that nobody else has seen may still be filled.
  guard let s, s.isInstance(of: Types.set) || (s.isInstance(of: Types.frozenSet) && s.refCount == 1) else {
    PyErr_BadInternalCall()
    return -1
  }
  return bridgeStatus { () throws(PyError) in _ = try SetTable.add(s, key, SetTable.hash(key)) }
}
@c @implementation public func PySet_Discard(_ s: Ref!, _ key: Ref!) -> Int32 {
  guard let s, s.isInstance(of: Types.set) else {
    PyErr_BadInternalCall()
    return -1
  }
  return bridgeBool { () throws(PyError) in try SetTable.discard(s, key, SetTable.hash(key)) }
}
@c @implementation public func PySet_Clear(_ s: Ref!) -> Int32 {
  guard let s, s.isInstance(of: Types.set) else {
    PyErr_BadInternalCall()
    return -1
  }
  SetTable.clear(s)
  return 0
}
@c @implementation public func PySet_Pop(_ s: Ref!) -> Ref? {
  guard let s, s.isInstance(of: Types.set) else {
    PyErr_BadInternalCall()
    return nil
  }
  return bridge { () throws(PyError) in try SetMethods.pop(s) }
}
@c @implementation public func _PySet_Update(_ s: Ref!, _ iterable: Ref!) -> Int32 {
  guard let s, s.isInstance(of: Types.set) else {
    PyErr_BadInternalCall()
    return -1
  }
  return bridgeStatus { () throws(PyError) in try SetTable.update(s, iterable) }
}
/// The next key and hash at a position; 1, or 0 at the end. The key is borrowed.
@c @implementation public func _PySet_NextEntry(
  _ s: Ref!, _ position: UnsafeMutablePointer<Int>!, _ key: UnsafeMutablePointer<Ref?>!,
  _ hash: UnsafeMutablePointer<Int>!
) -> Int32 {
  guard let e = SetTable.next(s, &position.pointee) else { return 0 }
  key.pointee = e.pointee.key
  hash.pointee = e.pointee.hash
  return 1
}
