// The values that wait in a queue or channel, each with the interpreter that it came from.

import CGila
import GilaCore

/// What becomes of an item when the interpreter that it came from ends; the Python half tells the reader.
enum UnboundItem: Int32 {
  case removed = 1
  case error, replaced

  static func argument(_ r: Ref) throws(PyError) -> UnboundItem {
    let n = try intArgument(r)
    guard let u = UnboundItem(rawValue: n) else { throw valueError("unsupported unboundop \(n)") }
    return u
  }
}

/// An item, and what its container notes about it.
struct SharedItem<Note> {
  /// The number of the interpreter that it came from.
  let owner: Int64
  /// Nil once that interpreter has ended.
  var value: (any SharedForm)?
  let unbound: UnboundItem
  let note: Note
}

/// Items in order. To let go of a value may run any code: every function hands out what it takes from the items, and the
/// caller lets go of it when the container is whole again.
struct SharedItems<Note> {
  private var items: [SharedItem<Note>?] = []
  /// Where the first item stands: those in front of it have been taken.
  private var first = 0

  var count: Int { items.count &- first }

  mutating func append(_ item: SharedItem<Note>) { items.append(item) }
  mutating func removeFirst() -> SharedItem<Note>? {
    if first == items.count { return nil }
    let item = items[first]
    items[first] = nil
    first &+= 1
    if first == items.count || (first >= 32 && first >= items.count / 2) {
      items.removeFirst(first)
      first = 0
    }
    return item
  }
  /// Takes the item whose note is the one that is meant.
  mutating func remove(where isMeant: (Note) -> Bool) -> SharedItem<Note>? {
    guard let i = items.firstIndex(where: { $0.map { isMeant($0.note) } ?? false }) else { return nil }
    return items.remove(at: i)
  }
  mutating func removeAll() -> [SharedItem<Note>] {
    let all = items.compactMap { $0 }
    items = []
    first = 0
    return all
  }
  /// An interpreter ends: its items go or lose their values.
  mutating func leave(_ owner: Int64) -> [SharedItem<Note>] {
    var gone: [SharedItem<Note>] = []
    var left: [SharedItem<Note>?] = []
    for case var item? in items[first...] {
      if item.owner == owner && item.value != nil {
        gone.append(item)
        if item.unbound == .removed { continue }
        item.value = nil
      }
      left.append(item)
    }
    items = left
    first = 0
    return gone
  }
}
