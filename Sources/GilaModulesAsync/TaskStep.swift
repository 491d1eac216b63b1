// One step of a task: resume the coroutine, see what it waits for, arrange to be woken.

import CGila
import GilaCore
import GilaModuleSupport

enum TaskStep {
  // MARK: being called later

  /// Has the loop run the next step soon, throwing `exception` into the coroutine if there is one.
  static func scheduleStep(_ task: Ref, _ exception: Ref?) throws(PyError) {
    let step = try StepCall.make(task, exception)
    try AsyncState.callSoon(task.future.pointee.loop!, step.ref, nil, task.task.pointee.context)
  }
  private static func fail(_ task: Ref, _ message: String) throws(PyError) {
    let text = try string(message)
    let e = try owned(PyObject_CallOneArg(Exc.RuntimeError.object, text.ref))
    try scheduleStep(task, e.ref)
  }

  /// The function that a future calls when it is done: `self` is the task.
  nonisolated(unsafe) private static let wakeupDefinition: UnsafeMutablePointer<PyMethodDef> = {
    var m = MethodTable()
    m.one("task_wakeup") { task, future in
      TaskStep.wakeUp(task!, future!)
    }
    return m.build()
  }()
  private static func wakeup(_ task: Ref) throws(PyError) -> Owned {
    try owned(PyCFunction_NewEx(wakeupDefinition, task, nil))
  }
  static func wakeUp(_ task: Ref, _ future: Ref) -> Ref? {
    let thrown: Ref?
    do throws(PyError) {
      if FutureType.isNative(future) {
        switch try Future.outcome(future) {
        case .value(let v):
          _ = v.ref
          thrown = nil
        case .failure(let e): thrown = e.take()
        }
      } else {
        let value = try owned(callMethod(future, AsyncState[.result]))
        _ = value.ref
        thrown = nil
      }
    } catch { thrown = PyErr_GetRaisedException() }
    defer { xdecref(thrown) }
    return run(task, thrown)
  }

  // MARK: the step

  /// A step as the loop's current task.
  static func run(_ task: Ref, _ exception: Ref?) -> Ref? {
    bridgeNone { () throws(PyError) in
      guard let loopRef = task.future.pointee.loop else { throw runtimeError("Task object is not initialized.") }
      let loop = Owned(retaining: loopRef)
      try TaskSets.enter(loop.ref, task)
      do throws(PyError) { try step(task, exception) } catch {
        let e = PyErr_GetRaisedException()
        do throws(PyError) { try TaskSets.leave(loop.ref, task) } catch {
          _PyErr_ChainExceptions1(e)
          throw error
        }
        PyErr_SetRaisedException(e)
        throw error
      }
      try TaskSets.leave(loop.ref, task)
    }
  }

  static func startEagerly(_ task: Ref) throws(PyError) {
    let loop = Owned(retaining: task.future.pointee.loop!)
    let previous = try TaskSets.swap(loop.ref, task)
    try check(PySet_Add(AsyncState[.eagerTasks], task))
    let context = Owned(retaining: task.task.pointee.context ?? none)
    try check(PyContext_Enter(context.ref))
    var failure: Ref? = nil
    do throws(PyError) { try step(task, nil) } catch { failure = PyErr_GetRaisedException() }
    func note() { if errorIsSet { let e = failure; failure = PyErr_GetRaisedException(); xdecref(e) } }
    do throws(PyError) {
      let mine = try TaskSets.swap(loop.ref, previous.ref)
      _ = mine.ref
    } catch { note() }
    if PySet_Discard(AsyncState[.eagerTasks], task) < 0 { note() }
    if PyContext_Exit(context.ref) < 0 { note() }
    if let failure {
      PyErr_SetRaisedException(failure)
      throw PyError()
    }
    if task.future.pointee.state == .pending {
      try TaskSets.register(task)
    } else {
      GilaCore.clear(&task.task.pointee.coroutine)
    }
  }

  private static func step(_ task: Ref, _ given: Ref?) throws(PyError) {
    let t = task.task
    if t.pointee.future.state != .pending {
      let e = try given.map { (g) throws(PyError) in try reprText(g) } ?? ""
      throw AsyncState.invalidState("__step(): already done: \(try reprText(task)) \(e)")
    }
    var exception: Ref? = xnewRef(given)
    defer { xdecref(exception) }
    if t.pointee.mustCancel {
      if let e = exception, try check(PyObject_IsInstance(e, try AsyncState.cancelledError())) == 0 {
        exception = nil
        decref(e)
      }
      if exception == nil { exception = try Future.makeCancelledError(task).take() }
      t.pointee.mustCancel = false
    }
    GilaCore.clear(&t.pointee.waiter)
    guard let coroutine = t.pointee.coroutine else { throw runtimeError("uninitialized Task object") }
    let held = Owned(retaining: coroutine)
    var result: Ref? = nil
    var status: PySendResult
    if let exception {
      result = callMethod(held.ref, AsyncState[.throwName], exception)
      status = PYGEN_NEXT_
      if result == nil { status = stopValue(&result) ? PYGEN_RETURN_ : PYGEN_ERROR_ }
    } else {
      status = PyIter_Send(held.ref, none, &result)
    }
    if status == PYGEN_NEXT_, let yielded = result {
      let y = Owned(taking: yielded)
      try wait(task, y.ref)
      return
    }
    if status == PYGEN_RETURN_, let value = result {
      let v = Owned(taking: value)
      if t.pointee.mustCancel {
        t.pointee.mustCancel = false
        _ = try Future.cancel(task, t.pointee.future.cancelMessage)
      } else {
        try Future.setResult(task, v.ref)
      }
      return
    }
    if AsyncState.matchesCancelled() {
      replace(task.word(9), with: PyErr_GetRaisedException())
      _ = try Future.cancel(task, nil)
      return
    }
    guard let raised = PyErr_GetRaisedException() else {
      try Future.setResult(task, none)
      return
    }
    let e = Owned(taking: raised)
    try Future.setException(task, e.ref)
    if e.ref.isInstance(of: Exc.KeyboardInterrupt) || e.ref.isInstance(of: Exc.SystemExit) {
      PyErr_SetRaisedException(e.take())
      throw PyError()
    }
  }
  /// The value of a pending StopIteration, which it takes off; None if no exception is pending.
  private static func stopValue(_ result: inout Ref?) -> Bool {
    if !errorIsSet {
      result = newRef(none)
      return true
    }
    guard PyErr_ExceptionMatches(Exc.StopIteration.object) != 0, let e = PyErr_GetRaisedException() else {
      return false
    }
    result = PyObject_GetAttrString(e, "value")
    decref(e)
    return result != nil
  }

