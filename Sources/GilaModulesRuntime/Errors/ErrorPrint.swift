// PyErr_Print: an exception nobody caught goes to sys.excepthook; SystemExit ends the program.

import CGila
import GilaCore
import Glibc

public enum ErrorPrint {
  /// The exit status that the pending SystemExit asks for, or nil if the pending exception is none. Takes the exception.
  public static func systemExitStatus() -> Int32? {
    guard PyErr_ExceptionMatches(Exc.SystemExit.object) != 0 else { return nil }
    guard let e = PyErr_GetRaisedException() else { return nil }
    defer { decref(e) }
    ErrorDisplay.flush("stdout")
    var code: Ref = newRef(none)
    defer { decref(code) }
    if let c = PyObject_GetAttrString(e, "code") {
      decref(code)
      code = c
    } else {
      PyErr_Clear()
    }
    if code == none { return 0 }
    if code.isLong {
      let n = PyLong_AsLong(code)
      if n == -1 && errorIsSet { PyErr_Clear() }
      return Int32(truncatingIfNeeded: n)
    }
    if let err = sysObject("stderr"), err != none {
      if PyFile_WriteObject(code, err, Py_PRINT_RAW) < 0 { PyErr_Clear() }
    } else if let s = PyObject_Str(code) {
      RawOutput.write(2, swiftString(s))
      decref(s)
    }
    PyErr_Clear()
    gila_sys_write("stderr", newString("\n"))
    ErrorDisplay.flush("stderr")
    return 1
  }

  /// Shows the pending exception through sys.excepthook. SystemExit is the caller's business.
  public static func print(settingLast: Bool) {
    guard let e = PyErr_GetRaisedException() else { return }
    let value = Owned(taking: e)
    let traceback = PyException_GetTraceback(value.ref) ?? newRef(none)
    let tb = Owned(taking: traceback)
    let type = value.ref.type.object
    if settingLast {
      for (name, v) in [
        ("last_exc", value.ref), ("last_type", type), ("last_value", value.ref), ("last_traceback", tb.ref),
      ] {
        if PySys_SetObject(name, v) < 0 { PyErr_Clear() }
      }
    }
    guard let found = sysObject("excepthook") else {
      gila_sys_write("stderr", newString("sys.excepthook is missing\n"))
      PyErr_Display(nil, value.ref, tb.ref)
      return
    }
    let hook = Owned(retaining: found)
    if gila_audit_active() != 0, let t = PyTuple_New(4) {
      for (i, r) in [hook.ref, type, value.ref, tb.ref].enumerated() { gila_tuple_items(t)[i] = newRef(r) }
      let refused = PySys_AuditTuple("sys.excepthook", t) < 0
      decref(t)
      if refused {
        if PyErr_ExceptionMatches(Exc.RuntimeError.object) != 0 {
          PyErr_Clear()
          return
        }
        PyErr_WriteUnraisable(nil)
      }
    }
    do throws(PyError) {
      _ = try call(hook.ref, type, value.ref, tb.ref)
    } catch {
      if let status = systemExitStatus() { Py_Exit(status) }
      guard let second = PyErr_GetRaisedException() else { return }
      let other = Owned(taking: second)
      ErrorDisplay.flush("stdout")
      gila_sys_write("stderr", newString("Error in sys.excepthook:\n"))
      PyErr_Display(nil, other.ref, nil)
      gila_sys_write("stderr", newString("\nOriginal exception was:\n"))
      PyErr_Display(nil, value.ref, tb.ref)
    }
  }
}

@c @implementation public func PyErr_PrintEx(_ setLast: Int32) {
  if Configuration.current.inspect == 0, let status = ErrorPrint.systemExitStatus() { Py_Exit(status) }
  ErrorPrint.print(settingLast: setLast != 0)
}
@c @implementation public func PyErr_Print() { PyErr_PrintEx(1) }
