// os.DirEntry: a name that scandir() found, with what the directory itself tells of it.

import CGila
import GilaCore
import Glibc

/// The words of a DirEntry behind its head.
struct DirectoryEntry {
  let r: Ref
  var name: UnsafeMutablePointer<Ref?> { r.word(0, Ref?.self) }
  var path: UnsafeMutablePointer<Ref?> { r.word(1, Ref?.self) }
  /// stat_results, once asked for.
  var followed: UnsafeMutablePointer<Ref?> { r.word(2, Ref?.self) }
  var own: UnsafeMutablePointer<Ref?> { r.word(3, Ref?.self) }
  var inode: UnsafeMutablePointer<UInt> { r.word(4, UInt.self) }
  /// The kind as the directory has it: a DT_ number.
  var kind: UnsafeMutablePointer<Int> { r.word(5, Int.self) }
  /// The directory's descriptor when scandir got one, else that of the current directory.
  var directory: UnsafeMutablePointer<Int> { r.word(6, Int.self) }

  static let unknown = 0, isLink = 10, isDirectory = 4, isFile = 8

  static func make(_ name: consuming Owned, _ path: consuming Owned, inode: UInt, kind: Int, directory: Int32)
    throws(PyError) -> Owned
  {
    let r = try owned(PyType_GenericAlloc(DirectoryEntryType.type, 0))
    let e = DirectoryEntry(r: r.ref)
    e.name.pointee = name.take()
    e.path.pointee = path.take()
    e.inode.pointee = inode
    e.kind.pointee = kind
    e.directory.pointee = Int(directory)
    return r
  }

  private func fetch(follow: Bool) throws(PyError) -> Owned {
    let bytes = try fileSystemBytes(path.pointee ?? none)
    let text = PyBytes_AsString(bytes.ref)!
    let fd = Int32(truncatingIfNeeded: directory.pointee)
    var s = stat()
    let result = releasingLock("stat") { fstatat(fd, text, &s, follow ? 0 : AT_SYMLINK_NOFOLLOW) }
    if result < 0 {
      PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, path.pointee)
      throw PyError()
    }
    return try StatResult.object(s)
  }
  /// The stat_result, fetched once.
  func status(follow: Bool) throws(PyError) -> Owned {
    if follow {
      if let known = followed.pointee { return Owned(retaining: known) }
      let fresh = try isSymbolicLink() ? fetch(follow: true) : status(follow: false)
      replace(followed, with: newRef(fresh.ref))
      return fresh
    }
    if let known = own.pointee { return Owned(retaining: known) }
    let fresh = try fetch(follow: false)
    replace(own, with: newRef(fresh.ref))
    return fresh
  }

  func isSymbolicLink() throws(PyError) -> Bool {
    if kind.pointee != DirectoryEntry.unknown { return kind.pointee == DirectoryEntry.isLink }
    return try hasMode(S_IFLNK, follow: false)
  }
  /// Whether it is of a kind; false when it is gone.
  func isKind(_ wanted: Int, _ mode: UInt32, follow: Bool) throws(PyError) -> Bool {
    if kind.pointee == DirectoryEntry.unknown || (follow && kind.pointee == DirectoryEntry.isLink) {
      return try hasMode(mode, follow: follow)
    }
    return kind.pointee == wanted
  }
  private func hasMode(_ mode: UInt32, follow: Bool) throws(PyError) -> Bool {
    let result: Owned
    do throws(PyError) { result = try status(follow: follow) } catch {
      guard PyErr_ExceptionMatches(Exc.FileNotFoundError.object) != 0 else { throw error }
      PyErr_Clear()
      return false
    }
    let r = try owned(PyObject_GetAttrString(result.ref, "st_mode"))
    return UInt32(truncatingIfNeeded: try cLong(r.ref)) & S_IFMT == mode
  }
}

enum DirectoryEntryType {
  nonisolated(unsafe) static let type = newStaticType()

  private static let isDirectory = Function("is_dir", "($self, /, *, follow_symlinks=True)")
  private static let isFile = Function("is_file", "($self, /, *, follow_symlinks=True)")
  private static let status = Function("stat", "($self, /, *, follow_symlinks=True)")

  static func define() {
    type.define(
      "posix.DirEntry", basicSize: 72, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc: "A name in a directory, as scandir() found it.")
    type.pointee.tp_dealloc = { r in
      let e = DirectoryEntry(r: r!)
      xdecref(e.name.pointee)
      xdecref(e.path.pointee)
      xdecref(e.followed.pointee)
      xdecref(e.own.pointee)
      PyObject_Free(r!.raw)
    }
    type.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        try string("<DirEntry \(try reprText(DirectoryEntry(r: r!).name.pointee ?? none))>")
      }
    }
    var members = MemberTable()
    members.add("name", _Py_T_OBJECT, offset: 16, "The name in the directory.")
    members.add("path", _Py_T_OBJECT, offset: 24, "The directory that was scanned and the name, joined.")
    type.pointee.tp_members = members.build()
    type.pointee.tp_methods = methods()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(isDirectory, "Whether it is a directory, or by default a link to one.") { r, a, n, k in
      answer(DirectoryEntryType.isDirectory, a, n, k) { (b) throws(PyError) in
        let e = DirectoryEntry(r: r!)
        return Owned(
          retaining: pyBool(try e.isKind(DirectoryEntry.isDirectory, S_IFDIR, follow: try b.flag(0, true))))
      }
    }
    m.add(isFile, "Whether it is a regular file, or by default a link to one.") { r, a, n, k in
      answer(DirectoryEntryType.isFile, a, n, k) { (b) throws(PyError) in
        let e = DirectoryEntry(r: r!)
        return Owned(retaining: pyBool(try e.isKind(DirectoryEntry.isFile, S_IFREG, follow: try b.flag(0, true))))
      }
    }
    m.noArguments("is_symlink", "($self, /)", "Whether it is a symbolic link.") { r, _ in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try DirectoryEntry(r: r!).isSymbolicLink())) }
    }
    m.noArguments("is_junction", "($self, /)", "False: there are no junctions on this system.") { _, _ in
      newRef(pyFalse)
    }
    m.add(status, "The os.stat_result; asked of the system once.") { r, a, n, k in
      answer(DirectoryEntryType.status, a, n, k) { (b) throws(PyError) in
        try DirectoryEntry(r: r!).status(follow: try b.flag(0, true))
      }
    }
    m.noArguments("inode", "($self, /)", "The inode's number.") { r, _ in
      PyLong_FromUnsignedLong(DirectoryEntry(r: r!).inode.pointee)
    }
    m.noArguments("__fspath__", "($self, /)", "The path.") { r, _ in xnewRef(DirectoryEntry(r: r!).path.pointee) }
    m.one("__class_getitem__", "", "DirEntry[str] and the like, for annotations.", flags: METH_CLASS) { type, item in
      Py_GenericAlias(type, item)
    }
    return m.build()
  }
}
