/// The threads that wait for the lock: a binary heap by deadline, then by arrival. The caller holds the lock's own
/// mutex.
struct WaitQueue {
  typealias Entry = UnsafeMutablePointer<Participant>
  private var storage = UnsafeMutablePointer<Entry>.allocate(capacity: 16)
  private var capacity = 16
  private(set) var count = 0
  private var arrivals: UInt64 = 0

  /// Where the entries are.
  var memory: UnsafeMutablePointer<Entry> { storage }
  var first: Entry? { count == 0 ? nil : storage[0] }
  subscript(_ i: Int) -> Entry { storage[i] }

  private static func precedes(_ a: Entry, _ b: Entry) -> Bool {
    if a.pointee.deadline != b.pointee.deadline { return a.pointee.deadline < b.pointee.deadline }
    return a.pointee.arrival < b.pointee.arrival
  }
  private mutating func place(_ e: Entry, _ i: Int) {
    storage[i] = e
    e.pointee.position = i
  }
  mutating func insert(_ e: Entry) {
    if count == capacity {
      let more = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
      more.moveInitialize(from: storage, count: count)
      storage.deallocate()
      storage = more
      capacity *= 2
    }
    arrivals &+= 1
    e.pointee.arrival = arrivals
    count += 1
    rise(e, count - 1)
  }
  private mutating func rise(_ e: Entry, _ from: Int) {
    var i = from
    while i > 0 {
      let parent = (i - 1) / 2
      if !WaitQueue.precedes(e, storage[parent]) { break }
      place(storage[parent], i)
      i = parent
    }
    place(e, i)
  }
  private mutating func sink(_ e: Entry, _ from: Int) {
    var i = from
    while true {
      var child = 2 * i + 1
      if child >= count { break }
      if child + 1 < count && WaitQueue.precedes(storage[child + 1], storage[child]) { child += 1 }
      if !WaitQueue.precedes(storage[child], e) { break }
      place(storage[child], i)
      i = child
    }
    place(e, i)
  }
  mutating func remove(_ e: Entry) {
    let i = e.pointee.position
    guard i >= 0 else { return }
    e.pointee.position = -1
    count -= 1
    if i == count { return }
    let last = storage[count]
    if i > 0 && WaitQueue.precedes(last, storage[(i - 1) / 2]) { rise(last, i) } else { sink(last, i) }
  }
  mutating func removeFirst() -> Entry? {
    guard let e = first else { return nil }
    remove(e)
    return e
  }
  /// For comparing states of the lock, where only the order counts.
  mutating func forgetArrivals() { arrivals = 0 }
  func free() { storage.deallocate() }
  /// Forgets all (in a forked child, where their threads do not exist).
  mutating func removeAll() {
    for i in 0..<count { storage[i].pointee.position = -1 }
    count = 0
  }
}
