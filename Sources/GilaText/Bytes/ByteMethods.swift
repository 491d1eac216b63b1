// The methods that bytes and bytearray share. Arguments are read before the object's own bytes are looked at, since
// reading them may run Python code that changes a bytearray.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// A needle argument: bytes-like, or one byte as an int. The bytes live as long as the value.
private struct Needle: ~Copyable {
  let buffer: BufferLock?
  let byte: UnsafeMutablePointer<UInt8>?

  init(_ r: Ref) throws(PyError) {
    if PyObject_CheckBuffer(r) != 0 {
      buffer = try BufferLock(r)
      byte = nil
      return
    }
    if PyIndex_Check(r) == 0 {
      throw typeError("argument should be integer or bytes-like object, not '\(typeName(of: r))'")
    }
    let value = try byteValue(r)
    buffer = nil
    byte = (gila_byte(UInt32(value)).raw + 32).assumingMemoryBound(to: UInt8.self)
  }
  var data: CharacterData {
    if let byte { return CharacterData(bytes: byte, count: 1) }
    switch buffer {
    case .some(let b): return b.data
    case .none: return literal("")
    }
  }
}

private func find(
  _ name: StaticString, _ s: Ref, _ a: ArgumentVector?, _ n: Int, forward: Bool, required: Bool
) throws(PyError) -> Owned {
  let r = try RangeArguments(name, a, n)
  let needle = try Needle(r.sub)
  let hit = findPart(s.byteView, needle.data, r.start, r.end, forward: forward)
  if required, hit < 0 { throw valueError("subsection not found") }
  return try owned(PyLong_FromSsize_t(hit))
}

private func tail(
  _ name: StaticString, _ s: Ref, _ a: ArgumentVector?, _ n: Int, atStart: Bool
) throws(PyError) -> Owned {
  let r = try RangeArguments(name, a, n)
  if r.sub.isTuple {
    for i in 0..<r.sub.size {
      let part = try BufferLock(PyTuple_GetItem(r.sub, i).unsafelyUnwrapped)
      if tailMatches(s.byteView, part.data, r.start, r.end, atStart: atStart) { return Owned(taking: pyTrue) }
    }
    return Owned(taking: pyFalse)
  }
  if PyObject_CheckBuffer(r.sub) == 0 {
    throw typeError("\(name) first arg must be bytes or a tuple of bytes, not \(typeName(of: r.sub))")
  }
  let part = try BufferLock(r.sub)
  return Owned(taking: pyBool(tailMatches(s.byteView, part.data, r.start, r.end, atStart: atStart)))
}

private func append(_ list: Ref, _ s: Ref, _ start: Int, _ end: Int) throws(PyError) {
  let part = try subbytes(s, start, end)
  try check(PyList_Append(list, part.ref))
}

private func splitArguments(
  _ name: StaticString, _ a: ArgumentVector?, _ n: Int, _ names: Ref?
) throws(PyError) -> (Ref?, Int) {
  let (separator, limit) = try twoArguments(name, "sep", "maxsplit", a, n, names)
  let most = limit == nil ? -1 : try integerArgument(limit.unsafelyUnwrapped)
  if let separator, !separator.isNone { return (separator, most) }
  return (nil, most)
}

private func split(_ s: Ref, _ separator: Ref?, _ limit: Int) throws(PyError) -> Owned {
  let list = try owned(PyList_New(0))
  var left = limit < 0 ? Int.max : limit
  if let separator {
    let lock = try BufferLock(separator)
    let needle = lock.data
    if needle.count == 0 { throw valueError("empty separator") }
    var i = 0
    while left > 0 {
      let hit = s.byteView.slice(i, s.size).find(needle)
      if hit < 0 { break }
      try append(list.ref, s, i, i &+ hit)
      i &+= hit &+ needle.count
      left &-= 1
    }
    try append(list.ref, s, i, s.size)
    return list
  }
  let text = s.byteView
  var i = text.skipBlanks(.bytes)
  while i < text.count, left > 0 {
    let end = text.findBlank(.bytes, from: i)
    try append(list.ref, s, i, end)
    i = text.skipBlanks(.bytes, from: end)
    left &-= 1
  }
  if i < text.count { try append(list.ref, s, i, text.count) }
  return list
}

