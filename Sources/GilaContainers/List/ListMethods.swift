// list: the named methods.

import CGila
import GilaCore

enum ListMethods {
  private static let sortSignature = Signature("sort", "(*, key=None, reverse=False)")

  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add("__getitem__", METH_O | METH_COEXIST, "($self, index, /)", "Return self[index].") { l, index in
      bridge { () throws(PyError) in try ListType.subscript_(l!, index!) }
    }
    m.noArguments("__reversed__", "($self, /)", "Return a reverse iterator over the list.") { l, _ in
      SequenceIterators.make(l!, Types.listRevIter, at: l!.size &- 1)
    }
    m.noArguments("__sizeof__", "($self, /)", "Return the size of the list in memory, in bytes.") { l, _ in
      PyLong_FromSsize_t(l!.type.pointee.tp_basicsize &+ max(l!.listAllocated, 0) &* 8)
    }
    m.noArguments("clear", "($self, /)", "Remove all items from list.") { l, _ in
      List.clear(l!)
      return none
    }
    m.noArguments("copy", "($self, /)", "Return a shallow copy of the list.") { l, _ in List.slice(l!, 0, l!.size) }
    m.one("append", "($self, object, /)", "Append object to the end of the list.") { l, item in
      bridgeNone { () throws(PyError) in try List.append(l!, taking: newRef(item!)) }
    }
    m.positional("insert", "($self, index, object, /)", "Insert object before index.") { l, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("insert", n, 2, 2)
        try List.insert(l!, methodIndex(args![0]!), args![1]!)
      }
    }
    m.one("extend", "($self, iterable, /)", "Extend list by appending elements from the iterable.") { l, iterable in
      bridgeNone { () throws(PyError) in try List.extend(l!, iterable!) }
    }
    m.positional(
      "pop", "($self, index=-1, /)",
      "Remove and return item at index (default last).\n\nRaises IndexError if list is empty or index is out of range."
    ) { l, args, n in
      bridge { () throws(PyError) in
        try checkCount("pop", n, 0, 1)
        let l = l!
        var i = n == 0 ? -1 : try methodIndex(args![0]!)
        if l.size == 0 { throw indexError("pop from empty list") }
        if i < 0 { i &+= l.size }
        if i < 0 || i >= l.size { throw indexError("pop index out of range") }
        return try List.pop(l, i)
      }
    }
    m.one(
      "remove", "($self, value, /)",
      "Remove first occurrence of value.\n\nRaises ValueError if the value is not present."
    ) { l, value in
      bridgeNone { () throws(PyError) in
        guard let i = try List.index(l!, value!, from: 0, to: Int.max) else {
          throw valueError("list.remove(x): x not in list")
        }
        // The comparison may have made the list shorter.
        if i < l!.size { _ = try List.pop(l!, i) }
      }
    }
    m.positional(
      "index", "($self, value, start=0, stop=sys.maxsize, /)",
      "Return first index of value.\n\nRaises ValueError if the value is not present."
    ) { l, args, n in
      bridge { () throws(PyError) in
        try checkCount("index", n, 1, 3)
        let (start, stop) = try searchBounds(args!, n, l!.size)
        if let i = try List.index(l!, args![0]!, from: start, to: stop) { return try owned(PyLong_FromSsize_t(i)) }
        throw valueError("\(try reprText(args![0]!)) is not in list")
      }
    }
    m.one("count", "($self, value, /)", "Return number of occurrences of value.") { l, value in
      bridge { () throws(PyError) in
        var n = 0
        var at = 0
        while let i = try List.index(l!, value!, from: at, to: Int.max) {
          n += 1
          at = i + 1
        }
        return try owned(PyLong_FromSsize_t(n))
      }
    }
    m.noArguments("reverse", "($self, /)", "Reverse *IN PLACE*.") { l, _ in
      List.reverse(l!)
      return none
    }
    m.keywords(
      "sort", "($self, /, *, key=None, reverse=False)",
      """
      Sort the list in ascending order and return None.

      The sort is in-place (i.e. the list itself is modified) and stable (i.e. the
      order of two equal elements is maintained).

      If a key function is given, apply it once to each list item and sort them,
      ascending or descending, according to their function values.

      The reverse flag can be set to sort in descending order.
      """
    ) { l, args, n, names in
      bridgeNone { () throws(PyError) in try ListMethods.sort(l!, args, n, names, isAtomic: true) }
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
    return m.build()
  }

  /// Sorts with the arguments of `list.sort`.
  static func sort(
    _ l: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?, isAtomic: Bool
  ) throws(PyError) {
    if n == 0 && names == nil { return try ListSort.sort(l, key: nil, reverse: false, isAtomic: isAtomic) }
    let bound = try ListMethods.sortSignature.bind(args, n, names)
    var reverse = false
    if let r = bound[1] { reverse = try truth(r) }
    let key = bound[0].flatMap { $0.isNone ? nil : $0 }
    try ListSort.sort(l, key: key, reverse: reverse, isAtomic: isAtomic)
  }
}
/// Sorts a list that nobody else has yet, as `sorted` does, with the arguments of `list.sort`: unlike that, it lets other
/// threads run meanwhile.
public func sortNewList(_ l: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) {
  try ListMethods.sort(l, args, n, names, isAtomic: false)
}
