/// Owns the memory of a syntax tree.
///
/// Nodes are plain structs in chunks that are freed together, and refer to each other by pointer. So building and
/// walking a tree costs no reference counting, and dropping a very deep tree cannot overflow the native stack, as the
/// deinitializers of a tree of objects would. The price: a node must not be used after its arena is gone.
public final class ASTArena {
  private var chunks: [UnsafeMutableRawPointer] = []
  private var next: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer
  private var chunkSize = 1 << 14

  /// The identifiers and other strings that nodes refer to by number.
  public let names: NameTable

  public init(names: NameTable = NameTable()) {
    self.names = names
    let first = UnsafeMutableRawPointer.allocate(byteCount: chunkSize, alignment: 16)
    chunks.append(first)
    next = first
    end = first + chunkSize
  }

  deinit {
    for chunk in chunks { chunk.deallocate() }
  }

  /// Uninitialized memory that lives as long as the arena, aligned for any node.
  @inline(__always)
  public func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let size = (byteCount &+ 7) & ~7
    let result = next
    if size <= end - result {
      next = result + size
      return result
    }
    return allocateSlowly(size)
  }

  @inline(never)
  private func allocateSlowly(_ size: Int) -> UnsafeMutableRawPointer {
    if chunkSize < 1 << 20 { chunkSize *= 2 }
    if size > chunkSize / 4 {
      // Big blocks get a chunk of their own, so that they do not end the current one early.
      let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
      chunks.append(block)
      return block
    }
    let chunk = UnsafeMutableRawPointer.allocate(byteCount: chunkSize, alignment: 16)
    chunks.append(chunk)
    next = chunk + size
    end = chunk + chunkSize
    return chunk
  }

  @inline(__always)
  func place<T: BitwiseCopyable>(_ value: T) -> UnsafeMutablePointer<T> {
    let pointer = allocate(byteCount: MemoryLayout<T>.size).bindMemory(to: T.self, capacity: 1)
    pointer.initialize(to: value)
    return pointer
  }

  // MARK: Building nodes

  @inline(__always)
  public func expr(_ kind: ExprKind, _ range: SourceRange) -> Expr {
    Expr(node: place(ExprNode(kind: kind, range: range)))
  }

  public func stmt(_ kind: StmtKind, _ range: SourceRange) -> Stmt {
    Stmt(node: place(StmtNode(kind: kind, range: range)))
  }

  public func pattern(_ kind: PatternKind, _ range: SourceRange) -> Pattern {
    Pattern(node: place(PatternNode(kind: kind, range: range)))
  }

  public func arguments(_ value: ArgumentsNode) -> Arguments {
    Arguments(node: place(value))
  }

  /// A list with a copy of `elements`.
  public func list<T: BitwiseCopyable>(_ elements: some Collection<T>) -> ASTList<T> {
    let count = elements.count
    if count == 0 { return ASTList() }
    let raw = allocate(byteCount: ASTList<T>.offset + count * MemoryLayout<T>.stride)
    raw.storeBytes(of: count, as: Int.self)
    let base = (raw + ASTList<T>.offset).bindMemory(to: T.self, capacity: count)
    var slot = base
    for element in elements {
      slot.initialize(to: element)
      slot += 1
    }
    return ASTList(raw: raw)
  }

  /// A copy of `bytes` in the arena.
  public func text(_ bytes: some Collection<UInt8>) -> Text {
    let count = bytes.count
    if count == 0 { return Text() }
    let base = allocate(byteCount: count).bindMemory(to: UInt8.self, capacity: count)
    var slot = base
    for byte in bytes {
      slot.initialize(to: byte)
      slot += 1
    }
    return Text(base: UnsafePointer(base), count: count)
  }

  public func text(_ bytes: UnsafeBufferPointer<UInt8>) -> Text {
    guard bytes.count > 0, let source = bytes.baseAddress else { return Text() }
    let base = allocate(byteCount: bytes.count).bindMemory(to: UInt8.self, capacity: bytes.count)
    base.initialize(from: source, count: bytes.count)
    return Text(base: UnsafePointer(base), count: bytes.count)
  }
}

/// A fixed list of nodes in an arena; one word, so that nodes stay small.
public struct ASTList<Element: BitwiseCopyable>: RandomAccessCollection, BitwiseCopyable {
  // The count, then the elements.
  let raw: UnsafeMutableRawPointer?

  static var offset: Int { 8 }

  public init() { raw = nil }
  init(raw: UnsafeMutableRawPointer) { self.raw = raw }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }
  public var count: Int {
    guard let raw else { return 0 }
    return raw.load(as: Int.self)
  }
  public subscript(index: Int) -> Element {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      return base[index]
    }
    nonmutating set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      base[index] = newValue
    }
  }
  private var base: UnsafeMutablePointer<Element> {
    (raw.unsafelyUnwrapped + Self.offset).assumingMemoryBound(to: Element.self)
  }
}

/// Bytes in an arena: the value of a string literal as WTF-8 (UTF-8 in which surrogates may stand), of a bytes
/// literal, or a type comment.
public struct Text: BitwiseCopyable {
  public let base: UnsafePointer<UInt8>?
  public let count: Int

  public init() {
    base = nil
    count = 0
  }
  public init(base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
  }

  public var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }
  public var array: [UInt8] { Array(buffer) }
  public var isEmpty: Bool { count == 0 }

  public static func == (left: Text, right: Text) -> Bool {
    left.count == right.count && (left.base == right.base || left.buffer.elementsEqual(right.buffer))
  }
}

extension Text: Equatable {}
