// The classes of the module _ast, made from the grammar when the module is imported.

import CGila
import GilaCore

enum NodeClasses {
  /// The dict of the module's names, from which tree builders take the classes.
  static let slot = InterpreterSlot(107)

  /// The names of `_ast` (borrowed), made on first use.
  static func names() throws(PyError) -> Ref {
    let slot = currentInterpreter.slot(slot)
    if let d = slot.pointee { return d }
    let d = try owned(PyDict_New())
    try make(d.ref)
    slot.pointee = d.take()
    return try borrowed(slot.pointee)
  }

  // MARK: classes

  private struct Field {
    let name: String
    let type: String
    /// `?`, `*` or nothing.
    let mark: Character?
  }
  private static func parse(_ line: Substring) -> (name: String, fields: [Field]) {
    guard let open = line.firstIndex(of: "(") else { return (String(line), []) }
    var fields: [Field] = []
    for part in line[line.index(after: open)...].dropLast().split(separator: ",") {
      let words = part.split(separator: " ")
      guard words.count == 2, let last = words[0].last else { continue }
      let mark: Character? = last == "?" || last == "*" ? last : nil
      fields.append(
        Field(name: String(words[1]), type: String(mark == nil ? words[0] : words[0].dropLast()), mark: mark))
    }
    return (String(line[..<open]), fields)
  }

