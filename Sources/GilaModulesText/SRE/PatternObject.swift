// re.Pattern objects.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

struct PatternObject {
  var head: PyVarObject
  var groups: Int
  var groupIndex: Ref?
  var indexGroup: Ref?
  var pattern: Ref?
  var weakrefs: Ref?
  var flags: Int32
  /// -1: any text; 0: str; 1: bytes.
  var isBytes: Int32
}

enum SRETypes {
  nonisolated(unsafe) static let pattern = newStaticType()
  nonisolated(unsafe) static let match = newStaticType()
  nonisolated(unsafe) static let scanner = newStaticType()
  nonisolated(unsafe) static let template = newStaticType()
}

extension UnsafeMutablePointer where Pointee == PyObject {
  var sre: UnsafeMutablePointer<PatternObject> { cast(PatternObject.self) }
}

/// The code words of a pattern.
func sreCode(_ r: Ref) -> UnsafeMutablePointer<UInt32> {
  (r.raw + MemoryLayout<PatternObject>.size).assumingMemoryBound(to: UInt32.self)
}

/// TypeError when a pattern of text meets bytes, or the other way round.
func checkKinds(_ r: Ref, _ subject: borrowing Subject) throws(PyError) {
  if r.sre.pointee.isBytes == 0, subject.isBytes {
    throw typeError("cannot use a string pattern on a bytes-like object")
  }
  if r.sre.pointee.isBytes == 1, !subject.isBytes {
    throw typeError("cannot use a bytes pattern on a string-like object")
  }
}

/// The arguments (string, pos, endpos), clipped to the text.
struct SearchArguments: ~Copyable {
  let subject: Subject
  let start: Int
  let end: Int

  init(_ r: Ref, _ signature: Signature, _ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) {
    if n & Int.max == 1, names == nil {
      // Only the text.
      let subject = try Subject(a.unsafelyUnwrapped[0].unsafelyUnwrapped)
      try checkKinds(r, subject)
      self.init(subject, 0, Int.max)
      return
    }
    let b = try signature.bind(a, n, names)
    let from = b[1] == nil ? 0 : try integerArgument(b[1].unsafelyUnwrapped)
    let to = b[2] == nil ? Int.max : try integerArgument(b[2].unsafelyUnwrapped)
    let subject = try Subject(b[0].unsafelyUnwrapped)
    try checkKinds(r, subject)
    self.init(subject, from, to)
  }
  init(_ subject: consuming Subject, _ from: Int, _ to: Int) {
    let length = subject.data.count
    end = max(0, min(to, length))
    // May lie behind the end: then nothing matches, not even nothing.
    start = min(max(0, from), length)
    self.subject = subject
  }
}

private let matchSignature = Signature("match", "(string, pos=0, endpos=9223372036854775807)")
private let fullmatchSignature = Signature("fullmatch", "(string, pos=0, endpos=9223372036854775807)")
private let searchSignature = Signature("search", "(string, pos=0, endpos=9223372036854775807)")
private let findallSignature = Signature("findall", "(string, pos=0, endpos=9223372036854775807)")
private let finditerSignature = Signature("finditer", "(string, pos=0, endpos=9223372036854775807)")
private let scannerSignature = Signature("scanner", "(string, pos=0, endpos=9223372036854775807)")
private let splitSignature = Signature("split", "(string, maxsplit=0)")
private let subSignature = Signature("sub", "(repl, string, count=0)")
private let subnSignature = Signature("subn", "(repl, string, count=0)")

private func find(
  _ r: Ref, _ signature: Signature, _ a: ArgumentVector?, _ n: Int, _ names: Ref?, search: Bool, all: Bool
) -> Ref? {
  bridge { () throws(PyError) in
    let arguments = try SearchArguments(r, signature, a, n, names)
    var matcher = try AnyMatcher(r, arguments.subject.data, end: arguments.end)
    let span =
      arguments.start > arguments.end
      ? nil
      : search ? try matcher.search(from: arguments.start) : try matcher.match(at: arguments.start, all: all)
    guard let span else { return Owned(taking: none) }
    return try newMatch(r, arguments.subject, matcher, span, arguments.start, arguments.end)
  }
}

/// The value of a group of the last match; `missing` when it took no part.
func groupValue(
  _ subject: borrowing Subject, _ matcher: borrowing AnyMatcher, _ span: (Int, Int), _ group: Int, _ missing: Ref
) throws(PyError) -> Owned {
  if group == 0 { return try subject.slice(span.0, span.1) }
  let i = (group &- 1) &* 2
  let start = matcher.marks[i]
  let end = matcher.marks[i &+ 1]
  if start < 0 || end < 0 { return Owned(retaining: missing) }
  return try subject.slice(start, end)
}

