import GilaSyntax

/// Calls, with the shortcuts for methods and `super()`.
extension Generator {
  func visitCall(
    _ value: Expr, _ function: Expr, _ args: ASTList<Expr>, _ keywords: ASTList<Keyword>
  ) throws(SyntaxFailure) {
    try checkKeywords(keywords)
    if try visitMethodCall(value, function, args, keywords) { return }
    checkCalled(function)
    try visit(function)
    emit(Opcode.pushNull, function.range)
    try visitArguments(value.range, pushed: 0, args, keywords)
  }

  private func checkKeywords(_ keywords: ASTList<Keyword>) throws(SyntaxFailure) {
    for (index, keyword) in keywords.enumerated() {
      guard let name = keyword.name else { continue }
      try checkForbidden(name, .store, keyword.range)
      for other in keywords.dropFirst(index + 1) where other.name == name {
        throw Failures.at(other.range, "keyword argument repeated: \(names.string(name))")
      }
    }
  }

  /// `object.name(…)` without star arguments avoids the bound method.
  private func visitMethodCall(
    _ value: Expr, _ function: Expr, _ args: ASTList<Expr>, _ keywords: ASTList<Keyword>
  ) throws(SyntaxFailure) -> Bool {
    guard case .attribute(let object, let name, .load) = function.kind else { return false }
    // A module has no methods.
    if case .name(let owner, _) = object.kind, symbols.top.flags(owner) & SymbolFlags.imported != 0 { return false }
    let count = args.count + keywords.count
    if count + (keywords.isEmpty ? 0 : 1) >= Self.stackGuideline { return false }
    if args.contains(where: \.isStarred) || keywords.contains(where: { $0.name == nil }) { return false }

    var range = function.range
    if let superArgs = superCallArguments(object, name) {
      try loadSuperArguments(object, superArgs)
      emitName(superArgs.isEmpty ? Opcode.loadZeroSuperMethod : Opcode.loadSuperMethod, name, range)
      range = attributeRange(range, function)
      emit(Opcode.nop, range)
    } else {
      try visit(object)
      range = attributeRange(range, function)
      emitName(Opcode.loadMethod, name, range)
    }
    for arg in args { try visit(arg) }
    let callRange = attributeRange(value.range, function)
    if keywords.isEmpty {
      emit(Opcode.call, args.count, callRange)
    } else {
      for keyword in keywords { try visit(keyword.value) }
      loadKeywordNames(keywords, range)
      emit(Opcode.callKw, count, callRange)
    }
    return true
  }

  private func loadKeywordNames(_ keywords: some Collection<Keyword>, _ range: SourceRange) {
    loadConst(pool.add(tuple: keywords.map { pool.add(string: $0.name ?? Name(.empty)) }), range)
  }

  /// The arguments and the call itself; `pushed` arguments are on the stack already.
  func visitArguments(
    _ range: SourceRange, pushed: Int, _ args: ASTList<Expr>, _ keywords: ASTList<Keyword>
  ) throws(SyntaxFailure) {
    try checkKeywords(keywords)
    let isPlain =
      args.count + keywords.count * 2 <= Self.stackGuideline && !args.contains(where: \.isStarred)
      && !keywords.contains { $0.name == nil }
    if isPlain {
      for arg in args { try visit(arg) }
      if keywords.isEmpty {
        emit(Opcode.call, pushed + args.count, range)
      } else {
        for keyword in keywords { try visit(keyword.value) }
        loadKeywordNames(keywords, range)
        emit(Opcode.callKw, pushed + args.count + keywords.count, range)
      }
      return
    }
    if pushed == 0, args.count == 1, case .starred(let inner, _) = args[0].kind {
      try visit(inner)
    } else {
      try visitElements(
        args, pushed: pushed, Opcode.buildList, add: Opcode.listAppend, extend: Opcode.listExtend, isTuple: true,
        range)
    }
    if !keywords.isEmpty { try visitKeywordDict(keywords, range) }
    emit(Opcode.callFunctionEx, keywords.isEmpty ? 0 : 1, range)
  }

  private func visitKeywordDict(_ keywords: ASTList<Keyword>, _ range: SourceRange) throws(SyntaxFailure) {
    var hasDict = false
    var pending = 0
    for (index, keyword) in keywords.enumerated() {
      if keyword.name != nil {
        pending += 1
        continue
      }
      if pending > 0 {
        try visitNamedKeywords(keywords, index - pending..<index, range)
        if hasDict { emit(Opcode.dictMerge, 1, range) }
        hasDict = true
        pending = 0
      }
      if !hasDict {
        emit(Opcode.buildMap, 0, range)
        hasDict = true
      }
      try visit(keyword.value)
      emit(Opcode.dictMerge, 1, range)
    }
    if pending > 0 {
      try visitNamedKeywords(keywords, keywords.count - pending..<keywords.count, range)
      if hasDict { emit(Opcode.dictMerge, 1, range) }
    }
  }

