import CGila
import GilaCore
import Glibc

/// What runs: the words of a code object's executable form and the maps between them and the bytecode.
///
/// One allocation of libc, owned by the code object (`co_executors`). Words are rewritten while running (inline caches),
/// under the interpreter's lock.
struct Executable {
  struct Handler {
    var start: Int32
    var end: Int32
    var target: Int32  // unit
    var depth: Int32
    var pushesOffset: Bool
  }
  var words: UnsafeMutablePointer<UInt64>
  var wordCount: Int
  var unitCount: Int
  /// The bytecode unit a word belongs to: of the instruction of a fused one that can raise.
  var unitOfWord: UnsafeMutablePointer<Int32>
  /// The word where a unit's instruction begins, -1 where a jump cannot go.
  var wordOfUnit: UnsafeMutablePointer<Int32>
  var handlers: UnsafeMutablePointer<Handler>
  var handlerCount: Int
  /// Words that a frame takes on the data stack.
  var frameWords: Int
  /// The other form: the instrumented one of a plain one, made when tracing asks for it.
  var instrumented: UnsafeMutablePointer<Executable>?
  var isInstrumented: Bool

  typealias Pointer = UnsafeMutablePointer<Executable>
  typealias CodeRef = UnsafeMutablePointer<PyCodeObject>

  /// The code's executable form, made at its first call. Nil with MemoryError or SystemError.
  @inline(__always) static func of(_ code: CodeRef) -> Pointer? {
    if let e = code.pointee.co_executors { return e.assumingMemoryBound(to: Executable.self) }
    return make(code)
  }
  @inline(never) private static func make(_ code: CodeRef) -> Pointer? {
    var t = Translator(code, instrumented: false)
    guard let e = t.translate() else { return nil }
    code.pointee.co_executors = UnsafeMutableRawPointer(e)
    return e
  }
  /// The form with an instruction before each step that reports it.
  static func instrumentedForm(_ code: CodeRef) -> Pointer? {
    guard let plain = of(code) else { return nil }
    if let e = plain.pointee.instrumented { return e }
    var t = Translator(code, instrumented: true)
    guard let e = t.translate() else { return nil }
    plain.pointee.instrumented = e
    return e
  }
  /// Frees both forms when the code object dies.
  static func free(_ code: CodeRef) {
    Monitoring.forget(code)
    guard let e = code.pointee.co_executors?.assumingMemoryBound(to: Executable.self) else { return }
    code.pointee.co_executors = nil
    if let other = e.pointee.instrumented { Glibc.free(other) }
    Glibc.free(e)
  }

  /// The handler that protects a unit.
  static func handler(_ e: Pointer, _ unit: Int32) -> UnsafeMutablePointer<Handler>? {
    var low = 0, high = e.pointee.handlerCount
    let h = e.pointee.handlers
    while low < high {
      let middle = (low &+ high) >> 1
      if h[middle].end <= unit { low = middle &+ 1 } else { high = middle }
    }
    return low < e.pointee.handlerCount && h[low].start <= unit ? h + low : nil
  }
  /// Decodes the exception table of 3.11 and later: start, length, target, depth and flag as base-64 numbers.
  static func decodeHandlers(_ code: CodeRef) -> [Handler] {
    guard let table = code.pointee.co_exceptiontable, table.isBytes else { return [] }
    let n = table.size
    let p = UnsafeRawPointer(PyBytes_AsString(table)!).assumingMemoryBound(to: UInt8.self)
    var i = 0
    func number() -> Int {
      var v = 0
      while i < n {
        let b = Int(p[i])
        i += 1
        v = (v & 0xffff_ffff) << 6 | (b & 63)
        if b & 64 == 0 { break }
      }
      return v
    }
    var result: [Handler] = []
    while i < n {
      let start = number(), length = number(), target = number(), depth = number()
      result.append(
        Handler(
          start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: start + length),
          target: Int32(truncatingIfNeeded: target), depth: Int32(truncatingIfNeeded: depth >> 1),
          pushesOffset: depth & 1 != 0))
    }
    return result
  }
}
