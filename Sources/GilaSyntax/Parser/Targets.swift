/// Assignment targets: parsed as expressions, then checked and marked.
extension Parser {
  /// `a`, `a, *b` and so on before `in`.
  mutating func starTargets() throws(Stop) -> Expr {
    let start = position
    let first = try starTarget()
    if kind != .comma { return first }
    let mark = expressions.count
    expressions.append(first)
    while accept(.comma) {
      if !startsExpression, kind != .star { break }
      expressions.append(try starTarget())
    }
    return arena.expr(.tuple(takeExpressions(from: mark), .store), range(from: start))
  }

  mutating func starTarget() throws(Stop) -> Expr {
    let start = position
    if accept(.star) {
      if kind == .star { throw Stop() }
      let value = try binary(1)
      try makeTarget(value, allowsStar: false)
      return arena.expr(.starred(value, .store), range(from: start))
    }
    let value = try binary(1)
    try makeTarget(value, allowsStar: false)
    return value
  }

  /// Marks an expression, and what is in it, as assigned to.
  func makeTarget(_ target: Expr, allowsStar: Bool) throws(Stop) {
    switch target.kind {
    case .name(let name, _):
      target.kind = .name(name, .store)
    case .attribute(let value, let name, _):
      target.kind = .attribute(value, name, .store)
    case .subscript(let value, let index, _):
      target.kind = .subscript(value, index: index, .store)
    case .starred(let value, _) where allowsStar:
      try makeTarget(value, allowsStar: false)
      target.kind = .starred(value, .store)
    case .tuple(let elements, _):
      for element in elements { try makeTarget(element, allowsStar: true) }
      target.kind = .tuple(elements, .store)
    case .list(let elements, _):
      for element in elements { try makeTarget(element, allowsStar: true) }
      target.kind = .list(elements, .store)
    default:
      throw Stop()
    }
  }

  /// A target of an annotated or augmented assignment: neither tuple nor list.
  func makeSingleTarget(_ target: Expr) throws(Stop) {
    switch target.kind {
    case .name, .attribute, .subscript: try makeTarget(target, allowsStar: false)
    default: throw Stop()
    }
  }

  func makeDeleteTarget(_ target: Expr) throws(Stop) {
    switch target.kind {
    case .name(let name, _):
      target.kind = .name(name, .del)
    case .attribute(let value, let name, _):
      target.kind = .attribute(value, name, .del)
    case .subscript(let value, let index, _):
      target.kind = .subscript(value, index: index, .del)
    case .tuple(let elements, _):
      for element in elements { try makeDeleteTarget(element) }
      target.kind = .tuple(elements, .del)
    case .list(let elements, _):
      for element in elements { try makeDeleteTarget(element) }
      target.kind = .list(elements, .del)
    default:
      throw Stop()
    }
  }
}
