// The state of a socket object, and how its operations wait.

import CGila
import CGilaSystem
import GilaCore
import Glibc

/// The words of a socket behind its head.
struct SocketObject {
  let r: Ref
  /// -1 when closed.
  var fd: UnsafeMutablePointer<Int32> { r.word(0, Int32.self) }
  var family: UnsafeMutablePointer<Int32> { r.word(1, Int32.self) }
  var kind: UnsafeMutablePointer<Int32> { r.word(2, Int32.self) }
  var protocolNumber: UnsafeMutablePointer<Int32> { r.word(3, Int32.self) }
  /// Nanoseconds; -1 waits for ever, 0 never waits.
  var timeout: UnsafeMutablePointer<Int> { r.word(4, Int.self) }
  static let words = 5

  func setBlocking(_ blocks: Bool) throws(PyError) {
    let fd = fd.pointee
    let flags = try checkSystem(fcntl(fd, F_GETFL))
    let new = blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK
    if new != flags { try checkSystem(fcntl(fd, F_SETFL, new)) }
  }

  /// Waits until the socket is ready; false when the time is over. Interruptions count as not ready yet.
  func wait(_ events: Int32, _ deadline: Deadline, _ reason: StaticString = "poll") throws(PyError) -> Bool {
    var p = pollfd(fd: fd.pointee, events: Int16(truncatingIfNeeded: events), revents: 0)
    while true {
      if let left = deadline.remaining, left == 0 { return false }
      let milliseconds = deadline.milliseconds
      let count = releasingLock(reason) { poll(&p, 1, milliseconds) }
      if count > 0 { return true }
      if count == 0 { return false }
      if errno != EINTR { throw systemFailure() }
      try check(PyErr_CheckSignals())
    }
  }

  /// Runs a call of the system until it does something: with a timeout it waits for the socket when that is not ready,
  /// after EINTR it goes on. Returns what the call returned, never a failure.
  func call(_ reason: StaticString, writing: Bool, deadline given: Deadline? = nil, _ body: (Int32) -> Int)
    throws(PyError) -> Int
  {
    let hasTimeout = timeout.pointee > 0
    let deadline = given ?? Deadline(hasTimeout ? timeout.pointee : nil)
    while true {
      let descriptor = fd.pointee
      let result = releasingLock(reason) { body(descriptor) }
      if result >= 0 { return result }
      if errno == EINTR {
        try check(PyErr_CheckSignals())
        continue
      }
      guard hasTimeout, errno == EAGAIN || errno == EWOULDBLOCK else { throw systemFailure() }
      if try !wait(Int32(writing ? POLLOUT : POLLIN), deadline, reason) { throw raise(Exc.TimeoutError, "timed out") }
    }
  }

  /// Closes the descriptor, if there is one; the system's result.
  func end() -> Int32 {
    let old = fd.pointee
    if old < 0 { return 0 }
    // Before the call, so that another thread finds a closed socket, not a stranger's descriptor.
    fd.pointee = -1
    return releasingLock("close") { close(old) }
  }
}

/// The default timeout of new sockets, in nanoseconds; an int object in the interpreter, none for ever.
enum DefaultTimeout {
  static var value: Int {
    get { SystemSlot.socketTimeout.object.map { PyLong_AsLong($0) } ?? -1 }
  }
  static func set(_ ns: Int) throws(PyError) { SystemSlot.socketTimeout.set(try int(ns)) }
}

/// A timeout argument: None, or a number of seconds that is not negative.
func socketTimeout(_ r: Ref) throws(PyError) -> Int {
  if r.isNone { return -1 }
  let ns = try nanoseconds(r, .up)
  if ns < 0 { throw valueError("Timeout value out of range") }
  return ns
}
func timeoutObject(_ ns: Int) throws(PyError) -> Owned { ns < 0 ? noneOwned() : try float(seconds(ns)) }

/// gaierror or OSError from the result of getaddrinfo and getnameinfo.
func addressFailure(_ error: Int32) -> PyError {
  if error == EAI_SYSTEM { return systemFailure() }
  setPair(SystemSlot.gaierror.object, error, gai_strerror(error))
  return PyError()
}
/// herror from h_errno.
func hostFailure(_ error: Int32) -> PyError {
  setPair(SystemSlot.herror.object, error, gila_hstrerror(error))
  return PyError()
}
private func setPair(_ type: Ref?, _ number: Int32, _ text: UnsafePointer<CChar>?) {
  do throws(PyError) {
    let value = try pair(try int(number), try localeText(text ?? cString("")))
    PyErr_SetObject(type ?? Exc.OSError.object, value.ref)
  } catch {}
}
