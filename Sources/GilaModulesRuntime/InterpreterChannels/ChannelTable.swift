// Channels by number. They belong to the process: the lock that interpreters share guards them.

import CGila
import GilaCore

enum ChannelTable {
  /// A channel's number stays known, as that of a closed one, while there are ChannelID objects of it.
  private final class Entry {
    let unbound: UnboundItem
    var channel: Channel?
    var objects = 0
    init(_ channel: Channel) {
      self.channel = channel
      unbound = channel.unbound
    }
  }
  nonisolated(unsafe) private static var entries: [Int64: Entry] = [:]
  nonisolated(unsafe) private static var made: Int64 = 0

  private static func entry(_ id: Int64) throws(PyError) -> Entry {
    guard let entry = entries[id] else { throw ChannelObjects.error(.notFound, id) }
    return entry
  }
  /// A channel that is not closed.
  static func find(_ id: Int64) throws(PyError) -> Channel {
    guard let channel = try entry(id).channel, channel.isOpen else { throw ChannelObjects.error(.closed, id) }
    return channel
  }
  /// The channel of a number, nil if it is closed.
  static func look(_ id: Int64) throws(PyError) -> Channel? {
    let channel = try entry(id).channel
    return channel?.isOpen == true ? channel : nil
  }

  static func create(_ unbound: UnboundItem) -> Int64 {
    let id = made
    made &+= 1
    entries[id] = Entry(Channel(unbound))
    return id
  }
  static func destroy(_ id: Int64) throws(PyError) {
    let entry = try entry(id)
    entries[id] = nil
    entry.channel?.close()
  }
  /// The newest first.
  static func all() -> [(id: Int64, unbound: UnboundItem)] {
    entries.sorted { $0.key > $1.key }.map { ($0.key, $0.value.unbound) }
  }

  /// Counts a ChannelID object. False if there is no such channel.
  static func addObject(_ id: Int64) -> Bool {
    guard let entry = entries[id] else { return false }
    entry.objects &+= 1
    return true
  }
  static func removeObject(_ id: Int64) {
    guard let entry = entries[id] else { return }
    entry.objects &-= 1
    if entry.objects > 0 { return }
    entries[id] = nil
    entry.channel?.close()
  }

  /// Sends, and waits for the receiver up to a number of nanoseconds (negative: for ever), or not at all if it is nil.
  static func send(_ id: Int64, _ value: Ref, _ unbound: UnboundItem, waiting limit: Int?) throws(PyError) {
    guard let limit else {
      _ = try put(id, value, unbound, nil)
      return
    }
    let wait = try SendWait()
    let channel = try put(id, value, unbound, wait)
    do throws(PyError) { try wait.wait(limit) } catch {
      preservingError { () throws(PyError) in
        channel.withdraw(wait)
        settle(id, channel)
      }
      // It was received after all, before this thread ran again.
      if wait.state != .received { throw error }
      PyErr_Clear()
    }
    if wait.state == .refused { throw ChannelObjects.error(.closedMeanwhile, id) }
  }
  private static func put(
    _ id: Int64, _ value: Ref, _ unbound: UnboundItem, _ wait: SendWait?
  ) throws(PyError) -> Channel {
    if try find(id).isClosing { throw ChannelObjects.error(.closed, id) }
    // This may run Python code, which may close the channel.
    let form = try SharedForms.take(value)
    let channel = try find(id)
    if channel.isClosing { throw ChannelObjects.error(.closed, id) }
    let item = SharedItem(owner: currentInterpreter.pointee.id, value: form, unbound: unbound, note: wait)
    if !channel.send(item) { throw ChannelObjects.error(.released, id) }
    return channel
  }

  /// The next value, or what becomes of a value whose interpreter has ended. Nil if there is none.
  enum Received: ~Copyable {
    case value(Owned)
    case unbound(UnboundItem)
    case nothing
  }
  static func receive(_ id: Int64) throws(PyError) -> Received {
    let channel = try find(id)
    let reception = channel.receive(currentInterpreter.pointee.id)
    settle(id, channel)
    switch reception {
    case .empty: return .nothing
    case .released: throw ChannelObjects.error(.released, id)
    case .item(let item):
      guard let form = item.value else {
        item.note?.end(.received)
        return .unbound(item.unbound)
      }
      do throws(PyError) {
        let value = try form.make()
        item.note?.end(.received)
        return .value(value)
      } catch {
        item.note?.end(.refused)
        throw error
      }
    }
  }
  /// A channel that was to be closed when it is empty.
  private static func settle(_ id: Int64, _ channel: Channel) {
    guard channel.isFinished, let entry = entries[id], entry.channel === channel else { return }
    entry.channel = nil
    channel.close()
  }

  static func close(_ id: Int64, _ end: ChannelEnd, force: Bool) throws(PyError) {
    let entry = try entry(id)
    guard let channel = entry.channel, channel.isOpen, force || end != .send || !channel.isClosing else {
      throw ChannelObjects.error(.closed, id)
    }
    if !force && channel.count > 0 {
      if end != .send { throw ChannelObjects.error(.notEmpty, id) }
      return channel.startClosing()
    }
    entry.channel = nil
    channel.close()
  }

  /// The current interpreter ends.
  static func leave() {
    let id = currentInterpreter.pointee.id
    for (number, entry) in Array(entries) {
      guard let channel = entry.channel else { continue }
      channel.leave(id)
      settle(number, channel)
    }
  }
}
