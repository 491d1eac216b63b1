// Expressions, parameters and patterns of a tree of _ast objects.

import CGila
import GilaCore
import GilaSyntax

extension TreeReader {
  // MARK: fields that hold expressions

  func expression(_ node: Ref, _ owner: String, _ name: StaticString) throws(PyError) -> Expr {
    let r = try required(node, owner, name)
    if r.ref == none { throw absent(owner, name) }
    return try expression(r.ref)
  }
  func optionalExpression(_ node: Ref, _ name: StaticString) throws(PyError) -> Expr? {
    guard let r = try optional(node, name) else { return nil }
    let held = Owned(taking: r)
    return try expression(held.ref)
  }
  func expressions(_ node: Ref, _ owner: String, _ name: StaticString) throws(PyError) -> ASTList<Expr> {
    try list(node, owner, name) { item throws(PyError) in
      if item == none { throw valueError("None disallowed in expression list") }
      return try expression(item)
    }
  }
  func optionalExpressions(_ node: Ref, _ owner: String, _ name: StaticString) throws(PyError) -> ASTList<Expr?> {
    try list(node, owner, name) { item throws(PyError) in
      item == none ? nil : try expression(item)
    }
  }

  // MARK: expressions

  func expression(_ node: Ref) throws(PyError) -> Expr {
    let name = try kind(node, "expr")
    try check(gila_enter_recursive_call(" while traversing '\(name)' node"))
    let range = try range(node, "expr")
    return arena.expr(try expressionKind(node, name), range)
  }
  private func expressionKind(_ n: Ref, _ name: String) throws(PyError) -> ExprKind {
    switch name {
    case "BoolOp": return .boolOp(try boolOperator(n), try expressions(n, name, "values"))
    case "NamedExpr":
      return .namedExpr(target: try expression(n, name, "target"), value: try expression(n, name, "value"))
    case "BinOp":
      let left = try expression(n, name, "left"), op = try binaryOperator(n, name)
      return .binOp(left, op, try expression(n, name, "right"))
    case "UnaryOp": return .unaryOp(try unaryOperator(n), try expression(n, name, "operand"))
    case "Lambda": return .lambda(try arguments(n, name), body: try expression(n, name, "body"))
    case "IfExp":
      return .ifExp(
        test: try expression(n, name, "test"), body: try expression(n, name, "body"),
        orElse: try expression(n, name, "orelse"))
    case "Dict":
      return .dict(keys: try optionalExpressions(n, name, "keys"), values: try expressions(n, name, "values"))
    case "Set": return .set(try expressions(n, name, "elts"))
    case "ListComp": return .listComp(try expression(n, name, "elt"), try comprehensions(n, name))
    case "SetComp": return .setComp(try expression(n, name, "elt"), try comprehensions(n, name))
    case "DictComp":
      return .dictComp(
        key: try expression(n, name, "key"), value: try expression(n, name, "value"), try comprehensions(n, name))
    case "GeneratorExp": return .generatorExp(try expression(n, name, "elt"), try comprehensions(n, name))
    case "Await": return .await(try expression(n, name, "value"))
    case "Yield": return .yield(try optionalExpression(n, "value"))
    case "YieldFrom": return .yieldFrom(try expression(n, name, "value"))
    case "Compare":
      return .compare(try expression(n, name, "left"), try compareOperators(n), try expressions(n, name, "comparators"))
    case "Call":
      return .call(try expression(n, name, "func"), try expressions(n, name, "args"), try keywords(n, name))
    case "FormattedValue":
      return .formattedValue(
        try expression(n, name, "value"), conversion: try int(n, name, "conversion"),
        format: try optionalExpression(n, "format_spec"))
    case "JoinedStr": return .joinedStr(try expressions(n, name, "values"))
    case "Constant":
      let value = try required(n, name, "value")
      return .constant(try constant(value.ref), kind: try constantKind(n))
    case "Attribute":
      return .attribute(try expression(n, name, "value"), try self.name(n, name, "attr"), try context(n, name))
    case "Subscript":
      return .subscript(
        try expression(n, name, "value"), index: try expression(n, name, "slice"), try context(n, name))
    case "Starred": return .starred(try expression(n, name, "value"), try context(n, name))
    case "Name": return .name(try self.name(n, name, "id"), try context(n, name))
    case "List": return .list(try expressions(n, name, "elts"), try context(n, name))
    case "Tuple": return .tuple(try expressions(n, name, "elts"), try context(n, name))
    case "Slice":
      return .slice(
        lower: try optionalExpression(n, "lower"), upper: try optionalExpression(n, "upper"),
        step: try optionalExpression(n, "step"))
    default: throw try unexpected("expr", n)
    }
  }
  private func comprehensions(_ node: Ref, _ owner: String) throws(PyError) -> ASTList<Comprehension> {
    try list(node, owner, "generators") { c throws(PyError) in
      Comprehension(
        target: try expression(c, "comprehension", "target"), iter: try expression(c, "comprehension", "iter"),
        ifs: try expressions(c, "comprehension", "ifs"), isAsync: try int(c, "comprehension", "is_async") != 0)
    }
  }
  func keywords(_ node: Ref, _ owner: String) throws(PyError) -> ASTList<Keyword> {
    try list(node, owner, "keywords") { k throws(PyError) in
      Keyword(
        name: try optionalName(k, "arg"), value: try expression(k, "keyword", "value"), range: try range(k, "keyword"))
    }
  }

