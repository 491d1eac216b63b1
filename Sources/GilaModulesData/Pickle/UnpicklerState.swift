// What an Unpickler keeps: its input, the stack with marks, and the memo.

import CGila
import GilaCore
import Glibc

struct UnpicklerState {
  var base: PyObject
  var read: Ref?
  var readLine: Ref?
  var readInto: Ref?
  var buffers: Ref?
  var persistentLoadAttribute: Ref?
  /// The object whose memory is being read.
  var source: Ref?
  var view: Py_buffer
  var input: UnsafePointer<UInt8>?
  var position: Int
  var end: Int
  var stack: UnsafeMutablePointer<Ref?>?
  var count: Int
  var capacity: Int
  var marks: UnsafeMutablePointer<Int>?
  var markCount: Int
  var markCapacity: Int
  var memo: UnsafeMutablePointer<Ref?>?
  var memoSize: Int
  var memoCount: Int
  /// Of texts of Python 2; nil for ASCII, and strict.
  var encoding: UnsafeMutablePointer<CChar>?
  var errors: UnsafeMutablePointer<CChar>?
  var protocolNumber: Int
  var fixImports: Bool
  var isReady: Bool
  var isRunning: Bool
  var hasView: Bool
}

typealias UnpicklerRef = UnsafeMutablePointer<UnpicklerState>

extension UnsafeMutablePointer where Pointee == UnpicklerState {
  private var object: Ref { UnsafeMutableRawPointer(self).assumingMemoryBound(to: PyObject.self) }

  // MARK: Input

  @inline(never) private func truncated() -> PyError { PickleModule.unpicklingError("pickle data was truncated") }

