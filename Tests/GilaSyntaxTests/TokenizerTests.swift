import Testing

@testable import GilaSyntax

@Suite struct TokenizerTests {
  private func kinds(_ text: String, extraTokens: Bool = false) -> [TokenKind] {
    let bytes = Array(text.utf8)
    let source = bytes.withUnsafeBufferPointer { SourceText($0, endsWithNewline: true) }
    var tokenizer = Tokenizer(source, names: NameTable(), extraTokens: extraTokens)
    var result: [TokenKind] = []
    while true {
      let token = tokenizer.next()
      result.append(token.kind)
      if token.kind == .endMarker || token.kind == .errorToken { return result }
    }
  }

  @Test func wellKnownNamesHaveTheirNumbers() {
    let names = NameTable()
    for name in WellKnownName.allCases {
      #expect(names.intern(names.string(Name(name))) == Name(name))
    }
    #expect(names.string(Name(.kwYield)) == "yield")
    #expect(names.string(Name(.match)) == "match")
    #expect(names.string(Name(.eval)) == "eval")
    #expect(TokenKind(name: names.intern("while")) == .kwWhile)
    #expect(TokenKind(name: names.intern("match")) == .name)
  }

  @Test func statementsAndIndentation() {
    #expect(
      kinds("if x:\n  y\nz") == [
        .kwIf, .name, .colon, .newline, .indent, .name, .newline, .dedent, .name, .newline, .endMarker,
      ])
    #expect(kinds("(a\n,)") == [.leftParen, .name, .comma, .rightParen, .newline, .endMarker])
    #expect(kinds("a <<= b ** 2 -> ... :=").prefix(4) == [.name, .leftShiftEqual, .name, .doubleStar])
  }

  @Test func fstringsNest() {
    #expect(
      kinds("f'a{f\"{b}\"!r:>{w}}c'") == [
        .fstringStart, .fstringMiddle, .leftBrace, .fstringStart, .leftBrace, .name, .rightBrace, .fstringEnd,
        .exclamation, .name, .colon, .fstringMiddle, .leftBrace, .name, .rightBrace, .fstringMiddle, .rightBrace,
        .fstringMiddle, .fstringEnd, .newline, .endMarker,
      ])
  }

  @Test func commentsAreKeptOnRequest() {
    #expect(kinds("# c\nx # d\n\n", extraTokens: true).contains(.comment))
    #expect(kinds("# c\nx\n", extraTokens: true).contains(.nl))
    #expect(kinds("# c\nx # d\n") == [.name, .newline, .endMarker])
  }

  @Test(arguments: ["0x_", "1__0", "0b2", "'abc", "'''", "f'{", "\u{20AC}", "a\\ b", "0777", "1_a"])
  func badTokensStop(_ text: String) {
    #expect(kinds(text).last == .errorToken)
  }

  private func detect(_ text: [UInt8]) throws -> SourceEncoding.Detected {
    let result: Result<SourceEncoding.Detected, SyntaxFailure> = text.withUnsafeBufferPointer { buffer in
      do throws(SyntaxFailure) { return .success(try SourceEncoding.detect(buffer)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  @Test func encodings() throws {
    #expect(try detect(Array("# -*- coding: Latin_1 -*-\n".utf8)).name == "iso-8859-1")
    #expect(try detect(Array("#!x\n# vim: set fileencoding=koi8-r :\n".utf8)).name == "koi8-r")
    #expect(try detect(Array("x = 1\n# coding: koi8-r\n".utf8)).name == "utf-8")
    #expect(try detect([0xEF, 0xBB, 0xBF] + Array("x\n".utf8)).hasByteOrderMark)
    #expect(throws: SyntaxFailure.self) {
      _ = try detect([0xEF, 0xBB, 0xBF] + Array("# coding: latin-1\n".utf8))
    }
  }
}
