// itertools: chain, zip_longest, starmap, pairwise, batched, accumulate.

import CGila
import GilaCore

enum Chain {
  // 0: iterator of iterables, nil once exhausted; 1: the active iterator or nil.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.chain", references: 2, words: 2,
      doc:
        "chain(*iterables)\n--\n\nReturn a chain object whose .__next__() method returns elements from the\nfirst iterable until it is exhausted, then elements from the next\niterable, until all of the iterables are exhausted.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in
          if keepsInit(type!, Chain.type) { try rejectKeywords("chain", kwargs) }
          return try Chain.make(type!, owned(PyObject_GetIter(args)))
        }
      }, next: { Chain.next($0!) })
    var m = MethodTable()
    m.one(
      "from_iterable", "($type, iterable, /)",
      "Alternative chain() constructor taking a single iterable argument that evaluates lazily.", flags: METH_CLASS
    ) { type, iterable in
      bridge { () throws(PyError) in try Chain.make(type!.asType, owned(PyObject_GetIter(iterable))) }
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      pickled { () throws(PyError) in
        guard let source = r!.field(0).pointee else { return try pair(classOf(r!), owned(PyTuple_New(0))) }
        if let active = r!.field(1).pointee {
          return try triple(
            classOf(r!), owned(PyTuple_New(0)), pair(Owned(retaining: source), Owned(retaining: active)))
        }
        return try triple(classOf(r!), owned(PyTuple_New(0)), single(Owned(retaining: source)))
      }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { r, state in
      pickledState { () throws(PyError) in
        guard state!.isTuple else { throw typeError("state is not a tuple") }
        let n = state!.size
        try checkCount("", n, 1, 2)
        for i in 0..<n where PyIter_Check(state!.tupleItems[i]) == 0 { throw typeError("Arguments must be iterators.") }
        replace(r!.field(0), with: newRef(state!.tupleItems[0]!))
        replace(r!.field(1), with: n > 1 ? newRef(state!.tupleItems[1]!) : nil)
      }
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    t.pointee.tp_methods = m.build()
    return t
  }()

  private static func make(_ type: TypeRef, _ source: consuming Owned) throws(PyError) -> Owned {
    let r = try Fields.make(type)
    r.ref.field(0).pointee = source.take()
    return r
  }

  private static func next(_ r: Ref) -> Ref? {
    while let source = r.field(0).pointee {
      if r.field(1).pointee == nil {
        guard let iterable = GilaModulesNumbers.next(source) else {
          clear(r.field(0))
          return nil
        }
        let active = PyObject_GetIter(iterable)
        decref(iterable)
        guard let active else {
          clear(r.field(0))
          return nil
        }
        r.field(1).pointee = active
      }
      if let item = GilaModulesNumbers.next(r.field(1).pointee.unsafelyUnwrapped) { return item }
      if !atEnd() { return nil }
      clear(r.field(1))
    }
    return nil
  }
}

