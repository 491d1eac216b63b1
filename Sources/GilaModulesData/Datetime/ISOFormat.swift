// Text in the formats of ISO 8601: reading and writing.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

/// The form that nearly all texts have: `YYYY-MM-DD`, then perhaps any character, `HH:MM`, `:SS`, a fraction of up to six
/// digits, and `Z` or a distance in hours and minutes. Whatever has another form is left to `ISOParser`.
struct CommonISOForm {
  var year = 0, month = 0, day = 0
  var clock = Clock()
  /// Seconds from UTC.
  var offset: Int? = nil

  /// Two digits, or a number below zero.
  @inline(__always) private static func two(_ p: UnsafePointer<UInt8>, _ i: Int) -> Int {
    let tens = UInt(p[i]) &- 48
    let ones = UInt(p[i &+ 1]) &- 48
    return tens < 10 && ones < 10 ? Int(bitPattern: tens &* 10 &+ ones) : -1_000_000
  }

  @inline(__always) init?(_ r: Ref, dateOnly: Bool) {
    guard r.strIsASCII else { return nil }
    let n = r.strLength
    let p = UnsafePointer(r.strData.assumingMemoryBound(to: UInt8.self))
    guard n >= 10, p[4] == 45, p[7] == 45 else { return nil }
    year = Self.two(p, 0) &* 100 &+ Self.two(p, 2)
    month = Self.two(p, 5)
    day = Self.two(p, 8)
    guard year | month | day >= 0 else { return nil }
    if n == 10 { return }
    guard !dateOnly, n >= 16, p[13] == 58 else { return nil }
    clock.hour = Self.two(p, 11)
    clock.minute = Self.two(p, 14)
    guard clock.hour | clock.minute >= 0 else { return nil }
    var i = 16
    if i < n, p[i] == 58 {
      guard n >= 19 else { return nil }
      clock.second = Self.two(p, 17)
      guard clock.second >= 0 else { return nil }
      i = 19
      if i < n, p[i] == 46 || p[i] == 44 {
        i = 20
        var digits = 0
        var value: UInt = 0
        while i < n, digits < 6 {
          let digit = UInt(p[i]) &- 48
          if digit >= 10 { break }
          value = value &* 10 &+ digit
          digits &+= 1
          i &+= 1
        }
        if digits == 0 { return nil }
        while digits < 6 {
          value &*= 10
          digits &+= 1
        }
        clock.microsecond = Int(bitPattern: value)
      }
    }
    if i == n { return }
    if p[i] == 90, i &+ 1 == n {
      offset = 0
      return
    }
    guard p[i] == 43 || p[i] == 45, n == i &+ 6, p[i &+ 3] == 58 else { return nil }
    let hours = Self.two(p, i &+ 1)
    let minutes = Self.two(p, i &+ 4)
    guard hours | minutes >= 0 else { return nil }
    let seconds = hours &* 3600 &+ minutes &* 60
    offset = p[i] == 45 ? 0 &- seconds : seconds
  }
}

struct ISOParser {
  /// The characters of a str (borrowed), 0x80 for those that are not ASCII. Places are checked by who asks.
  private struct Text {
    let data: CharacterData
    var count: Int { data.count }
    @inline(__always) subscript(_ i: Int) -> UInt8 {
      let c = data[i]
      return c < 128 ? UInt8(truncatingIfNeeded: c) : 0x80
    }
  }
  private let text: Text

  /// Of a str that lives as long as the parser.
  init?(_ r: Ref) { text = Text(data: r.chars) }
  var count: Int { text.count }

  private func number(_ at: Int, _ digits: Int, _ end: Int) -> Int? {
    guard at + digits <= end else { return nil }
    var n = 0
    for i in at..<at + digits {
      guard text[i] >= 48 && text[i] <= 57 else { return nil }
      n = n * 10 + Int(text[i] - 48)
    }
    return n
  }
  private func isDigit(_ i: Int) -> Bool { i < text.count && text[i] >= 48 && text[i] <= 57 }

