/// What kind of text is parsed.
public enum ParseMode: Sendable {
  /// A module (`exec`), an expression (`eval`), one interactive statement (`single`), a function type comment.
  case module, expression, interactive, functionType
}

/// Flags with the values of CPython's `PyCF_…` and `CO_FUTURE_…`.
public struct CompilerFlags: OptionSet, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let sourceIsUTF8 = CompilerFlags(rawValue: 0x0100)
  public static let dontImplyDedent = CompilerFlags(rawValue: 0x0200)
  public static let onlyAST = CompilerFlags(rawValue: 0x0400)
  public static let ignoreCookie = CompilerFlags(rawValue: 0x0800)
  public static let typeComments = CompilerFlags(rawValue: 0x1000)
  public static let allowTopLevelAwait = CompilerFlags(rawValue: 0x2000)
  public static let allowIncompleteInput = CompilerFlags(rawValue: 0x4000)
  public static let optimizedAST = CompilerFlags(rawValue: 0x8000 | 0x0400)

  public static let futureDivision = CompilerFlags(rawValue: 0x20000)
  public static let futureAbsoluteImport = CompilerFlags(rawValue: 0x40000)
  public static let futureWithStatement = CompilerFlags(rawValue: 0x80000)
  public static let futurePrintFunction = CompilerFlags(rawValue: 0x100000)
  public static let futureUnicodeLiterals = CompilerFlags(rawValue: 0x200000)
  public static let futureBarryAsBDFL = CompilerFlags(rawValue: 0x400000)
  public static let futureGeneratorStop = CompilerFlags(rawValue: 0x800000)
  public static let futureAnnotations = CompilerFlags(rawValue: 0x1000000)
  /// The `CO_FUTURE_…` bits, which code objects inherit.
  public static let futureMask = CompilerFlags(rawValue: 0x1FE0000)
}

public struct ParseOptions: Sendable {
  public var mode: ParseMode
  public var flags: CompilerFlags
  /// The text is a file that is read line by line, so null bytes in it matter only where they stand.
  public var isFile = false
  /// Minor version whose grammar is accepted.
  public var featureVersion: Int
  /// Decimal literals with more digits are refused; 0 means no limit (`sys.set_int_max_str_digits`).
  public var maximumIntDigits: Int
  /// How much of the native stack parsing may use; deeper nesting is a MemoryError, as in CPython.
  public var stackBytes: Int
  /// Unicode normal form KC of an identifier that is not ASCII.
  public var normalizeIdentifier: (@Sendable ([UInt8]) -> [UInt8])?
  /// The character that `\N{name}` names. Without it the names that the Swift library knows are searched.
  public var characterNamed: (@Sendable (String) -> UInt32?)?
  /// UTF-8 text of source in an encoding other than UTF-8 and Latin-1; nil if the encoding is unknown.
  public var decodeSource: (@Sendable (_ encoding: String, [UInt8]) throws(SyntaxFailure) -> [UInt8]?)?

  public init(
    mode: ParseMode = .module, flags: CompilerFlags = [], featureVersion: Int = 13, maximumIntDigits: Int = 4300,
    stackBytes: Int = StackGuard.defaultBytes
  ) {
    self.mode = mode
    self.flags = flags
    self.featureVersion = featureVersion
    self.maximumIntDigits = maximumIntDigits
    self.stackBytes = stackBytes
  }
}
