// Open files by their descriptors: open, close, read, write and what belongs to them.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Files {
  private static let openFunction = Function("open", "($module, /, path, flags, mode=511, *, dir_fd=None)")
  private static let closeFunction = Function("close", "($module, /, fd)")
  private static let dup2Function = Function("dup2", "($module, /, fd, fd2, inheritable=True)")
  private static let syncFunction = Function("fsync", "($module, /, fd)")
  private static let dataSyncFunction = Function("fdatasync", "($module, /, fd)")
  private static let encodingFunction = Function("device_encoding", "($module, /, fd)")

  /// The positional arguments of a function that takes exactly `n`.
  static func exactly(_ name: StaticString, _ n: Int, _ wanted: Int) throws(PyError) {
    try checkCount(name, n, wanted, wanted)
  }

  static func add(_ m: inout MethodTable) {
    openingAndClosing(&m)
    transfers(&m)
    flags(&m)
  }

  private static func openingAndClosing(_ m: inout MethodTable) {
    m.add(openFunction, "Open a file and return its descriptor, which exec does not inherit.") { _, a, n, k in
      answer(Files.openFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        let flags = try b.int(1), mode = try b.int(2, 0o777), directory = try b.directory(3)
        if isAudited {
          let number = try int(flags | O_CLOEXEC)
          try audit("open", path.object, none, number.ref)
        }
        let text = path.text
        let all = flags | O_CLOEXEC
        while true {
          let fd = releasingLock("open") { gila_openat(directory, text, all, mode_t(truncatingIfNeeded: mode)) }
          if fd >= 0 { return try int(fd) }
          if errno != EINTR { throw path.failure() }
          try check(PyErr_CheckSignals())
        }
      }
    }
    m.add(closeFunction, "Close a descriptor.") { _, a, n, k in
      perform(Files.closeFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.int(0)
        // After EINTR the descriptor is closed all the same.
        let result = releasingLock("close") { close(fd) }
        if result < 0, errno != EINTR { throw systemFailure() }
      }
    }
    m.positional(
      "closerange", "($module, fd_low, fd_high, /)",
      "Close the descriptors from fd_low up to fd_high, which stays open; errors do not matter."
    ) {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("closerange", n, 2)
        let low = max(0, try cInt(a![0]!)), high = try cInt(a![1]!)
        if low >= high { return }
        releasingLock("close_range") {
          if close_range(UInt32(low), UInt32(high - 1), 0) == 0 { return }
          for fd in low..<high { _ = close(fd) }
        }
      }
    }
    m.one("dup", "($module, fd, /)", "A second descriptor of the same open file, which exec does not inherit.") {
      _, r in
      bridge { () throws(PyError) in
        let fd = try cInt(r!)
        return try int(try checkSystem(releasingLock("dup") { fcntl(fd, F_DUPFD_CLOEXEC, 0) }))
      }
    }
    m.add(dup2Function, "Make fd2 another descriptor of the open file fd.") { _, a, n, k in
      answer(Files.dup2Function, a, n, k) { (b) throws(PyError) in
        let fd = try b.int(0), target = try b.int(1), inherit = try b.flag(2, true)
        if fd < 0 || target < 0 {
          errno = EBADF
          throw systemFailure()
        }
        let result = releasingLock("dup2") {
          fd == target || inherit ? dup2(fd, target) : dup3(fd, target, O_CLOEXEC)
        }
        try checkSystem(result)
        if fd == target, !inherit { try checkSystem(gila_set_cloexec(fd, true)) }
        return try int(result)
      }
    }
    m.noArguments("pipe", "($module, /)", "A pipe: the descriptors of its reading and of its writing end.") { _, _ in
      bridge { () throws(PyError) in try Files.pipe(O_CLOEXEC) }
    }
    m.one("pipe2", "($module, flags, /)", "A pipe with flags, such as O_NONBLOCK and O_CLOEXEC.") { _, r in
      bridge { () throws(PyError) in try Files.pipe(try cInt(r!)) }
    }
  }
  private static func pipe(_ flags: Int32) throws(PyError) -> Owned {
    var ends: [Int32] = [0, 0]
    try checkSystem(releasingLock("pipe2") { pipe2(&ends, flags) })
    return try pair(try int(ends[0]), try int(ends[1]))
  }

  private static func transfers(_ m: inout MethodTable) {
    m.positional("read", "($module, fd, length, /)", "Read at most `length` bytes from a descriptor.") { _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("read", n, 2)
        let fd = try cInt(a![0]!)
        let length = try cSize(a![1]!)
        if length < 0 {
          errno = EINVAL
          throw systemFailure()
        }
        return try bytes(length) { (p) throws(PyError) in
          try checkSystem(try retryingInterrupts("read") { read(fd, p, length) })
        }
      }
    }
    m.positional("write", "($module, fd, data, /)", "Write bytes to a descriptor and return how many it took.") {
      _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("write", n, 2)
        let fd = try cInt(a![0]!)
        let data = try Buffer(a![1]!)
        let (start, count) = (data.start, data.count)
        return try int(try checkSystem(try retryingInterrupts("write") { write(fd, start, count) }))
      }
    }
    m.positional("lseek", "($module, fd, position, whence, /)", "Move a file's position and return the new one.") {
      _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("lseek", n, 3)
        let fd = try cInt(a![0]!), offset = try cLong(a![1]!), whence = try cInt(a![2]!)
        return try int(try checkSystem(releasingLock("lseek") { lseek(fd, offset, whence) }))
      }
    }
    m.add(syncFunction, "Have what was written to a file stored on the device.") { _, a, n, k in
      perform(Files.syncFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.file(0)
        try checkSystem(try retryingInterrupts("fsync") { fsync(fd) })
      }
    }
    m.add(dataSyncFunction, "Like fsync(), without the file's times and the like.") { _, a, n, k in
      perform(Files.dataSyncFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.file(0)
        try checkSystem(try retryingInterrupts("fdatasync") { fdatasync(fd) })
      }
    }
    m.positional("ftruncate", "($module, fd, length, /)", "Cut or extend an open file to a length.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("ftruncate", n, 2)
        let fd = try cInt(a![0]!), length = try cLong(a![1]!)
        if isAudited { try audit("os.truncate", a![0]!, a![1]!) }
        try checkSystem(try retryingInterrupts("ftruncate") { ftruncate(fd, length) })
      }
    }
  }

  private static func flags(_ m: inout MethodTable) {
    m.one("isatty", "($module, fd, /)", "Whether a descriptor is a terminal.") { _, r in
      bridge { () throws(PyError) in
        let fd = try cInt(r!)
        return Owned(retaining: pyBool(releasingLock("isatty") { isatty(fd) } != 0))
      }
    }
    m.one("get_inheritable", "($module, fd, /)", "Whether exec inherits a descriptor.") { _, r in
      bridge { () throws(PyError) in
        let flags = try checkSystem(fcntl(try cInt(r!), F_GETFD))
        return Owned(retaining: pyBool(flags & FD_CLOEXEC == 0))
      }
    }
    m.positional("set_inheritable", "($module, fd, inheritable, /)", "Say whether exec inherits a descriptor.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("set_inheritable", n, 2)
        let fd = try cInt(a![0]!), inherit = try cInt(a![1]!) != 0
        let flags = try checkSystem(fcntl(fd, F_GETFD))
        try checkSystem(fcntl(fd, F_SETFD, inherit ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC))
      }
    }
    m.one("get_blocking", "($module, fd, /)", "Whether operations on a descriptor wait.") { _, r in
      bridge { () throws(PyError) in
        let flags = try checkSystem(fcntl(try cInt(r!), F_GETFL))
        return Owned(retaining: pyBool(flags & O_NONBLOCK == 0))
      }
    }
    m.positional("set_blocking", "($module, fd, blocking, /)", "Say whether operations on a descriptor wait.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("set_blocking", n, 2)
        let fd = try cInt(a![0]!), blocking = try truth(a![1]!)
        let flags = try checkSystem(fcntl(fd, F_GETFL))
        try checkSystem(fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK))
      }
    }
    m.add(encodingFunction, "The encoding of a terminal; None for other files.") { _, a, n, k in
      answer(Files.encodingFunction, a, n, k) { (b) throws(PyError) in
        if isatty(try b.int(0)) == 0 { return noneOwned() }
        guard let name = nl_langinfo(nl_item(CODESET)), strcmp(name, "ANSI_X3.4-1968") != 0 else {
          return try string("utf-8")
        }
        return try localeText(name)
      }
    }
  }
}