private func splitFromRight(_ s: Ref, _ separator: Ref?, _ limit: Int) throws(PyError) -> Owned {
  let list = try owned(PyList_New(0))
  var left = limit < 0 ? Int.max : limit
  if let separator {
    let lock = try BufferLock(separator)
    let needle = lock.data
    if needle.count == 0 { throw valueError("empty separator") }
    var end = s.size
    while left > 0 {
      let hit = s.byteView.slice(0, end).findLast(needle)
      if hit < 0 { break }
      try append(list.ref, s, hit &+ needle.count, end)
      end = hit
      left &-= 1
    }
    try append(list.ref, s, 0, end)
  } else {
    let text = s.byteView
    var end = text.skipBlanksBackwards(.bytes, from: text.count)
    while end > 0, left > 0 {
      let start = text.findBlankBackwards(.bytes, from: end)
      try append(list.ref, s, start, end)
      end = text.skipBlanksBackwards(.bytes, from: start)
      left &-= 1
    }
    if end > 0 { try append(list.ref, s, 0, end) }
  }
  try check(PyList_Reverse(list.ref))
  return list
}

private func partition(_ s: Ref, _ separator: Ref, fromRight: Bool) throws(PyError) -> Owned {
  let lock = try BufferLock(separator)
  let needle = lock.data
  if needle.count == 0 { throw valueError("empty separator") }
  let hit = fromRight ? s.byteView.findLast(needle) : s.byteView.find(needle)
  let tuple = try owned(PyTuple_New(3))
  if hit < 0 {
    PyTuple_SetItem(tuple.ref, fromRight ? 2 : 0, try unchangedBytes(s).take())
    PyTuple_SetItem(tuple.ref, 1, try makeBytes(s, literal("")).take())
    PyTuple_SetItem(tuple.ref, fromRight ? 0 : 2, try makeBytes(s, literal("")).take())
    return tuple
  }
  PyTuple_SetItem(tuple.ref, 0, try subbytes(s, 0, hit).take())
  if s.isBytes {
    PyTuple_SetItem(tuple.ref, 1, newRef(separator))
  } else {
    PyTuple_SetItem(tuple.ref, 1, try makeBytes(s, needle).take())
  }
  PyTuple_SetItem(tuple.ref, 2, try subbytes(s, hit &+ needle.count, s.size).take())
  return tuple
}

private func strip(
  _ name: StaticString, _ s: Ref, _ a: ArgumentVector?, _ n: Int, left: Bool, right: Bool
) throws(PyError) -> Owned {
  try checkCount(name, n, 0, 1)
  if n == 1, let set = a.unsafelyUnwrapped[0], !set.isNone {
    let lock = try BufferLock(set)
    let (start, end) = s.byteView.strip(lock.data, left: left, right: right)
    return try subbytes(s, start, end)
  }
  let text = s.byteView
  let start = left ? text.skipBlanks(.bytes) : 0
  let end = right ? text.skipBlanksBackwards(.bytes, from: text.count, downTo: start) : text.count
  return try subbytes(s, start, end)
}