private func empty(_ subject: borrowing Subject) -> Ref { subject.isBytes ? gila_empty_bytes() : gila_empty_str() }

private func findAll(_ r: Ref, _ arguments: borrowing SearchArguments) throws(PyError) -> Owned {
  var matcher = try AnyMatcher(r, arguments.subject.data, end: arguments.end)
  let list = try owned(PyList_New(0))
  let groups = r.sre.pointee.groups
  var at = arguments.start
  var forbidden = -1
  while at <= arguments.end, let span = try matcher.search(from: at, mustAdvanceFrom: forbidden) {
    let item: Owned
    if groups <= 1 {
      item = try groupValue(arguments.subject, matcher, span, groups, empty(arguments.subject))
    } else {
      item = try owned(PyTuple_New(groups))
      for g in 1...groups {
        PyTuple_SetItem(
          item.ref, g &- 1,
          try groupValue(arguments.subject, matcher, span, g, empty(arguments.subject)).take())
      }
    }
    try check(PyList_Append(list.ref, item.ref))
    forbidden = span.0 == span.1 ? span.1 : -1
    at = span.1
  }
  return list
}

private func split(_ r: Ref, _ subject: borrowing Subject, _ most: Int) throws(PyError) -> Owned {
  var matcher = try AnyMatcher(r, subject.data, end: subject.data.count)
  let list = try owned(PyList_New(0))
  var at = 0
  var last = 0
  var forbidden = -1
  var n = 0
  while most == 0 || n < most, let span = try matcher.search(from: at, mustAdvanceFrom: forbidden) {
    let part = try subject.slice(last, span.0)
    try check(PyList_Append(list.ref, part.ref))
    for g in 0..<r.sre.pointee.groups {
      let value = try groupValue(subject, matcher, span, g &+ 1, none)
      try check(PyList_Append(list.ref, value.ref))
    }
    n &+= 1
    last = span.1
    forbidden = span.0 == span.1 ? span.1 : -1
    at = span.1
  }
  let rest = try subject.slice(last, subject.data.count)
  try check(PyList_Append(list.ref, rest.ref))
  return list
}

/// What sub puts in the place of a match.
private enum Filter: ~Copyable {
  case literal(Owned)
  case template(Owned)
  case function(Owned)
}

private func makeFilter(_ r: Ref, _ repl: Ref, _ subject: borrowing Subject) throws(PyError) -> Filter {
  if PyCallable_Check(repl) != 0 { return .function(Owned(retaining: repl)) }
  if repl.isUnicode {
    if repl.chars.find(character: 0x5C) < 0 { return .literal(Owned(retaining: repl)) }
  } else if PyObject_CheckBuffer(repl) != 0 {
    let lock = try BufferLock(repl)
    if lock.data.find(character: 0x5C) < 0 { return .literal(Owned(retaining: repl)) }
  }
  let template = try compileTemplate(r, repl)
  if template.ref.isExactly(SRETypes.template) {
    if templateItems(template.ref).size == 1 {
      return .literal(Owned(retaining: PyTuple_GetItem(templateItems(template.ref), 0).unsafelyUnwrapped))
    }
    return .template(template)
  }
  if PyCallable_Check(template.ref) != 0 { return .function(template) }
  return .literal(template)
}

private func substitute(
  _ r: Ref, _ repl: Ref, _ text: Ref, _ most: Int, withCount: Bool
) throws(PyError) -> Owned {
  let subject = try Subject(text)
  try checkKinds(r, subject)
  let filter = try makeFilter(r, repl, subject)
  var matcher = try AnyMatcher(r, subject.data, end: subject.data.count)
  let list = try owned(PyList_New(0))
  var at = 0
  var last = 0
  var forbidden = -1
  var n = 0
  while most == 0 || n < most, let span = try matcher.search(from: at, mustAdvanceFrom: forbidden) {
    if last < span.0 {
      let part = try subject.slice(last, span.0)
      try check(PyList_Append(list.ref, part.ref))
    }
    switch filter {
    case .literal(let s): try check(PyList_Append(list.ref, s.ref))
    case .template(let t):
      try expandTemplate(t.ref, list.ref) { g throws(PyError) in
        try groupValue(subject, matcher, span, g, none)
      }
    case .function(let f):
      let match = try newMatch(r, subject, matcher, span, 0, subject.data.count)
      let item = try owned(PyObject_CallOneArg(f.ref, match.ref))
      if !item.ref.isNone { try check(PyList_Append(list.ref, item.ref)) }
    }
    last = span.1
    n &+= 1
    forbidden = span.0 == span.1 ? span.1 : -1
    at = span.1
  }
  let result: Owned
  if n == 0 {
    result = try subject.slice(0, subject.data.count)
  } else {
    if last < subject.data.count {
      let part = try subject.slice(last, subject.data.count)
      try check(PyList_Append(list.ref, part.ref))
    }
    result = try joinParts(subject.isBytes, list.ref)
  }
  if !withCount { return result }
  let tuple = try owned(PyTuple_New(2))
  PyTuple_SetItem(tuple.ref, 0, result.take())
  PyTuple_SetItem(tuple.ref, 1, try owned(PyLong_FromSsize_t(n)).take())
  return tuple
}

