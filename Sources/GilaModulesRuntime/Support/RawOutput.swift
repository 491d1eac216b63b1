import CGila
import GilaCore
import Glibc

/// Text straight to a file descriptor: before Python's streams exist, and when they fail.
public enum RawOutput {
  public static func write(_ fd: Int32, _ s: Ref) throws(PyError) {
    let b = try owned(PyUnicode_AsEncodedString(s, "utf-8", fd == 2 ? "backslashreplace" : "surrogateescape"))
    guard let start = PyBytes_AsString(b.ref) else { throw PyError() }
    var p = UnsafeRawPointer(start)
    var n = PyBytes_Size(b.ref)
    while n > 0 {
      let done = Glibc.write(fd, p, n)
      if done < 0 {
        if errno == EINTR { continue }
        PyErr_SetFromErrno(Exc.OSError.object)
        throw PyError()
      }
      p += done
      n -= done
    }
  }
  public static func write(_ fd: Int32, _ s: String) {
    let bytes = Array(s.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(fd, $0.baseAddress, $0.count) }
  }
}
