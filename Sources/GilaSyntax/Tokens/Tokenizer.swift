#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns source text into tokens.
///
/// The tokenizer reads line by line as CPython's does, since several of its messages and positions depend on where the
/// current line starts and ends. It can be used alone: with `extraTokens` it also gives comments and the line feeds
/// that mean nothing to the parser, and is more liberal about what follows a number.
public struct Tokenizer {
  /// What stopped the tokenizer.
  public enum State: Sendable {
    case running, endOfFile
    /// Errors that the parser words; the others are in `failure`.
    case badDedent, mixedTabs, tooDeep, badContinuation
    case failed, endInString
    /// Not UTF-8; see `encodingMessage`.
    case badEncoding
  }

  struct Bracket: BitwiseCopyable {
    var character: UInt8
    var line: Int32
    var column: Int32
  }

  /// One f-string that is being read; the first stands for the text outside all of them.
  struct Mode {
    var inText = false
    var depth = 0
    var expressionDepth = -1
    var quote: UInt8 = 0
    var quoteSize = 0
    var isRaw = false
    var start = 0
    var lineStart = 0
    var line: Int32 = 0
    var fieldStart = -1
    var fieldEnd = -1
    var wantsText = false
    var inFormatSpec = false
  }

  static let maximumIndents = 100
  static let maximumBrackets = 200
  static let maximumModes = 150

  let source: SourceText
  let base: UnsafeMutablePointer<UInt8>
  public let names: NameTable
  let typeComments: Bool
  let extraTokens: Bool
  /// Brings an identifier with characters outside ASCII into normal form KC.
  let normalize: (@Sendable ([UInt8]) -> [UInt8])?
  let checksNullBytes: Bool

  /// Read position; end of the current line; its start; start of the buffer that CPython would show in an error.
  var position = 0
  var lineEnd = 0
  var lineStart = 0
  var bufferStart = 0
  var line: Int32 = 0
  /// Start of the current token, or -1.
  var tokenStart = -1
  var tokenColumn: Int32 = 0
  var firstLine: Int32 = 0
  var multiLineStart = 0

  public internal(set) var state = State.running
  public internal(set) var failure: SyntaxFailure?
  var encodingMessage = ""
  public internal(set) var warnings: [SyntaxWarning] = []
  /// Source of replacement fields that end with `=`; see `Token.payload`.
  public internal(set) var fieldTexts: [Text16] = []

  var atLineStart = true
  var pendingIndents = 0
  var indents: [Int32] = [0]
  var alternateIndents: [Int32] = [0]
  var brackets: [Bracket] = []
  var modes: [Mode] = [Mode()]
  var commentNewline = false
  /// Empty lines end a statement at the prompt.
  var isInteractive = false

  /// A range of the source.
  public struct Text16: BitwiseCopyable, Sendable {
    public var start: Int32
    public var end: Int32
  }

  public init(
    _ source: SourceText, names: NameTable, typeComments: Bool = false, extraTokens: Bool = false,
    normalize: (@Sendable ([UInt8]) -> [UInt8])? = nil
  ) {
    self.source = source
    base = source.base
    self.names = names
    self.typeComments = typeComments
    self.extraTokens = extraTokens
    self.normalize = normalize
    checksNullBytes = source.containsNullByte
  }

  // MARK: Characters

  static let eof: Int32 = -1

  @inline(__always)
  mutating func nextCharacter() -> Int32 {
    if position < lineEnd {
      let character = Int32(base[position])
      position &+= 1
      return character
    }
    return nextLine()
  }

  @inline(never)
  private mutating func nextLine() -> Int32 {
    if state != .running { return Self.eof }
    if lineEnd >= source.count {
      state = .endOfFile
      position = lineEnd
      return Self.eof
    }
    let start = lineEnd
    if let feed = memchr(base + start, 10, source.count - start) {
      lineEnd = UnsafeRawPointer(feed) - UnsafeRawPointer(base) + 1
    } else {
      lineEnd = source.count
    }
    if tokenStart < 0 { bufferStart = position }
    lineStart = position
    line &+= 1
    if checksNullBytes, memchr(base + start, 0, lineEnd - start) != nil {
      fail("source code cannot contain null bytes")
      position = lineEnd
      return Self.eof
    }
    let character = Int32(base[position])
    position &+= 1
    return character
  }

  @inline(__always)
  mutating func back(_ character: Int32) {
    if character != Self.eof { position &-= 1 }
  }

  @inline(__always)
  var column: Int32 { Int32(truncatingIfNeeded: position &- lineStart) }

  // MARK: Tokens

  @inline(__always)
  func token(_ kind: TokenKind) -> Token {
    Token(
      kind: kind, level: Int16(truncatingIfNeeded: brackets.count), start: Int32(truncatingIfNeeded: tokenStart),
      end: Int32(truncatingIfNeeded: position),
      range: SourceRange(line: line, column: tokenColumn, endLine: line, endColumn: column))
  }

  /// A token that may span lines.
  func stringToken(_ kind: TokenKind) -> Token {
    var result = token(kind)
    result.range.line = firstLine
    return result
  }

  /// A token without text.
  func emptyToken(_ kind: TokenKind) -> Token {
    Token(
      kind: kind, level: Int16(truncatingIfNeeded: brackets.count), start: 0, end: 0,
      range: SourceRange(line: line, column: -1, endLine: line, endColumn: -1))
  }

  @inline(never)
  func errorToken() -> Token { emptyToken(.errorToken) }

  // MARK: Errors

  /// Sets the error at the current line; without columns it is at the read position.
  mutating func fail(_ message: String, column: Int = -1, endColumn: Int = -1) {
    if state == .failed { return }
    let prefix = UnsafeBufferPointer(start: base + lineStart, count: max(0, position - lineStart))
    let start = column == -1 ? UTF8Text.countCharacters(prefix) : column
    let end = endColumn == -1 ? start : endColumn
    failure = SyntaxFailure(
      .syntaxError, message, line: Int(line), offset: start, endLine: Int(line), endOffset: end,
      text: source.lineBytes(at: lineStart))
    state = .failed
  }

  mutating func failToken(_ message: String) -> Token {
    fail(message)
    return errorToken()
  }

  mutating func stop(_ newState: State) -> Token {
    state = newState
    position = lineEnd
    return errorToken()
  }

  mutating func warn(_ message: String) {
    warnings.append(
      SyntaxWarning(
        message, range: SourceRange(line: line, column: column, endLine: line, endColumn: column)))
  }

  public mutating func next() -> Token {
    modes[modes.count &- 1].inText ? nextInFString() : nextRegular()
  }
}

/// Small helpers on UTF-8 bytes.
enum UTF8Text {
  /// How many characters a decoder with replacement would make of `bytes`.
  static func countCharacters(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var plain = true
    for byte in bytes where byte >= 0x80 {
      plain = false
      break
    }
    if plain { return bytes.count }
    return String(decoding: bytes, as: UTF8.self).unicodeScalars.count
  }
}
