// The module _socket.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SocketModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_socket", doc: "Sockets, and the names and numbers of hosts and services. See the module socket.",
    methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try SocketModule.execute(module!) } })

  nonisolated(unsafe) private static let access: UnsafeMutablePointer<Ref?> = {
    let p = UnsafeMutablePointer<Ref?>.allocate(capacity: 3)
    p.initialize(repeating: nil, count: 3)
    return p
  }()
  private static let definesOnce: Void = { SocketType.define() }()

  private static func execute(_ module: Ref) throws(PyError) {
    _ = definesOnce
    try check(PyType_Ready(SocketType.type))
    try add(module, "SocketType", SocketType.type.object)
    try add(module, "socket", SocketType.type.object)
    try add(module, "error", Exc.OSError.object)
    try add(module, "timeout", Exc.TimeoutError.object)
    if SystemSlot.herror.object == nil {
      SystemSlot.herror.set(try exceptionClass("socket", "herror", Exc.OSError))
      SystemSlot.gaierror.set(try exceptionClass("socket", "gaierror", Exc.OSError))
    }
    if let error = SystemSlot.herror.object { try add(module, "herror", error) }
    if let error = SystemSlot.gaierror.object { try add(module, "gaierror", error) }
    try add(module, "has_ipv6", pyTrue)
    // What ssl asks other implementations for: the type of sockets and two exceptions.
    if access[0] == nil {
      access[0] = SocketType.type.object
      access[1] = Exc.OSError.object
      access[2] = Exc.TimeoutError.object
    }
    let capsule = try owned(PyCapsule_New(UnsafeMutableRawPointer(access), "_socket.CAPI", nil))
    // Programs may look at it through the collector. The types it gives away live as long as the process.
    gila_gc_track(capsule.ref)
    try add(module, "CAPI", capsule.ref)
    try addConstants(module, gila_socket_table())
    try addConstants(module, gila_socket_number_table())
    try addConstants(module, gila_can_table())
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    descriptors(&m)
    HostFunctions.add(&m)
    AddressFunctions.add(&m)
    return m.build()
  }

  private static func descriptors(_ m: inout MethodTable) {
    m.one("close", "", "close(integer) -> None\n\nClose a socket's descriptor.") { _, r in
      bridgeNone { () throws(PyError) in
        let fd = try cInt(r!)
        if releasingLock("close", { close(fd) }) < 0, errno != ECONNRESET { throw systemFailure() }
      }
    }
    m.one("dup", "", "dup(integer) -> integer\n\nA second descriptor of a socket.") { _, r in
      bridge { () throws(PyError) in
        let fd = try cInt(r!)
        return try int(try checkSystem(fcntl(fd, F_DUPFD_CLOEXEC, 0)))
      }
    }
    m.positional(
      "socketpair", "",
      "socketpair([family[, type [, proto]]]) -> (socket object, socket object)\n\nTwo sockets connected to each other."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("socketpair", n, 0, 3)
        let family = n > 0 ? try intArgument(a![0]!) : AF_UNIX
        let kind = n > 1 ? try intArgument(a![1]!) : Int32(SOCK_STREAM.rawValue)
        let number = n > 2 ? try intArgument(a![2]!) : 0
        var ends: [Int32] = [-1, -1]
        try checkSystem(
          releasingLock("socketpair") { socketpair(family, kind | Int32(SOCK_CLOEXEC.rawValue), number, &ends) })
        let first: Owned
        do throws(PyError) { first = try SocketType.make(ends[0], family, kind, number) } catch {
          close(ends[1])
          throw error
        }
        return try pair(first, try SocketType.make(ends[1], family, kind, number))
      }
    }
    m.noArguments(
      "getdefaulttimeout", "",
      "getdefaulttimeout() -> timeout\n\nHow long operations of new sockets wait; None for ever."
    ) {
      _, _ in bridge { () throws(PyError) in try timeoutObject(DefaultTimeout.value) }
    }
    m.one("setdefaulttimeout", "", "setdefaulttimeout(timeout)\n\nSet how long operations of new sockets wait.") {
      _, r in
      bridgeNone { () throws(PyError) in try DefaultTimeout.set(try socketTimeout(r!)) }
    }
    m.positional(
      "CMSG_LEN", "", "CMSG_LEN(length) -> control message length\n\nThe size of ancillary data, with its head."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("CMSG_LEN", n, 1, 1)
        let length = try cSize(a![0]!)
        if length < 0 || Int(gila_cmsg_len(min(length, 1 << 40))) > Int(Int32.max) {
          throw overflowError("CMSG_LEN() argument out of range")
        }
        return try int(UInt(gila_cmsg_len(length)))
      }
    }
    m.positional(
      "CMSG_SPACE", "",
      "CMSG_SPACE(length) -> buffer size\n\nThe room that ancillary data takes, with head and padding."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("CMSG_SPACE", n, 1, 1)
        let length = try cSize(a![0]!)
        if length < 0 || Int(gila_cmsg_space(min(length, 1 << 40))) > Int(Int32.max) {
          throw overflowError("CMSG_SPACE() argument out of range")
        }
        return try int(UInt(gila_cmsg_space(length)))
      }
    }
  }
}
