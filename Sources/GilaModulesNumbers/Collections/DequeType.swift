// The type collections.deque and its iterators.

import CGila
import GilaCore

enum DequeType {
  private static let signature = Signature("deque", "(iterable=(), maxlen=None)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "collections.deque", references: 0, words: 7,
      doc: "deque([iterable[, maxlen]])\n--\n\nA list-like sequence optimized for data accesses near its endpoints.",
      flags: UInt(Py_TPFLAGS_SEQUENCE))
    t.pointee.tp_weaklistoffset = 64
    t.pointee.tp_dealloc = { d in
      PyObject_GC_UnTrack(d!.raw)
      if d!.field(6).pointee != nil { PyObject_ClearWeakRefs(d) }
      Deque.clear(d!)
      d!.type.pointee.tp_free(d!.raw)
    }
    t.pointee.tp_traverse = { d, f, context in
      for i in 0..<Deque.count(d!) {
        let v = visit(Deque.place(d!, i).pointee, f, context)
        if v != 0 { return v }
      }
      return 0
    }
    t.pointee.tp_clear = { d in
      Deque.clear(d!)
      return 0
    }
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_new = { type, _, _ in
      bridge { () throws(PyError) in
        let d = try Fields.make(type!)
        d.ref.word(4).pointee = -1
        return d
      }
    }
    t.pointee.tp_init = { d, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let bound = try DequeType.signature.bind(tuple: args, dict: kwargs)
        var limit = -1
        if let m = bound[1], !m.isNone {
          limit = PyLong_AsSsize_t(m)
          if limit == -1 && errorIsSet { throw PyError() }
          if limit < 0 { throw valueError("maxlen must be non-negative") }
        }
        d!.word(4).pointee = limit
        if Deque.count(d!) > 0 { Deque.clear(d!) }
        if let iterable = bound[0] { try Deque.extend(d!, iterable) }
      }
    }
    t.pointee.tp_repr = { d in bridge { () throws(PyError) in try DequeType.repr(d!) } }
    t.pointee.tp_richcompare = { a, b, op in
      guard a!.isInstance(of: DequeType.type), b!.isInstance(of: DequeType.type) else { return notImplemented }
      return bridge { () throws(PyError) in try DequeType.compare(a!, b!, op) }
    }
    t.pointee.tp_iter = { d in bridge { () throws(PyError) in try DequeIterator.make(d!, DequeIterator.forward) } }
    installSequence(t.sequence)
    var g = GetSetTable()
    g.add(
      "maxlen", "maximum size of a deque or None if unbounded",
      get: { d, _ in
        Deque.limit(d!) < 0 ? none : PyLong_FromSsize_t(Deque.limit(d!))
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = DequeMethods.table()
    return t
  }()

  private static func installSequence(_ s: UnsafeMutablePointer<PySequenceMethods>) {
    s.pointee.sq_length = { Deque.count($0!) }
    s.pointee.sq_concat = { a, b in
      bridge { () throws(PyError) in
        if !b!.isInstance(of: DequeType.type) {
          throw typeError("can only concatenate deque (not \"\(typeName(of: b!))\") to deque")
        }
        let r = try DequeType.copy(a!)
        try Deque.extend(r.ref, b!)
        return r
      }
    }
    s.pointee.sq_repeat = { d, n in
      bridge { () throws(PyError) in
        let r = try DequeType.copy(d!)
        try DequeType.repeatInPlace(r.ref, n)
        return r
      }
    }
    s.pointee.sq_inplace_concat = { d, other in
      bridge { () throws(PyError) in
        try Deque.extend(d!, other!)
        return Owned(retaining: d!)
      }
    }
    s.pointee.sq_inplace_repeat = { d, n in
      bridge { () throws(PyError) in
        try DequeType.repeatInPlace(d!, n)
        return Owned(retaining: d!)
      }
    }
    s.pointee.sq_item = { d, i in
      if i < 0 || i >= Deque.count(d!) { return fail(Exc.IndexError, "deque index out of range") }
      return newRef(Deque.item(d!, i))
    }
    s.pointee.sq_ass_item = { d, i, value in
      if i < 0 || i >= Deque.count(d!) {
        _ = fail(Exc.IndexError, "deque index out of range")
        return -1
      }
      if let value {
        replace(Deque.place(d!, i), with: newRef(value))
      } else {
        decref(Deque.remove(d!, i))
      }
      return 0
    }
    s.pointee.sq_contains = { d, value in
      bridgeBool { () throws(PyError) in
        try Deque.find(d!, value!, from: 0, to: .max, ("deque mutated during iteration", Exc.RuntimeError)) != nil
      }
    }
  }

  /// A deque of the same class, items and limit.
  static func copy(_ d: Ref) throws(PyError) -> Owned {
    if d.type == type {
      let r = try Fields.make(type)
      r.ref.word(4).pointee = Deque.limit(d)
      for i in 0..<Deque.count(d) { try Deque.append(r.ref, taking: newRef(Deque.item(d, i))) }
      return r
    }
    let args: Owned
    if Deque.limit(d) < 0 {
      args = try single(Owned(retaining: d))
    } else {
      args = try pair(Owned(retaining: d), int(Deque.limit(d)))
    }
    let r = try owned(PyObject_CallObject(d.type.object, args.ref))
    if !r.ref.isInstance(of: type) {
      throw typeError("\(typeName(of: d))() must return a deque, not \(typeName(of: r.ref))")
    }
    return r
  }

  private static func repeatInPlace(_ d: Ref, _ n0: Int) throws(PyError) {
    let size = Deque.count(d)
    if size == 0 || n0 == 1 { return }
    if n0 <= 0 { return Deque.clear(d) }
    var n = n0
    // The last items of a repetition do not depend on how often, once the limit is reached.
    if Deque.limit(d) >= 0 { n = min(n, max((Deque.limit(d) &+ size &- 1) / size, 1)) }
    if Deque.limit(d) < 0 && n > (1 << 58) / size { throw memoryError() }
    let source = try owned(PySequence_List(d))
    for _ in 1..<n { try Deque.extend(d, source.ref) }
  }

  private static func repr(_ d: Ref) throws(PyError) -> Owned {
    let entered = Py_ReprEnter(d)
    if entered != 0 {
      if entered < 0 { throw PyError() }
      return try string("[...]")
    }
    defer { Py_ReprLeave(d) }
    let items = try owned(PySequence_List(d))
    let text = try owned(PyObject_Repr(items.ref))
    let name = try string("\(typeName(d.type))(")
    let head = try owned(PyUnicode_Concat(name.ref, text.ref))
    let tail = try string(Deque.limit(d) >= 0 ? ", maxlen=\(Deque.limit(d)))" : ")")
    return try owned(PyUnicode_Concat(head.ref, tail.ref))
  }

  private static func compare(_ a: Ref, _ b: Ref, _ op: Int32) throws(PyError) -> Owned {
    if a == b {
      switch op {
      case Py_EQ, Py_LE, Py_GE: return Owned(retaining: pyTrue)
      default: return Owned(retaining: pyFalse)
      }
    }
    let (na, nb) = (Deque.count(a), Deque.count(b))
    if na != nb && (op == Py_EQ || op == Py_NE) { return Owned(retaining: pyBool(op == Py_NE)) }
    let first = try owned(PyObject_GetIter(a))
    let second = try owned(PyObject_GetIter(b))
    while true {
      let x = next(first.ref)
      if x == nil && !atEnd() { throw PyError() }
      let y = next(second.ref)
      if y == nil && !atEnd() {
        xdecref(x)
        throw PyError()
      }
      guard let x, let y else {
        let order = x == nil ? (y == nil ? 0 : -1) : 1
        xdecref(x)
        xdecref(y)
        let result: Bool
        switch op {
        case Py_LT: result = order < 0
        case Py_LE: result = order <= 0
        case Py_EQ: result = order == 0
        case Py_NE: result = order != 0
        case Py_GT: result = order > 0
        default: result = order >= 0
        }
        return Owned(retaining: pyBool(result))
      }
      let left = Owned(taking: x)
      let right = Owned(taking: y)
      if try !equal(left.ref, right.ref) {
        if op == Py_EQ { return Owned(retaining: pyFalse) }
        if op == Py_NE { return Owned(retaining: pyTrue) }
        return try owned(PyObject_RichCompare(left.ref, right.ref, op))
      }
    }
  }
}

