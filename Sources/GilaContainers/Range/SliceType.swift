// slice, and turning slices into positions.

import CGila
import GilaCore

enum SliceType {
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<PySliceObject> { r.cast(PySliceObject.self) }

  /// Start, stop, step and number of items of a slice of something of a length.
  static func resolve(
    _ slice: Ref, _ length: Int
  ) throws(PyError) -> (start: Int, stop: Int, step: Int, count: Int) {
    var (start, stop, step) = (0, 0, 0)
    try check(PySlice_Unpack(slice, &start, &stop, &step))
    let count = PySlice_AdjustIndices(length, &start, &stop, step)
    return (start, stop, step, count)
  }

  /// A new slice that takes over three references.
  static func make(_ start: Ref, _ stop: Ref, _ step: Ref) -> Ref? {
    guard let r = _PyObject_GC_New(Types.slice) else {
      decref(start)
      decref(stop)
      decref(step)
      return nil
    }
    let s = object(r)
    s.pointee.start = start
    s.pointee.stop = stop
    s.pointee.step = step
    gila_gc_track(r)
    return r
  }

  static func install() {
    let t = Types.slice
    t.define(
      "slice", basicSize: 40, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc:
        "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing (e.g. a[0:10:2])."
    )
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let s = SliceType.object(r!)
      xdecref(s.pointee.step)
      xdecref(s.pointee.start)
      xdecref(s.pointee.stop)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let s = SliceType.object(r!)
      var v = visit(s.pointee.start, f, context)
      if v == 0 { v = visit(s.pointee.stop, f, context) }
      if v == 0 { v = visit(s.pointee.step, f, context) }
      return v
    }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let s = SliceType.object(r!)
        var w = TextWriter()
        try w.add("slice(")
        try w.addRepr(s.pointee.start)
        try w.add(", ")
        try w.addRepr(s.pointee.stop)
        try w.add(", ")
        try w.addRepr(s.pointee.step)
        try w.add(")")
        return try w.finish()
      }
    }
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try SliceType.hash(r!) } }
    t.pointee.tp_richcompare = { a, b, op in
      guard a!.isExactly(Types.slice) && b!.isExactly(Types.slice) else { return notImplemented }
      if a == b { return pyBool(op == Py_EQ || op == Py_LE || op == Py_GE) }
      return bridge { () throws(PyError) in
        let x = try SliceType.tuple(a!)
        let y = try SliceType.tuple(b!)
        return try owned(PyObject_RichCompare(x.ref, y.ref, op))
      }
    }
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("slice", kwargs)
        let n = args?.size ?? 0
        try checkCount("slice", n, 1, 3)
        let items = args!.tupleItems
        if n == 1 { return try owned(SliceType.make(none, newRef(items[0]!), none)) }
        return try owned(
          SliceType.make(newRef(items[0]!), newRef(items[1]!), n > 2 ? newRef(items[2]!) : none))
      }
    }
    var members = MemberTable()
    members.add("start", _Py_T_OBJECT, offset: 16)
    members.add("stop", _Py_T_OBJECT, offset: 24)
    members.add("step", _Py_T_OBJECT, offset: 32)
    t.pointee.tp_members = members.build()
    var m = MethodTable()
    m.one(
      "indices", "",
      "S.indices(len) -> (start, stop, stride)\n\nAssuming a sequence of length len, calculate the start and stop\nindices, and the stride length of the extended slice described by\nS. Out of bounds indices are clipped in a manner consistent with the\nhandling of normal slices."
    ) { r, length in bridge { () throws(PyError) in try SliceType.indices(r!, length!) } }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in try pair(Owned(retaining: Types.slice.object), SliceType.tuple(r!)) }
    }
    t.pointee.tp_methods = m.build()
  }

  /// (start, stop, step).
  private static func tuple(_ r: Ref) throws(PyError) -> Owned {
    let s = object(r)
    return try triple(
      Owned(retaining: s.pointee.start), Owned(retaining: s.pointee.stop), Owned(retaining: s.pointee.step))
  }

  private static func hash(_ r: Ref) throws(PyError) -> Int {
    var acc: UInt = 2_870_177_450_012_600_261
    let s = object(r)
    for part in [s.pointee.start!, s.pointee.stop!, s.pointee.step!] {
      let h = PyObject_Hash(part)
      if h == -1 { throw PyError() }
      acc = acc &+ UInt(bitPattern: h) &* 14_029_467_366_897_019_727
      acc = acc &<< 31 | acc &>> 33
      acc = acc &* 11_400_714_785_074_694_791
    }
    return acc == UInt.max ? 1_546_275_796 : Int(bitPattern: acc)
  }

  // MARK: indices() with ints of any size

  private static func indices(_ r: Ref, _ length: Ref) throws(PyError) -> Owned {
    let n = try owned(_PyNumber_Index(length))
    if _PyLong_Sign(n.ref) < 0 { throw valueError("length should not be negative") }
    let parts = try longIndices(r, n.ref)
    return try triple(
      Owned(retaining: parts.start.ref), Owned(retaining: parts.stop.ref), Owned(retaining: parts.step.ref))
  }

  /// Start, stop and step as ints.
  struct LongIndices: ~Copyable {
    let start: Owned
    let stop: Owned
    let step: Owned
  }

  private static func less(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    try check(PyObject_RichCompareBool(a, b, Py_LT)) != 0
  }

  static func longIndices(_ r: Ref, _ length: Ref) throws(PyError) -> LongIndices {
    let s = object(r)
    let zero = gila_small_int(0)
    let step: Owned
    var negative = false
    if s.pointee.step.isNone {
      step = Owned(retaining: gila_small_int(1))
    } else {
      step = try evaluate(s.pointee.step)
      let sign = _PyLong_Sign(step.ref)
      negative = sign < 0
      if sign == 0 { throw valueError("slice step cannot be zero") }
    }
    // Bounds of start and stop.
    let lower = Owned(retaining: negative ? gila_small_int(-1) : zero)
    let upper =
      negative ? try owned(PyNumber_Add(length, lower.ref)) : Owned(retaining: length)
    func clip(_ part: Ref, _ missing: Ref) throws(PyError) -> Owned {
      if part.isNone { return Owned(retaining: missing) }
      let v = try evaluate(part)
      if _PyLong_Sign(v.ref) < 0 {
        let moved = try owned(PyNumber_Add(v.ref, length))
        return try less(moved.ref, lower.ref) ? Owned(retaining: lower.ref) : moved
      }
      return try less(upper.ref, v.ref) ? Owned(retaining: upper.ref) : v
    }
    let start = try clip(s.pointee.start, negative ? upper.ref : lower.ref)
    let stop = try clip(s.pointee.stop, negative ? lower.ref : upper.ref)
    return LongIndices(start: start, stop: stop, step: step)
  }

  private static func evaluate(_ r: Ref) throws(PyError) -> Owned {
    if !isIndex(r) {
      throw typeError("slice indices must be integers or None or have an __index__ method")
    }
    return try owned(_PyNumber_Index(r))
  }
}

