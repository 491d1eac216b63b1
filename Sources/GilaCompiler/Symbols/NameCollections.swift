import GilaSyntax

/// A set of names as bits; names of a module are numbered densely, so sets are small and copying them is cheap.
struct NameSet {
  private var words: [UInt64] = []

  init() {}

  func contains(_ name: Name) -> Bool {
    let word = Int(name.id >> 6)
    return word < words.count && words[word] >> UInt64(name.id & 63) & 1 != 0
  }

  mutating func insert(_ name: Name) {
    let word = Int(name.id >> 6)
    if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
    words[word] |= 1 << UInt64(name.id & 63)
  }

  /// True if the name was there.
  @discardableResult
  mutating func remove(_ name: Name) -> Bool {
    if !contains(name) { return false }
    words[Int(name.id >> 6)] &= ~(1 << UInt64(name.id & 63))
    return true
  }

  mutating func formUnion(_ other: NameSet) {
    if words.isEmpty {
      words = other.words
      return
    }
    if other.words.count > words.count {
      words.append(contentsOf: repeatElement(0, count: other.words.count - words.count))
    }
    for index in other.words.indices { words[index] |= other.words[index] }
  }

  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  func withEach(_ body: (Name) -> Void) {
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        body(Name(id: UInt32(index * 64 + rest.trailingZeroBitCount)))
        rest &= rest - 1
      }
    }
  }
}

/// A dictionary from names to numbers that keeps the order of insertion, as Python's does.
public struct NameMap {
  public private(set) var keys: [Name] = []
  public private(set) var values: [Int] = []
  /// Open addressing, made when there are more than a few names; 0 is empty, otherwise the position plus 1.
  private var slots: [UInt32] = []

  public init() {}

  public var count: Int { keys.count }

  func position(_ name: Name) -> Int? {
    if slots.isEmpty {
      var index = 0
      while index < keys.count {
        if keys[index].id == name.id { return index }
        index += 1
      }
      return nil
    }
    let mask = slots.count - 1
    var slot = Int(name.id &* 0x9E37_79B1 >> 8) & mask
    while true {
      let found = Int(slots[slot])
      if found == 0 { return nil }
      if keys[found - 1].id == name.id { return found - 1 }
      slot = (slot + 1) & mask
    }
  }

  public subscript(name: Name) -> Int? {
    get { position(name).map { values[$0] } }
    set {
      guard let newValue else { return }
      if let index = position(name) {
        values[index] = newValue
      } else {
        keys.append(name)
        values.append(newValue)
        note(name)
      }
    }
  }

  /// The number of the name; a new name gets the next one.
  mutating func add(_ name: Name) -> Int {
    if let index = position(name) { return values[index] }
    keys.append(name)
    values.append(keys.count - 1)
    note(name)
    return keys.count - 1
  }

  mutating func setValue(at index: Int, _ value: Int) { values[index] = value }

  mutating func remove(_ name: Name) {
    guard let index = position(name) else { return }
    keys.remove(at: index)
    values.remove(at: index)
    slots.removeAll()
    if keys.count > 8 { rebuild() }
  }

  private mutating func note(_ name: Name) {
    if keys.count <= 8 { return }
    if slots.isEmpty || keys.count * 2 > slots.count {
      rebuild()
      return
    }
    insert(name, keys.count)
  }

  private mutating func rebuild() {
    var size = 32
    while size < keys.count * 4 { size *= 2 }
    slots = [UInt32](repeating: 0, count: size)
    for (index, name) in keys.enumerated() { insert(name, index + 1) }
  }

  private mutating func insert(_ name: Name, _ position: Int) {
    let mask = slots.count - 1
    var slot = Int(name.id &* 0x9E37_79B1 >> 8) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = UInt32(position)
  }
}
