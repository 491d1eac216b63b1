// itertools: groupby and tee.

import CGila
import GilaCore

enum GroupBy {
  // 0: iterator; 1: key function; 2: target key; 3: current key; 4: current value; 5: the current grouper (borrowed).
  private static let signature = Signature("groupby", "(iterable, key=None)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.groupby", references: 5, words: 6,
      doc:
        "groupby(iterable, key=None)\n--\n\nmake an iterator that returns consecutive keys and groups from the iterable\n\n  iterable\n    Elements to divide into groups according to the key function.\n  key\n    A function for computing the group category for each element.\n    If the key function is not specified or is None, the element itself\n    is used for grouping.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in
          let bound = try GroupBy.signature.bind(tuple: args, dict: kwargs)
          let iterator = try owned(PyObject_GetIter(bound[0]))
          let r = try Fields.make(type!)
          r.ref.field(0).pointee = iterator.take()
          r.ref.field(1).pointee = newRef(bound[1] ?? none)
          return r
        }
      }, next: { GroupBy.next($0!) })
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          let args = try pair(Owned(retaining: r!.field(0).pointee!), Owned(retaining: r!.field(1).pointee!))
          if let target = r!.field(2).pointee, let key = r!.field(3).pointee, let value = r!.field(4).pointee {
            return try triple(
              classOf(r!), args,
              triple(Owned(retaining: key), Owned(retaining: value), Owned(retaining: target)))
          }
          return try pair(classOf(r!), args)
        }
      },
      setState: { r, state in
        pickledState { () throws(PyError) in
          guard state!.isTuple, state!.size == 3 else { throw typeError("state is not a tuple") }
          replace(r!.field(3), with: newRef(state!.tupleItems[0]!))
          replace(r!.field(4), with: newRef(state!.tupleItems[1]!))
          replace(r!.field(2), with: newRef(state!.tupleItems[2]!))
        }
      })
    return t
  }()

  /// Gets the next value and its key; false at the end or with an exception set.
  private static func step(_ r: Ref) -> Bool {
    guard let value = GilaModulesNumbers.next(r.field(0).pointee.unsafelyUnwrapped) else { return false }
    let key: Ref
    let function = r.field(1).pointee.unsafelyUnwrapped
    if function.isNone {
      key = newRef(value)
    } else if let k = PyObject_CallOneArg(function, value) {
      key = k
    } else {
      decref(value)
      return false
    }
    replace(r.field(4), with: value)
    replace(r.field(3), with: key)
    return true
  }

  private static func next(_ r: Ref) -> Ref? {
    r.word(5).pointee = 0
    // Skip to the next group.
    while true {
      if let key = r.field(3).pointee {
        guard let target = r.field(2).pointee else { break }
        let (t, k) = (newRef(target), newRef(key))
        let same = PyObject_RichCompareBool(t, k, Py_EQ)
        decref(t)
        decref(k)
        if same < 0 { return nil }
        if same == 0 { break }
      }
      if !step(r) { return nil }
    }
    guard let key = r.field(3).pointee else { return nil }
    replace(r.field(2), with: newRef(key))
    guard let g = grouperType.pointee.tp_alloc(grouperType, 0) else { return nil }
    g.field(0).pointee = newRef(r)
    g.field(1).pointee = newRef(key)
    r.word(5).pointee = Int(bitPattern: g)
    return bridge { () throws(PyError) in try pair(Owned(retaining: key), Owned(taking: g)) }
  }

  // A group: 0: its groupby; 1: the key.
  nonisolated(unsafe) static let grouperType: TypeRef = {
    let t = defineIterator(
      "itertools._grouper", references: 2, words: 2, subclassable: false, doc: "",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in
          let (items, _) = try positional("_grouper", args, kwargs, 2, 2)
          if !items[0]!.isInstance(of: GroupBy.type) {
            throw typeError("incorrect usage of internal _grouper")
          }
          let g = try Fields.make(type!)
          g.ref.field(0).pointee = newRef(items[0]!)
          g.ref.field(1).pointee = newRef(items[1]!)
          items[0]!.word(5).pointee = Int(bitPattern: g.ref)
          return g
        }
      },
      next: { g in
        let r = g!.field(0).pointee.unsafelyUnwrapped
        if r.word(5).pointee != Int(bitPattern: g!) { return nil }
        if r.field(4).pointee == nil && !GroupBy.step(r) { return nil }
        guard let key = r.field(3).pointee else { return nil }
        let (mine, other) = (newRef(g!.field(1).pointee.unsafelyUnwrapped), newRef(key))
        let same = PyObject_RichCompareBool(mine, other, Py_EQ)
        decref(mine)
        decref(other)
        if same <= 0 { return nil }
        let value = r.field(4).pointee
        r.field(4).pointee = nil
        clear(r.field(3))
        return value
      })
    addPickling(
      t,
      reduce: { g, _ in
        pickled { () throws(PyError) in
          let r = g!.field(0).pointee!
          if r.word(5).pointee != Int(bitPattern: g!) {
            let builtins = try borrowed(PyEval_GetBuiltins())
            let iter = try borrowed(PyDict_GetItemString(builtins, "iter"))
            return try pair(Owned(retaining: iter), single(owned(PyTuple_New(0))))
          }
          return try pair(classOf(g!), pair(Owned(retaining: r), Owned(retaining: g!.field(1).pointee!)))
        }
      })
    return t
  }()
}

