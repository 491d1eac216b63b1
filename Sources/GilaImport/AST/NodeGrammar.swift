/// The node classes of `_ast`, as Python's abstract grammar names them: a kind and, indented below it, its
/// constructors with their fields; a kind without constructors of its own has the fields itself.
enum NodeGrammar {
  static let text = """
    mod
      Expression(expr body)
      FunctionType(expr* argtypes, expr returns)
      Interactive(stmt* body)
      Module(stmt* body, type_ignore* type_ignores)
    stmt
      AnnAssign(expr target, expr annotation, expr? value, int simple)
      Assert(expr test, expr? msg)
      Assign(expr* targets, expr value, string? type_comment)
      AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)
      AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)
      AsyncWith(withitem* items, stmt* body, string? type_comment)
      AugAssign(expr target, operator op, expr value)
      Break
      ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params)
      Continue
      Delete(expr* targets)
      Expr(expr value)
      For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)
      FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)
      Global(identifier* names)
      If(expr test, stmt* body, stmt* orelse)
      Import(alias* names)
      ImportFrom(identifier? module, alias* names, int? level)
      Match(expr subject, match_case* cases)
      Nonlocal(identifier* names)
      Pass
      Raise(expr? exc, expr? cause)
      Return(expr? value)
      Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)
      TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)
      TypeAlias(expr name, type_param* type_params, expr value)
      While(expr test, stmt* body, stmt* orelse)
      With(withitem* items, stmt* body, string? type_comment)
    expr
      Attribute(expr value, identifier attr, expr_context ctx)
      Await(expr value)
      BinOp(expr left, operator op, expr right)
      BoolOp(boolop op, expr* values)
      Call(expr func, expr* args, keyword* keywords)
      Compare(expr left, cmpop* ops, expr* comparators)
      Constant(constant value, string? kind)
      Dict(expr* keys, expr* values)
      DictComp(expr key, expr value, comprehension* generators)
      FormattedValue(expr value, int conversion, expr? format_spec)
      GeneratorExp(expr elt, comprehension* generators)
      IfExp(expr test, expr body, expr orelse)
      JoinedStr(expr* values)
      Lambda(arguments args, expr body)
      List(expr* elts, expr_context ctx)
      ListComp(expr elt, comprehension* generators)
      Name(identifier id, expr_context ctx)
      NamedExpr(expr target, expr value)
      Set(expr* elts)
      SetComp(expr elt, comprehension* generators)
      Slice(expr? lower, expr? upper, expr? step)
      Starred(expr value, expr_context ctx)
      Subscript(expr value, expr slice, expr_context ctx)
      Tuple(expr* elts, expr_context ctx)
      UnaryOp(unaryop op, expr operand)
      Yield(expr? value)
      YieldFrom(expr value)
    expr_context
      Del
      Load
      Store
    boolop
      And
      Or
    operator
      Add
      BitAnd
      BitOr
      BitXor
      Div
      FloorDiv
      LShift
      MatMult
      Mod
      Mult
      Pow
      RShift
      Sub
    unaryop
      Invert
      Not
      UAdd
      USub
    cmpop
      Eq
      Gt
      GtE
      In
      Is
      IsNot
      Lt
      LtE
      NotEq
      NotIn
    comprehension(expr target, expr iter, expr* ifs, int is_async)
    excepthandler
      ExceptHandler(expr? type, identifier? name, stmt* body)
    arguments(arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr* kw_defaults, arg? kwarg, expr* defaults)
    arg(identifier arg, expr? annotation, string? type_comment)
    keyword(identifier? arg, expr value)
    alias(identifier name, identifier? asname)
    withitem(expr context_expr, expr? optional_vars)
    match_case(pattern pattern, expr? guard, stmt* body)
    pattern
      MatchAs(pattern? pattern, identifier? name)
      MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns)
      MatchMapping(expr* keys, pattern* patterns, identifier? rest)
      MatchOr(pattern* patterns)
      MatchSequence(pattern* patterns)
      MatchSingleton(constant value)
      MatchStar(identifier? name)
      MatchValue(expr value)
    type_ignore
      TypeIgnore(int lineno, string tag)
    type_param
      ParamSpec(identifier name, expr? default_value)
      TypeVar(identifier name, expr? bound, expr? default_value)
      TypeVarTuple(identifier name, expr? default_value)
    """
  /// Kinds whose nodes have a place in the source.
  static let placed: Set<String> = [
    "stmt", "expr", "excepthandler", "arg", "keyword", "alias", "pattern", "type_param",
  ]
}
