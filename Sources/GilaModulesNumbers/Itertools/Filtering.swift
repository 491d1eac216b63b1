// itertools: takewhile, dropwhile, filterfalse, compress, islice.

import CGila
import GilaCore

/// The verdict of a predicate on an item: 1, 0, or -1 with an exception set.
private func verdict(_ predicate: Ref, _ item: Ref) -> Int32 {
  guard let answer = PyObject_CallOneArg(predicate, item) else { return -1 }
  let b = PyObject_IsTrue(answer)
  decref(answer)
  return b
}

/// A new object of predicate (0) and iterator (1) for one of three types.
private func newWithPredicate(
  _ type: TypeRef, _ own: TypeRef, _ name: StaticString, _ args: Ref?, _ kwargs: Ref?
) throws(PyError) -> Owned {
  let (items, _) = try positional(name, args, kwargs, 2, 2, exact: keepsInit(type, own))
  let iterator = try owned(PyObject_GetIter(items[1]))
  let r = try Fields.make(type)
  r.ref.field(0).pointee = newRef(items[0]!)
  r.ref.field(1).pointee = iterator.take()
  return r
}

enum TakeWhile {
  // 0: predicate; 1: iterator; 2: whether it stopped.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.takewhile", references: 2, words: 3,
      doc:
        "takewhile(predicate, iterable, /)\n--\n\nReturn successive entries from an iterable as long as the predicate evaluates to true for each entry.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in try newWithPredicate(type!, TakeWhile.type, "takewhile", args, kwargs) }
      },
      next: { r in
        if r!.word(2).pointee != 0 { return nil }
        guard let item = next(r!.field(1).pointee.unsafelyUnwrapped) else { return nil }
        let ok = verdict(r!.field(0).pointee.unsafelyUnwrapped, item)
        if ok > 0 { return item }
        decref(item)
        if ok == 0 { r!.word(2).pointee = 1 }
        return nil
      })
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          try triple(
            classOf(r!), pair(Owned(retaining: r!.field(0).pointee!), Owned(retaining: r!.field(1).pointee!)),
            int(r!.word(2).pointee))
        }
      },
      setState: { r, state in
        pickledState { () throws(PyError) in r!.word(2).pointee = try truth(state!) ? 1 : 0 }
      })
    return t
  }()
}

enum DropWhile {
  // 0: predicate; 1: iterator; 2: whether dropping is over.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.dropwhile", references: 2, words: 3,
      doc:
        "dropwhile(predicate, iterable, /)\n--\n\nDrop items from the iterable while predicate(item) is true.\n\nAfterwards, return every element until the iterable is exhausted.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in try newWithPredicate(type!, DropWhile.type, "dropwhile", args, kwargs) }
      },
      next: { r in
        while true {
          guard let item = next(r!.field(1).pointee.unsafelyUnwrapped) else { return nil }
          if r!.word(2).pointee != 0 { return item }
          let drop = verdict(r!.field(0).pointee.unsafelyUnwrapped, item)
          if drop == 0 {
            r!.word(2).pointee = 1
            return item
          }
          decref(item)
          if drop < 0 { return nil }
        }
      })
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          try triple(
            classOf(r!), pair(Owned(retaining: r!.field(0).pointee!), Owned(retaining: r!.field(1).pointee!)),
            int(r!.word(2).pointee))
        }
      },
      setState: { r, state in
        pickledState { () throws(PyError) in r!.word(2).pointee = try truth(state!) ? 1 : 0 }
      })
    return t
  }()
}

