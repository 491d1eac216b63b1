import GilaSyntax

/// First pass over the tree: opens a scope for every block and notes how it uses names.
struct SymbolTableBuilder {
  /// How deep expressions nest where it is now.
  private var depth = 0
  let names: NameTable
  let futureAnnotations: Bool
  private let stack: StackGuard
  let top: Scope
  private(set) var scopes: [UInt: Scope] = [:]

  private var current: Scope
  private var openScopes: [Scope]
  /// The class whose private names are mangled.
  private var className: Name?

  init(names: NameTable, futureAnnotations: Bool, stackBytes: Int) {
    self.names = names
    self.futureAnnotations = futureAnnotations
    stack = StackGuard(bytes: stackBytes)
    top = Scope(
      kind: .module, name: Name(.top), key: 0, range: SourceRange(line: 0, column: 0, endLine: 0, endColumn: 0))
    current = top
    openScopes = [top]
    scopes[0] = top
  }

  // MARK: Scopes

  private mutating func enter(_ kind: Scope.Kind, _ name: Name, key: UInt, _ range: SourceRange) {
    let scope = Scope(kind: kind, name: name, key: key, range: range)
    scope.isNested = current.isNested || current.isFunctionLike
    scope.comprehensionIterDepth = current.comprehensionIterDepth
    if kind != .class { scope.mangledNames = current.mangledNames }
    scopes[key] = scope
    // What is only turned into text has no effect on the names around it.
    if kind != .annotation { current.children.append(scope) }
    openScopes.append(scope)
    current = scope
  }

  private mutating func leave() {
    openScopes.removeLast()
    current = openScopes[openScopes.count - 1]
  }

  private func mangle(_ name: Name) -> Name {
    Mangling.mangle(name, className: className, scope: current, names: names)
  }

  private func lookup(_ name: Name, in scope: Scope) -> Int {
    scope.flags(Mangling.mangle(name, className: className, scope: scope, names: names))
  }

  private mutating func define(_ name: Name, _ flag: Int, _ range: SourceRange) throws(SyntaxFailure) {
    if flag & SymbolFlags.typeParam != 0, let mangled = current.mangledNames { mangled.names.insert(name) }
    try define(name, flag, in: current, range)
  }

  private mutating func define(
    _ name: Name, _ flag: Int, in scope: Scope, _ range: SourceRange
  ) throws(SyntaxFailure) {
    let mangled = mangle(name)
    var value = flag
    if let old = scope.symbols[mangled] {
      if flag & SymbolFlags.param != 0, old & SymbolFlags.param != 0 {
        throw Failures.at(
          range, "duplicate argument '\(names.string(name))' in function definition")
      }
      if flag & SymbolFlags.typeParam != 0, old & SymbolFlags.typeParam != 0 {
        throw Failures.at(range, "duplicate type parameter '\(names.string(name))'")
      }
      value |= old
    }
    if scope.inComprehensionTarget {
      if value & (SymbolFlags.global | SymbolFlags.nonlocal) != 0 {
        throw Failures.at(
          range,
          "comprehension inner loop cannot rebind assignment expression target '\(names.string(name))'")
      }
      value |= SymbolFlags.comprehensionIterator
    }
    scope.symbols[mangled] = value
    if flag & SymbolFlags.param != 0 {
      scope.parameters.append(mangled)
    } else if flag & SymbolFlags.global != 0 {
      top.symbols[mangled] = flag | (top.symbols[mangled] ?? 0)
    }
  }

  private func recordDirective(_ name: Name, _ range: SourceRange) {
    current.directives.append((mangle(name), range))
  }

  private mutating func enterTypeParameters(
    _ name: Name, key: UInt, hasDefaults: Bool, hasKwDefaults: Bool, isClass: Bool, _ range: SourceRange
  ) throws(SyntaxFailure) {
    let inClass = current.kind == .class
    enter(.typeParameters, name, key: key, range)
    if inClass {
      current.canSeeClassScope = true
      try define(Name(.dunderClassdict), SymbolFlags.use, range)
    }
    if isClass {
      for name in [Name(.dotTypeParams), Name(.dotGenericBase)] {
        try define(name, SymbolFlags.local, range)
        try define(name, SymbolFlags.use, range)
      }
    }
    if hasDefaults { try define(Name(.dotDefaults), SymbolFlags.param, range) }
    if hasKwDefaults { try define(Name(.dotKwdefaults), SymbolFlags.param, range) }
  }

