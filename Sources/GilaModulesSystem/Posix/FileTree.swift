// Names in the file system: making, moving and removing them.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum FileTree {
  private static let mkdirFunction = Function("mkdir", "($module, /, path, mode=511, *, dir_fd=None)")
  private static let rmdirFunction = Function("rmdir", "($module, /, path, *, dir_fd=None)")
  private static let unlinkFunction = Function("unlink", "($module, /, path, *, dir_fd=None)")
  private static let removeFunction = Function("remove", "($module, /, path, *, dir_fd=None)")
  private static let renameFunction = Function("rename", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)")
  private static let replaceFunction = Function(
    "replace", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)")
  private static let linkFunction = Function(
    "link", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)")
  private static let symlinkFunction = Function(
    "symlink", "($module, /, src, dst, target_is_directory=False, *, dir_fd=None)")
  private static let readlinkFunction = Function("readlink", "($module, /, path, *, dir_fd=None)")
  private static let chdirFunction = Function("chdir", "($module, /, path)")
  private static let fchdirFunction = Function("fchdir", "($module, /, fd)")
  private static let chrootFunction = Function("chroot", "($module, /, path)")
  private static let mkfifoFunction = Function("mkfifo", "($module, /, path, mode=438, *, dir_fd=None)")
  private static let mknodFunction = Function("mknod", "($module, /, path, mode=384, device=0, *, dir_fd=None)")
  private static let truncateFunction = Function("truncate", "($module, /, path, length)")

  static func add(_ m: inout MethodTable) {
    removing(&m)
    moving(&m)
    links(&m)
    making(&m)
    currentDirectories(&m)
  }

  private static func auditPath(_ event: StaticString, _ path: borrowing Path, _ directory: Int32) throws(PyError) {
    if !isAudited { return }
    let fd = try int(directory == currentDirectory ? -1 : directory)
    try audit(event, path.object, fd.ref)
  }
  private static func removeEntry(_ b: Arguments, _ event: StaticString, _ flags: Int32) throws(PyError) {
    let path = try b.path(0)
    let directory = try b.directory(1)
    try auditPath(event, path, directory)
    let text = path.characters
    try path.check(releasingLock("unlink") { unlinkat(directory, text, flags) })
  }

  private static func removing(_ m: inout MethodTable) {
    m.add(rmdirFunction, "Remove an empty directory.") { _, a, n, k in
      perform(FileTree.rmdirFunction, a, n, k) { (b) throws(PyError) in
        try FileTree.removeEntry(b, "os.rmdir", AT_REMOVEDIR)
      }
    }
    m.add(unlinkFunction, "Remove a file's name.") { _, a, n, k in
      perform(FileTree.unlinkFunction, a, n, k) { (b) throws(PyError) in try FileTree.removeEntry(b, "os.remove", 0) }
    }
    m.add(removeFunction, "Remove a file's name; the same as unlink().") { _, a, n, k in
      perform(FileTree.removeFunction, a, n, k) { (b) throws(PyError) in try FileTree.removeEntry(b, "os.remove", 0) }
    }
    m.add(truncateFunction, "Cut or extend a file, given by path or descriptor, to a length.") { _, a, n, k in
      perform(FileTree.truncateFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true)
        let length = try b.long(1)
        if isAudited { try audit("os.truncate", path.object, b.object(1)) }
        if path.descriptor != -1 {
          let fd = path.descriptor
          try checkSystem(try retryingInterrupts("ftruncate") { ftruncate(fd, length) })
        } else {
          let text = path.characters
          try path.check(try retryingInterrupts("truncate") { truncate(text, length) })
        }
      }
    }
  }

  private static func move(_ b: Arguments) throws(PyError) {
    let source = try b.path(0, "src"), target = try b.path(1, "dst")
    let from = try b.directory(2), to = try b.directory(3)
    if isAudited {
      let x = try int(from == currentDirectory ? -1 : from), y = try int(to == currentDirectory ? -1 : to)
      try audit("os.rename", source.object, target.object, x.ref, y.ref)
    }
    let s = source.characters, t = target.characters
    if releasingLock("rename", { renameat(from, s, to, t) }) < 0 { throw source.failure(and: target) }
  }
  private static func moving(_ m: inout MethodTable) {
    m.add(renameFunction, "Rename a file or directory; an existing file of the new name goes.") { _, a, n, k in
      perform(FileTree.renameFunction, a, n, k) { (b) throws(PyError) in try FileTree.move(b) }
    }
    m.add(replaceFunction, "Rename a file or directory; an existing file of the new name goes.") { _, a, n, k in
      perform(FileTree.replaceFunction, a, n, k) { (b) throws(PyError) in try FileTree.move(b) }
    }
  }

  private static func links(_ m: inout MethodTable) {
    m.add(linkFunction, "Make another name of a file.") { _, a, n, k in
      perform(FileTree.linkFunction, a, n, k) { (b) throws(PyError) in
        let source = try b.path(0, "src"), target = try b.path(1, "dst")
        let from = try b.directory(2), to = try b.directory(3), follow = try b.flag(4, true)
        if isAudited {
          let x = try int(from == currentDirectory ? -1 : from), y = try int(to == currentDirectory ? -1 : to)
          try audit("os.link", source.object, target.object, x.ref, y.ref)
        }
        let s = source.characters, t = target.characters
        let plain = from == currentDirectory && to == currentDirectory && follow
        let result = releasingLock("link") {
          plain ? link(s, t) : linkat(from, s, to, t, follow ? AT_SYMLINK_FOLLOW : 0)
        }
        if result < 0 { throw source.failure(and: target) }
      }
    }
    m.add(symlinkFunction, "Make a symbolic link dst that points to src.") { _, a, n, k in
      perform(FileTree.symlinkFunction, a, n, k) { (b) throws(PyError) in
        let source = try b.path(0, "src"), target = try b.path(1, "dst")
        _ = try b.flag(2, false)
        let directory = try b.directory(3)
        if isAudited {
          let fd = try int(directory == currentDirectory ? -1 : directory)
          try audit("os.symlink", source.object, target.object, fd.ref)
        }
        let s = source.characters, t = target.characters
        if releasingLock("symlink", { symlinkat(s, directory, t) }) < 0 { throw source.failure(and: target) }
      }
    }
    m.add(readlinkFunction, "Where a symbolic link points to.") { _, a, n, k in
      answer(FileTree.readlinkFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        let directory = try b.directory(1)
        let text = path.characters
        let room = Int(PATH_MAX) + 1
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: room)
        defer { buffer.deallocate() }
        let n = releasingLock("readlink") { readlinkat(directory, text, buffer, room) }
        try path.check(n)
        return try path.name(buffer, n)
      }
    }
  }

  private static func making(_ m: inout MethodTable) {
    m.add(mkdirFunction, "Make a directory; the mode loses the bits of umask.") { _, a, n, k in
      perform(FileTree.mkdirFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        let mode = try b.int(1, 0o777), directory = try b.directory(2)
        if isAudited {
          let x = try int(mode), y = try int(directory == currentDirectory ? -1 : directory)
          try audit("os.mkdir", path.object, x.ref, y.ref)
        }
        let text = path.characters
        try path.check(releasingLock("mkdir") { mkdirat(directory, text, mode_t(truncatingIfNeeded: mode)) })
      }
    }
    m.add(mkfifoFunction, "Make a named pipe.") { _, a, n, k in
      perform(FileTree.mkfifoFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        let mode = try b.int(1, 0o666), directory = try b.directory(2)
        let text = path.characters
        let result = try retryingInterrupts("mkfifo") { mkfifoat(directory, text, mode_t(truncatingIfNeeded: mode)) }
        try path.check(result)
      }
    }
    m.add(mknodFunction, "Make a file, device or named pipe.") { _, a, n, k in
      perform(FileTree.mknodFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        let mode = try b.int(1, 0o600), directory = try b.directory(3)
        let device = b[2] == nil ? 0 : try deviceNumber(b.object(2))
        let text = path.characters
        let result = try retryingInterrupts("mknod") {
          mknodat(directory, text, mode_t(truncatingIfNeeded: mode), device)
        }
        try path.check(result)
      }
    }
    m.one("major", "($module, device, /)", "The major number of a device.") { _, r in
      bridge { () throws(PyError) in try half(r!) { gila_major($0) } }
    }
    m.one("minor", "($module, device, /)", "The minor number of a device.") { _, r in
      bridge { () throws(PyError) in try half(r!) { gila_minor($0) } }
    }
    m.positional("makedev", "($module, major, minor, /)", "The device with a major and a minor number.") { _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("makedev", n, 2)
        let major = try deviceNumber(a![0]!), minor = try deviceNumber(a![1]!)
        for n in [major, minor] where n > dev_t(UInt32.max) && n != dev_t.max {
          throw overflowError("Python int too large to convert to C unsigned int")
        }
        return try deviceObject(gila_makedev(UInt32(truncatingIfNeeded: major), UInt32(truncatingIfNeeded: minor)))
      }
    }
  }
  private static func currentDirectories(_ m: inout MethodTable) {
    m.noArguments("getcwd", "($module, /)", "The current directory, as str.") { _, _ in
      bridge { () throws(PyError) in try FileTree.workingDirectory(asBytes: false) }
    }
    m.noArguments("getcwdb", "($module, /)", "The current directory, as bytes.") { _, _ in
      bridge { () throws(PyError) in try FileTree.workingDirectory(asBytes: true) }
    }
    m.add(chdirFunction, "Change the current directory, to a path or an open directory.") { _, a, n, k in
      perform(FileTree.chdirFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true)
        try audit("os.chdir", path.object)
        let (text, fd) = (path.characters, path.descriptor)
        try path.check(releasingLock("chdir") { fd != -1 ? fchdir(fd) : chdir(text) })
      }
    }
    m.add(fchdirFunction, "Change the current directory to an open one.") { _, a, n, k in
      perform(FileTree.fchdirFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.file(0)
        if isAudited {
          let number = try int(fd)
          try audit("os.chdir", number.ref)
        }
        try checkSystem(try retryingInterrupts("fchdir") { fchdir(fd) })
      }
    }
    m.add(chrootFunction, "Make a directory the root of the process.") { _, a, n, k in
      perform(FileTree.chrootFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0)
        let text = path.characters
        try path.check(releasingLock("chroot") { chroot(text) })
      }
    }
  }
  private static func workingDirectory(asBytes: Bool) throws(PyError) -> Owned {
    guard let p = releasingLock("getcwd", { getcwd(nil, 0) }) else { throw systemFailure() }
    defer { free(p) }
    return asBytes ? try owned(PyBytes_FromString(p)) : try fileName(p)
  }
}

/// The number of a device; -1 stands for none.
private func deviceNumber(_ r: Ref) throws(PyError) -> dev_t {
  if r.isLong, _PyLong_Sign(r) < 0 {
    var overflow: Int32 = 0
    if PyLong_AsLongAndOverflow(r, &overflow) == -1, overflow == 0, !errorIsSet { return dev_t.max }
  }
  return dev_t(try cUnsignedLong(r))
}
private func deviceObject(_ d: dev_t) throws(PyError) -> Owned { d == dev_t.max ? try int(-1) : try int(d) }
/// One half of a device's number.
private func half(_ r: Ref, _ part: (dev_t) -> UInt32) throws(PyError) -> Owned {
  let device = try deviceNumber(r)
  return device == dev_t.max ? try int(-1) : try int(part(device))
}
