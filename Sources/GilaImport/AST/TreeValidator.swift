// Whether a tree that a program built could have come from source text.

import CGila
import GilaCore
import GilaSyntax

/// Refuses trees that no source text gives and that would make the compiler fail.
struct TreeValidator {
  private let names: NameTable

  static func validate(_ tree: SyntaxTree) throws(PyError) {
    let v = TreeValidator(names: tree.arena.names)
    switch tree.root {
    case .module(let body, _), .interactive(let body): try v.statements(body)
    case .expression(let e): try v.expression(e)
    case .functionType(let args, let returns):
      try v.expressions(args)
      try v.expression(returns)
    }
  }

  // MARK: common parts

  private func enter() throws(PyError) { try check(gila_enter_recursive_call(" during compilation")) }

  private func positions(_ r: SourceRange) throws(PyError) {
    if r.line > r.endLine { throw valueError("AST node line range (\(r.line), \(r.endLine)) is not valid") }
    let oddLine = r.line < 0 && r.endLine != r.line, oddColumn = r.column < 0 && r.column != r.endColumn
    if oddLine || oddColumn {
      throw valueError(
        "AST node column range (\(r.column), \(r.endColumn)) for line range (\(r.line), \(r.endLine)) is not valid")
    }
    if r.line == r.endLine && r.column > r.endColumn {
      throw valueError("line \(r.line), column \(r.column)-\(r.endColumn) is not a valid range")
    }
  }
  private func identifier(_ n: Name) throws(PyError) {
    if n == .kwNone || n == .kwTrue || n == .kwFalse {
      throw valueError("identifier field can't represent '\(names.string(n))' constant")
    }
  }
  private func notEmpty(_ count: Int, _ what: String, _ owner: String) throws(PyError) {
    if count == 0 { throw valueError("empty \(what) on \(owner)") }
  }

  // MARK: expressions

  private static func name(_ c: ExprContext) -> String {
    switch c {
    case .load: "Load"
    case .store: "Store"
    case .del: "Del"
    }
  }
  private func optional(_ e: Expr?) throws(PyError) { if let e { try expression(e) } }
  private func expressions(_ items: ASTList<Expr>, _ context: ExprContext = .load) throws(PyError) {
    for e in items { try expression(e, context) }
  }
  private func context(_ e: Expr, _ wanted: ExprContext) throws(PyError) {
    let actual: ExprContext
    switch e.kind {
    case .attribute(_, _, let c), .subscript(_, _, let c), .starred(_, let c), .list(_, let c), .tuple(_, let c):
      actual = c
    case .name(let n, let c):
      try identifier(n)
      actual = c
    default:
      if wanted != .load {
        throw valueError("expression which can't be assigned to in \(TreeValidator.name(wanted)) context")
      }
      return
    }
    if actual != wanted {
      throw valueError(
        "expression must have \(TreeValidator.name(wanted)) context but has \(TreeValidator.name(actual)) instead")
    }
  }
  private func expression(_ e: Expr, _ wanted: ExprContext = .load) throws(PyError) {
    try positions(e.range)
    try enter()
    try context(e, wanted)
    switch e.kind {
    case .boolOp(_, let values):
      if values.count < 2 { throw valueError("BoolOp with less than 2 values") }
      try expressions(values)
    case .namedExpr(let target, let value):
      guard case .name = target.kind else { throw typeError("NamedExpr target must be a Name") }
      try expression(value)
    case .binOp(let left, _, let right):
      try expression(left)
      try expression(right)
    case .unaryOp(_, let operand): try expression(operand)
    case .lambda(let args, let body):
      try arguments(args)
      try expression(body)
    case .ifExp(let test, let body, let orElse):
      try expression(test)
      try expression(body)
      try expression(orElse)
    case .dict(let keys, let values):
      if keys.count != values.count { throw valueError("Dict doesn't have the same number of keys as values") }
      for k in keys { try optional(k) }
      try expressions(values)
    case .set(let items): try expressions(items)
    case .listComp(let item, let generators), .setComp(let item, let generators),
      .generatorExp(let item, let generators):
      try comprehensions(generators)
      try expression(item)
    case .dictComp(let key, let value, let generators):
      try comprehensions(generators)
      try expression(key)
      try expression(value)
    case .await(let value), .yieldFrom(let value): try expression(value)
    case .yield(let value): try optional(value)
    case .compare(let left, let ops, let rights):
      if rights.isEmpty { throw valueError("Compare with no comparators") }
      if rights.count != ops.count {
        throw valueError("Compare has a different number of comparators and operands")
      }
      try expressions(rights)
      try expression(left)
    case .call(let f, let args, let words):
      try expression(f)
      try expressions(args)
      try keywords(words)
    case .formattedValue(let value, _, let format):
      try expression(value)
      try optional(format)
    case .joinedStr(let values): try expressions(values)
    case .constant, .name: break
    case .attribute(let value, _, _): try expression(value)
    case .subscript(let value, let index, _):
      try expression(index)
      try expression(value)
    case .starred(let value, _): try expression(value, wanted)
    case .list(let items, _), .tuple(let items, _): try expressions(items, wanted)
    case .slice(let lower, let upper, let step):
      try optional(lower)
      try optional(upper)
      try optional(step)
    }
  }
  private func comprehensions(_ items: ASTList<Comprehension>) throws(PyError) {
    if items.isEmpty { throw valueError("comprehension with no generators") }
    for c in items {
      try expression(c.target, .store)
      try expression(c.iter)
      try expressions(c.ifs)
    }
  }
  private func keywords(_ items: ASTList<Keyword>) throws(PyError) {
    for k in items { try expression(k.value) }
  }
  private func parameters(_ items: ASTList<Arg>) throws(PyError) {
    for p in items {
      try positions(p.range)
      try optional(p.annotation)
    }
  }
  private func arguments(_ arguments: Arguments) throws(PyError) {
    let a = arguments.value
    try parameters(a.posOnly)
    try parameters(a.args)
    if let p = a.varArg { try optional(p.annotation) }
    try parameters(a.kwOnly)
    if let p = a.kwArg { try optional(p.annotation) }
    if a.defaults.count > a.posOnly.count + a.args.count {
      throw valueError("more positional defaults than args on arguments")
    }
    if a.kwDefaults.count != a.kwOnly.count {
      throw valueError("length of kwonlyargs is not the same as kw_defaults on arguments")
    }
    try expressions(a.defaults)
    for e in a.kwDefaults { try optional(e) }
  }

