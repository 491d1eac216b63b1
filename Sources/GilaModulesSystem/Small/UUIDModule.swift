// The module _uuid: universally unique identifiers by time and network address (version 1).

import CGila
import GilaCore
import Glibc

enum UUIDModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_uuid", doc: "Identifiers by time, for the module uuid.", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in try check(PyModule_AddIntConstant(m, "has_uuid_generate_time_safe", 1)) }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments(
      "generate_time_safe", "($self, /)",
      "The bytes of a new identifier and -1: no daemon sees to it that other processes never get the same."
    ) { _, _ in
      bridge { () throws(PyError) in
        let bytes = UUIDModule.generate()
        let t = try owned(PyTuple_New(2))
        let data = bytes.withUnsafeBytes {
          PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), 16)
        }
        gila_tuple_items(t.ref)[0] = try owned(data).take()
        gila_tuple_items(t.ref)[1] = try owned(PyLong_FromLong(-1)).take()
        return t
      }
    }
    return m.build()
  }

  private struct State {
    /// The time of the last identifier, in units of 100 nanoseconds since October 15, 1582.
    var last: UInt64 = 0
    /// Tells identifiers of the same time apart when the clock went back, or in another process.
    var sequence: UInt16 = 0
    var node: [UInt8] = []
    var process: pid_t = 0
  }
  /// Guarded by the interpreter's lock.
  nonisolated(unsafe) private static var state = State()

  private static func generate() -> [UInt8] {
    if state.process != getpid() {
      state.process = getpid()
      state.sequence = UInt16.random(in: 0..<0x4000)
      state.node = address() ?? randomNode()
    }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var time =
      UInt64(clamping: now.tv_sec) &* 10_000_000 &+ UInt64(clamping: now.tv_nsec) / 100 &+ 0x01B2_1DD2_1381_4000
    if time <= state.last {
      // Within the clock's resolution the next unit is taken; a clock that was set back needs another sequence.
      if state.last &- time < 100_000 {
        time = state.last &+ 1
      } else {
        state.sequence = (state.sequence &+ 1) & 0x3FFF
      }
    }
    state.last = time
    func byte(_ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: time >> shift) }
    let head: [UInt8] = [byte(24), byte(16), byte(8), byte(0), byte(40), byte(32), byte(56) & 0x0F | 0x10, byte(48)]
    let variant = UInt8(truncatingIfNeeded: state.sequence >> 8) & 0x3F | 0x80
    return head + [variant, UInt8(truncatingIfNeeded: state.sequence)] + state.node
  }

  /// The hardware address of the first network interface that has one.
  private static func address() -> [UInt8]? {
    guard let folder = opendir("/sys/class/net") else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != "..", name != "lo" { names.append(name) }
    }
    for name in names.sorted() {
      guard let file = fopen("/sys/class/net/\(name)/address", "re") else { continue }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 64)
      guard fgets(&line, 64, file) != nil else { continue }
      let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let bytes = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
      if bytes.count == 6, bytes.contains(where: { $0 != 0 }) { return bytes }
    }
    return nil
  }
  /// Random bytes, marked as no real address by the multicast bit.
  private static func randomNode() -> [UInt8] {
    var bytes = (0..<6).map { _ in UInt8.random(in: 0...255) }
    bytes[0] |= 1
    return bytes
  }
}
