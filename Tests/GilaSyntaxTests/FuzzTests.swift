import Testing

@testable import GilaSyntax

/// No text may crash or hang the parser.
@Suite struct FuzzTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var x = state
      x ^= x >> 33
      x = x &* 0xFF51_AFD7_ED55_8CCD
      return x ^ x >> 33
    }
  }

  private func accept(_ bytes: [UInt8], _ mode: ParseMode = .module) {
    do throws(SyntaxFailure) {
      // Tests run on threads with small stacks.
      _ = try parse(bytes, options: ParseOptions(mode: mode, stackBytes: 200_000))
    } catch {
      #expect(!error.message.isEmpty)
    }
  }

  private static let pieces = [
    "if", "else", "elif", "for", "in", "not", "lambda", "def", "class", "import", "from", "try", "except", "finally",
    "with", "as", "match", "case", "type", "async", "await", "yield", "return", "x", "y", "_", "1", "0x1F", "1.5e3",
    "2j", "'s'", "b'b'", "f'{", "}'", "f'''", "'''", "(", ")", "[", "]", "{", "}", ",", ":", ":=", "=", "==", "!=",
    "<>",
    "+", "-", "*", "**", "/", "//", "%", "@", "->", "...", ".", ";", "!", "~", "|", "&", "\n", "\n  ", "\n\t", "\\\n",
    "#c", "# type: int", "\\", "\"", "'", "é", "\u{1F600}", " ", "None", "True",
  ]

  @Test func tokenSoup() {
    var random = Random(state: 7)
    for _ in 0..<4000 {
      var text = ""
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        text += Self.pieces.randomElement(using: &random) ?? ""
        if Bool.random(using: &random) { text += " " }
      }
      let modes: [ParseMode] = [.module, .expression, .interactive, .functionType]
      accept(Array(text.utf8), modes.randomElement(using: &random) ?? .module)
    }
  }

  @Test func randomBytes() {
    var random = Random(state: 11)
    for _ in 0..<4000 {
      let count = Int.random(in: 0...60, using: &random)
      accept((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }

  @Test func damagedPrograms() {
    let program = """
      @decorate(1)
      class A[T](B, metaclass=M):
        '''Doc.'''
        def f(self, a, /, b: int = 1, *args, c=2, **kw) -> 'x':
          with open(a) as g, (h): return [i async for i in x if not y or z]
        try: pass
        except* (E, F) as e: raise e from None
        finally: del a[1:2, ...], b.c
      match {**a, 1: -2}:
        case {'k': [A(x=1), *_], **rest} | None if rest: print(f'{x!r:>{w}} {{}} {y=}')
      async def g(): await (lambda *a: (yield a))
      """
    let characters = Array(program)
    var random = Random(state: 13)
    for _ in 0..<3000 {
      var text = characters
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text.remove(at: place)
        case 1: text.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? "", at: place)
        default: text.replaceSubrange(place..., with: text[place...].shuffled(using: &random))
        }
      }
      accept(Array(String(text).utf8))
    }
  }

  @Test(arguments: [
    "(", "[", "{", "-", "not ", "a(", "lambda:", "f'{", "a if b else ", "a**", "await ", "if a:\n ", "a.", "a[",
    "for x in (", "f(a=", "case (", "'' ", "\"\"\"", "\\\n", "@", "*", "a:=", "[x for x in ", "{a:", "x=",
  ]) func deepNesting(_ piece: String) {
    for count in [100, 10_000, 100_000] {
      let text = Array(String(repeating: piece, count: count).utf8)
      accept(text)
      accept(text + Array("x y".utf8))
    }
  }
}
