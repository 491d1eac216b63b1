// The type _socket.socket: making, connecting and closing sockets.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SocketType {
  nonisolated(unsafe) static let type = newStaticType()
  private static let signature = Signature("socket", "(family=-1, type=-1, proto=-1, fileno=None)")

  /// Sets up a socket object for a descriptor.
  static func adopt(_ s: SocketObject, _ fd: Int32, _ family: Int32, _ kind: Int32, _ number: Int32) throws(PyError) {
    let nonBlocking = Int32(SOCK_NONBLOCK.rawValue), closing = Int32(SOCK_CLOEXEC.rawValue)
    s.fd.pointee = fd
    s.family.pointee = family
    s.kind.pointee = kind & ~(nonBlocking | closing)
    s.protocolNumber.pointee = number
    if kind & nonBlocking != 0 {
      s.timeout.pointee = 0
    } else {
      s.timeout.pointee = DefaultTimeout.value
      if s.timeout.pointee >= 0 { try s.setBlocking(false) }
    }
  }
  /// A new object of this type for a descriptor, which is closed when that fails.
  static func make(_ fd: Int32, _ family: Int32, _ kind: Int32, _ number: Int32) throws(PyError) -> Owned {
    guard let r = type.pointee.tp_new(type, nil, nil) else {
      close(fd)
      throw PyError()
    }
    let held = Owned(taking: r)
    try adopt(SocketObject(r: r), fd, family, kind, number)
    return held
  }

  private static func initialize(_ r: Ref, _ args: Ref?, _ kwargs: Ref?) throws(PyError) {
    let b = try signature.bind(tuple: args, dict: kwargs)
    var family = b[0] == nil ? -1 : try intArgument(b[0]!)
    var kind = b[1] == nil ? -1 : try intArgument(b[1]!)
    var number = b[2] == nil ? -1 : try intArgument(b[2]!)
    let s = SocketObject(r: r)
    if isAudited {
      let f = try int(family), k = try int(kind), n = try int(number)
      try audit("socket.__new__", r, f.ref, k.ref, n.ref)
    }
    if let file = b[3], !file.isNone {
      let fd = try cInt(file)
      if fd < 0 { throw valueError("negative file descriptor") }
      // What is not said is asked of the descriptor, which must be a socket.
      var a = gila_address()
      if SocketAddress.filled(&a, { getsockname(fd, $0, $1) }) < 0 {
        if family == -1 || errno == EBADF || errno == ENOTSOCK { throw systemFailure() }
      } else if family == -1 {
        family = Int32(a.storage.ss_family)
      }
      if kind == -1 { kind = try option(fd, SO_TYPE) }
      if number == -1 { number = try option(fd, SO_PROTOCOL) }
      try adopt(s, fd, family, kind, number)
      return
    }
    if family == -1 { family = AF_INET }
    if kind == -1 { kind = Int32(SOCK_STREAM.rawValue) }
    if number == -1 { number = 0 }
    let (f, k, n) = (family, kind, number)
    let fd = try checkSystem(releasingLock("socket") { Glibc.socket(f, k | Int32(SOCK_CLOEXEC.rawValue), n) })
    do throws(PyError) { try adopt(s, fd, family, kind, number) } catch {
      _ = s.end()
      throw error
    }
  }
  private static func option(_ fd: Int32, _ name: Int32) throws(PyError) -> Int32 {
    var value: Int32 = 0
    var n = socklen_t(4)
    try checkSystem(getsockopt(fd, SOL_SOCKET, name, &value, &n))
    return value
  }

  static func define() {
    type.define(
      "_socket.socket", basicSize: 16 + SocketObject.words * 8,
      flags: UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_HAVE_GC),
      doc:
        "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\nsocket(family=-1, type=-1, proto=-1, fileno=None) -> socket object\n\nAn end of a communication. With fileno it is made of an open descriptor, and what is -1 is\nfound out."
    )
    type.pointee.tp_alloc = PyType_GenericAlloc
    type.pointee.tp_free = PyObject_GC_Del
    type.pointee.tp_getattro = PyObject_GenericGetAttr
    type.pointee.tp_traverse = { _, _, _ in 0 }
    type.pointee.tp_new = { type, _, _ in
      guard let r = type!.pointee.tp_alloc(type, 0) else { return nil }
      let s = SocketObject(r: r)
      s.fd.pointee = -1
      s.timeout.pointee = DefaultTimeout.value
      return r
    }
    type.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in try SocketType.initialize(r!, args, kwargs) }
    }
    type.pointee.tp_finalize = { r in
      let s = SocketObject(r: r!)
      if s.fd.pointee == -1 { return }
      let pending = PyErr_GetRaisedException()
      if warnUnclosed("unclosed ", r!) < 0 {
        if PyErr_ExceptionMatches(Exc.Warning.object) != 0 { PyErr_WriteUnraisable(r) } else { PyErr_Clear() }
      }
      _ = s.end()
      PyErr_SetRaisedException(pending)
    }
    type.pointee.tp_dealloc = { r in
      if PyObject_CallFinalizerFromDealloc(r) < 0 { return }
      PyObject_GC_UnTrack(r!.raw)
      r!.type.pointee.tp_free(r!.raw)
    }
    type.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let s = SocketObject(r: r!)
        return try string(
          "<socket object, fd=\(s.fd.pointee), family=\(s.family.pointee), type=\(s.kind.pointee), proto=\(s.protocolNumber.pointee)>"
        )
      }
    }
    var members = MemberTable()
    members.add("family", Py_T_INT, offset: 24, "the socket family")
    members.add("type", Py_T_INT, offset: 32, "the socket type")
    members.add("proto", Py_T_INT, offset: 40, "the socket protocol")
    type.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add(
      "timeout", "the socket timeout",
      get: { r, _ in bridge { () throws(PyError) in try timeoutObject(SocketObject(r: r!).timeout.pointee) } })
    type.pointee.tp_getset = g.build()
    var m = MethodTable()
    SocketConnections.add(&m)
    SocketTransfers.add(&m)
    SocketMessages.add(&m)
    SocketOptions.add(&m)
    type.pointee.tp_methods = m.build()
  }
}
