// re.Match objects.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

struct MatchObject {
  var head: PyVarObject
  var string: Ref?
  var regs: Ref?
  var pattern: Ref?
  var pos: Int
  var endpos: Int
  var lastIndex: Int
  var groups: Int
}

extension UnsafeMutablePointer where Pointee == PyObject {
  var match: UnsafeMutablePointer<MatchObject> { cast(MatchObject.self) }
}

/// Start and end of every group, 0 first; -1 for none.
private func spans(_ r: Ref) -> UnsafeMutablePointer<Int> {
  (r.raw + MemoryLayout<MatchObject>.size).assumingMemoryBound(to: Int.self)
}

func newMatch(
  _ pattern: Ref, _ subject: borrowing Subject, _ matcher: borrowing AnyMatcher, _ span: (Int, Int), _ pos: Int,
  _ endpos: Int
) throws(PyError) -> Owned {
  let groups = pattern.sre.pointee.groups
  let r = try owned(PyType_GenericAlloc(SRETypes.match, 2 &* (groups &+ 1)))
  let m = r.ref.match
  m.pointee.pattern = newRef(pattern)
  m.pointee.string = newRef(subject.owner.ref)
  m.pointee.regs = nil
  m.pointee.groups = groups &+ 1
  m.pointee.pos = pos
  m.pointee.endpos = endpos
  m.pointee.lastIndex = matcher.lastIndex
  let s = spans(r.ref)
  s[0] = span.0
  s[1] = span.1
  for i in 0..<groups {
    let start = matcher.marks[i &* 2]
    let end = matcher.marks[i &* 2 &+ 1]
    let isSet = start >= 0 && end >= 0
    // A group that lookbehind left the wrong way round is empty.
    s[i &* 2 &+ 2] = isSet ? start : -1
    s[i &* 2 &+ 3] = isSet ? end : -1
  }
  return r
}

/// The number of a group given by number or name; IndexError when there is none.
private func groupNumber(_ r: Ref, _ index: Ref?) throws(PyError) -> Int {
  guard let index else { return 0 }
  var i = -1
  if PyIndex_Check(index) != 0 {
    i = PyNumber_AsSsize_t(index, nil)
  } else if let names = r.match.pointee.pattern?.sre.pointee.groupIndex {
    if let found = PyDict_GetItemWithError(names, index), found.isLong { i = PyLong_AsSsize_t(found) }
  }
  if i < 0 || i >= r.match.pointee.groups {
    if !errorIsSet { throw indexError("no such group") }
    throw PyError()
  }
  return i
}

private func value(_ r: Ref, _ group: Int, _ missing: Ref) throws(PyError) -> Owned {
  let s = spans(r)
  if s[group &* 2] < 0 { return Owned(retaining: missing) }
  let subject = try Subject(r.match.pointee.string.unsafelyUnwrapped)
  // The object may have shrunk since.
  let n = subject.data.count
  return try subject.slice(min(s[group &* 2], n), min(s[group &* 2 &+ 1], n))
}

private func span(_ r: Ref, _ group: Int) throws(PyError) -> Owned {
  let tuple = try owned(PyTuple_New(2))
  PyTuple_SetItem(tuple.ref, 0, try owned(PyLong_FromSsize_t(spans(r)[group &* 2])).take())
  PyTuple_SetItem(tuple.ref, 1, try owned(PyLong_FromSsize_t(spans(r)[group &* 2 &+ 1])).take())
  return tuple
}

private func optional(_ name: StaticString, _ a: ArgumentVector?, _ n: Int) throws(PyError) -> Ref? {
  try checkCount(name, n, 0, 1)
  return n > 0 ? a.unsafelyUnwrapped[0] : nil
}

private let groupsSignature = Signature("groups", "(default=None)")
private let groupdictSignature = Signature("groupdict", "(default=None)")
private let expandSignature = Signature("expand", "(template)")

private func expand(_ r: Ref, _ template: Ref) throws(PyError) -> Owned {
  let pattern = r.match.pointee.pattern.unsafelyUnwrapped
  let t = try compileTemplate(pattern, template)
  if !t.ref.isExactly(SRETypes.template) { return t }
  let subject = try Subject(r.match.pointee.string.unsafelyUnwrapped)
  let list = try owned(PyList_New(0))
  try expandTemplate(t.ref, list.ref) { g throws(PyError) in
    if g >= r.match.pointee.groups { throw indexError("no such group") }
    return try value(r, g, none)
  }
  return try joinParts(subject.isBytes, list.ref)
}

private func groupDict(_ r: Ref, _ missing: Ref) throws(PyError) -> Owned {
  let result = try owned(PyDict_New())
  guard let names = r.match.pointee.pattern?.sre.pointee.groupIndex else { return result }
  var position = 0
  var key: Ref? = nil
  var number: Ref? = nil
  while PyDict_Next(names, &position, &key, &number) != 0 {
    let name = Owned(retaining: key.unsafelyUnwrapped)
    let item = try value(r, try groupNumber(r, name.ref), missing)
    try check(PyDict_SetItem(result.ref, name.ref, item.ref))
  }
  return result
}

