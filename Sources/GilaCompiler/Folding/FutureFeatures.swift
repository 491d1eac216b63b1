import GilaSyntax

/// `from __future__ import …` at the start of a program.
struct FutureFeatures {
  var flags: CompilerFlags = []
  /// The last such statement; later ones are errors.
  var lastRange: SourceRange?

  init(_ tree: SyntaxTree) throws(SyntaxFailure) {
    let body: ASTList<Stmt>
    switch tree.root {
    case .module(let statements, _): body = statements
    case .interactive(let statements): body = statements
    default: return
    }
    let names = tree.arena.names
    for (index, statement) in body.enumerated() {
      if index == 0, Docstring.text(body) != nil { continue }
      guard case .importFrom(let module, let aliases, let level) = statement.kind, level == 0,
        let module, module == .dunderFuture
      else { return }
      for alias in aliases {
        let feature = names.string(alias.name)
        switch feature {
        case "nested_scopes", "generators", "division", "absolute_import", "with_statement", "print_function",
          "unicode_literals", "generator_stop":
          break
        case "barry_as_FLUFL": flags.insert(.futureBarryAsBDFL)
        case "annotations": flags.insert(.futureAnnotations)
        case "braces": throw failure(statement, "not a chance")
        default: throw failure(statement, "future feature \(feature) is not defined")
        }
      }
      lastRange = statement.range
    }
  }

  private func failure(_ statement: Stmt, _ message: String) -> SyntaxFailure {
    let line = Int(statement.range.line)
    let offset = Int(statement.range.column) + 1
    return SyntaxFailure(
      .syntaxError, message, line: line, offset: offset, endLine: line, endOffset: SyntaxFailure.noOffset, text: nil)
  }
}
