import GilaSyntax

/// Expressions, other than calls and comprehensions.
extension Generator {
  func visit(_ value: Expr) throws(SyntaxFailure) {
    if stack.isExhausted { throw Failures.tooDeep }
    switch value.kind {
    case .name(let name, let context): try emitNameAccess(name, context, value.range)
    case .constant(let constant, _): loadConst(constant, value.range)
    case .attribute(let object, let name, let context): try visitAttribute(value, object, name, context)
    case .call(let function, let args, let keywords): try visitCall(value, function, args, keywords)
    case .binOp(let left, let op, let right):
      try visit(left)
      try visit(right)
      emitBinary(op, inPlace: false, value.range)
    case .compare(let left, let operators, let comparators):
      try visitCompare(value, left, operators, comparators)
    case .subscript(let object, let index, let context): try visitSubscript(value, object, index, context)
    default: try visitRare(value)
    }
  }

  // Apart from the frequent kinds, so that their recursion uses less stack.
  @inline(never)
  private func visitRare(_ value: Expr) throws(SyntaxFailure) {
    let range = value.range
    switch value.kind {
    case .name, .constant, .attribute, .call, .binOp, .compare, .subscript: break
    case .namedExpr(let target, let inner):
      try visit(inner)
      emit(Opcode.copy, 1, range)
      try visit(target)
    case .boolOp(let op, let values): try visitBoolOp(op, values, range)
    case .unaryOp(let op, let operand):
      try visit(operand)
      switch op {
      case .uAdd: emit(Opcode.callIntrinsic1, Intrinsic1.unaryPositive, range)
      case .not:
        emit(Opcode.toBool, range)
        emit(Opcode.unaryNot, range)
      case .invert: emit(Opcode.unaryInvert, range)
      case .uSub: emit(Opcode.unaryNegative, range)
      }
    case .lambda(let args, let body): try visitLambda(value, args, body)
    case .ifExp(let test, let body, let orElse): try visitIfExp(value, test, body, orElse)
    case .dict(let keys, let values): try visitDict(keys, values, range)
    case .set(let elements):
      try visitElements(
        elements, pushed: 0, Opcode.buildSet, add: Opcode.setAdd, extend: Opcode.setUpdate, isTuple: false, range)
    case .list(let elements, let context): try visitSequence(elements, context, isTuple: false, range)
    case .tuple(let elements, let context): try visitSequence(elements, context, isTuple: true, range)
    case .generatorExp(let element, let generators):
      try visitComprehension(value, .generator, "<genexpr>", generators, element, nil)
    case .listComp(let element, let generators):
      try visitComprehension(value, .list, "<listcomp>", generators, element, nil)
    case .setComp(let element, let generators):
      try visitComprehension(value, .set, "<setcomp>", generators, element, nil)
    case .dictComp(let key, let element, let generators):
      try visitComprehension(value, .dict, "<dictcomp>", generators, key, element)
    case .yield(let inner):
      if !unit.scope.isFunctionLike { throw Failures.at(range, "'yield' outside function") }
      if let inner { try visit(inner) } else { loadNone(range) }
      emitYield(range)
    case .yieldFrom(let inner):
      if !unit.scope.isFunctionLike { throw Failures.at(range, "'yield from' outside function") }
      if unit.kind == .asyncFunction { throw Failures.at(range, "'yield from' inside async function") }
      try visit(inner)
      emit(Opcode.getYieldFromIter, range)
      loadNone(range)
      emitYieldFrom(range, isAwait: false)
    case .await(let inner):
      if !isTopLevelAwait {
        if !unit.scope.isFunctionLike { throw Failures.at(range, "'await' outside function") }
        if unit.kind != .asyncFunction, unit.kind != .comprehension {
          throw Failures.at(range, "'await' outside async function")
        }
      }
      try visit(inner)
      emit(Opcode.getAwaitable, 0, range)
      loadNone(range)
      emitYieldFrom(range, isAwait: true)
    case .joinedStr(let values): try visitJoinedString(values, range)
    case .formattedValue(let inner, let conversion, let format):
      try visit(inner)
      switch conversion {
      case 115: emit(Opcode.convertValue, 1, range)
      case 114: emit(Opcode.convertValue, 2, range)
      case 97: emit(Opcode.convertValue, 3, range)
      case -1: break
      default: throw SyntaxFailure(.systemError, "Unrecognized conversion character \(conversion)")
      }
      if let format {
        try visit(format)
        emit(Opcode.formatWithSpec, range)
      } else {
        emit(Opcode.formatSimple, range)
      }
    case .starred(_, let context):
      throw Failures.at(
        range,
        context == .store
          ? "starred assignment target must be in a list or tuple" : "can't use starred expression here")
    case .slice(let lower, let upper, let step):
      try visitSliceBounds((lower, upper), range)
      if let step { try visit(step) }
      emit(Opcode.buildSlice, step == nil ? 2 : 3, range)
    }
  }

