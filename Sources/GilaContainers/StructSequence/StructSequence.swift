// Struct sequences: tuples whose places have names, such as os.stat_result.
//
// An instance is a tuple of the visible places (`ob_size`) with further, invisible ones behind. How many places there
// are in all stands in the type's dict as `n_fields`. Named places are members of the type at the places' offsets.

import CGila
import GilaCore

enum StructSequence {
  /// A number in the type's dict.
  static func number(_ type: TypeRef, _ name: StaticString) -> Int {
    guard let dict = _PyType_GetDict(type), let n = PyDict_GetItemString(dict, cString(name)), n.isLong else {
      return 0
    }
    return PyLong_AsSsize_t(n)
  }
  static func fields(_ type: TypeRef) -> Int { number(type, "n_fields") }
  static func visible(_ type: TypeRef) -> Int { number(type, "n_sequence_fields") }
  static func unnamed(_ type: TypeRef) -> Int { number(type, "n_unnamed_fields") }

  /// The name of a place.
  static func name(_ type: TypeRef, _ i: Int) -> UnsafePointer<CChar>? { type.pointee.tp_members[i].name }

  /// An instance with all places empty.
  static func make(_ type: TypeRef) throws(PyError) -> Owned {
    let n = fields(type)
    guard let o = _PyObject_GC_NewVar(type, n) else { throw PyError() }
    let r = Owned(taking: UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyObject.self))
    r.ref.tupleItems.update(repeating: nil, count: n)
    r.ref.size = visible(type)
    return r
  }

  // MARK: slots

  static func deallocate(_ r: Ref) {
    PyObject_GC_UnTrack(r.raw)
    let type = r.type
    for i in 0..<fields(type) { xdecref(r.tupleItems[i]) }
    PyObject_GC_Del(r.raw)
    if type.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) != 0 { decref(type.object) }
  }

  static func traverse(_ r: Ref, _ f: visitproc?, _ context: UnsafeMutableRawPointer?) -> Int32 {
    if r.type.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) != 0 {
      let v = visit(r.type.object, f, context)
      if v != 0 { return v }
    }
    for i in 0..<fields(r.type) {
      let v = visit(r.tupleItems[i], f, context)
      if v != 0 { return v }
    }
    return 0
  }

  static func repr(_ r: Ref) throws(PyError) -> Owned {
    var w = TextWriter()
    let name = try owned(PyUnicode_FromString(r.type.pointee.tp_name))
    try w.add(name.ref)
    try w.add("(")
    for i in 0..<r.size {
      if i > 0 { try w.add(", ") }
      guard let field = StructSequence.name(r.type, i) else {
        throw systemError("In structseq_repr(), member \(i) name is NULL for type \(typeName(of: r))")
      }
      let text = try owned(PyUnicode_FromString(field))
      try w.add(text.ref)
      try w.add("=")
      try w.addRepr(r.tupleItems[i] ?? none)
    }
    try w.add(")")
    return try w.finish()
  }

  private static let signature = Signature("structseq", "(sequence, dict={})")

  static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let bound = try signature.bind(tuple: args, dict: kwargs)
    let name = String(cString: type.pointee.tp_name)
    let sequence = try owned(PySequence_Fast(bound[0], "constructor requires a sequence"))
    let dict = bound[1]
    if let dict, !dict.isDict { throw typeError("\(name)() takes a dict as second arg, if any") }
    let (least, most, unnamed) = (visible(type), fields(type), unnamed(type))
    let n = sequence.ref.size
    if least != most {
      if n < least { throw typeError("\(name)() takes an at least \(least)-sequence (\(n)-sequence given)") }
      if n > most { throw typeError("\(name)() takes an at most \(most)-sequence (\(n)-sequence given)") }
    } else if n != least {
      throw typeError("\(name)() takes a \(least)-sequence (\(n)-sequence given)")
    }
    let r = try make(type)
    let items = sequence.ref.isList ? sequence.ref.listItems : sequence.ref.tupleItems
    for i in 0..<n { r.ref.tupleItems[i] = newRef(items![i]!) }
    var matched = 0
    for i in n..<max(most, n) {
      var value: Ref? = nil
      if let dict, let field = StructSequence.name(type, i - unnamed) {
        try check(PyDict_GetItemStringRef(dict, field, &value))
        if value != nil { matched += 1 }
      }
      r.ref.tupleItems[i] = value ?? none
    }
    if let dict, PyDict_Size(dict) > matched {
      throw typeError("\(name)() got duplicate or unexpected field name(s)")
    }
    gila_gc_track(r.ref)
    return r
  }

  static func reduce(_ r: Ref) throws(PyError) -> Owned {
    let type = r.type
    let (visible, all, unnamed) = (r.size, fields(type), unnamed(type))
    let shown = try owned(PyTuple_New(visible))
    for i in 0..<visible { shown.ref.tupleItems[i] = newRef(r.tupleItems[i] ?? none) }
    let rest = try owned(PyDict_New())
    for i in visible..<max(all, visible) {
      try check(PyDict_SetItemString(rest.ref, StructSequence.name(type, i - unnamed), r.tupleItems[i] ?? none))
    }
    return try pair(Owned(retaining: type.object), pair(shown, rest))
  }

  /// A copy with some fields replaced.
  static func replaced(_ r: Ref, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    if let args, args.size > 0 { throw typeError("__replace__() takes no positional arguments") }
    let type = r.type
    if unnamed(type) > 0 {
      throw typeError(
        "__replace__() is not supported for \(String(cString: type.pointee.tp_name)) because it has unnamed field(s)")
    }
    let result = try make(type)
    let changes = try owned(kwargs == nil ? PyDict_New() : PyDict_Copy(kwargs))
    for i in 0..<fields(type) {
      var value: Ref? = nil
      try check(PyDict_PopString(changes.ref, StructSequence.name(type, i), &value))
      result.ref.tupleItems[i] = value ?? newRef(r.tupleItems[i] ?? none)
    }
    if PyDict_Size(changes.ref) > 0 {
      let names = try owned(PyDict_Keys(changes.ref))
      throw typeError("Got unexpected field name(s): \(try reprText(names.ref))")
    }
    gila_gc_track(result.ref)
    return result
  }

  // MARK: types

  nonisolated(unsafe) static let methods: UnsafeMutablePointer<PyMethodDef> = {
    var m = MethodTable()
    m.noArguments("__reduce__", "") { r, _ in bridge { () throws(PyError) in try StructSequence.reduce(r!) } }
    m.tupleAndDict(
      "__replace__", "($self, /, **changes)", "Return a copy of the structure with new values for the specified fields."
    ) { r, args, kwargs in bridge { () throws(PyError) in try StructSequence.replaced(r!, args, kwargs) } }
    return m.build()
  }()

  /// The members of the named fields, permanent.
  static func members(_ desc: UnsafeMutablePointer<PyStructSequence_Desc>) -> (
    table: UnsafeMutablePointer<PyMemberDef>, fields: Int, unnamed: Int
  ) {
    var count = 0
    while desc.pointee.fields[count].name != nil { count += 1 }
    let table = UnsafeMutablePointer<PyMemberDef>.allocate(capacity: count + 1)
    var named = 0
    for i in 0..<count where desc.pointee.fields[i].name != gila_unnamed_field() {
      let f = desc.pointee.fields[i]
      table[named] = PyMemberDef(name: f.name, type: _Py_T_OBJECT, offset: 24 + i * 8, flags: Py_READONLY, doc: f.doc)
      named += 1
    }
    table[named] = PyMemberDef()
    return (table, count, count - named)
  }

  /// The numbers of fields and the pattern-matching names in the type's dict.
  static func fillDict(
    _ dict: Ref, _ desc: UnsafeMutablePointer<PyStructSequence_Desc>, _ fields: Int, _ unnamed: Int
  ) throws(PyError) {
    func set(_ name: StaticString, _ n: Int) throws(PyError) {
      let v = try owned(PyLong_FromSsize_t(n))
      try check(PyDict_SetItemString(dict, cString(name), v.ref))
    }
    let visible = Int(desc.pointee.n_in_sequence)
    try set("n_sequence_fields", visible)
    try set("n_fields", fields)
    try set("n_unnamed_fields", unnamed)
    let names = try owned(PyList_New(0))
    for i in 0..<visible where desc.pointee.fields[i].name != gila_unnamed_field() {
      let name = try owned(PyUnicode_InternFromString(desc.pointee.fields[i].name))
      try check(PyList_Append(names.ref, name.ref))
    }
    let keys = try owned(PyList_AsTuple(names.ref))
    try check(PyDict_SetItemString(dict, "__match_args__", keys.ref))
  }
}