  /// Where the date ends in a text of a date and a time.
  func dateEnd() -> Int? {
    let n = text.count
    guard n >= 7 else { return nil }
    if n == 7 { return 7 }
    if text[4] == 45 {
      guard text[5] == 87 else { return 10 }
      if n < 8 { return nil }
      if n > 8 && text[8] == 45 {
        if n == 9 { return nil }
        return n > 10 && isDigit(10) ? 8 : 10
      }
      return 8
    }
    guard text[4] == 87 else { return 8 }
    var i = 7
    while isDigit(i) { i += 1 }
    return i < 9 ? i : i % 2 == 0 ? 7 : 8
  }

  func date(_ end: Int) -> (Int, Int, Int)? {
    guard end == 7 || end == 8 || end == 10, end <= text.count, let year = number(0, 4, end) else { return nil }
    let separated = text[4] == 45
    var at = separated ? 5 : 4
    if text[at] == 87 {
      guard let week = number(at + 1, 2, end) else { return nil }
      at += 3
      var day = 1
      if at < end {
        guard (text[at] == 45) == separated else { return nil }
        if separated { at += 1 }
        guard let d = number(at, 1, end), at + 1 == end else { return nil }
        day = d
      }
      guard let o = try? Calendar.ordinal(isoYear: year, week: week, day: day), o >= 1, o <= Calendar.maxOrdinal
      else { return nil }
      return Calendar.date(o)
    }
    guard let month = number(at, 2, end) else { return nil }
    at += 2
    guard at < end, (text[at] == 45) == separated else { return nil }
    if separated { at += 1 }
    guard let day = number(at, 2, end), at + 2 == end else { return nil }
    return (year, month, day)
  }

  private func clock(_ start: Int, _ end: Int) -> Clock? {
    var parts: InlineArray<3, Int> = [0, 0, 0]
    var at = start
    var separated = false
    for i in 0..<3 {
      guard let n = number(at, 2, end) else { return nil }
      parts[i] = n
      at += 2
      if i == 0 { separated = at < end && text[at] == 58 }
      if at >= end || i == 2 { break }
      if separated {
        guard text[at] == 58 else { return nil }
        at += 1
      } else if !isDigit(at) {
        break
      }
    }
    var us = 0
    if at < end {
      guard text[at] == 46 || text[at] == 44 else { return nil }
      at += 1
      if at >= end { return nil }
      var digits = 0
      while at < end {
        guard isDigit(at) else { return nil }
        if digits < 6 {
          us = us * 10 + Int(text[at] - 48)
          digits += 1
        }
        at += 1
      }
      while digits < 6 {
        us *= 10
        digits += 1
      }
    }
    return Clock(hour: parts[0], minute: parts[1], second: parts[2], microsecond: us)
  }

  /// The time from `start` to the end of the text, and its distance from UTC in microseconds if it has one.
  func time(_ start: Int) -> (clock: Clock, offset: Int?)? {
    let end = text.count
    guard end - start >= 2 else { return nil }
    var mark = start
    while mark < end, text[mark] != 43, text[mark] != 45, text[mark] != 90 { mark += 1 }
    guard let c = clock(start, mark) else { return nil }
    if mark == end { return (c, nil) }
    if text[mark] == 90 { return mark + 1 == end ? (c, 0) : nil }
    guard let offset = clock(mark + 1, end) else { return nil }
    let sign = text[mark] == 45 ? -1 : 1
    return (c, sign * (offset.seconds * 1_000_000 + offset.microsecond))
  }
  /// The zone of a parsed time.
  static func zone(_ offset: Int?) throws(PyError) -> Owned {
    guard let offset else { return Owned(retaining: none) }
    let (seconds, microseconds) = floorDivide(offset, 1_000_000)
    let delta = try Make.delta(0, seconds, microseconds)
    return try Zone.make(delta.ref, nil)
  }
  subscript(i: Int) -> UInt8 { text[i] }
}

enum ISOText {
  static func date(_ r: Ref) -> String { "\(padded(r.year, 4))-\(padded(r.month, 2))-\(padded(r.day, 2))" }