enum MatchType {
  static func define() {
    let t = SRETypes.match
    t.define(
      "re.Match", basicSize: MemoryLayout<MatchObject>.size, itemSize: 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.")
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r)
      clear(&r!.match.pointee.string)
      clear(&r!.match.pointee.regs)
      clear(&r!.match.pointee.pattern)
      PyObject_GC_Del(r)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      let m = r!.match.pointee
      for object in [m.string, m.regs, m.pattern] {
        if let object {
          let status = visit!(object, argument)
          if status != 0 { return status }
        }
      }
      return 0
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let text = try value(r!, 0, none)
        let shown = try owned(PyObject_Repr(text.ref))
        var writer = StringWriter()
        try writer.append(
          ascii: "<re.Match object; span=(\(spans(r!)[0]), \(spans(r!)[1])), match=")
        try writer.append(shown.ref.chars.slice(0, min(50, shown.ref.strLength)))
        try writer.append(">")
        return try writer.finish()
      }
    }
    t.mapping.pointee.mp_subscript = { r, key in
      bridge { () throws(PyError) in try value(r!, try groupNumber(r!, key!), none) }
    }
    var members = MemberTable()
    members.add(
      "string", _Py_T_OBJECT, offset: MemoryLayout<MatchObject>.offset(of: \.string)!,
      "The string passed to match() or search().")
    members.add(
      "re", _Py_T_OBJECT, offset: MemoryLayout<MatchObject>.offset(of: \.pattern)!, "The regular expression object.")
    members.add(
      "pos", Py_T_PYSSIZET, offset: MemoryLayout<MatchObject>.offset(of: \.pos)!,
      "The index into the string at which the RE engine started looking for a match.")
    members.add(
      "endpos", Py_T_PYSSIZET, offset: MemoryLayout<MatchObject>.offset(of: \.endpos)!,
      "The index into the string beyond which the RE engine will not go.")
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add(
      "lastindex", "The integer index of the last matched capturing group.",
      get: { r, _ in
        r!.match.pointee.lastIndex >= 0 ? PyLong_FromSsize_t(r!.match.pointee.lastIndex) : none
      })
    g.add(
      "lastgroup", "The name of the last matched capturing group.",
      get: { r, _ in
        let i = r!.match.pointee.lastIndex
        if i >= 0, let names = r!.match.pointee.pattern?.sre.pointee.indexGroup, names.isTuple, i < names.size {
          return newRef(PyTuple_GetItem(names, i)!)
        }
        return none
      })
    g.add(
      "regs",
      get: { r, _ in
        bridge { () throws(PyError) in
          if let known = r!.match.pointee.regs { return Owned(retaining: known) }
          let n = r!.match.pointee.groups
          let tuple = try owned(PyTuple_New(n))
          for i in 0..<n { PyTuple_SetItem(tuple.ref, i, try span(r!, i).take()) }
          replace(&r!.match.pointee.regs, with: newRef(tuple.ref))
          return tuple
        }
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = methods()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "group", "",
      "group([group1, ...]) -> str or tuple.\nReturn subgroup(s) of the match by indices or names.\nFor 0 returns the entire match."
    ) { r, a, n in
      bridge { () throws(PyError) in
        if n == 0 { return try value(r!, 0, none) }
        if n == 1 { return try value(r!, try groupNumber(r!, a.unsafelyUnwrapped[0]), none) }
        let tuple = try owned(PyTuple_New(n))
        for i in 0..<n {
          PyTuple_SetItem(tuple.ref, i, try value(r!, try groupNumber(r!, a.unsafelyUnwrapped[i]), none).take())
        }
        return tuple
      }
    }
    m.positional("start", "($self, group=0, /)", "Return index of the start of the substring matched by group.") {
      r, a, n in
      bridge { () throws(PyError) in
        let g = try groupNumber(r!, try optional("start", a, n))
        return try owned(PyLong_FromSsize_t(spans(r!)[g &* 2]))
      }
    }
    m.positional("end", "($self, group=0, /)", "Return index of the end of the substring matched by group.") {
      r, a, n in
      bridge { () throws(PyError) in
        let g = try groupNumber(r!, try optional("end", a, n))
        return try owned(PyLong_FromSsize_t(spans(r!)[g &* 2 &+ 1]))
      }
    }
    m.positional(
      "span", "($self, group=0, /)", "For match object m, return the 2-tuple (m.start(group), m.end(group))."
    ) { r, a, n in
      bridge { () throws(PyError) in try span(r!, try groupNumber(r!, try optional("span", a, n))) }
    }
    m.keywords(
      "groups", "($self, /, default=None)",
      "Return a tuple containing all the subgroups of the match, from 1.\n\n  default\n    Is used for groups that did not participate in the match."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let b = try groupsSignature.bind(a, n, names)
        let count = r!.match.pointee.groups
        let tuple = try owned(PyTuple_New(count &- 1))
        var i = 1
        while i < count {
          PyTuple_SetItem(tuple.ref, i &- 1, try value(r!, i, b[0] ?? none).take())
          i &+= 1
        }
        return tuple
      }
    }
    m.keywords(
      "groupdict", "($self, /, default=None)",
      "Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.\n\n  default\n    Is used for groups that did not participate in the match."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let b = try groupdictSignature.bind(a, n, names)
        return try groupDict(r!, b[0] ?? none)
      }
    }
    m.keywords(
      "expand", "($self, /, template)",
      "Return the string obtained by doing backslash substitution on the string template, as done by the sub() method."
    ) { r, a, n, names in
      bridge { () throws(PyError) in
        let b = try expandSignature.bind(a, n, names)
        return try expand(r!, b[0].unsafelyUnwrapped)
      }
    }
    m.noArguments("__copy__", "($self, /)") { r, _ in newRef(r!) }
    m.one("__deepcopy__", "($self, memo, /)") { r, _ in newRef(r!) }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { type, item in Py_GenericAlias(type, item) }
    return m.build()
  }
}
