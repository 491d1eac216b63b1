/// Exception handlers: which one is active at each instruction.
extension FlowGraph {
  func markHandlers() {
    forEachInstruction { instruction in
      if Opcode.isBlockPush(instruction.pointee.op) { instruction.pointee.target?.pointee.isHandler = true }
    }
  }

  private func makeStack(copying other: UnsafeMutablePointer<HandlerStack>? = nil)
    -> UnsafeMutablePointer<HandlerStack>
  {
    let stack = scratch.allocate(HandlerStack.self, 1)
    let handlers = scratch.allocate(BlockRef?.self, HandlerStack.capacity)
    if let other {
      handlers.initialize(from: other.pointee.handlers, count: other.pointee.depth + 1)
      stack.initialize(to: HandlerStack(depth: other.pointee.depth, handlers: handlers))
    } else {
      handlers.initialize(to: nil)
      stack.initialize(to: HandlerStack(depth: 0, handlers: handlers))
    }
    return stack
  }

  /// Follows the flow with a stack of handlers; the instructions that set up and remove handlers are done with then.
  func traceHandlers() {
    clearVisited()
    var todo: [BlockRef] = [entry]
    entry.pointee.isVisited = true
    entry.pointee.handlers = makeStack()
    while let block = todo.popLast() {
      var stack = block.pointee.handlers
      block.pointee.handlers = nil
      guard let current = stack else { continue }
      var handler = current.pointee.handlers[current.pointee.depth]
      var lastYieldDepth = -1
      for index in 0..<block.pointee.count {
        let instruction = block.pointee.instructions + index
        let op = instruction.pointee.op
        if Opcode.isBlockPush(op) {
          guard let target = instruction.pointee.target else { continue }
          if !target.pointee.isVisited {
            target.pointee.handlers = makeStack(copying: current)
            target.pointee.isVisited = true
            todo.append(target)
          }
          if op != Opcode.setupFinally { target.pointee.preservesLasti = true }
          if current.pointee.depth + 1 < HandlerStack.capacity { current.pointee.depth += 1 }
          current.pointee.handlers[current.pointee.depth] = target
          handler = target
        } else if op == Opcode.popBlock {
          if current.pointee.depth > 0 { current.pointee.depth -= 1 }
          handler = current.pointee.handlers[current.pointee.depth]
          instruction.pointee.set(Opcode.nop)
        } else if Opcode.isJump(op) {
          instruction.pointee.handler = handler
          guard let target = instruction.pointee.target, !target.pointee.isVisited else { continue }
          if block.fallsThrough {
            target.pointee.handlers = makeStack(copying: current)
          } else {
            target.pointee.handlers = current
            stack = nil
          }
          target.pointee.isVisited = true
          todo.append(target)
        } else {
          instruction.pointee.handler = handler
          if op == Opcode.yieldValue {
            lastYieldDepth = current.pointee.depth
          } else if op == Opcode.resume, instruction.pointee.arg != 0 {
            // Tells whether only the generator's own handler is active.
            if lastYieldDepth == 1 { instruction.pointee.arg |= 4 }
            lastYieldDepth = -1
          }
        }
      }
      if block.fallsThrough, let next = block.pointee.next, !next.pointee.isVisited {
        next.pointee.handlers = stack
        next.pointee.isVisited = true
        todo.append(next)
      }
    }
  }
}