enum ZipLongest {
  // 0: tuple of iterators (NULL places once exhausted); 1: fill value; 2: result tuple; 3: active count.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.zip_longest", references: 3, words: 4,
      doc:
        "zip_longest(*iterables, fillvalue=None)\n--\n\nReturn a zip_longest object whose .__next__() method returns a tuple where\nthe i-th element comes from the i-th iterable argument.  The .__next__()\nmethod continues until the longest iterable in the argument sequence\nis exhausted and then it raises StopIteration.  When the shorter iterables\nare exhausted, the fillvalue is substituted in their place.  The fillvalue\ndefaults to None or can be specified by a keyword argument.",
      new: { type, args, kwargs in bridge { () throws(PyError) in try ZipLongest.new(type!, args!, kwargs) } },
      next: { ZipLongest.next($0!) })
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          let iterators = r!.field(0).pointee!
          let args = try owned(PyTuple_New(iterators.size))
          for i in 0..<iterators.size {
            args.ref.tupleItems[i] = newRef(iterators.tupleItems[i] ?? gila_empty_tuple_object())
          }
          return try triple(classOf(r!), args, Owned(retaining: r!.field(1).pointee!))
        }
      }, setState: { r, state in pickledState { () throws(PyError) in replace(r!.field(1), with: newRef(state!)) } })
    return t
  }()

  private static func new(_ type: TypeRef, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    var fill = none
    if let kwargs, PyDict_Size(kwargs) > 0 {
      if let given = PyDict_GetItemString(kwargs, "fillvalue"), PyDict_Size(kwargs) == 1 {
        fill = given
      } else {
        throw typeError("zip_longest() got an unexpected keyword argument")
      }
    }
    let n = args.size
    let iterators = try owned(PyTuple_New(n))
    for i in 0..<n { iterators.ref.tupleItems[i] = try owned(PyObject_GetIter(args.tupleItems[i])).take() }
    let result = try owned(PyTuple_New(n))
    for i in 0..<n { result.ref.tupleItems[i] = none }
    let r = try Fields.make(type)
    r.ref.field(0).pointee = iterators.take()
    r.ref.field(1).pointee = newRef(fill)
    r.ref.field(2).pointee = result.take()
    r.ref.word(3).pointee = n
    return r
  }

  private static func next(_ r: Ref) -> Ref? {
    let iterators = r.field(0).pointee.unsafelyUnwrapped
    let n = iterators.size
    if n == 0 || r.word(3).pointee == 0 { return nil }
    let reuse = r.field(2).pointee.unsafelyUnwrapped
    let result: Ref
    if reuse.refCount == 1 {
      result = newRef(reuse)
    } else {
      guard let fresh = PyTuple_New(n) else { return nil }
      result = fresh
    }
    for i in 0..<n {
      var item: Ref
      if let iterator = iterators.tupleItems[i] {
        if let given = GilaModulesNumbers.next(iterator) {
          item = given
        } else {
          let ended = atEnd()
          r.word(3).pointee &-= 1
          if r.word(3).pointee == 0 || !ended {
            r.word(3).pointee = 0
            decref(result)
            return nil
          }
          item = newRef(r.field(1).pointee.unsafelyUnwrapped)
          iterators.tupleItems[i] = nil
          decref(iterator)
        }
      } else {
        item = newRef(r.field(1).pointee.unsafelyUnwrapped)
      }
      let old = result.tupleItems[i]
      result.tupleItems[i] = item
      xdecref(old)
    }
    if result == reuse { PyObject_GC_Track(result.raw) }
    return result
  }
}

enum StarMap {
  // 0: function; 1: iterator.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.starmap", references: 2, words: 2,
      doc:
        "starmap(function, iterable, /)\n--\n\nReturn an iterator whose values are returned from the function evaluated with an argument tuple taken from the given sequence.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in
          let (items, _) = try positional("starmap", args, kwargs, 2, 2, exact: keepsInit(type!, StarMap.type))
          let iterator = try owned(PyObject_GetIter(items[1]))
          let r = try Fields.make(type!)
          r.ref.field(0).pointee = newRef(items[0]!)
          r.ref.field(1).pointee = iterator.take()
          return r
        }
      },
      next: { r in
        guard let args = next(r!.field(1).pointee.unsafelyUnwrapped) else { return nil }
        if args.isExactly(Types.tuple) {
          defer { decref(args) }
          return PyObject_Call(r!.field(0).pointee, args, nil)
        }
        let tuple = PySequence_Tuple(args)
        decref(args)
        guard let tuple else { return nil }
        defer { decref(tuple) }
        return PyObject_Call(r!.field(0).pointee, tuple, nil)
      })
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          try pair(
            classOf(r!), pair(Owned(retaining: r!.field(0).pointee!), Owned(retaining: r!.field(1).pointee!)))
        }
      })
    return t
  }()
}

