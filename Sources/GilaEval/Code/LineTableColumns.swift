// Location tables without columns, for -X no_debug_ranges.

public enum LineTableColumns {
  /// The table with its lines only: every entry becomes one of the kind that has a line and no columns.
  public static func removed(from table: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(table.count)
    var i = 0
    while i < table.count {
      let head = table[i], kind = head >> 3 & 15
      var next = i + 1
      while next < table.count, table[next] & 0x80 == 0 { next += 1 }
      if kind == 15 {
        out.append(head)
      } else {
        out.append(0x80 | 13 << 3 | head & 7)
        appendSigned(lineDelta(table, i + 1, kind), to: &out)
      }
      i = next
    }
    return out
  }
  /// How many lines an entry moves on.
  private static func lineDelta(_ table: [UInt8], _ start: Int, _ kind: UInt8) -> Int {
    switch kind {
    case 10, 11, 12: return Int(kind) - 10
    case 13, 14:
      var value: UInt = 0, shift: UInt = 0, i = start
      while i < table.count, shift < 60 {
        value |= UInt(table[i] & 63) << shift
        if table[i] & 64 == 0 { break }
        shift += 6
        i += 1
      }
      let magnitude = Int(value >> 1)
      return value & 1 == 0 ? magnitude : -magnitude
    default: return 0
    }
  }
  private static func appendSigned(_ n: Int, to out: inout [UInt8]) {
    var value = UInt(n.magnitude) << 1 | (n < 0 ? 1 : 0)
    while value >= 64 {
      out.append(0x40 | UInt8(value & 63))
      value >>= 6
    }
    out.append(UInt8(value))
  }
}
