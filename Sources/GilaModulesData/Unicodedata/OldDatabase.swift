// Unicode 3.2, which IDNA needs: today's properties but for the runs of characters in a table.

enum OldDatabase {
  /// What a character was, where that differs from today.
  struct Change {
    let row: UnsafePointer<UInt8>
    var category: UInt8 { row[6] }
    var bidirectional: Int { Int(row[7]) }
    var width: Int { Int(row[8]) }
    var mirrored: Bool { row[9] != 0 }
    var decimal: Int { row[10] == 15 ? -1 : Int(row[10]) }
    var isUnassigned: Bool { row[6] == 0 }
  }

  static func change(_ c: UInt32) -> Change? {
    var low = 0
    var high = DecompositionTables.changeCount
    while low < high {
      let middle = (low + high) / 2
      let p = DecompositionTables.changes.utf8Start + middle * 11
      let first = digits3(p)
      if c < first {
        high = middle
      } else if c - first >= digits3(p + 3) {
        low = middle + 1
      } else {
        return Change(row: p)
      }
    }
    return nil
  }

  static func isUnassigned(_ c: UInt32) -> Bool { change(c)?.isUnassigned ?? false }

  /// The decomposition of the few characters for which it was a mistake.
  static func correction(_ c: UInt32) -> UInt32? {
    for i in 0..<DecompositionTables.correctionCount {
      let p = DecompositionTables.corrections.utf8Start + i * 6
      if digits3(p) == c { return digits3(p + 3) }
    }
    return nil
  }
}
