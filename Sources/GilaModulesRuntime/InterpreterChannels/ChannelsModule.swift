// The module _interpchannels: channels between interpreters, by number.

import CGila
import GilaCore
import GilaModuleSupport

enum ChannelsModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_interpchannels", doc: "Channels between interpreters, by number.", methods: methods(),
    exec: { m in bridgeStatus { () throws(PyError) in try ChannelObjects.prepare(m!) } })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addMaking(&m)
    addSending(&m)
    addReceiving(&m)
    addClosing(&m)
    addAsking(&m)
    return m.build()
  }

  private static let create = Function("create", "($module, unboundop)")
  private static let destroy = Function("channel_destroy", "($module, cid)")
  private static let register = Function("_register_end_types", "($module, send, recv)")
  private static func addMaking(_ m: inout MethodTable) {
    m.add(create, "Makes a channel and returns its ChannelID.\n\nunboundop is the default for its items.") {
      _, a, n, names in
      answer(ChannelsModule.create, a, n, names) { (b) throws(PyError) in
        try ChannelID.make(ChannelTable.create(try UnboundItem.argument(b[0]!)), .both)
      }
    }
    m.keywords("destroy", "($module, cid)", "Takes a channel away, with everything in it.") { _, a, n, names in
      perform(ChannelsModule.destroy, a, n, names) { (b) throws(PyError) in
        try ChannelTable.destroy(ChannelID.number(b[0]!))
      }
    }
    m.keywords(
      "_channel_id", "($module, id, *, send=None, recv=None, force=False, _resolve=False)",
      "Returns the ChannelID of a channel, of one end of it if send or recv says so."
    ) { _, a, n, names in ChannelID.new(a, n, names) }
    m.add(register, "Tells the classes of the Python half.") { _, a, n, names in
      perform(ChannelsModule.register, a, n, names) { (b) throws(PyError) in
        try ChannelObjects.register(send: b[0]!, receive: b[1]!)
      }
    }
  }

  private static let parameters: StaticString = "($module, cid, obj, unboundop=3, *, blocking=True, timeout=None)"
  private static let sending = Function("channel_send", parameters)
  private static let sendingBuffer = Function("channel_send_buffer", parameters)
  private static func send(_ b: Bound, buffer: Bool) throws(PyError) {
    let id = try ChannelID.number(b[0]!)
    let unbound = try b[2].map { (r) throws(PyError) in try UnboundItem.argument(r) } ?? .replaced
    let blocks = try cFlag(b[3], true)
    let limit = try Timeout.ofWait(blocking: blocks, b[4])
    let value = try buffer ? owned(PyMemoryView_FromObject(b[1]!)) : Owned(retaining: b[1]!)
    try ChannelTable.send(id, value.ref, unbound, waiting: blocks ? limit : nil)
  }
  private static func addSending(_ m: inout MethodTable) {
    m.keywords(
      "send", parameters,
      "Sends a value that may be shared.\n\nWaits until it is received, for ever or for `timeout` seconds, unless blocking is false."
    ) { _, a, n, names in
      perform(ChannelsModule.sending, a, n, names) { (b) throws(PyError) in try ChannelsModule.send(b, buffer: false) }
    }
    m.keywords("send_buffer", parameters, "Sends a memoryview of an object's memory: see send().") { _, a, n, names in
      perform(ChannelsModule.sendingBuffer, a, n, names) { (b) throws(PyError) in
        try ChannelsModule.send(b, buffer: true)
      }
    }
  }

  private static let receive = Function("channel_recv", "($module, cid, default=None)")
  private static func addReceiving(_ m: inout MethodTable) {
    m.keywords(
      "recv", "($module, cid, default=None)",
      "Takes the first value and returns (value, None), or (None, unboundop) if the interpreter that it came from has\nended. Without a value that is the default, or ChannelEmptyError if none was given."
    ) { _, a, n, names in
      answer(ChannelsModule.receive, a, n, names) { (b) throws(PyError) in
        let id = try ChannelID.number(b[0]!)
        switch try ChannelTable.receive(id) {
        case .value(let value): return try tuple(value.ref, none)
        case .unbound(let unbound):
          let number = try int(unbound.rawValue)
          return try tuple(none, number.ref)
        case .nothing:
          guard let missing = b[1] else { throw ChannelObjects.error(.empty, id) }
          return try tuple(missing, none)
        }
      }
    }
  }

  private static let close = Function("channel_close", "($module, cid, *, send=False, recv=False, force=False)")
  private static let release = Function("channel_release", "($module, cid, *, send=False, recv=False, force=False)")
  private static func addClosing(_ m: inout MethodTable) {
    m.keywords(
      "close", "($module, cid, *, send=False, recv=False, force=False)",
      "Closes a channel for all interpreters.\n\nOne with values in it is closed with `force`, which drops them; with `send` alone nothing more is sent, and it is\nclosed when it is empty. Otherwise ChannelNotEmptyError is raised."
    ) { _, a, n, names in
      perform(ChannelsModule.close, a, n, names) { (b) throws(PyError) in
        let id = try ChannelID.number(b[0]!)
        let end = ChannelEnd(send: try cFlag(b[1], false), receive: try cFlag(b[2], false))
        try ChannelTable.close(id, end, force: cFlag(b[3], false))
      }
    }
    m.keywords(
      "release", "($module, cid, *, send=False, recv=False, force=False)",
      "Gives up the ends of a channel, or one of them, for the current interpreter. The channel is closed when no\ninterpreter is left."
    ) { _, a, n, names in
      perform(ChannelsModule.release, a, n, names) { (b) throws(PyError) in
        let id = try ChannelID.number(b[0]!)
        let end = ChannelEnd(send: try cFlag(b[1], false), receive: try cFlag(b[2], false))
        try ChannelTable.find(id).release(end, currentInterpreter.pointee.id)
      }
    }
  }

  private static let interpreters = Function("channel_list_interpreters", "($module, cid, *, send)")
  private static let size = Function("get_count", "($module, cid)")
  private static let info = Function("_get_info", "($module, cid)")
  private static let defaults = Function("get_channel_defaults", "($module, cid)")
  private static func addAsking(_ m: inout MethodTable) {
    m.noArguments("list_all", "($module, /)", "Returns (ChannelID, unboundop) of every channel in a list.") { _, _ in
      bridge { () throws(PyError) in
        let list = try owned(PyList_New(0))
        for (id, unbound) in ChannelTable.all() {
          let link = try ChannelID.make(id, .both), number = try int(unbound.rawValue)
          try append(list.ref, try tuple(link.ref, number.ref))
        }
        return list
      }
    }
    m.keywords(
      "list_interpreters", "($module, cid, *, send)",
      "Returns the numbers of the interpreters that use an end of a channel: the sending one, or the other if send is\nfalse."
    ) { _, a, n, names in
      answer(ChannelsModule.interpreters, a, n, names) { (b) throws(PyError) in
        let id = try ChannelID.number(b[0]!), isSend = try truth(b[1]!)
        let channel = try ChannelTable.find(id)
        if isSend && channel.isClosing { throw ChannelObjects.error(.closed, id) }
        let list = try owned(PyList_New(0))
        for user in (isSend ? channel.senders : channel.receivers).all.sorted(by: { $0.interpreter < $1.interpreter })
        where user.isOpen {
          try append(list.ref, try int(user.interpreter))
        }
        return list
      }
    }
    m.add(size, "Returns the number of values that wait in a channel.") { _, a, n, names in
      answer(ChannelsModule.size, a, n, names) { (b) throws(PyError) in
        try int(ChannelTable.find(ChannelID.number(b[0]!)).count)
      }
    }
    m.keywords("get_info", "($module, cid)", "Returns the state of a channel.") { _, a, n, names in
      answer(ChannelsModule.info, a, n, names) { (b) throws(PyError) in
        try ChannelInfo.make(ChannelTable.look(ChannelID.number(b[0]!)))
      }
    }
    m.add(defaults, "Returns the unboundop that was given to create().") { _, a, n, names in
      answer(ChannelsModule.defaults, a, n, names) { (b) throws(PyError) in
        try int(ChannelTable.find(ChannelID.number(b[0]!)).unbound.rawValue)
      }
    }
  }
}
