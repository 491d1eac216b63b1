/// The parser for correct programs: recursive descent that looks one token ahead and hardly ever goes back.
///
/// It knows nothing of error messages. Where the text does not fit it stops, and `Diagnosis` goes through the text
/// again with the slower, backtracking rules that find CPython's message and position.
struct Parser: ~Copyable {
  /// Thrown when the text is no program, or nests too deeply.
  struct Stop: Error {}

  var stream: TokenStream
  let arena: ASTArena
  let base: UnsafeMutablePointer<UInt8>
  let options: ParseOptions
  let hasTypeComments: Bool

  /// Index and kind of the current token.
  var position = 0
  var kind = TokenKind.endMarker

  /// Unfinished constructs around the current one.
  var depth = 0
  let stack: StackGuard
  var ranOutOfStack = false
  var warnings: [SyntaxWarning] = []

  // Elements of unfinished lists; a list takes its own from the end. Saves an allocation for every list.
  var expressions: [Expr] = []
  var statements: [Stmt] = []

  init(_ source: SourceText, arena: ASTArena, options: ParseOptions) {
    let tokenizer = Tokenizer(
      source, names: arena.names, typeComments: options.flags.contains(.typeComments),
      normalize: options.normalizeIdentifier)
    stream = TokenStream(tokenizer, options: options)
    self.arena = arena
    base = source.base
    self.options = options
    stack = StackGuard(bytes: options.stackBytes)
    hasTypeComments = options.flags.contains(.typeComments)
    kind = stream[0].kind
  }

  // MARK: Tokens

  @inline(__always)
  mutating func advance() {
    position &+= 1
    kind = stream[position].kind
  }

  mutating func move(to index: Int) {
    position = index
    kind = stream[index].kind
  }

  var current: Token {
    @inline(__always) get { stream.tokens[position] }
  }

  mutating func peek(_ distance: Int = 1) -> TokenKind { stream[position + distance].kind }

  @inline(__always)
  mutating func accept(_ wanted: TokenKind) -> Bool {
    if kind != wanted { return false }
    advance()
    return true
  }

  @inline(__always)
  mutating func expect(_ wanted: TokenKind) throws(Stop) {
    if kind != wanted { throw Stop() }
    advance()
  }

  mutating func expectName() throws(Stop) -> Name {
    if kind != .name { throw Stop() }
    let name = current.name
    advance()
    return name
  }

  func isName(_ wellKnown: WellKnownName) -> Bool { kind == .name && current.payload == wellKnown.rawValue }

  func text(_ token: Token) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + Int(token.start), count: Int(token.end - token.start))
  }

  /// The range from the start of the token at `start` to the end of the last token that was used.
  @inline(__always)
  func range(from start: Int) -> SourceRange {
    let tokens = stream.tokens
    var last = position &- 1
    while last > start {
      let kind = tokens[last].kind
      if kind != .newline, kind != .dedent, kind != .indent, kind != .endMarker { break }
      last &-= 1
    }
    let first = tokens[start].range
    let end = tokens[max(last, 0)].range
    return SourceRange(line: first.line, column: first.column, endLine: end.endLine, endColumn: end.endColumn)
  }

  // MARK: Nesting

  @inline(__always)
  mutating func enter() throws(Stop) {
    depth &+= 1
    if stack.isExhausted {
      ranOutOfStack = true
      throw Stop()
    }
  }

  @inline(__always)
  mutating func leave() { depth &-= 1 }

  /// Stops where the grammar of the wanted version lacks a construct.
  @inline(__always)
  func require(_ minorVersion: Int) throws(Stop) {
    if options.featureVersion < minorVersion { throw Stop() }
  }

  // MARK: Lists

  mutating func takeExpressions(from mark: Int) -> ASTList<Expr> {
    let list = arena.list(expressions[mark...])
    expressions.removeLast(expressions.count - mark)
    return list
  }

  mutating func takeStatements(from mark: Int) -> ASTList<Stmt> {
    let list = arena.list(statements[mark...])
    statements.removeLast(statements.count - mark)
    return list
  }

  // MARK: Roots

  mutating func parseRoot() throws(Stop) -> SyntaxTree.Root {
    switch options.mode {
    case .module:
      let mark = statements.count
      while kind != .endMarker { try statement() }
      let body = takeStatements(from: mark)
      let ignores = stream.typeIgnores.map { ignore in
        TypeIgnore(
          line: ignore.line,
          tag: arena.text(
            UnsafeBufferPointer(start: base + Int(ignore.start), count: Int(ignore.end - ignore.start))))
      }
      return .module(body: body, typeIgnores: arena.list(ignores))
    case .expression:
      let value = try expressionList()
      while accept(.newline) {}
      if kind != .endMarker { throw Stop() }
      return .expression(value)
    case .interactive:
      return .interactive(body: try interactiveStatement())
    case .functionType:
      return try functionType()
    }
  }

  private mutating func interactiveStatement() throws(Stop) -> ASTList<Stmt> {
    let mark = statements.count
    if kind == .newline {
      advance()
      statements.append(arena.stmt(.pass, range(from: position - 1)))
    } else if kind == .endMarker {
      throw Stop()
    } else {
      let compound = try statement()
      if compound, kind != .newline { throw Stop() }
      if compound { position += 1 }
      if hasMoreText() { throw Stop() }
    }
    return takeStatements(from: mark)
  }

  /// Whether anything but space and comments follows the last used token.
  private func hasMoreText() -> Bool {
    let count = stream.tokenizer.source.count
    let last = stream.tokens[position - 1]
    if last.kind == .newline, last.range.column == -1 { return false }
    var place = Int(last.end)
    while place < count {
      switch base[place] {
      case 32, 9, 10, 12: place += 1
      case 35:
        while place < count, base[place] != 10 { place += 1 }
      default: return true
      }
    }
    return false
  }

  /// `(int, *str, **Any) -> float`
  private mutating func functionType() throws(Stop) -> SyntaxTree.Root {
    try expect(.leftParen)
    let mark = expressions.count
    if kind != .rightParen {
      var sawStar = false
      var sawDouble = false
      repeat {
        if sawDouble { throw Stop() }
        if accept(.star) {
          if sawStar { throw Stop() }
          sawStar = true
        } else if accept(.doubleStar) {
          sawDouble = true
        } else if sawStar {
          throw Stop()
        }
        expressions.append(try expression())
      } while accept(.comma)
    }
    let args = takeExpressions(from: mark)
    try expect(.rightParen)
    try expect(.arrow)
    let returns = try expression()
    while accept(.newline) {}
    if kind != .endMarker { throw Stop() }
    return .functionType(args: args, returns: returns)
  }
}