enum FilterFalse {
  // 0: predicate; 1: iterator.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.filterfalse", references: 2, words: 2,
      doc:
        "filterfalse(function, iterable, /)\n--\n\nReturn those items of iterable for which function(item) is false.\n\nIf function is None, return the items that are false.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in try newWithPredicate(type!, FilterFalse.type, "filterfalse", args, kwargs) }
      },
      next: { r in
        let predicate = r!.field(0).pointee.unsafelyUnwrapped
        let plain = predicate.isNone || predicate == Types.bool.object
        while let item = next(r!.field(1).pointee.unsafelyUnwrapped) {
          let ok = plain ? PyObject_IsTrue(item) : verdict(predicate, item)
          if ok == 0 { return item }
          decref(item)
          if ok < 0 { return nil }
        }
        return nil
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

enum Compress {
  // 0: data iterator; 1: selector iterator.
  private static let signature = Signature("compress", "(data, selectors)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.compress", references: 2, words: 2,
      doc:
        "compress(data, selectors)\n--\n\nReturn data elements corresponding to true selector elements.\n\nForms a shorter iterator from selected data elements using the selectors to\nchoose the data elements.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in
          let bound = try Compress.signature.bind(tuple: args, dict: kwargs)
          let data = try owned(PyObject_GetIter(bound[0]))
          let selectors = try owned(PyObject_GetIter(bound[1]))
          let r = try Fields.make(type!)
          r.ref.field(0).pointee = data.take()
          r.ref.field(1).pointee = selectors.take()
          return r
        }
      },
      next: { r in
        while true {
          guard let item = next(r!.field(0).pointee.unsafelyUnwrapped) else { return nil }
          guard let selector = next(r!.field(1).pointee.unsafelyUnwrapped) else {
            decref(item)
            return nil
          }
          let ok = PyObject_IsTrue(selector)
          decref(selector)
          if ok > 0 { return item }
          decref(item)
          if ok < 0 { return nil }
        }
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

enum ISlice {
  // 0: iterator, nil once exhausted; 1: next; 2: stop, -1 for none; 3: step; 4: count.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.islice", references: 1, words: 5,
      doc:
        "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\nReturn an iterator whose next() method returns selected values from an\niterable.  If start is specified, will skip all preceding elements;\notherwise, start defaults to zero.  Step defaults to one.  If\nspecified as another value, step determines how many values are\nskipped between successive calls.  Works like a slice() on a list\nbut returns an iterator.",
      new: { type, args, kwargs in bridge { () throws(PyError) in try ISlice.new(type!, args, kwargs) } },
      next: { ISlice.next($0!) })
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          guard let iterator = r!.field(0).pointee else {
            let empty = try owned(PyObject_GetIter(gila_empty_tuple_object()))
            return try triple(
              classOf(r!), pair(empty, Owned(retaining: gila_small_int(0))), Owned(retaining: gila_small_int(0)))
          }
          let args = try owned(PyTuple_New(4))
          args.ref.tupleItems[0] = newRef(iterator)
          args.ref.tupleItems[1] = try int(r!.word(1).pointee).take()
          args.ref.tupleItems[2] = r!.word(2).pointee == -1 ? none : try int(r!.word(2).pointee).take()
          args.ref.tupleItems[3] = try int(r!.word(3).pointee).take()
          return try triple(classOf(r!), args, int(r!.word(4).pointee))
        }
      },
      setState: { r, state in
        pickledState { () throws(PyError) in r!.word(4).pointee = try sizeValue(state!) }
      })
    return t
  }()

  /// A bound: nil for None; -1 when it is no index or negative.
  private static func bound(_ r: Ref) -> Int? {
    if r.isNone { return nil }
    guard let index = _PyNumber_Index(r) else {
      PyErr_Clear()
      return -1
    }
    defer { decref(index) }
    let v = PyLong_AsSsize_t(index)
    if v == -1 && errorIsSet {
      PyErr_Clear()
      return -1
    }
    return v < 0 ? -1 : v
  }

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let (items, n) = try positional("islice", args, kwargs, 2, 4, exact: keepsInit(type, ISlice.type))
    var start = 0
    var stop = -1
    var step = 1
    if n == 2 {
      if let b = bound(items[1]!) {
        if b == -1 { throw valueError("Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.") }
        stop = b
      }
    } else {
      let first = bound(items[1]!)
      if let b = bound(items[2]!) {
        if b == -1 { throw valueError("Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.") }
        stop = b
      }
      if let first {
        if first == -1 {
          throw valueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
        }
        start = first
      }
    }
    if n == 4, let b = bound(items[3]!) {
      if b < 1 { throw valueError("Step for islice() must be a positive integer or None.") }
      step = b
    }
    let iterator = try owned(PyObject_GetIter(items[0]))
    let r = try Fields.make(type)
    r.ref.field(0).pointee = iterator.take()
    r.ref.word(1).pointee = start
    r.ref.word(2).pointee = stop
    r.ref.word(3).pointee = step
    return r
  }

  private static func next(_ r: Ref) -> Ref? {
    guard let iterator = r.field(0).pointee else { return nil }
    let stop = r.word(2).pointee
    while r.word(4).pointee < r.word(1).pointee {
      guard let item = GilaModulesNumbers.next(iterator) else { return finished(r) }
      decref(item)
      r.word(4).pointee &+= 1
    }
    if stop != -1 && r.word(4).pointee >= stop { return finished(r) }
    guard let item = GilaModulesNumbers.next(iterator) else { return finished(r) }
    r.word(4).pointee &+= 1
    let (following, overflow) = r.word(1).pointee.addingReportingOverflow(r.word(3).pointee)
    r.word(1).pointee = overflow || (stop != -1 && following > stop) ? (stop == -1 ? .max : stop) : following
    return item
  }

  private static func finished(_ r: Ref) -> Ref? {
    clear(r.field(0))
    return nil
  }
}
