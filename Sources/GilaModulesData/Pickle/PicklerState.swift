// What a Pickler keeps: output in frames, the memo, and where pickled bytes go.

import CGila
import GilaCore

/// Object to number of the memo: open addressing by address; it owns its keys.
struct Memo {
  var keys: UnsafeMutablePointer<Ref?>?
  var values: UnsafeMutablePointer<Int>?
  var capacity = 0
  var count = 0

  @inline(__always) private func place(_ r: Ref) -> Int {
    var i = Int(bitPattern: UInt(bitPattern: r) >> 4 &* 0x9E37_79B9_7F4A_7C15 >> 20) & (capacity &- 1)
    while let k = keys.unsafelyUnwrapped[i], k != r { i = (i &+ 1) & (capacity &- 1) }
    return i
  }
  @inline(__always) func find(_ r: Ref) -> Int {
    if capacity == 0 { return -1 }
    let i = place(r)
    return keys.unsafelyUnwrapped[i] == nil ? -1 : values.unsafelyUnwrapped[i]
  }
  mutating func insert(_ r: Ref, _ value: Int) {
    if count &* 3 >= capacity &* 2 { grow() }
    let i = place(r)
    if keys.unsafelyUnwrapped[i] == nil {
      keys.unsafelyUnwrapped[i] = newRef(r)
      count &+= 1
    }
    values.unsafelyUnwrapped[i] = value
  }
  private mutating func grow() {
    let old = self
    capacity = max(64, capacity &* 4)
    keys = .allocate(capacity: capacity)
    values = .allocate(capacity: capacity)
    keys.unsafelyUnwrapped.initialize(repeating: nil, count: capacity)
    for i in 0..<old.capacity {
      guard let k = old.keys.unsafelyUnwrapped[i] else { continue }
      let n = place(k)
      keys.unsafelyUnwrapped[n] = k
      values.unsafelyUnwrapped[n] = old.values.unsafelyUnwrapped[i]
    }
    old.keys?.deallocate()
    old.values?.deallocate()
  }
  mutating func removeAll() {
    let old = self
    self = Memo(keys: nil, values: nil)
    for i in 0..<old.capacity { if let k = old.keys.unsafelyUnwrapped[i] { decref(k) } }
    old.keys?.deallocate()
    old.values?.deallocate()
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
  var output: UnsafeMutablePointer<UInt8>?
  var count: Int
  var capacity: Int
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
  @inline(__always) private func reserve(_ n: Int) throws(PyError) {
    if pointee.count &+ n > pointee.capacity { try grow(n) }
  }
  @inline(never) private func grow(_ n: Int) throws(PyError) {
    let size = Swift.max(pointee.count &+ n, pointee.capacity &* 2, 256)
    guard let memory = PyMem_Realloc(pointee.output, size) else { throw memoryError() }
    pointee.output = memory.assumingMemoryBound(to: UInt8.self)
    pointee.capacity = size
  }
  @inline(__always) private func startFrame() throws(PyError) {
    if pointee.isFraming && pointee.frameStart < 0 {
      try reserve(PicklerState.frameHeader)
      pointee.frameStart = pointee.count
      pointee.count &+= PicklerState.frameHeader
    }
  }

  @inline(__always) func put(_ byte: UInt8) throws(PyError) {
    try startFrame()
    try reserve(1)
    pointee.output.unsafelyUnwrapped[pointee.count] = byte
    pointee.count &+= 1
  }
  func put(_ p: UnsafeRawPointer, _ n: Int) throws(PyError) {
    try startFrame()
    try reserve(n)
    (UnsafeMutableRawPointer(pointee.output.unsafelyUnwrapped) + pointee.count).copyMemory(from: p, byteCount: n)
    pointee.count &+= n
  }
  func put(_ text: String) throws(PyError) { for b in text.utf8 { try put(b) } }
  /// A code and a number of `n` bytes, least significant first.
  @inline(__always) func put(_ code: UInt8, _ value: Int, bytes n: Int) throws(PyError) {
    try startFrame()
    try reserve(9)
    let out = UnsafeMutableRawPointer(pointee.output.unsafelyUnwrapped) + pointee.count
    out.storeBytes(of: code, as: UInt8.self)
    out.storeBytes(of: UInt64(bitPattern: Int64(value)).littleEndian, toByteOffset: 1, as: UInt64.self)
    pointee.count &+= n &+ 1
  }

  func closeFrame() {
    guard pointee.isFraming, pointee.frameStart >= 0, let output = pointee.output else { return }
    let start = pointee.frameStart
    let length = pointee.count - start - PicklerState.frameHeader
    if length >= 4 {
      output[start] = 0x95
      for i in 0..<8 { output[start + 1 + i] = UInt8(truncatingIfNeeded: length >> (8 &* i)) }
    } else {
      (output + start).update(from: output + start + PicklerState.frameHeader, count: length)
      pointee.count -= PicklerState.frameHeader
    }
    pointee.frameStart = -1
  }
  /// Between two objects: a full frame ends, and goes to the file.
  @inline(__always) func boundary() throws(PyError) {
    if pointee.isFraming && pointee.frameStart >= 0
      && pointee.count &- pointee.frameStart &- PicklerState.frameHeader >= PicklerState.frameTarget
    {
      closeFrame()
      try flush()
    }
  }
  func takeOutput() throws(PyError) -> Owned {
    let bytes = try owned(
      PyBytes_FromStringAndSize(
        UnsafeRawPointer(pointee.output)?.assumingMemoryBound(to: CChar.self), pointee.count))
    pointee.count = 0
    return bytes
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
      pointee.isFraming = false
    }
    defer { pointee.isFraming = framing }
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
    pointee.memo.insert(r, n)
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
