// Tasks: a coroutine driven step by step, which is itself a future.

import CGila
import GilaCore
import GilaModuleSupport

/// The fields of `_asyncio.Task`.
struct TaskObject {
  var future: FutureObject
  var padding: (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0)
  /// The future the coroutine waits for.
  var waiter: Ref?
  var coroutine: Ref?
  /// A str, or the int that the name is made of when somebody asks.
  var name: Ref?
  var context: Ref?
  var cancelRequests: Int
  var mustCancel: Bool
  var logDestroyPending: Bool

  /// The words of the references that a future does not have.
  static var words: Range<Int> {
    let first = (MemoryLayout<TaskObject>.offset(of: \.waiter).unsafelyUnwrapped - 16) / 8
    return first..<(first + 4)
  }
}
typealias TaskRef = UnsafeMutablePointer<TaskObject>

extension UnsafeMutablePointer where Pointee == PyObject {
  @inline(__always) var task: TaskRef { cast(TaskObject.self) }
}

enum Task {
  static func initialize(
    _ r: Ref, _ coroutine: Ref, loop: Ref?, name: Ref?, context: Ref?, eager: Bool
  ) throws(PyError) {
    try Future.initialize(r, loop: loop)
    let t = r.task
    if !coroutine.isExactly(Types.coro) {
      let test = try AsyncState.objects.imported(.isCoroutine, "asyncio.coroutines", "iscoroutine")
      let answer = try owned(PyObject_CallOneArg(test, coroutine))
      if try !truth(answer.ref) {
        t.pointee.logDestroyPending = false
        throw typeError("a coroutine was expected, got \(try reprText(coroutine))")
      }
    }
    if let context, context != none {
      replace(&t.pointee.context, with: newRef(context))
    } else {
      replace(&t.pointee.context, with: try owned(PyContext_CopyCurrent()).take())
    }
    GilaCore.clear(&t.pointee.waiter)
    t.pointee.mustCancel = false
    t.pointee.logDestroyPending = true
    t.pointee.cancelRequests = 0
    replace(&t.pointee.coroutine, with: newRef(coroutine))
    if let name, name != none {
      replace(&t.pointee.name, with: try nameText(name).take())
    } else {
      AsyncState.taskNumber &+= 1
      replace(&t.pointee.name, with: try int(AsyncState.taskNumber).take())
    }
    if eager {
      let running = try owned(callMethod(r.future.pointee.loop ?? none, AsyncState[.isRunning]))
      if try truth(running.ref) {
        try TaskStep.startEagerly(r)
        return
      }
    }
    try TaskStep.scheduleStep(r, nil)
    try TaskSets.register(r)
  }
  private static func nameText(_ name: Ref) throws(PyError) -> Owned {
    name.isExactly(Types.unicode) ? Owned(retaining: name) : try owned(PyObject_Str(name))
  }
  static func setName(_ r: Ref, _ name: Ref) throws(PyError) {
    replace(&r.task.pointee.name, with: try nameText(name).take())
  }
  static func name(_ r: Ref) throws(PyError) -> Owned {
    guard let name = r.task.pointee.name else { return noneOwned() }
    if name.isUnicode { return Owned(retaining: name) }
    let made = try string("Task-\(PyLong_AsLong(name))")
    replace(&r.task.pointee.name, with: newRef(made.ref))
    return made
  }

  static func cancel(_ r: Ref, _ message: Ref?) throws(PyError) -> Bool {
    let t = r.task
    t.pointee.future.logTraceback = false
    if t.pointee.future.state != .pending { return false }
    t.pointee.cancelRequests &+= 1
    if let waiter = t.pointee.waiter {
      let held = Owned(retaining: waiter)
      if try cancelFuture(held.ref, message) { return true }
    }
    t.pointee.mustCancel = true
    replace(r.word(8), with: xnewRef(message))
    return true
  }
  /// `future.cancel(msg=message)`.
  static func cancelFuture(_ future: Ref, _ message: Ref?) throws(PyError) -> Bool {
    if future.type == FutureType.type { return try Future.cancel(future, message) }
    if future.type == TaskType.type { return try cancel(future, message) }
    let r = try owned(callMethod(future, AsyncState[.cancel], message ?? none, names: AsyncState[.messageNames]))
    return try truth(r.ref)
  }

  static func finalize(_ r: Ref) {
    let t = r.task
    if t.pointee.future.state == .pending, t.pointee.logDestroyPending, t.pointee.future.loop != nil {
      Future.report(r, "Task was destroyed but it is pending!", key: "task", exception: nil)
    }
    Future.finalize(r)
  }
}
