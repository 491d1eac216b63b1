import GilaSyntax

/// Generates the instructions of a program: one unit for each code object, innermost first.
final class Generator {
  let arena: ASTArena
  let names: NameTable
  let symbols: SymbolTable
  let flags: CompilerFlags
  let futures: FutureFeatures
  let optimize: Int
  let fileName: [UInt8]
  let isInteractive: Bool
  let pool: ConstantPool
  let scratch = Scratch()
  let stack: StackGuard
  var warnings: [SyntaxWarning] = []

  var unit: Unit
  /// The units around the current one, outermost first.
  var outerUnits: [Unit] = []

  init(
    tree: SyntaxTree, symbols: SymbolTable, flags: CompilerFlags, futures: FutureFeatures, optimize: Int,
    fileName: [UInt8], stackBytes: Int
  ) {
    stack = StackGuard(bytes: stackBytes)
    arena = tree.arena
    names = tree.arena.names
    self.symbols = symbols
    self.flags = flags
    self.futures = futures
    self.optimize = optimize
    self.fileName = fileName
    if case .interactive = tree.root { isInteractive = true } else { isInteractive = false }
    pool = ConstantPool(names: names)
    unit = Unit(kind: .module, scope: symbols.top, name: Name(.module), firstLine: 1)
  }

  func generate(_ root: SyntaxTree.Root) throws(SyntaxFailure) -> CodeUnit {
    prepare(unit)
    emit(Opcode.resume, 0, SourceRange(line: 0, column: 0, endLine: 1, endColumn: 0))
    let start = SourceRange(line: 1, column: 0, endLine: 1, endColumn: 0)
    var addsNone = true
    switch root {
    case .module(let body, _): try visitBody(body, start)
    case .interactive(let body):
      if hasAnnotations(body) { emit(Opcode.setupAnnotations, start) }
      try visit(body)
    case .expression(let value):
      try visit(value)
      addsNone = false
    case .functionType: throw SyntaxFailure(.systemError, "this compiler does not handle FunctionTypes")
    }
    return assemble(addsNone: addsNone)
  }

  var isTopLevelAwait: Bool { flags.contains(.allowTopLevelAwait) && unit.kind == .module }
  var futureAnnotations: Bool { flags.contains(.futureAnnotations) }

  // MARK: Units

  private func prepare(_ unit: Unit) {
    let scope = unit.scope
    for name in scope.parameters { _ = unit.varNames.add(name) }
    for name in sortedNames(scope, .cell, SymbolFlags.comprehensionCell) { _ = unit.cellVars.add(name) }
    if scope.needsClassClosure { _ = unit.cellVars.add(Name(.dunderClass)) }
    if scope.needsClassDict { _ = unit.cellVars.add(Name(.dunderClassdict)) }
    for name in sortedNames(scope, .free, SymbolFlags.freeClass) {
      unit.freeVars[name] = unit.freeVars.count + unit.cellVars.count
    }
  }

  private func sortedNames(_ scope: Scope, _ wanted: NameScope, _ flag: Int) -> [Name] {
    var result: [Name] = []
    for index in scope.symbols.keys.indices {
      let flags = scope.symbols.values[index]
      if Scope.scope(inFlags: flags) == wanted || flags & flag != 0 { result.append(scope.symbols.keys[index]) }
    }
    if result.count > 1 {
      result.sort { names[$0].lexicographicallyPrecedes(names[$1]) }
    }
    return result
  }

  func enterUnit(_ kind: Unit.Kind, _ name: Name, key: UInt, line: Int32) throws(SyntaxFailure) {
    guard let scope = symbols.scope(for: key) else {
      throw SyntaxFailure(.systemError, "unknown symbol table entry")
    }
    let new = Unit(kind: kind, scope: scope, name: name, firstLine: line)
    prepare(new)
    outerUnits.append(unit)
    new.className = unit.className
    unit = new
    setQualifiedName()
    emit(Opcode.resume, 0, SourceRange(line: line, column: 0, endLine: line, endColumn: 0))
  }

  func leaveUnit() { unit = outerUnits.removeLast() }

  private func setQualifiedName() {
    guard outerUnits.count > 1 else { return }
    var parent = outerUnits[outerUnits.count - 1]
    if parent.kind == .typeParams {
      if outerUnits.count == 2 { return }
      parent = outerUnits[outerUnits.count - 2]
    }
    if unit.kind == .function || unit.kind == .asyncFunction || unit.kind == .class {
      let mangled = Mangling.mangle(unit.name, className: parent.className, names: names)
      if parent.scope.scope(of: mangled) == .globalExplicit { return }
    }
    var text = names.array(parent.qualifiedName)
    if parent.kind == .function || parent.kind == .asyncFunction || parent.kind == .lambda {
      text.append(contentsOf: ".<locals>".utf8)
    }
    text.append(46)
    text.append(contentsOf: names[unit.name])
    unit.qualifiedName = names.intern(text)
  }

