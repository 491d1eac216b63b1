import GilaSyntax

/// Improvements that look at a few neighbouring instructions.
extension FlowGraph {
  // MARK: Constants

  private mutating func constIndex(_ id: UInt32) -> Int32 {
    if let index = consts.firstIndex(of: id) { return Int32(index) }
    consts.append(id)
    return Int32(consts.count - 1)
  }

  mutating func optimizeConstants() {
    var block: BlockRef? = entry
    while let current = block {
      optimizeConstants(current)
      block = current.pointee.next
    }
  }

  private mutating func optimizeConstants(_ block: BlockRef) {
    let code = block.pointee.instructions
    let count = block.pointee.count
    var op: UInt16 = 0
    var arg: Int32 = 0
    var index = 0
    while index < count {
      defer { index += 1 }
      let isCopy = op == Opcode.loadConst && code[index].op == Opcode.copy && code[index].arg == 1
      if !isCopy {
        op = code[index].op
        arg = code[index].arg
      }
      if op != Opcode.loadConst || index + 1 >= count { continue }
      switch code[index + 1].op {
      case Opcode.popJumpIfFalse, Opcode.popJumpIfTrue:
        let jumps = pool.isTrue(consts[Int(arg)]) == (code[index + 1].op == Opcode.popJumpIfTrue)
        code[index].set(Opcode.nop)
        if jumps { code[index + 1].op = Opcode.jump } else { code[index + 1].set(Opcode.nop) }
      case Opcode.isOp:
        if consts[Int(arg)] == ConstantPool.none { foldIsNone(code, index, count) }
      case Opcode.returnValue:
        code[index].set(Opcode.nop)
        index += 1
        code[index].set(Opcode.returnConst, arg)
      case Opcode.toBool:
        let value = pool.isTrue(consts[Int(arg)]) ? ConstantPool.true : ConstantPool.false
        code[index].set(Opcode.nop)
        code[index + 1].set(Opcode.loadConst, constIndex(value))
      default: break
      }
    }
  }

  /// `x is None` with a jump has an instruction of its own.
  private func foldIsNone(_ code: UnsafeMutablePointer<FlowInstruction>, _ index: Int, _ count: Int) {
    if count <= index + 2 { return }
    var jump = code + (index + 2)
    if jump.pointee.op == Opcode.toBool {
      jump.pointee.set(Opcode.nop)
      if count <= index + 3 { return }
      jump = code + (index + 3)
    }
    var invert = code[index + 1].arg != 0
    if jump.pointee.op == Opcode.popJumpIfFalse {
      invert.toggle()
    } else if jump.pointee.op != Opcode.popJumpIfTrue {
      return
    }
    code[index].set(Opcode.nop)
    code[index + 1].set(Opcode.nop)
    jump.pointee.op = invert ? Opcode.popJumpIfNotNone : Opcode.popJumpIfNone
  }

  private mutating func foldTuple(_ first: UnsafeMutablePointer<FlowInstruction>, _ count: Int) {
    for index in 0..<count where !Opcode.usesConstant(first[index].op) { return }
    let elements = (0..<count).map { consts[Int(first[$0].arg)] }
    let index = constIndex(pool.add(tuple: elements))
    for position in 0..<count { first[position].set(Opcode.nop) }
    first[count].set(Opcode.loadConst, index)
  }

  // MARK: One block

  /// If a jump goes to another jump, jumps to where that one goes.
  private func threadJump(
    _ block: BlockRef, _ jump: UnsafeMutablePointer<FlowInstruction>, _ target: FlowInstruction, _ op: UInt16
  ) -> Bool {
    if jump.pointee.target == target.target { return false }
    jump.pointee.set(Opcode.nop)
    block.append(
      FlowInstruction(op: op, arg: target.target?.pointee.label ?? 0, range: target.range, target: target.target),
      scratch)
    return true
  }

