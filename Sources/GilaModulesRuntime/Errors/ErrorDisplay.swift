// Showing exceptions: through Lib/traceback.py, which knows carets, suggestions, notes and groups; by a plain text when
// that cannot run.

import CGila
import GilaCore
import Glibc

public enum ErrorDisplay {
  /// Shows an exception on sys.stderr. Never leaves an exception of its own behind.
  static func show(_ value: Ref, _ traceback: Ref?) {
    if let traceback, value.isException, value.cast(PyBaseExceptionObject.self).pointee.traceback == nil,
      traceback.isExactly(Types.traceBack)
    {
      PyException_SetTraceback(value, traceback)
    }
    if let stderr = sysObject("stderr"), stderr == none { return }
    if value.isException, throughLibrary(value) {
      flush("stderr")
      return
    }
    PyErr_Clear()
    gila_sys_write("stderr", newString(plainText(value)))
    flush("stderr")
  }
  private static func throughLibrary(_ value: Ref) -> Bool {
    guard currentInterpreter.pointee.import_func != nil else { return false }
    guard let module = PyImport_ImportModule("traceback") else { return false }
    let held = Owned(taking: module)
    guard let f = PyObject_GetAttrString(held.ref, "_print_exception_bltin") else { return false }
    let function = Owned(taking: f)
    guard let r = PyObject_CallOneArg(function.ref, value) else { return false }
    decref(r)
    return true
  }
  public static func flush(_ name: StaticString) {
    guard let stream = sysObject(name), stream != none else { return }
    let held = Owned(retaining: stream)
    preservingError { () throws(PyError) in _ = try callMethod(held.ref, "flush") }
  }

  // MARK: plain text

  /// The text without the library: file, line and function of each frame, type and message.
  static func plainText(_ value: Ref) -> String {
    var lines = ""
    if value.isException {
      var tb = value.cast(PyBaseExceptionObject.self).pointee.traceback
      if tb != nil { lines += "Traceback (most recent call last):\n" }
      while let t = tb {
        lines += place(t)
        tb = (t.raw + 16).load(as: Ref?.self)
      }
    }
    if !value.isException {
      return "TypeError: print_exception(): Exception expected for value, \(typeName(of: value)) found\n"
    }
    return lines + lastLine(value) + "\n"
  }
  /// The traceback alone, as the default unraisable hook shows it.
  static func tracebackText(_ traceback: Ref) -> String {
    var lines = "Traceback (most recent call last):\n"
    var tb: Ref? = traceback
    while let t = tb {
      lines += place(t)
      tb = (t.raw + 16).load(as: Ref?.self)
    }
    return lines
  }
  private static func place(_ tb: Ref) -> String {
    guard let code = ImportFrames.code(of: tb) else { return "" }
    let file = code.pointee.co_filename.map(swiftString) ?? "?"
    let name = code.pointee.co_name.map(swiftString) ?? "?"
    var line = Int(tb.cast(PyTracebackObject.self).pointee.tb_lineno)
    if line < 0 {
      if let n = PyObject_GetAttrString(tb, "tb_lineno") {
        line = PyLong_AsLong(n)
        decref(n)
      }
      PyErr_Clear()
    }
    var text = "  File \"\(file)\", line \(line), in \(name)\n"
    if let source = sourceLine(file, line) { text += "    \(source)\n" }
    return text
  }
  /// A line of a file without its indentation.
  static func sourceLine(_ file: String, _ line: Int) -> String? {
    guard line > 0, let f = fopen(file, "r") else { return nil }
    defer { fclose(f) }
    var buffer: UnsafeMutablePointer<CChar>? = nil
    var size = 0
    defer { free(buffer) }
    for _ in 1..<line where getline(&buffer, &size, f) < 0 { return nil }
    guard getline(&buffer, &size, f) >= 0, let buffer else { return nil }
    let text = String(cString: buffer).drop { $0 == " " || $0 == "\t" || $0 == "\u{C}" }
    let trimmed = text.last == "\n" ? text.dropLast() : text
    return trimmed.isEmpty ? nil : String(trimmed)
  }
  /// `module.Type: message`, the module left out for builtins and `__main__`.
  static func lastLine(_ value: Ref) -> String {
    var name = ""
    if let m = PyObject_GetAttrString(value.type.object, "__module__") {
      if m.isUnicode {
        let module = swiftString(m)
        if module != "builtins" && module != "__main__" { name = module + "." }
      }
      decref(m)
    }
    PyErr_Clear()
    if let q = PyType_GetQualName(value.type) {
      name += swiftString(q)
      decref(q)
    } else {
      name += typeName(value.type)
    }
    PyErr_Clear()
    guard let s = PyObject_Str(value) else {
      PyErr_Clear()
      return name + ": <exception str() failed>"
    }
    defer { decref(s) }
    let message = swiftString(s)
    return message.isEmpty ? name : "\(name): \(message)"
  }
}

@c @implementation public func PyErr_Display(_ type: Ref!, _ value: Ref!, _ traceback: Ref!) {
  preservingError { () throws(PyError) in ErrorDisplay.show(value ?? none, traceback == none ? nil : traceback) }
}
@c @implementation public func PyErr_DisplayException(_ e: Ref!) { PyErr_Display(nil, e, nil) }