  // MARK: Statements

  mutating func visit(_ root: SyntaxTree.Root) throws(SyntaxFailure) {
    switch root {
    case .module(let body, _), .interactive(let body): try visit(body)
    case .expression(let value): try visit(value)
    case .functionType:
      throw SyntaxFailure(.systemError, "this compiler does not handle FunctionTypes")
    }
  }

  private mutating func visit(_ body: ASTList<Stmt>) throws(SyntaxFailure) {
    for statement in body { try visit(statement) }
  }

  private mutating func visit(_ list: ASTList<Expr>) throws(SyntaxFailure) {
    for value in list { try visit(value) }
  }

  private mutating func visit(_ statement: Stmt) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    let range = statement.range
    switch statement.kind {
    case .functionDef(let def): try visitFunction(def, statement)
    case .classDef(let def): try visitClass(def, statement)
    case .typeAlias(let name, let params, let value):
      try visitTypeAlias(name, params, value, statement)
    case .return(let value):
      if let value {
        try visit(value)
        current.returnsValue = true
      }
    case .delete(let targets): try visit(targets)
    case .assign(let targets, let value, _):
      try visit(targets)
      try visit(value)
    case .annAssign(let target, let annotation, let value, let simple):
      try visitAnnotated(target, annotation, value, simple, range)
    case .augAssign(let target, _, let value):
      try visit(target)
      try visit(value)
    case .for(let loop):
      try visit(loop.target)
      try visit(loop.iter)
      try visit(loop.body)
      try visit(loop.orElse)
    case .while(let test, let body, let orElse), .if(let test, let body, let orElse):
      try visit(test)
      try visit(body)
      try visit(orElse)
    case .match(let subject, let cases):
      try visit(subject)
      for item in cases {
        try visit(item.pattern)
        if let guardExpr = item.guardExpr { try visit(guardExpr) }
        try visit(item.body)
      }
    case .raise(let exception, let cause):
      if let exception {
        try visit(exception)
        if let cause { try visit(cause) }
      }
    case .try(let statement):
      try visit(statement.body)
      for handler in statement.handlers {
        if let type = handler.type { try visit(type) }
        if let name = handler.name { try define(name, SymbolFlags.local, handler.range) }
        try visit(handler.body)
      }
      try visit(statement.orElse)
      try visit(statement.finalBody)
    case .assert(let test, let message):
      try visit(test)
      if let message { try visit(message) }
    case .import(let aliases): for alias in aliases { try visit(alias) }
    case .importFrom(_, let aliases, _): for alias in aliases { try visit(alias) }
    case .global(let list): for name in list { try declare(name, global: true, range) }
    case .nonlocal(let list): for name in list { try declare(name, global: false, range) }
    case .expr(let value): try visit(value)
    case .with(let with):
      for item in with.items {
        try visit(item.context)
        if let target = item.target { try visit(target) }
      }
      try visit(with.body)
    case .pass, .break, .continue: break
    }
  }

  private mutating func declare(_ name: Name, global: Bool, _ range: SourceRange) throws(SyntaxFailure) {
    let flags = lookup(name, in: current)
    let word = global ? "global" : "nonlocal"
    let shown = names.string(name)
    if flags & (SymbolFlags.param | SymbolFlags.local | SymbolFlags.use | SymbolFlags.annotated) != 0 {
      let message =
        if flags & SymbolFlags.param != 0 {
          "name '\(shown)' is parameter and \(word)"
        } else if flags & SymbolFlags.use != 0 {
          "name '\(shown)' is used prior to \(word) declaration"
        } else if flags & SymbolFlags.annotated != 0 {
          "annotated name '\(shown)' can't be \(word)"
        } else {
          "name '\(shown)' is assigned to before \(word) declaration"
        }
      throw Failures.at(range, message)
    }
    try define(name, global ? SymbolFlags.global : SymbolFlags.nonlocal, range)
    recordDirective(name, range)
  }

  private mutating func visitAnnotated(
    _ target: Expr, _ annotation: Expr, _ value: Expr?, _ simple: Bool, _ range: SourceRange
  ) throws(SyntaxFailure) {
    if case .name(let name, _) = target.kind {
      let flags = lookup(name, in: current)
      if flags & (SymbolFlags.global | SymbolFlags.nonlocal) != 0, current !== top, simple {
        let word = flags & SymbolFlags.global != 0 ? "global" : "nonlocal"
        throw Failures.at(range, "annotated name '\(names.string(name))' can't be \(word)")
      }
      if simple {
        try define(name, SymbolFlags.annotated | SymbolFlags.local, target.range)
      } else if value != nil {
        try define(name, SymbolFlags.local, target.range)
      }
    } else {
      try visit(target)
    }
    try visitAnnotation(annotation)
    if let value { try visit(value) }
  }

  private mutating func visitAnnotation(_ annotation: Expr) throws(SyntaxFailure) {
    if futureAnnotations { enter(.annotation, Name(.empty), key: annotation.identity, annotation.range) }
    try visit(annotation)
    if futureAnnotations { leave() }
  }

  // MARK: Functions, classes, type aliases

  private mutating func visitDefaults(_ args: ArgumentsNode) throws(SyntaxFailure) {
    try visit(args.defaults)
    for value in args.kwDefaults { if let value { try visit(value) } }
  }

  private mutating func visitFunction(_ def: FunctionDef, _ statement: Stmt) throws(SyntaxFailure) {
    let range = statement.range
    let args = def.args.value
    try define(def.name, SymbolFlags.local, range)
    try visitDefaults(args)
    try visit(def.decorators)
    let isGeneric = !def.typeParams.isEmpty
    if isGeneric {
      // CPython always makes room for the defaults.
      try enterTypeParameters(
        def.name, key: def.typeParams.identity, hasDefaults: true,
        hasKwDefaults: args.kwDefaults.contains { $0 != nil }, isClass: false, range)
      try visit(def.typeParams)
    }
    try visitAnnotations(statement, args, def.returns)
    enter(.function, def.name, key: statement.identity, range)
    if def.isAsync { current.isCoroutine = true }
    try visitParameters(args)
    try visit(def.body)
    leave()
    if isGeneric { leave() }
  }

  private mutating func visitAnnotations(
    _ statement: Stmt, _ args: ArgumentsNode, _ returns: Expr?
  ) throws(SyntaxFailure) {
    // The key is never looked up; the function's own scope takes its place afterwards.
    if futureAnnotations { enter(.annotation, Name(.empty), key: statement.identity, statement.range) }
    for arg in args.posOnly { if let annotation = arg.annotation { try visit(annotation) } }
    for arg in args.args { if let annotation = arg.annotation { try visit(annotation) } }
    if let annotation = args.varArg?.annotation { try visit(annotation) }
    if let annotation = args.kwArg?.annotation { try visit(annotation) }
    for arg in args.kwOnly { if let annotation = arg.annotation { try visit(annotation) } }
    if futureAnnotations { leave() }
    if let returns { try visitAnnotation(returns) }
  }

  private mutating func visitParameters(_ args: ArgumentsNode) throws(SyntaxFailure) {
    for arg in args.posOnly { try define(arg.name, SymbolFlags.param, arg.range) }
    for arg in args.args { try define(arg.name, SymbolFlags.param, arg.range) }
    for arg in args.kwOnly { try define(arg.name, SymbolFlags.param, arg.range) }
    if let arg = args.varArg {
      try define(arg.name, SymbolFlags.param, arg.range)
      current.hasVarArgs = true
    }
    if let arg = args.kwArg {
      try define(arg.name, SymbolFlags.param, arg.range)
      current.hasVarKeywords = true
    }
  }

  private mutating func visitClass(_ def: ClassDef, _ statement: Stmt) throws(SyntaxFailure) {
    let range = statement.range
    try define(def.name, SymbolFlags.local, range)
    try visit(def.decorators)
    let outerClass = className
    let isGeneric = !def.typeParams.isEmpty
    if isGeneric {
      try enterTypeParameters(
        def.name, key: def.typeParams.identity, hasDefaults: false, hasKwDefaults: false, isClass: true, range)
      className = def.name
      current.mangledNames = Scope.MangledNames()
      try visit(def.typeParams)
    }
    try visit(def.bases)
    for keyword in def.keywords { try visit(keyword.value) }
    enter(.class, def.name, key: statement.identity, range)
    className = def.name
    if isGeneric {
      try define(Name(.dunderTypeParams), SymbolFlags.local, range)
      try define(Name(.dotTypeParams), SymbolFlags.use, range)
    }
    try visit(def.body)
    leave()
    if isGeneric { leave() }
    className = outerClass
  }

  private mutating func visitTypeAlias(
    _ target: Expr, _ params: ASTList<TypeParam>, _ value: Expr, _ statement: Stmt
  ) throws(SyntaxFailure) {
    try visit(target)
    guard case .name(let name, _) = target.kind else { return }
    let inClass = current.kind == .class
    let isGeneric = !params.isEmpty
    if isGeneric {
      try enterTypeParameters(
        name, key: params.identity, hasDefaults: false, hasKwDefaults: false, isClass: false, statement.range)
      try visit(params)
    }
    enter(.typeAlias, name, key: statement.identity, statement.range)
    current.canSeeClassScope = inClass
    if inClass { try define(Name(.dunderClassdict), SymbolFlags.use, value.range) }
    try visit(value)
    leave()
    if isGeneric { leave() }
  }

  private mutating func visit(_ params: ASTList<TypeParam>) throws(SyntaxFailure) {
    for (index, param) in params.enumerated() {
      try define(param.name, SymbolFlags.typeParam | SymbolFlags.local, param.range)
      let key = TypeParamKey.key(params, index)
      if let bound = param.bound {
        var info = "a TypeVar bound"
        if case .tuple = bound.kind { info = "a TypeVar constraint" }
        try visitBound(bound, param.name, key: key, info: info)
      }
      if let value = param.defaultValue {
        switch param.kind {
        case .typeVar: try visitBound(value, param.name, key: key + 1, info: "a TypeVar default")
        case .typeVarTuple: try visitBound(value, param.name, key: key, info: "a TypeVarTuple default")
        case .paramSpec: try visitBound(value, param.name, key: key, info: "a ParamSpec default")
        }
      }
    }
  }

  private mutating func visitBound(
    _ value: Expr, _ name: Name, key: UInt, info: String
  ) throws(SyntaxFailure) {
    let inClass = current.canSeeClassScope
    enter(.typeVariable, name, key: key, value.range)
    current.canSeeClassScope = inClass
    if inClass { try define(Name(.dunderClassdict), SymbolFlags.use, value.range) }
    current.info = info
    try visit(value)
    leave()
  }

  private mutating func visit(_ alias: Alias) throws(SyntaxFailure) {
    let name = alias.asName ?? alias.name
    if name == .star {
      if current.kind != .module { throw Failures.at(alias.range, "import * only allowed at module level") }
      return
    }
    var stored = name
    let text = names[name]
    if let dot = text.firstIndex(of: 46) { stored = names.intern(Array(text[..<dot])) }
    try define(stored, SymbolFlags.imported, alias.range)
  }

  // MARK: Expressions

  /// What nests deep in real programs stays here, in a function whose stack frame is small.
  private mutating func visit(_ value: Expr) throws(SyntaxFailure) {
    // The count keeps what compiles the same on every machine; the stack may be smaller than it needs.
    depth += 1
    defer { depth -= 1 }
    if stack.isExhausted || depth > 10_000 { throw Failures.tooDeep }
    switch value.kind {
    case .name(let name, let context): try visitName(name, context, value.range)
    case .constant: break
    case .attribute(let object, _, _), .starred(let object, _): try visit(object)
    case .call(let function, let args, let keywords):
      try visit(function)
      try visitArguments(args, keywords)
    case .binOp(let left, _, let right):
      try visit(left)
      try visit(right)
    case .unaryOp(_, let operand): try visit(operand)
    case .subscript(let object, let index, _):
      try visit(object)
      try visit(index)
    default: try visitOther(value)
    }
  }
  @inline(never)
  private mutating func visitName(_ name: Name, _ context: ExprContext, _ range: SourceRange) throws(SyntaxFailure) {
    try define(name, context == .load ? SymbolFlags.use : SymbolFlags.local, range)
    if name == .superName, context == .load, current.isFunctionLike {
      // `super()` needs the class.
      try define(Name(.dunderClass), SymbolFlags.use, range)
    }
  }
  @inline(never)
  private mutating func visitArguments(_ args: ASTList<Expr>, _ keywords: ASTList<Keyword>) throws(SyntaxFailure) {
    try visit(args)
    for keyword in keywords { try visit(keyword.value) }
  }
  @inline(never)
  private mutating func visitOther(_ value: Expr) throws(SyntaxFailure) {
    switch value.kind {
    case .name, .constant, .attribute, .starred, .call, .binOp, .unaryOp, .subscript: break
    case .namedExpr(let target, let assigned):
      try refuseInAnnotation("named expression", value)
      if current.comprehensionIterDepth > 0 {
        throw Failures.at(
          value.range, "assignment expression cannot be used in a comprehension iterable expression")
      }
      if current.comprehension != .none { try extendNamedExpression(target) }
      try visit(assigned)
      try visit(target)
    case .boolOp(_, let values), .joinedStr(let values), .set(let values), .list(let values, _),
      .tuple(let values, _):
      try visit(values)
    case .lambda(let args, let body):
      try visitDefaults(args.value)
      enter(.function, Name(.lambda), key: value.identity, value.range)
      try visitParameters(args.value)
      try visit(body)
      leave()
    case .ifExp(let test, let body, let orElse):
      try visit(test)
      try visit(body)
      try visit(orElse)
    case .dict(let keys, let values):
      for key in keys { if let key { try visit(key) } }
      try visit(values)
    case .generatorExp(let element, let generators):
      try visitComprehension(value, .generator, .genexpr, generators, element, nil)
    case .listComp(let element, let generators):
      try visitComprehension(value, .list, .listcomp, generators, element, nil)
    case .setComp(let element, let generators):
      try visitComprehension(value, .set, .setcomp, generators, element, nil)
    case .dictComp(let key, let element, let generators):
      try visitComprehension(value, .dict, .dictcomp, generators, key, element)
    case .yield(let result):
      try refuseInAnnotation("yield expression", value)
      if let result { try visit(result) }
      current.isGenerator = true
      try refuseYieldInComprehension(value)
    case .yieldFrom(let iterator):
      try refuseInAnnotation("yield expression", value)
      try visit(iterator)
      current.isGenerator = true
      try refuseYieldInComprehension(value)
    case .await(let awaited):
      try refuseInAnnotation("await expression", value)
      try visit(awaited)
      current.isCoroutine = true
    case .compare(let left, _, let comparators):
      try visit(left)
      try visit(comparators)
    case .formattedValue(let inner, _, let format):
      try visit(inner)
      if let format { try visit(format) }
    case .slice(let lower, let upper, let step):
      if let lower { try visit(lower) }
      if let upper { try visit(upper) }
      if let step { try visit(step) }
    }
  }

  private func refuseInAnnotation(_ what: String, _ value: Expr) throws(SyntaxFailure) {
    switch current.kind {
    case .annotation: throw Failures.at(value.range, "\(what) cannot be used within an annotation")
    case .typeVariable: throw Failures.at(value.range, "\(what) cannot be used within \(current.info)")
    case .typeAlias: throw Failures.at(value.range, "\(what) cannot be used within a type alias")
    case .typeParameters:
      throw Failures.at(value.range, "\(what) cannot be used within the definition of a generic")
    case .function, .class, .module: break
    }
  }

  private func refuseYieldInComprehension(_ value: Expr) throws(SyntaxFailure) {
    switch current.comprehension {
    case .none: return
    case .list: throw Failures.at(value.range, "'yield' inside list comprehension")
    case .set: throw Failures.at(value.range, "'yield' inside set comprehension")
    case .dict: throw Failures.at(value.range, "'yield' inside dict comprehension")
    case .generator: throw Failures.at(value.range, "'yield' inside generator expression")
    }
  }

  /// `:=` in a comprehension binds in the scope around it.
  private mutating func extendNamedExpression(_ target: Expr) throws(SyntaxFailure) {
    guard case .name(let name, _) = target.kind else { return }
    let range = target.range
    let message = "assignment expression within a comprehension cannot be used "
    for scope in openScopes.reversed() {
      if scope.comprehension != .none {
        let flags = lookup(name, in: scope)
        if flags & SymbolFlags.comprehensionIterator != 0, flags & SymbolFlags.local != 0 {
          throw Failures.at(
            range,
            "assignment expression cannot rebind comprehension iteration variable '\(names.string(name))'")
        }
        continue
      }
      switch scope.kind {
      case .function:
        let isGlobal = lookup(name, in: scope) & SymbolFlags.global != 0
        try define(name, isGlobal ? SymbolFlags.global : SymbolFlags.nonlocal, range)
        recordDirective(name, range)
        try define(name, SymbolFlags.local, in: scope, range)
        return
      case .module:
        try define(name, SymbolFlags.global, range)
        recordDirective(name, range)
        try define(name, SymbolFlags.global, in: scope, range)
        return
      case .class: throw Failures.at(range, message + "in a class body")
      case .typeParameters: throw Failures.at(range, message + "within the definition of a generic")
      case .typeAlias: throw Failures.at(range, message + "in a type alias")
      case .typeVariable: throw Failures.at(range, message + "in a TypeVar bound")
      case .annotation: break
      }
    }
  }

  private mutating func visitComprehension(
    _ value: Expr, _ kind: Scope.ComprehensionKind, _ scopeName: WellKnownName,
    _ generators: ASTList<Comprehension>, _ element: Expr, _ dictValue: Expr?
  ) throws(SyntaxFailure) {
    let outermost = generators[0]
    // The first iterable is evaluated outside.
    current.comprehensionIterDepth += 1
    try visit(outermost.iter)
    current.comprehensionIterDepth -= 1
    enter(.function, Name(scopeName), key: value.identity, value.range)
    current.comprehension = kind
    if outermost.isAsync { current.isCoroutine = true }
    try define(Name(.dotZero), SymbolFlags.param, current.range)
    current.inComprehensionTarget = true
    try visit(outermost.target)
    current.inComprehensionTarget = false
    try visit(outermost.ifs)
    for generator in generators.dropFirst() {
      current.inComprehensionTarget = true
      try visit(generator.target)
      current.inComprehensionTarget = false
      current.comprehensionIterDepth += 1
      try visit(generator.iter)
      current.comprehensionIterDepth -= 1
      try visit(generator.ifs)
      if generator.isAsync { current.isCoroutine = true }
    }
    if let dictValue { try visit(dictValue) }
    try visit(element)
    current.isGenerator = kind == .generator
    let isAsync = current.isCoroutine && kind != .generator
    leave()
    if isAsync { current.isCoroutine = true }
  }

  // MARK: Patterns

  private mutating func visit(_ patterns: ASTList<Pattern>) throws(SyntaxFailure) {
    for pattern in patterns { try visit(pattern) }
  }

  private mutating func visit(_ pattern: Pattern) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    switch pattern.kind {
    case .value(let value): try visit(value)
    case .singleton: break
    case .sequence(let patterns), .or(let patterns): try visit(patterns)
    case .star(let name):
      if let name { try define(name, SymbolFlags.local, pattern.range) }
    case .mapping(let keys, let patterns, let rest):
      try visit(keys)
      try visit(patterns)
      if let rest { try define(rest, SymbolFlags.local, pattern.range) }
    case .class(let value, let patterns, _, let keywordPatterns):
      try visit(value)
      try visit(patterns)
      try visit(keywordPatterns)
    case .as(let inner, let name):
      if let inner { try visit(inner) }
      if let name { try define(name, SymbolFlags.local, pattern.range) }
    }
  }
}

/// Keys for the scopes of a type parameter's bound and default. They are no node addresses of their own, so they are
/// made from the list's, which is aligned.
enum TypeParamKey {
  static func key(_ params: ASTList<TypeParam>, _ index: Int) -> UInt {
    // A type parameter is larger than this step, so the keys of two lists never meet.
    params.identity + 8 + UInt(index) * 8 + 2
  }
}
