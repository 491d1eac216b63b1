// What an interpreter has of its own for queues: exceptions, and the classes that the Python half registers.

import CGila
import GilaCore
import GilaModuleSupport

enum QueueObjects {
  private enum Key: Int {
    case failure, notFound, queue, empty, full, count
  }
  private static let objects = ObjectTable<Key>(slot: 108, count: Key.count.rawValue)

  /// Makes the exceptions of the current interpreter, once, and adds them to the module.
  static func prepare(_ module: Ref) throws(PyError) {
    if !objects.isReady {
      let failure = try owned(
        PyErr_NewExceptionWithDoc(
          "test.support.interpreters.QueueError", "Indicates that a queue-related error happened.",
          Exc.RuntimeError.object, nil))
      let notFound = try owned(
        PyErr_NewExceptionWithDoc("test.support.interpreters.QueueNotFoundError", nil, failure.ref, nil))
      try objects.set(.failure, failure.ref)
      try objects.set(.notFound, notFound.ref)
      LastFunctions.add(currentInterpreter, { _ in QueueTable.leave() })
    }
    try GilaCore.add(module, "QueueError", objects[.failure])
    try GilaCore.add(module, "QueueNotFoundError", objects[.notFound])
  }

  /// The Python half's classes.
  static func register(queue: Ref, empty: Ref, full: Ref) throws(PyError) {
    guard queue.isInstance(of: Types.type) else { throw typeError("expected a type for 'queuetype'") }
    for (type, name) in [(empty, "emptyerror"), (full, "fullerror")] where !isException(type) {
      throw typeError("expected an exception type for '\(name)'")
    }
    try objects.set(.queue, queue)
    try objects.set(.empty, empty)
    try objects.set(.full, full)
  }
  private static func isException(_ r: Ref) -> Bool {
    r.isInstance(of: Types.type) && r.asType.pointee.tp_flags & UInt(Py_TPFLAGS_BASE_EXC_SUBCLASS) != 0
  }
  /// A class of the Python half (borrowed), which is imported if that has not happened yet.
  private static func registered(_ key: Key) throws(PyError) -> Ref {
    // An interpreter that is handed a queue may not have imported the module.
    if !objects.isReady { _ = try owned(PyImport_ImportModule("_interpqueues")) }
    if objects[key] == none {
      if let m = PyImport_ImportModule("interpreters.queues") {
        decref(m)
      } else {
        PyErr_Clear()
        _ = try owned(PyImport_ImportModule("test.support.interpreters.queues"))
      }
      guard objects.isReady, objects[key] != none else { throw runtimeError("the queue types are not registered") }
    }
    return objects[key]
  }

  enum Failure { case notFound, neverBound, empty, full }
  static func error(_ failure: Failure, _ id: Int64) -> PyError {
    switch failure {
    case .notFound: return raise(type(.notFound), "queue \(id) not found")
    case .neverBound: return raise(type(.failure), "queue \(id) never bound")
    case .empty, .full:
      do throws(PyError) {
        let type = try registered(failure == .empty ? .empty : .full).asType
        return raise(type, "queue \(id) is \(failure)")
      } catch { return error }
    }
  }
  /// An exception of the module. Destructors may come here when the interpreter has let go of its classes.
  private static func type(_ key: Key) -> TypeRef { objects.isReady ? objects[key].asType : Exc.RuntimeError }

  /// Whether an object is of the registered class of queues.
  static func isQueue(_ r: Ref) -> Bool { objects.isReady && r.type.object == objects[.queue] }
  static func makeQueue(_ id: Int64) throws(PyError) -> Owned {
    let type = Owned(retaining: try registered(.queue))
    let number = try owned(PyLong_FromLongLong(id))
    return try call(type.ref, number.ref)
  }
  /// The number in an argument.
  static func number(_ r: Ref) throws(PyError) -> Int64 {
    if PyIndex_Check(r) != 0 {
      let index = try owned(PyNumber_Index(r))
      var overflow: Int32 = 0
      _ = PyLong_AsLongLongAndOverflow(index.ref, &overflow)
      if overflow > 0 { throw overflowError("max queue ID is \(Int64.max), got \(try reprText(r))") }
      if overflow < 0 { throw valueError("queue ID must be a non-negative int, got \(try reprText(r))") }
    }
    return try InterpreterTable.number(r, "queue ID")
  }
}

/// A queue object on its way keeps its queue alive.
final class SharedQueueLink: SharedForm {
  private let id: Int64

  init(_ r: Ref) throws(PyError) {
    let number = try attribute(r, "_id")
    let id = try QueueObjects.number(number.ref)
    try QueueTable.bind(id)
    self.id = id
  }
  deinit {
    preservingError { () throws(PyError) in try QueueTable.release(id) }
  }
  func make() throws(PyError) -> Owned { try QueueObjects.makeQueue(id) }
}
