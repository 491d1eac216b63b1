// What _asyncio keeps for an interpreter: names of methods, classes of asyncio's Python half, the sets of tasks.

import CGila
import GilaCore
import GilaModuleSupport

enum AsyncObject: Int {
  // Names, interned.
  case callSoon, context, contextNames, cancel, message, messageNames, blocking, addDoneCallback, throwName, getLoop
  case loopName, name, eagerStart, runningLoop, getDebug, isRunning, result, loopField
  // Made or imported at first use.
  case invalidState, cancelledError, getPolicy, isCoroutine, extractStack, futureRepr, taskRepr, taskStack
  case printTaskStack
  // The module's own.
  case currentTasks, eagerTasks, scheduledTasks, scheduledData, scheduledRemoval
  case count
}

enum AsyncState {
  static let objects = ObjectTable<AsyncObject>(slot: 241, count: AsyncObject.count.rawValue)
  /// Numbers for tasks without a name.
  nonisolated(unsafe) static var taskNumber = 0

  @inline(__always) static subscript(_ key: AsyncObject) -> Ref {
    gila_list_items(currentInterpreter.slot(InterpreterSlot(241)).pointee.unsafelyUnwrapped).unsafelyUnwrapped[
      key.rawValue
    ].unsafelyUnwrapped
  }

  static func prepare() throws(PyError) {
    try objects.prepare()
    let names: [(AsyncObject, StaticString)] = [
      (.callSoon, "call_soon"), (.context, "context"), (.cancel, "cancel"), (.message, "msg"),
      (.blocking, "_asyncio_future_blocking"), (.addDoneCallback, "add_done_callback"), (.throwName, "throw"),
      (.getLoop, "get_loop"), (.loopName, "loop"), (.name, "name"), (.eagerStart, "eager_start"),
      (.runningLoop, "__asyncio_running_event_loop__"), (.getDebug, "get_debug"), (.isRunning, "is_running"),
      (.result, "result"), (.loopField, "_loop"),
    ]
    for (key, text) in names { try objects.set(key, try borrowed(gila_intern(cString(text)))) }
    let context = try tuple(AsyncState[.context])
    try objects.set(.contextNames, context.ref)
    let message = try tuple(AsyncState[.message])
    try objects.set(.messageNames, message.ref)
    let current = try owned(PyDict_New())
    try objects.set(.currentTasks, current.ref)
    let eager = try owned(PySet_New(nil))
    try objects.set(.eagerTasks, eager.ref)
  }

  // MARK: the Python half

  static func invalidState(_ message: String) -> PyError {
    do throws(PyError) {
      let type = try objects.imported(.invalidState, "asyncio.exceptions", "InvalidStateError")
      let text = try string(message)
      PyErr_SetObject(type, text.ref)
    } catch {}
    return PyError()
  }
  static func cancelledError() throws(PyError) -> Ref {
    try objects.imported(.cancelledError, "asyncio.exceptions", "CancelledError")
  }
  static func matchesCancelled() -> Bool {
    guard let e = PyErr_GetRaisedException() else { return false }
    let type: Ref
    do throws(PyError) { type = try cancelledError() } catch {
      PyErr_Clear()
      PyErr_SetRaisedException(e)
      return false
    }
    let matches = PyErr_GivenExceptionMatches(e, type) != 0
    PyErr_SetRaisedException(e)
    return matches
  }

  /// `loop.call_soon(callback[, argument], context=context)`.
  static func callSoon(_ loop: Ref, _ callback: Ref, _ argument: Ref?, _ context: Ref?) throws(PyError) {
    let names = context == nil ? nil : AsyncState[.contextNames]
    let name = AsyncState[.callSoon]
    let r =
      argument == nil
      ? callMethod(loop, name, callback, context, names: names)
      : callMethod(loop, name, callback, argument, context, names: names)
    guard let r else { throw PyError() }
    decref(r)
  }
}
