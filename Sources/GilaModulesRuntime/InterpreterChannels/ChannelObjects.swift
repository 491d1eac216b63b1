// What an interpreter has of its own for channels: exceptions, and the classes that the Python half registers.

import CGila
import GilaCore
import GilaModuleSupport

enum ChannelObjects {
  private enum Key: Int {
    case failure, notFound, closed, empty, notEmpty, send, receive, count
  }
  private static let objects = ObjectTable<Key>(slot: 109, count: Key.count.rawValue)

  /// Makes the exceptions of the current interpreter, once, and adds everything to the module.
  static func prepare(_ module: Ref) throws(PyError) {
    let isFirst = !objects.isReady
    try objects.prepare()
    for (key, name) in [
      (.failure, "ChannelError"), (.notFound, "ChannelNotFoundError"), (.closed, "ChannelClosedError"),
      (.empty, "ChannelEmptyError"), (.notEmpty, "ChannelNotEmptyError"),
    ] as [(Key, StaticString)] {
      if objects[key] == none {
        let base = key == .failure ? Exc.RuntimeError.object : objects[.failure]
        let made = try owned(PyErr_NewException("_interpchannels.\(name)", base, nil))
        try objects.set(key, made.ref)
      }
      try GilaCore.add(module, name, objects[key])
    }
    try GilaCore.add(module, "ChannelInfo", ChannelInfo.tuples.type.object)
    try GilaCore.add(module, "ChannelID", ChannelID.type.object)
    if isFirst { LastFunctions.add(currentInterpreter, { _ in ChannelTable.leave() }) }
  }

  enum Failure { case notFound, closed, closedMeanwhile, released, empty, notEmpty }
  static func error(_ failure: Failure, _ id: Int64) -> PyError {
    let (key, text): (Key, String) =
      switch failure {
      case .notFound: (.notFound, "not found")
      case .closed: (.closed, "is closed")
      case .closedMeanwhile: (.closed, "has closed")
      case .released: (.closed, "is already closed")
      case .empty: (.empty, "is empty")
      case .notEmpty: (.notEmpty, "may not be closed if not empty (try force=True)")
      }
    // Destructors may come here when the interpreter has let go of its classes.
    return raise(objects.isReady ? objects[key].asType : Exc.RuntimeError, "channel \(id) \(text)")
  }

  /// The Python half's classes of the two ends.
  static func register(send: Ref, receive: Ref) throws(PyError) {
    guard send.isInstance(of: Types.type) else { throw typeError("expected a type for 'send'") }
    guard receive.isInstance(of: Types.type) else { throw typeError("expected a type for 'recv'") }
    try objects.set(.send, send)
    try objects.set(.receive, receive)
  }
  /// Whether an object is a ChannelID or of a registered class.
  static func isShareable(_ r: Ref) -> Bool { r.type == ChannelID.type || isEnd(r) }
  static func isEnd(_ r: Ref) -> Bool {
    objects.isReady && (r.type.object == objects[.send] || r.type.object == objects[.receive])
  }
  /// An object of the Python half for an end of a channel.
  static func makeEnd(_ id: Ref, _ end: ChannelEnd) throws(PyError) -> Owned {
    let key: Key = end == .send ? .send : .receive
    if !objects.isReady || objects[key] == none {
      if let m = PyImport_ImportModule("interpreters.channels") {
        decref(m)
      } else {
        PyErr_Clear()
        _ = try owned(PyImport_ImportModule("test.support.interpreters.channels"))
      }
      guard objects.isReady, objects[key] != none else { throw runtimeError("the channel types are not registered") }
    }
    let type = Owned(retaining: objects[key])
    return try call(type.ref, id)
  }
}

/// A ChannelID, or an object of the Python half for an end, on its way. It does not keep its channel alive.
final class SharedChannelLink: SharedForm {
  private let id: Int64
  private let end: ChannelEnd
  private let resolves: Bool
  private let isObject: Bool

  init(_ r: Ref) throws(PyError) {
    isObject = r.type != ChannelID.type
    let link = try isObject ? attribute(r, "_id") : Owned(retaining: r)
    (id, end) = try ChannelID.argument(link.ref)
    resolves = ChannelID.resolves(link.ref)
  }
  func make() throws(PyError) -> Owned {
    // The interpreter may not have imported the module.
    _ = try owned(PyImport_ImportModule("_interpchannels"))
    let link = try ChannelID.make(id, end)
    if isObject { return try ChannelObjects.makeEnd(link.ref, end) }
    if end == .both || !resolves { return link }
    do throws(PyError) { return try ChannelObjects.makeEnd(link.ref, end) } catch {
      PyErr_Clear()
      return link
    }
  }
}
