// itertools: product, permutations, combinations, with and without replacement.
//
// Each keeps its pools, an index vector and the last result, which is used again when nobody kept it.

import CGila
import GilaCore

/// Objects of pool (0), result or nil (1), vector of indices (2), its length (3), whether stopped (4), a second vector (5).
private enum Combinatoric {
  static func define(
    _ name: StaticString, _ doc: StaticString, new: @escaping newfunc, next: @escaping iternextfunc
  ) -> TypeRef {
    let t = defineIterator(name, references: 2, words: 6, doc: doc, new: new, next: next)
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(r!.field(0).pointee)
      xdecref(r!.field(1).pointee)
      PyMem_Free(Combinatoric.indices(r!))
      PyMem_Free(Combinatoric.cycles(r!))
      r!.type.pointee.tp_free(r!.raw)
    }
    var m = MethodTable()
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      pickled { () throws(PyError) in try Combinatoric.reduce(r!) }
    }
    m.one("__setstate__", "", "Set state information for unpickling.") { r, state in
      pickledState { () throws(PyError) in try Combinatoric.setState(r!, state!) }
    }
    m.noArguments("__sizeof__", "", "Returns size in memory, in bytes.") { r, _ in
      PyLong_FromSsize_t(r!.type.pointee.tp_basicsize + r!.word(3).pointee * 8)
    }
    t.pointee.tp_methods = m.build()
    return t
  }

  static func indices(_ r: Ref) -> UnsafeMutablePointer<Int>? {
    UnsafeMutablePointer(bitPattern: r.word(2).pointee)
  }
  static func cycles(_ r: Ref) -> UnsafeMutablePointer<Int>? { UnsafeMutablePointer(bitPattern: r.word(5).pointee) }

  static func make(_ type: TypeRef, _ pool: consuming Owned, _ count: Int) throws(PyError) -> Owned {
    let r = try Fields.make(type)
    r.ref.field(0).pointee = pool.take()
    r.ref.word(2).pointee = Int(bitPattern: try vector(count))
    r.ref.word(3).pointee = count
    return r
  }
  static func vector(_ n: Int) throws(PyError) -> UnsafeMutablePointer<Int> {
    guard n < 1 << 58, let memory = PyMem_Calloc(max(n, 1), 8) else { throw memoryError() }
    return memory.assumingMemoryBound(to: Int.self)
  }

  /// The result tuple to fill: the old one if only the iterator holds it, else a copy of it.
  static func freshResult(_ r: Ref) -> Ref? {
    let old = r.field(1).pointee.unsafelyUnwrapped
    if old.refCount == 1 || old.size == 0 {
      PyObject_GC_Track(old.raw)
      return old
    }
    let n = old.size
    guard let copy = PyTuple_New(n) else { return nil }
    for i in 0..<n { copy.tupleItems[i] = newRef(old.tupleItems[i]!) }
    r.field(1).pointee = copy
    decref(old)
    return copy
  }
  @inline(__always) static func set(_ result: Ref, _ i: Int, _ item: Ref) {
    let old = result.tupleItems[i]
    result.tupleItems[i] = newRef(item)
    xdecref(old)
  }
  /// Ends an iteration.
  static func stop(_ r: Ref) -> Ref? {
    r.word(4).pointee = 1
    return nil
  }

  /// A constructor call and, once running, the indices.
  private static func reduce(_ r: Ref) throws(PyError) -> Owned {
    let pool = r.field(0).pointee!
    let n = r.word(3).pointee
    let isProduct = r.type == Product.type || PyType_IsSubtype(r.type, Product.type) != 0
    let args: Owned
    if r.word(4).pointee != 0 {
      args =
        isProduct
        ? try single(owned(PyTuple_New(0))) : try pair(owned(PyTuple_New(0)), int(n))
    } else {
      args = isProduct ? Owned(retaining: pool) : try pair(Owned(retaining: pool), int(n))
    }
    if r.word(4).pointee != 0 || r.field(1).pointee == nil { return try pair(classOf(r), args) }
    func list(_ v: UnsafeMutablePointer<Int>, _ n: Int) throws(PyError) -> Owned {
      let t = try owned(PyTuple_New(n))
      for i in 0..<n { t.ref.tupleItems[i] = try int(v[i]).take() }
      return t
    }
    if let c = cycles(r) {
      return try triple(classOf(r), args, pair(list(indices(r)!, pool.size), list(c, n)))
    }
    return try triple(classOf(r), args, list(indices(r)!, n))
  }

  private static func setState(_ r: Ref, _ state0: Ref) throws(PyError) {
    let pool = r.field(0).pointee!
    let n = r.word(3).pointee
    var state = state0
    let permutations = cycles(r) != nil
    if permutations {
      guard state.isTuple, state.size == 2 else { throw typeError("state is not a tuple") }
      state = state0.tupleItems[0]!
      guard state0.tupleItems[1]!.isTuple, state0.tupleItems[1]!.size == n else {
        throw valueError("invalid arguments")
      }
    }
    let count = permutations ? pool.size : n
    guard state.isTuple, state.size == count else { throw valueError("invalid arguments") }
    let isProduct = r.type == Product.type || PyType_IsSubtype(r.type, Product.type) != 0
    let plain = r.type == Combinations.type
    for i in 0..<count {
      let v = try sizeValue(state.tupleItems[i]!)
      let size = isProduct ? pool.tupleItems[i]!.size : pool.size
      if isProduct && size == 0 { return }
      let most = plain ? i + pool.size - n : size - 1
      indices(r)![i] = min(max(v, 0), most)
    }
    if permutations {
      for i in 0..<n {
        let v = try sizeValue(state0.tupleItems[1]!.tupleItems[i]!)
        cycles(r)![i] = min(max(v, 1), pool.size - i)
      }
    }
    let result = try owned(PyTuple_New(n))
    for i in 0..<n {
      let k = indices(r)![i]
      result.ref.tupleItems[i] = newRef(isProduct ? pool.tupleItems[i]!.tupleItems[k]! : pool.tupleItems[k]!)
    }
    replace(r.field(1), with: result.take())
  }
}