  func assemble(addsNone: Bool) -> CodeUnit {
    if addsNone { loadConst(ConstantPool.none, .none) }
    emit(Opcode.returnValue, .none)
    return UnitAssembler.assemble(self)
  }

  // MARK: Instructions

  @inline(__always)
  func emit(_ op: UInt16, _ arg: Int, _ range: SourceRange) { unit.sequence.append(op, arg, range) }

  @inline(__always)
  func emit(_ op: UInt16, _ range: SourceRange) { unit.sequence.append(op, 0, range) }

  @inline(__always)
  func emitJump(_ op: UInt16, _ label: Label, _ range: SourceRange) {
    unit.sequence.append(op, Int(label.id), range)
  }

  func newLabel() -> Label { unit.sequence.newLabel() }
  func place(_ label: Label) { unit.sequence.place(label) }

  /// The unit's number of a constant of the pool.
  func constIndex(_ id: UInt32) -> Int { unit.consts.add(Name(id: id)) }

  func loadConst(_ id: UInt32, _ range: SourceRange) { emit(Opcode.loadConst, constIndex(id), range) }

  func loadConst(_ value: Constant, _ range: SourceRange) { loadConst(pool.add(value), range) }

  func loadNone(_ range: SourceRange) { loadConst(ConstantPool.none, range) }

  func mangle(_ name: Name) -> Name {
    Mangling.mangle(name, className: unit.className, scope: unit.scope, names: names)
  }

  /// An instruction whose argument is an attribute or module name.
  func emitName(_ op: UInt16, _ name: Name, _ range: SourceRange) {
    let index = unit.names.add(mangle(name))
    switch op {
    case Opcode.loadAttr: emit(op, index << 1, range)
    case Opcode.loadMethod: emit(Opcode.loadAttr, index << 1 | 1, range)
    case Opcode.loadSuperAttr: emit(op, index << 2 | 2, range)
    case Opcode.loadSuperMethod: emit(Opcode.loadSuperAttr, index << 2 | 3, range)
    case Opcode.loadZeroSuperAttr: emit(Opcode.loadSuperAttr, index << 2, range)
    case Opcode.loadZeroSuperMethod: emit(Opcode.loadSuperAttr, index << 2 | 1, range)
    default: emit(op, index, range)
    }
  }

  // MARK: Names

  func checkForbidden(_ name: Name, _ context: ExprContext, _ range: SourceRange) throws(SyntaxFailure) {
    if name != .dunderDebug || context == .load { return }
    throw Failures.at(range, context == .store ? "cannot assign to __debug__" : "cannot delete __debug__")
  }

  func emitNameAccess(_ name: Name, _ context: ExprContext, _ range: SourceRange) throws(SyntaxFailure) {
    try checkForbidden(name, context, range)
    let mangled = mangle(name)
    let scope = unit.scope.scope(of: mangled)
    switch scope {
    case .free, .cell:
      emitCellAccess(mangled, scope, context, range)
    case .local where unit.scope.isFunctionLike || unit.fastHidden[mangled] == 1:
      let op =
        switch context {
        case .load: Opcode.loadFast
        case .store: Opcode.storeFast
        case .del: Opcode.deleteFast
        }
      emit(op, unit.varNames.add(mangled), range)
    case .globalImplicit where unit.scope.isFunctionLike, .globalExplicit:
      emitGlobalAccess(mangled, scope, context, range)
    default:
      let index: Int
      switch context {
      case .load:
        let hidesClass = unit.scope.kind == .class && unit.inlinedComprehensions > 0
        index = unit.names.add(mangled)
        if hidesClass { emit(Opcode.loadGlobal, index << 1, range) } else { emit(Opcode.loadName, index, range) }
      case .store: emit(Opcode.storeName, unit.names.add(mangled), range)
      case .del: emit(Opcode.deleteName, unit.names.add(mangled), range)
      }
    }
  }

