// The type _csv.Dialect: how fields are separated, quoted and escaped.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

enum Quoting: Int32 {
  case minimal, all, nonNumeric, none, strings, notNull
}

/// No character: code points end long before.
let noCharacter: UInt32 = 0xFFFF_FFFF

struct Dialect {
  var base: PyObject
  var doubleQuote: Bool
  var skipInitialSpace: Bool
  var strict: Bool
  var quoting: Int32
  var delimiter: UInt32
  var quote: UInt32
  var escape: UInt32
  var lineTerminator: Ref?

  @inline(__always) var rule: Quoting { Quoting(rawValue: quoting) ?? .minimal }
}

enum DialectType {
  /// The parameters in the order of positional arguments, `dialect` first.
  static let names: [StaticString] = [
    "dialect", "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace",
    "strict",
  ]

  @inline(__always) static func dialect(_ r: Ref?) -> UnsafeMutablePointer<Dialect> {
    r.unsafelyUnwrapped.cast(Dialect.self)
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_csv.Dialect", basicSize: MemoryLayout<Dialect>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc: "How a CSV file is written: what separates, quotes and escapes its fields and ends its lines.")
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try DialectType.make(type!, args, kwargs) }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let d = DialectType.dialect(r)
      xdecref(d.pointee.lineTerminator)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { _, _, _ in 0 }
    t.pointee.tp_free = PyObject_GC_Del
    var m = MethodTable()
    let refuse: @convention(c) (Ref?, Ref?) -> Ref? = { r, _ in
      bridge { () throws(PyError) in throw typeError("cannot pickle '\(GilaCore.typeName(r!.type))' instances") }
    }
    m.add("__reduce__", METH_VARARGS, "", "Raises an exception: a dialect is not pickled.", refuse)
    m.add("__reduce_ex__", METH_VARARGS, "", "Raises an exception: a dialect is not pickled.", refuse)
    t.pointee.tp_methods = m.build()
    var members = MemberTable()
    members.add("skipinitialspace", Py_T_BOOL, offset: MemoryLayout<Dialect>.offset(of: \Dialect.skipInitialSpace)!)
    members.add("doublequote", Py_T_BOOL, offset: MemoryLayout<Dialect>.offset(of: \Dialect.doubleQuote)!)
    members.add("strict", Py_T_BOOL, offset: MemoryLayout<Dialect>.offset(of: \Dialect.strict)!)
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add("delimiter", get: { r, _ in DialectType.character(DialectType.dialect(r).pointee.delimiter) })
    g.add("escapechar", get: { r, _ in DialectType.character(DialectType.dialect(r).pointee.escape) })
    g.add("quotechar", get: { r, _ in DialectType.character(DialectType.dialect(r).pointee.quote) })
    g.add("lineterminator", get: { r, _ in xnewRef(DialectType.dialect(r).pointee.lineTerminator) })
    g.add("quoting", get: { r, _ in PyLong_FromLong(Int(DialectType.dialect(r).pointee.quoting)) })
    t.pointee.tp_getset = g.build()
    return t
  }()

  private static func character(_ c: UInt32) -> Ref? { c == noCharacter ? none : newCharacter(c) }

  private static func make(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    var given = InlineArray<9, Ref?>(repeating: nil)
    let n = args?.size ?? 0
    if n > 9 { throw typeError("function takes at most 9 arguments (\(n) given)") }
    for i in 0..<n { given[i] = args!.tupleItems[i] }
    if let kwargs { try placeKeywords(kwargs, n, &given) }

    // What was not given comes from the dialect that the new one is based on.
    var held: [Ref] = []
    defer { for r in held { decref(r) } }
    if let basis = given[0], !basis.isNone {
      var basis = basis
      if basis.isUnicode {
        basis = try CSVModule.registered(basis).take()
        held.append(basis)
      }
      if basis.isInstance(of: DialectType.type) {
        var plain = true
        for i in 1..<9 where given[i] != nil { plain = false }
        if plain { return Owned(retaining: basis) }
      }
      for i in 1..<9 where given[i] == nil {
        var value: Ref? = nil
        if PyObject_GetOptionalAttr(basis, gila_intern(cString(names[i])), &value) < 0 { PyErr_Clear() }
        if let value {
          held.append(value)
          given[i] = value
        }
      }
    }
    let r = try owned(type.pointee.tp_alloc(type, 0))
    try fill(dialect(r.ref), given)
    return r
  }

  private static func placeKeywords(
    _ kwargs: Ref, _ n: Int, _ given: inout InlineArray<9, Ref?>
  ) throws(PyError) {
    var position = 0
    var key: Ref? = nil
    var value: Ref? = nil
    while PyDict_Next(kwargs, &position, &key, &value) != 0 {
      guard let key, key.isUnicode else { throw typeError("keywords must be strings") }
      var found = false
      for i in 0..<9 where PyUnicode_EqualToUTF8(key, cString(names[i])) != 0 {
        if i < n {
          throw typeError("argument for function given by name ('\(names[i])') and position (\(i + 1))")
        }
        given[i] = value
        found = true
      }
      if !found { throw typeError("this function got an unexpected keyword argument '\(swiftString(key))'") }
    }
  }

  private static func fill(_ d: UnsafeMutablePointer<Dialect>, _ given: InlineArray<9, Ref?>) throws(PyError) {
    d.pointee.delimiter = try characterArgument("delimiter", given[1], 44)
    d.pointee.doubleQuote = given[2] == nil ? true : try truth(given[2]!)
    d.pointee.escape = try optionalCharacter("escapechar", given[3], noCharacter)
    if let end = given[4], !end.isNone {
      if !end.isUnicode { throw typeError("\"lineterminator\" must be a string") }
      d.pointee.lineTerminator = newRef(end)
    } else if given[4] == nil {
      d.pointee.lineTerminator = try string("\r\n").take()
    }
    d.pointee.quote = try optionalCharacter("quotechar", given[5], 34)
    if let rule = given[6] {
      if !rule.isExactly(Types.long) { throw typeError("\"quoting\" must be an integer") }
      let n = PyLong_AsLong(rule)
      if n == -1 && errorIsSet { throw PyError() }
      guard n >= 0 && n <= 5 else { throw typeError("bad \"quoting\" value") }
      d.pointee.quoting = Int32(n)
    }
    d.pointee.skipInitialSpace = given[7] == nil ? false : try truth(given[7]!)
    d.pointee.strict = given[8] == nil ? false : try truth(given[8]!)
    if given[6] == nil, let quote = given[5], quote.isNone { d.pointee.quoting = Quoting.none.rawValue }
    if d.pointee.rule != .none && d.pointee.quote == noCharacter {
      throw typeError("quotechar must be set if quoting enabled")
    }
    guard let end = d.pointee.lineTerminator else { throw typeError("lineterminator must be set") }
    let space = !d.pointee.skipInitialSpace
    try check("delimiter", d.pointee.delimiter, end, space: true)
    try check("escapechar", d.pointee.escape, end, space: space)
    try check("quotechar", d.pointee.quote, end, space: space)
    try check("delimiter", d.pointee.delimiter, "escapechar", d.pointee.escape)
    try check("delimiter", d.pointee.delimiter, "quotechar", d.pointee.quote)
    try check("escapechar", d.pointee.escape, "quotechar", d.pointee.quote)
  }

  private static func check(_ name: String, _ c: UInt32, _ end: Ref, space: Bool) throws(PyError) {
    if c == 10 || c == 13 || (c == 32 && !space) { throw valueError("bad \(name) value") }
    let data = end.chars
    for i in 0..<data.count where data[i] == c { throw valueError("bad \(name) or lineterminator value") }
  }
  private static func check(_ a: String, _ x: UInt32, _ b: String, _ y: UInt32) throws(PyError) {
    if x == y && x != noCharacter { throw valueError("bad \(a) or \(b) value") }
  }
  private static func characterArgument(_ name: String, _ r: Ref?, _ missing: UInt32) throws(PyError) -> UInt32 {
    guard let r else { return missing }
    if !r.isUnicode { throw typeError("\"\(name)\" must be string, not \(typeName(of: r))") }
    if r.strLength != 1 { throw typeError("\"\(name)\" must be a 1-character string") }
    return r.chars[0]
  }
  private static func optionalCharacter(_ name: String, _ r: Ref?, _ missing: UInt32) throws(PyError) -> UInt32 {
    guard let r else { return missing }
    if r.isNone { return noCharacter }
    if !r.isUnicode { throw typeError("\"\(name)\" must be string or None, not \(typeName(of: r))") }
    if r.strLength != 1 { throw typeError("\"\(name)\" must be a 1-character string") }
    return r.chars[0]
  }
}
