// The stream that is sys.stderr until the module io can be imported: it writes to a file descriptor.

import CGila
import GilaCore
import Glibc

enum StandardPrinter {
  private static func descriptor(_ r: Ref) -> Int32 { r.raw.load(fromByteOffset: 16, as: Int32.self) }

  /// Completes the type when the first stream is made.
  static func prepare() -> Bool {
    let t = Types.stdPrinter
    if t.pointee.tp_name != nil { return true }
    t.define("stderrprinter", basicSize: 24, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { r in PyObject_Free(r!.raw) }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let address = String(UInt(bitPattern: r!), radix: 16)
        return try string("<stdprinter(fd=\(StandardPrinter.descriptor(r!))) object at 0x\(address)>")
      }
    }
    t.pointee.tp_methods = methods()
    var g = GetSetTable()
    g.add("encoding", get: { _, _ in none })
    g.add("closed", get: { _, _ in pyFalse })
    g.add("mode", get: { _, _ in newString("w") })
    t.pointee.tp_getset = g.build()
    return PyType_Ready(t) == 0
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("write", "", "Writes a str.") { r, text in
      bridge { () throws(PyError) in try StandardPrinter.write(r!, text!) }
    }
    m.noArguments("fileno", "", "The file descriptor.") { r, _ in
      PyLong_FromLong(Int(StandardPrinter.descriptor(r!)))
    }
    m.noArguments("isatty", "", "Whether it is a terminal.") { r, _ in
      newRef(pyBool(isatty(StandardPrinter.descriptor(r!)) != 0))
    }
    m.noArguments("flush", "", "Nothing is held back.") { _, _ in none }
    m.noArguments("close", "", "The descriptor stays open.") { _, _ in none }
    return m.build()
  }
  private static func write(_ r: Ref, _ text: Ref) throws(PyError) -> Owned {
    guard text.isUnicode else {
      throw typeError("write() argument must be str, not \(text == none ? "None" : typeName(of: text))")
    }
    let b = try owned(PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace"))
    let n = PyBytes_Size(b.ref)
    var done = 0
    while let p = PyBytes_AsString(b.ref), done < n {
      let k = Glibc.write(descriptor(r), p + done, n - done)
      if k < 0 {
        if errno == EINTR { continue }
        break
      }
      done += k
    }
    return try owned(PyLong_FromSsize_t(n))
  }
}

@c @implementation public func PyFile_NewStdPrinter(_ fd: Int32) -> Ref? {
  if fd != STDOUT_FILENO && fd != STDERR_FILENO {
    _ = badInternalCall()
    return nil
  }
  guard StandardPrinter.prepare(), let r = PyType_GenericAlloc(Types.stdPrinter, 0) else { return nil }
  r.raw.storeBytes(of: fd, toByteOffset: 16, as: Int32.self)
  return r
}
/// Opens a file by its Python name; NULL with an exception set.
@c @implementation public func _Py_fopen_obj(
  _ path: Ref!, _ mode: UnsafePointer<CChar>!
) -> UnsafeMutablePointer<FILE>? {
  var bytes: Ref? = nil
  if PyUnicode_FSConverter(path, &bytes) == 0 { return nil }
  defer { xdecref(bytes) }
  guard let file = fopen(PyBytes_AsString(bytes), mode) else {
    PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, path)
    return nil
  }
  _ = fcntl(fileno(file), F_SETFD, FD_CLOEXEC)
  return file
}
