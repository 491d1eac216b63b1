// The type tuple.

import CGila
import GilaCore

enum TupleType {
  static func install() {
    let t = Types.tuple
    t.define(
      "tuple", basicSize: 24, itemSize: 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_TUPLE_SUBCLASS)
        | UInt(_Py_TPFLAGS_MATCH_SELF) | UInt(Py_TPFLAGS_SEQUENCE),
      doc: """
        tuple(iterable=(), /)
        --

        Built-in immutable sequence.

        If no argument is given, the constructor returns an empty tuple.
        If iterable is specified the tuple is initialized from iterable's items.

        If the argument is a tuple, the return value is the same object.
        """)
    t.pointee.tp_dealloc = { t in
      let t = t!
      if t == gila_empty_tuple_object() { return gila_set_immortal(t) }
      PyObject_GC_UnTrack(t.raw)
      var i = t.size
      while i > 0 {
        i &-= 1
        xdecref(t.tupleItems[i])
      }
      t.type.pointee.tp_free(t.raw)
    }
    t.pointee.tp_traverse = { t, f, context in
      for i in 0..<t!.size {
        let r = visit(t!.tupleItems[i], f, context)
        if r != 0 { return r }
      }
      return 0
    }
    t.pointee.tp_repr = { t in bridge { () throws(PyError) in try Tuple.repr(t!) } }
    t.pointee.tp_hash = { t in bridgeSize { () throws(PyError) in try Tuple.hash(t!) } }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_richcompare = { a, b, op in
      guard a!.isTuple && b!.isTuple else { return notImplemented }
      return bridge { () throws(PyError) in try compareItems(a!, b!, op) { $0.tupleItems } }
    }
    t.pointee.tp_iter = { SequenceIterators.make($0!, Types.tupleIter, at: 0) }
    t.pointee.tp_new = { type, args, kwargs in bridge { () throws(PyError) in try TupleType.new(type!, args, kwargs) } }
    t.pointee.tp_vectorcall = { type, args, flags, names in
      bridge { () throws(PyError) in
        let n = flags & Int.max
        try checkConstructor("tuple", n, names, 0, 1)
        return try owned(n == 0 ? PyTuple_New(0) : PySequence_Tuple(args![0]))
      }
    }
    t.pointee.tp_free = PyObject_GC_Del
    let s = t.sequence
    s.pointee.sq_length = { $0!.size }
    s.pointee.sq_concat = { Tuple.concatenate($0!, $1!) }
    s.pointee.sq_repeat = { Tuple.repeat($0!, $1) }
    s.pointee.sq_item = { t, i in
      if i < 0 || i >= t!.size { return fail(Exc.IndexError, "tuple index out of range") }
      return newRef(t!.tupleItems[i]!)
    }
    s.pointee.sq_contains = { t, value in
      bridgeBool { () throws(PyError) in
        for i in 0..<t!.size where try equal(t!.tupleItems[i]!, value!) { return true }
        return false
      }
    }
    t.mapping.pointee.mp_length = { $0!.size }
    t.mapping.pointee.mp_subscript = { t, index in
      bridge { () throws(PyError) in try TupleType.subscript_(t!, index!) }
    }
    var m = MethodTable()
    m.noArguments("__getnewargs__", "($self, /)") { t, _ in
      bridge { () throws(PyError) in try single(owned(Tuple.slice(t!, 0, t!.size))) }
    }
    m.positional(
      "index", "($self, value, start=0, stop=sys.maxsize, /)",
      "Return first index of value.\n\nRaises ValueError if the value is not present."
    ) { t, args, n in
      bridge { () throws(PyError) in
        try checkCount("index", n, 1, 3)
        let t = t!
        let (start, stop) = try searchBounds(args!, n, t.size)
        var i = start
        while i < min(stop, t.size) {
          if try equal(t.tupleItems[i]!, args![0]!) { return try owned(PyLong_FromSsize_t(i)) }
          i += 1
        }
        throw valueError("tuple.index(x): x not in tuple")
      }
    }
    m.one("count", "($self, value, /)", "Return number of occurrences of value.") { t, value in
      bridge { () throws(PyError) in
        var n = 0
        for i in 0..<t!.size where try equal(t!.tupleItems[i]!, value!) { n += 1 }
        return try owned(PyLong_FromSsize_t(n))
      }
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    t.pointee.tp_methods = m.build()
  }

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    if type == Types.tuple || address(type.pointee.tp_init) == address(Types.tuple.pointee.tp_init) {
      try rejectKeywords("tuple", kwargs)
    }
    let n = args?.size ?? 0
    try checkCount("tuple", n, 0, 1)
    let value = try owned(n == 0 ? PyTuple_New(0) : PySequence_Tuple(args!.tupleItems[0]))
    if type == Types.tuple { return value }
    // An instance of a subclass gets the items.
    let count = value.ref.size
    let r = try owned(type.pointee.tp_alloc(type, count))
    for i in 0..<count { r.ref.tupleItems[i] = newRef(value.ref.tupleItems[i]!) }
    return r
  }

  private static func subscript_(_ t: Ref, _ index: Ref) throws(PyError) -> Owned {
    if isIndex(index) {
      var i = try indexValue(index)
      if i < 0 { i &+= t.size }
      if i < 0 || i >= t.size { throw indexError("tuple index out of range") }
      return Owned(retaining: t.tupleItems[i]!)
    }
    if !index.isExactly(Types.slice) {
      throw typeError("tuple indices must be integers or slices, not \(typeName(of: index))")
    }
    let (start, _, step, count) = try SliceType.resolve(index, t.size)
    if count <= 0 { return try owned(PyTuple_New(0)) }
    if step == 1 { return try owned(Tuple.slice(t, start, start + count)) }
    let r = try Tuple.make(count)
    var at = start
    for i in 0..<count {
      r.ref.tupleItems[i] = newRef(t.tupleItems[at]!)
      at &+= step
    }
    return r
  }
}
