// Two helpers of patterns: the scanner behind finditer, and compiled replacement templates.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

private struct ScannerObject {
  var head: PyObject
  var pattern: Ref?
  var string: Ref?
  var pos: Int
  var start: Int
  var end: Int
  /// Where the next match must not end, or -1.
  var forbidden: Int
  var isExecuting: Bool
}

extension UnsafeMutablePointer where Pointee == PyObject {
  fileprivate var scanner: UnsafeMutablePointer<ScannerObject> { cast(ScannerObject.self) }
}

func newScanner(_ pattern: Ref, _ signature: Signature, _ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError)
  -> Owned
{
  let arguments = try SearchArguments(pattern, signature, a, n, names)
  let r = try owned(PyType_GenericAlloc(SRETypes.scanner, 0))
  let s = r.ref.scanner
  s.pointee.pattern = newRef(pattern)
  s.pointee.string = newRef(arguments.subject.owner.ref)
  s.pointee.pos = arguments.start
  s.pointee.start = arguments.start
  s.pointee.end = arguments.end
  s.pointee.forbidden = -1
  s.pointee.isExecuting = false
  return r
}

private func step(_ r: Ref, search: Bool) throws(PyError) -> Owned {
  let s = r.scanner
  if s.pointee.isExecuting { throw valueError("regular expression scanner already executing") }
  guard s.pointee.start >= 0, let pattern = s.pointee.pattern, let string = s.pointee.string else {
    return Owned(taking: none)
  }
  s.pointee.isExecuting = true
  defer { s.pointee.isExecuting = false }
  let subject = try Subject(string)
  let end = min(s.pointee.end, subject.data.count)
  if s.pointee.start > end { return Owned(taking: none) }
  var matcher = try AnyMatcher(pattern, subject.data, end: end)
  let span =
    search
    ? try matcher.search(from: s.pointee.start, mustAdvanceFrom: s.pointee.forbidden)
    : try matcher.match(at: s.pointee.start, all: false, mustAdvanceFrom: s.pointee.forbidden)
  guard let span else {
    s.pointee.start = -1
    return Owned(taking: none)
  }
  s.pointee.forbidden = span.0 == span.1 ? span.1 : -1
  s.pointee.start = span.1
  return try newMatch(pattern, subject, matcher, span, s.pointee.pos, s.pointee.end)
}

enum ScannerType {
  static func define() {
    let t = SRETypes.scanner
    t.define(
      "_sre.SRE_Scanner", basicSize: MemoryLayout<ScannerObject>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r)
      clear(&r!.scanner.pointee.pattern)
      clear(&r!.scanner.pointee.string)
      PyObject_GC_Del(r)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      for object in [r!.scanner.pointee.pattern, r!.scanner.pointee.string] {
        if let object {
          let status = visit!(object, argument)
          if status != 0 { return status }
        }
      }
      return 0
    }
    var m = MethodTable()
    m.noArguments("match", "($self, /)") { r, _ in bridge { () throws(PyError) in try step(r!, search: false) } }
    m.noArguments("search", "($self, /)") { r, _ in bridge { () throws(PyError) in try step(r!, search: true) } }
    t.pointee.tp_methods = m.build()
    var members = MemberTable()
    members.add("pattern", _Py_T_OBJECT, offset: MemoryLayout<ScannerObject>.offset(of: \.pattern)!)
    t.pointee.tp_members = members.build()
  }
}

// A template is a tuple at 16: literal, then pairs of group number and literal.

func templateItems(_ r: Ref) -> Ref { (r.raw + 16).load(as: Ref.self) }

/// re._compile_template(pattern, template)
func compileTemplate(_ pattern: Ref, _ template: Ref) throws(PyError) -> Owned {
  let module = try owned(PyImport_ImportModule("re"))
  let f = try owned(PyObject_GetAttrString(module.ref, "_compile_template"))
  return try call(f.ref, pattern, template)
}

/// Appends the parts of a template to a list.
func expandTemplate(_ r: Ref, _ list: Ref, _ group: (Int) throws(PyError) -> Owned) throws(PyError) {
  let items = templateItems(r)
  func appendText(_ s: Ref) throws(PyError) {
    if (s.isUnicode ? s.strLength : s.isBytes ? s.size : 1) > 0 { try check(PyList_Append(list, s)) }
  }
  try appendText(PyTuple_GetItem(items, 0).unsafelyUnwrapped)
  var i = 1
  while i &+ 1 < items.size {
    let value = try group(PyLong_AsSsize_t(PyTuple_GetItem(items, i)))
    if !value.ref.isNone { try check(PyList_Append(list, value.ref)) }
    try appendText(PyTuple_GetItem(items, i &+ 1).unsafelyUnwrapped)
    i &+= 2
  }
}

/// _sre.template(pattern, list)
func newTemplate(_ pattern: Ref, _ list: Ref) throws(PyError) -> Owned {
  guard list.isList, list.size & 1 == 1 else { throw typeError("invalid template") }
  let groups = pattern.sre.pointee.groups
  var i = 1
  while i < list.size {
    let item = PyList_GetItem(list, i).unsafelyUnwrapped
    let n = item.isLong ? PyLong_AsSsize_t(item) : -1
    if n < 0 {
      PyErr_Clear()
      throw typeError("invalid template")
    }
    if n > groups { throw indexError("invalid group reference \(n)") }
    i &+= 2
  }
  let tuple = try owned(PySequence_Tuple(list))
  let r = try owned(PyType_GenericAlloc(SRETypes.template, 0))
  (r.ref.raw + 16).storeBytes(of: tuple.take(), as: Ref.self)
  return r
}

enum TemplateType {
  private static func slot(_ r: Ref) -> UnsafeMutablePointer<Ref?> { (r.raw + 16).assumingMemoryBound(to: Ref?.self) }

  static func define() {
    let t = SRETypes.template
    t.define(
      "_sre.SRE_Template", basicSize: 24,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r)
      clear(TemplateType.slot(r!))
      PyObject_GC_Del(r)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      if let items = TemplateType.slot(r!).pointee { return visit!(items, argument) }
      return 0
    }
  }
}
