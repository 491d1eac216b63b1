/// Finds the message and the position of a syntax error, as CPython's parser does.
///
/// CPython's parser tries alternatives in order and goes back when one fails; where it ends up, and which of its rules for
/// well-known mistakes applies, depends on that order. So this parser follows the same order of rules. It runs twice:
/// without the rules for mistakes, to see how far the text makes sense, and then with them. It is slow, and only used
/// when the real parser has refused a text.
final class ErrorParser {
  var stream: TokenStream
  let options: ParseOptions
  let names: NameTable
  let arena: ASTArena
  let base: UnsafeMutablePointer<UInt8>
  var mark = 0
  /// Whether rules for mistakes are tried.
  var callsInvalid = false
  var failure: SyntaxFailure?
  private var memory: [Int: (node: ErrorNode?, mark: Int)] = [:]
  private let stack: StackGuard

  init(_ source: SourceText, options: ParseOptions) {
    arena = ASTArena()
    names = arena.names
    self.options = options
    stack = StackGuard(bytes: options.stackBytes)
    base = source.base
    var tokenizer = Tokenizer(
      source, names: names, typeComments: options.flags.contains(.typeComments),
      normalize: options.normalizeIdentifier)
    tokenizer.warnings = []
    stream = TokenStream(tokenizer, options: options)
  }

  var failed: Bool { failure != nil }

  // MARK: Tokens

  /// The token at the read position; fetching it may set the failure.
  func current() -> Token? {
    if failed { return nil }
    if mark == stream.count {
      stream.fetch()
      let token = stream.tokens[stream.count - 1]
      if token.kind == .errorToken {
        raiseTokenizerError()
        return nil
      }
    }
    return stream.tokens[mark]
  }

  func kindIs(_ kind: TokenKind) -> Bool { current()?.kind == kind }

  func take(_ kind: TokenKind) -> Token? {
    guard let token = current(), token.kind == kind else { return nil }
    mark += 1
    return token
  }

  func has(_ kind: TokenKind) -> Bool { take(kind) != nil }

  func takeAny(_ kinds: TokenKind...) -> Token? {
    guard let token = current(), kinds.contains(token.kind) else { return nil }
    mark += 1
    return token
  }

  func takeSoft(_ word: WellKnownName) -> Token? {
    guard let token = current(), token.kind == .name, token.payload == word.rawValue else { return nil }
    mark += 1
    return token
  }

  func node(_ token: Token) -> ErrorNode { ErrorNode(.other, token.range) }

  var last: Token { stream.tokens[stream.count - 1] }

  /// The range from the token at `start` to the last used one that is no line end.
  func range(_ start: Int) -> SourceRange {
    var end = mark - 1
    while end > 0 {
      let kind = stream.tokens[end].kind
      if kind != .endMarker, kind != .newline, kind != .indent, kind != .dedent { break }
      end -= 1
    }
    return SourceRange(from: stream.tokens[start].range, to: stream.tokens[max(end, 0)].range)
  }

  // MARK: Alternatives

  /// One alternative: if it fails, nothing has been read.
  func alt<T>(_ body: () -> T?) -> T? {
    if failed { return nil }
    let start = mark
    if let result = body(), !failed { return result }
    mark = start
    return nil
  }

  func test(_ body: () -> Bool) -> Bool {
    if failed { return false }
    let start = mark
    if body(), !failed { return true }
    mark = start
    return false
  }

  /// Whether something follows; nothing is read.
  func ahead(_ body: () -> Bool) -> Bool {
    if failed { return false }
    let start = mark
    let result = body()
    mark = start
    return result && !failed
  }

  /// The opposite; but a failure is not an absence.
  func notAhead(_ body: () -> Bool) -> Bool {
    if failed { return false }
    let start = mark
    let result = body()
    mark = start
    return !result && !failed
  }

  func notAhead(_ kind: TokenKind) -> Bool { notAhead { has(kind) } }
  func isAhead(_ kind: TokenKind) -> Bool { ahead { has(kind) } }

  /// Zero or more.
  func many<T>(_ body: () -> T?) -> [T] {
    var result: [T] = []
    while let item = alt(body) {
      result.append(item)
    }
    return result
  }

  func some<T>(_ body: () -> T?) -> [T]? {
    let result = many(body)
    return result.isEmpty || failed ? nil : result
  }

