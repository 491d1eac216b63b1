// Writing values in the format of .pyc files, versions 0 to 4.

import CGila
import GilaCore

struct MarshalWriter: ~Copyable {
  private(set) var bytes: [UInt8] = []
  private let version: Int
  private let allowCode: Bool
  private var depth = 0
  /// Objects that were written with a reference flag, by address. They are held until the writer ends.
  private var places: [UnsafeMutablePointer<PyObject>: Int] = [:]

  init(version: Int, allowCode: Bool = true) {
    self.version = version
    self.allowCode = allowCode
  }
  deinit { for (r, _) in places { decref(r) } }

  /// The bytes of one value.
  static func bytes(of value: Ref, version: Int, allowCode: Bool = true) throws(PyError) -> Owned {
    var w = MarshalWriter(version: version, allowCode: allowCode)
    try w.write(value)
    return try w.finish()
  }
  func finish() throws(PyError) -> Owned {
    try owned(
      bytes.withUnsafeBytes { PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    )
  }

  // MARK: numbers

  private mutating func long(_ n: Int) {
    let v = UInt32(truncatingIfNeeded: n)
    for s in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: v >> s)) }
  }
  private mutating func short(_ n: Int) {
    bytes.append(UInt8(truncatingIfNeeded: n))
    bytes.append(UInt8(truncatingIfNeeded: n >> 8))
  }
  private mutating func double(_ d: Double) {
    let v = d.bitPattern
    for s in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: v >> UInt64(s))) }
  }
  private mutating func textDouble(_ d: Double) throws(PyError) {
    guard let p = PyOS_double_to_string(d, 103, 17, 0, nil) else { throw memoryError() }
    let text = String(cString: p)
    PyMem_Free(p)
    bytes.append(UInt8(truncatingIfNeeded: text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }
  private mutating func size(_ n: Int) throws(PyError) {
    if n > 0x7FFF_FFFF { throw valueError("unmarshallable object") }
    long(n)
  }
  private mutating func raw(_ p: UnsafeRawPointer?, _ n: Int) {
    bytes.append(contentsOf: UnsafeRawBufferPointer(start: p, count: n))
  }
  private mutating func sized(_ bytesObject: Ref) throws(PyError) {
    try size(bytesObject.size)
    raw(PyBytes_AsString(bytesObject), bytesObject.size)
  }

  // MARK: values

  /// `held` counts the references that the writer itself has to the object.
  mutating func write(_ r: Ref, held: Int = 0) throws(PyError) {
    if depth >= MarshalReader.deepest { throw valueError("object too deeply nested to marshal") }
    depth += 1
    defer { depth -= 1 }
    if r == none {
      bytes.append(0x4E)
    } else if r == Exc.StopIteration.object {
      bytes.append(0x53)
    } else if r == ellipsis {
      bytes.append(0x2E)
    } else if r == pyFalse {
      bytes.append(0x46)
    } else if r == pyTrue {
      bytes.append(0x54)
    } else {
      var flag: UInt8 = 0
      if try refer(r, held, &flag) { return }
      try complex(r, flag)
    }
  }
  /// Writes a reference to an object seen before, or notes the object and sets the flag for what is written now. An
  /// object with a single reference cannot come again.
  private mutating func refer(_ r: Ref, _ held: Int, _ flag: inout UInt8) throws(PyError) -> Bool {
    if version < 3 { return false }
    let isInterned = r.isExactly(Types.unicode) && gila_unicode_state(r) & 3 != 0
    if r.refCount == 1 + held && !isInterned { return false }
    if let place = places[r] {
      bytes.append(0x72)
      long(place)
      return true
    }
    places[newRef(r)] = places.count
    flag = 0x80
    return false
  }
  private mutating func complex(_ r: Ref, _ flag: UInt8) throws(PyError) {
    if r.isExactly(Types.long) {
      try integer(r, flag)
    } else if r.isExactly(Types.float) {
      let d = PyFloat_AsDouble(r)
      bytes.append((version > 1 ? 0x67 : 0x66) | flag)
      if version > 1 { double(d) } else { try textDouble(d) }
    } else if r.isExactly(Types.complex) {
      let re = PyComplex_RealAsDouble(r), im = PyComplex_ImagAsDouble(r)
      bytes.append((version > 1 ? 0x79 : 0x78) | flag)
      if version > 1 {
        double(re)
        double(im)
      } else {
        try textDouble(re)
        try textDouble(im)
      }
    } else if r.isExactly(Types.bytes) {
      bytes.append(0x73 | flag)
      try sized(r)
    } else if r.isExactly(Types.unicode) {
      try unicode(r, flag)
    } else if r.isExactly(Types.tuple) {
      let n = r.size
      if version >= 4 && n < 256 {
        bytes.append(0x29 | flag)
        bytes.append(UInt8(n))
      } else {
        bytes.append(0x28 | flag)
        try size(n)
      }
      for i in 0..<n { try write(gila_tuple_items(r)[i] ?? none) }
    } else if r.isExactly(Types.list) {
      bytes.append(0x5B | flag)
      try size(r.size)
      var i = 0
      while i < r.size {
        let item = Owned(retaining: gila_list_items(r).unsafelyUnwrapped[i] ?? none)
        try write(item.ref, held: 1)
        i += 1
      }
    } else if r.isExactly(Types.dict) {
      bytes.append(0x7B | flag)
      var position = 0
      var key: Ref? = nil, value: Ref? = nil
      while PyDict_Next(r, &position, &key, &value) != 0 {
        let k = Owned(retaining: key ?? none), v = Owned(retaining: value ?? none)
        try write(k.ref, held: 1)
        try write(v.ref, held: 1)
      }
      bytes.append(0x30)
    } else if r.isExactly(Types.set) || r.isExactly(Types.frozenSet) {
      try set(r, flag)
    } else if r.isExactly(Types.code) {
      try code(r, flag)
    } else if PyObject_CheckBuffer(r) != 0 {
      var view = Py_buffer()
      guard PyObject_GetBuffer(r, &view, PyBUF_SIMPLE) == 0 else {
        PyErr_Clear()
        throw unmarshallable()
      }
      defer { PyBuffer_Release(&view) }
      bytes.append(0x73 | flag)
      try size(view.len)
      raw(view.buf, view.len)
    } else {
      throw unmarshallable()
    }
  }
  @inline(never) private func unmarshallable() -> PyError { valueError("unmarshallable object") }

  private mutating func integer(_ r: Ref, _ flag: UInt8) throws(PyError) {
    var overflow: Int32 = 0
    let n = PyLong_AsLongAndOverflow(r, &overflow)
    if n == -1 && errorIsSet { throw PyError() }
    if overflow == 0, let small = Int32(exactly: n) {
      bytes.append(0x69 | flag)
      return long(Int(small))
    }
    bytes.append(0x6C | flag)
    let negative = _PyLong_Sign(r) < 0
    let magnitude = try owned(PyNumber_Absolute(r))
    let bits = Int(_PyLong_NumBits(magnitude.ref))
    let count = (bits + 14) / 15
    var little = [UInt8](repeating: 0, count: bits / 8 + 8)
    try check(_PyLong_AsByteArray(magnitude.ref.cast(PyLongObject.self), &little, little.count, 1, 0, 1))
    long(negative ? -count : count)
    for i in 0..<count {
      let bit = i * 15
      let word = Int(little[bit / 8]) | Int(little[bit / 8 + 1]) << 8 | Int(little[bit / 8 + 2]) << 16
      short((word >> (bit % 8)) & 0x7FFF)
    }
  }
  private mutating func unicode(_ r: Ref, _ flag: UInt8) throws(PyError) {
    let state = gila_unicode_state(r)
    let interned = state & 3 != 0
    let n = PyUnicode_GetLength(r)
    if version >= 4 && state & 0x40 != 0 {
      if n < 256 {
        bytes.append((interned ? 0x5A : 0x7A) | flag)
        bytes.append(UInt8(n))
      } else {
        bytes.append((interned ? 0x41 : 0x61) | flag)
        try size(n)
      }
      return raw(unicodeData(r, state), n)
    }
    let utf8 = try owned(PyUnicode_AsEncodedString(r, "utf-8", "surrogatepass"))
    bytes.append((version >= 3 && interned ? 0x74 : 0x75) | flag)
    try sized(utf8.ref)
  }
  /// The items of a set in the order of their own bytes, so that equal sets give equal bytes.
  private mutating func set(_ r: Ref, _ flag: UInt8) throws(PyError) {
    bytes.append((r.isExactly(Types.frozenSet) ? 0x3E : 0x3C) | flag)
    let items = try owned(PySequence_List(r))
    let count = items.ref.size
    try size(count)
    var keyed: [(bytes: [UInt8], item: Ref)] = []
    for i in 0..<count {
      let item = gila_list_items(items.ref).unsafelyUnwrapped[i].unsafelyUnwrapped
      var w = MarshalWriter(version: version, allowCode: allowCode)
      try w.write(item)
      keyed.append((w.bytes, item))
    }
    keyed.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    for (_, item) in keyed { try write(item) }
  }
  private mutating func code(_ r: Ref, _ flag: UInt8) throws(PyError) {
    if !allowCode { throw valueError("marshalling code objects is disallowed") }
    let c = r.cast(PyCodeObject.self).pointee
    bytes.append(0x63 | flag)
    for n in [c.co_argcount, c.co_posonlyargcount, c.co_kwonlyargcount, c.co_stacksize, c.co_flags] { long(Int(n)) }
    let instructions = try owned(
      PyBytes_FromStringAndSize((r.raw + 200).assumingMemoryBound(to: CChar.self), r.size * 2))
    try write(instructions.ref)
    for part in [
      c.co_consts, c.co_names, c.co_localsplusnames, c.co_localspluskinds, c.co_filename, c.co_name, c.co_qualname,
    ] { try write(part ?? none) }
    long(Int(c.co_firstlineno))
    try write(c.co_linetable ?? none)
    try write(c.co_exceptiontable ?? none)
  }
}
