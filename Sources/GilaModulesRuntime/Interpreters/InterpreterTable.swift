// Interpreters by number, as `_interpreters` names them.

import CGila
import GilaCore

/// Where an interpreter came from (`_interpreters.WHENCE_…`).
enum Whence {
  static let names: [(StaticString, Int)] = [
    ("WHENCE_UNKNOWN", 0), ("WHENCE_RUNTIME", 1), ("WHENCE_LEGACY_CAPI", 2), ("WHENCE_CAPI", 3), ("WHENCE_XI", 4),
    ("WHENCE_STDLIB", 5),
  ]
  static let standardLibrary: Int32 = 5
}

/// The exceptions of the module: one set of classes for all interpreters.
enum InterpreterErrors {
  nonisolated(unsafe) static let failure = make(
    "interpreters.InterpreterError", Exc.Exception, "A cross-interpreter operation failed")
  nonisolated(unsafe) static let notFound = make(
    "interpreters.InterpreterNotFoundError", failure, "An interpreter was not found")
  nonisolated(unsafe) static let notShareable = make("interpreters.NotShareableError", Exc.ValueError, nil)

  static func unrecognized(_ id: Int64) -> PyError { raise(notFound, "unrecognized interpreter ID \(id)") }

  private static func make(_ name: StaticString, _ base: TypeRef, _ doc: StaticString?) -> TypeRef {
    guard let r = PyErr_NewExceptionWithDoc(cString(name), doc.map { cString($0) }, base.object, nil) else {
      PyErr_Clear()
      return base
    }
    return r.asType
  }
}
func interpreterError(_ message: String) -> PyError { raise(InterpreterErrors.failure, message) }
/// The same, with what went wrong inside as its context: an error of this interpreter, too.
func interpreterError(_ message: String, context: String) -> PyError {
  _ = interpreterError(context)
  let inner = PyErr_GetRaisedException()
  _ = interpreterError(message)
  if let outer = PyErr_GetRaisedException() {
    PyException_SetContext(outer, inner)
    PyErr_SetRaisedException(outer)
  }
  return PyError()
}

enum InterpreterTable {
  /// The number in an argument: of an interpreter, or of what else `label` says.
  static func number(_ r: Ref, _ label: String) throws(PyError) -> Int64 {
    guard PyIndex_Check(r) != 0 else { throw typeError("\(label) must be an int, got \(typeName(of: r))") }
    let n = PyLong_AsLongLong(r)
    if n == -1 && errorIsSet {
      if PyErr_ExceptionMatches(Exc.OverflowError.object) == 0 { throw PyError() }
      PyErr_Clear()
      throw overflowError("int too big to convert")
    }
    if n < 0 { throw valueError("\(label) must be a non-negative int, got \(try reprText(r))") }
    return Int64(n)
  }
  static func find(_ id: Int64) -> InterpreterRef? {
    var at = PyInterpreterState_Main()
    while let interp = at {
      if interp.pointee.id == id { return interp }
      at = interp.pointee.next
    }
    return nil
  }
  /// The interpreter of a number. With `restricted`, only one that the module made itself.
  static func find(_ r: Ref, restricted: Bool, to action: String) throws(PyError) -> InterpreterRef {
    let id = try number(r, "interpreter ID")
    guard let interp = find(id) else { throw InterpreterErrors.unrecognized(id) }
    if restricted && interp.pointee.whence != Whence.standardLibrary {
      throw interpreterError("cannot \(action) unrecognized interpreter \(id)")
    }
    return interp
  }
  static func all() throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    var at = PyInterpreterState_Main()
    while let interp = at {
      let pair = try describe(interp)
      try check(PyList_Append(list.ref, pair.ref))
      at = interp.pointee.next
    }
    return list
  }
  /// (number, whence).
  static func describe(_ interp: InterpreterRef) throws(PyError) -> Owned {
    let id = try owned(PyLong_FromLongLong(interp.pointee.id)), whence = try int(Int(interp.pointee.whence))
    return try tuple(id.ref, whence.ref)
  }

  /// Whether a program runs in `__main__` of the interpreter.
  static func isRunning(_ interp: InterpreterRef) -> Bool {
    interp.isMain || interp.pointee.running_main != nil
  }

  static func end(_ interp: InterpreterRef) throws(PyError) {
    if interp == currentInterpreter { throw interpreterError("cannot destroy the current interpreter") }
    if isRunning(interp) { throw interpreterError("interpreter running") }
    guard let ts = PyThreadState_New(interp) else { throw memoryError() }
    // Nobody else runs or ends it from here on.
    interp.pointee.running_main = ts
    let own = PyThreadState_Swap(ts)
    Py_EndInterpreter(ts)
    PyThreadState_Swap(own)
  }
  static func release(_ interp: InterpreterRef) throws(PyError) {
    if interp.pointee.id_references > 0 { interp.pointee.id_references -= 1 }
    if interp.pointee.id_references == 0 && interp.pointee.counts_id_references != 0 { try end(interp) }
  }
}