/// Joins a list of parts of text.
func joinParts(_ isBytes: Bool, _ list: Ref) throws(PyError) -> Owned {
  if list.size == 1 {
    let only = PyList_GetItem(list, 0).unsafelyUnwrapped
    if isBytes ? only.isExactly(Types.bytes) : only.isExactly(Types.unicode) { return Owned(retaining: only) }
  }
  if !isBytes { return try owned(PyUnicode_Join(gila_empty_str(), list)) }
  let f = try owned(PyObject_GetAttrString(gila_empty_bytes(), "join"))
  return try owned(PyObject_CallOneArg(f.ref, list))
}

private func repr(_ r: Ref) throws(PyError) -> Owned {
  var flags = Int(r.sre.pointee.flags)
  let pattern = r.sre.pointee.pattern.unsafelyUnwrapped
  // Unicode is what a str pattern means anyway.
  if r.sre.pointee.isBytes == 0, flags & 0x124 == SREFlag.unicode { flags &= ~SREFlag.unicode }
  let names: [(Int, StaticString)] = [
    (2, "re.IGNORECASE"), (4, "re.LOCALE"), (8, "re.MULTILINE"), (16, "re.DOTALL"), (64, "re.VERBOSE"),
    (128, "re.DEBUG"), (256, "re.ASCII"),
  ]
  var shown: [String] = []
  for (bit, name) in names where flags & bit != 0 {
    shown.append(name.description)
    flags &= ~bit
  }
  if flags != 0 { shown.append("0x" + String(flags, radix: 16)) }
  let text = try owned(PyObject_Repr(pattern))
  var writer = StringWriter()
  try writer.append("re.compile(")
  try writer.append(text.ref.chars.slice(0, min(200, text.ref.strLength)))
  if !shown.isEmpty { try writer.append(ascii: ", " + shown.joined(separator: "|")) }
  try writer.append(")")
  return try writer.finish()
}

private func equal(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
  if a == b { return true }
  let x = a.sre.pointee
  let y = b.sre.pointee
  guard x.flags == y.flags, x.isBytes == y.isBytes, a.size == b.size,
    memcmp(sreCode(a), sreCode(b), a.size &* 4) == 0
  else { return false }
  return try check(PyObject_RichCompareBool(x.pattern, y.pattern, Py_EQ)) != 0
}

