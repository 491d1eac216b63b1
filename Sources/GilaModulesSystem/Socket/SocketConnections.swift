// Methods of sockets: names, connecting, listening, closing.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SocketConnections {
  static func add(_ m: inout MethodTable) {
    m.noArguments(
      "_accept", "",
      "_accept() -> (integer, address info)\n\nWait for a connection; the new descriptor and the other side's address."
    ) {
      r, _ in
      bridge { () throws(PyError) in
        let s = SocketObject(r: r!)
        var a = gila_address()
        let fd = try s.call("accept", writing: false) { fd in
          Int(SocketAddress.filled(&a) { accept4(fd, $0, $1, Int32(SOCK_CLOEXEC.rawValue)) })
        }
        do throws(PyError) { return try pair(try int(fd), try SocketAddress.object(a)) } catch {
          close(Int32(truncatingIfNeeded: fd))
          throw error
        }
      }
    }
    m.one("bind", "", "bind(address)\n\nGive the socket an address of this machine.") { r, address in
      bridgeNone { () throws(PyError) in
        let s = SocketObject(r: r!)
        var a = try SocketAddress.make(s, address!, "bind")
        try audit("socket.bind", r!, address!)
        let fd = s.fd.pointee
        try checkSystem(releasingLock("bind") { SocketAddress.with(&a) { bind(fd, $0, $1) } })
      }
    }
    m.one("connect", "", "connect(address)\n\nConnect the socket to another one.") { r, address in
      bridgeNone { () throws(PyError) in
        let s = SocketObject(r: r!)
        var a = try SocketAddress.make(s, address!, "connect")
        try audit("socket.connect", r!, address!)
        let number = try SocketConnections.connect(s, &a, raising: true)
        if number != 0 {
          errno = number
          throw systemFailure()
        }
      }
    }
    m.one("connect_ex", "", "connect_ex(address) -> errno\n\nLike connect(), but returns the error number.") {
      r, address in
      bridge { () throws(PyError) in
        let s = SocketObject(r: r!)
        var a = try SocketAddress.make(s, address!, "connect_ex")
        try audit("socket.connect", r!, address!)
        return try int(try SocketConnections.connect(s, &a, raising: false))
      }
    }
    m.positional("listen", "", "listen([backlog])\n\nWait for connections, of which the system may keep `backlog`.") {
      r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("listen", n, 0, 1)
        let backlog = n > 0 ? max(0, try intArgument(a![0]!)) : min(Int32(SOMAXCONN), 128)
        let fd = SocketObject(r: r!).fd.pointee
        try checkSystem(releasingLock("listen") { listen(fd, backlog) })
      }
    }
    m.one("shutdown", "", "shutdown(flag)\n\nEnd receiving (SHUT_RD), sending (SHUT_WR) or both (SHUT_RDWR).") {
      r, how in
      bridgeNone { () throws(PyError) in
        let how = try cInt(how!)
        let fd = SocketObject(r: r!).fd.pointee
        try checkSystem(releasingLock("shutdown") { shutdown(fd, how) })
      }
    }
    m.noArguments("close", "", "close()\n\nClose the socket.") { r, _ in
      bridgeNone { () throws(PyError) in
        // The other side may have gone first, which is no error here.
        if SocketObject(r: r!).end() < 0, errno != ECONNRESET { throw systemFailure() }
      }
    }
    m.noArguments("detach", "", "detach()\n\nClose the object, not the descriptor, and return that.") { r, _ in
      let s = SocketObject(r: r!)
      let fd = s.fd.pointee
      s.fd.pointee = -1
      return PyLong_FromLong(Int(fd))
    }
    m.noArguments("fileno", "", "fileno() -> integer\n\nThe descriptor.") { r, _ in
      PyLong_FromLong(Int(SocketObject(r: r!).fd.pointee))
    }
    m.noArguments("getsockname", "", "getsockname() -> address info\n\nThe socket's own address.") { r, _ in
      bridge { () throws(PyError) in
        let s = SocketObject(r: r!)
        let fd = s.fd.pointee
        var a = gila_address()
        try checkSystem(releasingLock("getsockname") { SocketAddress.filled(&a) { getsockname(fd, $0, $1) } })
        return try SocketAddress.object(a)
      }
    }
    m.noArguments("getpeername", "", "getpeername() -> address info\n\nThe other side's address.") { r, _ in
      bridge { () throws(PyError) in
        let s = SocketObject(r: r!)
        let fd = s.fd.pointee
        var a = gila_address()
        try checkSystem(releasingLock("getpeername") { SocketAddress.filled(&a) { getpeername(fd, $0, $1) } })
        return try SocketAddress.object(a)
      }
    }
  }

  /// The error number of connecting, 0 for success. An interrupted or slow attempt is waited for.
  private static func connect(_ s: SocketObject, _ a: inout gila_address, raising: Bool) throws(PyError) -> Int32 {
    let fd = s.fd.pointee
    if releasingLock("connect", { SocketAddress.with(&a) { Glibc.connect(fd, $0, $1) } }) == 0 { return 0 }
    let number = errno
    let waits: Bool
    if number == EINTR {
      try check(PyErr_CheckSignals())
      waits = s.timeout.pointee != 0
    } else {
      waits = s.timeout.pointee > 0 && number == EINPROGRESS
    }
    if !waits { return number }
    let timeout = s.timeout.pointee
    if try !s.wait(Int32(POLLOUT), Deadline(timeout > 0 ? timeout : nil)) {
      if raising { throw raise(Exc.TimeoutError, "timed out") }
      return EWOULDBLOCK
    }
    var error: Int32 = 0
    var n = socklen_t(4)
    if getsockopt(s.fd.pointee, SOL_SOCKET, SO_ERROR, &error, &n) < 0 { return errno }
    return error == EISCONN ? 0 : error
  }
}
