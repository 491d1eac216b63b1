// What there is to know of the machine and the system: uname, sysconf, times, file systems, random numbers.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SystemInformation {
  private static let statvfsDescription = StructDescription(
    name: "os.statvfs_result",
    doc: "What statvfs() and fstatvfs() tell of a file system.",
    visible: 10,
    fields: [
      ("f_bsize", ""), ("f_frsize", ""), ("f_blocks", ""), ("f_bfree", ""), ("f_bavail", ""), ("f_files", ""),
      ("f_ffree", ""), ("f_favail", ""), ("f_flag", ""), ("f_namemax", ""), ("f_fsid", ""),
    ])
  private static let terminalSizeDescription = StructDescription(
    name: "os.terminal_size", doc: "A tuple of (columns, lines) for holding terminal window size", visible: 2,
    fields: [
      ("columns", "width of the terminal window in characters"),
      ("lines", "height of the terminal window in characters"),
    ])
  private static let timesDescription = StructDescription(
    name: "posix.times_result", doc: "Processor and wall-clock times, as times() returns them.", visible: 5,
    fields: [
      ("user", "user time"), ("system", "system time"), ("children_user", "user time of children"),
      ("children_system", "system time of children"), ("elapsed", "elapsed time since an arbitrary point in the past"),
    ])
  private static let unameDescription = StructDescription(
    name: "posix.uname_result", doc: "What uname() tells of the operating system.", visible: 5,
    fields: [
      ("sysname", "operating system name"), ("nodename", "name of machine on network (implementation-defined)"),
      ("release", "operating system release"), ("version", "operating system version"),
      ("machine", "hardware identifier"),
    ])

  static func addTypes(_ module: Ref) throws(PyError) {
    try statvfsDescription.add(to: module, SystemSlot.statvfsResult, as: "statvfs_result")
    try terminalSizeDescription.add(to: module, SystemSlot.terminalSize, as: "terminal_size")
    try timesDescription.add(to: module, SystemSlot.timesResult, as: "times_result")
    try unameDescription.add(to: module, SystemSlot.unameResult, as: "uname_result")
  }

  private static let randomFunction = Function("getrandom", "($module, /, size, flags=0)")
  private static let pathconfFunction = Function("pathconf", "($module, /, path, name)")
  private static let statvfsFunction = Function("statvfs", "($module, /, path)")

  static func add(_ m: inout MethodTable) {
    m.noArguments("uname", "($module, /)", "Name, version and machine of the operating system.") { _, _ in
      bridge { () throws(PyError) in try SystemInformation.name() }
    }
    m.noArguments("times", "($module, /)", "Processor times of the process and its children, and the time elapsed.") {
      _, _ in bridge { () throws(PyError) in try SystemInformation.processTimes() }
    }
    m.noArguments("getloadavg", "($module, /)", "How many processes ran on average over 1, 5 and 15 minutes.") { _, _ in
      bridge { () throws(PyError) in
        var loads = [0.0, 0.0, 0.0]
        if getloadavg(&loads, 3) != 3 { throw raise(Exc.OSError, "Load averages are unobtainable") }
        return try triple(try float(loads[0]), try float(loads[1]), try float(loads[2]))
      }
    }
    m.noArguments("cpu_count", "($module, /)", "The number of processors, or None when it is unknown.") { _, _ in
      // -X cpu_count stands for what the system says.
      if let f = PySys_GetObject("_get_cpu_count_config") {
        guard let given = PyObject_CallNoArgs(f) else { return nil }
        if PyLong_AsLong(given) > 0 { return given }
        decref(given)
      }
      let n = sysconf(Int32(_SC_NPROCESSORS_ONLN))
      return n < 1 ? none : PyLong_FromLong(n)
    }
    m.positional("get_terminal_size", "($module, fd=<unrepresentable>, /)", "Columns and lines of a terminal.") {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("get_terminal_size", n, 0, 1)
        let fd = n == 0 ? STDOUT_FILENO : try cInt(a![0]!)
        var (columns, lines): (Int32, Int32) = (0, 0)
        try checkSystem(gila_window_size(fd, &columns, &lines))
        var v = try StructValue(SystemSlot.terminalSize)
        v.add(try int(columns))
        v.add(try int(lines))
        return v.finish()
      }
    }
    m.one("strerror", "($module, code, /)", "The message of an error number.") { _, r in
      bridge { () throws(PyError) in try localeText(strerror(try cInt(r!))) }
    }
    random(&m)
    configuration(&m)
    fileSystems(&m)
  }

  private static func name() throws(PyError) -> Owned {
    var u = utsname()
    try checkSystem(uname(&u))
    var v = try StructValue(SystemSlot.unameResult)
    func text<T>(_ field: inout T) throws(PyError) -> Owned {
      var text: Ref? = nil
      withUnsafeBytes(of: &field) {
        text = PyUnicode_DecodeFSDefault($0.baseAddress?.assumingMemoryBound(to: CChar.self))
      }
      return try owned(text)
    }
    v.add(try text(&u.sysname))
    v.add(try text(&u.nodename))
    v.add(try text(&u.release))
    v.add(try text(&u.version))
    v.add(try text(&u.machine))
    return v.finish()
  }

  private static func processTimes() throws(PyError) -> Owned {
    var t = tms()
    errno = 0
    let now = times(&t)
    if now == -1, errno != 0 { throw systemFailure() }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    var v = try StructValue(SystemSlot.timesResult)
    for ticksUsed in [t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime, now] {
      v.add(try float(Double(ticksUsed) / ticks))
    }
    return v.finish()
  }

  private static func random(_ m: inout MethodTable) {
    m.one("urandom", "($module, size, /)", "Random bytes that are fit for keys.") { _, r in
      bridge { () throws(PyError) in
        let size = try cSize(r!)
        if size < 0 { throw valueError("negative argument not allowed") }
        return try bytes(size) { (p) throws(PyError) in
          var done = 0
          while done < size {
            let rest = size - done, at = p + done
            done += try checkSystem(try retryingInterrupts("getrandom") { getrandom(at, rest, 0) })
          }
          return size
        }
      }
    }
    m.add(randomFunction, "At most `size` random bytes, straight from the system call.") { _, a, n, k in
      answer(SystemInformation.randomFunction, a, n, k) { (b) throws(PyError) in
        let size = try b.size(0), flags = try b.int(1, 0)
        if size < 0 {
          errno = EINVAL
          throw systemFailure()
        }
        return try bytes(size) { (p) throws(PyError) in
          try checkSystem(try retryingInterrupts("getrandom") { getrandom(p, size, UInt32(bitPattern: flags)) })
        }
      }
    }
  }

  /// The number of a configuration name: itself, or what a table says for a str.
  private static func configurationName(_ r: Ref, _ table: UnsafePointer<gila_named_int>) throws(PyError) -> Int32 {
    if r.isUnicode {
      var p = table
      while let name = p.pointee.name {
        if PyUnicode_EqualToUTF8(r, name) != 0 { return Int32(truncatingIfNeeded: p.pointee.value) }
        p += 1
      }
      throw valueError("unrecognized configuration name")
    }
    if PyIndex_Check(r) != 0 { return try cInt(r) }
    throw typeError("configuration names must be strings or integers")
  }

  private static func configuration(_ m: inout MethodTable) {
    m.one("sysconf", "($module, name, /)", "A limit or option of the system.") { _, r in
      bridge { () throws(PyError) in
        let name = try SystemInformation.configurationName(r!, gila_sysconf_table())
        errno = 0
        let value = sysconf(name)
        if value == -1, errno != 0 { throw systemFailure() }
        return try int(value)
      }
    }
    m.one("confstr", "($module, name, /)", "A text of the system's configuration; None when it has none.") { _, r in
      bridge { () throws(PyError) in
        let name = try SystemInformation.configurationName(r!, gila_confstr_table())
        errno = 0
        let n = confstr(name, nil, 0)
        if n == 0 {
          if errno != 0 { throw systemFailure() }
          return noneOwned()
        }
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: n)
        defer { buffer.deallocate() }
        _ = confstr(name, buffer, n)
        return try owned(PyUnicode_DecodeFSDefaultAndSize(buffer, n - 1))
      }
    }
    m.positional("fpathconf", "($module, fd, name, /)", "A limit of an open file.") { _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("fpathconf", n, 2)
        let fd = try fileDescriptor(a![0]!)
        let name = try SystemInformation.configurationName(a![1]!, gila_pathconf_table())
        errno = 0
        let value = fpathconf(fd, name)
        if value == -1, errno != 0 { throw systemFailure() }
        return try int(value)
      }
    }
    m.add(pathconfFunction, "A limit of a file, given by path or descriptor.") { _, a, n, k in
      answer(SystemInformation.pathconfFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true)
        let name = try SystemInformation.configurationName(b.object(1), gila_pathconf_table())
        errno = 0
        let value = path.descriptor != -1 ? fpathconf(path.descriptor, name) : pathconf(path.characters, name)
        if value == -1, errno != 0 { throw errno == EINVAL ? systemFailure() : path.failure() }
        return try int(value)
      }
    }
  }

  private static func fileSystems(_ m: inout MethodTable) {
    m.add(statvfsFunction, "What the system knows of the file system of a file, given by path or descriptor.") {
      _, a, n, k in
      answer(SystemInformation.statvfsFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true)
        var s = statvfs()
        let (text, fd) = (path.text, path.descriptor)
        try path.check(
          releasingLock("statvfs") {
            if fd != -1 { return fstatvfs(fd, &s) }
            guard let text else { return -1 }
            return statvfs(text, &s)
          })
        return try SystemInformation.object(s)
      }
    }
    m.one("fstatvfs", "($module, fd, /)", "Like statvfs(), for an open file.") { _, r in
      bridge { () throws(PyError) in
        let fd = try cInt(r!)
        var s = statvfs()
        try checkSystem(try retryingInterrupts("fstatvfs") { fstatvfs(fd, &s) })
        return try SystemInformation.object(s)
      }
    }
    m.noArguments("sync", "($module, /)", "Have everything stored on the devices.") { _, _ in
      releasingLock("sync") { sync() }
      return none
    }
  }
  private static func object(_ s: statvfs) throws(PyError) -> Owned {
    var v = try StructValue(SystemSlot.statvfsResult)
    for n in [
      s.f_bsize, s.f_frsize, s.f_blocks, s.f_bfree, s.f_bavail, s.f_files, s.f_ffree, s.f_favail, s.f_flag, s.f_namemax,
      s.f_fsid,
    ] {
      v.add(try int(UInt(n)))
    }
    return v.finish()
  }
}
