// Builtin functions that go through the items of something.

import CGila
import GilaContainers
import GilaCore

/// The next item of an iterator: nil at the end, where StopIteration is dropped.
@inline(__always) private func nextItem(_ it: Ref) throws(PyError) -> Ref? {
  try safePoint(iterating: it)
  if let v = PyIter_Next(it) { return v }
  if errorIsSet { throw PyError() }
  return nil
}

enum IterationFunctions {
  static func add(_ m: inout MethodTable) {
    addIterators(&m)
    m.keywords("sum", "($module, iterable, /, start=0)", "Returns start plus the sum of the items.") {
      _, args, n, names in
      bridge { () throws(PyError) in
        let b = try Signature("sum", "(iterable, /, start=0)").bind(args, n, names)
        return try Sum.of(b[0]!, b[1])
      }
    }
    m.one("any", "($module, iterable, /)", "Says whether an item is true.") { _, o in
      bridge { () throws(PyError) in try IterationFunctions.search(o!, true) }
    }
    m.one("all", "($module, iterable, /)", "Says whether every item is true.") { _, o in
      bridge { () throws(PyError) in try IterationFunctions.search(o!, false) }
    }
    m.keywords(
      "min", "",
      "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nThe smallest item or argument."
    ) { _, args, n, names in
      bridge { () throws(PyError) in try IterationFunctions.extreme("min", Py_LT, args, n, names) }
    }
    m.keywords(
      "max", "",
      "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nThe biggest item or argument."
    ) { _, args, n, names in
      bridge { () throws(PyError) in try IterationFunctions.extreme("max", Py_GT, args, n, names) }
    }
    m.keywords(
      "sorted", "($module, iterable, /, *, key=None, reverse=False)", "Returns a new list with the items in order."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        try checkCount("sorted", n, 1, 1)
        let list = try owned(PySequence_List(args![0]))
        try sortNewList(list.ref, args! + 1, 0, names)
        return list
      }
    }
  }

  private static func addIterators(_ m: inout MethodTable) {
    m.positional(
      "iter", "",
      "iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\nAn iterator over the items, or over what the calls give until the sentinel."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("iter", n, 1, 2)
        if n == 1 { return try owned(PyObject_GetIter(args![0])) }
        guard PyCallable_Check(args![0]) != 0 else { throw typeError("iter(v, w): v must be callable") }
        return try owned(PyCallIter_New(args![0], args![1]))
      }
    }
    m.positional("next", "", "next(iterator[, default])\n\nThe next item, or the default at the end.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("next", n, 1, 2)
        guard let f = args![0]!.type.pointee.tp_iternext else {
          throw typeError("'\(typeName(of: args![0]!))' object is not an iterator")
        }
        if let r = f(args![0]) { return Owned(taking: r) }
        if n > 1 {
          if errorIsSet {
            guard PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 else { throw PyError() }
            PyErr_Clear()
          }
          return Owned(retaining: args![1]!)
        }
        if !errorIsSet { PyErr_SetNone(Exc.StopIteration.object) }
        throw PyError()
      }
    }
    m.one("aiter", "($module, async_iterable, /)", "Returns an asynchronous iterator.") { _, o in PyObject_GetAIter(o) }
    m.positional(
      "anext", "($module, aiterator, default=<unrepresentable>, /)",
      "Returns an awaitable for the next item, or the default at the end."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("anext", n, 1, 2)
        guard let methods = args![0]!.type.pointee.tp_as_async, let f = methods.pointee.am_anext else {
          throw typeError("'\(typeName(of: args![0]!))' object is not an async iterator")
        }
        let awaitable = try owned(f(args![0]))
        if n == 1 { return awaitable }
        return try owned(PyAnextAwaitable_New(awaitable.ref, args![1]))
      }
    }
  }

  private static func search(_ o: Ref, _ wanted: Bool) throws(PyError) -> Owned {
    let it = try owned(PyObject_GetIter(o))
    while let v = try nextItem(it.ref) {
      let held = Owned(taking: v)
      if try truth(held.ref) == wanted { return Owned(retaining: pyBool(wanted)) }
    }
    return Owned(retaining: pyBool(!wanted))
  }

  private static func extreme(_ name: String, _ op: Int32, _ args: ArgumentVector?, _ n: Int, _ names: Ref?)
    throws(PyError) -> Owned
  {
    if n == 0 { throw typeError("\(name) expected at least 1 argument, got 0") }
    var key: Ref? = nil, fallback: Ref? = nil
    if let names {
      for i in 0..<names.size {
        let word = gila_tuple_items(names)[i]!
        if PyUnicode_EqualToUTF8(word, "key") != 0 {
          key = args![n + i] == none ? nil : args![n + i]
        } else if PyUnicode_EqualToUTF8(word, "default") != 0 {
          fallback = args![n + i]
        } else {
          throw typeError("\(name)() got an unexpected keyword argument '\(swiftString(word))'")
        }
      }
    }
    if n > 1 && fallback != nil {
      throw typeError("Cannot specify a default for \(name)() with multiple positional arguments")
    }
    var best: Ref? = nil, bestKey: Ref? = nil
    defer {
      xdecref(best)
      xdecref(bestKey)
    }
    let it = n == 1 ? try owned(PyObject_GetIter(args![0])) : Owned(retaining: none)
    var i = 0
    while true {
      let item: Owned
      if n == 1 {
        guard let v = try nextItem(it.ref) else { break }
        item = Owned(taking: v)
      } else {
        if i == n { break }
        item = Owned(retaining: args![i]!)
        i += 1
      }
      let k = key == nil ? Owned(retaining: item.ref) : try owned(PyObject_CallOneArg(key, item.ref))
      var take = bestKey == nil
      if let b = bestKey { take = try check(PyObject_RichCompareBool(k.ref, b, op)) != 0 }
      if take {
        xdecref(best)
        xdecref(bestKey)
        best = newRef(item.ref)
        bestKey = newRef(k.ref)
      }
    }
    if let best { return Owned(retaining: best) }
    if let fallback { return Owned(retaining: fallback) }
    throw valueError("\(name)() iterable argument is empty")
  }
}

