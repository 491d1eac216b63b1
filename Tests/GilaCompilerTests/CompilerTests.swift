import GilaSyntax
import Testing

@testable import GilaCompiler

@Suite struct CompilerTests {
  private func compiled(_ text: String, optimize: Int = 0) throws -> CodeUnit {
    try compile(source: Array(text.utf8), fileName: Array("t.py".utf8), optimize: optimize).code
  }

  private func ops(_ code: CodeUnit) -> [UInt16] {
    var result: [UInt16] = []
    var place = 0
    while place < code.code.count {
      let op = UInt16(code.code[place])
      result.append(op)
      place += 2 + 2 * Opcode.cacheCount(op)
    }
    return result
  }

  private func failure(_ text: String) -> SyntaxFailure? {
    do throws(SyntaxFailure) {
      _ = try compile(source: Array(text.utf8), fileName: [])
      return nil
    } catch {
      return error
    }
  }

  private func nested(_ code: CodeUnit) -> [CodeUnit] {
    code.consts.compactMap { if case .code(let inner) = $0 { inner } else { nil } }
  }

  @Test func simpleModule() throws {
    let code = try compiled("x = 1\n")
    #expect(ops(code) == [Opcode.resume, Opcode.loadConst, Opcode.storeName, Opcode.returnConst])
    #expect(code.consts == [.int(1), .none])
    #expect(code.names == [Array("x".utf8)])
    #expect(code.lineTable == [0xF0, 3, 1, 1, 1, 0xD8, 4, 5, 0x81, 1])
  }

  @Test func foldsConstants() throws {
    #expect(try compiled("x = 2 ** 10 + -1\n").consts.first == .int(1023))
    #expect(try compiled("x = 1 << 100\n").consts.first == .bigInt(isNegative: false, limbs: [0, 0, 0, 16]))
    #expect(try compiled("x = 7 // -2, -7 % 3, 1 / 4\n").consts.first == .tuple([.int(-4), .int(2), .float(0.25)]))
    #expect(try compiled("x = 'ab' * 2 + 'c'\n").consts.first == .string(Array("ababc".utf8)))
    #expect(try compiled("x = 3 in {1, 2}\n").consts[1] == .frozenset([.int(1), .int(2)]))
    #expect(try compiled("x = 1 / 0\n").consts.contains(.int(0)))
  }

  @Test func closures() throws {
    let outer = try #require(nested(compiled("def f(a):\n  def g(): return a\n  return g\n")).first)
    #expect(outer.localsPlusKinds == [LocalKind.local | LocalKind.cell, LocalKind.local])
    let inner = try #require(nested(outer).first)
    #expect(inner.localsPlusKinds == [LocalKind.free])
    #expect(inner.qualifiedName == Array("f.<locals>.g".utf8))
    #expect(ops(inner).first == Opcode.copyFreeVars)
  }

  @Test func optimizationLevels() throws {
    let text = "def f():\n  'doc'\n  assert x\n  return __debug__\n"
    func function(_ level: Int) throws -> CodeUnit { try #require(nested(compiled(text, optimize: level)).first) }
    #expect(try function(0).consts == [.string(Array("doc".utf8)), .true])
    #expect(try function(1).consts == [.string(Array("doc".utf8)), .false])
    #expect(try function(2).consts == [.none, .false])
  }

  @Test func annotationsAsText() throws {
    let code = try compiled(
      "from __future__ import annotations\nx: {'a': lambda b=-1.5e300, *c: (b, 'q\\'')} | T[1:2]\n")
    #expect(code.consts.contains(.string(Array("{'a': lambda b=-1.5e+300, *c: (b, \"q'\")} | T[1:2]".utf8))))
  }

  @Test(arguments: [
    ("return 1", "'return' outside function"), ("break", "'break' outside loop"),
    ("def f():\n  x = 1\n  global x", "name 'x' is assigned to before global declaration"),
    ("nonlocal x", "nonlocal declaration not allowed at module level"),
    ("def f():\n  nonlocal x", "no binding for nonlocal 'x' found"),
    ("__debug__ = 1", "cannot assign to __debug__"), ("a, *b, *c = d", "multiple starred expressions in assignment"),
    ("f(a=1, a=2)", "keyword argument repeated: a"), ("[(yield) for x in y]", "'yield' inside list comprehension"),
    ("x = 1\nfrom __future__ import annotations", "from __future__ imports must occur at the beginning of the file"),
    ("match x:\n case a: pass\n case b: pass", "name capture 'a' makes remaining patterns unreachable"),
    ("await x", "'await' outside function"),
  ]) func errors(_ text: String, _ message: String) {
    #expect(failure(text)?.message == message)
  }

  @Test func warnings() throws {
    let result = try compile(source: Array("x is 1\nassert (x, 'y')\n'a'[1.5]\n(1)(2)\n".utf8), fileName: [])
    #expect(
      result.warnings.map(\.message) == [
        "\"is\" with 'int' literal. Did you mean \"==\"?", "assertion is always true, perhaps remove parentheses?",
        "str indices must be integers or slices, not float; perhaps you missed a comma?",
        "'int' object is not callable; perhaps you missed a comma?",
      ])
  }

  @Test func symbolTableCanBeQueried() throws {
    let tree = try parse(Array("def f(a):\n  global g\n  return [b for b in a]\n".utf8), options: ParseOptions())
    let table = try SymbolTable.build(tree, flags: [])
    let function = try #require(table.top.children.first)
    #expect(function.scope(of: table.names.intern("a")) == .local)
    #expect(function.scope(of: table.names.intern("b")) == .local)
    #expect(function.scope(of: table.names.intern("g")) == .globalExplicit)
    #expect(function.parameters == [table.names.intern("a")])
  }

  @Test(arguments: ["1 + ", "a.", "-", "not ", "a and (", "f(", "x if y else "]) func deepTrees(_ piece: String) {
    for count in [1000, 100_000] {
      let text = Array((String(repeating: piece, count: count) + "a").utf8)
      do throws(SyntaxFailure) {
        _ = try compile(
          source: text, fileName: [], options: ParseOptions(stackBytes: 200_000))
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test func deepTreesAreRecursionErrors() {
    let sum = Array((String(repeating: "a + ", count: 100_000) + "a").utf8)
    var found: SyntaxFailure?
    do throws(SyntaxFailure) {
      _ = try compile(source: sum, fileName: [], options: ParseOptions(stackBytes: 200_000))
    } catch { found = error }
    #expect(found == SyntaxFailure(.recursionError, "maximum recursion depth exceeded during compilation"))
  }

  @Test func marshalWritesAllKinds() {
    var writer = MarshalWriter()
    writer.write(.tuple([.none, .int(-1), .int(1 << 40), .float(0.5), .string(Array("é".utf8)), .bytes([1])]))
    #expect(
      writer.output
        == [0x29, 6, 0x4E, 0x69, 255, 255, 255, 255, 0x6C, 3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0x67, 0, 0, 0, 0, 0, 0, 0xE0]
        + [0x3F, 0x75, 2, 0, 0, 0, 0xC3, 0xA9, 0x73, 1, 0, 0, 0, 1])
  }
}