enum Product {
  nonisolated(unsafe) static let type: TypeRef = Combinatoric.define(
    "itertools.product",
    "product(*iterables, repeat=1)\n--\n\nCartesian product of input iterables.  Equivalent to nested for-loops.\n\nFor example, product(A, B) returns the same as:  ((x,y) for x in A for y in B).\nThe leftmost iterators are in the outermost for-loop, so the output tuples\ncycle in a manner similar to an odometer (with the rightmost element changing\non every iteration).\n\nTo compute the product of an iterable with itself, specify the number\nof repetitions with the optional repeat keyword argument. For example,\nproduct(A, repeat=4) means the same as product(A, A, A, A).\n\nproduct('ab', range(3)) --> ('a',0) ('a',1) ('a',2) ('b',0) ('b',1) ('b',2)\nproduct((0,1), (0,1), (0,1)) --> (0,0,0) (0,0,1) (0,1,0) (0,1,1) (1,0,0) ...",
    new: { type, args, kwargs in bridge { () throws(PyError) in try Product.new(type!, args!, kwargs) } },
    next: { Product.next($0!) })

  private static func new(_ type: TypeRef, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    var times = 1
    if let kwargs {
      var position = 0
      var key: Ref? = nil
      var value: Ref? = nil
      while PyDict_Next(kwargs, &position, &key, &value) != 0 {
        if PyUnicode_EqualToUTF8(key, "repeat") == 0 {
          throw typeError("product() got an unexpected keyword argument '\(swiftString(key!))'")
        }
        times = try sizeValue(value!)
        if times < 0 { throw valueError("repeat argument cannot be negative") }
      }
    }
    let n = times == 0 ? 0 : args.size
    let (count, overflow) = n.multipliedReportingOverflow(by: times)
    if overflow || count > 1 << 58 { throw overflowError("repeat argument too large") }
    let pools = try owned(PyTuple_New(count))
    for i in 0..<n { pools.ref.tupleItems[i] = try owned(PySequence_Tuple(args.tupleItems[i])).take() }
    for i in n..<max(count, n) { pools.ref.tupleItems[i] = newRef(pools.ref.tupleItems[i - n]!) }
    return try Combinatoric.make(type, pools, count)
  }

