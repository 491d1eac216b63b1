// The module _asyncio.

import CGila
import GilaCore
import GilaModuleSupport

/// Hands `_asyncio` to the import system.
public func registerAsyncModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_asyncio") { PyModuleDef_Init(AsyncModule.definition) }
}

enum AsyncModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_asyncio", doc: "Futures and tasks of asyncio in native code.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try AsyncState.prepare()
        try TaskSets.prepare()
        FutureType.install()
        TaskType.install()
        for t in [FutureIterator.type, StepCall.type] { try check(PyType_Ready(t)) }
        try addType(module!, "Future", FutureType.type)
        try addType(module!, "Task", TaskType.type)
        try add(module!, "_current_tasks", AsyncState[.currentTasks])
        try add(module!, "_scheduled_tasks", AsyncState[.scheduledTasks])
        try add(module!, "_eager_tasks", AsyncState[.eagerTasks])
      }
    })

  private static let enterFunction = Function("_enter_task", "($module, /, loop, task)")
  private static let leaveFunction = Function("_leave_task", "($module, /, loop, task)")
  private static let swapFunction = Function("_swap_current_task", "($module, /, loop, task)")
  private static let registerFunction = Function("_register_task", "($module, /, task)")
  private static let unregisterFunction = Function("_unregister_task", "($module, /, task)")
  private static let registerEagerFunction = Function("_register_eager_task", "($module, /, task)")
  private static let unregisterEagerFunction = Function("_unregister_eager_task", "($module, /, task)")
  private static let currentFunction = Function("current_task", "($module, /, loop=None)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments(
      "get_event_loop", "($module, /)", "Return the running event loop, or else the one the policy gives."
    ) { _, _ in bridge { () throws(PyError) in try RunningLoop.eventLoop() } }
    m.noArguments(
      "get_running_loop", "($module, /)", "Return the event loop running in this thread; RuntimeError if there is none."
    ) { _, _ in
      bridge { () throws(PyError) in
        guard let loop = try RunningLoop.current() else { throw runtimeError("no running event loop") }
        return Owned(retaining: loop)
      }
    }
    m.noArguments("_get_running_loop", "($module, /)", "Return the event loop running in this thread, or None.") {
      _, _ in bridge { () throws(PyError) in Owned(retaining: try RunningLoop.current() ?? none) }
    }
    m.one("_set_running_loop", "($module, loop, /)", "Say which event loop runs in this thread.") { _, loop in
      bridgeNone { () throws(PyError) in try RunningLoop.set(loop!) }
    }
    m.add(enterFunction, "Make a task the current one of its loop.") { _, a, n, names in
      perform(AsyncModule.enterFunction, a, n, names) { (b) throws(PyError) in try TaskSets.enter(b[0]!, b[1]!) }
    }
    m.add(leaveFunction, "End being the current task of a loop.") { _, a, n, names in
      perform(AsyncModule.leaveFunction, a, n, names) { (b) throws(PyError) in try TaskSets.leave(b[0]!, b[1]!) }
    }
    m.add(swapFunction, "Replace the current task of a loop (None for no task) and return the one before.") {
      _, a, n, names in
      answer(AsyncModule.swapFunction, a, n, names) { (b) throws(PyError) in try TaskSets.swap(b[0]!, b[1]!) }
    }
    m.add(registerFunction, "Add a task to those that all_tasks() shows.") { _, a, n, names in
      perform(AsyncModule.registerFunction, a, n, names) { (b) throws(PyError) in try TaskSets.register(b[0]!) }
    }
    m.add(unregisterFunction, "Take a task out of those that all_tasks() shows.") { _, a, n, names in
      perform(AsyncModule.unregisterFunction, a, n, names) { (b) throws(PyError) in try TaskSets.unregister(b[0]!) }
    }
    m.add(registerEagerFunction, "Add a task that runs before its loop knows it.") { _, a, n, names in
      perform(AsyncModule.registerEagerFunction, a, n, names) { (b) throws(PyError) in
        try check(PySet_Add(AsyncState[.eagerTasks], b[0]))
      }
    }
    m.add(unregisterEagerFunction, "Take out a task that ran before its loop knew it.") { _, a, n, names in
      perform(AsyncModule.unregisterEagerFunction, a, n, names) { (b) throws(PyError) in
        try check(PySet_Discard(AsyncState[.eagerTasks], b[0]))
      }
    }
    m.add(currentFunction, "Return the task that a loop (the running one) runs now, or None.") { _, a, n, names in
      answer(AsyncModule.currentFunction, a, n, names) { (b) throws(PyError) in
        if let loop = b[0], loop != none { return try TaskSets.current(loop) }
        guard let loop = try RunningLoop.current() else { throw runtimeError("no running event loop") }
        return try TaskSets.current(loop)
      }
    }
    return m.build()
  }
}
