// itertools: count, cycle, repeat.

import CGila
import GilaCore

enum Count {
  // 0: the count when it is no word (else nil); 1: the step; 2: the count as a word, valid while 0 is nil.
  private static let signature = Signature("count", "(start=0, step=1)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.count", references: 2, words: 3,
      doc:
        "count(start=0, step=1)\n--\n\nReturn a count object whose .__next__() method returns consecutive values.\n\nEquivalent to:\n    def count(firstval=0, step=1):\n        x = firstval\n        while 1:\n            yield x\n            x += step",
      new: { type, args, kwargs in bridge { () throws(PyError) in try Count.new(type!, args, kwargs) } },
      next: { Count.next($0!) })
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let step = r!.field(1).pointee!
        let now = try Count.present(r!)
        let name = typeName(r!.type)
        if step.isLong, PyLong_AsLong(step) == 1 { return try string("\(name)(\(try reprText(now.ref)))") }
        PyErr_Clear()
        return try string("\(name)(\(try reprText(now.ref)), \(try reprText(step)))")
      }
    }
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          let step = r!.field(1).pointee!
          let now = try Count.present(r!)
          if step == gila_small_int(1) { return try pair(classOf(r!), single(now)) }
          return try pair(classOf(r!), pair(now, Owned(retaining: step)))
        }
      })
    return t
  }()

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let bound = try signature.bind(tuple: args, dict: kwargs)
    for part in [bound[0], bound[1]] {
      if let part, PyNumber_Check(part) == 0 { throw typeError("a number is required") }
    }
    let start = bound[0] ?? gila_small_int(0)
    let step = bound[1] ?? gila_small_int(1)
    let r = try Fields.make(type)
    r.ref.field(1).pointee = newRef(step)
    // Words only while the step is the int 1.
    var overflow: Int32 = 0
    if start.isLong && step.isLong && PyLong_AsLongAndOverflow(step, &overflow) == 1 && overflow == 0 {
      let v = PyLong_AsLongAndOverflow(start, &overflow)
      if overflow == 0 {
        r.ref.word(2).pointee = v
        return r
      }
    }
    r.ref.field(0).pointee = newRef(start)
    return r
  }

  private static func present(_ r: Ref) throws(PyError) -> Owned {
    if let long = r.field(0).pointee { return Owned(retaining: long) }
    return try int(r.word(2).pointee)
  }

  private static func next(_ r: Ref) -> Ref? {
    guard let long = r.field(0).pointee else {
      let v = r.word(2).pointee
      guard let result = PyLong_FromSsize_t(v) else { return nil }
      if v == .max {
        guard let following = PyNumber_Add(result, r.field(1).pointee) else {
          decref(result)
          return nil
        }
        r.field(0).pointee = following
      } else {
        r.word(2).pointee = v &+ 1
      }
      return result
    }
    guard let following = PyNumber_Add(long, r.field(1).pointee) else { return nil }
    r.field(0).pointee = following
    return long
  }
}

