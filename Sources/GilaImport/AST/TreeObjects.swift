// Syntax trees as objects of the classes of _ast: what ast.parse() returns.

import CGila
import GilaCompiler
import GilaCore
import GilaSyntax

struct TreeObjects {
  private let names: NameTable
  private let classes: Ref
  private var nesting = 0

  /// The root node of a tree.
  static func make(_ tree: SyntaxTree) throws(PyError) -> Owned {
    var b = TreeObjects(names: tree.arena.names, classes: try NodeClasses.names())
    switch tree.root {
    case .module(let body, let ignores):
      return try b.node(
        "Module",
        [
          ("body", try b.statements(body)),
          (
            "type_ignores",
            try b.list(ignores) { b, i throws(PyError) in
              try b.node("TypeIgnore", [("lineno", try b.int(Int(i.line))), ("tag", try b.text(i.tag))])
            }
          ),
        ])
    case .interactive(let body): return try b.node("Interactive", [("body", try b.statements(body))])
    case .expression(let e): return try b.node("Expression", [("body", try b.expression(e))])
    case .functionType(let args, let returns):
      return try b.node(
        "FunctionType", [("argtypes", try b.expressions(args)), ("returns", try b.expression(returns))])
    }
  }

  // MARK: parts

  private func find(_ name: String) throws(PyError) -> Ref {
    guard let c = PyDict_GetItemString(classes, name) else { throw systemError("_ast has no class \(name)") }
    return c
  }
  /// A node with its fields, which are taken over.
  private func node(_ name: String, _ fields: [(StaticString, Ref)], _ range: SourceRange? = nil) throws(PyError)
    -> Owned
  {
    var failed = false
    var made: Ref? = nil
    do throws(PyError) {
      let type = try find(name).asType
      made = PyType_GenericAlloc(type, 0)
    } catch { failed = true }
    for (field, value) in fields {
      if let made, !failed, PyObject_SetAttr(made, gila_intern(cString(field)), value) < 0 { failed = true }
      decref(value)
    }
    let r = try owned(made)
    if failed { throw PyError() }
    if let range {
      try set(r.ref, "lineno", Int(range.line))
      try set(r.ref, "col_offset", Int(range.column))
      try set(r.ref, "end_lineno", Int(range.endLine))
      try set(r.ref, "end_col_offset", Int(range.endColumn))
    }
    return r
  }
  private func set(_ node: Ref, _ name: StaticString, _ n: Int) throws(PyError) {
    let v = try owned(PyLong_FromLong(n))
    try check(PyObject_SetAttr(node, gila_intern(cString(name)), v.ref))
  }
  private func int(_ n: Int) throws(PyError) -> Ref { try owned(PyLong_FromLong(n)).take() }
  private func text(_ t: Text) throws(PyError) -> Ref { try CodeObjects.text(t.array).take() }
  private func text(_ t: Text?) throws(PyError) -> Ref {
    guard let t else { return newRef(none) }
    return try text(t)
  }
  private func name(_ n: Name) throws(PyError) -> Ref { try CodeObjects.text(Array(names[n]), intern: true).take() }
  private func name(_ n: Name?) throws(PyError) -> Ref {
    guard let n else { return newRef(none) }
    return try name(n)
  }
  private func shared(_ name: String) throws(PyError) -> Ref { newRef(try find("." + name)) }
  private mutating func list<T>(
    _ items: ASTList<T>, _ body: (inout TreeObjects, T) throws(PyError) -> Owned
  ) throws(PyError) -> Ref {
    let l = try owned(PyList_New(0))
    for item in items {
      let v = try body(&self, item)
      try check(PyList_Append(l.ref, v.ref))
    }
    return l.take()
  }
  private mutating func expressions(_ items: ASTList<Expr>) throws(PyError) -> Ref {
    try list(items) { b, e throws(PyError) in Owned(taking: try b.expression(e)) }
  }
  private mutating func optionals(_ items: ASTList<Expr?>) throws(PyError) -> Ref {
    try list(items) { b, e throws(PyError) in Owned(taking: try b.optional(e)) }
  }
  private mutating func statements(_ items: ASTList<Stmt>) throws(PyError) -> Ref {
    try list(items) { b, s throws(PyError) in try b.statement(s) }
  }
  private mutating func nameList(_ items: ASTList<Name>) throws(PyError) -> Ref {
    try list(items) { b, n throws(PyError) in Owned(taking: try b.name(n)) }
  }
  private mutating func optional(_ e: Expr?) throws(PyError) -> Ref {
    guard let e else { return newRef(none) }
    return try expression(e)
  }
  private mutating func keywords(_ items: ASTList<Keyword>) throws(PyError) -> Ref {
    try list(items) { b, k throws(PyError) in
      try b.node("keyword", [("arg", try b.name(k.name)), ("value", try b.expression(k.value))], k.range)
    }
  }
  private mutating func comprehensions(_ items: ASTList<Comprehension>) throws(PyError) -> Ref {
    try list(items) { b, c throws(PyError) in
      try b.node(
        "comprehension",
        [
          ("target", try b.expression(c.target)), ("iter", try b.expression(c.iter)),
          ("ifs", try b.expressions(c.ifs)), ("is_async", try b.int(c.isAsync ? 1 : 0)),
        ])
    }
  }
  private mutating func parameter(_ a: Arg?) throws(PyError) -> Ref {
    guard let a else { return newRef(none) }
    return try node(
      "arg",
      [
        ("arg", try name(a.name)), ("annotation", try optional(a.annotation)),
        ("type_comment", try text(a.typeComment)),
      ], a.range
    ).take()
  }
  private mutating func parameters(_ items: ASTList<Arg>) throws(PyError) -> Ref {
    try list(items) { b, a throws(PyError) in Owned(taking: try b.parameter(a)) }
  }
  private mutating func arguments(_ a: Arguments) throws(PyError) -> Ref {
    let v = a.value
    return try node(
      "arguments",
      [
        ("posonlyargs", try parameters(v.posOnly)), ("args", try parameters(v.args)),
        ("vararg", try parameter(v.varArg)), ("kwonlyargs", try parameters(v.kwOnly)),
        ("kw_defaults", try optionals(v.kwDefaults)), ("kwarg", try parameter(v.kwArg)),
        ("defaults", try expressions(v.defaults)),
      ]
    ).take()
  }