  func emitYield(_ range: SourceRange) {
    if unit.scope.isGenerator, unit.scope.isCoroutine {
      emit(Opcode.callIntrinsic1, Intrinsic1.asyncGenWrap, range)
    }
    emit(Opcode.yieldValue, 0, range)
    emit(Opcode.resume, 1, range)
  }

  func emitBinary(_ op: BinaryOperator, inPlace: Bool, _ range: SourceRange) {
    let number =
      switch op {
      case .add: 0
      case .bitAnd: 1
      case .floorDiv: 2
      case .lShift: 3
      case .matMult: 4
      case .mult: 5
      case .mod: 6
      case .bitOr: 7
      case .pow: 8
      case .rShift: 9
      case .sub: 10
      case .div: 11
      case .bitXor: 12
      }
    emit(Opcode.binaryOp, inPlace ? number + 13 : number, range)
  }

  // MARK: Attributes and subscripts

  /// Where an attribute starts if the access spans lines: at its name.
  func attributeRange(_ range: SourceRange, _ attribute: Expr) -> SourceRange {
    let own = attribute.range
    guard range.line != own.endLine, case .attribute(_, let name, _) = attribute.kind else { return range }
    var result = range
    result.line = own.endLine
    let length = Int32(names[name].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) })
    if length <= own.endColumn {
      result.column = own.endColumn - length
    } else {
      result.column = -1
      result.endColumn = -1
    }
    result.endLine = max(result.line, result.endLine)
    if result.line == result.endLine { result.endColumn = max(result.column, result.endColumn) }
    return result
  }

  private func visitAttribute(
    _ value: Expr, _ object: Expr, _ name: Name, _ context: ExprContext
  ) throws(SyntaxFailure) {
    if context == .load, let args = superCallArguments(object, name) {
      try loadSuperArguments(object, args)
      emitName(args.isEmpty ? Opcode.loadZeroSuperAttr : Opcode.loadSuperAttr, name, value.range)
      emit(Opcode.nop, attributeRange(value.range, value))
      return
    }
    if context == .store { noteStaticAttribute(object, name) }
    try visit(object)
    let range = attributeRange(value.range, value)
    switch context {
    case .load: emitName(Opcode.loadAttr, name, range)
    case .store:
      try checkForbidden(name, .store, range)
      emitName(Opcode.storeAttr, name, range)
    case .del: emitName(Opcode.deleteAttr, name, range)
    }
  }

  func twoElementSlice(_ index: Expr) -> (lower: Expr?, upper: Expr?)? {
    if case .slice(let lower, let upper, nil) = index.kind { return (lower, upper) }
    return nil
  }

  func visitSliceBounds(_ slice: (lower: Expr?, upper: Expr?), _ range: SourceRange) throws(SyntaxFailure) {
    if let lower = slice.lower { try visit(lower) } else { loadNone(range) }
    if let upper = slice.upper { try visit(upper) } else { loadNone(range) }
  }

  private func visitSubscript(
    _ value: Expr, _ object: Expr, _ index: Expr, _ context: ExprContext
  ) throws(SyntaxFailure) {
    let range = value.range
    if context == .load {
      checkSubscripted(object)
      checkIndex(object, index)
    }
    try visit(object)
    if context != .del, let slice = twoElementSlice(index) {
      try visitSliceBounds(slice, index.range)
      emit(context == .load ? Opcode.binarySlice : Opcode.storeSlice, range)
      return
    }
    try visit(index)
    switch context {
    case .load: emit(Opcode.binarySubscr, range)
    case .store: emit(Opcode.storeSubscr, range)
    case .del: emit(Opcode.deleteSubscr, range)
    }
  }

  // MARK: Displays

  /// Above this many elements a display is built step by step, to keep the stack small.
  static let stackGuideline = 30

  private func visitSequence(
    _ elements: ASTList<Expr>, _ context: ExprContext, isTuple: Bool, _ range: SourceRange
  ) throws(SyntaxFailure) {
    switch context {
    case .store: try unpack(elements, range)
    case .load:
      try visitElements(
        elements, pushed: 0, Opcode.buildList, add: Opcode.listAppend, extend: Opcode.listExtend, isTuple: isTuple,
        range)
    case .del: for element in elements { try visit(element) }
    }
  }

  private func allConstant(_ elements: some Collection<Expr>) -> [UInt32]? {
    for element in elements {
      guard case .constant = element.kind else { return nil }
    }
    return elements.map { element in
      if case .constant(let constant, _) = element.kind { return pool.add(constant) }
      return 0
    }
  }

  func visitElements(
    _ elements: ASTList<Expr>, pushed: Int, _ build: UInt16, add: UInt16, extend: UInt16, isTuple: Bool,
    _ range: SourceRange
  ) throws(SyntaxFailure) {
    let count = elements.count
    if count > 2, let constants = allConstant(elements) {
      if isTuple, pushed == 0 {
        loadConst(pool.add(tuple: constants), range)
        return
      }
      emit(build, pushed, range)
      loadConst(add == Opcode.setAdd ? pool.add(frozenset: constants) : pool.add(tuple: constants), range)
      emit(extend, 1, range)
      if isTuple { emit(Opcode.callIntrinsic1, Intrinsic1.listToTuple, range) }
      return
    }
    let isBig = count + pushed > Self.stackGuideline
    if !isBig, !elements.contains(where: \.isStarred) {
      for element in elements { try visit(element) }
      emit(isTuple ? Opcode.buildTuple : build, count + pushed, range)
      return
    }
    var isBuilt = false
    if isBig {
      emit(build, pushed, range)
      isBuilt = true
    }
    for (index, element) in elements.enumerated() {
      if case .starred(let inner, _) = element.kind {
        if !isBuilt {
          emit(build, index + pushed, range)
          isBuilt = true
        }
        try visit(inner)
        emit(extend, 1, range)
      } else {
        try visit(element)
        if isBuilt { emit(add, 1, range) }
      }
    }
    if isTuple { emit(Opcode.callIntrinsic1, Intrinsic1.listToTuple, range) }
  }

  private func unpack(_ elements: ASTList<Expr>, _ range: SourceRange) throws(SyntaxFailure) {
    var sawStar = false
    for (index, element) in elements.enumerated() where element.isStarred {
      if sawStar { throw Failures.at(range, "multiple starred expressions in assignment") }
      let after = elements.count - index - 1
      if index >= 1 << 8 || after >= Int(Int32.max) >> 8 {
        throw Failures.at(range, "too many expressions in star-unpacking assignment")
      }
      emit(Opcode.unpackEx, index + after << 8, range)
      sawStar = true
    }
    if !sawStar { emit(Opcode.unpackSequence, elements.count, range) }
    for element in elements {
      if case .starred(let inner, _) = element.kind { try visit(inner) } else { try visit(element) }
    }
  }

  private func visitDict(
    _ keys: ASTList<Expr?>, _ values: ASTList<Expr>, _ range: SourceRange
  ) throws(SyntaxFailure) {
    var hasDict = false
    var pending = 0
    for index in 0..<values.count {
      if keys[index] == nil {
        if pending > 0 {
          try visitSubdict(keys, values, index - pending..<index, range)
          if hasDict { emit(Opcode.dictUpdate, 1, range) }
          hasDict = true
          pending = 0
        }
        if !hasDict {
          emit(Opcode.buildMap, 0, range)
          hasDict = true
        }
        try visit(values[index])
        emit(Opcode.dictUpdate, 1, range)
      } else if pending * 2 > Self.stackGuideline {
        try visitSubdict(keys, values, index - pending..<index + 1, range)
        if hasDict { emit(Opcode.dictUpdate, 1, range) }
        hasDict = true
        pending = 0
      } else {
        pending += 1
      }
    }
    if pending > 0 {
      try visitSubdict(keys, values, values.count - pending..<values.count, range)
      if hasDict { emit(Opcode.dictUpdate, 1, range) }
      hasDict = true
    }
    if !hasDict { emit(Opcode.buildMap, 0, range) }
  }

  private func visitSubdict(
    _ keys: ASTList<Expr?>, _ values: ASTList<Expr>, _ part: Range<Int>, _ range: SourceRange
  ) throws(SyntaxFailure) {
    let count = part.count
    let isBig = count * 2 > Self.stackGuideline
    if count > 1, !isBig, let constants = allConstant(part.compactMap { keys[$0] }) {
      for index in part { try visit(values[index]) }
      loadConst(pool.add(tuple: constants), range)
      emit(Opcode.buildConstKeyMap, count, range)
      return
    }
    if isBig { emit(Opcode.buildMap, 0, range) }
    for index in part {
      if let key = keys[index] { try visit(key) }
      try visit(values[index])
      if isBig { emit(Opcode.mapAdd, 1, range) }
    }
    if !isBig { emit(Opcode.buildMap, count, range) }
  }

  private func visitJoinedString(_ values: ASTList<Expr>, _ range: SourceRange) throws(SyntaxFailure) {
    if values.count > Self.stackGuideline {
      loadConst(pool.add(string: Name(.empty)), range)
      emitName(Opcode.loadMethod, names.intern("join"), range)
      emit(Opcode.buildList, 0, range)
      for value in values {
        try visit(value)
        emit(Opcode.listAppend, 1, range)
      }
      emit(Opcode.call, 1, range)
      return
    }
    for value in values { try visit(value) }
    if values.count > 1 {
      emit(Opcode.buildString, values.count, range)
    } else if values.isEmpty {
      loadConst(pool.add(string: Name(.empty)), range)
    }
  }
}
