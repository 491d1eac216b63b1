// Futures: their fields, and what can be done with one.

import CGila
import GilaCore
import GilaModuleSupport

/// The fields of `_asyncio.Future`; those of a task follow. The references stand first, as words.
struct FutureObject {
  var ob_base: PyObject
  var loop: Ref?
  /// The first callback and its context; most futures have only one.
  var callback: Ref?
  var context: Ref?
  /// The others: a list of (callback, context).
  var callbacks: Ref?
  var exception: Ref?
  var exceptionTraceback: Ref?
  var result: Ref?
  var sourceTraceback: Ref?
  var cancelMessage: Ref?
  /// The exception that ended a task by cancellation: raised once from `result()`.
  var cancelledError: Ref?
  var dict: Ref?
  var weakList: Ref?
  var state: FutureState
  var logTraceback: Bool
  var blocking: Bool

  static let references = 11
}
enum FutureState: UInt8 { case pending, cancelled, finished }

typealias FutureRef = UnsafeMutablePointer<FutureObject>

extension UnsafeMutablePointer where Pointee == PyObject {
  @inline(__always) var future: FutureRef { cast(FutureObject.self) }
}

enum Future {
  /// Makes `r` a new pending future; the second call of `__init__` starts over.
  static func initialize(_ r: Ref, loop: Ref?) throws(PyError) {
    for i in 0..<(FutureObject.references - 1) { GilaCore.clear(r.word(i)) }
    let f = r.future
    f.pointee.state = .pending
    f.pointee.logTraceback = false
    f.pointee.blocking = false
    if let loop, loop != none {
      f.pointee.loop = newRef(loop)
    } else {
      f.pointee.loop = try RunningLoop.eventLoop().take()
    }
    let debug = try owned(callMethod(f.pointee.loop ?? none, AsyncState[.getDebug]))
    if try truth(debug.ref), currentInterpreter.pointee.finalizing == 0 {
      let extract = try AsyncState.objects.imported(.extractStack, "traceback", "extract_stack")
      replace(r.word(7), with: try owned(PyObject_CallNoArgs(extract)).take())
    }
  }
  @inline(__always) static func requireAlive(_ r: Ref) throws(PyError) {
    if r.future.pointee.loop == nil { throw runtimeError("Future object is not initialized.") }
  }

  // MARK: callbacks

  static func addCallback(_ r: Ref, _ callback: Ref, _ context: Ref) throws(PyError) {
    let f = r.future
    if f.pointee.loop == nil { throw runtimeError("uninitialized Future object") }
    if f.pointee.state != .pending {
      let loop = Owned(retaining: f.pointee.loop.unsafelyUnwrapped)
      try AsyncState.callSoon(loop.ref, callback, r, context)
    } else if f.pointee.callback == nil && f.pointee.callbacks == nil {
      f.pointee.callback = newRef(callback)
      f.pointee.context = newRef(context)
    } else {
      let pair = try tuple(callback, context)
      if f.pointee.callbacks == nil { f.pointee.callbacks = try owned(PyList_New(0)).take() }
      try check(PyList_Append(f.pointee.callbacks, pair.ref))
    }
  }
  private static func scheduleCallbacks(_ r: Ref) throws(PyError) {
    let f = r.future
    guard let loopRef = f.pointee.loop else { return }
    if let callback = f.pointee.callback {
      let loop = Owned(retaining: loopRef)
      let c = Owned(taking: callback)
      let context = Owned(taking: f.pointee.context ?? newRef(none))
      f.pointee.callback = nil
      f.pointee.context = nil
      try AsyncState.callSoon(loop.ref, c.ref, r, context.ref)
    }
    guard let list = f.pointee.callbacks else { return }
    let loop = Owned(retaining: loopRef)
    let callbacks = Owned(taking: list)
    f.pointee.callbacks = nil
    var i = 0
    while i < PyList_Size(callbacks.ref) {
      let pair = Owned(retaining: PyList_GetItem(callbacks.ref, i)!)
      let items = gila_tuple_items(pair.ref)
      try AsyncState.callSoon(loop.ref, items[0]!, r, items[1])
      i += 1
    }
  }
  /// Removes every callback equal to `fn`; how many.
  static func removeCallback(_ r: Ref, _ fn: Ref) throws(PyError) -> Int {
    try requireAlive(r)
    let f = r.future
    var removed = 0
    if let callback = f.pointee.callback {
      let held = Owned(retaining: callback)
      if try check(PyObject_RichCompareBool(held.ref, fn, Py_EQ)) != 0 {
        GilaCore.clear(r.word(1))
        GilaCore.clear(r.word(2))
        removed = 1
      }
    }
    guard let list = f.pointee.callbacks else { return removed }
    let old = Owned(retaining: list)
    let kept = try owned(PyList_New(0))
    // The comparison may run Python code that changes the list.
    var i = 0
    while i < PyList_Size(old.ref) {
      let pair = Owned(retaining: PyList_GetItem(old.ref, i)!)
      let callback = Owned(retaining: gila_tuple_items(pair.ref)[0]!)
      if try check(PyObject_RichCompareBool(callback.ref, fn, Py_EQ)) == 0 {
        try check(PyList_Append(kept.ref, pair.ref))
      } else {
        removed += 1
      }
      i += 1
    }
    if PyList_Size(kept.ref) == 0 {
      GilaCore.clear(r.word(3))
    } else if f.pointee.callbacks != nil {
      replace(r.word(3), with: kept.take())
    }
    return removed
  }
  static func callbackList(_ r: Ref) throws(PyError) -> Owned {
    let f = r.future
    guard let callback = f.pointee.callback else { return Owned(retaining: f.pointee.callbacks ?? none) }
    let list = try owned(PyList_New(0))
    try append(list.ref, try tuple(callback, f.pointee.context))
    if let others = f.pointee.callbacks {
      try check(PyList_SetSlice(list.ref, 1, 1, others))
    }
    return list
  }

