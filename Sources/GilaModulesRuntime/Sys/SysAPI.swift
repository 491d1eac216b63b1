// PySys_* and PyFile_*: objects of sys by name, text to Python's streams.

import CGila
import GilaCore

@c @implementation public func PySys_GetObject(_ name: UnsafePointer<CChar>!) -> Ref? {
  guard let dict = currentInterpreter.pointee.sysdict else { return nil }
  let saved = PyErr_GetRaisedException()
  let r = PyDict_GetItemString(dict, name)
  PyErr_SetRaisedException(saved)
  return r
}
@c @implementation public func PySys_SetObject(_ name: UnsafePointer<CChar>!, _ v: Ref!) -> Int32 {
  guard let dict = currentInterpreter.pointee.sysdict else { return -1 }
  if let v { return PyDict_SetItemString(dict, name, v) }
  var old: Ref? = nil
  if PyDict_PopString(dict, name, &old) < 0 { return -1 }
  xdecref(old)
  return 0
}
@c @implementation public func PySys_GetXOptions() -> Ref? { sysObject("_xoptions") }

/// Writes text (stolen, may be NULL) to a stream of sys, without touching the pending exception; to the file
/// descriptor if the stream is not there or fails.
@c @implementation public func gila_sys_write(_ name: UnsafePointer<CChar>!, _ text: Ref!) {
  guard let text else { return PyErr_Clear() }
  preservingError { () throws(PyError) in
    let held = Owned(taking: text)
    if let file = PySys_GetObject(name), file != none {
      if PyFile_WriteObject(held.ref, file, Py_PRINT_RAW) == 0 { return }
      PyErr_Clear()
    }
    try RawOutput.write(name[3] == 101 ? 2 : 1, held.ref)
  }
}

@c @implementation public func PyFile_WriteObject(_ o: Ref!, _ file: Ref!, _ flags: Int32) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let file else { throw typeError("writeobject with NULL file") }
    let write = try attribute(file, "write")
    let value = try owned(flags & Py_PRINT_RAW != 0 ? PyObject_Str(o) : PyObject_Repr(o))
    _ = try call(write.ref, value.ref)
  }
}
@c @implementation public func PyFile_WriteString(_ s: UnsafePointer<CChar>!, _ file: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    if errorIsSet { throw PyError() }
    guard let file else { throw systemError("null file for PyFile_WriteString") }
    let value = try owned(PyUnicode_FromString(s))
    try check(PyFile_WriteObject(value.ref, file, Py_PRINT_RAW))
  }
}
@c @implementation public func PyFile_GetLine(_ file: Ref!, _ n: Int32) -> Ref? {
  bridge { () throws(PyError) in
    guard let file else { throw badInternalCall() }
    let limit = n > 0 ? try int(Int(n)) : Owned(retaining: none)
    let line = try callMethod(file, "readline", n > 0 ? limit.ref : nil)
    guard line.ref.isUnicode || line.ref.isBytes else {
      throw typeError("object.readline() returned non-string")
    }
    if n >= 0 { return line }
    // Without its newline; the end of the file is an error.
    if line.ref.isBytes {
      let size = PyBytes_Size(line.ref)
      if size == 0 { throw raise(Exc.EOFError, "EOF when reading a line") }
      guard let p = PyBytes_AsString(line.ref), p[size - 1] == 10 else { return line }
      return try owned(PyBytes_FromStringAndSize(p, size - 1))
    }
    let size = PyUnicode_GetLength(line.ref)
    if size == 0 { throw raise(Exc.EOFError, "EOF when reading a line") }
    if PyUnicode_ReadChar(line.ref, size - 1) != 10 { return line }
    return try owned(PyUnicode_Substring(line.ref, 0, size - 1))
  }
}
@c @implementation public func PyFile_FromFd(
  _ fd: Int32, _ name: UnsafePointer<CChar>!, _ mode: UnsafePointer<CChar>!, _ buffering: Int32,
  _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!, _ newline: UnsafePointer<CChar>!, _ closefd: Int32
) -> Ref? {
  bridge { () throws(PyError) in
    func optional(_ s: UnsafePointer<CChar>?) throws(PyError) -> Owned {
      try s == nil ? Owned(retaining: none) : owned(PyUnicode_FromString(s))
    }
    let io = try owned(PyImport_ImportModule("io"))
    let open = try attribute(io.ref, "open")
    let number = try int(Int(fd)), size = try int(Int(buffering))
    let modeText = try optional(mode ?? UnsafePointer(cString("r")))
    let e = try optional(encoding), h = try optional(errors), l = try optional(newline)
    let arguments = try owned(PyTuple_New(7))
    let items = [number.ref, modeText.ref, size.ref, e.ref, h.ref, l.ref, pyBool(closefd != 0)]
    for (i, r) in items.enumerated() { gila_tuple_items(arguments.ref)[i] = newRef(r) }
    return try owned(PyObject_Call(open.ref, arguments.ref, nil))
  }
}
/// What opens files of code instead of `open`, and its argument. Once set it stays.
nonisolated(unsafe) private var openCodeHook: (hook: Py_OpenCodeHookFunction, data: UnsafeMutableRawPointer?)? = nil

@c @implementation public func PyFile_SetOpenCodeHook(
  _ hook: Py_OpenCodeHookFunction!, _ data: UnsafeMutableRawPointer!
) -> Int32 {
  if PySys_AuditTuple("setopencodehook", nil) < 0 { return -1 }
  if openCodeHook != nil {
    _ = systemError("failed to change existing open_code hook")
    return -1
  }
  if let hook { openCodeHook = (hook, data) }
  return 0
}
@c @implementation public func PyFile_OpenCodeObject(_ path: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let path, path.isUnicode else { throw typeError("'path' must be 'str', not '\(typeName(of: path))'") }
    if let (hook, data) = openCodeHook { return try owned(hook(path, data)) }
    let io = try owned(PyImport_ImportModule("_io"))
    return try callMethod(io.ref, "open", path, text("rb"))
  }
}
@c @implementation public func PyFile_OpenCode(_ path: UnsafePointer<CChar>!) -> Ref? {
  guard let s = PyUnicode_FromString(path) else { return nil }
  defer { decref(s) }
  return PyFile_OpenCodeObject(s)
}
