// Which tasks there are, and which one each loop runs.

import CGila
import GilaCore
import GilaModuleSupport

enum TaskSets {
  // MARK: the current task of a loop

  static func enter(_ loop: Ref, _ task: Ref) throws(PyError) {
    let current = AsyncState[.currentTasks]
    if let other = PyDict_GetItemWithError(current, loop) {
      let held = Owned(retaining: other)
      let t = try reprText(task)
      throw runtimeError(
        "Cannot enter into task \(t) while another task \(try reprText(held.ref)) is being executed.")
    }
    if errorIsSet { throw PyError() }
    try check(PyDict_SetItem(current, loop, task))
  }
  static func leave(_ loop: Ref, _ task: Ref) throws(PyError) {
    let current = AsyncState[.currentTasks]
    let item = PyDict_GetItemWithError(current, loop)
    if item == nil, errorIsSet { throw PyError() }
    if item != task {
      let held = Owned(retaining: item ?? none)
      let t = try reprText(task)
      throw runtimeError("Leaving task \(t) does not match the current task \(try reprText(held.ref)).")
    }
    try check(PyDict_DelItem(current, loop))
  }
  /// Makes `task` (None: no task) the current one and returns the one before.
  static func swap(_ loop: Ref, _ task: Ref) throws(PyError) -> Owned {
    let current = AsyncState[.currentTasks]
    let item = PyDict_GetItemWithError(current, loop)
    if item == nil, errorIsSet { throw PyError() }
    let previous = Owned(retaining: item ?? none)
    if task == none {
      if item != nil { try check(PyDict_DelItem(current, loop)) }
    } else {
      try check(PyDict_SetItem(current, loop, task))
    }
    return previous
  }
  static func current(_ loop: Ref) throws(PyError) -> Owned {
    let item = PyDict_GetItemWithError(AsyncState[.currentTasks], loop)
    if item == nil, errorIsSet { throw PyError() }
    return Owned(retaining: item ?? none)
  }

  // MARK: all tasks

  /// Adds a task to `_scheduled_tasks`, a WeakSet, as its `add` does. Tasks of this module go straight into the set
  /// behind it, with a native function in place of the WeakSet's own that takes dead ones out.
  static func register(_ task: Ref) throws(PyError) {
    let set = AsyncState[.scheduledTasks]
    if task.type == TaskType.type {
      let reference = try owned(PyWeakref_NewRef(task, AsyncState[.scheduledRemoval]))
      try check(PySet_Add(AsyncState[.scheduledData], reference.ref))
      return
    }
    let method = try owned(PyObject_GetAttrString(set, "add"))
    let done = try owned(PyObject_CallOneArg(method.ref, task))
    _ = done.ref
  }
  static func unregister(_ task: Ref) throws(PyError) {
    let method = try owned(PyObject_GetAttrString(AsyncState[.scheduledTasks], "discard"))
    let done = try owned(PyObject_CallOneArg(method.ref, task))
    _ = done.ref
  }
  static func prepare() throws(PyError) {
    let module = try owned(PyImport_ImportModule("_weakrefset"))
    let type = try owned(PyObject_GetAttrString(module.ref, "WeakSet"))
    let set = try owned(PyObject_CallNoArgs(type.ref))
    let data = try owned(PyObject_GetAttrString(set.ref, "data"))
    try AsyncState.objects.set(.scheduledTasks, set.ref)
    try AsyncState.objects.set(.scheduledData, data.ref)
    let removal = try owned(PyCFunction_NewEx(removalDefinition, set.ref, nil))
    try AsyncState.objects.set(.scheduledRemoval, removal.ref)
  }
  /// While somebody iterates over the WeakSet, removals wait in its list.
  nonisolated(unsafe) private static let removalDefinition: UnsafeMutablePointer<PyMethodDef> = {
    var m = MethodTable()
    m.one("_remove") { set, reference in
      bridgeNone { () throws(PyError) in
        let iterating = try owned(PyObject_GetAttrString(set, "_iterating"))
        if try truth(iterating.ref) {
          let waiting = try owned(PyObject_GetAttrString(set, "_pending_removals"))
          let method = try owned(PyObject_GetAttrString(waiting.ref, "append"))
          let done = try owned(PyObject_CallOneArg(method.ref, reference))
          _ = done.ref
        } else {
          let data = try owned(PyObject_GetAttrString(set, "data"))
          try check(PySet_Discard(data.ref, reference))
        }
      }
    }
    return m.build()
  }()
}
