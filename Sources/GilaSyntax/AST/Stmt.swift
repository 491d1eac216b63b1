/// A statement of Python's abstract grammar.
public struct Stmt: Equatable, BitwiseCopyable {
  let node: UnsafeMutablePointer<StmtNode>

  init(node: UnsafeMutablePointer<StmtNode>) { self.node = node }

  public var kind: StmtKind {
    get { node.pointee.kind }
    nonmutating set { node.pointee.kind = newValue }
  }
  public var range: SourceRange {
    get { node.pointee.range }
    nonmutating set { node.pointee.range = newValue }
  }
}

struct StmtNode: BitwiseCopyable {
  var kind: StmtKind
  var range: SourceRange
}

public enum StmtKind: BitwiseCopyable {
  case functionDef(FunctionDef)
  case classDef(ClassDef)
  case `return`(Expr?)
  case delete(ASTList<Expr>)
  case assign(targets: ASTList<Expr>, value: Expr, typeComment: Text?)
  case typeAlias(name: Expr, typeParams: ASTList<TypeParam>, value: Expr)
  case augAssign(target: Expr, BinaryOperator, value: Expr)
  /// `simple` is true for a bare name without parentheses.
  case annAssign(target: Expr, annotation: Expr, value: Expr?, simple: Bool)
  case `for`(ForStmt)
  case `while`(test: Expr, body: ASTList<Stmt>, orElse: ASTList<Stmt>)
  case `if`(test: Expr, body: ASTList<Stmt>, orElse: ASTList<Stmt>)
  case with(WithStmt)
  case match(subject: Expr, cases: ASTList<MatchCase>)
  case raise(Expr?, cause: Expr?)
  case `try`(TryStmt)
  case assert(Expr, message: Expr?)
  case `import`(ASTList<Alias>)
  case importFrom(module: Name?, names: ASTList<Alias>, level: Int32)
  case global(ASTList<Name>)
  case nonlocal(ASTList<Name>)
  case expr(Expr)
  case pass
  case `break`
  case `continue`
}

public struct FunctionDef: BitwiseCopyable {
  public var name: Name
  public var isAsync: Bool
  public var args: Arguments
  public var body: ASTList<Stmt>
  public var decorators: ASTList<Expr>
  public var returns: Expr?
  public var typeComment: Text?
  public var typeParams: ASTList<TypeParam>

  public init(
    name: Name, isAsync: Bool, args: Arguments, body: ASTList<Stmt>, decorators: ASTList<Expr>, returns: Expr?,
    typeComment: Text?, typeParams: ASTList<TypeParam>
  ) {
    self.name = name
    self.isAsync = isAsync
    self.args = args
    self.body = body
    self.decorators = decorators
    self.returns = returns
    self.typeComment = typeComment
    self.typeParams = typeParams
  }
}

public struct ClassDef: BitwiseCopyable {
  public var name: Name
  public var bases: ASTList<Expr>
  public var keywords: ASTList<Keyword>
  public var body: ASTList<Stmt>
  public var decorators: ASTList<Expr>
  public var typeParams: ASTList<TypeParam>

  public init(
    name: Name, bases: ASTList<Expr>, keywords: ASTList<Keyword>, body: ASTList<Stmt>, decorators: ASTList<Expr>,
    typeParams: ASTList<TypeParam>
  ) {
    self.name = name
    self.bases = bases
    self.keywords = keywords
    self.body = body
    self.decorators = decorators
    self.typeParams = typeParams
  }
}

public struct ForStmt: BitwiseCopyable {
  public var isAsync: Bool
  public var target: Expr
  public var iter: Expr
  public var body: ASTList<Stmt>
  public var orElse: ASTList<Stmt>
  public var typeComment: Text?

  public init(
    isAsync: Bool, target: Expr, iter: Expr, body: ASTList<Stmt>, orElse: ASTList<Stmt>, typeComment: Text?
  ) {
    self.isAsync = isAsync
    self.target = target
    self.iter = iter
    self.body = body
    self.orElse = orElse
    self.typeComment = typeComment
  }
}

public struct WithStmt: BitwiseCopyable {
  public var isAsync: Bool
  public var items: ASTList<WithItem>
  public var body: ASTList<Stmt>
  public var typeComment: Text?

  public init(isAsync: Bool, items: ASTList<WithItem>, body: ASTList<Stmt>, typeComment: Text?) {
    self.isAsync = isAsync
    self.items = items
    self.body = body
    self.typeComment = typeComment
  }
}

public struct WithItem: BitwiseCopyable {
  public var context: Expr
  public var target: Expr?

  public init(context: Expr, target: Expr?) {
    self.context = context
    self.target = target
  }
}

/// `try` with `except` or, when `isStar`, with `except*`.
public struct TryStmt: BitwiseCopyable {
  public var isStar: Bool
  public var body: ASTList<Stmt>
  public var handlers: ASTList<ExceptHandler>
  public var orElse: ASTList<Stmt>
  public var finalBody: ASTList<Stmt>

  public init(
    isStar: Bool, body: ASTList<Stmt>, handlers: ASTList<ExceptHandler>, orElse: ASTList<Stmt>,
    finalBody: ASTList<Stmt>
  ) {
    self.isStar = isStar
    self.body = body
    self.handlers = handlers
    self.orElse = orElse
    self.finalBody = finalBody
  }
}

public struct ExceptHandler: BitwiseCopyable {
  public var type: Expr?
  public var name: Name?
  public var body: ASTList<Stmt>
  public var range: SourceRange

  public init(type: Expr?, name: Name?, body: ASTList<Stmt>, range: SourceRange) {
    self.type = type
    self.name = name
    self.body = body
    self.range = range
  }
}

public struct Alias: BitwiseCopyable {
  /// May be dotted, or `*`.
  public var name: Name
  public var asName: Name?
  public var range: SourceRange

  public init(name: Name, asName: Name?, range: SourceRange) {
    self.name = name
    self.asName = asName
    self.range = range
  }
}

/// A type parameter of a function, class or type alias (PEP 695, 696).
public struct TypeParam: BitwiseCopyable {
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    case typeVar, paramSpec, typeVarTuple
  }
  public var kind: Kind
  public var name: Name
  /// Of a type variable only.
  public var bound: Expr?
  public var defaultValue: Expr?
  public var range: SourceRange

  public init(kind: Kind, name: Name, bound: Expr?, defaultValue: Expr?, range: SourceRange) {
    self.kind = kind
    self.name = name
    self.bound = bound
    self.defaultValue = defaultValue
    self.range = range
  }
}
