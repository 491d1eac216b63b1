// Exceptions where nobody can catch them (finalizers, callbacks): told to sys.unraisablehook.

import CGila
import GilaCore

enum Unraisable {
  /// Reports the pending exception. `message` and `object` are borrowed and may be missing.
  static func report(_ message: Ref?, _ object: Ref?) {
    guard let e = PyErr_GetRaisedException() else { return }
    let value = Owned(taking: e)
    // One that native code made has the place where it is reported.
    if value.ref.isException, value.ref.cast(PyBaseExceptionObject.self).pointee.traceback == nil,
      let frame = PyEval_GetFrame()
    {
      PyErr_SetRaisedException(newRef(value.ref))
      _ = PyTraceBack_Here(frame)
      xdecref(PyErr_GetRaisedException())
    }
    do throws(PyError) {
      let tb = PyException_GetTraceback(value.ref) ?? newRef(none)
      let arguments = try SysValues.unraisable.make([
        newRef(value.ref.type.object), newRef(value.ref), tb, newRef(message ?? none), newRef(object ?? none),
      ])
      guard let hook = sysObject("unraisablehook"), hook != none else {
        try show(arguments.ref)
        return
      }
      let held = Owned(retaining: hook)
      if gila_audit_active() != 0 {
        let t = try tuple(held.ref, arguments.ref)
        try check(PySys_AuditTuple("sys.unraisablehook", t.ref))
      }
      _ = try call(held.ref, arguments.ref)
    } catch {
      // The hook itself failed: that is shown without it.
      guard let second = PyErr_GetRaisedException() else { return }
      let other = Owned(taking: second)
      preservingError { () throws(PyError) in
        let text = try string("Exception ignored in sys.unraisablehook")
        let tb = PyException_GetTraceback(other.ref) ?? newRef(none)
        let arguments = try SysValues.unraisable.make([
          newRef(other.ref.type.object), newRef(other.ref), tb, newRef(text.ref),
          newRef(sysObject("unraisablehook") ?? none),
        ])
        try show(arguments.ref)
      }
    }
  }
  /// The default hook: on sys.stderr.
  static func show(_ arguments: Ref) throws(PyError) {
    guard let err = sysObject("stderr"), err != none else { return }
    let items = gila_tuple_items(arguments)
    let value = items[1] ?? none, tb = items[2] ?? none, message = items[3] ?? none, object = items[4] ?? none
    var text = ""
    if object != none {
      text += message != none ? "\(swiftString(message)): " : "Exception ignored in: "
      if let s = PyObject_Repr(object) {
        text += swiftString(s)
        decref(s)
      } else {
        PyErr_Clear()
        text += "<object repr() failed>"
      }
      text += "\n"
    } else if message != none {
      text += "\(swiftString(message)):\n"
    }
    if tb.isExactly(Types.traceBack) { text += ErrorDisplay.tracebackText(tb) }
    if value != none {
      text += ErrorDisplay.lastLine(value)
    } else if let type = items[0], type.isType {
      text += typeName(type.asType)
    }
    gila_sys_write("stderr", newString(text + "\n"))
    ErrorDisplay.flush("stderr")
  }
}

@c @implementation public func PyErr_WriteUnraisable(_ object: Ref!) { Unraisable.report(nil, object) }
/// `message` is stolen and may be NULL.
@c @implementation public func gila_unraisable(_ message: Ref!) {
  Unraisable.report(message, nil)
  xdecref(message)
}
