/// The kind of a token. Raw values below 128 are those of Python's `token` module; keywords, which that module does not
/// tell from names, follow in the order of `WellKnownName`.
public enum TokenKind: UInt8, Sendable, BitwiseCopyable {
  case endMarker = 0
  case name, number, string, newline, indent, dedent
  case leftParen, rightParen, leftSquare, rightSquare, colon, comma, semicolon
  case plus, minus, star, slash, bar, ampersand, less, greater, equal, dot, percent, leftBrace, rightBrace
  case equalEqual, notEqual, lessEqual, greaterEqual, tilde, circumflex, leftShift, rightShift, doubleStar
  case plusEqual, minusEqual, starEqual, slashEqual, percentEqual, ampersandEqual, barEqual, circumflexEqual
  case leftShiftEqual, rightShiftEqual, doubleStarEqual, doubleSlash, doubleSlashEqual, at, atEqual, arrow, ellipsis
  case colonEqual, exclamation
  case op, typeIgnore, typeComment, softKeyword, fstringStart, fstringMiddle, fstringEnd, comment, nl, errorToken

  case kwFalse = 128
  case kwNone, kwTrue, kwAnd, kwAs, kwAssert, kwAsync, kwAwait, kwBreak, kwClass, kwContinue, kwDef, kwDel
  case kwElif, kwElse, kwExcept, kwFinally, kwFor, kwFrom, kwGlobal, kwIf, kwImport, kwIn, kwIs, kwLambda
  case kwNonlocal, kwNot, kwOr, kwPass, kwRaise, kwReturn, kwTry, kwWhile, kwWith, kwYield

  /// The keyword that `name` is, or `.name`.
  @inline(__always)
  init(name: Name) {
    self = name.id < WellKnownName.keywordCount ? TokenKind(rawValue: UInt8(128 &+ name.id)) ?? .name : .name
  }
}

/// One token. Text is not copied: `start` and `end` are offsets in the tokenizer's source.
public struct Token: BitwiseCopyable {
  public var kind: TokenKind
  /// How many brackets are open after the token.
  public var level: Int16 = 0
  public var start: Int32 = 0
  public var end: Int32 = 0
  /// The columns are -1 for tokens without text (DEDENT, ENDMARKER and such).
  public var range: SourceRange
  /// For a name: its number. For a token that ends the expression of a replacement field: 1 + the index in
  /// `Tokenizer.fieldTexts` of the expression's text, if that is wanted (`f"{x = }"`).
  public var payload: UInt32 = 0

  public var name: Name { Name(id: payload) }
}