  func setSource(_ r: Ref) throws(PyError) {
    dropSource()
    try check(PyObject_GetBuffer(r, &pointee.view, PyBUF_CONTIG_RO))
    pointee.hasView = true
    pointee.input = pointee.view.buf.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) }
    pointee.position = 0
    pointee.end = pointee.view.len
  }
  func dropSource() {
    pointee.input = nil
    pointee.position = 0
    pointee.end = 0
    if pointee.hasView {
      pointee.hasView = false
      PyBuffer_Release(&pointee.view)
    }
  }
  /// The next `n` bytes, which stay valid until the next reading.
  @inline(__always) func take(_ n: Int) throws(PyError) -> UnsafePointer<UInt8> {
    if n <= pointee.end &- pointee.position, let input = pointee.input {
      let p = input + pointee.position
      pointee.position &+= n
      return p
    }
    return try refill(n)
  }
  @inline(never) private func refill(_ n: Int) throws(PyError) -> UnsafePointer<UInt8> {
    guard let read = pointee.read else {
      if n == 0 { return UnsafePointer(bitPattern: 8)! }
      throw truncated()
    }
    let rest = pointee.end - pointee.position
    let size = try int(n - rest)
    let data = try owned(PyObject_CallOneArg(read, size.ref))
    guard data.ref.isBytes else {
      throw typeError("a bytes-like object is required, not '\(typeName(of: data.ref))'")
    }
    if PyBytes_Size(data.ref) < n - rest { throw truncated() }
    if rest == 0 {
      try setSource(data.ref)
    } else {
      let head = try owned(
        PyBytes_FromStringAndSize(
          UnsafeRawPointer(pointee.input! + pointee.position).assumingMemoryBound(to: CChar.self), rest))
      let both = try owned(PySequence_Concat(head.ref, data.ref))
      try setSource(both.ref)
    }
    return try take(n)
  }
  @inline(__always) func number(_ n: Int) throws(PyError) -> Int {
    let p = try take(n)
    var v: UInt64 = 0
    for i in 0..<n { v |= UInt64(p[i]) << UInt64(8 &* i) }
    return Int(bitPattern: UInt(v))
  }
  /// A line with its end.
  func line() throws(PyError) -> (UnsafePointer<UInt8>, Int) {
    if let input = pointee.input {
      for i in pointee.position..<Swift.max(pointee.position, pointee.end) where input[i] == 10 {
        let start = pointee.position
        pointee.position = i + 1
        return (input + start, i + 1 - start)
      }
    }
    guard let readLine = pointee.readLine else { throw truncated() }
    let rest = pointee.end - pointee.position
    let data = try owned(PyObject_CallNoArgs(readLine))
    guard data.ref.isBytes else {
      throw typeError("a bytes-like object is required, not '\(typeName(of: data.ref))'")
    }
    if rest > 0 {
      let head = try owned(
        PyBytes_FromStringAndSize(
          UnsafeRawPointer(pointee.input! + pointee.position).assumingMemoryBound(to: CChar.self), rest))
      let both = try owned(PySequence_Concat(head.ref, data.ref))
      try setSource(both.ref)
    } else {
      try setSource(data.ref)
    }
    guard pointee.end > 0, let input = pointee.input, input[pointee.end - 1] == 10 else { throw truncated() }
    pointee.position = pointee.end
    return (input, pointee.end)
  }

  // MARK: Stack

  @inline(__always) var fence: Int {
    pointee.markCount == 0 ? 0 : pointee.marks.unsafelyUnwrapped[pointee.markCount &- 1]
  }
  @inline(never) func underflow() -> PyError {
    PickleModule.unpicklingError(pointee.markCount > 0 ? "unexpected MARK found" : "unpickling stack underflow")
  }
  @inline(__always) func push(_ r: consuming Owned) throws(PyError) {
    if pointee.count == pointee.capacity { try growStack() }
    pointee.stack.unsafelyUnwrapped[pointee.count] = r.take()
    pointee.count &+= 1
  }
  @inline(never) private func growStack() throws(PyError) {
    let size = Swift.max(16, pointee.capacity &* 2)
    guard let memory = PyMem_Realloc(pointee.stack, size &* 8) else { throw memoryError() }
    pointee.stack = memory.assumingMemoryBound(to: Ref?.self)
    pointee.capacity = size
  }
  @inline(__always) func pop() throws(PyError) -> Owned {
    if pointee.count <= fence { throw underflow() }
    pointee.count &-= 1
    return Owned(taking: pointee.stack.unsafelyUnwrapped[pointee.count].unsafelyUnwrapped)
  }
  /// The object at the top (borrowed).
  @inline(__always) func top() throws(PyError) -> Ref {
    if pointee.count <= fence { throw underflow() }
    return pointee.stack.unsafelyUnwrapped[pointee.count &- 1].unsafelyUnwrapped
  }
  func drop(to n: Int) {
    while pointee.count > n {
      pointee.count &-= 1
      if let r = pointee.stack.unsafelyUnwrapped[pointee.count] { decref(r) }
    }
  }
  func pushMark() throws(PyError) {
    if pointee.markCount == pointee.markCapacity {
      let size = Swift.max(16, pointee.markCapacity &* 2)
      guard let memory = PyMem_Realloc(pointee.marks, size &* 8) else { throw memoryError() }
      pointee.marks = memory.assumingMemoryBound(to: Int.self)
      pointee.markCapacity = size
    }
    pointee.marks.unsafelyUnwrapped[pointee.markCount] = pointee.count
    pointee.markCount &+= 1
  }
  func popMark() throws(PyError) -> Int {
    if pointee.markCount == 0 { throw PickleModule.unpicklingError("could not find MARK") }
    pointee.markCount &-= 1
    return pointee.marks.unsafelyUnwrapped[pointee.markCount]
  }
  /// The objects from `start` on, as a tuple or list.
  func popTuple(_ start: Int) throws(PyError) -> Owned {
    if start < fence { throw underflow() }
    let n = pointee.count - start
    let t = try owned(PyTuple_New(n))
    if n > 0 { t.ref.tupleItems.update(from: pointee.stack.unsafelyUnwrapped + start, count: n) }
    pointee.count = start
    return t
  }
  func popList(_ start: Int) throws(PyError) -> Owned {
    let n = pointee.count - start
    let t = try owned(PyList_New(n))
    if n > 0 { t.ref.fastItems.update(from: pointee.stack.unsafelyUnwrapped + start, count: n) }
    pointee.count = start
    return t
  }

  // MARK: Memo

  func memoPut(_ i: Int, _ r: Ref) throws(PyError) {
    if i >= pointee.memoSize {
      guard i < 1 << 40, let memory = calloc(Swift.max(32, i &* 2), 8) else { throw memoryError() }
      let new = memory.assumingMemoryBound(to: Ref?.self)
      if let old = pointee.memo {
        new.update(from: old, count: pointee.memoSize)
        free(old)
      }
      pointee.memo = new
      pointee.memoSize = Swift.max(32, i &* 2)
    }
    let old = pointee.memo.unsafelyUnwrapped[i]
    pointee.memo.unsafelyUnwrapped[i] = newRef(r)
    if let old { decref(old) } else { pointee.memoCount &+= 1 }
  }
  func memoGet(_ i: Int) throws(PyError) {
    guard i >= 0, i < pointee.memoSize, let r = pointee.memo.unsafelyUnwrapped[i] else {
      throw PickleModule.unpicklingError("Memo value not found at index \(i)")
    }
    try push(Owned(retaining: r))
  }
  func clearMemo() {
    guard let old = pointee.memo else { return }
    let n = pointee.memoSize
    pointee.memo = nil
    pointee.memoSize = 0
    pointee.memoCount = 0
    for i in 0..<n { if let r = old[i] { decref(r) } }
    free(old)
  }
}
