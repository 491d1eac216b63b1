// Descriptors that are no files: events, timers, memory, processes.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SpecialDescriptors {
  private static let eventFunction = Function("eventfd", "($module, /, initval, flags=EFD_CLOEXEC)")
  private static let eventReadFunction = Function("eventfd_read", "($module, /, fd)")
  private static let eventWriteFunction = Function("eventfd_write", "($module, /, fd, value)")
  private static let timerFunction = Function("timerfd_create", "($module, clockid, /, *, flags=TFD_CLOEXEC)")
  private static let timerSetFunction = Function(
    "timerfd_settime", "($module, fd, /, *, flags=0, initial=0.0, interval=0.0)")
  private static let timerSetNsFunction = Function(
    "timerfd_settime_ns", "($module, fd, /, *, flags=0, initial=0, interval=0)")
  private static let memoryFunction = Function("memfd_create", "($module, /, name, flags=MFD_CLOEXEC)")
  private static let processFunction = Function("pidfd_open", "($module, /, pid, flags=0)")
  private static let unshareFunction = Function("unshare", "($module, /, flags)")
  private static let setnsFunction = Function("setns", "($module, /, fd, nstype=0)")

  static func add(_ m: inout MethodTable) {
    events(&m)
    timers(&m)
    others(&m)
  }

  private static func events(_ m: inout MethodTable) {
    m.add(eventFunction, "A descriptor with a counter, for telling other threads and processes of events.") {
      _, a, n, k in
      answer(SpecialDescriptors.eventFunction, a, n, k) { (b) throws(PyError) in
        let value = try cUnsignedInt(b.object(0)), flags = try b.int(1, O_CLOEXEC)
        return try int(try checkSystem(releasingLock("eventfd") { eventfd(value, flags) }))
      }
    }
    m.add(eventReadFunction, "Wait until an event descriptor's counter is not 0, and take it (or 1 of it).") {
      _, a, n, k in
      answer(SpecialDescriptors.eventReadFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.file(0)
        var value: UInt64 = 0
        try checkSystem(releasingLock("eventfd_read") { read(fd, &value, 8) })
        return try owned(PyLong_FromUnsignedLongLong(value))
      }
    }
    m.add(eventWriteFunction, "Add to an event descriptor's counter.") { _, a, n, k in
      perform(SpecialDescriptors.eventWriteFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.file(0)
        guard b.object(1).isLong else { throw typeError("an integer is required") }
        if _PyLong_Sign(b.object(1)) < 0 { throw valueError("value must be positive") }
        var value = try cUnsignedLong(b.object(1))
        try checkSystem(releasingLock("eventfd_write") { write(fd, &value, 8) })
      }
    }
  }

  private static func times(_ t: itimerspec, ns: Bool) throws(PyError) -> Owned {
    let value = nanoseconds(t.it_value), interval = nanoseconds(t.it_interval)
    return ns
      ? try pair(try int(value), try int(interval)) : try pair(try float(seconds(value)), try float(seconds(interval)))
  }
  private static func set(_ b: Arguments, ns: Bool) throws(PyError) -> Owned {
    let fd = try b.file(0), flags = try b.int(1, 0)
    func span(_ i: Int) throws(PyError) -> timespec {
      guard let r = b[i] else { return timespec() }
      if ns { return timeSpec(try cLong(r)) }
      let value = try float(try cDouble(r))
      return timeSpec(try nanoseconds(value.ref, .floor))
    }
    var new = itimerspec()
    new.it_value = try span(2)
    new.it_interval = try span(3)
    var old = itimerspec()
    try checkSystem(releasingLock("timerfd_settime") { timerfd_settime(fd, flags, &new, &old) })
    return try times(old, ns: ns)
  }
  private static func get(_ r: Ref, ns: Bool) throws(PyError) -> Owned {
    let fd = try fileDescriptor(r)
    var t = itimerspec()
    try checkSystem(releasingLock("timerfd_gettime") { timerfd_gettime(fd, &t) })
    return try times(t, ns: ns)
  }
  private static func timers(_ m: inout MethodTable) {
    m.add(timerFunction, "A descriptor that becomes readable at set times.") { _, a, n, k in
      answer(SpecialDescriptors.timerFunction, a, n, k) { (b) throws(PyError) in
        let clock = try b.int(0), flags = try b.int(1, O_CLOEXEC)
        return try int(try checkSystem(releasingLock("timerfd_create") { timerfd_create(clock, flags | O_CLOEXEC) }))
      }
    }
    m.add(timerSetFunction, "Set a timer descriptor, in seconds; returns what was left and the old interval.") {
      _, a, n, k in
      answer(SpecialDescriptors.timerSetFunction, a, n, k) { (b) throws(PyError) in
        try SpecialDescriptors.set(b, ns: false)
      }
    }
    m.add(timerSetNsFunction, "Set a timer descriptor, in nanoseconds; returns what was left and the old interval.") {
      _, a, n, k in
      answer(SpecialDescriptors.timerSetNsFunction, a, n, k) { (b) throws(PyError) in
        try SpecialDescriptors.set(b, ns: true)
      }
    }
    m.one(
      "timerfd_gettime", "($module, fd, /)", "What is left of a timer descriptor's time, and its interval, in seconds."
    ) { _, r in bridge { () throws(PyError) in try SpecialDescriptors.get(r!, ns: false) } }
    m.one(
      "timerfd_gettime_ns", "($module, fd, /)",
      "What is left of a timer descriptor's time, and its interval, in nanoseconds."
    ) { _, r in bridge { () throws(PyError) in try SpecialDescriptors.get(r!, ns: true) } }
  }

  private static func others(_ m: inout MethodTable) {
    m.add(memoryFunction, "A file that exists in memory only.") { _, a, n, k in
      answer(SpecialDescriptors.memoryFunction, a, n, k) { (b) throws(PyError) in
        let name = try fileSystemBytes(b.object(0))
        let flags = b[1] == nil ? 1 : try cUnsigned(b.object(1))
        let text = PyBytes_AsString(name.ref)
        return try int(try checkSystem(releasingLock("memfd_create") { memfd_create(text, flags) }))
      }
    }
    m.add(processFunction, "A descriptor that stands for a process.") { _, a, n, k in
      answer(SpecialDescriptors.processFunction, a, n, k) { (b) throws(PyError) in
        let pid = try intArgument(b.object(0)), flags = b[1] == nil ? 0 : try cUnsignedInt(b.object(1))
        return try int(try checkSystem(gila_pidfd_open(pid, flags)))
      }
    }
    m.add(unshareFunction, "Give the process namespaces of its own.") { _, a, n, k in
      perform(SpecialDescriptors.unshareFunction, a, n, k) { (b) throws(PyError) in
        let flags = try b.int(0)
        try checkSystem(releasingLock("unshare") { unshare(flags) })
      }
    }
    m.add(setnsFunction, "Move the thread to another namespace.") { _, a, n, k in
      perform(SpecialDescriptors.setnsFunction, a, n, k) { (b) throws(PyError) in
        let fd = try b.file(0), kind = try b.int(1, 0)
        try checkSystem(releasingLock("setns") { setns(fd, kind) })
      }
    }
  }
}
