/// A text form of a syntax tree that is easy to produce in Python too; see `Tests/Tools/compare_ast.py`.
///
/// A node is `(Kind field field … @line:column-line:column)`, a list is `[…]`, a missing value is `~`, names and strings
/// are hexadecimal UTF-8 after `'` (names) or `"`.
public struct TreeDump {
  public private(set) var output: [UInt8] = []
  let names: NameTable

  public static func dump(_ tree: SyntaxTree) -> [UInt8] {
    var dump = TreeDump(names: tree.arena.names)
    dump.write(tree.root)
    return dump.output
  }

  init(names: NameTable) { self.names = names }

  private mutating func put(_ text: StaticString) {
    output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func put(_ number: Int) { output.append(contentsOf: String(number).utf8) }

  private mutating func hex(_ bytes: UnsafeBufferPointer<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    for byte in bytes {
      output.append(digits[Int(byte >> 4)])
      output.append(digits[Int(byte & 15)])
    }
  }

  private mutating func write(_ range: SourceRange) {
    put(" @")
    put(Int(range.line))
    put(":")
    put(Int(range.column))
    put("-")
    put(Int(range.endLine))
    put(":")
    put(Int(range.endColumn))
    put(")")
  }

  private mutating func write(_ name: Name?) {
    guard let name else { return put(" ~") }
    put(" '")
    hex(names[name])
  }

  private mutating func write(_ text: Text?) {
    guard let text else { return put(" ~") }
    put(" \"")
    hex(text.buffer)
  }

  private mutating func list<T>(_ elements: ASTList<T>, _ body: (inout TreeDump, T) -> Void) {
    put(" [")
    for element in elements { body(&self, element) }
    put("]")
  }

  private mutating func write(_ list: ASTList<Expr>) { self.list(list) { $0.write($1) } }
  private mutating func write(_ list: ASTList<Stmt>) { self.list(list) { $0.write($1) } }
  private mutating func write(_ list: ASTList<Pattern>) { self.list(list) { $0.write($1) } }
  private mutating func write(_ list: ASTList<Comprehension>) {
    self.list(list) {
      $0.put(" (comprehension")
      $0.write($1.target)
      $0.write($1.iter)
      $0.write($1.ifs)
      $0.put($1.isAsync ? " 1)" : " 0)")
    }
  }

  // MARK: Roots

  mutating func write(_ root: SyntaxTree.Root) {
    switch root {
    case .module(let body, let typeIgnores):
      put("(Module")
      write(body)
      list(typeIgnores) {
        $0.put(" (TypeIgnore ")
        $0.put(Int($1.line))
        $0.write($1.tag)
        $0.put(")")
      }
    case .interactive(let body):
      put("(Interactive")
      write(body)
    case .expression(let value):
      put("(Expression")
      write(value)
    case .functionType(let args, let returns):
      put("(FunctionType")
      write(args)
      write(returns)
    }
    put(")")
  }

  // MARK: Constants

  private mutating func write(_ value: Constant) {
    switch value {
    case .none: put(" None")
    case .true: put(" True")
    case .false: put(" False")
    case .ellipsis: put(" ...")
    case .int(let value):
      put(" i")
      output.append(contentsOf: String(value, radix: 16).utf8)
    case .bigInt(let value):
      put(" i")
      if value.isNegative { put("-") }
      var isFirst = true
      for limb in value.limbs.reversed() {
        let digits = String(limb, radix: 16)
        if !isFirst { output.append(contentsOf: repeatElement(48, count: 8 - digits.utf8.count)) }
        output.append(contentsOf: digits.utf8)
        isFirst = false
      }
    case .float(let value):
      put(" f")
      output.append(contentsOf: String(value.bitPattern, radix: 16).utf8)
    case .complex(let real, let imaginary):
      put(" c")
      output.append(contentsOf: String(real.bitPattern, radix: 16).utf8)
      put(",")
      output.append(contentsOf: String(imaginary.bitPattern, radix: 16).utf8)
    case .string(let text): write(text)
    case .bytes(let text):
      put(" b")
      hex(text.buffer)
    case .tuple(let elements):
      put(" t")
      list(elements) { $0.write($1) }
    case .frozenset(let elements):
      put(" s")
      list(elements) { $0.write($1) }
    }
  }

  // MARK: Expressions

  private mutating func write(_ context: ExprContext) {
    switch context {
    case .load: put(" Load")
    case .store: put(" Store")
    case .del: put(" Del")
    }
  }

  private static let binaryNames: [StaticString] = [
    "Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift", "RShift", "BitOr", "BitXor", "BitAnd", "FloorDiv",
  ]
  private static let unaryNames: [StaticString] = ["Invert", "Not", "UAdd", "USub"]
  private static let compareNames: [StaticString] = [
    "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn",
  ]

  private mutating func write(_ op: BinaryOperator) {
    put(" ")
    put(Self.binaryNames[Int(op.rawValue)])
  }

  private mutating func write(_ expr: Expr?) {
    guard let expr else { return put(" ~") }
    put(" (")
    switch expr.kind {
    case .boolOp(let op, let values):
      put(op == .and ? "BoolOp And" : "BoolOp Or")
      write(values)
    case .namedExpr(let target, let value):
      put("NamedExpr")
      write(target)
      write(value)
    case .binOp(let left, let op, let right):
      put("BinOp")
      write(left)
      write(op)
      write(right)
    case .unaryOp(let op, let operand):
      put("UnaryOp ")
      put(Self.unaryNames[Int(op.rawValue)])
      write(operand)
    case .lambda(let args, let body):
      put("Lambda")
      write(args)
      write(body)
    case .ifExp(let test, let body, let orElse):
      put("IfExp")
      write(test)
      write(body)
      write(orElse)
    case .dict(let keys, let values):
      put("Dict")
      list(keys) { $0.write($1) }
      write(values)
    case .set(let elements):
      put("Set")
      write(elements)
    case .listComp(let element, let generators):
      put("ListComp")
      write(element)
      write(generators)
    case .setComp(let element, let generators):
      put("SetComp")
      write(element)
      write(generators)
    case .dictComp(let key, let value, let generators):
      put("DictComp")
      write(key)
      write(value)
      write(generators)
    case .generatorExp(let element, let generators):
      put("GeneratorExp")
      write(element)
      write(generators)
    case .await(let value):
      put("Await")
      write(value)
    case .yield(let value):
      put("Yield")
      write(value)
    case .yieldFrom(let value):
      put("YieldFrom")
      write(value)
    case .compare(let left, let operators, let comparators):
      put("Compare")
      write(left)
      list(operators) {
        $0.put(" ")
        $0.put(Self.compareNames[Int($1.rawValue)])
      }
      write(comparators)
    case .call(let function, let args, let keywords):
      put("Call")
      write(function)
      write(args)
      write(keywords)
    case .formattedValue(let value, let conversion, let format):
      put("FormattedValue")
      write(value)
      put(" ")
      put(Int(conversion))
      write(format)
    case .joinedStr(let values):
      put("JoinedStr")
      write(values)
    case .constant(let value, let kind):
      put("Constant")
      write(value)
      write(kind)
    case .attribute(let value, let name, let context):
      put("Attribute")
      write(value)
      write(name)
      write(context)
    case .subscript(let value, let index, let context):
      put("Subscript")
      write(value)
      write(index)
      write(context)
    case .starred(let value, let context):
      put("Starred")
      write(value)
      write(context)
    case .name(let name, let context):
      put("Name")
      write(name)
      write(context)
    case .list(let elements, let context):
      put("List")
      write(elements)
      write(context)
    case .tuple(let elements, let context):
      put("Tuple")
      write(elements)
      write(context)
    case .slice(let lower, let upper, let step):
      put("Slice")
      write(lower)
      write(upper)
      write(step)
    }
    write(expr.range)
  }

  private mutating func write(_ keywords: ASTList<Keyword>) {
    list(keywords) {
      $0.put(" (keyword")
      $0.write($1.name)
      $0.write($1.value)
      $0.write($1.range)
    }
  }

  private mutating func write(_ arg: Arg?) {
    guard let arg else { return put(" ~") }
    put(" (arg")
    write(arg.name)
    write(arg.annotation)
    write(arg.typeComment)
    write(arg.range)
  }

  private mutating func write(_ args: Arguments) {
    let value = args.value
    put(" (arguments")
    list(value.posOnly) { $0.write($1) }
    list(value.args) { $0.write($1) }
    write(value.varArg)
    list(value.kwOnly) { $0.write($1) }
    list(value.kwDefaults) { $0.write($1) }
    write(value.kwArg)
    write(value.defaults)
    put(")")
  }

  // MARK: Statements

  private mutating func write(_ params: ASTList<TypeParam>) {
    list(params) {
      switch $1.kind {
      case .typeVar: $0.put(" (TypeVar")
      case .paramSpec: $0.put(" (ParamSpec")
      case .typeVarTuple: $0.put(" (TypeVarTuple")
      }
      $0.write($1.name)
      if $1.kind == .typeVar { $0.write($1.bound) }
      $0.write($1.defaultValue)
      $0.write($1.range)
    }
  }

  private mutating func write(_ aliases: ASTList<Alias>) {
    list(aliases) {
      $0.put(" (alias")
      $0.write($1.name)
      $0.write($1.asName)
      $0.write($1.range)
    }
  }

  private mutating func write(_ stmt: Stmt) {
    put(" (")
    switch stmt.kind {
    case .functionDef(let def):
      put(def.isAsync ? "AsyncFunctionDef" : "FunctionDef")
      write(def.name)
      write(def.args)
      write(def.body)
      write(def.decorators)
      write(def.returns)
      write(def.typeComment)
      write(def.typeParams)
    case .classDef(let def):
      put("ClassDef")
      write(def.name)
      write(def.bases)
      write(def.keywords)
      write(def.body)
      write(def.decorators)
      write(def.typeParams)
    case .return(let value):
      put("Return")
      write(value)
    case .delete(let targets):
      put("Delete")
      write(targets)
    case .assign(let targets, let value, let typeComment):
      put("Assign")
      write(targets)
      write(value)
      write(typeComment)
    case .typeAlias(let name, let typeParams, let value):
      put("TypeAlias")
      write(name)
      write(typeParams)
      write(value)
    case .augAssign(let target, let op, let value):
      put("AugAssign")
      write(target)
      write(op)
      write(value)
    case .annAssign(let target, let annotation, let value, let simple):
      put("AnnAssign")
      write(target)
      write(annotation)
      write(value)
      put(simple ? " 1" : " 0")
    case .for(let loop):
      put(loop.isAsync ? "AsyncFor" : "For")
      write(loop.target)
      write(loop.iter)
      write(loop.body)
      write(loop.orElse)
      write(loop.typeComment)
    case .while(let test, let body, let orElse):
      put("While")
      write(test)
      write(body)
      write(orElse)
    case .if(let test, let body, let orElse):
      put("If")
      write(test)
      write(body)
      write(orElse)
    case .with(let with):
      put(with.isAsync ? "AsyncWith" : "With")
      list(with.items) {
        $0.put(" (withitem")
        $0.write($1.context)
        $0.write($1.target)
        $0.put(")")
      }
      write(with.body)
      write(with.typeComment)
    case .match(let subject, let cases):
      put("Match")
      write(subject)
      list(cases) {
        $0.put(" (match_case")
        $0.write($1.pattern)
        $0.write($1.guardExpr)
        $0.write($1.body)
        $0.put(")")
      }
    case .raise(let exception, let cause):
      put("Raise")
      write(exception)
      write(cause)
    case .try(let statement):
      put(statement.isStar ? "TryStar" : "Try")
      write(statement.body)
      list(statement.handlers) {
        $0.put(" (ExceptHandler")
        $0.write($1.type)
        $0.write($1.name)
        $0.write($1.body)
        $0.write($1.range)
      }
      write(statement.orElse)
      write(statement.finalBody)
    case .assert(let test, let message):
      put("Assert")
      write(test)
      write(message)
    case .import(let aliases):
      put("Import")
      write(aliases)
    case .importFrom(let module, let aliases, let level):
      put("ImportFrom")
      write(module)
      write(aliases)
      put(" ")
      put(Int(level))
    case .global(let names):
      put("Global")
      list(names) { $0.write($1) }
    case .nonlocal(let names):
      put("Nonlocal")
      list(names) { $0.write($1) }
    case .expr(let value):
      put("Expr")
      write(value)
    case .pass: put("Pass")
    case .break: put("Break")
    case .continue: put("Continue")
    }
    write(stmt.range)
  }

  // MARK: Patterns

  private mutating func write(_ pattern: Pattern?) {
    guard let pattern else { return put(" ~") }
    put(" (")
    switch pattern.kind {
    case .value(let value):
      put("MatchValue")
      write(value)
    case .singleton(let value):
      put("MatchSingleton")
      write(value)
    case .sequence(let patterns):
      put("MatchSequence")
      write(patterns)
    case .mapping(let keys, let patterns, let rest):
      put("MatchMapping")
      write(keys)
      write(patterns)
      write(rest)
    case .class(let value, let patterns, let keywords, let keywordPatterns):
      put("MatchClass")
      write(value)
      write(patterns)
      list(keywords) { $0.write($1) }
      write(keywordPatterns)
    case .star(let name):
      put("MatchStar")
      write(name)
    case .as(let inner, let name):
      put("MatchAs")
      write(inner)
      write(name)
    case .or(let patterns):
      put("MatchOr")
      write(patterns)
    }
    write(pattern.range)
  }
}