  // MARK: statements

  private func statements(_ items: ASTList<Stmt>) throws(PyError) { for s in items { try statement(s) } }
  private func body(_ items: ASTList<Stmt>, _ owner: String) throws(PyError) {
    try notEmpty(items.count, "body", owner)
    try statements(items)
  }
  private func statement(_ s: Stmt) throws(PyError) {
    try positions(s.range)
    try enter()
    switch s.kind {
    case .functionDef(let d):
      try body(d.body, d.isAsync ? "AsyncFunctionDef" : "FunctionDef")
      try typeParameters(d.typeParams)
      try arguments(d.args)
      try expressions(d.decorators)
      try optional(d.returns)
    case .classDef(let d):
      try body(d.body, "ClassDef")
      try typeParameters(d.typeParams)
      try expressions(d.bases)
      try keywords(d.keywords)
      try expressions(d.decorators)
    case .return(let value): try optional(value)
    case .delete(let targets):
      try notEmpty(targets.count, "targets", "Delete")
      try expressions(targets, .del)
    case .assign(let targets, let value, _):
      try notEmpty(targets.count, "targets", "Assign")
      try expressions(targets, .store)
      try expression(value)
    case .augAssign(let target, _, let value):
      try expression(target, .store)
      try expression(value)
      try assignable(target, "augmented assignment")
    case .annAssign(let target, let annotation, let value, let simple):
      if case .name = target.kind {
      } else if simple {
        throw typeError("AnnAssign with simple non-Name target")
      }
      try expression(target, .store)
      try optional(value)
      try expression(annotation)
      try assignable(target, "annotated assignment")
    case .typeAlias(let name, let parameters, let value):
      guard case .name = name.kind else { throw typeError("TypeAlias with non-Name name") }
      try expression(name, .store)
      try typeParameters(parameters)
      try expression(value)
    case .for(let f):
      try expression(f.target, .store)
      try expression(f.iter)
      try body(f.body, f.isAsync ? "AsyncFor" : "For")
      try statements(f.orElse)
    case .while(let test, let inner, let orElse):
      try expression(test)
      try body(inner, "While")
      try statements(orElse)
    case .if(let test, let inner, let orElse):
      try expression(test)
      try body(inner, "If")
      try statements(orElse)
    case .with(let w):
      let name = w.isAsync ? "AsyncWith" : "With"
      try notEmpty(w.items.count, "items", name)
      for i in w.items {
        try expression(i.context)
        if let target = i.target { try expression(target, .store) }
      }
      try body(w.body, name)
    case .match(let subject, let cases):
      try expression(subject)
      try notEmpty(cases.count, "cases", "Match")
      for c in cases {
        try pattern(c.pattern, starAllowed: false)
        try optional(c.guardExpr)
        try body(c.body, "match_case")
      }
    case .raise(let e, let cause):
      if e == nil && cause != nil { throw valueError("Raise with cause but no exception") }
      try optional(e)
      try optional(cause)
    case .try(let t): try tryStatement(t)
    case .assert(let test, let message):
      try expression(test)
      try optional(message)
    case .import(let items): try notEmpty(items.count, "names", "Import")
    case .importFrom(_, let items, let level):
      if level < 0 { throw valueError("Negative ImportFrom level") }
      try notEmpty(items.count, "names", "ImportFrom")
    case .global(let items): try notEmpty(items.count, "names", "Global")
    case .nonlocal(let items): try notEmpty(items.count, "names", "Nonlocal")
    case .expr(let value): try expression(value)
    case .pass, .break, .continue: break
    }
  }
  private func tryStatement(_ t: TryStmt) throws(PyError) {
    let name = t.isStar ? "TryStar" : "Try"
    try body(t.body, name)
    if t.handlers.isEmpty {
      if t.finalBody.isEmpty { throw valueError("\(name) has neither except handlers nor finalbody") }
      if !t.orElse.isEmpty { throw valueError("\(name) has orelse but no except handlers") }
    }
    for h in t.handlers {
      try positions(h.range)
      try optional(h.type)
      try body(h.body, "ExceptHandler")
    }
    try statements(t.finalBody)
    try statements(t.orElse)
  }
  /// What only the code generator of CPython notices: one name, attribute or item is assigned to, no more.
  private func assignable(_ target: Expr, _ what: String) throws(PyError) {
    let number: Int
    switch target.kind {
    case .name, .attribute, .subscript: return
    case .starred: number = 24
    case .list: number = 25
    default: number = 26
    }
    throw systemError("invalid node type (\(number)) for \(what)")
  }
  private func typeParameters(_ items: ASTList<TypeParam>) throws(PyError) {
    for p in items {
      try positions(p.range)
      try identifier(p.name)
      try optional(p.bound)
      try optional(p.defaultValue)
    }
  }

