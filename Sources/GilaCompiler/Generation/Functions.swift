import GilaSyntax

/// Functions, lambdas, type parameters and type aliases.
extension Generator {
  private func checkParameters(_ args: ArgumentsNode) throws(SyntaxFailure) {
    for arg in args.posOnly { try checkForbidden(arg.name, .store, arg.range) }
    for arg in args.args { try checkForbidden(arg.name, .store, arg.range) }
    if let arg = args.varArg { try checkForbidden(arg.name, .store, arg.range) }
    for arg in args.kwOnly { try checkForbidden(arg.name, .store, arg.range) }
    if let arg = args.kwArg { try checkForbidden(arg.name, .store, arg.range) }
  }

  /// Pushes the defaults; the result says which.
  private func visitDefaults(_ args: ArgumentsNode, _ range: SourceRange) throws(SyntaxFailure) -> Int {
    var flags = 0
    if !args.defaults.isEmpty {
      for value in args.defaults { try visit(value) }
      emit(Opcode.buildTuple, args.defaults.count, range)
      flags |= Self.functionDefaults
    }
    var keys: [UInt32] = []
    for (arg, value) in zip(args.kwOnly, args.kwDefaults) {
      guard let value else { continue }
      keys.append(pool.add(string: mangle(arg.name)))
      try visit(value)
    }
    if !keys.isEmpty {
      loadConst(pool.add(tuple: keys), range)
      emit(Opcode.buildConstKeyMap, keys.count, range)
      flags |= Self.functionKwDefaults
    }
    return flags
  }

  /// Pushes a tuple of names and annotations, if there are any.
  private func visitAnnotations(
    _ args: ArgumentsNode, _ returns: Expr?, _ range: SourceRange
  ) throws(SyntaxFailure) -> Bool {
    var count = 0
    for arg in args.args { try visitAnnotation(arg.name, arg.annotation, &count, range) }
    for arg in args.posOnly { try visitAnnotation(arg.name, arg.annotation, &count, range) }
    if let arg = args.varArg { try visitAnnotation(arg.name, arg.annotation, &count, range) }
    for arg in args.kwOnly { try visitAnnotation(arg.name, arg.annotation, &count, range) }
    if let arg = args.kwArg { try visitAnnotation(arg.name, arg.annotation, &count, range) }
    try visitAnnotation(Name(.kwReturn), returns, &count, range)
    if count > 0 { emit(Opcode.buildTuple, count, range) }
    return count > 0
  }

  private func visitAnnotation(
    _ name: Name, _ annotation: Expr?, _ count: inout Int, _ range: SourceRange
  ) throws(SyntaxFailure) {
    guard let annotation else { return }
    loadConst(pool.add(string: mangle(name)), range)
    if !futureAnnotations, case .starred(let inner, _) = annotation.kind {
      // `*args: *Ts` stands for the only element of `[*Ts]`.
      try visit(inner)
      emit(Opcode.unpackSequence, 1, range)
    } else {
      try visitAnnotation(annotation)
    }
    count += 2
  }

  func visitFunction(_ def: FunctionDef, _ statement: Stmt) throws(SyntaxFailure) {
    let range = statement.range
    let args = def.args.value
    try checkParameters(args)
    for decorator in def.decorators { try visit(decorator) }
    let firstLine = def.decorators.isEmpty ? range.line : def.decorators[0].range.line
    var flags = try visitDefaults(args, range)
    var typeParamArgs = 0
    let isGeneric = !def.typeParams.isEmpty
    if isGeneric {
      if flags & Self.functionDefaults != 0 { typeParamArgs += 1 }
      if flags & Self.functionKwDefaults != 0 { typeParamArgs += 1 }
      if typeParamArgs == 2 { emit(Opcode.swap, 2, range) }
      try enterUnit(.typeParams, genericName(def.name), key: def.typeParams.identity, line: firstLine)
      try visitTypeParams(def.typeParams)
      for index in 0..<typeParamArgs { emit(Opcode.loadFast, index, range) }
    }
    if try visitAnnotations(args, def.returns, range) { flags |= Self.functionAnnotations }
    try visitFunctionBody(def, args, statement, flags: flags, firstLine: firstLine)
    if isGeneric {
      emit(Opcode.swap, 2, range)
      emit(Opcode.callIntrinsic2, Intrinsic2.setFunctionTypeParams, range)
      unit.argCount = typeParamArgs
      finishUnit(addsNone: false, range)
      if typeParamArgs > 0 {
        emit(Opcode.swap, typeParamArgs + 1, range)
        emit(Opcode.call, typeParamArgs - 1, range)
      } else {
        emit(Opcode.pushNull, range)
        emit(Opcode.call, 0, range)
      }
    }
    applyDecorators(def.decorators)
    try emitNameAccess(def.name, .store, range)
  }

  func applyDecorators(_ decorators: ASTList<Expr>) {
    for decorator in decorators.reversed() { emit(Opcode.call, 0, decorator.range) }
  }

  func genericName(_ name: Name) -> Name {
    names.intern(Array("<generic parameters of ".utf8) + names.array(name) + Array(">".utf8))
  }

