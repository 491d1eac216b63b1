// What a Pickler keeps: output in frames, the memo, and where pickled bytes go.

import CGila
import GilaCore

/// Object to number of the memo: open addressing by address; it owns its keys. Neighbours in memory, which are often
/// pickled one after the other, are neighbours in the table.
struct Memo {
  struct Entry {
    var key: Ref?
    var value: Int
  }
  var entries: UnsafeMutablePointer<Entry>? = nil
  var capacity = 0
  var count = 0

  @inline(__always) private func place(_ r: Ref) -> UnsafeMutablePointer<Entry> {
    let entries = entries.unsafelyUnwrapped
    let mask = UInt(bitPattern: capacity &- 1)
    var rest = UInt(bitPattern: r) >> 4
    var i = rest & mask
    while let k = entries[Int(bitPattern: i)].key, k != r {
      rest &>>= 5
      i = (i &* 5 &+ rest &+ 1) & mask
    }
    return entries + Int(bitPattern: i)
  }
  @inline(__always) func find(_ r: Ref) -> Int {
    if capacity == 0 { return -1 }
    let e = place(r)
    return e.pointee.key == nil ? -1 : e.pointee.value
  }
  /// The number of an object, which is given the next one if it is new: then the result is -1.
  @inline(__always) mutating func number(_ r: Ref) -> Int {
    if count &* 3 >= capacity &* 2 { grow() }
    let e = place(r)
    if e.pointee.key != nil { return e.pointee.value }
    e.initialize(to: Entry(key: newRef(r), value: count))
    count &+= 1
    return -1
  }
  mutating func insert(_ r: Ref, _ value: Int) {
    if number(r) != value { place(r).pointee.value = value }
  }
  @inline(never) private mutating func grow() {
    let old = self
    capacity = max(64, capacity > 1 << 16 ? capacity &* 2 : capacity &* 4)
    let new = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    new.initialize(repeating: Entry(key: nil, value: 0), count: capacity)
    entries = new
    for i in 0..<old.capacity {
      let e = old.entries.unsafelyUnwrapped[i]
      if let k = e.key { place(k).initialize(to: e) }
    }
    old.entries?.deallocate()
  }
  mutating func removeAll() {
    let old = self
    self = Memo()
    for i in 0..<old.capacity { if let k = old.entries.unsafelyUnwrapped[i].key { decref(k) } }
    old.entries?.deallocate()
  }
}

struct PicklerState {
  var base: PyObject
  var write: Ref?
  var dispatchTable: Ref?
  var persistentID: Ref?
  /// What was set on the object itself.
  var persistentIDAttribute: Ref?
  var reducerOverride: Ref?
  var bufferCallback: Ref?
  var memo: Memo
  /// The bytes object that the output is written into, and its data.
  var buffer: Ref?
  var output: UnsafeMutableRawPointer?
  var count: Int
  var capacity: Int
  /// Up to where can be written without more ado; -1 while a frame is to be opened first.
  var limit: Int
  /// From where on a frame is full.
  var frameEnd: Int
  var frameStart: Int
  var protocolNumber: Int
  var bin: Int32
  var fast: Int32
  var isFraming: Bool
  var fixImports: Bool
  var isReady: Bool
  var isRunning: Bool

  static let frameTarget = 64 * 1024
  static let frameHeader = 9
}

extension UnsafeMutablePointer where Pointee == PicklerState {
  /// Where `n` bytes can be written; whoever writes them adds to the count.
  @inline(__always) func room(_ n: Int) throws(PyError) -> UnsafeMutableRawPointer {
    if pointee.count &+ n > pointee.limit { try makeRoom(n) }
    return pointee.output.unsafelyUnwrapped + pointee.count
  }
  @inline(never) private func makeRoom(_ n: Int) throws(PyError) {
    let opens = pointee.isFraming && pointee.frameStart < 0
    let wanted = pointee.count &+ n &+ (opens ? PicklerState.frameHeader : 0)
    if wanted > pointee.capacity { try grow(wanted) }
    if opens {
      pointee.frameStart = pointee.count
      pointee.count &+= PicklerState.frameHeader
      pointee.frameEnd = pointee.count &+ PicklerState.frameTarget
    }
    pointee.limit = pointee.capacity
  }
  private func grow(_ wanted: Int) throws(PyError) {
    // With its head and the zero behind it, the first one is a block of 512 bytes.
    let size = Swift.max(wanted &+ wanted / 2, 512 - 33)
    if pointee.buffer == nil {
      pointee.buffer = try owned(PyBytes_FromStringAndSize(nil, size)).take()
    } else {
      let status = _PyBytes_Resize(&pointee.buffer, size)
      if status < 0 {
        pointee.output = nil
        pointee.count = 0
        pointee.capacity = 0
        pointee.limit = -1
        throw PyError()
      }
    }
    pointee.output = pointee.buffer.unsafelyUnwrapped.raw + 32
    pointee.capacity = size
  }
  /// Whether what follows stands in frames.
  func setFraming(_ on: Bool) {
    pointee.isFraming = on
    updateLimit()
  }
  private func updateLimit() {
    pointee.limit = pointee.isFraming && pointee.frameStart < 0 ? -1 : pointee.capacity
    if pointee.frameStart < 0 { pointee.frameEnd = Int.max }
  }
  func startOver() {
    pointee.count = 0
    pointee.frameStart = -1
    setFraming(false)
  }

