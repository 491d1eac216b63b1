// The proleptic Gregorian calendar and the ISO calendar, in plain numbers. Day 1 is January 1 of year 1.

enum Calendar {
  static let minYear = 1
  static let maxYear = 9999
  static let maxOrdinal = 3_652_059

  @inline(__always) static func isLeap(_ y: Int) -> Bool { y & 3 == 0 && (y % 100 != 0 || y % 400 == 0) }

  static func daysInMonth(_ y: Int, _ m: Int) -> Int {
    switch m {
    case 2: isLeap(y) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
  static func daysBeforeYear(_ y: Int) -> Int {
    let n = y - 1
    return n * 365 + n / 4 - n / 100 + n / 400
  }
  static func daysBeforeMonth(_ y: Int, _ m: Int) -> Int {
    // As if February had 30 days; what that is too much is taken off behind it.
    (367 * m - 362) / 12 - (m <= 2 ? 0 : isLeap(y) ? 1 : 2)
  }
  static func ordinal(_ y: Int, _ m: Int, _ d: Int) -> Int { daysBeforeYear(y) + daysBeforeMonth(y, m) + d }

  static func date(_ ordinal: Int) -> (year: Int, month: Int, day: Int) {
    var n = ordinal - 1
    let n400 = n / 146_097
    n %= 146_097
    let n100 = n / 36524
    n %= 36524
    let n4 = n / 1461
    n %= 1461
    let n1 = n / 365
    n %= 365
    let year = n400 * 400 + n100 * 100 + n4 * 4 + n1 + 1
    // The last day of a leap cycle counts as one too many.
    if n1 == 4 || n100 == 4 { return (year - 1, 12, 31) }
    var month = (n + 50) >> 5
    var before = daysBeforeMonth(year, month)
    if before > n {
      month -= 1
      before = daysBeforeMonth(year, month)
    }
    return (year, month, n - before + 1)
  }

  /// Monday is 0.
  static func weekday(_ y: Int, _ m: Int, _ d: Int) -> Int { (ordinal(y, m, d) + 6) % 7 }

  /// Ordinal of the Monday of the first ISO week of a year.
  static func firstMonday(_ y: Int) -> Int {
    let first = ordinal(y, 1, 1)
    let day = (first + 6) % 7
    return day > 3 ? first - day + 7 : first - day
  }
  static func isoCalendar(_ y: Int, _ m: Int, _ d: Int) -> (year: Int, week: Int, day: Int) {
    var year = y
    let today = ordinal(y, m, d)
    var monday = firstMonday(y)
    if today < monday {
      year -= 1
      monday = firstMonday(year)
    } else if today >= firstMonday(y + 1) {
      year += 1
      monday = firstMonday(year)
    }
    return (year, (today - monday) / 7 + 1, (today - monday) % 7 + 1)
  }
  enum ISOFault: Error { case year, week, day }
  static func ordinal(isoYear y: Int, week w: Int, day d: Int) throws(ISOFault) -> Int {
    if y < minYear || y > maxYear { throw .year }
    if w <= 0 || w >= 53 {
      // Years that start on a Thursday, or on a Wednesday if they are leap years, have 53 weeks.
      let first = weekday(y, 1, 1)
      guard w == 53 && (first == 3 || (first == 2 && isLeap(y))) else { throw .week }
    }
    if d <= 0 || d >= 8 { throw .day }
    return firstMonday(y) + (w - 1) * 7 + d - 1
  }
  /// Seconds since the first moment of year 1, plus a day.
  static func seconds(_ y: Int, _ m: Int, _ d: Int, _ hh: Int, _ mm: Int, _ ss: Int) -> Int {
    ((ordinal(y, m, d) * 24 + hh) * 60 + mm) * 60 + ss
  }
  static let epoch = 719_163 * 86400
}

/// Quotient and remainder with the remainder not negative.
@inline(__always) func floorDivide(_ a: Int, _ b: Int) -> (Int, Int) {
  var (q, r) = a.quotientAndRemainder(dividingBy: b)
  if r < 0 {
    q -= 1
    r += b
  }
  return (q, r)
}
