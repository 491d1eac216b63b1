import GilaSyntax

/// From a finished flow graph to a code object: stack size, cells, jumps, bytes.
enum UnitAssembler {
  static func assemble(_ generator: Generator) -> CodeUnit {
    let unit = generator.unit
    let flags = codeFlags(unit, generator)
    var graph = FlowGraph(unit, generator)
    graph.optimize(localCount: unit.varNames.count, parameterCount: unit.scope.parameters.count)
    let stackSize = max(graph.stackSize(), 1)
    let layout = LocalsLayout(unit, generator.names)
    layout.apply(to: graph, unit, flags: flags)
    graph.removePseudoInstructions()
    graph.orientConditionalJumps()
    var assembler = CodeAssembler(graph, firstLine: unit.firstLine)
    assembler.run()
    let names = generator.names
    let result = CodeUnit(
      argCount: unit.posOnlyArgCount + unit.argCount, posOnlyArgCount: unit.posOnlyArgCount,
      kwOnlyArgCount: unit.kwOnlyArgCount, stackSize: stackSize, flags: flags, code: assembler.code,
      consts: graph.consts.map { generator.pool.values[Int($0)] }, names: unit.names.keys.map { names.array($0) },
      localsPlusNames: layout.names, localsPlusKinds: layout.kinds, fileName: generator.fileName,
      name: names.array(unit.name), qualifiedName: names.array(unit.qualifiedName), firstLine: Int(unit.firstLine),
      lineTable: assembler.lineTable, exceptionTable: assembler.exceptionTable)
    generator.scratch.reset()
    return result
  }

  private static func codeFlags(_ unit: Unit, _ generator: Generator) -> UInt32 {
    let scope = unit.scope
    var flags: UInt32 = 0
    if scope.isFunctionLike {
      flags |= CodeFlags.newLocals | CodeFlags.optimized
      if scope.isNested { flags |= CodeFlags.nested }
      if scope.isGenerator, !scope.isCoroutine { flags |= CodeFlags.generator }
      if !scope.isGenerator, scope.isCoroutine { flags |= CodeFlags.coroutine }
      if scope.isGenerator, scope.isCoroutine { flags |= CodeFlags.asyncGenerator }
      if scope.hasVarArgs { flags |= CodeFlags.varArgs }
      if scope.hasVarKeywords { flags |= CodeFlags.varKeywords }
    }
    flags |= generator.flags.intersection(.futureMask).rawValue
    if generator.isTopLevelAwait, scope.isCoroutine, !scope.isGenerator { flags |= CodeFlags.coroutine }
    return flags
  }
}

/// Where locals, cells and free variables lie in a frame. A parameter that is also a cell has one place only.
struct LocalsLayout {
  private(set) var names: [[UInt8]] = []
  private(set) var kinds: [UInt8] = []
  /// Place of each cell and free variable before duplicates are dropped.
  private var fixed: [Int]
  /// The final place.
  private var places: [Int]

  init(_ unit: Unit, _ table: NameTable) {
    let localCount = unit.varNames.count
    fixed = (0..<unit.cellVars.count + unit.freeVars.count).map { localCount + $0 }
    for (index, name) in unit.cellVars.keys.enumerated() {
      if let local = unit.varNames[name] { fixed[index] = local }
    }
    places = fixed
    var dropped = 0
    for index in places.indices {
      if places[index] == index + localCount { places[index] -= dropped } else { dropped += 1 }
    }
    for name in unit.varNames.keys {
      var kind = LocalKind.local
      if unit.fastHidden[name] != nil { kind |= LocalKind.hidden }
      if unit.cellVars[name] != nil { kind |= LocalKind.cell }
      names.append(table.array(name))
      kinds.append(kind)
    }
    for name in unit.cellVars.keys where unit.varNames[name] == nil {
      names.append(table.array(name))
      kinds.append(LocalKind.cell)
    }
    for name in unit.freeVars.keys {
      names.append(table.array(name))
      kinds.append(LocalKind.free)
    }
  }

