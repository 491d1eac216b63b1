// The event loop that runs in a thread: an entry of the thread's dict.

import CGila
import GilaCore
import GilaModuleSupport

enum RunningLoop {
  /// The loop (borrowed); nil if none runs.
  static func current() throws(PyError) -> Ref? {
    guard let dict = PyThreadState_GetDict() else { return nil }
    let loop = PyDict_GetItemWithError(dict, AsyncState[.runningLoop])
    if loop == nil, errorIsSet { throw PyError() }
    return loop == none ? nil : loop
  }
  static func set(_ loop: Ref) throws(PyError) {
    guard let dict = PyThreadState_GetDict() else { throw runtimeError("thread-local storage is not available") }
    try check(PyDict_SetItem(dict, AsyncState[.runningLoop], loop))
  }
  /// The running loop, or the one that the policy gives.
  static func eventLoop() throws(PyError) -> Owned {
    if let loop = try current() { return Owned(retaining: loop) }
    let getPolicy = try AsyncState.objects.imported(.getPolicy, "asyncio.events", "get_event_loop_policy")
    let policy = try owned(PyObject_CallNoArgs(getPolicy))
    return try callMethod(policy.ref, "get_event_loop")
  }
}
