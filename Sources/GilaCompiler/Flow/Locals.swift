/// Finds the loads of locals that may have no value yet; these get a checking instruction.
extension FlowGraph {
  func checkUnsetLocals(localCount: Int, parameterCount: Int) {
    if localCount == 0 { return }
    var count = localCount
    if count > 64 {
      // Further ones are only followed within a block.
      checkManyLocals(count)
      count = 64
    }
    clearVisited()
    forEachBlock { $0.pointee.unsafeLocals = 0 }
    var todo: [BlockRef] = []
    var mask: UInt64 = 0
    for index in min(parameterCount, count)..<count { mask |= 1 << UInt64(index) }
    push(entry, mask, &todo)
    forEachBlock { scan($0, &todo) }
    while let block = todo.popLast() {
      block.pointee.isVisited = false
      scan(block, &todo)
    }
  }

  private func push(_ block: BlockRef, _ mask: UInt64, _ todo: inout [BlockRef]) {
    let both = block.pointee.unsafeLocals | mask
    if block.pointee.unsafeLocals == both { return }
    block.pointee.unsafeLocals = both
    if !block.pointee.isVisited {
      block.pointee.isVisited = true
      todo.append(block)
    }
  }

  private func scan(_ block: BlockRef, _ todo: inout [BlockRef]) {
    var mask = block.pointee.unsafeLocals
    for index in 0..<block.pointee.count {
      let instruction = block.pointee.instructions + index
      if let handler = instruction.pointee.handler { push(handler, mask, &todo) }
      let arg = instruction.pointee.arg
      if arg >= 64 { continue }
      let bit: UInt64 = 1 << UInt64(arg)
      switch instruction.pointee.op {
      case Opcode.deleteFast, Opcode.loadFastAndClear, Opcode.storeFastMaybeNull: mask |= bit
      case Opcode.storeFast, Opcode.loadFastCheck: mask &= ~bit
      case Opcode.loadFast:
        if mask & bit != 0 { instruction.pointee.op = Opcode.loadFastCheck }
        mask &= ~bit
      default: break
      }
    }
    if let next = block.pointee.next, block.fallsThrough { push(next, mask, &todo) }
    if let last = block.last, Opcode.isJump(last.pointee.op), let target = last.pointee.target {
      push(target, mask, &todo)
    }
  }

  private func checkManyLocals(_ count: Int) {
    var states = [Int](repeating: 0, count: count - 64)
    var number = 0
    forEachBlock { block in
      number += 1
      for index in 0..<block.pointee.count {
        let instruction = block.pointee.instructions + index
        let local = Int(instruction.pointee.arg) - 64
        if local < 0 { continue }
        switch instruction.pointee.op {
        case Opcode.deleteFast, Opcode.loadFastAndClear, Opcode.storeFastMaybeNull: states[local] = number - 1
        case Opcode.storeFast: states[local] = number
        case Opcode.loadFast:
          if states[local] != number { instruction.pointee.op = Opcode.loadFastCheck }
          states[local] = number
        default: break
        }
      }
    }
  }
}
