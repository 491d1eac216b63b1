// The methods of str that look for, cut and join.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

enum StringMethods {
  static func addSearching(_ m: inout MethodTable) {
    m.positional(
      "count", "($self, sub[, start[, end]], /)",
      "S.count(sub[, start[, end]]) -> int\n\nReturn the number of non-overlapping occurrences of substring sub in\nstring S[start:end].  Optional arguments start and end are\ninterpreted as in slice notation."
    ) { me, a, n in
      bridge { () throws(PyError) in
        let r = try RangeArguments("count", a, n)
        let sub = try stringArgument("count", 1, r.sub)
        return try owned(PyLong_FromSsize_t(countPart(me!.chars, sub.chars, r.start, r.end)))
      }
    }
    m.positional(
      "find", "($self, sub[, start[, end]], /)",
      "S.find(sub[, start[, end]]) -> int\n\nReturn the lowest index in S where substring sub is found,\nsuch that sub is contained within S[start:end].  Optional\narguments start and end are interpreted as in slice notation.\n\nReturn -1 on failure."
    ) { me, a, n in
      bridge { () throws(PyError) in try StringMethods.find("find", me!, a, n, forward: true, required: false) }
    }
    m.positional(
      "rfind", "($self, sub[, start[, end]], /)",
      "S.rfind(sub[, start[, end]]) -> int\n\nReturn the highest index in S where substring sub is found,\nsuch that sub is contained within S[start:end].  Optional\narguments start and end are interpreted as in slice notation.\n\nReturn -1 on failure."
    ) { me, a, n in
      bridge { () throws(PyError) in try StringMethods.find("rfind", me!, a, n, forward: false, required: false) }
    }
    m.positional(
      "index", "($self, sub[, start[, end]], /)",
      "S.index(sub[, start[, end]]) -> int\n\nReturn the lowest index in S where substring sub is found,\nsuch that sub is contained within S[start:end].  Optional\narguments start and end are interpreted as in slice notation.\n\nRaises ValueError when the substring is not found."
    ) { me, a, n in
      bridge { () throws(PyError) in try StringMethods.find("index", me!, a, n, forward: true, required: true) }
    }
    m.positional(
      "rindex", "($self, sub[, start[, end]], /)",
      "S.rindex(sub[, start[, end]]) -> int\n\nReturn the highest index in S where substring sub is found,\nsuch that sub is contained within S[start:end].  Optional\narguments start and end are interpreted as in slice notation.\n\nRaises ValueError when the substring is not found."
    ) { me, a, n in
      bridge { () throws(PyError) in try StringMethods.find("rindex", me!, a, n, forward: false, required: true) }
    }
    m.positional(
      "startswith", "($self, prefix[, start[, end]], /)",
      "S.startswith(prefix[, start[, end]]) -> bool\n\nReturn True if S starts with the specified prefix, False otherwise."
    ) { me, a, n in
      if n == 1, let me, let part = a.unsafelyUnwrapped[0], part.isUnicode {
        return pyBool(StringMethods.hasTail(me, part, atStart: true))
      }
      return bridge { () throws(PyError) in try StringMethods.tail("startswith", me!, a, n, atStart: true) }
    }
    m.positional(
      "endswith", "($self, suffix[, start[, end]], /)",
      "S.endswith(suffix[, start[, end]]) -> bool\n\nReturn True if S ends with the specified suffix, False otherwise."
    ) { me, a, n in
      if n == 1, let me, let part = a.unsafelyUnwrapped[0], part.isUnicode {
        return pyBool(StringMethods.hasTail(me, part, atStart: false))
      }
      return bridge { () throws(PyError) in try StringMethods.tail("endswith", me!, a, n, atStart: false) }
    }
    m.one(
      "join", "($self, iterable, /)",
      "Concatenate any number of strings.\n\nThe string whose method is called is inserted in between each given string.\nThe result is returned as a new string.\n\nExample: '.'.join(['ab', 'pq', 'rs']) -> 'ab.pq.rs'"
    ) {
      PyUnicode_Join($0, $1)
    }
    m.keywords(
      "replace", "($self, old, new, /, count=-1)",
      "Return a copy with all occurrences of substring old replaced by new.\n\n  count\n    Maximum number of occurrences to replace.\n    -1 (the default value) means replace all occurrences.\n\nIf the optional argument count is given, only the first count occurrences are\nreplaced."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let b = try StringMethods.replaceSignature.bind(a, n, names)
        let old = try stringArgument("replace", 1, b[0])
        let new = try stringArgument("replace", 2, b[1])
        var limit = -1
        if let c = b[2] { limit = try integerArgument(c) }
        return try replaced(me!, old, new, limit)
      }
    }
    m.one(
      "partition", "($self, sep, /)",
      "Partition the string into three parts using the given separator.\n\nThis will search for the separator in the string.  If the separator is found,\nreturns a 3-tuple containing the part before the separator, the separator\nitself, and the part after it.\n\nIf the separator is not found, returns a 3-tuple containing the original string\nand two empty strings."
    ) {
      PyUnicode_Partition($0, $1)
    }
    m.one(
      "rpartition", "($self, sep, /)",
      "Partition the string into three parts using the given separator.\n\nThis will search for the separator in the string, starting at the end. If\nthe separator is found, returns a 3-tuple containing the part before the\nseparator, the separator itself, and the part after it.\n\nIf the separator is not found, returns a 3-tuple containing two empty strings\nand the original string."
    ) {
      PyUnicode_RPartition($0, $1)
    }
    m.one(
      "removeprefix", "($self, prefix, /)",
      "Return a str with the given prefix string removed if present.\n\nIf the string starts with the prefix string, return string[len(prefix):].\nOtherwise, return a copy of the original string."
    ) { me, part in
      bridge { () throws(PyError) in
        let prefix = try stringArgument("removeprefix", 0, part)
        let s = me!
        let has = s.chars.matches(prefix.chars, at: 0)
        return try owned(substring(s, has ? prefix.strLength : 0, s.strLength))
      }
    }
    m.one(
      "removesuffix", "($self, suffix, /)",
      "Return a str with the given suffix string removed if present.\n\nIf the string ends with the suffix string and that suffix is not empty,\nreturn string[:-len(suffix)]. Otherwise, return a copy of the original\nstring."
    ) { me, part in
      bridge { () throws(PyError) in
        let suffix = try stringArgument("removesuffix", 0, part)
        let s = me!
        let has = s.chars.matches(suffix.chars, at: s.strLength &- suffix.strLength)
        return try owned(substring(s, 0, s.strLength &- (has ? suffix.strLength : 0)))
      }
    }
    m.keywords(
      "split", "($self, /, sep=None, maxsplit=-1)",
      "Return a list of the substrings in the string, using sep as the separator string.\n\n  sep\n    The separator used to split the string.\n\n    When set to None (the default value), will split on any whitespace\n    character (including \\n \\r \\t \\f and spaces) and will discard\n    empty strings from the result.\n  maxsplit\n    Maximum number of splits.\n    -1 (the default value) means no limit.\n\nSplitting starts at the front of the string and works to the end.\n\nNote, str.split() is mainly useful for data that has been intentionally\ndelimited.  With natural text that includes punctuation, consider using\nthe regular expression module."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let (separator, limit) = try StringMethods.splitArguments("split", a, n, names)
        return try splitString(me!, separator, limit)
      }
    }
    m.keywords(
      "rsplit", "($self, /, sep=None, maxsplit=-1)",
      "Return a list of the substrings in the string, using sep as the separator string.\n\n  sep\n    The separator used to split the string.\n\n    When set to None (the default value), will split on any whitespace\n    character (including \\n \\r \\t \\f and spaces) and will discard\n    empty strings from the result.\n  maxsplit\n    Maximum number of splits.\n    -1 (the default value) means no limit.\n\nSplitting starts at the end of the string and works to the front."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let (separator, limit) = try StringMethods.splitArguments("rsplit", a, n, names)
        return try splitStringFromRight(me!, separator, limit)
      }
    }
    m.keywords(
      "splitlines", "($self, /, keepends=False)",
      "Return a list of the lines in the string, breaking at line boundaries.\n\nLine breaks are not included in the resulting list unless keepends is given and\ntrue."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let b = try StringMethods.splitLinesSignature.bind(a, n, names)
        var keep = false
        if let k = b[0] { keep = try truth(k) }
        return try splitLines(me!, keepEnds: keep)
      }
    }
    addStripping(&m)
  }

  private static let replaceSignature = Signature("replace", "(old, new, /, count=-1)")
  private static let splitLinesSignature = Signature("splitlines", "(keepends=False)")

  private static func addStripping(_ m: inout MethodTable) {
    m.positional(
      "strip", "($self, chars=None, /)",
      "Return a copy of the string with leading and trailing whitespace removed.\n\nIf chars is given and not None, remove characters in chars instead."
    ) { me, a, n in
      bridge { () throws(PyError) in try StringMethods.strip("strip", me!, a, n, left: true, right: true) }
    }
    m.positional(
      "lstrip", "($self, chars=None, /)",
      "Return a copy of the string with leading whitespace removed.\n\nIf chars is given and not None, remove characters in chars instead."
    ) { me, a, n in
      bridge { () throws(PyError) in try StringMethods.strip("lstrip", me!, a, n, left: true, right: false) }
    }
    m.positional(
      "rstrip", "($self, chars=None, /)",
      "Return a copy of the string with trailing whitespace removed.\n\nIf chars is given and not None, remove characters in chars instead."
    ) { me, a, n in
      bridge { () throws(PyError) in try StringMethods.strip("rstrip", me!, a, n, left: false, right: true) }
    }
  }

  private static func find(
    _ name: StaticString, _ s: Ref, _ a: ArgumentVector?, _ n: Int, forward: Bool, required: Bool
  ) throws(PyError) -> Owned {
    let r = try RangeArguments(name, a, n)
    let sub = try stringArgument(name, 1, r.sub)
    let hit = findPart(s.chars, sub.chars, r.start, r.end, forward: forward)
    if required, hit < 0 { throw valueError("substring not found") }
    return try owned(PyLong_FromSsize_t(hit))
  }

  /// Whether the whole of a str starts or ends with another.
  @inline(__always) private static func hasTail(_ s: Ref, _ part: Ref, atStart: Bool) -> Bool {
    let n = part.strLength
    let rest = s.strLength &- n
    if rest < 0 { return false }
    let (kind, from) = (s.strKind, atStart ? 0 : rest)
    if kind != part.strKind { return s.chars.matches(part.chars, at: from) }
    let (x, y) = (s.strData + from &* kind, part.strData)
    // An empty part has its zero here, and is found everywhere.
    if x.load(as: UInt8.self) != y.load(as: UInt8.self) { return n == 0 }
    return memcmp(x, y, n &* kind) == 0
  }
  private static func tail(
    _ name: StaticString, _ s: Ref, _ a: ArgumentVector?, _ n: Int, atStart: Bool
  ) throws(PyError) -> Owned {
    let r = try RangeArguments(name, a, n)
    if r.sub.isTuple {
      for i in 0..<r.sub.size {
        let part = PyTuple_GetItem(r.sub, i).unsafelyUnwrapped
        if !part.isUnicode {
          throw typeError("tuple for \(name) must only contain str, not \(typeName(of: part))")
        }
        if tailMatches(s.chars, part.chars, r.start, r.end, atStart: atStart) { return Owned(taking: pyTrue) }
      }
      return Owned(taking: pyFalse)
    }
    if !r.sub.isUnicode {
      throw typeError("\(name) first arg must be str or a tuple of str, not \(typeName(of: r.sub))")
    }
    return Owned(taking: pyBool(tailMatches(s.chars, r.sub.chars, r.start, r.end, atStart: atStart)))
  }

  private static func splitArguments(
    _ name: StaticString, _ a: ArgumentVector?, _ n: Int, _ names: Ref?
  ) throws(PyError) -> (Ref?, Int) {
    let (separator, limit) = try twoArguments(name, "sep", "maxsplit", a, n, names)
    let most = limit == nil ? -1 : try integerArgument(limit.unsafelyUnwrapped)
    guard let separator, !separator.isNone else { return (nil, most) }
    if !separator.isUnicode { throw typeError("must be str or None, not \(typeName(of: separator))") }
    return (separator, most)
  }

  private static func strip(
    _ name: StaticString, _ s: Ref, _ a: ArgumentVector?, _ n: Int, left: Bool, right: Bool
  ) throws(PyError) -> Owned {
    try checkCount(name, n, 0, 1)
    let text = s.chars
    if n == 1, let set = a.unsafelyUnwrapped[0], !set.isNone {
      if !set.isUnicode { throw typeError("\(name) arg must be None or str") }
      let (start, end) = text.strip(set.chars, left: left, right: right)
      return try owned(substring(s, start, end))
    }
    let start = left ? text.skipBlanks(.unicode) : 0
    let end = right ? text.skipBlanksBackwards(.unicode, from: text.count, downTo: start) : text.count
    return try owned(substring(s, start, end))
  }
}
