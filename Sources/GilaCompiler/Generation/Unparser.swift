import GilaSyntax

/// Text of an expression in a normal form; annotations become this under `from __future__ import annotations`.
struct Unparser {
  /// How strongly an operator binds; an operand that binds less gets parentheses.
  private enum Level: Int {
    case tuple, test, or, and, not, compare, bitOr, bitXor, bitAnd, shift, arithmetic, term, factor, power, await, atom

    var next: Level { Level(rawValue: rawValue + 1) ?? .atom }
  }

  private var output: [UInt8] = []
  private let names: NameTable

  static func text(_ value: Expr, names: NameTable) -> [UInt8] {
    var unparser = Unparser(names: names)
    unparser.write(value, .test)
    return unparser.output
  }

  private init(names: NameTable) { self.names = names }

  private mutating func put(_ text: String) { output.append(contentsOf: text.utf8) }

  private mutating func put(_ name: Name) { output.append(contentsOf: names[name]) }

  private mutating func list(_ values: some Collection<Expr>) {
    for (index, value) in values.enumerated() {
      if index > 0 { put(", ") }
      write(value, .test)
    }
  }

  private mutating func grouped(_ level: Level, _ own: Level, _ body: (inout Unparser) -> Void) {
    let needs = level.rawValue > own.rawValue
    if needs { put("(") }
    body(&self)
    if needs { put(")") }
  }

  private mutating func write(_ value: Expr, _ level: Level) {
    switch value.kind {
    case .name(let name, _): put(name)
    case .constant(let constant, let kind):
      if let kind { put(kind) }
      put(constant)
    case .attribute(let object, let name, _):
      write(object, .atom)
      // Otherwise it would be a float.
      switch object.kind {
      case .constant(.int, _), .constant(.bigInt, _): put(" .")
      default: put(".")
      }
      put(name)
    case .subscript(let object, let index, _):
      write(object, .atom)
      put("[")
      write(index, .tuple)
      put("]")
    case .call(let function, let args, let keywords): writeCall(function, args, keywords)
    case .binOp(let left, let op, let right): writeBinary(left, op, right, level)
    case .boolOp(let op, let values):
      let own: Level = op == .and ? .and : .or
      grouped(level, own) { unparser in
        for (index, operand) in values.enumerated() {
          if index > 0 { unparser.put(op == .and ? " and " : " or ") }
          unparser.write(operand, own.next)
        }
      }
    case .unaryOp(let op, let operand):
      let own: Level = op == .not ? .not : .factor
      grouped(level, own) {
        switch op {
        case .invert: $0.put("~")
        case .not: $0.put("not ")
        case .uAdd: $0.put("+")
        case .uSub: $0.put("-")
        }
        $0.write(operand, own)
      }
    case .compare(let left, let operators, let comparators):
      let texts = ["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"]
      grouped(level, .compare) {
        $0.write(left, .bitOr)
        for (op, right) in zip(operators, comparators) {
          $0.put(" " + texts[Int(op.rawValue)] + " ")
          $0.write(right, .bitOr)
        }
      }
    case .ifExp(let test, let body, let orElse):
      grouped(level, .test) {
        $0.write(body, .or)
        $0.put(" if ")
        $0.write(test, .or)
        $0.put(" else ")
        $0.write(orElse, .test)
      }
    case .lambda(let args, let body):
      grouped(level, .test) {
        let value = args.value
        $0.put(value.args.isEmpty && value.posOnly.isEmpty ? "lambda" : "lambda ")
        $0.writeParameters(value)
        $0.put(": ")
        $0.write(body, .test)
      }
    case .tuple(let elements, _):
      if elements.isEmpty { return put("()") }
      grouped(level, .tuple) {
        $0.list(elements)
        if elements.count == 1 { $0.put(",") }
      }
    case .list(let elements, _):
      put("[")
      list(elements)
      put("]")
    case .set(let elements):
      put("{")
      list(elements)
      put("}")
    case .dict(let keys, let values):
      put("{")
      for (index, value) in values.enumerated() {
        if index > 0 { put(", ") }
        if let key = keys[index] {
          write(key, .test)
          put(": ")
          write(value, .test)
        } else {
          put("**")
          write(value, .bitOr)
        }
      }
      put("}")
    case .generatorExp(let element, let generators): writeComprehension("(", ")", element, nil, generators)
    case .listComp(let element, let generators): writeComprehension("[", "]", element, nil, generators)
    case .setComp(let element, let generators): writeComprehension("{", "}", element, nil, generators)
    case .dictComp(let key, let element, let generators): writeComprehension("{", "}", key, element, generators)
    case .starred(let inner, _):
      put("*")
      write(inner, .bitOr)
    case .slice(let lower, let upper, let step):
      if let lower { write(lower, .test) }
      put(":")
      if let upper { write(upper, .test) }
      if let step {
        put(":")
        write(step, .test)
      }
    case .yield(let inner):
      put(inner == nil ? "(yield" : "(yield ")
      if let inner { write(inner, .test) }
      put(")")
    case .yieldFrom(let inner):
      put("(yield from ")
      write(inner, .test)
      put(")")
    case .await(let inner):
      grouped(level, .await) {
        $0.put("await ")
        $0.write(inner, .atom)
      }
    case .namedExpr(let target, let inner):
      grouped(level, .tuple) {
        $0.write(target, .atom)
        $0.put(" := ")
        $0.write(inner, .atom)
      }
    case .joinedStr(let values):
      var body = Unparser(names: names)
      for piece in values { body.writeFStringPiece(piece) }
      put("f")
      output.append(contentsOf: ConstantText.quoted(body.output))
    case .formattedValue: writeFStringPiece(value)
    }
  }