enum DequeMethods {
  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("append", "($self, item, /)", "Add an element to the right side of the deque.") { d, item in
      bridgeNone { () throws(PyError) in try Deque.append(d!, taking: newRef(item!)) }
    }
    m.one("appendleft", "($self, item, /)", "Add an element to the left side of the deque.") { d, item in
      bridgeNone { () throws(PyError) in try Deque.prepend(d!, taking: newRef(item!)) }
    }
    m.noArguments("clear", "($self, /)", "Remove all elements from the deque.") { d, _ in
      Deque.clear(d!)
      return none
    }
    m.noArguments("__copy__", "($self, /)", "Return a shallow copy of a deque.") { d, _ in
      bridge { () throws(PyError) in try DequeType.copy(d!) }
    }
    m.noArguments("copy", "($self, /)", "Return a shallow copy of a deque.") { d, _ in
      bridge { () throws(PyError) in try DequeType.copy(d!) }
    }
    m.one("count", "($self, value, /)", "Return number of occurrences of value.") { d, value in
      bridge { () throws(PyError) in
        var n = 0
        var at = 0
        while let i = try Deque.find(
          d!, value!, from: at, to: .max, ("deque mutated during iteration", Exc.RuntimeError))
        {
          n += 1
          at = i + 1
        }
        return try int(n)
      }
    }
    m.one("extend", "($self, iterable, /)", "Extend the right side of the deque with elements from the iterable.") {
      d, iterable in bridgeNone { () throws(PyError) in try Deque.extend(d!, iterable!) }
    }
    m.one(
      "extendleft", "($self, iterable, /)", "Extend the left side of the deque with elements from the iterable."
    ) { d, iterable in bridgeNone { () throws(PyError) in try Deque.extend(d!, iterable!, left: true) } }
    m.positional(
      "index", "($self, value, [start, [stop]])",
      "Return first index of value.\n\nRaises ValueError if the value is not present."
    ) { d, args, n in
      bridge { () throws(PyError) in
        try checkCount("index", n, 1, 3)
        var (start, stop) = (0, Deque.count(d!))
        if n > 1 && _PyEval_SliceIndexNotNone(args![1], &start) == 0 { throw PyError() }
        if n > 2 && _PyEval_SliceIndexNotNone(args![2], &stop) == 0 { throw PyError() }
        let size = Deque.count(d!)
        if start < 0 { start = max(start &+ size, 0) }
        if stop < 0 { stop = max(stop &+ size, 0) }
        if let i = try Deque.find(
          d!, args![0]!, from: start, to: min(stop, size), ("deque mutated during iteration", Exc.RuntimeError))
        {
          return try int(i)
        }
        throw valueError("\(try reprText(args![0]!)) is not in deque")
      }
    }
    m.positional("insert", "($self, index, value, /)", "Insert value before index.") { d, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("insert", n, 2, 2)
        try Deque.insert(d!, sizeValue(args![0]!), args![1]!)
      }
    }
    m.noArguments("pop", "($self, /)", "Remove and return the rightmost element.") { d, _ in
      if Deque.count(d!) == 0 { return fail(Exc.IndexError, "pop from an empty deque") }
      return Deque.popLast(d!)
    }
    m.noArguments("popleft", "($self, /)", "Remove and return the leftmost element.") { d, _ in
      if Deque.count(d!) == 0 { return fail(Exc.IndexError, "pop from an empty deque") }
      return Deque.popFirst(d!)
    }
    m.one("remove", "($self, value, /)", "Remove first occurrence of value.") { d, value in
      bridgeNone { () throws(PyError) in
        let n = Deque.count(d!)
        guard
          let i = try Deque.find(
            d!, value!, from: 0, to: n, ("deque mutated during remove().", Exc.IndexError))
        else { throw valueError("\(try reprText(value!)) is not in deque") }
        decref(Deque.remove(d!, i))
      }
    }
    m.noArguments("reverse", "($self, /)", "Reverse *IN PLACE*.") { d, _ in
      var (i, j) = (0, Deque.count(d!) &- 1)
      while i < j {
        let (a, b) = (Deque.place(d!, i), Deque.place(d!, j))
        (a.pointee, b.pointee) = (b.pointee, a.pointee)
        i &+= 1
        j &-= 1
      }
      return none
    }
    m.positional("rotate", "($self, n=1, /)", "Rotate the deque n steps to the right.  If n is negative, rotates left.")
    {
      d, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("rotate", n, 0, 1)
        Deque.rotate(d!, n > 0 ? try sizeValue(args![0]!) : 1)
      }
    }
    m.noArguments("__reversed__", "($self, /)", "Return a reverse iterator over the deque.") { d, _ in
      bridge { () throws(PyError) in try DequeIterator.make(d!, DequeIterator.backward) }
    }
    m.noArguments("__reduce__", "($self, /)", "Return state information for pickling.") { d, _ in
      bridge { () throws(PyError) in try DequeMethods.reduce(d!) }
    }
    m.noArguments("__sizeof__", "($self, /)", "Return the size of the deque in memory, in bytes.") { d, _ in
      PyLong_FromSsize_t(d!.type.pointee.tp_basicsize &+ d!.word(1).pointee &* 8)
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    return m.build()
  }

  private static func reduce(_ d: Ref) throws(PyError) -> Owned {
    var receiver: Ref? = d
    let dict = try owned(PyObject_VectorcallMethod(gila_intern("__getstate__"), &receiver, 1, nil))
    let iterator = try owned(PyObject_GetIter(d))
    let args: Owned
    if Deque.limit(d) < 0 {
      args = try owned(PyTuple_New(0))
    } else {
      args = try pair(owned(PyTuple_New(0)), int(Deque.limit(d)))
    }
    let t = try owned(PyTuple_New(4))
    t.ref.tupleItems[0] = newRef(d.type.object)
    t.ref.tupleItems[1] = args.take()
    t.ref.tupleItems[2] = dict.take()
    t.ref.tupleItems[3] = iterator.take()
    return t
  }
}