/// `sum`: machine numbers as long as they do, then the `+` of the objects. Floats are added with compensation, as in
/// CPython since 3.12.
enum Sum {
  static func of(_ iterable: Ref, _ start: Ref?) throws(PyError) -> Owned {
    let it = try owned(PyObject_GetIter(iterable))
    var total: Ref
    if let start {
      if start.isUnicode { throw typeError("sum() can't sum strings [use ''.join(seq) instead]") }
      if start.isBytes { throw typeError("sum() can't sum bytes [use b''.join(seq) instead]") }
      if start.isInstance(of: Types.byteArray) {
        throw typeError("sum() can't sum bytearray [use b''.join(seq) instead]")
      }
      total = newRef(start)
    } else {
      total = try owned(PyLong_FromLong(0)).take()
    }
    defer { decref(total) }
    if total.isExactly(Types.long) {
      var overflow: Int32 = 0
      var sum = PyLong_AsLongAndOverflow(total, &overflow)
      while overflow == 0 {
        guard let v = try nextItem(it.ref) else { return try owned(PyLong_FromLong(sum)) }
        let item = Owned(taking: v)
        if item.ref.isExactly(Types.long) || item.ref.isExactly(Types.bool) {
          let n = PyLong_AsLongAndOverflow(item.ref, &overflow)
          if overflow == 0 {
            let (s, tooBig) = sum.addingReportingOverflow(n)
            if !tooBig {
              sum = s
              continue
            }
          }
        }
        let now = try owned(PyLong_FromLong(sum))
        let next = try owned(PyNumber_Add(now.ref, item.ref)).take()
        decref(total)
        total = next
        break
      }
    }
    if total.isExactly(Types.float) {
      var sum = PyFloat_AsDouble(total), lost = 0.0
      while true {
        guard let v = try nextItem(it.ref) else { return try owned(PyFloat_FromDouble(corrected(sum, lost))) }
        let item = Owned(taking: v)
        if item.ref.isExactly(Types.float) {
          let x = item.ref.raw.load(fromByteOffset: 16, as: Double.self)
          let t = sum + x
          lost += abs(sum) >= abs(x) ? (sum - t) + x : (x - t) + sum
          sum = t
          continue
        }
        if item.ref.isLong {
          var overflow: Int32 = 0
          let n = PyLong_AsLongAndOverflow(item.ref, &overflow)
          if overflow == 0 {
            sum += Double(n)
            continue
          }
        }
        let now = try owned(PyFloat_FromDouble(corrected(sum, lost)))
        let next = try owned(PyNumber_Add(now.ref, item.ref)).take()
        decref(total)
        total = next
        break
      }
    }
    while let v = try nextItem(it.ref) {
      let item = Owned(taking: v)
      let next = try owned(PyNumber_Add(total, item.ref)).take()
      decref(total)
      total = next
    }
    return Owned(retaining: total)
  }
  private static func corrected(_ sum: Double, _ lost: Double) -> Double {
    lost != 0 && lost.isFinite ? sum + lost : sum
  }
}
