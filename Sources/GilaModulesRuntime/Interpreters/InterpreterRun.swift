// Running code in another interpreter.

import CGila
import GilaCore
import Glibc

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
    // Taken before anything else happens: the dict may change while another interpreter's threads run.
    let id = interp.pointee.id
    var names = SharedNames()
    if let shared { try names.add(shared) }
    guard let interp = InterpreterTable.find(id) else { throw InterpreterErrors.unrecognized(id) }
    var isBound = false
    let failure = try entering(interp, asMain: true) { runHere(code, names, &isBound) }
    guard let failure else { return Owned(retaining: none) }
    if !isBound { throw interpreterError("failed to apply namespace to __main__", context: failure.formatted) }
    return try failure.namespace()
  }
  /// Calls `body` in an interpreter, as its main program or as a guest.
  static func entering<Result: ~Copyable>(
    _ interp: InterpreterRef, asMain: Bool, _ body: () -> Result
  ) throws(PyError) -> Result {
    if asMain && InterpreterTable.isRunning(interp) { throw interpreterError("interpreter already running") }
    guard let ts = PyThreadState_New(interp) else { throw memoryError() }
    if asMain { interp.pointee.running_main = ts } else { InterpreterGuests.enter(interp) }
    let own = PyThreadState_Swap(ts)
    let result = body()
    PyThreadState_Clear(ts)
    PyThreadState_Swap(own)
    PyThreadState_Delete(ts)
    // Only now may the interpreter end.
    if asMain { interp.pointee.running_main = nil } else { InterpreterGuests.leave(interp) }
    return result
  }
  /// Calls `body`, which must not raise, in the interpreter of a number; in the current one if that one ends or has ended.
  static func within(_ id: Int64, _ body: () -> Void) {
    preservingError { () throws(PyError) in
      guard currentInterpreter.pointee.id != id, let interp = InterpreterTable.find(id),
        interp.pointee.finalizing == 0
      else { return body() }
      try entering(interp, asMain: false, body)
    }
  }
  private static func runHere(
    _ code: PortableCode?, _ names: borrowing SharedNames, _ isBound: inout Bool
  ) -> ExceptionSnapshot? {
    do throws(PyError) {
      guard let main = PyImport_AddModule("__main__"), let dict = PyModule_GetDict(main) else { throw PyError() }
      try names.bind(in: dict)
      isBound = true
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

/// Threads that are in an interpreter for a moment, on another one's account. It does not end before they have left.
public enum InterpreterGuests {
  nonisolated(unsafe) private static var counts: [Int64: Int] = [:]

  fileprivate static func enter(_ interp: InterpreterRef) { counts[interp.pointee.id, default: 0] &+= 1 }
  fileprivate static func leave(_ interp: InterpreterRef) {
    let id = interp.pointee.id
    let left = (counts[id] ?? 1) &- 1
    counts[id] = left == 0 ? nil : left
  }
  /// Waits until the current interpreter has no guests. Afterwards, while the caller keeps the lock, none come in.
  public static func wait() {
    let id = currentInterpreter.pointee.id
    while counts[id] != nil { releasingLock("guests") { _ = usleep(200) } }
  }
}

/// Names and values for the `__main__` of another interpreter.
private struct SharedNames: ~Copyable {
  private var entries: [(name: Ref, value: any SharedForm)] = []

  mutating func add(_ dict: Ref) throws(PyError) {
    let items = try owned(PyDict_Items(dict))
    for i in 0..<items.ref.size {
      let pair = gila_list_items(items.ref).unsafelyUnwrapped[i].unsafelyUnwrapped
      let name = gila_tuple_items(pair)[0].unsafelyUnwrapped, value = gila_tuple_items(pair)[1].unsafelyUnwrapped
      guard name.isUnicode else { throw typeError("bad argument type for built-in operation") }
      let form = try SharedForms.take(value)
      entries.append((newRef(name), form))
    }
  }
  deinit { for e in entries { decref(e.name) } }

  borrowing func bind(in dict: Ref) throws(PyError) {
    for e in entries {
      let value = try e.value.make()
      try check(PyDict_SetItem(dict, e.name, value.ref))
    }
  }
}