// MARK: C API

@c @implementation public func PySlice_New(_ start: Ref!, _ stop: Ref!, _ step: Ref!) -> Ref? {
  SliceType.make(newRef(start ?? none), newRef(stop ?? none), newRef(step ?? none))
}

@c @implementation public func _PyEval_SliceIndex(_ r: Ref!, _ out: UnsafeMutablePointer<Int>!) -> Int32 {
  guard let r, !r.isNone else { return 1 }
  if !isIndex(r) {
    _ = fail(Exc.TypeError, "slice indices must be integers or None or have an __index__ method")
    return 0
  }
  let i = PyNumber_AsSsize_t(r, nil)
  if i == -1 && errorIsSet { return 0 }
  out.pointee = i
  return 1
}

@c @implementation public func _PyEval_SliceIndexNotNone(_ r: Ref!, _ out: UnsafeMutablePointer<Int>!) -> Int32 {
  if !isIndex(r) {
    _ = fail(Exc.TypeError, "slice indices must be integers or have an __index__ method")
    return 0
  }
  let i = PyNumber_AsSsize_t(r, nil)
  if i == -1 && errorIsSet { return 0 }
  out.pointee = i
  return 1
}

@c @implementation public func PySlice_Unpack(
  _ r: Ref!, _ start: UnsafeMutablePointer<Int>!, _ stop: UnsafeMutablePointer<Int>!,
  _ step: UnsafeMutablePointer<Int>!
) -> Int32 {
  let s = SliceType.object(r)
  if s.pointee.step.isNone {
    step.pointee = 1
  } else {
    if _PyEval_SliceIndex(s.pointee.step, step) == 0 { return -1 }
    if step.pointee == 0 {
      _ = fail(Exc.ValueError, "slice step cannot be zero")
      return -1
    }
    // So that it can be negated.
    if step.pointee < -Int.max { step.pointee = -Int.max }
  }
  if s.pointee.start.isNone {
    start.pointee = step.pointee < 0 ? .max : 0
  } else if _PyEval_SliceIndex(s.pointee.start, start) == 0 {
    return -1
  }
  if s.pointee.stop.isNone {
    stop.pointee = step.pointee < 0 ? .min : .max
  } else if _PyEval_SliceIndex(s.pointee.stop, stop) == 0 {
    return -1
  }
  return 0
}

