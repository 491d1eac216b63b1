// The hash table of set and frozenset.
//
// Open addressing over entries of key and hash. A lookup looks at up to ten neighbouring entries before it jumps, so most
// of its steps stay in a cache line. A removed entry keeps a dummy key (hash -1), so that probe sequences stay whole;
// resizing drops dummies. Small sets live inside the object.

import CGila
import GilaCore

enum SetTable {
  typealias Object = PySetObject
  typealias Entry = UnsafeMutablePointer<setentry>
  static let minimumSize = 8
  private static let linearProbes = 9

  @inline(__always) static func object(_ s: Ref) -> UnsafeMutablePointer<Object> { s.cast(Object.self) }
  /// The table inside the object.
  @inline(__always) static func smallTable(_ s: Ref) -> Entry {
    (s.raw + MemoryLayout<PySetObject>.offset(of: \.smalltable)!).assumingMemoryBound(to: setentry.self)
  }
  /// The key of removed entries. What marks them is the hash -1, which no key has; the key only must not be nil.
  @inline(__always) static var dummy: Ref { none }

  /// The hash of a key; a str's may be stored in it.
  @inline(__always) static func hash(_ key: Ref) throws(PyError) -> Int {
    if key.isExactly(Types.unicode) {
      let h = key.cast(PyASCIIObject.self).pointee.hash
      if h != -1 { return h }
    }
    let h = PyObject_Hash(key)
    if h == -1 { throw PyError() }
    return h
  }

  @inline(__always) private static func isLive(_ e: Entry) -> Bool {
    e.pointee.key != nil && e.pointee.hash != -1
  }

  /// An empty table for a new object.
  static func initialize(_ s: Ref) {
    let o = object(s)
    o.pointee.fill = 0
    o.pointee.used = 0
    o.pointee.mask = minimumSize - 1
    o.pointee.table = smallTable(s)
    o.pointee.hash = -1
    o.pointee.finger = 0
    smallTable(s).update(repeating: setentry(key: nil, hash: 0), count: minimumSize)
  }

  // MARK: lookup

  /// Whether two keys of one hash are equal; nil when the comparison changed the table.
  @inline(__always)
  private static func same(_ s: Ref, _ e: Entry, _ key: Ref) throws(PyError) -> Bool? {
    let other = e.pointee.key.unsafelyUnwrapped
    if other == key { return true }
    if other.isExactly(Types.unicode) && key.isExactly(Types.unicode) { return _PyUnicode_Equal(other, key) != 0 }
    let table = object(s).pointee.table
    incref(other)
    let r = PyObject_RichCompareBool(other, key, Py_EQ)
    decref(other)
    if r < 0 { throw PyError() }
    if table != object(s).pointee.table || e.pointee.key != other { return nil }
    return r > 0
  }

  /// The entry of a key, or the empty entry where the search ended.
  static func find(_ s: Ref, _ key: Ref, _ hash: Int) throws(PyError) -> Entry {
    restart: while true {
      let o = object(s)
      let mask = o.pointee.mask
      let table = o.pointee.table!
      var perturb = UInt(bitPattern: hash)
      var i = hash & mask
      while true {
        var e = table + i
        var probes = i &+ linearProbes <= mask ? linearProbes : 0
        while true {
          if e.pointee.key == nil { return e }
          if e.pointee.hash == hash {
            guard let equal = try same(s, e, key) else { continue restart }
            if equal { return e }
          }
          if probes == 0 { break }
          probes &-= 1
          e += 1
        }
        perturb &>>= 5
        i = Int(bitPattern: UInt(bitPattern: i &* 5 &+ 1) &+ perturb) & mask
      }
    }
  }

  // MARK: changes

  /// Adds a key (borrowed); whether it is new.
  @discardableResult
  static func add(_ s: Ref, _ key: Ref, _ hash: Int) throws(PyError) -> Bool {
    // Comparisons may run code that drops the key.
    incref(key)
    let e: Entry
    do throws(PyError) {
      e = try find(s, key, hash)
    } catch {
      decref(key)
      throw error
    }
    if e.pointee.key != nil {
      decref(key)
      return false
    }
    let o = object(s)
    e.pointee.key = key
    e.pointee.hash = hash
    o.pointee.fill &+= 1
    o.pointee.used &+= 1
    if o.pointee.fill &* 5 >= o.pointee.mask &* 3 {
      try resize(s, o.pointee.used > 50000 ? o.pointee.used &* 2 : o.pointee.used &* 4)
    }
    return true
  }

  @discardableResult
  static func discard(_ s: Ref, _ key: Ref, _ hash: Int) throws(PyError) -> Bool {
    let e = try find(s, key, hash)
    guard let old = e.pointee.key else { return false }
    e.pointee.key = dummy
    e.pointee.hash = -1
    object(s).pointee.used &-= 1
    decref(old)
    return true
  }

  /// Puts a key that is not there into a table without dummies.
  @inline(__always)
  private static func insertClean(_ table: Entry, _ mask: Int, _ key: Ref, _ hash: Int) {
    var perturb = UInt(bitPattern: hash)
    var i = hash & mask
    while true {
      var e = table + i
      var probes = i &+ linearProbes <= mask ? linearProbes : 0
      while true {
        if e.pointee.key == nil {
          e.pointee.key = key
          e.pointee.hash = hash
          return
        }
        if probes == 0 { break }
        probes &-= 1
        e += 1
      }
      perturb &>>= 5
      i = Int(bitPattern: UInt(bitPattern: i &* 5 &+ 1) &+ perturb) & mask
    }
  }

