import GilaSyntax

/// Line numbers for instructions that have none of their own (PEP 626).
extension FlowGraph {
  /// A jump to a short block that leaves the function, or to one without lines, becomes a copy of that block.
  func inlineSmallBlocks() {
    var changed = true
    while changed {
      changed = false
      forEachBlock { if inlineTarget(of: $0) { changed = true } }
    }
  }

  private func inlineTarget(of block: BlockRef) -> Bool {
    guard let last = block.last, Opcode.isUnconditionalJump(last.pointee.op), let target = last.pointee.target
    else { return false }
    let isSmallExit = target.exitsScope && target.pointee.count <= 4
    let isWithoutLines = target.hasNoLine && !target.fallsThrough
    if !isSmallExit, !isWithoutLines { return false }
    let removed = last.pointee.op
    last.pointee.set(Opcode.nop)
    // The target may be the block itself.
    let count = target.pointee.count
    for index in 0..<count { block.append(target.pointee.instructions[index], scratch) }
    if isWithoutLines, let last = block.last, Opcode.isUnconditionalJump(last.pointee.op), removed == Opcode.jump {
      // The jump that other threads and signals rely on must not get lost.
      last.pointee.op = Opcode.jump
    }
    target.pointee.predecessors -= 1
    return true
  }

  mutating func resolveLines() {
    duplicateExits()
    propagateLines()
  }

  private func needsOwnLine(_ block: BlockRef) -> Bool {
    (block.exitsScope || block.checksEvalBreaker) && block.hasNoLine
  }

  /// Every exit must have a line, so an exit without one that is reached from several places is copied.
  private mutating func duplicateExits() {
    var nextLabel = maximumLabel + 1
    var block: BlockRef? = entry
    while let current = block {
      block = current.pointee.next
      guard let last = current.last, Opcode.isJump(last.pointee.op), let target = last.pointee.target?.nonEmpty,
        needsOwnLine(target), target.pointee.predecessors > 1
      else { continue }
      let copy = newBlock()
      for index in 0..<target.pointee.count { copy.append(target.pointee.instructions[index], scratch) }
      copy.pointee.instructions[0].range = last.pointee.range
      last.pointee.target = copy
      target.pointee.predecessors -= 1
      copy.pointee.predecessors = 1
      copy.pointee.next = target.pointee.next
      copy.pointee.label = nextLabel
      nextLabel += 1
      target.pointee.next = copy
      // The copy may stand right behind the current block.
      block = current.pointee.next
    }
    forEachBlock { block in
      if block.fallsThrough, let next = block.pointee.next, let last = block.last, needsOwnLine(next),
        next.pointee.count > 0
      {
        next.pointee.instructions[0].range = last.pointee.range
      }
    }
  }

  private func propagateLines() {
    forEachBlock { block in
      guard let last = block.last else { return }
      var previous = SourceRange.none
      for index in 0..<block.pointee.count {
        if block.pointee.instructions[index].range.line < 0 {
          block.pointee.instructions[index].range = previous
        } else {
          previous = block.pointee.instructions[index].range
        }
      }
      if block.fallsThrough, let next = block.pointee.next, next.pointee.predecessors == 1, next.pointee.count > 0,
        next.pointee.instructions[0].range.line < 0
      {
        next.pointee.instructions[0].range = previous
      }
      if Opcode.isJump(last.pointee.op), let target = last.pointee.target, target.pointee.predecessors == 1,
        target.pointee.count > 0, target.pointee.instructions[0].range.line < 0
      {
        target.pointee.instructions[0].range = previous
      }
    }
  }
}
