// The module time.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum TimeModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "time",
    doc:
      "Clocks, and times as numbers, tuples and text.\n\nA time is a number of seconds since the epoch (1970-01-01 00:00 UTC) or a struct_time.\ntimezone and altzone are the seconds west of UTC of local time without and with summer time.",
    methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try TimeModule.execute(module!) } })

  private static func execute(_ module: Ref) throws(PyError) {
    try BrokenDownTime.description.add(to: module, SystemSlot.structTime, as: "struct_time")
    try add(module, "_STRUCT_TM_ITEMS", int: 11)
    try add(module, "CLOCK_REALTIME", int: Int(CLOCK_REALTIME))
    try add(module, "CLOCK_MONOTONIC", int: Int(CLOCK_MONOTONIC))
    try add(module, "CLOCK_MONOTONIC_RAW", int: Int(CLOCK_MONOTONIC_RAW))
    try add(module, "CLOCK_PROCESS_CPUTIME_ID", int: Int(CLOCK_PROCESS_CPUTIME_ID))
    try add(module, "CLOCK_THREAD_CPUTIME_ID", int: Int(CLOCK_THREAD_CPUTIME_ID))
    try add(module, "CLOCK_BOOTTIME", int: Int(CLOCK_BOOTTIME))
    try add(module, "CLOCK_TAI", int: Int(CLOCK_TAI))
    try setZones(module)
  }

  /// timezone, altzone, daylight and tzname, from what local time is in winter and in summer.
  private static func setZones(_ module: Ref) throws(PyError) {
    let year = (365 * 24 + 6) * 3600
    let start = time(nil) / year * year
    let winter = try BrokenDownTime.local(start)
    let winterName = try localeText(winter.tm_zone ?? cString("   "))
    let summer = try BrokenDownTime.local(start + year / 2)
    let summerName = try localeText(summer.tm_zone ?? cString("   "))
    // South of the equator July is the standard time; summer time is ahead either way.
    let southern = winter.tm_gmtoff > summer.tm_gmtoff
    let (standard, saving) = southern ? (summer, winter) : (winter, summer)
    try add(module, "timezone", int: -standard.tm_gmtoff)
    try add(module, "altzone", int: -saving.tm_gmtoff)
    try add(module, "daylight", int: standard.tm_gmtoff != saving.tm_gmtoff ? 1 : 0)
    let names = southern ? try pair(summerName, winterName) : try pair(winterName, summerName)
    try add(module, "tzname", names.ref)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    clocks(&m)
    calendar(&m)
    return m.build()
  }

  private static func clocks(_ m: inout MethodTable) {
    m.noArguments("time", "($module, /)", "The seconds since the epoch, as a float.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_REALTIME, ns: false) }
    }
    m.noArguments("time_ns", "($module, /)", "The nanoseconds since the epoch, as an int.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_REALTIME, ns: true) }
    }
    m.noArguments("monotonic", "($module, /)", "A clock that never goes back, in seconds.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_MONOTONIC, ns: false) }
    }
    m.noArguments("monotonic_ns", "($module, /)", "A clock that never goes back, in nanoseconds.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_MONOTONIC, ns: true) }
    }
    m.noArguments("perf_counter", "($module, /)", "The finest clock, for measuring short spans, in seconds.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_MONOTONIC, ns: false) }
    }
    m.noArguments("perf_counter_ns", "($module, /)", "The finest clock, in nanoseconds.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_MONOTONIC, ns: true) }
    }
    m.noArguments("process_time", "($module, /)", "Processor time of the process, in seconds.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_PROCESS_CPUTIME_ID, ns: false) }
    }
    m.noArguments("process_time_ns", "($module, /)", "Processor time of the process, in nanoseconds.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_PROCESS_CPUTIME_ID, ns: true) }
    }
    m.noArguments("thread_time", "($module, /)", "Processor time of the thread, in seconds.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_THREAD_CPUTIME_ID, ns: false) }
    }
    m.noArguments("thread_time_ns", "($module, /)", "Processor time of the thread, in nanoseconds.") { _, _ in
      bridge { () throws(PyError) in try Clocks.time(CLOCK_THREAD_CPUTIME_ID, ns: true) }
    }
    m.one("clock_gettime", "($module, clk_id, /)", "The time of a clock, in seconds.") { _, r in
      bridge { () throws(PyError) in try Clocks.time(Clocks.identifier(r!), ns: false) }
    }
    m.one("clock_gettime_ns", "($module, clk_id, /)", "The time of a clock, in nanoseconds.") { _, r in
      bridge { () throws(PyError) in try Clocks.time(Clocks.identifier(r!), ns: true) }
    }
    m.one("clock_getres", "", "clock_getres(clk_id) -> floating-point number\n\nThe resolution of a clock.") { _, r in
      bridge { () throws(PyError) in try float(try Clocks.resolution(try Clocks.identifier(r!))) }
    }
    m.positional("clock_settime", "", "clock_settime(clk_id, time)\n\nSet a clock.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("clock_settime", n, 2, 2)
        try Clocks.set(a![0]!, a![1]!, ns: false)
      }
    }
    m.positional("clock_settime_ns", "", "clock_settime_ns(clk_id, time)\n\nSet a clock, in nanoseconds.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("clock_settime_ns", n, 2, 2)
        try Clocks.set(a![0]!, a![1]!, ns: true)
      }
    }
    m.one("pthread_getcpuclockid", "", "pthread_getcpuclockid(thread_id) -> int\n\nThe clock of a thread.") { _, r in
      bridge { () throws(PyError) in
        guard r!.isLong else {
          throw typeError("pthread_getcpuclockid() argument 1 must be int, not \(typeName(of: r!))")
        }
        var clock = clockid_t()
        try checkNumber(pthread_getcpuclockid(pthread_t(PyLong_AsUnsignedLongMask(r)), &clock))
        return try int(clock)
      }
    }
    m.one("get_clock_info", "", "get_clock_info(name: str) -> dict\n\nWhat there is to know of a clock.") { _, r in
      bridge { () throws(PyError) in try Clocks.information(r!) }
    }
    m.one(
      "sleep", "($module, object, /)",
      "sleep(seconds)\n\nWait for a number of seconds, which may have a fraction. Other threads run meanwhile."
    ) { _, r in bridgeNone { () throws(PyError) in try Clocks.sleep(r!) } }
  }

  private static func calendar(_ m: inout MethodTable) {
    m.positional(
      "gmtime", "",
      "gmtime([seconds]) -> (tm_year, tm_mon, tm_mday, tm_hour, tm_min,\n                       tm_sec, tm_wday, tm_yday, tm_isdst)\n\nA time in UTC, by its parts; now without an argument."
    ) { _, a, n in
      bridge { () throws(PyError) in try BrokenDownTime.object(try BrokenDownTime.utc(a, n)) }
    }
    m.positional(
      "localtime", "",
      "localtime([seconds]) -> (tm_year,tm_mon,tm_mday,tm_hour,tm_min,\n                          tm_sec,tm_wday,tm_yday,tm_isdst)\n\nA time in local time, by its parts; now without an argument."
    ) { _, a, n in
      bridge { () throws(PyError) in try BrokenDownTime.object(try BrokenDownTime.local("localtime", a, n)) }
    }
    m.one(
      "mktime", "($module, object, /)",
      "mktime(tuple) -> floating-point number\n\nThe seconds since the epoch of a local time."
    ) { _, r in
      bridge { () throws(PyError) in
        var t = try BrokenDownTime.parts(r!, "mktime")
        // -1 is a time too; a day of the week tells the failure.
        t.tm_wday = -1
        let seconds = mktime(&t)
        if seconds == -1, t.tm_wday == -1 { throw overflowError("mktime argument out of range") }
        return try float(Double(seconds))
      }
    }
    m.positional("asctime", "", "asctime([tuple]) -> string\n\nA time as text, like 'Sat Jun 06 16:26:11 1998'.") {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("asctime", n, 0, 1)
        if n == 0 { return try TimeText.plain(try BrokenDownTime.local(time(nil))) }
        var t = try BrokenDownTime.parts(a![0]!, "asctime")
        try BrokenDownTime.checkParts(&t)
        return try TimeText.plain(t)
      }
    }
    m.positional("ctime", "", "ctime(seconds) -> string\n\nA number of seconds as text, in local time.") { _, a, n in
      bridge { () throws(PyError) in try TimeText.plain(try BrokenDownTime.local("ctime", a, n)) }
    }
    m.positional(
      "strftime", "", "strftime(format[, tuple]) -> string\n\nA time as text in the form that a format says."
    ) { _, a, n in
      bridge { () throws(PyError) in
        if n < 1 { throw typeError("strftime() takes at least 1 argument (0 given)") }
        if n > 2 { throw typeError("strftime() takes at most 2 arguments (\(n) given)") }
        let format = a![0]!
        guard format.isUnicode else {
          throw typeError("strftime() argument 1 must be str, not \(typeName(of: format))")
        }
        if n == 1 { return try TimeText.format(format, try BrokenDownTime.local(time(nil))) }
        var t = try BrokenDownTime.parts(a![1]!, "strftime")
        try BrokenDownTime.checkParts(&t)
        t.tm_isdst = min(1, max(-1, t.tm_isdst))
        return try TimeText.format(format, t)
      }
    }
    m.tupleAndDict(
      "strptime", "", "strptime(string, format) -> struct_time\n\nA time from text in the form that a format says."
    ) { _, args, kwargs in
      bridge { () throws(PyError) in
        let module = try owned(PyImport_ImportModule("_strptime"))
        let function = try owned(PyObject_GetAttrString(module.ref, "_strptime_time"))
        return try owned(PyObject_Call(function.ref, args, kwargs))
      }
    }
    m.noArguments(
      "tzset", "($module, /)", "Take over the time zone of the environment variable TZ, when it has changed."
    ) { module, _ in
      bridgeNone { () throws(PyError) in
        tzset()
        try TimeModule.setZones(module!)
      }
    }
  }
}
