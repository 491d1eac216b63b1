import CGila
import GilaCore

/// The bytes of a source argument: UTF-8 of a str, or what a bytes-like object holds.
struct SourceArgument {
  var bytes: [UInt8]
  /// The text came as a str: an encoding declared in it does not count.
  var isUnicode: Bool

  static func bytes(_ source: Ref, _ function: String, _ wanted: String) throws(PyError) -> SourceArgument {
    let text: SourceArgument
    if source.isUnicode {
      var n = 0
      guard let p = PyUnicode_AsUTF8AndSize(source, &n) else { throw PyError() }
      text = SourceArgument(bytes: Array(UnsafeRawBufferPointer(start: p, count: n)), isUnicode: true)
    } else if PyObject_CheckBuffer(source) != 0 {
      var view = Py_buffer()
      try check(PyObject_GetBuffer(source, &view, PyBUF_SIMPLE))
      text = SourceArgument(bytes: Array(UnsafeRawBufferPointer(start: view.buf, count: view.len)), isUnicode: false)
      PyBuffer_Release(&view)
    } else {
      throw typeError("\(function)() arg 1 must be a \(wanted) object")
    }
    if text.bytes.contains(0) { throw raise(Exc.SyntaxError, "source code string cannot contain null bytes") }
    return text
  }
}
