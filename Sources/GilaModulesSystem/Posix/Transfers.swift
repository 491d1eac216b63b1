// Reading and writing at positions, into several buffers, and from file to file.

import CGila
import CGilaSystem
import GilaCore
import Glibc

/// The memory of a sequence of buffers for readv and writev.
struct BufferVector: ~Copyable {
  private var views: UnsafeMutablePointer<Py_buffer>
  let parts: UnsafeMutablePointer<iovec>
  private(set) var count = 0

  private init(capacity: Int) {
    views = .allocate(capacity: max(capacity, 1))
    parts = .allocate(capacity: max(capacity, 1))
  }
  static func make(_ sequence: Ref, writable: Bool) throws(PyError) -> BufferVector {
    let n = try checkSize(PySequence_Size(sequence))
    var v = BufferVector(capacity: n)
    for i in 0..<n {
      let item = try owned(PySequence_GetItem(sequence, i))
      v.views[i] = Py_buffer()
      try check(PyObject_GetBuffer(item.ref, v.views + i, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE))
      v.parts[i] = iovec(iov_base: v.views[i].buf, iov_len: v.views[i].len)
      v.count += 1
    }
    return v
  }
  deinit {
    for i in 0..<count { PyBuffer_Release(views + i) }
    views.deallocate()
    parts.deallocate()
  }
}

enum Transfers {
  private static let sendfileFunction = Function("sendfile", "($module, /, out_fd, in_fd, offset, count)")
  private static let spliceFunction = Function(
    "splice", "($module, /, src, dst, count, offset_src=None,\n       offset_dst=None, flags=0)")
  private static let copyFunction = Function(
    "copy_file_range", "($module, /, src, dst, count, offset_src=None,\n                offset_dst=None)")

  static func add(_ m: inout MethodTable) {
    positions(&m)
    vectors(&m)
    fileToFile(&m)
    space(&m)
  }

