// Trees of _ast objects, back to nodes of an arena: what compile() of a syntax tree starts with.

import CGila
import GilaCore
import GilaSyntax

/// Reads objects of the classes of `_ast` (and of classes derived from them) into nodes.
///
/// A field that is missing or of the wrong type is a TypeError here; whether the nodes make sense together is
/// `TreeValidator`'s concern.
struct TreeReader {
  let arena = ASTArena()
  /// The grammar's constructors by address of their class, with the kind each belongs to.
  private var constructors: [UInt: Constructor] = [:]
  private let names: Ref

  struct Constructor {
    let name: String
    let kind: String
  }

  init() throws(PyError) {
    names = try NodeClasses.names()
    var kind = ""
    for line in NodeGrammar.text.split(separator: "\n") {
      let name = String(line.drop { $0 == " " }.prefix { $0 != "(" })
      if !line.hasPrefix(" ") { kind = name }
      guard let c = PyDict_GetItemString(names, name) else { continue }
      constructors[UInt(bitPattern: c)] = Constructor(name: name, kind: kind)
    }
  }

  /// Reads a root node, which must be of the class that the mode asks for.
  static func tree(_ root: Ref, _ mode: ParseMode) throws(PyError) -> SyntaxTree {
    let r = try TreeReader()
    let wanted: String
    switch mode {
    case .module: wanted = "Module"
    case .expression: wanted = "Expression"
    case .interactive: wanted = "Interactive"
    case .functionType: wanted = "FunctionType"
    }
    guard let c = PyDict_GetItemString(r.names, wanted) else { throw systemError("_ast has no class \(wanted)") }
    if try check(PyObject_IsInstance(root, c)) == 0 {
      throw typeError("expected \(wanted) node, got \(typeName(of: root))")
    }
    let made: SyntaxTree.Root
    switch mode {
    case .module:
      let body = try r.statements(root, wanted, "body")
      let ignores = try r.list(root, wanted, "type_ignores") { item throws(PyError) in
        if try r.kind(item, "type_ignore") == "TypeIgnore" {
          let line = try r.int(item, "TypeIgnore", "lineno")
          let tag = try r.requiredText(item, "TypeIgnore", "tag")
          return TypeIgnore(line: line, tag: tag)
        }
        throw try r.unexpected("type_ignore", item)
      }
      made = .module(body: body, typeIgnores: ignores)
    case .expression: made = .expression(try r.expression(root, wanted, "body"))
    case .interactive: made = .interactive(body: try r.statements(root, wanted, "body"))
    case .functionType:
      made = .functionType(
        args: try r.expressions(root, wanted, "argtypes"), returns: try r.expression(root, wanted, "returns"))
    }
    return SyntaxTree(arena: r.arena, root: made)
  }

  // MARK: classes of nodes

  /// The constructor's name of a node of the given kind; an empty text if the object is none.
  func kind(_ node: Ref, _ kind: String) throws(PyError) -> String {
    var type: TypeRef = node.type
    if let c = constructors[UInt(bitPattern: type)] { return c.kind == kind ? c.name : "" }
    guard let order = type.pointee.tp_mro else { return "" }
    for i in 0..<order.size {
      guard let r = gila_tuple_items(order)[i] else { continue }
      type = r.asType
      if let c = constructors[UInt(bitPattern: type)], c.kind == kind { return c.name }
    }
    return ""
  }
  func unexpected(_ kind: String, _ node: Ref) throws(PyError) -> PyError {
    typeError("expected some sort of \(kind), but got \(try reprText(node))")
  }

  // MARK: fields

  /// A field's value, or nil if there is none.
  func field(_ node: Ref, _ name: StaticString) throws(PyError) -> Ref? {
    var found: Ref? = nil
    try check(PyObject_GetOptionalAttr(node, gila_intern(cString(name)), &found))
    return found
  }
  func required(_ node: Ref, _ owner: String, _ name: StaticString) throws(PyError) -> Owned {
    guard let r = try field(node, name) else {
      throw typeError("required field \"\(name)\" missing from \(owner)")
    }
    return Owned(taking: r)
  }
  /// A field's value where None counts as absent.
  func optional(_ node: Ref, _ name: StaticString) throws(PyError) -> Ref? {
    guard let r = try field(node, name) else { return nil }
    if r == none {
      decref(r)
      return nil
    }
    return r
  }
  /// The error for None where a node or text must be.
  func absent(_ owner: String, _ name: StaticString) -> PyError {
    valueError("field '\(name)' is required for \(owner)")
  }
  /// The elements of a list field; a field that is not there is an empty list.
  func list<T: BitwiseCopyable>(
    _ node: Ref, _ owner: String, _ name: StaticString, _ read: (Ref) throws(PyError) -> T
  ) throws(PyError) -> ASTList<T> {
    guard let found = try field(node, name) else { return ASTList() }
    let l = Owned(taking: found)
    guard PyType_IsSubtype(l.ref.type, Types.list) != 0 else {
      throw typeError("\(owner) field \"\(name)\" must be a list, not a \(typeName(of: l.ref))")
    }
    let n = PyList_Size(l.ref)
    var items: [T] = []
    items.reserveCapacity(n)
    for i in 0..<n {
      try check(gila_enter_recursive_call(" while traversing a node"))
      let item = Owned(retaining: try borrowed(PyList_GetItem(l.ref, i)))
      items.append(try read(item.ref))
      if PyList_Size(l.ref) != n { throw runtimeError("\(owner) field \"\(name)\" changed size during iteration") }
    }
    return arena.list(items)
  }

