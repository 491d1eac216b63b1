/// The root of a syntax tree, with the arena that keeps its nodes alive.
public struct SyntaxTree {
  public enum Root {
    case module(body: ASTList<Stmt>, typeIgnores: ASTList<TypeIgnore>)
    case interactive(body: ASTList<Stmt>)
    case expression(Expr)
    case functionType(args: ASTList<Expr>, returns: Expr)
  }

  public let arena: ASTArena
  public var root: Root
  /// Warnings that parsing produced, in source order; the caller shows them.
  public var warnings: [SyntaxWarning]

  public init(arena: ASTArena, root: Root, warnings: [SyntaxWarning] = []) {
    self.arena = arena
    self.root = root
    self.warnings = warnings
  }
}

/// A `# type: ignore` comment.
public struct TypeIgnore: BitwiseCopyable {
  public var line: Int32
  public var tag: Text

  public init(line: Int32, tag: Text) {
    self.line = line
    self.tag = tag
  }
}

// Numbers that tell nodes of a tree apart, for tables about them.

extension Expr {
  public var identity: UInt { UInt(bitPattern: node) }
}

extension Stmt {
  public var identity: UInt { UInt(bitPattern: node) }
}

extension ASTList {
  public var identity: UInt { UInt(bitPattern: raw) }
}
