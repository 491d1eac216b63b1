// listdir and scandir.

import CGila
import GilaCore
import Glibc

/// An open directory stream, and how its entries are named.
private func open(_ path: borrowing Path) throws(PyError) -> OpaquePointer {
  if path.descriptor != -1 {
    let fd = fcntl(path.descriptor, F_DUPFD_CLOEXEC, 0)
    try path.check(fd)
    guard let stream = releasingLock("fdopendir", { fdopendir(fd) }) else {
      let number = errno
      close(fd)
      errno = number
      throw path.failure()
    }
    return stream
  }
  let name = path.text ?? cString(".")
  guard let stream = releasingLock("opendir", { opendir(name) }) else { throw path.failure() }
  return stream
}

/// The name in a directory entry, unless it is "." or "..".
private func name(_ e: UnsafeMutablePointer<dirent>) -> (UnsafePointer<CChar>, Int)? {
  let p = (UnsafeRawPointer(e) + MemoryLayout<dirent>.offset(of: \.d_name).unsafelyUnwrapped)
    .assumingMemoryBound(to: CChar.self)
  let n = strlen(p)
  let dot = CChar(UInt8(ascii: "."))
  if p[0] == dot, n == 1 || (n == 2 && p[1] == dot) { return nil }
  return (p, n)
}

enum Directories {
  private static let list = Function("listdir", "($module, /, path=None)")
  private static let scan = Function("scandir", "($module, /, path=None)")

  static func add(_ m: inout MethodTable) {
    m.add(
      list,
      "The names in a directory, without '.' and '..', in no particular order.\n\nThe names are bytes when the path is, else str."
    ) { _, a, n, k in
      answer(Directories.list, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, nullable: true, descriptor: true)
        try audit("os.listdir", b[0] ?? none)
        return try Directories.names(path)
      }
    }
    m.add(scan, "An iterator of os.DirEntry for the names in a directory.") { _, a, n, k in
      answer(Directories.scan, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, nullable: true, descriptor: true)
        try audit("os.scandir", b[0] ?? none)
        return try DirectoryScanner.make(path)
      }
    }
  }

  private static func names(_ path: borrowing Path) throws(PyError) -> Owned {
    let result = try owned(PyList_New(0))
    let stream = try open(path)
    defer {
      // A descriptor's position is shared with its copy.
      if path.descriptor != -1 { rewinddir(stream) }
      releasingLock("closedir") { _ = closedir(stream) }
    }
    while true {
      errno = 0
      guard let entry = releasingLock("readdir", { readdir(stream) }) else {
        if errno != 0 { throw path.failure() }
        return result
      }
      if let (p, n) = name(entry) { try append(result.ref, try path.name(p, n)) }
    }
  }
}

/// The iterator that scandir() returns. Words: the path as given, the stream, the descriptor, the path's prefix in
/// bytes, whether names are bytes.
enum DirectoryScanner {
  nonisolated(unsafe) static let type = newStaticType()

  private static func path(_ r: Ref) -> UnsafeMutablePointer<Ref?> { r.word(0, Ref?.self) }
  private static func stream(_ r: Ref) -> UnsafeMutablePointer<OpaquePointer?> { r.word(1, OpaquePointer?.self) }
  private static func descriptor(_ r: Ref) -> UnsafeMutablePointer<Int> { r.word(2, Int.self) }
  private static func prefix(_ r: Ref) -> UnsafeMutablePointer<Ref?> { r.word(3, Ref?.self) }

  static func make(_ given: borrowing Path) throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    path(r.ref).pointee = newRef(given.object)
    descriptor(r.ref).pointee = Int(given.descriptor)
    if given.descriptor == -1 {
      let text = given.text ?? cString(".")
      let n = strlen(text)
      let ends = n > 0 && text[n - 1] == CChar(UInt8(ascii: "/"))
      let start =
        given.isBytes
        ? try owned(PyBytes_FromStringAndSize(text, n)) : try owned(PyUnicode_DecodeFSDefaultAndSize(text, n))
      if ends {
        prefix(r.ref).pointee = start.take()
      } else {
        let slash = given.isBytes ? try owned(PyBytes_FromString("/")) : try string("/")
        prefix(r.ref).pointee = try owned(PyNumber_Add(start.ref, slash.ref)).take()
      }
    }
    stream(r.ref).pointee = try open(given)
    return r
  }

  private static func close(_ r: Ref) {
    guard let s = stream(r).pointee else { return }
    stream(r).pointee = nil
    if descriptor(r).pointee != -1 { rewinddir(s) }
    releasingLock("closedir") { _ = closedir(s) }
  }

  private static func next(_ r: Ref) throws(PyError) -> Owned? {
    while let s = stream(r).pointee {
      errno = 0
      guard let entry = releasingLock("readdir", { readdir(s) }) else {
        if errno != 0 {
          PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, path(r).pointee)
          close(r)
          throw PyError()
        }
        close(r)
        return nil
      }
      guard let (p, n) = name(entry) else { continue }
      return try self.entry(r, p, n, entry.pointee)
    }
    return nil
  }
  private static func entry(_ r: Ref, _ p: UnsafePointer<CChar>, _ n: Int, _ e: dirent) throws(PyError) -> Owned {
    let start = prefix(r).pointee
    let isBytes = start?.isBytes ?? false
    let name =
      isBytes ? try owned(PyBytes_FromStringAndSize(p, n)) : try owned(PyUnicode_DecodeFSDefaultAndSize(p, n))
    let full = start == nil ? Owned(retaining: name.ref) : try owned(PyNumber_Add(start, name.ref))
    let fd = descriptor(r).pointee
    return try DirectoryEntry.make(
      name, full, inode: e.d_ino, kind: Int(e.d_type),
      directory: fd == -1 ? currentDirectory : Int32(truncatingIfNeeded: fd))
  }

  static func define() {
    type.define("posix.ScandirIterator", basicSize: 48, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    type.pointee.tp_finalize = { r in
      guard DirectoryScanner.stream(r!).pointee != nil else { return }
      let pending = PyErr_GetRaisedException()
      if warnUnclosed("unclosed scandir iterator ", r!) < 0 {
        if PyErr_ExceptionMatches(Exc.Warning.object) != 0 { PyErr_WriteUnraisable(r) } else { PyErr_Clear() }
      }
      DirectoryScanner.close(r!)
      PyErr_SetRaisedException(pending)
    }
    type.pointee.tp_dealloc = { r in
      if PyObject_CallFinalizerFromDealloc(r) < 0 { return }
      DirectoryScanner.close(r!)
      xdecref(DirectoryScanner.path(r!).pointee)
      xdecref(DirectoryScanner.prefix(r!).pointee)
      PyObject_Free(r!.raw)
    }
    type.pointee.tp_iter = { r in newRef(r!) }
    type.pointee.tp_iternext = { r in
      do throws(PyError) { return try DirectoryScanner.next(r!)?.take() } catch { return nil }
    }
    var m = MethodTable()
    m.noArguments("__enter__") { r, _ in newRef(r!) }
    m.positional("__exit__") { r, _, _ in
      DirectoryScanner.close(r!)
      return none
    }
    m.noArguments("close") { r, _ in
      DirectoryScanner.close(r!)
      return none
    }
    type.pointee.tp_methods = m.build()
  }
}

/// ResourceWarning with a text and an object's repr.
func warnUnclosed(_ text: String, _ r: Ref) -> Int32 {
  guard let shown = try? reprText(r) else { return -1 }
  return (text + shown).withCString { PyErr_WarnEx(Exc.ResourceWarning.object, $0, 1) }
}
