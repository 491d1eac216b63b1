import GilaSyntax

/// Moves what only runs after an exception behind the rest of the code.
extension FlowGraph {
  private func markWarm() {
    clearVisited()
    var todo: [BlockRef] = [entry]
    entry.pointee.isVisited = true
    while let block = todo.popLast() {
      block.pointee.isWarm = true
      if let next = block.pointee.next, block.fallsThrough, !next.pointee.isVisited {
        next.pointee.isVisited = true
        todo.append(next)
      }
      for index in 0..<block.pointee.count {
        let instruction = block.pointee.instructions + index
        if Opcode.isJump(instruction.pointee.op), let target = instruction.pointee.target, !target.pointee.isVisited {
          target.pointee.isVisited = true
          todo.append(target)
        }
      }
    }
  }

  private func markCold() {
    markWarm()
    clearVisited()
    var todo: [BlockRef] = []
    forEachBlock { block in
      if block.pointee.isHandler {
        todo.append(block)
        block.pointee.isVisited = true
      }
    }
    while let block = todo.popLast() {
      block.pointee.isCold = true
      if let next = block.pointee.next, block.fallsThrough, !next.pointee.isWarm, !next.pointee.isVisited {
        next.pointee.isVisited = true
        todo.append(next)
      }
      if let last = block.last, Opcode.isJump(last.pointee.op), let target = last.pointee.target,
        !target.pointee.isWarm, !target.pointee.isVisited
      {
        target.pointee.isVisited = true
        todo.append(target)
      }
    }
  }

  mutating func moveColdBlocks() {
    if entry.pointee.next == nil { return }
    markCold()
    var nextLabel = maximumLabel + 1
    // A cold block that runs on into a warm one will need a jump.
    var block: BlockRef? = entry
    while let current = block {
      block = current.pointee.next
      guard current.pointee.isCold, current.fallsThrough, let next = current.pointee.next, next.pointee.isWarm
      else { continue }
      let jump = newBlock()
      if next.pointee.label < 0 {
        next.pointee.label = nextLabel
        nextLabel += 1
      }
      jump.append(
        FlowInstruction(op: Opcode.jumpNoInterrupt, arg: next.pointee.label, range: .none, target: next), scratch)
      jump.pointee.isCold = true
      jump.pointee.next = next
      jump.pointee.predecessors = 1
      current.pointee.next = jump
    }

    var warmTail = entry
    var coldHead: BlockRef?
    var coldTail: BlockRef?
    var rest = entry.pointee.next
    while let current = rest {
      rest = current.pointee.next
      if current.pointee.isCold {
        if let tail = coldTail { tail.pointee.next = current } else { coldHead = current }
        coldTail = current
      } else {
        warmTail.pointee.next = current
        warmTail = current
      }
    }
    coldTail?.pointee.next = nil
    warmTail.pointee.next = coldHead
    if coldHead != nil { removeNopsAndJumps() }
  }
}