// MARK: C API

@c @implementation public func PyStructSequence_New(_ type: TypeRef!) -> Ref? {
  bridge { () throws(PyError) in
    let r = try StructSequence.make(type)
    gila_gc_track(r.ref)
    return r
  }
}
@c @implementation public func PyStructSequence_SetItem(_ r: Ref!, _ i: Int, _ value: Ref!) {
  replace(r.tupleItems + i, with: value)
}
@c @implementation public func PyStructSequence_GetItem(_ r: Ref!, _ i: Int) -> Ref? { r.tupleItems[i] }

@c @implementation public func PyStructSequence_InitType2(
  _ type: TypeRef!, _ desc: UnsafeMutablePointer<PyStructSequence_Desc>!
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let type = type!
    let (members, fields, unnamed) = StructSequence.members(desc)
    gila_set_immortal(type.object)
    type.pointee.ob_base.ob_base.ob_type = Types.type
    type.pointee.tp_name = desc.pointee.name
    type.pointee.tp_basicsize = 24
    type.pointee.tp_itemsize = 8
    type.pointee.tp_flags |= UInt(Py_TPFLAGS_HAVE_GC)
    type.pointee.tp_base = Types.tuple
    type.pointee.tp_doc = desc.pointee.doc
    type.pointee.tp_dealloc = { StructSequence.deallocate($0!) }
    type.pointee.tp_traverse = { StructSequence.traverse($0!, $1, $2) }
    type.pointee.tp_repr = { r in bridge { () throws(PyError) in try StructSequence.repr(r!) } }
    type.pointee.tp_new = { t, a, k in bridge { () throws(PyError) in try StructSequence.new(t!, a, k) } }
    type.pointee.tp_methods = StructSequence.methods
    type.pointee.tp_members = members
    try check(PyType_Ready(type))
    try StructSequence.fillDict(borrowed(_PyType_GetDict(type)), desc, fields, unnamed)
    PyType_Modified(type)
  }
}
@c @implementation public func PyStructSequence_InitType(
  _ type: TypeRef!, _ desc: UnsafeMutablePointer<PyStructSequence_Desc>!
) { _ = PyStructSequence_InitType2(type, desc) }