  private mutating func writeBinary(_ left: Expr, _ op: BinaryOperator, _ right: Expr, _ level: Level) {
    let (text, own): (String, Level) =
      switch op {
      case .add: ("+", .arithmetic)
      case .sub: ("-", .arithmetic)
      case .mult: ("*", .term)
      case .matMult: ("@", .term)
      case .div: ("/", .term)
      case .mod: ("%", .term)
      case .floorDiv: ("//", .term)
      case .lShift: ("<<", .shift)
      case .rShift: (">>", .shift)
      case .bitOr: ("|", .bitOr)
      case .bitXor: ("^", .bitXor)
      case .bitAnd: ("&", .bitAnd)
      case .pow: ("**", .power)
      }
    grouped(level, own) {
      $0.write(left, op == .pow ? own.next : own)
      $0.put(" " + text + " ")
      $0.write(right, op == .pow ? own : own.next)
    }
  }

  private mutating func writeCall(_ function: Expr, _ args: ASTList<Expr>, _ keywords: ASTList<Keyword>) {
    write(function, .atom)
    if args.count == 1, keywords.isEmpty, case .generatorExp = args[0].kind {
      write(args[0], .test)
      return
    }
    put("(")
    list(args)
    for (index, keyword) in keywords.enumerated() {
      if index > 0 || !args.isEmpty { put(", ") }
      if let name = keyword.name {
        put(name)
        put("=")
      } else {
        put("**")
      }
      write(keyword.value, .test)
    }
    put(")")
  }

  private mutating func writeComprehension(
    _ open: String, _ close: String, _ element: Expr, _ dictValue: Expr?, _ generators: ASTList<Comprehension>
  ) {
    put(open)
    write(element, .test)
    if let dictValue {
      put(": ")
      write(dictValue, .test)
    }
    for generator in generators {
      put(generator.isAsync ? " async for " : " for ")
      write(generator.target, .tuple)
      put(" in ")
      write(generator.iter, .or)
      for condition in generator.ifs {
        put(" if ")
        write(condition, .or)
      }
    }
    put(close)
  }

  private mutating func write(_ arg: Arg) {
    put(arg.name)
    if let annotation = arg.annotation {
      put(": ")
      write(annotation, .test)
    }
  }

  private mutating func writeParameters(_ args: ArgumentsNode) {
    var isFirst = true
    func comma(_ unparser: inout Unparser) {
      if !isFirst { unparser.put(", ") }
      isFirst = false
    }
    let positional = Array(args.posOnly) + Array(args.args)
    for (index, arg) in positional.enumerated() {
      comma(&self)
      write(arg)
      let number = index - positional.count + args.defaults.count
      if number >= 0 {
        put("=")
        write(args.defaults[number], .test)
      }
      if !args.posOnly.isEmpty, index + 1 == args.posOnly.count { put(", /") }
    }
    if args.varArg != nil || !args.kwOnly.isEmpty {
      comma(&self)
      put("*")
      if let arg = args.varArg { write(arg) }
    }
    for (arg, value) in zip(args.kwOnly, args.kwDefaults) {
      comma(&self)
      write(arg)
      if let value {
        put("=")
        write(value, .test)
      }
    }
    if let arg = args.kwArg {
      comma(&self)
      put("**")
      write(arg)
    }
  }

  private mutating func writeFStringPiece(_ piece: Expr) {
    switch piece.kind {
    case .constant(.string(let text), _):
      for byte in text.buffer {
        output.append(byte)
        if byte == 123 || byte == 125 { output.append(byte) }
      }
    case .joinedStr(let values): for inner in values { writeFStringPiece(inner) }
    case .formattedValue(let inner, let conversion, let format):
      var body = Unparser(names: names)
      body.write(inner, .or)
      put(body.output.first == 123 ? "{ " : "{")
      output.append(contentsOf: body.output)
      if conversion > 0, let letter = UnicodeScalar(UInt32(conversion)) { put("!" + String(letter)) }
      if let format {
        put(":")
        writeFStringPiece(format)
      }
      put("}")
    default: write(piece, .test)
    }
  }

  private mutating func put(_ constant: Constant) {
    guard case .tuple(let elements) = constant else {
      output.append(contentsOf: ConstantText.text(constant))
      return
    }
    put("(")
    for (index, element) in elements.enumerated() {
      if index > 0 { put(", ") }
      put(element)
    }
    put(elements.count == 1 ? ",)" : ")")
  }
}
