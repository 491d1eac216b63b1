// The module _uuid: UUIDs of version 1 without a library. The node is random, as RFC 9562 recommends, and two
// processes are told apart by it and by the random clock sequence.

import CGila
import GilaCore
import GilaModuleSupport
import Glibc
import Synchronization

enum UUIDModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_uuid", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in try add(module!, "has_uuid_generate_time_safe", int: 0) }
    })
  private struct Clock {
    var process: Int32 = 0
    var node: UInt64 = 0
    var sequence: UInt16 = 0
    var last: UInt64 = 0
  }
  private static let clock = Mutex(Clock())

  private static func generate() -> [UInt8] {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let ticks = UInt64(truncatingIfNeeded: now.tv_sec &* 10_000_000 &+ now.tv_nsec / 100)
    return clock.withLock { c in
      if c.process != getpid() {
        // Also in a child of a fork: it must not go on with its parent's numbers.
        c.process = getpid()
        c.node = UInt64.random(in: 0..<(1 << 48)) | 1 << 40
        c.sequence = UInt16.random(in: 0..<(1 << 14))
      }
      // From 1582 on, in steps of 100 ns, and never the same twice.
      var t = ticks &+ 0x01b2_1dd2_1381_4000
      if t <= c.last { t = c.last &+ 1 }
      c.last = t
      var bytes: [UInt8] = []
      for shift in [24, 16, 8, 0, 40, 32] as [UInt64] { bytes.append(UInt8(truncatingIfNeeded: t >> shift)) }
      bytes.append(UInt8(truncatingIfNeeded: t >> 56 & 0x0f | 0x10))
      bytes.append(UInt8(truncatingIfNeeded: t >> 48))
      bytes.append(UInt8(c.sequence >> 8 & 0x3f | 0x80))
      bytes.append(UInt8(c.sequence & 0xff))
      for shift in stride(from: 40, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: c.node >> UInt64(shift)))
      }
      return bytes
    }
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments(
      "generate_time_safe", "($module, /)",
      "Sixteen bytes of a time-based UUID, and None: nobody vouches for it being unique among processes."
    ) { _, _ in
      bridge { () throws(PyError) in
        let b = UUIDModule.generate()
        let bytes = try owned(
          b.withUnsafeBytes { PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
        )
        return try tuple(bytes.ref, none)
      }
    }
    return m.build()
  }
}
