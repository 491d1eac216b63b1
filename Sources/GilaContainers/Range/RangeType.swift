// range: an immutable arithmetic sequence of ints of any size.

import CGila
import GilaCore

enum RangeType {
  @inline(__always) static func object(_ r: Ref) -> UnsafeMutablePointer<gila_range> { r.cast(gila_range.self) }

  /// A range that takes over three ints; its length is computed.
  static func make(_ start: consuming Owned, _ stop: consuming Owned, _ step: consuming Owned) throws(PyError) -> Owned
  {
    let length = try RangeType.length(start.ref, stop.ref, step.ref)
    let r = try owned(_PyObject_New(Types.range))
    let o = object(r.ref)
    o.pointee.start = start.take()
    o.pointee.stop = stop.take()
    o.pointee.step = step.take()
    o.pointee.length = length.take()
    return r
  }

  /// A machine word, if the int is one.
  static func word(_ r: Ref) -> Int? {
    var overflow: Int32 = 0
    let v = PyLong_AsLongAndOverflow(r, &overflow)
    return overflow == 0 ? v : nil
  }

  /// The number of items between words; nil when it is no word.
  static func count(_ start: Int, _ stop: Int, _ step: Int) -> Int? {
    if step > 0 && start >= stop || step < 0 && start <= stop { return 0 }
    let span =
      step > 0 ? UInt(bitPattern: stop) &- UInt(bitPattern: start) : UInt(bitPattern: start) &- UInt(bitPattern: stop)
    let n = (span &- 1) / step.magnitude
    return n < UInt(Int.max) ? Int(n) + 1 : nil
  }

  private static func length(_ start: Ref, _ stop: Ref, _ step: Ref) throws(PyError) -> Owned {
    if let a = word(start), let b = word(stop), let s = word(step), let n = count(a, b, s) {
      return try owned(PyLong_FromSsize_t(n))
    }
    // (high - low - 1) // |step| + 1, or 0.
    let down = _PyLong_Sign(step) < 0
    let low = down ? stop : start
    let high = down ? start : stop
    if try check(PyObject_RichCompareBool(low, high, Py_GE)) != 0 { return Owned(retaining: gila_small_int(0)) }
    let size = try owned(PyNumber_Absolute(step))
    let one = gila_small_int(1)
    let span = try owned(PyNumber_Subtract(high, low))
    let inner = try owned(PyNumber_Subtract(span.ref, one))
    let steps = try owned(PyNumber_FloorDivide(inner.ref, size.ref))
    return try owned(PyNumber_Add(steps.ref, one))
  }

  private static func construct(_ args: UnsafePointer<Ref?>, _ n: Int) throws(PyError) -> Owned {
    try checkCount("range", n, 1, 3)
    if n == 1 {
      let stop = try owned(_PyNumber_Index(args[0]))
      return try make(Owned(retaining: gila_small_int(0)), exact(stop), Owned(retaining: gila_small_int(1)))
    }
    let start = try exact(owned(_PyNumber_Index(args[0])))
    let stop = try exact(owned(_PyNumber_Index(args[1])))
    if n == 2 { return try make(start, stop, Owned(retaining: gila_small_int(1))) }
    let step = try exact(owned(_PyNumber_Index(args[2])))
    if _PyLong_Sign(step.ref) == 0 { throw valueError("range() arg 3 must not be zero") }
    return try make(start, stop, step)
  }

  /// An exact int for an int.
  private static func exact(_ r: consuming Owned) throws(PyError) -> Owned {
    if r.ref.isExactly(Types.long) { return r }
    return try owned(_PyLong_Copy(r.ref.cast(PyLongObject.self)))
  }

