// Running code in another interpreter.

import CGila
import GilaCore

/// Source text or a code object that needs nothing of the place it was written in.
struct PortableCode {
  let ref: Ref

  /// From a function or code object; it has no parameters and no closure.
  init(function r: Ref, _ name: StaticString, codeAllowed: Bool, textAllowed: Bool) throws(PyError) {
    var code = r
    if r.isExactly(Types.function) { code = PyFunction_GetCode(r).unsafelyUnwrapped }
    guard code.isExactly(Types.code), codeAllowed || code != r else {
      let expected =
        textAllowed
        ? "a string, a function, or a code object" : codeAllowed ? "a function or a code object" : "a function"
      throw typeError("_interpreters.\(name)() argument 2 must be \(expected), not \(typeName(of: r))")
    }
    let c = code.cast(PyCodeObject.self)
    if c.pointee.co_argcount > 0 || c.pointee.co_posonlyargcount > 0 || c.pointee.co_kwonlyargcount > 0
      || c.pointee.co_flags & (CO_VARARGS | CO_VARKEYWORDS) != 0
    {
      throw valueError("_interpreters.\(name)(): bad func (arguments not supported)")
    }
    if c.pointee.co_nfreevars > 0 { throw valueError("_interpreters.\(name)(): closures not supported") }
    ref = code
  }
  private init(text r: Ref) { ref = r }
  /// Text, a function or a code object.
  init(_ r: Ref, _ name: StaticString) throws(PyError) {
    if r.isUnicode {
      self.init(text: r)
    } else {
      try self.init(function: r, name, codeAllowed: true, textAllowed: true)
    }
  }
}

enum InterpreterRun {
  /// Binds values in `__main__` of an interpreter, and runs code there. None, or the snapshot of an exception that was
  /// not caught.
  static func run(_ interp: InterpreterRef, _ code: PortableCode?, _ shared: Ref?) throws(PyError) -> Owned {
    var names: [(name: Ref, value: Ref)] = []
    if let shared {
      var position = 0
      var key: Ref? = nil, value: Ref? = nil
      while PyDict_Next(shared, &position, &key, &value) != 0 {
        guard key!.isUnicode else { throw typeError("bad argument type for built-in operation") }
        try SharedValues.check(value!)
        names.append((key!, value!))
      }
    }
    if InterpreterTable.isRunning(interp) { throw interpreterError("interpreter already running") }
    guard let ts = PyThreadState_New(interp) else { throw memoryError() }
    // The dict may change while another interpreter's threads run.
    let kept = names.map { (newRef($0.name), newRef($0.value)) }
    interp.pointee.running_main = ts
    let own = PyThreadState_Swap(ts)
    let failure = runHere(code, kept)
    for (name, value) in kept {
      decref(name)
      decref(value)
    }
    interp.pointee.running_main = nil
    PyThreadState_Clear(ts)
    PyThreadState_Swap(own)
    PyThreadState_Delete(ts)
    guard let failure else { return Owned(retaining: none) }
    return try failure.namespace()
  }
  private static func runHere(_ code: PortableCode?, _ names: [(Ref, Ref)]) -> ExceptionSnapshot? {
    do throws(PyError) {
      guard let main = PyImport_AddModule("__main__"), let dict = PyModule_GetDict(main) else { throw PyError() }
      for (name, value) in names {
        let copy = try SharedValues.copy(value)
        try check(PyDict_SetItem(dict, name, copy.ref))
      }
      guard let code else { return nil }
      var result: Ref?
      if code.ref.isUnicode {
        guard let text = PyUnicode_AsUTF8(code.ref) else { throw PyError() }
        result = PyRun_StringFlags(text, Int32(Py_file_input), dict, dict, nil)
      } else {
        result = PyEval_EvalCode(code.ref, dict, dict)
      }
      _ = try owned(result).ref
      return nil
    } catch {
      guard let exception = PyErr_GetRaisedException() else { return nil }
      defer { decref(exception) }
      return ExceptionSnapshot(exception)
    }
  }
}
