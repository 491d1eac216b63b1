// The type list: slots and methods.

import CGila
import GilaCore

enum ListType {
  static func install() {
    let t = Types.list
    t.define(
      "list", basicSize: 40,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_LIST_SUBCLASS)
        | UInt(_Py_TPFLAGS_MATCH_SELF) | UInt(Py_TPFLAGS_SEQUENCE),
      doc: """
        list(iterable=(), /)
        --

        Built-in mutable sequence.

        If no argument is given, the constructor creates a new empty list.
        The argument must be an iterable if specified.
        """)
    t.pointee.tp_dealloc = { l in
      let l = l!
      PyObject_GC_UnTrack(l.raw)
      List.clear(l)
      l.type.pointee.tp_free(l.raw)
    }
    t.pointee.tp_traverse = { l, f, context in
      guard let items = l!.listItems else { return 0 }
      for i in 0..<l!.size {
        let r = visit(items[i], f, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_clear = { l in
      List.clear(l!)
      return 0
    }
    t.pointee.tp_repr = { l in bridge { () throws(PyError) in try ListType.repr(l!) } }
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_richcompare = { a, b, op in
      guard a!.isList && b!.isList else { return notImplemented }
      return bridge { () throws(PyError) in try compareItems(a!, b!, op) { $0.listItems } }
    }
    t.pointee.tp_iter = { SequenceIterators.make($0!, Types.listIter, at: 0) }
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_init = { l, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let l = l!
        if l.type == Types.list || address(l.type.pointee.tp_new) == address(Types.list.pointee.tp_new) {
          try rejectKeywords("list", kwargs)
        }
        let n = args?.size ?? 0
        try checkCount("list", n, 0, 1)
        List.clear(l)
        if n == 1 { try List.extend(l, args!.tupleItems[0]!) }
      }
    }
    t.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        let n = flags & Int.max
        try checkConstructor("list", n, names, 0, 1)
        let l = try owned(type!.asType == Types.list ? PyList_New(0) : PyType_GenericAlloc(type!.asType, 0))
        if n == 1 { try List.extend(l.ref, args![0]!) }
        return l
      }
    }
    installSequence(t)
    t.pointee.tp_methods = ListMethods.table()
  }

  private static func installSequence(_ t: TypeRef) {
    let s = t.sequence
    s.pointee.sq_length = { $0!.size }
    s.pointee.sq_concat = { List.concatenate($0!, $1!) }
    s.pointee.sq_repeat = { List.repeat($0!, $1) }
    s.pointee.sq_item = { l, i in
      if i < 0 || i >= l!.size { return fail(Exc.IndexError, "list index out of range") }
      return newRef(l!.listItems![i]!)
    }
    s.pointee.sq_ass_item = { l, i, value in
      bridgeStatus { () throws(PyError) in try ListType.assign(l!, i, value) }
    }
    s.pointee.sq_contains = { l, value in
      bridgeBool { () throws(PyError) in try List.index(l!, value!, from: 0, to: Int.max) != nil }
    }
    s.pointee.sq_inplace_concat = { l, other in
      bridge { () throws(PyError) in
        try List.extend(l!, other!)
        return Owned(retaining: l!)
      }
    }
    s.pointee.sq_inplace_repeat = { l, n in
      bridge { () throws(PyError) in
        try List.repeatInPlace(l!, n)
        return Owned(retaining: l!)
      }
    }
    t.mapping.pointee.mp_length = { $0!.size }
    t.mapping.pointee.mp_subscript = { l, index in
      bridge { () throws(PyError) in try ListType.subscript_(l!, index!) }
    }
    t.mapping.pointee.mp_ass_subscript = { l, index, value in
      bridgeStatus { () throws(PyError) in try ListType.assign(l!, index!, value) }
    }
  }

  static func repr(_ l: Ref) throws(PyError) -> Owned {
    if l.size == 0 { return try string("[]") }
    let entered = Py_ReprEnter(l)
    if entered != 0 {
      if entered < 0 { throw PyError() }
      return try string("[...]")
    }
    defer { Py_ReprLeave(l) }
    var w = TextWriter()
    try w.add("[")
    var i = 0
    while i < l.size {
      if i > 0 { try w.add(", ") }
      let item = Owned(retaining: l.listItems![i]!)
      try w.addRepr(item.ref)
      i += 1
    }
    try w.add("]")
    return try w.finish()
  }

  static func subscript_(_ l: Ref, _ index: Ref) throws(PyError) -> Owned {
    if isIndex(index) {
      var i = try indexValue(index)
      if i < 0 { i &+= l.size }
      if i < 0 || i >= l.size { throw indexError("list index out of range") }
      return Owned(retaining: l.listItems.unsafelyUnwrapped[i].unsafelyUnwrapped)
    }
    if !index.isExactly(Types.slice) {
      throw typeError("list indices must be integers or slices, not \(typeName(of: index))")
    }
    let (start, _, step, count) = try SliceType.resolve(index, l.size)
    if count <= 0 { return try List.make() }
    if step == 1 { return try owned(List.slice(l, start, start &+ count)) }
    let r = try owned(PyList_New(count))
    var at = start
    for i in 0..<count {
      r.ref.listItems![i] = newRef(l.listItems![at]!)
      at &+= step
    }
    return r
  }

  /// l[i] = value, or del l[i].
  private static func assign(_ l: Ref, _ i: Int, _ value: Ref?) throws(PyError) {
    if i < 0 || i >= l.size { throw indexError("list assignment index out of range") }
    guard let value else {
      _ = try List.pop(l, i)
      return
    }
    replace(l.listItems! + i, with: newRef(value))
  }

  private static func assign(_ l: Ref, _ index: Ref, _ value: Ref?) throws(PyError) {
    if isIndex(index) {
      var i = try indexValue(index)
      if i < 0 { i &+= l.size }
      return try assign(l, i, value)
    }
    if !index.isExactly(Types.slice) {
      throw typeError("list indices must be integers or slices, not \(typeName(of: index))")
    }
    let (start, stop0, step, count) = try SliceType.resolve(index, l.size)
    if step == 1 {
      guard let value else { return try List.assignSlice(l, start, max(start, stop0), nil) }
      let held: Owned
      if value.isList || value.isTuple {
        held = Owned(retaining: value)
      } else {
        held = try owned(PySequence_Fast(value, "must assign iterable to extended slice"))
        // Getting the items may have changed the list.
        let again = try SliceType.resolve(index, l.size)
        return try List.assignSlice(l, again.start, max(again.start, again.stop), held.ref)
      }
      return try List.assignSlice(l, start, max(start, stop0), held.ref)
    }
    guard let value else { return try deleteSteps(l, start, step, count) }
    try assignSteps(l, index, value)
  }

  /// del l[start::step] of `count` items.
  private static func deleteSteps(_ l: Ref, _ start0: Int, _ step0: Int, _ count: Int) throws(PyError) {
    if count <= 0 { return }
    var (start, step) = (start0, step0)
    if step < 0 {
      start = start &+ step &* (count &- 1)
      step = 0 &- step
    }
    let garbage = Items.allocate(capacity: count)
    defer { garbage.deallocate() }
    let items = l.listItems!
    let n = l.size
    var (target, next, taken) = (start, start, 0)
    var i = start
    while i < n {
      if taken < count && i == next {
        garbage[taken] = items[i]
        taken &+= 1
        next = next.addingReportingOverflow(step).partialValue
        if next < 0 { next = Int.max }
      } else {
        items[target] = items[i]
        target &+= 1
      }
      i &+= 1
    }
    try List.shrink(l, n &- taken)
    for i in 0..<taken { xdecref(garbage[i]) }
  }

  /// l[slice] = value with a step.
  private static func assignSteps(_ l: Ref, _ index: Ref, _ value: Ref) throws(PyError) {
    let source =
      value == l
      ? try owned(List.slice(l, 0, l.size))
      : try owned(PySequence_Fast(value, "must assign iterable to extended slice"))
    // Getting the items may have changed the list.
    let (start, _, step, count) = try SliceType.resolve(index, l.size)
    if source.ref.size != count {
      throw valueError("attempt to assign sequence of size \(source.ref.size) to extended slice of size \(count)")
    }
    if count == 0 { return }
    let new = source.ref.isList ? source.ref.listItems! : source.ref.tupleItems
    let items = l.listItems!
    let garbage = Items.allocate(capacity: count)
    defer { garbage.deallocate() }
    var at = start
    for i in 0..<count {
      garbage[i] = items[at]
      items[at] = newRef(new[i]!)
      at &+= step
    }
    for i in 0..<count { xdecref(garbage[i]) }
  }
}