enum Cycle {
  // 0: the iterator, nil once exhausted; 1: the saved items (a list); 2: position in them; 3: whether the iterator
  // gives items that are saved already (after unpickling).
  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.cycle", references: 2, words: 4,
      doc:
        "cycle(iterable, /)\n--\n\nReturn elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in
          let (items, _) = try positional("cycle", args, kwargs, 1, 1, exact: keepsInit(type!, Cycle.type))
          let iterator = try owned(PyObject_GetIter(items[0]))
          let saved = try owned(PyList_New(0))
          let r = try Fields.make(type!)
          r.ref.field(0).pointee = iterator.take()
          r.ref.field(1).pointee = saved.take()
          return r
        }
      }, next: { Cycle.next($0!) })
    addPickling(
      t,
      reduce: { r, _ in
        pickled { () throws(PyError) in
          let saved = r!.field(1).pointee!
          if let iterator = r!.field(0).pointee {
            return try triple(
              classOf(r!), single(Owned(retaining: iterator)),
              pair(Owned(retaining: saved), Owned(retaining: gila_small_int(r!.word(3).pointee))))
          }
          // The rest of this round comes from an iterator of the saved items.
          let iterator = try owned(PyObject_GetIter(saved))
          if r!.word(2).pointee > 0 {
            let place = try int(r!.word(2).pointee)
            let skip = try owned(PyObject_GetAttrString(iterator.ref, "__setstate__"))
            decref(try owned(PyObject_CallOneArg(skip.ref, place.ref)).take())
          }
          return try triple(
            classOf(r!), single(iterator), pair(Owned(retaining: saved), Owned(retaining: gila_small_int(1))))
        }
      },
      setState: { r, state in
        pickledState { () throws(PyError) in
          guard state!.isTuple, state!.size == 2, state!.tupleItems[0]!.isList else {
            throw typeError("state is not a 2-tuple")
          }
          let first = try intArgument(state!.tupleItems[1]!)
          replace(r!.field(1), with: newRef(state!.tupleItems[0]!))
          r!.word(3).pointee = first != 0 ? 1 : 0
        }
      })
    return t
  }()

  private static func next(_ r: Ref) -> Ref? {
    let saved = r.field(1).pointee.unsafelyUnwrapped
    if let iterator = r.field(0).pointee {
      if let item = GilaModulesNumbers.next(iterator) {
        if r.word(3).pointee == 0, PyList_Append(saved, item) < 0 {
          decref(item)
          return nil
        }
        return item
      }
      if !atEnd() { return nil }
      clear(r.field(0))
    }
    let n = saved.size
    if n == 0 { return nil }
    // The list may have become shorter in other hands.
    let i = r.word(2).pointee < n ? r.word(2).pointee : 0
    r.word(2).pointee = i &+ 1 >= n ? 0 : i &+ 1
    return newRef(saved.fastItems[i].unsafelyUnwrapped)
  }
}

enum Repeat {
  // 0: the object; 1: times left, -1 for ever.
  private static let signature = Signature("repeat", "(object, times=None)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = defineIterator(
      "itertools.repeat", references: 1, words: 2,
      doc:
        "repeat(object [,times]) -> create an iterator which returns the object\nfor the specified number of times.  If not specified, returns the object\nendlessly.",
      new: { type, args, kwargs in
        bridge { () throws(PyError) in
          let bound = try Repeat.signature.bind(tuple: args, dict: kwargs)
          var times = -1
          if let n = bound[1] { times = max(try sizeValue(n), 0) }
          let r = try Fields.make(type!)
          r.ref.field(0).pointee = newRef(bound[0]!)
          r.ref.word(1).pointee = times
          return r
        }
      },
      next: { r in
        let left = r!.word(1).pointee
        if left == 0 { return nil }
        if left > 0 { r!.word(1).pointee = left &- 1 }
        return newRef(r!.field(0).pointee.unsafelyUnwrapped)
      })
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let text = try reprText(r!.field(0).pointee!)
        let times = r!.word(1).pointee
        let name = typeName(r!.type)
        return try string(times == -1 ? "\(name)(\(text))" : "\(name)(\(text), \(times))")
      }
    }
    var m = MethodTable()
    m.noArguments("__length_hint__", "", "Private method returning an estimate of len(list(it)).") { r, _ in
      if r!.word(1).pointee == -1 { return fail(Exc.TypeError, "len() of unsized object") }
      return PyLong_FromSsize_t(r!.word(1).pointee)
    }
    m.noArguments("__reduce__", "", "Return state information for pickling.") { r, _ in
      pickled { () throws(PyError) in
        let object = Owned(retaining: r!.field(0).pointee!)
        let times = r!.word(1).pointee
        if times == -1 { return try pair(classOf(r!), single(object)) }
        return try pair(classOf(r!), pair(object, int(times)))
      }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()
}
