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
      return refill(sizeClass)
    }
    return malloc(size)
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
      Glibc.free(block)
    }
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
      return realloc(block, size == 0 ? 1 : size)
    }
    if size <= old && size > old - 16 || (size <= old && old <= 64) { return block }
    guard let new = allocate(size) else { return nil }
    memcpy(new, block, min(old, size))
    free(block)
    return new
  }

  @inlinable @inline(__always) static var heap: UnsafeMutableRawPointer {
    let offset = MemoryLayout<PyInterpreterState>.offset(of: \.heap).unsafelyUnwrapped
    return UnsafeMutableRawPointer(gila_ts().pointee.interp.unsafelyUnwrapped) + offset
  }

  /// The first pool of the class is full: carve more of it, or take another.
  @inline(never) @usableFromInline static func refill(_ sizeClass: Int) -> UnsafeMutableRawPointer? {
    let usable = heap.assumingMemoryBound(to: PoolRef?.self)
    while let pool = usable[sizeClass] {
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
      unlink(pool)
    }
    guard let pool = newPool(sizeClass) else { return malloc(sizeClass * 16) }
    link(pool)
    return refill(sizeClass)
  }
  /// After a free: a full pool becomes usable again, an empty one goes back to the common stock.
  @inline(never) @usableFromInline static func settle(_ pool: PoolRef) {
    let h = heap.assumingMemoryBound(to: gila_heap.self)
    if pool.pointee.used == 0 {
      let usable = heap.assumingMemoryBound(to: PoolRef?.self)
      let sizeClass = Int(pool.pointee.size_class)
      // The last pool of a class stays, or a loop that makes and drops one object would set it up each time.
      if pool.pointee.linked != 0 {
        if usable[sizeClass] == pool && pool.pointee.next == nil { return }
        unlink(pool)
      }
      pool.pointee.next = h.pointee.empty
      h.pointee.empty = pool
    } else {
      link(pool)
    }
  }
  private static func newPool(_ sizeClass: Int) -> PoolRef? {
    let h = heap.assumingMemoryBound(to: gila_heap.self)
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
  private static func link(_ pool: PoolRef) {
    let usable = heap.assumingMemoryBound(to: PoolRef?.self)
    let sizeClass = Int(pool.pointee.size_class)
    pool.pointee.previous = nil
    pool.pointee.next = usable[sizeClass]
    usable[sizeClass]?.pointee.previous = pool
    usable[sizeClass] = pool
    pool.pointee.linked = 1
  }
  private static func unlink(_ pool: PoolRef) {
    let usable = heap.assumingMemoryBound(to: PoolRef?.self)
    if let previous = pool.pointee.previous {
      previous.pointee.next = pool.pointee.next
    } else {
      usable[Int(pool.pointee.size_class)] = pool.pointee.next
    }
    pool.pointee.next?.pointee.previous = pool.pointee.previous
    pool.pointee.linked = 0
    pool.pointee.next = nil
    pool.pointee.previous = nil
  }
}