  private static func make(_ names: Ref) throws(PyError) {
    let base = try root()
    try check(PyDict_SetItemString(names, "AST", base.ref))
    var kind = "AST"
    var pending: [(name: String, fields: [Field])] = []
    let shown = kindTexts()
    for line in NodeGrammar.text.split(separator: "\n") {
      let trimmed = line.drop { $0 == " " }
      let (name, fields) = parse(trimmed)
      if line.hasPrefix(" ") {
        try define(names, name, base: kind, doc: String(trimmed))
        if fields.isEmpty && ["expr_context", "boolop", "operator", "unaryop", "cmpop"].contains(kind) {
          try addSingleton(names, name)
        }
      } else {
        try define(names, name, base: "AST", doc: shown[name] ?? String(trimmed))
        try setAttributes(names, name)
        kind = name
      }
      pending.append((name, fields))
    }
    // The fields' types may be classes that come later.
    for (name, fields) in pending { try setFields(names, name, fields) }
    for (name, value) in [
      ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000), ("PyCF_ONLY_AST", 0x400), ("PyCF_TYPE_COMMENTS", 0x1000),
      ("PyCF_OPTIMIZED_AST", 0x8400),
    ] {
      let n = try owned(PyLong_FromLong(value))
      try check(PyDict_SetItemString(names, name, n.ref))
    }
  }
  /// What a kind with constructors is described by: `kind = A(…) | B(…)`, a line each where they have fields.
  private static func kindTexts() -> [String: String] {
    var texts: [String: String] = [:]
    var kind = ""
    for line in NodeGrammar.text.split(separator: "\n") {
      let trimmed = String(line.drop { $0 == " " })
      if !line.hasPrefix(" ") {
        kind = trimmed
      } else if let text = texts[kind] {
        let separator = text.contains("(") ? "\n" + String(repeating: " ", count: kind.count + 1) : " "
        texts[kind] = text + separator + "| " + trimmed
      } else {
        texts[kind] = kind + " = " + trimmed
      }
    }
    return texts
  }
  private static func find(_ names: Ref, _ name: String) throws(PyError) -> Ref {
    guard let c = PyDict_GetItemString(names, name) else { throw systemError("_ast has no class \(name)") }
    return c
  }
  private static func root() throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    let empty = try owned(PyTuple_New(0))
    let module = try string("ast")
    for name in ["_fields", "_attributes", "__match_args__"] { try check(PyDict_SetItemString(d.ref, name, empty.ref)) }
    try check(PyDict_SetItemString(d.ref, "__module__", module.ref))
    let type = try call(Types.type.object, "AST", empty.ref, d.ref)
    var table = MethodTable()
    table.tupleAndDict("__init__", "($self, /, *args, **kwargs)", "Sets the fields and attributes of a node.") {
      r, args, kwargs in bridgeNone { () throws(PyError) in try NodeClasses.initialize(r!, args!, kwargs) }
    }
    table.noArguments("__reduce__", "($self, /)", "What pickle and copy need.") { r, _ in
      bridge { () throws(PyError) in try NodeClasses.reduce(r!) }
    }
    var method = table.build()
    while method.pointee.ml_name != nil {
      let descriptor = try owned(PyDescr_NewMethod(type.ref.asType, method))
      try check(PyObject_SetAttrString(type.ref, method.pointee.ml_name, descriptor.ref))
      method += 1
    }
    // Classes derived from nodes may pass any arguments on to __new__.
    let new = try owned(gila_new_function(type.ref))
    try check(PyObject_SetAttrString(type.ref, "__new__", new.ref))
    type.ref.asType.pointee.tp_new = PyType_GenericNew
    return type
  }
  private static func call(_ type: Ref, _ name: String, _ bases: Ref, _ dict: Ref) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(3))
    gila_tuple_items(t.ref)[0] = try string(name).take()
    gila_tuple_items(t.ref)[1] = newRef(bases)
    gila_tuple_items(t.ref)[2] = newRef(dict)
    return try owned(PyObject_Call(type, t.ref, nil))
  }
  private static func define(_ names: Ref, _ name: String, base: String, doc: String) throws(PyError) {
    let bases = try owned(PyTuple_New(1))
    gila_tuple_items(bases.ref)[0] = newRef(try find(names, base))
    let d = try owned(PyDict_New())
    let module = try string("ast"), text = try string(doc)
    try check(PyDict_SetItemString(d.ref, "__module__", module.ref))
    try check(PyDict_SetItemString(d.ref, "__doc__", text.ref))
    let c = try call(Types.type.object, name, bases.ref, d.ref)
    try check(PyDict_SetItemString(names, name, c.ref))
  }
  /// Contexts and operators are one shared node each in trees that were parsed.
  private static func addSingleton(_ names: Ref, _ name: String) throws(PyError) {
    let node = try owned(PyObject_CallNoArgs(try find(names, name)))
    try check(PyDict_SetItemString(names, ".\(name)", node.ref))
  }
  private static func texts(_ list: [String]) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(list.count))
    for (i, s) in list.enumerated() {
      var r: Ref? = try string(s).take()
      PyUnicode_InternInPlace(&r)
      gila_tuple_items(t.ref)[i] = r
    }
    return t
  }
  private static func setAttributes(_ names: Ref, _ name: String) throws(PyError) {
    let c = try find(names, name)
    let placed = NodeGrammar.placed.contains(name)
    let list = try texts(placed ? ["lineno", "col_offset", "end_lineno", "end_col_offset"] : [])
    try check(PyObject_SetAttrString(c, "_attributes", list.ref))
    if placed && name != "pattern" && name != "type_param" {
      for n in ["end_lineno", "end_col_offset"] { try check(PyObject_SetAttrString(c, n, none)) }
    }
  }
  private static func setFields(_ names: Ref, _ name: String, _ fields: [Field]) throws(PyError) {
    let c = try find(names, name)
    let list = try texts(fields.map { $0.name })
    try check(PyObject_SetAttrString(c, "_fields", list.ref))
    try check(PyObject_SetAttrString(c, "__match_args__", list.ref))
    let isKind =
      ["mod", "stmt", "expr", "expr_context", "boolop", "operator", "unaryop", "cmpop", "pattern"]
      .contains(name) || ["excepthandler", "type_ignore", "type_param"].contains(name)
    if isKind { return }
    let types = try owned(PyDict_New())
    for f in fields {
      let t: Owned
      switch f.type {
      case "identifier", "string": t = Owned(retaining: Types.unicode.object)
      case "int": t = Owned(retaining: Types.long.object)
      case "constant": t = Owned(retaining: Types.baseObject.object)
      default: t = Owned(retaining: try find(names, f.type))
      }
      let shown: Owned
      switch f.mark {
      case "?":
        try check(PyObject_SetAttrString(c, f.name, none))
        shown = try owned(PyNumber_Or(t.ref, none))
      case "*": shown = try owned(PyObject_GetItem(Types.list.object, t.ref))
      default: shown = Owned(retaining: t.ref)
      }
      try check(PyDict_SetItemString(types.ref, f.name, shown.ref))
    }
    try check(PyObject_SetAttrString(c, "_field_types", types.ref))
    try check(PyObject_SetAttrString(c, "__annotations__", types.ref))
  }

  // MARK: methods

  private static func initialize(_ node: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) {
    let type = node.type
    let name = typeName(type)
    var found: Ref? = nil
    try check(PyObject_GetOptionalAttrString(type.object, "_fields", &found))
    let fields = try owned(found == nil ? PyTuple_New(0) : PySequence_Tuple(found))
    xdecref(found)
    let n = fields.ref.size
    if args.size > n {
      throw typeError("\(name) constructor takes at most \(n) positional argument\(n == 1 ? "" : "s")")
    }
    let remaining = try owned(PySet_New(fields.ref))
    for i in 0..<args.size {
      let f = gila_tuple_items(fields.ref)[i]
      try check(PyObject_SetAttr(node, f, gila_tuple_items(args)[i]))
      try check(PySet_Discard(remaining.ref, f))
    }
    if let kwargs {
      var attributes: Ref? = nil
      defer { xdecref(attributes) }
      var position = 0
      var key: Ref? = nil, value: Ref? = nil
      while PyDict_Next(kwargs, &position, &key, &value) != 0 {
        let k = Owned(retaining: key!), v = Owned(retaining: value!)
        if try check(PySequence_Contains(fields.ref, k.ref)) != 0 {
          if try check(PySet_Discard(remaining.ref, k.ref)) == 0 {
            throw typeError("\(name) got multiple values for argument \(try reprText(k.ref))")
          }
        } else {
          if attributes == nil { attributes = try owned(PyObject_GetAttrString(type.object, "_attributes")).take() }
          if try check(PySequence_Contains(attributes, k.ref)) == 0 {
            try check(
              PyErr_WarnEx(
                Exc.DeprecationWarning.object,
                "\(name).__init__ got an unexpected keyword argument \(try reprText(k.ref)). Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15.",
                1))
          }
        }
        try check(PyObject_SetAttr(node, k.ref, v.ref))
      }
    }
    if PySet_Size(remaining.ref) > 0 { try complete(node, name, remaining.ref, fields.ref) }
  }
  /// Fields that were not given: empty lists, Load for contexts, nothing for optional ones.
  private static func complete(_ node: Ref, _ name: String, _ remaining: Ref, _ fields: Ref) throws(PyError) {
    var types: Ref? = nil
    if try check(PyObject_GetOptionalAttrString(node.type.object, "_field_types", &types)) == 0 { return }
    let held = Owned(taking: types!)
    guard held.ref.isDict else { return }
    let names = try names()
    let context = try find(names, "expr_context")
    for i in 0..<fields.size {
      let f = gila_tuple_items(fields)[i]!
      if try check(PySet_Contains(remaining, f)) == 0 { continue }
      guard let type = PyDict_GetItemWithError(held.ref, f) else {
        if errorIsSet { throw PyError() }
        try check(
          PyErr_WarnEx(
            Exc.DeprecationWarning.object,
            "Field \(try reprText(f)) is missing from \(name)._field_types. This will become an error in Python 3.15.",
            1))
        continue
      }
      if type.isExactly(Types.union) { continue }
      if type.isExactly(Types.genericAliasType) {
        let empty = try owned(PyList_New(0))
        try check(PyObject_SetAttr(node, f, empty.ref))
      } else if type == context {
        try check(PyObject_SetAttr(node, f, PyDict_GetItemString(names, ".Load") ?? none))
      } else {
        try check(
          PyErr_WarnEx(
            Exc.DeprecationWarning.object,
            "\(name).__init__ missing 1 required positional argument: \(try reprText(f)). This will become an error in Python 3.15.",
            1))
      }
    }
  }
  private static func reduce(_ node: Ref) throws(PyError) -> Owned {
    var d: Ref? = nil
    try check(PyObject_GetOptionalAttr(node, Dunder.dict.ref, &d))
    let dict = d == nil ? Owned(retaining: none) : Owned(taking: d!)
    // Fields that the node has are given as None first, so that making it again does not warn.
    let fields = try owned(PyObject_GetAttrString(node.type.object, "_fields"))
    let list = try owned(PySequence_Tuple(fields.ref))
    var n = 0
    if dict.ref.isDict {
      while n < list.ref.size, PyDict_Contains(dict.ref, gila_tuple_items(list.ref)[n]) == 1 { n += 1 }
    }
    let arguments = try owned(PyTuple_New(n))
    for i in 0..<n { gila_tuple_items(arguments.ref)[i] = newRef(none) }
    let t = try owned(PyTuple_New(3))
    for (i, r) in [node.type.object, arguments.ref, dict.ref].enumerated() { gila_tuple_items(t.ref)[i] = newRef(r) }
    return t
  }
}

enum ASTModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_ast", doc: "The classes of syntax trees.",
    exec: { m in
      bridgeStatus { () throws(PyError) in
        guard let d = PyModule_GetDict(m) else { throw PyError() }
        var position = 0
        var key: Ref? = nil, value: Ref? = nil
        let names = try NodeClasses.names()
        while PyDict_Next(names, &position, &key, &value) != 0 {
          if PyUnicode_ReadChar(key, 0) != 46 { try check(PyDict_SetItem(d, key, value)) }
        }
      }
    })
}
