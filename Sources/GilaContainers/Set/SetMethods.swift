// The methods of set and frozenset.

import CGila
import GilaCore

enum SetMethods {
  static func table(frozen: Bool) -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addCommon(&m)
    if !frozen { addMutating(&m) }
    return m.build()
  }

  private static func addCommon(_ m: inout MethodTable) {
    m.add(
      "__contains__", METH_O | METH_COEXIST, "($self, object, /)", "x.__contains__(y) <==> y in x."
    ) { s, key in
      bridge { () throws(PyError) in
        let found = try SetOperations.withKey(key!) { k throws(PyError) in try SetOperations.contains(s!, k) }
        return Owned(retaining: pyBool(found))
      }
    }
    m.noArguments("copy", "($self, /)", "Return a shallow copy of a set.") { s, _ in
      bridge { () throws(PyError) in
        if s!.isExactly(Types.frozenSet) { return Owned(retaining: s!) }
        return try SetOperations.copy(s!, as: SetOperations.base(of: s!))
      }
    }
    m.positional(
      "difference", "($self, /, *others)", "Return a new set with elements in the set that are not in the others."
    ) { s, args, n in
      bridge { () throws(PyError) in
        if n == 0 { return try SetOperations.copy(s!, as: SetOperations.base(of: s!)) }
        let result = try SetOperations.difference(s!, args![0]!)
        for i in 1..<max(n, 1) { try SetOperations.differenceUpdate(result.ref, args![i]!) }
        return result
      }
    }
    m.positional(
      "intersection", "($self, /, *others)", "Return a new set with elements common to the set and all others."
    ) { s, args, n in bridge { () throws(PyError) in try SetMethods.intersection(s!, args, n) } }
    m.one("isdisjoint", "($self, other, /)", "Return True if two sets have a null intersection.") { s, other in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try SetOperations.isDisjoint(s!, other!))) }
    }
    m.one("issubset", "($self, other, /)", "Report whether another set contains this set.") { s, other in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try SetOperations.isSubset(s!, other!))) }
    }
    m.one("issuperset", "($self, other, /)", "Report whether this set contains another set.") { s, other in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try SetOperations.isSuperset(s!, other!))) }
    }
    m.noArguments("__reduce__", "($self, /)", "Return state information for pickling.") { s, _ in
      bridge { () throws(PyError) in
        let keys = try owned(PySequence_List(s))
        let args = try single(keys)
        var receiver: Ref? = s
        let state = try owned(PyObject_VectorcallMethod(gila_intern("__getstate__"), &receiver, 1, nil))
        return try triple(Owned(retaining: s!.type.object), args, state)
      }
    }
    m.noArguments("__sizeof__", "($self, /)", "S.__sizeof__() -> size of S in memory, in bytes.") { s, _ in
      var n = s!.type.pointee.tp_basicsize
      let o = SetTable.object(s!)
      if o.pointee.table != SetTable.smallTable(s!) { n &+= (o.pointee.mask &+ 1) &* 16 }
      return PyLong_FromSsize_t(n)
    }
    m.one(
      "symmetric_difference", "($self, other, /)",
      "Return a new set with elements in either the set or other but not both."
    ) { s, other in
      bridge { () throws(PyError) in
        let result = try SetType.make(SetOperations.base(of: s!), from: other!)
        try SetOperations.symmetricDifferenceUpdate(result.ref, s!)
        return result
      }
    }
    m.positional(
      "union", "($self, /, *others)", "Return a new set with elements from the set and all others."
    ) { s, args, n in
      bridge { () throws(PyError) in
        let result = try SetOperations.copy(s!, as: SetOperations.base(of: s!))
        for i in 0..<n where args![i] != s { try SetTable.update(result.ref, args![i]!) }
        return result
      }
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
  }

  /// None for an object without `__dict__`, nil with an exception set for any other failure.
  private static func intersection(_ s: Ref, _ args: ArgumentVector?, _ n: Int) throws(PyError) -> Owned {
    if n == 0 { return try SetOperations.copy(s, as: SetOperations.base(of: s)) }
    var result = Owned(retaining: s)
    for i in 0..<n { result = try SetOperations.intersection(result.ref, args![i]!) }
    return result
  }

  private static func addMutating(_ m: inout MethodTable) {
    m.one(
      "add", "($self, object, /)",
      "Add an element to a set.\n\nThis has no effect if the element is already present."
    ) { s, key in
      bridgeNone { () throws(PyError) in _ = try SetTable.add(s!, key!, SetTable.hash(key!)) }
    }
    m.noArguments("clear", "($self, /)", "Remove all elements from this set.") { s, _ in
      SetTable.clear(s!)
      return none
    }
    m.one(
      "discard", "($self, object, /)",
      "Remove an element from a set if it is a member.\n\nUnlike set.remove(), the discard() method does not raise\nan exception when an element is missing from the set."
    ) { s, key in
      bridgeNone { () throws(PyError) in
        _ = try SetOperations.withKey(key!) { k throws(PyError) in try SetTable.discard(s!, k, SetTable.hash(k)) }
      }
    }
    m.one(
      "remove", "($self, object, /)",
      "Remove an element from a set; it must be a member.\n\nIf the element is not a member, raise a KeyError."
    ) { s, key in
      bridgeNone { () throws(PyError) in
        let found = try SetOperations.withKey(key!) { k throws(PyError) in try SetTable.discard(s!, k, SetTable.hash(k))
        }
        if !found { throw keyError(key!) }
      }
    }
    m.noArguments(
      "pop", "($self, /)", "Remove and return an arbitrary set element.\n\nRaises KeyError if the set is empty."
    ) { s, _ in bridge { () throws(PyError) in try SetMethods.pop(s!) } }
    m.positional("difference_update", "($self, /, *others)", "Update the set, removing elements found in others.") {
      s, args, n in
      bridgeNone { () throws(PyError) in
        for i in 0..<n { try SetOperations.differenceUpdate(s!, args![i]!) }
      }
    }
    m.positional(
      "intersection_update", "($self, /, *others)", "Update the set, keeping only elements found in it and all others."
    ) { s, args, n in
      bridgeNone { () throws(PyError) in
        let result = try SetMethods.intersection(s!, args, n)
        // Without others the result may be the set itself.
        if result.ref != s { SetOperations.swapContents(s!, result.ref) }
      }
    }
    m.one(
      "symmetric_difference_update", "($self, other, /)",
      "Update the set, keeping only elements found in either set, but not in both."
    ) { s, other in
      bridgeNone { () throws(PyError) in try SetOperations.symmetricDifferenceUpdate(s!, other!) }
    }
    m.positional("update", "($self, /, *others)", "Update the set, adding elements from all others.") { s, args, n in
      bridgeNone { () throws(PyError) in
        for i in 0..<n { try SetTable.update(s!, args![i]!) }
      }
    }
  }

  /// Takes some key out. The search goes on where the last one ended, so emptying a set by pop stays linear.
  static func pop(_ s: Ref) throws(PyError) -> Owned {
    let o = SetTable.object(s)
    if o.pointee.used == 0 { throw raise(Exc.KeyError, "pop from an empty set") }
    var position = o.pointee.finger & o.pointee.mask
    var found = SetTable.next(s, &position)
    if found == nil {
      position = 0
      found = SetTable.next(s, &position)
    }
    let e = found.unsafelyUnwrapped
    let key = Owned(taking: e.pointee.key)
    e.pointee.key = SetTable.dummy
    e.pointee.hash = -1
    o.pointee.used &-= 1
    o.pointee.finger = position
    return key
  }
}
