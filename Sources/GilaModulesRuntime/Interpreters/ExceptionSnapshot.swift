// An exception as text, so that another interpreter can see it.

import CGila
import GilaCore

/// Type, message and traceback of an exception. All are str objects, which any interpreter may use.
struct ExceptionSnapshot: ~Copyable {
  private var parts: [Ref?] = []
  private static let names: [StaticString] = ["__name__", "__qualname__", "__module__"]

  /// Taken in the interpreter of the exception. What cannot be read stays empty.
  init(_ exception: Ref) {
    let type = exception.type.object
    for name in ExceptionSnapshot.names {
      parts.append(ExceptionSnapshot.text(PyObject_GetAttrString(type, cString(name))))
    }
    parts.append(ExceptionSnapshot.text(PyObject_Str(exception)))
    parts.append(ExceptionSnapshot.text(ExceptionSnapshot.display(exception)))
  }
  deinit { for p in parts { xdecref(p) } }

  private static func text(_ r: Ref?) -> Ref? {
    guard let r else {
      PyErr_Clear()
      return nil
    }
    if r.isExactly(Types.unicode) { return r }
    decref(r)
    return nil
  }
  /// What `traceback` prints of it, without the last end of line.
  private static func display(_ exception: Ref) -> Ref? {
    do throws(PyError) {
      let module = try owned(PyImport_ImportModule("traceback"))
      let type = try attribute(module.ref, "TracebackException")
      let maker = try attribute(type.ref, "from_exception")
      let t = try call(maker.ref, exception)
      let lines = try callMethod(t.ref, "format")
      let empty = try string("")
      let all = try owned(PyUnicode_Join(empty.ref, lines.ref))
      let n = PyUnicode_GetLength(all.ref)
      if n > 0 && PyUnicode_ReadChar(all.ref, n - 1) == 10 { return PyUnicode_Substring(all.ref, 0, n - 1) }
      return all.take()
    } catch { return nil }
  }

  /// The namespace of texts for the current interpreter.
  borrowing func namespace() throws(PyError) -> Owned {
    let type = try owned(PyDict_New())
    for (i, name) in ExceptionSnapshot.names.enumerated() {
      if let p = parts[i] { try check(PyDict_SetItemString(type.ref, cString(name), p)) }
    }
    let types = try owned(_PyNamespace_New(type.ref))
    let formatted = try string(self.formatted)
    let dict = try owned(PyDict_New())
    try check(PyDict_SetItemString(dict.ref, "type", types.ref))
    try check(PyDict_SetItemString(dict.ref, "msg", parts[3] ?? none))
    try check(PyDict_SetItemString(dict.ref, "formatted", formatted.ref))
    try check(PyDict_SetItemString(dict.ref, "errdisplay", parts[4] ?? none))
    return try owned(_PyNamespace_New(dict.ref))
  }
  /// The type with its module, and the message.
  var formatted: String {
    var name = parts[1].map { swiftString($0) } ?? ""
    if let module = parts[2].map({ swiftString($0) }), module != "builtins", module != "__main__" {
      name = "\(module).\(name)"
    }
    guard let message = parts[3] else { return name }
    return "\(name): \(swiftString(message))"
  }
}
