import CGila
import GilaCore

/// The exceptions that carry fields of their own besides `args`.
enum ExceptionFields {
  private static func slot(_ r: Ref, _ offset: Int) -> UnsafeMutablePointer<Ref?> {
    (r.raw + offset).assumingMemoryBound(to: Ref?.self)
  }
  private static func members(_ t: TypeRef, _ names: [(StaticString, Int)]) {
    var m = MemberTable()
    for (n, o) in names { m.add(n, _Py_T_OBJECT, offset: o, flags: 0) }
    t.pointee.tp_members = m.build()
  }
  private static func base(_ r: Ref?, _ args: Ref?, _ kwargs: Ref?) throws(PyError) {
    try check(Exc.BaseException.pointee.tp_init(r, args, kwargs))
  }

  static func install() {
    members(Exc.StopIteration, [("value", 72)])
    members(Exc.SystemExit, [("code", 72)])
    members(Exc.NameError, [("name", 72)])
    members(Exc.AttributeError, [("name", 80), ("obj", 72)])
    members(Exc.ImportError, [("msg", 72), ("name", 80), ("path", 88), ("name_from", 96)])
    members(Exc.OSError, [("errno", 72), ("strerror", 80), ("filename", 88), ("filename2", 96)])
    members(
      Exc.SyntaxError,
      [
        ("msg", 72), ("filename", 80), ("lineno", 88), ("offset", 96), ("end_lineno", 104), ("end_offset", 112),
        ("text", 120), ("print_file_and_line", 128),
      ])
    Exc.StopIteration.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try ExceptionFields.base(r, args, kwargs)
        replace(ExceptionFields.slot(r!, 72), with: newRef(args!.size > 0 ? gila_tuple_items(args!)[0]! : none))
      }
    }
    Exc.SystemExit.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try ExceptionFields.base(r, args, kwargs)
        if args!.size == 0 { return }
        replace(ExceptionFields.slot(r!, 72), with: newRef(args!.size == 1 ? gila_tuple_items(args!)[0]! : args!))
      }
    }
    Exc.KeyError.pointee.tp_str = { r in
      let args = ExceptionTypes.base(r!).pointee.args!
      return args.size == 1 ? PyObject_Repr(gila_tuple_items(args)[0]) : Exc.BaseException.pointee.tp_str(r)
    }
    named()
    imports()
    syntax()
  }

  /// Stores keyword arguments in fields; others are an error.
  private static func keywords(
    _ r: Ref, _ name: String, _ kwargs: Ref?, _ fields: [(name: String, offset: Int)]
  ) throws(PyError) {
    for f in fields { replace(ExceptionFields.slot(r, f.offset), with: nil) }
    guard let kwargs else { return }
    var position = 0
    var key: Ref? = nil, value: Ref? = nil
    while PyDict_Next(kwargs, &position, &key, &value) != 0 {
      let word = swiftString(key!)
      guard let f = fields.first(where: { $0.name == word }) else {
        throw typeError("\(name)() got an unexpected keyword argument '\(word)'")
      }
      replace(ExceptionFields.slot(r, f.offset), with: newRef(value!))
    }
  }

  // MARK: NameError, AttributeError

  private static let nameFields = [(name: "name", offset: 72)]
  private static let attributeFields = [(name: "name", offset: 80), (name: "obj", offset: 72)]
  private static func named() {
    Exc.NameError.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try ExceptionFields.base(r, args, nil)
        try ExceptionFields.keywords(r!, "NameError", kwargs, ExceptionFields.nameFields)
      }
    }
    Exc.AttributeError.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try ExceptionFields.base(r, args, nil)
        try ExceptionFields.keywords(r!, "AttributeError", kwargs, ExceptionFields.attributeFields)
      }
    }
    var m = MethodTable()
    m.noArguments("__getstate__") { r, _ in
      bridge { () throws(PyError) in
        try ExceptionFields.state(r!, [(name: "name", offset: 80), (name: "args", offset: 24)])
      }
    }
    m.noArguments("__reduce__") { r, _ in
      bridge { () throws(PyError) in
        let s = try ExceptionFields.state(r!, [(name: "name", offset: 80), (name: "args", offset: 24)])
        return try ExceptionFields.reduced(r!, s.ref)
      }
    }
    Exc.AttributeError.pointee.tp_methods = m.build()
  }
  /// The attributes for pickling: the instance's dict and the fields that are set. None if there are none.
  private static func state(_ r: Ref, _ fields: [(name: String, offset: Int)]) throws(PyError) -> Owned {
    let own = ExceptionTypes.base(r).pointee.dict
    let present = fields.filter { ExceptionFields.slot(r, $0.offset).pointee != nil }
    if present.isEmpty { return Owned(retaining: own ?? none) }
    let d = try owned(own.map { PyDict_Copy($0) } ?? PyDict_New())
    for f in present { try check(PyDict_SetItemString(d.ref, f.name, ExceptionFields.slot(r, f.offset).pointee)) }
    return d
  }
  private static func reduced(_ r: Ref, _ state: Ref) throws(PyError) -> Owned {
    let args = ExceptionTypes.base(r).pointee.args!
    let t = try owned(PyTuple_New(state == none ? 2 : 3))
    gila_tuple_items(t.ref)[0] = newRef(r.type.object)
    gila_tuple_items(t.ref)[1] = newRef(args)
    if state != none { gila_tuple_items(t.ref)[2] = newRef(state) }
    return t
  }

  // MARK: ImportError

  private static let importFields = [
    (name: "name", offset: 80), (name: "path", offset: 88), (name: "name_from", offset: 96),
  ]
  private static func imports() {
    let t = Exc.ImportError
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try ExceptionFields.base(r, args, nil)
        try ExceptionFields.keywords(r!, "ImportError", kwargs, ExceptionFields.importFields)
        replace(ExceptionFields.slot(r!, 72), with: args!.size == 1 ? newRef(gila_tuple_items(args!)[0]!) : nil)
      }
    }
    t.pointee.tp_str = { r in
      if let msg = ExceptionFields.slot(r!, 72).pointee, msg.isExactly(Types.unicode) { return newRef(msg) }
      return Exc.BaseException.pointee.tp_str(r)
    }
    var m = MethodTable()
    m.noArguments("__reduce__") { r, _ in
      bridge { () throws(PyError) in
        let s = try ExceptionFields.state(r!, ExceptionFields.importFields)
        return try ExceptionFields.reduced(r!, s.ref)
      }
    }
    t.pointee.tp_methods = m.build()
  }

  // MARK: SyntaxError

  private static func syntax() {
    let t = Exc.SyntaxError
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try ExceptionFields.base(r, args, kwargs)
        if args!.size >= 1 { replace(ExceptionFields.slot(r!, 72), with: newRef(gila_tuple_items(args!)[0]!)) }
        if args!.size == 2 { try ExceptionFields.location(r!, gila_tuple_items(args!)[1]!) }
      }
    }
    t.pointee.tp_str = { r in bridge { () throws(PyError) in try ExceptionFields.text(r!) } }
  }
  /// (filename, lineno, offset, text[, end_lineno, end_offset])
  private static func location(_ r: Ref, _ value: Ref) throws(PyError) {
    let info = try owned(PySequence_Tuple(value))
    let n = info.ref.size
    if n < 4 { throw typeError("function takes at least 4 arguments (\(n) given)") }
    if n > 6 { throw typeError("function takes at most 6 arguments (\(n) given)") }
    for (i, offset) in [80, 88, 96, 120, 104, 112].enumerated() {
      replace(ExceptionFields.slot(r, offset), with: i < n ? newRef(gila_tuple_items(info.ref)[i]!) : nil)
    }
    if n == 5 { throw typeError("end_offset must be provided when end_lineno is provided") }
  }
  private static func text(_ r: Ref) throws(PyError) -> Owned {
    let message = try owned(PyObject_Str(ExceptionFields.slot(r, 72).pointee ?? none))
    let file = ExceptionFields.slot(r, 80).pointee.flatMap { $0.isUnicode ? swiftString($0) : nil }
    let line = ExceptionFields.slot(r, 88).pointee.flatMap { $0.isExactly(Types.long) ? $0 : nil }
    if file == nil && line == nil { return message }
    var place: [String] = []
    if let file {
      place.append(file.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? "")
    }
    if let line {
      let number = try owned(PyObject_Str(line))
      place.append("line \(swiftString(number.ref))")
    }
    return try string("\(swiftString(message.ref)) (\(place.joined(separator: ", ")))")
  }
}
