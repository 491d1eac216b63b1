/// An identifier, as the number that a `NameTable` gave it. Equal numbers mean equal text.
public struct Name: Hashable, Sendable, BitwiseCopyable {
  public let id: UInt32
  @inlinable public init(id: UInt32) { self.id = id }
}

/// Interned identifiers.
///
/// Every identifier is hashed once, when it is tokenized; symbol tables and code generation then compare and look up
/// small integers. The keywords come first, so that telling a keyword from a name is one comparison.
public final class NameTable {
  private struct Entry {
    var start: Int
    var count: Int
    var hash: UInt64
  }

  private var entries: [Entry] = []
  private var arrays: [[UInt8]?] = []
  private var bytes: UnsafeMutablePointer<UInt8>
  private var byteCount = 0
  private var byteCapacity = 1 << 12
  /// Open addressing; 0 is empty, otherwise the entry's number plus 1.
  private var slots: UnsafeMutablePointer<UInt32>
  private var mask = (1 << 9) - 1

  public init() {
    bytes = .allocate(capacity: byteCapacity)
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: 0, count: mask + 1)
    for word in WellKnownName.texts { _ = intern(word) }
  }

  deinit {
    bytes.deallocate()
    slots.deallocate()
  }

  public var count: Int { entries.count }

  public func intern(_ text: StaticString) -> Name {
    intern(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  public func intern(_ text: String) -> Name {
    var text = text
    return text.withUTF8 { intern($0) }
  }

  public func intern(_ text: [UInt8]) -> Name {
    text.withUnsafeBufferPointer { intern($0) }
  }

  public func intern(_ text: UnsafeBufferPointer<UInt8>) -> Name {
    let count = text.count
    let hash = Self.hash(text)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let found = slots[slot]
      if found == 0 { break }
      let entry = entries[Int(found) - 1]
      if entry.hash == hash, entry.count == count, Self.equal(bytes + entry.start, text) {
        return Name(id: found - 1)
      }
      slot = (slot &+ 1) & mask
    }
    return add(text, hash: hash, slot: slot)
  }

  /// The text of a name as an array; made once per name and then shared.
  public func array(_ name: Name) -> [UInt8] {
    let index = Int(name.id)
    if let array = arrays[index] { return array }
    let array = Array(self[name])
    arrays[index] = array
    return array
  }

  /// The text of a name. Valid until the next `intern`.
  public subscript(name: Name) -> UnsafeBufferPointer<UInt8> {
    let entry = entries[Int(name.id)]
    return UnsafeBufferPointer(start: bytes + entry.start, count: entry.count)
  }

  public func string(_ name: Name) -> String {
    String(decoding: self[name], as: UTF8.self)
  }

  @inline(never)
  private func add(_ text: UnsafeBufferPointer<UInt8>, hash: UInt64, slot: Int) -> Name {
    if byteCount + text.count > byteCapacity {
      var capacity = byteCapacity
      while byteCount + text.count > capacity { capacity *= 2 }
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      larger.update(from: bytes, count: byteCount)
      // `text` may point into the old block, so it is copied before the block goes.
      copy(text, to: larger + byteCount)
      bytes.deallocate()
      bytes = larger
      byteCapacity = capacity
    } else {
      copy(text, to: bytes + byteCount)
    }
    entries.append(Entry(start: byteCount, count: text.count, hash: hash))
    arrays.append(nil)
    byteCount += text.count
    let name = Name(id: UInt32(entries.count - 1))
    slots[slot] = name.id + 1
    if entries.count * 2 > mask { grow() }
    return name
  }

  private func copy(_ text: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) {
    if let base = text.baseAddress, text.count > 0 { target.update(from: base, count: text.count) }
  }

  private func grow() {
    slots.deallocate()
    mask = mask * 2 + 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: 0, count: mask + 1)
    for (index, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & mask
      while slots[slot] != 0 { slot = (slot &+ 1) & mask }
      slots[slot] = UInt32(index) + 1
    }
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    // The low bits of FNV are its weakest; the table uses them.
    return hash ^ (hash >> 29)
  }

  private static func equal(_ left: UnsafeMutablePointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = 0
    while index < right.count {
      if left[index] != right[index] { return false }
      index &+= 1
    }
    return true
  }
}

/// Names that the parser and the compiler know by number. The hard keywords come first and in the order of
/// `TokenKind`, so that the tokenizer makes one from the other by adding.
public enum WellKnownName: UInt32, CaseIterable, Sendable {
  // Hard keywords.
  case kwFalse, kwNone, kwTrue, kwAnd, kwAs, kwAssert, kwAsync, kwAwait, kwBreak, kwClass, kwContinue, kwDef, kwDel
  case kwElif, kwElse, kwExcept, kwFinally, kwFor, kwFrom, kwGlobal, kwIf, kwImport, kwIn, kwIs, kwLambda
  case kwNonlocal, kwNot, kwOr, kwPass, kwRaise, kwReturn, kwTry, kwWhile, kwWith, kwYield
  // Soft keywords and names with a meaning for the compiler.
  case match, `case`, type, underscore, u, print, exec
  case dunderDebug, dunderClass, dunderClassdict, dunderDoc, dunderName, dunderModule, dunderQualname
  case dunderAnnotations, dunderTypeParams, dunderClasscell, dunderClassdictcell, dunderStaticAttributes
  case dunderFirstlineno, dunderFuture, dotZero, dotDefaults, dotKwdefaults, dotTypeParams, dotGenericBase
  case top, lambda, listcomp, setcomp, dictcomp, genexpr, module, empty, superName, selfName, append, star
  case format, defaults, typeVarBound, eval

  public static let keywordCount: UInt32 = 35

  static var texts: [StaticString] {
    [
      "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
      "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
      "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
      "match", "case", "type", "_", "u", "print", "exec",
      "__debug__", "__class__", "__classdict__", "__doc__", "__name__", "__module__", "__qualname__",
      "__annotations__", "__type_params__", "__classcell__", "__classdictcell__", "__static_attributes__",
      "__firstlineno__", "__future__", ".0", ".defaults", ".kwdefaults", ".type_params", ".generic_base",
      "top", "<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<module>", "", "super", "self",
      "append", "*", "format", "defaults", "TypeVar bound", "eval",
    ]
  }
}

extension Name {
  @inlinable public init(_ wellKnown: WellKnownName) { self.init(id: wellKnown.rawValue) }
  @inlinable public static func == (name: Name, wellKnown: WellKnownName) -> Bool { name.id == wellKnown.rawValue }
  @inlinable public static func != (name: Name, wellKnown: WellKnownName) -> Bool { name.id != wellKnown.rawValue }
}
