import GilaSyntax

/// Evaluates constant parts of a tree before code is generated, in the places where CPython does.
public struct ConstantFolder {
  private let arena: ASTArena
  private let operators: ConstantOperators
  private let optimize: Int
  private let futureAnnotations: Bool
  private let stack: StackGuard
  private var warnings: [SyntaxWarning] = []

  /// Folds in place. The warnings that evaluating a constant part gives.
  @discardableResult public static func fold(
    _ tree: SyntaxTree, optimize: Int, flags: CompilerFlags, stackBytes: Int = StackGuard.defaultBytes
  ) throws(SyntaxFailure) -> [SyntaxWarning] {
    var folder = ConstantFolder(
      arena: tree.arena, optimize: optimize, futureAnnotations: flags.contains(.futureAnnotations),
      stackBytes: stackBytes)
    switch tree.root {
    case .module(let body, _): try folder.foldBody(body)
    case .interactive(let body): try folder.fold(body)
    case .expression(let value): try folder.fold(value)
    case .functionType: break
    }
    return folder.warnings
  }

  private init(arena: ASTArena, optimize: Int, futureAnnotations: Bool, stackBytes: Int) {
    self.arena = arena
    operators = ConstantOperators(arena: arena)
    self.optimize = optimize
    self.futureAnnotations = futureAnnotations
    stack = StackGuard(bytes: stackBytes)
  }

  // MARK: Statements

  /// A text that only folding made a docstring must not become one.
  private mutating func foldBody(_ body: ASTList<Stmt>) throws(SyntaxFailure) {
    let hadDocstring = Docstring.text(body) != nil
    try fold(body)
    if !hadDocstring, Docstring.text(body) != nil, case .expr(let value) = body[0].kind {
      body[0].kind = .expr(arena.expr(.joinedStr(arena.list(CollectionOfOne(value))), body[0].range))
    }
  }

  private mutating func fold(_ body: ASTList<Stmt>) throws(SyntaxFailure) {
    for statement in body { try fold(statement) }
  }

  private mutating func fold(_ list: ASTList<Expr>) throws(SyntaxFailure) {
    for value in list { try fold(value) }
  }

  private mutating func fold(_ params: ASTList<TypeParam>) throws(SyntaxFailure) {
    for param in params {
      if let bound = param.bound { try fold(bound) }
      if let value = param.defaultValue { try fold(value) }
    }
  }

  private mutating func foldAnnotation(_ annotation: Expr?) throws(SyntaxFailure) {
    // Annotations that become text are left as written.
    if !futureAnnotations, let annotation { try fold(annotation) }
  }

  private mutating func fold(_ args: Arguments) throws(SyntaxFailure) {
    let value = args.value
    for arg in value.posOnly { try foldAnnotation(arg.annotation) }
    for arg in value.args { try foldAnnotation(arg.annotation) }
    try foldAnnotation(value.varArg?.annotation)
    for arg in value.kwOnly { try foldAnnotation(arg.annotation) }
    for item in value.kwDefaults { if let item { try fold(item) } }
    try foldAnnotation(value.kwArg?.annotation)
    try fold(value.defaults)
  }