  // MARK: leaves

  private func number(_ r: Ref) throws(PyError) -> Int32 {
    guard PyType_IsSubtype(r.type, Types.long) != 0 else {
      throw valueError("invalid integer value: \(try reprText(r))")
    }
    let n = PyLong_AsInt(r)
    if n == -1 && errorIsSet { throw PyError() }
    return n
  }
  func int(_ node: Ref, _ owner: String, _ name: StaticString) throws(PyError) -> Int32 {
    let r = try required(node, owner, name)
    return try number(r.ref)
  }
  func optionalInt(_ node: Ref, _ name: StaticString) throws(PyError) -> Int32? {
    guard let r = try optional(node, name) else { return nil }
    let held = Owned(taking: r)
    return try number(held.ref)
  }
  /// Where a node stands; `optionalEnd` if its end may be missing (then it ends where it starts).
  func range(_ node: Ref, _ owner: String, optionalEnd: Bool = true) throws(PyError) -> SourceRange {
    let line = try int(node, owner, "lineno"), column = try int(node, owner, "col_offset")
    let endLine = try optionalEnd ? optionalInt(node, "end_lineno") ?? line : int(node, owner, "end_lineno")
    let endColumn =
      try optionalEnd ? optionalInt(node, "end_col_offset") ?? column : int(node, owner, "end_col_offset")
    return SourceRange(line: line, column: column, endLine: endLine, endColumn: endColumn)
  }
  /// The text of a str as WTF-8, or of bytes as they are.
  private func bytes(_ r: Ref) throws(PyError) -> [UInt8] {
    if r.isExactly(Types.bytes) {
      return Array(UnsafeRawBufferPointer(start: PyBytes_AsString(r), count: PyBytes_Size(r)))
    }
    let b = try owned(PyUnicode_AsEncodedString(r, "utf-8", "surrogatepass"))
    return Array(UnsafeRawBufferPointer(start: PyBytes_AsString(b.ref), count: PyBytes_Size(b.ref)))
  }
  private func textOf(_ r: Ref) throws(PyError) -> Text {
    guard r.isExactly(Types.unicode) || r.isExactly(Types.bytes) else {
      throw typeError("AST string must be of type str")
    }
    return arena.text(try bytes(r))
  }
  func requiredText(_ node: Ref, _ owner: String, _ name: StaticString) throws(PyError) -> Text {
    let r = try required(node, owner, name)
    if r.ref == none { throw absent(owner, name) }
    return try textOf(r.ref)
  }
  func optionalText(_ node: Ref, _ name: StaticString) throws(PyError) -> Text? {
    guard let r = try optional(node, name) else { return nil }
    let held = Owned(taking: r)
    return try textOf(held.ref)
  }
  private func nameOf(_ r: Ref) throws(PyError) -> Name {
    guard r.isExactly(Types.unicode) else { throw typeError("AST identifier must be of type str") }
    return arena.names.intern(try bytes(r))
  }
  func name(_ node: Ref, _ owner: String, _ field: StaticString) throws(PyError) -> Name {
    let r = try required(node, owner, field)
    if r.ref == none { throw absent(owner, field) }
    return try nameOf(r.ref)
  }
  func optionalName(_ node: Ref, _ field: StaticString) throws(PyError) -> Name? {
    guard let r = try optional(node, field) else { return nil }
    let held = Owned(taking: r)
    return try nameOf(held.ref)
  }
  func nameList(_ node: Ref, _ owner: String, _ field: StaticString) throws(PyError) -> ASTList<Name> {
    try list(node, owner, field) { item throws(PyError) in
      if item == none { throw valueError("None disallowed in identifier list") }
      return try nameOf(item)
    }
  }
  /// The `kind` of a constant.
  func constantKind(_ node: Ref) throws(PyError) -> Name? {
    guard let t = try optionalText(node, "kind") else { return nil }
    return arena.names.intern(t.array)
  }

