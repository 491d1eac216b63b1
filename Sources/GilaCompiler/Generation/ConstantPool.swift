import GilaSyntax

/// All constants of a compilation, each once. Units refer to them by number, so equal constants are found by comparing
/// numbers, and several code objects share one copy of the bytes.
final class ConstantPool {
  private struct Key: Hashable {
    enum Tag: UInt8 { case singleton, int, bigInt, float, complex, string, bytes }
    var tag: Tag
    var first: UInt64 = 0
    var second: UInt64 = 0
  }
  private struct GroupKey: Hashable {
    var isSet: Bool
    var elements: [UInt32]
  }

  private(set) var values: [CodeConstant] = []
  private var keys: [Key: UInt32] = [:]
  private var groups: [GroupKey: UInt32] = [:]
  /// Code objects by first line.
  private var codes: [Int: [UInt32]] = [:]
  private let names: NameTable

  static let none: UInt32 = 0
  static let `true`: UInt32 = 1
  static let `false`: UInt32 = 2

  init(names: NameTable) {
    self.names = names
    for value in [Constant.none, .true, .false] { _ = add(value) }
  }

  private func add(_ key: Key, _ value: @autoclosure () -> CodeConstant) -> UInt32 {
    if let id = keys[key] { return id }
    let id = UInt32(values.count)
    values.append(value())
    keys[key] = id
    return id
  }

  func add(string name: Name) -> UInt32 {
    add(Key(tag: .string, first: UInt64(name.id)), .string(names.array(name)))
  }

  func add(string text: [UInt8]) -> UInt32 { add(string: names.intern(text)) }

  func add(int value: Int) -> UInt32 {
    add(Key(tag: .int, first: UInt64(bitPattern: Int64(value))), .int(value))
  }

  func add(_ constant: Constant) -> UInt32 {
    switch constant {
    case .none: return add(Key(tag: .singleton, first: 0), .none)
    case .true: return add(Key(tag: .singleton, first: 1), .true)
    case .false: return add(Key(tag: .singleton, first: 2), .false)
    case .ellipsis: return add(Key(tag: .singleton, first: 3), .ellipsis)
    case .int(let value): return add(int: value)
    case .bigInt(let value):
      let limbs = Array(value.limbs)
      let text = names.intern(limbs.flatMap { limb in (0..<4).map { UInt8(truncatingIfNeeded: limb >> ($0 * 8)) } })
      return add(
        Key(tag: .bigInt, first: UInt64(text.id), second: value.isNegative ? 1 : 0),
        .bigInt(isNegative: value.isNegative, limbs: limbs))
    case .float(let value):
      // A NaN equals nothing, itself included.
      return add(
        Key(tag: .float, first: value.bitPattern, second: value.isNaN ? UInt64(values.count) : 0), .float(value))
    case .complex(let real, let imaginary):
      return add(
        Key(tag: .complex, first: real.bitPattern, second: imaginary.bitPattern),
        .complex(real: real, imaginary: imaginary))
    case .string(let text): return add(string: names.intern(text.buffer))
    case .bytes(let text):
      let name = names.intern(text.buffer)
      return add(Key(tag: .bytes, first: UInt64(name.id)), .bytes(names.array(name)))
    case .tuple(let elements): return add(tuple: elements.map { add($0) })
    case .frozenset(let elements): return add(frozenset: elements.map { add($0) })
    }
  }

  func add(tuple elements: [UInt32]) -> UInt32 {
    let key = GroupKey(isSet: false, elements: elements)
    if let id = groups[key] { return id }
    let id = UInt32(values.count)
    values.append(.tuple(elements.map { values[Int($0)] }))
    groups[key] = id
    return id
  }

  func add(frozenset elements: [UInt32]) -> UInt32 {
    var unique: [UInt32] = []
    for element in elements where !unique.contains(element) { unique.append(element) }
    let key = GroupKey(isSet: true, elements: unique.sorted())
    if let id = groups[key] { return id }
    let id = UInt32(values.count)
    values.append(.frozenset(unique.map { values[Int($0)] }))
    groups[key] = id
    return id
  }

  /// The same `finally` body compiled twice gives equal code objects, which are one constant.
  func add(_ code: CodeUnit) -> UInt32 {
    for id in codes[code.firstLine] ?? [] {
      if case .code(let other) = values[Int(id)], other.isSame(as: code) { return id }
    }
    let id = UInt32(values.count)
    values.append(.code(code))
    codes[code.firstLine, default: []].append(id)
    return id
  }

  func isTrue(_ id: UInt32) -> Bool {
    switch values[Int(id)] {
    case .none, .false: false
    case .true, .ellipsis, .bigInt, .code: true
    case .int(let value): value != 0
    case .float(let value): value != 0
    case .complex(let real, let imaginary): real != 0 || imaginary != 0
    case .string(let bytes), .bytes(let bytes): !bytes.isEmpty
    case .tuple(let elements), .frozenset(let elements): !elements.isEmpty
    }
  }
}
