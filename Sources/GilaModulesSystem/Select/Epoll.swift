// select.epoll objects: the system keeps the set of watched descriptors.

import CGila
import CGilaSystem
import GilaCore
import Glibc

/// The word of an epoll object: its descriptor, -1 when closed.
enum EpollType {
  nonisolated(unsafe) static let type = newStaticType()

  private static let new = Signature("epoll", "(sizehint=-1, flags=0)")
  private static let register = Function(
    "register", "($self, /, fd, eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)")
  private static let modify = Function("modify", "($self, /, fd, eventmask)")
  private static let unregister = Function("unregister", "($self, /, fd)")
  private static let poll = Function("poll", "($self, /, timeout=None, maxevents=-1)")

  private static func place(_ r: Ref) -> UnsafeMutablePointer<Int> { r.word(0, Int.self) }
  private static func descriptor(_ r: Ref) throws(PyError) -> Int32 {
    let fd = place(r).pointee
    if fd < 0 { throw valueError("I/O operation on closed epoll object") }
    return Int32(truncatingIfNeeded: fd)
  }
  private static func make(_ type: TypeRef, _ fd: Int32) throws(PyError) -> Owned {
    guard let made = type.pointee.tp_alloc(type, 0) else {
      close(fd)
      throw PyError()
    }
    place(made).pointee = Int(fd)
    return Owned(taking: made)
  }
  private static func end(_ r: Ref) -> Int32 {
    let fd = place(r).pointee
    if fd < 0 { return 0 }
    place(r).pointee = -1
    return releasingLock("close") { close(Int32(truncatingIfNeeded: fd)) }
  }

  private enum Operation: Int32 { case add = 1, remove, change }
  private static func control(_ r: Ref, _ operation: Operation, _ file: Ref, _ events: UInt32) throws(PyError) {
    let fd = try descriptor(r)
    let target = try fileDescriptor(file)
    try checkSystem(
      releasingLock("epoll_ctl") { gila_epoll_control(fd, operation.rawValue, target, events) })
  }

  static func define() {
    type.define(
      "select.epoll", basicSize: 24,
      doc:
        "epoll(sizehint=-1, flags=0)\n--\n\nA set of watched descriptors that the system keeps.\n\n  sizehint\n    Positive or -1; of no effect.\n  flags\n    0; the descriptor is never inherited by exec."
    )
    type.pointee.tp_alloc = PyType_GenericAlloc
    type.pointee.tp_free = PyObject_Free
    type.pointee.tp_getattro = PyObject_GenericGetAttr
    type.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let b = try EpollType.new.bind(tuple: args, dict: kwargs)
        let size = b[0] == nil ? -1 : try cInt(b[0]!)
        let flags = b[1] == nil ? 0 : try cInt(b[1]!)
        if size == 0 || size < -1 { throw valueError("negative sizehint") }
        if flags != 0, flags != O_CLOEXEC { throw raise(Exc.OSError, "invalid flags") }
        let fd = try checkSystem(releasingLock("epoll_create") { gila_epoll_create(O_CLOEXEC) })
        return try EpollType.make(type!, fd)
      }
    }
    type.pointee.tp_dealloc = { r in
      _ = EpollType.end(r!)
      r!.type.pointee.tp_free(r!.raw)
    }
    var g = GetSetTable()
    g.add(
      "closed", "True if the epoll handler is closed", get: { r, _ in newRef(pyBool(EpollType.place(r!).pointee < 0)) })
    type.pointee.tp_getset = g.build()
    type.pointee.tp_methods = methods()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("close", "($self, /)", "Close the descriptor; further operations raise ValueError.") { r, _ in
      bridgeNone { () throws(PyError) in try checkSystem(EpollType.end(r!)) }
    }
    m.noArguments("fileno", "($self, /)", "The descriptor.") { r, _ in
      bridge { () throws(PyError) in try int(try EpollType.descriptor(r!)) }
    }
    m.one("fromfd", "($type, fd, /)", "An epoll object for an epoll descriptor.", flags: METH_CLASS) { type, fd in
      bridge { () throws(PyError) in try EpollType.make(type!.asType, try cInt(fd!)) }
    }
    m.add(register, "Watch a descriptor for events.") { r, a, n, k in
      perform(EpollType.register, a, n, k) { (b) throws(PyError) in
        let mask: UInt32 = b[1] == nil ? 7 : try cUnsigned(b.object(1))
        try EpollType.control(r!, .add, b.object(0), mask)
      }
    }
    m.add(modify, "Change the events that a watched descriptor is watched for.") { r, a, n, k in
      perform(EpollType.modify, a, n, k) { (b) throws(PyError) in
        try EpollType.control(r!, .change, b.object(0), try cUnsigned(b.object(1)))
      }
    }
    m.add(unregister, "Stop watching a descriptor.") { r, a, n, k in
      perform(EpollType.unregister, a, n, k) { (b) throws(PyError) in
        try EpollType.control(r!, .remove, b.object(0), 0)
      }
    }
    m.add(
      poll,
      "Wait until something happens to a watched descriptor; return a list of descriptors and events.\n\n  timeout\n    The longest wait in seconds; None or a negative number waits for ever.\n  maxevents\n    The most entries of the list; -1 for no limit of note."
    ) { r, a, n, k in
      answer(EpollType.poll, a, n, k) { (b) throws(PyError) in
        try EpollType.wait(r!, b[0] ?? none, b[1] == nil ? -1 : try b.int(1))
      }
    }
    m.noArguments("__enter__", "($self, /)", "") { r, _ in
      bridge { () throws(PyError) in
        _ = try EpollType.descriptor(r!)
        return Owned(retaining: r!)
      }
    }
    m.positional("__exit__", "($self, exc_type=None, exc_value=None, exc_tb=None, /)", "") { r, _, n in
      bridgeNone { () throws(PyError) in
        try checkCount("__exit__", n, 0, 3)
        try checkSystem(EpollType.end(r!))
      }
    }
    return m.build()
  }

  private static func wait(_ r: Ref, _ timeout: Ref, _ most: Int32) throws(PyError) -> Owned {
    let fd = try descriptor(r)
    var span: Int? = nil
    if !timeout.isNone {
      let ns = try timeoutArgument(timeout, "timeout must be an integer or None")
      if ns / 1_000_000 > Int(Int32.max) { throw overflowError("timeout is too large") }
      if ns >= 0 { span = ns }
    }
    var limit = most
    if limit == -1 { limit = 1023 }
    if limit < 1 { throw valueError("maxevents must be greater than 0, got \(limit)") }
    // Room for the system's events, three words each.
    let found = UnsafeMutablePointer<UInt32>.allocate(capacity: Int(limit) * 3 + 1)
    defer { found.deallocate() }
    let deadline = Deadline(span)
    var count: Int32 = 0
    while true {
      let milliseconds = deadline.milliseconds
      count = releasingLock("epoll_wait") { gila_epoll_wait(fd, found, limit, milliseconds) }
      if count >= 0 { break }
      if errno != EINTR { throw systemFailure() }
      try check(PyErr_CheckSignals())
      if deadline.hasPassed {
        count = 0
        break
      }
    }
    let result = try owned(PyList_New(0))
    for i in 0..<Int(count) {
      try append(result.ref, try pair(try int(Int32(bitPattern: found[2 * i])), try int(found[2 * i + 1])))
    }
    return result
  }
}
