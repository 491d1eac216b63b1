/// Finds out why `text` is not a program, in CPython's words.
func diagnose(_ text: SourceText, options: ParseOptions, stoppedAt token: Token) -> SyntaxFailure {
  SyntaxFailure(
    .syntaxError, "invalid syntax", line: Int(token.range.line), offset: Int(token.range.column) + 1,
    endLine: Int(token.range.endLine), endOffset: Int(token.range.endColumn) + 1, text: nil)
}