  // MARK: patterns

  private func patterns(_ items: ASTList<Pattern>, starAllowed: Bool) throws(PyError) {
    for p in items { try pattern(p, starAllowed: starAllowed) }
  }
  private func capture(_ n: Name) throws(PyError) {
    if n == .underscore { throw valueError("can't capture name '_' in patterns") }
    try identifier(n)
  }
  private func pattern(_ p: Pattern, starAllowed: Bool) throws(PyError) {
    try positions(p.range)
    try enter()
    switch p.kind {
    case .value(let e): try literal(e)
    case .singleton(let c):
      switch c {
      case .none, .true, .false: break
      default: throw valueError("MatchSingleton can only contain True, False and None")
      }
    case .sequence(let items): try patterns(items, starAllowed: true)
    case .mapping(let keys, let items, let rest):
      if keys.count != items.count {
        throw valueError("MatchMapping doesn't have the same number of keys as patterns")
      }
      if let rest { try capture(rest) }
      for k in keys {
        if case .constant(let c, _) = k.kind {
          switch c {
          case .none, .true, .false: continue
          default: break
          }
        }
        try literal(k)
      }
      try patterns(items, starAllowed: false)
    case .class(let cls, let items, let words, let wordPatterns):
      if words.count != wordPatterns.count {
        throw valueError("MatchClass doesn't have the same number of keyword attributes as patterns")
      }
      try expression(cls)
      try dottedName(cls)
      for n in words { try identifier(n) }
      try patterns(items, starAllowed: false)
      try patterns(wordPatterns, starAllowed: false)
    case .star(let n):
      if !starAllowed { throw valueError("can't use MatchStar here") }
      if let n { try capture(n) }
    case .as(let inner, let n):
      if let n { try capture(n) }
      if let inner {
        if n == nil { throw valueError("MatchAs must specify a target name if a pattern is given") }
        try pattern(inner, starAllowed: false)
      }
    case .or(let items):
      if items.count < 2 { throw valueError("MatchOr requires at least 2 patterns") }
      try patterns(items, starAllowed: false)
    }
  }
  private func dottedName(_ e: Expr) throws(PyError) {
    var e = e
    while true {
      switch e.kind {
      case .name: return
      case .attribute(let value, _, _): e = value
      default: throw valueError("MatchClass cls field can only contain Name or Attribute nodes.")
      }
    }
  }
  /// A value that a pattern may compare with: a literal, a signed or complex number, an attribute.
  private func literal(_ e: Expr) throws(PyError) {
    try expression(e)
    switch e.kind {
    case .constant(let c, _):
      switch c {
      case .int, .bigInt, .float, .bytes, .complex, .string: return
      default: throw valueError("unexpected constant inside of a literal pattern")
      }
    case .attribute, .joinedStr: return
    case .unaryOp: if isNegative(e, real: true, imaginary: true) { return }
    case .binOp(let left, let op, let right):
      let sign = op == .add || op == .sub
      let first = isNumber(left, real: true, imaginary: false) || isNegative(left, real: true, imaginary: false)
      if sign && first && isNumber(right, real: false, imaginary: true) { return }
    default: break
    }
    throw valueError("patterns may only match literals and attribute lookups")
  }
  private func isNumber(_ e: Expr, real: Bool, imaginary: Bool) -> Bool {
    guard case .constant(let c, _) = e.kind else { return false }
    switch c {
    case .int, .bigInt, .float: return real
    case .complex: return imaginary
    default: return false
    }
  }
  private func isNegative(_ e: Expr, real: Bool, imaginary: Bool) -> Bool {
    guard case .unaryOp(.uSub, let operand) = e.kind else { return false }
    return isNumber(operand, real: real, imaginary: imaginary)
  }
}