  /// One or more with a separator between.
  func gather<T>(_ separator: TokenKind, _ body: () -> T?) -> [T]? {
    guard let first = alt(body) else { return nil }
    var result = [first]
    while let next = alt({ has(separator) ? body() : nil }) { result.append(next) }
    return failed ? nil : result
  }

  enum Rule: Int {
    case simpleStatement, block, closedPattern, starPattern, typeParam, expression, starExpression, disjunction
    case conjunction, inversion, factor, awaitPrimary, strings, arguments, starTarget, targetWithStarAtom, delTarget
    case invalidNamedExpression, bitOr, bitXor, bitAnd, shift, sum, term, primary, tPrimary, nameOrAttr
  }

  /// Remembers what a rule gave at a position.
  func memo(_ rule: Rule, _ body: () -> ErrorNode?) -> ErrorNode? {
    if failed { return nil }
    // The look-up fetches the token even if the rule is known to fail.
    if current() == nil { return nil }
    let key = mark << 6 | rule.rawValue
    if let known = memory[key] {
      mark = known.mark
      return known.node
    }
    let start = mark
    let result = body()
    if failed { return nil }
    if result == nil { mark = start }
    memory[key] = (result, mark)
    return result
  }

  /// Guards the native stack around rules that contain themselves.
  func nested<T>(_ body: () -> T?) -> T? {
    if stack.isExhausted {
      if failure == nil {
        failure = SyntaxFailure(.memoryError, "Parser stack overflowed - Python source too complex to parse")
      }
      return nil
    }
    return body()
  }

  func requireVersion(_ minor: Int, _ what: String) -> Bool {
    if options.featureVersion >= minor { return true }
    raise("\(what) only supported in Python 3.\(minor) and greater")
    return false
  }

  // MARK: Running

  func diagnose() -> SyntaxFailure? {
    let accepted = parseRoot()
    if accepted {
      return options.mode == .interactive ? multipleStatements() : nil
    }
    if options.flags.contains(.allowIncompleteInput), isAtEnd {
      failure = nil
      raise("incomplete input", kind: .incompleteInput)
      return failure
    }
    if let failure, !isSyntaxError(failure) { return failure }
    let lastToken = last
    if failure == nil {
      memory.removeAll()
      mark = 0
      callsInvalid = true
      _ = parseRoot()
    }
    finish(lastToken)
    return failure
  }

  private var isAtEnd: Bool {
    let state = stream.tokenizer.state
    return state == .endOfFile || state == .endInString
  }

  private func isSyntaxError(_ failure: SyntaxFailure) -> Bool {
    switch failure.kind {
    case .syntaxError, .indentationError, .tabError: true
    default: false
    }
  }

  private func multipleStatements() -> SyntaxFailure? {
    raise("multiple statements found while compiling a single statement")
    return failure
  }

  /// Chooses between the error that was found and one that the tokenizer meets later.
  private func finish(_ lastToken: Token) {
    if let failure {
      if stream.tokenizer.state == .running, isSyntaxError(failure) { checkRestOfSource() }
      return
    }
    if stream.count == 0 {
      raise("error at start before reading any input")
      return
    }
    if lastToken.kind == .errorToken, stream.tokenizer.state == .endOfFile {
      if !stream.tokenizer.brackets.isEmpty { raiseUnclosed() } else { raise("unexpected EOF while parsing") }
      return
    }
    if lastToken.kind == .indent || lastToken.kind == .dedent {
      raise(
        lastToken.kind == .indent ? "unexpected indent" : "unexpected unindent", kind: .indentationError)
      return
    }
    raiseAt(lastToken.range, "invalid syntax")
    checkRestOfSource()
  }

  /// An error of the tokenizer in the rest of the text takes precedence.
  private func checkRestOfSource() {
    let errorLine = last.range.line
    let found = failure
    while true {
      let token = stream.tokenizer.next()
      if token.kind == .errorToken {
        if let later = stream.tokenizer.failure {
          failure = stream.tokenizer.modes.count <= 1 ? later : found
        } else if let bracket = stream.tokenizer.brackets.last, errorLine > bracket.line {
          failure = nil
          raiseUnclosed()
          if stream.tokenizer.modes.count > 1 { failure = found }
        }
        return
      }
      if token.kind == .endMarker { return }
    }
  }

  // MARK: Raising

