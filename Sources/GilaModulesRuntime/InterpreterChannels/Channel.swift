// A channel between interpreters: values in order, and the interpreters that send and receive.

import CGila
import GilaCore

/// Which end of a channel is meant.
enum ChannelEnd: Int32 {
  case receive = -1
  case both, send

  /// From the arguments `send` and `recv`.
  init(send: Bool, receive: Bool) { self = send == receive ? .both : send ? .send : .receive }
  var includesSend: Bool { self != .receive }
  var includesReceive: Bool { self != .send }
}

/// The interpreters that have used one end of a channel. One that released it, or that has ended, stays in the list.
struct ChannelUsers {
  enum State { case unknown, open, released }
  private(set) var all: [(interpreter: Int64, isOpen: Bool)] = []

  func state(of id: Int64) -> State {
    guard let user = all.first(where: { $0.interpreter == id }) else { return .unknown }
    return user.isOpen ? .open : .released
  }
  var areAnyOpen: Bool { all.contains { $0.isOpen } }

  /// Notes an interpreter as a user. False if it has released the end.
  mutating func join(_ id: Int64) -> Bool {
    let state = state(of: id)
    if state == .unknown { all.append((id, true)) }
    return state != .released
  }
  mutating func release(_ id: Int64) {
    if let i = all.firstIndex(where: { $0.interpreter == id }) {
      all[i].isOpen = false
    } else {
      all.append((id, false))
    }
  }
  mutating func leave(_ id: Int64) {
    if state(of: id) == .open { release(id) }
  }
}

final class Channel {
  /// What becomes by default of items whose interpreter ends.
  let unbound: UnboundItem
  /// The note is what the sender waits at, if it does.
  private var items = SharedItems<SendWait?>()
  private(set) var senders = ChannelUsers(), receivers = ChannelUsers()
  private(set) var isOpen = true
  /// Nothing more is sent; what is there is still received.
  private(set) var isClosing = false

  init(_ unbound: UnboundItem) { self.unbound = unbound }

  var count: Int { items.count }
  /// Nothing more will happen to the channel: it is closing, and everything was received.
  var isFinished: Bool { isClosing && items.count == 0 }

  /// False if the interpreter has released its end.
  func send(_ item: SharedItem<SendWait?>) -> Bool {
    if !senders.join(item.owner) { return false }
    items.append(item)
    return true
  }
  enum Reception {
    case item(SharedItem<SendWait?>)
    case empty, released
  }
  func receive(_ interpreter: Int64) -> Reception {
    if !receivers.join(interpreter) { return .released }
    guard let item = items.removeFirst() else { return .empty }
    return .item(item)
  }
  /// Takes back what a sender has waited for in vain.
  func withdraw(_ wait: SendWait) {
    _ = items.remove { $0 === wait }
  }

  /// An interpreter gives ends up. Without users the channel is closed.
  func release(_ end: ChannelEnd, _ interpreter: Int64) {
    if end.includesSend { senders.release(interpreter) }
    if end.includesReceive { receivers.release(interpreter) }
    closeWithoutUsers()
  }
  private func closeWithoutUsers() {
    if senders.all.isEmpty && receivers.all.isEmpty { return }
    if senders.areAnyOpen || receivers.areAnyOpen { return }
    isOpen = false
    // What is left is nobody's any more.
    for item in items.removeAll() { item.note?.end(.refused) }
  }
  func startClosing() { isClosing = true }
  /// Closes the channel for good.
  func close() {
    isOpen = false
    for item in items.removeAll() { item.note?.end(.refused) }
  }

  /// An interpreter ends.
  func leave(_ interpreter: Int64) {
    let gone = items.leave(interpreter)
    for item in gone where item.unbound == .removed { item.note?.end(.refused) }
    senders.leave(interpreter)
    receivers.leave(interpreter)
    closeWithoutUsers()
  }
}
