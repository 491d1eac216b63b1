// array.array in memory, and single items.
//
// Words behind the head: 0 how many items, 1 the memory, 2 room in items, 3 the type code, 4 weak references,
// 5 exported buffers (while there are any, the array cannot change its size).

import CGila
import GilaCore
import Glibc

/// A kind of item.
struct ArrayKind {
  let code: UInt8
  let size: Int

  static let codes: StaticString = "bBuwhHiIlLqQfd"

  init?(_ code: UInt8) {
    self.code = code
    switch code {
    case UInt8(ascii: "b"), UInt8(ascii: "B"): size = 1
    case UInt8(ascii: "h"), UInt8(ascii: "H"): size = 2
    case UInt8(ascii: "u"), UInt8(ascii: "w"), UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "f"): size = 4
    case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "q"), UInt8(ascii: "Q"), UInt8(ascii: "d"): size = 8
    default: return nil
    }
  }

  var isText: Bool { code == UInt8(ascii: "u") || code == UInt8(ascii: "w") }
  var isFloat: Bool { code == UInt8(ascii: "f") || code == UInt8(ascii: "d") }
  var isSigned: Bool { code >= 97 }
  var character: Character { Character(Unicode.Scalar(code)) }

  /// The item at a place (new reference).
  func get(_ p: UnsafeRawPointer) -> Ref? {
    switch code {
    case UInt8(ascii: "b"): return PyLong_FromLong(Int(p.loadUnaligned(as: Int8.self)))
    case UInt8(ascii: "B"): return PyLong_FromLong(Int(p.loadUnaligned(as: UInt8.self)))
    case UInt8(ascii: "h"): return PyLong_FromLong(Int(p.loadUnaligned(as: Int16.self)))
    case UInt8(ascii: "H"): return PyLong_FromLong(Int(p.loadUnaligned(as: UInt16.self)))
    case UInt8(ascii: "i"): return PyLong_FromLong(Int(p.loadUnaligned(as: Int32.self)))
    case UInt8(ascii: "I"): return PyLong_FromLong(Int(p.loadUnaligned(as: UInt32.self)))
    case UInt8(ascii: "l"), UInt8(ascii: "q"): return PyLong_FromLong(p.loadUnaligned(as: Int.self))
    case UInt8(ascii: "L"), UInt8(ascii: "Q"): return PyLong_FromUnsignedLong(p.loadUnaligned(as: UInt.self))
    case UInt8(ascii: "f"): return PyFloat_FromDouble(Double(p.loadUnaligned(as: Float.self)))
    case UInt8(ascii: "d"): return PyFloat_FromDouble(p.loadUnaligned(as: Double.self))
    default:
      let c = p.loadUnaligned(as: UInt32.self)
      return c > 0x10ffff ? Arrays.notCharacter(c).object : PyUnicode_FromOrdinal(Int32(c))
    }
  }

  /// Converts an object and stores it; the place is asked for after the conversion, which may run code.
  func set(_ v: Ref, _ place: () throws(PyError) -> UnsafeMutableRawPointer) throws(PyError) {
    switch code {
    case UInt8(ascii: "b"):
      let x = try short(v)
      if x < -128 { throw overflowError("signed char is less than minimum") }
      if x > 127 { throw overflowError("signed char is greater than maximum") }
      try place().storeBytes(of: Int8(truncatingIfNeeded: x), as: Int8.self)
    case UInt8(ascii: "B"):
      let x = try signed(v)
      if x < 0 { throw overflowError("unsigned byte integer is less than minimum") }
      if x > 255 { throw overflowError("unsigned byte integer is greater than maximum") }
      try place().storeBytes(of: UInt8(truncatingIfNeeded: x), as: UInt8.self)
    case UInt8(ascii: "h"):
      let x = try short(v)
      try place().storeBytes(of: Int16(truncatingIfNeeded: x), as: Int16.self)
    case UInt8(ascii: "H"):
      let x = try intArgument(v)
      if x < 0 { throw overflowError("unsigned short is less than minimum") }
      if x > 65535 { throw overflowError("unsigned short is greater than maximum") }
      try place().storeBytes(of: UInt16(truncatingIfNeeded: x), as: UInt16.self)
    case UInt8(ascii: "i"):
      let x = try intArgument(v)
      try place().storeBytes(of: x, as: Int32.self)
    case UInt8(ascii: "I"):
      let x = try unsigned(v)
      if x > UInt(UInt32.max) { throw overflowError("unsigned int is greater than maximum") }
      try place().storeBytes(of: UInt32(truncatingIfNeeded: x), as: UInt32.self)
    case UInt8(ascii: "l"):
      let x = try signed(v)
      try place().storeBytes(of: x, as: Int.self)
    case UInt8(ascii: "L"):
      let x = try unsigned(v)
      try place().storeBytes(of: x, as: UInt.self)
    case UInt8(ascii: "q"):
      let x = PyLong_AsLongLong(v)
      if x == -1 && errorIsSet { throw PyError() }
      try place().storeBytes(of: x, as: Int64.self)
    case UInt8(ascii: "Q"):
      let n = try owned(_PyNumber_Index(v))
      let x = PyLong_AsUnsignedLongLong(n.ref)
      if x == .max && errorIsSet { throw PyError() }
      try place().storeBytes(of: UInt64(x), as: UInt64.self)
    case UInt8(ascii: "f"):
      let x = try doubleValue(v)
      try place().storeBytes(of: Float(x), as: Float.self)
    case UInt8(ascii: "d"):
      let x = try doubleValue(v)
      try place().storeBytes(of: x, as: Double.self)
    default:
      guard v.isUnicode, PyUnicode_GetLength(v) == 1 else { throw typeError("array item must be unicode character") }
      let c = PyUnicode_ReadChar(v, 0)
      try place().storeBytes(of: c, as: UInt32.self)
    }
  }

  private func signed(_ v: Ref) throws(PyError) -> Int {
    let x = PyLong_AsLong(v)
    if x == -1 && errorIsSet { throw PyError() }
    return x
  }
  private func short(_ v: Ref) throws(PyError) -> Int {
    let x = try signed(v)
    if x < Int(Int16.min) { throw overflowError("signed short integer is less than minimum") }
    if x > Int(Int16.max) { throw overflowError("signed short integer is greater than maximum") }
    return x
  }
  private func unsigned(_ v: Ref) throws(PyError) -> UInt {
    let n = try owned(_PyNumber_Index(v))
    let x = PyLong_AsUnsignedLong(n.ref)
    if x == .max && errorIsSet { throw PyError() }
    return x
  }

  /// The number that pickles use for the kind's format on this machine.
  var machineFormat: Int {
    switch code {
    case UInt8(ascii: "b"): 1
    case UInt8(ascii: "B"): 0
    case UInt8(ascii: "u"), UInt8(ascii: "w"): 20
    case UInt8(ascii: "f"): 14
    case UInt8(ascii: "d"): 16
    case UInt8(ascii: "h"): 4
    case UInt8(ascii: "H"): 2
    case UInt8(ascii: "i"): 8
    case UInt8(ascii: "I"): 6
    case UInt8(ascii: "l"), UInt8(ascii: "q"): 12
    default: 10
    }
  }
}

