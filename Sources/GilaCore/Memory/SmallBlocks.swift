import CGila
import Glibc

/// Blocks of up to 512 bytes in classes of 16 bytes, cut from 16 KiB pools in one reserved address range, so that a
/// block's pool is found from its address. Larger blocks come from libc. The caller holds the lock of its interpreter,
/// whose heap this is. A pool whose blocks are all free serves any class again.
public enum SmallBlocks {
  @usableFromInline static let poolSize: Int = 1 << 14
  @usableFromInline static let poolHead: Int = 64
  @usableFromInline static let limit: Int = 512
  @usableFromInline typealias PoolRef = UnsafeMutablePointer<gila_pool>

  /// Reserves the address range. Once, before the first interpreter.
  public static func reserve() {
    if gila_get_pools_end() != 0 { return }
    var size = 1 << 38
    while size >= 1 << 28 {
      let p = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      if let p, p != MAP_FAILED {
        let start = (UInt(bitPattern: p) + UInt(poolSize) - 1) & ~UInt(poolSize - 1)
        gila_set_pools(start, UInt(bitPattern: p) + UInt(size))
        return
      }
      size >>= 1
    }
  }

  /// A block of at least `size` bytes, 16-byte aligned, or nil when memory is exhausted.
  @inlinable @inline(__always) public static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    if UInt(bitPattern: size) <= UInt(limit) {
      let usable = heap.assumingMemoryBound(to: PoolRef?.self)
      let sizeClass = size == 0 ? 1 : (size &+ 15) &>> 4
      if let pool = usable[sizeClass], let block = pool.pointee.free {
        pool.pointee.free = block.load(as: UnsafeMutableRawPointer?.self)
        pool.pointee.used &+= 1
        return block
      }
      return refill(size)
    }
    return large(size)
  }
  /// Gives a block of `allocate` back.
  @inlinable @inline(__always) public static func free(_ block: UnsafeMutableRawPointer) {
    let address = UInt(bitPattern: block)
    if address >= gila_get_pools_start() && address < gila_get_pools_end() {
      let pool = PoolRef(bitPattern: address & ~UInt(poolSize &- 1)).unsafelyUnwrapped
      block.storeBytes(of: pool.pointee.free, as: UnsafeMutableRawPointer?.self)
      pool.pointee.free = block
      pool.pointee.used &-= 1
      if pool.pointee.linked == 0 || pool.pointee.used == 0 { settle(pool) }
    } else {
      freeLarge(block)
    }
  }
  /// How many blocks are given out. Looks at every pool.
  public static var inUse: Int {
    var count = 0
    var at = gila_get_pools_start()
    let end = min(gila_get_pools_fresh(), gila_get_pools_end())
    while at < end {
      count += Int(PoolRef(bitPattern: at).unsafelyUnwrapped.pointee.used)
      at += UInt(poolSize)
    }
    return count
  }
  /// The number of bytes a block really has, 0 for blocks of libc.
  public static func capacity(of block: UnsafeMutableRawPointer) -> Int {
    let address = UInt(bitPattern: block)
    guard address >= gila_get_pools_start() && address < gila_get_pools_end() else { return 0 }
    return PoolRef(bitPattern: address & ~UInt(poolSize - 1)).unsafelyUnwrapped.pointee.block_size
  }
  /// Like C's realloc.
  public static func reallocate(_ block: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer? {
    let old = capacity(of: block)
    if old == 0 {
      // From libc: stays there.
      if gila_memory_is_traced() == 0 { return realloc(block, size == 0 ? 1 : size) }
      return MemoryTracing.reallocate(block, size)
    }
    if size <= old && size > old - 16 || (size <= old && old <= 64) {
      if gila_memory_is_traced() != 0 { _ = gila_trace_block(block, size) }
      return block
    }
    guard let new = allocate(size) else { return nil }
    memcpy(new, block, min(old, size))
    free(block)
    return new
  }

  @inlinable @inline(__always) static var heap: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(gila_ts().gila.pointee.heap.unsafelyUnwrapped)
  }

  /// Blocks of libc.
  @inline(never) @usableFromInline static func large(_ size: Int) -> UnsafeMutableRawPointer? {
    if size < 0 { return nil }
    if gila_memory_is_traced() != 0 { return MemoryTracing.allocate(size) }
    return malloc(size)
  }
  @inline(never) @usableFromInline static func freeLarge(_ block: UnsafeMutableRawPointer) {
    if gila_memory_is_traced() != 0 { gila_trace_forget(block) }
    Glibc.free(block)
  }

  /// No pool of the class is at hand: carve more of one, or take another. Also every allocation that is traced.
  @inline(never) @usableFromInline static func refill(_ size: Int) -> UnsafeMutableRawPointer? {
    let h = heap.assumingMemoryBound(to: gila_heap.self)
    let block = carve(h, size == 0 ? 1 : (size + 15) >> 4)
    if h.pointee.traced != 0, let block, gila_trace_block(block, size) < 0 {
      free(block)
      return nil
    }
    return block
  }
  private static func carve(_ h: Heap, _ sizeClass: Int) -> UnsafeMutableRawPointer? {
    let list = lists(h)
    while let pool = list[sizeClass] {
      if let block = pool.pointee.free {
        pool.pointee.free = block.load(as: UnsafeMutableRawPointer?.self)
        pool.pointee.used &+= 1
        return block
      }
      let size = pool.pointee.block_size
      if pool.pointee.untouched + size <= poolSize {
        // A few blocks at a time, so that a pool that is hardly used touches few pages.
        let first = UnsafeMutableRawPointer(pool) + pool.pointee.untouched
        var count = max(1, 1024 / size)
        pool.pointee.untouched += size
        var previous: UnsafeMutableRawPointer? = nil
        var last: UnsafeMutableRawPointer? = nil
        count -= 1
        while count > 0 && pool.pointee.untouched + size <= poolSize {
          let block = UnsafeMutableRawPointer(pool) + pool.pointee.untouched
          pool.pointee.untouched += size
          if let last { last.storeBytes(of: block, as: UnsafeMutableRawPointer?.self) } else { previous = block }
          last = block
          count -= 1
        }
        last?.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
        pool.pointee.free = previous
        pool.pointee.used &+= 1
        return first
      }
      unlink(h, pool)
    }
    guard let pool = newPool(h, sizeClass) else { return malloc(sizeClass * 16) }
    link(h, pool)
    return carve(h, sizeClass)
  }
  /// After a free: a full pool becomes usable again, an empty one goes back to the common stock. While allocations are
  /// traced, after every free: the block is the first of the pool's free ones.
  @inline(never) @usableFromInline static func settle(_ pool: PoolRef) {
    let h = heap.assumingMemoryBound(to: gila_heap.self)
    if h.pointee.traced != 0, let block = pool.pointee.free { gila_trace_forget(block) }
    let isLinked = (h.pointee.traced != 0 ? pool.pointee.parked : pool.pointee.linked) != 0
    if pool.pointee.used == 0 {
      // The last pool of a class stays, or a loop that makes and drops one object would set it up each time.
      if isLinked {
        if lists(h)[Int(pool.pointee.size_class)] == pool && pool.pointee.next == nil { return }
        unlink(h, pool)
      }
      pool.pointee.next = h.pointee.empty
      h.pointee.empty = pool
    } else if !isLinked {
      link(h, pool)
    }
  }

  // MARK: Lists of pools

  typealias Heap = UnsafeMutablePointer<gila_heap>
  /// The pools with room, a list for each class.
  private static func lists(_ h: Heap) -> UnsafeMutablePointer<PoolRef?> {
    let offset =
      h.pointee.traced != 0
      ? MemoryLayout<gila_heap>.offset(of: \.parked).unsafelyUnwrapped
      : MemoryLayout<gila_heap>.offset(of: \.usable).unsafelyUnwrapped
    return (UnsafeMutableRawPointer(h) + offset).assumingMemoryBound(to: PoolRef?.self)
  }
  private static func newPool(_ h: Heap, _ sizeClass: Int) -> PoolRef? {
    let pool: PoolRef
    if let empty = h.pointee.empty {
      h.pointee.empty = empty.pointee.next
      pool = empty
    } else {
      guard let fresh = PoolRef(bitPattern: gila_take_pool(poolSize)) else { return nil }
      pool = fresh
    }
    pool.initialize(to: gila_pool())
    pool.pointee.size_class = Int32(sizeClass)
    pool.pointee.block_size = sizeClass * 16
    pool.pointee.untouched = poolHead
    return pool
  }
  private static func link(_ h: Heap, _ pool: PoolRef) {
    let first = lists(h) + Int(pool.pointee.size_class)
    pool.pointee.previous = nil
    pool.pointee.next = first.pointee
    first.pointee?.pointee.previous = pool
    first.pointee = pool
    mark(h, pool, 1)
  }
  private static func unlink(_ h: Heap, _ pool: PoolRef) {
    if let previous = pool.pointee.previous {
      previous.pointee.next = pool.pointee.next
    } else {
      lists(h)[Int(pool.pointee.size_class)] = pool.pointee.next
    }
    pool.pointee.next?.pointee.previous = pool.pointee.previous
    mark(h, pool, 0)
    pool.pointee.next = nil
    pool.pointee.previous = nil
  }
  private static func mark(_ h: Heap, _ pool: PoolRef, _ value: UInt8) {
    if h.pointee.traced != 0 { pool.pointee.parked = value } else { pool.pointee.linked = value }
  }

  /// Turns tracing of the current interpreter's allocations on or off. No call then finds a pool the quick way: that
  /// is what makes tracing free of cost while it is off.
  public static func setTraced(_ on: Bool) {
    let h = heap.assumingMemoryBound(to: gila_heap.self)
    if (h.pointee.traced != 0) == on { return }
    let old = lists(h)
    h.pointee.traced = on ? 1 : 0
    let new = lists(h)
    for sizeClass in 0..<Int(GILA_SMALL_CLASSES) {
      new[sizeClass] = old[sizeClass]
      old[sizeClass] = nil
      var at = new[sizeClass]
      while let pool = at {
        pool.pointee.linked = on ? 0 : 1
        pool.pointee.parked = on ? 1 : 0
        at = pool.pointee.next
      }
    }
    gila_set_memory_traced(on ? 1 : 0)
  }
}