  // MARK: constants

  private func constant(_ c: Constant) throws(PyError) -> Ref {
    switch c {
    case .none: return newRef(GilaCore.none)
    case .true: return newRef(pyTrue)
    case .false: return newRef(pyFalse)
    case .ellipsis: return newRef(ellipsis)
    case .int(let n): return try int(n)
    case .bigInt(let n):
      return try CodeObjects.constant(.bigInt(isNegative: n.isNegative, limbs: Array(n.limbs))).take()
    case .float(let d): return try owned(PyFloat_FromDouble(d)).take()
    case .complex(let re, let im): return try owned(PyComplex_FromDoubles(re, im)).take()
    case .string(let t): return try CodeObjects.text(t.array, intern: t.count < 64).take()
    case .bytes(let t): return try CodeObjects.bytes(t.array).take()
    case .tuple(let items):
      let t = try owned(PyTuple_New(items.count))
      for (i, item) in items.enumerated() { gila_tuple_items(t.ref)[i] = try constant(item) }
      return t.take()
    case .frozenset(let items):
      let t = try owned(PyTuple_New(items.count))
      for (i, item) in items.enumerated() { gila_tuple_items(t.ref)[i] = try constant(item) }
      return try owned(PyFrozenSet_New(t.ref)).take()
    }
  }

  // MARK: expressions

  private static let binary = [
    "Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift", "RShift", "BitOr", "BitXor", "BitAnd", "FloorDiv",
  ]
  private static let unary = ["Invert", "Not", "UAdd", "USub"]
  private static let comparisons = ["Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn"]
  private static let contexts = ["Load", "Store", "Del"]
  private func context(_ c: ExprContext) throws(PyError) -> Ref { try shared(TreeObjects.contexts[Int(c.rawValue)]) }