  // MARK: parameters

  func arguments(_ node: Ref, _ owner: String) throws(PyError) -> Arguments {
    let args = try required(node, owner, "args")
    let a = args.ref, name = "arguments"
    return arena.arguments(
      ArgumentsNode(
        posOnly: try parameters(a, "posonlyargs"), args: try parameters(a, "args"),
        varArg: try optionalParameter(a, "vararg"), kwOnly: try parameters(a, "kwonlyargs"),
        kwDefaults: try optionalExpressions(a, name, "kw_defaults"), kwArg: try optionalParameter(a, "kwarg"),
        defaults: try expressions(a, name, "defaults")))
  }
  private func parameters(_ node: Ref, _ field: StaticString) throws(PyError) -> ASTList<Arg> {
    try list(node, "arguments", field) { item throws(PyError) in try parameter(item) }
  }
  private func optionalParameter(_ node: Ref, _ field: StaticString) throws(PyError) -> Arg? {
    guard let r = try optional(node, field) else { return nil }
    let held = Owned(taking: r)
    return try parameter(held.ref)
  }
  private func parameter(_ p: Ref) throws(PyError) -> Arg {
    Arg(
      name: try name(p, "arg", "arg"), annotation: try optionalExpression(p, "annotation"),
      typeComment: try optionalText(p, "type_comment"), range: try range(p, "arg"))
  }

  // MARK: patterns

  private func patterns(_ node: Ref, _ owner: String, _ field: StaticString) throws(PyError) -> ASTList<Pattern> {
    try list(node, owner, field) { item throws(PyError) in try pattern(item) }
  }
  func pattern(_ node: Ref, _ owner: String, _ field: StaticString) throws(PyError) -> Pattern {
    let r = try required(node, owner, field)
    if r.ref == none { throw absent(owner, field) }
    return try pattern(r.ref)
  }
  private func pattern(_ node: Ref) throws(PyError) -> Pattern {
    if node == none { throw valueError("None disallowed in pattern list") }
    let name = try kind(node, "pattern")
    try check(gila_enter_recursive_call(" while traversing '\(name)' node"))
    let range = try range(node, "pattern", optionalEnd: false)
    return arena.pattern(try patternKind(node, name), range)
  }
  private func patternKind(_ n: Ref, _ name: String) throws(PyError) -> PatternKind {
    switch name {
    case "MatchValue": return .value(try expression(n, name, "value"))
    case "MatchSingleton":
      let value = try required(n, name, "value")
      return .singleton(try constant(value.ref))
    case "MatchSequence": return .sequence(try patterns(n, name, "patterns"))
    case "MatchMapping":
      return .mapping(
        keys: try expressions(n, name, "keys"), patterns: try patterns(n, name, "patterns"),
        rest: try optionalName(n, "rest"))
    case "MatchClass":
      return .class(
        try expression(n, name, "cls"), patterns: try patterns(n, name, "patterns"),
        keywords: try nameList(n, name, "kwd_attrs"), keywordPatterns: try patterns(n, name, "kwd_patterns"))
    case "MatchStar": return .star(try optionalName(n, "name"))
    case "MatchAs":
      var inner: Pattern? = nil
      if let r = try optional(n, "pattern") {
        let held = Owned(taking: r)
        inner = try pattern(held.ref)
      }
      return .as(inner, try optionalName(n, "name"))
    case "MatchOr": return .or(try patterns(n, name, "patterns"))
    default: throw try unexpected("pattern", n)
    }
  }
}
