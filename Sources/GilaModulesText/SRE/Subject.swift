// The text that a pattern looks at, and a search in it.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

/// A str or the bytes of some object, borrowed from it.
struct Subject: ~Copyable {
  let owner: Owned
  let data: CharacterData
  let isBytes: Bool
  private let lock: BufferLock?

  init(_ r: Ref) throws(PyError) {
    if r.isUnicode {
      self.init(Owned(retaining: r), r.chars, isBytes: false, nil)
      return
    }
    if PyObject_CheckBuffer(r) == 0 {
      throw typeError("expected string or bytes-like object, got '\(typeName(of: r))'")
    }
    let lock = try BufferLock(r)
    let data = lock.data
    self.init(Owned(retaining: r), data, isBytes: true, lock)
  }
  private init(_ owner: consuming Owned, _ data: CharacterData, isBytes: Bool, _ lock: consuming BufferLock?) {
    self.owner = owner
    self.data = data
    self.isBytes = isBytes
    self.lock = lock
  }

  /// A part as a new object.
  func slice(_ start: Int, _ end: Int) throws(PyError) -> Owned {
    if !isBytes { return try owned(substring(owner.ref, start, max(start, end))) }
    if owner.ref.isExactly(Types.bytes), start == 0, end == data.count { return Owned(retaining: owner.ref) }
    return try owned(newBytes(data.base + start, max(0, end &- start)))
  }
}

/// A matcher for the width of the text.
struct AnyMatcher: ~Copyable {
  private var narrow: Matcher<UInt8>? = nil
  private var pair: Matcher<UInt16>? = nil
  private var wide: Matcher<UInt32>? = nil
  let marks: UnsafeMutablePointer<Int>
  let groups: Int
  /// Number of the group that closed last, -1 for none.
  private(set) var lastIndex = -1

  init(_ pattern: Ref, _ data: CharacterData, end: Int) throws(PyError) {
    groups = pattern.sre.pointee.groups
    guard let memory = PyMem_Malloc(max(groups, 1) &* 16) else { throw memoryError() }
    marks = memory.assumingMemoryBound(to: Int.self)
    let code = sreCode(pattern)
    let n = groups &* 2
    switch data.width {
    case 1:
      narrow = Matcher(
        text: data.base.assumingMemoryBound(to: UInt8.self), end: end, code: code, marks: marks, markCount: n)
    case 2:
      pair = Matcher(
        text: data.base.assumingMemoryBound(to: UInt16.self), end: end, code: code, marks: marks, markCount: n)
    default:
      wide = Matcher(
        text: data.base.assumingMemoryBound(to: UInt32.self), end: end, code: code, marks: marks, markCount: n)
    }
  }
  deinit { PyMem_Free(marks) }

  /// The span of a match at `start`, or nil.
  mutating func match(at start: Int, all: Bool, mustAdvanceFrom: Int = -1) throws(PyError) -> (Int, Int)? {
    var found: (Int, Int)? = nil
    var failure = MatchFailure.none
    var last = -1
    func attempt<T>(_ m: inout Matcher<T>) {
      m.matchAll = all
      m.mustAdvanceFrom = mustAdvanceFrom
      if m.match(at: start) { found = (start, m.matchEnd) }
      failure = m.failure
      last = m.lastIndex
    }
    if narrow != nil { attempt(&narrow!) } else if pair != nil { attempt(&pair!) } else { attempt(&wide!) }
    lastIndex = last
    try check(failure)
    return found
  }

  /// The span of the first match from `start` on, or nil.
  mutating func search(from start: Int, mustAdvanceFrom: Int = -1) throws(PyError) -> (Int, Int)? {
    var found: (Int, Int)? = nil
    var failure = MatchFailure.none
    var last = -1
    func attempt<T>(_ m: inout Matcher<T>) {
      m.matchAll = false
      m.mustAdvanceFrom = mustAdvanceFrom
      if let at = m.search(from: start) { found = (at, m.matchEnd) }
      failure = m.failure
      last = m.lastIndex
    }
    if narrow != nil { attempt(&narrow!) } else if pair != nil { attempt(&pair!) } else { attempt(&wide!) }
    lastIndex = last
    try check(failure)
    return found
  }

  private func check(_ failure: MatchFailure) throws(PyError) {
    switch failure {
    case .none: return
    case .memory: throw memoryError()
    case .interrupted: throw PyError()
    case .badCode: throw runtimeError("invalid SRE code")
    }
  }
}