  /// A table with room for more than `wanted` keys, without dummies.
  static func resize(_ s: Ref, _ wanted: Int) throws(PyError) {
    var size = minimumSize
    while size <= wanted && size < 1 << 58 { size <<= 1 }
    let o = object(s)
    let old = o.pointee.table!
    let oldMask = o.pointee.mask
    let inObject = old == smallTable(s)
    var copy: Entry? = nil
    defer { copy?.deallocate() }
    var source = old
    let new: Entry
    if size == minimumSize {
      new = smallTable(s)
      if inObject {
        if o.pointee.fill == o.pointee.used { return }
        copy = .allocate(capacity: minimumSize)
        copy!.update(from: old, count: minimumSize)
        source = copy!
      }
    } else {
      guard let memory = PyMem_Malloc(size &* 16) else { throw memoryError() }
      new = memory.assumingMemoryBound(to: setentry.self)
    }
    new.update(repeating: setentry(key: nil, hash: 0), count: size)
    o.pointee.mask = size - 1
    o.pointee.table = new
    for i in 0...oldMask where isLive(source + i) {
      insertClean(new, size - 1, source[i].key.unsafelyUnwrapped, source[i].hash)
    }
    o.pointee.fill = o.pointee.used
    if !inObject { PyMem_Free(old) }
  }

  /// Empties the set; keys are dropped when it is consistent again.
  static func clear(_ s: Ref) {
    let o = object(s)
    let inObject = o.pointee.table == smallTable(s)
    if o.pointee.fill == 0 && inObject { return }
    let count = o.pointee.mask + 1
    if inObject {
      let copy = Entry.allocate(capacity: minimumSize)
      copy.update(from: smallTable(s), count: minimumSize)
      initialize(s)
      for i in 0..<minimumSize where isLive(copy + i) { decref(copy[i].key) }
      copy.deallocate()
    } else {
      let table = o.pointee.table!
      initialize(s)
      for i in 0..<count where isLive(table + i) { decref(table[i].key) }
      PyMem_Free(table)
    }
  }

  /// The next live entry at or after a position, which moves past it.
  @inline(__always)
  static func next(_ s: Ref, _ position: inout Int) -> Entry? {
    let o = object(s)
    let mask = o.pointee.mask
    var i = position
    while i <= mask {
      let e = o.pointee.table + i
      i &+= 1
      if isLive(e) {
        position = i
        return e
      }
    }
    position = i
    return nil
  }

  // MARK: many keys

  /// Adds all keys of another set.
  static func merge(_ s: Ref, _ other: Ref) throws(PyError) {
    let (o, p) = (object(s), object(other))
    if s == other || p.pointee.used == 0 { return }
    if (o.pointee.fill &+ p.pointee.used) &* 5 >= o.pointee.mask &* 3 {
      try resize(s, (o.pointee.used &+ p.pointee.used) &* 2)
    }
    if o.pointee.fill == 0 && o.pointee.mask == p.pointee.mask && p.pointee.fill == p.pointee.used {
      // The same table without dummies: copy it entry by entry.
      for i in 0...p.pointee.mask {
        if let key = p.pointee.table[i].key {
          o.pointee.table[i] = setentry(key: newRef(key), hash: p.pointee.table[i].hash)
        }
      }
      o.pointee.fill = p.pointee.fill
      o.pointee.used = p.pointee.used
      return
    }
    if o.pointee.fill == 0 {
      for i in 0...p.pointee.mask where isLive(p.pointee.table + i) {
        let e = p.pointee.table[i]
        insertClean(o.pointee.table, o.pointee.mask, newRef(e.key), e.hash)
      }
      o.pointee.fill = p.pointee.used
      o.pointee.used = p.pointee.used
      return
    }
    // Comparisons may change either set.
    var i = 0
    while i <= object(other).pointee.mask {
      let e = object(other).pointee.table + i
      if isLive(e) {
        let key = Owned(retaining: e.pointee.key)
        try add(s, key.ref, e.pointee.hash)
      }
      i += 1
    }
  }

  /// Adds everything from an iterable.
  static func update(_ s: Ref, _ iterable: Ref) throws(PyError) {
    if SetType.isAnySet(iterable) { return try merge(s, iterable) }
    if iterable.isExactly(Types.dict) {
      let n = PyDict_Size(iterable)
      let o = object(s)
      if (o.pointee.fill &+ n) &* 5 >= o.pointee.mask &* 3 { try resize(s, (o.pointee.used &+ n) &* 2) }
      var position = 0
      var key: Ref? = nil
      var value: Ref? = nil
      while PyDict_Next(iterable, &position, &key, &value) != 0 {
        let held = Owned(retaining: key!)
        // The dict has computed the hash.
        let keys = DictKeys(iterable.cast(PyDictObject.self).pointee.ma_keys!)
        try add(s, held.ref, keys.hash(position - 1))
      }
      return
    }
    let iterator = try owned(PyObject_GetIter(iterable))
    while let item = PyIter_Next(iterator.ref) {
      let key = Owned(taking: item)
      try add(s, key.ref, hash(key.ref))
    }
    if errorIsSet { throw PyError() }
  }

  /// The hash of a frozenset: the same for every order of insertion and every history of the table.
  static func frozenHash(_ s: Ref) -> Int {
    func shuffled(_ h: UInt) -> UInt { ((h ^ 89_869_747) ^ (h &<< 16)) &* 3_644_798_167 }
    let o = object(s)
    var hash: UInt = 0
    for i in 0...o.pointee.mask where isLive(o.pointee.table + i) {
      hash ^= shuffled(UInt(bitPattern: o.pointee.table[i].hash))
    }
    hash ^= (UInt(bitPattern: o.pointee.used) &+ 1) &* 1_927_868_237
    hash ^= (hash &>> 11) ^ (hash &>> 25)
    hash = hash &* 69069 &+ 907_133_923
    return hash == UInt.max ? 590_923_713 : Int(bitPattern: hash)
  }
}
