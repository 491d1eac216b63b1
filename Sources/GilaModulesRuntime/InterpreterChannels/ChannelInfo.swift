// ChannelInfo: the state of a channel as one interpreter sees it.

import CGila
import GilaCore
import GilaModuleSupport

enum ChannelInfo {
  static let tuples = NamedTuple(
    "_interpchannels.ChannelInfo", "ChannelInfo\n\nThe state of a channel.", visible: 8,
    [
      ("open", "both ends are open"), ("closing", "nothing more is sent, but something is left"),
      ("closed", "both ends are closed"), ("count", "values that wait"),
      ("num_interp_send", "interpreters that only send"),
      ("num_interp_send_released", "interpreters that only sent"),
      ("num_interp_recv", "interpreters that only receive"),
      ("num_interp_recv_released", "interpreters that only received"),
      ("num_interp_both", "interpreters that send and receive"),
      ("num_interp_both_released", "interpreters that did and have released both ends"),
      ("num_interp_both_send_released", "interpreters that did and still send"),
      ("num_interp_both_recv_released", "interpreters that did and still receive"),
      ("send_associated", "this interpreter sends"), ("send_released", "this interpreter did and has released the end"),
      ("recv_associated", "this interpreter receives"),
      ("recv_released", "this interpreter did and has released the end"),
    ])

  /// The state of a channel; that of a closed one without it.
  static func make(_ channel: Channel?) throws(PyError) -> Owned {
    let id = currentInterpreter.pointee.id
    var sends = (open: 0, released: 0), receives = (open: 0, released: 0)
    var both = (open: 0, released: 0, sendReleased: 0, receiveReleased: 0)
    let senders = channel?.senders ?? ChannelUsers(), receivers = channel?.receivers ?? ChannelUsers()
    for sender in senders.all where receivers.state(of: sender.interpreter) == .unknown {
      if sender.isOpen { sends.open += 1 } else { sends.released += 1 }
    }
    for receiver in receivers.all {
      switch (senders.state(of: receiver.interpreter), receiver.isOpen) {
      case (.unknown, true): receives.open += 1
      case (.unknown, false): receives.released += 1
      case (.open, true): both.open += 1
      // As CPython counts: by the end that is still open.
      case (.open, false): both.sendReleased += 1
      case (.released, true): both.receiveReleased += 1
      case (.released, false): both.released += 1
      }
    }
    let isClosing = channel?.isClosing ?? false
    var values: [Ref?] = [channel != nil && !isClosing, isClosing, channel == nil].map { newRef(pyBool($0)) }
    values += [
      channel?.count ?? 0, sends.open, sends.released, receives.open, receives.released, both.open, both.released,
      both.sendReleased, both.receiveReleased,
    ].map { PyLong_FromSsize_t($0) }
    for users in [senders, receivers] {
      let state = users.state(of: id)
      values += [newRef(pyBool(state == .open)), newRef(pyBool(state == .released))]
    }
    return try tuples.make(values)
  }
}