  private func raiseTokenizerError() {
    let tokenizer = stream.tokenizer
    if let found = tokenizer.failure {
      failure = found
      return
    }
    switch tokenizer.state {
    case .endOfFile:
      if !tokenizer.brackets.isEmpty { raiseUnclosed() } else { raise("unexpected EOF while parsing") }
    case .badDedent:
      raise("unindent does not match any outer indentation level", kind: .indentationError)
    case .mixedTabs:
      raise(
        .tabError, "inconsistent use of tabs and spaces in indentation", line: tokenizer.line, column: 0,
        endLine: tokenizer.line, endColumn: -1)
    case .tooDeep:
      raise(
        .indentationError, "too many levels of indentation", line: tokenizer.line, column: 0,
        endLine: tokenizer.line, endColumn: -1)
    case .badContinuation:
      raise(
        .syntaxError, "unexpected character after line continuation character", line: tokenizer.line,
        column: Int32(tokenizer.position - tokenizer.bufferStart - 1), endLine: tokenizer.line, endColumn: -1)
    case .badEncoding: raise(tokenizer.encodingMessage)
    case .running, .failed, .endInString: raise("unknown parsing error")
    }
  }

  private func raiseUnclosed() {
    guard let bracket = stream.tokenizer.brackets.last else { return }
    raise(
      .syntaxError, "'\(String(UnicodeScalar(bracket.character)))' was never closed", line: bracket.line,
      column: bracket.column, endLine: bracket.line, endColumn: -1)
  }

  /// At the last token that was read, or the next one.
  func raise(_ message: String, kind: SyntaxFailure.Kind = .syntaxError, atNext: Bool = false) {
    if failed { return }
    if stream.count == 0 {
      raise(kind, message, line: 0, column: -1, endLine: 0, endColumn: -1)
      return
    }
    if atNext, mark == stream.count, current() == nil { return }
    let range = stream.tokens[atNext ? mark : stream.count - 1].range
    var column = range.column
    if column == -1 {
      // A token without text stands where the tokenizer is.
      let tokenizer = stream.tokenizer
      column =
        tokenizer.position == tokenizer.bufferStart ? -1 : Int32(tokenizer.position - tokenizer.lineStart) - 1
    }
    raise(
      kind, message, line: range.line, column: column, endLine: range.endLine,
      endColumn: range.endColumn == -1 ? -2 : range.endColumn)
  }

  func raiseAt(_ range: SourceRange, _ message: String) { raiseRange(range, range, message) }

  func raiseRange(_ first: SourceRange, _ end: SourceRange, _ message: String) {
    raise(
      .syntaxError, message, line: first.line, column: first.column, endLine: end.endLine, endColumn: end.endColumn)
  }

  /// From a node to where the tokenizer is.
  func raiseFrom(_ range: SourceRange, _ message: String) {
    let tokenizer = stream.tokenizer
    raise(
      .syntaxError, message, line: range.line, column: range.column, endLine: tokenizer.line,
      endColumn: Int32(tokenizer.position - tokenizer.lineStart) - 1)
  }

  /// Columns count bytes from 0; an end column of -1 is no column, -2 is an unknown one.
  private func raise(
    _ kind: SyntaxFailure.Kind, _ message: String, line: Int32, column: Int32, endLine: Int32, endColumn: Int32
  ) {
    if failed { return }
    let tokenizer = stream.tokenizer
    let source = tokenizer.source
    let text: [UInt8]
    if tokenizer.line <= line, tokenizer.lineEnd > tokenizer.bufferStart {
      text = Array(source.buffer[tokenizer.bufferStart..<tokenizer.lineEnd])
    } else {
      text = source.line(Int(line))
    }
    func characters(_ offset: Int) -> Int {
      text.withUnsafeBufferPointer { buffer in
        let end = min(offset, buffer.count)
        return UTF8Text.countCharacters(UnsafeBufferPointer(rebasing: buffer[..<end]))
      }
    }
    let offset = column >= 0 ? characters(Int(column)) + 1 : 0
    let endOffset = endColumn >= 0 ? characters(Int(endColumn)) + 1 : endColumn == -1 ? 0 : -1
    failure = SyntaxFailure(
      kind, message, line: Int(line), offset: offset, endLine: Int(endLine), endOffset: endOffset, text: text)
  }

  func raiseInvalidTarget(_ kind: ErrorNode.TargetKind, _ target: ErrorNode) {
    guard let found = target.invalidTarget(kind) else { return }
    raiseAt(found.range, (kind == .del ? "cannot delete " : "cannot assign to ") + found.title)
  }
}