private func replace(_ s: Ref, _ old: Ref, _ new: Ref, _ limit: Int) throws(PyError) -> Owned {
  let oldLock = try BufferLock(old)
  let newLock = try BufferLock(new)
  let needle = oldLock.data
  let insert = newLock.data
  let text = s.byteView
  let most = limit < 0 ? Int.max : limit
  let hits = most == 0 || needle.count > text.count ? 0 : text.count(of: needle, limit: most)
  if hits == 0 { return try unchangedBytes(s) }
  let (growth, o1) = (insert.count &- needle.count).multipliedReportingOverflow(by: hits)
  let (total, o2) = text.count.addingReportingOverflow(growth)
  if o1 || o2 { throw overflowError("replace bytes is too long") }
  let result = try makeUninitialized(s, total)
  var at = UnsafeMutableRawPointer(mutableBytes(result.ref))
  @inline(__always) func put(_ data: CharacterData) {
    if data.count > 0 { memcpy(at, data.base, data.count) }
    at += data.count
  }
  var position = 0
  if total > 0 {
    for i in 0..<hits {
      if needle.count == 0 {
        put(insert)
        if i < text.count { put(text.slice(i, i &+ 1)) }
        position = min(i &+ 1, text.count)
        continue
      }
      let hit = text.slice(position, text.count).find(needle)
      if hit < 0 { break }
      put(text.slice(position, position &+ hit))
      put(insert)
      position &+= hit &+ needle.count
    }
    put(text.slice(position, text.count))
  }
  return result
}

/// separator.join(iterable)
func joinBytes(_ s: Ref, _ iterable: Ref) throws(PyError) -> Owned {
  // First: the items may come from code that changes it.
  let glue = try BufferLock(s)
  let items = try owned(PySequence_Fast(iterable, "can only join an iterable"))
  let n = items.ref.size
  if n == 0 { return try makeBytes(s, literal("")) }
  if n == 1, s.isBytes, let only = items.ref.fastItems[0], only.isExactly(Types.bytes) { return Owned(retaining: only) }
  var out = ByteBuffer()
  var i = 0
  while i < items.ref.size {
    let item = Owned(retaining: items.ref.fastItems[i].unsafelyUnwrapped)
    if i > 0 { out.append(glue.data.base, glue.data.count) }
    if item.ref.isBytes {
      out.append(item.ref.bytesData, item.ref.size)
    } else {
      if PyObject_CheckBuffer(item.ref) == 0 {
        throw typeError("sequence item \(i): expected a bytes-like object, \(typeName(of: item.ref)) found")
      }
      let lock = try BufferLock(item.ref)
      out.append(lock.data.base, lock.data.count)
    }
    i &+= 1
  }
  return try makeBytes(s, out)
}

private func translate(_ s: Ref, _ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
  let b = try translateSignature.bind(a, n, names)
  let table = b[0].unsafelyUnwrapped
  var map: InlineArray<256, Int16> = .init(repeating: 0)
  if table.isNone {
    for i in 0..<256 { map[i] = Int16(i) }
  } else {
    let lock = try BufferLock(table)
    if lock.data.count != 256 { throw valueError("translation table must be 256 characters long") }
    for i in 0..<256 { map[i] = Int16(lock.data[i]) }
  }
  if let delete = b[1] {
    let lock = try BufferLock(delete)
    for i in 0..<lock.data.count { map[Int(lock.data[i])] = -1 }
  }
  let text = s.byteView
  if b[1] == nil, text.count > 0 {
    // As many bytes as before: straight into the result.
    let made = try makeUninitialized(s, text.count)
    let out = mutableBytes(made.ref)
    let source = s.byteView.base.assumingMemoryBound(to: UInt8.self)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { bytes in
      let table = bytes.baseAddress.unsafelyUnwrapped
      var i = 0
      while i < 256 {
        table[i] = UInt8(truncatingIfNeeded: map[i])
        i &+= 1
      }
      i = 0
      while i < text.count {
        out[i] = table[Int(source[i])]
        i &+= 1
      }
    }
    return made
  }
  var out = ByteBuffer(capacity: text.count)
  for i in 0..<text.count {
    let c = map[Int(text[i])]
    if c >= 0 { out.append(UInt8(truncatingIfNeeded: c)) }
  }
  return try makeBytes(s, out)
}