  private mutating func fold(_ statement: Stmt) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    switch statement.kind {
    case .functionDef(let def):
      try fold(def.typeParams)
      try fold(def.args)
      try foldBody(def.body)
      try fold(def.decorators)
      try foldAnnotation(def.returns)
    case .classDef(let def):
      try fold(def.typeParams)
      try fold(def.bases)
      for keyword in def.keywords { try fold(keyword.value) }
      try foldBody(def.body)
      try fold(def.decorators)
    case .return(let value): if let value { try fold(value) }
    case .delete(let targets): try fold(targets)
    case .assign(let targets, let value, _):
      try fold(targets)
      try fold(value)
    case .augAssign(let target, _, let value):
      try fold(target)
      try fold(value)
    case .annAssign(let target, let annotation, let value, _):
      try fold(target)
      try foldAnnotation(annotation)
      if let value { try fold(value) }
    case .typeAlias(let name, let params, let value):
      try fold(name)
      try fold(params)
      try fold(value)
    case .for(let loop):
      try fold(loop.target)
      try fold(loop.iter)
      try fold(loop.body)
      try fold(loop.orElse)
      if !loop.isAsync { foldIterable(loop.iter) }
    case .while(let test, let body, let orElse), .if(let test, let body, let orElse):
      try fold(test)
      try fold(body)
      try fold(orElse)
    case .with(let with):
      for item in with.items {
        try fold(item.context)
        if let target = item.target { try fold(target) }
      }
      try fold(with.body)
    case .raise(let exception, let cause):
      if let exception { try fold(exception) }
      if let cause { try fold(cause) }
    case .try(let statement):
      try fold(statement.body)
      for handler in statement.handlers {
        if let type = handler.type { try fold(type) }
        try fold(handler.body)
      }
      try fold(statement.orElse)
      try fold(statement.finalBody)
    case .assert(let test, let message):
      try fold(test)
      if let message { try fold(message) }
    case .expr(let value): try fold(value)
    case .match(let subject, let cases):
      try fold(subject)
      for item in cases {
        try fold(item.pattern)
        if let guardExpr = item.guardExpr { try fold(guardExpr) }
        try fold(item.body)
      }
    case .import, .importFrom, .global, .nonlocal, .pass, .break, .continue: break
    }
  }

  private mutating func fold(_ pattern: Pattern) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    switch pattern.kind {
    case .value(let value): try fold(value)
    case .singleton, .star: break
    case .sequence(let patterns), .or(let patterns): for item in patterns { try fold(item) }
    case .mapping(let keys, let patterns, _):
      try fold(keys)
      for item in patterns { try fold(item) }
    case .class(let value, let patterns, _, let keywordPatterns):
      try fold(value)
      for item in patterns { try fold(item) }
      for item in keywordPatterns { try fold(item) }
    case .as(let inner, _): if let inner { try fold(inner) }
    }
  }

  // MARK: Expressions

  private mutating func fold(_ generators: ASTList<Comprehension>) throws(SyntaxFailure) {
    for generator in generators {
      try fold(generator.target)
      try fold(generator.iter)
      try fold(generator.ifs)
      foldIterable(generator.iter)
    }
  }

  private mutating func fold(_ value: Expr) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    switch value.kind {
    case .constant: break
    case .name(let name, let context):
      if context == .load, name == .dunderDebug { set(value, optimize == 0 ? .true : .false) }
    case .boolOp(_, let values), .joinedStr(let values), .set(let values), .list(let values, _): try fold(values)
    case .binOp(let left, let op, let right):
      try fold(left)
      try fold(right)
      foldBinary(value, left, op, right)
    case .unaryOp(let op, let operand):
      try fold(operand)
      foldUnary(value, op, operand)
    case .lambda(let args, let body):
      try fold(args)
      try fold(body)
    case .ifExp(let test, let body, let orElse):
      try fold(test)
      try fold(body)
      try fold(orElse)
    case .dict(let keys, let values):
      for key in keys { if let key { try fold(key) } }
      try fold(values)
    case .listComp(let element, let generators), .setComp(let element, let generators),
      .generatorExp(let element, let generators):
      try fold(element)
      try fold(generators)
    case .dictComp(let key, let element, let generators):
      try fold(key)
      try fold(element)
      try fold(generators)
    case .await(let inner), .yieldFrom(let inner), .attribute(let inner, _, _), .starred(let inner, _):
      try fold(inner)
    case .yield(let inner): if let inner { try fold(inner) }
    case .compare(let left, let operators, let comparators):
      try fold(left)
      try fold(comparators)
      let last = operators[operators.count - 1]
      if last == .in || last == .notIn { foldIterable(comparators[comparators.count - 1]) }
    case .call(let function, let args, let keywords):
      try fold(function)
      try fold(args)
      for keyword in keywords { try fold(keyword.value) }
    case .formattedValue(let inner, _, let format):
      try fold(inner)
      if let format { try fold(format) }
    case .subscript(let object, let index, let context):
      try fold(object)
      try fold(index)
      if context == .load, let a = constant(object), let b = constant(index), let item = operators.item(a, b) {
        set(value, item)
      }
    case .slice(let lower, let upper, let step):
      if let lower { try fold(lower) }
      if let upper { try fold(upper) }
      if let step { try fold(step) }
    case .tuple(let elements, let context):
      try fold(elements)
      if context == .load, let constants = constants(elements) { set(value, .tuple(constants)) }
    case .namedExpr(_, let inner): try fold(inner)
    }
  }

  private func set(_ value: Expr, _ constant: Constant) { value.kind = .constant(constant, kind: nil) }

  private func constant(_ value: Expr) -> Constant? {
    if case .constant(let constant, _) = value.kind { return constant }
    return nil
  }

  /// The values, if all elements are constant.
  private func constants(_ elements: ASTList<Expr>) -> ASTList<Constant>? {
    for element in elements {
      guard case .constant = element.kind else { return nil }
    }
    return arena.list(elements.compactMap { constant($0) })
  }

  private static let inversion =
    "Bitwise inversion '~' on bool is deprecated. This returns the bitwise inversion of the underlying int object and is usually not what you expect from the negation of a bool object. Use the 'not' operator for boolean negation or ~int(x) for the bitwise inversion of the underlying int."

  private mutating func foldUnary(_ value: Expr, _ op: UnaryOperator, _ operand: Expr) {
    if let constant = constant(operand) {
      if op == .invert {
        switch constant {
        case .true, .false:
          warnings.append(SyntaxWarning(Self.inversion, range: value.range, isDeprecation: true))
        default: break
        }
      }
      if let result = operators.unary(op, constant) { set(value, result) }
      return
    }
    // `not a in b` is `a not in b`; other comparisons may mean anything.
    guard op == .not, case .compare(_, let comparisons, _) = operand.kind, comparisons.count == 1 else { return }
    switch comparisons[0] {
    case .is: comparisons[0] = .isNot
    case .isNot: comparisons[0] = .is
    case .in: comparisons[0] = .notIn
    case .notIn: comparisons[0] = .in
    default: return
    }
    value.kind = operand.kind
    value.range = operand.range
  }

  private func foldBinary(_ value: Expr, _ left: Expr, _ op: BinaryOperator, _ right: Expr) {
    guard let a = constant(left) else { return }
    if op == .mod, case .string(let format) = a, case .tuple(let elements, _) = right.kind,
      !elements.contains(where: \.isStarred)
    {
      if let pieces = PercentFormat(arena: arena).pieces(format, elements) {
        value.kind = .joinedStr(arena.list(pieces))
      }
      return
    }
    guard let b = constant(right), let result = operators.binary(a, op, b) else { return }
    set(value, result)
  }

  /// What is only iterated or searched need not be a list or a set that can change.
  private func foldIterable(_ value: Expr) {
    switch value.kind {
    case .list(let elements, let context):
      if elements.contains(where: \.isStarred) { return }
      if let constants = constants(elements) {
        set(value, .tuple(constants))
      } else {
        value.kind = .tuple(elements, context)
      }
    case .set(let elements):
      if let constants = constants(elements) { set(value, .frozenset(constants)) }
    default: break
    }
  }
}

extension Expr {
  var isStarred: Bool {
    if case .starred = kind { return true }
    return false
  }
}

enum Docstring {
  /// The text of the string that a body starts with.
  static func text(_ body: ASTList<Stmt>) -> Text? {
    guard body.count > 0, case .expr(let value) = body[0].kind, case .constant(.string(let text), _) = value.kind
    else { return nil }
    return text
  }
}
