// os.stat_result and the functions that make one.

import CGila
import GilaCore
import Glibc

enum StatResult {
  static let description = StructDescription(
    name: "os.stat_result",
    doc:
      "What stat(), fstat() and lstat() tell of a file.\n\nThe items are st_mode, st_ino, st_dev, st_nlink, st_uid, st_gid, st_size and the three\ntimes in whole seconds; the attributes have more, the times as floats and in nanoseconds.",
    visible: 10,
    fields: [
      ("st_mode", "protection bits"), ("st_ino", "inode"), ("st_dev", "device"), ("st_nlink", "number of hard links"),
      ("st_uid", "user ID of owner"), ("st_gid", "group ID of owner"), ("st_size", "total size, in bytes"),
      ("-", "integer time of last access"), ("-", "integer time of last modification"),
      ("-", "integer time of last change"),
      ("st_atime", "time of last access"), ("st_mtime", "time of last modification"),
      ("st_ctime", "time of last change"),
      ("st_atime_ns", "time of last access in nanoseconds"),
      ("st_mtime_ns", "time of last modification in nanoseconds"),
      ("st_ctime_ns", "time of last change in nanoseconds"),
      ("st_blksize", "blocksize for filesystem I/O"), ("st_blocks", "number of blocks allocated"),
      ("st_rdev", "device type (if inode device)"),
    ])

  /// A stat_result made from Python with ten items has its whole-second times as attributes too.
  static let completesTimes: newfunc = { type, args, kwargs in
    bridge { () throws(PyError) in
      let base = StatResult.plainNew
      let r = try owned(base(type, args, kwargs))
      for i in 7..<10 where PyStructSequence_GetItem(r.ref, i + 3)?.isNone ?? true {
        PyStructSequence_SetItem(r.ref, i + 3, xnewRef(PyStructSequence_GetItem(r.ref, i)))
      }
      return r
    }
  }
  /// `tp_new` of every struct sequence.
  nonisolated(unsafe) static var plainNew: newfunc = { _, _, _ in nil }

  static func addType(_ module: Ref) throws(PyError) {
    let isNew = SystemSlot.statResult.object == nil
    try description.add(to: module, SystemSlot.statResult, as: "stat_result")
    if isNew, let type = SystemSlot.statResult.object?.asType, let new = type.pointee.tp_new {
      plainNew = new
      type.pointee.tp_new = completesTimes
    }
  }

  static func object(_ s: stat) throws(PyError) -> Owned {
    var v = try StructValue(SystemSlot.statResult)
    v.add(try int(s.st_mode))
    v.add(try int(s.st_ino))
    v.add(try int(s.st_dev))
    v.add(try int(s.st_nlink))
    v.add(try identity(s.st_uid))
    v.add(try identity(s.st_gid))
    v.add(try int(s.st_size))
    let times = [s.st_atim, s.st_mtim, s.st_ctim]
    for t in times { v.add(try int(t.tv_sec)) }
    for t in times { v.add(try float(Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec))) }
    for t in times { v.add(try nanosecondObject(t)) }
    v.add(try int(s.st_blksize))
    v.add(try int(s.st_blocks))
    v.add(try int(s.st_rdev))
    return v.finish()
  }
  private static func nanosecondObject(_ t: timespec) throws(PyError) -> Owned {
    let (ns, overflow) = t.tv_sec.multipliedReportingOverflow(by: nanosecondsPerSecond)
    if !overflow, !ns.addingReportingOverflow(t.tv_nsec).overflow { return try int(ns + t.tv_nsec) }
    let s = try int(t.tv_sec), factor = try int(nanosecondsPerSecond), rest = try int(t.tv_nsec)
    let product = try owned(PyNumber_Multiply(s.ref, factor.ref))
    return try owned(PyNumber_Add(product.ref, rest.ref))
  }

  /// stat of a path or descriptor, with CPython's checks of the combination of arguments.
  static func look(_ function: StaticString, _ path: borrowing Path, _ directory: Int32, follow: Bool) throws(PyError)
    -> stat
  {
    try checkCombination(function, path, directory: directory, follow: follow)
    var s = stat()
    let result: Int32
    if path.descriptor != -1 {
      let fd = path.descriptor
      result = releasingLock("fstat") { fstat(fd, &s) }
    } else {
      let text = path.text
      result = releasingLock("stat") {
        // A missing path is the system's error to report.
        guard let text else {
          errno = EFAULT
          return -1
        }
        return fstatat(directory, text, &s, follow ? 0 : AT_SYMLINK_NOFOLLOW)
      }
    }
    try path.check(result)
    return s
  }

  private static let statFunction = Function("stat", "($module, /, path, *, dir_fd=None, follow_symlinks=True)")
  private static let lstatFunction = Function("lstat", "($module, /, path, *, dir_fd=None)")
  private static let fstatFunction = Function("fstat", "($module, /, fd)")

  static func add(_ m: inout MethodTable) {
    m.add(
      statFunction,
      "What the system knows of a file, as an os.stat_result.\n\n  path\n    A path, or the descriptor of an open file.\n  dir_fd\n    The descriptor of the directory that a relative path starts from.\n  follow_symlinks\n    False asks for a symbolic link itself, not for what it points to."
    ) { _, a, n, k in
      answer(StatResult.statFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true)
        return try StatResult.object(try StatResult.look("stat", path, try b.directory(1), follow: try b.flag(2, true)))
      }
    }
    m.add(lstatFunction, "Like stat(), but a symbolic link is looked at itself.") { _, a, n, k in
      answer(StatResult.lstatFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        return try StatResult.object(try StatResult.look("lstat", path, try b.directory(1), follow: false))
      }
    }
    m.add(fstatFunction, "Like stat(), for the descriptor of an open file.") { _, a, n, k in
      answer(StatResult.fstatFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.int(0)
        var s = stat()
        try checkSystem(try retryingInterrupts("fstat") { fstat(fd, &s) })
        return try StatResult.object(s)
      }
    }
  }
}

/// What cannot be combined: a descriptor with dir_fd, a descriptor with follow_symlinks=False, dir_fd without a path.
func checkCombination(
  _ function: StaticString, _ path: borrowing Path, directory: Int32 = currentDirectory, follow: Bool = true
) throws(PyError) {
  let hasDirectory = directory != currentDirectory
  if path.text == nil, hasDirectory { throw valueError("\(function): can't specify dir_fd without matching path") }
  if path.descriptor != -1 {
    if hasDirectory { throw valueError("\(function): can't specify both dir_fd and fd") }
    if !follow { throw valueError("\(function): cannot use fd and follow_symlinks together") }
  }
}
