import GilaSyntax

/// Jumps that depend on an expression, without making its value where possible.
extension Generator {
  func jumpIf(
    _ value: Expr, _ target: Label, when condition: Bool, _ range: SourceRange
  ) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    switch value.kind {
    case .unaryOp(.not, let operand):
      return try jumpIf(operand, target, when: !condition, range)
    case .boolOp(let op, let values):
      let shortcut = op == .or
      let inner = shortcut != condition ? newLabel() : target
      for index in 0..<values.count - 1 { try jumpIf(values[index], inner, when: shortcut, range) }
      try jumpIf(values[values.count - 1], target, when: condition, range)
      if inner != target { place(inner) }
      return
    case .ifExp(let test, let body, let orElse):
      let end = newLabel()
      let other = newLabel()
      try jumpIf(test, other, when: false, range)
      try jumpIf(body, target, when: condition, range)
      emitJump(Opcode.jumpNoInterrupt, end, .none)
      place(other)
      try jumpIf(orElse, target, when: condition, range)
      place(end)
      return
    case .compare(let left, let operators, let comparators) where operators.count > 1:
      return try jumpIfChain(value, left, operators, comparators, target, when: condition)
    default: break
    }
    try visit(value)
    emit(Opcode.toBool, value.range)
    emitJump(condition ? Opcode.popJumpIfTrue : Opcode.popJumpIfFalse, target, value.range)
  }

  private func jumpIfChain(
    _ value: Expr, _ left: Expr, _ operators: ASTList<CompareOperator>, _ comparators: ASTList<Expr>,
    _ target: Label, when condition: Bool
  ) throws(SyntaxFailure) {
    let range = value.range
    checkIdentityComparison(left, operators, comparators, range)
    let cleanup = newLabel()
    let last = operators.count - 1
    try visit(left)
    for index in 0..<last {
      try visit(comparators[index])
      emit(Opcode.swap, 2, range)
      emit(Opcode.copy, 2, range)
      emitComparison(operators[index], range)
      emit(Opcode.toBool, range)
      emitJump(Opcode.popJumpIfFalse, cleanup, range)
    }
    try visit(comparators[last])
    emitComparison(operators[last], range)
    emit(Opcode.toBool, range)
    emitJump(condition ? Opcode.popJumpIfTrue : Opcode.popJumpIfFalse, target, range)
    let end = newLabel()
    emitJump(Opcode.jumpNoInterrupt, end, .none)
    place(cleanup)
    emit(Opcode.popTop, range)
    if !condition { emitJump(Opcode.jumpNoInterrupt, target, .none) }
    place(end)
  }

  func emitComparison(_ op: CompareOperator, _ range: SourceRange) {
    // The comparison in the top three bits, a mask for specialized forms below.
    switch op {
    case .lt: emit(Opcode.compareOp, 0 << 5 | 2, range)
    case .ltE: emit(Opcode.compareOp, 1 << 5 | 2 | 8, range)
    case .eq: emit(Opcode.compareOp, 2 << 5 | 8, range)
    case .notEq: emit(Opcode.compareOp, 3 << 5 | 7, range)
    case .gt: emit(Opcode.compareOp, 4 << 5 | 4, range)
    case .gtE: emit(Opcode.compareOp, 5 << 5 | 4 | 8, range)
    case .is: emit(Opcode.isOp, 0, range)
    case .isNot: emit(Opcode.isOp, 1, range)
    case .in: emit(Opcode.containsOp, 0, range)
    case .notIn: emit(Opcode.containsOp, 1, range)
    }
  }

  func visitCompare(
    _ value: Expr, _ left: Expr, _ operators: ASTList<CompareOperator>, _ comparators: ASTList<Expr>
  ) throws(SyntaxFailure) {
    let range = value.range
    checkIdentityComparison(left, operators, comparators, range)
    try visit(left)
    let last = operators.count - 1
    if last == 0 {
      try visit(comparators[0])
      emitComparison(operators[0], range)
      return
    }
    let cleanup = newLabel()
    for index in 0..<last {
      try visit(comparators[index])
      emit(Opcode.swap, 2, range)
      emit(Opcode.copy, 2, range)
      emitComparison(operators[index], range)
      emit(Opcode.copy, 1, range)
      emit(Opcode.toBool, range)
      emitJump(Opcode.popJumpIfFalse, cleanup, range)
      emit(Opcode.popTop, range)
    }
    try visit(comparators[last])
    emitComparison(operators[last], range)
    let end = newLabel()
    emitJump(Opcode.jumpNoInterrupt, end, .none)
    place(cleanup)
    emit(Opcode.swap, 2, range)
    emit(Opcode.popTop, range)
    place(end)
  }

  func visitBoolOp(_ op: BoolOperator, _ values: ASTList<Expr>, _ range: SourceRange) throws(SyntaxFailure) {
    let jump = op == .and ? Opcode.popJumpIfFalse : Opcode.popJumpIfTrue
    let end = newLabel()
    for index in 0..<values.count - 1 {
      try visit(values[index])
      emit(Opcode.copy, 1, range)
      emit(Opcode.toBool, range)
      emitJump(jump, end, range)
      emit(Opcode.popTop, range)
    }
    try visit(values[values.count - 1])
    place(end)
  }

  func visitIfExp(_ value: Expr, _ test: Expr, _ body: Expr, _ orElse: Expr) throws(SyntaxFailure) {
    let end = newLabel()
    let other = newLabel()
    try jumpIf(test, other, when: false, value.range)
    try visit(body)
    emitJump(Opcode.jumpNoInterrupt, end, .none)
    place(other)
    try visit(orElse)
    place(end)
  }
}
