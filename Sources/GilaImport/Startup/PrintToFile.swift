// Writing an object's text to a C file, for extension modules and debuggers.

import CGila
import GilaCore
import Glibc

/// Writes the repr of an object, or with Py_PRINT_RAW its str.
@c @implementation public func PyObject_Print(
  _ object: Ref!, _ file: UnsafeMutablePointer<FILE>!, _ flags: Int32
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let object else {
      fputs("<nil>", file)
      return
    }
    let text = try owned(flags & 1 != 0 ? PyObject_Str(object) : PyObject_Repr(object))
    let bytes = try owned(PyUnicode_AsEncodedString(text.ref, "utf-8", "backslashreplace"))
    let n = PyBytes_Size(bytes.ref)
    if fwrite(PyBytes_AsString(bytes.ref), 1, n, file) < n {
      PyErr_SetFromErrno(Exc.OSError.object)
      clearerr(file)
      throw PyError()
    }
  }
}
