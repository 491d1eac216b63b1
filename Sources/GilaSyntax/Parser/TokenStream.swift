/// The tokens of a source text, read when they are first looked at and then kept, so that a parser can go back.
struct TokenStream: ~Copyable {
  var tokenizer: Tokenizer
  private(set) var tokens: UnsafeMutablePointer<Token>
  private(set) var count = 0
  private var capacity: Int
  let isInteractive: Bool
  let impliesDedent: Bool
  private var started = false
  var typeIgnores: [(line: Int32, start: Int32, end: Int32)] = []

  init(_ tokenizer: consuming Tokenizer, options: ParseOptions) {
    capacity = max(64, tokenizer.source.count / 4 + 16)
    tokens = .allocate(capacity: capacity)
    self.tokenizer = tokenizer
    isInteractive = options.mode == .interactive
    impliesDedent = !options.flags.contains(.dontImplyDedent)
  }

  deinit { tokens.deallocate() }

  @inline(__always)
  subscript(index: Int) -> Token {
    mutating get {
      while index >= count { fetch() }
      return tokens[index]
    }
  }

  /// Reads one more token.
  @inline(never)
  mutating func fetch() {
    var token = tokenizer.next()
    while token.kind == .typeIgnore {
      typeIgnores.append((tokenizer.line, token.start, token.end))
      token = tokenizer.next()
    }
    if isInteractive {
      if token.kind == .endMarker, started {
        // The end of the text ends the statement.
        token.kind = .newline
        started = false
        if tokenizer.indents.count > 1, impliesDedent {
          tokenizer.pendingIndents = -(tokenizer.indents.count - 1)
          tokenizer.indents = [0]
          tokenizer.alternateIndents = [0]
        }
      } else {
        started = true
      }
    }
    if count == capacity {
      let larger = UnsafeMutablePointer<Token>.allocate(capacity: capacity * 2)
      larger.update(from: tokens, count: count)
      tokens.deallocate()
      tokens = larger
      capacity *= 2
    }
    tokens[count] = token
    count += 1
  }
}