  @inline(__always) func put(_ byte: UInt8) throws(PyError) {
    try room(1).storeBytes(of: byte, as: UInt8.self)
    pointee.count &+= 1
  }
  func put(_ p: UnsafeRawPointer, _ n: Int) throws(PyError) {
    try room(n).copyMemory(from: p, byteCount: n)
    pointee.count &+= n
  }
  func put(_ text: String) throws(PyError) { for b in text.utf8 { try put(b) } }
  /// A code and a number of `n` bytes, least significant first.
  @inline(__always) func put(_ code: UInt8, _ value: Int, bytes n: Int) throws(PyError) {
    let out = try room(9)
    out.storeBytes(of: code, as: UInt8.self)
    out.storeBytes(of: UInt64(bitPattern: Int64(value)).littleEndian, toByteOffset: 1, as: UInt64.self)
    pointee.count &+= n &+ 1
  }
  /// A code, the length of a short text, the text, and that it is remembered.
  @inline(__always) func putRemembered(_ code: UInt8, _ p: UnsafeRawPointer, _ n: Int) throws(PyError) {
    let out = try room(n &+ 19)
    out.storeBytes(of: code, as: UInt8.self)
    out.storeBytes(of: UInt8(truncatingIfNeeded: n), toByteOffset: 1, as: UInt8.self)
    if n <= 16 { copyFew(out + 2, p, n) } else { (out + 2).copyMemory(from: p, byteCount: n) }
    out.storeBytes(of: 0x94, toByteOffset: n &+ 2, as: UInt8.self)
    pointee.count &+= n &+ 3
  }

  /// Up to 16 bytes, in two halves that may overlap.
  @inline(__always) private func copyFew(_ to: UnsafeMutableRawPointer, _ from: UnsafeRawPointer, _ n: Int) {
    if n >= 8 {
      to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
      to.storeBytes(
        of: from.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self), toByteOffset: n &- 8, as: UInt64.self)
    } else if n >= 4 {
      to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
      to.storeBytes(
        of: from.loadUnaligned(fromByteOffset: n &- 4, as: UInt32.self), toByteOffset: n &- 4, as: UInt32.self)
    } else {
      for i in 0..<n {
        to.storeBytes(of: from.load(fromByteOffset: i, as: UInt8.self), toByteOffset: i, as: UInt8.self)
      }
    }
  }

  func closeFrame() {
    guard pointee.isFraming, pointee.frameStart >= 0, let output = pointee.output else { return }
    let start = output + pointee.frameStart
    let length = pointee.count - pointee.frameStart - PicklerState.frameHeader
    if length >= 4 {
      start.storeBytes(of: 0x95, as: UInt8.self)
      start.storeBytes(of: UInt64(length).littleEndian, toByteOffset: 1, as: UInt64.self)
    } else {
      start.copyMemory(from: start + PicklerState.frameHeader, byteCount: length)
      pointee.count -= PicklerState.frameHeader
    }
    pointee.frameStart = -1
    updateLimit()
  }
  /// Between two objects: a full frame ends, and goes to the file.
  @inline(__always) func boundary() throws(PyError) {
    if pointee.count >= pointee.frameEnd { try endFrame() }
  }
  @inline(never) private func endFrame() throws(PyError) {
    closeFrame()
    try flush()
  }
  func takeOutput() throws(PyError) -> Owned {
    guard pointee.buffer != nil else { return try owned(PyBytes_FromStringAndSize(nil, 0)) }
    let n = pointee.count
    pointee.output = nil
    pointee.count = 0
    pointee.capacity = 0
    updateLimit()
    var bytes = pointee.buffer
    pointee.buffer = nil
    try check(_PyBytes_Resize(&bytes, n))
    return try owned(bytes)
  }
  func flush() throws(PyError) {
    guard let write = pointee.write else { return }
    let bytes = try takeOutput()
    _ = try owned(PyObject_CallOneArg(write, bytes.ref))
  }
  /// A header and data, which stand outside of frames when they are large.
  func putBytes(_ code: UInt8, _ size: Int, _ p: UnsafeRawPointer, _ n: Int, payload: Ref?) throws(PyError) {
    let large = n >= PicklerState.frameTarget
    let framing = pointee.isFraming
    if large {
      closeFrame()
      setFraming(false)
    }
    defer { if large { setFraming(framing) } }
    try put(code, n, bytes: size)
    if large, let write = pointee.write {
      try flush()
      let data =
        payload == nil
        ? try owned(
          PyMemoryView_FromMemory(
            UnsafeMutablePointer<CChar>(mutating: p.assumingMemoryBound(to: CChar.self)), n, Int32(0x100)))
        : Owned(retaining: payload!)
      _ = try owned(PyObject_CallOneArg(write, data.ref))
    } else {
      try put(p, n)
    }
  }

  func putMemo(_ r: Ref) throws(PyError) {
    if pointee.fast != 0 { return }
    let n = pointee.memo.count
    if pointee.memo.number(r) >= 0 { pointee.memo.insert(r, n) }
    try putRemember(n)
  }
  /// That what is on the stack has a number in the memo.
  func putRemember(_ n: Int) throws(PyError) {
    if pointee.protocolNumber >= 4 {
      try put(0x94)
    } else if pointee.bin == 0 {
      try put("p\(n)\n")
    } else if n < 256 {
      try put(113, n, bytes: 1)
    } else {
      try put(114, n, bytes: 4)
    }
  }
  func getMemo(_ n: Int) throws(PyError) {
    if pointee.bin == 0 {
      try put("g\(n)\n")
    } else if n < 256 {
      try put(104, n, bytes: 1)
    } else {
      try put(106, n, bytes: 4)
    }
  }
}
