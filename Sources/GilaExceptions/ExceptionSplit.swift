import CGila
import GilaCore

/// Splitting exception groups: `split`, `subgroup` and the `except*` statement.
enum ExceptionSplit {
  /// What decides whether an exception belongs to the match.
  enum Matcher {
    case type(Ref)
    case predicate(Ref)
    /// Leaves by identity.
    case leaves(Set<UInt>)

    init(_ value: Ref) throws(PyError) {
      func isClass(_ r: Ref) -> Bool { r.isType && PyType_IsSubtype(r.asType, Exc.BaseException) != 0 }
      if PyCallable_Check(value) != 0 && !value.isType {
        self = .predicate(value)
        return
      }
      var fits = isClass(value)
      if value.isTuple {
        fits = true
        for i in 0..<value.size where !isClass(gila_tuple_items(value)[i]!) { fits = false }
      }
      guard fits else {
        throw typeError("expected an exception type, a tuple of exception types, or a callable (other than a class)")
      }
      self = .type(value)
    }
    func matches(_ e: Ref) throws(PyError) -> Bool {
      switch self {
      case .type(let t): return PyErr_GivenExceptionMatches(e, t) != 0
      case .predicate(let f):
        let r = try owned(PyObject_CallOneArg(f, e))
        return try truth(r.ref)
      case .leaves(let ids): return !ExceptionGroups.isGroup(e) && ids.contains(UInt(bitPattern: e))
      }
    }
  }

  /// The matching part and the rest of an exception (owned; nil: nothing).
  static func split(_ e: Ref, _ matcher: Matcher, wantsRest: Bool) throws(PyError) -> (match: Ref?, rest: Ref?) {
    if try matcher.matches(e) { return (newRef(e), nil) }
    guard ExceptionGroups.isGroup(e) else { return (nil, wantsRest ? newRef(e) : nil) }
    try check(gila_enter_recursive_call(" in exceptiongroup_split_recursive"))
    let matches = try owned(PyList_New(0)), rest = try owned(PyList_New(0))
    let exceptions = Owned(retaining: ExceptionGroups.group(e).pointee.excs)
    for i in 0..<exceptions.ref.size {
      let parts = try split(gila_tuple_items(exceptions.ref)[i]!, matcher, wantsRest: wantsRest)
      defer {
        xdecref(parts.match)
        xdecref(parts.rest)
      }
      if let m = parts.match { try check(PyList_Append(matches.ref, m)) }
      if let r = parts.rest { try check(PyList_Append(rest.ref, r)) }
    }
    let match = try subset(e, matches.ref)
    guard wantsRest else { return (match, nil) }
    do throws(PyError) { return (match, try subset(e, rest.ref)) } catch {
      xdecref(match)
      throw error
    }
  }
  /// A group of some of a group's exceptions, with everything else like it (owned; nil for none).
  private static func subset(_ original: Ref, _ exceptions: Ref) throws(PyError) -> Ref? {
    if exceptions.size == 0 { return nil }
    let derive = try owned(PyObject_GetAttrString(original, "derive"))
    let g = try owned(PyObject_CallOneArg(derive.ref, exceptions))
    guard ExceptionGroups.isGroup(g.ref) else {
      throw typeError("derive must return an instance of BaseExceptionGroup")
    }
    if let tb = PyException_GetTraceback(original) {
      PyException_SetTraceback(g.ref, tb)
      gila_decref(tb)
    }
    PyException_SetContext(g.ref, PyException_GetContext(original))
    PyException_SetCause(g.ref, PyException_GetCause(original))
    var notes: Ref? = nil
    try check(PyObject_GetOptionalAttrString(original, "__notes__", &notes))
    if let notes {
      let held = Owned(taking: notes)
      if PySequence_Check(held.ref) != 0 {
        let copy = try owned(PySequence_List(held.ref))
        try check(PyObject_SetAttrString(g.ref, "__notes__", copy.ref))
      }
    }
    return g.take()
  }

  // MARK: except*

  private static func collectLeaves(_ e: Ref, _ ids: inout Set<UInt>) throws(PyError) {
    if e == none { return }
    guard ExceptionGroups.isGroup(e) else {
      ids.insert(UInt(bitPattern: e))
      return
    }
    try check(gila_enter_recursive_call(" in collect_exception_group_leaf_ids"))
    let exceptions = ExceptionGroups.group(e).pointee.excs!
    for i in 0..<exceptions.size { try collectLeaves(gila_tuple_items(exceptions)[i]!, &ids) }
  }
  /// Whether an exception was split off `original`, rather than raised by a handler.
  private static func cameFrom(_ e: Ref, _ original: Ref) -> Bool {
    let a = ExceptionTypes.base(e), b = ExceptionTypes.base(original)
    return a.pointee.notes == b.pointee.notes && a.pointee.traceback == b.pointee.traceback
      && a.pointee.cause == b.pointee.cause && a.pointee.context == b.pointee.context
  }
  /// What to raise at the end of an `except*` statement, or None: the exceptions that handlers raised, together with
  /// those parts of the original that nobody handled or that were raised again.
  static func atEnd(_ original: Ref, _ exceptions: Ref) throws(PyError) -> Owned {
    if exceptions.size == 0 { return Owned(retaining: none) }
    guard ExceptionGroups.isGroup(original) else {
      // A naked exception was wrapped: at most one handler ran.
      return Owned(retaining: gila_list_items(exceptions)![0]!)
    }
    let raised = try owned(PyList_New(0))
    var leaves: Set<UInt> = []
    for i in 0..<exceptions.size {
      let e = gila_list_items(exceptions)![i]!
      if e == none { continue }
      if cameFrom(e, original) {
        try collectLeaves(e, &leaves)
      } else {
        try check(PyList_Append(raised.ref, e))
      }
    }
    let again = leaves.isEmpty ? nil : try split(original, .leaves(leaves), wantsRest: false).match
    guard raised.ref.size > 0 else { return Owned(taking: again ?? none) }
    if let again {
      let held = Owned(taking: again)
      try check(PyList_Append(raised.ref, held.ref))
    }
    if raised.ref.size == 1 { return Owned(retaining: gila_list_items(raised.ref)![0]!) }
    let message = try string("")
    return try ExceptionGroups.make(message.ref, raised.ref)
  }
}

@c @implementation public func PyUnstable_Exc_PrepReraiseStar(_ original: Ref!, _ exceptions: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let original, original.isException else { throw typeError("orig must be an exception") }
    guard let exceptions, exceptions.isList else { throw typeError("excs must be a list") }
    return try ExceptionSplit.atEnd(original, exceptions)
  }
}
