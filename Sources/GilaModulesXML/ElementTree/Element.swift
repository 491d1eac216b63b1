// Elements of a document: tag, text, tail, attributes, children.

import CGila
import GilaCore
import GilaModuleSupport

/// Words: 0 tag, 1 text, 2 tail, 3 attributes (a dict, nil while there are none), 4 children (a list, nil while there
/// are none), 5 weak references.
enum Element {
  nonisolated(unsafe) static var type: TypeRef! = nil
  static let references = 0..<5
  static let typeText = "xml.etree.ElementTree.Element"

  @inline(__always) static func isElement(_ r: Ref) -> Bool { r.type == type || PyType_IsSubtype(r.type, type) != 0 }
  @inline(__always) static func isExact(_ r: Ref) -> Bool { r.type == type }

  static func make(_ tag: Ref, _ attributes: Ref?) throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    r.ref.word(0).pointee = newRef(tag)
    r.ref.word(1).pointee = newRef(none)
    r.ref.word(2).pointee = newRef(none)
    r.ref.word(3).pointee = xnewRef(attributes)
    return r
  }
  static func attributes(_ r: Ref) throws(PyError) -> Ref {
    if let d = r.word(3).pointee { return d }
    let d = try owned(PyDict_New()).take()
    replace(r.word(3), with: d)
    return d
  }
  static func count(_ r: Ref) -> Int { r.word(4).pointee.map { $0.size } ?? 0 }
  /// A child (borrowed).
  static func child(_ r: Ref, _ i: Int) -> Ref? {
    guard let list = r.word(4).pointee, i < list.size else { return nil }
    return gila_list_items(list).unsafelyUnwrapped[i]
  }
  static func append(_ r: Ref, _ child: Ref) throws(PyError) {
    if r.word(4).pointee == nil { r.word(4).pointee = try owned(PyList_New(0)).take() }
    try check(PyList_Append(r.word(4).pointee, child))
  }
  static func requireElement(_ r: Ref, _ what: String) throws(PyError) {
    if !isElement(r) { throw typeError("\(what) must be \(typeText), not \(describe(r))") }
  }
  static func expectElement(_ r: Ref) throws(PyError) {
    if !isElement(r) { throw typeError("expected an Element, not \"\(typeName(of: r))\"") }
  }
  /// A type as argument errors name it.
  static func describe(_ r: Ref) -> String { r == none ? "None" : typeName(of: r) }

  // MARK: attributes given to constructors

  /// A new dict of an optional dict and keyword arguments, in which `attrib` is one more dict.
  static func gather(_ given: Ref?, _ keywords: Ref?) throws(PyError) -> Owned {
    let all: Owned
    let named = try owned(keywords == nil ? PyDict_New() : PyDict_Copy(keywords))
    if let given {
      all = try owned(PyDict_Copy(given))
    } else {
      var found: Ref? = nil
      if try check(PyDict_PopString(named.ref, "attrib", &found)) > 0, let found {
        let held = Owned(taking: found)
        if !held.ref.isDict { throw typeError("attrib must be dict, not \(typeName(of: held.ref))") }
        all = try owned(PyDict_Copy(held.ref))
      } else {
        return named
      }
    }
    try check(PyDict_Update(all.ref, named.ref))
    return all
  }

  static func initialize(_ r: Ref, _ args: Ref, _ keywords: Ref?) throws(PyError) {
    let n = args.size
    if n < 1 { throw typeError("Element() takes at least 1 argument (0 given)") }
    if n > 2 { throw typeError("Element() takes at most 2 arguments (\(n) given)") }
    let items = gila_tuple_items(args)
    if n == 2, !items[1]!.isDict {
      throw typeError("Element() argument 2 must be dict, not \(describe(items[1]!))")
    }
    let all: Ref? = n == 2 || keywords != nil ? try gather(n == 2 ? items[1] : nil, keywords).take() : nil
    replace(r.word(0), with: newRef(items[0]!))
    replace(r.word(1), with: newRef(none))
    replace(r.word(2), with: newRef(none))
    replace(r.word(3), with: all)
  }

  // MARK: copies and pickles

  static func copy(_ r: Ref) throws(PyError) -> Owned {
    let c = try make(r.word(0).pointee ?? none, nil)
    replace(c.ref.word(1), with: newRef(r.word(1).pointee ?? none))
    replace(c.ref.word(2), with: newRef(r.word(2).pointee ?? none))
    c.ref.word(3).pointee = xnewRef(r.word(3).pointee)
    if let d = c.ref.word(3).pointee { replace(c.ref.word(3), with: try owned(PyDict_Copy(d)).take()) }
    if let list = r.word(4).pointee {
      c.ref.word(4).pointee = try owned(PyList_GetSlice(list, 0, list.size)).take()
    }
    return c
  }
  private static func deep(_ r: Ref?, _ memo: Ref) throws(PyError) -> Owned {
    guard let r, r != none else { return noneOwned() }
    if r.isExactly(Types.unicode) { return Owned(retaining: r) }
    if r.isExactly(Types.dict), PyDict_Size(r) == 0 { return try owned(PyDict_New()) }
    if isExact(r) { return try deepCopy(r, memo) }
    let held = Owned(retaining: r)
    let f = try XMLState.objects.imported(.deepCopy, "copy", "deepcopy")
    return try call(f, held.ref, memo)
  }
  static func deepCopy(_ r: Ref, _ memo: Ref) throws(PyError) -> Owned {
    if Py_EnterRecursiveCall(" while copying an element") != 0 { throw PyError() }
    defer { Py_LeaveRecursiveCall() }
    let tag = try deep(r.word(0).pointee, memo)
    let c = try make(tag.ref, nil)
    replace(c.ref.word(1), with: try deep(r.word(1).pointee, memo).take())
    replace(c.ref.word(2), with: try deep(r.word(2).pointee, memo).take())
    if let d = r.word(3).pointee { replace(c.ref.word(3), with: try deep(d, memo).take()) }
    var i = 0
    while let item = child(r, i) {
      let held = Owned(retaining: item)
      let made = try deep(held.ref, memo)
      try expectElement(made.ref)
      try append(c.ref, made.ref)
      i += 1
    }
    let key = try owned(PyLong_FromVoidPtr(r.raw))
    try check(PyDict_SetItem(memo, key.ref, c.ref))
    return c
  }
  static func state(_ r: Ref) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    try set(d.ref, "tag", Owned(retaining: r.word(0).pointee ?? none))
    let list = r.word(4).pointee
    try set(d.ref, "_children", try owned(list == nil ? PyList_New(0) : PyList_GetSlice(list, 0, list!.size)))
    let attributes = r.word(3).pointee
    try set(d.ref, "attrib", try owned(attributes == nil ? PyDict_New() : newRef(attributes!)))
    try set(d.ref, "text", Owned(retaining: r.word(1).pointee ?? none))
    try set(d.ref, "tail", Owned(retaining: r.word(2).pointee ?? none))
    return d
  }
  static func setState(_ r: Ref, _ d: Ref) throws(PyError) {
    if !d.isDict { throw typeError("Don't know how to unpickle \"\(try reprText(d))\" as an Element") }
    func get(_ key: StaticString) -> Ref? { PyDict_GetItemString(d, cString(key)) }
    guard let tag = get("tag") else { throw typeError("tag may not be NULL") }
    let attributes = get("attrib")
    if let attributes, attributes != none, !attributes.isDict {
      throw typeError("attrib must be dict, not \(typeName(of: attributes))")
    }
    let children = get("_children")
    let list = try owned(PyList_New(0))
    if let children {
      if !children.isList { throw typeError("'_children' is not a list") }
      var i = 0
      while i < children.size {
        let item = gila_list_items(children)![i]!
        try expectElement(item)
        try check(PyList_Append(list.ref, item))
        i += 1
      }
    }
    replace(r.word(0), with: newRef(tag))
    replace(r.word(1), with: newRef(get("text") ?? none))
    replace(r.word(2), with: newRef(get("tail") ?? none))
    replace(r.word(3), with: attributes == none ? nil : xnewRef(attributes))
    replace(r.word(4), with: list.ref.size == 0 ? nil : newRef(list.ref))
  }
}
