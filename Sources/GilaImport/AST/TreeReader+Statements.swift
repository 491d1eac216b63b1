// Statements of a tree of _ast objects.

import CGila
import GilaCore
import GilaSyntax

extension TreeReader {
  func statements(_ node: Ref, _ owner: String, _ field: StaticString) throws(PyError) -> ASTList<Stmt> {
    try list(node, owner, field) { item throws(PyError) in
      if item == none { throw valueError("None disallowed in statement list") }
      return try statement(item)
    }
  }
  private func statement(_ node: Ref) throws(PyError) -> Stmt {
    let name = try kind(node, "stmt")
    try check(gila_enter_recursive_call(" while traversing '\(name)' node"))
    let range = try range(node, "stmt")
    return arena.stmt(try statementKind(node, name), range)
  }
  private func statementKind(_ n: Ref, _ name: String) throws(PyError) -> StmtKind {
    switch name {
    case "FunctionDef", "AsyncFunctionDef": return .functionDef(try function(n, name))
    case "ClassDef":
      return .classDef(
        ClassDef(
          name: try self.name(n, name, "name"), bases: try expressions(n, name, "bases"),
          keywords: try keywords(n, name), body: try statements(n, name, "body"),
          decorators: try expressions(n, name, "decorator_list"), typeParams: try typeParameters(n, name)))
    case "Return": return .return(try optionalExpression(n, "value"))
    case "Delete": return .delete(try expressions(n, name, "targets"))
    case "Assign":
      return .assign(
        targets: try expressions(n, name, "targets"), value: try expression(n, name, "value"),
        typeComment: try optionalText(n, "type_comment"))
    case "TypeAlias":
      return .typeAlias(
        name: try expression(n, name, "name"), typeParams: try typeParameters(n, name),
        value: try expression(n, name, "value"))
    case "AugAssign":
      let target = try expression(n, name, "target"), op = try binaryOperator(n, name)
      return .augAssign(target: target, op, value: try expression(n, name, "value"))
    case "AnnAssign":
      return .annAssign(
        target: try expression(n, name, "target"), annotation: try expression(n, name, "annotation"),
        value: try optionalExpression(n, "value"), simple: try int(n, name, "simple") != 0)
    case "For", "AsyncFor":
      return .for(
        ForStmt(
          isAsync: name == "AsyncFor", target: try expression(n, name, "target"), iter: try expression(n, name, "iter"),
          body: try statements(n, name, "body"), orElse: try statements(n, name, "orelse"),
          typeComment: try optionalText(n, "type_comment")))
    case "While":
      return .while(
        test: try expression(n, name, "test"), body: try statements(n, name, "body"),
        orElse: try statements(n, name, "orelse"))
    case "If":
      return .if(
        test: try expression(n, name, "test"), body: try statements(n, name, "body"),
        orElse: try statements(n, name, "orelse"))
    case "With", "AsyncWith":
      return .with(
        WithStmt(
          isAsync: name == "AsyncWith", items: try withItems(n, name), body: try statements(n, name, "body"),
          typeComment: try optionalText(n, "type_comment")))
    case "Match": return .match(subject: try expression(n, name, "subject"), cases: try cases(n))
    case "Raise": return .raise(try optionalExpression(n, "exc"), cause: try optionalExpression(n, "cause"))
    case "Try", "TryStar":
      return .try(
        TryStmt(
          isStar: name == "TryStar", body: try statements(n, name, "body"), handlers: try handlers(n, name),
          orElse: try statements(n, name, "orelse"), finalBody: try statements(n, name, "finalbody")))
    case "Assert": return .assert(try expression(n, name, "test"), message: try optionalExpression(n, "msg"))
    case "Import": return .import(try aliases(n, name))
    case "ImportFrom":
      return .importFrom(
        module: try optionalName(n, "module"), names: try aliases(n, name), level: try optionalInt(n, "level") ?? 0)
    case "Global": return .global(try nameList(n, name, "names"))
    case "Nonlocal": return .nonlocal(try nameList(n, name, "names"))
    case "Expr": return .expr(try expression(n, name, "value"))
    case "Pass": return .pass
    case "Break": return .break
    case "Continue": return .continue
    default: throw try unexpected("stmt", n)
    }
  }

  // MARK: parts

  private func function(_ n: Ref, _ name: String) throws(PyError) -> FunctionDef {
    FunctionDef(
      name: try self.name(n, name, "name"), isAsync: name == "AsyncFunctionDef", args: try arguments(n, name),
      body: try statements(n, name, "body"), decorators: try expressions(n, name, "decorator_list"),
      returns: try optionalExpression(n, "returns"), typeComment: try optionalText(n, "type_comment"),
      typeParams: try typeParameters(n, name))
  }
  private func withItems(_ node: Ref, _ owner: String) throws(PyError) -> ASTList<WithItem> {
    try list(node, owner, "items") { i throws(PyError) in
      WithItem(
        context: try expression(i, "withitem", "context_expr"), target: try optionalExpression(i, "optional_vars"))
    }
  }
  private func cases(_ node: Ref) throws(PyError) -> ASTList<MatchCase> {
    try list(node, "Match", "cases") { c throws(PyError) in
      MatchCase(
        pattern: try pattern(c, "match_case", "pattern"), guardExpr: try optionalExpression(c, "guard"),
        body: try statements(c, "match_case", "body"))
    }
  }
  private func handlers(_ node: Ref, _ owner: String) throws(PyError) -> ASTList<ExceptHandler> {
    try list(node, owner, "handlers") { h throws(PyError) in
      if h == none { throw valueError("None disallowed in handler list") }
      let name = try kind(h, "excepthandler"), range = try range(h, "excepthandler")
      guard name == "ExceptHandler" else { throw try unexpected("excepthandler", h) }
      return ExceptHandler(
        type: try optionalExpression(h, "type"), name: try optionalName(h, "name"),
        body: try statements(h, name, "body"), range: range)
    }
  }
  private func aliases(_ node: Ref, _ owner: String) throws(PyError) -> ASTList<Alias> {
    try list(node, owner, "names") { a throws(PyError) in
      Alias(name: try name(a, "alias", "name"), asName: try optionalName(a, "asname"), range: try range(a, "alias"))
    }
  }
  private func typeParameters(_ node: Ref, _ owner: String) throws(PyError) -> ASTList<TypeParam> {
    try list(node, owner, "type_params") { p throws(PyError) in
      if p == none { throw valueError("None disallowed in type parameter list") }
      let range = try range(p, "type_param", optionalEnd: false)
      let name = try kind(p, "type_param")
      let kind: TypeParam.Kind
      switch name {
      case "TypeVar": kind = .typeVar
      case "ParamSpec": kind = .paramSpec
      case "TypeVarTuple": kind = .typeVarTuple
      default: throw try unexpected("type_param", p)
      }
      return TypeParam(
        kind: kind, name: try self.name(p, name, "name"),
        bound: kind == .typeVar ? try optionalExpression(p, "bound") : nil,
        defaultValue: try optionalExpression(p, "default_value"), range: range)
    }
  }
}