enum Pairwise {
  // 0: iterator, nil once exhausted; 1: the old item or nil; 2: result tuple.
  nonisolated(unsafe) static let type: TypeRef = defineIterator(
    "itertools.pairwise", references: 3, words: 3,
    doc:
      "pairwise(iterable, /)\n--\n\nReturn an iterator of overlapping pairs taken from the input iterator.\n\n    s -> (s0,s1), (s1,s2), (s2, s3), ...",
    new: { type, args, kwargs in
      bridge { () throws(PyError) in
        let (items, _) = try positional("pairwise", args, kwargs, 1, 1, exact: keepsInit(type!, Pairwise.type))
        let iterator = try owned(PyObject_GetIter(items[0]))
        let result = try pair(Owned(retaining: none), Owned(retaining: none))
        let r = try Fields.make(type!)
        r.ref.field(0).pointee = iterator.take()
        r.ref.field(2).pointee = result.take()
        return r
      }
    }, next: { Pairwise.next($0!) })

  private static func next(_ r: Ref) -> Ref? {
    guard let iterator = r.field(0).pointee else { return nil }
    incref(iterator)
    defer { decref(iterator) }
    if r.field(1).pointee == nil {
      guard let first = GilaModulesNumbers.next(iterator) else {
        clear(r.field(0))
        return nil
      }
      replace(r.field(1), with: first)
      // Getting the item may have ended this very iteration.
      if r.field(0).pointee == nil {
        clear(r.field(1))
        return nil
      }
    }
    guard let old = r.field(1).pointee else { return nil }
    incref(old)
    guard let new = GilaModulesNumbers.next(iterator) else {
      clear(r.field(0))
      clear(r.field(1))
      decref(old)
      return nil
    }
    let reuse = r.field(2).pointee.unsafelyUnwrapped
    let result: Ref
    if reuse.refCount == 1 {
      result = newRef(reuse)
      let (a, b) = (result.tupleItems[0], result.tupleItems[1])
      result.tupleItems[0] = old
      result.tupleItems[1] = newRef(new)
      xdecref(a)
      xdecref(b)
      PyObject_GC_Track(result.raw)
    } else if let fresh = PyTuple_New(2) {
      result = fresh
      result.tupleItems[0] = old
      result.tupleItems[1] = newRef(new)
    } else {
      decref(old)
      decref(new)
      return nil
    }
    replace(r.field(1), with: new)
    return result
  }
}

enum Batched {
  // 0: iterator, nil once exhausted; 1: size; 2: strict.
  private static let signature = Signature("batched", "(iterable, n, *, strict=False)")

  nonisolated(unsafe) static let type: TypeRef = defineIterator(
    "itertools.batched", references: 1, words: 3,
    doc:
      "batched(iterable, n, *, strict=False)\n--\n\nBatch data into tuples of length n. The last batch may be shorter than n.\n\nLoops over the input iterable and accumulates data into tuples up to size\nn.  The input is consumed lazily, just enough to fill a batch.  The\nresult is yielded as soon as a batch is full or when the input iterable\nis exhausted.\n\n    >>> for batch in batched('ABCDEFG', 3):\n    ...     print(batch)\n    ...\n    ('A', 'B', 'C')\n    ('D', 'E', 'F')\n    ('G',)\n\nIf \"strict\" is True, raises a ValueError if the final batch is shorter\nthan n.",
    new: { type, args, kwargs in
      bridge { () throws(PyError) in
        let bound = try Batched.signature.bind(tuple: args, dict: kwargs)
        let n = try sizeValue(bound[1]!)
        var strict = false
        if let s = bound[2] { strict = try truth(s) }
        if n < 1 { throw valueError("n must be at least one") }
        let iterator = try owned(PyObject_GetIter(bound[0]))
        let r = try Fields.make(type!)
        r.ref.field(0).pointee = iterator.take()
        r.ref.word(1).pointee = n
        r.ref.word(2).pointee = strict ? 1 : 0
        return r
      }
    },
    next: { r in
      guard let iterator = r!.field(0).pointee else { return nil }
      let n = r!.word(1).pointee
      guard let result = PyTuple_New(n) else { return nil }
      for i in 0..<n {
        if let item = next(iterator) {
          result.tupleItems[i] = item
          continue
        }
        if !atEnd() {
          clear(r!.field(0))
          decref(result)
          return nil
        }
        if i == 0 {
          clear(r!.field(0))
          decref(result)
          return nil
        }
        if r!.word(2).pointee != 0 {
          clear(r!.field(0))
          decref(result)
          return fail(Exc.ValueError, "batched(): incomplete batch")
        }
        var short: Ref? = result
        return _PyTuple_Resize(&short, i) < 0 ? nil : short
      }
      return result
    })
}