  private func emitCellAccess(_ name: Name, _ scope: NameScope, _ context: ExprContext, _ range: SourceRange) {
    func index() -> Int {
      if scope == .free { return unit.freeVars[name] ?? 0 }
      return unit.cellVars.add(name)
    }
    switch context {
    case .store: emit(Opcode.storeDeref, index(), range)
    case .del: emit(Opcode.deleteDeref, index(), range)
    case .load:
      if unit.scope.kind == .class, unit.inlinedComprehensions == 0 {
        emit(Opcode.loadLocals, range)
        emit(Opcode.loadFromDictOrDeref, index(), range)
      } else if unit.scope.canSeeClassScope {
        emit(Opcode.loadDeref, unit.freeVars[Name(.dunderClassdict)] ?? 0, range)
        emit(Opcode.loadFromDictOrDeref, index(), range)
      } else {
        emit(Opcode.loadDeref, index(), range)
      }
    }
  }

  private func emitGlobalAccess(_ name: Name, _ scope: NameScope, _ context: ExprContext, _ range: SourceRange) {
    switch context {
    case .store: emit(Opcode.storeGlobal, unit.names.add(name), range)
    case .del: emit(Opcode.deleteGlobal, unit.names.add(name), range)
    case .load:
      if unit.scope.canSeeClassScope, scope == .globalImplicit {
        emit(Opcode.loadDeref, unit.freeVars[Name(.dunderClassdict)] ?? 0, range)
        emit(Opcode.loadFromDictOrGlobals, unit.names.add(name), range)
      } else {
        emit(Opcode.loadGlobal, unit.names.add(name) << 1, range)
      }
    }
  }

  // MARK: Frame blocks

  func push(
    _ kind: FrameBlock.Kind, _ range: SourceRange, block: Label = .none, exit: Label = .none,
    finalBody: ASTList<Stmt> = ASTList(), name: Name? = nil
  ) throws(SyntaxFailure) {
    if unit.frameBlocks.count >= Unit.maximumFrameBlocks {
      throw Failures.at(range, "too many statically nested blocks")
    }
    unit.frameBlocks.append(
      FrameBlock(kind: kind, block: block, exit: exit, range: range, finalBody: finalBody, name: name))
  }

  func popFrameBlock() { unit.frameBlocks.removeLast() }

  /// Leaves one block: pops what it keeps on the stack, runs what has to run at its end.
  func unwind(
    _ block: FrameBlock, _ range: inout SourceRange, preserveTop: Bool
  ) throws(SyntaxFailure) {
    switch block.kind {
    case .whileLoop, .exceptionHandler, .exceptionGroupHandler, .asyncComprehension, .stopIteration: break
    case .forLoop, .popValue:
      if preserveTop { emit(Opcode.swap, 2, range) }
      emit(Opcode.popTop, range)
    case .tryExcept: emit(Opcode.popBlock, range)
    case .finallyTry:
      emit(Opcode.popBlock, range)
      if preserveTop { try push(.popValue, range) }
      try visit(block.finalBody)
      if preserveTop { popFrameBlock() }
      range = .none
    case .finallyEnd:
      if preserveTop { emit(Opcode.swap, 2, range) }
      emit(Opcode.popTop, range)
      if preserveTop { emit(Opcode.swap, 2, range) }
      emit(Opcode.popBlock, range)
      emit(Opcode.popExcept, range)
    case .with, .asyncWith:
      range = block.range
      emit(Opcode.popBlock, range)
      if preserveTop { emit(Opcode.swap, 2, range) }
      callExitWithNones(range)
      if block.kind == .asyncWith {
        emit(Opcode.getAwaitable, 2, range)
        loadNone(range)
        emitYieldFrom(range, isAwait: true)
      }
      emit(Opcode.popTop, range)
      range = .none
    case .handlerCleanup:
      if block.name != nil { emit(Opcode.popBlock, range) }
      if preserveTop { emit(Opcode.swap, 2, range) }
      emit(Opcode.popBlock, range)
      emit(Opcode.popExcept, range)
      if let name = block.name { try clear(name, range) }
    }
  }

  /// `name = None; del name`
  func clear(_ name: Name, _ range: SourceRange) throws(SyntaxFailure) {
    loadNone(range)
    try emitNameAccess(name, .store, range)
    try emitNameAccess(name, .del, range)
  }

  /// Leaves all blocks, or those inside the innermost loop, which is returned.
  func unwindAll(
    _ range: inout SourceRange, preserveTop: Bool, untilLoop: Bool
  ) throws(SyntaxFailure) -> FrameBlock? {
    guard let top = unit.frameBlocks.last else { return nil }
    if top.kind == .exceptionGroupHandler {
      throw Failures.at(range, "'break', 'continue' and 'return' cannot appear in an except* block")
    }
    if untilLoop, top.kind == .whileLoop || top.kind == .forLoop { return top }
    unit.frameBlocks.removeLast()
    try unwind(top, &range, preserveTop: preserveTop)
    let loop = try unwindAll(&range, preserveTop: preserveTop, untilLoop: untilLoop)
    unit.frameBlocks.append(top)
    return loop
  }