private let translateSignature = Signature("translate", "(table, /, delete=b'')")
private let splitLinesSignature = Signature("splitlines", "(keepends=False)")
private let expandTabsSignature = Signature("expandtabs", "(tabsize=8)")

/// bytes.maketrans
private func makeTable(_ a: ArgumentVector?, _ n: Int) throws(PyError) -> Owned {
  try checkCount("maketrans", n, 2, 2)
  let from = try BufferLock(a.unsafelyUnwrapped[0].unsafelyUnwrapped)
  let to = try BufferLock(a.unsafelyUnwrapped[1].unsafelyUnwrapped)
  if from.data.count != to.data.count { throw valueError("maketrans arguments must have same length") }
  let r = try owned(allocateBytes(256))
  for i in 0..<256 { r.ref.bytesData[i] = UInt8(i) }
  for i in 0..<from.data.count { r.ref.bytesData[Int(from.data[i])] = UInt8(to.data[i]) }
  return r
}

/// The value of a hexadecimal digit, more than 15 for another character.
@inline(__always) private func nibble(_ c: UInt8) -> UInt8 {
  let digit = c &- 48
  if digit < 10 { return digit }
  let letter = (c | 32) &- 97
  return letter < 6 ? letter &+ 10 : 255
}

/// The bytes that hexadecimal text stands for.
func bytesFromHex(_ text: Ref) throws(PyError) -> ByteBuffer {
  if !text.isUnicode { throw badArgument("fromhex", 0, "str", text) }
  let chars = text.chars
  var out = ByteBuffer(capacity: chars.count / 2)
  func value(_ i: Int) throws(PyError) -> UInt8 {
    if i < chars.count {
      let c = chars[i]
      switch c {
      case 0x30...0x39: return UInt8(c &- 0x30)
      case 0x61...0x66: return UInt8(c &- 0x57)
      case 0x41...0x46: return UInt8(c &- 0x37)
      default: break
      }
    }
    throw valueError("non-hexadecimal number found in fromhex() arg at position \(i)")
  }
  var i = 0
  while true {
    if chars.width == 1 {
      // Runs of digits, a few hundred bytes at a time.
      let source = chars.base.assumingMemoryBound(to: UInt8.self)
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { run in
        let bytes = run.baseAddress.unsafelyUnwrapped
        var more = true
        while more {
          var n = 0
          while n &+ 8 <= 512, i &+ 16 <= chars.count {
            let text = chars.base.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
            let digits = text &- 0x30
            let letters = (text | 0x20) &- 0x61
            let isLetter = letters .< 6
            if !all((digits .< 10) .| isLetter) { break }
            let values = digits.replacing(with: letters &+ 10, where: isLetter)
            let eight = values.evenHalf &<< 4 | values.oddHalf
            UnsafeMutableRawPointer(bytes + n).storeBytes(of: eight, as: SIMD8<UInt8>.self)
            n &+= 8
            i &+= 16
          }
          while n < 512, i &+ 1 < chars.count {
            let (high, low) = (nibble(source[i]), nibble(source[i &+ 1]))
            if (high | low) > 15 { break }
            bytes[n] = high << 4 | low
            n &+= 1
            i &+= 2
          }
          more = n == 512
          out.append(bytes, n)
        }
      }
    }
    while i < chars.count, isByteSpace(chars[i]) { i &+= 1 }
    if i >= chars.count { return out }
    let high = try value(i)
    let low = try value(i &+ 1)
    out.append(high << 4 | low)
    i &+= 2
  }
}

