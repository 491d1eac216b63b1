/// The tokens of a source text one by one, as Python's module `_tokenize` reports them.
public final class TokenReader {
  /// Lines count from 1, columns in characters; -1 for a token without text.
  public struct Report {
    public var kind: Int
    public var text: [UInt8]
    public var line: Int
    public var column: Int
    public var endLine: Int
    public var endColumn: Int
    /// The source line or lines.
    public var source: [UInt8]
  }

  private var tokenizer: Tokenizer
  private let source: SourceText
  private let extraTokens: Bool
  /// The last line had no line feed of its own.
  private let addsNewline: Bool
  private var isDone = false

  /// `bytes` is UTF-8. With `extraTokens` there are comments and insignificant line ends too.
  public init(_ bytes: [UInt8], extraTokens: Bool) {
    addsNewline = !bytes.isEmpty && bytes.last != 10
    source = bytes.withUnsafeBufferPointer {
      SourceText($0, endsWithNewline: true, keepsCarriageReturns: extraTokens)
    }
    self.extraTokens = extraTokens
    tokenizer = Tokenizer(source, names: NameTable(), extraTokens: extraTokens)
  }

  /// Whether the source ends within a token, a bracket or a continued line.
  public static func endsInside(_ bytes: [UInt8]) -> Bool {
    let reader = TokenReader(bytes, extraTokens: false)
    do throws(SyntaxFailure) { while try reader.next() != nil {} } catch {
      return reader.tokenizer.state == .endOfFile || reader.tokenizer.failure?.message.contains("triple-quoted") == true
    }
    return !reader.tokenizer.brackets.isEmpty
  }
  /// The next token, nil behind the end marker.
  public func next() throws(SyntaxFailure) -> Report? {
    if isDone { return nil }
    let token = tokenizer.next()
    if token.kind == .errorToken { throw failure() }
    let kind = token.kind.rawValue < 128 ? token.kind : .name
    let isEnd = kind == .endMarker || (kind == .dedent && tokenizer.state == .endOfFile)
    let isLiteral = kind == .string || kind == .fstringStart || kind == .fstringMiddle || kind == .fstringEnd
    // The end of an f-string stands on one line.
    let startsEarlier = isLiteral && !(kind == .fstringEnd && Int(token.start) >= tokenizer.lineStart)
    let lineStart = startsEarlier ? tokenizer.multiLineStart : tokenizer.lineStart
    let usesAddedNewline = addsNewline && tokenizer.lineEnd >= source.count
    var report = Report(
      kind: Int(kind.rawValue), text: [], line: isLiteral ? Int(tokenizer.firstLine) : Int(tokenizer.line), column: -1,
      endLine: Int(tokenizer.line), endColumn: -1, source: [])
    if token.range.column >= 0 || token.start < token.end {
      report.text = bytes(Int(token.start), Int(token.end))
      if Int(token.start) >= lineStart { report.column = characters(lineStart, Int(token.start)) }
      if Int(token.end) >= tokenizer.lineStart { report.endColumn = characters(tokenizer.lineStart, Int(token.end)) }
    }
    if !(extraTokens && isEnd) {
      report.source = bytes(lineStart, max(lineStart, tokenizer.lineEnd - (usesAddedNewline ? 1 : 0)))
    }
    if extraTokens { adjust(&report, token, isEnd, usesAddedNewline) }
    if kind == .endMarker { isDone = true }
    return report
  }
  /// What the module `tokenize` wants different from the parser.
  private func adjust(_ report: inout Report, _ token: Token, _ isEnd: Bool, _ usesAddedNewline: Bool) {
    if isEnd {
      report.line += 1
      report.endLine = report.line
      report.column = 0
      report.endColumn = 0
    }
    switch token.kind.rawValue {
    case TokenKind.dedent.rawValue + 1..<TokenKind.op.rawValue: report.kind = Int(TokenKind.op.rawValue)
    case TokenKind.newline.rawValue:
      let start = Int(token.start)
      let isReturn = start >= 0 && start < source.count && source.base[start] == 13
      report.text = usesAddedNewline ? [] : isReturn ? [13, 10] : [10]
      report.endColumn += 1
    case TokenKind.nl.rawValue: if usesAddedNewline { report.text = [] }
    default: break
    }
  }
  private func bytes(_ start: Int, _ end: Int) -> [UInt8] {
    let from = max(0, min(start, source.count)), to = max(from, min(end, source.count))
    return Array(UnsafeBufferPointer(start: source.base + from, count: to - from))
  }
  private func characters(_ start: Int, _ end: Int) -> Int {
    UTF8Text.countCharacters(UnsafeBufferPointer(start: source.base + start, count: max(0, end - start)))
  }

  private func failure() -> SyntaxFailure {
    isDone = true
    func at(_ kind: SyntaxFailure.Kind, _ message: String, column: Int? = nil) -> SyntaxFailure {
      let column = column ?? characters(tokenizer.lineStart, tokenizer.position)
      var text = bytes(tokenizer.lineStart, tokenizer.lineEnd)
      if text.last == 10 { text.removeLast() }
      return SyntaxFailure(
        kind, message, line: Int(tokenizer.line), offset: column, endLine: SyntaxFailure.noOffset,
        endOffset: SyntaxFailure.noOffset, text: text)
    }
    switch tokenizer.state {
    case .badDedent: return at(.indentationError, "unindent does not match any outer indentation level")
    case .mixedTabs: return at(.tabError, "inconsistent use of tabs and spaces in indentation")
    case .tooDeep: return at(.indentationError, "too many levels of indentation")
    case .badContinuation:
      return at(
        .syntaxError, "unexpected character after line continuation character",
        column: characters(tokenizer.lineStart, tokenizer.lineEnd))
    case .badEncoding: return SyntaxFailure(.syntaxError, tokenizer.encodingMessage)
    case .endOfFile: return at(.syntaxError, "unexpected EOF in multi-line statement", column: 0)
    default: return tokenizer.failure ?? at(.syntaxError, "invalid token")
    }
  }
}
