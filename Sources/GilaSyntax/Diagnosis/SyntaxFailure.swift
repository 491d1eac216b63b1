/// Why source text is not a program. The caller turns it into the exception that `kind` names.
public struct SyntaxFailure: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case syntaxError, indentationError, tabError, incompleteInput
    /// Not `SyntaxError` and no location: the exception takes the message alone.
    case valueError, memoryError, recursionError, overflowError, systemError, typeError
  }

  public var kind: Kind
  public var message: String
  /// The values of `SyntaxError.lineno` and so on; offsets count characters from 1, and 0 or -1 mean unknown.
  public var line: Int
  public var offset: Int
  public var endLine: Int
  public var endOffset: Int
  /// The value of `endLine` and `endOffset` that stands for None.
  public static let noOffset = Int.min
  /// The source line as UTF-8, or nil when the caller has to find it (by file name and line).
  public var text: [UInt8]?
  /// False when `SyntaxError` gets no details at all, only the message.
  public var hasLocation: Bool
  /// What was worth a warning up to here.
  public var warnings: [SyntaxWarning] = []

  public init(
    _ kind: Kind, _ message: String, line: Int, offset: Int, endLine: Int, endOffset: Int, text: [UInt8]?
  ) {
    self.kind = kind
    self.message = message
    self.line = line
    self.offset = offset
    self.endLine = endLine
    self.endOffset = endOffset
    self.text = text
    hasLocation = true
  }

  public init(_ kind: Kind, _ message: String) {
    self.init(kind, message, line: 0, offset: 0, endLine: 0, endOffset: 0, text: nil)
    hasLocation = false
  }
}

/// A `SyntaxWarning` (or `DeprecationWarning`) that the caller shows. Should it be turned into an error by a filter,
/// `range` and `text` serve for the `SyntaxError` that CPython raises in its place.
public struct SyntaxWarning: Sendable, Equatable {
  public var message: String
  public var isDeprecation: Bool
  public var range: SourceRange

  public init(_ message: String, range: SourceRange, isDeprecation: Bool = false) {
    self.message = message
    self.range = range
    self.isDeprecation = isDeprecation
  }
}
