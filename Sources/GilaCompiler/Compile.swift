import GilaSyntax

/// What a compilation gives: the code and the warnings that the caller shows.
public struct Compilation {
  public var code: CodeUnit
  public var warnings: [SyntaxWarning]
}

/// Compiles a syntax tree. The tree is changed (constants are folded), so it serves for one compilation only.
///
/// `options.flags` are those of `compile()`, including the `CO_FUTURE_…` ones that the caller inherits; `optimize` is 0, 1
/// or 2. at most `stackBytes` of the native stack are used.
public func compile(
  _ tree: SyntaxTree, fileName: [UInt8], flags: CompilerFlags = [], optimize: Int = 0,
  stackBytes: Int = StackGuard.defaultBytes
) throws(SyntaxFailure) -> Compilation {
  var warnings = tree.warnings
  do throws(SyntaxFailure) {
    let futures = try FutureFeatures(tree)
    let flags = flags.union(futures.flags)
    warnings += try ConstantFolder.fold(tree, optimize: optimize, flags: flags, stackBytes: stackBytes)
    let symbols = try SymbolTable.build(tree, flags: flags, stackBytes: stackBytes)
    let generator = Generator(
      tree: tree, symbols: symbols, flags: flags, futures: futures, optimize: optimize, fileName: fileName,
      stackBytes: stackBytes)
    let code: CodeUnit
    do throws(SyntaxFailure) { code = try generator.generate(tree.root) } catch {
      warnings += generator.warnings
      throw error
    }
    return Compilation(code: code, warnings: warnings + generator.warnings)
  } catch {
    var failure = error
    failure.warnings = warnings
    throw failure
  }
}

/// The symbol tables of a tree, with what its `from __future__` statements say.
public func symbolTable(
  _ tree: SyntaxTree, flags: CompilerFlags = [], stackBytes: Int = StackGuard.defaultBytes
) throws(SyntaxFailure) -> SymbolTable {
  let futures = try FutureFeatures(tree)
  return try SymbolTable.build(tree, flags: flags.union(futures.flags), stackBytes: stackBytes)
}

/// Parses and compiles source text.
public func compile(
  source: UnsafeBufferPointer<UInt8>, fileName: [UInt8], options: ParseOptions = ParseOptions(), optimize: Int = 0
) throws(SyntaxFailure) -> Compilation {
  let tree = try parse(source, options: options)
  return try compile(
    tree, fileName: fileName, flags: options.flags, optimize: optimize, stackBytes: options.stackBytes)
}

public func compile(
  source: [UInt8], fileName: [UInt8], options: ParseOptions = ParseOptions(), optimize: Int = 0
) throws(SyntaxFailure) -> Compilation {
  let tree = try parse(source, options: options)
  return try compile(
    tree, fileName: fileName, flags: options.flags, optimize: optimize, stackBytes: options.stackBytes)
}

/// Folds the constants of a tree, as compilation does before it generates code.
public func optimize(
  _ tree: SyntaxTree, level: Int, flags: CompilerFlags, stackBytes: Int = StackGuard.defaultBytes
) throws(SyntaxFailure) {
  try ConstantFolder.fold(tree, optimize: level, flags: flags, stackBytes: stackBytes)
}