  /// The coroutine yielded: normally a future to wait for.
  private static func wait(_ task: Ref, _ yielded: Ref) throws(PyError) {
    if yielded == task {
      return try fail(task, "Task cannot await on itself: \(try reprText(task))")
    }
    let t = task.task
    if FutureType.isNative(yielded) {
      let f = yielded.future
      if f.pointee.loop != t.pointee.future.loop { return try otherLoop(task, yielded) }
      if !f.pointee.blocking { return try notAwaited(task, yielded) }
      f.pointee.blocking = false
      let call = try wakeup(task)
      try Future.addCallback(yielded, call.ref, t.pointee.context ?? none)
      try waitFor(task, yielded)
      return
    }
    if yielded == none { return try scheduleStep(task, nil) }
    var found: Ref? = nil
    try check(PyObject_GetOptionalAttr(yielded, AsyncState[.blocking], &found))
    if let found {
      let mark = Owned(taking: found)
      if mark.ref != none {
        let blocking = try truth(mark.ref)
        let loop = try loopOf(yielded)
        if loop.ref != t.pointee.future.loop { return try otherLoop(task, yielded) }
        if !blocking { return try notAwaited(task, yielded) }
        try check(PyObject_SetAttr(yielded, AsyncState[.blocking], pyFalse))
        let call = try wakeup(task)
        try addForeignCallback(yielded, call.ref, t.pointee.context ?? none)
        try waitFor(task, yielded)
        return
      }
    }
    let t1 = try reprText(task)
    let y1 = try reprText(yielded)
    if yielded.isExactly(Types.gen) {
      return try fail(task, "yield was used instead of yield from for generator in task \(t1) with \(y1)")
    }
    try fail(task, "Task got bad yield: \(y1)")
  }
  private static func waitFor(_ task: Ref, _ future: Ref) throws(PyError) {
    let t = task.task
    replace(&t.pointee.waiter, with: newRef(future))
    if t.pointee.mustCancel {
      let message = xnewRef(t.pointee.future.cancelMessage)
      defer { xdecref(message) }
      if try Task.cancelFuture(future, message) { t.pointee.mustCancel = false }
    }
  }
  private static func addForeignCallback(_ future: Ref, _ call: Ref, _ context: Ref) throws(PyError) {
    let r = try owned(
      callMethod(future, AsyncState[.addDoneCallback], call, context, names: AsyncState[.contextNames]))
    _ = r.ref
  }
  /// `future.get_loop()`, or `future._loop` of older futures.
  private static func loopOf(_ future: Ref) throws(PyError) -> Owned {
    var method: Ref? = nil
    try check(PyObject_GetOptionalAttr(future, AsyncState[.getLoop], &method))
    if let method {
      let m = Owned(taking: method)
      return try owned(PyObject_CallNoArgs(m.ref))
    }
    return try owned(PyObject_GetAttr(future, AsyncState[.loopField]))
  }
  private static func otherLoop(_ task: Ref, _ future: Ref) throws(PyError) {
    let t = try reprText(task)
    try fail(task, "Task \(t) got Future \(try reprText(future)) attached to a different loop")
  }
  private static func notAwaited(_ task: Ref, _ future: Ref) throws(PyError) {
    let t = try reprText(task)
    try fail(task, "yield was used instead of yield from in task \(t) with \(try reprText(future))")
  }
}

/// What the loop is given to call: a task's next step.
enum StepCall {
  nonisolated(unsafe) static var type: TypeRef! = nil

  static func make(_ task: Ref, _ exception: Ref?) throws(PyError) -> Owned {
    let r = try owned(_PyObject_GC_New(StepCall.type))
    r.ref.word(0).pointee = newRef(task)
    r.ref.word(1).pointee = xnewRef(exception)
    PyObject_GC_Track(r.ref.raw)
    return r
  }
  static func install() {
    let t = newStaticType()
    t.define("_asyncio.TaskStepMethWrapper", basicSize: 32, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_call = { r, args, kwargs in
      if let kwargs, PyDict_Size(kwargs) > 0 {
        _ = typeError("function takes no keyword arguments")
        return nil
      }
      if let args, args.size > 0 {
        _ = typeError("function takes no positional arguments")
        return nil
      }
      guard let task = r!.word(0).pointee else { return none }
      let held = Owned(retaining: task)
      let exception = xnewRef(r!.word(1).pointee)
      let result = TaskStep.run(held.ref, exception)
      xdecref(exception)
      return result
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(r!.word(0).pointee)
      xdecref(r!.word(1).pointee)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, c in Words.traverse(r!, 0..<2, f, c) }
    t.pointee.tp_clear = { r in Words.clear(r!, 0..<2) }
    var g = GetSetTable()
    g.add("__self__", get: { r, _ in newRef(r!.word(0).pointee ?? none) })
    t.pointee.tp_getset = g.build()
    type = t
  }
}
