import GilaSyntax

/// A place in the instructions of a unit, to jump to.
struct Label: Equatable {
  var id: Int32
  static let none = Label(id: -1)
}

/// Instructions in the order of generation; arguments of jumps are labels.
struct InstructionSequence {
  struct Instruction {
    var op: UInt16
    var arg: Int32
    var range: SourceRange
  }

  var instructions: [Instruction] = []
  /// The index of the instruction that follows each label.
  var labels: [Int32] = []

  mutating func newLabel() -> Label {
    labels.append(-1)
    return Label(id: Int32(labels.count - 1))
  }

  mutating func place(_ label: Label) { labels[Int(label.id)] = Int32(instructions.count) }

  @inline(__always)
  mutating func append(_ op: UInt16, _ arg: Int, _ range: SourceRange) {
    instructions.append(Instruction(op: op, arg: Int32(truncatingIfNeeded: arg), range: range))
  }

  mutating func insertFirst(_ op: UInt16, _ label: Label) {
    instructions.insert(Instruction(op: op, arg: label.id, range: .none), at: 0)
    for index in labels.indices where labels[index] >= 0 { labels[index] += 1 }
  }
}

/// A construct around the current statement that `return`, `break` and `continue` have to leave properly.
struct FrameBlock {
  enum Kind {
    case whileLoop, forLoop, tryExcept, finallyTry, finallyEnd, with, asyncWith, handlerCleanup, popValue
    case exceptionHandler, exceptionGroupHandler, asyncComprehension, stopIteration
  }
  var kind: Kind
  var block: Label
  var exit: Label
  var range: SourceRange
  var finalBody = ASTList<Stmt>()
  var name: Name?
}

/// A code object that is being generated.
final class Unit {
  enum Kind {
    case module, `class`, function, asyncFunction, lambda, comprehension, typeParams
  }

  let kind: Kind
  let scope: Scope
  let name: Name
  var qualifiedName: Name
  /// The class whose private names are mangled.
  var className: Name?
  var staticAttributes = NameSet()
  var sequence = InstructionSequence()
  var frameBlocks: [FrameBlock] = []
  var inlinedComprehensions = 0
  let firstLine: Int32

  var argCount = 0
  var posOnlyArgCount = 0
  var kwOnlyArgCount = 0
  /// Numbers of the constant pool, in the unit's order.
  var consts = NameMap()
  var names = NameMap()
  var varNames = NameMap()
  var cellVars = NameMap()
  var freeVars = NameMap()
  /// Names that inlined comprehensions keep in fast locals of a module or class: 1 while in use, then 0.
  var fastHidden = NameMap()

  static let maximumFrameBlocks = 21

  init(kind: Kind, scope: Scope, name: Name, firstLine: Int32) {
    self.kind = kind
    self.scope = scope
    self.name = name
    self.firstLine = firstLine
    qualifiedName = name
  }
}
