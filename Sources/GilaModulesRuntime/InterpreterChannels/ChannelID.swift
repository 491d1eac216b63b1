// ChannelID: the number of a channel, and which end of it is meant. The last one takes the channel with it.

import CGila
import GilaCore
import GilaModuleSupport

enum ChannelID {
  private struct Object {
    var base: PyObject
    var id: Int64
    var end: Int32
    /// Whether another interpreter gets an object of the Python half for it.
    var resolves: Bool
    /// Whether the channel counts it: there was one when it was made.
    var isCounted: Bool
  }
  private static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }
  private static func end(_ r: Ref) -> ChannelEnd { ChannelEnd(rawValue: object(r).pointee.end) ?? .both }
  private static func isOne(_ r: Ref) -> Bool { r.isInstance(of: type) }
  static func resolves(_ r: Ref) -> Bool { isOne(r) && object(r).pointee.resolves }

  /// The number and the end in an argument.
  static func argument(_ r: Ref) throws(PyError) -> (Int64, ChannelEnd) {
    if isOne(r) { return (object(r).pointee.id, end(r)) }
    return (try InterpreterTable.number(r, "channel ID"), .both)
  }
  static func number(_ r: Ref) throws(PyError) -> Int64 { try argument(r).0 }

  /// ChannelNotFoundError without such a channel, unless `force` makes an object all the same.
  static func make(
    _ id: Int64, _ end: ChannelEnd, force: Bool = false, resolves: Bool = false
  ) throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    let o = object(r.ref)
    o.pointee.id = id
    o.pointee.end = end.rawValue
    o.pointee.resolves = resolves
    o.pointee.isCounted = ChannelTable.addObject(id)
    if !o.pointee.isCounted && !force { throw ChannelObjects.error(.notFound, id) }
    return r
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_interpchannels.ChannelID", basicSize: MemoryLayout<Object>.stride,
      flags: UInt(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc: "The number of a channel, which may be used as an int.")
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_dealloc = { r in
      let o = ChannelID.object(r!).pointee
      r!.type.pointee.tp_free(r!.raw)
      if o.isCounted { ChannelTable.removeObject(o.id) }
    }
    t.pointee.tp_repr = { r in
      let end = ["recv=True", nil, "send=True"][Int(ChannelID.end(r!).rawValue &+ 1)].map { ", \($0)" } ?? ""
      return newString("\(typeName(r!.type))(\(ChannelID.object(r!).pointee.id)\(end))")
    }
    t.pointee.tp_str = { r in newString("\(ChannelID.object(r!).pointee.id)") }
    t.pointee.tp_hash = { r in
      // That of the int.
      guard let n = PyLong_FromLongLong(ChannelID.object(r!).pointee.id) else { return -1 }
      defer { decref(n) }
      return PyObject_Hash(n)
    }
    t.pointee.tp_richcompare = { a, b, op in ChannelID.compare(a!, b!, op) }
    t.number.pointee.nb_int = { r in PyLong_FromLongLong(ChannelID.object(r!).pointee.id) }
    t.number.pointee.nb_index = { r in PyLong_FromLongLong(ChannelID.object(r!).pointee.id) }
    var g = GetSetTable()
    g.add("end", "'send', 'recv', or 'both'", get: { r, _ in newRef(ChannelID.endName(r!)) })
    g.add("send", "the 'send' end of the channel", get: { r, _ in ChannelID.other(r!, .send) })
    g.add("recv", "the 'recv' end of the channel", get: { r, _ in ChannelID.other(r!, .receive) })
    t.pointee.tp_getset = g.build()
    _ = PyType_Ready(t)
    return t
  }()

  private static func endName(_ r: Ref) -> Ref {
    switch end(r) {
    case .send: text("send")
    case .receive: text("recv")
    case .both: text("both")
    }
  }
  private static func other(_ r: Ref, _ end: ChannelEnd) -> Ref? {
    bridge { () throws(PyError) in
      try make(object(r).pointee.id, end, force: true, resolves: object(r).pointee.resolves)
    }
  }

  /// Equal to a ChannelID of the same end, and to every number of its value.
  private static func compare(_ a: Ref, _ b: Ref, _ op: Int32) -> Ref? {
    bridge { () throws(PyError) in
      guard op == Py_EQ || op == Py_NE, isOne(a) else { return Owned(retaining: gila_not_implemented()) }
      if isOne(b) {
        let isEqual = object(a).pointee.id == object(b).pointee.id && end(a) == end(b)
        return bool(isEqual == (op == Py_EQ))
      }
      guard PyNumber_Check(b) != 0 else { return Owned(retaining: gila_not_implemented()) }
      let id = try int(object(a).pointee.id)
      return try owned(PyObject_RichCompare(id.ref, b, op))
    }
  }

  private static let newFunction = Function(
    "ChannelID.__new__", "(id, *, send=None, recv=None, force=False, _resolve=False)")
  /// `_channel_id`: a ChannelID with the end that was asked for.
  static func new(_ a: ArgumentVector?, _ n: Int, _ names: Ref?) -> Ref? {
    answer(newFunction, a, n, names) { (b) throws(PyError) in
      var (id, end) = try argument(b[0]!)
      let send = try b[1].map { (r) throws(PyError) in try truth(r) }
      let receive = try b[2].map { (r) throws(PyError) in try truth(r) }
      let force = try cFlag(b[3], false), resolves = try cFlag(b[4], false)
      if send == false && receive == false { throw valueError("'send' and 'recv' cannot both be False") }
      if send == true || receive == true { end = ChannelEnd(send: send == true, receive: receive == true) }
      return try make(id, end, force: force, resolves: resolves)
    }
  }
}
