// What one interpreter may hand to another: values that nobody can change, memory, and the ends of queues and channels.

import CGila
import GilaCore

/// What was taken of an object of one interpreter, so that another one can make the object again.
protocol SharedForm: AnyObject {
  /// The object, for the current interpreter.
  func make() throws(PyError) -> Owned
}

enum SharedForms {
  /// The form of an object of the current interpreter. NotShareableError, or what a value has in it, for one that
  /// cannot be shared.
  static func take(_ r: Ref) throws(PyError) -> any SharedForm {
    if isConstant(r) { return SharedConstant(r) }
    if r.isExactly(Types.long) {
      var overflow: Int32 = 0
      _ = PyLong_AsLongAndOverflow(r, &overflow)
      if overflow != 0 { throw raise(Exc.OverflowError, "try sending as bytes") }
      return SharedConstant(r)
    }
    if r.isExactly(Types.bytes) { return SharedBytes(r) }
    if r.isExactly(Types.tuple) { return try SharedTuple(r) }
    if r.isExactly(Types.memoryView) { return try SharedBuffer.take(r) }
    if QueueObjects.isQueue(r) { return try SharedQueueLink(r) }
    if ChannelObjects.isShareable(r) { return try SharedChannelLink(r) }
    let text = try owned(PyObject_Str(r))
    throw raise(InterpreterErrors.notShareable, "\(swiftString(text.ref)) does not support cross-interpreter data")
  }
  /// Whether a value is of a type that can be shared, whatever the items of a tuple are.
  static func isShareable(_ r: Ref) -> Bool {
    if isConstant(r) || QueueObjects.isQueue(r) || ChannelObjects.isShareable(r) { return true }
    return [Types.long, Types.bytes, Types.tuple, Types.memoryView].contains { r.isExactly($0) }
  }
  private static func isConstant(_ r: Ref) -> Bool {
    r == none || r == pyTrue || r == pyFalse || r.isExactly(Types.unicode) || r.isExactly(Types.float)
  }
}

/// Interpreters that share a lock have one memory: an object that cannot change is handed over as it is.
private final class SharedConstant: SharedForm {
  private let object: Ref
  init(_ r: Ref) { object = newRef(r) }
  deinit { decref(object) }
  func make() -> Owned { Owned(retaining: object) }
}

/// Bytes arrive as an object of their own: programs tell by it that a value has come through a queue.
private final class SharedBytes: SharedForm {
  private let object: Ref
  init(_ r: Ref) { object = newRef(r) }
  deinit { decref(object) }
  func make() throws(PyError) -> Owned {
    try owned(PyBytes_FromStringAndSize(PyBytes_AsString(object), object.size))
  }
}

/// A tuple is made again, since the cycle collector of its interpreter follows it. Its parts are in postfix order, so
/// that a deep one takes no stack on the way, whatever thread it ends on.
private final class SharedTuple: SharedForm {
  private enum Part {
    case item(any SharedForm)
    /// A tuple of that many of the values made last.
    case tuple(of: Int)
  }
  private var parts: [Part] = []

  init(_ r: Ref) throws(PyError) { try add(r) }
  private func add(_ r: Ref) throws(PyError) {
    guard r.isExactly(Types.tuple) else {
      parts.append(.item(try SharedForms.take(r)))
      return
    }
    try check(gila_enter_recursive_call(" while sharing a tuple"))
    defer { Py_LeaveRecursiveCall() }
    for i in 0..<r.size { try add(gila_tuple_items(r)[i].unsafelyUnwrapped) }
    parts.append(.tuple(of: r.size))
  }

  func make() throws(PyError) -> Owned {
    var made: [Ref] = []
    do throws(PyError) {
      for part in parts {
        switch part {
        case .item(let form): made.append(try form.make().take())
        case .tuple(let n):
          let t = try owned(PyTuple_New(n))
          let first = made.count &- n
          for i in 0..<n { gila_tuple_items(t.ref)[i] = made[first &+ i] }
          made.removeLast(n)
          made.append(t.take())
        }
      }
    } catch {
      for r in made { decref(r) }
      throw error
    }
    return Owned(taking: made[0])
  }
}
