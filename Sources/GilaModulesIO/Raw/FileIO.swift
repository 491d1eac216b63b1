// _io.FileIO: a file descriptor. Every system call gives the lock up.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

private let signature = Signature("FileIO", "(file, mode='r', closefd=True, opener=None)")

/// The most that one read or write may ask of the kernel.
private let mostBytes = 0x7FFF_F000

private func fail(_ r: Ref) throws(PyError) {
  if r.fileIO.pointee.fd < 0 { throw closedError("I/O operation on closed file") }
}

/// Reads into memory: the count, or nil when nothing is there yet (EAGAIN).
func readRaw(_ r: Ref, _ p: UnsafeMutableRawPointer, _ n: Int) throws(PyError) -> Int? {
  let fd = r.fileIO.pointee.fd
  let count = try retryingInterrupts("read") { read(fd, p, min(n, mostBytes)) }
  if count < 0 {
    if errno == EAGAIN || errno == EWOULDBLOCK { return nil }
    throw systemFailure()
  }
  return count
}

/// Writes from memory: the count, or nil when nothing can be taken yet (EAGAIN).
func writeRaw(_ r: Ref, _ p: UnsafeRawPointer, _ n: Int) throws(PyError) -> Int? {
  let fd = r.fileIO.pointee.fd
  let count = try retryingInterrupts("write") { write(fd, p, min(n, mostBytes)) }
  if count < 0 {
    if errno == EAGAIN || errno == EWOULDBLOCK { return nil }
    throw systemFailure()
  }
  return count
}

private func closeDescriptor(_ r: Ref) throws(PyError) {
  let fd = r.fileIO.pointee.fd
  if fd < 0 { return }
  // Before the call: another thread must not use it meanwhile.
  r.fileIO.pointee.fd = -1
  if releasingLock("close", { close(fd) }) < 0 { throw systemFailure() }
}

/// lseek; UnsupportedOperation never, OSError when it fails.
func seekRaw(_ r: Ref, _ offset: Int, _ whence: Int32) throws(PyError) -> Int {
  let fd = r.fileIO.pointee.fd
  let result = releasingLock("lseek") { lseek(fd, offset, whence) }
  if r.fileIO.pointee.seekable < 0 { r.fileIO.pointee.seekable = result >= 0 ? 1 : 0 }
  if result < 0 { throw systemFailure() }
  return result
}

private struct Mode {
  var readable = false
  var writable = false
  var creating = false
  var appending = false
  var flags: Int32 = O_CLOEXEC

  init(_ text: UnsafePointer<CChar>) throws(PyError) {
    var kinds = 0
    var plus = false
    var p = text
    while p.pointee != 0 {
      switch UInt8(bitPattern: p.pointee) {
      case UInt8(ascii: "x"):
        kinds &+= 1
        creating = true
        writable = true
        flags |= O_EXCL | O_CREAT
      case UInt8(ascii: "r"):
        kinds &+= 1
        readable = true
      case UInt8(ascii: "w"):
        kinds &+= 1
        writable = true
        flags |= O_CREAT | O_TRUNC
      case UInt8(ascii: "a"):
        kinds &+= 1
        appending = true
        writable = true
        flags |= O_APPEND | O_CREAT
      case UInt8(ascii: "b"): break
      case UInt8(ascii: "+"):
        if plus { kinds = 9 }
        plus = true
        readable = true
        writable = true
      default: throw valueError("invalid mode: \(String(cString: text))")
      }
      if kinds > 1 {
        throw valueError("Must have exactly one of create/read/write/append mode and at most one plus")
      }
      p += 1
    }
    if kinds == 0 { throw valueError("Must have exactly one of create/read/write/append mode and at most one plus") }
    flags |= readable && writable ? O_RDWR : readable ? O_RDONLY : O_WRONLY
  }
}

