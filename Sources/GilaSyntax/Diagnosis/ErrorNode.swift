/// What the error parser remembers of an expression: enough to name it in a message and to point at it.
final class ErrorNode {
  enum Kind {
    case name, attribute, `subscript`, starred, list, tuple, lambda, call, operation, generatorExpression, yield
    case await, listComprehension, setComprehension, dictComprehension, dict, set, fstring, none, `true`, `false`
    case ellipsis, literal, comparison, conditional, namedExpression
    /// Something that is no expression: a token, a list of arguments, a statement.
    case other
  }

  let kind: Kind
  let range: SourceRange
  /// Elements of lists and tuples, the value of a starred expression, the left side of a comparison, arguments.
  var items: [ErrorNode]
  var name = Name(.empty)
  /// Of a comparison: whether it starts with `in`. Of arguments: whether they contain `**`.
  var flag = false

  init(_ kind: Kind, _ range: SourceRange, _ items: [ErrorNode] = []) {
    self.kind = kind
    self.range = range
    self.items = items
  }

  /// How messages call the expression.
  var title: String {
    switch kind {
    case .attribute: "attribute"
    case .subscript: "subscript"
    case .starred: "starred"
    case .name: "name"
    case .list: "list"
    case .tuple: "tuple"
    case .lambda: "lambda"
    case .call: "function call"
    case .operation: "expression"
    case .generatorExpression: "generator expression"
    case .yield: "yield expression"
    case .await: "await expression"
    case .listComprehension: "list comprehension"
    case .setComprehension: "set comprehension"
    case .dictComprehension: "dict comprehension"
    case .dict: "dict literal"
    case .set: "set display"
    case .fstring: "f-string expression"
    case .none: "None"
    case .true: "True"
    case .false: "False"
    case .ellipsis: "ellipsis"
    case .literal: "literal"
    case .comparison: "comparison"
    case .conditional: "conditional expression"
    case .namedExpression: "named expression"
    case .other: "expression"
    }
  }

  enum TargetKind { case star, del, `for` }

  /// The part of an assignment target that cannot be assigned to.
  func invalidTarget(_ targets: TargetKind) -> ErrorNode? {
    switch kind {
    case .list, .tuple:
      for item in items {
        if let found = item.invalidTarget(targets) { return found }
      }
      return nil
    case .starred: return targets == .del ? self : items[0].invalidTarget(targets)
    case .comparison:
      // `for a in b` reads as a comparison at first.
      if targets == .for { return flag ? items[0].invalidTarget(targets) : nil }
      return self
    case .name, .subscript, .attribute: return nil
    default: return self
    }
  }
}
