/// An expression of Python's abstract grammar.
public struct Expr: Equatable, BitwiseCopyable {
  let node: UnsafeMutablePointer<ExprNode>

  @inline(__always)
  init(node: UnsafeMutablePointer<ExprNode>) { self.node = node }

  public var kind: ExprKind {
    @inline(__always) get { node.pointee.kind }
    nonmutating set { node.pointee.kind = newValue }
  }
  public var range: SourceRange {
    @inline(__always) get { node.pointee.range }
    nonmutating set { node.pointee.range = newValue }
  }
}

struct ExprNode: BitwiseCopyable {
  var kind: ExprKind
  var range: SourceRange
}

public enum ExprKind: BitwiseCopyable {
  case boolOp(BoolOperator, ASTList<Expr>)
  case namedExpr(target: Expr, value: Expr)
  case binOp(Expr, BinaryOperator, Expr)
  case unaryOp(UnaryOperator, Expr)
  case lambda(Arguments, body: Expr)
  case ifExp(test: Expr, body: Expr, orElse: Expr)
  /// A missing key stands for `**value`.
  case dict(keys: ASTList<Expr?>, values: ASTList<Expr>)
  case set(ASTList<Expr>)
  case listComp(Expr, ASTList<Comprehension>)
  case setComp(Expr, ASTList<Comprehension>)
  case dictComp(key: Expr, value: Expr, ASTList<Comprehension>)
  case generatorExp(Expr, ASTList<Comprehension>)
  case await(Expr)
  case yield(Expr?)
  case yieldFrom(Expr)
  case compare(Expr, ASTList<CompareOperator>, ASTList<Expr>)
  case call(Expr, ASTList<Expr>, ASTList<Keyword>)
  /// `conversion` is -1 or the letter after `!`.
  case formattedValue(Expr, conversion: Int32, format: Expr?)
  case joinedStr(ASTList<Expr>)
  /// `kind` is the `u` of a u-prefixed string.
  case constant(Constant, kind: Name?)
  case attribute(Expr, Name, ExprContext)
  case `subscript`(Expr, index: Expr, ExprContext)
  case starred(Expr, ExprContext)
  case name(Name, ExprContext)
  case list(ASTList<Expr>, ExprContext)
  case tuple(ASTList<Expr>, ExprContext)
  case slice(lower: Expr?, upper: Expr?, step: Expr?)
}

public enum ExprContext: UInt8, BitwiseCopyable, Sendable {
  case load, store, del
}

public enum BoolOperator: UInt8, BitwiseCopyable, Sendable {
  case and, or
}

public enum BinaryOperator: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  case add, sub, mult, matMult, div, mod, pow, lShift, rShift, bitOr, bitXor, bitAnd, floorDiv
}

public enum UnaryOperator: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  case invert, not, uAdd, uSub
}

public enum CompareOperator: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  case eq, notEq, lt, ltE, gt, gtE, `is`, isNot, `in`, notIn
}

/// One `for target in iter if …` of a comprehension.
public struct Comprehension: BitwiseCopyable {
  public var target: Expr
  public var iter: Expr
  public var ifs: ASTList<Expr>
  public var isAsync: Bool

  public init(target: Expr, iter: Expr, ifs: ASTList<Expr>, isAsync: Bool) {
    self.target = target
    self.iter = iter
    self.ifs = ifs
    self.isAsync = isAsync
  }
}

/// A keyword argument; without a name it is `**value`.
public struct Keyword: BitwiseCopyable {
  public var name: Name?
  public var value: Expr
  public var range: SourceRange

  public init(name: Name?, value: Expr, range: SourceRange) {
    self.name = name
    self.value = value
    self.range = range
  }
}

/// One parameter of a function.
public struct Arg: BitwiseCopyable {
  public var name: Name
  public var annotation: Expr?
  public var typeComment: Text?
  public var range: SourceRange

  public init(name: Name, annotation: Expr?, typeComment: Text?, range: SourceRange) {
    self.name = name
    self.annotation = annotation
    self.typeComment = typeComment
    self.range = range
  }
}

/// The parameters of a function or lambda.
public struct Arguments: BitwiseCopyable {
  let node: UnsafeMutablePointer<ArgumentsNode>

  public var value: ArgumentsNode {
    get { node.pointee }
    nonmutating set { node.pointee = newValue }
  }
}

public struct ArgumentsNode: BitwiseCopyable {
  public var posOnly: ASTList<Arg>
  public var args: ASTList<Arg>
  public var varArg: Arg?
  public var kwOnly: ASTList<Arg>
  /// As many as `kwOnly`; nil where there is no default.
  public var kwDefaults: ASTList<Expr?>
  public var kwArg: Arg?
  /// For the last of `posOnly + args`.
  public var defaults: ASTList<Expr>

  public init(
    posOnly: ASTList<Arg> = ASTList(), args: ASTList<Arg> = ASTList(), varArg: Arg? = nil,
    kwOnly: ASTList<Arg> = ASTList(), kwDefaults: ASTList<Expr?> = ASTList(), kwArg: Arg? = nil,
    defaults: ASTList<Expr> = ASTList()
  ) {
    self.posOnly = posOnly
    self.args = args
    self.varArg = varArg
    self.kwOnly = kwOnly
    self.kwDefaults = kwDefaults
    self.kwArg = kwArg
    self.defaults = defaults
  }
}