@c @implementation public func PyStructSequence_NewType(
  _ desc: UnsafeMutablePointer<PyStructSequence_Desc>!
) -> TypeRef? {
  let (members, fields, unnamed) = StructSequence.members(desc)
  let dealloc: destructor = { StructSequence.deallocate($0!) }
  let traverse: traverseproc = { StructSequence.traverse($0!, $1, $2) }
  let repr: reprfunc = { r in bridge { () throws(PyError) in try StructSequence.repr(r!) } }
  let new: newfunc = { t, a, k in bridge { () throws(PyError) in try StructSequence.new(t!, a, k) } }
  func raw<T>(_ f: T) -> UnsafeMutableRawPointer { unsafeBitCast(f, to: UnsafeMutableRawPointer.self) }
  var slots = [
    PyType_Slot(slot: Py_tp_dealloc, pfunc: raw(dealloc)),
    PyType_Slot(slot: Py_tp_traverse, pfunc: raw(traverse)),
    PyType_Slot(slot: Py_tp_repr, pfunc: raw(repr)),
    PyType_Slot(slot: Py_tp_new, pfunc: raw(new)),
    PyType_Slot(slot: Py_tp_methods, pfunc: StructSequence.methods),
    PyType_Slot(slot: Py_tp_members, pfunc: members),
    PyType_Slot(slot: Py_tp_doc, pfunc: UnsafeMutableRawPointer(mutating: desc.pointee.doc)),
    PyType_Slot(slot: 0, pfunc: nil),
  ]
  let made = slots.withUnsafeMutableBufferPointer { slots in
    var spec = PyType_Spec(
      name: desc.pointee.name, basicsize: 24, itemsize: 8,
      flags: UInt32(Py_TPFLAGS_DEFAULT) | UInt32(Py_TPFLAGS_HAVE_GC), slots: slots.baseAddress)
    return PyType_FromSpecWithBases(&spec, Types.tuple.object)
  }
  guard let made else { return nil }
  let type = made.asType
  let status = bridgeStatus { () throws(PyError) in
    try StructSequence.fillDict(borrowed(_PyType_GetDict(type)), desc, fields, unnamed)
  }
  if status < 0 {
    decref(made)
    return nil
  }
  PyType_Modified(type)
  return type
}