/// tee: several iterators over one, sharing a chain of blocks of items.
enum Tee {
  private static let blockSize = 57

  // A block: 0: the source iterator; 1: the next block or nil; 2: items read; 3: running; then the items.
  nonisolated(unsafe) static let dataType: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "itertools._tee_dataobject", references: 2, words: 4 + blockSize, subclassable: false,
      doc: "teedataobject(iterable, values, next, /)\n--\n\nData container common to multiple tee objects.")
    t.pointee.tp_dealloc = { d in
      PyObject_GC_UnTrack(d!.raw)
      _ = Tee.clearBlock(d!)
      d!.type.pointee.tp_free(d!.raw)
    }
    t.pointee.tp_traverse = { d, f, context in
      var v = visit(d!.field(0).pointee, f, context)
      if v == 0 { v = visit(d!.field(1).pointee, f, context) }
      for i in 0..<d!.word(2).pointee where v == 0 { v = visit(d!.field(4 + i).pointee, f, context) }
      return v
    }
    t.pointee.tp_clear = { Tee.clearBlock($0!) }
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let (items, _) = try positional("_tee_dataobject", args, kwargs, 3, 3)
        guard items[1]!.isList else {
          throw typeError("_tee_dataobject() argument 2 must be list, not \(typeName(of: items[1]!))")
        }
        let d = try Tee.makeBlock(items[0]!)
        let n = items[1]!.size
        if n > Tee.blockSize { throw valueError("Invalid arguments") }
        for i in 0..<n { d.ref.field(4 + i).pointee = newRef(items[1]!.fastItems[i]!) }
        d.ref.word(2).pointee = n
        if n == Tee.blockSize {
          if !items[2]!.isNone {
            if items[2]!.type != Tee.dataType { throw valueError("Invalid arguments") }
            d.ref.field(1).pointee = newRef(items[2]!)
          }
        } else if !items[2]!.isNone {
          throw valueError("Invalid arguments")
        }
        return d
      }
    }
    addPickling(
      t,
      reduce: { d, _ in
        pickled { () throws(PyError) in
          let n = d!.word(2).pointee
          let values = try owned(PyList_New(n))
          for i in 0..<n { values.ref.fastItems[i] = newRef(d!.field(4 + i).pointee!) }
          let next = Owned(retaining: d!.field(1).pointee ?? none)
          return try pair(classOf(d!), triple(Owned(retaining: d!.field(0).pointee!), values, next))
        }
      })
    return t
  }()

  private static func makeBlock(_ iterator: Ref) throws(PyError) -> Owned {
    let d = try Fields.make(dataType)
    d.ref.field(0).pointee = newRef(iterator)
    return d
  }

  private static func clearBlock(_ d: Ref) -> Int32 {
    clear(d.field(0))
    let n = d.word(2).pointee
    d.word(2).pointee = 0
    for i in 0..<n { clear(d.field(4 + i)) }
    // A long chain is taken apart without recursion.
    var next = d.field(1).pointee
    d.field(1).pointee = nil
    while let block = next, block.type == dataType, block.refCount == 1 {
      next = block.field(1).pointee
      block.field(1).pointee = nil
      decref(block)
    }
    xdecref(next)
    return 0
  }

  /// The i-th item of a block, read from the source if need be.
  private static func item(_ d: Ref, _ i: Int) -> Ref? {
    if i < d.word(2).pointee { return newRef(d.field(4 + i).pointee.unsafelyUnwrapped) }
    if d.word(3).pointee != 0 { return fail(Exc.RuntimeError, "cannot re-enter the tee iterator") }
    d.word(3).pointee = 1
    let value = GilaModulesNumbers.next(d.field(0).pointee.unsafelyUnwrapped)
    d.word(3).pointee = 0
    guard let value else { return nil }
    d.field(4 + i).pointee = newRef(value)
    d.word(2).pointee = i + 1
    return value
  }

  // 0: the block; 1: weak references; 2: position.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "itertools._tee", references: 1, words: 3, subclassable: false,
      doc: "Iterator wrapped to make it copyable.")
    t.pointee.tp_weaklistoffset = 24
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      if r!.field(1).pointee != nil { PyObject_ClearWeakRefs(r) }
      xdecref(r!.field(0).pointee)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { Tee.next($0!) }
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        let (items, _) = try positional("_tee", args, kwargs, 1, 1)
        return try Tee.from(items[0]!)
      }
    }
    var m = MethodTable()
    m.noArguments("__copy__", "", "Returns an independent iterator.") { r, _ in
      bridge { () throws(PyError) in try Tee.copy(r!) }
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      pickled { () throws(PyError) in
        let empty = try single(owned(PyTuple_New(0)))
        return try triple(
          classOf(r!), empty, pair(Owned(retaining: r!.field(0).pointee!), int(r!.word(2).pointee)))
      }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { r, state in
      pickledState { () throws(PyError) in
        guard state!.isTuple, state!.size == 2, state!.tupleItems[0]!.type == Tee.dataType else {
          throw typeError("state is not a tuple")
        }
        let i = try sizeValue(state!.tupleItems[1]!)
        if i < 0 || i > Tee.blockSize { throw valueError("Index out of range") }
        replace(r!.field(0), with: newRef(state!.tupleItems[0]!))
        r!.word(2).pointee = i
      }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  private static func next(_ r: Ref) -> Ref? {
    if r.word(2).pointee >= blockSize {
      let block = r.field(0).pointee.unsafelyUnwrapped
      if block.field(1).pointee == nil {
        guard let new = bridge({ () throws(PyError) in try makeBlock(block.field(0).pointee!) }) else { return nil }
        block.field(1).pointee = new
      }
      let following = newRef(block.field(1).pointee.unsafelyUnwrapped)
      r.word(2).pointee = 0
      replace(r.field(0), with: following)
    }
    guard let value = item(r.field(0).pointee.unsafelyUnwrapped, r.word(2).pointee) else { return nil }
    r.word(2).pointee &+= 1
    return value
  }

  private static func from(_ iterable: Ref) throws(PyError) -> Owned {
    let iterator = try owned(PyObject_GetIter(iterable))
    if iterator.ref.type == type { return try copy(iterator.ref) }
    let block = try makeBlock(iterator.ref)
    let r = try Fields.make(type)
    r.ref.field(0).pointee = block.take()
    return r
  }

  private static func copy(_ r: Ref) throws(PyError) -> Owned {
    let c = try Fields.make(type)
    c.ref.field(0).pointee = newRef(r.field(0).pointee!)
    c.ref.word(2).pointee = r.word(2).pointee
    return c
  }

  static func split(_ iterable: Ref, _ n: Int) throws(PyError) -> Owned {
    // Types are readied with the module; the block type first.
    let result = try owned(PyTuple_New(n))
    if n == 0 { return result }
    let iterator = try owned(PyObject_GetIter(iterable))
    var copier: Ref? = nil
    try check(PyObject_GetOptionalAttrString(iterator.ref, "__copy__", &copier))
    let first: Owned
    if copier == nil {
      first = try from(iterator.ref)
      let method = try owned(PyObject_GetAttrString(first.ref, "__copy__"))
      copier = method.take()
    } else {
      first = Owned(retaining: iterator.ref)
    }
    let copy = Owned(taking: copier!)
    result.ref.tupleItems[0] = newRef(first.ref)
    for i in 1..<max(n, 1) { result.ref.tupleItems[i] = try owned(PyObject_CallNoArgs(copy.ref)).take() }
    return result
  }
}
