import CGila
import GilaCore
import Glibc

/// Writes the Python frames of threads to a file descriptor, for `faulthandler`: called in signal handlers and from
/// threads without the lock, so it allocates nothing, takes nothing and looks at what it finds as it is.
///
/// - Parameters:
///   - current: the thread that is shown as the current one, may be nil.
///   - all: whether other threads of the interpreter are shown, too.
@c(gila_dump_traceback)
public func dumpTraceback(
  _ fd: Int32, _ interpreter: UnsafeMutableRawPointer?, _ current: UnsafeMutableRawPointer?, _ all: Bool
) {
  let out = TracebackDump(fd: fd)
  let current = current?.assumingMemoryBound(to: PyThreadState.self)
  guard all, let interp = interpreter?.assumingMemoryBound(to: PyInterpreterState.self) else {
    out.put("Stack (most recent call first):\n")
    if let current { out.frames(current) } else { out.put("  <no Python frame>\n") }
    return
  }
  var count = 0
  var at = interp.pointee.threads_head
  while let ts = at {
    if count > 0 { out.put("\n") }
    if count >= TracebackDump.most { return out.put("...\n") }
    out.put(ts == current ? "Current thread 0x" : "Thread 0x")
    out.put(hexadecimal: UInt(ts.pointee.thread_id), width: 16)
    out.put(" (most recent call first):\n")
    if ts == current && interp.pointee.gc_collecting != 0 { out.put("  Garbage-collecting\n") }
    out.frames(ts)
    count += 1
    at = ts.pointee.next
  }
}
/// The state of the calling thread (for C code that has no headers of Gila), nil if it has none.
@c(gila_calling_thread) public func callingThread() -> UnsafeMutableRawPointer? {
  (gila_ts_or_null() ?? gila_gilstate_ts()).map { UnsafeMutableRawPointer($0) }
}
@c(gila_interpreter_of) public func interpreter(of ts: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  (ts?.assumingMemoryBound(to: PyThreadState.self).pointee.interp).map { UnsafeMutableRawPointer($0) }
}

private struct TracebackDump {
  static let most = 100
  static let longestText = 500
  let fd: Int32

  func frames(_ ts: ThreadRef) {
    guard var f = ts.pointee.current_frame else { return put("  <no Python frame>\n") }
    for _ in 0..<Self.most {
      frame(f)
      guard let next = f.pointee.previous else { return }
      f = next
    }
    put("  ...\n")
  }
  private func frame(_ f: FrameRef) {
    guard let code = f.pointee.code else { return }
    put("  File ")
    if let name = code.pointee.co_filename, name.isUnicode {
      put("\"")
      put(text: name)
      put("\"")
    } else {
      put("???")
    }
    put(", line ")
    let unit = f.pointee.ip == nil ? -1 : Int(Eval.unit(f))
    if unit >= 0, let line = CodeLocations.of(code, unit)?.line, line >= 0 { put(decimal: line) } else { put("???") }
    put(" in ")
    if let name = code.pointee.co_name, name.isUnicode { put(text: name) } else { put("???") }
    put("\n")
  }

  func put(_ s: StaticString) { _ = write(fd, s.utf8Start, s.utf8CodeUnitCount) }
  func put(hexadecimal n: UInt, width: Int) {
    var digits = InlineArray<16, UInt8>(repeating: 0)
    var n = n
    for i in 0..<width {
      let d = UInt8(n & 15)
      digits[width - 1 - i] = d < 10 ? 48 + d : 87 + d
      n >>= 4
    }
    withUnsafePointer(to: &digits) { _ = write(fd, $0, width) }
  }
  private func put(decimal n: Int) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var n = n, at = 20
    repeat {
      at -= 1
      digits[at] = UInt8(48 + n % 10)
      n /= 10
    } while n > 0
    withUnsafePointer(to: &digits) { _ = write(fd, UnsafeRawPointer($0) + at, 20 - at) }
  }
  /// In ASCII, with escapes for everything else.
  private func put(text: Ref) {
    let state = gila_unicode_state(text), data = unicodeData(text, state)
    let kind = Int((state >> 2) & 7), count = text.cast(PyASCIIObject.self).pointee.length
    for i in 0..<min(count, Self.longestText) {
      let c: UInt32
      switch kind {
      case 1: c = UInt32(data.load(fromByteOffset: i, as: UInt8.self))
      case 2: c = UInt32(data.load(fromByteOffset: 2 * i, as: UInt16.self))
      default: c = data.load(fromByteOffset: 4 * i, as: UInt32.self)
      }
      switch c {
      case 32...126:
        var byte = UInt8(c)
        _ = write(fd, &byte, 1)
      case ...0xFF:
        put("\\x")
        put(hexadecimal: UInt(c), width: 2)
      case ...0xFFFF:
        put("\\u")
        put(hexadecimal: UInt(c), width: 4)
      default:
        put("\\U")
        put(hexadecimal: UInt(c), width: 8)
      }
    }
    if count > Self.longestText { put("...") }
  }
}
