// Reading values in the format of .pyc files. The bytes may be hostile: every count is checked against what is there,
// and what does not fit is ValueError, EOFError or TypeError.

import CGila
import GilaCore
import GilaEval

/// Where the bytes come from: memory, or a file object whose `readinto` fills a buffer.
struct MarshalReader: ~Copyable {
  /// Nested values may go this deep, as in CPython.
  static let deepest = 2000
  private static let largest = 0x7FFF_FFFF

  private var at: UnsafePointer<UInt8>
  private var end: UnsafePointer<UInt8>
  private let file: Ref?
  private var scratch: UnsafeMutablePointer<UInt8>? = nil
  private var scratchSize = 0
  private let allowCode: Bool
  private var depth = 0
  /// Objects in the order of their reference flags; the reader owns them. None stands for one that is not complete.
  private var references: UnsafeMutablePointer<Ref>
  private var referenceCount = 0
  private var referenceCapacity = 64

  init(_ bytes: UnsafePointer<UInt8>, _ count: Int, allowCode: Bool = true) {
    at = bytes
    end = bytes + count
    file = nil
    self.allowCode = allowCode
    references = .allocate(capacity: referenceCapacity)
  }
  /// Reads from a file object (borrowed).
  init(file: Ref, allowCode: Bool) {
    let nothing = UnsafePointer<UInt8>(bitPattern: 16).unsafelyUnwrapped
    at = nothing
    end = nothing
    self.file = file
    self.allowCode = allowCode
    references = .allocate(capacity: referenceCapacity)
  }
  deinit {
    for i in 0..<referenceCount { decref(references[i]) }
    references.deallocate()
    scratch?.deallocate()
  }
  /// How many bytes were not read.
  var remaining: Int { end - at }

  /// The next value; NULL inside is a TypeError.
  mutating func read() throws(PyError) -> Owned {
    guard let r = try value() else { throw null("object") }
    return r
  }

  // MARK: bytes

  @inline(__always) private mutating func take(_ n: Int) throws(PyError) -> UnsafePointer<UInt8> {
    if file != nil { return try takeFromFile(n) }
    if n > end - at { throw raise(Exc.EOFError, "marshal data too short") }
    let p = at
    at += n
    return p
  }
  @inline(never) private mutating func takeFromFile(_ n: Int) throws(PyError) -> UnsafePointer<UInt8> {
    if scratchSize < n || scratch == nil {
      scratch?.deallocate()
      scratch = nil
      let size = max(n, 256)
      guard let p = PyMem_RawMalloc(size) else { throw memoryError() }
      PyMem_RawFree(p)
      scratch = .allocate(capacity: size)
      scratchSize = size
    }
    let p = scratch.unsafelyUnwrapped
    let view = try owned(
      PyMemoryView_FromMemory(UnsafeMutableRawPointer(p).assumingMemoryBound(to: CChar.self), n, 0x200))
    let got = try callMethod(file.unsafelyUnwrapped, "readinto", view.ref)
    let count = PyNumber_AsSsize_t(got.ref, Exc.ValueError.object)
    if count == -1 && errorIsSet { throw PyError() }
    if count != n {
      if count > n {
        throw valueError("read() returned too much data: \(n) bytes requested, \(count) returned")
      }
      throw raise(Exc.EOFError, "EOF read where not expected")
    }
    return UnsafePointer(p)
  }
  @inline(__always) private mutating func byte() throws(PyError) -> UInt8 { try take(1)[0] }
  private mutating func short() throws(PyError) -> Int {
    let p = UnsafeRawPointer(try take(2))
    return Int(Int16(littleEndian: p.loadUnaligned(as: Int16.self)))
  }
  @inline(__always) private mutating func long() throws(PyError) -> Int {
    let p = UnsafeRawPointer(try take(4))
    return Int(Int32(littleEndian: p.loadUnaligned(as: Int32.self)))
  }
  private mutating func double() throws(PyError) -> Double {
    let p = UnsafeRawPointer(try take(8))
    return Double(bitPattern: UInt64(littleEndian: p.loadUnaligned(as: UInt64.self)))
  }
  /// A number written as text, one byte of length before it.
  private mutating func textDouble() throws(PyError) -> Double {
    let n = Int(try byte())
    let p = try take(n)
    var buffer = [CChar](repeating: 0, count: n + 1)
    for i in 0..<n { buffer[i] = CChar(bitPattern: p[i]) }
    let d = PyOS_string_to_double(buffer, nil, nil)
    if d == -1 && errorIsSet { throw PyError() }
    return d
  }
  private mutating func count(_ what: StaticString) throws(PyError) -> Int {
    let n = try long()
    if n < 0 || n > MarshalReader.largest { throw bad("\(what) size out of range") }
    return n
  }
  @inline(never) private func bad(_ why: String) -> PyError { valueError("bad marshal data (\(why))") }
  @inline(never) private func null(_ place: String) -> PyError {
    if errorIsSet { return PyError() }
    return typeError("NULL object in marshal data for \(place)")
  }

