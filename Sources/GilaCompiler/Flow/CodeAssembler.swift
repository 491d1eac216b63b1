import GilaSyntax

/// Writes the bytes of a code object: instructions, line table (PEP 626), exception table.
struct CodeAssembler {
  private struct Item {
    var op: UInt16
    var arg: Int
    var range: SourceRange
    /// Index of the item that a jump goes to.
    var target = -1
    /// Index of the first item of the handler, or -1.
    var handler = -1
    var handlerDepth = 0
    var preservesLasti = false
    var offset = 0

    var size: Int {
      1 + (arg > 0xFF ? 1 : 0) + (arg > 0xFFFF ? 1 : 0) + (arg > 0xFF_FFFF ? 1 : 0) + Opcode.cacheCount(op)
    }
  }

  private var items: [Item] = []
  private let firstLine: Int32
  private(set) var code: [UInt8] = []
  private(set) var lineTable: [UInt8] = []
  private(set) var exceptionTable: [UInt8] = []

  init(_ graph: FlowGraph, firstLine: Int32) {
    self.firstLine = firstLine
    var count = 0
    // The label of a block is now the index of its first instruction.
    graph.forEachBlock { block in
      block.pointee.label = Int32(count)
      count += block.pointee.count
    }
    items.reserveCapacity(count)
    var collected = items
    graph.forEachInstruction { instruction in
      let source = instruction.pointee
      var item = Item(op: source.op, arg: Int(source.arg), range: source.range)
      if Opcode.hasTarget(source.op), let target = source.target { item.target = Int(target.pointee.label) }
      if let handler = source.handler {
        item.handler = Int(handler.pointee.label)
        item.handlerDepth = Int(handler.pointee.startDepth)
        item.preservesLasti = handler.pointee.preservesLasti
      }
      collected.append(item)
    }
    items = collected
  }

  mutating func run() {
    resolveJumps()
    writeCode()
    writeLines()
    writeExceptions()
  }

  private mutating func resolveJumps() {
    for index in items.indices where items[index].target >= 0 {
      let isForward = items[index].target > index
      if items[index].op == Opcode.jump {
        items[index].op = isForward ? Opcode.jumpForward : Opcode.jumpBackward
      } else if items[index].op == Opcode.jumpNoInterrupt {
        items[index].op = isForward ? Opcode.jumpForward : Opcode.jumpBackwardNoInterrupt
      }
      items[index].arg = items[index].target
    }
    // A longer argument moves what follows, so this goes on until nothing changes.
    var isStable = false
    while !isStable {
      isStable = true
      var total = 0
      for index in items.indices {
        items[index].offset = total
        total += items[index].size
      }
      for index in items.indices where items[index].target >= 0 {
        let size = items[index].size
        let end = items[index].offset + size
        let target = items[items[index].target].offset
        items[index].arg = target < end ? end - target : target - end
        if items[index].size != size { isStable = false }
      }
    }
  }

  private mutating func writeCode() {
    code.reserveCapacity(items.reduce(0) { $0 + $1.size } * 2)
    for item in items {
      for shift in [24, 16, 8] where item.arg >> shift > 0 {
        code.append(UInt8(Opcode.extendedArg))
        code.append(UInt8(truncatingIfNeeded: item.arg >> shift))
      }
      code.append(UInt8(truncatingIfNeeded: item.op))
      code.append(UInt8(truncatingIfNeeded: item.arg))
      for _ in 0..<Opcode.cacheCount(item.op) * 2 { code.append(0) }
    }
  }

  // MARK: Lines

  private mutating func writeLines() {
    var line = firstLine
    var range = SourceRange.none
    var size = 0
    for item in items {
      if item.range != range {
        writeLocation(range, size, &line)
        range = item.range
        size = 0
      }
      size += item.size
    }
    writeLocation(range, size, &line)
  }

  private mutating func writeLocation(_ range: SourceRange, _ size: Int, _ line: inout Int32) {
    var left = size
    while left > 8 {
      writeEntry(range, 8, &line)
      left -= 8
    }
    if left > 0 { writeEntry(range, left, &line) }
  }

  private mutating func start(_ code: Int, _ size: Int) { lineTable.append(UInt8(0x80 | code << 3 | (size - 1))) }

  private mutating func writeVarint(_ value: UInt32) {
    var rest = value
    while rest >= 64 {
      lineTable.append(UInt8(0x40 | rest & 0x3F))
      rest >>= 6
    }
    lineTable.append(UInt8(rest))
  }

  private mutating func writeSigned(_ value: Int32) {
    writeVarint(value < 0 ? UInt32(bitPattern: 0 &- value) << 1 | 1 : UInt32(value) << 1)
  }

  private mutating func writeEntry(_ range: SourceRange, _ size: Int, _ line: inout Int32) {
    if range.line < 0 {
      start(15, size)
      return
    }
    let delta = range.line &- line
    let column = range.column
    let endColumn = range.endColumn
    if column < 0 || endColumn < 0 {
      if range.endLine == range.line || range.endLine == -1 {
        start(13, size)
        writeSigned(delta)
        line = range.line
        return
      }
    } else if range.endLine == range.line {
      if delta == 0, column < 80, endColumn &- column < 16, endColumn >= column {
        start(Int(column >> 3), size)
        lineTable.append(UInt8((column & 7) << 4 | (endColumn - column)))
        return
      }
      if delta >= 0, delta < 3, column < 128, endColumn < 128 {
        start(10 + Int(delta), size)
        lineTable.append(UInt8(column))
        lineTable.append(UInt8(endColumn))
        line = range.line
        return
      }
    }
    start(14, size)
    writeSigned(delta)
    writeVarint(UInt32(bitPattern: range.endLine &- range.line))
    writeVarint(UInt32(bitPattern: column &+ 1))
    writeVarint(UInt32(bitPattern: endColumn &+ 1))
    line = range.line
  }

  // MARK: Exceptions

  private mutating func writeExceptions() {
    var start = 0
    var offset = 0
    var current = -1
    var source: Item?
    for item in items {
      if item.handler != current {
        if let source, current >= 0 { writeHandler(source, start, offset) }
        start = offset
        current = item.handler
        source = item
      }
      offset += item.size
    }
    if let source, current >= 0 { writeHandler(source, start, offset) }
  }

  private mutating func writeHandler(_ item: Item, _ start: Int, _ end: Int) {
    var depth = item.handlerDepth - 1
    if item.preservesLasti { depth -= 1 }
    let target = item.handler < items.count ? items[item.handler].offset : end
    writeNumber(start, first: 0x80)
    writeNumber(end - start, first: 0)
    writeNumber(target, first: 0)
    writeNumber(max(depth, 0) << 1 | (item.preservesLasti ? 1 : 0), first: 0)
  }

  /// Six bits a byte, the highest first; bit 6 says that more follow, bit 7 marks the start of an entry.
  private mutating func writeNumber(_ value: Int, first: UInt8) {
    var mark = first
    for shift in [24, 18, 12, 6] where value >= 1 << shift {
      exceptionTable.append(UInt8(value >> shift & 0x3F) | 0x40 | mark)
      mark = 0
    }
    exceptionTable.append(UInt8(value & 0x3F) | mark)
  }
}
