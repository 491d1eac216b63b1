// The module io, and sys.stdin, stdout and stderr.

import CGila
import GilaCore
import GilaModulesRuntime
import Glibc

enum Streams {
  /// Makes `builtins.open` and the three streams.
  static func open() throws(PyError) {
    let io = try owned(PyImport_ImportModule("io"))
    let open = try owned(PyObject_GetAttrString(io.ref, "open"))
    if let builtins = currentInterpreter.pointee.builtins {
      try check(PyDict_SetItemString(builtins, "open", open.ref))
    }
    let wrapper = try owned(PyObject_GetAttrString(io.ref, "TextIOWrapper"))
    for (fd, name) in [(0, "stdin"), (1, "stdout"), (2, "stderr")] as [(Int32, String)] {
      let stream = try make(fd, name, open.ref, wrapper.ref)
      try check(PySys_SetObject("__\(name)__", stream.ref))
      try check(PySys_SetObject(name, stream.ref))
    }
  }

  /// A text stream over a file descriptor; None if the descriptor is not open.
  private static func make(_ fd: Int32, _ name: String, _ open: Ref, _ wrapper: Ref) throws(PyError) -> Owned {
    var info = stat()
    guard fstat(fd, &info) == 0 else { return Owned(retaining: none) }
    let c = Configuration.current
    let writes = fd != 0
    let unbuffered = c.unbuffered && writes
    let buffered = try call(
      open,
      [
        .int(Int(fd)), .text(writes ? "wb" : "rb"), .int(unbuffered ? 0 : -1), .none, .none, .none, .bool(false),
      ])
    var raw = Owned(retaining: buffered.ref)
    if !unbuffered { raw = try owned(PyObject_GetAttrString(buffered.ref, "raw")) }
    let shown = try string("<\(name)>")
    try check(PyObject_SetAttrString(raw.ref, "name", shown.ref))
    let isTerminal = isatty(fd) != 0
    let lines = fd == 2 || isTerminal || (writes && c.interactive > 0)
    let encoding = c.standardEncoding.map { codecName(String(decoding: $0, as: UTF8.self)) } ?? "utf-8"
    let errors =
      fd == 2
      ? "backslashreplace"
      : c.standardErrors.map { String(decoding: $0, as: UTF8.self) }
        ?? (c.standardEncoding == nil && (c.utf8Mode || Configuration.isPlainLocale) ? "surrogateescape" : "strict")
    let stream = try call(
      wrapper,
      [
        .object(buffered.ref), .text(encoding), .text(errors), .text("\n"), .bool(lines && !unbuffered),
        .bool(unbuffered),
      ])
    let mode = try string(writes ? "w" : "r")
    try check(PyObject_SetAttrString(stream.ref, "mode", mode.ref))
    return stream
  }
  /// An encoding as its codec calls it; the stream itself complains of one that nobody knows.
  private static func codecName(_ encoding: String) -> String {
    do throws(PyError) {
      let codec = try owned(_PyCodec_Lookup(encoding))
      let name = try owned(PyObject_GetAttrString(codec.ref, "name"))
      return swiftString(name.ref)
    } catch {
      PyErr_Clear()
      return encoding
    }
  }
  private enum Argument {
    case int(Int), text(String), bool(Bool), none, object(Ref)
  }
  private static func call(_ f: Ref, _ arguments: [Argument]) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(arguments.count))
    for (i, a) in arguments.enumerated() {
      let v: Ref
      switch a {
      case .int(let n): v = try owned(PyLong_FromLong(n)).take()
      case .text(let s): v = try string(s).take()
      case .bool(let b): v = newRef(pyBool(b))
      case .none: v = newRef(GilaCore.none)
      case .object(let r): v = newRef(r)
      }
      gila_tuple_items(t.ref)[i] = v
    }
    return try owned(PyObject_Call(f, t.ref, nil))
  }

  /// Writes out what stdout and stderr hold. False if stdout could not be written.
  static func flush() -> Bool {
    var good = true
    for name in ["stdout", "stderr"] {
      guard let stream = PySys_GetObject(name), stream != none else { continue }
      let held = Owned(retaining: stream)
      if let closed = PyObject_GetAttrString(held.ref, "closed") {
        let isClosed = PyObject_IsTrue(closed)
        decref(closed)
        if isClosed > 0 { continue }
      }
      PyErr_Clear()
      var argument: Ref? = held.ref
      if let r = PyObject_VectorcallMethod(gila_intern("flush"), &argument, 1, nil) {
        decref(r)
      } else if name == "stdout" {
        gila_unraisable(newString("Exception ignored on flushing sys.stdout"))
        good = false
      } else {
        PyErr_Clear()
      }
    }
    return good
  }
}