  /// Adds the instructions that make cells and start generators, and fixes the numbers of cells.
  func apply(to graph: FlowGraph, _ unit: Unit, flags: UInt32) {
    let entry = graph.entry
    let generatorFlags = CodeFlags.generator | CodeFlags.coroutine | CodeFlags.asyncGenerator
    if flags & generatorFlags != 0 {
      let range = SourceRange(line: unit.firstLine, column: -1, endLine: unit.firstLine, endColumn: -1)
      entry.insert(FlowInstruction(op: Opcode.returnGenerator, arg: 0, range: range), at: 0, graph.scratch)
      entry.insert(FlowInstruction(op: Opcode.popTop, arg: 0, range: range), at: 1, graph.scratch)
    }
    let cellCount = unit.cellVars.count
    let order = (0..<cellCount).sorted { fixed[$0] < fixed[$1] }
    for (position, cell) in order.enumerated() {
      entry.insert(
        FlowInstruction(op: Opcode.makeCell, arg: Int32(cell), range: .none), at: position, graph.scratch)
    }
    if unit.freeVars.count > 0 {
      entry.insert(
        FlowInstruction(op: Opcode.copyFreeVars, arg: Int32(unit.freeVars.count), range: .none), at: 0, graph.scratch)
    }
    if places.isEmpty { return }
    graph.forEachInstruction { instruction in
      switch instruction.pointee.op {
      case Opcode.makeCell, Opcode.loadClosure, Opcode.loadDeref, Opcode.storeDeref, Opcode.deleteDeref,
        Opcode.loadFromDictOrDeref:
        instruction.pointee.arg = Int32(places[Int(instruction.pointee.arg)])
      default: break
      }
    }
  }
}

extension FlowGraph {
  /// The deepest the stack can get.
  func stackSize() -> Int {
    forEachBlock { $0.pointee.startDepth = -1 }
    var todo: [BlockRef] = []
    func push(_ block: BlockRef?, _ depth: Int) {
      guard let block, block.pointee.startDepth < 0 else { return }
      block.pointee.startDepth = Int32(depth)
      todo.append(block)
    }
    var maximum = 0
    push(entry, 0)
    while let block = todo.popLast() {
      var depth = Int(block.pointee.startDepth)
      var isOpen = true
      for index in 0..<block.pointee.count {
        let instruction = block.pointee.instructions[index]
        let after = depth + Opcode.stackEffect(instruction.op, Int(instruction.arg), jumping: false)
        maximum = max(maximum, after)
        if Opcode.hasTarget(instruction.op) {
          let target = depth + Opcode.stackEffect(instruction.op, Int(instruction.arg), jumping: true)
          maximum = max(maximum, target)
          push(instruction.target, target)
        }
        depth = after
        if Opcode.isUnconditionalJump(instruction.op) || Opcode.exitsScope(instruction.op) {
          isOpen = false
          break
        }
      }
      if isOpen { push(block.pointee.next, depth) }
    }
    return maximum
  }

  func removePseudoInstructions() {
    forEachInstruction { instruction in
      let op = instruction.pointee.op
      if Opcode.isBlockPush(op) {
        instruction.pointee.set(Opcode.nop)
      } else if op == Opcode.loadClosure {
        instruction.pointee.op = Opcode.loadFast
      } else if op == Opcode.storeFastMaybeNull {
        instruction.pointee.op = Opcode.storeFast
      }
    }
    removeNopsAndJumps()
  }

  /// Conditional jumps only go forward; one that goes back is turned round, over a plain jump back.
  mutating func orientConditionalJumps() {
    clearVisited()
    var block: BlockRef? = entry
    while let current = block {
      current.pointee.isVisited = true
      block = current.pointee.next
      guard let last = current.last, Opcode.isConditionalJump(last.pointee.op), let target = last.pointee.target,
        target.pointee.isVisited
      else { continue }
      let jump = newBlock()
      jump.append(
        FlowInstruction(
          op: Opcode.jump, arg: target.pointee.label, range: last.pointee.range, target: target), scratch)
      switch last.pointee.op {
      case Opcode.popJumpIfNone: last.pointee.op = Opcode.popJumpIfNotNone
      case Opcode.popJumpIfNotNone: last.pointee.op = Opcode.popJumpIfNone
      case Opcode.popJumpIfTrue: last.pointee.op = Opcode.popJumpIfFalse
      default: last.pointee.op = Opcode.popJumpIfTrue
      }
      last.pointee.target = current.pointee.next
      jump.pointee.isCold = current.pointee.isCold
      jump.pointee.next = current.pointee.next
      current.pointee.next = jump
      block = jump
    }
  }
}
