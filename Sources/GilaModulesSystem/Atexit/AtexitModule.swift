// The module atexit: functions that run when the interpreter ends, last registered first.

import CGila
import GilaCore

enum AtexitModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "atexit",
    doc:
      "Functions to call when the interpreter ends.\n\nregister(function, *args, **kwargs) adds one, unregister(function) removes it.",
    methods: methods())

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.tupleAndDict(
      "register", "($module, func, /, *args, **kwargs)",
      "Register a function to be executed upon normal program termination.\n\nReturns the function, so that register can stand as a decorator."
    ) { _, args, kwargs in bridge { () throws(PyError) in try AtexitModule.register(args!, kwargs) } }
    m.one(
      "unregister", "($module, func, /)",
      "Remove a function that was registered earlier, every time it was; no error when it was not."
    ) { _, f in bridgeNone { () throws(PyError) in try AtexitModule.unregister(f!) } }
    m.noArguments("_clear", "($module, /)", "Forget all registered functions.") { _, _ in
      clear(&currentInterpreter.pointee.atexit_callbacks)
      return none
    }
    m.noArguments("_run_exitfuncs", "($module, /)", "Run all registered functions, then forget them.") { _, _ in
      gila_run_exit_functions()
      return none
    }
    m.noArguments("_ncallbacks", "($module, /)", "The number of registered functions.") { _, _ in
      PyLong_FromSsize_t(AtexitModule.callbacks.map { PyList_Size($0) } ?? 0)
    }
    return m.build()
  }

  /// A list of (function, arguments, keywords or None); nil before the first registration.
  static var callbacks: Ref? { currentInterpreter.pointee.atexit_callbacks }

  private static func register(_ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    if args.size == 0 { throw typeError("register() takes at least 1 argument (0 given)") }
    let function = gila_tuple_items(args)[0].unsafelyUnwrapped
    if PyCallable_Check(function) == 0 { throw typeError("the first argument must be callable") }
    if callbacks == nil { currentInterpreter.pointee.atexit_callbacks = try owned(PyList_New(0)).take() }
    let rest = try owned(PyTuple_GetSlice(args, 1, args.size))
    let entry = try triple(Owned(retaining: function), rest, Owned(retaining: kwargs ?? none))
    try check(PyList_Append(callbacks, entry.ref))
    return Owned(retaining: function)
  }

  private static func unregister(_ function: Ref) throws(PyError) {
    // Entries keep their places, also while the functions run; a comparison may run Python code that clears the list.
    var i = 0
    while let list = callbacks, i < PyList_Size(list) {
      let entry = Owned(retaining: PyList_GetItem(list, i))
      if entry.ref.isTuple,
        try check(PyObject_RichCompareBool(gila_tuple_items(entry.ref)[0], function, Py_EQ)) != 0,
        let list = callbacks, i < PyList_Size(list)
      {
        PyList_SetItem(list, i, none)
      }
      i &+= 1
    }
  }
}

/// Reports what an exit function raised, naming the function.
private func report(_ function: Ref?) {
  guard let raised = PyErr_GetRaisedException() else { return }
  var text = "<object repr() failed>"
  if let function, let shown = PyObject_Repr(function) {
    text = swiftString(shown)
    decref(shown)
  }
  PyErr_SetRaisedException(raised)
  gila_unraisable(newString("Exception ignored in atexit callback \(text)"))
}

/// Runs the functions registered with atexit, last first; an exception is reported and the next one runs.
@c @implementation public func gila_run_exit_functions() {
  var i = AtexitModule.callbacks.map { PyList_Size($0) } ?? 0
  while i > 0, let list = AtexitModule.callbacks {
    i &-= 1
    guard i < PyList_Size(list) else { continue }
    let entry = Owned(retaining: PyList_GetItem(list, i))
    guard entry.ref.isTuple else { continue }
    let items = gila_tuple_items(entry.ref)
    let keywords = items[2].flatMap { $0.isNone ? nil : $0 }
    if let result = PyObject_Call(items[0], items[1], keywords) {
      decref(result)
    } else {
      report(items[0])
    }
  }
  clear(&currentInterpreter.pointee.atexit_callbacks)
}