/// The arguments (sep, bytes_per_sep) of hex().
func hexArguments(_ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> (Ref?, Int) {
  let (separator, group) = try twoArguments("hex", "sep", "bytes_per_sep", a, n, names)
  return (separator, group == nil ? 1 : Int(try intArgument(group.unsafelyUnwrapped)))
}

enum ByteMethods {
  static func add(_ m: inout MethodTable) {
    m.positional(
      "count", "($self, sub[, start[, end]], /)",
      "B.count(sub[, start[, end]]) -> int\n\nReturn the number of non-overlapping occurrences of subsection sub in\nbytes B[start,end].  Optional arguments start and end are interpreted\nas in slice notation."
    ) { me, a, n in
      bridge { () throws(PyError) in
        let r = try RangeArguments("count", a, n)
        let needle = try Needle(r.sub)
        return try owned(PyLong_FromSsize_t(countPart(me!.byteView, needle.data, r.start, r.end)))
      }
    }
    m.positional(
      "find", "($self, sub[, start[, end]], /)",
      "B.find(sub[, start[, end]]) -> int\n\nReturn the lowest index in B where subsection sub is found,\nsuch that sub is contained within B[start,end].  Optional\narguments start and end are interpreted as in slice notation.\n\nReturn -1 on failure."
    ) { me, a, n in
      bridge { () throws(PyError) in try find("find", me!, a, n, forward: true, required: false) }
    }
    m.positional(
      "rfind", "($self, sub[, start[, end]], /)",
      "B.rfind(sub[, start[, end]]) -> int\n\nReturn the highest index in B where subsection sub is found,\nsuch that sub is contained within B[start,end].  Optional\narguments start and end are interpreted as in slice notation.\n\nReturn -1 on failure."
    ) { me, a, n in
      bridge { () throws(PyError) in try find("rfind", me!, a, n, forward: false, required: false) }
    }
    m.positional(
      "index", "($self, sub[, start[, end]], /)",
      "B.index(sub[, start[, end]]) -> int\n\nReturn the lowest index in B where subsection sub is found,\nsuch that sub is contained within B[start,end].  Optional\narguments start and end are interpreted as in slice notation.\n\nRaises ValueError when the subsection is not found."
    ) { me, a, n in
      bridge { () throws(PyError) in try find("index", me!, a, n, forward: true, required: true) }
    }
    m.positional(
      "rindex", "($self, sub[, start[, end]], /)",
      "B.rindex(sub[, start[, end]]) -> int\n\nReturn the highest index in B where subsection sub is found,\nsuch that sub is contained within B[start,end].  Optional\narguments start and end are interpreted as in slice notation.\n\nRaise ValueError when the subsection is not found."
    ) { me, a, n in
      bridge { () throws(PyError) in try find("rindex", me!, a, n, forward: false, required: true) }
    }
    m.positional(
      "startswith", "($self, prefix[, start[, end]], /)",
      "B.startswith(prefix[, start[, end]]) -> bool\n\nReturn True if B starts with the specified prefix, False otherwise."
    ) { me, a, n in
      bridge { () throws(PyError) in try tail("startswith", me!, a, n, atStart: true) }
    }
    m.positional(
      "endswith", "($self, suffix[, start[, end]], /)",
      "B.endswith(suffix[, start[, end]]) -> bool\n\nReturn True if B ends with the specified suffix, False otherwise."
    ) { me, a, n in
      bridge { () throws(PyError) in try tail("endswith", me!, a, n, atStart: false) }
    }
    m.keywords(
      "split", "($self, /, sep=None, maxsplit=-1)",
      "Return a list of the sections in the bytes, using sep as the delimiter."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let (separator, limit) = try splitArguments("split", a, n, names)
        return try split(me!, separator, limit)
      }
    }
    m.keywords(
      "rsplit", "($self, /, sep=None, maxsplit=-1)",
      "Return a list of the sections in the bytes, using sep as the delimiter.\n\nSplitting is done starting at the end of the bytes and working to the front."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let (separator, limit) = try splitArguments("rsplit", a, n, names)
        return try splitFromRight(me!, separator, limit)
      }
    }
    m.keywords(
      "splitlines", "($self, /, keepends=False)",
      "Return a list of the lines in the bytes, breaking at line boundaries.\n\nLine breaks are not included in the resulting list unless keepends is given and\ntrue."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let b = try splitLinesSignature.bind(a, n, names)
        let keep = b[0] == nil ? false : try truth(b[0].unsafelyUnwrapped)
        let list = try owned(PyList_New(0))
        let s = me!
        var i = 0
        while i < s.size {
          let (end, next) = s.byteView.lineEnd(from: i, isBytes: true)
          try append(list.ref, s, i, keep ? next : end)
          i = next
        }
        return list
      }
    }
    m.one("partition", "($self, sep, /)", "Partition the bytes into three parts using the given separator.") {
      me, separator in
      bridge { () throws(PyError) in try partition(me!, separator!, fromRight: false) }
    }
    m.one("rpartition", "($self, sep, /)", "Partition the bytes into three parts using the given separator.") {
      me, separator in
      bridge { () throws(PyError) in try partition(me!, separator!, fromRight: true) }
    }
    m.positional(
      "strip", "($self, bytes=None, /)",
      "Strip leading and trailing bytes contained in the argument.\n\nIf the argument is omitted or None, strip leading and trailing ASCII whitespace."
    ) { me, a, n in
      bridge { () throws(PyError) in try strip("strip", me!, a, n, left: true, right: true) }
    }
    m.positional(
      "lstrip", "($self, bytes=None, /)",
      "Strip leading bytes contained in the argument.\n\nIf the argument is omitted or None, strip leading  ASCII whitespace."
    ) { me, a, n in
      bridge { () throws(PyError) in try strip("lstrip", me!, a, n, left: true, right: false) }
    }
    m.positional(
      "rstrip", "($self, bytes=None, /)",
      "Strip trailing bytes contained in the argument.\n\nIf the argument is omitted or None, strip trailing ASCII whitespace."
    ) { me, a, n in
      bridge { () throws(PyError) in try strip("rstrip", me!, a, n, left: false, right: true) }
    }
    m.positional(
      "replace", "($self, old, new, count=-1, /)",
      "Return a copy with all occurrences of substring old replaced by new.\n\n  count\n    Maximum number of occurrences to replace.\n    -1 (the default value) means replace all occurrences.\n\nIf the optional argument count is given, only the first count occurrences are\nreplaced."
    ) { me, a, n in
      bridge { () throws(PyError) in
        try checkCount("replace", n, 2, 3)
        let p = a.unsafelyUnwrapped
        let limit = n > 2 ? try integerArgument(p[2].unsafelyUnwrapped) : -1
        return try replace(me!, p[0].unsafelyUnwrapped, p[1].unsafelyUnwrapped, limit)
      }
    }
    m.one(
      "join", "($self, iterable_of_bytes, /)",
      "Concatenate any number of bytes objects.\n\nThe bytes whose method is called is inserted in between each pair.\n\nThe result is returned as a new bytes object.\n\nExample: b'.'.join([b'ab', b'pq', b'rs']) -> b'ab.pq.rs'."
    ) { me, iterable in
      bridge { () throws(PyError) in try joinBytes(me!, iterable!) }
    }
    m.one(
      "removeprefix", "($self, prefix, /)",
      "Return a bytes object with the given prefix string removed if present.\n\nIf the bytes starts with the prefix string, return bytes[len(prefix):].\nOtherwise, return a copy of the original bytes."
    ) { me, part in
      bridge { () throws(PyError) in
        let lock = try BufferLock(part!)
        let has = me!.byteView.matches(lock.data, at: 0)
        return try subbytes(me!, has ? lock.data.count : 0, me!.size)
      }
    }
    m.one(
      "removesuffix", "($self, suffix, /)",
      "Return a bytes object with the given suffix string removed if present.\n\nIf the bytes ends with the suffix string and that suffix is not empty,\nreturn bytes[:-len(prefix)].  Otherwise, return a copy of the original\nbytes."
    ) { me, part in
      bridge { () throws(PyError) in
        let lock = try BufferLock(part!)
        let n = me!.size
        let has = me!.byteView.matches(lock.data, at: n &- lock.data.count)
        return try subbytes(me!, 0, n &- (has ? lock.data.count : 0))
      }
    }
    m.keywords(
      "translate", "($self, table, /, delete=b\'\')",
      "Return a copy with each character mapped by the given translation table.\n\n  table\n    Translation table, which must be a bytes object of length 256.\n\nAll characters occurring in the optional argument delete are removed.\nThe remaining characters are mapped through the given translation table."
    ) { me, a, n, names in
      bridge { () throws(PyError) in try translate(me!, a, n, names) }
    }
    m.positional(
      "maketrans", "(frm, to, /)",
      "Return a translation table usable for the bytes or bytearray translate method.\n\nThe returned table will be one where each byte in frm is mapped to the byte at\nthe same position in to.\n\nThe bytes objects frm and to must be of the same length.",
      flags: METH_STATIC
    ) { _, a, n in
      bridge { () throws(PyError) in try makeTable(a, n) }
    }
    m.keywords(
      "hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)",
      "Create a string of hexadecimal numbers from a bytes object.\n\n  sep\n    An optional single character or byte to separate hex bytes.\n  bytes_per_sep\n    How many bytes between separators.  Positive values count from the\n    right, negative values count from the left.\n\nExample:\n>>> value = b'\\xb9\\x01\\xef'\n>>> value.hex()\n'b901ef'\n>>> value.hex(':')\n'b9:01:ef'\n>>> value.hex(':', 2)\n'b9:01ef'\n>>> value.hex(':', -2)\n'b901:ef'"
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let (separator, group) = try hexArguments(a, n, names)
        return try hexText(me!.byteView, separator, group)
      }
    }
    m.keywords(
      "decode", "($self, /, encoding=\'utf-8\', errors=\'strict\')",
      "Decode the bytes using the codec registered for encoding.\n\n  encoding\n    The encoding with which to decode the bytes.\n  errors\n    The error handling scheme to use for the handling of decoding errors.\n    The default is 'strict' meaning that decoding errors raise a\n    UnicodeDecodeError. Other possible values are 'ignore' and 'replace'\n    as well as any other name registered with codecs.register_error that\n    can handle UnicodeDecodeErrors."
    ) { me, a, n, names in
      if n & Int.max == 0, names == nil, let me, me.isBytes {
        let data = UnsafeRawPointer(me.bytesData).assumingMemoryBound(to: CChar.self)
        return PyUnicode_DecodeUTF8Stateful(data, me.size, nil, nil)
      }
      return bridge { () throws(PyError) in
        let (encoding, errors) = try twoArguments("decode", "encoding", "errors", a, n, names)
        let name = try codecArgument("decode", "encoding", encoding)
        let handler = try codecArgument("decode", "errors", errors)
        return try owned(PyUnicode_FromEncodedObject(me, name ?? cString("utf-8"), handler))
      }
    }
    m.keywords(
      "expandtabs", "($self, /, tabsize=8)",
      "Return a copy where all tab characters are expanded using spaces.\n\nIf tabsize is not given, a tab size of 8 characters is assumed."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let b = try expandTabsSignature.bind(a, n, names)
        let size = b[0] == nil ? 8 : Int(try intArgument(b[0].unsafelyUnwrapped))
        let text = me!.byteView
        var out = ByteBuffer(capacity: text.count)
        var column = 0
        for i in 0..<text.count {
          let c = text[i]
          if c == 9 {
            if size > 0 {
              let blanks = size &- column % size
              column &+= blanks
              if out.count > Int.max / 4 &- blanks { throw overflowError("result too long") }
              for _ in 0..<blanks { out.append(32) }
            }
          } else {
            column = c == 10 || c == 13 ? 0 : column &+ 1
            out.append(UInt8(truncatingIfNeeded: c))
          }
        }
        return try makeBytes(me!, out)
      }
    }
  }
}
