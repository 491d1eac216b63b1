// Queues between interpreters, by number. They belong to the process: the lock that interpreters share guards them.

import CGila
import GilaCore

final class SharedQueue {
  let id: Int64
  /// The most items; no limit if it is not positive.
  let capacity: Int
  /// How items are written by default, and what becomes of those whose interpreter ends. The format is a number of the
  /// Python half.
  let format: Int32
  let unbound: UnboundItem
  /// Queue objects of all interpreters and of items on their way. The last one takes the queue with it.
  fileprivate var references = 0
  /// The note is the item's format.
  var items = SharedItems<Int32>()

  fileprivate init(_ id: Int64, _ capacity: Int, _ format: Int32, _ unbound: UnboundItem) {
    self.id = id
    self.capacity = capacity
    self.format = format
    self.unbound = unbound
  }
}

enum QueueTable {
  nonisolated(unsafe) private static var queues: [Int64: SharedQueue] = [:]
  nonisolated(unsafe) private static var made: Int64 = 0

  static func create(_ capacity: Int, _ format: Int32, _ unbound: UnboundItem) -> SharedQueue {
    made &+= 1
    let queue = SharedQueue(made, capacity, format, unbound)
    queues[made] = queue
    return queue
  }
  static func find(_ id: Int64) throws(PyError) -> SharedQueue {
    guard let queue = queues[id] else { throw QueueObjects.error(.notFound, id) }
    return queue
  }
  /// The newest first.
  static func all() -> [SharedQueue] { queues.values.sorted { $0.id > $1.id } }
  static func destroy(_ id: Int64) throws(PyError) { remove(try find(id)) }

  static func bind(_ id: Int64) throws(PyError) { try find(id).references &+= 1 }
  static func release(_ id: Int64) throws(PyError) {
    let queue = try find(id)
    if queue.references == 0 { throw QueueObjects.error(.neverBound, id) }
    queue.references &-= 1
    if queue.references == 0 { remove(queue) }
  }
  private static func remove(_ queue: SharedQueue) {
    queues[queue.id] = nil
    _ = queue.items.removeAll()
  }

  static func put(
    _ id: Int64, _ value: Ref, _ format: Int32, _ unbound: UnboundItem
  ) throws(PyError) {
    _ = try find(id)
    // This may run Python code, which may destroy the queue.
    let form = try SharedForms.take(value)
    let queue = try find(id)
    if queue.capacity > 0 && queue.items.count >= queue.capacity { throw QueueObjects.error(.full, id) }
    queue.items.append(
      SharedItem(owner: currentInterpreter.pointee.id, value: form, unbound: unbound, note: format))
  }
  static func get(_ id: Int64) throws(PyError) -> SharedItem<Int32> {
    guard let item = try find(id).items.removeFirst() else { throw QueueObjects.error(.empty, id) }
    return item
  }

  /// The current interpreter ends.
  static func leave() {
    let id = currentInterpreter.pointee.id
    for queue in Array(queues.values) { _ = queue.items.leave(id) }
  }
}
