/// A pattern of a `case` (PEP 634).
public struct Pattern: Equatable, BitwiseCopyable {
  let node: UnsafeMutablePointer<PatternNode>

  init(node: UnsafeMutablePointer<PatternNode>) { self.node = node }

  public var kind: PatternKind {
    get { node.pointee.kind }
    nonmutating set { node.pointee.kind = newValue }
  }
  public var range: SourceRange {
    get { node.pointee.range }
    nonmutating set { node.pointee.range = newValue }
  }
}

struct PatternNode: BitwiseCopyable {
  var kind: PatternKind
  var range: SourceRange
}

public enum PatternKind: BitwiseCopyable {
  case value(Expr)
  /// `None`, `True` or `False`.
  case singleton(Constant)
  case sequence(ASTList<Pattern>)
  case mapping(keys: ASTList<Expr>, patterns: ASTList<Pattern>, rest: Name?)
  case `class`(Expr, patterns: ASTList<Pattern>, keywords: ASTList<Name>, keywordPatterns: ASTList<Pattern>)
  case star(Name?)
  /// `pattern as name`; a capture without a pattern; the wildcard without both.
  case `as`(Pattern?, Name?)
  case or(ASTList<Pattern>)
}

public struct MatchCase: BitwiseCopyable {
  public var pattern: Pattern
  public var guardExpr: Expr?
  public var body: ASTList<Stmt>

  public init(pattern: Pattern, guardExpr: Expr?, body: ASTList<Stmt>) {
    self.pattern = pattern
    self.guardExpr = guardExpr
    self.body = body
  }
}
