// The end of a zone file: a rule of POSIX for all times after the last transition listed, as in
// "CET-1CEST,M3.5.0,M10.5.0/3".

import CGila
import GilaCore

/// When in a year the clock changes, in seconds of local time since 1970.
enum TransitionDay {
  /// The n-th (5: last) weekday (0: Sunday) of a month.
  case weekday(month: Int, week: Int, day: Int, second: Int)
  /// A day of the year: from 1 without counting 29 February, or from 0 with it.
  case day(Int, julian: Bool, second: Int)

  func second(in year: Int) -> Int {
    // Days from 1970 to the day before the year.
    let before = Calendar.daysBeforeYear(year) - TransitionRule.epoch
    switch self {
    case .day(let n, let julian, let second):
      return (before + n + (julian && n >= 59 && Calendar.isLeap(year) ? 1 : 0)) * 86400 + second
    case .weekday(let month, let week, let day, let second):
      let first = (Calendar.weekday(year, month, 1) + 1) % 7
      var n = ((day - first) % 7 + 7) % 7 + 1 + (week - 1) * 7
      if n > Calendar.daysInMonth(year, month) { n -= 7 }
      return (before + Calendar.daysBeforeMonth(year, month) + n) * 86400 + second
    }
  }
}

struct TransitionRule {
  /// The ordinal of 1 January 1970.
  static let epoch = 719_163

  struct Period {
    var name = ""
    var offset = 0
    /// How much of the offset is daylight saving time.
    var saving = 0
  }
  var standard = Period()
  var daylight: Period? = nil
  var start = TransitionDay.day(0, julian: false, second: 0)
  var end = TransitionDay.day(0, julian: false, second: 0)

  /// Whether daylight saving time holds at a second of local time.
  func isDaylight(_ second: Int, year: Int, fold: Int) -> Bool {
    guard let daylight else { return false }
    var from = start.second(in: year), to = end.second(in: year)
    // What `fold` chooses lies at the end of one period or at the beginning of the other, depending on which has the
    // smaller offset.
    if (fold != 0) == (daylight.saving >= 0) { to -= daylight.saving } else { from += daylight.saving }
    return from < to ? from <= second && second < to : !(to <= second && second < from)
  }
  /// The same for a second of UTC, and whether it is the second time that the clock shows what it then does.
  func isDaylight(utc second: Int, year: Int) -> (Bool, fold: Bool) {
    guard let daylight else { return (false, false) }
    let from = start.second(in: year) - standard.offset, to = end.second(in: year) - daylight.offset
    let holds = from < to ? from <= second && second < to : !(to <= second && second < from)
    let saving = daylight.saving
    let twice = saving > 0 ? to..<(to + saving) : from..<(from - saving)
    return (holds, twice.contains(second))
  }

  // MARK: Reading

  enum Fault: Error {
    case standardName, standardOffset, daylightName, daylightOffset, missing, rule, extra
    /// What the exception says before the text.
    var text: String {
      switch self {
      case .standardName: "Invalid STD format in"
      case .standardOffset: "Invalid STD offset in"
      case .daylightName: "Invalid DST format in"
      case .daylightOffset: "Invalid DST offset in"
      case .missing: "Missing transition rules in TZ string:"
      case .rule: "Malformed transition rule in TZ string:"
      case .extra: "Extraneous characters at end of TZ string:"
      }
    }
  }
  init(standard: Period) { self.standard = standard }
  init(parsing text: [UInt8]) throws(Fault) {
    var reader = Reader(text: text)
    guard let name = reader.name() else { throw .standardName }
    guard let offset = reader.offset() else { throw .standardOffset }
    standard = Period(name: name, offset: offset)
    if reader.next == nil { return }
    guard let second = reader.name() else { throw .daylightName }
    var other = offset + 3600
    if reader.next != UInt8(ascii: ",") {
      guard let given = reader.offset() else { throw .daylightOffset }
      other = given
    }
    daylight = Period(name: second, offset: other, saving: other - offset)
    for isStart in [true, false] {
      guard reader.take(",") else { throw .missing }
      guard let day = reader.day() else { throw .rule }
      if isStart { start = day } else { end = day }
    }
    if reader.next != nil { throw .extra }
  }
  private struct Reader {
    let text: [UInt8]
    var at = 0
    var next: UInt8? { at < text.count ? text[at] : nil }

    mutating func take(_ c: Unicode.Scalar) -> Bool {
      if next != UInt8(ascii: c) { return false }
      at += 1
      return true
    }
    /// A number of `least` to `most` digits.
    mutating func number(_ least: Int, _ most: Int) -> Int? {
      var n = 0, count = 0
      while count < most, let c = next, c >= 48, c <= 57 {
        n = n * 10 + Int(c) - 48
        count += 1
        at += 1
      }
      return count >= least ? n : nil
    }
    mutating func name() -> String? {
      let quoted = take("<")
      let first = at
      while let c = next {
        let letter = c | 32 >= 97 && c | 32 <= 122
        if !letter && !(quoted && (c >= 48 && c <= 57 || c == 43 || c == 45)) { break }
        at += 1
      }
      let name = String(decoding: text[first..<at], as: UTF8.self)
      if quoted { return take(">") ? name : nil }
      return name.isEmpty ? nil : name
    }
    /// [+-]h[hh][:mm[:ss]]
    mutating func time() -> (hours: Int, second: Int)? {
      var sign = 1
      if take("-") { sign = -1 } else { _ = take("+") }
      guard let h = number(1, 3) else { return nil }
      var m = 0, s = 0
      if take(":") {
        guard let minutes = number(2, 2) else { return nil }
        m = minutes
        if take(":") {
          guard let seconds = number(2, 2) else { return nil }
          s = seconds
        }
      }
      return (h, sign * (h * 3600 + m * 60 + s))
    }
    /// East of UTC, which is written with a minus.
    mutating func offset() -> Int? {
      guard let t = time(), t.hours <= 24 else { return nil }
      return -t.second
    }
    mutating func day() -> TransitionDay? {
      var place = (month: 0, week: 0, day: 0), n = 0
      var isWeekday = false, isJulian = false
      if take("M") {
        isWeekday = true
        guard let m = number(1, 2), take("."), let w = number(1, 1), take("."), let d = number(1, 1),
          (1...12).contains(m), (1...5).contains(w), d <= 6
        else { return nil }
        place = (m, w, d)
      } else {
        isJulian = take("J")
        guard let d = number(1, 3), d >= (isJulian ? 1 : 0), d <= 365 else { return nil }
        n = d
      }
      var second = 7200
      if take("/") {
        guard let t = time(), t.hours <= 167 else { return nil }
        second = t.second
      }
      return isWeekday
        ? .weekday(month: place.month, week: place.week, day: place.day, second: second)
        : .day(n, julian: isJulian, second: second)
    }
  }
}