enum Accumulate {
  // 0: iterator; 1: function or nil; 2: total or nil; 3: initial or nil.
  private static let signature = Signature("accumulate", "(iterable, func=None, *, initial=None)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.accumulate", references: 4, words: 4,
      doc: "accumulate(iterable, func=None, *, initial=None)\n--\n\nReturn series of accumulated sums.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in
          let bound = try Accumulate.signature.bind(tuple: args, dict: kwargs)
          let iterator = try owned(PyObject_GetIter(bound[0]))
          let r = try Fields.make(type!)
          r.ref.field(0).pointee = iterator.take()
          if let f = bound[1], !f.isNone { r.ref.field(1).pointee = newRef(f) }
          if let i = bound[2], !i.isNone { r.ref.field(3).pointee = newRef(i) }
          return r
        }
      },
      next: { r in
        if let initial = r!.field(3).pointee {
          r!.field(3).pointee = nil
          r!.field(2).pointee = newRef(initial)
          return initial
        }
        guard let item = next(r!.field(0).pointee.unsafelyUnwrapped) else { return nil }
        guard let total = r!.field(2).pointee else {
          r!.field(2).pointee = newRef(item)
          return item
        }
        let sum: Ref?
        if let f = r!.field(1).pointee {
          sum = withUnsafeTemporaryAllocation(of: Ref?.self, capacity: 2) { buffer in
            buffer[0] = total
            buffer[1] = item
            return PyObject_Vectorcall(f, buffer.baseAddress!, 2, nil)
          }
        } else {
          sum = PyNumber_Add(total, item)
        }
        decref(item)
        guard let sum else { return nil }
        replace(r!.field(2), with: newRef(sum))
        return sum
      })
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          let function = Owned(retaining: r!.field(1).pointee ?? none)
          if let initial = r!.field(3).pointee {
            let head = try single(Owned(retaining: initial))
            let both = try pair(head, Owned(retaining: r!.field(0).pointee!))
            let chain = try owned(PyObject_CallObject(Chain.type.object, both.ref))
            return try triple(classOf(r!), pair(chain, function), Owned(retaining: none))
          }
          // A state of None means "not begun": a total that is None goes in front of the iterator, to be skipped.
          if r!.field(2).pointee == none {
            let head = try single(Owned(retaining: none))
            let both = try pair(head, Owned(retaining: r!.field(0).pointee!))
            let chain = try owned(PyObject_CallObject(Chain.type.object, both.ref))
            let inner = try pair(chain, function)
            let again = try owned(PyObject_CallObject(r!.type.object, inner.ref))
            let arguments = try triple(again, Owned(retaining: gila_small_int(1)), Owned(retaining: none))
            return try pair(Owned(retaining: ISlice.type.object), arguments)
          }
          let args = try pair(Owned(retaining: r!.field(0).pointee!), function)
          return try triple(classOf(r!), args, Owned(retaining: r!.field(2).pointee ?? none))
        }
      },
      setState: { r, state in
        pickledState { () throws(PyError) in replace(r!.field(2), with: state!.isNone ? nil : newRef(state!)) }
      })
    return t
  }()
}