  // MARK: references

  private mutating func remember(_ r: Ref) -> Int {
    if referenceCount == referenceCapacity {
      let more = UnsafeMutablePointer<Ref>.allocate(capacity: referenceCapacity * 2)
      more.moveInitialize(from: references, count: referenceCount)
      references.deallocate()
      references = more
      referenceCapacity *= 2
    }
    (references + referenceCount).initialize(to: newRef(r))
    referenceCount += 1
    return referenceCount - 1
  }
  @inline(__always) private mutating func noted(_ r: consuming Owned, _ flag: Bool) -> Owned {
    if flag { _ = remember(r.ref) }
    return r
  }
  private mutating func reserve(_ flag: Bool) -> Int { flag ? remember(none) : -1 }
  private mutating func fill(_ place: Int, _ r: Ref) {
    if place < 0 { return }
    let old = references[place]
    references[place] = newRef(r)
    decref(old)
  }

  // MARK: values

  private mutating func value() throws(PyError) -> Owned? {
    let code: UInt8
    if file == nil {
      guard at < end else { throw raise(Exc.EOFError, "EOF read where object expected") }
      code = at.pointee
      at += 1
    } else {
      do throws(PyError) { code = try byte() } catch {
        if PyErr_ExceptionMatches(Exc.EOFError.object) != 0 {
          PyErr_Clear()
          throw raise(Exc.EOFError, "EOF read where object expected")
        }
        throw error
      }
    }
    if depth >= MarshalReader.deepest { throw valueError("recursion limit exceeded") }
    depth += 1
    defer { depth -= 1 }
    let flag = code & 0x80 != 0
    switch code & 0x7F {
    case 0x30: return nil  // '0'
    case 0x4E: return Owned(retaining: none)  // 'N'
    case 0x53: return Owned(retaining: Exc.StopIteration.object)  // 'S'
    case 0x2E: return Owned(retaining: ellipsis)  // '.'
    case 0x46: return Owned(retaining: pyFalse)  // 'F'
    case 0x54: return Owned(retaining: pyTrue)  // 'T'
    case 0x69: return noted(try owned(PyLong_FromLong(try long())), flag)  // 'i'
    case 0x49:  // 'I'
      let p = UnsafeRawPointer(try take(8))
      return noted(
        try owned(PyLong_FromLong(Int(littleEndian: p.loadUnaligned(as: Int.self)))), flag)
    case 0x6C: return noted(try bigInt(), flag)  // 'l'
    case 0x66: return noted(try owned(PyFloat_FromDouble(try textDouble())), flag)  // 'f'
    case 0x67: return noted(try owned(PyFloat_FromDouble(try double())), flag)  // 'g'
    case 0x78:  // 'x'
      let re = try textDouble(), im = try textDouble()
      return noted(try owned(PyComplex_FromDoubles(re, im)), flag)
    case 0x79:  // 'y'
      let re = try double(), im = try double()
      return noted(try owned(PyComplex_FromDoubles(re, im)), flag)
    case 0x73:  // 's'
      let n = try count("bytes object")
      let p = try take(n)
      return noted(
        try owned(PyBytes_FromStringAndSize(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n)), flag)
    case 0x41: return noted(try ascii(try count("string"), interned: true), flag)  // 'A'
    case 0x61: return noted(try ascii(try count("string"), interned: false), flag)  // 'a'
    case 0x5A: return noted(try ascii(Int(try byte()), interned: true), flag)  // 'Z'
    case 0x7A: return noted(try ascii(Int(try byte()), interned: false), flag)  // 'z'
    case 0x74: return noted(try unicode(interned: true), flag)  // 't'
    case 0x75: return noted(try unicode(interned: false), flag)  // 'u'
    case 0x29: return try tuple(Int(try byte()), flag)  // ')'
    case 0x28: return try tuple(try count("tuple"), flag)  // '('
    case 0x5B: return try list(flag)  // '['
    case 0x7B: return try dict(flag)  // '{'
    case 0x3C: return try set(frozen: false, flag)  // '<'
    case 0x3E: return try set(frozen: true, flag)  // '>'
    case 0x63: return try codeObject(flag)  // 'c'
    case 0x72:  // 'r'
      let n = try long()
      guard n >= 0, n < referenceCount, references[n] != none else { throw bad("invalid reference") }
      return Owned(retaining: references[n])
    default: throw bad("unknown type code")
    }
  }
  private mutating func bigInt() throws(PyError) -> Owned {
    let n = try long()
    if n == 0 { return try owned(PyLong_FromLong(0)) }
    if n < -MarshalReader.largest || n > MarshalReader.largest { throw bad("long size out of range") }
    let size = abs(n)
    let p = UnsafeRawPointer(try take(size * 2))
    // 15-bit digits, least significant first, become bytes.
    let total = (size * 15 + 7) / 8 + 1
    var bytes = [UInt8](repeating: 0, count: total)
    var carry = 0, bits = 0, at = 0, last = 0
    for i in 0..<size {
      let digit = Int(UInt16(littleEndian: p.loadUnaligned(fromByteOffset: i * 2, as: UInt16.self)))
      if digit > 0x7FFF { throw bad("digit out of range in long") }
      last = digit
      carry |= digit << bits
      bits += 15
      while bits >= 8 {
        bytes[at] = UInt8(truncatingIfNeeded: carry)
        at += 1
        carry >>= 8
        bits -= 8
      }
    }
    if last == 0 { throw bad("unnormalized long data") }
    bytes[at] = UInt8(truncatingIfNeeded: carry)
    let r = try owned(_PyLong_FromByteArray(bytes, total, 1, 0))
    return n < 0 ? try owned(PyNumber_Negative(r.ref)) : r
  }
  private mutating func ascii(_ n: Int, interned: Bool) throws(PyError) -> Owned {
    let p = try take(n)
    let r = try owned(PyUnicode_FromKindAndData(1, UnsafeRawPointer(p), n))
    return interned ? intern(r) : r
  }
  private mutating func unicode(interned: Bool) throws(PyError) -> Owned {
    let n = try count("string")
    let p = try take(n)
    let r = try owned(
      PyUnicode_DecodeUTF8(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n, "surrogatepass"))
    return interned ? intern(r) : r
  }
  private func intern(_ r: consuming Owned) -> Owned {
    var s: Ref? = r.take()
    PyUnicode_InternInPlace(&s)
    return Owned(taking: s.unsafelyUnwrapped)
  }
  /// Every item takes at least one byte: with a count beyond the rest of the bytes the items are only read for the error
  /// that comes, and no memory is taken for them.
  private mutating func checkRoom(_ n: Int, _ what: String) throws(PyError) {
    guard file == nil, n > end - at else { return }
    while try value() != nil {}
    throw null(what)
  }
  private mutating func tuple(_ n: Int, _ flag: Bool) throws(PyError) -> Owned {
    try checkRoom(n, "tuple")
    let t = try owned(PyTuple_New(n))
    if flag { _ = remember(t.ref) }
    for i in 0..<n {
      guard let v = try value() else { throw null("tuple") }
      gila_tuple_items(t.ref)[i] = v.take()
    }
    return t
  }
  private mutating func list(_ flag: Bool) throws(PyError) -> Owned {
    let n = try count("list")
    try checkRoom(n, "list")
    let l = try owned(PyList_New(0))
    if flag { _ = remember(l.ref) }
    for _ in 0..<n {
      guard let v = try value() else { throw null("list") }
      try check(PyList_Append(l.ref, v.ref))
    }
    return l
  }
  private mutating func dict(_ flag: Bool) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    if flag { _ = remember(d.ref) }
    while let key = try value() {
      guard let v = try value() else { break }
      try check(PyDict_SetItem(d.ref, key.ref, v.ref))
    }
    return d
  }
  private mutating func set(frozen: Bool, _ flag: Bool) throws(PyError) -> Owned {
    let n = try count("set")
    try checkRoom(n, "set")
    // A frozenset may not be seen before it is complete.
    let place = frozen ? reserve(flag) : -1
    let items = try owned(frozen ? PyList_New(0) : PySet_New(nil))
    if !frozen && flag { _ = remember(items.ref) }
    for _ in 0..<n {
      guard let v = try value() else { throw null("set") }
      try check(frozen ? PyList_Append(items.ref, v.ref) : PySet_Add(items.ref, v.ref))
    }
    if !frozen { return items }
    let made = try owned(PyFrozenSet_New(items.ref))
    fill(place, made.ref)
    return made
  }

  private mutating func part() throws(PyError) -> Owned {
    guard let r = try value() else { throw null("code object") }
    return r
  }
  private mutating func codeObject(_ flag: Bool) throws(PyError) -> Owned {
    if !allowCode { throw valueError("unmarshalling code objects is disallowed") }
    let place = reserve(flag)
    var p = Code.Parts()
    p.argCount = try long()
    p.posOnlyArgCount = try long()
    p.kwOnlyArgCount = try long()
    p.stackSize = try long()
    p.flags = try long()
    let code = try part(), consts = try part(), names = try part(), localNames = try part(), kinds = try part()
    let fileName = try part(), name = try part(), qualname = try part()
    p.firstLine = try long()
    let lines = try part(), table = try part()
    guard
      p.argCount >= p.posOnlyArgCount, p.posOnlyArgCount >= 0, p.kwOnlyArgCount >= 0, p.stackSize >= 0, p.flags >= 0,
      code.ref.isBytes, consts.ref.isTuple, names.ref.isTuple, localNames.ref.isTuple, kinds.ref.isBytes,
      localNames.ref.size == kinds.ref.size, name.ref.isUnicode, qualname.ref.isUnicode, fileName.ref.isUnicode,
      lines.ref.isBytes, table.ref.isBytes, allText(names.ref), allText(localNames.ref)
    else { throw badInternalCall() }
    guard code.ref.size % 2 == 0, code.ref.size > 0 else { throw valueError("code: co_code is malformed") }
    let locals = UnsafeRawPointer(PyBytes_AsString(kinds.ref)).assumingMemoryBound(to: UInt8.self)
    var plain = 0
    for i in 0..<kinds.ref.size where locals[i] & 0x20 != 0 { plain += 1 }
    let varieties = (p.flags & 4 != 0 ? 1 : 0) + (p.flags & 8 != 0 ? 1 : 0)
    if p.argCount + p.kwOnlyArgCount + varieties > plain { throw valueError("code: varnames is too small") }
    if p.stackSize > 0x1FFF_FFFF { throw valueError("code: stack size is too large") }
    let bytes = UnsafeRawBufferPointer(start: PyBytes_AsString(code.ref), count: code.ref.size)
    var kept = Owned(retaining: lines.ref)
    if !Configuration.current.codeDebugRanges {
      let table = LineTableColumns.removed(
        from: Array(UnsafeRawBufferPointer(start: PyBytes_AsString(lines.ref), count: PyBytes_Size(lines.ref))))
      kept = try owned(
        table.withUnsafeBytes {
          PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        })
    }
    let made = try Code.make(
      p, code: bytes, consts: consts.ref, names: names.ref, localsPlusNames: localNames.ref,
      localsPlusKinds: kinds.ref,
      fileName: fileName.ref, name: name.ref, qualname: qualname.ref, lineTable: kept.ref, exceptionTable: table.ref)
    fill(place, made.ref)
    return made
  }
  private func allText(_ t: Ref) -> Bool {
    for i in 0..<t.size where !gila_tuple_items(t)[i].unsafelyUnwrapped.isUnicode { return false }
    return true
  }
}