  private mutating func expression(_ e: Expr) throws(PyError) -> Ref {
    if gila_enter_recursive_call(" during ast construction") < 0 { throw PyError() }
    return try expressionNode(e).take()
  }
  private mutating func expressionNode(_ e: Expr) throws(PyError) -> Owned {
    let r = e.range
    switch e.kind {
    case .boolOp(let op, let values):
      return try node(
        "BoolOp", [("op", try shared(op == .and ? "And" : "Or")), ("values", try expressions(values))], r)
    case .namedExpr(let target, let value):
      return try node("NamedExpr", [("target", try expression(target)), ("value", try expression(value))], r)
    case .binOp(let left, let op, let right):
      return try node(
        "BinOp",
        [
          ("left", try expression(left)), ("op", try shared(TreeObjects.binary[Int(op.rawValue)])),
          ("right", try expression(right)),
        ], r)
    case .unaryOp(let op, let operand):
      return try node(
        "UnaryOp", [("op", try shared(TreeObjects.unary[Int(op.rawValue)])), ("operand", try expression(operand))], r)
    case .lambda(let args, let body):
      return try node("Lambda", [("args", try arguments(args)), ("body", try expression(body))], r)
    case .ifExp(let test, let body, let orElse):
      return try node(
        "IfExp",
        [("test", try expression(test)), ("body", try expression(body)), ("orelse", try expression(orElse))], r)
    case .dict(let keys, let values):
      return try node("Dict", [("keys", try optionals(keys)), ("values", try expressions(values))], r)
    case .set(let items): return try node("Set", [("elts", try expressions(items))], r)
    case .listComp(let item, let generators):
      return try node("ListComp", [("elt", try expression(item)), ("generators", try comprehensions(generators))], r)
    case .setComp(let item, let generators):
      return try node("SetComp", [("elt", try expression(item)), ("generators", try comprehensions(generators))], r)
    case .dictComp(let key, let value, let generators):
      return try node(
        "DictComp",
        [
          ("key", try expression(key)), ("value", try expression(value)),
          ("generators", try comprehensions(generators)),
        ], r)
    case .generatorExp(let item, let generators):
      return try node(
        "GeneratorExp", [("elt", try expression(item)), ("generators", try comprehensions(generators))], r)
    case .await(let value): return try node("Await", [("value", try expression(value))], r)
    case .yield(let value): return try node("Yield", [("value", try optional(value))], r)
    case .yieldFrom(let value): return try node("YieldFrom", [("value", try expression(value))], r)
    case .compare(let left, let ops, let rights):
      return try node(
        "Compare",
        [
          ("left", try expression(left)),
          (
            "ops",
            try list(ops) { b, op throws(PyError) in
              Owned(taking: try b.shared(TreeObjects.comparisons[Int(op.rawValue)]))
            }
          ), ("comparators", try expressions(rights)),
        ], r)
    case .call(let f, let args, let words):
      return try node(
        "Call", [("func", try expression(f)), ("args", try expressions(args)), ("keywords", try keywords(words))], r)
    case .formattedValue(let value, let conversion, let format):
      return try node(
        "FormattedValue",
        [
          ("value", try expression(value)), ("conversion", try int(Int(conversion))),
          ("format_spec", try optional(format)),
        ], r)
    case .joinedStr(let values): return try node("JoinedStr", [("values", try expressions(values))], r)
    case .constant(let c, let kind):
      return try node("Constant", [("value", try constant(c)), ("kind", try name(kind))], r)
    case .attribute(let value, let attribute, let c):
      return try node(
        "Attribute", [("value", try expression(value)), ("attr", try name(attribute)), ("ctx", try context(c))], r)
    case .subscript(let value, let index, let c):
      return try node(
        "Subscript", [("value", try expression(value)), ("slice", try expression(index)), ("ctx", try context(c))], r)
    case .starred(let value, let c):
      return try node("Starred", [("value", try expression(value)), ("ctx", try context(c))], r)
    case .name(let id, let c): return try node("Name", [("id", try name(id)), ("ctx", try context(c))], r)
    case .list(let items, let c):
      return try node("List", [("elts", try expressions(items)), ("ctx", try context(c))], r)
    case .tuple(let items, let c):
      return try node("Tuple", [("elts", try expressions(items)), ("ctx", try context(c))], r)
    case .slice(let lower, let upper, let step):
      return try node(
        "Slice", [("lower", try optional(lower)), ("upper", try optional(upper)), ("step", try optional(step))], r)
    }
  }