/// The iterators of deque. Words: 0 the deque or nil, 1 items left, 2 the deque's state.
enum DequeIterator {
  nonisolated(unsafe) static let forward = define("collections._deque_iterator")
  nonisolated(unsafe) static let backward = define("collections._deque_reverse_iterator")

  static func make(_ d: Ref, _ type: TypeRef) throws(PyError) -> Owned {
    let r = try Fields.make(type)
    r.ref.field(0).pointee = newRef(d)
    r.ref.word(1).pointee = Deque.count(d)
    r.ref.word(2).pointee = Deque.state(d)
    return r
  }

  private static func define(_ name: StaticString) -> TypeRef {
    let t = newStaticType()
    Fields.define(t, name, references: 1, words: 3, subclassable: false)
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in
      let d = r!.field(0).pointee.unsafelyUnwrapped
      if Deque.state(d) != r!.word(2).pointee {
        r!.word(1).pointee = 0
        return fail(Exc.RuntimeError, "deque mutated during iteration")
      }
      let left = r!.word(1).pointee
      if left == 0 { return nil }
      r!.word(1).pointee = left &- 1
      return newRef(Deque.item(d, r!.type == DequeIterator.backward ? left &- 1 : Deque.count(d) &- left))
    }
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let (items, n) = try positional("_deque_iterator", args, kwargs, 1, 2)
        if !items[0]!.isInstance(of: DequeType.type) {
          throw typeError("_deque_iterator() argument 1 must be collections.deque, not \(typeName(of: items[0]!))")
        }
        let skip = n > 1 ? try sizeValue(items[1]!) : 0
        let r = try DequeIterator.make(items[0]!, type!)
        r.ref.word(1).pointee = max(r.ref.word(1).pointee - max(skip, 0), 0)
        return r
      }
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { r, _ in
      PyLong_FromSsize_t(r!.word(1).pointee)
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      bridge { () throws(PyError) in
        let d = r!.field(0).pointee!
        return try pair(classOf(r!), pair(Owned(retaining: d), int(Deque.count(d) - r!.word(1).pointee)))
      }
    }
    t.pointee.tp_methods = m.build()
    return t
  }
}
