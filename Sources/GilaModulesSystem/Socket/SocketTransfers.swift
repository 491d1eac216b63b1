// Methods of sockets: sending and receiving bytes.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SocketTransfers {
  static func add(_ m: inout MethodTable) {
    receiving(&m)
    sending(&m)
  }

  /// A size and flags, as recv and recvfrom take them.
  private static func sizeAndFlags(_ name: StaticString, _ a: ArgumentVector?, _ n: Int) throws(PyError) -> (Int, Int32)
  {
    try checkCount(name, n, 1, 2)
    let size = try cSize(a![0]!)
    let flags = n > 1 ? try intArgument(a![1]!) : 0
    if size < 0 { throw valueError("negative buffersize in \(name)") }
    return (size, flags)
  }
  /// A writable buffer's part to fill.
  private static func limit(_ name: StaticString, _ asked: Ref?, _ room: Int) throws(PyError) -> Int {
    let wanted = asked == nil ? 0 : try cSize(asked!)
    if wanted < 0 { throw valueError("negative buffersize in \(name)") }
    if wanted > room {
      throw valueError(
        name.description == "recvfrom_into"
          ? "nbytes is greater than the length of the buffer" : "buffer too small for requested bytes")
    }
    return wanted == 0 ? room : wanted
  }
  private static func writable(_ name: StaticString, _ r: Ref) throws(PyError) -> Buffer {
    if PyObject_CheckBuffer(r) == 0 {
      throw typeError("\(name)() argument 1 must be read-write bytes-like object, not \(typeName(of: r))")
    }
    do throws(PyError) { return try Buffer(r, writable: true) } catch {
      PyErr_Clear()
      throw typeError("\(name)() argument 1 must be read-write bytes-like object, not \(typeName(of: r))")
    }
  }

  private static func receiving(_ m: inout MethodTable) {
    m.positional(
      "recv", "",
      "recv(buffersize[, flags]) -> data\n\nReceive at most buffersize bytes; empty when the other side has ended."
    ) {
      r, a, n in
      bridge { () throws(PyError) in
        let (size, flags) = try SocketTransfers.sizeAndFlags("recv", a, n)
        let s = SocketObject(r: r!)
        return try bytes(size) { (p) throws(PyError) in
          if size == 0, s.fd.pointee >= 0 { return 0 }
          return try s.call("recv", writing: false) { recv($0, p, size, flags) }
        }
      }
    }
    m.keywords("recv_into", "", "recv_into(buffer, [nbytes[, flags]]) -> nbytes_read\n\nReceive into a buffer.") {
      r, a, n, names in
      bridge { () throws(PyError) in
        let b = try SocketTransfers.intoSignature.bind(a, n, names)
        let flags = b[2] == nil ? 0 : try intArgument(b[2]!)
        let buffer = try SocketTransfers.writable("recv_into", b[0]!)
        let size = try SocketTransfers.limit("recv_into", b[1], buffer.count)
        if size == 0 { return try int(0) }
        let p = buffer.start
        return try int(try SocketObject(r: r!).call("recv", writing: false) { recv($0, p, size, flags) })
      }
    }
    m.positional(
      "recvfrom", "",
      "recvfrom(buffersize[, flags]) -> (data, address info)\n\nReceive bytes, with the sender's address."
    ) {
      r, a, n in
      bridge { () throws(PyError) in
        let (size, flags) = try SocketTransfers.sizeAndFlags("recvfrom", a, n)
        let s = SocketObject(r: r!)
        var address = gila_address()
        let data = try bytes(size) { (p) throws(PyError) in
          try s.call("recvfrom", writing: false) { fd in
            SocketAddress.filled(&address) { recvfrom(fd, p, size, flags, $0, $1) }
          }
        }
        return try pair(data, try SocketAddress.object(address))
      }
    }
    m.keywords(
      "recvfrom_into", "",
      "recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)\n\nReceive into a buffer, with the sender's address."
    ) {
      r, a, n, names in
      bridge { () throws(PyError) in
        let b = try SocketTransfers.fromIntoSignature.bind(a, n, names)
        let flags = b[2] == nil ? 0 : try intArgument(b[2]!)
        let buffer = try SocketTransfers.writable("recvfrom_into", b[0]!)
        let size = try SocketTransfers.limit("recvfrom_into", b[1], buffer.count)
        let s = SocketObject(r: r!)
        var address = gila_address()
        let p = buffer.start
        let count = try s.call("recvfrom", writing: false) { fd in
          SocketAddress.filled(&address) { recvfrom(fd, p, size, flags, $0, $1) }
        }
        return try pair(try int(count), try SocketAddress.object(address))
      }
    }
  }
  private static let intoSignature = Signature("recv_into", "(buffer, nbytes=0, flags=0)")
  private static let fromIntoSignature = Signature("recvfrom_into", "(buffer, nbytes=0, flags=0)")

  private static func sending(_ m: inout MethodTable) {
    m.positional("send", "", "send(data[, flags]) -> count\n\nSend bytes; returns how many were taken.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("send", n, 1, 2)
        let data = try Buffer(a![0]!)
        let flags = n > 1 ? try intArgument(a![1]!) : 0
        let (p, count) = (data.start, data.count)
        return try int(try SocketObject(r: r!).call("send", writing: true) { send($0, p, count, flags) })
      }
    }
    m.positional(
      "sendall", "", "sendall(data[, flags])\n\nSend all bytes; after an error it is not known how many were sent."
    ) {
      r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("sendall", n, 1, 2)
        let data = try Buffer(a![0]!)
        let flags = n > 1 ? try intArgument(a![1]!) : 0
        let s = SocketObject(r: r!)
        // The timeout is for all of it.
        let deadline = Deadline(s.timeout.pointee > 0 ? s.timeout.pointee : nil)
        var (p, left) = (data.start, data.count)
        repeat {
          let (at, count) = (p, left)
          let sent = try s.call("send", writing: true, deadline: deadline) { send($0, at, count, flags) }
          left -= sent
          p = p.map { $0 + sent }
          try check(PyErr_CheckSignals())
        } while left > 0
      }
    }
    m.positional("sendto", "", "sendto(data[, flags], address) -> count\n\nSend bytes to an address.") { r, a, n in
      bridge { () throws(PyError) in
        if n < 2 || n > 3 { throw typeError("sendto() takes 2 or 3 arguments (\(n) given)") }
        let data = try Buffer(a![0]!)
        let flags = n > 2 ? try intArgument(a![1]!) : 0
        let s = SocketObject(r: r!)
        let target = a![n - 1]!
        var address = try SocketAddress.make(s, target, "sendto")
        try audit("socket.sendto", r!, target)
        let (p, count) = (data.start, data.count)
        return try int(
          try s.call("sendto", writing: true) { fd in
            SocketAddress.with(&address) { sendto(fd, p, count, flags, $0, $1) }
          })
      }
    }
  }
}
