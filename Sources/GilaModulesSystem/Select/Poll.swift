// select.poll objects.

import CGila
import CGilaSystem
import GilaCore
import Glibc

/// Words of a poll object: a dict from descriptors to events, and whether poll() runs.
enum PollType {
  nonisolated(unsafe) static let type = newStaticType()

  private static func events(_ r: Ref) -> UnsafeMutablePointer<Ref?> { r.word(0, Ref?.self) }
  private static func isRunning(_ r: Ref) -> UnsafeMutablePointer<Int> { r.word(1, Int.self) }

  static func make() throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    events(r.ref).pointee = try owned(PyDict_New()).take()
    return r
  }

  static func define() {
    type.define("select.poll", basicSize: 32, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    type.pointee.tp_dealloc = { r in
      xdecref(PollType.events(r!).pointee)
      PyObject_Free(r!.raw)
    }
    var m = MethodTable()
    m.positional(
      "register", "($self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)",
      "Watch a descriptor for events."
    ) { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("register", n, 1, 2)
        let fd = try fileDescriptor(a![0]!)
        let mask = n > 1 ? try eventMask(a![1]!) : UInt16(POLLIN | POLLPRI | POLLOUT)
        try PollType.set(r!, fd, mask)
      }
    }
    m.positional("modify", "($self, fd, eventmask, /)", "Change the events that a watched descriptor is watched for.") {
      r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("modify", n, 2, 2)
        let fd = try fileDescriptor(a![0]!), mask = try eventMask(a![1]!)
        let key = try int(fd)
        if try check(PyDict_Contains(PollType.events(r!).pointee, key.ref)) == 0 {
          errno = ENOENT
          throw systemFailure()
        }
        try PollType.set(r!, fd, mask)
      }
    }
    m.one("unregister", "($self, fd, /)", "Stop watching a descriptor.") { r, fd in
      bridgeNone { () throws(PyError) in
        let key = try int(try fileDescriptor(fd!))
        try check(PyDict_DelItem(PollType.events(r!).pointee, key.ref))
      }
    }
    m.positional(
      "poll", "($self, timeout=None, /)",
      "Wait until something happens to a watched descriptor; return a list of descriptors and events.\n\nThe timeout is in milliseconds; without one it waits for ever."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("poll", n, 0, 1)
        return try PollType.poll(r!, n > 0 ? a![0]! : none)
      }
    }
    type.pointee.tp_methods = m.build()
  }

  private static func set(_ r: Ref, _ fd: Int32, _ mask: UInt16) throws(PyError) {
    let key = try int(fd), value = try int(Int32(mask))
    try check(PyDict_SetItem(events(r).pointee, key.ref, value.ref))
  }

  private static func poll(_ r: Ref, _ timeout: Ref) throws(PyError) -> Owned {
    var span: Int? = nil
    if !timeout.isNone {
      let ns = try millisecondArgument(timeout)
      if ns >= 0 { span = ns }
    }
    if isRunning(r).pointee != 0 { throw runtimeError("concurrent poll() invocation") }
    var watched: [pollfd] = []
    var (position, key, value): (Int, Ref?, Ref?) = (0, nil, nil)
    while PyDict_Next(events(r).pointee, &position, &key, &value) != 0 {
      guard let key, let value else { break }
      let mask = UInt16(truncatingIfNeeded: PyLong_AsLong(value))
      watched.append(
        pollfd(fd: Int32(truncatingIfNeeded: PyLong_AsLong(key)), events: Int16(bitPattern: mask), revents: 0))
    }
    isRunning(r).pointee = 1
    defer { isRunning(r).pointee = 0 }
    let deadline = Deadline(span)
    while true {
      let milliseconds = deadline.milliseconds
      let count = releasingLock("poll") { Glibc.poll(&watched, nfds_t(watched.count), milliseconds) }
      if count >= 0 { break }
      if errno != EINTR { throw systemFailure() }
      try check(PyErr_CheckSignals())
      if deadline.hasPassed {
        for i in watched.indices { watched[i].revents = 0 }
        break
      }
    }
    let result = try owned(PyList_New(0))
    for w in watched where w.revents != 0 {
      try append(result.ref, try pair(try int(w.fd), try int(Int32(UInt16(bitPattern: w.revents)))))
    }
    return result
  }
}

/// A set of events: an unsigned short.
private func eventMask(_ r: Ref) throws(PyError) -> UInt16 {
  guard r.isLong else { throw typeError("an integer is required") }
  if _PyLong_Sign(r) < 0 { throw valueError("value must be positive") }
  var overflow: Int32 = 0
  let n = PyLong_AsLongAndOverflow(r, &overflow)
  if n == -1, errorIsSet { throw PyError() }
  guard overflow == 0, let mask = UInt16(exactly: n) else {
    throw overflowError("Python int too large for C unsigned short")
  }
  return mask
}

/// Nanoseconds of a timeout in milliseconds.
private func millisecondArgument(_ r: Ref) throws(PyError) -> Int {
  let ns: Int
  if r.isInstance(of: Types.float) {
    let value = PyFloat_AsDouble(r)
    if value.isNaN { throw valueError("Invalid value NaN (not a number)") }
    guard let exact = Int(exactly: Rounding.up(value * 1e6)) else {
      throw overflowError("timestamp out of range for platform time_t")
    }
    ns = exact
  } else {
    guard PyIndex_Check(r) != 0 else { throw typeError("timeout must be an integer or None") }
    let milliseconds = try cLong(r)
    let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    if overflow { throw overflowError("timestamp too large to convert to C PyTime_t") }
    ns = product
  }
  if ns / 1_000_000 > Int(Int32.max) { throw overflowError("timeout is too large") }
  return ns
}