  private static func positions(_ m: inout MethodTable) {
    m.positional(
      "pread", "($module, fd, length, offset, /)", "Read bytes at a position, which does not move the file's."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("pread", n, 3)
        let fd = try cInt(a![0]!), length = Int(try cInt(a![1]!)), offset = try cLong(a![2]!)
        if length < 0 {
          errno = EINVAL
          throw systemFailure()
        }
        return try bytes(length) { (p) throws(PyError) in
          try checkSystem(try retryingInterrupts("pread") { pread(fd, p, length, offset) })
        }
      }
    }
    m.positional(
      "pwrite", "($module, fd, buffer, offset, /)", "Write bytes at a position, which does not move the file's."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("pwrite", n, 3)
        let fd = try cInt(a![0]!)
        let data = try Buffer(a![1]!)
        let offset = try cLong(a![2]!)
        let (start, count) = (data.start, data.count)
        return try int(try checkSystem(try retryingInterrupts("pwrite") { pwrite(fd, start, count, offset) }))
      }
    }
  }

  private static func sequence(_ r: Ref, _ function: StaticString) throws(PyError) -> Ref {
    if PySequence_Check(r) == 0 { throw typeError("\(function)() arg 2 must be a sequence") }
    return r
  }
  private static func vectors(_ m: inout MethodTable) {
    m.positional("readv", "($module, fd, buffers, /)", "Read into several writable buffers, one after the other.") {
      _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("readv", n, 2)
        let fd = try cInt(a![0]!)
        let v = try BufferVector.make(try Transfers.sequence(a![1]!, "readv"), writable: true)
        let (parts, count) = (v.parts, Int32(clamping: v.count))
        return try int(try checkSystem(try retryingInterrupts("readv") { readv(fd, parts, count) }))
      }
    }
    m.positional("writev", "($module, fd, buffers, /)", "Write several buffers, one after the other.") { _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("writev", n, 2)
        let fd = try cInt(a![0]!)
        let v = try BufferVector.make(try Transfers.sequence(a![1]!, "writev"), writable: false)
        let (parts, count) = (v.parts, Int32(clamping: v.count))
        return try int(try checkSystem(try retryingInterrupts("writev") { writev(fd, parts, count) }))
      }
    }
    m.positional(
      "preadv", "($module, fd, buffers, offset, flags=0, /)", "Read at a position into several writable buffers."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("preadv", n, 3, 4)
        let fd = try cInt(a![0]!), offset = try cLong(a![2]!), flags = n > 3 ? try cInt(a![3]!) : 0
        let v = try BufferVector.make(try Transfers.sequence(a![1]!, "preadv2"), writable: true)
        let (parts, count) = (v.parts, Int32(clamping: v.count))
        return try int(
          try checkSystem(try retryingInterrupts("preadv") { preadv2(fd, parts, count, offset, flags) }))
      }
    }
    m.positional("pwritev", "($module, fd, buffers, offset, flags=0, /)", "Write several buffers at a position.") {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("pwritev", n, 3, 4)
        let fd = try cInt(a![0]!), offset = try cLong(a![2]!), flags = n > 3 ? try cInt(a![3]!) : 0
        let v = try BufferVector.make(try Transfers.sequence(a![1]!, "pwritev"), writable: false)
        let (parts, count) = (v.parts, Int32(clamping: v.count))
        return try int(
          try checkSystem(try retryingInterrupts("pwritev") { pwritev2(fd, parts, count, offset, flags) }))
      }
    }
  }

  /// A position argument that may be None.
  private static func offset(_ r: Ref?) throws(PyError) -> Int? {
    guard let r, !r.isNone else { return nil }
    return try cLong(r)
  }
  /// Calls `body` with pointers to positions, NULL for those that the files keep themselves.
  private static func withOffsets(
    _ source: Int?, _ target: Int?, _ body: (UnsafeMutablePointer<Int64>?, UnsafeMutablePointer<Int64>?) -> Int
  ) -> Int {
    var (s, t) = (Int64(source ?? 0), Int64(target ?? 0))
    return withUnsafeMutablePointer(to: &s) { sp in
      withUnsafeMutablePointer(to: &t) { tp in body(source == nil ? nil : sp, target == nil ? nil : tp) }
    }
  }

  private static func fileToFile(_ m: inout MethodTable) {
    m.add(sendfileFunction, "Copy bytes from in_fd, at offset, to out_fd within the system; returns how many.") {
      _, a, n, k in
      answer(Transfers.sendfileFunction, a, n, k) { (b) throws(PyError) in
        let out = try b.int(0), from = try b.int(1), offset = try Transfers.offset(b[2]), count = try b.size(3)
        var position = off_t(offset ?? 0)
        let sent = try retryingInterrupts("sendfile") {
          offset == nil ? sendfile(out, from, nil, count) : sendfile(out, from, &position, count)
        }
        return try int(try checkSystem(sent))
      }
    }
    m.add(spliceFunction, "Move bytes between two descriptors, one of them a pipe, within the system.") { _, a, n, k in
      answer(Transfers.spliceFunction, a, n, k) { (b) throws(PyError) in
        let from = try b.int(0), to = try b.int(1), count = try b.size(2)
        let source = try Transfers.offset(b[3]), target = try Transfers.offset(b[4])
        let flags = b[5] == nil ? 0 : try cUnsignedInt(b.object(5))
        if count < 0 { throw valueError("negative value for 'count' not allowed") }
        let moved = try retryingInterrupts("splice") {
          Transfers.withOffsets(source, target) { splice(from, $0, to, $1, count, flags) }
        }
        return try int(try checkSystem(moved))
      }
    }
    m.add(copyFunction, "Copy bytes from one file to another within the system; returns how many.") { _, a, n, k in
      answer(Transfers.copyFunction, a, n, k) { (b) throws(PyError) in
        let from = try b.int(0), to = try b.int(1), count = try b.size(2)
        let source = try Transfers.offset(b[3]), target = try Transfers.offset(b[4])
        if count < 0 { throw valueError("negative value for 'count' not allowed") }
        let copied = try retryingInterrupts("copy_file_range") {
          Transfers.withOffsets(source, target) { copy_file_range(from, $0, to, $1, count, 0) }
        }
        return try int(try checkSystem(copied))
      }
    }
  }

  private static func space(_ m: inout MethodTable) {
    m.positional("posix_fallocate", "($module, fd, offset, length, /)", "Have space for a part of a file set aside.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("posix_fallocate", n, 3)
        let fd = try cInt(a![0]!), offset = try cLong(a![1]!), length = try cLong(a![2]!)
        try Transfers.retryingNumber("posix_fallocate") { posix_fallocate(fd, offset, length) }
      }
    }
    m.positional(
      "posix_fadvise", "($module, fd, offset, length, advice, /)", "Tell the system how a part of a file will be used."
    ) {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("posix_fadvise", n, 4)
        let fd = try cInt(a![0]!), offset = try cLong(a![1]!), length = try cLong(a![2]!), advice = try cInt(a![3]!)
        try Transfers.retryingNumber("posix_fadvise") { posix_fadvise(fd, offset, length, advice) }
      }
    }
    m.positional(
      "lockf", "($module, fd, command, length, /)", "Lock, test or unlock a part of a file from its position on."
    ) {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("lockf", n, 3)
        let fd = try cInt(a![0]!), command = try cInt(a![1]!), length = try cLong(a![2]!)
        if isAudited { try audit("os.lockf", a![0]!, a![1]!, a![2]!) }
        try checkSystem(releasingLock("lockf") { lockf(fd, command, length) })
      }
    }
  }
  /// Calls that return the error number instead of setting errno.
  private static func retryingNumber(_ reason: StaticString, _ body: () -> Int32) throws(PyError) {
    while true {
      let number = releasingLock(reason, body)
      if number != EINTR { return try checkNumber(number) }
      try check(PyErr_CheckSignals())
    }
  }
}