enum Arrays {
  @inline(__always) static func count(_ a: Ref) -> Int { a.word(0).pointee }
  @inline(__always) static func kind(_ a: Ref) -> ArrayKind {
    ArrayKind(UInt8(truncatingIfNeeded: a.word(3).pointee)).unsafelyUnwrapped
  }
  @inline(__always) static func memory(_ a: Ref) -> UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(bitPattern: a.word(1).pointee)
  }
  @inline(__always) static func place(_ a: Ref, _ i: Int) -> UnsafeMutableRawPointer {
    memory(a).unsafelyUnwrapped + i &* kind(a).size
  }

  /// A new array of n items of garbage.
  static func make(_ type: TypeRef, _ kind: ArrayKind, _ n: Int) throws(PyError) -> Owned {
    let a = try Fields.make(type)
    a.ref.word(3).pointee = Int(kind.code)
    if n > 0 {
      let (size, overflow) = n.multipliedReportingOverflow(by: kind.size)
      guard !overflow, let memory = PyMem_Malloc(size) else { throw memoryError() }
      a.ref.word(1).pointee = Int(bitPattern: memory)
      a.ref.word(2).pointee = n
    }
    a.ref.word(0).pointee = n
    return a
  }

  static func checkResizable(_ a: Ref) throws(PyError) {
    if a.word(5).pointee > 0 {
      throw raise(Exc.BufferError, "cannot resize an array that is exporting buffers")
    }
  }

  /// Gives the room behind the items back.
  static func trim(_ a: Ref) {
    let n = count(a)
    if n == 0 || a.word(2).pointee == n { return }
    guard let p = PyMem_Realloc(memory(a), n * kind(a).size) else { return }
    a.word(1).pointee = Int(bitPattern: p)
    a.word(2).pointee = n
  }
  static func resize(_ a: Ref, _ n: Int) throws(PyError) {
    if n != count(a) { try checkResizable(a) }
    let room = a.word(2).pointee
    if room >= n && count(a) < n + 16 && memory(a) != nil {
      a.word(0).pointee = n
      return
    }
    if n == 0 {
      PyMem_Free(memory(a))
      a.word(0).pointee = 0
      a.word(1).pointee = 0
      a.word(2).pointee = 0
      return
    }
    let new = (n >> 4) &+ (count(a) < 8 ? 3 : 7) &+ n
    let (size, overflow) = new.multipliedReportingOverflow(by: kind(a).size)
    guard !overflow, let p = PyMem_Realloc(memory(a), size) else { throw memoryError() }
    a.word(1).pointee = Int(bitPattern: p)
    a.word(2).pointee = new
    a.word(0).pointee = n
  }

  static func get(_ a: Ref, _ i: Int) throws(PyError) -> Owned { try owned(kind(a).get(place(a, i))) }
  static func set(_ a: Ref, _ i: Int, _ v: Ref) throws(PyError) {
    try kind(a).set(v) { () throws(PyError) in
      if i >= count(a) { throw indexError("array assignment index out of range") }
      return place(a, i)
    }
  }

  static func insert(_ a: Ref, _ index: Int, _ v: Ref) throws(PyError) {
    // Convert first: it may fail, or run code.
    var item: UInt64 = 0
    try withUnsafeMutableBytes(of: &item) { raw throws(PyError) in
      try kind(a).set(v) { () throws(PyError) in raw.baseAddress! }
    }
    let n = count(a)
    try resize(a, n + 1)
    var at = index
    if at < 0 { at = max(at + n, 0) }
    at = min(at, n)
    let size = kind(a).size
    memmove(place(a, at + 1), place(a, at), (n - at) * size)
    _ = withUnsafeBytes(of: item) { memcpy(place(a, at), $0.baseAddress!, size) }
  }

  static func extend(_ a: Ref, _ source: Ref) throws(PyError) {
    if source.isInstance(of: ArrayType.type) {
      if source.word(3).pointee != a.word(3).pointee { throw typeError("can only extend with array of same kind") }
      let (n, m) = (count(a), count(source))
      if m == 0 { return }
      try resize(a, n + m)
      memcpy(place(a, n), place(source, 0), m * kind(a).size)
      return
    }
    try forEach(source) { item throws(PyError) in try insert(a, count(a), item) }
  }

  /// Removes the items from low to high.
  static func remove(_ a: Ref, _ low: Int, _ high: Int) throws(PyError) {
    let n = count(a)
    if high <= low { return }
    try checkResizable(a)
    if high < n { memmove(place(a, low), place(a, high), (n - high) * kind(a).size) }
    try resize(a, n - (high - low))
  }

  static func appendBytes(_ a: Ref, _ bytes: UnsafeRawPointer?, _ count: Int) throws(PyError) {
    let size = kind(a).size
    if count % size != 0 { throw valueError("bytes length not a multiple of item size") }
    let n = Arrays.count(a)
    if count == 0 { return }
    try resize(a, n + count / size)
    memcpy(place(a, n), bytes!, count)
  }

  static func appendText(_ a: Ref, _ s: Ref) throws(PyError) {
    let n = count(a)
    let m = PyUnicode_GetLength(s)
    if m <= 0 { return }
    try resize(a, n + m)
    for i in 0..<m { place(a, n + i).storeBytes(of: PyUnicode_ReadChar(s, i), as: UInt32.self) }
  }

  static func list(_ a: Ref) throws(PyError) -> Owned {
    let n = count(a)
    let l = try owned(PyList_New(n))
    for i in 0..<n { l.ref.fastItems[i] = try get(a, i).take() }
    return l
  }
  static func text(_ a: Ref) throws(PyError) -> Owned {
    for i in 0..<count(a) {
      let c = place(a, i).loadUnaligned(as: UInt32.self)
      if c > 0x10ffff { throw notCharacter(c).error }
    }
    return try owned(PyUnicode_FromKindAndData(4, memory(a) ?? a.raw, count(a)))
  }

  /// ValueError for an item that no character has, as an error to throw and as a result.
  static func notCharacter(_ c: UInt32) -> (error: PyError, object: Ref?) {
    (valueError("character U+\(String(c, radix: 16)) is not in range [U+0000; U+10ffff]"), nil)
  }

  static func swapBytes(_ a: Ref) {
    let size = kind(a).size
    if size == 1 { return }
    for i in 0..<count(a) {
      let p = place(a, i).assumingMemoryBound(to: UInt8.self)
      for k in 0..<size / 2 { (p[k], p[size - 1 - k]) = (p[size - 1 - k], p[k]) }
    }
  }
}