  private func visitFunctionBody(
    _ def: FunctionDef, _ args: ArgumentsNode, _ statement: Stmt, flags: Int, firstLine: Int32
  ) throws(SyntaxFailure) {
    try enterUnit(def.isAsync ? .asyncFunction : .function, def.name, key: statement.identity, line: firstLine)
    var first = 0
    var docstring = ConstantPool.none
    if let text = Docstring.text(def.body) {
      first = 1
      if optimize < 2 { docstring = pool.add(string: CleanDocstring.clean(text.array)) }
    }
    // The first constant is the docstring or None.
    _ = constIndex(docstring)
    setArgCounts(args)
    let start = newLabel()
    place(start)
    let isGenerator = unit.scope.isCoroutine || unit.scope.isGenerator
    if isGenerator { try push(.stopIteration, .none, block: start) }
    for index in first..<def.body.count { try visit(def.body[index]) }
    if isGenerator {
      wrapInStopIterationHandler()
      popFrameBlock()
    }
    finishUnit(addsNone: true, flags: flags, statement.range)
  }

  private func setArgCounts(_ args: ArgumentsNode) {
    unit.argCount = args.args.count
    unit.posOnlyArgCount = args.posOnly.count
    unit.kwOnlyArgCount = args.kwOnly.count
  }

  /// A StopIteration that leaves a generator becomes a RuntimeError.
  func wrapInStopIterationHandler() {
    let handler = newLabel()
    unit.sequence.insertFirst(Opcode.setupCleanup, handler)
    loadNone(.none)
    emit(Opcode.returnValue, .none)
    place(handler)
    emit(Opcode.callIntrinsic1, Intrinsic1.stopIterationError, .none)
    emit(Opcode.reraise, 1, .none)
  }

  func visitLambda(_ value: Expr, _ arguments: Arguments, _ body: Expr) throws(SyntaxFailure) {
    let args = arguments.value
    let range = value.range
    try checkParameters(args)
    let flags = try visitDefaults(args, range)
    try enterUnit(.lambda, names.intern("<lambda>"), key: value.identity, line: range.line)
    // So that a lambda cannot have a docstring.
    _ = constIndex(ConstantPool.none)
    setArgCounts(args)
    try visit(body)
    if unit.scope.isGenerator {
      finishUnit(addsNone: false, flags: flags, range)
    } else {
      emit(Opcode.returnValue, body.range)
      finishUnit(addsNone: true, flags: flags, range)
    }
  }

  // MARK: Type parameters

  private func visitBound(
    _ value: Expr, _ name: Name, key: UInt, allowsStar: Bool
  ) throws(SyntaxFailure) {
    try enterUnit(.typeParams, name, key: key, line: value.range.line)
    if allowsStar, case .starred(let inner, _) = value.kind {
      try visit(inner)
      emit(Opcode.unpackSequence, 1, value.range)
    } else {
      try visit(value)
    }
    emit(Opcode.returnValue, value.range)
    finishUnit(addsNone: true, value.range)
  }

  /// Pushes a tuple of the type parameters and binds their names.
  func visitTypeParams(_ params: ASTList<TypeParam>) throws(SyntaxFailure) {
    if params.isEmpty { return }
    var sawDefault = false
    for (index, param) in params.enumerated() {
      let range = param.range
      let key = TypeParamKey.key(params, index)
      loadConst(pool.add(string: param.name), range)
      var defaultKey = key
      switch param.kind {
      case .typeVar:
        defaultKey = key + 1
        if let bound = param.bound {
          try visitBound(bound, param.name, key: key, allowsStar: false)
          var intrinsic = Intrinsic2.typeVarWithBound
          if case .tuple = bound.kind { intrinsic = Intrinsic2.typeVarWithConstraints }
          emit(Opcode.callIntrinsic2, intrinsic, range)
        } else {
          emit(Opcode.callIntrinsic1, Intrinsic1.typeVar, range)
        }
      case .typeVarTuple: emit(Opcode.callIntrinsic1, Intrinsic1.typeVarTuple, range)
      case .paramSpec: emit(Opcode.callIntrinsic1, Intrinsic1.paramSpec, range)
      }
      if let value = param.defaultValue {
        sawDefault = true
        try visitBound(value, param.name, key: defaultKey, allowsStar: param.kind == .typeVarTuple)
        emit(Opcode.callIntrinsic2, Intrinsic2.setTypeParamDefault, range)
      } else if sawDefault {
        throw Failures.at(
          range,
          "non-default type parameter '\(names.string(param.name))' follows default type parameter")
      }
      emit(Opcode.copy, 1, range)
      try emitNameAccess(param.name, .store, range)
    }
    emit(Opcode.buildTuple, params.count, params[0].range)
  }

  func visitTypeAlias(
    _ target: Expr, _ params: ASTList<TypeParam>, _ value: Expr, _ statement: Stmt
  ) throws(SyntaxFailure) {
    guard case .name(let name, _) = target.kind else { return }
    let range = statement.range
    let isGeneric = !params.isEmpty
    if isGeneric {
      try enterUnit(.typeParams, genericName(name), key: params.identity, line: range.line)
      loadConst(pool.add(string: name), range)
      try visitTypeParams(params)
    } else {
      loadConst(pool.add(string: name), range)
      loadNone(range)
    }
    try enterUnit(.function, name, key: statement.identity, line: range.line)
    _ = constIndex(ConstantPool.none)
    try visit(value)
    emit(Opcode.returnValue, range)
    finishUnit(addsNone: false, range)
    emit(Opcode.buildTuple, 3, range)
    emit(Opcode.callIntrinsic1, Intrinsic1.typeAlias, range)
    if isGeneric {
      finishUnit(addsNone: false, range)
      emit(Opcode.pushNull, range)
      emit(Opcode.call, 0, range)
    }
    try emitNameAccess(name, .store, range)
  }
}