  // MARK: ends

  static func setResult(_ r: Ref, _ value: Ref) throws(PyError) {
    let f = r.future
    try requireAlive(r)
    if f.pointee.state != .pending { throw AsyncState.invalidState("invalid state") }
    f.pointee.result = newRef(value)
    f.pointee.state = .finished
    try scheduleCallbacks(r)
  }
  static func setException(_ r: Ref, _ given: Ref) throws(PyError) {
    try requireAlive(r)
    let f = r.future
    if f.pointee.state != .pending { throw AsyncState.invalidState("invalid state") }
    let isClass = given.isType && PyType_IsSubtype(given.asType, Exc.BaseException) != 0
    var e = isClass ? try owned(PyObject_CallNoArgs(given)) : Owned(retaining: given)
    if isClass, f.pointee.state != .pending { throw AsyncState.invalidState("invalid state") }
    if !e.ref.isException { throw typeError("invalid exception object") }
    if PyErr_GivenExceptionMatches(e.ref, Exc.StopIteration.object) != 0 {
      let text = try string("StopIteration interacts badly with generators and cannot be raised into a Future")
      let replacement = try owned(PyObject_CallOneArg(Exc.RuntimeError.object, text.ref))
      PyException_SetCause(replacement.ref, newRef(e.ref))
      PyException_SetContext(replacement.ref, newRef(e.ref))
      e = replacement
    }
    f.pointee.exceptionTraceback = PyException_GetTraceback(e.ref)
    f.pointee.exception = e.take()
    f.pointee.state = .finished
    try scheduleCallbacks(r)
    f.pointee.logTraceback = true
  }
  static func cancel(_ r: Ref, _ message: Ref?) throws(PyError) -> Bool {
    let f = r.future
    f.pointee.logTraceback = false
    if f.pointee.state != .pending { return false }
    f.pointee.state = .cancelled
    replace(r.word(8), with: xnewRef(message))
    try scheduleCallbacks(r)
    return true
  }
  static func makeCancelledError(_ r: Ref) throws(PyError) -> Owned {
    let f = r.future
    if let kept = f.pointee.cancelledError {
      f.pointee.cancelledError = nil
      return Owned(taking: kept)
    }
    let type = try AsyncState.cancelledError()
    guard let message = f.pointee.cancelMessage, message != none else { return try owned(PyObject_CallNoArgs(type)) }
    let held = Owned(retaining: message)
    return try owned(PyObject_CallOneArg(type, held.ref))
  }
  static func cancelled(_ r: Ref) -> PyError {
    do throws(PyError) {
      let e = try makeCancelledError(r)
      PyErr_SetObject(e.ref.type.object, e.ref)
    } catch {}
    return PyError()
  }

  /// The result, or the exception the future holds.
  enum Outcome: ~Copyable { case value(Owned), failure(Owned) }
  static func outcome(_ r: Ref) throws(PyError) -> Outcome {
    let f = r.future
    switch f.pointee.state {
    case .cancelled: throw cancelled(r)
    case .pending:
      let made = f.pointee.loop != nil
      throw AsyncState.invalidState(made ? "Result is not set." : "Future object is not initialized.")
    case .finished: break
    }
    f.pointee.logTraceback = false
    if let e = f.pointee.exception {
      let held = Owned(retaining: e)
      let traceback = f.pointee.exceptionTraceback
      f.pointee.exceptionTraceback = nil
      PyException_SetTraceback(e, traceback ?? none)
      xdecref(traceback)
      return .failure(held)
    }
    return .value(Owned(retaining: f.pointee.result ?? none))
  }
  static func result(_ r: Ref) throws(PyError) -> Owned {
    switch try outcome(r) {
    case .value(let v): return v
    case .failure(let e):
      PyErr_SetObject(e.ref.type.object, e.ref)
      throw PyError()
    }
  }

  // MARK: life

  /// Tells the loop of an exception that nobody asked for.
  static func finalize(_ r: Ref) {
    let f = r.future
    guard f.pointee.logTraceback, let e = f.pointee.exception else { return }
    f.pointee.logTraceback = false
    report(r, "\(typeName(r.type)) exception was never retrieved", key: "future", exception: e)
  }
  static func report(_ r: Ref, _ message: String, key: StaticString, exception: Ref?) {
    let pending = PyErr_GetRaisedException()
    do throws(PyError) {
      let context = try owned(PyDict_New())
      do {
        try set(context.ref, "message", try string(message))
        if let exception { try set(context.ref, "exception", Owned(retaining: exception)) }
        try set(context.ref, key, Owned(retaining: r))
        if let source = r.future.pointee.sourceTraceback {
          try set(context.ref, "source_traceback", Owned(retaining: source))
        }
      }
      let handler = try owned(PyObject_GetAttrString(r.future.pointee.loop ?? none, "call_exception_handler"))
      if let done = PyObject_CallOneArg(handler.ref, context.ref) {
        decref(done)
      } else {
        PyErr_WriteUnraisable(handler.ref)
      }
    } catch { PyErr_Clear() }
    PyErr_SetRaisedException(pending)
  }
}
