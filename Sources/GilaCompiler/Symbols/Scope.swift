import GilaSyntax

/// What a scope knows of a name; the values are those of CPython's `symtable` flags.
public enum SymbolFlags {
  public static let global = 1
  public static let local = 2
  public static let param = 4
  public static let nonlocal = 8
  public static let use = 16
  public static let free = 32
  public static let freeClass = 64
  public static let imported = 128
  public static let annotated = 256
  public static let comprehensionIterator = 512
  public static let typeParam = 1024
  public static let comprehensionCell = 2048
  public static let bound = local | param | imported
  /// The scope of the name stands in the bits above.
  public static let scopeShift = 12
  public static let scopeMask = 15
}

/// How a name is reached; values as in CPython.
public enum NameScope: Int, Sendable {
  case unknown = 0
  case local = 1
  case globalExplicit = 2
  case globalImplicit = 3
  case free = 4
  case cell = 5
}

/// A block with names of its own: one entry of the symbol table.
public final class Scope {
  public enum Kind: Int, Sendable {
    case function, `class`, module, annotation, typeAlias, typeParameters, typeVariable
  }
  public enum ComprehensionKind: Int, Sendable {
    case none, list, dict, set, generator
  }

  public let kind: Kind
  public let name: Name
  /// Identifies the syntax tree node that the scope belongs to.
  public let key: UInt
  public internal(set) var symbols = NameMap()
  /// Parameters in order.
  public internal(set) var parameters: [Name] = []
  public internal(set) var children: [Scope] = []
  public let range: SourceRange
  public internal(set) var isNested = false
  public internal(set) var hasFree = false
  public internal(set) var hasChildFree = false
  public internal(set) var isGenerator = false
  public internal(set) var isCoroutine = false
  public internal(set) var comprehension = ComprehensionKind.none
  public internal(set) var hasVarArgs = false
  public internal(set) var hasVarKeywords = false
  public internal(set) var returnsValue = false
  public internal(set) var needsClassClosure = false
  public internal(set) var needsClassDict = false
  public internal(set) var isInlined = false
  public internal(set) var canSeeClassScope = false

  var inComprehensionTarget = false
  var comprehensionIterDepth = 0
  /// What the scope is for, in error messages: "a TypeVar bound" and such.
  var info = ""
  /// Where `global` and `nonlocal` statements stand.
  var directives: [(name: Name, range: SourceRange)] = []
  /// If set, only these names are mangled.
  var mangledNames: MangledNames?

  final class MangledNames {
    var names = NameSet()
  }

  init(kind: Kind, name: Name, key: UInt, range: SourceRange) {
    self.kind = kind
    self.name = name
    self.key = key
    self.range = range
  }

  public var isFunctionLike: Bool {
    kind == .function || kind == .typeVariable || kind == .typeAlias || kind == .typeParameters
  }

  /// The flags of a name, 0 if the scope does not know it.
  public func flags(_ name: Name) -> Int { symbols[name] ?? 0 }

  public func scope(of name: Name) -> NameScope { Self.scope(inFlags: flags(name)) }

  static func scope(inFlags flags: Int) -> NameScope {
    NameScope(rawValue: flags >> SymbolFlags.scopeShift & SymbolFlags.scopeMask) ?? .unknown
  }
}
