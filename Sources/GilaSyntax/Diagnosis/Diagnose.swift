/// Finds out why `text` is not a program, in CPython's words. `token` is where the real parser stopped.
func diagnose(_ text: SourceText, options: ParseOptions, stoppedAt token: Token) -> SyntaxFailure {
  if let failure = ErrorParser(text, options: options).diagnose() { return failure }
  // The two parsers disagree, which is a mistake in one of them.
  return SyntaxFailure(
    .syntaxError, "invalid syntax", line: Int(token.range.line), offset: Int(token.range.column) + 1,
    endLine: Int(token.range.endLine), endOffset: Int(token.range.endColumn) + 1, text: nil)
}
