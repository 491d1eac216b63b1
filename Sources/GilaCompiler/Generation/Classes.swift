import GilaSyntax

/// Class statements: the body becomes a function that `__build_class__` calls.
extension Generator {
  func visitClass(_ def: ClassDef, _ statement: Stmt) throws(SyntaxFailure) {
    let range = statement.range
    for decorator in def.decorators { try visit(decorator) }
    let firstLine = def.decorators.isEmpty ? range.line : def.decorators[0].range.line
    let isGeneric = !def.typeParams.isEmpty
    if isGeneric {
      try enterUnit(.typeParams, genericName(def.name), key: def.typeParams.identity, line: firstLine)
      unit.className = def.name
      try visitTypeParams(def.typeParams)
      try emitNameAccess(Name(.dotTypeParams), .store, range)
    }
    try visitClassBody(def, statement, firstLine: firstLine)
    if isGeneric {
      try emitNameAccess(Name(.dotTypeParams), .load, range)
      emit(Opcode.callIntrinsic1, Intrinsic1.subscriptGeneric, range)
      try emitNameAccess(Name(.dotGenericBase), .store, range)
      let base = arena.expr(.name(Name(.dotGenericBase), .load), range)
      try visitArguments(range, pushed: 2, arena.list(Array(def.bases) + [base]), def.keywords)
      finishUnit(addsNone: false, range)
      emit(Opcode.pushNull, range)
      emit(Opcode.call, 0, range)
    } else {
      try visitArguments(range, pushed: 2, def.bases, def.keywords)
    }
    applyDecorators(def.decorators)
    try emitNameAccess(def.name, .store, range)
  }

  private func visitClassBody(
    _ def: ClassDef, _ statement: Stmt, firstLine: Int32
  ) throws(SyntaxFailure) {
    try enterUnit(.class, def.name, key: statement.identity, line: firstLine)
    let start = SourceRange(line: firstLine, column: 0, endLine: firstLine, endColumn: 0)
    unit.className = def.name
    try emitNameAccess(Name(.dunderName), .load, start)
    try emitNameAccess(Name(.dunderModule), .store, start)
    loadConst(pool.add(string: unit.qualifiedName), start)
    try emitNameAccess(Name(.dunderQualname), .store, start)
    loadConst(pool.add(int: Int(firstLine)), start)
    try emitNameAccess(Name(.dunderFirstlineno), .store, start)
    if !def.typeParams.isEmpty {
      try emitNameAccess(Name(.dotTypeParams), .load, start)
      try emitNameAccess(Name(.dunderTypeParams), .store, start)
    }
    if unit.scope.needsClassDict {
      emit(Opcode.loadLocals, start)
      emit(Opcode.storeDeref, unit.cellVars.add(Name(.dunderClassdict)), start)
    }
    try visitBody(def.body, start)

    var attributes: [Name] = []
    unit.staticAttributes.withEach { attributes.append($0) }
    attributes.sort { names[$0].lexicographicallyPrecedes(names[$1]) }
    loadConst(pool.add(tuple: attributes.map { pool.add(string: $0) }), .none)
    try emitNameAccess(Name(.dunderStaticAttributes), .store, .none)
    if unit.scope.needsClassDict {
      emit(Opcode.loadClosure, unit.cellVars[Name(.dunderClassdict)] ?? 0, .none)
      try emitNameAccess(Name(.dunderClassdictcell), .store, .none)
    }
    if unit.scope.needsClassClosure {
      emit(Opcode.loadClosure, unit.cellVars[Name(.dunderClass)] ?? 0, .none)
      emit(Opcode.copy, 1, .none)
      try emitNameAccess(Name(.dunderClasscell), .store, .none)
    } else {
      loadNone(.none)
    }
    emit(Opcode.returnValue, .none)
    let free = unit.freeVars.keys
    let code = assemble(addsNone: true)
    leaveUnit()

    let range = statement.range
    emit(Opcode.loadBuildClass, range)
    emit(Opcode.pushNull, range)
    makeClosure(code, freeNames: free, flags: 0, range)
    loadConst(pool.add(string: def.name), range)
  }

  /// Notes `self.name = …` for `__static_attributes__` of the class around.
  func noteStaticAttribute(_ object: Expr, _ name: Name) {
    guard case .name(let owner, _) = object.kind, owner == .selfName else { return }
    if let unit = outerUnits.last(where: { $0.kind == .class }) { unit.staticAttributes.insert(name) }
  }
}