  mutating func optimizeBlock(_ block: BlockRef) {
    var index = 0
    while index < block.pointee.count {
      // Threading a jump may move the instructions, so they are looked up every time.
      let code = block.pointee.instructions + index
      let hasNext = index + 1 < block.pointee.count
      let nextOp = hasNext ? code[1].op : 0
      let op = code.pointee.op
      let arg = code.pointee.arg
      switch op {
      case Opcode.buildTuple:
        if hasNext, nextOp == Opcode.unpackSequence, arg == code[1].arg, arg >= 1, arg <= 3 {
          code.pointee.set(Opcode.nop)
          if arg == 1 { code[1].set(Opcode.nop) } else { code[1].op = Opcode.swap }
        } else if index >= Int(arg) {
          foldTuple(block.pointee.instructions + (index - Int(arg)), Int(arg))
        }
      case Opcode.popJumpIfNone, Opcode.popJumpIfNotNone, Opcode.popJumpIfFalse, Opcode.popJumpIfTrue:
        if let target = code.pointee.target, target.pointee.count > 0,
          target.pointee.instructions[0].op == Opcode.jump,
          threadJump(block, code, target.pointee.instructions[0], op)
        {
          index -= 1
        }
      case Opcode.jump, Opcode.jumpNoInterrupt:
        guard let target = code.pointee.target, target.pointee.count > 0 else { break }
        let first = target.pointee.instructions[0]
        if first.op == Opcode.jump {
          if threadJump(block, code, first, Opcode.jump) { index -= 1 }
        } else if first.op == Opcode.jumpNoInterrupt {
          if threadJump(block, code, first, op) { index -= 1 }
        }
      case Opcode.storeFast:
        if hasNext, nextOp == op, arg == code[1].arg, code.pointee.range.line == code[1].range.line {
          code.pointee.set(Opcode.popTop)
        }
      case Opcode.swap:
        if arg == 1 { code.pointee.set(Opcode.nop) }
      case Opcode.loadGlobal:
        if nextOp == Opcode.pushNull, arg & 1 == 0 {
          code.pointee.arg = arg | 1
          code[1].set(Opcode.nop)
        }
      case Opcode.compareOp:
        if nextOp == Opcode.toBool {
          code.pointee.set(Opcode.nop)
          code[1].set(op, arg | 16)
        }
      case Opcode.containsOp, Opcode.isOp:
        if nextOp == Opcode.toBool {
          code.pointee.set(Opcode.nop)
          code[1].set(op, arg)
        }
      case Opcode.toBool:
        if nextOp == Opcode.toBool { code.pointee.set(Opcode.nop) }
      case Opcode.unaryNot:
        if nextOp == Opcode.toBool {
          code.pointee.set(Opcode.nop)
          code[1].set(Opcode.unaryNot)
        } else if nextOp == Opcode.unaryNot {
          code.pointee.set(Opcode.nop)
          code[1].set(Opcode.nop)
        }
      default: break
      }
      index += 1
    }
    index = 0
    while index < block.pointee.count {
      if block.pointee.instructions[index].op == Opcode.swap {
        shortenSwaps(block, &index)
        applySwaps(block, index)
      }
      index += 1
    }
  }

  // MARK: Swaps

  /// Replaces a run of SWAPs by the shortest one with the same effect.
  private func shortenSwaps(_ block: BlockRef, _ index: inout Int) {
    let code = block.pointee.instructions + index
    var depth = Int(code.pointee.arg)
    var length = 1
    var hasMore = false
    let limit = block.pointee.count - index
    while length < limit {
      let op = code[length].op
      if op == Opcode.swap {
        depth = max(depth, Int(code[length].arg))
        hasMore = true
      } else if op != Opcode.nop {
        break
      }
      length += 1
    }
    if !hasMore { return }
    var stack = Array(0..<depth)
    for position in 0..<length where code[position].op == Opcode.swap {
      stack.swapAt(0, Int(code[position].arg) - 1)
    }
    // Each cycle of the permutation is undone by swaps with the top; written from the end, they make it.
    let visited = -1
    var place = length - 1
    for start in 0..<depth {
      if stack[start] == visited || stack[start] == start { continue }
      var item = start
      while true {
        if item != 0 {
          code[place].set(Opcode.swap, Int32(item + 1))
          place -= 1
        }
        if stack[item] == visited { break }
        let next = stack[item]
        stack[item] = visited
        item = next
      }
    }
    while place >= 0 {
      code[place].set(Opcode.nop)
      place -= 1
    }
    index += length - 1
  }

