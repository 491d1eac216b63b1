// Who may do what with a file: access, chmod, chown, umask; and its times: utime.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Permissions {
  private static let accessFunction = Function(
    "access", "($module, /, path, mode, *, dir_fd=None,\n       effective_ids=False, follow_symlinks=True)")
  private static let chmodFunction = Function(
    "chmod", "($module, /, path, mode, *, dir_fd=None,\n      follow_symlinks=(os.name != 'nt'))")
  private static let fchmodFunction = Function("fchmod", "($module, /, fd, mode)")
  private static let chownFunction = Function(
    "chown", "($module, /, path, uid, gid, *, dir_fd=None,\n      follow_symlinks=True)")
  private static let fchownFunction = Function("fchown", "($module, /, fd, uid, gid)")
  private static let lchownFunction = Function("lchown", "($module, /, path, uid, gid)")
  private static let utimeFunction = Function(
    "utime",
    "($module, /, path, times=None, *, ns=<unrepresentable>,\n      dir_fd=None, follow_symlinks=True)")

  static func add(_ m: inout MethodTable) {
    modes(&m)
    owners(&m)
    m.add(
      utimeFunction,
      "Set the times of last access and modification of a file.\n\ntimes is a tuple of two numbers of seconds, ns one of nanoseconds; without both it is now."
    ) { _, a, n, k in
      perform(Permissions.utimeFunction, a, n, k) { (b) throws(PyError) in try Permissions.setTimes(b) }
    }
  }

  private static func modes(_ m: inout MethodTable) {
    m.add(
      accessFunction,
      "Whether the process may access a file: F_OK asks for existence, R_OK, W_OK and X_OK for rights.\n\nThe real user counts, or with effective_ids the effective one."
    ) { _, a, n, k in
      answer(Permissions.accessFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        let mode = try b.int(1), directory = try b.directory(2)
        let effective = try b.flag(3, false), follow = try b.flag(4, true)
        let flags = (effective ? AT_EACCESS : 0) | (follow ? 0 : AT_SYMLINK_NOFOLLOW)
        let text = path.characters
        let result = releasingLock("access") { faccessat(directory, text, mode, flags) }
        return Owned(retaining: pyBool(result == 0))
      }
    }
    m.add(chmodFunction, "Set the permission bits of a file.") { _, a, n, k in
      perform(Permissions.chmodFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true)
        let mode = mode_t(truncatingIfNeeded: try b.int(1))
        let directory = try b.directory(2), follow = try b.flag(3, true)
        if isAudited {
          let x = try int(mode), y = try int(directory == currentDirectory ? -1 : directory)
          try audit("os.chmod", path.object, x.ref, y.ref)
        }
        let (text, fd) = (path.text, path.descriptor)
        if fd != -1, !follow { throw valueError("chmod: cannot use fd and follow_symlinks together") }
        let result = releasingLock("chmod") {
          if fd != -1 { return fchmod(fd, mode) }
          guard let text else { return -1 }
          return fchmodat(directory, text, mode, follow ? 0 : AT_SYMLINK_NOFOLLOW)
        }
        if result < 0, !follow, errno == ENOTSUP || errno == EOPNOTSUPP {
          if directory != currentDirectory { throw valueError("chmod: cannot use dir_fd and follow_symlinks together") }
          throw raise(Exc.NotImplementedError, "chmod: follow_symlinks unavailable on this platform")
        }
        try path.check(result)
      }
    }
    m.add(fchmodFunction, "Set the permission bits of an open file.") { _, a, n, k in
      perform(Permissions.fchmodFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.int(0), mode = mode_t(truncatingIfNeeded: try b.int(1))
        try checkSystem(try retryingInterrupts("fchmod") { fchmod(fd, mode) })
      }
    }
    m.one("umask", "($module, mask, /)", "Set the mask of permissions that new files do not get; returns the old one.")
    {
      _, r in bridge { () throws(PyError) in try int(umask(mode_t(truncatingIfNeeded: try cInt(r!)))) }
    }
  }

  private static func owners(_ m: inout MethodTable) {
    m.add(chownFunction, "Set owner and group of a file; -1 leaves one as it is.") { _, a, n, k in
      perform(Permissions.chownFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true)
        let user = try identity(b.object(1), "uid"), group = try identity(b.object(2), "gid")
        let directory = try b.directory(3), follow = try b.flag(4, true)
        if path.descriptor != -1 {
          if directory != currentDirectory { throw valueError("chown: can't specify both dir_fd and fd") }
          if !follow { throw valueError("chown: cannot use fd and follow_symlinks together") }
        }
        if isAudited {
          let fd = try int(directory == currentDirectory ? -1 : directory)
          let owner = try int(Int(user)), team = try int(Int(group))
          try audit("os.chown", path.object, owner.ref, team.ref, fd.ref)
        }
        let (text, fd) = (path.text, path.descriptor)
        let result = releasingLock("chown") {
          if fd != -1 { return fchown(fd, user, group) }
          guard let text else { return -1 }
          return fchownat(directory, text, user, group, follow ? 0 : AT_SYMLINK_NOFOLLOW)
        }
        try path.check(result)
      }
    }
    m.add(fchownFunction, "Set owner and group of an open file.") { _, a, n, k in
      perform(Permissions.fchownFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.int(0)
        let user = try identity(b.object(1), "uid"), group = try identity(b.object(2), "gid")
        try checkSystem(try retryingInterrupts("fchown") { fchown(fd, user, group) })
      }
    }
    m.add(lchownFunction, "Set owner and group of a symbolic link itself.") { _, a, n, k in
      perform(Permissions.lchownFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        let user = try identity(b.object(1), "uid"), group = try identity(b.object(2), "gid")
        if isAudited {
          let owner = try int(Int(user)), team = try int(Int(group))
          let fd = try int(-1)
          try audit("os.chown", path.object, owner.ref, team.ref, fd.ref)
        }
        let text = path.characters
        try path.check(releasingLock("lchown") { lchown(text, user, group) })
      }
    }
  }

  private static func setTimes(_ b: Arguments) throws(PyError) {
    let path = try b.path(0, descriptor: true)
    let times = b[1].flatMap { $0.isNone ? nil : $0 }
    let ns = b[2]
    let directory = try b.directory(3), follow = try b.flag(4, true)
    if times != nil, ns != nil { throw valueError("utime: you may specify either 'times' or 'ns' but not both") }
    var values = [timespec](repeating: timespec(tv_sec: 0, tv_nsec: 0x3fff_ffff), count: 2)  // UTIME_NOW
    if let times {
      guard times.isExactly(Types.tuple), times.size == 2 else {
        throw typeError("utime: 'times' must be either a tuple of two ints or None")
      }
      for i in 0..<2 {
        let t = try systemTime(gila_tuple_items(times)[i].unsafelyUnwrapped, .floor)
        values[i] = timespec(tv_sec: t.seconds, tv_nsec: t.nanoseconds)
      }
    } else if let ns {
      guard ns.isExactly(Types.tuple), ns.size == 2 else { throw typeError("utime: 'ns' must be a tuple of two ints") }
      for i in 0..<2 { values[i] = try split(gila_tuple_items(ns)[i].unsafelyUnwrapped) }
    }
    try checkCombination("utime", path, directory: directory, follow: follow)
    if isAudited {
      let fd = try int(directory == currentDirectory ? -1 : directory)
      try audit("os.utime", path.object, times ?? none, ns ?? none, fd.ref)
    }
    let (text, fd) = (path.text, path.descriptor)
    let result = releasingLock("utime") {
      if fd != -1 { return futimens(fd, values) }
      guard let text else { return -1 }
      return utimensat(directory, text, values, follow ? 0 : AT_SYMLINK_NOFOLLOW)
    }
    try path.check(result)
  }
  /// Nanoseconds of any size in seconds and the rest.
  private static func split(_ r: Ref) throws(PyError) -> timespec {
    let billion = try int(nanosecondsPerSecond)
    let parts = try owned(PyNumber_Divmod(r, billion.ref))
    guard parts.ref.isTuple, parts.ref.size == 2 else {
      throw typeError("\(typeName(of: r)).__divmod__() must return a 2-tuple, not \(typeName(of: parts.ref))")
    }
    let items = gila_tuple_items(parts.ref)
    let seconds = try systemTime(items[0].unsafelyUnwrapped, .floor).seconds
    return timespec(tv_sec: seconds, tv_nsec: Int(try cLong(items[1].unsafelyUnwrapped)))
  }
}