private func open(_ r: Ref, _ file: Ref, _ modeText: UnsafePointer<CChar>, _ closeFD: Bool, _ opener: Ref?)
  throws(PyError)
{
  let f = r.fileIO
  if f.pointee.fd >= 0 {
    if f.pointee.closeFD { try closeDescriptor(r) } else { f.pointee.fd = -1 }
  }
  if file.isExactly(Types.bool) {
    try check(PyErr_WarnEx(Exc.RuntimeWarning.object, "bool is used as a file descriptor", 1))
  }
  var fd: Int32 = -1
  if PyIndex_Check(file) != 0 || file.isLong {
    fd = PyLong_AsInt(file)
    if fd < 0 {
      if !errorIsSet { throw valueError("negative file descriptor") }
      throw PyError()
    }
  }
  f.pointee.seekable = -1
  let mode = try Mode(modeText)
  if isAudited {
    let text = try owned(PyUnicode_FromString(modeText))
    try audit("open", [file, text.ref], numbers: Int(mode.flags))
  }
  f.pointee.created = mode.creating
  f.pointee.readable = mode.readable
  f.pointee.writable = mode.writable
  f.pointee.appending = mode.appending
  f.pointee.blockSize = 8192
  f.pointee.estimatedSize = -1
  if fd >= 0 {
    f.pointee.fd = fd
    f.pointee.closeFD = closeFD
  } else {
    if !closeFD { throw valueError("Cannot use closefd=False with file name") }
    f.pointee.closeFD = true
    if let opener, !opener.isNone {
      let flags = try number(Int(mode.flags))
      let result = try call(opener, file, flags.ref)
      if !result.ref.isLong { throw typeError("expected integer from opener") }
      fd = PyLong_AsInt(result.ref)
      if fd < 0 {
        if errorIsSet { throw PyError() }
        throw valueError("opener returned \(fd)")
      }
      // What the opener made must not be inherited either.
      _ = fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) | FD_CLOEXEC)
    } else {
      var path: Ref? = nil
      if PyUnicode_FSConverter(file, &path) == 0 { throw PyError() }
      let name = try owned(path)
      let text = PyBytes_AsString(name.ref)!
      while true {
        fd = releasingLock("open") { Glibc.open(text, mode.flags, 0o666) }
        if fd >= 0 || errno != EINTR { break }
        try check(PyErr_CheckSignals())
      }
      if fd < 0 {
        PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, file)
        throw PyError()
      }
    }
    f.pointee.fd = fd
  }
  try inspect(r, file, isOurs: PyIndex_Check(file) == 0 && !file.isLong)
  if mode.appending {
    // Positions are those of the end at once, as for a stream that has been written.
    let end = releasingLock("lseek") { lseek(fd, 0, SEEK_END) }
    if end < 0, errno != ESPIPE { throw systemFailure() }
  }
}

/// Looks at the file: no directories, and its block size.
private func inspect(_ r: Ref, _ file: Ref, isOurs: Bool) throws(PyError) {
  let f = r.fileIO
  var info = stat()
  let fd = f.pointee.fd
  if releasingLock("fstat", { fstat(fd, &info) }) < 0 {
    if errno == EBADF {
      if !isOurs { f.pointee.fd = -1 }
      PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, isOurs ? file : nil)
      throw PyError()
    }
  } else {
    if info.st_mode & S_IFMT == S_IFDIR {
      if !isOurs { f.pointee.fd = -1 }
      errno = EISDIR
      PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, file)
      throw PyError()
    }
    if info.st_blksize > 1 { f.pointee.blockSize = Int32(truncatingIfNeeded: info.st_blksize) }
    if info.st_mode & S_IFMT == S_IFREG { f.pointee.estimatedSize = Int(info.st_size) }
  }
  if PyObject_SetAttrString(r, "name", file) < 0 {
    if !isOurs { f.pointee.fd = -1 }
    throw PyError()
  }
}

/// Reads to the end; nil when nothing is there yet.
private func readAll(_ r: Ref) throws(PyError) -> Ref? {
  var capacity = 8192
  let size = r.fileIO.pointee.estimatedSize
  if size > 0 {
    let fd = r.fileIO.pointee.fd
    let at = size > 65536 ? releasingLock("lseek") { lseek(fd, 0, SEEK_CUR) } : 0
    capacity = max(size &- max(at, 0), 0) &+ 1
  }
  var result: Ref? = try owned(allocateBytes(capacity)).take()
  var count = 0
  while true {
    if count >= capacity {
      capacity &+= capacity > 65536 ? capacity >> 3 : capacity &+ 256
      if _PyBytes_Resize(&result, capacity) < 0 { throw PyError() }
    }
    let n: Int?
    do throws(PyError) { n = try readRaw(r, result!.bytesData + count, capacity &- count) } catch {
      decref(result!)
      throw error
    }
    guard let n else {
      if count > 0 { break }
      decref(result!)
      return nil
    }
    if n == 0 { break }
    count &+= n
  }
  if _PyBytes_Resize(&result, count) < 0 { throw PyError() }
  return result
}

