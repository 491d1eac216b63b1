import GilaSyntax

/// Memory for one control flow graph, reused for the next.
final class Scratch {
  private var chunks: [UnsafeMutableRawPointer] = []
  private var current = 0
  private var used = 0
  private static let chunkSize = 1 << 18
  private var large: [UnsafeMutableRawPointer] = []

  deinit {
    for chunk in chunks { chunk.deallocate() }
    for block in large { block.deallocate() }
  }

  func allocate<T: BitwiseCopyable>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
    let size = (count * MemoryLayout<T>.stride + 15) & ~15
    if size > Self.chunkSize / 2 {
      let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
      large.append(block)
      return block.bindMemory(to: T.self, capacity: count)
    }
    if chunks.isEmpty || used + size > Self.chunkSize {
      if !chunks.isEmpty { current += 1 }
      if current == chunks.count { chunks.append(.allocate(byteCount: Self.chunkSize, alignment: 16)) }
      used = 0
    }
    let place = chunks[current] + used
    used += size
    return place.bindMemory(to: T.self, capacity: count)
  }

  func reset() {
    current = 0
    used = 0
    for block in large { block.deallocate() }
    large.removeAll()
  }
}

typealias BlockRef = UnsafeMutablePointer<Block>

/// An instruction in a control flow graph.
struct FlowInstruction: BitwiseCopyable {
  var op: UInt16
  var arg: Int32
  var range: SourceRange
  /// Where a jump goes, or the handler that the instruction sets up.
  var target: BlockRef?
  /// The handler for exceptions that the instruction raises.
  var handler: BlockRef?

  @inline(__always)
  mutating func set(_ newOp: UInt16, _ newArg: Int32 = 0) {
    op = newOp
    arg = newArg
  }
}

/// A basic block: instructions that run one after the other, a jump only at the end.
struct Block: BitwiseCopyable {
  var instructions: UnsafeMutablePointer<FlowInstruction>
  var count: Int = 0
  var capacity: Int
  var next: BlockRef?
  /// A label makes the block a possible jump target; -1 is none.
  var label: Int32 = -1
  var predecessors: Int32 = 0
  var startDepth: Int32 = 0
  /// The exception handlers at the block's start, while these are traced.
  var handlers: UnsafeMutablePointer<HandlerStack>?
  /// Bit i is set if local i may have no value.
  var unsafeLocals: UInt64 = 0
  var preservesLasti = false
  var isVisited = false
  var isHandler = false
  var isCold = false
  var isWarm = false
}

/// Active handlers, innermost last; the first stands for none.
struct HandlerStack: BitwiseCopyable {
  var depth = 0
  var handlers: UnsafeMutablePointer<BlockRef?>
  static let capacity = Unit.maximumFrameBlocks + 4
}

extension UnsafeMutablePointer where Pointee == Block {
  @inline(__always)
  var last: UnsafeMutablePointer<FlowInstruction>? {
    pointee.count > 0 ? pointee.instructions + (pointee.count - 1) : nil
  }

  /// Whether control can go on to the next block.
  @inline(__always)
  var fallsThrough: Bool {
    guard let last else { return true }
    return !(Opcode.exitsScope(last.pointee.op) || Opcode.isUnconditionalJump(last.pointee.op))
  }

  var exitsScope: Bool {
    guard let last else { return false }
    return Opcode.exitsScope(last.pointee.op)
  }

  var hasNoLine: Bool {
    for index in 0..<pointee.count where pointee.instructions[index].range.line >= 0 { return false }
    return true
  }

  var checksEvalBreaker: Bool {
    for index in 0..<pointee.count where Opcode.checksEvalBreaker(pointee.instructions[index].op) { return true }
    return false
  }

  /// This block or the first one after it that has instructions.
  var nonEmpty: BlockRef? {
    var block: BlockRef? = self
    while let found = block, found.pointee.count == 0 { block = found.pointee.next }
    return block
  }

  func append(_ instruction: FlowInstruction, _ scratch: Scratch) {
    if pointee.count == pointee.capacity {
      let capacity = Swift.max(8, pointee.capacity * 2)
      let larger = scratch.allocate(FlowInstruction.self, capacity)
      larger.update(from: pointee.instructions, count: pointee.count)
      pointee.instructions = larger
      pointee.capacity = capacity
    }
    (pointee.instructions + pointee.count).initialize(to: instruction)
    pointee.count += 1
  }

  func insert(_ instruction: FlowInstruction, at index: Int, _ scratch: Scratch) {
    append(instruction, scratch)
    var place = pointee.count - 1
    while place > index {
      pointee.instructions[place] = pointee.instructions[place &- 1]
      place -= 1
    }
    pointee.instructions[index] = instruction
  }
}
