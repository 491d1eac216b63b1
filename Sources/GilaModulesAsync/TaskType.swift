// The type _asyncio.Task.

import CGila
import GilaCore
import GilaModuleSupport

enum TaskType {
  nonisolated(unsafe) static var type: TypeRef! = nil
  private static let initSignature = Signature(
    "Task", "(coro, *, loop=None, name=None, context=None, eager_start=False)")
  private static let stackFunction = Function("get_stack", "($self, /, *, limit=None)")
  private static let printFunction = Function("print_stack", "($self, /, *, limit=None, file=None)")

  static func install() {
    if type != nil { return }
    let t = newStaticType()
    t.define(
      "_asyncio.Task", basicSize: MemoryLayout<TaskObject>.size + 7 & ~7,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE), base: FutureType.type,
      doc:
        "Task(coro, *, loop=None, name=None, context=None, eager_start=False)\n--\n\nA coroutine wrapped in a future, run by its event loop."
    )
    FutureType.common(t)
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in try TaskType.initialize(r!, args!, kwargs) }
    }
    t.pointee.tp_dealloc = { r in
      FutureType.deallocate(r!, TaskType.type, isTask: true)
    }
    t.pointee.tp_traverse = { r, f, c in
      let v = Words.traverse(r!, 0..<FutureObject.references, f, c)
      return v != 0 ? v : Words.traverse(r!, TaskObject.words, f, c)
    }
    t.pointee.tp_clear = { r in
      Words.clear(r!, 0..<FutureObject.references)
      return Words.clear(r!, TaskObject.words)
    }
    t.pointee.tp_finalize = { r in Task.finalize(r!) }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let f = try AsyncState.objects.imported(.taskRepr, "asyncio.base_tasks", "_task_repr")
        return try owned(PyObject_CallOneArg(f, r))
      }
    }
    t.pointee.tp_methods = methods()
    t.pointee.tp_getset = attributes()
    type = t
    StepCall.install()
  }

  private static func initialize(_ r: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) {
    // create_task() comes this way each time: look for the known names first.
    if args.size == 1 {
      let coroutine = gila_tuple_items(args)[0]!
      guard let kwargs, PyDict_Size(kwargs) > 0 else {
        return try Task.initialize(r, coroutine, loop: nil, name: nil, context: nil, eager: false)
      }
      let loop = PyDict_GetItemWithError(kwargs, AsyncState[.loopName])
      let name = PyDict_GetItemWithError(kwargs, AsyncState[.name])
      let context = PyDict_GetItemWithError(kwargs, AsyncState[.context])
      let eager = PyDict_GetItemWithError(kwargs, AsyncState[.eagerStart])
      let known = (loop == nil ? 0 : 1) + (name == nil ? 0 : 1) + (context == nil ? 0 : 1) + (eager == nil ? 0 : 1)
      if known == PyDict_Size(kwargs) {
        return try Task.initialize(
          r, coroutine, loop: loop, name: name, context: context, eager: try cFlag(eager, false))
      }
    }
    let b = try initSignature.bind(tuple: args, dict: kwargs)
    try Task.initialize(r, b[0]!, loop: b[1], name: b[2], context: b[3], eager: try cFlag(b[4], false))
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    FutureType.methods(&m)
    m.one("set_result", "($self, result, /)", "A task's result is its coroutine's.") { _, _ in
      _ = runtimeError("Task does not support set_result operation")
      return nil
    }
    m.one("set_exception", "($self, exception, /)", "A task's exception is its coroutine's.") { _, _ in
      _ = runtimeError("Task does not support set_exception operation")
      return nil
    }
    m.add(
      FutureType.cancelFunction,
      "Ask the task to end: CancelledError is thrown into its coroutine at the loop's next turn."
    ) { r, a, n, names in
      bridge { () throws(PyError) in bool(try Task.cancel(r!, try FutureType.cancelMessage(a, n, names))) }
    }
    m.noArguments("cancelling", "($self, /)", "Return how many requests to cancel the task are not taken back.") {
      r, _ in bridge { () throws(PyError) in try int(r!.task.pointee.cancelRequests) }
    }
    m.noArguments("uncancel", "($self, /)", "Take back one request to cancel; return how many are left.") { r, _ in
      bridge { () throws(PyError) in
        let t = r!.task
        if t.pointee.cancelRequests > 0 {
          t.pointee.cancelRequests -= 1
          if t.pointee.cancelRequests == 0 { t.pointee.mustCancel = false }
        }
        return try int(t.pointee.cancelRequests)
      }
    }
    m.noArguments("get_name", "($self, /)") { r, _ in bridge { () throws(PyError) in try Task.name(r!) } }
    m.one("set_name", "($self, value, /)") { r, name in
      bridgeNone { () throws(PyError) in try Task.setName(r!, name!) }
    }
    m.noArguments("get_coro", "($self, /)") { r, _ in newRef(r!.task.pointee.coroutine ?? none) }
    m.noArguments("get_context", "($self, /)") { r, _ in newRef(r!.task.pointee.context ?? none) }
    m.add(TaskType.stackFunction, "Return the stack of the task's coroutine as a list of frames.") { r, a, n, names in
      answer(TaskType.stackFunction, a, n, names) { (b) throws(PyError) in
        let f = try AsyncState.objects.imported(.taskStack, "asyncio.base_tasks", "_task_get_stack")
        return try call(f, r, b[0])
      }
    }
    m.add(TaskType.printFunction, "Print the stack of the task's coroutine.") { r, a, n, names in
      answer(TaskType.printFunction, a, n, names) { (b) throws(PyError) in
        let f = try AsyncState.objects.imported(.printTaskStack, "asyncio.base_tasks", "_task_print_stack")
        return try call(f, r, b[0], b[1])
      }
    }
    return m.build()
  }
  private static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    FutureType.attributes(&g)
    g.add(
      "_log_destroy_pending",
      get: { r, _ in newRef(pyBool(r!.task.pointee.logDestroyPending)) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          r!.task.pointee.logDestroyPending = try truth(v)
        }
      })
    g.add("_must_cancel", get: { r, _ in newRef(pyBool(r!.task.pointee.mustCancel)) })
    g.add("_coro", get: { r, _ in newRef(r!.task.pointee.coroutine ?? none) })
    g.add("_fut_waiter", get: { r, _ in newRef(r!.task.pointee.waiter ?? none) })
    return g.build()
  }
}
