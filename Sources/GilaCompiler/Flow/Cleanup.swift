import GilaSyntax

/// Removing what is never reached or has no effect.
extension FlowGraph {
  func removeUnreachable() {
    forEachBlock {
      $0.pointee.predecessors = 0
      $0.pointee.isVisited = false
    }
    var todo: [BlockRef] = [entry]
    entry.pointee.predecessors = 1
    entry.pointee.isVisited = true
    while let block = todo.popLast() {
      if let next = block.pointee.next, block.fallsThrough {
        if !next.pointee.isVisited {
          next.pointee.isVisited = true
          todo.append(next)
        }
        next.pointee.predecessors += 1
      }
      for index in 0..<block.pointee.count {
        guard Opcode.hasTarget(block.pointee.instructions[index].op),
          let target = block.pointee.instructions[index].target
        else { continue }
        if !target.pointee.isVisited {
          target.pointee.isVisited = true
          todo.append(target)
        }
        target.pointee.predecessors += 1
      }
    }
    forEachBlock { block in
      if block.pointee.predecessors == 0 {
        block.pointee.count = 0
        block.pointee.isHandler = false
      }
    }
  }

  /// NOPs stay only where they are the only instruction of their line.
  @discardableResult
  func removeNops(_ block: BlockRef) -> Int {
    let instructions = block.pointee.instructions
    let count = block.pointee.count
    var target = 0
    var previousLine: Int32 = -1
    for source in 0..<count {
      let line = instructions[source].range.line
      if instructions[source].op == Opcode.nop {
        if line < 0 || previousLine == line { continue }
        if source < count - 1 {
          let nextLine = instructions[source + 1].range.line
          if nextLine == line { continue }
          if nextLine < 0 {
            instructions[source + 1].range = instructions[source].range
            continue
          }
        } else if let next = block.pointee.next?.nonEmpty {
          var nextLine: Int32 = -1
          for index in 0..<next.pointee.count {
            let instruction = next.pointee.instructions + index
            if instruction.pointee.op == Opcode.nop, instruction.pointee.range.line < 0 { continue }
            nextLine = instruction.pointee.range.line
            break
          }
          if line == nextLine { continue }
        }
      }
      if target != source { instructions[target] = instructions[source] }
      target += 1
      previousLine = line
    }
    block.pointee.count = target
    return count - target
  }

  @discardableResult
  func removeNops() -> Int {
    var removed = 0
    forEachBlock { removed += removeNops($0) }
    return removed
  }

  /// A value that is loaded only to be dropped need not be loaded.
  func removeNopsAndPairs() {
    var changed = true
    while changed {
      changed = false
      var previous: UnsafeMutablePointer<FlowInstruction>?
      var current: UnsafeMutablePointer<FlowInstruction>?
      forEachBlock { block in
        removeNops(block)
        if block.pointee.label >= 0 { current = nil }
        for index in 0..<block.pointee.count {
          previous = current
          let instruction = block.pointee.instructions + index
          current = instruction
          guard let previous, instruction.pointee.op == Opcode.popTop else { continue }
          if previous.pointee.op == Opcode.loadConst
            || (previous.pointee.op == Opcode.copy && previous.pointee.arg == 1)
          {
            previous.pointee.set(Opcode.nop)
            instruction.pointee.set(Opcode.nop)
            changed = true
          }
        }
        if let last = current, Opcode.isJump(last.pointee.op) { current = nil }
        if !block.fallsThrough { current = nil }
      }
    }
  }

  private func removeRedundantJumps() -> Int {
    var changes = 0
    forEachBlock { block in
      guard let last = block.last, Opcode.isUnconditionalJump(last.pointee.op) else { return }
      if let target = last.pointee.target?.nonEmpty, target == block.pointee.next?.nonEmpty {
        changes += 1
        last.pointee.set(Opcode.nop)
      }
    }
    return changes
  }

  func removeNopsAndJumps() {
    while removeNops() + removeRedundantJumps() > 0 {}
  }

  /// Constants that folding made superfluous. The first one may be the docstring and stays.
  mutating func removeUnusedConstants() {
    if consts.isEmpty { return }
    var isUsed = [Bool](repeating: false, count: consts.count)
    isUsed[0] = true
    forEachInstruction { instruction in
      if Opcode.usesConstant(instruction.pointee.op) { isUsed[Int(instruction.pointee.arg)] = true }
    }
    if !isUsed.contains(false) { return }
    var newIndex = [Int32](repeating: 0, count: consts.count)
    var kept: [UInt32] = []
    for index in consts.indices where isUsed[index] {
      newIndex[index] = Int32(kept.count)
      kept.append(consts[index])
    }
    consts = kept
    forEachInstruction { instruction in
      if Opcode.usesConstant(instruction.pointee.op) {
        instruction.pointee.arg = newIndex[Int(instruction.pointee.arg)]
      }
    }
  }
}