  // MARK: statements

  private mutating func aliases(_ items: ASTList<Alias>) throws(PyError) -> Ref {
    try list(items) { b, a throws(PyError) in
      try b.node("alias", [("name", try b.name(a.name)), ("asname", try b.name(a.asName))], a.range)
    }
  }
  private mutating func typeParameters(_ items: ASTList<TypeParam>) throws(PyError) -> Ref {
    try list(items) { b, p throws(PyError) in
      switch p.kind {
      case .typeVar:
        try b.node(
          "TypeVar",
          [
            ("name", try b.name(p.name)), ("bound", try b.optional(p.bound)),
            ("default_value", try b.optional(p.defaultValue)),
          ], p.range)
      case .paramSpec:
        try b.node(
          "ParamSpec", [("name", try b.name(p.name)), ("default_value", try b.optional(p.defaultValue))], p.range)
      case .typeVarTuple:
        try b.node(
          "TypeVarTuple", [("name", try b.name(p.name)), ("default_value", try b.optional(p.defaultValue))], p.range)
      }
    }
  }
  private mutating func statement(_ s: Stmt) throws(PyError) -> Owned {
    if gila_enter_recursive_call(" during ast construction") < 0 { throw PyError() }
    let r = s.range
    switch s.kind {
    case .functionDef(let d):
      return try node(
        d.isAsync ? "AsyncFunctionDef" : "FunctionDef",
        [
          ("name", try name(d.name)), ("args", try arguments(d.args)), ("body", try statements(d.body)),
          ("decorator_list", try expressions(d.decorators)), ("returns", try optional(d.returns)),
          ("type_comment", try text(d.typeComment)), ("type_params", try typeParameters(d.typeParams)),
        ], r)
    case .classDef(let d):
      return try node(
        "ClassDef",
        [
          ("name", try name(d.name)), ("bases", try expressions(d.bases)), ("keywords", try keywords(d.keywords)),
          ("body", try statements(d.body)), ("decorator_list", try expressions(d.decorators)),
          ("type_params", try typeParameters(d.typeParams)),
        ], r)
    case .return(let value): return try node("Return", [("value", try optional(value))], r)
    case .delete(let targets): return try node("Delete", [("targets", try expressions(targets))], r)
    case .assign(let targets, let value, let comment):
      return try node(
        "Assign",
        [("targets", try expressions(targets)), ("value", try expression(value)), ("type_comment", try text(comment))],
        r)
    case .typeAlias(let target, let parameters, let value):
      return try node(
        "TypeAlias",
        [
          ("name", try expression(target)), ("type_params", try typeParameters(parameters)),
          ("value", try expression(value)),
        ], r)
    case .augAssign(let target, let op, let value):
      return try node(
        "AugAssign",
        [
          ("target", try expression(target)), ("op", try shared(TreeObjects.binary[Int(op.rawValue)])),
          ("value", try expression(value)),
        ], r)
    case .annAssign(let target, let annotation, let value, let simple):
      return try node(
        "AnnAssign",
        [
          ("target", try expression(target)), ("annotation", try expression(annotation)),
          ("value", try optional(value)), ("simple", try int(simple ? 1 : 0)),
        ], r)
    case .for(let f):
      return try node(
        f.isAsync ? "AsyncFor" : "For",
        [
          ("target", try expression(f.target)), ("iter", try expression(f.iter)), ("body", try statements(f.body)),
          ("orelse", try statements(f.orElse)), ("type_comment", try text(f.typeComment)),
        ], r)
    case .while(let test, let body, let orElse):
      return try node(
        "While",
        [("test", try expression(test)), ("body", try statements(body)), ("orelse", try statements(orElse))], r)
    case .if(let test, let body, let orElse):
      return try node(
        "If", [("test", try expression(test)), ("body", try statements(body)), ("orelse", try statements(orElse))], r)
    case .with(let w):
      return try node(
        w.isAsync ? "AsyncWith" : "With",
        [
          (
            "items",
            try list(w.items) { b, i throws(PyError) in
              try b.node(
                "withitem",
                [("context_expr", try b.expression(i.context)), ("optional_vars", try b.optional(i.target))])
            }
          ), ("body", try statements(w.body)), ("type_comment", try text(w.typeComment)),
        ], r)
    case .match(let subject, let cases):
      return try node(
        "Match",
        [
          ("subject", try expression(subject)),
          (
            "cases",
            try list(cases) { b, c throws(PyError) in
              try b.node(
                "match_case",
                [
                  ("pattern", try b.pattern(c.pattern)), ("guard", try b.optional(c.guardExpr)),
                  ("body", try b.statements(c.body)),
                ])
            }
          ),
        ], r)
    case .raise(let e, let cause):
      return try node("Raise", [("exc", try optional(e)), ("cause", try optional(cause))], r)
    case .try(let t):
      return try node(
        t.isStar ? "TryStar" : "Try",
        [
          ("body", try statements(t.body)),
          (
            "handlers",
            try list(t.handlers) { b, h throws(PyError) in
              try b.node(
                "ExceptHandler",
                [("type", try b.optional(h.type)), ("name", try b.name(h.name)), ("body", try b.statements(h.body))],
                h.range)
            }
          ), ("orelse", try statements(t.orElse)), ("finalbody", try statements(t.finalBody)),
        ], r)
    case .assert(let test, let message):
      return try node("Assert", [("test", try expression(test)), ("msg", try optional(message))], r)
    case .import(let items): return try node("Import", [("names", try aliases(items))], r)
    case .importFrom(let module, let items, let level):
      return try node(
        "ImportFrom",
        [("module", try name(module)), ("names", try aliases(items)), ("level", try int(Int(level)))], r)
    case .global(let items): return try node("Global", [("names", try nameList(items))], r)
    case .nonlocal(let items): return try node("Nonlocal", [("names", try nameList(items))], r)
    case .expr(let value): return try node("Expr", [("value", try expression(value))], r)
    case .pass: return try node("Pass", [], r)
    case .break: return try node("Break", [], r)
    case .continue: return try node("Continue", [], r)
    }
  }