  private static func next(_ r: Ref) -> Ref? {
    if r.word(4).pointee != 0 { return nil }
    let pools = r.field(0).pointee.unsafelyUnwrapped
    let n = pools.size
    let indices = Combinatoric.indices(r).unsafelyUnwrapped
    if r.field(1).pointee == nil {
      guard let result = PyTuple_New(n) else { return nil }
      r.field(1).pointee = result
      for i in 0..<n {
        let pool = pools.tupleItems[i].unsafelyUnwrapped
        if pool.size == 0 {
          clear(r.field(1))
          return Combinatoric.stop(r)
        }
        result.tupleItems[i] = newRef(pool.tupleItems[0].unsafelyUnwrapped)
      }
      return newRef(result)
    }
    guard let result = Combinatoric.freshResult(r) else { return Combinatoric.stop(r) }
    var i = n &- 1
    while i >= 0 {
      let pool = pools.tupleItems[i].unsafelyUnwrapped
      indices[i] &+= 1
      if indices[i] == pool.size {
        indices[i] = 0
        Combinatoric.set(result, i, pool.tupleItems[0].unsafelyUnwrapped)
        i &-= 1
      } else {
        Combinatoric.set(result, i, pool.tupleItems[indices[i]].unsafelyUnwrapped)
        return newRef(result)
      }
    }
    return Combinatoric.stop(r)
  }
}

enum Combinations {
  private static let signature = Signature("combinations", "(iterable, r)")

  nonisolated(unsafe) static let type: TypeRef = Combinatoric.define(
    "itertools.combinations",
    "combinations(iterable, r)\n--\n\nReturn successive r-length combinations of elements in the iterable.\n\ncombinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)",
    new: { type, args, kwargs in
      bridge { () throws(PyError) in
        let bound = try Combinations.signature.bind(tuple: args, dict: kwargs)
        let pool = try owned(PySequence_Tuple(bound[0]))
        let n = try sizeValue(bound[1]!)
        if n < 0 { throw valueError("r must be non-negative") }
        let size = pool.ref.size
        let r = try Combinatoric.make(type!, pool, n)
        for i in 0..<n { Combinatoric.indices(r.ref)![i] = i }
        if n > size { r.ref.word(4).pointee = 1 }
        return r
      }
    }, next: { Combinations.next($0!) })

  private static func next(_ r: Ref) -> Ref? {
    if r.word(4).pointee != 0 { return nil }
    let pool = r.field(0).pointee.unsafelyUnwrapped
    let n = r.word(3).pointee
    let indices = Combinatoric.indices(r).unsafelyUnwrapped
    if r.field(1).pointee == nil {
      guard let result = PyTuple_New(n) else { return nil }
      r.field(1).pointee = result
      for i in 0..<n { result.tupleItems[i] = newRef(pool.tupleItems[i].unsafelyUnwrapped) }
      return newRef(result)
    }
    guard let result = Combinatoric.freshResult(r) else { return Combinatoric.stop(r) }
    // The rightmost index that can move.
    var i = n &- 1
    while i >= 0 && indices[i] == i &+ pool.size &- n { i &-= 1 }
    if i < 0 { return Combinatoric.stop(r) }
    indices[i] &+= 1
    var j = i &+ 1
    while j < n {
      indices[j] = indices[j &- 1] &+ 1
      j &+= 1
    }
    while i < n {
      Combinatoric.set(result, i, pool.tupleItems[indices[i]].unsafelyUnwrapped)
      i &+= 1
    }
    return newRef(result)
  }
}

enum CombinationsWithReplacement {
  private static let signature = Signature("combinations_with_replacement", "(iterable, r)")

  nonisolated(unsafe) static let type: TypeRef = Combinatoric.define(
    "itertools.combinations_with_replacement",
    "combinations_with_replacement(iterable, r)\n--\n\nReturn successive r-length combinations of elements in the iterable allowing individual elements to have successive repeats.\n\ncombinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')",
    new: { type, args, kwargs in
      bridge { () throws(PyError) in
        let bound = try CombinationsWithReplacement.signature.bind(tuple: args, dict: kwargs)
        let pool = try owned(PySequence_Tuple(bound[0]))
        let n = try sizeValue(bound[1]!)
        if n < 0 { throw valueError("r must be non-negative") }
        let empty = pool.ref.size == 0
        let r = try Combinatoric.make(type!, pool, n)
        if empty && n > 0 { r.ref.word(4).pointee = 1 }
        return r
      }
    }, next: { CombinationsWithReplacement.next($0!) })

