// The algebra of sets.

import CGila
import GilaCore

enum SetOperations {
  /// A new set of exactly the base type of another: set for set and its subclasses, frozenset likewise.
  static func base(of s: Ref) -> TypeRef { s.isInstance(of: Types.frozenSet) ? Types.frozenSet : Types.set }

  static func contains(_ s: Ref, _ key: Ref) throws(PyError) -> Bool {
    try SetTable.find(s, key, SetTable.hash(key)).pointee.key != nil
  }

  /// A key for a lookup: a set as key stands for the frozenset of its items.
  static func withKey<R>(_ key: Ref, _ body: (Ref) throws(PyError) -> R) throws(PyError) -> R {
    do throws(PyError) {
      return try body(key)
    } catch {
      if !key.isInstance(of: Types.set) || PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw error }
      PyErr_Clear()
      let frozen = try SetType.make(Types.frozenSet, from: key)
      return try body(frozen.ref)
    }
  }

  static func copy(_ s: Ref, as type: TypeRef) throws(PyError) -> Owned { try SetType.make(type, from: s) }

  /// A set for an operand that may be any iterable.
  private static func asSet(_ r: Ref) throws(PyError) -> Owned {
    SetType.isAnySet(r) ? Owned(retaining: r) : try SetType.make(Types.set, from: r)
  }

  static func intersection(_ a0: Ref, _ b0: Ref) throws(PyError) -> Owned {
    let type = base(of: a0)
    if a0 == b0 { return try copy(a0, as: type) }
    let result = try SetType.make(type, from: nil)
    if SetType.isAnySet(b0) {
      var (a, b) = (a0, b0)
      // Go through the smaller one.
      if SetTable.object(b).pointee.used > SetTable.object(a).pointee.used { swap(&a, &b) }
      var position = 0
      while let e = SetTable.next(b, &position) {
        let hash = e.pointee.hash
        let key = Owned(retaining: e.pointee.key)
        if try SetTable.find(a, key.ref, hash).pointee.key != nil { try SetTable.add(result.ref, key.ref, hash) }
      }
      return result
    }
    let iterator = try owned(PyObject_GetIter(b0))
    while let item = PyIter_Next(iterator.ref) {
      let key = Owned(taking: item)
      let hash = try SetTable.hash(key.ref)
      if try SetTable.find(a0, key.ref, hash).pointee.key != nil { try SetTable.add(result.ref, key.ref, hash) }
    }
    if errorIsSet { throw PyError() }
    return result
  }

  /// Takes the items of an iterable out of a set.
  static func differenceUpdate(_ s: Ref, _ other: Ref) throws(PyError) {
    if s == other { return SetTable.clear(s) }
    if SetType.isAnySet(other) {
      // Going through the other one; if it is much larger, through this one instead.
      if SetTable.object(other).pointee.used >> 3 > SetTable.object(s).pointee.used {
        let keep = try difference(s, other)
        swapContents(s, keep.ref)
        return
      }
      let held = Owned(retaining: other)
      var position = 0
      while let e = SetTable.next(held.ref, &position) {
        let hash = e.pointee.hash
        let key = Owned(retaining: e.pointee.key)
        try SetTable.discard(s, key.ref, hash)
      }
    } else {
      let iterator = try owned(PyObject_GetIter(other))
      while let item = PyIter_Next(iterator.ref) {
        let key = Owned(taking: item)
        try SetTable.discard(s, key.ref, SetTable.hash(key.ref))
      }
      if errorIsSet { throw PyError() }
    }
    // More than a quarter dummies: clean up.
    let o = SetTable.object(s)
    if o.pointee.fill &- o.pointee.used > o.pointee.mask / 4 {
      try SetTable.resize(s, o.pointee.used > 50000 ? o.pointee.used &* 2 : o.pointee.used &* 4)
    }
  }

  static func difference(_ a: Ref, _ b: Ref) throws(PyError) -> Owned {
    let type = base(of: a)
    let isDict = b.isExactly(Types.dict)
    if !SetType.isAnySet(b) && !isDict {
      let result = try copy(a, as: type)
      try differenceUpdate(result.ref, b)
      return result
    }
    let size = isDict ? PyDict_Size(b) : SetTable.object(b).pointee.used
    if SetTable.object(a).pointee.used >> 2 > size {
      // Few to take out: copy and remove.
      let result = try copy(a, as: type)
      try differenceUpdate(result.ref, b)
      return result
    }
    let result = try SetType.make(type, from: nil)
    var position = 0
    while let e = SetTable.next(a, &position) {
      let hash = e.pointee.hash
      let key = Owned(retaining: e.pointee.key)
      let found: Bool
      if isDict {
        found = try check(PyDict_Contains(b, key.ref)) != 0
      } else {
        found = try SetTable.find(b, key.ref, hash).pointee.key != nil
      }
      if !found { try SetTable.add(result.ref, key.ref, hash) }
    }
    return result
  }

  static func symmetricDifferenceUpdate(_ s: Ref, _ other: Ref) throws(PyError) {
    if s == other { return SetTable.clear(s) }
    let changes = try asSet(other)
    var position = 0
    while let e = SetTable.next(changes.ref, &position) {
      let hash = e.pointee.hash
      let key = Owned(retaining: e.pointee.key)
      if try !SetTable.discard(s, key.ref, hash) { try SetTable.add(s, key.ref, hash) }
    }
  }

  static func isSubset(_ a: Ref, _ b0: Ref) throws(PyError) -> Bool {
    let b = try asSet(b0)
    if SetTable.object(a).pointee.used > SetTable.object(b.ref).pointee.used { return false }
    var position = 0
    while let e = SetTable.next(a, &position) {
      let hash = e.pointee.hash
      let key = Owned(retaining: e.pointee.key)
      if try SetTable.find(b.ref, key.ref, hash).pointee.key == nil { return false }
    }
    return true
  }

  static func isSuperset(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    if SetType.isAnySet(b) { return try isSubset(b, a) }
    let iterator = try owned(PyObject_GetIter(b))
    while let item = PyIter_Next(iterator.ref) {
      let key = Owned(taking: item)
      if try !contains(a, key.ref) { return false }
    }
    if errorIsSet { throw PyError() }
    return true
  }

  static func isDisjoint(_ a0: Ref, _ b0: Ref) throws(PyError) -> Bool {
    if a0 == b0 { return SetTable.object(a0).pointee.used == 0 }
    if SetType.isAnySet(b0) {
      var (a, b) = (a0, b0)
      if SetTable.object(b).pointee.used > SetTable.object(a).pointee.used { swap(&a, &b) }
      var position = 0
      while let e = SetTable.next(b, &position) {
        let hash = e.pointee.hash
        let key = Owned(retaining: e.pointee.key)
        if try SetTable.find(a, key.ref, hash).pointee.key != nil { return false }
      }
      return true
    }
    let iterator = try owned(PyObject_GetIter(b0))
    while let item = PyIter_Next(iterator.ref) {
      let key = Owned(taking: item)
      if try contains(a0, key.ref) { return false }
    }
    if errorIsSet { throw PyError() }
    return true
  }

  static func compare(_ a: Ref, _ b: Ref, _ op: Int32) throws(PyError) -> Bool {
    let (x, y) = (SetTable.object(a), SetTable.object(b))
    let (na, nb) = (x.pointee.used, y.pointee.used)
    switch op {
    case Py_EQ, Py_NE:
      var same = na == nb
      // Hashes that are known and differ decide.
      if same && x.pointee.hash != -1 && y.pointee.hash != -1 && x.pointee.hash != y.pointee.hash { same = false }
      if same { same = try isSubset(a, b) }
      return same == (op == Py_EQ)
    case Py_LE: return try isSubset(a, b)
    case Py_GE: return try isSubset(b, a)
    case Py_LT: return na < nb ? try isSubset(a, b) : false
    default: return na > nb ? try isSubset(b, a) : false
    }
  }

  /// Exchanges the tables of two sets.
  static func swapContents(_ a: Ref, _ b: Ref) {
    let (x, y) = (SetTable.object(a), SetTable.object(b))
    let (aSmall, bSmall) = (SetTable.smallTable(a), SetTable.smallTable(b))
    let aInObject = x.pointee.table == aSmall
    let bInObject = y.pointee.table == bSmall
    (x.pointee.fill, y.pointee.fill) = (y.pointee.fill, x.pointee.fill)
    (x.pointee.used, y.pointee.used) = (y.pointee.used, x.pointee.used)
    (x.pointee.mask, y.pointee.mask) = (y.pointee.mask, x.pointee.mask)
    let (tableA, tableB) = (x.pointee.table, y.pointee.table)
    x.pointee.table = bInObject ? aSmall : tableB
    y.pointee.table = aInObject ? bSmall : tableA
    if aInObject || bInObject {
      for i in 0..<SetTable.minimumSize { (aSmall[i], bSmall[i]) = (bSmall[i], aSmall[i]) }
    }
    let frozen = a.isInstance(of: Types.frozenSet) && b.isInstance(of: Types.frozenSet)
    if frozen {
      (x.pointee.hash, y.pointee.hash) = (y.pointee.hash, x.pointee.hash)
    } else {
      x.pointee.hash = -1
      y.pointee.hash = -1
    }
  }
}