  // MARK: patterns

  private mutating func patterns(_ items: ASTList<Pattern>) throws(PyError) -> Ref {
    try list(items) { b, p throws(PyError) in Owned(taking: try b.pattern(p)) }
  }
  private mutating func pattern(_ p: Pattern) throws(PyError) -> Ref {
    if gila_enter_recursive_call(" during ast construction") < 0 { throw PyError() }
    return try patternNode(p).take()
  }
  private mutating func patternNode(_ p: Pattern) throws(PyError) -> Owned {
    let r = p.range
    switch p.kind {
    case .value(let e): return try node("MatchValue", [("value", try expression(e))], r)
    case .singleton(let c): return try node("MatchSingleton", [("value", try constant(c))], r)
    case .sequence(let items): return try node("MatchSequence", [("patterns", try patterns(items))], r)
    case .mapping(let keys, let items, let rest):
      return try node(
        "MatchMapping",
        [("keys", try expressions(keys)), ("patterns", try patterns(items)), ("rest", try name(rest))], r)
    case .class(let cls, let items, let words, let wordPatterns):
      return try node(
        "MatchClass",
        [
          ("cls", try expression(cls)), ("patterns", try patterns(items)), ("kwd_attrs", try nameList(words)),
          ("kwd_patterns", try patterns(wordPatterns)),
        ], r)
    case .star(let n): return try node("MatchStar", [("name", try name(n))], r)
    case .as(let inner, let n):
      let shown = try inner == nil ? newRef(none) : pattern(inner!)
      return try node("MatchAs", [("pattern", shown), ("name", try name(n))], r)
    case .or(let items): return try node("MatchOr", [("patterns", try patterns(items))], r)
    }
  }
}
