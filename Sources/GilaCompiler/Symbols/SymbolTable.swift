import GilaSyntax

/// The scopes of a program: who binds which name, and where each name is found.
///
/// Two passes, as the language definition suggests: `SymbolTableBuilder` collects what the text says, then
/// `SymbolTableAnalysis` decides for each name of each scope whether it is local, global, free or a cell.
public final class SymbolTable {
  public let top: Scope
  private let scopes: [UInt: Scope]
  public let names: NameTable

  init(top: Scope, scopes: [UInt: Scope], names: NameTable) {
    self.top = top
    self.scopes = scopes
    self.names = names
  }

  /// The scope that belongs to a node, see `Expr.identity` and the like.
  public func scope(for key: UInt) -> Scope? { scopes[key] }

  public static func build(
    _ tree: SyntaxTree, flags: CompilerFlags, stackBytes: Int = StackGuard.defaultBytes
  ) throws(SyntaxFailure) -> SymbolTable {
    var builder = SymbolTableBuilder(
      names: tree.arena.names, futureAnnotations: flags.contains(.futureAnnotations), stackBytes: stackBytes)
    try builder.visit(tree.root)
    var analysis = SymbolTableAnalysis(names: tree.arena.names)
    try analysis.analyze(builder.top)
    return SymbolTable(top: builder.top, scopes: builder.scopes, names: tree.arena.names)
  }
}

enum Failures {
  static func at(_ range: SourceRange, _ message: String) -> SyntaxFailure {
    SyntaxFailure(
      .syntaxError, message, line: Int(range.line), offset: Int(range.column) + 1, endLine: Int(range.endLine),
      endOffset: Int(range.endColumn) + 1, text: nil)
  }

  static var tooDeep: SyntaxFailure {
    SyntaxFailure(.recursionError, "maximum recursion depth exceeded during compilation")
  }

  /// Python's `repr` of a name in a message.
  static func quoted(_ name: Name, _ names: NameTable) -> String { "'" + names.string(name) + "'" }
}
