// struct_time and C's struct tm.

import CGila
import GilaCore
import Glibc

enum BrokenDownTime {
  static let description = StructDescription(
    name: "time.struct_time",
    doc:
      "A point in time by its parts, as gmtime(), localtime() and strptime() return it.\n\nIt works as a tuple of nine ints; the zone's name and offset are attributes only.",
    visible: 9,
    fields: [
      ("tm_year", "year, for example, 1993"), ("tm_mon", "month of year, range [1, 12]"),
      ("tm_mday", "day of month, range [1, 31]"), ("tm_hour", "hours, range [0, 23]"),
      ("tm_min", "minutes, range [0, 59]"), ("tm_sec", "seconds, range [0, 61])"),
      ("tm_wday", "day of week, range [0, 6], Monday is 0"), ("tm_yday", "day of year, range [1, 366]"),
      ("tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"),
      ("tm_zone", "abbreviation of timezone name"), ("tm_gmtoff", "offset from UTC in seconds"),
    ])

  /// A struct_time.
  static func object(_ t: tm) throws(PyError) -> Owned {
    var s = try StructValue(SystemSlot.structTime)
    s.add(try int(Int(t.tm_year) + 1900))
    s.add(try int(t.tm_mon + 1))
    s.add(try int(t.tm_mday))
    s.add(try int(t.tm_hour))
    s.add(try int(t.tm_min))
    s.add(try int(t.tm_sec))
    s.add(try int((t.tm_wday + 6) % 7))
    s.add(try int(t.tm_yday + 1))
    s.add(try int(t.tm_isdst))
    if let zone = t.tm_zone { s.add(try localeText(zone)) } else { s.add(noneOwned()) }
    s.add(try int(t.tm_gmtoff))
    return s.finish()
  }

  /// The seconds that an optional argument says, now without one.
  private static func when(_ name: StaticString, _ a: ArgumentVector?, _ n: Int) throws(PyError) -> time_t {
    if n > 1 { throw typeError("\(name)() takes at most 1 argument (\(n) given)") }
    guard n == 1, let r = a.unsafelyUnwrapped[0], !r.isNone else { return time(nil) }
    return try wholeSeconds(r, .floor)
  }
  static func local(_ name: StaticString, _ a: ArgumentVector?, _ n: Int) throws(PyError) -> tm {
    try local(when(name, a, n))
  }
  static func local(_ seconds: time_t) throws(PyError) -> tm {
    var (seconds, t) = (seconds, tm())
    errno = 0
    if localtime_r(&seconds, &t) == nil {
      if errno == 0 { errno = EINVAL }
      throw systemFailure()
    }
    return t
  }
  static func utc(_ a: ArgumentVector?, _ n: Int) throws(PyError) -> tm {
    var (seconds, t) = (try when("gmtime", a, n), tm())
    errno = 0
    if gmtime_r(&seconds, &t) == nil {
      if errno == 0 { errno = EINVAL }
      throw systemFailure()
    }
    return t
  }

  /// The parts of a tuple or struct_time. The zone's name lives as long as `r`.
  static func parts(_ r: Ref, _ function: StaticString) throws(PyError) -> tm {
    guard r.isTuple else { throw typeError("Tuple or struct_time argument required") }
    var source = Owned(retaining: r)
    // As an argument list it is read place by place, so a subclass of tuple counts by its items.
    if r.size != 9 {
      source = try owned(PySequence_Tuple(r))
      if source.ref.size != 9 { throw typeError("\(function)(): illegal time tuple argument") }
    }
    let items = gila_tuple_items(source.ref)
    var v = InlineArray<9, Int32>(repeating: 0)
    for i in 0..<9 { v[i] = try intArgument(items[i].unsafelyUnwrapped) }
    var t = tm()
    let (year, overflow) = v[0].subtractingReportingOverflow(1900)
    if overflow { throw overflowError("year out of range") }
    t.tm_year = year
    t.tm_mon = v[1] &- 1
    t.tm_mday = v[2]
    t.tm_hour = v[3]
    t.tm_min = v[4]
    t.tm_sec = v[5]
    t.tm_wday = Int32((Int(v[6]) + 1) % 7)
    t.tm_yday = v[7] &- 1
    t.tm_isdst = v[8]
    if let type = SystemSlot.structTime.object, r.isExactly(type.asType) {
      if let zone = PyStructSequence_GetItem(r, 9), !zone.isNone {
        t.tm_zone = try zoneName(zone)
      }
      if let offset = PyStructSequence_GetItem(r, 10), !offset.isNone { t.tm_gmtoff = try cLong(offset) }
    }
    return t
  }
  private static func zoneName(_ r: Ref) throws(PyError) -> UnsafePointer<CChar> {
    guard let p = PyUnicode_AsUTF8(r) else { throw PyError() }
    return p
  }

  /// Puts zeros where a part was left out and complains about what no calendar has; the C library would not.
  static func checkParts(_ t: inout tm) throws(PyError) {
    if t.tm_mon == -1 { t.tm_mon = 0 }
    if t.tm_mday == 0 { t.tm_mday = 1 }
    if t.tm_yday == -1 { t.tm_yday = 0 }
    if !(0...11).contains(t.tm_mon) { throw valueError("month out of range") }
    if !(0...31).contains(t.tm_mday) { throw valueError("day of month out of range") }
    if !(0...23).contains(t.tm_hour) { throw valueError("hour out of range") }
    if !(0...59).contains(t.tm_min) { throw valueError("minute out of range") }
    if !(0...61).contains(t.tm_sec) { throw valueError("seconds out of range") }
    if t.tm_wday < 0 { throw valueError("day of week out of range") }
    if !(0...365).contains(t.tm_yday) { throw valueError("day of year out of range") }
  }
}