@c @implementation public func PySlice_AdjustIndices(
  _ length: Int, _ start: UnsafeMutablePointer<Int>!, _ stop: UnsafeMutablePointer<Int>!, _ step: Int
) -> Int {
  func clip(_ p: UnsafeMutablePointer<Int>) {
    if p.pointee < 0 {
      p.pointee &+= length
      if p.pointee < 0 { p.pointee = step < 0 ? -1 : 0 }
    } else if p.pointee >= length {
      p.pointee = step < 0 ? length &- 1 : length
    }
  }
  clip(start)
  clip(stop)
  let (a, b) = (start.pointee, stop.pointee)
  if step < 0 { return b < a ? (a &- b &- 1) / (0 &- step) &+ 1 : 0 }
  return a < b ? (b &- a &- 1) / step &+ 1 : 0
}

@c @implementation public func PySlice_GetIndicesEx(
  _ r: Ref!, _ length: Int, _ start: UnsafeMutablePointer<Int>!, _ stop: UnsafeMutablePointer<Int>!,
  _ step: UnsafeMutablePointer<Int>!, _ count: UnsafeMutablePointer<Int>!
) -> Int32 {
  if PySlice_Unpack(r, start, stop, step) < 0 { return -1 }
  count.pointee = PySlice_AdjustIndices(length, start, stop, step.pointee)
  return 0
}

@c @implementation public func PySlice_GetIndices(
  _ r: Ref!, _ length: Int, _ start: UnsafeMutablePointer<Int>!, _ stop: UnsafeMutablePointer<Int>!,
  _ step: UnsafeMutablePointer<Int>!
) -> Int32 {
  let s = SliceType.object(r)
  func index(_ part: Ref, _ missing: Int, _ out: UnsafeMutablePointer<Int>) -> Bool {
    if part.isNone {
      out.pointee = missing
      return true
    }
    if !part.isLong { return false }
    out.pointee = PyLong_AsSsize_t(part)
    if out.pointee == -1 && errorIsSet { return false }
    if out.pointee < 0 { out.pointee &+= length }
    return true
  }
  if s.pointee.step.isNone {
    step.pointee = 1
  } else {
    if !s.pointee.step.isLong { return -1 }
    step.pointee = PyLong_AsSsize_t(s.pointee.step)
  }
  if !index(s.pointee.start, step.pointee < 0 ? length &- 1 : 0, start) { return -1 }
  if !index(s.pointee.stop, step.pointee < 0 ? -1 : length, stop) { return -1 }
  if stop.pointee > length || start.pointee >= length || step.pointee == 0 { return -1 }
  return 0
}