enum PatternType {
  static func define() {
    let t = SRETypes.pattern
    t.define(
      "re.Pattern", basicSize: MemoryLayout<PatternObject>.size, itemSize: 4,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc: "Compiled regular expression object.")
    t.pointee.tp_weaklistoffset = MemoryLayout<PatternObject>.offset(of: \.weakrefs)!
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r)
      if r!.sre.pointee.weakrefs != nil { PyObject_ClearWeakRefs(r) }
      clear(&r!.sre.pointee.groupIndex)
      clear(&r!.sre.pointee.indexGroup)
      clear(&r!.sre.pointee.pattern)
      PyObject_GC_Del(r)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      let p = r!.sre.pointee
      for object in [p.groupIndex, p.indexGroup, p.pattern] {
        if let object {
          let status = visit!(object, argument)
          if status != 0 { return status }
        }
      }
      return 0
    }
    t.pointee.tp_repr = { r in bridge { () throws(PyError) in try repr(r!) } }
    t.pointee.tp_hash = { r in
      bridgeSize { () throws(PyError) in
        let h = PyObject_Hash(r!.sre.pointee.pattern)
        if h == -1 { throw PyError() }
        let code = hashBytes(sreCode(r!), r!.size &* 4)
        let value = h ^ code ^ Int(r!.sre.pointee.flags) ^ Int(r!.sre.pointee.isBytes) ^ r!.sre.pointee.groups
        return value == -1 ? -2 : value
      }
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, b!.isExactly(SRETypes.pattern) else { return newRef(notImplemented) }
      return bridge { () throws(PyError) in Owned(taking: pyBool(try equal(a!, b!) == (op == Py_EQ))) }
    }
    var members = MemberTable()
    members.add(
      "pattern", _Py_T_OBJECT, offset: MemoryLayout<PatternObject>.offset(of: \.pattern)!,
      "The pattern string from which the RE object was compiled.")
    members.add(
      "flags", Py_T_INT, offset: MemoryLayout<PatternObject>.offset(of: \.flags)!, "The regex matching flags.")
    members.add(
      "groups", Py_T_PYSSIZET, offset: MemoryLayout<PatternObject>.offset(of: \.groups)!,
      "The number of capturing groups in the pattern.")
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add(
      "groupindex", "A dictionary mapping group names to group numbers.",
      get: { r, _ in
        PyDictProxy_New(r!.sre.pointee.groupIndex)
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = methods()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "match", "($self, /, string, pos=0, endpos=sys.maxsize)",
      "Matches zero or more characters at the beginning of the string."
    ) { r, a, n, names in
      find(r!, matchSignature, a, n, names, search: false, all: false)
    }
    m.keywords("fullmatch", "($self, /, string, pos=0, endpos=sys.maxsize)", "Matches against all of the string.") {
      r, a, n, names in
      find(r!, fullmatchSignature, a, n, names, search: false, all: true)
    }
    m.keywords(
      "search", "($self, /, string, pos=0, endpos=sys.maxsize)",
      "Scan through string looking for a match, and return a corresponding match object instance.\n\nReturn None if no position in the string matches."
    ) { r, a, n, names in
      find(r!, searchSignature, a, n, names, search: true, all: false)
    }
    m.keywords(
      "findall", "($self, /, string, pos=0, endpos=sys.maxsize)",
      "Return a list of all non-overlapping matches of pattern in string."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let arguments = try SearchArguments(r!, findallSignature, a, n, names)
        return try findAll(r!, arguments)
      }
    }
    m.keywords(
      "finditer", "($self, /, string, pos=0, endpos=sys.maxsize)",
      "Return an iterator over all non-overlapping matches for the RE pattern in string.\n\nFor each match, the iterator returns a match object."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let scanner = try newScanner(r!, finditerSignature, a, n, names)
        let search = try owned(PyObject_GetAttrString(scanner.ref, "search"))
        return try owned(PyCallIter_New(search.ref, none))
      }
    }
    m.keywords("scanner", "($self, /, string, pos=0, endpos=sys.maxsize)") { r, a, n, names in
      bridge { () throws(PyError) in try newScanner(r!, scannerSignature, a, n, names) }
    }
    m.keywords("split", "($self, /, string, maxsplit=0)", "Split string by the occurrences of pattern.") {
      r, a, n, names in
      bridge { () throws(PyError) in
        let b = try splitSignature.bind(a, n, names)
        let most = b[1] == nil ? 0 : try integerArgument(b[1].unsafelyUnwrapped)
        let subject = try Subject(b[0].unsafelyUnwrapped)
        try checkKinds(r!, subject)
        return try split(r!, subject, most)
      }
    }
    m.keywords(
      "sub", "($self, /, repl, string, count=0)",
      "Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by the replacement repl."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let b = try subSignature.bind(a, n, names)
        let most = b[2] == nil ? 0 : try integerArgument(b[2].unsafelyUnwrapped)
        return try substitute(r!, b[0].unsafelyUnwrapped, b[1].unsafelyUnwrapped, most, withCount: false)
      }
    }
    m.keywords(
      "subn", "($self, /, repl, string, count=0)",
      "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let b = try subnSignature.bind(a, n, names)
        let most = b[2] == nil ? 0 : try integerArgument(b[2].unsafelyUnwrapped)
        return try substitute(r!, b[0].unsafelyUnwrapped, b[1].unsafelyUnwrapped, most, withCount: true)
      }
    }
    m.noArguments("__copy__", "($self, /)") { r, _ in newRef(r!) }
    m.one("__deepcopy__", "($self, memo, /)") { r, _ in newRef(r!) }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { type, item in Py_GenericAlias(type, item) }
    return m.build()
  }
}