  private static func next(_ r: Ref) -> Ref? {
    if r.word(4).pointee != 0 { return nil }
    let pool = r.field(0).pointee.unsafelyUnwrapped
    let n = r.word(3).pointee
    let indices = Combinatoric.indices(r).unsafelyUnwrapped
    if r.field(1).pointee == nil {
      guard let result = PyTuple_New(n) else { return nil }
      r.field(1).pointee = result
      for i in 0..<n { result.tupleItems[i] = newRef(pool.tupleItems[0].unsafelyUnwrapped) }
      return newRef(result)
    }
    guard let result = Combinatoric.freshResult(r) else { return Combinatoric.stop(r) }
    var i = n &- 1
    while i >= 0 && indices[i] == pool.size &- 1 { i &-= 1 }
    if i < 0 { return Combinatoric.stop(r) }
    let index = indices[i] &+ 1
    while i < n {
      indices[i] = index
      Combinatoric.set(result, i, pool.tupleItems[index].unsafelyUnwrapped)
      i &+= 1
    }
    return newRef(result)
  }
}

enum Permutations {
  private static let signature = Signature("permutations", "(iterable, r=None)")

  nonisolated(unsafe) static let type: TypeRef = Combinatoric.define(
    "itertools.permutations",
    "permutations(iterable, r=None)\n--\n\nReturn successive r-length permutations of elements in the iterable.\n\npermutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)",
    new: { type, args, kwargs in
      bridge { () throws(PyError) in
        let bound = try Permutations.signature.bind(tuple: args, dict: kwargs)
        let pool = try owned(PySequence_Tuple(bound[0]))
        let size = pool.ref.size
        var n = size
        if let given = bound[1], !given.isNone {
          if !given.isLong { throw typeError("Expected int as r") }
          n = try sizeValue(given)
          if n < 0 { throw valueError("r must be non-negative") }
        }
        let r = try Combinatoric.make(type!, pool, size)
        r.ref.word(3).pointee = n
        for i in 0..<size { Combinatoric.indices(r.ref)![i] = i }
        let cycles = try Combinatoric.vector(n)
        for i in 0..<n { cycles[i] = size - i }
        r.ref.word(5).pointee = Int(bitPattern: cycles)
        if n > size { r.ref.word(4).pointee = 1 }
        return r
      }
    }, next: { Permutations.next($0!) })

  private static func next(_ r: Ref) -> Ref? {
    if r.word(4).pointee != 0 { return nil }
    let pool = r.field(0).pointee.unsafelyUnwrapped
    let size = pool.size
    let n = r.word(3).pointee
    let indices = Combinatoric.indices(r).unsafelyUnwrapped
    let cycles = Combinatoric.cycles(r).unsafelyUnwrapped
    if r.field(1).pointee == nil {
      guard let result = PyTuple_New(n) else { return nil }
      r.field(1).pointee = result
      for i in 0..<n { result.tupleItems[i] = newRef(pool.tupleItems[indices[i]].unsafelyUnwrapped) }
      return newRef(result)
    }
    if size == 0 { return Combinatoric.stop(r) }
    guard let result = Combinatoric.freshResult(r) else { return Combinatoric.stop(r) }
    var i = n &- 1
    while i >= 0 {
      cycles[i] &-= 1
      if cycles[i] == 0 {
        // Rotate the tail left by one.
        let first = indices[i]
        var j = i
        while j < size &- 1 {
          indices[j] = indices[j &+ 1]
          j &+= 1
        }
        indices[size &- 1] = first
        cycles[i] = size &- i
        i &-= 1
      } else {
        let j = size &- cycles[i]
        (indices[i], indices[j]) = (indices[j], indices[i])
        var k = i
        while k < n {
          Combinatoric.set(result, k, pool.tupleItems[indices[k]].unsafelyUnwrapped)
          k &+= 1
        }
        return newRef(result)
      }
    }
    return Combinatoric.stop(r)
  }
}