  private func visitNamedKeywords(
    _ keywords: ASTList<Keyword>, _ part: Range<Int>, _ range: SourceRange
  ) throws(SyntaxFailure) {
    let isBig = part.count * 2 > Self.stackGuideline
    if part.count > 1, !isBig {
      for index in part { try visit(keywords[index].value) }
      loadKeywordNames(part.map { keywords[$0] }, range)
      emit(Opcode.buildConstKeyMap, part.count, range)
      return
    }
    if isBig { emit(Opcode.buildMap, 0, .none) }
    for index in part {
      loadConst(pool.add(string: keywords[index].name ?? Name(.empty)), range)
      try visit(keywords[index].value)
      if isBig { emit(Opcode.mapAdd, 1, .none) }
    }
    if !isBig { emit(Opcode.buildMap, part.count, range) }
  }

  // MARK: super

  /// The arguments of a `super(…)` call that needs no super object; nil if `object` is none.
  func superCallArguments(_ object: Expr, _ attribute: Name) -> ASTList<Expr>? {
    guard case .call(let function, let args, let keywords) = object.kind, case .name(let name, _) = function.kind,
      name == .superName, attribute != .dunderClass, keywords.isEmpty
    else { return nil }
    // Somebody may have another idea of `super`.
    if unit.scope.scope(of: name) != .globalImplicit || symbols.top.scope(of: name) != .unknown { return nil }
    if args.count == 2 { return args.contains(where: \.isStarred) ? nil : args }
    if !args.isEmpty || (unit.argCount == 0 && unit.posOnlyArgCount == 0) { return nil }
    return referenceScope(Name(.dunderClass)) == .free ? args : nil
  }

  func loadSuperArguments(_ call: Expr, _ args: ASTList<Expr>) throws(SyntaxFailure) {
    guard case .call(let function, _, _) = call.kind else { return }
    try emitNameAccess(Name(.superName), .load, function.range)
    if args.count == 2 {
      try visit(args[0])
      try visit(args[1])
      return
    }
    try emitNameAccess(Name(.dunderClass), .load, call.range)
    if let first = unit.varNames.keys.first { try emitNameAccess(first, .load, call.range) }
  }

  // MARK: Warnings about mistakes

  /// The type that an expression surely has.
  private func inferredType(_ value: Expr) -> String? {
    switch value.kind {
    case .tuple: "tuple"
    case .list, .listComp: "list"
    case .dict, .dictComp: "dict"
    case .set, .setComp: "set"
    case .generatorExp: "generator"
    case .lambda: "function"
    case .joinedStr, .formattedValue: "str"
    case .constant(let constant, _): Self.typeName(constant)
    default: nil
    }
  }

  private static func typeName(_ constant: Constant) -> String {
    switch constant {
    case .none: "NoneType"
    case .true, .false: "bool"
    case .ellipsis: "ellipsis"
    case .int, .bigInt: "int"
    case .float: "float"
    case .complex: "complex"
    case .string: "str"
    case .bytes: "bytes"
    case .tuple: "tuple"
    case .frozenset: "frozenset"
    }
  }

  func checkIdentityComparison(
    _ left: Expr, _ operators: ASTList<CompareOperator>, _ comparators: ASTList<Expr>, _ range: SourceRange
  ) {
    func isLiteral(_ value: Expr) -> Bool {
      guard case .constant(let constant, _) = value.kind else { return false }
      switch constant {
      case .none, .true, .false, .ellipsis: return false
      default: return true
      }
    }
    var previous = left
    for (op, right) in zip(operators, comparators) {
      if op == .is || op == .isNot, isLiteral(previous) || isLiteral(right) {
        let type = inferredType(isLiteral(previous) ? previous : right) ?? ""
        warn(
          range,
          op == .is
            ? "\"is\" with '\(type)' literal. Did you mean \"==\"?"
            : "\"is not\" with '\(type)' literal. Did you mean \"!=\"?")
        return
      }
      previous = right
    }
  }

  private func checkCalled(_ function: Expr) {
    switch function.kind {
    case .constant, .tuple, .list, .listComp, .dict, .dictComp, .set, .setComp, .generatorExp, .joinedStr,
      .formattedValue:
      warn(
        function.range,
        "'\(inferredType(function) ?? "")' object is not callable; perhaps you missed a comma?")
    default: break
    }
  }

  func checkSubscripted(_ object: Expr) {
    switch object.kind {
    case .constant(let constant, _):
      switch constant {
      case .none, .ellipsis, .int, .bigInt, .true, .false, .float, .complex, .frozenset: break
      default: return
      }
    case .set, .setComp, .generatorExp, .lambda: break
    default: return
    }
    warn(
      object.range,
      "'\(inferredType(object) ?? "")' object is not subscriptable; perhaps you missed a comma?")
  }

  func checkIndex(_ object: Expr, _ index: Expr) {
    guard let indexType = inferredType(index), indexType != "int", indexType != "bool" else { return }
    switch object.kind {
    case .constant(let constant, _):
      switch constant {
      case .string, .bytes, .tuple: break
      default: return
      }
    case .tuple, .list, .listComp, .joinedStr, .formattedValue: break
    default: return
    }
    warn(
      object.range,
      "\(inferredType(object) ?? "") indices must be integers or slices, not \(indexType); perhaps you missed a comma?")
  }
}