  @inline(__always)
  private func isSwappable(_ op: UInt16) -> Bool {
    op == Opcode.storeFast || op == Opcode.storeFastMaybeNull || op == Opcode.popTop
  }

  private func storedLocal(_ instruction: FlowInstruction) -> Int32 {
    instruction.op == Opcode.storeFast || instruction.op == Opcode.storeFastMaybeNull ? instruction.arg : -1
  }

  /// The next instruction that may change places; only on the given line, if it is not negative.
  private func nextSwappable(_ block: BlockRef, _ index: Int, _ line: Int32) -> Int? {
    var place = index + 1
    while place < block.pointee.count {
      let instruction = block.pointee.instructions + place
      if line >= 0, instruction.pointee.range.line != line { return nil }
      if instruction.pointee.op == Opcode.nop {
        place += 1
        continue
      }
      return isSwappable(instruction.pointee.op) ? place : nil
    }
    return nil
  }

  /// Instead of swapping values, swaps the instructions that take them.
  private func applySwaps(_ block: BlockRef, _ start: Int) {
    let code = block.pointee.instructions
    var index = start
    while index >= 0 {
      defer { index -= 1 }
      if code[index].op != Opcode.swap {
        if code[index].op == Opcode.nop || isSwappable(code[index].op) { continue }
        return
      }
      guard let first = nextSwappable(block, index, -1) else { return }
      var second = first
      let line = code[first].range.line
      var left = code[index].arg - 1
      while left > 0 {
        guard let next = nextSwappable(block, second, line) else { return }
        second = next
        left -= 1
      }
      let firstLocal = storedLocal(code[first])
      let secondLocal = storedLocal(code[second])
      if firstLocal >= 0 || secondLocal >= 0 {
        if firstLocal == secondLocal { return }
        var between = first + 1
        while between < second {
          let local = storedLocal(code[between])
          if local >= 0, local == firstLocal || local == secondLocal { return }
          between += 1
        }
      }
      code[index].set(Opcode.nop)
      let moved = code[first]
      code[first] = code[second]
      code[second] = moved
    }
  }

  // MARK: Superinstructions

  private func combine(_ first: UnsafeMutablePointer<FlowInstruction>, _ op: UInt16) {
    let second = first + 1
    let line = first.pointee.range.line
    let secondLine = second.pointee.range.line
    if line >= 0, secondLine >= 0, line != secondLine { return }
    if first.pointee.arg >= 16 || second.pointee.arg >= 16 { return }
    first.pointee.set(op, first.pointee.arg << 4 | second.pointee.arg)
    second.pointee.set(Opcode.nop)
  }

  func insertSuperinstructions() {
    forEachBlock { block in
      let count = block.pointee.count
      for index in 0..<max(0, count - 1) {
        let code = block.pointee.instructions + index
        let next = code[1].op
        if code.pointee.op == Opcode.loadFast {
          if next == Opcode.loadFast { combine(code, Opcode.loadFastLoadFast) }
        } else if code.pointee.op == Opcode.storeFast {
          if next == Opcode.loadFast {
            combine(code, Opcode.storeFastLoadFast)
          } else if next == Opcode.storeFast {
            combine(code, Opcode.storeFastStoreFast)
          }
        }
      }
    }
    removeNops()
  }
}