  static func install() {
    let t = Types.range
    t.define(
      "range", basicSize: 48, flags: UInt(Py_TPFLAGS_SEQUENCE),
      doc: """
        range(stop) -> range object
        range(start, stop[, step]) -> range object

        Return an object that produces a sequence of integers from start (inclusive)
        to stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.
        start defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.
        These are exactly the valid indices for a list of 4 elements.
        When step is given, it specifies the increment (or decrement).
        """)
    t.pointee.tp_dealloc = { r in
      let o = RangeType.object(r!)
      decref(o.pointee.start)
      decref(o.pointee.stop)
      decref(o.pointee.step)
      decref(o.pointee.length)
      PyObject_Free(r!.raw)
    }
    t.pointee.tp_repr = { r in bridge { () throws(PyError) in try RangeType.repr(r!) } }
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try RangeType.hash(r!) } }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_richcompare = { a, b, op in
      guard b!.isExactly(Types.range), op == Py_EQ || op == Py_NE else { return notImplemented }
      return bridge { () throws(PyError) in
        Owned(retaining: pyBool(try RangeType.equal(a!, b!) == (op == Py_EQ)))
      }
    }
    t.pointee.tp_iter = { r in bridge { () throws(PyError) in try RangeType.iterator(r!) } }
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("range", kwargs)
        return try RangeType.construct(args!.tupleItems, args!.size)
      }
    }
    t.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        if let names, names.size > 0 { throw typeError("range() takes no keyword arguments") }
        let n = flags & Int.max
        try checkCount("range", n, 1, 3)
        return try RangeType.construct(args!, n)
      }
    }
    t.number.pointee.nb_bool = { PyObject_IsTrue(RangeType.object($0!).pointee.length) }
    t.sequence.pointee.sq_length = { PyLong_AsSsize_t(RangeType.object($0!).pointee.length) }
    t.sequence.pointee.sq_item = { r, i in
      bridge { () throws(PyError) in
        let index = try owned(PyLong_FromSsize_t(i))
        return try RangeType.item(r!, index.ref)
      }
    }
    t.sequence.pointee.sq_contains = { r, value in
      bridgeBool { () throws(PyError) in
        if value!.isExactly(Types.long) || value!.isExactly(Types.bool) { return try RangeType.contains(r!, value!) }
        return try check(SequenceSearch.contains(r!, value!)) != 0
      }
    }
    t.mapping.pointee.mp_length = t.sequence.pointee.sq_length
    t.mapping.pointee.mp_subscript = { r, index in
      bridge { () throws(PyError) in try RangeType.subscript_(r!, index!) }
    }
    var members = MemberTable()
    members.add("start", _Py_T_OBJECT, offset: 16)
    members.add("stop", _Py_T_OBJECT, offset: 24)
    members.add("step", _Py_T_OBJECT, offset: 32)
    t.pointee.tp_members = members.build()
    t.pointee.tp_methods = methods()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("__reversed__", "", "Return a reverse iterator.") { r, _ in
      bridge { () throws(PyError) in try RangeType.reversed(r!) }
    }
    m.noArguments("__reduce__", "") { r, _ in
      bridge { () throws(PyError) in
        let o = RangeType.object(r!)
        let parts = try triple(
          Owned(retaining: o.pointee.start), Owned(retaining: o.pointee.stop), Owned(retaining: o.pointee.step))
        return try pair(Owned(retaining: r!.type.object), parts)
      }
    }
    m.one("count", "", "rangeobject.count(value) -> integer -- return number of occurrences of value") { r, value in
      bridge { () throws(PyError) in
        if value!.isExactly(Types.long) || value!.isExactly(Types.bool) {
          return Owned(retaining: gila_small_int(try RangeType.contains(r!, value!) ? 1 : 0))
        }
        return try owned(PyLong_FromSsize_t(checkSize(SequenceSearch.count(r!, value!))))
      }
    }
    m.one(
      "index", "",
      "rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present."
    ) { r, value in
      bridge { () throws(PyError) in
        guard value!.isExactly(Types.long) || value!.isExactly(Types.bool) else {
          return try owned(PyLong_FromSsize_t(checkSize(SequenceSearch.index(r!, value!))))
        }
        if try !RangeType.contains(r!, value!) {
          throw valueError("\(try reprText(value!)) is not in range")
        }
        let o = RangeType.object(r!)
        let distance = try owned(PyNumber_Subtract(value, o.pointee.start))
        return try owned(PyNumber_FloorDivide(distance.ref, o.pointee.step))
      }
    }
    return m.build()
  }

  private static func repr(_ r: Ref) throws(PyError) -> Owned {
    let o = object(r)
    var w = TextWriter()
    try w.add("range(")
    try w.addRepr(o.pointee.start)
    try w.add(", ")
    try w.addRepr(o.pointee.stop)
    if word(o.pointee.step) != 1 {
      try w.add(", ")
      try w.addRepr(o.pointee.step)
    }
    try w.add(")")
    return try w.finish()
  }

  /// Equal ranges hash alike: length, then start unless empty, then step unless of one item.
  private static func hash(_ r: Ref) throws(PyError) -> Int {
    let o = object(r)
    let n = word(o.pointee.length)
    let start = n == 0 ? none : o.pointee.start!
    let step = n == 0 || n == 1 ? none : o.pointee.step!
    let key = try triple(Owned(retaining: o.pointee.length), Owned(retaining: start), Owned(retaining: step))
    let h = PyObject_Hash(key.ref)
    if h == -1 { throw PyError() }
    return h
  }

  private static func equal(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    if a == b { return true }
    let (x, y) = (object(a), object(b))
    func same(_ p: Ref, _ q: Ref) throws(PyError) -> Bool { try check(PyObject_RichCompareBool(p, q, Py_EQ)) != 0 }
    if try !same(x.pointee.length, y.pointee.length) { return false }
    let n = word(x.pointee.length)
    if n == 0 { return true }
    if try !same(x.pointee.start, y.pointee.start) { return false }
    if n == 1 { return true }
    return try same(x.pointee.step, y.pointee.step)
  }

  private static func contains(_ r: Ref, _ value: Ref) throws(PyError) -> Bool {
    let o = object(r)
    if let v = word(value), let a = word(o.pointee.start), let b = word(o.pointee.stop), let s = word(o.pointee.step) {
      if s > 0 ? (v < a || v >= b) : (v > a || v <= b) { return false }
      let (distance, overflow) = v.subtractingReportingOverflow(a)
      if !overflow { return s == -1 || distance % s == 0 }
    }
    let up = _PyLong_Sign(o.pointee.step) > 0
    func holds(_ a: Ref, _ b: Ref, _ op: Int32) throws(PyError) -> Bool {
      try check(PyObject_RichCompareBool(a, b, op)) != 0
    }
    if up {
      if try !holds(o.pointee.start, value, Py_LE) { return false }
      if try !holds(value, o.pointee.stop, Py_LT) { return false }
    } else {
      if try !holds(value, o.pointee.start, Py_LE) { return false }
      if try !holds(o.pointee.stop, value, Py_LT) { return false }
    }
    let distance = try owned(PyNumber_Subtract(value, o.pointee.start))
    let rest = try owned(PyNumber_Remainder(distance.ref, o.pointee.step))
    return _PyLong_Sign(rest.ref) == 0
  }

  /// start + i * step.
  private static func compute(_ r: Ref, _ i: Ref) throws(PyError) -> Owned {
    let o = object(r)
    if let k = word(i), let a = word(o.pointee.start), let s = word(o.pointee.step) {
      let (p, o1) = k.multipliedReportingOverflow(by: s)
      let (v, o2) = a.addingReportingOverflow(p)
      if !o1 && !o2 { return try owned(PyLong_FromSsize_t(v)) }
    }
    let p = try owned(PyNumber_Multiply(i, o.pointee.step))
    return try owned(PyNumber_Add(o.pointee.start, p.ref))
  }

  private static func item(_ r: Ref, _ index: Ref) throws(PyError) -> Owned {
    let o = object(r)
    var i = Owned(retaining: index)
    if _PyLong_Sign(index) < 0 { i = try owned(PyNumber_Add(o.pointee.length, index)) }
    let inside =
      _PyLong_Sign(i.ref) >= 0 ? try check(PyObject_RichCompareBool(i.ref, o.pointee.length, Py_LT)) != 0 : false
    if !inside { throw indexError("range object index out of range") }
    return try compute(r, i.ref)
  }

  private static func subscript_(_ r: Ref, _ index: Ref) throws(PyError) -> Owned {
    if isIndex(index) {
      let i = try owned(_PyNumber_Index(index))
      return try item(r, i.ref)
    }
    if !index.isExactly(Types.slice) {
      throw typeError("range indices must be integers or slices, not \(typeName(of: index))")
    }
    let o = object(r)
    let parts = try SliceType.longIndices(index, o.pointee.length)
    let step = try owned(PyNumber_Multiply(o.pointee.step, parts.step.ref))
    let start = try compute(r, parts.start.ref)
    let stop = try compute(r, parts.stop.ref)
    return try make(start, stop, step)
  }

  private static func iterator(_ r: Ref) throws(PyError) -> Owned {
    let o = object(r)
    if let a = word(o.pointee.start), let b = word(o.pointee.stop), let s = word(o.pointee.step),
      let it = try RangeIterator.make(a, b, s)
    {
      return it
    }
    return try LongRangeIterator.make(o.pointee.start, o.pointee.step, o.pointee.length)
  }

  private static func reversed(_ r: Ref) throws(PyError) -> Owned {
    let o = object(r)
    // From the last item, by -step, to before the first.
    if let a = word(o.pointee.start), let s = word(o.pointee.step), let n = word(o.pointee.length),
      word(o.pointee.stop) != nil, s != .min
    {
      if n == 0 { if let it = try RangeIterator.make(0, 0, 1) { return it } }
      let (span, o1) = (n - 1).multipliedReportingOverflow(by: s)
      let (last, o2) = a.addingReportingOverflow(span)
      let (before, o3) = a.subtractingReportingOverflow(s)
      if !o1 && !o2 && !o3, let it = try RangeIterator.make(last, before, 0 - s) { return it }
    }
    let one = gila_small_int(1)
    let count = try owned(PyNumber_Subtract(o.pointee.length, one))
    let last = try compute(r, count.ref)
    let step = try owned(PyNumber_Negative(o.pointee.step))
    return try LongRangeIterator.make(last.ref, step.ref, o.pointee.length)
  }
}

/// Searching by iteration, as sequences without a search of their own do.
enum SequenceSearch {
  private static func search(_ r: Ref, _ value: Ref, first: Bool) throws(PyError) -> (count: Int, index: Int) {
    let iterator = try owned(PyObject_GetIter(r))
    var (count, index) = (0, 0)
    while let item = PyIter_Next(iterator.ref) {
      let held = Owned(taking: item)
      if try equal(held.ref, value) {
        count += 1
        if first { return (count, index) }
      }
      index &+= 1
    }
    if errorIsSet { throw PyError() }
    return (count, index)
  }
  static func contains(_ r: Ref, _ value: Ref) -> Int32 {
    bridgeBool { () throws(PyError) in try search(r, value, first: true).count > 0 }
  }
  static func count(_ r: Ref, _ value: Ref) -> Int {
    bridgeSize { () throws(PyError) in try search(r, value, first: false).count }
  }
  static func index(_ r: Ref, _ value: Ref) -> Int {
    bridgeSize { () throws(PyError) in
      let (count, index) = try search(r, value, first: true)
      if count == 0 { throw valueError("sequence.index(x): x not in sequence") }
      return index
    }
  }
}