  /// The value of a constant node. Only values of the types that code objects can hold are allowed.
  func constant(_ r: Ref) throws(PyError) -> Constant {
    try check(gila_enter_recursive_call(" during compilation"))
    if r == none { return .none }
    if r == pyTrue { return .true }
    if r == pyFalse { return .false }
    if r == ellipsis { return .ellipsis }
    if r.isExactly(Types.long) { return try integer(r) }
    if r.isExactly(Types.float) { return .float(PyFloat_AsDouble(r)) }
    if r.isExactly(Types.complex) {
      return .complex(real: PyComplex_RealAsDouble(r), imaginary: PyComplex_ImagAsDouble(r))
    }
    if r.isExactly(Types.unicode) { return .string(arena.text(try bytes(r))) }
    if r.isExactly(Types.bytes) { return .bytes(arena.text(try bytes(r))) }
    if r.isExactly(Types.tuple) || r.isExactly(Types.frozenSet) {
      let t = try owned(PySequence_Tuple(r))
      var items: [Constant] = []
      for i in 0..<t.ref.size { items.append(try constant(try borrowed(PyTuple_GetItem(t.ref, i)))) }
      return r.isExactly(Types.tuple) ? .tuple(arena.list(items)) : .frozenset(arena.list(items))
    }
    throw typeError("got an invalid type in Constant: \(typeName(of: r))")
  }
  private func integer(_ r: Ref) throws(PyError) -> Constant {
    var overflow: Int32 = 0
    let n = PyLong_AsLongAndOverflow(r, &overflow)
    if overflow == 0 { return .int(n) }
    let magnitude = try owned(PyNumber_Absolute(r))
    let hex = try owned(_PyLong_Format(magnitude.ref, 16))
    let digits = Array(swiftString(hex.ref).utf8.dropFirst(2))
    var limbs: [UInt32] = []
    var end = digits.count
    while end > 0 {
      let start = max(0, end - 8)
      limbs.append(UInt32(String(decoding: digits[start..<end], as: UTF8.self), radix: 16) ?? 0)
      end = start
    }
    return .bigInt(BigIntText(isNegative: overflow < 0, limbs: arena.list(limbs)))
  }

  // MARK: contexts and operators

  private static let binary: [String: BinaryOperator] = [
    "Add": .add, "Sub": .sub, "Mult": .mult, "MatMult": .matMult, "Div": .div, "Mod": .mod, "Pow": .pow,
    "LShift": .lShift, "RShift": .rShift, "BitOr": .bitOr, "BitXor": .bitXor, "BitAnd": .bitAnd,
    "FloorDiv": .floorDiv,
  ]
  private static let unary: [String: UnaryOperator] = ["Invert": .invert, "Not": .not, "UAdd": .uAdd, "USub": .uSub]
  private static let comparisons: [String: CompareOperator] = [
    "Eq": .eq, "NotEq": .notEq, "Lt": .lt, "LtE": .ltE, "Gt": .gt, "GtE": .gtE, "Is": .is, "IsNot": .isNot,
    "In": .in, "NotIn": .notIn,
  ]
  private static let contexts: [String: ExprContext] = ["Load": .load, "Store": .store, "Del": .del]

  func context(_ node: Ref, _ owner: String) throws(PyError) -> ExprContext {
    let r = try required(node, owner, "ctx")
    guard let c = TreeReader.contexts[try kind(r.ref, "expr_context")] else {
      throw try unexpected("expr_context", r.ref)
    }
    return c
  }
  func boolOperator(_ node: Ref) throws(PyError) -> BoolOperator {
    let r = try required(node, "BoolOp", "op")
    switch try kind(r.ref, "boolop") {
    case "And": return .and
    case "Or": return .or
    default: throw try unexpected("boolop", r.ref)
    }
  }
  func binaryOperator(_ node: Ref, _ owner: String) throws(PyError) -> BinaryOperator {
    let r = try required(node, owner, "op")
    guard let op = TreeReader.binary[try kind(r.ref, "operator")] else { throw try unexpected("operator", r.ref) }
    return op
  }
  func unaryOperator(_ node: Ref) throws(PyError) -> UnaryOperator {
    let r = try required(node, "UnaryOp", "op")
    guard let op = TreeReader.unary[try kind(r.ref, "unaryop")] else { throw try unexpected("unaryop", r.ref) }
    return op
  }
  func compareOperators(_ node: Ref) throws(PyError) -> ASTList<CompareOperator> {
    try list(node, "Compare", "ops") { item throws(PyError) in
      guard let op = TreeReader.comparisons[try kind(item, "cmpop")] else { throw try unexpected("cmpop", item) }
      return op
    }
  }
}
