// The children of an element by index and slice, and the searches among them.

import CGila
import GilaCore
import GilaModuleSupport

enum ElementSequence {
  private static func index(_ r: Ref, _ key: Ref) throws(PyError) -> Int {
    let i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
    if i == -1, errorIsSet { throw PyError() }
    return i < 0 ? i + Element.count(r) : i
  }
  private static func list(_ r: Ref) throws(PyError) -> Ref {
    if r.word(4).pointee == nil { r.word(4).pointee = try owned(PyList_New(0)).take() }
    return r.word(4).pointee!
  }
  static func item(_ r: Ref, _ i: Int) throws(PyError) -> Owned {
    guard i >= 0, let c = Element.child(r, i) else { throw indexError("child index out of range") }
    return Owned(retaining: c)
  }
  static func subscripted(_ r: Ref, _ key: Ref) throws(PyError) -> Owned {
    if PyIndex_Check(key) != 0 { return try item(r, try index(r, key)) }
    guard key.isExactly(Types.slice) else { throw typeError("element indices must be integers") }
    guard let children = r.word(4).pointee else { return try owned(PyList_New(0)) }
    let held = Owned(retaining: children)
    return try owned(PyObject_GetItem(held.ref, key))
  }
  static func assign(_ r: Ref, at i: Int, _ value: Ref?) throws(PyError) {
    guard i >= 0, i < Element.count(r), let children = r.word(4).pointee else {
      throw indexError("child assignment index out of range")
    }
    if let value {
      try Element.expectElement(value)
      try check(PyList_SetItem(children, i, newRef(value)))
    } else {
      try check(PyList_SetSlice(children, i, i + 1, nil))
    }
  }
  static func assign(_ r: Ref, _ key: Ref, _ value: Ref?) throws(PyError) {
    if PyIndex_Check(key) != 0 { return try assign(r, at: try index(r, key), value) }
    guard key.isExactly(Types.slice) else { throw typeError("element indices must be integers") }
    let children = Owned(retaining: try list(r))
    guard let value else {
      try check(PyObject_DelItem(children.ref, key))
      return
    }
    let items = try tuple(of: value, "assignment expects an iterable")
    for i in 0..<items.ref.size { try Element.expectElement(gila_tuple_items(items.ref)[i]!) }
    try check(PyObject_SetItem(children.ref, key, items.ref))
  }
  /// The items of an iterable; another message for what is none.
  private static func tuple(of given: Ref, _ message: String) throws(PyError) -> Owned {
    if !given.isTuple, !given.isList {
      guard let iterator = PyObject_GetIter(given) else {
        if PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw PyError() }
        throw typeError(message)
      }
      let held = Owned(taking: iterator)
      return try owned(PySequence_Tuple(held.ref))
    }
    return try owned(PySequence_Tuple(given))
  }
  static func extend(_ r: Ref, _ given: Ref) throws(PyError) {
    let items = try tuple(of: given, "'elements' must be an iterable")
    for i in 0..<items.ref.size {
      let item = gila_tuple_items(items.ref)[i]!
      try Element.expectElement(item)
      try Element.append(r, item)
    }
  }
  static func insert(_ r: Ref, _ at: Ref, _ child: Ref) throws(PyError) {
    let i = try sizeArgument(at)
    try Element.requireElement(child, "insert() argument 2")
    try check(PyList_Insert(try list(r), i, child))
  }
  static func remove(_ r: Ref, _ child: Ref) throws(PyError) {
    try Element.requireElement(child, "remove() argument")
    var i = 0
    while let c = Element.child(r, i), c != child { i += 1 }
    if i == Element.count(r) {
      // None is the same object: perhaps one is equal.
      i = 0
      while let c = Element.child(r, i) {
        let held = Owned(retaining: c)
        if try check(PyObject_RichCompareBool(held.ref, child, Py_EQ)) != 0 { break }
        i += 1
      }
    }
    guard i < Element.count(r) else { throw valueError("list.remove(x): x not in list") }
    try check(PyList_SetSlice(r.word(4).pointee, i, i + 1, nil))
  }

  // MARK: searches

  /// Whether a path is more than a tag.
  static func isPath(_ path: Ref) -> Bool {
    guard path.isUnicode else { return true }
    var n = 0
    guard let p = PyUnicode_AsUTF8AndSize(path, &n) else {
      PyErr_Clear()
      return true
    }
    var i = 0
    // {*} and {} in front of a name are patterns.
    if n >= 3, p[0] == 0x7b, p[1] == 0x7d || (p[1] == 0x2a && p[2] == 0x7d) { return true }
    var braces = false
    while i < n {
      switch UInt8(bitPattern: p[i]) {
      case 0x7b: braces = true
      case 0x7d: braces = false
      case 0x2f, 0x2a, 0x5b, 0x40, 0x2e: if !braces { return true }
      default: break
      }
      i += 1
    }
    return false
  }
  static func elementPath(_ name: StaticString, _ arguments: Ref?...) throws(PyError) -> Owned {
    let module = try owned(PyImport_ImportModule("xml.etree.ElementPath"))
    let f = try owned(PyObject_GetAttrString(module.ref, cString(name)))
    let t = try owned(PyTuple_New(arguments.count))
    for (i, r) in arguments.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r ?? none) }
    return try owned(PyObject_Call(f.ref, t.ref, nil))
  }
  /// The next child from `i` on with that tag.
  static func next(_ r: Ref, _ i: inout Int, tag: Ref) throws(PyError) -> Owned? {
    while let c = Element.child(r, i) {
      i += 1
      let held = Owned(retaining: c)
      let own = Owned(retaining: c.word(0).pointee ?? none)
      if own.ref == tag { return held }
      if try check(PyObject_RichCompareBool(own.ref, tag, Py_EQ)) != 0 { return held }
    }
    return nil
  }
  static func find(_ r: Ref, _ path: Ref, _ namespaces: Ref?) throws(PyError) -> Owned {
    if isPath(path) || (namespaces ?? none) != none { return try elementPath("find", r, path, namespaces) }
    var i = 0
    if let found = try next(r, &i, tag: path) { return found }
    return noneOwned()
  }
  static func findText(_ r: Ref, _ path: Ref, _ missing: Ref?, _ namespaces: Ref?) throws(PyError) -> Owned {
    if isPath(path) || (namespaces ?? none) != none {
      return try elementPath("findtext", r, path, missing, namespaces)
    }
    var i = 0
    guard let found = try next(r, &i, tag: path) else { return Owned(retaining: missing ?? none) }
    let text = found.ref.word(1).pointee ?? none
    return text == none ? try string("") : Owned(retaining: text)
  }
  static func findAll(_ r: Ref, _ path: Ref, _ namespaces: Ref?) throws(PyError) -> Owned {
    if isPath(path) || (namespaces ?? none) != none { return try elementPath("findall", r, path, namespaces) }
    let all = try owned(PyList_New(0))
    var i = 0
    while let found = try next(r, &i, tag: path) { try check(PyList_Append(all.ref, found.ref)) }
    return all
  }
}