  func callExitWithNones(_ range: SourceRange) {
    for _ in 0..<3 { loadNone(range) }
    emit(Opcode.call, 2, range)
  }

  func emitYieldFrom(_ range: SourceRange, isAwait: Bool) {
    let send = newLabel()
    let fail = newLabel()
    let exit = newLabel()
    place(send)
    emitJump(Opcode.send, exit, range)
    // A handler for StopIteration raised by close() or throw().
    emitJump(Opcode.setupFinally, fail, range)
    emit(Opcode.yieldValue, 1, range)
    emit(Opcode.popBlock, .none)
    emit(Opcode.resume, isAwait ? 3 : 2, range)
    emitJump(Opcode.jumpNoInterrupt, send, range)
    place(fail)
    emit(Opcode.cleanupThrow, range)
    place(exit)
    emit(Opcode.endSend, range)
  }

  func popExceptAndReraise(_ range: SourceRange) {
    emit(Opcode.copy, 3, range)
    emit(Opcode.popExcept, range)
    emit(Opcode.reraise, 1, range)
  }

  func warn(_ range: SourceRange, _ message: String) {
    warnings.append(SyntaxWarning(message, range: range))
  }

  // MARK: Closures

  static let functionDefaults = 1
  static let functionKwDefaults = 2
  static let functionAnnotations = 4
  static let functionClosure = 8

  func referenceScope(_ name: Name) -> NameScope {
    if unit.kind == .class, name == .dunderClass || name == .dunderClassdict { return .cell }
    return unit.scope.scope(of: name)
  }

  /// Makes a function of a code object; what `flags` names is on the stack.
  func makeClosure(_ code: CodeUnit, freeNames: [Name], flags: Int, _ range: SourceRange) {
    var flags = flags
    if !freeNames.isEmpty {
      for name in freeNames {
        let index = referenceScope(name) == .cell ? unit.cellVars[name] : unit.freeVars[name]
        emit(Opcode.loadClosure, index ?? 0, range)
      }
      flags |= Self.functionClosure
      emit(Opcode.buildTuple, freeNames.count, range)
    }
    loadConst(pool.add(code), range)
    emit(Opcode.makeFunction, range)
    for flag in [Self.functionClosure, Self.functionAnnotations, Self.functionKwDefaults, Self.functionDefaults]
    where flags & flag != 0 {
      emit(Opcode.setFunctionAttribute, flag, range)
    }
  }

  /// Finishes the current unit and makes a function of it in the unit around it.
  func finishUnit(addsNone: Bool, flags: Int = 0, _ range: SourceRange) {
    let free = unit.freeVars.keys
    let code = assemble(addsNone: addsNone)
    leaveUnit()
    makeClosure(code, freeNames: free, flags: flags, range)
  }

  // MARK: Bodies

  /// A module's or class's statements.
  func visitBody(_ body: ASTList<Stmt>, _ start: SourceRange) throws(SyntaxFailure) {
    let range = unit.kind == .module && body.count > 0 ? body[0].range : start
    if hasAnnotations(body) { emit(Opcode.setupAnnotations, range) }
    if body.isEmpty { return }
    var first = 0
    if let text = Docstring.text(body) {
      first = 1
      if optimize < 2, case .expr(let value) = body[0].kind {
        loadConst(pool.add(string: CleanDocstring.clean(text.array)), value.range)
        try emitNameAccess(Name(.dunderDoc), .store, .none)
      }
    }
    for index in first..<body.count { try visit(body[index]) }
  }

  func visit(_ body: ASTList<Stmt>) throws(SyntaxFailure) {
    for statement in body { try visit(statement) }
  }

  /// Whether a variable is annotated anywhere in a block.
  func hasAnnotations(_ body: ASTList<Stmt>) -> Bool {
    body.contains { statement in
      switch statement.kind {
      case .annAssign: true
      case .for(let loop): hasAnnotations(loop.body) || hasAnnotations(loop.orElse)
      case .while(_, let body, let orElse), .if(_, let body, let orElse):
        hasAnnotations(body) || hasAnnotations(orElse)
      case .with(let with): hasAnnotations(with.body)
      case .try(let statement):
        statement.handlers.contains { hasAnnotations($0.body) } || hasAnnotations(statement.body)
          || hasAnnotations(statement.finalBody) || hasAnnotations(statement.orElse)
      case .match(_, let cases): cases.contains { hasAnnotations($0.body) }
      default: false
      }
    }
  }
}
