import GilaSyntax

/// The control flow graph of a unit. The passes that turn it into final code are in the extensions, one file for each
/// concern, in the order in which `optimize` and `UnitAssembler` run them.
struct FlowGraph {
  let scratch: Scratch
  let pool: ConstantPool
  let entry: BlockRef
  private(set) var blockCount = 0
  /// Constants of the unit by number of the pool.
  var consts: [UInt32]

  init(_ unit: Unit, _ generator: Generator) {
    scratch = generator.scratch
    pool = generator.pool
    consts = unit.consts.keys.map(\.id)
    entry = Self.makeBlock(scratch)
    blockCount = 1
    build(unit.sequence)
  }

  private static func makeBlock(_ scratch: Scratch, capacity: Int = 16) -> BlockRef {
    let block = scratch.allocate(Block.self, 1)
    block.initialize(
      to: Block(instructions: scratch.allocate(FlowInstruction.self, capacity), capacity: capacity))
    return block
  }

  mutating func newBlock() -> BlockRef {
    blockCount += 1
    return Self.makeBlock(scratch, capacity: 4)
  }

  /// Cuts the instructions into blocks: at labels that are jumped to, and after jumps and exits.
  private mutating func build(_ sequence: InstructionSequence) {
    let count = sequence.instructions.count
    let isTarget = scratch.allocate(Bool.self, count + 1)
    isTarget.initialize(repeating: false, count: count + 1)
    let blockAt = scratch.allocate(BlockRef?.self, count + 1)
    blockAt.initialize(repeating: nil, count: count + 1)
    for instruction in sequence.instructions where Opcode.hasTarget(instruction.op) {
      isTarget[Int(sequence.labels[Int(instruction.arg)])] = true
    }
    var current = entry
    for index in 0..<count {
      let last = current.last
      let isTerminated = last.map { Opcode.isTerminator($0.pointee.op) } ?? false
      if isTarget[index] || isTerminated {
        // An empty block without a label can take the label.
        if isTerminated || last != nil || current.pointee.label >= 0 {
          let block = Self.makeBlock(scratch)
          blockCount += 1
          current.pointee.next = block
          current = block
        }
        if isTarget[index] {
          current.pointee.label = Int32(index)
          blockAt[index] = current
        }
      }
      let source = sequence.instructions[index]
      var arg = source.arg
      if Opcode.hasTarget(source.op) { arg = sequence.labels[Int(source.arg)] }
      current.append(FlowInstruction(op: source.op, arg: arg, range: source.range), scratch)
    }
    forEachInstruction { instruction in
      if Opcode.hasTarget(instruction.pointee.op) { instruction.pointee.target = blockAt[Int(instruction.pointee.arg)] }
    }
  }

  // MARK: Walking

  @inline(__always)
  func forEachBlock(_ body: (BlockRef) -> Void) {
    var block: BlockRef? = entry
    while let current = block {
      body(current)
      block = current.pointee.next
    }
  }

  @inline(__always)
  func forEachInstruction(_ body: (UnsafeMutablePointer<FlowInstruction>) -> Void) {
    forEachBlock { block in
      for index in 0..<block.pointee.count { body(block.pointee.instructions + index) }
    }
  }

  func clearVisited() { forEachBlock { $0.pointee.isVisited = false } }

  var maximumLabel: Int32 {
    var result: Int32 = -1
    forEachBlock { result = max(result, $0.pointee.label) }
    return result
  }

  // MARK: Passes

  mutating func optimize(localCount: Int, parameterCount: Int) {
    markHandlers()
    traceHandlers()

    inlineSmallBlocks()
    removeUnreachable()
    resolveLines()
    optimizeConstants()
    forEachBlock { optimizeBlock($0) }
    removeNopsAndPairs()
    removeUnreachable()
    removeNopsAndJumps()

    removeUnusedConstants()
    checkUnsetLocals(localCount: localCount, parameterCount: parameterCount)
    insertSuperinstructions()
    moveColdBlocks()
    resolveLines()
  }
}