private func modeText(_ f: FileIOObject) -> StaticString {
  if f.created { return f.readable ? "xb+" : "xb" }
  if f.appending { return f.readable ? "ab+" : "ab" }
  if f.readable { return f.writable ? "rb+" : "rb" }
  return "wb"
}

private func warnUnclosed(_ r: Ref, _ source: Ref) {
  guard r.fileIO.pointee.fd >= 0, r.fileIO.pointee.closeFD else { return }
  let saved = PyErr_GetRaisedException()
  if let text = PyObject_Repr(source) {
    let message = "unclosed file \(swiftString(text))"
    decref(text)
    if let m = PyUnicode_FromString(message), gila_warn(Exc.ResourceWarning.object, m, 1, source) < 0 {
      if PyErr_ExceptionMatches(Exc.Warning.object) != 0 { PyErr_WriteUnraisable(r) } else { PyErr_Clear() }
    }
  } else {
    PyErr_Clear()
  }
  if let saved { PyErr_SetRaisedException(saved) }
}

enum FileIOType {
  static func define() {
    let t = IOTypes.fileIO
    t.define(
      "_io.FileIO", basicSize: MemoryLayout<FileIOObject>.size, flags: streamFlags, base: IOTypes.rawIOBase,
      doc:
        "FileIO(file, mode='r', closefd=True, opener=None)\n--\n\nOpen a file.\n\nThe mode can be 'r' (default), 'w', 'x' or 'a' for reading,\nwriting, exclusive creation or appending.  The file will be created if it\ndoesn't exist when opened for writing or appending; it will be truncated\nwhen opened for writing.  A FileExistsError will be raised if it already\nexists when opened for creating. Opening a file for creating implies\nwriting so this mode behaves in a similar way to 'w'.Add a '+' to the mode\nto allow simultaneous reading and writing. A custom opener can be used by\npassing a callable as *opener*. The underlying file descriptor for the file\nobject is then obtained by calling opener with (*name*, *flags*).\n*opener* must return an open file descriptor (passing os.open as *opener*\nresults in functionality similar to passing None)."
    )
    t.pointee.tp_new = { type, _, _ in
      guard let r = type!.pointee.tp_alloc(type, 0) else { return nil }
      r.fileIO.pointee.fd = -1
      r.fileIO.pointee.seekable = -1
      r.fileIO.pointee.closeFD = true
      r.fileIO.pointee.blockSize = 0
      return r
    }
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in
        let b = try signature.bind(tuple: tuple, dict: dict)
        var mode = cString("r")
        if let m = b[1] {
          if !m.isUnicode { throw typeError("FileIO() argument 'mode' must be str, not \(argumentTypeName(m))") }
          guard let text = PyUnicode_AsUTF8(m) else { throw PyError() }
          mode = text
        }
        let closeFD = b[2] == nil ? true : try truth(b[2].unsafelyUnwrapped)
        try open(r!, b[0].unsafelyUnwrapped, mode, closeFD, b[3])
      }
    }
    t.pointee.tp_dealloc = { r in
      guard beginDealloc(r!) else { return }
      endDealloc(r!)
    }
    t.pointee.tp_repr = { r in bridge { () throws(PyError) in try FileIOType.repr(r!) } }
    t.pointee.tp_methods = methods()
    t.pointee.tp_getset = attributes()
    var members = MemberTable()
    members.add("_blksize", Py_T_INT, offset: MemoryLayout<FileIOObject>.offset(of: \.blockSize)!, flags: 0)
    members.add("_finalizing", Py_T_BOOL, offset: MemoryLayout<FileIOObject>.offset(of: \.finalizing)!, flags: 0)
    t.pointee.tp_members = members.build()
  }

  private static func repr(_ r: Ref) throws(PyError) -> Owned {
    let type = typeName(of: r)
    let f = r.fileIO.pointee
    if f.fd < 0 { return try string("<\(type) [closed]>") }
    let mode = modeText(f).description
    let close = f.closeFD ? "True" : "False"
    guard let name = try optionalAttribute(r, "name") else {
      return try string("<\(type) fd=\(f.fd) mode='\(mode)' closefd=\(close)>")
    }
    let held = Owned(taking: name)
    let status = Py_ReprEnter(r)
    if status != 0 {
      if status > 0 { throw runtimeError("reentrant call inside \(type).__repr__") }
      throw PyError()
    }
    defer { Py_ReprLeave(r) }
    var writer = StringWriter()
    try writer.append(ascii: "<\(type) name=")
    let shown = try owned(PyObject_Repr(held.ref))
    try writer.append(shown.ref)
    try writer.append(ascii: " mode='\(mode)' closefd=\(close)>")
    return try writer.finish()
  }

  private static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add("closed", "True if the file is closed", get: { r, _ in pyBool(r!.fileIO.pointee.fd < 0) })
    g.add(
      "closefd", "True if the file descriptor will be closed by close().",
      get: { r, _ in
        pyBool(r!.fileIO.pointee.closeFD)
      })
    g.add(
      "mode", "String giving the file mode",
      get: { r, _ in
        newRef(gila_intern(cString(modeText(r!.fileIO.pointee)))!)
      })
    return g.build()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "read", "($self, size=-1, /)",
      "Read at most size bytes, returned as bytes.\n\nIf size is less than 0, read all bytes in the file making multiple read calls.\nSee ``FileIO.readall``.\n\nAttempts to make only one system call, retrying only per PEP 475 (EINTR). This\nmeans less data may be returned than requested.\n\nIn non-blocking mode, returns None if no data is available. Return an empty\nbytes object at EOF."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("read", a, n))
        try fail(r!)
        if !r!.fileIO.pointee.readable { throw unsupported("File not open for reading") }
        if size < 0 { return Owned(taking: try readAll(r!) ?? none) }
        var result: Ref? = try owned(allocateBytes(min(size, mostBytes))).take()
        var count: Int? = nil
        do throws(PyError) { count = try readRaw(r!, result!.bytesData, min(size, mostBytes)) } catch {
          decref(result!)
          throw error
        }
        guard let count else {
          decref(result!)
          return Owned(taking: none)
        }
        if _PyBytes_Resize(&result, count) < 0 { throw PyError() }
        return try owned(result)
      }
    }
    m.noArguments(
      "readall", "($self, /)",
      "Read all data from the file, returned as bytes.\n\nReads until either there is an error or read(2) is called and returns no data.\nThis may be many bytes and multiple system calls."
    ) { r, _ in
      bridge { () throws(PyError) in
        try fail(r!)
        return Owned(taking: try readAll(r!) ?? none)
      }
    }
    m.one("readinto", "($self, buffer, /)", "Same as RawIOBase.readinto().") { r, target in
      bridge { () throws(PyError) in
        try fail(r!)
        if !r!.fileIO.pointee.readable { throw unsupported("File not open for reading") }
        let lock = try writableArgument(target!, "readinto")
        guard let n = try readRaw(r!, lock.view.buf, lock.view.len) else { return Owned(taking: none) }
        return try number(n)
      }
    }
    m.one(
      "write", "($self, b, /)",
      "Write buffer b to file, return number of bytes written.\n\nOnly makes one system call, so not all of the data may be written.\nThe number of bytes actually written is returned.  In non-blocking mode,\nreturns None if the write would block."
    ) { r, data in
      bridge { () throws(PyError) in
        try fail(r!)
        if !r!.fileIO.pointee.writable { throw unsupported("File not open for writing") }
        let lock = try BufferLock(data!)
        guard let n = try writeRaw(r!, lock.data.base, lock.data.count) else { return Owned(taking: none) }
        return try number(n)
      }
    }
    addPositions(&m)
    addState(&m)
    return m.build()
  }

  private static func addPositions(_ m: inout MethodTable) {
    m.positional(
      "seek", "($self, pos, whence=0, /)",
      "Move to new file position and return the file position.\n\nArgument offset is a byte count.  Optional argument whence defaults to\nSEEK_SET or 0 (offset from start of file, offset should be >= 0); other values\nare SEEK_CUR or 1 (move relative to current position, positive or negative),\nand SEEK_END or 2 (move relative to end of file, usually negative, although\nmany platforms allow seeking beyond the end of a file).\n\nNote that not all file objects are seekable."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("seek", n, 1, 2)
        let whence = n > 1 ? try intArgument(a.unsafelyUnwrapped[1].unsafelyUnwrapped) : 0
        try fail(r!)
        let offset = try fileOffset(a.unsafelyUnwrapped[0].unsafelyUnwrapped)
        return try number(try seekRaw(r!, offset, whence))
      }
    }
    m.noArguments("tell", "($self, /)", "Current file position.\n\nCan raise OSError for non seekable files.") { r, _ in
      bridge { () throws(PyError) in
        try fail(r!)
        return try number(try seekRaw(r!, 0, SEEK_CUR))
      }
    }
    m.positional(
      "truncate", "($self, size=None, /)",
      "Truncate the file to at most size bytes and return the truncated size.\n\nSize defaults to the current file position, as returned by tell().\nThe current file position is changed to the value of size."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let given = try optionalArgument("truncate", a, n)
        try fail(r!)
        if !r!.fileIO.pointee.writable { throw unsupported("File not open for writing") }
        let size: Int
        if let given, !given.isNone { size = try fileOffset(given) } else { size = try seekRaw(r!, 0, SEEK_CUR) }
        let fd = r!.fileIO.pointee.fd
        if releasingLock("ftruncate", { ftruncate(fd, size) }) < 0 { throw systemFailure() }
        r!.fileIO.pointee.estimatedSize = -1
        return try number(size)
      }
    }
    m.noArguments("seekable", "($self, /)", "True if file supports random-access.") { r, _ in
      bridge { () throws(PyError) in
        try fail(r!)
        if r!.fileIO.pointee.seekable < 0 {
          let fd = r!.fileIO.pointee.fd
          r!.fileIO.pointee.seekable = releasingLock("lseek") { lseek(fd, 0, SEEK_CUR) } >= 0 ? 1 : 0
        }
        return Owned(taking: pyBool(r!.fileIO.pointee.seekable == 1))
      }
    }
  }

  private static func addState(_ m: inout MethodTable) {
    m.noArguments(
      "close", "($self, /)",
      "Close the file.\n\nA closed file cannot be used for further I/O operations.  close() may be\ncalled more than once without error."
    ) { r, _ in
      bridge { () throws(PyError) in
        var result: Ref? = none
        // The base's close() flushes and marks; the descriptor is closed whatever it does.
        do throws(PyError) {
          let f = try owned(PyObject_GetAttrString(IOTypes.rawIOBase.object, "close"))
          result = try owned(PyObject_CallOneArg(f.ref, r)).take()
        } catch { result = nil }
        if !r!.fileIO.pointee.closeFD {
          r!.fileIO.pointee.fd = -1
          return try owned(result)
        }
        let first = PyErr_GetRaisedException()
        if r!.fileIO.pointee.finalizing != 0 { warnUnclosed(r!, r!) }
        do throws(PyError) { try closeDescriptor(r!) } catch {}
        chaining(first)
        if errorIsSet { throw PyError() }
        return Owned(taking: result ?? none)
      }
    }
    m.noArguments("fileno", "($self, /)", "Return the underlying file descriptor (an integer).") { r, _ in
      bridge { () throws(PyError) in
        try fail(r!)
        return try number(Int(r!.fileIO.pointee.fd))
      }
    }
    m.noArguments("isatty", "($self, /)", "True if the file is connected to a TTY device.") { r, _ in
      bridge { () throws(PyError) in
        try fail(r!)
        let fd = r!.fileIO.pointee.fd
        return Owned(taking: pyBool(releasingLock("isatty") { isatty(fd) } != 0))
      }
    }
    m.noArguments("_isatty_open_only") { r, _ in
      bridge { () throws(PyError) in
        try fail(r!)
        let fd = r!.fileIO.pointee.fd
        return Owned(taking: pyBool(releasingLock("isatty") { isatty(fd) } != 0))
      }
    }
    m.noArguments("readable", "($self, /)", "True if file was opened in a read mode.") { r, _ in
      bridge { () throws(PyError) in
        try fail(r!)
        return Owned(taking: pyBool(r!.fileIO.pointee.readable))
      }
    }
    m.noArguments("writable", "($self, /)", "True if file was opened in a write mode.") { r, _ in
      bridge { () throws(PyError) in
        try fail(r!)
        return Owned(taking: pyBool(r!.fileIO.pointee.writable))
      }
    }
    m.one("_dealloc_warn") { r, source in
      warnUnclosed(r!, source!)
      return none
    }
    m.noArguments("__reduce__") { r, _ in
      bridge { () throws(PyError) in throw typeError("cannot pickle '\(typeName(of: r!))' instances") }
    }
    m.one("__reduce_ex__") { r, _ in
      bridge { () throws(PyError) in throw typeError("cannot pickle '\(typeName(of: r!))' instances") }
    }
  }
}