  static func time(_ c: Clock, _ spec: Ref?) throws(PyError) -> String {
    let minutes = padded(c.hour, 2) + ":" + padded(c.minute, 2)
    let seconds = minutes + ":" + padded(c.second, 2)
    let name = spec == nil ? "auto" : swiftString(spec!)
    switch name {
    case "auto": return c.microsecond == 0 ? seconds : seconds + "." + padded(c.microsecond, 6)
    case "hours": return padded(c.hour, 2)
    case "minutes": return minutes
    case "seconds": return seconds
    case "milliseconds": return seconds + "." + padded(c.microsecond / 1000, 3)
    case "microseconds": return seconds + "." + padded(c.microsecond, 6)
    default: throw valueError("Unknown timespec value")
    }
  }
  private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  static func ctime(_ r: Ref, _ c: Clock) -> String {
    let day = r.day < 10 ? " \(r.day)" : "\(r.day)"
    return
      "\(days[Calendar.weekday(r.year, r.month, r.day)]) \(months[(r.month + 11) % 12]) \(day) \(padded(c.hour, 2)):\(padded(c.minute, 2)):\(padded(c.second, 2)) \(padded(r.year, 4))"
  }

  /// strftime: what time.strftime does not know is written here, the rest is left to it.
  static func format(_ r: Ref, _ format: Ref, _ timeTuple: Ref, _ zoneArgument: Ref) throws(PyError) -> Owned {
    let strftime = try imported("time", "strftime")
    let data = format.chars
    var writer = StringWriter()
    var i = 0
    while i < data.count {
      let c = data[i]
      i += 1
      guard c == 37, i < data.count else {
        try writer.append(c)
        continue
      }
      let d = data[i]
      i += 1
      switch d {
      case 122:  // z
        if let offset = try zoneOffset(r, zoneArgument) {
          try writer.append(ascii: Zone.text(offset.ref, separator: ""))
        }
      case 58 where i < data.count && data[i] == 122:  // :z
        i += 1
        if let offset = try zoneOffset(r, zoneArgument) { try writer.append(ascii: Zone.text(offset.ref)) }
      case 90:  // Z
        let zone = r.isDateTime || r.isTime ? r.zone : none
        let name = try Zone.name(zone, zoneArgument)
        if !name.ref.isNone {
          let percent = try string("%")
          let double = try string("%%")
          let safe = try call(name.ref, "replace", percent.ref, double.ref)
          if !safe.ref.isUnicode { throw typeError("tzname.replace() did not return a string") }
          // Surrogates have no place in what the C library formats.
          if PyUnicode_AsUTF8(safe.ref) == nil { throw PyError() }
          try writer.append(safe.ref)
        }
      case 102:  // f
        try writer.append(ascii: padded(r.isDateTime || r.isTime ? r.clock.microsecond : 0, 6))
      case 89, 71, 70, 67:  // Y G F C
        var year = r.isTime ? 1900 : r.year
        if d == 71 {
          let spec = try string("%G")
          let text = try owned(
            withArguments(spec.ref, timeTuple) { (p) throws(PyError) in
              try owned(PyObject_Vectorcall(strftime.ref, p, 2, nil))
            }.take())
          year = Int(swiftString(text.ref)) ?? year
        }
        switch d {
        case 70: try writer.append(ascii: padded(year, 4) + "-%m-%d")
        case 67: try writer.append(ascii: padded(year / 100, 2))
        default: try writer.append(ascii: padded(year, 4))
        }
      default:
        try writer.append(37)
        try writer.append(d)
      }
    }
    let new = try writer.finish()
    return try withArguments(new.ref, timeTuple) { (p) throws(PyError) in
      try owned(PyObject_Vectorcall(strftime.ref, p, 2, nil))
    }
  }
  private static func zoneOffset(_ r: Ref, _ argument: Ref) throws(PyError) -> Owned? {
    r.isDateTime || r.isTime ? try Zone.offset(r.zone, "utcoffset", argument) : nil
  }
}
