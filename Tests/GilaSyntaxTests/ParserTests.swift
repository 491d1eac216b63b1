import Testing

@testable import GilaSyntax

@Suite struct ParserTests {
  private func dump(_ text: String, _ options: ParseOptions = ParseOptions(mode: .expression)) throws -> String {
    String(decoding: TreeDump.dump(try parse(Array(text.utf8), options: options)), as: UTF8.self)
  }

  private func failure(_ text: String, _ options: ParseOptions = ParseOptions()) -> SyntaxFailure? {
    do throws(SyntaxFailure) {
      _ = try parse(Array(text.utf8), options: options)
      return nil
    } catch {
      return error
    }
  }

  @Test func precedence() throws {
    #expect(
      try dump("-a ** b")
        == "(Expression (UnaryOp USub (BinOp (Name '61 Load @1:1-1:2) Pow (Name '62 Load @1:6-1:7)"
        + " @1:1-1:7) @1:0-1:7))")
    #expect(try dump("a if b else c").contains("IfExp"))
    #expect(try dump("not a in b").hasPrefix("(Expression (UnaryOp Not (Compare"))
  }

  @Test func literals() throws {
    #expect(try dump("0xFFFFFFFFFFFFFFFFFF").contains("iffffffffffffffffff"))
    #expect(try dump("1_000_000").contains(" if4240 "))
    #expect(try dump("1.5j").contains(" c0,3ff8000000000000 "))
    #expect(try dump("'a' \"b\" '\\x41\\ud800'").contains("\"616241eda080 "))
    #expect(try dump("b'\\x00a'").contains(" b0061 "))
    #expect(try dump("f'{x = }'").contains("\"78203d20"))
  }

  @Test func trees() throws {
    var module = ParseOptions()
    #expect(try dump("match x:\n case [1, *_]: pass", module).contains("MatchStar"))
    #expect(try dump("match = 1", module).contains("Assign"))
    #expect(try dump("type X[T: int = str, *Ts, **P] = T", module).contains("TypeVarTuple"))
    #expect(try dump("with (a as b, c): pass", module).contains("withitem"))
    #expect(try dump("try: pass\nexcept* E as e: pass", module).contains("TryStar"))
    #expect(try dump("(int, *str) -> float", ParseOptions(mode: .functionType)).hasPrefix("(FunctionType"))
    module.flags = .typeComments
    #expect(try dump("x = [] # type: list\n# type: ignore[a]\n", module).contains("\"6c697374"))
  }

  struct Expected: Sendable {
    var text: String
    var message: String
    var place: [Int]
  }

  static let mistakes = [
    Expected(
      text: "print 1", message: "Missing parentheses in call to 'print'. Did you mean print(...)?",
      place: [1, 1, 1, 8]),
    Expected(text: "f(a b)", message: "invalid syntax. Perhaps you forgot a comma?", place: [1, 3, 1, 6]),
    Expected(text: "x = (1,\n", message: "'(' was never closed", place: [1, 5, 1, 0]),
    Expected(
      text: "def f(a=1, b): pass", message: "parameter without a default follows parameter with a default",
      place: [1, 12, 1, 13]),
    Expected(
      text: "a + 1 = 2", message: "cannot assign to expression here. Maybe you meant '==' instead of '='?",
      place: [1, 1, 1, 6]),
    Expected(text: "for f() in x: pass", message: "cannot assign to function call", place: [1, 5, 1, 8]),
    Expected(text: "if x\n  pass", message: "expected ':'", place: [1, 5, 1, 6]),
    Expected(
      text: "f'{a b}'", message: "f-string: invalid syntax. Perhaps you forgot a comma?", place: [1, 4, 1, 7]),
  ]

  @Test(arguments: mistakes) func messages(_ expected: Expected) {
    let found = failure(expected.text)
    #expect(found.map { [$0.line, $0.offset, $0.endLine, $0.endOffset] } == expected.place)
    // Inside f-strings CPython has no prefix for this one.
    #expect(found?.message == expected.message.replacing("f-string: invalid", with: "invalid"))
  }

  @Test func kindsOfFailures() {
    #expect(failure("if x:\npass")?.kind == .indentationError)
    #expect(failure("if x:\n\ta\n        b")?.kind == .tabError)
    // A debug build needs so much stack that it may give up before.
    let message = failure(String(repeating: "(", count: 300))?.message
    #expect(
      message == "too many nested parentheses"
        || message == "Parser stack overflowed - Python source too complex to parse")
    let small = ParseOptions(stackBytes: 200_000)
    #expect(failure(String(repeating: "-", count: 1_000_000) + "1", small)?.kind == .memoryError)
    var options = ParseOptions()
    options.flags = .allowIncompleteInput
    #expect(failure("f(", options)?.kind == .incompleteInput)
  }

  @Test func warningsAreCollected() throws {
    let tree = try parse(Array("'\\d'\n1if x else 2\n".utf8), options: ParseOptions())
    #expect(tree.warnings.map(\.message) == ["invalid escape sequence '\\d'", "invalid decimal literal"])
  }

  @Test func treesCanBeBuiltByHand() {
    let arena = ASTArena()
    let range = SourceRange(line: 1, column: 0, endLine: 1, endColumn: 1)
    let name = arena.expr(.name(arena.names.intern("x"), .load), range)
    let body = arena.list([arena.stmt(.expr(name), range)])
    let tree = SyntaxTree(arena: arena, root: .module(body: body, typeIgnores: ASTList()))
    #expect(String(decoding: TreeDump.dump(tree), as: UTF8.self).contains("(Name '78 Load @1:0-1:1)"))
  }
}
